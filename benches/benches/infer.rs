//! Solutions, derivatives and fits of differential equations.

use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use std::ops::ControlFlow;
use tangency::dynamics::models::LotkaVolterra;
use tangency::dynamics::{
    Coordinate, ExplicitRungeKutta, InferenceOptions, LeastSquares, Observations, ResidualScale, Start,
    TrajectoryFit,
};
use tangency::faer::Mat;
use tangency::recurrence::{Backpropagation, Tape, TimeStep, scan};

const PARAMETERS: [f64; 4] = [0.54, 0.027, 0.8, 0.024];

/// Observations of an orbit once a year for twenty years, and a start near it.
fn problem() -> (Observations, Start) {
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &PARAMETERS).expect("four parameters");
    let mut state = vec![34.6, 5.8];
    let mut values = state.clone();
    for year in 0..20 {
        let steps = TimeStep::uniform(f64::from(year), 1.0 / 16.0, 16);
        scan(&mut run, 0..16, &steps, &mut state).expect("a closed orbit");
        // A few percent of error, of no particular pattern.
        values.extend(
            state.iter().zip([1.3, 2.1]).map(|(x, k)| x * (1.0 + 0.05 * (k * f64::from(year)).sin())),
        );
    }
    let start = Start {
        time: 0.0,
        state: [30.0, 5.0].map(Coordinate::positive).to_vec(),
        parameters: [0.5, 0.02, 1.0, 0.03].map(Coordinate::positive).to_vec(),
    };
    (Observations::new((0..=20).map(f64::from).collect(), values).expect("increasing years"), start)
}

pub(crate) fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("dynamics/rk4_step");
    for steps in [100, 10_000] {
        group.throughput(Throughput::Elements(steps));
        group.bench_function(BenchmarkId::from_parameter(steps), |b| {
            let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &PARAMETERS).expect("four parameters");
            let inputs = TimeStep::uniform(0.0, 0.01, steps as usize);
            b.iter(|| {
                let mut state = black_box([34.6, 5.8]);
                scan(&mut run, 0..steps as usize, &inputs, &mut state).expect("a closed orbit");
                state
            });
        });
    }
    group.finish();

    let (observations, start) = problem();
    let options = InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &PARAMETERS).expect("four parameters");
    let mut fit =
        TrajectoryFit::new(&mut run, &observations, &start, 1.0 / 16.0, &options).expect("well posed");
    let z = fit.start().to_vec();
    let mut residuals = vec![0.0; fit.residual_len()];
    let mut jacobian = Mat::zeros(residuals.len(), z.len());
    let mut gradient = vec![0.0; z.len()];
    let mut group = c.benchmark_group("dynamics/infer");
    group.bench_function("residuals", |b| b.iter(|| fit.residuals(black_box(&z), &mut residuals)));
    group.bench_function("jacobian", |b| {
        b.iter(|| fit.jacobian(black_box(&z), &mut residuals, jacobian.as_mut()));
    });
    let mut pass = Backpropagation::new(Tape::Stored);
    group.bench_function("gradient", |b| {
        b.iter(|| fit.cost_and_gradient(&mut pass, black_box(&z), &mut gradient));
    });
    group.bench_function("fit", |b| b.iter(|| fit.solve(|_| ControlFlow::Continue(()))));
    group.finish();
}
