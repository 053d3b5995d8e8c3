//! $$ y_{t+1} = f(y_t, x_t, t; \theta) $$

mod adaptive;
mod chain;
mod differentiable;
mod error;
mod inputs;
mod layout;
mod parallel;
mod recurrence;
mod scan;
mod semiring;
mod transitions;

pub use adaptive::TimeStep;
pub use chain::SemiringChain;
pub use differentiable::{Differentiable, Record};
pub use error::{LengthMismatch, Quantity, RunError, StepError};
pub use inputs::{Autonomous, Frames, Inputs};
pub use layout::{Layout, Segment};
pub use parallel::{Affine, Direction, Monoid, SemiringMatrix, scan_parallel};
pub use recurrence::Recurrence;
pub use scan::{scan, scan_all, scan_with};
pub use semiring::{
    Counting, Expectation, Labelled, LogSumExp, MaxPlus, Sampling, Semiring, WeightedMean, trace_back,
};
pub use transitions::{Transitions, TransitionsError};
