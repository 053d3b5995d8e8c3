//! $\ln \sum_i e^{x_i}$.

use crate::reductions::{LANES, total};
use crate::{Kernel, Real, dispatch};

/// Elements that are searched for their maximum before they are exponentiated: 8 KiB of `f64`, so that the second pass
/// over them reads the first-level cache however long the slice is.
const BLOCK: usize = 1024;

struct LogSumExp<'a, T>(&'a [T]);

impl<T: Real> Kernel for LogSumExp<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> T {
        let mut maximum = -T::INFINITY;
        let mut lanes = [T::ZERO; LANES];
        for block in self.0.chunks(BLOCK) {
            let raised = maximum_of(block, maximum);
            if raised > maximum {
                // The first block has nothing to rescale. The factor is 0 if the maximum has become infinite.
                if maximum > -T::INFINITY {
                    let factor = (maximum - raised).exp_lane::<FMA>();
                    for lane in &mut lanes {
                        *lane *= factor;
                    }
                }
                maximum = raised;
            }
            let shift = shift(maximum);
            // The sums of this block alone: 64 additions in a row, however long the slice is.
            let mut sums = [T::ZERO; LANES];
            let (chunks, rest) = block.as_chunks::<LANES>();
            for chunk in chunks {
                // All the exponentials first, then all the additions: a float sum does not vectorise otherwise.
                let mut e = *chunk;
                for e in &mut e {
                    *e = (*e - shift).exp_lane::<FMA>();
                }
                for i in 0..LANES {
                    sums[i] += e[i];
                }
            }
            for (sum, &x) in sums.iter_mut().zip(rest) {
                *sum += (x - shift).exp_lane::<FMA>();
            }
            for i in 0..LANES {
                lanes[i] += sums[i];
            }
        }
        shift(maximum) + total(lanes).ln_lane::<FMA>()
    }
}

/// What is subtracted from the exponents: the maximum, or 0 where that is infinite and `inf - inf` would be NaN.
#[inline(always)]
fn shift<T: Real>(maximum: T) -> T {
    if maximum.abs() < T::INFINITY { maximum } else { T::ZERO }
}

/// The largest of a block and of `start`, not counting NaN.
#[inline(always)]
fn maximum_of<T: Real>(block: &[T], start: T) -> T {
    let mut lanes = [start; LANES];
    let (chunks, rest) = block.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] = if chunk[i] > lanes[i] { chunk[i] } else { lanes[i] };
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = if x > *lane { x } else { *lane };
    }
    lanes.iter().fold(start, |largest, &x| if x > largest { x } else { largest })
}

/// $\ln \sum_i e^{x_i}$, the logarithm of a sum of numbers given by their logarithms.
///
/// With the maximum $m$ found so far it accumulates $\sum_i e^{x_i - m}$, so nothing overflows,
///
/// $$ \ln \sum_i e^{x_i} = m + \ln \sum_i e^{x_i - m}, $$
///
/// block by block, and rescales when a block raises $m$: the slice is read from memory once. $-\infty$ for an empty
/// slice and where all elements are $-\infty$; $\infty$ if an element is $\infty$; NaN if an element is NaN.
///
/// The absolute error is a few units in the last place of $\max(|m|, \ln n, 1)$, and, at worst, another one for every
/// 1024 elements: sums of 64 numbers are taken first, and these are added. A result near 0 that comes from
/// cancellation has no relative accuracy; no formula that sees only the rounded $x_i$ can give it.
///
/// # Example: a sum beyond the range of the type
///
/// ```
/// use tangency_vmath::log_sum_exp;
///
/// assert_eq!(log_sum_exp(&[1000.0, 1000.0]), 1000.0 + std::f64::consts::LN_2);
/// assert_eq!(log_sum_exp(&[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
/// assert_eq!(log_sum_exp::<f64>(&[]), f64::NEG_INFINITY);
/// ```
pub fn log_sum_exp<T: Real>(values: &[T]) -> T {
    dispatch(LogSumExp(values))
}
