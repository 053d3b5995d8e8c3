//! Square roots of matrices, their derivatives and conditions.

mod derivative;
mod report;
mod triangular;

pub(crate) use crate::quasi_triangular::pair_imaginary;
pub use derivative::{sqrtm_condition, sqrtm_frechet, sqrtm_frechet_adjoint};
pub(crate) use report::error_bound;
pub use report::{SqrtmReport, sqrtm_report};
pub(crate) use triangular::{SmallRoot, pair_root, principal_root, root_in_place};

use crate::MatrixError;
use crate::norm::{check_shape, check_square_finite, operator_norm_1};
use crate::quasi_triangular::{Scratch, noise};
use crate::reduction::{Reduction, ReductionMemory, add_to_diagonal, check_result, ldexp};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatMut, MatRef};

/// Principal square root of a square matrix.
///
/// $$ X^2 = A, \quad -\pi / 2 < \arg \lambda \le \pi / 2 \text{ for every eigenvalue } \lambda \text{ of } X $$
///
/// by the Schur method, blocked, and in real arithmetic for a real matrix; a Hermitian matrix goes by its eigenvectors, and
/// the result is Hermitian to the bit; a triangular one needs no Schur form. A singular matrix has a root if its zero
/// eigenvalue has as many eigenvectors as its multiplicity; eigenvalues that are zero up to rounding are taken as zero.
/// For an eigenvalue on the negative real axis the root is the limit from above, and is not real: for a real matrix that is
/// an error, and the same matrix as a complex one has that root.
///
/// Cost: the Schur form, n³/3 flops and one and a half products.
///
/// # Errors
///
/// [`MatrixError::NotSquare`] and [`MatrixError::NotFinite`] for what is no square matrix of numbers;
/// [`MatrixError::NoPrincipalValue`] with a negative eigenvalue of a real matrix, or with eigenvalue 0 where no root exists, or
/// one near 0 whose root is so large, $n u \lVert X \rVert_1^2 > \lVert A \rVert_1$, that no digit of its square is certain;
/// [`MatrixError::Overflow`] where an entry of the root does not fit.
///
/// # Example: a quarter turn is half of a half turn
///
/// ```
/// use faer::mat;
/// use tangency_matrix::sqrtm;
///
/// let quarter = mat![[0.0, 1.0], [-1.0, 0.0]];
/// let eighth = sqrtm(quarter.as_ref())?;
/// assert!((eighth[(0, 1)] - 0.5_f64.sqrt()).abs() < 1e-15);
/// assert!((&eighth * &eighth - &quarter).norm_max() < 1e-15);
///
/// // A half turn in the plane is a rotation too, but not the limit of one: its eigenvalue -1 lies on the cut.
/// assert!(sqrtm(mat![[-1.0, 0.0], [0.0, -1.0]].as_ref()).is_err());
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Algorithms 6.3 and 6.7.
/// - E. Deadman, N. J. Higham, R. Ralha, *Blocked Schur algorithms for computing the matrix square root*, 2013, section 3.
pub fn sqrtm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let mut out = Mat::zeros(n, n);
    root_of_checked(a, out.as_mut(), (&mut Scratch::new(n), &mut ReductionMemory::new()))?;
    Ok(out)
}

/// Memory for [`sqrtm_into`], for matrices of one order.
#[derive(Debug, Clone)]
pub struct SqrtmWorkspace<T: Scalar> {
    order: usize,
    scratch: Scratch<T>,
    reduction: ReductionMemory<T>,
}

impl<T: Scalar> SqrtmWorkspace<T> {
    /// Memory for matrices of this order.
    pub fn new(order: usize) -> Self {
        let mut scratch = Scratch::new(order);
        scratch.reserve(order);
        let mut reduction = ReductionMemory::new();
        reduction.reserve(order);
        Self { order, scratch, reduction }
    }
}

/// [`sqrtm`] into `out`, with memory that can be used again; the same bits.
///
/// From the second matrix on nothing is allocated up to order 75, but for Hermitian matrices, those close to the identity, and those
/// so large or small that they are scaled; above that order the deflation of the Schur form allocates. Nothing is written to `out` on an error.
///
/// Cost: that of [`sqrtm`].
///
/// # Errors
///
/// Those of [`sqrtm`], and [`MatrixError::ShapeMismatch`] unless `out` and `workspace` have the order of `a`.
///
/// # Example: many roots with one workspace
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::{SqrtmWorkspace, sqrtm_into};
///
/// let (mut root, mut workspace) = (Mat::zeros(2, 2), SqrtmWorkspace::new(2));
/// for scale in [1.0, 4.0, 9.0_f64] {
///     sqrtm_into(mat![[scale, 0.0], [0.0, 1.0]].as_ref(), root.as_mut(), &mut workspace)?;
///     assert_eq!(root[(0, 0)], scale.sqrt());
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sqrtm`].
pub fn sqrtm_into<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    workspace: &mut SqrtmWorkspace<T>,
) -> Result<(), MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("out", out.as_ref(), (n, n))?;
    check_workspace(workspace.order, n)?;
    root_of_checked(a, out, (&mut workspace.scratch, &mut workspace.reduction))
}

/// `Err` unless the workspace was made for this order.
pub(crate) fn check_workspace(order: usize, n: usize) -> Result<(), MatrixError> {
    if order == n {
        return Ok(());
    }
    let what = "the matrix of the workspace";
    Err(MatrixError::ShapeMismatch {
        what,
        expected_rows: n,
        expected_columns: n,
        rows: order,
        columns: order,
    })
}

/// [`sqrtm`] of matrices of one order, one after another in memory, each by columns; the bits of the single calls.
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
/// let a = [4.0, 0.0, 0.0, 9.0, 1.0, 0.0, 2.0, 1.0];
/// let mut roots = [0.0; 8];
/// tangency_matrix::sqrtm_batch(2, &a, &mut roots)?;
/// assert_eq!(roots, [2.0, 0.0, 0.0, 3.0, 1.0, 0.0, 1.0, 1.0]);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sqrtm`].
pub fn sqrtm_batch<T: Scalar>(order: usize, matrices: &[T], results: &mut [T]) -> Result<(), MatrixError> {
    let mut workspace = None;
    for_each_of_batch(order, matrices, results, |a, out| {
        sqrtm_into(a, out, workspace.get_or_insert_with(|| SqrtmWorkspace::new(order)))
    })
}

/// Calls `function(matrix, result)` for each matrix of a batch.
pub(crate) fn for_each_of_batch<T: Scalar>(
    order: usize,
    matrices: &[T],
    results: &mut [T],
    mut function: impl FnMut(MatRef<'_, T>, MatMut<'_, T>) -> Result<(), MatrixError>,
) -> Result<(), MatrixError> {
    let size = order.saturating_mul(order);
    let (given, room) = (matrices.len(), results.len());
    let whole = given.checked_div(size).map_or(0, |count| count * size);
    if given != whole || room != given {
        return Err(MatrixError::ShapeMismatch {
            what: "batch and results",
            expected_rows: size,
            expected_columns: if size == 0 { 0 } else { given.div_ceil(size) },
            rows: given,
            columns: room,
        });
    }
    if size == 0 {
        return Ok(());
    }
    for (index, (a, out)) in matrices.chunks_exact(size).zip(results.chunks_exact_mut(size)).enumerate() {
        function(
            MatRef::from_column_major_slice(a, order, order),
            MatMut::from_column_major_slice_mut(out, order, order),
        )
        .map_err(|source| MatrixError::InBatch { index, source: Box::new(source) })?;
    }
    Ok(())
}

fn root_of_checked<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    (scratch, memory): (&mut Scratch<T>, &mut ReductionMemory<T>),
) -> Result<(), MatrixError> {
    let mut reduction = Reduction::with(a, memory)?;
    let done = root_of_reduction(&mut reduction, scratch).and_then(|()| finish(&reduction, out, memory));
    memory.take_back(reduction);
    done
}

/// Replaces $T$ by its square root.
pub(crate) fn root_of_reduction<T: Scalar>(
    reduction: &mut Reduction<T>,
    scratch: &mut Scratch<T>,
) -> Result<(), MatrixError> {
    let n = reduction.order();
    if reduction.shifted {
        add_to_diagonal(reduction.t.as_mut(), T::ONE);
    }
    settle_eigenvalues(reduction.t.as_mut(), reduction.noise);
    if reduction.diagonal {
        for i in 0..n {
            reduction.t[(i, i)] =
                principal_root(reduction.t[(i, i)], i).map_err(|e| scaled(e, reduction.exponent))?;
        }
    } else {
        let norm = operator_norm_1(reduction.t.as_ref());
        let smallest = (0..n)
            .map(|i| (i, reduction.t[(i, i)]))
            .reduce(|x, y| if y.1.modulus() < x.1.modulus() { y } else { x });
        root_in_place(reduction.t.as_mut(), scratch).map_err(|e| scaled(e, reduction.exponent))?;
        // So large a root has a square of which rounding leaves no digit of the matrix: there is none, but for rounding.
        let size = operator_norm_1(reduction.t.as_ref());
        if let Some((index, z)) = smallest
            && reduction.noise > T::RealPart::ZERO
            && noise::<T>(n, size) * size > norm
        {
            let error = MatrixError::NoPrincipalValue {
                function: "the square root",
                wanted: "finite",
                real: z.re().to_f64(),
                imaginary: z.im().to_f64(),
                index,
            };
            return Err(scaled(error, reduction.exponent));
        }
    }
    check_result("the square root", reduction.t.as_ref())
}

/// Undoes the scaling of the matrix in the eigenvalue that an error names.
pub(crate) fn scaled(error: MatrixError, exponent: i32) -> MatrixError {
    match error {
        MatrixError::NoPrincipalValue { function, wanted, real, imaginary, index } => {
            let (real, imaginary) = (real.ldexp(exponent), imaginary.ldexp(exponent));
            MatrixError::NoPrincipalValue { function, wanted, real, imaginary, index }
        }
        other => other,
    }
}

/// Back to the basis and the scale of $A$.
fn finish<T: Scalar>(
    reduction: &Reduction<T>,
    mut out: MatMut<'_, T>,
    memory: &mut ReductionMemory<T>,
) -> Result<(), MatrixError> {
    if reduction.shifted {
        // Only the small difference from I is rounded in the products.
        let mut difference = reduction.t.clone();
        add_to_diagonal(difference.as_mut(), -T::ONE);
        reduction.leave_value_with(difference.as_ref(), out.as_mut(), memory);
        add_to_diagonal(out, T::ONE);
        return Ok(());
    }
    if reduction.exponent == 0 {
        reduction.leave_value_with(reduction.t.as_ref(), out, memory);
        return Ok(());
    }
    // The exponent is even, so its half scales the root without rounding.
    let n = reduction.order();
    let mut root = Mat::zeros(n, n);
    reduction.leave_value_with(reduction.t.as_ref(), root.as_mut(), memory);
    for column in root.as_mut().col_iter_mut() {
        for entry in column.iter_mut() {
            *entry = ldexp(*entry, reduction.exponent / 2);
        }
    }
    check_result("the square root", root.as_ref())?;
    out.copy_from(&root);
    Ok(())
}

/// Whether rounding may have moved an eigenvalue with this imaginary part away from the real axis: a Schur form has a
/// residual of several units.
pub(crate) fn on_axis<T: Scalar>(imaginary: T::RealPart, noise: T::RealPart) -> bool {
    Scalar::modulus(imaginary) <= noise * T::RealPart::from_f64(10.0)
}

/// What rounding cannot tell from zero is zero, and what it cannot tell from the negative axis is on it.
///
/// Only for eigenvalues that come out of a Schur form; `noise` is 0 for others. Without it a zero eigenvalue that comes
/// out as 1e-17 would have the root 3e-9, and one on the cut would land on a side chosen by rounding.
pub(crate) fn settle_eigenvalues<T: Scalar>(mut t: MatMut<'_, T>, noise: T::RealPart) {
    let n = t.nrows();
    for i in 0..n {
        let paired = (i + 1 < n && t[(i + 1, i)] != T::ZERO) || (i > 0 && t[(i, i - 1)] != T::ZERO);
        let x = t[(i, i)];
        if paired {
            continue;
        }
        // Below five units the root of what is there and 0 differ by less than the bound 10·n·u·κ(root) promises.
        if x.modulus() <= noise * T::RealPart::from_f64(5.0) {
            t[(i, i)] = T::ZERO;
        } else if x.re() < T::RealPart::ZERO && on_axis::<T>(x.im(), noise) {
            t[(i, i)] = T::from_real(x.re());
        }
    }
}
