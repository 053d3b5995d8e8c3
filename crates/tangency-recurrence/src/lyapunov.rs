//! Lyapunov exponents: how fast nearby runs part.

use crate::{Differentiable, Direction, Inputs, RunError, scan_tangents, scan_with};
use std::ops::{ControlFlow, Range};
use tangency_vmath::{Real, norm};

/// How [`lyapunov_exponents`] measures. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LyapunovOptions {
    /// How many exponents, from the largest; at most the state's length, which is also what larger values give.
    /// Default: all.
    pub count: usize,
    /// Steps that are taken before measuring, to reach the attractor. Default 0.
    pub transient: usize,
    /// Steps between two orthonormalisations, at least 1. More is quicker, until the directions become parallel to
    /// rounding. Default 1.
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
    /// Standard errors of the exponents by ten batch means; NaN for fewer than ten orthonormalisations. They measure the
    /// spread along the run, not what is left of the transient.
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
/// The sum of all exponents is the mean of $\ln |\det J_t|$. `state` is taken along to the end of the run. A direction
/// that dies (a singular Jacobian) has the exponent $-\infty$.
///
/// Cost: one traced step and `count` tangents a step, and `count`² inner products each orthonormalisation.
///
/// # Errors
///
/// [`RunError`] if the state has the wrong length, the inputs end too early, a step fails, or a tangent overflows
/// ([`RunError::TangentOverflow`]: orthonormalise more often).
///
/// # Example: the logistic map at full chaos has exponent ln 2
///
/// See `tests/it/lyapunov.rs` of this crate; a linear recurrence shows the call:
///
/// ```
/// use tangency_recurrence::{lyapunov_exponents, Frames, LinearRecurrence, LyapunovOptions};
///
/// let mut run = LinearRecurrence::new(&[0.5, 2.0]);
/// let inputs = Frames::new(vec![0.0; 40], 2);
/// let found = lyapunov_exponents(&mut run, 0..20, inputs, &mut [1.0, 1.0], &LyapunovOptions::default())?;
/// assert!((found.per_step[0] - 2_f64.ln()).abs() < 1e-12);
/// assert!((found.per_step[1] + 2_f64.ln()).abs() < 1e-12);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
///
/// # References
///
/// - G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, *Lyapunov characteristic exponents for smooth dynamical
///   systems*, Meccanica 15 (1980).
pub fn lyapunov_exponents<R: Differentiable>(
    run: &mut R,
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input>,
    state: &mut [R::Element],
    options: &LyapunovOptions,
) -> Result<LyapunovExponents, RunError> {
    let w = state.len();
    let count = options.count.min(w);
    let every = options.orthonormalise_every.max(1);
    let first = steps.start + options.transient.min(steps.len());
    scan_with(run, steps.start..first, &mut inputs, state, |_, _| ControlFlow::Continue(()))?;

    let mut directions: Vec<Direction<R::Element>> = (0..count)
        .map(|j| {
            let mut state = vec![R::Element::ZERO; w];
            state[j] = R::Element::ONE;
            Direction { state, ..Direction::default() }
        })
        .collect();
    let mut logs: Vec<Vec<f64>> = vec![Vec::new(); count];
    let mut begin = first;
    while begin < steps.end {
        let end = (begin + every).min(steps.end);
        scan_tangents(run, begin..end, &mut inputs, state, &mut directions, |_, _, _| {
            ControlFlow::Continue(())
        })?;
        orthonormalise(&mut directions, &mut logs).ok_or(RunError::TangentOverflow { step: end - 1 })?;
        begin = end;
    }

    let measured = steps.end - first;
    let mut exponents: Vec<(f64, f64)> = logs
        .iter()
        .map(|logs| (logs.iter().sum::<f64>() / measured as f64, batch_error(logs, every)))
        .collect();
    exponents.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(LyapunovExponents {
        per_step: exponents.iter().map(|e| e.0).collect(),
        standard_error: exponents.iter().map(|e| e.1).collect(),
        steps: measured,
    })
}

/// Gram-Schmidt, twice over for each vector so that the result is orthonormal to rounding, noting the logarithms of the
/// lengths. `None` if a length is not finite.
fn orthonormalise<T: Real>(directions: &mut [Direction<T>], logs: &mut [Vec<f64>]) -> Option<()> {
    for j in 0..directions.len() {
        let (done, rest) = directions.split_at_mut(j);
        let v = &mut rest[0].state;
        let before = norm(v).to_f64();
        if !before.is_finite() {
            return None;
        }
        for _ in 0..2 {
            for q in done.iter() {
                let dot: f64 = q.state.iter().zip(&*v).map(|(a, b)| a.to_f64() * b.to_f64()).sum();
                for (x, &q) in v.iter_mut().zip(&q.state) {
                    *x -= T::from_f64(dot) * q;
                }
            }
        }
        let length = norm(v).to_f64();
        logs[j].push(length.ln());
        for x in v.iter_mut() {
            *x = T::from_f64(if length > 0.0 { x.to_f64() / length } else { 0.0 });
        }
    }
    Some(())
}

/// The standard error of a mean per step by ten batch means.
fn batch_error(logs: &[f64], every: usize) -> f64 {
    const BATCHES: usize = 10;
    let len = logs.len() / BATCHES;
    if len == 0 {
        return f64::NAN;
    }
    let means: Vec<f64> =
        logs.chunks_exact(len).take(BATCHES).map(|b| b.iter().sum::<f64>() / (len * every) as f64).collect();
    let mean = means.iter().sum::<f64>() / BATCHES as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (BATCHES - 1) as f64;
    (variance / BATCHES as f64).sqrt()
}
