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

/// Calls `work` for every element with its index, in place.
pub(crate) fn for_each_mut<T: Send>(items: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.par_iter_mut().enumerate().for_each(|(index, item)| work(index, item));
    }
    #[cfg(not(feature = "rayon"))]
    items.iter_mut().enumerate().for_each(|(index, item)| work(index, item));
}
