//! Distances of projections on lines.

mod columns;

use crate::cloud::PointCloud;
use crate::direction::{Directions, directions};
use crate::error::{Side, TransportError};
use crate::line::{Exponent, root_of};
use crate::parallel::map_parts;
use columns::{Columns, ascend, power, slice_powers};
use rand::Rng;

/// How directions are chosen, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlicedOptions {
    /// The exponent p, at least 1 and finite. Default 2.
    pub p: f64,
    /// The number of directions, at least 2. Default 100.
    pub directions: usize,
    /// How they are chosen. Default orthogonal.
    pub kind: Directions,
}

impl Default for SlicedOptions {
    fn default() -> Self {
        Self { p: 2.0, directions: 100, kind: Directions::Orthogonal }
    }
}

/// A sliced distance with its Monte Carlo error.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sliced {
    /// $SW_p$, the p-th root of [`power`](Self::power).
    pub value: f64,
    /// The mean of $W_p^p$ over the directions.
    pub power: f64,
    /// The standard error of [`power`](Self::power), from groups of directions that are independent.
    pub power_standard_error: f64,
    /// The standard error of [`value`](Self::value), to first order; infinite for a value of zero with an error.
    pub standard_error: f64,
}

/// The sliced Wasserstein distance: the mean over directions of the distances of projections.
///
/// $$ SW_p^p(P, Q) = \int_{S^{d-1}} W_p^p(\theta \cdot P, \theta \cdot Q)  \mathrm d \theta $$
///
/// with the uniform probability measure on the sphere. There is no factor d: a pure shift by m has $SW_2 = \lVert m \rVert /
/// \sqrt d$. Both samples are projected on the same directions. The integral is an average over finitely many of them, and
/// the standard error of that average is given. It is never more than $W_p$, and POT's `sliced_wasserstein_distance` is the
/// same quantity.
///
/// Points are rows, n × d and m × d: a matrix, whose rows have the same weight, or a [`PointCloud`] with weights. Weights are as for
/// [`wasserstein_1d`](crate::wasserstein_1d): both sides have the same total to 1e-9, and a total M gives M times the power. Costs a
/// projection and two sorts for each direction, L (n + m)(d + log n) in all, of pairs with weights two to three times as much; on several
/// threads with the feature `rayon`; the result does not depend on how many.
///
/// # Errors
///
/// [`TransportError`] for no points, different dimensions, coordinates that are not finite, weights that are negative, not finite
/// or of different totals, and options out of range.
///
/// # Example: a shift
///
/// ```
/// use faer::Mat;
/// use rand::SeedableRng;
/// use tangency_transport::{SlicedOptions, sliced_wasserstein};
///
/// let x = Mat::from_fn(50, 3, |i, k| ((7 * i + 3 * k) % 11) as f64);
/// let y = Mat::from_fn(50, 3, |i, k| x[(i, k)] + [1.0, 2.0, 2.0][k]);
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let options = SlicedOptions { directions: 60, ..Default::default() };
/// let found = sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng)?;
/// assert!((found.power - 9.0 / 3.0).abs() < 1e-12); // orthogonal directions give a shift exactly
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - N. Bonneel, J. Rabin, G. Peyré, H. Pfister, *Sliced and Radon Wasserstein barycenters of measures*, Journal of
///   Mathematical Imaging and Vision 51 (2015) 22-45.
pub fn sliced_wasserstein<'a, 'b, R: Rng + ?Sized>(
    x: impl Into<PointCloud<'a>>,
    y: impl Into<PointCloud<'b>>,
    options: &SlicedOptions,
    rng: &mut R,
) -> Result<Sliced, TransportError> {
    let exponent = options.check()?;
    let (x, y) = Columns::pair(x.into(), y.into())?;
    let (vectors, groups) = directions(options.kind, options.directions, x.dimension, rng);
    let powers = slice_powers(&x, &y, &vectors, exponent)?;
    Ok(Sliced::of(&powers, &groups, exponent))
}

/// The largest distance of projections that was found, and its direction.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxSliced {
    /// $W_p$ of the projections on [`direction`](Self::direction): a lower bound on the max-sliced distance, and so on $W_p$.
    pub value: f64,
    /// The unit vector.
    pub direction: Vec<f64>,
    /// Steps of the ascent that raised the value, over all starts.
    pub steps: usize,
}

/// The max-sliced Wasserstein distance: the largest distance of projections on a line.
///
/// $$ \max_{\lVert \theta \rVert = 1} W_p(\theta \cdot P, \theta \cdot Q) $$
///
/// The maximum of a function that is not concave: `options.directions` directions are tried, and from the best four the
/// ascent follows the gradient $\sum p \lvert \delta_i \rvert^{p-1} \operatorname{sgn}(\delta_i) (x_i - y_i)$ of the coupling
/// that is optimal at the direction, along great circles, with halved steps where the value does not rise. The result is a
/// distance of projections in any case, so it bounds the maximum, and $W_p$, from below.
///
/// Points and weights as for [`sliced_wasserstein`]. Costs the directions tried, and some tens more.
///
/// # Errors
///
/// As [`sliced_wasserstein`].
///
/// # Example: the direction of a shift
///
/// ```
/// use faer::Mat;
/// use rand::SeedableRng;
/// use tangency_transport::{SlicedOptions, max_sliced_wasserstein};
///
/// let x = Mat::from_fn(40, 5, |i, k| ((7 * i + 3 * k) % 11) as f64 / 11.0);
/// let y = Mat::from_fn(40, 5, |i, k| x[(i, k)] + [0.0, 3.0, 0.0, 4.0, 0.0][k]);
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let found = max_sliced_wasserstein(x.as_ref(), y.as_ref(), &SlicedOptions::default(), &mut rng)?;
/// assert!((found.value - 5.0).abs() < 1e-9 && (found.direction[3].abs() - 0.8).abs() < 1e-4);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - I. Deshpande, Y.-T. Hu, R. Sun, A. Pyrros, N. Siddiqui, S. Koyejo, Z. Zhao, D. Forsyth, A. G. Schwing, *Max-sliced
///   Wasserstein distance and its use for GANs*, CVPR 2019, 10648-10656.
pub fn max_sliced_wasserstein<'a, 'b, R: Rng + ?Sized>(
    x: impl Into<PointCloud<'a>>,
    y: impl Into<PointCloud<'b>>,
    options: &SlicedOptions,
    rng: &mut R,
) -> Result<MaxSliced, TransportError> {
    const STARTS: usize = 4;
    let exponent = options.check()?;
    let (x, y) = Columns::pair(x.into(), y.into())?;
    let d = x.dimension;
    let (vectors, _) = directions(options.kind, options.directions, d, rng);
    let powers = slice_powers(&x, &y, &vectors, exponent)?;
    let mut order: Vec<usize> = (0..powers.len()).collect();
    order.sort_by(|a, b| powers[*b].total_cmp(&powers[*a]));
    order.truncate(STARTS);
    let climbs = map_parts(order.len(), 1, |range| {
        let k = order[range.start];
        ascend(&x, &y, vectors[k * d..(k + 1) * d].to_vec(), powers[k], exponent)
    });
    let steps = climbs.iter().map(|climb| climb.2).sum();
    let mut best = (vectors[..d].to_vec(), f64::NEG_INFINITY);
    for (direction, power, _) in climbs {
        if power > best.1 {
            best = (direction, power);
        }
    }
    Ok(MaxSliced { value: root_of(best.1, exponent), direction: best.0, steps })
}

/// The sliced distance for projections of the caller's: polynomials, radial functions, features of a network.
///
/// $$ \frac 1 L \sum_{k < L} W_p^p(g_k(X), g_k(Y)) $$
///
/// `project(k, x)` is the k-th projection of the point x, a number. With $g_k(x) = \theta_k \cdot x$ it is
/// [`sliced_wasserstein`]; with other functions the generalised sliced distance. It is zero for equal distributions; whether
/// it is zero for them alone depends on the functions. The standard error takes the projections as independent draws.
///
/// Points and weights as for [`sliced_wasserstein`]. `options.directions` is the number of projections, `options.kind` is not used. Costs one call for each point and projection, and the sorts.
///
/// # Errors
///
/// As [`sliced_wasserstein`]; [`TransportError::Coordinate`] with the number of the projection as the column where a
/// projection is not finite.
///
/// # Example: distances from the origin
///
/// ```
/// use faer::mat;
/// use tangency_transport::{SlicedOptions, generalised_sliced_wasserstein};
///
/// // The same radii, in other directions; the second projection is twice the first.
/// let (x, y) = (mat![[3.0, 4.0], [0.0, 1.0]], mat![[-1.0, 0.0], [0.0, 6.0]]);
/// let options = SlicedOptions { p: 1.0, directions: 2, ..Default::default() };
/// let radius = |k: usize, x: &[f64]| (k + 1) as f64 * x[0].hypot(x[1]);
/// let found = generalised_sliced_wasserstein(x.as_ref(), y.as_ref(), radius, &options)?;
/// assert_eq!(found.value, 0.75); // 1 and 5 against 1 and 6: ½ and 1
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - S. Kolouri, K. Nadjahi, U. Şimşekli, R. Badeau, G. K. Rohde, *Generalized sliced Wasserstein distances*, NeurIPS 2019.
pub fn generalised_sliced_wasserstein<'a, 'b>(
    x: impl Into<PointCloud<'a>>,
    y: impl Into<PointCloud<'b>>,
    project: impl Fn(usize, &[f64]) -> f64 + Sync,
    options: &SlicedOptions,
) -> Result<Sliced, TransportError> {
    let exponent = options.check()?;
    let (x, y) = Columns::pair(x.into(), y.into())?;
    let (rows_x, rows_y) = (x.rows(), y.rows());
    let powers = map_parts(options.directions, 1, |range| {
        let column = range.start;
        let values = |rows: &[f64], d: usize, side: Side| -> Result<Vec<f64>, TransportError> {
            let values: Vec<f64> = rows.chunks(d).map(|row| project(column, row)).collect();
            match values.iter().position(|v| !v.is_finite()) {
                None => Ok(values),
                Some(row) => Err(TransportError::Coordinate { side, row, column, value: values[row] }),
            }
        };
        let one = values(&rows_x, x.dimension, Side::Source)?;
        let other = values(&rows_y, y.dimension, Side::Target)?;
        power((one, x.weights), (other, y.weights), exponent)
    });
    let powers = powers.into_iter().collect::<Result<Vec<f64>, _>>()?;
    let groups: Vec<usize> = (0..powers.len()).collect();
    Ok(Sliced::of(&powers, &groups, exponent))
}

impl SlicedOptions {
    fn check(&self) -> Result<Exponent, TransportError> {
        if self.directions < 2 {
            let value = self.directions as f64;
            return Err(TransportError::OutOfRange {
                what: "the number of directions",
                range: "at least 2",
                value,
            });
        }
        Exponent::finite(self.p)
    }
}

impl Sliced {
    /// Means of groups, of which each counts by its size.
    fn of(powers: &[f64], groups: &[usize], exponent: Exponent) -> Self {
        let power = powers.iter().sum::<f64>() / powers.len() as f64;
        let count = groups.last().map_or(0, |last| last + 1);
        let mut sums = vec![0.0; count];
        for (value, group) in powers.iter().zip(groups) {
            sums[*group] += value - power;
        }
        // The variance of a sum of independent sums, with the usual correction for the mean that was taken from the same numbers.
        let squares: f64 = sums.iter().map(|s| s * s).sum();
        let power_standard_error = if count > 1 {
            (squares * count as f64 / (count as f64 - 1.0)).sqrt() / powers.len() as f64
        } else {
            f64::NAN
        };
        let value = root_of(power, exponent);
        let standard_error = if power_standard_error <= 0.0 {
            0.0
        } else {
            power_standard_error * value / (exponent.value() * power)
        };
        let standard_error =
            if power > 0.0 || power_standard_error <= 0.0 { standard_error } else { f64::INFINITY };
        Self { value, power, power_standard_error, standard_error }
    }
}
