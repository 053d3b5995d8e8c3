//! Integration tests of the crate, in one binary.
#![allow(clippy::float_cmp, reason = "many results are compared bit for bit")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod adaptive;
mod backpropagation;
mod chain;
mod check;
mod clip;
mod examples;
mod lyapunov;
mod parallel;
mod paths;
mod runners;
mod saved;
mod semiring;
