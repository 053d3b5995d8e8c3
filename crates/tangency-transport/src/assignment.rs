//! The cheapest way to pair two sets of equal size.

use crate::certificate::Certificate;
use crate::cost::Cost;
use crate::error::TransportError;
use crate::exact::{Transport, TransportStatus, unobserved};
use crate::options::ExactOptions;

/// A permutation with the proof that it is the cheapest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Assignment {
    /// The sum of the costs of all pairs.
    pub value: f64,
    /// The target of each source; each target stands there once.
    pub targets: Vec<usize>,
    /// $f_i$, one for each source.
    pub source_potentials: Vec<f64>,
    /// $g_j$, one for each target; $f_i + g_j \le c_{ij}$ to rounding.
    pub target_potentials: Vec<f64>,
    /// Both sides of the duality for weights of 1.
    pub certificate: Certificate,
    /// Pivots of the simplex method.
    pub pivots: u64,
}

/// The permutation σ with the least $\sum_i c_{i \sigma(i)}$.
///
/// It is the transport problem with n = m and weights of 1, whose vertices are the permutations, so [`exact`](crate::exact())
/// solves it: the network simplex method with equal weights, where most pivots send nothing and are cheap. Takes the time and the
/// memory of that.
///
/// # Errors
///
/// [`TransportError::NotSquare`] if the numbers of sources and targets differ, and the errors of [`exact`](crate::exact()); for
/// costs given by [`Arcs`](crate::Arcs) without a perfect matching [`TransportError::Unreachable`], whose vector holds, as Hall's
/// theorem says, a set of sources with too few neighbours.
///
/// # Example: three jobs
///
/// ```
/// use faer::mat;
/// use tangency_transport::assignment;
///
/// let cost = mat![[4.0, 1.0, 3.0], [2.0, 0.0, 5.0], [3.0, 2.0, 2.0]];
/// let found = assignment(&cost)?;
/// assert_eq!(found.targets, [1, 0, 2]);
/// assert_eq!(found.value, 5.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn assignment<'c>(cost: impl Into<Cost<'c>>) -> Result<Assignment, TransportError> {
    let cost = cost.into();
    let (sources, targets) = cost.shape();
    if sources != targets {
        return Err(TransportError::NotSquare { sources, targets });
    }
    let weights = vec![1.0; sources];
    // Of a perfect matching nothing may be missing.
    let options = ExactOptions { mass_tolerance: 0.0, ..Default::default() };
    let found = unobserved(&weights, &weights, cost, &options)?;
    let Transport { value, plan, source_potentials, target_potentials, certificate, pivots, status, .. } =
        found;
    debug_assert!(matches!(status, TransportStatus::Optimal | TransportStatus::RoundingLimit));
    let mut of = vec![0; sources];
    for shipment in plan.shipments() {
        of[shipment.source] = shipment.target;
    }
    Ok(Assignment { value, targets: of, source_potentials, target_potentials, certificate, pivots })
}
