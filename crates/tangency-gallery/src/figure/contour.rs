//! Closed lines around where a function is at least a level.

use std::collections::BTreeMap;

/// A function on a rectangle, known at the nodes of a grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    low: [f64; 2],
    step: [f64; 2],
    counts: [usize; 2],
    /// By rows of equal y, the lowest first.
    values: Vec<f64>,
}

/// The edge from a node to its neighbour to the right (0) or above (1); nodes are counted from 0 outside the rectangle.
type Edge = (usize, usize, usize);

impl Grid {
    /// The function at `counts` nodes along each axis, two at least.
    ///
    /// # Errors
    ///
    /// The first error of the function.
    pub(crate) fn new<E>(
        low: [f64; 2],
        high: [f64; 2],
        counts: [usize; 2],
        mut function: impl FnMut([f64; 2]) -> Result<f64, E>,
    ) -> Result<Self, E> {
        let counts = counts.map(|count| count.max(2));
        let step = [0, 1].map(|k| (high[k] - low[k]) / (counts[k] - 1) as f64);
        let mut values = Vec::with_capacity(counts[0] * counts[1]);
        for j in 0..counts[1] {
            for i in 0..counts[0] {
                values.push(function([low[0] + i as f64 * step[0], low[1] + j as f64 * step[1]])?);
            }
        }
        Ok(Self { low, step, counts, values })
    }

    /// The least and the largest value.
    pub(crate) fn range(&self) -> (f64, f64) {
        self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)))
    }

    /// The boundary of $\lbrace \varphi \ge \ell \rbrace$, by linear interpolation on the edges of the grid (marching squares), with
    /// the inside on the left. What reaches the end of the rectangle is closed along it: outside, everything is below the level.
    pub(crate) fn at_least(&self, level: f64) -> Vec<Vec<[f64; 2]>> {
        let mut next: BTreeMap<Edge, Edge> = BTreeMap::new();
        for j in 0..=self.counts[1] {
            for i in 0..=self.counts[0] {
                // Corners and edges against the clock, from the lower left corner and the lower edge.
                let values = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)].map(|n| self.node(n, level));
                let edges = [(i, j, 0), (i + 1, j, 1), (i, j + 1, 0), (i, j, 1)];
                let inside = values.map(|v| v >= level);
                let leaves = |k: usize| inside[k] && !inside[(k + 1) % 4];
                let enters = |k: usize| !inside[k] && inside[(k + 1) % 4];
                let saddle = (0..4).filter(|&k| leaves(k)).count() == 2;
                let turn = if values.iter().sum::<f64>() / 4.0 >= level { 1 } else { 3 };
                for from in (0..4).filter(|&k| leaves(k)) {
                    let to = if saddle { Some((from + turn) % 4) } else { (0..4).find(|&k| enters(k)) };
                    next.extend(to.map(|to| (edges[from], edges[to])));
                }
            }
        }
        let mut loops = Vec::new();
        while let Some((first, mut at)) = next.pop_first() {
            let mut closed = vec![self.crossing(first, level)];
            while at != first {
                closed.push(self.crossing(at, level));
                let Some(follows) = next.remove(&at) else { break };
                at = follows;
            }
            loops.push(closed);
        }
        loops
    }

    /// The value at a node; below the level outside of the rectangle.
    fn node(&self, (i, j): (usize, usize), level: f64) -> f64 {
        if (1..=self.counts[0]).contains(&i) && (1..=self.counts[1]).contains(&j) {
            self.values[(j - 1) * self.counts[0] + i - 1]
        } else {
            level - 1.0
        }
    }

    /// Where the level is crossed on an edge; nodes outside stand on the boundary.
    fn crossing(&self, (i, j, direction): Edge, level: f64) -> [f64; 2] {
        let other = if direction == 0 { (i + 1, j) } else { (i, j + 1) };
        let (v0, v1) = (self.node((i, j), level), self.node(other, level));
        let t = ((level - v0) / (v1 - v0)).clamp(0.0, 1.0);
        let place = |k: usize, n: usize| self.low[k] + (n.clamp(1, self.counts[k]) - 1) as f64 * self.step[k];
        let (p, q) = ([place(0, i), place(1, j)], [place(0, other.0), place(1, other.1)]);
        [0, 1].map(|k| p[k] + t * (q[k] - p[k]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::f64::consts::PI;

    fn grid(count: usize, function: impl Fn(f64, f64) -> f64) -> Grid {
        Grid::new([-2.0, -2.0], [2.0, 2.0], [count; 2], |[x, y]| Ok::<_, Infallible>(function(x, y))).unwrap()
    }

    /// The area on the left of closed lines, by the shoelace formula.
    fn area(loops: &[Vec<[f64; 2]>]) -> f64 {
        let doubled = |points: &Vec<[f64; 2]>| -> f64 {
            let pairs = points.iter().zip(points.iter().cycle().skip(1));
            pairs.map(|(p, q)| p[0] * q[1] - q[0] * p[1]).sum()
        };
        loops.iter().map(doubled).sum::<f64>() / 2.0
    }

    #[test]
    fn the_area_of_a_disc_and_of_a_ring_is_of_second_order() {
        let error = |count| (area(&grid(count, |x, y| -x.hypot(y)).at_least(-1.0)) - PI).abs();
        assert!(error(81) < 2e-3 && error(161) < error(81) / 3.5, "{} {}", error(81), error(161));
        // A hole runs the other way round.
        let ring = grid(201, |x, y| -(x.hypot(y) - 1.0).abs()).at_least(-0.5);
        assert_eq!(ring.len(), 2);
        assert!((area(&ring) - 2.0 * PI).abs() < 2e-3);
    }

    #[test]
    fn what_reaches_the_boundary_is_closed_along_it() {
        let half = grid(11, |x, _| x).at_least(0.5);
        assert_eq!(half.len(), 1);
        assert!((area(&half) - 6.0).abs() < 1e-12);
        assert!((area(&grid(5, |_, _| 1.0).at_least(0.0)) - 16.0).abs() < 1e-12);
        assert!(grid(5, |_, _| -1.0).at_least(0.0).is_empty());
    }

    #[test]
    fn two_peaks_are_two_loops_and_a_saddle_joins_or_parts_them() {
        let peaks = |level| grid(41, |x, y| -((x - 1.0).hypot(y)).min((x + 1.0).hypot(y))).at_least(level);
        assert_eq!((peaks(-0.5).len(), peaks(-1.2).len()), (2, 1));
        // One cell with opposite corners inside, and its middle above or below the level.
        let cell = |values: [f64; 4]| Grid {
            low: [0.0; 2],
            step: [1.0; 2],
            counts: [2; 2],
            values: values.to_vec(),
        };
        assert_eq!(cell([1.0, -0.5, -0.5, 1.0]).at_least(0.0).len(), 1);
        assert_eq!(cell([0.5, -1.0, -1.0, 0.5]).at_least(0.0).len(), 2);
    }
}
