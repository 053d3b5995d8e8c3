//! Steps in time, and a driver that chooses their size.

use crate::{LengthMismatch, Quantity, Recurrence, RunError, StepError};
use std::ops::ControlFlow;

/// One step of an integrator: from `time` to `time + size`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TimeStep {
    /// The time at which the step begins.
    pub time: f64,
    /// How far it goes; negative to go backwards.
    pub size: f64,
}

impl TimeStep {
    /// `steps` equal steps from `start`, the $n$-th beginning at `start + n * size` (never at a running sum, which
    /// drifts).
    pub fn uniform(start: f64, size: f64, steps: usize) -> Vec<Self> {
        (0..steps).map(|n| Self { time: start + n as f64 * size, size }).collect()
    }

    /// The time at which the step ends.
    pub fn end(&self) -> f64 {
        self.time + self.size
    }

    /// Whether the step changes the time at all, in floating point.
    fn moves(&self) -> bool {
        self.end() > self.time || self.end() < self.time
    }
}

/// A recurrence in time whose step also estimates its own error, such as an embedded Runge-Kutta pair.
///
/// The step has a fixed [`TimeStep`]; choosing, rejecting and repeating is the business of [`scan_until`], which also owns
/// the two slopes that let a pair whose last stage is the next one's first save an evaluation.
///
/// # Contract
///
/// `attempt` with `first = slope(time, before)` fills `after` with the same bits as [`Recurrence::step`] from `before`, so
/// a run that is repeated over its recorded steps, forwards or backwards, meets the same states.
pub trait Embedded: Recurrence<Element = f64, Input = TimeStep> {
    /// The $q$ for which the error estimate is $O(h^q)$: one more than the order of the less accurate formula.
    fn error_order(&self) -> u32;

    /// Whether `attempt` fills `last` with the slope at the end of the step.
    fn first_same_as_last(&self) -> bool;

    /// The slope $f(t, y)$.
    ///
    /// # Errors
    ///
    /// [`StepError`] if it is not finite.
    fn slope(&mut self, t: usize, time: f64, state: &[f64], slope: &mut [f64]) -> Result<(), StepError>;

    /// Tries step `t`.
    ///
    /// # Errors
    ///
    /// [`StepError`] if a stage is not finite; the driver then tries a smaller step.
    fn attempt(&mut self, t: usize, step: TimeStep, attempt: Attempt<'_>) -> Result<(), StepError>;
}

/// The arrays of one attempted step, all as long as the state.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The state at the beginning.
    pub before: &'a [f64],
    /// The slope at the beginning.
    pub first: &'a [f64],
    /// To be filled with the state at the end.
    pub after: &'a mut [f64],
    /// To be filled with the slope at the end, if [`Embedded::first_same_as_last`].
    pub last: &'a mut [f64],
    /// To be filled with the estimated error of `after`.
    pub error: &'a mut [f64],
}

/// How [`scan_until`] chooses step sizes.
///
/// The error of a step is measured as $e = \sqrt{\frac1n \sum_i (\delta_i / (a + r \max(|y_i|, |y'_i|)))^2}$; a step with
/// $e \le 1$ is accepted. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adaptation {
    /// $r > 0$. Default `1e-6`.
    pub relative_tolerance: f64,
    /// $a > 0$, in the state's unit. Default `1e-9`.
    pub absolute_tolerance: f64,
    /// The first step's size, > 0; `None` estimates it from the slopes. Default `None`.
    pub first_size: Option<f64>,
    /// No step is larger, > 0. Default infinity.
    pub max_size: f64,
    /// Stop after this many accepted steps. Default 100 000.
    pub max_steps: usize,
    /// Aim at this share of the step size that the error would allow, in (0, 1). Default `0.9`.
    pub safety: f64,
    /// A step is at most this many times smaller than the last, > 1. Default `5`.
    pub max_shrink: f64,
    /// A step is at most this many times larger than the last, > 1. Default `10`.
    pub max_growth: f64,
    /// Weight $\beta$ of the last error in the proportional-integral control, in [0, 0.2]; 0 is integral control.
    /// Default `0.04`.
    pub proportional: f64,
}

impl Default for Adaptation {
    fn default() -> Self {
        Self {
            relative_tolerance: 1e-6,
            absolute_tolerance: 1e-9,
            first_size: None,
            max_size: f64::INFINITY,
            max_steps: 100_000,
            safety: 0.9,
            max_shrink: 5.0,
            max_growth: 10.0,
            proportional: 0.04,
        }
    }
}

impl Adaptation {
    fn check(&self) -> Result<(), RunError> {
        let positive = |x: f64| x > 0.0;
        let fits = positive(self.relative_tolerance)
            && positive(self.absolute_tolerance)
            && self.first_size.is_none_or(|h| h > 0.0 && h.is_finite())
            && positive(self.max_size)
            && self.safety > 0.0
            && self.safety < 1.0
            && self.max_shrink > 1.0
            && self.max_growth > 1.0
            && (0.0..=0.2).contains(&self.proportional);
        if fits { Ok(()) } else { Err(RunError::Adaptation { options: *self }) }
    }
}

/// Why [`scan_until`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdaptiveStatus {
    /// The end was reached.
    Reached,
    /// [`Adaptation::max_steps`] steps were not enough.
    MaxSteps,
    /// The error control asked for a step that no longer changes the time: the solution blows up, or the tolerance is
    /// below what rounding allows.
    StepSizeTooSmall,
    /// The visitor said so.
    Stopped,
}

/// What [`scan_until`] did.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptiveRun {
    /// Why it came back.
    pub status: AdaptiveStatus,
    /// The accepted steps: the inputs with which [`scan`](crate::scan) and
    /// [`Backpropagation`](crate::Backpropagation) repeat the run, step sizes held fixed.
    pub steps: Vec<TimeStep>,
    /// How many attempts were rejected.
    pub rejected: usize,
    /// How often the slope was evaluated outside `attempt`.
    pub extra_slopes: usize,
    /// The time of the returned state.
    pub time: f64,
}

/// Integrates `state` from `start` to `end` with steps as large as the error control allows.
///
/// Proportional-integral control: after an accepted step with error $e_n$ the next size is
/// $h \cdot \mathrm{safety} \cdot e_n^{-(1/q - 3\beta/4)} e_{n-1}^{\beta}$, within the limits of [`Adaptation`]; after a
/// rejected one it is $h \cdot \mathrm{safety} \cdot e_n^{-(1/q - 3\beta/4)}$ and does not grow in the step that follows. An
/// error that is NaN, or a step that fails, is a rejection, never an acceptance. The last step is cut, or stretched by at
/// most a percent, to end at `end`. `end < start` integrates backwards; `end == start` does nothing.
///
/// `visit` sees the number, the [`TimeStep`] and the new state of each accepted step. On return `state` is the last
/// accepted state, whatever the status.
///
/// # Errors
///
/// [`RunError`] if `state` has the wrong length or is not finite, a time is not finite, an option is out of range, or the
/// slope at the start is not finite. What goes wrong later is a status.
///
/// # References
///
/// - E. Hairer, S. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, 2nd ed. (1993), II.4: equations
///   (4.11), (4.13) and the starting step; *II* (1996), IV.2: proportional-integral control.
pub fn scan_until<R: Embedded>(
    run: &mut R,
    start: f64,
    end: f64,
    state: &mut [f64],
    options: &Adaptation,
    mut visit: impl FnMut(usize, TimeStep, &[f64]) -> ControlFlow<()>,
) -> Result<AdaptiveRun, RunError> {
    LengthMismatch::check(Quantity::State, run.state_len(), state.len())?;
    options.check()?;
    StepError::check_finite(0, Quantity::State, state)?;
    StepError::check_finite(0, Quantity::Input, &[start, end])?;
    let mut result = AdaptiveRun {
        status: AdaptiveStatus::Reached,
        steps: Vec::new(),
        rejected: 0,
        extra_slopes: 0,
        time: start,
    };
    if !(TimeStep { time: start, size: end - start }).moves() || state.is_empty() {
        result.time = end;
        return Ok(result);
    }
    let n = state.len();
    let [mut first, mut last, mut after, mut error] = [(); 4].map(|()| vec![0.0; n]);
    run.slope(0, start, state, &mut first)?;
    result.extra_slopes += 1;
    let sign = (end - start).signum();
    let mut size = options.first_size.unwrap_or_else(|| {
        result.extra_slopes += 1;
        first_size(run, TimeStep { time: start, size: sign }, state, &first, options, [&mut after, &mut last])
    });
    size = size.min(options.max_size);

    let exponent = 1.0 / f64::from(run.error_order()) - 0.75 * options.proportional;
    let mut last_error = 1e-4_f64;
    let mut just_rejected = false;
    let mut t = 0;
    loop {
        let remaining = (end - result.time).abs();
        let is_last = 1.01 * size >= remaining && remaining <= options.max_size;
        let step = TimeStep { time: result.time, size: sign * if is_last { remaining } else { size } };
        if !step.moves() {
            result.status = AdaptiveStatus::StepSizeTooSmall;
            return Ok(result);
        }
        let arrays =
            Attempt { before: state, first: &first, after: &mut after, last: &mut last, error: &mut error };
        let scaled = match run.attempt(t, step, arrays) {
            Ok(()) => error_norm(options, state, &after, &error),
            Err(_) => f64::NAN,
        };
        // The slope at the new state belongs to the step: a state without a slope is not accepted.
        let accepted = scaled <= 1.0
            && (run.first_same_as_last() || {
                result.extra_slopes += 1;
                run.slope(t, step.end(), &after, &mut last).is_ok()
            })
            && last.iter().all(|x| x.is_finite());
        if !accepted {
            result.rejected += 1;
            just_rejected = true;
            let factor = options.safety * scaled.powf(-exponent);
            // Out of range if the error was NaN, or at most 1 but without a slope.
            let usable = factor < 1.0 && factor * options.max_shrink > 1.0;
            size = step.size.abs() * if usable { factor } else { 1.0 / options.max_shrink };
            continue;
        }
        state.copy_from_slice(&after);
        std::mem::swap(&mut first, &mut last);
        result.steps.push(step);
        result.time = if is_last { end } else { step.end() };
        t += 1;
        let stopped = visit(t - 1, step, state).is_break();
        if is_last || stopped || t == options.max_steps {
            result.status = match (is_last, stopped) {
                (true, _) => AdaptiveStatus::Reached,
                (false, true) => AdaptiveStatus::Stopped,
                (false, false) => AdaptiveStatus::MaxSteps,
            };
            return Ok(result);
        }
        let floor = scaled.max(1e-10);
        let factor = options.safety * floor.powf(-exponent) * last_error.powf(options.proportional);
        let growth = if just_rejected { 1.0 } else { options.max_growth };
        size = (step.size.abs() * factor.clamp(1.0 / options.max_shrink, growth)).min(options.max_size);
        last_error = floor.max(1e-4);
        just_rejected = false;
    }
}

/// The scaled root mean square of an error estimate; NaN if anything in it is.
fn error_norm(options: &Adaptation, before: &[f64], after: &[f64], error: &[f64]) -> f64 {
    let mut sum = 0.0;
    for ((&y, &z), &e) in before.iter().zip(after).zip(error) {
        let scale = options.absolute_tolerance + options.relative_tolerance * y.abs().max(z.abs());
        sum += (e / scale).powi(2) + z * 0.0; // `max` ignores a NaN in z, and an infinite scale hides it: this does not
    }
    (sum / before.len() as f64).sqrt()
}

/// A first step size from the sizes of the state, its slope and its second derivative; `toward` has the direction.
fn first_size<R: Embedded>(
    run: &mut R,
    toward: TimeStep,
    state: &[f64],
    slope: &[f64],
    options: &Adaptation,
    [point, second]: [&mut Vec<f64>; 2],
) -> f64 {
    let norm = |v: &[f64]| error_norm(options, state, state, v);
    let (d0, d1) = (norm(state), norm(slope));
    let trial = if d0 < 1e-5 || d1 < 1e-5 { 1e-6 } else { 0.01 * d0 / d1 }.min(options.max_size);
    for ((p, &y), &k) in point.iter_mut().zip(state).zip(slope) {
        *p = y + toward.size * trial * k;
    }
    if run.slope(0, toward.time + toward.size * trial, point, second).is_err() {
        return 1e-3 * trial;
    }
    for (b, &a) in second.iter_mut().zip(slope) {
        *b = (*b - a) / trial;
    }
    let largest = d1.max(norm(second));
    let by_error = if largest <= 1e-15 {
        (1e-3 * trial).max(1e-6)
    } else {
        (0.01 / largest).powf(1.0 / f64::from(run.error_order()))
    };
    let size = (100.0 * trial).min(by_error);
    if size > 0.0 && size.is_finite() { size } else { 1e-6 }
}
