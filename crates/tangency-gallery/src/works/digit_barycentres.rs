//! The mean of eight handwritten digits, pixel by pixel and as a barycentre.

use crate::data::digits;
use crate::figure::{Axis, Cell, Colour, Figure, Mark, Shape, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use std::ops::ControlFlow;
use tangency::faer::Mat;
use tangency::transport::{BarycentreOptions, Cost, Metric, barycentre_with, exact, sinkhorn_divergence};

const STORY: &str = "\
A handwritten digit is a distribution of ink over pixels. Eight people wrote the same one, here each at another place of a sheet \
of $12 \\times 12$ pixels. The mean, pixel by pixel, has ink wherever one of the eight has: it is a smear, and like none of them. It \
is the best answer to a question that does not know which pixels are neighbours. Ask instead how far ink would have to go:

$$\\min_b \\sum_k \\lambda_k W_2^2(b, a_k).$$

The answer is a _barycentre_: where the eight differ by a shift, it is shifted by the mean, and stays as sharp as they are. To find \
it quickly, transport gets an entropy of weight $\\varepsilon$, which blurs by about $\\sqrt\\varepsilon$ pixels; and the blur goes \
away if each of the costs is replaced by Sinkhorn's divergence,

$$S_\\varepsilon(b, a) = \\mathrm{OT}_\\varepsilon(b, a) - \\tfrac12 \\mathrm{OT}_\\varepsilon(b, b) - \\tfrac12 \
\\mathrm{OT}_\\varepsilon(a, a).$$

Whether it is the best can be seen from the derivatives of the sum by the weights: they are equal on all pixels with ink, for \
otherwise it would pay to move some.";

/// Pixels along a side of an image, and of the sheet.
const IMAGE: usize = 8;
const SIDE: usize = 12;
const PIXELS: usize = SIDE * SIDE;
/// Where the eight images of a digit are put, as their upper left pixel.
const CORNERS: [[usize; 2]; 8] = [[0, 1], [4, 3], [1, 4], [3, 0], [2, 2], [4, 1], [0, 3], [2, 4]];
/// In squared pixels.
const EPSILON: f64 = 0.5;
/// Steps from one digit to another, both ends included.
const STEPS: usize = 11;

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "digit-barycentres",
        title: "The mean of eight hands".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// Places of the pixels, in pixels from the upper left.
fn places() -> Mat<f64> {
    Mat::from_fn(PIXELS, 2, |p, k| if k == 0 { (p % SIDE) as f64 } else { (p / SIDE) as f64 })
}

/// The images of a digit, each at its place on the sheet.
fn sheets(digit: u8) -> Result<Vec<Vec<f64>>, WorkError> {
    let images = digits()?.into_iter().filter(|(label, _)| *label == digit);
    Ok(images.zip(CORNERS).map(|((_, ink), corner)| placed(&ink, corner)).collect())
}

/// An image with its upper left pixel at this column and row.
fn placed(ink: &[f64], [left, top]: [usize; 2]) -> Vec<f64> {
    let mut sheet = vec![0.0; PIXELS];
    for (p, w) in ink.iter().enumerate() {
        sheet[(top + p / IMAGE) * SIDE + left + p % IMAGE] = *w;
    }
    sheet
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let places = places();
    let cost = Cost::points(places.as_ref(), places.as_ref(), Metric::SquaredEuclidean).to_matrix()?;
    let kinds = ["mean of the pixels", "entropic barycentre", "debiased barycentre"];
    let mut images = Vec::new();
    let mut objective = vec![Vec::new(); kinds.len()];
    let (mut divergences, mut darkest) = (vec![0.0; kinds.len()], vec![0.0; kinds.len()]);
    let (mut mass, mut uneven) = (0.0_f64, 0.0_f64);
    for digit in 0..10_u8 {
        let eight = sheets(digit)?;
        let weights = vec![1.0 / eight.len() as f64; eight.len()];
        let (blurred, blurred_error) = middle(&eight, &weights, &cost, false)?;
        let (sharp, sharp_error) = middle(&eight, &weights, &cost, true)?;
        mass = mass.max(blurred_error).max(sharp_error);
        let answers = [mixture(&eight, &weights), blurred, sharp];
        for (k, answer) in answers.into_iter().enumerate() {
            let mut squares = 0.0;
            for image in &eight {
                squares += exact(&answer, image, &cost)?.value / eight.len() as f64;
            }
            objective[k].push([f64::from(digit), squares]);
            let (value, spread) = debiased_objective(&answer, &eight, &places)?;
            divergences[k] += value / 10.0;
            darkest[k] += ink_of_the_darkest(&answer) / 10.0;
            if k == 2 {
                uneven = uneven.max(spread);
            }
            images.push((f64::from(digit), k as f64, answer));
        }
        progress(f64::from(digit + 1) / 11.0);
    }
    let mut rows =
        vec![Row::number("largest error of the mass of a barycentre", mass).digits(2).at_most(1e-4)];
    let better =
        |k: usize| objective[k].iter().zip(&objective[0]).filter(|(own, mean)| own[1] < mean[1]).count();
    for k in 1..kinds.len() {
        rows.push(
            Row::count(
                &format!("digits for which the {} is nearer to the eight than the mean", kinds[k]),
                better(k),
            )
            .near(10.0, 0.0),
        );
    }
    for (k, kind) in kinds.iter().enumerate() {
        let mean = objective[k].iter().map(|p| p[1]).sum::<f64>() / 10.0;
        rows.push(Row::number(&format!("{kind}: mean W₂² to the eight (squared pixels)"), mean).digits(4));
        rows.push(
            Row::number(&format!("{kind}: mean divergence to the eight (squared pixels)"), divergences[k])
                .digits(4),
        );
        rows.push(Row::number(&format!("{kind}: ink of the darkest 20 pixels"), darkest[k]).digits(3));
    }
    let best = divergences[2] / divergences[0].min(divergences[1]);
    rows.push(
        Row::number("debiased: divergence over the smaller of the other two", best).digits(4).at_most(1.0),
    );
    rows.push(
        Row::number(
            "debiased: largest difference of a derivative on the ink from their mean (squared pixels)",
            uneven,
        )
        .digits(2)
        .at_most(1e-2),
    );
    let (between, more) = morph(&cost)?;
    rows.extend(more);
    Ok(Report { figures: vec![sheet(&kinds, &images), distances(&kinds, objective), between], rows })
}

/// The images added up, pixel by pixel.
fn mixture(images: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    (0..PIXELS).map(|p| images.iter().zip(weights).map(|(image, w)| w * image[p]).sum()).collect()
}

/// The barycentre on the pixels with sum 1, and how far its sum was from that.
fn middle(
    images: &[Vec<f64>],
    weights: &[f64],
    cost: &Mat<f64>,
    debiased: bool,
) -> Result<(Vec<f64>, f64), WorkError> {
    let histograms = Mat::from_fn(images.len(), PIXELS, |k, p| images[k][p]);
    let options = BarycentreOptions { debiased, tolerance: 1e-5, ..Default::default() };
    let go_on = |_, _| ControlFlow::Continue(());
    let found = barycentre_with(cost, histograms.as_ref(), weights, EPSILON, &options, go_on)?.weights;
    let all: f64 = found.iter().sum();
    Ok((found.iter().map(|w| w / all).collect(), (all - 1.0).abs()))
}

/// The mean of Sinkhorn's divergences to the images, and how far its derivatives by the weights of pixels with ink are from
/// their mean.
fn debiased_objective(ink: &[f64], images: &[Vec<f64>], places: &Mat<f64>) -> Result<(f64, f64), WorkError> {
    let (mut value, mut gradient) = (0.0, vec![0.0; PIXELS]);
    for image in images {
        let places = places.as_ref();
        let found = sinkhorn_divergence(places, ink, places, image, Metric::SquaredEuclidean, EPSILON)?;
        value += found.value / images.len() as f64;
        gradient.iter_mut().zip(&found.source_gradient).for_each(|(sum, g)| *sum += g / images.len() as f64);
    }
    let mean: f64 = ink.iter().zip(&gradient).map(|(w, g)| w * g).sum();
    let inked = ink.iter().zip(&gradient).filter(|(w, _)| **w > 1e-3);
    Ok((value, inked.map(|(_, g)| (g - mean).abs()).fold(0.0, f64::max)))
}

/// How much ink the darkest pixels have: the sharper, the more.
fn ink_of_the_darkest(ink: &[f64]) -> f64 {
    let mut sorted = ink.to_vec();
    sorted.sort_by(|x, y| y.total_cmp(x));
    sorted[..20].iter().sum()
}

/// Pixels of an image whose upper left corner is at (`left`, `top`), in pixels to the right and downwards.
fn cells(ink: &[f64], left: f64, top: f64) -> impl Iterator<Item = Cell> {
    let darkest = ink.iter().copied().fold(0.0, f64::max);
    ink.iter().enumerate().map(move |(p, w)| Cell {
        centre: [left + (p % SIDE) as f64 + 0.5, -(top + (p / SIDE) as f64 + 0.5)],
        shade: w / darkest,
        text: String::new(),
    })
}

/// Names of rows and columns of images, as cells without shade.
fn name(text: &str, x: f64, y: f64) -> Cell {
    Cell { centre: [x, -y], shade: 0.0, text: text.into() }
}

/// The three answers for ten digits.
fn sheet(kinds: &[&str], images: &[(f64, f64, Vec<f64>)]) -> Figure {
    let apart = SIDE as f64 + 1.6;
    let mut pixels = Vec::new();
    for (column, row, ink) in images {
        pixels.extend(cells(ink, column * apart, row * apart));
    }
    let middle = 0.5 * SIDE as f64;
    let names =
        kinds.iter().enumerate().map(|(row, kind)| name(kind, -11.0, row as f64 * apart + middle)).collect();
    Figure::new(
        "Ten digits, each from eight hands",
        "Above the mean of the pixels of eight images at eight places, in the middle their entropic barycentre for $\\varepsilon = 0.5$ \
         squared pixels, below the same without the bias, whose strokes are as wide as those of one hand.",
        Width::Full,
        Axis::hidden().between(-22.0, 10.0 * apart - 1.0),
        Axis::hidden(),
    )
    .undistorted()
    .height(275.0)
    .draw(Mark::Cells(pixels, [1.0, 1.0]), Colour::Ink)
    .draw(Mark::Cells(names, [21.0, 2.0]), Colour::Ink)
}

/// The mean squared distance to the eight, by digit.
fn distances(kinds: &[&str], objective: Vec<Vec<[f64; 2]>>) -> Figure {
    let styles =
        [(Colour::Muted, Shape::Square), (Colour::Second, Shape::Circle), (Colour::First, Shape::Disc)];
    let top = 1.05 * objective.iter().flatten().map(|point| point[1]).fold(0.0, f64::max);
    let mut figure = Figure::new(
        "How far they are from the eight",
        "The mean of $W_2^2$ to the eight images, exact. The ink of a barycentre has a shorter way to go for every digit; what is left are the differences of the hands.",
        Width::Full,
        Axis::linear("digit").between(-0.5, 9.5),
        Axis::linear("mean squared distance").unit("pixels²").between(0.0, top),
    )
    .height(300.0);
    for ((kind, points), (colour, shape)) in kinds.iter().zip(objective).zip(styles) {
        figure = figure.named(kind, Mark::Points(points, shape), colour);
    }
    figure
}

/// From a three to a five, by adding up pixels and along the shortest way.
fn morph(cost: &Mat<f64>) -> Result<(Figure, Vec<Row>), WorkError> {
    let first = |digit: u8, corner| {
        let found = digits()?.into_iter().find(|(label, _)| *label == digit);
        Ok::<_, WorkError>(placed(&found.map(|(_, ink)| ink).unwrap_or_default(), corner))
    };
    let ends = [first(3, [0, 4])?, first(5, [4, 0])?];
    let (mut pixels, mut farthest) = (Vec::new(), 0.0_f64);
    let whole = exact(&ends[0], &ends[1], cost)?.value;
    let apart = SIDE as f64 + 1.4;
    for step in 0..STEPS {
        let t = step as f64 / (STEPS - 1) as f64;
        let weights = [1.0 - t, t];
        let (mixed, moved) = (mixture(&ends, &weights), middle(&ends, &weights, cost, true)?.0);
        let way = (exact(&ends[0], &moved, cost)?.value / whole).sqrt();
        farthest = farthest.max((way - t).abs());
        for (row, ink) in [mixed, moved].iter().enumerate() {
            pixels.extend(cells(ink, step as f64 * apart, row as f64 * apart));
        }
    }
    let figure = Figure::new(
        "From a three to a five",
        "Above, one fades while the other appears. Below, the debiased barycentres for weights from $(1, 0)$ to $(0, 1)$: the ink \
         walks.",
        Width::Full,
        Axis::hidden(),
        Axis::hidden(),
    )
    .undistorted()
    .height(195.0)
    .draw(Mark::Cells(pixels, [1.0, 1.0]), Colour::Ink);
    let row =
        Row::number("from a three to a five: largest difference of the way done from its share", farthest);
    Ok((figure, vec![row.digits(2).at_most(0.1)]))
}
