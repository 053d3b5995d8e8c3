//! Linear-chain conditional random fields.

mod error;
mod inference;
mod learning;
mod sampling;
#[cfg(feature = "serde")]
mod stored;

pub use error::{CrfError, CrfScores};
pub use inference::{BestPath, CrfMarginals, CrfMoments};
pub use learning::{CrfGradient, CrfLoss};

use tangency_recurrence::{Frames, Quantity, RunError, Semiring, SemiringChain, Transitions, scan, scan_all};

/// A linear-chain conditional random field: a distribution over sequences of labels, given scores.
///
/// A path $z = (z_0, \dots, z_{T-1})$ of labels out of $K$ has the score
///
/// $$ s(z) = \mathrm{start}_{z_0} + \sum_{t=0}^{T-1} x_{t, z_t} + \sum_{t=1}^{T-1} \mathrm{transition}_{z_{t-1} z_t}
///    + \mathrm{end}_{z_{T-1}} $$
///
/// and the probability $e^{s(z)} / Z$ with $Z = \sum_z e^{s(z)}$ over all $K^T$ paths. The emission scores $x_{t,k}$ come
/// from a network, say, and are the argument of every method: $T \times K$ numbers, positions as rows, row by row. Start,
/// transition and end scores are the parameters. All scores are natural logarithms of weights, finite or $-\infty$, which
/// forbids.
///
/// Every method is one run of the same recurrence, [`SemiringChain`], in one semiring or another:
///
/// | question | method | semiring |
/// |---|---|---|
/// | $\ln Z$ | [`log_partition`](Self::log_partition) | [`LogSumExp`](tangency_recurrence::LogSumExp) |
/// | $P(z_t = k)$, expected transitions | [`marginals`](Self::marginals) | its back-propagation |
/// | $P(z_t = i, z_{t+1} = j)$ | [`pairwise_marginals`](Self::pairwise_marginals) | its back-propagation |
/// | $\operatorname{argmax}_z s(z)$ | [`viterbi`](Self::viterbi) | [`MaxPlus`](tangency_recurrence::MaxPlus) |
/// | a random path | [`sample`](Self::sample), [`sample_many`](Self::sample_many) | states of the first, backwards |
/// | how many paths | [`path_count`](Self::path_count) | [`Counting`](tangency_recurrence::Counting) |
/// | $\mathbb{E} s$, entropy | [`moments`](Self::moments) | [`Expectation`](tangency_recurrence::Expectation) |
/// | $\ln Z - s(z)$ and its gradient | [`loss`](Self::loss) | the first, with its back-propagation |
///
/// Cost of each: $O(T K^2)$ time, of which in the log semiring $O(T K)$ are exponentials and logarithms; memory $O(K^2)$
/// for the parameters, and $O(T K)$ where states are kept. Chains of any length are in range: nothing is exponentiated
/// that could overflow. The log-weights themselves grow with $T$, so results carry a relative rounding error in $\ln Z$,
/// and an absolute one in log-probabilities of about $\epsilon |\ln Z|$.
///
/// # Example: tagging three words
///
/// ```
/// use tangency_cells::LinearChainCrf;
///
/// // Labels: outside, begin, inside of a name; "inside" cannot start a sentence nor follow "outside".
/// let forbid = f64::NEG_INFINITY;
/// let crf = LinearChainCrf::new(
///     &[0.0, 0.0, forbid],
///     &[0.5, 0.0, forbid, 0.0, -1.0, 0.5, 0.0, -1.0, 0.5],
///     &[0.0, 0.0, 0.0],
/// )?;
/// let emissions = [2.0, 0.0, 0.5, 0.0, 1.0, 1.5, -0.5, 0.0, 1.0];
///
/// let best = crf.viterbi(&emissions)?;
/// assert_eq!((best.path, best.score), (vec![0, 1, 2], 4.5));
/// let p = (4.5 - crf.log_partition(&emissions)?).exp();
/// assert!(0.3 < p && p < 0.5);
/// assert_eq!(crf.path_count(&emissions)?, 13); // of 27
/// # Ok::<(), tangency_cells::CrfError>(())
/// ```
///
/// # References
///
/// - J. Lafferty, A. McCallum, F. Pereira, *Conditional random fields*, ICML 2001.
/// - C. Sutton, A. McCallum, *An introduction to conditional random fields*, Found. Trends Mach. Learn. 4 (2012),
///   section 4.1: forward-backward and Viterbi, eqs. (4.5)-(4.13).
/// - J. Eisner, *Inside-outside and forward-backward algorithms are just backprop*, EMNLP workshop (2016).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearChainCrf {
    start: Vec<f64>,
    transitions: Transitions,
    end: Vec<f64>,
}

impl LinearChainCrf {
    /// A field with these scores: `start` and `end` of $K$ labels, `transitions` $K \times K$, row by row, from the row's
    /// label to the column's.
    ///
    /// # Errors
    ///
    /// [`CrfError::NoLabels`] if $K = 0$; [`CrfError::Shape`] if the lengths do not agree with that of `start`;
    /// [`CrfError::Score`] for NaN and $+\infty$.
    pub fn new(start: &[f64], transitions: &[f64], end: &[f64]) -> Result<Self, CrfError> {
        let labels = start.len();
        if labels == 0 {
            return Err(CrfError::NoLabels);
        }
        CrfScores::Start.check(start, labels)?;
        CrfScores::Transitions.check(transitions, labels.saturating_mul(labels))?;
        CrfScores::End.check(end, labels)?;
        let transitions = Transitions::new(labels, transitions)?;
        Ok(Self { start: start.to_vec(), transitions, end: end.to_vec() })
    }

    /// The number of labels $K$.
    pub fn labels(&self) -> usize {
        self.start.len()
    }

    /// The start scores.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// The transition scores, row by row, from the row's label to the column's.
    pub fn transitions(&self) -> &[f64] {
        self.transitions.scores()
    }

    /// The end scores.
    pub fn end(&self) -> &[f64] {
        &self.end
    }

    /// The score $s(z)$ of a path; $-\infty$ if it is forbidden.
    ///
    /// Cost: $O(T)$, and the check of all emissions.
    ///
    /// # Errors
    ///
    /// [`CrfError::PathLength`] unless the path has one label for each position, [`CrfError::Label`] if one is out of
    /// range; otherwise as [`log_partition`](Self::log_partition).
    pub fn score(&self, emissions: &[f64], path: &[usize]) -> Result<f64, CrfError> {
        let labels = self.labels();
        let positions = self.check_emissions(emissions)?;
        if path.len() != positions {
            return Err(CrfError::PathLength { positions, got: path.len() });
        }
        if let Some((position, &label)) = path.iter().enumerate().find(|&(_, &label)| label >= labels) {
            return Err(CrfError::Label { position, label, labels });
        }
        // In the order of the chain, so that it stays in range wherever the chain does.
        let mut score = self.start[path[0]] + emissions[path[0]];
        for (pair, row) in path.windows(2).zip(emissions[labels..].chunks_exact(labels)) {
            score += self.transitions.from_state(pair[0])[pair[1]] + row[pair[1]];
        }
        score += self.end[path[positions - 1]];
        if score.is_nan() || score == f64::INFINITY {
            return Err(RunError::NonFinite { what: Quantity::State, index: 0, value: score }.into());
        }
        Ok(score)
    }

    /// The number of positions $T$ of valid emissions.
    fn check_emissions(&self, emissions: &[f64]) -> Result<usize, CrfError> {
        let labels = self.labels();
        let positions = emissions.len().div_ceil(labels);
        if positions == 0 {
            return Err(CrfError::NoPositions);
        }
        CrfScores::Emissions.check(emissions, positions * labels)?;
        Ok(positions)
    }

    /// Start and first emission scores together: what the chain begins with.
    fn first_scores(&self, emissions: &[f64]) -> Vec<f64> {
        self.start.iter().zip(emissions).map(|(start, emission)| start + emission).collect()
    }

    /// The sum over all paths, in any semiring.
    fn total<S: Semiring>(&self, semiring: S, emissions: &[f64]) -> Result<S::Element, CrfError> {
        let positions = self.check_emissions(emissions)?;
        let mut chain = SemiringChain::new(semiring, self.transitions.clone());
        let mut state = chain.initial(&self.first_scores(emissions))?;
        scan(&mut chain, 1..positions, Frames::new(emissions, self.labels()), &mut state)?;
        Ok(chain.finish(&state, &self.end)?)
    }

    /// The states at all positions, one after another, and the sum over all paths.
    fn states<S: Semiring>(
        &self,
        semiring: S,
        emissions: &[f64],
    ) -> Result<(Vec<S::Element>, S::Element), CrfError> {
        let positions = self.check_emissions(emissions)?;
        let mut chain = SemiringChain::new(semiring, self.transitions.clone());
        let initial = chain.initial(&self.first_scores(emissions))?;
        let states = scan_all(&mut chain, 1..positions, Frames::new(emissions, self.labels()), &initial)?;
        let total = chain.finish(&states[states.len() - self.labels()..], &self.end)?;
        Ok((states, total))
    }
}
