#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod exponential;
mod frechet;
mod kernels;
mod logarithm;
mod norm;
mod polar;
mod positive_definite;
mod power;
mod product;
mod quasi_triangular;
mod reduction;
mod scalar;
mod schur;
mod sign;
mod square_root;
mod sylvester;

pub use error::MatrixError;
pub use exponential::{ExpmWorkspace, expm_work, expm, expm_into, expm1m};
pub use frechet::Frechet;
pub use logarithm::{
    LogmReport, LogmWorkspace, log1pm, logm, logm_batch, logm_condition, logm_frechet, logm_frechet_adjoint, logm_into,
    logm_report,
};
pub use norm::operator_norm_1;
pub use polar::{Polar, polar};
pub use positive_definite::{
    affine_invariant_distance, affine_invariant_geodesic, bures_distance, bures_geodesic, bures_squared,
    bures_transport, log_euclidean_distance,
};
pub use power::{powm, powm_condition, powm_frechet, powm_frechet_adjoint, rootm};
pub use scalar::{Precision, RealScalar, Scalar};
pub use schur::{Schur, schur};
pub use sign::signm;
pub use square_root::{
    SqrtmReport, SqrtmWorkspace, sqrtm, sqrtm_batch, sqrtm_condition, sqrtm_frechet, sqrtm_frechet_adjoint, sqrtm_into,
    sqrtm_report,
};
pub use sylvester::{solve_lyapunov, solve_sylvester};
