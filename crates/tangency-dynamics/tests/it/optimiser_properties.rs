//! Symmetries that the optimisers have, on random gradients.

use proptest::prelude::*;
use tangency_dynamics::{
    Adam, AdamOptions, GradientDescent, Momentum, MomentumOptions, Nesterov, NesterovForm, NesterovOptions,
    Optimiser, RmsProp, RmsPropOptions, RmsScaling, SignDescent,
};

/// The positions of a path from 0, fed with `gradients`.
fn path<O: Optimiser<Element = f64, Input = [f64]>>(mut run: O, gradients: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut state = run.initial_state(&[0.0; 2]).unwrap();
    let mut positions = Vec::new();
    for (t, g) in gradients.iter().enumerate() {
        run.step(t, g, &mut state).unwrap();
        positions.push([state[0], state[1]]);
    }
    positions
}

/// Whether turning the gradients by `map` turns the path by it, to rounding.
fn commutes<O: Optimiser<Element = f64, Input = [f64]> + Clone>(
    run: &O,
    gradients: &[[f64; 2]],
    map: impl Fn([f64; 2]) -> [f64; 2],
) -> bool {
    let turned: Vec<[f64; 2]> = gradients.iter().map(|&g| map(g)).collect();
    let expected = path(run.clone(), gradients).into_iter().map(map);
    path(run.clone(), &turned)
        .iter()
        .zip(expected)
        .all(|(got, expected)| (0..2).all(|i| (got[i] - expected[i]).abs() < 1e-12))
}

fn rms_prop(scaling: RmsScaling) -> RmsProp<f64> {
    RmsProp::new(2, RmsPropOptions { scaling, ..RmsPropOptions::default() }).unwrap()
}

fn gradients() -> impl Strategy<Value = Vec<[f64; 2]>> {
    prop::collection::vec([-3.0..3.0, -3.0..3.0], 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_component_knows_its_place(gradients in gradients()) {
        let swap = |[a, b]: [f64; 2]| [b, a];
        prop_assert!(commutes(&GradientDescent::new(2, 0.1).unwrap(), &gradients, swap));
        prop_assert!(commutes(&SignDescent::new(2, 0.1).unwrap(), &gradients, swap));
        prop_assert!(commutes(&Momentum::new(2, MomentumOptions::default()).unwrap(), &gradients, swap));
        prop_assert!(commutes(&rms_prop(RmsScaling::Component), &gradients, swap));
        prop_assert!(commutes(&rms_prop(RmsScaling::Norm), &gradients, swap));
        prop_assert!(commutes(&Adam::new(2, AdamOptions::default()).unwrap(), &gradients, swap));
    }

    #[test]
    fn methods_without_rates_by_component_know_no_axes(gradients in gradients(), angle in 0.0..6.3_f64) {
        let (sin, cos) = angle.sin_cos();
        let turn = |[a, b]: [f64; 2]| [cos * a - sin * b, sin * a + cos * b];
        prop_assert!(commutes(&GradientDescent::new(2, 0.1).unwrap(), &gradients, turn));
        prop_assert!(commutes(&Momentum::new(2, MomentumOptions::default()).unwrap(), &gradients, turn));
        let options = NesterovOptions { form: NesterovForm::Framework, ..NesterovOptions::default() };
        prop_assert!(commutes(&Nesterov::new(2, options).unwrap(), &gradients, turn));
        prop_assert!(commutes(&rms_prop(RmsScaling::Norm), &gradients, turn));
    }

    #[test]
    fn retuning_there_and_back_changes_nothing(
        step_size in 1e-4..1.0_f64,
        momentum in 0.3..1.0_f64,
        ratio in 0.01..1.0_f64,
    ) {
        let options = MomentumOptions { step_size, momentum };
        let back = options.retuned(ratio).unwrap().retuned(1.0 / ratio).unwrap();
        prop_assert!((back.momentum - momentum).abs() < 1e-12);
        prop_assert!((back.step_size / step_size - 1.0).abs() < 1e-14);
        let again = MomentumOptions::from_friction(options.time_step(), options.friction()).unwrap();
        prop_assert!((again.momentum - momentum).abs() < 1e-13);
        prop_assert!((again.step_size / step_size - 1.0).abs() < 1e-13);
    }
}

#[test]
fn a_turn_does_change_the_path_of_a_method_by_component() {
    let quarter = |[a, b]: [f64; 2]| [0.6 * a - 0.8 * b, 0.8 * a + 0.6 * b];
    let gradients = [[1.0, 0.2], [-0.3, 2.0]];
    assert!(!commutes(&rms_prop(RmsScaling::Component), &gradients, quarter));
    assert!(!commutes(&Adam::new(2, AdamOptions::default()).unwrap(), &gradients, quarter));
}
