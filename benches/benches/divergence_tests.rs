//! Two-sample tests; elements are pairs of points times labellings.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::divergence::{
    KernelWidth, MmdKernel, Permutations, Sample, TwoSampleTest, energy_test, mmd_test,
    nearest_neighbour_test,
};
use tangency::faer::Mat;

const PERMUTATIONS: usize = 500;

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("divergence_tests");
    group.sample_size(10);
    for (n, d) in [(100, 2), (1000, 10)] {
        let mut rng = Pcg64::seed_from_u64(n as u64);
        let mut uniform = || Mat::from_fn(n, d, |_, _| rng.random::<f64>());
        let (p, q) = (uniform(), uniform());
        let (p, q) = (Sample::from(p.as_ref()), Sample::from(q.as_ref()));
        group.throughput(Throughput::Elements(((2 * n - 1) * n * (PERMUTATIONS + 1)) as u64));
        let permutations = || Permutations { count: PERMUTATIONS, ..Default::default() };
        let size = format!("{n}x{d}");
        let statistic = |test: Result<TwoSampleTest, _>| test.map(|test| test.statistic);
        let mut rng = Pcg64::seed_from_u64(1);
        group.bench_function(BenchmarkId::new("mmd_given_width", &size), |b| {
            let width = KernelWidth::Given(1.0);
            b.iter(|| {
                statistic(mmd_test(black_box(p), q, MmdKernel::Gaussian, width, permutations(), &mut rng))
            });
        });
        group.bench_function(BenchmarkId::new("mmd_median", &size), |b| {
            let width = KernelWidth::MedianDistance;
            b.iter(|| {
                statistic(mmd_test(black_box(p), q, MmdKernel::Gaussian, width, permutations(), &mut rng))
            });
        });
        group.bench_function(BenchmarkId::new("energy", &size), |b| {
            b.iter(|| statistic(energy_test(black_box(p), q, permutations(), &mut rng)));
        });
        group.bench_function(BenchmarkId::new("nearest_neighbours", &size), |b| {
            b.iter(|| statistic(nearest_neighbour_test(black_box(p), q, 5, permutations(), &mut rng)));
        });
    }
    group.finish();
}
