//! Short arrays between slices and registers.
//!
//! A loop over six or eight slices at once stays scalar, because the compiler cannot prove that they do not overlap. So a
//! kernel loads a few numbers of each slice into local arrays, computes on those, and stores them at the end: the loops
//! over local arrays become vector instructions.

use tangency_vmath::Real;

/// Numbers in a local array: two registers of eight `f32`, four of four `f64`.
pub(crate) const LANES: usize = 16;

/// The numbers from `at` on; zeros where the slice has ended.
#[inline(always)]
pub(crate) fn load<T: Real>(values: &[T], at: usize) -> [T; LANES] {
    let values = &values[at..];
    if let Some(lanes) = values.first_chunk() {
        *lanes
    } else {
        let mut lanes = [T::ZERO; LANES];
        lanes[..values.len()].copy_from_slice(values);
        lanes
    }
}

/// Writes the numbers to `at` and after, as far as the slice goes.
#[inline(always)]
pub(crate) fn store<T: Real>(values: &mut [T], at: usize, lanes: [T; LANES]) {
    let values = &mut values[at..];
    if let Some(chunk) = values.first_chunk_mut() {
        *chunk = lanes;
    } else {
        let len = values.len();
        values.copy_from_slice(&lanes[..len]);
    }
}
