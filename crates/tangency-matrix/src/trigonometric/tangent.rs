//! The hyperbolic and the circular tangent.
//!
//! tanh A = (E + I)⁻¹(E − I) with $E = e^{2A}$. E may overflow, and tanh A exists all the same. So E is kept as a pair
//! $(X, Y)$ with $E = X^{-1} Y$, starting from $X = e^{-A}$ and $Y = e^{A}$ of a scaled matrix, and squared without an
//! inverse: from
//!
//! $$ \begin{bmatrix} Y \cr -X \end{bmatrix} = Q \begin{bmatrix} R \cr 0 \end{bmatrix} \Rightarrow
//!    (X^{-1} Y)^2 = (Q_{12}^{\ast} X)^{-1} Q_{22}^{\ast} Y $$
//!
//! by multiplications with unitary matrices, which neither grow nor divide. A doubling of the tangent itself,
//! $2T(I + T^2)^{-1}$, would meet poles of tanh(A/2) that tanh A does not have.

use super::add_identity;
use super::jet::Jet;
use super::pair::{Halved, Kind, check_digits, halved};
use super::structure::{Structure, eigenvectors, restore};
use crate::norm::{check_square_finite, operator_norm_1};
use crate::product::{adjoint_multiply, multiply, multiply_adjoint};
use crate::reduction::check_result;
use crate::scalar::{RealScalar, Scalar};
use crate::schur::schur;
use crate::{MatrixError, signm, solve_sylvester};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// Hyperbolic tangent of a matrix.
///
/// $$ \tanh A = (\cosh A)^{-1} \sinh A $$
///
/// without overflow: where the real parts of the eigenvalues are large, the result tends to the sign of the matrix, and
/// where all of them are beyond the last digit, it is [`signm`], whatever the size of the matrix. A diagonal matrix is treated
/// entry by entry, a Hermitian one of norm above 2 by its eigenvectors; the result of a Hermitian matrix is Hermitian to the bit,
/// that of a triangular one has the tangents of the entries on its diagonal.
///
/// Cost: 5 to 9 products and two solutions of linear equations; where the matrix has to be halved k times (until the
/// roots of the norms of its powers are below 2.3), a QR factorisation of 2n rows and n columns and 2 products for each; for
/// more than 8 halvings a Schur form, and another one instead of all this where the result is the sign.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`]; [`MatrixError::NoPrincipalValue`] with the eigenvalue if one
/// is $i \pi (k + 1/2)$ to working precision, where tanh has a pole (no entry of a diagonal matrix is one: no number of
/// the type is); [`MatrixError::OutOfRange`] as [`sincosm`](crate::sincosm), unless the result is the sign, or the matrix is
/// triangular and the result is the sign on the part of the spectrum that is far out;
/// [`MatrixError::Overflow`] if the matrix is so far from normal that the result is.
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
///
/// # References
///
/// - Those of [`tanhm`].
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
    eigenvalue: fn((f64, f64)) -> (f64, f64),
) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    let structure = Structure::of(a);
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let scalar = |z: T| {
        let (re, im) = scalar_tanh((z.re().to_f64(), z.im().to_f64()));
        T::from_complex(T::RealPart::from_f64(re).complex(T::RealPart::from_f64(im)))
    };
    if structure == Structure::Diagonal {
        return Ok(Mat::from_fn(n, n, |i, j| if i == j { scalar(a[(i, i)]) } else { T::ZERO }));
    }
    if let Some(reduction) = eigenvectors(structure, a)? {
        let eigenvalues = reduction.eigenvalues();
        let sizes = || eigenvalues.iter().map(|z| z.modulus().to_f64());
        let largest = sizes().fold(0.0, f64::max);
        // Large ones are known to be 1 and −1; others only if rounding leaves them digits.
        if sizes().fold(f64::INFINITY, f64::min) <= saturation(roundoff) + 4.0 * n as f64 * roundoff * largest
        {
            check_digits(largest * roundoff)?;
        }
        let values: Vec<T> = eigenvalues.iter().map(|&z| scalar(z)).collect();
        return reduction.of_values(function, &values);
    }
    let halved = halved(Kind::Hyperbolic, Jet::constant(a));
    if halved.as_ref().map_or(true, |h| h.doublings > SIGN_AFTER)
        && let Some(sign) = saturated(structure, a)
    {
        return Ok(sign);
    }
    let Halved { sine: s, cosine_minus_one: u, doublings } = match halved {
        Ok(halved) => halved,
        Err(error) => {
            let parts = match structure {
                Structure::Upper => in_two_parts(a, function, eigenvalue)?,
                Structure::Lower => {
                    in_two_parts(a.transpose(), function, eigenvalue)?.map(|t| t.transpose().to_owned())
                }
                _ => None,
            };
            return parts.map(|t| restore(structure, a, t, scalar)).ok_or(error);
        }
    };
    let (s, c) = (s.value, add_identity(u.value));
    let mut usual = 1.0;
    let result = if doublings == 0 {
        // Where the sine is large the quotient may be, without a pole.
        usual = operator_norm_1(s.as_ref()).to_f64().max(1.0);
        solve(c, &s)
    } else {
        let (mut x, mut y) = (&c - &s, &c + &s);
        for _ in 0..doublings {
            (x, y) = inverse_free_square(&x, &y);
        }
        solve(&y + &x, &(&y - &x))
    };
    // Close to a pole the result is large, and whether the pole is met is a question about the eigenvalues.
    let norm = operator_norm_1(result.as_ref()).to_f64();
    if norm.is_nan() || norm * roundoff.sqrt() > usual {
        let eigenvalues = schur(a)?.eigenvalues();
        // Eigenvalues are as exact as the norm of A lets them be; those of a triangular matrix are its entries.
        let spectral = eigenvalues.iter().map(|z| z.modulus().to_f64()).fold(0.0, f64::max);
        let size = if structure.triangular() { spectral } else { operator_norm_1(a).to_f64() };
        let reach = 4.0 * n as f64 * roundoff * size;
        for (index, z) in eigenvalues.iter().enumerate() {
            let z = (z.re().to_f64(), z.im().to_f64());
            if distance_to_pole(z) <= reach {
                let (real, imaginary) = eigenvalue(z);
                return Err(MatrixError::NoPrincipalValue {
                    function,
                    wanted: "finite",
                    real,
                    imaginary,
                    index,
                });
            }
        }
    }
    check_result(function, result.as_ref())?;
    Ok(restore(structure, a, result, scalar))
}

/// Halvings after which it is worth a look whether all eigenvalues are so far out that tanh A is the sign of A.
const SIGN_AFTER: i32 = 8;

/// Real part from which on tanh is ±1 to a quarter of the unit roundoff.
fn saturation(roundoff: f64) -> f64 {
    0.5 * (4.0 / roundoff).ln()
}

/// The sign of A, if tanh A is that to working precision: $\tanh A = S (I - 2 e^{-2SA} (I + e^{-2SA})^{-1})$ with
/// $S = \operatorname{sign} A$.
///
/// For a triangular T with strictly upper part N and the eigenvalues' least real part μ,
/// $\lVert e^{-T} \rVert \le e^{-\mu} \sum_{k < n} \lVert N \rVert^k / k!$ (C. Van Loan, *The sensitivity of the matrix exponential*,
/// SINUM 14 (1977)).
fn saturated<T: Scalar>(structure: Structure, a: MatRef<'_, T>) -> Option<Mat<T>> {
    let n = a.nrows();
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let (form, uncertainty) = if structure.triangular() {
        (a.to_owned(), 0.0)
    } else {
        (schur(a).ok()?.into_parts().1, 4.0 * n as f64 * roundoff * operator_norm_1(a).to_f64())
    };
    // Real parts are the diagonal entries, those of a real block of order 2 too.
    let least = (0..n).map(|i| form[(i, i)].re().to_f64().abs()).fold(f64::INFINITY, f64::min) - uncertainty;
    if least > far(form.as_ref()) { signm(a).ok() } else { None }
}

/// The modulus of all real parts from which on tanh of a quasi-triangular matrix is its sign.
fn far<T: Scalar>(form: MatRef<'_, T>) -> f64 {
    let n = form.nrows();
    // A real block of order 2 with the entries b and c off its diagonal, bc < 0, has the departure |b + c| from normality.
    let pairs = (0..n).flat_map(|j| (0..j).map(move |i| (i, j)));
    let departure: f64 = pairs.map(|(i, j)| (form[(i, j)] + form[(j, i)]).modulus().to_f64()).sum();
    let mut ln_term = 0.0_f64;
    let mut ln_growth = 0.0_f64;
    for k in 1..n {
        ln_term += (2.0 * departure / k as f64).ln();
        ln_growth = ln_growth.max(ln_term);
    }
    saturation(T::RealPart::UNIT_ROUNDOFF.to_f64()) + 0.5 * (ln_growth + (n as f64).ln())
}

/// tanh of an upper triangular matrix that has eigenvalues far out and others: the sign of the part with the former, tanh of
/// the other part, and what is between them from $TF = FT$. `None` if all eigenvalues are of one kind.
///
/// The eigenvalues are exact here, however large the others: they are the entries, and stay when they are sorted. Those of a
/// full matrix are as uncertain as rounding makes the largest.
fn in_two_parts<T: Scalar>(
    a: MatRef<'_, T>,
    function: &'static str,
    eigenvalue: fn((f64, f64)) -> (f64, f64),
) -> Result<Option<Mat<T>>, MatrixError> {
    let n = a.nrows();
    // Twice, because sorting may enlarge the sum of the entries.
    let limit = 2.0 * far(a);
    let is_far = |z: T::Complex| z.re().to_f64().abs() > limit;
    let (q, t) = schur(a)?.reordered(is_far)?.into_parts();
    let count = (0..n).filter(|&i| is_far(t[(i, i)].to_complex())).count();
    if count == 0 || count == n {
        return Ok(None);
    }
    let rest = n - count;
    let (outer, coupling, inner) = (
        t.submatrix(0, 0, count, count),
        t.submatrix(0, count, count, rest),
        t.submatrix(count, count, rest, rest),
    );
    let Some(sign) = saturated(Structure::Upper, outer) else { return Ok(None) };
    let tangent = tangent(inner, function, eigenvalue)?;
    let difference = multiply(sign.as_ref(), coupling) - multiply(coupling, tangent.as_ref());
    let minus = Mat::from_fn(rest, rest, |i, j| -inner[(i, j)]);
    let between = solve_sylvester(outer, minus.as_ref(), difference.as_ref())?;
    let f = Mat::from_fn(n, n, |i, j| match (i < count, j < count) {
        (true, true) => sign[(i, j)],
        (true, false) => between[(i, j - count)],
        (false, true) => T::ZERO,
        (false, false) => tangent[(i - count, j - count)],
    });
    let result = multiply_adjoint(multiply(q.as_ref(), f.as_ref()).as_ref(), q.as_ref());
    check_result(function, result.as_ref())?;
    Ok(Some(result))
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
    let stacked = Mat::from_fn(2 * n, n, |i, j| if i < n { y[(i, j)] } else { -x[(i - n, j)] });
    let q = T::qr_complement(stacked.as_ref());
    let (q12, q22) = q.as_ref().split_at_row(n);
    (adjoint_multiply(q12, x.as_ref()), adjoint_multiply(q22, y.as_ref()))
}

/// $A^{-1} B$ by LU; not finite where a pivot is zero.
fn solve<T: Scalar>(mut a: Mat<T>, b: &Mat<T>) -> Mat<T> {
    let n = a.nrows();
    let (mut permutation, mut inverse) = (vec![0; n], vec![0; n]);
    T::lu_in_place(a.as_mut(), &mut permutation, &mut inverse);
    let mut x = Mat::from_fn(n, b.ncols(), |i, j| b[(permutation[i], j)]);
    T::solve_triangular((a.as_ref(), Conj::No), BlockStructure::UnitTriangularLower, x.as_mut());
    T::solve_triangular((a.as_ref(), Conj::No), BlockStructure::TriangularUpper, x.as_mut());
    x
}
