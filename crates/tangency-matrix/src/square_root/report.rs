//! The square root with what tells how good it is.

use super::derivative::Root;
use crate::MatrixError;
use crate::norm::{check_square_finite, operator_norm_1};
use crate::product::multiply;
use crate::reduction::scaled_by;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// A square root and how good it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SqrtmReport<T: Scalar> {
    /// The root $X$.
    pub value: Mat<T>,
    /// Estimate of the relative condition number, as [`sqrtm_condition`](crate::sqrtm_condition) gives it; infinite for a singular matrix.
    pub condition: T::RealPart,
    /// $\alpha(X) = \lVert X \rVert_1^2 / \lVert A \rVert_1$: a root of this size cannot have a residual below $\alpha u$. 1 or a little more for most matrices; 0 for the zero matrix.
    pub alpha: T::RealPart,
    /// $\lVert X^2 - A \rVert_1 / \lVert A \rVert_1$, computed in the working precision: good if it is not much above $n \alpha u$.
    pub residual: T::RealPart,
    /// $10 n u \max(1, \kappa)$: the relative error in the 1-norm that this library's tests hold the root to. Not a proven bound.
    pub error_bound: T::RealPart,
}

/// Square root with its condition, its residual and the size that bounds the residual from below.
///
/// Cost: that of [`sqrtm_condition`](crate::sqrtm_condition) and one product.
///
/// # Errors
///
/// Those of [`sqrtm`](crate::sqrtm).
///
/// # Example: a root that is much larger than its square
///
/// ```
/// let a: faer::Mat<f64> = faer::mat![[1e-8, 1.0], [0.0, 1e-8]];
/// let report = tangency_matrix::sqrtm_report(a.as_ref())?;
/// assert!((report.value[(0, 1)] - 5000.0).abs() < 1e-9);
/// assert!(report.alpha > 2e7);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Computing real square roots of a real matrix*, LAA 88/89 (1987), section 5.
pub fn sqrtm_report<T: Scalar>(a: MatRef<'_, T>) -> Result<SqrtmReport<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let mut root = Root::of(a)?;
    let condition = root.condition(a);
    // Both are the same for 2⁻ᵏ A, whose norm fits.
    let exponent = root.reduction.exponent;
    let (value, norm_a) = (root.value, root.reduction.scaled_norm(a));
    let (mut alpha, mut residual) = (T::RealPart::ZERO, T::RealPart::ZERO);
    if norm_a > T::RealPart::ZERO {
        let (x, a) = (scaled_by(value.as_ref(), -exponent / 2), scaled_by(a, -exponent));
        let norm = operator_norm_1(x.as_ref());
        alpha = norm / norm_a * norm;
        residual = operator_norm_1((multiply(x.as_ref(), x.as_ref()) - a).as_ref()) / norm_a;
    }
    let error_bound = error_bound(n, condition);
    Ok(SqrtmReport { value, condition, alpha, residual, error_bound })
}

/// $10 n u \max(1, \kappa)$.
pub(crate) fn error_bound<R: RealScalar>(n: usize, condition: R) -> R {
    R::from_f64(10.0 * n as f64) * R::UNIT_ROUNDOFF * RealScalar::max(R::ONE, condition)
}
