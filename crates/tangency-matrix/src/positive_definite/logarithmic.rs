//! The affine-invariant and the log-Euclidean distance.

use super::{Eigen, check_pair, frobenius, is_diagonal, unscaled};
use crate::MatrixError;
use crate::norm::{check_finite, operator_norm_1};
use crate::polar::scaling;
use crate::power::{power_of_two, symmetrise};
use crate::product::{adjoint_multiply, multiply, multiply_adjoint};
use crate::reduction::{check_result, ldexp};
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// Affine-invariant distance of two Hermitian positive definite matrices.
///
/// $$ d(A, B) = \lVert \log(A^{-1/2} B A^{-1/2}) \rVert_F = \Bigl( \sum_i \ln^2 \lambda_i(A^{-1} B) \Bigr)^{1/2} $$
///
/// The length of the shortest curve in the metric $\operatorname{tr}(A^{-1} X A^{-1} X)$, which is (twice) the Fisher information of centred Gaussians.
/// It is unchanged if both matrices are inverted, or both become $C A C^{\ast}$. With Cholesky factors $A = L L^{\ast}$ and
/// $B = M M^{\ast}$: eigenvalues of $L^{-1} (B - A) L^{-\ast}$ where that is small, otherwise the singular values of
/// $L^{-1} M$ and of $M^{-1} L$, of each those above 1. Cost: about 10 to 20 n³ flops.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::ShapeMismatch`], [`MatrixError::NotFinite`]; [`MatrixError::NotHermitian`] unless the
/// matrices are Hermitian up to rounding ($8 n u \max \lvert a_{ij} \rvert$); [`MatrixError::NotPositive`] with a pivot that is not
/// positive beyond rounding.
///
/// # Example: multiples of one matrix
///
/// ```
/// use faer::mat;
///
/// let a = mat![[2.0_f64, 1.0], [1.0, 3.0]];
/// let b = &a * std::f64::consts::E;
/// let distance = tangency_matrix::affine_invariant_distance(a.as_ref(), b.as_ref())?;
/// assert!((distance - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, *Positive Definite Matrices*, Princeton 2007, section 6.1.
pub fn affine_invariant_distance<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) -> Result<T::RealPart, MatrixError> {
    let (a, b) = check_pair(a, b)?;
    let n = a.nrows();
    let (l, m) = (cholesky(&a)?, cholesky(&b)?);
    let difference = &b - &a;
    // Entries of opposite signs need not have a difference that fits.
    if check_finite(difference.as_ref()).is_ok() {
        let difference = congruence(&l, difference);
        let size = frobenius(n, |i, j| difference[(i, j)].modulus());
        if size <= T::RealPart::from_f64(0.5) {
            let eigen = Eigen::of(difference.as_ref())?;
            return Ok(eigen.values.iter().fold(T::RealPart::ZERO, |norm, x| norm.hypot(x.ln_1p())));
        }
    }
    let mut distance = T::RealPart::ZERO;
    for (first, second) in [(&l, &m), (&m, &l)] {
        let mut quotient = second.clone();
        T::solve_triangular((first.as_ref(), Conj::No), BlockStructure::TriangularLower, quotient.as_mut());
        check_result("the quotient of the matrices", quotient.as_ref())?;
        let values = T::singular_values(quotient.as_ref())
            .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: n })?;
        for value in values {
            if value.re() > T::RealPart::ONE {
                let logarithm = Scalar::ln(value.re());
                distance = distance.hypot(logarithm + logarithm);
            }
        }
    }
    Ok(distance)
}

/// The point $A \mathbin{\#}_t B$ of the affine-invariant geodesic from $A$ at t = 0 to $B$ at t = 1.
///
/// $$ A^{1/2} (A^{-1/2} B A^{-1/2})^t A^{1/2} $$
///
/// The geometric mean for t = ½; beyond [0, 1] the geodesic goes on. Hermitian to the bit. From Cholesky factors
/// $A = L L^{\ast}$, $B = M M^{\ast}$ and the singular values σ of $L^{-1} M = P \Sigma V^{\ast}$ as $L P \Sigma^{2 t} P^{\ast} L^{\ast}$: about
/// 25 n³ flops.
///
/// # Errors
///
/// Those of [`affine_invariant_distance`]; [`MatrixError::OutOfRange`] unless `t` is finite; [`MatrixError::Overflow`].
///
/// # Example: the geometric mean of numbers
///
/// ```
/// use faer::mat;
///
/// let mean = tangency_matrix::affine_invariant_geodesic(mat![[4.0]].as_ref(), mat![[9.0]].as_ref(), 0.5)?;
/// assert!((mean[(0, 0)] - 6.0_f64).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, *Positive Definite Matrices*, Princeton 2007, (6.11).
pub fn affine_invariant_geodesic<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    t: f64,
) -> Result<Mat<T>, MatrixError> {
    if !t.is_finite() {
        return Err(MatrixError::OutOfRange { what: "the time", range: "finite", value: t });
    }
    let (a, b) = check_pair(a, b)?;
    let (mut l, mut m) = (cholesky(&a)?, cholesky(&b)?);
    let n = a.nrows();
    // A = D A' D and B = 2^k D B' D with powers of 2 for which the diagonal of A' is near 1, and that of B' near 1 or
    // below. Nothing leaves the range then, and A #_t B = 2^(kt) D (A' #_t B') D.
    let d: Vec<i32> = (0..n).map(|j| scaling(a[(j, j)].re()) / 2).collect();
    let half = (0..n).map(|j| scaling(b[(j, j)].re()) / 2 - d[j]).max().unwrap_or(0);
    l = Mat::from_fn(n, n, |i, j| ldexp(l[(i, j)], -d[i]));
    m = Mat::from_fn(n, n, |i, j| ldexp(m[(i, j)], -d[i] - half));
    // B' = M M*, and L⁻¹ M = P Σ V*: A' #_t B' = F Σ^(2t) F*, F = L P.
    T::solve_triangular((l.as_ref(), Conj::No), BlockStructure::TriangularLower, m.as_mut());
    check_result("the quotient of the matrices", m.as_ref())?;
    let (p, values, _) = T::thin_svd(m.as_ref())
        .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: n })?;
    // Singular values are at most about 1. One that is lost would be a zero of the point.
    if values.last().is_some_and(|x| x.re() < T::RealPart::MIN_POSITIVE) {
        let what = "the quotient of the matrices";
        return Err(MatrixError::Overflow { what, ln_norm: T::RealPart::MAX.to_f64().ln() });
    }
    let mut factor = multiply(l.as_ref(), p.as_ref());
    let (power, k) = (T::RealPart::from_f64(t), power_of_two(2 * half, t));
    for (j, value) in values.iter().enumerate() {
        let size = RealScalar::powf(value.re(), power);
        factor.as_mut().col_mut(j).iter_mut().for_each(|x| *x = x.scale(size));
    }
    let mut point = multiply_adjoint(factor.as_ref(), factor.as_ref());
    symmetrise(&mut point);
    let (remainder, k) = (T::RealPart::from_f64(k.0), k.1);
    let point = Mat::from_fn(n, n, |i, j| ldexp(point[(i, j)].scale(remainder), d[i] + d[j] + k));
    check_result("the point of the geodesic", point.as_ref())?;
    Ok(point)
}

/// Log-Euclidean distance of two Hermitian positive definite matrices.
///
/// $$ d(A, B) = \lVert \log A - \log B \rVert_F $$
///
/// The affine-invariant distance bounds it from above, with equality if the matrices commute. From the eigendecompositions $A = U \Lambda U^{\ast}$ and
/// $B = V M V^{\ast}$: the entries of $U^{\ast} (\log B - \log A) V$ are those of $U^{\ast} (B - A) V$ times divided differences of
/// the logarithm, which loses no digits for nearly equal matrices. Cost: about 22 n³ flops.
///
/// # Errors
///
/// As for [`affine_invariant_distance`], with the eigenvalue that is not positive beyond rounding.
///
/// # Example: nearly equal matrices
///
/// ```
/// use faer::mat;
///
/// let (a, b) = (mat![[1.0_f64, 0.5], [0.5, 1.0]], mat![[1.0, 0.5], [0.5, 1.0 + 1e-12]]);
/// let distance = tangency_matrix::log_euclidean_distance(a.as_ref(), b.as_ref())?;
/// let derivative = tangency_matrix::logm_frechet(a.as_ref(), (&b - &a).as_ref())?.derivative;
/// assert!((distance / derivative.norm_l2() - 1.0).abs() < 1e-11);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - V. Arsigny, P. Fillard, X. Pennec, N. Ayache, *Geometric means in a novel vector space structure on symmetric positive-definite
///   matrices*, SIAM J. Matrix Anal. Appl. 29 (2007).
pub fn log_euclidean_distance<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) -> Result<T::RealPart, MatrixError> {
    let (mut a, mut b) = check_pair(a, b)?;
    let n = a.nrows();
    // Where an eigenvalue may not fit, or be rounded to one that does not: the distance of multiples is the same.
    let limit = T::RealPart::MAX * T::RealPart::from_f64(0.25);
    let fits = [&a, &b].iter().all(|x| is_diagonal(x.as_ref()) || operator_norm_1(x.as_ref()) <= limit);
    let exponent = if fits { 0 } else { 16 };
    if !fits {
        for x in [&mut a, &mut b] {
            *x = Mat::from_fn(n, n, |i, j| ldexp(x[(i, j)], -exponent));
        }
    }
    let eigen = |x: &Mat<T>| Eigen::of(x.as_ref())?.definite().map_err(|error| unscaled(error, exponent));
    let (from, to) = (eigen(&a)?, eigen(&b)?);
    let left = adjoint_multiply(from.vectors.as_ref(), (&b - &a).as_ref());
    let change = multiply(left.as_ref(), to.vectors.as_ref());
    let distance = frobenius(n, |i, j| {
        let (lambda, mu) = (from.values[i], to.values[j]);
        let gap = Scalar::modulus(mu - lambda);
        let change = change[(i, j)].modulus();
        if gap > T::RealPart::from_f64(0.5) * RealScalar::max(lambda, mu) {
            return change / gap * Scalar::modulus(ln_quotient(mu, lambda));
        }
        // ln(1 + x) / x, times 1 / λ.
        let x = (mu - lambda) / lambda;
        let slope = if x == T::RealPart::ZERO { T::RealPart::ONE } else { x.ln_1p() / x };
        change / lambda * slope
    });
    if distance.finite() {
        return Ok(distance);
    }
    Err(MatrixError::Overflow { what: "the distance", ln_norm: T::RealPart::MAX.to_f64().ln() })
}

/// $\ln (x / y)$ for positive numbers, as the difference of the logarithms (which may be large) only where the quotient does not fit.
fn ln_quotient<R: RealScalar>(x: R, y: R) -> R {
    let quotient = x / y;
    if quotient >= R::MIN_POSITIVE && quotient.finite() {
        Scalar::ln(quotient)
    } else {
        Scalar::ln(x) - Scalar::ln(y)
    }
}

/// $L^{-1} X L^{-\ast}$ for a Hermitian X.
fn congruence<T: Scalar>(l: &Mat<T>, mut x: Mat<T>) -> Mat<T> {
    let structure = BlockStructure::TriangularLower;
    T::solve_triangular((l.as_ref(), Conj::No), structure, x.as_mut());
    let mut x = x.adjoint().to_owned();
    T::solve_triangular((l.as_ref(), Conj::No), structure, x.as_mut());
    symmetrise(&mut x);
    x
}

/// The lower Cholesky factor, with zeros above; `Err` for a pivot that is at most its own rounding error, $n u a_{jj}$.
fn cholesky<T: Scalar>(a: &Mat<T>) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    let mut factor = a.clone();
    let failed = n > 0 && T::llt_in_place(factor.as_mut()).is_err();
    let relative = T::RealPart::from_f64(n as f64) * T::RealPart::UNIT_ROUNDOFF;
    for j in 0..n {
        let pivot = factor[(j, j)].re();
        let size = pivot * pivot;
        if failed || size.to_f64().is_nan() || size <= relative * a[(j, j)].re() {
            return Err(failing_pivot(a, relative));
        }
        for i in 0..j {
            factor[(i, j)] = T::ZERO;
        }
    }
    Ok(factor)
}

/// The first pivot that is not positive beyond rounding, by the factorisation column by column.
fn failing_pivot<T: Scalar>(a: &Mat<T>, relative: T::RealPart) -> MatrixError {
    let n = a.nrows();
    let mut l = a.clone();
    let error = |index: usize, value: T::RealPart| {
        let value = value.to_f64();
        MatrixError::NotPositive { kind: "definite", what: "pivot", index, value }
    };
    for j in 0..n {
        let pivot = l[(j, j)].re();
        if j + 1 == n || pivot.to_f64().is_nan() || pivot <= relative * a[(j, j)].re() {
            return error(j, pivot);
        }
        for k in j + 1..n {
            let factor = l[(k, j)].conj().scale(T::RealPart::ONE / pivot);
            for i in k..n {
                l[(i, k)] = l[(i, k)] - l[(i, j)] * factor;
            }
        }
    }
    error(0, T::RealPart::ZERO)
}
