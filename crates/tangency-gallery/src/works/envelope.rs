//! Generators as the envelope of their tangents, their conjugates, and the bound that follows.

use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use tangency::divergence::{
    FDivergence, Jeffreys, JensenShannon, KullbackLeibler, Law, LeCam, NeymanChiSquared, PearsonChiSquared,
    ReverseKullbackLeibler, SquaredHellinger, divergence_between,
};

const STORY: &str = "\
A convex function lies above its tangents and touches each of them, so it is the largest of them. The tangent of slope $t$ \
meets the axis at $-f^\\ast(t)$, and the intercepts of all of them are the conjugate:

$$f(u) = \\max_t \\lbrace t u - f^\\ast(t) \\rbrace.$$

Choose a slope $T(x)$ at every point, put $u = p(x)/q(x)$, multiply by $q$ and integrate. The densities are gone from the \
right side, and two means are left, which samples can estimate:

$$D_f(P \\Vert Q) \\ge \\mathbb{E}_P \\, T - \\mathbb{E}_Q \\, f^\\ast(T), \\qquad \\text{with equality for } T = \
f'(p/q).$$

A critic that knows the log-ratio $v = \\ln(p/q)$ knows the best slope $T = f'(e^v)$ for every $f$ at once. The third figure \
lets it know only a multiple $s v$: each bound rises to its divergence at $s = 1$ and falls again.";

/// Abscissae where the drawn tangents touch.
const TOUCHED: [f64; 7] = [0.1, 0.3, 0.6, 1.0, 1.6, 2.3, 3.2];

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "envelope",
        title: "Every tangent is a bound".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// A generator, its name in the figures, and its colour.
type Entry = (Box<dyn FDivergence>, &'static str, Colour);

fn entries() -> Vec<Entry> {
    vec![
        (Box::new(KullbackLeibler), "KL", Colour::First),
        (Box::new(SquaredHellinger::full()), "Hellinger", Colour::Second),
        (Box::new(JensenShannon::f_gan()), "Jensen-Shannon", Colour::Third),
        (Box::new(PearsonChiSquared), "Pearson", Colour::Ink),
        (Box::new(ReverseKullbackLeibler), "reverse KL", Colour::Muted),
    ]
}

fn grid(from: f64, to: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..=count).map(move |k| from + (to - from) * f64::from(k) / f64::from(count))
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let entries = entries();
    let (generator, gap) = tangents(&KullbackLeibler);
    let conjugates = conjugates(&entries);
    progress(0.2);
    let (bound, mut rows) = bounds(&entries)?;
    progress(0.9);
    rows.insert(0, Row::number("largest tangent less f, over 400 points", gap).digits(2).at_most(1e-15));
    rows.extend(more_bounds()?);
    Ok(Report { figures: vec![generator, conjugates, bound], rows })
}

/// The generator with some of its tangents, and how far the envelope of 4000 of them is above it at most.
fn tangents(f: &dyn FDivergence) -> (Figure, f64) {
    let curve: Vec<_> = grid(0.0, 4.0, 400).map(|u| [u, f.generator(u)]).collect();
    let gap = curve
        .iter()
        .flat_map(|&[u, value]| {
            grid(0.01, 4.0, 400).map(move |touched| {
                let slope = f.derivative(touched);
                slope * u - f.conjugate(slope) - value
            })
        })
        .fold(f64::NEG_INFINITY, f64::max);
    let mut figure = Figure::new(
        "The generator of KL and its tangents",
        "$f(u) = u \\ln u$ (heavy) and tangents at seven points, each $t u - f^\\ast(t)$ with $t = 1 + \\ln \\xi$. The largest \
         of all of them is $f$ again.",
        Width::Half,
        Axis::linear("u").between(0.0, 4.0),
        Axis::linear("f(u)").between(-1.5, 5.5),
    );
    let mut touching = Vec::new();
    for touched in TOUCHED {
        let slope = f.derivative(touched);
        let line = [0.0, 4.0].map(|u| [u, slope * u - f.conjugate(slope)]);
        figure = figure.draw(Mark::Line(line.to_vec(), Stroke::Fine), Colour::Muted);
        touching.push([touched, f.generator(touched)]);
    }
    let figure = figure
        .named("f", Mark::Line(curve, Stroke::Solid), Colour::First)
        .draw(Mark::Points(touching, Shape::Disc), Colour::First);
    (figure, gap)
}

fn conjugates(entries: &[Entry]) -> Figure {
    let mut figure = Figure::new(
        "Conjugates",
        "$f^\\ast(t)$ of five generators. A line ends where its domain does, at $t = f'(\\infty)$: 1 for Hellinger, $\\ln 2$ \
         for Jensen-Shannon, 0 for the reverse KL. None falls below the line $t$ (thin), since $f(1) = 0$, and each touches it \
         at $t = f'(1)$.",
        Width::Half,
        Axis::linear("t").between(-3.0, 3.0),
        Axis::linear("f*(t)").between(-2.5, 5.0),
    )
    .draw(Mark::Line(vec![[-3.0, -3.0], [3.0, 3.0]], Stroke::Thin), Colour::Muted);
    for (f, name, colour) in entries {
        let line: Vec<_> = grid(-3.0, 3.0, 1200).map(|t| [t, f.conjugate(t)]).collect();
        figure = figure.named(name, Mark::Line(line, Stroke::Solid), *colour);
    }
    figure
}

/// The logarithm of the density of N(mean, 1).
fn ln_density(x: f64, mean: f64) -> f64 {
    -0.5 * (x - mean).powi(2) - 0.5 * std::f64::consts::TAU.ln()
}

/// The divergence from N(0, 1) to N(1, 1).
fn truth(f: &dyn FDivergence) -> Result<f64, WorkError> {
    let law = |mean| Law::Normal { mean, standard_deviation: 1.0 };
    Ok(divergence_between(f, law(0.0), law(1.0))?.value)
}

/// The bound of a critic that knows `scale` times the log-ratio of N(0, 1) and N(1, 1), by trapezia from -14 to 15, which for
/// these densities are exact to rounding.
fn bound(f: &dyn FDivergence, scale: f64) -> f64 {
    let step = 29.0 / 5800.0;
    grid(-14.0, 15.0, 5800)
        .map(|x| {
            let (p, q) = (ln_density(x, 0.0), ln_density(x, 1.0));
            let v = scale * (p - q);
            p.exp() * f.critic(v) - q.exp() * f.conjugate_of_critic(v)
        })
        .sum::<f64>()
        * step
}

/// What the bound is at s = 1, and what it should be.
fn row(f: &dyn FDivergence, name: &str) -> Result<Row, WorkError> {
    let truth = truth(f)?;
    Ok(Row::number(&format!("bound of {name} at s = 1"), bound(f, 1.0))
        .digits(12)
        .near(truth, 1e-11 * truth.max(1.0)))
}

/// The bounds along the scale of the critic, and how near the best is to the divergence.
fn bounds(entries: &[Entry]) -> Result<(Figure, Vec<Row>), WorkError> {
    let mut figure = Figure::new(
        "A critic that knows s times the log-ratio",
        "The bound over the divergence from $N(0, 1)$ to $N(1, 1)$, for critics $T = f'(e^{sv})$. A critic that knows nothing, \
         $s = 0$, gives zero; one that is too sure of itself can fall below.",
        Width::Full,
        Axis::linear("s").between(0.0, 2.0),
        Axis::linear("bound over divergence").between(-0.5, 1.1),
    )
    .draw(Mark::Rule(1.0, Direction::Horizontal), Colour::Muted);
    let mut rows = Vec::new();
    for (f, name, colour) in entries {
        let truth = truth(f.as_ref())?;
        let line: Vec<_> = grid(0.0, 2.0, 100).map(|s| [s, bound(f.as_ref(), s) / truth]).collect();
        figure = figure.named(name, Mark::Line(line, Stroke::Solid), *colour);
        rows.push(row(f.as_ref(), name)?);
    }
    Ok((figure, rows))
}

/// The same equality for generators that are not drawn.
fn more_bounds() -> Result<Vec<Row>, WorkError> {
    Ok(vec![row(&NeymanChiSquared, "Neyman")?, row(&Jeffreys, "Jeffreys")?, row(&LeCam, "Le Cam")?])
}
