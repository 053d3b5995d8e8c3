//! ln det A = ln det P + ln det(L⁻¹ A L⁻*), P = L L*.

use super::{LanczosOptions, TraceEstimate, TraceOptions, function};
use crate::MatrixError;
use crate::determinant::scaled::ScaledProduct;
use crate::norm::check_finite;
use crate::scalar::{RealScalar, Scalar};
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::matrix_free::LinOp;
use faer::prelude::ReborrowMut;
use faer::{Conj, Mat, MatMut, MatRef, Par};
use rand::Rng;
use std::fmt::Debug;

/// A positive definite $P = L L^*$ near the operator, with a known determinant and a factor that is cheap to solve with.
pub trait SplitPreconditioner<T: Scalar>: Sync + Debug {
    /// Order of P.
    fn order(&self) -> usize;
    /// $\ln \det P = 2 \ln \lvert \det L \rvert$.
    fn log_det(&self) -> T::RealPart;
    /// $x := L^{-1} x$ for all columns.
    fn solve_factor(&self, x: MatMut<'_, T>);
    /// $x := L^{-\ast} x$ for all columns.
    fn solve_factor_adjoint(&self, x: MatMut<'_, T>);
}

/// The diagonal of an operator as its preconditioner (Jacobi): for operators whose scales differ.
#[derive(Debug, Clone, PartialEq)]
pub struct JacobiPreconditioner<R> {
    /// $1 / \sqrt{d_i}$.
    inverse_roots: Vec<R>,
    log_det: R,
}

impl<R: RealScalar> JacobiPreconditioner<R> {
    /// From the diagonal of the operator.
    ///
    /// # Errors
    ///
    /// [`MatrixError::NotPositive`] for an entry that is not positive, or not finite.
    pub fn new(diagonal: &[R]) -> Result<Self, MatrixError> {
        for (index, &d) in diagonal.iter().enumerate() {
            if !(d > R::ZERO && d.finite()) {
                let value = d.to_f64();
                return Err(MatrixError::NotPositive {
                    kind: "definite",
                    what: "diagonal entry",
                    index,
                    value,
                });
            }
        }
        let inverse_roots = diagonal.iter().map(|&d| R::ONE / Scalar::sqrt(d)).collect();
        let product = diagonal.iter().fold(ScaledProduct::ONE, |product, &d| product.times(d));
        Ok(Self { inverse_roots, log_det: R::from_f64(product.ln_modulus()) })
    }
}

impl<T: Scalar> SplitPreconditioner<T> for JacobiPreconditioner<T::RealPart> {
    fn order(&self) -> usize {
        self.inverse_roots.len()
    }

    fn log_det(&self) -> T::RealPart {
        self.log_det
    }

    fn solve_factor(&self, mut x: MatMut<'_, T>) {
        for j in 0..x.ncols() {
            for (i, &r) in self.inverse_roots.iter().enumerate() {
                x[(i, j)] = x[(i, j)].scale(r);
            }
        }
    }

    fn solve_factor_adjoint(&self, x: MatMut<'_, T>) {
        self.solve_factor(x);
    }
}

/// A lower triangular factor of a nearby matrix as preconditioner.
#[derive(Debug, Clone, PartialEq)]
pub struct CholeskyPreconditioner<T: Scalar> {
    factor: Mat<T>,
    log_det: T::RealPart,
}

impl<T: Scalar> CholeskyPreconditioner<T> {
    /// From L, lower triangular with a diagonal that is not zero; what is above the diagonal is not read.
    ///
    /// # Errors
    ///
    /// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`], [`MatrixError::Singular`] for a zero on the diagonal.
    pub fn new(factor: Mat<T>) -> Result<Self, MatrixError> {
        let n = factor.nrows();
        if factor.ncols() != n {
            return Err(MatrixError::NotSquare { rows: n, columns: factor.ncols() });
        }
        let mut product = ScaledProduct::<T::RealPart>::ONE;
        for index in 0..n {
            if let Some(row) = (index..n).find(|&i| !factor[(i, index)].finite()) {
                return Err(MatrixError::NotFinite { row, column: index });
            }
            let pivot = factor[(index, index)].modulus();
            if pivot == T::RealPart::ZERO {
                return Err(MatrixError::Singular { what: "diagonal entry of the factor", index });
            }
            product = product.times(pivot).times(pivot);
        }
        let log_det = T::RealPart::from_f64(product.ln_modulus());
        Ok(Self { factor, log_det })
    }
}

impl<T: Scalar> SplitPreconditioner<T> for CholeskyPreconditioner<T> {
    fn order(&self) -> usize {
        self.factor.nrows()
    }

    fn log_det(&self) -> T::RealPart {
        self.log_det
    }

    fn solve_factor(&self, x: MatMut<'_, T>) {
        T::solve_triangular((self.factor.as_ref(), Conj::No), BlockStructure::TriangularLower, x);
    }

    fn solve_factor_adjoint(&self, x: MatMut<'_, T>) {
        T::solve_triangular((self.factor.transpose(), Conj::Yes), BlockStructure::TriangularUpper, x);
    }
}

/// Estimates $\ln \det A$ by way of a preconditioner $P = L L^*$:
///
/// $$ \ln \det A = \ln \det P + \operatorname{tr} \ln(L^{-1} A L^{-\ast}) . $$
///
/// The closer P is to A, the fewer steps and probes are needed: both the condition number and the size of the logarithm
/// shrink. The bounds of the spectrum in the options are those of $L^{-1} A L^{-\ast}$.
///
/// Cost: as [`log_det_estimate`](crate::trace::log_det_estimate), and two solves with the factor for each product.
///
/// # Errors
///
/// As [`log_det_estimate`](crate::trace::log_det_estimate); [`MatrixError::ShapeMismatch`] if P has another order;
/// [`MatrixError::OperatorNotFinite`] also if a solve overflows.
///
/// # Example: scales that differ by 1e12
///
/// ```
/// use faer::Mat;
/// use tangency_matrix::trace::{JacobiPreconditioner, LanczosOptions, TraceOptions, log_det_preconditioned};
///
/// let n = 40;
/// let scale = |i: usize| 10_f64.powf(6.0 * i as f64 / (n - 1) as f64);
/// // D M D with M = I + ones/n, whose determinant is 2.
/// let a = Mat::from_fn(n, n, |i, j| scale(i) * scale(j) * (f64::from(u8::from(i == j)) + 1.0 / n as f64));
/// let exact = 2_f64.ln() + 2.0 * (0..n).map(|i| scale(i).ln()).sum::<f64>();
/// let diagonal: Vec<f64> = (0..n).map(|i| a[(i, i)]).collect();
/// let found = log_det_preconditioned(
///     &a,
///     &JacobiPreconditioner::new(&diagonal)?,
///     &TraceOptions::default(),
///     &LanczosOptions::default(),
///     &mut rand_pcg::Pcg64::new(1, 2),
/// )?;
/// assert!((found.estimate - exact).abs() < 4.0 * found.standard_error && found.standard_error < 0.3);
/// assert!(found.steps <= 3);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Gardner, G. Pleiss, D. Bindel, K. Q. Weinberger, A. G. Wilson, *GPyTorch: Blackbox Matrix-Matrix Gaussian Process
///   Inference*, NeurIPS 2018.
pub fn log_det_preconditioned<T: Scalar>(
    a: &impl LinOp<T>,
    preconditioner: &impl SplitPreconditioner<T>,
    options: &TraceOptions<T::RealPart>,
    lanczos: &LanczosOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T::RealPart>, MatrixError> {
    let (n, order) = (a.nrows(), preconditioner.order());
    if a.ncols() == n && order != n {
        return Err(MatrixError::ShapeMismatch {
            what: "the preconditioner",
            expected_rows: n,
            expected_columns: n,
            rows: order,
            columns: order,
        });
    }
    let log_det = preconditioner.log_det();
    check_finite(Mat::from_fn(1, 1, |_, _| log_det).as_ref())?;
    let split = Split { a, preconditioner };
    let mut found = function(&split, &|x: T::RealPart| Scalar::ln(x), true, options, lanczos, rng)?;
    found.estimate += log_det;
    Ok(found)
}

/// $L^{-1} A L^{-*}$.
#[derive(Debug)]
struct Split<'a, T: Scalar> {
    a: &'a dyn LinOp<T>,
    preconditioner: &'a dyn SplitPreconditioner<T>,
}

impl<T: Scalar> LinOp<T> for Split<'_, T> {
    fn apply_scratch(&self, columns: usize, par: Par) -> StackReq {
        temp_mat_scratch::<T>(self.a.nrows(), columns).and(self.a.apply_scratch(columns, par))
    }

    fn nrows(&self) -> usize {
        self.a.nrows()
    }

    fn ncols(&self) -> usize {
        self.a.ncols()
    }

    fn apply(&self, mut out: MatMut<'_, T>, rhs: MatRef<'_, T>, par: Par, stack: &mut MemStack) {
        let (mut x, stack) = temp_mat_zeroed::<T, _, _>(rhs.nrows(), rhs.ncols(), stack);
        let mut x = faer::mat::AsMatMut::as_mat_mut(&mut x);
        x.copy_from(rhs);
        self.preconditioner.solve_factor_adjoint(x.rb_mut());
        self.a.apply(out.rb_mut(), faer::prelude::Reborrow::rb(&x), par, stack);
        self.preconditioner.solve_factor(out);
    }

    /// Not used by anything here; conjugates before and after.
    fn conj_apply(&self, mut out: MatMut<'_, T>, rhs: MatRef<'_, T>, par: Par, stack: &mut MemStack) {
        let conjugated = Mat::from_fn(rhs.nrows(), rhs.ncols(), |i, j| Scalar::conj(rhs[(i, j)]));
        self.apply(out.rb_mut(), conjugated.as_ref(), par, stack);
        for j in 0..out.ncols() {
            for i in 0..out.nrows() {
                out[(i, j)] = Scalar::conj(out[(i, j)]);
            }
        }
    }
}
