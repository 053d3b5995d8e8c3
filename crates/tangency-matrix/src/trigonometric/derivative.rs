//! Derivatives and conditions of the sine and the cosine.

use super::jet::{Jet, norm_exponent};
use super::pair::{Kind, Pair, Want, pair};
use crate::frechet::{Frechet, relative_condition};
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::scalar::{RealScalar, Scalar};
use crate::{MatrixError, cosm, sinm};
use faer::{Mat, MatMut, MatRef};

/// sin A and its Fréchet derivative in a direction.
///
/// $$ L(A, E) = \lim_{t \to 0} \frac{\sin(A + tE) - \sin A}{t} $$
///
/// by differentiating each step of [`sincosm`](crate::sincosm); degree and scaling follow from the norms of the powers
/// of the matrix with its direction. `a` and `e` are n x n. Cost: three times that of the pair.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] if `e` has another shape than `a`, and those of [`sincosm`](crate::sincosm).
///
/// # Example: where A and E commute
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{cosm, operator_norm_1, sinm_frechet};
///
/// // L(A, A) = A cos A.
/// let a = mat![[1.0, 2.0], [3.0, 4.0]];
/// let l = sinm_frechet(a.as_ref(), a.as_ref())?.derivative;
/// assert!(operator_norm_1((l - &a * cosm(a.as_ref())?).as_ref()) < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), sections 3.2 and 12.
pub fn sinm_frechet<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    frechet(Want::Sine, a, e)
}

/// cos A and its Fréchet derivative in a direction.
///
/// $$ L(A, E) = \lim_{t \to 0} \frac{\cos(A + tE) - \cos A}{t} $$
///
/// by differentiating each step of [`sincosm`](crate::sincosm). `a` and `e` are n x n. Cost: three times that of the
/// pair.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] if `e` has another shape than `a`, and those of [`sincosm`](crate::sincosm).
///
/// # Example: where A and E commute
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{cosm_frechet, operator_norm_1, sinm};
///
/// // L(A, A) = −A sin A.
/// let a = mat![[1.0, 2.0], [3.0, 4.0]];
/// let l = cosm_frechet(a.as_ref(), a.as_ref())?.derivative;
/// assert!(operator_norm_1((l + &a * sinm(a.as_ref())?).as_ref()) < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), sections 3.2 and 12.
pub fn cosm_frechet<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    frechet(Want::Cosine, a, e)
}

/// sin A and the adjoint of its derivative: the gradient of $\operatorname{Re} \langle W, \sin A \rangle$.
///
/// $$ \langle W, L(A, E) \rangle = \langle L(A^{\ast}, W), E \rangle, \quad \langle X, Y \rangle = \operatorname{tr} X^{\ast} Y $$
///
/// What back-propagation needs: if W is the gradient of a loss with respect to sin A, the result is the one with respect
/// to A. `w` is n x n. Cost: as [`sinm_frechet`].
///
/// # Errors
///
/// As [`sinm_frechet`].
///
/// # Example: the gradient of the trace
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{cosm, operator_norm_1, sinm_frechet_adjoint};
///
/// // d tr sin A = tr(cos A dA), and the gradient is the transpose of cos A.
/// let a = mat![[1.0, 2.0], [3.0, 4.0]];
/// let g = sinm_frechet_adjoint(a.as_ref(), Mat::<f64>::identity(2, 2).as_ref())?.derivative;
/// assert!(operator_norm_1((g.transpose() - cosm(a.as_ref())?).as_ref()) < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sinm_frechet`].
pub fn sinm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    adjoint(Want::Sine, a, w)
}

/// cos A and the adjoint of its derivative: the gradient of $\operatorname{Re} \langle W, \cos A \rangle$.
///
/// As [`sinm_frechet_adjoint`], for the cosine.
///
/// Cost: as [`cosm_frechet`].
///
/// # Errors
///
/// As [`cosm_frechet`].
///
/// # Example: the gradient of the trace
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{cosm_frechet_adjoint, operator_norm_1, sinm};
///
/// let a = mat![[1.0, 2.0], [3.0, 4.0]];
/// let g = cosm_frechet_adjoint(a.as_ref(), Mat::<f64>::identity(2, 2).as_ref())?.derivative;
/// assert!(operator_norm_1((g.transpose() + sinm(a.as_ref())?).as_ref()) < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sinm_frechet`].
pub fn cosm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    adjoint(Want::Cosine, a, w)
}

/// Estimate of the relative condition number of the sine, in the 1-norm.
///
/// $$ \kappa = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert \sin A \rVert_1} $$
///
/// A relative change of $A$ by ε changes sin A by about κε. Zero for $A = 0$. Cost: between 8 and 20
/// derivatives, each three times the pair.
///
/// # Errors
///
/// Those of [`sinm_frechet`]: also for a diagonal matrix, whose entries are not taken one by one here.
///
/// # Example: an angle of many turns
///
/// ```
/// use faer::mat;
/// use tangency_matrix::sinm_condition;
///
/// // For one number it is |x cot x|.
/// let kappa: f64 = sinm_condition(mat![[100.0]].as_ref())?;
/// assert!((kappa / (100.0 / 100.0_f64.tan()).abs() - 1.0).abs() < 1e-12);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), Algorithm 3.22.
pub fn sinm_condition<T: Scalar>(a: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    condition(Want::Sine, a, sinm(a)?.as_ref())
}

/// Estimate of the relative condition number of the cosine, in the 1-norm.
///
/// $$ \kappa = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert \cos A \rVert_1} $$
///
/// As [`sinm_condition`], for the cosine.
///
/// Cost: as [`sinm_condition`].
///
/// # Errors
///
/// As [`sinm_condition`].
///
/// # Example: near zero the cosine does not feel its argument
///
/// ```
/// use faer::mat;
/// use tangency_matrix::cosm_condition;
///
/// // For one number it is |x tan x|.
/// assert!((cosm_condition(mat![[1e-3_f64]].as_ref())? - 1e-6).abs() < 1e-12);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sinm_condition`].
pub fn cosm_condition<T: Scalar>(a: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    condition(Want::Cosine, a, cosm(a)?.as_ref())
}

fn frechet<T: Scalar>(want: Want, a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    check_square_finite(a)?;
    check_shape("the direction", e, a.shape())?;
    check_finite(e)?;
    // The direction enters the choice of degree and scaling; at norm 1 it does not disturb it, and the derivative
    // is linear in it.
    let exponent = norm_exponent(e);
    let mut direction = Jet::constant(e);
    direction.ldexp(-exponent);
    let name = if want == Want::Sine { "sin A or its derivative" } else { "cos A or its derivative" };
    let Pair { sine, cosine_minus_one } =
        pair(Kind::Circular, want, name, Jet::new(a, direction.value.as_ref()))?;
    let Some(Jet { mut value, derivative: Some(derivative) }) = sine.or(cosine_minus_one) else {
        return Ok(Frechet { value: Mat::new(), derivative: Mat::new() });
    };
    if want == Want::Cosine {
        value = super::add_identity(value);
    }
    let ln_norm = operator_norm_1(derivative.as_ref()).to_f64().ln();
    let mut derivative = Jet::constant(derivative.as_ref());
    derivative.ldexp(exponent);
    if !derivative.finite() {
        let ln_norm = ln_norm + f64::from(exponent) * std::f64::consts::LN_2;
        return Err(MatrixError::Overflow { what: name, ln_norm });
    }
    Ok(Frechet { value, derivative: derivative.value })
}

/// The series have real coefficients, so that the adjoint of L(A, ·) is L(Aᴴ, ·).
fn adjoint<T: Scalar>(want: Want, a: MatRef<'_, T>, w: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    // Here, so that errors name the place in the matrix that was given.
    check_square_finite(a)?;
    let Frechet { value, derivative } = frechet(want, conjugate_transpose(a).as_ref(), w)?;
    Ok(Frechet { value: conjugate_transpose(value.as_ref()), derivative })
}

fn conjugate_transpose<T: Scalar>(a: MatRef<'_, T>) -> Mat<T> {
    Mat::from_fn(a.ncols(), a.nrows(), |i, j| Scalar::conj(a[(j, i)]))
}

fn condition<T: Scalar>(
    want: Want,
    a: MatRef<'_, T>,
    value: MatRef<'_, T>,
) -> Result<T::RealPart, MatrixError> {
    let mut failure = None;
    let star = conjugate_transpose(a);
    let kappa = relative_condition(
        a.nrows(),
        operator_norm_1(a),
        operator_norm_1(value),
        |adjoint, mut e: MatMut<'_, T>| {
            let point = if adjoint { star.as_ref() } else { a };
            match frechet(want, point, e.as_ref()) {
                Ok(l) => e.copy_from(&l.derivative),
                Err(error) => failure = Some(error),
            }
        },
    );
    failure.map_or(Ok(kappa), Err)
}
