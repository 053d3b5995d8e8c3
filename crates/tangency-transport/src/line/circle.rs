//! Distances on the circle.

mod bottleneck;
mod plan;
mod shift;

pub use plan::transport_circle;

use super::masses::{UNITS, check_totals, share};
use super::power::{Exponent, root_of};
use super::{Atoms, QuantileFunction};
use crate::error::{Side, TransportError};
use crate::sum::Sum;
use shift::by_shift;

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
/// $W_\infty$ is the least reach r for which some α leaves no quantile more than r from its partner. With the distribution
/// functions continued by $F(x + L) = F(x) + 1$ there is one if
///
/// $$ \sup_x \quad G((x - r)^-) - F(x^-) \quad \le \quad \inf_x \quad G(x + r) - F(x) , $$
///
/// over the points x of the source: whole numbers, compared exactly, for each r of a bisection down to one floating-point number.
/// Weights that differ by rounding are not equal there; see [`wasserstein_1d`](crate::wasserstein_1d).
///
/// `period` is the length L of the circle: 2π for angles, 24 for hours; points may lie anywhere and are taken modulo L.
/// Weights as for [`wasserstein_1d`](crate::wasserstein_1d). $p$ is from 1 to infinity. Costs two sorts and, for $p > 1$, some
/// tens of passes over the points; the error is some units in the last place of the period. [`transport_circle`] has the plan.
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
/// assert_eq!(wasserstein_circle(&[23.0, 12.0], &[0.5, 12.5], 24.0, f64::INFINITY)?, 1.5);
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
    let exponent = Exponent::new(p)?;
    let (x, y, mass) = loops(x.into(), y.into(), period)?;
    if exponent == Exponent::Infinite {
        return Ok(bottleneck::least_reach(&x, &y) * period);
    }
    Ok(root_of(mass, exponent) * root_of(least_mean_power(&x, &y, exponent), exponent) * period)
}

/// $W_p^p$ on a circle: [`wasserstein_circle`] without the root.
///
/// # Errors
///
/// As [`wasserstein_circle`]; p must be finite.
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
    let exponent = Exponent::finite(p)?;
    let (x, y, mass) = loops(x.into(), y.into(), period)?;
    Ok(mass * least_mean_power(&x, &y, exponent) * exponent.power(period))
}

/// The two distributions on the circle of length 1, and their mass.
fn loops(x: Atoms<'_>, y: Atoms<'_>, period: f64) -> Result<(Loop, Loop, f64), TransportError> {
    check_period(period)?;
    let (x, y) = (around(x, period, Side::Source)?, around(y, period, Side::Target)?);
    check_totals((x.mass, x.points.len()), (y.mass, y.points.len()))?;
    let mass = x.mass;
    Ok((Loop::new(x), Loop::new(y), mass))
}

fn check_period(period: f64) -> Result<(), TransportError> {
    if period > 0.0 && period.is_finite() {
        return Ok(());
    }
    Err(TransportError::OutOfRange { what: "the period", range: "positive and finite", value: period })
}

/// The power of the distance of normalised distributions.
fn least_mean_power(x: &Loop, y: &Loop, exponent: Exponent) -> f64 {
    if exponent == Exponent::One { by_median(x, y) } else { by_shift(x, y, exponent, Some(1e-15)).1.cost }
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

/// Levels are rounded down to whole units, so that those of a rotated distribution miss others that are the same by some units.
const SLIVER: i128 = 4;

/// Points on a circle in increasing order, with their masses.
struct Loop {
    points: Vec<f64>,
    units: Vec<i128>,
    /// The length of the circle.
    period: f64,
}

/// Where a rotated distribution begins: after so many whole turns, in the middle of a point's mass.
struct Start {
    turn: f64,
    j: usize,
    skipped: i128,
}

impl Loop {
    /// On the circle of length 1.
    fn new(of: QuantileFunction) -> Self {
        let units = of.weights.iter().take(of.len()).collect();
        Self { points: of.points, units, period: 1.0 }
    }

    /// The point of an index that counts on over the turns.
    fn lifted(&self, index: usize, turn: f64) -> f64 {
        let n = self.points.len();
        self.points[index % n] + ((index / n) as f64 + turn) * self.period
    }

    /// The place of the level α.
    fn start(&self, shift: i128) -> Start {
        let (turn, mut skipped) = (shift.div_euclid(UNITS) as f64, shift.rem_euclid(UNITS));
        let mut j = 0;
        while skipped >= self.units[j] {
            skipped -= self.units[j];
            j += 1;
            if j == self.units.len() {
                j = 0;
                break;
            }
        }
        Start { turn, j, skipped }
    }
}

/// $\min_c \int \lvert F - G - c \rvert$.
fn by_median(x: &Loop, y: &Loop) -> f64 {
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
