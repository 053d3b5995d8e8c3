//! Many starts, one answer.

use super::{Freedom, Inference, InferenceError, ModelError, TrajectoryFit};
use crate::{LeastSquaresError, LeastSquaresFit};
use rand::{Rng, RngExt};
use std::ops::ControlFlow;
use tangency_recurrence::{Differentiable, TimeStep};

/// What an observer sees after each start of a multistart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MultistartProgress {
    /// Starts that are done.
    pub done: usize,
    /// Starts in all.
    pub total: usize,
    /// The cost of the best solution so far; infinite if there is none.
    pub best_cost: f64,
}

/// The best of many fits, and how often it was found.
#[derive(Debug, Clone)]
pub struct Multistart {
    /// The solution of least cost.
    pub best: Inference,
    /// How many starts converged to the cost of the best, to within a relative $10^{-6}$ (or, for data without noise, to
    /// within $10^{-16}$ of the sum of squares of the data).
    ///
    /// A small part of all starts is a warning: there may be a better solution that none of them found.
    pub reached: usize,
    /// The cost that each start led to; infinite if the model has no value at the start itself.
    pub costs: Vec<f64>,
}

/// No more starts than these: $2^{16}$ corners are those of 16 unknowns.
const LARGEST_COUNT: usize = 1 << 16;

impl<R: Differentiable<Element = f64, Input = TimeStep>> TrajectoryFit<'_, R> {
    /// Fits from `count` starts drawn at random from a box around the start.
    ///
    /// Each unknown is multiplied by $F^u$ with the box's factor $F$ and $u$ uniform on $[-1, 1]$, independently; one that
    /// starts at 0 stays there. Starts at which the model has no value count as failures.
    ///
    /// # Errors
    ///
    /// [`InferenceError`] if `factor` is not above 1, if `count` is 0 or above 65536, if an option of the solver is out of
    /// range, or if the model has no value at any start.
    pub fn multistart(
        &mut self,
        factor: f64,
        count: usize,
        observe: impl FnMut(&MultistartProgress) -> ControlFlow<()>,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Multistart, InferenceError> {
        self.solve_all(factor, count as f64, |_, _| rng.random_range(-1.0..=1.0), observe)
    }

    /// Fits from every corner of a box around the start: each unknown is multiplied or divided by `factor`.
    ///
    /// $2^k$ starts for $k$ unknowns: corner $i$ multiplies unknown $j$ if bit $j$ of $i$ is set, and otherwise divides it.
    ///
    /// # Errors
    ///
    /// As [`multistart`](Self::multistart); more than 16 unknowns are too many.
    pub fn multistart_from_corners(
        &mut self,
        factor: f64,
        observe: impl FnMut(&MultistartProgress) -> ControlFlow<()>,
    ) -> Result<Multistart, InferenceError> {
        let count = (self.unknowns().len() as f64).exp2();
        self.solve_all(factor, count, |i, j| if i >> j & 1 == 1 { 1.0 } else { -1.0 }, observe)
    }

    /// Fits from starts whose unknown `j` is multiplied by `factor.powf(exponent(i, j))` in start `i`.
    fn solve_all(
        &mut self,
        factor: f64,
        count: f64,
        mut exponent: impl FnMut(usize, usize) -> f64,
        mut observe: impl FnMut(&MultistartProgress) -> ControlFlow<()>,
    ) -> Result<Multistart, InferenceError> {
        if !(factor > 1.0 && factor.is_finite()) {
            return Err(InferenceError::InvalidFactor { factor });
        }
        if !(1.0..=LARGEST_COUNT as f64).contains(&count) {
            return Err(InferenceError::InvalidStarts { starts: count, limit: LARGEST_COUNT });
        }
        let total = count as usize;
        let centre = self.start().to_vec();
        let mut from = centre.clone();
        let mut costs = Vec::with_capacity(total);
        let mut converged = Vec::with_capacity(total);
        let mut best: Option<LeastSquaresFit> = None;
        let mut failure: Option<LeastSquaresError<ModelError>> = None;
        for i in 0..total {
            for (j, z) in from.iter_mut().enumerate() {
                let u = exponent(i, j);
                *z = match self.unknowns()[j].1 {
                    Freedom::Positive => centre[j] + u * factor.ln(),
                    _ => centre[j] * factor.powf(u),
                };
            }
            let solver = self.options.solver;
            match solver.solve(self, &from, |_| ControlFlow::Continue(())) {
                Ok(fit) => {
                    costs.push(fit.cost);
                    converged.push(fit.status.is_converged());
                    if best.as_ref().is_none_or(|b| fit.cost < b.cost) {
                        best = Some(fit);
                    }
                }
                Err(error @ LeastSquaresError::InvalidOption { .. }) => return Err(self.explain(error)),
                Err(error) => {
                    costs.push(f64::INFINITY);
                    converged.push(false);
                    failure = failure.or(Some(error));
                }
            }
            let best_cost = best.as_ref().map_or(f64::INFINITY, |b| b.cost);
            if observe(&MultistartProgress { done: i + 1, total, best_cost }).is_break() {
                break;
            }
        }
        let Some(best) = best else {
            let error = failure.unwrap_or(LeastSquaresError::InvalidOption { option: "count", value: count });
            return Err(self.explain(error));
        };
        let tolerance = 1e-6 * best.cost + 1e-16 * self.cost_scale();
        let near = |(cost, converged): (&f64, &bool)| *converged && cost - best.cost <= tolerance;
        let reached = costs.iter().zip(&converged).filter(|&pair| near(pair)).count();
        Ok(Multistart { best: Inference::new(self, &best)?, reached, costs })
    }
}
