//! Clusters of eigenvalues, and their order on the diagonal of a complex Schur form.
//!
//! P. I. Davies and N. J. Higham, *A Schur-Parlett algorithm for computing matrix functions*, SIMAX 25 (2003),
//! Algorithms 4.1 and 4.2.

use crate::scalar::{RealScalar, Scalar};
use faer::MatRef;

/// The number of its cluster for each eigenvalue: two closer than `delta` belong together, and so do all that are
/// connected by such pairs.
pub(super) fn clusters<T: Scalar>(eigenvalues: &[T], delta: f64) -> Vec<usize> {
    let n = eigenvalues.len();
    let delta = T::RealPart::from_f64(delta);
    let mut cluster = vec![usize::MAX; n];
    let mut count = 0;
    let mut waiting = Vec::new();
    for start in 0..n {
        if cluster[start] != usize::MAX {
            continue;
        }
        cluster[start] = count;
        waiting.push(start);
        while let Some(i) = waiting.pop() {
            for j in 0..n {
                if cluster[j] == usize::MAX && (eigenvalues[i] - eigenvalues[j]).modulus() <= delta {
                    cluster[j] = count;
                    waiting.push(j);
                }
            }
        }
        count += 1;
    }
    cluster
}

/// The clusters with those that reach farther than `reach` cut at their widest gaps.
pub(super) fn cut<T: Scalar>(eigenvalues: &[T], mut cluster: Vec<usize>, reach: f64) -> Vec<usize> {
    let mut count = cluster.iter().max().map_or(0, |c| c + 1);
    let mut current = 0;
    while current < count {
        let mut members: Vec<usize> = (0..cluster.len()).filter(|&i| cluster[i] == current).collect();
        // Along the axis on which it is longer.
        let parts = |imaginary: bool| {
            move |i: usize| {
                let z = eigenvalues[i];
                if imaginary { z.im().to_f64() } else { z.re().to_f64() }
            }
        };
        let length = |imaginary: bool| {
            let values = || members.iter().map(|&i| parts(imaginary)(i));
            values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
        };
        let imaginary = length(true) > length(false);
        if length(imaginary) <= reach {
            current += 1;
            continue;
        }
        let part = parts(imaginary);
        members.sort_by(|&i, &j| part(i).total_cmp(&part(j)));
        let gap = |k: usize| part(members[k]) - part(members[k - 1]);
        // Of gaps as wide, the one nearest to the middle.
        let middle = |k: usize| (2 * k).abs_diff(members.len());
        let widest = (1..members.len())
            .max_by(|&k, &l| gap(k).total_cmp(&gap(l)).then(middle(l).cmp(&middle(k))))
            .unwrap_or(1);
        for &i in &members[widest..] {
            cluster[i] = count;
        }
        count += 1;
    }
    cluster
}

/// For each eigenvalue the place of its cluster among the clusters, which follow each other by their mean place: that
/// keeps the number of exchanges low.
pub(super) fn places(cluster: &[usize]) -> Vec<usize> {
    let n = cluster.len();
    let count = cluster.iter().max().map_or(0, |c| c + 1);
    let (mut sums, mut sizes) = (vec![0_usize; count], vec![0_usize; count]);
    for (place, &c) in cluster.iter().enumerate() {
        sums[c] += place;
        sizes[c] += 1;
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&c| (sums[c] * 2 * n / sizes[c], c));
    let mut place = vec![0; count];
    for (p, &c) in order.iter().enumerate() {
        place[c] = p;
    }
    cluster.iter().map(|&c| place[c]).collect()
}

/// Where the blocks begin when the eigenvalues are sorted by these places, and the order at the end.
pub(super) fn starts(places: &[usize]) -> Vec<usize> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    let n = sorted.len();
    (0..n).filter(|&k| k == 0 || sorted[k] != sorted[k - 1]).chain([n]).collect()
}

/// The diagonal of a matrix.
pub(super) fn diagonal<T: Scalar>(t: MatRef<'_, T>) -> Vec<T> {
    (0..t.nrows()).map(|i| t[(i, i)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::c64;

    #[test]
    fn clusters_are_connected_components() {
        let values = [0.0, 5.0, 0.09, 5.05, 0.18, 9.0].map(|x| c64::new(x, 0.0));
        assert_eq!(clusters(&values, 0.1), [0, 1, 0, 1, 0, 2]);
        assert_eq!(clusters(&values, 0.08), [0, 1, 2, 1, 3, 4]);
        assert_eq!(clusters::<c64>(&[], 0.1), [0; 0]);
    }

    #[test]
    fn long_clusters_are_cut_at_their_widest_gaps() {
        let values = [0.0, 1.0, 1.85, 2.8, 4.0, 5.0].map(|x| c64::new(0.25, x));
        assert_eq!(cut(&values, vec![0; 6], 9.0), [0; 6]);
        assert_eq!(cut(&values, vec![0; 6], 3.0), [0, 0, 0, 0, 1, 1]);
        assert_eq!(cut(&values, vec![0; 6], 1.0), [0, 2, 2, 3, 1, 1]);
    }

    #[test]
    fn clusters_keep_to_their_mean_place() {
        // Mean places 2, 3.5 and 3.33.
        let cluster = [0, 2, 1, 2, 0, 1, 2];
        assert_eq!(places(&cluster), [0, 1, 2, 1, 0, 2, 1]);
        assert_eq!(starts(&places(&cluster)), [0, 2, 5, 7]);
        assert_eq!(starts(&[]), [0]);
    }
}
