//! What checkpointing costs, and where a gradient through chaos ends: the logistic map y' = r y (1 - y).
//!
//! The first table reverses 420 steps with less and less memory: the gradient keeps its bits, the steps grow as Revolve's
//! formula says. The second follows the route to chaos: where the Lyapunov exponent is positive, the gradient of a run of
//! 60 steps with respect to its first state explodes, as e to the 60 times the exponent.

use std::error::Error;
use std::fmt::Write;
use tangency_recurrence::{
    Autonomous, Backpropagation, Differentiable, Layout, LengthMismatch, LyapunovOptions, Quantity, Record,
    Recurrence, StepError, Tape, lyapunov_exponents,
};

struct Logistic {
    rate: f64,
}

impl Recurrence for Logistic {
    type Element = f64;
    type Input = ();
    fn state_len(&self) -> usize {
        1
    }
    fn step(&mut self, t: usize, (): &(), y: &mut [f64]) -> Result<(), StepError> {
        y[0] *= self.rate * (1.0 - y[0]);
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
        self.rate = parameters[0];
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
        l[0] *= self.rate * (1.0 - 2.0 * y);
    }
    fn tangent(&mut self, _: usize, (): &(), r: Record<'_, f64>, d: &mut [f64], _: &[f64], dp: &[f64]) {
        let y = r.before[0];
        let forced = dp.first().map_or(0.0, |dp| dp * y * (1.0 - y));
        d[0] = self.rate * (1.0 - 2.0 * y) * d[0] + forced;
    }
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let last = |n: usize| move |t: usize, _: &[f64], l: &mut [f64]| l[0] += f64::from(t + 1 == n);

    writeln!(out, "snapshots  steps taken  dy(420)/dr at r = 3.2")?;
    for snapshots in [420, 20, 10, 5, 2] {
        let mut back = Backpropagation::new(Tape::Checkpointed { snapshots });
        back.run(&mut Logistic { rate: 3.2 }, 0..420, Autonomous, &[0.3], last(420), |_, _| {})?;
        writeln!(out, "{snapshots:9}  {:11}  {:.12e}", 420 + back.advances(), back.gradient()[0])?;
    }

    writeln!(out, "\n   r  exponent  mean ln|factor| of the adjoint over 60 steps")?;
    for rate in [2.8, 3.2, 3.5, 3.7, 4.0] {
        let mut state = [0.3];
        let options = LyapunovOptions { transient: 200, ..Default::default() };
        let found = lyapunov_exponents(&mut Logistic { rate }, 0..5200, Autonomous, &mut state, &options)?;
        let mut back = Backpropagation::new(Tape::Stored);
        back.run(&mut Logistic { rate }, 0..60, Autonomous, &[0.3], last(60), |_, _| {})?;
        let factor = back.health().mean_factor().map_or(f64::NAN, f64::ln);
        writeln!(out, "{rate:4.1}  {:8.3}  {factor:8.3}", found.per_step[0])?;
    }
    Ok(out)
}

#[allow(dead_code, reason = "the tests include this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
