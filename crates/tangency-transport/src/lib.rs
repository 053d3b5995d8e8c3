#![doc = include_str!("../README.md")]

mod arcs;
mod certificate;
mod cost;
mod error;
mod exact;
mod farkas;
mod mass;
mod options;
mod parallel;
mod plan;
mod points;
mod rows;
mod simplex;
mod sum;
mod transform;

pub use arcs::Arcs;
pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use error::{Side, TransportError};
pub use exact::{ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use farkas::FarkasVector;
pub use options::{Basis, CostStorage, ExactOptions, Start};
pub use plan::{Plan, Shipment};
