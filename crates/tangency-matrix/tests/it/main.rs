//! One binary for all integration tests of the crate.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod action;
mod determinant;
mod determinant_gradient;
mod double_double;
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
mod identities;
mod logarithm;
mod phi;
mod reference;
mod schur;
mod schur;
mod series;
mod sparse_determinant;
mod square_root;
mod square_root;
mod sign;
mod square_root;
mod sylvester;
mod sylvester;
mod trace;
mod trigonometric;
mod volume;
