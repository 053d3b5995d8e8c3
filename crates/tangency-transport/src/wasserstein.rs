//! The Wasserstein distance of two weighted sets of points, by the method that suits them.

use crate::cost::{Cost, Metric};
use crate::error::TransportError;
use crate::exact::unobserved;
use crate::line::{Atoms, transport_1d};
use crate::options::{CostStorage, ExactOptions};
use crate::plan::Plan;
use crate::sum::sum;
use faer::MatRef;

/// The most pairs whose costs are kept in single precision: 1 GiB. Beyond this they are computed whenever they are read.
const MOST_PAIRS: usize = 1 << 28;

/// A Wasserstein distance with its plan and its proof.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Wasserstein {
    /// $W_p$, the distance.
    pub distance: f64,
    /// $W_p$ is not below this.
    pub lower: f64,
    /// $W_p$ is not above this.
    pub upper: f64,
    /// What found it.
    pub method: WassersteinMethod,
    /// $W_p^p$, the cost of the plan for the costs $c_{ij} = \lVert x_i - y_j \rVert^p$.
    pub power: f64,
    /// Which mass goes where.
    pub plan: Plan,
    /// $f_i$, one for each source.
    pub source_potentials: Vec<f64>,
    /// $g_j$, one for each target; $f_i + g_j \le c_{ij}$ to rounding. [`verify`](crate::verify) checks them.
    pub target_potentials: Vec<f64>,
}

/// What found a Wasserstein distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WassersteinMethod {
    /// One coordinate: points in order, and no costs.
    Line,
    /// n = m and all weights of each side are equal: the plan is a permutation.
    Assignment,
    /// The network simplex method.
    Simplex,
}

/// $W_p$ between weights `a` at the rows of `x` and weights `b` at the rows of `y`, in the Euclidean distance.
///
/// $$ W_p = \left( \min_\Gamma \sum_{ij} \Gamma_{ij} \lVert x_i - y_j \rVert_2^p \right)^{1/p} . $$
///
/// The distance is the root, beside the power. Points on a line are sorted ([`transport_1d`](crate::transport_1d)), O((n + m)
/// log (n + m)); in more dimensions the plan is that of [`exact`](crate::exact()). Weights are taken as they are: with a
/// total mass $\mu$ the power is $\mu$ times that of the distributions. Points may have any number of coordinates. Costs are
/// kept in single precision for up to 2²⁸ pairs and computed when they are read beyond that; the answer is certified in
/// double precision in either case. For other distances, budgets and starts see [`exact_with`](crate::exact_with()).
///
/// # Errors
///
/// As [`exact`](crate::exact()); [`TransportError::OutOfRange`] for $p < 1$ or infinite.
///
/// # Example: a shift
///
/// ```
/// use faer::mat;
/// use tangency_transport::{WassersteinMethod, wasserstein};
///
/// let x = mat![[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]];
/// let y = mat![[3.0, 6.0], [3.0, 4.0], [4.0, 4.0]]; // the same three points, 3 to the right and 4 up
/// let third = [1.0 / 3.0; 3];
/// let found = wasserstein(x.as_ref(), &third, y.as_ref(), &third, 2.0)?;
/// assert!((found.distance - 5.0).abs() < 1e-14);
/// assert_eq!(found.method, WassersteinMethod::Assignment);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein(
    x: MatRef<'_, f64>,
    a: &[f64],
    y: MatRef<'_, f64>,
    b: &[f64],
    p: f64,
) -> Result<Wasserstein, TransportError> {
    if !(p >= 1.0 && p.is_finite()) {
        return Err(TransportError::OutOfRange {
            what: "the exponent p",
            range: "from 1, and finite",
            value: p,
        });
    }
    let found = if x.ncols() == 1 && y.ncols() == 1 {
        on_the_line((x, a), (y, b), p)?
    } else {
        in_space((x, a), (y, b), p)?
    };
    // Each cost is a sum of d rounded terms that are not negative, and a power of it: the least cost of all plans is off by no
    // larger a share. Then the root of it is rounded, and 1 / p before, which counts as often as the power has e-folds.
    let of_costs = 2.0 * f64::EPSILON * (x.ncols() as f64 + p + 4.0);
    let root = |value: f64, sign: f64| {
        let value = value.max(0.0) * (1.0 + sign * of_costs);
        if p == 1.0 {
            return value;
        }
        let (root, folds) =
            if p == 2.0 { (value.sqrt(), 0.0) } else { (value.powf(1.0 / p), value.ln().abs() / p) };
        // Of zero, the logarithm is infinite and the root exact.
        if root > 0.0 { root * (1.0 + sign * 4.0 * f64::EPSILON * (1.0 + folds)) } else { root }
    };
    Ok(Wasserstein {
        distance: root(found.power, 0.0),
        lower: root(found.lower, -1.0),
        upper: root(found.upper, 1.0),
        method: found.method,
        power: found.power,
        plan: found.plan,
        source_potentials: found.potentials.0,
        target_potentials: found.potentials.1,
    })
}

/// Points as rows, and their weights.
type Weighted<'a> = (MatRef<'a, f64>, &'a [f64]);

/// The answer in powers of distances.
struct Powers {
    method: WassersteinMethod,
    power: f64,
    lower: f64,
    upper: f64,
    plan: Plan,
    potentials: (Vec<f64>, Vec<f64>),
}

/// Any number of coordinates.
fn in_space((x, a): Weighted<'_>, (y, b): Weighted<'_>, p: f64) -> Result<Powers, TransportError> {
    let metric = match p {
        1.0 => Metric::Euclidean,
        2.0 => Metric::SquaredEuclidean,
        p => Metric::EuclideanPower(p),
    };
    let few = a.len().checked_mul(b.len()).is_some_and(|pairs| pairs <= MOST_PAIRS);
    let storage = if few { CostStorage::SingleCopy } else { CostStorage::Automatic };
    let options = ExactOptions { storage, ..Default::default() };
    let found = unobserved(a, b, Cost::points(x, y, metric), &options)?;
    let equal = |weights: &[f64]| weights.iter().all(|w| *w == weights[0]);
    let method = if a.len() == b.len() && equal(a) && equal(b) {
        WassersteinMethod::Assignment
    } else {
        WassersteinMethod::Simplex
    };
    Ok(Powers {
        method,
        power: found.value,
        lower: found.certificate.lower,
        upper: found.certificate.upper,
        plan: found.plan,
        potentials: (found.source_potentials, found.target_potentials),
    })
}

/// One coordinate.
fn on_the_line((x, a): Weighted<'_>, (y, b): Weighted<'_>, p: f64) -> Result<Powers, TransportError> {
    let points = |of: MatRef<'_, f64>| (0..of.nrows()).map(|i| of[(i, 0)]).collect::<Vec<f64>>();
    let (x, y) = (points(x), points(y));
    let found = transport_1d(Atoms::from(&x).weighted(a), Atoms::from(&y).weighted(b), p)?;
    let (f, g) = (found.source_potentials, found.target_potentials);
    // Sums are compensated. What is left are the roundings of the terms, and potentials that are feasible to rounding.
    let size = |weights: &[f64], potentials: &[f64]| {
        weights.iter().zip(potentials).map(|(w, f)| w * f.abs()).sum::<f64>()
    };
    let largest = f.iter().chain(&g).fold(0.0, |most: f64, f| most.max(f.abs()));
    let rounding = 8.0 * f64::EPSILON * (size(a, &f) + size(b, &g) + sum(a) * largest + found.primal);
    Ok(Powers {
        method: WassersteinMethod::Line,
        power: found.primal,
        lower: found.dual - rounding,
        upper: found.primal + rounding,
        plan: found.plan,
        potentials: (f, g),
    })
}
