//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]

mod barycentre;
mod entropic_bad_input;
mod entropic_golden;
mod entropic_support;
mod examples;
mod sinkhorn;
mod sinkhorn_divergence;
#[cfg(feature = "rayon")]
mod sinkhorn_threads;
mod unbalanced;
