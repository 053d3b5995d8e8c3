//! The sampling semiring.

use super::Labelled;
use super::log_sum_exp::log_add;
use crate::Semiring;
use rand::{Rng, RngExt};

/// Weights with $+$ and $\times$, in logarithms, and a label drawn in proportion to them: a random path.
///
/// Addition adds the weights and keeps one of the two labels, the second with probability
/// $e^{w_2} / (e^{w_1} + e^{w_2})$, from one uniform number; multiplication is that of [`MaxPlus`](crate::MaxPlus). One
/// forward pass of a chain so draws, for every state of every position, a predecessor from its exact conditional
/// distribution, and [`trace_back`](crate::trace_back) reads off one exact sample of the whole path.
///
/// The laws hold exactly (to rounding) for weights, and in distribution for labels. A zero draws no random number.
///
/// A value borrows the caller's generator and cannot be copied, so the same random numbers are never used twice.
///
/// # Example: a label with weight 3 against one with weight 1
///
/// ```
/// use rand_pcg::{rand_core::SeedableRng, Pcg64};
/// use tangency_recurrence::{Sampling, Semiring};
///
/// let mut rng = Pcg64::seed_from_u64(7);
/// let mut semiring = Sampling::new(&mut rng);
/// let (three, one) = (semiring.lift(3.0_f64.ln(), Some(0)), semiring.lift(0.0, Some(1)));
/// let ones = (0..10_000).filter(|_| semiring.add(&three, &one).label == Some(1)).count();
/// assert!(ones.abs_diff(2500) < 200); // 4.6 standard deviations
/// ```
#[derive(Debug)]
pub struct Sampling<'r, R: ?Sized> {
    rng: &'r mut R,
}

impl<'r, R: Rng + ?Sized> Sampling<'r, R> {
    /// The semiring that draws from `rng`.
    pub fn new(rng: &'r mut R) -> Self {
        Self { rng }
    }
}

impl<R: Rng + ?Sized> Semiring for Sampling<'_, R> {
    type Element = Labelled;

    fn zero(&self) -> Labelled {
        Labelled::ZERO
    }

    fn one(&self) -> Labelled {
        Labelled { score: 0.0, label: None }
    }

    fn add(&mut self, first: &Labelled, second: &Labelled) -> Labelled {
        if second.score == f64::NEG_INFINITY {
            return *first;
        }
        if first.score == f64::NEG_INFINITY {
            return *second;
        }
        let score = log_add(first.score, second.score);
        let label =
            if self.rng.random::<f64>() < (second.score - score).exp() { second.label } else { first.label };
        Labelled { score, label }
    }

    fn multiply(&self, earlier: &Labelled, later: &Labelled) -> Labelled {
        earlier.then(later)
    }

    fn lift(&self, score: f64, label: Option<usize>) -> Labelled {
        Labelled::new(score, label)
    }

    fn score(&self, element: &Labelled) -> f64 {
        element.score
    }
}
