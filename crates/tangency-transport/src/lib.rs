#![doc = include_str!("../README.md")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must fail a check")]
#![allow(
    clippy::float_cmp,
    reason = "exact comparisons choose between formulas, or ask whether numbers are the same"
)]

mod arcs;
mod assignment;
mod certificate;
mod common;
mod cost;
mod critic;
mod error;
mod exact;
mod farkas;
mod mass;
mod options;
mod parallel;
mod partial;
mod plan;
mod points;
mod rows;
mod simplex;
mod sum;
mod transform;
mod wasserstein;

pub use arcs::Arcs;
pub use assignment::{Assignment, assignment};
pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use critic::{KantorovichCritic, lower_bound};
pub use error::{Side, TransportError};
pub use exact::{ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use farkas::FarkasVector;
pub use options::{Basis, CostStorage, ExactOptions, Start};
pub use partial::{PartialTransport, partial};
pub use plan::{Plan, Shipment};
pub use wasserstein::{Wasserstein, WassersteinMethod, wasserstein};
