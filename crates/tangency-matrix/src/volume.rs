//! Volumes: the determinant of a matrix that is not square.
//!
//! The columns $b_1, \ldots, b_n$ of an m x n matrix span a parallelepiped. Its n-dimensional volume
//!
//! $$ \operatorname{vol}(B) = \sqrt{\det B^{\ast} B} = \prod_k \lvert r_{kk} \rvert, \quad B = Q R $$
//!
//! is $\lvert \det B \rvert$ where the matrix is square. The root is for the eye: squaring the condition, it loses all
//! digits where the columns are closer to dependent than $\sqrt{u}$. The product of the diagonal of $R$ loses none.

mod change;
mod pseudo;

pub use change::{log_volume_factor, pushforward_log_density};
pub use pseudo::{PseudoLogDet, RankVolume, pseudo_log_det, rank_volume};

use crate::MatrixError;
use crate::determinant::scaled::{ScaledProduct, exponent_of, largest_step, scale_by_power, size};
use crate::norm::check_finite;
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat, MatRef};

/// `Q R` of a matrix whose columns are scaled by powers of two to entries of about one; or, where rows differ much in size,
/// by one power for all.
///
/// In the second case rows are sorted, the largest first, and columns pivoted: then Householder's QR
/// has an error in each row that is small by the measure of that row (A. J. Cox and N. J. Higham, *Stability of Householder QR
/// factorization for weighted least squares problems* (1998)); sorting alone is not enough. Neither changes the volume but
/// by the powers of two.
struct Factor<T: Scalar> {
    q: Option<Mat<T>>,
    r: Mat<T>,
    /// Row `i` of the factored matrix is row `rows[i]` of the given one; `None` for the same order.
    rows: Option<Vec<usize>>,
    /// Column `j` of the factored matrix is `2^{-exponents[columns[j]]}` times column `columns[j]` of the given one.
    columns: Vec<usize>,
    exponents: Vec<i64>,
}

/// The exponents of the sizes of rows may differ by this much before rows are sorted and columns pivoted.
const ALIKE: i32 = 10;

/// The exponents of the largest entries of the columns.
fn column_exponents<T: Scalar>(b: MatRef<'_, T>) -> Vec<i64> {
    (0..b.ncols())
        .map(|j| {
            let height = (0..b.nrows()).fold(0.0, |height: f64, i| height.max(size(b[(i, j)]).to_f64()));
            if height > 0.0 { i64::from(exponent_of(height)) } else { 0 }
        })
        .collect()
}

/// Columns scaled by powers of two to entries of about one.
pub(crate) fn scaled_columns<T: Scalar>(b: MatRef<'_, T>) -> Mat<T> {
    let columns = column_exponents(b);
    Mat::from_fn(b.nrows(), b.ncols(), |i, j| scale_by_power(b[(i, j)], -columns[j]))
}

fn factor<T: Scalar>(b: MatRef<'_, T>, want_q: bool) -> Factor<T> {
    let (m, n) = b.shape();
    let mut exponents = column_exponents(b);
    let mut heights = vec![0.0_f64; m];
    for j in 0..n {
        for (i, height) in heights.iter_mut().enumerate() {
            *height = height.max(size(b[(i, j)]).to_f64());
        }
    }
    let range = heights.iter().filter(|&&height| height > 0.0).map(|&height| exponent_of(height));
    let (low, high) = range.fold((i32::MAX, i32::MIN), |(low, high), e| (low.min(e), high.max(e)));
    if high.saturating_sub(low) <= ALIKE {
        let matrix = Mat::from_fn(m, n, |i, j| scale_by_power(b[(i, j)], -exponents[j]));
        let (q, r) = T::qr(matrix.as_ref(), want_q);
        return Factor { q, r, rows: None, columns: (0..n).collect(), exponents };
    }
    // A row is measured by all of its entries, so that their columns keep their sizes; those far below the others come
    // closer, but stay below.
    let (top, limit) = (i64::from(high), i64::from(largest_step::<T>() / 2));
    for e in &mut exponents {
        *e = if *e >= top - limit { top } else { *e + limit };
    }
    let mut rows: Vec<usize> = (0..m).collect();
    rows.sort_by(|&i, &k| heights[k].total_cmp(&heights[i]));
    let matrix = Mat::from_fn(m, n, |i, j| scale_by_power(b[(rows[i], j)], -exponents[j]));
    let (q, r, columns) = T::column_pivoted_qr(matrix.as_ref(), want_q);
    Factor { q, r, rows: Some(rows), columns, exponents }
}

/// The product of the diagonal of `R`; zero if there are more columns than rows.
fn volume_product<T: Scalar>(b: MatRef<'_, T>) -> Result<ScaledProduct<T::RealPart>, MatrixError> {
    check_finite(b)?;
    let (m, n) = b.shape();
    if m < n {
        return Ok(ScaledProduct::ZERO);
    }
    let Factor { r, exponents, .. } = factor(b, false);
    Ok((0..n).fold(ScaledProduct::ONE, |product, k| {
        product.times(r[(k, k)].modulus()).times_power_of_two(exponents[k])
    }))
}

/// The logarithm of the volume that the columns of a matrix span.
///
/// $$ \ln \operatorname{vol}(B) = \frac{1}{2} \ln \det B^{\ast} B = \sum_k \ln \lvert r_{kk} \rvert $$
///
/// for any m x n matrix; −∞ if the columns are dependent, as they are when $m < n$ (the volume in the rank that they do
/// have is [`rank_volume`]). By QR and never by the Gram matrix $B^{\ast} B$, whose determinant has lost every digit once
/// the columns are within $\sqrt{u}$ of dependent. The lengths of the columns do not matter; rows that differ in size by more
/// than $2^{10}$ are sorted, and the columns pivoted, so that small rows count for what they are. Cost: $2 m n^2 -
/// \frac{2}{3} n^3$ flops.
///
/// # Errors
///
/// [`MatrixError::NotFinite`].
///
/// # Example: Läuchli's matrix, where the Gram matrix is singular
///
/// ```
/// use faer::mat;
///
/// let e = 1e-9_f64;
/// let b = mat![[1.0, 1.0], [e, 0.0], [0.0, e]];
/// assert_eq!((b.transpose() * &b).determinant(), 0.0);
/// let exact = (e * (2.0 + e * e).sqrt()).ln();
/// assert!((tangency_matrix::log_volume(b.as_ref())? - exact).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - P. Läuchli, *Jordan-Elimination und Ausgleichung nach kleinsten Quadraten*, Numer. Math. 3 (1961).
/// - A. Ben-Israel, *A volume associated with m x n matrices*, Linear Algebra Appl. 167 (1992).
pub fn log_volume<T: Scalar>(b: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    Ok(T::RealPart::from_f64(volume_product(b)?.ln_modulus()))
}

/// The volume that the columns of a matrix span: $\lvert \det B \rvert$ of a matrix that need not be square.
///
/// $$ \operatorname{vol}(B) = \sqrt{\det B^{\ast} B} $$
///
/// Zero for dependent columns, and where it underflows; [`log_volume`] does not underflow. Cost: as [`log_volume`].
///
/// # Errors
///
/// [`MatrixError::NotFinite`]; [`MatrixError::Overflow`].
///
/// # Example: a parallelogram in space, and a right angle
///
/// ```
/// use faer::mat;
///
/// // The area is the length of the cross product (−3, 6, −3) of the columns.
/// let b = mat![[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]];
/// let area: f64 = tangency_matrix::volume(b.as_ref())?;
/// assert!((area - 54.0_f64.sqrt()).abs() < 1e-14);
/// let length: f64 = tangency_matrix::volume(mat![[3.0], [4.0]].as_ref())?;
/// assert!((length - 5.0).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`log_volume`].
pub fn volume<T: Scalar>(b: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    let product = volume_product(b)?;
    let value = product.value();
    if value.finite() {
        Ok(value)
    } else {
        Err(MatrixError::Overflow { what: "the volume", ln_norm: product.ln_modulus() })
    }
}

/// The gradient of the logarithm of the volume: the pseudo-inverse, conjugated and transposed.
///
/// $$ d \ln \operatorname{vol}(B) = \operatorname{Re} \operatorname{tr}(B^{+} dB), \quad G = (B^{+})^{\ast} = Q R^{-\ast} $$
///
/// The volume itself has the gradient $\operatorname{vol}(B) G$. Cost: $4 m n^2 - \frac{4}{3} n^3 + m n^2$ flops.
///
/// # Errors
///
/// [`MatrixError::Singular`] if the columns are dependent (more columns than rows; or an exactly zero pivot), where the
/// logarithm is −∞; [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if an entry does not fit into the type.
///
/// # Example: how the length of a vector grows
///
/// ```
/// use faer::mat;
///
/// let gradient = tangency_matrix::log_volume_gradient(mat![[3.0], [4.0]].as_ref())?;
/// let expected = mat![[3.0 / 25.0], [4.0 / 25.0]];
/// assert!((gradient - expected).norm_max() < 1e-16);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - G. H. Golub and V. Pereyra, *The differentiation of pseudo-inverses and nonlinear least squares problems whose
///   variables separate*, SIAM J. Numer. Anal. 10 (1973).
pub fn log_volume_gradient<T: Scalar>(b: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    check_finite(b)?;
    let (m, n) = b.shape();
    if m < n {
        return Err(MatrixError::Singular { what: "more columns than rows", index: m });
    }
    let Factor { q: Some(q), r, rows, columns, exponents } = factor(b, true) else {
        // Asked for, so it is there.
        return Ok(Mat::zeros(m, n));
    };
    if let Some(k) = (0..n).find(|&k| r[(k, k)] == T::ZERO) {
        return Err(MatrixError::Singular { what: "a zero pivot of the columns", index: columns[k] });
    }
    // R X = Qᴴ gives X = B⁺ of the factored matrix.
    let mut x = q.adjoint().to_owned();
    T::solve_triangular((r.as_ref(), Conj::No), BlockStructure::TriangularUpper, x.as_mut());
    let mut gradient = Mat::zeros(m, n);
    for (j, &column) in columns.iter().enumerate() {
        for i in 0..m {
            let entry = scale_by_power(x[(j, i)].conj(), -exponents[column]);
            if !entry.finite() {
                let ln_norm = T::RealPart::MAX.to_f64().ln();
                return Err(MatrixError::Overflow { what: "the gradient of the volume", ln_norm });
            }
            gradient[(rows.as_ref().map_or(i, |rows| rows[i]), column)] = entry;
        }
    }
    Ok(gradient)
}
