//! $$ y_{t+1} = f(y_t, x_t, t; \theta) $$

mod adaptive;
mod backpropagation;
mod check;
mod clip;
mod differentiable;
mod error;
mod health;
mod inputs;
mod layout;
mod linear;
mod lyapunov;
mod recurrence;
mod revolve;
mod saved;
mod scan;
mod tangents;

pub use adaptive::{Adaptation, AdaptiveRun, AdaptiveStatus, Attempt, Embedded, TimeStep, scan_until};
pub use backpropagation::{Backpropagation, Tape};
pub use check::{Check, Discrepancy, Perturb, check};
pub use clip::{clip_by_global_norm, clip_by_value};
pub use differentiable::{Differentiable, Record};
pub use error::{LengthMismatch, Quantity, RunError, StepError};
pub use health::GradientHealth;
pub use inputs::{Autonomous, Frames, Inputs};
pub use layout::{Layout, Segment};
pub use linear::LinearRecurrence;
pub use lyapunov::{LyapunovExponents, LyapunovOptions, lyapunov_exponents};
pub use recurrence::Recurrence;
pub use revolve::revolve_advances;
pub use saved::{RestoreError, Saved, SavedPart};
pub use scan::{scan, scan_all, scan_with};
pub use tangents::{Direction, jacobian, jacobian_eigenvalues, scan_tangents};
