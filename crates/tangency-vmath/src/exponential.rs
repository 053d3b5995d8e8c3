//! $e^x$ and $e^x - 1$.
//!
//! Both begin with $x = n \ln 2 + r$, $n$ an integer and $|r| \le \ln(2)/2$, so that
//!
//! $$ e^x = 2^n e^r, \qquad e^r = 1 + r + r^2 q(r) . $$
//!
//! The product $n \cdot \ln 2$ is taken in two parts, the first of them exact, and $r$ is kept as a sum of two numbers: its
//! own rounding would cost a quarter of a unit in the last place.

use crate::format::Format;
use crate::polynomial::polynomial;

/// $x = n \ln 2 + r + c$.
struct Reduced<T> {
    /// $n$ plus [`Format::SHIFTER`].
    shifted: T,
    /// $r$.
    r: T,
    /// $c$, what the rounding of $r$ lost.
    c: T,
}

#[inline(always)]
fn reduce<T: Format, const FMA: bool>(x: T) -> Reduced<T> {
    let shifted = x.mul_add_lane::<FMA>(T::LOG2_E, T::SHIFTER);
    let n = shifted - T::SHIFTER;
    // Exact: the product by the choice of LN_2_HIGH, the difference because both sides are close.
    let rest = x - n * T::LN_2_HIGH;
    let low = n * T::LN_2_LOW;
    let r = rest - low;
    Reduced { shifted, r, c: (rest - r) - low }
}

/// $e^x$.
#[inline(always)]
pub(crate) fn exp<T: Format, const FMA: bool>(x: T) -> T {
    // A comparison, because `min` would lose a NaN.
    exp_below::<T, FMA>(if x > T::EXP_TOP { T::EXP_TOP } else { x })
}

/// $e^x$ for $x$ up to [`Format::EXP_TOP`], or NaN.
#[inline(always)]
pub(crate) fn exp_below<T: Format, const FMA: bool>(x: T) -> T {
    let x = if x < T::EXP_BOTTOM { T::EXP_BOTTOM } else { x };
    let Reduced { shifted, r, c } = reduce::<T, FMA>(x);
    let tail = (r * r).mul_add_lane::<FMA>(polynomial::<T, FMA>(T::EXP, r), c);
    // 1 + r as a sum of two numbers, so that only the last addition rounds at full size.
    let sum = T::ONE + r;
    let lost = (T::ONE - sum) + r;
    let (low, high) = T::power_halves(shifted);
    // The first product is exact and the second rounds once, also into infinity or the subnormal range.
    (sum + (lost + tail)) * low * high
}

/// $e^x / 2$ for $x \ge 0$, to about one unit in the last place; the value at [`Format::ROUGH_TOP`] beyond that.
#[inline(always)]
pub(crate) fn half_exp_rough<T: Format, const FMA: bool>(x: T) -> T {
    let x = if x > T::ROUGH_TOP { T::ROUGH_TOP } else { x };
    let Reduced { shifted, r, .. } = reduce::<T, FMA>(x);
    let tail = (r * r).mul_add_lane::<FMA>(polynomial::<T, FMA>(T::EXP, r), r);
    let h = T::half_power(shifted);
    h.mul_add_lane::<FMA>(tail, h)
}

/// $e^x - 1$.
///
/// With $2^n = 2 h$ the result is $2 ((h - 1/2) + h r + h (c + r^2 q(r)))$: two exact terms, added without error, and
/// a small one. The half keeps $n = 1024$ (128 in single precision) in range.
#[inline(always)]
pub(crate) fn expm1<T: Format, const FMA: bool>(x: T) -> T {
    let y = if x > T::EXP_TOP { T::EXP_TOP } else { x };
    let y = if y < T::EXPM1_BOTTOM { T::EXPM1_BOTTOM } else { y };
    let Reduced { shifted, r, c } = reduce::<T, FMA>(y);
    let tail = (r * r).mul_add_lane::<FMA>(polynomial::<T, FMA>(T::EXP, r), c);
    let h = T::half_power(shifted);
    let a = h - T::HALF;
    let b = h * r;
    // Knuth's exact sum; either term may be the larger one.
    let sum = a + b;
    let b_seen = sum - a;
    let lost = (a - (sum - b_seen)) + (b - b_seen);
    let value = sum + (lost + h * tail);
    // Halving would cost a subnormal number its last bit, and -0 its sign.
    if x.abs() < T::TINY { x } else { value + value }
}
