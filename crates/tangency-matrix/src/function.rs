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
use crate::product::{multiply, multiply_add, multiply_adjoint};
use crate::reduction::{Reduction, is_hermitian};
use crate::scalar::{RealScalar, Scalar};
use crate::schur::schur;
use atomic::{Sum, centred, from_coefficients, from_derivatives};
use blocking::{clusters, cut, diagonal, places, starts};
use cauchy::Circle;
use faer::{Mat, MatRef};
use parlett::parlett;

/// An analytic function of a matrix, from the function and its derivatives.
///
/// $$ f(A) = \frac{1}{2 \pi i} \oint f(z) (zI - A)^{-1} dz $$
///
/// around the eigenvalues. `f(z, k)` is $f^{(k)}(z)$, the k-th derivative (not divided by k!), k = 0, 1, 2, …: any order
/// may be asked for at points near the eigenvalues; about 20 suffice unless a singularity is near. Eigenvalues closer
/// than 0.5, or 0.0005 of the largest modulus if that is more, share a Taylor series about their mean. Where it does not
/// converge, because f has a singularity among them, or where its terms cancel, because a chain of eigenvalues is long,
/// smaller clusters are tried. A Hermitian matrix needs its eigenvectors only, and no derivatives.
///
/// For a real matrix the function must satisfy $f(\bar{z}) = \overline{f(z)}$, so that the result is real; this is checked
/// at the eigenvalues, and the derivatives at real means. In single precision a derivative may overflow, that of the
/// logarithm at k = 36, and then smaller clusters are tried too. Cost: the Schur form, about 12 products, and about 5 complex
/// products, more with large clusters.
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
    evaluate(a, |z| f(z, 0), |block| from_derivatives(block, T::IS_REAL, &f))
}

/// An analytic function of a matrix from its values alone, in double-double arithmetic.
///
/// As [`funm`], with the Taylor coefficients of each cluster of eigenvalues from the values of `f` on a circle about
/// it, so that $f$ must be analytic there: the circle begins at the radius 1 or twice the cluster's, and shrinks to as
/// little as the cluster's own. `f` is given as a function of [`DoubleDoubleComplex`] numbers, and should be accurate to
/// about $10^{-30}$; the digits beyond `f64` are what differences of values lose.
///
/// Higham and Liu perturb each block and diagonalise it in higher precision, the more of it the more often an eigenvalue is
/// repeated; Cauchy's integral does not have that limit.
/// Cost: as [`funm`], and for each cluster of more than one eigenvalue and each radius tried 128 evaluations and 32 sums of
/// 128 double-double products, at the end 95 more.
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
///
/// With each, how far a cluster may reach: a chain of close eigenvalues may be so long that the terms of its series, which
/// grow like $e^{r}$ with its radius r for such a function as the sine, cancel.
fn partitions(spectral_radius: f64) -> impl Iterator<Item = (f64, f64)> {
    let scale = (1e-3 * spectral_radius).max(1.0);
    let narrow = 0.1 * scale.min(spectral_radius);
    let first = [(0.5 * scale, f64::INFINITY), (0.5 * scale, 6.0), (0.5 * scale, 2.0)];
    first.into_iter().chain((0..9).map(move |k| (narrow * 0.1_f64.powi(k), f64::INFINITY)))
}

/// What the series may lose before other clusters are tried as well, over the order of the matrix.
const LOSS: f64 = 10.0;

fn evaluate<T: Scalar>(
    a: MatRef<'_, T>,
    value: impl Fn(T::Complex) -> T::Complex,
    mut atomic: impl FnMut(MatRef<'_, T::Complex>) -> Option<Sum<T::Complex>>,
) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    if is_hermitian(a) {
        let reduction = Reduction::of_form(a, false)?;
        let eigenvalues = reduction.eigenvalues();
        let points: Vec<T::Complex> = eigenvalues.iter().map(|z| z.to_complex()).collect();
        check_values::<T>(&points, &value)?;
        let values: Vec<T> = points.into_iter().map(|z| T::from_complex(value(z))).collect();
        return reduction.of_values("f(A)", &values);
    }
    let form = schur(a)?;
    check_values::<T>(&form.eigenvalues(), &value)?;
    let form = form.to_complex();
    let eigenvalues = diagonal(form.t());
    let spectral_radius = eigenvalues.iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
    let mut tried: Vec<Vec<usize>> = Vec::new();
    let mut best: Option<(f64, Mat<T::Complex>)> = None;
    for (distance, reach) in partitions(spectral_radius) {
        let places = places(&cut(&eigenvalues, clusters(&eigenvalues, distance), reach));
        if tried.contains(&places) {
            continue;
        }
        let mut sorted = form.clone();
        sorted.reorder_by(&places)?;
        let (q, t) = sorted.into_parts();
        let starts = starts(&places);
        tried.push(places);
        let mut loss = 0.0_f64;
        let mut block_value = |block: MatRef<'_, T::Complex>| {
            let (value, lost) = of_block(block, &value, &mut atomic)?;
            loss = loss.max(lost);
            Some(value)
        };
        let Some(f) = parlett(t.as_ref(), &starts, &mut block_value) else { continue };
        let left = multiply(q.as_ref(), f.as_ref());
        let result = multiply_adjoint(left.as_ref(), q.as_ref());
        if check_finite(result.as_ref()).is_err() {
            if best.is_some() {
                continue;
            }
            let largest = operator_norm_1(f.as_ref()).to_f64().min(f64::MAX);
            return Err(MatrixError::Overflow { what: "f(A)", ln_norm: largest.ln() });
        }
        // The first that loses little is taken; otherwise the one with the least loss in series and recurrence together.
        let lost = loss * T::RealPart::UNIT_ROUNDOFF.to_f64();
        let tolerance = LOSS * n as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64();
        let simple = best.is_none() && lost <= tolerance;
        let defect = if simple { 0.0 } else { lost + commutator(t.as_ref(), f.as_ref()) };
        if best.as_ref().is_none_or(|b| defect < b.0) {
            best = Some((defect, result));
        }
        if defect <= tolerance {
            break;
        }
    }
    let Some((_, result)) = best else {
        return Err(MatrixError::NoConvergence {
            what: "the Taylor series of f about a cluster of eigenvalues",
            iterations: tried.len(),
        });
    };
    Ok(Mat::from_fn(n, n, |i, j| T::from_complex(result[(i, j)])))
}

/// $\lVert FT - TF \rVert$ relative to the norms.
fn commutator<C: Scalar>(t: MatRef<'_, C>, f: MatRef<'_, C>) -> f64 {
    let mut difference = multiply(f, t);
    multiply_add(difference.as_mut(), -C::ONE, t, f);
    let norm = |m: MatRef<'_, C>| operator_norm_1(m).to_f64();
    let size = norm(f) * norm(t);
    if size > 0.0 { norm(difference.as_ref()) / size } else { 0.0 }
}

/// f of the block of a cluster, and the factor of rounding lost in it; `None` if the series does not converge to f.
fn of_block<C: Scalar>(
    block: MatRef<'_, C>,
    value: &impl Fn(C) -> C,
    atomic: &mut impl FnMut(MatRef<'_, C>) -> Option<Sum<C>>,
) -> Option<(Mat<C>, f64)> {
    let m = block.nrows();
    let values: Vec<C> = diagonal(block).into_iter().map(value).collect();
    if (0..m).all(|j| (0..j).all(|i| block[(i, j)] == C::ZERO)) {
        let f = Mat::from_fn(m, m, |i, j| if i == j { values[i] } else { C::ZERO });
        return Some((f, 0.0));
    }
    let Sum { value: f, loss } = atomic(block)?;
    // A series about a point beyond a branch cut converges too, to another function.
    let largest = values.iter().fold(C::RealPart::ZERO, |l, v| RealScalar::max(l, v.modulus()));
    let error = (0..m).fold(C::RealPart::ZERO, |e, i| RealScalar::max(e, (f[(i, i)] - values[i]).modulus()));
    if error > Scalar::sqrt(C::RealPart::UNIT_ROUNDOFF) * largest {
        return None;
    }
    let seen =
        (error / (C::RealPart::UNIT_ROUNDOFF * RealScalar::max(largest, C::RealPart::MIN_POSITIVE))).to_f64();
    Some((f, loss.max(seen)))
}

/// Whether f has a value at each eigenvalue, and conjugate ones at conjugate eigenvalues if the matrix is real.
fn check_values<T: Scalar>(
    eigenvalues: &[T::Complex],
    value: &impl Fn(T::Complex) -> T::Complex,
) -> Result<(), MatrixError> {
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
        if !T::IS_REAL {
            continue;
        }
        let defect = if z.im() == T::RealPart::ZERO {
            f.im().modulus()
        } else {
            (value(Scalar::conj(z)) - Scalar::conj(f)).modulus()
        };
        if defect > tolerance * f.modulus() {
            return missing("real");
        }
    }
    Ok(())
}
