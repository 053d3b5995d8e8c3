//! Random numbers and clouds of points that works start from.

use rand::{Rng, RngExt};
use tangency::faer::Mat;

/// Normal numbers around a mean, by Box and Muller.
pub(super) fn normal(mean: f64, count: usize, rng: &mut impl Rng) -> Vec<f64> {
    let one = |_| {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        mean + radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
    };
    (0..count).map(one).collect()
}

/// Normal points of the plane, with these standard deviations along the axes.
pub(super) fn cloud(centre: [f64; 2], spread: [f64; 2], count: usize, rng: &mut impl Rng) -> Vec<[f64; 2]> {
    let (x, y) = (normal(0.0, count, rng), normal(0.0, count, rng));
    x.iter().zip(&y).map(|(x, y)| [centre[0] + spread[0] * x, centre[1] + spread[1] * y]).collect()
}

/// Weights between those of 1 and 5 units, with sum 1.
pub(super) fn weights(count: usize, rng: &mut impl Rng) -> Vec<f64> {
    let drawn: Vec<f64> = (0..count).map(|_| 1.0 + 4.0 * rng.random::<f64>()).collect();
    let sum: f64 = drawn.iter().sum();
    drawn.iter().map(|w| w / sum).collect()
}

/// Points as rows.
pub(super) fn rows(points: &[[f64; 2]]) -> Mat<f64> {
    Mat::from_fn(points.len(), 2, |i, k| points[i][k])
}
