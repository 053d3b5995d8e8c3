//! Numbers and matrices that tests are made with; the same at every run and on every machine.

use faer::Mat;
use tangency_matrix::{RealScalar, Scalar};

/// Numbers in (−½, ½).
pub(crate) fn stream(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

/// Entries with both parts in (−½, ½).
pub(crate) fn random<T: Scalar>(m: usize, n: usize, seed: u64) -> Mat<T> {
    let mut next = stream(seed);
    Mat::from_fn(m, n, |_, _| {
        let (x, y) = (next(), next());
        T::from_complex(T::RealPart::from_f64(x).complex(T::RealPart::from_f64(y)))
    })
}

/// `scale` times a random matrix, and `diagonal(i)` added to its diagonal.
pub(crate) fn about<T: Scalar>(n: usize, seed: u64, scale: f64, diagonal: impl Fn(usize) -> f64) -> Mat<T> {
    let mut a = random::<T>(n, n, seed);
    for j in 0..n {
        for i in 0..n {
            a[(i, j)] = a[(i, j)].scale(T::RealPart::from_f64(scale));
        }
        a[(j, j)] += T::from_f64(diagonal(j));
    }
    a
}

/// A matrix without eigenvalues on the negative axis: random with its field of values moved into the right half-plane.
pub(crate) fn shifted<T: Scalar>(n: usize, seed: u64) -> Mat<T> {
    about(n, seed, 1.0, |_| 1.2 * (n as f64).sqrt())
}

/// $\langle X, Y \rangle = \operatorname{tr} X^{\ast} Y$.
pub(crate) fn inner<T: Scalar>(x: &Mat<T>, y: &Mat<T>) -> T {
    let places = (0..x.ncols()).flat_map(|j| (0..x.nrows()).map(move |i| (i, j)));
    places.fold(T::ZERO, |sum, at| sum + Scalar::conj(x[at]) * y[at])
}

/// The entries, column after column.
pub(crate) fn entries(a: &Mat<f64>) -> Vec<f64> {
    a.col_iter().flat_map(|column| column.iter().copied().collect::<Vec<_>>()).collect()
}
