//! What can be wrong with a question: one enum for each family of operations.

use tangency_law::LawError;

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
    /// The given derivative is not that of the function: a tangent lies above the function.
    #[error(
        "f({argument}) lies {deficit:e} below the line through f({touching}) with the slope given as f' there"
    )]
    BelowTangent {
        /// Where the line touches.
        touching: f64,
        /// Where it lies above.
        argument: f64,
        /// By how much.
        deficit: f64,
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
    /// Points at which something fitted is evaluated have another dimension than those it was fitted to.
    #[error("the points must have {expected} coordinates, and have {got}")]
    PointDimension {
        /// Columns needed.
        expected: usize,
        /// Columns given.
        got: usize,
    },
    /// A coordinate of a point of neither sample is NaN or infinite.
    #[error("row {row}, column {column} is {value}")]
    PointNotFinite {
        /// Row, from zero.
        row: usize,
        /// Column, from zero.
        column: usize,
        /// The coordinate.
        value: f64,
    },
    /// A critic gave NaN.
    #[error("the critic's output at row {row} of {side} is not a number")]
    OutputNotANumber {
        /// Which sample.
        side: Side,
        /// Row, from zero.
        row: usize,
    },
    /// The generator has a kink, and a critic with a log-ratio as its output would be a step.
    #[error(
        "f is not smooth: a critic cannot be fitted through its log-ratio, only through the classical activation"
    )]
    NotSmooth,
    /// A critic gave a wrong number of outputs.
    #[error("the critic gave {got} outputs for {points} points")]
    OutputCount {
        /// Points asked about.
        points: usize,
        /// Outputs given.
        got: usize,
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
    /// The subsamples that an interval needs are too small for the method.
    #[error("subsamples of {side} would have {points} points, and {needed} are needed")]
    SubsampleTooSmall {
        /// Which sample.
        side: Side,
        /// Points of a subsample.
        points: usize,
        /// Points needed.
        needed: usize,
    },
    /// The method cannot do what was asked.
    #[error("this method does not allow for {what}")]
    Unsupported {
        /// What was asked.
        what: &'static str,
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

/// Why a question about distributions is ill posed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DistributionError {
    /// The parameters of a law make no distribution.
    #[error("{side}: {error}")]
    Law {
        /// Which law.
        side: Side,
        /// What is wrong with it.
        error: LawError,
    },
    /// A density does not integrate to one.
    #[error("the mass of {side} must be 1 within {tolerance:e}, and it is {mass}")]
    NotNormalised {
        /// Which density.
        side: Side,
        /// The mass that was found.
        mass: f64,
        /// How far from 1 it may be.
        tolerance: f64,
    },
    /// The covariance matrix has no Cholesky factor.
    #[error("the covariance matrix of {side} is not positive definite")]
    NotPositiveDefinite {
        /// Which law.
        side: Side,
    },
    /// The laws live in spaces of different dimension.
    #[error("P lives in {p} dimensions and Q in {q}")]
    DimensionMismatch {
        /// Dimension of P.
        p: usize,
        /// Dimension of Q.
        q: usize,
    },
    /// There is no closed form for this pair in several dimensions; [`divergence_by_sampling`](crate::divergence_by_sampling)
    /// has an answer.
    #[error("no closed form for {p} against {q} with this divergence; sample instead")]
    NeedsSampling {
        /// Family of P.
        p: &'static str,
        /// Family of Q.
        q: &'static str,
    },
    /// Sampling is for laws in several dimensions: the multivariate normal and the Dirichlet.
    #[error("no sampler for {family}; its divergences are computed without one")]
    NoSampler {
        /// The family.
        family: &'static str,
    },
    /// The ends of a support are NaN, or not in order.
    #[error("the support of {side} is from {lower} to {upper}")]
    Support {
        /// Which density.
        side: Side,
        /// Its lower end.
        lower: f64,
        /// Its upper end.
        upper: f64,
    },
    /// A density is NaN or infinite inside its support.
    #[error("the logarithm of the density of {side} at {argument} is {value}")]
    Density {
        /// Which density.
        side: Side,
        /// The argument.
        argument: f64,
        /// The logarithm of the density there.
        value: f64,
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
}
