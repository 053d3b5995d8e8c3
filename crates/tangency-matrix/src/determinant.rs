//! Determinants: sign and logarithm.
//!
//! The determinant of a matrix of any size leaves the range of floating-point numbers at once: $0.1 I_{400}$ has
//! $10^{-400}$. What can be computed, compared and differentiated is
//!
//! $$ \det A = s e^{\ell}, \quad \lvert s \rvert = 1, \quad \ell = \ln \lvert \det A \rvert , $$
//!
//! and that is what all functions here return, as a [`LogDet`]. Inside it is a product of pivots, kept as a significand
//! and a power of two, so that a determinant that does fit into the type comes out of it to the last digits.

mod batch;
mod blocked;
mod cholesky;
mod dense;
mod elimination;
mod equilibrate;
mod gradient;
pub(crate) mod scaled;
mod sparse;

pub use batch::log_det_batch;
pub(crate) use blocked::factor as lu_factor;
pub(crate) use cholesky::{check_hermitian, schur_complement};
pub use cholesky::{log_det_cholesky, log_det_hermitian};
pub use dense::{LogDetReport, LogDetWorkspace, log_det, log_det_report, log_det_with};
pub use gradient::{
    adjugate, det_derivative, det_gradient, log_det_derivative, log_det_gradient, log_det_of_exp,
};
pub use sparse::{log_det_sparse, log_det_sparse_cholesky, log_det_sparse_ldlt};

use crate::scalar::Scalar;
use scaled::ScaledProduct;

/// Powers of two up to this one are kept in the product. Beyond it the value is infinite or zero in any case, and the
/// logarithm alone tells determinants apart.
const LARGEST_EXPONENT: f64 = 1e12;

/// A determinant as its sign and the logarithm of its modulus.
///
/// $$ \det A = s e^{\ell}, \quad \lvert s \rvert = 1 $$
///
/// The default is the determinant of the empty matrix, 1. Of a singular matrix the sign is 0 and the logarithm −∞.
///
/// # Example: a determinant that no floating-point number holds
///
/// ```
/// use faer::{Mat, Scale};
///
/// let a = Scale(0.1) * Mat::<f64>::identity(400, 400);
/// let det = tangency_matrix::log_det(a.as_ref())?;
/// assert_eq!(det.sign, 1.0);
/// assert!((det.ln_abs + 400.0 * 10.0_f64.ln()).abs() < 1e-12);
/// assert_eq!(det.value(), 0.0); // 1e-400
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LogDet<T: Scalar> {
    /// Of unit modulus; 0 if the matrix is singular.
    pub sign: T,
    /// $\ln \lvert \det A \rvert$; −∞ if the matrix is singular.
    pub ln_abs: T::RealPart,
    product: ScaledProduct<T>,
}

impl<T: Scalar> LogDet<T> {
    #[inline]
    pub(crate) fn new(product: ScaledProduct<T>) -> Self {
        let product = product.normalised();
        Self { sign: product.sign(), ln_abs: T::RealPart::from_f64(product.ln_of_normalised()), product }
    }

    /// From the logarithm, whose real part is kept with all its bits.
    pub(crate) fn from_ln(ln_abs: T::RealPart, sign: T) -> Self {
        use crate::scalar::RealScalar;
        let ln = ln_abs.to_f64();
        let exponent = (ln / std::f64::consts::LN_2).round().clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT);
        let rest = (ln - exponent * std::f64::consts::LN_2).clamp(-1.0, 1.0).exp();
        let product =
            ScaledProduct { significand: sign.scale(T::RealPart::from_f64(rest)), exponent: exponent as i64 };
        Self { sign, ln_abs, product: product.normalised() }
    }

    pub(crate) fn product(&self) -> ScaledProduct<T> {
        self.product
    }

    /// The determinant itself; infinite or zero where it leaves the range of the type.
    ///
    /// It comes from the product of pivots and not from $e^{\ell}$, so it does not lose the digits of $\ell$.
    pub fn value(&self) -> T {
        self.product.value()
    }

    /// $\ln \det A = \ell + i \arg s$, the principal value: imaginary part within (−π, π], π for a negative determinant.
    pub fn ln(&self) -> T::Complex {
        use crate::scalar::RealScalar;
        self.ln_abs.complex(self.sign.im().atan2(self.sign.re()))
    }

    /// Whether a pivot was exactly zero. Rounding may leave a tiny pivot of a singular matrix, and it may also take one of a
    /// regular matrix to zero.
    pub fn is_singular(&self) -> bool {
        self.sign == T::ZERO
    }

    /// The determinant of a product of matrices: $\det AB = \det A \det B$.
    ///
    /// # Example: the layers of a flow
    ///
    /// ```
    /// use faer::mat;
    /// use tangency_matrix::{LogDet, log_det};
    ///
    /// let layers = [mat![[2.0, 1.0], [0.0, 3.0]], mat![[0.0, 1.0], [1.0, 0.0]]];
    /// let mut total = LogDet::default();
    /// for layer in &layers {
    ///     total = total.times(&log_det(layer.as_ref())?);
    /// }
    /// assert_eq!(total.value(), -6.0);
    /// # Ok::<(), tangency_matrix::MatrixError>(())
    /// ```
    pub fn times(&self, other: &Self) -> Self {
        use crate::scalar::RealScalar;
        if [self, other].iter().any(|det| det.product.exponent.unsigned_abs() as f64 >= LARGEST_EXPONENT)
            && !self.is_singular()
            && !other.is_singular()
        {
            let largest = T::RealPart::MAX;
            let sum = RealScalar::max(RealScalar::min(self.ln_abs + other.ln_abs, largest), -largest);
            let sign = self.sign * other.sign;
            return Self::from_ln(sum, sign.scale(T::RealPart::ONE / sign.modulus()));
        }
        let product = self.product.times(other.product.significand);
        Self::new(product.times_power_of_two(other.product.exponent))
    }
}

impl<T: Scalar> Default for LogDet<T> {
    fn default() -> Self {
        Self::new(ScaledProduct::ONE)
    }
}
