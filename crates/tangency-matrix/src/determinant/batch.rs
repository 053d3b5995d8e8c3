//! Many determinants of one order.

use super::dense::small_determinant;
use super::{LogDet, LogDetWorkspace, log_det_with};
use crate::MatrixError;
use crate::scalar::Scalar;
use faer::MatRef;

/// Matrices that share one workspace; the work is cut by this number and not by the number of threads.
const CHUNK: usize = 64;

/// The determinants of many matrices of one order, with the bits of [`log_det`](crate::log_det).
///
/// `matrices` holds one matrix after another, each column by column; `results` has one place for each. Nothing is
/// allocated for a matrix. With the feature `rayon` chunks of 64 matrices are spread over the threads. Cost: that of the
/// single calls without their overhead.
///
/// # Errors
///
/// [`MatrixError::OutOfRange`] unless there are `order²` entries for each result; [`MatrixError::InBatch`] around the
/// first matrix at fault; the results before it are written, those after it may be.
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
///
/// # References
///
/// - Those of [`log_det`](crate::log_det).
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
    if results.is_empty() {
        return Ok(());
    }
    if order == 0 {
        results.fill(LogDet::default());
        return Ok(());
    }
    let chunk = |(k, (a, x)): (usize, (&[T], &mut [LogDet<T>]))| {
        run_chunk(order, a, x)
            .map_err(|(i, source)| MatrixError::InBatch { index: k * CHUNK + i, source: Box::new(source) })
    };
    let size = CHUNK.saturating_mul(order * order);
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        let parts = matrices.par_chunks(size).zip(results.par_chunks_mut(CHUNK));
        let outcomes: Vec<Result<(), MatrixError>> = parts.enumerate().map(chunk).collect();
        outcomes.into_iter().collect()
    }
    #[cfg(not(feature = "rayon"))]
    matrices.chunks(size).zip(results.chunks_mut(CHUNK)).enumerate().try_for_each(chunk)
}

/// `Err` with the index of the matrix at fault.
fn run_chunk<T: Scalar>(
    order: usize,
    matrices: &[T],
    results: &mut [LogDet<T>],
) -> Result<(), (usize, MatrixError)> {
    let mut workspace = None;
    for (i, (a, result)) in matrices.chunks_exact(order * order).zip(results).enumerate() {
        let a = MatRef::from_column_major_slice(a, order, order);
        let found = match small_determinant(a) {
            Some(product) => product.map(LogDet::new),
            None => log_det_with(a, workspace.get_or_insert_with(|| LogDetWorkspace::new(order))),
        };
        *result = found.map_err(|source| (i, source))?;
    }
    Ok(())
}
