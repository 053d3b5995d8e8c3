//! How an adjoint fares on its way back.

use std::ops::Range;
use tangency_vmath::{Real, norm};

/// The norm of the adjoint $\lambda_t = \partial L/\partial y_t$ at every state of a backward pass.
///
/// The norms come from the pass that computes the gradient; no further pass is made. They show where a gradient
/// vanishes or explodes: with $\lVert\lambda_t\rVert \approx c \rho^{T-t}$ a run forgets ($\rho < 1$) or amplifies
/// ($\rho > 1$) by $\rho$ a step.
///
/// With a truncated tape each norm comes from the window that counts the loss of its state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GradientHealth {
    start: usize,
    norms: Vec<f64>,
}

impl GradientHealth {
    /// Prepares for the states of a run.
    pub(crate) fn reset(&mut self, steps: Range<usize>) {
        self.start = steps.start;
        self.norms.clear();
        self.norms.resize(steps.len() + 1, 0.0);
    }

    /// Notes the adjoint of state $y_t$.
    pub(crate) fn record<T: Real>(&mut self, t: usize, adjoint: &[T]) {
        self.norms[t - self.start] = norm(adjoint).to_f64();
    }

    /// The steps of the run.
    pub fn steps(&self) -> Range<usize> {
        self.start..self.start + self.norms.len().saturating_sub(1)
    }

    /// The Euclidean norms of $\lambda_{\mathrm{start}}, \dots, \lambda_{\mathrm{end}}$, one more than there are steps.
    ///
    /// Each includes the loss of its own state.
    pub fn norms(&self) -> &[f64] {
        &self.norms
    }

    /// $(\lVert\lambda_{\mathrm{start}}\rVert / \lVert\lambda_{\mathrm{end}}\rVert)^{1/n}$: if the loss is of the last
    /// state alone, the mean factor by which a step backwards multiplied the norm. `None` without steps, or if the last
    /// norm is 0.
    pub fn mean_factor(&self) -> Option<f64> {
        let (&first, &last) = (self.norms.first()?, self.norms.last()?);
        let steps = self.norms.len() - 1;
        (steps > 0 && last > 0.0).then(|| ((first.ln() - last.ln()) / steps as f64).exp())
    }

    /// The latest state, going back from the end, whose adjoint is smaller than `factor` times the largest norm after
    /// it: what came before it hardly learns. `None` if there is none.
    pub fn vanishes_at(&self, factor: f64) -> Option<usize> {
        let mut largest = 0.0_f64;
        for (k, &norm) in self.norms.iter().enumerate().rev() {
            if norm < factor * largest {
                return Some(self.start + k);
            }
            largest = largest.max(norm);
        }
        None
    }

    /// The latest state, going back from the end, whose adjoint is larger than `factor` times the smallest positive norm
    /// after it. `None` if there is none.
    pub fn explodes_at(&self, factor: f64) -> Option<usize> {
        let mut smallest = f64::INFINITY;
        for (k, &norm) in self.norms.iter().enumerate().rev() {
            if norm > factor * smallest {
                return Some(self.start + k);
            }
            if norm > 0.0 {
                smallest = smallest.min(norm);
            }
        }
        None
    }
}
