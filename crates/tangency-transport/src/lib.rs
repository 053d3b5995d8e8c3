#![doc = include_str!("../README.md")]

mod approximate;
mod barycentre;
mod certificate;
mod cost;
mod entropic;
mod error;
mod exact;
mod mass;
mod parallel;
mod plan;
mod quantile_barycentre;
mod rounding;
mod simplex;
mod sinkhorn;
mod sinkhorn_divergence;
mod sum;
mod sweep;
mod unbalanced;

pub use approximate::{approximate, approximate_with};
pub use barycentre::{
    Barycentre, BarycentreOptions, FreeBarycentre, FreeBarycentreOptions, barycentre, barycentre_with,
    free_support_barycentre,
};
pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use entropic::{EntropyConvention, entropy_difference};
pub use error::{Side, TransportError};
pub use exact::{ExactOptions, ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use plan::{Plan, Shipment};
pub use quantile_barycentre::quantile_barycentre;
pub use rounding::{CostBounds, RoundedPlan};
pub use sinkhorn::{
    Domain, Sinkhorn, SinkhornOptions, SinkhornProgress, SinkhornStatus, sinkhorn, sinkhorn_with,
};
pub use sinkhorn_divergence::{SinkhornDivergence, sinkhorn_divergence, sinkhorn_divergence_with};
pub use unbalanced::{Penalty, Unbalanced, UnbalancedOptions, unbalanced, unbalanced_with};
