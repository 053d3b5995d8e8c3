//! $$ y_{t+1} = f(y_t, x_t, t; \theta) $$

mod adaptive;
mod differentiable;
mod error;
mod inputs;
mod layout;
mod recurrence;
mod scan;

pub use adaptive::TimeStep;
pub use differentiable::{Differentiable, Record};
pub use error::{LengthMismatch, Quantity, RunError, StepError};
pub use inputs::{Autonomous, Frames, Inputs};
pub use layout::{Layout, Segment};
pub use recurrence::Recurrence;
pub use scan::{scan, scan_all, scan_with};
