//! Divergences of histograms.

mod bins;
mod count;

pub use bins::Bins;

use crate::error::{MassError, SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::generator::FDivergence;
use crate::mass::{Smoothing, divergence, probabilities};
use crate::sample::{Points, Sample};
use bins::{Axis, MOST};

/// How histograms are made. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramOptions {
    /// The bins of every coordinate. Default [`Bins::FreedmanDiaconis`].
    pub bins: Bins,
    /// What is done to counts, in both histograms: those of all cells of the grid, and of cells outside it that have points.
    /// A weighted sample counts as its effective number of points. Default [`Smoothing::None`].
    pub smoothing: Smoothing,
}

impl Default for HistogramOptions {
    fn default() -> Self {
        Self { bins: Bins::FreedmanDiaconis, smoothing: Smoothing::None }
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
/// $\sum_b \hat q_b f(\hat p_b / \hat q_b)$, where a cell without points of Q costs $f^\prime(\infty) \hat p_b$ and one
/// without points of either costs nothing. So it is infinite as soon as $f^\prime(\infty)$ or $f(0)$ is and a cell has points
/// of one sample alone; nothing is added to empty cells unless [`smoothing`](HistogramOptions::smoothing) says so, and then
/// the result depends on it.
///
/// **Bias.** Binning loses information: with infinitely many points the value is that of the binned distributions, which is
/// never larger. Finite samples add about $\tfrac 1 2 f^{\prime\prime}(1) (B - 1)(1/n + 1/m)$ with B occupied cells. Both
/// together leave no interval. In more than two or three dimensions nearly every cell is empty, and the estimate is
/// worthless.
///
/// The standard error is that of the shares by the delta method, at fixed bins. Weights are allowed. Costs a pass over the
/// points, and a sort for [`Bins::FreedmanDiaconis`] and [`Bins::Quantile`].
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, not finite or of different dimensions; `OutOfRange` for an option, and for
/// more than 2²⁴ cells; `Degenerate` for an interquartile range of zero where it decides the width.
///
/// # Example: infinite, unless smoothed
///
/// ```
/// use tangency_divergence::{Bins, HistogramOptions, KullbackLeibler, Sample, Smoothing, histogram_divergence};
///
/// let (p, q) = ([0.5, 0.5, 1.5], [0.5, 0.5, 0.5]);
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let bins = Bins::Edges(vec![0.0, 1.0, 2.0]);
/// let raw = HistogramOptions { bins: bins.clone(), ..Default::default() };
/// assert_eq!(histogram_divergence(&KullbackLeibler, p, q, &raw)?.value, f64::INFINITY);
/// let laplace = HistogramOptions { bins, smoothing: Smoothing::Laplace };
/// let expected = 0.6 * (3.0_f64 / 4.0).ln() + 0.4 * 2.0_f64.ln();
/// assert!((histogram_divergence(&KullbackLeibler, p, q, &laplace)?.value - expected).abs() < 1e-15);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - D. Freedman and P. Diaconis, *On the histogram as a density estimator: L2 theory*, Z. Wahrscheinlichkeitstheorie verw.
///   Gebiete 57 (1981) 453-476.
pub fn histogram_divergence(
    f: &dyn FDivergence,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &HistogramOptions,
) -> Result<Estimate, SampleError> {
    let fast_p = if p.dimension() == q.dimension() { fast(p, &options.bins, Side::P)? } else { None };
    let fast_q = if fast_p.is_some() { fast(q, &options.bins, Side::Q)? } else { None };
    let (p, q, lengths) = if let (Some(p_counts), Some(q_counts)) = (fast_p, fast_q) {
        let lengths = vec![p_counts.len() - 2];
        let counts = |counts: Vec<u64>| counts.into_iter().map(|c| c as f64).collect();
        (
            Histogram { counts: counts(p_counts), size: p.len() as f64 },
            Histogram { counts: counts(q_counts), size: q.len() as f64 },
            lengths,
        )
    } else {
        let (p, q) = crate::sample::read_pair(p, q)?;
        let axes = axes(&options.bins, &p, &q)?;
        (histogram(&axes, &p), histogram(&axes, &q), axes.iter().map(Axis::len).collect())
    };
    let bins = lengths.iter().product();
    let (value, variance) = plug_in(f, &p, &q, &lengths, options.smoothing).map_err(|error| match error {
        MassError::OutOfRange { what, range, value } => SampleError::OutOfRange { what, range, value },
        _ => SampleError::Degenerate { what: "the total of the counts" },
    })?;
    let standard_error = (variance.is_finite() && value.is_finite()).then(|| variance.sqrt());
    Ok(Estimate { value, standard_error, interval: None, method: Method::Histogram { bins } })
}

/// Counts in cells, and the number of points that they stand for.
struct Histogram {
    counts: Vec<f64>,
    size: f64,
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
        return Err(SampleError::OutOfRange {
            what: "the number of cells",
            range: "at most 2^24",
            value: cells,
        });
    }
    Ok(axes)
}

/// The count of every cell of the grid, with the cells outside.
fn histogram(axes: &[Axis], points: &Points) -> Histogram {
    let size = size(points);
    let mut counts = vec![0.0; axes.iter().map(|axis| axis.len() + 2).product()];
    for i in 0..points.rows {
        let cell =
            axes.iter().zip(points.row(i)).fold(0, |cell, (axis, x)| cell * (axis.len() + 2) + axis.find(*x));
        counts[cell] += if points.weights.is_some() { points.weight(i) * size } else { 1.0 };
    }
    Histogram { counts, size }
}

/// Whether a cell is one of the grid, and not outside it.
fn is_inside(mut cell: usize, lengths: &[usize]) -> bool {
    lengths.iter().rev().all(|length| {
        let bin = cell % (length + 2);
        cell /= length + 2;
        bin > 0 && bin <= *length
    })
}

/// The divergence of two histograms, and its variance by the delta method.
fn plug_in(
    f: &dyn FDivergence,
    p: &Histogram,
    q: &Histogram,
    lengths: &[usize],
    smoothing: Smoothing,
) -> Result<(f64, f64), MassError> {
    let mut kept = [Vec::new(), Vec::new()];
    for (cell, (c, d)) in p.counts.iter().zip(&q.counts).enumerate() {
        // An empty cell changes nothing unless it is smoothed.
        if *c > 0.0 || *d > 0.0 || (smoothing != Smoothing::None && is_inside(cell, lengths)) {
            kept[0].push(*c);
            kept[1].push(*d);
        }
    }
    let (p_shares, q_shares) = (probabilities(&kept[0], smoothing)?, probabilities(&kept[1], smoothing)?);
    let value = divergence(f, &p_shares, &q_shares)?;
    let (mut gain, mut cost) = ([0.0; 2], [0.0; 2]);
    let add = |sums: &mut [f64; 2], mass: f64, slope: f64| {
        if mass > 0.0 {
            *sums = [sums[0] + mass * slope, sums[1] + mass * slope * slope];
        }
    };
    for (&p, &q) in p_shares.iter().zip(&q_shares) {
        let v = (p / q).ln();
        // The derivatives by the two shares are T and -f*(T), with their limits where a share is zero.
        add(&mut gain, p, if q > 0.0 { f.critic(v) } else { f.slope_at_infinity() });
        add(&mut cost, q, if p > 0.0 { -f.conjugate_of_critic(v) } else { f.at_zero() });
    }
    let variance = |[mean, square]: [f64; 2], size: f64| (square - mean * mean).max(0.0) / size;
    Ok((value, variance(gain, p.size) + variance(cost, q.size)))
}
