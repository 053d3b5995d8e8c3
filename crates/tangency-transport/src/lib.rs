#![doc = include_str!("../README.md")]

mod certificate;
mod cost;
mod error;
mod exact;
mod mass;
mod plan;
mod simplex;
mod sum;

pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use error::{Side, TransportError};
pub use exact::{ExactOptions, ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use plan::{Plan, Shipment};
