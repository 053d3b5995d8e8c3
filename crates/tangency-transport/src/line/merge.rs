//! The monotone coupling of two distributions on the line, piece by piece.

use super::masses::{UNITS, share};
use super::quantile::QuantileFunction;

/// One side of the merge.
struct Cursor<'a> {
    of: &'a QuantileFunction,
    units: super::UnitsIter<'a>,
    index: usize,
    /// Mass of the current piece, and what of it is left.
    whole: i128,
    left: i128,
    /// Where the rest of the current piece begins.
    from: f64,
}

impl<'a> Cursor<'a> {
    fn new(of: &'a QuantileFunction) -> Self {
        let mut units = of.weights.iter();
        let whole = units.next().unwrap_or(UNITS);
        Self { of, units, index: 0, whole, left: whole, from: of.points[0] }
    }

    /// Takes mass from the current piece; returns where it lay, from and to.
    #[inline]
    fn take(&mut self, step: i128) -> (f64, f64) {
        let from = self.from;
        self.left -= step;
        if self.of.rights.is_empty() {
            if self.left == 0 {
                self.next();
            }
            return (from, from);
        }
        let right = self.of.rights[self.index];
        if self.left == 0 {
            self.next();
            return (from, right);
        }
        // From the nearer end, so that both ends of a piece are met.
        let left = self.of.points[self.index];
        let done = 1.0 - share(self.left) / share(self.whole);
        self.from = (left + (right - left) * done).clamp(from, right);
        (from, self.from)
    }

    fn next(&mut self) {
        self.index += 1;
        if let Some(point) = self.of.points.get(self.index) {
            self.whole = self.units.next().unwrap_or(0);
            self.left = self.whole;
            self.from = *point;
        }
    }
}

/// Calls `visit` with the share of mass, and the differences of quantiles at its two ends, for every piece of the monotone
/// coupling.
#[inline]
pub(crate) fn merge(a: &QuantileFunction, b: &QuantileFunction, mut visit: impl FnMut(f64, f64, f64)) {
    let (mut one, mut other) = (Cursor::new(a), Cursor::new(b));
    let (n, m) = (a.points.len(), b.points.len());
    while one.index < n && other.index < m {
        let step = one.left.min(other.left);
        let ((u0, u1), (v0, v1)) = (one.take(step), other.take(step));
        visit(share(step), u0 - v0, u1 - v1);
    }
}
