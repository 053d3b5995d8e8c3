//! Passes over all costs, fused: log-sum-exp, maximum, and the lines of a plan, without a matrix beside the costs.
//!
//! A plan of entropic transport has the entries $e^{h_j + s_i - c_{ij}/\varepsilon}$. Here `exponents` are the $h_j$ of the side
//! that is summed over, `shifts` the $-s_i$ of the side that has a result for each element, and `scale` is $-1/\varepsilon$.

mod exponential;
mod kernels;

use crate::cost::{Cost, Metric};
use crate::error::{Side, TransportError};
use crate::parallel::{for_parts_mut, map_parts};
use crate::points::Points;
use crate::rows::{Rows, coordinates, slices};
use kernels::{Across, AcrossMaximum, Count, Entries, Extent, Keep, Line, LineMaximum, Source};
use tangency_vmath::dispatch;

/// Lines that one task sweeps; enough work for a task also where lines are short.
const LINES: usize = 64;
/// Elements across the lines that one task sweeps: their sums and shifts stay in the first-level cache.
const WIDTH: usize = 128;

/// The costs of a problem, laid out so that at least one side has its costs in one piece (a line for each of its elements).
pub(crate) struct Sweeps<'a> {
    sources: usize,
    targets: usize,
    layout: Layout<'a>,
    least: f64,
    largest: f64,
}

enum Layout<'a> {
    /// A matrix in place: lines for the elements of one side.
    Lines { side: Side, lines: Vec<&'a [f64]> },
    /// A copy of a matrix in single precision, or with neither rows nor columns in one piece, by rows.
    Copy(Vec<f64>),
    /// Points: lines for both sides, computed when needed.
    Points { forward: Points<f64>, backward: Points<f64> },
    /// Points with a function of the caller, whose arguments cannot change places.
    Function { sources: Vec<f64>, targets: Vec<f64>, function: &'a (dyn Fn(&[f64], &[f64]) -> f64 + Sync) },
}

impl<'a> Sweeps<'a> {
    /// Looks at every cost once, so that all of them are known to be finite.
    pub(crate) fn new(cost: &Cost<'a>) -> Result<Self, TransportError> {
        let (sources, targets) = cost.shape();
        let layout = match *cost {
            Cost::Matrix(matrix) => {
                if let Some(lines) = slices(matrix.transpose()) {
                    Layout::Lines { side: Side::Source, lines }
                } else if let Some(lines) = slices(matrix) {
                    Layout::Lines { side: Side::Target, lines }
                } else {
                    let entries = (0..sources).flat_map(|i| (0..targets).map(move |j| (i, j)));
                    Layout::Copy(entries.map(|entry| matrix[entry]).collect())
                }
            }
            Cost::Points { sources: x, targets: y, metric } => {
                let points = |sources, targets| match Rows::of_points(sources, targets, metric)? {
                    Rows::Points(points) => Ok::<_, TransportError>(Some(points)),
                    _ => Ok(None),
                };
                match (points(x, y)?, points(y, x)?, metric) {
                    (Some(forward), Some(backward), _) => Layout::Points { forward, backward },
                    (_, _, Metric::Function(function)) => Layout::Function {
                        sources: coordinates(x, Side::Source, false)?,
                        targets: coordinates(y, Side::Target, false)?,
                        function,
                    },
                    _ => Layout::Copy(Vec::new()), // every other metric is one of points
                }
            }
            Cost::Single(matrix) => {
                let entries = (0..sources).flat_map(|i| (0..targets).map(move |j| (i, j)));
                Layout::Copy(entries.map(|entry| f64::from(matrix[entry])).collect())
            }
            // A pair without an arc costs infinity, and is refused as such.
            Cost::Arcs(arcs) => {
                let entries = (0..sources).flat_map(|i| (0..targets).map(move |j| (i, j)));
                Layout::Copy(entries.map(|(i, j)| arcs.entry(i, j).unwrap_or(f64::INFINITY)).collect())
            }
        };
        let mut sweeps = Self { sources, targets, layout, least: 0.0, largest: 0.0 };
        let side = sweeps.native();
        let extents = map_parts(sweeps.count(side), LINES, |part| {
            let mut extent = (f64::INFINITY, f64::NEG_INFINITY, None);
            for i in part {
                let (least, largest, finite) = dispatch(Extent(sweeps.line(side, i)));
                extent = (extent.0.min(least), extent.1.max(largest), extent.2);
                if !finite && extent.2.is_none() {
                    extent.2 = Some(i);
                }
            }
            extent
        });
        if let Some(i) = extents.iter().find_map(|extent| extent.2) {
            let mut costs = vec![0.0; sweeps.count(opposite(side))];
            sweeps.line(side, i).copy(0, &mut costs);
            let j = costs.iter().position(|c| !c.is_finite()).unwrap_or(0);
            let (row, column) = if side == Side::Source { (i, j) } else { (j, i) };
            return Err(TransportError::Cost { row, column, value: costs[j] });
        }
        sweeps.least = extents.iter().fold(f64::INFINITY, |least, extent| least.min(extent.0));
        sweeps.largest = extents.iter().fold(f64::NEG_INFINITY, |most, extent| most.max(extent.1));
        Ok(sweeps)
    }

    /// How many elements a side has.
    pub(crate) fn count(&self, side: Side) -> usize {
        if side == Side::Source { self.sources } else { self.targets }
    }

    /// The least cost.
    pub(crate) fn least(&self) -> f64 {
        self.least
    }

    /// The largest cost.
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    /// The largest magnitude of a cost.
    pub(crate) fn magnitude(&self) -> f64 {
        self.least.abs().max(self.largest.abs())
    }

    /// A side whose elements have their costs in one piece.
    pub(crate) fn native(&self) -> Side {
        if let Layout::Lines { side, .. } = self.layout { side } else { Side::Source }
    }

    /// Whether the costs lie in memory.
    pub(crate) fn in_memory(&self) -> bool {
        matches!(self.layout, Layout::Lines { .. } | Layout::Copy(_))
    }

    fn is_native(&self, side: Side) -> bool {
        match self.layout {
            Layout::Lines { side: native, .. } => side == native,
            Layout::Copy(_) => side == Side::Source,
            Layout::Points { .. } | Layout::Function { .. } => true,
        }
    }

    /// The costs of one element of a native side.
    fn line(&self, side: Side, i: usize) -> Source<'_> {
        let length = self.count(opposite(side));
        match &self.layout {
            Layout::Lines { lines, .. } => Source::Slice(lines[i]),
            Layout::Copy(values) => Source::Slice(&values[i * length..(i + 1) * length]),
            Layout::Points { forward, backward } => {
                let points = if side == Side::Source { forward } else { backward };
                Source::Points { points, index: i, length }
            }
            Layout::Function { sources, targets, function } => {
                let (own, other) = if side == Side::Source { (sources, targets) } else { (targets, sources) };
                let d = own.len() / self.count(side).max(1);
                let turned = side == Side::Target;
                Source::Function { function: *function, own: &own[i * d..(i + 1) * d], other, length, turned }
            }
        }
    }

    /// For each element $i$ of `side`, $\ln \sum_j e^{h_j - c_{ij}/\varepsilon - s_i}$ into `out`, where `out` holds the shifts
    /// $s_i$ when called.
    ///
    /// One pass where the sum neither overflows nor all but underflows: where the shifts are nearly the result, as in all but the
    /// first iterations of a fixed-point method. Elsewhere the maximum is found first.
    pub(crate) fn log_sum_exp(&self, side: Side, exponents: &[f64], scale: f64, out: &mut [f64]) {
        if self.is_native(side) {
            for_parts_mut(out, LINES, |first, part| {
                for (k, out) in part.iter_mut().enumerate() {
                    let costs = self.line(side, first + k);
                    *out = dispatch(Line { costs, exponents, scale, shift: *out });
                }
            });
        } else {
            let lines: Vec<&[f64]> = self.slices();
            for_parts_mut(out, WIDTH, |first, part| {
                dispatch(Across { lines: &lines, first, exponents, scale, out: part });
            });
        }
    }

    /// For each element $i$ of `side`, $\max_j h_j + c_{ij} \sigma$ into `out`, with the scale $\sigma$.
    pub(crate) fn maximum(&self, side: Side, exponents: &[f64], scale: f64, out: &mut [f64]) {
        if self.is_native(side) {
            for_parts_mut(out, LINES, |first, part| {
                for (k, out) in part.iter_mut().enumerate() {
                    *out = dispatch(LineMaximum { costs: self.line(side, first + k), exponents, scale });
                }
            });
        } else {
            let lines: Vec<&[f64]> = self.slices();
            for_parts_mut(out, WIDTH, |first, part| {
                dispatch(AcrossMaximum { lines: &lines, first, exponents, scale, out: part });
            });
        }
    }

    /// Calls `work` for each element $i$ of a native side, with the entries $e^{h_j - c_{ij}/\varepsilon - s_i}$ and the costs of
    /// its line; what it returns comes back in order.
    pub(crate) fn plan_lines<R: Send>(
        &self,
        side: Side,
        exponents: &[f64],
        scale: f64,
        shifts: &[f64],
        work: impl Fn(usize, &[f64], &[f64]) -> R + Sync,
    ) -> Vec<R> {
        debug_assert!(self.is_native(side));
        let length = self.count(opposite(side));
        let parts = map_parts(self.count(side), LINES, |part| {
            let (mut entries, mut costs) = (vec![0.0; length], vec![0.0; length]);
            part.map(|i| {
                let source = self.line(side, i);
                dispatch(Entries {
                    costs: source,
                    exponents,
                    scale,
                    shift: shifts[i],
                    copy: &mut costs,
                    out: &mut entries,
                });
                work(i, &entries, if let Source::Slice(slice) = source { slice } else { &costs })
            })
            .collect::<Vec<R>>()
        });
        parts.into_iter().flatten().collect()
    }

    /// For each element $i$ of a native side the number of entries $e^{h_j - c_{ij}/\varepsilon - s_i}$ that are at least
    /// $e^t$, with the threshold $t$.
    pub(crate) fn count_lines(
        &self,
        side: Side,
        exponents: &[f64],
        scale: f64,
        shifts: &[f64],
        threshold: f64,
    ) -> Vec<usize> {
        let parts = map_parts(self.count(side), LINES, |part| {
            part.map(|i| {
                let costs = self.line(side, i);
                dispatch(Count { costs, exponents, scale, shift: shifts[i], threshold })
            })
            .collect::<Vec<usize>>()
        });
        parts.into_iter().flatten().collect()
    }

    /// The indices and values of the entries that [`count_lines`](Self::count_lines) counted, line after line; `starts` says
    /// where each line begins.
    pub(crate) fn kept_lines(
        &self,
        side: Side,
        exponents: &[f64],
        scale: f64,
        shifts: &[f64],
        threshold: f64,
        starts: &[usize],
    ) -> (Vec<u32>, Vec<f64>) {
        let parts = map_parts(self.count(side), LINES, |part| {
            let length = starts[part.end] - starts[part.start];
            let (mut indices, mut values) = (Vec::with_capacity(length), Vec::with_capacity(length));
            for i in part {
                let costs = self.line(side, i);
                let (indices, values) = (&mut indices, &mut values);
                dispatch(Keep { costs, exponents, scale, shift: shifts[i], threshold, indices, values });
            }
            tangency_vmath::exp(&mut values);
            (indices, values)
        });
        let mut all = (Vec::new(), Vec::new());
        for (indices, values) in parts {
            all.0.extend(indices);
            all.1.extend(values);
        }
        all
    }

    fn slices(&self) -> Vec<&[f64]> {
        match &self.layout {
            Layout::Lines { lines, .. } => lines.clone(),
            Layout::Copy(values) => values.chunks_exact(self.targets.max(1)).collect(),
            Layout::Points { .. } | Layout::Function { .. } => Vec::new(),
        }
    }
}

/// The other side.
pub(crate) fn opposite(side: Side) -> Side {
    if side == Side::Source { Side::Target } else { Side::Source }
}
