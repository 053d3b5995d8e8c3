//! What a distance of samples says of the distributions behind them.

mod blocks;
mod interval;
mod null;
mod permutation;
mod subsampling;

pub use blocks::{BlockInterval, block_interval};
pub use interval::{WassersteinInterval, normalised_wasserstein, wasserstein_interval};
pub use null::{NullDistribution, expected_w1_null, wasserstein_null};
pub use permutation::{PermutationTest, wasserstein_permutation_test};
pub use subsampling::{
    SubsamplingInterval, SubsamplingOptions, subsampling_interval, wasserstein_subsampling_interval,
};

use crate::error::{Side, TransportError};
use crate::law::{Level, normal_quantile};
use crate::line::{Exponent, check_finite, sort};

/// Sorted points of both sides; which of them belong to the first is a matter of labels.
struct Pool {
    points: Vec<f64>,
}

impl Pool {
    fn new(x: &[f64], y: &[f64]) -> Result<Self, TransportError> {
        for (points, side) in [(x, Side::Source), (y, Side::Target)] {
            if points.is_empty() {
                return Err(TransportError::Empty { side });
            }
            check_finite(points, side)?;
        }
        Ok(Self::of_finite([x, y].concat()))
    }

    fn of_finite(mut points: Vec<f64>) -> Self {
        sort(&mut points);
        Self { points }
    }

    /// $W_p^p$ between the points with label 1, n of them, and those with label 0, m of them; other labels take no part.
    ///
    /// The pool is sorted, so there is nothing to sort: a running count for p = 1, a merge of two places otherwise.
    fn power(&self, labels: &[u8], n: usize, m: usize, exponent: Exponent) -> f64 {
        // In units of 1/(n m), of which each of the n points has m.
        let (of_one, of_zero) = (m as i64, n as i64);
        let whole = n as f64 * m as f64;
        if exponent == Exponent::One {
            let (mut sum, mut excess, mut last) = (0.0, 0_i64, self.points[0]);
            for (x, label) in self.points.iter().zip(labels) {
                sum += excess.unsigned_abs() as f64 * (x - last);
                last = *x;
                excess += match label {
                    0 => -of_zero,
                    1 => of_one,
                    _ => 0,
                };
            }
            return sum / whole;
        }
        let next = |label: u8, from: usize| {
            labels[from..].iter().position(|l| *l == label).map_or(labels.len(), |step| from + step)
        };
        let (mut i, mut j) = (next(1, 0), next(0, 0));
        let (mut left_one, mut left_zero) = (of_one, of_zero);
        let mut sum = 0.0;
        while i < labels.len() && j < labels.len() {
            let step = left_one.min(left_zero);
            sum += step as f64 * exponent.power((self.points[i] - self.points[j]).abs());
            left_one -= step;
            left_zero -= step;
            if left_one == 0 {
                (i, left_one) = (next(1, i + 1), of_one);
            }
            if left_zero == 0 {
                (j, left_zero) = (next(0, j + 1), of_zero);
            }
        }
        sum / whole
    }
}

/// Draws labels of which n are 1 and m are 0; the rest are 2.
struct Labels {
    order: Vec<u32>,
    n: usize,
    m: usize,
}

impl Labels {
    fn new(count: usize, n: usize, m: usize) -> Self {
        Self { order: (0..count as u32).collect(), n, m }
    }

    /// The first steps of Fisher's and Yates' shuffle, continued from the last.
    fn draw<R: rand::Rng + ?Sized>(&mut self, rng: &mut R) -> Vec<u8> {
        use rand::RngExt;
        let count = self.order.len();
        let rest = if self.n + self.m == count { 0 } else { 2 };
        let drawn = if rest == 0 { self.n } else { self.n + self.m };
        let mut labels = vec![rest; count];
        for k in 0..drawn {
            let other = rng.random_range(k..count);
            self.order.swap(k, other);
            labels[self.order[k] as usize] = u8::from(k < self.n);
        }
        labels
    }
}

/// The normal quantile that leaves out (1 − level)/2 on each side.
fn two_sided(level: f64) -> Result<f64, TransportError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(TransportError::OutOfRange { what: "the level", range: "between 0 and 1", value: level });
    }
    let upper = 0.5 * (1.0 - level);
    Ok(normal_quantile(Level { lower: 1.0 - upper, upper }))
}

/// `Err` for fewer than `needed` of something that is counted.
fn at_least(
    what: &'static str,
    range: &'static str,
    count: usize,
    needed: usize,
) -> Result<(), TransportError> {
    if count >= needed {
        Ok(())
    } else {
        Err(TransportError::OutOfRange { what, range, value: count as f64 })
    }
}
