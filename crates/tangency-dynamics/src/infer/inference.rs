//! What a fit found, and how well it is known.

use super::{Freedom, InferenceError, TrajectoryFit, Unknown};
use crate::trust_region::TrustRegion;
use crate::{FitStatus, LeastSquares, LeastSquaresFit};
use faer::Mat;
use std::fmt;
use tangency_recurrence::{Differentiable, Layout, TimeStep};

/// An unknown with its error bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Which number of the model.
    pub unknown: Unknown,
    /// Its name, from the model's layout; a part of several numbers is counted from 0.
    pub name: String,
    /// Its value, in its natural unit.
    pub value: f64,
    /// Its standard error, in the same unit; infinite if the data do not determine it, or if there are no more
    /// observations than unknowns.
    ///
    /// It is that of the linearised model. For a positive unknown, whose logarithm was fitted, it is carried over by the
    /// delta method, $\mathrm{se}(\theta) = \theta \cdot \mathrm{se}(\ln\theta)$, so `value * exp(±1.96 * standard_error /
    /// value)` is a 95 % interval that stays positive.
    pub standard_error: f64,
}

/// The outcome of an inference.
///
/// With the weighted residuals $r$ and their Jacobian $J$ at the solution, $N$ observations and $k$ unknowns:
///
/// $$ \hat\sigma^2 = \frac{\lVert r \rVert^2}{N - k}, \quad \mathrm{Cov}(z) = \hat\sigma^2 (J^\top J)^{-1} . $$
///
/// Its [`Display`](fmt::Display) is a table of the estimates and their errors.
#[derive(Debug, Clone)]
pub struct Inference {
    /// The unknowns, with their errors: parameters first, then the initial state.
    pub estimates: Vec<Estimate>,
    /// All parameters, the fixed ones included.
    pub parameters: Vec<f64>,
    /// The whole initial state, the fixed components included.
    pub initial_state: Vec<f64>,
    /// The covariance matrix of the estimates, in their natural units; infinite variances as in
    /// [`Estimate::standard_error`]. Where a variance is infinite, the covariances in its row and column have no meaning;
    /// the correlations still tell which unknowns go together.
    pub covariance: Mat<f64>,
    /// The correlation matrix of the estimates: $\pm 1$ off the diagonal for two that cannot be told apart.
    pub correlation: Mat<f64>,
    /// The ratio of the largest to the smallest singular value of the Jacobian with respect to *relative* changes of the
    /// unknowns (absolute ones for an unknown that is 0); infinite if the data leave a combination of them open.
    ///
    /// Errors of the data are amplified by it from the best to the worst determined combination of unknowns.
    pub condition_number: f64,
    /// Model minus data on the scale of the fit, unweighted, in the shape of the values; NaN where nothing was seen.
    pub residuals: Vec<f64>,
    /// The model's states at the observed times, one row a time, all components.
    pub fitted: Vec<f64>,
    /// The number of observations $N$.
    pub observations: usize,
    /// $N - k$.
    pub degrees_of_freedom: usize,
    /// $C = \frac12 \lVert r \rVert^2$, weighted.
    pub cost: f64,
    /// The root of the mean of the squared residuals, weighted: $\sqrt{2 C / N}$.
    pub rmse: f64,
    /// $\hat\sigma$, the estimated standard deviation of a residual of weight 1: $\sqrt{2 C / (N - k)}$; infinite if
    /// $N = k$.
    pub sigma: f64,
    /// $\lVert J^\top r \rVert_\infty$ in the coordinates of the fit.
    pub gradient_norm: f64,
    /// Why the iteration ended.
    pub status: FitStatus,
    /// Trial steps.
    pub iterations: usize,
    /// Solutions of the equation, with and without derivatives.
    pub evaluations: usize,
}

impl Inference {
    /// The estimate of one unknown; `None` if it was fixed.
    pub fn estimate(&self, unknown: Unknown) -> Option<&Estimate> {
        self.estimates.iter().find(|e| e.unknown == unknown)
    }

    /// Assembles the report at a solution.
    pub(super) fn new<R: Differentiable<Element = f64, Input = TimeStep>>(
        problem: &mut TrajectoryFit<'_, R>,
        fit: &LeastSquaresFit,
    ) -> Result<Self, InferenceError> {
        // The solver's last trial may lie elsewhere: come back, so that parameters and states are those of the solution.
        let mut residuals = vec![0.0; fit.residuals.len()];
        problem.residuals(&fit.unknowns, &mut residuals).map_err(InferenceError::Start)?;
        let (n, k) = (residuals.len(), fit.unknowns.len());
        let degrees_of_freedom = n - k;
        let sum = 2.0 * fit.cost;
        let sigma = if n > k { (sum / degrees_of_freedom as f64).sqrt() } else { f64::INFINITY };

        let mut region = TrustRegion::new(n, k);
        region.factor(fit.jacobian.as_ref(), &fit.residuals);
        let (inverse, undetermined) = region.inverse_normal();
        let chain = &problem.chain;
        let covariance = Mat::from_fn(k, k, |a, b| {
            if a == b && (undetermined[a] || n == k) {
                return f64::INFINITY;
            }
            let factor = if n > k { sigma * sigma } else { 1.0 };
            factor * inverse[(a, b)] * chain[a] * chain[b]
        });
        let correlation = Mat::from_fn(k, k, |a, b| {
            if a == b { 1.0 } else { inverse[(a, b)] / (inverse[(a, a)] * inverse[(b, b)]).sqrt() }
        });
        let layouts = (problem.run.parameter_layout(), problem.run.state_layout());
        let estimates = problem.unknowns().iter().enumerate().map(|(j, &(unknown, _))| {
            let (name, value) = match unknown {
                Unknown::Parameter(i) => (name(&layouts.0, i), problem.parameters[i]),
                Unknown::InitialState(i) => (format!("initial {}", name(&layouts.1, i)), problem.initial[i]),
            };
            Estimate { unknown, name, value, standard_error: covariance[(j, j)].sqrt() }
        });
        Ok(Self {
            estimates: estimates.collect(),
            parameters: problem.parameters.clone(),
            initial_state: problem.initial.clone(),
            condition_number: condition_number(problem, fit),
            residuals: problem.table_of_residuals(&residuals),
            fitted: problem.fitted.clone(),
            observations: n,
            degrees_of_freedom,
            cost: fit.cost,
            rmse: (sum / n as f64).sqrt(),
            sigma,
            gradient_norm: fit.gradient_norm,
            status: fit.status,
            iterations: fit.iterations,
            evaluations: fit.residual_evaluations + fit.jacobian_evaluations,
            covariance,
            correlation,
        })
    }
}

/// Of the Jacobian with respect to relative changes: a logarithm is relative already.
fn condition_number<R: Differentiable<Element = f64, Input = TimeStep>>(
    problem: &TrajectoryFit<'_, R>,
    fit: &LeastSquaresFit,
) -> f64 {
    let scale: Vec<f64> = std::iter::zip(problem.unknowns(), &fit.unknowns)
        .map(|(&(_, freedom), &z)| if freedom == Freedom::Positive || z == 0.0 { 1.0 } else { z.abs() })
        .collect();
    let relative = Mat::from_fn(fit.jacobian.nrows(), scale.len(), |i, j| fit.jacobian[(i, j)] * scale[j]);
    let singular = relative.singular_values().unwrap_or_default();
    match (singular.first(), singular.last()) {
        (Some(&largest), Some(&smallest)) if smallest > f64::EPSILON * largest => largest / smallest,
        _ => f64::INFINITY,
    }
}

/// The name of element `index` of a layout.
fn name(layout: &Layout, index: usize) -> String {
    match layout.segment_of(index) {
        Some(segment) if segment.range.len() == 1 => segment.name.to_string(),
        Some(segment) => format!("{}[{}]", segment.name, index - segment.range.start),
        None => index.to_string(),
    }
}

impl fmt::Display for Inference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.estimates.iter().map(|e| e.name.len()).max().unwrap_or(0);
        for e in &self.estimates {
            writeln!(f, "{:width$}  {:>13.6e} ± {:.1e}", e.name, e.value, e.standard_error)?;
        }
        write!(
            f,
            "{} after {} iterations; {} observations, rmse {:.4e}, condition number {:.3e}",
            self.status, self.iterations, self.observations, self.rmse, self.condition_number
        )
    }
}
