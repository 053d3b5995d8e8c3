//! What it costs to carry a unit of mass from one point to another.

use crate::arcs::Arcs;
use crate::error::TransportError;
use crate::rows::Rows;
use faer::{Mat, MatRef};

/// A cost of two points, computed from their coordinates.
#[derive(Clone, Copy)]
pub enum Metric<'a> {
    /// $\lVert x - y \rVert_2^2$: the least cost is $W_2^2$.
    SquaredEuclidean,
    /// $\lVert x - y \rVert_2$: the least cost is $W_1$.
    Euclidean,
    /// $\lVert x - y \rVert_2^p$ for $p > 0$: the least cost is $W_p^p$ if $p \ge 1$.
    EuclideanPower(f64),
    /// $\lVert x - y \rVert_p$ for $1 \le p \le \infty$; 1 is the sum of the absolute differences, infinity the largest of them.
    Norm(f64),
    /// $1 - \cos(x, y)$, from 0 to 2. It is no distance, and a point at the origin has none.
    Cosine,
    /// A function of the two rows of coordinates.
    Function(&'a (dyn Fn(&[f64], &[f64]) -> f64 + Sync)),
}

impl std::fmt::Debug for Metric<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SquaredEuclidean => formatter.write_str("SquaredEuclidean"),
            Self::Euclidean => formatter.write_str("Euclidean"),
            Self::EuclideanPower(p) => formatter.debug_tuple("EuclideanPower").field(p).finish(),
            Self::Norm(p) => formatter.debug_tuple("Norm").field(p).finish(),
            Self::Cosine => formatter.write_str("Cosine"),
            Self::Function(_) => formatter.write_str("Function(..)"),
        }
    }
}

/// The cost $c_{ij}$ of a unit of mass from source $i$ to target $j$.
///
/// A matrix is read in place. Costs of points are computed when they are needed, so that memory grows with the number of points
/// and not with that of pairs.
///
/// # Example: the same costs, with and without a matrix
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Cost, Metric};
///
/// let (x, y) = (mat![[0.0, 0.0], [3.0, 0.0]], mat![[0.0, 4.0]]);
/// let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean);
/// assert_eq!(cost.to_matrix()?, mat![[4.0], [5.0]]);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Cost<'a> {
    /// A matrix, n × m: a row for each source and a column for each target.
    Matrix(MatRef<'a, f64>),
    /// The same in single precision. Its numbers are taken as they are, and all sums are in double precision.
    Single(MatRef<'a, f32>),
    /// The metric of points, which are rows: n × d and m × d.
    Points {
        /// The sources' coordinates.
        sources: MatRef<'a, f64>,
        /// The targets' coordinates.
        targets: MatRef<'a, f64>,
        /// The cost of a pair.
        metric: Metric<'a>,
    },
    /// Some pairs alone; mass may not go between the others.
    Arcs(&'a Arcs),
}

impl<'a> From<MatRef<'a, f64>> for Cost<'a> {
    fn from(matrix: MatRef<'a, f64>) -> Self {
        Self::Matrix(matrix)
    }
}

impl<'a> From<&'a Mat<f64>> for Cost<'a> {
    fn from(matrix: &'a Mat<f64>) -> Self {
        Self::Matrix(matrix.as_ref())
    }
}

impl<'a> From<MatRef<'a, f32>> for Cost<'a> {
    fn from(matrix: MatRef<'a, f32>) -> Self {
        Self::Single(matrix)
    }
}

impl<'a> From<&'a Arcs> for Cost<'a> {
    fn from(arcs: &'a Arcs) -> Self {
        Self::Arcs(arcs)
    }
}

impl<'a> Cost<'a> {
    /// The metric of points, which are rows.
    pub fn points(sources: MatRef<'a, f64>, targets: MatRef<'a, f64>, metric: Metric<'a>) -> Self {
        Self::Points { sources, targets, metric }
    }

    /// Numbers of sources and targets.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::Matrix(matrix) => (matrix.nrows(), matrix.ncols()),
            Self::Single(matrix) => (matrix.nrows(), matrix.ncols()),
            Self::Points { sources, targets, .. } => (sources.nrows(), targets.nrows()),
            Self::Arcs(arcs) => arcs.shape(),
        }
    }

    /// All costs, n × m; pairs without an arc have infinity.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for points of different dimensions, coordinates or costs that are not finite, and an exponent outside
    /// its range.
    pub fn to_matrix(&self) -> Result<Mat<f64>, TransportError> {
        let (n, m) = self.shape();
        if let Self::Arcs(arcs) = self {
            return Ok(Mat::from_fn(n, m, |i, j| arcs.entry(i, j).unwrap_or(f64::INFINITY)));
        }
        let (rows, turned) = Rows::new(self)?;
        let mut matrix = Mat::zeros(n, m);
        let mut buffer = rows.buffer();
        for i in 0..rows.len() {
            for (j, &c) in rows.checked(i, turned, &mut buffer)?.iter().enumerate() {
                matrix[if turned { (j, i) } else { (i, j) }] = c;
            }
        }
        Ok(matrix)
    }
}
