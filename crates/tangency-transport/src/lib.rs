#![doc = include_str!("../README.md")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must fail a check")]
#![allow(
    clippy::float_cmp,
    reason = "exact comparisons choose between formulas, or ask whether numbers are the same"
)]

// The linear programme and its duals.
mod arcs;
mod assignment;
mod certificate;
mod common;
mod cost;
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

// The line, its laws and its slices.
mod between;
mod cloud;
mod direction;
mod gaussian;
mod law;
mod line;
mod quadrature;
mod sketch;
mod sliced;
mod statistics;

// With an entropy.
mod approximate;
mod barycentre;
mod entropic;
mod quantile_barycentre;
mod rounding;
mod sinkhorn;
mod sinkhorn_divergence;
mod sweep;
mod unbalanced;

// What the duals and all of them together give.
mod critic;
mod wasserstein;

pub use arcs::Arcs;
pub use assignment::{Assignment, assignment};
pub use certificate::{Certificate, verify};
pub use cost::{Cost, Metric};
pub use error::{Side, TransportError};
pub use exact::{ExactProgress, Transport, TransportStatus, exact, exact_with};
pub use farkas::FarkasVector;
pub use options::{Basis, CostStorage, ExactOptions, Start};
pub use partial::{PartialTransport, partial};
pub use plan::{Plan, Shipment};

pub use between::{
    LawDistance, LawMethod, LawOptions, wasserstein_between, wasserstein_between_with, wasserstein_to_law,
    wasserstein_to_law_with,
};
pub use cloud::PointCloud;
pub use direction::Directions;
pub use gaussian::{
    AffineMap, Gaussian, GaussianBarycentre, GaussianBarycentreOptions, GaussianBarycentreStatus,
    gaussian_barycentre, gaussian_barycentre_with,
};
#[doc(inline)]
pub use law::{Law, LawError};
pub use line::{
    Atoms, LineTransport, QuantileFunction, transport_1d, transport_circle, wasserstein_1d,
    wasserstein_1d_pow, wasserstein_1d_stream, wasserstein_circle, wasserstein_circle_pow,
    wasserstein_histogram_atoms, wasserstein_histogram_uniform,
};
pub use sketch::{Sketch, SketchDistance, SketchGrid, wasserstein_sketches};
pub use sliced::{
    MaxSliced, Sliced, SlicedOptions, generalised_sliced_wasserstein, max_sliced_wasserstein,
    sliced_wasserstein,
};
pub use statistics::{
    BlockInterval, NullDistribution, PermutationTest, SubsamplingInterval, SubsamplingOptions,
    WassersteinInterval, block_interval, expected_w1_null, normalised_wasserstein, subsampling_interval,
    wasserstein_interval, wasserstein_null, wasserstein_permutation_test, wasserstein_subsampling_interval,
};

pub use approximate::{approximate, approximate_with};
pub use barycentre::{
    Barycentre, BarycentreOptions, FreeBarycentre, FreeBarycentreOptions, barycentre, barycentre_with,
    free_support_barycentre,
};
pub use entropic::{EntropyConvention, entropy_difference};
pub use quantile_barycentre::quantile_barycentre;
pub use rounding::{CostBounds, RoundedPlan};
pub use sinkhorn::{
    Domain, Sinkhorn, SinkhornOptions, SinkhornProgress, SinkhornStatus, sinkhorn, sinkhorn_with,
};
pub use sinkhorn_divergence::{SinkhornDivergence, sinkhorn_divergence, sinkhorn_divergence_with};
pub use unbalanced::{Penalty, Unbalanced, UnbalancedOptions, unbalanced, unbalanced_with};

pub use critic::{KantorovichCritic, lower_bound};
pub use wasserstein::{Wasserstein, WassersteinMethod, wasserstein};
