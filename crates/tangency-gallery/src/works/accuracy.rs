//! How exact the matrix exponential is, and what it costs in products.

use super::clock::quickest;
use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use serde_json::Value;
use std::hint::black_box;
use tangency::faer::linalg::matmul::matmul;
use tangency::faer::{Accum, Mat, MatRef, Par};
use tangency::matrix::{ExpmWorkspace, expm, expm_into, expm_report, operator_norm_1};

/// Matrices, exponentials computed with 240 digits, and conditions, of the tests of tangency-matrix.
const REFERENCE: [(&str, &str); 2] = [
    ("exp", include_str!("../../../tangency-matrix/tests/reference/exp.json")),
    ("exp_random", include_str!("../../../tangency-matrix/tests/reference/exp_random.json")),
];
/// What `benches/peers/matrix_accuracy.py` found for other libraries on the same matrices.
const PEERS: &str = include_str!("../../data/matrix_accuracy.csv");
/// Factors below this are drawn here.
const LEAST: f64 = 1e-2;

const STORY: &str = "\
A matrix is rounded before anything is done with it, and its exponential feels that by $\\kappa u$: the condition number \
times the unit roundoff. No method can promise less, and a good one stays near it. The first figure says of how many matrices \
each program stays how near: 240 real ones, hard cases of the literature and random ones of eight families, against \
exponentials with 240 digits.

Summing the series in few products of matrices, and dividing by no more than the powers of the matrix demand, is both the \
quickest way known and the most exact. The second figure measures the cost in what it should cost: the time of one \
exponential over that of its products alone. At 1 there is nothing left to gain but a better formula.";

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "accuracy",
        title: "As exact as the question".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let ours = factors()?;
    let within = |limit: f64| ours.iter().filter(|&&f| f <= limit).count() as f64 / ours.len() as f64;
    progress(0.3);
    let profile = profile(&ours);
    let (cost, costs) = cost(&mut |part| progress(0.3 + 0.7 * part))?;
    let mut rows = vec![
        Row::count("real matrices with a reference", ours.len()).between(200.0, 1000.0),
        Row::number("fraction with an error of at most κu", within(1.0)).digits(3).between(0.9, 1.0),
        Row::number("largest error, over κu", ours.iter().copied().fold(0.0, f64::max))
            .digits(2)
            .at_most(10.0),
    ];
    rows.extend(costs);
    Ok(Report { figures: vec![profile, cost], rows })
}

/// Relative errors of our exponentials over κu.
fn factors() -> Result<Vec<f64>, WorkError> {
    let mut factors = Vec::new();
    for (_, text) in REFERENCE {
        let table: Value = serde_json::from_str(text)?;
        for case in table["cases"].as_array().into_iter().flatten() {
            let (Some(expected), Some(cond)) = (matrix(&case["expected"]), case["cond"].as_f64()) else {
                continue;
            };
            let Some(a) = matrix(&case["a"]) else { continue };
            let x = expm(a.as_ref())?;
            let error = operator_norm_1((&x - &expected).as_ref()) / operator_norm_1(expected.as_ref());
            factors.push(error / (f64::EPSILON / 2.0 * cond.max(1.0)));
        }
    }
    Ok(factors)
}

/// A real matrix given by its rows; nothing for a complex one.
fn matrix(rows: &Value) -> Option<Mat<f64>> {
    let rows: Vec<Vec<f64>> = rows
        .as_array()?
        .iter()
        .map(|row| row.as_array()?.iter().map(Value::as_f64).collect())
        .collect::<Option<_>>()?;
    let columns = rows.first().map_or(0, Vec::len);
    Some(Mat::from_fn(rows.len(), columns, |i, j| rows[i][j]))
}

/// The fraction of numbers up to each, as a staircase.
fn staircase(mut factors: Vec<f64>) -> Vec<[f64; 2]> {
    factors.sort_by(f64::total_cmp);
    let (n, mut points, mut level) = (factors.len() as f64, Vec::new(), 0.0);
    for (k, factor) in factors.into_iter().enumerate() {
        let x = factor.max(LEAST);
        points.push([x, level]);
        level = (k + 1) as f64 / n;
        points.push([x, level]);
    }
    points.push([1e3, 1.0]);
    points
}

fn profile(ours: &[f64]) -> Figure {
    let peer = |library: &str| -> Vec<f64> {
        PEERS
            .lines()
            .filter_map(|line| line.rsplit_once(',').filter(|_| line.split(',').next() == Some(library)))
            .filter_map(|(_, factor)| factor.parse().ok())
            .collect()
    };
    Figure::new(
        "Errors of 240 exponentials",
        "The fraction of the matrices with an error of at most so many times $\\kappa u$, each program's own; the line nearest \
         to the upper left corner is the best. SciPy and PyTorch on one thread.",
        Width::Full,
        Axis::log("error over κu"),
        Axis::linear("fraction of matrices"),
    )
    .draw(Mark::Rule(1.0, Direction::Vertical), Colour::Muted)
    .named("PyTorch 2.15", Mark::Line(staircase(peer("torch 2.15.0")), Stroke::Solid), Colour::Third)
    .named("SciPy 1.17, real", Mark::Line(staircase(peer("SciPy 1.17.1")), Stroke::Solid), Colour::Second)
    .named("SciPy, complex", Mark::Line(staircase(peer("SciPy 1.17.1 complex")), Stroke::Fine), Colour::Muted)
    .named("tangency", Mark::Line(staircase(ours.to_vec()), Stroke::Solid), Colour::First)
}

/// Time of an exponential over the time of its products, by order.
fn cost(progress: &mut dyn FnMut(f64)) -> Result<(Figure, Vec<Row>), WorkError> {
    const ORDERS: [usize; 10] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384];
    const NORMS: [f64; 3] = [0.1, 1.0, 10.0];
    let colours = [Colour::First, Colour::Second, Colour::Third];
    let mut curves = vec![Vec::new(); NORMS.len()];
    for (k, n) in ORDERS.into_iter().enumerate() {
        let a = Mat::<f64>::from_fn(n, n, |i, j| ((7 * i + 13 * j + i * j) as f64).sin());
        let mut x = Mat::<f64>::zeros(n, n);
        let mut one = |par| quickest(|| product(x.as_mut(), a.as_ref(), par));
        let product = one(Par::Seq).min(one(Par::rayon(0)));
        let mut workspace = ExpmWorkspace::new(n);
        for (curve, norm) in curves.iter_mut().zip(NORMS) {
            let scale = norm / operator_norm_1(a.as_ref());
            let scaled = Mat::from_fn(n, n, |i, j| a[(i, j)] * scale);
            let report = expm_report(scaled.as_ref())?;
            let products = (report.products + report.squarings) as f64;
            let mut failed = Ok(());
            let time =
                quickest(|| failed = expm_into(black_box(scaled.as_ref()), x.as_mut(), &mut workspace));
            failed?;
            curve.push([n as f64, time / (products * product)]);
        }
        progress((k + 1) as f64 / ORDERS.len() as f64);
    }
    let rows = NORMS
        .iter()
        .zip(&curves)
        .map(|(norm, curve)| {
            Row::number(&format!("time over that of the products, order 256, norm {norm}"), curve[8][1])
                .digits(3)
        })
        .collect();
    let mut figure = Figure::new(
        "The time of an exponential, in products",
        "Time over the time that its products and squarings take alone, by the order of the matrix, measured while this page \
         was made; for three norms.",
        Width::Full,
        Axis::log("order"),
        Axis::linear("time over products").between(0.0, 3.0),
    )
    .draw(Mark::Rule(1.0, Direction::Horizontal), Colour::Muted);
    for ((norm, curve), colour) in NORMS.iter().zip(&curves).zip(colours) {
        figure = figure.draw(Mark::Line(curve.clone(), Stroke::Fine), colour).named(
            &format!("norm {norm}"),
            Mark::Points(curve.clone(), Shape::Disc),
            colour,
        );
    }
    Ok((figure, rows))
}

fn product(x: tangency::faer::MatMut<'_, f64>, a: MatRef<'_, f64>, par: Par) {
    matmul(x, Accum::Replace, black_box(a), black_box(a), 1.0, par);
}
