//! Against PyTorch: `tests/reference/recurrent_cells.py` made the numbers.

use crate::support::{for_each_cell, largest_difference, shape, wave};
use tangency_cells::{Scalar, Shape, batch_last};
use tangency_recurrence::{Backpropagation, Differentiable, Frames, Tape, scan_all};
use tangency_testing::Golden;

/// The reference values called `key`, in order.
fn reference(key: &str) -> Vec<f64> {
    let table = Golden::parse(include_str!("../reference/recurrent_cells.csv")).unwrap();
    let values = table.numbers_where("value", "key", key).unwrap();
    assert!(!values.is_empty(), "no reference values {key}");
    values
}

fn cosines(len: usize, scale: f64, start: f64) -> Vec<f64> {
    (0..len).map(|k| scale * (start + k as f64).cos()).collect()
}

/// What the reference script puts in: parameters, inputs, initial state.
fn setting<R: Differentiable<Element = f64>>(
    cell: &R,
    shape: Shape,
    steps: usize,
) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let Shape { features, hidden, batch } = shape;
    let inputs = batch_last(&cosines(steps * batch * features, 1.0, 0.0), batch, features).unwrap();
    let mut initial = batch_last(&wave(batch * hidden, 0.3, 1.0), batch, hidden).unwrap();
    if cell.state_len() > initial.len() {
        initial.extend(batch_last(&cosines(batch * hidden, 0.2, 2.0), batch, hidden).unwrap());
    }
    (wave(cell.parameter_len(), 0.5, 0.0), inputs, initial)
}

fn compare<R: Differentiable<Element = f64, Input = [f64]>>(
    mut cell: R,
    name: &str,
    shape: Shape,
    steps: usize,
) {
    let (parameters, inputs, initial) = setting(&cell, shape, steps);
    let (n, width) = (shape.hidden_len(), shape.input_len());
    cell.bind(&parameters).unwrap();

    let states = scan_all(&mut cell, 0..steps, Frames::new(&inputs[..], width), &initial).unwrap();
    let outputs: Vec<f64> =
        states.chunks_exact(cell.state_len()).skip(1).flat_map(|state| &state[..n]).copied().collect();
    let last_cell = &states[steps * cell.state_len() + n..];

    let on_cell = batch_last(&cosines(n, 1.0, 0.0), shape.batch, shape.hidden).unwrap();
    let mut loss = 0.0;
    let mut dx = vec![0.0; inputs.len()];
    let mut pass = Backpropagation::new(Tape::Stored);
    pass.run(
        &mut cell,
        0..steps,
        Frames::new(&inputs[..], width),
        &initial,
        |t, y, adjoint| {
            for k in 0..n {
                loss += y[k] * y[k];
                adjoint[k] += 2.0 * y[k];
            }
            if t == steps - 1 {
                for (k, &c) in y[n..].iter().enumerate() {
                    loss += on_cell[k] * c;
                    adjoint[n + k] += on_cell[k];
                }
            }
        },
        |t, d| dx[t * width..(t + 1) * width].copy_from_slice(d),
    )
    .unwrap();
    let adjoint = pass.initial_adjoint();

    let check = |quantity: &str, values: &[f64], tolerance: f64| {
        let difference = largest_difference(values, &reference(&format!("{name}.{quantity}")));
        assert!(difference <= tolerance, "{name}.{quantity}: {difference:e}");
    };
    check("loss", &[loss], 1e-12);
    check("output", &outputs, 1e-14);
    check("gradient", pass.gradient(), 1e-12);
    check("dx", &dx, 1e-13);
    check("dh0", &adjoint[..n], 1e-13);
    if !last_cell.is_empty() {
        check("cell", last_cell, 1e-14);
        check("dc0", &adjoint[n..], 1e-13);
    }
}

#[test]
fn outputs_and_all_gradients_are_those_of_torch() {
    for_each_cell!(f64, shape(2, 3, 2), |name, cell| {
        compare(cell, &format!("{name}.small"), shape(2, 3, 2), 3);
    });
    for_each_cell!(f64, shape(3, 5, 17), |name, cell| {
        compare(cell, &format!("{name}.wide"), shape(3, 5, 17), 2);
    });
}

/// torch 2.15.0: parameters 0.5 sin(k), inputs cos(k), zero initial state, loss = sum of squared outputs.
#[test]
fn loss_and_gradient_norm_from_rest() {
    for_each_cell!(f64, shape(2, 3, 2), |name, cell| {
        let expected = match name {
            "rnn" => Some((2.0550240295881563, 5.050742495493594)),
            "gru" => Some((0.39463753993087997, 1.7029098491436419)),
            "lstm" => Some((0.4166151019186911, 1.070021544391357)),
            _ => None, // torch has no GRU with the reset before the product
        };
        if let Some((loss, norm)) = expected {
            let (got_loss, got_norm) = loss_and_norm(cell);
            assert!((got_loss - loss).abs() < 1e-14, "{name}: {got_loss}");
            assert!((got_norm - norm).abs() < 1e-14, "{name}: {got_norm}");
        }
    });
}

fn loss_and_norm<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R) -> (f64, f64) {
    let (parameters, inputs, _) = setting(&cell, shape(2, 3, 2), 3);
    cell.bind(&parameters).unwrap();
    let mut loss = 0.0;
    let mut pass = Backpropagation::new(Tape::Stored);
    let initial = vec![0.0; cell.state_len()];
    let squares = |_, y: &[f64], adjoint: &mut [f64]| {
        for k in 0..6 {
            loss += y[k] * y[k];
            adjoint[k] += 2.0 * y[k];
        }
    };
    pass.run(&mut cell, 0..3, Frames::new(&inputs[..], 4), &initial, squares, |_, _| {}).unwrap();
    (loss, pass.gradient().iter().map(|g| g * g).sum::<f64>().sqrt())
}

#[test]
fn single_precision_agrees_to_rounding() {
    fn run<T: Scalar, R: Differentiable<Element = T, Input = [T]>>(mut cell: R, shape: Shape) -> Vec<f64> {
        let parameters: Vec<T> = wave(cell.parameter_len(), 0.5, 0.3);
        cell.bind(&parameters).unwrap();
        let inputs: Vec<T> = wave(20 * shape.input_len(), 1.0, 0.7);
        let initial = vec![T::ZERO; cell.state_len()];
        let mut pass = Backpropagation::new(Tape::Stored);
        let loss = |_, y: &[T], adjoint: &mut [T]| {
            for (a, &y) in adjoint.iter_mut().zip(y) {
                *a += y;
            }
        };
        pass.run(&mut cell, 0..20, Frames::new(inputs, shape.input_len()), &initial, loss, |_, _| {})
            .unwrap();
        let scale = pass.gradient().iter().map(|g| g.to_f64().abs()).fold(0.0, f64::max);
        let gradient = pass.gradient().iter().map(|g| g.to_f64() / scale);
        pass.last_state().iter().map(|y| y.to_f64()).chain(gradient).collect()
    }
    for batch in [1, 5, 16, 17] {
        let shape = shape(4, 9, batch);
        let mut double = Vec::new();
        for_each_cell!(f64, shape, |_name, cell| { double.push(run(cell, shape)) });
        let mut single = Vec::new();
        for_each_cell!(f32, shape, |_name, cell| { single.push(run(cell, shape)) });
        for (kind, (double, single)) in double.iter().zip(&single).enumerate() {
            let difference = largest_difference(double, single);
            assert!(difference < 5e-6, "cell {kind}, batch {batch}: {difference:e}");
            assert!(difference > 0.0, "f32 cannot be this exact");
        }
    }
}
