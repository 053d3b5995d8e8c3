//! A matrix of weights in a run.

use crate::Scalar;
use crate::panels::{Panels, largest_batch};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// `dst += lhs rhs`, on the calling thread.
///
/// Sequentially, because faer's bits depend on how many threads share a product.
pub(crate) fn add_product<T: Scalar>(dst: MatMut<'_, T>, lhs: MatRef<'_, T>, rhs: MatRef<'_, T>) {
    matmul(dst, Accum::Add, lhs, rhs, T::ONE, Par::Seq);
}

/// $Y \leftarrow Y + A X$ for row-major slices: `rows` x `cols` times `cols` x `batch`.
pub(crate) fn multiply_add<T: Scalar>(rows: usize, cols: usize, a: &[T], x: &[T], y: &mut [T]) {
    let batch = x.len() / cols;
    add_product(
        MatMut::from_row_major_slice_mut(y, rows, batch),
        MatRef::from_row_major_slice(a, rows, cols),
        MatRef::from_row_major_slice(x, cols, batch),
    );
}

/// A matrix of weights $W$, `rows` x `cols`, and its transpose, each in the arrangement that products with `batch`
/// columns want: in panels for a few columns, otherwise row-major for faer, whose product is quickest when both the
/// result and the matrix are row-major.
#[derive(Debug, Clone)]
pub(crate) struct Weight<T> {
    rows: usize,
    cols: usize,
    batch: usize,
    arrangement: Arrangement<T>,
}

#[derive(Debug, Clone)]
enum Arrangement<T> {
    Rows { plain: Vec<T>, transposed: Vec<T> },
    Panels { plain: Panels<T>, transposed: Panels<T> },
}

impl<T: Scalar> Weight<T> {
    /// Zeros.
    pub(crate) fn new(rows: usize, cols: usize, batch: usize) -> Self {
        let arrangement = if batch <= largest_batch::<T>() {
            let (plain, transposed) = (Panels::new(rows, cols, batch), Panels::new(cols, rows, batch));
            Arrangement::Panels { plain, transposed }
        } else {
            let zeros = vec![T::ZERO; rows * cols];
            Arrangement::Rows { plain: zeros.clone(), transposed: zeros }
        };
        Self { rows, cols, batch, arrangement }
    }

    /// Takes over row-major weights.
    pub(crate) fn load(&mut self, weights: &[T]) {
        let (rows, cols) = (self.rows, self.cols);
        match &mut self.arrangement {
            Arrangement::Panels { plain, transposed } => {
                plain.fill(rows, |row, col| weights[row * cols + col]);
                transposed.fill(cols, |col, row| weights[row * cols + col]);
            }
            Arrangement::Rows { plain, transposed } => {
                plain.copy_from_slice(weights);
                for (col, values) in transposed.chunks_exact_mut(rows).enumerate() {
                    for (row, value) in values.iter_mut().enumerate() {
                        *value = weights[row * cols + col];
                    }
                }
            }
        }
    }

    /// $Y \leftarrow Y + W X$.
    pub(crate) fn add(&self, x: &[T], y: &mut [T]) {
        match &self.arrangement {
            Arrangement::Panels { plain, .. } => plain.multiply_add(self.batch, x, y),
            Arrangement::Rows { plain, .. } => multiply_add(self.rows, self.cols, plain, x, y),
        }
    }

    /// $X \leftarrow X + W^\top Y$.
    pub(crate) fn add_transposed(&self, y: &[T], x: &mut [T]) {
        match &self.arrangement {
            Arrangement::Panels { transposed, .. } => transposed.multiply_add(self.batch, y, x),
            Arrangement::Rows { transposed, .. } => multiply_add(self.cols, self.rows, transposed, y, x),
        }
    }
}
