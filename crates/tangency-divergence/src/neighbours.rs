//! Distances to the nearest neighbours of many points at once, and what lies in balls around them.
//!
//! Exact in any number of dimensions: on the line by sorting, elsewhere by a tree of boxes. A point is left out of its own
//! neighbours by its number and not by its distance, so that points that coincide count as often as they occur.

mod line;
mod metric;
mod search;
#[cfg(test)]
mod tests;
mod tree;

use crate::parallel::map_parts;
use line::Line;
pub(crate) use metric::{Euclidean, Maximum, Metric};
pub(crate) use search::Ball;
use search::{Neighbour, Scratch};
use std::marker::PhantomData;
use std::ops::Range;
use tangency_vmath::{Kernel, dispatch};
use tree::Tree;

/// Queries that one task answers: some tens of microseconds at least.
const PART: usize = 256;

/// The sphere around a point through one of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shell {
    /// The distance, as [`Index::ln_distance`] takes it; never zero.
    pub(crate) sum: f64,
    /// How many neighbours are inside or on it: k, or more if the k nearest coincide with the point.
    pub(crate) rank: usize,
}

/// Points, arranged for questions about neighbours.
#[derive(Debug)]
pub(crate) struct Index<M> {
    arrangement: Arrangement,
    metric: PhantomData<M>,
}

#[derive(Debug)]
enum Arrangement {
    Line(Line),
    Tree(Tree),
}

impl<M: Metric> Index<M> {
    /// Arranges points that lie one after another in `data`; there is at least one, of one dimension or more.
    ///
    /// Costs O(n log n) operations. Squares of differences must not overflow: see [`unit`].
    pub(crate) fn new(data: &[f64], dimension: usize) -> Self {
        let arrangement = if dimension == 1 {
            Arrangement::Line(Line::new(data))
        } else {
            Arrangement::Tree(Tree::new(data, dimension))
        };
        Self { arrangement, metric: PhantomData }
    }

    /// The logarithm of a distance that this index told.
    pub(crate) fn ln_distance(&self, sum: f64) -> f64 {
        match self.arrangement {
            Arrangement::Line(_) => sum.ln(),
            Arrangement::Tree(_) => M::ln_norm(sum),
        }
    }

    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.order().len()
    }

    fn order(&self) -> &[usize] {
        match &self.arrangement {
            Arrangement::Line(line) => &line.order,
            Arrangement::Tree(tree) => &tree.order,
        }
    }

    /// For each point, in the order of rows, the sphere through its k-th nearest other point.
    ///
    /// There must be more than k points. Where k or more others coincide with the point, the sphere is that through the
    /// nearest of those that do not; `None` if for some point there are none.
    pub(crate) fn own_shells(&self, k: usize) -> Option<Vec<Shell>> {
        self.shells(self, k, true)
    }

    /// For each point of `queries`, in the order of rows, the sphere through its k-th nearest point of this index, in the sense
    /// of [`own_shells`](Self::own_shells). There must be k points.
    pub(crate) fn shells_around(&self, queries: &Self, k: usize) -> Option<Vec<Shell>> {
        self.shells(queries, k, false)
    }

    fn shells(&self, queries: &Self, k: usize, are_own: bool) -> Option<Vec<Shell>> {
        let parts = match (&self.arrangement, &queries.arrangement) {
            (Arrangement::Tree(tree), Arrangement::Tree(queries)) => map_parts(queries.rows, PART, |part| {
                dispatch(Shells::<M> { tree, queries, part, k, are_own, metric: PhantomData })
            }),
            (Arrangement::Line(line), Arrangement::Line(queries)) => {
                map_parts(queries.sorted.len(), PART, |part| {
                    line_shells(line, &queries.sorted[part], k, are_own)
                })
            }
            _ => return None, // dimensions differ: callers have checked that they do not
        };
        let shells: Option<Vec<Vec<Shell>>> = parts.into_iter().collect();
        Some(in_rows(queries.order(), shells?, Shell { sum: 0.0, rank: 0 }))
    }

    /// For each point of `queries` the points of this index within its radius, those on the sphere included unless `is_open`.
    ///
    /// Radii are distances as [`Shell::sum`] tells them, in the order of rows, and so are the answers.
    pub(crate) fn balls(&self, queries: &Self, radii: &[f64], is_open: bool) -> Vec<Ball> {
        let parts = match (&self.arrangement, &queries.arrangement) {
            (Arrangement::Tree(tree), Arrangement::Tree(queries)) => map_parts(queries.rows, PART, |part| {
                dispatch(Balls::<M> { tree, queries, part, radii, is_open, metric: PhantomData })
            }),
            (Arrangement::Line(line), Arrangement::Line(queries)) => {
                map_parts(queries.sorted.len(), PART, |part| {
                    let one = |i: usize| {
                        let (count, farthest) =
                            line.ball(queries.sorted[i], radii[queries.order[i]], is_open);
                        Ball { count, farthest }
                    };
                    part.map(one).collect()
                })
            }
            _ => Vec::new(), // as in `shells`
        };
        in_rows(queries.order(), parts, Ball { count: 0, farthest: 0.0 })
    }

    /// The rows of the k nearest other points of each point, nearest first, point after point; two dimensions or more.
    pub(crate) fn own_neighbours(&self, k: usize) -> Vec<usize> {
        let Arrangement::Tree(tree) = &self.arrangement else { return Vec::new() };
        let parts =
            map_parts(tree.rows, PART, |part| dispatch(Lists::<M> { tree, part, k, metric: PhantomData }));
        let mut rows = vec![0; tree.rows * k];
        for (positions, &row) in parts.iter().flat_map(|part| part.chunks_exact(k)).zip(&tree.order) {
            for (to, &position) in rows[row * k..(row + 1) * k].iter_mut().zip(positions) {
                *to = tree.order[position];
            }
        }
        rows
    }
}

/// Answers in the order of positions, put in the order of rows.
fn in_rows<T: Copy>(order: &[usize], parts: Vec<Vec<T>>, blank: T) -> Vec<T> {
    let mut rows = vec![blank; order.len()];
    for (answer, &row) in parts.into_iter().flatten().zip(order) {
        rows[row] = answer;
    }
    rows
}

/// [`Index::shells`] on the line; one neighbour more where each query is its own nearest.
fn line_shells(line: &Line, queries: &[f64], k: usize, are_own: bool) -> Option<Vec<Shell>> {
    let own = usize::from(are_own);
    let mut shells = Vec::with_capacity(queries.len());
    let mut index = 0;
    line.windows(queries, k + own, |window| {
        let x = queries[index];
        index += 1;
        let distance = (x - window[0]).max(window[window.len() - 1] - x);
        shells.push(if distance > 0.0 {
            Some(Shell { sum: distance, rank: k })
        } else {
            line.nearest_other(x).map(|sum| Shell { sum, rank: line.ball(x, sum, false).0 - own })
        });
    });
    shells.into_iter().collect()
}

/// [`Index::shells`] for a part of the positions in the tree of queries.
struct Shells<'a, M> {
    tree: &'a Tree,
    queries: &'a Tree,
    part: Range<usize>,
    k: usize,
    are_own: bool,
    metric: PhantomData<M>,
}

impl<M: Metric> Kernel for Shells<'_, M> {
    type Output = Option<Vec<Shell>>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { tree, queries, part, k, are_own, .. } = self;
        let mut shells = Vec::with_capacity(part.len());
        tree.nearest_each::<M>(queries, part, k, are_own, &mut Scratch::default(), |position, scratch| {
            shells.push(match scratch.found.last() {
                Some(last) if last.sum > 0.0 => Some(Shell { sum: last.sum, rank: k }),
                _ => {
                    let (query, own) = (queries.point(position), usize::from(are_own));
                    tree.nearest::<M, true>(query, 1, None, scratch);
                    scratch.found.first().copied().map(|Neighbour { sum, .. }| Shell {
                        sum,
                        rank: tree.ball::<M, false>(query, sum, scratch).count - own,
                    })
                }
            });
        });
        shells.into_iter().collect()
    }
}

/// [`Index::balls`] for a part of the positions in the tree of queries.
struct Balls<'a, M> {
    tree: &'a Tree,
    queries: &'a Tree,
    part: Range<usize>,
    radii: &'a [f64],
    is_open: bool,
    metric: PhantomData<M>,
}

impl<M: Metric> Kernel for Balls<'_, M> {
    type Output = Vec<Ball>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let mut scratch = Scratch::default();
        let mut balls = Vec::with_capacity(self.part.len());
        for position in self.part {
            let (query, radius) = (self.queries.point(position), self.radii[self.queries.order[position]]);
            balls.push(if self.is_open {
                self.tree.ball::<M, true>(query, radius, &mut scratch)
            } else {
                self.tree.ball::<M, false>(query, radius, &mut scratch)
            });
        }
        balls
    }
}

/// [`Index::own_neighbours`] for a part of the positions: positions, and not yet rows.
struct Lists<'a, M> {
    tree: &'a Tree,
    part: Range<usize>,
    k: usize,
    metric: PhantomData<M>,
}

impl<M: Metric> Kernel for Lists<'_, M> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { tree, part, k, .. } = self;
        let mut positions = Vec::with_capacity(part.len() * k);
        tree.nearest_each::<M>(tree, part, k, true, &mut Scratch::default(), |_, scratch| {
            positions.extend(scratch.found.iter().map(|neighbour| neighbour.position));
        });
        positions
    }
}

/// A power of two to multiply coordinates with, so that squares of their differences neither overflow nor all vanish.
///
/// It is 1 for all but the oddest of units. Differences below $10^{-161}$ after that count as zero.
pub(crate) fn unit<'a>(coordinates: impl IntoIterator<Item = &'a f64>) -> f64 {
    let largest = coordinates.into_iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    if largest == 0.0 || (1e-30..1e140).contains(&largest) {
        return 1.0;
    }
    // Exponents of what is finite and not zero lie between -1074 and 1023.
    2.0_f64.powi((-largest.log2().floor() as i32).clamp(-1000, 1000))
}
