//! All benches in one binary.

mod cells;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, cells::benches);
criterion_main!(benches);
