//! Many small matrices in one call.

use super::evaluation::Target;
use super::small::two_by_two;
use super::workspace::ExpmWorkspace;
use super::{compute, entries};
use crate::MatrixError;
use crate::scalar::Scalar;

/// Matrices that share one workspace; the work is cut by this number and not by the number of threads.
const CHUNK: usize = 64;

/// $e^A$ of many matrices of one order, with the bits of [`expm`](crate::expm) for each.
///
/// `matrices` holds them one after another, each by columns, `order²` numbers; `results` is filled in the same way. Nothing
/// is allocated per matrix. With the feature `rayon` chunks of 64 matrices are spread over the threads.
///
/// Cost: that of the single calls, without their overhead.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] unless both slices have the same length, a multiple of `order²`.
/// [`MatrixError::InBatch`] for the first matrix with an entry that is not finite or whose exponential overflows; the
/// results before it are written, those after it may be.
///
/// # Example: two rotations
///
/// ```
/// let generators = [0.0, 1.0, -1.0, 0.0, 0.0, 2.0, -2.0, 0.0];
/// let mut rotations = [0.0; 8];
/// tangency_matrix::expm_batch(2, &generators, &mut rotations)?;
/// assert!((rotations[0] - 1.0_f64.cos()).abs() < 1e-15);
/// assert!((rotations[5] - 2.0_f64.sin()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`expm`](crate::expm).
pub fn expm_batch<T: Scalar>(order: usize, matrices: &[T], results: &mut [T]) -> Result<(), MatrixError> {
    // Where the square does not fit, no slice holds a matrix.
    let size = order.saturating_mul(order);
    let count = matrices.len().checked_div(size).unwrap_or(0);
    for (what, length) in [("the matrices", matrices.len()), ("the results", results.len())] {
        if length != count * size {
            return Err(MatrixError::ShapeMismatch {
                what,
                expected_rows: 1,
                expected_columns: count * size,
                rows: 1,
                columns: length,
            });
        }
    }
    if count == 0 {
        return Ok(());
    }
    let chunk = |(k, (a, x)): (usize, (&[T], &mut [T]))| {
        run_chunk(order, a, x)
            .map_err(|(i, source)| MatrixError::InBatch { index: k * CHUNK + i, source: Box::new(source) })
    };
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        let parts = matrices.par_chunks(CHUNK * size).zip(results.par_chunks_mut(CHUNK * size));
        let outcomes: Vec<Result<(), MatrixError>> = parts.enumerate().map(chunk).collect();
        outcomes.into_iter().collect()
    }
    #[cfg(not(feature = "rayon"))]
    matrices.chunks(CHUNK * size).zip(results.chunks_mut(CHUNK * size)).enumerate().try_for_each(chunk)
}

/// `Err` with the index of the matrix at fault.
fn run_chunk<T: Scalar>(order: usize, matrices: &[T], results: &mut [T]) -> Result<(), (usize, MatrixError)> {
    let size = order * order;
    let mut workspace = None;
    for (i, (a, x)) in matrices.chunks_exact(size).zip(results.chunks_exact_mut(size)).enumerate() {
        // The shortest way for the smallest matrices; anything unusual goes the long one.
        if let &[p, q, r, s] = a
            && order == 2
            && (q != T::ZERO || r != T::ZERO)
            && a.iter().all(|v| v.finite())
            && let Some(value) = two_by_two([p, q, r, s])
            && value.iter().all(|v| v.finite())
        {
            x.copy_from_slice(&value);
            continue;
        }
        let workspace = workspace.get_or_insert_with(|| ExpmWorkspace::new(order));
        let mut buffers = workspace.buffers();
        compute(entries::view(a, order), Target::Exponential, &mut buffers).map_err(|e| (i, e))?;
        entries::copy(x, buffers.result);
    }
    Ok(())
}
