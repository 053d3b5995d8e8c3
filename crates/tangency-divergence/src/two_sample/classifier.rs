//! The classifier test: can a classifier tell points of P from points of Q that it has not seen?

use super::permutation::read_exchangeable;
use super::pooled::{LANES, Pooled};
use super::tails;
use crate::error::SampleError;
use crate::parallel::map_parts;
use crate::sample::{Points, Sample, read_pair};
use faer::MatRef;
use rand::Rng;
use rand::seq::SliceRandom;
use std::fmt;

/// The outcome of a [`classifier_test`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClassifierTest {
    /// Held-out points of P, and how many of them were called P's.
    pub p: Held,
    /// Held-out points of Q, and how many of them were called Q's.
    pub q: Held,
    /// The mean of the two shares of points that were called right: ½ if nothing was learnt. With as many points of P as of Q
    /// it is the share of all.
    pub accuracy: f64,
    /// The exact p-value over all permutations of the held-out labels, hypergeometric: $P(p \le \alpha) \le \alpha$ if $P =
    /// Q$, at every sample size. Not below the smallest normal number.
    pub p_value: f64,
    /// The probability that as many coins or more fall right, as Lopez-Paz and Oquab have it (up to their normal
    /// approximation of it); only if as many points of P as of Q were held out, since ½ is not the chance of an unequal
    /// guess.
    pub binomial_p_value: Option<f64>,
}

/// Points that a classifier had not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How many there were.
    pub points: usize,
    /// How many of them were called what they are.
    pub right: usize,
}

impl fmt::Display for ClassifierTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.p.points + self.q.points;
        write!(f, "accuracy = {:.4} on {points} held-out points, p = {:.4}", self.accuracy, self.p_value)
    }
}

/// Tests $P = Q$ by the accuracy of a classifier on points that it has not seen.
///
/// Each sample is split at random. The classifier gets the first halves, as P and Q, and the points of the others without
/// labels, and gives a score for each of these: positive for P, anything else for Q. With a of the $N = n + m$ held-out
/// points called P's, and x of these rightly,
///
/// $$ p = P(X \ge x), \quad X \sim \operatorname{Hypergeometric}(N, n, a), $$
///
/// which is the limit of infinitely many permutations of the held-out labels: if $P = Q$, what a point is called says nothing
/// of its label. So it holds for any classifier, however bad; a better one has more power. Nothing is fitted again.
///
/// [`nearest_neighbour_scores`] is such a classifier. A fitted log-ratio of densities is another, and so is a model from
/// elsewhere. Half of the points are spent on learning: for few points a test of all pairs ([`mmd_test`](super::mmd_test)) is
/// stronger. What it has over that is that the classifier may be one that is made for the data.
///
/// # Errors
///
/// [`SampleError`] for samples that have fewer than two points, are weighted, not finite or of different dimensions; for as
/// many scores as there are not points, for NaN among them, and what the classifier returns.
///
/// # Example: a ring around a disc
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{Sample, classifier_test, nearest_neighbour_scores};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut at_radius = |inner: f64| {
///     let polar: Vec<_> = (0..100).map(|_| (inner + rng.random::<f64>(), 6.28 * rng.random::<f64>())).collect();
///     faer::Mat::from_fn(100, 2, |i, k| polar[i].0 * if k == 0 { polar[i].1.cos() } else { polar[i].1.sin() })
/// };
/// let (disc, ring) = (at_radius(0.0), at_radius(0.7));
/// let test = classifier_test(
///     Sample::from(disc.as_ref()),
///     Sample::from(ring.as_ref()),
///     |p, q, points| nearest_neighbour_scores(p, q, points, None),
///     &mut rng,
/// )?;
/// assert!(test.accuracy > 0.7 && test.p_value < 0.001, "{test}");
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # Example: a fitted log-ratio calls the points
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{DensityRatio, LogisticOptions, LogisticRatio, Sample, classifier_test};
///
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let mut uniform = |scale: f64| -> Vec<f64> { (0..200).map(|_| scale * (rng.random::<f64>() - 0.5)).collect() };
/// let (narrow, wide) = (uniform(1.0), uniform(2.0));
/// let mut draws = rand_pcg::Pcg64::seed_from_u64(2); // for the classifier alone
/// let test = classifier_test(
///     Sample::from(&narrow[..]),
///     Sample::from(&wide[..]),
///     |p, q, points| LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut draws)?.ln_ratio(points),
///     &mut rng,
/// )?;
/// assert!(test.accuracy > 0.65 && test.p_value < 0.001, "{test}");
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - D. Lopez-Paz, M. Oquab, *Revisiting classifier two-sample tests*, ICLR 2017.
pub fn classifier_test<R: Rng + ?Sized>(
    p: Sample<'_>,
    q: Sample<'_>,
    classifier: impl FnOnce(Sample<'_>, Sample<'_>, MatRef<'_, f64>) -> Result<Vec<f64>, SampleError>,
    rng: &mut R,
) -> Result<ClassifierTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 2)?;
    let (p, q) = (halves(&p, rng), halves(&q, rng));
    let held_out = [&p[1].data[..], &q[1].data].concat();
    let (n, m, d) = (p[1].rows, q[1].rows, p[1].dimension);
    let points = MatRef::from_row_major_slice(&held_out, n + m, d);
    let scores = classifier(p[0].as_sample(), q[0].as_sample(), points)?;
    if scores.len() != n + m {
        return Err(SampleError::ScoreCount { points: n + m, scores: scores.len() });
    }
    if let Some(point) = scores.iter().position(|score| score.is_nan()) {
        return Err(SampleError::ScoreIsNan { point });
    }
    let called_p = |scores: &[f64]| scores.iter().filter(|score| **score > 0.0).count();
    let p = Held { points: n, right: called_p(&scores[..n]) };
    let q = Held { points: m, right: m - called_p(&scores[n..]) };
    Ok(ClassifierTest {
        p,
        q,
        accuracy: 0.5 * (p.right as f64 / n as f64 + q.right as f64 / m as f64),
        p_value: tails::hypergeometric(n + m, n, p.right + m - q.right, p.right),
        binomial_p_value: (n == m).then(|| tails::fair_coin(n + m, p.right + q.right)),
    })
}

/// Scores of points by their k nearest neighbours among given ones: a classifier for [`classifier_test`].
///
/// $$ s(x) = \frac{k_P(x)}{n} - \frac{k_Q(x)}{m} $$
///
/// with $k_P$ of the neighbours in P and $k_Q$ in Q. Points that share the k-th smallest distance share its place. Distances
/// are Euclidean, so coordinates of different units should be scaled by the caller.
///
/// k is at least 1 and at most n + m; by default $\lfloor \sqrt{n + m} \rfloor$, with which the accuracy tends to the best
/// possible one as samples grow. Costs $(n + m) d$ operations for each point, in blocks and in parallel.
///
/// # Errors
///
/// [`SampleError`] for bad samples and points, different dimensions, weights, and a k out of range.
pub fn nearest_neighbour_scores(
    p: Sample<'_>,
    q: Sample<'_>,
    points: MatRef<'_, f64>,
    k: Option<usize>,
) -> Result<Vec<f64>, SampleError> {
    let (p, q) = read_exchangeable(p, q, 1)?;
    if points.nrows() == 0 {
        return Ok(Vec::new());
    }
    let known = p.rows + q.rows;
    let k = k.unwrap_or(known.isqrt());
    if k == 0 || k > known {
        let range = "at least 1 and at most the number of all points";
        return Err(SampleError::OutOfRange { what: "the number of neighbours", range, value: k as f64 });
    }
    let both =
        Points { data: [&p.data[..], &q.data].concat(), rows: known, dimension: p.dimension, weights: None };
    let (both, points) = read_pair(both.as_sample(), Sample::from(points))?;
    let pooled = Pooled::new(&both, &points);
    let first = known / LANES;
    let parts = map_parts(pooled.slabs() - first, 4, |slabs| {
        let mut distances = vec![0.0; LANES * known.next_multiple_of(LANES)];
        let mut sorted = Vec::with_capacity(known);
        let mut scores = Vec::with_capacity(LANES * slabs.len());
        for slab in slabs.start + first..slabs.end + first {
            pooled.squared_distances(slab, &mut distances);
            for lane in 0..LANES.min(pooled.len() - slab * LANES) {
                if slab * LANES + lane < known {
                    continue; // a neighbour itself
                }
                let row = || distances[lane..].iter().step_by(LANES).take(known);
                sorted.clear();
                sorted.extend(row());
                let kth = *sorted.select_nth_unstable_by(k - 1, f64::total_cmp).1;
                // Neighbours of P and of Q; those that are nearer than the k-th, and those that are tied with it.
                let (mut nearer, mut tied) = ([0.0; 2], [0.0; 2]);
                for (j, x) in row().enumerate() {
                    let side = usize::from(j >= p.rows);
                    match x.total_cmp(&kth) {
                        std::cmp::Ordering::Less => nearer[side] += 1.0,
                        std::cmp::Ordering::Equal => tied[side] += 1.0,
                        std::cmp::Ordering::Greater => {}
                    }
                }
                let share = (k as f64 - nearer[0] - nearer[1]) / (tied[0] + tied[1]);
                let neighbours = |side: usize| nearer[side] + share * tied[side];
                // One division last: a balanced vote is zero exactly.
                let (n, m) = (p.rows as f64, q.rows as f64);
                scores.push((neighbours(0) * m - neighbours(1) * n) / (n * m));
            }
        }
        scores
    });
    Ok(parts.concat())
}

/// The points in two parts at random, the smaller one first.
fn halves<R: Rng + ?Sized>(points: &Points, rng: &mut R) -> [Points; 2] {
    let mut order: Vec<usize> = (0..points.rows).collect();
    order.shuffle(rng);
    let of = |rows: &[usize]| Points {
        data: rows.iter().flat_map(|i| points.row(*i)).copied().collect(),
        rows: rows.len(),
        dimension: points.dimension,
        weights: None,
    };
    let (first, second) = order.split_at(points.rows / 2);
    [of(first), of(second)]
}
