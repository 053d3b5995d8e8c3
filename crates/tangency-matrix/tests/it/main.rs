//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]
#![allow(clippy::type_complexity, reason = "tables of functions")]

mod action;
mod action_limits;
mod allocation_exp;
mod allocation_log;
mod bad_input;
mod derivatives;
mod determinant;
mod determinant_gradient;
mod determinant_range;
mod double_double;
mod estimates;
mod exact;
mod examples;
mod exponential;
mod exponential_range;
mod function;
mod golden;
mod identities;
mod log_det_estimate;
mod log_det_series;
mod logarithm;
mod phi;
mod polar;
mod positive_definite;
mod power;
mod reference;
mod samples;
mod schur;
mod series;
mod sign;
mod sparse_determinant;
mod square_root;
mod sylvester;
#[cfg(feature = "rayon")]
mod threads;
mod trace;
mod trigonometric;
mod volume;
