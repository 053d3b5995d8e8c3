//! Parameters of a differential equation from observations of its solution.

mod error;
mod inference;
mod multistart;
mod observations;
mod start;
mod trajectory_fit;

pub use error::{InferenceError, ModelError};
pub use inference::{Estimate, Inference};
pub use multistart::{Multistart, MultistartProgress};
pub use observations::Observations;
pub use start::{Coordinate, Freedom, Start, Unknown};
pub use trajectory_fit::TrajectoryFit;

use crate::{FitProgress, LeastSquaresError, LevenbergMarquardt};
use std::ops::ControlFlow;
use tangency_recurrence::{Differentiable, LengthMismatch, Quantity, TimeStep};

/// On which scale the model is compared with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResidualScale {
    /// $x - v$: errors of the same size everywhere.
    #[default]
    Absolute,
    /// $\ln x - \ln v$: errors in proportion, as of populations and concentrations; data and model must be positive.
    Logarithmic,
}

/// How an inference is made.
///
/// More fields may be added: end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InferenceOptions {
    /// The scale of the residuals. Default [`ResidualScale::Absolute`].
    pub residuals: ResidualScale,
    /// The largest factor by which one iteration may change a positive unknown; > 1. Default $e$.
    pub largest_factor: f64,
    /// Steps of the recurrence at most, so that a tiny step size is an error and not a hang. Default 1 000 000.
    pub max_steps: usize,
    /// The solver and its tolerances.
    pub solver: LevenbergMarquardt,
}

impl Default for InferenceOptions {
    fn default() -> Self {
        Self {
            residuals: ResidualScale::default(),
            largest_factor: std::f64::consts::E,
            max_steps: 1_000_000,
            solver: LevenbergMarquardt::default(),
        }
    }
}

/// Infers the unknowns of `start` from observations of the recurrence that `run` steps.
///
/// $$ \min_{\theta, x_0} \quad \tfrac12 \sum_{ij} w_{ij} \bigl( g(x_{c_j}(t_i)) - g(v_{ij}) \bigr)^2, \quad
///    x(t_{k+1}) = \Phi_h(t_k, x(t_k); \theta) $$
///
/// Solving the equation is the forward pass of a recurrent network, and inferring its parameters the training; what is
/// observed may be sparse in time and in components. See [`TrajectoryFit`] for the grid of steps, whose size is at most
/// `step_size`, and for the derivatives, [`LevenbergMarquardt`] for the iteration, [`Inference`] for what is reported.
///
/// Trial steps to where the equation cannot be solved are rejected, not errors. The observer is called at the start and
/// after each accepted step, and may stop the iteration. On return `run` is bound to the estimates.
///
/// Cost: for $k$ unknowns an iteration costs about $k + 2$ solutions of the equation with $s$ stages a step.
///
/// # Errors
///
/// [`InferenceError`] if the data, the start, the step size or the options are ill posed. Not to converge is not an error:
/// see [`Inference::status`].
///
/// # Example: the rate of a decay, and what was there at the beginning
///
/// ```
/// use std::ops::ControlFlow;
/// use tangency_dynamics::num_dual::DualNum;
/// use tangency_dynamics::{
///     Coordinate, DualField, ExplicitRungeKutta, GenericField, InferenceOptions, Observations, Start, infer,
/// };
///
/// struct Decay;
///
/// impl GenericField for Decay {
///     fn dimension(&self) -> usize {
///         1
///     }
///     fn parameter_len(&self) -> usize {
///         1
///     }
///     fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
///         out[0] = -p[0] * x[0];
///     }
/// }
///
/// let seen = Observations::new(vec![1.0, 2.0, 4.0], vec![3.68, 1.35, 0.18])?; // near 10 exp(-t)
/// let start = Start {
///     time: 0.0,
///     state: vec![Coordinate::positive(5.0)],
///     parameters: vec![Coordinate::positive(0.5)],
/// };
/// let mut run = ExplicitRungeKutta::rk4(DualField::new(Decay), &[0.5])?;
/// let found = infer(&mut run, &seen, &start, 0.1, &InferenceOptions::default(), |_| ControlFlow::Continue(()))?;
/// assert!(found.status.is_converged());
/// assert!((found.parameters[0] - 1.0).abs() < 3.0 * found.estimates[0].standard_error);
/// assert!((found.initial_state[0] - 10.0).abs() < 3.0 * found.estimates[1].standard_error);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - G. A. F. Seber, C. J. Wild, *Nonlinear Regression*, Wiley 1989, section 2.1 (standard errors) and chapter 8 (systems of
///   differential equations).
pub fn infer<R: Differentiable<Element = f64, Input = TimeStep>>(
    run: &mut R,
    observations: &Observations,
    start: &Start,
    step_size: f64,
    options: &InferenceOptions,
    observe: impl FnMut(&FitProgress) -> ControlFlow<()>,
) -> Result<Inference, InferenceError> {
    TrajectoryFit::new(run, observations, start, step_size, options)?.solve(observe)
}

impl<R: Differentiable<Element = f64, Input = TimeStep>> TrajectoryFit<'_, R> {
    /// Solves the problem from its start: what [`infer`] does.
    ///
    /// # Errors
    ///
    /// [`InferenceError`] if the model has no value at the start, or an option of the solver is out of its range.
    pub fn solve(
        &mut self,
        observe: impl FnMut(&FitProgress) -> ControlFlow<()>,
    ) -> Result<Inference, InferenceError> {
        let (solver, start) = (self.options.solver, self.start().to_vec());
        let fit = solver.solve(self, &start, observe).map_err(|error| self.explain(error))?;
        Inference::new(self, &fit)
    }

    /// The solver's error in the words of this problem.
    fn explain(&self, error: LeastSquaresError<ModelError>) -> InferenceError {
        match error {
            LeastSquaresError::Start(error) => InferenceError::Start(error),
            LeastSquaresError::NonFiniteResidual { value, .. }
            | LeastSquaresError::NonFiniteDerivative { value, .. } => InferenceError::Overflow { value },
            LeastSquaresError::StartLength { expected, got } => {
                LengthMismatch { what: Quantity::Parameters, expected, got }.into()
            }
            LeastSquaresError::NonFiniteStart { index, value } => {
                InferenceError::NonFiniteStart { coordinate: self.unknowns()[index].0, value }
            }
            LeastSquaresError::InvalidOption { option, value } => {
                InferenceError::InvalidOption { option, value }
            }
        }
    }
}
