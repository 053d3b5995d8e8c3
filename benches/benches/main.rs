//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod cells;
mod divergence_tests;
mod infer;
mod matrix;
mod optimisers;
mod semiring;
mod vmath;

criterion_group!(
    benches,
    vmath::benches,
    semiring::benches,
    cells::benches,
    divergence_tests::benches,
    optimisers::benches,
    infer::benches,
    matrix::benches
);
criterion_main!(benches);
