//! What the entries alone show of a matrix, and what the exponential keeps of it.

use super::entries::{copy, view, view_mut};
use super::multiplication::multiply;
use crate::scalar::{RealScalar, Scalar};
use faer::{Accum, Conj};

/// A class of matrices, seen by exact comparison of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    General,
    /// Zeros below the diagonal.
    Upper,
    /// Zeros above the diagonal.
    Lower,
    /// $A^H = A$.
    Hermitian,
    /// $A^H = -A$.
    SkewHermitian,
}

impl Structure {
    /// One pass with early exits.
    pub(super) fn of<T: Scalar>(a: &[T], n: usize) -> Self {
        let column = |j: usize| &a[j * n..(j + 1) * n];
        if (0..n).all(|j| column(j)[j + 1..].iter().all(|&x| x == T::ZERO)) {
            return Self::Upper;
        }
        if (1..n).all(|j| column(j)[..j].iter().all(|&x| x == T::ZERO)) {
            return Self::Lower;
        }
        let all = |test: fn(T, T) -> bool| (0..n).all(|j| (j..n).all(|i| test(a[j * n + i], a[i * n + j])));
        if all(|x, y| x == y.conj()) {
            return Self::Hermitian;
        }
        if all(|x, y| x == -y.conj()) { Self::SkewHermitian } else { Self::General }
    }

    pub(super) fn triangular(self) -> bool {
        matches!(self, Self::Upper | Self::Lower)
    }
}

/// Whether everything off the diagonal is zero.
pub(super) fn is_diagonal<T: Scalar>(structure: Structure, a: &[T], n: usize) -> bool {
    structure == Structure::Upper && (1..n).all(|j| a[j * n..j * n + j].iter().all(|&x| x == T::ZERO))
}

/// $e^z - 1$ without cancellation.
pub(super) fn exp_minus_1<T: Scalar>(z: T) -> T {
    let (x, y) = (z.re(), z.im());
    if T::IS_REAL || y == T::RealPart::ZERO {
        return T::from_real(RealScalar::exp_m1(x));
    }
    let half = Scalar::sin(y.scale(T::RealPart::from_f64(0.5)));
    let e = Scalar::exp(x);
    let re = RealScalar::exp_m1(x) * Scalar::cos(y) - T::RealPart::from_f64(2.0) * half * half;
    T::from_complex(re.complex(e * Scalar::sin(y)))
}

/// $(e^\lambda - e^\mu) / (\lambda - \mu)$, and $e^\lambda$ where they meet.
pub(super) fn divided_difference<T: Scalar>(lambda: T, mu: T) -> T {
    let (upper, lower) = if lambda.re() >= mu.re() { (lambda, mu) } else { (mu, lambda) };
    let gap = lower - upper;
    let e = Scalar::exp(upper);
    if gap == T::ZERO { e } else { e * quotient(exp_minus_1(gap), gap) }
}

/// $x / y$ where the square of $\lvert y \rvert$ may leave the range.
pub(super) fn quotient<T: Scalar>(x: T, y: T) -> T {
    let size = RealScalar::max(y.re().modulus(), y.im().modulus());
    if T::IS_REAL || size == T::RealPart::ZERO || !size.finite() {
        return x / y;
    }
    let exponent = -(size.to_f64().log2().floor() as i32);
    let scaled = |z: T, k: i32| T::from_complex(z.re().ldexp(k).complex(z.im().ldexp(k)));
    scaled(x / scaled(y, exponent), exponent)
}

/// Puts the exact values at the scale $2^{-k}$ on the diagonal and next to it.
///
/// A. H. Al-Mohy and N. J. Higham, SIMAX 31 (2009), Code Fragment 2.1; the divided difference by its larger end, so that
/// nothing overflows that the result does not.
pub(super) fn exact_diagonals<T: Scalar>(
    x: &mut [T],
    (a, n): (&[T], usize),
    scale: i32,
    upper: bool,
    minus_identity: bool,
) {
    // Two factors, because 2^scale may be subnormal.
    let factors = [scale / 2, scale - scale / 2].map(|k| T::RealPart::ONE.ldexp(k));
    let scaled = |i: usize, j: usize| a[j * n + i].scale(factors[0]).scale(factors[1]);
    for j in 0..n {
        let z = scaled(j, j);
        x[j * n + j] = if minus_identity { exp_minus_1(z) } else { Scalar::exp(z) };
        if j > 0 {
            let (r, c) = if upper { (j - 1, j) } else { (j, j - 1) };
            x[c * n + r] = scaled(r, c) * divided_difference(scaled(j - 1, j - 1), z);
        }
    }
}

/// One step of Newton and Schulz towards the unitary factor: $X \leftarrow X - X (X^H X - I) / 2$.
///
/// Squaring doubles the distance from unitary each time, and this squares it.
pub(super) fn towards_unitary<T: Scalar>(x: &mut [T], (gram, next): (&mut [T], &mut [T]), n: usize) {
    let left = (view(x, n).transpose(), Conj::Yes);
    T::product(view_mut(gram, n), Accum::Replace, left, (view(x, n), Conj::No), T::ONE);
    for j in 0..n {
        gram[j * n + j] -= T::ONE;
    }
    copy(next, x);
    multiply(Structure::General, n, (next, Accum::Add), x, gram, T::RealPart::from_f64(-0.5));
    copy(x, next);
}
