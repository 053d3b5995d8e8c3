//! Linear equations of order four at most, which the blocks of order two lead to.

use super::reflect::size;
use crate::scalar::{RealScalar, Scalar};

/// Solution of $M x = r$ by elimination with complete pivoting, and the smallest pivot.
///
/// Pivots below `floor` are replaced by it, so that there always is a solution; the caller judges the smallest.
#[inline(always)]
pub(crate) fn solve<T: Scalar, const N: usize>(
    mut m: [[T; N]; N],
    mut r: [T; N],
    floor: T::RealPart,
) -> ([T; N], T::RealPart) {
    let mut order: [usize; N] = std::array::from_fn(|j| j);
    let mut smallest = T::RealPart::MAX;
    for k in 0..N {
        let (mut row, mut column, mut largest) = (k, k, T::RealPart::ZERO);
        for i in k..N {
            for j in k..N {
                if size(m[i][j]) > largest {
                    (row, column, largest) = (i, j, size(m[i][j]));
                }
            }
        }
        m.swap(k, row);
        r.swap(k, row);
        order.swap(k, column);
        for line in &mut m {
            line.swap(k, column);
        }
        smallest = RealScalar::min(smallest, largest);
        if largest < floor {
            m[k][k] = T::from_real(floor);
        }
        for i in k + 1..N {
            let factor = m[i][k] / m[k][k];
            for j in k + 1..N {
                m[i][j] = m[i][j] - factor * m[k][j];
            }
            r[i] = r[i] - factor * r[k];
        }
    }
    let mut x = [T::ZERO; N];
    for k in (0..N).rev() {
        let mut sum = r[k];
        for j in k + 1..N {
            sum -= m[k][j] * x[order[j]];
        }
        x[order[k]] = sum / m[k][k];
    }
    (x, smallest)
}

/// $X$ with $A X + X B = C$, blocks of `P x P` and `R x R` (of order two at most), by rows; `N = P R`.
#[inline(always)]
pub(crate) fn sylvester<T: Scalar, const P: usize, const R: usize, const N: usize>(
    a: [[T; P]; P],
    b: [[T; R]; R],
    c: [[T; R]; P],
    floor: T::RealPart,
) -> ([[T; R]; P], T::RealPart) {
    const { assert!(P * R == N) };
    let mut m = [[T::ZERO; N]; N];
    let mut r = [T::ZERO; N];
    for i in 0..P {
        for j in 0..R {
            r[i * R + j] = c[i][j];
            for k in 0..P {
                m[i * R + j][k * R + j] += a[i][k];
            }
            for k in 0..R {
                m[i * R + j][i * R + k] += b[k][j];
            }
        }
    }
    let (x, smallest) = solve(m, r, floor);
    (std::array::from_fn(|i| std::array::from_fn(|j| x[i * R + j])), smallest)
}
