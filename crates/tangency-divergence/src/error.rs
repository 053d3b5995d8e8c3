//! What can be wrong with a question: one enum for each family of operations.

/// Why there is no such generator.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GeneratorError {
    /// A parameter lies outside its range.
    #[error("{what} must be {range}, and it is {value}")]
    OutOfRange {
        /// Which parameter.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// f(1) must be 0.
    #[error("f(1) must be 0, and it is {value}")]
    NotZeroAtOne {
        /// f(1).
        value: f64,
    },
    /// The function is not convex: its value at a point lies above the chord of two others.
    #[error("f is not convex: f({middle}) lies {excess:e} above its chord from {left} to {right}")]
    NotConvex {
        /// Left end of the chord.
        left: f64,
        /// The point between.
        middle: f64,
        /// Right end of the chord.
        right: f64,
        /// How far the value lies above the chord.
        excess: f64,
    },
    /// The function is NaN or infinite where it must be finite.
    #[error("f({argument}) must be finite, and it is {value}")]
    NotFinite {
        /// The argument.
        argument: f64,
        /// The value there.
        value: f64,
    },
}

/// Which of the two arguments of a divergence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first, $P$.
    P,
    /// The second, $Q$.
    Q,
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::P => "P",
            Self::Q => "Q",
        })
    }
}

/// Why a question about vectors of mass is ill posed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MassError {
    /// There are no entries.
    #[error("{side} has no entries")]
    Empty {
        /// Which vector.
        side: Side,
    },
    /// The two vectors have different lengths.
    #[error("P has {p} entries and Q has {q}")]
    LengthMismatch {
        /// Entries of P.
        p: usize,
        /// Entries of Q.
        q: usize,
    },
    /// An entry is NaN or infinite.
    #[error("entry {index} of {side} is {value}")]
    NotFinite {
        /// Which vector.
        side: Side,
        /// Index, from zero.
        index: usize,
        /// The entry.
        value: f64,
    },
    /// An entry is negative.
    #[error("entry {index} of {side} is negative: {value}")]
    Negative {
        /// Which vector.
        side: Side,
        /// Index, from zero.
        index: usize,
        /// The entry.
        value: f64,
    },
    /// The entries do not sum to one.
    #[error("{side} must sum to 1 within {tolerance:e}, and it sums to {sum}")]
    NotNormalised {
        /// Which vector.
        side: Side,
        /// The sum.
        sum: f64,
        /// How far from 1 it may be.
        tolerance: f64,
    },
    /// All entries are zero.
    #[error("{side} has no mass")]
    NoMass {
        /// Which vector.
        side: Side,
    },
    /// A key occurs twice in a list of counts.
    #[error("{side} counts the key {key} more than once")]
    RepeatedKey {
        /// Which list.
        side: Side,
        /// The key.
        key: u64,
    },
    /// A parameter lies outside its range.
    #[error("{what} must be {range}, and it is {value}")]
    OutOfRange {
        /// Which parameter.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
}

/// Why a question about samples is ill posed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// Too few points.
    #[error("{side} has {points} points, and {needed} are needed")]
    TooFew {
        /// Which sample.
        side: Side,
        /// Points given.
        points: usize,
        /// Points needed.
        needed: usize,
    },
    /// Points without coordinates.
    #[error("the points of {side} have no coordinates")]
    NoCoordinates {
        /// Which sample.
        side: Side,
    },
    /// The points of the two samples have different dimensions.
    #[error("the points of P have {p} coordinates and those of Q have {q}")]
    DimensionMismatch {
        /// Columns of P.
        p: usize,
        /// Columns of Q.
        q: usize,
    },
    /// Paired samples must have as many points.
    #[error("the samples are paired, and have {p} and {q} points")]
    NotPaired {
        /// Points of the first.
        p: usize,
        /// Points of the second.
        q: usize,
    },
    /// A coordinate is NaN or infinite.
    #[error("row {row}, column {column} of {side} is {value}")]
    NotFinite {
        /// Which sample.
        side: Side,
        /// Row, from zero.
        row: usize,
        /// Column, from zero.
        column: usize,
        /// The coordinate.
        value: f64,
    },
    /// There must be one weight for each point.
    #[error("{side} has {points} points and {weights} weights")]
    WeightCount {
        /// Which sample.
        side: Side,
        /// Points.
        points: usize,
        /// Weights.
        weights: usize,
    },
    /// A weight is negative, NaN or infinite.
    #[error("weight {row} of {side} must be finite and not negative, and it is {value}")]
    Weight {
        /// Which sample.
        side: Side,
        /// Row, from zero.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// All weights are zero.
    #[error("the weights of {side} sum to zero")]
    NoWeight {
        /// Which sample.
        side: Side,
    },
    /// The method does not allow for weights.
    #[error("this method takes no weights, and {side} has them")]
    WeightsNotAllowed {
        /// Which sample.
        side: Side,
    },
    /// A statistic of the caller's is NaN.
    #[error("the statistic of permutation {permutation} is NaN")]
    StatisticIsNan {
        /// Which permutation; the given labelling is number 0.
        permutation: usize,
    },
    /// A classifier gave more or fewer scores than there are points.
    #[error("the classifier gave {scores} scores for {points} points")]
    ScoreCount {
        /// Points it was given.
        points: usize,
        /// Scores it returned.
        scores: usize,
    },
    /// A score of a classifier is NaN.
    #[error("the classifier's score of point {point} is NaN")]
    ScoreIsNan {
        /// Which held-out point, from zero.
        point: usize,
    },
    /// The points lie so that the question has no answer, such as a width of zero.
    #[error("the points are degenerate: {what}")]
    Degenerate {
        /// What is zero.
        what: &'static str,
    },
    /// A parameter lies outside its range.
    #[error("{what} must be {range}, and it is {value}")]
    OutOfRange {
        /// Which parameter.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
}
