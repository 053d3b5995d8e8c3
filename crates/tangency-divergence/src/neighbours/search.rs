//! Nearest neighbours of one query, and what lies in a ball around it.

use super::metric::{Metric, larger};
use super::tree::{FAN, LEAF, Tree};
use std::ops::Range;

/// A point that was found: the metric's sum, and its position in the tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) sum: f64,
    pub(crate) position: usize,
}

/// What lies in a ball.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ball {
    /// Number of points.
    pub(crate) count: usize,
    /// The sum of the farthest of them; zero if there are none.
    pub(crate) farthest: f64,
}

/// A node to be visited, and the least sum that a point in its box can have.
#[derive(Debug, Clone, Copy)]
struct Visit {
    bound: f64,
    level: usize,
    node: usize,
}

/// Scratch space of searches, kept between queries.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    stack: Vec<Visit>,
    pub(super) found: Vec<Neighbour>,
    /// Where the next search begins: where the last one ended, which is near, and bounds the distance before the descent.
    leaf: usize,
    /// What is found for each query of a block.
    block: Vec<Vec<Neighbour>>,
    groups: Vec<(f64, usize)>,
}

/// What one search is about.
#[derive(Debug, Clone, Copy)]
struct Search<'a> {
    query: &'a [f64],
    k: usize,
    excluded: Option<usize>,
    /// The leaf that is scanned before the descent.
    first: usize,
}

impl Search<'_> {
    /// The sum that a point has to be below.
    #[inline(always)]
    fn limit(&self, found: &[Neighbour]) -> f64 {
        found.get(self.k - 1).map_or(f64::INFINITY, |last| last.sum)
    }
}

/// From this number of dimensions on, most leaves are visited for each query, and it pays to visit one for many queries.
const BLOCKED_DIMENSION: usize = 32;

/// Queries that visit a leaf together.
const BLOCK: usize = LEAF;

impl Tree {
    /// Calls `each` with the k nearest points for each of a part of the queries, in their order.
    ///
    /// With few dimensions each query descends from the root. With many, a block of queries goes through all leaves together, a
    /// leaf staying in the first-level cache meanwhile, and a query leaves out those whose box is too far: brute force in blocks,
    /// in so many dimensions that this is none of them.
    #[inline(always)]
    pub(super) fn nearest_each<M: Metric>(
        &self,
        queries: &Self,
        part: Range<usize>,
        k: usize,
        are_own: bool,
        scratch: &mut Scratch,
        mut each: impl FnMut(usize, &mut Scratch),
    ) {
        if self.dimension < BLOCKED_DIMENSION {
            for position in part {
                self.nearest::<M, false>(queries.point(position), k, are_own.then_some(position), scratch);
                each(position, scratch);
            }
            return;
        }
        let mut start = part.start;
        while start < part.end {
            let block = start..part.end.min(start + BLOCK);
            self.nearest::<M, false>(queries.point(start), k, are_own.then_some(start), scratch);
            self.nearest_of_block::<M>(queries, block.clone(), k, are_own, scratch);
            for (index, position) in block.enumerate() {
                scratch.found.clone_from(&scratch.block[index]);
                each(position, scratch);
            }
            start += BLOCK;
        }
    }

    /// Fills `scratch.block`, going through the leaves by groups of siblings, beginning with those nearest to the first query.
    #[inline(always)]
    fn nearest_of_block<M: Metric>(
        &self,
        queries: &Self,
        block: Range<usize>,
        k: usize,
        are_own: bool,
        scratch: &mut Scratch,
    ) {
        let Scratch { block: lists, groups, leaf: first, .. } = scratch;
        let search = |position: usize| Search {
            query: queries.point(position),
            k,
            excluded: are_own.then_some(position),
            first: *first,
        };
        lists.resize_with(BLOCK, Vec::new);
        for (list, position) in lists.iter_mut().zip(block.clone()) {
            list.clear();
            self.scan::<M, false>(search(position), *first, list);
        }
        groups.clear();
        for group in 0..self.levels[0].len() / (2 * FAN * self.dimension) {
            let (near, _) = self.box_sums::<M>(queries.point(block.start), 0, group);
            groups.push((near.into_iter().fold(f64::INFINITY, f64::min), group));
        }
        groups.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut bounds = [[0.0; FAN]; BLOCK];
        for &(_, group) in groups.iter() {
            for (bounds, position) in bounds.iter_mut().zip(block.clone()) {
                (*bounds, _) = self.box_sums::<M>(queries.point(position), 0, group);
            }
            for lane in 0..FAN {
                let leaf = group * FAN + lane;
                if leaf == *first {
                    continue;
                }
                for ((list, bounds), position) in lists.iter_mut().zip(&bounds).zip(block.clone()) {
                    let search = search(position);
                    if bounds[lane] < search.limit(list) {
                        self.scan::<M, false>(search, leaf, list);
                    }
                }
            }
        }
    }

    /// Fills `scratch.found` with the k nearest points, nearest first; fewer if there are not so many.
    ///
    /// The point at position `excluded` is left out, and with `POSITIVE` all points that coincide with the query. Of points
    /// at the same distance those found first are kept.
    #[inline(always)]
    pub(super) fn nearest<M: Metric, const POSITIVE: bool>(
        &self,
        query: &[f64],
        k: usize,
        excluded: Option<usize>,
        scratch: &mut Scratch,
    ) {
        let Scratch { stack, found, leaf, .. } = scratch;
        let search = Search { query, k, excluded, first: *leaf };
        found.clear();
        self.scan::<M, POSITIVE>(search, search.first, found);
        self.descend::<M, POSITIVE>(search, stack, found);
        if let Some(nearest) = found.first() {
            *leaf = nearest.position / LEAF;
        }
    }

    /// Goes through the tree, nearest boxes first, but for the leaf that was scanned first.
    #[inline(always)]
    fn descend<M: Metric, const POSITIVE: bool>(
        &self,
        search: Search<'_>,
        stack: &mut Vec<Visit>,
        found: &mut Vec<Neighbour>,
    ) {
        stack.clear();
        stack.push(Visit { bound: 0.0, level: self.levels.len(), node: 0 });
        while let Some(Visit { bound, level, node }) = stack.pop() {
            if bound >= search.limit(found) {
                continue;
            }
            if level > 0 {
                self.push_children::<M>(search.query, level - 1, node, search.limit(found), stack);
            } else if node != search.first {
                self.scan::<M, POSITIVE>(search, node, found);
            }
        }
    }

    /// Goes through the points of a leaf.
    #[inline(always)]
    fn scan<M: Metric, const POSITIVE: bool>(
        &self,
        search: Search<'_>,
        leaf: usize,
        found: &mut Vec<Neighbour>,
    ) {
        let sums = self.leaf_sums::<M>(search.query, leaf);
        let mut limit = search.limit(found);
        if smallest(&sums) >= limit {
            return;
        }
        for (lane, &sum) in sums.iter().enumerate() {
            let position = leaf * LEAF + lane;
            if sum < limit && Some(position) != search.excluded && !(POSITIVE && sum == 0.0) {
                if found.len() == search.k {
                    found.pop();
                }
                let place = found.iter().rposition(|other| other.sum <= sum).map_or(0, |i| i + 1);
                found.insert(place, Neighbour { sum, position });
                limit = search.limit(found);
            }
        }
    }

    /// The points whose sum is at most `radius`, or less than it if the ball is `OPEN`.
    #[inline(always)]
    pub(super) fn ball<M: Metric, const OPEN: bool>(
        &self,
        query: &[f64],
        radius: f64,
        scratch: &mut Scratch,
    ) -> Ball {
        let is_in = |sum: f64| if OPEN { sum < radius } else { sum <= radius };
        let mut ball = Ball { count: 0, farthest: 0.0 };
        let stack = &mut scratch.stack;
        stack.clear();
        stack.push(Visit { bound: 0.0, level: self.levels.len(), node: 0 });
        while let Some(Visit { level, node, .. }) = stack.pop() {
            if level == 0 {
                for sum in self.leaf_sums::<M>(query, node) {
                    if is_in(sum) {
                        ball.count += 1;
                        ball.farthest = larger(sum, ball.farthest);
                    }
                }
                continue;
            }
            let (near, far) = self.box_sums::<M>(query, level - 1, node);
            for lane in 0..FAN {
                let child = node * FAN + lane;
                if far[lane] <= ball.farthest && is_in(far[lane]) {
                    ball.count += self.size(level - 1, child); // all inside, and none the farthest
                } else if is_in(near[lane]) {
                    stack.push(Visit { bound: near[lane], level: level - 1, node: child });
                }
            }
        }
        ball
    }

    /// Pushes those children of a node that may hold a point below `worst`, the nearest last.
    #[inline(always)]
    fn push_children<M: Metric>(
        &self,
        query: &[f64],
        level: usize,
        node: usize,
        worst: f64,
        stack: &mut Vec<Visit>,
    ) {
        let (bounds, _) = self.box_sums::<M>(query, level, node);
        let base = stack.len();
        for (lane, &bound) in bounds.iter().enumerate() {
            if bound < worst {
                let place = stack[base..].iter().rposition(|other| other.bound >= bound).map_or(0, |i| i + 1);
                stack.insert(base + place, Visit { bound, level, node: node * FAN + lane });
            }
        }
    }

    /// The sums of the points of a leaf; infinite for those that are not there.
    #[inline(always)]
    fn leaf_sums<M: Metric>(&self, query: &[f64], leaf: usize) -> [f64; LEAF] {
        let coordinates = &self.leaves[leaf * LEAF * self.dimension..(leaf + 1) * LEAF * self.dimension];
        let mut sums = [0.0; LEAF];
        for (coordinates, &x) in coordinates.chunks_exact(LEAF).zip(query) {
            for (sum, &y) in sums.iter_mut().zip(coordinates) {
                *sum = M::add(*sum, y - x);
            }
        }
        sums
    }

    /// The least and the largest sums that points in the boxes of eight siblings can have.
    ///
    /// Each rounded operation is monotone, and the order is that of [`leaf_sums`](Self::leaf_sums): the bounds hold to the
    /// bit. For boxes that are not there both are infinite.
    #[inline(always)]
    fn box_sums<M: Metric>(&self, query: &[f64], level: usize, group: usize) -> ([f64; FAN], [f64; FAN]) {
        let size = 2 * FAN * self.dimension;
        let boxes = &self.levels[level][group * size..(group + 1) * size];
        let mut near = [0.0; FAN];
        let mut far = [0.0; FAN];
        for (pair, &x) in boxes.chunks_exact(2 * FAN).zip(query) {
            for lane in 0..FAN {
                let (below, above) = (pair[lane] - x, x - pair[FAN + lane]);
                near[lane] = M::add(near[lane], larger(larger(below, above), 0.0));
                far[lane] = M::add(far[lane], larger(-below, -above));
            }
        }
        (near, far)
    }
}

/// The smallest of a leaf's sums, by lanes.
#[inline(always)]
fn smallest(sums: &[f64; LEAF]) -> f64 {
    let smaller = |a: f64, b: f64| if a < b { a } else { b };
    let mut lanes = [f64::INFINITY; 4];
    for chunk in sums.chunks_exact(4) {
        for (lane, &sum) in lanes.iter_mut().zip(chunk) {
            *lane = smaller(sum, *lane);
        }
    }
    smaller(smaller(lanes[0], lanes[1]), smaller(lanes[2], lanes[3]))
}
