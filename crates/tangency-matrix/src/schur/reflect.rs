//! Householder reflectors of order three and plane rotations, applied to rows and columns.
//!
//! Matrices are slices, column after column, with a stride: entry (i, j) is `h[j * stride + i]`.

use crate::scalar::{RealScalar, Scalar};
use std::ops::Range;

/// $\lvert \mathrm{re} \rvert + \lvert \mathrm{im} \rvert$: a modulus within $\sqrt 2$, without a root.
#[inline(always)]
pub(super) fn size<T: Scalar>(x: T) -> T::RealPart {
    x.re().modulus() + x.im().modulus()
}

/// $H = I - \tau v v^*$ with $v = (1, v_2, v_3)$, where $H^*$ maps a vector to a multiple of $e_1$.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reflector<T> {
    pub(super) v2: T,
    pub(super) v3: T,
    pub(super) tau: T,
}

impl<T: Scalar> Reflector<T> {
    /// The reflector for `x` and the real number that it leaves in the place of `x[0]`.
    #[inline(always)]
    pub(super) fn new(x: [T; 3]) -> (Self, T) {
        let zero = T::RealPart::ZERO;
        let tail = RealScalar::max(size(x[1]), size(x[2]));
        if tail == zero && x[0].im() == zero {
            return (Self::default(), x[0]);
        }
        let largest = RealScalar::max(tail, size(x[0]));
        // Squares leave the range only where the scaled matrix has next to nothing.
        let tiny = T::RealPart::MIN_POSITIVE.sqrt() / T::RealPart::UNIT_ROUNDOFF;
        if largest < tiny {
            let inverse = T::RealPart::ONE / largest;
            if !inverse.finite() {
                // Subnormal: to be treated as zero, which is a change far below the rounding of the matrix.
                return (Self::default(), x[0]);
            }
            let (reflector, beta) = Self::of_normal(x.map(|y| y.scale(inverse)));
            return (reflector, beta.scale(largest));
        }
        Self::of_normal(x)
    }

    /// The same where squares neither over- nor underflow.
    #[inline(always)]
    fn of_normal(x: [T; 3]) -> (Self, T) {
        let square = |y: T| y.re() * y.re() + y.im() * y.im();
        let norm = (square(x[0]) + square(x[1]) + square(x[2])).sqrt();
        let beta = -norm.copysign(x[0].re());
        let head = x[0] - T::from_real(beta);
        let inverse = T::ONE / head;
        let tau = (T::from_real(beta) - x[0]).scale(T::RealPart::ONE / beta);
        (Self { v2: x[1] * inverse, v3: x[2] * inverse, tau }, T::from_real(beta))
    }

    /// `H* M` on rows `k..k+3` of the columns `columns`.
    #[inline(always)]
    pub(super) fn apply_left<const FMA: bool>(
        self,
        h: &mut [T],
        stride: usize,
        k: usize,
        columns: Range<usize>,
    ) {
        let (v2, v3) = (self.v2, self.v3);
        let t1 = self.tau.conj();
        let (t2, t3) = (t1 * v2.conj(), t1 * v3.conj());
        for j in columns {
            let start = j * stride + k;
            let column = &mut h[start..start + 3];
            let (x, y, z) = (column[0], column[1], column[2]);
            let sum = z.multiply_add::<FMA>(t3, y.multiply_add::<FMA>(t2, x * t1));
            column[0] = x - sum;
            column[1] = (-sum).multiply_add::<FMA>(v2, y);
            column[2] = (-sum).multiply_add::<FMA>(v3, z);
        }
    }

    /// `M H` on columns `k..k+3`, rows `rows`.
    #[inline(always)]
    pub(super) fn apply_right<const FMA: bool>(
        self,
        h: &mut [T],
        stride: usize,
        k: usize,
        rows: Range<usize>,
    ) {
        let (v2, v3) = (self.v2, self.v3);
        let t1 = self.tau;
        let (c2, c3) = (v2.conj(), v3.conj());
        let (first, rest) = h[k * stride..].split_at_mut(stride);
        let (second, third) = rest.split_at_mut(stride);
        let xs = &mut first[rows.clone()];
        let ys = &mut second[rows.clone()];
        let zs = &mut third[rows];
        for ((x, y), z) in xs.iter_mut().zip(ys).zip(zs) {
            let sum = z.multiply_add::<FMA>(v3, y.multiply_add::<FMA>(v2, *x)) * t1;
            *x -= sum;
            *y = (-sum).multiply_add::<FMA>(c2, *y);
            *z = (-sum).multiply_add::<FMA>(c3, *z);
        }
    }

    /// `H* M` on rows `k` and `k+1` of the columns `columns`; for `v3 = 0`.
    #[inline(always)]
    pub(super) fn apply_left_pair(self, h: &mut [T], stride: usize, k: usize, columns: Range<usize>) {
        let t1 = self.tau.conj();
        for j in columns {
            let start = j * stride + k;
            let column = &mut h[start..start + 2];
            let sum = (column[0] + self.v2.conj() * column[1]) * t1;
            column[0] -= sum;
            column[1] -= sum * self.v2;
        }
    }

    /// `M H` on columns `k` and `k+1`, rows `rows`; for `v3 = 0`.
    #[inline(always)]
    pub(super) fn apply_right_pair(self, h: &mut [T], stride: usize, k: usize, rows: Range<usize>) {
        let (xs, ys) = two_columns(h, stride, k, rows);
        for (x, y) in xs.iter_mut().zip(ys) {
            let sum = (*x + *y * self.v2) * self.tau;
            *x -= sum;
            *y -= sum * self.v2.conj();
        }
    }
}

/// Columns `k` and `k+1`, rows `rows`.
#[inline(always)]
fn two_columns<T>(h: &mut [T], stride: usize, k: usize, rows: Range<usize>) -> (&mut [T], &mut [T]) {
    let (first, second) = h[k * stride..].split_at_mut(stride);
    (&mut first[rows.clone()], &mut second[rows])
}

/// The unitary matrix with rows $(c, -\bar s)$ and $(s, c)$.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation<T: Scalar> {
    pub(super) cosine: T::RealPart,
    pub(super) sine: T,
}

impl<T: Scalar> Rotation<T> {
    /// The rotation whose first column is `(x, y)` up to a factor of modulus 1.
    #[inline(always)]
    pub(super) fn with_first_column(x: T, y: T) -> Self {
        let modulus = x.modulus();
        if modulus == T::RealPart::ZERO {
            return Self { cosine: T::RealPart::ZERO, sine: T::ONE };
        }
        let norm = modulus.hypot(y.modulus());
        let phase = x.conj().scale(T::RealPart::ONE / modulus);
        Self { cosine: modulus / norm, sine: (phase * y).scale(T::RealPart::ONE / norm) }
    }

    /// `G* M` on rows `k` and `k+1` of the columns `columns`.
    #[inline(always)]
    pub(super) fn apply_left(self, h: &mut [T], stride: usize, k: usize, columns: Range<usize>) {
        let (c, s) = (self.cosine, self.sine);
        for j in columns {
            let start = j * stride + k;
            let column = &mut h[start..start + 2];
            let (x, y) = (column[0], column[1]);
            column[0] = x.scale(c) + s.conj() * y;
            column[1] = y.scale(c) - s * x;
        }
    }

    /// `M G` on columns `k` and `k+1`, rows `rows`.
    #[inline(always)]
    pub(super) fn apply_right(self, h: &mut [T], stride: usize, k: usize, rows: Range<usize>) {
        let (c, s) = (self.cosine, self.sine);
        let (xs, ys) = two_columns(h, stride, k, rows);
        for (x, y) in xs.iter_mut().zip(ys) {
            let (a, b) = (*x, *y);
            *x = a.scale(c) + s * b;
            *y = b.scale(c) - s.conj() * a;
        }
    }
}
