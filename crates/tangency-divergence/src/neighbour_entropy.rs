//! Differential entropy from the distances to nearest neighbours.

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::neighbour_divergence::{
    AUTOMATIC, Digamma, NO_DISTANCE, NeighbourOptions, Neighbours, check_neighbours, gather, mean, rescale,
};
use crate::neighbours::{Euclidean, Index, unit};
use crate::sample::Sample;
use crate::subsampling::subsample_interval;
use rand::Rng;
use statrs::function::gamma::ln_gamma;
use std::f64::consts::PI;

/// The differential entropy $-\int p \ln p dx$ from n points, by the distances to their nearest neighbours.
///
/// With the distance $\rho_i$ from $x_i$ to its k-th nearest other point and the volume $c_d = \pi^{d/2} / \Gamma(d/2 + 1)$
/// of the unit ball,
///
/// $$ \widehat H = \psi(n) - \psi(k) + \ln c_d + \frac d n \sum_{i=1}^n \ln \rho_i . $$
///
/// The digamma functions are exact where the density is constant over the ball: the share of a ball that reaches to the k-th
/// of n − 1 points has a logarithm with the mean $\psi(k) - \psi(n)$.
///
/// **Bias.** Where the density is not constant over the ball, as at edges, in tails and in many dimensions, the estimate is
/// too large; the bias falls like $n^{-2/d}$ at best. Entropy is not a divergence: it changes with the unit of length by $d
/// \ln$ of it.
///
/// **Points that coincide** are treated as in [`knn_kl_divergence`](crate::knn_kl_divergence); the entropy of a distribution
/// with atoms is $-\infty$, and the estimate stays finite. Cost as there.
///
/// # Errors
///
/// NaN or infinite coordinates, weights, fewer than k + 1 points, [`Neighbours::CommonRadius`], options out of range, and points
/// that all coincide.
///
/// # Example: a square
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{NeighbourOptions, knn_entropy};
///
/// let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(1);
/// let points = faer::Mat::from_fn(2000, 2, |_, _| 3.0 * rng.random::<f64>());
/// let estimate = knn_entropy(points.as_ref().into(), &NeighbourOptions::default(), &mut rng)?;
/// assert!((estimate.value - 9.0_f64.ln()).abs() < 0.1); // ln of its area
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - L. F. Kozachenko, N. N. Leonenko, *Sample estimate of the entropy of a random vector*, Problems of Information
///   Transmission 23 (1987) 95-101, for k = 1.
/// - A. Kraskov, H. Stögbauer, P. Grassberger, *Estimating mutual information*, Physical Review E 69 (2004) 066138, for any k.
pub fn knn_entropy(
    sample: Sample<'_>,
    options: &NeighbourOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    let mut points = sample.read_unweighted(Side::P)?;
    let dimension = points.dimension;
    let k = match options.neighbours {
        Neighbours::Automatic => AUTOMATIC,
        Neighbours::Fixed(k) => k,
        Neighbours::CommonRadius(_) => {
            return Err(SampleError::Unsupported { what: "a common radius, since there is but one sample" });
        }
    };
    check_neighbours(k)?;
    points.at_least(k + 1, Side::P)?;
    if let Some(subsampling) = &options.subsampling {
        subsampling.check()?;
        let (size, _) = subsampling.sizes(points.rows, 0);
        if size < k + 1 {
            return Err(SampleError::SubsampleTooSmall { side: Side::P, points: size, needed: k + 1 });
        }
    }
    let factor = unit(&points.data);
    rescale(&mut points.data, factor);
    let d = dimension as f64;
    let ln_ball = 0.5 * d * PI.ln() - ln_gamma(0.5 * d + 1.0);
    let shift = ln_ball - d * factor.ln();
    let statistic = |data: &[f64]| {
        let index = Index::<Euclidean>::new(data, dimension);
        let shells = index.own_shells(k)?;
        let mut psi = Digamma::default();
        let at_all = psi.of(index.len()) + shift;
        Some(at_all + mean(shells.iter().map(|s| d * index.ln_distance(s.sum) - psi.of(s.rank))))
    };
    let value = statistic(&points.data).ok_or(NO_DISTANCE)?;
    let mut estimate =
        Estimate { value, standard_error: None, interval: None, method: Method::NearestNeighbours { k } };
    if let Some(subsampling) = &options.subsampling {
        let again = |rows: &[usize], _: &[usize]| statistic(&gather(&points, rows)).unwrap_or(f64::NAN);
        let (error, interval) = subsample_interval(points.rows, 0, value, again, subsampling, rng)?;
        estimate.standard_error = Some(error);
        estimate.interval = Some(interval);
    }
    Ok(estimate)
}
