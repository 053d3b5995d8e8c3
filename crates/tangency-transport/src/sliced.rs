//! Distances of projections on lines.

use crate::direction::{Directions, directions};
use crate::error::{Side, TransportError};
use crate::line::{Exponent, QuantileFunction, root_of, sort};
use crate::parallel::map_parts;
use faer::MatRef;
use rand::Rng;

/// How directions are chosen, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlicedOptions {
    /// The exponent p, at least 1 and finite. Default 2.
    pub p: f64,
    /// The number of directions, at least 2. Default 100.
    pub directions: usize,
    /// How they are chosen. Default orthogonal.
    pub kind: Directions,
}

impl Default for SlicedOptions {
    fn default() -> Self {
        Self { p: 2.0, directions: 100, kind: Directions::Orthogonal }
    }
}

/// A sliced distance with its Monte Carlo error.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sliced {
    /// $SW_p$, the p-th root of [`power`](Self::power).
    pub value: f64,
    /// The mean of $W_p^p$ over the directions.
    pub power: f64,
    /// The standard error of [`power`](Self::power), from groups of directions that are independent.
    pub power_standard_error: f64,
    /// The standard error of [`value`](Self::value), to first order; infinite for a value of zero with an error.
    pub standard_error: f64,
}

/// The sliced Wasserstein distance: the mean over directions of the distances of projections.
///
/// $$ SW_p^p(P, Q) = \int_{S^{d-1}} W_p^p(\theta \cdot P, \theta \cdot Q)  \mathrm d \theta $$
///
/// with the uniform probability measure on the sphere. There is no factor d: a pure shift by m has $SW_2 = \lVert m \rVert /
/// \sqrt d$. Both samples are projected on the same directions. The integral is an average over finitely many of them, and
/// the standard error of that average is given. It is never more than $W_p$, and POT's `sliced_wasserstein_distance` is the
/// same quantity.
///
/// Points are rows, n × d and m × d, all of the same weight. Costs a projection and two sorts for each direction, L (n + m)(d + log n) in all,
/// on several threads with the feature `rayon`; the result does not depend on how many.
///
/// # Errors
///
/// [`TransportError`] for no points, different dimensions, coordinates that are not finite, and options out of range.
///
/// # Example: a shift
///
/// ```
/// use faer::Mat;
/// use rand::SeedableRng;
/// use tangency_transport::{SlicedOptions, sliced_wasserstein};
///
/// let x = Mat::from_fn(50, 3, |i, k| ((7 * i + 3 * k) % 11) as f64);
/// let y = Mat::from_fn(50, 3, |i, k| x[(i, k)] + [1.0, 2.0, 2.0][k]);
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let options = SlicedOptions { directions: 60, ..Default::default() };
/// let found = sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng)?;
/// assert!((found.power - 9.0 / 3.0).abs() < 1e-12); // orthogonal directions give a shift exactly
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - N. Bonneel, J. Rabin, G. Peyré, H. Pfister, *Sliced and Radon Wasserstein barycenters of measures*, Journal of
///   Mathematical Imaging and Vision 51 (2015) 22-45.
pub fn sliced_wasserstein<R: Rng + ?Sized>(
    x: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    options: &SlicedOptions,
    rng: &mut R,
) -> Result<Sliced, TransportError> {
    let exponent = options.check()?;
    let (x, y) = Cloud::pair(x, y)?;
    let (vectors, groups) = directions(options.kind, options.directions, x.dimension, rng);
    let powers = slice_powers(&x, &y, &vectors, exponent)?;
    Ok(Sliced::of(&powers, &groups, exponent))
}

/// The largest distance of projections that was found, and its direction.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxSliced {
    /// $W_p$ of the projections on [`direction`](Self::direction): a lower bound on the max-sliced distance, and so on $W_p$.
    pub value: f64,
    /// The unit vector.
    pub direction: Vec<f64>,
    /// Steps of the ascent that raised the value, over all starts.
    pub steps: usize,
}

/// The max-sliced Wasserstein distance: the largest distance of projections on a line.
///
/// $$ \max_{\lVert \theta \rVert = 1} W_p(\theta \cdot P, \theta \cdot Q) $$
///
/// The maximum of a function that is not concave: `options.directions` directions are tried, and from the best four the
/// ascent follows the gradient $\sum p \lvert \delta_i \rvert^{p-1} \operatorname{sgn}(\delta_i) (x_i - y_i)$ of the coupling
/// that is optimal at the direction, along great circles, with halved steps where the value does not rise. The result is a
/// distance of projections in any case, so it bounds the maximum, and $W_p$, from below.
///
/// Points as for [`sliced_wasserstein`]. Costs the directions tried, and some tens more.
///
/// # Errors
///
/// As [`sliced_wasserstein`].
///
/// # Example: the direction of a shift
///
/// ```
/// use faer::Mat;
/// use rand::SeedableRng;
/// use tangency_transport::{SlicedOptions, max_sliced_wasserstein};
///
/// let x = Mat::from_fn(40, 5, |i, k| ((7 * i + 3 * k) % 11) as f64 / 11.0);
/// let y = Mat::from_fn(40, 5, |i, k| x[(i, k)] + [0.0, 3.0, 0.0, 4.0, 0.0][k]);
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let found = max_sliced_wasserstein(x.as_ref(), y.as_ref(), &SlicedOptions::default(), &mut rng)?;
/// assert!((found.value - 5.0).abs() < 1e-9 && (found.direction[3].abs() - 0.8).abs() < 1e-4);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - I. Deshpande, Y.-T. Hu, R. Sun, A. Pyrros, N. Siddiqui, S. Koyejo, Z. Zhao, D. Forsyth, A. G. Schwing, *Max-sliced
///   Wasserstein distance and its use for GANs*, CVPR 2019, 10648-10656.
pub fn max_sliced_wasserstein<R: Rng + ?Sized>(
    x: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    options: &SlicedOptions,
    rng: &mut R,
) -> Result<MaxSliced, TransportError> {
    const STARTS: usize = 4;
    let exponent = options.check()?;
    let (x, y) = Cloud::pair(x, y)?;
    let d = x.dimension;
    let (vectors, _) = directions(options.kind, options.directions, d, rng);
    let powers = slice_powers(&x, &y, &vectors, exponent)?;
    let mut order: Vec<usize> = (0..powers.len()).collect();
    order.sort_by(|a, b| powers[*b].total_cmp(&powers[*a]));
    order.truncate(STARTS);
    let climbs = map_parts(order.len(), 1, |range| {
        let k = order[range.start];
        ascend(&x, &y, vectors[k * d..(k + 1) * d].to_vec(), powers[k], exponent)
    });
    let steps = climbs.iter().map(|climb| climb.2).sum();
    let mut best = (vectors[..d].to_vec(), f64::NEG_INFINITY);
    for (direction, power, _) in climbs {
        if power > best.1 {
            best = (direction, power);
        }
    }
    Ok(MaxSliced { value: root_of(best.1, exponent), direction: best.0, steps })
}

/// The sliced distance for projections of the caller's: polynomials, radial functions, features of a network.
///
/// $$ \frac 1 L \sum_{k < L} W_p^p(g_k(X), g_k(Y)) $$
///
/// `project(k, x)` is the k-th projection of the point x, a number. With $g_k(x) = \theta_k \cdot x$ it is
/// [`sliced_wasserstein`]; with other functions the generalised sliced distance. It is zero for equal distributions; whether
/// it is zero for them alone depends on the functions. The standard error takes the projections as independent draws.
///
/// `options.directions` is their number, `options.kind` is not used. Costs one call for each point and projection, and the sorts.
///
/// # Errors
///
/// As [`sliced_wasserstein`]; [`TransportError::Coordinate`] with the number of the projection as the column where a
/// projection is not finite.
///
/// # Example: distances from the origin
///
/// ```
/// use faer::mat;
/// use tangency_transport::{SlicedOptions, generalised_sliced_wasserstein};
///
/// // The same radii, in other directions; the second projection is twice the first.
/// let (x, y) = (mat![[3.0, 4.0], [0.0, 1.0]], mat![[-1.0, 0.0], [0.0, 6.0]]);
/// let options = SlicedOptions { p: 1.0, directions: 2, ..Default::default() };
/// let radius = |k: usize, x: &[f64]| (k + 1) as f64 * x[0].hypot(x[1]);
/// let found = generalised_sliced_wasserstein(x.as_ref(), y.as_ref(), radius, &options)?;
/// assert_eq!(found.value, 0.75); // 1 and 5 against 1 and 6: ½ and 1
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - S. Kolouri, K. Nadjahi, U. Şimşekli, R. Badeau, G. K. Rohde, *Generalized sliced Wasserstein distances*, NeurIPS 2019.
pub fn generalised_sliced_wasserstein(
    x: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    project: impl Fn(usize, &[f64]) -> f64 + Sync,
    options: &SlicedOptions,
) -> Result<Sliced, TransportError> {
    let exponent = options.check()?;
    let (x, y) = Cloud::pair(x, y)?;
    let (rows_x, rows_y) = (x.rows(), y.rows());
    let powers = map_parts(options.directions, 1, |range| {
        let column = range.start;
        let values = |rows: &[f64], d: usize, side: Side| -> Result<Vec<f64>, TransportError> {
            let values: Vec<f64> = rows.chunks(d).map(|row| project(column, row)).collect();
            match values.iter().position(|v| !v.is_finite()) {
                None => Ok(values),
                Some(row) => Err(TransportError::Coordinate { side, row, column, value: values[row] }),
            }
        };
        let one = values(&rows_x, x.dimension, Side::Source)?;
        let other = values(&rows_y, y.dimension, Side::Target)?;
        power(one, other, exponent)
    });
    let powers = powers.into_iter().collect::<Result<Vec<f64>, _>>()?;
    let groups: Vec<usize> = (0..powers.len()).collect();
    Ok(Sliced::of(&powers, &groups, exponent))
}

impl SlicedOptions {
    fn check(&self) -> Result<Exponent, TransportError> {
        if self.directions < 2 {
            let value = self.directions as f64;
            return Err(TransportError::OutOfRange {
                what: "the number of directions",
                range: "at least 2",
                value,
            });
        }
        Exponent::finite(self.p)
    }
}

impl Sliced {
    /// Means of groups, of which each counts by its size.
    fn of(powers: &[f64], groups: &[usize], exponent: Exponent) -> Self {
        let power = powers.iter().sum::<f64>() / powers.len() as f64;
        let count = groups.last().map_or(0, |last| last + 1);
        let mut sums = vec![0.0; count];
        for (value, group) in powers.iter().zip(groups) {
            sums[*group] += value - power;
        }
        // The variance of a sum of independent sums, with the usual correction for the mean that was taken from the same numbers.
        let squares: f64 = sums.iter().map(|s| s * s).sum();
        let power_standard_error = if count > 1 {
            (squares * count as f64 / (count as f64 - 1.0)).sqrt() / powers.len() as f64
        } else {
            f64::NAN
        };
        let value = root_of(power, exponent);
        let standard_error = if power_standard_error <= 0.0 {
            0.0
        } else {
            power_standard_error * value / (exponent.value() * power)
        };
        let standard_error =
            if power > 0.0 || power_standard_error <= 0.0 { standard_error } else { f64::INFINITY };
        Self { value, power, power_standard_error, standard_error }
    }
}

/// Points with one coordinate of all after another.
struct Cloud {
    columns: Vec<f64>,
    points: usize,
    dimension: usize,
}

impl Cloud {
    fn pair(x: MatRef<'_, f64>, y: MatRef<'_, f64>) -> Result<(Self, Self), TransportError> {
        if x.ncols() != y.ncols() {
            return Err(TransportError::Dimension { sources: x.ncols(), targets: y.ncols() });
        }
        Ok((Self::new(x, Side::Source)?, Self::new(y, Side::Target)?))
    }

    fn new(points: MatRef<'_, f64>, side: Side) -> Result<Self, TransportError> {
        let (n, d) = (points.nrows(), points.ncols());
        if n == 0 || d == 0 {
            return Err(TransportError::Empty { side });
        }
        let mut columns = Vec::with_capacity(n * d);
        for column in 0..d {
            for row in 0..n {
                let value = points[(row, column)];
                if !value.is_finite() {
                    return Err(TransportError::Coordinate { side, row, column, value });
                }
                columns.push(value);
            }
        }
        Ok(Self { columns, points: n, dimension: d })
    }

    fn rows(&self) -> Vec<f64> {
        (0..self.points * self.dimension)
            .map(|k| self.columns[(k % self.dimension) * self.points + k / self.dimension])
            .collect()
    }

    /// The projections of all points on a direction.
    fn project(&self, direction: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.points];
        for (column, weight) in self.columns.chunks(self.points).zip(direction) {
            for (value, x) in values.iter_mut().zip(column) {
                *value += weight * x;
            }
        }
        values
    }
}

/// $W_p^p$ of two samples on the line.
fn power(mut one: Vec<f64>, mut other: Vec<f64>, exponent: Exponent) -> Result<f64, TransportError> {
    sort(&mut one);
    sort(&mut other);
    QuantileFunction::of_sorted(one).power_of(&QuantileFunction::of_sorted(other), exponent)
}

/// $W_p^p$ of the projections on each direction.
fn slice_powers(
    x: &Cloud,
    y: &Cloud,
    vectors: &[f64],
    exponent: Exponent,
) -> Result<Vec<f64>, TransportError> {
    let d = x.dimension;
    let powers = map_parts(vectors.len() / d, 1, |range| {
        let direction = &vectors[range.start * d..range.end * d];
        power(x.project(direction), y.project(direction), exponent)
    });
    powers.into_iter().collect()
}

/// The power at a direction, and its gradient.
fn power_and_gradient(x: &Cloud, y: &Cloud, direction: &[f64], exponent: Exponent) -> (f64, Vec<f64>) {
    let ordered = |cloud: &Cloud| {
        let values = cloud.project(direction);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        (values, order)
    };
    let ((u, order_x), (v, order_y)) = (ordered(x), ordered(y));
    let (n, m) = (x.points, y.points);
    let mut gradient = vec![0.0; x.dimension];
    let (mut power, mut i, mut j) = (0.0, 0, 0);
    // In whole units of 1/(n m): each x has m of them, each y has n.
    let (mut left_x, mut left_y) = (m, n);
    while i < n && j < m {
        let step = left_x.min(left_y);
        let (a, b) = (order_x[i], order_y[j]);
        let difference = u[a] - v[b];
        let mass = step as f64 / (n as f64 * m as f64);
        let slope = exponent.value() * difference.abs().powf(exponent.value() - 1.0) * difference.signum();
        power += mass * exponent.power(difference.abs());
        for (k, g) in gradient.iter_mut().enumerate() {
            *g += mass * slope * (x.columns[k * n + a] - y.columns[k * m + b]);
        }
        left_x -= step;
        left_y -= step;
        if left_x == 0 {
            (i, left_x) = (i + 1, m);
        }
        if left_y == 0 {
            (j, left_y) = (j + 1, n);
        }
    }
    (power, gradient)
}

/// Follows the gradient along the sphere.
fn ascend(
    x: &Cloud,
    y: &Cloud,
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
