//! Does a step's derivative match the step?

use crate::{
    Autonomous, Backpropagation, Differentiable, Direction, Frames, Inputs, Quantity, RunError, Tape,
    TimeStep, scan_tangents, scan_with,
};
use std::ops::{ControlFlow, Range};
use tangency_vmath::Real;

/// A sequence of inputs whose numbers can be changed one by one, for [`check()`].
///
/// Inputs without derivative have no numbers to change.
pub trait Perturb<T> {
    /// The numbers of all inputs, input after input.
    fn values_mut(&mut self) -> &mut [T];
}

impl<T: Clone> Perturb<T> for Frames<'_, T> {
    fn values_mut(&mut self) -> &mut [T] {
        Self::values_mut(self)
    }
}

impl<T> Perturb<T> for Autonomous {
    fn values_mut(&mut self) -> &mut [T] {
        &mut []
    }
}

impl<T> Perturb<T> for &[TimeStep] {
    fn values_mut(&mut self) -> &mut [T] {
        &mut []
    }
}

impl<T> Perturb<T> for &Vec<TimeStep> {
    fn values_mut(&mut self) -> &mut [T] {
        &mut []
    }
}

/// The component whose derivative differs most from its difference quotient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discrepancy {
    /// [`Quantity::Parameters`], [`Quantity::Input`] or [`Quantity::State`] (the initial one).
    pub what: Quantity,
    /// Which component.
    pub index: usize,
    /// The name of the part of the parameters or of the state that holds it.
    pub name: Option<&'static str>,
    /// What back-propagation gave.
    pub derivative: f64,
    /// What differences gave.
    pub difference: f64,
    /// Their distance, relative to the larger of the derivative and the root mean square of the gradient with respect
    /// to the same quantity.
    pub relative_error: f64,
}

/// What [`check()`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The worst component; `None` if there is nothing to differentiate with respect to.
    pub worst: Option<Discrepancy>,
    /// $|\langle J^\top u, v\rangle - \langle u, J v\rangle|$ divided by the sum of the sizes of the products in the first
    /// bracket. It has no truncation error: a few units of rounding is right.
    pub transpose_defect: f64,
    /// Whether traced and untraced steps give the same bits.
    pub traced_equals_untraced: bool,
    /// Whether checkpointed gradients equal stored ones, bit for bit.
    pub checkpointed_equals_stored: bool,
    /// The number of components compared.
    pub compared: usize,
}

impl Check {
    /// The relative error of the worst component; 0 if there is none.
    pub fn relative_error(&self) -> f64 {
        self.worst.map_or(0.0, |worst| worst.relative_error)
    }

    /// Whether everything is in order: both bit comparisons hold, the worst relative error is at most `difference` and
    /// the transpose defect at most `transpose`. In double precision `1e-9` and `1e-13` suit a smooth step.
    pub fn passes(&self, difference: f64, transpose: f64) -> bool {
        self.traced_equals_untraced
            && self.checkpointed_equals_stored
            && self.relative_error() <= difference
            && self.transpose_defect <= transpose
    }
}

/// The $k$-th of a fixed sequence that fills $(0, 1)$ evenly: weights of the loss, without a random generator. Positive, so
/// that a smooth run's loss does not cancel.
fn weight<T: Real>(k: usize) -> T {
    const GOLDEN: f64 = 0.618_033_988_749_894_9; // (sqrt 5 - 1) / 2
    T::from_f64((0.5 + GOLDEN * (k + 1) as f64).fract())
}

/// The $k$-th of a fixed sequence that fills $(-1, 1)$ evenly: a direction.
fn component<T: Real>(k: usize) -> T {
    const PLASTIC: f64 = 0.754_877_666_246_692_8; // the reciprocal of the root of x^3 = x + 1
    T::from_f64(2.0 * (0.5 + PLASTIC * (k + 1) as f64).fract() - 1.0)
}

/// Compares a runner's derivatives with difference quotients and with each other.
///
/// For the loss $L = \sum_t \langle u_t, y_{t+1} \rangle$ with fixed weights $u_t$ in $(0, 1)$, the gradient with respect
/// to parameters, inputs and initial state is compared, component by component, with the fourth-order difference
///
/// $$ \frac{8 \left( L(h) - L(-h) \right) - \left( L(2h) - L(-2h) \right)}{12 h},
///    \quad h = \epsilon^{1/5} \max(1, |p|), $$
///
/// whose error is about $10^{-12}$ relative for smooth steps of moderate size in double precision; and the backward pass
/// with the forward one by $\langle J^\top u, v \rangle = \langle u, J v \rangle$, which has no truncation error at all.
/// At a kink (a gradient clipped or a sign taken within $2h$) differences mean nothing. The runner is left with
/// `parameters` bound.
///
/// Cost: four runs for each component, so a few hundred of them are a good number.
///
/// # Errors
///
/// [`RunError`] if a run cannot be made, at the point or within $2h$ of it.
///
/// # Example: the derivative of a decay
///
/// ```
/// use tangency_recurrence::{check, Frames, LinearRecurrence};
///
/// let mut run = LinearRecurrence::new(&[0.9, -0.5]);
/// let inputs = Frames::new(vec![0.3, -0.1, 0.7, 0.2], 2);
/// let check = check(&mut run, &[0.9, -0.5], 0..2, inputs, &[1.0, 2.0])?;
/// assert!(check.passes(1e-11, 1e-15), "{check:?}");
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
pub fn check<R: Differentiable>(
    run: &mut R,
    parameters: &[R::Element],
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input> + Perturb<R::Element>,
    initial: &[R::Element],
) -> Result<Check, RunError> {
    let (w, m, start) = (run.state_len(), run.input_len(), steps.start);
    run.bind(parameters)?;
    let mut input_gradient = vec![R::Element::ZERO; steps.len() * m];
    let mut stored = Backpropagation::new(Tape::Stored);
    let loss = |t: usize, _: &[R::Element], adjoint: &mut [R::Element]| {
        for (i, a) in adjoint.iter_mut().enumerate() {
            *a += weight((t - start) * w + i);
        }
    };
    stored.run(run, steps.clone(), &mut inputs, initial, loss, |t, d| {
        input_gradient[(t - start) * m..(t - start + 1) * m].copy_from_slice(d);
    })?;

    let mut checkpointed_inputs = input_gradient.clone();
    let mut checkpointed = Backpropagation::new(Tape::Checkpointed { snapshots: 3 });
    checkpointed.run(run, steps.clone(), &mut inputs, initial, loss, |t, d| {
        checkpointed_inputs[(t - start) * m..(t - start + 1) * m].copy_from_slice(d);
    })?;
    let checkpointed_equals_stored = stored.gradient() == checkpointed.gradient()
        && stored.initial_adjoint() == checkpointed.initial_adjoint()
        && input_gradient == checkpointed_inputs
        && stored.last_state() == checkpointed.last_state();

    let mut state = initial.to_vec();
    scan_with(run, steps.clone(), &mut inputs, &mut state, |_, _| ControlFlow::Continue(()))?;
    let traced_equals_untraced = state == stored.last_state();

    let directions =
        |len: usize, offset: usize| -> Vec<R::Element> { (0..len).map(|k| component(k + offset)).collect() };
    let mut direction = Direction {
        state: directions(w, 0),
        inputs: directions(steps.len() * m, w),
        parameters: directions(parameters.len(), w + steps.len() * m),
    };
    let pairs = [
        (stored.gradient(), &direction.parameters),
        (&input_gradient, &direction.inputs),
        (stored.initial_adjoint(), &direction.state),
    ];
    let products = || pairs.iter().flat_map(|(g, v)| g.iter().zip(*v)).map(|(g, v)| g.to_f64() * v.to_f64());
    let (backward, size) = (products().sum::<f64>(), products().map(f64::abs).sum::<f64>());
    let mut forward = 0.0;
    state.copy_from_slice(initial);
    scan_tangents(
        run,
        steps.clone(),
        &mut inputs,
        &mut state,
        std::slice::from_mut(&mut direction),
        |t, _, directions| {
            for (i, d) in directions[0].state.iter().enumerate() {
                forward += weight::<R::Element>((t - start) * w + i).to_f64() * d.to_f64();
            }
            ControlFlow::Continue(())
        },
    )?;
    let transpose_defect = if size > 0.0 { (backward - forward).abs() / size } else { forward.abs() };

    let mut differences =
        Differences { run, steps, inputs, initial: initial.to_vec(), parameters: parameters.to_vec() };
    let mut worst: Option<Discrepancy> = None;
    let groups = [
        (Quantity::Parameters, stored.gradient()),
        (Quantity::Input, &input_gradient),
        (Quantity::State, stored.initial_adjoint()),
    ];
    let compared = groups.iter().map(|(_, g)| g.len()).sum();
    for (what, gradient) in groups {
        let rms =
            (gradient.iter().map(|g| g.to_f64().powi(2)).sum::<f64>() / gradient.len().max(1) as f64).sqrt();
        for (index, g) in gradient.iter().enumerate() {
            let (derivative, difference) = (g.to_f64(), differences.derivative(what, index)?);
            let scale = derivative.abs().max(rms);
            let distance = (derivative - difference).abs();
            let relative_error = if distance == 0.0 { 0.0 } else { distance / scale };
            if worst.is_none_or(|w| relative_error > w.relative_error || relative_error.is_nan()) {
                let layout = match what {
                    Quantity::Parameters => Some(differences.run.parameter_layout()),
                    Quantity::State => Some(differences.run.state_layout()),
                    _ => None,
                };
                let name = layout.and_then(|layout| layout.segment_of(index).map(|segment| segment.name));
                worst = Some(Discrepancy { what, index, name, derivative, difference, relative_error });
            }
        }
    }
    differences.run.bind(parameters)?;
    Ok(Check { worst, transpose_defect, traced_equals_untraced, checkpointed_equals_stored, compared })
}

/// The loss of [`check()`] as a function of one component at a time.
struct Differences<'a, R: Differentiable, I> {
    run: &'a mut R,
    steps: Range<usize>,
    inputs: I,
    initial: Vec<R::Element>,
    parameters: Vec<R::Element>,
}

impl<R: Differentiable, I: Inputs<R::Input> + Perturb<R::Element>> Differences<'_, R, I> {
    fn component(&mut self, what: Quantity, index: usize) -> &mut R::Element {
        match what {
            Quantity::Parameters => &mut self.parameters[index],
            Quantity::Input => &mut self.inputs.values_mut()[self.steps.start * self.run.input_len() + index],
            _ => &mut self.initial[index],
        }
    }

    fn loss(&mut self, what: Quantity, index: usize, value: R::Element) -> Result<f64, RunError> {
        let kept = std::mem::replace(self.component(what, index), value);
        self.run.bind(&self.parameters)?;
        let (w, start) = (self.initial.len(), self.steps.start);
        let mut state = self.initial.clone();
        let mut sum = 0.0;
        scan_with(self.run, self.steps.clone(), &mut self.inputs, &mut state, |t, y| {
            for (i, y) in y.iter().enumerate() {
                sum += weight::<R::Element>((t - start) * w + i).to_f64() * y.to_f64();
            }
            ControlFlow::Continue(())
        })?;
        *self.component(what, index) = kept;
        Ok(sum)
    }

    fn derivative(&mut self, what: Quantity, index: usize) -> Result<f64, RunError> {
        let at = *self.component(what, index);
        let h = R::Element::EPSILON.to_f64().powf(0.2) * at.to_f64().abs().max(1.0);
        let mut difference = |h: f64| -> Result<f64, RunError> {
            // Divide by the distance of the two points as they are represented.
            let (up, down) = (R::Element::from_f64(at.to_f64() + h), R::Element::from_f64(at.to_f64() - h));
            let rise = self.loss(what, index, up)? - self.loss(what, index, down)?;
            Ok(rise / (up.to_f64() - down.to_f64()))
        };
        Ok((4.0 * difference(h)? - difference(2.0 * h)?) / 3.0)
    }
}
