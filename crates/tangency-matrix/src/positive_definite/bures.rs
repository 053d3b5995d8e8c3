//! The distance of Bures and Wasserstein, its optimal maps and geodesics.

use super::{Eigen, check_pair, frobenius, is_diagonal, unscaled};
use crate::MatrixError;
use crate::norm::operator_norm_1;
use crate::polar::scaling;
use crate::power::symmetrise;
use crate::product::{adjoint_multiply, multiply, multiply_adjoint};
use crate::reduction::{check_result, ldexp};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Two positive semidefinite matrices, scaled to a norm near 1, with what the functions of them need.
struct Coupling<T: Scalar> {
    /// The matrices were divided by $2^k$, k even.
    exponent: i32,
    a: Mat<T>,
    b: Mat<T>,
    from: Eigen<T>,
    root_a: Mat<T>,
    /// $B^{1/2} A^{1/2} = P N V^{\ast}$.
    singular_values: Vec<T::RealPart>,
    v: Mat<T>,
    /// $B^{1/2} P V^{\ast}$: the root of B that is nearest to $A^{1/2}$, and $T A^{1/2}$ for the optimal map T.
    aligned: Mat<T>,
}

impl<T: Scalar> Coupling<T> {
    /// The matrices must be Hermitian.
    fn of(mut a: Mat<T>, mut b: Mat<T>) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let exponent = scaling(RealScalar::max(operator_norm_1(a.as_ref()), operator_norm_1(b.as_ref())));
        for x in [&mut a, &mut b] {
            *x = Mat::from_fn(n, n, |i, j| ldexp(x[(i, j)], -exponent));
        }
        let unscaled = |error| unscaled(error, exponent);
        let from = Eigen::of(a.as_ref())?.semidefinite().map_err(unscaled)?;
        let to = Eigen::of(b.as_ref())?.semidefinite().map_err(unscaled)?;
        let (root_a, root_b) = (from.function(Scalar::sqrt), to.function(Scalar::sqrt));
        let (p, values, v) = T::thin_svd(multiply(root_b.as_ref(), root_a.as_ref()).as_ref())
            .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: n })?;
        let rotation = multiply_adjoint(p.as_ref(), v.as_ref());
        let aligned = multiply(root_b.as_ref(), rotation.as_ref());
        let singular_values = values.iter().map(|x| x.re()).collect();
        Ok(Self { exponent, a, b, from, root_a, singular_values, v, aligned })
    }

    fn distance(&self) -> T::RealPart {
        if self.a == self.b {
            return T::RealPart::ZERO;
        }
        let n = self.a.nrows();
        let plain = frobenius(n, |i, j| (self.root_a[(i, j)] - self.aligned[(i, j)]).modulus());
        let size = frobenius(n, |i, j| self.root_a[(i, j)].modulus());
        let values = || self.from.values.iter().copied();
        let largest = values().fold(T::RealPart::ZERO, RealScalar::max);
        let smallest = values().fold(largest, RealScalar::min);
        if prefers_difference(smallest, largest, plain, size) { self.distance_of_difference() } else { plain }
    }

    /// $\lVert (T - I) A^{1/2} \rVert_F$ from $E = B - A$: with $M = (A^{1/2} B A^{1/2})^{1/2} = V N V^{\ast}$ the matrix is
    /// $A^{-1/2} (M - A)$, and $M^2 - A^2 = A^{1/2} E A^{1/2}$.
    fn distance_of_difference(&self) -> T::RealPart {
        let n = self.a.nrows();
        let right = multiply(self.root_a.as_ref(), self.v.as_ref());
        let left = adjoint_multiply(self.from.vectors.as_ref(), (&self.b - &self.a).as_ref());
        let change = multiply(left.as_ref(), right.as_ref());
        frobenius(n, |i, j| change[(i, j)].modulus() / (self.from.values[i] + self.singular_values[j]))
    }
}

/// Whether B − A gives the distance better, for the extreme eigenvalues of A, a distance `plain` and $\lVert A^{1/2} \rVert_F$.
///
/// The relative error of the distance from the roots is about $u \lVert A^{1/2} \rVert / d$, that of the other formula $u \kappa(A)$.
fn prefers_difference<R: RealScalar>(smallest: R, largest: R, plain: R, size: R) -> bool {
    // Without a smallest eigenvalue the quotient is infinite or NaN.
    largest / smallest * plain < size
}

/// The distance of diagonal matrices, which is that of the roots of the entries, each with a small relative error.
fn diagonal_distance<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    let (a, b) = (Eigen::of(a)?.semidefinite()?, Eigen::of(b)?.semidefinite()?);
    Ok(a.values.iter().zip(&b.values).fold(T::RealPart::ZERO, |norm, (&x, &y)| {
        if x == y { norm } else { norm.hypot((y - x) / (Scalar::sqrt(x) + Scalar::sqrt(y))) }
    }))
}

/// The distance as a number and an even power of 2 of which half is its exponent.
fn distance<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<(T::RealPart, i32), MatrixError> {
    let (a, b) = check_pair(a, b)?;
    if is_diagonal(a.as_ref()) && is_diagonal(b.as_ref()) {
        return Ok((diagonal_distance(a.as_ref(), b.as_ref())?, 0));
    }
    let coupling = Coupling::of(a, b)?;
    Ok((coupling.distance(), coupling.exponent))
}

/// Bures (or Bures-Wasserstein) distance of two Hermitian positive semidefinite matrices.
///
/// $$ d(A, B)^2 = \operatorname{tr} A + \operatorname{tr} B - 2 \operatorname{tr} (A^{1/2} B A^{1/2})^{1/2}
///    = \min_{U^{\ast} U = I} \lVert A^{1/2} - B^{1/2} U \rVert_F^2 $$
///
/// The Wasserstein distance W₂ of the centred Gaussians with these covariances. Computed from the minimum, whose $U$ is the polar
/// factor of $B^{1/2} A^{1/2}$ (the traces would lose half of the digits), and for nearly equal well-conditioned matrices from
/// $B - A$, so that their distance has a small relative error too. Singular matrices need no exception;
/// eigenvalues that rounding cannot tell from zero are taken as zero, but for diagonal matrices, whose distance is that of the roots
/// of the entries. It is no multiple of other conventions: the square
/// has no factor ½. Cost: about 40 n³ flops.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::ShapeMismatch`], [`MatrixError::NotFinite`]; [`MatrixError::NotHermitian`] unless the
/// matrices are Hermitian up to rounding ($8 n u \max \lvert a_{ij} \rvert$); [`MatrixError::NotPositive`] with an eigenvalue that is
/// negative beyond rounding.
///
/// # Example: a line and a line across it
///
/// ```
/// use faer::mat;
///
/// // All mass along one axis, then along the other: every point moves by the length of a vector of two normal numbers.
/// let (a, b) = (mat![[1.0_f64, 0.0], [0.0, 0.0]], mat![[0.0, 0.0], [0.0, 1.0]]);
/// let distance = tangency_matrix::bures_distance(a.as_ref(), b.as_ref())?;
/// assert!((distance - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, T. Jain, Y. Lim, *On the Bures-Wasserstein distance between positive definite matrices*, Expo. Math. 37 (2019),
///   Theorem 1.
pub fn bures_distance<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    let (distance, exponent) = distance(a, b)?;
    Ok(distance.ldexp(exponent / 2))
}

/// The square of [`bures_distance`], for sums such as $W_2^2 = \lVert m_1 - m_2 \rVert^2 + d(A, B)^2$ of Gaussians with means.
///
/// Cost: that of [`bures_distance`].
///
/// # Errors
///
/// Those of [`bures_distance`]; [`MatrixError::Overflow`] where the square does not fit.
///
/// # Example: standard deviations 1 and 3
///
/// ```
/// let squared = tangency_matrix::bures_squared(faer::mat![[1.0_f64]].as_ref(), faer::mat![[9.0]].as_ref())?;
/// assert!((squared - 4.0_f64).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - Those of [`bures_distance`].
pub fn bures_squared<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    let (distance, exponent) = distance(a, b)?;
    let squared = (distance * distance).ldexp(exponent);
    if squared.finite() {
        return Ok(squared);
    }
    let ln_norm = 2.0 * distance.to_f64().ln() + f64::from(exponent) * std::f64::consts::LN_2;
    Err(MatrixError::Overflow { what: "the square of the distance", ln_norm })
}

/// The optimal linear map from the centred Gaussian with covariance `a` to that with covariance `b`.
///
/// $$ T = A^{-1/2} (A^{1/2} B A^{1/2})^{1/2} A^{-1/2}, \quad T A T = B $$
///
/// Hermitian to the bit and positive semidefinite. $B$ may be singular; $A$ must not be, for mass on a subspace cannot be spread by a
/// map. Cost: about 42 n³ flops.
///
/// # Errors
///
/// Those of [`bures_distance`]; [`MatrixError::NotPositive`] with an eigenvalue of `a` that is zero up to rounding;
/// [`MatrixError::Overflow`].
///
/// # Example: it carries one covariance to the other
///
/// ```
/// use faer::mat;
///
/// let (a, b) = (mat![[2.0_f64, 1.0], [1.0, 3.0]], mat![[1.0, -0.5], [-0.5, 0.5]]);
/// let map = tangency_matrix::bures_transport(a.as_ref(), b.as_ref())?;
/// assert!((&map * &a * &map - &b).norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, T. Jain, Y. Lim, Expo. Math. 37 (2019), (7) and section 3.
pub fn bures_transport<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let (a, b) = check_pair(a, b)?;
    let coupling = Coupling::of(a, b)?;
    let from = &coupling.from;
    if let Some(index) = from.values.iter().position(|&x| x == T::RealPart::ZERO) {
        return Err(MatrixError::NotPositive { kind: "definite", what: "eigenvalue", index, value: 0.0 });
    }
    let inverse_root = from.function(|x| T::RealPart::ONE / Scalar::sqrt(x));
    let mut map = multiply(coupling.aligned.as_ref(), inverse_root.as_ref());
    symmetrise(&mut map);
    check_result("the optimal map", map.as_ref())?;
    Ok(map)
}

/// The covariance at time t of the Gaussian that moves along straight lines from `a` at t = 0 to `b` at t = 1.
///
/// $$ ((1 - t) I + t T) A ((1 - t) I + t T) = G G^{\ast}, \quad G = (1 - t) A^{1/2} + t B^{1/2} U $$
///
/// McCann's interpolation, with $U$ as in [`bures_distance`]: the second form needs no map $T$ and includes singular matrices. Hermitian to
/// the bit. Cost: about 42 n³ flops.
///
/// # Errors
///
/// Those of [`bures_distance`]; [`MatrixError::OutOfRange`] unless $0 \le t \le 1$.
///
/// # Example: standard deviations are interpolated
///
/// ```
/// use faer::mat;
///
/// let half = tangency_matrix::bures_geodesic(mat![[1.0]].as_ref(), mat![[9.0]].as_ref(), 0.5)?;
/// assert!((half[(0, 0)] - 4.0_f64).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, T. Jain, Y. Lim, Expo. Math. 37 (2019), (13).
pub fn bures_geodesic<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>, t: f64) -> Result<Mat<T>, MatrixError> {
    if !(0.0..=1.0).contains(&t) {
        return Err(MatrixError::OutOfRange { what: "the time", range: "between 0 and 1", value: t });
    }
    let (a, b) = check_pair(a, b)?;
    let coupling = Coupling::of(a, b)?;
    let (t, rest) = (T::RealPart::from_f64(t), T::RealPart::from_f64(1.0 - t));
    let n = coupling.a.nrows();
    let root =
        Mat::from_fn(n, n, |i, j| coupling.root_a[(i, j)].scale(rest) + coupling.aligned[(i, j)].scale(t));
    let mut point = multiply_adjoint(root.as_ref(), root.as_ref());
    symmetrise(&mut point);
    let point = Mat::from_fn(n, n, |i, j| ldexp(point[(i, j)], coupling.exponent));
    check_result("the point of the geodesic", point.as_ref())?;
    Ok(point)
}

#[cfg(test)]
mod tests {
    use super::prefers_difference;

    #[test]
    fn the_difference_is_for_near_and_well_conditioned_matrices() {
        for (smallest, largest, plain, size, expected) in [
            (1.0_f64, 1.0, 1e-9, 1.0, true),
            (1e-10, 1.0, 1e-9, 1.0, false), // κ d = 10
            (1e-10, 1.0, 1e-11, 1.0, true),
            (0.0, 1.0, 1e-30, 1.0, false),
            (0.0, 0.0, 0.0, 0.0, false),
            (0.5, 1.0, 0.5, 1.0, false), // equal
            (0.5, 1.0, 0.5, 1.5, true),
        ] {
            assert_eq!(prefers_difference(smallest, largest, plain, size), expected, "{smallest} {plain}");
        }
    }
}
