//! The numbers a cell computes with.

use faer::traits::RealField;
use tangency_vmath::Real;

/// The numbers a cell computes with: `f32` and `f64`.
///
/// A name for two demands: [`Real`] is what the fused gate kernels need, faer's `RealField` what the products need.
pub trait Scalar: Real + RealField {}

impl Scalar for f32 {}
impl Scalar for f64 {}
