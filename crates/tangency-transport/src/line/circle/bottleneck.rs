//! The least reach.

use super::{Loop, SLIVER};
use crate::line::masses::UNITS;

/// The least distance within which some coupling finds a partner for every quantile, on the circle of length 1.
///
/// The answer is the distance of two points, as it is rounded: a bisection over all floating-point numbers between 0 and 1 ends
/// at one of them.
pub(super) fn least_reach(x: &Loop, y: &Loop) -> f64 {
    // Numbers that are not negative are ordered as their bits are. At a whole turn everything is within reach.
    let (mut low, mut high) = (0, 1.0_f64.to_bits());
    if suffices(x, y, 0.0) {
        return 0.0;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if suffices(x, y, f64::from_bits(middle)) { high = middle } else { low = middle }
    }
    f64::from_bits(high)
}

/// Whether some rotation of the levels leaves no quantile of y more than `reach` from its partner.
///
/// The quantiles of y at the levels $T_{i-1} + \alpha$ to $T_i + \alpha$, which meet $x_i$, lie between $x_i - r$ and $x_i + r$
/// exactly if the mass of y below $x_i - r$ is at most $T_{i-1} + \alpha$, and that up to $x_i + r$ at least $T_i + \alpha$.
fn suffices(x: &Loop, y: &Loop, reach: f64) -> bool {
    let m = y.points.len();
    let mut below = Cursor::default();
    let mut within = Cursor::default();
    let mut level = 0_i128;
    let (mut most, mut least) = (i128::MIN, i128::MAX);
    for (&point, units) in x.points.iter().zip(&x.units) {
        // Three turns of y, from −1 to 2. The differences are the same numbers whichever side they are compared with.
        let ahead = |k: usize| (y.points[k % m] - point) + ((k / m) as f64 - 1.0);
        below.advance(y, |k| ahead(k) < -reach);
        within.advance(y, |k| ahead(k) <= reach);
        most = most.max(below.mass - UNITS - level);
        level += units;
        least = least.min(within.mass - UNITS - level);
    }
    most <= least + SLIVER
}

/// A place among three turns of points, and the mass before it.
#[derive(Default)]
struct Cursor {
    index: usize,
    mass: i128,
}

impl Cursor {
    fn advance(&mut self, of: &Loop, belongs: impl Fn(usize) -> bool) {
        let m = of.points.len();
        while self.index < 3 * m && belongs(self.index) {
            self.mass += of.units[self.index % m];
            self.index += 1;
        }
    }
}
