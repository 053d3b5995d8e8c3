#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod exponential;
mod frechet;
mod kernels;
mod norm;
mod product;
mod scalar;
mod schur;

pub use error::MatrixError;
pub use exponential::{ExpmWorkspace, expm, expm_into, expm1m};
pub use frechet::Frechet;
pub use norm::operator_norm_1;
pub use scalar::{Precision, RealScalar, Scalar};
pub use schur::{Schur, schur};
