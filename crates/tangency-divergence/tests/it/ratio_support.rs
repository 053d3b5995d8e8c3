//! Samples for the tests of ratios and bounds.

use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::f64::consts::TAU;

pub(crate) fn rng(seed: u64) -> Pcg64 {
    Pcg64::seed_from_u64(seed)
}

/// A standard normal number.
pub(crate) fn normal(rng: &mut Pcg64) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
}

/// Independent normal numbers.
pub(crate) fn normals(count: usize, mean: f64, deviation: f64, rng: &mut Pcg64) -> Vec<f64> {
    (0..count).map(|_| mean + deviation * normal(rng)).collect()
}

/// Normal points with this mean in the first coordinate.
pub(crate) fn cloud(rows: usize, dimension: usize, mean: f64, rng: &mut Pcg64) -> Mat<f64> {
    let mut cloud = Mat::from_fn(rows, dimension, |_, _| normal(rng));
    for i in 0..rows {
        cloud[(i, 0)] += mean;
    }
    cloud
}

/// The mean of numbers and its standard error.
pub(crate) fn mean_and_error(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Gaussian kernels at centres, a row for each point.
pub(crate) fn kernels(points: &Mat<f64>, centres: &Mat<f64>, width: f64) -> Mat<f64> {
    Mat::from_fn(points.nrows(), centres.nrows(), |i, k| {
        let squared: f64 = (0..points.ncols()).map(|c| (points[(i, c)] - centres[(k, c)]).powi(2)).sum();
        (-squared / (2.0 * width * width)).exp()
    })
}

/// $\sum_i w_i \varphi_i \varphi_i^T$.
pub(crate) fn second_moment(rows: &Mat<f64>, weights: &[f64]) -> Mat<f64> {
    Mat::from_fn(rows.ncols(), rows.ncols(), |a, b| {
        (0..rows.nrows()).map(|i| weights[i] * rows[(i, a)] * rows[(i, b)]).sum()
    })
}
