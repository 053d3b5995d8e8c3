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
