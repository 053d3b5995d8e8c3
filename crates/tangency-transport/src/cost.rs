//! What it costs to carry a unit of mass from one point to another.

use crate::error::{Side, TransportError};
use faer::{Mat, MatRef};

/// A cost of two points, computed from their coordinates.
#[derive(Clone, Copy)]
pub enum Metric<'a> {
    /// $\lVert x - y \rVert_2^2$: the least cost is $W_2^2$.
    SquaredEuclidean,
    /// $\lVert x - y \rVert_2$: the least cost is $W_1$.
    Euclidean,
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
    /// The metric of points, which are rows: n × d and m × d.
    Points {
        /// The sources' coordinates.
        sources: MatRef<'a, f64>,
        /// The targets' coordinates.
        targets: MatRef<'a, f64>,
        /// The cost of a pair.
        metric: Metric<'a>,
    },
}

impl<'a> From<MatRef<'a, f64>> for Cost<'a> {
    fn from(matrix: MatRef<'a, f64>) -> Self {
        Self::Matrix(matrix)
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
            Self::Points { sources, targets, .. } => (sources.nrows(), targets.nrows()),
        }
    }

    /// All costs, n × m.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for points of different dimensions, coordinates or costs that are not finite, and an exponent outside
    /// its range.
    pub fn to_matrix(&self) -> Result<Mat<f64>, TransportError> {
        let rows = Rows::new(self)?;
        let (n, m) = self.shape();
        let mut matrix = Mat::zeros(n, m);
        let mut row = vec![0.0; m];
        for i in 0..n {
            rows.fill(i, &mut row)?;
            for (j, &c) in row.iter().enumerate() {
                matrix[(i, j)] = c;
            }
        }
        Ok(matrix)
    }
}

/// The rows of a cost, ready to be computed one at a time into a buffer.
pub(crate) struct Rows<'a> {
    kind: Kind<'a>,
    targets: usize,
}

enum Kind<'a> {
    Matrix(MatRef<'a, f64>),
    /// Coordinates of the sources by row, of the targets by column (one coordinate of all targets after another), so that the
    /// inner loop runs over targets; for a user's function both by row.
    Points {
        sources: Vec<f64>,
        targets: Vec<f64>,
        dimension: usize,
        metric: Metric<'a>,
    },
}

impl<'a> Rows<'a> {
    pub(crate) fn new(cost: &Cost<'a>) -> Result<Self, TransportError> {
        match *cost {
            Cost::Matrix(matrix) => Ok(Self { kind: Kind::Matrix(matrix), targets: matrix.ncols() }),
            Cost::Points { sources: x, targets: y, metric } => {
                if x.ncols() != y.ncols() {
                    return Err(TransportError::Dimension { sources: x.ncols(), targets: y.ncols() });
                }
                if let Metric::Norm(p) = metric
                    && (p.is_nan() || p < 1.0)
                {
                    return Err(TransportError::OutOfRange {
                        what: "the exponent of the norm",
                        range: "at least 1",
                        value: p,
                    });
                }
                let cosine = matches!(metric, Metric::Cosine);
                let sources = coordinates(x, Side::Source, cosine)?;
                let mut targets = coordinates(y, Side::Target, cosine)?;
                let (m, d) = (y.nrows(), y.ncols());
                if !matches!(metric, Metric::Function(_)) {
                    targets = (0..m * d).map(|k| targets[(k % m) * d + k / m]).collect();
                }
                Ok(Self { kind: Kind::Points { sources, targets, dimension: d, metric }, targets: m })
            }
        }
    }

    /// The costs of source `i`.
    pub(crate) fn fill(&self, i: usize, row: &mut [f64]) -> Result<(), TransportError> {
        debug_assert_eq!(row.len(), self.targets);
        self.fill_part(i, 0, row);
        match row.iter().position(|c| !c.is_finite()) {
            None => Ok(()),
            Some(column) => Err(TransportError::Cost { row: i, column, value: row[column] }),
        }
    }

    /// The costs from source `i` to as many targets as `row` is long, from `first` on, unchecked.
    #[inline(always)]
    pub(crate) fn fill_part(&self, i: usize, first: usize, row: &mut [f64]) {
        match &self.kind {
            Kind::Matrix(matrix) => row.iter_mut().enumerate().for_each(|(j, c)| *c = matrix[(i, first + j)]),
            Kind::Points { sources, targets, dimension: d, metric } => {
                let x = &sources[i * d..(i + 1) * d];
                let part = first..first + row.len();
                let columns = || {
                    let columns = targets.chunks_exact(self.targets.max(1));
                    x.iter().zip(columns.map(|column| &column[part.clone()]))
                };
                match *metric {
                    Metric::SquaredEuclidean | Metric::Euclidean | Metric::Norm(2.0) => {
                        row.fill(0.0);
                        for (x, column) in columns() {
                            add_squares(row, *x, column);
                        }
                        if !matches!(metric, Metric::SquaredEuclidean) {
                            for c in row {
                                *c = c.sqrt();
                            }
                        }
                    }
                    #[allow(
                        clippy::float_cmp,
                        reason = "the exponent is one of two that have a form of their own"
                    )]
                    Metric::Norm(p) => {
                        row.fill(0.0);
                        for (x, column) in columns() {
                            let pairs = row.iter_mut().zip(column);
                            if p == 1.0 {
                                pairs.for_each(|(c, y)| *c += (x - y).abs());
                            } else if p == f64::INFINITY {
                                pairs.for_each(|(c, y)| *c = c.max((x - y).abs()));
                            } else {
                                pairs.for_each(|(c, y)| *c += (x - y).abs().powf(p));
                            }
                        }
                        if p != 1.0 && p != f64::INFINITY {
                            for c in row {
                                *c = c.powf(1.0 / p);
                            }
                        }
                    }
                    // Of unit vectors 1 − x·y is half the squared distance, which does not cancel for close ones.
                    Metric::Cosine => {
                        row.fill(0.0);
                        for (x, column) in columns() {
                            add_squares(row, *x, column);
                        }
                        for c in row {
                            *c *= 0.5;
                        }
                    }
                    Metric::Function(function) => {
                        for (j, c) in row.iter_mut().enumerate() {
                            let j = first + j;
                            *c = function(x, &targets[j * d..(j + 1) * d]);
                        }
                    }
                }
            }
        }
    }
}

/// Adds $(x - y_j)^2$ to each element.
#[inline(always)]
fn add_squares(row: &mut [f64], x: f64, column: &[f64]) {
    for (c, y) in row.iter_mut().zip(column) {
        *c += (x - y) * (x - y);
    }
}

/// Coordinates by row, checked; each row of unit length if asked for.
fn coordinates(points: MatRef<'_, f64>, side: Side, unit: bool) -> Result<Vec<f64>, TransportError> {
    let (n, d) = (points.nrows(), points.ncols());
    let mut rows = Vec::with_capacity(n * d);
    for i in 0..n {
        for k in 0..d {
            let value = points[(i, k)];
            if !value.is_finite() {
                return Err(TransportError::Coordinate { side, row: i, column: k, value });
            }
            rows.push(value);
        }
        if unit {
            let row = &mut rows[i * d..];
            // Over the largest first: squares of very large or small coordinates have no room.
            let largest = row.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            if largest == 0.0 {
                return Err(TransportError::NoDirection { side, row: i });
            }
            for x in row.iter_mut() {
                *x /= largest;
            }
            let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            for x in row {
                *x /= norm;
            }
        }
    }
    Ok(rows)
}
