//! Functions of matrices that the caller gives.
//!
//! $f(A) = Q f(T) Q^{\ast}$ with the complex Schur form $A = Q T Q^{\ast}$. The eigenvalues are gathered in clusters;
//! $f$ of the triangular block of a cluster is a Taylor series about its mean, and the blocks above follow from
//! $f(T) T = T f(T)$. The two public functions differ in where the Taylor coefficients come from.

mod atomic;
mod blocking;
mod cauchy;
mod double_double;
mod double_double_complex;
mod parlett;

pub use double_double::DoubleDouble;
pub use double_double_complex::DoubleDoubleComplex;

use crate::MatrixError;
use crate::norm::{check_finite, check_square_finite, operator_norm_1};
use crate::product::{multiply, multiply_adjoint};
use crate::scalar::{RealScalar, Scalar};
use crate::schur::schur;
use atomic::{centred, from_coefficients, from_derivatives};
use blocking::{clusters, diagonal, places, starts};
use cauchy::Circle;
use faer::{Mat, MatRef};
use parlett::parlett;

/// An analytic function of a matrix, from the function and its derivatives.
///
/// $$ f(A) = \frac{1}{2 \pi i} \oint f(z) (zI - A)^{-1} dz $$
///
/// around the eigenvalues. `f(z, k)` is $f^{(k)}(z)$, the k-th derivative (not divided by k!), k = 0, 1, 2, …: any order
/// may be asked for at points near the eigenvalues; about 20 suffice unless a singularity is near. Eigenvalues closer
/// than 0.5 share a Taylor series about their mean; where it does not converge, because f has a singularity among them,
/// closer ones only.
///
/// For a real matrix the function must satisfy $f(\bar{z}) = \overline{f(z)}$ at the eigenvalues, so that the result is
/// real; this is checked. Cost: the Schur form, about 12 products, and about 5 complex products, more with large clusters.
///
/// Where there is a function of its own (`expm`, `logm`, `sqrtm`, [`sinm`](crate::sinm), …) it is faster and more exact.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`]; [`MatrixError::NoPrincipalValue`] with the eigenvalue where
/// $f$ is NaN or infinite, or not conjugate for a real matrix; [`MatrixError::NoConvergence`] if no Taylor series does;
/// [`MatrixError::Overflow`]; those of [`schur`].
///
/// # Example: the exponential of a Jordan block
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{Scalar, funm};
///
/// let e = funm(mat![[1.0_f64, 1.0], [0.0, 1.0]].as_ref(), |z, _| z.exp())?;
/// assert!((e[(0, 1)] - std::f64::consts::E).abs() < 1e-15 && e[(1, 0)] == 0.0);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - P. I. Davies and N. J. Higham, *A Schur-Parlett algorithm for computing matrix functions*, SIMAX 25 (2003).
pub fn funm<T: Scalar>(
    a: MatRef<'_, T>,
    f: impl Fn(T::Complex, usize) -> T::Complex,
) -> Result<Mat<T>, MatrixError> {
    evaluate(a, |z| f(z, 0), |block| from_derivatives(block, &f))
}

/// An analytic function of a matrix from its values alone, in double-double arithmetic.
///
/// As [`funm`], with the Taylor coefficients of each cluster of eigenvalues from the values of `f` on a circle about
/// it, so that $f$ must be analytic there: the circle begins at the radius 1 or twice the cluster's, and shrinks to as
/// little as the cluster's own. `f` is given as a function of [`DoubleDoubleComplex`] numbers, and should be accurate to
/// about $10^{-30}$; the digits beyond `f64` are what differences of values lose.
///
/// Higham and Liu perturb each block and diagonalise it in higher precision. For an m-fold eigenvalue that needs m times
/// the working precision, and double-double is enough for m = 2 only; Cauchy's integral does not have that limit.
/// Cost: as [`funm`], and 128 evaluations for each cluster of more than one eigenvalue and each radius tried.
///
/// # Errors
///
/// As [`funm`].
///
/// # Example: the sine of a Jordan block
///
/// ```
/// use faer::mat;
/// use tangency_matrix::funm_derivative_free;
///
/// let a = mat![[0.5, 1.0, 0.0], [0.0, 0.5, 1.0], [0.0, 0.0, 0.5]];
/// let s = funm_derivative_free(a.as_ref(), |z| z.sin())?;
/// assert!((s[(0, 1)] - 0.5_f64.cos()).abs() < 1e-15);
/// assert!((s[(0, 2)] + 0.5 * 0.5_f64.sin()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham and X. Liu, *A multiprecision derivative-free Schur-Parlett algorithm for computing matrix functions*,
///   SIMAX 42 (2021).
/// - J. N. Lyness and C. B. Moler, *Numerical differentiation of analytic functions*, SINUM 4 (1967).
pub fn funm_derivative_free<T: Scalar>(
    a: MatRef<'_, T>,
    f: impl Fn(DoubleDoubleComplex) -> DoubleDoubleComplex,
) -> Result<Mat<T>, MatrixError> {
    let value = |z: T::Complex| round::<T>(f(lift::<T>(z)));
    let circle = Circle::new();
    let atomic = |block: MatRef<'_, T::Complex>| {
        let (sigma, m) = centred(block);
        let spread = diagonal(m.as_ref()).into_iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
        let upper_norm = operator_norm_1(strictly_upper(block).as_ref()).to_f64();
        let shape = (block.nrows(), upper_norm);
        let coefficients = circle.coefficients(lift::<T>(sigma), spread, shape, &f)?;
        let coefficients: Vec<T::Complex> = coefficients.into_iter().map(round::<T>).collect();
        from_coefficients(block, &coefficients)
    };
    evaluate(a, value, atomic)
}

fn strictly_upper<C: Scalar>(t: MatRef<'_, C>) -> Mat<C> {
    Mat::from_fn(t.nrows(), t.ncols(), |i, j| if i < j { t[(i, j)] } else { C::ZERO })
}

fn lift<T: Scalar>(z: T::Complex) -> DoubleDoubleComplex {
    DoubleDoubleComplex::new(z.re().to_f64().into(), z.im().to_f64().into())
}

fn round<T: Scalar>(z: DoubleDoubleComplex) -> T::Complex {
    T::RealPart::from_f64(z.re.to_f64()).complex(T::RealPart::from_f64(z.im.to_f64()))
}

/// Distances at which eigenvalues are taken to be close, in the order in which they are tried.
///
/// Davies and Higham use 0.1. Where eigenvalues are that far apart Parlett's recurrence loses more than the series about
/// the mean of a wider cluster does; and where their size is above 1000, more still. The later ones are for functions
/// with a singularity among the eigenvalues, which may all be small.
fn distances(spectral_radius: f64) -> impl Iterator<Item = f64> {
    let scale = (1e-3 * spectral_radius).max(1.0);
    let narrow = 0.1 * scale.min(spectral_radius);
    std::iter::once(0.5 * scale).chain((0..9).map(move |k| narrow * 0.1_f64.powi(k)))
}

fn evaluate<T: Scalar>(
    a: MatRef<'_, T>,
    value: impl Fn(T::Complex) -> T::Complex,
    mut atomic: impl FnMut(MatRef<'_, T::Complex>) -> Option<Mat<T::Complex>>,
) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let form = schur(a)?;
    check_values::<T>(&form.eigenvalues(), &value)?;
    let mut block_value = |block: MatRef<'_, T::Complex>| of_block(block, &value, &mut atomic);
    let form = form.to_complex();
    let eigenvalues = diagonal(form.t());
    let spectral_radius = eigenvalues.iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
    let mut tried: Option<Vec<usize>> = None;
    for distance in distances(spectral_radius) {
        let places = places(&clusters(&eigenvalues, distance));
        if tried.as_ref() == Some(&places) {
            continue;
        }
        let mut sorted = form.clone();
        sorted.reorder_by(&places)?;
        let (q, t) = sorted.into_parts();
        let starts = starts(&places);
        tried = Some(places);
        let Some(f) = parlett(t.as_ref(), &starts, &mut block_value) else { continue };
        let left = multiply(q.as_ref(), f.as_ref());
        let result = multiply_adjoint(left.as_ref(), q.as_ref());
        if check_finite(result.as_ref()).is_err() {
            let largest = operator_norm_1(f.as_ref()).to_f64().min(f64::MAX);
            return Err(MatrixError::Overflow { what: "f(A)", ln_norm: largest.ln() });
        }
        return Ok(Mat::from_fn(n, n, |i, j| T::from_complex(result[(i, j)])));
    }
    Err(MatrixError::NoConvergence {
        what: "the Taylor series of f about a cluster of eigenvalues",
        iterations: distances(spectral_radius).count(),
    })
}

/// f of the block of a cluster; `None` if the series does not converge to it.
fn of_block<C: Scalar>(
    block: MatRef<'_, C>,
    value: &impl Fn(C) -> C,
    atomic: &mut impl FnMut(MatRef<'_, C>) -> Option<Mat<C>>,
) -> Option<Mat<C>> {
    let m = block.nrows();
    let values: Vec<C> = diagonal(block).into_iter().map(value).collect();
    if (0..m).all(|j| (0..j).all(|i| block[(i, j)] == C::ZERO)) {
        return Some(Mat::from_fn(m, m, |i, j| if i == j { values[i] } else { C::ZERO }));
    }
    let f = atomic(block)?;
    // A series about a point beyond a branch cut converges too, to another function.
    let largest = values.iter().fold(C::RealPart::ZERO, |l, v| RealScalar::max(l, v.modulus()));
    let tolerance = Scalar::sqrt(C::RealPart::UNIT_ROUNDOFF) * largest;
    (0..m).all(|i| (f[(i, i)] - values[i]).modulus() <= tolerance).then_some(f)
}

/// Whether f has a value at each eigenvalue, and conjugate ones at conjugate eigenvalues if the matrix is real.
fn check_values<T: Scalar>(
    eigenvalues: &[T::Complex],
    value: &impl Fn(T::Complex) -> T::Complex,
) -> Result<(), MatrixError> {
    let i = T::RealPart::ZERO.complex(T::RealPart::ONE);
    let real = T::from_complex(i) == T::ZERO;
    let tolerance = T::RealPart::UNIT_ROUNDOFF * T::RealPart::from_f64(1e3);
    for (index, &z) in eigenvalues.iter().enumerate() {
        let f = value(z);
        let missing = |wanted| {
            let (real, imaginary) = (z.re().to_f64(), z.im().to_f64());
            Err(MatrixError::NoPrincipalValue { function: "f", wanted, real, imaginary, index })
        };
        if !f.finite() {
            return missing("finite");
        }
        // On the real axis the function itself must be real: a branch cut has conjugate values on its two sides.
        let defect = if z.im() == T::RealPart::ZERO {
            f.im().modulus()
        } else {
            (value(Scalar::conj(z)) - Scalar::conj(f)).modulus()
        };
        if real && defect > tolerance * f.modulus() {
            return missing("real");
        }
    }
    Ok(())
}
