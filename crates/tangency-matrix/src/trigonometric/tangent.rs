//! The hyperbolic and the circular tangent.
//!
//! tanh A = (E + I)⁻¹(E − I) with $E = e^{2A}$. E may overflow, and tanh A exists all the same. So E is kept as a pair
//! $(X, Y)$ with $E = X^{-1} Y$, starting from $X = e^{-A}$ and $Y = e^{A}$ of a scaled matrix, and squared without an
//! inverse: from
//!
//! $$ \begin{bmatrix} Y \quad -X \end{bmatrix}^{\top} = Q \begin{bmatrix} R \quad 0 \end{bmatrix}^{\top} \Rightarrow
//!    (X^{-1} Y)^2 = (Q_{12}^{\ast} X)^{-1} Q_{22}^{\ast} Y $$
//!
//! by multiplications with unitary matrices, which neither grow nor divide. A doubling of the tangent itself,
//! $2T(I + T^2)^{-1}$, would meet poles of tanh(A/2) that tanh A does not have.

use super::jet::Jet;
use super::pair::{Halved, Kind, halved};
use super::{add_identity, is_diagonal};
use crate::MatrixError;
use crate::norm::{check_square_finite, operator_norm_1};
use crate::product::adjoint_multiply;
use crate::scalar::{RealScalar, Scalar};
use crate::schur::schur;
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// Hyperbolic tangent of a matrix.
///
/// $$ \tanh A = (\cosh A)^{-1} \sinh A $$
///
/// without overflow: where the real parts of the eigenvalues are large, the result tends to the sign of the matrix.
/// Cost: 5 to 9 products and two solutions of linear equations; where the matrix has to be halved k times (until the
/// roots of the norms of its powers are below 2.3), a QR factorisation of order 2n and 4 products for each.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`]; [`MatrixError::NoPrincipalValue`] with the eigenvalue if one
/// is $i \pi (k + 1/2)$ to working precision, where tanh has a pole; [`MatrixError::OutOfRange`] as
/// [`sincosm`](crate::sincosm); [`MatrixError::Overflow`] if the matrix is so far from normal that the result is.
///
/// # Example: where the hyperbolic sine overflows
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{sinhm, tanhm};
///
/// let a = mat![[1000.0, 1.0], [0.0, -2000.0]];
/// assert!(sinhm(a.as_ref()).is_err());
/// let t = tanhm(a.as_ref())?;
/// // The sign of A: eigenvalues 1 and −1, and what they do between them.
/// assert!((t[(0, 0)] - 1.0_f64).abs() < 1e-15 && (t[(1, 1)] + 1.0).abs() < 1e-15);
/// assert!((t[(0, 1)] - 2.0 / 3000.0).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Z. Bai, J. Demmel and M. Gu, *An inverse free parallel spectral divide and conquer algorithm for nonsymmetric
///   eigenproblems*, Numer. Math. 76 (1997), section 3: the squaring.
pub fn tanhm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    check_square_finite(a)?;
    tangent(a, "the hyperbolic tangent", |z| z)
}

/// Tangent of a matrix.
///
/// $$ \tan A = (\cos A)^{-1} \sin A = -i \tanh(iA) $$
///
/// by [`tanhm`] in complex arithmetic, so that eigenvalues with large imaginary parts do not overflow; real for a real
/// matrix. Cost: as [`tanhm`], complex.
///
/// # Errors
///
/// As [`tanhm`]; the poles are $\pi (k + 1/2)$.
///
/// # Example: a rotation's generator
///
/// ```
/// use faer::mat;
/// use tangency_matrix::tanm;
///
/// // The eigenvalues are ±i, and tan(i) = i tanh 1.
/// let t = tanm(mat![[0.0, 1.0], [-1.0, 0.0]].as_ref())?;
/// assert!((t[(0, 1)] - 1.0_f64.tanh()).abs() < 1e-15 && t[(0, 0)].abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub fn tanm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    check_square_finite(a)?;
    let n = a.nrows();
    let i = T::RealPart::ZERO.complex(T::RealPart::ONE);
    let turned = Mat::from_fn(n, n, |r, c| a[(r, c)].to_complex() * i);
    let t = tangent(turned.as_ref(), "the tangent", |(re, im)| (im, -re))?;
    Ok(Mat::from_fn(n, n, |r, c| T::from_complex(-(t[(r, c)] * i))))
}

/// tanh of a square and finite matrix; `eigenvalue` turns an eigenvalue of `a` into that of the matrix that was given.
fn tangent<T: Scalar>(
    a: MatRef<'_, T>,
    function: &'static str,
    eigenvalue: impl Fn((f64, f64)) -> (f64, f64),
) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    let pole = |z: (f64, f64), index| {
        let (real, imaginary) = eigenvalue(z);
        MatrixError::NoPrincipalValue { function, wanted: "finite", real, imaginary, index }
    };
    let parts = |z: T| (z.re().to_f64(), z.im().to_f64());
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    if is_diagonal(a) {
        let mut result = Mat::zeros(n, n);
        for i in 0..n {
            let z = parts(a[(i, i)]);
            if distance_to_pole(z) <= roundoff * z.1.abs() {
                return Err(pole(z, i));
            }
            let (re, im) = scalar_tanh(z);
            result[(i, i)] = T::from_complex(T::RealPart::from_f64(re).complex(T::RealPart::from_f64(im)));
        }
        return Ok(result);
    }
    let Halved { sine: s, cosine_minus_one: u, doublings, ln_norm } =
        halved(Kind::Hyperbolic, Jet::constant(a))?;
    let (s, c) = (s.value, add_identity(u.value));
    let result = if doublings == 0 {
        solve(c, s)
    } else {
        let (mut x, mut y) = (&c - &s, &c + &s);
        for _ in 0..doublings {
            (x, y) = inverse_free_square(&x, &y);
        }
        solve(&y + &x, &y - &x)
    };
    // Close to a pole the result is large, and whether the pole is met is a question about the eigenvalues.
    let norm = operator_norm_1(result.as_ref()).to_f64();
    if !(norm * roundoff.sqrt() <= 1.0) {
        let eigenvalues = schur(a)?.eigenvalues();
        // Eigenvalues are as exact as the norm of A lets them be; those of a triangular matrix are its entries.
        let triangular = (0..n).all(|j| (j + 1..n).all(|i| a[(i, j)] == T::ZERO));
        let spectral = eigenvalues.iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
        let size = if triangular { spectral } else { operator_norm_1(a).to_f64() };
        let reach = 4.0 * n as f64 * roundoff * size;
        for (index, z) in eigenvalues.iter().enumerate() {
            let z = (z.re().to_f64(), z.im().to_f64());
            if distance_to_pole(z) <= reach {
                return Err(pole(z, index));
            }
        }
    }
    if norm.is_finite() { Ok(result) } else { Err(MatrixError::Overflow { what: function, ln_norm }) }
}

/// Distance from a number to the nearest $i \pi (k + 1/2)$.
fn distance_to_pole((re, im): (f64, f64)) -> f64 {
    // |cos y| is the distance near a pole, and no larger elsewhere.
    re.hypot(im.cos())
}

/// tanh of a number, in double precision for both formats.
fn scalar_tanh((x, y): (f64, f64)) -> (f64, f64) {
    if y == 0.0 {
        return (x.tanh(), y);
    }
    let (sine, cosine) = y.sin_cos();
    if x.abs() > 20.0 {
        return (1.0_f64.copysign(x), 4.0 * sine * cosine * (-2.0 * x.abs()).exp());
    }
    let sinh = x.sinh();
    let denominator = sinh * sinh + cosine * cosine;
    (sinh * x.cosh() / denominator, sine * cosine / denominator)
}

/// $(X', Y')$ with $X'^{-1} Y' = (X^{-1} Y)^2$.
fn inverse_free_square<T: Scalar>(x: &Mat<T>, y: &Mat<T>) -> (Mat<T>, Mat<T>) {
    let n = x.nrows();
    // The columns of zeros make the factorisation return the whole of Q; its last n columns are what is wanted.
    let stacked = Mat::from_fn(2 * n, 2 * n, |i, j| match (i < n, j < n) {
        (true, true) => y[(i, j)],
        (false, true) => -x[(i - n, j)],
        (_, false) => T::ZERO,
    });
    let (Some(q), _) = T::qr(stacked.as_ref(), true) else { return (x.clone(), y.clone()) };
    let q12 = q.as_ref().submatrix(0, n, n, n);
    let q22 = q.as_ref().submatrix(n, n, n, n);
    (adjoint_multiply(q12, x.as_ref()), adjoint_multiply(q22, y.as_ref()))
}

/// $A^{-1} B$ by LU; not finite where a pivot is zero.
fn solve<T: Scalar>(mut a: Mat<T>, b: Mat<T>) -> Mat<T> {
    let n = a.nrows();
    let (mut permutation, mut inverse) = (vec![0; n], vec![0; n]);
    T::lu_in_place(a.as_mut(), &mut permutation, &mut inverse);
    let mut x = Mat::from_fn(n, b.ncols(), |i, j| b[(permutation[i], j)]);
    T::solve_triangular((a.as_ref(), Conj::No), BlockStructure::UnitTriangularLower, x.as_mut());
    T::solve_triangular((a.as_ref(), Conj::No), BlockStructure::TriangularUpper, x.as_mut());
    x
}
