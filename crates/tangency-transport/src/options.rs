//! How an exact solve is started, bounded and stored.

use std::time::Duration;

/// When to stop, where to start, and which inputs to accept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactOptions<'a> {
    /// The relative difference of the two total masses that is taken for rounding; the targets' weights are then scaled, and
    /// [`Certificate::weight_scaling`](crate::Certificate::weight_scaling) says how. From 0 to 1e-3. Default 1e-9: sums of a
    /// million weights in double precision differ by less, weights that were single-precision numbers by more.
    pub mass_tolerance: f64,
    /// The most pivots to do. Default none: the method comes to its end.
    pub max_pivots: Option<u64>,
    /// The most time to take. It is looked at every 500 pivots, and where many costs are read between two of them after 16 million or
    /// after a search of all; first after the start, which reads all costs a few times. Default none.
    pub max_time: Option<Duration>,
    /// The relative distance of the plan's cost from a lower bound that is good enough; the bound is computed now and then, and
    /// costs one pass over all costs. At least 0. Default none: the plan becomes optimal.
    pub gap_tolerance: Option<f64>,
    /// What is kept of the costs. Default [`CostStorage::Automatic`].
    pub storage: CostStorage,
    /// The first basis. Default [`Start::Automatic`].
    pub start: Start<'a>,
}

impl Default for ExactOptions<'_> {
    fn default() -> Self {
        Self {
            mass_tolerance: 1e-9,
            max_pivots: None,
            max_time: None,
            gap_tolerance: None,
            storage: CostStorage::Automatic,
            start: Start::Automatic,
        }
    }
}

/// What an exact solve keeps of the costs. The answer is certified in double precision in any case; this is about speed and
/// memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostStorage {
    /// A copy of a matrix, in single precision, is searched first. Costs of points are computed whenever they are read, with
    /// O(n + m) memory and those of a part of the points, at most 75 MB, for a start.
    Automatic,
    /// Costs of any kind are copied in single precision, 4 bytes for each pair: for points this is faster than `Automatic`,
    /// the more so the more coordinates they have.
    SingleCopy,
    /// Nothing is copied but a part for a start, at most 75 MB. A matrix is read in double precision only.
    NoCopy,
}

/// Where an exact solve starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start<'a> {
    /// The cheapest arcs first, guided by the solution of a part of the problem if that helps.
    Automatic,
    /// The basis of an earlier solution of a problem with as many sources and targets. Where the masses are the same, it starts
    /// from that very basis whatever the costs are; where they differ, from what they allow of it.
    Basis(&'a Basis),
    /// Potentials, perhaps of an approximate method: arcs in the order of $c_{ij} - f_i - g_j$ at each source. They say less
    /// than a basis, since the flows have to be found anew. Their lengths are checked and they are not used where costs are given
    /// by [`Arcs`](crate::Arcs), whose first plan has to find a way for the mass before any cost matters.
    Potentials {
        /// $f_i$, one for each source.
        source: &'a [f64],
        /// $g_j$, one for each target.
        target: &'a [f64],
    },
}

/// The arcs of a spanning tree on which a solution is based, some of them perhaps empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub(crate) sources: usize,
    pub(crate) targets: usize,
    pub(crate) arcs: Vec<(u32, u32)>,
}

impl Basis {
    /// Source and target of each arc.
    pub fn arcs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.arcs.iter().map(|&(i, j)| (i as usize, j as usize))
    }
}
