//! Nesterov's momentum, in three forms.

use crate::momentum::{MomentumOptions, heavy_ball, heavy_ball_reverse, heavy_ball_tangent};
use crate::optimiser::{
    bound, check_arguments, check_momentum, check_state, check_step_size, component, dot, require,
};
use crate::{LookAhead, Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// Where Nesterov's method takes its gradient, and what its position means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NesterovForm {
    /// The usual form: the gradient at $\theta + \beta v$, where the velocity alone would take the position. On a
    /// quadratic of curvature $a$: stable iff $\alpha a < 2(1 + \beta)/(1 + 2\beta)$.
    #[default]
    LookAhead,
    /// The gradient at $\theta + (\beta/2) v$, in the middle of the move. On a quadratic of curvature $a$: stable iff
    /// $\alpha a < 2$, whatever $\beta$.
    Centred,
    /// The form of PyTorch and optax: the position is $\Theta = \theta + \beta v$, and the gradient is taken at the
    /// position itself. The same path as `LookAhead` after that substitution, as long as $\beta$ is constant.
    Framework,
}

/// The hyperparameters of [`Nesterov`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NesterovOptions<T> {
    /// The step size $\alpha$ of the gradient, finite and at least 0. Default 0.01.
    pub step_size: T,
    /// The part $\beta$ of the velocity that is kept, in [0, 1]. Default 0.9.
    pub momentum: T,
    /// Where the gradient is taken. Default [`NesterovForm::LookAhead`].
    pub form: NesterovForm,
}

impl<T: Real> Default for NesterovOptions<T> {
    fn default() -> Self {
        Self { step_size: T::from_f64(0.01), momentum: T::from_f64(0.9), form: NesterovForm::default() }
    }
}

impl<T: Real> NesterovOptions<T> {
    /// The steps of $\ddot\theta + \lambda\dot\theta = -\nabla L(\theta)$ with time step $\gamma > 0$ and friction
    /// $0 \le \lambda \le 1/\gamma$: $\alpha = \gamma^2$ and $\beta = 1 - \lambda\gamma$.
    ///
    /// First order in $\gamma$, in every form; [`MomentumOptions::from_friction`] gives a method of second order.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::TimeStep`], [`OptimiserError::Friction`] if one is out of range.
    pub fn from_friction(time_step: T, friction: T, form: NesterovForm) -> Result<Self, OptimiserError> {
        require(time_step > T::ZERO && time_step.is_finite(), time_step, |value| OptimiserError::TimeStep {
            value,
        })?;
        let share = friction * time_step;
        require(share >= T::ZERO && share <= T::ONE, friction, |value| OptimiserError::Friction {
            value,
            limit: (T::ONE / time_step).to_f64(),
        })?;
        Ok(Self { step_size: time_step * time_step, momentum: T::ONE - share, form })
    }
}

/// Nesterov's accelerated gradient with constant momentum.
///
/// $$ v_{t+1} = \beta v_t - \alpha \nabla L(\theta_t + c v_t), \quad \theta_{t+1} = \theta_t + v_{t+1} $$
///
/// with $c = \beta$ ([`NesterovForm::LookAhead`]) or $c = \beta/2$ ([`NesterovForm::Centred`]). In $\Theta = \theta +
/// \beta v$ the look-ahead form is that of the frameworks ([`NesterovForm::Framework`]), whose gradient $g_t$ is taken at
/// $\Theta_t$:
///
/// $$ v_{t+1} = \beta v_t - \alpha g_t, \quad \Theta_{t+1} = \Theta_t + \beta v_{t+1} - \alpha g_t $$
///
/// The first two forms tell through [`Optimiser::look_ahead`] where they want their gradient;
/// [`ClosedLoop`](crate::ClosedLoop) sees to it.
///
/// **What is true of it, and what is sometimes said.** As discretisations of $\ddot\theta + \lambda\dot\theta = -\nabla L$
/// with $\alpha = \gamma^2$, $\beta = 1 - \lambda\gamma$, both forms are of first order (the article below says second):
/// against them [`Momentum`](crate::Momentum) is of second order if it starts with half a kick. Nor is the range of stable
/// step sizes wider than that of momentum: on a quadratic of curvature $a$ momentum allows $\alpha a < 2(1 + \beta)$,
/// look-ahead $2(1 + \beta)/(1 + 2\beta)$, centred 2. What the look-ahead buys is damping: oscillating modes shrink by
/// $\sqrt{\beta(1 - \alpha a)}$ a step instead of $\sqrt\beta$. With curvatures in $[\mu, \ell]$ and $\kappa =
/// \ell/\mu$, $\alpha = 1/\ell$ and $\beta = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$ give the rate $1 - 1/\sqrt\kappa$; the
/// best, $\alpha = 4/(3\ell + \mu)$ and $\beta = (\sqrt{3\kappa + 1} - 2)/(\sqrt{3\kappa + 1} + 2)$, give $1 -
/// 2/\sqrt{3\kappa + 1}$.
///
/// State: `position`, `velocity`, 2n numbers. Hyperparameters: `step_size`, `momentum`.
///
/// # Example: the framework form is the look-ahead form seen from ahead
///
/// ```
/// use tangency_dynamics::{ClosedLoop, Nesterov, NesterovForm, NesterovOptions};
/// use tangency_recurrence::{scan, Autonomous};
///
/// let bowl = |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = 10.0 * x[0];
///     5.0 * x[0] * x[0]
/// };
/// let end = |form| {
///     let options = NesterovOptions { step_size: 0.05, momentum: 0.9, form };
///     let mut run = ClosedLoop::new(Nesterov::new(1, options)?, bowl);
///     let mut state = vec![1.0, 0.0];
///     scan(&mut run, 0..20, Autonomous, &mut state)?;
///     Ok::<_, Box<dyn std::error::Error>>(state)
/// };
/// let (ahead, framework) = (end(NesterovForm::LookAhead)?, end(NesterovForm::Framework)?);
/// assert!((ahead[0] + 0.9 * ahead[1] - framework[0]).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - Y. Nesterov, *Introductory Lectures on Convex Optimization*, 2004, section 2.2 (constant step scheme III).
/// - I. Sutskever et al., *On the importance of initialization and momentum in deep learning*, ICML 2013, eqs. (3)-(4).
/// - L. Lessard, B. Recht, A. Packard, *Analysis and Design of Optimization Algorithms via Integral Quadratic
///   Constraints*, SIAM J. Optim. 2016, proposition 1 (the rates). <https://arxiv.org/abs/1408.3595>
/// - Su Jianlin, *Optimisation as dynamics (1)*, 2018 (the centred form). <https://kexue.fm/archives/5655>
#[derive(Debug, Clone, PartialEq)]
pub struct Nesterov<T> {
    dimension: usize,
    options: NesterovOptions<T>,
}

impl<T: Real> Nesterov<T> {
    /// Nesterov's method in `dimension` components.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::StepSize`], [`OptimiserError::Momentum`] if a hyperparameter is out of range.
    pub fn new(dimension: usize, options: NesterovOptions<T>) -> Result<Self, OptimiserError> {
        check_step_size(options.step_size)?;
        check_momentum(options.momentum)?;
        Ok(Self { dimension, options })
    }

    /// The pair that the step shares with plain momentum.
    fn pair(&self) -> MomentumOptions<T> {
        MomentumOptions { step_size: self.options.step_size, momentum: self.options.momentum }
    }
}

impl<T: Real> Recurrence for Nesterov<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        2 * self.dimension
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let finite = match self.options.form {
            NesterovForm::LookAhead | NesterovForm::Centred => heavy_ball(self.pair(), gradient, state),
            NesterovForm::Framework => {
                let NesterovOptions { step_size, momentum, .. } = self.options;
                let (position, velocity) = state.split_at_mut(self.dimension);
                let mut finite = true;
                for ((x, v), &g) in position.iter_mut().zip(velocity).zip(gradient) {
                    *v = momentum * *v - step_size * g;
                    *x += momentum * *v - step_size * g;
                    finite &= x.is_finite() & v.is_finite();
                }
                finite
            }
        };
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for Nesterov<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn look_ahead(&self) -> Option<LookAhead<T>> {
        let share = match self.options.form {
            NesterovForm::LookAhead => T::ONE,
            NesterovForm::Centred => T::from_f64(0.5),
            NesterovForm::Framework => return None,
        };
        Some(LookAhead { coefficient: share * self.options.momentum, parameter: 1, derivative: share })
    }
}

impl<T: Real> Differentiable for Nesterov<T> {
    fn state_layout(&self) -> Layout {
        Layout::new([("position", vec![self.dimension]), ("velocity", vec![self.dimension])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("step_size", vec![]), ("momentum", vec![])])
    }

    fn parameter_len(&self) -> usize {
        2
    }

    fn input_len(&self) -> usize {
        self.dimension
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        [self.options.step_size, self.options.momentum] = bound(parameters)?;
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
        record: Record<'_, T>,
        adjoint: &mut [T],
        input_adjoint: &mut [T],
        gradient: &mut [T],
    ) {
        match self.options.form {
            NesterovForm::LookAhead | NesterovForm::Centred => {
                heavy_ball_reverse(self.pair(), input, record.before, adjoint, input_adjoint, gradient);
            }
            NesterovForm::Framework => {
                let NesterovOptions { step_size, momentum, .. } = self.options;
                let n = self.dimension;
                let (position, velocity) = adjoint.split_at_mut(n);
                gradient[0] -= dot(input, position);
                gradient[1] += dot(&record.after[n..], position);
                for (v, &x) in velocity.iter_mut().zip(&*position) {
                    *v += momentum * x;
                }
                gradient[0] -= dot(input, velocity);
                gradient[1] += dot(&record.before[n..], velocity);
                for ((u, v), &x) in input_adjoint.iter_mut().zip(velocity).zip(&*position) {
                    *u = -step_size * (*v + x);
                    *v = momentum * *v;
                }
            }
        }
    }

    fn tangent(
        &mut self,
        _: usize,
        input: &[T],
        record: Record<'_, T>,
        tangent: &mut [T],
        input_tangent: &[T],
        parameter_tangent: &[T],
    ) {
        match self.options.form {
            NesterovForm::LookAhead | NesterovForm::Centred => {
                heavy_ball_tangent(
                    self.pair(),
                    input,
                    record.before,
                    tangent,
                    input_tangent,
                    parameter_tangent,
                );
            }
            NesterovForm::Framework => {
                let NesterovOptions { step_size, momentum, .. } = self.options;
                let (d_step_size, d_momentum) =
                    (component(parameter_tangent, 0), component(parameter_tangent, 1));
                let n = self.dimension;
                let (position, velocity) = tangent.split_at_mut(n);
                for (i, (x, v)) in position.iter_mut().zip(velocity).enumerate() {
                    let push = step_size * component(input_tangent, i) + d_step_size * input[i];
                    *v = momentum * *v + d_momentum * record.before[n + i] - push;
                    *x += momentum * *v + d_momentum * record.after[n + i] - push;
                }
            }
        }
    }
}
