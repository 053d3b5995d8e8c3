//! Loops over parts of fixed size, on several threads if the feature `rayon` is on; the result never depends on how many.

use std::ops::Range;

/// Entries of a cost matrix that one part of the work reads: enough to outweigh the hand-over to a thread.
const ENTRIES: usize = 1 << 16;

/// How many rows of `columns` entries make one part.
pub(crate) fn rows_of_a_part(columns: usize) -> usize {
    (ENTRIES / columns.max(1)).max(1)
}

/// How many rows make one part where each part has a row of its own to fill in: sixteen parts, unless the problem is small.
pub(crate) fn rows_of_a_sixteenth(rows: usize, columns: usize) -> usize {
    rows.div_ceil(16).max(rows_of_a_part(columns))
}

/// Calls `work` for the parts of `0..length` of `size` elements each, and returns the results in order.
pub(crate) fn map_parts<R: Send>(
    length: usize,
    size: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<R> {
    let parts = length.div_ceil(size.max(1));
    let part = |index: usize| work(index * size..((index + 1) * size).min(length));
    #[cfg(feature = "rayon")]
    if parts > 1 {
        use rayon::prelude::*;
        return (0..parts).into_par_iter().map(part).collect();
    }
    (0..parts).map(part).collect()
}

/// Calls `work` with the number of each part of `size` elements and the part, and returns the results in order.
pub(crate) fn map_parts_mut<T: Send, R: Send>(
    items: &mut [T],
    size: usize,
    work: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Vec<R> {
    #[cfg(feature = "rayon")]
    if items.len() > size {
        use rayon::prelude::*;
        let parts = items.par_chunks_mut(size.max(1)).enumerate();
        return parts.map(|(index, part)| work(index, part)).collect();
    }
    items.chunks_mut(size.max(1)).enumerate().map(|(index, part)| work(index, part)).collect()
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

/// Calls `work` for the parts of a slice of `size` elements each, with the index of the first element.
pub(crate) fn for_parts_mut<T: Send>(items: &mut [T], size: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let size = size.max(1);
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.par_chunks_mut(size).enumerate().for_each(|(index, part)| work(index * size, part));
    }
    #[cfg(not(feature = "rayon"))]
    items.chunks_mut(size).enumerate().for_each(|(index, part)| work(index * size, part));
}
