//! The cheapest plan between two clouds with general weights, for distances and for their squares.

use super::draws::{cloud, rows, weights};
use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use tangency::faer::MatRef;
use tangency::transport::{Cost, Metric, Shipment, Transport, TransportStatus, exact, verify};

const STORY: &str = "\
One cloud of points is to become another. Every point has a weight of its own, so masses have to be split, and still not much: a \
plan that is a vertex uses at most $n + m - 1$ of the $nm$ ways.

What the plan looks like depends on the cost. For the _distance_, no two lines cross: at a crossing, exchanging the two targets \
would save a detour. For its _square_, lines may cross, but no two pairs would gain by exchange, which is

$$\\langle x_i - x_k, \\; y_j - y_l \\rangle \\ge 0 \\quad \\text{for all pairs of lines}, \\quad x_i \\to y_j, \\; x_k \\to y_l.$$

That a plan of sixty lines is the best of all is not seen from it. It is seen from prices: one for each source and one for \
each target, nowhere above the cost of a way, and equal to it wherever mass moves. The third figure shows all ways at once. No \
point lies above the diagonal, those of the plan lie on it, and whoever has checked that much need not ask how it was found.";

const SOURCES: usize = 28;
const TARGETS: usize = 36;

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "plan-between-clouds",
        title: "From one cloud to another".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// Two clouds with their weights.
struct Clouds {
    x: Vec<[f64; 2]>,
    y: Vec<[f64; 2]>,
    a: Vec<f64>,
    b: Vec<f64>,
}

impl Clouds {
    fn new() -> Self {
        let mut rng = Pcg64::seed_from_u64(11);
        let x = cloud([0.0, 0.0], [1.3, 1.0], SOURCES, &mut rng);
        let upper = cloud([5.0, 1.9], [1.2, 0.5], TARGETS / 2, &mut rng);
        let lower = cloud([4.0, -2.0], [0.8, 0.6], TARGETS / 2, &mut rng);
        let (a, b) = (weights(SOURCES, &mut rng), weights(TARGETS, &mut rng));
        Self { x, y: [upper, lower].concat(), a, b }
    }

    /// The ends of a line.
    fn line(&self, shipment: &Shipment) -> [[f64; 2]; 2] {
        [self.x[shipment.source], self.y[shipment.target]]
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let clouds = Clouds::new();
    let (x, y) = (rows(&clouds.x), rows(&clouds.y));
    let (mut figures, mut rows) = (Vec::new(), Vec::new());
    let metrics = [("distance", Metric::Euclidean), ("squared distance", Metric::SquaredEuclidean)];
    for (name, metric) in metrics {
        let cost = Cost::points(x.as_ref(), y.as_ref(), metric);
        let found = exact(&clouds.a, &clouds.b, cost)?;
        rows.extend(proof(name, &clouds, cost, &found)?);
        let shipments = found.plan.shipments();
        let crossed = pairs(shipments).filter(|&(s, t)| cross(clouds.line(s), clouds.line(t))).count();
        let crossings = Row::count(&format!("{name}: lines that cross"), crossed);
        if name == "distance" {
            rows.push(crossings.near(0.0, 0.0));
            figures.push(plan("The least total distance", "no two lines cross", &clouds, &found));
        } else {
            rows.push(crossings);
            let worst = pairs(shipments).map(|(s, t)| -agreement(clouds.line(s), clouds.line(t)));
            rows.push(
                Row::number(
                    "squared distance: largest gain by exchanging two targets, halved",
                    worst.fold(0.0, f64::max),
                )
                .digits(2)
                .at_most(1e-14),
            );
            figures.push(plan(
                "The least total squared distance",
                "lines may cross, for a long way costs more than two short ones",
                &clouds,
                &found,
            ));
            figures.push(certificate(&found, cost.to_matrix()?.as_ref()));
        }
        progress(0.5 * figures.len() as f64);
    }
    Ok(Report { figures, rows })
}

/// The numbers of the certificate, as anyone can recompute them from plan, prices and points.
fn proof(name: &str, clouds: &Clouds, cost: Cost<'_>, found: &Transport) -> Result<Vec<Row>, WorkError> {
    let Clouds { a, b, .. } = clouds;
    let (f, g) = (&found.source_potentials, &found.target_potentials);
    let checked = verify(a, b, cost, &found.plan, f, g)?;
    let matrix = cost.to_matrix()?;
    // The plan that sends everything everywhere.
    let pairs = a.iter().enumerate().flat_map(|(i, a)| b.iter().enumerate().map(move |(j, b)| (i, j, a * b)));
    let everywhere: f64 = pairs.map(|(i, j, mass)| mass * matrix[(i, j)]).sum();
    let optimal = if found.status == TransportStatus::Optimal { "optimal" } else { "stopped" };
    let row = |what: &str, value: f64| Row::number(&format!("{name}: {what}"), value);
    let margins = checked.source_violation.max(checked.target_violation);
    Ok(vec![
        Row::word(&format!("{name}: status"), optimal, "optimal"),
        row("cost of the plan", checked.primal).digits(15),
        row("value of the prices", checked.dual).digits(15),
        row("difference of the two", checked.gap.abs()).digits(2).at_most(1e-13),
        row("proved interval, its width", checked.upper - checked.lower).digits(2).between(0.0, 1e-13),
        row("largest price above its cost", checked.dual_violation).digits(2).at_most(1e-14),
        row("largest error of a margin", margins).digits(2).at_most(1e-16),
        Row::count(&format!("{name}: lines"), found.plan.shipments().len())
            .between(TARGETS as f64, (SOURCES + TARGETS - 1) as f64),
        row("cost of sending everything everywhere, over the least", everywhere / checked.primal)
            .digits(3)
            .between(1.0, 2.0),
    ])
}

fn pairs(shipments: &[Shipment]) -> impl Iterator<Item = (&Shipment, &Shipment)> {
    shipments.iter().enumerate().flat_map(|(n, s)| shipments[n + 1..].iter().map(move |t| (s, t)))
}

fn minus(p: [f64; 2], q: [f64; 2]) -> [f64; 2] {
    [p[0] - q[0], p[1] - q[1]]
}

/// Whether two lines cross, other than at their ends.
fn cross([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2]) -> bool {
    let side = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        let (u, v) = (minus(q, p), minus(r, p));
        u[0] * v[1] - u[1] * v[0]
    };
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// ⟨x − x′, y − y′⟩: half of what the squared costs would grow by if the two exchanged their targets.
fn agreement([x, y]: [[f64; 2]; 2], [other_x, other_y]: [[f64; 2]; 2]) -> f64 {
    let (u, v) = (minus(x, other_x), minus(y, other_y));
    u[0] * v[0] + u[1] * v[1]
}

fn plan(title: &str, remark: &str, clouds: &Clouds, found: &Transport) -> Figure {
    let lines = found.plan.shipments().iter().map(|s| (clouds.line(s), s.mass)).collect();
    let discs = |points: &[[f64; 2]], masses: &[f64]| {
        Mark::Discs(points.iter().copied().zip(masses.iter().copied()).collect())
    };
    Figure::new(
        title,
        &format!("Areas of discs are masses, widths of lines what they carry: {remark}."),
        Width::Half,
        Axis::linear("x"),
        Axis::linear("y"),
    )
    .undistorted()
    .height(390.0)
    .draw(Mark::Flows(lines), Colour::Muted)
    .named("28 sources", discs(&clouds.x, &clouds.a), Colour::First)
    .named("36 targets", discs(&clouds.y, &clouds.b), Colour::Second)
}

/// Price against cost, for all ways and for those of the plan.
fn certificate(found: &Transport, costs: MatRef<'_, f64>) -> Figure {
    let (f, g) = (&found.source_potentials, &found.target_potentials);
    let point = |i: usize, j: usize| [costs[(i, j)], f[i] + g[j]];
    let all = (0..SOURCES).flat_map(|i| (0..TARGETS).map(move |j| (i, j)));
    let used = found.plan.shipments().iter().map(|s| point(s.source, s.target)).collect();
    let end = all.clone().map(|(i, j)| costs[(i, j)]).fold(0.0, f64::max);
    Figure::new(
        "The proof: no price is above its cost",
        "All 1008 ways for squared distances: the price $f_i + g_j$ against the cost $c_{ij}$. Those of the plan are on the diagonal, \
         so what the plan costs is what the prices earn, and no other plan can cost less.",
        Width::Full,
        Axis::linear("cost of the way"),
        Axis::linear("price"),
    )
    .draw(Mark::Line(vec![[0.0; 2], [end; 2]], Stroke::Fine), Colour::Muted)
    .draw(Mark::Rule(0.0, Direction::Horizontal), Colour::Muted)
    .named("a way", Mark::Points(all.map(|(i, j)| point(i, j)).collect(), Shape::Dot), Colour::Ink)
    .named("a way of the plan", Mark::Points(used, Shape::Circle), Colour::First)
}
