//! The hyperbolic and the circular tangent.

use crate::MatrixError;
use crate::scalar::Scalar;
use faer::{Mat, MatRef};

/// x
pub fn tanhm<T: Scalar>(_a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    Ok(Mat::new())
}

/// x
pub fn tanm<T: Scalar>(_a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    Ok(Mat::new())
}
