//! The spanning tree of a basis, and the pivot that changes it.
//!
//! A basis of the transport problem is a spanning tree of the bipartite graph of sources and targets: n + m − 1 arcs carry
//! flow, and the potentials are those for which every arc of the tree has reduced cost zero. The problem has no capacities, so
//! all other arcs are empty and nothing is stored for them.
//!
//! Nodes are kept by *position*, the order of a walk through the tree when it was last renumbered; a subtree then mostly lies in
//! neighbouring memory. What a walk along the tree's thread needs alone, the thread, has an array of its own that stays in the
//! first-level cache.

#[cfg(test)]
mod check;

use crate::mass::UNITS;

/// An arc of the bipartite graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) source: u32,
    pub(super) target: u32,
    pub(super) flow: i64,
    pub(super) cost: f64,
}

/// What a walk around a cycle needs of a node: the arc to its parent, and the size of its subtree.
///
/// The arc's direction is implied: a source sends to its parent, a target receives from it.
#[derive(Debug, Clone, Copy)]
struct Node {
    flow: i64,
    cost: f64,
    parent: u32,
    size: u32,
}

/// The neighbours of a node on the thread.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The one before.
    before: u32,
    /// The last node of the subtree.
    last: u32,
}

/// The potential of a node, and where it is mirrored: targets have a slot each, sources share one that is never read.
#[derive(Debug, Clone, Copy)]
struct Dual {
    potential: f64,
    slot: u32,
}

/// The tree, with flows and potentials.
///
/// Signs: the reduced cost of an arc from i to j is c − π(i) + π(j), so a whole subtree moves by one constant.
#[derive(Debug)]
pub(super) struct Tree {
    sources: usize,
    nodes: Vec<Node>,
    thread: Vec<u32>,
    places: Vec<Place>,
    duals: Vec<Dual>,
    /// From positions to nodes: sources first, then targets.
    names: Vec<u32>,
    /// From nodes to positions.
    positions: Vec<u32>,
    root: u32,
    /// No potential is larger, in absolute value.
    pub(super) bound: f64,
    /// Whether a pivot keeps only the mirror in single precision up to date.
    pub(super) single: bool,
    /// The potentials of the targets in single precision, for pricing, and one slot more; infinite for a target that is not in
    /// the tree, so that no search finds it.
    pub(super) mirror: Vec<f32>,
    /// The same in double precision.
    pub(super) exact: Vec<f64>,
}

impl Tree {
    /// The tree of `arcs`, which must be one, with a target as the root. Nodes without an arc stay outside.
    pub(super) fn new(sources: usize, targets: usize, arcs: &[Arc], root: usize) -> Self {
        let count = arcs.len() + 1;
        // Neighbours of a node, as a linked list through the two ends of each arc.
        let mut first = vec![u32::MAX; sources + targets];
        let mut next = vec![u32::MAX; 2 * arcs.len()];
        for (k, arc) in arcs.iter().enumerate() {
            for (end, node) in [(2 * k, arc.source), (2 * k + 1, sources as u32 + arc.target)] {
                next[end] = std::mem::replace(&mut first[node as usize], end as u32);
            }
        }
        let none = Node { flow: 0, cost: 0.0, parent: u32::MAX, size: 1 };
        let mut tree = Self {
            sources,
            nodes: vec![none; count],
            thread: vec![0; count],
            places: vec![Place { before: 0, last: 0 }; count],
            duals: vec![Dual { potential: 0.0, slot: targets as u32 }; count],
            names: Vec::with_capacity(count),
            positions: vec![u32::MAX; sources + targets],
            root: 0,
            bound: 0.0,
            single: false,
            mirror: vec![f32::INFINITY; targets + 1],
            exact: vec![f64::INFINITY; targets + 1],
        };
        // Positions in the order of a depth-first walk, so that parents come before their children.
        let mut stack = vec![((sources + root) as u32, u32::MAX, usize::MAX)];
        while let Some((name, parent, by)) = stack.pop() {
            let position = tree.names.len() as u32;
            tree.positions[name as usize] = position;
            tree.names.push(name);
            let node = &mut tree.nodes[position as usize];
            node.parent = parent;
            if by != usize::MAX {
                (node.flow, node.cost) = (arcs[by].flow, arcs[by].cost);
            }
            let mut end = first[name as usize];
            while end != u32::MAX {
                let k = (end / 2) as usize;
                if k != by {
                    let other = if end % 2 == 0 { sources as u32 + arcs[k].target } else { arcs[k].source };
                    stack.push((other, position, k));
                }
                end = next[end as usize];
            }
        }
        debug_assert_eq!(tree.names.len(), count, "the arcs are a tree");
        for position in (1..count).rev() {
            let Node { parent, size, .. } = tree.nodes[position];
            tree.nodes[parent as usize].size += size;
        }
        for position in 0..count {
            let name = tree.names[position] as usize;
            if name >= sources {
                tree.duals[position].slot = (name - sources) as u32;
            }
            tree.places[position] = Place {
                before: (position + count - 1) as u32 % count as u32,
                last: position as u32 + tree.nodes[position].size - 1,
            };
            tree.thread[position] = (position as u32 + 1) % count as u32;
        }
        tree.recompute();
        tree
    }

    fn source_position(&self, source: usize) -> usize {
        self.positions[source] as usize
    }

    fn target_position(&self, target: usize) -> usize {
        self.positions[self.sources + target] as usize
    }

    /// π of a source.
    #[inline(always)]
    pub(super) fn source_potential(&self, source: usize) -> f64 {
        self.duals[self.positions[source] as usize].potential
    }

    /// π of a target.
    pub(super) fn target_potential(&self, target: usize) -> f64 {
        self.duals[self.target_position(target)].potential
    }

    /// Σ flow · cost with the tree's own costs, in whole units of flow.
    pub(super) fn own_cost(&self) -> f64 {
        self.nodes.iter().map(|node| node.flow as f64 * node.cost).sum()
    }

    /// Σ flow · cost, in whole units of flow.
    pub(super) fn cost(&self, cost: impl Fn(usize, usize) -> f64) -> f64 {
        let carrying = self.arcs().filter(|arc| arc.flow > 0);
        carrying.map(|arc| arc.flow as f64 * cost(arc.source as usize, arc.target as usize)).sum()
    }

    /// Gives every arc of the tree a new cost.
    pub(super) fn set_costs(&mut self, cost: impl Fn(usize, usize) -> f64) {
        for position in 0..self.nodes.len() {
            if position != self.root as usize {
                let (source, target) = self.ends(position);
                self.nodes[position].cost = cost(source, target);
            }
        }
        self.recompute();
    }

    /// The largest absolute potential.
    pub(super) fn largest_potential(&self) -> f64 {
        self.duals.iter().map(|dual| dual.potential.abs()).fold(0.0, f64::max)
    }

    /// Potentials from the arcs of the tree anew, with their mean at zero: sums along the tree drift when they are only ever
    /// moved.
    pub(super) fn recompute(&mut self) {
        let mean = self.sum_along() / self.nodes.len() as f64;
        self.lower(mean);
    }

    /// Potentials from the arcs of the tree anew, with that of the root at zero: whole if all costs are.
    pub(super) fn recompute_from_root(&mut self) {
        self.sum_along();
        self.lower(0.0);
    }

    /// Sums of costs along the tree; returns the sum of all of them.
    fn sum_along(&mut self) -> f64 {
        let mut position = self.root as usize;
        let mut sum = 0.0;
        self.duals[position].potential = 0.0;
        for _ in 1..self.nodes.len() {
            position = self.thread[position] as usize;
            let Node { parent, cost, .. } = self.nodes[position];
            let parent = self.duals[parent as usize].potential;
            // c − π(source) + π(target) = 0.
            let potential = if self.is_source(position) { parent + cost } else { parent - cost };
            self.duals[position].potential = potential;
            sum += potential;
        }
        sum
    }

    /// Lowers all potentials by a constant, and renews the mirrors.
    fn lower(&mut self, by: f64) {
        self.bound = 0.0;
        for dual in &mut self.duals {
            dual.potential -= by;
            self.bound = self.bound.max(dual.potential.abs());
            self.mirror[dual.slot as usize] = dual.potential as f32;
            self.exact[dual.slot as usize] = dual.potential;
        }
    }

    fn is_source(&self, position: usize) -> bool {
        (self.names[position] as usize) < self.sources
    }

    /// Source and target of the arc between a node and its parent.
    fn ends(&self, position: usize) -> (usize, usize) {
        let own = self.names[position] as usize;
        let parent = self.names[self.nodes[position].parent as usize] as usize;
        let (source, target) = if own < self.sources { (own, parent) } else { (parent, own) };
        (source, target - self.sources)
    }

    /// The arcs of the tree.
    pub(super) fn arcs(&self) -> impl Iterator<Item = Arc> + '_ {
        (0..self.nodes.len()).filter(|&position| position != self.root as usize).map(|position| {
            let Node { flow, cost, .. } = self.nodes[position];
            let (source, target) = self.ends(position);
            Arc { source: source as u32, target: target as u32, flow, cost }
        })
    }

    /// Brings an arc with negative reduced cost into the tree, sends as much around its cycle as there is, and takes an arc
    /// out that has become empty. Returns what was sent.
    ///
    /// Of the arcs that become empty, the one that leaves is the last on a walk along the cycle in its own direction that starts
    /// where the two paths to the root meet (Cunningham's rule). Every empty arc then points towards the root, and no
    /// sequence of pivots returns to a tree that it has left.
    pub(super) fn pivot(&mut self, source: usize, target: usize, cost: f64, reduced: f64) -> i64 {
        let (i, j) = (self.source_position(source) as u32, self.target_position(target) as u32);
        let leaving = self.ratio_test(i, j);
        if leaving.flow > 0 {
            self.send(i, leaving.join, leaving.flow);
            self.send(j, leaving.join, leaving.flow);
        }
        let (inner, outer) = if leaving.at_source { (i, j) } else { (j, i) };
        let size = self.nodes[leaving.child as usize].size;
        self.relink(
            inner,
            outer,
            leaving.child,
            leaving.join,
            Node { flow: leaving.flow, cost, parent: outer, size },
        );
        self.shift(inner, if leaving.at_source { reduced } else { -reduced });
        leaving.flow
    }

    fn ratio_test(&self, i: u32, j: u32) -> Leaving {
        let (mut x, mut y) = (i, j);
        // Sources are blocked on the way up from the source, targets on the way up from the target; they alternate.
        let (mut blocks_x, mut blocks_y) = (true, true);
        let (mut least_x, mut least_y) = (i64::MAX, i64::MAX);
        let (mut child_x, mut child_y) = (i, j);
        while x != y {
            let (node_x, node_y) = (self.nodes[x as usize], self.nodes[y as usize]);
            if node_x.size < node_y.size {
                if blocks_x && node_x.flow < least_x {
                    (least_x, child_x) = (node_x.flow, x);
                }
                blocks_x = !blocks_x;
                x = node_x.parent;
            } else {
                if blocks_y && node_y.flow <= least_y {
                    (least_y, child_y) = (node_y.flow, y);
                }
                blocks_y = !blocks_y;
                y = node_y.parent;
            }
        }
        if least_y <= least_x {
            Leaving { child: child_y, flow: least_y, join: x, at_source: false }
        } else {
            Leaving { child: child_x, flow: least_x, join: x, at_source: true }
        }
    }

    /// Sends `flow` around the part of the cycle from an end of the entering arc up to where the paths meet: the arc at the
    /// end loses, and they alternate.
    fn send(&mut self, end: u32, join: u32, flow: i64) {
        let (mut x, mut change) = (end, -flow);
        while x != join {
            let node = &mut self.nodes[x as usize];
            node.flow += change;
            change = -change;
            x = node.parent;
        }
        debug_assert!(flow <= UNITS);
    }

    /// Cuts the subtree of `child` off and hangs it below `outer`, with `inner`, a node of it, as its new root.
    fn relink(&mut self, inner: u32, outer: u32, child: u32, join: u32, arc: Node) {
        let moved = arc.size;
        let old_last = self.places[child as usize].last;
        let old_parent = self.nodes[child as usize].parent;
        // Off the thread.
        let before = self.places[child as usize].before;
        let after = self.thread[old_last as usize];
        self.link(before, after);
        let mut x = old_parent;
        while x != join {
            self.nodes[x as usize].size -= moved;
            x = self.nodes[x as usize].parent;
        }
        let mut x = old_parent;
        while x != u32::MAX && self.places[x as usize].last == old_last {
            self.places[x as usize].last = before;
            x = self.nodes[x as usize].parent;
        }
        // The stem from the new root up to the old one is turned over: each node of it, with what hangs on it beside the
        // stem, comes behind the one below.
        let mut below = inner;
        let (mut below_size, mut below_last) =
            (self.nodes[inner as usize].size, self.places[inner as usize].last);
        let mut below_before = self.places[inner as usize].before;
        let mut rest = self.thread[below_last as usize]; // what followed the subtree of `below`
        let mut tail = below_last;
        let mut entering = arc;
        let mut parent = outer;
        loop {
            let node = self.nodes[below as usize];
            self.nodes[below as usize] = Node { parent, size: entering.size, ..entering };
            if below == child {
                break;
            }
            let above = node.parent;
            let above_last = self.places[above as usize].last;
            let above_before = self.places[above as usize].before;
            let above_size = self.nodes[above as usize].size;
            let end = below_before; // the last node before the subtree of `below`
            let above_rest = if above_last == below_last { rest } else { self.thread[above_last as usize] };
            self.link(tail, above);
            tail = if above_last == below_last {
                end
            } else {
                self.link(end, rest);
                above_last
            };
            rest = above_rest;
            parent = below;
            entering = Node { flow: node.flow, cost: node.cost, parent: below, size: moved - below_size };
            (below, below_size, below_last, below_before) = (above, above_size, above_last, above_before);
        }
        let mut x = child;
        loop {
            self.places[x as usize].last = tail;
            if x == inner {
                break;
            }
            x = self.nodes[x as usize].parent;
        }
        // Back on the thread, as the first child of `outer`.
        let follower = self.thread[outer as usize];
        self.link(outer, inner);
        self.link(tail, follower);
        let mut x = outer;
        while x != u32::MAX && self.places[x as usize].last == outer {
            self.places[x as usize].last = tail;
            x = self.nodes[x as usize].parent;
        }
        let mut x = outer;
        while x != join {
            self.nodes[x as usize].size += moved;
            x = self.nodes[x as usize].parent;
        }
    }

    fn link(&mut self, from: u32, to: u32) {
        self.thread[from as usize] = to;
        self.places[to as usize].before = from;
    }

    /// Moves the potentials of a subtree, or those of all others the opposite way if they are fewer: only differences count.
    fn shift(&mut self, top: u32, by: f64) {
        self.bound += by.abs();
        let size = self.nodes[top as usize].size as usize;
        let (mut position, count, by) = if 2 * size <= self.nodes.len() {
            (top as usize, size, by)
        } else {
            (self.thread[self.places[top as usize].last as usize] as usize, self.nodes.len() - size, -by)
        };
        if self.single {
            for _ in 0..count {
                let dual = &mut self.duals[position];
                dual.potential += by;
                self.mirror[dual.slot as usize] = dual.potential as f32;
                position = self.thread[position] as usize;
            }
        } else {
            for _ in 0..count {
                let dual = &mut self.duals[position];
                dual.potential += by;
                self.exact[dual.slot as usize] = dual.potential;
                self.mirror[dual.slot as usize] = dual.potential as f32;
                position = self.thread[position] as usize;
            }
        }
    }

    /// Numbers the positions anew, in the order of the thread.
    pub(super) fn renumber(&mut self, scratch: &mut Scratch) {
        let count = self.nodes.len();
        scratch.place.resize(count, 0);
        let mut position = self.root as usize;
        for new in 0..count {
            scratch.place[position] = new as u32;
            position = self.thread[position] as usize;
        }
        scratch.nodes.clear();
        scratch.duals.clear();
        scratch.names.clear();
        for _ in 0..count {
            let mut node = self.nodes[position];
            if node.parent != u32::MAX {
                node.parent = scratch.place[node.parent as usize];
            }
            scratch.nodes.push(node);
            scratch.duals.push(self.duals[position]);
            scratch.names.push(self.names[position]);
            position = self.thread[position] as usize;
        }
        std::mem::swap(&mut self.nodes, &mut scratch.nodes);
        std::mem::swap(&mut self.duals, &mut scratch.duals);
        std::mem::swap(&mut self.names, &mut scratch.names);
        for position in 0..count {
            self.positions[self.names[position] as usize] = position as u32;
            self.thread[position] = (position as u32 + 1) % count as u32;
            self.places[position] = Place {
                before: (position + count - 1) as u32 % count as u32,
                last: position as u32 + self.nodes[position].size - 1,
            };
        }
        self.root = 0;
    }
}

/// Memory that renumbering needs.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    place: Vec<u32>,
    nodes: Vec<Node>,
    duals: Vec<Dual>,
    names: Vec<u32>,
}

/// The arc that leaves: the one from `child` to its parent.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    child: u32,
    flow: i64,
    join: u32,
    /// Whether it is on the path from the entering arc's source.
    at_source: bool,
}
