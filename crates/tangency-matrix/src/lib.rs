#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod frechet;
mod function;
mod kernels;
mod norm;
mod product;
mod scalar;
mod schur;
mod series;
mod sylvester;
mod trigonometric;

pub use error::MatrixError;
pub use frechet::Frechet;
pub use function::{DoubleDouble, DoubleDoubleComplex, funm, funm_derivative_free};
pub use norm::operator_norm_1;
pub use scalar::{Precision, RealScalar, Scalar};
pub use schur::{Schur, schur};
pub use series::{CoefficientBound, PowerSeries, SeriesOptions, SeriesStatus, power_series};
pub use sylvester::{solve_lyapunov, solve_sylvester};
pub use trigonometric::{
    coshm, cosm, cosm_condition, cosm_frechet, cosm_frechet_adjoint, sincosm, sinhm, sinm, sinm_condition,
    sinm_frechet, sinm_frechet_adjoint, tanhm, tanm,
};
