//! The rows of a cost, in place where they lie in one piece, or computed one at a time.

use crate::cost::{Cost, Metric};
use crate::error::{Side, TransportError};
use crate::points::{Form, Points};
use faer::MatRef;

/// The largest cost: differences and sums of a few must not overflow.
const LARGEST_COST: f64 = 1e300;

/// Whether a number can be a cost.
#[inline(always)]
pub(crate) fn is_cost(c: f64) -> bool {
    c.abs() <= LARGEST_COST
}

/// A function of two points.
type Function<'a> = &'a (dyn Fn(&[f64], &[f64]) -> f64 + Sync);

/// The rows of a dense cost.
pub(crate) enum Rows<'a> {
    /// Slices of a matrix; the number is that of the columns.
    Double(Vec<&'a [f64]>, usize),
    /// A matrix whose rows and columns are both scattered is copied.
    Copied(Vec<f64>, usize),
    Single(Vec<&'a [f32]>, usize),
    Points(Points<f64>),
    Function {
        sources: Vec<f64>,
        targets: Vec<f64>,
        dimension: usize,
        count: usize,
        function: Function<'a>,
    },
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Rows({} x {})", self.len(), self.columns())
    }
}

impl<'a> Rows<'a> {
    /// The rows of a cost that is not given by arcs, and whether they are its columns: a matrix whose columns lie in one piece
    /// is turned over.
    pub(crate) fn new(cost: &Cost<'a>) -> Result<(Self, bool), TransportError> {
        match *cost {
            Cost::Matrix(matrix) => Ok(if let Some(rows) = slices(matrix.transpose()) {
                (Self::Double(rows, matrix.ncols()), false)
            } else if let Some(columns) = slices(matrix) {
                (Self::Double(columns, matrix.nrows()), true)
            } else {
                let (n, m) = (matrix.nrows(), matrix.ncols());
                let all = (0..n).flat_map(|i| (0..m).map(move |j| matrix[(i, j)])).collect();
                (Self::Copied(all, m), false)
            }),
            Cost::Single(matrix) => Ok(if let Some(rows) = slices(matrix.transpose()) {
                (Self::Single(rows, matrix.ncols()), false)
            } else if let Some(columns) = slices(matrix) {
                (Self::Single(columns, matrix.nrows()), true)
            } else {
                let (n, m) = (matrix.nrows(), matrix.ncols());
                let all = (0..n).flat_map(|i| (0..m).map(move |j| f64::from(matrix[(i, j)]))).collect();
                (Self::Copied(all, m), false)
            }),
            Cost::Points { sources, targets, metric } => {
                Ok((Self::of_points(sources, targets, metric)?, false))
            }
            Cost::Arcs(arcs) => {
                // Callers handle arcs before they ask for rows; a dense reading is the honest answer all the same.
                let (n, m) = arcs.shape();
                let all = (0..n).flat_map(|i| (0..m).map(move |j| arcs.entry(i, j).unwrap_or(f64::INFINITY)));
                Ok((Self::Copied(all.collect(), m), false))
            }
        }
    }

    /// The costs of points, by rows of the sources.
    pub(crate) fn of_points(
        x: MatRef<'a, f64>,
        y: MatRef<'a, f64>,
        metric: Metric<'a>,
    ) -> Result<Self, TransportError> {
        if x.ncols() != y.ncols() {
            return Err(TransportError::Dimension { sources: x.ncols(), targets: y.ncols() });
        }
        let form = match metric {
            Metric::SquaredEuclidean | Metric::EuclideanPower(2.0) => Form::Squares(1.0),
            Metric::Euclidean | Metric::Norm(2.0) => Form::Length(1.0),
            Metric::EuclideanPower(p) if p > 0.0 && p.is_finite() => Form::Length(p),
            Metric::EuclideanPower(value) => {
                return Err(TransportError::OutOfRange {
                    what: "the power of the distance",
                    range: "positive and finite",
                    value,
                });
            }
            Metric::Norm(1.0) => Form::Absolute,
            Metric::Norm(f64::INFINITY) => Form::Largest,
            Metric::Norm(p) if p >= 1.0 => Form::Norm(p),
            Metric::Norm(value) => {
                return Err(TransportError::OutOfRange {
                    what: "the exponent of the norm",
                    range: "at least 1",
                    value,
                });
            }
            // Of unit vectors 1 − x·y is half the squared distance, which does not cancel for close ones.
            Metric::Cosine => Form::Squares(0.5),
            Metric::Function(function) => {
                return Ok(Self::Function {
                    sources: coordinates(x, Side::Source, false)?,
                    targets: coordinates(y, Side::Target, false)?,
                    dimension: x.ncols(),
                    count: y.nrows(),
                    function,
                });
            }
        };
        let unit = matches!(metric, Metric::Cosine);
        let targets = coordinates(y, Side::Target, unit)?;
        let (m, d) = (y.nrows(), y.ncols());
        Ok(Self::Points(Points {
            sources: coordinates(x, Side::Source, unit)?,
            targets: (0..m * d).map(|k| targets[(k % m) * d + k / m]).collect(),
            dimension: d,
            count: m,
            form,
        }))
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Double(rows, _) => rows.len(),
            Self::Copied(all, columns) => all.len() / (*columns).max(1),
            Self::Single(rows, _) => rows.len(),
            Self::Points(points) => points.sources.len() / points.dimension.max(1),
            Self::Function { sources, dimension, .. } => sources.len() / (*dimension).max(1),
        }
    }

    /// The length of a row.
    pub(crate) fn columns(&self) -> usize {
        match self {
            Self::Double(_, columns) | Self::Copied(_, columns) | Self::Single(_, columns) => *columns,
            Self::Points(points) => points.count,
            Self::Function { count, .. } => *count,
        }
    }

    /// Whether the costs lie in memory.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self, Self::Double(..) | Self::Copied(..) | Self::Single(..))
    }

    /// Whether a row is a slice of memory, and needs no buffer.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(self, Self::Double(..) | Self::Copied(..))
    }

    /// A buffer for a row.
    pub(crate) fn buffer(&self) -> Vec<f64> {
        vec![0.0; if self.is_in_place() { 0 } else { self.columns() }]
    }

    /// Row `i`, in `buffer` if it has to be computed.
    pub(crate) fn row<'b>(&'b self, i: usize, buffer: &'b mut [f64]) -> &'b [f64] {
        match self {
            Self::Double(rows, _) => return rows[i],
            Self::Copied(all, columns) => return &all[i * columns..(i + 1) * columns],
            Self::Single(rows, _) => {
                buffer.iter_mut().zip(rows[i]).for_each(|(to, &from)| *to = f64::from(from));
            }
            Self::Points(points) => points.row(i, buffer),
            Self::Function { sources, targets, dimension: d, function, .. } => {
                let x = &sources[i * d..(i + 1) * d];
                for (j, c) in buffer.iter_mut().enumerate() {
                    *c = function(x, &targets[j * d..(j + 1) * d]);
                }
            }
        }
        buffer
    }

    /// Row `i`, all of whose costs are finite; the error names the pair as the problem was given.
    pub(crate) fn checked<'b>(
        &'b self,
        i: usize,
        turned: bool,
        buffer: &'b mut [f64],
    ) -> Result<&'b [f64], TransportError> {
        let row = self.row(i, buffer);
        match row.iter().position(|&c| !is_cost(c)) {
            None => Ok(row),
            Some(j) => {
                let (row_index, column) = if turned { (j, i) } else { (i, j) };
                Err(TransportError::Cost { row: row_index, column, value: row[j] })
            }
        }
    }

    /// One cost, the same bits as in its row.
    pub(crate) fn entry(&self, i: usize, j: usize) -> f64 {
        match self {
            Self::Double(rows, _) => rows[i][j],
            Self::Copied(all, columns) => all[i * columns + j],
            Self::Single(rows, _) => f64::from(rows[i][j]),
            Self::Points(points) => points.entry(i, j),
            Self::Function { sources, targets, dimension: d, function, .. } => {
                function(&sources[i * d..(i + 1) * d], &targets[j * d..(j + 1) * d])
            }
        }
    }
}

/// The columns of a matrix, if each lies in one piece.
#[allow(clippy::redundant_closure_for_method_calls, reason = "the method's own type is not exported")]
pub(crate) fn slices<T>(matrix: MatRef<'_, T>) -> Option<Vec<&[T]>> {
    matrix.try_as_col_major()?;
    (0..matrix.ncols()).map(|j| matrix.col(j).try_as_col_major().map(|column| column.as_slice())).collect()
}

/// Coordinates by row, checked; each row of unit length if asked for.
pub(crate) fn coordinates(
    points: MatRef<'_, f64>,
    side: Side,
    unit: bool,
) -> Result<Vec<f64>, TransportError> {
    let (n, d) = (points.nrows(), points.ncols());
    if d == 0 {
        return Err(TransportError::NoCoordinates { side });
    }
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
