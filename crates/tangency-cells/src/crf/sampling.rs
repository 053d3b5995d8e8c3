//! Random paths.

use super::{CrfError, LinearChainCrf};
use rand::{Rng, RngExt};
use tangency_recurrence::{LogSumExp, Quantity, RunError};

impl LinearChainCrf {
    /// A random path, exactly from the distribution.
    ///
    /// # Errors
    ///
    /// [`CrfError::Impossible`] if all paths are forbidden; otherwise as [`log_partition`](Self::log_partition).
    ///
    /// # Example: a label drawn with its probability
    ///
    /// ```
    /// use rand_pcg::{rand_core::SeedableRng, Pcg64};
    /// use tangency_cells::LinearChainCrf;
    ///
    /// let crf = LinearChainCrf::new(&[0.0; 2], &[0.0; 4], &[0.0; 2])?;
    /// let paths = crf.sample_many(&[3.0_f64.ln(), 0.0], 10_000, &mut Pcg64::seed_from_u64(7))?;
    /// let ones: usize = paths.iter().sum();
    /// assert!(ones.abs_diff(2500) < 200); // 4.6 standard deviations
    /// # Ok::<(), tangency_cells::CrfError>(())
    /// ```
    pub fn sample(&self, emissions: &[f64], rng: &mut (impl Rng + ?Sized)) -> Result<Vec<usize>, CrfError> {
        self.sample_many(emissions, 1, rng)
    }

    /// `count` independent random paths, one after another: label $t$ of path $n$ at `[n * T + t]`.
    ///
    /// The chain's log-weights are worked out once; then each path is drawn from its last label to its first, the last
    /// from its marginal distribution and each label before from that given the label after it,
    ///
    /// $$ P(z_t = i \mid z_{t+1} = j) \propto e^{y_{t,i} + \mathrm{transition}_{ij}} . $$
    ///
    /// Cost: $O(T K^2)$ once, and $T K$ exponentials and $T$ uniform numbers for each path.
    ///
    /// # Errors
    ///
    /// [`CrfError::TooManyPaths`] if there is no memory for `count` paths; otherwise as [`sample`](Self::sample).
    ///
    /// # References
    ///
    /// - S. L. Scott, *Bayesian methods for hidden Markov models*, J. Amer. Statist. Assoc. 97 (2002), section 2.2.
    pub fn sample_many(
        &self,
        emissions: &[f64],
        count: usize,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Vec<usize>, CrfError> {
        let labels = self.labels();
        let (states, total) = self.states(LogSumExp, emissions)?;
        self.check_possible(total, emissions)?;
        let positions = emissions.len() / labels;
        let too_many = CrfError::TooManyPaths { count, positions };
        let mut paths = Vec::new();
        let Some(total) = count.checked_mul(positions) else { return Err(too_many) };
        paths.try_reserve_exact(total).map_err(|_| too_many)?;
        paths.resize(total, 0);
        let mut weights = vec![0.0; labels];
        for path in paths.chunks_exact_mut(positions) {
            let mut next = None;
            for (t, label) in path.iter_mut().enumerate().rev() {
                let state = &states[t * labels..(t + 1) * labels];
                for (i, (weight, log_weight)) in weights.iter_mut().zip(state).enumerate() {
                    *weight =
                        log_weight + next.map_or(self.end[i], |j: usize| self.transitions.from_state(i)[j]);
                }
                *label = draw(&mut weights, rng)?;
                next = Some(*label);
            }
        }
        Ok(paths)
    }
}

/// Draws an index in proportion to the exponentials of `weights`, of which at least one is not $-\infty$; overwrites
/// them.
///
/// An error if a weight has overflowed.
fn draw(weights: &mut [f64], rng: &mut (impl Rng + ?Sized)) -> Result<usize, RunError> {
    if let Some(index) = weights.iter().position(|&weight| weight == f64::INFINITY) {
        return Err(RunError::NonFinite { what: Quantity::State, index, value: f64::INFINITY });
    }
    let peak = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for weight in &mut *weights {
        total += (*weight - peak).exp();
        *weight = total;
    }
    // Below the last sum, since the uniform number is below 1 and a product rounds to nearest; an index without weight
    // has the same sum as the one before it, and is passed over.
    let level = rng.random::<f64>() * total;
    Ok(weights.iter().position(|&sum| level < sum).unwrap_or(weights.len() - 1))
}
