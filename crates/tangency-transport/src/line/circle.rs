//! Distances on the circle.

use super::masses::{UNITS, check_totals, share};
use super::power::{Exponent, root_of};
use super::{Atoms, QuantileFunction};
use crate::error::{Side, TransportError};
use crate::sum::Sum;

/// The Wasserstein distance of points on a circle, whose distance is the shorter arc between them.
///
/// Cutting the circle at a point makes a line of it; what matters is which quantiles meet. With the quantile functions
/// continued by $F^{-1}(t + 1) = F^{-1}(t) + L$,
///
/// $$ W_p^p = \min_\alpha \int_0^1 \lvert F^{-1}(t) - G^{-1}(t + \alpha) \rvert^p  \mathrm d t, \quad
///    W_1 = \min_c \int_0^L \lvert F(x) - G(x) - c \rvert  \mathrm d x . $$
///
/// The first is convex and, for points, piecewise linear in α: the search intersects tangents, safeguarded by bisection, over
/// whole numbers of units of mass, and ends at the minimum itself or when the tangents bound it within 1e-15. For $p = 1$ the
/// best $c$ is the weighted median of the differences of the distribution functions.
///
/// `period` is the length L of the circle: 2π for angles, 24 for hours; points may lie anywhere and are taken modulo L.
/// Weights as for [`wasserstein_1d`](crate::wasserstein_1d). $p$ is finite. Costs two sorts and, for $p > 1$, some tens of
/// passes over the points.
///
/// # Errors
///
/// As [`wasserstein_1d`](crate::wasserstein_1d), and [`TransportError::OutOfRange`] for a period that is not positive and finite.
///
/// # Example: over midnight
///
/// ```
/// use tangency_transport::{wasserstein_1d, wasserstein_circle};
///
/// let (late, early) = ([23.0, 22.0], [1.0, 0.0]);
/// assert_eq!(wasserstein_circle(&late, &early, 24.0, 1.0)?, 2.0);
/// assert_eq!(wasserstein_1d(&late, &early, 1.0)?, 22.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - J. Delon, J. Salomon, A. Sobolevski, *Fast transport optimization for Monge costs on the circle*, SIAM Journal on
///   Applied Mathematics 70 (2010) 2239-2258.
pub fn wasserstein_circle<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    period: f64,
    p: f64,
) -> Result<f64, TransportError> {
    let (least, mass, exponent) = least_mean_power(x.into(), y.into(), period, p)?;
    Ok(root_of(mass, exponent) * root_of(least, exponent) * period)
}

/// $W_p^p$ on a circle: [`wasserstein_circle`] without the root.
///
/// # Errors
///
/// As [`wasserstein_circle`].
///
/// # Example: two hours, squared
///
/// ```
/// let found = tangency_transport::wasserstein_circle_pow(&[23.0], &[1.0], 24.0, 2.0)?;
/// assert!((found - 4.0).abs() < 1e-14);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein_circle_pow<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    period: f64,
    p: f64,
) -> Result<f64, TransportError> {
    let (least, mass, exponent) = least_mean_power(x.into(), y.into(), period, p)?;
    Ok(mass * least * exponent.power(period))
}

/// The power of the distance of normalised distributions on the circle of length 1, and their mass.
fn least_mean_power(
    x: Atoms<'_>,
    y: Atoms<'_>,
    period: f64,
    p: f64,
) -> Result<(f64, f64, Exponent), TransportError> {
    let exponent = Exponent::finite(p)?;
    if !(period > 0.0 && period.is_finite()) {
        return Err(TransportError::OutOfRange {
            what: "the period",
            range: "positive and finite",
            value: period,
        });
    }
    let (x, y) = (around(x, period, Side::Source)?, around(y, period, Side::Target)?);
    check_totals((x.mass, x.points.len()), (y.mass, y.points.len()))?;
    let mass = x.mass;
    let (x, y) = (Loop::new(&x), Loop::new(&y));
    let least = if exponent == Exponent::One { by_median(&x, &y) } else { by_shift(&x, &y, exponent) };
    Ok((least, mass, exponent))
}

/// The points modulo the period, in units of it.
fn around(atoms: Atoms<'_>, period: f64, side: Side) -> Result<QuantileFunction, TransportError> {
    atoms.check(side)?;
    let wrapped: Vec<f64> = atoms
        .points()
        .iter()
        .map(|x| {
            // The remainder is exact; adding the period to a tiny negative one may give the period itself.
            let turn = x.rem_euclid(period) / period;
            if turn < 1.0 { turn } else { 0.0 }
        })
        .collect();
    let wrapped = Atoms::from(&wrapped);
    QuantileFunction::of(atoms.weights().map_or(wrapped, |weights| wrapped.weighted(weights)), side)
}

/// Points on the circle of length 1 with cumulated masses.
struct Loop<'a> {
    points: &'a [f64],
    units: Vec<i128>,
}

impl<'a> Loop<'a> {
    fn new(of: &'a QuantileFunction) -> Self {
        Self { points: &of.points, units: of.weights.iter().take(of.len()).collect() }
    }

    /// The point of an index that counts on over the turns.
    fn lifted(&self, index: usize, turn: f64) -> f64 {
        let n = self.points.len();
        self.points[index % n] + (index / n) as f64 + turn
    }
}

/// $\min_c \int \lvert F - G - c \rvert$.
fn by_median(x: &Loop<'_>, y: &Loop<'_>) -> f64 {
    let (mut i, mut j) = (0, 0);
    let mut difference = 0_i128;
    let mut arcs: Vec<(i128, f64)> = Vec::with_capacity(x.units.len() + y.units.len());
    let point = |i: usize, j: usize| {
        let (a, b) = (x.points.get(i), y.points.get(j));
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(*b)),
            (a, b) => a.or(b).copied(),
        }
    };
    let first = point(0, 0).unwrap_or(0.0);
    let mut here = first;
    loop {
        while x.points.get(i).is_some_and(|a| *a <= here) {
            difference += x.units[i];
            i += 1;
        }
        while y.points.get(j).is_some_and(|b| *b <= here) {
            difference -= y.units[j];
            j += 1;
        }
        let next = point(i, j);
        arcs.push((difference, next.map_or((1.0 - here) + first, |next| next - here)));
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    arcs.sort_unstable_by_key(|arc| arc.0);
    let mut below = Sum::default();
    let middle = arcs.iter().find(|(_, length)| {
        below.add(*length);
        below.value() >= 0.5
    });
    let median = middle.or(arcs.last()).map_or(0, |arc| arc.0);
    let mut sum = Sum::default();
    for (difference, length) in &arcs {
        sum.add_product(share((difference - median).abs()), *length);
    }
    sum.value()
}

/// The cost at a shift, and its slopes on the left and on the right, for a unit of mass.
#[derive(Debug, Clone, Copy)]
struct Tangents {
    cost: f64,
    left: f64,
    right: f64,
}

/// $\min_\alpha \int \lvert F^{-1}(t) - G^{-1}(t + \alpha) \rvert^p$.
fn by_shift(x: &Loop<'_>, y: &Loop<'_>, exponent: Exponent) -> f64 {
    // One turn to either side: further away every quantile lies on the same side of its partner.
    let (mut low, mut high) = (-UNITS, UNITS);
    let (mut at_low, mut at_high) = (tangents(x, y, low, exponent), tangents(x, y, high, exponent));
    let mut best = at_low.cost.min(at_high.cost);
    let mut bisect = false;
    while high - low > 1 {
        let width = share(high - low);
        // Where the tangents from both ends meet, and how low that is.
        let meeting = (at_high.cost - at_low.cost - at_high.left * width) / (at_low.right - at_high.left);
        let bound = at_low.cost + at_low.right * meeting;
        // The bound is a small difference of what the costs at the ends are, until these are near.
        if best - bound <= 1e-15 * best && at_low.cost.max(at_high.cost) <= 2.0 * best {
            break;
        }
        let step = if bisect || !(meeting > 0.0 && meeting < width) {
            (high - low) / 2
        } else {
            ((meeting * UNITS as f64) as i128).clamp(1, high - low - 1)
        };
        bisect = !bisect;
        let middle = low + step;
        let found = tangents(x, y, middle, exponent);
        best = best.min(found.cost);
        if found.left <= 0.0 && found.right >= 0.0 {
            break;
        }
        if found.right < 0.0 {
            (low, at_low) = (middle, found);
        } else {
            (high, at_high) = (middle, found);
        }
    }
    best
}

/// Couples $F^{-1}(t)$ with $G^{-1}(t + \alpha)$ for t from 0 to 1.
///
/// A larger α moves every boundary between two points of G to smaller t: the mass of F there changes its partner from the
/// lower of the two to the upper.
fn tangents(x: &Loop<'_>, y: &Loop<'_>, shift: i128, exponent: Exponent) -> Tangents {
    let (n, m) = (x.points.len(), y.points.len());
    let turn = shift.div_euclid(UNITS) as f64;
    let mut skipped = shift.rem_euclid(UNITS);
    let mut j = 0;
    while skipped >= y.units[j] {
        skipped -= y.units[j];
        j += 1;
        if j == m {
            j = 0;
            break;
        }
    }
    let (mut left_x, mut left_y) = (x.units[0], y.units[j] - skipped);
    let mut i = 0;
    let (mut cost, mut left, mut right) = (Sum::default(), Sum::default(), Sum::default());
    let power = |i: usize, j: usize| exponent.power((x.lifted(i, 0.0) - y.lifted(j, turn)).abs());
    while i < n {
        let step = left_x.min(left_y);
        let here = power(i, j);
        cost.add_product(share(step), here);
        left_x -= step;
        left_y -= step;
        let before = i;
        if left_x == 0 {
            i += 1;
            left_x = if i < n { x.units[i] } else { 0 };
        }
        if left_y == 0 {
            right.add(power(before, j + 1));
            right.add(-here);
            left.add(power(i, j + 1));
            left.add(-power(i, j));
            j += 1;
            left_y = y.units[j % m];
        }
    }
    Tangents { cost: cost.value(), left: left.value(), right: right.value() }
}
