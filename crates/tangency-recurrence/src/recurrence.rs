//! The step of a recurrence.

use crate::StepError;

/// One step of $y_t = f(y_{t-1}, x_t, t)$.
///
/// A value of a type that implements this trait is a *runner*: it holds its parameters and its scratch space, made
/// once, so that a step allocates nothing. The state is a slice that the caller owns, and is overwritten in place.
/// What a state means (hidden and cell units, positions and velocities, a semiring's weights) is the runner's
/// business; a driver only keeps, copies and passes it on.
///
/// | | state | input $x_t$ |
/// |---|---|---|
/// | recurrent cell | hidden units of a batch | features, or projected features, of a batch |
/// | integrator | the solution | [`TimeStep`](crate::TimeStep): time and step size |
/// | optimiser | parameters, velocity, averages | the gradient |
/// | optimiser closed with an oracle | the same | `()` |
/// | dynamic programme | weights in a semiring | scores of one position |
///
/// Steps are counted from 0: step `t` takes the state $y_t$ to $y_{t+1}$ with the input $x_t$, so `t` is what a
/// schedule or a bias correction sees, and a run that is resumed at step `k` passes `k`.
///
/// # Example: a recurrence of one's own
///
/// ```
/// use tangency_recurrence::{scan, Autonomous, Recurrence, StepError};
///
/// /// The Fibonacci numbers: the state is (F_t, F_{t+1}).
/// struct Fibonacci;
///
/// impl Recurrence for Fibonacci {
///     type Element = u64;
///     type Input = ();
///     fn state_len(&self) -> usize {
///         2
///     }
///     fn step(&mut self, _: usize, (): &(), state: &mut [u64]) -> Result<(), StepError> {
///         state.rotate_left(1);
///         state[1] += state[0];
///         Ok(())
///     }
/// }
///
/// let mut state = [0, 1];
/// scan(&mut Fibonacci, 0..10, Autonomous, &mut state)?;
/// assert_eq!(state, [55, 89]);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
pub trait Recurrence {
    /// What a state is made of: `f64`, `f32`, or an element of a semiring.
    type Element: Clone;
    /// What enters a step: `[f64]`, `()`, [`TimeStep`](crate::TimeStep), and so on.
    type Input: ?Sized;

    /// The number of elements in a state.
    fn state_len(&self) -> usize;

    /// Replaces `state`, $y_t$, by $y_{t+1} = f(y_t, x_t, t)$.
    ///
    /// # Errors
    ///
    /// [`StepError`] with the number `t` if the step cannot be taken: a length is wrong; the input or the new state
    /// holds a number that marks a failed computation, which is NaN or an infinity unless the runner documents that it
    /// gives an infinity a meaning (to log-weights $-\infty$ is a weight of 0); or what else the runner documents. The
    /// content of `state` is then unspecified.
    fn step(&mut self, t: usize, input: &Self::Input, state: &mut [Self::Element]) -> Result<(), StepError>;
}
