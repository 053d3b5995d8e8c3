//! The least cost to a given relative accuracy, proved.

use crate::cost::Cost;
use crate::entropic::{LARGEST_EXPONENT, Problem};
use crate::error::TransportError;
use crate::rounding::round;
use crate::sinkhorn::solver::{End, Solver};
use crate::sinkhorn::{Sinkhorn, SinkhornOptions, SinkhornProgress, SinkhornStatus, finish};
use std::ops::ControlFlow;

/// The least cost of transport between a lower and an upper bound that differ by at most `relative_gap` of the larger.
///
/// Sinkhorn's iteration with ε going down until the interval is narrow enough:
///
/// $$ U - L \le \gamma \max(\lvert L \rvert, \lvert U \rvert), \qquad L \le \min_P \langle P, c \rangle \le U . $$
///
/// Both ends are proved (see [`CostBounds`](crate::CostBounds)), and the plan of the upper one comes with them. The interval
/// is about as wide as ε times the dimension of the points, so that a gap γ takes an ε of about γ times the cost; most of the
/// iterations are done with the few entries of the plan that matter then.
///
/// For a few thousand points [`exact`](crate::exact) takes less time than this does for a gap of 1 %. This is for costs of
/// points that do not fit into memory, and for the potentials of entropic transport.
///
/// Distributions that are nearly equal, where the cost is a small fraction of the spread of the costs, need an ε of γ times that
/// cost. Almost all mass of a point then goes to its twin, the potentials of different points are tied by tiny entries alone, and the
/// iterations run out before the gap is reached; for equal ones, whose cost is zero, no gap is. What comes back is true all the same.
/// Use [`exact`](crate::exact) there, or the [debiased divergence](crate::sinkhorn_divergence), which is zero for equal clouds.
///
/// # Errors
///
/// As [`sinkhorn`](crate::sinkhorn), and [`TransportError::OutOfRange`] for a gap that is not above 0 and below 1.
///
/// # Example: one per cent
///
/// ```
/// use faer::Mat;
/// use tangency_transport::{Cost, Metric, approximate};
///
/// let x = Mat::from_fn(50, 1, |i, _| i as f64 / 50.0);
/// let y = Mat::from_fn(40, 1, |j, _| 1.0 + j as f64 / 40.0);
/// let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean);
/// let found = approximate(&[0.02; 50], &[0.025; 40], cost, 0.01)?;
/// let bounds = found.bounds;
/// assert!(bounds.lower <= 0.9975 && 0.9975 <= bounds.upper && bounds.relative_gap() <= 0.01);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn approximate<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    relative_gap: f64,
) -> Result<Sinkhorn, TransportError> {
    approximate_with(a, b, cost, relative_gap, &SinkhornOptions::default(), |_| ControlFlow::Continue(()))
}

/// As [`approximate`], with options and an observer that may stop the work.
///
/// The tolerance of the options is not used: it follows from the gap. What comes back when the iterations run out, or where
/// no gap is narrow enough (a cost of zero has none), is the best interval and its status.
///
/// # Errors
///
/// As [`approximate`], and [`TransportError::OutOfRange`] for an option outside its range.
pub fn approximate_with<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    relative_gap: f64,
    options: &SinkhornOptions,
    mut observer: impl FnMut(&SinkhornProgress) -> ControlFlow<()>,
) -> Result<Sinkhorn, TransportError> {
    options.check()?;
    if !(relative_gap > 0.0 && relative_gap < 1.0) {
        let value = relative_gap;
        return Err(TransportError::OutOfRange { what: "the gap", range: "above 0 and below 1", value });
    }
    let problem = Problem::new(a, b, &cost.into(), options.mass_tolerance)?;
    let sweeps = &problem.sweeps;
    let spread = sweeps.largest() - sweeps.least();
    // Costs that are all equal leave nothing to choose, and any ε will do.
    let start =
        if spread > 0.0 { 0.25 * spread } else { sweeps.magnitude().max(f64::MIN_POSITIVE / f64::EPSILON) };
    // Of an ε that is no normal number the inverse is infinite.
    let least = (spread * 1e-9).max(sweeps.magnitude() / LARGEST_EXPONENT).max(f64::MIN_POSITIVE);
    let mut solver = Solver::new(&problem, options, None);
    let factor = options.scaling.min(0.5);
    let mut epsilon = start;
    let status = loop {
        let value = solver.estimate();
        let promising = spread <= 0.0 || epsilon <= 2.0 * relative_gap * value || epsilon <= least;
        let (tolerance, limit) = if promising {
            // What is wrong with the margins is repaired at an average cost, of which the spread is ten times, or so.
            (if spread > 0.0 { (2.0 * relative_gap * value / spread).clamp(1e-9, 1e-2) } else { 1e-2 }, 2000)
        } else {
            (0.03, 100)
        };
        let end = solver.level(epsilon, tolerance, limit, false, &mut observer);
        if end == End::Stopped {
            break SinkhornStatus::Stopped;
        }
        let mut next = factor;
        if promising {
            let (_, bounds) = round(&problem, epsilon, &solver.potentials);
            let gap = bounds.relative_gap();
            if gap <= relative_gap {
                break SinkhornStatus::Converged;
            }
            // The gap goes down with ε, if the margins are right.
            next = (0.8 * relative_gap / gap).clamp(factor, 0.7);
        }
        if epsilon <= least || solver.iterations >= options.max_iterations {
            break SinkhornStatus::MaxIterations;
        }
        epsilon = (epsilon * next).max(least);
    };
    finish(a, b, &problem, solver, status)
}
