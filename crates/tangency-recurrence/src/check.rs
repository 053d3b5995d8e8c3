//! Does a step's derivative match the step?

use crate::{
    Autonomous, Backpropagation, Differentiable, Direction, Frames, Inputs, Layout, Quantity, RunError, Tape,
    TimeStep, scan_tangents, scan_with,
};
use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use tangency_vmath::Real;

/// A sequence of inputs whose numbers can be changed one by one, for [`check()`].
pub trait Perturb<T> {
    /// Component `index` of the input of step `t`; `None` if inputs have no derivative.
    fn component_mut(&mut self, t: usize, index: usize) -> Option<&mut T>;
}

impl<T: Clone> Perturb<T> for Frames<'_, T> {
    fn component_mut(&mut self, t: usize, index: usize) -> Option<&mut T> {
        self.frame_mut(t).get_mut(index)
    }
}

impl<T> Perturb<T> for Autonomous {
    fn component_mut(&mut self, _: usize, _: usize) -> Option<&mut T> {
        None
    }
}

impl<T> Perturb<T> for &[TimeStep] {
    fn component_mut(&mut self, _: usize, _: usize) -> Option<&mut T> {
        None
    }
}

impl<T> Perturb<T> for &Vec<TimeStep> {
    fn component_mut(&mut self, _: usize, _: usize) -> Option<&mut T> {
        None
    }
}

/// A derivative beside its difference quotient.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrepancy {
    /// [`Quantity::Parameters`], [`Quantity::Input`] or [`Quantity::State`] (the initial one).
    pub what: Quantity,
    /// Which component; inputs are counted from the first step of the run.
    pub index: usize,
    /// The name of the part of the parameters or of the state that holds it.
    pub name: Option<Cow<'static, str>>,
    /// What back-propagation gave.
    pub derivative: f64,
    /// What differences gave.
    pub difference: f64,
    /// How far rounding alone may move the difference.
    pub rounding: f64,
    /// How far the two are apart beyond rounding, relative to the larger of them.
    pub relative_error: f64,
}

/// What [`check()`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The component with the largest relative error; `None` if there is nothing to differentiate with respect to.
    pub worst: Option<Discrepancy>,
    /// $|\langle J^\top u, v\rangle - \langle u, J v\rangle|$ divided by the sum of the sizes of the products in the first
    /// bracket. It has no truncation error: a few units of rounding is right.
    pub transpose_defect: f64,
    /// Whether traced and untraced steps give the same bits.
    pub traced_equals_untraced: bool,
    /// Whether checkpointed gradients equal stored ones, bit for bit.
    pub checkpointed_equals_stored: bool,
    /// Whether the layouts have the lengths of the state and of the parameters.
    pub layouts_fit: bool,
    /// The number of components compared.
    pub compared: usize,
    /// How many components differences could not resolve to one part in a thousand, because the derivative is small against
    /// the rounding of the loss, or because the run fails beside the point. The transpose defect still covers them.
    pub unresolved: usize,
}

impl Check {
    /// The relative error of the worst component; 0 if there is none.
    pub fn relative_error(&self) -> f64 {
        self.worst.as_ref().map_or(0.0, |worst| worst.relative_error)
    }

    /// Whether everything is in order: the comparisons of bits and lengths hold, the worst relative error is at most
    /// `difference` and the transpose defect at most `transpose`. In double precision `1e-8` and `1e-13` suit a smooth step.
    ///
    /// Components that differences cannot [resolve](Self::unresolved) pass by `difference`, and are covered by `transpose` alone.
    pub fn passes(&self, difference: f64, transpose: f64) -> bool {
        self.traced_equals_untraced
            && self.checkpointed_equals_stored
            && self.layouts_fit
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
pub(crate) fn component<T: Real>(k: usize) -> T {
    const PLASTIC: f64 = 0.754_877_666_246_692_8; // the reciprocal of the root of x^3 = x + 1
    T::from_f64(2.0 * (0.3 + PLASTIC * (k + 1) as f64).fract() - 1.0)
}

/// Compares a runner's derivatives with difference quotients and with each other.
///
/// For the loss $L = \sum_t \langle u_t, y_{t+1} \rangle$ with fixed weights $u_t$ in $(0, 1)$, the gradient with respect
/// to parameters, inputs and initial state is compared, component by component, with the difference
///
/// $$ \frac{8 \left( L(h) - L(-h) \right) - \left( L(2h) - L(-2h) \right)}{12 h} = L^\prime + O(h^4) . $$
///
/// $h$ starts at $\epsilon^{1/5}$ of the component's size (or of its part's root mean square, if that is larger) and is
/// divided by 8 as long as two differences in a row come closer, so the component's scale need not be known; a point where
/// the run fails counts as too far. The rounding of a difference is estimated from the size of the terms of $L$, and
/// disagreement below it is not counted. Then the backward pass is compared with the forward one,
/// $\langle J^\top u, v \rangle = \langle u, J v \rangle$, with the tangents of state, inputs and parameters pushed separately:
/// that has no truncation error at all.
///
/// At a kink (a sign taken, a maximum changed within $2h$) differences mean nothing. The runner is left with `parameters`
/// bound. Cost: eight to sixteen runs for each component, so a few hundred components are a good number.
///
/// # Errors
///
/// [`RunError::NoSteps`] for an empty range, and any error of a run at the point itself.
///
/// # Example: the derivative of a decay
///
/// ```
/// use tangency_recurrence::{check, Frames, LinearRecurrence};
///
/// let mut run = LinearRecurrence::new(&[0.9, -0.5]);
/// let inputs = Frames::new(vec![0.3, -0.1, 0.7, 0.2], 2);
/// let check = check(&mut run, &[0.9, -0.5], 0..2, inputs, &[1.0, 2.0])?;
/// assert!(check.passes(1e-10, 1e-15), "{check:?}");
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
pub fn check<R: Differentiable + ?Sized>(
    run: &mut R,
    parameters: &[R::Element],
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input> + Perturb<R::Element>,
    initial: &[R::Element],
) -> Result<Check, RunError> {
    if steps.is_empty() {
        return Err(RunError::NoSteps);
    }
    run.bind(parameters)?;
    let stored = Gradients::new(run, Tape::Stored, steps.clone(), &mut inputs, initial)?;
    let checkpoints = Tape::Checkpointed { snapshots: 3 };
    let checkpointed = Gradients::new(run, checkpoints, steps.clone(), &mut inputs, initial)?;
    let checkpointed_equals_stored = std::iter::zip(stored.all(), checkpointed.all())
        .all(|(a, b)| same_bits(a.1, b.1))
        && same_bits(&stored.last, &checkpointed.last);
    let traced_equals_untraced = traced_equals_untraced(run, steps.clone(), &mut inputs, initial)?;
    let transpose_defect = transpose_defect(run, steps.clone(), &mut inputs, initial, &stored)?;

    let layouts = [run.parameter_layout(), run.state_layout()];
    let layouts_fit = layouts[0].len() == run.parameter_len() && layouts[1].len() == run.state_len();
    let mut differences =
        Differences { run, steps, inputs, initial: initial.to_vec(), parameters: parameters.to_vec() };
    let (mut worst, mut compared, mut unresolved): (Option<Discrepancy>, _, _) = (None, 0, 0);
    for (what, gradient) in stored.all() {
        for (index, g) in gradient.iter().enumerate() {
            let Some((difference, rounding)) = differences.derivative(what, index, &layouts) else {
                continue;
            };
            let (derivative, size) = (g.to_f64(), g.to_f64().abs().max(difference.abs()));
            let beyond = (derivative - difference).abs() - rounding;
            let relative_error = match beyond / size {
                _ if beyond <= 0.0 => 0.0,
                error if error.is_nan() => f64::INFINITY,
                error => error,
            };
            compared += 1;
            unresolved += usize::from(rounding > 1e-3 * size);
            if worst.as_ref().is_none_or(|w| relative_error > w.relative_error) {
                let name = match what {
                    Quantity::Parameters => layouts[0].segment_of(index),
                    Quantity::State => layouts[1].segment_of(index),
                    _ => None,
                }
                .map(|segment| segment.name.clone());
                worst =
                    Some(Discrepancy { what, index, name, derivative, difference, rounding, relative_error });
            }
        }
    }
    differences.run.bind(parameters)?;
    Ok(Check {
        worst,
        transpose_defect,
        traced_equals_untraced,
        checkpointed_equals_stored,
        layouts_fit,
        compared,
        unresolved,
    })
}

fn same_bits<T: Real>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_f64().to_bits() == b.to_f64().to_bits())
}

/// The derivatives of the loss by back-propagation.
struct Gradients<T> {
    parameters: Vec<T>,
    inputs: Vec<T>,
    initial: Vec<T>,
    last: Vec<T>,
}

impl<T: Real> Gradients<T> {
    fn new<R: Differentiable<Element = T> + ?Sized>(
        run: &mut R,
        tape: Tape,
        steps: Range<usize>,
        inputs: &mut impl Inputs<R::Input>,
        initial: &[T],
    ) -> Result<Self, RunError> {
        let (w, m, start) = (run.state_len(), run.input_len(), steps.start);
        let mut input_gradient = vec![T::NAN; steps.len() * m];
        let mut pass = Backpropagation::new(tape);
        let loss = |t: usize, _: &[T], adjoint: &mut [T]| {
            for (i, a) in adjoint.iter_mut().enumerate() {
                *a += weight((t - start) * w + i);
            }
        };
        pass.run(run, steps, inputs, initial, loss, |t, d| {
            input_gradient[(t - start) * m..(t - start + 1) * m].copy_from_slice(d);
        })?;
        Ok(Self {
            parameters: pass.gradient().to_vec(),
            inputs: input_gradient,
            initial: pass.initial_adjoint().to_vec(),
            last: pass.last_state().to_vec(),
        })
    }

    fn all(&self) -> [(Quantity, &[T]); 3] {
        [
            (Quantity::Parameters, &self.parameters),
            (Quantity::Input, &self.inputs),
            (Quantity::State, &self.initial),
        ]
    }
}

/// Takes every step both ways.
fn traced_equals_untraced<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: &mut impl Inputs<R::Input>,
    initial: &[R::Element],
) -> Result<bool, RunError> {
    let (mut plain, mut traced) = (initial.to_vec(), initial.to_vec());
    let mut trace = vec![R::Element::ZERO; run.trace_len()];
    let mut equal = true;
    for t in steps {
        run.step(t, inputs.at(t), &mut plain)?;
        run.step_traced(t, inputs.at(t), &mut traced, &mut trace)?;
        equal &= same_bits(&plain, &traced);
    }
    Ok(equal)
}

fn transpose_defect<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: &mut impl Inputs<R::Input>,
    initial: &[R::Element],
    backward: &Gradients<R::Element>,
) -> Result<f64, RunError> {
    let (w, start) = (initial.len(), steps.start);
    let (mut product, mut size, mut offset) = (0.0, 0.0, 0);
    let mut directions = vec![Direction { state: vec![R::Element::ZERO; w], ..Direction::default() }; 3];
    for ((what, gradient), direction) in backward.all().into_iter().zip(&mut directions) {
        let v: Vec<R::Element> = (0..gradient.len()).map(|k| component(k + offset)).collect();
        offset += v.len();
        for (g, v) in gradient.iter().zip(&v) {
            product += g.to_f64() * v.to_f64();
            size += (g.to_f64() * v.to_f64()).abs();
        }
        match what {
            Quantity::Parameters => direction.parameters = v,
            Quantity::Input => direction.inputs = v,
            _ => direction.state = v,
        }
    }
    let mut forward = 0.0;
    let mut state = initial.to_vec();
    scan_tangents(run, steps, inputs, &mut state, &mut directions, |t, _, directions| {
        for direction in directions {
            for (i, d) in direction.state.iter().enumerate() {
                forward += weight::<R::Element>((t - start) * w + i).to_f64() * d.to_f64();
            }
        }
        ControlFlow::Continue(())
    })?;
    let distance = (product - forward).abs();
    Ok(if distance == 0.0 { 0.0 } else { distance / size })
}

/// The loss of [`check()`] as a function of one component at a time.
struct Differences<'a, R: Differentiable + ?Sized, I> {
    run: &'a mut R,
    steps: Range<usize>,
    inputs: I,
    initial: Vec<R::Element>,
    parameters: Vec<R::Element>,
}

impl<R: Differentiable + ?Sized, I: Inputs<R::Input> + Perturb<R::Element>> Differences<'_, R, I> {
    fn component(&mut self, what: Quantity, index: usize) -> Option<&mut R::Element> {
        match what {
            Quantity::Parameters => self.parameters.get_mut(index),
            Quantity::Input => {
                let m = self.run.input_len();
                self.inputs.component_mut(self.steps.start + index / m, index % m)
            }
            _ => self.initial.get_mut(index),
        }
    }

    /// The loss with one component replaced, and the sum of the sizes of its terms; `None` if the run fails.
    fn loss(&mut self, what: Quantity, index: usize, value: R::Element) -> Option<(f64, f64)> {
        let kept = std::mem::replace(self.component(what, index)?, value);
        let (w, start) = (self.initial.len(), self.steps.start);
        let mut state = self.initial.clone();
        let (mut sum, mut size) = (0.0, 0.0);
        let bound = self.run.bind(&self.parameters);
        let ran = scan_with(self.run, self.steps.clone(), &mut self.inputs, &mut state, |t, y| {
            for (i, y) in y.iter().enumerate() {
                let term = weight::<R::Element>((t - start) * w + i).to_f64() * y.to_f64();
                sum += term;
                size += term.abs();
            }
            ControlFlow::Continue(())
        });
        *self.component(what, index)? = kept;
        (bound.is_ok() && ran.is_ok()).then_some((sum, size))
    }

    /// The fourth-order difference with step `h`, and how far rounding may move it.
    fn difference(&mut self, what: Quantity, index: usize, at: f64, h: f64) -> Option<(f64, f64)> {
        let mut central = |h: f64| {
            // Divide by the distance of the two points as they are represented.
            let (up, down) = (R::Element::from_f64(at + h), R::Element::from_f64(at - h));
            let (high, low) = (self.loss(what, index, up)?, self.loss(what, index, down)?);
            Some(((high.0 - low.0) / (up.to_f64() - down.to_f64()), high.1 + low.1))
        };
        let (near, far) = (central(h)?, central(2.0 * h)?);
        let rounding = 8.0 * R::Element::EPSILON.to_f64() * (near.1 + far.1) / h;
        Some(((4.0 * near.0 - far.0) / 3.0, rounding))
    }

    /// The difference whose change from the one before it is smallest, as `h` shrinks.
    fn derivative(&mut self, what: Quantity, index: usize, layouts: &[Layout; 2]) -> Option<(f64, f64)> {
        let at = self.component(what, index)?.to_f64();
        let (values, layout) = match what {
            Quantity::Parameters => (&self.parameters, Some(&layouts[0])),
            Quantity::State => (&self.initial, Some(&layouts[1])),
            _ => (&self.initial, None),
        };
        let part =
            layout.and_then(|layout| values.get(layout.segment_of(index)?.range.clone())).unwrap_or(&[]);
        let mean_square = part.iter().map(|x| x.to_f64().powi(2)).sum::<f64>() / part.len().max(1) as f64;
        let size = match at.abs().max(mean_square.sqrt()) {
            0.0 => 1.0,
            size => size,
        };
        let mut h = R::Element::EPSILON.to_f64().powf(0.2) * size;
        let (mut best, mut last): (Option<(f64, f64)>, Option<f64>) = (None, None);
        let mut smallest_change = f64::INFINITY;
        for _ in 0..8 {
            if let Some((difference, rounding)) = self.difference(what, index, at, h) {
                let change = last.map_or(f64::INFINITY, |last| (difference - last).abs());
                if best.is_none() || change < smallest_change {
                    (best, smallest_change) = (Some((difference, rounding)), change.min(smallest_change));
                } else {
                    break;
                }
                if change <= rounding {
                    break; // no more to be gained
                }
                last = Some(difference);
            }
            h /= 8.0;
        }
        best
    }
}
