//! Less bias, from what an estimate changes when it sees fewer points.

use crate::error::{SampleError, Side};
use crate::estimate::Estimate;
use crate::parallel::map_parts;
use crate::sample::Sample;
use crate::subsampling::chosen;
use rand::Rng;
use rand::seq::SliceRandom;

/// How [`with_extrapolation`] takes the bias out of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExtrapolationOptions {
    /// s, into how many parts the points are divided: at least 2. Default 4.
    pub parts: usize,
    /// γ, the power of $1/n$ with which the bias falls: positive. Default ½, which is that of estimates by nearest neighbours in
    /// the plane, where the radius of a ball falls like $n^{-1/2}$; in d dimensions it is $1/d$, and 1 where d < 2.
    pub rate: f64,
}

impl Default for ExtrapolationOptions {
    fn default() -> Self {
        Self { parts: 4, rate: 0.5 }
    }
}

/// Any estimate from two samples, extrapolated to infinitely many points.
///
/// If the bias of $\hat\theta_n$ falls like $n^{-\gamma}$, the mean $\bar\theta$ of the estimates from s disjoint parts of the
/// points, of $n / s$ points each, has $s^\gamma$ times as much of it, and
///
/// $$ \tilde\theta = \frac{s^\gamma \hat\theta_n - \bar\theta}{s^\gamma - 1} $$
///
/// has none to first order (Richardson's extrapolation). What it costs is spread: that of the estimate over its own points stays,
/// and that which comes from the positions of neighbours is multiplied by $\sqrt{s^{2 \gamma} + 1} / (s^\gamma - 1)$, which is
/// $\sqrt 5$ by default. This pays where an interval has to hold the truth and bias takes it away: for the Rényi divergence of
/// order ½ of $N(0, I)$ and $N(0, 4 I)$ in the plane (`docs/estimators.md` has both). Where the bias is small beside the
/// spread, the plain estimate has the smaller error.
///
/// Where an estimate is infinite, there is nothing to extrapolate, and the value is that of all points. The parts are drawn by `rng`. An interval of the estimator is dropped, since it would be one for another estimate; for one
/// of this, put it into [`with_subsampling`](crate::with_subsampling), as below. Weights go with their points.
///
/// Costs one estimate of all points and s of a part of them.
///
/// # Errors
///
/// Those of the estimator, for all points or a part of them; fewer than two parts, a rate that is not positive, and fewer points
/// than parts.
///
/// # Example: an interval that holds the truth
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use rand_pcg::Pcg64Mcg;
/// use tangency_divergence::{
///     ExtrapolationOptions, NeighbourOptions, Sample, SubsamplingOptions, knn_renyi_divergence,
///     with_extrapolation, with_subsampling,
/// };
///
/// let mut rng = Pcg64Mcg::seed_from_u64(3);
/// let p: Vec<f64> = (0..1000).map(|_| rng.random::<f64>()).collect();
/// let q: Vec<f64> = (0..1000).map(|_| rng.random::<f64>().sqrt()).collect(); // the density 2x
/// let (options, extrapolation) =
///     (NeighbourOptions::default(), ExtrapolationOptions { rate: 1.0, ..Default::default() });
/// let seeded = Pcg64Mcg::seed_from_u64;
/// let renyi = |p: Sample<'_>, q: Sample<'_>| knn_renyi_divergence(p, q, 0.5, &options, &mut seeded(1));
/// let extrapolated =
///     |p: Sample<'_>, q: Sample<'_>| with_extrapolation(p, q, renyi, &extrapolation, &mut seeded(2));
/// let subsampling = SubsamplingOptions::default();
/// let estimate = with_subsampling(p[..].into(), q[..].into(), extrapolated, &subsampling, &mut rng)?;
/// let interval = estimate.interval.expect("asked for");
/// let truth = -2.0 * (8.0_f64.sqrt() / 3.0).ln(); // −2 ln ∫ √(2x) dx
/// assert!(interval.lower < truth && truth < interval.upper);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn with_extrapolation(
    p: Sample<'_>,
    q: Sample<'_>,
    estimator: impl Fn(Sample<'_>, Sample<'_>) -> Result<Estimate, SampleError> + Sync,
    options: &ExtrapolationOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    let &ExtrapolationOptions { parts, rate } = options;
    let out_of_range = |what, range, value| Err(SampleError::OutOfRange { what, range, value });
    if parts < 2 {
        return out_of_range("the number of parts", "at least 2", parts as f64);
    }
    if !(rate > 0.0 && rate.is_finite()) {
        return out_of_range("the rate of the bias", "positive and finite", rate);
    }
    let (p_points, q_points) = (p.read(Side::P)?, q.read(Side::Q)?);
    for (points, side) in [(&p_points, Side::P), (&q_points, Side::Q)] {
        if points.rows < parts {
            return Err(SampleError::TooFew { side, points: points.rows, needed: parts });
        }
    }
    let whole = estimator(p, q)?;
    let mut shuffled = |rows: usize| {
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(rng);
        order
    };
    let (p_order, q_order) = (shuffled(p_points.rows), shuffled(q_points.rows));
    // Sizes differ by one at most.
    let part = |order: &[usize], index: usize| {
        let mut rows = order[index * order.len() / parts..(index + 1) * order.len() / parts].to_vec();
        rows.sort_unstable();
        rows
    };
    let values = map_parts(parts, 1, |range| {
        let (rows_p, rows_q) = (part(&p_order, range.start), part(&q_order, range.start));
        let (p, q) = (chosen(&p_points, &rows_p), chosen(&q_points, &rows_q));
        estimator(p.as_sample(), q.as_sample()).map(|estimate| estimate.value)
    });
    let mut mean = 0.0;
    for value in values {
        mean += value? / parts as f64;
    }
    // θ̂ + (θ̂ − θ̄) / (s^γ − 1)
    let correction = (whole.value - mean) / (rate * (parts as f64).ln()).exp_m1();
    let value = whole.value + if correction.is_finite() { correction } else { 0.0 };
    Ok(Estimate { value, standard_error: None, interval: None, ..whole })
}
