//! $\ln x$ and $\ln(1 + x)$.
//!
//! Both write the argument as $2^k (1 + f)$ with $\sqrt{1/2} \le 1 + f < \sqrt 2$ and use
//!
//! $$ \ln(1 + f) = 2 \operatorname{artanh} s = f - s (f - R), \qquad s = \frac{f}{2 + f}, \quad R = s^2 L(s^2) , $$
//!
//! in the arrangement $f - (h - s (h + R))$, $h = f^2/2$, that keeps the leading terms exact. It is that of Sun's fdlibm
//! (`e_log.c`, 1993); the coefficients of $L$ are this crate's own.

use crate::format::Format;
use crate::polynomial::polynomial;

/// $k \ln 2 + \ln(1 + f) + c$ for a small $c$.
#[inline(always)]
fn assemble<T: Format, const FMA: bool>(k: T, f: T, c: T) -> T {
    let s = f / (T::TWO + f);
    let z = s * s;
    let h = T::HALF * f * f;
    let r = z * polynomial::<T, FMA>(T::LN, z);
    let low = s.mul_add_lane::<FMA>(h + r, k.mul_add_lane::<FMA>(T::LN_2_LOW, c));
    // The product is exact by the choice of LN_2_HIGH.
    k * T::LN_2_HIGH - ((h - low) - f)
}

/// $\ln x$.
#[inline(always)]
pub(crate) fn ln<T: Format, const FMA: bool>(x: T) -> T {
    let (normal, raised) = T::normalise(x);
    let (k, m, _) = T::split(normal);
    let value = assemble::<T, FMA>(k - raised, m - T::ONE, T::ZERO);
    let value = if x < T::INFINITY { value } else { x };
    let outside = if x == T::ZERO { -T::INFINITY } else { T::NAN };
    if x > T::ZERO { value } else { outside }
}

/// $\ln(1 + t)$ for $0 \le t \le 1$, or NaN.
///
/// Here $k$ is 0 or 1, so a comparison replaces the taking apart of bits. With $k = 1$, $f = (t - 1)/2$; the difference
/// is exact for $t \ge 1/2$ and loses at most one bit below, which is put back to first order.
#[inline(always)]
pub(crate) fn log1p_unit<T: Format, const FMA: bool>(t: T) -> T {
    let difference = t - T::ONE;
    let lost = t - (difference + T::ONE);
    let near = t < T::ROOT_2_LESS_1;
    let k = if near { T::ZERO } else { T::ONE };
    let f = if near { t } else { T::HALF * difference };
    let correction = if near { T::ZERO } else { lost * T::LOST_SHARE };
    assemble::<T, FMA>(k, f, correction)
}

/// $\ln(1 + x)$.
///
/// The sum $u = 1 + x$ is rounded; what is lost, $c = 1 + x - u$, is found exactly, and enters as
/// $\ln(u + c) \approx \ln u + c/u$. Near $x = 0$, where $k = 0$, there is no need for it: $f = x$.
#[inline(always)]
pub(crate) fn log1p<T: Format, const FMA: bool>(x: T) -> T {
    let u = T::ONE + x;
    let x_seen = u - T::ONE;
    let lost = (T::ONE - (u - x_seen)) + (x - x_seen);
    let (k, m, scale) = T::split(u);
    let f = if k == T::ZERO { x } else { m - T::ONE };
    // c/u = c/(2^k m). The term is below one unit in the last place, so 1/m is wanted to two digits, not sixteen.
    let correction = lost * scale * polynomial::<T, FMA>(T::RECIPROCAL, f);
    let correction = if x > T::HUGE { T::ZERO } else { correction };
    let correction = if k == T::ZERO { T::ZERO } else { correction };
    let value = assemble::<T, FMA>(k, f, correction);
    // Infinity, NaN, and the sign of -0.
    let value = if x < T::INFINITY { value } else { x };
    let value = if x == T::ZERO { x } else { value };
    let outside = if x == -T::ONE { -T::INFINITY } else { T::NAN };
    if x > -T::ONE { value } else { outside }
}
