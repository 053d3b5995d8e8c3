//! The double-shift QR iteration on a Hessenberg matrix, unblocked.
//!
//! One code serves real and complex matrices: the two shifts are a conjugate pair, or both real, where the matrix is
//! real, so that the polynomial $(H - s_1 I)(H - s_2 I)$ is real with it.
//!
//! # References
//!
//! J. G. F. Francis, *The QR transformation*, Comput. J. 4 (1961, 1962). M. Ahues and F. Tisseur, *A new deflation
//! criterion for the QR algorithm*, LAPACK Working Note 122 (1997). LAPACK, `dlahqr`, for exceptional shifts.

use super::reflect::{Reflector, size};
use super::standardise::standardise;
use crate::scalar::{RealScalar, Scalar};
use std::ops::Range;

/// Iterations for an eigenvalue on average before giving up.
const ITERATIONS: usize = 30;
/// Iterations without deflation after which the shifts are replaced by exceptional ones.
const EXCEPTIONAL: usize = 10;

/// What the transformations are applied to, beside the active block.
pub(super) struct Target<'a, T> {
    /// The Hessenberg matrix, by columns.
    pub(super) h: &'a mut [T],
    /// Its order; `h` may be a part of a longer slice.
    pub(super) n: usize,
    /// Distance of two columns of `h`.
    pub(super) stride: usize,
    /// Gets every transformation from the right.
    pub(super) q: &'a mut [T],
    /// Distance of two columns of `q`.
    pub(super) q_stride: usize,
    /// The rows of `q` that are not known to stay zero.
    pub(super) q_rows: Range<usize>,
}

impl<T: Scalar> Target<'_, T> {
    #[inline(always)]
    pub(super) fn at(&self, i: usize, j: usize) -> T {
        self.h[j * self.stride + i]
    }

    #[inline(always)]
    pub(super) fn set(&mut self, i: usize, j: usize, x: T) {
        self.h[j * self.stride + i] = x;
    }

    /// Standardises the block of rows and columns `k` and `k+1`.
    #[inline(always)]
    pub(super) fn split_pair(&mut self, k: usize) {
        let block = [self.at(k, k), self.at(k, k + 1), self.at(k + 1, k), self.at(k + 1, k + 1)];
        let (rotation, [a, b, c, d]) = standardise(block);
        rotation.apply_left(self.h, self.stride, k, k + 2..self.n);
        rotation.apply_right(self.h, self.stride, k, 0..k);
        rotation.apply_right(self.q, self.q_stride, k, self.q_rows.clone());
        self.set(k, k, a);
        self.set(k, k + 1, b);
        self.set(k + 1, k, c);
        self.set(k + 1, k + 1, d);
    }

    /// Whether the subdiagonal entry (k, k−1) can be set to zero.
    ///
    /// Beside the classical test against the neighbours on the diagonal it asks Ahues and Tisseur's: the change that
    /// zero makes to the eigenvalues of the block of order two, so that graded matrices keep their small eigenvalues.
    #[inline(always)]
    pub(super) fn negligible(&self, k: usize, active: &Range<usize>) -> bool {
        let below = size(self.at(k, k - 1));
        let tiny = T::RealPart::MIN_POSITIVE * T::RealPart::from_f64(self.n as f64) / ulp::<T>();
        if below <= tiny {
            return true;
        }
        let (before, here) = (self.at(k - 1, k - 1), self.at(k, k));
        let mut neighbours = size(before) + size(here);
        if neighbours == T::RealPart::ZERO {
            if k >= active.start + 2 {
                neighbours += size(self.at(k - 1, k - 2));
            }
            if k + 1 < active.end {
                neighbours += size(self.at(k + 1, k));
            }
        }
        if below > ulp::<T>() * neighbours {
            return false;
        }
        let above = size(self.at(k - 1, k));
        let (large, small) = ordered::<T::RealPart>(below, above);
        let (d_large, d_small) = ordered::<T::RealPart>(size(here), size(before - here));
        let sum = d_large + large;
        small * (large / sum) <= RealScalar::max(tiny, ulp::<T>() * (d_small * (d_large / sum)))
    }
}

/// Distance from 1 to the next number.
#[inline(always)]
pub(super) fn ulp<T: Scalar>() -> T::RealPart {
    T::RealPart::UNIT_ROUNDOFF + T::RealPart::UNIT_ROUNDOFF
}

#[inline(always)]
fn ordered<R: RealScalar>(x: R, y: R) -> (R, R) {
    if x >= y { (x, y) } else { (y, x) }
}

/// The eigenvalues of a block of order two as shifts; for a real matrix with real eigenvalues the one closer to `d`
/// twice.
#[inline(always)]
pub(super) fn shifts<T: Scalar>([a, b, c, d]: [T; 4]) -> [T::Complex; 2] {
    let zero = <T::Complex as Scalar>::ZERO;
    let scale = size(a) + size(b) + size(c) + size(d);
    if scale == T::RealPart::ZERO {
        return [zero, zero];
    }
    let inverse = T::RealPart::ONE / scale;
    let [a, b, c, d] = [a, b, c, d].map(|x| x.scale(inverse));
    let mean = (a + d).scale(T::RealPart::from_f64(0.5));
    let determinant = (a - mean) * (d - mean) - b * c;
    if T::IS_REAL {
        let root = Scalar::sqrt(determinant.re().modulus());
        let mean = mean.re();
        if determinant.re() >= T::RealPart::ZERO {
            return [(mean * scale).complex(root * scale), (mean * scale).complex(-root * scale)];
        }
        let (plus, minus) = (mean + root, mean - root);
        let closer = if (plus - d.re()).modulus() <= (minus - d.re()).modulus() { plus } else { minus };
        let shift = (closer * scale).complex(T::RealPart::ZERO);
        return [shift, shift];
    }
    let root = (-determinant).sqrt();
    [(mean + root).scale(scale).to_complex(), (mean - root).scale(scale).to_complex()]
}

/// A multiple of the first column of $(M - s_1 I)(M - s_2 I)$ for the Hessenberg block `m` of order three, by rows, of
/// which only the first two columns count.
#[inline(always)]
pub(super) fn first_column<T: Scalar>(m: [[T; 2]; 3], [s1, s2]: [T::Complex; 2]) -> [T; 3] {
    let corner = m[0][0].to_complex();
    let scale = size(corner - s2) + size(m[1][0]);
    if scale == T::RealPart::ZERO {
        return [T::ZERO; 3];
    }
    let inverse = T::RealPart::ONE / scale;
    let below = m[1][0].scale(inverse);
    let square = T::from_complex((corner - s1) * (corner - s2).scale(inverse));
    let sum = T::from_complex(corner + m[1][1].to_complex() - s1 - s2);
    let v = [square + below * m[0][1], below * sum, below * m[2][1]];
    let size = size(v[0]) + size(v[1]) + size(v[2]);
    if size == T::RealPart::ZERO { v } else { v.map(|x| x.scale(T::RealPart::ONE / size)) }
}

/// Makes the block `active` of a Hessenberg matrix (quasi-)triangular. `Err` with the number of iterations.
#[inline(always)]
pub(super) fn iterate<T: Scalar, const FMA: bool>(
    target: &mut Target<'_, T>,
    active: Range<usize>,
) -> Result<(), usize> {
    let cap = ITERATIONS * active.len().max(10);
    let mut used = 0;
    let mut end = active.end;
    let mut fruitless = 0;
    while end > active.start {
        let mut start = end - 1;
        while start > active.start && !target.negligible(start, &active) {
            start -= 1;
        }
        if start > active.start {
            target.set(start, start - 1, T::ZERO);
        }
        if start + 2 >= end {
            if start + 2 == end {
                target.split_pair(start);
            }
            end = start;
            fruitless = 0;
            continue;
        }
        if used >= cap {
            return Err(used);
        }
        used += 1;
        fruitless += 1;
        let shifts = choose_shifts(target, start..end, fruitless);
        sweep::<T, FMA>(target, start..end, shifts);
    }
    Ok(())
}

/// The eigenvalues of the last block of order two; every tenth time without deflation something unrelated.
#[inline(always)]
fn choose_shifts<T: Scalar>(
    target: &Target<'_, T>,
    active: Range<usize>,
    fruitless: usize,
) -> [T::Complex; 2] {
    let last = active.end - 1;
    if fruitless % EXCEPTIONAL != 0 {
        return shifts([
            target.at(last - 1, last - 1),
            target.at(last - 1, last),
            target.at(last, last - 1),
            target.at(last, last),
        ]);
    }
    let (s, corner) = if fruitless % (2 * EXCEPTIONAL) == 0 {
        (size(target.at(last, last - 1)) + size(target.at(last - 1, last - 2)), target.at(last, last))
    } else {
        let first = active.start;
        (size(target.at(first + 1, first)) + size(target.at(first + 2, first + 1)), target.at(first, first))
    };
    let diagonal = T::from_real(s * T::RealPart::from_f64(0.75)) + corner;
    shifts([diagonal, T::from_real(s * T::RealPart::from_f64(-0.4375)), T::from_real(s), diagonal])
}

/// One sweep of a bulge of order three through the active block (at least three rows).
#[inline(always)]
fn sweep<T: Scalar, const FMA: bool>(
    target: &mut Target<'_, T>,
    active: Range<usize>,
    shifts: [T::Complex; 2],
) {
    let (low, high) = (active.start, active.end);
    let (n, stride) = (target.n, target.stride);
    // Start where two consecutive small subdiagonal entries let the bulge in.
    let mut start = high - 3;
    let first = loop {
        let block = std::array::from_fn(|i| [target.at(start + i, start), target.at(start + i, start + 1)]);
        let column = first_column(block, shifts);
        if start == low {
            break column;
        }
        let diagonal = size(target.at(start - 1, start - 1))
            + size(target.at(start, start))
            + size(target.at(start + 1, start + 1));
        let left = size(target.at(start, start - 1)) * (size(column[1]) + size(column[2]));
        if left <= ulp::<T>() * size(column[0]) * diagonal {
            break column;
        }
        start -= 1;
    };
    for k in start..high - 1 {
        let pair = k + 2 == high;
        let column = if k == start {
            first
        } else {
            [
                target.at(k, k - 1),
                target.at(k + 1, k - 1),
                if pair { T::ZERO } else { target.at(k + 2, k - 1) },
            ]
        };
        let (reflector, beta) = Reflector::new(column);
        if k > start {
            target.set(k, k - 1, beta);
            target.set(k + 1, k - 1, T::ZERO);
            if !pair {
                target.set(k + 2, k - 1, T::ZERO);
            }
        } else if k > low {
            // The two entries below are negligible, and this one is only scaled.
            let x = target.at(k, k - 1);
            target.set(k, k - 1, x - x * reflector.tau.conj());
        }
        if pair {
            reflector.apply_left_pair(target.h, stride, k, k..n);
            reflector.apply_right_pair(target.h, stride, k, 0..high);
            reflector.apply_right_pair(target.q, target.q_stride, k, target.q_rows.clone());
        } else {
            reflector.apply_left::<FMA>(target.h, stride, k, k..n);
            reflector.apply_right::<FMA>(target.h, stride, k, 0..(k + 4).min(high));
            reflector.apply_right::<FMA>(target.q, target.q_stride, k, target.q_rows.clone());
        }
    }
}
