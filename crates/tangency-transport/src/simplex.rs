//! The primal network simplex on a dense bipartite graph.
//!
//! A basis is a spanning tree ([`tree`]). An arc with negative reduced cost ([`pricing`]) is brought in, flow goes around the
//! cycle that it closes, and an arc that has run empty leaves. Flows are whole numbers, so they, ties and the final
//! value are exact; costs and potentials are not, and the last search is in double precision after the potentials were computed
//! anew from the tree.

mod pricing;
mod start;
mod tree;

use pricing::{Screen, least_of_row, screen};
use start::greedy;
use std::ops::ControlFlow;
use tree::{Scratch, Tree};

/// Pivots between two renumberings of the tree.
const RENUMBER: u64 = 500;
/// An arc must have a reduced cost of this share of the threshold of the search, or it is left alone: a search that finds what a
/// pivot then refuses would never end.
const ACCEPT: f64 = 0.2;
/// Rounds of the second phase, each with twice the threshold of the one before: where rounding makes arcs come and go, this ends.
const MOST_ROUNDS: u32 = 40;

/// A problem with positive masses on both sides.
#[derive(Debug)]
pub(crate) struct Problem<'a> {
    pub(crate) supply: &'a [i64],
    pub(crate) demand: &'a [i64],
    /// One row of costs for each source.
    pub(crate) rows: &'a [&'a [f64]],
}

/// What the simplex method found.
#[derive(Debug)]
pub(crate) struct Basis {
    /// Source, target and flow of every arc of the basis.
    pub(crate) flows: Vec<(usize, usize, i64)>,
    /// u with u(i) + v(j) ≤ c(i, j) up to rounding for some v.
    pub(crate) source_potentials: Vec<f64>,
    pub(crate) pivots: u64,
    /// Whether no arc is left whose reduced cost is negative beyond rounding.
    pub(crate) optimal: bool,
}

/// Costs with the least of each row and then of each column taken off, times a power of two that brings the largest near 1.
///
/// A large part that all costs have in common would leave nothing of their differences in single precision.
#[derive(Debug)]
struct Reduced<'a> {
    rows: &'a [&'a [f64]],
    source_offset: Vec<f64>,
    target_offset: Vec<f64>,
    scale: f64,
    /// All of them in single precision, row after row.
    screened: Vec<f32>,
}

impl<'a> Reduced<'a> {
    fn new(rows: &'a [&'a [f64]], targets: usize) -> Self {
        let source_offset: Vec<f64> =
            rows.iter().map(|row| row.iter().copied().fold(f64::INFINITY, f64::min)).collect();
        let mut target_offset = vec![f64::INFINITY; targets];
        for (row, offset) in rows.iter().zip(&source_offset) {
            for (least, c) in target_offset.iter_mut().zip(*row) {
                *least = least.min(c - offset);
            }
        }
        let mut largest = 0.0_f64;
        for (row, offset) in rows.iter().zip(&source_offset) {
            for (c, t) in row.iter().zip(&target_offset) {
                largest = largest.max(c - offset - t);
            }
        }
        let exponent = if largest > 0.0 && largest.is_finite() { -largest.log2().ceil() } else { 0.0 };
        let scale = exponent.clamp(-1000.0, 1000.0).exp2();
        let mut screened = Vec::with_capacity(rows.len() * targets);
        for (row, offset) in rows.iter().zip(&source_offset) {
            screened.extend(row.iter().zip(&target_offset).map(|(c, t)| ((c - offset - t) * scale) as f32));
        }
        Self { rows, source_offset, target_offset, scale, screened }
    }

    fn cost(&self, source: usize, target: usize) -> f64 {
        (self.rows[source][target] - self.source_offset[source] - self.target_offset[target]) * self.scale
    }
}

/// Solves a problem; `observe` is told the number of pivots from time to time and may stop the work.
pub(crate) fn solve(problem: &Problem<'_>, observe: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Basis {
    let (n, m) = (problem.supply.len(), problem.demand.len());
    let reduced = Reduced::new(problem.rows, m);
    let (arcs, root) = greedy(problem.supply, problem.demand, &|i, j| reduced.cost(i, j), &reduced.screened);
    let mut run = Run {
        tree: Tree::new(n, m, &arcs, root),
        reduced,
        scratch: Scratch::default(),
        pivots: 0,
        stopped: false,
    };
    run.screen(n, m, observe);
    let optimal = !run.stopped && run.finish(n, observe);
    let flows = run.tree.arcs().map(|arc| (arc.source as usize, arc.target as usize, arc.flow)).collect();
    let source_potentials = (0..n).map(|i| run.raw_source_potential(i)).collect();
    Basis { flows, source_potentials, pivots: run.pivots, optimal }
}

struct Run<'a> {
    tree: Tree,
    reduced: Reduced<'a>,
    scratch: Scratch,
    pivots: u64,
    stopped: bool,
}

impl Run<'_> {
    /// π of a source in the units of the costs that were given.
    fn raw_source_potential(&self, source: usize) -> f64 {
        self.tree.source_potential(source) / self.reduced.scale + self.reduced.source_offset[source]
    }

    /// Pivots on an arc if its reduced cost is below −`least` in double precision.
    fn try_pivot(
        &mut self,
        source: usize,
        target: usize,
        least: f64,
        observe: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> bool {
        let cost = self.reduced.cost(source, target);
        let reduced = cost - self.tree.source_potential(source) + self.tree.target_potential(target);
        if reduced.is_nan() || reduced >= -least {
            return false;
        }
        self.tree.pivot(source, target, cost, reduced);
        self.pivots += 1;
        if self.pivots.is_multiple_of(RENUMBER) {
            self.tree.renumber(&mut self.scratch);
            self.stopped = observe(self.pivots).is_break();
        }
        true
    }

    /// The first phase: single precision finds arcs, double precision decides on them.
    fn screen(&mut self, n: usize, m: usize, observe: &mut dyn FnMut(u64) -> ControlFlow<()>) {
        let mut source = 0;
        let mut idle = 0; // sources in a row without an accepted arc
        let mut until_scale = 0;
        let mut threshold = 0.0;
        while idle < n && !self.stopped {
            if until_scale == 0 {
                threshold = 4e-7 * self.tree.largest_potential().max(f64::MIN_POSITIVE);
                until_scale = n / 2 + 1;
            }
            let found = screen(Screen {
                costs: &self.reduced.screened,
                sources: n,
                targets: m,
                tree: &self.tree,
                start: source,
                count: (n - idle).min(until_scale),
                threshold: threshold as f32,
            });
            let Some(found) = found else {
                let scanned = (n - idle).min(until_scale);
                idle += scanned;
                until_scale -= scanned;
                source = (source + scanned) % n;
                continue;
            };
            idle += found.scanned;
            until_scale -= found.scanned;
            if self.try_pivot(found.source, found.target, ACCEPT * threshold, observe) {
                idle = 0;
            }
            source = if found.source + 1 == n { 0 } else { found.source + 1 };
        }
    }

    /// The second phase, in double precision from potentials that the tree gives anew. Returns whether it came to its end.
    fn finish(&mut self, n: usize, observe: &mut dyn FnMut(u64) -> ControlFlow<()>) -> bool {
        for round in 0..MOST_ROUNDS {
            self.tree.recompute();
            let least = self.rounding() * f64::from(1_u32 << round.min(20));
            let mut potentials = self.raw_target_potentials();
            let (mut source, mut idle, mut pivoted) = (0, 0, false);
            while idle < n && !self.stopped {
                let (target, best) = least_of_row(self.reduced.rows[source], &potentials);
                idle += 1;
                let reduced = (best - self.raw_source_potential(source)) * self.reduced.scale;
                if reduced < -least && self.try_pivot(source, target, ACCEPT * least, observe) {
                    (idle, pivoted) = (0, true);
                    potentials = self.raw_target_potentials();
                }
                source = if source + 1 == n { 0 } else { source + 1 };
            }
            if self.stopped {
                return false;
            }
            if !pivoted {
                return true;
            }
        }
        false
    }

    fn raw_target_potentials(&self) -> Vec<f64> {
        let offsets = self.reduced.target_offset.iter().enumerate();
        offsets.map(|(j, t)| self.tree.target_potential(j) / self.reduced.scale - t).collect()
    }

    /// How far from zero rounding may leave a reduced cost, in the units of the tree.
    fn rounding(&self) -> f64 {
        let offsets = self.reduced.source_offset.iter().chain(&self.reduced.target_offset);
        let largest = offsets.map(|x| x.abs()).fold(0.0, f64::max) * self.reduced.scale;
        4e-15 * (largest + self.tree.largest_potential()).max(f64::MIN_POSITIVE)
    }
}
