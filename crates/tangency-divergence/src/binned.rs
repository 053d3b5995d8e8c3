//! Divergences of histograms.

mod bins;
mod count;

pub use bins::Bins;

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::generator::FDivergence;
use crate::sample::{Points, Sample};
use bins::{Axis, MOST};

/// How histograms are made. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramOptions {
    /// The bins of every coordinate. Default [`Bins::FreedmanDiaconis`].
    pub bins: Bins,
    /// This number is added to the count of every cell of both histograms: 1 is Laplace's rule, ½ Jeffreys's prior. Finite and not
    /// negative; for weighted samples in units of the effective number of points. Default 0, nothing.
    pub pseudo_count: f64,
}

impl Default for HistogramOptions {
    fn default() -> Self {
        Self { bins: Bins::FreedmanDiaconis, pseudo_count: 0.0 }
    }
}

/// How many points of a sample on the line lie below the bins, in each of them, and above.
///
/// Evenly spaced bins take one pass near the speed of memory: bins are found with vector instructions, and only numbers within
/// rounding of an edge are compared with it. No copy is made of points that lie one after another.
///
/// # Errors
///
/// [`SampleError`] for points of more than one dimension, weights, a number that is not finite, and bins that are impossible.
///
/// # Example: what is outside is counted too
///
/// ```
/// use tangency_divergence::{Bins, Sample, histogram_counts};
///
/// let numbers = [-1.0, 0.0, 0.5, 0.5, 1.0, 7.0];
/// let bins = Bins::Uniform { lower: 0.0, upper: 1.0, count: 2 };
/// assert_eq!(histogram_counts(Sample::from(&numbers[..]), &bins)?, [1, 1, 3, 1]);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn histogram_counts(sample: Sample<'_>, bins: &Bins) -> Result<Vec<u64>, SampleError> {
    if sample.weights().is_some() {
        return Err(SampleError::WeightsNotAllowed { side: Side::P });
    }
    if sample.dimension() > 1 {
        return Err(SampleError::PointDimension { expected: 1, got: sample.dimension() });
    }
    if let Some(counts) = fast(sample, bins, Side::P)? {
        return Ok(counts);
    }
    let points = sample.read(Side::P)?;
    let axis = Axis::new(bins, || points.data.clone())?;
    let mut counts = vec![0; axis.len() + 2];
    for &x in &points.data {
        counts[axis.find(x)] += 1;
    }
    Ok(counts)
}

/// The counts without a copy, where that is possible.
fn fast(sample: Sample<'_>, bins: &Bins, side: Side) -> Result<Option<Vec<u64>>, SampleError> {
    let points = sample.points();
    if !matches!(bins, Bins::Uniform { .. }) || points.ncols() != 1 || sample.weights().is_some() {
        return Ok(None);
    }
    let Some(column) = points.col(0).try_as_col_major() else { return Ok(None) };
    if sample.is_empty() {
        return Err(SampleError::TooFew { side, points: 0, needed: 1 });
    }
    let axis = Axis::new(bins, Vec::new)?;
    let Some(uniform) = axis.evenly_spaced() else { return Ok(None) };
    count::count(&axis, &uniform, column.as_slice(), side).map(Some)
}

/// Estimates an f-divergence by the shares of both samples in common bins.
///
/// With the shares $\hat p_b$ and $\hat q_b$ of the cells of a grid (a product of bins in every coordinate) the estimate is
/// $\sum_b \hat q_b f(\hat p_b / \hat q_b)$, where a cell without points of Q costs $f^\prime(\infty) \hat p_b$ and one without points of either costs
/// nothing. So it is infinite as soon as $f^\prime(\infty)$ or $f(0)$ is and a cell has points of one sample alone; nothing is added to
/// empty cells unless [`pseudo_count`](HistogramOptions::pseudo_count) says so, and then the result depends on it.
///
/// **Bias.** Binning loses information: with infinitely many points the value is that of the binned distributions, which is
/// never larger. Finite samples add about $\tfrac 1 2 f^{\prime\prime}(1) (B - 1)(1/n + 1/m)$ with B occupied cells. Both together leave
/// no interval. In more than two or three dimensions nearly every cell is empty, and the estimate is worthless.
///
/// The standard error is that of the shares by the delta method, at fixed bins. Weights are allowed. Costs a pass over the points, and
/// a sort for [`Bins::FreedmanDiaconis`] and [`Bins::Quantile`].
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, not finite or of different dimensions; `OutOfRange` for an option, and for more than
/// 2²⁴ cells; `Degenerate` for an interquartile range of zero where it decides the width.
///
/// # Example: infinite, unless smoothed
///
/// ```
/// use tangency_divergence::{Bins, HistogramOptions, KullbackLeibler, Sample, histogram_divergence};
///
/// let (p, q) = ([0.5, 0.5, 1.5], [0.5, 0.5, 0.5]);
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let bins = Bins::Edges(vec![0.0, 1.0, 2.0]);
/// let raw = HistogramOptions { bins: bins.clone(), ..Default::default() };
/// assert_eq!(histogram_divergence(&KullbackLeibler, p, q, &raw)?.value, f64::INFINITY);
/// let laplace = HistogramOptions { bins, pseudo_count: 1.0 };
/// let expected = 0.6 * (3.0_f64 / 4.0).ln() + 0.4 * 2.0_f64.ln();
/// assert!((histogram_divergence(&KullbackLeibler, p, q, &laplace)?.value - expected).abs() < 1e-15);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - D. Freedman and P. Diaconis, *On the histogram as a density estimator: L2 theory*, Z. Wahrscheinlichkeitstheorie verw. Gebiete 57
///   (1981) 453-476.
pub fn histogram_divergence(
    f: &dyn FDivergence,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &HistogramOptions,
) -> Result<Estimate, SampleError> {
    let pseudo_count = options.pseudo_count;
    if !(pseudo_count.is_finite() && pseudo_count >= 0.0) {
        let range = "finite and not negative";
        return Err(SampleError::OutOfRange { what: "the pseudo-count", range, value: pseudo_count });
    }
    let shares = |counts: Vec<u64>, points: usize| -> Vec<f64> {
        counts.into_iter().map(|c| c as f64 / points as f64).collect()
    };
    let fast_p = if p.dimension() == q.dimension() { fast(p, &options.bins, Side::P)? } else { None };
    let fast_q = if fast_p.is_some() { fast(q, &options.bins, Side::Q)? } else { None };
    let (masses, sizes, inner) = if let (Some(p_counts), Some(q_counts)) = (fast_p, fast_q) {
        let inner = p_counts.len() - 2;
        ([shares(p_counts, p.len()), shares(q_counts, q.len())], [p.len() as f64, q.len() as f64], inner)
    } else {
        let (p, q) = crate::sample::read_pair(p, q)?;
        let axes = axes(&options.bins, &p, &q)?;
        let inner = axes.iter().map(Axis::len).product();
        ([masses(&axes, &p), masses(&axes, &q)], [size(&p), size(&q)], inner)
    };
    let [p, q] = masses;
    let (value, variance) = plug_in(f, (&p, sizes[0]), (&q, sizes[1]), pseudo_count);
    let standard_error = (variance.is_finite() && value.is_finite()).then(|| variance.sqrt());
    Ok(Estimate { value, standard_error, interval: None, method: Method::Histogram { bins: inner } })
}

/// The effective number of points.
fn size(points: &Points) -> f64 {
    1.0 / (0..points.rows).map(|i| points.weight(i).powi(2)).sum::<f64>()
}

fn axes(bins: &Bins, p: &Points, q: &Points) -> Result<Vec<Axis>, SampleError> {
    let d = p.dimension;
    let axes = (0..d)
        .map(|k| {
            let column = |points: &Points| points.data.iter().skip(k).step_by(d).copied().collect::<Vec<_>>();
            Axis::new(bins, || [column(p), column(q)].concat())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let cells = axes.iter().fold(1.0, |cells, axis| cells * (axis.len() + 2) as f64);
    if cells > MOST as f64 {
        return Err(SampleError::OutOfRange { what: "the number of cells", range: "at most 2^24", value: cells });
    }
    Ok(axes)
}

/// The mass of every cell of the grid, with the cells outside.
fn masses(axes: &[Axis], points: &Points) -> Vec<f64> {
    let mut masses = vec![0.0; axes.iter().map(|axis| axis.len() + 2).product()];
    for i in 0..points.rows {
        let cell = axes.iter().zip(points.row(i)).fold(0, |cell, (axis, x)| cell * (axis.len() + 2) + axis.find(*x));
        masses[cell] += points.weight(i);
    }
    masses
}

/// The divergence of masses, and its variance by the delta method. A pseudo-count goes to the cells that a point can be in; those
/// outside the bins are among them only if there is a point.
fn plug_in(f: &dyn FDivergence, (p, n): (&[f64], f64), (q, m): (&[f64], f64), pseudo_count: f64) -> (f64, f64) {
    let outside_is_empty = |b: usize| p[b] == 0.0 && q[b] == 0.0;
    let cells: Vec<usize> = if p.len() >= 3 && pseudo_count > 0.0 { (0..p.len()).collect() } else { (0..p.len()).filter(|b| !outside_is_empty(*b)).collect() };
    let total = pseudo_count * cells.len() as f64;
    let (mut value, mut gain, mut cost) = (0.0, [0.0; 2], [0.0; 2]);
    for b in cells {
        let (p, q) = ((n * p[b] + pseudo_count) / (n + total), (m * q[b] + pseudo_count) / (m + total));
        if q > 0.0 {
            value += q * f.generator(p / q);
        } else if p > 0.0 {
            value += p * f.slope_at_infinity();
        }
        // Gradients by the masses: f'(u), and f(u) - u f'(u).
        if p > 0.0 && q > 0.0 {
            let slope = f.derivative(p / q);
            let by_q = f.generator(p / q) - p / q * slope;
            gain = [gain[0] + p * slope, gain[1] + p * slope * slope];
            cost = [cost[0] + q * by_q, cost[1] + q * by_q * by_q];
        } else if p > 0.0 {
            let slope = f.slope_at_infinity();
            gain = [gain[0] + p * slope, gain[1] + p * slope * slope];
        } else if q > 0.0 {
            let by_q = f.at_zero();
            cost = [cost[0] + q * by_q, cost[1] + q * by_q * by_q];
        }
    }
    let variance = |[mean, square]: [f64; 2], count: f64| (square - mean * mean).max(0.0) / count;
    (value, variance(gain, n) + variance(cost, m))
}
