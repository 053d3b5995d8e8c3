//! Estimates from nearest neighbours.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::divergence::{
    MutualInformationOptions, NeighbourOptions, SubsamplingOptions, knn_kl_divergence, ksg_mutual_information,
};
use tangency::faer::Mat;

/// Sums of four uniform numbers, which are nearly normal, with the first coordinate shifted.
fn points(count: usize, dimension: usize, shift: f64, seed: u64) -> Mat<f64> {
    let mut rng = Pcg64::seed_from_u64(seed);
    Mat::from_fn(count, dimension, |_, j| {
        let sum: f64 = (0..4).map(|_| rng.random::<f64>()).sum();
        1.7 * (sum - 2.0) + if j == 0 { shift } else { 0.0 }
    })
}

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("divergence/knn_kl");
    group.sample_size(10);
    let mut rng = Pcg64::seed_from_u64(3);
    for dimension in [1, 2, 5, 10] {
        let n = if dimension < 10 { 100_000 } else { 20_000 };
        let (p, q) = (points(n, dimension, 0.0, 1), points(n, dimension, 1.0, 2));
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new(format!("d{dimension}"), n), |b| {
            b.iter(|| {
                knn_kl_divergence(
                    black_box(p.as_ref()).into(),
                    q.as_ref().into(),
                    &NeighbourOptions::default(),
                    &mut rng,
                )
            });
        });
    }
    let (p, q) = (points(4000, 2, 0.0, 1), points(4000, 2, 1.0, 2));
    let options =
        NeighbourOptions { subsampling: Some(SubsamplingOptions::default()), ..NeighbourOptions::default() };
    group.throughput(Throughput::Elements(4000));
    group.bench_function(BenchmarkId::new("d2_interval", 4000), |b| {
        b.iter(|| knn_kl_divergence(black_box(p.as_ref()).into(), q.as_ref().into(), &options, &mut rng));
    });
    group.finish();
    let mut group = c.benchmark_group("divergence/ksg");
    group.sample_size(10);
    let (x, y) = (points(10_000, 1, 0.0, 1), points(10_000, 1, 0.0, 2));
    group.throughput(Throughput::Elements(10_000));
    group.bench_function(BenchmarkId::new("d1", 10_000), |b| {
        b.iter(|| {
            let options = MutualInformationOptions::default();
            ksg_mutual_information(black_box(x.as_ref()).into(), y.as_ref().into(), &options, &mut rng)
        });
    });
    group.finish();
}
