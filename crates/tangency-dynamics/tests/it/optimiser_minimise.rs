//! The driver that runs a method until a gradient is small.

use crate::functions::{Quadratic, Valley};
use std::ops::ControlFlow;
use tangency_dynamics::{
    Adam, AdamOptions, ClosedLoop, GradientDescent, MinimiseOptions, MinimiseStatus, Minimiser, Nesterov,
    NesterovOptions, Oracle, PolyakFlow, PolyakOptions, minimise,
};
use tangency_recurrence::{Quantity, StepError};

fn descent(step_size: f64) -> ClosedLoop<GradientDescent<f64>, Quadratic> {
    ClosedLoop::new(GradientDescent::new(2, step_size).unwrap(), Quadratic(vec![1.0, 4.0]))
}

#[test]
fn it_returns_the_point_that_met_the_tolerance() {
    let mut run = descent(0.2);
    let mut state = vec![1.0, 1.0];
    let options = MinimiseOptions { gradient_tolerance: 1e-6, ..MinimiseOptions::default() };
    let mut seen = 0;
    let minimum = minimise(&mut run, &mut state, &options, |progress| {
        seen += 1;
        assert_eq!(progress.iterations, seen);
        assert!(progress.best_value <= progress.value);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(minimum.status, MinimiseStatus::Converged);
    assert!(minimum.converged());
    // 0.8^k < 1e-6 first at k = 62, seen by step number 62, the 63rd.
    assert_eq!((minimum.iterations, seen), (63, 63));
    assert!((minimum.point[0] / 0.8_f64.powi(62) - 1.0).abs() < 1e-13);
    assert!((minimum.gradient_norm - minimum.point[0]).abs() < 1e-16);
    let mut gradient = [0.0; 2];
    let value = Quadratic(vec![1.0, 4.0]).evaluate(&minimum.point, &mut gradient);
    assert_eq!(minimum.value.to_bits(), value.to_bits());
    assert!((state[0] / 0.8_f64.powi(63) - 1.0).abs() < 1e-13, "one step past the point");
}

#[test]
fn a_target_is_reached_by_polyaks_flow() {
    let mut run = PolyakFlow::new(2, PolyakOptions::default(), Valley).unwrap();
    let mut state = run.initial_state(&[-0.3, 0.8]).unwrap();
    let options = MinimiseOptions { target: 1e-9, gradient_tolerance: -1.0, ..MinimiseOptions::default() };
    let minimum = minimise(&mut run, &mut state, &options, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(minimum.status, MinimiseStatus::TargetReached);
    assert!(minimum.value <= 1e-9);
    assert!((minimum.point[0] - 1.0).abs() < 1e-3);
}

#[test]
fn without_convergence_the_best_point_is_kept() {
    let options = MinimiseOptions { max_iterations: 7, ..MinimiseOptions::default() };
    let mut run = descent(0.2);
    let minimum = minimise(&mut run, &mut [1.0, 1.0], &options, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((minimum.status, minimum.iterations), (MinimiseStatus::MaxIterations, 7));
    assert!(!minimum.converged());
    assert!((minimum.point[0] - 0.8_f64.powi(6)).abs() < 1e-15);

    // A step size beyond the limit: the first point is the best, and the overflow ends the run.
    let minimum = minimise(&mut descent(10.0), &mut [1.0, 1.0], &MinimiseOptions::default(), |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(minimum.status, MinimiseStatus::Diverged(StepError::NonFinite { .. })), "{minimum:?}");
    assert_eq!(minimum.point, [1.0, 1.0]);
    assert_eq!(minimum.value.to_bits(), 2.5_f64.to_bits());

    let none = MinimiseOptions { max_iterations: 0, ..MinimiseOptions::default() };
    let minimum = minimise(&mut descent(0.2), &mut [1.0, 2.0], &none, |_| ControlFlow::Break(())).unwrap();
    assert_eq!((minimum.iterations, minimum.point), (0, vec![1.0, 2.0]));
}

#[test]
fn an_observer_may_stop_it() {
    let mut run = descent(0.2);
    let minimum = minimise(&mut run, &mut [1.0, 1.0], &MinimiseOptions::default(), |progress| {
        if progress.iterations == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!((minimum.status, minimum.iterations), (MinimiseStatus::Interrupted, 3));
}

#[test]
fn a_run_in_two_parts_gives_the_bits_of_one() {
    let make = || {
        let options = AdamOptions { step_size: 0.05, ..AdamOptions::default() };
        ClosedLoop::new(Adam::new(2, options).unwrap(), Valley)
    };
    let steps = |first_step, max_iterations| MinimiseOptions {
        first_step,
        max_iterations,
        gradient_tolerance: -1.0,
        ..MinimiseOptions::default()
    };
    let mut whole = make().initial_state(&[-0.3, 0.8]).unwrap();
    let mut parts = whole.clone();
    minimise(&mut make(), &mut whole, &steps(0, 40), |_| ControlFlow::Continue(())).unwrap();
    minimise(&mut make(), &mut parts, &steps(0, 13), |_| ControlFlow::Continue(())).unwrap();
    assert_ne!(whole, parts);
    minimise(&mut make(), &mut parts, &steps(13, 27), |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(whole, parts);
}

#[test]
fn the_point_of_a_look_ahead_method_is_where_it_looked() {
    let mut run = ClosedLoop::new(Nesterov::new(2, NesterovOptions::default()).unwrap(), Valley);
    let mut state = run.initial_state(&[-0.3, 0.8]).unwrap();
    let minimum = minimise(&mut run, &mut state, &MinimiseOptions::default(), |progress| {
        let mut gradient = [0.0; 2];
        let value: f64 = Valley.evaluate(progress.point, &mut gradient);
        assert_eq!(value.to_bits(), progress.value.to_bits());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(minimum.converged());
    assert!((minimum.point[0] - 1.0).abs() < 1e-5 && (minimum.point[1] - 1.0).abs() < 1e-5);
}

#[test]
fn a_start_that_cannot_be_evaluated_is_an_error() {
    let error = minimise(&mut descent(0.2), &mut [f64::NAN, 1.0], &MinimiseOptions::default(), |_| {
        ControlFlow::Continue(())
    })
    .unwrap_err();
    assert!(
        matches!(error, StepError::NonFinite { step: 0, what: Quantity::Input, index: 0, .. }),
        "{error:?}"
    );
    let error =
        minimise(&mut descent(0.2), &mut [1.0], &MinimiseOptions::default(), |_| ControlFlow::Continue(()))
            .unwrap_err();
    assert!(matches!(error, StepError::Length { .. }));
}
