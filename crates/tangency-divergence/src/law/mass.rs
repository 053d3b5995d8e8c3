//! The mass functions of the laws on atoms, which are integers but for a Dirac at another point.
//!
//! They are computed by Loader's saddle-point expansion: a deviance that does not cancel, and Stirling's corrections. The
//! textbook's difference of log-gamma functions has an error of 1e-9 for a mean of a million.

use super::Law;
use crate::special::{HALF_LN_TAU, relative_entropy_term, stirling};

/// Integers beyond this are not told apart by their neighbours as `f64`.
const LARGEST: f64 = 9.0e15;

/// The mass function of a law on the integers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Masses {
    law: Law,
    first: i64,
    last: Option<i64>,
    /// The logarithm of the sum of the probabilities that were given.
    ln_total: f64,
}

impl Masses {
    /// The masses of a law whose parameters were checked.
    pub(crate) fn checked(law: &Law) -> Self {
        let ln_total = match law {
            Law::Categorical { probabilities } => probabilities.iter().sum::<f64>().ln(),
            _ => 0.0,
        };
        let (first, last) = support(law);
        Self { law: law.clone(), first, last, ln_total }
    }

    /// The first and the last integer that have mass, if there is a last.
    pub(crate) fn support(&self) -> (i64, Option<i64>) {
        (self.first, self.last)
    }

    /// Mean and a bound for the variance, of the laws whose bulk is found by them.
    fn moments(&self) -> Option<(f64, f64)> {
        Some(match &self.law {
            Law::Poisson { rate } => (*rate, *rate),
            Law::Binomial { trials, probability: p } => {
                let mean = *trials as f64 * p;
                (mean, mean * (1.0 - p))
            }
            Law::NegativeBinomial { successes, probability: p } => {
                let mean = successes * (1.0 - p) / p;
                (mean, mean / p)
            }
            Law::Geometric { probability: p } => (1.0 / p, (1.0 - p) / (p * p)),
            Law::Hypergeometric { population, successes, draws } => {
                let share = *successes as f64 / (*population as f64).max(1.0);
                let mean = *draws as f64 * share;
                (mean, mean * (1.0 - share))
            }
            _ => return None,
        })
    }

    /// The first and the last integer of the bulk: all but a mass of the order of rounding, if it is not heavy-tailed.
    pub(crate) fn bulk(&self) -> (i64, i64) {
        let (first, last) = self.support();
        let Some((mean, variance)) = self.moments() else { return (first, last.unwrap_or(first)) };
        let reach = 9.0 * variance.sqrt() + 10.0;
        let last = last.unwrap_or(i64::MAX);
        let clip = |value: f64| (value.clamp(-LARGEST, LARGEST) as i64).clamp(first, last);
        (clip((mean - reach).floor()), clip((mean + reach).ceil()))
    }

    /// The logarithm of the mass of an integer; `-INFINITY` outside the support.
    pub(crate) fn ln_mass(&self, k: i64) -> f64 {
        let (first, last) = self.support();
        if k < first || last.is_some_and(|last| k > last) {
            return f64::NEG_INFINITY;
        }
        let x = k as f64;
        match &self.law {
            Law::Poisson { rate } => {
                if k == 0 {
                    -rate
                } else {
                    -HALF_LN_TAU - 0.5 * x.ln() - stirling(x) - relative_entropy_term(x, *rate)
                }
            }
            Law::Bernoulli { probability } => binomial(x, 1.0, *probability, 1.0 - probability),
            Law::Binomial { trials, probability } => {
                binomial(x, *trials as f64, *probability, 1.0 - probability)
            }
            Law::NegativeBinomial { successes: r, probability } => {
                (r / (r + x)).ln() + binomial(*r, r + x, *probability, 1.0 - probability)
            }
            Law::Geometric { probability: p } => {
                if k == 1 {
                    p.ln()
                } else {
                    p.ln() + (x - 1.0) * (-p).ln_1p()
                }
            }
            Law::Hypergeometric { population, successes, draws } => {
                let (population, successes, draws) = (*population as f64, *successes as f64, *draws as f64);
                let (p, q) = (draws / population.max(1.0), (population - draws) / population.max(1.0));
                binomial(x, successes, p, q) + binomial(draws - x, population - successes, p, q)
                    - binomial(draws, population, p, q)
            }
            Law::Dirac { .. } => 0.0,
            Law::DiscreteUniform { min, max } => -(*max as f64 - *min as f64).ln_1p(),
            Law::Categorical { probabilities } => probabilities[k as usize].ln() - self.ln_total,
            _ => f64::NAN,
        }
    }

    /// A bound for the rounding error of [`ln_mass`](Self::ln_mass) inside the support.
    pub(crate) fn ln_mass_error(&self, k: i64) -> f64 {
        let (first, last) = self.support();
        // Corrections of the order of 1 come in between the ends alone.
        let inner = if k == first || Some(k) == last { 0.0 } else { 1.0 };
        // Means are rounded products. An error of one unit counts as often as k is away from it.
        let away = self.moments().map_or(0.0, |(mean, _)| (k as f64 - mean).abs());
        let products = match &self.law {
            Law::Binomial { .. } | Law::Hypergeometric { .. } => away,
            Law::NegativeBinomial { probability, .. } => probability * away,
            Law::Categorical { probabilities } => probabilities.len() as f64,
            _ => 0.0,
        };
        let value = self.ln_mass(k);
        if value.is_infinite() { 0.0 } else { f64::EPSILON * (32.0 * (value.abs() + inner) + 4.0 * products) }
    }
}

/// The first and the last integer that have mass; in the wrong order if none has.
fn support(law: &Law) -> (i64, Option<i64>) {
    let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let trials = |trials: u64, probability: f64| {
        let first = if probability >= 1.0 { signed(trials) } else { 0 };
        (first, Some(if probability <= 0.0 { 0 } else { signed(trials) }))
    };
    match law {
        // As f64 the greatest i64 is rounded up to 2⁶³.
        Law::Dirac { point } if point.fract() == 0.0 && point.abs() < i64::MAX as f64 => {
            (*point as i64, Some(*point as i64))
        }
        Law::Dirac { .. } => (i64::MAX, Some(i64::MIN)),
        Law::Bernoulli { probability } => trials(1, *probability),
        Law::Binomial { trials: n, probability } => trials(*n, *probability),
        Law::Geometric { probability } => (1, (*probability >= 1.0).then_some(1)),
        Law::NegativeBinomial { probability, .. } => (0, (*probability >= 1.0).then_some(0)),
        Law::Hypergeometric { population, successes, draws } => {
            let failures = population - successes;
            (signed(draws.saturating_sub(failures)), Some(signed(*draws.min(successes))))
        }
        Law::DiscreteUniform { min, max } => (*min, Some(*max)),
        Law::Categorical { probabilities } => {
            let has_mass = |mass: &f64| *mass > 0.0;
            let first = probabilities.iter().position(has_mass).unwrap_or(0);
            (first as i64, Some(probabilities.iter().rposition(has_mass).unwrap_or(0) as i64))
        }
        _ => (0, None),
    }
}

/// $\ln \lbrack \Gamma(n + 1) / (\Gamma(k + 1) \Gamma(n - k + 1)) \cdot p^k q^{n - k} \rbrack$ with $q = 1 - p$, for real
/// $0 \le k \le n$.
fn binomial(k: f64, n: f64, p: f64, q: f64) -> f64 {
    let rest = n - k;
    let certain = |holds: bool| if holds { 0.0 } else { f64::NEG_INFINITY };
    if p <= 0.0 {
        certain(k <= 0.0)
    } else if q <= 0.0 {
        certain(rest <= 0.0)
    } else if k <= 0.0 {
        n * if p < 0.5 { (-p).ln_1p() } else { q.ln() }
    } else if rest <= 0.0 {
        n * if q < 0.5 { (-q).ln_1p() } else { p.ln() }
    } else {
        stirling(n)
            - stirling(k)
            - stirling(rest)
            - relative_entropy_term(k, n * p)
            - relative_entropy_term(rest, n * q)
            + 0.5 * (n.ln() - k.ln() - rest.ln())
            - HALF_LN_TAU
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_sum_to_one() {
        let laws = [
            Law::Poisson { rate: 1e4 },
            Law::Binomial { trials: 1000, probability: 0.003 },
            Law::NegativeBinomial { successes: 0.7, probability: 0.2 },
            Law::Hypergeometric { population: 90, successes: 50, draws: 60 },
            Law::Geometric { probability: 0.3 },
        ];
        for law in laws {
            let masses = Masses::checked(&law);
            let (first, last) = masses.support();
            let sum: f64 = (first..=last.unwrap_or(20_000)).map(|k| masses.ln_mass(k).exp()).sum();
            assert!((sum - 1.0).abs() < 1e-13, "{law:?}: {sum}");
        }
    }
}
