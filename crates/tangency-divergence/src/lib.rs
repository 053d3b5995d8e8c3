#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod mass;
mod parallel;
mod sample;

// Named distributions.
mod between;
mod chart;
mod closed;
mod density;
mod evaluation;
mod integrand;
mod law;
mod line;
mod quadrature;
mod sampling;
mod special;
mod summation;

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

// Named distributions.
pub use between::{function_between, ln_affinity_between};
pub use density::{Density, Place};
pub use error::DistributionError;
pub use evaluation::{
    Evaluation, EvaluationMethod, EvaluationOptions, divergence_between, divergence_between_with,
};
pub use law::{Law, NamedDensity};
pub use line::divergence_of_densities;
pub use sampling::divergence_by_sampling;
