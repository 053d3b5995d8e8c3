//! What proves that a plan is optimal, recomputed from plan, potentials and costs alone.

use crate::error::{Side, TransportError};
use crate::plan::{Plan, Shipment};
use crate::sum::Sum;
use faer::MatRef;

/// How well a plan and potentials fit a problem.
///
/// For every plan Γ with the right margins and all potentials with $f_i + g_j \le c_{ij}$,
///
/// $$ \sum_i a_i f_i + \sum_j b_j g_j \le \sum_{ij} \Gamma_{ij} c_{ij}, $$
///
/// because the difference is a sum of products that are not negative. Where the two sides are equal, both are optimal. Nothing in
/// this proof depends on how plan and potentials were found.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// $\sum \Gamma_{ij} c_{ij}$.
    pub primal: f64,
    /// $\sum a_i f_i + \sum b_j g_j$.
    pub dual: f64,
    /// `primal` less `dual`: the plan costs at most this much more than the best one.
    pub gap: f64,
    /// A bound for the rounding error of `gap`.
    pub gap_error: f64,
    /// The largest $\lvert \sum_j \Gamma_{ij} - a_i \rvert$.
    pub source_violation: f64,
    /// The largest $\lvert \sum_i \Gamma_{ij} - b_j \rvert$.
    pub target_violation: f64,
    /// The largest $f_i + g_j - c_{ij}$, or zero if that is negative.
    pub dual_violation: f64,
}

/// Recomputes the certificate of a plan with potentials.
///
/// Sums are compensated. Costs O(nm) time, and no memory beyond the margins.
///
/// # Errors
///
/// [`TransportError::CostShape`] and [`TransportError::Length`] if the arguments do not belong together;
/// [`TransportError::Weight`] and [`TransportError::Cost`] for numbers that are not finite.
///
/// # Example: a plan that is not the best
///
/// ```
/// use faer::mat;
/// use tangency_transport::{exact, verify};
///
/// let cost = mat![[0.0, 1.0], [1.0, 0.0]];
/// let best = exact(&[0.5, 0.5], &[0.5, 0.5], cost.as_ref())?;
/// let other = exact(&[0.5, 0.5], &[0.5, 0.5], mat![[1.0, 0.0], [0.0, 1.0]].as_ref())?;
/// let certificate =
///     verify(&[0.5, 0.5], &[0.5, 0.5], cost.as_ref(), &other.plan, &best.source_potentials, &best.target_potentials)?;
/// assert_eq!(certificate.gap, 1.0); // it costs 1, and 0 is possible
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn verify(
    a: &[f64],
    b: &[f64],
    cost: MatRef<'_, f64>,
    plan: &Plan,
    source_potentials: &[f64],
    target_potentials: &[f64],
) -> Result<Certificate, TransportError> {
    let (n, m) = (a.len(), b.len());
    if (cost.nrows(), cost.ncols()) != (n, m) {
        return Err(TransportError::CostShape {
            sources: n,
            targets: m,
            rows: cost.nrows(),
            columns: cost.ncols(),
        });
    }
    let lengths = [
        ("the plan's sources", n, plan.sources()),
        ("the plan's targets", m, plan.targets()),
        ("the source potentials", n, source_potentials.len()),
        ("the target potentials", m, target_potentials.len()),
    ];
    for (what, expected, got) in lengths {
        if expected != got {
            return Err(TransportError::Length { what, expected, got });
        }
    }
    for (side, weights) in [(Side::Source, a), (Side::Target, b)] {
        if let Some(index) = weights.iter().position(|w| !w.is_finite()) {
            return Err(TransportError::Weight { side, index, value: weights[index] });
        }
    }
    let mut dual_violation = 0.0_f64;
    for j in 0..m {
        for i in 0..n {
            let c = cost[(i, j)];
            if !c.is_finite() {
                return Err(TransportError::Cost { row: i, column: j, value: c });
            }
            dual_violation = dual_violation.max(source_potentials[i] + target_potentials[j] - c);
        }
    }
    let (mut sent, mut received) = (vec![Sum::default(); n], vec![Sum::default(); m]);
    let mut primal = Sum::default();
    for &Shipment { source, target, mass } in plan.shipments() {
        sent[source].add(mass);
        received[target].add(mass);
        primal.add_product(mass, cost[(source, target)]);
    }
    let mut dual = Sum::default();
    for (weights, potentials) in [(a, source_potentials), (b, target_potentials)] {
        for (w, f) in weights.iter().zip(potentials) {
            dual.add_product(*w, *f);
        }
    }
    let violation = |sums: &[Sum], weights: &[f64]| {
        sums.iter().zip(weights).map(|(sum, w)| (sum.value() - w).abs()).fold(0.0, f64::max)
    };
    Ok(Certificate {
        primal: primal.value(),
        dual: dual.value(),
        gap: primal.value() - dual.value(),
        gap_error: primal.error() + dual.error(),
        source_violation: violation(&sent, a),
        target_violation: violation(&received, b),
        dual_violation,
    })
}
