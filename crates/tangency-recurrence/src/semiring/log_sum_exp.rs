//! The log semiring.

use super::factored::{Logarithms, WeightedRows};
use crate::{Semiring, Transitions};
use tangency_vmath::dispatch;

/// A sum of factored weights above this is exact to rounding, whatever underflowed on the way to it.
///
/// Each product of two numbers in $[0, 1]$ that underflows is wrong by less than $10^{-307}$; against $10^{-200}$ that
/// is nothing for any number of states that fits into memory.
pub(crate) const SAFE_SUM: f64 = 1e-200;

/// Below so many states the plain loops are faster: registers of the vectorised ones would be mostly empty.
const FEW_STATES: usize = 8;

/// The largest element, not counting NaN; $-\infty$ if there is none.
pub(crate) fn largest(values: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let mut lanes = [f64::NEG_INFINITY; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, value);
        }
    }
    lanes.iter().chain(rest).fold(f64::NEG_INFINITY, |peak, &value| larger(peak, value))
}

/// What to subtract before exponentials are taken, for terms whose maximum is `peak`: with nothing but $-\infty$ (or NaN,
/// which a maximum does not show) among them, 0, so that the sum becomes $\ln 0$ (or NaN).
#[inline]
pub(crate) fn finite_shift(peak: f64) -> f64 {
    if peak == f64::NEG_INFINITY { 0.0 } else { peak }
}

/// $\ln(e^a + e^b)$ without overflow, and without NaN where both are $-\infty$.
#[inline]
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (larger, smaller) = if a >= b { (a, b) } else { (b, a) };
    if smaller == f64::NEG_INFINITY { larger } else { larger + (smaller - larger).exp().ln_1p() }
}

/// $\ln \sum_i e^{x_i}$ in two passes, for terms that can be listed twice.
pub(crate) fn log_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let shift = finite_shift(terms.clone().fold(f64::NEG_INFINITY, f64::max));
    shift + terms.map(|term| (term - shift).exp()).sum::<f64>().ln()
}

/// Real numbers, as logarithms, with $+$ and $\times$ of what they are the logarithms of.
///
/// $$ a \oplus b = \ln(e^a + e^b), \quad a \otimes b = a + b, \quad 0 = -\infty, \quad 1 = 0 . $$
///
/// Nothing overflows, and $-\infty$, a forbidden path, makes no NaN: $-\infty \oplus -\infty = -\infty$.
///
/// A step of a chain, [`advance`](Semiring::advance), would cost $K^2$ exponentials. With $m$ the largest weight before
/// and $c_j$ the largest transition into $j$ it is instead a product with the matrix
/// $E_{ij} = e^{\mathrm{transition}_{ij} - c_j}$ that [`Transitions`] keeps,
///
/// $$ \mathrm{after}_j = m + c_j + \mathrm{emission}_j + \ln \sum_i e^{\mathrm{before}_i - m} E_{ij}, $$
///
/// which takes $K$ exponentials, $K$ logarithms and $K^2$ multiplications. Where the sum is so small that underflow
/// could have cost digits (below $10^{-200}$), that column is summed again in the plain way, so the result is exact to
/// rounding for all scores. From 8 states on the loops are vectorised; which ones run depends on $K$ alone.
///
/// # Example: numbers whose exponentials do not exist
///
/// ```
/// use tangency_recurrence::{LogSumExp, Semiring};
///
/// let sum = LogSumExp.add(&1000.0, &1000.0);
/// assert_eq!(sum, 1000.0 + 2.0_f64.ln());
/// assert_eq!(LogSumExp.add(&f64::NEG_INFINITY, &f64::NEG_INFINITY), f64::NEG_INFINITY);
/// ```
///
/// # References
///
/// - L. R. Rabiner, *A tutorial on hidden Markov models*, Proc. IEEE 77 (1989), section V.A: the scaling, there of
///   probabilities.
/// - P. Blanchard, D. J. Higham, N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*, IMA J.
///   Numer. Anal. 41 (2021).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogSumExp;

impl Semiring for LogSumExp {
    type Element = f64;

    fn zero(&self) -> f64 {
        f64::NEG_INFINITY
    }

    fn one(&self) -> f64 {
        0.0
    }

    fn add(&mut self, first: &f64, second: &f64) -> f64 {
        log_add(*first, *second)
    }

    fn multiply(&self, earlier: &f64, later: &f64) -> f64 {
        earlier + later
    }

    fn lift(&self, score: f64, _: Option<usize>) -> f64 {
        score
    }

    fn score(&self, element: &f64) -> f64 {
        *element
    }

    fn vector_matrix(&mut self, vector: &[f64], matrix: &[f64], product: &mut [f64]) {
        const LANES: usize = 8;
        let width = product.len();
        // Blocks of columns, so that maxima and sums of a block stay in registers while its rows go by twice.
        for (block, sums) in product.chunks_mut(LANES).enumerate() {
            let columns = block * LANES..block * LANES + sums.len();
            let rows = || matrix.chunks_exact(width).map(|row| &row[columns.clone()]);
            let mut peaks = [f64::NEG_INFINITY; LANES];
            for (left, row) in vector.iter().zip(rows()) {
                for (peak, right) in peaks.iter_mut().zip(row) {
                    *peak = peak.max(left + right);
                }
            }
            let shifts = peaks.map(finite_shift);
            sums.fill(0.0);
            for (left, row) in vector.iter().zip(rows()) {
                for ((sum, shift), right) in sums.iter_mut().zip(&shifts).zip(row) {
                    *sum += (left + right - shift).exp();
                }
            }
            for (sum, shift) in sums.iter_mut().zip(&shifts) {
                *sum = shift + sum.ln();
            }
        }
    }

    fn advance(&mut self, transitions: &Transitions, emissions: &[f64], before: &[f64], after: &mut [f64]) {
        let peak = finite_shift(largest(before));
        let states = transitions.states();
        if states < FEW_STATES {
            after.fill(0.0);
            for (left, weights) in before.iter().zip(transitions.weights().chunks_exact(states)) {
                let source = (left - peak).exp();
                for (sum, weight) in after.iter_mut().zip(weights) {
                    *sum += source * weight;
                }
            }
        } else {
            dispatch(WeightedRows { transitions, source: before, shift: Some(peak), sums: after });
            if after.iter().all(|&sum| sum > SAFE_SUM) {
                dispatch(Logarithms { peak, peaks: transitions.peaks(), emissions, after });
                return;
            }
        }
        for (to, (sum, emission)) in after.iter_mut().zip(emissions).enumerate() {
            *sum = if *sum > SAFE_SUM {
                peak + (transitions.peaks()[to] + emission + sum.ln())
            } else {
                log_sum_exp(before.iter().zip(transitions.to_state(to)).map(|(b, s)| b + s)) + emission
            };
        }
    }
}
