//! Loops over parts of fixed size, on several threads if the feature `rayon` is on; the result never depends on how many.

use std::ops::Range;

/// Calls `work` for the parts of `0..length` of `size` elements each, and returns the results in order.
pub(crate) fn map_parts<R: Send>(
    length: usize,
    size: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<R> {
    let parts = length.div_ceil(size.max(1));
    let part = |index: usize| work(index * size..((index + 1) * size).min(length));
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        (0..parts).into_par_iter().map(part).collect()
    }
    #[cfg(not(feature = "rayon"))]
    (0..parts).map(part).collect()
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
