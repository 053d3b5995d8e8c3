//! Sinkhorn's iteration at one ε, and through a sequence of them.

use super::relaxation::{Relaxation, safe};
use super::stored::Stored;
use super::{Domain, SinkhornOptions, SinkhornProgress};
use crate::entropic::{Potentials, Problem, ln_ratios, margin_error};
use crate::error::Side;
use std::ops::ControlFlow;

/// The iterations that a value of ε gets on the way to the last one, and the margins' error that ends them earlier.
const STEPS_BETWEEN: usize = 100;
const ERROR_BETWEEN: f64 = 1e-2;
/// The iterations between two verifications.
const BETWEEN_ATTEMPTS: usize = 8;

/// How the iterations at one ε ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Converged,
    Exhausted,
    Stopped,
}

/// The iterate, with the scratch that its steps need.
pub(crate) struct Solver<'p, 'a> {
    problem: &'p Problem<'a>,
    options: SinkhornOptions,
    pub(crate) potentials: Potentials,
    pub(crate) epsilon: f64,
    pub(crate) iterations: usize,
    relaxation: Relaxation,
    stored: Option<Stored>,
    exponents: Vec<f64>,
    ratios: Vec<f64>,
}

impl<'p, 'a> Solver<'p, 'a> {
    pub(crate) fn new(
        problem: &'p Problem<'a>,
        options: &SinkhornOptions,
        start: Option<Potentials>,
    ) -> Self {
        Self {
            problem,
            options: *options,
            potentials: start.unwrap_or_else(|| Potentials::zero(problem)),
            epsilon: f64::INFINITY,
            iterations: 0,
            relaxation: Relaxation::new(options.relaxation),
            stored: None,
            exponents: Vec::new(),
            ratios: Vec::new(),
        }
    }

    /// Goes through the values of ε from the spread of the costs down to the last one, and converges there.
    pub(crate) fn anneal(
        &mut self,
        epsilon: f64,
        observer: &mut dyn FnMut(&SinkhornProgress) -> ControlFlow<()>,
    ) -> End {
        let spread = self.problem.sweeps.largest() - self.problem.sweeps.least();
        let factor = self.options.scaling;
        let mut next = spread * 0.25;
        while factor < 1.0 && next * factor > epsilon {
            if self.level(next, ERROR_BETWEEN, STEPS_BETWEEN, false, observer) == End::Stopped {
                return End::Stopped;
            }
            if self.iterations >= self.options.max_iterations {
                break;
            }
            next *= factor;
        }
        self.level(epsilon, self.options.tolerance, usize::MAX, true, observer)
    }

    /// Iterates at one ε until both margins are right to the tolerance. If `verified`, the errors that say so come from the
    /// logarithmic domain and belong to one and the same plan.
    pub(crate) fn level(
        &mut self,
        epsilon: f64,
        tolerance: f64,
        limit: usize,
        verified: bool,
        observer: &mut dyn FnMut(&SinkhornProgress) -> ControlFlow<()>,
    ) -> End {
        self.epsilon = epsilon;
        self.stored = None;
        self.relaxation.restart();
        let mut may_store = self.options.domain != Domain::Logarithmic;
        let mut target_error = f64::INFINITY;
        let (mut done, mut attempt) = (0, 0);
        loop {
            let source_error = self.ratios(Side::Source);
            // A relaxed step leaves both margins wrong, and neither error belongs to a plan that the other belongs to.
            if source_error <= tolerance && target_error <= tolerance && done >= attempt {
                if !verified {
                    return End::Converged;
                }
                let (source_error, target_error) = self.errors();
                if source_error <= tolerance && target_error <= tolerance {
                    return End::Converged;
                }
                if self.stored.is_some() && target_error.max(source_error) > 2.0 * tolerance {
                    // Too much was left out.
                    self.stored = None;
                    may_store = false;
                }
                attempt = done + BETWEEN_ATTEMPTS;
                let _ = self.ratios(Side::Source);
            }
            if done >= limit || self.iterations >= self.options.max_iterations {
                return End::Exhausted;
            }
            let omega = self.relaxation.next(source_error);
            self.step(Side::Source, omega);
            target_error = self.ratios(Side::Target);
            self.step(Side::Target, omega);
            done += 1;
            self.iterations += 1;
            let iterations = self.iterations;
            let progress = SinkhornProgress { epsilon, iterations, source_error, target_error };
            if observer(&progress).is_break() {
                return End::Stopped;
            }
            if may_store && self.stored.is_none() {
                may_store = self.store(tolerance);
            }
        }
    }

    /// The margins' errors of the present plan, both from the logarithmic domain.
    pub(crate) fn errors(&mut self) -> (f64, f64) {
        (self.ln_ratios(Side::Source), self.ln_ratios(Side::Target))
    }

    /// $\lvert \sum a_i f_i + \sum b_j g_j \rvert$: the magnitude of the value, roughly, and nothing to compute.
    pub(crate) fn estimate(&self) -> f64 {
        let sides = [Side::Source, Side::Target].map(|side| {
            self.problem.weights(side).iter().zip(self.potentials.of(side)).map(|(w, f)| w * f).sum::<f64>()
        });
        (sides[0] + sides[1]).abs()
    }

    /// For each source the mean of the targets' points, weighted by what the plan sends there.
    pub(crate) fn means(&self, points: faer::MatRef<'_, f64>) -> Vec<Vec<f64>> {
        let scale = 1.0 / self.epsilon;
        let pairs = self.potentials.of(Side::Target).iter().zip(self.problem.ln_weights(Side::Target));
        let exponents: Vec<f64> = pairs.map(|(g, ln_b)| g * scale + ln_b).collect();
        let shifts: Vec<f64> = self.potentials.of(Side::Source).iter().map(|f| -f * scale).collect();
        self.problem.sweeps.plan_lines(Side::Source, &exponents, -scale, &shifts, |_, entries, _| {
            let sent: f64 = entries.iter().sum();
            let mean = |k| entries.iter().enumerate().map(|(j, p)| p * points[(j, k)]).sum::<f64>() / sent;
            (0..points.ncols()).map(mean).collect()
        })
    }

    fn store(&mut self, tolerance: f64) -> bool {
        let sweeps = &self.problem.sweeps;
        let (n, m) = (sweeps.count(Side::Source), sweeps.count(Side::Target));
        let limit = match self.options.domain {
            Domain::Logarithmic => 0,
            Domain::Stored => usize::MAX,
            // A stored entry takes 24 bytes and a third of the time: a quarter of a matrix that is there anyway, or some per point.
            Domain::Automatic if sweeps.in_memory() => n.saturating_mul(m) / 4,
            Domain::Automatic => (64 * (n + m)).max(1 << 18).min(n.saturating_mul(m) / 4),
        };
        self.stored = Stored::new(self.problem, self.epsilon, &self.potentials, tolerance, limit);
        self.stored.is_some()
    }

    /// The logarithms of the ratios of a side's margin to its weights, and the error that they mean.
    fn ratios(&mut self, side: Side) -> f64 {
        if let Some(stored) = &self.stored {
            stored.ln_ratios(side, &mut self.ratios);
            if self.ratios.iter().all(|x| x.is_finite()) {
                return margin_error(self.problem.weights(side), &self.ratios);
            }
            self.stored = None;
        }
        self.ln_ratios(side)
    }

    fn ln_ratios(&mut self, side: Side) -> f64 {
        ln_ratios(self.problem, self.epsilon, &self.potentials, side, &mut self.exponents, &mut self.ratios);
        margin_error(self.problem.weights(side), &self.ratios)
    }

    /// Moves the potentials of a side, by the ratios just computed.
    fn step(&mut self, side: Side, omega: f64) {
        let omega = safe(omega, self.problem.weights(side), &self.ratios);
        let size = omega * self.epsilon;
        for (f, x) in self.potentials.of_mut(side).iter_mut().zip(&self.ratios) {
            *f -= size * x;
        }
        if let Some(stored) = &mut self.stored {
            stored.follow(side, &self.potentials, self.problem.weights(side));
            if stored.drifted() {
                self.stored = None;
            }
        }
    }

    /// Makes the margin of the sources right, and with it the mass of the plan finite. Potentials of a larger ε, where the
    /// iteration was stopped, may mean a plan beyond all numbers at this one.
    pub(crate) fn tame(&mut self) {
        self.stored = None;
        self.ln_ratios(Side::Source);
        self.step(Side::Source, 1.0);
    }

    /// $\sum a_i f_i + \sum b_j g_j - \varepsilon (\sum P_{ij} - 1)$, a lower bound of the value for any potentials.
    pub(crate) fn dual_value(&mut self) -> f64 {
        let _ = self.ln_ratios(Side::Source);
        dual_value(self.problem, self.epsilon, &self.potentials, &self.ratios)
    }
}

/// The dual value of potentials whose ratios of the sources' margin are given by their logarithms.
pub(crate) fn dual_value(
    problem: &Problem<'_>,
    epsilon: f64,
    potentials: &Potentials,
    ln_ratios: &[f64],
) -> f64 {
    let mut sum = crate::sum::Sum::default();
    for side in [Side::Source, Side::Target] {
        for (w, f) in problem.weights(side).iter().zip(potentials.of(side)) {
            sum.add_product(*w, *f);
        }
    }
    for (w, x) in problem.weights(Side::Source).iter().zip(ln_ratios) {
        if *w > 0.0 {
            sum.add_product(-epsilon * w, x.exp_m1());
        }
    }
    sum.value()
}
