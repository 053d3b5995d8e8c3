//! Tests of the divergences.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod core_generators;

mod ratio_input;
mod ratio_kliep;
mod ratio_logistic;
mod ratio_plug_in;
mod ratio_support;
#[cfg(feature = "rayon")]
mod ratio_threads;
mod ratio_ulsif;
mod ratio_variational;
