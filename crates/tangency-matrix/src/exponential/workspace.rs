//! Buffers that are used again from call to call.

use super::scheme::MAX_PRODUCTS;
use crate::scalar::Scalar;

/// Number of n x n matrices of a workspace: the basis, two factors, the result.
const MATRICES: usize = MAX_PRODUCTS + 3;

/// Entries between the matrices: without them, those of order 32, 64, ... would compete for the same lines of the cache.
const GAP: usize = 40;

/// Memory for [`expm_into`](crate::expm_into) and its likes, for matrices of one order.
///
/// Eight matrices of that order. What it holds between calls has no influence on later ones.
#[derive(Debug, Clone)]
pub struct ExpmWorkspace<T: Scalar> {
    order: usize,
    storage: Vec<T>,
}

impl<T: Scalar> ExpmWorkspace<T> {
    /// For matrices of this order.
    pub fn new(order: usize) -> Self {
        Self { order, storage: vec![T::ZERO; MATRICES * (order * order + GAP)] }
    }

    /// The order of the matrices that it is for.
    pub fn order(&self) -> usize {
        self.order
    }

    pub(super) fn buffers(&mut self) -> Buffers<'_, T> {
        let size = self.order * self.order;
        let mut matrices = self.storage.chunks_exact_mut(size + GAP);
        let mut next = || &mut matrices.next().unwrap_or_default()[..size];
        Buffers { basis: std::array::from_fn(|_| next()), left: next(), right: next(), result: next() }
    }
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
