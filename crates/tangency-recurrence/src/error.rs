//! What can be wrong with a step, and with a run.

use std::fmt;
use tangency_vmath::Real;

/// Which array an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// A state $y_t$.
    State,
    /// An input $x_t$.
    Input,
    /// The parameters $\theta$.
    Parameters,
    /// A tangent of the state.
    StateTangent,
    /// A tangent of the inputs.
    InputTangent,
    /// A tangent of the parameters.
    ParameterTangent,
    /// An adjoint of the state.
    StateAdjoint,
    /// A gradient.
    Gradient,
    /// The value of a function, a single number.
    Value,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "state",
            Self::Input => "input",
            Self::Parameters => "parameters",
            Self::StateTangent => "state tangent",
            Self::InputTangent => "input tangent",
            Self::ParameterTangent => "parameter tangent",
            Self::StateAdjoint => "state adjoint",
            Self::Gradient => "gradient",
            Self::Value => "value",
        })
    }
}

/// An array has the wrong length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected {expected} elements, got {got}")]
pub struct LengthMismatch {
    /// Which array.
    pub what: Quantity,
    /// The length that was needed.
    pub expected: usize,
    /// The length that came.
    pub got: usize,
}

impl LengthMismatch {
    /// `Ok` if `got == expected`.
    ///
    /// # Errors
    ///
    /// The mismatch, otherwise.
    pub fn check(what: Quantity, expected: usize, got: usize) -> Result<(), Self> {
        if expected == got { Ok(()) } else { Err(Self { what, expected, got }) }
    }
}

/// A step could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// An array has the wrong length.
    #[error("step {step}: {mismatch}")]
    Length {
        /// The step, counted from 0.
        step: usize,
        /// The array and its lengths.
        mismatch: LengthMismatch,
    },
    /// A NaN or an infinity came in, or came out.
    #[error("step {step}: {what} component {index} is {value}")]
    NonFinite {
        /// The step, counted from 0.
        step: usize,
        /// Which array.
        what: Quantity,
        /// Where in the array.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// The runner has a reason of its own: a solver inside the step did not converge, an oracle had no answer.
    #[error("step {step}: {reason}")]
    Runner {
        /// The step, counted from 0.
        step: usize,
        /// The reason.
        reason: &'static str,
    },
}

impl StepError {
    /// `Ok` if `values` are finite: the check that every real runner makes of what enters and leaves a step.
    ///
    /// One pass, vectorised: it costs a small fraction of any step.
    ///
    /// # Errors
    ///
    /// [`StepError::NonFinite`] with the first component that is not.
    pub fn check_finite<T: Real>(step: usize, what: Quantity, values: &[T]) -> Result<(), Self> {
        // 0 x is 0 for a finite x and NaN otherwise; lanes keep the sum from being a chain of dependent additions.
        let (chunks, rest) = values.as_chunks::<8>();
        let mut lanes = [T::ZERO; 8];
        for chunk in chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane += x * T::ZERO;
            }
        }
        let mut sum = T::ZERO;
        for &x in rest {
            sum += x * T::ZERO;
        }
        for lane in lanes {
            sum += lane;
        }
        if sum == T::ZERO {
            return Ok(());
        }
        match values.iter().position(|x| !x.is_finite()) {
            Some(index) => Err(Self::NonFinite { step, what, index, value: values[index].to_f64() }),
            None => Ok(()),
        }
    }

    /// `Ok` if an array has the length that step `step` needs.
    ///
    /// # Errors
    ///
    /// [`StepError::Length`] otherwise.
    pub fn check_length(step: usize, what: Quantity, expected: usize, got: usize) -> Result<(), Self> {
        LengthMismatch::check(what, expected, got).map_err(|mismatch| Self::Length { step, mismatch })
    }
}

/// A run could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A step failed; the error names it.
    #[error(transparent)]
    Step(#[from] StepError),
    /// An array has the wrong length.
    #[error(transparent)]
    Length(#[from] LengthMismatch),
    /// A NaN or an infinity came in or out, before the first step or after the last.
    #[error("{what} component {index} is {value}")]
    NonFinite {
        /// Which array.
        what: Quantity,
        /// Where in the array.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// The inputs end before the steps do.
    #[error("steps up to {needed} were asked for, but the inputs end at {available}")]
    TooFewInputs {
        /// One past the last step asked for.
        needed: usize,
        /// One past the last step that has an input.
        available: usize,
    },
    /// A tape has no room.
    #[error("the tape needs at least {needed} bytes, the budget is {budget}")]
    MemoryBudget {
        /// The least number of bytes that serves.
        needed: usize,
        /// The number of bytes allowed.
        budget: usize,
    },
    /// A Jacobian has no eigenvalues: it is not finite, or the iteration for them did not converge.
    #[error("the eigenvalues of the {size} x {size} Jacobian could not be computed")]
    Eigenvalues {
        /// Its number of rows.
        size: usize,
    },
    /// A tangent overflowed within one step.
    #[error("step {step}: a tangent overflowed")]
    TangentOverflow {
        /// The step, counted from 0.
        step: usize,
    },
    /// An option of the error control is out of its range.
    #[error("{option} = {value} is out of range")]
    Adaptation {
        /// The field of [`Adaptation`](crate::Adaptation).
        option: &'static str,
        /// Its value.
        value: f64,
    },
    /// There is nothing to measure.
    #[error("the range has no steps to measure")]
    NoSteps,
    /// A truncation window is empty, or shorter than the distance between two windows.
    #[error("truncation needs 1 <= every <= window, got every = {every}, window = {window}")]
    Truncation {
        /// Steps between two backward passes.
        every: usize,
        /// Steps that a backward pass goes back.
        window: usize,
    },
}
