//! $\sigma(x) = 1/(1 + e^{-x})$ and its integral $\ln(1 + e^x)$.
//!
//! Both are written with $t = e^{-|x|} \le 1$, which cannot overflow and keeps the relative accuracy of the small values
//! on the left, down to the subnormal ones.

use crate::exponential::exp_below;
use crate::format::Format;
use crate::logarithm::log1p_unit;

/// $\sigma(x)$: $1/(1 + t)$ on the right, $t - t \cdot t/(1 + t)$ on the left.
///
/// On the left the roundings of the sum and of the quotient are multiplied by $t$ this way; $t/(1 + t)$ itself would add
/// them to that of $t$.
#[inline(always)]
pub(crate) fn sigmoid<T: Format, const FMA: bool>(x: T) -> T {
    let t = exp_below::<T, FMA>(-x.abs());
    let numerator = if x < T::ZERO { t } else { T::ONE };
    let quotient = numerator / (T::ONE + t);
    if x < T::ZERO { (-t).mul_add_lane::<FMA>(quotient, t) } else { quotient }
}

/// $\ln(1 + e^x) = \max(x, 0) + \ln(1 + t)$.
#[inline(always)]
pub(crate) fn softplus<T: Format, const FMA: bool>(x: T) -> T {
    let t = exp_below::<T, FMA>(-x.abs());
    // A NaN goes this way, because the logarithm assumes 0 <= t <= 1.
    let linear = if x < T::ZERO { T::ZERO } else { x };
    linear + log1p_unit::<T, FMA>(t)
}
