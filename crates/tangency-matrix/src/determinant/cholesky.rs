//! The determinant of a Hermitian matrix from half of the work.

use super::scaled::{ScaledProduct, exponent_of, scale_by_power, size};
use super::{LogDet, log_det};
use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// `Err` unless the matrix is Hermitian up to the rounding of a product of matrices, which is relative to the sizes of
/// the rows that meet in an entry.
pub(crate) fn check_hermitian<T: Scalar>(a: MatRef<'_, T>) -> Result<(), MatrixError> {
    let n = a.nrows();
    if is_hermitian(a) {
        return Ok(());
    }
    let mut heights = vec![T::RealPart::ZERO; n];
    for j in 0..n {
        for i in 0..n {
            let size = size(a[(i, j)]);
            heights[i] = RealScalar::max(heights[i], size);
            heights[j] = RealScalar::max(heights[j], size);
        }
    }
    // Roots first: the product of two heights may leave the range.
    for height in &mut heights {
        *height = Scalar::sqrt(*height);
    }
    let nu = T::RealPart::UNIT_ROUNDOFF * T::RealPart::from_f64(8.0 * n as f64);
    for column in 0..n {
        for row in column..n {
            let (lower, upper) = (a[(row, column)], a[(column, row)].conj());
            // Of halves, because the difference of two large numbers may overflow.
            let half = T::RealPart::from_f64(0.5);
            let difference = (lower.scale(half) - upper.scale(half)).modulus();
            if difference > (nu * heights[row] * heights[column]).scale(half) {
                return Err(MatrixError::NotHermitian { row, column, difference: 2.0 * difference.to_f64() });
            }
        }
    }
    Ok(())
}

/// To the last bit.
fn is_hermitian<T: Scalar>(a: MatRef<'_, T>) -> bool {
    (0..a.ncols()).all(|j| {
        let (column, row) = (a.col(j).subrows(j, a.nrows() - j), a.row(j).subcols(j, a.nrows() - j));
        column.iter().zip(row.iter()).all(|(&x, &y)| x == y.conj())
    })
}

/// `D A D` of the lower triangle for the powers of two `D = diag(2^{-e})`.
fn scaled_lower<T: Scalar>(a: MatRef<'_, T>, exponents: &[i32]) -> Mat<T> {
    if exponents.iter().all(|&e| e == 0) {
        // What is above the diagonal is not read.
        return a.to_owned();
    }
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| {
        if i >= j {
            scale_by_power(a[(i, j)], -i64::from(exponents[i]) - i64::from(exponents[j]))
        } else {
            T::ZERO
        }
    })
}

/// Exponents of pivots' roots within which nothing can leave the range of single precision.
const MODERATE: i32 = 16;

/// The logarithm of the determinant of a Hermitian positive definite matrix, by Cholesky factorisation.
///
/// $$ A = L L^{\ast}, \quad \ln \det A = 2 \sum_k \ln l_{kk} $$
///
/// Half of the work of [`log_det`], and a proof that the matrix is positive definite to working precision. The lower
/// triangle is read; the upper one is only compared with it. Rows and columns are scaled by powers of two.
/// Cost: $\frac{1}{3} n^3$ flops, a sixth of a product.
///
/// # Errors
///
/// [`MatrixError::NotPositive`] with index and value of the first pivot that is not positive;
/// [`MatrixError::NotHermitian`] if the triangles differ by more than the rounding of a product, in entry (i, j) 8 n u
/// times the root of the largest entries of rows (and columns) i and j; [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`].
///
/// # Example: a covariance
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{MatrixError, log_det_cholesky};
///
/// let covariance = mat![[4.0_f64, 2.0], [2.0, 3.0]];
/// assert!((log_det_cholesky(covariance.as_ref())?.value() - 8.0).abs() < 1e-14);
/// let wrong = log_det_cholesky(mat![[4.0, 2.0], [2.0, 0.5]].as_ref());
/// assert_eq!(
///     wrong,
///     Err(MatrixError::NotPositive { kind: "definite", what: "pivot", index: 1, value: -0.5 })
/// );
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), Algorithm 10.2; chapter 10
///   also has the scaling.
pub fn log_det_cholesky<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_hermitian(a)?;
    let mut exponents = vec![0; n];
    for (index, exponent) in exponents.iter_mut().enumerate() {
        let pivot = a[(index, index)].re().to_f64();
        if pivot <= 0.0 {
            return Err(MatrixError::NotPositive { kind: "definite", what: "pivot", index, value: pivot });
        }
        *exponent = exponent_of(pivot).div_euclid(2);
    }
    // The scaling by powers of two changes no bit of the factor, only what is out of range.
    if exponents.iter().all(|e| e.abs() <= MODERATE) {
        exponents.fill(0);
    }
    let mut factor = scaled_lower(a, &exponents);
    if let Err(index) = T::llt_in_place(factor.as_mut()) {
        let scaled = scaled_lower(a, &exponents);
        let value = schur_complement(&scaled, index).to_f64() * 4.0_f64.powi(exponents[index]);
        return Err(MatrixError::NotPositive { kind: "definite", what: "pivot", index, value });
    }
    let product = (0..n).fold(ScaledProduct::ONE, |product, k| {
        let diagonal = T::from_real(factor[(k, k)].re());
        product.times(diagonal).times(diagonal).times_power_of_two(2 * i64::from(exponents[k]))
    });
    Ok(LogDet::new(product))
}

/// Pivot `k` of a matrix in its lower triangle whose first `k` pivots are positive.
pub(crate) fn schur_complement<T: Scalar>(a: &Mat<T>, k: usize) -> T::RealPart {
    let mut leading = a.get(..k, ..k).to_owned();
    let mut row = Mat::from_fn(k, 1, |j, _| a[(k, j)].conj());
    // The leading block was factored before, so this cannot fail.
    if T::llt_in_place(leading.as_mut()).is_ok() {
        T::solve_triangular((leading.as_ref(), Conj::No), BlockStructure::TriangularLower, row.as_mut());
    }
    (0..k).fold(a[(k, k)].re(), |pivot, j| {
        let x = row[(j, 0)].modulus();
        pivot - x * x
    })
}

/// Sign and logarithm of the determinant of a Hermitian matrix, definite or not, by Bunch-Kaufman factorisation.
///
/// $$ P A P^{\top} = L B L^{\ast}, \quad \det A = \prod \det B_k $$
///
/// with blocks of order 1 and 2 in $B$. Half of the work of [`log_det`] in flops, and the sign is exactly real. The lower
/// triangle is read; the upper one is only compared with it. Cost: $\frac{1}{3} n^3$ flops.
///
/// # Errors
///
/// [`MatrixError::NotHermitian`] as in [`log_det_cholesky`]; [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`].
///
/// # Example: a saddle point, whose diagonal has no pivot
///
/// ```
/// use faer::mat;
///
/// let saddle = mat![[0.0_f64, 2.0, 1.0], [2.0, 0.0, 3.0], [1.0, 3.0, 0.0]];
/// let det = tangency_matrix::log_det_hermitian(saddle.as_ref())?;
/// assert_eq!(det.sign, 1.0);
/// assert!((det.value() - 12.0).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Bunch and L. Kaufman, *Some stable methods for calculating inertia and solving symmetric linear systems*,
///   Math. Comp. 31 (1977).
/// - D. Ruiz, *A scaling algorithm to equilibrate both rows and columns norms in matrices*, RAL-TR-2001-034 (2001).
pub fn log_det_hermitian<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_hermitian(a)?;
    if n == 0 {
        return Ok(LogDet::default());
    }
    let exponents = symmetric_scaling(n, |visit| {
        for j in 0..n {
            (j..n).for_each(|i| visit(i, j, size(a[(i, j)]).to_f64()));
        }
    });
    let mut factor = scaled_lower(a, &exponents);
    let subdiagonal = T::lblt_in_place(factor.as_mut());
    let mut product =
        ScaledProduct::ONE.times_power_of_two(2 * exponents.iter().map(|&e| i64::from(e)).sum::<i64>());
    let mut k = 0;
    while k < n {
        let (d, c) = (factor[(k, k)].re(), subdiagonal[k]);
        let block = if c == T::ZERO || k + 1 == n {
            k += 1;
            d
        } else {
            let next = factor[(k + 1, k + 1)].re();
            k += 2;
            // The pivoting makes |d·next| at most 0.41 |c|², so nothing cancels.
            d * next - c.modulus() * c.modulus()
        };
        if !block.finite() {
            return hermitian_by_elimination(a);
        }
        product = product.times(T::from_real(block));
    }
    Ok(LogDet::new(product))
}

/// Rounds of [`symmetric_scaling`]: each halves the exponents that are left, and the largest is about 2000.
const ROUNDS: usize = 12;

/// Exponents that bring the largest entry of each row to about one, with the same factors for rows and columns.
///
/// `entries(visit)` calls `visit(i, j, size)` for the lower triangle.
///
/// D. Ruiz, *A scaling algorithm to equilibrate both rows and columns norms in matrices* (2001), in the ∞-norm.
pub(super) fn symmetric_scaling(n: usize, entries: impl Fn(&mut dyn FnMut(usize, usize, f64))) -> Vec<i32> {
    let mut exponents = vec![0_i32; n];
    let mut heights = vec![None; n];
    for _ in 0..ROUNDS {
        heights.fill(None);
        entries(&mut |i, j, size| {
            if size > 0.0 {
                let e = Some(exponent_of(size) - exponents[i] - exponents[j]);
                heights[i] = heights[i].max(e);
                heights[j] = heights[j].max(e);
            }
        });
        let mut balanced = true;
        for (exponent, height) in exponents.iter_mut().zip(&heights) {
            let height: i32 = height.unwrap_or(0);
            *exponent += height / 2;
            balanced &= height.abs() < 2;
        }
        if balanced {
            break;
        }
    }
    exponents
}

/// For matrices whose factor leaves the range: the general elimination, and a sign that is real again.
fn hermitian_by_elimination<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    let ScaledProduct { significand, exponent } = log_det(a)?.product();
    let modulus = significand.modulus();
    let real = if significand.re() < T::RealPart::ZERO { -modulus } else { modulus };
    Ok(LogDet::new(ScaledProduct { significand: T::from_real(real), exponent }))
}
