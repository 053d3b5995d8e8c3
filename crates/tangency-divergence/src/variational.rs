//! The local variational method: a divergence as the largest of its lower bounds.

mod bound;
mod critic;
mod linear;
mod output;
mod train;

pub use bound::{
    Bound, BoundEstimate, BoundOptions, Confidence, Level, donsker_varadhan_bound, renyi_bound,
    variational_bound,
};
pub use critic::{Critic, CriticFunction, RatioCritic, TrainableCritic};
pub use linear::{CriticObjective, LinearCritic, LinearCriticOptions};
pub use output::Output;
pub use train::{BoundGradient, TrainingOptions, TrainingProgress, bound_gradient, train_critic};

use crate::error::{SampleError, Side};
use crate::generator::FDivergence;
use crate::sample::Sample;
use crate::split::{SplitOptions, split};
use rand::Rng;

/// How a divergence is estimated by a linear critic. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VariationalOptions {
    /// How the points are divided. Default half and half.
    pub split: SplitOptions,
    /// How the critic is fitted to one part. Default quadratic features.
    pub critic: LinearCriticOptions,
    /// How it is evaluated on the other; its `output` is overruled by the critic's. Default the plain bound, not clamped.
    pub bound: BoundOptions,
}

/// A lower bound with the critic that gave it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VariationalEstimate {
    /// The bound on the held-out points.
    pub bound: BoundEstimate,
    /// The critic, with the report of its fit.
    pub critic: LinearCritic,
}

/// Estimates an f-divergence from below: a linear critic is fitted to one part of the points, and its bound evaluated on the
/// rest.
///
/// The bound is $E_P T - E_Q f^\ast(T)$ with the T of the critic, and what it lacks of the divergence is $E_Q$ of a Bregman
/// distance between the true ratio and the critic's. So it rises to the divergence as the features come to contain the
/// log-ratio and the points become many.
///
/// **Bias.** Always downward on average, by the features' want and by about (number of features)/(2 n) for the fit. For equal
/// distributions the mean of the estimates is below zero, not zero; it is not clamped. Weights are allowed where the
/// confidence allows them.
///
/// Costs the fit of [`LinearCritic`], and one evaluation.
///
/// # Errors
///
/// As [`split`], [`LinearCritic::fit`] and [`variational_bound`].
///
/// # Example: a lower bound that holds for every sample size
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{
///     BoundOptions, Confidence, JensenShannon, Sample, VariationalOptions, variational,
/// };
///
/// let q: Vec<f64> = (1..2000).map(|i| f64::from(i) / 2000.0).map(|u| (u / (1.0 - u)).ln()).collect();
/// let p: Vec<f64> = q.iter().map(|x| x + 3.0).collect();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let bound = BoundOptions { clamp: Some(4.0), confidence: Confidence::EmpiricalBernstein, ..Default::default() };
/// let options = VariationalOptions { bound, ..Default::default() };
/// let found = variational(
///     &JensenShannon::half(), Sample::from(&p[..]), Sample::from(&q[..]), &options, &mut rng,
/// )?;
/// let interval = found.bound.estimate.interval.expect("the critic is bounded");
/// assert!(interval.lower > 0.1 && interval.lower < found.bound.estimate.value);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn variational(
    f: &dyn FDivergence,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &VariationalOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<VariationalEstimate, SampleError> {
    let p = split(p, Side::P, options.split, rng)?;
    let q = split(q, Side::Q, options.split, rng)?;
    let critic = LinearCritic::fit(f, p.training(), q.training(), &options.critic, rng)?;
    let evaluation = BoundOptions { output: Some(critic.output()), ..options.bound };
    let bound = variational_bound(f, &critic, p.held_out(), q.held_out(), &evaluation)?;
    Ok(VariationalEstimate { bound, critic })
}
