//! What the distance of two samples is when there is no difference.

use super::permutation::powers;
use super::{Labels, Pool, at_least};
use crate::error::{Side, TransportError};
use crate::line::{Exponent, check_finite, root_of};
use crate::sum::Sum;
use rand::Rng;
use std::f64::consts::FRAC_2_PI;

/// Distances between two samples of one distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct NullDistribution {
    /// $W_p$, in increasing order.
    distances: Vec<f64>,
}

impl NullDistribution {
    /// The distances that were drawn, in increasing order.
    pub fn distances(&self) -> &[f64] {
        &self.distances
    }

    /// Their mean: what zero looks like.
    pub fn mean(&self) -> f64 {
        self.distances.iter().sum::<f64>() / self.distances.len() as f64
    }

    /// Their standard deviation, with divisor one less than their number.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.distances.iter().map(|d| (d - mean) * (d - mean)).sum();
        (squares / (self.distances.len() as f64 - 1.0)).sqrt()
    }

    /// The distance that a share `t` of the draws does not exceed: for t = 0.95 a threshold that 5 % of equal pairs pass.
    pub fn quantile(&self, t: f64) -> f64 {
        let count = self.distances.len();
        let rank = (t * count as f64).ceil().clamp(1.0, count as f64);
        self.distances[rank as usize - 1]
    }
}

/// The distribution of $W_p$ between a sample of n and a sample of m points of the same distribution.
///
/// Two samples are never at distance zero: that of two uniform samples of a thousand points each is 0.014 on average. Draws n + m
/// different points of `pool` and parts them at random, `draws` times. Each pair is a pair of samples of the distribution that the pool is
/// a sample of, so that the mean of the distances is an unbiased estimate of the expected distance; the pairs overlap, so that its standard error is
/// more than that of independent draws. With a pool of n + m points it is the null distribution of the permutation test.
///
/// Costs a sort, and a pass over the pool for each draw. On several threads with the feature `rayon`; the result does not
/// depend on how many.
///
/// # Errors
///
/// [`TransportError`] for points that are not finite, $p < 1$ or infinite, n or m of zero, [`TransportError::TooFew`] for a
/// pool of fewer than n + m points, and fewer than two draws.
///
/// # Example: what zero looks like
///
/// ```
/// use rand::SeedableRng;
/// use tangency_transport::wasserstein_null;
///
/// let pool: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let null = wasserstein_null(&pool, 100, 100, 1.0, 500, &mut rng)?;
/// assert!((null.mean() - 0.044).abs() < 0.004); // √π / 4 / √n
/// assert!(null.quantile(0.95) > null.mean());
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein_null<R: Rng + ?Sized>(
    pool: &[f64],
    n: usize,
    m: usize,
    p: f64,
    draws: usize,
    rng: &mut R,
) -> Result<NullDistribution, TransportError> {
    let exponent = Exponent::finite(p)?;
    check(pool, n, m, n.saturating_add(m))?;
    at_least("the number of draws", "at least 2", draws, 2)?;
    let pool = Pool::of_finite(pool.to_vec());
    let mut labels = Labels::new(pool.points.len(), n, m);
    let powers = powers(&pool, &mut labels, draws, exponent, rng);
    let mut distances: Vec<f64> = powers.iter().map(|power| root_of(*power, exponent)).collect();
    crate::line::sort(&mut distances);
    Ok(NullDistribution { distances })
}

/// The expected $W_1$ between samples of n and m points of one distribution, for large n and m, estimated from a sample.
///
/// $$ \mathbb E W_1(F_n, G_m) \approx \sqrt{\tfrac 2 \pi \left( \tfrac 1 n + \tfrac 1 m \right)} \int \sqrt{F (1 - F)}  \mathrm d x , $$
///
/// because $F_n - G_m$ at a point is nearly normal with variance $F (1 - F)(1/n + 1/m)$. The integral is finite if the
/// distribution has a little more than two moments; with heavier tails the distance falls more slowly than $n^{-1/2}$, and
/// the estimate grows with the sample. For small n it is too large by a few per cent: [`wasserstein_null`] has no such error,
/// and serves every p.
///
/// Costs a sort.
///
/// # Errors
///
/// As [`wasserstein_null`], but for the size of the pool, which need only be 2.
///
/// # Example: uniform points
///
/// ```
/// let pool: Vec<f64> = (0..10_000).map(|i| f64::from(i) / 10_000.0).collect();
/// let expected = tangency_transport::expected_w1_null(&pool, 400, 400)?;
/// assert!((expected * 20.0 / (std::f64::consts::PI.sqrt() / 4.0) - 1.0).abs() < 1e-3);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - S. Bobkov, M. Ledoux, *One-dimensional empirical measures, order statistics, and Kantorovich transport distances*,
///   Memoirs of the American Mathematical Society 261 (2019), number 1259.
pub fn expected_w1_null(pool: &[f64], n: usize, m: usize) -> Result<f64, TransportError> {
    check(pool, n, m, 2)?;
    let pool = Pool::of_finite(pool.to_vec());
    let count = pool.points.len() as f64;
    let mut sum = Sum::default();
    for (k, pair) in pool.points.windows(2).enumerate() {
        let share = (k + 1) as f64 / count;
        sum.add((share * (1.0 - share)).sqrt() * (pair[1] - pair[0]));
    }
    Ok((FRAC_2_PI * (1.0 / n as f64 + 1.0 / m as f64)).sqrt() * sum.value())
}

fn check(pool: &[f64], n: usize, m: usize, needed: usize) -> Result<(), TransportError> {
    at_least("the size of the first sample", "at least 1", n, 1)?;
    at_least("the size of the second sample", "at least 1", m, 1)?;
    let (side, points) = (Side::Source, pool.len());
    if points < needed {
        return Err(TransportError::TooFew { side, points, needed });
    }
    check_finite(pool, side)
}
