//! The polar decomposition.

use crate::MatrixError;
use crate::norm::{check_finite, operator_norm_1};
use crate::power::symmetrise;
use crate::product::multiply_adjoint;
use crate::reduction::ldexp;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// A polar decomposition $A = U H$, made by [`polar`].
#[derive(Debug, Clone, PartialEq)]
pub struct Polar<T: Scalar> {
    /// $U$, of the shape of $A$, with orthonormal columns (rows, if $A$ has more columns than rows).
    pub unitary: Mat<T>,
    /// $H = (A^{\ast} A)^{1/2}$, Hermitian to the bit and positive semidefinite up to rounding.
    pub hermitian: Mat<T>,
}

/// Polar decomposition of an m x n matrix.
///
/// $$ A = U H, \quad U^{\ast} U = I, \quad H = (A^{\ast} A)^{1/2} $$
///
/// from the singular value decomposition $A = P \Sigma V^{\ast}$: $U = P V^{\ast}$, $H = V \Sigma V^{\ast}$. Of all matrices with orthonormal
/// columns $U$ is the nearest to $A$ in every unitarily invariant norm. It is unique if $A$ has full column rank; otherwise what it does on the
/// null space of $A$ is one choice of many (of the singular vectors), and still orthonormal. For m < n the rows of $U$
/// are orthonormal, and $H$ is singular. Cost: the thin singular value decomposition and two products.
///
/// # Errors
///
/// [`MatrixError::NotFinite`]; [`MatrixError::NoConvergence`] of the singular values, which no known matrix has;
/// [`MatrixError::Overflow`] where an entry of $H$ does not fit.
///
/// # Example: the rotation in a stretched rotation
///
/// ```
/// use faer::mat;
///
/// let polar = tangency_matrix::polar(mat![[0.0_f64, -2.0], [3.0, 0.0]].as_ref())?;
/// assert!((&polar.unitary - mat![[0.0, -1.0], [1.0, 0.0]]).norm_max() < 1e-15);
/// assert!((&polar.hermitian - mat![[3.0, 0.0], [0.0, 2.0]]).norm_max() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Theorems 8.1 and 8.4.
pub fn polar<T: Scalar>(a: MatRef<'_, T>) -> Result<Polar<T>, MatrixError> {
    check_finite(a)?;
    let (m, n) = a.shape();
    // Squares of the entries must stay in the range.
    let exponent = scaling(operator_norm_1(a));
    let scaled = Mat::from_fn(m, n, |i, j| ldexp(a[(i, j)], -exponent));
    let (u, values, v) = T::thin_svd(scaled.as_ref())
        .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: m.min(n) })?;
    let unitary = multiply_adjoint(u.as_ref(), v.as_ref());
    let stretched = Mat::from_fn(n, values.len(), |i, j| v[(i, j)] * values[j]);
    let mut hermitian = multiply_adjoint(stretched.as_ref(), v.as_ref());
    symmetrise(&mut hermitian);
    if exponent != 0 {
        hermitian = Mat::from_fn(n, n, |i, j| ldexp(hermitian[(i, j)], exponent));
    }
    crate::reduction::check_result("the Hermitian factor", hermitian.as_ref())?;
    Ok(Polar { unitary, hermitian })
}

/// The exponent of a norm, even; 0 for 0.
pub(crate) fn scaling<R: RealScalar>(norm: R) -> i32 {
    if norm == R::ZERO {
        return 0;
    }
    2 * (RealScalar::min(norm, R::MAX).to_f64().log2() * 0.5).round() as i32
}
