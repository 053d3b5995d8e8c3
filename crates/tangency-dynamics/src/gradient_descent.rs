//! Gradient descent.

use crate::optimiser::{bound, check_arguments, check_state, check_step_size, component, dot};
use crate::{Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// Gradient descent: Euler's step on the gradient flow.
///
/// $$ \theta_{t+1} = \theta_t - \gamma g_t, \quad g_t = \nabla L(\theta_t) $$
///
/// With step size $\gamma$ this is Euler's method for $\dot\theta = -\nabla L(\theta)$, bit for bit. On a quadratic with
/// curvatures in $[\mu, \ell]$ it converges if and only if $\gamma < 2/\ell$, and fastest with $\gamma = 2/(\ell + \mu)$:
/// each step then shortens the error by the factor $(\kappa - 1)/(\kappa + 1)$ with $\kappa = \ell/\mu$.
///
/// State: `position`, n numbers. Hyperparameter: `step_size`. A step reads and writes the position once and reads the
/// gradient.
///
/// # Example: down a quadratic
///
/// ```
/// use tangency_dynamics::GradientDescent;
/// use tangency_recurrence::Recurrence;
///
/// let mut descent = GradientDescent::new(2, 0.05_f64)?;
/// let mut state = vec![1.0, 1.0];
/// for t in 0..3 {
///     let gradient = [state[0], 10.0 * state[1]];
///     descent.step(t, &gradient, &mut state)?;
/// }
/// assert!((state[0] - 0.857375).abs() < 1e-15);
/// assert_eq!(state[1], 0.125);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - B. T. Polyak, *Introduction to Optimization*, 1987, section 1.4.
/// - Su Jianlin, *Optimisation as dynamics (1)*, 2018. <https://kexue.fm/archives/5655>
#[derive(Debug, Clone, PartialEq)]
pub struct GradientDescent<T> {
    dimension: usize,
    step_size: T,
}

impl<T: Real> GradientDescent<T> {
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

impl<T: Real> Recurrence for GradientDescent<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.dimension
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let mut finite = true;
        for (x, &g) in state.iter_mut().zip(gradient) {
            *x -= self.step_size * g;
            finite &= x.is_finite();
        }
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for GradientDescent<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }
}

impl<T: Real> Differentiable for GradientDescent<T> {
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
        gradient[0] -= dot(input, adjoint);
        for (u, &a) in input_adjoint.iter_mut().zip(&*adjoint) {
            *u = -self.step_size * a;
        }
    }

    fn tangent(
        &mut self,
        _: usize,
        input: &[T],
        _: Record<'_, T>,
        tangent: &mut [T],
        input_tangent: &[T],
        parameter_tangent: &[T],
    ) {
        let rate = component(parameter_tangent, 0);
        for (i, (x, &g)) in tangent.iter_mut().zip(input).enumerate() {
            *x -= self.step_size * component(input_tangent, i) + rate * g;
        }
    }
}
