#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod parallel;
mod sample;

mod mutual_information;
mod neighbour_divergence;
mod neighbour_entropy;
mod neighbours;
mod subsampling;

pub use error::{GeneratorError, MassError, SampleError, Side};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use generator::{FDivergence, Form};
pub use sample::Sample;

pub use mutual_information::{KsgAlgorithm, MutualInformationOptions, ksg_mutual_information};
pub use neighbour_divergence::{
    NeighbourOptions, Neighbours, knn_divergence, knn_kl_divergence, knn_renyi_divergence,
};
pub use neighbour_entropy::knn_entropy;
pub use subsampling::SubsamplingOptions;
