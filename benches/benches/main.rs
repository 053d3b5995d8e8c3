//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod semiring;

criterion_group!(benches, semiring::benches);
criterion_main!(benches);
