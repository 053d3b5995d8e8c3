//! A transport plan: which mass goes where.

use crate::error::TransportError;
use faer::{Mat, MatRef};

/// Mass that goes from one source to one target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shipment {
    /// Index of the source.
    pub source: usize,
    /// Index of the target.
    pub target: usize,
    /// The mass, positive.
    pub mass: f64,
}

/// A sparse matrix $\Gamma \ge 0$ of masses, by rows.
///
/// An optimal plan found by the simplex method has at most n + m − 1 entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    sources: usize,
    targets: usize,
    /// Sorted by source, then target; no two of the same pair.
    shipments: Vec<Shipment>,
}

impl Plan {
    pub(crate) fn new(sources: usize, targets: usize, mut shipments: Vec<Shipment>) -> Self {
        shipments.sort_unstable_by_key(|shipment| (shipment.source, shipment.target));
        shipments.dedup_by(|next, kept| {
            let same = (next.source, next.target) == (kept.source, kept.target);
            kept.mass += if same { next.mass } else { 0.0 };
            same
        });
        Self { sources, targets, shipments }
    }

    /// A plan that was made elsewhere, so that [`verify`](crate::verify()) can judge it. Masses of the same pair add up, and
    /// those of zero are left out.
    ///
    /// # Errors
    ///
    /// [`TransportError::ArcIndex`] for a pair outside the matrix, [`TransportError::Shipment`] for a mass that is negative or
    /// not finite.
    pub fn from_shipments(
        sources: usize,
        targets: usize,
        mut shipments: Vec<Shipment>,
    ) -> Result<Self, TransportError> {
        for &Shipment { source: from, target: to, mass } in &shipments {
            if from >= sources || to >= targets {
                return Err(TransportError::ArcIndex { from, to, sources, targets });
            }
            if !(mass >= 0.0 && mass.is_finite()) {
                return Err(TransportError::Shipment { from, to, mass });
            }
        }
        shipments.retain(|shipment| shipment.mass > 0.0);
        Ok(Self::new(sources, targets, shipments))
    }

    /// The positive entries of a matrix n × m; the inverse of [`to_dense`](Self::to_dense).
    ///
    /// # Errors
    ///
    /// [`TransportError::Shipment`] for an entry that is negative or not finite.
    ///
    /// # Example: how far a plan is from the best
    ///
    /// ```
    /// use faer::mat;
    /// use tangency_transport::{Plan, verify};
    ///
    /// let (cost, weights) = (mat![[0.0, 1.0], [1.0, 0.0]], [0.5, 0.5]);
    /// let plan = Plan::from_dense(mat![[0.25, 0.25], [0.25, 0.25]].as_ref())?;
    /// let certificate = verify(&weights, &weights, &cost, &plan, &[0.0, 0.0], &[0.0, 0.0])?;
    /// assert_eq!((certificate.primal, certificate.dual), (0.5, 0.0));
    /// # Ok::<(), tangency_transport::TransportError>(())
    /// ```
    pub fn from_dense(plan: MatRef<'_, f64>) -> Result<Self, TransportError> {
        let (sources, targets) = (plan.nrows(), plan.ncols());
        let pairs = (0..sources).flat_map(|source| (0..targets).map(move |target| (source, target)));
        let shipments = pairs
            .filter(|&(source, target)| plan[(source, target)] != 0.0)
            .map(|(source, target)| Shipment { source, target, mass: plan[(source, target)] });
        Self::from_shipments(sources, targets, shipments.collect())
    }

    /// The number of sources, rows of the matrix.
    pub fn sources(&self) -> usize {
        self.sources
    }

    /// The number of targets, columns of the matrix.
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// The positive entries, by source and then by target.
    pub fn shipments(&self) -> &[Shipment] {
        &self.shipments
    }

    /// The matrix in full, n × m.
    pub fn to_dense(&self) -> Mat<f64> {
        let mut dense = Mat::zeros(self.sources, self.targets);
        for &Shipment { source, target, mass } in &self.shipments {
            dense[(source, target)] += mass;
        }
        dense
    }

    /// The matrix in compressed rows: for each row where its entries begin (one number more than there are rows), and the
    /// columns and values of the entries.
    pub fn to_compressed_rows(&self) -> (Vec<usize>, Vec<usize>, Vec<f64>) {
        let mut starts = vec![0; self.sources + 1];
        for shipment in &self.shipments {
            starts[shipment.source + 1] += 1;
        }
        for i in 0..self.sources {
            starts[i + 1] += starts[i];
        }
        let columns = self.shipments.iter().map(|shipment| shipment.target).collect();
        (starts, columns, self.shipments.iter().map(|shipment| shipment.mass).collect())
    }

    /// Where each source goes on average: row i is the mean of the targets' points, weighted by what source i sends there.
    /// A source that sends nothing has no mean: a row of NaN.
    ///
    /// $$ T(x_i) = \sum_j \Gamma_{ij} y_j \Big/ \sum_j \Gamma_{ij} . $$
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] if `points` does not have a row for each target.
    pub fn barycentric_projection(&self, points: MatRef<'_, f64>) -> Result<Mat<f64>, TransportError> {
        if points.nrows() != self.targets {
            let (what, expected) = ("the targets' points", self.targets);
            return Err(TransportError::Length { what, expected, got: points.nrows() });
        }
        let mut means = Mat::<f64>::zeros(self.sources, points.ncols());
        let mut sent = vec![0.0; self.sources];
        for &Shipment { source, target, mass } in &self.shipments {
            sent[source] += mass;
            for k in 0..points.ncols() {
                means[(source, k)] += mass * points[(target, k)];
            }
        }
        for k in 0..points.ncols() {
            for (i, total) in sent.iter().enumerate() {
                means[(i, k)] /= total;
            }
        }
        Ok(means)
    }
}
