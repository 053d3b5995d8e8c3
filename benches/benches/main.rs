//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod cells;
mod divergence_core;
mod divergence_ratio;
mod divergence_samples;
mod divergence_tests;
mod infer;
mod matrix;
mod optimisers;
mod semiring;
mod transport;
mod vmath;

criterion_group!(
    benches,
    vmath::benches,
    semiring::benches,
    cells::benches,
    divergence_ratio::benches,
    divergence_samples::benches,
    divergence_tests::benches,
    optimisers::benches,
    infer::benches,
    matrix::benches,
    divergence_core::benches,
    transport::benches
);
criterion_main!(benches);
