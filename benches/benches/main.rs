//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod cells;
mod vmath;

criterion_group!(benches, cells::benches, vmath::benches);
criterion_main!(benches);
