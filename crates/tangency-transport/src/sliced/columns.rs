//! Projections of point clouds, and what their distances are.

use crate::cloud::PointCloud;
use crate::error::{Side, TransportError};
use crate::line::{Atoms, Exponent, QuantileFunction, Weights, check_totals, share, sort, total};
use crate::parallel::map_parts;

/// Points with one coordinate of all after another.
pub(super) struct Columns<'a> {
    coordinates: Vec<f64>,
    points: usize,
    pub(super) dimension: usize,
    pub(super) weights: Option<&'a [f64]>,
    mass: f64,
}

impl<'a> Columns<'a> {
    pub(super) fn pair<'b>(
        x: PointCloud<'a>,
        y: PointCloud<'b>,
    ) -> Result<(Self, Columns<'b>), TransportError> {
        let (sources, targets) = (x.points().ncols(), y.points().ncols());
        if sources != targets {
            return Err(TransportError::Dimension { sources, targets });
        }
        let (x, y) = (Self::new(x, Side::Source)?, Columns::new(y, Side::Target)?);
        check_totals((x.mass, x.points), (y.mass, y.points))?;
        Ok((x, y))
    }

    fn new(cloud: PointCloud<'a>, side: Side) -> Result<Self, TransportError> {
        let points = cloud.points();
        let (n, d) = (points.nrows(), points.ncols());
        if n == 0 || d == 0 {
            return Err(TransportError::Empty { side });
        }
        let mut coordinates = Vec::with_capacity(n * d);
        for column in 0..d {
            for row in 0..n {
                let value = points[(row, column)];
                if !value.is_finite() {
                    return Err(TransportError::Coordinate { side, row, column, value });
                }
                coordinates.push(value);
            }
        }
        let weights = cloud.weights();
        let mass = match weights {
            None => 1.0,
            Some(weights) if weights.len() == n => total(weights, side)?,
            Some(weights) => {
                let what = match side {
                    Side::Source => "the weights of the source",
                    Side::Target => "the weights of the target",
                };
                return Err(TransportError::Length { what, expected: n, got: weights.len() });
            }
        };
        Ok(Self { coordinates, points: n, dimension: d, weights, mass })
    }

    pub(super) fn rows(&self) -> Vec<f64> {
        (0..self.points * self.dimension)
            .map(|k| self.coordinates[(k % self.dimension) * self.points + k / self.dimension])
            .collect()
    }

    /// The masses of the points in an order, in units.
    fn units(&self, order: &[usize]) -> Vec<i128> {
        let weights = match self.weights {
            None => Weights::Equal(self.points),
            Some(weights) => {
                let sorted: Vec<f64> = order.iter().map(|i| weights[*i]).collect();
                Weights::of(&sorted, self.mass)
            }
        };
        weights.iter().take(self.points).collect()
    }

    /// The projections of all points on a direction.
    fn project(&self, direction: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.points];
        for (column, weight) in self.coordinates.chunks(self.points).zip(direction) {
            for (value, x) in values.iter_mut().zip(column) {
                *value += weight * x;
            }
        }
        values
    }
}

/// $W_p^p$ of two samples on the line, with weights or without.
pub(super) fn power(
    one: (Vec<f64>, Option<&[f64]>),
    other: (Vec<f64>, Option<&[f64]>),
    exponent: Exponent,
) -> Result<f64, TransportError> {
    let quantiles = |(mut points, weights): (Vec<f64>, Option<&[f64]>), side: Side| {
        let Some(weights) = weights else {
            sort(&mut points);
            return Ok(QuantileFunction::of_sorted(points));
        };
        QuantileFunction::of(Atoms::from(&points).weighted(weights), side)
    };
    quantiles(one, Side::Source)?.power_of(&quantiles(other, Side::Target)?, exponent)
}

/// $W_p^p$ of the projections on each direction.
pub(super) fn slice_powers(
    x: &Columns<'_>,
    y: &Columns<'_>,
    vectors: &[f64],
    exponent: Exponent,
) -> Result<Vec<f64>, TransportError> {
    let d = x.dimension;
    let powers = map_parts(vectors.len() / d, 1, |range| {
        let direction = &vectors[range.start * d..range.end * d];
        power((x.project(direction), x.weights), (y.project(direction), y.weights), exponent)
    });
    powers.into_iter().collect()
}

/// The power at a direction, and its gradient.
fn power_and_gradient(
    x: &Columns<'_>,
    y: &Columns<'_>,
    direction: &[f64],
    exponent: Exponent,
) -> (f64, Vec<f64>) {
    let ordered = |cloud: &Columns<'_>| {
        let values = cloud.project(direction);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        (values, order)
    };
    let ((u, order_x), (v, order_y)) = (ordered(x), ordered(y));
    let (n, m) = (x.points, y.points);
    let mut gradient = vec![0.0; x.dimension];
    let mut power = 0.0;
    let mut pair = |i: usize, j: usize, mass: f64| {
        let (a, b) = (order_x[i], order_y[j]);
        let difference = u[a] - v[b];
        let slope = exponent.value() * difference.abs().powf(exponent.value() - 1.0) * difference.signum();
        power += mass * exponent.power(difference.abs());
        for (k, g) in gradient.iter_mut().enumerate() {
            *g += mass * slope * (x.coordinates[k * n + a] - y.coordinates[k * m + b]);
        }
    };
    if x.weights.is_none() && y.weights.is_none() {
        // In whole units of 1/(n m): each x has m of them, each y has n.
        let mass = |step: i128| step as f64 / (n as f64 * m as f64);
        couple((n, |_| m as i128), (m, |_| n as i128), |i, j, step| pair(i, j, mass(step)));
    } else {
        let (a, b) = (x.units(&order_x), y.units(&order_y));
        couple((n, |i| a[i]), (m, |j| b[j]), |i, j, step| pair(i, j, share(step) * x.mass));
    }
    (power, gradient)
}

/// Calls `visit` with the places of two points and the mass that they share in the monotone coupling of so many points, whose
/// masses have one total.
fn couple(
    (n, of_x): (usize, impl Fn(usize) -> i128),
    (m, of_y): (usize, impl Fn(usize) -> i128),
    mut visit: impl FnMut(usize, usize, i128),
) {
    let (mut i, mut j) = (0, 0);
    let (mut left_x, mut left_y) = (of_x(0), of_y(0));
    while i < n && j < m {
        let step = left_x.min(left_y);
        if step > 0 {
            visit(i, j, step);
        }
        left_x -= step;
        left_y -= step;
        if left_x == 0 {
            i += 1;
            left_x = if i < n { of_x(i) } else { 0 };
        }
        if left_y == 0 {
            j += 1;
            left_y = if j < m { of_y(j) } else { 0 };
        }
    }
}

/// Follows the gradient along the sphere.
pub(super) fn ascend(
    x: &Columns<'_>,
    y: &Columns<'_>,
    mut direction: Vec<f64>,
    mut power: f64,
    exponent: Exponent,
) -> (Vec<f64>, f64, usize) {
    let (mut steps, mut angle) = (0, 0.5_f64);
    let mut gradient = power_and_gradient(x, y, &direction, exponent).1;
    for _ in 0..200 {
        let along: f64 = gradient.iter().zip(&direction).map(|(g, t)| g * t).sum();
        let tangent: Vec<f64> = gradient.iter().zip(&direction).map(|(g, t)| g - along * t).collect();
        let norm = tangent.iter().map(|t| t * t).sum::<f64>().sqrt();
        if !(norm > 1e-14 * along.abs() && norm.is_finite()) || angle < 1e-9 {
            break;
        }
        let (sin, cos) = angle.sin_cos();
        let mut next: Vec<f64> =
            direction.iter().zip(&tangent).map(|(t, g)| cos * t + sin * g / norm).collect();
        let length = next.iter().map(|t| t * t).sum::<f64>().sqrt();
        for t in &mut next {
            *t /= length;
        }
        let (found, slope) = power_and_gradient(x, y, &next, exponent);
        if found > power {
            (direction, power, gradient) = (next, found, slope);
            steps += 1;
            angle = (1.5 * angle).min(0.7);
        } else {
            angle *= 0.5;
        }
    }
    (direction, power, steps)
}
