//! Volumes and determinants in a rank that is smaller than the shape.

use crate::MatrixError;
use crate::determinant::LogDet;
use crate::determinant::check_hermitian;
use crate::determinant::scaled::{ScaledProduct, exponent_of, scale_by_power, size};
use crate::norm::{check_finite, check_square_finite};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// The exponent of the largest entry, and the matrix without it.
fn scaled<T: Scalar>(a: MatRef<'_, T>) -> (Mat<T>, i64) {
    let (m, n) = a.shape();
    let height = (0..n)
        .flat_map(|j| (0..m).map(move |i| (i, j)))
        .fold(0.0, |height: f64, (i, j)| height.max(size(a[(i, j)]).to_f64()));
    let exponent = if height > 0.0 { i64::from(exponent_of(height)) } else { 0 };
    (Mat::from_fn(m, n, |i, j| scale_by_power(a[(i, j)], -exponent)), exponent)
}

/// `Err` for a tolerance that is none.
fn check_tolerance<T: RealScalar>(tolerance: Option<T>) -> Result<(), MatrixError> {
    match tolerance {
        Some(tolerance) if !(tolerance.finite() && tolerance >= T::ZERO) => {
            let value = tolerance.to_f64();
            Err(MatrixError::OutOfRange { what: "the tolerance", range: "finite and not negative", value })
        }
        _ => Ok(()),
    }
}

/// What rounding makes of the smallest of `size` singular values.
fn rounding<T: RealScalar>(size: usize, largest: T) -> T {
    T::from_f64(size as f64) * T::UNIT_ROUNDOFF * largest
}

/// The rank of a matrix, and the volume that its columns span in that rank.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RankVolume<R: RealScalar> {
    /// Number of singular values above the tolerance.
    pub rank: usize,
    /// Sum of their logarithms; 0 for rank 0, whose volume is the empty product.
    pub ln_volume: R,
    /// Singular values up to this one count as zero.
    pub tolerance: R,
    /// All singular values, in descending order: where the tolerance lies among them says how sure the rank is.
    pub singular_values: Vec<R>,
}

/// The numerical rank of a matrix, and its volume in that rank.
///
/// $$ \operatorname{vol}_r(B) = \prod_{\sigma_i > \tau} \sigma_i $$
///
/// is the factor by which $B$ maps r-dimensional volume from its row space to its column space. It agrees with
/// [`volume`](crate::volume()) where the columns are independent, and for rank m with the volume of the rows.
/// `tolerance` is τ; `None` means max(m, n)·u·σ₁, the error of the singular values. Cost: singular values, about
/// $4 m n^2$ flops.
///
/// # Errors
///
/// [`MatrixError::NotFinite`]; [`MatrixError::OutOfRange`] for a negative or non-finite tolerance;
/// [`MatrixError::NoConvergence`] of the singular values; [`MatrixError::Overflow`] if a singular value does.
///
/// # Example: three vectors in a plane
///
/// ```
/// use faer::mat;
///
/// let b = mat![[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]];
/// let found = tangency_matrix::rank_volume::<f64>(b.as_ref(), None)?;
/// assert_eq!(found.rank, 2);
/// assert!((found.ln_volume - 0.5 * 3.0_f64.ln()).abs() < 1e-15); // σ = √3, 1
/// assert_eq!(tangency_matrix::log_volume(b.as_ref())?, f64::NEG_INFINITY);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. Ben-Israel, *A volume associated with m x n matrices*, Linear Algebra Appl. 167 (1992).
pub fn rank_volume<T: Scalar>(
    b: MatRef<'_, T>,
    tolerance: Option<T::RealPart>,
) -> Result<RankVolume<T::RealPart>, MatrixError> {
    check_finite(b)?;
    check_tolerance(tolerance)?;
    let (matrix, exponent) = scaled(b);
    let values = T::singular_values(matrix.as_ref())
        .ok_or(MatrixError::NoConvergence { what: "the singular values", iterations: 0 })?;
    let singular_values: Vec<T::RealPart> =
        values.iter().map(|&value| scale_by_power(value.re(), exponent)).collect();
    let largest = singular_values.first().map_or(T::RealPart::ZERO, |&value| value);
    if !largest.finite() {
        return Err(MatrixError::Overflow {
            what: "a singular value",
            ln_norm: T::RealPart::MAX.to_f64().ln(),
        });
    }
    let tolerance = tolerance.unwrap_or(rounding(b.nrows().max(b.ncols()), largest));
    let rank = singular_values.iter().take_while(|&&value| value > tolerance).count();
    // The scaled values, because the others may be subnormal.
    let product = values[..rank].iter().fold(ScaledProduct::<T::RealPart>::ONE, |product, value| {
        product.times(value.re()).times_power_of_two(exponent)
    });
    Ok(RankVolume {
        rank,
        ln_volume: T::RealPart::from_f64(product.ln_modulus()),
        tolerance,
        singular_values,
    })
}

/// The rank of a Hermitian matrix, and the product of its nonzero eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PseudoLogDet<T: Scalar> {
    /// Number of eigenvalues above the tolerance in modulus.
    pub rank: usize,
    /// Their product; 1 for rank 0.
    pub log_det: LogDet<T>,
    /// Eigenvalues up to this modulus count as zero.
    pub tolerance: T::RealPart,
}

/// The pseudo-determinant of a Hermitian matrix: the product of its nonzero eigenvalues.
///
/// $$ \operatorname{pdet}(A) = \prod_{\lvert \lambda_i \rvert > \tau} \lambda_i $$
///
/// It normalises a Gaussian with a singular covariance, and counts spanning trees (Kirchhoff). `tolerance` is τ; `None`
/// means n·u·max \|λ\|. For a matrix that is not Hermitian two different things have this name, and the product of nonzero
/// eigenvalues is no continuous function even at fixed rank; the product of the nonzero singular values is
/// [`rank_volume`]. For the matrix (1, 1; 0, 0) they are 1 and √2. Cost: Hermitian eigenvalues, about $\frac{4}{3} n^3$ flops.
///
/// # Errors
///
/// [`MatrixError::NotHermitian`]; [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::OutOfRange`] for
/// a negative or non-finite tolerance; [`MatrixError::NoConvergence`] of the eigenvalues.
///
/// # Example: spanning trees of a triangle
///
/// ```
/// use faer::mat;
///
/// let laplacian = mat![[2.0, -1.0, -1.0], [-1.0, 2.0, -1.0], [-1.0, -1.0, 2.0]];
/// let found = tangency_matrix::pseudo_log_det::<f64>(laplacian.as_ref(), None)?;
/// assert_eq!(found.rank, 2);
/// assert!((found.log_det.value() / 3.0 - 3.0).abs() < 1e-14); // pdet / n = 3 trees
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - O. Knill, *Cauchy-Binet for pseudo-determinants*, Linear Algebra Appl. 459 (2014).
pub fn pseudo_log_det<T: Scalar>(
    a: MatRef<'_, T>,
    tolerance: Option<T::RealPart>,
) -> Result<PseudoLogDet<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_hermitian(a)?;
    check_tolerance(tolerance)?;
    let (matrix, exponent) = scaled(a);
    let values = T::hermitian_eigenvalues(matrix.as_ref())
        .ok_or(MatrixError::NoConvergence { what: "the eigenvalues", iterations: 0 })?;
    let largest =
        values.iter().fold(T::RealPart::ZERO, |largest, &value| RealScalar::max(largest, value.modulus()));
    // In units of the scaled matrix, so that nothing overflows.
    let threshold = tolerance.map_or(rounding(n, largest), |tolerance| scale_by_power(tolerance, -exponent));
    let nonzero = values.iter().filter(|&&value| value.modulus() > threshold);
    let (rank, product) = nonzero.fold((0, ScaledProduct::ONE), |(rank, product), &value| {
        (rank + 1, product.times(T::from_real(value.re())).times_power_of_two(exponent))
    });
    Ok(PseudoLogDet { rank, log_det: LogDet::new(product), tolerance: scale_by_power(threshold, exponent) })
}
