//! Determinants of sparse matrices, by factorisations that keep them sparse.

use super::LogDet;
use super::cholesky::symmetric_scaling;
use super::scaled::{ScaledProduct, exponent_of, scale_by_power, size};
use crate::MatrixError;
use crate::kernels::sparse::FactorError;
use crate::scalar::{RealScalar, Scalar};
use faer::sparse::SparseColMatRef;

/// Square, with finite entries.
fn check<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> Result<usize, MatrixError> {
    if a.nrows() != a.ncols() {
        return Err(MatrixError::NotSquare { rows: a.nrows(), columns: a.ncols() });
    }
    for column in 0..a.ncols() {
        for (row, x) in a.row_idx_of_col(column).zip(a.val_of_col(column)) {
            if !x.finite() {
                return Err(MatrixError::NotFinite { row, column });
            }
        }
    }
    Ok(a.ncols())
}

fn too_large<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> MatrixError {
    MatrixError::OutOfRange {
        what: "the number of nonzeros",
        range: "so small that the factor fits into memory",
        value: a.compute_nnz() as f64,
    }
}

/// The stored values times `2^{-rows[i] - columns[j]}`.
fn scaled_values<T: Scalar>(a: SparseColMatRef<'_, usize, T>, rows: &[i32], columns: &[i32]) -> Vec<T> {
    // A copy of all that is stored, because columns may leave gaps.
    let mut values = a.val().to_vec();
    for j in 0..a.ncols() {
        for (place, i) in a.col_range(j).zip(a.row_idx_of_col(j)) {
            values[place] = scale_by_power(values[place], -i64::from(rows[i]) - i64::from(columns[j]));
        }
    }
    values
}

/// `Err` for growth beyond the range in spite of the scaling.
fn checked<T: Scalar>(pivot: T) -> Result<T, MatrixError> {
    if pivot.finite() {
        return Ok(pivot);
    }
    let ln_norm = T::RealPart::MAX.to_f64().ln();
    Err(MatrixError::Overflow { what: "a pivot of the sparse factor", ln_norm })
}

fn sum(exponents: &[i32]) -> i64 {
    exponents.iter().map(|&e| i64::from(e)).sum()
}

/// Sign and logarithm of the determinant of a sparse matrix, by sparse LU factorisation with partial pivoting.
///
/// $$ P A Q = L U, \quad \det A = \det P \det Q \prod_k u_{kk} $$
///
/// The columns are ordered for little fill (COLAMD), rows and columns are scaled by powers of two, and an exactly singular
/// matrix gives sign 0 and −∞. Cost: that of the factorisation, which depends on the fill; column by column, because
/// the blocked factorisation of faer does not show its pivots. A Hermitian matrix whose diagonal has one sign is first
/// taken for a definite one, whose Cholesky factorisation is by blocks and several times faster; if it is not, that is
/// found out on the way.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::OutOfRange`] if the factor does not fit into
/// memory; [`MatrixError::Overflow`] if a pivot leaves the range in spite of the scaling.
///
/// # Example: a cycle of a million would do as well
///
/// ```
/// use faer::sparse::{SparseColMat, Triplet};
///
/// // 2 on the diagonal, 1 above it, and 1 in the corner: 2ⁿ − (−1)ⁿ.
/// let n = 5;
/// let entries: Vec<_> = (0..n)
///     .flat_map(|i| [Triplet::new(i, i, 2.0), Triplet::new(i, (i + 1) % n, 1.0)])
///     .collect();
/// let a = SparseColMat::<usize, f64>::try_new_from_triplets(n, n, &entries).expect("entries in range");
/// let det = tangency_matrix::log_det_sparse(a.as_ref())?;
/// assert!((det.value() - 33.0).abs() < 1e-13);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Gilbert and T. Peierls, *Sparse partial pivoting in time proportional to arithmetic operations*, SIAM J. Sci.
///   Stat. Comput. 9 (1988).
pub fn log_det_sparse<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> Result<LogDet<T>, MatrixError> {
    let n = check(a)?;
    if n == 0 {
        return Ok(LogDet::default());
    }
    if let Some(negative) = perhaps_definite(a) {
        let values: Vec<T>;
        let positive = if negative {
            values = a.val().iter().map(|&x| -x).collect();
            SparseColMatRef::new(a.symbolic(), &values)
        } else {
            a
        };
        match sparse_symmetric(positive, false) {
            Err(MatrixError::NotPositive { .. }) => {}
            Ok(found) if negative && n % 2 == 1 => return Ok(LogDet { sign: -found.sign, ..found }),
            found => return found,
        }
    }
    let mut heights = vec![0.0_f64; n];
    for j in 0..n {
        for (i, &x) in a.row_idx_of_col(j).zip(a.val_of_col(j)) {
            heights[i] = heights[i].max(size(x).to_f64());
        }
    }
    if heights.contains(&0.0) {
        return Ok(LogDet::new(ScaledProduct::ZERO));
    }
    let rows: Vec<i32> = heights.into_iter().map(exponent_of).collect();
    let mut columns = vec![0; n];
    for (j, exponent) in columns.iter_mut().enumerate() {
        // In f64 and in the logarithm, where neither a large nor a small entry leaves the range.
        let entries = a.row_idx_of_col(j).zip(a.val_of_col(j)).filter(|&(_, &x)| x != T::ZERO);
        match entries.map(|(i, &x)| exponent_of(size(x).to_f64()) - rows[i]).max() {
            Some(e) => *exponent = e,
            None => return Ok(LogDet::new(ScaledProduct::ZERO)),
        }
    }
    let values = scaled_values(a, &rows, &columns);
    let (pivots, odd) = match T::sparse_lu_pivots(SparseColMatRef::new(a.symbolic(), &values)) {
        Ok(found) => found,
        Err(FactorError::Pivot(..)) => return Ok(LogDet::new(ScaledProduct::ZERO)),
        Err(FactorError::Memory) => return Err(too_large(a)),
    };
    let mut product = ScaledProduct::ONE.times_power_of_two(sum(&rows) + sum(&columns));
    for pivot in pivots {
        if pivot == T::ZERO {
            return Ok(LogDet::new(ScaledProduct::ZERO));
        }
        product = product.times(checked(pivot)?);
    }
    if odd {
        product.significand = -product.significand;
    }
    Ok(LogDet::new(product))
}

/// Whether the matrix may be negative definite, or else positive definite; `None` if it is neither for what its diagonal
/// and a comparison with its adjoint show.
fn perhaps_definite<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> Option<bool> {
    let mut signs = [false; 2];
    for j in 0..a.ncols() {
        let mut previous = None;
        let mut diagonal = T::RealPart::ZERO;
        for (i, &x) in a.row_idx_of_col(j).zip(a.val_of_col(j)) {
            if previous.is_some_and(|p| p >= i) {
                return None;
            }
            previous = Some(i);
            if i == j {
                diagonal = x.re();
            }
        }
        signs[usize::from(diagonal < T::RealPart::ZERO)] = true;
        if diagonal == T::RealPart::ZERO || signs == [true; 2] {
            return None;
        }
    }
    let (rows, values) = (a.symbolic().row_idx(), a.val());
    // In each column, the place of the next entry on or below the diagonal; those above it come, column by column, in the
    // order in which they are wanted.
    let mut next = vec![0; a.ncols()];
    for j in 0..a.ncols() {
        next[j] = a.col_range(j).end;
        for place in a.col_range(j) {
            let (i, x) = (rows[place], values[place]);
            if i >= j {
                next[j] = place;
            }
            if i > j {
                break;
            }
            let mirror = next[i];
            if mirror == a.col_range(i).end || rows[mirror] != j || values[mirror] != x.conj() {
                return None;
            }
            next[i] += 1;
        }
    }
    (0..a.ncols()).all(|j| next[j] == a.col_range(j).end).then_some(signs[1])
}

/// Exponents for a symmetric scaling, from the entries on the diagonal.
fn diagonal_exponents<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> Vec<(T, i32)> {
    (0..a.ncols())
        .map(|j| {
            let diagonal = a
                .row_idx_of_col(j)
                .zip(a.val_of_col(j))
                .filter(|&(i, _)| i == j)
                .fold(T::ZERO, |sum, (_, &x)| sum + x);
            let height = diagonal.re().modulus().to_f64();
            (diagonal, if height > 0.0 { exponent_of(height).div_euclid(2) } else { 0 })
        })
        .collect()
}

/// The logarithm of the determinant of a sparse Hermitian positive definite matrix, by sparse Cholesky factorisation.
///
/// $$ P A P^{\top} = L L^{\ast}, \quad \ln \det A = 2 \sum_k \ln l_{kk} $$
///
/// Only the lower triangle enters; the upper one may be stored or not, and must be finite. Rows and columns are ordered for little fill
/// (approximate minimum degree) and scaled by powers of two. Cost: that of the factorisation.
///
/// # Errors
///
/// [`MatrixError::NotPositive`] with row and value of the first pivot, in the order of the elimination, that is not
/// positive; [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`];
/// [`MatrixError::OutOfRange`] if the factor does not fit into memory; [`MatrixError::Overflow`] as in [`log_det_sparse`].
///
/// # Example: a chain of springs
///
/// ```
/// use faer::sparse::{SparseColMat, Triplet};
///
/// // 2 on the diagonal and −1 beside it: n + 1.
/// let n = 1000;
/// let entries: Vec<_> = (0..n)
///     .flat_map(|i| [Triplet::new(i, i, 2.0), Triplet::new((i + 1).min(n - 1), i, if i + 1 < n { -1.0 } else { 0.0 })])
///     .collect();
/// let a = SparseColMat::<usize, f64>::try_new_from_triplets(n, n, &entries).expect("entries in range");
/// let det = tangency_matrix::log_det_sparse_cholesky(a.as_ref())?;
/// assert!((det.value() - 1001.0).abs() < 1e-9);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - T. A. Davis, *Direct Methods for Sparse Linear Systems* (2006), chapter 4.
pub fn log_det_sparse_cholesky<T: Scalar>(
    a: SparseColMatRef<'_, usize, T>,
) -> Result<LogDet<T>, MatrixError> {
    sparse_symmetric(a, false)
}

/// Sign and logarithm of the determinant of a sparse Hermitian quasi-definite matrix, by factorisation without pivoting.
///
/// $$ P A P^{\top} = L D L^{\ast}, \quad \det A = \prod_k d_{kk} $$
///
/// Quasi-definite matrices, $(H, B^{\ast}; B, -G)$ with definite $H$ and $G$, have this factorisation in every order: the
/// systems of interior-point methods and regularised least squares are such. For other indefinite matrices use
/// [`log_det_sparse`], which pivots. Only the lower triangle enters; what else is stored must be finite. Cost: that of the factorisation.
///
/// # Errors
///
/// [`MatrixError::Singular`] if a pivot is zero or leaves the range, and then the matrix may be singular or just not
/// quasi-definite;
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::OutOfRange`] if the factor does not fit into
/// memory; [`MatrixError::Overflow`] as in [`log_det_sparse`].
///
/// # Example: regularised least squares
///
/// ```
/// use faer::sparse::{SparseColMat, Triplet};
///
/// let entries = [(0, 0, 1.0), (1, 1, 1.0), (2, 0, 3.0), (2, 1, 4.0), (2, 2, -2.0)].map(|(i, j, x)| Triplet::new(i, j, x));
/// let a = SparseColMat::<usize, f64>::try_new_from_triplets(3, 3, &entries).expect("entries in range");
/// let det = tangency_matrix::log_det_sparse_ldlt(a.as_ref())?;
/// assert_eq!(det.sign, -1.0);
/// assert!((det.value() + 27.0).abs() < 1e-13); // −2 − 3² − 4²
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. J. Vanderbei, *Symmetric quasidefinite matrices*, SIAM J. Optim. 5 (1995).
pub fn log_det_sparse_ldlt<T: Scalar>(a: SparseColMatRef<'_, usize, T>) -> Result<LogDet<T>, MatrixError> {
    sparse_symmetric(a, true)
}

fn sparse_symmetric<T: Scalar>(
    a: SparseColMatRef<'_, usize, T>,
    indefinite: bool,
) -> Result<LogDet<T>, MatrixError> {
    let n = check(a)?;
    if n == 0 {
        return Ok(LogDet::default());
    }
    let (diagonal, mut exponents): (Vec<T>, Vec<i32>) = diagonal_exponents(a).into_iter().unzip();
    if indefinite {
        // A diagonal entry may be far below the others of its row.
        exponents = symmetric_scaling(n, |visit| {
            for j in 0..n {
                let column = a.row_idx_of_col(j).zip(a.val_of_col(j)).filter(|&(i, _)| i >= j);
                column.for_each(|(i, &x)| visit(i, j, size(x).to_f64()));
            }
        });
    } else if let Some(index) = diagonal.iter().position(|x| x.re() <= T::RealPart::ZERO) {
        let value = diagonal[index].re().to_f64();
        return Err(MatrixError::NotPositive { kind: "definite", what: "pivot", index, value });
    }
    let values = scaled_values(a, &exponents, &exponents);
    let scaled = SparseColMatRef::new(a.symbolic(), &values);
    let pivots = T::sparse_cholesky_diagonal(scaled, indefinite).map_err(|error| match error {
        FactorError::Memory => too_large(a),
        FactorError::Pivot(index, _) if indefinite => MatrixError::Singular {
            what: "a pivot that is zero or leaves the range, without pivoting",
            index,
        },
        FactorError::Pivot(index, value) => {
            let value = value * 4.0_f64.powi(exponents[index]);
            MatrixError::NotPositive { kind: "definite", what: "pivot", index, value }
        }
    })?;
    let mut product = ScaledProduct::ONE.times_power_of_two(2 * sum(&exponents));
    for pivot in pivots {
        let pivot = checked(T::from_real(pivot.re()))?;
        product = product.times(pivot);
        if !indefinite {
            product = product.times(pivot);
        }
    }
    Ok(LogDet::new(product))
}
