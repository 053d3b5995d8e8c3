//! Small dense linear algebra on one thread each, so that the bits do not depend on how many threads there are.

use crate::parallel::map_parts;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Col, Mat, MatRef, Par, Spec};

/// Rows that one task of [`gram`] reads.
const PART: usize = 1024;

/// Rows that are scaled by their weights at once: with 100 columns they fit in the second cache.
const BLOCK: usize = 128;

/// $\sum_i w_i \varphi_i \varphi_i^T$ for the rows of a row-major array; the lower triangle, mirrored. Weights of any sign.
pub(crate) fn gram(rows: &[f64], columns: usize, weight: impl Fn(usize) -> f64 + Sync) -> Mat<f64> {
    let count = rows.len() / columns.max(1);
    let parts = map_parts(count, PART, |range| {
        let mut sum = Mat::<f64>::zeros(columns, columns);
        let mut scaled = vec![0.0; BLOCK.min(range.len()) * columns];
        let mut start = range.start;
        while start < range.end {
            let end = (start + BLOCK).min(range.end);
            let block = &rows[start * columns..end * columns];
            let scaled = &mut scaled[..block.len()];
            for (i, (to, from)) in
                scaled.chunks_exact_mut(columns).zip(block.chunks_exact(columns)).enumerate()
            {
                let w = weight(start + i);
                for (to, from) in to.iter_mut().zip(from) {
                    *to = w * from;
                }
            }
            triangular::matmul(
                sum.as_mut(),
                BlockStructure::TriangularLower,
                Accum::Add,
                MatRef::from_column_major_slice(scaled, columns, end - start),
                BlockStructure::Rectangular,
                MatRef::from_row_major_slice(block, end - start, columns),
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
            start = end;
        }
        sum
    });
    let mut total = Mat::<f64>::zeros(columns, columns);
    for part in parts {
        total += part;
    }
    for j in 0..columns {
        for i in 0..j {
            total[(i, j)] = total[(j, i)];
        }
    }
    total
}

/// $\sum_i w_i \varphi_i$ for the rows of a row-major array.
pub(crate) fn weighted_sum(rows: &[f64], columns: usize, weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut sum = vec![0.0; columns];
    for (i, row) in rows.chunks_exact(columns).enumerate() {
        let w = weight(i);
        for (sum, x) in sum.iter_mut().zip(row) {
            *sum += w * x;
        }
    }
    sum
}

/// The Cholesky factor of a positive definite matrix, of which the lower triangle is read.
pub(crate) struct Cholesky(Mat<f64>);

impl Cholesky {
    /// `None` if the matrix is not positive definite to rounding, or not finite.
    pub(crate) fn new(mut a: Mat<f64>) -> Option<Self> {
        let n = a.nrows();
        let mut memory =
            MemBuffer::new(llt::factor::cholesky_in_place_scratch::<f64>(n, Par::Seq, Spec::default()));
        llt::factor::cholesky_in_place(
            a.as_mut(),
            llt::factor::LltRegularization::default(),
            Par::Seq,
            MemStack::new(&mut memory),
            Spec::default(),
        )
        .ok()?;
        (0..n).all(|i| a[(i, i)].is_finite()).then_some(Self(a))
    }

    /// $A^{-1} b$.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = Mat::from_fn(b.len(), 1, |i, _| b[i]);
        let mut memory = MemBuffer::new(llt::solve::solve_in_place_scratch::<f64>(b.len(), 1, Par::Seq));
        llt::solve::solve_in_place(self.0.as_ref(), x.as_mut(), Par::Seq, MemStack::new(&mut memory));
        (0..b.len()).map(|i| x[(i, 0)]).collect()
    }
}

/// Eigenvalues in ascending order and eigenvectors as columns of a symmetric matrix; `None` if it is not finite.
pub(crate) fn eigen(a: &Mat<f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let n = a.nrows();
    let mut values = Col::<f64>::zeros(n);
    let mut vectors = Mat::<f64>::zeros(n, n);
    let mut memory = MemBuffer::new(self_adjoint_evd_scratch::<f64>(
        n,
        ComputeEigenvectors::Yes,
        Par::Seq,
        Spec::default(),
    ));
    self_adjoint_evd(
        a.as_ref(),
        values.as_mut().as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    )
    .ok()?;
    Some(((0..n).map(|i| values[i]).collect(), vectors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gram_is_the_sum_of_outer_products_for_weights_of_both_signs() {
        let (rows, columns) = (2500, 3);
        let data: Vec<f64> = (0..rows * columns).map(|i| ((i * 37 % 101) as f64) / 50.0 - 1.0).collect();
        let weight = |i: usize| (i % 5) as f64 - 2.0;
        let h = gram(&data, columns, weight);
        let row = |i: usize| &data[i * columns..(i + 1) * columns];
        for a in 0..columns {
            for b in 0..columns {
                let direct: f64 = (0..rows).map(|i| weight(i) * row(i)[a] * row(i)[b]).sum();
                assert!((h[(a, b)] - direct).abs() < 1e-10, "{a} {b}: {} {direct}", h[(a, b)]);
            }
        }
    }

    #[test]
    fn cholesky_solves_and_refuses() {
        let a = faer::mat![[4.0, 1.0], [1.0, 3.0]];
        let x = Cholesky::new(a).unwrap().solve(&[1.0, 2.0]);
        assert!((4.0 * x[0] + x[1] - 1.0).abs() < 1e-15 && (x[0] + 3.0 * x[1] - 2.0).abs() < 1e-15);
        assert!(Cholesky::new(faer::mat![[1.0, 2.0], [2.0, 1.0]]).is_none());
        assert!(Cholesky::new(faer::mat![[f64::NAN]]).is_none());
    }
}
