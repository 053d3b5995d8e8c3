//! Elementary functions over slices.

mod real;

pub use real::Real;
