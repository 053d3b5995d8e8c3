//! p-values by permutation of the labels, for any statistic.

use super::labelling::{LabellingSource, Labellings};
use super::pair_matrix::PairMatrix;
use super::pooled::Pooled;
use super::{Reference, TestMethod, TwoSampleTest};
use crate::error::{SampleError, Side};
use crate::parallel::map_parts;
use crate::sample::{Points, Sample};
use faer::MatRef;
use rand::Rng;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::OnceLock;

/// How many permutations a test makes, and who watches.
///
/// # Example: at most five thousand, and no more than are needed
///
/// ```
/// use std::ops::ControlFlow;
/// use tangency_divergence::{PermutationProgress, Permutations};
///
/// // Ten at least as large: p is known to about a third of itself, and it is not small.
/// let mut enough = |progress: &PermutationProgress| {
///     if progress.at_least >= 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// };
/// let permutations = Permutations { count: 5000, observe: Some(&mut enough) };
/// # let _ = permutations;
/// ```
pub struct Permutations<'a> {
    /// Permutations at most, at least 1. If there are no more different ways to share the points out, each of these is taken
    /// once instead. The smallest possible p-value is 1 / (count + 1); α (count + 1) should be a whole number, so that a test
    /// at level α has that level. Default 999.
    pub count: usize,
    /// Called after every few hundred permutations; may stop the test, which then gives the p-value of those made.
    ///
    /// That p-value keeps its guarantee if the decision does not depend on the counts (a clock, a button), or if it is to
    /// stop once `at_least` has reached a number fixed beforehand (Besag and Clifford). It loses it if the test is stopped
    /// *because* p is small. Default none.
    pub observe: Option<Observer<'a>>,
}

type Observer<'a> = &'a mut dyn FnMut(&PermutationProgress) -> ControlFlow<()>;

impl Default for Permutations<'_> {
    fn default() -> Self {
        Self { count: 999, observe: None }
    }
}

impl fmt::Debug for Permutations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let observe = self.observe.as_ref().map(|_| "..");
        f.debug_struct("Permutations").field("count", &self.count).field("observe", &observe).finish()
    }
}

/// What an observer of a permutation test sees.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PermutationProgress {
    /// The statistic of the given samples.
    pub statistic: f64,
    /// Permutations made so far.
    pub permutations: usize,
    /// How many of them had a statistic at least as large.
    pub at_least: usize,
    /// Permutations that will be made if nobody stops.
    pub total: usize,
}

/// One way to share the points out between P and Q.
#[derive(Debug)]
pub struct Grouping<'a> {
    points: &'a SharedPoints,
    p: &'a [usize],
    q: &'a [usize],
}

/// The points of both samples, with their distances once somebody has asked for one.
#[derive(Debug)]
struct SharedPoints {
    rows: Vec<f64>,
    dimension: usize,
    pooled: Pooled,
    distances: OnceLock<PairMatrix>,
}

impl Grouping<'_> {
    /// Numbers of the points that are P's here, increasing. The points of both samples are numbered in one list: those that
    /// were given as P's from 0, then those that were given as Q's.
    pub fn p(&self) -> &[usize] {
        self.p
    }

    /// Numbers of the points that are Q's here, increasing.
    pub fn q(&self) -> &[usize] {
        self.q
    }

    /// The coordinates of a point.
    ///
    /// # Panics
    ///
    /// If there is no point of this number.
    pub fn point(&self, number: usize) -> &[f64] {
        let d = self.points.dimension;
        &self.points.rows[number * d..(number + 1) * d]
    }

    /// All points, one in each row.
    pub fn points(&self) -> MatRef<'_, f64> {
        let d = self.points.dimension;
        MatRef::from_row_major_slice(&self.points.rows, self.points.rows.len() / d, d)
    }

    /// The distance of two points. The first call of a test computes all of them, which takes $4 (n + m)^2$ bytes.
    ///
    /// # Panics
    ///
    /// If there is no point of this number.
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        let pooled = &self.points.pooled;
        assert!(i.max(j) < pooled.len(), "point {} of {}", i.max(j), pooled.len());
        if i == j {
            return 0.0;
        }
        let distances = self.points.distances.get_or_init(|| PairMatrix::squared_distances_alone(pooled));
        pooled.in_given_unit(distances.get(i, j).sqrt())
    }
}

/// Tests $P = Q$ with a statistic of the caller's, which must be large where P and Q differ.
///
/// The labels "P" and "Q" of all points are permuted B times, and the statistic T computed each time:
///
/// $$ p = \frac{1 + \#\lbrace b : T_b \ge T \rbrace}{B + 1} . $$
///
/// If $P = Q$ and the points are independent (exchangeable is enough), T is as likely as any $T_b$ to be the largest, so $P(p
/// \le \alpha) \le \alpha$ for every sample size and dimension, with equality at multiples of $1 / (B + 1)$ if no two
/// statistics are equal. Dividing the count alone by B, as some libraries do, gives zeros and exceeds the level.
///
/// Values within a relative $10^{-12}$ of T count as equal to it, because statistics that are equal in exact arithmetic may
/// be rounded differently when the points are met in another order: such an error can make p only larger. Where a statistic
/// is a small difference of large numbers, its errors may be larger than that: round it, or compute it otherwise.
///
/// The statistic must not depend on labels other than through the split. What is tuned on the data, a width for one, has to
/// be tuned either on all points or anew for each split. Weights of points are refused: with them the points of P and Q are
/// no longer exchangeable.
///
/// Costs B + 1 calls of the statistic, on several threads with the feature `rayon`; the result does not depend on
/// how many.
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, weighted, not finite or of different dimensions, for a count of zero, and
/// for a statistic that is NaN.
///
/// # Example: a difference of means
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{Permutations, Sample, permutation_test};
///
/// let (p, q) = ([1.2, 0.7, 2.1, 1.9, 1.4], [2.2, 3.1, 2.6, 2.4]);
/// let test = permutation_test(
///     Sample::from(&p[..]),
///     Sample::from(&q[..]),
///     |split| {
///         let mean = |of: &[usize]| of.iter().map(|i| split.point(*i)[0]).sum::<f64>() / of.len() as f64;
///         (mean(split.p()) - mean(split.q())).abs()
///     },
///     Permutations::default(),
///     &mut rand_pcg::Pcg64::seed_from_u64(1),
/// )?;
/// // Of the 126 ways to choose five points out of nine one other has such a difference: the five largest.
/// assert_eq!(test.p_value, 2.0 / 126.0);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - E. S. Edgington, P. Onghena, *Randomization Tests*, 4th ed., Chapman & Hall 2007.
/// - B. Phipson, G. K. Smyth, *Permutation p-values should never be zero*, Statistical Applications in Genetics and
///   Molecular Biology 9 (2010), article 39.
/// - J. Besag, P. Clifford, *Sequential Monte Carlo p-values*, Biometrika 78 (1991) 301-304.
pub fn permutation_test<R: Rng + ?Sized>(
    p: Sample<'_>,
    q: Sample<'_>,
    statistic: impl Fn(&Grouping<'_>) -> f64 + Sync,
    permutations: Permutations<'_>,
    rng: &mut R,
) -> Result<TwoSampleTest, SampleError> {
    const TOLERANCE: f64 = 1e-12;
    let (p, q) = read_exchangeable(p, q, 1)?;
    let p_is_marked = p.rows <= q.rows;
    let points = SharedPoints {
        rows: [&p.data[..], &q.data[..]].concat(),
        dimension: p.dimension,
        pooled: Pooled::new(&p, &q),
        distances: OnceLock::new(),
    };
    let outcome = run(p.rows, q.rows, permutations, 256, rng, |labellings, made| {
        let parts = map_parts(labellings.count(), 8, |range| {
            range
                .map(|b| {
                    let (p, q): (Vec<usize>, Vec<usize>) =
                        (0..labellings.points()).partition(|i| labellings.is_marked(b, *i) == p_is_marked);
                    let value = statistic(&Grouping { points: &points, p: &p, q: &q });
                    if value.is_nan() {
                        return Err(SampleError::StatisticIsNan { permutation: made + b });
                    }
                    let rounding = if value.is_finite() { TOLERANCE / 2.0 * value.abs() } else { 0.0 };
                    Ok(Value { value, rounding })
                })
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    })?;
    Ok(outcome.test(TestMethod::Custom))
}

/// Reads two samples whose points may change places.
pub(super) fn read_exchangeable(
    p: Sample<'_>,
    q: Sample<'_>,
    needed: usize,
) -> Result<(Points, Points), SampleError> {
    let (p, q) = (p.read_unweighted(Side::P)?, q.read_unweighted(Side::Q)?);
    if p.dimension != q.dimension {
        return Err(SampleError::DimensionMismatch { p: p.dimension, q: q.dimension });
    }
    p.at_least(needed, Side::P)?;
    q.at_least(needed, Side::Q)?;
    Ok((p, q))
}

/// A statistic, and how far it may lie from its exact value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) value: f64,
    pub(super) rounding: f64,
}

impl Value {
    /// The same in the unit of the points that were given, if it is a length.
    pub(super) fn in_given_unit(self, pooled: &Pooled) -> Self {
        Self { value: pooled.in_given_unit(self.value), rounding: pooled.in_given_unit(self.rounding) }
    }
}

/// The counts of a finished test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    statistic: f64,
    permutations: usize,
    at_least: usize,
    all: bool,
}

impl Outcome {
    pub(super) fn test(self, method: TestMethod) -> TwoSampleTest {
        let Self { statistic, permutations, at_least, all } = self;
        let reference = if all {
            Reference::AllPermutations { permutations, at_least }
        } else {
            Reference::Permutations { permutations, at_least }
        };
        let p_value = (1 + at_least) as f64 / (1 + permutations) as f64;
        TwoSampleTest { statistic, p_value, method, reference }
    }
}

/// Labellings in a batch of the tests that sum over pairs: the scratch of [`PairMatrix::subset_sums`] stays in the first
/// cache.
pub(super) const BATCH: usize = 512;

/// Runs a permutation test: `statistics` gives one value for each labelling of a batch, and hears how many came before.
pub(super) fn run<R: Rng + ?Sized>(
    n: usize,
    m: usize,
    permutations: Permutations<'_>,
    batch: usize,
    rng: &mut R,
    statistics: impl Fn(&Labellings, usize) -> Result<Vec<Value>, SampleError>,
) -> Result<Outcome, SampleError> {
    let Permutations { count, mut observe } = permutations;
    if count == 0 {
        return Err(SampleError::OutOfRange {
            what: "the number of permutations",
            range: "at least 1",
            value: 0.0,
        });
    }
    let mut source = LabellingSource::new(n, m, count, rng);
    let total = source.left() - 1;
    let mut given: Option<Value> = None;
    let (mut made, mut at_least) = (0, 0);
    while source.left() > 0 {
        let labellings = source.next(batch, rng);
        let values = statistics(&labellings, made)?;
        let mut others = &values[..];
        let given = *given.get_or_insert_with(|| {
            others = &values[1..];
            values[0]
        });
        // Whatever could be as large counts as such.
        let counts =
            |v: &&Value| v.value >= given.value || v.value + v.rounding + given.rounding >= given.value;
        at_least += others.iter().filter(counts).count();
        made += others.len();
        let progress = PermutationProgress { statistic: given.value, permutations: made, at_least, total };
        let stop = observe.as_mut().is_some_and(|observe| observe(&progress).is_break());
        if stop {
            break;
        }
    }
    let statistic = given.expect("there is always the given labelling").value;
    Ok(Outcome { statistic, permutations: made, at_least, all: source.is_exhaustive() && source.left() == 0 })
}
