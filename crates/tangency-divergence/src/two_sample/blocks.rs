//! Tests that look at few pairs of points: means over blocks, with normal p-values.

use super::mmd::{KernelWidth, MmdKernel};
use super::permutation::read_exchangeable;
use super::pooled::Pooled;
use super::{Reference, TestMethod, TwoSampleTest, tails};
use crate::error::SampleError;
use crate::parallel::map_parts;
use crate::sample::{Points, Sample};

/// Tests $P = Q$ by the mean of unbiased estimates of the squared maximum mean discrepancy over blocks, without permutations.
///
/// The samples are cut into S blocks in their order, of about n/S points of P and m/S of Q, and
///
/// $$ \bar \eta = \frac{1}{S} \sum_{s=1}^S \widehat{\operatorname{MMD}}^2_s, \quad
///    p = 1 - \Phi(\sqrt S \bar \eta / \hat \sigma) $$
///
/// with the standard deviation $\hat \sigma$ of the S estimates. Between the linear-time test (blocks of two,
/// [`mmd_linear_test`]) and [`mmd_test`](super::mmd_test) (one block): power grows with the size of blocks, and cost with it.
///
/// The p-value rests on the central limit theorem over blocks, and a block's estimate is skewed to the right if $P = Q$. With
/// fewer than some dozens of blocks the error of the level shows; `mmd_test` has none. The points must lie in random order,
/// since neighbours in memory share a block; what is left over after equal blocks is not used.
///
/// `size` is the number of points of the smaller sample in a block, at least 2, such that there are 2 blocks or more; Zaremba
/// et al. take $\sqrt n$. Costs $S (n/S + m/S)^2 / 2$ distances and exponentials. The median distance is that of at most 500
/// points of each sample, evenly spaced in their order.
///
/// # Errors
///
/// As [`mmd_test`](super::mmd_test); for a size out of range, and if all blocks have the same estimate.
///
/// # Example: ten thousand points in blocks of a hundred
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{KernelWidth, MmdKernel, Sample, mmd_block_test};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut uniform = |shift: f64| -> Vec<f64> { (0..10_000).map(|_| shift + rng.random::<f64>()).collect() };
/// let (p, q) = (uniform(0.0), uniform(0.05));
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let test = mmd_block_test(p, q, MmdKernel::Gaussian, KernelWidth::MedianDistance, 100)?;
/// assert!(test.p_value < 1e-4, "{test}");
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - W. Zaremba, A. Gretton, M. Blaschko, *B-test: a non-parametric, low variance kernel two-sample test*, NeurIPS 2013.
pub fn mmd_block_test(
    p: Sample<'_>,
    q: Sample<'_>,
    kernel: MmdKernel,
    width: KernelWidth,
    size: usize,
) -> Result<TwoSampleTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 4)?;
    kernel.check()?;
    let smaller = p.rows.min(q.rows);
    if size < 2 || size > smaller / 2 {
        let range = "at least 2, and at most half of the smaller sample";
        return Err(SampleError::OutOfRange { what: "the size of a block", range, value: size as f64 });
    }
    let width = width_of_few(&p, &q, width)?;
    let blocks = smaller / size;
    let (n, m) = (p.rows / blocks, q.rows / blocks);
    let estimates = map_parts(blocks, 1, |part| {
        let block = part.start;
        let pooled = Pooled::new(&part_of(&p, block * n, n), &part_of(&q, block * m, m));
        let width = pooled.in_own_unit(width);
        let sums = pooled.pair_sums(|_| 1.0, |values| kernel.of_squared_distances(width, values));
        let (n, m) = (n as f64, m as f64);
        2.0 * (sums.within_p / (n * (n - 1.0)) + sums.within_q / (m * (m - 1.0)) - sums.across / (n * m))
    });
    mean_test(&estimates, TestMethod::MmdBlock { kernel, width, blocks })
}

/// Tests $P = Q$ by an estimate of the squared maximum mean discrepancy that looks at each point twice.
///
/// $$ \frac{1}{S} \sum_{s=1}^S h_s, \quad h_s = k(x_{2s-1}, x_{2s}) + k(y_{2s-1}, y_{2s})
///    - k(x_{2s-1}, y_{2s}) - k(x_{2s}, y_{2s-1}), \quad S = \lfloor \min(n, m) / 2 \rfloor, $$
///
/// and $p = 1 - \Phi(\sqrt S \bar h / \hat \sigma)$ with the standard deviation of the $h_s$, which are independent. For
/// streams and millions of points: time and memory are linear in n. For as many points as [`mmd_test`](super::mmd_test) can
/// take, that test has far more power.
///
/// The points must lie in random order. What one sample has more than the other is not used. The p-value is asymptotic
/// in S. The median distance is that of at most 500 points of each sample, evenly spaced in their order.
///
/// # Errors
///
/// As [`mmd_test`](super::mmd_test), with at least four points in each sample; and if all $h_s$ are equal.
///
/// # Example: a million numbers
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{KernelWidth, MmdKernel, Sample, mmd_linear_test};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut uniform = |shift: f64| -> Vec<f64> { (0..500_000).map(|_| shift + rng.random::<f64>()).collect() };
/// let (p, q) = (uniform(0.0), uniform(0.1));
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let test = mmd_linear_test(p, q, MmdKernel::Gaussian, KernelWidth::Given(0.3))?;
/// assert!(test.p_value < 0.01, "{test}");
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf, A. Smola, *A kernel two-sample test*, JMLR 13 (2012) 723-773:
///   section 6, Lemma 14.
pub fn mmd_linear_test(
    p: Sample<'_>,
    q: Sample<'_>,
    kernel: MmdKernel,
    width: KernelWidth,
) -> Result<TwoSampleTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 4)?;
    kernel.check()?;
    let width = width_of_few(&p, &q, width)?;
    let terms = p.rows.min(q.rows) / 2;
    // One part at a time in a unit of its own, as blocks have it.
    let parts = map_parts(terms, 1024, |part| {
        let (start, length) = (2 * part.start, 2 * part.len());
        let pooled = Pooled::new(&part_of(&p, start, length), &part_of(&q, start, length));
        let width = pooled.in_own_unit(width);
        let mut values: Vec<f64> = (0..length)
            .step_by(2)
            .flat_map(|i| {
                [(i, i + 1), (length + i, length + i + 1), (i, length + i + 1), (i + 1, length + i)]
            })
            .map(|(i, j)| pooled.squared_distance(i, j))
            .collect();
        kernel.of_squared_distances(width, &mut values);
        values.as_chunks::<4>().0.iter().map(|[xx, yy, xy, yx]| (xx + yy) - (xy + yx)).collect::<Vec<_>>()
    });
    mean_test(&parts.concat(), TestMethod::MmdLinear { kernel, width, terms })
}

/// Whether a mean is positive.
fn mean_test(terms: &[f64], method: TestMethod) -> Result<TwoSampleTest, SampleError> {
    let count = terms.len() as f64;
    let mean = terms.iter().sum::<f64>() / count;
    let variance = terms.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let standard_error = (variance / count).sqrt();
    if standard_error <= 0.0 {
        return Err(SampleError::Degenerate { what: "the terms of the statistic do not vary" });
    }
    let p_value = tails::normal(mean / standard_error);
    Ok(TwoSampleTest { statistic: mean, p_value, method, reference: Reference::Normal { standard_error } })
}

/// Some of the points that lie next to each other in memory.
fn part_of(points: &Points, start: usize, rows: usize) -> Points {
    let d = points.dimension;
    let data = points.data[start * d..(start + rows) * d].to_vec();
    Points { data, rows, dimension: d, weights: None }
}

/// The width in the unit of the points; the median distance is that of a part of them.
fn width_of_few(p: &Points, q: &Points, width: KernelWidth) -> Result<f64, SampleError> {
    const MOST: usize = 500;
    let few = |points: &Points| {
        let rows = points.rows.min(MOST);
        let data = (0..rows).flat_map(|i| points.row(i * points.rows / rows)).copied().collect();
        Points { data, rows, dimension: points.dimension, weights: None }
    };
    let pooled = Pooled::new(&few(p), &few(q));
    match width {
        KernelWidth::Given(width) => KernelWidth::Given(width).resolve(&pooled).map(|_| width),
        KernelWidth::MedianDistance => {
            width.resolve(&pooled).map(|width| pooled.in_given_unit(width).min(f64::MAX))
        }
    }
}
