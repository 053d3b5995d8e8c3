//! Divergences between vectors of probabilities.

#![allow(clippy::float_cmp, reason = "zeros are exact, and so are the orders with forms of their own")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN has to fail the comparison")]

mod affinity;
mod counts;
mod gradient;
mod lane;
mod sum;

pub use affinity::ln_affinity;
pub use counts::{
    Smoothing, SparseProbabilities, population_stability_index, probabilities, sparse_probabilities,
};
pub use gradient::{DivergenceGradient, divergence_gradient, softmax, softmax_gradient};

use crate::error::MassError;
use crate::generator::{FDivergence, Form};
use lane::{Both, Difference, Excess, Forward, Mixed, Mixture, Power, Quotient, Reverse, Roots};
use sum::{Sums, check_lengths, sums, sums_of_each};

pub(crate) use sum::Compensated;

/// How vectors of probabilities are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MassOptions {
    /// How far from 1 a sum of probabilities may be, absolutely; at least $n 2^{-53}$ is allowed for $n$ entries. Not negative;
    /// $10^{-9}$ by default.
    ///
    /// The default lets pass what was normalised in double precision, whatever the length, and refuses what was in single
    /// precision, whose sums are off by $10^{-8}$ and more: say `1e-5` if that is meant. A vector whose sum is $1 +
    /// \varepsilon$ changes the value by about $\varepsilon$ times its size, not by $\varepsilon$: see [`divergence`].
    pub sum_tolerance: f64,
}

impl Default for MassOptions {
    fn default() -> Self {
        Self { sum_tolerance: 1e-9 }
    }
}

impl MassOptions {
    /// The tolerance for this many entries.
    fn tolerance(self, entries: usize) -> Result<f64, MassError> {
        let value = self.sum_tolerance;
        if !(value >= 0.0) {
            return Err(MassError::OutOfRange { what: "the tolerance of a sum", range: "at least 0", value });
        }
        Ok(value.max(entries as f64 * 0.5 * f64::EPSILON))
    }
}

/// The f-divergence between two vectors of probabilities.
///
/// $$ D_f(p \Vert q) = \sum_{q_i > 0} q_i f(p_i/q_i) + f^\prime(\infty) \sum_{q_i = 0} p_i $$
///
/// with $0 \cdot f(0/0) = 0$. Zeros are exact: where one vector has mass and the other none, the mass costs $f(0)$ or
/// $f^\prime(\infty)$, and the value is infinite if that is. No small number is added anywhere; who wants one says so with a
/// [`Smoothing`].
///
/// **Equal distributions and nearly equal ones.** The terms are those of $f(u) - f(1) - f^\prime(1)(u - 1)$, which has the
/// same sum for normalised vectors. None is negative and none comes from a cancellation, so the sum has a small relative
/// error (about $10^{-15}$) even where it is $10^{-20}$, and is exactly $f(1)$ for equal vectors. The plain sum of $p_i
/// \ln(p_i/q_i)$ has an error of $10^{-16}$ times the sum of magnitudes, and can be negative. The difference between the two
/// is $f^\prime(1)(\sum p_i - \sum q_i)$, so a sum that is not quite 1 does no harm. For the types of this crate; a
/// [`Custom`](crate::Custom) has the accuracy of the caller's function.
///
/// **Cost.** One pass in blocks that stay in the cache: checks, sums and terms, in vector instructions for every form in
/// [`Form`], with one division and no logarithm of the standard library for each entry; others call the generator once for
/// each entry. Sums are compensated over blocks of 1024. Feature `rayon` takes parts of 32768 entries in parallel, with the
/// same result.
///
/// SciPy's `rel_entr(p, q).sum()` is the one of [`KullbackLeibler`](crate::KullbackLeibler), without checks.
///
/// # Errors
///
/// [`MassError`] if a vector is empty, the lengths differ, an entry is negative, NaN or infinite, or a sum is not 1 within
/// $10^{-9}$ ([`divergence_with`] takes another tolerance). Nothing is normalised silently: [`probabilities`] does it when
/// asked.
///
/// # Example: zeros, exactly
///
/// ```
/// use tangency_divergence::{KullbackLeibler, JensenShannon, MassError, divergence};
///
/// let (p, q) = ([0.5, 0.5, 0.0], [0.25, 0.25, 0.5]);
/// assert_eq!(divergence(&KullbackLeibler, &p, &q), Ok(std::f64::consts::LN_2));
/// assert_eq!(divergence(&KullbackLeibler, &q, &p), Ok(f64::INFINITY));
/// assert!(divergence(&JensenShannon::half(), &q, &p)? < 0.22);
/// let refused = divergence(&KullbackLeibler, &p, &[0.25, 0.25, 0.4]);
/// assert!(matches!(refused, Err(MassError::NotNormalised { sum, .. }) if sum == 0.9));
/// # Ok::<(), MassError>(())
/// ```
///
/// # References
///
/// - I. Csiszár, *Information-type measures of difference of probability distributions and indirect observations*, Studia Sci.
///   Math. Hungar. 2 (1967) 299-318: the conventions for zeros.
/// - A. Neumaier, *Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen*, ZAMM 54 (1974) 39-51.
pub fn divergence(f: &dyn FDivergence, p: &[f64], q: &[f64]) -> Result<f64, MassError> {
    divergence_with(f, p, q, &MassOptions::default())
}

/// [`divergence`] with another tolerance for the sums.
///
/// # Errors
///
/// As [`divergence`], and [`MassError::OutOfRange`] for a tolerance that is negative or NaN.
///
/// # Example: probabilities that come from single precision
///
/// ```
/// use tangency_divergence::{KullbackLeibler, MassOptions, divergence, divergence_with};
///
/// let p = [0.1_f32, 0.2, 0.7].map(f64::from);
/// assert!(divergence(&KullbackLeibler, &p, &p).is_err()); // the sum is 1.0000000074
/// let options = MassOptions { sum_tolerance: 1e-5, ..Default::default() };
/// assert_eq!(divergence_with(&KullbackLeibler, &p, &p, &options), Ok(0.0));
/// ```
pub fn divergence_with(
    f: &dyn FDivergence,
    p: &[f64],
    q: &[f64],
    options: &MassOptions,
) -> Result<f64, MassError> {
    check_lengths(p.len(), q.len())?;
    let tolerance = options.tolerance(p.len())?;
    let found = sums_of(f, p, q);
    found.check(p, q, tolerance)?;
    Ok(f.at_one() + excess(f, &found))
}

/// The value above $f(1)$: the sum of the terms and what lonely mass costs.
fn excess(f: &dyn FDivergence, found: &Sums) -> f64 {
    let (alone_p, alone_q) = (found.p_alone.total(), found.q_alone.total());
    let mut total = found.value;
    if !matches!(f.form(), Form::HockeyStick { .. }) {
        let slope = f.derivative(1.0);
        if alone_q > 0.0 {
            total.add(alone_q * (f.at_zero() - f.at_one() + slope));
        }
        if alone_p > 0.0 {
            total.add(alone_p * (f.slope_at_infinity() - slope));
        }
    }
    total.total()
}

/// The pass with the fastest terms that there are.
fn sums_of(f: &dyn FDivergence, p: &[f64], q: &[f64]) -> Sums {
    match f.form() {
        Form::KullbackLeibler { forward: 1.0, reverse: 0.0 } => sums(p, q, &Forward),
        Form::KullbackLeibler { forward: 0.0, reverse: 1.0 } => sums(p, q, &Reverse),
        Form::KullbackLeibler { forward: 1.0, reverse: 1.0 } => sums(p, q, &Both),
        Form::KullbackLeibler { forward, reverse } => sums(p, q, &Mixed { forward, reverse }),
        Form::Power { order: 2.0, scale } => sums(p, q, &Quotient { scale, of_p: 0.0, of_q: 1.0 }),
        Form::Power { order: -1.0, scale } => sums(p, q, &Quotient { scale, of_p: 1.0, of_q: 0.0 }),
        Form::Power { order: 0.5, scale } => sums(p, q, &Roots { scale: -0.5 * scale }),
        Form::Power { order, scale } => power_sums(order, scale, p, q),
        Form::HockeyStick { gamma: 1.0 } => sums(p, q, &Difference),
        Form::HockeyStick { gamma } => sums(p, q, &Excess { gamma }),
        Form::JensenShannon { weight, scale, .. } => sums(p, q, &Mixture { weight, scale }),
        Form::LeCam => sums(p, q, &Quotient { scale: 1.0, of_p: 1.0, of_q: 1.0 }),
        Form::Other => {
            sums_of_each(p, q, |p, q| q * f.nonnegative_of_log_ratio(lane::ln_ratio::<false, true>(p, q)))
        }
    }
}

/// The sum of `scale` · (p^α q^{1−α} − α p − (1 − α) q).
fn power_sums(order: f64, scale: f64, p: &[f64], q: &[f64]) -> Sums {
    /// Nearer to 0 than this, the limit is the value to the last digit.
    const NEAR: f64 = 1e-100;
    if order == 1.0 {
        // No terms: p^1 q^0 - p = 0.
        sums(p, q, &Mixed { forward: 0.0, reverse: 0.0 })
    } else if order.abs() < NEAR {
        sums(p, q, &Mixed { forward: 0.0, reverse: scale * order * (order - 1.0) })
    } else {
        sums(p, q, &Power::new(order, scale))
    }
}

/// A compensated sum.
fn sum_of(numbers: &[f64]) -> f64 {
    numbers.iter().copied().collect::<Compensated>().total()
}
