//! What can be wrong with the parameters of a law.

/// Why parameters make no distribution.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// A parameter is NaN, infinite or outside its range.
    #[error("{what} of the {family} distribution must be {range}, and it is {value}")]
    Parameter {
        /// The family.
        family: &'static str,
        /// Which parameter.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// The probabilities of a categorical distribution do not sum to one.
    #[error("the probabilities must sum to 1 within {tolerance:e}, and they sum to {sum}")]
    NotNormalised {
        /// Their sum.
        sum: f64,
        /// How far from 1 it may be.
        tolerance: f64,
    },
    /// A covariance matrix must be as large as the mean is long, and there must be a mean.
    #[error(
        "a mean of length {dimension} needs a matrix of that order, of 1 or more, and not {rows} × {columns}"
    )]
    CovarianceShape {
        /// Length of the mean.
        dimension: usize,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
    },
}
