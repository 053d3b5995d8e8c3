//! What an optimiser is, and what can be wrong with its hyperparameters.

use tangency_recurrence::{LengthMismatch, Quantity, Recurrence, StepError};
use tangency_vmath::Real;

/// A recurrence whose input is a gradient.
///
/// The state is one flat slice that begins with the position $\theta$ (segment `position`); what else the method
/// remembers follows, each segment as long as the method needs: `velocity`, `mean`, `square`. There is no counter in
/// it: bias corrections use the absolute step number `t` that [`step`](Recurrence::step) is given, so that a run resumed
/// at step `k` from a saved state passes `k` and goes on bit for bit.
///
/// Fed with gradients from outside, an optimiser is driven by [`scan`](tangency_recurrence::scan) or by `step` itself.
/// [`ClosedLoop`](crate::ClosedLoop) joins it with an [`Oracle`](crate::Oracle), and so makes a recurrence that needs no
/// input.
///
/// # Contract
///
/// - A gradient with a NaN or an infinity is refused before anything is written: the state is as it was, so that a
///   caller may skip that gradient and go on. The price is one more read of the gradient.
/// - A new state with a NaN or an infinity (an overflow) is an error too, and is then left in the slice.
/// - Where [`look_ahead`](Self::look_ahead) is given, the segment after the position is the velocity, of equal length.
/// - Optimisers of this crate are [`Differentiable`](tangency_recurrence::Differentiable) as well: the parameters in
///   that sense are the hyperparameters, such as `step_size`.
///
/// # Example: two steps with gradients from outside
///
/// ```
/// use tangency_dynamics::{Momentum, MomentumOptions, Optimiser};
/// use tangency_recurrence::Recurrence;
///
/// let mut optimiser = Momentum::new(2, MomentumOptions { step_size: 0.05_f64, momentum: 0.9 })?;
/// let mut state = optimiser.initial_state(&[1.0, 1.0])?;
/// optimiser.step(0, &[1.0, 10.0], &mut state)?;
/// optimiser.step(1, &[0.95, 5.0], &mut state)?;
/// let (position, velocity) = state.split_at(2);
/// assert!((position[0] - 0.8575).abs() < 1e-15 && (position[1] + 0.2).abs() < 1e-15);
/// assert!((velocity[1] + 0.7).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Optimiser: Recurrence<Element: Real, Input = [<Self as Recurrence>::Element]> {
    /// The number of components of the position, and of a gradient.
    fn dimension(&self) -> usize;

    /// How far ahead of the position the gradient is wanted; `None`, the usual case, if at the position itself.
    fn look_ahead(&self) -> Option<LookAhead<Self::Element>> {
        None
    }

    /// A state at `position` with nothing remembered: all else is 0.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless `position` has [`dimension`](Self::dimension) components.
    fn initial_state(&self, position: &[Self::Element]) -> Result<Vec<Self::Element>, LengthMismatch> {
        state_at(position, self.dimension(), self.state_len())
    }
}

/// Where a method wants the gradient: at $\theta + c v$, with position $\theta$ and velocity $v$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LookAhead<T> {
    /// The coefficient $c$.
    pub coefficient: T,
    /// The index of the one hyperparameter $p$ on which $c$ depends.
    pub parameter: usize,
    /// $dc/dp$.
    pub derivative: T,
}

/// A hyperparameter is outside its range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OptimiserError {
    /// A step size is not a finite number from 0 up.
    #[error("the step size must be finite and at least 0, got {value}")]
    StepSize {
        /// The number given.
        value: f64,
    },
    /// A momentum is outside its range.
    #[error("the momentum must lie in [0, 1], got {value}")]
    Momentum {
        /// The number given.
        value: f64,
    },
    /// A decay of a sliding average is outside its range.
    #[error("a decay must lie in [0, 1), got {value}")]
    Decay {
        /// The number given.
        value: f64,
    },
    /// A regularisation of a quotient is outside its range.
    #[error("epsilon must be finite and at least 0, got {value}")]
    Epsilon {
        /// The number given.
        value: f64,
    },
    /// A time step is not a finite positive number.
    #[error("the time step must be finite and positive, got {value}")]
    TimeStep {
        /// The number given.
        value: f64,
    },
    /// A friction is negative, or too strong for its time step.
    #[error("the friction must be at least 0 and at most {limit} at this time step, got {value}")]
    Friction {
        /// The number given.
        value: f64,
        /// The largest friction for which the momentum is not negative.
        limit: f64,
    },
    /// A ratio of step sizes is not a finite positive number.
    #[error("the ratio of step sizes must be finite and positive, got {value}")]
    Ratio {
        /// The number given.
        value: f64,
    },
    /// The least value of a function is not finite.
    #[error("the minimum must be finite, got {value}")]
    Minimum {
        /// The number given.
        value: f64,
    },
    /// A bound of a truncation is not positive.
    #[error("the truncation must be positive (infinite for none), got {value}")]
    Truncation {
        /// The number given.
        value: f64,
    },
}

/// `Err(error(value))` unless `valid`.
pub(crate) fn require<T: Real>(
    valid: bool,
    value: T,
    error: impl FnOnce(f64) -> OptimiserError,
) -> Result<(), OptimiserError> {
    if valid { Ok(()) } else { Err(error(value.to_f64())) }
}

/// Checks a step size: finite and at least 0.
pub(crate) fn check_step_size<T: Real>(value: T) -> Result<(), OptimiserError> {
    require(value >= T::ZERO && value.is_finite(), value, |value| OptimiserError::StepSize { value })
}

/// Checks a momentum: 1 is a motion without friction, which never stops but is a fair question.
pub(crate) fn check_momentum<T: Real>(value: T) -> Result<(), OptimiserError> {
    require(value >= T::ZERO && value <= T::ONE, value, |value| OptimiserError::Momentum { value })
}

/// Checks the decay of a sliding average: at 1 it would never learn anything.
pub(crate) fn check_decay<T: Real>(value: T) -> Result<(), OptimiserError> {
    require(value >= T::ZERO && value < T::ONE, value, |value| OptimiserError::Decay { value })
}

/// Checks an epsilon: finite and at least 0.
pub(crate) fn check_epsilon<T: Real>(value: T) -> Result<(), OptimiserError> {
    require(value >= T::ZERO && value.is_finite(), value, |value| OptimiserError::Epsilon { value })
}

/// `position` followed by zeros.
pub(crate) fn state_at<T: Real>(
    position: &[T],
    dimension: usize,
    state_len: usize,
) -> Result<Vec<T>, LengthMismatch> {
    LengthMismatch::check(Quantity::State, dimension, position.len())?;
    let mut state = vec![T::ZERO; state_len];
    state[..dimension].copy_from_slice(position);
    Ok(state)
}

/// What every optimiser checks before it writes: both lengths, and that the gradient is finite.
pub(crate) fn check_arguments<T: Real>(
    step: usize,
    (state_len, state): (usize, &[T]),
    (dimension, gradient): (usize, &[T]),
) -> Result<(), StepError> {
    StepError::check_length(step, Quantity::State, state_len, state.len())?;
    StepError::check_length(step, Quantity::Input, dimension, gradient.len())?;
    StepError::check_finite(step, Quantity::Input, gradient)
}

/// Looks for what is not finite, if the pass that wrote the state saw something of the kind.
pub(crate) fn check_state<T: Real>(step: usize, finite: bool, state: &[T]) -> Result<(), StepError> {
    if finite { Ok(()) } else { StepError::check_finite(step, Quantity::State, state) }
}

/// Takes over bound hyperparameters, after a check of their number.
pub(crate) fn bound<T: Real, const N: usize>(parameters: &[T]) -> Result<[T; N], LengthMismatch> {
    let got = parameters.len();
    parameters.try_into().map_err(|_| LengthMismatch { what: Quantity::Parameters, expected: N, got })
}

/// Element `index` of a tangent, of which an empty one stands for zero.
pub(crate) fn component<T: Real>(tangent: &[T], index: usize) -> T {
    tangent.get(index).copied().unwrap_or(T::ZERO)
}

/// $g/d$, and 0 where $d = 0$: a gradient whose squares were always 0 moves nothing, even if $\varepsilon$ is 0.
#[inline]
pub(crate) fn quotient<T: Real>(g: T, d: T) -> T {
    if d == T::ZERO { T::ZERO } else { g / d }
}

/// The sum of products of two slices that the caller knows to be equally long.
pub(crate) fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    debug_assert_eq!(a.len(), b.len());
    tangency_vmath::dot(a, b).unwrap_or_default()
}
