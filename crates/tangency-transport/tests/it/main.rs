//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must not pass")]

mod arcs;
mod assignment;
mod barycentre;
mod critic;
mod entropic_bad_input;
mod entropic_golden;
mod entropic_support;
mod exact;
mod exact_degenerate;
mod exact_golden;
mod exact_input;
mod exact_laws;
mod exact_options;
mod examples;
mod gaussian;
mod instances;
mod line_brute_force;
mod line_circle;
mod line_circle_plan;
mod line_input;
mod line_laws;
mod line_reach;
mod partial;
mod sinkhorn;
mod sinkhorn_divergence;
#[cfg(feature = "rayon")]
mod sinkhorn_threads;
mod sketch;
mod sliced;
mod statistics;
mod unbalanced;
mod wasserstein;
