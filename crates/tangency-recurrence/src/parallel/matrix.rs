//! Matrices over a semiring.

use crate::chain::{check_outside, check_scores};
use crate::{LengthMismatch, Monoid, Quantity, RunError, Semiring, StepError, Transitions};

/// $K \times K$ matrices over a semiring, with their product: the steps of a chain as a monoid.
///
/// $$ (A \cdot B)_{ij} = \bigoplus_k A_{ik} \otimes B_{kj} . $$
///
/// A frame is a matrix, row by row; [`lift`](Self::lift) makes the frame of one position of a chain. The product of
/// those of positions 1 to $t$ holds, for every first and last state, the sum over the paths between them. Products do
/// not commute.
///
/// The semiring must be `Copy`: it is then the same wherever a composition runs. That excludes
/// [`Sampling`](crate::Sampling), whose random numbers would depend on the order of the work.
///
/// A composition costs $K^3$ additions and multiplications of the semiring, $K$ times as much as a step of
/// [`SemiringChain`](crate::SemiringChain): the parallel scan pays if all products are wanted, or $K$ is smaller than
/// the number of threads.
///
/// # Example: the number of paths between any two states
///
/// ```
/// use tangency_recurrence::{scan_parallel, Counting, ScanDirection, SemiringMatrix};
///
/// // Steps between the rooms of a house: 0 - 1 - 2 in a row.
/// let monoid = SemiringMatrix::new(Counting, 3);
/// let doors: [u128; 9] = [0, 1, 0, 1, 0, 1, 0, 1, 0];
/// let mut walks = doors.repeat(4);
/// scan_parallel(&monoid, &mut walks, ScanDirection::Forward)?;
/// assert_eq!(walks[27..], [2, 0, 2, 0, 4, 0, 2, 0, 2]); // of four steps
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SemiringMatrix<S> {
    semiring: S,
    states: usize,
}

impl<S: Semiring + Copy> SemiringMatrix<S> {
    /// Matrices of `states` rows and columns.
    pub fn new(semiring: S, states: usize) -> Self {
        Self { semiring, states }
    }

    /// Writes one position of a chain into `frame`: entry $(i, j)$ is `lift(transition[i][j] + emissions[j], i)`.
    ///
    /// # Errors
    ///
    /// [`RunError::Length`] unless `transitions` and `emissions` are of $K$ states and `frame` has $K^2$ elements;
    /// [`RunError::NonFinite`] if an emission score is NaN or $+\infty$.
    pub fn lift(
        &self,
        transitions: &Transitions,
        emissions: &[f64],
        frame: &mut [S::Element],
    ) -> Result<(), RunError> {
        let size = self.states.saturating_mul(self.states);
        LengthMismatch::check(Quantity::Parameters, size, transitions.scores().len())?;
        LengthMismatch::check(Quantity::Input, self.states, emissions.len())?;
        LengthMismatch::check(Quantity::State, size, frame.len())?;
        check_outside(Quantity::Input, emissions.iter().copied())?;
        for (from, row) in frame.chunks_exact_mut(self.states.max(1)).enumerate() {
            for ((entry, score), emission) in row.iter_mut().zip(transitions.from_state(from)).zip(emissions)
            {
                *entry = self.semiring.lift(score + emission, Some(from));
            }
        }
        Ok(())
    }
}

impl<S: Semiring<Element: Send + Sync> + Copy + Sync> Monoid for SemiringMatrix<S> {
    type Element = S::Element;

    fn width(&self) -> usize {
        // Too many states for a frame to exist must not wrap to a frame that does.
        self.states.saturating_mul(self.states)
    }

    fn compose(&self, earlier: &[S::Element], later: &[S::Element], both: &mut [S::Element]) {
        let mut semiring = self.semiring;
        let states = self.states.max(1);
        for (row, product) in earlier.chunks_exact(states).zip(both.chunks_exact_mut(states)) {
            semiring.vector_matrix(row, later, product);
        }
    }

    fn check(&self, t: usize, frame: &[S::Element]) -> Result<(), StepError> {
        check_scores(t, Quantity::State, frame.iter().map(|element| self.semiring.score(element)))
    }
}
