//! Nonlinear least squares by a trust region.

use crate::trust_region::TrustRegion;
use crate::{FitProgress, FitStatus, LeastSquares, LeastSquaresError, LeastSquaresFit};
use faer::{Mat, MatRef};
use std::ops::ControlFlow;

/// Levenberg's and Marquardt's method in Moré's form: Gauss-Newton steps inside a trust region.
///
/// An iteration linearises the residuals, and takes the step $p$ that solves
///
/// $$ \min_p \lVert r + J p \rVert_2 \quad \text{with} \quad \lVert D p \rVert_2 \le \Delta, $$
///
/// where $D$ holds the largest norm that each column of $J$ has had, so that the units of the unknowns do not matter.
/// $\Delta$ follows from how well the linear model predicted the last reduction of the cost: it shrinks below a quarter
/// of it and grows above three quarters. A step that lowers the cost by less than $10^{-4}$ of the prediction, or leads
/// to where the model has no value, is rejected; a full step that changes the cost by less than rounding may, $10^{-11}$ of
/// it, is taken. The unknowns' own [limits](LeastSquares::largest_step) shorten a step as a whole, keeping its direction.
///
/// Cost of an iteration: one evaluation of the residuals, one of the Jacobian if the step is accepted, and a singular value
/// decomposition, $O(m k^2)$ for $m$ residuals and $k$ unknowns.
///
/// The fields are the options; more may be added: end with `..Default::default()`.
///
/// # Example: Rosenbrock's valley
///
/// ```
/// use faer::MatMut;
/// use std::convert::Infallible;
/// use std::ops::ControlFlow;
/// use tangency_dynamics::{LeastSquares, LevenbergMarquardt};
///
/// struct Rosenbrock;
///
/// impl LeastSquares for Rosenbrock {
///     type Error = Infallible;
///     fn unknown_len(&self) -> usize {
///         2
///     }
///     fn residual_len(&self) -> usize {
///         2
///     }
///     fn residuals(&mut self, z: &[f64], r: &mut [f64]) -> Result<(), Infallible> {
///         r[0] = 10.0 * (z[1] - z[0] * z[0]);
///         r[1] = 1.0 - z[0];
///         Ok(())
///     }
///     fn jacobian(&mut self, z: &[f64], r: &mut [f64], mut j: MatMut<'_, f64>) -> Result<(), Infallible> {
///         j[(0, 0)] = -20.0 * z[0];
///         j[(0, 1)] = 10.0;
///         j[(1, 0)] = -1.0;
///         j[(1, 1)] = 0.0;
///         self.residuals(z, r)
///     }
/// }
///
/// let fit = LevenbergMarquardt::default()
///     .solve(&mut Rosenbrock, &[-1.2, 1.0], |_| ControlFlow::Continue(()))?;
/// assert!(fit.status.is_converged());
/// assert!((fit.unknowns[0] - 1.0).abs() < 1e-10 && (fit.unknowns[1] - 1.0).abs() < 1e-10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - J. J. Moré, *The Levenberg-Marquardt algorithm: implementation and theory*, Lecture Notes in Mathematics 630 (1978),
///   105-116, algorithm 7.1 and sections 5 (the step) and 6 (the scaling).
/// - D. M. Bates, D. G. Watts, *A relative offset orthogonality convergence criterion for nonlinear least squares*,
///   Technometrics 23 (1981), 179-183.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevenbergMarquardt {
    /// Converged when the cosine of the angle between $r$ and every column of $J$ is at most this; >= 0. Default
    /// `1e-10`.
    pub gradient_tolerance: f64,
    /// Converged when the full Gauss-Newton step is at most this, relative to the unknowns, in the norm scaled by $D$;
    /// >= 0. Default `1e-10`.
    pub step_tolerance: f64,
    /// Converged when even the full Gauss-Newton step promises to lower the cost by at most this part; >= 0. Default
    /// `1e-16`.
    ///
    /// Its square root is the cosine of the angle between $r$ and the column space of $J$, the relative offset of Bates and
    /// Watts: about the distance to the optimum in standard errors. It depends on no radius, so a region that shrinks for
    /// want of progress is never taken for convergence.
    pub cost_tolerance: f64,
    /// Trial steps at most. Default 200.
    pub max_iterations: usize,
    /// $\Delta$ at the start, relative to $\lVert D z \rVert$ with the [magnitudes](LeastSquares::magnitude) for $z$;
    /// > 0. Default 1.
    pub initial_radius: f64,
}

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        Self {
            gradient_tolerance: 1e-10,
            step_tolerance: 1e-10,
            cost_tolerance: 1e-16,
            max_iterations: 200,
            initial_radius: 1.0,
        }
    }
}

/// A step is accepted if the cost falls by this part of the prediction.
const ACCEPTED: f64 = 1e-4;

/// Relative differences of the cost below this may be rounding: the cost is a sum over residuals that are differences
/// of large numbers at the end of many steps.
const NOISE: f64 = 1e-11;

/// A point with its residuals and Jacobian.
struct Point {
    unknowns: Vec<f64>,
    residuals: Vec<f64>,
    jacobian: Mat<f64>,
    cost: f64,
}

impl Point {
    fn new(rows: usize, columns: usize) -> Self {
        Self {
            unknowns: vec![0.0; columns],
            residuals: vec![0.0; rows],
            jacobian: Mat::zeros(rows, columns),
            cost: f64::INFINITY,
        }
    }

    /// Whether all that was computed here is finite.
    fn linearise<P: LeastSquares>(&mut self, problem: &mut P) -> Result<bool, P::Error> {
        problem.jacobian(&self.unknowns, &mut self.residuals, self.jacobian.as_mut())?;
        self.cost = half_square(&self.residuals);
        Ok(self.cost.is_finite() && self.jacobian.col_iter().all(|c| c.iter().all(|x| x.is_finite())))
    }

    /// $\max_j |\cos(r, J_j)|$ and $\lVert J^\top r \rVert_\infty$.
    fn gradient(&self) -> (f64, f64) {
        let norm = (2.0 * self.cost).sqrt();
        let (mut cosine, mut largest) = (0.0f64, 0.0f64);
        for column in self.jacobian.col_iter() {
            let product: f64 = column.iter().zip(&self.residuals).map(|(j, r)| j * r).sum();
            let scale = column.norm_l2() * norm;
            largest = largest.max(product.abs());
            if scale > 0.0 {
                cosine = cosine.max(product.abs() / scale);
            }
        }
        (cosine, largest)
    }
}

fn half_square(r: &[f64]) -> f64 {
    0.5 * r.iter().map(|x| x * x).sum::<f64>()
}

/// The slope of the cost down along a step, $-r^\top J p$, and the reduction that the linear model promises,
/// $-r^\top J p - \frac12 \lVert J p \rVert^2$.
fn prediction(jacobian: MatRef<'_, f64>, residuals: &[f64], step: &[f64]) -> (f64, f64) {
    let (mut slope, mut reduction) = (0.0, 0.0);
    for (i, r) in residuals.iter().enumerate() {
        let change: f64 = step.iter().enumerate().map(|(j, p)| jacobian[(i, j)] * p).sum();
        slope -= change * r;
        reduction -= change * (r + 0.5 * change);
    }
    (slope, reduction)
}

/// The radius for the next step, from how the prediction came true.
fn adapt(radius: f64, norm: f64, is_full: bool, actual: f64, slope: f64, predicted: f64) -> f64 {
    if actual >= 0.75 * predicted || is_full && actual >= 0.25 * predicted {
        return 2.0 * norm;
    }
    if actual >= 0.25 * predicted {
        return radius;
    }
    // The minimiser of the parabola through the cost, its slope and the new cost, between a tenth and a half.
    let factor = if actual >= 0.0 { 0.5 } else { 0.5 * slope / (slope - actual) };
    factor.max(0.1) * radius.min(norm / 0.1)
}

/// $\lVert D m \rVert$ with the magnitudes $m$ of the unknowns.
fn size<P: LeastSquares>(problem: &P, scale: &[f64], unknowns: &[f64]) -> f64 {
    let terms = scale.iter().zip(unknowns).enumerate();
    terms.map(|(j, (d, &z))| (d * problem.magnitude(j, z)).powi(2)).sum::<f64>().sqrt()
}

impl LevenbergMarquardt {
    fn check<E: std::error::Error>(&self) -> Result<(), LeastSquaresError<E>> {
        let tolerances = [
            ("gradient_tolerance", self.gradient_tolerance),
            ("step_tolerance", self.step_tolerance),
            ("cost_tolerance", self.cost_tolerance),
        ];
        for (option, value) in tolerances {
            if value.is_nan() || value < 0.0 {
                return Err(LeastSquaresError::InvalidOption { option, value });
            }
        }
        if self.initial_radius > 0.0 && self.initial_radius.is_finite() {
            Ok(())
        } else {
            Err(LeastSquaresError::InvalidOption { option: "initial_radius", value: self.initial_radius })
        }
    }

    /// Minimises the sum of squares of `problem`, from `start`.
    ///
    /// `observe` is called at the start and after every accepted step, and may stop the iteration. The solution is the
    /// best point found, to within the rounding of the cost, whatever the status.
    ///
    /// # Errors
    ///
    /// [`LeastSquaresError`] if the start has the wrong length or is not finite, if the residuals or their derivatives
    /// have no finite value there, or if an option is out of its range.
    pub fn solve<P: LeastSquares>(
        &self,
        problem: &mut P,
        start: &[f64],
        mut observe: impl FnMut(&FitProgress) -> ControlFlow<()>,
    ) -> Result<LeastSquaresFit, LeastSquaresError<P::Error>> {
        self.check()?;
        let (m, k) = (problem.residual_len(), problem.unknown_len());
        let (mut here, mut next) = (Point::new(m, k), Point::new(m, k));
        begin(problem, start, &mut here)?;
        let mut region = TrustRegion::new(m, k);
        let mut step = vec![0.0; k];
        let (mut iteration, mut residual_evaluations, mut jacobian_evaluations) = (0, 0, 1);
        let mut radius = 0.0;
        let status = 'outer: loop {
            let (gradient_cosine, _) = here.gradient();
            let factored = region.factor(here.jacobian.as_ref(), &here.residuals);
            let magnitude = size(problem, region.scale(), &here.unknowns);
            if iteration == 0 {
                radius = self.initial_radius * if magnitude > 0.0 { magnitude } else { 1.0 };
            }
            let progress = FitProgress { iteration, cost: here.cost, gradient_cosine, radius };
            if observe(&progress).is_break() {
                break FitStatus::Interrupted;
            }
            if gradient_cosine <= self.gradient_tolerance {
                break FitStatus::GradientConverged;
            }
            if !factored {
                break FitStatus::Stalled;
            }
            if region.largest_reduction() <= self.cost_tolerance * here.cost {
                break FitStatus::CostConverged;
            }
            loop {
                if iteration == self.max_iterations {
                    break 'outer FitStatus::MaxIterations;
                }
                iteration += 1;
                let proposal = region.step(radius, &mut step);
                let shortened = shorten(problem, &mut step);
                let norm = proposal.norm * shortened;
                let is_full = proposal.is_full && shortened >= 1.0;
                let is_small = is_full && norm <= self.step_tolerance * magnitude;
                let (slope, predicted) = prediction(here.jacobian.as_ref(), &here.residuals, &step);
                if predicted <= 0.0 {
                    break 'outer FitStatus::Stalled; // nothing but rounding is left of the gradient
                }
                for ((z, &old), p) in next.unknowns.iter_mut().zip(&here.unknowns).zip(&step) {
                    *z = old + p;
                }
                residual_evaluations += 1;
                let value = problem.residuals(&next.unknowns, &mut next.residuals);
                let cost = value.map_or(f64::INFINITY, |()| half_square(&next.residuals));
                // A cost that is NaN must count as a failure, so that the comparisons below are all of numbers.
                let mut actual = if cost.is_finite() { here.cost - cost } else { f64::NEG_INFINITY };
                // So near the optimum the cost cannot tell a good step from a bad one, while the gradient, which is not of
                // second order there, still can: the linear model is taken at its word.
                let is_noise = is_full && predicted.max(actual.abs()) <= NOISE * here.cost;
                let mut accepted = is_noise || actual >= ACCEPTED * predicted;
                if accepted {
                    jacobian_evaluations += 1;
                    if matches!(next.linearise(problem), Ok(true)) {
                        std::mem::swap(&mut here, &mut next);
                    } else {
                        accepted = false;
                        actual = f64::NEG_INFINITY;
                    }
                }
                radius = adapt(radius, norm, is_full, actual, slope, predicted);
                if is_small {
                    break 'outer FitStatus::StepConverged;
                }
                if radius <= f64::EPSILON * magnitude {
                    break 'outer FitStatus::Stalled;
                }
                if accepted {
                    break;
                }
            }
        };
        let (_, gradient_norm) = here.gradient();
        Ok(LeastSquaresFit {
            unknowns: here.unknowns,
            residuals: here.residuals,
            jacobian: here.jacobian,
            cost: here.cost,
            gradient_norm,
            status,
            iterations: iteration,
            residual_evaluations,
            jacobian_evaluations,
        })
    }
}

/// Makes `here` the start.
fn begin<P: LeastSquares>(
    problem: &mut P,
    start: &[f64],
    here: &mut Point,
) -> Result<(), LeastSquaresError<P::Error>> {
    if start.len() != here.unknowns.len() {
        return Err(LeastSquaresError::StartLength { expected: here.unknowns.len(), got: start.len() });
    }
    if let Some(index) = start.iter().position(|z| !z.is_finite()) {
        return Err(LeastSquaresError::NonFiniteStart { index, value: start[index] });
    }
    here.unknowns.copy_from_slice(start);
    if here.linearise(problem).map_err(LeastSquaresError::Start)? {
        return Ok(());
    }
    for (j, column) in here.jacobian.col_iter().enumerate() {
        if let Some((i, &value)) = column.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(LeastSquaresError::NonFiniteDerivative { residual: i, unknown: j, value });
        }
    }
    // The residuals may be finite and only their squares too large: then the largest is to blame.
    let mut worst = (0, 0.0);
    for (index, &value) in here.residuals.iter().enumerate() {
        if !value.is_finite() || value.abs() > f64::abs(worst.1) {
            worst = (index, value);
            if !value.is_finite() {
                break;
            }
        }
    }
    Err(LeastSquaresError::NonFiniteResidual { index: worst.0, value: worst.1 })
}

/// Scales a step down until no unknown exceeds its limit; returns the factor.
fn shorten<P: LeastSquares>(problem: &P, step: &mut [f64]) -> f64 {
    let mut factor = 1.0f64;
    for (j, p) in step.iter().enumerate() {
        let limit = problem.largest_step(j);
        if p.abs() > limit {
            factor = factor.min(limit / p.abs());
        }
    }
    if factor < 1.0 {
        for p in step {
            *p *= factor;
        }
    }
    factor
}
