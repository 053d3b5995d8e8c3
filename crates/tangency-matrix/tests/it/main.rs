//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod determinant;
mod determinant_gradient;
mod exact;
mod examples;
mod exponential;
mod identities;
mod logarithm;
mod polar;
mod positive_definite;
mod power;
mod reference;
mod schur;
mod sparse_determinant;
mod square_root;
mod volume;
mod double_double;
mod fixtures;
mod function;
mod schur;
mod series;
mod sylvester;
mod trigonometric;
mod trace;
mod action;
mod phi;
mod square_root;
mod sign;
mod square_root;
mod sylvester;
