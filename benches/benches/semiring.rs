//! Semiring chains, the linear-chain CRF and the chunked parallel scan.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::RngExt;
use rand_pcg::{Pcg64, rand_core::SeedableRng};
use std::hint::black_box;
use tangency::cells::LinearChainCrf;
use tangency::recurrence::{
    Affine, Frames, LogSumExp, ScanDirection, SemiringChain, Transitions, scan, scan_parallel,
};

fn numbers(count: usize, low: f64, high: f64) -> Vec<f64> {
    let mut rng = Pcg64::seed_from_u64(41);
    (0..count).map(|_| rng.random_range(low..high)).collect()
}

/// A sequence of 1000 positions: questions to a CRF of few and of many labels.
fn crf(c: &mut Criterion) {
    let positions = 1000;
    let mut group = c.benchmark_group("crf");
    group.throughput(Throughput::Elements(positions as u64));
    for labels in [9, 50] {
        let crf = LinearChainCrf::new(
            &numbers(labels, -1.0, 1.0),
            &numbers(labels * labels, -1.0, 1.0),
            &numbers(labels, -1.0, 1.0),
        )
        .expect("finite scores of the right number");
        let emissions = numbers(labels * positions, -3.0, 3.0);
        let path = vec![0; positions];
        group.bench_function(BenchmarkId::new("log_partition", labels), |b| {
            b.iter(|| crf.log_partition(black_box(&emissions)));
        });
        group.bench_function(BenchmarkId::new("viterbi", labels), |b| {
            b.iter(|| crf.viterbi(black_box(&emissions)));
        });
        group.bench_function(BenchmarkId::new("loss", labels), |b| {
            b.iter(|| crf.loss(black_box(&emissions), &path));
        });
        group.bench_function(BenchmarkId::new("sample_100", labels), |b| {
            let mut rng = Pcg64::seed_from_u64(7);
            b.iter(|| crf.sample_many(black_box(&emissions), 100, &mut rng));
        });
    }
    group.finish();
}

/// A step of the log chain without what surrounds it.
fn chain(c: &mut Criterion) {
    let mut group = c.benchmark_group("semiring_chain/log_sum_exp");
    for states in [3, 20, 100] {
        let transitions =
            Transitions::new(states, &numbers(states * states, -1.0, 1.0)).expect("finite scores");
        let emissions = numbers(100 * states, -3.0, 3.0);
        let mut chain = SemiringChain::new(LogSumExp, transitions);
        group.throughput(Throughput::Elements(100));
        group.bench_function(BenchmarkId::from_parameter(states), |b| {
            b.iter(|| {
                let mut state = chain.initial(&emissions[..states]).expect("scores of all states");
                scan(&mut chain, 0..100, Frames::new(black_box(&emissions[..]), states), &mut state)
            });
        });
    }
    group.finish();
}

/// A diagonal linear recurrence of a million numbers.
fn affine(c: &mut Criterion) {
    let mut group = c.benchmark_group("scan_parallel/affine");
    for channels in [1, 16] {
        let frames = numbers(1 << 20, -0.9, 0.9);
        group.throughput(Throughput::Elements(frames.len() as u64 / 2));
        group.bench_function(BenchmarkId::from_parameter(channels), |b| {
            b.iter_batched_ref(
                || frames.clone(),
                |frames| scan_parallel(&Affine::new(channels), frames, ScanDirection::Forward),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// All benches of this file.
pub(crate) fn benches(c: &mut Criterion) {
    crf(c);
    chain(c);
    affine(c);
}
