#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod parallel;
mod sample;

mod subsampling;

pub use error::{GeneratorError, MassError, SampleError, Side};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use generator::{FDivergence, Form};
pub use sample::Sample;

pub use subsampling::SubsamplingOptions;
