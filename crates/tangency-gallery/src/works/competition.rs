//! Species competition: a forward pass solves the equation, a backward pass infers its parameters.

use crate::data;
use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use std::ops::ControlFlow;
use tangency::dynamics::models::SpeciesCompetition;
use tangency::dynamics::{
    Coordinate, ExplicitRungeKutta, Inference, InferenceOptions, Observations, Start, TrajectoryFit,
};
use tangency::recurrence::{RunError, TimeStep, scan_all};

/// $(r_1, r_2, a_1, a_2, 1/N_1, 1/N_2)$ that the table was made with.
pub(super) const TRUTH: [f64; 6] = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003];
/// How the parameters are written.
pub(super) const NAMES: [&str; 6] = ["r₁", "r₂", "a₁", "a₂", "1/N₁", "1/N₂"];
/// The state that the table begins with.
const INITIAL: [f64; 2] = [100.0, 150.0];
/// The step of the article.
pub(super) const STEP: f64 = 0.1;
/// The parameters of least squares by `scipy.optimize.least_squares`: see the script `species_competition.py` among the
/// references of tangency-dynamics.
const OPTIMUM: [f64; 6] =
    [0.0993041431, 0.2967118524, 9.563314209e-5, 2.027917224e-4, 2.036047201e-3, 2.983725642e-3];
/// How far an estimate may be from it, in standard errors.
const AGREEMENT: f64 = 1e-6;

const STORY: &str = "\
Two species feed on the same meadow. Alone, each would grow to its own limit $N_i$; together each also takes from the \
other:

$$\\dot x_1 = r_1 x_1 \\left(1 - \\frac{x_1}{N_1}\\right) - a_1 x_1 x_2, \\qquad \
\\dot x_2 = r_2 x_2 \\left(1 - \\frac{x_2}{N_2}\\right) - a_2 x_1 x_2.$$

Euler's step $x(t+h) = x(t) + h f(x(t))$ follows the tangent for a time $h$, and one step after another is a recurrence, \
$y_t = f(y_{t-1})$: a recurrent network whose weights are the six parameters. Its forward pass solves the equation. Its \
backward pass says how the solution depends on the parameters, and so finds them from a few observations.

The observations are the seven rows of Su Jianlin's article, rounded to whole animals. Euler with $h = 0.1$ reproduces \
every one of them. The exact flow does not: at $t = 10$ it passes 282.47, which rounds to 282, where the table says 283. \
The table knows which method made it. And since rounding has taken a little from every number, the parameters of least \
squares are near those that made the table, not equal to them.";

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "competition",
        title: "Two species, seven rows, six parameters".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// The rounded observations, without the first row, which is the initial state.
pub(super) fn observations() -> Result<Observations, WorkError> {
    let table = data::species_competition()?;
    Ok(Observations::new(table.times[1..].to_vec(), table.values[1..].concat())?)
}

/// A start of an inference at these parameters, from the known initial state.
pub(super) fn start(parameters: [f64; 6], coordinate: fn(f64) -> Coordinate) -> Start {
    Start {
        time: 0.0,
        state: INITIAL.map(Coordinate::fixed).to_vec(),
        parameters: parameters.map(coordinate).to_vec(),
    }
}

/// All states $(x_1, x_2)$ from 0 to 42 in steps of [`STEP`].
fn solution(mut run: ExplicitRungeKutta<SpeciesCompetition>) -> Result<Vec<[f64; 2]>, RunError> {
    let states = scan_all(&mut run, 0..420, &TimeStep::uniform(0.0, STEP, 420), &INITIAL)?;
    Ok(states.as_chunks().0.to_vec())
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let table = data::species_competition()?;
    let euler = solution(ExplicitRungeKutta::euler(SpeciesCompetition, &TRUTH)?)?;
    // Of order five, this one is the exact flow to eleven digits.
    let exact = solution(ExplicitRungeKutta::dormand_prince(SpeciesCompetition, &TRUTH)?)?;

    let observed = observations()?;
    let mut network = ExplicitRungeKutta::euler(SpeciesCompetition, &TRUTH)?;
    let begin = start(TRUTH, Coordinate::positive);
    let mut problem =
        TrajectoryFit::new(&mut network, &observed, &begin, STEP, &InferenceOptions::default())?;
    let many = problem.multistart_from_corners(1.5, |p| {
        progress(p.done as f64 / p.total as f64);
        ControlFlow::Continue(())
    })?;
    let inferred = &many.best;

    let row_of = |t: f64| (t / STEP).round() as usize;
    let same = |states: &[[f64; 2]]| {
        let entries = table.times.iter().zip(&table.values);
        entries
            .map(|(&t, row)| (0..2).filter(|&i| (states[row_of(t)][i].round() - row[i]).abs() < 0.5).count())
            .sum::<usize>()
    };
    let squares = table.times.iter().zip(&table.values).map(|(&t, row)| {
        let state = euler[row_of(t)];
        (state[0] - row[0]).powi(2) + (state[1] - row[1]).powi(2)
    });
    let at_truth = squares.sum::<f64>() / observed.count() as f64;

    let mut rows = vec![
        Row::number("Euler, x₁ at t = 42", euler[420][0]).digits(13).near(324.4187387890, 1e-9),
        Row::number("Euler, x₂ at t = 10", euler[100][1]).digits(13).near(282.8620204063, 1e-9),
        Row::count("Euler, rounded: entries as in the table, of 14", same(&euler)).near(14.0, 0.0),
        Row::number("exact flow, x₂ at t = 10", exact[100][1]).digits(13).near(282.4654868789, 1e-9),
        Row::count("exact flow, rounded: entries as in the table, of 14", same(&exact)),
    ];
    rows.extend(inferred.estimates.iter().zip(NAMES).zip(OPTIMUM).map(|((e, name), value)| {
        let row = Row::number(name, e.value).standard_error(e.standard_error).digits(10);
        row.near(value, AGREEMENT * e.standard_error)
    }));
    let furthest =
        inferred.estimates.iter().zip(TRUTH).map(|(e, truth)| (e.value - truth).abs() / e.standard_error);
    rows.extend([
        Row::number("mean squared residual", inferred.rmse.powi(2)).digits(8).near(0.0451354485, 1e-9),
        Row::number("mean squared residual at the true parameters", at_truth).digits(8).near(0.0955683, 6e-8),
        Row::number("furthest estimate from the truth, in standard errors", furthest.fold(0.0, f64::max))
            .digits(3)
            .at_most(3.0),
        Row::number("condition number of the Jacobian", inferred.condition_number).near(248.566355, 1e-4),
        Row::count(
            "starts at the truth, each number times or over 1.5, that lead there, of 64",
            many.reached,
        )
        .near(64.0, 0.0),
    ]);
    Ok(Report {
        figures: vec![curves(&euler, &table.times, &table.values), gap(&euler, &exact), ratios(inferred)],
        rows,
    })
}

fn curves(euler: &[[f64; 2]], times: &[f64], values: &[[f64; 2]]) -> Figure {
    let curve = |i: usize| euler.iter().enumerate().map(|(n, x)| [n as f64 * STEP, x[i]]).collect();
    let points = |i: usize| times.iter().zip(values).map(|(&t, x)| [t, x[i]]).collect();
    Figure::new(
        "The forward pass through the table",
        "Euler's steps of $h = 0.1$ with the true parameters, and the seven rounded observations.",
        Width::Full,
        Axis::linear("time t"),
        Axis::linear("population").unit("animals"),
    )
    .named("x₁, Euler", Mark::Line(curve(0), Stroke::Solid), Colour::First)
    .named("x₂, Euler", Mark::Line(curve(1), Stroke::Solid), Colour::Second)
    .named("x₁, table", Mark::Points(points(0), Shape::Disc), Colour::First)
    .named("x₂, table", Mark::Points(points(1), Shape::Square), Colour::Second)
}

fn gap(euler: &[[f64; 2]], exact: &[[f64; 2]]) -> Figure {
    let difference = |i: usize| {
        let pairs = euler.iter().zip(exact).enumerate();
        pairs.map(|(n, (a, b))| [n as f64 * STEP, a[i] - b[i]]).collect()
    };
    Figure::new(
        "What following the tangent costs",
        "Euler minus the exact flow. At $t = 10$ the second species is 0.4 above it: enough to round to 283, not 282.",
        Width::Half,
        Axis::linear("time t"),
        Axis::linear("Euler − exact").unit("animals"),
    )
    .draw(Mark::Rule(0.0, Direction::Horizontal), Colour::Ink)
    .draw(Mark::Rule(10.0, Direction::Vertical), Colour::Muted)
    .named("x₁", Mark::Line(difference(0), Stroke::Solid), Colour::First)
    .named("x₂", Mark::Line(difference(1), Stroke::Solid), Colour::Second)
}

fn ratios(inferred: &Inference) -> Figure {
    let estimates = || inferred.estimates.iter().zip(TRUTH).enumerate();
    let points: Vec<_> = estimates().map(|(n, (e, truth))| [e.value / truth, n as f64]).collect();
    let errors = estimates().map(|(_, (e, truth))| e.standard_error / truth).collect();
    Figure::new(
        "The backward pass: estimates against the truth",
        "Six parameters inferred from twelve rounded numbers, each divided by the value that made the table, with one \
         standard error to either side.",
        Width::Half,
        Axis::linear("estimate / truth"),
        Axis::categories(NAMES),
    )
    .named("truth", Mark::Rule(1.0, Direction::Vertical), Colour::Ink)
    .named("standard error", Mark::Whiskers(points.clone(), errors, Direction::Horizontal), Colour::First)
    .named("estimate", Mark::Points(points, Shape::Disc), Colour::First)
}
