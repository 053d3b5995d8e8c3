//! A first basis: arcs in the order of their cost, each filled as far as it goes.

use super::Costs;
use super::dense::Dense;
use super::pricing::nearest;
use super::tree::Arc;
use crate::parallel::{map_parts, rows_of_a_part};
use std::ops::Range;

/// The cheapest arcs of each source that are tried before any other.
const NEAREST: usize = 16;

/// What a node has left, with a symbolic perturbation: every source has a whole ε more than its mass, and the root takes
/// them all.
///
/// Two different nodes then never run out at once, so each arc finishes exactly one node, the arcs form a spanning tree, and
/// every arc that is empty without ε points towards the root: the tree is strongly feasible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    mass: i64,
    epsilon: i64,
}

const NOTHING: Left = Left { mass: 0, epsilon: 0 };

fn lowest(entries: &[(f32, u32)]) -> f32 {
    entries.iter().map(|entry| entry.0).fold(f32::INFINITY, f32::min)
}

/// The places of all arcs in the order of their keys, equal keys in the order in which they stand.
fn ascending(arcs: &[(f32, u32, u32)]) -> impl Iterator<Item = usize> {
    // Whole numbers whose upper half is ordered as the keys are, and whose lower half is the place, sort fastest.
    let ordered = |x: f32| {
        let bits = x.to_bits();
        if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
    };
    let mut order: Vec<u64> =
        arcs.iter().zip(0_u64..).map(|(arc, at)| u64::from(ordered(arc.0)) << 32 | at).collect();
    order.sort_unstable();
    order.into_iter().map(|key| key as u32 as usize)
}

/// Fills arcs in any order into a strongly feasible tree.
#[derive(Debug)]
pub(super) struct Allocation {
    sources: Vec<Left>,
    targets: Vec<Left>,
    pub(super) arcs: Vec<Arc>,
    pub(super) root: usize,
}

impl Allocation {
    /// With the largest target as the root.
    pub(super) fn new(supply: &[i64], demand: &[i64]) -> Self {
        Self::with_root(supply, demand, (0..demand.len()).max_by_key(|&j| demand[j]).unwrap_or(0))
    }

    pub(super) fn with_root(supply: &[i64], demand: &[i64], root: usize) -> Self {
        let sources: Vec<Left> =
            supply.iter().map(|&mass| Left { mass, epsilon: i64::from(mass > 0) }).collect();
        let mut targets: Vec<Left> = demand.iter().map(|&mass| Left { mass, epsilon: 0 }).collect();
        targets[root].epsilon = sources.iter().map(|left| left.epsilon).sum();
        let arcs = Vec::with_capacity(supply.len() + demand.len());
        Self { sources, targets, arcs, root }
    }

    fn source_open(&self, i: usize) -> bool {
        self.sources[i] != NOTHING
    }

    fn target_open(&self, j: usize) -> bool {
        self.targets[j] != NOTHING
    }

    /// Sends what it can along an arc, unless one of its ends is finished.
    pub(super) fn fill(&mut self, i: usize, j: usize, cost: impl Fn(usize, usize) -> f64) {
        if !(self.source_open(i) && self.target_open(j)) {
            return;
        }
        let sent = self.sources[i].min(self.targets[j]);
        for left in [&mut self.sources[i], &mut self.targets[j]] {
            left.mass -= sent.mass;
            left.epsilon -= sent.epsilon;
        }
        self.arcs.push(Arc { source: i as u32, target: j as u32, flow: sent.mass, cost: cost(i, j) });
    }

    /// Fills the arcs of an earlier basis, nodes with one arc left first: if the masses are the ones that it had, the result is
    /// the same basis.
    pub(super) fn peel(&mut self, basis: &[(u32, u32)], costs: &impl Costs) {
        let (n, m) = (self.sources.len(), self.targets.len());
        let mut arcs_at = vec![Vec::new(); n + m];
        for (k, &(i, j)) in basis.iter().enumerate() {
            arcs_at[i as usize].push(k);
            arcs_at[n + j as usize].push(k);
        }
        let mut degree: Vec<usize> = arcs_at.iter().map(Vec::len).collect();
        let mut done = vec![false; basis.len()];
        let mut leaves: Vec<usize> = (0..n + m).filter(|&node| degree[node] == 1).collect();
        while let Some(leaf) = leaves.pop() {
            // The root waits: as the last node it takes what is left.
            if leaf == n + self.root && degree.iter().filter(|&&d| d > 0).nth(2).is_some() {
                continue;
            }
            let Some(&k) = arcs_at[leaf].iter().find(|&&k| !done[k]) else { continue };
            done[k] = true;
            let (i, j) = basis[k];
            self.fill(i as usize, j as usize, |i, j| costs.entry(i, j));
            for node in [i as usize, n + j as usize] {
                degree[node] -= 1;
                if degree[node] == 1 {
                    leaves.push(node);
                }
            }
        }
        for (k, &(i, j)) in basis.iter().enumerate() {
            if !done[k] {
                self.fill(i as usize, j as usize, |i, j| costs.entry(i, j));
            }
        }
    }

    /// Fills the rest: the cheapest arcs of all sources in the order of cost less `shift` of the target, and then, source by
    /// source, whatever is open.
    pub(super) fn greedy(&mut self, costs: &Dense<'_>, shift: Option<&[f32]>) {
        let m = self.targets.len();
        let open: Vec<usize> = (0..self.sources.len()).filter(|&i| self.source_open(i)).collect();
        let none = vec![0.0; m];
        let shift_of = shift.unwrap_or(&none);
        let parts = map_parts(open.len(), rows_of_a_part(m), |part: Range<usize>| {
            let (mut buffer, mut wide) = (vec![0.0_f32; m], vec![0.0; m]);
            let (mut minima, mut least) = (Vec::new(), Vec::new());
            let mut found = Vec::with_capacity(part.len() * NEAREST);
            for &i in &open[part] {
                let row = costs.coarse_row(i, &mut buffer, &mut wide);
                nearest(row, shift_of, -1.0, NEAREST, &mut minima, &mut least);
                // A dual start compares what is above the least of each source.
                let base = if shift.is_some() { lowest(&least) } else { 0.0 };
                found.extend(least.iter().map(|&(key, j)| (key - base, i as u32, j)));
            }
            found
        });
        let found: Vec<(f32, u32, u32)> = parts.concat();
        for at in ascending(&found) {
            let (_, i, j) = found[at];
            self.fill(i as usize, j as usize, |i, j| costs.entry(i, j));
        }
        let mut left: Vec<usize> = (0..m).filter(|&j| self.target_open(j)).collect();
        let (mut buffer, mut wide) = (vec![0.0_f32; m], vec![0.0; m]);
        for i in open {
            if !self.source_open(i) {
                continue;
            }
            let row = costs.coarse_row(i, &mut buffer, &mut wide);
            while self.source_open(i) {
                left.retain(|&j| self.target_open(j));
                let key = |j: usize| row[j] - shift_of[j];
                let Some(&j) = left.iter().min_by(|&&x, &&y| key(x).total_cmp(&key(y))) else { break };
                self.fill(i, j, |i, j| costs.entry(i, j));
            }
        }
    }

    /// Σ flow · cost.
    pub(super) fn cost(&self) -> f64 {
        self.arcs.iter().map(|arc| arc.flow as f64 * arc.cost).sum()
    }
}
