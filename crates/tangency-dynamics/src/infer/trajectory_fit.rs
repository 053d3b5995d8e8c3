//! Observations of a recurrence in time, as a least-squares problem.

use super::{
    Freedom, InferenceError, InferenceOptions, ModelError, Observations, ResidualScale, Start, Unknown,
};
use crate::LeastSquares;
use faer::MatMut;
use tangency_recurrence::{
    Backpropagation, Differentiable, LengthMismatch, Quantity, Record, RunError, TimeStep,
};

/// The least-squares problem of finding a recurrence's parameters and initial state from observations.
///
/// With the states $x(t; \theta)$ that the runner's steps give, the residual of a value $v_{ij}$, seen at time $t_i$ in
/// component $c_j$, is
///
/// $$ r_{ij} = \sqrt{w_{ij}} \bigl( g(x_{c_j}(t_i; \theta)) - g(v_{ij}) \bigr), \quad g(x) = x \text{ or } \ln x . $$
///
/// Between two consecutive times (the start's and the observations') the steps are equal and no longer than the step
/// size: $h = \Delta t / \lceil \Delta t / \text{size} \rceil$. A step size that divides the intervals is therefore used
/// exactly. The unknowns $z$ are the start's coordinates that are not fixed, parameters first; a positive one enters as
/// $z = \ln \theta$.
///
/// The Jacobian comes from one traced pass that pushes all its columns forward step by step; the gradient alone also
/// from a backward pass, whose cost does not grow with the number of unknowns
/// ([`cost_and_gradient`](Self::cost_and_gradient)). Both differentiate the steps that are taken, so they are exact, not
/// approximations to sensitivities of the exact flow.
///
/// [`infer`](crate::infer()) is the short way; a value of this type is for several solutions of one problem
/// ([`multistart`](Self::multistart)), or for another optimiser.
#[derive(Debug)]
pub struct TrajectoryFit<'a, R> {
    pub(super) run: &'a mut R,
    pub(super) observations: &'a Observations,
    pub(super) options: InferenceOptions,
    entries: Vec<Entry>,
    /// Where the entries of each row begin, and where the last ones end.
    rows: Vec<usize>,
    steps: Vec<TimeStep>,
    /// How many steps lead to each row's time.
    ends: Vec<usize>,
    unknowns: Vec<(Unknown, Freedom)>,
    start: Vec<f64>,
    pub(super) parameters: Vec<f64>,
    pub(super) initial: Vec<f64>,
    /// The states at the observed times, as last computed.
    pub(super) fitted: Vec<f64>,
    /// $\partial \theta / \partial z$ of each unknown.
    pub(super) chain: Vec<f64>,
    state: Vec<f64>,
    before: Vec<f64>,
    trace: Vec<f64>,
    /// One tangent of the state for each unknown.
    tangents: Vec<f64>,
    direction: Vec<f64>,
}

/// One observed value.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Its index in the table of values.
    index: usize,
    component: usize,
    /// $g(v)$.
    target: f64,
    root_weight: f64,
}

impl<'a, R: Differentiable<Element = f64, Input = TimeStep>> TrajectoryFit<'a, R> {
    /// Sets the problem up: checks everything, and makes all buffers.
    ///
    /// Cost: no step is taken yet. Memory: the grid of steps, the Jacobian and one state for each unknown and row.
    ///
    /// # Errors
    ///
    /// [`InferenceError`] for everything that can be wrong with the data, the start, the step size or the options.
    pub fn new(
        run: &'a mut R,
        observations: &'a Observations,
        start: &Start,
        step_size: f64,
        options: &InferenceOptions,
    ) -> Result<Self, InferenceError> {
        let (n, m) = (run.state_len(), run.parameter_len());
        LengthMismatch::check(Quantity::Parameters, m, start.parameters.len())?;
        LengthMismatch::check(Quantity::State, n, start.state.len())?;
        check_start(start)?;
        if options.largest_factor.is_nan() || options.largest_factor <= 1.0 {
            return Err(InferenceError::InvalidOption {
                option: "largest_factor",
                value: options.largest_factor,
            });
        }
        let entries = entries(observations, n, options.residuals)?;
        let (steps, ends) = grid(start.time, observations.times(), step_size, options.max_steps)?;
        let free = || start.coordinates().filter(|(_, c)| c.freedom != Freedom::Fixed);
        let unknowns: Vec<_> = free().map(|(unknown, c)| (unknown, c.freedom)).collect();
        if unknowns.is_empty() {
            return Err(InferenceError::NoUnknowns);
        }
        if entries.len() < unknowns.len() {
            let (observations, unknowns) = (entries.len(), unknowns.len());
            return Err(InferenceError::TooFewObservations { observations, unknowns });
        }
        let z = |c: f64, freedom| if freedom == Freedom::Positive { c.ln() } else { c };
        let width = observations.width();
        let k = unknowns.len();
        Ok(Self {
            rows: (0..=observations.len())
                .map(|row| entries.partition_point(|e| e.index < row * width))
                .collect(),
            entries,
            steps,
            ends,
            start: free().map(|(_, c)| z(c.value, c.freedom)).collect(),
            unknowns,
            parameters: start.parameters.iter().map(|c| c.value).collect(),
            initial: start.state.iter().map(|c| c.value).collect(),
            fitted: vec![0.0; n * observations.len()],
            chain: vec![0.0; k],
            state: vec![0.0; n],
            before: vec![0.0; n],
            trace: vec![0.0; run.trace_len()],
            tangents: vec![0.0; n * k],
            direction: vec![0.0; m],
            run,
            observations,
            options: *options,
        })
    }

    /// $z$ at the start.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// What each entry of $z$ is, and how it enters.
    pub fn unknowns(&self) -> &[(Unknown, Freedom)] {
        &self.unknowns
    }

    /// The steps from the start to the last observation.
    pub fn steps(&self) -> &[TimeStep] {
        &self.steps
    }

    /// The cost $\frac12 \lVert r \rVert^2$, and its gradient $J^\top r$ by back-propagation through the steps.
    ///
    /// `gradient` is overwritten. Cost: that of the backward pass, two to four times a solution of the equation, however
    /// many unknowns there are; the tape of `pass` says how much memory it may use.
    ///
    /// # Errors
    ///
    /// [`ModelError`] if the equation cannot be solved at these unknowns, if a state has no logarithm where one is needed,
    /// or if `unknowns` or `gradient` have not the right length.
    pub fn cost_and_gradient(
        &mut self,
        pass: &mut Backpropagation<f64>,
        unknowns: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, ModelError> {
        let k = self.unknowns.len();
        LengthMismatch::check(Quantity::Gradient, k, gradient.len()).map_err(RunError::from)?;
        self.set(unknowns)?;
        let (entries, rows, ends) = (&self.entries, &self.rows, &self.ends);
        let (scale, width) = (self.options.residuals, self.observations.width());
        let (mut cost, mut failure) = (0.0, None);
        let mut add_row = |row: usize, state: &[f64], adjoint: &mut [f64]| {
            for entry in &entries[rows[row]..rows[row + 1]] {
                match entry.residual(scale, state, width) {
                    Ok((r, slope)) => {
                        cost += 0.5 * r * r;
                        adjoint[entry.component] += r * slope;
                    }
                    Err(error) => failure = Some(error),
                }
            }
        };
        let loss = |t: usize, state: &[f64], adjoint: &mut [f64]| {
            if let Ok(row) = ends.binary_search(&(t + 1)) {
                add_row(row, state, adjoint);
            }
        };
        pass.run(self.run, 0..self.steps.len(), &self.steps, &self.initial, loss, |_, _| ())?;
        let to_initial = &mut self.before;
        to_initial.copy_from_slice(pass.initial_adjoint());
        if ends[0] == 0 {
            add_row(0, &self.initial, to_initial);
        }
        if let Some(error) = failure {
            return Err(error);
        }
        for (j, (g, &(unknown, _))) in gradient.iter_mut().zip(&self.unknowns).enumerate() {
            *g = self.chain[j]
                * match unknown {
                    Unknown::Parameter(i) => pass.gradient()[i],
                    Unknown::InitialState(i) => to_initial[i],
                };
        }
        Ok(cost)
    }

    /// Takes over the unknowns: parameters, initial state, and their derivatives with respect to $z$.
    fn set(&mut self, z: &[f64]) -> Result<(), ModelError> {
        LengthMismatch::check(Quantity::Parameters, self.unknowns.len(), z.len()).map_err(RunError::from)?;
        for (j, &(unknown, freedom)) in self.unknowns.iter().enumerate() {
            let positive = freedom == Freedom::Positive;
            let value = if positive { z[j].exp() } else { z[j] };
            self.chain[j] = if positive { value } else { 1.0 };
            match unknown {
                Unknown::Parameter(i) => self.parameters[i] = value,
                Unknown::InitialState(i) => self.initial[i] = value,
            }
        }
        self.run.bind(&self.parameters).map_err(RunError::from)?;
        Ok(())
    }

    /// Pushes every column of the Jacobian through the step that was just recorded.
    fn push_tangents(&mut self, t: usize) {
        let n = self.state.len();
        let record = Record { before: &self.before, after: &self.state, trace: &self.trace };
        for (j, tangent) in self.tangents.chunks_exact_mut(n).enumerate() {
            let Unknown::Parameter(i) = self.unknowns[j].0 else {
                self.run.tangent(t, &self.steps[t], record, tangent, &[], &[]);
                continue;
            };
            self.direction[i] = self.chain[j];
            self.run.tangent(t, &self.steps[t], record, tangent, &[], &self.direction);
            self.direction[i] = 0.0;
        }
    }

    /// One pass through all steps; with a Jacobian, its columns are pushed along.
    fn pass(
        &mut self,
        z: &[f64],
        residuals: &mut [f64],
        mut jacobian: Option<MatMut<'_, f64>>,
    ) -> Result<(), ModelError> {
        self.set(z)?;
        let (n, width) = (self.state.len(), self.observations.width());
        self.state.copy_from_slice(&self.initial);
        if jacobian.is_some() {
            self.tangents.fill(0.0);
            for (j, &(unknown, _)) in self.unknowns.iter().enumerate() {
                if let Unknown::InitialState(i) = unknown {
                    self.tangents[j * n + i] = self.chain[j];
                }
            }
        }
        let mut t = 0;
        for row in 0..self.ends.len() {
            while t < self.ends[row] {
                if jacobian.is_some() {
                    self.before.copy_from_slice(&self.state);
                    let step = self.run.step_traced(t, &self.steps[t], &mut self.state, &mut self.trace);
                    step.map_err(RunError::from)?;
                    self.push_tangents(t);
                } else {
                    self.run.step(t, &self.steps[t], &mut self.state).map_err(RunError::from)?;
                }
                t += 1;
            }
            self.fitted[row * n..(row + 1) * n].copy_from_slice(&self.state);
            for e in self.rows[row]..self.rows[row + 1] {
                let entry = self.entries[e];
                let (r, slope) = entry.residual(self.options.residuals, &self.state, width)?;
                residuals[e] = r;
                let Some(jacobian) = &mut jacobian else { continue };
                for j in 0..self.unknowns.len() {
                    let derivative = slope * self.tangents[j * n + entry.component];
                    if !derivative.is_finite() {
                        let (row, column) = (entry.index / width, entry.index % width);
                        return Err(ModelError::NonFiniteDerivative { row, column });
                    }
                    jacobian[(e, j)] = derivative;
                }
            }
        }
        Ok(())
    }

    /// The unweighted residuals in the shape of the values, with NaN for those that do not count.
    pub(super) fn table_of_residuals(&self, residuals: &[f64]) -> Vec<f64> {
        let mut table = vec![f64::NAN; self.observations.values().len()];
        for (entry, r) in self.entries.iter().zip(residuals) {
            table[entry.index] = r / entry.root_weight;
        }
        table
    }

    /// The cost of a model that is 0 everywhere: the scale against which rounding of the cost is small.
    pub(super) fn cost_scale(&self) -> f64 {
        0.5 * self.entries.iter().map(|e| (e.root_weight * e.target).powi(2)).sum::<f64>()
    }
}

impl Entry {
    /// The residual, and its derivative with respect to the component of the state.
    fn residual(&self, scale: ResidualScale, state: &[f64], width: usize) -> Result<(f64, f64), ModelError> {
        let value = state[self.component];
        match scale {
            ResidualScale::Absolute => Ok((self.root_weight * (value - self.target), self.root_weight)),
            ResidualScale::Logarithmic if value > 0.0 => {
                Ok((self.root_weight * (value.ln() - self.target), self.root_weight / value))
            }
            ResidualScale::Logarithmic => {
                let (row, column) = (self.index / width, self.index % width);
                Err(ModelError::NonPositive { row, column, value })
            }
        }
    }
}

impl<R: Differentiable<Element = f64, Input = TimeStep>> LeastSquares for TrajectoryFit<'_, R> {
    type Error = ModelError;

    fn unknown_len(&self) -> usize {
        self.unknowns.len()
    }

    fn residual_len(&self) -> usize {
        self.entries.len()
    }

    fn residuals(&mut self, unknowns: &[f64], residuals: &mut [f64]) -> Result<(), ModelError> {
        self.pass(unknowns, residuals, None)
    }

    fn jacobian(
        &mut self,
        unknowns: &[f64],
        residuals: &mut [f64],
        jacobian: MatMut<'_, f64>,
    ) -> Result<(), ModelError> {
        self.pass(unknowns, residuals, Some(jacobian))
    }

    fn largest_step(&self, unknown: usize) -> f64 {
        if self.unknowns[unknown].1 == Freedom::Positive {
            self.options.largest_factor.ln()
        } else {
            f64::INFINITY
        }
    }

    fn magnitude(&self, unknown: usize, value: f64) -> f64 {
        if self.unknowns[unknown].1 == Freedom::Positive { 1.0 } else { value.abs() }
    }
}

fn check_start(start: &Start) -> Result<(), InferenceError> {
    for (coordinate, c) in start.coordinates() {
        let value = c.value;
        if !value.is_finite() {
            return Err(InferenceError::NonFiniteStart { coordinate, value });
        }
        if c.freedom == Freedom::Positive && value <= 0.0 {
            return Err(InferenceError::NonPositiveStart { coordinate, value });
        }
    }
    Ok(())
}

/// The values that count, in the order of the table.
fn entries(
    observations: &Observations,
    n: usize,
    scale: ResidualScale,
) -> Result<Vec<Entry>, InferenceError> {
    let width = observations.width();
    for (column, &component) in observations.components().iter().enumerate() {
        if component >= n {
            return Err(InferenceError::ComponentOutOfRange { column, component, dimension: n });
        }
    }
    let counted = (0..observations.values().len()).filter(|&index| observations.counts(index));
    counted
        .map(|index| {
            let value = observations.values()[index];
            let target = match scale {
                ResidualScale::Absolute => value,
                ResidualScale::Logarithmic if value > 0.0 => value.ln(),
                ResidualScale::Logarithmic => {
                    let (row, column) = (index / width, index % width);
                    return Err(InferenceError::NonPositiveValue { row, column, value });
                }
            };
            let component = observations.components()[index % width];
            Ok(Entry { index, component, target, root_weight: observations.weight(index).sqrt() })
        })
        .collect()
}

/// The steps, and how many of them lead to each time.
fn grid(
    start: f64,
    times: &[f64],
    step_size: f64,
    limit: usize,
) -> Result<(Vec<TimeStep>, Vec<usize>), InferenceError> {
    if !start.is_finite() {
        return Err(InferenceError::NonFiniteTime { index: 0, time: start });
    }
    if !(step_size > 0.0 && step_size.is_finite()) {
        return Err(InferenceError::InvalidStepSize { value: step_size });
    }
    if times[0] < start {
        return Err(InferenceError::BeforeStart { first: times[0], start });
    }
    // A quotient that exceeds an integer by rounding alone, such as 1.1 / 0.1, must not cost one more step.
    let count = |from: f64, to: f64| ((to - from) / step_size * (1.0 - 1e-12)).ceil();
    let starts = std::iter::once(start).chain(times.iter().copied());
    let intervals = || starts.clone().zip(times.iter().copied());
    let needed: f64 = intervals().map(|(from, to)| count(from, to)).sum();
    if needed.is_nan() || needed > limit as f64 {
        return Err(InferenceError::TooManySteps { needed, limit });
    }
    let mut steps = Vec::new();
    if steps.try_reserve_exact(needed as usize).is_err() {
        return Err(InferenceError::TooManySteps { needed, limit });
    }
    let mut ends = Vec::with_capacity(times.len());
    for (from, to) in intervals() {
        let n = count(from, to) as usize;
        steps.extend(TimeStep::uniform(from, (to - from) / n as f64, n));
        ends.push(steps.len());
    }
    Ok((steps, ends))
}
