//! The closed form for 2 x 2 matrices.

use super::structure::{divided_difference, exp_minus_1, quotient};
use crate::scalar::{RealScalar, Scalar};

/// $e^A$ for $A$ given by columns, or `None` where an entry is so large that its square might overflow.
///
/// With $m$ the mean of the diagonal, $h$ half its difference and $w^2 = h^2 + bc$,
///
/// $$ e^A = e^m \left( \cosh w I + \frac{\sinh w}{w} (A - mI) \right) . $$
///
/// Both factors come from $e^{m+w}$ and $e^{-2w} - 1$ with $\operatorname{Re} w \ge 0$, so that nothing overflows that the
/// result does not and $\sinh w / w$ loses nothing for small $w$. Rounding in $w^2$ is a relative change of $b$ and of $h$,
/// that is, of the entries by a unit roundoff of the largest one.
pub(super) fn two_by_two<T: Scalar>([a, c, b, d]: [T; 4]) -> Option<[T; 4]> {
    if b == T::ZERO || c == T::ZERO {
        let f = divided_difference(a, d);
        return Some([Scalar::exp(a), zero_or_product(c, f), zero_or_product(b, f), Scalar::exp(d)]);
    }
    let half = T::RealPart::from_f64(0.5);
    let (m, h) = (a.scale(half) + d.scale(half), a.scale(half) - d.scale(half));
    let largest = [h, b, c].iter().fold(T::RealPart::ZERO, |s, x| RealScalar::max(s, x.modulus()));
    if largest.to_f64() > (if size_of::<T::RealPart>() == 4 { 1e18 } else { 1e150 }) {
        return None;
    }
    let q = h * h + b * c;
    // e^m cosh w and e^m sinh(w) / w
    let (even, odd) = if T::IS_REAL && q.re() < T::RealPart::ZERO {
        let (w, e) = (Scalar::sqrt(-q), Scalar::exp(m));
        (e * Scalar::cos(w), e * (Scalar::sin(w) / w))
    } else {
        let w = Scalar::sqrt(q);
        let (e, k) = (Scalar::exp(m + w), exp_minus_1(w.scale(T::RealPart::from_f64(-2.0))));
        let odd = if w == T::ZERO { e } else { -(e * quotient(k, w)).scale(half) };
        (e + (e * k).scale(half), odd)
    };
    Some([even + h * odd, c * odd, b * odd, even - h * odd])
}

/// The product, and 0 where the first factor is 0 although the second may have overflowed.
fn zero_or_product<T: Scalar>(x: T, y: T) -> T {
    if x == T::ZERO { T::ZERO } else { x * y }
}
