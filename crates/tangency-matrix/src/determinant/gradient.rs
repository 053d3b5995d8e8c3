//! Derivatives of determinants: Jacobi's formula, the adjugate, and what is left of both at singular matrices.

use super::dense::check_square;
use super::dense::{Elimination, Fault, Keep, LogDetWorkspace};
use super::scaled::{ScaledProduct, exponent_of, scale_by_power, size};
use super::{LogDet, log_det};
use crate::MatrixError;
use crate::norm::{check_finite, check_shape, check_square_finite};
use crate::product::multiply_adjoint;
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// `2^exponent(i, j)` times each entry, or how far it overflows.
fn scaled_entries<T: Scalar>(
    what: &'static str,
    mut x: Mat<T>,
    exponent: impl Fn(usize, usize) -> i64,
) -> Result<Mat<T>, MatrixError> {
    let mut largest = f64::NEG_INFINITY;
    for j in 0..x.ncols() {
        for i in 0..x.nrows() {
            let (entry, k) = (x[(i, j)], exponent(i, j));
            x[(i, j)] = scale_by_power(entry, k);
            if !x[(i, j)].finite() {
                let height = size(entry).to_f64();
                let k = if height.is_finite() { k + i64::from(exponent_of(height)) } else { k + 1024 };
                largest = largest.max(k as f64 * std::f64::consts::LN_2);
            }
        }
    }
    if largest > f64::NEG_INFINITY { Err(MatrixError::Overflow { what, ln_norm: largest }) } else { Ok(x) }
}

/// The adjugate (classical adjoint), the transposed matrix of cofactors.
///
/// $$ \operatorname{adj}(A) A = A \operatorname{adj}(A) = \det(A) I, \quad
///    \operatorname{adj}(A) = \det(A) A^{-1} \text{ if } A \text{ is regular} $$
///
/// It is a polynomial in the entries, so it is finite at singular matrices too: of rank 1 where $A$ has rank n − 1, and
/// zero below. Well-conditioned matrices take the LU factorisation; for the others, with condition above $u^{-1/2}$, the
/// singular value decomposition $A = U \Sigma V^{\ast}$ gives
///
/// $$ \operatorname{adj}(A) = \det(U) \overline{\det(V)} V \operatorname{adj}(\Sigma) U^{\ast}, \quad
///    \operatorname{adj}(\Sigma) = \operatorname{diag} \left( \prod_{j \ne i} \sigma_j \right) , $$
///
/// where singular values below n·u·σ₁ (of the matrix with scaled rows and columns) count as zero. The error, relative to
/// the norm, is about u·σ₁/σₙ₋₁: the smallest singular value does not enter. Cost: 4/3 of a product, or a singular
/// value decomposition.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if an entry does not fit into the
/// type.
///
/// # Example: a matrix of rank 2
///
/// ```
/// use faer::mat;
///
/// let a = mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
/// let adjugate = tangency_matrix::adjugate(a.as_ref())?;
/// let cofactors = mat![[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]];
/// assert!((adjugate - cofactors).norm_max() < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - G. W. Stewart, *On the adjugate matrix*, Linear Algebra Appl. 283 (1998), on its condition; he computes it from a
///   perturbed inverse.
pub fn adjugate<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    match n {
        0 => return Ok(Mat::new()),
        1 => return Ok(Mat::identity(1, 1)),
        2 => {
            let entries = [[a[(1, 1)], -a[(0, 1)]], [-a[(1, 0)], a[(0, 0)]]];
            return Ok(Mat::from_fn(2, 2, |i, j| entries[i][j]));
        }
        _ => {}
    }
    let mut workspace = LogDetWorkspace::new(n);
    let Elimination { product, fault, norm } = workspace.eliminate(a, Keep::FactorAndNorm)?;
    let limit = T::RealPart::ONE / T::RealPart::UNIT_ROUNDOFF.sqrt();
    let (entries, exponent) = if fault.is_none() && norm * workspace.inverse_norm() <= limit {
        let mut inverse = Mat::<T>::identity(n, n);
        workspace.solve(false, inverse.as_mut());
        let product = product.normalised();
        (Mat::from_fn(n, n, |i, j| inverse[(i, j)] * product.significand), product.exponent)
    } else {
        let (scaled, total) = workspace.scaled(a)?;
        let (entries, exponent) = adjugate_by_svd(scaled)?;
        (entries, exponent + total)
    };
    let (rows, columns) = workspace.exponents();
    scaled_entries("the adjugate", entries, |i, j| exponent - i64::from(columns[i]) - i64::from(rows[j]))
}

/// Adjugate of a matrix with entries of about one, without a power of two.
fn adjugate_by_svd<T: Scalar>(a: MatRef<'_, T>) -> Result<(Mat<T>, i64), MatrixError> {
    let n = a.nrows();
    let (u, values, v) = T::thin_svd(a)
        .ok_or(MatrixError::NoConvergence { what: "the singular value decomposition", iterations: 0 })?;
    let tolerance = values[0].re() * T::RealPart::UNIT_ROUNDOFF * T::RealPart::from_f64(n as f64);
    let value = |i: usize| if values[i].re() > tolerance { T::from_real(values[i].re()) } else { T::ZERO };
    // Products of all but one: those before it times those after it.
    let mut after = vec![ScaledProduct::<T>::ONE; n];
    for i in (0..n - 1).rev() {
        after[i] = after[i + 1].times(value(i + 1));
    }
    let mut before = ScaledProduct::<T>::ONE;
    let weights: Vec<ScaledProduct<T>> = (0..n)
        .map(|i| {
            let weight = before.times(after[i].significand).times_power_of_two(after[i].exponent);
            before = before.times(value(i));
            weight.normalised()
        })
        .collect();
    // The last weight, without the smallest value, is the largest.
    let exponent = weights[n - 1].exponent;
    let phase = log_det(u.as_ref())?.sign * log_det(v.as_ref())?.sign.conj();
    let weighted = Mat::from_fn(n, n, |i, j| {
        v[(i, j)] * scale_by_power(weights[j].significand, weights[j].exponent - exponent) * phase
    });
    Ok((multiply_adjoint(weighted.as_ref(), u.as_ref()), exponent))
}

/// The gradient of the determinant: the conjugate transpose of the [`adjugate`].
///
/// $$ \det(A + E) = \det A + \operatorname{tr}(\operatorname{adj}(A) E) + o(\lVert E \rVert), \quad
///    G = \operatorname{adj}(A)^{\ast} $$
///
/// This is Jacobi's formula. For real matrices $G_{ij} = \partial \det A / \partial a_{ij}$; for complex ones $G$ is the
/// gradient of $\operatorname{Re} \det A$ in the inner product $\operatorname{Re} \operatorname{tr}(G^{\ast} E)$, as with all
/// gradients of this crate. Finite at singular matrices.
///
/// Cost: that of the [`adjugate`].
///
/// # Errors
///
/// As [`adjugate`].
///
/// # Example: at the zero matrix of order 2, and of order 3
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::det_gradient;
///
/// let gradient = det_gradient(mat![[0.0, 0.0], [0.0, 5.0]].as_ref())?;
/// assert_eq!(gradient, mat![[5.0, 0.0], [0.0, 0.0]]);
/// assert_eq!(det_gradient(Mat::<f64>::zeros(3, 3).as_ref())?, Mat::zeros(3, 3));
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8, section 3 (Jacobi's
///   formula).
pub fn det_gradient<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let adjugate = adjugate(a)?;
    Ok(Mat::from_fn(a.ncols(), a.nrows(), |i, j| adjugate[(j, i)].conj()))
}

/// The derivative of the determinant in one direction, by Jacobi's formula.
///
/// $$ \left. \frac{d}{dt} \det(A + tE) \right|_{t=0} = \operatorname{tr}(\operatorname{adj}(A) E) $$
///
/// At the identity it is the trace of $E$: that is what makes $\det e^{A} = e^{\operatorname{tr} A}$. Finite at singular
/// matrices. Cost: that of the [`adjugate`].
///
/// # Errors
///
/// As [`adjugate`]; [`MatrixError::ShapeMismatch`] unless both matrices have one shape.
///
/// # Example: at the identity, the trace
///
/// ```
/// use faer::{Mat, mat};
///
/// let e = mat![[1.0, 7.0, 0.5], [2.0, 4.0, 9.0], [8.0, 3.0, -2.0]];
/// let derivative = tangency_matrix::det_derivative(Mat::identity(3, 3).as_ref(), e.as_ref())?;
/// assert_eq!(derivative, 3.0);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8.
pub fn det_derivative<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<T, MatrixError> {
    check_shape("the direction", e, a.shape())?;
    check_finite(e)?;
    let gradient = det_gradient(a)?;
    inner_product("the derivative of the determinant", gradient.as_ref(), e)
}

/// $\operatorname{tr}(G^{\ast} E)$.
fn inner_product<T: Scalar>(
    what: &'static str,
    g: MatRef<'_, T>,
    e: MatRef<'_, T>,
) -> Result<T, MatrixError> {
    let mut sum = T::ZERO;
    for j in 0..g.ncols() {
        for i in 0..g.nrows() {
            sum += g[(i, j)].conj() * e[(i, j)];
        }
    }
    if sum.finite() {
        Ok(sum)
    } else {
        Err(MatrixError::Overflow { what, ln_norm: T::RealPart::MAX.to_f64().ln() })
    }
}

/// The gradient of the logarithm of the determinant: the inverse, conjugated and transposed.
///
/// $$ \ln \det(A + E) = \ln \det A + \operatorname{tr}(A^{-1} E) + o(\lVert E \rVert), \quad G = A^{-\ast} $$
///
/// For real matrices $G_{ij} = \partial \ln \lvert \det A \rvert / \partial a_{ij}$, the transposed inverse. For complex ones
/// it is the gradient of $\ln \lvert \det A \rvert$, the real part of $\ln \det A$, in the inner product
/// $\operatorname{Re} \operatorname{tr}(G^{\ast} E)$. Cost: 4/3 of a product.
///
/// # Errors
///
/// [`MatrixError::Singular`] at a singular matrix, where the logarithm is −∞ (the gradient of the determinant itself,
/// [`det_gradient`], exists there); [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if
/// an entry does not fit into the type.
///
/// # Example: a diagonal matrix
///
/// ```
/// use faer::mat;
///
/// let gradient = tangency_matrix::log_det_gradient(mat![[4.0, 0.0], [1.0, 0.5]].as_ref())?;
/// assert_eq!(gradient, mat![[0.25, -0.5], [0.0, 2.0]]);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8.
pub fn log_det_gradient<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square(a)?;
    let what = "the gradient of the logarithm of the determinant";
    let mut workspace = LogDetWorkspace::new(n);
    let mut inverse = Mat::<T>::identity(n, n);
    match workspace.eliminate(a, Keep::Factor)?.fault {
        None => workspace.solve(true, inverse.as_mut()),
        Some(Fault::ZeroLine(index)) => {
            return Err(MatrixError::Singular { what: "a zero row or column", index });
        }
        Some(Fault::ZeroPivot(index)) => return Err(MatrixError::Singular { what: "a zero pivot", index }),
        // QR has no growth.
        Some(Fault::Range) => inverse = inverse_adjoint_by_qr(workspace.scaled(a)?.0)?,
    }
    let (rows, columns) = workspace.exponents();
    scaled_entries(what, inverse, |i, j| -i64::from(rows[i]) - i64::from(columns[j]))
}

/// $A^{-\ast} = Q R^{-\ast}$.
fn inverse_adjoint_by_qr<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    let (q, r) = T::qr(a, true);
    if let Some(index) = (0..n).find(|&k| r[(k, k)] == T::ZERO) {
        return Err(MatrixError::Singular { what: "a zero pivot", index });
    }
    // R X = Qᴴ.
    let mut x = q.map_or_else(Mat::new, |q| q.adjoint().to_owned());
    T::solve_triangular((r.as_ref(), Conj::No), BlockStructure::TriangularUpper, x.as_mut());
    Ok(x.adjoint().to_owned())
}

/// The derivative of the logarithm of the determinant in one direction.
///
/// $$ \left. \frac{d}{dt} \ln \det(A + tE) \right|_{t=0} = \operatorname{tr}(A^{-1} E) $$
///
/// For complex matrices the real part belongs to $\ln \lvert \det A \rvert$, the imaginary part to the angle of the sign.
/// Cost: 4/3 of a product.
///
/// # Errors
///
/// As [`log_det_gradient`]; [`MatrixError::ShapeMismatch`] unless both matrices have one shape.
///
/// # Example: growth of a multiple
///
/// ```
/// use faer::mat;
///
/// // d ln det(tA)/dt = n/t, here at t = 1.
/// let a = mat![[2.0, 1.0], [5.0, -3.0]];
/// let derivative = tangency_matrix::log_det_derivative(a.as_ref(), a.as_ref())?;
/// assert!((derivative - 2.0_f64).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8.
pub fn log_det_derivative<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<T, MatrixError> {
    check_shape("the direction", e, a.shape())?;
    check_finite(e)?;
    let gradient = log_det_gradient(a)?;
    inner_product("the derivative of the logarithm of the determinant", gradient.as_ref(), e)
}

/// The determinant of the exponential of a matrix, without the exponential: its logarithm is the trace.
///
/// $$ \det e^{A} = e^{\operatorname{tr} A} $$
///
/// The exponential may be singular to working precision, or overflow; the trace knows its determinant all the same. For
/// a complex matrix the sign is $e^{i \operatorname{Im} \operatorname{tr} A}$. The sum is compensated. Cost: n additions.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if the trace overflows.
///
/// # Example: an exponential that underflows
///
/// ```
/// use faer::mat;
///
/// let det = tangency_matrix::log_det_of_exp(mat![[-800.0, 3.0], [1.0, 790.0]].as_ref())?;
/// assert_eq!((det.sign, det.ln_abs), (1.0, -10.0));
/// assert!((det.value() - (-10.0_f64).exp()).abs() < 1e-19);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8.
pub fn log_det_of_exp<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    // Neumaier's summation: the rounding of each addition is exact, and summed too.
    let (mut sum, mut lost) = (T::ZERO, T::ZERO);
    for i in 0..n {
        let x = a[(i, i)];
        let new = sum + x;
        let part = |s: T::RealPart, x: T::RealPart, new: T::RealPart| {
            if s.modulus() >= x.modulus() { (s - new) + x } else { (x - new) + s }
        };
        let (re, im) = (part(sum.re(), x.re(), new.re()), part(sum.im(), x.im(), new.im()));
        lost += T::from_complex(re.complex(im));
        sum = new;
    }
    let trace = sum + lost;
    if !trace.finite() {
        return Err(MatrixError::Overflow { what: "the trace", ln_norm: T::RealPart::MAX.to_f64().ln() });
    }
    let sign = T::from_complex(Scalar::exp(T::RealPart::ZERO.complex(trace.im())));
    Ok(LogDet::from_ln(trace.re(), sign))
}
