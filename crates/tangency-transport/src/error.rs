//! What can be wrong with a transport problem.

use crate::farkas::FarkasVector;
use tangency_law::LawError;

/// Which of the two distributions of mass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first, with weights $a$: the rows of the cost matrix.
    Source,
    /// The second, with weights $b$: the columns of the cost matrix.
    Target,
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Why a transport problem has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The cost matrix does not have a row for each source and a column for each target.
    #[error("the cost matrix must be {sources} x {targets}, and it is {rows} x {columns}")]
    CostShape {
        /// Number of source weights.
        sources: usize,
        /// Number of target weights.
        targets: usize,
        /// Rows given.
        rows: usize,
        /// Columns given.
        columns: usize,
    },
    /// There are no points on one side.
    #[error("the {side} has no points")]
    Empty {
        /// Which side.
        side: Side,
    },
    /// A weight is negative, NaN or infinite.
    #[error("weight {index} of the {side} must be finite and not negative, and it is {value}")]
    Weight {
        /// Which side.
        side: Side,
        /// Index, from zero.
        index: usize,
        /// The weight.
        value: f64,
    },
    /// All weights of one side are zero, or their sum overflows.
    #[error("the weights of the {side} must have a positive finite sum, and it is {sum}")]
    NoMass {
        /// Which side.
        side: Side,
        /// The sum.
        sum: f64,
    },
    /// The two totals differ: no plan carries one into the other.
    #[error(
        "the total masses differ: {source_mass} and {target_mass}, by more than {tolerance:e} of the larger"
    )]
    MassMismatch {
        /// Sum of the source weights.
        source_mass: f64,
        /// Sum of the target weights.
        target_mass: f64,
        /// The relative difference that is allowed.
        tolerance: f64,
        /// The proof: 1 on the side with more mass, −1 on the other.
        farkas: Box<FarkasVector>,
    },
    /// The arcs that are allowed cannot carry one distribution into the other.
    #[error("the allowed arcs cannot carry {unreachable} of the mass {mass}")]
    Unreachable {
        /// How much mass must stay where it is, at the least.
        unreachable: f64,
        /// The whole mass.
        mass: f64,
        /// The proof that no plan exists.
        farkas: Box<FarkasVector>,
    },
    /// An arc's end does not exist.
    #[error("there is no arc from {from} to {to} between {sources} sources and {targets} targets")]
    ArcIndex {
        /// The source, from zero.
        from: usize,
        /// The target, from zero.
        to: usize,
        /// How many sources there are.
        sources: usize,
        /// How many targets there are.
        targets: usize,
    },
    /// A mass in a plan that cannot be one.
    #[error("the mass from source {from} to target {to} must be finite and not negative, and it is {mass}")]
    Shipment {
        /// Index of the source.
        from: usize,
        /// Index of the target.
        to: usize,
        /// What was given.
        mass: f64,
    },
    /// A plan carries mass where there is no arc.
    #[error("the plan sends mass from source {from} to target {to}, between which there is no arc")]
    Forbidden {
        /// The source, from zero.
        from: usize,
        /// The target, from zero.
        to: usize,
    },
    /// A cost is NaN, infinite, or so large that sums would overflow.
    #[error(
        "the cost of row {row}, column {column} must be finite and at most 1e300 in absolute value, and it is {value}"
    )]
    Cost {
        /// Row, from zero.
        row: usize,
        /// Column, from zero.
        column: usize,
        /// The cost.
        value: f64,
    },
    /// An assignment pairs as many sources as targets.
    #[error("an assignment needs as many targets as sources, and there are {targets} for {sources}")]
    NotSquare {
        /// How many sources there are.
        sources: usize,
        /// How many targets there are.
        targets: usize,
    },
    /// Points of the two sides have different numbers of coordinates.
    #[error("the sources have {sources} coordinates, and the targets {targets}")]
    Dimension {
        /// Coordinates of a source.
        sources: usize,
        /// Coordinates of a target.
        targets: usize,
    },
    /// A coordinate is NaN or infinite.
    #[error("coordinate {column} of point {row} of the {side} must be finite, and it is {value}")]
    Coordinate {
        /// Which side.
        side: Side,
        /// The point, from zero.
        row: usize,
        /// The coordinate, from zero.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// Points without coordinates.
    #[error("the points of the {side} have no coordinates")]
    NoCoordinates {
        /// Which side.
        side: Side,
    },
    /// A point at the origin has no direction, and no cosine.
    #[error("point {row} of the {side} is at the origin, and has no cosine")]
    NoDirection {
        /// Which side.
        side: Side,
        /// The point, from zero.
        row: usize,
    },
    /// There are more points than the solver can index.
    #[error("{points} points are more than the {limit} that can be indexed")]
    TooMany {
        /// Points of both sides.
        points: usize,
        /// The limit.
        limit: usize,
    },
    /// An option lies outside its range.
    #[error("{what} must be {range}, and it is {value}")]
    OutOfRange {
        /// Which option.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// Points or bin edges that must not decrease do.
    #[error("point {index} of the {side} lies below the one before it")]
    NotSorted {
        /// Which side.
        side: Side,
        /// Index of the smaller one, from zero.
        index: usize,
    },
    /// There are too few points.
    #[error("the {side} has {points} points, and {needed} are needed")]
    TooFew {
        /// Which side.
        side: Side,
        /// Points given.
        points: usize,
        /// The least number.
        needed: usize,
    },
    /// All points of the reference are equal: there is no unit to measure in.
    #[error("the points of the {side} are all equal: they have no standard deviation")]
    NoSpread {
        /// Which side.
        side: Side,
    },
    /// The parameters of a named distribution make none.
    #[error("the {side}: {error}")]
    Law {
        /// Which side.
        side: Side,
        /// What is wrong with it.
        error: LawError,
    },
    /// A named distribution is one of vectors, where one of numbers is needed.
    #[error(
        "the {family} distribution of the {side} has {dimension} coordinates, and is not one on the line"
    )]
    NotOnLine {
        /// Which side.
        side: Side,
        /// The family.
        family: &'static str,
        /// How many coordinates its draws have.
        dimension: usize,
    },
    /// The integers that matter of a discrete distribution are too many to enumerate.
    #[error("the {family} distribution of the {side} is spread over more than {limit} integers")]
    TooSpread {
        /// Which side.
        side: Side,
        /// The family.
        family: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A covariance matrix is none, or the like.
    #[error(transparent)]
    Matrix(#[from] tangency_matrix::MatrixError),
    /// A plan or potentials do not belong to this problem.
    #[error("{what} must have length {expected}, and has {got}")]
    Length {
        /// What has the wrong length.
        what: &'static str,
        /// The length that fits.
        expected: usize,
        /// The length given.
        got: usize,
    },
}
