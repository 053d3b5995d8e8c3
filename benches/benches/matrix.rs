//! Functions of matrices, with faer's product and factorisations that bound them.
//!
//! Elements are floating-point operations of one product of the order, $2n^3$; so `matrix/product` divided by another line
//! is the number of products that it takes.

use criterion::{BenchmarkId, Criterion, Throughput};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::matrix::{
    ExpmWorkspace, cosm, expm, expm_batch, expm_frechet, expm_into, log_det, logm, schur, sqrtm,
};

const ORDERS: [usize; 9] = [2, 4, 8, 16, 32, 64, 128, 256, 512];

/// Uniform entries with mean zero, of 1-norm about 10 for the exponential.
fn random(n: usize, seed: u64) -> Mat<f64> {
    let mut rng = Pcg64::seed_from_u64(seed);
    Mat::from_fn(n, n, |_, _| (rng.random::<f64>() - 0.5) * 40.0 / n as f64)
}

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("matrix");
    for n in ORDERS {
        group.throughput(Throughput::Elements(2 * (n * n * n) as u64));
        if n >= 256 {
            group.sample_size(10);
        }
        let a = random(n, n as u64);
        // Eigenvalues in the right half plane, so that the logarithm and the root exist.
        let right = Mat::from_fn(n, n, |i, j| a[(i, j)] + if i == j { 30.0 } else { 0.0 });
        let e = random(n, 1000 + n as u64);
        let mut product = Mat::<f64>::zeros(n, n);
        group.bench_function(BenchmarkId::new("product", n), |b| {
            b.iter(|| {
                matmul(product.as_mut(), Accum::Replace, black_box(a.as_ref()), a.as_ref(), 1.0, Par::Seq);
            });
        });
        group.bench_function(BenchmarkId::new("expm", n), |b| {
            b.iter(|| expm(black_box(a.as_ref())).map(|_| ()));
        });
        let mut workspace = ExpmWorkspace::new(n);
        group.bench_function(BenchmarkId::new("expm_into", n), |b| {
            b.iter(|| expm_into(black_box(a.as_ref()), product.as_mut(), &mut workspace));
        });
        group.bench_function(BenchmarkId::new("expm_frechet", n), |b| {
            b.iter(|| expm_frechet(black_box(a.as_ref()), e.as_ref()).map(|_| ()));
        });
        group.bench_function(BenchmarkId::new("log_det", n), |b| b.iter(|| log_det(black_box(a.as_ref()))));
        group.bench_function(BenchmarkId::new("schur", n), |b| {
            b.iter(|| schur(black_box(a.as_ref())).map(|_| ()));
        });
        group.bench_function(BenchmarkId::new("sqrtm", n), |b| {
            b.iter(|| sqrtm(black_box(right.as_ref())).map(|_| ()));
        });
        group.bench_function(BenchmarkId::new("logm", n), |b| {
            b.iter(|| logm(black_box(right.as_ref())).map(|_| ()));
        });
        group.bench_function(BenchmarkId::new("cosm", n), |b| {
            b.iter(|| cosm(black_box(a.as_ref())).map(|_| ()));
        });
    }
    let mut rng = Pcg64::seed_from_u64(7);
    let stack: Vec<f64> = (0..40_000).map(|_| rng.random::<f64>() - 0.5).collect();
    let mut results = vec![0.0; stack.len()];
    group.throughput(Throughput::Elements(10_000));
    group.bench_function(BenchmarkId::new("expm_batch", "10000x2x2"), |b| {
        b.iter(|| expm_batch(2, black_box(&stack), &mut results));
    });
    group.finish();
}
