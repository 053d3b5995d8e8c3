//! The columns of several steps, side by side.

use crate::Scalar;
use crate::lanes::{LANES, load, store};
use crate::weight::add_product;
use faer::{MatMut, MatRef};
use std::ops::Range;

/// Matrices of several steps, `rows` x `batch` each, next to each other in one matrix.
///
/// The gradient of a weight is $\sum_t \delta_t x_t^\top$. One product over many steps runs several times faster than
/// one product a step, and adds fewer numbers in sequence, so the columns of a block of steps are collected first.
#[derive(Debug, Clone)]
pub(crate) struct Columns<T> {
    rows: usize,
    batch: usize,
    /// The number of steps there is room for.
    capacity: usize,
    /// The number of steps there.
    steps: usize,
    /// Row-major with rows of `capacity * batch`; for a batch of 1 column-major, which makes every copy contiguous.
    values: Vec<T>,
}

impl<T: Scalar> Columns<T> {
    /// Room for `capacity` steps.
    pub(crate) fn new(rows: usize, batch: usize, capacity: usize) -> Self {
        Self { rows, batch, capacity, steps: 0, values: vec![T::ZERO; rows * batch * capacity] }
    }

    /// Whether there is room for no further step.
    pub(crate) fn is_full(&self) -> bool {
        self.steps == self.capacity
    }

    /// Forgets all steps.
    pub(crate) fn clear(&mut self) {
        self.steps = 0;
    }

    /// Appends a step, `[rows][batch]`. There must be room.
    pub(crate) fn push(&mut self, step: &[T]) {
        let (batch, at) = (self.batch, self.steps * self.batch);
        if batch == 1 {
            self.values[at * self.rows..][..self.rows].copy_from_slice(step);
        } else {
            let width = self.capacity * batch;
            for (row, step) in self.values.chunks_exact_mut(width).zip(step.chunks_exact(batch)) {
                row[at..at + batch].copy_from_slice(step);
            }
        }
        self.steps += 1;
    }

    /// Becomes these steps, one after another. There must be room.
    pub(crate) fn assign_steps(&mut self, steps: &[T]) {
        self.clear();
        for step in steps.chunks_exact(self.rows * self.batch) {
            self.push(step);
        }
    }

    /// Copies step `k` of the block out, `[rows][batch]`.
    pub(crate) fn copy_step(&self, k: usize, step: &mut [T]) {
        let (batch, at) = (self.batch, k * self.batch);
        if batch == 1 {
            step.copy_from_slice(&self.values[at * self.rows..][..self.rows]);
        } else {
            let width = self.capacity * batch;
            for (row, step) in self.values.chunks_exact(width).zip(step.chunks_exact_mut(batch)) {
                step.copy_from_slice(&row[at..at + batch]);
            }
        }
    }

    /// The matrix of all columns there.
    pub(crate) fn matrix(&self) -> MatRef<'_, T> {
        let filled = self.steps * self.batch;
        if self.batch == 1 {
            MatRef::from_column_major_slice(&self.values[..self.rows * filled], self.rows, filled)
        } else {
            let width = self.capacity * self.batch;
            MatRef::from_row_major_slice(&self.values, self.rows, width).subcols(0, filled)
        }
    }

    /// Becomes `matrix` times the columns of `other`, plus `bias` in every column.
    pub(crate) fn assign_product(&mut self, matrix: MatRef<'_, T>, other: &Self, bias: &[T]) {
        self.steps = other.steps;
        let filled = self.steps * self.batch;
        let (rows, width) = (self.rows, self.capacity * self.batch);
        let dst = if self.batch == 1 {
            let values = &mut self.values[..rows * filled];
            for column in values.chunks_exact_mut(rows) {
                column.copy_from_slice(bias);
            }
            MatMut::from_column_major_slice_mut(values, rows, filled)
        } else {
            for (row, &b) in self.values.chunks_exact_mut(width).zip(bias) {
                row[..filled].fill(b);
            }
            MatMut::from_row_major_slice_mut(&mut self.values, rows, width).subcols_mut(0, filled)
        };
        add_product(dst, matrix, other.matrix());
    }

    /// `gradient += D X^T` with some rows $D$ of these columns and the columns $X$ of `other`; `gradient` is row-major.
    pub(crate) fn add_outer(&self, rows: Range<usize>, other: &Self, gradient: &mut [T]) {
        let left = self.matrix().subrows(rows.start, rows.len());
        let dst = MatMut::from_row_major_slice_mut(gradient, rows.len(), other.rows);
        add_product(dst, left, other.matrix().transpose());
    }

    /// `sums += D 1` with some rows $D$ of these columns.
    pub(crate) fn add_row_sums(&self, rows: Range<usize>, sums: &mut [T]) {
        let filled = self.steps * self.batch;
        if self.batch == 1 {
            for at in (0..rows.len()).step_by(LANES) {
                let mut total = [T::ZERO; LANES];
                for column in self.values[..self.rows * filled].chunks_exact(self.rows) {
                    let lanes = load(&column[rows.clone()], at);
                    for k in 0..LANES {
                        total[k] += lanes[k];
                    }
                }
                let mut lanes = load(sums, at);
                for k in 0..LANES {
                    lanes[k] += total[k];
                }
                store(sums, at, lanes);
            }
        } else {
            let width = self.capacity * self.batch;
            for (row, sum) in self.values.chunks_exact(width).skip(rows.start).zip(sums) {
                let mut total = [T::ZERO; LANES];
                for at in (0..filled).step_by(LANES) {
                    let lanes = load(&row[..filled], at);
                    for k in 0..LANES {
                        total[k] += lanes[k];
                    }
                }
                let mut whole = T::ZERO;
                for part in total {
                    whole += part;
                }
                *sum += whole;
            }
        }
    }
}
