//! The negative log-likelihood and its gradient.

use super::{CrfError, LinearChainCrf};

/// A gradient with respect to all scores, in their shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct CrfGradient {
    /// With respect to the start scores, $K$.
    pub start: Vec<f64>,
    /// With respect to the transition scores, $K \times K$, row by row.
    pub transitions: Vec<f64>,
    /// With respect to the end scores, $K$.
    pub end: Vec<f64>,
    /// With respect to the emission scores, $T \times K$, row by row: what a network that made them goes on with.
    pub emissions: Vec<f64>,
}

/// The negative log-likelihood of a path, and its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct CrfLoss {
    /// $-\ln P(z) = \ln Z - s(z)$, at least 0.
    pub value: f64,
    /// Its derivatives: expected minus observed counts.
    pub gradient: CrfGradient,
}

impl LinearChainCrf {
    /// The negative log-likelihood of the labels `path`, and its gradient with respect to all scores.
    ///
    /// $$ \ell = \ln Z - s(z), \quad \frac{\partial \ell}{\partial x_{t,k}} = P(z_t = k) - 1_{z_t = k}, $$
    ///
    /// where $1_{z_t = k}$ is 1 if the path has label $k$ at position $t$ and 0 if not, and likewise for the others.
    /// Forbidden scores ($-\infty$) have derivative 0, and stay forbidden under any descent.
    ///
    /// # Errors
    ///
    /// [`CrfError::ForbiddenPath`] if the path is forbidden: its loss is infinite. Otherwise as
    /// [`score`](Self::score).
    ///
    /// # Example: one step of gradient descent raises the probability
    ///
    /// ```
    /// use tangency_cells::LinearChainCrf;
    ///
    /// let crf = LinearChainCrf::new(&[0.0, 0.0], &[0.0, 0.1, -0.1, 0.0], &[0.0, 0.0])?;
    /// let (emissions, truth) = ([0.3, -0.2, 0.1, 0.4, -0.5, 0.2], [0, 0, 1]);
    /// let loss = crf.loss(&emissions, &truth)?;
    /// let step = |scores: &[f64], gradient: &[f64]| -> Vec<f64> {
    ///     scores.iter().zip(gradient).map(|(s, g)| s - 0.5 * g).collect()
    /// };
    /// let better = LinearChainCrf::new(
    ///     &step(crf.start(), &loss.gradient.start),
    ///     &step(crf.transitions(), &loss.gradient.transitions),
    ///     &step(crf.end(), &loss.gradient.end),
    /// )?;
    /// assert!(better.loss(&emissions, &truth)?.value < loss.value);
    /// # Ok::<(), tangency_cells::CrfError>(())
    /// ```
    ///
    /// # References
    ///
    /// - C. Sutton, A. McCallum, *An introduction to conditional random fields*, Found. Trends Mach. Learn. 4 (2012),
    ///   eqs. (5.3)-(5.5).
    pub fn loss(&self, emissions: &[f64], path: &[usize]) -> Result<CrfLoss, CrfError> {
        let labels = self.labels();
        let score = self.score(emissions, path)?;
        let positions = path.len();
        if score == f64::NEG_INFINITY {
            return Err(CrfError::ForbiddenPath { positions });
        }
        let expected = self.marginals(emissions)?;
        let mut gradient = CrfGradient {
            start: expected.labels[..labels].to_vec(),
            transitions: expected.transitions,
            end: expected.labels[(positions - 1) * labels..].to_vec(),
            emissions: expected.labels,
        };
        gradient.start[path[0]] -= 1.0;
        gradient.end[path[positions - 1]] -= 1.0;
        for (position, &label) in path.iter().enumerate() {
            gradient.emissions[position * labels + label] -= 1.0;
        }
        for pair in path.windows(2) {
            gradient.transitions[pair[0] * labels + pair[1]] -= 1.0;
        }
        Ok(CrfLoss { value: (expected.log_partition - score).max(0.0), gradient })
    }
}
