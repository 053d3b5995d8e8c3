//! The logarithm with what tells how good it is.

use super::derivative::Differentiable;
use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::scalar::Scalar;
use crate::square_root::error_bound;
use faer::{Mat, MatRef};

/// A logarithm and how good it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LogmReport<T: Scalar> {
    /// The logarithm.
    pub value: Mat<T>,
    /// Square roots taken; 0 for a Hermitian or diagonal matrix, which goes by its eigenvalues.
    pub roots: usize,
    /// Degree of the Padé approximant; 0 for a Hermitian or diagonal matrix.
    pub degree: usize,
    /// Estimate of the relative condition number, as [`logm_condition`](crate::logm_condition) gives it.
    pub condition: T::RealPart,
    /// $10 n u \max(1, \kappa)$: the relative error in the 1-norm that this library's tests hold the logarithm to. Not a proven bound.
    pub error_bound: T::RealPart,
}

/// Logarithm with its condition and the path taken.
///
/// Cost: that of [`logm_condition`](crate::logm_condition).
///
/// # Errors
///
/// Those of [`logm`](crate::logm).
///
/// # Example: a logarithm close to the cut
///
/// ```
/// use faer::mat;
///
/// let report = tangency_matrix::logm_report(mat![[-1.0, 1e-7], [-1e-7, -1.0]].as_ref())?;
/// assert!((report.value[(0, 1)] - (std::f64::consts::PI - 1e-7)).abs() < 1e-15);
/// assert!(report.condition > 1e6);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`logm_condition`](crate::logm_condition).
pub fn logm_report<T: Scalar>(a: MatRef<'_, T>) -> Result<LogmReport<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let mut logarithm = Differentiable::of(a)?;
    let condition = logarithm.condition(a);
    let (roots, degree) = (logarithm.path.roots, logarithm.path.degree);
    let error_bound = error_bound(n, condition);
    Ok(LogmReport { value: logarithm.value, roots, degree, condition, error_bound })
}
