//! Clipping gradients.

use tangency_vmath::Real;

/// A gradient that is not finite cannot be clipped into one.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("gradient component {index} is {value}")]
pub struct NonFiniteGradient {
    /// Which component, counted through all parts.
    pub index: usize,
    /// What stands there.
    pub value: f64,
}

fn check_finite<'a, T: Real>(parts: impl Iterator<Item = &'a [T]>) -> Result<(), NonFiniteGradient> {
    match parts.flatten().enumerate().find(|(_, g)| !g.is_finite()) {
        Some((index, g)) => Err(NonFiniteGradient { index, value: g.to_f64() }),
        None => Ok(()),
    }
}

/// Limits every component of `gradient` to $[-c, c]$.
///
/// Changes the direction. Returns how many components were limited. A limit that is negative or NaN counts as 0.
///
/// # Errors
///
/// [`NonFiniteGradient`] with the first NaN or infinity, and `gradient` is left as it was.
///
/// # Example: one component is too large
///
/// ```
/// let mut gradient = [0.5, -3.0];
/// assert_eq!(tangency_recurrence::clip_by_value(&mut gradient, 1.0)?, 1);
/// assert_eq!(gradient, [0.5, -1.0]);
/// # Ok::<(), tangency_recurrence::NonFiniteGradient>(())
/// ```
pub fn clip_by_value<T: Real>(gradient: &mut [T], limit: T) -> Result<usize, NonFiniteGradient> {
    check_finite(std::iter::once(&*gradient))?;
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
/// The norm is that of all parts as one vector, so the direction is kept; it is summed in double precision, relative to the
/// largest component, so nothing overflows or underflows on the way. Returns the norm before clipping, which is infinite if
/// it does not fit. A limit that is negative or NaN counts as 0.
///
/// # Errors
///
/// [`NonFiniteGradient`] with the first NaN or infinity, and the parts are left as they were.
///
/// # Example: two parameters share one norm
///
/// ```
/// let (mut a, mut b) = ([3.0], [4.0]);
/// let before = tangency_recurrence::clip_by_global_norm(&mut [&mut a, &mut b], 1.0)?;
/// assert_eq!(before, 5.0);
/// assert!((a[0] - 0.6_f64).abs() < 1e-15 && (b[0] - 0.8_f64).abs() < 1e-15);
/// # Ok::<(), tangency_recurrence::NonFiniteGradient>(())
/// ```
///
/// # References
///
/// - R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013, algorithm 1.
pub fn clip_by_global_norm<T: Real>(parts: &mut [&mut [T]], limit: f64) -> Result<f64, NonFiniteGradient> {
    check_finite(parts.iter().map(|part| &**part))?;
    let components = || parts.iter().flat_map(|part| part.iter()).map(|g| g.to_f64());
    let largest = components().fold(0.0_f64, |m, g| m.max(g.abs()));
    if largest == 0.0 {
        return Ok(0.0);
    }
    // A power of two, so that the quotients are exact.
    let scale = largest.log2().floor().clamp(-1022.0, 1022.0).exp2();
    let relative = components().map(|g| (g / scale).powi(2)).sum::<f64>().sqrt();
    let norm = scale * relative;
    let limit = if limit > 0.0 { limit } else { 0.0 };
    if norm > limit {
        for g in parts.iter_mut().flat_map(|part| part.iter_mut()) {
            *g = T::from_f64(g.to_f64() / scale / relative * limit);
        }
    }
    Ok(norm)
}
