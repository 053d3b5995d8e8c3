//! The same inference by second-order and by first-order steps.

use super::competition::{NAMES, STEP, TRUTH, observations, start};
use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use std::ops::ControlFlow;
use tangency::dynamics::models::SpeciesCompetition;
use tangency::dynamics::{
    Adam, AdamOptions, ClosedLoop, Coordinate, ExplicitRungeKutta, InferenceOptions, LevenbergMarquardt,
    MinimiseOptions, Minimiser, Momentum, MomentumOptions, Observations, Optimiser, TrajectoryFit, infer,
    minimise,
};
use tangency::recurrence::{Backpropagation, Tape};

/// What the start is, relative to the truth.
const PERTURBATION: [f64; 6] = [1.1, 0.9, 1.2, 0.8, 1.05, 0.95];
/// The mean squared residual at the start and its gradient there, from an independent program, to eleven digits.
const LOSS: f64 = 455.6089067195;
const GRADIENT: [f64; 6] =
    [-4.7710796932e4, 6.9454641875e3, 2.6697508591e7, -9.8666482714e6, 2.3085077107e6, -3.2687392119e6];
/// Steps that the first-order methods may take.
const STEPS: usize = 20_000;
/// Momentum of the heavy ball near its best for a valley of condition $\kappa = 247^2$: $\beta = ((\sqrt\kappa - 1) /
/// (\sqrt\kappa + 1))^2 = 0.984$, and a step of about $1/\lambda$ for the largest curvature $\lambda = 10^5$ at the start.
const MOMENTUM: MomentumOptions<f64> = MomentumOptions { step_size: 1e-5, momentum: 0.984 };
/// Adam's usual step: each logarithm changes by about a thousandth.
const ADAM_STEP: f64 = 1e-3;

const STORY: &str = "\
Training a recurrent network means going down the gradient that back-propagation brings. The network of the last section \
can be trained so too: the adjoint $\\lambda$ of the state runs backwards through the steps,

$$\\lambda_t = \\left(\\frac{\\partial f}{\\partial y}\\right)^{\\!\\top} \\lambda_{t+1} + \\nabla \\ell_t, \\qquad \
\\frac{\\partial L}{\\partial \\theta} = \\sum_t \\left(\\frac{\\partial f}{\\partial \\theta}\\right)^{\\!\\top} \
\\lambda_{t+1},$$

and one pass back gives all six derivatives, exact to rounding. The gradient is right; the way down is long. Seen from \
the logarithms of the parameters, the valley is some 60 000 times steeper across than along, and a method that knows \
only the slope either swings from wall to wall or creeps along the floor. Levenberg and Marquardt's step uses the \
Jacobian $J$ of the residuals, $(J^\\top J + \\mu D^2) \\delta = -J^\\top r$, and sees the valley as it is.";

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "convergence",
        title: "The long way down a valley".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let observed = observations()?;
    let begin: [f64; 6] = std::array::from_fn(|i| TRUTH[i] * PERTURBATION[i]);
    // The solver's cost is half a sum of squares; this makes it a mean.
    let mean = 2.0 / observed.count() as f64;

    let (loss, gradient) = at_start(&observed, begin, mean)?;

    let mut path = Vec::new();
    let mut network = ExplicitRungeKutta::euler(SpeciesCompetition, &begin)?;
    let options = InferenceOptions {
        solver: LevenbergMarquardt { cost_tolerance: 0.0, ..LevenbergMarquardt::default() },
        ..InferenceOptions::default()
    };
    let best = infer(&mut network, &observed, &start(begin, Coordinate::positive), STEP, &options, |p| {
        path.push([p.iteration as f64, mean * p.cost]);
        ControlFlow::Continue(())
    })?;
    let least = mean * best.cost;

    let momentum = Momentum::new(6, MOMENTUM)?;
    let by_momentum = descend(&observed, begin, mean, momentum, &mut |part| progress(part / 2.0))?;
    let adam = Adam::new(6, AdamOptions { step_size: ADAM_STEP, ..AdamOptions::default() })?;
    let by_adam = descend(&observed, begin, mean, adam, &mut |part| progress(0.5 + part / 2.0))?;

    let mut rows = vec![Row::number("mean squared residual at the start", loss).digits(13).near(LOSS, 1e-9)];
    rows.extend(NAMES.iter().zip(gradient.iter().zip(GRADIENT)).map(|(name, (&g, expected))| {
        Row::number(&format!("its derivative with respect to {name}"), g)
            .digits(11)
            .near(expected, 1e-10 * expected.abs())
    }));
    let until = |quantity: &str, path: &[[f64; 2]]| match path.iter().find(|p| p[1] <= 1.01 * least) {
        Some(p) => Row::count(quantity, p[0] as usize),
        None => Row::number(quantity, f64::NAN),
    };
    rows.extend([
        Row::number("least mean squared residual", least).digits(8).near(0.0451354485, 1e-9),
        until("steps to 1 % above it: Levenberg-Marquardt", &path).at_most(10.0),
        until("the same: momentum", &by_momentum).at_most(STEPS as f64),
        until("the same: Adam", &by_adam).at_most(STEPS as f64),
    ]);
    Ok(Report { figures: vec![losses(least, &path, &by_momentum, &by_adam)], rows })
}

/// The mean squared residual at a start, and its gradient by back-propagation.
fn at_start(observed: &Observations, begin: [f64; 6], mean: f64) -> Result<(f64, [f64; 6]), WorkError> {
    let mut network = ExplicitRungeKutta::euler(SpeciesCompetition, &begin)?;
    let at = start(begin, Coordinate::free);
    let mut problem = TrajectoryFit::new(&mut network, observed, &at, STEP, &InferenceOptions::default())?;
    let mut gradient = [0.0; 6];
    let cost = problem.cost_and_gradient(&mut Backpropagation::new(Tape::Stored), &begin, &mut gradient)?;
    Ok((mean * cost, gradient.map(|g| mean * g)))
}

/// The lowest mean squared residual after each step of a first-order method on the logarithms of the parameters.
fn descend(
    observed: &Observations,
    begin: [f64; 6],
    mean: f64,
    optimiser: impl Optimiser<Element = f64>,
    progress: &mut dyn FnMut(f64),
) -> Result<Vec<[f64; 2]>, WorkError> {
    let mut network = ExplicitRungeKutta::euler(SpeciesCompetition, &begin)?;
    let at = start(begin, Coordinate::positive);
    let mut problem = TrajectoryFit::new(&mut network, observed, &at, STEP, &InferenceOptions::default())?;
    let first = problem.start().to_vec();
    let mut pass = Backpropagation::new(Tape::Stored);
    let oracle = |z: &[f64], gradient: &mut [f64]| {
        let Ok(cost) = problem.cost_and_gradient(&mut pass, z, gradient) else {
            // Where the equation cannot be solved there is no slope: the method then reports that it diverged.
            gradient.fill(f64::NAN);
            return f64::NAN;
        };
        for g in gradient {
            *g *= mean;
        }
        mean * cost
    };
    let mut run = ClosedLoop::new(optimiser, oracle);
    let mut state = run.initial_state(&first)?;
    let mut path = Vec::with_capacity(STEPS);
    let options =
        MinimiseOptions { max_iterations: STEPS, gradient_tolerance: 0.0, ..MinimiseOptions::default() };
    minimise(&mut run, &mut state, &options, |p| {
        path.push([p.iterations as f64, p.best_value]);
        if p.iterations % 256 == 0 {
            progress(p.iterations as f64 / STEPS as f64);
        }
        ControlFlow::Continue(())
    })?;
    Ok(path)
}

fn losses(least: f64, solver: &[[f64; 2]], momentum: &[[f64; 2]], adam: &[[f64; 2]]) -> Figure {
    // The start is step 0, which a logarithmic axis does not have: steps are counted from 1 here.
    let above = |path: &[[f64; 2]], first: f64| -> Vec<_> {
        path.iter().map(|&[n, loss]| [n + first, loss - least]).filter(|p| p[1] > 1e-13).collect()
    };
    Figure::new(
        "How far above the least loss, step by step",
        "Mean squared residual minus its least value, by the number of gradients or Jacobians computed. A step of \
         Levenberg and Marquardt costs about eight solutions of the equation, a step of the others about four.",
        Width::Full,
        Axis::log("evaluations"),
        Axis::log("loss − least loss").unit("animals²"),
    )
    .named("Levenberg-Marquardt", Mark::Line(above(solver, 1.0), Stroke::Solid), Colour::First)
    .draw(Mark::Points(above(solver, 1.0), Shape::Disc), Colour::First)
    .named("momentum", Mark::Line(above(momentum, 0.0), Stroke::Solid), Colour::Third)
    .named("Adam", Mark::Line(above(adam, 0.0), Stroke::Solid), Colour::Second)
}
