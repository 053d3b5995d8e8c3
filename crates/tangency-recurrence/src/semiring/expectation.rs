//! The expectation semiring.

use super::log_sum_exp::log_add;
use crate::Semiring;

/// The weight of a set of paths, and the mean of their scores under it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedMean {
    /// The log of the total weight: $\ln \sum_p e^{s_p}$.
    pub log_weight: f64,
    /// The mean score $\sum_p s_p e^{s_p} / \sum_p e^{s_p}$; 0 for an empty set.
    pub mean: f64,
}

/// Weights with the expectation of an additive quantity, here the score itself.
///
/// A path $p$ of score $s_p$ has probability $e^{s_p - \ln Z}$. Sets of paths are added as mixtures and multiplied as
/// independent parts:
///
/// $$ (w_1, m_1) \oplus (w_2, m_2) = \left( \ln (e^{w_1} + e^{w_2}), (1 - p) m_1 + p m_2 \right), \quad
///    p = \frac{e^{w_2}}{e^{w_1} + e^{w_2}}, $$
///
/// $$ (w_1, m_1) \otimes (w_2, m_2) = (w_1 + w_2, m_1 + m_2) . $$
///
/// The sum over all paths is $(\ln Z, \mathbb{E} s)$, and the entropy of the path is $\ln Z - \mathbb{E} s$.
///
/// This is the first-order expectation semiring with the weighted value divided by the weight, which stays in range for
/// chains of any length.
///
/// # Example: the entropy of a coin
///
/// ```
/// use tangency_recurrence::{Expectation, Semiring};
///
/// let (heads, tails) = (Expectation.lift(0.9_f64.ln(), None), Expectation.lift(0.1_f64.ln(), None));
/// let coin = Expectation.add(&heads, &tails);
/// let entropy = -0.9 * 0.9_f64.ln() - 0.1 * 0.1_f64.ln();
/// assert!((coin.log_weight - coin.mean - entropy).abs() < 1e-15);
/// ```
///
/// # References
///
/// - J. Eisner, *Parameter estimation for probabilistic finite-state transducers*, ACL 2002, section 4.
/// - Z. Li, J. Eisner, *First- and second-order expectation semirings*, EMNLP 2009, table 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expectation;

impl Semiring for Expectation {
    type Element = WeightedMean;

    fn zero(&self) -> WeightedMean {
        WeightedMean { log_weight: f64::NEG_INFINITY, mean: 0.0 }
    }

    fn one(&self) -> WeightedMean {
        WeightedMean { log_weight: 0.0, mean: 0.0 }
    }

    fn add(&mut self, first: &WeightedMean, second: &WeightedMean) -> WeightedMean {
        let log_weight = log_add(first.log_weight, second.log_weight);
        if log_weight == f64::NEG_INFINITY {
            return self.zero();
        }
        // The smaller share moves the mean, so that a share that rounds to 1 loses nothing.
        let (major, minor) =
            if first.log_weight >= second.log_weight { (first, second) } else { (second, first) };
        let share = (minor.log_weight - log_weight).exp();
        // Without a share there is nothing to mix in, and the difference may overflow.
        let shift = if share == 0.0 { 0.0 } else { share * (minor.mean - major.mean) };
        WeightedMean { log_weight, mean: major.mean + shift }
    }

    fn multiply(&self, earlier: &WeightedMean, later: &WeightedMean) -> WeightedMean {
        let log_weight = earlier.log_weight + later.log_weight;
        if log_weight == f64::NEG_INFINITY {
            return self.zero();
        }
        WeightedMean { log_weight, mean: earlier.mean + later.mean }
    }

    fn lift(&self, score: f64, _: Option<usize>) -> WeightedMean {
        if score == f64::NEG_INFINITY {
            return self.zero();
        }
        WeightedMean { log_weight: score, mean: score }
    }

    /// The log-weight, or NaN if the mean has overflowed.
    fn score(&self, element: &WeightedMean) -> f64 {
        if element.mean.is_finite() { element.log_weight } else { f64::NAN }
    }
}
