//! QR factorisations by Householder reflections.

use super::buffer;
use faer::dyn_stack::MemStack;
use faer::linalg::householder;
use faer::linalg::qr::{col_pivoting, no_pivoting};
use faer::traits::ComplexField;
use faer::{Conj, Mat, MatRef, Par, Spec};

pub(super) fn qr_factor<T: ComplexField>(mut a: Mat<T>, want_q: bool) -> (Option<Mat<T>>, Mat<T>) {
    let (m, n) = a.shape();
    let size = m.min(n);
    if size == 0 {
        return (want_q.then(|| Mat::zeros(m, size)), Mat::zeros(size, n));
    }
    let coefficients = reflect(&mut a);
    unpack(&a, &coefficients, want_q)
}

/// Householder vectors below the diagonal and R above it, in place, and their coefficients.
fn reflect<T: ComplexField>(a: &mut Mat<T>) -> Mat<T> {
    let (m, n) = a.shape();
    let size = m.min(n);
    let block = no_pivoting::factor::recommended_block_size::<T>(m, n);
    let mut coefficients = Mat::<T>::zeros(block, size);
    let mut memory =
        buffer(no_pivoting::factor::qr_in_place_scratch::<T>(m, n, block, Par::Seq, Spec::default()));
    no_pivoting::factor::qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    );
    coefficients
}

pub(super) fn complement<T: ComplexField>(mut a: Mat<T>) -> Mat<T> {
    let (m, n) = a.shape();
    let mut q = Mat::<T>::zeros(m, m - n);
    for j in 0..m - n {
        q[(n + j, j)] = T::one_impl();
    }
    if n > 0 && n < m {
        let coefficients = reflect(&mut a);
        apply_reflections(a.as_ref(), &coefficients, &mut q);
    }
    q
}

/// `x := Q x` with the whole Q that [`reflect`] has left.
fn apply_reflections<T: ComplexField>(vectors: MatRef<'_, T>, coefficients: &Mat<T>, x: &mut Mat<T>) {
    let mut memory = buffer(householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(
        vectors.nrows(),
        coefficients.nrows(),
        x.ncols(),
    ));
    householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
        vectors,
        coefficients.as_ref(),
        Conj::No,
        x.as_mut(),
        Par::Seq,
        MemStack::new(&mut memory),
    );
}

/// `Q` (thin) and `R` from Householder vectors below the diagonal.
fn unpack<T: ComplexField>(a: &Mat<T>, coefficients: &Mat<T>, want_q: bool) -> (Option<Mat<T>>, Mat<T>) {
    let (m, n) = a.shape();
    let size = m.min(n);
    let q = want_q.then(|| {
        let mut q = Mat::<T>::identity(m, size);
        apply_reflections(a.as_ref().subcols(0, size), coefficients, &mut q);
        q
    });
    let r = Mat::from_fn(size, n, |i, j| if i <= j { a[(i, j)].clone() } else { T::zero_impl() });
    (q, r)
}

pub(super) fn pivoted_qr_factor<T: ComplexField>(
    mut a: Mat<T>,
    want_q: bool,
) -> (Option<Mat<T>>, Mat<T>, Vec<usize>) {
    let (m, n) = a.shape();
    let size = m.min(n);
    if size == 0 {
        return (want_q.then(|| Mat::zeros(m, size)), Mat::zeros(size, n), (0..n).collect());
    }
    let block = no_pivoting::factor::recommended_block_size::<T>(m, n);
    let mut coefficients = Mat::<T>::zeros(block, size);
    let (mut permutation, mut inverse) = (vec![0; n], vec![0; n]);
    let mut memory =
        buffer(col_pivoting::factor::qr_in_place_scratch::<usize, T>(m, n, block, Par::Seq, Spec::default()));
    col_pivoting::factor::qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        &mut permutation,
        &mut inverse,
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    );
    let (q, r) = unpack(&a, &coefficients, want_q);
    (q, r, permutation)
}
