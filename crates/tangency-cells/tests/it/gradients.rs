//! Derivatives: against differences, against each other, over block borders.

use crate::support::{BATCHES, for_each_cell, shape, wave};
use proptest::prelude::*;
use std::ops::Range;
use tangency_cells::{Gru, Lstm, Reset, Rnn, Shape};
use tangency_recurrence::{Backpropagation, Check, Differentiable, Frames, Tape, check};

fn checked<R: Differentiable<Element = f64, Input = [f64]>>(
    mut cell: R,
    steps: Range<usize>,
    seed: f64,
) -> Check {
    let parameters: Vec<f64> = wave(cell.parameter_len(), 0.5, seed);
    let initial: Vec<f64> = wave(cell.state_len(), 0.4, seed + 0.5);
    let width = cell.input_len();
    let inputs = Frames::new(wave(steps.end * width, 1.0, seed + 0.2), width);
    check(&mut cell, &parameters, steps, inputs, &initial).unwrap()
}

#[test]
fn derivatives_match_differences_and_their_transpose() {
    for batch in BATCHES {
        for_each_cell!(f64, shape(3, 4, batch), |name, cell| {
            let check = checked(cell, 0..3, 0.1);
            assert!(check.passes(1e-9, 1e-14), "{name}, batch {batch}: {check:?}");
        });
    }
}

/// Cells without input weights of their own.
#[test]
fn derivatives_on_projected_features() {
    for batch in [1, 5, 17] {
        let shape = shape(3, 4, batch);
        let passes = |check: Check| assert!(check.passes(1e-9, 1e-14), "batch {batch}: {check:?}");
        passes(checked(Rnn::<f64>::projected(shape).unwrap(), 0..3, 0.1));
        passes(checked(Gru::<f64>::projected(shape, Reset::After).unwrap(), 0..3, 0.1));
        passes(checked(Gru::<f64>::projected(shape, Reset::Before).unwrap(), 0..3, 0.1));
        passes(checked(Lstm::<f64>::projected(shape).unwrap(), 0..3, 0.1));
    }
}

/// Blocks of held-back gradients end at multiples of 640 / batch: 37 steps for 17 sequences.
#[test]
fn gradients_over_block_borders() {
    for_each_cell!(f64, shape(2, 3, 17), |name, cell| {
        let check = checked(cell, 33..41, 0.7);
        assert!(check.passes(1e-9, 1e-14), "{name}: {check:?}");
    });
    for_each_cell!(f64, shape(2, 3, 1), |name, cell| {
        let check = checked(cell, 635..645, 0.7);
        assert!(check.passes(1e-9, 1e-14), "{name}: {check:?}");
    });
}

/// Several blocks: the gradient of 150 steps is the same to rounding when it is flushed after every step.
#[test]
fn blocks_add_up() {
    fn compare<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, name: &str) {
        let (steps, width) = (150, cell.input_len());
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        let inputs: Vec<f64> = wave(steps * width, 1.0, 0.4);
        let initial = vec![0.0; cell.state_len()];
        let loss = |_, y: &[f64], adjoint: &mut [f64]| {
            for (a, y) in adjoint.iter_mut().zip(y) {
                *a += y;
            }
        };
        let mut pass = Backpropagation::new(Tape::Stored);
        pass.run(&mut cell, 0..steps, Frames::new(&inputs[..], width), &initial, loss, |_, _| {}).unwrap();

        let mut single = vec![0.0; cell.parameter_len()];
        let mut states = vec![initial.clone()];
        let mut traces = Vec::new();
        for (t, x) in inputs.chunks_exact(width).enumerate() {
            let (mut state, mut trace) = (states[t].clone(), vec![0.0; cell.trace_len()]);
            cell.step_traced(t, x, &mut state, &mut trace).unwrap();
            states.push(state);
            traces.push(trace);
        }
        let mut adjoint = vec![0.0; cell.state_len()];
        let mut dx = vec![0.0; width];
        for t in (0..steps).rev() {
            loss(t, &states[t + 1], &mut adjoint);
            let record =
                tangency_recurrence::Record { before: &states[t], after: &states[t + 1], trace: &traces[t] };
            cell.reverse(t, &inputs[t * width..(t + 1) * width], record, &mut adjoint, &mut dx, &mut single);
            cell.flush(&mut single);
        }
        let scale = single.iter().map(|g| g.abs()).fold(0.0, f64::max);
        for (k, (a, b)) in pass.gradient().iter().zip(&single).enumerate() {
            assert!((a - b).abs() < 1e-13 * scale, "{name}, parameter {k}: {a} and {b}");
        }
    }
    for_each_cell!(f64, shape(3, 5, 17), |name, cell| { compare(cell, name) });
    for_each_cell!(f64, shape(3, 5, 4), |name, cell| { compare(cell, name) });
}

/// Blocks end at multiples of their length, 37 for 17 sequences: a flush there changes no bit, whatever the first step.
#[test]
fn blocks_end_at_multiples_of_their_length() {
    fn compare<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, name: &str) {
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        let before: Vec<f64> = wave(cell.state_len(), 0.4, 0.9);
        let width = cell.input_len();
        let mut gradient_of = |extra: bool| {
            let (mut gradient, mut dx) = (vec![0.0; cell.parameter_len()], vec![0.0; width]);
            for t in (0..90).rev() {
                let x: Vec<f64> = wave(width, 1.0, t as f64);
                let (mut after, mut trace) = (before.clone(), vec![0.0; cell.trace_len()]);
                cell.step_traced(t, &x, &mut after, &mut trace).unwrap();
                let record = tangency_recurrence::Record { before: &before, after: &after, trace: &trace };
                cell.reverse(t, &x, record, &mut vec![1.0; before.len()], &mut dx, &mut gradient);
                if extra && t % 37 == 0 {
                    cell.flush(&mut gradient);
                }
            }
            cell.flush(&mut gradient);
            gradient
        };
        let plain = gradient_of(false);
        assert!(plain == gradient_of(true), "{name}");
    }
    for_each_cell!(f64, shape(3, 5, 17), |name, cell| { compare(cell, name) });
}

/// A driver may repeat a step, or take steps in any order, without a flush between: nothing is lost and nothing breaks.
#[test]
fn repeated_steps_overflow_no_block() {
    fn repeat<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, name: &str) {
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        let x: Vec<f64> = wave(cell.input_len(), 1.0, 0.3);
        let before: Vec<f64> = wave(cell.state_len(), 0.4, 0.9);
        let (mut after, mut trace) = (before.clone(), vec![0.0; cell.trace_len()]);
        cell.step_traced(3, &x, &mut after, &mut trace).unwrap();
        let record = tangency_recurrence::Record { before: &before, after: &after, trace: &trace };
        let mut dx = vec![0.0; x.len()];
        let mut gradients = [1, 100].map(|times| {
            let mut gradient = vec![0.0; cell.parameter_len()];
            for _ in 0..times {
                cell.reverse(3, &x, record, &mut vec![1.0; before.len()], &mut dx, &mut gradient);
            }
            cell.flush(&mut gradient);
            gradient
        });
        let [once, many] = &mut gradients;
        for (a, b) in once.iter().zip(many) {
            assert!((100.0 * a - *b).abs() < 1e-11, "{name}: {a} and {b}");
        }
    }
    for_each_cell!(f64, shape(3, 5, 17), |name, cell| { repeat(cell, name) });
}

/// `bind` forgets what is held back.
#[test]
fn binding_forgets_gradients_held_back() {
    fn forget<R: Differentiable<Element = f64, Input = [f64]>>(mut cell: R, name: &str) {
        let parameters: Vec<f64> = wave(cell.parameter_len(), 0.5, 0.0);
        cell.bind(&parameters).unwrap();
        let x: Vec<f64> = wave(cell.input_len(), 1.0, 0.3);
        let before = vec![0.1; cell.state_len()];
        let (mut after, mut trace) = (before.clone(), vec![0.0; cell.trace_len()]);
        cell.step_traced(1, &x, &mut after, &mut trace).unwrap();
        let record = tangency_recurrence::Record { before: &before, after: &after, trace: &trace };
        let mut gradient = vec![0.0; cell.parameter_len()];
        let mut dx = vec![0.0; x.len()];
        cell.reverse(1, &x, record, &mut vec![1.0; before.len()], &mut dx, &mut gradient);
        cell.bind(&parameters).unwrap();
        cell.flush(&mut gradient);
        assert!(gradient.iter().all(|&g| g == 0.0), "{name}");
    }
    for_each_cell!(f64, shape(2, 3, 2), |name, cell| { forget(cell, name) });
}

/// A window as long as the run is the whole gradient, bit for bit; a shorter one is not.
#[test]
fn truncation_over_the_whole_run_is_back_propagation() {
    fn gradient<R: Differentiable<Element = f64, Input = [f64]>>(cell: &mut R, tape: Tape) -> Vec<f64> {
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        let width = cell.input_len();
        let inputs = Frames::new(wave::<f64>(80 * width, 1.0, 0.4), width);
        let initial = vec![0.1; cell.state_len()];
        let mut pass = Backpropagation::new(tape);
        let loss = |_, y: &[f64], adjoint: &mut [f64]| {
            for (a, y) in adjoint.iter_mut().zip(y) {
                *a += y;
            }
        };
        pass.run(cell, 0..80, inputs, &initial, loss, |_, _| {}).unwrap();
        [pass.gradient(), pass.initial_adjoint()].concat()
    }
    for_each_cell!(f64, shape(3, 5, 17), |name, cell| {
        let mut cell = cell;
        let whole = gradient(&mut cell, Tape::Stored);
        assert_eq!(gradient(&mut cell, Tape::Truncated { every: 80, window: 80 }), whole, "{name}");
        assert_eq!(gradient(&mut cell, Tape::Checkpointed { snapshots: 3 }), whole, "{name}");
        assert_ne!(gradient(&mut cell, Tape::Truncated { every: 4, window: 4 }), whole, "{name}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any shape, any weights.
    #[test]
    fn derivatives_in_any_shape(
        features in 1_usize..5,
        hidden in 1_usize..20,
        batch in 1_usize..20,
        start in 0_usize..50,
        seed in -100.0..100.0_f64,
    ) {
        let shape = Shape { features, hidden, batch };
        for_each_cell!(f64, shape, |name, cell| {
            let check = checked(cell, start..start + 2, seed);
            prop_assert!(check.passes(1e-8, 1e-13), "{}: {:?}", name, check);
        });
    }
}
