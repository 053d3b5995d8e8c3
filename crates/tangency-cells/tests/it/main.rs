//! Integration tests of the crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helper functions too")]
#![allow(clippy::float_cmp, reason = "runs that must have the same bits are compared exactly")]
#![allow(clippy::cast_lossless, reason = "small integers as data")]

mod bad_input;
mod closed_forms;
mod crf;
mod examples;
mod golden;
mod gradients;
mod projection;
mod runs;
mod support;
