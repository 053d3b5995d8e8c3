//! Small recurrences to drive.

use tangency_recurrence::{
    Attempt, Differentiable, Embedded, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError,
    TimeStep,
};

/// y' = tanh(W y + x), with W the parameters; weight gradients are held back in blocks of 4 absolute steps.
#[derive(Debug, Clone)]
pub(crate) struct Tanh {
    n: usize,
    weights: Vec<f64>,
    scratch: Vec<f64>,
    held: Vec<(Vec<f64>, Vec<f64>)>,
    used: usize,
    /// Relative error put into the weight gradient, to see that the check sees it.
    pub(crate) wrong_gradient: f64,
    /// The same for the tangent.
    pub(crate) wrong_tangent: f64,
    pub(crate) steps_taken: usize,
}

pub(crate) const BLOCK: usize = 4;

impl Tanh {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            n,
            weights: Self::parameters(n),
            scratch: vec![0.0; n],
            held: vec![(vec![0.0; n], vec![0.0; n]); BLOCK],
            used: 0,
            wrong_gradient: 0.0,
            wrong_tangent: 0.0,
            steps_taken: 0,
        }
    }

    pub(crate) fn parameters(n: usize) -> Vec<f64> {
        (0..n * n).map(|k| 0.8 * (1.7 * (k * k) as f64 + 0.3).sin()).collect()
    }

    pub(crate) fn inputs(n: usize, steps: usize) -> Vec<f64> {
        (0..n * steps).map(|k| 0.5 * (0.9 * k as f64).cos()).collect()
    }
}

impl Recurrence for Tanh {
    type Element = f64;
    type Input = [f64];

    fn state_len(&self) -> usize {
        self.n
    }

    fn step(&mut self, t: usize, input: &[f64], state: &mut [f64]) -> Result<(), StepError> {
        self.steps_taken += 1;
        StepError::check_finite(t, Quantity::Input, input)?;
        for i in 0..self.n {
            self.scratch[i] = input[i];
            for j in 0..self.n {
                self.scratch[i] += self.weights[i * self.n + j] * state[j];
            }
        }
        for (y, s) in state.iter_mut().zip(&self.scratch) {
            *y = s.tanh();
        }
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl Differentiable for Tanh {
    fn state_layout(&self) -> Layout {
        Layout::new([("hidden", vec![self.n])])
    }
    fn parameter_layout(&self) -> Layout {
        Layout::new([("weights", vec![self.n, self.n])])
    }
    fn parameter_len(&self) -> usize {
        self.n * self.n
    }
    fn input_len(&self) -> usize {
        self.n
    }
    fn trace_len(&self) -> usize {
        self.n // the slopes 1 - tanh², to exercise the slots
    }
    fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.n * self.n, parameters.len())?;
        self.weights.copy_from_slice(parameters);
        self.used = 0;
        Ok(())
    }
    fn step_traced(
        &mut self,
        t: usize,
        x: &[f64],
        y: &mut [f64],
        trace: &mut [f64],
    ) -> Result<(), StepError> {
        self.step(t, x, y)?;
        for (z, y) in trace.iter_mut().zip(y) {
            *z = 1.0 - *y * *y;
        }
        Ok(())
    }
    fn reverse(
        &mut self,
        t: usize,
        _: &[f64],
        record: Record<'_, f64>,
        adjoint: &mut [f64],
        input_adjoint: &mut [f64],
        gradient: &mut [f64],
    ) {
        for ((d, &l), &z) in input_adjoint.iter_mut().zip(&*adjoint).zip(record.trace) {
            *d = l * z;
        }
        for (j, l) in adjoint.iter_mut().enumerate() {
            *l = (0..self.n).map(|i| self.weights[i * self.n + j] * input_adjoint[i]).sum();
        }
        self.held[self.used].0.copy_from_slice(input_adjoint);
        self.held[self.used].1.copy_from_slice(record.before);
        self.used += 1;
        if t.is_multiple_of(BLOCK) {
            self.flush(gradient);
        }
    }
    fn flush(&mut self, gradient: &mut [f64]) {
        for i in 0..self.n {
            for j in 0..self.n {
                let sum: f64 = self.held[..self.used].iter().map(|(d, y)| d[i] * y[j]).sum();
                gradient[i * self.n + j] += sum * (1.0 + self.wrong_gradient);
            }
        }
        self.used = 0;
    }
    fn tangent(
        &mut self,
        _: usize,
        _: &[f64],
        record: Record<'_, f64>,
        tangent: &mut [f64],
        input_tangent: &[f64],
        parameter_tangent: &[f64],
    ) {
        for i in 0..self.n {
            let mut sum = input_tangent.get(i).copied().unwrap_or(0.0);
            for j in 0..self.n {
                sum += self.weights[i * self.n + j] * tangent[j];
                sum += parameter_tangent.get(i * self.n + j).copied().unwrap_or(0.0) * record.before[j];
            }
            self.scratch[i] = sum * record.trace[i] * (1.0 + self.wrong_tangent);
        }
        tangent.copy_from_slice(&self.scratch);
    }
}

/// The logistic map y' = r y (1 - y).
#[derive(Debug, Clone)]
pub(crate) struct Logistic(pub(crate) f64);

impl Recurrence for Logistic {
    type Element = f64;
    type Input = ();
    fn state_len(&self) -> usize {
        1
    }
    fn step(&mut self, t: usize, (): &(), y: &mut [f64]) -> Result<(), StepError> {
        y[0] = self.0 * y[0] * (1.0 - y[0]);
        StepError::check_finite(t, Quantity::State, y)
    }
}

impl Differentiable for Logistic {
    fn state_layout(&self) -> Layout {
        Layout::new([("population", vec![])])
    }
    fn parameter_layout(&self) -> Layout {
        Layout::new([("rate", vec![])])
    }
    fn parameter_len(&self) -> usize {
        1
    }
    fn input_len(&self) -> usize {
        0
    }
    fn trace_len(&self) -> usize {
        0
    }
    fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, 1, parameters.len())?;
        self.0 = parameters[0];
        Ok(())
    }
    fn step_traced(&mut self, t: usize, x: &(), y: &mut [f64], _: &mut [f64]) -> Result<(), StepError> {
        self.step(t, x, y)
    }
    fn reverse(
        &mut self,
        _: usize,
        (): &(),
        r: Record<'_, f64>,
        l: &mut [f64],
        _: &mut [f64],
        g: &mut [f64],
    ) {
        let y = r.before[0];
        g[0] += l[0] * y * (1.0 - y);
        l[0] *= self.0 * (1.0 - 2.0 * y);
    }
    fn tangent(&mut self, _: usize, (): &(), r: Record<'_, f64>, d: &mut [f64], _: &[f64], p: &[f64]) {
        let y = r.before[0];
        d[0] = self.0 * (1.0 - 2.0 * y) * d[0] + p.first().copied().unwrap_or(0.0) * y * (1.0 - y);
    }
}

/// y' = y + h f(t, y) with Heun's pair of orders 2 and 1; not first-same-as-last.
pub(crate) struct Heun<F> {
    pub(crate) field: F,
    pub(crate) evaluations: usize,
    pub(crate) n: usize,
}

impl<F: FnMut(f64, &[f64], &mut [f64])> Heun<F> {
    pub(crate) fn new(n: usize, field: F) -> Self {
        Self { field, evaluations: 0, n }
    }

    fn take(&mut self, step: TimeStep, before: &[f64], first: &[f64], after: &mut [f64], error: &mut [f64]) {
        let euler: Vec<f64> = before.iter().zip(first).map(|(y, k)| y + step.size * k).collect();
        (self.field)(step.end(), &euler, error);
        self.evaluations += 1;
        for i in 0..self.n {
            after[i] = before[i] + 0.5 * step.size * (first[i] + error[i]);
            error[i] = after[i] - euler[i];
        }
    }
}

impl<F: FnMut(f64, &[f64], &mut [f64])> Recurrence for Heun<F> {
    type Element = f64;
    type Input = TimeStep;
    fn state_len(&self) -> usize {
        self.n
    }
    fn step(&mut self, t: usize, input: &TimeStep, state: &mut [f64]) -> Result<(), StepError> {
        let (before, mut first, mut error) = (state.to_vec(), vec![0.0; self.n], vec![0.0; self.n]);
        self.slope(t, input.time, &before, &mut first)?;
        self.take(*input, &before, &first, state, &mut error);
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl<F: FnMut(f64, &[f64], &mut [f64])> Embedded for Heun<F> {
    fn error_order(&self) -> u32 {
        2
    }
    fn first_same_as_last(&self) -> bool {
        false
    }
    fn slope(&mut self, t: usize, time: f64, state: &[f64], slope: &mut [f64]) -> Result<(), StepError> {
        self.evaluations += 1;
        (self.field)(time, state, slope);
        StepError::check_finite(t, Quantity::State, slope)
    }
    fn attempt(&mut self, t: usize, step: TimeStep, a: Attempt<'_>) -> Result<(), StepError> {
        self.take(step, a.before, a.first, a.after, a.error);
        StepError::check_finite(t, Quantity::State, a.after)
    }
}
