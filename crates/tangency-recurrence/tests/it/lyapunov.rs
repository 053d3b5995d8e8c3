use crate::runners::{Logistic, Tanh};
use tangency_recurrence::{
    Autonomous, Frames, LinearRecurrence, LyapunovOptions, RunError, lyapunov_exponents,
};

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

fn linear(factors: &[f64], steps: usize, options: LyapunovOptions) -> tangency_recurrence::LyapunovExponents {
    let (mut run, mut state) = (LinearRecurrence::new(factors), vec![0.0; factors.len()]);
    let inputs = Frames::new(vec![0.0; factors.len() * steps], factors.len());
    lyapunov_exponents(&mut run, 0..steps, inputs, &mut state, &options).unwrap()
}

#[test]
fn the_largest_exponents_come_first_whatever_the_order_of_components() {
    let transient = 60;
    let one = linear(&[0.5, 2.0, 1.5], 100, LyapunovOptions { count: 1, transient, ..Default::default() });
    assert_eq!((one.per_step.len(), one.steps), (1, 40));
    assert!((one.per_step[0] - 2_f64.ln()).abs() < 1e-10, "{one:?}");
    let all = linear(&[0.5, 2.0, 1.5], 300, LyapunovOptions { transient: 200, ..Default::default() });
    for (found, exact) in all.per_step.iter().zip([2.0_f64, 1.5, 0.5]) {
        assert!((found - exact.ln()).abs() < 1e-12, "{all:?}");
    }
}

#[test]
fn long_intervals_neither_overflow_nor_underflow_and_ragged_ones_count_right() {
    for factor in [0.5, 2.0, 1e100] {
        for every in [100, 2000, usize::MAX] {
            let options = LyapunovOptions { orthonormalise_every: every, transient: 1, ..Default::default() };
            let found = linear(&[factor], 902, options);
            assert!(
                (found.per_step[0] - factor.ln()).abs() < 1e-12 * factor.ln().abs().max(1.0),
                "{found:?}"
            );
        }
    }
    let every = LyapunovOptions { orthonormalise_every: 7, ..Default::default() };
    let found = linear(&[0.5], 901, every);
    assert!(found.standard_error[0] < 1e-13, "{found:?}");
}

#[test]
fn a_dead_direction_an_overflow_and_nothing_to_measure_are_said() {
    let found =
        lyapunov_exponents(&mut Logistic(0.0), 0..5, Autonomous, &mut [0.3], &LyapunovOptions::default())
            .unwrap();
    assert_eq!(found.per_step[0], f64::NEG_INFINITY);
    // Two channels, one of which forgets everything.
    let found = linear(&[0.0, 0.7], 200, LyapunovOptions { transient: 10, ..Default::default() });
    assert!(
        (found.per_step[0] - 0.7_f64.ln()).abs() < 1e-12 && found.per_step[1] == f64::NEG_INFINITY,
        "{found:?}"
    );
    let mut run = LinearRecurrence::new(&[1e308, 1e308]);
    let inputs = Frames::new(vec![0.0; 20], 2);
    let error = lyapunov_exponents(
        &mut run,
        0..9,
        inputs,
        &mut [0.0; 2],
        &LyapunovOptions { count: 1, ..Default::default() },
    );
    assert!(error.is_ok_and(|found| (found.per_step[0] - 1e308_f64.ln()).abs() < 1e-12));
    let options = LyapunovOptions { transient: 5, ..Default::default() };
    let nothing = lyapunov_exponents(&mut Logistic(2.0), 0..5, Autonomous, &mut [0.3], &options);
    assert_eq!(nothing, Err(RunError::NoSteps));
    #[allow(clippy::reversed_empty_ranges, reason = "that is the question")]
    let reversed =
        lyapunov_exponents(&mut Logistic(2.0), 5..3, Autonomous, &mut [0.3], &LyapunovOptions::default());
    assert_eq!(reversed, Err(RunError::NoSteps));
}
