//! Intervals for the expected distance of samples, in any dimension.

use super::at_least;
use crate::error::{Side, TransportError};
use crate::law::{Law, Level, quantile};
use crate::parallel::map_parts;
use rand::Rng;
use rand::seq::SliceRandom;

/// The mean distance of pairs of blocks with an interval for its expectation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BlockInterval {
    /// The mean of the distances.
    pub mean: f64,
    /// The standard error of the mean.
    pub standard_error: f64,
    /// Lower end for the expected distance of samples of `sizes`.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The share of repetitions in which the interval is meant to hold that expectation.
    pub level: f64,
    /// Points of a block of the first sample, and of the second: what the expectation belongs to.
    pub sizes: (usize, usize),
    /// The distance of each pair of blocks.
    pub distances: Vec<f64>,
}

/// A confidence interval for the **expected distance between samples of a certain size**, for any distance, in any dimension.
///
/// In three or more dimensions the distance of samples exceeds that of their distributions by far more than it varies (about
/// $n^{-1/d}$ against $n^{-1/2}$), so that an interval around it does not hold the distance of the distributions. What can be
/// estimated without bias is the expected distance of samples of the size at hand. Both samples are shuffled and cut into
/// `blocks` disjoint parts of $\lfloor n / k \rfloor$ and $\lfloor m / k \rfloor$ points; their k distances are independent,
/// and the interval is Student's for their mean, which takes them for normal: nearly so for the distances of blocks of some tens of
/// points. Compare it with the same for two halves of the reference.
///
/// `distance(i, j)` gets the numbers of the points of a block of each sample, and gives their distance: from a cost matrix, by
/// [`exact`](crate::exact), or any other. On several threads with the feature `rayon`; the result does not depend on how many.
///
/// # Errors
///
/// [`TransportError::OutOfRange`] for fewer than two blocks, a level outside (0, 1), and a distance that is not finite;
/// [`TransportError::TooFew`] for fewer points than blocks.
///
/// # Example: on the line, where it can be checked
///
/// ```
/// use rand::SeedableRng;
/// use tangency_transport::{block_interval, wasserstein_1d};
///
/// let x: Vec<f64> = (0..500).map(|i| f64::from(i * 37 % 500) / 500.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| x + 1.0).collect();
/// let pick = |of: &[f64], i: &[usize]| i.iter().map(|i| of[*i]).collect::<Vec<_>>();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let distance = |i: &[usize], j: &[usize]| wasserstein_1d(&pick(&x, i), &pick(&y, j), 1.0).unwrap_or(f64::NAN);
/// let found = block_interval(500, 500, 10, 0.95, distance, &mut rng)?;
/// assert!(found.sizes == (50, 50) && found.lower < 1.0 && 1.0 < found.upper);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn block_interval<R: Rng + ?Sized>(
    n: usize,
    m: usize,
    blocks: usize,
    level: f64,
    distance: impl Fn(&[usize], &[usize]) -> f64 + Sync,
    rng: &mut R,
) -> Result<BlockInterval, TransportError> {
    at_least("the number of blocks", "at least 2", blocks, 2)?;
    super::two_sided(level)?;
    for (points, side) in [(n, Side::Source), (m, Side::Target)] {
        if points < blocks {
            return Err(TransportError::TooFew { side, points, needed: blocks });
        }
    }
    let mut shuffled = |count: usize| {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(rng);
        order
    };
    let (x, y) = (shuffled(n), shuffled(m));
    let sizes = (n / blocks, m / blocks);
    let distances = map_parts(blocks, 1, |range| {
        let k = range.start;
        distance(&x[k * sizes.0..(k + 1) * sizes.0], &y[k * sizes.1..(k + 1) * sizes.1])
    });
    if let Some(value) = distances.iter().find(|d| !d.is_finite()) {
        return Err(TransportError::OutOfRange { what: "each distance", range: "finite", value: *value });
    }
    let count = blocks as f64;
    let mean = distances.iter().sum::<f64>() / count;
    let squares: f64 = distances.iter().map(|d| (d - mean) * (d - mean)).sum();
    let standard_error = (squares / (count - 1.0) / count).sqrt();
    let upper = 0.5 * (1.0 - level);
    let student = Law::StudentsT { location: 0.0, scale: 1.0, freedom: count - 1.0 };
    let reach = standard_error * quantile(&student, Level { lower: 1.0 - upper, upper });
    Ok(BlockInterval {
        mean,
        standard_error,
        lower: mean - reach,
        upper: mean + reach,
        level,
        sizes,
        distances,
    })
}
