//! The scores of a chain's arcs.

/// A table of scores cannot be the arcs of a chain.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransitionsError {
    /// There are no states.
    #[error("a chain needs at least one state")]
    NoStates,
    /// The table is not square.
    #[error("{states} states need {states} x {states} transition scores, got {got}")]
    Shape {
        /// The number of states.
        states: usize,
        /// The number of scores.
        got: usize,
    },
    /// A score is NaN or $+\infty$.
    #[error(
        "the score from state {from} to state {to} is {value}; it must be finite, or -inf to forbid the arc"
    )]
    Score {
        /// The arc's beginning.
        from: usize,
        /// The arc's end.
        to: usize,
        /// Its score.
        value: f64,
    },
}

/// Log-weights of the arcs between the $K$ states of a chain, the same at every position.
///
/// Row-major, from the row's state to the column's: `scores[from * K + to]`. $-\infty$ forbids an arc.
///
/// Beside the scores it keeps their factored exponentials, $e^{s_{ij}} = e^{c_j} E_{ij}$ with $c_j = \max_i s_{ij}$,
/// which save [`LogSumExp`](crate::LogSumExp) nearly all exponentials; made once, at a cost of $K^2$ exponentials and
/// $K^2$ numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    states: usize,
    scores: Vec<f64>,
    /// $c_j$.
    peaks: Vec<f64>,
    /// $E_{ij}$.
    weights: Vec<f64>,
}

impl Transitions {
    /// The scores of the arcs between `states` states, row by row.
    ///
    /// # Errors
    ///
    /// [`TransitionsError`] if there are no states, the number of scores is not its square, or a score is NaN or
    /// $+\infty$.
    pub fn new(states: usize, scores: &[f64]) -> Result<Self, TransitionsError> {
        if states == 0 {
            return Err(TransitionsError::NoStates);
        }
        if Some(scores.len()) != states.checked_mul(states) {
            return Err(TransitionsError::Shape { states, got: scores.len() });
        }
        if let Some(index) = scores.iter().position(|&s| s.is_nan() || s == f64::INFINITY) {
            let (from, to, value) = (index / states, index % states, scores[index]);
            return Err(TransitionsError::Score { from, to, value });
        }
        let mut transitions = Self {
            states,
            scores: vec![0.0; scores.len()],
            peaks: vec![0.0; states],
            weights: vec![0.0; scores.len()],
        };
        transitions.set(scores);
        Ok(transitions)
    }

    /// Takes over scores of the right number. NaN goes through to the weights, and is found by the step.
    pub(crate) fn set(&mut self, scores: &[f64]) {
        self.scores.copy_from_slice(scores);
        self.peaks.fill(f64::NEG_INFINITY);
        for row in scores.chunks_exact(self.states) {
            for (peak, &score) in self.peaks.iter_mut().zip(row) {
                *peak = peak.max(score);
            }
        }
        for (weights, row) in self.weights.chunks_exact_mut(self.states).zip(scores.chunks_exact(self.states))
        {
            for ((weight, &peak), &score) in weights.iter_mut().zip(&self.peaks).zip(row) {
                // A column without arcs has weight 0, not exp(-inf + inf).
                *weight = if score == f64::NEG_INFINITY { 0.0 } else { (score - peak).exp() };
            }
        }
    }

    /// The number of states $K$.
    pub fn states(&self) -> usize {
        self.states
    }

    /// All scores, row by row.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The scores of the arcs that leave state `from`.
    ///
    /// # Panics
    ///
    /// Unless `from < self.states()`.
    pub fn from_state(&self, from: usize) -> &[f64] {
        &self.scores[from * self.states..(from + 1) * self.states]
    }

    /// The scores of the arcs that enter state `to`.
    pub(crate) fn to_state(&self, to: usize) -> impl Iterator<Item = f64> + Clone {
        self.scores[to..].iter().step_by(self.states).copied()
    }

    /// $c_j$ for all $j$: the best score of an arc that enters state $j$.
    pub(crate) fn peaks(&self) -> &[f64] {
        &self.peaks
    }

    /// $E$, row by row.
    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }
}
