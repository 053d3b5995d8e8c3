//! Elementary functions over slices.
#![allow(
    clippy::inline_always,
    reason = "an instruction set reaches only what is inlined into the dispatched function"
)]

mod dispatch;
mod error;
mod exponential;
mod format;
mod hyperbolic;
mod log_sum_exp;
mod logarithm;
mod logistic;
mod polynomial;
mod real;
mod reductions;
mod slices;

pub use dispatch::{Kernel, dispatch, uses_fma};
pub use error::LengthMismatch;
pub use log_sum_exp::log_sum_exp;
pub use real::Real;
pub use reductions::{axpy, dot, norm, sum_of_squares};
pub use slices::{
    exp, exp_into, expm1, expm1_into, ln, ln_into, log1p, log1p_into, sigmoid, sigmoid_into, softplus,
    softplus_into, tanh, tanh_into,
};
