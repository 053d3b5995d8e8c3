//! Exact optimal transport between two discrete distributions.

use crate::certificate::{Certificate, verify};
use crate::error::TransportError;
use crate::mass::{Masses, UNITS};
use crate::plan::{Plan, Shipment};
use crate::simplex::{Problem, solve};
use faer::MatRef;
use std::ops::ControlFlow;

/// When to stop, and which inputs to accept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactOptions {
    /// The relative difference of the two total masses that is taken for rounding; the targets' weights are then scaled. From 0 to
    /// 1e-3. Default 1e-9: sums of a million weights in double precision differ by less, weights that were single-precision
    /// numbers by more.
    pub mass_tolerance: f64,
    /// The most pivots to do. Default none: the method comes to its end.
    pub max_pivots: Option<u64>,
}

impl Default for ExactOptions {
    fn default() -> Self {
        Self { mass_tolerance: 1e-9, max_pivots: None }
    }
}

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportStatus {
    /// The plan is optimal to rounding; the certificate says how far.
    Optimal,
    /// The pivots ran out, or the observer stopped the work: the plan is feasible, and the best so far.
    Stopped,
}

/// How far a solve has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExactProgress {
    /// Pivots done.
    pub pivots: u64,
}

/// A plan with the proof of how good it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Transport {
    /// The cost of the plan. The least cost lies between `certificate.dual` and this.
    pub value: f64,
    /// Which mass goes where.
    pub plan: Plan,
    /// $f_i$, one for each source.
    pub source_potentials: Vec<f64>,
    /// $g_j$, one for each target; $f_i + g_j \le c_{ij}$ to rounding.
    pub target_potentials: Vec<f64>,
    /// Both sides of the duality, recomputed from plan, potentials and costs.
    pub certificate: Certificate,
    /// How the solve ended.
    pub status: TransportStatus,
    /// Pivots of the simplex method.
    pub pivots: u64,
}

/// The cheapest way to carry the weights `a` to the weights `b`, with a certificate.
///
/// $$ \min_{\Gamma \ge 0} \sum_{ij} \Gamma_{ij} c_{ij}, \qquad \sum_j \Gamma_{ij} = a_i, \quad \sum_i \Gamma_{ij} = b_j . $$
///
/// The primal network simplex method on a spanning tree, with flows in whole numbers of 2⁻⁶⁰ of the mass. There is no limit on
/// the number of pivots. Costs may be any finite numbers, and weights may be zero. Time grows between $n^2$ and $n^3$ (about
/// $n^{2.3}$ on geometric and random costs); memory is 4 bytes for each cost beyond the matrix itself, which is read in place if its
/// rows or its columns lie in one piece.
///
/// # Errors
///
/// [`TransportError`] for weights that are empty, negative or not finite, masses that differ, and costs of the wrong shape or not
/// finite.
///
/// # Example: a certificate that anyone can check
///
/// ```
/// use faer::Mat;
/// use tangency_transport::exact;
///
/// let (x, y) = ([0.0, 1.0, 3.0], [0.5, 2.0]);
/// let cost = Mat::from_fn(3, 2, |i, j| f64::abs(x[i] - y[j]));
/// let found = exact(&[0.5, 0.25, 0.25], &[0.75, 0.25], cost.as_ref())?;
/// assert!((found.value - 0.625).abs() < 1e-15);
/// assert!(found.certificate.gap.abs() < 1e-15 && found.certificate.dual_violation < 1e-15);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - W. H. Cunningham, *A network simplex method*, Mathematical Programming 11 (1976) 105-116: strongly feasible trees.
pub fn exact(a: &[f64], b: &[f64], cost: MatRef<'_, f64>) -> Result<Transport, TransportError> {
    exact_with(a, b, cost, &ExactOptions::default(), |_| ControlFlow::Continue(()))
}

/// As [`exact`], with options and an observer that may stop the work.
///
/// The observer is called every 500 pivots. A plan that was stopped is feasible, and its certificate bounds the least cost from
/// both sides.
///
/// # Errors
///
/// As [`exact`], and [`TransportError::OutOfRange`] for a tolerance outside its range.
pub fn exact_with(
    a: &[f64],
    b: &[f64],
    cost: MatRef<'_, f64>,
    options: &ExactOptions,
    mut observer: impl FnMut(&ExactProgress) -> ControlFlow<()>,
) -> Result<Transport, TransportError> {
    let (n, m) = (a.len(), b.len());
    if !(0.0..=1e-3).contains(&options.mass_tolerance) {
        let value = options.mass_tolerance;
        return Err(TransportError::OutOfRange {
            what: "the mass tolerance",
            range: "from 0 to 1e-3",
            value,
        });
    }
    if (cost.nrows(), cost.ncols()) != (n, m) {
        return Err(TransportError::CostShape {
            sources: n,
            targets: m,
            rows: cost.nrows(),
            columns: cost.ncols(),
        });
    }
    let masses = Masses::new(a, b, options.mass_tolerance)?;
    let limit = u32::MAX as usize / 4;
    if n.saturating_add(m) > limit {
        return Err(TransportError::TooMany { points: n.saturating_add(m), limit });
    }
    // Costs are read by rows in one piece. Where only the columns are, the problem is turned over.
    let copy: Vec<f64>;
    let (turned, rows): (bool, Vec<&[f64]>) = if let Some(rows) = slices(cost.transpose()) {
        (false, rows)
    } else if let Some(columns) = slices(cost) {
        (true, columns)
    } else {
        copy = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).map(|ij| cost[ij]).collect();
        (false, copy.chunks(m).collect())
    };
    for (i, row) in rows.iter().enumerate() {
        if let Some(j) = row.iter().position(|c| !c.is_finite()) {
            let (row, column) = if turned { (j, i) } else { (i, j) };
            return Err(TransportError::Cost { row, column, value: cost[(row, column)] });
        }
    }
    let (supply, demand) =
        if turned { (&masses.targets, &masses.sources) } else { (&masses.sources, &masses.targets) };
    let mut observe = |pivots: u64| {
        if options.max_pivots.is_some_and(|most| pivots >= most) {
            return ControlFlow::Break(());
        }
        observer(&ExactProgress { pivots })
    };
    let found = solve_positive(supply, demand, &rows, &mut observe);
    // f from the basis, then g as large as f allows, then f as large as that g allows: feasible to rounding.
    let g = transform(&rows, &found.source_potentials, demand.len());
    let f: Vec<f64> =
        rows.iter().map(|row| row.iter().zip(&g).map(|(c, g)| c - g).fold(f64::INFINITY, f64::min)).collect();
    let (source_potentials, target_potentials) = if turned { (g, f) } else { (f, g) };
    let unit = masses.total / UNITS as f64;
    let shipments = found.flows.iter().filter(|flow| flow.2 > 0).map(|&(i, j, flow)| {
        let (source, target) = if turned { (j, i) } else { (i, j) };
        Shipment { source, target, mass: flow as f64 * unit }
    });
    let plan = Plan::new(n, m, shipments.collect());
    let certificate = verify(a, b, cost, &plan, &source_potentials, &target_potentials)?;
    let status = if found.optimal { TransportStatus::Optimal } else { TransportStatus::Stopped };
    Ok(Transport {
        value: certificate.primal,
        plan,
        source_potentials,
        target_potentials,
        certificate,
        status,
        pivots: found.pivots,
    })
}

/// The columns of a matrix, if each lies in one piece.
fn slices(matrix: MatRef<'_, f64>) -> Option<Vec<&[f64]>> {
    matrix.try_as_col_major()?;
    (0..matrix.ncols()).map(|j| matrix.col(j).try_as_col_major().map(faer::ColRef::as_slice)).collect()
}

/// g(j) = min over i of c(i, j) − f(i).
fn transform(rows: &[&[f64]], f: &[f64], targets: usize) -> Vec<f64> {
    let mut g = vec![f64::INFINITY; targets];
    for (row, f) in rows.iter().zip(f) {
        for (g, c) in g.iter_mut().zip(*row) {
            *g = g.min(c - f);
        }
    }
    g
}

/// A solution with all flows and the potentials of all sources.
struct Found {
    flows: Vec<(usize, usize, i64)>,
    source_potentials: Vec<f64>,
    pivots: u64,
    optimal: bool,
}

/// Solves the problem on the nodes with mass. The potential of a source without mass is then as large as the others allow.
fn solve_positive(
    supply: &[i64],
    demand: &[i64],
    rows: &[&[f64]],
    observe: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Found {
    let kept = |masses: &[i64]| (0..masses.len()).filter(|&i| masses[i] > 0).collect::<Vec<_>>();
    let (sources, targets) = (kept(supply), kept(demand));
    if sources.len() == supply.len() && targets.len() == demand.len() {
        let basis = solve(&Problem { supply, demand, rows }, observe);
        return Found {
            flows: basis.flows,
            source_potentials: basis.source_potentials,
            pivots: basis.pivots,
            optimal: basis.optimal,
        };
    }
    let pick = |masses: &[i64], of: &[usize]| of.iter().map(|&i| masses[i]).collect::<Vec<_>>();
    let copy: Vec<f64> = sources.iter().flat_map(|&i| targets.iter().map(move |&j| rows[i][j])).collect();
    let small_rows: Vec<&[f64]> = copy.chunks(targets.len()).collect();
    let problem =
        Problem { supply: &pick(supply, &sources), demand: &pick(demand, &targets), rows: &small_rows };
    let basis = solve(&problem, observe);
    let g = transform(&small_rows, &basis.source_potentials, targets.len());
    let source_potentials = rows
        .iter()
        .map(|row| targets.iter().zip(&g).map(|(&j, g)| row[j] - g).fold(f64::INFINITY, f64::min))
        .collect();
    let flows = basis.flows.iter().map(|&(i, j, flow)| (sources[i], targets[j], flow)).collect();
    Found { flows, source_potentials, pivots: basis.pivots, optimal: basis.optimal }
}
