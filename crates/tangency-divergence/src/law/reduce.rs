//! One-to-one maps, which change no f-divergence, to fewer families.

use super::Law;
use crate::special::ln_ratio;

/// The pair after a map that both laws allow: an f-divergence does not change when both variables are transformed by
/// the same one-to-one function, so that one formula serves for many families.
pub(crate) fn reduce(p: Law, q: Law) -> (Law, Law) {
    #[allow(clippy::float_cmp, reason = "the map exists for equal parameters alone")]
    match (single(p), single(q)) {
        (Law::LogNormal { location: m1, scale: s1 }, Law::LogNormal { location: m2, scale: s2 }) => {
            let normal = |mean, standard_deviation| Law::Normal { mean, standard_deviation };
            (normal(m1, s1), normal(m2, s2))
        }
        (Law::InverseGamma { shape: a1, rate: b1 }, Law::InverseGamma { shape: a2, rate: b2 }) => {
            (Law::Gamma { shape: a1, rate: b1 }, Law::Gamma { shape: a2, rate: b2 })
        }
        (Law::Chi { freedom: k1 }, Law::Chi { freedom: k2 }) => {
            (Law::Gamma { shape: 0.5 * k1, rate: 0.5 }, Law::Gamma { shape: 0.5 * k2, rate: 0.5 })
        }
        (Law::Pareto { scale: s1, shape: a1 }, Law::Pareto { scale: s2, shape: a2 }) if s1 == s2 => {
            (exponential(a1), exponential(a2))
        }
        (Law::Levy { location: m1, scale: c1 }, Law::Levy { location: m2, scale: c2 }) if m1 == m2 => {
            (Law::Gamma { shape: 0.5, rate: 0.5 * c1 }, Law::Gamma { shape: 0.5, rate: 0.5 * c2 })
        }
        (Law::Gumbel { location: m1, scale: b1 }, Law::Gumbel { location: m2, scale: b2 }) if b1 == b2 => {
            ratio_of_rates((m2 - m1) / b1)
                .unwrap_or((Law::Gumbel { location: m1, scale: b1 }, Law::Gumbel { location: m2, scale: b2 }))
        }
        (Law::Weibull { shape: k1, scale: l1 }, Law::Weibull { shape: k2, scale: l2 }) if k1 == k2 => {
            ratio_of_rates(k1 * ln_ratio(l1, l2))
                .unwrap_or((Law::Weibull { shape: k1, scale: l1 }, Law::Weibull { shape: k2, scale: l2 }))
        }
        // Where a point lies does not matter if both are there, and it need not be an integer.
        (Law::Dirac { point: x }, Law::Dirac { point: y }) if x == y => {
            (Law::Dirac { point: 0.0 }, Law::Dirac { point: 0.0 })
        }
        (Law::Gamma { shape: 1.0, rate }, weibull @ Law::Weibull { .. }) => {
            (Law::Weibull { shape: 1.0, scale: 1.0 / rate }, weibull)
        }
        (weibull @ Law::Weibull { .. }, Law::Gamma { shape: 1.0, rate }) => {
            (weibull, Law::Weibull { shape: 1.0, scale: 1.0 / rate })
        }
        pair => pair,
    }
}

/// The most general family that a law belongs to.
fn single(law: Law) -> Law {
    #[allow(clippy::float_cmp, reason = "Student's distribution is Cauchy's for one degree of freedom alone")]
    match law {
        Law::Exponential { rate } => exponential(rate),
        Law::Bernoulli { probability } => Law::Binomial { trials: 1, probability },
        Law::StudentsT { location, scale, freedom: 1.0 } => Law::Cauchy { location, scale },
        Law::MultivariateNormal { mean, covariance } if mean.len() == 1 && covariance[(0, 0)] > 0.0 => {
            Law::Normal { mean: mean[0], standard_deviation: covariance[(0, 0)].sqrt() }
        }
        Law::Dirichlet { concentration } if concentration.len() == 2 => {
            Law::Beta { shape_a: concentration[0], shape_b: concentration[1] }
        }
        law => law,
    }
}

fn exponential(rate: f64) -> Law {
    Law::Gamma { shape: 1.0, rate }
}

/// Two exponential laws with the rates 1 and $e^x$, if that is a number and not close to 1.
fn ratio_of_rates(x: f64) -> Option<(Law, Law)> {
    // Nearly equal laws stay as they are: the ratio would be rounded to one, and the difference with it.
    let ratio = x.exp();
    (ratio.is_normal() && x.abs() > 0.1).then(|| (exponential(1.0), exponential(ratio)))
}
