//! Lyapunov exponents: how fast nearby runs part.

use crate::check::component;
use crate::scan::check_run;
use crate::{Differentiable, Inputs, Record, RunError};
use std::ops::Range;
use tangency_vmath::{Real, norm};

/// How [`lyapunov_exponents`] measures. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LyapunovOptions {
    /// How many exponents, from the largest; at most the state's length, which is also what larger values give.
    /// Default: all.
    pub count: usize,
    /// Steps that are taken before measuring, to reach the attractor and let the directions turn to where they belong.
    /// Default 0.
    pub transient: usize,
    /// Steps between two orthonormalisations, at least 1 (0 counts as 1). More is quicker, until the directions become
    /// parallel to rounding. A direction that grows or shrinks by more than $2^{40}$ is orthonormalised at once. Default 1.
    pub orthonormalise_every: usize,
}

impl Default for LyapunovOptions {
    fn default() -> Self {
        Self { count: usize::MAX, transient: 0, orthonormalise_every: 1 }
    }
}

/// Lyapunov exponents of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct LyapunovExponents {
    /// The exponents per step, largest first. For an integrator divide by the step size.
    pub per_step: Vec<f64>,
    /// Standard errors of the exponents by ten batch means; NaN for fewer than ten orthonormalisations, and for an exponent
    /// of $-\infty$. They measure the spread along the run, not what is left of the transient.
    pub standard_error: Vec<f64>,
    /// How many steps were measured.
    pub steps: usize,
}

/// The Lyapunov exponents of a run, from its tangents.
///
/// With $J_t = \partial y_{t+1}/\partial y_t$ and the decompositions $J_t Q_t = Q_{t+1} R_{t+1}$,
///
/// $$ \lambda_i = \lim_{T \to \infty} \frac{1}{T} \sum_{t \le T} \ln (R_t)_{ii} . $$
///
/// The sum of all exponents is the mean of $\ln |\det J_t|$. `state` is taken along to the end of the run. The directions
/// start from fixed vectors with no zero components, so that none of them is blind to a direction of growth. A direction
/// that a step makes dependent on those before it, to rounding (a singular Jacobian), has the exponent $-\infty$ from then on.
///
/// Cost: one traced step and `count` tangents a step, and `count`² inner products each orthonormalisation.
///
/// # Errors
///
/// [`RunError`] if the state has the wrong length, the inputs end too early, a step fails, a tangent overflows within one
/// step, or no steps are left after the transient.
///
/// # Example: two channels, one growing and one decaying
///
/// ```
/// use tangency_recurrence::{lyapunov_exponents, Frames, LinearRecurrence, LyapunovOptions};
///
/// let mut run = LinearRecurrence::new(&[0.5, 2.0]);
/// let inputs = Frames::new(vec![0.0; 100], 2);
/// let options = LyapunovOptions { transient: 30, ..Default::default() };
/// let found = lyapunov_exponents(&mut run, 0..50, inputs, &mut [1.0, 1.0], &options)?;
/// assert!((found.per_step[0] - 2_f64.ln()).abs() < 1e-12);
/// assert!((found.per_step[1] + 2_f64.ln()).abs() < 1e-12);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
///
/// # References
///
/// - G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, *Lyapunov characteristic exponents for smooth dynamical
///   systems*, Meccanica 15 (1980).
pub fn lyapunov_exponents<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input>,
    state: &mut [R::Element],
    options: &LyapunovOptions,
) -> Result<LyapunovExponents, RunError> {
    check_run(run, &steps, inputs.steps(), state.len())?;
    let w = state.len();
    let measured = steps.len().saturating_sub(options.transient);
    if measured == 0 {
        return Err(RunError::NoSteps);
    }
    let mut frame = Frame::new(options.count.min(w), w, measured);
    let mut before = state.to_vec();
    let mut trace = vec![R::Element::ZERO; run.trace_len()];
    let mut since = 0; // steps since the last orthonormalisation
    for t in steps.clone() {
        before.copy_from_slice(state);
        run.step_traced(t, inputs.at(t), state, &mut trace)?;
        let record = Record { before: &before, after: state, trace: &trace };
        for direction in frame.directions.chunks_exact_mut(w.max(1)) {
            run.tangent(t, inputs.at(t), record, direction, &[], &[]);
        }
        since += 1;
        let now = t + 1 - steps.start;
        let due = since >= options.orthonormalise_every || now == options.transient || now == steps.len();
        if due || frame.is_uneven().ok_or(RunError::TangentOverflow { step: t })? {
            frame.orthonormalise((now > options.transient).then_some(since));
            since = 0;
        }
    }
    Ok(frame.exponents())
}

/// Orthonormal directions, and the logarithms of how they have stretched.
struct Frame<T> {
    width: usize,
    directions: Vec<T>,
    /// For each direction, the sum of logarithms in each batch.
    logs: Vec<[f64; BATCHES]>,
    /// The steps in each batch.
    steps: [usize; BATCHES],
    measured: usize,
}

const BATCHES: usize = 10;

/// Lengths beyond this factor of 1 are orthonormalised at once: small enough that two directions still differ in single
/// precision's range, large enough to be rare.
const UNEVEN: f64 = (1_u64 << 40) as f64;

impl<T: Real> Frame<T> {
    fn new(count: usize, width: usize, measured: usize) -> Self {
        let mut frame = Self {
            width,
            directions: (0..count * width).map(component).collect(),
            logs: vec![[0.0; BATCHES]; count],
            steps: [0; BATCHES],
            measured,
        };
        frame.orthonormalise(None);
        frame
    }

    /// Whether a direction has become very long or very short; `None` if one is not finite.
    fn is_uneven(&self) -> Option<bool> {
        let mut uneven = false;
        for direction in self.directions.chunks_exact(self.width.max(1)) {
            let length = norm(direction).to_f64();
            if !length.is_finite() {
                return None;
            }
            uneven |= length > 0.0 && !(1.0 / UNEVEN..UNEVEN).contains(&length);
        }
        Some(uneven)
    }

    /// Gram-Schmidt, twice over for each direction so that the result is orthonormal to rounding. With the number of steps
    /// since the last time, notes the logarithms of the lengths.
    fn orthonormalise(&mut self, steps: Option<usize>) {
        let w = self.width;
        let taken: usize = self.steps.iter().sum();
        let batch = (taken * BATCHES / self.measured).min(BATCHES - 1);
        for j in 0..self.logs.len() {
            let (done, rest) = self.directions.split_at_mut(j * w);
            let v = &mut rest[..w];
            let before = norm(v).to_f64();
            for _ in 0..2 {
                for q in done.chunks_exact(w) {
                    let dot: f64 = q.iter().zip(&*v).map(|(a, b)| a.to_f64() * b.to_f64()).sum();
                    for (x, &q) in v.iter_mut().zip(q) {
                        *x -= T::from_f64(dot) * q;
                    }
                }
            }
            let mut length = norm(v).to_f64();
            if length <= 4.0 * T::EPSILON.to_f64() * before {
                length = 0.0; // what is left is rounding
            }
            for x in v.iter_mut() {
                *x = T::from_f64(if length > 0.0 { x.to_f64() / length } else { 0.0 });
            }
            if steps.is_some() {
                self.logs[j][batch] += length.ln();
            }
        }
        self.steps[batch] += steps.unwrap_or(0);
    }

    /// The means over all steps, and their errors by batch means.
    fn exponents(&self) -> LyapunovExponents {
        let mut found: Vec<(f64, f64)> = self
            .logs
            .iter()
            .map(|logs| {
                let mean = logs.iter().sum::<f64>() / self.measured as f64;
                let deviations = logs.iter().zip(self.steps).map(|(log, steps)| log / steps as f64 - mean);
                let variance = deviations.map(|d| d * d).sum::<f64>() / (BATCHES - 1) as f64;
                (mean, (variance / BATCHES as f64).sqrt())
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        LyapunovExponents {
            per_step: found.iter().map(|e| e.0).collect(),
            standard_error: found.iter().map(|e| e.1).collect(),
            steps: self.measured,
        }
    }
}
