//! Whole powers by repeated squaring, and the inverse for negative ones.

use super::product::{is_quasi_triangular, product};
use crate::MatrixError;
use crate::product::{multiply, multiply_add};
use crate::quasi_triangular::{Scratch, solve_right};
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Accum, Conj, Mat, MatRef};

/// One product on the way from $B$ to $B^k$.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Square,
    TimesBase,
}

/// $A^k$ with what its derivative needs.
#[derive(Debug, Clone)]
pub(super) struct Integer<T: Scalar> {
    pub(super) value: Mat<T>,
    /// $B = A$, or its inverse for negative $k$.
    base: Mat<T>,
    inverted: bool,
    /// What was done, with the matrix that it was done to.
    steps: Vec<(Step, Mat<T>)>,
}

impl<T: Scalar> Integer<T> {
    /// $B^k$ for $k \ge 1$ by the digits of $k$, the highest first; `keep` for the derivative.
    ///
    /// The inverse is taken first: that of $A^k$ would have an error with the condition number of $A^k$, not of $A$.
    pub(super) fn of(base: Mat<T>, inverted: bool, exponent: u64, keep: bool) -> Self {
        let structured = is_quasi_triangular(base.as_ref());
        let mut value = base.clone();
        let mut steps = Vec::new();
        let highest = exponent.max(1).ilog2();
        for digit in (0..highest).rev() {
            let mut step = |step: Step| {
                let other = if step == Step::Square { &value } else { &base };
                let next = product(value.as_ref(), other.as_ref(), structured);
                let before = std::mem::replace(&mut value, next);
                if keep {
                    steps.push((step, before));
                }
            };
            step(Step::Square);
            if exponent >> digit & 1 == 1 {
                step(Step::TimesBase);
            }
        }
        Self { value, base, inverted, steps }
    }

    /// The derivative in direction `e`, by the product rule at each step.
    pub(super) fn derivative(&self, e: MatRef<'_, T>) -> Mat<T> {
        let mut direction = e.to_owned();
        if self.inverted {
            let right = multiply(e, self.base.as_ref());
            T::product(
                direction.as_mut(),
                Accum::Replace,
                (self.base.as_ref(), Conj::No),
                (right.as_ref(), Conj::No),
                -T::ONE,
            );
        }
        let mut l = direction.clone();
        for (step, before) in &self.steps {
            let (right, change) = match step {
                Step::Square => (before, &l),
                Step::TimesBase => (&self.base, &direction),
            };
            let mut next = multiply(l.as_ref(), right.as_ref());
            multiply_add(next.as_mut(), T::ONE, before.as_ref(), change.as_ref());
            l = next;
        }
        l
    }
}

/// The inverse of a quasi-triangular matrix without zero eigenvalues.
pub(super) fn invert_quasi_triangular<T: Scalar>(t: MatRef<'_, T>) -> Mat<T> {
    let n = t.nrows();
    let mut inverse = Mat::identity(n, n);
    solve_right(t, inverse.as_mut(), true, &mut Scratch::new(n));
    inverse
}

/// The inverse by LU factorisation with partial pivoting; `Err` for a pivot that is rounding alone.
///
/// The rounding of pivot j is bounded by $n u \sum_k \lvert l_{jk} \rvert \lvert u_{kj} \rvert$, which does not see how rows and columns
/// are scaled, and is zero for triangular matrices.
pub(super) fn invert<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    let mut factors = a.to_owned();
    let (mut permutation, mut inverse) = (vec![0; n], vec![0; n]);
    if n > 0 {
        T::lu_in_place(factors.as_mut(), &mut permutation, &mut inverse);
    }
    let unit = T::RealPart::from_f64(n as f64) * T::RealPart::UNIT_ROUNDOFF;
    for j in 0..n {
        let size = (0..j)
            .fold(T::RealPart::ZERO, |sum, k| sum + factors[(j, k)].modulus() * factors[(k, j)].modulus());
        let pivot = factors[(j, j)].modulus();
        // A NaN pivot follows a zero one.
        if pivot.to_f64().is_nan() || pivot <= unit * size {
            return Err(MatrixError::Singular { what: "pivot", index: j });
        }
    }
    let mut x = Mat::zeros(n, n);
    for (i, &row) in permutation.iter().enumerate() {
        x[(i, row)] = T::ONE;
    }
    if n > 0 {
        T::solve_triangular((factors.as_ref(), Conj::No), BlockStructure::UnitTriangularLower, x.as_mut());
        T::solve_triangular((factors.as_ref(), Conj::No), BlockStructure::TriangularUpper, x.as_mut());
    }
    Ok(x)
}
