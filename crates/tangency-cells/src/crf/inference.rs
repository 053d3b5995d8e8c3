//! Sums, marginals and the best path.

use super::{CrfError, LinearChainCrf};
use tangency_recurrence::{
    Backpropagation, Counting, Differentiable, Expectation, Frames, LogSumExp, MaxPlus, Record,
    SemiringChain, Tape, trace_back,
};

/// Probabilities of labels and expected numbers of transitions.
#[derive(Debug, Clone, PartialEq)]
pub struct CrfMarginals {
    /// $\ln Z$.
    pub log_partition: f64,
    /// $P(z_t = k)$, $T \times K$, row by row; every row sums to 1.
    pub labels: Vec<f64>,
    /// $\sum_t P(z_t = i, z_{t+1} = j)$, $K \times K$, row by row; the sum is $T - 1$.
    pub transitions: Vec<f64>,
}

/// A best path and its score.
#[derive(Debug, Clone, PartialEq)]
pub struct BestPath {
    /// One label for each position.
    pub path: Vec<usize>,
    /// Its score $s(z)$.
    pub score: f64,
}

/// Averages over the paths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrfMoments {
    /// $\ln Z$.
    pub log_partition: f64,
    /// $\mathbb{E} s(z)$.
    pub expected_score: f64,
    /// The entropy $-\sum_z P(z) \ln P(z) = \ln Z - \mathbb{E} s(z)$, in nats; at least 0.
    pub entropy: f64,
}

impl LinearChainCrf {
    /// The log-partition function $\ln Z$; $-\infty$ if all paths are forbidden.
    ///
    /// # Errors
    ///
    /// [`CrfError::NoPositions`] without emissions, [`CrfError::Shape`] unless they are a multiple of $K$,
    /// [`CrfError::Score`] for NaN and $+\infty$, [`CrfError::Run`] if a log-weight overflows (from scores above
    /// $10^{307}$, say; below $-10^{307}$ they may come to count as forbidden).
    pub fn log_partition(&self, emissions: &[f64]) -> Result<f64, CrfError> {
        self.total(LogSumExp, emissions)
    }

    /// The number of paths that are not forbidden, exact below `u128::MAX`, where it saturates.
    ///
    /// # Errors
    ///
    /// As [`log_partition`](Self::log_partition).
    pub fn path_count(&self, emissions: &[f64]) -> Result<u128, CrfError> {
        self.total(Counting, emissions)
    }

    /// The expected score and the entropy of the paths.
    ///
    /// The entropy is a difference: its absolute error is about $\epsilon |\ln Z|$ with $\epsilon \approx 10^{-16}$.
    ///
    /// # Errors
    ///
    /// [`CrfError::Impossible`] if all paths are forbidden; otherwise as [`log_partition`](Self::log_partition).
    pub fn moments(&self, emissions: &[f64]) -> Result<CrfMoments, CrfError> {
        let total = self.total(Expectation, emissions)?;
        self.check_possible(total.log_weight, emissions)?;
        Ok(CrfMoments {
            log_partition: total.log_weight,
            expected_score: total.mean,
            entropy: (total.log_weight - total.mean).max(0.0),
        })
    }

    /// A best path: the labels with the largest score, and that score (the Viterbi algorithm).
    ///
    /// The best path need not be unique. Among best paths this one has the smallest last label, then the smallest
    /// last but one, and so on.
    ///
    /// # Errors
    ///
    /// [`CrfError::Impossible`] if all paths are forbidden; otherwise as [`log_partition`](Self::log_partition).
    pub fn viterbi(&self, emissions: &[f64]) -> Result<BestPath, CrfError> {
        let (states, best) = self.states(MaxPlus, emissions)?;
        let positions = emissions.len() / self.labels();
        match trace_back(&states, self.labels(), &best) {
            Some(path) => Ok(BestPath { path, score: best.score }),
            None => Err(CrfError::Impossible { positions }),
        }
    }

    /// The probability of every label at every position, and the expected number of every transition.
    ///
    /// They are the gradient of $\ln Z$ with respect to emission and transition scores, by back-propagation through
    /// the chain; those of start and end scores are the first and the last row of the labels.
    ///
    /// # Errors
    ///
    /// [`CrfError::Impossible`] if all paths are forbidden; otherwise as [`log_partition`](Self::log_partition).
    pub fn marginals(&self, emissions: &[f64]) -> Result<CrfMarginals, CrfError> {
        let labels = self.labels();
        let positions = self.check_emissions(emissions)?;
        let mut chain = SemiringChain::new(LogSumExp, self.transitions.clone());
        let initial = self.first_scores(emissions);
        let mut probabilities = vec![0.0; emissions.len()];
        let mut pass = Backpropagation::new(Tape::Stored);
        pass.run(
            &mut chain,
            1..positions,
            Frames::new(emissions, labels),
            &initial,
            |t, state, adjoint| {
                if t + 1 == positions {
                    self.last_labels(state, adjoint);
                }
            },
            |t, adjoint| probabilities[t * labels..(t + 1) * labels].copy_from_slice(adjoint),
        )?;
        let log_partition = chain.finish(pass.last_state(), &self.end)?;
        self.check_possible(log_partition, emissions)?;
        if positions == 1 {
            // No step, so no adjoint: the first label is the last.
            self.last_labels(&initial, &mut probabilities);
        } else {
            probabilities[..labels].copy_from_slice(pass.initial_adjoint());
        }
        Ok(CrfMarginals { log_partition, labels: probabilities, transitions: pass.gradient().to_vec() })
    }

    /// The probability of every pair of labels at neighbouring positions: $P(z_t = i, z_{t+1} = j)$ at
    /// `[t * K * K + i * K + j]`, for $t = 0, \dots, T - 2$.
    ///
    /// Memory: the $(T - 1) K^2$ numbers of the result. If their sum over $t$ is enough, [`marginals`](Self::marginals)
    /// has it in $K^2$.
    ///
    /// # Errors
    ///
    /// [`CrfError::Impossible`] if all paths are forbidden; otherwise as [`log_partition`](Self::log_partition).
    pub fn pairwise_marginals(&self, emissions: &[f64]) -> Result<Vec<f64>, CrfError> {
        let labels = self.labels();
        let (states, total) = self.states(LogSumExp, emissions)?;
        self.check_possible(total, emissions)?;
        let mut chain = SemiringChain::new(LogSumExp, self.transitions.clone());
        let positions = emissions.len() / labels;
        let row = |t: usize| t * labels..(t + 1) * labels;
        let mut adjoint = vec![0.0; labels];
        self.last_labels(&states[row(positions - 1)], &mut adjoint);
        let mut scratch = vec![0.0; labels];
        let mut pairs = vec![0.0; (positions - 1) * labels * labels];
        // The gradient with respect to the transitions, but each position's share in a place of its own.
        for (t, gradient) in pairs.chunks_exact_mut(labels * labels).enumerate().rev() {
            let record = Record { before: &states[row(t)], after: &states[row(t + 1)], trace: &[] };
            chain.reverse(t + 1, &emissions[row(t + 1)], record, &mut adjoint, &mut scratch, gradient);
        }
        Ok(pairs)
    }

    /// Adds the probabilities of the last label, given the chain's last state, to `probabilities`.
    pub(super) fn last_labels(&self, state: &[f64], probabilities: &mut [f64]) {
        let scores = state.iter().zip(&self.end).map(|(weight, end)| weight + end);
        let peak = scores.clone().fold(f64::NEG_INFINITY, f64::max);
        if peak == f64::NEG_INFINITY {
            return;
        }
        let total: f64 = scores.clone().map(|score| (score - peak).exp()).sum();
        for (probability, score) in probabilities.iter_mut().zip(scores) {
            *probability += (score - peak).exp() / total;
        }
    }

    /// `Ok` if any path is allowed.
    pub(super) fn check_possible(&self, log_partition: f64, emissions: &[f64]) -> Result<(), CrfError> {
        if log_partition == f64::NEG_INFINITY {
            return Err(CrfError::Impossible { positions: emissions.len() / self.labels() });
        }
        Ok(())
    }
}
