//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "parameters are passed on and not computed")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN counts as zero in a cast")]

mod conversions;
mod parameters;
mod spaces;
