//! All benches in one binary.

mod infer;
mod optimisers;
mod semiring;
mod vmath;

criterion_group!(benches, infer::benches, optimisers::benches, semiring::benches, vmath::benches);
criterion_main!(benches);
