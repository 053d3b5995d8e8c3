//! When a solution passes a level.

use tangency_recurrence::{LengthMismatch, Quantity, Recurrence, RunError, StepError, TimeStep};

/// A value that a component of the state passes upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Which component; must be less than the length of the state.
    pub component: usize,
    /// The value.
    pub value: f64,
}

/// The times at which a solution crosses a level upwards, until there are `count` or `max_steps` steps are taken.
///
/// A crossing is a step from below the level to the level or above. Where in the step it lies is found by repeating the
/// step with other sizes $h s$, $0 < s \le 1$, until the state it leads to is on the level (bisection, sped up by false
/// position), so the time is as accurate as the method and no interpolant is needed. Two crossings within one step are
/// not seen: choose the step size smaller than the features of the solution.
///
/// The difference of two consecutive crossings is the period of a closed orbit.
///
/// Cost: one step a step, and about ten for each crossing. `state` begins at `time` and is overwritten by the last state.
///
/// # Errors
///
/// [`RunError`] if the state has the wrong length or no such component, a time or the level is not finite, or a step
/// fails.
///
/// # Example: the period of a population of prey and predators
///
/// ```
/// use tangency_dynamics::models::LotkaVolterra;
/// use tangency_dynamics::{ExplicitRungeKutta, Level, upward_crossings};
///
/// let mut run = ExplicitRungeKutta::dormand_prince(LotkaVolterra, &[1.0, 1.0, 1.0, 1.0])?;
/// let level = Level { component: 0, value: 1.0 };
/// let mut state = [1.0, 0.999]; // near the equilibrium: the period is 2π / sqrt(αγ)
/// let times = upward_crossings(&mut run, 0.0, 0.01, &mut state, level, 3, 10_000)?;
/// assert!((times[2] - times[1] - std::f64::consts::TAU).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn upward_crossings<R: Recurrence<Element = f64, Input = TimeStep>>(
    run: &mut R,
    time: f64,
    step_size: f64,
    state: &mut [f64],
    level: Level,
    count: usize,
    max_steps: usize,
) -> Result<Vec<f64>, RunError> {
    LengthMismatch::check(Quantity::State, run.state_len(), state.len())?;
    if level.component >= state.len() {
        return Err(LengthMismatch {
            what: Quantity::State,
            expected: level.component + 1,
            got: state.len(),
        }
        .into());
    }
    StepError::check_finite(0, Quantity::Input, &[time, step_size, level.value])?;
    let above = |state: &[f64]| state[level.component] - level.value;
    let mut before = state.to_vec();
    let mut trial = state.to_vec();
    let mut times = Vec::new();
    for t in 0..max_steps {
        if times.len() == count {
            break;
        }
        let step = TimeStep { time: time + t as f64 * step_size, size: step_size };
        before.copy_from_slice(state);
        run.step(t, &step, state)?;
        if above(&before) >= 0.0 || above(state) < 0.0 {
            continue;
        }
        let mut shortened = |share: f64| {
            trial.copy_from_slice(&before);
            run.step(t, &TimeStep { size: step_size * share, ..step }, &mut trial).map(|()| above(&trial))
        };
        let share = zero(above(&before), above(state), &mut shortened)?;
        times.push(step.time + share * step_size);
    }
    Ok(times)
}

/// The zero of a function on [0, 1] that is negative at 0 and not at 1, to rounding: the Illinois method.
fn zero<E>(at_0: f64, at_1: f64, f: &mut impl FnMut(f64) -> Result<f64, E>) -> Result<f64, E> {
    let (mut low, mut high) = ((0.0, at_0), (1.0, at_1));
    let mut last_was_low = None;
    for _ in 0..100 {
        let guess = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        // Halving is the fallback, should rounding throw the guess out of the bracket.
        let x = if guess > low.0 && guess < high.0 { guess } else { 0.5 * (low.0 + high.0) };
        if high.0 - low.0 <= 2.0 * f64::EPSILON || x <= low.0 || x >= high.0 || high.1 == 0.0 {
            break;
        }
        let y = f(x)?;
        // An end that stays twice has its value halved: otherwise it would stay for ever.
        if y < 0.0 {
            low = (x, y);
            if last_was_low == Some(true) {
                high.1 *= 0.5;
            }
            last_was_low = Some(true);
        } else {
            high = (x, y);
            if last_was_low == Some(false) {
                low.1 *= 0.5;
            }
            last_was_low = Some(false);
        }
    }
    Ok(high.0)
}
