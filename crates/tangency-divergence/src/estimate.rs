//! What an estimate from samples says about itself.

use std::fmt;

/// An estimate from samples, with what is known of its error.
///
/// The value is what the method gives: it may be negative although the divergence is not, and is never clamped.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The standard deviation of the estimate around its own mean, where the method has one; it says nothing of the bias.
    pub standard_error: Option<f64>,
    /// An interval for the true value, or a bound on it, where the method gives one.
    pub interval: Option<Interval>,
    /// How the estimate was made.
    pub method: Method,
}

/// A range for the true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end; `-INFINITY` if there is none.
    pub lower: f64,
    /// Upper end; `INFINITY` if there is none.
    pub upper: f64,
    /// The share of repetitions, between 0 and 1, in which the range is meant to hold the true value.
    pub level: f64,
    /// What the range rests on.
    pub basis: Basis,
}

/// What an interval rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// The spread of the estimate over subsamples drawn without replacement, scaled to the whole; asymptotic, and blind to
    /// bias.
    Subsampling,
    /// The central limit theorem for a mean over held-out points; asymptotic.
    HeldOutNormal,
    /// Hoeffding's inequality for a bounded critic on held-out points: holds for every sample size.
    HeldOutHoeffding,
    /// Maurer's and Pontil's empirical Bernstein inequality for a bounded critic on held-out points: holds for every sample size.
    HeldOutBernstein,
}

/// How an estimate was made; [`assumptions`](Self::assumptions) says what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Method {
    /// Distances to the k-th nearest neighbours.
    NearestNeighbours {
        /// k.
        k: usize,
    },
    /// Distances within the smallest ball that holds k points of both samples.
    CommonRadius {
        /// k.
        k: usize,
    },
    /// Kraskov, Stögbauer and Grassberger's mutual information.
    Ksg {
        /// k.
        k: usize,
    },
    /// Density ratio by the Kullback-Leibler importance estimation procedure.
    Kliep {
        /// Width of the Gaussian kernels.
        width: f64,
    },
    /// Density ratio by unconstrained least squares, relative for α > 0.
    Ulsif {
        /// Width of the Gaussian kernels.
        width: f64,
        /// The ridge.
        ridge: f64,
        /// α of the relative ratio p / (α p + (1 − α) q).
        relative: f64,
    },
    /// Density ratio by logistic regression.
    Logistic {
        /// The ridge.
        ridge: f64,
    },
    /// A critic fitted on one part of the points and evaluated on the rest.
    Variational,
    /// Shares of bins.
    Histogram {
        /// Number of bins.
        bins: usize,
    },
    /// Kernel density estimates.
    KernelDensity {
        /// Width for P.
        width_p: f64,
        /// Width for Q.
        width_q: f64,
    },
}

impl Method {
    /// What the estimate rests on, and which way it errs where that does not hold.
    pub fn assumptions(&self) -> &'static str {
        match self {
            Self::NearestNeighbours { .. } => {
                "Independent points; densities that are nearly constant over the balls that hold the k nearest points. Where they are \
                 not, in tails and in many dimensions, divergences come out too small and entropies too large, and an interval \
                 does not know it. Mass of P where Q has none is not seen."
            }
            Self::CommonRadius { .. } => {
                "Independent points; densities whose ratio is nearly constant over the smallest ball that holds k points of each \
                 sample. In many dimensions the divergence comes out too small, and an interval does not know it. Mass of P where Q \
                 has none is not seen."
            }
            Self::Ksg { .. } => {
                "Independent pairs with a joint density that is nearly constant over the cubes that hold the k nearest pairs, in \
                 units in which both halves spread alike. Strong dependence comes out too small."
            }
            Self::Kliep { .. } | Self::Ulsif { .. } | Self::Logistic { .. } => {
                "Independent points; a ratio of densities that the model can express, fitted to the same points that it is averaged over."
            }
            Self::Variational => {
                "Independent points; the critic's class bounds from below what the value can reach, and the held-out half is not seen in fitting."
            }
            Self::Histogram { .. } => "Independent points; densities that are nearly constant over a bin.",
            Self::KernelDensity { .. } => {
                "Independent points; densities that are smooth over the width of the kernels."
            }
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.value)?;
        if let Some(error) = self.standard_error {
            write!(f, " ± {error:.2e}")?;
        }
        if let Some(interval) = self.interval {
            write!(f, ", {} % in [{:.6}, {:.6}]", interval.level * 100.0, interval.lower, interval.upper)?;
        }
        Ok(())
    }
}
