//! Prey and predators fitted to a century-old table, and the options of a fit.

use crate::reference::{assert_close, numbers, table};
use std::ops::ControlFlow;
use tangency_dynamics::models::LotkaVolterra;
use tangency_dynamics::{
    Coordinate, ExplicitRungeKutta, Freedom, Inference, InferenceOptions, LeastSquares, Level, Observations,
    ResidualScale, Start, TrajectoryFit, Unknown, infer, upward_crossings,
};
use tangency_recurrence::{Backpropagation, Tape};

const FILE: &str = "hare_lynx.csv";
const LOGARITHMIC: fn() -> InferenceOptions =
    || InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };

fn data() -> Observations {
    let (times, values) = table(FILE);
    Observations::new(times, values).unwrap()
}

fn start(kind: fn(f64) -> Coordinate) -> Start {
    Start {
        time: 1900.0,
        state: [30.0, 5.0].map(kind).to_vec(),
        parameters: [0.5, 0.02, 1.0, 0.03].map(kind).to_vec(),
    }
}

fn run() -> ExplicitRungeKutta<LotkaVolterra> {
    ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4]).unwrap()
}

fn fit(data: &Observations, start: &Start, step_size: f64, options: &InferenceOptions) -> Inference {
    infer(&mut run(), data, start, step_size, options, |_| ControlFlow::Continue(())).unwrap()
}

fn values(found: &Inference) -> Vec<f64> {
    found.estimates.iter().map(|e| e.value).collect()
}

fn errors(found: &Inference) -> Vec<f64> {
    found.estimates.iter().map(|e| e.standard_error).collect()
}

#[test]
fn the_fit_is_that_of_an_adaptive_solver_of_high_order() {
    let mut run = run();
    let found = infer(&mut run, &data(), &start(Coordinate::positive), 1.0 / 64.0, &LOGARITHMIC(), |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(found.status.is_converged());
    assert_close(&values(&found), &numbers(FILE, "estimates"), 1e-7);
    assert_close(&errors(&found), &numbers(FILE, "standard_errors"), 1e-7);
    let correlation: Vec<f64> = (0..36).map(|i| found.correlation[(i / 6, i % 6)]).collect();
    for (got, want) in correlation.iter().zip(numbers(FILE, "correlation")) {
        assert!((got - want).abs() < 1e-7);
    }
    assert_close(&[found.cost], &numbers(FILE, "cost"), 1e-8);
    assert_close(&[found.condition_number], &numbers(FILE, "condition_number"), 1e-7);
    assert_eq!((found.observations, found.degrees_of_freedom), (42, 36));
    let names: Vec<&str> = found.estimates.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(
        names,
        ["prey_growth", "predation", "predator_death", "predator_growth", "initial prey", "initial predator"]
    );

    // The runner is left with the estimates: an orbit from the estimated start closes after the period.
    let level = Level { component: 0, value: found.parameters[2] / found.parameters[3] };
    let mut state = found.initial_state.clone();
    let times = upward_crossings(&mut run, 1900.0, 1.0 / 64.0, &mut state, level, 3, 10_000).unwrap();
    assert_close(&[times[1] - times[0], times[2] - times[1]], &numbers(FILE, "period").repeat(2), 1e-8);
}

#[test]
fn the_fit_converges_with_the_order_of_the_method() {
    let want = numbers(FILE, "estimates");
    let distance = |step_size| {
        let got = values(&fit(&data(), &start(Coordinate::positive), step_size, &LOGARITHMIC()));
        got.iter().zip(&want).map(|(g, w)| (g / w - 1.0).powi(2)).sum::<f64>().sqrt()
    };
    let sizes = [0.25, 0.125, 0.0625, 0.03125];
    let order = tangency_testing::fit_order(&sizes, &sizes.map(distance)).unwrap().order;
    assert!((order - 4.0).abs() < 0.3, "{order}");
}

#[test]
fn free_and_positive_unknowns_have_the_same_optimum_and_errors() {
    let positive = fit(&data(), &start(Coordinate::positive), 0.0625, &LOGARITHMIC());
    let free = fit(&data(), &start(Coordinate::free), 0.0625, &LOGARITHMIC());
    assert!(free.status.is_converged());
    assert_close(&values(&free), &values(&positive), 1e-8);
    assert_close(&errors(&free), &errors(&positive), 1e-7);
    assert_close(&[free.condition_number], &[positive.condition_number], 1e-7);
}

#[test]
fn the_gradient_is_the_jacobian_times_the_residuals_on_both_scales() {
    for residuals in [ResidualScale::Logarithmic, ResidualScale::Absolute] {
        for kind in [Coordinate::positive, Coordinate::free] {
            let options = InferenceOptions { residuals, ..InferenceOptions::default() };
            let weights: Vec<f64> = (0..42).map(|i| 0.5 + f64::from(i % 5)).collect();
            let (data, start) = (data().with_weights(weights).unwrap(), start(kind));
            let mut run = run();
            let mut problem = TrajectoryFit::new(&mut run, &data, &start, 0.1, &options).unwrap();
            let z = problem.start().to_vec();
            let (mut residuals, mut jacobian) = (vec![0.0; 42], faer::Mat::zeros(42, 6));
            problem.jacobian(&z, &mut residuals, jacobian.as_mut()).unwrap();
            let want: Vec<f64> =
                (0..6).map(|j| (0..42).map(|i| jacobian[(i, j)] * residuals[i]).sum()).collect();
            let mut gradient = [0.0; 6];
            let mut pass = Backpropagation::new(Tape::Stored);
            let cost = problem.cost_and_gradient(&mut pass, &z, &mut gradient).unwrap();
            assert_close(&gradient, &want, 1e-11);
            assert_close(&[cost], &[0.5 * residuals.iter().map(|r| r * r).sum::<f64>()], 1e-13);
            // And the Jacobian is that of the residuals.
            for j in 0..6 {
                let h = 1e-5 * z[j].abs().max(0.1);
                let mut at = |offset: f64| {
                    let (mut z, mut r) = (z.clone(), vec![0.0; 42]);
                    z[j] += offset * h;
                    problem.residuals(&z, &mut r).unwrap();
                    r
                };
                let [a, b, c, d] = [1.0, -1.0, 2.0, -2.0].map(&mut at);
                let norm = jacobian.col(j).norm_l2();
                for i in 0..42 {
                    let difference = (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h);
                    assert!((jacobian[(i, j)] - difference).abs() < 1e-9 * norm, "{i} {j}");
                }
            }
        }
    }
}

#[test]
fn missing_values_weights_and_components() {
    let (times, values) = table(FILE);
    let missing = |i: usize| i % 7 == 3;
    let mut holes = values.clone();
    let mut weights = vec![1.0; 42];
    for i in (0..42).filter(|&i| missing(i)) {
        (holes[i], weights[i]) = (f64::NAN, 0.0);
    }
    let by_nan = Observations::new(times.clone(), holes).unwrap();
    assert_eq!(by_nan.count(), 36);
    let by_weight = data().with_weights(weights).unwrap();
    let start = start(Coordinate::positive);
    let (a, b) =
        (fit(&by_nan, &start, 0.125, &LOGARITHMIC()), fit(&by_weight, &start, 0.125, &LOGARITHMIC()));
    assert_eq!(self::values(&a), self::values(&b));
    assert_eq!((a.observations, a.degrees_of_freedom), (36, 30));
    assert!((0..42).all(|i| a.residuals[i].is_nan() == missing(i)));

    // Weights of 4 are standard deviations of a half: the same optimum, twice the sigma, the same errors.
    let heavy = fit(&data().with_weights(vec![4.0; 42]).unwrap(), &start, 0.125, &LOGARITHMIC());
    let plain = fit(&data(), &start, 0.125, &LOGARITHMIC());
    assert_close(&self::values(&heavy), &self::values(&plain), 1e-8);
    assert_close(&errors(&heavy), &errors(&plain), 1e-7);
    assert_close(&[heavy.sigma, heavy.cost], &[2.0 * plain.sigma, 4.0 * plain.cost], 1e-9);
    assert_close(&heavy.residuals, &plain.residuals, 1e-6);

    // Columns in the other order.
    let swapped = values.chunks(2).flat_map(|row| [row[1], row[0]]).collect();
    let swapped = Observations::new(times.clone(), swapped).unwrap().with_components(vec![1, 0]).unwrap();
    assert_close(&self::values(&fit(&swapped, &start, 0.125, &LOGARITHMIC())), &self::values(&plain), 1e-9);

    // From the hares alone the lynx's scale is open: predation and the initial lynx cannot be told apart.
    let hares = Observations::new(times, values.iter().step_by(2).copied().collect()).unwrap();
    let found = fit(&hares, &start, 0.125, &LOGARITHMIC());
    let open = [Unknown::Parameter(1), Unknown::InitialState(1)];
    for estimate in &found.estimates {
        assert_eq!(estimate.standard_error.is_infinite(), open.contains(&estimate.unknown), "{estimate:?}");
    }
    assert!((found.correlation[(1, 5)] + 1.0).abs() < 1e-6, "{}", found.correlation[(1, 5)]);
    assert!(found.condition_number > 1e10);
}

#[test]
fn fixed_numbers_stay_and_are_not_reported() {
    let mut start = start(Coordinate::positive);
    start.parameters[2].freedom = Freedom::Fixed;
    start.parameters[2].value = 0.8;
    let found = fit(&data(), &start, 0.125, &LOGARITHMIC());
    assert_eq!(found.parameters[2].to_bits(), 0.8f64.to_bits());
    assert_eq!(found.estimates.len(), 5);
    assert!(found.estimate(Unknown::Parameter(2)).is_none());
    assert_eq!(
        found.estimate(Unknown::InitialState(1)).unwrap().value.to_bits(),
        found.initial_state[1].to_bits()
    );
    // What is known better makes the others better known.
    let all = fit(&data(), &self::start(Coordinate::positive), 0.125, &LOGARITHMIC());
    assert!(found.estimates[0].standard_error < 0.5 * all.estimates[0].standard_error);
}

#[test]
fn as_many_unknowns_as_observations_leave_no_error_bars() {
    let data = Observations::new(vec![1901.0, 1902.0, 1903.0], table(FILE).1[2..8].to_vec()).unwrap();
    let found = fit(&data, &start(Coordinate::positive), 0.125, &LOGARITHMIC());
    assert_eq!(found.degrees_of_freedom, 0);
    assert!(found.sigma.is_infinite() && errors(&found).iter().all(|e| e.is_infinite()));
    assert!(found.correlation.col_iter().all(|c| c.iter().all(|x| x.is_finite())));
}
