//! All benches in one binary.

use criterion::{criterion_group, criterion_main};

mod vmath;

criterion_group!(benches, vmath::benches);
criterion_main!(benches);
