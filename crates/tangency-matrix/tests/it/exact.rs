//! Determinants and cofactors of integer matrices without rounding, and a stream of numbers.

use faer::{Mat, c64};
use tangency_matrix::Scalar;

/// A stream of numbers for tests; the same on every machine.
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Uniform in [−½, ½).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }

    /// An integer in [−bound, bound].
    pub(crate) fn integer(&mut self, bound: i128) -> i128 {
        ((self.uniform() + 0.5) * (2 * bound + 1) as f64).floor() as i128 - bound
    }

    pub(crate) fn matrix(&mut self, m: usize, n: usize) -> Mat<f64> {
        Mat::from_fn(m, n, |_, _| self.uniform())
    }

    pub(crate) fn complex(&mut self, m: usize, n: usize) -> Mat<c64> {
        Mat::from_fn(m, n, |_, _| c64::new(self.uniform(), self.uniform()))
    }
}

/// Rows of integers.
pub(crate) type Integers = Vec<Vec<i128>>;

pub(crate) fn to_matrix<T: Scalar>(a: &Integers) -> Mat<T> {
    Mat::from_fn(a.len(), a.first().map_or(0, Vec::len), |i, j| T::from_f64(a[i][j] as f64))
}

/// Bareiss' elimination without fractions: every intermediate number is a minor.
pub(crate) fn determinant(a: &Integers) -> i128 {
    let (mut a, n) = (a.clone(), a.len());
    let (mut previous, mut sign) = (1, 1);
    for k in 0..n {
        let Some(row) = (k..n).find(|&i| a[i][k] != 0) else { return 0 };
        if row != k {
            a.swap(row, k);
            sign = -sign;
        }
        for i in k + 1..n {
            for j in k + 1..n {
                a[i][j] = (a[i][j] * a[k][k] - a[i][k] * a[k][j]) / previous;
            }
        }
        previous = a[k][k];
    }
    if n == 0 { 1 } else { sign * previous }
}

/// The matrix of cofactors, transposed.
pub(crate) fn adjugate(a: &Integers) -> Integers {
    let n = a.len();
    let minor = |skip_row: usize, skip_column: usize| -> Integers {
        (0..n)
            .filter(|&i| i != skip_row)
            .map(|i| (0..n).filter(|&j| j != skip_column).map(|j| a[i][j]).collect())
            .collect()
    };
    (0..n)
        .map(|i| (0..n).map(|j| if (i + j) % 2 == 0 { 1 } else { -1 } * determinant(&minor(j, i))).collect())
        .collect()
}

/// All subsets of `size` elements of `0..n`.
pub(crate) fn subsets(n: usize, size: usize) -> Vec<Vec<usize>> {
    (0..1_u32 << n)
        .filter(|mask| mask.count_ones() as usize == size)
        .map(|mask| (0..n).filter(|&i| mask >> i & 1 == 1).collect())
        .collect()
}

#[test]
fn bareiss_against_leibniz() {
    let a = vec![vec![0, 2, -1], vec![3, 0, 4], vec![5, 1, 7]];
    assert_eq!(determinant(&a), 2 * 4 * 5 - 3 - 2 * 3 * 7);
    assert_eq!(adjugate(&vec![vec![1, 2], vec![3, 4]]), vec![vec![4, -2], vec![-3, 1]]);
    assert_eq!(subsets(4, 2).len(), 6);
}
