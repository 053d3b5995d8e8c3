//! The parameters of two competing species, from a rounded table.

use crate::reference::{assert_close, numbers, table};
use rand_pcg::Pcg64;
use std::ops::ControlFlow;
use tangency_dynamics::models::SpeciesCompetition;
use tangency_dynamics::{
    Coordinate, ExplicitRungeKutta, Inference, InferenceOptions, LeastSquares, Observations, Start,
    TrajectoryFit, infer,
};
use tangency_recurrence::{Backpropagation, Tape, TimeStep, scan, scan_all};

const TRUTH: [f64; 6] = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003];
const FILE: &str = "species_competition.csv";

fn euler() -> ExplicitRungeKutta<SpeciesCompetition> {
    ExplicitRungeKutta::euler(SpeciesCompetition, &TRUTH).unwrap()
}

/// The observations after the first, which is the known initial state.
fn rounded() -> Observations {
    let (times, values) = table(FILE);
    assert_eq!((times[0], &values[..2]), (0.0, &[100.0, 150.0][..]));
    Observations::new(times[1..].to_vec(), values[2..].to_vec()).unwrap()
}

fn unrounded() -> Observations {
    Observations::new(table(FILE).0[1..].to_vec(), numbers(FILE, "euler")).unwrap()
}

fn start(parameters: [f64; 6], kind: fn(f64) -> Coordinate) -> Start {
    Start {
        time: 0.0,
        state: [100.0, 150.0].map(Coordinate::fixed).to_vec(),
        parameters: parameters.map(kind).to_vec(),
    }
}

fn fit(observations: &Observations, start: &Start) -> Inference {
    let options = InferenceOptions::default();
    infer(&mut euler(), observations, start, 0.1, &options, |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn eulers_method_gives_the_table_and_the_exact_flow_does_not() {
    let (times, values) = table(FILE);
    let states = scan_all(&mut euler(), 0..420, &TimeStep::uniform(0.0, 0.1, 420), &[100.0, 150.0]).unwrap();
    let at = |t: f64| &states[2 * (10.0 * t) as usize..][..2];
    let got: Vec<f64> = times[1..].iter().flat_map(|&t| at(t).to_vec()).collect();
    assert_close(&got, &numbers(FILE, "euler"), 1e-13);
    // To ten decimals, as published with the problem.
    assert!((at(10.0)[0] - 165.0207392001).abs() < 1e-10 && (at(42.0)[1] - 264.3717088461).abs() < 1e-10);
    for (t, row) in times.iter().zip(values.chunks(2)) {
        assert_eq!([at(*t)[0].round(), at(*t)[1].round()], row);
    }
    for run in [
        ExplicitRungeKutta::rk4(SpeciesCompetition, &TRUTH),
        ExplicitRungeKutta::dormand_prince(SpeciesCompetition, &TRUTH),
    ] {
        for (end, name) in [(10.0, "flow_10"), (42.0, "flow_42")] {
            let mut state = [100.0, 150.0];
            let steps = 4200;
            let inputs = TimeStep::uniform(0.0, end / f64::from(steps), steps as usize);
            scan(&mut run.clone().unwrap(), 0..steps as usize, &inputs, &mut state).unwrap();
            assert_close(&state, &numbers(FILE, name), 2e-13);
            if name == "flow_10" {
                assert_eq!(state[1].round(), 282.0); // the table has 283
            }
        }
    }
}

#[test]
fn both_species_can_stay_where_they_balance() {
    let mut state = [375.0, 250.0];
    scan(&mut euler(), 0..1000, &TimeStep::uniform(0.0, 0.1, 1000), &mut state).unwrap();
    assert_close(&state, &[375.0, 250.0], 1e-13);
    // And it attracts.
    let mut state = [300.0, 300.0];
    scan(&mut euler(), 0..20_000, &TimeStep::uniform(0.0, 0.1, 20_000), &mut state).unwrap();
    assert_close(&state, &[375.0, 250.0], 1e-9);
}

#[test]
fn the_optimum_from_every_corner_of_a_box() {
    let (data, start) = (rounded(), start(TRUTH, Coordinate::positive));
    let mut run = euler();
    let mut problem = TrajectoryFit::new(&mut run, &data, &start, 0.1, &InferenceOptions::default()).unwrap();
    let want = numbers(FILE, "estimates");
    let mut seen = 0;
    let found = problem
        .multistart_from_corners(1.5, |progress| {
            seen += 1;
            assert_eq!((progress.done, progress.total), (seen, 64));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((found.reached, found.costs.len(), seen), (64, 64, 64));
    assert_close(&found.best.parameters, &want, 1e-8);
    for corner in 0..64 {
        let mut from = TRUTH;
        for (j, p) in from.iter_mut().enumerate() {
            *p *= if corner >> j & 1 == 1 { 1.5 } else { 1.0 / 1.5 };
        }
        let found = fit(&data, &self::start(from, Coordinate::positive));
        assert!(found.status.is_converged(), "{corner}: {}", found.status);
        assert_close(&found.parameters, &want, 1e-8);
        assert_close(&[2.0 * found.cost / 12.0], &numbers(FILE, "mean_square"), 1e-11);
    }
}

#[test]
fn random_starts_from_a_wide_box_find_the_optimum() {
    let (data, start) = (rounded(), start(TRUTH, Coordinate::positive));
    let mut run = euler();
    let mut problem = TrajectoryFit::new(&mut run, &data, &start, 0.1, &InferenceOptions::default()).unwrap();
    let mut draw = |seed| {
        let mut rng = Pcg64::new(seed, 0xa02bdbf7bb3c0a7ac28fa16a64abf96);
        problem.multistart(3.0, 40, |_| ControlFlow::Continue(()), &mut rng).unwrap()
    };
    let found = draw(1);
    assert_close(&found.best.parameters, &numbers(FILE, "estimates"), 1e-8);
    assert!(found.reached >= 20, "{} of 40", found.reached);
    // The same seed gives the same answer, another one another path.
    assert_eq!(draw(1).costs, found.costs);
    assert_ne!(draw(2).costs, found.costs);
}

#[test]
fn the_truth_from_data_that_are_not_rounded() {
    let data = unrounded();
    for kind in [Coordinate::positive, Coordinate::free] {
        let mut from = TRUTH;
        for (p, factor) in from.iter_mut().zip([1.2, 0.8, 0.7, 1.3, 1.1, 0.9]) {
            *p *= factor;
        }
        let found = fit(&data, &start(from, kind));
        assert!(found.status.is_converged(), "{}", found.status);
        assert_close(&found.parameters, &TRUTH, 1e-11);
        assert_close(&[found.condition_number], &numbers(FILE, "condition_number_truth"), 1e-9);
        assert!(found.rmse < 1e-11, "{}", found.rmse);
    }
}

#[test]
fn the_report_agrees_with_one_made_elsewhere() {
    for kind in [Coordinate::positive, Coordinate::free] {
        let found = fit(&rounded(), &start(TRUTH, kind));
        assert_close(&found.parameters, &numbers(FILE, "estimates"), 1e-8);
        let errors: Vec<f64> = found.estimates.iter().map(|e| e.standard_error).collect();
        assert_close(&errors, &numbers(FILE, "standard_errors"), 1e-7);
        let correlation: Vec<f64> = (0..36).map(|i| found.correlation[(i / 6, i % 6)]).collect();
        assert_close(&correlation, &numbers(FILE, "correlation"), 1e-6);
        for i in 0..6 {
            for j in 0..6 {
                let want = found.correlation[(i, j)] * errors[i] * errors[j];
                assert!((found.covariance[(i, j)] - want).abs() <= 1e-12 * errors[i] * errors[j]);
            }
        }
        assert_close(&[found.condition_number], &numbers(FILE, "condition_number_estimates"), 1e-8);
        assert_eq!((found.observations, found.degrees_of_freedom), (12, 6));
        assert_close(
            &[found.rmse.powi(2), found.sigma.powi(2) / 2.0],
            &numbers(FILE, "mean_square").repeat(2),
            1e-11,
        );
        assert_eq!(found.estimates[5].name, "inverse_capacity[1]");
        // Model minus data, in the shape of the data.
        for (i, r) in found.residuals.iter().enumerate() {
            assert_eq!(*r, found.fitted[i] - rounded().values()[i]);
        }
        assert!(found.to_string().contains("growth[0]"));
    }
}

#[test]
fn the_gradient_by_back_propagation() {
    let mut from = TRUTH;
    for (p, factor) in from.iter_mut().zip([1.1, 0.9, 1.2, 0.8, 1.05, 0.95]) {
        *p *= factor;
    }
    let (data, start) = (rounded(), start(from, Coordinate::free));
    let mut run = euler();
    let mut problem = TrajectoryFit::new(&mut run, &data, &start, 0.1, &InferenceOptions::default()).unwrap();
    assert_eq!(problem.steps().len(), 420);
    assert!(problem.steps().iter().all(|step| step.size == 0.1));
    let mut gradient = [0.0; 6];
    let mut pass = Backpropagation::new(Tape::Stored);
    let cost = problem.cost_and_gradient(&mut pass, &from, &mut gradient).unwrap();
    // The loss of the reference is the mean over the twelve numbers.
    assert_close(&[cost / 6.0], &numbers(FILE, "loss"), 1e-12);
    assert_close(&gradient.map(|g| g / 6.0), &numbers(FILE, "gradient"), 1e-11);
    let published =
        [-4.7710796932e4, 6.9454641875e3, 2.6697508591e7, -9.8666482714e6, 2.3085077107e6, -3.2687392119e6];
    assert_close(&gradient.map(|g| g / 6.0), &published, 1e-10);

    let mut checkpointed = [0.0; 6];
    let mut pass = Backpropagation::new(Tape::Checkpointed { snapshots: 10 });
    problem.cost_and_gradient(&mut pass, &from, &mut checkpointed).unwrap();
    assert_eq!(gradient.map(f64::to_bits), checkpointed.map(f64::to_bits));

    let mut residuals = [0.0; 12];
    let mut jacobian = faer::Mat::zeros(12, 6);
    problem.jacobian(&from, &mut residuals, jacobian.as_mut()).unwrap();
    let products: Vec<f64> = (0..6).map(|j| (0..12).map(|i| jacobian[(i, j)] * residuals[i]).sum()).collect();
    assert_close(&gradient, &products, 1e-11);
}
