//! Gaussian elimination for what the blocked factorisation is not made for: small matrices, and pivots at the ends of
//! the range.

use super::scaled::{ScaledProduct, exponent_of, scale_by_power, size};
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, prelude::ReborrowMut};

/// Factors a small n x n matrix, column-major in a slice, in place: `P A = L U`, unit `L` below the diagonal.
///
/// `permutation[i]` is the row of the input that became row `i`. Returns the number of transpositions, or `None` at the
/// first pivot that is zero, too small to invert, or not finite; the columns before it are done.
///
/// G. H. Golub and C. F. Van Loan, *Matrix Computations* (4th ed.), Algorithm 3.4.1.
#[inline(always)]
pub(super) fn factor_small<T: Scalar>(a: &mut [T], n: usize, permutation: &mut [usize]) -> Option<usize> {
    let mut transpositions = 0;
    for (i, p) in permutation.iter_mut().enumerate() {
        *p = i;
    }
    for k in 0..n {
        let (mut best, mut row) = (size(a[k * n + k]), k);
        for i in k + 1..n {
            let candidate = size(a[k * n + i]);
            if candidate > best {
                (best, row) = (candidate, i);
            }
        }
        if row != k {
            transpositions += 1;
            permutation.swap(k, row);
            for j in 0..n {
                a.swap(j * n + k, j * n + row);
            }
        }
        if !invertible(a[k * n + k]) {
            return None;
        }
        let (done, rest) = a.split_at_mut((k + 1) * n);
        let column = &mut done[k * n..];
        // Divided, not multiplied by the reciprocal: then the multiplier of an equal row is exactly one, and its next
        // pivot exactly zero.
        let pivot = column[k];
        for x in &mut column[k + 1..] {
            *x /= pivot;
        }
        for target in rest.chunks_exact_mut(n) {
            let factor = target[k];
            for (x, &l) in target[k + 1..].iter_mut().zip(&column[k + 1..]) {
                *x = (-l).multiply_add::<false>(factor, *x);
            }
        }
    }
    Some(transpositions)
}

/// Whether the reciprocal of a pivot neither overflows nor is one of zero, infinity or NaN.
#[inline(always)]
pub(super) fn invertible<T: Scalar>(pivot: T) -> bool {
    let size = size(pivot);
    pivot.finite() && size >= T::RealPart::MIN_POSITIVE.scale(T::RealPart::from_f64(4.0))
}

/// Determinant by elimination that scales what is left of the matrix before every step.
///
/// Three times slower than it need be, and never NaN: after the scaling every column has an entry within [1, 2), so the
/// pivot can be divided by, and nothing overflows whatever the growth. For matrices whose elimination leaves the range.
pub(super) fn eliminate_with_scaling<T: Scalar>(mut a: MatMut<'_, T>) -> ScaledProduct<T> {
    let n = a.nrows();
    let mut product = ScaledProduct::<T>::ONE;
    for k in 0..n {
        for i in k..n {
            let height = (k..n).fold(T::RealPart::ZERO, |h, j| RealScalar::max(h, size(a[(i, j)])));
            if height == T::RealPart::ZERO {
                return ScaledProduct::ZERO;
            }
            let e = i64::from(exponent_of(height.to_f64()));
            for j in k..n {
                a[(i, j)] = scale_by_power(a[(i, j)], -e);
            }
            product = product.times_power_of_two(e);
        }
        let mut pivot_row = k;
        for j in k..n {
            let mut height = T::RealPart::ZERO;
            for i in k..n {
                let candidate = size(a[(i, j)]);
                if candidate > height {
                    height = candidate;
                    if j == k {
                        pivot_row = i;
                    }
                }
            }
            if height == T::RealPart::ZERO {
                return ScaledProduct::ZERO;
            }
            let e = i64::from(exponent_of(height.to_f64()));
            for i in k..n {
                a[(i, j)] = scale_by_power(a[(i, j)], -e);
            }
            product = product.times_power_of_two(e);
        }
        if pivot_row != k {
            for j in k..n {
                let (upper, lower) = (a[(k, j)], a[(pivot_row, j)]);
                a[(k, j)] = lower;
                a[(pivot_row, j)] = upper;
            }
            product.significand = -product.significand;
        }
        let pivot = a[(k, k)];
        product = product.times(pivot);
        for i in k + 1..n {
            a[(i, k)] /= pivot;
        }
        for j in k + 1..n {
            let factor = a[(k, j)];
            let (column, mut rest) = a.rb_mut().split_at_col_mut(k + 1);
            let (column, mut target) = (column.col(k), rest.rb_mut().col_mut(j - k - 1));
            for i in k + 1..n {
                target[i] -= column[i] * factor;
            }
        }
    }
    product
}
