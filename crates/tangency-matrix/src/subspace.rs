//! Angles between subspaces.

use crate::MatrixError;
use crate::norm::check_finite;
use crate::product::{adjoint_multiply, multiply_add};
use crate::scalar::{RealScalar, Scalar};
use crate::volume::scaled_columns;
use faer::{Mat, MatRef};

/// The principal angles between the column spaces of two matrices, in radians, ascending.
///
/// With orthonormal bases $Q_a$, $Q_b$ of the two column spaces, the cosines are the singular values of
/// $Q_a^{\ast} Q_b$, and the sines those of $(I - Q_a Q_a^{\ast}) Q_b$:
///
/// $$ \cos \theta_k = \sigma_k(Q_a^{\ast} Q_b), \quad
///    \sin \theta_k = \sigma_{q + 1 - k}((I - Q_a Q_a^{\ast}) Q_b) . $$
///
/// Cosines alone lose all angles below $10^{-8}$, sines alone those close to π/2; from both together every angle has an
/// absolute error of about u times the condition of the bases. There are as many angles as the smaller rank; columns
/// that depend on others are recognised by QR with pivoting, tolerance max(m, n)·u after scaling all columns. Products of
/// the cosines relate volumes: a parallelepiped in the one space, projected on the other. Cost: two pivoted QR
/// factorisations and two sets of singular values.
///
/// # Errors
///
/// [`MatrixError::ShapeMismatch`] unless both have the same number of rows; [`MatrixError::NotFinite`];
/// [`MatrixError::NoConvergence`] of the singular values.
///
/// # Example: two planes with a common line
///
/// ```
/// use faer::mat;
///
/// let t = 1e-10_f64;
/// let plane = mat![[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]];
/// let tilted = mat![[1.0, 0.0], [0.0, t.cos()], [0.0, t.sin()]];
/// let angles = tangency_matrix::principal_angles(plane.as_ref(), tilted.as_ref())?;
/// assert!(angles[0] < 1e-16 && (angles[1] - t).abs() < 1e-16);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Å. Björck and G. H. Golub, *Numerical methods for computing angles between linear subspaces*, Math. Comp. 27 (1973).
pub fn principal_angles<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) -> Result<Vec<T::RealPart>, MatrixError> {
    if a.nrows() != b.nrows() {
        return Err(MatrixError::ShapeMismatch {
            what: "the second matrix",
            expected_rows: a.nrows(),
            expected_columns: b.ncols(),
            rows: b.nrows(),
            columns: b.ncols(),
        });
    }
    check_finite(a)?;
    check_finite(b)?;
    let (first, mut sines_of) = (orthonormal_basis(a), orthonormal_basis(b));
    let cosines_of = adjoint_multiply(first.as_ref(), sines_of.as_ref());
    multiply_add(sines_of.as_mut(), -T::ONE, first.as_ref(), cosines_of.as_ref());
    let values = |matrix: &Mat<T>| {
        T::singular_values(matrix.as_ref())
            .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: 0 })
    };
    let (cosines, sines) = (values(&cosines_of)?, values(&sines_of)?);
    // Descending cosines belong to ascending sines; where the second space is larger, its further sines are one.
    Ok(cosines.iter().zip(sines.iter().rev()).map(|(c, s)| s.re().atan2(c.re())).collect())
}

/// Orthonormal basis of the column space, as many columns as the numerical rank.
fn orthonormal_basis<T: Scalar>(a: MatRef<'_, T>) -> Mat<T> {
    let (m, n) = a.shape();
    let (q, r, _) = T::column_pivoted_qr(scaled_columns(a).as_ref(), true);
    let first = if m.min(n) > 0 { r[(0, 0)].modulus() } else { T::RealPart::ZERO };
    let tolerance = first * T::RealPart::UNIT_ROUNDOFF * T::RealPart::from_f64(m.max(n) as f64);
    let rank = (0..m.min(n)).take_while(|&k| r[(k, k)].modulus() > tolerance).count();
    q.map_or_else(Mat::new, |q| q.subcols(0, rank).to_owned())
}
