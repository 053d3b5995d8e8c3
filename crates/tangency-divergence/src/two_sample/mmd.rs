//! Maximum mean discrepancy: the distance of two distributions in the space of a kernel.

use super::labelling::Labellings;
use super::pair_matrix::PairMatrix;
use super::permutation::{self, BATCH, Permutations, Value, read_exchangeable};
use super::pooled::{PairSums, Pooled};
use super::{TestMethod, TwoSampleTest};
use crate::error::{SampleError, Side};
use crate::sample::{Points, Sample, read_pair};
use rand::Rng;
use std::fmt;

/// A kernel k(x, y) of the distance $r = \lVert x - y \rVert$, with width σ and k(x, x) = 1.
///
/// All of them are characteristic: the discrepancy is zero for equal distributions alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum MmdKernel {
    /// $e^{-r^2 / (2 \sigma^2)}$. scikit-learn's `gamma` is $1 / (2 \sigma^2)$.
    #[default]
    Gaussian,
    /// $e^{-r / \sigma}$, with the Euclidean distance (some libraries take the sum of absolute differences): heavier tails
    /// and a corner at zero, so differences on small scales weigh more.
    Laplace,
    /// $(1 + r^2 / (2 \alpha \sigma^2))^{-\alpha}$: a mixture of Gaussian kernels of many widths, which makes the choice of
    /// one matter less.
    RationalQuadratic {
        /// α, positive and finite; the Gaussian kernel is its limit for large α.
        alpha: f64,
    },
}

/// The width of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum KernelWidth {
    /// The median distance of all pairs of the points of both samples together, P and Q alike; the mean of the two middle ones if
    /// their number is even. Gretton et al. write this in their paper; their program takes the median over √2. It does not
    /// depend on which points are P's, so it stays fixed under permutation.
    #[default]
    MedianDistance,
    /// This one, positive and finite, in the unit of the points.
    Given(f64),
}

/// Two estimates of the squared maximum mean discrepancy.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Mmd {
    /// The U-statistic, whose mean is the squared discrepancy for a given width: it may be negative, and is for about half of
    /// all samples if P = Q.
    pub unbiased: f64,
    /// The V-statistic, which counts each point's kernel with itself: not negative up to rounding, and too large by about
    /// $(1 - \mathbb E k(x, x^\prime)) / n + (1 - \mathbb E k(y, y^\prime)) / m$.
    pub biased: f64,
    /// The width of the kernel, chosen or given.
    pub width: f64,
}

/// Estimates the squared maximum mean discrepancy of P and Q.
///
/// $$ \operatorname{MMD}^2(P, Q) = \mathbb E k(x, x^\prime) + \mathbb E k(y, y^\prime) - 2 \mathbb E k(x, y) , \quad
///    x, x^\prime \sim P, \quad y, y^\prime \sim Q, $$
///
/// all independent. It is the squared distance of the means of $k(x, \cdot)$ and $k(y, \cdot)$ in the kernel's Hilbert space,
/// so that its root is a metric. The unbiased estimate is
///
/// $$ \frac{\sum_{i \ne j} k(x_i, x_j)}{n (n-1)} + \frac{\sum_{i \ne j} k(y_i, y_j)}{m (m-1)}
///    - \frac{2}{n m} \sum_{i, j} k(x_i, y_j) . $$
///
/// With weights (normalised, $\sum_i w_i = 1$) the terms are $w_i w_j k(x_i, x_j)$, and the unbiased estimate divides by
/// $1 - \sum_i w_i^2$.
///
/// Costs $(n + m)^2 / 2$ distances and exponentials; memory for the points alone if the width is given, and $4 (n + m)^2$
/// bytes for the median. The error of rounding is absolute, some $10^{-16}$: the digits of a small discrepancy are those of the
/// difference of means that are near 1 if the width is much larger than the points are wide.
///
/// # Errors
///
/// [`SampleError`] if a sample has fewer than two points (with weights: with positive ones), for bad points or weights, for
/// a width or an α out of range, and if the median distance is zero, as it is if most points coincide.
///
/// # Example: two shifted samples
///
/// ```
/// use tangency_divergence::{KernelWidth, MmdKernel, Sample, mmd};
///
/// let (p, q) = ([0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]);
/// let shifted = mmd(Sample::from(&p[..]), Sample::from(&q[..]), MmdKernel::Gaussian, KernelWidth::Given(1.0))?;
/// let same = mmd(Sample::from(&p[..]), Sample::from(&p[..]), MmdKernel::Gaussian, KernelWidth::Given(1.0))?;
/// assert!((shifted.unbiased - 0.075274).abs() < 1e-6 && shifted.biased > shifted.unbiased);
/// assert!(same.biased.abs() < 1e-15 && same.unbiased < 0.0);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf, A. Smola, *A kernel two-sample test*, JMLR 13 (2012) 723-773:
///   Lemma 6, equations 3 and 5.
pub fn mmd(p: Sample<'_>, q: Sample<'_>, kernel: MmdKernel, width: KernelWidth) -> Result<Mmd, SampleError> {
    let (p, q) = read_pair(p, q)?;
    p.at_least(2, Side::P)?;
    q.at_least(2, Side::Q)?;
    let (distinct_p, distinct_q) = (distinct(&p, Side::P)?, distinct(&q, Side::Q)?);
    let pooled = Pooled::new(&p, &q);
    kernel.check()?;
    let width = width.resolve(&pooled)?;
    let sums = pooled.pair_sums(
        |i| if i < p.rows { p.weight(i) } else { q.weight(i - p.rows) },
        |values| kernel.of_squared_distances(width, values),
    );
    let PairSums { within_p, within_q, across } = sums;
    Ok(Mmd {
        unbiased: 2.0 * (within_p / distinct_p + within_q / distinct_q - across),
        biased: 2.0 * (within_p + within_q - across) + (1.0 - distinct_p) + (1.0 - distinct_q),
        width: pooled.in_given_unit(width),
    })
}

/// Tests $P = Q$ by the unbiased estimate of the squared maximum mean discrepancy ([`mmd`]) and permutations
/// ([`permutation_test`](super::permutation_test), where the guarantee is stated).
///
/// For differences of any kind in any dimension; with the median distance as width it is at its best for differences on the
/// scale of the whole distribution, such as a shift, and weak for those on a much smaller scale, for which a width should be
/// given. The width must not be chosen by looking at which points are P's.
///
/// The kernel is evaluated once for each pair of points, which takes $4 (n + m)^2$ bytes. A permutation is then a sum over
/// the pairs within the smaller sample, because the sums of rows give the rest; such sums take about $(n + m)^2 / 64$ vector
/// additions each, without multiplications.
///
/// # Errors
///
/// As [`mmd`]; and for weights, which a permutation test cannot have.
///
/// # Example: the same mean, another variance
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{KernelWidth, MmdKernel, Permutations, Sample, mmd_test};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut uniform = |width: f64| -> Vec<f64> { (0..100).map(|_| width * (rng.random::<f64>() - 0.5)).collect() };
/// let (p, q) = (uniform(1.0), uniform(2.0));
/// let test = mmd_test(
///     Sample::from(&p[..]),
///     Sample::from(&q[..]),
///     MmdKernel::Gaussian,
///     KernelWidth::MedianDistance,
///     Permutations { count: 199, ..Default::default() },
///     &mut rng,
/// )?;
/// assert_eq!(test.p_value, 1.0 / 200.0); // none of them was as large
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf, A. Smola, *A kernel two-sample test*, JMLR 13 (2012) 723-773.
pub fn mmd_test<R: Rng + ?Sized>(
    p: Sample<'_>,
    q: Sample<'_>,
    kernel: MmdKernel,
    width: KernelWidth,
    permutations: Permutations<'_>,
    rng: &mut R,
) -> Result<TwoSampleTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 2)?;
    kernel.check()?;
    let pooled = Pooled::new(&p, &q);
    let mut matrix = PairMatrix::squared_distances(&pooled);
    let width = match width {
        KernelWidth::MedianDistance => median_distance(&matrix)?,
        KernelWidth::Given(_) => width.resolve(&pooled)?,
    };
    matrix.map(|values| kernel.of_squared_distances(width, values));
    let statistic = PairStatistic::new(matrix, p.rows, q.rows, true);
    let outcome = permutation::run(p.rows, q.rows, permutations, BATCH, rng, |labellings, _| {
        Ok(statistic.of(labellings))
    })?;
    Ok(outcome.test(TestMethod::Mmd { kernel, width: pooled.in_given_unit(width) }))
}

impl MmdKernel {
    pub(super) fn check(self) -> Result<(), SampleError> {
        match self {
            Self::RationalQuadratic { alpha } if !(alpha > 0.0 && alpha.is_finite()) => {
                Err(SampleError::OutOfRange { what: "α", range: "positive and finite", value: alpha })
            }
            _ => Ok(()),
        }
    }

    /// Replaces squared distances by the kernel, and infinite ones by zero.
    pub(super) fn of_squared_distances(self, width: f64, values: &mut [f64]) {
        // Within the range of numbers, so that neither 0 · ∞ nor ∞ · 0 can come up.
        let factor = |x: f64| x.clamp(f64::MIN_POSITIVE, f64::MAX);
        match self {
            Self::Gaussian => {
                let factor = factor(0.5 / width / width);
                for x in values.iter_mut() {
                    *x *= -factor;
                }
            }
            Self::Laplace => {
                let factor = factor(1.0 / width);
                for x in values.iter_mut() {
                    *x = x.sqrt() * -factor;
                }
            }
            Self::RationalQuadratic { alpha } => {
                let factor = factor(0.5 / alpha / width / width);
                for x in values.iter_mut() {
                    *x *= factor;
                }
                tangency_vmath::log1p(values);
                for x in values.iter_mut() {
                    *x *= -alpha;
                }
            }
        }
        tangency_vmath::exp(values);
    }
}

impl fmt::Display for MmdKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gaussian => f.write_str("Gaussian"),
            Self::Laplace => f.write_str("Laplace"),
            Self::RationalQuadratic { alpha } => write!(f, "rational quadratic, α = {alpha}"),
        }
    }
}

impl KernelWidth {
    /// The width in the unit of the scaled points.
    pub(super) fn resolve(self, pooled: &Pooled) -> Result<f64, SampleError> {
        match self {
            Self::Given(width) if width > 0.0 && width.is_finite() => Ok(pooled.in_own_unit(width)),
            Self::Given(value) => {
                Err(SampleError::OutOfRange { what: "the width", range: "positive and finite", value })
            }
            Self::MedianDistance => median_distance(&PairMatrix::squared_distances(pooled)),
        }
    }
}

fn median_distance(squared: &PairMatrix) -> Result<f64, SampleError> {
    let median = squared.median(f64::sqrt);
    if median > 0.0 {
        Ok(median)
    } else {
        Err(SampleError::Degenerate { what: "the median distance is zero" })
    }
}

/// The share of pairs of different points in the products of weights, $1 - \sum_i w_i^2$.
pub(super) fn distinct(points: &Points, side: Side) -> Result<f64, SampleError> {
    let share: f64 = (0..points.rows).map(|i| points.weight(i) * (1.0 - points.weight(i))).sum();
    if share > 0.0 { Ok(share) } else { Err(SampleError::TooFew { side, points: 1, needed: 2 }) }
}

/// $\sum_{P P} / a + \sum_{Q Q} / b - 2 \sum_{P Q} / (n m)$ over the pairs of a symmetric matrix with zero diagonal, for many
/// labellings.
#[derive(Debug)]
pub(super) struct PairStatistic {
    matrix: PairMatrix,
    row_sums: Vec<f64>,
    /// Half the sum of the matrix.
    total: f64,
    /// Points marked, and the others.
    sizes: [f64; 2],
    unbiased: bool,
}

impl PairStatistic {
    /// With $a = n (n-1)$, $b = m (m-1)$ if unbiased, else with squares.
    pub(super) fn new(matrix: PairMatrix, n: usize, m: usize, unbiased: bool) -> Self {
        let row_sums = matrix.row_sums();
        let total = 0.5 * row_sums.iter().sum::<f64>();
        Self { matrix, row_sums, total, sizes: [n.min(m) as f64, n.max(m) as f64], unbiased }
    }

    pub(super) fn of(&self, labellings: &Labellings) -> Vec<Value> {
        let [a, b] = self.sizes;
        let pairs = |size: f64| 0.5 * size * (size - if self.unbiased { 1.0 } else { 0.0 });
        let relative = self.matrix.rounding();
        let within = self.matrix.subset_sums(labellings);
        let rows = labellings.sums(&self.row_sums);
        let value = |(within, rows): (&f64, &f64)| {
            // `rows` counts pairs within the marked points twice, and pairs across once.
            let across = rows - 2.0 * within;
            let rest = self.total - rows + within;
            let value = within / pairs(a) + rest / pairs(b) - 2.0 * across / (a * b);
            let size = within.abs() / pairs(a)
                + (self.total.abs() + rows.abs() + within.abs()) / pairs(b)
                + 2.0 * (rows.abs() + 2.0 * within.abs()) / (a * b);
            Value { value, rounding: relative * size }
        };
        within.iter().zip(&rows).map(value).collect()
    }
}
