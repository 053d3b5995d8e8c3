//! The sine, the cosine and their sisters.
//!
//! sin and cos, or sinh and cosh, are computed together from one set of powers of $A^2$ and doubled together
//! ([`sincosm`]); the derivatives by the same steps on a matrix with its direction; the hyperbolic tangent from them
//! by a doubling that cannot overflow ([`tanhm`]).

mod derivative;
mod jet;
mod pair;
mod tangent;

pub use derivative::{
    cosm_condition, cosm_frechet, cosm_frechet_adjoint, sinm_condition, sinm_frechet, sinm_frechet_adjoint,
};
pub use tangent::{tanhm, tanm};

use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::scalar::Scalar;
use faer::{Mat, MatRef};
use jet::Jet;
use pair::{Kind, Want, pair};

/// Sine of a matrix.
///
/// $$ \sin A = \sum_{k \ge 0} \frac{(-1)^k A^{2k+1}}{(2k+1)!} $$
///
/// See [`sincosm`] for the method; the cosine is computed on the way, but for the last step. Accurate also for a tiny
/// $A$, relative to its own norm. Cost: at most 8 products, and 2 for each doubling but the last, which is one.
///
/// # Errors
///
/// As [`sincosm`].
///
/// # Example: the sine of a nilpotent matrix
///
/// ```
/// use faer::mat;
/// use tangency_matrix::sinm;
///
/// // sin(x + N) = sin x + N cos x, because N² = 0.
/// let s = sinm(mat![[0.5, 3.0], [0.0, 0.5]].as_ref())?;
/// assert!((s[(0, 0)] - 0.5_f64.sin()).abs() < 1e-15);
/// assert!((s[(0, 1)] - 3.0 * 0.5_f64.cos()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham and S. D. Relton, *New algorithms for computing the matrix sine and cosine separately
///   or simultaneously*, SISC 37 (2015).
pub fn sinm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    sine(Kind::Circular, "sin A", a, T::sin)
}

/// Cosine of a matrix.
///
/// $$ \cos A = \sum_{k \ge 0} \frac{(-1)^k A^{2k}}{(2k)!} $$
///
/// See [`sincosm`] for the method. Where the matrix has to be doubled, its sine is computed along with the cosine,
/// although $\cos 2A = 2 \cos^2 A - I$ would do with half the products: that recurrence loses the angle near the
/// eigenvalues where the cosine is ±1. Cost: at most 6 products without doubling, and with k doublings 8 + 2k.
///
/// # Errors
///
/// As [`sincosm`].
///
/// # Example: the cosine of a generator of rotations
///
/// ```
/// use faer::mat;
/// use tangency_matrix::cosm;
///
/// // The eigenvalues are ±i, and cos(±i) = cosh 1.
/// let c = cosm(mat![[0.0, 1.0], [-1.0, 0.0]].as_ref())?;
/// assert!((c[(0, 0)] - 1.0_f64.cosh()).abs() < 1e-15 && c[(0, 1)] == 0.0);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham and S. D. Relton, *New algorithms for computing the matrix sine and cosine separately
///   or simultaneously*, SISC 37 (2015).
pub fn cosm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    cosine(Kind::Circular, "cos A", a, T::cos)
}

/// Sine and cosine of a matrix together.
///
/// $$ \sin A = \frac{e^{iA} - e^{-iA}}{2i}, \quad \cos A = \frac{e^{iA} + e^{-iA}}{2} $$
///
/// in the number type of the matrix. Taylor polynomials of both in $B = A^2$ share the powers of $B$; their degree and
/// the number k of halvings of $A$ follow from $\lVert B^p \rVert^{1/p}$, which may be far below $\lVert A \rVert^2$.
/// Then $\sin 2A = 2 \sin A \cos A$ and $\cos 2A = I - 2 \sin^2 A$, k times, on $\cos A - I$ in the place of the
/// cosine, so that an angle keeps its digits where the cosine is near 1. The relative error is of the size n·u·κ with
/// the conditions κ of [`sinm_condition`] and [`cosm_condition`], u the unit roundoff. A diagonal matrix is treated
/// entry by entry.
///
/// Returns the sine and the cosine. Cost: 3, 5, 6, 7 or 9 products and 2 for each doubling; nothing is complex where
/// the matrix is real.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if eigenvalues with large
/// imaginary parts make the result larger than the largest number; [`MatrixError::OutOfRange`] if the matrix, by the
/// roots of the norms of its powers, is above 1/u, where no digit of the result is known.
///
/// # Example: Pythagoras
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{operator_norm_1, sincosm};
///
/// let a = mat![[1.0, 20.0], [-3.0, 40.0]];
/// let (s, c) = sincosm(a.as_ref())?;
/// let defect = &s * &s + &c * &c - Mat::<f64>::identity(2, 2);
/// assert!(operator_norm_1(defect.as_ref()) < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham and S. D. Relton, *New algorithms for computing the matrix sine and cosine separately
///   or simultaneously*, SISC 37 (2015).
/// - M. Seydaoğlu, P. Bader, S. Blanes and F. Casas, *Computing the matrix sine and cosine simultaneously with a
///   reduced number of products*, Appl. Numer. Math. 163 (2021). <https://arxiv.org/abs/2010.00465>
pub fn sincosm<T: Scalar>(a: MatRef<'_, T>) -> Result<(Mat<T>, Mat<T>), MatrixError> {
    check_square_finite(a)?;
    if is_diagonal(a) {
        let name = "sin A or cos A";
        return Ok((on_diagonal(name, a, T::sin)?, on_diagonal(name, a, T::cos)?));
    }
    let (s, u) = pair_of(Kind::Circular, Want::Both, "sin A or cos A", a)?;
    Ok((s, add_identity(u)))
}

/// Hyperbolic sine of a matrix.
///
/// $$ \sinh A = \frac{e^A - e^{-A}}{2} $$
///
/// without the cancellation that this formula has for a small $A$: by the method of [`sincosm`] with the signs of the
/// hyperbolic functions. Cost: as [`sinm`].
///
/// # Errors
///
/// As [`sincosm`]; [`MatrixError::Overflow`] for eigenvalues with large real parts.
///
/// # Example: no cancellation
///
/// ```
/// use faer::mat;
/// use tangency_matrix::sinhm;
///
/// let a = mat![[1e-9, 2e-9], [0.0, 3e-9]];
/// assert_eq!(sinhm(a.as_ref())?, a); // the cube is below the last digit
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub fn sinhm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    sine(Kind::Hyperbolic, "sinh A", a, T::sinh)
}

/// Hyperbolic cosine of a matrix.
///
/// $$ \cosh A = \frac{e^A + e^{-A}}{2} $$
///
/// by the method of [`sincosm`] with the signs of the hyperbolic functions. Cost: as [`cosm`].
///
/// # Errors
///
/// As [`sincosm`]; [`MatrixError::Overflow`] for eigenvalues with large real parts.
///
/// # Example: cosh² − sinh² = I
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{coshm, operator_norm_1, sinhm};
///
/// let a = mat![[0.1, 2.0], [-0.3, 0.4]];
/// let (s, c) = (sinhm(a.as_ref())?, coshm(a.as_ref())?);
/// let defect = &c * &c - &s * &s - Mat::<f64>::identity(2, 2);
/// assert!(operator_norm_1(defect.as_ref()) < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub fn coshm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    cosine(Kind::Hyperbolic, "cosh A", a, T::cosh)
}

fn sine<T: Scalar>(
    kind: Kind,
    name: &'static str,
    a: MatRef<'_, T>,
    f: fn(T) -> T,
) -> Result<Mat<T>, MatrixError> {
    check_square_finite(a)?;
    if is_diagonal(a) { on_diagonal(name, a, f) } else { Ok(pair_of(kind, Want::Sine, name, a)?.0) }
}

fn cosine<T: Scalar>(
    kind: Kind,
    name: &'static str,
    a: MatRef<'_, T>,
    f: fn(T) -> T,
) -> Result<Mat<T>, MatrixError> {
    check_square_finite(a)?;
    if is_diagonal(a) {
        on_diagonal(name, a, f)
    } else {
        Ok(add_identity(pair_of(kind, Want::Cosine, name, a)?.1))
    }
}

/// Sine, and cosine − I, of a matrix known to be square and finite; the one that is not wanted is empty.
fn pair_of<T: Scalar>(
    kind: Kind,
    want: Want,
    name: &'static str,
    a: MatRef<'_, T>,
) -> Result<(Mat<T>, Mat<T>), MatrixError> {
    let (s, u) = pair(kind, want, name, Jet::constant(a))?;
    let value = |jet: Option<Jet<T>>| jet.map_or_else(Mat::new, |j| j.value);
    Ok((value(s), value(u)))
}

fn add_identity<T: Scalar>(mut u: Mat<T>) -> Mat<T> {
    for i in 0..u.nrows() {
        u[(i, i)] += T::ONE;
    }
    u
}

/// Whether all entries off the diagonal are zero.
fn is_diagonal<T: Scalar>(a: MatRef<'_, T>) -> bool {
    (0..a.ncols()).all(|j| (0..a.nrows()).all(|i| i == j || a[(i, j)] == T::ZERO))
}

/// $f$ of a diagonal matrix.
fn on_diagonal<T: Scalar>(
    name: &'static str,
    a: MatRef<'_, T>,
    f: fn(T) -> T,
) -> Result<Mat<T>, MatrixError> {
    let mut result = Mat::zeros(a.nrows(), a.ncols());
    for i in 0..a.nrows() {
        let y = f(a[(i, i)]);
        if !y.finite() {
            // The functions here grow like the exponential of the real or imaginary part.
            use crate::scalar::RealScalar;
            let ln_norm = a[(i, i)].modulus().to_f64();
            return Err(MatrixError::Overflow { what: name, ln_norm });
        }
        result[(i, i)] = y;
    }
    Ok(result)
}
