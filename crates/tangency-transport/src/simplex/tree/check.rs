//! What has to hold of a tree between pivots, for tests.

use super::Tree;

impl Tree {
    /// Everything that has to hold between pivots.
    pub(in crate::simplex) fn check(&self, supply: &[i64], demand: &[i64]) {
        let count = self.nodes.len();
        let mut order = vec![usize::MAX; count];
        let mut position = self.root as usize;
        for k in 0..count {
            assert_eq!(order[position], usize::MAX, "the thread meets each node once");
            order[position] = k;
            let next = self.thread[position] as usize;
            assert_eq!(self.places[next].before as usize, position);
            position = next;
        }
        assert_eq!(position, self.root as usize);
        let mut sizes = vec![1_u32; count];
        let mut ends: Vec<usize> = (0..count).collect();
        let mut by_order: Vec<usize> = (0..count).collect();
        by_order.sort_unstable_by_key(|&p| std::cmp::Reverse(order[p]));
        let mut balance = vec![0_i64; supply.len() + demand.len()];
        for &p in &by_order {
            assert_eq!(self.positions[self.names[p] as usize] as usize, p);
            assert_eq!(self.nodes[p].size, sizes[p]);
            assert_eq!(self.places[p].last as usize, ends[p]);
            if p == self.root as usize {
                continue;
            }
            let node = self.nodes[p];
            let parent = node.parent as usize;
            assert!(order[parent] < order[p], "parents come first");
            sizes[parent] += sizes[p];
            if order[ends[p]] > order[ends[parent]] {
                ends[parent] = ends[p];
            }
            assert!(node.flow >= 0);
            assert!(node.flow > 0 || self.is_source(p), "empty arcs point towards the root");
            assert_ne!(self.is_source(p), self.is_source(parent));
            let (i, j) = self.ends(p);
            balance[i] += node.flow;
            balance[supply.len() + j] += node.flow;
            let reduced = node.cost - self.source_potential(i) + self.target_potential(j);
            assert!(reduced.abs() <= 1e-12 * (node.cost.abs() + self.largest_potential()));
        }
        for (got, expected) in balance.iter().zip(supply.iter().chain(demand)) {
            assert_eq!(got, expected);
        }
    }
}
