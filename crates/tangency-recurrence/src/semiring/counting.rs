//! The counting semiring.

use crate::Semiring;

/// Natural numbers with $+$ and $\times$: how many paths are allowed.
///
/// A score of $-\infty$ counts 0, any other counts 1. Counts saturate at `u128::MAX` (about $3.4 \cdot 10^{38}$), which
/// then reads "at least so many": saturation is compatible with both operations, so the laws still hold exactly, and
/// every count below it is exact. For the logarithm of a larger count run [`LogSumExp`](crate::LogSumExp) with all
/// allowed scores set to 0.
///
/// # Example: two states, one forbidden transition
///
/// ```
/// use tangency_recurrence::{Counting, Semiring};
///
/// let mut paths = [0, 0];
/// let forbid = f64::NEG_INFINITY;
/// let arcs = [0.3, -1.2, forbid, 0.7].map(|score| Counting.lift(score, None));
/// Counting.vector_matrix(&[1, 1], &arcs, &mut paths);
/// assert_eq!(paths, [1, 2]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counting;

impl Semiring for Counting {
    type Element = u128;

    fn zero(&self) -> u128 {
        0
    }

    fn one(&self) -> u128 {
        1
    }

    fn add(&mut self, first: &u128, second: &u128) -> u128 {
        first.saturating_add(*second)
    }

    fn multiply(&self, earlier: &u128, later: &u128) -> u128 {
        earlier.saturating_mul(*later)
    }

    /// A count cannot hold a NaN, which must be kept out, as [`SemiringChain`](crate::SemiringChain) does: it counts 0.
    fn lift(&self, score: f64, _: Option<usize>) -> u128 {
        u128::from(score > f64::NEG_INFINITY)
    }

    /// $\ln n$.
    fn score(&self, element: &u128) -> f64 {
        (*element as f64).ln()
    }
}
