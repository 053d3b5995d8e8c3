//! Counts of evenly spaced bins, in one pass over the numbers.

use super::bins::{Axis, Uniform};
use crate::error::{SampleError, Side};
use crate::parallel::map_parts;
use tangency_vmath::{Kernel, Real, dispatch};

/// Numbers whose bins are found at once.
const CHUNK: usize = 256;

/// 2⁵²: adding it rounds a number below to an integer, which then stands in the low bits.
const ROUND: f64 = 4_503_599_627_370_496.0;

/// Finds the bins of a chunk; `true` if some number is too close to an edge, or not finite.
struct Find<'a> {
    numbers: &'a [f64],
    bins: &'a Uniform,
    out: &'a mut [u32; CHUNK],
}

impl Kernel for Find<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let Uniform { lower, per_unit, count, doubt, .. } = *self.bins;
        let top = count as f64 + 1.5;
        let mut doubtful = [0_u64; 8];
        for (chunk, out) in self.numbers.chunks(8).zip(self.out.chunks_mut(8)) {
            for (l, (x, out)) in chunk.iter().zip(out).enumerate() {
                // In bins, one more than the index, so that below is 0 and nothing is negative.
                let t = (x - lower).mul_add_lane::<FMA>(per_unit, 1.0);
                let t = if t < 0.5 { 0.5 } else { t };
                let t = if t > top { top } else { t };
                let nearest = (t + ROUND) - ROUND;
                let floor = if nearest > t { nearest - 1.0 } else { nearest };
                *out = (floor + ROUND).to_bits() as u32;
                let away = (t - nearest).abs();
                // Written so that a NaN and an infinity are doubtful.
                doubtful[l] |= u64::from(!(away > doubt && x.abs() <= f64::MAX));
            }
        }
        doubtful.iter().any(|d| *d != 0)
    }
}

/// How many numbers are below, in each bin, and above.
pub(super) fn count(
    axis: &Axis,
    bins: &Uniform,
    numbers: &[f64],
    side: Side,
) -> Result<Vec<u64>, SampleError> {
    let cells = bins.count + 2;
    // Neighbours that fall into one bin would wait for each other's count to be stored; four histograms in turn need not.
    let copies = if cells <= 4096 { 4 } else { 1 };
    let size = (1 << 18).max(8 * cells);
    let parts = map_parts(numbers.len(), size, |range| {
        let mut counts = vec![0_u32; copies * cells];
        let mut found = [0_u32; CHUNK];
        for (index, chunk) in numbers[range.clone()].chunks(CHUNK).enumerate() {
            if dispatch(Find { numbers: chunk, bins, out: &mut found }) {
                for (at, (found, &x)) in found.iter_mut().zip(chunk).enumerate() {
                    if !x.is_finite() {
                        let row = range.start + index * CHUNK + at;
                        return Err(SampleError::NotFinite { side, row, column: 0, value: x });
                    }
                    *found = axis.find(x) as u32;
                }
            }
            tally(&mut counts, cells, &found[..chunk.len()]);
        }
        Ok(counts)
    });
    let mut total = vec![0_u64; cells];
    for part in parts {
        for copy in part?.chunks_exact(cells) {
            for (total, count) in total.iter_mut().zip(copy) {
                *total += u64::from(*count);
            }
        }
    }
    Ok(total)
}

fn tally(counts: &mut [u32], cells: usize, found: &[u32]) {
    if counts.len() == 4 * cells {
        let (first, rest) = counts.split_at_mut(cells);
        let (second, rest) = rest.split_at_mut(cells);
        let (third, fourth) = rest.split_at_mut(cells);
        let (fours, rest) = found.as_chunks::<4>();
        for &[a, b, c, d] in fours {
            first[a as usize] += 1;
            second[b as usize] += 1;
            third[c as usize] += 1;
            fourth[d as usize] += 1;
        }
        for &a in rest {
            first[a as usize] += 1;
        }
    } else {
        for &a in found {
            counts[a as usize] += 1;
        }
    }
}
