//! The Fréchet derivative of the square root.

use super::{finish, root_of_reduction};
use crate::frechet::condition_or_infinite;
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::quasi_triangular::{Scratch, sylvester};
use crate::reduction::{Reduction, ReductionMemory, check_result, scaled_by};
use crate::scalar::Scalar;
use crate::{Frechet, MatrixError};
use faer::{Mat, MatRef};

/// The root of a matrix with what its derivatives need.
pub(super) struct Root<T: Scalar> {
    pub(super) reduction: Reduction<T>,
    pub(super) value: Mat<T>,
    scratch: Scratch<T>,
}

impl<T: Scalar> Root<T> {
    pub(super) fn of(a: MatRef<'_, T>) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let (mut reduction, mut scratch) = (Reduction::of(a)?, Scratch::new(n));
        root_of_reduction(&mut reduction, &mut scratch)?;
        let mut value = Mat::zeros(n, n);
        finish(&reduction, value.as_mut(), &mut ReductionMemory::new())?;
        Ok(Self { reduction, value, scratch })
    }

    /// $L$ of $X L + L X = E$.
    fn derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let l = self.scaled_derivative(e)?;
        let half = -self.reduction.exponent / 2;
        Ok(if half == 0 { l } else { scaled_by(l.as_ref(), half) })
    }

    /// The same for $2^{-k} A$.
    fn scaled_derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let (n, root) = (self.value.nrows(), &self.reduction.t);
        let mut l = self.reduction.enter(e);
        let singular = |index| MatrixError::Singular {
            what: "the derivative of the square root at eigenvalue 0",
            index,
        };
        if self.reduction.diagonal {
            for j in 0..n {
                for i in 0..n {
                    let sum = root[(i, i)] + root[(j, j)];
                    if sum == T::ZERO {
                        return Err(singular(i));
                    }
                    l[(i, j)] /= sum;
                }
            }
        } else {
            // Two zero eigenvalues have no derivative even where the direction avoids them: nothing is negligible.
            let none = T::RealPart::from_f64(-1.0);
            sylvester(root.as_ref(), root.as_ref(), l.as_mut(), none, &mut self.scratch)
                .map_err(|meeting| singular(meeting.row))?;
        }
        let mut out = Mat::zeros(n, n);
        self.reduction.leave(l.as_ref(), out.as_mut());
        Ok(out)
    }

    /// The adjoint map: $L(A^{\ast}, W) = L(A, W^{\ast})^{\ast}$.
    fn adjoint(&mut self, w: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        Ok(self.derivative(w.adjoint().to_owned().as_ref())?.adjoint().to_owned())
    }

    /// The relative condition number of the root of `a`; infinite where there is no derivative.
    pub(super) fn condition(&mut self, a: MatRef<'_, T>) -> T::RealPart {
        let n = a.nrows();
        // It is the same for 2⁻ᵏ A, whose norm fits.
        let norm_a = self.reduction.scaled_norm(a);
        let norm_f = operator_norm_1(scaled_by(self.value.as_ref(), -self.reduction.exponent / 2).as_ref());
        condition_or_infinite(n, norm_a, norm_f, |adjoint, e| {
            if !adjoint {
                return self.scaled_derivative(e);
            }
            Ok(self.scaled_derivative(e.adjoint().to_owned().as_ref())?.adjoint().to_owned())
        })
    }
}

/// Square root and its Fréchet derivative in the direction `e`.
///
/// $$ X L + L X = E, \quad X = A^{1/2} $$
///
/// on the Schur form of the root. Cost: [`sqrtm`](crate::sqrtm), one Sylvester equation of triangular matrices (2n³ flops) and four products.
///
/// # Errors
///
/// Those of [`sqrtm`](crate::sqrtm); [`MatrixError::ShapeMismatch`] and [`MatrixError::NotFinite`] for `e`;
/// [`MatrixError::Singular`] where $A$ is singular, for the root has no derivative there.
///
/// # Example: along the matrix itself
///
/// ```
/// use faer::mat;
///
/// let a = mat![[2.0, 1.0], [0.5, 3.0]];
/// let root = tangency_matrix::sqrtm_frechet(a.as_ref(), a.as_ref())?;
/// // d/dt sqrt((1 + t) A) = sqrt(A) / 2 at t = 0.
/// assert!((&root.derivative * 2.0 - &root.value).norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, (6.11).
pub fn sqrtm_frechet<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    pair(a, e, Root::derivative)
}

/// Square root and the adjoint of its derivative applied to `w`.
///
/// The gradient of $\operatorname{Re} \langle W, A^{1/2} \rangle$ with respect to $A$: the solution of $X^{\ast} G + G X^{\ast} = W$. Cost and errors as
/// for [`sqrtm_frechet`].
///
/// # Errors
///
/// Those of [`sqrtm_frechet`].
///
/// # Example: the adjoint identity
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{sqrtm_frechet, sqrtm_frechet_adjoint};
///
/// let (a, e, w) = (mat![[2.0, 1.0], [0.5, 3.0]], mat![[0.0, 1.0], [2.0, 0.0]], mat![[1.0, 0.0], [3.0, 1.0]]);
/// let forward = sqrtm_frechet(a.as_ref(), e.as_ref())?.derivative;
/// let backward = sqrtm_frechet_adjoint(a.as_ref(), w.as_ref())?.derivative;
/// let trace = |m: faer::Mat<f64>| m[(0, 0)] + m[(1, 1)];
/// assert!((trace(w.transpose() * &forward) - trace(backward.transpose() * &e)).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`sqrtm_frechet`].
pub fn sqrtm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    pair(a, w, Root::adjoint)
}

fn pair<T: Scalar>(
    a: MatRef<'_, T>,
    direction: MatRef<'_, T>,
    derivative: impl FnOnce(&mut Root<T>, MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
) -> Result<Frechet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("the direction", direction, (n, n))?;
    check_finite(direction)?;
    let mut root = Root::of(a)?;
    let derivative = derivative(&mut root, direction)?;
    check_result("the derivative of the square root", derivative.as_ref())?;
    Ok(Frechet { value: root.value, derivative })
}

/// Relative condition number of the square root in the 1-norm.
///
/// $$ \kappa = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert A^{1/2} \rVert_1} $$
///
/// estimated (a lower bound, nearly always within a factor 3) from about five pairs of derivatives and adjoint derivatives on
/// one Schur form: O(n³). Infinite for a singular matrix.
///
/// Cost: about twenty times the solution of one triangular equation, and the products with the Schur vectors.
///
/// # Errors
///
/// Those of [`sqrtm`](crate::sqrtm).
///
/// # Example: a multiple of the identity
///
/// ```
/// let condition = tangency_matrix::sqrtm_condition(faer::Mat::<f64>::identity(3, 3).as_ref())?;
/// assert!((condition - 0.5).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Algorithm 3.22 and section 6.1.
pub fn sqrtm_condition<T: Scalar>(a: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    check_square_finite(a)?;
    Ok(Root::of(a)?.condition(a))
}
