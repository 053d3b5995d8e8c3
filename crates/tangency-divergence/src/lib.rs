#![doc = include_str!("../README.md")]

// What a divergence is.
mod error;
mod generator;
mod mass;

// Between named distributions.
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

// From samples.
mod binned;
mod dense;
mod estimate;
mod extrapolation;
mod features;
mod gaussian;
mod kernel_density;
mod mutual_information;
mod neighbour_divergence;
mod neighbour_entropy;
mod neighbours;
mod newton;
mod parallel;
mod ratio;
mod sample;
mod split;
mod subsampling;
mod two_sample;
mod variational;

pub use error::{DistributionError, GeneratorError, MassError, SampleError, Side};
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

pub use between::{function_between, ln_affinity_between};
pub use density::{Density, Place};
pub use evaluation::{
    Evaluation, EvaluationMethod, EvaluationOptions, divergence_between, divergence_between_with,
};
pub use law::NamedDensity;
#[doc(inline)]
pub use law::{Law, LawError};
pub use line::divergence_of_densities;
pub use sampling::divergence_by_sampling;

pub use binned::{Bins, HistogramOptions, histogram_counts, histogram_divergence};
pub use estimate::{Basis, Estimate, Interval, Method};
pub use extrapolation::{ExtrapolationOptions, with_extrapolation};
pub use features::{FeatureMap, Features, Width};
pub use gaussian::{Centres, Widths};
pub use kernel_density::{
    Bandwidth, KernelDensity, KernelDensityOptions, KernelDensityRatio, kernel_density_divergence,
};
pub use mutual_information::{KsgAlgorithm, MutualInformationOptions, ksg_mutual_information};
pub use neighbour_divergence::{
    NeighbourOptions, Neighbours, knn_divergence, knn_kl_divergence, knn_renyi_divergence,
};
pub use neighbour_entropy::knn_entropy;
pub use ratio::{
    DensityRatio, Fit, FitStatus, Kliep, KliepOptions, LogisticOptions, LogisticRatio, Negative, RatioForm,
    Ulsif, UlsifOptions, divergence_from_ratio,
};
pub use sample::Sample;
pub use split::{Split, SplitOptions, split};
pub use subsampling::{SubsamplingOptions, with_subsampling};
pub use two_sample::{
    ClassifierTest, EnergyDistance, Grouping, Held, KernelWidth, Mmd, MmdKernel, PermutationProgress,
    Permutations, Reference, TestMethod, TwoSampleTest, classifier_test, energy_distance, energy_test, mmd,
    mmd_block_test, mmd_linear_test, mmd_test, nearest_neighbour_scores, nearest_neighbour_test,
    permutation_test,
};
pub use variational::{
    Bound, BoundEstimate, BoundGradient, BoundOptions, Confidence, Critic, CriticFunction, CriticObjective,
    Level, LinearCritic, LinearCriticOptions, Output, RatioCritic, TrainableCritic, TrainingOptions,
    TrainingProgress, VariationalEstimate, VariationalOptions, bound_gradient, donsker_varadhan_bound,
    renyi_bound, train_critic, variational, variational_bound,
};
