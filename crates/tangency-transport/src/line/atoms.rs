//! Points on the line with weights.

use super::masses::total;
use crate::error::{Side, TransportError};

/// Points on the line in any order, with weights if wanted.
///
/// Without weights each of n points has the mass 1/n. Slices, arrays and vectors of `f64` convert into it by reference.
///
/// # Example: a die that prefers the six
///
/// ```
/// use tangency_transport::Atoms;
///
/// let faces = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let fair = Atoms::from(&faces);
/// let loaded = fair.weighted(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.5]);
/// assert_eq!((fair.weights(), loaded.len()), (None, 6));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atoms<'a> {
    points: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl<'a> Atoms<'a> {
    /// The same points with these weights, one for each: finite, not negative and not all zero.
    pub fn weighted(self, weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// The points.
    pub fn points(&self) -> &'a [f64] {
        self.points
    }

    /// The weights, if there are any.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Refuses what is no distribution; gives the total mass.
    pub(crate) fn check(&self, side: Side) -> Result<f64, TransportError> {
        if self.points.is_empty() {
            return Err(TransportError::Empty { side });
        }
        check_finite(self.points, side)?;
        let Some(weights) = self.weights else { return Ok(1.0) };
        if weights.len() != self.points.len() {
            let what = match side {
                Side::Source => "the weights of the source",
                Side::Target => "the weights of the target",
            };
            return Err(TransportError::Length { what, expected: self.points.len(), got: weights.len() });
        }
        total(weights, side)
    }
}

impl<'a> From<&'a [f64]> for Atoms<'a> {
    fn from(points: &'a [f64]) -> Self {
        Self { points, weights: None }
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for Atoms<'a> {
    fn from(points: &'a [f64; N]) -> Self {
        Self { points, weights: None }
    }
}

impl<'a> From<&'a Vec<f64>> for Atoms<'a> {
    fn from(points: &'a Vec<f64>) -> Self {
        Self { points, weights: None }
    }
}

/// `Err` for a point that is NaN or infinite.
pub(crate) fn check_finite(points: &[f64], side: Side) -> Result<(), TransportError> {
    match points.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(row) => Err(TransportError::Coordinate { side, row, column: 0, value: points[row] }),
    }
}
