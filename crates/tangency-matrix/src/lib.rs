#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod exponential;
mod frechet;
mod kernels;
mod norm;
mod product;
mod scalar;

pub use error::MatrixError;
pub use exponential::{
    ExpmReport, ExpmWorkspace, expm, expm_batch, expm_condition, expm_frechet, expm_frechet_adjoint,
    expm_into, expm_report, expm1m,
};
pub use frechet::Frechet;
pub use norm::operator_norm_1;
pub use scalar::{Precision, RealScalar, Scalar};
