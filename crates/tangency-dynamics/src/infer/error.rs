//! What can be wrong with the question.

use tangency_recurrence::{LengthMismatch, RunError};

/// A model has no value at some parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The equation could not be solved: the error names the step.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The model is not positive where its logarithm is compared with data.
    #[error("the model is {value} for observation {row}, column {column}: it has no logarithm")]
    NonPositive {
        /// The row of the observation.
        row: usize,
        /// The column of the observation.
        column: usize,
        /// What the model says.
        value: f64,
    },
    /// A derivative of the model is NaN or infinite.
    #[error("a derivative of the model is not finite at observation {row}, column {column}")]
    NonFiniteDerivative {
        /// The row of the observation.
        row: usize,
        /// The column of the observation.
        column: usize,
    },
}

/// An inference could not be begun: the data, the start or the options are ill posed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InferenceError {
    /// The values do not fill one row for each time, or there are none.
    #[error("{values} values do not fill rows for {times} times")]
    ValuesShape {
        /// The number of times.
        times: usize,
        /// The number of values.
        values: usize,
    },
    /// A time is NaN or infinite.
    #[error("time {index} is {time}")]
    NonFiniteTime {
        /// Which time.
        index: usize,
        /// Its value.
        time: f64,
    },
    /// Times must increase.
    #[error("time {index} is {time}, not later than {previous} before it")]
    TimesNotIncreasing {
        /// Which time.
        index: usize,
        /// The time before it.
        previous: f64,
        /// Its value.
        time: f64,
    },
    /// An observed value is infinite; a missing one is a NaN.
    #[error("the value of observation {row}, column {column} is {value}")]
    InfiniteValue {
        /// The row of the value.
        row: usize,
        /// The column of the value.
        column: usize,
        /// The value.
        value: f64,
    },
    /// An observed value has no logarithm, and residuals are logarithmic.
    #[error("the value of observation {row}, column {column} is {value}: it has no logarithm")]
    NonPositiveValue {
        /// The row of the value.
        row: usize,
        /// The column of the value.
        column: usize,
        /// The value.
        value: f64,
    },
    /// There must be one component for each column of values.
    #[error("{expected} columns of values need as many components, got {got}")]
    ComponentsLength {
        /// The number of columns.
        expected: usize,
        /// The number of components.
        got: usize,
    },
    /// A column is said to be a component that the state does not have.
    #[error("column {column} is component {component} of a state of {dimension}")]
    ComponentOutOfRange {
        /// Which column.
        column: usize,
        /// The component it is said to be.
        component: usize,
        /// The number of components of the state.
        dimension: usize,
    },
    /// There must be one weight for each value.
    #[error("{expected} values need as many weights, got {got}")]
    WeightsLength {
        /// The number of values.
        expected: usize,
        /// The number of weights.
        got: usize,
    },
    /// A weight is negative, infinite or NaN.
    #[error("the weight of observation {row}, column {column} is {weight}")]
    InvalidWeight {
        /// The row of the value.
        row: usize,
        /// The column of the value.
        column: usize,
        /// Its weight.
        weight: f64,
    },
    /// The first observation is before the time of the initial state.
    #[error("the first observation, at time {first}, is before the initial state, at {start}")]
    BeforeStart {
        /// The time of the first observation.
        first: f64,
        /// The time of the initial state.
        start: f64,
    },
    /// The start has not as many parameters, or components of the state, as the model.
    #[error(transparent)]
    StartLength(#[from] LengthMismatch),
    /// A number of the start is NaN or infinite.
    #[error("{coordinate} starts at {value}")]
    NonFiniteStart {
        /// Which number.
        coordinate: super::Unknown,
        /// Its value.
        value: f64,
    },
    /// A positive unknown must start at a positive number.
    #[error("{coordinate} is to be positive and starts at {value}")]
    NonPositiveStart {
        /// Which number.
        coordinate: super::Unknown,
        /// Its value.
        value: f64,
    },
    /// Everything is fixed: there is nothing to infer.
    #[error("no parameter and no component of the initial state is unknown")]
    NoUnknowns,
    /// There must be at least as many observations as unknowns.
    #[error("{observations} observations cannot determine {unknowns} unknowns")]
    TooFewObservations {
        /// The number of values that are not missing.
        observations: usize,
        /// The number of unknowns.
        unknowns: usize,
    },
    /// A step size must be positive and finite.
    #[error("the step size must be positive and finite, got {value}")]
    InvalidStepSize {
        /// Its value.
        value: f64,
    },
    /// The observations need more steps than are allowed.
    #[error("steps of this size would be {needed:e} in number, the limit is {limit}")]
    TooManySteps {
        /// The number of steps.
        needed: f64,
        /// The number allowed.
        limit: usize,
    },
    /// A limit or a tolerance is out of its range.
    #[error("{option} = {value} is out of range")]
    InvalidOption {
        /// The name of the option or argument.
        option: &'static str,
        /// Its value.
        value: f64,
    },
    /// The model has no value at the start.
    #[error("at the start: {0}")]
    Start(#[source] ModelError),
    /// The residuals are so large at the start that their squares are not finite.
    #[error("the residuals are too large at the start: {value}")]
    Overflow {
        /// The largest residual.
        value: f64,
    },
    /// The box of a multistart must have a factor above 1.
    #[error("the factor of the box must be finite and above 1, got {factor}")]
    InvalidFactor {
        /// The factor.
        factor: f64,
    },
    /// No start, or more than are reasonable.
    #[error("between 1 and {limit} starts are possible, not {starts:e}")]
    InvalidStarts {
        /// The number of starts.
        starts: f64,
        /// The number allowed.
        limit: usize,
    },
}
