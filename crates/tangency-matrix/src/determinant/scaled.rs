//! Products of many numbers without overflow: a number times a power of two.

use crate::scalar::{Precision, RealScalar, Scalar, ln_modulus};

/// $2^k$ as a number; `|k| <= 1022`.
fn power_of_two(k: i32) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// $\lfloor \log_2 x \rfloor$ of a positive finite number.
pub(crate) fn exponent_of(x: f64) -> i32 {
    let exponent = |y: f64| ((y.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    // Subnormal numbers are lifted into the normal range first.
    if x < f64::MIN_POSITIVE { exponent(x * power_of_two(64)) - 64 } else { exponent(x) }
}

/// The larger of the moduli of the two parts: within √2 of the modulus, and without its cost.
#[inline(always)]
pub(crate) fn size<T: Scalar>(x: T) -> T::RealPart {
    if T::IS_REAL {
        return x.re().modulus();
    }
    let (re, im) = (x.re().modulus(), x.im().modulus());
    if im > re { im } else { re }
}

/// $2^k$ of the real type, `k` within the range of its normal numbers.
pub(crate) fn real_power_of_two<T: Scalar>(k: i32) -> T::RealPart {
    T::RealPart::from_f64(power_of_two(k))
}

/// The largest exponent that one factor of this format takes in either direction.
pub(crate) const fn largest_step<T: Scalar>() -> i32 {
    match T::PRECISION {
        Precision::Single => 120,
        Precision::Double => 1000,
    }
}

/// $2^k x$: exact unless it leaves the range; then infinite or zero, never NaN.
pub(crate) fn scale_by_power<T: Scalar>(mut x: T, k: i64) -> T {
    let step = i64::from(largest_step::<T>());
    // Three steps cross the whole range of the type.
    let mut left = k.clamp(-3 * step, 3 * step);
    while left != 0 {
        let part = left.clamp(-step, step);
        x = x.scale(real_power_of_two::<T>(part as i32));
        left -= part;
    }
    x
}

/// The sizes whose products stay within the range of the format: a number and its reciprocal.
const fn moderate<T: Scalar>() -> (f64, f64) {
    match T::PRECISION {
        Precision::Single => (1.0 / (1_u64 << 60) as f64, (1_u64 << 60) as f64),
        Precision::Double => (1e-150, 1e150),
    }
}

/// A product: `significand · 2^exponent`, the significand of moderate size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ScaledProduct<T: Scalar> {
    pub(crate) significand: T,
    pub(crate) exponent: i64,
}

impl<T: Scalar> ScaledProduct<T> {
    pub(crate) const ONE: Self = Self { significand: T::ONE, exponent: 0 };
    pub(crate) const ZERO: Self = Self { significand: T::ZERO, exponent: 0 };

    /// Multiplies by a finite number.
    #[inline]
    pub(crate) fn times(self, x: T) -> Self {
        let (low, high) = moderate::<T>();
        let within = |x: T| (low..high).contains(&size(x).to_f64());
        if within(x) && within(self.significand) {
            return Self { significand: self.significand * x, exponent: self.exponent };
        }
        let (left, right) = (self.normalised(), Self { significand: x, exponent: 0 }.normalised());
        Self {
            significand: left.significand * right.significand,
            exponent: left.exponent.saturating_add(right.exponent),
        }
    }

    pub(crate) fn times_power_of_two(self, k: i64) -> Self {
        if self.significand == T::ZERO {
            self
        } else {
            Self { exponent: self.exponent.saturating_add(k), ..self }
        }
    }

    /// The larger part of the significand brought into [1, 2), unless it is zero.
    pub(crate) fn normalised(self) -> Self {
        let size = size(self.significand).to_f64();
        if size == 0.0 || size.is_nan() {
            return Self::ZERO;
        }
        let k = exponent_of(size);
        let significand =
            if k == 0 { self.significand } else { scale_by_power(self.significand, i64::from(-k)) };
        Self { significand, exponent: self.exponent + i64::from(k) }
    }

    /// The number itself, infinite or zero outside the range of the type.
    pub(crate) fn value(self) -> T {
        scale_by_power(self.significand, self.exponent)
    }

    /// $\ln$ of the modulus, to the last digits also where the modulus is close to one; −∞ for zero.
    pub(crate) fn ln_modulus(self) -> f64 {
        self.normalised().ln_of_normalised()
    }

    /// The same, of a product that is normalised already.
    pub(crate) fn ln_of_normalised(self) -> f64 {
        let Self { significand, mut exponent } = self;
        if significand == T::ZERO {
            return f64::NEG_INFINITY;
        }
        let (mut re, mut im) = (significand.re().modulus().to_f64(), significand.im().to_f64());
        // Into [1/√2, √2), so that the logarithm and the exponent never cancel.
        let modulus = if T::IS_REAL { re } else { re.hypot(im) };
        if modulus > std::f64::consts::SQRT_2 {
            (re, im, exponent) = (re * 0.5, im * 0.5, exponent + 1);
        }
        // No angle is wanted, and none is computed.
        exponent as f64 * std::f64::consts::LN_2 + if T::IS_REAL { re.ln() } else { ln_modulus(re, im) }
    }

    /// Unit modulus; zero for zero.
    pub(crate) fn sign(self) -> T {
        if self.significand == T::ZERO {
            return T::ZERO;
        }
        let (re, im, modulus) = (self.significand.re(), self.significand.im(), self.significand.modulus());
        T::from_complex((re / modulus).complex(im / modulus))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;
    use faer::{c32, c64};

    #[test]
    fn exponents_and_powers_over_the_whole_range() {
        for k in -1074..1024 {
            let x = scale_by_power(1.0_f64, k);
            assert_eq!(exponent_of(x), k as i32);
            assert_eq!(exponent_of(x * 1.5_f64.min(if k == -1074 { 1.0 } else { 1.5 })), k as i32);
            assert_eq!(scale_by_power(x, -k), 1.0);
        }
        assert_eq!(scale_by_power(0.0_f64, 100_000), 0.0);
        assert_eq!(scale_by_power(1.0_f64, 1024), f64::INFINITY);
        assert_eq!(scale_by_power(1.0_f32, -149), f32::from_bits(1));
    }

    #[test]
    fn products_beyond_the_range_come_back() {
        let mut product = ScaledProduct::ONE;
        for _ in 0..1000 {
            product = product.times(c64::new(0.0, -3e300));
        }
        for _ in 0..1000 {
            product = product.times(c64::new(1.0 / 3e300, 0.0));
        }
        assert!((product.value() - c64::ONE).modulus() < 1e-12);
        assert!(product.ln_modulus().abs() < 1e-12);
        let tiny = ScaledProduct::ONE.times(c32::new(1e-44, 0.0)).times(c32::new(0.0, 1e-44));
        assert_eq!(tiny.value(), c32::ZERO);
        assert_eq!(tiny.sign(), c32::new(0.0, 1.0));
    }

    #[test]
    fn logarithms_close_to_one_keep_their_digits() {
        for d in [1e-9, -1e-9] {
            let product = ScaledProduct::ONE.times(1.0 + d).times(4.0).times(0.25);
            let exact = ((1.0 + d) - 1.0).ln_1p();
            assert!((product.ln_modulus() / exact - 1.0).abs() < 1e-15, "{d}");
        }
    }
}
