//! What the estimators see: an operator F, by its products and its quadratic forms.

use crate::MatrixError;
use crate::operator::Counted;
use crate::scalar::Scalar;
use faer::{Mat, MatMut, MatRef};
use rand::Rng;

use super::vector::dot;

/// $x^* F x$ for one column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<T: Scalar> {
    pub(super) value: T,
    /// How far the value may be from the form (or, where it is random, its mean from it), if that is known.
    pub(super) bias: Option<T::RealPart>,
}

/// An operator F of which the trace is wanted.
pub(super) trait Target<T: Scalar> {
    fn order(&self) -> usize;

    /// `y = F x`. With bounds of the columns' errors where they are known.
    fn apply(&mut self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<Option<Vec<T::RealPart>>, MatrixError>;

    /// The quadratic forms of the columns, appended to `forms`.
    fn forms(
        &mut self,
        x: MatRef<'_, T>,
        forms: &mut Vec<Form<T>>,
        rng: &mut dyn Rng,
    ) -> Result<(), MatrixError>;

    /// Products with the operator that F is a function of, until now.
    fn products(&self) -> usize;

    /// Products that one column of `apply` or `forms` needs at most (for a random number of them: in the mean).
    fn products_per_column(&self) -> usize;

    /// Largest number of products that one column took.
    fn steps(&self) -> usize;

    /// Whether it looks itself if the operator is Hermitian where it has to be.
    fn checks_symmetry(&self) -> bool {
        false
    }

    /// Whether a form is random itself.
    fn is_random(&self) -> bool {
        false
    }
}

/// The operator itself.
pub(super) struct Direct<'a, T: Scalar>(pub(super) Counted<'a, T>);

impl<T: Scalar> Target<T> for Direct<'_, T> {
    fn order(&self) -> usize {
        self.0.order()
    }

    fn apply(&mut self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<Option<Vec<T::RealPart>>, MatrixError> {
        self.0.apply(x, y)?;
        Ok(Some(vec![T::RealPart::ZERO; x.ncols()]))
    }

    fn forms(
        &mut self,
        x: MatRef<'_, T>,
        forms: &mut Vec<Form<T>>,
        _: &mut dyn Rng,
    ) -> Result<(), MatrixError> {
        let mut y = Mat::zeros(x.nrows(), x.ncols());
        self.0.apply(x, y.as_mut())?;
        for j in 0..x.ncols() {
            forms.push(Form { value: column_dot(x, y.as_ref(), j), bias: Some(T::RealPart::ZERO) });
        }
        Ok(())
    }

    fn products(&self) -> usize {
        self.0.products()
    }

    fn products_per_column(&self) -> usize {
        1
    }

    fn steps(&self) -> usize {
        1
    }
}

/// $x_j^* y_j$.
pub(super) fn column_dot<T: Scalar>(x: MatRef<'_, T>, y: MatRef<'_, T>, j: usize) -> T {
    match (x.col(j).try_as_col_major(), y.col(j).try_as_col_major()) {
        (Some(x), Some(y)) => dot(x.as_slice(), y.as_slice()),
        _ => (0..x.nrows()).fold(T::ZERO, |s, i| s + x[(i, j)].conj() * y[(i, j)]),
    }
}
