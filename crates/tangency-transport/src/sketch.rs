//! Mergeable summaries of data on the line.

use crate::error::{Side, TransportError};
use crate::line::{Atoms, Exponent, QuantileFunction, root_of};
use crate::sum::Sum;
use std::collections::BTreeMap;

/// How the line is divided into cells.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SketchGrid {
    /// Cells whose half width is at most $2^{-b-1}$ of the numbers in them: those floating-point numbers that share sign,
    /// exponent and the first b bits of the mantissa. b from 0 to 30; 6 gives 0.8 %, and 64 cells for every factor of two.
    Relative {
        /// b.
        bits: u32,
    },
    /// Cells of one width, of which one begins at zero: for data of known range, and where small numbers do not matter.
    Fixed {
        /// The width, positive and finite.
        width: f64,
    },
}

/// A summary of numbers: how many lie in each cell of a grid. It can be merged, and bounds its own error in $W_p$.
///
/// Data larger than memory, or in many places, are summarised part by part; the parts are merged in any order, with exactly
/// the same result, since all that is added are whole numbers. Two summaries are compared by [`wasserstein_sketches`], with
/// an interval that holds the $W_p$ of the data themselves.
///
/// Every number counts as the middle of its cell. Moving it there costs at most half of the cell's width, so the distance of the
/// data to their summary is at most
///
/// $$ W_p \le \left( \frac 1 n \sum_c n_c (w_c / 2)^p \right)^{1/p} , $$
///
/// which is [`error`](Self::error): a part $2^{-b-1}$ of $\lVert X \rVert_p$ on the relative grid, half a width on the fixed
/// one. Sketches of ranks, as KLL and t-digest, have no such bound: a small error of rank far out is a large error of length.
/// The relative grid has the guarantee of DDSketch, with cells that are linear within every factor of two, so that a cell is
/// found from the bits of the number, without a logarithm whose rounding differs between machines.
///
/// Memory grows with the logarithm of the range: about 64 cells of 16 bytes for each factor of two at b = 6.
///
/// # Example: two shards
///
/// ```
/// use tangency_transport::{Sketch, SketchGrid, wasserstein_sketches};
///
/// let grid = SketchGrid::Relative { bits: 7 };
/// let (mut day, mut night, mut other) = (Sketch::new(grid)?, Sketch::new(grid)?, Sketch::new(grid)?);
/// day.extend(&[1.0, 2.0, 4.0])?;
/// night.extend(&[8.0])?;
/// other.extend(&[3.0, 4.0, 6.0, 10.0])?;
/// day.merge(&night)?;
/// let found = wasserstein_sketches(&day, &other, 1.0)?;
/// assert!(found.lower <= 2.0 && 2.0 <= found.upper && found.upper - found.lower < 0.1);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - C. Masson, J. E. Rim, H. K. Lee, *DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees*,
///   Proceedings of the VLDB Endowment 12 (2019) 2195-2205.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SavedSketch"))]
pub struct Sketch {
    grid: SketchGrid,
    /// The number of data in each cell that has any.
    counts: BTreeMap<i64, u64>,
}

/// What was saved, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct SavedSketch {
    grid: SketchGrid,
    counts: BTreeMap<i64, u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<SavedSketch> for Sketch {
    type Error = TransportError;

    fn try_from(saved: SavedSketch) -> Result<Self, TransportError> {
        let largest = match saved.grid {
            // The cell of the largest number.
            SketchGrid::Relative { bits } => (f64::MAX.to_bits() >> (52 - bits.min(30))) as i64 + 1,
            SketchGrid::Fixed { .. } => 1 << 52,
        };
        let found = Self { counts: saved.counts, ..Self::new(saved.grid)? };
        match found.counts.keys().find(|key| !(-largest..largest).contains(*key)) {
            None => Ok(found),
            Some(key) => {
                let (what, range) = ("the number of a cell", "that of a finite number");
                Err(TransportError::OutOfRange { what, range, value: *key as f64 })
            }
        }
    }
}

/// The distance of two summaries, and what it says of that of the data.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SketchDistance {
    /// $W_p$ of the summaries.
    pub value: f64,
    /// $W_p$ of the data is not less.
    pub lower: f64,
    /// $W_p$ of the data is not more.
    pub upper: f64,
}

impl Sketch {
    /// An empty summary.
    ///
    /// # Errors
    ///
    /// [`TransportError::OutOfRange`] for more than 30 bits, or a width that is not positive and finite.
    pub fn new(grid: SketchGrid) -> Result<Self, TransportError> {
        match grid {
            SketchGrid::Relative { bits } if bits > 30 => {
                let value = f64::from(bits);
                Err(TransportError::OutOfRange {
                    what: "the bits of the relative grid",
                    range: "from 0 to 30",
                    value,
                })
            }
            SketchGrid::Fixed { width } if !(width > 0.0 && width.is_finite()) => {
                Err(TransportError::OutOfRange {
                    what: "the width of the grid",
                    range: "positive and finite",
                    value: width,
                })
            }
            _ => Ok(Self { grid, counts: BTreeMap::new() }),
        }
    }

    /// The grid.
    pub fn grid(&self) -> SketchGrid {
        self.grid
    }

    /// The number of data.
    pub fn count(&self) -> u64 {
        self.counts.values().fold(0, |sum, c| sum.saturating_add(*c))
    }

    /// The number of cells that have data.
    pub fn cells(&self) -> usize {
        self.counts.len()
    }

    /// Adds numbers; if one of them is refused, none is added.
    ///
    /// # Errors
    ///
    /// [`TransportError::Coordinate`] for a number that is NaN or infinite, or farther from zero than 2⁵² widths of a fixed grid.
    pub fn extend(&mut self, numbers: &[f64]) -> Result<(), TransportError> {
        let fits = |x: f64| match self.grid {
            SketchGrid::Relative { .. } => x.is_finite(),
            // Also false for NaN.
            SketchGrid::Fixed { width } => (x / width).abs() < (1_u64 << 52) as f64,
        };
        if let Some(row) = numbers.iter().position(|x| !fits(*x)) {
            return Err(TransportError::Coordinate {
                side: Side::Source,
                row,
                column: 0,
                value: numbers[row],
            });
        }
        // Neighbours in a stream often share a cell.
        let mut run: Option<(i64, u64)> = None;
        for x in numbers {
            let key = self.key(*x);
            match &mut run {
                Some((last, count)) if *last == key => *count += 1,
                _ => {
                    if let Some((last, count)) = run {
                        self.add(last, count);
                    }
                    run = Some((key, 1));
                }
            }
        }
        if let Some((last, count)) = run {
            self.add(last, count);
        }
        Ok(())
    }

    /// Adds all data of another summary. Associative and commutative, exactly.
    ///
    /// # Errors
    ///
    /// [`TransportError::OutOfRange`] if the grids differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), TransportError> {
        if self.grid != other.grid {
            let value = match other.grid {
                SketchGrid::Relative { bits } => f64::from(bits),
                SketchGrid::Fixed { width } => width,
            };
            return Err(TransportError::OutOfRange {
                what: "the grid of the other summary",
                range: "the same",
                value,
            });
        }
        for (key, count) in &other.counts {
            self.add(*key, *count);
        }
        Ok(())
    }

    /// A bound on $W_p$ between the data and [`quantiles`](Self::quantiles), for p from 1 to infinity.
    ///
    /// # Errors
    ///
    /// [`TransportError::OutOfRange`] for p, [`TransportError::Empty`] for no data.
    pub fn error(&self, p: f64) -> Result<f64, TransportError> {
        let exponent = Exponent::new(p)?;
        if self.counts.is_empty() {
            return Err(TransportError::Empty { side: Side::Source });
        }
        let total = self.count() as f64;
        // In units of the widest cell: powers of small widths vanish.
        let radius = |key: i64| self.radius(key);
        let widest = self.counts.keys().map(|key| radius(*key)).fold(0.0, f64::max);
        if exponent == Exponent::Infinite || widest <= 0.0 {
            return Ok(widest);
        }
        let mut sum = Sum::default();
        for (key, count) in &self.counts {
            sum.add_product(*count as f64 / total, exponent.power(radius(*key) / widest));
        }
        Ok(widest * root_of(sum.value(), exponent) * (1.0 + 1e-14))
    }

    /// The data, each at the middle of its cell.
    ///
    /// # Errors
    ///
    /// [`TransportError::Empty`] for no data.
    pub fn quantiles(&self) -> Result<QuantileFunction, TransportError> {
        let points: Vec<f64> = self.counts.keys().map(|key| self.middle(*key)).collect();
        let weights: Vec<f64> = self.counts.values().map(|count| *count as f64).collect();
        let mut found = QuantileFunction::of(Atoms::from(&points).weighted(&weights), Side::Source)?;
        found.mass = 1.0;
        Ok(found)
    }

    fn add(&mut self, key: i64, count: u64) {
        let cell = self.counts.entry(key).or_insert(0);
        *cell = cell.saturating_add(count);
    }

    /// The number of the cell of x, increasing with x.
    fn key(&self, x: f64) -> i64 {
        match self.grid {
            SketchGrid::Relative { bits } => {
                // The bits of numbers of one sign are ordered as the numbers are; both zeros are in the first positive cell.
                let cell = ((x.abs()).to_bits() >> (52 - bits)) as i64;
                if x < 0.0 { -1 - cell } else { cell }
            }
            SketchGrid::Fixed { width } => (x / width).floor() as i64,
        }
    }

    /// The ends of a cell.
    fn ends(&self, key: i64) -> (f64, f64) {
        match self.grid {
            SketchGrid::Relative { bits } => {
                let cell = if key < 0 { -1 - key } else { key } as u64;
                let from = f64::from_bits(cell << (52 - bits));
                let to = f64::from_bits((cell + 1) << (52 - bits)).min(f64::MAX);
                if key < 0 { (-to, -from) } else { (from, to) }
            }
            SketchGrid::Fixed { width } => (key as f64 * width, (key + 1) as f64 * width),
        }
    }

    fn middle(&self, key: i64) -> f64 {
        let (from, to) = self.ends(key);
        from + 0.5 * (to - from)
    }

    /// How far a number of the cell may be from its middle, with the rounding of the fixed grid's quotient.
    fn radius(&self, key: i64) -> f64 {
        let (from, to) = self.ends(key);
        let slack = match self.grid {
            SketchGrid::Relative { .. } => 0.0,
            SketchGrid::Fixed { .. } => 2.0 * f64::EPSILON * from.abs().max(to.abs()),
        };
        0.5 * (to - from) + slack
    }
}

/// $W_p$ of the data of two summaries, from p = 1 to infinity, as an interval that is certain to hold it.
///
/// By the triangle inequality the distance of the data differs from that of the summaries by no more than the sum of both
/// [errors](Sketch::error). The grids may differ. Costs O(cells).
///
/// # Errors
///
/// [`TransportError::OutOfRange`] for p, [`TransportError::Empty`] for a summary without data.
///
/// # Example
///
/// See [`Sketch`].
pub fn wasserstein_sketches(one: &Sketch, other: &Sketch, p: f64) -> Result<SketchDistance, TransportError> {
    let value = one.quantiles()?.distance(&other.quantiles()?, p)?;
    let error = (one.error(p)? + other.error(p)?) * (1.0 + 1e-14) + 1e-13 * value;
    Ok(SketchDistance { value, lower: (value - error).max(0.0), upper: value + error })
}
