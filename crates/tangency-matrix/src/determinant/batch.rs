//! Many determinants of one order.

use super::{LogDet, LogDetWorkspace, log_det_with};
use crate::MatrixError;
use crate::scalar::Scalar;
use faer::MatRef;

/// The determinants of many matrices of one order, with the bits of [`log_det`](crate::log_det).
///
/// `matrices` holds one matrix after another, each column by column; `results` has one place for each. Nothing is
/// allocated for a matrix. Cost: that of the single calls without their overhead.
///
/// # Errors
///
/// [`MatrixError::OutOfRange`] unless there are `order²` entries for each result; [`MatrixError::InBatch`] around the
/// first error, and then the results before it are written.
///
/// # Example: the Jacobians of a map at three points
///
/// ```
/// use tangency_matrix::{LogDet, log_det_batch};
///
/// // (r, φ) ↦ (r cos φ, r sin φ), by columns.
/// let polar = |r: f64, phi: f64| [phi.cos(), phi.sin(), -r * phi.sin(), r * phi.cos()];
/// let jacobians = [polar(1.0, 0.3), polar(2.0, 0.4), polar(0.5, 2.0)].concat();
/// let mut results = [LogDet::default(); 3];
/// log_det_batch(2, &jacobians, &mut results)?;
/// for (det, r) in results.iter().zip([1.0, 2.0, 0.5]) {
///     assert!((det.value() - r).abs() < 1e-15);
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub fn log_det_batch<T: Scalar>(
    order: usize,
    matrices: &[T],
    results: &mut [LogDet<T>],
) -> Result<(), MatrixError> {
    if order.checked_mul(order).and_then(|entries| entries.checked_mul(results.len())) != Some(matrices.len())
    {
        return Err(MatrixError::OutOfRange {
            what: "the number of entries in the batch",
            range: "the square of the order for each result",
            value: matrices.len() as f64,
        });
    }
    if order == 0 {
        results.fill(LogDet::default());
        return Ok(());
    }
    let mut workspace = LogDetWorkspace::new(order);
    for (index, (matrix, result)) in matrices.chunks_exact(order * order).zip(results).enumerate() {
        *result = log_det_with(MatRef::from_column_major_slice(matrix, order, order), &mut workspace)
            .map_err(|source| MatrixError::InBatch { index, source: Box::new(source) })?;
    }
    Ok(())
}
