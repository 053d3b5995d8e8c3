//! The rotation that costs least.

use super::{Loop, Start};
use crate::line::masses::{UNITS, share};
use crate::line::power::Exponent;
use crate::sum::Sum;

/// The cost at a shift, and its slopes on the left and on the right, for a unit of mass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tangents {
    pub(super) cost: f64,
    pub(super) left: f64,
    pub(super) right: f64,
}

/// $\min_\alpha \int \lvert F^{-1}(t) - G^{-1}(t + \alpha) \rvert^p$, with the α that has it, in units.
///
/// The search ends at the minimum itself or, if a `precision` is given, when what is left to gain is below that part of the cost.
pub(super) fn by_shift(x: &Loop, y: &Loop, exponent: Exponent, precision: Option<f64>) -> (i128, Tangents) {
    // One turn to either side: further away every quantile lies on the same side of its partner.
    let (mut low, mut high) = (-UNITS, UNITS);
    let (mut at_low, mut at_high) = (tangents(x, y, low, exponent), tangents(x, y, high, exponent));
    let better = |one: (i128, Tangents), other: (i128, Tangents)| {
        if other.1.cost < one.1.cost { other } else { one }
    };
    let mut best = better((low, at_low), (high, at_high));
    let mut bisect = false;
    while high - low > 1 {
        let width = share(high - low);
        // Where the tangents from both ends meet, and how low that is.
        let meeting = (at_high.cost - at_low.cost - at_high.left * width) / (at_low.right - at_high.left);
        let bound = at_low.cost + at_low.right * meeting;
        // The bound is a small difference of what the costs at the ends are, until these are near.
        let least = best.1.cost;
        if precision.is_some_and(|precision| least - bound <= precision * least)
            && at_low.cost.max(at_high.cost) <= 2.0 * least
        {
            break;
        }
        let step = if bisect || !(meeting > 0.0 && meeting < width) {
            (high - low) / 2
        } else {
            ((meeting * UNITS as f64) as i128).clamp(1, high - low - 1)
        };
        bisect = !bisect;
        let middle = low + step;
        let found = tangents(x, y, middle, exponent);
        if found.left <= 0.0 && found.right >= 0.0 {
            return (middle, found);
        }
        best = better(best, (middle, found));
        if found.right < 0.0 {
            (low, at_low) = (middle, found);
        } else {
            (high, at_high) = (middle, found);
        }
    }
    best
}

/// Couples $F^{-1}(t)$ with $G^{-1}(t + \alpha)$ for t from 0 to 1.
///
/// A larger α moves every boundary between two points of G to smaller t: the mass of F there changes its partner from the
/// lower of the two to the upper.
fn tangents(x: &Loop, y: &Loop, shift: i128, exponent: Exponent) -> Tangents {
    let (n, m) = (x.points.len(), y.points.len());
    let Start { turn, mut j, skipped } = y.start(shift);
    let (mut left_x, mut left_y) = (x.units[0], y.units[j] - skipped);
    let mut i = 0;
    let (mut cost, mut left, mut right) = (Sum::default(), Sum::default(), Sum::default());
    let power = |i: usize, j: usize| exponent.power((x.lifted(i, 0.0) - y.lifted(j, turn)).abs());
    while i < n {
        let step = left_x.min(left_y);
        let here = power(i, j);
        cost.add_product(share(step), here);
        left_x -= step;
        left_y -= step;
        let before = i;
        if left_x == 0 {
            i += 1;
            left_x = if i < n { x.units[i] } else { 0 };
        }
        if left_y == 0 {
            right.add(power(before, j + 1));
            right.add(-here);
            left.add(power(i, j + 1));
            left.add(-power(i, j));
            j += 1;
            left_y = y.units[j % m];
        }
    }
    Tangents { cost: cost.value(), left: left.value(), right: right.value() }
}
