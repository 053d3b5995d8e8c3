//! Buffers that are used again from call to call.

use super::Work;
use super::scheme::MAX_PRODUCTS;
use crate::scalar::Scalar;

/// Number of n x n matrices of a workspace: the basis, two factors, the result.
pub(super) const MATRICES: usize = MAX_PRODUCTS + 3;

/// Entries between the matrices: without them, those of order 32, 64, ... would compete for the same lines of the cache.
const GAP: usize = 40;

/// Memory for [`expm_into`](crate::expm_into) and its likes, for matrices of one order.
///
/// Eight matrices of that order. What it holds between calls has no influence on later ones.
#[derive(Debug, Clone)]
pub struct ExpmWorkspace<T: Scalar> {
    order: usize,
    storage: Vec<T>,
    work: Work,
}

impl<T: Scalar> ExpmWorkspace<T> {
    /// For matrices of this order.
    pub fn new(order: usize) -> Self {
        Self { order, storage: vec![T::ZERO; room::<T>(order)], work: Work::default() }
    }

    /// The order of the matrices that it is for.
    pub fn order(&self) -> usize {
        self.order
    }

    /// How many products of matrices the last successful call made for the polynomial, the squarings and to keep a result
    /// unitary; 0 for a closed form.
    pub fn products_made(&self) -> usize {
        self.work.products + self.work.squarings + self.work.corrections
    }

    pub(super) fn record(&mut self, work: Work) {
        self.work = work;
    }

    pub(super) fn buffers(&mut self) -> Buffers<'_, T> {
        Buffers::new(&mut self.storage, self.order)
    }
}

/// None for the small, all of which fit.
const fn gap(order: usize) -> usize {
    if order < 16 { 0 } else { GAP }
}

/// Bytes to which the matrices are aligned: one line of the cache, the widest load.
const ALIGNMENT: usize = 64;

/// Numbers that a workspace for this order takes: the matrices, and what their alignment may skip.
pub(super) const fn room<T>(order: usize) -> usize {
    MATRICES * (order * order + gap(order)) + ALIGNMENT / size_of::<T>()
}

/// The parts of a workspace, each n² numbers by columns.
#[derive(Debug)]
pub(super) struct Buffers<'a, T> {
    /// $B_0 = A$, $B_1 = A^2$, ...
    pub(super) basis: [&'a mut [T]; MAX_PRODUCTS],
    pub(super) left: &'a mut [T],
    pub(super) right: &'a mut [T],
    pub(super) result: &'a mut [T],
}

impl<'a, T> Buffers<'a, T> {
    /// `storage` has [`room`] for them.
    pub(super) fn new(storage: &'a mut [T], order: usize) -> Self {
        let spare = ALIGNMENT / size_of::<T>();
        let skip = storage.as_ptr().align_offset(ALIGNMENT);
        let start = if skip <= spare { skip } else { 0 };
        let mut matrices = storage[start..].chunks_exact_mut((order * order + gap(order)).max(1));
        let mut next = || &mut matrices.next().unwrap_or_default()[..order * order];
        Buffers { basis: std::array::from_fn(|_| next()), left: next(), right: next(), result: next() }
    }
}
