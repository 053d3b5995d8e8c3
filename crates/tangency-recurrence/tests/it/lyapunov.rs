use crate::runners::{Logistic, Tanh};
use tangency_recurrence::{Autonomous, Frames, LyapunovOptions, RunError, lyapunov_exponents};

#[test]
fn the_logistic_map_at_full_chaos_has_exponent_ln_2() {
    let options = LyapunovOptions { transient: 1000, ..Default::default() };
    let found = lyapunov_exponents(&mut Logistic(4.0), 0..201_000, Autonomous, &mut [0.3], &options).unwrap();
    assert_eq!(found.steps, 200_000);
    assert!((found.per_step[0] - 2_f64.ln()).abs() < 4e-5, "{found:?}");
    assert!(found.standard_error[0] < 5e-5);
}

#[test]
fn a_stable_cycle_has_the_logarithm_of_its_multiplier() {
    // At r = 3.2 the two points of the cycle multiply to f'(p) f'(q) = 4 + 2 r - r².
    let r: f64 = 3.2;
    let options = LyapunovOptions { transient: 2000, ..Default::default() };
    let found = lyapunov_exponents(&mut Logistic(r), 0..2100, Autonomous, &mut [0.3], &options).unwrap();
    assert!((found.per_step[0] - 0.5 * (4.0 + 2.0 * r - r * r).abs().ln()).abs() < 1e-12);
}

#[test]
fn exponents_do_not_depend_on_how_often_directions_are_orthonormalised_and_sum_to_the_volume() {
    let inputs = Tanh::inputs(3, 400);
    let go = |every| {
        let options = LyapunovOptions { orthonormalise_every: every, ..Default::default() };
        let inputs = Frames::new(&inputs[..], 3);
        lyapunov_exponents(&mut Tanh::new(3), 0..400, inputs, &mut [0.1, 0.2, -0.3], &options).unwrap()
    };
    let (one, five) = (go(1), go(5));
    for (a, b) in one.per_step.iter().zip(&five.per_step) {
        assert!((a - b).abs() < 1e-10, "{one:?} {five:?}");
    }
    // ln |det J_t| directly.
    let mut state = [0.1, 0.2, -0.3];
    let mut run = Tanh::new(3);
    let mut sum = 0.0;
    for t in 0..400 {
        let frames = Frames::new(&inputs[..], 3);
        let j = tangency_recurrence::jacobian(&mut run, t..t + 1, frames.clone(), &state).unwrap();
        sum += j.determinant().abs().ln();
        tangency_recurrence::scan(&mut run, t..t + 1, frames, &mut state).unwrap();
    }
    assert!((one.per_step.iter().sum::<f64>() - sum / 400.0).abs() < 1e-12);
}

#[test]
fn a_dead_direction_and_an_overflow_are_said() {
    let found =
        lyapunov_exponents(&mut Logistic(0.0), 0..5, Autonomous, &mut [0.3], &LyapunovOptions::default())
            .unwrap();
    assert_eq!(found.per_step[0], f64::NEG_INFINITY);
    let options = LyapunovOptions { orthonormalise_every: 2000, ..Default::default() };
    let mut run = tangency_recurrence::LinearRecurrence::new(&[2.0]);
    let inputs = Frames::new(vec![0.0; 2000], 1);
    let error = lyapunov_exponents(&mut run, 0..2000, inputs, &mut [0.0], &options).unwrap_err();
    assert_eq!(error, RunError::TangentOverflow { step: 1999 });
}
