//! Distances between laws that are formulas.

use super::Law;
use super::moments::{absolute_moment, mean, variance};
use super::special::normal_density;
use std::f64::consts::FRAC_1_SQRT_2;

/// A distance with a bound on its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exact {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

/// $W_p$ of two laws that are not the same, whose distance is known to be finite.
///
/// Where one is the other moved and stretched, $Y = \Delta + (1 + \delta) X$ up to the location, so that $W_p$ is the norm of
/// $\Delta + \delta Z$ for the standard variable. Where one lies above the other in stochastic order, $W_1$ is the difference
/// of the means.
pub(crate) fn closed_form(x: &Law, y: &Law, p: f64) -> Option<Exact> {
    if let (Some((m1, s1, one)), Some((m2, s2, other))) = (affine(x), affine(y))
        && one == other
    {
        // The subtractions lose digits where the parameters are large beside their differences.
        let size = m1.abs() + m2.abs() + s1 + s2;
        if let Some(value) = affine_norm(&one, m2 - m1, s2 - s1, p) {
            return Some(Exact { value, error: 8.0 * f64::EPSILON * (value + size) });
        }
    }
    #[allow(clippy::float_cmp, reason = "the formulas are for these exponents alone")]
    let (one, two) = (p == 1.0, p == 2.0);
    if one && ordered(x, y) {
        let (a, b) = (mean(x), mean(y));
        return Some(Exact { value: (a - b).abs(), error: 16.0 * f64::EPSILON * (a.abs() + b.abs()) });
    }
    if two && let Some((Law::Dirac { point }, law)) = one_atom(x, y) {
        let (shift, variance) = (mean(law) - point, variance(law));
        if variance.is_finite() {
            let value = shift.hypot(variance.sqrt());
            return Some(Exact {
                value,
                error: 16.0 * f64::EPSILON * (value + mean(law).abs() + point.abs()),
            });
        }
    }
    None
}

/// The pair in an order that begins with the atom, if there is one.
fn one_atom<'l>(x: &'l Law, y: &'l Law) -> Option<(&'l Law, &'l Law)> {
    match (x, y) {
        (Law::Dirac { .. }, _) => Some((x, y)),
        (_, Law::Dirac { .. }) => Some((y, x)),
        _ => None,
    }
}

/// $(\mathbb E \lvert \Delta + \delta Z \rvert^p)^{1/p}$.
fn affine_norm(standard: &Law, shift: f64, stretch: f64, p: f64) -> Option<f64> {
    #[allow(clippy::float_cmp, reason = "the formulas are for these cases alone")]
    let (no_stretch, no_shift, one, two) = (stretch == 0.0, shift == 0.0, p == 1.0, p == 2.0);
    if no_stretch {
        return Some(shift.abs());
    }
    if two && variance(standard).is_finite() {
        return Some((shift + stretch * mean(standard)).hypot(stretch * variance(standard).sqrt()));
    }
    if no_shift
        && let Some(moment) = absolute_moment(standard, p)
        && moment.is_normal()
    {
        return Some(stretch.abs() * moment.powf(1.0 / p));
    }
    if one {
        // |δ| E|Z − c|.
        let c = -shift / stretch;
        let mean = match standard {
            Law::Normal { .. } => c * libm::erf(c * FRAC_1_SQRT_2) + 2.0 * normal_density(c),
            Law::Laplace { .. } => c.abs() + (-c.abs()).exp(),
            Law::Uniform { .. } if c > 0.0 && c < 1.0 => 0.5 * (c * c + (1.0 - c) * (1.0 - c)),
            Law::Uniform { .. } => (0.5 - c).abs(),
            _ => return None,
        };
        // c may be infinite for a stretch that is nothing beside the shift.
        return Some(if c.is_finite() { stretch.abs() * mean } else { shift.abs() });
    }
    None
}

/// Location, scale and the standard law, for families in which all laws are one moved and stretched.
pub(crate) fn affine(law: &Law) -> Option<(f64, f64, Law)> {
    Some(match *law {
        Law::Normal { mean, standard_deviation } => {
            (mean, standard_deviation, Law::Normal { mean: 0.0, standard_deviation: 1.0 })
        }
        Law::Laplace { location, scale } => (location, scale, Law::Laplace { location: 0.0, scale: 1.0 }),
        Law::Cauchy { location, scale } => (location, scale, Law::Cauchy { location: 0.0, scale: 1.0 }),
        #[allow(
            clippy::float_cmp,
            reason = "Student's distribution is Cauchy's for one degree of freedom alone"
        )]
        Law::StudentsT { location, scale, freedom: 1.0 } => {
            (location, scale, Law::Cauchy { location: 0.0, scale: 1.0 })
        }
        Law::StudentsT { location, scale, freedom } => {
            (location, scale, Law::StudentsT { location: 0.0, scale: 1.0, freedom })
        }
        Law::Gumbel { location, scale } => (location, scale, Law::Gumbel { location: 0.0, scale: 1.0 }),
        Law::Levy { location, scale } => (location, scale, Law::Levy { location: 0.0, scale: 1.0 }),
        Law::Uniform { min, max } => (min, max - min, Law::Uniform { min: 0.0, max: 1.0 }),
        Law::Triangular { min, max, mode } => {
            let mode = (mode - min) / (max - min);
            (min, max - min, Law::Triangular { min: 0.0, max: 1.0, mode })
        }
        Law::Exponential { rate } => (0.0, 1.0 / rate, Law::Gamma { shape: 1.0, rate: 1.0 }),
        Law::Gamma { shape, rate } => (0.0, 1.0 / rate, Law::Gamma { shape, rate: 1.0 }),
        Law::InverseGamma { shape, rate } => (0.0, rate, Law::InverseGamma { shape, rate: 1.0 }),
        Law::Weibull { shape, scale } => (0.0, scale, Law::Weibull { shape, scale: 1.0 }),
        Law::Pareto { scale, shape } => (0.0, scale, Law::Pareto { scale: 1.0, shape }),
        _ => return None,
    })
}

/// Whether one of the laws is known to lie above the other in stochastic order.
fn ordered(x: &Law, y: &Law) -> bool {
    // Both parameters raise the law, or both lower it.
    let agree = |a: f64, b: f64| a * b >= 0.0;
    let order = |of: u64, to: u64| f64::from(of.cmp(&to) as i8);
    #[allow(clippy::float_cmp, reason = "equal parameters are ordered by the others")]
    match (x, y) {
        (Law::LogNormal { scale: s1, .. }, Law::LogNormal { scale: s2, .. }) => s1 == s2,
        (Law::Exponential { .. }, Law::Exponential { .. })
        | (Law::Poisson { .. }, Law::Poisson { .. })
        | (Law::Bernoulli { .. }, Law::Bernoulli { .. })
        | (Law::Geometric { .. }, Law::Geometric { .. })
        | (Law::Chi { .. }, Law::Chi { .. })
        | (Law::Dirac { .. }, Law::Dirac { .. }) => true,
        (Law::Gamma { shape: a1, rate: b1 }, Law::Gamma { shape: a2, rate: b2 }) => agree(a1 - a2, b2 - b1),
        (Law::Gamma { shape, rate: b1 }, Law::Exponential { rate: b2 })
        | (Law::Exponential { rate: b2 }, Law::Gamma { shape, rate: b1 }) => agree(shape - 1.0, b2 - b1),
        (Law::InverseGamma { shape: a1, rate: b1 }, Law::InverseGamma { shape: a2, rate: b2 }) => {
            agree(a2 - a1, b1 - b2)
        }
        (Law::Beta { shape_a: a1, shape_b: b1 }, Law::Beta { shape_a: a2, shape_b: b2 }) => {
            agree(a1 - a2, b2 - b1)
        }
        (Law::Weibull { shape: k1, .. }, Law::Weibull { shape: k2, .. }) => k1 == k2,
        (Law::Pareto { scale: s1, shape: a1 }, Law::Pareto { scale: s2, shape: a2 }) => {
            agree(s1 - s2, a2 - a1)
        }
        (Law::Binomial { trials: n1, probability: p1 }, Law::Binomial { trials: n2, probability: p2 }) => {
            agree(order(*n1, *n2), p1 - p2)
        }
        (
            Law::NegativeBinomial { successes: r1, probability: p1 },
            Law::NegativeBinomial { successes: r2, probability: p2 },
        ) => agree(r1 - r2, p2 - p1),
        (
            Law::Hypergeometric { population: n1, successes: k1, draws: d1 },
            Law::Hypergeometric { population: n2, successes: k2, draws: d2 },
        ) => n1 == n2 && agree(order(*k1, *k2), order(*d1, *d2)),
        _ => false,
    }
}
