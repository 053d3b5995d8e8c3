//! The concave problem behind KLIEP: the proportions of a mixture of known components.

use super::{Fit, FitStatus};
use crate::dense::{Cholesky, gram, weighted_sum};
use tangency_vmath::dot;

/// How far an interior point goes towards the boundary.
const TO_BOUNDARY: f64 = 0.99;

/// How much the barrier falls in a step.
const CENTRING: f64 = 0.1;

/// Maximises $\sum_i w_i \ln(A a)_i$ over the simplex, by a primal-dual interior-point method.
///
/// The same as minimising $F(a) = -\sum_i w_i \ln(A a)_i + \sum_k a_k$ over $a \ge 0$, whose solution sums to one. With $g =
/// A^T (w / A a)$ the distance from the maximum is at most $\max_k g_k - 1$, because $g^T (a^\ast - a) \le \max_k g_k - 1$;
/// that is the gap that is reported, and it needs no trust in the iteration.
///
/// Rows of `a` have a largest entry of one or so, weights sum to one. Costs $n b^2 + b^3 / 3$ operations a step.
pub(super) fn proportions(
    a: &[f64],
    columns: usize,
    weights: &[f64],
    tolerance: f64,
    max_iterations: usize,
) -> (Vec<f64>, Fit) {
    let b = columns;
    let mut x = vec![1.0 / b as f64; b];
    let (gradient, _) = multipliers(a, &x, weights);
    let mut z: Vec<f64> = gradient.iter().map(|g| (1.0 - g).max(0.0) + 0.1).collect();
    let mut best = (x.clone(), f64::INFINITY, f64::NEG_INFINITY);
    let mut status = FitStatus::MaxIterations;
    let mut iterations = 0;
    let mut idle = 0;
    loop {
        // The certificate is taken at the proportions scaled to one.
        let total: f64 = x.iter().sum();
        let scaled: Vec<f64> = x.iter().map(|x| x / total).collect();
        let (certificate, objective) = multipliers(a, &scaled, weights);
        let gap = certificate.iter().fold(0.0_f64, |m, g| m.max(g - 1.0));
        if gap < best.1 {
            best = (scaled, gap, objective);
            idle = 0;
        } else {
            idle += 1;
        }
        if best.1 <= tolerance {
            status = FitStatus::Converged;
            break;
        }
        if iterations == max_iterations {
            break;
        }
        if idle > 10 {
            status = FitStatus::Stalled;
            break;
        }
        iterations += 1;
        let Some((dx, dz)) = step(a, &x, &z, weights) else {
            status = FitStatus::Stalled;
            break;
        };
        let length = |x: &[f64], dx: &[f64]| {
            x.iter().zip(dx).fold(1.0_f64, |s, (x, d)| if *d < 0.0 { s.min(-TO_BOUNDARY * x / d) } else { s })
        };
        let (s_x, s_z) = (length(&x, &dx), length(&z, &dz));
        for (x, d) in x.iter_mut().zip(&dx) {
            *x += s_x * d;
        }
        for (z, d) in z.iter_mut().zip(&dz) {
            *z += s_z * d;
        }
    }
    (best.0, Fit { status, iterations, objective: best.2, gap: best.1 })
}

/// $A^T (w / A x)$, and the objective.
fn multipliers(a: &[f64], x: &[f64], weights: &[f64]) -> (Vec<f64>, f64) {
    let mixture = mixture(a, x);
    let objective = mixture.iter().zip(weights).map(|(y, w)| w * y.ln()).sum();
    (weighted_sum(a, x.len(), |i| weights[i] / mixture[i]), objective)
}

fn mixture(a: &[f64], x: &[f64]) -> Vec<f64> {
    a.chunks_exact(x.len())
        .map(|row| dot(row, x).expect("a proportion for each component").max(f64::MIN_POSITIVE))
        .collect()
}

/// The Newton step of the perturbed optimality conditions $\nabla F = z$, $x z = \mu$.
fn step(a: &[f64], x: &[f64], z: &[f64], weights: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let b = x.len();
    let mixture = mixture(a, x);
    let gradient = weighted_sum(a, b, |i| weights[i] / mixture[i]);
    let mu = CENTRING * dot(x, z).expect("equal lengths") / b as f64;
    let mut matrix = gram(a, b, |i| weights[i] / mixture[i] / mixture[i]);
    for k in 0..b {
        matrix[(k, k)] += z[k] / x[k];
    }
    let right: Vec<f64> = (0..b).map(|k| gradient[k] - 1.0 + mu / x[k]).collect();
    let dx = Cholesky::new(matrix)?.solve(&right);
    let dz: Vec<f64> = (0..b).map(|k| (mu - z[k] * dx[k]) / x[k] - z[k]).collect();
    dx.iter().chain(&dz).all(|d| d.is_finite()).then_some((dx, dz))
}
