//! Running a method until a gradient is small.

use crate::optimiser::state_at;
use std::ops::ControlFlow;
use tangency_recurrence::{LengthMismatch, Recurrence, StepError};
use tangency_vmath::{Real, norm};

/// A method that goes down a function of its own: a recurrence without input that knows what it last evaluated.
///
/// [`ClosedLoop`](crate::ClosedLoop) makes one of an optimiser and an oracle. A method that needs the function's value,
/// or more than one gradient a step, holds its oracle itself, as [`PolyakFlow`](crate::PolyakFlow) does, and as the
/// example shows for two gradients.
///
/// # Example: a method with two gradients a step
///
/// Sharpness-aware descent takes the gradient where the function is nearly highest within the distance `radius`:
/// $\theta_{t+1} = \theta_t - \gamma \nabla L(\theta_t + r g_t/\lVert g_t \rVert)$ with $g_t = \nabla L(\theta_t)$
/// (P. Foret et al., ICLR 2021, eq. (3)).
///
/// ```
/// use std::ops::ControlFlow;
/// use tangency_dynamics::{minimise, MinimiseOptions, Minimiser, Oracle};
/// use tangency_recurrence::{Recurrence, StepError};
///
/// struct SharpnessAware<F> {
///     step_size: f64,
///     radius: f64,
///     oracle: F,
///     point: Vec<f64>,
///     value: f64,
///     gradient: Vec<f64>,
///     highest: Vec<f64>,
///     there: Vec<f64>,
/// }
///
/// impl<F: Oracle<f64>> Recurrence for SharpnessAware<F> {
///     type Element = f64;
///     type Input = ();
///     fn state_len(&self) -> usize {
///         self.point.len()
///     }
///     fn step(&mut self, _: usize, (): &(), state: &mut [f64]) -> Result<(), StepError> {
///         self.point.copy_from_slice(state);
///         self.value = self.oracle.evaluate(&self.point, &mut self.gradient);
///         let norm = self.gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
///         for ((y, x), g) in self.highest.iter_mut().zip(&*state).zip(&self.gradient) {
///             *y = x + self.radius * g / norm.max(f64::MIN_POSITIVE);
///         }
///         self.oracle.evaluate(&self.highest, &mut self.there);
///         for (x, g) in state.iter_mut().zip(&self.there) {
///             *x -= self.step_size * g;
///         }
///         Ok(())
///     }
/// }
///
/// impl<F: Oracle<f64>> Minimiser for SharpnessAware<F> {
///     fn dimension(&self) -> usize {
///         self.point.len()
///     }
///     fn evaluated(&self) -> (&[f64], f64, &[f64]) {
///         (&self.point, self.value, &self.gradient)
///     }
/// }
///
/// let bowl = |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = x[0];
///     0.5 * x[0] * x[0]
/// };
/// let zeros = vec![0.0];
/// let mut run = SharpnessAware {
///     step_size: 0.1, radius: 0.01, oracle: bowl, value: 0.0,
///     point: zeros.clone(), gradient: zeros.clone(), highest: zeros.clone(), there: zeros,
/// };
/// let options = MinimiseOptions { gradient_tolerance: 1e-3, max_iterations: 100, ..Default::default() };
/// let minimum = minimise(&mut run, &mut [1.0], &options, |_| ControlFlow::Continue(()))?;
/// // It swings about the minimum: the radius keeps it away by about radius x step_size.
/// assert!(minimum.converged() && minimum.point[0].abs() < 1e-3);
/// # Ok::<(), StepError>(())
/// ```
pub trait Minimiser: Recurrence<Element: Real, Input = ()> {
    /// The number of components of a position.
    fn dimension(&self) -> usize;

    /// Where the last step evaluated the function, with its value and gradient there.
    ///
    /// For most methods this is the position before the step. Before the first step the content is of no meaning.
    fn evaluated(&self) -> (&[Self::Element], Self::Element, &[Self::Element]);

    /// A state at `position` with nothing remembered: all else is 0.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless `position` has [`dimension`](Self::dimension) components.
    fn initial_state(&self, position: &[Self::Element]) -> Result<Vec<Self::Element>, LengthMismatch> {
        state_at(position, self.dimension(), self.state_len())
    }
}

/// When [`minimise`] stops.
///
/// New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MinimiseOptions<T> {
    /// The Euclidean norm of the gradient at which a point counts as a minimum; at least 0, and negative to switch this
    /// off. Default 1e-6.
    pub gradient_tolerance: T,
    /// A value of the function that is low enough. Default $-\infty$: none is.
    pub target: T,
    /// The largest number of steps. Default 10 000.
    pub max_iterations: usize,
    /// The number of the first step: 0 for a new run, the number of steps already taken for one that is resumed.
    /// Default 0.
    pub first_step: usize,
}

impl<T: Real> Default for MinimiseOptions<T> {
    fn default() -> Self {
        Self {
            gradient_tolerance: T::from_f64(1e-6),
            target: -T::INFINITY,
            max_iterations: 10_000,
            first_step: 0,
        }
    }
}

/// What [`minimise`] tells its observer after each step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MinimiseProgress<'a, T> {
    /// Steps taken by this call, the one just taken included.
    pub iterations: usize,
    /// Where the step evaluated the function.
    pub point: &'a [T],
    /// The value there.
    pub value: T,
    /// The Euclidean norm of the gradient there.
    pub gradient_norm: T,
    /// The lowest value so far.
    pub best_value: T,
    /// The state after the step.
    pub state: &'a [T],
}

/// Why [`minimise`] stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum MinimiseStatus {
    /// The gradient is within its tolerance.
    Converged,
    /// The value is as low as the target.
    TargetReached,
    /// The steps are used up.
    MaxIterations,
    /// The observer said so.
    Interrupted,
    /// A later step met numbers that are not finite: the step size is too large for the function, as a rule.
    Diverged(StepError),
}

/// What [`minimise`] found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Minimum<T> {
    /// Why it stopped.
    pub status: MinimiseStatus,
    /// The point that met the condition to stop, if one did; otherwise the evaluated point with the lowest value.
    pub point: Vec<T>,
    /// The value there.
    pub value: T,
    /// The Euclidean norm of the gradient there.
    pub gradient_norm: T,
    /// Steps taken.
    pub iterations: usize,
}

impl<T> Minimum<T> {
    /// Whether the point meets a condition to stop: the gradient's tolerance or the target.
    pub fn converged(&self) -> bool {
        matches!(self.status, MinimiseStatus::Converged | MinimiseStatus::TargetReached)
    }
}

/// Takes steps of `run` from `state` until a gradient is small, a value low enough, or the steps are used up.
///
/// The value and the gradient are those that the steps compute anyway; no other evaluation is made. They belong to the
/// point that the step started from (or looked ahead to), so the step that meets the condition has already been taken
/// when it is seen, and `state` is one step past the point that is returned. `observe` is called after every step and
/// may stop the run. A run goes on by a second call with the same `state` and a larger
/// [`first_step`](MinimiseOptions::first_step); it gives the bits of a run in one go.
///
/// Not having converged is no error: the result says so, and holds the best point. Cost beside the steps: a pass over
/// the gradient each step, and over the point each time the value falls.
///
/// # Errors
///
/// [`StepError`] if a length is wrong, or the very first step meets numbers that are not finite.
///
/// # Example: Rosenbrock's valley
///
/// ```
/// use std::ops::ControlFlow;
/// use tangency_dynamics::{minimise, ClosedLoop, MinimiseOptions, Minimiser, Momentum, MomentumOptions};
///
/// let valley = |x: &[f64], gradient: &mut [f64]| {
///     let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
///     gradient[0] = -2.0 * a - 400.0 * x[0] * b;
///     gradient[1] = 200.0 * b;
///     a * a + 100.0 * b * b
/// };
/// let options = MomentumOptions { step_size: 1e-3, momentum: 0.95 };
/// let mut run = ClosedLoop::new(Momentum::new(2, options)?, valley);
/// let mut state = run.initial_state(&[-1.2, 1.0])?;
/// let minimum = minimise(&mut run, &mut state, &MinimiseOptions::default(), |_| ControlFlow::Continue(()))?;
/// assert!(minimum.converged());
/// assert!((minimum.point[0] - 1.0).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn minimise<M: Minimiser>(
    run: &mut M,
    state: &mut [M::Element],
    options: &MinimiseOptions<M::Element>,
    mut observe: impl FnMut(&MinimiseProgress<'_, M::Element>) -> ControlFlow<()>,
) -> Result<Minimum<M::Element>, StepError> {
    let mut best = Minimum {
        status: MinimiseStatus::MaxIterations,
        point: state.get(..run.dimension()).unwrap_or_default().to_vec(),
        value: M::Element::INFINITY,
        gradient_norm: M::Element::INFINITY,
        iterations: 0,
    };
    while best.iterations < options.max_iterations {
        match run.step(options.first_step.saturating_add(best.iterations), &(), state) {
            Ok(()) => {}
            Err(error @ StepError::NonFinite { .. }) if best.iterations > 0 => {
                best.status = MinimiseStatus::Diverged(error);
                return Ok(best);
            }
            Err(error) => return Err(error),
        }
        best.iterations += 1;
        let (point, value, gradient) = run.evaluated();
        let gradient_norm = norm(gradient);
        let status = if gradient_norm <= options.gradient_tolerance {
            MinimiseStatus::Converged
        } else if value <= options.target {
            MinimiseStatus::TargetReached
        } else {
            MinimiseStatus::MaxIterations
        };
        best.status = status;
        if value < best.value || best.converged() {
            best.point.copy_from_slice(point);
            (best.value, best.gradient_norm) = (value, gradient_norm);
        }
        let progress = MinimiseProgress {
            iterations: best.iterations,
            point,
            value,
            gradient_norm,
            best_value: best.value,
            state,
        };
        let flow = observe(&progress);
        if best.converged() {
            return Ok(best);
        }
        if flow.is_break() {
            best.status = MinimiseStatus::Interrupted;
            return Ok(best);
        }
    }
    Ok(best)
}
