//! Clusters of eigenvalues, brought together on the diagonal of a complex Schur form.
//!
//! P. I. Davies and N. J. Higham, *A Schur-Parlett algorithm for computing matrix functions*, SIMAX 25 (2003),
//! Algorithms 4.1 and 4.2.

use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

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

/// Reorders $A = Q T Q^*$, T upper triangular, so that each cluster is contiguous; returns where the blocks begin, and
/// the order at the end.
///
/// The clusters follow each other by their mean place, which keeps the number of exchanges low.
pub(super) fn gather<T: Scalar>(q: &mut Mat<T>, t: &mut Mat<T>, cluster: &mut [usize]) -> Vec<usize> {
    let n = cluster.len();
    let count = cluster.iter().max().map_or(0, |c| c + 1);
    let (mut sums, mut sizes) = (vec![0_usize; count], vec![0_usize; count]);
    for (place, &c) in cluster.iter().enumerate() {
        sums[c] += place;
        sizes[c] += 1;
    }
    let mut order: Vec<usize> = (0..count).collect();
    // sum/size compared without division; ties by number.
    order.sort_by_key(|&c| (sums[c] * 2 * n / sizes[c], c));
    let mut rank = vec![0; count];
    for (r, &c) in order.iter().enumerate() {
        rank[c] = r;
    }
    // Insertion sort by exchanges of neighbours, which is all that a Schur form allows.
    for end in 1..n {
        let mut k = end;
        while k > 0 && rank[cluster[k - 1]] > rank[cluster[k]] {
            exchange(q, t, k - 1);
            cluster.swap(k - 1, k);
            k -= 1;
        }
    }
    let mut starts = vec![0];
    starts.extend((1..n).filter(|&k| cluster[k] != cluster[k - 1]));
    if n > 0 {
        starts.push(n);
    }
    starts
}

/// Exchanges the eigenvalues k and k + 1 by a rotation (LAPACK's `ztrexc`); exact on the diagonal.
fn exchange<T: Scalar>(q: &mut Mat<T>, t: &mut Mat<T>, k: usize) {
    let n = t.nrows();
    let (first, second) = (t[(k, k)], t[(k + 1, k + 1)]);
    let (c, s) = rotation(t[(k, k + 1)], second - first);
    for j in k + 2..n {
        let (x, y) = (t[(k, j)], t[(k + 1, j)]);
        t[(k, j)] = x.scale(c) + s * y;
        t[(k + 1, j)] = y.scale(c) - Scalar::conj(s) * x;
    }
    rotate_columns(t, k, k, c, Scalar::conj(s));
    rotate_columns(q, k, n, c, Scalar::conj(s));
    t[(k, k)] = second;
    t[(k + 1, k + 1)] = first;
}

/// Columns k and k + 1, the first `rows` of them.
fn rotate_columns<T: Scalar>(m: &mut Mat<T>, k: usize, rows: usize, c: T::RealPart, s: T) {
    for i in 0..rows {
        let (x, y) = (m[(i, k)], m[(i, k + 1)]);
        m[(i, k)] = x.scale(c) + s * y;
        m[(i, k + 1)] = y.scale(c) - Scalar::conj(s) * x;
    }
}

/// Real c and complex s with $c f + s g = r$ and $c g - \bar{s} f = 0$.
fn rotation<T: Scalar>(f: T, g: T) -> (T::RealPart, T) {
    let (one, zero) = (T::RealPart::ONE, T::RealPart::ZERO);
    let (f_modulus, g_modulus) = (f.modulus(), g.modulus());
    if g_modulus == zero {
        return (one, T::ZERO);
    }
    let unit_g = Scalar::conj(g).scale(one / g_modulus);
    if f_modulus == zero {
        return (zero, unit_g);
    }
    let h = RealScalar::hypot(f_modulus, g_modulus);
    (f_modulus / h, f.scale(one / f_modulus) * unit_g.scale(g_modulus / h))
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
    fn gathering_keeps_the_matrix_and_the_eigenvalues() {
        let n = 7;
        let mut t = Mat::from_fn(n, n, |i, j| {
            let x = ((i * 31 + j * 17 + 5) % 23) as f64 - 11.0;
            if i <= j { c64::new(x, (x * 7.0) % 5.0) } else { c64::ZERO }
        });
        let keys = [2, 0, 1, 0, 2, 1, 0];
        for (i, &k) in keys.iter().enumerate() {
            t[(i, i)] = c64::new(10.0 * f64::from(k), i as f64 * 0.01);
        }
        let original = t.clone();
        let mut q = Mat::<c64>::identity(n, n);
        let mut cluster = clusters(&diagonal(t.as_ref()), 1.0);
        let starts = gather(&mut q, &mut t, &mut cluster);
        assert_eq!(starts, [0, 2, 5, 7]); // mean places 2, 3.33 and 3.5
        let back = &q * &t * q.adjoint();
        assert!(crate::operator_norm_1((back - &original).as_ref()) < 1e-13);
        assert!((0..n).all(|j| (j + 1..n).all(|i| t[(i, j)] == c64::ZERO)));
        let mut before: Vec<f64> = diagonal(original.as_ref()).iter().map(|z| z.re + z.im).collect();
        let mut after: Vec<f64> = diagonal(t.as_ref()).iter().map(|z| z.re + z.im).collect();
        before.sort_by(f64::total_cmp);
        after.sort_by(f64::total_cmp);
        assert_eq!(before, after);
        assert!(starts.windows(2).all(|w| (w[0]..w[1]).all(|i| (t[(i, i)] - t[(w[0], w[0])]).re.abs() < 1.0)));
    }
}
