//! The permutation test of equal distributions on the line.

use super::{Labels, Pool, at_least};
use crate::error::TransportError;
use crate::line::{Exponent, root_of};
use crate::parallel::map_parts;
use rand::Rng;

/// A distance with its p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PermutationTest {
    /// $W_p$ of the two samples.
    pub statistic: f64,
    /// $(1 + \text{at_least}) / (1 + \text{permutations})$, never zero.
    pub p_value: f64,
    /// Permutations made.
    pub permutations: usize,
    /// How many of them had a distance at least as large.
    pub at_least: usize,
}

/// Tests whether two samples on the line come from one distribution, with $W_p$ as the statistic.
///
/// The labels of all points are permuted B times, and the distance is computed each time:
///
/// $$ p = \frac{1 + \#\lbrace b : T_b \ge T \rbrace}{B + 1} . $$
///
/// If the points are independent (exchangeable is enough) and the distributions are equal, $P(p \le \alpha) \le \alpha$ for
/// every sample size. Dividing the count by B, as some libraries do, gives zeros and exceeds the level. The points of both
/// samples are sorted once; a permutation costs a pass over them, O(n + m), for p = 1 without any power. Distances within a
/// relative 1e-12 of the statistic count as equal to it, since they may be the same in exact arithmetic.
///
/// A small p-value says that the distributions differ, not that they differ by much: with many points every difference is
/// found. The distance itself, and [`wasserstein_interval`](crate::wasserstein_interval), say how much.
///
/// `permutations` is B, at least 1; α (B + 1) should be a whole number, so that a test of level α has that level: 999 serves.
/// On several threads with the feature `rayon`; the result does not depend on how many.
///
/// # Errors
///
/// [`TransportError`] for empty samples, points that are not finite, $p < 1$ or infinite, and no permutations.
///
/// # Example: far apart
///
/// ```
/// use rand::SeedableRng;
/// use tangency_transport::wasserstein_permutation_test;
///
/// let x: Vec<f64> = (0..30).map(|i| f64::from(i % 10)).collect();
/// let y: Vec<f64> = x.iter().map(|x| x + 4.0).collect();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let test = wasserstein_permutation_test(&x, &y, 1.0, 999, &mut rng)?;
/// assert_eq!((test.statistic, test.p_value), (4.0, 0.001));
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - B. Phipson, G. K. Smyth, *Permutation p-values should never be zero: calculating exact p-values when permutations are
///   randomly drawn*, Statistical Applications in Genetics and Molecular Biology 9 (2010), article 39.
pub fn wasserstein_permutation_test<R: Rng + ?Sized>(
    x: &[f64],
    y: &[f64],
    p: f64,
    permutations: usize,
    rng: &mut R,
) -> Result<PermutationTest, TransportError> {
    const TOLERANCE: f64 = 1e-12;
    let exponent = Exponent::finite(p)?;
    at_least("the number of permutations", "at least 1", permutations, 1)?;
    let (n, m) = (x.len(), y.len());
    let pool = Pool::new(x, y)?;
    let given = pool.power(&given_labels(&pool, x), n, m, exponent);
    let mut labels = Labels::new(n + m, n, m);
    let powers = powers(&pool, &mut labels, permutations, exponent, rng);
    let at_least = powers.iter().filter(|power| **power >= given * (1.0 - TOLERANCE)).count();
    Ok(PermutationTest {
        statistic: root_of(given, exponent),
        p_value: (1 + at_least) as f64 / (1 + permutations) as f64,
        permutations,
        at_least,
    })
}

/// The labels that were given: equal points are interchangeable, so the first of them in the pool are the first sample's.
fn given_labels(pool: &Pool, x: &[f64]) -> Vec<u8> {
    let mut sorted = x.to_vec();
    crate::line::sort(&mut sorted);
    let mut mine = sorted.iter().peekable();
    let label = |point: &f64| match mine.peek() {
        Some(next) if next.total_cmp(point).is_eq() => {
            mine.next();
            1
        }
        _ => 0,
    };
    pool.points.iter().map(label).collect()
}

/// $W_p^p$ for drawn labels; they are drawn one after another, and evaluated in batches.
pub(super) fn powers<R: Rng + ?Sized>(
    pool: &Pool,
    labels: &mut Labels,
    count: usize,
    exponent: Exponent,
    rng: &mut R,
) -> Vec<f64> {
    const BATCH: usize = 64;
    let mut powers = Vec::with_capacity(count);
    while powers.len() < count {
        let batch: Vec<Vec<u8>> = (0..BATCH.min(count - powers.len())).map(|_| labels.draw(rng)).collect();
        powers.extend(map_parts(batch.len(), 1, |range| {
            pool.power(&batch[range.start], labels.n, labels.m, exponent)
        }));
    }
    powers
}
