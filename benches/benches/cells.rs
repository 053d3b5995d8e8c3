//! Recurrent cells: a run, and a run with back-propagation, with the products of faer that bound them.
//!
//! Elements are floating-point operations of the products alone: 2 for each weight and column of a run, 6 with
//! back-propagation. So criterion's elements per second, read beside `cells/product`, are the fraction of faer's rate.

use criterion::{BenchmarkId, Criterion, Throughput};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use std::hint::black_box;
use tangency_cells::{Gru, Lstm, Projection, Reset, Shape};
use tangency_recurrence::{Backpropagation, Differentiable, Frames, Inputs, Tape, scan};

const STEPS: usize = 100;

const SHAPES: [Shape; 2] =
    [Shape { features: 128, hidden: 256, batch: 32 }, Shape { features: 64, hidden: 128, batch: 1 }];

fn wave(len: usize, scale: f32) -> Vec<f32> {
    (0..len).map(|k| scale * (k as f32).sin()).collect()
}

/// `outer` parameters are those of a projection, which count in a run but not in the cell's backward pass.
fn cell<R: Differentiable<Element = f32, Input = [f32]>>(
    c: &mut Criterion,
    name: &str,
    shape: Shape,
    mut cell: R,
    outer: usize,
    mut inputs: impl Inputs<[f32]>,
) {
    let parameters = wave(cell.parameter_len(), 0.05);
    cell.bind(&parameters).expect("the length is the cell's own");
    let rest = vec![0.0; cell.state_len()];
    let mut state = rest.clone();
    let columns = STEPS * shape.batch;
    let (inner, outer) = (2 * parameters.len() * columns, 2 * outer * columns);
    let size = format!("T{STEPS}_B{}_I{}_H{}", shape.batch, shape.features, shape.hidden);

    let mut group = c.benchmark_group(format!("cells/{name}"));
    group.throughput(Throughput::Elements((inner + outer) as u64));
    group.bench_function(BenchmarkId::new("forward", &size), |b| {
        b.iter(|| {
            state.copy_from_slice(&rest);
            scan(&mut cell, 0..STEPS, &mut inputs, black_box(&mut state)).expect("finite inputs");
        });
    });
    let mut pass = Backpropagation::new(Tape::Stored);
    group.throughput(Throughput::Elements((3 * inner + outer) as u64));
    group.bench_function(BenchmarkId::new("forward_backward", &size), |b| {
        b.iter(|| {
            let loss = |_, y: &[f32], adjoint: &mut [f32]| adjoint[0] += y[0];
            pass.run(&mut cell, 0..STEPS, &mut inputs, &rest, loss, |_, _| {}).expect("finite inputs");
            black_box(pass.gradient());
        });
    });
    group.finish();
}

pub(crate) fn benches(c: &mut Criterion) {
    for shape in SHAPES {
        let width = shape.input_len();
        let sequence = wave(STEPS * width, 1.0);
        let frames = || Frames::new(&sequence[..], width);
        let project = |gates: usize| {
            let parameters = wave(gates * shape.hidden * (shape.features + 1), 0.05);
            (
                parameters.len(),
                Projection::new(shape, gates, &parameters, &sequence[..]).expect("lengths agree"),
            )
        };
        cell(c, "lstm", shape, Lstm::new(shape).expect("a good shape"), 0, frames());
        cell(c, "gru", shape, Gru::new(shape, Reset::After).expect("a good shape"), 0, frames());
        let (outer, projection) = project(4);
        cell(c, "lstm_projected", shape, Lstm::projected(shape).expect("a good shape"), outer, projection);
        let (outer, projection) = project(3);
        let gru = Gru::projected(shape, Reset::After).expect("a good shape");
        cell(c, "gru_projected", shape, gru, outer, projection);

        // The product of a step: 4H x H times H x B, all row-major.
        let (m, k, n) = (4 * shape.hidden, shape.hidden, shape.batch);
        let a = Mat::from_fn(k, m, |i, j| ((i + j) as f32).sin());
        let x = Mat::from_fn(n, k, |i, j| ((i * j) as f32).cos());
        let mut y = Mat::<f32>::zeros(n, m);
        let mut group = c.benchmark_group("cells/product");
        group.throughput(Throughput::Elements((2 * m * k * n) as u64));
        group.bench_function(BenchmarkId::new("faer", format!("{m}x{k}x{n}")), |b| {
            b.iter(|| {
                let y = y.as_mut().transpose_mut();
                matmul(y, Accum::Add, black_box(a.transpose()), black_box(x.transpose()), 1e-3, Par::Seq);
            });
        });
        group.finish();
    }
}
