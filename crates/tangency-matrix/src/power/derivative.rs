//! The Fréchet derivative of powers.

use super::Power;
use crate::frechet::relative_condition;
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::reduction::{check_result, ldexp};
use crate::scalar::{RealScalar, Scalar};
use crate::{Frechet, MatrixError};
use faer::{Mat, MatMut, MatRef};

impl<T: Scalar> Power<T> {
    /// The adjoint map: $L(A^{\ast}, W) = L(A, W^{\ast})^{\ast}$.
    fn adjoint(&mut self, w: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        Ok(self.derivative(w.adjoint().to_owned().as_ref())?.adjoint().to_owned())
    }
}

/// Power and its Fréchet derivative in the direction `e`.
///
/// $$ L(A, E) = p \int_0^1 e^{t p \log A} L_{\log}(A, E) e^{(1 - t) p \log A} dt $$
///
/// (for a whole p it is $\sum_k A^k E A^{p - 1 - k}$) by differentiating every step of [`powm`](crate::powm): a Sylvester equation
/// for each square root, two triangular systems for each partial fraction, two products for each squaring. For a
/// Hermitian matrix by divided differences of its eigenvalues. Cost: [`powm`](crate::powm) and about $3 s + m + 4$ products.
///
/// # Errors
///
/// Those of [`powm`](crate::powm); [`MatrixError::ShapeMismatch`] and [`MatrixError::NotFinite`] for `e`;
/// [`MatrixError::Singular`] for a zero eigenvalue unless p is whole and not negative.
///
/// # Example: along the matrix itself
///
/// ```
/// use faer::mat;
///
/// let a = mat![[2.0_f64, 1.0], [0.5, 3.0]];
/// let power = tangency_matrix::powm_frechet(a.as_ref(), 2.5, a.as_ref())?;
/// // d/dt ((1 + t) A)^p = p A^p at t = 0.
/// assert!((&power.derivative - &power.value * 2.5).norm_max() < 1e-12);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, L. Lin, SIAM J. Matrix Anal. Appl. 34 (2013), Algorithm 6.1.
pub fn powm_frechet<T: Scalar>(
    a: MatRef<'_, T>,
    p: f64,
    e: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    pair(a, p, e, Power::derivative)
}

/// Power and the adjoint of its derivative applied to `w`.
///
/// The gradient of $\operatorname{Re} \langle W, A^p \rangle$ with respect to $A$. Cost as for [`powm_frechet`].
///
/// # Errors
///
/// Those of [`powm_frechet`].
///
/// # Example: the gradient of the trace of a cube
///
/// ```
/// use faer::{Mat, mat};
///
/// let a = mat![[2.0_f64, 1.0], [0.5, 3.0]];
/// let identity = Mat::<f64>::identity(2, 2);
/// let gradient = tangency_matrix::powm_frechet_adjoint(a.as_ref(), 3.0, identity.as_ref())?.derivative;
/// assert!((gradient.transpose() - &a * &a * 3.0).norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`powm_frechet`].
pub fn powm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    p: f64,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    pair(a, p, w, Power::adjoint)
}

fn pair<T: Scalar>(
    a: MatRef<'_, T>,
    p: f64,
    direction: MatRef<'_, T>,
    derivative: impl FnOnce(&mut Power<T>, MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
) -> Result<Frechet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("the direction", direction, (n, n))?;
    check_finite(direction)?;
    let mut power = Power::of(a, p, true)?;
    let derivative = derivative(&mut power, direction)?;
    check_result("the derivative of the power", derivative.as_ref())?;
    Ok(Frechet { value: power.value, derivative })
}

/// Relative condition number of the power in the 1-norm.
///
/// $$ \kappa = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert A^p \rVert_1} $$
///
/// estimated (a lower bound, nearly always within a factor 3) from about five pairs of derivatives and adjoint derivatives on one
/// Schur form: O(n³). Infinite for a singular matrix unless p is whole and not negative, and where the power is zero; zero for p = 0.
///
/// Cost: about twenty derivatives, on one Schur form.
///
/// # Errors
///
/// Those of [`powm`](crate::powm).
///
/// # Example: a multiple of the identity
///
/// ```
/// let condition = tangency_matrix::powm_condition(faer::Mat::<f64>::identity(3, 3).as_ref(), -2.5)?;
/// assert!((condition - 2.5).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Algorithm 3.22.
pub fn powm_condition<T: Scalar>(a: MatRef<'_, T>, p: f64) -> Result<T::RealPart, MatrixError> {
    let n = check_square_finite(a)?;
    let mut power = Power::of(a, p, true)?;
    if p == 0.0 {
        return Ok(T::RealPart::ZERO);
    }
    let (norm_a, norm_f) = (operator_norm_1(a), operator_norm_1(power.value.as_ref()));
    if !norm_a.finite() && norm_f.finite() {
        // Multiples have the same condition number.
        let smaller = Mat::from_fn(n, n, |i, j| ldexp(a[(i, j)], -30));
        return powm_condition(smaller.as_ref(), p);
    }
    let infinite = T::RealPart::ONE / T::RealPart::ZERO;
    let mut failed = n > 0 && norm_f == T::RealPart::ZERO;
    let condition = relative_condition(n, norm_a, norm_f, |adjoint, mut e: MatMut<'_, T>| {
        let l = if adjoint { power.adjoint(e.as_ref()) } else { power.derivative(e.as_ref()) };
        match l {
            Ok(l) => e.copy_from(&l),
            Err(_) => failed = true,
        }
    });
    Ok(if failed || condition.to_f64().is_nan() { infinite } else { condition })
}
