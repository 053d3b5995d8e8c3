//! The sum over all paths of a chain, as a recurrence.

use crate::semiring::{Flows, SAFE_SUM, Sources, WeightedRows, finite_shift, largest};
use crate::{
    Differentiable, Layout, LengthMismatch, LogSumExp, Quantity, Record, Recurrence, RunError, Semiring,
    StepError, Transitions,
};
use tangency_vmath::dispatch;

/// A dynamic programme on a chain: the recurrence of the sums over all paths, in any semiring.
///
/// A path visits one of $K$ states at every position. The state of the recurrence at a position holds, for each $j$,
/// the sum over all paths that end in $j$, and a step takes in the next position's emission scores $x_j$:
///
/// $$ y_{t+1,j} = \bigoplus_i y_{t,i} \otimes \mathrm{lift}(\mathrm{transition}_{ij} + x_j, i) . $$
///
/// In the log semiring this is the forward algorithm of hidden Markov models and conditional random fields, in the
/// max-plus semiring the Viterbi algorithm, and so on: see the table of [`Semiring`]. A run goes from
/// [`initial`](Self::initial) through [`scan`](crate::scan) or its relatives to [`finish`](Self::finish).
///
/// Inputs are emission scores, $K$ numbers. All scores are log-weights: finite, or $-\infty$ to forbid. Since
/// $-\infty$ is a legitimate weight, this runner looks for NaN and $+\infty$ only; a sum of scores below
/// $-1.8 \cdot 10^{308}$ therefore counts as forbidden.
///
/// Cost of a step: $K^2$ additions and multiplications of the semiring; with [`LogSumExp`] $K$ exponentials and $K$
/// logarithms besides. Memory: $K^2$ scores and their weights, and a few rows of $K$.
///
/// # Derivatives
///
/// Over [`LogSumExp`] it is [`Differentiable`]. With the probabilities of the predecessor given the state,
///
/// $$ p_{ij} = e^{y_{t,i} + \mathrm{transition}_{ij} + x_j - y_{t+1,j}}, \quad \sum_i p_{ij} = 1, $$
///
/// the linearised step is $\dot y_{t+1,j} = \dot x_j + \sum_i p_{ij} (\dot y_{t,i} + \dot{\mathrm{transition}}_{ij})$,
/// so back-propagation of the log-partition function *is* the backward algorithm, and its gradients are the marginals.
/// The probabilities are computed from $y_t$ alone and normalised by their own sum, so they keep their digits when the
/// weights themselves have grown large. A state that no path reaches has no probabilities; its derivatives are 0.
///
/// # Example: log-partition function and number of paths
///
/// ```
/// use tangency_recurrence::{scan, Counting, Frames, LogSumExp, RunError, Semiring, SemiringChain, Transitions};
///
/// let forbid = f64::NEG_INFINITY;
/// let transitions = Transitions::new(2, &[0.0, 0.5, forbid, 1.0])?;
/// let emissions = [0.1, 0.2, 0.3, 0.4];
///
/// fn total<S: Semiring>(semiring: S, arcs: &Transitions, scores: &[f64]) -> Result<S::Element, RunError> {
///     let mut chain = SemiringChain::new(semiring, arcs.clone());
///     let mut state = chain.initial(&scores[..2])?;
///     scan(&mut chain, 1..2, Frames::new(scores, 2), &mut state)?;
///     chain.finish(&state, &[0.0, 0.0])
/// }
///
/// // Paths 0-0, 0-1, 1-1.
/// let brute_force = (0.4_f64.exp() + 1.0_f64.exp() + 1.6_f64.exp()).ln();
/// assert!((total(LogSumExp, &transitions, &emissions)? - brute_force).abs() < 1e-15);
/// assert_eq!(total(Counting, &transitions, &emissions)?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - L. R. Rabiner, *A tutorial on hidden Markov models*, Proc. IEEE 77 (1989), eqs. (19)-(21), (24)-(25), (32)-(35).
/// - J. Eisner, *Inside-outside and forward-backward algorithms are just backprop*, EMNLP workshop (2016).
#[derive(Debug, Clone)]
pub struct SemiringChain<S: Semiring> {
    semiring: S,
    transitions: Transitions,
    before: Vec<S::Element>,
    /// $e^{y_{t,i} - m}$, their sums by state, and what is carried along: scratch of the linearised step.
    source: Vec<f64>,
    share: Vec<f64>,
    flow: Vec<f64>,
}

impl<S: Semiring> SemiringChain<S> {
    /// A chain with these transitions.
    pub fn new(semiring: S, transitions: Transitions) -> Self {
        let states = transitions.states();
        let scratch = vec![0.0; states];
        Self {
            before: vec![semiring.zero(); states],
            source: scratch.clone(),
            share: scratch.clone(),
            flow: scratch,
            semiring,
            transitions,
        }
    }

    /// The scores of its arcs.
    pub fn transitions(&self) -> &Transitions {
        &self.transitions
    }

    /// The semiring.
    pub fn semiring(&self) -> &S {
        &self.semiring
    }

    /// The state at the first position: `scores[j]` lifted, without a label.
    ///
    /// # Errors
    ///
    /// [`RunError::Length`] unless there are $K$ scores; [`RunError::NonFinite`] if one is NaN or $+\infty$.
    pub fn initial(&self, scores: &[f64]) -> Result<Vec<S::Element>, RunError> {
        self.check_boundary(scores)?;
        Ok(scores.iter().map(|&score| self.semiring.lift(score, None)).collect())
    }

    /// The sum over all paths that end in any state: $\bigoplus_i$ `state[i]` $\otimes$ `lift(scores[i], i)`.
    ///
    /// The label, where the semiring has labels, is the last state of the path.
    ///
    /// # Errors
    ///
    /// [`RunError::Length`] unless there are $K$ elements in the state and $K$ scores; [`RunError::NonFinite`] if a
    /// score ([`Quantity::Input`]), or the log-weight of an element of the state or of the sum ([`Quantity::State`]),
    /// is NaN or $+\infty$.
    pub fn finish(&mut self, state: &[S::Element], scores: &[f64]) -> Result<S::Element, RunError> {
        LengthMismatch::check(Quantity::State, self.transitions.states(), state.len())?;
        self.check_boundary(scores)?;
        let log_weight = |element| self.semiring.score(element);
        check_outside(Quantity::State, state.iter().map(log_weight))?;
        let arcs: Vec<_> = scores.iter().enumerate().map(|(i, &s)| self.semiring.lift(s, Some(i))).collect();
        let mut total = [self.semiring.zero()];
        self.semiring.vector_matrix(state, &arcs, &mut total);
        let [total] = total;
        check_outside(Quantity::State, std::iter::once(self.semiring.score(&total)))?;
        Ok(total)
    }

    /// `Ok` for $K$ scores, none of them NaN or $+\infty$.
    fn check_boundary(&self, scores: &[f64]) -> Result<(), RunError> {
        LengthMismatch::check(Quantity::Input, self.transitions.states(), scores.len())?;
        check_outside(Quantity::Input, scores.iter().copied())
    }
}

/// The first value that is NaN or $+\infty$, and where.
fn find_failed(scores: impl Iterator<Item = f64> + Clone) -> Option<(usize, f64)> {
    // No early exit: one comparison each, several at a time. NaN is not below anything.
    let fine = |value: f64| value < f64::INFINITY;
    if scores.clone().fold(true, |all, value| all & fine(value)) {
        return None;
    }
    scores.enumerate().find(|&(_, value)| !fine(value))
}

/// `Ok` unless a value that enters or leaves step `step` is NaN or $+\infty$.
pub(crate) fn check_scores(
    step: usize,
    what: Quantity,
    scores: impl Iterator<Item = f64> + Clone,
) -> Result<(), StepError> {
    match find_failed(scores) {
        Some((index, value)) => Err(StepError::NonFinite { step, what, index, value }),
        None => Ok(()),
    }
}

/// `Ok` unless a value before the first step or after the last is NaN or $+\infty$.
pub(crate) fn check_outside(
    what: Quantity,
    scores: impl Iterator<Item = f64> + Clone,
) -> Result<(), RunError> {
    match find_failed(scores) {
        Some((index, value)) => Err(RunError::NonFinite { what, index, value }),
        None => Ok(()),
    }
}

impl<S: Semiring> Recurrence for SemiringChain<S> {
    type Element = S::Element;
    type Input = [f64];

    fn state_len(&self) -> usize {
        self.transitions.states()
    }

    fn step(&mut self, t: usize, input: &[f64], state: &mut [S::Element]) -> Result<(), StepError> {
        let states = self.state_len();
        StepError::check_length(t, Quantity::Input, states, input.len())?;
        StepError::check_length(t, Quantity::State, states, state.len())?;
        check_scores(t, Quantity::Input, input.iter().copied())?;
        check_scores(t, Quantity::State, state.iter().map(|element| self.semiring.score(element)))?;
        self.before.clone_from_slice(state);
        self.semiring.advance(&self.transitions, input, &self.before, state);
        check_scores(t, Quantity::State, state.iter().map(|element| self.semiring.score(element)))
    }
}

impl SemiringChain<LogSumExp> {
    /// Fills `source` with $u_i = e^{y_{t,i} - m}$ and `share` with $\sum_i u_i E_{ij}$, so that
    /// $p_{ij} = u_i E_{ij} / \mathrm{share}_j$ where the share is large enough to be exact.
    fn linearise(&mut self, before: &[f64]) {
        let peak = finite_shift(largest(before));
        dispatch(Sources { before, shift: peak, source: &mut self.source });
        let (transitions, source) = (&self.transitions, &self.source);
        dispatch(WeightedRows { transitions, source, shift: None, sums: &mut self.share });
    }

    /// The probabilities $p_{ij}$ of one state $j$ that some path reaches, the plain way.
    fn probabilities(
        transitions: &Transitions,
        before: &[f64],
        to: usize,
    ) -> impl Iterator<Item = f64> + Clone {
        let terms = before.iter().zip(transitions.to_state(to)).map(|(b, s)| b + s);
        let shift = finite_shift(terms.clone().fold(f64::NEG_INFINITY, f64::max));
        let total: f64 = terms.clone().map(|term| (term - shift).exp()).sum();
        terms.map(move |term| (term - shift).exp() / total)
    }
}

impl Differentiable for SemiringChain<LogSumExp> {
    fn state_layout(&self) -> Layout {
        Layout::new([("log_weights", vec![self.transitions.states()])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("transitions", vec![self.transitions.states(); 2])])
    }

    fn parameter_len(&self) -> usize {
        self.transitions.scores().len()
    }

    fn input_len(&self) -> usize {
        self.transitions.states()
    }

    fn trace_len(&self) -> usize {
        0
    }

    /// Takes over transition scores, row by row. NaN or $+\infty$ among them is an error of the next step.
    fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.parameter_len(), parameters.len())?;
        self.transitions.set(parameters);
        Ok(())
    }

    fn step_traced(
        &mut self,
        t: usize,
        input: &[f64],
        state: &mut [f64],
        _: &mut [f64],
    ) -> Result<(), StepError> {
        self.step(t, input, state)
    }

    fn reverse(
        &mut self,
        _: usize,
        _: &[f64],
        record: Record<'_, f64>,
        adjoint: &mut [f64],
        input_adjoint: &mut [f64],
        gradient: &mut [f64],
    ) {
        self.linearise(record.before);
        let states = self.state_len();
        for (passed, (&given, &after)) in input_adjoint.iter_mut().zip(adjoint.iter().zip(record.after)) {
            *passed = if after == f64::NEG_INFINITY { 0.0 } else { given };
        }
        adjoint.fill(0.0);
        for (to, share) in self.share.iter_mut().enumerate() {
            let scaled = input_adjoint[to] / *share;
            if *share > SAFE_SUM && scaled.is_finite() {
                *share = scaled;
                continue;
            }
            *share = 0.0;
            if record.after[to] > f64::NEG_INFINITY {
                for (from, p) in Self::probabilities(&self.transitions, record.before, to).enumerate() {
                    adjoint[from] += p * input_adjoint[to];
                    gradient[from * states + to] += p * input_adjoint[to];
                }
            }
        }
        let (transitions, source, share) = (&self.transitions, &self.source, &self.share);
        dispatch(Flows { transitions, source, share, adjoint, gradient });
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
        self.linearise(record.before);
        let states = self.state_len();
        let arc = |from: usize, to: usize| parameter_tangent.get(from * states + to).copied().unwrap_or(0.0);
        self.flow.fill(0.0);
        for (from, (source, weights)) in
            self.source.iter().zip(self.transitions.weights().chunks_exact(states)).enumerate()
        {
            for (to, (flow, weight)) in self.flow.iter_mut().zip(weights).enumerate() {
                *flow += source * weight * (tangent[from] + arc(from, to));
            }
        }
        for (to, (flow, share)) in self.flow.iter_mut().zip(&self.share).enumerate() {
            let own = input_tangent.get(to).copied().unwrap_or(0.0);
            *flow = if record.after[to] == f64::NEG_INFINITY {
                0.0
            } else if *share > SAFE_SUM {
                *flow / share + own
            } else {
                Self::probabilities(&self.transitions, record.before, to)
                    .enumerate()
                    .map(|(from, p)| p * (tangent[from] + arc(from, to)))
                    .sum::<f64>()
                    + own
            };
        }
        tangent.copy_from_slice(&self.flow);
    }
}
