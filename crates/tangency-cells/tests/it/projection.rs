//! Cells on projected features against cells on features.

use crate::support::{largest_difference, shape, wave};
use tangency_cells::{Gru, Lstm, Projection, Reset, Rnn, Shape};
use tangency_recurrence::{Backpropagation, Differentiable, Frames, Inputs, Tape};

/// Last state, gradients of weight_ih, weight_hh, bias_ih, bias_hh, inputs and initial state.
type Results = [Vec<f64>; 7];

fn add_squares(_: usize, y: &[f64], adjoint: &mut [f64]) {
    for (a, y) in adjoint.iter_mut().zip(y) {
        *a += 2.0 * y;
    }
}

fn with_features<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, steps: usize) -> Results {
    let layout = cell.parameter_layout();
    cell.bind(&wave(layout.len(), 0.5, 0.0)).unwrap();
    let width = cell.input_len();
    let mut dx = vec![0.0; steps * width];
    let initial: Vec<f64> = wave(cell.state_len(), 0.4, 0.3);
    let mut pass = Backpropagation::new(Tape::Stored);
    let inputs = Frames::new(wave::<f64>(steps * width, 1.0, 0.4), width);
    pass.run(&mut cell, 0..steps, inputs, &initial, add_squares, |t, d| {
        dx[t * width..(t + 1) * width].copy_from_slice(d);
    })
    .unwrap();
    let part = |name| pass.gradient()[layout.range(name).unwrap()].to_vec();
    [
        pass.last_state().to_vec(),
        part("weight_ih"),
        part("weight_hh"),
        part("bias_ih"),
        part("bias_hh"),
        dx,
        pass.initial_adjoint().to_vec(),
    ]
}

fn with_projection<R: Differentiable<Element = f64, Input = [f64]>>(
    mut cell: R,
    shape: Shape,
    gates: usize,
    steps: usize,
    tape: Tape,
) -> Results {
    let Shape { features, hidden, .. } = shape;
    let rows = gates * hidden;
    // The same parameters as with features, dealt to the projection and to the cell.
    let all: Vec<f64> = wave(rows * (features + hidden + 2), 0.5, 0.0);
    let (weight_ih, rest) = all.split_at(rows * features);
    let (weight_hh, biases) = rest.split_at(rows * hidden);
    let (bias_ih, bias_hh) = biases.split_at(rows);
    cell.bind(&[weight_hh, bias_hh].concat()).unwrap();
    let sequence: Vec<f64> = wave(steps * shape.input_len(), 1.0, 0.4);
    let mut projection =
        Projection::new(shape, gates, &[weight_ih, bias_ih].concat(), &sequence[..]).unwrap();
    assert_eq!(projection.parameter_len(), projection.parameter_layout().len());
    assert_eq!(projection.steps(), steps);

    let width = cell.input_len();
    let mut adjoints = vec![0.0; steps * width];
    let initial: Vec<f64> = wave(cell.state_len(), 0.4, 0.3);
    let mut pass = Backpropagation::new(tape);
    pass.run(&mut cell, 0..steps, &mut projection, &initial, add_squares, |t, d| {
        adjoints[t * width..(t + 1) * width].copy_from_slice(d);
    })
    .unwrap();
    let mut outer = vec![0.0; projection.parameter_len()];
    let mut dx = vec![f64::NAN; sequence.len()];
    projection.reverse(&adjoints, &mut outer, &mut dx).unwrap();
    let (outer, inner) = (&outer[..], pass.gradient());
    [
        pass.last_state().to_vec(),
        outer[..rows * features].to_vec(),
        inner[..rows * hidden].to_vec(),
        outer[rows * features..].to_vec(),
        inner[rows * hidden..].to_vec(),
        dx,
        pass.initial_adjoint().to_vec(),
    ]
}

fn compare(name: &str, features: &Results, projected: &Results) {
    for (k, (a, b)) in features.iter().zip(projected).enumerate() {
        let scale = a.iter().map(|x| x.abs()).fold(1.0, f64::max);
        let difference = largest_difference(a, b) / scale;
        assert!(difference < 1e-13, "{name}, result {k}: {difference:e}");
    }
}

/// Over one or two block borders: 640 steps for 1 sequence, 213 for 3, 37 for 17.
#[test]
fn projected_features_give_the_same_gradients() {
    for (batch, steps) in [(1, 650), (3, 220), (17, 80)] {
        let shape = shape(3, 5, batch);
        let stored = Tape::Stored;
        compare(
            "rnn",
            &with_features(Rnn::new(shape).unwrap(), steps),
            &with_projection(Rnn::projected(shape).unwrap(), shape, 1, steps, stored),
        );
        for reset in [Reset::After, Reset::Before] {
            compare(
                "gru",
                &with_features(Gru::new(shape, reset).unwrap(), steps),
                &with_projection(Gru::projected(shape, reset).unwrap(), shape, 3, steps, stored),
            );
        }
        compare(
            "lstm",
            &with_features(Lstm::new(shape).unwrap(), steps),
            &with_projection(Lstm::projected(shape).unwrap(), shape, 4, steps, stored),
        );
    }
}

#[test]
fn checkpointed_runs_on_projected_features_have_the_bits_of_stored_ones() {
    for batch in [1, 17] {
        let shape = shape(3, 5, batch);
        let run = |tape| with_projection(Lstm::projected(shape).unwrap(), shape, 4, 80, tape);
        assert_eq!(run(Tape::Stored), run(Tape::Checkpointed { snapshots: 4 }), "batch {batch}");
    }
}

/// The projection alone, against the definition.
#[test]
fn projection_is_an_affine_map() {
    for batch in [1, 2, 17] {
        let shape = shape(2, 3, batch);
        let parameters: Vec<f64> = wave(12 * 3, 1.0, 0.0);
        let sequence: Vec<f64> = wave(50 * 2 * batch, 1.0, 0.5);
        let mut projection = Projection::new(shape, 4, &parameters, &sequence[..]).unwrap();
        for t in [49, 0, 38, 37, 36, 1] {
            let projected = projection.at(t).to_vec();
            for row in 0..12 {
                for b in 0..batch {
                    let x = |i: usize| sequence[(t * 2 + i) * batch + b];
                    let expected =
                        parameters[row * 2] * x(0) + parameters[row * 2 + 1] * x(1) + parameters[24 + row];
                    let got = projected[row * batch + b];
                    assert!((got - expected).abs() < 1e-15, "step {t}, row {row}: {got} and {expected}");
                }
            }
        }
    }
}
