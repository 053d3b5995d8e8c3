//! Moments and tails.

use super::Law;
use std::f64::consts::{FRAC_2_PI, PI};

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// $\Gamma(a) / \Gamma(b)$.
fn gamma_ratio(a: f64, b: f64) -> f64 {
    (libm::lgamma(a) - libm::lgamma(b)).exp()
}

/// A tail that falls as $c x^{-a}$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerTail {
    /// a, the order from which on moments are infinite.
    pub(crate) index: f64,
    /// ln c.
    pub(crate) ln_constant: f64,
}

/// The mean; infinite or NaN if there is none.
pub(crate) fn mean(law: &Law) -> f64 {
    match *law {
        Law::Dirac { point } => point,
        Law::Normal { mean, .. } => mean,
        Law::LogNormal { location, scale } => (location + 0.5 * scale * scale).exp(),
        Law::Exponential { rate } => 1.0 / rate,
        Law::Gamma { shape, rate } => shape / rate,
        Law::InverseGamma { shape, rate } => {
            if shape > 1.0 {
                rate / (shape - 1.0)
            } else {
                f64::INFINITY
            }
        }
        Law::Chi { freedom } => 2.0_f64.sqrt() * gamma_ratio(0.5 * freedom + 0.5, 0.5 * freedom),
        Law::Beta { shape_a, shape_b } => shape_a / (shape_a + shape_b),
        Law::Laplace { location, .. } => location,
        Law::StudentsT { location, freedom, .. } => {
            if freedom > 1.0 {
                location
            } else {
                f64::NAN
            }
        }
        Law::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
        Law::Pareto { scale, shape } => {
            if shape > 1.0 {
                scale * shape / (shape - 1.0)
            } else {
                f64::INFINITY
            }
        }
        Law::Gumbel { location, scale } => location + EULER * scale,
        Law::Levy { .. } => f64::INFINITY,
        Law::Uniform { min, max } => 0.5 * min + 0.5 * max,
        Law::Triangular { min, max, mode } => min / 3.0 + max / 3.0 + mode / 3.0,
        Law::FisherSnedecor { freedom_2, .. } => {
            if freedom_2 > 2.0 {
                freedom_2 / (freedom_2 - 2.0)
            } else {
                f64::INFINITY
            }
        }
        Law::Poisson { rate } => rate,
        Law::Bernoulli { probability } => probability,
        Law::Binomial { trials, probability } => trials as f64 * probability,
        Law::Geometric { probability } => 1.0 / probability,
        Law::NegativeBinomial { successes, probability } => successes * (1.0 - probability) / probability,
        Law::Hypergeometric { population, successes, draws } => {
            draws as f64 * successes as f64 / (population as f64).max(1.0)
        }
        Law::DiscreteUniform { min, max } => 0.5 * min as f64 + 0.5 * max as f64,
        Law::Categorical { ref probabilities } => {
            let total: f64 = probabilities.iter().sum();
            probabilities.iter().enumerate().map(|(k, p)| k as f64 * p).sum::<f64>() / total
        }
        // Cauchy's law, and laws that are not on the line.
        _ => f64::NAN,
    }
}

/// The variance of those laws whose closed forms need it; NaN for others, infinite where it is.
pub(crate) fn variance(law: &Law) -> f64 {
    match *law {
        Law::Dirac { .. } => 0.0,
        Law::Normal { standard_deviation: s, .. } => s * s,
        Law::LogNormal { scale, .. } => (scale * scale).exp_m1() * mean(law).powi(2),
        Law::Exponential { rate } => 1.0 / (rate * rate),
        Law::Gamma { shape, rate } => shape / (rate * rate),
        Law::InverseGamma { shape, .. } => {
            if shape > 2.0 {
                mean(law).powi(2) / (shape - 2.0)
            } else {
                f64::INFINITY
            }
        }
        Law::Beta { shape_a: a, shape_b: b } => a / (a + b) * (b / (a + b)) / (a + b + 1.0),
        Law::Laplace { scale, .. } => 2.0 * scale * scale,
        Law::StudentsT { scale, freedom, .. } => {
            if freedom > 2.0 {
                scale * scale * (freedom / (freedom - 2.0))
            } else {
                f64::INFINITY
            }
        }
        Law::Pareto { scale, shape: a } => {
            if a > 2.0 {
                (scale / (a - 1.0)).powi(2) * (a / (a - 2.0))
            } else {
                f64::INFINITY
            }
        }
        Law::Gumbel { scale, .. } => (PI * scale).powi(2) / 6.0,
        Law::Uniform { min, max } => (max - min).powi(2) / 12.0,
        Law::Triangular { min, max, mode } => {
            let (a, b) = (mode - min, max - mode);
            (a * a + a * b + b * b) / 18.0
        }
        Law::Poisson { rate } => rate,
        Law::Bernoulli { probability: p } => p * (1.0 - p),
        Law::Binomial { trials, probability: p } => trials as f64 * p * (1.0 - p),
        Law::Geometric { probability: p } => (1.0 - p) / (p * p),
        Law::NegativeBinomial { successes, probability: p } => successes * (1.0 - p) / (p * p),
        Law::Hypergeometric { population, successes, draws } => {
            let (all, good, taken) = (population as f64, successes as f64, draws as f64);
            let finite = if all > 1.0 { (all - taken) / (all - 1.0) } else { 0.0 };
            taken * (good / all.max(1.0)) * ((all - good) / all.max(1.0)) * finite
        }
        Law::Cauchy { .. } | Law::Levy { .. } => f64::INFINITY,
        _ => f64::NAN,
    }
}

/// $\mathbb E \lvert X \rvert^p$ of the laws that are scale families about zero, where it is a formula.
pub(crate) fn absolute_moment(law: &Law, p: f64) -> Option<f64> {
    Some(match *law {
        Law::Normal { mean: 0.0, standard_deviation } => {
            (2.0_f64.sqrt() * standard_deviation).powf(p) * libm::tgamma(0.5 * (p + 1.0)) / PI.sqrt()
        }
        Law::Laplace { location: 0.0, scale } => scale.powf(p) * libm::tgamma(p + 1.0),
        Law::Exponential { rate } => libm::tgamma(p + 1.0) / rate.powf(p),
        Law::Gamma { shape, rate } => gamma_ratio(shape + p, shape) / rate.powf(p),
        Law::InverseGamma { shape, rate } => gamma_ratio(shape - p, shape) * rate.powf(p),
        Law::Weibull { shape, scale } => scale.powf(p) * libm::tgamma(1.0 + p / shape),
        Law::Pareto { scale, shape } => scale.powf(p) * (shape / (shape - p)),
        _ => return None,
    })
}

/// How the lower tail falls, if as a power.
pub(crate) fn lower_power_tail(law: &Law) -> Option<PowerTail> {
    match law {
        Law::Cauchy { .. } | Law::StudentsT { .. } => upper_power_tail(law),
        _ => None,
    }
}

/// How the upper tail falls, if as a power.
pub(crate) fn upper_power_tail(law: &Law) -> Option<PowerTail> {
    let (index, ln_constant) = match *law {
        Law::Cauchy { scale, .. } => (1.0, (scale / PI).ln()),
        Law::StudentsT { scale, freedom: a, .. } => {
            // The density is Γ((a+1)/2) a^{a/2} / (√π Γ(a/2)) |z|^{−a−1} far out.
            let density =
                libm::lgamma(0.5 * (a + 1.0)) - libm::lgamma(0.5 * a) - 0.5 * PI.ln() + 0.5 * a * a.ln();
            (a, density - a.ln() + a * scale.ln())
        }
        Law::Pareto { scale, shape } => (shape, shape * scale.ln()),
        Law::Levy { scale, .. } => (0.5, 0.5 * (FRAC_2_PI * scale).ln()),
        Law::InverseGamma { shape, rate } => (shape, shape * rate.ln() - libm::lgamma(shape + 1.0)),
        Law::FisherSnedecor { freedom_1, freedom_2 } => {
            // X = (d₂/d₁) U/(1 − U), and P(1 − U ≤ y) ~ y^b / (b B(a, b)).
            let (a, b) = (0.5 * freedom_1, 0.5 * freedom_2);
            let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
            (b, b * (freedom_2 / freedom_1).ln() - b.ln() - ln_beta)
        }
        _ => return None,
    };
    Some(PowerTail { index, ln_constant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::tails::tails;
    use statrs::distribution as d;
    use statrs::statistics::Distribution;

    #[test]
    fn moments_agree_with_those_of_statrs() {
        let close = |law: Law, exact_mean: Option<f64>, exact_variance: Option<f64>| {
            let (mean, variance) = (mean(&law), variance(&law));
            assert!((mean / exact_mean.unwrap() - 1.0).abs() < 1e-13, "{law:?} {mean}");
            if variance.is_finite() {
                assert!((variance / exact_variance.unwrap() - 1.0).abs() < 1e-12, "{law:?} {variance}");
            }
        };
        macro_rules! check {
            ($($law:expr),*) => { $( let law = $law.unwrap(); close(Law::from(law.clone()), law.mean(), law.variance()); )* };
        }
        check!(
            d::Normal::new(1.5, 2.0),
            d::LogNormal::new(0.2, 0.7),
            d::Exp::new(3.0),
            d::Gamma::new(2.5, 0.4),
            d::InverseGamma::new(3.5, 2.0),
            d::Chi::new(5),
            d::Beta::new(2.0, 3.5),
            d::Laplace::new(1.0, 2.0),
            d::StudentsT::new(1.0, 2.0, 5.0),
            d::Weibull::new(1.7, 2.0),
            d::Pareto::new(2.0, 3.5),
            d::Gumbel::new(0.5, 2.0),
            d::Uniform::new(1.0, 4.0),
            d::Triangular::new(1.0, 5.0, 2.0),
            d::FisherSnedecor::new(3.0, 7.0)
        );
    }

    #[test]
    fn power_tails_are_those_of_the_distribution_functions() {
        for law in [
            Law::Cauchy { location: 0.0, scale: 2.0 },
            Law::StudentsT { location: 0.0, scale: 0.5, freedom: 2.5 },
            Law::Pareto { scale: 2.0, shape: 1.5 },
            Law::Levy { location: 0.0, scale: 3.0 },
            Law::InverseGamma { shape: 1.2, rate: 0.7 },
            Law::FisherSnedecor { freedom_1: 3.0, freedom_2: 5.0 },
        ] {
            let tail = upper_power_tail(&law).unwrap();
            let x = 1e9;
            let expected = tail.ln_constant - tail.index * f64::ln(x);
            assert!((tails(&law, x).1.ln() - expected).abs() < 1e-6, "{law:?}");
        }
    }
}
