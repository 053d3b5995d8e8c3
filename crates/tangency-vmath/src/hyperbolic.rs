//! $\tanh x$.

use crate::exponential::half_exp_rough;
use crate::format::Format;
use crate::polynomial::polynomial;

/// $\tanh x$, odd to the bit.
///
/// With $a = |x|$,
///
/// $$ \tanh a = a + a \frac{a^2 p(a^2)}{q(a^2)} \quad (a < 1), \qquad \tanh a = 1 - \frac{1}{e^{2 a}/2 + 1/2} \quad (a \ge 1) . $$
///
/// Both have the form of a number plus a smaller quotient, so one division serves both. The border at 1 is where the
/// quotient of the second has become so small (0.24) that the errors of $e^{2 a}$ and of the sum hardly count.
#[inline(always)]
pub(crate) fn tanh<T: Format, const FMA: bool>(x: T) -> T {
    let a = x.abs();
    let z = a * a;
    let near = a < T::ONE;
    let p = a * z * polynomial::<T, FMA>(T::TANH_P, z);
    let q = polynomial::<T, FMA>(T::TANH_Q, z);
    let half = half_exp_rough::<T, FMA>(a + a);
    let numerator = if near { p } else { -T::ONE };
    let denominator = if near { q } else { half + T::HALF };
    let leading = if near { a } else { T::ONE };
    (leading + numerator / denominator).copysign(x)
}
