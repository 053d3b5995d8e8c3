//! Tests of the divergences.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]

mod permutation;
mod two_sample;
mod two_sample_bad_input;
