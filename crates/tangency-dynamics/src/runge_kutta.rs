//! Explicit Runge-Kutta steps as a recurrence.

use crate::{Tableau, VectorField};
use tangency_recurrence::{
    Attempt, Differentiable, Embedded, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError,
    TimeStep,
};

/// One step of an explicit Runge-Kutta method: the recurrence $x_{t+1} = \Phi_h(t, x_t; p)$.
///
/// $$ k_i = f\Bigl(t + c_i h, \quad x + h \sum_{j < i} a_{ij} k_j; \quad p\Bigr), \quad x' = x + h \sum_i b_i k_i $$
///
/// The state is the solution $x$, the input of a step is its [`TimeStep`], the parameters are those of the field. A
/// negative size goes backwards in time, and a size of 0 leaves the state as it is. Every driver of
/// `tangency_recurrence` works on it: solving the equation is a scan, the gradient of anything the solution does is
/// back-propagation through the scan, and both differentiate *the steps as they are taken*, so the gradient is that of
/// the numbers computed and not an approximation to that of the exact flow.
///
/// Inputs have no derivative (`input_len` is 0): the derivative with respect to the time and the size of a step is not
/// given. What a traced step writes down is the state of each stage but the first.
///
/// It is also [`Embedded`], so `scan_until` chooses its step sizes; the steps that were accepted then go through
/// back-propagation with their sizes held fixed.
///
/// Cost of a step: one evaluation of the field a stage (the last stage of a pair only where its error is asked for) and
/// $O(s^2 n)$ for $s$ stages and $n$ components; of a tangent or a reverse step, one product a stage. Nothing is
/// allocated after the constructor.
///
/// # Example: one turn of an oscillator, and how the end depends on the stiffness
///
/// ```
/// use tangency_dynamics::num_dual::DualNum;
/// use tangency_dynamics::{DualField, ExplicitRungeKutta, GenericField};
/// use tangency_recurrence::{scan, TimeStep};
///
/// /// $\ddot q = -p_0 q$.
/// struct Spring;
///
/// impl GenericField for Spring {
///     fn dimension(&self) -> usize {
///         2
///     }
///     fn parameter_len(&self) -> usize {
///         1
///     }
///     fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
///         out[0] = x[1];
///         out[1] = -p[0] * x[0];
///     }
/// }
///
/// let mut run = ExplicitRungeKutta::rk4(DualField::new(Spring), &[1.0])?;
/// let turn = std::f64::consts::TAU;
/// let mut state = [1.0, 0.0];
/// scan(&mut run, 0..100, &TimeStep::uniform(0.0, turn / 100.0, 100), &mut state)?;
/// assert!((state[0] - 1.0).abs() < 1e-6 && state[1].abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993, eq.
///   (II.1.8).
/// - J. M. Sanz-Serna, *Symplectic Runge-Kutta schemes for adjoint equations, automatic differentiation, optimal control,
///   and more*, SIAM Review 58 (2016), 3-33, section 3: what the transposed step is.
#[derive(Debug, Clone)]
pub struct ExplicitRungeKutta<F> {
    field: F,
    tableau: Tableau,
    /// $A$ below the diagonal, row after row.
    a: Vec<f64>,
    /// $b$.
    b: Vec<f64>,
    /// $b - \hat b$, empty if nothing is embedded.
    error: Vec<f64>,
    /// $c$.
    c: Vec<f64>,
    /// Stages that $x'$ depends on: all, but for the last one of a pair.
    used: usize,
    parameters: Vec<f64>,
    /// One vector a stage: slopes $k_i$, their tangents, or the adjoints of the stage states.
    slopes: Vec<f64>,
    /// One stage: its state, its tangent, or the adjoint of its slope.
    stage: Vec<f64>,
}

impl<F: VectorField> ExplicitRungeKutta<F> {
    /// A method given by its tableau, for a field with these parameters.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless there are as many parameters as the field has.
    pub fn new(field: F, tableau: Tableau, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, field.parameter_len(), parameters.len())?;
        let b = tableau.weights();
        let used = b.iter().rposition(|&b| b != 0.0).map_or(0, |last| last + 1);
        let n = field.dimension();
        Ok(Self {
            a: tableau.coefficients(),
            c: tableau.nodes(),
            error: tableau.error_weights(),
            used,
            parameters: parameters.to_vec(),
            slopes: vec![0.0; n * tableau.stages()],
            stage: vec![0.0; n],
            b,
            tableau,
            field,
        })
    }

    /// Euler's method, order 1.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn euler(field: F, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        Self::new(field, Tableau::EULER, parameters)
    }

    /// The explicit midpoint rule, order 2.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn midpoint(field: F, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        Self::new(field, Tableau::MIDPOINT, parameters)
    }

    /// The classical Runge-Kutta method, order 4.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn rk4(field: F, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        Self::new(field, Tableau::RK4, parameters)
    }

    /// The Bogacki-Shampine pair, order 3 with an error estimate of order 2.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn bogacki_shampine(field: F, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        Self::new(field, Tableau::BOGACKI_SHAMPINE, parameters)
    }

    /// The Dormand-Prince pair, order 5 with an error estimate of order 4.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn dormand_prince(field: F, parameters: &[f64]) -> Result<Self, LengthMismatch> {
        Self::new(field, Tableau::DORMAND_PRINCE, parameters)
    }

    /// The coefficients of the method.
    pub fn tableau(&self) -> &Tableau {
        &self.tableau
    }

    /// The field.
    pub fn field(&self) -> &F {
        &self.field
    }

    /// The parameters at present; [`bind`](Differentiable::bind) changes them.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Fills the slopes of the stages that $x'$ depends on; the first is taken over if it is known.
    fn evaluate_stages(
        &mut self,
        step: TimeStep,
        before: &[f64],
        first: Option<&[f64]>,
        mut trace: Option<&mut [f64]>,
    ) {
        let (n, h) = (self.stage.len(), step.size);
        for i in 0..self.used {
            let (done, slope) = self.slopes.split_at_mut(i * n);
            let slope = &mut slope[..n];
            if i == 0 {
                match first {
                    Some(first) => slope.copy_from_slice(first),
                    None => self.field.evaluate(step.time, before, &self.parameters, slope),
                }
                continue;
            }
            self.stage.copy_from_slice(before);
            add_combination(&mut self.stage, h, row(&self.a, i), done);
            self.field.evaluate(step.time + self.c[i] * h, &self.stage, &self.parameters, slope);
            if let Some(trace) = &mut trace {
                trace[(i - 1) * n..i * n].copy_from_slice(&self.stage);
            }
        }
    }

    fn advance(
        &mut self,
        t: usize,
        input: &TimeStep,
        state: &mut [f64],
        trace: Option<&mut [f64]>,
    ) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::State, self.stage.len(), state.len())?;
        StepError::check_finite(t, Quantity::Input, &[input.time, input.size])?;
        self.evaluate_stages(*input, state, None, trace);
        add_combination(state, input.size, &self.b[..self.used], &self.slopes);
        StepError::check_finite(t, Quantity::State, state)
    }

    /// Fills `half` with the state after two steps of half the size.
    fn two_halves(&mut self, step: TimeStep, before: &[f64], first: &[f64], half: &mut [f64]) {
        let size = 0.5 * step.size;
        let middle = TimeStep { time: step.time + size, size };
        self.evaluate_stages(TimeStep { time: step.time, size }, before, Some(first), None);
        half.copy_from_slice(before);
        add_combination(half, size, &self.b[..self.used], &self.slopes);
        self.evaluate_stages(middle, half, None, None);
        add_combination(half, size, &self.b[..self.used], &self.slopes);
    }
}

/// Row `i` of a strictly lower triangle that is stored row after row.
fn row(a: &[f64], i: usize) -> &[f64] {
    let start = i * i.saturating_sub(1) / 2;
    &a[start..start + i]
}

/// The state of stage `i` of a recorded step.
fn stage_state<'a>(record: &Record<'a, f64>, i: usize) -> &'a [f64] {
    let n = record.before.len();
    if i == 0 { record.before } else { &record.trace[(i - 1) * n..i * n] }
}

/// Adds $h \sum_j w_j v_j$ to `out`, where $v_j$ is the $j$-th block of `vectors`.
fn add_combination(out: &mut [f64], h: f64, weights: &[f64], vectors: &[f64]) {
    let n = out.len();
    for (j, &w) in weights.iter().enumerate() {
        if w != 0.0 {
            let scaled = h * w;
            for (o, v) in out.iter_mut().zip(&vectors[j * n..(j + 1) * n]) {
                *o += scaled * v;
            }
        }
    }
}

impl<F: VectorField> Recurrence for ExplicitRungeKutta<F> {
    type Element = f64;
    type Input = TimeStep;

    fn state_len(&self) -> usize {
        self.stage.len()
    }

    fn step(&mut self, t: usize, input: &TimeStep, state: &mut [f64]) -> Result<(), StepError> {
        self.advance(t, input, state, None)
    }
}

/// The error estimate of a pair is $h \sum_i (b_i - \hat b_i) k_i$. A method without an embedded one compares its step with
/// two of half the size, at three times the cost, and divides the difference by $1 - 2^{-p}$ (Richardson).
impl<F: VectorField> Embedded for ExplicitRungeKutta<F> {
    fn error_order(&self) -> u32 {
        1 + self.tableau.embedded_order().unwrap_or(self.tableau.order())
    }

    fn first_same_as_last(&self) -> bool {
        self.tableau.first_same_as_last()
    }

    fn slope(&mut self, t: usize, time: f64, state: &[f64], slope: &mut [f64]) -> Result<(), StepError> {
        self.field.evaluate(time, state, &self.parameters, slope);
        StepError::check_finite(t, Quantity::State, slope)
    }

    fn attempt(&mut self, t: usize, step: TimeStep, attempt: Attempt<'_>) -> Result<(), StepError> {
        let Attempt { before, first, after, last, error } = attempt;
        let (n, h) = (self.stage.len(), step.size);
        self.evaluate_stages(step, before, Some(first), None);
        after.copy_from_slice(before);
        add_combination(after, h, &self.b[..self.used], &self.slopes);
        StepError::check_finite(t, Quantity::State, after)?;
        if self.error.is_empty() {
            self.two_halves(step, before, first, error);
            let scale = 1.0 / (1.0 - 0.5f64.powf(f64::from(self.tableau.order())));
            for (e, a) in error.iter_mut().zip(&*after) {
                *e = scale * (a - *e);
            }
            return Ok(());
        }
        // The last stage of a pair stands at the new state: all pairs here are first-same-as-last.
        self.field.evaluate(step.end(), after, &self.parameters, last);
        self.slopes[self.used * n..].copy_from_slice(last);
        error.fill(0.0);
        add_combination(error, h, &self.error, &self.slopes);
        Ok(())
    }
}

impl<F: VectorField> Differentiable for ExplicitRungeKutta<F> {
    fn state_layout(&self) -> Layout {
        self.field.state_layout()
    }

    fn parameter_layout(&self) -> Layout {
        self.field.parameter_layout()
    }

    fn parameter_len(&self) -> usize {
        self.parameters.len()
    }

    fn input_len(&self) -> usize {
        0
    }

    fn trace_len(&self) -> usize {
        self.used.saturating_sub(1) * self.stage.len()
    }

    fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.parameters.len(), parameters.len())?;
        self.parameters.copy_from_slice(parameters);
        Ok(())
    }

    fn step_traced(
        &mut self,
        t: usize,
        input: &TimeStep,
        state: &mut [f64],
        trace: &mut [f64],
    ) -> Result<(), StepError> {
        self.advance(t, input, state, Some(trace))
    }

    fn reverse(
        &mut self,
        _: usize,
        input: &TimeStep,
        record: Record<'_, f64>,
        adjoint: &mut [f64],
        _: &mut [f64],
        gradient: &mut [f64],
    ) {
        let (n, s, h) = (self.stage.len(), self.used, input.size);
        // Legend: `lambda` is the adjoint of the slope k_i, `slopes` holds the adjoints of the stage states.
        for i in (0..s).rev() {
            let (early, later) = self.slopes.split_at_mut((i + 1) * n);
            let lambda = &mut self.stage;
            for (l, a) in lambda.iter_mut().zip(&*adjoint) {
                *l = h * self.b[i] * a;
            }
            for j in i + 1..s {
                let weight = h * row(&self.a, j)[i];
                if weight != 0.0 {
                    for (l, v) in lambda.iter_mut().zip(&later[(j - i - 1) * n..(j - i) * n]) {
                        *l += weight * v;
                    }
                }
            }
            let to_stage = &mut early[i * n..];
            to_stage.fill(0.0);
            let time = input.time + self.c[i] * h;
            let state = stage_state(&record, i);
            self.field.adjoint(time, state, &self.parameters, lambda, to_stage, gradient);
        }
        for to_stage in self.slopes.chunks_exact(n.max(1)).take(s) {
            for (a, v) in adjoint.iter_mut().zip(to_stage) {
                *a += v;
            }
        }
    }

    fn tangent(
        &mut self,
        _: usize,
        input: &TimeStep,
        record: Record<'_, f64>,
        tangent: &mut [f64],
        _: &[f64],
        parameter_tangent: &[f64],
    ) {
        let (n, h) = (self.stage.len(), input.size);
        for i in 0..self.used {
            let (done, slope) = self.slopes.split_at_mut(i * n);
            self.stage.copy_from_slice(tangent);
            add_combination(&mut self.stage, h, row(&self.a, i), done);
            self.field.tangent(
                input.time + self.c[i] * h,
                stage_state(&record, i),
                &self.parameters,
                &self.stage,
                parameter_tangent,
                &mut slope[..n],
            );
        }
        add_combination(tangent, h, &self.b[..self.used], &self.slopes);
    }
}
