//! The exponential $e^A = \sum_{k \ge 0} A^k / k!$ by scaling and squaring of a Taylor polynomial.
//!
//! $e^A = (e^{A / 2^s})^{2^s}$: the matrix is scaled until a polynomial of degree up to 24, made with up to five products,
//! is exact to rounding for it, and the value is squared $s$ times. Polynomials need no linear solve, which runs below the
//! speed of products, and are more exact than the rational approximations of the same cost.

mod entries;
mod evaluation;
mod multiplication;
mod scheme;
mod selection;
mod structure;
mod workspace;

pub use workspace::ExpmWorkspace;

use crate::MatrixError;
use crate::norm::{check_shape, check_square_finite};
use crate::scalar::{RealScalar, Scalar};
use entries::{copy_in, copy_out, norm_1};
use evaluation::{Target, evaluate, square};
use faer::{Mat, MatMut, MatRef};
use selection::{Purpose, overflow, select};
use structure::{Structure, exp_minus_1, is_diagonal};
use workspace::Buffers;

/// How a result was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Work {
    /// Degree of the polynomial; 0 where a closed form was used.
    pub(crate) degree: usize,
    /// Products of matrices for the polynomial.
    pub(crate) products: usize,
    /// Squarings.
    pub(crate) squarings: usize,
}

/// The matrix exponential $e^A$.
pub fn expm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    into_new(a, Target::Exponential)
}

/// $e^A - I$, accurate for small $A$ too.
pub fn expm1m<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    into_new(a, Target::MinusIdentity)
}

/// The same as [`expm`] into memory that is there already.
pub fn expm_into<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    workspace: &mut ExpmWorkspace<T>,
) -> Result<(), MatrixError> {
    let order = workspace.order();
    check_shape("the matrix", a, (order, order))?;
    check_shape("the result", out.as_ref(), (order, order))?;
    let mut buffers = workspace.buffers();
    compute(a, Target::Exponential, &mut buffers)?;
    copy_out(out, buffers.result);
    Ok(())
}

fn into_new<T: Scalar>(a: MatRef<'_, T>, target: Target) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    if n != a.ncols() {
        return Err(MatrixError::NotSquare { rows: n, columns: a.ncols() });
    }
    let mut workspace = ExpmWorkspace::new(n);
    let mut buffers = workspace.buffers();
    compute(a, target, &mut buffers)?;
    Ok(entries::view(buffers.result, n).to_owned())
}

/// Leaves the result in `buffers.result`.
fn compute<T: Scalar>(
    a: MatRef<'_, T>,
    target: Target,
    buffers: &mut Buffers<'_, T>,
) -> Result<Work, MatrixError> {
    let n = a.nrows();
    if n == 0 {
        return Ok(Work::default());
    }
    copy_in(buffers.basis[0], a);
    let norm = norm_1(buffers.basis[0], n);
    if !norm.is_finite() {
        check_square_finite(a)?;
    }
    let structure = Structure::of(buffers.basis[0], n);
    let work = if is_diagonal(structure, buffers.basis[0], n) {
        buffers.result.fill(T::ZERO);
        for j in 0..n {
            let z = buffers.basis[0][j * n + j];
            buffers.result[j * n + j] =
                if target == Target::MinusIdentity { exp_minus_1(z) } else { Scalar::exp(z) };
        }
        Work::default()
    } else {
        let norm = if norm.is_finite() { norm } else { T::RealPart::MAX.to_f64() };
        let Buffers { basis: [first, second, third, ..], left, right, .. } = &mut *buffers;
        let plan = select(Purpose::Value, (structure, n), [first, second, third], norm, (left, right));
        evaluate(&plan, structure, n, buffers, |_, _| ());
        square(&plan, (structure, target), n, buffers, |_| ())?;
        Work {
            degree: plan.scheme.degree,
            products: plan.scheme.steps.len(),
            squarings: plan.squarings as usize,
        }
    };
    if norm_1(buffers.result, n).is_finite() {
        return Ok(work);
    }
    Err(overflow(norm.ln()))
}

/// For timing.
#[doc(hidden)]
pub fn expm_work<T: Scalar>(a: MatRef<'_, T>) -> (usize, usize, usize) {
    let mut w = ExpmWorkspace::new(a.nrows());
    let mut b = w.buffers();
    let k = compute(a, Target::Exponential, &mut b).unwrap_or_default();
    (k.degree, k.products, k.squarings)
}
