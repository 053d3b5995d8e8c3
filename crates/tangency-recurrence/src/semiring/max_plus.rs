//! The max-plus semiring with back-pointers.

use super::Labelled;
use super::factored::Best;
use crate::{Semiring, Transitions};
use tangency_vmath::dispatch;

/// Scores with $\max$ and $+$, and the label of the last arc: the best path.
///
/// Addition keeps the element with the larger score, and the first one if they are equal; multiplication adds the
/// scores and keeps the later label, or the earlier one if the later has none. The chain's states are then back-pointers
/// of the Viterbi algorithm, and [`trace_back`](crate::trace_back) reads the best path from them. Among best paths the
/// tie rule picks, from the last position to the first, the smallest state number.
///
/// Addition commutes on scores; on labels it commutes but for ties.
///
/// # Example: the first of equals
///
/// ```
/// use tangency_recurrence::{MaxPlus, Semiring};
///
/// let best = MaxPlus.add(&MaxPlus.lift(0.5, Some(3)), &MaxPlus.lift(0.5, Some(1)));
/// assert_eq!((best.score, best.label), (0.5, Some(3)));
/// ```
///
/// # References
///
/// - G. D. Forney, *The Viterbi algorithm*, Proc. IEEE 61 (1973).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MaxPlus;

impl Semiring for MaxPlus {
    type Element = Labelled;

    fn zero(&self) -> Labelled {
        Labelled::ZERO
    }

    fn one(&self) -> Labelled {
        Labelled { score: 0.0, label: None }
    }

    #[inline]
    fn add(&mut self, first: &Labelled, second: &Labelled) -> Labelled {
        // A NaN on either side must come out, to be reported; `max` would swallow it.
        if first.score >= second.score || first.score.is_nan() { *first } else { *second }
    }

    #[inline]
    fn multiply(&self, earlier: &Labelled, later: &Labelled) -> Labelled {
        earlier.then(later)
    }

    #[inline]
    fn lift(&self, score: f64, label: Option<usize>) -> Labelled {
        Labelled::new(score, label)
    }

    fn score(&self, element: &Labelled) -> f64 {
        element.score
    }

    /// Vectorised over the states after. As [`SemiringChain`](crate::SemiringChain) makes sure, no score may be NaN.
    fn advance(
        &mut self,
        transitions: &Transitions,
        emissions: &[f64],
        before: &[Labelled],
        after: &mut [Labelled],
    ) {
        dispatch(Best { transitions, emissions, before, after });
    }
}
