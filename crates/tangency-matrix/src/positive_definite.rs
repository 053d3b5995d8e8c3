//! Distances and geodesics between Hermitian positive (semi)definite matrices.
//!
//! Three geometries: the affine-invariant one, in which $A$ and $B$ are as far apart as $C A C^{\ast}$ and $C B C^{\ast}$ for any invertible $C$;
//! the log-Euclidean one, that of the logarithms; and that of Bures and Wasserstein, which is the distance of centred Gaussians in optimal transport
//! and includes the singular matrices. All three are computed so that nearly equal matrices lose no digits: from the difference
//! $E = B - A$, through the identity
//!
//! $$ f(B) - f(A) = U \left( U^{\ast} E V \circ \frac{f(\mu_j) - f(\lambda_i)}{\mu_j - \lambda_i} \right) V^{\ast} $$
//!
//! for $A = U \Lambda U^{\ast}$, $B = V M V^{\ast}$ (with ∘ entry by entry), which is exact and not only to first order.

mod bures;
mod logarithmic;

pub use bures::{bures_distance, bures_geodesic, bures_squared, bures_transport};
pub use logarithmic::{affine_invariant_distance, affine_invariant_geodesic, log_euclidean_distance};

use crate::MatrixError;
use crate::norm::{check_shape, check_square_finite, operator_norm_1};
use crate::polar::scaling;
use crate::power::symmetrise;
use crate::quasi_triangular::noise;
use crate::reduction::ldexp;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Two finite Hermitian matrices of one order; `Err` with what differs otherwise.
fn check_pair<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<(Mat<T>, Mat<T>), MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("the second matrix", b, (n, n))?;
    check_square_finite(b)?;
    Ok((check_hermitian(a)?, check_hermitian(b)?))
}

/// The mean of the matrix and its adjoint, if they differ by rounding alone: by at most $8 n u$ times the largest real or
/// imaginary part.
fn check_hermitian<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = a.nrows();
    // Not the modulus, which need not fit.
    let size = |x: T| x.re().modulus().to_f64().max(x.im().modulus().to_f64());
    let largest = (0..n).fold(0.0, |m: f64, j| (0..n).fold(m, |m, i| m.max(size(a[(i, j)]))));
    let allowed = 8.0 * n as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64() * largest;
    for j in 0..n {
        for i in j..n {
            let difference = (a[(i, j)] - a[(j, i)].conj()).modulus().to_f64();
            if difference > allowed {
                return Err(MatrixError::NotHermitian { row: i, column: j, difference });
            }
        }
    }
    let mut hermitian = a.to_owned();
    symmetrise(&mut hermitian);
    Ok(hermitian)
}

/// Eigenvalues and eigenvectors of a Hermitian matrix; ascending, but of a diagonal matrix in its order.
struct Eigen<T: Scalar> {
    values: Vec<T::RealPart>,
    vectors: Mat<T>,
    /// The modulus up to which an eigenvalue may be rounding; 0 for a diagonal matrix.
    noise: T::RealPart,
}

impl<T: Scalar> Eigen<T> {
    fn of(a: MatRef<'_, T>) -> Result<Self, MatrixError> {
        let n = a.nrows();
        if is_diagonal(a) {
            let values = (0..n).map(|i| a[(i, i)].re()).collect();
            return Ok(Self { values, vectors: Mat::identity(n, n), noise: T::RealPart::ZERO });
        }
        let norm = operator_norm_1(a);
        let exponent = scaling(norm);
        let scaled = Mat::from_fn(n, n, |i, j| ldexp(a[(i, j)], -exponent));
        let (values, vectors) = T::hermitian_eigen(scaled.as_ref()).ok_or(MatrixError::NoConvergence {
            what: "the eigenvalues of a Hermitian matrix",
            iterations: n,
        })?;
        let values = values.iter().map(|x| x.re().ldexp(exponent)).collect();
        Ok(Self { values, vectors, noise: noise::<T>(n, norm) })
    }

    /// `Err` for an eigenvalue that is not positive beyond rounding.
    fn definite(self) -> Result<Self, MatrixError> {
        match self.values.iter().position(|&x| x <= self.noise) {
            Some(index) => Err(self.not_positive("definite", index)),
            None => Ok(self),
        }
    }

    /// What rounding cannot tell from zero becomes zero; `Err` for an eigenvalue that is negative beyond that.
    fn semidefinite(mut self) -> Result<Self, MatrixError> {
        if let Some(index) = self.values.iter().position(|&x| x < -self.noise) {
            return Err(self.not_positive("semidefinite", index));
        }
        for x in &mut self.values {
            if *x <= self.noise {
                *x = T::RealPart::ZERO;
            }
        }
        Ok(self)
    }

    fn not_positive(&self, kind: &'static str, index: usize) -> MatrixError {
        MatrixError::NotPositive { kind, what: "eigenvalue", index, value: self.values[index].to_f64() }
    }

    /// $f(A)$, exactly Hermitian.
    fn function(&self, f: impl Fn(T::RealPart) -> T::RealPart) -> Mat<T> {
        let n = self.values.len();
        let scaled = Mat::from_fn(n, n, |i, j| self.vectors[(i, j)].scale(f(self.values[j])));
        let mut value = crate::product::multiply_adjoint(scaled.as_ref(), self.vectors.as_ref());
        symmetrise(&mut value);
        value
    }
}

fn is_diagonal<T: Scalar>(a: MatRef<'_, T>) -> bool {
    (0..a.ncols()).all(|j| (0..a.nrows()).all(|i| i == j || a[(i, j)] == T::ZERO))
}

/// An error of a matrix that was divided by $2^k$, in terms of the matrix itself.
fn unscaled(error: MatrixError, exponent: i32) -> MatrixError {
    match error {
        MatrixError::NotPositive { kind, what, index, value } => {
            MatrixError::NotPositive { kind, what, index, value: value.ldexp(exponent) }
        }
        other => other,
    }
}

/// $\sqrt{\sum \lvert x_{ij} \rvert^2}$ of a function of the indices, without over- or underflow.
fn frobenius<R: RealScalar>(n: usize, entry: impl Fn(usize, usize) -> R) -> R {
    let mut norm = R::ZERO;
    for j in 0..n {
        let mut column = R::ZERO;
        for i in 0..n {
            column = column.hypot(entry(i, j));
        }
        norm = norm.hypot(column);
    }
    norm
}
