//! From counts to probabilities.

use super::sum::check_entries;
use super::{divergence, sum_of};
use crate::error::{MassError, Side};
use crate::generator::Jeffreys;

/// What is done to counts before they become probabilities, so that none is zero.
///
/// With $c_i$ counts in $k$ bins and $n$ in all:
///
/// | | |
/// |---|---|
/// | [`None`](Self::None) | $c_i / n$ |
/// | [`Laplace`](Self::Laplace) | $(c_i + 1) / (n + k)$ |
/// | [`JeffreysPrior`](Self::JeffreysPrior) | $(c_i + \frac12) / (n + \frac k2)$ |
/// | [`Additive`](Self::Additive) | $(c_i + a) / (n + a k)$ |
/// | [`Epsilon`](Self::Epsilon) | ε where $c_i = 0$, otherwise $c_i / n$; all divided by their sum |
///
/// The first leaves zeros, and the second and third are the posterior means under uniform and Jeffreys' priors. The last is what
/// tools for drift do (Evidently takes ε = 0.0001): a divergence that is infinite without it then depends on ε.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Smoothing {
    /// Nothing: zeros remain.
    #[default]
    None,
    /// One more in every bin.
    Laplace,
    /// Half a count more in every bin.
    JeffreysPrior,
    /// So much more in every bin; not negative.
    Additive(f64),
    /// So much probability in every empty bin; between 0 and 1.
    Epsilon(f64),
}

/// Probabilities from counts or weights.
///
/// They need not be integers. The sum of the result is 1 up to rounding.
///
/// # Errors
///
/// [`MassError`], which names the counts as P: if there are none, if one is negative, NaN or infinite, if all are zero and
/// stay so, or if the smoothing is out of its range.
///
/// # Example: a bin that was never hit
///
/// ```
/// use tangency_divergence::{Smoothing, probabilities};
///
/// assert_eq!(probabilities(&[3.0, 1.0, 0.0], Smoothing::None)?, [0.75, 0.25, 0.0]);
/// assert_eq!(probabilities(&[3.0, 0.0], Smoothing::Laplace)?, [0.8, 0.2]);
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn probabilities(counts: &[f64], smoothing: Smoothing) -> Result<Vec<f64>, MassError> {
    normalised(counts, smoothing, Side::P)
}

fn normalised(counts: &[f64], smoothing: Smoothing, side: Side) -> Result<Vec<f64>, MassError> {
    if counts.is_empty() {
        return Err(MassError::Empty { side });
    }
    check_entries(counts, side)?;
    let added = match smoothing {
        Smoothing::None | Smoothing::Epsilon(_) => 0.0,
        Smoothing::Laplace => 1.0,
        Smoothing::JeffreysPrior => 0.5,
        Smoothing::Additive(a) if a >= 0.0 && a.is_finite() => a,
        Smoothing::Additive(value) => {
            return Err(MassError::OutOfRange {
                what: "the added count",
                range: "at least 0 and finite",
                value,
            });
        }
    };
    // Division by the largest first: the sum of large counts must not overflow.
    let largest = counts.iter().copied().fold(added, f64::max);
    if largest == 0.0 {
        return Err(MassError::NoMass { side });
    }
    // A power of two, so that it costs no digits.
    let unit = 2.0_f64.powi(-(largest.log2().floor() as i32).clamp(-1000, 1000));
    let mut masses: Vec<f64> = counts.iter().map(|c| c * unit + added * unit).collect();
    divide_by_sum(&mut masses);
    if let Smoothing::Epsilon(epsilon) = smoothing {
        if !(epsilon > 0.0 && epsilon < 1.0) {
            return Err(MassError::OutOfRange { what: "ε", range: "between 0 and 1", value: epsilon });
        }
        for mass in masses.iter_mut().filter(|mass| **mass == 0.0) {
            *mass = epsilon;
        }
        divide_by_sum(&mut masses);
    }
    Ok(masses)
}

fn divide_by_sum(masses: &mut [f64]) {
    let sum = sum_of(masses);
    for mass in masses {
        *mass /= sum;
    }
}

/// Two sets of counts on the keys that occur in either.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SparseProbabilities {
    /// The keys, ascending.
    pub keys: Vec<u64>,
    /// The probabilities of P, one for each key.
    pub p: Vec<f64>,
    /// The probabilities of Q, one for each key.
    pub q: Vec<f64>,
}

/// Probabilities from two lists of (key, count), such as words and their numbers, aligned on the union of their keys.
///
/// A key that a list does not have counts zero there; the smoothing acts on the union, whose size is therefore its number of
/// bins. Sorting takes $O((n + m) \ln(n + m))$.
///
/// # Errors
///
/// As [`probabilities`], with the index in the aligned vectors, and [`MassError::RepeatedKey`] if a list has a key twice.
///
/// # Example: two vocabularies
///
/// ```
/// use tangency_divergence::{JensenShannon, Smoothing, divergence, sparse_probabilities};
///
/// let counts = sparse_probabilities(&[(7, 3.0), (2, 1.0)], &[(2, 1.0), (9, 1.0)], Smoothing::None)?;
/// assert_eq!(counts.keys, [2, 7, 9]);
/// assert_eq!(counts.p, [0.25, 0.75, 0.0]);
/// let value = divergence(&JensenShannon::half(), &counts.p, &counts.q)?;
/// assert!(value < 2.0_f64.ln());
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn sparse_probabilities(
    p: &[(u64, f64)],
    q: &[(u64, f64)],
    smoothing: Smoothing,
) -> Result<SparseProbabilities, MassError> {
    let (p, q) = (sorted(p, Side::P)?, sorted(q, Side::Q)?);
    let mut keys: Vec<u64> = p.iter().chain(&q).map(|&(key, _)| key).collect();
    keys.sort_unstable();
    keys.dedup();
    let aligned = |list: &[(u64, f64)]| -> Vec<f64> {
        let mut rest = list.iter().peekable();
        keys.iter().map(|key| rest.next_if(|entry| entry.0 == *key).map_or(0.0, |entry| entry.1)).collect()
    };
    let (p, q) =
        (normalised(&aligned(&p), smoothing, Side::P)?, normalised(&aligned(&q), smoothing, Side::Q)?);
    Ok(SparseProbabilities { keys, p, q })
}

/// The list by ascending keys, each of which it has once.
fn sorted(list: &[(u64, f64)], side: Side) -> Result<Vec<(u64, f64)>, MassError> {
    let mut list = list.to_vec();
    list.sort_unstable_by_key(|entry| entry.0);
    match list.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(MassError::RepeatedKey { side, key: pair[0].0 }),
        None => Ok(list),
    }
}

/// The population stability index of two sets of counts in the same bins.
///
/// $$ \mathrm{PSI} = \sum_i (p_i - q_i) \ln \frac{p_i}{q_i} , $$
///
/// which is [`Jeffreys`]' divergence of the shares, symmetric. Infinite without smoothing if a bin is empty on one side only.
/// The usual rule of thumb calls 0.1 a small and 0.25 a large shift; it takes no account of the number of counts, whose noise
/// alone gives about $(k - 1)(1/n + 1/m)$ with $k$ bins.
///
/// # Errors
///
/// As [`probabilities`], and [`MassError::LengthMismatch`].
///
/// # Example: a shift of one tenth
///
/// ```
/// use tangency_divergence::{Smoothing, population_stability_index};
///
/// let index = population_stability_index(&[500.0, 500.0], &[600.0, 400.0], Smoothing::None)?;
/// assert!((index - 0.1 * 1.5_f64.ln()).abs() < 1e-15);
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn population_stability_index(p: &[f64], q: &[f64], smoothing: Smoothing) -> Result<f64, MassError> {
    super::sum::check_lengths(p.len(), q.len())?;
    divergence(&Jeffreys, &normalised(p, smoothing, Side::P)?, &normalised(q, smoothing, Side::Q)?)
}
