//! The bounds, evaluated for a critic on points.

use super::critic::Critic;
use super::linear::check_output;
use super::output::{Activation, Output};
use crate::error::{SampleError, Side};
use crate::estimate::{Basis, Estimate, Interval, Method};
use crate::generator::FDivergence;
use crate::ratio::Mean;
use crate::sample::{Points, Sample, read_pair};
use statrs::function::erf::erfc_inv;
use std::f64::consts::SQRT_2;

/// Which bound is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Bound {
    /// $E_P T - E_Q f^\ast(T)$, of Nguyen, Wainwright and Jordan: two means, so its expectation over points that the critic
    /// has not seen is a lower bound exactly. The default.
    #[default]
    Nwj,
    /// $E_P T - \inf_\nu \lbrace \nu + E_Q f^\ast(T - \nu) \rbrace$: the best of the bounds of all shifts of T, never below
    /// the one before. For the Kullback-Leibler divergence it is Donsker's and Varadhan's. Since the shift is fitted to the
    /// very points of Q it is evaluated on, its expectation lies above the bound, by about 1/(2m) times a variance, and may
    /// lie above the divergence.
    ShiftImproved,
}

/// What a confidence bound rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Confidence {
    /// The central limit theorem: asymptotic, and far off where few points of Q carry the mean (a small effective sample size).
    #[default]
    Normal,
    /// Hoeffding's inequality, for a T with finite range: holds for every sample size. Weights must not depend on the points.
    Hoeffding,
    /// Maurer's and Pontil's empirical Bernstein inequality, for a T with finite range and no weights: holds for every sample
    /// size, and is tighter than Hoeffding's where the spread is small compared with the range.
    EmpiricalBernstein,
}

/// How a bound is evaluated. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BoundOptions {
    /// What the critic's output means. Default `None`, [`Output::natural`].
    pub output: Option<Output>,
    /// Which bound. Default [`Bound::Nwj`].
    pub bound: Bound,
    /// Raw outputs are clamped to this distance from zero, positive. A clamped critic is a critic, so the bound still holds; for
    /// most f it has a finite range then. Default `None`.
    pub clamp: Option<f64>,
    /// What the confidence bound rests on. Default [`Confidence::Normal`].
    pub confidence: Confidence,
    /// The level of the confidence bound. Default `Level(0.95)`.
    pub level: Level,
}

/// A probability between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(pub f64);

impl Default for Level {
    fn default() -> Self {
        Self(0.95)
    }
}

/// A bound with what is known of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BoundEstimate {
    /// The value, its standard error, and a lower confidence bound (an interval without upper end) where there is one.
    pub estimate: Estimate,
    /// $(\sum_j w_j u_j)^2 / \sum_j (w_j u_j)^2$ for the ratios $u_j$ that the outputs at points of Q stand for: how many
    /// points of Q carry the estimate. Far below m, the standard error cannot be trusted.
    pub effective_sample_size: f64,
    /// The share of all points whose output was clamped.
    pub clamped: f64,
}

/// Evaluates the variational bound of an f-divergence for a critic.
///
/// For every T the divergence is at least $E_P T - E_Q f^\ast(T)$, so with points that the critic has not seen the value is a
/// lower bound on average, however bad the critic. On the points it was fitted to it is not.
///
/// The interval is a lower confidence bound. It is `None` where there is no valid one: for [`Confidence::Hoeffding`] and
/// [`Confidence::EmpiricalBernstein`] with a T of infinite range (clamp the critic), with [`Bound::ShiftImproved`] (its shift
/// has seen the points), or with weights for the latter; for [`Confidence::Normal`] if the variance is not finite. Its basis says
/// whether it is asymptotic. No method can do much better for the Kullback-Leibler divergence: a bound that holds with high
/// probability for all distributions cannot exceed $O(\ln m)$ (McAllester and Stratos).
///
/// Outputs are used as they are: one that overflows makes the value $-\infty$.
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, not finite or of another dimension than the critic's; `OutOfRange` for an
/// option; `OutputCount` and `OutputNotANumber` if the critic gives a wrong number of outputs or a NaN; and as
/// [`LinearCritic::fit`](crate::LinearCritic::fit) for an output that the divergence cannot have.
///
/// # Example: the true log-ratio attains the divergence
///
/// ```
/// use tangency_divergence::{BoundOptions, CriticFunction, KullbackLeibler, Sample, variational_bound};
///
/// let q: Vec<f64> = (1..1000).map(|i| f64::from(i) / 1000.0).map(|u| (u / (1.0 - u)).ln()).collect();
/// let p: Vec<f64> = q.iter().map(|x| x + 1.0).collect(); // logistic distributions at 1 and 0
/// let log_ratio = |x: &[f64]| 1.0 + 2.0 * ((-x[0]).exp().ln_1p() - (1.0 - x[0]).exp().ln_1p());
/// let critic = CriticFunction::new(1, log_ratio);
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let bound = variational_bound(&KullbackLeibler, &critic, p, q, &BoundOptions::default())?;
/// assert!((bound.estimate.value - 0.164).abs() < 1e-3);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - X. Nguyen, M. J. Wainwright and M. I. Jordan, *Estimating divergence functionals and the likelihood ratio by convex risk
///   minimization*, IEEE Trans. Inf. Theory 56 (2010) 5847-5861.
/// - J. Birrell, M. A. Katsoulakis and Y. Pantazis, *Optimizing variational representations of divergences and accelerating
///   their statistical estimation*, IEEE Trans. Inf. Theory 68 (2022) 4553-4572: the shift.
/// - A. Maurer and M. Pontil, *Empirical Bernstein bounds and sample variance penalization*, COLT 2009, theorem 4.
/// - D. McAllester and K. Stratos, *Formal limitations on the measurement of mutual information*, AISTATS 2020.
pub fn variational_bound(
    f: &dyn FDivergence,
    critic: &dyn Critic,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &BoundOptions,
) -> Result<BoundEstimate, SampleError> {
    let output = options.output.unwrap_or_else(|| Output::natural(f));
    check_output(f, output)?;
    let level = options.level.0;
    if !(level > 0.0 && level < 1.0) {
        return Err(SampleError::OutOfRange { what: "the level", range: "between 0 and 1", value: level });
    }
    let limit = options.clamp.unwrap_or(f64::INFINITY);
    if options.clamp.is_some() {
        crate::gaussian::check_all("the clamp", &[limit])?;
    }
    let (p, q, mut v_p, mut v_q) = outputs(critic, p, q)?;
    let outside = v_p.iter().chain(&v_q).filter(|v| v.abs() > limit).count();
    let clamped = outside as f64 / (p.rows + q.rows) as f64;
    for v in v_p.iter_mut().chain(&mut v_q) {
        *v = v.clamp(-limit, limit);
    }
    let activation = Activation { f, output };
    let gain = Mean::of(&v_p, &p, |v| activation.gain(v));
    let (cost, shift) = match options.bound {
        Bound::Nwj => (Mean::of(&v_q, &q, |v| activation.cost(v)), 0.0),
        Bound::ShiftImproved => {
            let t: Vec<f64> = v_q.iter().map(|v| activation.gain(*v)).collect();
            let shift = best_shift(f, &t, &q);
            // No shift of an infinite T helps.
            if shift.is_finite() {
                (Mean::of(&t, &q, |t| f.conjugate(t - shift)), shift)
            } else {
                (Mean::of(&v_q, &q, |v| activation.cost(v)), 0.0)
            }
        }
    };
    let value = gain.less(&cost) - shift;
    let standard_error = gain.combined_error(&cost);
    let ranges =
        [activation.gain(limit) - activation.gain(-limit), activation.cost(limit) - activation.cost(-limit)];
    let width = match options.confidence {
        Confidence::Normal => {
            standard_error.map(|e| (e * SQRT_2 * erfc_inv(2.0 * (1.0 - level)), Basis::HeldOutNormal))
        }
        Confidence::Hoeffding if options.bound == Bound::Nwj => {
            Some((hoeffding(ranges, &p, &q, 1.0 - level), Basis::HeldOutHoeffding))
        }
        Confidence::EmpiricalBernstein
            if options.bound == Bound::Nwj && p.weights.is_none() && q.weights.is_none() =>
        {
            let half = 0.5 * (1.0 - level);
            let side =
                |mean: &Mean, range: f64, points: &Points| bernstein(mean.variance, range, points.rows, half);
            Some((side(&gain, ranges[0], &p) + side(&cost, ranges[1], &q), Basis::HeldOutBernstein))
        }
        _ => None,
    };
    let interval = width.filter(|(width, _)| width.is_finite()).map(|(width, basis)| Interval {
        lower: value - width,
        upper: f64::INFINITY,
        level,
        basis,
    });
    let ratios: Vec<f64> = v_q.iter().map(|v| activation.ratio(*v)).collect();
    Ok(BoundEstimate {
        estimate: Estimate { value, standard_error, interval, method: Method::Variational },
        effective_sample_size: effective_sample_size(&ratios, &q),
        clamped,
    })
}

/// The outputs of a critic at the points of both samples.
pub(super) fn outputs(
    critic: &dyn Critic,
    p: Sample<'_>,
    q: Sample<'_>,
) -> Result<(Points, Points, Vec<f64>, Vec<f64>), SampleError> {
    let (p_points, q_points) = read_pair(p, q)?;
    if critic.dimension() != p_points.dimension {
        return Err(SampleError::PointDimension { expected: critic.dimension(), got: p_points.dimension });
    }
    let evaluate = |sample: Sample<'_>, side: Side| {
        let v = critic.evaluate(sample.points());
        if v.len() != sample.len() {
            return Err(SampleError::OutputCount { points: sample.len(), got: v.len() });
        }
        match v.iter().position(|v| v.is_nan()) {
            Some(row) => Err(SampleError::OutputNotANumber { side, row }),
            None => Ok(v),
        }
    };
    let (v_p, v_q) = (evaluate(p, Side::P)?, evaluate(q, Side::Q)?);
    Ok((p_points, q_points, v_p, v_q))
}

/// The ν that minimises $\nu + E_Q f^\ast(T - \nu)$: where the mean of $(f^\ast)^\prime(T - \nu)$ is 1. Infinite if T is.
fn best_shift(f: &dyn FDivergence, t: &[f64], q: &Points) -> f64 {
    let counted = || t.iter().enumerate().filter(|(j, _)| q.weight(*j) > 0.0).map(|(_, t)| *t);
    let neutral = f.derivative(1.0);
    let highest = counted().fold(f64::NEG_INFINITY, f64::max);
    let lowest = counted().filter(|t| t.is_finite()).fold(f64::INFINITY, f64::min);
    if !(highest.is_finite() && lowest.is_finite()) {
        return f64::INFINITY;
    }
    // At the upper end every ratio is at most 1, at the lower end at least 1 or outside the domain.
    let (mut low, mut high) = (lowest - neutral, highest - neutral);
    for _ in 0..200 {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        let mean: f64 = (0..t.len())
            .filter(|&j| q.weight(j) > 0.0)
            .map(|j| q.weight(j) * f.conjugate_derivative(t[j] - middle))
            .sum();
        // Outside the domain the derivative is NaN, and the shift too small.
        if mean <= 1.0 { high = middle } else { low = middle }
    }
    high
}

/// Hoeffding's deviation of a difference of two means, one-sided.
fn hoeffding([range_p, range_q]: [f64; 2], p: &Points, q: &Points, delta: f64) -> f64 {
    let squares = |points: &Points| (0..points.rows).map(|i| points.weight(i).powi(2)).sum::<f64>();
    (0.5 * (1.0 / delta).ln() * (range_p * range_p * squares(p) + range_q * range_q * squares(q))).sqrt()
}

/// Maurer and Pontil's deviation of one mean with this variance of the mean, one-sided.
fn bernstein(variance_of_mean: f64, range: f64, n: usize, delta: f64) -> f64 {
    let log = (2.0 / delta).ln();
    (2.0 * variance_of_mean * log).sqrt() + 7.0 * range * log / (3.0 * (n as f64 - 1.0))
}

fn effective_sample_size(ratios: &[f64], q: &Points) -> f64 {
    let terms: Vec<f64> = ratios
        .iter()
        .enumerate()
        .map(|(j, u)| if q.weight(j) > 0.0 { q.weight(j) * u } else { 0.0 })
        .collect();
    let largest = terms.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return 0.0;
    }
    if largest.is_infinite() {
        return terms.iter().filter(|t| t.is_infinite()).count() as f64;
    }
    let (sum, squares) =
        terms.iter().fold((0.0, 0.0), |(s, r), t| (s + t / largest, r + (t / largest).powi(2)));
    sum * sum / squares
}

/// Donsker's and Varadhan's bound of the Kullback-Leibler divergence, $E_P v - \ln E_Q e^v$.
///
/// The same as [`Bound::ShiftImproved`] for [`KullbackLeibler`](crate::KullbackLeibler), without a search. It is never below
/// [`Bound::Nwj`] for the same critic, and a constant added to the critic does not change it. The logarithm of a mean is
/// biased: the held-out value is on average too large, by about the variance of $e^v$ over twice m times its squared mean, so
/// it is *not* a lower bound, and its interval is asymptotic.
///
/// # Errors
///
/// As [`variational_bound`].
///
/// # References
///
/// - M. D. Donsker and S. R. S. Varadhan, *Asymptotic evaluation of certain Markov process expectations for large time, IV*,
///   Comm. Pure Appl. Math. 36 (1983) 183-212.
pub fn donsker_varadhan_bound(
    critic: &dyn Critic,
    p: Sample<'_>,
    q: Sample<'_>,
    level: Level,
) -> Result<BoundEstimate, SampleError> {
    renyi_bound(1.0, critic, p, q, level)
}

/// The variational bound of the Rényi divergence of order α,
///
/// $$ R_\alpha(P \Vert Q) \ge \frac{\alpha}{\alpha - 1} \ln E_P e^{(\alpha - 1) v} - \ln E_Q e^{\alpha v}, $$
///
/// with equality for $v = \ln(p/q)$; α = 1 is Donsker's and Varadhan's bound. The paper's divergence is this one over α.
///
/// The means are exact, their logarithms biased: for α > 1 the first too small and for every α the second too large, so the
/// held-out value is *not* a lower bound, and its interval (by the delta method) is asymptotic. Means of exponentials have a
/// large variance where the distributions are far apart, the more so the larger α.
///
/// # Errors
///
/// As [`variational_bound`]; `OutOfRange` for an order that is not finite and positive.
///
/// # References
///
/// - J. Birrell, P. Dupuis, M. A. Katsoulakis, L. Rey-Bellet and J. Wang, *Variational representations and neural network
///   estimation of Rényi divergences*, SIAM J. Math. Data Sci. (2021), arXiv:2007.03814.
pub fn renyi_bound(
    order: f64,
    critic: &dyn Critic,
    p: Sample<'_>,
    q: Sample<'_>,
    level: Level,
) -> Result<BoundEstimate, SampleError> {
    crate::gaussian::check_all("the order", &[order])?;
    let level = level.0;
    if !(level > 0.0 && level < 1.0) {
        return Err(SampleError::OutOfRange { what: "the level", range: "between 0 and 1", value: level });
    }
    let (p, q, v_p, v_q) = outputs(critic, p, q)?;
    let (first, first_variance) = if (order - 1.0).abs() < 1e-8 {
        let mean = Mean::of(&v_p, &p, |v| v);
        (mean.value, mean.variance)
    } else {
        let (ln_mean, variance) = ln_mean_exp(&v_p, &p, order - 1.0);
        let factor = order / (order - 1.0);
        (factor * ln_mean, factor * factor * variance)
    };
    let (second, second_variance) = ln_mean_exp(&v_q, &q, order);
    let value = first - second;
    let variance = first_variance + second_variance;
    let standard_error = (variance.is_finite() && value.is_finite()).then(|| variance.sqrt());
    let interval = standard_error.map(|e| Interval {
        lower: value - e * SQRT_2 * erfc_inv(2.0 * (1.0 - level)),
        upper: f64::INFINITY,
        level,
        basis: Basis::HeldOutNormal,
    });
    // Relative to the largest, which cancels.
    let largest = v_q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ratios: Vec<f64> = v_q.iter().map(|v| (order * (v - largest)).exp()).collect();
    Ok(BoundEstimate {
        estimate: Estimate { value, standard_error, interval, method: Method::Variational },
        effective_sample_size: effective_sample_size(&ratios, &q),
        clamped: 0.0,
    })
}

/// $\ln E e^{s v}$, and its variance by the delta method.
fn ln_mean_exp(v: &[f64], points: &Points, scale: f64) -> (f64, f64) {
    let counted = (0..v.len()).filter(|&i| points.weight(i) > 0.0);
    let largest = counted.map(|i| scale * v[i]).fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return (largest, f64::NAN);
    }
    let mean = Mean::of(v, points, |v| (scale * v - largest).exp());
    (largest + mean.value.ln(), mean.variance / (mean.value * mean.value))
}
