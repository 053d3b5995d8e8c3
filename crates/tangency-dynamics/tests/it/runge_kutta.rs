//! Orders, known solutions, derivatives and error estimates of the Runge-Kutta steps.

use crate::fields::{Bell, Counting, DrivenPendulum, Linear, Seventh, bell};
use std::ops::ControlFlow;
use tangency_dynamics::models::{Lorenz, LotkaVolterra, SpeciesCompetition};
use tangency_dynamics::{DualField, ExplicitRungeKutta, GenericField, Tableau, VectorField};
use tangency_recurrence::{
    Adaptation, AdaptiveStatus, Attempt, Differentiable, Embedded, LyapunovOptions, Quantity, Recurrence,
    StepError, TimeStep, check, lyapunov_exponents, scan, scan_until,
};
use tangency_testing::fit_order;

const ALL: [Tableau; 5] =
    [Tableau::EULER, Tableau::MIDPOINT, Tableau::RK4, Tableau::BOGACKI_SHAMPINE, Tableau::DORMAND_PRINCE];

/// The state at `end`, from `state` at 0, in `steps` equal steps.
fn solve(
    field: impl VectorField,
    tableau: Tableau,
    p: &[f64],
    state: &[f64],
    end: f64,
    steps: usize,
) -> Vec<f64> {
    let mut run = ExplicitRungeKutta::new(field, tableau, p).unwrap();
    let mut state = state.to_vec();
    let inputs = TimeStep::uniform(0.0, end / steps as f64, steps);
    scan(&mut run, 0..steps, &inputs, &mut state).unwrap();
    state
}

/// The order of a method, from its errors at `end` with these numbers of steps.
fn order<G: GenericField + Clone>(
    field: &G,
    t: Tableau,
    start: f64,
    exact: f64,
    end: f64,
    n: &[usize],
) -> f64 {
    let p = vec![1.0; field.parameter_len()];
    let errors: Vec<_> = n
        .iter()
        .map(|&n| (solve(DualField::new(field.clone()), t, &p, &[start], end, n)[0] - exact).abs())
        .collect();
    let sizes: Vec<_> = n.iter().map(|&n| end / n as f64).collect();
    fit_order(&sizes, &errors).unwrap().order
}

#[test]
fn every_method_has_its_order_on_a_nonlinear_field_that_depends_on_time() {
    for t in ALL {
        let n: &[usize] = if t.order() > 3 { &[20, 28, 40, 57, 80] } else { &[80, 113, 160, 226, 320] };
        let p = order(&Bell, t, 1.0, 0.5, 1.0, n);
        assert!((p - f64::from(t.order())).abs() < 0.1, "{}: {p}", t.name());
    }
}

#[test]
fn a_pure_quadrature_finds_wrong_nodes() {
    // A wrong entry of c is invisible on autonomous fields. For a quadrature of t^6 the order is that of the weights.
    for t in ALL {
        let n: &[usize] = if t.order() > 3 { &[16, 23, 32, 45, 64] } else { &[64, 91, 128, 181, 256] };
        let p = order(&Seventh, t, 0.0, 1.0, 1.0, n);
        assert!((p - f64::from(t.order())).abs() < 0.1, "{}: {p}", t.name());
    }
}

#[test]
fn errors_on_a_decay() {
    let error = |t, n| solve(DualField::new(Linear), t, &[-1.0], &[1.0], 1.0, n)[0] - (-1f64).exp();
    for (t, n, want, last_digit) in [
        (Tableau::EULER, 10, -0.0192010011, 1e-10),
        (Tableau::EULER, 20, -0.0093935188, 1e-10),
        (Tableau::RK4, 10, 3.3324e-7, 1e-11),
        (Tableau::RK4, 20, 1.9976e-8, 1e-12),
    ] {
        assert!((error(t, n) - want).abs() < last_digit, "{} {n}: {:e}", t.name(), error(t, n));
    }
}

#[test]
fn steps_on_a_linear_field_are_the_stability_polynomials() {
    // $R(z) = \sum_k z^k / k!$ up to the order; the fifth-order pair has $z^6 / 600$ more.
    for t in ALL {
        for z in [-2.0, -0.5, 0.3, 1.7] {
            let (mut term, mut want) = (1.0, 1.0);
            for k in 1..=t.order() {
                term *= z / f64::from(k);
                want += term;
            }
            if t.order() == 5 {
                want += z.powi(6) / 600.0;
            }
            let got = solve(DualField::new(Linear), t, &[z], &[1.0], 1.0, 1)[0];
            assert!((got - want).abs() < 4e-15, "{} {z}: {got} {want}", t.name());
        }
    }
}

#[test]
fn limits_of_stability_on_the_negative_axis() {
    for (t, limit) in ALL.iter().zip([2.0, 2.0, 2.785, 2.513, 3.307]) {
        let growth = |z: f64| solve(DualField::new(Linear), *t, &[z], &[1.0], 1.0, 1)[0].abs();
        assert!(growth(-limit + 1e-3) < 1.0 && growth(-limit - 1e-3) > 1.0, "{}", t.name());
    }
}

#[test]
fn known_solutions() {
    // DOP853 and Radau of SciPy at rtol 1e-11 to 1e-13, to the digits in which they agree.
    let lv = solve(LotkaVolterra, Tableau::DORMAND_PRINCE, &[1.5, 1.0, 3.0, 1.0], &[1.0, 1.0], 10.0, 20_000);
    assert!((lv[0] - 1.02634476757).abs() < 2e-11 && (lv[1] - 0.90969107813616).abs() < 2e-11, "{lv:?}");
    let lorenz = solve(Lorenz, Tableau::DORMAND_PRINCE, &[10.0, 28.0, 8.0 / 3.0], &[1.0; 3], 1.0, 4_000);
    // mpmath 1.4.1, odefun at 30 digits.
    let want = [-9.378570010925062, -8.357033788426647, 29.362325337363428];
    for (got, want) in lorenz.iter().zip(want) {
        assert!((got - want).abs() < 1e-12, "{got} {want}");
    }
}

#[test]
fn orbits_of_prey_and_predator_keep_their_invariant() {
    let p = [1.5, 1.0, 3.0, 1.0];
    let start = LotkaVolterra::invariant([1.0, 1.0], p);
    let state = solve(LotkaVolterra, Tableau::DORMAND_PRINCE, &p, &[1.0, 1.0], 50.0, 50_000);
    assert!((LotkaVolterra::invariant([state[0], state[1]], p) - start).abs() < 1e-11);
}

#[test]
fn a_step_back_undoes_a_step_and_a_step_of_no_size_does_nothing() {
    for t in [Tableau::RK4, Tableau::DORMAND_PRINCE] {
        let mut run = ExplicitRungeKutta::new(bell(), t, &[1.0]).unwrap();
        let mut state = [0.8];
        for n in 0..100 {
            run.step(n, &TimeStep { time: 0.5 + 0.01 * n as f64, size: 0.01 }, &mut state).unwrap();
        }
        for n in (0..100).rev() {
            run.step(n, &TimeStep { time: 0.51 + 0.01 * n as f64, size: -0.01 }, &mut state).unwrap();
        }
        assert!((state[0] - 0.8).abs() < 1e-9, "{}: {state:?}", t.name());
        run.step(0, &TimeStep { time: 3.0, size: 0.0 }, &mut state).unwrap();
        let before = state;
        run.step(0, &TimeStep { time: 3.0, size: 0.0 }, &mut state).unwrap();
        assert_eq!(state, before);
    }
}

#[test]
fn derivatives_of_every_method_and_model() {
    fn passes(field: &(impl VectorField + Clone), p: &[f64], state: &[f64]) {
        for t in ALL {
            let mut run = ExplicitRungeKutta::new(field.clone(), t, p).unwrap();
            let inputs = TimeStep::uniform(0.3, 0.07, 12);
            let check = check(&mut run, p, 0..12, &inputs, state).unwrap();
            assert!(check.passes(1e-9, 1e-13), "{}: {check:?}", t.name());
            assert_eq!(check.compared, p.len() + state.len());
        }
    }
    passes(&SpeciesCompetition, &[1.0, 0.7, 0.4, 0.3, 0.5, 0.6], &[0.7, 1.2]);
    passes(&LotkaVolterra, &[1.5, 1.0, 3.0, 1.0], &[1.0, 1.2]);
    passes(&Lorenz, &[3.0, 2.0, 1.5], &[1.0, 0.5, 0.8]);
    passes(&DualField::new(DrivenPendulum), &[2.0, 0.1, 0.5], &[1.0, -0.4]);
}

#[test]
fn an_attempt_has_the_bits_of_a_step() {
    for t in ALL {
        let mut run = ExplicitRungeKutta::new(DualField::new(DrivenPendulum), t, &[2.0, 0.1, 0.5]).unwrap();
        let step = TimeStep { time: 0.4, size: 0.13 };
        let before = [1.0, -0.4];
        let (mut first, mut after, mut last, mut error) = ([0.0; 2], [0.0; 2], [0.0; 2], [0.0; 2]);
        run.slope(0, step.time, &before, &mut first).unwrap();
        let arrays =
            Attempt { before: &before, first: &first, after: &mut after, last: &mut last, error: &mut error };
        run.attempt(0, step, arrays).unwrap();
        let mut stepped = before;
        run.step(0, &step, &mut stepped).unwrap();
        assert_eq!(after.map(f64::to_bits), stepped.map(f64::to_bits), "{}", t.name());
        if run.first_same_as_last() {
            let mut slope = [0.0; 2];
            run.slope(1, step.end(), &after, &mut slope).unwrap();
            assert_eq!(last.map(f64::to_bits), slope.map(f64::to_bits), "{}", t.name());
        }
    }
}

#[test]
fn error_estimates_have_their_order_and_estimate_the_error() {
    for t in ALL {
        let mut estimates = vec![];
        let mut ratios = vec![];
        let sizes = [0.08, 0.04, 0.02, 0.01];
        for size in sizes {
            let mut run = ExplicitRungeKutta::new(bell(), t, &[1.0]).unwrap();
            let exact = |t: f64| 1.0 / (1.0 + t * t);
            let (time, before) = (0.9, [exact(0.9)]);
            let (mut first, mut after, mut last, mut error) = ([0.0], [0.0], [0.0], [0.0]);
            run.slope(0, time, &before, &mut first).unwrap();
            let step = TimeStep { time, size };
            let arrays = Attempt {
                before: &before,
                first: &first,
                after: &mut after,
                last: &mut last,
                error: &mut error,
            };
            run.attempt(0, step, arrays).unwrap();
            estimates.push(error[0].abs());
            ratios.push(error[0] / (after[0] - exact(step.end())));
        }
        let order = fit_order(&sizes, &estimates).unwrap().order;
        let mut run = ExplicitRungeKutta::new(bell(), t, &[1.0]).unwrap();
        assert!((order - f64::from(run.error_order())).abs() < 0.25, "{}: {order}", t.name());
        if t.embedded_order().is_none() {
            // Richardson's estimate is that of the step itself, sign included.
            assert!((ratios[3] - 1.0).abs() < 0.05, "{}: {ratios:?}", t.name());
        }
        run.bind(&[2.0]).unwrap();
        assert_eq!(run.parameters(), [2.0]);
    }
}

#[test]
fn adaptive_runs_are_as_accurate_as_asked_and_cost_what_they_should() {
    let exact = [1.02634476757, 0.90969107813616];
    let p = [1.5, 1.0, 3.0, 1.0];
    for (t, relative_tolerance) in [
        (Tableau::DORMAND_PRINCE, 1e-5),
        (Tableau::DORMAND_PRINCE, 1e-8),
        (Tableau::BOGACKI_SHAMPINE, 1e-6),
        (Tableau::RK4, 1e-7),
    ] {
        let field = Counting { field: LotkaVolterra, evaluations: 0 };
        let mut run = ExplicitRungeKutta::new(field, t, &p).unwrap();
        let options = Adaptation {
            relative_tolerance,
            absolute_tolerance: relative_tolerance,
            ..Adaptation::default()
        };
        let mut state = [1.0, 1.0];
        let done = scan_until(&mut run, 0.0, 10.0, &mut state, &options, |_, _, _| ControlFlow::Continue(()))
            .unwrap();
        assert_eq!(done.status, AdaptiveStatus::Reached);
        for (got, want) in state.iter().zip(exact) {
            assert!((got - want).abs() < 100.0 * relative_tolerance, "{}: {got} {want}", t.name());
        }
        let each = if t.first_same_as_last() { t.stages() - 1 } else { 3 * t.stages() - 2 };
        let attempts = done.steps.len() + done.rejected;
        assert_eq!(run.field().evaluations, each * attempts + done.extra_slopes, "{}", t.name());
    }
}

#[test]
fn exponents_of_the_lorenz_attractor_sum_to_the_divergence() {
    // The sum is the mean of ln |det| of the step's Jacobian: the flow's divergence -41/3, to the order of the method.
    let mut run = ExplicitRungeKutta::rk4(Lorenz, &[10.0, 28.0, 8.0 / 3.0]).unwrap();
    let (size, steps) = (0.004, 102_000);
    let options = LyapunovOptions { transient: 2_000, ..LyapunovOptions::default() };
    let mut state = [1.0, 1.0, 1.0];
    let inputs = TimeStep::uniform(0.0, size, steps);
    let found = lyapunov_exponents(&mut run, 0..steps, &inputs, &mut state, &options).unwrap();
    let sum: f64 = found.per_step.iter().sum::<f64>() / size;
    assert!((sum + 41.0 / 3.0).abs() < 1e-5, "{sum}");
    assert!((found.per_step[0] / size - 0.9056).abs() < 0.03, "{found:?}");
}

#[test]
fn bad_steps_are_errors_that_name_the_step() {
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4]).unwrap();
    let step = TimeStep { time: 0.0, size: 0.1 };
    assert!(matches!(
        run.step(7, &step, &mut [1.0]),
        Err(StepError::Length { step: 7, mismatch }) if mismatch.expected == 2 && mismatch.got == 1
    ));
    assert!(matches!(
        run.step(8, &step, &mut [1.0, f64::NAN]),
        Err(StepError::NonFinite { step: 8, what: Quantity::State, .. })
    ));
    assert!(matches!(
        run.step(9, &TimeStep { time: f64::INFINITY, size: 0.1 }, &mut [1.0, 1.0]),
        Err(StepError::NonFinite { step: 9, what: Quantity::Input, index: 0, .. })
    ));
    assert!(matches!(
        run.step(10, &TimeStep { time: 0.0, size: f64::NAN }, &mut [1.0, 1.0]),
        Err(StepError::NonFinite { step: 10, what: Quantity::Input, index: 1, .. })
    ));
    assert!(matches!(
        run.step(11, &step, &mut [1e300, 1e300]),
        Err(StepError::NonFinite { step: 11, what: Quantity::State, .. })
    ));
    assert_eq!(run.bind(&[1.0; 3]).unwrap_err().expected, 4);
    assert_eq!(ExplicitRungeKutta::euler(Lorenz, &[]).unwrap_err().got, 0);
}
