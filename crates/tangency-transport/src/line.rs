//! Distances and transport on the line.

mod atoms;
mod bins;
mod circle;
mod masses;
mod merge;
mod power;
mod quantile;
mod sort;
mod stream;
mod transport;

pub use atoms::Atoms;
pub use bins::{wasserstein_histogram_atoms, wasserstein_histogram_uniform};
pub use circle::{transport_circle, wasserstein_circle, wasserstein_circle_pow};
pub use quantile::QuantileFunction;
pub use stream::wasserstein_1d_stream;
pub use transport::{LineTransport, transport_1d};

pub(crate) use atoms::check_finite;
pub(crate) use masses::{UNITS, UnitsIter, Weights, check_totals, share, total};
pub(crate) use power::{Exponent, root_of};
pub(crate) use sort::sort;

use crate::error::TransportError;
use crate::parallel::both;

/// The Wasserstein distance of two distributions of points on the line, for any $p$ from 1 to infinity.
///
/// $$ W_p(P, Q) = \left( \int_0^1 \lvert F^{-1}(t) - G^{-1}(t) \rvert^p  \mathrm d t \right)^{1/p},
///    \quad W_1 = \int \lvert F(x) - G(x) \rvert  \mathrm d x , $$
///
/// where $F^{-1}, G^{-1}$ are the quantile functions; $W_\infty$ is the largest difference of quantiles. The monotone
/// coupling is optimal for every convex cost, so two sorts and a merge are exact; masses are whole numbers of 2⁻¹¹² of the
/// total, so that neither ties nor a million equal weights leave a quantile unmatched. It is a distance: the root is taken.
/// [`wasserstein_1d_pow`] does not take it. SciPy's `wasserstein_distance` is $p = 1$ with weights that it normalises; POT's
/// `wasserstein_1d` gives the power.
///
/// $W_\infty$ does not depend continuously on the weights: they are taken as the numbers that they are, and where the sums of
/// both sides differ by a rounding alone, as 0.1 + 0.2 and 0.3 do, that rounding has to travel too. Whole numbers have no such sums.
///
/// Points come in any order, a slice or [`Atoms`] with weights. Weights of the two sides must have the same total to 1e-9
/// (without weights each point has 1/n); a total M other than 1 gives $M^{1/p}$ times the distance of the normalised
/// distributions. Whoever compares one sample with many sorts it once, as a [`QuantileFunction`].
///
/// Costs the two sorts, at the same time with the feature `rayon`, and O(n + m) beyond; memory for a sorted copy of each
/// side. Where the power overflows or vanishes, the distance is still computed: from differences in units of the largest.
///
/// # Errors
///
/// [`TransportError`] for no points, points or weights that are not finite, negative weights, totals that differ, and $p < 1$.
///
/// # Example: the mean of a shifted sample moves by the shift
///
/// ```
/// use tangency_transport::{Atoms, wasserstein_1d};
///
/// let (x, y) = ([3.0, 1.0, 2.0], [6.0, 4.0, 5.0]);
/// assert_eq!(wasserstein_1d(&x, &y, 1.0)?, 3.0);
/// assert_eq!(wasserstein_1d(&x, &y, f64::INFINITY)?, 3.0);
///
/// // A quarter of the mass moves from 0 to 2.
/// let (p, q) = (Atoms::from(&[0.0, 2.0]).weighted(&[0.5, 0.5]), Atoms::from(&[0.0, 2.0]).weighted(&[0.25, 0.75]));
/// assert_eq!(wasserstein_1d(p, q, 2.0)?, 1.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - F. Santambrogio, *Optimal Transport for Applied Mathematicians*, Birkhäuser 2015, chapter 2.
pub fn wasserstein_1d<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    p: f64,
) -> Result<f64, TransportError> {
    let exponent = Exponent::new(p)?;
    let (x, y) = sorted(x.into(), y.into())?;
    x.distance_of(&y, exponent)
}

/// $W_p^p$ of two distributions of points on the line: [`wasserstein_1d`] without the root.
///
/// Infinite where it overflows, zero where it underflows.
///
/// # Errors
///
/// As [`wasserstein_1d`]; $p$ must be finite.
///
/// # Example: squared distances
///
/// ```
/// assert_eq!(tangency_transport::wasserstein_1d_pow(&[0.0], &[5.0], 2.0)?, 25.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein_1d_pow<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    p: f64,
) -> Result<f64, TransportError> {
    let exponent = Exponent::finite(p)?;
    let (x, y) = sorted(x.into(), y.into())?;
    x.power_of(&y, exponent)
}

/// Both sides sorted.
fn sorted(x: Atoms<'_>, y: Atoms<'_>) -> Result<(QuantileFunction, QuantileFunction), TransportError> {
    use crate::error::Side;
    let (x, y) = both(|| QuantileFunction::of(x, Side::Source), || QuantileFunction::of(y, Side::Target));
    Ok((x?, y?))
}
