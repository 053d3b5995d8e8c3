//! Newton's method for models that are linear in features.

use crate::dense::{Cholesky, gram, weighted_sum};
use crate::ratio::{Fit, FitStatus};
use crate::sample::Points;
use faer::Mat;
use tangency_vmath::dot;

/// A function of one output with its first two derivatives.
pub(crate) type Curve<'a> = &'a (dyn Fn(f64) -> [f64; 3] + Sync);

/// Maximise $\sum_i w_i a(v_i) - \sum_j u_j c(v_j) - \tfrac \lambda 2 \lVert \theta \rVert^2$ with $v = \Phi \theta$ for
/// points of P and of Q.
///
/// Rows end with a one for the intercept, which has no ridge.
pub(crate) struct Linear<'a> {
    pub(crate) rows_p: &'a [f64],
    pub(crate) rows_q: &'a [f64],
    pub(crate) p: &'a Points,
    pub(crate) q: &'a Points,
    pub(crate) gain: Curve<'a>,
    pub(crate) cost: Curve<'a>,
    pub(crate) ridge: f64,
}

/// The error of an objective relative to the mean magnitude of its terms, at most.
const ROUNDING: f64 = 1e-14;

/// Everything at one θ.
struct State {
    objective: f64,
    /// The mean magnitude of the terms.
    scale: f64,
    gains: Vec<[f64; 3]>,
    costs: Vec<[f64; 3]>,
}

impl Linear<'_> {
    /// Newton's method with a line search. [`Fit::gap`] is half the square of the Newton decrement: the distance from the maximum
    /// to second order.
    pub(crate) fn maximise(&self, start: Vec<f64>, tolerance: f64, max_iterations: usize) -> (Vec<f64>, Fit) {
        let mut theta = start;
        let mut state = self.at(&theta);
        let mut fit = Fit {
            status: FitStatus::MaxIterations,
            iterations: 0,
            objective: state.objective,
            gap: f64::INFINITY,
        };
        // Once the tolerance is met, one more step squares what is missing.
        let mut polishing = false;
        while fit.iterations < max_iterations {
            let gradient = self.gradient(&theta, &state);
            let Some(step) = self.step(&state, &gradient) else {
                fit.status = if polishing { FitStatus::Converged } else { FitStatus::Stalled };
                break;
            };
            let slope = dot(&gradient, &step).expect("equal lengths");
            if polishing && 0.5 * slope >= fit.gap {
                fit.status = FitStatus::Converged;
                break;
            }
            fit.gap = 0.5 * slope;
            let mut length = 1.0;
            let accepted = loop {
                let trial: Vec<f64> = theta.iter().zip(&step).map(|(t, s)| t + length * s).collect();
                let next = self.at(&trial);
                // What rounding makes of the sums is no decrease.
                if next.objective >= state.objective + 1e-4 * length * slope - ROUNDING * state.scale {
                    break Some((trial, next));
                }
                if length < 1e-12 {
                    break None;
                }
                length *= 0.5;
            };
            fit.iterations += 1;
            let Some(accepted) = accepted else {
                fit.status = if polishing { FitStatus::Converged } else { FitStatus::Stalled };
                break;
            };
            (theta, state) = accepted;
            if polishing {
                fit.status = FitStatus::Converged;
                break;
            }
            polishing = fit.gap <= tolerance;
        }
        if polishing {
            fit.status = FitStatus::Converged;
        }
        fit.objective = state.objective;
        (theta, fit)
    }

    fn at(&self, theta: &[f64]) -> State {
        let outputs = |rows: &[f64], curve: Curve<'_>| -> Vec<[f64; 3]> {
            rows.chunks_exact(theta.len()).map(|row| curve(dot(row, theta).expect("equal lengths"))).collect()
        };
        let (gains, costs) = (outputs(self.rows_p, self.gain), outputs(self.rows_q, self.cost));
        let sum = |terms: &[[f64; 3]], points: &Points, magnitude: fn(f64) -> f64| -> f64 {
            terms.iter().enumerate().map(|(i, t)| times(points.weight(i), magnitude(t[0]))).sum()
        };
        let free = theta.len() - 1;
        let penalty = 0.5 * self.ridge * theta[..free].iter().map(|t| t * t).sum::<f64>();
        State {
            objective: sum(&gains, self.p, |x| x) - sum(&costs, self.q, |x| x) - penalty,
            scale: 1.0 + sum(&gains, self.p, f64::abs) + sum(&costs, self.q, f64::abs) + penalty,
            gains,
            costs,
        }
    }

    fn gradient(&self, theta: &[f64], state: &State) -> Vec<f64> {
        let b = theta.len();
        let from_p = weighted_sum(self.rows_p, b, |i| times(self.p.weight(i), state.gains[i][1]));
        let from_q = weighted_sum(self.rows_q, b, |j| times(self.q.weight(j), state.costs[j][1]));
        (0..b).map(|k| from_p[k] - from_q[k] - if k + 1 < b { self.ridge * theta[k] } else { 0.0 }).collect()
    }

    /// The Newton step; where the objective is not concave, one with the curvatures that are, and more and more of the slopes.
    fn step(&self, state: &State, gradient: &[f64]) -> Option<Vec<f64>> {
        let b = gradient.len();
        let with_ridge = |mut matrix: Mat<f64>, extra: f64| {
            for k in 0..b {
                matrix[(k, k)] += extra + if k + 1 < b { self.ridge } else { 0.0 };
            }
            matrix
        };
        let sum = |of: &(dyn Fn(f64, f64) -> f64 + Sync)| {
            gram(self.rows_p, b, |i| times(self.p.weight(i), of(-state.gains[i][2], state.gains[i][1])))
                + gram(self.rows_q, b, |j| times(self.q.weight(j), of(state.costs[j][2], state.costs[j][1])))
        };
        let solve = |factor: &Cholesky| {
            let step = factor.solve(gradient);
            step.iter().all(|s| s.is_finite()).then_some(step)
        };
        if let Some(step) =
            Cholesky::new(with_ridge(sum(&|curvature, _| curvature), 0.0)).as_ref().and_then(solve)
        {
            return Some(step);
        }
        let mut share = 0.1;
        for _ in 0..8 {
            let matrix = sum(&|curvature, slope: f64| curvature.max(0.0) + share * slope.abs());
            let trace: f64 = (0..b).map(|k| matrix[(k, k)]).sum();
            if !trace.is_finite() {
                return None;
            }
            let matrix = with_ridge(matrix, 1e-10 * trace / b as f64 + f64::MIN_POSITIVE);
            if let Some(step) = Cholesky::new(matrix).as_ref().and_then(solve) {
                return Some(step);
            }
            share *= 10.0;
        }
        None
    }
}

/// A weight times a number, zero for weight zero even where the number is infinite.
fn times(weight: f64, number: f64) -> f64 {
    if weight > 0.0 { weight * number } else { 0.0 }
}
