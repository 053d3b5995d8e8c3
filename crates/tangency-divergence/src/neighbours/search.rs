//! Nearest neighbours of one query, and what lies in a ball around it.

use super::metric::{Metric, larger};
use super::tree::{FAN, LEAF, Tree};

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

/// Scratch space of a search, kept between queries.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    stack: Vec<Visit>,
    pub(super) found: Vec<Neighbour>,
    /// Where the search begins.
    leaf: usize,
}

impl Tree {
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
        let Scratch { stack, found, leaf: first } = scratch;
        // The leaf that the last query ended in is near this one's neighbours, and bounds them before the descent begins.
        let first = *first;
        found.clear();
        stack.clear();
        stack.push(Visit { bound: 0.0, level: self.levels.len(), node: 0 });
        stack.push(Visit { bound: 0.0, level: 0, node: first });
        let mut worst = f64::INFINITY;
        let mut is_descent = false;
        while let Some(Visit { bound, level, node }) = stack.pop() {
            if bound >= worst {
                continue;
            }
            if level > 0 {
                self.push_children::<M>(query, level - 1, node, worst, stack);
                is_descent = true;
                continue;
            }
            if is_descent && node == first {
                continue;
            }
            let sums = self.leaf_sums::<M>(query, node);
            if smallest(&sums) >= worst {
                continue;
            }
            for (lane, &sum) in sums.iter().enumerate() {
                let position = node * LEAF + lane;
                if sum < worst && Some(position) != excluded && !(POSITIVE && sum == 0.0) {
                    if found.len() == k {
                        found.pop();
                    }
                    let place = found.iter().rposition(|other| other.sum <= sum).map_or(0, |i| i + 1);
                    found.insert(place, Neighbour { sum, position });
                    if found.len() == k {
                        worst = found[k - 1].sum;
                    }
                }
            }
        }
        scratch.leaf = scratch.found.first().map_or(first, |nearest| nearest.position / LEAF);
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
