#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod parallel;
mod sample;

pub use error::{GeneratorError, MassError, SampleError, Side};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use generator::{FDivergence, Form};
pub use generator::{
    Gan, JensenShannon, KullbackLeibler, NeymanChiSquared, PearsonChiSquared, ReverseKullbackLeibler,
    SquaredHellinger,
};
pub use sample::Sample;
