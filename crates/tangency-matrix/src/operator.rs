//! A closure as a linear operator.

use crate::MatrixError;
use crate::scalar::Scalar;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::matrix_free::LinOp;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Mat, MatMut, MatRef, Par};
use std::fmt;

/// A linear operator given by a closure that multiplies a block of columns.
///
/// Functions of this crate that only need products take any `faer::matrix_free::LinOp`: dense and sparse matrices are
/// one already, and this makes one of a closure `apply(x, y)` that writes $y = A x$ for all columns of `x`. The closure
/// must overwrite `y`, whose content on entry is arbitrary.
///
/// # Example: the second difference, without a matrix
///
/// ```
/// use faer::{MatMut, MatRef};
/// use tangency_matrix::ClosureOperator;
/// use tangency_matrix::trace::{LanczosOptions, TraceOptions, log_det_estimate};
///
/// let n = 200;
/// let second_difference = ClosureOperator::new(n, move |x: MatRef<'_, f64>, mut y: MatMut<'_, f64>| {
///     for j in 0..x.ncols() {
///         for i in 0..n {
///             let left = if i > 0 { x[(i - 1, j)] } else { 0.0 };
///             let right = if i + 1 < n { x[(i + 1, j)] } else { 0.0 };
///             y[(i, j)] = 2.0 * x[(i, j)] - left - right;
///         }
///     }
/// });
/// let mut rng = rand_pcg::Pcg64::new(1, 2);
/// let found = log_det_estimate(
///     &second_difference,
///     &TraceOptions::default(),
///     &LanczosOptions { steps: 200, ..Default::default() },
///     &mut rng,
/// )?;
/// // Its determinant is n + 1.
/// assert!((found.estimate - 201_f64.ln()).abs() < 4.0 * found.standard_error);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub struct ClosureOperator<F> {
    order: usize,
    apply: F,
}

impl<F> ClosureOperator<F> {
    /// The operator of this order whose product with a block is `apply(x, y)`.
    pub fn new(order: usize, apply: F) -> Self {
        Self { order, apply }
    }
}

impl<F> fmt::Debug for ClosureOperator<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosureOperator").field("order", &self.order).finish_non_exhaustive()
    }
}

impl<T: Scalar, F: Fn(MatRef<'_, T>, MatMut<'_, T>) + Sync> LinOp<T> for ClosureOperator<F> {
    fn apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }

    fn nrows(&self) -> usize {
        self.order
    }

    fn ncols(&self) -> usize {
        self.order
    }

    fn apply(&self, out: MatMut<'_, T>, rhs: MatRef<'_, T>, _: Par, _: &mut MemStack) {
        (self.apply)(rhs, out);
    }

    /// By conjugating the block before and after, in memory of its own.
    fn conj_apply(&self, mut out: MatMut<'_, T>, rhs: MatRef<'_, T>, _: Par, _: &mut MemStack) {
        let conjugated = Mat::from_fn(rhs.nrows(), rhs.ncols(), |i, j| Scalar::conj(rhs[(i, j)]));
        (self.apply)(conjugated.as_ref(), out.as_mut());
        for j in 0..out.ncols() {
            for i in 0..out.nrows() {
                out[(i, j)] = Scalar::conj(out[(i, j)]);
            }
        }
    }
}

/// An operator whose products are counted, checked and taken in blocks of [`BLOCK`] columns, with memory reused.
pub(crate) struct Counted<'a, T: Scalar> {
    operator: &'a dyn LinOp<T>,
    memory: MemBuffer,
    products: usize,
}

/// Columns in one application of an operator: enough to read a sparse matrix once for many vectors, and few enough that
/// eight bases of a Krylov space fit into memory.
pub(crate) const BLOCK: usize = 8;

impl<'a, T: Scalar> Counted<'a, T> {
    /// `Err` if the operator is not square.
    pub(crate) fn new(operator: &'a dyn LinOp<T>) -> Result<Self, MatrixError> {
        let (rows, columns) = (operator.nrows(), operator.ncols());
        if rows != columns {
            return Err(MatrixError::NotSquare { rows, columns });
        }
        let memory = MemBuffer::new(operator.apply_scratch(BLOCK, Par::Seq));
        Ok(Self { operator, memory, products: 0 })
    }

    pub(crate) fn order(&self) -> usize {
        self.operator.nrows()
    }

    pub(crate) fn products(&self) -> usize {
        self.products
    }

    /// `y = A x`, or `Err` where a product is not finite.
    pub(crate) fn apply(&mut self, x: MatRef<'_, T>, mut y: MatMut<'_, T>) -> Result<(), MatrixError> {
        for start in (0..x.ncols()).step_by(BLOCK) {
            let width = BLOCK.min(x.ncols() - start);
            let stack = MemStack::new(&mut self.memory);
            let mut part = y.rb_mut().subcols_mut(start, width);
            self.operator.apply(part.rb_mut(), x.subcols(start, width), Par::Seq, stack);
            for j in 0..width {
                let column = part.rb().col(j);
                for i in 0..column.nrows() {
                    if !column[i].finite() {
                        return Err(MatrixError::OperatorNotFinite { row: i, product: self.products + j });
                    }
                }
            }
            self.products += width;
        }
        Ok(())
    }
}
