//! The determinant of a dense matrix by LU factorisation.

use super::LogDet;
use super::elimination::{eliminate_with_scaling, factor_small, invertible};
use super::equilibrate::Scaling;
use super::scaled::ScaledProduct;
use crate::MatrixError;
use crate::norm::{check_finite, check_shape, estimate_norm_1, operator_norm_1};
use crate::scalar::{RealScalar, Scalar};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Conj, Mat, MatMut, MatRef};

/// Up to this order elimination by columns beats the blocked factorisation.
const SMALL: usize = 64;

/// Memory for [`log_det_with`]: with it, a determinant of this order allocates nothing.
pub struct LogDetWorkspace<T: Scalar> {
    order: usize,
    /// The factor if the order is small, without gaps between columns.
    small: Vec<T>,
    /// The factor otherwise.
    large: Mat<T>,
    pub(super) scaling: Scaling<T>,
    permutation: Vec<usize>,
    inverse: Vec<usize>,
    memory: MemBuffer,
}

impl<T: Scalar> std::fmt::Debug for LogDetWorkspace<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogDetWorkspace").field("order", &self.order).finish_non_exhaustive()
    }
}

/// What an elimination found.
pub(super) struct Elimination<T: Scalar> {
    pub(super) product: ScaledProduct<T>,
    /// Whether the workspace holds `P S = L U` of the scaled matrix `S`, with every pivot invertible; or the first
    /// pivot that is not.
    pub(super) factored: Result<(), usize>,
}

impl<T: Scalar> LogDetWorkspace<T> {
    /// Memory for matrices of this order.
    pub fn new(order: usize) -> Self {
        let small = order <= SMALL;
        Self {
            order,
            small: if small { vec![T::ZERO; order * order] } else { Vec::new() },
            large: if small { Mat::new() } else { Mat::zeros(order, order) },
            scaling: Scaling::new(order),
            permutation: vec![0; order],
            inverse: vec![0; order],
            memory: MemBuffer::new(T::lu_scratch(if small { 0 } else { order })),
        }
    }

    /// The factor: `L` below the diagonal, `U` on and above it.
    fn factor(&self) -> MatRef<'_, T> {
        if self.order <= SMALL {
            MatRef::from_column_major_slice(&self.small, self.order, self.order)
        } else {
            self.large.as_ref()
        }
    }

    fn factor_mut(&mut self) -> (MatMut<'_, T>, &mut Scaling<T>) {
        let target = if self.order <= SMALL {
            MatMut::from_column_major_slice_mut(&mut self.small, self.order, self.order)
        } else {
            self.large.as_mut()
        };
        (target, &mut self.scaling)
    }

    /// Determinant of a finite matrix of the workspace's order. With `keep` the factor is made in any case.
    pub(super) fn eliminate(
        &mut self,
        a: MatRef<'_, T>,
        keep: Option<&mut T::RealPart>,
    ) -> Result<Elimination<T>, MatrixError> {
        check_shape("a matrix for this workspace", a, (self.order, self.order))?;
        let triangular = is_triangular(a);
        if triangular && keep.is_none() {
            check_finite(a)?;
            return Ok(Elimination { product: diagonal_product(a), factored: Err(0) });
        }
        let n = self.order;
        let (mut target, scaling) = self.factor_mut();
        let zero_line = scaling.load(a, target.rb_mut())?;
        let total = scaling.total();
        if let Some(norm) = keep {
            *norm = operator_norm_1(target.rb());
        }
        if zero_line {
            return Ok(Elimination { product: ScaledProduct::ZERO, factored: Err(0) });
        }
        let transpositions = if n <= SMALL {
            factor_small(&mut self.small, n, &mut self.permutation).unwrap_or(0)
        } else {
            T::lu_in_place_with(
                self.large.as_mut(),
                &mut self.permutation,
                &mut self.inverse,
                MemStack::new(&mut self.memory),
            )
        };
        // In the order of elimination: the first zero pivot is exact, and what follows it may be NaN.
        let factor = self.factor();
        let mut product = ScaledProduct::ONE;
        let mut factored = Ok(());
        for k in 0..n {
            let pivot = factor[(k, k)];
            if !invertible(pivot) {
                factored = Err(k);
                product = if pivot == T::ZERO { ScaledProduct::ZERO } else { self.restart(a)? };
                break;
            }
            product = product.times(pivot);
        }
        if factored.is_ok() {
            if transpositions % 2 == 1 {
                product.significand = -product.significand;
            }
            product = product.times_power_of_two(total);
        }
        if triangular {
            product = diagonal_product(a);
        }
        Ok(Elimination { product, factored })
    }

    /// For the matrices whose elimination leaves the range in spite of the scaling.
    fn restart(&mut self, a: MatRef<'_, T>) -> Result<ScaledProduct<T>, MatrixError> {
        let (mut target, scaling) = self.factor_mut();
        scaling.load(a, target.rb_mut())?;
        let total = scaling.total();
        Ok(eliminate_with_scaling(target).times_power_of_two(total))
    }

    /// `x := S⁻¹ x` or `S⁻ᴴ x` for the scaled matrix `S` whose factor is here.
    pub(super) fn solve(&self, adjoint: bool, mut x: MatMut<'_, T>) {
        let lu = self.factor();
        let mut y = Mat::zeros(x.nrows(), x.ncols());
        if adjoint {
            T::solve_triangular((lu.transpose(), Conj::Yes), BlockStructure::TriangularLower, x.rb_mut());
            T::solve_triangular((lu.transpose(), Conj::Yes), BlockStructure::UnitTriangularUpper, x.rb_mut());
            for j in 0..x.ncols() {
                for (i, &p) in self.permutation.iter().enumerate() {
                    y[(p, j)] = x[(i, j)];
                }
            }
            x.copy_from(&y);
        } else {
            for j in 0..x.ncols() {
                for (i, &p) in self.permutation.iter().enumerate() {
                    y[(i, j)] = x[(p, j)];
                }
            }
            x.copy_from(&y);
            T::solve_triangular((lu, Conj::No), BlockStructure::UnitTriangularLower, x.rb_mut());
            T::solve_triangular((lu, Conj::No), BlockStructure::TriangularUpper, x.rb_mut());
        }
    }

    /// Estimate of $\lVert S^{-1} \rVert_1$ for the scaled matrix whose factor is here.
    pub(super) fn inverse_norm(&self) -> T::RealPart {
        estimate_norm_1(self.order, |adjoint, x| self.solve(adjoint, x))
    }

    /// $\lVert \lvert L \rvert \lvert U \rvert \rVert_1$.
    fn factor_norm(&self) -> T::RealPart {
        let (lu, n) = (self.factor(), self.order);
        let heights: Vec<T::RealPart> =
            (0..n).map(|k| (k + 1..n).fold(T::RealPart::ONE, |sum, i| sum + lu[(i, k)].modulus())).collect();
        (0..n).fold(T::RealPart::ZERO, |norm, j| {
            let sum = (0..=j).fold(T::RealPart::ZERO, |sum, k| sum + heights[k] * lu[(k, j)].modulus());
            RealScalar::max(norm, sum)
        })
    }
}

/// Whether one of the two triangles is zero.
fn is_triangular<T: Scalar>(a: MatRef<'_, T>) -> bool {
    let n = a.nrows();
    let zero =
        |upper: bool| (0..n).all(|j| if upper { j + 1..n } else { 0..j }.all(|i| a[(i, j)] == T::ZERO));
    n < 2 || (a[(n - 1, 0)] == T::ZERO && zero(true)) || (a[(0, n - 1)] == T::ZERO && zero(false))
}

fn diagonal_product<T: Scalar>(a: MatRef<'_, T>) -> ScaledProduct<T> {
    (0..a.nrows()).fold(ScaledProduct::ONE, |product, i| product.times(a[(i, i)]))
}

fn check_square<T: Scalar>(a: MatRef<'_, T>) -> Result<usize, MatrixError> {
    if a.nrows() == a.ncols() {
        return Ok(a.nrows());
    }
    Err(MatrixError::NotSquare { rows: a.nrows(), columns: a.ncols() })
}

/// Sign and logarithm of a determinant, by LU factorisation with partial pivoting.
///
/// $$ P A = L U, \quad \det A = \det P \prod_k u_{kk} $$
///
/// Rows and columns are scaled by powers of two first and the product keeps its own exponent, so nothing overflows: the
/// entries may be 1e300 and 1e-300 together. The factorisation of an exactly singular matrix that meets a zero pivot
/// gives sign 0 and −∞, never NaN; rounding may also turn a singular matrix into one with a tiny determinant, and
/// [`log_det_report`] tells how far to trust it. A triangular matrix gives the product of its diagonal, to the last
/// digits. Cost: $\frac{2}{3} n^3$ flops, a third of a product.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`].
///
/// # Example: a permutation, and a singular matrix
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::log_det;
///
/// let swap = log_det(mat![[0.0, 1.0], [1.0, 0.0]].as_ref())?;
/// assert_eq!((swap.sign, swap.ln_abs), (-1.0, 0.0));
/// let singular = log_det(Mat::<f64>::ones(4, 4).as_ref())?;
/// assert_eq!((singular.sign, singular.ln_abs), (0.0, f64::NEG_INFINITY));
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), section 14.6.
pub fn log_det<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    log_det_with(a, &mut LogDetWorkspace::new(check_square(a)?))
}

/// [`log_det`] in memory that is used again: the same bits, and no allocation.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] unless the matrix has the workspace's order; [`MatrixError::NotFinite`].
///
/// # Example: one workspace for many matrices
///
/// ```
/// use faer::Mat;
/// use tangency_matrix::{LogDetWorkspace, log_det_with};
///
/// let mut workspace = LogDetWorkspace::new(3);
/// for k in 1..5 {
///     let a = Mat::from_fn(3, 3, |i, j| if i == j { f64::from(k) } else { 1.0 });
///     let det = log_det_with(a.as_ref(), &mut workspace)?.value();
///     assert!((det - f64::from((k - 1) * (k - 1) * (k + 2))).abs() < 1e-13);
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
pub fn log_det_with<T: Scalar>(
    a: MatRef<'_, T>,
    workspace: &mut LogDetWorkspace<T>,
) -> Result<LogDet<T>, MatrixError> {
    Ok(LogDet::new(workspace.eliminate(a, None)?.product))
}

/// A determinant and how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LogDetReport<T: Scalar> {
    /// The determinant, with the bits of [`log_det`].
    pub log_det: LogDet<T>,
    /// Estimate of the condition number $\lVert S \rVert_1 \lVert S^{-1} \rVert_1$ of the matrix with scaled rows and
    /// columns; infinite if a pivot is zero.
    pub condition: T::RealPart,
    /// Growth of the elimination, $\lVert \lvert L \rvert \lvert U \rvert \rVert_1 / \lVert S \rVert_1$; infinite if a
    /// pivot is zero.
    pub growth: T::RealPart,
    /// To first order, what $\ln \lvert \det A \rvert$ and the angle of the sign may be wrong by: n·u·(1 + growth ·
    /// condition), with the unit roundoff u. Infinite if a pivot is zero. Larger than one, it says that not even the
    /// first digit of the determinant is known.
    pub error_bound: T::RealPart,
}

/// [`log_det`] with an estimate of its error.
///
/// What rounding does to a determinant follows from its derivative:
///
/// $$ \ln \det (A + E) - \ln \det A \approx \operatorname{tr}(A^{-1} E), \quad
///    \lvert E \rvert \le n u \lvert L \rvert \lvert U \rvert . $$
///
/// The bound is n u ‖S⁻¹‖₁ ‖ \|L\| \|U\| ‖₁ with the matrix S that was factored, and an estimate of the norm of its inverse;
/// a sure bound of the trace would have a further factor n, which is not met in practice. Cost: a tenth more than
/// [`log_det`] for large n.
///
/// # Errors
///
/// As [`log_det`].
///
/// # Example: a Hilbert matrix
///
/// ```
/// use faer::Mat;
///
/// let hilbert = Mat::from_fn(8, 8, |i, j| 1.0 / (i + j + 1) as f64);
/// let report = tangency_matrix::log_det_report(hilbert.as_ref())?;
/// let exact = -74.97842732916048; // the reciprocal of an integer: 1/365356847125734485878112256000000
/// assert!(report.condition > 1e7);
/// assert!((report.log_det.ln_abs - exact).abs() < report.error_bound);
/// assert!(report.error_bound < 1e-4);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), Theorem 9.3 and section 14.6.
pub fn log_det_report<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDetReport<T>, MatrixError> {
    let n = check_square(a)?;
    let mut workspace = LogDetWorkspace::new(n);
    let mut norm = T::RealPart::ZERO;
    let Elimination { product, factored } = workspace.eliminate(a, Some(&mut norm))?;
    let log_det = LogDet::new(product);
    let nu = T::RealPart::UNIT_ROUNDOFF.scale(T::RealPart::from_f64(n as f64));
    if n == 0 {
        let (condition, growth) = (T::RealPart::ZERO, T::RealPart::ONE);
        return Ok(LogDetReport { log_det, condition, growth, error_bound: T::RealPart::ZERO });
    }
    if factored.is_err() {
        let infinite = T::RealPart::from_f64(f64::INFINITY);
        return Ok(LogDetReport { log_det, condition: infinite, growth: infinite, error_bound: infinite });
    }
    let condition = norm * workspace.inverse_norm();
    let growth = workspace.factor_norm() / norm;
    Ok(LogDetReport { log_det, condition, growth, error_bound: nu * (T::RealPart::ONE + growth * condition) })
}
