//! The affinity of two vectors, and the divergences that are functions of it.

use super::sum::check_lengths;
use super::{MassOptions, divergence, power_sums};
use crate::error::MassError;
use crate::generator::DivergenceFunction;
use tangency_vmath::{ln_into, log_sum_exp};

/// Entries whose logarithms are held at a time.
const BLOCK: usize = 1024;

/// $\ln \sum_i p_i^\alpha q_i^{1-\alpha}$, the logarithm of the affinity (Chernoff's coefficient) of order α.
///
/// Not positive for $0 \le \alpha \le 1$, not negative outside. $-\infty$ for mutually singular vectors and $0 \lt \alpha \lt
/// 1$; $+\infty$ where mass alone costs infinity: for $\alpha > 1$ mass of $p$ where $q = 0$, for $\alpha < 0$ mass of $q$
/// where $p = 0$. At $\alpha = 0$ and 1 the sum is the limit from inside, the mass of $q$ where $p > 0$ and of $p$ where $q >
/// 0$.
///
/// Near 0 it has a small relative error, because the excess of the sum over 1 is what is computed; far from it the sum is
/// taken in logarithms, so that neither overflow nor underflow of powers matters.
///
/// # Errors
///
/// As [`divergence`], and [`MassError::OutOfRange`] if α is not finite.
///
/// # Example: powers that overflow
///
/// ```
/// use tangency_divergence::ln_affinity;
///
/// let (p, q) = ([1.0 - 1e-30, 1e-30], [1e-30, 1.0 - 1e-30]);
/// let value = ln_affinity(&p, &q, 20.0)?; // ln 10^570
/// assert!((value - 570.0 * std::f64::consts::LN_10).abs() < 1e-9);
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn ln_affinity(p: &[f64], q: &[f64], order: f64) -> Result<f64, MassError> {
    if !order.is_finite() {
        return Err(MassError::OutOfRange { what: "α", range: "finite", value: order });
    }
    check_lengths(p.len(), q.len())?;
    let found = power_sums(order, 1.0, p, q);
    found.check(p, q, MassOptions::default().tolerance(p.len())?)?;
    let (alone_p, alone_q) = (found.p_alone.total(), found.q_alone.total());
    if (order > 1.0 && alone_p > 0.0) || (order < 0.0 && alone_q > 0.0) {
        return Ok(f64::INFINITY);
    }
    // Lonely mass is missing from the sum of powers, but not from the 1 that is subtracted.
    let mut excess = found.value;
    excess.add(-order * alone_p);
    excess.add(-(1.0 - order) * alone_q);
    let excess = excess.total();
    if excess.abs() < 0.5 { Ok(excess.ln_1p()) } else { Ok(in_logarithms(p, q, order)) }
}

/// The sum over the entries with both masses, by logarithms.
fn in_logarithms(p: &[f64], q: &[f64], order: f64) -> f64 {
    let (mut ln_p, mut ln_q) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut blocks = Vec::with_capacity(p.len().div_ceil(BLOCK));
    for (p, q) in p.chunks(BLOCK).zip(q.chunks(BLOCK)) {
        let (ln_p, ln_q) = (&mut ln_p[..p.len()], &mut ln_q[..q.len()]);
        if ln_into(p, ln_p).is_err() || ln_into(q, ln_q).is_err() {
            continue; // the lengths are the same
        }
        for i in 0..p.len() {
            let both = p[i] > 0.0 && q[i] > 0.0;
            ln_p[i] = if both { order * ln_p[i] + (1.0 - order) * ln_q[i] } else { f64::NEG_INFINITY };
        }
        blocks.push(log_sum_exp(ln_p));
    }
    log_sum_exp(&blocks)
}

impl DivergenceFunction {
    /// The value between two vectors of probabilities; see [`divergence`] for zeros and sums.
    ///
    /// From the f-divergence where that is small, with its relative accuracy, and through [`ln_affinity`] otherwise, so that
    /// Rényi's and Bhattacharyya's neither overflow nor lose the small affinities.
    ///
    /// # Errors
    ///
    /// As [`divergence`].
    ///
    /// # Example: the metric that SciPy calls `jensenshannon`
    ///
    /// ```
    /// use tangency_divergence::DivergenceFunction::JensenShannonDistance;
    ///
    /// let distance = JensenShannonDistance.between(&[1.0, 0.0], &[0.0, 1.0])?;
    /// assert_eq!(distance, 2.0_f64.ln().sqrt());
    /// # Ok::<(), tangency_divergence::MassError>(())
    /// ```
    pub fn between(&self, p: &[f64], q: &[f64]) -> Result<f64, MassError> {
        if let Some(order) = self.affinity_order().filter(|&order| order != 1.0) {
            let ln_affinity = ln_affinity(p, q, order)?;
            // Next to order 1 the affinity says nothing any more, and its divergence everything.
            if (order - 1.0).abs() > 1e-3
                && let Some(value) = self.of_ln_affinity(ln_affinity)
            {
                return Ok(value);
            }
        }
        divergence(&*self.base(), p, q).map(|value| self.of_divergence(value))
    }
}
