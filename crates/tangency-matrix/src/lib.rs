#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "to be removed when all modules are in")]

mod error;
mod frechet;
mod kernels;
mod norm;
mod operator;
mod product;
mod scalar;
mod trace;

pub use error::MatrixError;
pub use frechet::Frechet;
pub use norm::operator_norm_1;
pub use operator::ClosureOperator;
pub use scalar::{Precision, RealScalar, Scalar};
pub use trace::{
    CholeskyPreconditioner, Estimator, JacobiPreconditioner, LanczosOptions, LogDetSeries, NormSource,
    POWER_PRODUCTS, Probe, SeriesOptions, SplitPreconditioner, TraceEstimate, TraceOptions, TraceStatus,
    Truncation, log_det_estimate, log_det_preconditioned, log_det_series, trace_estimate, trace_of_function,
};
