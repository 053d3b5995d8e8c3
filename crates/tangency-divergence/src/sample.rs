//! Points with weights, as every estimator takes them.

use crate::error::{SampleError, Side};
use faer::MatRef;

/// A sample: n points in d dimensions as the rows of an n × d matrix, with a weight for each if wanted.
///
/// Weights are relative: only their ratios matter. Without them all points count the same. An estimator that has no
/// use for weights refuses them.
///
/// # Example: from a matrix, from a slice, and with weights
///
/// ```
/// use tangency_divergence::Sample;
///
/// let plane = faer::mat![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]];
/// let sample = Sample::from(plane.as_ref());
/// assert_eq!((sample.len(), sample.dimension()), (3, 2));
/// let line = Sample::from(&[0.5, 1.5][..]); // two points on the line
/// assert_eq!(line.weighted(&[1.0, 3.0]).dimension(), 1);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    points: MatRef<'a, f64>,
    weights: Option<&'a [f64]>,
}

impl<'a> Sample<'a> {
    /// The same points with these weights, one for each: not negative, and not all zero.
    pub fn weighted(self, weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// The points, one in each row.
    pub fn points(&self) -> MatRef<'a, f64> {
        self.points
    }

    /// The weights, if there are any.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.points.nrows()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.points.nrows() == 0
    }

    /// The number of coordinates of a point.
    pub fn dimension(&self) -> usize {
        self.points.ncols()
    }

    /// Checks the sample and copies it into rows that lie one after another.
    pub(crate) fn read(self, side: Side) -> Result<Points, SampleError> {
        let (rows, dimension) = (self.points.nrows(), self.points.ncols());
        if rows == 0 {
            return Err(SampleError::TooFew { side, points: 0, needed: 1 });
        }
        if dimension == 0 {
            return Err(SampleError::NoCoordinates { side });
        }
        let mut data = vec![0.0; rows * dimension];
        for column in 0..dimension {
            for row in 0..rows {
                let value = self.points[(row, column)];
                if !value.is_finite() {
                    return Err(SampleError::NotFinite { side, row, column, value });
                }
                data[row * dimension + column] = value;
            }
        }
        let weights = self.weights.map(|weights| normalised(weights, rows, side)).transpose()?;
        Ok(Points { data, rows, dimension, weights })
    }

    /// As [`read`](Self::read), for a method without weights.
    pub(crate) fn read_unweighted(self, side: Side) -> Result<Points, SampleError> {
        if self.weights.is_some() {
            return Err(SampleError::WeightsNotAllowed { side });
        }
        self.read(side)
    }
}

/// Reads two samples that are to be compared, and checks that their dimensions agree.
pub(crate) fn read_pair(p: Sample<'_>, q: Sample<'_>) -> Result<(Points, Points), SampleError> {
    let (p, q) = (p.read(Side::P)?, q.read(Side::Q)?);
    if p.dimension != q.dimension {
        return Err(SampleError::DimensionMismatch { p: p.dimension, q: q.dimension });
    }
    Ok((p, q))
}

/// The weights divided by their sum.
fn normalised(weights: &[f64], rows: usize, side: Side) -> Result<Vec<f64>, SampleError> {
    if weights.len() != rows {
        return Err(SampleError::WeightCount { side, points: rows, weights: weights.len() });
    }
    if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(SampleError::Weight { side, row, value: weights[row] });
    }
    // Division by the largest first: the sum of large weights must not overflow.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(SampleError::NoWeight { side });
    }
    let total: f64 = weights.iter().map(|w| w / largest).sum();
    Ok(weights.iter().map(|w| w / largest / total).collect())
}

impl<'a> From<MatRef<'a, f64>> for Sample<'a> {
    fn from(points: MatRef<'a, f64>) -> Self {
        Self { points, weights: None }
    }
}

/// Points on the line.
impl<'a> From<&'a [f64]> for Sample<'a> {
    fn from(points: &'a [f64]) -> Self {
        Self { points: MatRef::from_column_major_slice(points, points.len(), 1), weights: None }
    }
}

/// A sample that was checked: finite coordinates, one row after another; weights sum to one.
#[derive(Debug, Clone)]
pub(crate) struct Points {
    pub(crate) data: Vec<f64>,
    pub(crate) rows: usize,
    pub(crate) dimension: usize,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Points {
    /// The coordinates of one point.
    pub(crate) fn row(&self, index: usize) -> &[f64] {
        &self.data[index * self.dimension..(index + 1) * self.dimension]
    }

    /// The points with their weights, for a function that takes samples.
    pub(crate) fn as_sample(&self) -> Sample<'_> {
        let points = MatRef::from_row_major_slice(&self.data, self.rows, self.dimension);
        Sample { points, weights: self.weights.as_deref() }
    }

    /// The weight of one point; all of them sum to one.
    pub(crate) fn weight(&self, index: usize) -> f64 {
        self.weights.as_ref().map_or(1.0 / self.rows as f64, |weights| weights[index])
    }

    /// Refuses samples that are too small for a method.
    pub(crate) fn at_least(&self, needed: usize, side: Side) -> Result<(), SampleError> {
        if self.rows < needed {
            return Err(SampleError::TooFew { side, points: self.rows, needed });
        }
        Ok(())
    }
}
