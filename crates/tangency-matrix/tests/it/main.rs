//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod exponential;
mod logarithm;
mod polar;
mod positive_definite;
mod power;
mod reference;
mod schur;
mod sign;
mod square_root;
mod sylvester;
