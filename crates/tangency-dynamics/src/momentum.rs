//! Momentum: the leapfrog of a motion with friction.

use crate::optimiser::{
    bound, check_arguments, check_momentum, check_state, check_step_size, component, dot, require,
};
use crate::{Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// The hyperparameters of [`Momentum`], and their meaning as a motion with friction.
///
/// With $v = \gamma \dot\theta$ at half steps, the leapfrog with time step $\gamma$ of
///
/// $$ \ddot\theta + \lambda \dot\theta = -\nabla L(\theta) $$
///
/// is momentum with
///
/// $$ \alpha = \frac{\gamma^2}{1 + \lambda\gamma/2}, \quad \beta = \frac{1 - \lambda\gamma/2}{1 + \lambda\gamma/2}, $$
///
/// and back: $\gamma = \sqrt{2\alpha/(1 + \beta)}$, $\lambda = 2(1 - \beta)/(\gamma(1 + \beta))$. One step advances the
/// motion by the time $\gamma \approx \sqrt\alpha$; a step of gradient descent of the same size advances its flow by
/// $\alpha$ only.
///
/// # Example: the motion behind the usual numbers
///
/// ```
/// use tangency_dynamics::MomentumOptions;
///
/// let options = MomentumOptions { step_size: 0.1_f64, momentum: 0.9 };
/// assert!((options.time_step() - 0.3244428423).abs() < 1e-10);
/// assert!((options.friction() - 0.3244428423).abs() < 1e-10);
/// let back = MomentumOptions::from_friction(options.time_step(), options.friction())?;
/// assert!((back.momentum - 0.9).abs() < 1e-15);
/// # Ok::<(), tangency_dynamics::OptimiserError>(())
/// ```
///
/// # References
///
/// - Su Jianlin, *Optimisation as dynamics (1)*, 2018. <https://kexue.fm/archives/5655>
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MomentumOptions<T> {
    /// The step size $\alpha$ of the gradient, finite and at least 0. Default 0.01.
    pub step_size: T,
    /// The part $\beta$ of the velocity that is kept, in [0, 1]; 1 is a motion without friction. Default 0.9.
    pub momentum: T,
}

impl<T: Real> Default for MomentumOptions<T> {
    fn default() -> Self {
        Self { step_size: T::from_f64(0.01), momentum: T::from_f64(0.9) }
    }
}

impl<T: Real> MomentumOptions<T> {
    /// The leapfrog with time step $\gamma > 0$ and friction $0 \le \lambda \le 2/\gamma$.
    ///
    /// Without friction the motion keeps its energy and never stops.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::TimeStep`], [`OptimiserError::Friction`] if one is out of range.
    pub fn from_friction(time_step: T, friction: T) -> Result<Self, OptimiserError> {
        let two = T::from_f64(2.0);
        require(time_step > T::ZERO && time_step.is_finite(), time_step, |value| OptimiserError::TimeStep {
            value,
        })?;
        let half = friction * time_step / two;
        require(half >= T::ZERO && half <= T::ONE, friction, |value| OptimiserError::Friction {
            value,
            limit: (two / time_step).to_f64(),
        })?;
        Ok(Self {
            step_size: time_step * time_step / (T::ONE + half),
            momentum: (T::ONE - half) / (T::ONE + half),
        })
    }

    /// The time $\gamma = \sqrt{2\alpha/(1 + \beta)}$ by which a step advances the motion.
    pub fn time_step(&self) -> T {
        ((self.step_size + self.step_size) / (T::ONE + self.momentum)).sqrt()
    }

    /// The friction $\lambda = 2(1 - \beta)/(\gamma(1 + \beta))$ of the motion, in units of 1/time.
    ///
    /// Infinite or NaN if the step size is 0: nothing moves then.
    pub fn friction(&self) -> T {
        let part = (T::ONE - self.momentum) / (T::ONE + self.momentum);
        (part + part) / self.time_step()
    }

    /// The same motion at step size $r\alpha$: $\beta$ follows so that the friction stays what it is.
    ///
    /// With $c = \lambda\gamma/2 = (1 - \beta)/(1 + \beta)$ the new time step is $\gamma' = s\gamma$, where $s$ is the
    /// positive root of $(1 + c) s^2 = r (1 + c s)$, and $\beta' = (1 - cs)/(1 + cs)$. For $\beta$ near 1 this is
    /// nearly [`retuned_by_rule`](Self::retuned_by_rule). A velocity in flight is $\gamma\dot\theta$ and so must be
    /// multiplied by $s$, the ratio of the two [`time_step`](Self::time_step)s, for the motion to go on smoothly.
    ///
    /// Where $cs > 1$, so strong a friction that no momentum in [0, 1] stands for it, $\beta'$ is 0.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::Ratio`] unless `ratio` is finite and positive.
    pub fn retuned(&self, ratio: T) -> Result<Self, OptimiserError> {
        check_ratio(ratio)?;
        let c = (T::ONE - self.momentum) / (T::ONE + self.momentum);
        let half = ratio * c / T::from_f64(2.0);
        let s = (half + (half * half + ratio * (T::ONE + c)).sqrt()) / (T::ONE + c);
        Ok(Self {
            step_size: self.step_size * ratio,
            momentum: ((T::ONE - c * s) / (T::ONE + c * s)).max(T::ZERO),
        })
    }

    /// Step size $r\alpha$ with the rule of thumb $\beta \to 1 - (1 - \beta)\sqrt{r}$, at least 0.
    ///
    /// The limit of [`retuned`](Self::retuned) for small $1 - \beta$, where $\lambda \approx (1 - \beta)/\sqrt\alpha$.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::Ratio`] unless `ratio` is finite and positive.
    pub fn retuned_by_rule(&self, ratio: T) -> Result<Self, OptimiserError> {
        check_ratio(ratio)?;
        Ok(Self {
            step_size: self.step_size * ratio,
            momentum: (T::ONE - (T::ONE - self.momentum) * ratio.sqrt()).max(T::ZERO),
        })
    }
}

/// Checks a ratio of step sizes.
fn check_ratio<T: Real>(ratio: T) -> Result<(), OptimiserError> {
    require(ratio > T::ZERO && ratio.is_finite(), ratio, |value| OptimiserError::Ratio { value })
}

/// Gradient descent with momentum (heavy ball): the leapfrog of a motion with friction.
///
/// $$ v_{t+1} = \beta v_t - \alpha g_t, \quad \theta_{t+1} = \theta_t + v_{t+1}, \quad g_t = \nabla L(\theta_t) $$
///
/// [`MomentumOptions`] has the way from a time step and a friction to $\alpha$ and $\beta$, and back. On a quadratic with
/// largest curvature $\ell$ it converges if and only if $\alpha \ell < 2(1 + \beta)$; with curvatures in
/// $[\mu, \ell]$ and $\kappa = \ell/\mu$ the best choice is $\sqrt\alpha = 2/(\sqrt\ell + \sqrt\mu)$,
/// $\sqrt\beta = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$, and each step then shortens the error by $\sqrt\beta$ (times a
/// factor that grows with the number of steps, since the step's matrix is defective there). On functions that are
/// strongly convex but not quadratic this choice may cycle for ever.
///
/// **Order.** The velocity belongs to half steps. Started with velocity 0 the method follows the motion only to first
/// order in the time step; [`start_at`](Self::start_at) takes the half step that makes it second order.
///
/// **The step size sits inside the velocity**, as in Keras. Frameworks that apply it outside ($b' = \beta b + g$,
/// $\theta' = \theta - \alpha b'$: PyTorch, optax) take the same path for a constant step size; when theirs changes from
/// $\alpha$ to $r\alpha$ all that is in flight is rescaled at once, which here is to multiply the velocity by $r$.
///
/// State: `position`, `velocity`, 2n numbers. Hyperparameters: `step_size`, `momentum`.
///
/// # Example: a steep and a flat direction
///
/// ```
/// use tangency_dynamics::{ClosedLoop, Minimiser, Momentum, MomentumOptions};
/// use tangency_recurrence::{scan, Autonomous};
///
/// let bowl = |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = x[0];
///     gradient[1] = 100.0 * x[1];
///     0.5 * (x[0] * x[0] + 100.0 * x[1] * x[1])
/// };
/// // The best choice for curvatures from 1 to 100: the error shrinks by 9/11 a step.
/// let options = MomentumOptions { step_size: 4.0 / 121.0, momentum: 81.0 / 121.0 };
/// let mut run = ClosedLoop::new(Momentum::new(2, options)?, bowl);
/// let mut state = run.initial_state(&[1.0, 1.0])?;
/// scan(&mut run, 0..200, Autonomous, &mut state)?;
/// assert!(state[0].abs() < 1e-14 && state[1].abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
/// - L. Lessard, B. Recht, A. Packard, *Analysis and Design of Optimization Algorithms via Integral Quadratic
///   Constraints*, SIAM J. Optim. 2016, section 4.6 (the cycle). <https://arxiv.org/abs/1408.3595>
/// - Su Jianlin, *Optimisation as dynamics (1)*, 2018. <https://kexue.fm/archives/5655>
#[derive(Debug, Clone, PartialEq)]
pub struct Momentum<T> {
    dimension: usize,
    options: MomentumOptions<T>,
}

impl<T: Real> Momentum<T> {
    /// Momentum in `dimension` components.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::StepSize`], [`OptimiserError::Momentum`] if a hyperparameter is out of range.
    pub fn new(dimension: usize, options: MomentumOptions<T>) -> Result<Self, OptimiserError> {
        check_step_size(options.step_size)?;
        check_momentum(options.momentum)?;
        Ok(Self { dimension, options })
    }

    /// The state that starts the motion at `position` with speed `rate`, to second order.
    ///
    /// The velocity is the one half a step before the start,
    ///
    /// $$ v_0 = \frac{2\gamma}{1 + \beta} \dot\theta_0 + \frac{\alpha}{1 + \beta} \nabla L(\theta_0), $$
    ///
    /// so that the first step takes half a kick: from rest $v_1 = -\gamma^2 \nabla L(\theta_0)/2$, where a start with
    /// $v_0 = 0$ takes a whole one. An empty `rate` is rest.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless all have `dimension` components.
    pub fn start_at(&self, position: &[T], rate: &[T], gradient: &[T]) -> Result<Vec<T>, LengthMismatch> {
        let mut state = self.initial_state(position)?;
        LengthMismatch::check(Quantity::Gradient, self.dimension, gradient.len())?;
        if !rate.is_empty() {
            LengthMismatch::check(Quantity::StateTangent, self.dimension, rate.len())?;
        }
        let share = T::ONE / (T::ONE + self.options.momentum);
        let time = self.options.time_step();
        for (i, (v, &g)) in state[self.dimension..].iter_mut().zip(gradient).enumerate() {
            *v = share * ((time + time) * component(rate, i) + self.options.step_size * g);
        }
        Ok(state)
    }
}

/// $v \leftarrow \beta v - \alpha g$, $\theta \leftarrow \theta + v$; tells whether all is finite.
pub(crate) fn heavy_ball<T: Real>(
    MomentumOptions { step_size, momentum }: MomentumOptions<T>,
    gradient: &[T],
    state: &mut [T],
) -> bool {
    let (position, velocity) = state.split_at_mut(gradient.len());
    let mut finite = true;
    for ((x, v), &g) in position.iter_mut().zip(velocity).zip(gradient) {
        *v = momentum * *v - step_size * g;
        *x += *v;
        finite &= x.is_finite() & v.is_finite();
    }
    finite
}

/// The transposed linearisation of [`heavy_ball`].
pub(crate) fn heavy_ball_reverse<T: Real>(
    MomentumOptions { step_size, momentum }: MomentumOptions<T>,
    input: &[T],
    before: &[T],
    adjoint: &mut [T],
    input_adjoint: &mut [T],
    gradient: &mut [T],
) {
    let n = input.len();
    let (position, velocity) = adjoint.split_at_mut(n);
    for (v, &x) in velocity.iter_mut().zip(&*position) {
        *v += x;
    }
    gradient[0] -= dot(input, velocity);
    gradient[1] += dot(&before[n..], velocity);
    for (u, v) in input_adjoint.iter_mut().zip(velocity) {
        *u = -step_size * *v;
        *v = momentum * *v;
    }
}

/// The linearisation of [`heavy_ball`].
pub(crate) fn heavy_ball_tangent<T: Real>(
    MomentumOptions { step_size, momentum }: MomentumOptions<T>,
    input: &[T],
    before: &[T],
    tangent: &mut [T],
    input_tangent: &[T],
    parameter_tangent: &[T],
) {
    let n = input.len();
    let (d_step_size, d_momentum) = (component(parameter_tangent, 0), component(parameter_tangent, 1));
    let (position, velocity) = tangent.split_at_mut(n);
    for (i, (x, v)) in position.iter_mut().zip(velocity).enumerate() {
        *v = momentum * *v + d_momentum * before[n + i]
            - step_size * component(input_tangent, i)
            - d_step_size * input[i];
        *x += *v;
    }
}

impl<T: Real> Recurrence for Momentum<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        2 * self.dimension
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let finite = heavy_ball(self.options, gradient, state);
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for Momentum<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }
}

impl<T: Real> Differentiable for Momentum<T> {
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
        let [step_size, momentum] = bound(parameters)?;
        self.options = MomentumOptions { step_size, momentum };
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
        heavy_ball_reverse(self.options, input, record.before, adjoint, input_adjoint, gradient);
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
        heavy_ball_tangent(self.options, input, record.before, tangent, input_tangent, parameter_tangent);
    }
}
