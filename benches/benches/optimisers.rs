//! One step of Adam over flat single-precision parameters: bytes per second, of 28 bytes an element.
//!
//! A step reads and writes three numbers of state and reads the gradient: 28 bytes are the least that can move. The
//! check that refuses a bad gradient before anything is written reads the gradient once more, from memory if it is
//! larger than the caches.

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::dynamics::{Adam, AdamOptions, Optimiser};
use tangency::recurrence::Recurrence;

/// In the second-level cache, and in memory.
const LENGTHS: [usize; 2] = [10_000, 10_000_000];

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("optimisers/adam/f32");
    group.sample_size(20);
    for length in LENGTHS {
        let mut rng = Pcg64::seed_from_u64(7);
        let gradient: Vec<f32> = (0..length).map(|_| rng.random_range(-1.0..1.0)).collect();
        let Ok(mut adam) = Adam::new(length, AdamOptions::default()) else { continue };
        let Ok(mut state) = adam.initial_state(&gradient) else { continue };
        group.throughput(Throughput::Bytes(28 * length as u64));
        group.bench_function(BenchmarkId::from_parameter(length), |b| {
            let mut t = 0;
            b.iter(|| {
                let taken = adam.step(t, black_box(&gradient), black_box(&mut state));
                t += 1;
                taken
            });
        });
    }
    group.finish();
}
