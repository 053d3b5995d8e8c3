//! The nearest-neighbour test: do neighbours come from the same sample more often than by chance?

use super::permutation::{self, BATCH, Permutations, Value, read_exchangeable};
use super::pooled::{LANES, Pooled};
use super::{TestMethod, TwoSampleTest};
use crate::error::SampleError;
use crate::parallel::map_parts;
use crate::sample::Sample;
use rand::Rng;

/// Tests $P = Q$ by the share of neighbours that come from the same sample, and permutations
/// ([`permutation_test`](super::permutation_test), where the guarantee is stated).
///
/// $$ T = \frac{1}{(n + m) k} \sum_{i=1}^{n+m} \sum_{r=1}^k 1 \lbrack z_i \text{ and its } r\text{-th neighbour are of one sample} \rbrack . $$
///
/// Neighbours are searched among all points of both samples, by Euclidean distance. If $P = Q$, the mean of T is
/// $(n (n-1) + m (m-1)) / ((n + m)(n + m - 1))$; if all P's lie apart from all Q's, T is 1.
///
/// Points that share the k-th smallest distance share its place: each counts in part. A choice among them, such as that by
/// order in memory, would tie the statistic to the labels, and the test would reject equal samples whose points are counts or
/// repeated.
///
/// Sensitive to local differences of the densities, and so weak for a mere shift, for which
/// [`energy_test`](super::energy_test) is better.
///
/// The search compares all pairs in blocks, $(n + m)^2 d$ operations, without storing them; a permutation costs (n + m) k.
/// k is at least 1 and less than n + m; a few (1 to 5) is common.
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, weighted, not finite or of different dimensions, for a k out of range, and
/// for a count of zero permutations.
///
/// # Example: two samples that do not touch
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{Permutations, Sample, nearest_neighbour_test};
///
/// let (p, q) = ([0.0, 0.1, 0.3, 0.6], [5.0, 5.1, 5.3, 5.6]);
/// let rng = &mut rand_pcg::Pcg64::seed_from_u64(1);
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let test = nearest_neighbour_test(p, q, 2, Permutations::default(), rng)?;
/// assert_eq!((test.statistic, test.p_value), (1.0, 2.0 / 70.0));
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - M. F. Schilling, *Multivariate two-sample tests based on nearest neighbors*, Journal of the American Statistical
///   Association 81 (1986) 799-806.
/// - N. Henze, *A multivariate two-sample test based on the number of nearest neighbor type coincidences*, Annals of Statistics
///   16 (1988) 772-783.
pub fn nearest_neighbour_test<R: Rng + ?Sized>(
    p: Sample<'_>,
    q: Sample<'_>,
    k: usize,
    permutations: Permutations<'_>,
    rng: &mut R,
) -> Result<TwoSampleTest, SampleError> {
    let (p, q) = read_exchangeable(p, q, 1)?;
    let pooled = Pooled::new(&p, &q);
    if k == 0 || k >= pooled.len() {
        let range = "at least 1 and less than the number of all points";
        return Err(SampleError::OutOfRange { what: "the number of neighbours", range, value: k as f64 });
    }
    let neighbours = neighbours(&pooled, k);
    let tied = neighbours.iter().any(|of| !of.tied.is_empty());
    let total = (pooled.len() * k) as f64;
    let rounding = if tied { (pooled.len() + 4) as f64 * f64::EPSILON } else { 0.0 };
    let outcome = permutation::run(p.rows, q.rows, permutations, BATCH, rng, |labellings, _| {
        let parts = map_parts(labellings.count(), 16, |range| {
            let mut marked = vec![false; labellings.points()];
            range
                .map(|labelling| {
                    for (point, marked) in marked.iter_mut().enumerate() {
                        *marked = labellings.is_marked(labelling, point);
                    }
                    let same: f64 = neighbours
                        .iter()
                        .zip(&marked)
                        .map(|(of, label)| {
                            let certain = of.nearer.iter().filter(|j| marked[**j as usize] == *label).count();
                            let tied = of.tied.iter().filter(|j| marked[**j as usize] == *label).count();
                            certain as f64 + of.share * tied as f64
                        })
                        .sum();
                    Value { value: same / total, rounding }
                })
                .collect::<Vec<_>>()
        });
        Ok(parts.concat())
    })?;
    Ok(outcome.test(TestMethod::NearestNeighbours { k }))
}

/// The neighbours of a point.
#[derive(Debug)]
struct Neighbours {
    /// Those that are nearer than the k-th.
    nearer: Vec<u32>,
    /// Those at the same distance as the k-th.
    tied: Vec<u32>,
    /// The places that are left for each of the latter.
    share: f64,
}

/// The k nearest neighbours of every point among all others.
fn neighbours(pooled: &Pooled, k: usize) -> Vec<Neighbours> {
    let points = pooled.len();
    let parts = map_parts(pooled.slabs(), 4, |slabs| {
        let mut distances = vec![0.0; LANES * LANES * pooled.slabs()];
        let mut found = Vec::with_capacity(slabs.len() * LANES);
        let mut sorted = Vec::with_capacity(points);
        for slab in slabs {
            pooled.squared_distances(slab, &mut distances);
            for lane in 0..LANES.min(points - slab * LANES) {
                // Infinity keeps a point from being its own neighbour: all distances are finite.
                distances[(slab * LANES + lane) * LANES + lane] = f64::INFINITY;
                let row = || distances[lane..].iter().step_by(LANES).take(points);
                sorted.clear();
                sorted.extend(row());
                let kth = *sorted.select_nth_unstable_by(k - 1, f64::total_cmp).1;
                let with = |condition: &dyn Fn(f64) -> bool| -> Vec<u32> {
                    row().enumerate().filter(|(_, x)| condition(**x)).map(|(j, _)| j as u32).collect()
                };
                let (mut nearer, mut tied) = (with(&|x| x < kth), with(&|x| x.total_cmp(&kth).is_eq()));
                let places = k - nearer.len();
                let share = places as f64 / tied.len() as f64;
                if places == tied.len() {
                    nearer.append(&mut tied);
                }
                found.push(Neighbours { nearer, tied, share });
            }
        }
        found
    });
    parts.into_iter().flatten().collect()
}
