//! Sorting of floating-point numbers.

/// Sorts numbers of which none is NaN.
pub(crate) fn sort(points: &mut [f64]) {
    points.sort_unstable_by(f64::total_cmp);
}
