//! Short names for products of matrices.

use crate::scalar::Scalar;
use faer::{Accum, Conj, Mat, MatMut, MatRef};

/// `dst = a b`.
pub(crate) fn multiply_into<T: Scalar>(dst: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    T::product(dst, Accum::Replace, (a, Conj::No), (b, Conj::No), T::ONE);
}

/// `dst += alpha·a·b`.
pub(crate) fn multiply_add<T: Scalar>(dst: MatMut<'_, T>, alpha: T, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    T::product(dst, Accum::Add, (a, Conj::No), (b, Conj::No), alpha);
}

/// `a b`.
pub(crate) fn multiply<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut dst = Mat::zeros(a.nrows(), b.ncols());
    multiply_into(dst.as_mut(), a, b);
    dst
}

/// `aᴴ b`.
pub(crate) fn adjoint_multiply<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut dst = Mat::zeros(a.ncols(), b.ncols());
    T::product(dst.as_mut(), Accum::Replace, (a.transpose(), Conj::Yes), (b, Conj::No), T::ONE);
    dst
}

/// `a bᴴ`.
pub(crate) fn multiply_adjoint<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut dst = Mat::zeros(a.nrows(), b.nrows());
    T::product(dst.as_mut(), Accum::Replace, (a, Conj::No), (b.transpose(), Conj::Yes), T::ONE);
    dst
}
