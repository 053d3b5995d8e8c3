//! $$ y_{t+1} = f(y_t, x_t, t; \theta) $$

mod adaptive;
mod backpropagation;
mod differentiable;
mod error;
mod health;
mod inputs;
mod layout;
mod linear;
mod recurrence;
mod revolve;
mod scan;

pub use adaptive::TimeStep;
pub use backpropagation::{Backpropagation, Tape};
pub use differentiable::{Differentiable, Record};
pub use error::{LengthMismatch, Quantity, RunError, StepError};
pub use health::GradientHealth;
pub use inputs::{Autonomous, Frames, Inputs};
pub use layout::{Layout, Segment};
pub use linear::LinearRecurrence;
pub use recurrence::Recurrence;
pub use revolve::revolve_advances;
pub use scan::{scan, scan_all, scan_with};
