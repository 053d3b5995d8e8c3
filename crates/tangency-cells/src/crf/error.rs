//! What can be wrong with a question to a conditional random field.

use std::fmt;
use tangency_recurrence::{RunError, TransitionsError};

/// Which scores of a [`LinearChainCrf`](crate::LinearChainCrf) an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrfScores {
    /// Of starting with a label, $K$.
    Start,
    /// Of one label following another, $K \times K$.
    Transitions,
    /// Of ending with a label, $K$.
    End,
    /// Of a label at a position, $T \times K$.
    Emissions,
}

impl fmt::Display for CrfScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start scores",
            Self::Transitions => "transition scores",
            Self::End => "end scores",
            Self::Emissions => "emission scores",
        })
    }
}

impl CrfScores {
    /// `Ok` if there are `expected` of them, finite or $-\infty$.
    pub(super) fn check(self, scores: &[f64], expected: usize) -> Result<(), CrfError> {
        if scores.len() != expected {
            return Err(CrfError::Shape { what: self, expected, got: scores.len() });
        }
        match scores.iter().position(|&score| score.is_nan() || score == f64::INFINITY) {
            Some(index) => Err(CrfError::Score { what: self, index, value: scores[index] }),
            None => Ok(()),
        }
    }
}

/// A question to a [`LinearChainCrf`](crate::LinearChainCrf) has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrfError {
    /// There are no labels.
    #[error("a conditional random field needs at least one label")]
    NoLabels,
    /// There are no positions.
    #[error("the sequence is empty: there are no emission scores")]
    NoPositions,
    /// Some scores have the wrong number.
    #[error("{what}: expected {expected} numbers, got {got}")]
    Shape {
        /// Which scores.
        what: CrfScores,
        /// How many were needed (for emissions: the next multiple of the number of labels).
        expected: usize,
        /// How many came.
        got: usize,
    },
    /// A score is NaN or $+\infty$.
    #[error("{what}: number {index} is {value}; it must be finite, or -inf to forbid")]
    Score {
        /// Which scores.
        what: CrfScores,
        /// Where among them.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// A path has the wrong length.
    #[error("the path has {got} labels for {positions} positions")]
    PathLength {
        /// The number of positions.
        positions: usize,
        /// The number of labels.
        got: usize,
    },
    /// A path's label does not exist.
    #[error("label {label} at position {position} is not one of the {labels} labels")]
    Label {
        /// Where on the path.
        position: usize,
        /// What stands there.
        label: usize,
        /// The number of labels.
        labels: usize,
    },
    /// All paths are forbidden, so there is no distribution over them.
    #[error("all paths through the {positions} positions are forbidden")]
    Impossible {
        /// The number of positions.
        positions: usize,
    },
    /// The path of a loss is forbidden: its probability is 0, and the loss infinite, whatever the finite scores.
    #[error("the path through the {positions} positions is forbidden, its loss infinite")]
    ForbiddenPath {
        /// The number of positions.
        positions: usize,
    },
    /// So many sampled paths do not fit into memory.
    #[error("{count} paths of {positions} labels do not fit into memory")]
    TooManyPaths {
        /// The number of paths asked for.
        count: usize,
        /// The number of positions.
        positions: usize,
    },
    /// The transition scores do not make a chain.
    #[error(transparent)]
    Transitions(#[from] TransitionsError),
    /// A log-weight overflowed.
    #[error(transparent)]
    Run(#[from] RunError),
}
