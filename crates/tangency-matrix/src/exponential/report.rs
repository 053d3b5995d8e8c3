//! The exponential with what is known about its error.

use super::frechet::Tape;
use super::{Target, compute, entries};
use crate::norm::check_square_finite;
use crate::scalar::{RealScalar, Scalar};
use crate::{ExpmWorkspace, MatrixError};
use faer::{Mat, MatRef};

/// What [`expm_report`] returns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExpmReport<T: Scalar> {
    /// $e^A$, the bits of [`expm`](crate::expm).
    pub value: Mat<T>,
    /// Degree of the Taylor polynomial; 0 where a closed form was used.
    pub degree: usize,
    /// Products of matrices for the polynomial.
    pub products: usize,
    /// Squarings after it.
    pub squarings: usize,
    /// Estimate of the relative condition number, as from [`expm_condition`](crate::expm_condition).
    pub condition: T::RealPart,
    /// $2 (n + 1) u \max(1, \kappa)$: where the relative error in the 1-norm is expected to stay below. Not a proven bound:
    /// over all reference matrices of the crate's tests (hard ones by name and random ones of eight families) the error is
    /// below, and mostly far below.
    pub error_bound: T::RealPart,
}

/// $e^A$ together with how it was computed, its condition, and an error bound.
///
/// Costs about 25 times [`expm`](crate::expm), nearly all of it for the condition.
///
/// # Errors
///
/// Those of [`expm`](crate::expm).
///
/// # Example: a result that deserves some distrust
///
/// ```
/// use faer::mat;
///
/// let report = tangency_matrix::expm_report(mat![[-49.0, 24.0], [-64.0, 31.0]].as_ref())?;
/// assert!(report.condition > 100.0);
/// // exp(A) is known in closed form, from the eigenvalues -1 and -17.
/// let exact = -2.0 * (-1.0_f64).exp() + 3.0 * (-17.0_f64).exp();
/// let norm = tangency_matrix::operator_norm_1(report.value.as_ref());
/// assert!((report.value[(0, 0)] - exact).abs() <= report.error_bound * norm && report.error_bound < 1e-11);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`expm`](crate::expm) and of [`expm_condition`](crate::expm_condition).
pub fn expm_report<T: Scalar>(a: MatRef<'_, T>) -> Result<ExpmReport<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let mut workspace = ExpmWorkspace::new(n);
    let mut buffers = workspace.buffers();
    let work = compute(a, Target::Exponential, &mut buffers)?;
    let condition = Tape::new(a)?.condition(a);
    let size = T::RealPart::from_f64(2.0 * (n + 1) as f64);
    Ok(ExpmReport {
        value: entries::view(buffers.result, n).to_owned(),
        degree: work.degree,
        products: work.products,
        squarings: work.squarings,
        condition,
        error_bound: size * T::RealPart::UNIT_ROUNDOFF * RealScalar::max(condition, T::RealPart::ONE),
    })
}
