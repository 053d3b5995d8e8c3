//! The derivatives of every optimiser, open and closed.

use crate::functions::{Quadratic, Ripples};
use tangency_dynamics::{
    Adam, AdamOptions, ClosedLoop, EpsilonPlacement, GradientDescent, Momentum, MomentumOptions, Nesterov,
    NesterovForm, NesterovOptions, Optimiser, PolyakFlow, PolyakOptions, RmsProp, RmsPropOptions, RmsScaling,
    SignDescent, TwiceDifferentiable,
};
use tangency_recurrence::{Autonomous, Backpropagation, Differentiable, Frames, Tape, check};

/// Checks an optimiser fed with gradients, closed on a quadratic, and closed on a function that is not.
fn check_all<O>(name: &str, optimiser: O, parameters: &[f64])
where
    O: Optimiser<Element = f64, Input = [f64]> + Differentiable + Clone,
{
    let mut initial = optimiser.initial_state(&[0.7, -0.4]).unwrap();
    // A state in the middle of a run: everything that is remembered is positive, as averages of squares must be.
    initial[2..].iter_mut().enumerate().for_each(|(i, x)| *x = 0.3 + 0.1 * i as f64);
    // Gradients of either sign, away from 0, where a sign jumps.
    let gradients: Vec<f64> =
        (0..12).map(|k| (1.0 + 0.5 * f64::from(k).sin()) * [1.0, -1.0][k as usize % 2]).collect();
    let report =
        check(&mut optimiser.clone(), parameters, 0..6, Frames::new(gradients, 2), &initial).unwrap();
    assert_eq!(report.compared, parameters.len() + 12 + initial.len());
    assert!(report.passes(1e-9, 1e-13), "{name}, open: {report:?}");

    let mut closed = ClosedLoop::new(optimiser.clone(), Quadratic(vec![1.0, 4.0]));
    let report = check(&mut closed, parameters, 0..5, Autonomous, &initial).unwrap();
    assert!(report.passes(1e-9, 1e-13), "{name}, closed on a quadratic: {report:?}");

    let mut closed = ClosedLoop::new(optimiser, Ripples);
    // The bias corrections must be differentiated at the absolute step.
    let report = check(&mut closed, parameters, 3..6, Autonomous, &initial).unwrap();
    assert!(report.passes(1e-9, 1e-13), "{name}, closed on ripples: {report:?}");
}

#[test]
fn descent_and_momentum() {
    check_all("gradient descent", GradientDescent::new(2, 0.05).unwrap(), &[0.05]);
    let momentum = Momentum::new(2, MomentumOptions::default()).unwrap();
    check_all("momentum", momentum, &[0.05, 0.8]);
}

#[test]
fn nesterov_in_its_three_forms() {
    for form in [NesterovForm::LookAhead, NesterovForm::Centred, NesterovForm::Framework] {
        let options = NesterovOptions { form, ..NesterovOptions::default() };
        check_all(&format!("{form:?}"), Nesterov::new(2, options).unwrap(), &[0.05, 0.8]);
    }
}

const PLACEMENTS: [EpsilonPlacement; 3] =
    [EpsilonPlacement::OutsideRoot, EpsilonPlacement::InsideRoot, EpsilonPlacement::BeforeCorrection];

#[test]
fn rms_prop_by_component_and_by_norm() {
    for scaling in [RmsScaling::Component, RmsScaling::Norm] {
        for placement in PLACEMENTS {
            let options = RmsPropOptions { scaling, placement, ..RmsPropOptions::default() };
            let name = format!("{scaling:?}, {placement:?}");
            check_all(&name, RmsProp::new(2, options).unwrap(), &[0.05, 0.7, 0.2]);
        }
    }
}

#[test]
fn adam_in_its_three_conventions() {
    for placement in PLACEMENTS {
        let options = AdamOptions { placement, ..AdamOptions::default() };
        check_all(&format!("{placement:?}"), Adam::new(2, options).unwrap(), &[0.05, 0.7, 0.8, 0.2]);
    }
}

#[test]
fn sign_descent_away_from_its_jumps() {
    let mut run = SignDescent::new(2, 0.1).unwrap();
    let inputs = Frames::new(vec![0.5, -0.7, 1.0, 0.3], 2);
    let report = check(&mut run, &[0.1], 0..2, inputs, &[1.0, 2.0]).unwrap();
    assert!(report.passes(1e-11, 1e-14), "{report:?}");
}

/// Checks the flow from a point, and that the truncation is or is not at work there.
fn check_polyak(oracle: impl TwiceDifferentiable<f64> + Copy, truncation: f64, at_work: bool) {
    let mut run = PolyakFlow::new(2, PolyakOptions::default(), oracle).unwrap();
    let parameters = [0.05, -1.0, truncation];
    let report = check(&mut run, &parameters, 0..2, Autonomous, &[1.0, 0.8]).unwrap();
    assert!(report.passes(1e-9, 1e-13), "{report:?}");

    let mut back = Backpropagation::new(Tape::Stored);
    back.run(&mut run, 0..2, Autonomous, &[1.0, 0.8], |_, _, a| a[0] += 1.0, |_, _| ()).unwrap();
    assert_eq!(back.gradient()[2].abs() > 1e-3, at_work, "{:?}", back.gradient());
}

#[test]
fn polyaks_flow_with_and_without_truncation() {
    check_polyak(Ripples, 50.0, false);
    check_polyak(Ripples, 0.2, true);
}

#[test]
fn a_step_without_history_has_finite_derivatives() {
    // Where nothing has happened yet the root of an average is not differentiable: its derivative counts as 0.
    let options = AdamOptions { epsilon: 0.0_f64, ..AdamOptions::default() };
    let mut run = Adam::new(2, options).unwrap();
    let mut back = Backpropagation::new(Tape::Stored);
    let inputs = Frames::new(vec![0.0, 1.0], 2);
    let initial = run.initial_state(&[1.0, 1.0]).unwrap();
    back.run(&mut run, 0..1, inputs, &initial, |_, _, a| a.fill(1.0), |_, _| ()).unwrap();
    assert!(back.gradient().iter().chain(back.initial_adjoint()).all(|x| x.is_finite()));
}
