//! The reduction to Hessenberg form.

use super::buffer;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::hessenberg;
use faer::linalg::householder;
use faer::linalg::qr::no_pivoting;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::traits::ComplexField;
use faer::{Conj, Mat, MatMut, Par, Spec};

/// Memory of a reduction to Hessenberg form, made when it is first needed.
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct HessenbergMemory<T> {
    coefficients: Mat<T>,
    bytes: Option<MemBuffer>,
}

impl<T> Default for HessenbergMemory<T> {
    fn default() -> Self {
        Self { coefficients: Mat::new(), bytes: None }
    }
}

impl<T> Clone for HessenbergMemory<T> {
    /// Without the content.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> std::fmt::Debug for HessenbergMemory<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HessenbergMemory").finish_non_exhaustive()
    }
}

impl<T: ComplexField> HessenbergMemory<T> {
    /// Coefficients of reflectors and bytes for order n ≥ 2.
    fn of_order(&mut self, n: usize) -> (MatMut<'_, T>, &mut MemStack) {
        let block = no_pivoting::factor::recommended_block_size::<T>(n - 1, n - 1);
        if self.coefficients.shape() != (block, n - 1) || self.bytes.is_none() {
            self.coefficients = Mat::zeros(block, n - 1);
            let reduction = hessenberg::hessenberg_in_place_scratch::<T>(n, block, Par::Seq, Spec::default());
            let application = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(
                n - 1,
                block,
                n - 1,
            );
            self.bytes = Some(buffer(reduction.or(application)));
        }
        (self.coefficients.as_mut(), MemStack::new(self.bytes.as_mut().expect("made above")))
    }
}

/// `q` is the identity on entry, and gets the reflectors.
pub(super) fn hessenberg_factor<T: ComplexField>(
    mut a: MatMut<'_, T>,
    mut q: MatMut<'_, T>,
    memory: &mut HessenbergMemory<T>,
) {
    let n = a.nrows();
    if n < 2 {
        return;
    }
    let (mut coefficients, stack) = memory.of_order(n);
    hessenberg::hessenberg_in_place(a.rb_mut(), coefficients.rb_mut(), Par::Seq, stack, Spec::default());
    householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
        a.rb().submatrix(1, 0, n - 1, n - 1),
        coefficients.rb(),
        Conj::No,
        q.rb_mut().submatrix_mut(1, 1, n - 1, n - 1),
        Par::Seq,
        stack,
    );
    for j in 0..n {
        for i in j + 2..n {
            a[(i, j)] = T::zero_impl();
        }
    }
}
