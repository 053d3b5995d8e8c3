//! One trait for a step of
//!
//! $$ y_{t+1} = f(y_t, x_t, t; \theta), $$
//!
//! and everything that can be done with such a step, written once.
//!
//! A recurrent cell, a step of an integrator, an optimiser and a dynamic programme over a semiring are one thing: a state
//! that is replaced by the next, given an input. [`Recurrence`] is that step; [`Differentiable`] adds its linearisation,
//! forwards and backwards. Whoever writes the step has the drivers:
//!
//! | to | use | of |
//! |---|---|---|
//! | run, see states, keep states | [`scan`], [`scan_with`], [`scan_all`] | [`Recurrence`] |
//! | differentiate a loss with respect to parameters, inputs, initial state | [`Backpropagation`] | [`Differentiable`] |
//! | do so in little memory, or over a window | [`Tape::Checkpointed`], [`Tape::WithinMemory`], [`Tape::Truncated`] | |
//! | see where a gradient vanishes or explodes, and clip it | [`GradientHealth`], [`clip_by_global_norm`], [`clip_by_value`] | |
//! | push tangents along | [`scan_tangents`], [`jacobian`] | [`Differentiable`] |
//! | know whether a step is stable, and how fast runs part | [`jacobian_eigenvalues`], [`lyapunov_exponents`] | [`Differentiable`] |
//! | know whether a derivative is right | [`check()`] | [`Differentiable`] |
//! | integrate with steps as large as the error allows | [`scan_until`] | [`Embedded`] |
//! | sum, maximise, count or sample over paths | [`SemiringChain`] over a [`Semiring`] | |
//! | use several cores along time | [`scan_parallel`] over a [`Monoid`] | |
//! | keep a state or parameters and resume to the bit | [`Saved`] | |
//!
//! # Example: Euler's method, its gradient, and a check of it
//!
//! Logistic growth $\dot y = \theta y (1 - y)$ by Euler's method is a recurrence with one parameter. Thirty lines make it
//! differentiable; the derivative of the end with respect to the growth rate then comes from the same backward pass that
//! trains a network.
//!
//! ```
//! use tangency_recurrence::*;
//!
//! struct Growth {
//!     rate: f64,
//! }
//!
//! impl Recurrence for Growth {
//!     type Element = f64;
//!     type Input = TimeStep;
//!     fn state_len(&self) -> usize {
//!         1
//!     }
//!     fn step(&mut self, t: usize, step: &TimeStep, y: &mut [f64]) -> Result<(), StepError> {
//!         y[0] += step.size * self.rate * y[0] * (1.0 - y[0]);
//!         StepError::check_finite(t, Quantity::State, y)
//!     }
//! }
//!
//! impl Differentiable for Growth {
//!     fn state_layout(&self) -> Layout {
//!         Layout::new([("population", vec![])])
//!     }
//!     fn parameter_layout(&self) -> Layout {
//!         Layout::new([("rate", vec![])])
//!     }
//!     fn parameter_len(&self) -> usize {
//!         1
//!     }
//!     fn input_len(&self) -> usize {
//!         0
//!     }
//!     fn trace_len(&self) -> usize {
//!         0 // the state before the step, which the driver keeps, tells everything
//!     }
//!     fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
//!         LengthMismatch::check(Quantity::Parameters, 1, parameters.len())?;
//!         self.rate = parameters[0];
//!         Ok(())
//!     }
//!     fn step_traced(&mut self, t: usize, x: &TimeStep, y: &mut [f64], _: &mut [f64]) -> Result<(), StepError> {
//!         self.step(t, x, y)
//!     }
//!     fn reverse(&mut self, _: usize, x: &TimeStep, r: Record<f64>, l: &mut [f64], _: &mut [f64], g: &mut [f64]) {
//!         let y = r.before[0];
//!         g[0] += l[0] * x.size * y * (1.0 - y);
//!         l[0] *= 1.0 + x.size * self.rate * (1.0 - 2.0 * y);
//!     }
//!     fn tangent(&mut self, _: usize, x: &TimeStep, r: Record<f64>, d: &mut [f64], _: &[f64], dp: &[f64]) {
//!         let y = r.before[0];
//!         let forced = dp.first().map_or(0.0, |dp| dp * x.size * y * (1.0 - y));
//!         d[0] = d[0] * (1.0 + x.size * self.rate * (1.0 - 2.0 * y)) + forced;
//!     }
//! }
//!
//! let mut run = Growth { rate: 1.0 };
//! let steps = TimeStep::uniform(0.0, 0.01, 300);
//! assert!(check(&mut run, &[1.0], 0..300, &steps, &[0.1])?.passes(1e-9, 1e-13));
//!
//! let mut back = Backpropagation::new(Tape::Checkpointed { snapshots: 6 });
//! back.run(&mut run, 0..300, &steps, &[0.1], |t, _, l| l[0] += f64::from(t == 299), |_, _| {})?;
//! let y: f64 = back.last_state()[0];
//! // For the flow, dy/dθ = t y (1 - y); Euler's is near.
//! assert!((back.gradient()[0] / (3.0 * y * (1.0 - y)) - 1.0).abs() < 0.02);
//! # Ok::<(), RunError>(())
//! ```
//!
//! # Conventions
//!
//! States, parameters, adjoints and tangents are flat slices; [`Layout`] names their parts. Steps count from 0 and the
//! number is absolute. What is not finite is an error that names the step ([`StepError`]), raised by the runner. Drivers
//! allocate their buffers at the start, steps allocate nothing.
//!
//! # Features
//!
//! - `rayon`: [`scan_parallel`] on several threads, with the same bits.
//! - `serde`: [`Saved`] and [`TimeStep`] serialise.
//!
//! Why the trait is as it is, and what else was weighed, is told in `docs/DESIGN.md` of the repository.

mod adaptive;
mod backpropagation;
mod chain;
mod check;
mod clip;
mod differentiable;
mod error;
mod health;
mod inputs;
mod layout;
mod linear;
mod lyapunov;
mod parallel;
mod recurrence;
mod revolve;
mod saved;
mod scan;
mod semiring;
mod tangents;
mod transitions;

pub use adaptive::{Adaptation, AdaptiveRun, AdaptiveStatus, Attempt, Embedded, TimeStep, scan_until};
pub use backpropagation::{Backpropagation, Tape};
pub use chain::SemiringChain;
pub use check::{Check, Discrepancy, Perturb, check};
pub use clip::{NonFiniteGradient, clip_by_global_norm, clip_by_value};
pub use differentiable::{Differentiable, Record};
pub use error::{LengthMismatch, Quantity, RunError, StepError};
pub use health::GradientHealth;
pub use inputs::{Autonomous, Frames, Inputs};
pub use layout::{Layout, Segment};
pub use linear::LinearRecurrence;
pub use lyapunov::{LyapunovExponents, LyapunovOptions, lyapunov_exponents};
pub use parallel::{Affine, Monoid, ScanDirection, SemiringMatrix, scan_parallel};
pub use recurrence::Recurrence;
pub use revolve::revolve_advances;
pub use saved::{RestoreError, Saved, SavedPart};
pub use scan::{scan, scan_all, scan_with};
pub use semiring::{
    Counting, Expectation, Labelled, LogSumExp, MaxPlus, Sampling, Semiring, WeightedMean, trace_back,
};
pub use tangents::{Direction, jacobian, jacobian_eigenvalues, scan_tangents};
pub use transitions::{Transitions, TransitionsError};

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
