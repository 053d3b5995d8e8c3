//! The evaluation of a polynomial.

use crate::Real;

/// From this many coefficients on, two chains are quicker than one.
const SPLIT: usize = 7;

/// $\sum_j c_j x^j$.
///
/// A short polynomial goes by Horner's rule. A long one goes as $a(x^2) + x b(x^2)$ with Horner's rule for $a$ and for
/// $b$: a multiplication more, but a chain of dependent operations half as long. The chain is what the time goes into,
/// as a processor holds few iterations of a loop at once.
#[inline(always)]
pub(crate) fn polynomial<T: Real, const FMA: bool>(coefficients: &[T], x: T) -> T {
    let horner =
        |(last, rest): (&T, &[T])| rest.iter().rev().fold(*last, |y, &c| y.mul_add_lane::<FMA>(x, c));
    if coefficients.len() < SPLIT {
        return coefficients.split_last().map_or(T::ZERO, horner);
    }
    let square = x * x;
    let (pairs, single) = coefficients.as_chunks::<2>();
    let [pairs @ .., [a, b]] = pairs else { return T::ZERO };
    let (mut even, mut odd) = (*a, *b);
    if let [last] = single {
        even = last.mul_add_lane::<FMA>(square, even);
    }
    for &[a, b] in pairs.iter().rev() {
        even = even.mul_add_lane::<FMA>(square, a);
        odd = odd.mul_add_lane::<FMA>(square, b);
    }
    odd.mul_add_lane::<FMA>(x, even)
}
