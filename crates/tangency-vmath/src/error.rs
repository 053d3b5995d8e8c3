//! What can be wrong with a call.

/// Two slices that have to be equally long are not.
///
/// Nothing has been written when a function returns this error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("slices of lengths {expected} and {got} where equal lengths are needed")]
pub struct LengthMismatch {
    /// The length of the first slice.
    pub expected: usize,
    /// The length of the second one.
    pub got: usize,
}

impl LengthMismatch {
    /// `Ok` if `expected == got`.
    pub(crate) fn check(expected: usize, got: usize) -> Result<(), Self> {
        if expected == got { Ok(()) } else { Err(Self { expected, got }) }
    }
}
