use crate::runners::{Logistic, Tanh};
use tangency_recurrence::{Autonomous, Frames, Quantity, check, jacobian, jacobian_eigenvalues};

fn tanh_check(wrong_gradient: f64, wrong_tangent: f64) -> tangency_recurrence::Check {
    let mut run = Tanh::new(3);
    (run.wrong_gradient, run.wrong_tangent) = (wrong_gradient, wrong_tangent);
    let inputs = Frames::new(Tanh::inputs(3, 9), 3);
    check(&mut run, &Tanh::parameters(3), 0..9, inputs, &[0.1, 0.2, -0.3]).unwrap()
}

#[test]
fn right_derivatives_pass() {
    let found = tanh_check(0.0, 0.0);
    assert!(found.passes(1e-10, 1e-15), "{found:?}");
    assert_eq!(found.compared, 9 + 27 + 3);
    let found = check(&mut Logistic(3.7), &[3.7], 0..2, Autonomous, &[0.3]).unwrap();
    assert!(found.passes(1e-10, 1e-14), "{found:?}");
}

#[test]
fn an_error_of_one_part_in_a_thousand_million_is_seen() {
    let found = tanh_check(1e-9, 0.0);
    let worst = found.worst.unwrap();
    assert!(!found.passes(1e-10, 1e-15));
    assert_eq!((worst.what, worst.name), (Quantity::Parameters, Some("weights")));
    assert!(found.transpose_defect > 1e-11, "{found:?}");
    let found = tanh_check(0.0, 1e-10);
    assert!(found.relative_error() < 1e-10 && found.transpose_defect > 1e-12, "{found:?}");
}

#[test]
fn jacobian_of_several_steps_is_their_product() {
    let mut run = Tanh::new(3);
    let inputs = Frames::new(Tanh::inputs(3, 2), 3);
    let initial = [0.1, 0.2, -0.3];
    let mut middle = initial;
    tangency_recurrence::scan(&mut run, 0..1, inputs.clone(), &mut middle).unwrap();
    let first = jacobian(&mut run, 0..1, inputs.clone(), &initial).unwrap();
    let second = jacobian(&mut run, 1..2, inputs.clone(), &middle).unwrap();
    let both = jacobian(&mut run, 0..2, inputs.clone(), &initial).unwrap();
    assert!((&second * &first - &both).norm_max() < 1e-15);
    let eigenvalues = jacobian_eigenvalues(&mut run, 0..2, inputs, &initial).unwrap();
    let trace: f64 = eigenvalues.iter().map(|z| z.re).sum();
    assert!((trace - (both[(0, 0)] + both[(1, 1)] + both[(2, 2)])).abs() < 1e-14);
    assert!(eigenvalues.windows(2).all(|z| z[0].norm() >= z[1].norm()));
}
