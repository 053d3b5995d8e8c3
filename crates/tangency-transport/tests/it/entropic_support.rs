//! Problems and brute force for the tests of entropic transport.

use faer::{Mat, MatRef};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::ops::ControlFlow;
use tangency_transport::{Cost, Sinkhorn, SinkhornOptions, sinkhorn_with};

pub(crate) fn generator(seed: u64) -> Pcg64 {
    Pcg64::seed_from_u64(seed)
}

/// Uniform numbers.
pub(crate) fn uniform(rows: usize, columns: usize, rng: &mut Pcg64) -> Mat<f64> {
    Mat::from_fn(rows, columns, |_, _| rng.random::<f64>())
}

/// Positive weights with sum 1.
pub(crate) fn weights(n: usize, rng: &mut Pcg64) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| 0.05 + rng.random::<f64>()).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| w / sum).collect()
}

/// Sinkhorn to the last digits.
pub(crate) fn tight(a: &[f64], b: &[f64], cost: Cost<'_>, epsilon: f64) -> Sinkhorn {
    let options = SinkhornOptions { tolerance: 1e-13, ..SinkhornOptions::default() };
    sinkhorn_with(a, b, cost, epsilon, &options, |_| ControlFlow::Continue(())).unwrap()
}

/// The margins of the plan of potentials, without any help.
pub(crate) fn margins(
    a: &[f64],
    b: &[f64],
    cost: MatRef<'_, f64>,
    epsilon: f64,
    f: &[f64],
    g: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let (mut rows, mut columns) = (vec![0.0; a.len()], vec![0.0; b.len()]);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let p = a[i] * b[j] * ((f[i] + g[j] - cost[(i, j)]) / epsilon).exp();
            rows[i] += p;
            columns[j] += p;
        }
    }
    (rows, columns)
}

pub(crate) fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).abs()).sum()
}

/// The least mean cost over all permutations.
pub(crate) fn least_assignment(cost: MatRef<'_, f64>) -> f64 {
    fn go(cost: MatRef<'_, f64>, row: usize, used: &mut Vec<bool>) -> f64 {
        if row == cost.nrows() {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for j in 0..cost.ncols() {
            if !used[j] {
                used[j] = true;
                best = best.min(cost[(row, j)] + go(cost, row + 1, used));
                used[j] = false;
            }
        }
        best
    }
    go(cost, 0, &mut vec![false; cost.ncols()]) / cost.nrows() as f64
}
