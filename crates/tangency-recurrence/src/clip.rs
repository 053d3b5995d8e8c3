//! Clipping gradients.

use crate::{Quantity, StepError};
use tangency_vmath::{Real, norm};

/// Limits every component of `gradient` to $[-c, c]$.
///
/// Changes the direction. Returns how many components were limited.
///
/// # Errors
///
/// [`StepError::NonFinite`] with the position of the first NaN or infinity, and `gradient` is left as it was: what is not
/// a gradient cannot be clipped into one. The step number in the error is `step`.
///
/// # Panics
///
/// Never; a `limit` that is negative or NaN limits every component to 0.
///
/// # Example: one component is too large
///
/// ```
/// let mut gradient = [0.5, -3.0];
/// assert_eq!(tangency_recurrence::clip_by_value(0, &mut gradient, 1.0)?, 1);
/// assert_eq!(gradient, [0.5, -1.0]);
/// # Ok::<(), tangency_recurrence::StepError>(())
/// ```
pub fn clip_by_value<T: Real>(step: usize, gradient: &mut [T], limit: T) -> Result<usize, StepError> {
    StepError::check_finite(step, Quantity::Gradient, gradient)?;
    let limit = if limit > T::ZERO { limit } else { T::ZERO };
    let mut clipped = 0;
    for g in gradient.iter_mut() {
        if g.abs() > limit {
            *g = if *g > T::ZERO { limit } else { -limit };
            clipped += 1;
        }
    }
    Ok(clipped)
}

/// Shortens all parts of a gradient together to the Euclidean norm $c$, if they are longer.
///
/// $$ g \leftarrow g \cdot \min(1, c / \lVert g \rVert_2) $$
///
/// The norm is that of all parts as one vector, so the direction is kept. Returns the norm before clipping. The result is
/// never longer than `limit`, rounding included, by more than a few units in the last place.
///
/// # Errors
///
/// [`StepError::NonFinite`] with the position, counted through all parts, of the first NaN or infinity; the parts are left
/// as they were. The step number in the error is `step`.
///
/// # Example: two parameters share one norm
///
/// ```
/// let (mut a, mut b) = ([3.0], [4.0]);
/// let before = tangency_recurrence::clip_by_global_norm(0, &mut [&mut a, &mut b], 1.0)?;
/// assert_eq!(before, 5.0);
/// assert!((a[0] - 0.6_f64).abs() < 1e-15 && (b[0] - 0.8_f64).abs() < 1e-15);
/// # Ok::<(), tangency_recurrence::StepError>(())
/// ```
///
/// # References
///
/// - R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013, algorithm 1.
pub fn clip_by_global_norm<T: Real>(
    step: usize,
    parts: &mut [&mut [T]],
    limit: f64,
) -> Result<f64, StepError> {
    let mut offset = 0;
    for part in parts.iter() {
        StepError::check_finite(step, Quantity::Gradient, part).map_err(|error| match error {
            StepError::NonFinite { step, what, index, value } => {
                StepError::NonFinite { step, what, index: index + offset, value }
            }
            other => other,
        })?;
        offset += part.len();
    }
    let norms: Vec<f64> = parts.iter().map(|part| norm(part).to_f64()).collect();
    let total = norm(&norms);
    let limit = if limit > 0.0 { limit } else { 0.0 };
    if total > limit {
        for part in parts.iter_mut() {
            for g in part.iter_mut() {
                *g = T::from_f64(g.to_f64() / total * limit);
            }
        }
    }
    Ok(total)
}
