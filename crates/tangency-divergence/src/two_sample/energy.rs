//! Energy distance: twice the mean distance across, less the mean distances within.

use super::labelling::Labellings;
use super::mmd::{PairStatistic, distinct};
use super::pair_matrix::PairMatrix;
use super::permutation::{self, BATCH, Permutations, Value, read_exchangeable};
use super::pooled::{PairSums, Pooled};
use super::{TestMethod, TwoSampleTest};
use crate::error::{SampleError, Side};
use crate::parallel::map_parts;
use crate::sample::{Points, Sample, read_pair};
use rand::Rng;

/// The energy distance of two samples, squared.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct EnergyDistance {
    /// Of the two empirical distributions (a V-statistic): not negative up to rounding, and too large by about
    /// $\mathbb E \lVert x - x^\prime \rVert / n + \mathbb E \lVert y - y^\prime \rVert / m$ as an estimate for their sources.
    pub squared: f64,
    /// The U-statistic, whose mean is the squared distance of the sources; it may be negative.
    pub unbiased_squared: f64,
}

impl EnergyDistance {
    /// The distance of the two empirical distributions, a metric; SciPy's `energy_distance`. A square that rounding made negative
    /// counts as zero.
    pub fn distance(&self) -> f64 {
        self.squared.max(0.0).sqrt()
    }
}

/// Estimates the energy distance of P and Q.
///
/// $$ D^2(P, Q) = 2 \mathbb E \lVert x - y \rVert - \mathbb E \lVert x - x^\prime \rVert - \mathbb E \lVert y - y^\prime \rVert ,
///    \quad x, x^\prime \sim P, \quad y, y^\prime \sim Q, $$
///
/// all independent; on the line it is $2 \int (F - G)^2 dx$ with the distribution functions. SciPy and this function give its
/// root the name of the distance; Székely and Rizzo call the square $\mathcal E$, and test with $n m / (n + m)$ times it. It
/// is the squared [maximum mean discrepancy](super::mmd) for the kernel $-\lVert x - y \rVert$: without a width to choose,
/// equivariant under scaling, rotation and translation. The means have to exist.
///
/// Weights are relative, as everywhere. The unbiased estimate divides the means within a sample by $1 - \sum_i w_i^2$.
///
/// On the line the points are sorted, $(n + m) \ln (n + m)$ operations, and the square is a sum of squares. Otherwise
/// $(n + m)^2 / 2$ distances; memory for the points alone.
///
/// # Errors
///
/// [`SampleError`] if a sample has fewer than two points (with weights: with positive ones), and for bad points or weights.
///
/// # Example: two shifted pairs
///
/// ```
/// use tangency_divergence::{Sample, energy_distance};
///
/// let distance = energy_distance(Sample::from(&[0.0, 1.0][..]), Sample::from(&[1.0, 2.0][..]))?;
/// // F - G is ½ on [0, 2].
/// assert_eq!(distance.squared, 1.0);
/// assert_eq!(distance.unbiased_squared, 0.0); // 2 · 1 - 1 - 1
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - G. J. Székely, M. L. Rizzo, *Energy statistics: a class of statistics based on distances*, Journal of Statistical
///   Planning and Inference 143 (2013) 1249-1272.
/// - D. Sejdinovic, B. Sriperumbudur, A. Gretton, K. Fukumizu, *Equivalence of distance-based and RKHS-based statistics in
///   hypothesis testing*, Annals of Statistics 41 (2013) 2263-2291.
pub fn energy_distance(p: Sample<'_>, q: Sample<'_>) -> Result<EnergyDistance, SampleError> {
    let (p, q) = read_pair(p, q)?;
    p.at_least(2, Side::P)?;
    q.at_least(2, Side::Q)?;
    let (distinct_p, distinct_q) = (distinct(&p, Side::P)?, distinct(&q, Side::Q)?);
    let pooled = Pooled::new(&p, &q);
    let (squared, within_p, within_q) = if p.dimension == 1 {
        on_the_line(&Line::new(&pooled), &p, &q)
    } else {
        let weight = |i| if i < p.rows { p.weight(i) } else { q.weight(i - p.rows) };
        let PairSums { within_p, within_q, across } = pooled.pair_sums(weight, distances);
        (2.0 * (across - within_p - within_q), 2.0 * within_p, 2.0 * within_q)
    };
    let bias = within_p * (1.0 - distinct_p) / distinct_p + within_q * (1.0 - distinct_q) / distinct_q;
    Ok(EnergyDistance {
        squared: pooled.in_given_unit(squared),
        unbiased_squared: pooled.in_given_unit(squared - bias),
    })
}

/// Tests $P = Q$ by the squared energy distance ([`energy_distance`]) and permutations
/// ([`permutation_test`](super::permutation_test), where the guarantee is stated).
///
/// For differences of any kind as long as means exist, and strong for shifts; nothing has to be chosen.
///
/// On the line each permutation costs n + m operations, and memory is that of the points. Otherwise the distances take $4 (n + m)^2$ bytes, and
/// a permutation costs as in [`mmd_test`](super::mmd_test).
///
/// # Errors
///
/// As [`energy_distance`], and for weights; one point in each sample is enough.
///
/// # Example: a shift in the plane
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{Permutations, Sample, energy_test};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut square = |shift: f64| faer::Mat::from_fn(50, 2, |_, _| rng.random::<f64>() + shift);
/// let (p, q) = (square(0.0), square(0.3));
/// let test = energy_test(
///     Sample::from(p.as_ref()),
///     Sample::from(q.as_ref()),
///     Permutations::default(),
///     &mut rng,
/// )?;
/// assert!(test.p_value < 0.01, "{test}");
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - G. J. Székely, M. L. Rizzo, *Energy statistics: a class of statistics based on distances*, Journal of Statistical
///   Planning and Inference 143 (2013) 1249-1272.
pub fn energy_test<R: Rng + ?Sized>(
    p: Sample<'_>,
    q: Sample<'_>,
    permutations: Permutations<'_>,
    rng: &mut R,
) -> Result<TwoSampleTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 1)?;
    let pooled = Pooled::new(&p, &q);
    let statistics: Statistics = if p.dimension == 1 {
        let line = Line::new(&pooled);
        Box::new(move |labellings| line.energies(labellings))
    } else {
        let mut matrix = PairMatrix::squared_distances(&pooled);
        matrix.map(|values| {
            distances(values);
            for x in values.iter_mut() {
                *x = -*x;
            }
        });
        let statistic = PairStatistic::new(matrix, p.rows, q.rows, false);
        Box::new(move |labellings| statistic.of(labellings))
    };
    let outcome = permutation::run(p.rows, q.rows, permutations, BATCH, rng, |labellings, _| {
        Ok(statistics(labellings).into_iter().map(|value| value.in_given_unit(&pooled)).collect())
    })?;
    Ok(outcome.test(TestMethod::Energy))
}

/// The statistics of a batch.
type Statistics = Box<dyn Fn(&Labellings) -> Vec<Value>>;

/// Replaces squared distances by distances, and infinite ones by zero.
fn distances(values: &mut [f64]) {
    for x in values.iter_mut() {
        *x = if *x < f64::INFINITY { x.sqrt() } else { 0.0 };
    }
}

/// Points on the line in increasing order.
#[derive(Debug)]
struct Line {
    n: usize,
    m: usize,
    /// The number of each point, and the distance from it to the next one.
    steps: Vec<(usize, f64)>,
}

impl Line {
    fn new(pooled: &Pooled) -> Self {
        let x = pooled.line();
        let mut order: Vec<usize> = (0..x.len()).collect();
        order.sort_unstable_by(|i, j| x[*i].total_cmp(&x[*j]));
        let steps = order.windows(2).map(|pair| (pair[0], x[pair[1]] - x[pair[0]])).collect();
        Self { n: pooled.n, m: pooled.m, steps }
    }

    /// The squared energy distance, $2 \int (F - G)^2 dx$, for every labelling.
    ///
    /// With a marked points out of N, of which c are among the first i, $F - G$ is $\pm (c N - i a) / (a (N - a))$, of which the
    /// numerator is a whole number.
    fn energies(&self, labellings: &Labellings) -> Vec<Value> {
        let (all, a) = ((self.n + self.m) as f64, self.n.min(self.m) as f64);
        let factor = 2.0 / (a * (all - a)).powi(2);
        // All terms are positive: each addition adds half a unit of rounding at most; two for the factors.
        let relative = (self.steps.len() as f64 + 4.0) * f64::EPSILON;
        let parts = map_parts(labellings.count(), 64, |range| {
            let (mut counts, mut sums) = (vec![0.0; range.len()], vec![0.0; range.len()]);
            for (index, &(point, step)) in self.steps.iter().enumerate() {
                let expected = (index + 1) as f64 * a;
                let codes = &labellings.group_of(point)[range.clone()];
                for ((count, sum), code) in counts.iter_mut().zip(&mut sums).zip(codes) {
                    *count += f64::from(code >> (point % 8) & 1);
                    let difference = *count * all - expected;
                    *sum += difference * difference * step;
                }
            }
            sums.into_iter()
                .map(|sum| Value { value: factor * sum, rounding: relative * factor * sum })
                .collect::<Vec<_>>()
        });
        parts.concat()
    }
}

/// $2 \int (F - G)^2 dx$, and the mean distances within P and within Q, $2 \int F (1 - F) dx$.
fn on_the_line(line: &Line, p: &Points, q: &Points) -> (f64, f64, f64) {
    // Without weights the points are counted, which is exact.
    let unit = |of: &Points| if of.weights.is_some() { 1.0 } else { 1.0 / of.rows as f64 };
    let weight = |of: &Points, i: usize| of.weights.as_ref().map_or(1.0, |weights| weights[i]);
    let (mut below_p, mut below_q) = (0.0, 0.0);
    let (mut squared, mut within_p, mut within_q) = (0.0, 0.0, 0.0);
    for &(point, step) in &line.steps {
        if point < p.rows {
            below_p += weight(p, point);
        } else {
            below_q += weight(q, point - p.rows);
        }
        let (f, g) = (below_p * unit(p), below_q * unit(q));
        squared += 2.0 * (f - g).powi(2) * step;
        within_p += 2.0 * f * (1.0 - f) * step;
        within_q += 2.0 * g * (1.0 - g) * step;
    }
    (squared, within_p, within_q)
}
