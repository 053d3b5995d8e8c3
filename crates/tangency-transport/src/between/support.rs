//! Where the mass of a law ends, and how far apart two endless tails are.

use crate::law::{Law, lower_power_tail, upper_power_tail};

/// How far apart two quantile functions are at one of their ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EndGap {
    /// Both end.
    Finite,
    /// Neither ends, and they grow alike to leading order.
    Unknown,
    /// Their difference has no bound.
    Infinite,
}

/// How a quantile function grows towards the end, where the share beyond it is $e^{-L}$ and L grows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Growth {
    /// $A L^\beta (1 + o(1))$, and for β = 1 $A L + B \ln L + O(1)$.
    Stretched { beta: f64, scale: f64, logarithm: f64 },
    /// $e^{\mu + \sigma \sqrt{2 L} + o(1)}$.
    LogNormal { location: f64, scale: f64 },
    /// $(c e^L)^{1/a}$.
    Power { index: f64, ln_constant: f64 },
    /// $A \ln L$.
    Logarithmic { scale: f64 },
    /// $L / \ln L$, with the rate of a Poisson law.
    Poisson { rate: f64 },
}

/// The ends of the support, which may be infinite.
pub(super) fn support(law: &Law) -> (f64, f64) {
    const END: f64 = f64::INFINITY;
    match *law {
        Law::Dirac { point } => (point, point),
        Law::LogNormal { .. }
        | Law::Exponential { .. }
        | Law::Gamma { .. }
        | Law::InverseGamma { .. }
        | Law::Chi { .. }
        | Law::Weibull { .. }
        | Law::FisherSnedecor { .. }
        | Law::Poisson { .. } => (0.0, END),
        Law::Beta { .. } => (0.0, 1.0),
        Law::Pareto { scale, .. } => (scale, END),
        Law::Levy { location, .. } => (location, END),
        Law::Uniform { min, max } | Law::Triangular { min, max, .. } => (min, max),
        Law::Bernoulli { probability: p } => (f64::from(u8::from(p >= 1.0)), f64::from(u8::from(p > 0.0))),
        Law::Binomial { trials, probability: p } => {
            let n = trials as f64;
            (if p >= 1.0 { n } else { 0.0 }, if p > 0.0 { n } else { 0.0 })
        }
        Law::Geometric { probability: p } => (1.0, if p < 1.0 { END } else { 1.0 }),
        Law::NegativeBinomial { probability: p, .. } => (0.0, if p < 1.0 { END } else { 0.0 }),
        Law::Hypergeometric { population, successes, draws } => {
            let (all, good, taken) = (population as f64, successes as f64, draws as f64);
            ((taken + good - all).max(0.0), taken.min(good))
        }
        Law::DiscreteUniform { min, max } => (min as f64, max as f64),
        Law::Categorical { ref probabilities } => {
            let first = probabilities.iter().position(|p| *p > 0.0).unwrap_or(0);
            let last = probabilities.iter().rposition(|p| *p > 0.0).unwrap_or(0);
            (first as f64, last as f64)
        }
        // Normal, Laplace, Cauchy, Student's and Gumbel's laws; those of vectors have been refused.
        _ => (-END, END),
    }
}

/// How the quantile function grows at the upper end, or falls at the lower one; for an endless tail alone.
fn growth(law: &Law, upper: bool) -> Option<Growth> {
    let linear = |scale: f64, logarithm: f64| Growth::Stretched { beta: 1.0, scale, logarithm };
    let stretched = |beta: f64, scale: f64| Growth::Stretched { beta, scale, logarithm: 0.0 };
    let power = if upper { upper_power_tail(law) } else { lower_power_tail(law) };
    if let Some(tail) = power {
        return Some(Growth::Power { index: tail.index, ln_constant: tail.ln_constant });
    }
    Some(match *law {
        Law::Normal { standard_deviation, .. } => stretched(0.5, 2.0_f64.sqrt() * standard_deviation),
        Law::Chi { .. } => stretched(0.5, 2.0_f64.sqrt()),
        Law::LogNormal { location, scale } => Growth::LogNormal { location, scale },
        Law::Exponential { rate } => linear(1.0 / rate, 0.0),
        Law::Gamma { shape, rate } => linear(1.0 / rate, (shape - 1.0) / rate),
        Law::Laplace { scale, .. } => linear(scale, 0.0),
        Law::Gumbel { scale, .. } if upper => linear(scale, 0.0),
        Law::Gumbel { scale, .. } => Growth::Logarithmic { scale },
        Law::Weibull { shape, scale } => stretched(1.0 / shape, scale),
        Law::Poisson { rate } => Growth::Poisson { rate },
        Law::Geometric { probability: p } => linear(-1.0 / (-p).ln_1p(), 0.0),
        Law::NegativeBinomial { successes, probability: p } => {
            let scale = -1.0 / (-p).ln_1p();
            linear(scale, (successes - 1.0) * scale)
        }
        _ => return None,
    })
}

/// Whether two numbers differ by more than the roundings of the formulas that they come from.
fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-13 * a.abs().max(b.abs())
}

/// How far apart two laws that are not the same, and not one the other moved, are at an end.
pub(super) fn end_gap(x: &Law, y: &Law, upper: bool) -> EndGap {
    let end = |law: &Law| if upper { support(law).1 } else { support(law).0 };
    match (end(x).is_finite(), end(y).is_finite()) {
        (true, true) => return EndGap::Finite,
        (false, false) => {}
        _ => return EndGap::Infinite,
    }
    let alike = match (growth(x, upper), growth(y, upper)) {
        (
            Some(Growth::Stretched { beta: b1, scale: s1, logarithm: l1 }),
            Some(Growth::Stretched { beta: b2, scale: s2, logarithm: l2 }),
        ) => {
            // Below β = 1 the terms after the first tend to zero, and above it there is no second law with the same first term.
            let same = !differ(b1, b2) && !differ(s1, s2);
            same && (b1 < 1.0 || (l1 - l2).abs() <= 1e-13 * (l1.abs().max(l2.abs()) + s1))
        }
        (
            Some(Growth::LogNormal { location: l1, scale: s1 }),
            Some(Growth::LogNormal { location: l2, scale: s2 }),
        ) => l1 == l2 && s1 == s2,
        (
            Some(Growth::Power { index: a1, ln_constant: c1 }),
            Some(Growth::Power { index: a2, ln_constant: c2 }),
        ) => !differ(a1, a2) && (c1 - c2).abs() <= 1e-12 * c1.abs().max(1.0),
        (Some(Growth::Logarithmic { scale: s1 }), Some(Growth::Logarithmic { scale: s2 })) => !differ(s1, s2),
        (Some(Growth::Poisson { rate: r1 }), Some(Growth::Poisson { rate: r2 })) => r1 == r2,
        (Some(_), Some(_)) => false,
        // A law whose growth is not known here.
        _ => true,
    };
    if alike { EndGap::Unknown } else { EndGap::Infinite }
}
