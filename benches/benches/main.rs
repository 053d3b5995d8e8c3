//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod semiring;
mod vmath;

criterion_group!(benches, semiring::benches, vmath::benches);
criterion_main!(benches);
