//! Norms of powers of a matrix whose entries lie farther apart than the exponents of the type reach.

use crate::scalar::{RealScalar, Scalar};
use faer::MatRef;

/// `mantissa·2^exponent`, the modulus of the mantissa from 1 to 2, or 0.
#[derive(Debug, Clone, Copy)]
struct Wide<T> {
    mantissa: T,
    exponent: i64,
}

/// Shifts by more than this leave nothing of a number in a sum.
const LONGEST_SHIFT: i64 = 120;

impl<T: Scalar> Wide<T> {
    const ZERO: Self = Self { mantissa: T::ZERO, exponent: 0 };

    fn new(mantissa: T, exponent: i64) -> Self {
        let size = mantissa.modulus().to_f64();
        if size == 0.0 {
            return Self::ZERO;
        }
        let shift = size.log2().floor() as i32;
        // In two steps, for a number at the ends of the range.
        let half = RealScalar::ldexp(T::RealPart::ONE, -shift / 2);
        let rest = RealScalar::ldexp(T::RealPart::ONE, -shift + shift / 2);
        Self { mantissa: mantissa.scale(half).scale(rest), exponent: exponent + i64::from(shift) }
    }

    fn plus(self, other: Self) -> Self {
        let (large, small) =
            if self.mantissa == T::ZERO || other.exponent > self.exponent && other.mantissa != T::ZERO {
                (other, self)
            } else {
                (self, other)
            };
        let shift = large.exponent - small.exponent;
        if small.mantissa == T::ZERO || shift > LONGEST_SHIFT {
            return large;
        }
        let scale = RealScalar::ldexp(T::RealPart::ONE, -(shift as i32));
        Self::new(large.mantissa + small.mantissa.scale(scale), large.exponent)
    }

    fn times(self, other: Self) -> Self {
        Self::new(self.mantissa * other.mantissa, self.exponent + other.exponent)
    }

    fn log2(self) -> f64 {
        self.mantissa.modulus().to_f64().log2() + self.exponent as f64
    }
}

/// $\log_2 \lVert A^j \rVert_1$ for j from 2 to `last`; −∞ for a power that is zero.
pub(super) fn log2_norms_of_powers<T: Scalar>(a: MatRef<'_, T>, last: usize) -> Vec<f64> {
    let n = a.nrows();
    let first: Vec<Wide<T>> = (0..n * n).map(|k| Wide::new(a[(k % n, k / n)], 0)).collect();
    let mut power = first.clone();
    (2..=last)
        .map(|_| {
            power = (0..n * n)
                .map(|at| {
                    let (i, j) = (at % n, at / n);
                    (0..n).fold(Wide::ZERO, |sum, k| sum.plus(power[k * n + i].times(first[j * n + k])))
                })
                .collect();
            let column = |j: usize| {
                let moduli = (0..n).map(|i| power[j * n + i].log2());
                let largest = moduli.clone().fold(f64::NEG_INFINITY, f64::max);
                if largest == f64::NEG_INFINITY {
                    return largest;
                }
                largest + moduli.map(|x| (x - largest).exp2()).sum::<f64>().log2()
            };
            (0..n).map(column).fold(f64::NEG_INFINITY, f64::max)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::mat;

    #[test]
    fn powers_of_entries_600_digits_apart() {
        let a = mat![[0.0, 1e305], [-4e-305, 0.0]];
        let norms = log2_norms_of_powers(a.as_ref(), 5);
        let square = 2.0;
        for (norm, expected) in
            norms.iter().zip([square, 1e305_f64.log2() + square, 4.0, 1e305_f64.log2() + 4.0])
        {
            assert!((norm - expected).abs() < 1e-12, "{norm} {expected}");
        }
        let nilpotent = mat![[1e300, -1e300], [1e300, -1e300]];
        assert!(log2_norms_of_powers(nilpotent.as_ref(), 3).iter().all(|&x| x == f64::NEG_INFINITY));
        let sum = mat![[1.0_f32, 2.0], [0.5, 3.0]];
        assert!((log2_norms_of_powers(sum.as_ref(), 2)[0] - 18.0_f64.log2()).abs() < 1e-6);
    }
}
