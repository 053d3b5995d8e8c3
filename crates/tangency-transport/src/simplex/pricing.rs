//! The search for an arc of negative reduced cost.

use super::tree::Tree;
use tangency_vmath::{Kernel, dispatch};

/// Numbers that a lane-wise minimum is taken over at once.
const LANES: usize = 32;

/// The least of `costs[j] + potentials[j]`.
#[inline(always)]
fn least<T: Copy + PartialOrd + std::ops::Add<Output = T>>(costs: &[T], potentials: &[T], infinity: T) -> T {
    let mut lanes = [infinity; LANES];
    let (costs, costs_rest) = costs.as_chunks::<LANES>();
    let (potentials, potentials_rest) = potentials[..].as_chunks::<LANES>();
    for (c, p) in costs.iter().zip(potentials) {
        for k in 0..LANES {
            let x = c[k] + p[k];
            lanes[k] = if x < lanes[k] { x } else { lanes[k] };
        }
    }
    let mut best = infinity;
    for (&c, &p) in costs_rest.iter().zip(potentials_rest) {
        let x = c + p;
        best = if x < best { x } else { best };
    }
    for x in lanes {
        best = if x < best { x } else { best };
    }
    best
}

/// Scans sources in cyclic order from `start` for one with an arc whose reduced cost is below −`threshold`, single precision.
pub(super) struct Screen<'a> {
    /// Row after row.
    pub(super) costs: &'a [f32],
    pub(super) sources: usize,
    pub(super) targets: usize,
    pub(super) tree: &'a Tree,
    pub(super) start: usize,
    /// How many to scan at most.
    pub(super) count: usize,
    pub(super) threshold: f32,
}

/// A source with its best arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) source: usize,
    pub(super) target: usize,
    /// Sources that were scanned, this one included.
    pub(super) scanned: usize,
}

impl Kernel for Screen<'_> {
    type Output = Option<Found>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Option<Found> {
        let potentials = &self.tree.mirror[..self.targets];
        let mut source = self.start;
        for scanned in 1..=self.count {
            let row = &self.costs[source * self.targets..(source + 1) * self.targets];
            let best = least(row, potentials, f32::INFINITY);
            if best < self.tree.source_potential(source) as f32 - self.threshold {
                let target = row.iter().zip(potentials).position(|(&c, &p)| c + p <= best).unwrap_or(0);
                return Some(Found { source, target, scanned });
            }
            source += 1;
            if source == self.sources {
                source = 0;
            }
        }
        None
    }
}

/// The least of `costs[j] + potentials[j]` in double precision, and where it is.
struct LeastOfRow<'a>(&'a [f64], &'a [f64]);

impl Kernel for LeastOfRow<'_> {
    type Output = (usize, f64);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (usize, f64) {
        let best = least(self.0, self.1, f64::INFINITY);
        let target = self.0.iter().zip(self.1).position(|(&c, &p)| c + p <= best).unwrap_or(0);
        (target, best)
    }
}

/// The target whose arc from one source has the least reduced cost, and that cost plus π of the source.
pub(super) fn least_of_row(costs: &[f64], potentials: &[f64]) -> (usize, f64) {
    dispatch(LeastOfRow(costs, potentials))
}

/// Scans sources in single precision.
pub(super) fn screen(screen: Screen<'_>) -> Option<Found> {
    dispatch(screen)
}
