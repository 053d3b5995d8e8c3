//! Change of variables between spaces of different dimensions.

use super::log_volume;
use crate::MatrixError;
use crate::scalar::Scalar;
use faer::MatRef;

/// The logarithm of the factor by which a map with this Jacobian changes volume, between any two dimensions.
///
/// For an m x n Jacobian $J$,
///
/// $$ \operatorname{vol}(J) = \sqrt{\det J^{\ast} J} \text{ if } m \ge n, \quad
///    \operatorname{vol}(J) = \sqrt{\det J J^{\ast}} \text{ if } m < n . $$
///
/// The first is the factor of the area formula (a surface, given by parameters), the second that of the coarea formula
/// (the level sets of a function). −∞ where $J$ has not full rank. Cost: as [`log_volume`](crate::log_volume).
///
/// # Errors
///
/// [`MatrixError::NotFinite`].
///
/// # Example: the length of a gradient is the coarea factor of a function
///
/// ```
/// use faer::mat;
///
/// let gradient = mat![[3.0, 0.0, 4.0]];
/// let factor: f64 = tangency_matrix::log_volume_factor(gradient.as_ref())?;
/// assert!((factor - 5.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - H. Federer, *Geometric Measure Theory* (1969), section 3.2: area and coarea.
pub fn log_volume_factor<T: Scalar>(jacobian: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    if jacobian.nrows() >= jacobian.ncols() { log_volume(jacobian) } else { log_volume(jacobian.transpose()) }
}

/// The logarithm of the density of an image point, under an injective map into a space of at least its dimension.
///
/// If $x$ in n dimensions has density $p_X$, then $y = f(x)$ lies on a surface of dimension n in m dimensions, and with
/// respect to the surface's own volume has the density
///
/// $$ \ln p_Y(f(x)) = \ln p_X(x) - \frac{1}{2} \ln \det J^{\top} J . $$
///
/// With $m = n$ this is the change of variables of a normalizing flow. Cost: as [`log_volume`](crate::log_volume).
///
/// # Errors
///
/// [`MatrixError::Singular`] where the Jacobian has dependent columns: there the map is no immersion, and the density may be
/// infinite; [`MatrixError::OutOfRange`] if the log-density is NaN or +∞; [`MatrixError::NotFinite`].
///
/// # Example: uniform angles on a circle of radius 2
///
/// ```
/// use faer::mat;
///
/// let (radius, angle) = (2.0_f64, 0.7_f64);
/// let jacobian = mat![[-radius * angle.sin()], [radius * angle.cos()]];
/// let uniform = -(2.0 * std::f64::consts::PI).ln();
/// let density = tangency_matrix::pushforward_log_density(uniform, jacobian.as_ref())?;
/// assert!((density.exp() * 2.0 * std::f64::consts::PI * radius - 1.0).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. Ben-Israel, *The change-of-variables formula using matrix volume*, SIAM J. Matrix Anal. Appl. 21 (1999).
pub fn pushforward_log_density<T: Scalar>(
    log_density: T::RealPart,
    jacobian: MatRef<'_, T>,
) -> Result<T::RealPart, MatrixError> {
    use crate::scalar::RealScalar;
    let value = log_density.to_f64();
    if value.is_nan() || value == f64::INFINITY {
        return Err(MatrixError::OutOfRange {
            what: "the log-density",
            range: "a number below infinity",
            value,
        });
    }
    let ln_volume = log_volume(jacobian)?;
    if !ln_volume.finite() {
        let index = jacobian.nrows().min(jacobian.ncols());
        return Err(MatrixError::Singular { what: "dependent columns of the Jacobian", index });
    }
    Ok(log_density - ln_volume)
}
