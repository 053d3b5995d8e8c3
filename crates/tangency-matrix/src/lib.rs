#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod determinant;
mod error;
mod exponential;
mod frechet;
mod identities;
mod kernels;
mod magnus;
mod norm;
mod product;
mod scalar;
mod subspace;
mod volume;

pub use determinant::{
    LogDet, LogDetReport, LogDetWorkspace, adjugate, det_derivative, det_gradient, log_det, log_det_batch,
    log_det_cholesky, log_det_derivative, log_det_gradient, log_det_hermitian, log_det_of_exp,
    log_det_report, log_det_sparse, log_det_sparse_cholesky, log_det_sparse_ldlt, log_det_with,
};
pub use error::MatrixError;
pub use exponential::{ExpmWorkspace, expm_work, expm, expm_into, expm1m};
pub use frechet::Frechet;
pub use identities::{IdentityReport, exp_trace_identity, liouville_identity};
pub use magnus::{MagnusOrder, magnus_propagator};
pub use norm::operator_norm_1;
pub use scalar::{Precision, RealScalar, Scalar};
pub use subspace::principal_angles;
pub use volume::{
    PseudoLogDet, RankVolume, log_volume, log_volume_factor, log_volume_gradient, pseudo_log_det,
    pushforward_log_density, rank_volume, volume,
};
