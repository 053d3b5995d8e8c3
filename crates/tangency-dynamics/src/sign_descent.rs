//! Sign descent.

use crate::optimiser::{bound, check_arguments, check_state, check_step_size, component};
use crate::{Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// Sign descent: every component moves by the step size, down.
///
/// $$ \theta_{t+1} = \theta_t - \gamma \operatorname{sign}(g_t), \quad \operatorname{sign}(0) = 0 $$
///
/// Euler's step on $\dot\theta = -\operatorname{sign}(\nabla L)$, along which $dL/dt = -\lVert \nabla L \rVert_1$: a
/// descent too, although not along the gradient. It cannot stop: a component moves by $\gamma$ unless its gradient is
/// exactly 0, so near a minimum it swings with an amplitude of up to $\gamma$ for ever. A step size that falls to 0 helps.
///
/// State: `position`, n numbers. Hyperparameter: `step_size`. The derivative with respect to the gradient is 0 (the sign
/// is constant but for jumps), so gradients pass through the state alone.
///
/// # Example: it cannot stop
///
/// ```
/// use tangency_dynamics::{ClosedLoop, SignDescent};
/// use tangency_recurrence::{scan_all, Autonomous};
///
/// let absolute = |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = if x[0] > 0.0 { 1.0 } else { -1.0 };
///     x[0].abs()
/// };
/// let mut run = ClosedLoop::new(SignDescent::new(1, 0.5)?, absolute);
/// let path = scan_all(&mut run, 0..6, Autonomous, &[1.25])?;
/// assert_eq!(path, [1.25, 0.75, 0.25, -0.25, 0.25, -0.25, 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - J. Bernstein et al., *signSGD: Compressed Optimisation for Non-Convex Problems*, ICML 2018, algorithm 1.
///   <https://arxiv.org/abs/1802.04434>
/// - Su Jianlin, *Optimisation as dynamics (3)*, 2019. <https://kexue.fm/archives/6261>
#[derive(Debug, Clone, PartialEq)]
pub struct SignDescent<T> {
    dimension: usize,
    step_size: T,
}

impl<T: Real> SignDescent<T> {
    /// Descent in `dimension` components with step size $\gamma$, finite and at least 0.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::StepSize`] if it is out of range.
    pub fn new(dimension: usize, step_size: T) -> Result<Self, OptimiserError> {
        check_step_size(step_size)?;
        Ok(Self { dimension, step_size })
    }
}

/// The sign, 0 at both zeros (where `signum` gives 1 and -1).
fn sign<T: Real>(x: T) -> T {
    if x > T::ZERO {
        T::ONE
    } else if x < T::ZERO {
        -T::ONE
    } else {
        T::ZERO
    }
}

impl<T: Real> Recurrence for SignDescent<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.dimension
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let mut finite = true;
        for (x, &g) in state.iter_mut().zip(gradient) {
            *x -= self.step_size * sign(g);
            finite &= x.is_finite();
        }
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for SignDescent<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }
}

impl<T: Real> Differentiable for SignDescent<T> {
    fn state_layout(&self) -> Layout {
        Layout::new([("position", vec![self.dimension])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("step_size", vec![])])
    }

    fn parameter_len(&self) -> usize {
        1
    }

    fn input_len(&self) -> usize {
        self.dimension
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        [self.step_size] = bound(parameters)?;
        Ok(())
    }

    fn step_traced(
        &mut self,
        t: usize,
        gradient: &[T],
        state: &mut [T],
        _: &mut [T],
    ) -> Result<(), StepError> {
        self.step(t, gradient, state)
    }

    fn reverse(
        &mut self,
        _: usize,
        input: &[T],
        _: Record<'_, T>,
        adjoint: &mut [T],
        input_adjoint: &mut [T],
        gradient: &mut [T],
    ) {
        for (&g, &a) in input.iter().zip(&*adjoint) {
            gradient[0] -= sign(g) * a;
        }
        input_adjoint.fill(T::ZERO);
    }

    fn tangent(
        &mut self,
        _: usize,
        input: &[T],
        _: Record<'_, T>,
        tangent: &mut [T],
        _: &[T],
        parameter_tangent: &[T],
    ) {
        let rate = component(parameter_tangent, 0);
        for (x, &g) in tangent.iter_mut().zip(input) {
            *x -= rate * sign(g);
        }
    }
}
