use crate::runners::{BLOCK, Logistic, Tanh};
use proptest::prelude::*;
use tangency_recurrence::{
    Autonomous, Backpropagation, Differentiable, Frames, LinearRecurrence, Quantity, Recurrence, RunError,
    StepError, Tape, revolve_advances, scan, scan_all, scan_with,
};

const N: usize = 3;

/// Gradient, input adjoints, initial adjoint, last state, advances for a loss of all states.
fn pass(tape: Tape, steps: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>, usize) {
    let inputs = Tanh::inputs(N, steps);
    let mut run = Tanh::new(N);
    let mut dx = vec![0.0; N * steps];
    let mut back = Backpropagation::new(tape);
    back.run(
        &mut run,
        0..steps,
        Frames::new(&inputs[..], N),
        &[0.1, -0.2, 0.3],
        |t, y, adjoint| {
            for (i, a) in adjoint.iter_mut().enumerate() {
                *a += y[i] * (1.0 + 0.01 * (t + i) as f64);
            }
        },
        |t, d| {
            for (sum, d) in dx[t * N..].iter_mut().zip(d) {
                *sum += d;
            }
        },
    )
    .unwrap();
    let results = (back.gradient().to_vec(), dx, back.initial_adjoint().to_vec(), back.last_state().to_vec());
    (results.0, results.1, results.2, results.3, back.advances())
}

#[test]
fn checkpointed_passes_equal_the_stored_one_bit_for_bit_and_count_their_advances() {
    for steps in [1, 2, 7, 10, 64, 100] {
        let stored = pass(Tape::Stored, steps);
        assert_eq!(stored.4, 0);
        for snapshots in [1, 2, 3, 5, 10, 200] {
            let other = pass(Tape::Checkpointed { snapshots }, steps);
            assert_eq!(
                (&other.0, &other.1, &other.2, &other.3),
                (&stored.0, &stored.1, &stored.2, &stored.3)
            );
            assert_eq!(Some(other.4), revolve_advances(steps, snapshots.min(steps)));
        }
        let whole = pass(Tape::Truncated { every: steps, window: steps }, steps);
        assert_eq!((&whole.0, &whole.1, &whole.2), (&stored.0, &stored.1, &stored.2));
    }
    assert_eq!(pass(Tape::Checkpointed { snapshots: 3 }, 10).4, 15);
    assert_eq!(pass(Tape::Checkpointed { snapshots: 5 }, 100).4, 316);
    assert_eq!(pass(Tape::Checkpointed { snapshots: 10 }, 420).4, 1316);
}

#[test]
fn a_memory_budget_chooses_the_tape() {
    let (w, z, steps) = (N, N, 50);
    let norms = (steps + 1) * size_of::<f64>();
    let stored = (steps * (w + z) + 4 * w) * size_of::<f64>() + norms;
    let least = (6 * w + z) * size_of::<f64>() + norms;
    let reference = pass(Tape::Stored, steps);
    assert_eq!(pass(Tape::WithinMemory { bytes: stored }, steps).4, 0);
    for (bytes, snapshots) in
        [(stored - 1, 50), (least, 1), (least + 4 * w * 8, 5), (least + 5 * w * 8 - 1, 5)]
    {
        let result = pass(Tape::WithinMemory { bytes }, steps);
        assert_eq!(Some(result.4), revolve_advances(steps, snapshots), "{bytes}");
        assert_eq!(result.0, reference.0);
    }
    let mut run = LinearRecurrence::new(&[0.5]);
    let small = Backpropagation::new(Tape::WithinMemory { bytes: 127 }).run(
        &mut run,
        0..9,
        Frames::new(vec![0.0; 9], 1),
        &[1.0],
        |_, _, _| {},
        |_, _| {},
    );
    assert_eq!(small, Err(RunError::MemoryBudget { needed: 128, budget: 127 }));
}

#[test]
fn truncation_equals_the_sum_over_its_windows() {
    // y' = a y + x: with L = sum of y_t over t = 1..6, every = 2, window = 3, each loss is followed back to the start of
    // the window that counts it.
    let a: f64 = 0.7;
    let x = [1.0, -2.0, 0.5, 3.0, 1.5, -1.0];
    let mut run = LinearRecurrence::new(&[a]);
    let mut dx = [0.0; 6];
    let mut back = Backpropagation::new(Tape::Truncated { every: 2, window: 3 });
    let inputs = Frames::new(&x[..], 1);
    back.run(&mut run, 0..6, inputs.clone(), &[2.0], |_, _, l| l[0] += 1.0, |t, d| dx[t] += d[0]).unwrap();
    let states = scan_all(&mut run, 0..6, inputs, &[2.0]).unwrap();
    let (mut gradient, mut expected_dx, mut initial) = (0.0, [0.0; 6], 0.0);
    for end in [2_usize, 4, 6] {
        let first = end.saturating_sub(3);
        for loss in end - 2..end {
            for t in first..=loss {
                let factor = a.powi((loss - t) as i32);
                gradient += factor * states[t];
                expected_dx[t] += factor;
            }
            if first == 0 {
                initial += a.powi(loss as i32 + 1);
            }
        }
    }
    assert!((back.gradient()[0] - gradient).abs() < 1e-13);
    assert!((back.initial_adjoint()[0] - initial).abs() < 1e-14);
    for (d, e) in dx.iter().zip(expected_dx) {
        assert!((d - e).abs() < 1e-14);
    }
}

#[test]
fn gradient_vanishes_and_explodes_as_powers() {
    for (factor, end) in [(0.5_f64, 8.881784197001252e-16), (1.1, 117.39085287969571)] {
        let mut back = Backpropagation::new(Tape::Stored);
        let mut run = LinearRecurrence::new(&[factor]);
        let inputs = Frames::new(vec![0.0; 50], 1);
        back.run(&mut run, 0..50, inputs, &[1.0], |t, _, l| l[0] += f64::from(t == 49), |_, _| {}).unwrap();
        assert!((back.initial_adjoint()[0] / end - 1.0).abs() < 1e-13);
        let health = back.health();
        assert_eq!(health.norms().len(), 51);
        assert!((health.mean_factor().unwrap() - factor).abs() < 1e-12);
        // 0.5^k < 1e-3 first for k = 10, and 1.1^k > 10 first for k = 25: counted back from state 50.
        assert_eq!(health.vanishes_at(1e-3), (factor < 1.0).then_some(40));
        assert_eq!(health.explodes_at(10.0), (factor > 1.0).then_some(25));
    }
}

#[test]
fn a_pass_may_begin_anywhere_and_buffers_are_reused() {
    // Weight gradients are held back to absolute step numbers, so a later start changes the blocks, not the sums.
    let inputs = Tanh::inputs(N, 3 * BLOCK);
    let mut run = Tanh::new(N);
    let mut middle = vec![0.1, -0.2, 0.3];
    scan(&mut run, 0..5, Frames::new(&inputs[..], N), &mut middle).unwrap();
    let mut back = Backpropagation::new(Tape::Stored);
    let mut gradients = Vec::new();
    for (steps, initial) in [(0..12, vec![0.1, -0.2, 0.3]), (5..12, middle), (0..12, vec![0.1, -0.2, 0.3])] {
        let frames = Frames::new(&inputs[..], N);
        back.run(&mut run, steps, frames, &initial, |t, _, l| l[0] += f64::from(t == 11), |_, _| {}).unwrap();
        gradients.push((back.gradient().to_vec(), back.last_state().to_vec()));
    }
    assert_eq!(gradients[0], gradients[2]);
    assert_eq!(gradients[0].1, gradients[1].1);
    assert_ne!(gradients[0].0, gradients[1].0);
}

#[test]
fn no_steps_leave_everything_in_place() {
    for tape in [Tape::Stored, Tape::Checkpointed { snapshots: 0 }, Tape::Truncated { every: 1, window: 1 }] {
        let mut back = Backpropagation::new(tape);
        let mut run = LinearRecurrence::new(&[0.5]);
        back.run(&mut run, 3..3, Frames::new(&[][..], 1), &[7.0], |_, _, _| {}, |_, _| {}).unwrap();
        assert_eq!((back.last_state(), back.gradient()), (&[7.0][..], &[0.0][..]));
        assert_eq!(back.health().mean_factor(), None);
    }
}

#[test]
fn bad_questions_are_errors_with_numbers() {
    let mut run = LinearRecurrence::new(&[0.5, 0.25]);
    let mut back = Backpropagation::new(Tape::Stored);
    let mut go = |values: Vec<f64>, steps, initial: &[f64]| {
        back.run(&mut run, 0..steps, Frames::new(values, 2), initial, |_, _, _| {}, |_, _| {})
    };
    let error = go(vec![0.0; 6], 3, &[0.0]).unwrap_err();
    assert_eq!(error.to_string(), "state: expected 2 elements, got 1");
    let error = go(vec![0.0; 5], 3, &[0.0, 0.0]).unwrap_err();
    assert_eq!(error, RunError::TooFewInputs { needed: 3, available: 2 });
    let error = go(vec![0.0, 0.0, 0.0, f64::NAN, 0.0, 0.0], 3, &[0.0, 0.0]).unwrap_err();
    assert!(matches!(
        error,
        RunError::Step(StepError::NonFinite { step: 1, what: Quantity::Input, index: 1, value }) if value.is_nan()
    ));
    assert_eq!(error.to_string(), "step 1: input component 1 is NaN");
    for tape in [Tape::Truncated { every: 0, window: 3 }, Tape::Truncated { every: 4, window: 3 }] {
        let result = Backpropagation::new(tape).run(
            &mut Logistic(2.0),
            0..5,
            Autonomous,
            &[0.5],
            |_, _, _| {},
            |_, _| {},
        );
        assert!(matches!(result, Err(RunError::Truncation { .. })));
    }
    assert_eq!(run.bind(&[1.0]).unwrap_err().expected, 2);
}

#[test]
fn a_visitor_sees_states_in_order_and_may_stop() {
    let mut run = LinearRecurrence::new(&[1.0]);
    let mut seen = Vec::new();
    let mut state = [0.0];
    let inputs = Frames::new(&[1.0, 2.0, 3.0, 4.0][..], 1);
    let taken = scan_with(&mut run, 1..4, inputs, &mut state, |t, y| {
        seen.push((t, y[0]));
        if y[0] > 4.0 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    assert_eq!((taken.unwrap(), seen), (2, vec![(1, 2.0), (2, 5.0)]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn tape_does_not_matter(steps in 1_usize..40, snapshots in 1_usize..8) {
        let (stored, other) = (pass(Tape::Stored, steps), pass(Tape::Checkpointed { snapshots }, steps));
        prop_assert_eq!(stored.0, other.0);
        prop_assert_eq!(stored.1, other.1);
    }
}

#[test]
fn steps_are_taken_once_each() {
    let mut run = Tanh::new(N);
    let inputs = Tanh::inputs(N, 10);
    let mut back = Backpropagation::new(Tape::Checkpointed { snapshots: 3 });
    back.run(&mut run, 0..10, Frames::new(&inputs[..], N), &[0.0; N], |_, _, _| {}, |_, _| {}).unwrap();
    assert_eq!(run.steps_taken, 10 + 15);
    assert_eq!(run.state_len(), N);
}

#[test]
fn very_many_snapshots_are_no_matter_of_the_stack() {
    let steps = 200_000;
    let mut back = Backpropagation::new(Tape::Checkpointed { snapshots: steps });
    let inputs = Frames::new(vec![0.0; steps], 1);
    let mut run = LinearRecurrence::new(&[1.0]);
    back.run(&mut run, 0..steps, inputs, &[1.0], |t, _, l| l[0] += f64::from(t == 7), |_, _| {}).unwrap();
    assert_eq!((back.initial_adjoint(), back.advances()), (&[1.0][..], steps - 1));
}

#[test]
fn an_adjoint_that_overflows_is_an_error_and_leaves_nothing_behind() {
    let mut back = Backpropagation::new(Tape::Stored);
    let mut run = LinearRecurrence::new(&[10.0]);
    let inputs = Frames::new(vec![0.0; 400], 1);
    let last = |t: usize, _: &[f64], l: &mut [f64]| l[0] += f64::from(t == 399);
    let error = back.run(&mut run, 0..400, inputs, &[0.0], last, |_, _| {}).unwrap_err();
    assert!(matches!(
        error,
        RunError::Step(StepError::NonFinite { step: 91, what: Quantity::StateAdjoint, index: 0, .. })
    ));
    // A pass that breaks off holds no gradient back for the next one, of whichever kind it is.
    let mut inputs = Tanh::inputs(N, 10);
    let mut run = Tanh::new(N);
    let loss = |_: usize, y: &[f64], l: &mut [f64]| l[0] += y[0];
    let mut back = Backpropagation::new(Tape::Truncated { every: 3, window: 6 });
    let mut go = |inputs: &[f64]| {
        let result = back.run(&mut run, 0..10, Frames::new(inputs, N), &[0.1; N], loss, |_, _| {});
        result.map(|()| back.gradient().to_vec())
    };
    let clean = go(&inputs).unwrap();
    inputs[9 * N] = f64::NAN;
    assert!(go(&inputs).is_err());
    inputs[9 * N] = 0.5 * (0.9 * (9 * N) as f64).cos();
    assert_eq!(go(&inputs).unwrap(), clean);
    run.reverse(1, &[0.0; N], record(), &mut [1.0; N], &mut [0.0; N], &mut [0.0; N * N]); // holds its gradient back
    let mut back = Backpropagation::new(Tape::Truncated { every: 3, window: 6 });
    back.run(&mut run, 0..10, Frames::new(&inputs[..], N), &[0.1; N], loss, |_, _| {}).unwrap();
    assert_eq!(back.gradient(), clean);
}

fn record() -> tangency_recurrence::Record<'static, f64> {
    tangency_recurrence::Record { before: &[1.0; N], after: &[1.0; N], trace: &[1.0; N] }
}

#[test]
fn truncated_windows_of_a_runner_that_holds_back_equal_the_windows_one_by_one() {
    // every = window: independent windows, each the full back-propagation of its own steps with the state before it given.
    let inputs = Tanh::inputs(N, 10);
    let loss = |_: usize, y: &[f64], l: &mut [f64]| l[1] += y[1];
    let mut truncated = Backpropagation::new(Tape::Truncated { every: 5, window: 5 });
    let mut run = Tanh::new(N);
    truncated.run(&mut run, 0..10, Frames::new(&inputs[..], N), &[0.1; N], loss, |_, _| {}).unwrap();
    let states = scan_all(&mut run, 0..10, Frames::new(&inputs[..], N), &[0.1; N]).unwrap();
    let mut sum = [0.0; N * N];
    let mut back = Backpropagation::new(Tape::Stored);
    for start in [0, 5] {
        let initial = &states[start * N..(start + 1) * N];
        back.run(&mut run, start..start + 5, Frames::new(&inputs[..], N), initial, loss, |_, _| {}).unwrap();
        for (s, g) in sum.iter_mut().zip(back.gradient()) {
            *s += g;
        }
        let norms = &truncated.health().norms()[start + 1..start + 6];
        assert_eq!(norms, &back.health().norms()[1..]);
    }
    for (s, g) in sum.iter().zip(truncated.gradient()) {
        assert!((s - g).abs() <= 1e-15 * s.abs().max(1.0));
    }
}

#[test]
fn drivers_take_a_boxed_runner() {
    let mut run: Box<dyn Recurrence<Element = f64, Input = [f64]>> = Box::new(LinearRecurrence::new(&[0.5]));
    let mut state = [8.0];
    scan(&mut *run, 0..3, Frames::new(vec![0.0; 3], 1), &mut state).unwrap();
    assert_eq!(state, [1.0]);
    let huge = scan_all(&mut *run, 0..1 << 61, Frames::new(vec![0.0; 3], 1), &state);
    assert_eq!(huge, Err(RunError::TooFewInputs { needed: 1 << 61, available: 3 }));
    let mut wrong = [0.0, 0.0];
    assert!(run.step(4, &[0.0], &mut wrong).is_err());
}
