//! Optimal transport; elements are pairs of points, or points on the line.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::faer::Mat;
use tangency::transport::{
    Atoms, Cost, Metric, SlicedOptions, assignment, exact, sinkhorn, sliced_wasserstein, wasserstein_1d,
};

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("transport");
    group.sample_size(10);
    for n in [100, 400] {
        let mut rng = Pcg64::seed_from_u64(n as u64);
        let mut uniform = |columns| Mat::from_fn(n, columns, |_, _| rng.random::<f64>());
        let (x, y, costs) = (uniform(2), uniform(2), uniform(n));
        let mut weights = || {
            let weights: Vec<f64> = (0..n).map(|_| 0.01 + rng.random::<f64>()).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|w| w / sum).collect::<Vec<f64>>()
        };
        let (a, b) = (weights(), weights());
        let plane = || Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
        group.throughput(Throughput::Elements((n * n) as u64));
        group.bench_function(BenchmarkId::new("exact_plane", n), |bencher| {
            bencher.iter(|| exact(black_box(&a), &b, plane()));
        });
        group.bench_function(BenchmarkId::new("exact_no_geometry", n), |bencher| {
            bencher.iter(|| exact(black_box(&a), &b, &costs));
        });
        group.bench_function(BenchmarkId::new("assignment_plane", n), |bencher| {
            bencher.iter(|| assignment(black_box(plane())));
        });
        group.bench_function(BenchmarkId::new("sliced_plane", n), |bencher| {
            let options = SlicedOptions { directions: 50, ..SlicedOptions::default() };
            bencher
                .iter(|| sliced_wasserstein(black_box(x.as_ref()), y.as_ref(), &options, &mut rng).is_ok());
        });
        group.bench_function(BenchmarkId::new("sinkhorn_plane", n), |bencher| {
            bencher.iter(|| sinkhorn(black_box(&a), &b, plane(), 0.01));
        });
    }
    for n in [1000, 100_000] {
        let mut rng = Pcg64::seed_from_u64(n as u64);
        let mut uniform = || (0..n).map(|_| rng.random::<f64>()).collect::<Vec<f64>>();
        let (x, y) = (uniform(), uniform());
        let (a, b) = (uniform(), uniform());
        group.throughput(Throughput::Elements(2 * n as u64));
        group.bench_function(BenchmarkId::new("line", n), |bencher| {
            bencher.iter(|| wasserstein_1d(black_box(&x), &y, 1.0));
        });
        let (sum_a, sum_b) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
        let a: Vec<f64> = a.iter().map(|w| w / sum_a).collect();
        let b: Vec<f64> = b.iter().map(|w| w / sum_b).collect();
        group.bench_function(BenchmarkId::new("line_weighted", n), |bencher| {
            let y = Atoms::from(&y).weighted(&b);
            bencher.iter(|| wasserstein_1d(Atoms::from(black_box(&x)).weighted(&a), y, 1.0));
        });
    }
    group.finish();
}
