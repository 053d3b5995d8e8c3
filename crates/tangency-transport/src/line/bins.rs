//! Histograms on the line.

use super::masses::total;
use super::quantile::{QuantileFunction, check_sorted};
use super::{Atoms, atoms::check_finite};
use crate::error::{Side, TransportError};

/// $W_p$ of two histograms whose masses lie at the centres of their bins.
///
/// `edges` are the ends of the bins, one more than masses, not decreasing; the two histograms may have different bins. Moving
/// every mass to its centre changes $W_p$ by at most half of the widest bin of each side. [`wasserstein_histogram_uniform`]
/// spreads the mass instead.
///
/// Costs O(n + m) for n and m bins.
///
/// # Errors
///
/// [`TransportError`] for edges that decrease or are not finite, negative masses, totals that differ, and wrong lengths.
///
/// # Example: bins of different widths
///
/// ```
/// use tangency_transport::{wasserstein_histogram_atoms, wasserstein_histogram_uniform};
///
/// let (narrow, wide) = ((&[0.0, 1.0, 2.0][..], &[0.5, 0.5][..]), (&[0.0, 2.0][..], &[1.0][..]));
/// // Centres ½ and 3/2 against 1, but the same uniform distribution.
/// assert_eq!(wasserstein_histogram_atoms(narrow, wide, 1.0)?, 0.5);
/// assert_eq!(wasserstein_histogram_uniform(narrow, wide, 1.0)?, 0.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein_histogram_atoms(
    (source_edges, source_masses): (&[f64], &[f64]),
    (target_edges, target_masses): (&[f64], &[f64]),
    p: f64,
) -> Result<f64, TransportError> {
    let source = QuantileFunction::at_centres(source_edges, source_masses, Side::Source)?;
    source.distance(&QuantileFunction::at_centres(target_edges, target_masses, Side::Target)?, p)
}

/// $W_p$ of two histograms whose masses are spread evenly over their bins.
///
/// The quantile functions are piecewise linear, and the integral of each piece is a formula: there is no error but rounding.
/// A bin of no width is an atom. Arguments as for [`wasserstein_histogram_atoms`].
///
/// Costs O(n + m) for n and m bins.
///
/// # Errors
///
/// As [`wasserstein_histogram_atoms`].
///
/// # Example
///
/// See [`wasserstein_histogram_atoms`].
pub fn wasserstein_histogram_uniform(
    (source_edges, source_masses): (&[f64], &[f64]),
    (target_edges, target_masses): (&[f64], &[f64]),
    p: f64,
) -> Result<f64, TransportError> {
    let source = QuantileFunction::uniform(source_edges, source_masses, Side::Source)?;
    source.distance(&QuantileFunction::uniform(target_edges, target_masses, Side::Target)?, p)
}

impl QuantileFunction {
    /// Of a histogram whose masses lie at the centres of its bins; `edges` has one more number than `masses`, and does not
    /// decrease.
    ///
    /// # Errors
    ///
    /// [`TransportError`], about the source, as for [`wasserstein_histogram_atoms`].
    pub fn from_histogram_atoms(edges: &[f64], masses: &[f64]) -> Result<Self, TransportError> {
        Self::at_centres(edges, masses, Side::Source)
    }

    /// Of a histogram whose masses are spread evenly over its bins; `edges` has one more number than `masses`, and does not
    /// decrease.
    ///
    /// # Errors
    ///
    /// [`TransportError`], about the source, as for [`wasserstein_histogram_atoms`].
    pub fn from_histogram_uniform(edges: &[f64], masses: &[f64]) -> Result<Self, TransportError> {
        Self::uniform(edges, masses, Side::Source)
    }

    fn at_centres(edges: &[f64], masses: &[f64], side: Side) -> Result<Self, TransportError> {
        check_bins(edges, masses, side)?;
        // Half of each end: their sum may be too large.
        let centres: Vec<f64> = edges.windows(2).map(|ends| 0.5 * ends[0] + 0.5 * ends[1]).collect();
        Self::of(Atoms::from(&centres).weighted(masses), side)
    }

    fn uniform(edges: &[f64], masses: &[f64], side: Side) -> Result<Self, TransportError> {
        check_bins(edges, masses, side)?;
        Self::of_pieces(edges, masses, side)
    }
}

fn check_bins(edges: &[f64], masses: &[f64], side: Side) -> Result<(), TransportError> {
    if masses.is_empty() {
        return Err(TransportError::Empty { side });
    }
    if edges.len() != masses.len() + 1 {
        let what = match side {
            Side::Source => "the bin edges of the source",
            Side::Target => "the bin edges of the target",
        };
        return Err(TransportError::Length { what, expected: masses.len() + 1, got: edges.len() });
    }
    check_finite(edges, side)?;
    check_sorted(edges, side)?;
    total(masses, side).map(|_| ())
}
