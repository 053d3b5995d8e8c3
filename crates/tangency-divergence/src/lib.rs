#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod mass;
mod parallel;
mod sample;

pub use error::{GeneratorError, MassError, SampleError, Side};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use generator::{
    Alpha, Custom, DivergenceFunction, Dual, FDivergence, Form, Gan, HockeyStick, Jeffreys, JensenShannon,
    KullbackLeibler, LeCam, NeymanChiSquared, PearsonChiSquared, ReverseKullbackLeibler, SquaredHellinger,
    TotalVariation, generators,
};
pub use mass::{
    DivergenceGradient, MassOptions, Smoothing, SparseProbabilities, divergence, divergence_gradient,
    divergence_with, ln_affinity, population_stability_index, probabilities, softmax, softmax_gradient,
    sparse_probabilities,
};
pub use sample::Sample;
