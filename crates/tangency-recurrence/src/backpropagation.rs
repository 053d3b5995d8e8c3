//! Back-propagation through time.

use crate::health::GradientHealth;
use crate::revolve::split;
use crate::scan::check_run;
use crate::{Differentiable, Inputs, Quantity, Record, RunError, StepError};
use std::ops::Range;
use tangency_vmath::Real;

/// What a backward pass keeps of the forward pass.
///
/// With $n$ steps, states of $w$ and slots of $z$ numbers:
///
/// | tape | numbers kept | steps taken |
/// |---|---|---|
/// | `Stored` | $n (w + z) + 4 w$ | $n$ |
/// | `Checkpointed` with $s$ snapshots | $(s + 5) w + z$ | $n$ + [`revolve_advances`](crate::revolve_advances)$(n, s)$ |
/// | `Truncated` | window $(w + z) + 4 w$ | $n$; the gradient is an approximation |
///
/// besides the gradient itself and $n + 1$ norms in double precision ([`GradientHealth`]). `Stored` and `Checkpointed` give
/// the same gradient, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tape {
    /// Keep every step: the quickest.
    Stored,
    /// Keep this many states (at least 1; the initial one counts) and advance again from them as Revolve does.
    Checkpointed {
        /// Room for this many states.
        snapshots: usize,
    },
    /// `Stored` if it fits into this many bytes, otherwise `Checkpointed` with as many snapshots as do.
    WithinMemory {
        /// Room for the states, slots and norms of the table above, in bytes.
        bytes: usize,
    },
    /// Truncated back-propagation: after every `every` steps go back over the last `window` steps, with the losses of
    /// the last `every` steps. `window >= every >= 1`. `every = window` = number of steps is full back-propagation.
    Truncated {
        /// Steps between two backward passes ($k_1$).
        every: usize,
        /// Steps that a backward pass goes back ($k_2$).
        window: usize,
    },
}

/// A tape for a run of known size.
enum Resolved {
    Windows { every: usize, window: usize },
    Snapshots(usize),
}

impl Tape {
    /// The way to go for `n` steps, states of `w` and slots of `z` numbers of `size` bytes.
    fn resolve(self, n: usize, w: usize, z: usize, size: usize) -> Result<Resolved, RunError> {
        let bytes_of = |numbers: usize| {
            numbers.saturating_mul(size).saturating_add(size_of::<f64>().saturating_mul(n.saturating_add(1)))
        };
        let checkpointed = |s: usize| bytes_of(s.saturating_add(5).saturating_mul(w).saturating_add(z));
        let snapshots = |count: usize, budget: usize| {
            if count == 0 && n > 0 {
                return Err(RunError::MemoryBudget { needed: checkpointed(1), budget });
            }
            Ok(Resolved::Snapshots(count.min(n)))
        };
        let stored = Resolved::Windows { every: n, window: n };
        match self {
            Self::Stored => Ok(stored),
            Self::Checkpointed { snapshots: count } => snapshots(count, checkpointed(0)),
            Self::WithinMemory { bytes } => {
                if bytes_of(n.saturating_mul(w + z).saturating_add(4 * w)) <= bytes {
                    return Ok(stored);
                }
                let room = bytes.saturating_sub(checkpointed(0));
                snapshots(room.checked_div(w * size).unwrap_or(n), bytes)
            }
            Self::Truncated { every, window } if every == 0 || window < every => {
                Err(RunError::Truncation { every, window })
            }
            Self::Truncated { every, window } => Ok(Resolved::Windows { every, window }),
        }
    }
}

/// The gradient of a loss of all states, by the adjoint recurrence run backwards.
///
/// For a loss $L = \sum_t \ell_t(y_{t+1})$ the adjoint $\lambda_t = \partial L / \partial y_t$ obeys
///
/// $$ \lambda_{t} = \left( \frac{\partial f}{\partial y} \right)^\top
///    \left( \lambda_{t+1} + \nabla \ell_t(y_{t+1}) \right), $$
///
/// and the same transposed steps give $\partial L/\partial\theta$ and $\partial L/\partial x_t$. A value of this type
/// owns all buffers of the pass, and the results stay in it until the next one, so training in a loop allocates once.
///
/// # Example: how the end of a run depends on its beginning, in little memory
///
/// ```
/// use tangency_recurrence::{Backpropagation, Frames, LinearRecurrence, Tape};
///
/// // y_{t+1} = a y_t + x_t with a = 0.5, and L = y_3.
/// let mut run = LinearRecurrence::new(&[0.5]);
/// let mut pass = Backpropagation::new(Tape::Checkpointed { snapshots: 2 });
/// let inputs = Frames::new(&[1.0, 2.0, 3.0][..], 1);
/// let mut dx = [0.0; 3];
/// pass.run(
///     &mut run,
///     0..3,
///     inputs,
///     &[8.0],
///     |t, _, adjoint| adjoint[0] += if t == 2 { 1.0 } else { 0.0 },
///     |t, d| dx[t] += d[0],
/// )?;
/// assert_eq!(pass.last_state(), [5.25]);
/// assert_eq!(pass.initial_adjoint(), [0.125]);
/// assert_eq!(dx, [0.25, 0.5, 1.0]);
/// assert_eq!(pass.gradient(), [8.0 * 3.0 * 0.25 + 1.0 * 2.0 * 0.5 + 2.0]); // d/da (8 a³ + a² + 2 a + 3)
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
///
/// # References
///
/// - R. Williams, J. Peng, *An efficient gradient-based algorithm for on-line training of recurrent network
///   trajectories*, Neural Computation 2 (1990): truncation with two lengths.
/// - A. Griewank, A. Walther, *Algorithm 799: Revolve*, ACM Trans. Math. Softw. 26 (2000): the snapshots.
#[derive(Debug, Clone)]
pub struct Backpropagation<T> {
    tape: Tape,
    /// States before steps: a ring for windows; snapshots and one more for checkpoints.
    states: Vec<T>,
    traces: Vec<T>,
    state: Vec<T>,
    last: Vec<T>,
    initial_adjoint: Vec<T>,
    backward: Backward<T>,
    advances: usize,
}

/// What a backward step changes.
#[derive(Debug, Clone)]
struct Backward<T> {
    adjoint: Vec<T>,
    input_adjoint: Vec<T>,
    gradient: Vec<T>,
    health: GradientHealth,
}

/// The runner of a pass with its inputs and the caller's two closures.
struct Pass<'a, R: ?Sized, I, L, D> {
    run: &'a mut R,
    inputs: I,
    loss: L,
    input_adjoint: D,
}

impl<R: Differentiable + ?Sized, I, L, D> Pass<'_, R, I, L, D>
where
    I: Inputs<R::Input>,
    L: FnMut(usize, &[R::Element], &mut [R::Element]),
    D: FnMut(usize, &[R::Element]),
{
    /// One step back: add the loss of the state after the step, if it `counts`, then apply the transposed step.
    fn back(
        &mut self,
        t: usize,
        record: Record<'_, R::Element>,
        counts: bool,
        b: &mut Backward<R::Element>,
    ) -> Result<(), StepError> {
        if counts {
            (self.loss)(t, record.after, &mut b.adjoint);
            b.health.record(t + 1, &b.adjoint);
        }
        let input = self.inputs.at(t);
        self.run.reverse(t, input, record, &mut b.adjoint, &mut b.input_adjoint, &mut b.gradient);
        StepError::check_finite(t, Quantity::StateAdjoint, &b.adjoint)?;
        (self.input_adjoint)(t, &b.input_adjoint);
        Ok(())
    }
}

impl<T: Real> Backpropagation<T> {
    /// A backward pass with this tape; the buffers are made at the first run.
    pub fn new(tape: Tape) -> Self {
        Self {
            tape,
            states: Vec::new(),
            traces: Vec::new(),
            state: Vec::new(),
            last: Vec::new(),
            initial_adjoint: Vec::new(),
            backward: Backward {
                adjoint: Vec::new(),
                input_adjoint: Vec::new(),
                gradient: Vec::new(),
                health: GradientHealth::default(),
            },
            advances: 0,
        }
    }

    /// Runs `steps` from `initial`, then backwards.
    ///
    /// `loss(t, y, adjoint)` is called once for each step, from the last to the first (with a truncated tape: from the
    /// last to the first of each window), with the state $y = y_{t+1}$ that step `t` left; it *adds*
    /// $\nabla \ell_t(y)$ to `adjoint`, and may sum up the loss itself on the way. `input_adjoint(t, d)` receives
    /// $\partial L/\partial x_t$; a truncated tape may call it several times for a step, so it should add. A loss of the
    /// initial state itself is for the caller to add to [`initial_adjoint`](Self::initial_adjoint).
    ///
    /// # Errors
    ///
    /// [`RunError`] if `initial` has the wrong length, the inputs end too early, a step fails, an adjoint overflows or is
    /// NaN (the error names the step back), the tape has no room for a snapshot, or the truncation lengths are not
    /// `1 <= every <= window`. The results are then of no use.
    pub fn run<R: Differentiable<Element = T> + ?Sized>(
        &mut self,
        run: &mut R,
        steps: Range<usize>,
        inputs: impl Inputs<R::Input>,
        initial: &[T],
        loss: impl FnMut(usize, &[T], &mut [T]),
        input_adjoint: impl FnMut(usize, &[T]),
    ) -> Result<(), RunError> {
        check_run(run, &steps, inputs.steps(), initial.len())?;
        let (n, w, z) = (steps.len(), run.state_len(), run.trace_len());
        let resolved = self.tape.resolve(n, w, z, size_of::<T>())?;
        self.advances = 0;
        for (buffer, len) in [
            (&mut self.state, w),
            (&mut self.last, w),
            (&mut self.initial_adjoint, w),
            (&mut self.backward.adjoint, w),
            (&mut self.backward.input_adjoint, run.input_len()),
            (&mut self.backward.gradient, run.parameter_len()),
        ] {
            buffer.clear();
            buffer.resize(len, T::ZERO);
        }
        self.last.copy_from_slice(initial);
        self.backward.health.reset(steps.clone());
        run.flush(&mut self.backward.gradient); // whatever an earlier, broken-off pass held back
        self.backward.gradient.fill(T::ZERO);
        let mut pass = Pass { run, inputs, loss, input_adjoint };
        let result = match resolved {
            Resolved::Windows { every, window } => self.windows(&mut pass, steps, every, window.min(n)),
            Resolved::Snapshots(snapshots) => {
                self.states.resize((snapshots + 1) * w, T::ZERO);
                self.traces.resize(z, T::ZERO);
                self.states[..w].copy_from_slice(initial);
                self.checkpoints(&mut pass, steps, snapshots)
            }
        };
        pass.run.flush(&mut self.backward.gradient); // also after an error, so that nothing is held back
        result
    }

    /// $\partial L / \partial \theta$, in the order of the runner's parameter layout.
    pub fn gradient(&self) -> &[T] {
        &self.backward.gradient
    }

    /// $\partial L / \partial y$ with respect to the initial state. With a truncated tape, what the windows that reach
    /// back to the start give.
    pub fn initial_adjoint(&self) -> &[T] {
        &self.initial_adjoint
    }

    /// The state after the last step.
    pub fn last_state(&self) -> &[T] {
        &self.last
    }

    /// The norms of the adjoint along the way, from this same pass.
    pub fn health(&self) -> &GradientHealth {
        &self.backward.health
    }

    /// How many untraced steps were taken besides the $n$ traced ones: 0 unless the tape is checkpointed, and then
    /// [`revolve_advances`](crate::revolve_advances).
    pub fn advances(&self) -> usize {
        self.advances
    }

    /// Goes forward, traced, keeping the last `window` steps in a ring, and back after every `every` steps.
    fn windows<R, I, L, D>(
        &mut self,
        pass: &mut Pass<'_, R, I, L, D>,
        steps: Range<usize>,
        every: usize,
        window: usize,
    ) -> Result<(), RunError>
    where
        R: Differentiable<Element = T> + ?Sized,
        I: Inputs<R::Input>,
        L: FnMut(usize, &[T], &mut [T]),
        D: FnMut(usize, &[T]),
    {
        let (w, z) = (self.state.len(), pass.run.trace_len());
        self.states.resize(window * w, T::ZERO);
        self.traces.resize(window * z, T::ZERO);
        self.state.copy_from_slice(&self.last);
        let state_slot = |t: usize| (t - steps.start) % window * w..((t - steps.start) % window + 1) * w;
        let trace_slot = |t: usize| (t - steps.start) % window * z..((t - steps.start) % window + 1) * z;
        let mut counted = steps.start;
        for t in steps.clone() {
            self.states[state_slot(t)].copy_from_slice(&self.state);
            pass.run.step_traced(t, pass.inputs.at(t), &mut self.state, &mut self.traces[trace_slot(t)])?;
            let now = t + 1;
            if !(now - steps.start).is_multiple_of(every) && now != steps.end {
                continue;
            }
            self.backward.adjoint.fill(T::ZERO);
            let first = steps.start.max(now.saturating_sub(window));
            for u in (first..now).rev() {
                let after = if u + 1 == now { &self.state } else { &self.states[state_slot(u + 1)] };
                let before = &self.states[state_slot(u)];
                let record = Record { before, after, trace: &self.traces[trace_slot(u)] };
                pass.back(u, record, u >= counted, &mut self.backward)?;
            }
            if counted == steps.start {
                self.backward.health.record(steps.start, &self.backward.adjoint);
            }
            pass.run.flush(&mut self.backward.gradient);
            if first == steps.start {
                for (sum, &a) in self.initial_adjoint.iter_mut().zip(&self.backward.adjoint) {
                    *sum += a;
                }
            }
            counted = now;
        }
        self.last.copy_from_slice(&self.state);
        Ok(())
    }

    /// Reverses `steps` with snapshots, of which the first is the initial state.
    fn checkpoints<R, I, L, D>(
        &mut self,
        pass: &mut Pass<'_, R, I, L, D>,
        steps: Range<usize>,
        snapshots: usize,
    ) -> Result<(), RunError>
    where
        R: Differentiable<Element = T> + ?Sized,
        I: Inputs<R::Input>,
        L: FnMut(usize, &[T], &mut [T]),
        D: FnMut(usize, &[T]),
    {
        let w = self.state.len();
        let mut held = vec![steps.start]; // the steps whose states are held, the latest last
        let mut end = steps.end; // what lies behind has been reversed
        while let Some(&start) = held.last() {
            let here = (held.len() - 1) * w..held.len() * w;
            let (count, room) = (end - start, snapshots + 1 - held.len());
            if count == 0 {
                held.pop();
            } else if count > 1 && room > 1 {
                let middle = start + split(count, room);
                let there = here.end;
                self.advance(pass, start..middle, here, there)?;
                held.push(middle);
            } else {
                // Come to the last step, take it traced, and turn. The room after the snapshots holds the state before it.
                let (t, before) = (end - 1, snapshots * w);
                self.advance(pass, start..t, here, before)?;
                let before = &self.states[before..before + w];
                self.state.copy_from_slice(before);
                pass.run.step_traced(t, pass.inputs.at(t), &mut self.state, &mut self.traces)?;
                if end == steps.end {
                    self.last.copy_from_slice(&self.state);
                }
                let record = Record { before, after: &self.state, trace: &self.traces };
                pass.back(t, record, true, &mut self.backward)?;
                end = t;
            }
        }
        self.backward.health.record(steps.start, &self.backward.adjoint);
        self.initial_adjoint.copy_from_slice(&self.backward.adjoint);
        Ok(())
    }

    /// Copies the state at `from` to `to` and takes it through `steps` there, untraced.
    fn advance<R, I, L, D>(
        &mut self,
        pass: &mut Pass<'_, R, I, L, D>,
        steps: Range<usize>,
        from: Range<usize>,
        to: usize,
    ) -> Result<(), RunError>
    where
        R: Differentiable<Element = T> + ?Sized,
        I: Inputs<R::Input>,
    {
        let w = from.len();
        self.states.copy_within(from, to);
        self.advances += steps.len();
        for t in steps {
            pass.run.step(t, pass.inputs.at(t), &mut self.states[to..to + w])?;
        }
        Ok(())
    }
}
