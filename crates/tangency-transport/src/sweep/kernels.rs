//! The inner loops, compiled for each instruction set.

use super::exponential::exp;
use crate::points::Points;
use tangency_vmath::{Kernel, Real};

/// Partial sums of a line: four AVX2 registers, to hide the latency of an addition.
const LANES: usize = 16;
/// Costs that are computed at a time: 4 KiB, so that they stay in the first-level cache with what they are combined with.
const SEGMENT: usize = 512;
/// A sum that is smaller has lost terms to underflow that could matter: 1e-290 is 2e17 times the least normal number.
const SMALL: f64 = 1e-290;

/// Where the costs of a line come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Slice(&'a [f64]),
    Points {
        points: &'a Points<f64>,
        index: usize,
        length: usize,
    },
    Function {
        function: &'a (dyn Fn(&[f64], &[f64]) -> f64 + Sync),
        own: &'a [f64],
        other: &'a [f64],
        length: usize,
        turned: bool,
    },
}

impl Source<'_> {
    /// The costs from `first` on: all that are left of a slice; as many as the buffer holds, and computed into it, of others.
    ///
    /// A loop over pieces calls this once for each. A closure for the body would not be inlined, and so not be compiled for the
    /// instruction set.
    #[inline(always)]
    fn piece<'b>(&'b self, first: usize, buffer: &'b mut [f64; SEGMENT]) -> &'b [f64] {
        let length = match *self {
            Source::Slice(slice) => return &slice[first..],
            Source::Points { length, .. } | Source::Function { length, .. } => length,
        };
        let piece = &mut buffer[..SEGMENT.min(length - first)];
        self.copy(first, piece);
        piece
    }

    /// How many there are.
    #[inline(always)]
    fn length(&self) -> usize {
        match *self {
            Source::Slice(slice) => slice.len(),
            Source::Points { length, .. } | Source::Function { length, .. } => length,
        }
    }

    /// The costs from `first` on.
    #[inline(always)]
    pub(super) fn copy(&self, first: usize, out: &mut [f64]) {
        match *self {
            Source::Slice(slice) => out.copy_from_slice(&slice[first..first + out.len()]),
            Source::Points { points, index, .. } => points.fill(index, first, out),
            Source::Function { function, own, other, turned, .. } => {
                let d = own.len();
                for (j, out) in out.iter_mut().enumerate() {
                    let point = &other[(first + j) * d..(first + j + 1) * d];
                    *out = if turned { function(point, own) } else { function(own, point) };
                }
            }
        }
    }
}

/// The least and the largest cost of a line, and whether all are finite.
pub(super) struct Extent<'a>(pub(super) Source<'a>);

impl Kernel for Extent<'_> {
    type Output = (f64, f64, bool);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let (mut least, mut largest) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        let mut zero = [0.0; LANES];
        let (mut buffer, mut first) = ([0.0; SEGMENT], 0);
        while first < self.0.length() {
            let costs = self.0.piece(first, &mut buffer);
            first += costs.len();
            let (chunks, rest) = costs.as_chunks::<LANES>();
            // What is not finite becomes NaN times zero, and stays; a short rest is filled up with its first element.
            let mut last = [rest.first().copied().unwrap_or(0.0); LANES];
            last[..rest.len()].copy_from_slice(rest);
            for chunk in chunks.iter().chain((!rest.is_empty()).then_some(&last)) {
                for k in 0..LANES {
                    let c = chunk[k];
                    least[k] = if c < least[k] { c } else { least[k] };
                    largest[k] = if c > largest[k] { c } else { largest[k] };
                    zero[k] += c * 0.0;
                }
            }
        }
        let finite = zero.iter().all(|z| !z.is_nan());
        (
            least.iter().fold(f64::INFINITY, |a, &b| a.min(b)),
            largest.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b)),
            finite,
        )
    }
}

/// The log-sum-exp of a line, less a shift.
pub(super) struct Line<'a> {
    pub(super) costs: Source<'a>,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    pub(super) shift: f64,
}

impl Line<'_> {
    #[inline(always)]
    fn sum<const FMA: bool>(&self, shift: f64) -> f64 {
        let mut sums = [0.0; LANES];
        let scale = self.scale;
        let (mut buffer, mut first) = ([0.0; SEGMENT], 0);
        while first < self.costs.length() {
            let costs = self.costs.piece(first, &mut buffer);
            let exponents = &self.exponents[first..first + costs.len()];
            first += costs.len();
            let (costs, costs_rest) = costs.as_chunks::<LANES>();
            let (exponents, exponents_rest) = exponents.as_chunks::<LANES>();
            for (c, h) in costs.iter().zip(exponents) {
                // All the exponentials first, then all the additions: a float sum does not vectorise otherwise.
                let mut e = [0.0; LANES];
                for k in 0..LANES {
                    e[k] = exp::<FMA>(c[k].mul_add_lane::<FMA>(scale, h[k]) - shift);
                }
                for k in 0..LANES {
                    sums[k] += e[k];
                }
            }
            for (k, (c, h)) in costs_rest.iter().zip(exponents_rest).enumerate() {
                sums[k] += exp::<FMA>(c.mul_add_lane::<FMA>(scale, *h) - shift);
            }
        }
        total(sums)
    }
}

impl Kernel for Line<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let sum = self.sum::<FMA>(self.shift);
        if sum > SMALL && sum < f64::INFINITY {
            return sum.ln_lane::<FMA>();
        }
        let Self { costs, exponents, scale, shift } = self;
        let top = LineMaximum { costs, exponents, scale }.run::<FMA>();
        if top == f64::NEG_INFINITY {
            return top;
        }
        (top - shift) + self.sum::<FMA>(top).ln_lane::<FMA>()
    }
}

/// The maximum of a line.
pub(super) struct LineMaximum<'a> {
    pub(super) costs: Source<'a>,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
}

impl Kernel for LineMaximum<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let mut tops = [f64::NEG_INFINITY; LANES];
        let scale = self.scale;
        let (mut buffer, mut first) = ([0.0; SEGMENT], 0);
        while first < self.costs.length() {
            let costs = self.costs.piece(first, &mut buffer);
            let exponents = &self.exponents[first..first + costs.len()];
            first += costs.len();
            let (costs, costs_rest) = costs.as_chunks::<LANES>();
            let (exponents, exponents_rest) = exponents.as_chunks::<LANES>();
            for (c, h) in costs.iter().zip(exponents) {
                for k in 0..LANES {
                    let x = c[k].mul_add_lane::<FMA>(scale, h[k]);
                    tops[k] = if x > tops[k] { x } else { tops[k] };
                }
            }
            for (k, (c, h)) in costs_rest.iter().zip(exponents_rest).enumerate() {
                let x = c.mul_add_lane::<FMA>(scale, *h);
                tops[k] = if x > tops[k] { x } else { tops[k] };
            }
        }
        tops.iter().fold(f64::NEG_INFINITY, |top, &x| if x > top { x } else { top })
    }
}

/// The log-sum-exp over lines, less shifts, for as many elements as `out` has, from `first` on.
pub(super) struct Across<'a> {
    pub(super) lines: &'a [&'a [f64]],
    pub(super) first: usize,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    /// The shifts; then the results.
    pub(super) out: &'a mut [f64],
}

impl Across<'_> {
    /// The sums over all lines, two lines at a time, which halves the traffic of the sums.
    #[inline(always)]
    fn sums<const FMA: bool>(&self, shifts: &[f64; super::WIDTH], sums: &mut [f64; super::WIDTH]) {
        let (width, scale) = (self.out.len(), self.scale);
        let part = self.first..self.first + width;
        let (pairs, last) = self.lines.as_chunks::<2>();
        let (h_pairs, h_last) = self.exponents.as_chunks::<2>();
        let (sums, shifts) = (&mut sums[..width], &shifts[..width]);
        for ([c, d], [h, k]) in pairs.iter().zip(h_pairs) {
            let (c, d) = (&c[part.clone()], &d[part.clone()]);
            for (((sum, s), c), d) in sums.iter_mut().zip(shifts).zip(c).zip(d) {
                *sum += exp::<FMA>(c.mul_add_lane::<FMA>(scale, *h) - s)
                    + exp::<FMA>(d.mul_add_lane::<FMA>(scale, *k) - s);
            }
        }
        for (c, h) in last.iter().zip(h_last) {
            for ((sum, s), c) in sums.iter_mut().zip(shifts).zip(&c[part.clone()]) {
                *sum += exp::<FMA>(c.mul_add_lane::<FMA>(scale, *h) - s);
            }
        }
    }
}

impl Kernel for Across<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let width = self.out.len();
        let (mut shifts, mut sums) = ([0.0; super::WIDTH], [0.0; super::WIDTH]);
        shifts[..width].copy_from_slice(self.out);
        self.sums::<FMA>(&shifts, &mut sums);
        if sums[..width].iter().all(|&sum| sum > SMALL && sum < f64::INFINITY) {
            for (out, sum) in self.out.iter_mut().zip(sums) {
                *out = sum.ln_lane::<FMA>();
            }
            return;
        }
        let mut tops = [f64::NEG_INFINITY; super::WIDTH];
        let Self { lines, first, exponents, scale, .. } = self;
        AcrossMaximum { lines, first, exponents, scale, out: &mut tops[..width] }.run::<FMA>();
        // A shift of minus infinity would make the exponents NaN; the sum is zero with any other.
        let finite = tops.map(|top| if top == f64::NEG_INFINITY { 0.0 } else { top });
        sums = [0.0; super::WIDTH];
        self.sums::<FMA>(&finite, &mut sums);
        for (k, out) in self.out.iter_mut().enumerate() {
            *out = (finite[k] - shifts[k]) + sums[k].ln_lane::<FMA>();
        }
    }
}

/// The maximum over lines.
pub(super) struct AcrossMaximum<'a> {
    pub(super) lines: &'a [&'a [f64]],
    pub(super) first: usize,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    pub(super) out: &'a mut [f64],
}

impl Kernel for AcrossMaximum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.out.fill(f64::NEG_INFINITY);
        let part = self.first..self.first + self.out.len();
        for (line, h) in self.lines.iter().zip(self.exponents) {
            for (top, c) in self.out.iter_mut().zip(&line[part.clone()]) {
                let x = c.mul_add_lane::<FMA>(self.scale, *h);
                *top = if x > *top { x } else { *top };
            }
        }
    }
}

/// The entries of a line of the plan.
pub(super) struct Entries<'a> {
    pub(super) costs: Source<'a>,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    pub(super) shift: f64,
    /// The costs, where they do not lie in memory already.
    pub(super) copy: &'a mut [f64],
    pub(super) out: &'a mut [f64],
}

impl Kernel for Entries<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let costs = if let Source::Slice(slice) = self.costs {
            slice
        } else {
            self.costs.copy(0, self.copy);
            &*self.copy
        };
        for ((out, c), h) in self.out.iter_mut().zip(costs).zip(self.exponents) {
            *out = exp::<FMA>(c.mul_add_lane::<FMA>(self.scale, *h) - self.shift);
        }
    }
}

/// How many entries of a line reach a threshold.
pub(super) struct Count<'a> {
    pub(super) costs: Source<'a>,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    pub(super) shift: f64,
    pub(super) threshold: f64,
}

impl Kernel for Count<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> usize {
        // Counted in floating point, which is exact up to 2⁵³ and vectorises with the comparison.
        let mut counts = [0.0; LANES];
        let (mut buffer, mut first) = ([0.0; SEGMENT], 0);
        while first < self.costs.length() {
            let costs = self.costs.piece(first, &mut buffer);
            let exponents = &self.exponents[first..first + costs.len()];
            first += costs.len();
            let (costs, costs_rest) = costs.as_chunks::<LANES>();
            let (exponents, exponents_rest) = exponents.as_chunks::<LANES>();
            for (c, h) in costs.iter().zip(exponents) {
                for k in 0..LANES {
                    let x = c[k].mul_add_lane::<FMA>(self.scale, h[k]) - self.shift;
                    counts[k] += if x >= self.threshold { 1.0 } else { 0.0 };
                }
            }
            for (k, (c, h)) in costs_rest.iter().zip(exponents_rest).enumerate() {
                let x = c.mul_add_lane::<FMA>(self.scale, *h) - self.shift;
                counts[k] += if x >= self.threshold { 1.0 } else { 0.0 };
            }
        }
        total(counts) as usize
    }
}

/// The indices and logarithms of those entries, appended.
pub(super) struct Keep<'a> {
    pub(super) costs: Source<'a>,
    pub(super) exponents: &'a [f64],
    pub(super) scale: f64,
    pub(super) shift: f64,
    pub(super) threshold: f64,
    pub(super) indices: &'a mut Vec<u32>,
    pub(super) values: &'a mut Vec<f64>,
}

impl Kernel for Keep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { costs, exponents, scale, shift, threshold, indices, values } = self;
        let (mut buffer, mut first) = ([0.0; SEGMENT], 0);
        while first < costs.length() {
            let piece = costs.piece(first, &mut buffer);
            for (j, (c, h)) in piece.iter().zip(&exponents[first..]).enumerate() {
                let x = c.mul_add_lane::<FMA>(scale, *h) - shift;
                if x >= threshold {
                    indices.push((first + j) as u32);
                    values.push(x);
                }
            }
            first += piece.len();
        }
    }
}

/// The sum of the partial sums, in pairs.
#[inline(always)]
fn total(mut lanes: [f64; LANES]) -> f64 {
    let mut width = LANES / 2;
    while width > 0 {
        for k in 0..width {
            lanes[k] += lanes[k + width];
        }
        width /= 2;
    }
    lanes[0]
}
