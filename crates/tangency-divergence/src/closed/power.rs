//! Closed forms of $\ln \int p^\alpha q^{1 - \alpha}$.
//!
//! For any law $m$ that has the density $p^\alpha q^{1 - \alpha} / Z$,
//!
//! $$ -\ln Z = \alpha KL(m \Vert p) + (1 - \alpha) KL(m \Vert q), $$
//!
//! and in an exponential family $m$ is of the family, with the mixed natural parameters. So the stable closed forms of KL are
//! all that is needed, and the integral is infinite exactly where the natural parameters leave their domain.

use super::Exact;
use super::kullback_leibler::{categorical, cauchy_chi_squared, kullback_leibler, normalised};
use crate::law::Law;
use crate::special::{ln_ratio, log_excess, log_excess_of_ratio};

/// The normalised geometric mixture of two laws.
enum Mixture {
    Law(Law),
    /// It cannot be normalised: the integral is infinite.
    Infinite,
}

/// $\ln \int p^\alpha q^{1 - \alpha}$ for a reduced pair, if it has a closed form; `INFINITY` where the integral diverges and
/// `-INFINITY` where it is zero.
pub(crate) fn ln_affinity(p: &Law, q: &Law, alpha: f64) -> Option<Exact> {
    match (p, q) {
        (
            Law::Normal { mean: m1, standard_deviation: s1 },
            Law::Normal { mean: m2, standard_deviation: s2 },
        ) => {
            let (ratio, shift) = (s1 / s2, (m1 - m2) / s2);
            let excess = (s1 - s2) / s2 * (ratio + 1.0);
            let square = ratio * ratio;
            // Beyond the range of floating point there is nothing to be gained from a formula.
            return square
                .is_normal()
                .then(|| normal(square, excess, 2.0 * ln_ratio(*s1, *s2), shift, alpha));
        }
        (Law::Laplace { location: m1, scale: b1 }, Law::Laplace { location: m2, scale: b2 }) => {
            return Some(laplace((m1 - m2).abs(), *b1, *b2, alpha));
        }
        (Law::Pareto { scale: s1, shape: a1 }, Law::Pareto { scale: s2, shape: a2 }) => {
            return Some(pareto((*s1, *a1), (*s2, *a2), alpha));
        }
        (Law::Cauchy { location: m1, scale: g1 }, Law::Cauchy { location: m2, scale: g2 }) => {
            return cauchy(cauchy_chi_squared(*m1, *g1, *m2, *g2), alpha);
        }
        (Law::Uniform { min: a1, max: b1 }, Law::Uniform { min: a2, max: b2 }) => {
            return Some(uniform((*a1, *b1), (*a2, *b2), alpha));
        }
        (Law::Binomial { trials: n1, probability: p }, Law::Binomial { trials: n2, probability: q })
            if n1 == n2 =>
        {
            return Some(discrete(&[*p, 1.0 - p], &[*q, 1.0 - q], alpha).times(*n1 as f64));
        }
        (Law::Categorical { probabilities: p }, Law::Categorical { probabilities: q }) => {
            let length = p.len().max(q.len());
            return Some(discrete(&normalised(p, length), &normalised(q, length), alpha));
        }
        _ => {}
    }
    match mixture(p, q, alpha)? {
        Mixture::Infinite => Some(Exact::INFINITE),
        Mixture::Law(m) => Some(from_mixture(kullback_leibler(&m, p)?, kullback_leibler(&m, q)?, alpha)),
    }
}

fn from_mixture(to_p: Exact, to_q: Exact, alpha: f64) -> Exact {
    let sum = to_p.times(-alpha).plus(to_q.times(alpha - 1.0));
    // Infinite terms of both signs: the numbers have overflowed, and the integral with them.
    if sum.value.is_nan() { Exact::INFINITE } else { sum }
}

/// The geometric mixture within an exponential family.
fn mixture(p: &Law, q: &Law, alpha: f64) -> Option<Mixture> {
    let mix = |p: f64, q: f64| q + alpha * (p - q);
    let law = match (p, q) {
        (Law::Gamma { shape: a1, rate: b1 }, Law::Gamma { shape: a2, rate: b2 }) => {
            Law::Gamma { shape: mix(*a1, *a2), rate: b2 * mix(b1 / b2, 1.0) }
        }
        (Law::Beta { shape_a: a1, shape_b: b1 }, Law::Beta { shape_a: a2, shape_b: b2 }) => {
            Law::Beta { shape_a: mix(*a1, *a2), shape_b: mix(*b1, *b2) }
        }
        (Law::Dirichlet { concentration: a1 }, Law::Dirichlet { concentration: a2 }) => {
            Law::Dirichlet { concentration: a1.iter().zip(a2).map(|(a, b)| mix(*a, *b)).collect() }
        }
        (Law::Poisson { rate: l1 }, Law::Poisson { rate: l2 }) => {
            Law::Poisson { rate: l2 * (alpha * ln_ratio(*l1, *l2)).exp() }
        }
        (Law::Geometric { probability: p1 }, Law::Geometric { probability: p2 }) => {
            Law::Geometric { probability: mixed_failure(*p1, *p2, alpha) }
        }
        #[allow(clippy::float_cmp, reason = "the formula holds for equal parameters alone")]
        (
            Law::NegativeBinomial { successes: r1, probability: p1 },
            Law::NegativeBinomial { successes: r2, probability: p2 },
        ) if r1 == r2 => {
            Law::NegativeBinomial { successes: *r1, probability: mixed_failure(*p1, *p2, alpha) }
        }
        _ => return None,
    };
    Some(if law.validate().is_ok() { Mixture::Law(law) } else { Mixture::Infinite })
}

/// 1 − (1 − p₁)^α (1 − p₂)^{1 − α}; zero or less where the powers of the failures do not sum.
fn mixed_failure(p1: f64, p2: f64, alpha: f64) -> f64 {
    let ln_failure = alpha * (-p1).ln_1p() + (1.0 - alpha) * (-p2).ln_1p();
    -ln_failure.exp_m1()
}

/// Two finite vectors of probabilities.
fn discrete(p: &[f64], q: &[f64], alpha: f64) -> Exact {
    let mut weights = Vec::with_capacity(p.len());
    for (&p, &q) in p.iter().zip(q) {
        weights.push(if p > 0.0 && q > 0.0 {
            q.ln() + alpha * ln_ratio(p, q)
        } else if (p > 0.0 && alpha > 1.0) || (q > 0.0 && alpha < 0.0) {
            return Exact::INFINITE;
        } else {
            f64::NEG_INFINITY
        });
    }
    let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return Exact { value: f64::NEG_INFINITY, error: 0.0 };
    }
    let total: f64 = weights.iter().map(|weight| (weight - largest).exp()).sum();
    let mixture: Vec<f64> = weights.iter().map(|weight| (weight - largest).exp() / total).collect();
    let (to_p, to_q) = (categorical(&mixture, p), categorical(&mixture, q));
    // A weight that underflowed may stand on a zero: then the direct form, which does not cancel there, serves.
    if to_p.value.is_infinite() || to_q.value.is_infinite() {
        return Exact::sum(&[largest, total.ln()]);
    }
    from_mixture(to_p, to_q, alpha)
}

/// Laplace laws at the distance d: the same location, and what the distance adds.
fn laplace(distance: f64, b1: f64, b2: f64, alpha: f64) -> Exact {
    // In units of b₂: exponents a = α / b₁ and b = 1 − α, and p^α q^{1−α} ~ e^{−a|x − m₁| − b|x − m₂|}.
    let (d, ratio) = (distance / b2, b2 / b1);
    let (a, b) = (alpha * ratio, 1.0 - alpha);
    let rate = a + b;
    if rate <= 0.0 || rate.is_nan() {
        return Exact::INFINITE;
    }
    // Same location: |x| is exponential in all three.
    let to_p = log_excess_of_ratio(rate, ratio);
    let to_q = log_excess_of_ratio(rate, 1.0);
    let same = from_mixture(Exact::term(to_p), Exact::term(to_q), alpha);
    let (s, t) = (0.5 * rate * d, (0.5 * (a - b) * d).abs());
    // ln(e^{−s} (cosh t + s sinh t / t)).
    let added = if t < 0.5 && s < 0.5 {
        let square = t * t;
        let cosh = square * (0.5 + square * (1.0 / 24.0 + square * (1.0 / 720.0 + square / 40_320.0)));
        let cosh = cosh + square.powi(5) / 3_628_800.0;
        let sinc = square
            * (1.0 / 6.0 + square * (1.0 / 120.0 + square * (1.0 / 5040.0 + square / 362_880.0)))
            + square.powi(5) / 39_916_800.0;
        let more = cosh + s * sinc;
        Exact::sum(&[more, -log_excess(s + more)])
    } else {
        // e^{t − s} ((1 + s/t) + (1 − s/t) e^{−2t}) / 2.
        let shrunk = (-2.0 * t).exp();
        let mean =
            if t > 1e-3 { (1.0 - shrunk) / t } else { 2.0 * (1.0 - t + t * t * (2.0 / 3.0 - t / 3.0)) };
        Exact::sum(&[t - s, (0.5 * (1.0 + shrunk + s * mean)).ln()])
    };
    same.plus(added)
}

fn pareto((s1, a1): (f64, f64), (s2, a2): (f64, f64), alpha: f64) -> Exact {
    let shape = alpha * a1 + (1.0 - alpha) * a2;
    if shape <= 0.0 || (alpha > 1.0 && s1 < s2) || (alpha < 0.0 && s2 < s1) {
        return Exact::INFINITE;
    }
    let start = s1.max(s2);
    let to_p = log_excess_of_ratio(shape, a1);
    let to_q = log_excess_of_ratio(shape, a2);
    from_mixture(Exact::term(to_p), Exact::term(to_q), alpha)
        .plus(Exact::sum(&[alpha * a1 * ln_ratio(s1, start), (1.0 - alpha) * a2 * ln_ratio(s2, start)]))
}

fn uniform((a1, b1): (f64, f64), (a2, b2): (f64, f64), alpha: f64) -> Exact {
    let overlap = b1.min(b2) - a1.max(a2);
    let (width_p, width_q) = (b1 - a1, b2 - a2);
    if (alpha > 1.0 && overlap < width_p) || (alpha < 0.0 && overlap < width_q) {
        return Exact::INFINITE;
    }
    if overlap <= 0.0 {
        return Exact { value: f64::NEG_INFINITY, error: 0.0 };
    }
    Exact::sum(&[alpha * ln_ratio(overlap, width_p), (1.0 - alpha) * ln_ratio(overlap, width_q)])
}

/// Cauchy laws: 1 + χ² for α = 2 and −1, a complete elliptic integral for α = ½.
#[allow(clippy::float_cmp, reason = "three orders have elementary forms")]
fn cauchy(chi_squared: f64, alpha: f64) -> Option<Exact> {
    if alpha == 2.0 || alpha == -1.0 {
        return Some(Exact::term(chi_squared.ln_1p()));
    }
    if alpha != 0.5 {
        return None;
    }
    // 1 / agm(1, √(1 + χ²/2)), in terms of what the two numbers exceed 1 by.
    let half = 0.5 * chi_squared;
    let (mut a, mut b) = (half / (1.0 + (1.0 + half).sqrt()), 0.0);
    for _ in 0..64 {
        let arithmetic = 0.5 * (a + b);
        let product = a + b + a * b;
        let geometric = product / (1.0 + (1.0 + product).sqrt());
        (a, b) = (arithmetic, geometric);
        if (a - b).abs() <= 2.0 * f64::EPSILON * a {
            break;
        }
    }
    Some(if a.is_finite() { Exact::term(-a.ln_1p()) } else { Exact { value: f64::NEG_INFINITY, error: 0.0 } })
}

/// A normal law with the variance `square` = 1 + `excess` and the mean `shift` against the standard one.
pub(crate) fn normal(square: f64, excess: f64, ln_square: f64, shift: f64, alpha: f64) -> Exact {
    // w = α + (1 − α) σ²; the mixture has the variance σ² / w and the mean α d / w.
    let w = square - alpha * excess;
    if w <= 0.0 || w.is_nan() {
        return Exact::INFINITE;
    }
    let part = |excess: f64, ln_square: f64| {
        if excess.abs() <= 0.5 { log_excess(excess) } else { excess - ln_square }
    };
    let to_p = part((alpha - 1.0) * excess / w, -w.ln());
    let to_q = part(alpha * excess / w, ln_square - w.ln());
    Exact::sum(&[
        -0.5 * alpha * to_p,
        0.5 * (alpha - 1.0) * to_q,
        0.5 * alpha * (alpha - 1.0) * shift * shift / w,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_branches_of_laplace_agree() {
        for alpha in [0.3, 0.5, 0.9, 1.4, -0.2] {
            // t or s just on both sides of ½.
            let (below, above) =
                (laplace(0.999_999_999, 1.0, 1.1, alpha), laplace(1.000_000_001, 1.0, 1.1, alpha));
            let slope = (laplace(1.1, 1.0, 1.1, alpha).value - laplace(0.9, 1.0, 1.1, alpha).value) / 0.2;
            assert!((above.value - below.value - slope * 2e-9).abs() < 1e-10, "{alpha}");
        }
    }
}
