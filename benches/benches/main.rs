//! All benches in one binary.

mod infer;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, infer::benches);
criterion_main!(benches);
