//! The Fréchet derivative of the logarithm.

use super::Logarithm;
use super::pade::pade_derivative;
use super::triangular::{Memory, Path, reduce_to_identity};
use crate::frechet::condition_or_infinite;
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::quasi_triangular::sylvester;
use crate::reduction::{Reduction, check_result, scaled_by};
use crate::scalar::Scalar;
use crate::{Frechet, MatrixError};
use faer::{Mat, MatRef};

/// The logarithm of a matrix with what its derivatives need.
pub(super) struct Differentiable<T: Scalar> {
    logarithm: Logarithm<T>,
    memory: Memory<T>,
    /// $T^{1/2}, T^{1/4}, \ldots$
    roots: Vec<Mat<T>>,
    pub(super) value: Mat<T>,
    pub(super) path: Path,
}

impl<T: Scalar> Differentiable<T> {
    pub(super) fn of(a: MatRef<'_, T>) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let (mut memory, mut roots) = (Memory::new(n), Vec::new());
        let logarithm = Logarithm::of(Reduction::of(a)?, &mut memory, Some(&mut roots))?;
        let mut value = Mat::zeros(n, n);
        logarithm.finish(&mut memory, value.as_mut());
        let mut path = logarithm.path;
        if n == 2 && !logarithm.reduction.diagonal {
            // The value came from the eigenvalues alone.
            let (t, spectrum) = (logarithm.reduction.t.as_ref(), &logarithm.spectrum);
            let keep = |root: MatRef<'_, T>| roots.push(root.to_owned());
            path = reduce_to_identity(t, logarithm.reduction.shifted, spectrum, &mut memory, keep)?;
        }
        Ok(Self { logarithm, memory, roots, value, path })
    }

    /// $L$, by the derivatives of the square roots and of the Padé approximant:
    /// $R_k L_k + L_k R_k = L_{k-1}$ with $R_k = T^{1/2^k}$, $L_0 = E$, and $L = 2^s L_{r_m}(R_s - I, L_s)$.
    fn derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let l = self.scaled_derivative(e)?;
        let exponent = -self.logarithm.reduction.exponent;
        Ok(if exponent == 0 { l } else { scaled_by(l.as_ref(), exponent) })
    }

    /// The same for $2^{-k} A$.
    fn scaled_derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let n = self.value.nrows();
        let reduction = &self.logarithm.reduction;
        let mut l = reduction.enter(e);
        if reduction.diagonal {
            for j in 0..n {
                for i in 0..n {
                    l[(i, j)] *= T::from_complex(self.logarithm.spectrum.divided_difference(i, j));
                }
            }
        } else if n > 0 {
            if self.path.exponent != 0 {
                // The roots are those of the divided matrix.
                l = scaled_by(l.as_ref(), -self.path.exponent);
            }
            let scratch = &mut self.memory.scratch;
            for root in &self.roots {
                sylvester(root.as_ref(), root.as_ref(), l.as_mut(), T::RealPart::ZERO, scratch)
                    .map_err(|meeting| MatrixError::Singular { what: "eigenvalue", index: meeting.row })?;
            }
            l = pade_derivative(&self.memory.x, self.path.degree, l.as_ref(), scratch);
        }
        let mut out = Mat::zeros(n, n);
        reduction.leave(l.as_ref(), out.as_mut());
        let doublings = if reduction.diagonal { 0 } else { self.path.roots as i32 };
        Ok(if doublings == 0 { out } else { scaled_by(out.as_ref(), doublings) })
    }

    /// The adjoint map: $L(A^{\ast}, W) = L(A, W^{\ast})^{\ast}$.
    fn adjoint(&mut self, w: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        Ok(self.derivative(w.adjoint().to_owned().as_ref())?.adjoint().to_owned())
    }

    /// The relative condition number of the logarithm of `a`; infinite where that is zero or a derivative does not fit.
    pub(super) fn condition(&mut self, a: MatRef<'_, T>) -> T::RealPart {
        let (n, norm_f) = (a.nrows(), operator_norm_1(self.value.as_ref()));
        // With the derivative and the norm of 2⁻ᵏ A, which both fit.
        let norm_a = self.logarithm.reduction.scaled_norm(a);
        condition_or_infinite(n, norm_a, norm_f, |adjoint, e| {
            if !adjoint {
                return self.scaled_derivative(e);
            }
            Ok(self.scaled_derivative(e.adjoint().to_owned().as_ref())?.adjoint().to_owned())
        })
    }
}

/// Logarithm and its Fréchet derivative in the direction `e`.
///
/// $$ L(A, E) = \int_0^1 (t (A - I) + I)^{-1} E (t (A - I) + I)^{-1} dt $$
///
/// by differentiating every step of [`logm`](crate::logm) on the Schur form: a Sylvester equation for each of its $s$ square roots,
/// two triangular systems for each of the $m$ terms of its Padé approximant. For a Hermitian matrix by divided differences of its
/// eigenvalues. Cost: [`logm`](crate::logm) and $s + m + 4$ times 2n³ flops.
///
/// # Errors
///
/// Those of [`logm`](crate::logm); [`MatrixError::ShapeMismatch`] and [`MatrixError::NotFinite`] for `e`.
///
/// # Example: along the matrix itself
///
/// ```
/// use faer::{Mat, mat};
///
/// let a = mat![[2.0, 1.0], [0.5, 3.0]];
/// let logarithm = tangency_matrix::logm_frechet(a.as_ref(), a.as_ref())?;
/// // d/dt log((1 + t) A) = I at t = 0.
/// assert!((&logarithm.derivative - Mat::<f64>::identity(2, 2)).norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham, S. D. Relton, SIAM J. Sci. Comput. 35 (2013).
pub fn logm_frechet<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    pair(a, e, Differentiable::derivative)
}

/// Logarithm and the adjoint of its derivative applied to `w`.
///
/// The gradient of $\operatorname{Re} \langle W, \log A \rangle$ with respect to $A$. Cost as for [`logm_frechet`].
///
/// # Errors
///
/// Those of [`logm_frechet`].
///
/// # Example: the gradient of the trace is the inverse, transposed
///
/// ```
/// use faer::{Mat, mat};
///
/// let a = mat![[2.0, 1.0], [0.5, 3.0]];
/// let identity = Mat::<f64>::identity(2, 2);
/// let gradient = tangency_matrix::logm_frechet_adjoint(a.as_ref(), identity.as_ref())?.derivative;
/// assert!((a.transpose() * &gradient - &identity).norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`logm_frechet`].
pub fn logm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    pair(a, w, Differentiable::adjoint)
}

fn pair<T: Scalar>(
    a: MatRef<'_, T>,
    direction: MatRef<'_, T>,
    derivative: impl FnOnce(&mut Differentiable<T>, MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
) -> Result<Frechet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("the direction", direction, (n, n))?;
    check_finite(direction)?;
    let mut logarithm = Differentiable::of(a)?;
    let derivative = derivative(&mut logarithm, direction)?;
    check_result("the derivative of the logarithm", derivative.as_ref())?;
    Ok(Frechet { value: logarithm.value, derivative })
}

/// Relative condition number of the logarithm in the 1-norm.
///
/// $$ \kappa = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert \log A \rVert_1} $$
///
/// estimated (a lower bound, nearly always within a factor 3) from about five pairs of derivatives and adjoint derivatives on
/// one Schur form: O(n³). Infinite for the identity, whose logarithm is zero: ask [`log1pm`](crate::log1pm) near it.
///
/// Cost: about twenty derivatives, on one Schur form.
///
/// # Errors
///
/// Those of [`logm`](crate::logm).
///
/// # Example: a multiple of the identity
///
/// ```
/// let a = faer::Mat::<f64>::identity(3, 3) * 10.0;
/// let condition = tangency_matrix::logm_condition(a.as_ref())?;
/// assert!((condition - 1.0 / 10.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy, N. J. Higham, S. D. Relton, SIAM J. Sci. Comput. 35 (2013).
pub fn logm_condition<T: Scalar>(a: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    check_square_finite(a)?;
    Ok(Differentiable::of(a)?.condition(a))
}
