//! The search for an arc of negative reduced cost, and other loops over rows of costs.

use super::tree::Tree;
use crate::points::Points;
use crate::rows::is_cost;
use tangency_vmath::{Kernel, Real, dispatch};

/// Numbers that a lane-wise minimum is taken over at once.
const LANES: usize = 32;

/// The least of `value(costs[j], potentials[j])`.
#[inline(always)]
fn least<T: Real>(costs: &[T], potentials: &[T], value: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::INFINITY; LANES];
    let (costs, costs_rest) = costs.as_chunks::<LANES>();
    let (potentials, potentials_rest) = potentials[..].as_chunks::<LANES>();
    for (c, p) in costs.iter().zip(potentials) {
        for k in 0..LANES {
            let x = value(c[k], p[k]);
            lanes[k] = if x < lanes[k] { x } else { lanes[k] };
        }
    }
    let mut best = T::INFINITY;
    for (&c, &p) in costs_rest.iter().zip(potentials_rest) {
        let x = value(c, p);
        best = if x < best { x } else { best };
    }
    for x in lanes {
        best = if x < best { x } else { best };
    }
    best
}

/// Costs in single precision, row after row in memory or computed when they are read.
#[derive(Debug)]
pub(super) enum Screened {
    Stored(Vec<f32>),
    Computed(Box<Points<f32>>, Vec<f32>),
}

/// Scans sources in cyclic order from `start` for one with an arc whose reduced cost is below −`threshold`, single precision.
pub(super) struct Screen<'a> {
    pub(super) costs: &'a mut Screened,
    pub(super) targets: usize,
    pub(super) tree: &'a Tree,
    /// The sources to scan.
    pub(super) sources: &'a [u32],
    /// Where to begin in that list.
    pub(super) start: usize,
    /// How many to scan at most.
    pub(super) count: usize,
    pub(super) threshold: f32,
}

/// A source with its best arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) source: usize,
    pub(super) target: usize,
    /// Sources that were scanned, this one included.
    pub(super) scanned: usize,
}

impl Kernel for Screen<'_> {
    type Output = Option<Found>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Option<Found> {
        let potentials = &self.tree.mirror[..self.targets];
        let mut at = self.start;
        for scanned in 1..=self.count {
            let source = self.sources[at] as usize;
            let row: &[f32] = match self.costs {
                Screened::Stored(all) => &all[source * self.targets..(source + 1) * self.targets],
                Screened::Computed(points, buffer) => {
                    points.fill(source, 0, buffer);
                    buffer
                }
            };
            let best = least(row, potentials, |c, p| c + p);
            if best < self.tree.source_potential(source) as f32 - self.threshold {
                let target = row.iter().zip(potentials).position(|(&c, &p)| c + p <= best).unwrap_or(0);
                return Some(Found { source, target, scanned });
            }
            at += 1;
            if at == self.sources.len() {
                at = 0;
            }
        }
        None
    }
}

/// Scans sources in single precision.
pub(super) fn screen(screen: Screen<'_>) -> Option<Found> {
    dispatch(screen)
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

/// The least and the greatest number of a row, infinite if one is no cost; `columns` become the minima of what is left when the least is taken off.
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

/// The smallest of `row[j] − shift[j]`.
struct Nearest<'a> {
    row: &'a [f32],
    shift: &'a [f32],
    out: &'a mut Vec<(f32, u32)>,
    most: usize,
}

impl Kernel for Nearest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.out.clear();
        let mut limit = f32::INFINITY;
        for (block, (costs, shift)) in self.row.chunks(LANES).zip(self.shift.chunks(LANES)).enumerate() {
            // The minimum of a block is quick; most blocks have nothing to offer.
            let mut keys = [f32::INFINITY; LANES];
            let mut least = [f32::INFINITY; 8];
            if let (Ok(c), Ok(s)) = (<&[f32; LANES]>::try_from(costs), <&[f32; LANES]>::try_from(shift)) {
                for k in 0..LANES {
                    keys[k] = c[k] - s[k];
                }
            } else {
                for (key, (c, s)) in keys.iter_mut().zip(costs.iter().zip(shift)) {
                    *key = c - s;
                }
            }
            for k in 0..LANES {
                least[k % 8] = if keys[k] < least[k % 8] { keys[k] } else { least[k % 8] };
            }
            if !least.iter().any(|&x| x < limit) {
                continue;
            }
            for (k, &key) in keys.iter().enumerate() {
                if key < limit {
                    let at = self.out.partition_point(|entry| entry.0 <= key);
                    self.out.insert(at, (key, (block * LANES + k) as u32));
                    if self.out.len() > self.most {
                        self.out.pop();
                    }
                    if self.out.len() == self.most {
                        limit = self.out[self.most - 1].0;
                    }
                }
            }
        }
    }
}

/// The `most` smallest of `row[j] − shift[j]` in their order, with their indices.
pub(super) fn nearest(row: &[f32], shift: &[f32], most: usize, out: &mut Vec<(f32, u32)>) {
    dispatch(Nearest { row, shift, out, most });
}
