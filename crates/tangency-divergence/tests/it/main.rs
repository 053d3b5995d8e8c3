//! Tests of the divergences.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helper functions too")]
#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]

mod core_generators;
mod dist_cases;
mod dist_golden;
mod dist_laws;
mod dist_properties;
mod dist_sampling;
