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

    /// Whether the step is long enough for the time to tell its stages apart: ten units in the last place.
    fn moves(&self) -> bool {
        0.1 * self.size.abs() > self.time.abs() * f64::EPSILON
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
    /// $r \ge 0$. Default `1e-6`.
    pub relative_tolerance: f64,
    /// $a \ge 0$, in the state's unit; not 0 if $r$ is. Default `1e-9`. With $a = 0$ a component that is 0 at both ends of a
    /// step has no scale, and the step is rejected unless its error is 0 as well.
    pub absolute_tolerance: f64,
    /// The first step's size, > 0; `None` estimates it from the slopes. To resume a run, [`AdaptiveRun::next_size`].
    /// Default `None`.
    pub first_size: Option<f64>,
    /// The error of the step before the first, > 0. To resume a run, [`AdaptiveRun::last_error`]. Default `1e-4`.
    pub last_error: f64,
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
    /// Weight $\beta$ of the last error in the proportional-integral control, in [0, 0.2] and below $4/(3q)$ for an error
    /// estimate of order $q$; 0 is integral control. Default `0.04`.
    pub proportional: f64,
}

impl Default for Adaptation {
    fn default() -> Self {
        Self {
            relative_tolerance: 1e-6,
            absolute_tolerance: 1e-9,
            first_size: None,
            last_error: 1e-4,
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
    fn check(&self, order: u32) -> Result<(), RunError> {
        let tolerance = |x: f64| x >= 0.0 && x.is_finite();
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let factor = |x: f64| x > 1.0 && x.is_finite();
        let beta = self.proportional;
        let fields = [
            ("relative_tolerance", self.relative_tolerance, tolerance(self.relative_tolerance)),
            ("absolute_tolerance", self.absolute_tolerance, tolerance(self.absolute_tolerance)),
            (
                "absolute_tolerance",
                self.absolute_tolerance,
                self.relative_tolerance + self.absolute_tolerance > 0.0,
            ),
            ("first_size", self.first_size.unwrap_or(1.0), positive(self.first_size.unwrap_or(1.0))),
            ("last_error", self.last_error, positive(self.last_error)),
            ("max_size", self.max_size, self.max_size > 0.0),
            ("safety", self.safety, self.safety > 0.0 && self.safety < 1.0),
            ("max_shrink", self.max_shrink, factor(self.max_shrink)),
            ("max_growth", self.max_growth, factor(self.max_growth)),
            ("proportional", beta, (0.0..=0.2).contains(&beta) && 0.75 * beta * f64::from(order) < 1.0),
        ];
        match fields.into_iter().find(|&(_, _, fits)| !fits) {
            Some((option, value, _)) => Err(RunError::Adaptation { option, value }),
            None => Ok(()),
        }
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
    /// The error control asked for a step that hardly changes the time: the solution blows up, or cannot be continued, or
    /// the tolerance is below what rounding allows.
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
    /// Why the last of those that failed did; `None` if errors were too large, but no step failed.
    pub last_failure: Option<StepError>,
    /// How often the slope was evaluated outside `attempt`.
    pub extra_slopes: usize,
    /// The time of the returned state.
    pub time: f64,
    /// The size that the next step would have had: with this as [`Adaptation::first_size`], and
    /// [`last_error`](Self::last_error), a run that was stopped goes on to the same bits.
    pub next_size: f64,
    /// What the control remembers of the last error.
    pub last_error: f64,
}

/// Integrates `state` from `start` to `end` with steps as large as the error control allows.
///
/// Proportional-integral control: after an accepted step with error $e_n$ the next size is
/// $h \cdot \mathrm{safety} \cdot e_n^{-(1/q - 3\beta/4)} e_{n-1}^{\beta}$, within the limits of [`Adaptation`]; after a
/// rejected one it is $h \cdot \mathrm{safety} \cdot e_n^{-(1/q - 3\beta/4)}$ and does not grow in the step that follows. An
/// error that is NaN, or a step that fails, is a rejection, never an acceptance; a state without a slope is not accepted,
/// unless it is the last and the error estimate does not need its slope. The last step is cut, or stretched by at most a percent, to end at `end`. `end < start` integrates
/// backwards; `end == start` does nothing. No step, and no trial for the first size, goes beyond `end`.
///
/// `visit` sees the number, the [`TimeStep`] and the new state of each accepted step. On return `state` is the last
/// accepted state, whatever the status.
///
/// # Errors
///
/// [`RunError`] if `state` has the wrong length or is not finite, a time or their difference is not finite, an option is out
/// of range, the slope at the start is not finite, or an array has the wrong length. What else goes wrong later is a status.
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
    let order = run.error_order().max(1);
    options.check(order)?;
    StepError::check_finite(0, Quantity::State, state)?;
    StepError::check_finite(0, Quantity::Input, &[start, end, end - start])?;
    let mut result = AdaptiveRun {
        status: AdaptiveStatus::Reached,
        steps: Vec::new(),
        rejected: 0,
        last_failure: None,
        extra_slopes: 0,
        time: start,
        next_size: 0.0,
        last_error: options.last_error,
    };
    let distance = (end - start).abs();
    if distance == 0.0 || state.is_empty() {
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
        let toward = TimeStep { time: start, size: sign };
        let size = first_size(run, toward, distance, state, &first, options, [&mut after, &mut last]);
        size.max(16.0 * f64::EPSILON * start.abs())
    });
    size = size.min(options.max_size).min(distance);

    let exponent = 1.0 / f64::from(order) - 0.75 * options.proportional;
    let mut just_rejected = false;
    while result.steps.len() < options.max_steps {
        let t = result.steps.len();
        let remaining = (end - result.time).abs();
        let is_last = remaining <= (1.01 * size).min(options.max_size * (1.0 + 1e-9));
        let step = TimeStep { time: result.time, size: sign * if is_last { remaining } else { size } };
        if !step.moves() && (just_rejected || !is_last) {
            result.status = AdaptiveStatus::StepSizeTooSmall;
            return Ok(result);
        }
        let arrays =
            Attempt { before: state, first: &first, after: &mut after, last: &mut last, error: &mut error };
        let mut attempt = run.attempt(t, step, arrays);
        let scaled = error_norm(options, state, &after, &error);
        if attempt.is_ok() && scaled <= 1.0 && !is_last {
            if !run.first_same_as_last() {
                result.extra_slopes += 1;
                attempt = run.slope(t, step.end(), &after, &mut last);
            }
            attempt = attempt.and_then(|()| StepError::check_finite(t, Quantity::State, &last));
        }
        let scaled = match attempt {
            Ok(()) => scaled,
            Err(StepError::Length { mismatch, .. }) => return Err(mismatch.into()),
            Err(failure) => {
                result.last_failure = Some(failure);
                f64::NAN
            }
        };
        if scaled.is_nan() || scaled > 1.0 {
            result.rejected += 1;
            just_rejected = true;
            let factor = options.safety * scaled.powf(-exponent); // NaN, and so not usable, if the step failed
            let usable = factor * options.max_shrink > 1.0;
            size = step.size.abs() * if usable { factor } else { 1.0 / options.max_shrink };
            continue;
        }
        state.copy_from_slice(&after);
        std::mem::swap(&mut first, &mut last);
        result.steps.push(step);
        result.time = if is_last { end } else { step.end() };
        let floor = scaled.max(1e-10);
        let factor = options.safety * floor.powf(-exponent) * result.last_error.powf(options.proportional);
        let growth = if just_rejected { 1.0 } else { options.max_growth };
        size = (step.size.abs() * factor.clamp(1.0 / options.max_shrink, growth)).min(options.max_size);
        result.next_size = size;
        result.last_error = floor.max(1e-4);
        just_rejected = false;
        let stopped = visit(t, step, state).is_break();
        if is_last {
            return Ok(result);
        }
        if stopped {
            result.status = AdaptiveStatus::Stopped;
            return Ok(result);
        }
    }
    result.status = AdaptiveStatus::MaxSteps;
    Ok(result)
}

/// The scaled root mean square of an error estimate; NaN if anything in it is.
fn error_norm(options: &Adaptation, before: &[f64], after: &[f64], error: &[f64]) -> f64 {
    let mut sum = 0.0;
    for ((&y, &z), &e) in before.iter().zip(after).zip(error) {
        let scale = options.absolute_tolerance + options.relative_tolerance * y.abs().max(z.abs());
        let part = if e == 0.0 { 0.0 } else { e / scale };
        sum += part * part + z * 0.0; // `max` ignores a NaN in z, and an infinite scale hides it: this does not
    }
    (sum / before.len() as f64).sqrt()
}

/// A first step size from the sizes of the state, its slope and its second derivative; `toward` has the direction.
fn first_size<R: Embedded>(
    run: &mut R,
    toward: TimeStep,
    distance: f64,
    state: &[f64],
    slope: &[f64],
    options: &Adaptation,
    [point, second]: [&mut Vec<f64>; 2],
) -> f64 {
    let norm = |v: &[f64]| error_norm(options, state, state, v);
    let (d0, d1) = (norm(state), norm(slope));
    let trial = if d0 < 1e-5 || d1 < 1e-5 { 1e-6 } else { 0.01 * d0 / d1 };
    let trial = trial.min(options.max_size).min(distance);
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
