//! Two-sample tests: could the points of P and Q come from one distribution?

mod blocks;
mod classifier;
mod energy;
mod labelling;
mod mmd;
mod neighbours;
mod pair_matrix;
mod permutation;
mod pooled;
mod tails;

pub use blocks::{mmd_block_test, mmd_linear_test};
pub use classifier::{ClassifierTest, Held, classifier_test, nearest_neighbour_scores};
pub use energy::{EnergyDistance, energy_distance, energy_test};
pub use mmd::{KernelWidth, Mmd, MmdKernel, mmd, mmd_test};
pub use neighbours::nearest_neighbour_test;
pub use permutation::{Grouping, PermutationProgress, Permutations, permutation_test};

use std::fmt;

/// The outcome of a two-sample test.
///
/// The hypothesis under test is $P = Q$; a small p-value speaks against it. The statistics here grow with the difference
/// between the samples, and the p-values are one-sided.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TwoSampleTest {
    /// The statistic of the given samples; [`method`](Self::method) says which.
    pub statistic: f64,
    /// The probability of a statistic at least as large if $P = Q$, as far as [`reference`](Self::reference) allows.
    pub p_value: f64,
    /// What was computed.
    pub method: TestMethod,
    /// What the statistic was compared with.
    pub reference: Reference,
}

/// The statistic of a two-sample test.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum TestMethod {
    /// The unbiased estimate of the squared maximum mean discrepancy: [`mmd_test`].
    Mmd {
        /// The kernel.
        kernel: MmdKernel,
        /// Its width, chosen or given.
        width: f64,
    },
    /// Its mean over blocks of points: [`mmd_block_test`].
    MmdBlock {
        /// The kernel.
        kernel: MmdKernel,
        /// Its width, chosen or given.
        width: f64,
        /// Number of blocks.
        blocks: usize,
    },
    /// Its mean over pairs of points: [`mmd_linear_test`].
    MmdLinear {
        /// The kernel.
        kernel: MmdKernel,
        /// Its width, chosen or given.
        width: f64,
        /// Number of terms.
        terms: usize,
    },
    /// The squared energy distance: [`energy_test`].
    Energy,
    /// The share of neighbours from the same sample: [`nearest_neighbour_test`].
    NearestNeighbours {
        /// Neighbours of each point.
        k: usize,
    },
    /// A statistic of the caller's: [`permutation_test`].
    Custom,
}

/// What a statistic was compared with to get its p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Reference {
    /// Random permutations of the labels. The p-value is $(1 + \text{at least}) / (1 + \text{permutations})$: for exchangeable
    /// points $P(p \le \alpha) \le \alpha$ at every sample size, and it is never zero.
    Permutations {
        /// How many were made, without the given labelling.
        permutations: usize,
        /// How many had a statistic at least as large as the given one.
        at_least: usize,
    },
    /// All ways to share the points out, because there are few; the p-value is exact.
    AllPermutations {
        /// How many there are, without the given labelling.
        permutations: usize,
        /// How many had a statistic at least as large as the given one.
        at_least: usize,
    },
    /// The normal distribution with this standard deviation and mean zero: asymptotic.
    Normal {
        /// The standard error of the statistic, estimated from its terms.
        standard_error: f64,
    },
}

impl fmt::Display for TestMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mmd { kernel, width } => write!(f, "MMD² ({kernel}, width {width:.4})"),
            Self::MmdBlock { kernel, width, blocks } => {
                write!(f, "MMD² over {blocks} blocks ({kernel}, width {width:.4})")
            }
            Self::MmdLinear { kernel, width, terms } => {
                write!(f, "MMD² over {terms} terms ({kernel}, width {width:.4})")
            }
            Self::Energy => f.write_str("squared energy distance"),
            Self::NearestNeighbours { k } => write!(f, "share of {k} neighbours from the same sample"),
            Self::Custom => f.write_str("statistic"),
        }
    }
}

impl fmt::Display for TwoSampleTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:.6}, p = {:.4}", self.method, self.statistic, self.p_value)?;
        match self.reference {
            Reference::Permutations { permutations, .. } => write!(f, " ({permutations} permutations)"),
            Reference::AllPermutations { permutations, .. } => {
                write!(f, " (all {permutations} permutations)")
            }
            Reference::Normal { standard_error } => {
                write!(f, " (normal, standard error {standard_error:.2e})")
            }
        }
    }
}
