//! Density ratios, the variational bound, histograms and kernel densities.

use criterion::{BenchmarkId, Criterion, Throughput};
use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::f64::consts::TAU;
use std::hint::black_box;
use tangency::divergence::{
    Bandwidth, Bins, JensenShannon, KernelDensity, Kliep, KliepOptions, LogisticOptions, LogisticRatio,
    Sample, Ulsif, UlsifOptions, VariationalOptions, histogram_counts, variational,
};

/// Normal points; those of the second sample are moved by one in the first coordinate.
fn samples(rows: usize, dimension: usize) -> [Mat<f64>; 2] {
    let mut rng = Pcg64::seed_from_u64(1);
    [0.0, 1.0].map(|mean| {
        Mat::from_fn(rows, dimension, |_, k| {
            let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
            (-2.0 * u.ln()).sqrt() * (TAU * v).cos() + if k == 0 { mean } else { 0.0 }
        })
    })
}

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("divergence_ratio");
    group.sample_size(10);
    let [q, p] = samples(1000, 5);
    let (p, q) = (Sample::from(p.as_ref()), Sample::from(q.as_ref()));
    group.throughput(Throughput::Elements(2000));
    group.bench_function(BenchmarkId::new("uLSIF", "1000x5"), |b| {
        let mut rng = Pcg64::seed_from_u64(2);
        b.iter(|| Ulsif::fit(black_box(p), q, &UlsifOptions::default(), &mut rng).map(|_| ()));
    });
    group.bench_function(BenchmarkId::new("KLIEP", "1000x5"), |b| {
        let mut rng = Pcg64::seed_from_u64(2);
        b.iter(|| Kliep::fit(black_box(p), q, &KliepOptions::default(), &mut rng).map(|_| ()));
    });
    group.bench_function(BenchmarkId::new("logistic", "1000x5"), |b| {
        let mut rng = Pcg64::seed_from_u64(2);
        b.iter(|| LogisticRatio::fit(black_box(p), q, &LogisticOptions::default(), &mut rng).map(|_| ()));
    });
    group.bench_function(BenchmarkId::new("variational", "1000x5"), |b| {
        let mut rng = Pcg64::seed_from_u64(2);
        let (f, options) = (JensenShannon::half(), VariationalOptions::default());
        b.iter(|| variational(&f, black_box(p), q, &options, &mut rng).map(|_| ()));
    });
    group.bench_function(BenchmarkId::new("leave_one_out_bandwidth", "1000x5"), |b| {
        b.iter(|| KernelDensity::fit(black_box(p), &Bandwidth::LeaveOneOut).map(|_| ()));
    });
    let mut rng = Pcg64::seed_from_u64(3);
    let numbers: Vec<f64> = (0..10_000_000).map(|_| rng.random::<f64>() - rng.random::<f64>()).collect();
    group.throughput(Throughput::Bytes(8 * numbers.len() as u64));
    group.bench_function(BenchmarkId::new("histogram", "10000000"), |b| {
        let bins = Bins::Uniform { lower: -1.0, upper: 1.0, count: 100 };
        b.iter(|| histogram_counts(Sample::from(black_box(&numbers[..])), &bins).map(|_| ()));
    });
    group.finish();
}
