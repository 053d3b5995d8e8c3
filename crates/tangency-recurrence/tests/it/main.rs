//! Integration tests of the crate, in one binary.

mod chain;
mod parallel;
mod paths;
mod semiring;
