//! Neighbours on the line, by sorting.

/// Numbers in increasing order.
#[derive(Debug)]
pub(crate) struct Line {
    /// The numbers, sorted.
    pub(super) sorted: Vec<f64>,
    /// Rank to row of the caller.
    pub(super) order: Vec<usize>,
}

impl Line {
    pub(crate) fn new(numbers: &[f64]) -> Self {
        let mut pairs: Vec<(f64, usize)> = numbers.iter().copied().zip(0..).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (sorted, order) = pairs.into_iter().unzip();
        Self { sorted, order }
    }

    /// The window of k numbers nearest to each of some increasing queries, told by its start.
    ///
    /// A window that starts at `l` is improved by moving up as long as the number that enters is nearer than the one that
    /// leaves, and the best start grows with the query. There must be k numbers.
    pub(super) fn windows(&self, queries: &[f64], k: usize, mut each: impl FnMut(&[f64])) {
        let a = &self.sorted;
        let Some(&first) = queries.first() else { return };
        let mut l = a.partition_point(|&y| y < first).saturating_sub(k).min(a.len() - k);
        for &x in queries {
            while l + k < a.len() && a[l + k] - x < x - a[l] {
                l += 1;
            }
            each(&a[l..l + k]);
        }
    }

    /// The numbers at most `radius` away, or less if `open`: how many, and the distance of the farthest.
    pub(super) fn ball(&self, x: f64, radius: f64, open: bool) -> (usize, f64) {
        let is_in = |distance: f64| if open { distance < radius } else { distance <= radius };
        let start = self.sorted.partition_point(|&y| y < x && !is_in(x - y));
        let end = self.sorted.partition_point(|&y| y < x || is_in(y - x));
        if start >= end {
            return (0, 0.0);
        }
        (end - start, (x - self.sorted[start]).max(self.sorted[end - 1] - x))
    }

    /// The distance of the nearest number that is not `x`.
    pub(super) fn nearest_other(&self, x: f64) -> Option<f64> {
        let below = self.sorted.partition_point(|&y| y < x);
        let above = self.sorted.partition_point(|&y| y <= x);
        let left = below.checked_sub(1).map(|i| x - self.sorted[i]);
        let right = self.sorted.get(above).map(|y| y - x);
        match (left, right) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        }
    }
}
