//! What a least-squares problem is, and what its solution says.

use faer::{Mat, MatMut};
use std::fmt;

/// A sum of squares to be made small: residuals $r(z)$ with their Jacobian.
///
/// $$ \min_z \quad C(z) = \tfrac12 \lVert r(z) \rVert_2^2 $$
///
/// [`LevenbergMarquardt`](crate::LevenbergMarquardt) solves it. Points where the model has no value (a differential
/// equation that blows up, a logarithm of a negative number) are allowed: an error there, or a residual that is not
/// finite, makes the solver try a shorter step.
pub trait LeastSquares {
    /// Why the residuals may have no value at a point; [`Infallible`](std::convert::Infallible) if they always have.
    type Error: std::error::Error;

    /// The number of unknowns $z$.
    fn unknown_len(&self) -> usize;

    /// The number of residuals $r$.
    fn residual_len(&self) -> usize;

    /// Overwrites `residuals` with $r(z)$.
    ///
    /// # Errors
    ///
    /// The problem's own error if there is no value at `unknowns`.
    fn residuals(&mut self, unknowns: &[f64], residuals: &mut [f64]) -> Result<(), Self::Error>;

    /// Overwrites `residuals` with $r(z)$ and `jacobian` with $\partial r_i / \partial z_j$ (row $i$, column $j$).
    ///
    /// # Errors
    ///
    /// The problem's own error if there is no value at `unknowns`.
    fn jacobian(
        &mut self,
        unknowns: &[f64],
        residuals: &mut [f64],
        jacobian: MatMut<'_, f64>,
    ) -> Result<(), Self::Error>;

    /// How much an unknown may change in one iteration at most, in its own unit. Default: no limit.
    ///
    /// An unknown that is a logarithm wants one: a change by 1 is a factor $e$, and a change by 100 an overflow.
    fn largest_step(&self, unknown: usize) -> f64 {
        let _ = unknown;
        f64::INFINITY
    }

    /// The size against which a change of an unknown is small or large. Default: $|z_j|$.
    ///
    /// For a logarithm it is 1, because its changes are relative already.
    fn magnitude(&self, unknown: usize, value: f64) -> f64 {
        let _ = unknown;
        value.abs()
    }
}

/// Why an iteration for least squares ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitStatus {
    /// The residuals are orthogonal to the columns of the Jacobian, to within `gradient_tolerance`, or vanish.
    GradientConverged,
    /// The full Gauss-Newton step is smaller than `step_tolerance`, relative to the unknowns.
    StepConverged,
    /// No step promises to lower the cost by more than `cost_tolerance`, relative to itself.
    CostConverged,
    /// `max_iterations` trial steps were made.
    MaxIterations,
    /// No step of representable length lowers the cost, though the gradient says that one should: a Jacobian that is
    /// wrong or inaccurate, or residuals that are mostly rounding error.
    Stalled,
    /// The observer asked to stop.
    Interrupted,
}

impl FitStatus {
    /// Whether one of the three criteria of convergence was met.
    pub fn is_converged(self) -> bool {
        matches!(self, Self::GradientConverged | Self::StepConverged | Self::CostConverged)
    }
}

impl fmt::Display for FitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GradientConverged => "converged (gradient)",
            Self::StepConverged => "converged (step)",
            Self::CostConverged => "converged (cost)",
            Self::MaxIterations => "iteration limit",
            Self::Stalled => "stalled",
            Self::Interrupted => "interrupted",
        })
    }
}

/// What an observer sees at each new best point, the start included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitProgress {
    /// Trial steps so far, accepted or not.
    pub iteration: usize,
    /// $C = \frac12 \lVert r \rVert^2$.
    pub cost: f64,
    /// The largest cosine of the angle between the residuals and a column of the Jacobian: what
    /// `gradient_tolerance` is compared with.
    pub gradient_cosine: f64,
    /// The radius of the trust region, in the norm scaled by the columns of the Jacobian.
    pub radius: f64,
}

/// The best point that was found, with what is known there.
#[derive(Debug, Clone)]
pub struct LeastSquaresFit {
    /// $z$.
    pub unknowns: Vec<f64>,
    /// $r(z)$.
    pub residuals: Vec<f64>,
    /// $\partial r / \partial z$.
    pub jacobian: Mat<f64>,
    /// $\frac12 \lVert r \rVert^2$.
    pub cost: f64,
    /// $\lVert J^\top r \rVert_\infty$.
    pub gradient_norm: f64,
    /// Why the iteration ended.
    pub status: FitStatus,
    /// Trial steps, accepted or not.
    pub iterations: usize,
    /// Evaluations of the residuals alone.
    pub residual_evaluations: usize,
    /// Evaluations of the residuals with their Jacobian.
    pub jacobian_evaluations: usize,
}

/// A least-squares problem could not be begun.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LeastSquaresError<E: std::error::Error + 'static> {
    /// The residuals have no value at the start.
    #[error("the model has no value at the start: {0}")]
    Start(#[source] E),
    /// A residual at the start is NaN or infinite.
    #[error("residual {index} is {value} at the start")]
    NonFiniteResidual {
        /// Which residual.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A derivative at the start is NaN or infinite.
    #[error(
        "the derivative of residual {residual} with respect to unknown {unknown} is {value} at the start"
    )]
    NonFiniteDerivative {
        /// The row of the Jacobian.
        residual: usize,
        /// The column of the Jacobian.
        unknown: usize,
        /// Its value.
        value: f64,
    },
    /// The start has the wrong length.
    #[error("the problem has {expected} unknowns, the start has {got}")]
    StartLength {
        /// The number of unknowns.
        expected: usize,
        /// The length of the start.
        got: usize,
    },
    /// A number of the start is NaN or infinite.
    #[error("unknown {index} of the start is {value}")]
    NonFiniteStart {
        /// Which unknown.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A tolerance is negative or NaN, or the initial radius is not positive.
    #[error("{option} = {value} is out of range")]
    InvalidOption {
        /// The field of [`LevenbergMarquardt`](crate::LevenbergMarquardt).
        option: &'static str,
        /// The value of the option.
        value: f64,
    },
}
