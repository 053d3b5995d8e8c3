//! The sine, the cosine and their sisters.
//!
//! sin and cos, or sinh and cosh, are computed together from one set of powers of $A^2$ and doubled together
//! ([`sincosm`]); the derivatives by the same steps on a matrix with its direction; the hyperbolic tangent from them
//! by a doubling that cannot overflow ([`tanhm`]).

mod derivative;
mod jet;
mod pair;
mod structure;
mod tangent;

pub use derivative::{
    cosm_condition, cosm_frechet, cosm_frechet_adjoint, sinm_condition, sinm_frechet, sinm_frechet_adjoint,
};
pub use tangent::{tanhm, tanm};

use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};
use jet::Jet;
use pair::{Kind, Pair, Want, check_digits, pair};
use structure::{Structure, eigenvectors, restore, values};

/// Sine of a matrix.
///
/// $$ \sin A = \sum_{k \ge 0} \frac{(-1)^k A^{2k+1}}{(2k+1)!} $$
///
/// See [`sincosm`] for the method; the cosine is computed on the way, but for the last step. Accurate also for a tiny
/// $A$, relative to its own norm. Cost: at most 7 products without doubling, and with k doublings 8 + 2k.
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
    sine(Kind::Circular, "sin A", a)
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
    cosine(Kind::Circular, "cos A", a)
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
/// entry by entry, a Hermitian one of norm above 2 by its eigenvectors, and the results of a Hermitian matrix are Hermitian
/// to the bit; those of a triangular matrix have on their diagonals the functions of its entries.
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
    evaluate(Kind::Circular, Want::Both, "sin A or cos A", a)
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
///
/// # References
///
/// - Those of [`sincosm`].
pub fn sinhm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    sine(Kind::Hyperbolic, "sinh A", a)
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
///
/// # References
///
/// - Those of [`sincosm`].
pub fn coshm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    cosine(Kind::Hyperbolic, "cosh A", a)
}

fn sine<T: Scalar>(kind: Kind, name: &'static str, a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    Ok(evaluate(kind, Want::Sine, name, a)?.0)
}

fn cosine<T: Scalar>(kind: Kind, name: &'static str, a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    Ok(evaluate(kind, Want::Cosine, name, a)?.1)
}

/// Sine and cosine, by the way that the structure of the matrix allows; the one that is not wanted is empty.
fn evaluate<T: Scalar>(
    kind: Kind,
    want: Want,
    name: &'static str,
    a: MatRef<'_, T>,
) -> Result<(Mat<T>, Mat<T>), MatrixError> {
    let n = check_square_finite(a)?;
    let structure = Structure::of(a);
    if structure == Structure::Diagonal {
        let entries: Vec<T> = (0..n).map(|i| a[(i, i)]).collect();
        return each(want, |f| {
            let values = values(kind, name, &entries, f)?;
            Ok(Mat::from_fn(n, n, |i, j| if i == j { values[i] } else { T::ZERO }))
        });
    }
    if let Some(reduction) = eigenvectors(structure, a)? {
        let eigenvalues = reduction.eigenvalues();
        let largest = eigenvalues.iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
        check_digits(largest * T::RealPart::UNIT_ROUNDOFF.to_f64())?;
        return each(want, |f| reduction.of_values(name, &values(kind, name, &eigenvalues, f)?));
    }
    let Pair { sine, cosine_minus_one } = pair(kind, want, name, Jet::constant(a))?;
    let restored = |jet: Option<Jet<T>>, f: fn(Kind, T) -> T| {
        jet.map_or_else(Mat::new, |j| restore(structure, a, j.value, |z| f(kind, z)))
    };
    let cosine_minus_one = cosine_minus_one.map(|mut u| {
        u.value = add_identity(u.value);
        u
    });
    Ok((restored(sine, Kind::sine), restored(cosine_minus_one, Kind::cosine)))
}

/// `of` for the functions that are wanted.
fn each<T: Scalar>(
    want: Want,
    of: impl Fn(fn(Kind, T) -> T) -> Result<Mat<T>, MatrixError>,
) -> Result<(Mat<T>, Mat<T>), MatrixError> {
    let sine = if want == Want::Cosine { Mat::new() } else { of(Kind::sine)? };
    let cosine = if want == Want::Sine { Mat::new() } else { of(Kind::cosine)? };
    Ok((sine, cosine))
}

fn add_identity<T: Scalar>(mut u: Mat<T>) -> Mat<T> {
    for i in 0..u.nrows() {
        u[(i, i)] += T::ONE;
    }
    u
}
