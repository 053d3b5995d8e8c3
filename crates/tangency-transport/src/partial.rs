//! Transport of a part of the mass.

use crate::arcs::Arcs;
use crate::certificate::{Certificate, check_shape};
use crate::cost::Cost;
use crate::error::{Side, TransportError};
use crate::exact::{Transport, TransportStatus, exact_with};
use crate::mass::total;
use crate::options::ExactOptions;
use crate::plan::{Plan, Shipment};
use crate::rows::Rows;
use faer::Mat;
use std::ops::ControlFlow;

/// The cheapest plan for a part of the mass, with its dual.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PartialTransport {
    /// The cost of the plan.
    pub value: f64,
    /// Which mass goes where; what is left over stays.
    pub plan: Plan,
    /// λ: what one more unit of mass would cost.
    pub marginal_cost: f64,
    /// $\alpha_i \ge 0$, one for each source: what it would save if source i had one more unit to offer.
    pub source_prices: Vec<f64>,
    /// $\beta_j \ge 0$, one for each target: what it would save if target j had room for one more unit.
    pub target_prices: Vec<f64>,
    /// The certificate of the problem with one more source and one more target that take what stays. Its interval encloses the
    /// least cost.
    pub certificate: Certificate,
    /// How the solve ended.
    pub status: TransportStatus,
}

/// The cheapest way to carry `mass` of the weights `a` to `mass` of the weights `b`.
///
/// $$ \min_{\Gamma \ge 0} \sum_{ij} \Gamma_{ij} c_{ij}, \qquad \sum_j \Gamma_{ij} \le a_i, \quad \sum_i \Gamma_{ij} \le b_j, \quad
/// \sum_{ij} \Gamma_{ij} = \mu . $$
///
/// Its dual is the largest $\lambda \mu - \sum a_i \alpha_i - \sum b_j \beta_j$ with $\lambda - \alpha_i - \beta_j \le
/// c_{ij}$ and $\alpha, \beta \ge 0$. It is solved as a full problem with one more target that takes, free of charge, what
/// stays at the sources, and one more source that fills what stays empty; between these two the cost is so high that nothing
/// goes there.
///
/// The two total masses may differ. With `mass` equal to both of them this is [`exact`](crate::exact()). Costs are copied, with the
/// additional row and column, 8 bytes for each pair, those of points too; of [`Arcs`](crate::Arcs) the arcs alone, with one more for
/// each point. The start of the options is not used.
///
/// # Errors
///
/// As [`exact`](crate::exact()); [`TransportError::OutOfRange`] for a mass that is not positive or exceeds one of the totals
/// by more than the tolerance of the options. Where [`Arcs`](crate::Arcs) cannot carry so much, the vector of
/// [`TransportError::Unreachable`] belongs to the problem with the additional source and target, which come last.
///
/// # Example: the dear half stays where it is
///
/// ```
/// use faer::mat;
/// use std::ops::ControlFlow;
/// use tangency_transport::{ExactOptions, partial};
///
/// let cost = mat![[1.0, 9.0], [9.0, 5.0]];
/// let found = partial(&[0.5, 0.5], &[0.5, 0.5], &cost, 0.5, &ExactOptions::default())?;
/// assert_eq!(found.value, 0.5);
/// assert_eq!(found.plan.shipments().len(), 1);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - L. Chapel, M. Z. Alaya, G. Gasso, *Partial optimal transport with applications on positive-unlabeled learning*, NeurIPS
///   2020, 2903-2913: the additional points.
pub fn partial<'c>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'c>>,
    mass: f64,
    options: &ExactOptions<'_>,
) -> Result<PartialTransport, TransportError> {
    let cost = cost.into();
    let (n, m) = (a.len(), b.len());
    check_shape(&cost, n, m)?;
    let (source_mass, target_mass) = (total(a, Side::Source)?, total(b, Side::Target)?);
    let least = source_mass.min(target_mass);
    if !(mass > 0.0 && mass <= least * (1.0 + options.mass_tolerance)) {
        let (what, range) = ("the mass to carry", "positive and at most the lesser of the two totals");
        return Err(TransportError::OutOfRange { what, range, value: mass });
    }
    let (matrix, arcs);
    let extended: Cost<'_> = if let Cost::Arcs(given) = cost {
        arcs = with_arcs(given)?;
        (&arcs).into()
    } else {
        matrix = with_row_and_column(&cost)?;
        (&matrix).into()
    };
    let with = |weights: &[f64], other: f64| {
        weights.iter().copied().chain([(other - mass).max(0.0)]).collect::<Vec<_>>()
    };
    let options = ExactOptions { start: crate::options::Start::Automatic, ..*options };
    let (a, b) = (with(a, target_mass), with(b, source_mass));
    let found = exact_with(&a, &b, extended, &options, |_| ControlFlow::Continue(()))?;
    let Transport { value, plan, source_potentials: f, target_potentials: g, certificate, status, .. } =
        found;
    let kept = plan.shipments().iter().filter(|shipment| shipment.source < n && shipment.target < m);
    let kept: Vec<Shipment> = kept.copied().collect();
    Ok(PartialTransport {
        value,
        plan: Plan::new(n, m, kept),
        marginal_cost: -(f[n] + g[m]),
        source_prices: f[..n].iter().map(|f| -(f + g[m])).collect(),
        target_prices: g[..m].iter().map(|g| -(g + f[n])).collect(),
        certificate,
        status,
    })
}

/// The costs with one more row and column of zeros, which meet at a cost that keeps everything away.
fn with_row_and_column(cost: &Cost<'_>) -> Result<Mat<f64>, TransportError> {
    let (n, m) = cost.shape();
    let (rows, turned) = Rows::new(cost)?;
    let mut matrix = Mat::zeros(n + 1, m + 1);
    let mut buffer = rows.buffer();
    let mut largest = 0.0_f64;
    for i in 0..rows.len() {
        for (j, &c) in rows.checked(i, turned, &mut buffer)?.iter().enumerate() {
            largest = largest.max(c.abs());
            matrix[if turned { (j, i) } else { (i, j) }] = c;
        }
    }
    // Both ways through the additional points cost nothing, so between them more than −min c is enough.
    matrix[(n, m)] = if largest > 0.0 { 2.0 * largest } else { 1.0 };
    Ok(matrix)
}

/// The arcs with one from every source to an additional target and to every target from an additional source, between which
/// there is none.
fn with_arcs(arcs: &Arcs) -> Result<Arcs, TransportError> {
    let (n, m) = arcs.shape();
    let given = (0..n).flat_map(|i| {
        let (columns, costs) = arcs.row(i);
        columns.iter().zip(costs).map(move |(j, c)| (i, *j as usize, *c))
    });
    let staying = (0..n).map(|i| (i, m, 0.0)).chain((0..m).map(|j| (n, j, 0.0)));
    Arcs::new(n + 1, m + 1, given.chain(staying))
}
