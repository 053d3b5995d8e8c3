//! The two floating-point types.

use crate::{exponential, hyperbolic, logarithm, logistic};
use std::fmt::{Debug, Display, LowerExp};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`: what the workspace's generic code needs of a floating-point number.
///
/// The methods with plain names are those of the standard library, one number at a time.
///
/// The methods that end in `_lane` are for loops inside a [`Kernel`](crate::Kernel), where the compiler turns them
/// into vector code: branch-free, always inlined, and accurate to the bounds of the [table](crate#accuracy) for every
/// argument. Their parameter `FMA` says whether to use fused multiply-add instructions; pass on the one that the
/// kernel got. With `FMA = true` outside a kernel they are right but slow, because each multiply-add becomes a function
/// call; with `FMA = false` they serve anywhere. A lane and the slice function of the same name give the same bits.
///
/// # Example: a generic function
///
/// ```
/// use tangency_vmath::Real;
///
/// fn logit<T: Real>(p: T) -> T {
///     p.ln() - (T::ONE - p).ln()
/// }
///
/// assert_eq!(logit(0.5_f32), 0.0);
/// assert!((0.3_f64 - logit(0.3_f64).sigmoid_lane::<false>()).abs() < 1e-15);
/// ```
pub trait Real:
    Copy
    + PartialOrd
    + Default
    + Debug
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
    /// 0.
    const ZERO: Self;
    /// ½.
    const HALF: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// The smallest positive number that is not subnormal.
    const MIN_POSITIVE: Self;
    /// The largest finite number.
    const MAX: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;

    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;
    /// The same number as `f64`, exactly.
    fn to_f64(self) -> f64;
    /// Whether the number is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Whether it is not a number.
    fn is_nan(self) -> bool;
    /// $|x|$.
    fn abs(self) -> Self;
    /// The magnitude of this number with the sign of another.
    fn copysign(self, sign: Self) -> Self;
    /// $\sqrt{x}$.
    fn sqrt(self) -> Self;
    /// $e^x$.
    fn exp(self) -> Self;
    /// $\ln x$.
    fn ln(self) -> Self;
    /// $\tanh x$.
    fn tanh(self) -> Self;
    /// $x^n$.
    fn powi(self, n: i32) -> Self;
    /// $x^p$.
    fn powf(self, p: Self) -> Self;
    /// The larger of two numbers; the other one if one is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller of two numbers; the other one if one is NaN.
    fn min(self, other: Self) -> Self;

    /// $x a + b$, rounded once if `FMA` and twice otherwise.
    fn mul_add_lane<const FMA: bool>(self, a: Self, b: Self) -> Self;
    /// $e^x$; see [`exp`](crate::exp()).
    fn exp_lane<const FMA: bool>(self) -> Self;
    /// $e^x - 1$; see [`expm1`](crate::expm1()).
    fn expm1_lane<const FMA: bool>(self) -> Self;
    /// $\ln x$; see [`ln`](crate::ln()).
    fn ln_lane<const FMA: bool>(self) -> Self;
    /// $\ln(1 + x)$; see [`log1p`](crate::log1p()).
    fn log1p_lane<const FMA: bool>(self) -> Self;
    /// $\tanh x$; see [`tanh`](crate::tanh()).
    fn tanh_lane<const FMA: bool>(self) -> Self;
    /// $1/(1 + e^{-x})$; see [`sigmoid`](crate::sigmoid()).
    fn sigmoid_lane<const FMA: bool>(self) -> Self;
    /// $\ln(1 + e^x)$; see [`softplus`](crate::softplus()).
    fn softplus_lane<const FMA: bool>(self) -> Self;
}

/// Forwards the methods of [`Real`] to the inherent ones of a type, and to the algorithms of this crate.
macro_rules! real {
    ($t:ty) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const EPSILON: Self = <$t>::EPSILON;
            const MIN_POSITIVE: Self = <$t>::MIN_POSITIVE;
            const MAX: Self = <$t>::MAX;
            const INFINITY: Self = <$t>::INFINITY;
            const NAN: Self = <$t>::NAN;
            #[inline]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn is_finite(self) -> bool {
                <$t>::is_finite(self)
            }
            #[inline]
            fn is_nan(self) -> bool {
                <$t>::is_nan(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$t>::abs(self)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                <$t>::copysign(self, sign)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
            #[inline]
            fn exp(self) -> Self {
                <$t>::exp(self)
            }
            #[inline]
            fn ln(self) -> Self {
                <$t>::ln(self)
            }
            #[inline]
            fn tanh(self) -> Self {
                <$t>::tanh(self)
            }
            #[inline]
            fn powi(self, n: i32) -> Self {
                <$t>::powi(self, n)
            }
            #[inline]
            fn powf(self, p: Self) -> Self {
                <$t>::powf(self, p)
            }
            #[inline]
            fn max(self, other: Self) -> Self {
                <$t>::max(self, other)
            }
            #[inline]
            fn min(self, other: Self) -> Self {
                <$t>::min(self, other)
            }
            #[inline(always)]
            fn mul_add_lane<const FMA: bool>(self, a: Self, b: Self) -> Self {
                if FMA { <$t>::mul_add(self, a, b) } else { self * a + b }
            }
            #[inline(always)]
            fn exp_lane<const FMA: bool>(self) -> Self {
                exponential::exp::<Self, FMA>(self)
            }
            #[inline(always)]
            fn expm1_lane<const FMA: bool>(self) -> Self {
                exponential::expm1::<Self, FMA>(self)
            }
            #[inline(always)]
            fn ln_lane<const FMA: bool>(self) -> Self {
                logarithm::ln::<Self, FMA>(self)
            }
            #[inline(always)]
            fn log1p_lane<const FMA: bool>(self) -> Self {
                logarithm::log1p::<Self, FMA>(self)
            }
            #[inline(always)]
            fn tanh_lane<const FMA: bool>(self) -> Self {
                hyperbolic::tanh::<Self, FMA>(self)
            }
            #[inline(always)]
            fn sigmoid_lane<const FMA: bool>(self) -> Self {
                logistic::sigmoid::<Self, FMA>(self)
            }
            #[inline(always)]
            fn softplus_lane<const FMA: bool>(self) -> Self {
                logistic::softplus::<Self, FMA>(self)
            }
        }
    };
}

real!(f32);
real!(f64);
