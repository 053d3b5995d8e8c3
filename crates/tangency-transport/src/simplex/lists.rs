//! Short lists of arcs whose reduced costs are small.
//!
//! A search over all costs waits for memory. Between two of them only some arcs that were the best of their source in the
//! last one are searched; they stay in the cache. Which: the best in each of 32 classes of targets, which takes no longer to
//! find than the best of all and has it among them. Lists of the 32 best need up to a fifth fewer pivots, and take longer to
//! make than that saves.

use super::dense::Dense;
use super::pricing::{LANES, best_of_classes};
use super::tree::Tree;
use crate::parallel::{map_parts_mut, rows_of_a_part};

/// Arcs of each source, each with its cost.
#[derive(Debug)]
pub(super) struct Lists {
    /// How many arcs a source has at most.
    length: usize,
    of_source: Vec<List>,
}

/// Arcs of one source in whole vectors; where there are fewer, the rest has infinite costs.
#[derive(Debug, Clone, Copy)]
struct List {
    costs: [f32; LANES],
    targets: [u32; LANES],
}

impl Lists {
    pub(super) fn new(sources: usize, targets: usize) -> Self {
        let length = LANES.min(targets);
        let none = List { costs: [f32::INFINITY; LANES], targets: [0; LANES] };
        Self { length, of_source: vec![none; sources] }
    }

    /// Finds the best arcs of every source at the potentials of the tree, on all threads.
    pub(super) fn renew(&mut self, costs: &Dense<'_>, sources: &[u32], tree: &Tree) {
        let m = tree.mirror.len() - 1;
        let height = rows_of_a_part(m);
        let length = self.length;
        map_parts_mut(&mut self.of_source, height, |part, lists| {
            let (mut buffer, mut wide) = (vec![0.0_f32; m], vec![0.0; m]);
            for (k, list) in lists.iter_mut().enumerate() {
                let row = costs.coarse_row(sources[part * height + k] as usize, &mut buffer, &mut wide);
                let mut best = [(f32::INFINITY, 0); LANES];
                best_of_classes(row, &tree.mirror[..m], &mut best[..length]);
                for (k, arc) in best.into_iter().enumerate() {
                    (list.costs[k], list.targets[k]) = arc;
                }
            }
        });
    }

    /// The least sum of cost and π of the target on the list of the `at`-th source, and the cost and the target of that arc.
    #[inline]
    pub(super) fn best(&self, at: usize, tree: &Tree) -> (f32, f32, u32) {
        let List { costs, targets } = &self.of_source[at];
        let mut x = [0.0_f32; LANES];
        for k in 0..LANES {
            x[k] = tree.mirror[targets[k] as usize];
        }
        for k in 0..LANES {
            x[k] += costs[k];
        }
        let mut least = [0.0_f32; 4];
        least.copy_from_slice(&x[..4]);
        for chunk in x[4..].as_chunks::<4>().0 {
            for k in 0..4 {
                least[k] = if chunk[k] < least[k] { chunk[k] } else { least[k] };
            }
        }
        let low = |x: f32, y: f32| if x < y { x } else { y };
        let best = low(low(least[0], least[1]), low(least[2], least[3]));
        let mut bits = 0_u32;
        for k in 0..LANES {
            bits |= u32::from(x[k] == best) << k;
        }
        let k = (bits.trailing_zeros() as usize).min(LANES - 1);
        (best, costs[k], targets[k])
    }
}
