//! Entropic transport without its bias.

use crate::cost::{Cost, Metric};
use crate::entropic::{Potentials, Problem, ln_ratios, margin_error};
use crate::error::{Side, TransportError};
use crate::sinkhorn::solver::{End, Solver, dual_value};
use crate::sinkhorn::{SinkhornOptions, SinkhornProgress, SinkhornStatus};
use faer::{Mat, MatRef};
use std::ops::ControlFlow;

/// Sinkhorn's divergence, with its derivatives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SinkhornDivergence {
    /// $S_\varepsilon$, in the unit of the cost (times the mass). Not negative, up to what the margins' errors make of it, for
    /// the metrics whose $e^{-c/\varepsilon}$ is a positive kernel, which squared Euclidean, Euclidean and the sum of absolute
    /// differences are.
    pub value: f64,
    /// The derivatives with respect to the source weights, up to a common constant: a change of weights keeps their sum.
    pub source_gradient: Vec<f64>,
    /// The derivatives with respect to the target weights, up to a common constant.
    pub target_gradient: Vec<f64>,
    /// The derivatives with respect to the sources' coordinates, n × d; `None` for a function of the caller.
    pub source_point_gradient: Option<Mat<f64>>,
    /// The derivatives with respect to the targets' coordinates, m × d.
    pub target_point_gradient: Option<Mat<f64>>,
    /// The largest error of a margin in the three problems, relative to the mass.
    pub margin_error: f64,
    /// Whether all three problems were solved.
    pub status: SinkhornStatus,
    /// Iterations of the three problems.
    pub iterations: usize,
}

/// The debiased divergence of two weighted point clouds.
///
/// $$ S_\varepsilon(a, b) = \mathrm{OT}_\varepsilon(a, b) - \tfrac12 \mathrm{OT}_\varepsilon(a, a) - \tfrac12 \mathrm{OT}_\varepsilon(b, b) , $$
///
/// each with the relative entropy (see [`EntropyConvention`](crate::EntropyConvention)) and the same ε. It is zero for equal
/// clouds, which entropic transport is not; it tends to the cost of transport for small ε, and to half the energy distance of
/// the cost for large ε. The derivatives are those of the dual value at fixed potentials (the envelope theorem),
///
/// $$ \frac{\partial S}{\partial a_i} = f_i - p_i, \qquad \frac{\partial S}{\partial x_i} = \sum_j P_{ij} \nabla_x c(x_i, y_j) - \sum_j Q_{ij} \nabla_x c(x_i, x_j) , $$
///
/// with the potential $p$ and the plan $Q$ of $(a, a)$; their error is of the order of the margins' errors. Where two points
/// are at the same place the derivative of a distance is taken as zero.
///
/// The two symmetric problems are solved by averaging, $p \leftarrow (p + T p) / 2$, which takes few steps: near the solution it
/// halves the error at least, since T has the slope −Q there, whose eigenvalues lie between 0 and 1. Their potentials are where the
/// third problem starts if the clouds are nearly equal, as at the end of a flow, where Sinkhorn's iteration from anywhere else would take
/// thousands of steps for a small ε. Costs three times what [`sinkhorn`](crate::sinkhorn) does, at most, and O(n + m) memory. A function of the caller has to be symmetric and
/// defined for pairs of either side.
///
/// # Errors
///
/// As [`sinkhorn`](crate::sinkhorn).
///
/// # Example: a shift
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Metric, sinkhorn_divergence};
///
/// let (x, y) = (mat![[0.0], [1.0]], mat![[3.0], [4.0]]);
/// let found = sinkhorn_divergence(x.as_ref(), &[0.5, 0.5], y.as_ref(), &[0.5, 0.5], Metric::SquaredEuclidean, 0.1)?;
/// assert!((found.value - 9.0).abs() < 1e-5);
/// // Moving either source towards the targets lowers it.
/// assert!(found.source_point_gradient.is_some_and(|g| (g[(0, 0)] + 3.0).abs() < 1e-5));
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - J. Feydy, T. Séjourné, F.-X. Vialard, S. Amari, A. Trouvé, G. Peyré, *Interpolating between optimal transport and MMD using
///   Sinkhorn divergences*, AISTATS 2019: positivity, and the symmetric iteration.
pub fn sinkhorn_divergence(
    x: MatRef<'_, f64>,
    a: &[f64],
    y: MatRef<'_, f64>,
    b: &[f64],
    metric: Metric<'_>,
    epsilon: f64,
) -> Result<SinkhornDivergence, TransportError> {
    sinkhorn_divergence_with(x, a, y, b, metric, epsilon, &SinkhornOptions::default())
}

/// As [`sinkhorn_divergence`], with options.
///
/// # Errors
///
/// As [`sinkhorn_divergence`], and [`TransportError::OutOfRange`] for an option outside its range.
pub fn sinkhorn_divergence_with(
    x: MatRef<'_, f64>,
    a: &[f64],
    y: MatRef<'_, f64>,
    b: &[f64],
    metric: Metric<'_>,
    epsilon: f64,
    options: &SinkhornOptions,
) -> Result<SinkhornDivergence, TransportError> {
    options.check()?;
    let cross = Problem::new(a, b, &Cost::points(x, y, metric), options.mass_tolerance)?;
    cross.check_epsilon(epsilon)?;
    let mass = cross.mass;
    let own = [(x, Side::Source), (y, Side::Target)].map(|(points, side)| {
        let weights = cross.weights(side).to_vec();
        let problem =
            Problem::of_weights([weights.clone(), weights], mass, &Cost::points(points, points, metric))?;
        problem.check_epsilon(epsilon)?;
        let found = symmetric(&problem, epsilon, options);
        Ok::<_, TransportError>((problem, found))
    });
    let [source, target] = own;
    let own = [source?, target?];

    let mut go_on = |_: &SinkhornProgress| ControlFlow::Continue(());
    // Of equal clouds the potentials of the symmetric problems are the solution, of nearly equal ones nearly so. Sinkhorn's own
    // iteration is slow there: points are tied to each other by tiny entries alone.
    let mut start = Potentials::zero(&cross);
    for (side, own) in [(Side::Source, &own[0].1), (Side::Target, &own[1].1)] {
        start.of_mut(side).copy_from_slice(own.potentials.of(Side::Source));
    }
    let mut solver = Solver::new(&cross, options, Some(start));
    solver.epsilon = epsilon;
    let errors = solver.errors();
    let end = if errors.0.max(errors.1) <= NEAR {
        solver.level(epsilon, options.tolerance, usize::MAX, true, &mut go_on)
    } else {
        solver = Solver::new(&cross, options, None);
        solver.anneal(epsilon, &mut go_on)
    };
    let errors = solver.errors();
    let value = solver.dual_value();
    let potentials = &solver.potentials;
    let value = mass * (value - 0.5 * own[0].1.value - 0.5 * own[1].1.value);
    let difference = |side: Side, own: &Symmetric| {
        let pairs = potentials.of(side).iter().zip(own.potentials.of(Side::Source));
        pairs.map(|(f, p)| f - p).collect::<Vec<f64>>()
    };
    let gradient = |side: Side, own: &(Problem<'_>, Symmetric)| {
        let (points, others) = if side == Side::Source { (x, y) } else { (y, x) };
        let mut gradient = point_gradient(&cross, epsilon, potentials, side, points, others, metric)?;
        let bias = point_gradient(&own.0, epsilon, &own.1.potentials, Side::Source, points, points, metric)?;
        gradient -= bias;
        gradient *= faer::Scale(mass);
        Some(gradient)
    };
    let converged = end == End::Converged && own.iter().all(|(_, found)| found.converged);
    Ok(SinkhornDivergence {
        value,
        source_gradient: difference(Side::Source, &own[0].1),
        target_gradient: difference(Side::Target, &own[1].1),
        source_point_gradient: gradient(Side::Source, &own[0]),
        target_point_gradient: gradient(Side::Target, &own[1]),
        margin_error: errors.0.max(errors.1).max(own[0].1.error).max(own[1].1.error),
        status: if converged { SinkhornStatus::Converged } else { SinkhornStatus::MaxIterations },
        iterations: solver.iterations + own[0].1.iterations + own[1].1.iterations,
    })
}

/// The error of the margins up to which the potentials of the symmetric problems are a start for the other.
const NEAR: f64 = 0.1;

/// The solution of a problem of a cloud with itself; both potentials are the same.
struct Symmetric {
    potentials: Potentials,
    value: f64,
    error: f64,
    converged: bool,
    iterations: usize,
}

/// $f \leftarrow (f + T f) / 2$ with ε going down: the average of the two potentials that Sinkhorn's half steps would give, which
/// converges without their oscillation.
fn symmetric(problem: &Problem<'_>, epsilon: f64, options: &SinkhornOptions) -> Symmetric {
    let mut potentials = Potentials::zero(problem);
    let (mut exponents, mut ratios) = (Vec::new(), Vec::new());
    let mut iterations = 0;
    let mut present =
        if options.scaling < 1.0 { (0.25 * problem.sweeps.largest()).max(epsilon) } else { epsilon };
    loop {
        let last = present <= epsilon;
        let tolerance = if last { options.tolerance } else { 1e-2 };
        let mut error;
        loop {
            ln_ratios(problem, present, &potentials, Side::Source, &mut exponents, &mut ratios);
            error = margin_error(problem.weights(Side::Source), &ratios);
            if error <= tolerance || iterations >= options.max_iterations {
                break;
            }
            iterations += 1;
            for side in [Side::Source, Side::Target] {
                for (f, x) in potentials.of_mut(side).iter_mut().zip(&ratios) {
                    *f -= 0.5 * present * x;
                }
            }
        }
        if last {
            let value = dual_value(problem, epsilon, &potentials, &ratios);
            return Symmetric { potentials, value, error, converged: error <= options.tolerance, iterations };
        }
        present = (present * options.scaling).max(epsilon);
    }
}

/// $\sum_j P_{ij} \nabla_x c(x_i, y_j)$ for each element of a side; `None` for a function of the caller.
fn point_gradient(
    problem: &Problem<'_>,
    epsilon: f64,
    potentials: &Potentials,
    side: Side,
    points: MatRef<'_, f64>,
    others: MatRef<'_, f64>,
    metric: Metric<'_>,
) -> Option<Mat<f64>> {
    if matches!(metric, Metric::Function(_)) {
        return None;
    }
    let other = crate::sweep::opposite(side);
    let logarithms = |side: Side, sign: f64| -> Vec<f64> {
        let pairs = potentials.of(side).iter().zip(problem.ln_weights(side));
        pairs.map(|(f, ln_w)| sign * (f / epsilon + ln_w)).collect()
    };
    let (exponents, shifts) = (logarithms(other, 1.0), logarithms(side, -1.0));
    let d = points.ncols();
    let point = |of: MatRef<'_, f64>, i: usize, into: &mut [f64]| {
        into.iter_mut().enumerate().for_each(|(k, x)| *x = of[(i, k)]);
    };
    let rows = problem.sweeps.plan_lines(side, &exponents, -1.0 / epsilon, &shifts, |i, entries, _| {
        let (mut x, mut y, mut slope, mut sum) = (vec![0.0; d], vec![0.0; d], vec![0.0; d], vec![0.0; d]);
        point(points, i, &mut x);
        for (j, p) in entries.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            point(others, j, &mut y);
            metric_gradient(metric, &x, &y, &mut slope);
            sum.iter_mut().zip(&slope).for_each(|(sum, slope)| *sum += p * slope);
        }
        sum
    });
    Some(Mat::from_fn(points.nrows(), d, |i, k| rows[i][k]))
}

/// $\nabla_x c(x, y)$; zero where it does not exist.
fn metric_gradient(metric: Metric<'_>, x: &[f64], y: &[f64], out: &mut [f64]) {
    let differences = x.iter().zip(y).map(|(x, y)| x - y);
    out.iter_mut().zip(differences).for_each(|(out, difference)| *out = difference);
    match metric {
        Metric::SquaredEuclidean => out.iter_mut().for_each(|z| *z *= 2.0),
        Metric::Euclidean => scale_to(out, 2.0),
        Metric::EuclideanPower(p) => power_gradient(out, p),
        Metric::Norm(p) => scale_to(out, p),
        // Of unit vectors u, v: −(v − (u·v) u) / |x|.
        Metric::Cosine => {
            let norm = |v: &[f64]| tangency_vmath::norm(v);
            let (nx, ny) = (norm(x), norm(y));
            let cosine: f64 = x.iter().zip(y).map(|(x, y)| (x / nx) * (y / ny)).sum();
            for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
                *out = (cosine * (x / nx) - y / ny) / nx;
            }
        }
        Metric::Function(_) => out.fill(0.0),
    }
}

/// From a difference $z$ to the gradient of $\lVert z \rVert_2^p$, $p \lVert z \rVert^{p-1}$ times its direction.
fn power_gradient(z: &mut [f64], p: f64) {
    let norm = tangency_vmath::norm(z);
    if norm > 0.0 {
        scale_to(z, 2.0);
        let size = p * norm.powf(p - 1.0);
        for z in z {
            *z *= size;
        }
    }
}

/// From a difference $z$ to the gradient of its norm, $\mathrm{sign}(z_k) (\lvert z_k \rvert / \lVert z \rVert_p)^{p-1}$.
fn scale_to(z: &mut [f64], p: f64) {
    let largest = z.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        return;
    }
    if p == f64::INFINITY {
        // One of the largest, if there are several.
        let place = z.iter().position(|x| x.abs() >= largest);
        z.iter_mut().enumerate().for_each(|(k, x)| *x = if Some(k) == place { x.signum() } else { 0.0 });
        return;
    }
    let norm = z.iter().map(|x| (x.abs() / largest).powf(p)).sum::<f64>().powf(1.0 / p);
    for x in z {
        let size = (x.abs() / largest / norm).powf(p - 1.0);
        *x = if *x == 0.0 { 0.0 } else { x.signum() * size };
    }
}
