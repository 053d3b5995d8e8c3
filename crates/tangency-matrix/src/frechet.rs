//! Derivatives of matrix functions, and the condition that they give.

use crate::MatrixError;
use crate::norm::estimate_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatMut, MatRef};

/// A function of a matrix together with its derivative in one direction.
///
/// The Fréchet derivative of $f$ at $A$ is the linear map $E \mapsto L(A, E)$ with
/// $f(A + E) = f(A) + L(A, E) + o(\lVert E \rVert)$.
#[derive(Debug, Clone, PartialEq)]
pub struct Frechet<T: Scalar> {
    /// $f(A)$.
    pub value: Mat<T>,
    /// $L(A, E)$; from a function named `_adjoint` it is the adjoint map $L(A^{\ast}, W)$, the gradient of
    /// $\operatorname{Re} \langle W, f(A) \rangle$ with respect to $A$.
    pub derivative: Mat<T>,
}

/// Estimate of the relative condition number in the 1-norm, $\lVert L(A) \rVert_1 \lVert A \rVert_1 / \lVert f(A) \rVert_1$.
///
/// `apply(adjoint, e)` replaces the n x n matrix `e` by $L(A, E)$, or by $L(A^*, E)$ if `adjoint`. About five pairs of
/// calls, instead of the n² columns of the Kronecker matrix.
///
/// N. J. Higham, *Functions of Matrices* (2008), Algorithm 3.22, by the block estimator with two columns. The norm that
/// it estimates is that of the map on vec(E), which differs from the norm induced by the operator 1-norm by at most n.
pub(crate) fn relative_condition<T: Scalar>(
    n: usize,
    norm_a: T::RealPart,
    norm_f: T::RealPart,
    mut apply: impl FnMut(bool, MatMut<'_, T>),
) -> T::RealPart {
    if n == 0 || norm_a == T::RealPart::ZERO {
        return T::RealPart::ZERO;
    }
    let norm = estimate_norm_1(n * n, |adjoint, mut x: MatMut<'_, T>| {
        for j in 0..x.ncols() {
            let mut e = Mat::from_fn(n, n, |r, c| x[(c * n + r, j)]);
            apply(adjoint, e.as_mut());
            for c in 0..n {
                for r in 0..n {
                    x[(c * n + r, j)] = e[(r, c)];
                }
            }
        }
    });
    if norm_f == T::RealPart::ZERO {
        return T::RealPart::MAX + T::RealPart::MAX; // f(A) has underflowed: infinite
    }
    // Each of the products may leave the range where the result does not.
    let kappa = norm * (norm_a / norm_f);
    if kappa.finite() && kappa > T::RealPart::ZERO { kappa } else { norm / norm_f * norm_a }
}

/// [`relative_condition`] of a function whose derivative may fail to exist or to fit: infinite then, and where $f(A) = 0$.
pub(crate) fn condition_or_infinite<T: Scalar>(
    n: usize,
    norm_a: T::RealPart,
    norm_f: T::RealPart,
    mut derivative: impl FnMut(bool, MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
) -> T::RealPart {
    let mut failed = n > 0 && norm_f == T::RealPart::ZERO;
    let condition = relative_condition(n, norm_a, norm_f, |adjoint, mut e: MatMut<'_, T>| {
        match derivative(adjoint, e.as_ref()) {
            Ok(l) => e.copy_from(&l),
            Err(_) => failed = true,
        }
    });
    if failed || condition.to_f64().is_nan() { T::RealPart::ONE / T::RealPart::ZERO } else { condition }
}
