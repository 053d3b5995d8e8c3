//! Elementary functions, per element: in the first-level cache and over 16 MB, against the standard library.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency_vmath::{self as vmath, LengthMismatch, Real};

type Into<T> = fn(&[T], &mut [T]) -> Result<(), LengthMismatch>;

/// A function, the standard library's for one number, and whether its arguments are positive.
struct Function<T> {
    name: &'static str,
    ours: Into<T>,
    standard: fn(T) -> T,
    positive: bool,
}

/// 8 KiB or 4 KiB of arguments, and 16 MB.
const LENGTHS: [(&str, usize); 2] = [("L1", 8 << 10), ("16MB", 16 << 20)];

fn functions<T: Real>(c: &mut Criterion, format: &str, functions: &[Function<T>]) {
    for (place, bytes) in LENGTHS {
        let length = bytes / size_of::<T>();
        for function in functions {
            let mut rng = Pcg64::seed_from_u64(7);
            let low = if function.positive { 0.01 } else { -10.0 };
            let x: Vec<T> = (0..length).map(|_| T::from_f64(rng.random_range(low..10.0))).collect();
            let mut y = x.clone();
            let mut group = c.benchmark_group(format!("vmath/{}/{format}", function.name));
            group.throughput(Throughput::Elements(length as u64));
            group.bench_function(BenchmarkId::new("ours", place), |b| {
                b.iter(|| (function.ours)(black_box(&x), black_box(&mut y)));
            });
            group.bench_function(BenchmarkId::new("std", place), |b| {
                b.iter(|| {
                    for (y, &x) in black_box(&mut y[..]).iter_mut().zip(black_box(&x[..])) {
                        *y = (function.standard)(x);
                    }
                });
            });
            group.finish();
        }
    }
}

fn reductions<T: Real>(c: &mut Criterion, format: &str) {
    let mut group = c.benchmark_group(format!("vmath/reductions/{format}"));
    for (place, bytes) in LENGTHS {
        let length = bytes / size_of::<T>();
        let mut rng = Pcg64::seed_from_u64(7);
        let x: Vec<T> = (0..length).map(|_| T::from_f64(rng.random_range(-10.0..10.0))).collect();
        group.throughput(Throughput::Elements(length as u64));
        group.bench_function(BenchmarkId::new("log_sum_exp", place), |b| {
            b.iter(|| vmath::log_sum_exp(black_box(&x)));
        });
        group.bench_function(BenchmarkId::new("dot", place), |b| {
            b.iter(|| vmath::dot(black_box(&x), black_box(&x)));
        });
    }
    group.finish();
}

/// The benches of the crate.
pub(crate) fn benches(c: &mut Criterion) {
    #[rustfmt::skip]
    functions::<f64>(c, "f64", &[
        Function { name: "exp", ours: vmath::exp_into, standard: f64::exp, positive: false },
        Function { name: "expm1", ours: vmath::expm1_into, standard: f64::exp_m1, positive: false },
        Function { name: "ln", ours: vmath::ln_into, standard: f64::ln, positive: true },
        Function { name: "log1p", ours: vmath::log1p_into, standard: f64::ln_1p, positive: true },
        Function { name: "tanh", ours: vmath::tanh_into, standard: f64::tanh, positive: false },
        Function { name: "sigmoid", ours: vmath::sigmoid_into, standard: |x| 1.0 / (1.0 + (-x).exp()), positive: false },
        Function { name: "softplus", ours: vmath::softplus_into, standard: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), positive: false },
    ]);
    #[rustfmt::skip]
    functions::<f32>(c, "f32", &[
        Function { name: "exp", ours: vmath::exp_into, standard: f32::exp, positive: false },
        Function { name: "expm1", ours: vmath::expm1_into, standard: f32::exp_m1, positive: false },
        Function { name: "ln", ours: vmath::ln_into, standard: f32::ln, positive: true },
        Function { name: "log1p", ours: vmath::log1p_into, standard: f32::ln_1p, positive: true },
        Function { name: "tanh", ours: vmath::tanh_into, standard: f32::tanh, positive: false },
        Function { name: "sigmoid", ours: vmath::sigmoid_into, standard: |x| 1.0 / (1.0 + (-x).exp()), positive: false },
        Function { name: "softplus", ours: vmath::softplus_into, standard: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), positive: false },
    ]);
    reductions::<f64>(c, "f64");
    reductions::<f32>(c, "f32");
}
