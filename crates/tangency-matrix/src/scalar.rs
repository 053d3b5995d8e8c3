//! The four number types, and the heavy kernels that each brings.

use crate::determinant::scaled::scale_by_power;
use crate::kernels::Kernels;
use faer::traits::{ComplexField, RealField};
use faer::{c32, c64};
use std::fmt::{Debug, Display, LowerExp};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// Which of the two floating-point formats, for tables of constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// `f32` and `c32`: unit roundoff $2^{-24}$.
    Single,
    /// `f64` and `c64`: unit roundoff $2^{-53}$.
    Double,
}

/// An entry of a matrix: `f32`, `f64`, [`c32`] or [`c64`].
///
/// The trait is sealed. What it adds to faer's `ComplexField` is arithmetic by operators, the elementary functions on
/// one number, and the heavy kernels (product, factorisations), which are compiled once, in this crate.
///
/// # Example: a generic function
///
/// ```
/// use faer::{Mat, c64, mat};
/// use tangency_matrix::Scalar;
///
/// fn trace<T: Scalar>(a: &Mat<T>) -> T {
///     (0..a.nrows()).fold(T::ZERO, |sum, i| sum + a[(i, i)])
/// }
///
/// assert_eq!(trace(&mat![[1.0, 5.0], [0.0, 2.0]]), 3.0);
/// assert_eq!(trace(&mat![[c64::new(0.0, 1.0)]]), c64::new(0.0, 1.0));
/// ```
pub trait Scalar:
    ComplexField
    + Kernels
    + Copy
    + Default
    + Display
    + LowerExp
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
    /// The complex type of the same precision; itself where it is complex already.
    type Complex: Scalar<RealPart = Self::RealPart, Complex = Self::Complex>;
    /// The real type of the same precision; itself where it is real already. It is the same as faer's `Real`, which the
    /// compiler cannot be told to have these methods.
    type RealPart: RealScalar<Complex = Self::Complex>;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The format of the real and imaginary part.
    const PRECISION: Precision;

    /// The number with this real part; rounded to the type.
    fn from_f64(x: f64) -> Self;
    /// The number with this real part.
    fn from_real(x: Self::RealPart) -> Self;
    /// The same number as a complex one.
    fn to_complex(self) -> Self::Complex;
    /// The number of this type nearest to a complex one: the real part where the type is real.
    fn from_complex(z: Self::Complex) -> Self;
    /// Real part.
    fn re(self) -> Self::RealPart;
    /// Imaginary part.
    fn im(self) -> Self::RealPart;
    /// Complex conjugate.
    fn conj(self) -> Self;
    /// $\lvert z \rvert$, without overflow.
    fn modulus(self) -> Self::RealPart;
    /// Whether both parts are finite.
    fn finite(self) -> bool;
    /// Product with a real number.
    fn scale(self, x: Self::RealPart) -> Self;
    /// $e^z$.
    fn exp(self) -> Self;
    /// Principal logarithm; NaN for a negative real type.
    fn ln(self) -> Self;
    /// Principal square root; NaN for a negative real type.
    fn sqrt(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// `self * factor + addend`; fused, for a kernel that is compiled for a processor that has it, if `FMA`.
    fn multiply_add<const FMA: bool>(self, factor: Self, addend: Self) -> Self;
}

/// The real ones of the four: `f32` and `f64`.
pub trait RealScalar: Scalar<RealPart = Self> + RealField + PartialOrd {
    /// Unit roundoff: half the distance from 1 to the next larger number.
    const UNIT_ROUNDOFF: Self;
    /// Largest finite number.
    const MAX: Self;
    /// Smallest positive number that is not subnormal.
    const MIN_POSITIVE: Self;
    /// π.
    const PI: Self;

    /// The same number as `f64`, exactly.
    fn to_f64(self) -> f64;
    /// $\max(x, y)$; the other one if one is NaN.
    fn max(self, other: Self) -> Self;
    /// $\min(x, y)$; the other one if one is NaN.
    fn min(self, other: Self) -> Self;
    /// $e^x - 1$ without cancellation.
    fn exp_m1(self) -> Self;
    /// $\ln(1 + x)$ without cancellation.
    fn ln_1p(self) -> Self;
    /// $x^p$.
    fn powf(self, p: Self) -> Self;
    /// $2^k$ times the number: exact unless it over- or underflows.
    fn ldexp(self, k: i32) -> Self;
    /// The angle of the point (`x`, `self`).
    fn atan2(self, x: Self) -> Self;
    /// $\sqrt{x^2 + y^2}$ without overflow.
    fn hypot(self, other: Self) -> Self;
    /// Magnitude of `self`, sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// A complex number from its parts.
    fn complex(self, imaginary: Self) -> Self::Complex;
}

/// `$real` and its complex type.
macro_rules! scalar {
    ($real:ident, $complex:ident, $precision:expr, $roundoff:expr) => {
        impl Scalar for $real {
            type Complex = $complex;
            type RealPart = Self;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const PRECISION: Precision = $precision;
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as Self
            }
            #[inline(always)]
            fn from_real(x: Self) -> Self {
                x
            }
            #[inline(always)]
            fn to_complex(self) -> $complex {
                $complex::new(self, 0.0)
            }
            #[inline(always)]
            fn from_complex(z: $complex) -> Self {
                z.re
            }
            #[inline(always)]
            fn re(self) -> Self {
                self
            }
            #[inline(always)]
            fn im(self) -> Self {
                0.0
            }
            #[inline(always)]
            fn conj(self) -> Self {
                self
            }
            #[inline(always)]
            fn modulus(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn finite(self) -> bool {
                self.is_finite()
            }
            #[inline(always)]
            fn scale(self, x: Self) -> Self {
                self * x
            }
            #[inline]
            fn exp(self) -> Self {
                <$real>::exp(self)
            }
            #[inline]
            fn ln(self) -> Self {
                <$real>::ln(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                <$real>::sqrt(self)
            }
            #[inline]
            fn sin(self) -> Self {
                <$real>::sin(self)
            }
            #[inline]
            fn cos(self) -> Self {
                <$real>::cos(self)
            }
            #[inline]
            fn sinh(self) -> Self {
                <$real>::sinh(self)
            }
            #[inline]
            fn cosh(self) -> Self {
                <$real>::cosh(self)
            }
            #[inline(always)]
            #[allow(clippy::suboptimal_flops, reason = "without the instruction it would be a slow call")]
            fn multiply_add<const FMA: bool>(self, factor: Self, addend: Self) -> Self {
                if FMA { self.mul_add(factor, addend) } else { self * factor + addend }
            }
        }

        impl RealScalar for $real {
            const UNIT_ROUNDOFF: Self = $roundoff;
            const MAX: Self = $real::MAX;
            const MIN_POSITIVE: Self = $real::MIN_POSITIVE;
            const PI: Self = std::$real::consts::PI;
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                <$real>::max(self, other)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                <$real>::min(self, other)
            }
            #[inline]
            fn exp_m1(self) -> Self {
                <$real>::exp_m1(self)
            }
            #[inline]
            fn ln_1p(self) -> Self {
                <$real>::ln_1p(self)
            }
            #[inline]
            fn powf(self, p: Self) -> Self {
                <$real>::powf(self, p)
            }
            #[inline]
            fn ldexp(self, k: i32) -> Self {
                scale_by_power(self, i64::from(k))
            }
            #[inline]
            fn atan2(self, x: Self) -> Self {
                <$real>::atan2(self, x)
            }
            #[inline]
            fn hypot(self, other: Self) -> Self {
                <$real>::hypot(self, other)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                <$real>::copysign(self, sign)
            }
            #[inline(always)]
            fn complex(self, imaginary: Self) -> $complex {
                $complex::new(self, imaginary)
            }
        }

        impl Scalar for $complex {
            type Complex = Self;
            type RealPart = $real;
            const ZERO: Self = Self::new(0.0, 0.0);
            const ONE: Self = Self::new(1.0, 0.0);
            const PRECISION: Precision = $precision;
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                Self::new(x as $real, 0.0)
            }
            #[inline(always)]
            fn from_real(x: $real) -> Self {
                Self::new(x, 0.0)
            }
            #[inline(always)]
            fn to_complex(self) -> Self {
                self
            }
            #[inline(always)]
            fn from_complex(z: Self) -> Self {
                z
            }
            #[inline(always)]
            fn re(self) -> $real {
                self.re
            }
            #[inline(always)]
            fn im(self) -> $real {
                self.im
            }
            #[inline(always)]
            fn conj(self) -> Self {
                Self::new(self.re, -self.im)
            }
            #[inline(always)]
            fn modulus(self) -> $real {
                self.re.hypot(self.im)
            }
            #[inline(always)]
            fn finite(self) -> bool {
                self.re.is_finite() && self.im.is_finite()
            }
            #[inline(always)]
            fn scale(self, x: $real) -> Self {
                Self::new(self.re * x, self.im * x)
            }
            #[inline]
            fn exp(self) -> Self {
                let (sine, cosine) = self.im.sin_cos();
                let e = self.re.exp();
                // Exactly real where the argument is; also keeps ∞·0 out.
                if self.im == 0.0 { Self::new(e, self.im) } else { Self::new(e * cosine, e * sine) }
            }
            #[inline]
            fn ln(self) -> Self {
                Self::new(ln_modulus(f64::from(self.re), f64::from(self.im)) as $real, self.im.atan2(self.re))
            }
            #[inline]
            fn sqrt(self) -> Self {
                let (re, im) = complex_sqrt(f64::from(self.re), f64::from(self.im));
                Self::new(re as $real, im as $real)
            }
            #[inline]
            fn sin(self) -> Self {
                // Exactly imaginary where the argument is, as with the others below; also keeps 0·∞ out.
                if self.re == 0.0 {
                    return Self::new(self.re, self.im.sinh());
                }
                let (sine, cosine) = self.re.sin_cos();
                Self::new(sine * self.im.cosh(), cosine * self.im.sinh())
            }
            #[inline]
            fn cos(self) -> Self {
                if self.re == 0.0 {
                    return Self::new(self.im.cosh(), -self.re * self.im.signum());
                }
                let (sine, cosine) = self.re.sin_cos();
                Self::new(cosine * self.im.cosh(), -sine * self.im.sinh())
            }
            #[inline]
            fn sinh(self) -> Self {
                if self.im == 0.0 {
                    return Self::new(self.re.sinh(), self.im);
                }
                let (sine, cosine) = self.im.sin_cos();
                Self::new(self.re.sinh() * cosine, self.re.cosh() * sine)
            }
            #[inline]
            fn cosh(self) -> Self {
                if self.im == 0.0 {
                    return Self::new(self.re.cosh(), self.im * self.re.signum());
                }
                let (sine, cosine) = self.im.sin_cos();
                Self::new(self.re.cosh() * cosine, self.re.sinh() * sine)
            }
            #[inline(always)]
            fn multiply_add<const FMA: bool>(self, factor: Self, addend: Self) -> Self {
                let (x, y) = (self, factor);
                Self::new(
                    (-x.im).multiply_add::<FMA>(y.im, x.re.multiply_add::<FMA>(y.re, addend.re)),
                    x.im.multiply_add::<FMA>(y.re, x.re.multiply_add::<FMA>(y.im, addend.im)),
                )
            }
        }
    };
}

scalar!(f32, c32, Precision::Single, f32::EPSILON / 2.0);
scalar!(f64, c64, Precision::Double, f64::EPSILON / 2.0);

/// $\ln \lvert x + iy \rvert$, accurate also where the modulus is close to 1.
pub(crate) fn ln_modulus(x: f64, y: f64) -> f64 {
    let (large, small) = if x.abs() >= y.abs() { (x.abs(), y.abs()) } else { (y.abs(), x.abs()) };
    if large > 0.5 && large < 2.0 {
        // (x² + y²) − 1 = (x − 1)(x + 1) + y², where ln_1p keeps what the modulus would round away. The
        // remaining cancellation, near the unit circle away from ±1 and ±i, is of absolute size u.
        0.5 * ((large - 1.0) * (large + 1.0) + small * small).ln_1p()
    } else {
        large.hypot(small).ln()
    }
}

/// Principal square root of $x + iy$ without cancellation and without overflow.
fn complex_sqrt(x: f64, y: f64) -> (f64, f64) {
    if x == 0.0 && y == 0.0 {
        return (0.0, y);
    }
    // Scaling by a power of four keeps the modulus and the sum x + |z| inside the range.
    let (scale, root) = if x.abs().max(y.abs()) > 1e300 {
        (0.0625, 4.0)
    } else if x.abs().max(y.abs()) < 1e-290 {
        (2.0_f64.powi(200), 2.0_f64.powi(-100))
    } else {
        (1.0, 1.0)
    };
    let (x, y) = (x * scale, y * scale);
    let half = ((x.abs() + x.hypot(y)) * 0.5).sqrt();
    let other = y / (2.0 * half);
    let (re, im) = if x >= 0.0 { (half, other) } else { (other.abs(), half.copysign(y)) };
    (re * root, im * root)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;

    #[test]
    fn ldexp_reaches_the_ends_of_the_range() {
        assert_eq!(RealScalar::ldexp(1.5_f64, 1023), 1.5 * 2.0_f64.powi(1023));
        assert_eq!(RealScalar::ldexp(f64::MIN_POSITIVE, 2045), 2.0_f64.powi(1023));
        assert_eq!(RealScalar::ldexp(1.0_f32, -140), f32::from_bits(1 << 9));
        assert_eq!(RealScalar::ldexp(5e-324_f64, 2090), 2.0_f64.powi(1016));
        assert_eq!(RealScalar::ldexp(2.0_f64.powi(1023), -2097), 5e-324);
        assert_eq!(RealScalar::ldexp(1.0_f64, i32::MAX), f64::INFINITY);
        assert_eq!(RealScalar::ldexp(-1.0_f64, i32::MIN), -0.0);
    }

    #[test]
    fn real_and_imaginary_arguments_that_overflow() {
        let (inf, real, imaginary) = (f64::INFINITY, c64::new(-1000.0, 0.0), c64::new(0.0, -1000.0));
        assert_eq!(Scalar::sinh(real), c64::new(-inf, 0.0));
        assert_eq!(Scalar::cosh(real), c64::new(inf, 0.0));
        assert_eq!(Scalar::sin(imaginary), c64::new(0.0, -inf));
        assert_eq!(Scalar::cos(imaginary), c64::new(inf, 0.0));
        // The sign of zero is that of the factor: cosh(x + i0) = cosh x + i0 sinh x.
        assert!(Scalar::cosh(c64::new(-1.0, 0.0)).im.is_sign_negative());
        assert!(Scalar::cos(c64::new(0.0, -1.0)).im.is_sign_positive());
    }

    #[test]
    fn complex_square_root_at_the_ends_of_the_range() {
        for z in
            [c64::new(-1e308, 1e308), c64::new(3e-320, -1e-315), c64::new(-4.0, -0.0), c64::new(0.0, 2.0)]
        {
            let r = Scalar::sqrt(z);
            let back = r * r;
            assert!(r.re >= 0.0 && r.im.is_sign_positive() == z.im.is_sign_positive());
            assert!((back - z).modulus() <= 4e-16 * z.modulus() + 1e-322, "{z} {r}");
        }
    }

    #[test]
    fn complex_logarithm_near_one() {
        let z = c64::new(1.0 + 1e-10, 1e-6);
        // ln|z| = Re ln(1 + w), w = 1e-10 + 1e-6 i, by its series.
        let w = c64::new((1.0 + 1e-10) - 1.0, 1e-6);
        let series = w - w * w * 0.5 + w * w * w / 3.0;
        assert!((Scalar::ln(z).re / series.re - 1.0).abs() < 1e-12);
    }
}
