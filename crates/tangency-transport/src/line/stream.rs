//! Distances of data that do not fit into memory.

use super::masses::check_totals;
use super::power::{Exponent, root_of};
use crate::error::{Side, TransportError};
use crate::sum::Sum;

/// $W_p$ of two streams of points in increasing order, each with its mass, in constant memory.
///
/// As [`wasserstein_1d`](crate::wasserstein_1d), for data that were sorted on disk: the monotone coupling is made while the
/// two streams are read, each once. The items are points with masses. The totals are known only at the end, and are compared
/// then; they may be any numbers, counts for one, and the value belongs to these masses: $W_p^p$ is the sum of mass times
/// distance to the power p. Remainders of masses are kept to twice the precision of `f64`, so that whole numbers are exact
/// and a billion thirds do not drift apart.
///
/// $p$ is finite: a remainder that is nothing but rounding would decide $W_\infty$.
///
/// # Errors
///
/// [`TransportError`] for an empty stream, a point below the one before it, numbers that are not finite, negative masses, and
/// totals that differ by more than 1e-9.
///
/// # Example: two sorted streams with counts
///
/// ```
/// use tangency_transport::wasserstein_1d_stream;
///
/// let squares = (0..1000).map(|i| (f64::from(i * i), 1.0));
/// let shifted = (0..1000).map(|i| (f64::from(i * i + 3), 1.0));
/// assert_eq!(wasserstein_1d_stream(squares, shifted, 1.0)?, 3000.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn wasserstein_1d_stream(
    source: impl IntoIterator<Item = (f64, f64)>,
    target: impl IntoIterator<Item = (f64, f64)>,
    p: f64,
) -> Result<f64, TransportError> {
    let exponent = Exponent::finite(p)?;
    let mut source = Reader::new(source.into_iter(), Side::Source);
    let mut target = Reader::new(target.into_iter(), Side::Target);
    let mut sum = Sum::default();
    let (mut one, mut other) = (source.next()?, target.next()?);
    while let (Some(a), Some(b)) = (&mut one, &mut other) {
        let cost = exponent.power((a.point - b.point).abs());
        let rest = a.mass.minus(b.mass);
        if rest.high > 0.0 {
            sum.add_product(b.mass.high, cost);
            a.mass = rest;
            other = target.next()?;
        } else {
            sum.add_product(a.mass.high, cost);
            if rest.high < 0.0 {
                b.mass = rest.negated();
            } else {
                other = target.next()?;
            }
            one = source.next()?;
        }
    }
    // What is left of one side is rounding, if the totals agree.
    while one.is_some() {
        one = source.next()?;
    }
    while other.is_some() {
        other = target.next()?;
    }
    check_totals(source.finish()?, target.finish()?)?;
    Ok(root_of(sum.value(), exponent))
}

/// A number as the sum of two, of which the second is less than half a unit in the last place of the first.
#[derive(Debug, Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    fn minus(self, other: Self) -> Self {
        let high = self.high - other.high;
        // Knuth's exact error of a sum.
        let back = high - self.high;
        let error = (self.high - (high - back)) - (other.high + back);
        let low = error + (self.low - other.low);
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }

    fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

struct Item {
    point: f64,
    mass: Double,
}

/// Reads a stream, and checks it.
struct Reader<I> {
    items: I,
    side: Side,
    index: usize,
    last: f64,
    total: Sum,
}

impl<I: Iterator<Item = (f64, f64)>> Reader<I> {
    fn new(items: I, side: Side) -> Self {
        Self { items, side, index: 0, last: f64::NEG_INFINITY, total: Sum::default() }
    }

    /// The next item that has mass.
    fn next(&mut self) -> Result<Option<Item>, TransportError> {
        let side = self.side;
        for (point, mass) in self.items.by_ref() {
            let index = self.index;
            self.index += 1;
            if !point.is_finite() {
                return Err(TransportError::Coordinate { side, row: index, column: 0, value: point });
            }
            if !(mass.is_finite() && mass >= 0.0) {
                return Err(TransportError::Weight { side, index, value: mass });
            }
            if point < self.last {
                return Err(TransportError::NotSorted { side, index });
            }
            self.last = point;
            if mass > 0.0 {
                self.total.add(mass);
                return Ok(Some(Item { point, mass: Double { high: mass, low: 0.0 } }));
            }
        }
        Ok(None)
    }

    /// The total mass, and the number of items.
    fn finish(&self) -> Result<(f64, usize), TransportError> {
        let (side, sum) = (self.side, self.total.value());
        if self.index == 0 {
            return Err(TransportError::Empty { side });
        }
        if sum > 0.0 && sum.is_finite() {
            Ok((sum, self.index))
        } else {
            Err(TransportError::NoMass { side, sum })
        }
    }
}
