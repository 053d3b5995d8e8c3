//! The search for an arc of negative reduced cost, and other loops over rows of costs.

use crate::points::Points;
use crate::rows::is_cost;
use tangency_vmath::{Kernel, dispatch};

/// Numbers that a lane-wise minimum is taken over at once.
pub(super) const LANES: usize = 32;

/// Costs in single precision, row after row in memory or computed when they are read.
#[derive(Debug)]
pub(super) enum Screened {
    Stored(Vec<f32>),
    Computed(Box<Points<f32>>),
}

/// The least of `(costs[j] − offsets[j]) scale + potentials[j]` in double precision, and where it is.
struct LeastOfRow<'a> {
    costs: &'a [f64],
    offsets: &'a [f64],
    scale: f64,
    potentials: &'a [f64],
}

impl Kernel for LeastOfRow<'_> {
    type Output = (usize, f64);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (usize, f64) {
        let m = self.costs.len();
        let (offsets, potentials) = (&self.offsets[..m], &self.potentials[..m]);
        let mut lanes = [f64::INFINITY; LANES / 2];
        let (costs, costs_rest) = self.costs.as_chunks::<{ LANES / 2 }>();
        let (t, t_rest) = offsets.as_chunks::<{ LANES / 2 }>();
        let (p, p_rest) = potentials.as_chunks::<{ LANES / 2 }>();
        for ((c, t), p) in costs.iter().zip(t).zip(p) {
            for k in 0..LANES / 2 {
                let x = (c[k] - t[k]) * self.scale + p[k];
                lanes[k] = if x < lanes[k] { x } else { lanes[k] };
            }
        }
        let mut best = f64::INFINITY;
        for ((&c, &t), &p) in costs_rest.iter().zip(t_rest).zip(p_rest) {
            let x = (c - t) * self.scale + p;
            best = if x < best { x } else { best };
        }
        for x in lanes {
            best = if x < best { x } else { best };
        }
        let columns = self.costs.iter().zip(offsets).zip(potentials);
        let target =
            columns.into_iter().position(|((&c, &t), &p)| (c - t) * self.scale + p <= best).unwrap_or(0);
        (target, best)
    }
}

/// The target with the least of `(costs[j] − offsets[j]) scale + potentials[j]`, and that least number.
pub(super) fn least_of_row(costs: &[f64], offsets: &[f64], scale: f64, potentials: &[f64]) -> (usize, f64) {
    dispatch(LeastOfRow { costs, offsets, scale, potentials })
}

/// The least and the greatest of a row, the lowered column minima, and whether all are costs.
struct Bounds<'a> {
    row: &'a [f64],
    columns: &'a mut [f64],
}

impl Kernel for Bounds<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (f64, f64) {
        let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        let (chunks, rest) = self.row.as_chunks::<8>();
        for chunk in chunks {
            for k in 0..8 {
                let c = if is_cost(chunk[k]) { chunk[k] } else { f64::INFINITY };
                low[k] = if c < low[k] { c } else { low[k] };
                high[k] = if c > high[k] { c } else { high[k] };
            }
        }
        for &c in rest {
            let c = if is_cost(c) { c } else { f64::INFINITY };
            low[0] = if c < low[0] { c } else { low[0] };
            high[0] = if c > high[0] { c } else { high[0] };
        }
        let mut bounds = (f64::INFINITY, f64::NEG_INFINITY);
        for k in 0..8 {
            bounds.0 = if low[k] < bounds.0 { low[k] } else { bounds.0 };
            bounds.1 = if high[k] > bounds.1 { high[k] } else { bounds.1 };
        }
        for (least, &c) in self.columns.iter_mut().zip(self.row) {
            let x = c - bounds.0;
            *least = if x < *least { x } else { *least };
        }
        bounds
    }
}

/// The least and the greatest number of a row, infinite if one is no cost; `columns` become the minima of what is left when
/// the least is taken off.
pub(super) fn bounds(row: &[f64], columns: &mut [f64]) -> (f64, f64) {
    dispatch(Bounds { row, columns })
}

struct Narrow<'a> {
    row: &'a [f64],
    source_offset: f64,
    target_offset: &'a [f64],
    scale: f64,
    out: &'a mut [f32],
}

impl Kernel for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((out, &c), &t) in self.out.iter_mut().zip(self.row).zip(self.target_offset) {
            *out = ((c - self.source_offset - t) * self.scale) as f32;
        }
    }
}

/// A row in single precision, less offsets, times a scale.
pub(super) fn narrow(row: &[f64], source_offset: f64, target_offset: &[f64], scale: f64, out: &mut [f32]) {
    dispatch(Narrow { row, source_offset, target_offset, scale, out });
}

/// Some of the smallest `row[j] + sign · shift[j]`.
struct Nearest<'a> {
    row: &'a [f32],
    shift: &'a [f32],
    sign: f32,
    most: usize,
    /// The least of each block.
    minima: &'a mut Vec<f32>,
    out: &'a mut Vec<(f32, u32)>,
}

impl Kernel for Nearest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { row, shift, sign, most, minima, out } = self;
        let shift = &shift[..row.len()];
        minima.clear();
        // A group is every 32nd number of a block, so that all operations are on whole vectors. There are some 250 groups.
        let height = (row.len() / (8 * LANES)).clamp(1, 64);
        let size = height * LANES;
        for (costs, shift) in row.chunks(size).zip(shift.chunks(size)) {
            let mut least = [f32::INFINITY; LANES];
            let (c, c_rest) = costs.as_chunks::<LANES>();
            let (s, s_rest) = shift.as_chunks::<LANES>();
            for (c, s) in c.iter().zip(s) {
                for k in 0..LANES {
                    let x = c[k] + sign * s[k];
                    least[k] = if x < least[k] { x } else { least[k] };
                }
            }
            for (least, (c, s)) in least.iter_mut().zip(c_rest.iter().zip(s_rest)) {
                let x = c + sign * s;
                *least = if x < *least { x } else { *least };
            }
            minima.extend_from_slice(&least);
        }
        // The most smallest numbers are not above the most smallest minima, each of which is one of the numbers.
        let mut limit = f32::INFINITY;
        if minima.len() > most {
            out.clear();
            out.extend(minima.iter().map(|&x| (x, 0)));
            limit = out.select_nth_unstable_by(most - 1, |x, y| x.0.total_cmp(&y.0)).1.0;
        }
        out.clear();
        for (group, &least) in minima.iter().enumerate() {
            if least <= limit {
                let begin = group / LANES * size;
                for j in (begin + group % LANES..(begin + size).min(row.len())).step_by(LANES) {
                    let x = row[j] + sign * shift[j];
                    if x <= limit {
                        out.push((x, j as u32));
                    }
                }
            }
        }
        if out.len() > most {
            out.select_nth_unstable_by(most - 1, |x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            out.truncate(most);
        }
    }
}

/// The `most` smallest of `row[j] + sign · shift[j]`, in any order, with their indices.
pub(super) fn nearest(
    row: &[f32],
    shift: &[f32],
    sign: f32,
    most: usize,
    minima: &mut Vec<f32>,
    out: &mut Vec<(f32, u32)>,
) {
    dispatch(Nearest { row, shift, sign, most, minima, out });
}

/// The least `row[j] + potentials[j]` in each class of numbers j with the same remainder modulo [`LANES`].
struct Classes<'a> {
    row: &'a [f32],
    potentials: &'a [f32],
    out: &'a mut [(f32, u32)],
}

impl Kernel for Classes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (mut least, mut block) = ([f32::INFINITY; LANES], [0_u32; LANES]);
        let (costs, costs_rest) = self.row.as_chunks::<LANES>();
        let (potentials, potentials_rest) = self.potentials[..self.row.len()].as_chunks::<LANES>();
        for (at, (c, p)) in costs.iter().zip(potentials).enumerate() {
            for k in 0..LANES {
                let x = c[k] + p[k];
                let less = x < least[k];
                least[k] = if less { x } else { least[k] };
                block[k] = if less { at as u32 } else { block[k] };
            }
        }
        for (k, (c, p)) in costs_rest.iter().zip(potentials_rest).enumerate() {
            if c + p < least[k] {
                block[k] = costs.len() as u32;
            }
        }
        for (k, entry) in self.out.iter_mut().enumerate() {
            let j = block[k] * LANES as u32 + k as u32;
            *entry = (self.row[j as usize], j);
        }
    }
}

/// The best arc of a row in each of [`LANES`] classes, with its cost: the best of all is among them. `out` has an entry for each
/// class, or for each arc if there are fewer.
pub(super) fn best_of_classes(row: &[f32], potentials: &[f32], out: &mut [(f32, u32)]) {
    dispatch(Classes { row, potentials, out });
}

/// Finds the pairs of a row whose reduced cost in single precision is below `limit`.
struct Near<'a> {
    row: &'a [f32],
    potentials: &'a [f32],
    limit: f32,
    out: &'a mut Vec<u32>,
}

impl Kernel for Near<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let potentials = &self.potentials[..self.row.len()];
        for (block, (c, p)) in self.row.chunks(LANES).zip(potentials.chunks(LANES)).enumerate() {
            if let (Ok(c), Ok(p)) = (<&[f32; LANES]>::try_from(c), <&[f32; LANES]>::try_from(p)) {
                let mut any = false;
                for k in 0..LANES {
                    any |= c[k] + p[k] <= self.limit;
                }
                if !any {
                    continue;
                }
            }
            for (k, (c, p)) in c.iter().zip(p).enumerate() {
                if c + p <= self.limit {
                    self.out.push((block * LANES + k) as u32);
                }
            }
        }
    }
}

/// Appends the targets with `row[j] + potentials[j] <= limit`.
pub(super) fn near(row: &[f32], potentials: &[f32], limit: f32, out: &mut Vec<u32>) {
    dispatch(Near { row, potentials, limit, out });
}
