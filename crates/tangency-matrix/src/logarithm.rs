//! Logarithms of matrices, their derivatives and conditions.

mod derivative;
mod diagonals;
mod pade;
mod report;
mod spectrum;
mod triangular;

pub use derivative::{logm_condition, logm_frechet, logm_frechet_adjoint};
pub use report::{LogmReport, logm_report};
pub(crate) use spectrum::Spectrum;

pub(crate) use triangular::{Memory, reduce_to_identity};

use crate::MatrixError;
use crate::norm::{check_shape, check_square_finite, operator_norm_1};
use crate::reduction::{Reduction, add_to_diagonal, check_result};
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::{check_workspace, for_each_of_batch, scaled};
use faer::{Mat, MatMut, MatRef};
use triangular::{Path, triangular_logarithm};

/// Principal logarithm of a square matrix.
///
/// $$ e^L = A, \quad -\pi < \operatorname{Im} \lambda \le \pi \text{ for every eigenvalue } \lambda \text{ of } L $$
///
/// by inverse scaling and squaring on the Schur form, in real arithmetic for a real matrix:
///
/// $$ \log A = 2^s \log(A^{1/2^s}) \approx 2^s r_m(A^{1/2^s} - I) $$
///
/// with the number $s$ of square roots and the degree $m$ of the Padé approximant $r_m$ chosen from the norms of powers, and
/// with diagonal and superdiagonal computed from the eigenvalues. The triangular form is divided by the power of 2 that brings its
/// eigenvalues around 1, which saves roots: the logarithm differs by a multiple of $I$, so only on the diagonal. A Hermitian matrix goes by its eigenvectors, and the
/// result is Hermitian to the bit; a triangular one needs no Schur form. A matrix close to the identity is taken as
/// $I + X$ by [`log1pm`], so that no digit of $A - I$ is lost. For an eigenvalue on the negative real axis the
/// logarithm is the limit from above, and is not real: for a real matrix that is an error, and the same matrix as a
/// complex one has that logarithm.
///
/// Two equal negative eigenvalues of a real matrix may come out of its Schur form as a complex pair beside the axis: rounding
/// decides. Then there is a real logarithm, that of a matrix within rounding of the one that was given, and
/// [`logm_condition`] is at least of the order $1/\sqrt u$.
///
/// Cost: the Schur form, about $(s + m / 2) n^3 / 3$ flops with $s + m / 2$ about 7, and one and a half products. Up to order 160
/// the triangular part works on block diagonals (real forms with few pairs of complex eigenvalues and larger ones by blocks).
///
/// # Errors
///
/// [`MatrixError::NotSquare`] and [`MatrixError::NotFinite`] for what is no square matrix of numbers;
/// [`MatrixError::Singular`] for an eigenvalue 0, or one that rounding cannot tell from 0;
/// [`MatrixError::NoPrincipalValue`] with a negative eigenvalue of a real matrix;
/// [`MatrixError::Overflow`] where an entry of the logarithm, or of a square root on the way to it, does not fit;
/// [`MatrixError::NoConvergence`] if the Schur form did not converge, or if 1020 roots (124 in single precision) do not bring a
/// triangular matrix close to the identity.
///
/// # Example: the angle of a rotation
///
/// ```
/// use faer::mat;
/// use tangency_matrix::logm;
///
/// let (sine, cosine) = 3.0_f64.sin_cos();
/// let angle = logm(mat![[cosine, sine], [-sine, cosine]].as_ref())?;
/// assert!((angle[(0, 1)] - 3.0).abs() < 1e-14 && angle[(0, 0)].abs() < 1e-15);
///
/// let singular = logm(mat![[1.0, -1.0], [1.0, -1.0]].as_ref());
/// assert!(matches!(singular, Err(tangency_matrix::MatrixError::Singular { .. })));
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham, *Improved inverse scaling and squaring algorithms for the matrix logarithm*, SIAM J. Sci.
///   Comput. 34 (2012), Algorithm 4.1.
/// - A. H. Al-Mohy, N. J. Higham, S. D. Relton, *Computing the Fréchet derivative of the matrix logarithm and estimating the
///   condition number*, SIAM J. Sci. Comput. 35 (2013): real arithmetic.
pub fn logm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let mut out = Mat::zeros(n, n);
    logarithm_of_checked(a, out.as_mut(), &mut Memory::new(n))?;
    Ok(out)
}

/// Memory for [`logm_into`], for matrices of one order: about 19 matrices.
#[derive(Debug, Clone)]
pub struct LogmWorkspace<T: Scalar> {
    order: usize,
    memory: Memory<T>,
}

impl<T: Scalar> LogmWorkspace<T> {
    /// Memory for matrices of this order.
    pub fn new(order: usize) -> Self {
        let mut memory = Memory::new(order);
        memory.reserve(order);
        Self { order, memory }
    }
}

/// [`logm`] into `out`, with memory that can be used again; the same bits.
///
/// From the second matrix on nothing is allocated up to order 75, but for Hermitian matrices, those close to the identity, and those
/// so large or small that they are scaled; above that order the deflation of the Schur form allocates. Nothing is written to `out` on an error.
///
/// Cost: that of [`logm`].
///
/// # Errors
///
/// Those of [`logm`], and [`MatrixError::ShapeMismatch`] unless `out` and `workspace` have the order of `a`.
///
/// # Example: many logarithms with one workspace
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{LogmWorkspace, logm_into};
///
/// let (mut logarithm, mut workspace) = (Mat::zeros(2, 2), LogmWorkspace::new(2));
/// for angle in [0.5, 1.0, 1.5_f64] {
///     let rotation = mat![[angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]];
///     logm_into(rotation.as_ref(), logarithm.as_mut(), &mut workspace)?;
///     assert!((logarithm[(0, 1)] - angle).abs() < 1e-14);
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`logm`].
pub fn logm_into<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    workspace: &mut LogmWorkspace<T>,
) -> Result<(), MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("out", out.as_ref(), (n, n))?;
    check_workspace(workspace.order, n)?;
    logarithm_of_checked(a, out, &mut workspace.memory)
}

/// [`logm`] of matrices of one order, one after another in memory, each by columns; the bits of the single calls.
///
/// Cost: that of the single calls. With the feature `rayon` the matrices are spread over the threads.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] unless both slices hold whole matrices and as many of them;
/// [`MatrixError::InBatch`] with what is wrong with one of the matrices: the results before it are written.
///
/// # Example: two matrices
///
/// ```
/// let a = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1.0];
/// let mut logarithms = [7.0; 8];
/// tangency_matrix::logm_batch(2, &a, &mut logarithms)?;
/// assert_eq!(logarithms, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`logm`].
pub fn logm_batch<T: Scalar>(order: usize, matrices: &[T], results: &mut [T]) -> Result<(), MatrixError> {
    // Made for the first matrix, when the shapes are known to fit.
    let mut workspace = None;
    for_each_of_batch(order, matrices, results, |a, out| {
        logm_into(a, out, workspace.get_or_insert_with(|| LogmWorkspace::new(order)))
    })
}

/// $\log(I + X)$ with a small error relative to the result also where $X$ is tiny.
///
/// $$ \log(I + X) = X - \tfrac{1}{2} X^2 + \tfrac{1}{3} X^3 - \ldots $$
///
/// $I + X$ is not formed: the Schur form is that of $X$, the eigenvalues enter as $\ln(1 + \xi)$, and what is below
/// and above the diagonal is the same for $X$ and $I + X$. Cost as for [`logm`].
///
/// # Errors
///
/// Those of [`logm`] for $I + X$.
///
/// # Example: what is left of 1e-20
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{log1pm, logm};
///
/// let x: faer::Mat<f64> = mat![[1e-20, 2e-20], [3e-20, 0.0]];
/// assert_eq!(log1pm(x.as_ref())?, x);
/// // The sum has lost the 1e-20 on its diagonal.
/// assert!(logm((faer::Mat::<f64>::identity(2, 2) + &x).as_ref())?[(0, 0)] < 1e-30);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`logm`].
pub fn log1pm<T: Scalar>(x: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(x)?;
    let mut out = Mat::zeros(n, n);
    let norm = operator_norm_1(x);
    if norm <= T::RealPart::UNIT_ROUNDOFF {
        out.copy_from(x); // the next term is below rounding
        return Ok(out);
    }
    let mut memory = Memory::new(n);
    Logarithm::of(Reduction::of_one_plus(x)?, &mut memory, None)?.finish(&mut memory, out.as_mut());
    Ok(out)
}

/// The logarithm of the triangular form, with what leads back from it; the logarithm itself lies in the memory.
struct Logarithm<T: Scalar> {
    reduction: Reduction<T>,
    spectrum: Spectrum<T>,
    path: Path,
}

impl<T: Scalar> Logarithm<T> {
    fn of(
        mut reduction: Reduction<T>,
        memory: &mut Memory<T>,
        kept: Option<&mut Vec<Mat<T>>>,
    ) -> Result<Self, MatrixError> {
        let shifted = reduction.shifted;
        let used = std::mem::replace(&mut memory.spectrum, Spectrum::empty());
        let spectrum = Spectrum::with(reduction.t.as_ref(), shifted, reduction.noise, used)
            .map_err(|error| scaled(error, reduction.exponent))?;
        spectrum.settle(reduction.t.as_mut());
        let t = reduction.t.as_ref();
        let n = reduction.order();
        if memory.logarithm.nrows() == n {
            memory.logarithm.fill(T::ZERO);
        } else {
            memory.logarithm = Mat::zeros(n, n);
        }
        let path = if reduction.diagonal || n <= 2 {
            spectrum.write_logarithm(t, memory.logarithm.as_mut());
            Path { roots: 0, degree: 0, exponent: 0 }
        } else {
            triangular_logarithm(t, shifted, &spectrum, memory, kept)?
        };
        if reduction.exponent != 0 {
            let shift = T::from_f64(f64::from(reduction.exponent) * std::f64::consts::LN_2);
            add_to_diagonal(memory.logarithm.as_mut(), shift);
        }
        check_result("the logarithm", memory.logarithm.as_ref())?;
        Ok(Self { reduction, spectrum, path })
    }

    fn finish(&self, memory: &mut Memory<T>, out: MatMut<'_, T>) {
        self.reduction.leave_value_with(memory.logarithm.as_ref(), out, &mut memory.reduction);
    }
}

fn logarithm_of_checked<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    memory: &mut Memory<T>,
) -> Result<(), MatrixError> {
    let reduction = Reduction::with(a, &mut memory.reduction)?;
    let logarithm = Logarithm::of(reduction, memory, None)?;
    logarithm.finish(memory, out);
    memory.reduction.take_back(logarithm.reduction);
    memory.spectrum = logarithm.spectrum;
    Ok(())
}
