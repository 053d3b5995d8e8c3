//! Times at which a level is passed.

use crate::fields::{Counting, DrivenPendulum, Linear};
use tangency_dynamics::models::LotkaVolterra;
use tangency_dynamics::{DualField, ExplicitRungeKutta, Level, Tableau, upward_crossings};
use tangency_recurrence::RunError;
use tangency_testing::fit_order;

/// The complete elliptic integral by the arithmetic-geometric mean: a pendulum of amplitude a has the period
/// $2 \pi / \mathrm{agm}(1, \cos(a / 2))$.
fn pendulum_period(amplitude: f64) -> f64 {
    let (mut a, mut g) = (1.0, (0.5 * amplitude).cos());
    for _ in 0..8 {
        (a, g) = (0.5 * (a + g), f64::sqrt(a * g));
    }
    std::f64::consts::TAU / a
}

fn period(tableau: Tableau, size: f64, amplitude: f64) -> f64 {
    let mut run = ExplicitRungeKutta::new(DualField::new(DrivenPendulum), tableau, &[1.0, 0.0, 0.0]).unwrap();
    let level = Level { component: 0, value: 0.0 };
    let times = upward_crossings(&mut run, 0.0, size, &mut [amplitude, 0.0], level, 2, 100_000).unwrap();
    times[1] - times[0]
}

#[test]
fn the_period_of_a_pendulum_is_an_elliptic_integral() {
    for amplitude in [0.1, 1.0, 2.5] {
        let got = period(Tableau::DORMAND_PRINCE, 0.01, amplitude);
        assert!((got - pendulum_period(amplitude)).abs() < 1e-11, "{amplitude}: {got}");
    }
}

#[test]
fn crossings_have_the_order_of_the_method() {
    let sizes = [0.1, 0.07, 0.05, 0.035, 0.025];
    let errors = sizes.map(|size| (period(Tableau::RK4, size, 1.0) - pendulum_period(1.0)).abs());
    let order = fit_order(&sizes, &errors).unwrap().order;
    assert!((order - 4.0).abs() < 0.3, "{order} {errors:?}");
}

#[test]
fn only_upward_crossings_count_and_the_limit_of_steps_holds() {
    let mut run = ExplicitRungeKutta::rk4(DualField::new(DrivenPendulum), &[1.0, 0.0, 0.0]).unwrap();
    let level = Level { component: 1, value: 0.0 };
    // From rest at 1 the velocity is negative for half a period.
    let times = upward_crossings(&mut run, 0.0, 0.01, &mut [1.0, 0.0], level, 5, 1000).unwrap();
    assert_eq!(times.len(), 1);
    assert!((times[0] - 0.5 * pendulum_period(1.0)).abs() < 1e-8);
    let beyond = Level { component: 0, value: 5.0 };
    assert!(upward_crossings(&mut run, 0.0, 0.01, &mut [1.0, 0.0], beyond, 1, 1000).unwrap().is_empty());
}

#[test]
fn a_start_on_the_level_is_no_crossing_and_finding_one_is_cheap() {
    let field = Counting { field: DualField::new(DrivenPendulum), evaluations: 0 };
    let mut run = ExplicitRungeKutta::rk4(field, &[1.0, 0.0, 0.0]).unwrap();
    let level = Level { component: 0, value: 0.0 };
    // Through the lowest point with the velocity of amplitude 2: half its square is 1 - cos 2.
    let mut state = [0.0, (2.0 * (1.0 - 2f64.cos())).sqrt()];
    let times = upward_crossings(&mut run, 0.0, 0.02, &mut state, level, 1, 10_000).unwrap();
    assert!((times[0] - pendulum_period(2.0)).abs() < 1e-6, "{times:?}");
    let steps = (times[0] / 0.02).ceil() as usize;
    let tries = run.field().evaluations / 4 - steps;
    assert!((2..=10).contains(&tries), "{tries}");

    // Far from linear within the step: the plain method of false position takes hundreds of tries here.
    let field = Counting { field: DualField::new(Linear), evaluations: 0 };
    let mut run = ExplicitRungeKutta::rk4(field, &[1.0]).unwrap();
    let level = Level { component: 0, value: 1.5 };
    let z = upward_crossings(&mut run, 0.0, 8.0, &mut [1.0], level, 1, 10).unwrap()[0];
    let reached = 1.0 + z + z.powi(2) / 2.0 + z.powi(3) / 6.0 + z.powi(4) / 24.0;
    assert!((reached - 1.5).abs() < 1e-14, "{reached}");
    assert!(run.field().evaluations <= 4 * 30, "{}", run.field().evaluations / 4);
}

#[test]
fn bad_questions() {
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4]).unwrap();
    let level = |component, value| Level { component, value };
    let ask =
        |run: &mut _, state: &mut [f64], level, size| upward_crossings(run, 0.0, size, state, level, 1, 10);
    assert!(matches!(ask(&mut run, &mut [1.0], level(0, 1.0), 0.1), Err(RunError::Length(_))));
    assert!(matches!(ask(&mut run, &mut [1.0, 1.0], level(2, 1.0), 0.1), Err(RunError::Length(_))));
    assert!(matches!(ask(&mut run, &mut [1.0, 1.0], level(0, f64::NAN), 0.1), Err(RunError::Step(_))));
    assert!(matches!(ask(&mut run, &mut [1.0, 1.0], level(0, 1.0), f64::INFINITY), Err(RunError::Step(_))));
    assert!(matches!(ask(&mut run, &mut [1.0, f64::NAN], level(0, 1.0), 0.1), Err(RunError::Step(_))));
}
