//! The exponential $e^A = \sum_{k \ge 0} A^k / k!$ by scaling and squaring of a Taylor polynomial.
//!
//! $e^A = (e^{A / 2^s})^{2^s}$: the matrix is scaled until a polynomial of degree up to 24, made with up to five products,
//! is exact to rounding for it, and the value is squared $s$ times. Polynomials need no linear solve, which runs below the
//! speed of products, and are more exact than the rational approximations of the same cost.

mod batch;
mod entries;
mod evaluation;
mod frechet;
mod multiplication;
mod report;
mod scheme;
mod selection;
mod small;
mod structure;
mod workspace;

pub use batch::expm_batch;
pub use frechet::{expm_condition, expm_frechet, expm_frechet_adjoint};
pub use report::{ExpmReport, expm_report};
pub use workspace::ExpmWorkspace;

use crate::MatrixError;
use crate::norm::{check_shape, check_square_finite};
use crate::parallel::within_pool;
use crate::scalar::{RealScalar, Scalar};
use entries::{all_finite, copy_out, load};
use evaluation::{Target, evaluate, square};
use faer::{Mat, MatMut, MatRef};
use selection::{Purpose, overflow, select};
use small::two_by_two;
use structure::{Structure, exp_minus_1, is_diagonal};
use workspace::{Buffers, MATRICES, room};

/// How a result was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Work {
    /// Degree of the polynomial; 0 where a closed form was used.
    pub(crate) degree: usize,
    /// Products of matrices for the polynomial.
    pub(crate) products: usize,
    /// Squarings.
    pub(crate) squarings: usize,
    /// Products that keep a result unitary.
    pub(crate) corrections: usize,
}

/// The matrix exponential $e^A$.
///
/// $$ e^A = \sum_{k \ge 0} \frac{A^k}{k!} $$
///
/// Computed as $p(2^{-s} A)^{2^s}$ with a Taylor polynomial $p$ of degree 1, 2, 4, 8, 15 or 21 (and some terms beyond) in 0 to
/// 5 products, and $s$ from the norms of powers of $A$, so that a large nonnormal part does not lead to needless squarings.
/// Diagonal and 2 x 2 matrices have closed forms; triangular ones keep exact diagonals; the result for a Hermitian matrix is
/// Hermitian to the last bit, that for a skew-Hermitian one unitary to rounding whatever the norm.
///
/// `a` is n x n. Memory: eight matrices of that order, which the thread keeps for the next call if they take 32 MiB or less
/// together; [`expm_into`] has its own. Cost: $5 + \max(0, \lceil \log_2 (\alpha / 1.68) \rceil)$ products with $\alpha$ between the spectral radius and
/// $\lVert A \rVert_1$ (in single precision 3.95 for 1.68), from order 64 on about half of it for Hermitian and a third
/// for triangular matrices.
/// The relative error is of the size of $u \kappa$ with the condition number of [`expm_condition`].
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`] for NaN and infinite entries, [`MatrixError::Overflow`] if the
/// result, or the exponential of some $2^{-k} A$ on the way to it, is out of range. A result that underflows is 0.
///
/// # Example: a quarter turn, and a large nonnormal part
///
/// ```
/// use faer::mat;
/// use tangency_matrix::expm;
///
/// let quarter = std::f64::consts::FRAC_PI_2;
/// let turn = expm(mat![[0.0, -quarter], [quarter, 0.0]].as_ref())?;
/// assert!((turn - mat![[0.0, -1.0], [1.0, 0.0]]).norm_max() < 1e-15);
///
/// let x = expm(mat![[1.0, 1e10], [0.0, -1.0]].as_ref())?;
/// assert!((x[(0, 1)] / (1e10 * 1.0_f64.sinh()) - 1.0).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. Sastre, J. Ibáñez, E. Defez, *Boosting the computation of the matrix exponential*, Appl. Math. Comput. 340 (2019).
/// - P. Bader, S. Blanes, F. Casas, *Computing the matrix exponential with an optimized Taylor polynomial approximation*,
///   Mathematics 7 (2019) 1174.
/// - A. H. Al-Mohy and N. J. Higham, *A new scaling and squaring algorithm for the matrix exponential*, SIMAX 31 (2009).
pub fn expm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    into_new(a, Target::Exponential)
}

/// $e^A - I$, accurate for small $A$ too.
///
/// The polynomials are made without the identity, and squared as $(X + I)^2 - I = X^2 + 2X$, so that the error is small
/// relative to $e^A - I$ and not only to $I$. Cost and shapes as for [`expm`].
///
/// # Errors
///
/// Those of [`expm`].
///
/// # Example: nine digits that the subtraction loses
///
/// ```
/// use faer::mat;
///
/// let a = mat![[1e-9, 2e-9], [0.0, -1e-9]];
/// let x = tangency_matrix::expm1m(a.as_ref())?;
/// assert!((x[(0, 0)] / 1e-9_f64.exp_m1() - 1.0).abs() < 1e-15);
/// assert!((x[(0, 1)] / 2e-9 - 1.0).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`expm`].
pub fn expm1m<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    into_new(a, Target::MinusIdentity)
}

/// [`expm`] into memory that is there already, with the same bits.
///
/// Nothing is allocated after the first call, which lets faer's product find its own scratch memory; except that for strongly
/// nonnormal matrices a norm estimator keeps a few vectors. Nothing is written to `out` on `Err`.
///
/// # Errors
///
/// Those of [`expm`], and [`MatrixError::ShapeMismatch`] unless `a` and `out` have the order of the workspace.
///
/// # Example: many exponentials, one workspace
///
/// ```
/// use faer::Mat;
/// use tangency_matrix::{ExpmWorkspace, expm_into};
///
/// let mut workspace = ExpmWorkspace::<f64>::new(3);
/// let mut x = Mat::zeros(3, 3);
/// for t in [0.5, 1.0, 2.0] {
///     let a = Mat::from_fn(3, 3, |i, j| if j == i + 1 { t } else { 0.0 });
///     expm_into(a.as_ref(), x.as_mut(), &mut workspace)?;
///     assert!((x[(0, 2)] - t * t / 2.0).abs() < 1e-15);
/// }
/// assert_eq!(workspace.products_made(), 1); // I + A + A²/2: it is seen that A³ = 0
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`expm`].
pub fn expm_into<T: Scalar>(
    a: MatRef<'_, T>,
    out: MatMut<'_, T>,
    workspace: &mut ExpmWorkspace<T>,
) -> Result<(), MatrixError> {
    let order = workspace.order();
    check_shape("the matrix", a, (order, order))?;
    check_shape("the result", out.as_ref(), (order, order))?;
    let mut buffers = workspace.buffers();
    let work = within_pool(order >= PARALLEL_ORDER, || {
        let work = compute(a, Target::Exponential, &mut buffers)?;
        copy_out(out, buffers.result);
        Ok(work)
    })?;
    workspace.record(work);
    Ok(())
}

/// The order from which products are worth two threads.
const PARALLEL_ORDER: usize = 100;

fn into_new<T: Scalar>(a: MatRef<'_, T>, target: Target) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    if n != a.ncols() {
        return Err(MatrixError::NotSquare { rows: n, columns: a.ncols() });
    }
    // The smallest ones would spend more on finding memory than on numbers.
    match n {
        0..=2 => on_stack::<T, { 4 * MATRICES + SPARE }>(a, target),
        3..=4 => on_stack::<T, { 16 * MATRICES + SPARE }>(a, target),
        _ => within_pool(n >= PARALLEL_ORDER, || {
            T::with_scratch(room::<T>(n), |storage| new_result(a, target, Buffers::new(storage, n)))
        }),
    }
}

/// Numbers that alignment may skip, in the type with the most of them.
const SPARE: usize = 16;

/// With room for so many numbers.
fn on_stack<T: Scalar, const ROOM: usize>(a: MatRef<'_, T>, target: Target) -> Result<Mat<T>, MatrixError> {
    let mut storage = [T::ZERO; ROOM];
    new_result(a, target, Buffers::new(&mut storage, a.nrows()))
}

fn new_result<T: Scalar>(
    a: MatRef<'_, T>,
    target: Target,
    mut buffers: Buffers<'_, T>,
) -> Result<Mat<T>, MatrixError> {
    compute(a, target, &mut buffers)?;
    Ok(entries::view(buffers.result, a.nrows()).to_owned())
}

/// The norm from which a result, or what leads to it, may leave the range of single precision: $e^{80} < 10^{35}$.
const SURELY_FINITE: f64 = 80.0;

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
    let norm = load(buffers.basis[0], a);
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
    } else if let Some(value) = closed_form(buffers.basis[0], target) {
        buffers.result.copy_from_slice(&value);
        Work::default()
    } else {
        let norm = if norm.is_finite() { norm } else { T::RealPart::MAX.to_f64() };
        let Buffers { basis: [first, second, third, ..], left, right, .. } = &mut *buffers;
        let plan = select(Purpose::Value, (structure, n), [first, second, third], norm, (left, right));
        evaluate(&plan, structure, n, buffers, |_, _| ());
        let corrections = square(&plan, (structure, target), n, buffers, |_| ())?;
        Work {
            degree: plan.scheme.degree,
            products: plan.scheme.steps.len(),
            squarings: plan.squarings as usize,
            corrections,
        }
    };
    if norm < SURELY_FINITE || all_finite(buffers.result) {
        return Ok(work);
    }
    Err(overflow(norm))
}

/// The 2 x 2 exponential, where there is a formula for it. Up to a factor of two below the end of the range the formula
/// overflows, and the general way may not.
fn closed_form<T: Scalar>(a: &[T], target: Target) -> Option<[T; 4]> {
    let entries = (target == Target::Exponential).then(|| a.try_into().ok())??;
    two_by_two(entries).filter(|value| all_finite(value))
}
