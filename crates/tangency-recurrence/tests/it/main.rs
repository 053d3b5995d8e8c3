//! Integration tests of the crate, in one binary.

mod adaptive;
mod backpropagation;
mod chain;
mod check;
mod clip;
mod lyapunov;
mod parallel;
mod paths;
mod runners;
mod saved;
mod semiring;
