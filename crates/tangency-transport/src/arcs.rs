//! Pairs between which transport is allowed.

use crate::error::TransportError;

/// A cost $(i, j, c_{ij})$ for each pair between which mass may go; all other pairs are forbidden.
///
/// Kept by rows: memory is 12 bytes for each arc. Of several costs for one pair the least counts.
///
/// # Example: a chain of neighbours
///
/// ```
/// use tangency_transport::{Arcs, Cost, exact};
///
/// let arcs = Arcs::new(2, 2, [(0, 0, 1.0), (1, 0, 2.0), (1, 1, 4.0)])?;
/// let found = exact(&[0.5, 0.5], &[0.5, 0.5], &arcs)?; // source 0 reaches target 0 alone
/// assert_eq!(found.value, 2.5);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Arcs {
    targets: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    costs: Vec<f64>,
}

impl Arcs {
    /// Arcs between `sources` and `targets` nodes on the two sides.
    ///
    /// # Errors
    ///
    /// [`TransportError::ArcIndex`] for a node that does not exist, [`TransportError::Cost`] for a cost that is not finite,
    /// [`TransportError::TooMany`] for more nodes than can be indexed.
    pub fn new(
        sources: usize,
        targets: usize,
        arcs: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Result<Self, TransportError> {
        let limit = u32::MAX as usize / 4;
        if sources.saturating_add(targets) > limit {
            return Err(TransportError::TooMany { points: sources.saturating_add(targets), limit });
        }
        let mut all = Vec::new();
        for (source, target, cost) in arcs {
            if source >= sources || target >= targets {
                return Err(TransportError::ArcIndex { from: source, to: target, sources, targets });
            }
            if !crate::rows::is_cost(cost) {
                return Err(TransportError::Cost { row: source, column: target, value: cost });
            }
            all.push((source as u32, target as u32, cost));
        }
        all.sort_unstable_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(x.2.total_cmp(&y.2)));
        all.dedup_by_key(|arc| (arc.0, arc.1));
        let mut starts = vec![0; sources + 1];
        for arc in &all {
            starts[arc.0 as usize + 1] += 1;
        }
        for i in 0..sources {
            starts[i + 1] += starts[i];
        }
        let columns = all.iter().map(|arc| arc.1).collect();
        Ok(Self { targets, starts, columns, costs: all.iter().map(|arc| arc.2).collect() })
    }

    /// Numbers of sources and targets.
    pub fn shape(&self) -> (usize, usize) {
        (self.starts.len() - 1, self.targets)
    }

    /// The number of arcs.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no arc at all.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Targets and costs of the arcs from one source, by target.
    pub(crate) fn row(&self, source: usize) -> (&[u32], &[f64]) {
        let range = self.starts[source]..self.starts[source + 1];
        (&self.columns[range.clone()], &self.costs[range])
    }

    /// The cost of an arc, if it is allowed.
    pub(crate) fn entry(&self, source: usize, target: usize) -> Option<f64> {
        let (columns, costs) = self.row(source);
        columns.binary_search(&(target as u32)).ok().map(|k| costs[k])
    }
}
