//! A matrix together with its derivative in one direction.

use crate::norm::operator_norm_1;
use crate::product::{multiply_add, multiply_into};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// $A$, or $A + \varepsilon E$ with $\varepsilon^2 = 0$: what stands on and above the diagonal of
/// $\begin{bmatrix} A & E \cr 0 & A \end{bmatrix}$.
///
/// A polynomial algorithm carried out on it gives $f(A)$ and $L_f(A, E)$, for three products in the place of one.
#[derive(Debug, Clone)]
pub(super) struct Jet<T: Scalar> {
    pub(super) value: Mat<T>,
    pub(super) derivative: Option<Mat<T>>,
}

impl<T: Scalar> Jet<T> {
    /// `a` without a direction.
    pub(super) fn constant(a: MatRef<'_, T>) -> Self {
        Self { value: a.to_owned(), derivative: None }
    }

    /// `a` in the direction `e`.
    pub(super) fn new(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Self {
        Self { value: a.to_owned(), derivative: Some(e.to_owned()) }
    }

    /// Zero, with a direction if this one has.
    pub(super) fn zeros_like(&self) -> Self {
        let zeros = |m: &Mat<T>| Mat::zeros(m.nrows(), m.ncols());
        Self { value: zeros(&self.value), derivative: self.derivative.as_ref().map(zeros) }
    }

    /// An upper bound of the 1-norm of the block matrix; the 1-norm of the matrix where there is no direction.
    pub(super) fn norm(&self) -> T::RealPart {
        let norm = operator_norm_1(self.value.as_ref());
        self.derivative.as_ref().map_or(norm, |d| norm + operator_norm_1(d.as_ref()))
    }

    /// `self = a b`.
    pub(super) fn set_product(&mut self, a: &Self, b: &Self) {
        multiply_into(self.value.as_mut(), a.value.as_ref(), b.value.as_ref());
        if let (Some(d), Some(da), Some(db)) = (&mut self.derivative, &a.derivative, &b.derivative) {
            multiply_into(d.as_mut(), a.value.as_ref(), db.as_ref());
            multiply_add(d.as_mut(), T::ONE, da.as_ref(), b.value.as_ref());
        }
    }

    /// `a b`.
    pub(super) fn product(a: &Self, b: &Self) -> Self {
        let mut dst = a.zeros_like();
        dst.set_product(a, b);
        dst
    }

    /// `self := self·own + other·factor`.
    pub(super) fn combine(&mut self, own: T::RealPart, other: &Self, factor: T::RealPart) {
        combine(&mut self.value, own, &other.value, factor);
        if let (Some(d), Some(other)) = (&mut self.derivative, &other.derivative) {
            combine(d, own, other, factor);
        }
    }

    /// Product with a real number.
    pub(super) fn scale(&mut self, factor: T::RealPart) {
        scale(&mut self.value, factor);
        if let Some(d) = &mut self.derivative {
            scale(d, factor);
        }
    }

    /// Product with $2^k$, also where that number itself is outside the range.
    pub(super) fn ldexp(&mut self, k: i32) {
        let mut rest = k;
        while rest != 0 {
            let step = rest.clamp(-120, 120);
            self.scale(RealScalar::ldexp(T::RealPart::ONE, step));
            rest -= step;
        }
    }

    /// Whether all entries are finite.
    pub(super) fn finite(&self) -> bool {
        let finite = |m: &Mat<T>| crate::norm::check_finite(m.as_ref()).is_ok();
        finite(&self.value) && self.derivative.as_ref().is_none_or(finite)
    }
}

/// The power of 2 at or above the 1-norm, also where the sums that make it overflow; 0 for the zero matrix.
pub(super) fn norm_exponent<T: Scalar>(a: MatRef<'_, T>) -> i32 {
    let mut norm = operator_norm_1(a).to_f64();
    let mut first = 0;
    if !norm.is_finite() {
        first = 64;
        let mut smaller = Jet::constant(a);
        smaller.ldexp(-first);
        norm = operator_norm_1(smaller.value.as_ref()).to_f64();
    }
    if norm > 0.0 { first + norm.log2().ceil() as i32 } else { 0 }
}

fn combine<T: Scalar>(own: &mut Mat<T>, own_factor: T::RealPart, other: &Mat<T>, factor: T::RealPart) {
    for j in 0..own.ncols() {
        for (x, &y) in own.col_as_slice_mut(j).iter_mut().zip(other.col_as_slice(j)) {
            *x = x.scale(own_factor) + y.scale(factor);
        }
    }
}

fn scale<T: Scalar>(m: &mut Mat<T>, factor: T::RealPart) {
    for j in 0..m.ncols() {
        for x in m.col_as_slice_mut(j) {
            *x = x.scale(factor);
        }
    }
}
