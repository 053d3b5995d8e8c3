//! The semiring chain against all paths.

use crate::paths::{Case, case, close, dyadic, g_test, log_sum, score};
use proptest::prelude::*;
use rand_pcg::{Pcg64, rand_core::SeedableRng};
use tangency_recurrence::{
    Backpropagation, Counting, Differentiable, Expectation, Frames, LengthMismatch, LogSumExp, MaxPlus,
    Quantity, Record, Recurrence, RunError, Sampling, Semiring, SemiringChain, StepError, Tape, Transitions,
    TransitionsError, check, scan, trace_back,
};

#[test]
fn a_chain_of_three_states_and_four_positions() {
    let case = Case::golden();
    // ln Z by enumeration, in another language: shared by two independent programs.
    assert!(close(case.total(LogSumExp), 5.239383087932, 1e-13), "{}", case.total(LogSumExp));
    assert_eq!(case.total(Counting), 81);
    let (states, best) = case.states(MaxPlus);
    assert!(close(best.score, 3.0, 1e-15));
    let path = trace_back(&states, 3, &best).unwrap();
    let found = case.paths().into_iter().find(|(p, _)| *p == path).unwrap();
    assert!(close(found.1, 3.0, 1e-15), "{found:?}");
    // The optimum is not unique, so only the score is determined.
    assert_eq!(case.paths().iter().filter(|(_, s)| (s - 3.0).abs() < 1e-12).count(), 2);
}

#[test]
fn cooling_the_log_semiring_gives_the_best_score() {
    let case = Case::golden();
    for (beta, tolerance) in [(10.0, 0.1), (100.0, 0.01), (1e4, 1e-4), (1e6, 1e-6)] {
        let scale = |scores: &[f64]| scores.iter().map(|s| beta * s).collect::<Vec<_>>();
        let cold =
            Case { states: 3, transitions: scale(&case.transitions), emissions: scale(&case.emissions) };
        let excess = cold.total(LogSumExp) / beta - 3.0;
        assert!(excess > 0.0 && excess < tolerance, "{beta}: {excess}");
    }
}

proptest! {
    #[test]
    fn every_semiring_sums_over_all_paths(case in case(score())) {
        let paths = case.paths();
        let log_z = log_sum(paths.iter().map(|(_, s)| *s));
        // Rounding is relative to the scores, which may cancel in a path's sum.
        let size = case.size();
        let same = |a: f64, b: f64| close(a, b, 0.0) || (a - b).abs() < 2e-15 * size;
        prop_assert!(same(case.total(LogSumExp), log_z), "{} and {log_z}", case.total(LogSumExp));
        let total = case.total(Expectation);
        prop_assert!(same(total.log_weight, log_z), "{} and {log_z}", total.log_weight);
        if log_z > f64::NEG_INFINITY {
            let mean: f64 =
                paths.iter().map(|(_, s)| (s, (s - log_z).exp())).filter(|(_, p)| *p > 0.0).map(|(s, p)| s * p).sum();
            prop_assert!((total.mean - mean).abs() < 4e-15 * size * size, "{} and {mean}", total.mean);
        }
        let allowed = paths.iter().filter(|(_, s)| *s > f64::NEG_INFINITY).count();
        prop_assert_eq!(case.total(Counting), allowed as u128);
        let mut rng = Pcg64::seed_from_u64(3);
        prop_assert!(same(case.total(Sampling::new(&mut rng)).score, log_z));
    }

    #[test]
    fn back_pointers_trace_the_first_of_the_best_paths(case in case(dyadic())) {
        // Among equals: the smallest last state, then the smallest one before it, and so on.
        let best = case
            .paths()
            .into_iter()
            .filter(|(_, s)| *s > f64::NEG_INFINITY)
            .min_by(|(p, s), (q, r)| r.total_cmp(s).then_with(|| p.iter().rev().cmp(q.iter().rev())));
        let (states, last) = case.states(MaxPlus);
        let path = trace_back(&states, case.states, &last);
        match best {
            None => prop_assert_eq!(path, None),
            Some((p, s)) => {
                prop_assert_eq!(last.score.to_bits(), (s + 0.0).to_bits());
                prop_assert_eq!(path, Some(p));
            }
        }
    }

    #[test]
    fn gradients_are_marginals_also_where_arcs_are_forbidden(case in case(score())) {
        let (k, n, paths) = (case.states, case.positions(), case.paths());
        let log_z = log_sum(paths.iter().map(|(_, s)| *s));
        prop_assume!(log_z > f64::NEG_INFINITY && n > 1);
        let mut expected_arcs = vec![0.0; k * k];
        let mut expected_states = vec![0.0; n * k];
        for (path, s) in &paths {
            let p = (s - log_z).exp();
            path.windows(2).for_each(|w| expected_arcs[w[0] * k + w[1]] += p);
            path.iter().enumerate().for_each(|(t, &state)| expected_states[t * k + state] += p);
        }
        let mut marginals = vec![0.0; n * k];
        let mut pass = Backpropagation::new(Tape::Stored);
        let loss = |t: usize, y: &[f64], adjoint: &mut [f64]| {
            if t + 1 == n {
                adjoint.iter_mut().zip(y).for_each(|(a, y)| *a += (y - log_z).exp());
            }
        };
        pass.run(&mut case.chain(LogSumExp), 1..n, case.frames(), &case.emissions[..k], loss, |t, d| {
            marginals[t * k..(t + 1) * k].copy_from_slice(d);
        }).unwrap();
        marginals[..k].copy_from_slice(pass.initial_adjoint());
        // Rounding of ln Z, up to 1e4 here, is an absolute error of a log-probability.
        for (got, want) in marginals.iter().chain(pass.gradient()).zip(expected_states.iter().chain(&expected_arcs)) {
            prop_assert!((got - want).abs() < 2e-11, "{got} and {want}");
        }
    }

    #[test]
    fn the_two_directions_of_the_linearised_step_are_transposes(
        k in 1_usize..12,
        scores in prop::collection::vec(score(), 121 + 22),
        numbers in prop::collection::vec(-1.0..1.0, 121 + 33),
    ) {
        let transitions = Transitions::new(k, &scores[..k * k]).unwrap();
        let mut chain = SemiringChain::new(LogSumExp, transitions);
        let (before, input) = (&scores[121..121 + k], &scores[132..132 + k]);
        let mut after = before.to_vec();
        chain.step(0, input, &mut after).unwrap();
        let record = Record { before, after: &after, trace: &[] };
        let (u, dy, dx, dp) = (&numbers[..k], &numbers[11..11 + k], &numbers[22..22 + k], &numbers[33..33 + k * k]);
        let (mut adjoint, mut dx_adjoint, mut gradient) = (u.to_vec(), vec![0.0; k], vec![0.0; k * k]);
        chain.reverse(0, input, record, &mut adjoint, &mut dx_adjoint, &mut gradient);
        let mut tangent = dy.to_vec();
        chain.tangent(0, input, record, &mut tangent, dx, dp);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (back, forth) = (dot(&adjoint, dy) + dot(&dx_adjoint, dx) + dot(&gradient, dp), dot(u, &tangent));
        prop_assert!((back - forth).abs() < 1e-14, "{back} and {forth}");
        // Without input and parameter tangents they count as zero.
        let (mut short, mut long) = (dy.to_vec(), dy.to_vec());
        chain.tangent(0, input, record, &mut short, &[], &[]);
        chain.tangent(0, input, record, &mut long, &vec![0.0; k], &vec![0.0; k * k]);
        prop_assert_eq!(short, long);
    }
}

#[test]
fn derivatives_pass_the_gradient_check() {
    for (k, n) in [(1, 3), (3, 4), (5, 7)] {
        let number = |i: usize| (1.7 * i as f64 + 0.3).sin();
        let transitions: Vec<f64> = (0..k * k).map(number).collect();
        let emissions: Vec<f64> = (0..n * k).map(|i| number(i + 100)).collect();
        let initial: Vec<f64> = (0..k).map(|i| number(i + 200)).collect();
        let mut chain = SemiringChain::new(LogSumExp, Transitions::new(k, &transitions).unwrap());
        let check = check(&mut chain, &transitions, 0..n, Frames::new(emissions, k), &initial).unwrap();
        assert!(check.passes(1e-10, 1e-15), "{k} states: {check:?}");
        assert_eq!(check.compared, k * k + n * k + k);
    }
}

#[test]
fn the_gradient_of_one_step_is_the_table_of_conditional_probabilities() {
    for k in [1, 7, 8, 11, 65] {
        let number = |i: usize| 3.0 * (1.7 * i as f64 + 0.3).sin();
        let transitions: Vec<f64> = (0..k * k).map(number).collect();
        let before: Vec<f64> = (0..k).map(|i| number(i + 5000)).collect();
        let mut chain = SemiringChain::new(LogSumExp, Transitions::new(k, &transitions).unwrap());
        let mut after = before.clone();
        chain.step(0, &vec![0.0; k], &mut after).unwrap();
        let mut adjoint: Vec<f64> = (0..k).map(|j| number(j + 6000)).collect();
        let given = adjoint.clone();
        let (mut inputs, mut gradient) = (vec![0.0; k], vec![0.0; k * k]);
        let record = Record { before: &before, after: &after, trace: &[] };
        chain.reverse(0, &vec![0.0; k], record, &mut adjoint, &mut inputs, &mut gradient);
        assert_eq!(inputs, given);
        for i in 0..k {
            let mut total = 0.0;
            for j in 0..k {
                let sum: f64 = (0..k).map(|m| (before[m] + transitions[m * k + j]).exp()).sum();
                let want = (before[i] + transitions[i * k + j]).exp() / sum * given[j];
                assert!((gradient[i * k + j] - want).abs() < 3e-14 * want.abs(), "{k} states, {i} to {j}");
                total += want;
            }
            assert!((adjoint[i] - total).abs() < 1e-13, "{k} states, {i}");
        }
    }
}

#[test]
fn paths_are_drawn_by_their_probability() {
    let mut case = Case::golden();
    case.transitions[4] = f64::NEG_INFINITY;
    let paths = case.paths();
    let log_z = log_sum(paths.iter().map(|(_, s)| *s));
    let probabilities: Vec<f64> = paths.iter().map(|(_, s)| (s - log_z).exp()).collect();
    let mut counts = vec![0; paths.len()];
    for seed in 0..20_000 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (states, last) = case.states(Sampling::new(&mut rng));
        let path = trace_back(&states, 3, &last).unwrap();
        counts[path.iter().rev().fold(0, |code, s| 3 * code + s)] += 1;
    }
    let (g, bound) = g_test(&counts, &probabilities);
    assert!(g < bound, "G = {g}, bound {bound}");
}

#[test]
fn ten_thousand_positions_neither_overflow_nor_lose_digits() {
    let (k, n) = (7, 10_000);
    let emissions: Vec<f64> = (0..n * k).map(|i| 40.0 * (1.3 * i as f64).sin()).collect();
    let case = Case { states: k, transitions: vec![0.0; k * k], emissions };
    // Independent positions: ln Z is a sum.
    let log_z: f64 = case.emissions.chunks(k).map(|row| log_sum(row.iter().copied())).sum();
    let total = case.total(Expectation);
    assert!(log_z > 3e5);
    assert!(close(case.total(LogSumExp), log_z, 1e-13) && close(total.log_weight, log_z, 1e-13));
    let mean: f64 = case
        .emissions
        .chunks(k)
        .map(|row| {
            let z = log_sum(row.iter().copied());
            row.iter().map(|s| s * (s - z).exp()).sum::<f64>()
        })
        .sum();
    assert!(close(total.mean, mean, 1e-12), "{} and {mean}", total.mean);
    assert_eq!(case.total(Counting), u128::MAX);
}

#[test]
fn bad_input_is_an_error_that_names_the_step() {
    let forbid = f64::NEG_INFINITY;
    assert_eq!(Transitions::new(0, &[]), Err(TransitionsError::NoStates));
    assert_eq!(Transitions::new(2, &[0.0; 3]), Err(TransitionsError::Shape { states: 2, got: 3 }));
    let infinite = Transitions::new(2, &[0.0, forbid, f64::INFINITY, 0.0]);
    assert_eq!(infinite, Err(TransitionsError::Score { from: 1, to: 0, value: f64::INFINITY }));

    let mut chain = SemiringChain::new(MaxPlus, Transitions::new(2, &[0.0; 4]).unwrap());
    let mut state = chain.initial(&[0.0, 0.0]).unwrap();
    let emissions = [0.0, forbid, 0.0, 0.0, f64::NAN, 0.0];
    let error = scan(&mut chain, 0..3, Frames::new(&emissions[..], 2), &mut state).unwrap_err();
    let RunError::Step(StepError::NonFinite { step: 2, what: Quantity::Input, index: 0, value }) = error
    else {
        panic!("{error:?}")
    };
    assert!(value.is_nan());
    let mut state = [MaxPlus.one(), MaxPlus.lift(f64::NAN, None)];
    let error = chain.step(5, &[0.0, 0.0], &mut state).unwrap_err();
    assert!(
        matches!(error, StepError::NonFinite { step: 5, what: Quantity::State, index: 1, .. }),
        "{error:?}"
    );
    assert!(matches!(chain.step(0, &[0.0], &mut state), Err(StepError::Length { .. })));
    assert!(matches!(chain.step(0, &[0.0; 2], &mut state[..1]), Err(StepError::Length { .. })));

    let mut chain = SemiringChain::new(LogSumExp, Transitions::new(2, &[forbid; 4]).unwrap());
    let mut state = [0.0, forbid];
    chain.step(0, &[0.0, 0.0], &mut state).unwrap();
    assert_eq!(state.map(f64::to_bits), [forbid.to_bits(); 2]);
    let overflow = chain.bind(&[1e308; 4]).map(|()| chain.step(3, &[1e308; 2], &mut [0.0; 2]));
    assert!(matches!(
        overflow,
        Ok(Err(StepError::NonFinite { step: 3, what: Quantity::State, index: 0, .. }))
    ));
    assert!(chain.bind(&[0.0; 3]).is_err());
    chain.bind(&[0.0, f64::NAN, 0.0, 0.0]).unwrap();
    let error = chain.step(7, &[0.0, 0.0], &mut [0.0; 2]).unwrap_err();
    assert!(
        matches!(error, StepError::NonFinite { step: 7, what: Quantity::State, index: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn a_trace_needs_labels_in_range() {
    let chain = SemiringChain::new(MaxPlus, Transitions::new(2, &[0.0; 4]).unwrap());
    let states = chain.initial(&[0.0, 1.0]).unwrap();
    assert_eq!(trace_back(&states, 2, &MaxPlus.lift(0.0, Some(1))), Some(vec![1]));
    assert_eq!(trace_back(&states, 2, &MaxPlus.lift(0.0, Some(2))), None);
    assert_eq!(trace_back(&states, 2, &MaxPlus.zero()), None);
    assert_eq!(trace_back(&states, 0, &MaxPlus.lift(0.0, Some(0))), None);
    assert_eq!(trace_back(&[], 2, &MaxPlus.lift(0.0, Some(0))), None);
}

#[test]
fn both_ends_of_a_run_look_at_what_they_are_given() {
    let mut chain = SemiringChain::new(Counting, Transitions::new(2, &[0.0; 4]).unwrap());
    let length = |what, got| RunError::Length(LengthMismatch { what, expected: 2, got });
    assert_eq!(chain.initial(&[0.0; 3]), Err(length(Quantity::Input, 3)));
    assert_eq!(chain.finish(&[0, 0], &[0.0]), Err(length(Quantity::Input, 1)));
    assert_eq!(chain.finish(&[1], &[0.0; 2]), Err(length(Quantity::State, 1)));
    let not_finite = |error: RunError, what: Quantity, index: usize| matches!(error, RunError::NonFinite { what: w, index: i, .. } if (w, i) == (what, index));
    assert!(not_finite(chain.initial(&[0.0, f64::NAN]).unwrap_err(), Quantity::Input, 1));
    assert!(not_finite(chain.initial(&[f64::INFINITY, 0.0]).unwrap_err(), Quantity::Input, 0));
    // A count has no place for a NaN: it must not pass for a forbidden end.
    assert!(not_finite(chain.finish(&[1, 1], &[0.0, f64::NAN]).unwrap_err(), Quantity::Input, 1));
    assert_eq!(chain.finish(&[1, 2], &[f64::NEG_INFINITY, 0.0]), Ok(2));

    let mut chain = SemiringChain::new(LogSumExp, Transitions::new(2, &[0.0; 4]).unwrap());
    assert!(not_finite(chain.finish(&[0.0, f64::NAN], &[0.0; 2]).unwrap_err(), Quantity::State, 1));
    // The state and the scores are in range, their sum is not.
    assert!(not_finite(chain.finish(&[0.0, 1e308], &[0.0, 1e308]).unwrap_err(), Quantity::State, 0));
}

#[test]
fn a_huge_adjoint_comes_back_finite_from_a_state_hard_to_reach() {
    // Both arcs into state 1 weigh e^-400 of what the state before would allow: a share of 1e-174.
    let transitions = Transitions::new(2, &[0.0, -400.0, 0.0, 0.0]).unwrap();
    let mut chain = SemiringChain::new(LogSumExp, transitions);
    let before = [0.0, -400.0];
    let mut after = before;
    chain.step(0, &[0.0, 0.0], &mut after).unwrap();
    let (mut adjoint, mut inputs, mut gradient) = ([0.0, 1e150], [0.0; 2], [0.0; 4]);
    let record = Record { before: &before, after: &after, trace: &[] };
    chain.reverse(0, &[0.0, 0.0], record, &mut adjoint, &mut inputs, &mut gradient);
    assert_eq!(inputs, [0.0, 1e150]);
    assert!(adjoint.iter().all(|a| (a / 5e149 - 1.0).abs() < 1e-14), "{adjoint:?}");
    assert!((gradient[1] / 5e149 - 1.0).abs() < 1e-14 && (gradient[3] / 5e149 - 1.0).abs() < 1e-14);
}
