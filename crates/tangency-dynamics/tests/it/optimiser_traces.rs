//! The same iterates as PyTorch, optax and Keras.

use crate::functions::Quadratic;
use tangency_dynamics::{
    Adam, AdamOptions, ClosedLoop, EpsilonPlacement, GradientDescent, Momentum, MomentumOptions, Nesterov,
    NesterovForm, NesterovOptions, Optimiser, PolyakFlow, PolyakOptions, RmsProp, RmsPropOptions,
    SignDescent,
};
use tangency_recurrence::{Autonomous, Differentiable, Recurrence, scan_all};

/// The rows of `reference/optimisers.csv` that belong to `name`: the position after each step.
fn reference(name: &str) -> Vec<[f64; 4]> {
    include_str!("../reference/optimisers.csv")
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(','))
        .enumerate()
        .map(|(row, rest)| {
            let fields: Vec<f64> = rest.split(',').map(|field| field.parse().unwrap()).collect();
            assert_eq!(fields[0].to_bits(), (row as f64).to_bits(), "{name}: rows out of order");
            fields[1..].try_into().unwrap()
        })
        .collect()
}

/// The gradient of step `t` at `p`, as in `reference/optimisers.py`.
fn gradient(t: usize, p: &[f64]) -> [f64; 4] {
    if t == 7 {
        return [0.0; 4];
    }
    let silent = t < 3 || (10..20).contains(&t);
    [p[0], 10.0 * p[1], 1e-8, if silent { 0.0 } else { (t as f64).cos() }]
}

/// Follows the trace `name`: `parameters` are bound first, and bound again with half the step size before step 2, when
/// the velocity, if one is in flight, is multiplied by `velocity`.
fn follow<O>(name: &str, mut run: O, parameters: &[f64], velocity: f64)
where
    O: Optimiser<Element = f64, Input = [f64]> + Differentiable,
{
    let expected = reference(name);
    assert_eq!(expected.len(), 60, "{name}");
    let mut parameters = parameters.to_vec();
    run.bind(&parameters).unwrap();
    let mut state = run.initial_state(&[1.0; 4]).unwrap();
    for (t, expected) in expected.iter().enumerate() {
        if t == 2 {
            parameters[0] /= 2.0;
            run.bind(&parameters).unwrap();
            if let Some(range) = run.state_layout().range("velocity") {
                state[range].iter_mut().for_each(|v| *v *= velocity);
            }
        }
        let g = gradient(t, &state);
        run.step(t, &g, &mut state).unwrap();
        for (i, (x, e)) in state.iter().zip(expected).enumerate() {
            let error = (x - e).abs() / e.abs().max(1e-3);
            assert!(error < 1e-12, "{name}, step {t}, component {i}: {x:e}, expected {e:e}");
        }
    }
}

#[test]
fn gradient_descent_is_that_of_torch() {
    follow("sgd_torch", GradientDescent::new(4, 1.0).unwrap(), &[0.05], 1.0);
}

#[test]
fn sign_descent_is_that_of_optax() {
    follow("sign_optax", SignDescent::new(4, 1.0).unwrap(), &[0.1], 1.0);
}

#[test]
fn momentum_is_that_of_keras_and_of_torch_with_the_velocity_rescaled() {
    let run = Momentum::new(4, MomentumOptions::default()).unwrap();
    follow("momentum_keras", run.clone(), &[0.05, 0.9], 1.0);
    follow("momentum_torch", run, &[0.05, 0.9], 0.5);
}

#[test]
fn the_framework_form_of_nesterov_is_that_of_keras_and_of_torch_with_the_velocity_rescaled() {
    let options = NesterovOptions { form: NesterovForm::Framework, ..NesterovOptions::default() };
    let run = Nesterov::new(4, options).unwrap();
    follow("nesterov_keras", run.clone(), &[0.05, 0.9], 1.0);
    follow("nesterov_torch", run, &[0.05, 0.9], 0.5);
}

#[test]
fn rms_prop_has_the_three_conventions() {
    let run = |options| RmsProp::new(4, options).unwrap();
    follow("rms_prop_torch", run(RmsPropOptions::torch()), &[0.1, 0.9, 1e-8], 1.0);
    follow("rms_prop_optax", run(RmsPropOptions::optax()), &[0.1, 0.9, 1e-8], 1.0);
    follow("rms_prop_keras", run(RmsPropOptions::keras()), &[0.1, 0.9, 1e-7], 1.0);
}

#[test]
fn adam_has_the_three_conventions() {
    let run = |options| Adam::new(4, options).unwrap();
    follow("adam_torch", run(AdamOptions::torch()), &[0.1, 0.9, 0.999, 1e-8], 1.0);
    follow("adam_optax", run(AdamOptions::torch()), &[0.1, 0.9, 0.999, 1e-8], 1.0);
    follow("adam_keras", run(AdamOptions::keras()), &[0.1, 0.9, 0.999, 1e-7], 1.0);
    let inside = AdamOptions { placement: EpsilonPlacement::InsideRoot, ..AdamOptions::default() };
    follow("adam_optax_eps_root", run(inside), &[0.1, 0.9, 0.999, 1e-8], 1.0);
}

#[test]
fn the_presets_hold_the_defaults_of_their_frameworks() {
    let parameters = |o: AdamOptions<f64>| [o.step_size, o.mean_decay, o.square_decay, o.epsilon];
    assert_eq!(parameters(AdamOptions::default()), [0.001, 0.9, 0.999, 1e-8]);
    assert_eq!(parameters(AdamOptions::keras()), [0.001, 0.9, 0.999, 1e-7]);
    let parameters = |o: RmsPropOptions<f64>| [o.step_size, o.decay, o.epsilon];
    assert_eq!(parameters(RmsPropOptions::default()), [0.01, 0.99, 1e-8]);
    assert_eq!(parameters(RmsPropOptions::optax()), [0.01, 0.9, 1e-8]);
    assert_eq!(parameters(RmsPropOptions::keras()), [0.001, 0.9, 1e-7]);
}

#[test]
fn polyaks_step_is_that_of_optax() {
    let bowl = |p: &[f64], gradient: &mut [f64]| {
        let mut twice = 1.4;
        for ((g, &x), a) in gradient.iter_mut().zip(p).zip([1.0, 10.0, 3.0, 0.1]) {
            *g = a * x;
            twice += a * x * x;
        }
        0.5 * twice
    };
    let options = PolyakOptions { minimum: 0.7, ..PolyakOptions::default() };
    let mut run = PolyakFlow::new(4, options, bowl).unwrap();
    let mut state = vec![1.0; 4];
    let mut before = [1.0; 4];
    for (t, expected) in reference("polyak_optax").into_iter().enumerate() {
        run.step(t, &(), &mut state).unwrap();
        // The path itself doubles an error every few steps, so after a while each step is compared by itself. The
        // height falls to 1e-4 and is a difference of numbers of size 1: 1e-13 is what rounding leaves of a step.
        run.step(t, &(), &mut before).unwrap();
        for i in 0..4 {
            let (x, y, e) = (state[i], before[i], expected[i]);
            assert!(t >= 15 || (x - e).abs() < 1e-12, "step {t}: {x:e}, expected {e:e}");
            assert!((y - e).abs() < 1e-13, "step {t} alone: {y:e}, expected {e:e}");
        }
        before = expected;
    }
}

/// The first three iterates from (1, 1) on $(x^2 + 10 y^2)/2$, with nothing else going on.
fn first_three<O>(run: O, expected: [[f64; 2]; 3])
where
    O: Optimiser<Element = f64, Input = [f64]> + Differentiable,
{
    let initial = run.initial_state(&[1.0, 1.0]).unwrap();
    let mut run = ClosedLoop::new(run, Quadratic(vec![1.0, 10.0]));
    let states = scan_all(&mut run, 0..3, Autonomous, &initial).unwrap();
    for (state, expected) in states.chunks(initial.len()).skip(1).zip(expected) {
        for (x, e) in state.iter().zip(expected) {
            // The expected numbers have twelve decimals.
            assert!((x - e).abs() < 6e-13, "{x}, expected {e}");
        }
    }
}

#[test]
fn the_first_three_iterates_are_those_of_the_frameworks() {
    first_three(GradientDescent::new(2, 0.05).unwrap(), [[0.95, 0.5], [0.9025, 0.25], [0.857375, 0.125]]);
    let options = MomentumOptions { step_size: 0.05, momentum: 0.9 };
    first_three(Momentum::new(2, options).unwrap(), [[0.95, 0.5], [0.8575, -0.2], [0.731375, -0.73]]);
    let options = NesterovOptions { step_size: 0.05, momentum: 0.9, form: NesterovForm::Framework };
    first_three(
        Nesterov::new(2, options).unwrap(),
        [[0.905, 0.05], [0.778525, -0.4025], [0.631462625, -0.404875]],
    );
    first_three(
        Adam::new(2, AdamOptions { step_size: 0.1, ..AdamOptions::default() }).unwrap(),
        [[0.900000001, 0.9000000001], [0.800412229712, 0.800412227875], [0.701586274504, 0.701586271699]],
    );
    let options = RmsPropOptions { step_size: 0.1, decay: 0.9, ..RmsPropOptions::default() };
    first_three(
        RmsProp::new(2, options).unwrap(),
        [
            [0.683772243983, 0.683772234983],
            [0.498870620117, 0.498870608219],
            [0.369180567428, 0.369180554583],
        ],
    );
    let options = RmsPropOptions { step_size: 0.1, ..RmsPropOptions::optax() };
    first_three(
        RmsProp::new(2, options).unwrap(),
        [
            [0.683772249795, 0.683772234141],
            [0.498870626655, 0.498870607094],
            [0.369180573876, 0.369180553363],
        ],
    );
    first_three(SignDescent::new(2, 0.1).unwrap(), [[0.9, 0.9], [0.8, 0.8], [0.7, 0.7]]);
}

#[test]
fn a_tiny_gradient_tells_apart_where_epsilon_stands() {
    let first = |run: &mut dyn Recurrence<Element = f64, Input = [f64]>| {
        let mut state = vec![0.0; run.state_len()];
        run.step(0, &[1e-8], &mut state).unwrap();
        state[0]
    };
    let adam = |epsilon, placement| {
        let options = AdamOptions { step_size: 1.0, epsilon, placement, ..AdamOptions::default() };
        first(&mut Adam::new(1, options).unwrap())
    };
    let rms = |placement| {
        let options = RmsPropOptions { step_size: 1.0, decay: 0.9, placement, ..RmsPropOptions::default() };
        first(&mut RmsProp::new(1, options).unwrap())
    };
    let close =
        |x: f64, expected: f64| assert!((x / expected - 1.0).abs() < 1e-5, "{x}, expected {expected}");
    close(adam(1e-8, EpsilonPlacement::OutsideRoot), -0.5);
    close(adam(1e-8, EpsilonPlacement::BeforeCorrection), -0.0306534);
    close(adam(1e-7, EpsilonPlacement::BeforeCorrection), -0.00315231);
    close(adam(1e-8, EpsilonPlacement::InsideRoot), -1.0e-4);
    close(rms(EpsilonPlacement::InsideRoot), -1.0e-4);
    close(rms(EpsilonPlacement::OutsideRoot), -0.759747);
    close(rms(EpsilonPlacement::BeforeCorrection), -0.759747);
}

#[test]
fn rms_prop_by_norm_is_its_formula() {
    for (placement, inside) in [(EpsilonPlacement::InsideRoot, true), (EpsilonPlacement::OutsideRoot, false)]
    {
        let options = RmsPropOptions {
            step_size: 0.1,
            decay: 0.7,
            epsilon: 0.01,
            placement,
            scaling: tangency_dynamics::RmsScaling::Norm,
        };
        let mut run = RmsProp::new(3, options).unwrap();
        let mut state = run.initial_state(&[1.0, -2.0, 0.5]).unwrap();
        assert_eq!(state.len(), 4);
        let (mut x, mut s) = ([1.0, -2.0, 0.5], 0.0_f64);
        for t in 0..50 {
            let g = [x[0], 3.0 * x[1], (t as f64).sin()];
            s = 0.7 * s + 0.3 * (g[0] * g[0] + g[1] * g[1] + g[2] * g[2]);
            let d = if inside { (s + 0.01).sqrt() } else { s.sqrt() + 0.01 };
            for (x, g) in x.iter_mut().zip(g) {
                *x -= 0.1 * g / d;
            }
            run.step(t, &g, &mut state).unwrap();
            for (got, expected) in state.iter().zip([x[0], x[1], x[2], s]) {
                assert!((got - expected).abs() < 1e-13, "step {t}: {got}, expected {expected}");
            }
        }
    }
}
