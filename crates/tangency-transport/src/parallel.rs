//! Loops over parts of fixed size, on several threads if the feature `rayon` is on; the result never depends on how many.

use std::ops::Range;

/// Calls `work` for the parts of `0..length` of `size` elements each, and returns the results in order.
pub(crate) fn map_parts<R: Send>(
    length: usize,
    size: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<R> {
    let size = size.max(1);
    let parts = length.div_ceil(size);
    let part = |index: usize| work(index * size..((index + 1) * size).min(length));
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        (0..parts).into_par_iter().map(part).collect()
    }
    #[cfg(not(feature = "rayon"))]
    (0..parts).map(part).collect()
}

/// Both results, computed at the same time if there are threads.
pub(crate) fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    #[cfg(feature = "rayon")]
    {
        rayon::join(one, other)
    }
    #[cfg(not(feature = "rayon"))]
    (one(), other())
}
