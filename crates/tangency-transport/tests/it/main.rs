//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]

mod arcs;
mod assignment;
mod critic;
mod exact;
mod exact_degenerate;
mod exact_golden;
mod exact_input;
mod exact_laws;
mod exact_options;
mod examples;
mod instances;
mod partial;
mod wasserstein;
mod gaussian;
mod line_brute_force;
mod line_circle;
mod line_examples;
mod line_input;
mod line_laws;
mod sketch;
mod sliced;
mod statistics;
