#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod action;
mod error;
mod frechet;
mod kernels;
mod norm;
mod phi;
mod product;
mod scalar;

pub use action::{
    Action, ActionGrid, ActionMethod, ActionOptions, ActionReport, ActionStatus, LinearOperator,
    expm_multiply, expm_multiply_grid,
};
pub use error::MatrixError;
pub use frechet::Frechet;
pub use norm::operator_norm_1;
pub use phi::phi_functions;
pub use scalar::{Precision, RealScalar, Scalar};
