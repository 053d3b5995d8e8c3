#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod exponential;
mod frechet;
mod kernels;
mod logarithm;
mod norm;
mod product;
mod quasi_triangular;
mod reduction;
mod scalar;
mod schur;
mod square_root;
mod sylvester;

pub use error::MatrixError;
pub use exponential::{ExpmWorkspace, expm, expm_into, expm1m};
pub use frechet::Frechet;
pub use logarithm::{
    LogmReport, LogmWorkspace, log1pm, logm, logm_batch, logm_condition, logm_frechet, logm_frechet_adjoint,
    logm_into, logm_report,
};
pub use norm::operator_norm_1;
pub use scalar::{Precision, RealScalar, Scalar};
pub use schur::{Schur, schur};
pub use square_root::{
    SqrtmReport, SqrtmWorkspace, sqrtm, sqrtm_batch, sqrtm_condition, sqrtm_frechet, sqrtm_frechet_adjoint,
    sqrtm_into, sqrtm_report,
};
pub use sylvester::{solve_lyapunov, solve_sylvester};
