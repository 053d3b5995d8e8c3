//! What can be wrong with the size of a cell.

use std::fmt;

/// A size that a cell is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dimension {
    /// The number of features of an input.
    Features,
    /// The number of hidden units.
    Hidden,
    /// The number of sequences that run side by side.
    Batch,
    /// The number of gates that a projection feeds.
    Gates,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Features => "features",
            Self::Hidden => "hidden",
            Self::Batch => "batch",
            Self::Gates => "gates",
        })
    }
}

/// A cell, or its data, cannot be made in this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// A size is 0.
    #[error("{dimension} must be at least 1")]
    Zero {
        /// Which size.
        dimension: Dimension,
    },
    /// The arrays of a cell of this size would not fit into the address space.
    #[error(
        "a cell with features = {features}, hidden = {hidden}, batch = {batch} is too large for the address space"
    )]
    TooLarge {
        /// The number of features.
        features: usize,
        /// The number of hidden units; for a projection, times its gates.
        hidden: usize,
        /// The number of sequences.
        batch: usize,
    },
    /// An array does not hold a whole number of steps.
    #[error("{len} elements are not a whole number of steps of {width}")]
    PartialStep {
        /// The length of the array.
        len: usize,
        /// The number of elements of a step.
        width: usize,
    },
    /// An array does not have the length that belongs to the sequence.
    #[error("a sequence of {steps} steps: expected {expected} elements, got {got}")]
    Sequence {
        /// The number of steps of the sequence.
        steps: usize,
        /// The length that was needed.
        expected: usize,
        /// The length that came.
        got: usize,
    },
    /// An array of parameters, or their gradient, has the wrong length.
    #[error("parameters: expected {expected} elements, got {got}")]
    Parameters {
        /// The length that was needed.
        expected: usize,
        /// The length that came.
        got: usize,
    },
}
