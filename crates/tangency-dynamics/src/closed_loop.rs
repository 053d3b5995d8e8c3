//! An optimiser and an oracle, joined into one recurrence.

use crate::{LookAhead, Minimiser, Optimiser, Oracle, TwiceDifferentiable};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::Real;

/// An optimiser that gets its gradients from an oracle: a recurrence without input.
///
/// $$ y_{t+1} = f(y_t, \nabla L(\theta_t + c v_t), t) $$
///
/// where $f$ is the step of the optimiser and $\theta_t + c v_t$ the point at which it wants the gradient. Closed, every
/// driver of recurrences applies to it as to a differential equation: run it with
/// [`scan`](tangency_recurrence::scan) or [`minimise`](crate::minimise()).
///
/// If the oracle is [`TwiceDifferentiable`], the loop is [`Differentiable`]: with the Hessian $H$ at that point a tangent
/// moves by $\dot y_{t+1} = \partial_y f \dot y_t + \partial_g f H (\dot\theta_t + c \dot v_t + \dot c v_t)$.
/// So come the eigenvalues of a step (stability, rate), Lyapunov exponents, and the gradient of the outcome with
/// respect to step size, momentum and start ("hypergradients"), at the cost of one Hessian product a step. The trace of a
/// step is the gradient it used.
///
/// # Example: how the outcome depends on the step size
///
/// ```
/// use tangency_dynamics::{ClosedLoop, GradientDescent, WithHessian};
/// use tangency_recurrence::{Differentiable, Record};
///
/// // L = 2 x^2, so a step multiplies x by 1 - 4 gamma.
/// let bowl = WithHessian::new(
///     |x: &[f64], gradient: &mut [f64]| {
///         gradient[0] = 4.0 * x[0];
///         2.0 * x[0] * x[0]
///     },
///     |_: &[f64], direction: &[f64], product: &mut [f64]| product[0] = 4.0 * direction[0],
/// );
/// let mut run = ClosedLoop::new(GradientDescent::new(1, 0.125)?, bowl);
/// let (before, mut after, mut trace) = ([3.0], [3.0], [0.0]);
/// run.step_traced(0, &(), &mut after, &mut trace)?;
/// assert_eq!(after, [1.5]);
///
/// let record = Record { before: &before, after: &after, trace: &trace };
/// let (mut adjoint, mut gradient) = ([1.0], [0.0]);
/// run.reverse(0, &(), record, &mut adjoint, &mut [], &mut gradient);
/// assert_eq!(adjoint, [0.5]); // 1 - 4 gamma
/// assert_eq!(gradient, [-12.0]); // -4 x
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedLoop<O: Recurrence, F> {
    optimiser: O,
    oracle: F,
    /// Where the oracle was last asked, and what it answered.
    point: Vec<O::Element>,
    gradient: Vec<O::Element>,
    value: O::Element,
    /// The adjoint or tangent of the gradient, and the product of the Hessian with it.
    direction: Vec<O::Element>,
    product: Vec<O::Element>,
}

impl<O: Optimiser, F: Oracle<O::Element>> ClosedLoop<O, F> {
    /// Joins the two; all scratch space is made here.
    pub fn new(optimiser: O, oracle: F) -> Self {
        let zeros = vec![O::Element::ZERO; optimiser.dimension()];
        Self {
            optimiser,
            oracle,
            point: zeros.clone(),
            gradient: zeros.clone(),
            value: O::Element::ZERO,
            direction: zeros.clone(),
            product: zeros,
        }
    }

    /// The optimiser.
    pub fn optimiser(&self) -> &O {
        &self.optimiser
    }

    /// The optimiser, to change its hyperparameters between steps.
    pub fn optimiser_mut(&mut self) -> &mut O {
        &mut self.optimiser
    }

    /// The oracle.
    pub fn oracle(&self) -> &F {
        &self.oracle
    }

    /// The oracle, to change it between steps.
    pub fn oracle_mut(&mut self) -> &mut F {
        &mut self.oracle
    }

    /// Asks the oracle at the point that `state` asks for.
    fn ask(&mut self, t: usize, state: &[O::Element]) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::State, self.optimiser.state_len(), state.len())?;
        aim(&mut self.point, self.optimiser.look_ahead(), state);
        self.value = self.oracle.evaluate(&self.point, &mut self.gradient);
        Ok(())
    }
}

/// Writes the point at which the gradient is wanted: $\theta + c v$.
fn aim<T: Real>(point: &mut [T], look_ahead: Option<LookAhead<T>>, state: &[T]) {
    let (position, rest) = state.split_at(point.len());
    point.copy_from_slice(position);
    if let Some(LookAhead { coefficient, .. }) = look_ahead {
        for (x, &v) in point.iter_mut().zip(rest) {
            *x += coefficient * v;
        }
    }
}

impl<O: Optimiser, F: Oracle<O::Element>> Recurrence for ClosedLoop<O, F> {
    type Element = O::Element;
    type Input = ();

    fn state_len(&self) -> usize {
        self.optimiser.state_len()
    }

    fn step(&mut self, t: usize, (): &(), state: &mut [O::Element]) -> Result<(), StepError> {
        self.ask(t, state)?;
        self.optimiser.step(t, &self.gradient, state)
    }
}

impl<O: Optimiser, F: Oracle<O::Element>> Minimiser for ClosedLoop<O, F> {
    fn dimension(&self) -> usize {
        self.optimiser.dimension()
    }

    fn evaluated(&self) -> (&[O::Element], O::Element, &[O::Element]) {
        (&self.point, self.value, &self.gradient)
    }
}

impl<O, F> Differentiable for ClosedLoop<O, F>
where
    O: Optimiser + Differentiable,
    F: TwiceDifferentiable<O::Element>,
{
    fn state_layout(&self) -> Layout {
        self.optimiser.state_layout()
    }

    fn parameter_layout(&self) -> Layout {
        self.optimiser.parameter_layout()
    }

    fn parameter_len(&self) -> usize {
        self.optimiser.parameter_len()
    }

    fn input_len(&self) -> usize {
        0
    }

    fn trace_len(&self) -> usize {
        self.optimiser.dimension() + self.optimiser.trace_len()
    }

    fn bind(&mut self, parameters: &[O::Element]) -> Result<(), LengthMismatch> {
        self.optimiser.bind(parameters)
    }

    fn step_traced(
        &mut self,
        t: usize,
        (): &(),
        state: &mut [O::Element],
        trace: &mut [O::Element],
    ) -> Result<(), StepError> {
        self.ask(t, state)?;
        let (used, inner) = trace.split_at_mut(self.gradient.len());
        used.copy_from_slice(&self.gradient);
        self.optimiser.step_traced(t, &self.gradient, state, inner)
    }

    fn reverse(
        &mut self,
        t: usize,
        (): &(),
        Record { before, after, trace }: Record<'_, O::Element>,
        adjoint: &mut [O::Element],
        _: &mut [O::Element],
        gradient: &mut [O::Element],
    ) {
        let n = self.optimiser.dimension();
        let (used, inner) = trace.split_at(n);
        let record = Record { before, after, trace: inner };
        self.optimiser.reverse(t, used, record, adjoint, &mut self.direction, gradient);
        let look_ahead = self.optimiser.look_ahead();
        aim(&mut self.point, look_ahead, before);
        self.oracle.hessian_product(&self.point, &self.direction, &mut self.product);
        let (position, rest) = adjoint.split_at_mut(n);
        for (a, &h) in position.iter_mut().zip(&self.product) {
            *a += h;
        }
        if let Some(LookAhead { coefficient, parameter, derivative }) = look_ahead {
            for ((a, &v), &h) in rest.iter_mut().zip(&before[n..]).zip(&self.product) {
                *a += coefficient * h;
                gradient[parameter] += derivative * v * h;
            }
        }
    }

    fn flush(&mut self, gradient: &mut [O::Element]) {
        self.optimiser.flush(gradient);
    }

    fn tangent(
        &mut self,
        t: usize,
        (): &(),
        Record { before, after, trace }: Record<'_, O::Element>,
        tangent: &mut [O::Element],
        _: &[O::Element],
        parameter_tangent: &[O::Element],
    ) {
        let n = self.optimiser.dimension();
        let look_ahead = self.optimiser.look_ahead();
        aim(&mut self.point, look_ahead, before);
        aim(&mut self.direction, look_ahead, tangent);
        if let Some(LookAhead { parameter, derivative, .. }) = look_ahead
            && let Some(&rate) = parameter_tangent.get(parameter)
        {
            for (d, &v) in self.direction.iter_mut().zip(&before[n..]) {
                *d += derivative * rate * v;
            }
        }
        self.oracle.hessian_product(&self.point, &self.direction, &mut self.product);
        let (used, inner) = trace.split_at(n);
        let record = Record { before, after, trace: inner };
        self.optimiser.tangent(t, used, record, tangent, &self.product, parameter_tangent);
    }
}
