//! Where a fit begins, and what it may change.

use std::fmt;

/// How a fit may move a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Freedom {
    /// It keeps its start value.
    Fixed,
    /// It may become any real number.
    Free,
    /// It stays positive: the fit moves its logarithm.
    Positive,
}

/// A number of the model: where it starts, and how the fit may move it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinate {
    /// The start value, in its natural unit; positive if the freedom is [`Freedom::Positive`].
    pub value: f64,
    /// How the fit may move it.
    pub freedom: Freedom,
}

impl Coordinate {
    /// A known number.
    pub fn fixed(value: f64) -> Self {
        Self { value, freedom: Freedom::Fixed }
    }

    /// An unknown real number.
    pub fn free(value: f64) -> Self {
        Self { value, freedom: Freedom::Free }
    }

    /// An unknown positive number.
    pub fn positive(value: f64) -> Self {
        Self { value, freedom: Freedom::Positive }
    }
}

/// Where a fit begins: the time and the value of the initial state, and the parameters.
///
/// # Example: positive parameters, and an initial state that was measured exactly
///
/// ```
/// use tangency_dynamics::{Coordinate, Start};
///
/// let start = Start {
///     time: 0.0,
///     state: [100.0, 150.0].map(Coordinate::fixed).to_vec(),
///     parameters: [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003].map(Coordinate::positive).to_vec(),
/// };
/// assert_eq!(start.unknowns().count(), 6);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The time at which the state has its initial value: no later than the first observation.
    pub time: f64,
    /// The initial state, one coordinate a component.
    pub state: Vec<Coordinate>,
    /// The parameters, in the order of the model.
    pub parameters: Vec<Coordinate>,
}

impl Start {
    /// What is not fixed: parameters first, then components of the initial state. This is the order of the rows of a
    /// covariance or a correlation matrix.
    pub fn unknowns(&self) -> impl Iterator<Item = Unknown> + '_ {
        self.coordinates().filter(|(_, c)| c.freedom != Freedom::Fixed).map(|(unknown, _)| unknown)
    }

    /// Everything that a fit could move: parameters first, then the initial state.
    pub(super) fn coordinates(&self) -> impl Iterator<Item = (Unknown, Coordinate)> + '_ {
        let parameters = self.parameters.iter().enumerate().map(|(i, &c)| (Unknown::Parameter(i), c));
        parameters.chain(self.state.iter().enumerate().map(|(i, &c)| (Unknown::InitialState(i), c)))
    }
}

/// Names one number of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// A parameter, by its index.
    Parameter(usize),
    /// A component of the initial state, by its index.
    InitialState(usize),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(i) => write!(f, "parameter {i}"),
            Self::InitialState(i) => write!(f, "initial state {i}"),
        }
    }
}
