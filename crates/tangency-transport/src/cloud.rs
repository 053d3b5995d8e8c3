//! Points of any dimension with weights.

use faer::{Mat, MatRef};

/// Points as rows, n × d, with weights if wanted.
///
/// What [`Atoms`](crate::Atoms) are on the line: without weights each of n points has the mass 1/n, and matrices convert into it by
/// reference.
///
/// # Example: three corners, one of which counts twice
///
/// ```
/// use faer::mat;
/// use tangency_transport::PointCloud;
///
/// let corners = mat![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
/// let cloud = PointCloud::from(&corners).weighted(&[0.5, 0.25, 0.25]);
/// assert_eq!((cloud.points().nrows(), cloud.weights().map(<[f64]>::len)), (3, Some(3)));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PointCloud<'a> {
    points: MatRef<'a, f64>,
    weights: Option<&'a [f64]>,
}

impl<'a> PointCloud<'a> {
    /// The same points with these weights, one for each: finite, not negative and not all zero.
    pub fn weighted(self, weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// The points.
    pub fn points(&self) -> MatRef<'a, f64> {
        self.points
    }

    /// The weights, if there are any.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }
}

impl<'a> From<MatRef<'a, f64>> for PointCloud<'a> {
    fn from(points: MatRef<'a, f64>) -> Self {
        Self { points, weights: None }
    }
}

impl<'a> From<&'a Mat<f64>> for PointCloud<'a> {
    fn from(points: &'a Mat<f64>) -> Self {
        points.as_ref().into()
    }
}
