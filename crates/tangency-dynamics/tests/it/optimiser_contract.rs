//! What every optimiser promises: bad input, resuming, single precision.

use crate::functions::Ripples;
use tangency_dynamics::{
    Adam, AdamOptions, ClosedLoop, EpsilonPlacement, GradientDescent, Momentum, MomentumOptions, Nesterov,
    NesterovForm, NesterovOptions, Optimiser, OptimiserError, PolyakFlow, PolyakOptions, RmsProp,
    RmsPropOptions, RmsScaling, SignDescent,
};
use tangency_recurrence::{
    Autonomous, Differentiable, LengthMismatch, Quantity, Recurrence, Saved, StepError, scan, scan_all,
};
use tangency_vmath::Real;

/// A use of an optimiser that every one of them must stand.
trait Trial<T: Real> {
    fn run<O: Optimiser<Element = T, Input = [T]> + Differentiable + Clone>(
        &mut self,
        name: &str,
        optimiser: O,
    );
}

/// Makes every optimiser, in every form, in two components.
fn every_optimiser<T: Real>(trial: &mut impl Trial<T>) {
    let number = T::from_f64;
    trial.run("gradient descent", GradientDescent::new(2, number(0.02)).unwrap());
    trial.run("sign descent", SignDescent::new(2, number(0.02)).unwrap());
    let momentum = MomentumOptions { step_size: number(0.02), momentum: number(0.8) };
    trial.run("momentum", Momentum::new(2, momentum).unwrap());
    for form in [NesterovForm::LookAhead, NesterovForm::Centred, NesterovForm::Framework] {
        let options = NesterovOptions { step_size: number(0.02), momentum: number(0.8), form };
        trial.run(&format!("Nesterov, {form:?}"), Nesterov::new(2, options).unwrap());
    }
    for placement in
        [EpsilonPlacement::OutsideRoot, EpsilonPlacement::InsideRoot, EpsilonPlacement::BeforeCorrection]
    {
        for scaling in [RmsScaling::Component, RmsScaling::Norm] {
            let options = RmsPropOptions { scaling, placement, ..RmsPropOptions::default() };
            trial.run(&format!("RMSprop, {scaling:?}, {placement:?}"), RmsProp::new(2, options).unwrap());
        }
        let options = AdamOptions { step_size: number(0.02), placement, ..AdamOptions::default() };
        trial.run(&format!("Adam, {placement:?}"), Adam::new(2, options).unwrap());
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn a_bad_gradient_is_refused_and_leaves_the_state_alone() {
    struct BadGradient;
    impl Trial<f64> for BadGradient {
        fn run<O: Optimiser<Element = f64, Input = [f64]> + Differentiable + Clone>(
            &mut self,
            name: &str,
            mut optimiser: O,
        ) {
            let mut state = optimiser.initial_state(&[1.0, -1.0]).unwrap();
            optimiser.step(0, &[0.5, 2.0], &mut state).unwrap();
            let before = bits(&state);
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let error = optimiser.step(3, &[0.5, bad], &mut state).unwrap_err();
                let StepError::NonFinite { step: 3, what: Quantity::Input, index: 1, value } = error else {
                    panic!("{name}: {error:?}");
                };
                assert_eq!(value.is_nan(), bad.is_nan(), "{name}");
                assert_eq!(bits(&state), before, "{name}: the state was touched");
            }
            let mismatch = |what, expected, got| StepError::Length {
                step: 3,
                mismatch: LengthMismatch { what, expected, got },
            };
            let error = optimiser.step(3, &[0.5], &mut state).unwrap_err();
            assert_eq!(error, mismatch(Quantity::Input, 2, 1), "{name}");
            let (expected, got) = (state.len(), state.len() - 1);
            let error = optimiser.step(3, &[0.5, 1.0], &mut state[1..]).unwrap_err();
            assert_eq!(error, mismatch(Quantity::State, expected, got), "{name}");
            assert_eq!(bits(&state), before, "{name}: the state was touched");
            assert!(optimiser.initial_state(&[1.0]).is_err(), "{name}");
            assert!(optimiser.bind(&[0.1; 9]).is_err(), "{name}");
            assert_eq!(optimiser.parameter_len(), optimiser.parameter_layout().len(), "{name}");
            assert_eq!(optimiser.state_len(), optimiser.state_layout().len(), "{name}");
            assert_eq!(optimiser.state_layout().range("position"), Some(0..2), "{name}");
        }
    }
    every_optimiser(&mut BadGradient);
}

#[test]
fn an_overflow_is_an_error_that_names_the_component() {
    struct Overflow;
    impl Trial<f32> for Overflow {
        fn run<O: Optimiser<Element = f32, Input = [f32]> + Differentiable + Clone>(
            &mut self,
            name: &str,
            mut optimiser: O,
        ) {
            let mut state = optimiser.initial_state(&[f32::MAX, 0.0]).unwrap();
            let mut parameters = vec![0.5; optimiser.parameter_len()];
            parameters[0] = 3e38;
            optimiser.bind(&parameters).unwrap();
            let error = optimiser.step(5, &[-3e38, 0.0], &mut state).unwrap_err();
            let StepError::NonFinite { step: 5, what: Quantity::State, index, .. } = error else {
                panic!("{name}: {error:?}");
            };
            assert!(!state[index].is_finite(), "{name}");
        }
    }
    every_optimiser(&mut Overflow);
}

#[test]
fn a_gradient_of_zero_moves_nothing_from_rest() {
    struct Zero;
    impl Trial<f64> for Zero {
        fn run<O: Optimiser<Element = f64, Input = [f64]> + Differentiable + Clone>(
            &mut self,
            name: &str,
            mut optimiser: O,
        ) {
            let initial = optimiser.initial_state(&[1.0, -1.0]).unwrap();
            // With every hyperparameter, and with an epsilon of 0, where 0/0 must be 0.
            let mut parameters = vec![0.5; optimiser.parameter_len()];
            if let Some(epsilon) = optimiser.parameter_layout().range("epsilon") {
                parameters[epsilon].fill(0.0);
            }
            optimiser.bind(&parameters).unwrap();
            for zero in [0.0, -0.0] {
                let mut state = initial.clone();
                optimiser.step(0, &[zero; 2], &mut state).unwrap();
                assert_eq!(state, initial, "{name}");
            }
        }
    }
    every_optimiser(&mut Zero);
}

#[test]
fn a_saved_state_resumes_bit_for_bit_at_every_step() {
    struct Resume;
    impl Trial<f64> for Resume {
        fn run<O: Optimiser<Element = f64, Input = [f64]> + Differentiable + Clone>(
            &mut self,
            name: &str,
            optimiser: O,
        ) {
            let initial = optimiser.initial_state(&[-0.3, 0.8]).unwrap();
            let mut run = ClosedLoop::new(optimiser.clone(), Ripples);
            let layout = run.state_layout();
            let states = scan_all(&mut run, 0..20, Autonomous, &initial).unwrap();
            let width = initial.len();
            for k in 0..=20 {
                let saved = Saved::new(k, &layout, &states[k * width..(k + 1) * width]).unwrap();
                let mut state = vec![0.0; width];
                let step = saved.restore(&layout, &mut state).unwrap();
                // A runner that has never taken a step: nothing that matters is kept outside the state.
                let mut fresh = ClosedLoop::new(optimiser.clone(), Ripples);
                scan(&mut fresh, step..20, Autonomous, &mut state).unwrap();
                assert_eq!(bits(&state), bits(&states[20 * width..]), "{name}, from step {k}");
            }
        }
    }
    every_optimiser(&mut Resume);
}

/// The last positions of runs, in the order of [`every_optimiser`].
struct Ends(Vec<(String, [f64; 2])>);

impl<T: Real> Trial<T> for Ends {
    fn run<O: Optimiser<Element = T, Input = [T]> + Differentiable + Clone>(
        &mut self,
        name: &str,
        mut optimiser: O,
    ) {
        let mut state = optimiser.initial_state(&[-0.3, 0.8].map(T::from_f64)).unwrap();
        for t in 0..60 {
            // Exact in single precision and away from 0, so that no optimiser amplifies a rounded sign.
            let g = [1.0, -0.5 - (t % 4) as f64 * 0.25].map(T::from_f64);
            optimiser.step(t, &g, &mut state).unwrap();
        }
        self.0.push((name.to_owned(), [state[0].to_f64(), state[1].to_f64()]));
    }
}

#[test]
fn single_precision_agrees_with_double_to_rounding() {
    let (mut single, mut double) = (Ends(Vec::new()), Ends(Vec::new()));
    every_optimiser::<f32>(&mut single);
    every_optimiser::<f64>(&mut double);
    assert_eq!(single.0.len(), double.0.len());
    for ((name, s), (_, d)) in single.0.iter().zip(&double.0) {
        for (s, d) in s.iter().zip(d) {
            // Sixty steps of a few roundings of 6e-8 each, on positions of size 1.
            assert!((s - d).abs() < 4e-6 * d.abs().max(1.0), "{name}: {s} in f32, {d} in f64");
            assert!((s - d).abs() > 0.0, "{name}: f32 gave the digits of f64");
        }
    }
}

#[test]
fn hyperparameters_out_of_range_are_refused() {
    for value in [-0.1, f64::NAN, f64::INFINITY] {
        let is_step_size = |error: OptimiserError| matches!(error, OptimiserError::StepSize { .. });
        assert!(is_step_size(GradientDescent::new(1, value).unwrap_err()));
        assert!(is_step_size(SignDescent::new(1, value).unwrap_err()));
        let options = MomentumOptions { step_size: value, ..MomentumOptions::default() };
        assert!(is_step_size(Momentum::new(1, options).unwrap_err()));
        let options = NesterovOptions { step_size: value, ..NesterovOptions::default() };
        assert!(is_step_size(Nesterov::new(1, options).unwrap_err()));
        let options = RmsPropOptions { step_size: value, ..RmsPropOptions::default() };
        assert!(is_step_size(RmsProp::new(1, options).unwrap_err()));
        let options = AdamOptions { step_size: value, ..AdamOptions::default() };
        assert!(is_step_size(Adam::new(1, options).unwrap_err()));
        let polyak = |options| PolyakFlow::new(1, options, Ripples).unwrap_err();
        assert!(is_step_size(polyak(PolyakOptions { step_size: value, ..PolyakOptions::default() })));

        let is_epsilon = |error: OptimiserError| matches!(error, OptimiserError::Epsilon { .. });
        let options = RmsPropOptions { epsilon: value, ..RmsPropOptions::default() };
        assert!(is_epsilon(RmsProp::new(1, options).unwrap_err()));
        let options = AdamOptions { epsilon: value, ..AdamOptions::default() };
        assert!(is_epsilon(Adam::new(1, options).unwrap_err()));
    }
    for value in [-0.1, 1.1, f64::NAN] {
        let is_momentum = |error: OptimiserError| matches!(error, OptimiserError::Momentum { .. });
        let options = MomentumOptions { momentum: value, ..MomentumOptions::default() };
        assert!(is_momentum(Momentum::new(1, options).unwrap_err()));
        let options = NesterovOptions { momentum: value, ..NesterovOptions::default() };
        assert!(is_momentum(Nesterov::new(1, options).unwrap_err()));
    }
    for value in [-0.1, 1.0, f64::NAN] {
        let is_decay = |error: OptimiserError| matches!(error, OptimiserError::Decay { .. });
        let options = RmsPropOptions { decay: value, ..RmsPropOptions::default() };
        assert!(is_decay(RmsProp::new(1, options).unwrap_err()));
        let options = AdamOptions { mean_decay: value, ..AdamOptions::default() };
        assert!(is_decay(Adam::new(1, options).unwrap_err()));
        let options = AdamOptions { square_decay: value, ..AdamOptions::default() };
        assert!(is_decay(Adam::new(1, options).unwrap_err()));
    }
    assert_eq!(
        MomentumOptions::from_friction(0.5, 4.5),
        Err(OptimiserError::Friction { value: 4.5, limit: 4.0 })
    );
    assert_eq!(MomentumOptions::from_friction(0.0, 1.0), Err(OptimiserError::TimeStep { value: 0.0 }));
    let centred = |time_step, friction| {
        NesterovOptions::from_friction(time_step, friction, NesterovForm::Centred).unwrap_err()
    };
    assert_eq!(centred(0.5, 2.5), OptimiserError::Friction { value: 2.5, limit: 2.0 });
    assert_eq!(centred(-1.0, 0.0), OptimiserError::TimeStep { value: -1.0 });
    let options = MomentumOptions::<f64>::default();
    assert_eq!(options.retuned(0.0), Err(OptimiserError::Ratio { value: 0.0 }));
    assert_eq!(options.retuned_by_rule(-1.0), Err(OptimiserError::Ratio { value: -1.0 }));
    let options = PolyakOptions { truncation: 0.0, ..PolyakOptions::default() };
    assert_eq!(PolyakFlow::new(1, options, Ripples).unwrap_err(), OptimiserError::Truncation { value: 0.0 });
    let options = PolyakOptions { minimum: f64::NEG_INFINITY, ..PolyakOptions::default() };
    assert!(matches!(PolyakFlow::new(1, options, Ripples).unwrap_err(), OptimiserError::Minimum { .. }));
    let message = GradientDescent::new(1, -2.0).unwrap_err().to_string();
    assert_eq!(message, "the step size must be finite and at least 0, got -2");
}

#[test]
fn polyaks_flow_refuses_bad_answers_and_rests_where_the_gradient_is_zero() {
    let answer = |gradient_: f64, value: f64| {
        move |_: &[f64], gradient: &mut [f64]| {
            gradient[0] = gradient_;
            value
        }
    };
    let step = |gradient, value| {
        let mut run = PolyakFlow::new(1, PolyakOptions::default(), answer(gradient, value)).unwrap();
        let mut state = [2.0];
        run.step(4, &(), &mut state).map(|()| state[0])
    };
    let refused = |quantity| move |error| matches!(error, StepError::NonFinite { step: 4, what, index: 0, .. } if what == quantity);
    assert!(step(f64::NAN, 1.0).is_err_and(refused(Quantity::Input)));
    assert!(step(1.0, f64::INFINITY).is_err_and(refused(Quantity::Value)));
    assert_eq!(step(1.0, f64::INFINITY).unwrap_err().to_string(), "step 4: value component 0 is inf");
    assert_eq!(step(0.0, 1.0), Ok(2.0));
    // The square of this gradient is below the least number, its reciprocal's above the largest.
    let tiny = step(1e-200, 1e-201).unwrap();
    assert!((tiny - 1.9).abs() < 1e-15, "{tiny}");
    assert!(step(1e-320, 1.0).is_err(), "an overflow");
    let mut run = PolyakFlow::new(1, PolyakOptions::default(), answer(1.0, 1.0)).unwrap();
    assert!(matches!(run.step(0, &(), &mut [1.0, 2.0]), Err(StepError::Length { .. })));
}

#[test]
fn a_closed_loop_passes_errors_on_and_checks_its_state() {
    let bad = |_: &[f64], gradient: &mut [f64]| {
        gradient.fill(f64::NAN);
        0.0
    };
    let mut run = ClosedLoop::new(Momentum::new(2, MomentumOptions::default()).unwrap(), bad);
    let mut state = [1.0, 2.0, 3.0, 4.0];
    let error = run.step(6, &(), &mut state).unwrap_err();
    assert!(matches!(error, StepError::NonFinite { step: 6, what: Quantity::Input, index: 0, .. }));
    assert_eq!(state, [1.0, 2.0, 3.0, 4.0]);
    assert!(matches!(run.step(6, &(), &mut state[..3]), Err(StepError::Length { step: 6, .. })));
    assert!(matches!(run.step(6, &(), &mut state[..1]), Err(StepError::Length { step: 6, .. })));
}

#[test]
fn no_components_are_a_legitimate_number_of_them() {
    let mut norm =
        RmsProp::new(0, RmsPropOptions::<f64> { scaling: RmsScaling::Norm, ..RmsPropOptions::default() })
            .unwrap();
    let mut state = norm.initial_state(&[]).unwrap();
    norm.step(0, &[], &mut state).unwrap();
    assert_eq!(state, [0.0]);
    let mut adam = Adam::<f64>::new(0, AdamOptions::default()).unwrap();
    adam.step(0, &[], &mut []).unwrap();
}
