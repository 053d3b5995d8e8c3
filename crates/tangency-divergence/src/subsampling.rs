//! Intervals from the spread of an estimate over subsamples drawn without replacement.

use crate::error::{SampleError, Side};
use crate::estimate::{Basis, Estimate, Interval};
use crate::neighbour_divergence::gather;
use crate::parallel::map_parts;
use crate::sample::{Points, Sample};
use rand::Rng;
use rand::seq::index;

/// How an interval by subsampling is made.
///
/// A statistic $\hat\theta$ of n points is computed again from $b < n$ of them, drawn without replacement, many times. If
/// $\sqrt n (\hat\theta - \mathbb E \hat\theta)$ has a limit in distribution, the deviations $\theta^\ast$ of these values
/// from their mean have the same one with rate $\sqrt b$, and the interval of level $1 - \alpha$ is
///
/// $$ \lbrack \hat\theta - s c_{1-\alpha/2}, \quad \hat\theta - s c_{\alpha/2} \rbrack, \quad
///    s = \sqrt{\frac{b}{n - b}}, $$
///
/// with the quantiles $c$ of those deviations. The $n - b$ in place of $n$ is the correction for drawing from a finite
/// population. With two samples both are thinned by the same factor, so that their ratio stays what it is.
///
/// Why not the bootstrap: it draws points twice, and a nearest neighbour at distance zero, or a kernel that sees a point
/// again in the held-out half, is another statistic than the one in question.
///
/// Why centred at their mean, and not at $\hat\theta$: the bias of most estimators falls with the number of points, so that of
/// the subsamples is larger; it would move the interval. What remains is blind to the bias of $\hat\theta$ itself: an interval
/// holds the true value at its level only where that bias is small beside the standard error.
///
/// Costs one estimate from $b$ points for each subsample.
///
/// # References
///
/// - D. N. Politis, J. P. Romano, *Large sample confidence regions based on subsamples under minimal assumptions*, Annals of
///   Statistics 22 (1994) 2031-2050.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubsamplingOptions {
    /// The share of repetitions in which the interval is meant to hold the true value: strictly between 0 and 1. Default 0.95.
    pub level: f64,
    /// How many subsamples are drawn: at least 20. Default 200.
    pub subsamples: usize,
    /// β: a subsample has about $n^\beta$ points, strictly between 0 and 1. Default 0.75: smaller subsamples
    /// make intervals of skew estimates too short, larger ones make all of them too long.
    pub exponent: f64,
}

impl Default for SubsamplingOptions {
    fn default() -> Self {
        Self { level: 0.95, subsamples: 200, exponent: 0.75 }
    }
}

impl SubsamplingOptions {
    /// Refuses values out of range.
    pub(crate) fn check(&self) -> Result<(), SampleError> {
        let out_of_range = |what, range, value| Err(SampleError::OutOfRange { what, range, value });
        let is_inside = |x: f64| x > 0.0 && x < 1.0;
        if !is_inside(self.level) {
            return out_of_range("the level of the interval", "strictly between 0 and 1", self.level);
        }
        if self.subsamples < 20 {
            return out_of_range("the number of subsamples", "at least 20", self.subsamples as f64);
        }
        if !is_inside(self.exponent) {
            return out_of_range("the exponent of the subsamples", "strictly between 0 and 1", self.exponent);
        }
        Ok(())
    }

    /// The sizes of the subsamples of two samples, thinned by the same factor; zero for a sample that is not there.
    ///
    /// They are smaller than the samples wherever these have two points or more.
    pub(crate) fn sizes(&self, rows_p: usize, rows_q: usize) -> (usize, usize) {
        let smaller = if rows_q == 0 { rows_p } else { rows_p.min(rows_q) };
        let share = (smaller.max(1) as f64).powf(self.exponent - 1.0);
        let size = |rows: usize| {
            if rows < 2 { rows } else { ((rows as f64 * share).round() as usize).clamp(1, rows - 1) }
        };
        (size(rows_p), size(rows_q))
    }
}

/// Gives any estimate from two samples a standard error and an interval by subsampling.
///
/// The estimate of all points is made by `estimator`, and made again on subsamples as [`SubsamplingOptions`] says; weights go
/// with their points. The standard error replaces the one that the estimator gave, which for a density ratio or a histogram
/// knows nothing of the fit or of the choice of bins. A number that the estimator chooses from the data, such as a width, is
/// chosen anew for each subsample, and then larger than for all points; where the estimate depends much on it, choose it
/// once, outside.
///
/// The interval is valid where the estimate, less its own mean, falls like $1/\sqrt n$, and it is blind to bias. The
/// estimators of this crate by nearest neighbours take the options themselves.
/// [`variational_bound`](crate::variational_bound) needs none: its interval comes from points that were held out.
///
/// Where the estimator fails on a subsample, or is not finite there, nothing is known: the standard error is infinite and the
/// interval the whole line. Costs one estimate of all points and one of $n^\beta$ for each subsample; the latter on all threads
/// with the feature `rayon`, with the same result.
///
/// # Errors
///
/// Those of the estimator on all points; options out of range; samples that are not finite or have bad weights.
///
/// # Example: an interval for a histogram
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{
///     Bins, HistogramOptions, Sample, SquaredHellinger, SubsamplingOptions, histogram_divergence, with_subsampling,
/// };
///
/// let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(1);
/// let p: Vec<f64> = (0..2000).map(|_| rng.random::<f64>()).collect();
/// let q: Vec<f64> = (0..2000).map(|_| rng.random::<f64>().sqrt()).collect(); // the density 2x
/// let bins = Bins::Uniform { lower: 0.0, upper: 1.0, count: 8 };
/// let histogram = HistogramOptions { bins, ..Default::default() };
/// let hellinger = SquaredHellinger::half();
/// let estimate = with_subsampling(
///     Sample::from(&p[..]),
///     Sample::from(&q[..]),
///     |p, q| histogram_divergence(&hellinger, p, q, &histogram),
///     &SubsamplingOptions::default(),
///     &mut rng,
/// )?;
/// let interval = estimate.interval.expect("asked for");
/// let truth = 1.0 - 8.0_f64.sqrt() / 3.0; // 1 − ∫ √(2x) dx
/// assert!(interval.lower < truth && truth < interval.upper);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn with_subsampling(
    p: Sample<'_>,
    q: Sample<'_>,
    estimator: impl Fn(Sample<'_>, Sample<'_>) -> Result<Estimate, SampleError> + Sync,
    options: &SubsamplingOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    options.check()?;
    let (p_points, q_points) = (p.read(Side::P)?, q.read(Side::Q)?);
    let mut estimate = estimator(p, q)?;
    let again = |rows_p: &[usize], rows_q: &[usize]| {
        let (p, q) = (chosen(&p_points, rows_p), chosen(&q_points, rows_q));
        estimator(p.as_sample(), q.as_sample()).map_or(f64::NAN, |estimate| estimate.value)
    };
    let (error, interval) =
        subsample_interval(p_points.rows, q_points.rows, estimate.value, again, options, rng)?;
    estimate.standard_error = Some(error);
    estimate.interval = Some(interval);
    Ok(estimate)
}

/// Some of the points, with their weights.
pub(crate) fn chosen(points: &Points, rows: &[usize]) -> Points {
    Points {
        data: gather(points, rows),
        rows: rows.len(),
        dimension: points.dimension,
        weights: points.weights.as_ref().map(|weights| rows.iter().map(|&row| weights[row]).collect()),
    }
}

/// Subsamples drawn before any of them is evaluated: bounds the memory for indices.
const BATCH: usize = 64;

/// The standard error of `value`, a statistic of `rows_p` and `rows_q` points with the rate √n, and an interval around it.
///
/// `estimator` is given the increasing row numbers of a subsample of each. For one sample, and for paired ones, `rows_q` is
/// zero and the second list empty. The caller sees to it by [`sizes`](SubsamplingOptions::sizes) that subsamples are large
/// enough for the estimator. Where it is not finite for some subsample, or `value` is not, nothing is known: the standard error
/// is infinite and the interval is the whole line.
pub(crate) fn subsample_interval(
    rows_p: usize,
    rows_q: usize,
    value: f64,
    estimator: impl Fn(&[usize], &[usize]) -> f64 + Sync,
    options: &SubsamplingOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<(f64, Interval), SampleError> {
    options.check()?;
    let (size_p, size_q) = options.sizes(rows_p, rows_q);
    let mut values = Vec::with_capacity(options.subsamples);
    while values.len() < options.subsamples {
        let draws: Vec<_> = (values.len()..options.subsamples.min(values.len() + BATCH))
            .map(|_| (draw(rows_p, size_p, rng), draw(rows_q, size_q, rng)))
            .collect();
        values.extend(map_parts(draws.len(), 1, |part| {
            let (p, q) = &draws[part.start];
            estimator(p, q)
        }));
    }
    let interval = |lower, upper| Interval { lower, upper, level: options.level, basis: Basis::Subsampling };
    if !value.is_finite() || values.iter().any(|v| !v.is_finite()) || size_p == rows_p {
        return Ok((f64::INFINITY, interval(f64::NEG_INFINITY, f64::INFINITY)));
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.sort_unstable_by(f64::total_cmp);
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0);
    let scale = (size_p as f64 / (rows_p - size_p) as f64).sqrt();
    let tail = 0.5 * (1.0 - options.level);
    let deviation = |probability: f64| scale * (quantile(&values, probability) - mean);
    Ok((scale * variance.sqrt(), interval(value - deviation(1.0 - tail), value - deviation(tail))))
}

/// `size` of the numbers below `rows`, each once, in increasing order.
fn draw(rows: usize, size: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<usize> {
    let mut chosen = index::sample(rng, rows, size).into_vec();
    chosen.sort_unstable();
    chosen
}

/// The quantile of sorted values whose rank is p (n + 1), between neighbours in proportion.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let rank = (probability * (sorted.len() + 1) as f64 - 1.0).clamp(0.0, (sorted.len() - 1) as f64);
    let below = rank as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (rank - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use rand_pcg::Pcg64Mcg;

    /// For the mean of n numbers the standard error is known: s / √n, whatever the size of the subsamples.
    #[test]
    fn standard_error_of_a_mean() {
        let mut rng = Pcg64Mcg::new(1);
        let numbers: Vec<f64> = (0..2000).map(|_| rng.random::<f64>()).collect();
        let mean_of = |rows: &[usize]| rows.iter().map(|&i| numbers[i]).sum::<f64>() / rows.len() as f64;
        let all: Vec<usize> = (0..numbers.len()).collect();
        let mean = mean_of(&all);
        let squares = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let exact = (squares / 1999.0 / 2000.0).sqrt();
        for exponent in [0.5, 0.7, 0.9] {
            let options = SubsamplingOptions { subsamples: 4000, exponent, ..Default::default() };
            let (error, interval) =
                subsample_interval(2000, 0, mean, |p, _| mean_of(p), &options, &mut rng).unwrap();
            // The standard deviation of 4000 normal numbers is known to 1.1 %.
            assert!((error / exact - 1.0).abs() < 0.045, "{exponent}: {error} and {exact}");
            let width = (interval.upper - interval.lower) / (2.0 * 1.959964 * exact);
            assert!((width - 1.0).abs() < 0.08, "{exponent}: width {width}");
        }
    }

    #[test]
    fn both_samples_are_thinned_alike_and_rows_are_distinct() {
        let options = SubsamplingOptions { exponent: 0.5, subsamples: 20, ..Default::default() };
        assert_eq!(options.sizes(100, 300), (10, 30));
        assert_eq!(options.sizes(100, 0), (10, 0));
        assert_eq!(options.sizes(1, 1), (1, 1));
        let check = |p: &[usize], q: &[usize]| {
            assert!(
                p.len() == 10
                    && q.len() == 30
                    && p.is_sorted_by(|a, b| a < b)
                    && q.is_sorted_by(|a, b| a < b)
            );
            0.0
        };
        subsample_interval(100, 300, 0.0, check, &options, &mut Pcg64Mcg::new(2)).unwrap();
    }

    #[test]
    fn what_is_not_finite_gives_the_whole_line() {
        let options = SubsamplingOptions::default();
        let go =
            |value, x| subsample_interval(50, 0, value, |_, _| x, &options, &mut Pcg64Mcg::new(3)).unwrap();
        for (value, x) in [(f64::INFINITY, 0.0), (0.0, f64::NAN), (0.0, f64::NEG_INFINITY)] {
            let (error, interval) = go(value, x);
            assert!(
                error == f64::INFINITY
                    && interval.lower == f64::NEG_INFINITY
                    && interval.upper == f64::INFINITY
            );
        }
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let default = SubsamplingOptions::default();
        for options in [
            SubsamplingOptions { level: 1.0, ..default },
            SubsamplingOptions { level: f64::NAN, ..default },
            SubsamplingOptions { subsamples: 19, ..default },
            SubsamplingOptions { exponent: 0.0, ..default },
        ] {
            assert!(matches!(options.check(), Err(SampleError::OutOfRange { .. })), "{options:?}");
        }
    }
}
