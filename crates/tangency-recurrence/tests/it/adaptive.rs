use crate::runners::Heun;
use std::ops::ControlFlow;
use tangency_recurrence::{Adaptation, AdaptiveStatus, RunError, scan, scan_until};

fn go_on(_: usize, _: tangency_recurrence::TimeStep, _: &[f64]) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn the_error_follows_the_tolerance_and_the_record_repeats_the_run() {
    let mut last = f64::INFINITY;
    for exponent in [3, 5, 7] {
        let tolerance = 10_f64.powi(-exponent);
        let options =
            Adaptation { relative_tolerance: tolerance, absolute_tolerance: tolerance, ..Default::default() };
        let mut run = Heun::new(2, |t: f64, y: &[f64], k: &mut [f64]| {
            k[0] = y[1] + 0.1 * t.cos();
            k[1] = -y[0];
        });
        let mut state = [1.0, 0.0];
        let result = scan_until(&mut run, 0.5, 7.3, &mut state, &options, go_on).unwrap();
        assert_eq!((result.status, result.time), (AdaptiveStatus::Reached, 7.3));
        let mut again = [1.0, 0.0];
        scan(&mut run, 0..result.steps.len(), &result.steps, &mut again).unwrap();
        assert_eq!(again, state);
        // y'' + y = 0.1 (cos t)' = -0.1 sin t from (1, 0) at 0.5, by a fine fixed grid.
        let fine = tangency_recurrence::TimeStep::uniform(0.5, 6.8 / 200_000.0, 200_000);
        let mut exact = [1.0, 0.0];
        scan(&mut run, 0..fine.len(), &fine, &mut exact).unwrap();
        let error = (state[0] - exact[0]).hypot(state[1] - exact[1]);
        assert!(error < 100.0 * tolerance && error < last, "{tolerance}: {error}");
        last = error;
    }
}

#[test]
fn backwards_nowhere_and_stopped() {
    let mut run = Heun::new(1, |_, y: &[f64], k: &mut [f64]| k[0] = -y[0]);
    let options = Adaptation { relative_tolerance: 1e-8, absolute_tolerance: 1e-10, ..Default::default() };
    let mut state = [1.0];
    scan_until(&mut run, 1.0, 0.0, &mut state, &options, go_on).unwrap();
    assert!((state[0] - 1_f64.exp()).abs() < 1e-5);
    let result = scan_until(&mut run, 2.0, 2.0, &mut state, &options, go_on).unwrap();
    assert!(result.steps.is_empty() && result.status == AdaptiveStatus::Reached);
    let mut seen = 0;
    let result = scan_until(&mut run, 0.0, 1.0, &mut state, &options, |_, _, _| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(result.unwrap().status, AdaptiveStatus::Stopped);
    let few = Adaptation { max_steps: 4, ..options };
    let result = scan_until(&mut run, 0.0, 1.0, &mut state, &few, go_on).unwrap();
    assert_eq!((result.status, result.steps.len()), (AdaptiveStatus::MaxSteps, 4));
    let short = Adaptation { max_size: 0.01, relative_tolerance: 1e-2, ..options };
    let result = scan_until(&mut run, 0.0, 1.0, &mut state, &short, go_on).unwrap();
    assert!(result.steps.iter().all(|s| s.size <= 0.01));
}

#[test]
fn a_slope_that_turns_nan_rejects_and_never_passes() {
    // The field is NaN beyond t = 0.7: the run must end just before it, with a finite state.
    let mut run =
        Heun::new(1, |t: f64, _: &[f64], k: &mut [f64]| k[0] = if t > 0.7 { f64::NAN } else { 1.0 });
    let mut state = [0.0];
    let result = scan_until(&mut run, 0.0, 1.0, &mut state, &Adaptation::default(), go_on).unwrap();
    assert_eq!(result.status, AdaptiveStatus::StepSizeTooSmall);
    assert!(
        result.rejected > 0 && (result.time - 0.7).abs() < 1e-9 && (state[0] - result.time).abs() < 1e-12
    );
    // A blow-up: y' = y² from 1 is infinite at t = 1.
    let mut run = Heun::new(1, |_, y: &[f64], k: &mut [f64]| k[0] = y[0] * y[0]);
    let mut state = [1.0];
    let result = scan_until(&mut run, 0.0, 2.0, &mut state, &Adaptation::default(), go_on).unwrap();
    assert_ne!(result.status, AdaptiveStatus::Reached);
    assert!(state[0].is_finite() && (result.time - 1.0).abs() < 1e-2);
}

#[test]
fn a_rejected_step_is_repeated_smaller() {
    let mut run = Heun::new(1, |t: f64, _: &[f64], k: &mut [f64]| k[0] = if t < 0.5 { 0.0 } else { 50.0 });
    let options = Adaptation { first_size: Some(0.4), ..Default::default() };
    let mut state = [0.0];
    let result = scan_until(&mut run, 0.0, 1.0, &mut state, &options, go_on).unwrap();
    assert!(result.rejected > 3);
    assert!((state[0] - 25.0).abs() < 1e-3);
}

#[test]
fn bad_questions() {
    let mut run = Heun::new(1, |_, y: &[f64], k: &mut [f64]| k[0] = y[0].ln());
    let default = Adaptation::default();
    assert!(scan_until(&mut run, 0.0, f64::NAN, &mut [1.0], &default, go_on).is_err());
    assert!(scan_until(&mut run, 0.0, 1.0, &mut [f64::INFINITY], &default, go_on).is_err());
    assert!(scan_until(&mut run, 0.0, 1.0, &mut [-1.0], &default, go_on).is_err());
    assert!(scan_until(&mut run, 0.0, 1.0, &mut [1.0, 2.0], &default, go_on).is_err());
    assert!(scan_until(&mut run, -1e308, 1e308, &mut [1.0], &default, go_on).is_err());
    let out_of_range = |bad: Adaptation, name: &str| {
        let mut run = Heun::new(1, |_, _: &[f64], k: &mut [f64]| k[0] = 1.0);
        let result = scan_until(&mut run, 0.0, 1.0, &mut [1.0], &bad, go_on);
        assert!(
            matches!(result, Err(RunError::Adaptation { option, .. }) if option == name),
            "{name}: {result:?}"
        );
    };
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        out_of_range(Adaptation { relative_tolerance: bad, ..default }, "relative_tolerance");
        out_of_range(Adaptation { absolute_tolerance: bad, ..default }, "absolute_tolerance");
        out_of_range(Adaptation { first_size: Some(bad), ..default }, "first_size");
        out_of_range(Adaptation { safety: bad, ..default }, "safety");
        out_of_range(Adaptation { max_shrink: bad, ..default }, "max_shrink");
        out_of_range(Adaptation { max_growth: bad, ..default }, "max_growth");
        out_of_range(Adaptation { proportional: bad, ..default }, "proportional");
        out_of_range(Adaptation { last_error: bad, ..default }, "last_error");
    }
    out_of_range(Adaptation { proportional: 0.21, ..default }, "proportional");
    out_of_range(Adaptation { safety: 1.0, ..default }, "safety");
    out_of_range(Adaptation { max_size: 0.0, ..default }, "max_size");
    let none = Adaptation { relative_tolerance: 0.0, absolute_tolerance: 0.0, ..default };
    out_of_range(none, "absolute_tolerance");
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    let field = |t: f64, y: &[f64], k: &mut [f64]| {
        k[0] = y[1] + 0.1 * t.cos();
        k[1] = -y[0];
    };
    let options = Adaptation { relative_tolerance: 1e-5, ..Default::default() };
    let mut whole = [1.0, 0.0];
    let all = scan_until(&mut Heun::new(2, field), 0.0, 5.0, &mut whole, &options, go_on).unwrap();
    let mut state = [1.0, 0.0];
    let few = Adaptation { max_steps: all.steps.len() / 2, ..options };
    let half = scan_until(&mut Heun::new(2, field), 0.0, 5.0, &mut state, &few, go_on).unwrap();
    assert_eq!(half.status, AdaptiveStatus::MaxSteps);
    let on = Adaptation { first_size: Some(half.next_size), last_error: half.last_error, ..options };
    let rest = scan_until(&mut Heun::new(2, field), half.time, 5.0, &mut state, &on, go_on).unwrap();
    assert_eq!(state, whole);
    assert_eq!(half.steps.len() + rest.steps.len(), all.steps.len());
}

#[test]
fn ends_of_the_interval() {
    let constant = |_: f64, _: &[f64], k: &mut [f64]| k[0] = 1.0;
    // No sliver when the largest size divides the interval.
    let tenth = Adaptation { max_size: 0.1, first_size: Some(0.1), ..Default::default() };
    let result = scan_until(&mut Heun::new(1, constant), 0.0, 1.0, &mut [0.0], &tenth, go_on).unwrap();
    assert_eq!(result.steps.len(), 10);
    let none = Adaptation { max_steps: 0, ..Default::default() };
    let result = scan_until(&mut Heun::new(1, constant), 0.0, 1.0, &mut [0.0], &none, go_on).unwrap();
    assert_eq!((result.status, result.time, result.steps.len()), (AdaptiveStatus::MaxSteps, 0.0, 0));
    // Far from time 0 a first step must still be seen.
    let mut state = [0.0];
    let result =
        scan_until(&mut Heun::new(1, constant), 1e12, 1e12 + 10.0, &mut state, &Adaptation::default(), go_on);
    assert_eq!(result.unwrap().status, AdaptiveStatus::Reached);
    assert!((state[0] - 10.0).abs() < 1e-2); // times are known to 1e-4 there
    // Nothing outside of the interval is evaluated, and the slope at its end is not needed by a pair that has no use for it.
    let mut times = Vec::new();
    let field = |t: f64, y: &[f64], k: &mut [f64]| {
        times.push(t);
        k[0] = 1e-9 * y[0];
    };
    let mut run = Heun::new(1, field);
    scan_until(&mut run, 0.0, 1.0, &mut [1.0], &Adaptation::default(), go_on).unwrap();
    let evaluations = run.evaluations;
    assert!(times.iter().all(|t| (0.0..=1.0).contains(t)));
    let steps = evaluations.div_euclid(2);
    assert_eq!(evaluations, 1 + 2 * steps, "one slope and one stage a step, and the trial at the start");
}

#[test]
fn the_first_step_is_that_of_the_starting_rule() {
    // y' = -y² from 1 with tolerances r and a: the scale is s = r + a, d0 = d1 = 1 / s, the trial step 0.01, the second
    // derivative there 2 - 0.01, and h = sqrt(0.01 s / 1.99).
    let mut run = Heun::new(1, |_, y: &[f64], k: &mut [f64]| k[0] = -y[0] * y[0]);
    let result = scan_until(&mut run, 0.0, 1.0, &mut [1.0], &Adaptation::default(), go_on).unwrap();
    let expected = (0.01 * (1e-6 + 1e-9) / 1.99_f64).sqrt();
    assert!((result.steps[0].size / expected - 1.0).abs() < 1e-10, "{:?}", result.steps[0]);
}

#[test]
fn a_step_after_a_rejection_does_not_grow_and_the_end_is_met_to_the_bit() {
    let mut run =
        Heun::new(1, |t: f64, _: &[f64], k: &mut [f64]| k[0] = if t > 0.7 { f64::NAN } else { 1.0 });
    let options = Adaptation { first_size: Some(0.9), ..Default::default() };
    let result = scan_until(&mut run, 0.0, 0.69, &mut [0.0], &options, go_on).unwrap();
    assert_eq!((result.status, result.rejected), (AdaptiveStatus::Reached, 0), "0.9 is cut to the interval");
    // Refused once, then without error: the step after it is as long, the one after that ten times.
    let result =
        scan_until(&mut Pleased { refusals: 1 }, 0.0, 0.5, &mut [0.0, 1.0], &beginning_with(0.1), go_on)
            .unwrap();
    let sizes: Vec<f64> = result.steps.iter().map(|step| step.size).collect();
    assert_eq!(result.rejected, 1);
    for (size, expected) in sizes.iter().zip([0.02, 0.02, 0.2]) {
        assert!((size - expected).abs() < 1e-15, "{sizes:?}");
    }
    let mut inexact = 0;
    for k in 1..60 {
        let (start, end) = (-f64::from(k) / 3.0, 0.1 * f64::from(k));
        let mut run = Heun::new(1, |_, _: &[f64], k: &mut [f64]| k[0] = 0.0);
        let result = scan_until(&mut run, start, end, &mut [1.0], &beginning_with(100.0), go_on).unwrap();
        assert_eq!((result.time, result.steps.len()), (end, 1));
        inexact += usize::from(result.steps[0].end() != end);
    }
    assert!(inexact > 0, "the sum of start and size must round for this to say anything");
}

fn beginning_with(first: f64) -> Adaptation {
    Adaptation { first_size: Some(first), ..Default::default() }
}

/// Attempts that are pleased with their error, leave a NaN beyond time 0.5, and fail the first few times.
struct Pleased {
    refusals: usize,
}

impl tangency_recurrence::Recurrence for Pleased {
    type Element = f64;
    type Input = tangency_recurrence::TimeStep;
    fn state_len(&self) -> usize {
        2
    }
    fn step(
        &mut self,
        _: usize,
        _: &tangency_recurrence::TimeStep,
        _: &mut [f64],
    ) -> Result<(), tangency_recurrence::StepError> {
        Ok(())
    }
}

impl tangency_recurrence::Embedded for Pleased {
    fn error_order(&self) -> u32 {
        2
    }
    fn first_same_as_last(&self) -> bool {
        true
    }
    fn slope(
        &mut self,
        _: usize,
        _: f64,
        _: &[f64],
        slope: &mut [f64],
    ) -> Result<(), tangency_recurrence::StepError> {
        slope.fill(1.0);
        Ok(())
    }
    fn attempt(
        &mut self,
        t: usize,
        step: tangency_recurrence::TimeStep,
        a: tangency_recurrence::Attempt<'_>,
    ) -> Result<(), tangency_recurrence::StepError> {
        if self.refusals > 0 {
            self.refusals -= 1;
            return Err(tangency_recurrence::StepError::Runner { step: t, reason: "not yet" });
        }
        a.last.fill(1.0);
        a.error.fill(0.0);
        a.after.copy_from_slice(a.before);
        a.after[1] = if step.end() > 0.5 { f64::NAN } else { 1.0 };
        Ok(())
    }
}

#[test]
fn a_nan_in_the_state_is_no_small_error() {
    let mut state = [0.0, 1.0];
    let result =
        scan_until(&mut Pleased { refusals: 0 }, 0.0, 1.0, &mut state, &Adaptation::default(), go_on)
            .unwrap();
    assert_eq!(result.status, AdaptiveStatus::StepSizeTooSmall);
    assert_eq!(state, [0.0, 1.0]);
}
