//! Divergences between vectors of probabilities, per entry: in the first-level cache and over 16 MB.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::divergence::{
    Smoothing, divergence, divergence_gradient, generators, ln_affinity, probabilities,
};

pub(crate) fn benches(c: &mut Criterion) {
    for (place, entries) in [("L1", 1_000), ("16MB", 1_000_000)] {
        let mut rng = Pcg64::seed_from_u64(7);
        let mut masses = || {
            let weights: Vec<f64> = (0..entries).map(|_| -rng.random_range(1e-9..1.0_f64).ln()).collect();
            probabilities(&weights, Smoothing::None).expect("positive weights")
        };
        let (p, q) = (masses(), masses());
        let mut group = c.benchmark_group("divergence/vectors");
        group.throughput(Throughput::Elements(entries as u64));
        for f in generators() {
            group.bench_function(BenchmarkId::new(f.name(), place), |b| {
                b.iter(|| divergence(&*f, black_box(&p), black_box(&q)));
            });
        }
        group.bench_function(BenchmarkId::new("ln affinity(0.3)", place), |b| {
            b.iter(|| ln_affinity(black_box(&p), black_box(&q), 0.3));
        });
        let f = &generators()[0];
        group.bench_function(BenchmarkId::new("gradient of KL", place), |b| {
            b.iter(|| divergence_gradient(&**f, black_box(&p), black_box(&q)));
        });
        group.finish();
    }
}
