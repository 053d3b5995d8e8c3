//! Semirings: what "plus" and "times" of a dynamic programme mean.

mod counting;
mod expectation;
mod factored;
mod labelled;
mod log_sum_exp;
mod max_plus;
mod sampling;

pub use counting::Counting;
pub use expectation::{Expectation, WeightedMean};
pub(crate) use factored::{Flows, Sources, WeightedRows};
pub use labelled::{Labelled, trace_back};
pub use log_sum_exp::LogSumExp;
pub(crate) use log_sum_exp::{SAFE_SUM, finite_shift, largest};
pub use max_plus::MaxPlus;
pub use sampling::Sampling;

use crate::Transitions;

/// A semiring: what a dynamic programme adds over alternatives and multiplies along a path.
///
/// Addition $\oplus$ is associative and commutative with neutral element $0$; multiplication $\otimes$ is associative
/// with neutral element $1$ and need not commute; and
///
/// $$ a \otimes (b \oplus c) = (a \otimes b) \oplus (a \otimes c), \quad
///    (a \oplus b) \otimes c = (a \otimes c) \oplus (b \otimes c), \quad a \otimes 0 = 0 \otimes a = 0 . $$
///
/// By distributivity the sum over all paths of a chain is a recurrence over its positions
/// ([`SemiringChain`](crate::SemiringChain)), and which sum it is depends on the semiring alone:
///
/// | semiring | element | $\oplus$ | $\otimes$ | a chain's sum over paths |
/// |---|---|---|---|---|
/// | [`LogSumExp`] | `f64` | log of the sum of exponentials | $+$ | log-partition function |
/// | [`MaxPlus`] | [`Labelled`] | the better | $+$, later label | best score; its states trace the best path |
/// | [`Counting`] | `u128` | $+$ | $\times$ | number of allowed paths |
/// | [`Expectation`] | [`WeightedMean`] | mixture | $+$ of logs and of means | log-partition and expected score |
/// | [`Sampling`] | [`Labelled`] | random choice by weight | $+$, later label | its states trace a random path |
///
/// Scores are logarithms of weights (natural, dimensionless): $0$ is neutral, $-\infty$ forbids an arc and is as good a
/// score as any other, NaN and $+\infty$ are errors. Where addition breaks ties or draws labels, the laws hold for
/// scores exactly as for real numbers (to rounding), and for labels as each semiring documents.
///
/// Values are methods' business, not operators': a semiring may carry what its addition needs, such as a random number
/// generator, so `add` takes `&mut self`.
///
/// # Example: the same chain in two semirings
///
/// ```
/// use tangency_recurrence::{Counting, MaxPlus, Semiring};
///
/// fn two_ways<S: Semiring>(mut semiring: S) -> S::Element {
///     let up = semiring.multiply(&semiring.lift(1.0, None), &semiring.lift(-0.5, None));
///     let down = semiring.lift(0.25, None);
///     semiring.add(&up, &down)
/// }
///
/// assert_eq!(two_ways(Counting), 2);
/// assert_eq!(two_ways(MaxPlus).score, 0.5);
/// ```
///
/// # References
///
/// - J. Goodman, *Semiring parsing*, Computational Linguistics 25 (1999).
/// - M. Mohri, *Semiring frameworks and algorithms for shortest-distance problems*, J. Autom. Lang. Comb. 7 (2002).
pub trait Semiring {
    /// What is added and multiplied.
    type Element: Clone;

    /// $0$: no path. Neutral for [`add`](Self::add), and swallows everything in [`multiply`](Self::multiply).
    fn zero(&self) -> Self::Element;

    /// $1$: the empty path. Neutral for [`multiply`](Self::multiply).
    fn one(&self) -> Self::Element;

    /// $a \oplus b$: either alternative. Ties and the like are decided in favour of `first` where there is a choice.
    fn add(&mut self, first: &Self::Element, second: &Self::Element) -> Self::Element;

    /// $a \otimes b$: `earlier`, then `later`.
    fn multiply(&self, earlier: &Self::Element, later: &Self::Element) -> Self::Element;

    /// The element of one arc with log-weight `score`.
    ///
    /// `label` says where the arc comes from, for semirings that remember it: the predecessor's state number in a
    /// chain, or `None` for a weight that is not an arc. A score of $-\infty$ gives [`zero`](Self::zero).
    fn lift(&self, score: f64, label: Option<usize>) -> Self::Element;

    /// The log-weight of an element: $-\infty$ for zero, NaN or $+\infty$ if and only if the computation has failed.
    fn score(&self, element: &Self::Element) -> f64;

    /// A row vector times a matrix: `product[j]` $= \bigoplus_i$ `vector[i]` $\otimes$ `matrix[i * m + j]`, with $m$ =
    /// `product.len()`.
    ///
    /// `matrix` has $nm$ elements for the $n$ of `vector`; of other lengths, what is over is left out, or it panics.
    ///
    /// Provided: $nm$ additions and multiplications, in the order of $i$. Semirings with something faster override it.
    fn vector_matrix(
        &mut self,
        vector: &[Self::Element],
        matrix: &[Self::Element],
        product: &mut [Self::Element],
    ) {
        product.fill(self.zero());
        let width = product.len().max(1);
        for (left, row) in vector.iter().zip(matrix.chunks_exact(width)) {
            for (sum, right) in product.iter_mut().zip(row) {
                let term = self.multiply(left, right);
                *sum = self.add(sum, &term);
            }
        }
    }

    /// One position of a chain:
    /// `after[j]` $= \bigoplus_i$ `before[i]` $\otimes$ `lift(transition[i][j] + emissions[j], i)`.
    ///
    /// All three slices have [`Transitions::states`] elements, and no score is NaN: callers make sure, as
    /// [`SemiringChain`](crate::SemiringChain) does; otherwise it may panic, and `after` is unspecified. Provided: as [`vector_matrix`](Self::vector_matrix)
    /// with the lifted scores as the matrix. Overridden where the scores can be prepared once for all positions.
    fn advance(
        &mut self,
        transitions: &Transitions,
        emissions: &[f64],
        before: &[Self::Element],
        after: &mut [Self::Element],
    ) {
        after.fill(self.zero());
        for (from, left) in before.iter().enumerate() {
            for ((sum, score), emission) in after.iter_mut().zip(transitions.from_state(from)).zip(emissions)
            {
                let term = self.multiply(left, &self.lift(score + emission, Some(from)));
                *sum = self.add(sum, &term);
            }
        }
    }
}
