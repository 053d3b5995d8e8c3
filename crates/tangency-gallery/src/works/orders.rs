//! How fast the error of an integrator falls with its step.

use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use tangency::dynamics::ExplicitRungeKutta;
use tangency::dynamics::models::LotkaVolterra;
use tangency::recurrence::{LengthMismatch, TimeStep, scan};

/// Rates, initial state and end of the test problem, and its solution there from DOP853 with tolerance 1e-13.
const RATES: [f64; 4] = [1.5, 1.0, 3.0, 1.0];
const INITIAL: [f64; 2] = [1.0, 1.0];
const END: f64 = 10.0;
const SOLUTION: [f64; 2] = [1.02634476757506, 0.90969107813616];

const STORY: &str = "\
Euler's step follows one tangent. A Runge-Kutta step looks ahead along several and takes their mean, weighted so that more \
terms of the Taylor series of the flow come out right:

$$k_i = f\\Bigl(t + c_i h, \\; x + h \\sum_{j < i} a_{ij} k_j\\Bigr), \\qquad x(t+h) = x(t) + h \\sum_i b_i k_i.$$

A method of order $p$ has an error of $C h^p$ at the end of a run: a straight line of slope $p$ below, until rounding \
ends it. All five are one step of one recurrence with five tables of coefficients, so whatever works on a recurrence \
(back-propagation, checkpoints, the exponents of Lyapunov) works on each.";

type Constructor = fn(LotkaVolterra, &[f64]) -> Result<ExplicitRungeKutta<LotkaVolterra>, LengthMismatch>;

/// Name, constructor, order, and the steps to draw: $10 \cdot 2^k$ for $k$ from and to.
const METHODS: [(&str, Constructor, f64, [u32; 2]); 5] = [
    ("Euler", ExplicitRungeKutta::euler, 1.0, [6, 13]),
    ("midpoint", ExplicitRungeKutta::midpoint, 2.0, [5, 12]),
    ("Bogacki-Shampine", ExplicitRungeKutta::bogacki_shampine, 3.0, [4, 11]),
    ("Runge-Kutta", ExplicitRungeKutta::rk4, 4.0, [4, 10]),
    ("Dormand-Prince", ExplicitRungeKutta::dormand_prince, 5.0, [3, 8]),
];

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "orders",
        title: "Five ways to follow a tangent".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let colours = [Colour::Muted, Colour::Ink, Colour::Third, Colour::Second, Colour::First];
    let mut figure = Figure::new(
        "Error against step size",
        "Lotka-Volterra with $(1.5, 1, 3, 1)$ from $(1, 1)$ to $t = 10$, nearly three turns: distance from the exact \
         populations by each method.",
        Width::Full,
        Axis::log("step size h"),
        Axis::log("error at t = 10"),
    );
    let mut rows = Vec::new();
    for (n, (name, constructor, order, [from, to])) in METHODS.into_iter().enumerate() {
        let mut points = Vec::new();
        for k in from..=to {
            let steps = 10 << k;
            points.push([END / steps as f64, error(constructor, steps)?]);
        }
        progress((n + 1) as f64 / METHODS.len() as f64);
        // The slope between the two smallest steps.
        let [.., [h1, e1], [h2, e2]] = points[..] else { continue };
        let slope = (e1 / e2).ln() / (h1 / h2).ln();
        rows.push(Row::number(&format!("order of {name}"), slope).digits(4).near(order, 0.1));
        figure = figure
            .named(name, Mark::Line(points.clone(), Stroke::Solid), colours[n])
            .draw(Mark::Points(points, Shape::Disc), colours[n]);
    }
    Ok(Report { figures: vec![figure], rows })
}

/// The distance from the exact end.
fn error(constructor: Constructor, steps: usize) -> Result<f64, WorkError> {
    let mut run = constructor(LotkaVolterra, &RATES)?;
    let mut state = INITIAL;
    scan(&mut run, 0..steps, &TimeStep::uniform(0.0, END / steps as f64, steps), &mut state)?;
    Ok((state[0] - SOLUTION[0]).hypot(state[1] - SOLUTION[1]))
}
