//! Two halves of a calculation, on two threads with the feature `rayon`.

/// `(first(), second())`, perhaps at the same time. Neither sees what the other writes, so the bits are the same.
#[cfg(feature = "rayon")]
pub(crate) fn join<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(first, second)
}

/// `(first(), second())`.
#[cfg(not(feature = "rayon"))]
pub(crate) fn join<A, B>(first: impl FnOnce() -> A, second: impl FnOnce() -> B) -> (A, B) {
    (first(), second())
}
