//! Ill-posed questions, and trial steps that fail.

use crate::fields::{Linear, bell};
use std::ops::ControlFlow;
use tangency_dynamics::models::LotkaVolterra;
use tangency_dynamics::{
    Coordinate, DualField, ExplicitRungeKutta, FitStatus, GenericField, Inference, InferenceError,
    InferenceOptions, LevenbergMarquardt, ModelError, Observations, ResidualScale, Start, TrajectoryFit,
    Unknown, infer,
};
use tangency_recurrence::{Backpropagation, RunError, StepError, Tape};

fn start() -> Start {
    Start {
        time: 0.0,
        state: vec![Coordinate::fixed(1.0), Coordinate::fixed(1.0)],
        parameters: [1.0, 1.0, 1.0, 1.0].map(Coordinate::positive).to_vec(),
    }
}

fn data() -> Observations {
    Observations::new(vec![1.0, 2.0, 3.0], vec![1.0, 1.1, 1.2, 1.3, 1.4, 1.5]).unwrap()
}

fn ask(
    data: &Observations,
    start: &Start,
    step_size: f64,
    options: InferenceOptions,
) -> Result<Inference, InferenceError> {
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4]).unwrap();
    infer(&mut run, data, start, step_size, &options, |_| ControlFlow::Continue(()))
}

fn refusal(data: &Observations, change: impl FnOnce(&mut Start)) -> InferenceError {
    let mut start = start();
    change(&mut start);
    ask(data, &start, 0.1, InferenceOptions::default()).unwrap_err()
}

#[test]
fn observations() {
    let new = |times: &[f64], values: &[f64]| Observations::new(times.to_vec(), values.to_vec()).unwrap_err();
    assert_eq!(new(&[], &[]), InferenceError::ValuesShape { times: 0, values: 0 });
    assert_eq!(new(&[1.0], &[]), InferenceError::ValuesShape { times: 1, values: 0 });
    assert_eq!(new(&[1.0, 2.0], &[1.0, 2.0, 3.0]), InferenceError::ValuesShape { times: 2, values: 3 });
    assert!(matches!(new(&[1.0, f64::NAN], &[1.0, 2.0]), InferenceError::NonFiniteTime { index: 1, .. }));
    assert_eq!(
        new(&[1.0, 1.0], &[1.0, 2.0]),
        InferenceError::TimesNotIncreasing { index: 1, previous: 1.0, time: 1.0 }
    );
    assert_eq!(
        new(&[1.0, 2.0], &[1.0, 2.0, f64::INFINITY, 3.0]),
        InferenceError::InfiniteValue { row: 1, column: 0, value: f64::INFINITY }
    );
    assert_eq!(
        data().with_components(vec![0]).unwrap_err(),
        InferenceError::ComponentsLength { expected: 2, got: 1 }
    );
    assert_eq!(
        data().with_weights(vec![1.0]).unwrap_err(),
        InferenceError::WeightsLength { expected: 6, got: 1 }
    );
    assert_eq!(
        data().with_weights(vec![1.0, 1.0, 1.0, -1.0, 1.0, 1.0]).unwrap_err(),
        InferenceError::InvalidWeight { row: 1, column: 1, weight: -1.0 }
    );
    assert!(matches!(
        data().with_weights(vec![f64::NAN; 6]).unwrap_err(),
        InferenceError::InvalidWeight { row: 0, column: 0, .. }
    ));
}

#[test]
fn starts() {
    assert!(matches!(refusal(&data(), |s| { s.state.pop(); }), InferenceError::StartLength(e) if e.got == 1));
    assert!(
        matches!(refusal(&data(), |s| { s.parameters.pop(); }), InferenceError::StartLength(e) if e.got == 3)
    );
    assert!(matches!(refusal(&data(), |s| s.time = f64::NAN), InferenceError::NonFiniteTime { .. }));
    assert_eq!(refusal(&data(), |s| s.time = 1.5), InferenceError::BeforeStart { first: 1.0, start: 1.5 });
    assert!(matches!(
        refusal(&data(), |s| s.state[1].value = f64::NAN),
        InferenceError::NonFiniteStart { coordinate: Unknown::InitialState(1), .. }
    ));
    assert_eq!(
        refusal(&data(), |s| s.parameters[3].value = 0.0),
        InferenceError::NonPositiveStart { coordinate: Unknown::Parameter(3), value: 0.0 }
    );
    assert_eq!(
        refusal(&data(), |s| s.parameters = vec![Coordinate::fixed(1.0); 4]),
        InferenceError::NoUnknowns
    );
    let few = Observations::new(vec![1.0, 2.0], vec![1.0, 2.0, f64::NAN, 3.0]).unwrap();
    assert_eq!(refusal(&few, |_| ()), InferenceError::TooFewObservations { observations: 3, unknowns: 4 });
    let beyond = data().with_components(vec![0, 2]).unwrap();
    assert_eq!(
        refusal(&beyond, |_| ()),
        InferenceError::ComponentOutOfRange { column: 1, component: 2, dimension: 2 }
    );
}

#[test]
fn options_and_grids() {
    let with = |options| ask(&data(), &start(), 0.1, options).unwrap_err();
    let default = InferenceOptions::default();
    assert_eq!(
        with(InferenceOptions { largest_factor: 1.0, ..default }),
        InferenceError::InvalidOption { option: "largest_factor", value: 1.0 }
    );
    let solver = LevenbergMarquardt { step_tolerance: -1.0, ..LevenbergMarquardt::default() };
    assert_eq!(
        with(InferenceOptions { solver, ..default }),
        InferenceError::InvalidOption { option: "step_tolerance", value: -1.0 }
    );
    assert_eq!(
        with(InferenceOptions { max_steps: 29, ..default }),
        InferenceError::TooManySteps { needed: 30.0, limit: 29 }
    );
    for step_size in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = ask(&data(), &start(), step_size, default).unwrap_err();
        assert!(matches!(error, InferenceError::InvalidStepSize { .. }));
    }
    assert!(matches!(
        ask(&data(), &start(), 1e-300, default).unwrap_err(),
        InferenceError::TooManySteps { .. }
    ));
    let logarithmic = InferenceOptions { residuals: ResidualScale::Logarithmic, ..default };
    let negative = Observations::new(vec![1.0, 2.0], vec![1.0, 2.0, -1.0, 3.0]).unwrap();
    assert_eq!(
        ask(&negative, &start(), 0.1, logarithmic).unwrap_err(),
        InferenceError::NonPositiveValue { row: 1, column: 0, value: -1.0 }
    );
}

#[test]
fn the_grid_meets_the_observations_with_steps_no_longer_than_asked() {
    let seen = Observations::new(vec![0.0, 0.3, 1.4, 1.5, 4.0], vec![1.0; 5]).unwrap();
    let start =
        Start { time: -1.1, state: vec![Coordinate::free(1.0)], parameters: vec![Coordinate::fixed(-1.0)] };
    let mut run = ExplicitRungeKutta::rk4(DualField::new(Linear), &[-1.0]).unwrap();
    let problem = TrajectoryFit::new(&mut run, &seen, &start, 0.1, &InferenceOptions::default()).unwrap();
    let steps = problem.steps();
    assert_eq!(steps.len(), 11 + 3 + 11 + 1 + 25);
    assert!(steps[11].time.abs() < 1e-15);
    assert!(steps.iter().all(|s| s.size > 0.0999999 && s.size <= 0.1 + 1e-13));
    for pair in steps.windows(2) {
        assert!((pair[0].end() - pair[1].time).abs() < 1e-14);
    }
}

#[test]
fn multistarts() {
    let (data, start) = (data(), start());
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4]).unwrap();
    let mut problem = TrajectoryFit::new(&mut run, &data, &start, 0.1, &InferenceOptions::default()).unwrap();
    for factor in [1.0, 0.5, f64::NAN, f64::INFINITY] {
        let error = problem.multistart_from_corners(factor, |_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, InferenceError::InvalidFactor { .. }));
    }
    let mut rng = rand_pcg::Pcg64::new(1, 1);
    let error = problem.multistart(2.0, 0, |_| ControlFlow::Continue(()), &mut rng).unwrap_err();
    assert_eq!(error, InferenceError::InvalidStarts { starts: 0.0, limit: 65536 });
    let found = problem.multistart_from_corners(1.2, |_| ControlFlow::Break(())).unwrap();
    assert_eq!(found.costs.len(), 1);
}

#[test]
fn a_model_without_a_value_at_the_start_is_an_error() {
    let data = Observations::new(vec![1.0, 2.0], vec![1.0, 1.0]).unwrap();
    // $\dot y = -2 p t y^2$ with $p < 0$ explodes: Euler's steps overflow.
    let start =
        |p, y| Start { time: 0.0, state: vec![Coordinate::free(y)], parameters: vec![Coordinate::free(p)] };
    let ask = |s: &Start, residuals| {
        let mut run = ExplicitRungeKutta::euler(bell(), &[1.0]).unwrap();
        let options = InferenceOptions { residuals, ..InferenceOptions::default() };
        infer(&mut run, &data, s, 0.01, &options, |_| ControlFlow::Continue(()))
    };
    let error = ask(&start(-1e3, 5.0), ResidualScale::Absolute).unwrap_err();
    assert!(
        matches!(error, InferenceError::Start(ModelError::Run(RunError::Step(StepError::NonFinite { .. })))),
        "{error}"
    );
    let error = ask(&start(1.0, -0.1), ResidualScale::Logarithmic).unwrap_err();
    assert!(
        matches!(error, InferenceError::Start(ModelError::NonPositive { row: 0, column: 0, .. })),
        "{error}"
    );
    let mut run = ExplicitRungeKutta::euler(DualField::new(Linear), &[1.0]).unwrap();
    let huge = start(0.0, 1e200);
    let error =
        infer(&mut run, &data, &huge, 1.0, &InferenceOptions::default(), |_| ControlFlow::Continue(()));
    assert!(matches!(error, Err(InferenceError::Overflow { value }) if value > 9e199), "{error:?}");

    let mut run = ExplicitRungeKutta::euler(bell(), &[1.0]).unwrap();
    let options = InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };
    let from = start(1.0, 1.0);
    let mut problem = TrajectoryFit::new(&mut run, &data, &from, 0.01, &options).unwrap();
    let mut pass = Backpropagation::new(Tape::Stored);
    let mut gradient = [0.0; 2];
    let error = problem.cost_and_gradient(&mut pass, &[1.0, -1e-3], &mut gradient).unwrap_err();
    assert!(matches!(error, ModelError::NonPositive { .. }), "{error}");
    assert!(matches!(
        problem.cost_and_gradient(&mut pass, &[1.0], &mut gradient),
        Err(ModelError::Run(RunError::Length(_)))
    ));
    assert!(matches!(
        problem.cost_and_gradient(&mut pass, &[1.0, 1.0], &mut gradient[..1]),
        Err(ModelError::Run(RunError::Length(_)))
    ));
}

/// $\dot y = p y^2$ blows up at $t = 1 / (p y_0)$.
#[derive(Debug, Clone)]
struct Explosion;

impl GenericField for Explosion {
    fn dimension(&self) -> usize {
        1
    }
    fn parameter_len(&self) -> usize {
        1
    }
    fn evaluate<D: tangency_dynamics::num_dual::DualNum<Primitive = f64> + Copy>(
        &self,
        _: f64,
        x: &[D],
        p: &[D],
        out: &mut [D],
    ) {
        out[0] = p[0] * x[0] * x[0];
    }
}

#[test]
fn a_trial_step_into_an_explosion_is_rejected() {
    // Seen: y = 1 / (1 - p t) with p = 0.99, close to the explosion at the last time.
    let times: Vec<f64> = (1..=10).map(|i| 0.1 * f64::from(i)).collect();
    let values: Vec<f64> = times.iter().map(|t| 1.0 / (1.0 - 0.99 * t)).collect();
    let data = Observations::new(times, values).unwrap();
    let start =
        Start { time: 0.0, state: vec![Coordinate::fixed(1.0)], parameters: vec![Coordinate::free(0.2)] };
    let solver = LevenbergMarquardt { initial_radius: 1e6, ..LevenbergMarquardt::default() };
    let options = InferenceOptions { solver, ..InferenceOptions::default() };
    let mut run = ExplicitRungeKutta::rk4(DualField::new(Explosion), &[0.0]).unwrap();
    let mut accepted = 0;
    let found = infer(&mut run, &data, &start, 1e-4, &options, |_| {
        accepted += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(found.status.is_converged(), "{}", found.status);
    assert!((found.parameters[0] - 0.99).abs() < 1e-8, "{:?}", found.parameters);
    assert!(found.iterations > accepted, "{} trials, {accepted} points: none was rejected", found.iterations);
    assert_ne!(found.status, FitStatus::Stalled);
}
