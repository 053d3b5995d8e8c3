#![doc = include_str!("../README.md")]

mod certificate;
mod cost;
mod error;
mod exact;
mod line;
mod mass;
mod parallel;
mod plan;
mod simplex;
mod sum;

pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use error::{Side, TransportError};
pub use exact::{ExactOptions, ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use line::{
    Atoms, LineTransport, QuantileFunction, transport_1d, wasserstein_1d, wasserstein_1d_pow, wasserstein_1d_stream,
    wasserstein_circle, wasserstein_circle_pow, wasserstein_histogram_atoms, wasserstein_histogram_uniform,
};
pub use plan::{Plan, Shipment};
