//! Costs of some pairs, with an artificial way between all others.
//!
//! One more source and one more target take what the arcs cannot carry: every source may send to the artificial target, and the
//! artificial source to every target, each at cost 1 while all arcs are free. The first problem therefore asks how little has to
//! go that way; its costs, potentials and flows are whole numbers, so its answer is exact.

use super::Costs;
use super::tree::Tree;
use crate::arcs::Arcs;

/// The arcs of a problem with one artificial source and one artificial target, which are the last.
#[derive(Debug)]
pub(super) struct Sparse<'a> {
    arcs: &'a Arcs,
    /// Potentials of the first problem, whole numbers, once it is solved: arcs that they leave room on cannot carry anything.
    pub(super) blocked_by: Option<(Vec<f64>, Vec<f64>)>,
    scale: f64,
    largest: f64,
}

impl<'a> Sparse<'a> {
    pub(super) fn new(arcs: &'a Arcs) -> Self {
        let (n, _) = arcs.shape();
        let costs = (0..n).flat_map(|i| arcs.row(i).1);
        let largest = costs.fold(0.0, |most: f64, c| most.max(c.abs()));
        let exponent = if largest > 0.0 { -largest.log2().ceil() } else { 0.0 };
        Self { arcs, blocked_by: None, scale: exponent.clamp(-1000.0, 1000.0).exp2(), largest }
    }

    /// Whether an arc may carry mass in a plan that uses no artificial way.
    fn free(&self, source: usize, target: usize) -> bool {
        self.blocked_by.as_ref().is_none_or(|(f, g)| f[source] + g[target] >= 0.0)
    }
}

impl Costs for Sparse<'_> {
    fn entry(&self, source: usize, target: usize) -> f64 {
        let (n, m) = self.arcs.shape();
        if source == n || target == m {
            // In the second problem these ways are empty whatever they cost.
            let first = self.blocked_by.is_none() && (source < n || target < m);
            return f64::from(u8::from(first));
        }
        if self.blocked_by.is_none() {
            return 0.0;
        }
        self.arcs.entry(source, target).map_or(0.0, |c| c * self.scale)
    }

    fn least(&mut self, source: usize, tree: &Tree) -> Option<(usize, f64)> {
        let potentials = &tree.exact;
        let (n, m) = self.arcs.shape();
        let first = self.blocked_by.is_none();
        let mut best: Option<(usize, f64)> = None;
        let mut offer = |j: usize, x: f64| {
            if best.is_none_or(|(_, least)| x < least) {
                best = Some((j, x));
            }
        };
        if source == n {
            // In the second problem the artificial ways that are left in the tree stay, and no other comes back.
            if first {
                (0..m).for_each(|j| offer(j, 1.0 + potentials[j]));
                offer(m, potentials[m]);
            }
            return best;
        }
        let (columns, costs) = self.arcs.row(source);
        if first {
            for &j in columns {
                offer(j as usize, potentials[j as usize]);
            }
            offer(m, 1.0 + potentials[m]);
        } else {
            for (&j, c) in columns.iter().zip(costs) {
                if self.free(source, j as usize) {
                    offer(j as usize, c * self.scale + potentials[j as usize]);
                }
            }
        }
        best
    }

    fn arcs_of(&self, source: usize) -> usize {
        let (n, m) = self.arcs.shape();
        if source == n { m } else { self.arcs.row(source).0.len() }
    }

    fn block(&self) -> usize {
        (self.arcs.len() as f64).sqrt() as usize + 1
    }

    fn largest(&self) -> f64 {
        if self.blocked_by.is_none() { 1.0 } else { self.largest * self.scale }
    }

    fn scale(&self) -> f64 {
        if self.blocked_by.is_none() { 1.0 } else { self.scale }
    }

    fn offset_cost(&self, _: &[i64], _: &[i64], _: f64) -> f64 {
        0.0
    }
}
