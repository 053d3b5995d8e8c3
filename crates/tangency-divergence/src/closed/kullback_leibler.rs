//! Closed forms of the Kullback-Leibler divergence.
//!
//! Within a family each is written as a sum of terms that are not negative, so that nearly equal parameters lose nothing.
//! Between families it is minus the entropy of P minus the mean of ln q under P.

use super::Exact;
use super::expectation::cross_family;
use crate::law::Law;
use crate::special::{
    exp_excess, gamma_divergence_terms, ln_gamma_excess, ln_gamma_excess_by, ln_ratio, log_excess,
    log_excess_of_ratio, relative_entropy_term,
};

/// KL(P‖Q) for a reduced pair, if it has a closed form.
pub(crate) fn kullback_leibler(p: &Law, q: &Law) -> Option<Exact> {
    Some(match (p, q) {
        (
            Law::Normal { mean: m1, standard_deviation: s1 },
            Law::Normal { mean: m2, standard_deviation: s2 },
        ) => {
            let excess = (s1 - s2) / s2 * ((s1 + s2) / s2);
            normal(excess, 2.0 * ln_ratio(*s1, *s2), (m1 - m2) / s2)
        }
        (Law::Gamma { shape: a1, rate: b1 }, Law::Gamma { shape: a2, rate: b2 }) => {
            Exact::sum(&gamma_divergence_terms(*a1, ln_ratio(*b2, *b1), (b2 - b1) / b1, *a2))
        }
        (Law::Beta { shape_a: a1, shape_b: b1 }, Law::Beta { shape_a: a2, shape_b: b2 }) => {
            dirichlet(&[*a1, *b1], &[*a2, *b2])
        }
        (Law::Dirichlet { concentration: a1 }, Law::Dirichlet { concentration: a2 }) => dirichlet(a1, a2),
        (Law::Laplace { location: m1, scale: b1 }, Law::Laplace { location: m2, scale: b2 }) => {
            // ρ − ln(1 + ρ) + (1 + ρ)(e^{−x} − 1 + x), with 1 + ρ = b₁ / b₂ and x = |m₁ − m₂| / b₁.
            let distance = (m1 - m2).abs();
            Exact::sum(&[log_excess_of_ratio(*b2, *b1), b1 / b2 * exp_excess(-distance / b1)])
        }
        (Law::Cauchy { location: m1, scale: g1 }, Law::Cauchy { location: m2, scale: g2 }) => {
            Exact::term((0.5 * cauchy_chi_squared(*m1, *g1, *m2, *g2)).ln_1p())
        }
        (Law::Weibull { shape: k1, scale: l1 }, Law::Weibull { shape: k2, scale: l2 }) => {
            extreme_value((k2 - k1) / k1, k2 * ln_ratio(*l1, *l2))
        }
        (Law::Gumbel { location: m1, scale: b1 }, Law::Gumbel { location: m2, scale: b2 }) => {
            extreme_value((b1 - b2) / b2, (m2 - m1) / b2)
        }
        (Law::Pareto { scale: s1, shape: a1 }, Law::Pareto { scale: s2, shape: a2 }) => {
            if s1 < s2 {
                return Some(Exact::INFINITE);
            }
            Exact::sum(&[a2 * ln_ratio(*s1, *s2), log_excess_of_ratio(*a1, *a2)])
        }
        (Law::Poisson { rate: l1 }, Law::Poisson { rate: l2 }) => {
            Exact::term(relative_entropy_term(*l1, *l2))
        }
        (Law::Binomial { trials: n1, probability: p1 }, Law::Binomial { trials: n2, probability: p2 })
            if n1 == n2 =>
        {
            bernoulli(*p1, *p2).times(*n1 as f64)
        }
        (Law::Geometric { probability: p1 }, Law::Geometric { probability: p2 }) => {
            bernoulli(*p1, *p2).times(1.0 / p1)
        }
        #[allow(clippy::float_cmp, reason = "the formula holds for equal parameters alone")]
        (
            Law::NegativeBinomial { successes: r1, probability: p1 },
            Law::NegativeBinomial { successes: r2, probability: p2 },
        ) if r1 == r2 => bernoulli(*p1, *p2).times(r1 / p1),
        (Law::Categorical { probabilities: p }, Law::Categorical { probabilities: q }) => {
            let length = p.len().max(q.len());
            categorical(&normalised(p, length), &normalised(q, length))
        }
        (Law::Binomial { trials: 1, probability }, Law::Poisson { rate }) => {
            // p ln p + (1 − p) ln(1 − p) + λ − p ln λ; the terms of all integers together.
            let (one, zero) = (*probability, 1.0 - probability);
            let (mass_one, mass_zero) = (rate * (-rate).exp(), (-rate).exp());
            let rest = (-rate).exp() * exp_excess(*rate);
            Exact::sum(&[
                relative_entropy_term(zero, mass_zero),
                relative_entropy_term(one, mass_one),
                if rest.is_finite() { rest } else { 1.0 },
            ])
        }
        _ => return cross_family(p, q),
    })
}

/// KL of a normal law from the standard one: ½ (e − ln(1 + e)) + ½ d², with 1 + e = σ².
pub(crate) fn normal(excess: f64, ln_square: f64, shift: f64) -> Exact {
    let spread = if excess.abs() <= 0.5 { log_excess(excess) } else { excess - ln_square };
    Exact::sum(&[0.5 * spread, 0.5 * shift * shift])
}

/// χ² of two Cauchy laws, of which every f-divergence of theirs is a function; it is symmetric.
pub(crate) fn cauchy_chi_squared(m1: f64, g1: f64, m2: f64, g2: f64) -> f64 {
    // Divided first: products of scales must not overflow.
    let (shift, ratio) = ((m1 - m2) / g2, g1 / g2);
    let difference = (g1 - g2) / g2;
    (shift * shift + difference * difference) / (2.0 * ratio)
}

fn dirichlet(p: &[f64], q: &[f64]) -> Exact {
    let (sum_p, sum_q): (f64, f64) = (p.iter().sum(), q.iter().sum());
    let mut terms: Vec<f64> = p.iter().zip(q).map(|(a, b)| ln_gamma_excess(*a, *b)).collect();
    // The difference of the sums is the sum of the differences, which is exact where they are close.
    let difference = p.iter().zip(q).map(|(a, b)| b - a).sum();
    terms.push(-ln_gamma_excess_by(sum_p, sum_q, difference));
    Exact::sum(&terms)
}

/// Gumbel and Weibull laws: with c = 1 + δ and $e^s = e^w \Gamma(1 + c)$ the divergence is
/// $\delta - \ln(1 + \delta)$, plus the excess of lnΓ from 2 to 2 + δ, plus $e^s - 1 - s$.
fn extreme_value(delta: f64, w: f64) -> Exact {
    let gamma = ln_gamma_excess_by(2.0, 2.0 + delta, delta);
    let s = w + (1.0 - crate::special::EULER) * delta + gamma;
    // Rounding in s counts once for each unit of the exponential's slope.
    let size = w.abs() + delta.abs() + gamma;
    let exponential = exp_excess(s);
    let mut value = Exact::sum(&[log_excess(delta), gamma, exponential]);
    if value.value.is_finite() {
        value.error += 4.0 * f64::EPSILON * size * s.exp_m1().abs();
    }
    value
}

pub(crate) fn bernoulli(p: f64, q: f64) -> Exact {
    categorical(&[p, 1.0 - p], &[q, 1.0 - q])
}

/// Σ p ln(p/q) as a sum of terms that are not negative.
pub(crate) fn categorical(p: &[f64], q: &[f64]) -> Exact {
    let terms: Vec<f64> = p.iter().zip(q).map(|(p, q)| relative_entropy_term(*p, *q)).collect();
    let mut value = Exact::sum(&terms);
    if value.value.is_finite() {
        // Probabilities that were divided by their sum are rounded, which the logarithm of their ratio feels.
        let slope: f64 = p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| (p - q).abs()).sum();
        value.error += 2.0 * f64::EPSILON * slope;
    }
    value
}

/// Probabilities divided by their sum, with zeros up to a length.
pub(crate) fn normalised(probabilities: &[f64], length: usize) -> Vec<f64> {
    let sum: f64 = probabilities.iter().sum();
    let mut values: Vec<f64> = probabilities.iter().map(|value| value / sum).collect();
    values.resize(length, 0.0);
    values
}
