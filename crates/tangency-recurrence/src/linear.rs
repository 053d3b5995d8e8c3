//! The simplest recurrence with derivatives.

use crate::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// The diagonal linear recurrence $y_{t+1} = a \odot y_t + x_t$.
///
/// Every channel decays (or grows) by its own factor: a leaky integrator, an exponential average, the core of a
/// diagonal state-space model. The factors $a$ are the parameters, the channels' inputs the input. A step costs two
/// operations a channel.
///
/// # Example: an impulse dies away
///
/// ```
/// use tangency_recurrence::{scan, Frames, LinearRecurrence};
///
/// let mut state = [0.0, 0.0];
/// let inputs = Frames::new(&[1.0, 1.0, 0.0, 0.0, 0.0, 0.0][..], 2);
/// scan(&mut LinearRecurrence::new(&[0.5, -0.5]), 0..3, inputs, &mut state)?;
/// assert_eq!(state, [0.25, 0.25]);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearRecurrence<T> {
    factors: Vec<T>,
}

impl<T: Real> LinearRecurrence<T> {
    /// One channel for each factor.
    pub fn new(factors: &[T]) -> Self {
        Self { factors: factors.to_vec() }
    }
}

impl<T: Real> Recurrence for LinearRecurrence<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.factors.len()
    }

    fn step(&mut self, t: usize, input: &[T], state: &mut [T]) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::Input, self.factors.len(), input.len())?;
        StepError::check_length(t, Quantity::State, self.factors.len(), state.len())?;
        StepError::check_finite(t, Quantity::Input, input)?;
        for ((y, &x), &a) in state.iter_mut().zip(input).zip(&self.factors) {
            *y = a * *y + x;
        }
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl<T: Real> Differentiable for LinearRecurrence<T> {
    fn state_layout(&self) -> Layout {
        Layout::new([("channels", vec![self.factors.len()])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("factors", vec![self.factors.len()])])
    }

    fn parameter_len(&self) -> usize {
        self.factors.len()
    }

    fn input_len(&self) -> usize {
        self.factors.len()
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.factors.len(), parameters.len())?;
        self.factors.copy_from_slice(parameters);
        Ok(())
    }

    fn step_traced(&mut self, t: usize, x: &[T], state: &mut [T], _: &mut [T]) -> Result<(), StepError> {
        self.step(t, x, state)
    }

    fn reverse(
        &mut self,
        _: usize,
        _: &[T],
        record: Record<'_, T>,
        adjoint: &mut [T],
        input_adjoint: &mut [T],
        gradient: &mut [T],
    ) {
        input_adjoint.copy_from_slice(adjoint);
        for (((l, &a), &y), g) in adjoint.iter_mut().zip(&self.factors).zip(record.before).zip(gradient) {
            *g += *l * y;
            *l *= a;
        }
    }

    fn tangent(
        &mut self,
        _: usize,
        _: &[T],
        record: Record<'_, T>,
        tangent: &mut [T],
        input_tangent: &[T],
        parameter_tangent: &[T],
    ) {
        for (dy, &a) in tangent.iter_mut().zip(&self.factors) {
            *dy *= a;
        }
        for (dy, &dx) in tangent.iter_mut().zip(input_tangent) {
            *dy += dx;
        }
        for ((dy, &da), &y) in tangent.iter_mut().zip(parameter_tangent).zip(record.before) {
            *dy += da * y;
        }
    }
}
