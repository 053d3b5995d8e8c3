#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod generator;
mod parallel;
mod sample;

mod two_sample;

pub use error::{GeneratorError, MassError, SampleError, Side};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use generator::{FDivergence, Form};
pub use sample::Sample;

pub use two_sample::{
    ClassifierTest, EnergyDistance, Held, KernelWidth, Mmd, MmdKernel, PermutationProgress, Permutations,
    Reference, Split, TestMethod, TwoSampleTest, classifier_test, energy_distance, energy_test, mmd,
    mmd_block_test, mmd_linear_test, mmd_test, nearest_neighbour_scores, nearest_neighbour_test,
    permutation_test,
};
