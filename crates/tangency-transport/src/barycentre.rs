//! Entropic barycentres: on given points, and with points that move.

use crate::cost::{Cost, Metric};
use crate::entropic::{Problem, check_epsilon};
use crate::error::{Side, TransportError};
use crate::mass::total;
use crate::sinkhorn::solver::Solver;
use crate::sinkhorn::{SinkhornOptions, SinkhornStatus};
use crate::sweep::Sweeps;
use faer::{Mat, MatRef};
use std::ops::ControlFlow;

/// How to compute a barycentre on given points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BarycentreOptions {
    /// The first margins of the plans differ from the barycentre by at most this, in the weighted mean of their L1 distances.
    /// Above 0 and below 1; default 1e-6.
    pub tolerance: f64,
    /// The most iterations, at all values of ε together. Default 10 000.
    pub max_iterations: usize,
    /// The ratio of two values of ε on the way from the spread of the costs to the last one; 1 goes to the last one at once, and so
    /// does the debiased iteration, which gains nothing on the way. Above 0 and at most 1; default ¼.
    pub scaling: f64,
    /// Whether to remove the blur that ε brings. Needs the points of the histograms to be those of the barycentre, and a
    /// symmetric cost. Default `false`.
    pub debiased: bool,
}

impl Default for BarycentreOptions {
    fn default() -> Self {
        Self { tolerance: 1e-6, max_iterations: 10_000, scaling: 0.25, debiased: false }
    }
}

/// A barycentre on given points.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Barycentre {
    /// The weights of the points; their sum is 1 to the error below.
    pub weights: Vec<f64>,
    /// The weighted mean of the L1 distances between the plans' first margins and the barycentre; if debiased, and that of the
    /// symmetric plan's.
    pub error: f64,
    /// How the iteration ended.
    pub status: SinkhornStatus,
    /// Iterations.
    pub iterations: usize,
}

/// The entropic barycentre of histograms.
///
/// $$ \min_b \sum_k \lambda_k \left( \min_{P \in \Pi(b, a_k)} \langle P, c \rangle - \varepsilon H(P) \right) $$
///
/// by iterative Bregman projections in the logarithmic domain. `cost` has a row for each point of the barycentre and a column
/// for each point of the histograms, which are the rows of `histograms`; they and the `weights` λ are normalised. The entropy
/// blurs: the barycentre of one histogram is not that histogram, but it convolved with a kernel of the width
/// $\sqrt{\varepsilon}$ (for squared distances). With [`debiased`](BarycentreOptions::debiased) the sum of Sinkhorn's
/// divergences is minimised instead, and the blur is gone.
///
/// ε has the unit of the costs and goes down from their spread in steps, with the scalings of one as the start of the next. Without
/// that, mass reaches only as far in an iteration as a few widths of the kernel.
///
/// An iteration costs what one of [`sinkhorn`](crate::sinkhorn) does for each histogram, half as much again if debiased. There is no
/// over-relaxation: for small ε and a small tolerance expect many.
///
/// # Errors
///
/// [`TransportError`] for histograms or weights that are negative, not finite or without mass, a cost of the wrong shape or
/// not finite, and ε or an option outside its range.
///
/// # Example: halfway between two peaks
///
/// ```
/// use faer::Mat;
/// use tangency_transport::barycentre;
///
/// let cost = Mat::from_fn(41, 41, |i, j| (i as f64 - j as f64).powi(2));
/// let peaks = Mat::from_fn(2, 41, |k, j| if j == [8, 32][k] { 1.0 } else { 0.0 });
/// let found = barycentre(cost.as_ref(), peaks.as_ref(), &[0.5, 0.5], 2.0)?;
/// let mean: f64 = found.weights.iter().enumerate().map(|(i, w)| i as f64 * w).sum();
/// assert!((mean - 20.0).abs() < 1e-6 && found.weights[20] > found.weights[18]);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - J.-D. Benamou, G. Carlier, M. Cuturi, L. Nenna, G. Peyré, *Iterative Bregman projections for regularized transportation
///   problems*, SIAM J. Sci. Comput. 37 (2015) A1111-A1138.
/// - H. Janati, M. Cuturi, A. Gramfort, *Debiased Sinkhorn barycenters*, ICML 2020, 4692-4701.
pub fn barycentre<'a>(
    cost: impl Into<Cost<'a>>,
    histograms: MatRef<'_, f64>,
    weights: &[f64],
    epsilon: f64,
) -> Result<Barycentre, TransportError> {
    barycentre_with(cost, histograms, weights, epsilon, &BarycentreOptions::default(), |_, _| {
        ControlFlow::Continue(())
    })
}

/// As [`barycentre`], with options and an observer of the iterations done and the error, which may stop the work.
///
/// # Errors
///
/// As [`barycentre`].
pub fn barycentre_with<'a>(
    cost: impl Into<Cost<'a>>,
    histograms: MatRef<'_, f64>,
    weights: &[f64],
    epsilon: f64,
    options: &BarycentreOptions,
    mut observer: impl FnMut(usize, f64) -> ControlFlow<()>,
) -> Result<Barycentre, TransportError> {
    check_tolerance(options.tolerance)?;
    if !(options.scaling > 0.0 && options.scaling <= 1.0) {
        let (what, range) = ("the scaling", "above 0 and at most 1");
        return Err(TransportError::OutOfRange { what, range, value: options.scaling });
    }
    let lambda = normalised(weights, Side::Source)?;
    if histograms.nrows() != lambda.len() {
        return Err(TransportError::Length {
            what: "the weights",
            expected: histograms.nrows(),
            got: lambda.len(),
        });
    }
    let cost = cost.into();
    let (n, m) = cost.shape();
    if histograms.ncols() != m || n == 0 || (options.debiased && n != m) {
        let sources = if options.debiased { histograms.ncols() } else { n };
        return Err(TransportError::CostShape { sources, targets: histograms.ncols(), rows: n, columns: m });
    }
    let mut plans = Vec::with_capacity(lambda.len());
    for k in 0..lambda.len() {
        let row: Vec<f64> = (0..m).map(|j| histograms[(k, j)]).collect();
        let target = normalised(&row, Side::Target)?.iter().map(|a| a.ln()).collect();
        plans.push(Scaling { target, u: vec![0.0; n], v: vec![0.0; m], ku: vec![0.0; m], kv: vec![0.0; n] });
    }
    let sweeps = Sweeps::new(&cost)?;
    check_epsilon(&sweeps, epsilon)?;
    let mut present = epsilon;
    if options.scaling < 1.0 && !options.debiased {
        present = (0.25 * (sweeps.largest() - sweeps.least())).max(epsilon);
    }
    let mut steps = 0;
    let (mut ln_d, mut ln_kd) = (vec![0.0; n], vec![0.0; n]);
    let mut ln_b = vec![0.0; n];
    let mut scratch = Vec::new();
    let mut iterations = 0;
    let (status, error) = loop {
        let scale = -1.0 / present;
        ln_b.copy_from_slice(&ln_d);
        for (plan, lambda) in plans.iter_mut().zip(&lambda) {
            log_product(&sweeps, Side::Target, &plan.u, scale, &mut plan.ku, &mut scratch);
            for ((v, a), ku) in plan.v.iter_mut().zip(&plan.target).zip(&plan.ku) {
                *v = a - ku;
            }
            log_product(&sweeps, Side::Source, &plan.v, scale, &mut plan.kv, &mut scratch);
            if *lambda > 0.0 {
                ln_b.iter_mut().zip(&plan.kv).for_each(|(b, kv)| *b += lambda * kv);
            }
        }
        let mut error = 0.0;
        for (plan, lambda) in plans.iter_mut().zip(&lambda) {
            for ((u, kv), b) in plan.u.iter_mut().zip(&plan.kv).zip(&ln_b) {
                error += lambda * ((*u + kv).exp() - b.exp()).abs();
                *u = b - kv;
            }
        }
        if options.debiased {
            // The fixed point is d = b / (K d), the scaling of the symmetric plan of b with itself.
            log_product(&sweeps, Side::Source, &ln_d, scale, &mut ln_kd, &mut scratch);
            for ((d, kd), b) in ln_d.iter_mut().zip(&ln_kd).zip(&ln_b) {
                error += ((*d + kd).exp() - b.exp()).abs();
                *d = 0.5 * (*d + b - kd);
            }
        }
        iterations += 1;
        steps += 1;
        let stopped = observer(iterations, error).is_break();
        let last = present <= epsilon;
        if last && error <= options.tolerance {
            break (SinkhornStatus::Converged, error);
        }
        if !last && (error <= ERROR_BETWEEN || steps >= STEPS_BETWEEN) {
            // All of these are potentials over ε.
            let next = (present * options.scaling).max(epsilon);
            let factor = present / next;
            let logarithms =
                plans.iter_mut().flat_map(|plan| [&mut plan.u, &mut plan.v, &mut plan.ku, &mut plan.kv]);
            for values in logarithms.chain([&mut ln_d, &mut ln_kd]) {
                values.iter_mut().filter(|x| x.is_finite()).for_each(|x| *x *= factor);
            }
            (present, steps) = (next, 0);
        }
        if stopped || iterations >= options.max_iterations {
            let status = if stopped { SinkhornStatus::Stopped } else { SinkhornStatus::MaxIterations };
            break (status, error);
        }
    };
    Ok(Barycentre { weights: ln_b.iter().map(|b| b.exp()).collect(), error, status, iterations })
}

/// The iterations that a value of ε gets on the way to the last one, and the error that ends them earlier.
const STEPS_BETWEEN: usize = 50;
const ERROR_BETWEEN: f64 = 1e-2;

/// The plan $u_i e^{-c_{ij}/\varepsilon} v_j$ with one of the histograms. All of them are logarithms.
struct Scaling {
    target: Vec<f64>,
    u: Vec<f64>,
    v: Vec<f64>,
    /// $K^T u$ and $K v$ when they were last computed.
    ku: Vec<f64>,
    kv: Vec<f64>,
}

/// $\ln \sum_j e^{-c_{ij} / \varepsilon + h_j}$; `out` holds a guess when called.
fn log_product(
    sweeps: &Sweeps<'_>,
    side: Side,
    exponents: &[f64],
    scale: f64,
    out: &mut [f64],
    scratch: &mut Vec<f64>,
) {
    scratch.clear();
    scratch.extend_from_slice(out);
    sweeps.log_sum_exp(side, exponents, scale, out);
    out.iter_mut().zip(&*scratch).for_each(|(out, guess)| *out += guess);
}

fn normalised(weights: &[f64], side: Side) -> Result<Vec<f64>, TransportError> {
    let sum = total(weights, side)?;
    Ok(weights.iter().map(|w| w / sum).collect())
}

fn check_tolerance(value: f64) -> Result<(), TransportError> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(TransportError::OutOfRange { what: "the tolerance", range: "above 0 and below 1", value })
}

/// How to compute a barycentre whose points move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FreeBarycentreOptions {
    /// No point moves by more than this in a step, relative to the largest distance of a point to a cloud's point. Above 0 and
    /// below 1; default 1e-6.
    pub tolerance: f64,
    /// The most steps, each of which solves one problem of transport for each cloud. Default 100.
    pub max_steps: usize,
    /// How each of them is solved. Default [`SinkhornOptions::default`].
    pub sinkhorn: SinkhornOptions,
}

impl Default for FreeBarycentreOptions {
    fn default() -> Self {
        Self { tolerance: 1e-6, max_steps: 100, sinkhorn: SinkhornOptions::default() }
    }
}

/// A barycentre whose points have found their places.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FreeBarycentre {
    /// The points, each with the same weight, as rows.
    pub points: Mat<f64>,
    /// $\sum_k \lambda_k \mathrm{OT}_\varepsilon$ before the last step, in
    /// [`EntropyConvention::RelativeEntropy`](crate::EntropyConvention::RelativeEntropy).
    pub value: f64,
    /// The largest move of the last step, relative as the tolerance is.
    pub movement: f64,
    /// How the iteration ended.
    pub status: SinkhornStatus,
    /// Steps.
    pub steps: usize,
}

/// The barycentre of point clouds for the squared Euclidean distance, as points of equal weight that are free to move.
///
/// $$ \min_X \sum_k \lambda_k \mathrm{OT}_\varepsilon(X, Y_k), \qquad x_i \leftarrow \sum_k \lambda_k \sum_j P^{(k)}_{ij} y^{(k)}_j / \sum_j P^{(k)}_{ij} : $$
///
/// plans for fixed points, then the best points for fixed plans, in turn; the value falls in every step. It is not convex:
/// what is found depends on the `start`, whose rows are the first places of the points. The entropy draws points together by
/// about $\sqrt{\varepsilon}$, and to a single one for large ε.
///
/// # Errors
///
/// [`TransportError`] for clouds without mass, of different dimensions or not finite, and ε or an option outside its range.
///
/// # Example: between two pairs of points
///
/// ```
/// use faer::mat;
/// use tangency_transport::{FreeBarycentreOptions, free_support_barycentre};
///
/// let (x, y) = (mat![[0.0], [1.0]], mat![[4.0], [9.0]]);
/// let clouds = [(x.as_ref(), [0.5, 0.5].as_slice()), (y.as_ref(), [0.5, 0.5].as_slice())];
/// let start = mat![[2.0], [3.0]];
/// let found = free_support_barycentre(&clouds, &[0.5, 0.5], start.as_ref(), 0.01, &FreeBarycentreOptions::default())?;
/// assert!((found.points[(0, 0)] - 2.0).abs() < 1e-5 && (found.points[(1, 0)] - 5.0).abs() < 1e-5);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - M. Cuturi, A. Doucet, *Fast computation of Wasserstein barycenters*, ICML 2014: the alternation.
pub fn free_support_barycentre(
    clouds: &[(MatRef<'_, f64>, &[f64])],
    weights: &[f64],
    start: MatRef<'_, f64>,
    epsilon: f64,
    options: &FreeBarycentreOptions,
) -> Result<FreeBarycentre, TransportError> {
    check_tolerance(options.tolerance)?;
    options.sinkhorn.check()?;
    let lambda = normalised(weights, Side::Source)?;
    if clouds.len() != lambda.len() {
        return Err(TransportError::Length {
            what: "the weights",
            expected: clouds.len(),
            got: lambda.len(),
        });
    }
    let (n, d) = (start.nrows(), start.ncols());
    if n == 0 {
        return Err(TransportError::Empty { side: Side::Source });
    }
    let uniform = vec![1.0 / n as f64; n];
    let masses =
        clouds.iter().map(|cloud| normalised(cloud.1, Side::Target)).collect::<Result<Vec<_>, _>>()?;
    let mut points = start.to_owned();
    let mut potentials = vec![None; clouds.len()];
    let mut steps = 0;
    loop {
        let mut next = Mat::<f64>::zeros(n, d);
        let (mut value, mut reach, mut converged) = (0.0, 0.0_f64, true);
        for (k, (cloud, _)) in clouds.iter().enumerate() {
            let cost = Cost::points(points.as_ref(), *cloud, Metric::SquaredEuclidean);
            let problem = Problem::of_weights([uniform.clone(), masses[k].clone()], 1.0, &cost)?;
            problem.check_epsilon(epsilon)?;
            reach = reach.max(problem.sweeps.largest());
            let start = potentials[k].take();
            let warm = start.is_some();
            let mut solver = Solver::new(&problem, &options.sinkhorn, start);
            let go_on = &mut |_: &_| ControlFlow::Continue(());
            let end = if warm {
                solver.level(epsilon, options.sinkhorn.tolerance, usize::MAX, true, go_on)
            } else {
                solver.anneal(epsilon, go_on)
            };
            converged &= SinkhornStatus::from(end) == SinkhornStatus::Converged;
            value += lambda[k] * solver.dual_value();
            let means = solver.means(*cloud);
            for i in 0..n {
                for c in 0..d {
                    next[(i, c)] += lambda[k] * means[i][c];
                }
            }
            potentials[k] = Some(solver.potentials);
        }
        steps += 1;
        let squares = (0..n).map(|i| (0..d).map(|c| (next[(i, c)] - points[(i, c)]).powi(2)).sum::<f64>());
        let moved = squares.fold(0.0, f64::max).sqrt();
        let movement = if reach > 0.0 { moved / reach.sqrt() } else { 0.0 };
        points = next;
        let done = movement <= options.tolerance && converged;
        if done || steps >= options.max_steps {
            let status = if done { SinkhornStatus::Converged } else { SinkhornStatus::MaxIterations };
            return Ok(FreeBarycentre { points, value, movement, status, steps });
        }
    }
}
