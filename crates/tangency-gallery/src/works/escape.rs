//! A flow that leaves a local minimum.

use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use tangency::dynamics::{ClosedLoop, GradientDescent, PolyakFlow, PolyakOptions};
use tangency::recurrence::{Autonomous, scan_all};

/// Step, truncation and number of steps of the article.
const STEP: f64 = 0.01;
const TRUNCATION: f64 = 1000.0;
const STEPS: usize = 2500;
/// Starts at 4 plus n times 1e-15, n from minus to plus this.
const HALF: i32 = 50;
/// Where the function is least, and where the hill between the valleys is highest: the roots of $4x^2 - 9x + 3$.
const MINIMUM: f64 = 0.40692966;
const HILLTOP: f64 = 1.84307033;

const STORY: &str = "\
The function $f(x) = x(x-1)(x-3)^2 + 1.62276$ has a valley at $x = 3$ and a deeper one at 0.407, where it is zero. \
Gradient descent from $x = 4$ rolls into the first and stays. Another flow goes down just as surely:

$$\\dot x = -f(x) \\frac{\\nabla f(x)}{\\lVert \\nabla f(x) \\rVert^2} \\qquad \\Longrightarrow \\qquad \
\\frac{d f}{d t} = -f,$$

Polyak's step made continuous. Near 3 the gradient vanishes while $f$ is still 1.6, so the flow is singular there. \
Truncated, with $1/\\lVert \\nabla f \\rVert$ replaced by $\\min(1/\\lVert \\nabla f \\rVert, M)$, it does not settle but \
jumps to and fro across the valley, until a jump carries it over the hill.

Which jump that is depends on the last bits of the start: the path is chaotic while it is at 3, and rounding decides. Of \
101 starts within $5 \\cdot 10^{-14}$ of 4 more than eight in ten are over the hill after 2500 steps, though not all of them \
have arrived; the others are still at 3, or on their way somewhere. So the picture is pretty, and the method is no recipe.";

/// The work.
pub(crate) fn work() -> Work {
    Work { name: "escape", title: "Out of a local minimum".into(), story: STORY.into(), run: Box::new(run) }
}

fn value(x: f64) -> f64 {
    x * (x - 1.0) * (x - 3.0).powi(2) + 1.62276
}

/// Value and gradient.
fn oracle(point: &[f64], gradient: &mut [f64]) -> f64 {
    let x = point[0];
    gradient[0] = (x - 3.0) * ((2.0 * x - 1.0) * (x - 3.0) + 2.0 * x * (x - 1.0));
    value(x)
}

/// All positions of the truncated flow from `start`.
fn flow(start: f64) -> Result<Vec<f64>, WorkError> {
    let options = PolyakOptions { step_size: STEP, truncation: TRUNCATION, ..PolyakOptions::default() };
    Ok(scan_all(&mut PolyakFlow::new(1, options, oracle)?, 0..STEPS, Autonomous, &[start])?)
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let mut ends = Vec::new();
    let mut shown: Option<(f64, Vec<f64>)> = None;
    for n in -HALF..=HALF {
        let start = 4.0 + f64::from(n) * 1e-15;
        // A flow that is thrown out to where the function overflows ends nowhere.
        let path = flow(start).unwrap_or_default();
        let end = path.last().copied().unwrap_or(f64::NAN);
        ends.push([f64::from(n), end]);
        let nearer = shown.as_ref().is_none_or(|(other, _)| (start - 4.0).abs() < (other - 4.0).abs());
        if settled(end) && nearer {
            shown = Some((start, path));
        }
        progress(f64::from(n + HALF) / f64::from(2 * HALF));
    }
    let (start, path) = shown.unwrap_or_default();
    let mut descent = ClosedLoop::new(GradientDescent::new(1, STEP)?, oracle);
    let descended = scan_all(&mut descent, 0..STEPS, Autonomous, &[4.0])?;
    let arrived = ends.iter().filter(|[_, end]| escaped(*end)).count();
    let end = path.last().copied().unwrap_or(f64::NAN);

    let rows = vec![
        Row::number("gradient descent ends at", descended[STEPS]).near(3.0, 1e-6),
        Row::count("flows, of 101, that are over the hill (x < 1.843)", arrived).between(78.0, 98.0),
        Row::number("the flow shown starts at 4, but for", start - 4.0).digits(2).between(-5e-14, 5e-14),
        Row::number("and ends at", end).near(MINIMUM, 1e-3),
        Row::number("with f of", value(end)).digits(2).between(-1e-5, 1e-3),
    ];
    Ok(Report { figures: vec![valleys(&path, &descended), paths(&path, &descended), landings(&ends)], rows })
}

/// Whether a flow ended on the side of the deep valley.
fn escaped(end: f64) -> bool {
    end < HILLTOP
}

/// Whether it is there already.
fn settled(end: f64) -> bool {
    (end - MINIMUM).abs() < 1e-3
}

fn valleys(path: &[f64], descended: &[f64]) -> Figure {
    let landscape = (0..=400).map(|n| -0.25 + 4.45 * f64::from(n) / 400.0).map(|x| [x, value(x)]).collect();
    let visited = path.iter().map(|&x| [x, value(x)]).collect();
    let end = |x: f64| vec![[x, value(x)]];
    Figure::new(
        "The landscape, and where the flow has been",
        "Every point that the truncated flow visits; gradient descent stops in the first valley.",
        Width::Half,
        Axis::linear("x").between(-0.3, 4.25),
        Axis::linear("f(x)").between(-0.8, 14.0),
    )
    .named("f", Mark::Line(landscape, Stroke::Thin), Colour::Ink)
    .named("flow", Mark::Points(visited, Shape::Dot), Colour::First)
    .named(
        "descent ends",
        Mark::Points(end(descended[descended.len() - 1]), Shape::Square),
        Colour::Second,
    )
}

fn paths(path: &[f64], descended: &[f64]) -> Figure {
    let line = |path: &[f64], stroke| {
        Mark::Line(path.iter().enumerate().map(|(n, &x)| [n as f64, x]).collect(), stroke)
    };
    Figure::new(
        "The two paths",
        "Position by step. Near 3 the flow swings too fast to draw; then it is over the hill.",
        Width::Half,
        Axis::linear("step"),
        Axis::linear("x").between(-0.3, 4.25),
    )
    .draw(Mark::Rule(MINIMUM, Direction::Horizontal), Colour::Muted)
    .named("truncated flow", line(path, Stroke::Fine), Colour::First)
    .named("gradient descent", line(descended, Stroke::Solid), Colour::Second)
}

fn landings(ends: &[[f64; 2]]) -> Figure {
    let (there, elsewhere): (Vec<_>, Vec<_>) = ends.iter().copied().partition(|[_, end]| escaped(*end));
    Figure::new(
        "Where 101 flows end",
        "The end of the flow by its start, in units of $10^{-15}$: floating-point numbers are 0.4 apart below 4 and 0.9 above.",
        Width::Full,
        Axis::linear("start − 4").unit("10⁻¹⁵"),
        Axis::linear("end of the flow"),
    )
    .named("over the hill", Mark::Points(there, Shape::Disc), Colour::First)
    .named("not yet", Mark::Points(elsewhere, Shape::Square), Colour::Second)
}
