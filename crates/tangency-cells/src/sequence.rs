//! Sequences of batches, in two orders.

use crate::ShapeError;

/// From `[step][batch][features]`, the usual order of data, to `[step][features][batch]`, that of the cells.
///
/// Cost: one pass. For hidden states take the number of hidden units as `features`.
///
/// # Errors
///
/// [`ShapeError::PartialStep`] unless `values` holds a whole number of steps.
///
/// # Example: two sequences of three features
///
/// ```
/// use tangency_cells::{batch_last, features_last};
///
/// let data = [1, 2, 3, 10, 20, 30];
/// let turned = batch_last(&data, 2, 3)?;
/// assert_eq!(turned, [1, 10, 2, 20, 3, 30]);
/// assert_eq!(features_last(&turned, 2, 3)?, data);
/// # Ok::<(), tangency_cells::ShapeError>(())
/// ```
pub fn batch_last<T: Copy>(values: &[T], batch: usize, features: usize) -> Result<Vec<T>, ShapeError> {
    transpose_steps(values, batch, features)
}

/// From `[step][features][batch]`, the order of the cells, to `[step][batch][features]`: the inverse of [`batch_last`].
///
/// # Errors
///
/// [`ShapeError::PartialStep`] unless `values` holds a whole number of steps.
pub fn features_last<T: Copy>(values: &[T], batch: usize, features: usize) -> Result<Vec<T>, ShapeError> {
    transpose_steps(values, features, batch)
}

/// Transposes each `rows` x `cols` matrix of a sequence of matrices.
fn transpose_steps<T: Copy>(values: &[T], rows: usize, cols: usize) -> Result<Vec<T>, ShapeError> {
    let width = rows.saturating_mul(cols);
    if values.is_empty() {
        return Ok(Vec::new());
    }
    if width == 0 || !values.len().is_multiple_of(width) {
        return Err(ShapeError::PartialStep { len: values.len(), width });
    }
    let mut turned = Vec::with_capacity(values.len());
    for step in values.chunks_exact(width) {
        for col in 0..cols {
            turned.extend((0..rows).map(|row| step[row * cols + col]));
        }
    }
    Ok(turned)
}
