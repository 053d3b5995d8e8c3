//! Products of quasi-triangular matrices.

use crate::product::multiply;
use crate::scalar::Scalar;
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Accum, Mat, MatMut, MatRef};

/// Whether there is nothing below the diagonal but single entries next to it, of which no two follow each other.
pub(super) fn is_quasi_triangular<T: Scalar>(a: MatRef<'_, T>) -> bool {
    let n = a.nrows();
    let zero_below = (0..n).all(|j| (j + 2..n).all(|i| a[(i, j)] == T::ZERO));
    zero_below && (2..n).all(|i| a[(i, i - 1)] == T::ZERO || a[(i - 1, i - 2)] == T::ZERO)
}

/// $A B$; `structured` for matrices that [`is_quasi_triangular`] with the same blocks.
pub(super) fn product<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>, structured: bool) -> Mat<T> {
    if !structured {
        return multiply(a, b);
    }
    let mut dst = Mat::zeros(a.nrows(), b.ncols());
    quasi_triangular_product(dst.as_mut(), a, b);
    dst
}

/// $A B$ for quasi-triangular matrices with the same blocks, in $n^3 / 6$ multiplications and additions.
///
/// With $A = U + S$ and $B = V + R$, where S and R are what is below the diagonal: $A B = U V + S V + U R$. The fourth product is zero,
/// because blocks do not overlap. Of `dst` only the diagonal, what is above and what is next below are written.
pub(super) fn quasi_triangular_product<T: Scalar>(
    mut dst: MatMut<'_, T>,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) {
    let (n, upper) = (a.nrows(), BlockStructure::TriangularUpper);
    T::triangular_product((dst.as_mut(), upper), Accum::Replace, (a, upper), (b, upper), T::ONE);
    let blocks: Vec<usize> = (1..n).filter(|&i| a[(i, i - 1)] != T::ZERO).collect();
    for j in 0..n {
        let mut column = dst.as_mut().col_mut(j);
        if j + 1 < n {
            column[j + 1] = T::ZERO;
        }
        for &i in blocks.iter().take_while(|&&i| i <= j + 1) {
            column[i] += a[(i, i - 1)] * b[(i - 1, j)];
        }
        if j + 1 < n && b[(j + 1, j)] != T::ZERO {
            let factor = b[(j + 1, j)];
            for (x, &y) in column.iter_mut().zip(a.col(j + 1).iter()).take(j + 2) {
                *x += y * factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quasi_triangular_products_are_products() {
        for n in 0..40_usize {
            // Blocks at rows (1, 2), (3, 4), (6, 7), ...; whole numbers, so that products are exact.
            let block = |i: usize, j: usize| i == j + 1 && matches!(j % 5, 1 | 3);
            let matrix = |seed: usize| {
                Mat::from_fn(n, n, |i, j| {
                    let entry = ((i * 7 + j * 13 + seed * 29) % 19) as f64 - 9.5;
                    if i <= j || block(i, j) { entry } else { 0.0 }
                })
            };
            let (a, b) = (matrix(1), matrix(2));
            assert!(is_quasi_triangular(a.as_ref()));
            let mut dst = Mat::from_fn(n, n, |i, j| if i <= j + 1 { f64::NAN } else { 0.0 });
            quasi_triangular_product(dst.as_mut(), a.as_ref(), b.as_ref());
            assert_eq!(dst, multiply(a.as_ref(), b.as_ref()), "{n}");
            assert_eq!(dst, product(a.as_ref(), b.as_ref(), true), "{n}");
        }
        let hessenberg = Mat::from_fn(3, 3, |i, j| if i <= j + 1 { 1.0 } else { 0.0 });
        assert!(!is_quasi_triangular(hessenberg.as_ref()));
        let corner = Mat::from_fn(3, 3, |i, j| if i <= j || i == j + 2 { 1.0 } else { 0.0 });
        assert!(!is_quasi_triangular(corner.as_ref()));
    }
}
