//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]

mod core_generators;
mod core_vectors;
mod dist_cases;
mod dist_golden;
mod dist_laws;
mod dist_point;
mod dist_properties;
mod dist_sampling;
mod examples;
mod extrapolation;
mod neighbours;
mod permutation;
mod ratio_input;
mod ratio_kliep;
mod ratio_logistic;
mod ratio_plug_in;
mod ratio_support;
#[cfg(feature = "rayon")]
mod ratio_threads;
mod ratio_ulsif;
mod ratio_variational;
mod subsampling;
mod two_sample;
mod two_sample_bad_input;
