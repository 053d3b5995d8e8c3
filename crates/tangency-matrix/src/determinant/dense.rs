//! The determinant of a dense matrix by LU factorisation.

use super::LogDet;
use super::elimination::{eliminate_with_scaling, factor_small, invertible};
use super::equilibrate::Scaling;
use super::scaled::ScaledProduct;
use crate::MatrixError;
use crate::norm::{check_finite, check_shape, estimate_norm_1, operator_norm_1};
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::prelude::ReborrowMut;
use faer::{Conj, Mat, MatMut, MatRef};

/// Up to this order a determinant lives on the stack.
const STACK: usize = 8;

/// Memory for [`log_det_with`]: with it, a determinant of this order allocates nothing but what faer's product may, once.
pub struct LogDetWorkspace<T: Scalar> {
    order: usize,
    /// The factor, without gaps between columns.
    factor: Vec<T>,
    rows: Vec<i32>,
    columns: Vec<i32>,
    heights: Vec<T::RealPart>,
    permutation: Vec<usize>,
    exchanges: Vec<usize>,
}

impl<T: Scalar> std::fmt::Debug for LogDetWorkspace<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogDetWorkspace").field("order", &self.order).finish_non_exhaustive()
    }
}

/// What an elimination is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// The determinant alone.
    Nothing,
    /// The factor.
    Factor,
    /// The factor and the 1-norm of the scaled matrix.
    FactorAndNorm,
}

/// Why there is no factor whose pivots can be divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// This row or column is zero.
    ZeroLine(usize),
    /// This pivot is zero.
    ZeroPivot(usize),
    /// A pivot left the range, and the determinant had to come from elsewhere.
    Range,
}

/// What an elimination found.
#[derive(Debug)]
pub(super) struct Elimination<T: Scalar> {
    pub(super) product: ScaledProduct<T>,
    /// `None` if the factor was to be kept, and the workspace holds `P S = L U` of the scaled matrix `S`.
    pub(super) fault: Option<Fault>,
    /// The 1-norm of `S`, if asked for.
    pub(super) norm: T::RealPart,
}

/// Memory of an elimination, from a workspace or on the stack.
struct Buffers<'a, T: Scalar> {
    factor: &'a mut [T],
    scaling: Scaling<'a, T>,
    permutation: &'a mut [usize],
}

/// Determinant of a matrix of order n, `factorize(factor, permutation)` being the factorisation of a scaled one, which
/// returns the number of transpositions.
#[inline(always)]
fn eliminate<T: Scalar>(
    a: MatRef<'_, T>,
    n: usize,
    Buffers { factor, mut scaling, permutation }: Buffers<'_, T>,
    keep: Keep,
    factorize: impl FnOnce(&mut [T], &mut [usize]) -> usize,
) -> Result<Elimination<T>, MatrixError> {
    let mut norm = T::RealPart::ZERO;
    let triangular = is_triangular(a);
    if triangular && keep == Keep::Nothing {
        check_finite(a)?;
        return Ok(Elimination { product: diagonal_product(a), fault: None, norm });
    }
    let zero_line = scaling.load(a, MatMut::from_column_major_slice_mut(factor, n, n))?;
    if keep == Keep::FactorAndNorm {
        norm = operator_norm_1(MatRef::from_column_major_slice(factor, n, n));
    }
    if let Some(index) = zero_line {
        let fault = Some(Fault::ZeroLine(index));
        return Ok(Elimination { product: ScaledProduct::ZERO, fault, norm });
    }
    let transpositions = factorize(factor, permutation);
    let mut product = ScaledProduct::ONE;
    let mut fault = None;
    // In the order of elimination: the first zero pivot is exact, and what follows it may be NaN.
    for k in 0..n {
        let pivot = factor[k * n + k];
        if !invertible(pivot) {
            (fault, product) = if pivot == T::ZERO {
                (Some(Fault::ZeroPivot(k)), ScaledProduct::ZERO)
            } else {
                (Some(Fault::Range), restart(a, &mut scaling, factor)?)
            };
            break;
        }
        product = product.times(pivot);
    }
    if fault.is_none() {
        if transpositions % 2 == 1 {
            product.significand = -product.significand;
        }
        product = product.times_power_of_two(scaling.total());
    }
    if triangular {
        product = diagonal_product(a);
    }
    Ok(Elimination { product, fault, norm })
}

/// For the matrices whose elimination leaves the range in spite of the scaling.
#[cold]
#[inline(never)]
fn restart<T: Scalar>(
    a: MatRef<'_, T>,
    scaling: &mut Scaling<'_, T>,
    factor: &mut [T],
) -> Result<ScaledProduct<T>, MatrixError> {
    let mut target = MatMut::from_column_major_slice_mut(factor, a.nrows(), a.nrows());
    scaling.load(a, target.rb_mut())?;
    Ok(eliminate_with_scaling(target).times_power_of_two(scaling.total()))
}

/// The same on the stack, unrolled by the compiler.
fn on_stack<T: Scalar, const N: usize>(a: MatRef<'_, T>) -> Result<ScaledProduct<T>, MatrixError> {
    let mut factor = [[T::ZERO; N]; N];
    let (mut rows, mut columns, mut heights) = ([0; N], [0; N], [T::RealPart::ZERO; N]);
    let scaling = Scaling { rows: &mut rows, columns: &mut columns, factors: &mut heights };
    let buffers = Buffers { factor: factor.as_flattened_mut(), scaling, permutation: &mut [0; N] };
    let found = eliminate(a, N, buffers, Keep::Nothing, |factor, permutation| {
        factor_small(factor, N, permutation).unwrap_or(0)
    })?;
    Ok(found.product)
}

/// The determinant of a square matrix, without a workspace if it is small enough.
pub(super) fn small_determinant<T: Scalar>(
    a: MatRef<'_, T>,
) -> Option<Result<ScaledProduct<T>, MatrixError>> {
    Some(match a.nrows() {
        0 => Ok(ScaledProduct::ONE),
        1 => on_stack::<T, 1>(a),
        2 => on_stack::<T, 2>(a),
        3 => on_stack::<T, 3>(a),
        4 => on_stack::<T, 4>(a),
        5 => on_stack::<T, 5>(a),
        6 => on_stack::<T, 6>(a),
        7 => on_stack::<T, 7>(a),
        STACK => on_stack::<T, STACK>(a),
        _ => return None,
    })
}

impl<T: Scalar> LogDetWorkspace<T> {
    /// Memory for matrices of this order.
    pub fn new(order: usize) -> Self {
        Self {
            order,
            factor: vec![T::ZERO; order * order],
            rows: vec![0; order],
            columns: vec![0; order],
            heights: vec![T::RealPart::ZERO; order],
            permutation: vec![0; order],
            exchanges: vec![0; order],
        }
    }

    /// The factor: `L` below the diagonal, `U` on and above it.
    fn factor(&self) -> MatRef<'_, T> {
        MatRef::from_column_major_slice(&self.factor, self.order, self.order)
    }

    /// The exponents that were taken out of rows and of columns.
    pub(super) fn exponents(&self) -> (&[i32], &[i32]) {
        (&self.rows, &self.columns)
    }

    /// The scaled matrix, in place of the factor, and the sum of its exponents.
    pub(super) fn scaled(&mut self, a: MatRef<'_, T>) -> Result<(MatRef<'_, T>, i64), MatrixError> {
        let mut scaling =
            Scaling { rows: &mut self.rows, columns: &mut self.columns, factors: &mut self.heights };
        scaling.load(a, MatMut::from_column_major_slice_mut(&mut self.factor, self.order, self.order))?;
        let total = scaling.total();
        Ok((self.factor(), total))
    }

    /// Determinant of a matrix of the workspace's order.
    pub(super) fn eliminate(&mut self, a: MatRef<'_, T>, keep: Keep) -> Result<Elimination<T>, MatrixError> {
        let n = self.order;
        check_shape("a matrix for this workspace", a, (n, n))?;
        let scaling =
            Scaling { rows: &mut self.rows, columns: &mut self.columns, factors: &mut self.heights };
        let buffers = Buffers { factor: &mut self.factor, scaling, permutation: &mut self.permutation };
        let exchanges = &mut self.exchanges;
        eliminate(a, n, buffers, keep, |factor, permutation| {
            if n <= STACK {
                factor_small(factor, n, permutation).unwrap_or(0)
            } else {
                T::lu_factor(factor, n, permutation, exchanges).unwrap_or(0)
            }
        })
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
#[inline(always)]
fn is_triangular<T: Scalar>(a: MatRef<'_, T>) -> bool {
    let n = a.nrows();
    let zero =
        |upper: bool| (0..n).all(|j| if upper { j + 1..n } else { 0..j }.all(|i| a[(i, j)] == T::ZERO));
    n < 2 || (a[(n - 1, 0)] == T::ZERO && zero(true)) || (a[(0, n - 1)] == T::ZERO && zero(false))
}

fn diagonal_product<T: Scalar>(a: MatRef<'_, T>) -> ScaledProduct<T> {
    (0..a.nrows()).fold(ScaledProduct::ONE, |product, i| product.times(a[(i, i)]))
}

pub(super) fn check_square<T: Scalar>(a: MatRef<'_, T>) -> Result<usize, MatrixError> {
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
/// entries may be 1e300 and 1e-300 together. A factorisation that meets a zero pivot gives sign 0 and −∞, never NaN.
/// Rounding may turn a singular matrix into one with a tiny determinant, and also take a pivot of a regular one to zero;
/// [`log_det_report`] tells how far to trust either. A triangular matrix gives the product of its diagonal, to the last
/// digits. Cost: $\frac{2}{3} n^3$ flops, a third of a product; up to order 8 nothing is allocated.
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
/// - N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), chapter 14.
pub fn log_det<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDet<T>, MatrixError> {
    let n = check_square(a)?;
    match small_determinant(a) {
        Some(product) => Ok(LogDet::new(product?)),
        None => log_det_with(a, &mut LogDetWorkspace::new(n)),
    }
}

/// [`log_det`] in memory that is used again: the same bits.
///
/// Cost: that of [`log_det`], about a third of a product, and no memory.
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
///
/// # References
///
/// - Those of [`log_det`].
pub fn log_det_with<T: Scalar>(
    a: MatRef<'_, T>,
    workspace: &mut LogDetWorkspace<T>,
) -> Result<LogDet<T>, MatrixError> {
    Ok(LogDet::new(workspace.eliminate(a, Keep::Nothing)?.product))
}

/// A determinant and how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LogDetReport<T: Scalar> {
    /// The determinant, with the bits of [`log_det`].
    pub log_det: LogDet<T>,
    /// Estimate of the condition number $\lVert S \rVert_1 \lVert S^{-1} \rVert_1$ of the matrix with scaled rows and
    /// columns; infinite if a pivot is zero or leaves the range.
    pub condition: T::RealPart,
    /// Growth of the elimination, $\lVert \lvert L \rvert \lvert U \rvert \rVert_1 / \lVert S \rVert_1$; infinite if a
    /// pivot is zero or leaves the range.
    pub growth: T::RealPart,
    /// To first order, what $\ln \lvert \det A \rvert$ and the angle of the sign may be wrong by: n·u·(1 + growth ·
    /// condition), with the unit roundoff u. Infinite where the other two are. Larger than one, it says that not even the
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
/// - N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), chapters 9 and 14.
pub fn log_det_report<T: Scalar>(a: MatRef<'_, T>) -> Result<LogDetReport<T>, MatrixError> {
    let n = check_square(a)?;
    let mut workspace = LogDetWorkspace::new(n);
    let Elimination { product, fault, norm } = workspace.eliminate(a, Keep::FactorAndNorm)?;
    let log_det = LogDet::new(product);
    let nu = T::RealPart::UNIT_ROUNDOFF.scale(T::RealPart::from_f64(n as f64));
    if n == 0 {
        let (condition, growth) = (T::RealPart::ZERO, T::RealPart::ONE);
        return Ok(LogDetReport { log_det, condition, growth, error_bound: T::RealPart::ZERO });
    }
    if fault.is_some() {
        let infinite = T::RealPart::from_f64(f64::INFINITY);
        return Ok(LogDetReport { log_det, condition: infinite, growth: infinite, error_bound: infinite });
    }
    let condition = norm * workspace.inverse_norm();
    let growth = workspace.factor_norm() / norm;
    Ok(LogDetReport { log_det, condition, growth, error_bound: nu * (T::RealPart::ONE + growth * condition) })
}
