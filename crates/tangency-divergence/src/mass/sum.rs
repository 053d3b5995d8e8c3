//! One pass over two vectors: what is wrong with them, their sums, and the sum of the terms.

use super::lane::{TINY, Term};
use crate::error::{MassError, Side};
use crate::parallel::map_parts;
use tangency_vmath::{Kernel, dispatch};

/// Entries that are checked and then summed, while they are in the first-level cache.
const BLOCK: usize = 1024;
/// Entries that one thread takes at a time.
const PART: usize = 32 * BLOCK;
/// Interleaved partial sums.
const LANES: usize = 8;

/// What one pass finds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums {
    /// The sum of the terms with $p, q > 0$, or of all terms.
    pub(super) value: Compensated,
    /// $\sum p$.
    pub(super) p: Compensated,
    /// $\sum q$.
    pub(super) q: Compensated,
    /// $\sum p$ where $q = 0$.
    pub(super) p_alone: Compensated,
    /// $\sum q$ where $p = 0$.
    pub(super) q_alone: Compensated,
    /// The least entry that is not zero.
    least: f64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.value.add(other.value.total());
        self.p.add(other.p.total());
        self.q.add(other.q.total());
        self.p_alone.add(other.p_alone.total());
        self.q_alone.add(other.q_alone.total());
        self.least = self.least.min(other.least);
    }

    const NONE: Self = Self {
        value: Compensated::ZERO,
        p: Compensated::ZERO,
        q: Compensated::ZERO,
        p_alone: Compensated::ZERO,
        q_alone: Compensated::ZERO,
        least: f64::INFINITY,
    };
}

/// A sum with the rounding errors of its additions, after Neumaier.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    pub(crate) const ZERO: Self = Self { sum: 0.0, lost: 0.0 };

    pub(crate) fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    pub(crate) fn total(self) -> f64 {
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

impl FromIterator<f64> for Compensated {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut sum = Self::ZERO;
        numbers.into_iter().for_each(|x| sum.add(x));
        sum
    }
}

/// The sums of a part.
struct Part<'a, T> {
    p: &'a [f64],
    q: &'a [f64],
    term: &'a T,
}

impl<T: Term> Kernel for Part<'_, T> {
    type Output = Sums;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Sums {
        let mut sums = Sums::NONE;
        for (p, q) in self.p.chunks(BLOCK).zip(self.q.chunks(BLOCK)) {
            let mut block = survey(p, q);
            let value = if block.least < TINY {
                block_value::<T, FMA, true>(p, q, self.term)
            } else {
                block_value::<T, FMA, false>(p, q, self.term)
            };
            block.value.add(value);
            sums.add(&block);
        }
        sums
    }
}

/// Everything but the value.
#[inline(always)]
fn survey(p: &[f64], q: &[f64]) -> Sums {
    let mut lanes = SurveyLanes {
        p: [0.0; LANES],
        q: [0.0; LANES],
        p_alone: [0.0; LANES],
        q_alone: [0.0; LANES],
        least: [f64::INFINITY; LANES],
    };
    let (p_chunks, p_rest) = p.as_chunks::<LANES>();
    let (q_chunks, q_rest) = q.as_chunks::<LANES>();
    for (p, q) in p_chunks.iter().zip(q_chunks) {
        lanes.visit(p, q);
    }
    lanes.visit(&padded(p_rest), &padded(q_rest));
    Sums {
        value: Compensated::ZERO,
        p: total(lanes.p),
        q: total(lanes.q),
        p_alone: total(lanes.p_alone),
        q_alone: total(lanes.q_alone),
        least: lanes.least.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

/// The partial sums of [`survey`].
struct SurveyLanes {
    p: [f64; LANES],
    q: [f64; LANES],
    p_alone: [f64; LANES],
    q_alone: [f64; LANES],
    least: [f64; LANES],
}

impl SurveyLanes {
    /// A method and no closure: what is not inlined into the dispatched function has none of its instructions.
    #[inline(always)]
    fn visit(&mut self, p: &[f64; LANES], q: &[f64; LANES]) {
        for i in 0..LANES {
            self.p[i] += p[i];
            self.q[i] += q[i];
            self.p_alone[i] += if q[i] == 0.0 { p[i] } else { 0.0 };
            self.q_alone[i] += if p[i] == 0.0 { q[i] } else { 0.0 };
            let x = if p[i] == 0.0 { f64::INFINITY } else { p[i] };
            let y = if q[i] == 0.0 { f64::INFINITY } else { q[i] };
            let smaller = if x < y { x } else { y };
            self.least[i] = if smaller < self.least[i] { smaller } else { self.least[i] };
        }
    }
}

/// The sum of the terms.
#[inline(always)]
fn block_value<T: Term, const FMA: bool, const WIDE: bool>(p: &[f64], q: &[f64], term: &T) -> f64 {
    let mut sum = [0.0; LANES];
    let (p_chunks, p_rest) = p.as_chunks::<LANES>();
    let (q_chunks, q_rest) = q.as_chunks::<LANES>();
    for (p, q) in p_chunks.iter().zip(q_chunks) {
        add_terms::<T, FMA, WIDE>(&mut sum, p, q, term);
    }
    add_terms::<T, FMA, WIDE>(&mut sum, &padded(p_rest), &padded(q_rest), term);
    total(sum).total()
}

#[inline(always)]
fn add_terms<T: Term, const FMA: bool, const WIDE: bool>(
    sum: &mut [f64; LANES],
    p: &[f64; LANES],
    q: &[f64; LANES],
    term: &T,
) {
    let mut terms = [0.0; LANES];
    for i in 0..LANES {
        let value = term.lane::<FMA, WIDE>(p[i], q[i]);
        terms[i] = if T::FOR_ZEROS || (p[i] > 0.0 && q[i] > 0.0) { value } else { 0.0 };
    }
    for i in 0..LANES {
        sum[i] += terms[i];
    }
}

/// The last entries of a block, and zeros, whose terms are zero.
#[inline(always)]
fn padded(rest: &[f64]) -> [f64; LANES] {
    let mut chunk = [0.0; LANES];
    chunk[..rest.len()].copy_from_slice(rest);
    chunk
}

/// The sum of the partial sums, in pairs.
#[inline(always)]
fn total(lanes: [f64; LANES]) -> Compensated {
    let [a, b, c, d, e, f, g, h] = lanes;
    Compensated { sum: ((a + e) + (c + g)) + ((b + f) + (d + h)), lost: 0.0 }
}

/// The pass over all entries.
pub(super) fn sums<T: Term>(p: &[f64], q: &[f64], term: &T) -> Sums {
    let part = |range: std::ops::Range<usize>| dispatch(Part { p: &p[range.clone()], q: &q[range], term });
    if p.len() <= PART {
        return part(0..p.len());
    }
    let mut sums = Sums::NONE;
    for part in map_parts(p.len(), PART, part) {
        sums.add(&part);
    }
    sums
}

/// The pass for terms that are computed one by one.
pub(super) fn sums_of_each(p: &[f64], q: &[f64], term: impl Fn(f64, f64) -> f64 + Sync) -> Sums {
    let mut sums = Sums::NONE;
    let parts = map_parts(p.len(), PART, |range| {
        let mut sums = Sums::NONE;
        for (p, q) in p[range.clone()].chunks(BLOCK).zip(q[range].chunks(BLOCK)) {
            let mut block = survey(p, q);
            for (&p, &q) in p.iter().zip(q) {
                if p > 0.0 && q > 0.0 {
                    block.value.add(term(p, q));
                }
            }
            sums.add(&block);
        }
        sums
    });
    for part in parts {
        sums.add(&part);
    }
    sums
}

impl Sums {
    /// The errors, in this order: a bad entry of P, of Q; a wrong sum of P, of Q.
    pub(super) fn check(&self, p: &[f64], q: &[f64], tolerance: f64) -> Result<(), MassError> {
        let (sum_p, sum_q) = (self.p.total(), self.q.total());
        if !(self.least >= 0.0 && sum_p.is_finite() && sum_q.is_finite()) {
            check_entries(p, Side::P)?;
            check_entries(q, Side::Q)?;
        }
        check_sum(sum_p, tolerance, Side::P)?;
        check_sum(sum_q, tolerance, Side::Q)
    }
}

fn check_sum(sum: f64, tolerance: f64, side: Side) -> Result<(), MassError> {
    if (sum - 1.0).abs() <= tolerance {
        Ok(())
    } else {
        Err(MassError::NotNormalised { side, sum, tolerance })
    }
}

/// Finds the first entry that is negative, NaN or infinite.
pub(super) fn check_entries(masses: &[f64], side: Side) -> Result<(), MassError> {
    for (index, &value) in masses.iter().enumerate() {
        if !value.is_finite() {
            return Err(MassError::NotFinite { side, index, value });
        }
        if value < 0.0 {
            return Err(MassError::Negative { side, index, value });
        }
    }
    Ok(())
}

/// Both vectors have entries, and as many.
pub(super) fn check_lengths(p: usize, q: usize) -> Result<(), MassError> {
    match (p, q) {
        (0, _) => Err(MassError::Empty { side: Side::P }),
        (_, 0) => Err(MassError::Empty { side: Side::Q }),
        (p, q) if p != q => Err(MassError::LengthMismatch { p, q }),
        _ => Ok(()),
    }
}
