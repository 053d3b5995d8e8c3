//! Density ratios, and any f-divergence from one.

mod kliep;
mod leave_one_out;
mod logistic;
mod mixture;
mod ulsif;

pub use kliep::{Kliep, KliepOptions};
pub use logistic::{LogisticOptions, LogisticRatio};
pub use ulsif::{Negative, Ulsif, UlsifOptions};

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::generator::FDivergence;
use crate::sample::{Points, Sample, read_pair};
use faer::MatRef;
use std::fmt;

/// An estimate of $r(x) = p(x) / q(x)$ that evaluates anywhere.
///
/// | | model | assumes | bias |
/// |---|---|---|---|
/// | [`Kliep`] | sum of Gaussian kernels, weights not negative | $p/q$ bounded and smooth at the scale of the width | flattens peaks; falls to zero far from P |
/// | [`Ulsif`] | the same, by least squares | the same, and a second moment of $p/q$ under Q | shrunk towards zero by the ridge |
/// | [`LogisticRatio`] | $\ln r$ linear in features | $\ln r$ in the span of the features | none beyond rounding and ridge if so; does not vanish with the sample if not |
/// | [`KernelDensityRatio`](crate::KernelDensityRatio) | quotient of two density estimates | smooth densities, few dimensions | that of both densities, large in the tails of Q |
///
/// None of them knows the true ratio outside the samples; where neither sample has points the value is extrapolation.
pub trait DensityRatio: fmt::Debug + Send + Sync {
    /// The number of coordinates of a point.
    fn dimension(&self) -> usize;

    /// $\ln r(x)$ for the rows of a matrix; $-\infty$ where the estimate of the ratio is zero or negative, and $+\infty$ where it
    /// is infinite.
    ///
    /// # Errors
    ///
    /// [`SampleError::PointDimension`] and [`SampleError::PointNotFinite`].
    fn ln_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError>;

    /// How the ratio was found, for the [`Estimate`]s made of it.
    fn method(&self) -> Method;
}

/// The three ways to write $D_f$ with a ratio, which agree for the true one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RatioForm {
    /// $E_P T(\ln \hat r) - E_Q f^\ast(T(\ln \hat r))$, the variational bound at $\hat r$. Its expectation lies below the
    /// divergence by $E_Q$ of a Bregman distance between $r$ and $\hat r$, which is of second order in the error of the
    /// ratio, where the other two are of first order; on points that the ratio was not fitted to it is therefore a lower
    /// bound on average. The default.
    #[default]
    Bound,
    /// $E_Q f(\hat r)$. Knows nothing of mass of P where Q has no points, and has a large variance where $r$ is large.
    OverQ,
    /// $E_P f(\hat r) / \hat r$. For the Kullback-Leibler divergence the familiar mean of $\ln \hat r$ over P. Knows nothing
    /// of mass of Q where P has no points.
    OverP,
}

/// Estimates any f-divergence from a density ratio and points of both distributions.
///
/// The points may be the ones that the ratio was fitted to. The estimate is then optimistic (too large, by about the number
/// of fitted coefficients divided by twice the number of points for a ratio fitted by likelihood); with other points, as
/// [`split`](crate::split) gives, it is not.
///
/// A ratio estimated as zero at a point of P costs what the theory says: $-\infty$ for a divergence with $T(-\infty) =
/// -\infty$ (such as Kullback-Leibler's) in the form of the bound, and a finite value otherwise. Nothing is clamped. A
/// log-ratio above 709 overflows, and the value is then infinite.
///
/// The standard error is that of the means given the ratio; it knows nothing of the error of the ratio itself, so there is no
/// interval. Weights are allowed. Costs one evaluation of the ratio for each point.
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, not finite or of another dimension than the ratio's.
///
/// # Example: three divergences from one fit
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{
///     KullbackLeibler, LogisticOptions, LogisticRatio, RatioForm, ReverseKullbackLeibler, Sample, divergence_from_ratio,
/// };
///
/// let quantiles: Vec<f64> = (1..400).map(|i| f64::from(i) / 400.0).map(|u| (u / (1.0 - u)).ln()).collect();
/// let shifted: Vec<f64> = quantiles.iter().map(|x| x + 1.0).collect(); // two logistic distributions
/// let (p, q) = (Sample::from(&shifted[..]), Sample::from(&quantiles[..]));
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let ratio = LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng)?;
/// let forward = divergence_from_ratio(&KullbackLeibler, &ratio, p, q, RatioForm::Bound)?;
/// let reverse = divergence_from_ratio(&ReverseKullbackLeibler, &ratio, p, q, RatioForm::Bound)?;
/// assert!((forward.value - reverse.value).abs() < 1e-2); // both are 0.1640 for the true distributions
/// assert!((forward.value - 0.164).abs() < 0.02);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - X. Nguyen, M. J. Wainwright and M. I. Jordan, *Estimating divergence functionals and the likelihood ratio by convex risk
///   minimization*, IEEE Trans. Inf. Theory 56 (2010) 5847-5861.
/// - M. Sugiyama, T. Suzuki and T. Kanamori, *Density Ratio Estimation in Machine Learning*, Cambridge 2012.
pub fn divergence_from_ratio(
    f: &dyn FDivergence,
    ratio: &dyn DensityRatio,
    p: Sample<'_>,
    q: Sample<'_>,
    form: RatioForm,
) -> Result<Estimate, SampleError> {
    let (p_points, q_points) = read_pair(p, q)?;
    let (v_p, v_q) = (ratio.ln_ratio(p.points())?, ratio.ln_ratio(q.points())?);
    let (value, standard_error) = from_log_ratios(f, form, (&v_p, &p_points), (&v_q, &q_points));
    Ok(Estimate { value, standard_error, interval: None, method: ratio.method() })
}

/// The divergence and its standard error from log-ratios at the points of both samples.
pub(crate) fn from_log_ratios(
    f: &dyn FDivergence,
    form: RatioForm,
    (v_p, p): (&[f64], &Points),
    (v_q, q): (&[f64], &Points),
) -> (f64, Option<f64>) {
    match form {
        RatioForm::Bound => {
            let over_p = Mean::of(v_p, p, |v| f.critic(v));
            let over_q = Mean::of(v_q, q, |v| f.conjugate_of_critic(v));
            (over_p.less(&over_q), over_p.combined_error(&over_q))
        }
        RatioForm::OverQ => {
            let over_q = Mean::of(v_q, q, |v| f.generator_of_log_ratio(v));
            (over_q.value, over_q.error())
        }
        RatioForm::OverP => {
            let over_p = Mean::of(v_p, p, |v| per_mass_of_p(f, v));
            (over_p.value, over_p.error())
        }
    }
}

/// $f(e^v) e^{-v}$, with the limits at both ends.
fn per_mass_of_p(f: &dyn FDivergence, v: f64) -> f64 {
    if v > -700.0 {
        f.generator_of_log_ratio(v) * (-v).exp()
    } else if f.at_zero() > 0.0 {
        f64::INFINITY
    } else {
        f.critic(v) // f(u)/u tends to f'(0)
    }
}

/// A weighted mean with the variance of the mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mean {
    pub(crate) value: f64,
    /// NaN if it cannot be told.
    pub(crate) variance: f64,
}

impl Mean {
    /// The mean of a function of one number a point. Points without weight do not count, even if the function is infinite.
    pub(crate) fn of(numbers: &[f64], points: &Points, function: impl Fn(f64) -> f64) -> Self {
        let terms: Vec<(f64, f64)> = numbers
            .iter()
            .enumerate()
            .map(|(i, &x)| (points.weight(i), x))
            .filter(|(w, _)| *w > 0.0)
            .map(|(w, x)| (w, function(x)))
            .collect();
        let value: f64 = terms.iter().map(|(w, x)| w * x).sum();
        let spread: f64 = terms.iter().map(|(w, x)| (w * (x - value)).powi(2)).sum();
        let n = terms.len() as f64;
        Self {
            value,
            variance: if terms.len() > 1 && value.is_finite() { spread * n / (n - 1.0) } else { f64::NAN },
        }
    }

    pub(crate) fn error(&self) -> Option<f64> {
        self.variance.is_finite().then(|| self.variance.sqrt())
    }

    /// The difference of a gain and a cost; $-\infty$, a bound that says nothing, if both are infinite.
    pub(crate) fn less(&self, cost: &Self) -> f64 {
        let difference = self.value - cost.value;
        if difference.is_nan() { f64::NEG_INFINITY } else { difference }
    }

    /// The standard error of the difference of two independent means.
    pub(crate) fn combined_error(&self, other: &Self) -> Option<f64> {
        let variance = self.variance + other.variance;
        variance.is_finite().then(|| variance.sqrt())
    }
}

/// Reads points at which something fitted is evaluated.
pub(crate) fn read_points(points: MatRef<'_, f64>, expected: usize) -> Result<Points, SampleError> {
    if points.ncols() != expected {
        return Err(SampleError::PointDimension { expected, got: points.ncols() });
    }
    if points.nrows() == 0 {
        return Ok(Points { data: Vec::new(), rows: 0, dimension: expected, weights: None });
    }
    Sample::from(points).read(Side::P).map_err(|error| match error {
        SampleError::NotFinite { row, column, value, .. } => {
            SampleError::PointNotFinite { row, column, value }
        }
        other => other,
    })
}

/// Whether an iteration has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitStatus {
    /// The tolerance is met.
    Converged,
    /// The iterations ran out; the best point so far was kept.
    MaxIterations,
    /// No step improves the objective any more in this arithmetic, before the tolerance is met.
    Stalled,
}

/// What is known of the optimum that a fit stopped at.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// Whether the iteration has arrived.
    pub status: FitStatus,
    /// Steps taken.
    pub iterations: usize,
    /// The objective there; each method says which.
    pub objective: f64,
    /// How far from the optimum: each method says in what sense.
    pub gap: f64,
}

/// The coefficients of a logistic regression with equal shares, where other fits start.
pub(crate) fn logistic_start(rows_p: &[f64], rows_q: &[f64], p: &Points, q: &Points, ridge: f64) -> Vec<f64> {
    logistic::Problem { rows_p, rows_q, share: 0.5 }.solve(p, q, ridge, 1e-6, 50).0
}
