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

/// Runs `work` within the thread pool, if it is `worth` that and there are several threads: every division of the work
/// would otherwise have to enter it anew.
#[cfg(feature = "rayon")]
pub(crate) fn within_pool<A: Send>(worth: bool, work: impl FnOnce() -> A + Send) -> A {
    if worth && rayon::current_num_threads() > 1 && rayon::current_thread_index().is_none() {
        return rayon::join(work, || ()).0;
    }
    work()
}

/// `work()`.
#[cfg(not(feature = "rayon"))]
pub(crate) fn within_pool<A>(_worth: bool, work: impl FnOnce() -> A) -> A {
    work()
}
