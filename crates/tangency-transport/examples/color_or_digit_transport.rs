//! Hand-written digits as distributions of ink: the plan from a three to a five, and the mean of eight threes.
//!
//! A pixel is a point of the plane with its ink as weight. The table shows how far the ink of a three has to go, with a proof,
//! and what Sinkhorn's iteration says; the pictures show the mean of eight threes as vectors, which is a smear, and as
//! barycentres, which are threes.

use faer::{Mat, MatRef};
use std::fmt::Write;
use std::ops::ControlFlow;
use tangency_transport::{
    BarycentreOptions, Cost, Metric, TransportError, approximate, barycentre_with, exact, sinkhorn,
    sinkhorn_divergence,
};

const SIDE: usize = 8;
const PIXELS: usize = SIDE * SIDE;

/// The ink of each image, with sum 1.
fn images() -> Vec<Vec<f64>> {
    let lines = include_str!("digits.csv").lines().filter(|line| !line.starts_with('#'));
    let ink = lines
        .map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap_or(0.0)).collect::<Vec<f64>>());
    ink.map(|ink| ink.iter().map(|x| x / ink.iter().sum::<f64>()).collect()).collect()
}

/// A picture in characters, darkest where there is most.
fn picture(out: &mut String, weights: &[f64]) {
    let most = weights.iter().copied().fold(0.0, f64::max);
    for row in weights.chunks(SIDE) {
        let shades = row.iter().map(|w| [' ', '.', ':', '+', '#', '@'][(w / most * 5.99) as usize]);
        let line: String = shades.collect();
        let _ = writeln!(out, "    |{line}|");
    }
}

/// What the example prints.
pub(crate) fn run() -> Result<String, TransportError> {
    let mut out = String::new();
    let images = images();
    let (threes, five) = (&images[..8], &images[8]);
    let points = Mat::from_fn(PIXELS, 2, |p, k| if k == 0 { (p / SIDE) as f64 } else { (p % SIDE) as f64 });
    let cost = Cost::points(points.as_ref(), points.as_ref(), Metric::SquaredEuclidean);
    let matrix = cost.to_matrix()?;

    let best = exact(&threes[0], five, matrix.as_ref())?;
    let _ = writeln!(out, "From a three to a five, squared distances in pixels");
    let _ = writeln!(
        out,
        "  exact        {:.6} with {} shipments, gap below 1e-12: {}",
        best.value,
        best.plan.shipments().len(),
        best.certificate.gap.abs() < 1e-12
    );
    let near = approximate(&threes[0], five, cost, 0.01)?;
    let held = near.bounds.lower <= best.value && best.value <= near.bounds.upper;
    let _ = writeln!(out, "  to 1 %       proved, and true: {held}");
    for epsilon in [1.0, 0.1] {
        let found = sinkhorn(&threes[0], five, cost, epsilon)?;
        let debiased = sinkhorn_divergence(
            points.as_ref(),
            &threes[0],
            points.as_ref(),
            five,
            Metric::SquaredEuclidean,
            epsilon,
        )?;
        let _ = writeln!(
            out,
            "  epsilon {epsilon:<4} {:.4} with the entropy, debiased {:.4}",
            found.value, debiased.value
        );
    }

    let _ = writeln!(out, "\nThe mean of eight threes, pixel by pixel");
    let mean: Vec<f64> =
        (0..PIXELS).map(|p| threes.iter().map(|image| image[p]).sum::<f64>() / 8.0).collect();
    picture(&mut out, &mean);
    for (name, debiased) in [("Their entropic barycentre, epsilon 0.5", false), ("The same, debiased", true)]
    {
        let _ = writeln!(out, "\n{name}");
        let weights = shape(threes, matrix.as_ref(), debiased)?;
        picture(&mut out, &weights);
        // How much ink a fifth of the pixels has: the sharper, the more.
        let mut sorted = weights.clone();
        sorted.sort_by(|x, y| y.total_cmp(x));
        let _ = writeln!(
            out,
            "    the darkest 13 pixels have {:.3} of the ink",
            sorted[..13].iter().sum::<f64>()
        );
    }
    Ok(out)
}

fn shape(images: &[Vec<f64>], cost: MatRef<'_, f64>, debiased: bool) -> Result<Vec<f64>, TransportError> {
    let histograms = Mat::from_fn(images.len(), PIXELS, |k, p| images[k][p]);
    let options = BarycentreOptions { debiased, tolerance: 1e-5, ..BarycentreOptions::default() };
    let weights = vec![1.0; images.len()];
    Ok(barycentre_with(cost, histograms.as_ref(), &weights, 0.5, &options, |_, _| ControlFlow::Continue(()))?
        .weights)
}

#[allow(dead_code, reason = "the test includes this file for `run`")]
fn main() -> Result<(), TransportError> {
    print!("{}", run()?);
    Ok(())
}
