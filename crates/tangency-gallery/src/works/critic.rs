//! The critic of Kantorovich: the function of slope 1 that tells two samples apart best.

use super::draws::{cloud, rows};
use crate::figure::{Axis, Colour, Direction, Figure, Grid, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency::transport::{Cost, KantorovichCritic, Metric, Transport, exact, lower_bound, wasserstein_1d};

const STORY: &str = "\
For a distance one function is enough. Take $g = -f$, ask for $f(x) - f(y) \\le \\lVert x - y \\rVert$ everywhere, and the dual of \
transport is a contest between critics, who may be anything but steep (_Kantorovich and Rubinstein_):

$$W_1(P, Q) = \\max_{\\mathrm{Lip}(\\varphi) \\le 1} \\mathbb{E}_P \\, \\varphi - \\mathbb{E}_Q \\, \\varphi.$$

The potentials of the linear programme are the values of a best critic on the points. Two formulas continue them to the whole \
plane, and every best critic with these values lies between the two:

$$\\max_i \\lbrace f_i - \\lVert x - x_i \\rVert \\rbrace \\; \\le \\; \\varphi(x) \\; \\le \\; \\min_j \\lbrace \\lVert x - y_j \
\\rVert - g_j \\rbrace.$$

The first is a landscape of cones with their tips on the sample of $P$, the second of funnels around that of $Q$. On the straight \
lines along which mass moves they agree and fall as fast as is allowed, by 1 for each unit of length. Any other critic has its own \
bound, and none is above $W_1$: that is what a network that plays the critic computes, if its slope is what it is said to be.";

/// Points in each sample.
const POINTS: usize = 16;
/// The rectangle that is shown.
const LOW: [f64; 2] = [-3.4, -2.2];
const HIGH: [f64; 2] = [4.6, 2.6];
/// Random pairs of points at which slopes are measured.
const PAIRS: usize = 100_000;

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "critic",
        title: "The critic who is not steep".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// Two samples, the best plan between them, and the two critics.
struct Samples {
    x: Vec<[f64; 2]>,
    y: Vec<[f64; 2]>,
    weights: Vec<f64>,
    found: Transport,
    smallest: KantorovichCritic,
    largest: KantorovichCritic,
}

impl Samples {
    fn new() -> Result<Self, WorkError> {
        let mut rng = Pcg64::seed_from_u64(5);
        let left = cloud([-1.8, 0.7], [0.5, 0.5], POINTS / 2, &mut rng);
        let right = cloud([2.6, 0.3], [0.5, 0.6], POINTS / 2, &mut rng);
        let x = [left, right].concat();
        let y = cloud([0.4, -0.3], [0.9, 0.8], POINTS, &mut rng);
        let (sources, targets) = (rows(&x), rows(&y));
        let weights = vec![1.0 / POINTS as f64; POINTS];
        let cost = Cost::points(sources.as_ref(), targets.as_ref(), Metric::Euclidean);
        let found = exact(&weights, &weights, cost)?;
        let smallest = KantorovichCritic::from_sources(sources.as_ref(), &found.source_potentials, 2.0)?;
        let largest = KantorovichCritic::from_targets(targets.as_ref(), &found.target_potentials, 2.0)?;
        Ok(Self { x, y, weights, found, smallest, largest })
    }

    /// The lines along which mass moves.
    fn rays(&self) -> impl Iterator<Item = [[f64; 2]; 2]> + '_ {
        self.found.plan.shipments().iter().map(|s| [self.x[s.source], self.y[s.target]])
    }

    /// What a critic of slope 1 proves.
    fn bound(&self, critic: impl Fn(&[f64; 2]) -> f64) -> Result<f64, WorkError> {
        let on = |points: &[[f64; 2]]| points.iter().map(&critic).collect::<Vec<f64>>();
        Ok(lower_bound(&on(&self.x), &self.weights, &on(&self.y), &self.weights, 1.0)?)
    }
}

/// The point at `t` of the way from one end to the other.
fn between([from, to]: [[f64; 2]; 2], t: f64) -> [f64; 2] {
    [0, 1].map(|k| from[k] + t * (to[k] - from[k]))
}

fn length([from, to]: [[f64; 2]; 2]) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let samples = Samples::new()?;
    let w1 = samples.found.value;
    let maps = [
        landscape(
            &samples,
            &samples.smallest,
            "The smallest best critic",
            "Cones with tips on the first sample",
        )?,
        landscape(
            &samples,
            &samples.largest,
            "The largest best critic",
            "Funnels around the points of the second",
        )?,
    ];
    progress(0.4);
    let mut rows = vec![
        Row::number("W₁, by the plan", w1).digits(12),
        Row::number("gap of its certificate", samples.found.certificate.gap.abs()).digits(2).at_most(1e-15),
    ];
    for (name, critic) in [("smallest", &samples.smallest), ("largest", &samples.largest)] {
        let (x, y) = (
            critic.values(super::draws::rows(&samples.x).as_ref())?,
            critic.values(super::draws::rows(&samples.y).as_ref())?,
        );
        let proved = lower_bound(&x, &samples.weights, &y, &samples.weights, 1.0)?;
        rows.push(
            Row::number(&format!("{name} critic: W₁ less what it proves"), w1 - proved)
                .digits(2)
                .between(0.0, 2e-14),
        );
        rows.push(
            Row::number(&format!("{name} critic: largest slope, {PAIRS} pairs"), steepest(critic)?)
                .digits(8)
                .between(0.9, 1.0 + 1e-9),
        );
        rows.push(
            Row::number(
                &format!("{name} critic: largest difference of a slope along a line of the plan from 1"),
                along(&samples, critic)?,
            )
            .digits(2)
            .at_most(1e-13),
        );
    }
    progress(0.8);
    let (others, more) = others(&samples)?;
    rows.extend(more);
    let figures = maps.into_iter().chain([profile(&samples)?, others]).collect();
    Ok(Report { figures, rows })
}

/// The largest slope between random points of the rectangle, not nearer to each other than a tenth.
fn steepest(critic: &KantorovichCritic) -> Result<f64, WorkError> {
    let mut rng = Pcg64::seed_from_u64(7);
    let mut draw = || [0, 1].map(|k| LOW[k] + (HIGH[k] - LOW[k]) * rng.random::<f64>());
    let mut largest = 0.0_f64;
    for _ in 0..PAIRS {
        let pair = [draw(), draw()];
        if length(pair) > 0.1 {
            let [from, to] = [critic.value(&pair[0])?, critic.value(&pair[1])?];
            largest = largest.max((to - from).abs() / length(pair));
        }
    }
    Ok(largest)
}

/// How far the fall over each tenth of each line of the plan is from its length, relative to it.
fn along(samples: &Samples, critic: &KantorovichCritic) -> Result<f64, WorkError> {
    let mut largest = 0.0_f64;
    for ray in samples.rays() {
        for k in 0..10 {
            let piece = [between(ray, 0.1 * f64::from(k)), between(ray, 0.1 * f64::from(k + 1))];
            let fall = critic.value(&piece[0])? - critic.value(&piece[1])?;
            largest = largest.max((fall / length(piece) - 1.0).abs());
        }
    }
    Ok(largest)
}

/// The level sets of a critic over the two samples.
fn landscape(
    samples: &Samples,
    critic: &KantorovichCritic,
    title: &str,
    what: &str,
) -> Result<Figure, WorkError> {
    // Beyond the frame, so that the lines along the end of the grid are cut off.
    let (low, high) = ([LOW[0] - 2.0, LOW[1] - 2.0], [HIGH[0] + 2.0, HIGH[1] + 2.0]);
    let grid = Grid::new(low, high, [201, 141], |point| critic.value(&point))?;
    let mut figure = Figure::new(
        title,
        &format!("{what}. Level lines are a quarter of a unit apart, and the tint grows with the value. Along the straight lines, where mass moves, the slope is 1."),
        Width::Half,
        Axis::linear("x").between(LOW[0], HIGH[0]),
        Axis::linear("y").between(LOW[1], HIGH[1]),
    )
    .undistorted()
    .height(390.0);
    let shown = Grid::new(LOW, HIGH, [81, 61], |point| critic.value(&point))?;
    let (least, most) = shown.range();
    let levels = (4.0 * least).ceil() as i32..=(4.0 * most).floor() as i32;
    for level in levels {
        figure = figure.draw(Mark::Region(grid.at_least(0.25 * f64::from(level))), Colour::Third);
    }
    let rays: Vec<_> = samples.rays().collect();
    let lines = rays.iter().flat_map(|&[from, to]| [from, to, [f64::NAN; 2]]).collect();
    let arrows = rays.iter().map(|&ray| [between(ray, 0.5), ray[1]]).collect();
    Ok(figure
        .draw(Mark::Line(lines, Stroke::Fine), Colour::Ink)
        .draw(Mark::Arrows(arrows), Colour::Ink)
        .named("sample of P", Mark::Points(samples.x.clone(), Shape::Disc), Colour::First)
        .named("sample of Q", Mark::Points(samples.y.clone(), Shape::Square), Colour::Second))
}

/// Both critics along the longest line of the plan, and beyond its ends.
fn profile(samples: &Samples) -> Result<Figure, WorkError> {
    let ray = samples.rays().max_by(|p, q| length(*p).total_cmp(&length(*q))).unwrap_or_default();
    let long = length(ray);
    let mut curves = [Vec::new(), Vec::new()];
    for k in -120..=320 {
        let t = f64::from(k) / 200.0;
        for (curve, critic) in curves.iter_mut().zip([&samples.smallest, &samples.largest]) {
            curve.push([t * long, critic.value(&between(ray, t))?]);
        }
    }
    let [smallest, largest] = curves;
    let band = smallest.iter().zip(&largest).map(|(s, l)| [s[0], s[1], l[1]]).collect();
    let ends = [between(ray, 0.0), between(ray, 1.0)];
    let at = |end: usize| Ok::<_, WorkError>(vec![[end as f64 * long, samples.smallest.value(&ends[end])?]]);
    Ok(Figure::new(
        "Along the longest line",
        "Both critics on the straight line through the ends of the longest way of the plan. Between the ends there is no choice; \
         beyond, every best critic with these values on the samples is in the band.",
        Width::Half,
        Axis::linear("distance from the source"),
        Axis::linear("critic"),
    )
    .draw(Mark::Band(band), Colour::Third)
    .named("largest", Mark::Line(largest, Stroke::Solid), Colour::Third)
    .named("smallest", Mark::Line(smallest, Stroke::Solid), Colour::First)
    .draw(Mark::Points(at(0)?, Shape::Disc), Colour::First)
    .draw(Mark::Points(at(1)?, Shape::Square), Colour::Second))
}

/// What critics prove that look in one direction alone, by the direction.
fn others(samples: &Samples) -> Result<(Figure, Vec<Row>), WorkError> {
    let (mut linear, mut best) = (Vec::new(), Vec::new());
    for degrees in 0..=180 {
        let angle = f64::from(degrees).to_radians();
        let seen = |point: &[f64; 2]| point[0] * angle.cos() + point[1] * angle.sin();
        let on = |points: &[[f64; 2]]| points.iter().map(seen).collect::<Vec<f64>>();
        linear.push([f64::from(degrees), samples.bound(seen)?]);
        best.push([
            f64::from(degrees),
            wasserstein_1d(on(&samples.x).as_slice(), on(&samples.y).as_slice(), 1.0)?,
        ]);
    }
    let w1 = samples.found.value;
    let highest = |curve: &[[f64; 2]]| curve.iter().map(|p| p[1]).fold(0.0, f64::max);
    let from_origin = samples.bound(|p| p[0].hypot(p[1]))?;
    let excess = linear.iter().zip(&best).map(|(l, b)| l[1] - b[1]).fold(f64::NEG_INFINITY, f64::max);
    let rows = vec![
        Row::number("what the distance from the origin proves, over W₁", from_origin / w1)
            .digits(4)
            .at_most(1.0),
        Row::number("most that a linear critic proves, over W₁", highest(&linear) / w1)
            .digits(4)
            .at_most(1.0),
        Row::number("most that a critic of one direction proves, over W₁", highest(&best) / w1)
            .digits(4)
            .at_most(1.0),
        Row::number("largest excess of the linear over the best of its direction", excess)
            .digits(2)
            .at_most(1e-15),
    ];
    let figure = Figure::new(
        "What other critics prove",
        "Bounds from critics that see one coordinate alone, by its direction: linear ones, and the best of each direction, which is \
         $W_1$ of the projections. None is above $W_1$ (dotted), and even the best direction does not reach it.",
        Width::Half,
        Axis::linear("direction").unit("degrees").between(0.0, 180.0),
        Axis::linear("proved bound").between(0.0, 1.1 * w1),
    )
    .draw(Mark::Rule(w1, Direction::Horizontal), Colour::Ink)
    .named("linear", Mark::Line(linear, Stroke::Solid), Colour::Second)
    .named("best of its direction", Mark::Line(best, Stroke::Solid), Colour::Third);
    Ok((figure, rows))
}
