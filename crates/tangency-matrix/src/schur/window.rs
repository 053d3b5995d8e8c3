//! Transformations of a diagonal window, gathered and applied to the rest of the matrix by products.

use super::double_shift::{Target, iterate};
use crate::scalar::Scalar;
use faer::{Accum, Conj, MatMut, MatRef};
use std::ops::Range;
use tangency_vmath::Kernel;

/// The distance of two columns: whole cache lines, and an odd number of them, so that neighbouring columns do not fall
/// on the same few places of the cache.
pub(super) fn stride<T>(n: usize) -> usize {
    let line = (64 / size_of::<T>()).max(1);
    if n < 4 * line { n } else { (n.div_ceil(line) | 1) * line }
}

/// A square matrix, the unitary transformation of a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Accumulated<T> {
    pub(super) entries: Vec<T>,
    pub(super) order: usize,
    pub(super) stride: usize,
    scratch: Vec<T>,
}

impl<T: Scalar> Accumulated<T> {
    /// The identity.
    pub(super) fn reset(&mut self, order: usize) {
        (self.order, self.stride) = (order, stride::<T>(order));
        self.entries.clear();
        self.entries.resize(self.stride * order, T::ZERO);
        for i in 0..order {
            self.entries[i * self.stride + i] = T::ONE;
        }
    }

    pub(super) fn view_mut(&mut self) -> MatMut<'_, T> {
        MatMut::from_column_major_slice_with_stride_mut(
            &mut self.entries,
            self.order,
            self.order,
            self.stride,
        )
    }

    /// `M := M U` on the columns from `column`, rows `rows`.
    fn apply_right(&mut self, m: &mut [T], m_stride: usize, rows: Range<usize>, column: usize) {
        let (height, order) = (rows.len(), self.order);
        if height == 0 || order == 0 {
            return;
        }
        let height_stride = stride::<T>(height);
        self.scratch.resize((height_stride * order).max(self.scratch.len()), T::ZERO);
        let old = MatRef::from_column_major_slice_with_stride(
            &m[column * m_stride + rows.start..],
            height,
            order,
            m_stride,
        );
        let u = MatRef::from_column_major_slice_with_stride(&self.entries, order, order, self.stride);
        let new =
            MatMut::from_column_major_slice_with_stride_mut(&mut self.scratch, height, order, height_stride);
        T::product(new, Accum::Replace, (old, Conj::No), (u, Conj::No), T::ONE);
        for j in 0..order {
            let start = (column + j) * m_stride + rows.start;
            m[start..start + height]
                .copy_from_slice(&self.scratch[j * height_stride..j * height_stride + height]);
        }
    }

    /// `M := U* M` on the rows from `row`, columns `columns`.
    fn apply_left(&mut self, m: &mut [T], m_stride: usize, row: usize, columns: Range<usize>) {
        let (width, order) = (columns.len(), self.order);
        if width == 0 || order == 0 {
            return;
        }
        self.scratch.resize((self.stride * width).max(self.scratch.len()), T::ZERO);
        let old = MatRef::from_column_major_slice_with_stride(
            &m[columns.start * m_stride + row..],
            order,
            width,
            m_stride,
        );
        let u = MatRef::from_column_major_slice_with_stride(&self.entries, order, order, self.stride);
        let new =
            MatMut::from_column_major_slice_with_stride_mut(&mut self.scratch, order, width, self.stride);
        T::product(new, Accum::Replace, (u.transpose(), Conj::Yes), (old, Conj::No), T::ONE);
        for j in 0..width {
            let start = (columns.start + j) * m_stride + row;
            m[start..start + order].copy_from_slice(&self.scratch[j * self.stride..j * self.stride + order]);
        }
    }

    /// Applies the transformation to all that the window does not contain: the rows above `window`, the columns from
    /// `right` on, and `q`; it acts on the rows and columns from `window.start`, which are as many as its order.
    pub(super) fn spread(&mut self, target: &mut Target<'_, T>, above: usize, first: usize, right: usize) {
        let (n, stride) = (target.n, target.stride);
        self.apply_right(target.h, stride, 0..above, first);
        self.apply_left(target.h, stride, first, right..n);
        self.apply_right(target.q, target.q_stride, target.q_rows.clone(), first);
    }
}

/// A diagonal window and its transformation, both on their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Window<T> {
    pub(super) h: Vec<T>,
    pub(super) u: Accumulated<T>,
}

impl<T: Scalar> Window<T> {
    /// Copies the window out of the matrix; the transformation is the identity.
    pub(super) fn take(&mut self, target: &Target<'_, T>, window: &Range<usize>) {
        self.u.reset(window.len());
        self.h.clear();
        self.h.resize(self.u.entries.len(), T::ZERO);
        for (column, j) in self.h.chunks_exact_mut(self.u.stride).zip(window.clone()) {
            let start = j * target.stride + window.start;
            column[..window.len()].copy_from_slice(&target.h[start..start + window.len()]);
        }
    }

    /// Copies it back and transforms the rest of the matrix.
    pub(super) fn put(&mut self, target: &mut Target<'_, T>, window: &Range<usize>) {
        for (column, j) in self.h.chunks_exact(self.u.stride).zip(window.clone()) {
            let start = j * target.stride + window.start;
            target.h[start..start + window.len()].copy_from_slice(&column[..window.len()]);
        }
        self.u.spread(target, window.start, window.start, window.end);
    }

    /// The window as something to iterate on.
    pub(super) fn target(&mut self) -> Target<'_, T> {
        Target {
            h: &mut self.h,
            n: self.u.order,
            stride: self.u.stride,
            q_rows: 0..self.u.order,
            q_stride: self.u.stride,
            q: &mut self.u.entries,
        }
    }

    /// Makes the window (quasi-)triangular.
    pub(super) fn triangularise(&mut self) -> Result<(), usize> {
        tangency_vmath::dispatch(Unblocked(self.target()))
    }
}

/// The double-shift iteration on all of a matrix, for the instruction set of the machine.
pub(super) struct Unblocked<'a, T>(pub(super) Target<'a, T>);

impl<T: Scalar> Kernel for Unblocked<'_, T> {
    type Output = Result<(), usize>;

    #[inline(always)]
    fn run<const FMA: bool>(mut self) -> Self::Output {
        let n = self.0.n;
        iterate::<T, FMA>(&mut self.0, 0..n)
    }
}
