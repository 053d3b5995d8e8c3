//! Steps that can be done by hand.

use crate::support::{shape, wave};
use tangency_cells::{Gru, Lstm, Reset, Rnn};
use tangency_recurrence::{Differentiable, Frames, Recurrence, scan};

fn constant<R: Differentiable<Element = f64, Input = [f64]>>(
    mut cell: R,
    bias: f64,
    inputs: &[f64],
) -> Vec<f64> {
    let layout = cell.parameter_layout();
    let mut parameters = vec![0.1; layout.len()];
    parameters[layout.range("bias_ih").unwrap()].fill(bias);
    parameters[layout.range("bias_hh").unwrap()].fill(0.0);
    cell.bind(&parameters).unwrap();
    let mut state = vec![0.0; cell.state_len()];
    cell.step(0, inputs, &mut state).unwrap();
    state
}

/// The node tests of ONNX (onnx 1.22.0, backend/test/case/node/{rnn,gru,lstm}.py): all weights 0.1, one step, three
/// sequences; every unit of a row is equal.
#[test]
fn onnx_node_tests() {
    let two = [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]; // [features][batch] of [[1, 2], [3, 4], [5, 6]]
    let three = [1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0];
    let (a, b) = (shape(2, 4, 3), shape(3, 5, 3));
    for (name, state, expected) in [
        ("rnn", constant(Rnn::new(a).unwrap(), 0.0, &two), [0.291312612, 0.604367777, 0.800499022]),
        ("lstm", constant(Lstm::new(a).unwrap(), 0.0, &two), [0.095241188, 0.256064434, 0.403237736]),
        (
            "gru",
            constant(Gru::new(a, Reset::Before).unwrap(), 0.0, &two),
            [0.123970262, 0.200536619, 0.199916541],
        ),
        ("rnn, bias", constant(Rnn::new(b).unwrap(), 0.1, &three), [0.604367777, 0.921668554, 0.986614298]),
        ("lstm, bias", constant(Lstm::new(b).unwrap(), 0.1, &three), [0.256064434, 0.536727767, 0.667213249]),
        (
            "gru, bias",
            constant(Gru::new(b, Reset::After).unwrap(), 0.1, &three),
            [0.200536619, 0.154823372, 0.074842765],
        ),
    ] {
        let hidden = if name.contains("bias") { 5 } else { 4 };
        for (k, &value) in state[..hidden * 3].iter().enumerate() {
            assert!((value - expected[k % 3]).abs() < 6e-10, "{name}: {value} at {k}");
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// All W = 0.5, U = -0.8, b_ih = 0.1, b_hh = 0.2; x = 1, h = 0.5: by the formulas, and the digits that torch and its
/// variant with the reset before the product print.
#[test]
fn the_two_places_of_the_reset_gate() {
    let parameters = [0.5, 0.5, 0.5, -0.8, -0.8, -0.8, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2];
    let r = sigmoid(0.5 + 0.1 - 0.4 + 0.2);
    for (reset, inside, printed) in
        [(Reset::After, r * (-0.4 + 0.2), 0.4785112442), (Reset::Before, r * -0.4 + 0.2, 0.5033577041)]
    {
        let expected = (1.0 - r) * (0.5 + 0.1 + inside).tanh() + r * 0.5; // here z = r
        assert!((expected - printed).abs() < 5e-11);
        let mut gru = Gru::<f64>::new(shape(1, 1, 1), reset).unwrap();
        gru.bind(&parameters).unwrap();
        let mut state = [0.5];
        gru.step(0, &[1.0], &mut state).unwrap();
        assert!((state[0] - expected).abs() < 1e-15, "{reset:?}: {}", state[0]);
    }
}

/// One unit of each LSTM gate, with four different pre-activations.
#[test]
fn lstm_step_by_hand() {
    let mut lstm = Lstm::<f64>::new(shape(1, 1, 1)).unwrap();
    lstm.bind(&[0.3, -0.2, 0.7, 0.1, 0.5, 0.4, -0.6, 0.9, 0.01, 0.02, 0.03, 0.04, 0.1, 0.2, 0.3, 0.4])
        .unwrap();
    let (x, h, c) = (2.0, 0.25, -0.5);
    let gate = |w: f64, u: f64, b: f64| w * x + u * h + b;
    let i = sigmoid(gate(0.3, 0.5, 0.11));
    let f = sigmoid(gate(-0.2, 0.4, 0.22));
    let g = gate(0.7, -0.6, 0.33).tanh();
    let o = sigmoid(gate(0.1, 0.9, 0.44));
    let next = f * c + i * g;
    let mut state = [h, c];
    lstm.step(0, &[x], &mut state).unwrap();
    assert!((state[1] - next).abs() < 1e-15 && (state[0] - o * next.tanh()).abs() < 1e-15, "{state:?}");
}

/// Exchanging any two gates must change the result: the order of gates is not hidden by the weights.
#[test]
fn permuted_gates_give_another_state() {
    fn distance<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, gates: usize) {
        let shape = [2, 3]; // features, hidden
        let parameters: Vec<f64> = wave(cell.parameter_len(), 0.5, 0.0);
        let mut run = |parameters: &[f64]| {
            cell.bind(parameters).unwrap();
            let mut state: Vec<f64> = wave(cell.state_len(), 0.4, 2.0);
            let inputs: Vec<f64> = wave(3 * cell.input_len(), 1.0, 1.0);
            let width = cell.input_len();
            scan(&mut cell, 0..3, Frames::new(inputs, width), &mut state).unwrap();
            state
        };
        let reference = run(&parameters);
        for first in 0..gates {
            for second in first + 1..gates {
                let mut swapped = parameters.clone();
                let mut start = 0;
                for cols in [shape[0], shape[1], 1, 1] {
                    let width = shape[1] * cols; // numbers of one gate in this parameter
                    for k in 0..width {
                        swapped.swap(start + first * width + k, start + second * width + k);
                    }
                    start += gates * width;
                }
                let state = run(&swapped);
                let change = state.iter().zip(&reference).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(change > 1e-2, "gates {first} and {second}: {change}");
            }
        }
    }
    distance(Gru::<f64>::new(shape(2, 3, 2), Reset::After).unwrap(), 3);
    distance(Gru::<f64>::new(shape(2, 3, 2), Reset::Before).unwrap(), 3);
    distance(Lstm::<f64>::new(shape(2, 3, 2)).unwrap(), 4);
}

/// Saturated gates: neither overflow nor NaN, and the limits of the formulas.
#[test]
fn extreme_inputs_saturate() {
    for x in [1e3, -1e3, 1e300, -1e300] {
        let mut lstm = Lstm::<f64>::new(shape(1, 1, 1)).unwrap();
        let mut parameters = vec![0.0; 16];
        parameters[..4].fill(1.0);
        lstm.bind(&parameters).unwrap();
        let mut state = [0.0, 3.0];
        lstm.step(0, &[x], &mut state).unwrap();
        let expected = if x > 0.0 { [4_f64.tanh(), 4.0] } else { [0.0, 0.0] };
        assert!(
            (state[0] - expected[0]).abs() < 1e-15 && (state[1] - expected[1]).abs() < 1e-15,
            "{state:?}"
        );
    }
}
