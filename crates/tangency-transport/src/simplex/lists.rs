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
    length: usize,
    arcs: Vec<(f32, u32)>,
}

impl Lists {
    pub(super) fn new(sources: usize, targets: usize) -> Self {
        let length = LANES.min(targets);
        Self { length, arcs: vec![(f32::INFINITY, 0); sources * length] }
    }

    /// Finds the best arcs of every source at the potentials of the tree, on all threads.
    pub(super) fn renew(&mut self, costs: &Dense<'_>, sources: &[u32], tree: &Tree) {
        let m = tree.mirror.len() - 1;
        let height = rows_of_a_part(m);
        let length = self.length;
        map_parts_mut(&mut self.arcs, height * length, |part, arcs| {
            let (mut buffer, mut wide) = (vec![0.0_f32; m], vec![0.0; m]);
            for (k, list) in arcs.chunks_mut(length).enumerate() {
                let row = costs.coarse_row(sources[part * height + k] as usize, &mut buffer, &mut wide);
                best_of_classes(row, &tree.mirror[..m], list);
            }
        });
    }

    /// The arc on the list of the `at`-th source with the least sum of cost and π of the target, and that sum.
    #[inline]
    pub(super) fn best(&self, at: usize, tree: &Tree) -> (f32, u32) {
        let list = &self.arcs[at * self.length..(at + 1) * self.length];
        let mut best = (f32::INFINITY, 0);
        for &(c, j) in list {
            let x = c + tree.mirror[j as usize];
            if x < best.0 {
                best = (x, j);
            }
        }
        best
    }
}
