//! What transport costs as the number of points grows, here and in the table of comparisons.

use super::clock::quickest;
use super::draws::{cloud, normal, rows, weights};
use crate::benchmarks::{Comparison, comparisons};
use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use std::hint::black_box;
use tangency::faer::{Mat, MatRef};
use tangency::transport::{
    Cost, Metric, SinkhornStatus, TransportError, assignment, exact, sinkhorn, transport_1d, wasserstein_1d,
};

const STORY: &str = "\
A distance that cannot be computed is none. Transport between $n$ points and $n$ others is a programme with $n^2$ unknowns, so \
reading the costs alone takes $n^2$; a network simplex method takes what its pivots take, in practice between $n^2$ and $n^3$; and \
the bound that can be proved for it is worse. Equal weights make an _assignment_, which is a little easier. An _entropy_ makes \
each iteration two passes over the costs, and their number depends on $\\varepsilon$ and not on $n$. And the _line_ is another \
world: sort both sides, and the best plan is read off from left to right, in $O(n \\log n)$.

The first figure is measured while this page is made. The others draw the table of comparisons with Python libraries that stands in \
the repository, both sides from the same run on the same machine: slopes may be compared from figure to figure, and times within \
one.";

/// Numbers of points on each side, for costs of all pairs and for the line.
const SIZES: [usize; 6] = [50, 100, 200, 400, 800, 1600];
const ON_LINE: [usize; 6] = [100, 1000, 10_000, 30_000, 100_000, 300_000];

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "transport-time",
        title: "The price of a plan".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let (live, mut rows) = measured(progress)?;
    let table = comparisons("transport");
    let mut figures = vec![live];
    for (title, family) in [
        ("Two normal clouds in the plane", "normal in 2 dimensions"),
        ("Costs without geometry", "random costs"),
    ] {
        figures.push(compared(title, family, &table));
    }
    rows.extend(ratios(&table));
    Ok(Report { figures, rows })
}

/// A problem of n points on each side.
struct Problem {
    a: Vec<f64>,
    b: Vec<f64>,
    cost: Mat<f64>,
}

impl Problem {
    fn new(n: usize) -> Result<Self, WorkError> {
        let mut rng = Pcg64::seed_from_u64(n as u64);
        let x = rows(&cloud([0.0, 0.0], [1.0, 1.0], n, &mut rng));
        let y = rows(&cloud([0.5, 0.5], [1.2, 1.2], n, &mut rng));
        let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean).to_matrix()?;
        Ok(Self { a: weights(n, &mut rng), b: weights(n, &mut rng), cost })
    }

    /// A twentieth of the mean cost.
    fn epsilon(&self) -> f64 {
        let cost: MatRef<'_, f64> = self.cost.as_ref();
        0.05 * cost.sum() / (cost.nrows() * cost.ncols()) as f64
    }
}

/// The quickest time in milliseconds, and what came out.
fn timed<T>(mut work: impl FnMut() -> Result<T, TransportError>) -> Result<(f64, T), WorkError> {
    let mut last = None;
    let seconds = quickest(|| last = Some(black_box(work())));
    Ok((1e3 * seconds, last.unwrap_or_else(work)?))
}

/// The slope of a line of least squares through the logarithms of the last four points.
fn slope(points: &[[f64; 2]]) -> f64 {
    let logs: Vec<[f64; 2]> =
        points[points.len().saturating_sub(4)..].iter().map(|p| p.map(f64::ln)).collect();
    let n = logs.len() as f64;
    let mean = [0, 1].map(|k| logs.iter().map(|p| p[k]).sum::<f64>() / n);
    let moment = |k: usize| logs.iter().map(|p| (p[0] - mean[0]) * (p[k] - mean[k])).sum::<f64>();
    moment(1) / moment(0)
}

/// Times of this run, with the values that have to agree.
fn measured(progress: &mut dyn FnMut(f64)) -> Result<(Figure, Vec<Row>), WorkError> {
    let (mut general, mut equal, mut entropic, mut line) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut outside, mut unequal, mut apart) = (0, 0.0_f64, 0.0_f64);
    for (k, n) in SIZES.into_iter().enumerate() {
        let problem = Problem::new(n)?;
        let Problem { a, b, cost } = &problem;
        let (time, best) = timed(|| exact(a, b, cost))?;
        general.push([n as f64, time]);
        let (time, paired) = timed(|| assignment(cost))?;
        equal.push([n as f64, time]);
        let uniform = vec![1.0 / n as f64; n];
        unequal = unequal.max((paired.value / n as f64 / exact(&uniform, &uniform, cost)?.value - 1.0).abs());
        // The largest would take as long as everything else here.
        if n <= 800 {
            let (time, found) = timed(|| sinkhorn(a, b, cost, problem.epsilon()))?;
            entropic.push([n as f64, time]);
            let held = found.bounds.lower <= best.value && best.value <= found.bounds.upper;
            outside += usize::from(!held || found.status != SinkhornStatus::Converged);
        }
        progress((k + 1) as f64 / 8.0);
    }
    for n in ON_LINE {
        let mut rng = Pcg64::seed_from_u64(n as u64);
        let (x, y) = (normal(0.0, n, &mut rng), normal(0.3, n, &mut rng));
        line.push([n as f64, timed(|| wasserstein_1d(&x, &y, 1.0))?.0]);
        if n <= 1000 {
            let cost = Mat::from_fn(n, n, |i, j| (x[i] - y[j]).abs());
            let least = assignment(&cost)?.value / n as f64;
            apart = apart.max((transport_1d(&x, &y, 1.0)?.primal / least - 1.0).abs());
        }
    }
    let curves = [
        ("exact, general weights", general, Colour::First, Shape::Disc),
        ("assignment", equal, Colour::Third, Shape::Square),
        ("Sinkhorn to 10⁻⁶", entropic, Colour::Second, Shape::Circle),
        ("on the line", line, Colour::Ink, Shape::Disc),
    ];
    let mut figure = Figure::new(
        "Time by the number of points, measured now",
        "Quickest of some runs on the machine that made this page. Squared distances in the plane for the first three, with \
         $\\varepsilon$ a twentieth of the mean cost; $W_1$ of two samples for the line. The slopes are those of the last four \
         points.",
        Width::Full,
        Axis::log("points on each side"),
        Axis::log("time").unit("ms"),
    );
    for (name, points, colour, shape) in curves {
        let name = format!("{name}, slope {:.1}", slope(&points));
        figure = figure.draw(Mark::Line(points.clone(), Stroke::Fine), colour).named(
            &name,
            Mark::Points(points, shape),
            colour,
        );
    }
    let rows = vec![
        Row::count("sizes at which Sinkhorn's bounds miss the exact cost", outside).near(0.0, 0.0),
        Row::number("assignment against exact transport with equal weights", unequal)
            .digits(2)
            .at_most(1e-13),
        Row::number("plan on the line against the network simplex", apart).digits(2).at_most(1e-12),
    ];
    Ok((figure, rows))
}

/// Times of the table for one family of costs.
fn compared(title: &str, family: &str, table: &[Comparison]) -> Figure {
    let mut figure = Figure::new(
        title,
        "Ours and the peer's from the same run: the exact plan against POT's `emd`, the assignment against SciPy's.",
        Width::Half,
        Axis::log("points on each side").between(700.0, 15_000.0),
        Axis::log("time").unit("ms"),
    );
    let kinds = [
        (format!("exact {family}, general weights"), "general weights", Shape::Disc),
        (format!("exact {family}, equal weights"), "equal weights", Shape::Circle),
        (format!("assignment, {family}"), "assignment", Shape::Square),
    ];
    for (work, kind, shape) in kinds {
        let of = |time: fn(&Comparison) -> f64| -> Vec<[f64; 2]> {
            let mut points: Vec<_> =
                table.iter().filter(|row| row.work == work).map(|row| [row.size, time(row)]).collect();
            points.sort_by(|p, q| p[0].total_cmp(&q[0]));
            points
        };
        let peer = table.iter().find(|row| row.work == work).map(|row| row.peer.as_str()).unwrap_or_default();
        let short = peer.split(' ').next().unwrap_or_default();
        let theirs = if shape == Shape::Square { Colour::Third } else { Colour::Second };
        for (name, points, colour) in
            [("tangency", of(|row| row.ours), Colour::First), (short, of(|row| row.theirs), theirs)]
        {
            if points.is_empty() {
                continue;
            }
            figure = figure.draw(Mark::Line(points.clone(), Stroke::Fine), colour).named(
                &format!("{name}, {kind}"),
                Mark::Points(points, shape),
                colour,
            );
        }
    }
    figure
}

/// How many times as long each peer takes, at the largest size of each work.
fn ratios(table: &[Comparison]) -> Vec<Row> {
    let last = |row: &&Comparison| {
        !table.iter().any(|other| other.work == row.work && other.peer == row.peer && other.size > row.size)
    };
    let name = |row: &Comparison| format!("{} / tangency: {}, n = {}", row.peer, row.work, row.size);
    table.iter().filter(last).map(|row| Row::number(&name(row), row.theirs / row.ours).digits(3)).collect()
}
