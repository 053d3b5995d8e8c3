//! Functions of matrices given by the caller.

mod double_double;
mod double_double_complex;

pub use double_double::DoubleDouble;
pub use double_double_complex::DoubleDoubleComplex;
