//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod optimisers;
mod semiring;
mod vmath;

criterion_group!(benches, optimisers::benches, semiring::benches, vmath::benches);
criterion_main!(benches);
