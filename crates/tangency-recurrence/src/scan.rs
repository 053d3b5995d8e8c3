//! Running a recurrence forwards.

use crate::{Inputs, LengthMismatch, Quantity, Recurrence, RunError};
use std::ops::{ControlFlow, Range};

/// Checks what every driver relies on: the state's length, and inputs for every step.
pub(crate) fn check_run<R: Recurrence + ?Sized>(
    run: &R,
    steps: &Range<usize>,
    available: usize,
    state_len: usize,
) -> Result<(), RunError> {
    LengthMismatch::check(Quantity::State, run.state_len(), state_len)?;
    if steps.end > available && !steps.is_empty() {
        return Err(RunError::TooFewInputs { needed: steps.end, available });
    }
    Ok(())
}

/// Takes `state` through the steps of a range.
///
/// $$ y_{t+1} = f(y_t, x_t, t), \quad t = \mathrm{start}, \dots, \mathrm{end} - 1 $$
///
/// On return `state` is $y_{\mathrm{end}}$. Nothing is allocated. A run cut into ranges gives the same bits as the run
/// in one go, so a saved state resumes exactly.
///
/// # Errors
///
/// [`RunError`] if the state has the wrong length, the inputs end too early, or a step fails; a failed run leaves
/// `state` unspecified.
///
/// # Example: compound interest with deposits
///
/// ```
/// use tangency_recurrence::{scan, Recurrence, StepError};
///
/// struct Account {
///     rate: f64,
/// }
///
/// impl Recurrence for Account {
///     type Element = f64;
///     type Input = f64;
///     fn state_len(&self) -> usize {
///         1
///     }
///     fn step(&mut self, _: usize, deposit: &f64, state: &mut [f64]) -> Result<(), StepError> {
///         state[0] = state[0] * (1.0 + self.rate) + deposit;
///         Ok(())
///     }
/// }
///
/// let mut balance = [100.0];
/// scan(&mut Account { rate: 0.5 }, 0..2, &vec![10.0, 20.0], &mut balance)?;
/// assert_eq!(balance[0], 260.0);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
pub fn scan<R: Recurrence + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: impl Inputs<R::Input>,
    state: &mut [R::Element],
) -> Result<(), RunError> {
    scan_with(run, steps, inputs, state, |_, _| ControlFlow::Continue(())).map(drop)
}

/// [`scan`] with a visitor that sees every new state, and may stop.
///
/// After step `t` the visitor is called with `t` and $y_{t+1}$. Returns the number of steps taken.
///
/// # Errors
///
/// As [`scan`].
pub fn scan_with<R: Recurrence + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input>,
    state: &mut [R::Element],
    mut visit: impl FnMut(usize, &[R::Element]) -> ControlFlow<()>,
) -> Result<usize, RunError> {
    check_run(run, &steps, inputs.steps(), state.len())?;
    for t in steps.clone() {
        run.step(t, inputs.at(t), state)?;
        if visit(t, state).is_break() {
            return Ok(t + 1 - steps.start);
        }
    }
    Ok(steps.len())
}

/// All states of a run, one after another: $y_{\mathrm{start}}, y_{\mathrm{start}+1}, \dots, y_{\mathrm{end}}$.
///
/// With `n` steps and states of `w` elements the result has `(n + 1) * w` elements and begins with `initial`.
///
/// # Errors
///
/// As [`scan`].
pub fn scan_all<R: Recurrence + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: impl Inputs<R::Input>,
    initial: &[R::Element],
) -> Result<Vec<R::Element>, RunError> {
    let mut state = initial.to_vec();
    let mut states = state.clone(); // grows as steps succeed: a range may be longer than any memory
    scan_with(run, steps, inputs, &mut state, |_, state| {
        states.extend_from_slice(state);
        ControlFlow::Continue(())
    })?;
    Ok(states)
}
