//! Exact optimal transport between two discrete distributions.

use crate::certificate::{Certificate, check_shape, verify};
use crate::common::cancel;
use crate::cost::Cost;
use crate::error::TransportError;
use crate::mass::Masses;
use crate::options::{Basis, CostStorage, ExactOptions, Start};
use crate::plan::{Plan, Shipment};
use crate::rows::Rows;
use crate::simplex::{
    First, Found, Observer, OnArcs, Search, Sides, Stop, Watch, solve_dense, solve_on_arcs,
};
use crate::transform;
use std::ops::ControlFlow;
use std::time::Instant;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportStatus {
    /// The plan is optimal to rounding; the certificate says how far.
    Optimal,
    /// The gap is as small as was asked for.
    GapReached,
    /// The pivots ran out: the plan is feasible, and the best so far.
    PivotsSpent,
    /// The time ran out: the plan is feasible, and the best so far.
    TimeSpent,
    /// The observer stopped the work: the plan is feasible, and the best so far.
    Interrupted,
    /// Arcs came and went by rounding alone until the method gave up; the gap says what is left.
    RoundingLimit,
}

impl From<Option<Stop>> for TransportStatus {
    fn from(stop: Option<Stop>) -> Self {
        match stop {
            None => Self::Optimal,
            Some(Stop::Gap) => Self::GapReached,
            Some(Stop::Pivots) => Self::PivotsSpent,
            Some(Stop::Time) => Self::TimeSpent,
            Some(Stop::Observer) => Self::Interrupted,
            Some(Stop::Rounding) => Self::RoundingLimit,
        }
    }
}

/// How far a solve has come.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ExactProgress {
    /// Pivots done.
    pub pivots: u64,
    /// The cost of the plan so far, which falls to the precision of `f32`, in which arcs are compared at first; for costs given by [`Arcs`](crate::Arcs) at first the mass that has no way yet.
    pub value: f64,
}

/// A plan with the proof of how good it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Transport {
    /// The cost of the plan. The least cost lies between `certificate.lower` and `certificate.upper`.
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
    /// The spanning tree that the plan is based on, for a start of a similar problem.
    pub basis: Basis,
}

/// The cheapest way to carry the weights `a` to the weights `b`, with a certificate.
///
/// $$ \min_{\Gamma \ge 0} \sum_{ij} \Gamma_{ij} c_{ij}, \qquad \sum_j \Gamma_{ij} = a_i, \quad \sum_i \Gamma_{ij} = b_j . $$
///
/// The primal network simplex method on a spanning tree, with flows in whole numbers of 2⁻⁶⁰ of the mass. Costs are a matrix,
/// the metric of points, or [`Arcs`](crate::Arcs); see [`Cost`]. There is no limit on the number of pivots. Costs may be any
/// finite numbers up to 1e300, and weights may be zero. Time grows between $n^2$ and $n^3$ (about $n^{2.3}$ on geometric and
/// random costs); memory is 4 bytes for each cost beyond the matrix itself, which is read in place if its rows or its columns lie
/// in one piece, and O(n + m) for points.
///
/// The weights are rounded to multiples of 2⁻⁶⁰ of their total: a weight of less than half of that has no share in the plan, and
/// shows as a violation of its margin in the certificate. If all weights of each side are equal, units are chosen that make them
/// whole: with n = m the plan is then a permutation.
///
/// For points and a norm (or a power of the Euclidean distance up to the first), mass that both sides have at the same point
/// stays there, and the rest alone is solved for; the plan may then have more than n + m − 1 entries.
///
/// # Errors
///
/// [`TransportError`] for weights that are empty, negative or not finite, costs of the wrong shape or not finite, masses that
/// differ, and arcs that cannot carry the mass; the last two hold the proof, a [`FarkasVector`](crate::FarkasVector).
///
/// # Example: a certificate that anyone can check
///
/// ```
/// use faer::Mat;
/// use tangency_transport::exact;
///
/// let (x, y) = ([0.0, 1.0, 3.0], [0.5, 2.0]);
/// let cost = Mat::from_fn(3, 2, |i, j| f64::abs(x[i] - y[j]));
/// let found = exact(&[0.5, 0.25, 0.25], &[0.75, 0.25], &cost)?;
/// assert!((found.value - 0.625).abs() < 1e-15);
/// assert!(found.certificate.lower <= 0.625 && 0.625 <= found.certificate.upper);
/// assert!(found.certificate.upper - found.certificate.lower < 1e-14);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - W. H. Cunningham, *A network simplex method*, Mathematical Programming 11 (1976) 105-116: strongly feasible trees.
pub fn exact<'c>(a: &[f64], b: &[f64], cost: impl Into<Cost<'c>>) -> Result<Transport, TransportError> {
    unobserved(a, b, cost, &ExactOptions::default())
}

/// As [`exact`], with options and an observer that may stop the work.
///
/// The observer is called every 500 pivots, and where many costs are read between two pivots, after 16 million of them or after a
/// search of all. A plan that was stopped is feasible, and its certificate
/// bounds the least cost from both sides. Only where costs are given by [`Arcs`](crate::Arcs) there is a time before the first
/// feasible plan: stopped there, the plan carries less than all mass, and its margins in the certificate show it.
///
/// # Errors
///
/// As [`exact`]; [`TransportError::OutOfRange`] for an option outside its range, and [`TransportError::Length`] for a start
/// that does not fit.
///
/// # Example: a budget, and what is known when it is spent
///
/// ```
/// use faer::Mat;
/// use std::ops::ControlFlow;
/// use tangency_transport::{ExactOptions, TransportStatus, exact, exact_with};
///
/// let cost = Mat::from_fn(40, 40, |i, j| (i * j) as f64);
/// let weights = [1.0 / 40.0; 40];
/// let options = ExactOptions { max_pivots: Some(1), ..Default::default() };
/// let stopped = exact_with(&weights, &weights, &cost, &options, |_| ControlFlow::Continue(()))?;
/// assert_eq!(stopped.status, TransportStatus::PivotsSpent);
/// let best = exact(&weights, &weights, &cost)?.value;
/// assert!(stopped.certificate.lower <= best && best <= stopped.certificate.upper);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn exact_with<'c>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'c>>,
    options: &ExactOptions<'_>,
    mut observer: impl FnMut(&ExactProgress) -> ControlFlow<()>,
) -> Result<Transport, TransportError> {
    solve(a, b, cost.into(), options, Some(&mut observer))
}

/// With options, and without the sums that an observer wants to know.
pub(crate) fn unobserved<'c>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'c>>,
    options: &ExactOptions<'_>,
) -> Result<Transport, TransportError> {
    solve(a, b, cost.into(), options, None)
}

/// Is told how far a solve has come.
type Told<'a> = &'a mut dyn FnMut(&ExactProgress) -> ControlFlow<()>;

fn solve(
    a: &[f64],
    b: &[f64],
    cost: Cost<'_>,
    options: &ExactOptions<'_>,
    observer: Option<Told<'_>>,
) -> Result<Transport, TransportError> {
    let begin = Instant::now();
    let (n, m) = (a.len(), b.len());
    check_options(options, n, m)?;
    check_shape(&cost, n, m)?;
    let mut masses = Masses::new(a, b, options.mass_tolerance)?;
    let limit = u32::MAX as usize / 32;
    if n.saturating_add(m) > limit {
        return Err(TransportError::TooMany { points: n.saturating_add(m), limit });
    }
    let (total, units) = (masses.total, masses.units as f64);
    let mut observe = observer.map(|observer| {
        move |pivots: u64, cost: f64| observer(&ExactProgress { pivots, value: cost * total })
    });
    let mut watch = Watch::new(observe.as_mut().map(|observe| observe as Observer<'_>));
    watch.most_pivots = options.max_pivots.unwrap_or(u64::MAX);
    watch.deadline = options.max_time.and_then(|time| begin.checked_add(time));
    watch.gap = options.gap_tolerance;
    if watch.most_pivots == 0 {
        watch.stop = Some(Stop::Pivots);
    }
    let solved = if let Cost::Arcs(arcs) = cost {
        on_arcs(&masses, arcs, options, &mut watch)?
    } else {
        on_all(&mut masses, &cost, options, &mut watch)?
    };
    let Solved { flows, source_potentials, target_potentials } = solved;
    let unit = total / units;
    let arcs = flows.iter().map(|&(i, j, _)| (i, j)).collect();
    let shipments = flows.iter().filter(|flow| flow.2 > 0);
    let shipments = shipments.map(|&(i, j, flow)| Shipment {
        source: i as usize,
        target: j as usize,
        mass: flow as f64 * unit,
    });
    let plan = Plan::new(n, m, shipments.collect());
    let certificate = verify(a, b, cost, &plan, &source_potentials, &target_potentials)?;
    Ok(Transport {
        value: certificate.primal,
        plan,
        source_potentials,
        target_potentials,
        certificate,
        status: watch.stop.into(),
        pivots: watch.pivots,
        basis: Basis { sources: n, targets: m, arcs },
    })
}

fn check_options(options: &ExactOptions<'_>, n: usize, m: usize) -> Result<(), TransportError> {
    let value = options.mass_tolerance;
    if !(0.0..=1e-3).contains(&value) {
        return Err(TransportError::OutOfRange {
            what: "the mass tolerance",
            range: "from 0 to 1e-3",
            value,
        });
    }
    if let Some(value) = options.gap_tolerance
        && !(value >= 0.0)
    {
        return Err(TransportError::OutOfRange { what: "the gap tolerance", range: "at least 0", value });
    }
    let lengths = match options.start {
        Start::Automatic => [("", 0, 0), ("", 0, 0)],
        Start::Basis(basis) => {
            [("the basis' sources", n, basis.sources), ("the basis' targets", m, basis.targets)]
        }
        Start::Potentials { source, target } => {
            [("the source potentials", n, source.len()), ("the target potentials", m, target.len())]
        }
    };
    match lengths.into_iter().find(|(_, expected, got)| expected != got) {
        None => Ok(()),
        Some((what, expected, got)) => Err(TransportError::Length { what, expected, got }),
    }
}

/// Flows, and potentials of all nodes.
struct Solved {
    flows: Vec<(u32, u32, i64)>,
    source_potentials: Vec<f64>,
    target_potentials: Vec<f64>,
}

fn on_all(
    masses: &mut Masses,
    cost: &Cost<'_>,
    options: &ExactOptions<'_>,
    watch: &mut Watch<'_>,
) -> Result<Solved, TransportError> {
    // Costs are read by rows in one piece. Where only the columns are, the problem is turned over.
    let (rows, turned) = Rows::new(cost)?;
    let staying = if let Rows::Points(points) = &rows { cancel(points, masses) } else { Vec::new() };
    if masses.sources.iter().all(|&mass| mass == 0) {
        // The two are the same, and costs are a distance.
        let (n, m) = (masses.sources.len(), masses.targets.len());
        return Ok(Solved {
            flows: staying,
            source_potentials: vec![0.0; n],
            target_potentials: vec![0.0; m],
        });
    }
    let (supply, demand) =
        if turned { (&masses.targets, &masses.sources) } else { (&masses.sources, &masses.targets) };
    let sides = Sides { supply, demand, units: masses.units };
    let search = match (options.storage, &rows) {
        (CostStorage::SingleCopy, _) => Search::Copy,
        (CostStorage::Automatic, rows) if rows.is_stored() => Search::Copy,
        (_, Rows::Points(_)) => Search::Compute,
        _ => Search::Double,
    };
    let basis: Vec<(u32, u32)>;
    let first = match options.start {
        Start::Automatic => First::Greedy,
        Start::Basis(given) => {
            basis = given.arcs.iter().map(|&(i, j)| if turned { (j, i) } else { (i, j) }).collect();
            First::Basis(&basis)
        }
        Start::Potentials { source, target } => First::Targets(if turned { source } else { target }),
    };
    let found = solve_dense(sides, &rows, turned, search, first, watch)?;
    // With v from the basis, f as large as v allows: feasible to rounding.
    let Found { flows, target_potentials: mut v, .. } = found;
    let mut f = transform::of_rows(&rows, &v);
    if watch.stop.is_some() || v.iter().any(|v| !v.is_finite()) {
        // A basis that is not optimal leaves room in v as well, and targets without mass have none yet.
        v = transform::of_columns(&rows, &f);
        f = transform::of_rows(&rows, &v);
    }
    Ok(if turned {
        let flows = flows.iter().map(|&(i, j, flow)| (j, i, flow)).collect();
        Solved { flows, source_potentials: v, target_potentials: f }
    } else {
        let flows = [flows, staying].concat();
        Solved { flows, source_potentials: f, target_potentials: v }
    })
}

fn on_arcs(
    masses: &Masses,
    arcs: &crate::arcs::Arcs,
    options: &ExactOptions<'_>,
    watch: &mut Watch<'_>,
) -> Result<Solved, TransportError> {
    let basis = if let Start::Basis(basis) = options.start { Some(&basis.arcs[..]) } else { None };
    let tolerance = (options.mass_tolerance * masses.units as f64) as i64;
    match solve_on_arcs(&masses.sources, &masses.targets, arcs, tolerance, basis, watch) {
        OnArcs::Found(found) => {
            let f = transform::of_sources(arcs, &found.target_potentials);
            let g = transform::of_targets(arcs, &f);
            Ok(Solved { flows: found.flows, source_potentials: f, target_potentials: g })
        }
        OnArcs::Infeasible { unreachable, source, target } => Err(TransportError::Unreachable {
            unreachable: unreachable as f64 / masses.units as f64 * masses.total,
            mass: masses.total,
            farkas: Box::new(crate::farkas::FarkasVector { source, target }),
        }),
    }
}
