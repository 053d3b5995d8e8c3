//! Entropic optimal transport.

mod relaxation;
pub(crate) mod solver;
mod stored;

use crate::cost::Cost;
use crate::entropic::{EntropyConvention, Problem, entropy_difference};
use crate::error::TransportError;
use crate::rounding::{CostBounds, RoundedPlan, round};
use solver::{End, Solver};
use std::ops::ControlFlow;

/// Where the iteration is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Domain {
    /// With logarithms, until so few entries of the plan matter that storing them pays, and with these from then on. The
    /// answer is verified with logarithms.
    #[default]
    Automatic,
    /// With logarithms alone: two passes of exponentials over all costs for an iteration, and no memory beyond the potentials.
    Logarithmic,
    /// With the stored entries from the second iteration on, however many they are; each takes 24 bytes.
    Stored,
}

/// When to stop, and how to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SinkhornOptions {
    /// Both margins have to be right to this, $\sum_i \lvert \sum_j P_{ij} - a_i \rvert \le \tau \sum_i a_i$ and likewise for
    /// the columns. Between 0 and 1; default 1e-6. Rounding sets a limit of about 1e-16 times the largest cost over ε.
    pub tolerance: f64,
    /// The most iterations, at all values of ε together. Default 10 000.
    pub max_iterations: usize,
    /// The ratio of two values of ε on the way from the spread of the costs to the last one; 1 goes to the last one at once.
    /// Above 0 and at most 1; default ¼.
    pub scaling: f64,
    /// The factor of over-relaxation, at least 1 and below 2; 1 is Sinkhorn's own iteration. Default `None`: estimated from
    /// the rate.
    pub relaxation: Option<f64>,
    /// Where the iteration is done. Default [`Domain::Automatic`].
    pub domain: Domain,
    /// As in [`ExactOptions`](crate::ExactOptions): the relative difference of the two masses that is taken for rounding.
    /// Default 1e-9.
    pub mass_tolerance: f64,
}

impl Default for SinkhornOptions {
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            max_iterations: 10_000,
            scaling: 0.25,
            relaxation: None,
            domain: Domain::Automatic,
            mass_tolerance: 1e-9,
        }
    }
}

impl SinkhornOptions {
    pub(crate) fn check(&self) -> Result<(), TransportError> {
        let ranges = [
            (
                self.tolerance > 0.0 && self.tolerance < 1.0,
                "the tolerance",
                "above 0 and below 1",
                self.tolerance,
            ),
            (self.scaling > 0.0 && self.scaling <= 1.0, "the scaling", "above 0 and at most 1", self.scaling),
        ];
        let omega = self.relaxation.unwrap_or(1.0);
        let relaxation = ((1.0..2.0).contains(&omega), "the relaxation", "at least 1 and below 2", omega);
        for (fits, what, range, value) in ranges.into_iter().chain([relaxation]) {
            if !fits {
                return Err(TransportError::OutOfRange { what, range, value });
            }
        }
        Ok(())
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SinkhornStatus {
    /// What was asked for is reached.
    Converged,
    /// The iterations ran out first.
    MaxIterations,
    /// The observer stopped the work.
    Stopped,
}

impl From<End> for SinkhornStatus {
    fn from(end: End) -> Self {
        match end {
            End::Converged => Self::Converged,
            End::Exhausted => Self::MaxIterations,
            End::Stopped => Self::Stopped,
        }
    }
}

/// How far an iteration has come.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SinkhornProgress {
    /// The present ε.
    pub epsilon: f64,
    /// Iterations done, at all values of ε.
    pub iterations: usize,
    /// The error of the sources' margin before this iteration, relative to the mass.
    pub source_error: f64,
    /// The error of the targets' margin in the middle of this iteration, relative to the mass.
    pub target_error: f64,
}

/// Potentials, plan and bounds of entropic transport.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sinkhorn {
    /// The ε of these potentials.
    pub epsilon: f64,
    /// $f_i$, one for each source.
    pub source_potentials: Vec<f64>,
    /// $g_j$, one for each target.
    pub target_potentials: Vec<f64>,
    /// The dual value of the potentials, in [`EntropyConvention::RelativeEntropy`]: the value of entropic transport less at
    /// most what the margins' errors cost, and never more than it.
    pub value: f64,
    /// $\sum_i \lvert \sum_j P_{ij} - a_i \rvert$ over the mass.
    pub source_error: f64,
    /// $\sum_j \lvert \sum_i P_{ij} - b_j \rvert$ over the mass.
    pub target_error: f64,
    /// A plan whose margins are those asked for, next to that of the potentials.
    pub plan: RoundedPlan,
    /// What is proved about the least cost, without any entropy.
    pub bounds: CostBounds,
    /// How the iteration ended.
    pub status: SinkhornStatus,
    /// Iterations, at all values of ε.
    pub iterations: usize,
    /// What the value has more in the other convention.
    entropy_difference: f64,
}

impl Sinkhorn {
    /// The value in a convention.
    pub fn value_in(&self, convention: EntropyConvention) -> f64 {
        match convention {
            EntropyConvention::RelativeEntropy => self.value,
            EntropyConvention::Entropy => self.value + self.entropy_difference,
        }
    }
}

/// Entropic optimal transport between the weights `a` and `b`, by Sinkhorn's iteration.
///
/// $$ \min_P \sum_{ij} P_{ij} c_{ij} + \varepsilon \mathrm{KL}(P \mid a \otimes b / A), \qquad \sum_j P_{ij} = a_i, \quad \sum_i P_{ij} = b_j, $$
///
/// with the total mass $A$. The solution is $P_{ij} = a_i b_j e^{(f_i + g_j - c_{ij}) / \varepsilon} / A$, and the iteration
/// makes one margin right after the other,
///
/// $$ f_i \leftarrow f_i + \omega (T_i - f_i), \qquad T_i = -\varepsilon \ln \sum_j (b_j / A) e^{(g_j - c_{ij})/\varepsilon} , $$
///
/// in the logarithmic domain, where nothing overflows however small ε is. Other libraries subtract ε times the entropy of the
/// plan instead: same plan, another value ([`EntropyConvention`]).
///
/// ε has the unit of the costs. It goes down from their spread in steps; ω is estimated from the rate of convergence, and a
/// half step that would not raise the dual value enough is done with ω = 1. Where only few entries of the plan matter, these
/// are stored and iterated with ([`Domain`]); that both margins are right is always verified with all of them. What comes
/// back has, besides the potentials, a plan with the right margins ([`RoundedPlan`]), and with it rigorous bounds of the cost
/// without entropy ([`CostBounds`]).
///
/// An iteration costs two exponentials for each pair and O(n + m) memory: the costs of points are computed when they are
/// needed. The smaller ε, the more iterations; with over-relaxation about the square root of what they would be. Where groups
/// of points are connected by entries of the plan that ε makes tiny, convergence to a small tolerance may take more than the
/// limit; the bounds are narrow long before.
///
/// # Errors
///
/// [`TransportError`] for weights that are empty, negative or not finite, masses that differ, costs of the wrong shape or not
/// finite, and ε that is not positive or below 1e-12 of the largest cost.
///
/// # Example: a plan, a value and an interval
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Cost, Metric, sinkhorn};
///
/// let (x, y) = (mat![[0.0], [1.0], [3.0]], mat![[0.5], [2.0]]);
/// let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean);
/// let found = sinkhorn(&[0.5, 0.25, 0.25], &[0.75, 0.25], cost, 0.01)?;
/// assert!(found.source_error < 1e-6 && found.target_error < 1e-6);
/// // The least cost, 0.625, is where it is proved to be.
/// assert!(found.bounds.lower <= 0.625 && 0.625 <= found.bounds.upper);
/// assert!(found.bounds.upper - found.bounds.lower < 1e-6);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - M. Cuturi, *Sinkhorn distances: lightspeed computation of optimal transport*, NeurIPS 2013.
/// - A. Thibault, L. Chizat, C. Dossal, N. Papadakis, *Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal transport*,
///   Algorithms 14 (2021) 143: a Lyapunov function that makes over-relaxation safe.
/// - T. Lehmann, M.-K. von Renesse, A. Sambale, A. Uschmajew, *A note on overrelaxation in the Sinkhorn algorithm*, Optimization
///   Letters 16 (2022) 2209-2220: the best factor from the rate.
/// - B. Schmitzer, *Stabilized sparse scaling algorithms for entropy regularized transport problems*, SIAM J. Sci. Comput. 41
///   (2019) A1443-A1481: ε-scaling with truncated kernels.
pub fn sinkhorn<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    epsilon: f64,
) -> Result<Sinkhorn, TransportError> {
    sinkhorn_with(a, b, cost, epsilon, &SinkhornOptions::default(), |_| ControlFlow::Continue(()))
}

/// As [`sinkhorn`], with options and an observer that may stop the work.
///
/// The observer is called after every iteration. What comes back then is the best so far; its plan has the right margins and its
/// bounds hold.
///
/// # Errors
///
/// As [`sinkhorn`], and [`TransportError::OutOfRange`] for an option outside its range.
pub fn sinkhorn_with<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    epsilon: f64,
    options: &SinkhornOptions,
    mut observer: impl FnMut(&SinkhornProgress) -> ControlFlow<()>,
) -> Result<Sinkhorn, TransportError> {
    options.check()?;
    let problem = Problem::new(a, b, &cost.into(), options.mass_tolerance)?;
    problem.check_epsilon(epsilon)?;
    let mut solver = Solver::new(&problem, options, None);
    let end = solver.anneal(epsilon, &mut observer);
    finish(a, b, &problem, solver, end.into())
}

/// The result from the last iterate.
pub(crate) fn finish(
    a: &[f64],
    b: &[f64],
    problem: &Problem<'_>,
    mut solver: Solver<'_, '_>,
    status: SinkhornStatus,
) -> Result<Sinkhorn, TransportError> {
    let epsilon = solver.epsilon;
    let (mut source_error, mut target_error) = solver.errors();
    if source_error.is_nan() || source_error > 1.0 {
        solver.tame();
        (source_error, target_error) = solver.errors();
    }
    let value = problem.mass * solver.dual_value();
    let (plan, bounds) = round(problem, epsilon, &solver.potentials);
    let iterations = solver.iterations;
    let (source_potentials, target_potentials) = solver.potentials.into_parts();
    Ok(Sinkhorn {
        epsilon,
        source_potentials,
        target_potentials,
        value,
        source_error,
        target_error,
        plan,
        bounds,
        status,
        iterations,
        entropy_difference: entropy_difference(a, b, epsilon)?,
    })
}
