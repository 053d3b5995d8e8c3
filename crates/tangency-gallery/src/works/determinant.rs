//! det(exp tA) against exp(t tr A), along t.

use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use tangency::faer::{Mat, mat};
use tangency::matrix::{exp_trace_identity, expm, log_det};

const STORY: &str = "\
Nudge the identity by $\\varepsilon A$, and to first order its volume changes by the trace of $A$ alone: $\\det(I + \
\\varepsilon A) = 1 + \\varepsilon \\operatorname{tr} A + \\ldots$ Follow that tangent along the path $e^{tA}$, and a scalar \
equation is all that is left:

$$\\frac{d}{dt} \\det e^{tA} = \\operatorname{tr}(A) \\det e^{tA} \\qquad \\Longrightarrow \\qquad \\det e^{tA} = \
e^{t \\operatorname{tr} A}.$$

A computer finds the two sides different. The right one is a sum. The left one is the determinant of a rounded matrix, and \
rounding may move its logarithm by about $n u \\kappa$, where $\\kappa$ is the condition number of $e^{tA}$ and $u$ the unit \
roundoff. So the identity checks a program only beside the difference that it is allowed.";

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "determinant",
        title: "The tangent of the determinant".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// A rotation with a little growth and a coupling: it is not normal, and its trace is 0.3.
fn spiral() -> Mat<f64> {
    mat![[0.2, -2.0, 1.0], [2.0, 0.2, 0.5], [0.0, 0.0, -0.1]]
}

/// One eigenvector for four equal eigenvalues.
fn defective() -> Mat<f64> {
    Mat::from_fn(4, 4, |i, j| if i == j { -0.25 } else { f64::from(u8::from(j == i + 1)) })
}

/// Grcar's matrix of order 12: far from normal, sensitive eigenvalues.
fn grcar() -> Mat<f64> {
    Mat::from_fn(12, 12, |i, j| match (i, j) {
        _ if i == j + 1 => -1.0,
        _ if j >= i && j <= i + 3 => 1.0,
        _ => 0.0,
    })
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let a = spiral();
    let trace = (0..3).map(|i| a[(i, i)]).sum::<f64>();
    let at = |t: f64| Mat::from_fn(3, 3, |i, j| t * a[(i, j)]);
    let times = |from: i32, to: i32, step: f64| (from..=to).map(move |k| f64::from(k) * step);
    let mut points = Vec::new();
    for t in times(-16, 16, 0.25) {
        let determinant = log_det(expm(at(t).as_ref())?.as_ref())?;
        points.push([t, determinant.sign * determinant.ln_abs.exp()]);
    }
    let curve: Vec<_> = times(-80, 80, 0.05).map(|t| [t, (t * trace).exp()]).collect();
    let farthest = points.iter().map(|&[t, d]| (d / (t * trace).exp() - 1.0).abs()).fold(0.0, f64::max);
    progress(0.2);

    let mut differences = Figure::new(
        "Two sides of an identity, in floating point",
        "Points: the difference of $\\ln \\det e^{tA}$ and $t \\operatorname{tr} A$. Lines: the difference $n u \\kappa(e^{tA})$ \
         that rounding may make. A point that would be at zero is drawn at the bottom.",
        Width::Full,
        Axis::linear("t"),
        Axis::log("difference"),
    );
    let mut rows =
        vec![Row::number("largest relative difference, first figure", farthest).digits(2).at_most(1e-12)];
    let matrices = [("spiral", a), ("defective", defective()), ("Grcar", grcar())];
    let colours = [Colour::First, Colour::Second, Colour::Third];
    for (n, (name, a)) in matrices.iter().enumerate() {
        let (mut seen, mut allowed, mut worst) = (Vec::new(), Vec::new(), 0.0_f64);
        for t in times(1, 60, 0.25) {
            let scaled = Mat::from_fn(a.nrows(), a.ncols(), |i, j| t * a[(i, j)]);
            let report = exp_trace_identity(scaled.as_ref())?;
            seen.push([t, report.difference.max(1e-17)]);
            allowed.push([t, report.allowed]);
            worst = worst.max(report.difference / report.allowed);
        }
        rows.push(
            Row::number(&format!("difference over what is allowed, at most: {name}"), worst)
                .digits(2)
                .at_most(1.0),
        );
        differences = differences.draw(Mark::Line(allowed, Stroke::Fine), colours[n]).named(
            name,
            Mark::Points(seen, Shape::Dot),
            colours[n],
        );
        progress(0.2 + 0.8 * (n + 1) as f64 / 3.0);
    }
    let along = Figure::new(
        "det exp(tA) along t",
        "A matrix of trace 0.3 that turns, couples and shrinks: the determinant of its exponential, from an LU \
         factorisation at each $t$ (points), and $e^{0.3 t}$ (line).",
        Width::Full,
        Axis::linear("t"),
        Axis::linear("determinant"),
    )
    .named("exp(t tr A)", Mark::Line(curve, Stroke::Solid), Colour::Muted)
    .named("det exp(tA)", Mark::Points(points, Shape::Disc), Colour::First);
    Ok(Report { figures: vec![along, differences], rows })
}
