//! The Lotka-Volterra equations fitted to two populations, with figures and numbers.

use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::reading::TwoSpecies;
use crate::row::Row;
use crate::work::WorkError;
use std::ops::ControlFlow;
use tangency::dynamics::models::LotkaVolterra;
use tangency::dynamics::{
    Coordinate, ExplicitRungeKutta, Inference, InferenceOptions, Level, Observations, ResidualScale, Start,
    TrajectoryFit, upward_crossings,
};
use tangency::recurrence::{RunError, TimeStep, scan_all};

/// Steps in the time in which the faster of the two species changes by a factor e.
const RESOLUTION: f64 = 40.0;
/// Steps over the time of the data at most, so that data no such equation can follow do not take hours; whether the steps
/// are short enough is checked afterwards.
const MOST_STEPS: f64 = 10_000.0;
/// The factor of the box of starts.
const BOX: f64 = 1.5;
/// Points of a drawn curve.
const CURVE: usize = 600;
/// No orbit is followed for more steps than this in search of its period.
const LONGEST_PERIOD: usize = 1_000_000;

/// A fit to two populations.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// Estimates, errors, residuals.
    pub inference: Inference,
    /// Starts, of 64, that led to it.
    pub reached: usize,
    /// The time after which the populations come back, and its standard error; NaN if it could not be found.
    pub period: (f64, f64),
    /// The step size of the integration.
    step: f64,
    /// The largest relative change of the fitted populations if the step size is halved.
    pub step_error: f64,
    /// The largest relative change of the constant of motion along the orbit.
    pub drift: f64,
    /// (t, prey, predator) over the time of the data.
    curve: Vec<[f64; 3]>,
    /// One orbit: (prey, predator).
    orbit: Vec<[f64; 2]>,
}

/// Fits $(\alpha, \beta, \gamma, \delta)$ and the initial state by least squares of logarithms, from all corners of a box
/// around a start that is read off the data.
///
/// # Errors
///
/// [`WorkError`] if the equation cannot be solved anywhere near the data.
pub(super) fn fit(data: &TwoSpecies, progress: &mut dyn FnMut(f64)) -> Result<Fit, WorkError> {
    let guess = guess(data);
    let step = step_size(data, guess);
    let observations = Observations::new(data.times.clone(), data.values.concat())?;
    let start = Start {
        time: data.times[0],
        state: data.values[0].map(Coordinate::positive).to_vec(),
        parameters: guess.map(Coordinate::positive).to_vec(),
    };
    let options = InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &guess)?;
    let mut problem = TrajectoryFit::new(&mut run, &observations, &start, step, &options)?;
    let many = problem.multistart_from_corners(BOX, |p| {
        progress(p.done as f64 / p.total as f64);
        ControlFlow::Continue(())
    })?;
    let inference = many.best;

    let parameters: [f64; 4] = std::array::from_fn(|i| inference.parameters[i]);
    let initial: [f64; 2] = std::array::from_fn(|i| inference.initial_state[i]);
    let span = data.times[data.times.len() - 1] - data.times[0];
    let curve =
        solution(parameters, initial, span, CURVE * (span / step / CURVE as f64).ceil().max(1.0) as usize)?;
    let invariants = curve.iter().map(|&[_, x, y]| LotkaVolterra::invariant([x, y], parameters));
    let first = LotkaVolterra::invariant(initial, parameters);
    let drift = invariants.map(|v| ((v - first) / first).abs()).fold(0.0, f64::max);
    let every = (curve.len() / CURVE).max(1);
    let curve = curve.iter().step_by(every).map(|&[t, x, y]| [t + data.times[0], x, y]).collect();

    let duration = period(parameters, initial, step);
    let turn =
        if duration.is_finite() { solution(parameters, initial, duration, CURVE)? } else { Vec::new() };
    Ok(Fit {
        step_error: step_error(&inference, &data.times, step)?,
        reached: many.reached,
        period: (duration, period_error(&inference, step)),
        inference,
        step,
        drift,
        curve,
        orbit: turn.iter().map(|&[_, x, y]| [x, y]).collect(),
    })
}

/// Parameters read off the data: where the populations obey the equations, the growth of a logarithm over an interval is
/// linear in the mean of the other population,
///
/// $$ \frac{\Delta \ln x}{\Delta t} \approx \alpha - \beta \bar y, \quad
///    \frac{\Delta \ln y}{\Delta t} \approx -\gamma + \delta \bar x, $$
///
/// and two straight lines give all four. A slope of the wrong sign, which noise can give, becomes a small one.
fn guess(data: &TwoSpecies) -> [f64; 4] {
    let line = |of: usize, other: usize| {
        let points = data.times.windows(2).zip(data.values.windows(2)).map(|(t, x)| {
            [0.5 * (x[0][other] + x[1][other]), (x[1][of].ln() - x[0][of].ln()) / (t[1] - t[0])]
        });
        straight_line(&points.collect::<Vec<_>>())
    };
    let ((alpha, beta), (gamma, delta)) = (line(0, 1), line(1, 0));
    let [mean_x, mean_y] =
        [0, 1].map(|i| data.values.iter().map(|x| x[i]).sum::<f64>() / data.values.len() as f64);
    // A tenth of the fastest change, as a rate that is surely not zero.
    let least = 0.1 * fastest_change(data);
    let alpha = alpha.max(least);
    let gamma = (-gamma).max(least);
    [alpha, (-beta).max(0.1 * alpha / mean_y), gamma, delta.max(0.1 * gamma / mean_x)]
}

/// Intercept and slope by least squares; slope 0 through points that share one abscissa.
fn straight_line(points: &[[f64; 2]]) -> (f64, f64) {
    let n = points.len() as f64;
    let [x, y] = [0, 1].map(|i| points.iter().map(|p| p[i]).sum::<f64>() / n);
    let covariance: f64 = points.iter().map(|p| (p[0] - x) * (p[1] - y)).sum();
    let variance: f64 = points.iter().map(|p| (p[0] - x).powi(2)).sum();
    let slope = if variance > 0.0 { covariance / variance } else { 0.0 };
    (y - slope * x, slope)
}

/// The largest rate at which a logarithm changes between two observations.
fn fastest_change(data: &TwoSpecies) -> f64 {
    let intervals = data.times.windows(2).zip(data.values.windows(2));
    let rates =
        intervals.flat_map(|(t, x)| [0, 1].map(|i| (x[1][i].ln() - x[0][i].ln()).abs() / (t[1] - t[0])));
    let span = data.times[data.times.len() - 1] - data.times[0];
    rates.fold(1.0 / span, f64::max)
}

/// A step that resolves both what the data do and what the start would do, if that is not too many steps.
fn step_size(data: &TwoSpecies, [alpha, _, gamma, _]: [f64; 4]) -> f64 {
    let span = data.times[data.times.len() - 1] - data.times[0];
    (1.0 / (RESOLUTION * fastest_change(data).max(alpha).max(gamma))).max(span / MOST_STEPS)
}

/// (t, x, y) at `steps` + 1 equally spaced times from 0 to `span`.
fn solution(
    parameters: [f64; 4],
    initial: [f64; 2],
    span: f64,
    steps: usize,
) -> Result<Vec<[f64; 3]>, WorkError> {
    let size = span / steps as f64;
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &parameters)?;
    let states = scan_all(&mut run, 0..steps, &TimeStep::uniform(0.0, size, steps), &initial)?;
    Ok(states.as_chunks().0.iter().enumerate().map(|(n, &[x, y])| [n as f64 * size, x, y]).collect())
}

/// The period of the orbit through `initial`; NaN if it does not come round.
fn period(parameters: [f64; 4], initial: [f64; 2], step: f64) -> f64 {
    // The prey is at its most where the predator passes alpha / beta upwards.
    let level = Level { component: 1, value: parameters[0] / parameters[1] };
    let times =
        ExplicitRungeKutta::rk4(LotkaVolterra, &parameters).map_err(RunError::from).and_then(|mut run| {
            upward_crossings(&mut run, 0.0, step, &mut initial.clone(), level, 2, LONGEST_PERIOD)
        });
    match times.as_deref() {
        Ok([first, second]) => second - first,
        _ => f64::NAN,
    }
}

/// The standard error of the period, by the delta method with central differences in the logarithms of the estimates.
fn period_error(inference: &Inference, step: f64) -> f64 {
    const H: f64 = 1e-4;
    let values: Vec<f64> = inference.estimates.iter().map(|e| e.value).collect();
    let period = |v: &[f64]| period([v[0], v[1], v[2], v[3]], [v[4], v[5]], step);
    let gradient: Vec<f64> = (0..values.len())
        .map(|j| {
            let moved = |factor: f64| {
                let mut moved = values.clone();
                moved[j] *= factor;
                period(&moved)
            };
            (moved(H.exp()) - moved((-H).exp())) / (2.0 * H * values[j])
        })
        .collect();
    let k = values.len();
    let sum = |i: usize| (0..k).map(|j| inference.covariance[(i, j)] * gradient[j]).sum::<f64>();
    (0..k).map(|i| gradient[i] * sum(i)).sum::<f64>().sqrt()
}

/// How much the fitted populations change if every step is halved.
fn step_error(inference: &Inference, times: &[f64], step: f64) -> Result<f64, WorkError> {
    let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &inference.parameters)?;
    let mut state = inference.initial_state.clone();
    let mut largest = 0.0f64;
    for (n, interval) in times.windows(2).enumerate() {
        let span = interval[1] - interval[0];
        // Twice the steps that the fit takes here.
        let steps = 2 * (span / step).ceil() as usize;
        let grid = TimeStep::uniform(interval[0], span / steps as f64, steps);
        state = scan_all(&mut run, 0..steps, &grid, &state)?.split_off(2 * steps);
        for (i, &x) in state.iter().enumerate() {
            largest = largest.max((inference.fitted[2 * (n + 1) + i] / x - 1.0).abs());
        }
    }
    Ok(largest)
}

impl Fit {
    /// The populations over time, the phase portrait, and the residuals.
    pub(super) fn figures(&self, data: &TwoSpecies, unit: &str) -> Vec<Figure> {
        vec![self.curves(data, unit), self.portrait(data, unit), self.residuals(data)]
    }

    fn curves(&self, data: &TwoSpecies, unit: &str) -> Figure {
        let [prey, predator] = &data.names;
        let curve =
            |i: usize| Mark::Line(self.curve.iter().map(|p| [p[0], p[i + 1]]).collect(), Stroke::Solid);
        let points = |i: usize| data.times.iter().zip(&data.values).map(|(&t, x)| [t, x[i]]).collect();
        Figure::new(
            "The fit",
            "Observations, and the solution of the Lotka-Volterra equations that is nearest to them in the logarithm.",
            Width::Full,
            Axis::linear(&data.time_name),
            Axis::linear("population").unit(unit),
        )
        .named(&format!("{prey}, fitted"), curve(0), Colour::First)
        .named(&format!("{predator}, fitted"), curve(1), Colour::Second)
        .named(&format!("{prey}, observed"), Mark::Points(points(0), Shape::Disc), Colour::First)
        .named(&format!("{predator}, observed"), Mark::Points(points(1), Shape::Square), Colour::Second)
    }

    fn portrait(&self, data: &TwoSpecies, unit: &str) -> Figure {
        let p = &self.inference.parameters;
        let quarters = (1..8).step_by(2).map(|k| k * self.orbit.len() / 8);
        let arrows = quarters.filter_map(|n| Some([*self.orbit.get(n)?, *self.orbit.get(n + 1)?])).collect();
        let words = data.times.iter().zip(&data.values).step_by(data.times.len().div_ceil(8));
        Figure::new(
            "One against the other",
            "The fitted orbit closes. The data go around with it, anticlockwise, with noise; the cross-over of growth \
             and decline, $(\\gamma/\\delta, \\alpha/\\beta)$, is in the middle.",
            Width::Half,
            Axis::linear(&data.names[0]).unit(unit),
            Axis::linear(&data.names[1]).unit(unit),
        )
        .draw(Mark::Line(data.values.clone(), Stroke::Thin), Colour::Muted)
        .named("fitted orbit", Mark::Line(self.orbit.clone(), Stroke::Solid), Colour::Third)
        .draw(Mark::Arrows(arrows), Colour::Third)
        .named("observed", Mark::Points(data.values.clone(), Shape::Disc), Colour::Muted)
        .named("at rest", Mark::Points(vec![[p[2] / p[3], p[0] / p[1]]], Shape::Circle), Colour::Ink)
        .draw(Mark::Words(words.map(|(t, &x)| (x, t.to_string())).collect()), Colour::Ink)
    }

    fn residuals(&self, data: &TwoSpecies) -> Figure {
        let sigma = self.inference.sigma;
        let points = |i: usize| -> Vec<[f64; 2]> {
            let pairs = data.times.iter().zip(self.inference.residuals.as_chunks::<2>().0);
            pairs.map(|(&t, r)| [t, -r[i]]).collect()
        };
        let (first, last) = (data.times[0], data.times[data.times.len() - 1]);
        let [prey, predator] = &data.names;
        Figure::new(
            "What the model leaves over",
            "The logarithm of the observed over the fitted population: 0.1 is 10 % above the model.",
            Width::Half,
            Axis::linear(&data.time_name),
            Axis::linear("ln(observed / fitted)"),
        )
        .named("± σ", Mark::Band(vec![[first, -sigma, sigma], [last, -sigma, sigma]]), Colour::Muted)
        .draw(Mark::Rule(0.0, Direction::Horizontal), Colour::Ink)
        .draw(Mark::Stems(points(0)), Colour::First)
        .draw(Mark::Stems(points(1)), Colour::Second)
        .named(prey, Mark::Points(points(0), Shape::Disc), Colour::First)
        .named(predator, Mark::Points(points(1), Shape::Square), Colour::Second)
    }

    /// The estimates, held against `expected` to within `tolerance` standard errors if there are any.
    pub(super) fn estimates(&self, data: &TwoSpecies, expected: Option<([f64; 6], f64)>) -> Vec<Row> {
        let [prey, predator] = &data.names;
        let names = [
            format!("α, growth of {prey} alone"),
            format!("β, toll of {predator} on {prey}"),
            format!("γ, decline of {predator} alone"),
            format!("δ, gain of {predator} from {prey}"),
            format!("{prey} at the first time"),
            format!("{predator} at the first time"),
        ];
        let rows = names.iter().zip(&self.inference.estimates).enumerate().map(|(n, (name, e))| {
            let row = Row::number(name, e.value).standard_error(e.standard_error);
            match expected {
                Some((values, tolerance)) => row.digits(8).near(values[n], tolerance * e.standard_error),
                None => row,
            }
        });
        rows.collect()
    }

    /// What a fit to any data has to fulfil.
    pub(super) fn checks(&self) -> Vec<Row> {
        let status = if self.inference.status.is_converged() { "converged" } else { "not converged" };
        vec![
            Row::word("status of the fit", status, "converged"),
            Row::count("starts, from the corners of a box, that lead there, of 64", self.reached),
            Row::number("condition number of the Jacobian", self.inference.condition_number).digits(4),
            Row::count("steps from the first to the last time", (self.span() / self.step).ceil() as usize),
            Row::number("largest relative change of the fit with half the step", self.step_error)
                .digits(2)
                .at_most(1e-5),
            Row::number("largest relative drift of the constant of motion", self.drift)
                .digits(2)
                .at_most(1e-5),
        ]
    }

    fn span(&self) -> f64 {
        self.curve.last().map_or(0.0, |last| last[0]) - self.curve.first().map_or(0.0, |first| first[0])
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;
    use tangency::dynamics::infer;

    #[test]
    fn small_orbits_have_the_period_of_the_linear_equations() {
        // Around the point at rest the period is 2 pi / sqrt(alpha gamma); at a distance d it grows like d^2.
        let parameters = [1.5, 1.0, 3.0, 1.0];
        let duration = period(parameters, [3.0 + 1e-5, 1.5], 1e-3);
        assert!((duration / (std::f64::consts::TAU / 4.5f64.sqrt()) - 1.0).abs() < 1e-9, "{duration}");
        // And after it the populations are back.
        let turn = solution(parameters, [1.0, 1.0], period(parameters, [1.0, 1.0], 1e-3), 4000).unwrap();
        let [_, x, y] = turn[4000];
        assert!((x - 1.0).abs() < 1e-9 && (y - 1.0).abs() < 1e-9, "{x} {y}");
    }

    #[test]
    fn data_without_noise_are_fitted_without_error() {
        let (parameters, initial) = ([0.55, 0.028, 0.84, 0.026], [34.0, 6.0]);
        let exact = solution(parameters, initial, 20.0, 20_000).unwrap();
        let rows: Vec<_> = exact.iter().step_by(1000).collect();
        let data = TwoSpecies {
            time_name: "t".into(),
            names: ["a".into(), "b".into()],
            times: rows.iter().map(|r| r[0]).collect(),
            values: rows.iter().map(|r| [r[1], r[2]]).collect(),
        };
        let fit = fit(&data, &mut |_| ()).unwrap();
        for (e, truth) in fit.inference.estimates.iter().zip(parameters.into_iter().chain(initial)) {
            assert!((e.value / truth - 1.0).abs() < 1e-6, "{e:?}, {truth}");
        }
        let duration = period(parameters, initial, 1e-3);
        assert!((fit.period.0 / duration - 1.0).abs() < 1e-6);
        // Neither is zero: halved steps are other steps, and the invariant is no constant of the method.
        assert!((1e-12..1e-6).contains(&fit.step_error), "{}", fit.step_error);
        assert!((1e-14..1e-6).contains(&fit.drift), "{}", fit.drift);
    }

    #[test]
    fn the_error_of_the_period_of_a_small_orbit_is_that_of_its_two_rates() {
        // T = 2 pi / sqrt(alpha gamma), so d ln T = -(d ln alpha + d ln gamma) / 2.
        let parameters = [1.5, 1.0, 3.0, 1.0];
        let exact = solution(parameters, [3.03, 1.5], 12.0, 12_000).unwrap();
        let rows: Vec<_> = exact.iter().step_by(250).collect();
        let noise = |n: usize| 1.0 + 1e-4 * (7.0 * n as f64).sin();
        let values = rows.iter().enumerate().flat_map(|(n, r)| [r[1] * noise(n), r[2] * noise(n + 99)]);
        let seen = Observations::new(rows.iter().map(|r| r[0]).collect(), values.collect()).unwrap();
        let start = Start {
            time: 0.0,
            state: [3.03, 1.5].map(Coordinate::positive).to_vec(),
            parameters: parameters.map(Coordinate::positive).to_vec(),
        };
        let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &parameters).unwrap();
        let options =
            InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };
        let found = infer(&mut run, &seen, &start, 0.01, &options, |_| ControlFlow::Continue(())).unwrap();
        let p = &found.parameters;
        let relative = |i: usize, j: usize| found.covariance[(i, j)] / (p[i] * p[j]);
        let turn = std::f64::consts::TAU / (p[0] * p[2]).sqrt();
        let expected = 0.5 * (relative(0, 0) + relative(2, 2) + 2.0 * relative(0, 2)).sqrt() * turn;
        let error = period_error(&found, 0.01);
        assert!((error / expected - 1.0).abs() < 0.02, "{error}, {expected}");
    }

    #[test]
    fn frequent_data_give_the_parameters_away() {
        let parameters = [0.55, 0.028, 0.84, 0.026];
        let exact = solution(parameters, [34.0, 6.0], 20.0, 20_000).unwrap();
        let rows: Vec<_> = exact.iter().step_by(50).collect();
        let data = TwoSpecies {
            time_name: "t".into(),
            names: ["a".into(), "b".into()],
            times: rows.iter().map(|r| r[0]).collect(),
            values: rows.iter().map(|r| [r[1], r[2]]).collect(),
        };
        for (found, truth) in guess(&data).into_iter().zip(parameters) {
            assert!((found / truth - 1.0).abs() < 1e-3, "{found}, {truth}");
        }
    }

    #[test]
    fn a_line_is_found_and_a_point_is_no_line() {
        let (a, b) = straight_line(&[[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]);
        assert!((a - 1.0).abs() < 1e-14 && (b - 2.0).abs() < 1e-14);
        assert_eq!(straight_line(&[[1.0, 2.0], [1.0, 4.0]]), (3.0, 0.0));
    }
}
