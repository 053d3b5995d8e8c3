//! $\sigma(x) = 1/(1 + e^{-x})$ and its integral $\ln(1 + e^x)$.
//!
//! Both are written with $t = e^{-|x|} \le 1$, which cannot overflow and keeps the relative accuracy of the small values
//! on the left, down to the subnormal ones.

use crate::exponential::exp_below;
use crate::format::Format;
use crate::logarithm::log1p_unit;

/// $\sigma(x)$: $1/(1 + t)$ on the right, $t/(1 + t)$ on the left.
#[inline(always)]
pub(crate) fn sigmoid<T: Format, const FMA: bool>(x: T) -> T {
    let t = exp_below::<T, FMA>(-x.abs());
    let numerator = if x < T::ZERO { t } else { T::ONE };
    numerator / (T::ONE + t)
}

/// $\ln(1 + e^x) = \max(x, 0) + \ln(1 + t)$.
#[inline(always)]
pub(crate) fn softplus<T: Format, const FMA: bool>(x: T) -> T {
    let t = exp_below::<T, FMA>(-x.abs());
    // A NaN goes this way, because the logarithm assumes 0 <= t <= 1.
    let linear = if x < T::ZERO { T::ZERO } else { x };
    linear + log1p_unit::<T, FMA>(t)
}
