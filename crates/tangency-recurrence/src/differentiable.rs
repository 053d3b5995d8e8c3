//! The linearisation of a step, applied forwards and backwards.

use crate::{Layout, LengthMismatch, Recurrence, StepError};
use tangency_vmath::Real;

/// What a traced step left behind: enough to apply its linearisation, in either direction.
///
/// A driver owns this storage. `before` and `after` are states that it keeps anyway; `trace` is the slot of
/// [`Differentiable::trace_len`] numbers that [`Differentiable::step_traced`] filled with what the two states do not
/// tell, such as gates or stages.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a, T> {
    /// The state $y_t$ that entered the step.
    pub before: &'a [T],
    /// The state $y_{t+1}$ that left it.
    pub after: &'a [T],
    /// What else the step wrote down.
    pub trace: &'a [T],
}

/// A recurrence over real numbers with derivatives.
///
/// With parameters $\theta$ the step is $y_{t+1} = f(y_t, x_t, t; \theta)$, and near a recorded step
///
/// $$ \dot y_{t+1} = \frac{\partial f}{\partial y} \dot y_t + \frac{\partial f}{\partial x} \dot x_t
///    + \frac{\partial f}{\partial \theta} \dot \theta . $$
///
/// [`tangent`](Self::tangent) applies this map to $(\dot y, \dot x, \dot\theta)$; [`reverse`](Self::reverse) applies its
/// transpose to an adjoint. Both read the same [`Record`], so the record *is* the linearised step. Every driver of this
/// crate (back-propagation with stored, checkpointed or truncated tapes, forward mode, Lyapunov exponents, the
/// eigenvalues of a step, the gradient check) uses nothing else.
///
/// # Contract
///
/// - `step_traced` moves the state to the same bits as `step`.
/// - `tangent` and `reverse` are transposes of each other: [`check`](crate::check()) tests it to rounding.
/// - `reverse` overwrites `adjoint` and `input_adjoint`, and adds to `gradient`. It may hold contributions to the
///   gradient back, to add several steps at once, if it does so at step numbers that do not depend on the driver; what
///   is held back is added, and forgotten, by [`flush`](Self::flush).
/// - Nothing is allocated, except by [`bind`](Self::bind).
/// - `reverse` and `tangent` are given slices of the lengths that the runner states, as every driver here does; given
///   others they may panic or do part of the work.
pub trait Differentiable: Recurrence<Element: Real> {
    /// The named parts of a state, in order.
    fn state_layout(&self) -> Layout;

    /// The named parts of the parameters, in order.
    fn parameter_layout(&self) -> Layout;

    /// The number of parameters, equal to `self.parameter_layout().len()`.
    fn parameter_len(&self) -> usize;

    /// The number of real components of an input; 0 if inputs have no derivative.
    fn input_len(&self) -> usize;

    /// The size of the slot that [`step_traced`](Self::step_traced) fills.
    fn trace_len(&self) -> usize;

    /// Takes over `parameters` for the steps that follow.
    ///
    /// The runner keeps its own copy, in whatever arrangement its products want, and forgets held-back gradients. Cost:
    /// proportional to the number of parameters.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless there are [`parameter_len`](Self::parameter_len) of them.
    fn bind(&mut self, parameters: &[Self::Element]) -> Result<(), LengthMismatch>;

    /// [`step`](Recurrence::step), writing into `trace` what the linearisation needs besides the two states.
    ///
    /// # Errors
    ///
    /// As [`step`](Recurrence::step).
    fn step_traced(
        &mut self,
        t: usize,
        input: &Self::Input,
        state: &mut [Self::Element],
        trace: &mut [Self::Element],
    ) -> Result<(), StepError>;

    /// Pulls an adjoint back through step `t`: the transposed linearisation.
    ///
    /// With $\lambda$ = `adjoint` on entry: `adjoint` becomes $(\partial f/\partial y)^\top \lambda$, `input_adjoint`
    /// becomes $(\partial f/\partial x)^\top \lambda$, and $(\partial f/\partial\theta)^\top\lambda$ is added to
    /// `gradient`, now or at a later [`flush`](Self::flush).
    fn reverse(
        &mut self,
        t: usize,
        input: &Self::Input,
        record: Record<'_, Self::Element>,
        adjoint: &mut [Self::Element],
        input_adjoint: &mut [Self::Element],
        gradient: &mut [Self::Element],
    );

    /// Adds what [`reverse`](Self::reverse) has held back to `gradient`, and forgets it. A driver calls it before the first
    /// step back (and throws the result away) and after the last, of each window.
    fn flush(&mut self, gradient: &mut [Self::Element]) {
        let _ = gradient;
    }

    /// Pushes a tangent through step `t`: the linearisation.
    ///
    /// `tangent` holds $\dot y_t$ on entry and $\dot y_{t+1}$ on return. An empty `input_tangent` or
    /// `parameter_tangent` stands for zero.
    fn tangent(
        &mut self,
        t: usize,
        input: &Self::Input,
        record: Record<'_, Self::Element>,
        tangent: &mut [Self::Element],
        input_tangent: &[Self::Element],
        parameter_tangent: &[Self::Element],
    );
}
