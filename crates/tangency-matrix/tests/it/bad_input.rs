//! Every public function with every kind of bad or extreme matrix: a typed error or the exact limit, at once.

use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, MatRef, c32, c64};
use rand_pcg::Pcg64;
use std::time::{Duration, Instant};
use tangency_matrix::trace::{
    Estimator, JacobiPreconditioner, LanczosOptions, LogDetSeriesOptions, TraceEstimate, TraceOptions,
    log_det_estimate, log_det_preconditioned, log_det_series, trace_estimate, trace_of_function,
};
use tangency_matrix::*;

type Numbers = Vec<f64>;
type Call<T> = Box<dyn Fn(MatRef<'_, T>) -> Result<Numbers, MatrixError>>;

/// A public function as a function of one matrix; where it takes two, both are the same.
struct Entry<T: Scalar> {
    name: &'static str,
    /// Whether the matrix must be square.
    square: bool,
    call: Call<T>,
    /// f(z) and f′(z), where the function is the primary one of a scalar function.
    scalar: Option<fn(c64) -> [c64; 2]>,
}

fn numbers<T: Scalar>(m: &Mat<T>) -> Numbers {
    let entries = (0..m.ncols()).flat_map(|j| (0..m.nrows()).map(move |i| (i, j)));
    entries.flat_map(|at| [m[at].re().to_f64(), m[at].im().to_f64()]).collect()
}

fn number<R: RealScalar>(x: R) -> Numbers {
    vec![x.to_f64()]
}

fn of_pair<T: Scalar>(pair: &Frechet<T>) -> Numbers {
    [numbers(&pair.value), numbers(&pair.derivative)].concat()
}

fn of_log_det<T: Scalar>(d: &LogDet<T>) -> Numbers {
    vec![d.sign.re().to_f64(), d.sign.im().to_f64(), d.ln_abs.to_f64()]
}

fn of_trace<T: Scalar>(e: &TraceEstimate<T>) -> Numbers {
    vec![e.estimate.re().to_f64(), e.estimate.im().to_f64(), e.standard_error.to_f64()]
}

fn flat<T: Scalar>(a: MatRef<'_, T>) -> Vec<T> {
    (0..a.ncols()).flat_map(|j| (0..a.nrows()).map(move |i| a[(i, j)])).collect()
}

/// A batch of one matrix; the shape of a batch cannot be anything but square.
fn batch<T: Scalar>(
    a: MatRef<'_, T>,
    run: impl Fn(usize, &[T], &mut [T]) -> Result<(), MatrixError>,
) -> Result<Numbers, MatrixError> {
    let mut results = vec![T::ZERO; a.nrows() * a.nrows()];
    match run(a.nrows(), &flat(a), &mut results) {
        Err(MatrixError::InBatch { index: 0, source }) => Err(*source),
        other => other,
    }?;
    Ok(results.iter().flat_map(|x| [x.re().to_f64(), x.im().to_f64()]).collect())
}

fn sparse<T: Scalar>(a: MatRef<'_, T>) -> SparseColMat<usize, T> {
    let places = (0..a.ncols()).flat_map(|j| (0..a.nrows()).map(move |i| (i, j)));
    let entries: Vec<_> = places.map(|(i, j)| Triplet::new(i, j, a[(i, j)])).collect();
    SparseColMat::try_new_from_triplets(a.nrows(), a.ncols(), &entries).unwrap()
}

/// All public functions that take matrices. Hidden from none: `every_function_is_listed` reads the front page.
#[allow(
    clippy::too_many_lines,
    clippy::items_after_statements,
    reason = "a table, with the types of its columns"
)]
fn entries<T: Scalar>() -> Vec<Entry<T>> {
    let mut list: Vec<Entry<T>> = Vec::new();
    let mut add = |name, square, call: Call<T>, scalar: Option<fn(c64) -> [c64; 2]>| {
        list.push(Entry { name, square, call, scalar });
    };
    // Functions of one matrix with one matrix as result, and the scalar function.
    type Plain<T> = fn(MatRef<'_, T>) -> Result<Mat<T>, MatrixError>;
    let plain: [(&str, Plain<T>, Option<fn(c64) -> [c64; 2]>); 12] = [
        ("expm", expm, Some(|z| [z.exp(), z.exp()])),
        ("expm1m", expm1m, Some(|z| [exp_m1(z), z.exp()])),
        ("logm", logm, Some(|z| [z.ln(), inverse(z)])),
        ("log1pm", log1pm, Some(|z| [ln_1p(z), inverse(c64::ONE + z)])),
        ("sqrtm", sqrtm, Some(|z| [root(z), inverse(root(z) * 2.0)])),
        (
            "signm",
            signm,
            Some(|z| {
                [
                    if z.re > 0.0 {
                        c64::ONE
                    } else if z.re < 0.0 {
                        -c64::ONE
                    } else {
                        nan()
                    },
                    c64::ZERO,
                ]
            }),
        ),
        ("sinm", sinm, Some(|z| [z.sin(), z.cos()])),
        ("cosm", cosm, Some(|z| [z.cos(), -z.sin()])),
        ("sinhm", sinhm, Some(|z| [z.sinh(), z.cosh()])),
        ("coshm", coshm, Some(|z| [z.cosh(), z.sinh()])),
        ("tanhm", tanhm, Some(|z| [tanh(z), c64::ONE - tanh(z) * tanh(z)])),
        ("tanm", tanm, Some(|z| [tan(z), c64::ONE + tan(z) * tan(z)])),
    ];
    for (name, f, scalar) in plain {
        add(name, true, Box::new(move |a| f(a).map(|x| numbers(&x))), scalar);
    }
    add(
        "powm",
        true,
        Box::new(|a| powm(a, 2.5).map(|x| numbers(&x))),
        Some(|z| [z.powf(2.5), z.powf(1.5) * 2.5]),
    );
    add(
        "rootm",
        true,
        Box::new(|a| rootm(a, 3).map(|x| numbers(&x))),
        Some(|z| [cube_root(z), quotient(cube_root(z), z * 3.0)]),
    );
    add(
        "phi_functions",
        true,
        Box::new(|a| phi_functions(a, 1).map(|x| numbers(&x[1]))),
        Some(|z| {
            [phi_1(z), if z.norm() < 1e-8 { c64::new(0.5, 0.0) } else { quotient(z.exp() - phi_1(z), z) }]
        }),
    );
    add(
        "funm",
        true,
        Box::new(|a| funm(a, |z, _| z.exp()).map(|x| numbers(&x))),
        Some(|z| [z.exp(), z.exp()]),
    );
    add(
        "funm_derivative_free",
        true,
        Box::new(|a| funm_derivative_free(a, DoubleDoubleComplex::exp).map(|x| numbers(&x))),
        Some(|z| [z.exp(), z.exp()]),
    );
    add("sincosm", true, Box::new(|a| sincosm(a).map(|x| [numbers(&x.0), numbers(&x.1)].concat())), None);
    // In-place, batch and report forms.
    add(
        "expm_into",
        true,
        Box::new(|a| {
            let mut out = Mat::zeros(a.nrows(), a.nrows());
            expm_into(a, out.as_mut(), &mut ExpmWorkspace::new(a.nrows())).map(|()| numbers(&out))
        }),
        Some(|z| [z.exp(), z.exp()]),
    );
    add(
        "logm_into",
        true,
        Box::new(|a| {
            let mut out = Mat::zeros(a.nrows(), a.nrows());
            logm_into(a, out.as_mut(), &mut LogmWorkspace::new(a.nrows())).map(|()| numbers(&out))
        }),
        Some(|z| [z.ln(), inverse(z)]),
    );
    add(
        "sqrtm_into",
        true,
        Box::new(|a| {
            let mut out = Mat::zeros(a.nrows(), a.nrows());
            sqrtm_into(a, out.as_mut(), &mut SqrtmWorkspace::new(a.nrows())).map(|()| numbers(&out))
        }),
        Some(|z| [root(z), inverse(root(z) * 2.0)]),
    );
    add("expm_batch", false, Box::new(|a| batch(a, expm_batch)), None);
    add("logm_batch", false, Box::new(|a| batch(a, logm_batch)), None);
    add("sqrtm_batch", false, Box::new(|a| batch(a, sqrtm_batch)), None);
    add(
        "log_det_batch",
        false,
        Box::new(|a| {
            let mut results = vec![LogDet::default()];
            if a.nrows() == 0 {
                return Ok(Vec::new());
            }
            match log_det_batch(a.nrows(), &flat(a), &mut results) {
                Err(MatrixError::InBatch { index: 0, source }) => Err(*source),
                other => other,
            }?;
            Ok(of_log_det(&results[0]))
        }),
        None,
    );
    add("expm_report", true, Box::new(|a| expm_report(a).map(|r| numbers(&r.value))), None);
    add("logm_report", true, Box::new(|a| logm_report(a).map(|r| numbers(&r.value))), None);
    add("sqrtm_report", true, Box::new(|a| sqrtm_report(a).map(|r| numbers(&r.value))), None);
    // Derivatives and conditions.
    type Pair<T> = fn(MatRef<'_, T>, MatRef<'_, T>) -> Result<Frechet<T>, MatrixError>;
    let pairs: [(&str, Pair<T>); 14] = [
        ("expm_frechet", expm_frechet),
        ("expm_frechet_adjoint", expm_frechet_adjoint),
        ("logm_frechet", logm_frechet),
        ("logm_frechet_adjoint", logm_frechet_adjoint),
        ("sqrtm_frechet", sqrtm_frechet),
        ("sqrtm_frechet_adjoint", sqrtm_frechet_adjoint),
        ("sinm_frechet", sinm_frechet),
        ("sinm_frechet_adjoint", sinm_frechet_adjoint),
        ("cosm_frechet", cosm_frechet),
        ("cosm_frechet_adjoint", cosm_frechet_adjoint),
        ("powm_frechet", |a, e| powm_frechet(a, 2.5, e)),
        ("powm_frechet_adjoint", |a, e| powm_frechet_adjoint(a, 2.5, e)),
        ("powm_frechet, whole", |a, e| powm_frechet(a, -2.0, e)),
        ("powm_frechet_adjoint, whole", |a, e| powm_frechet_adjoint(a, 3.0, e)),
    ];
    for (name, f) in pairs {
        add(name, true, Box::new(move |a| f(a, a).map(|x| of_pair(&x))), None);
    }
    type Real<T> = fn(MatRef<'_, T>) -> Result<<T as Scalar>::RealPart, MatrixError>;
    let conditions: [(&str, Real<T>); 6] = [
        ("expm_condition", expm_condition),
        ("logm_condition", logm_condition),
        ("sqrtm_condition", sqrtm_condition),
        ("powm_condition", |a| powm_condition(a, 2.5)),
        ("sinm_condition", sinm_condition),
        ("cosm_condition", cosm_condition),
    ];
    for (name, f) in conditions {
        add(name, true, Box::new(move |a| f(a).map(number)), None);
    }
    // Determinants.
    type LogDets<T> = fn(MatRef<'_, T>) -> Result<LogDet<T>, MatrixError>;
    let determinants: [(&str, LogDets<T>); 5] = [
        ("log_det", log_det),
        ("log_det_with", |a| log_det_with(a, &mut LogDetWorkspace::new(a.nrows()))),
        ("log_det_cholesky", log_det_cholesky),
        ("log_det_hermitian", log_det_hermitian),
        ("log_det_of_exp", log_det_of_exp),
    ];
    for (name, f) in determinants {
        add(name, true, Box::new(move |a| f(a).map(|d| of_log_det(&d))), None);
    }
    add("log_det_report", true, Box::new(|a| log_det_report(a).map(|r| of_log_det(&r.log_det))), None);
    add(
        "log_det_sparse",
        true,
        Box::new(|a| log_det_sparse(sparse(a).as_ref()).map(|d| of_log_det(&d))),
        None,
    );
    add(
        "log_det_sparse_cholesky",
        true,
        Box::new(|a| log_det_sparse_cholesky(sparse(a).as_ref()).map(|d| of_log_det(&d))),
        None,
    );
    add(
        "log_det_sparse_ldlt",
        true,
        Box::new(|a| log_det_sparse_ldlt(sparse(a).as_ref()).map(|d| of_log_det(&d))),
        None,
    );
    let gradients: [(&str, Plain<T>); 3] =
        [("adjugate", adjugate), ("det_gradient", det_gradient), ("log_det_gradient", log_det_gradient)];
    for (name, f) in gradients {
        add(name, true, Box::new(move |a| f(a).map(|x| numbers(&x))), None);
    }
    let scalar = |x: T| vec![x.re().to_f64(), x.im().to_f64()];
    add("det_derivative", true, Box::new(move |a| det_derivative(a, a).map(scalar)), None);
    add("log_det_derivative", true, Box::new(move |a| log_det_derivative(a, a).map(scalar)), None);
    // Volumes and subspaces, of any shape.
    let reals: [(&str, Real<T>); 4] = [
        ("log_volume", log_volume),
        ("volume", volume),
        ("log_volume_factor", log_volume_factor),
        ("pushforward_log_density", |a| pushforward_log_density(T::RealPart::ZERO, a)),
    ];
    for (name, f) in reals {
        add(name, false, Box::new(move |a| f(a).map(number)), None);
    }
    add("log_volume_gradient", false, Box::new(|a| log_volume_gradient(a).map(|x| numbers(&x))), None);
    add("rank_volume", false, Box::new(|a| rank_volume(a, None).map(|r| number(r.ln_volume))), None);
    add("pseudo_log_det", true, Box::new(|a| pseudo_log_det(a, None).map(|r| of_log_det(&r.log_det))), None);
    add(
        "principal_angles",
        false,
        Box::new(|a| principal_angles(a, a).map(|x| x.into_iter().flat_map(number).collect())),
        None,
    );
    add(
        "polar",
        false,
        Box::new(|a| polar(a).map(|p| [numbers(&p.unitary), numbers(&p.hermitian)].concat())),
        None,
    );
    // Positive definite matrices.
    type Distance<T> = fn(MatRef<'_, T>, MatRef<'_, T>) -> Result<<T as Scalar>::RealPart, MatrixError>;
    let distances: [(&str, Distance<T>); 4] = [
        ("affine_invariant_distance", affine_invariant_distance),
        ("log_euclidean_distance", log_euclidean_distance),
        ("bures_distance", bures_distance),
        ("bures_squared", bures_squared),
    ];
    for (name, f) in distances {
        add(name, true, Box::new(move |a| f(a, a).map(number)), None);
    }
    add(
        "affine_invariant_geodesic",
        true,
        Box::new(|a| affine_invariant_geodesic(a, a, 0.25).map(|x| numbers(&x))),
        None,
    );
    add("bures_geodesic", true, Box::new(|a| bures_geodesic(a, a, 0.25).map(|x| numbers(&x))), None);
    add("bures_transport", true, Box::new(|a| bures_transport(a, a).map(|x| numbers(&x))), None);
    // Schur form and linear equations.
    add(
        "schur",
        true,
        Box::new(|a| schur(a).map(|s| [numbers(&s.q().to_owned()), numbers(&s.t().to_owned())].concat())),
        None,
    );
    add("solve_sylvester", true, Box::new(|a| solve_sylvester(a, a, a).map(|x| numbers(&x))), None);
    add("solve_lyapunov", true, Box::new(|a| solve_lyapunov(a, a).map(|x| numbers(&x))), None);
    // Series, actions, identities.
    add(
        "power_series",
        true,
        Box::new(|a| {
            let c = |k: usize| T::from_f64((1..=k).fold(1.0, |c, i| c / i as f64));
            let bound = CoefficientBound::Factorial { scale: 1.0, ratio: 1.0 };
            power_series(a, c, bound, &SeriesOptions { max_terms: 500, ..Default::default() })
                .map(|s| numbers(&s.value))
        }),
        None,
    );
    add(
        "expm_multiply",
        true,
        Box::new(|a| {
            let b = Mat::from_fn(a.ncols(), 1, |_, _| T::ONE);
            expm_multiply(&LinearOperator::from(a), T::ONE, b.as_ref(), &ActionOptions::default())
                .map(|x| numbers(&x.value))
        }),
        None,
    );
    add(
        "expm_multiply, sparse",
        true,
        Box::new(|a| {
            let (b, sparse) = (Mat::from_fn(a.ncols(), 1, |_, _| T::ONE), sparse(a));
            expm_multiply(&LinearOperator::from(&sparse), T::ONE, b.as_ref(), &ActionOptions::default())
                .map(|x| numbers(&x.value))
        }),
        None,
    );
    add(
        "expm_multiply, products",
        true,
        Box::new(|a| {
            let (b, a) = (Mat::from_fn(a.ncols(), 1, |_, _| T::ONE), a.to_owned());
            expm_multiply(&LinearOperator::from_products(&a), T::ONE, b.as_ref(), &ActionOptions::default())
                .map(|x| numbers(&x.value))
        }),
        None,
    );
    add(
        "expm_multiply_grid",
        true,
        Box::new(|a| {
            let b = Mat::from_fn(a.ncols(), 1, |_, _| T::ONE);
            let times = [T::RealPart::from_f64(0.5), T::RealPart::ONE];
            expm_multiply_grid(&LinearOperator::from(a), &times, b.as_ref(), &ActionOptions::default())
                .map(|x| numbers(&x.values[1]))
        }),
        None,
    );
    add("exp_trace_identity", true, Box::new(|a| exp_trace_identity(a).map(|r| number(r.difference))), None);
    add("log_trace_identity", true, Box::new(|a| log_trace_identity(a).map(|r| number(r.difference))), None);
    let interval = (T::RealPart::ZERO, T::RealPart::ONE);
    add(
        "magnus_propagator",
        true,
        Box::new(move |a| {
            magnus_propagator(MagnusOrder::Four, |_| a.to_owned(), interval, 2).map(|x| numbers(&x))
        }),
        None,
    );
    add(
        "liouville_identity",
        true,
        Box::new(move |a| {
            liouville_identity(MagnusOrder::Two, |_| a.to_owned(), interval, 2).map(|r| number(r.difference))
        }),
        None,
    );
    // Stochastic estimates.
    for (name, estimator) in [
        ("trace_estimate, Hutchinson", Estimator::Hutchinson),
        ("trace_estimate, Hutch++", Estimator::HutchPlusPlus),
        ("trace_estimate, XTrace", Estimator::XTrace),
        ("trace_estimate, XNysTrace", Estimator::XNysTrace),
    ] {
        let options = move || TraceOptions { estimator, probes: 2, ..Default::default() };
        add(
            name,
            true,
            Box::new(move |a| {
                trace_estimate(&a.to_owned(), &options(), &mut Pcg64::new(1, 1)).map(|e| of_trace(&e))
            }),
            None,
        );
    }
    let options = || TraceOptions { probes: 2, ..Default::default() };
    add(
        "trace_of_function",
        true,
        Box::new(move |a| {
            let f = |x: T::RealPart| Scalar::exp(x);
            trace_of_function(&a.to_owned(), f, &options(), &LanczosOptions::default(), &mut Pcg64::new(1, 1))
                .map(|e| of_trace(&e))
        }),
        None,
    );
    add(
        "log_det_estimate",
        true,
        Box::new(move |a| {
            log_det_estimate(&a.to_owned(), &options(), &LanczosOptions::default(), &mut Pcg64::new(1, 1))
                .map(|e| of_trace(&e))
        }),
        None,
    );
    add(
        "log_det_preconditioned",
        true,
        Box::new(move |a| {
            let jacobi = JacobiPreconditioner::new(&vec![T::RealPart::ONE; a.nrows()])?;
            log_det_preconditioned(
                &a.to_owned(),
                &jacobi,
                &options(),
                &LanczosOptions::default(),
                &mut Pcg64::new(1, 1),
            )
            .map(|e| of_trace(&e))
        }),
        None,
    );
    add(
        "log_det_series",
        true,
        Box::new(move |a| {
            log_det_series(&a.to_owned(), &options(), &LogDetSeriesOptions::default(), &mut Pcg64::new(1, 1))
                .map(|e| of_trace(&e.trace))
        }),
        None,
    );
    list
}

fn nan() -> c64 {
    c64::new(f64::NAN, f64::NAN)
}

/// x / y where the squares of their moduli leave the range.
fn quotient(x: c64, y: c64) -> c64 {
    let size = y.norm();
    x.unscale(size) / y.unscale(size)
}

fn inverse(z: c64) -> c64 {
    quotient(c64::ONE, z)
}

fn cube_root(z: c64) -> c64 {
    c64::from_polar(z.norm().cbrt(), z.arg() / 3.0)
}

fn exp_m1(z: c64) -> c64 {
    if z.norm() < 1e-8 { z + z * z / 2.0 } else { z.exp() - 1.0 }
}

fn ln_1p(z: c64) -> c64 {
    if z.norm() < 1e-8 { z - z * z / 2.0 } else { (z + 1.0).ln() }
}

fn phi_1(z: c64) -> c64 {
    if z.norm() < 1e-8 { c64::ONE + z / 2.0 } else { quotient(z.exp() - 1.0, z) }
}

fn tanh(z: c64) -> c64 {
    if z.re.abs() > 40.0 { c64::new(z.re.signum(), 0.0) } else { z.sinh() / z.cosh() }
}

fn tan(z: c64) -> c64 {
    let i = c64::new(0.0, 1.0);
    -i * tanh(i * z)
}

/// The square root, of subnormal numbers too: the library function halves its argument first.
fn root(z: c64) -> c64 {
    if z.norm() < 1e-300 { (z * 2.0_f64.powi(200)).sqrt() * 2.0_f64.powi(-100) } else { z.sqrt() }
}

/// What is known of a matrix of order 2.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Spectrum {
    Multiple(f64),
    Simple(c64, c64),
    Defective(f64),
    /// A change of the last digit of the norm changes all digits of every function: no value can be asked for.
    Sensitive,
}

/// f(A), where f is defined on the spectrum.
fn primary(f: fn(c64) -> [c64; 2], a: &Mat<c64>, spectrum: Spectrum) -> Option<Mat<c64>> {
    let real = |x: f64| c64::new(x, 0.0);
    let (at, value, slope, unit) = match spectrum {
        Spectrum::Multiple(x) => (real(x), f(real(x))[0], c64::ZERO, c64::ONE),
        Spectrum::Defective(x) => (real(x), f(real(x))[0], f(real(x))[1], c64::ONE),
        Spectrum::Simple(x, y) => (x, f(x)[0], f(y)[0] - f(x)[0], y - x),
        Spectrum::Sensitive => return None,
    };
    Some(Mat::from_fn(2, 2, |i, j| {
        let shifted = if i == j { a[(i, j)] - at } else { a[(i, j)] };
        let step = if shifted == c64::ZERO { c64::ZERO } else { slope * quotient(shifted, unit) };
        if i == j { value + step } else { step }
    }))
}

/// Matrices at the ends of what there is: singular, without a root, the largest, the smallest.
fn extremes<T: Scalar>() -> Vec<(&'static str, [[f64; 2]; 2], Spectrum)> {
    use Spectrum::{Defective, Multiple, Sensitive, Simple};
    let single = T::PRECISION == Precision::Single;
    let (big, tiny) = if single {
        (2.0_f64.powi(120), 2.0_f64.powi(-149))
    } else {
        (2.0_f64.powi(1000), 2.0_f64.powi(-1074))
    };
    let largest = T::RealPart::MAX.to_f64();
    let real = |x: f64, y: f64| Simple(c64::new(x, 0.0), c64::new(y, 0.0));
    let pair = |x: f64, y: f64| Simple(c64::new(x, y), c64::new(x, -y));
    let b = big;
    vec![
        ("zero", [[0.0, 0.0], [0.0, 0.0]], Multiple(0.0)),
        ("ones", [[1.0, 1.0], [1.0, 1.0]], real(0.0, 2.0)),
        ("nilpotent", [[0.0, 1.0], [0.0, 0.0]], Defective(0.0)),
        ("full nilpotent", [[1.0, -1.0], [1.0, -1.0]], Defective(0.0)),
        ("swap", [[0.0, 1.0], [1.0, 0.0]], real(1.0, -1.0)),
        ("quarter turn", [[0.0, 1.0], [-1.0, 0.0]], pair(0.0, 1.0)),
        ("minus identity", [[-1.0, 0.0], [0.0, -1.0]], Multiple(-1.0)),
        ("minus Jordan", [[-1.0, 1.0], [0.0, -1.0]], Defective(-1.0)),
        ("singular triangle", [[0.0, 3.0], [0.0, 2.0]], real(0.0, 2.0)),
        ("huge turn", [[b, b], [-b, b]], pair(b, b)),
        ("huge definite", [[2.0 * b, b], [b, 2.0 * b]], real(b, 3.0 * b)),
        ("huge negative", [[-2.0 * b, -b], [-b, -2.0 * b]], real(-b, -3.0 * b)),
        ("huge triangle", [[-b, b], [0.0, -2.0 * b]], real(-b, -2.0 * b)),
        ("huge nilpotent", [[0.0, b], [0.0, 0.0]], Defective(0.0)),
        ("huge full nilpotent", [[b, -b], [b, -b]], Sensitive),
        ("huge singular", [[b, b], [b, b]], real(0.0, 2.0 * b)),
        ("huge unipotent", [[1.0, b], [0.0, 1.0]], Sensitive),
        ("largest", [[largest, largest], [largest, largest]], Sensitive),
        ("largest turn", [[largest, largest], [-largest, largest]], Sensitive),
        ("tiny definite", [[2.0 * tiny, tiny], [tiny, 2.0 * tiny]], real(tiny, 3.0 * tiny)),
        ("tiny turn", [[0.0, tiny], [-tiny, 0.0]], pair(0.0, tiny)),
        ("tiny nilpotent", [[0.0, tiny], [0.0, 0.0]], Defective(0.0)),
        ("tiny singular", [[tiny, tiny], [tiny, tiny]], real(0.0, 2.0 * tiny)),
        ("wide triangle", [[b, 1.0], [0.0, 1.0 / b]], Sensitive),
        ("wide swap", [[0.0, b], [1.0 / b, 0.0]], Sensitive),
        ("wide turn", [[0.0, b], [-1.0 / b, 0.0]], Sensitive),
        ("wide definite", [[1.0, b], [1.0 / b, 2.0]], Sensitive),
    ]
}

/// Where the limit exists, and the answer is an error all the same.
fn refused(function: &str, what: &str) -> bool {
    match function {
        // No digit of an angle of 2¹⁰⁰⁰ is known.
        "sinm" | "cosm" | "tanm" => {
            matches!(what, "huge definite" | "huge negative" | "huge triangle" | "huge singular")
        }
        // Beside rounding of 2¹⁰⁰⁰ there is no telling an eigenvalue 0 from 1.
        "tanhm" | "log1pm" => what == "huge singular",
        // Powers go by the logarithm; the square root alone knows what to do with an eigenvalue 0.
        "powm" => what.contains("nilpotent") || what == "singular triangle",
        "rootm" => what == "singular triangle",
        _ => false,
    }
}

fn in_type<T: Scalar>() {
    let format = std::any::type_name::<T>();
    let mut bad = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for entry in entries::<T>() {
        let mut call = |what: &str, a: &Mat<T>| {
            let start = Instant::now();
            let found = (entry.call)(a.as_ref());
            if start.elapsed() > slowest.0 {
                slowest = (start.elapsed(), format!("{} {what}", entry.name));
            }
            found
        };
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let a = Mat::from_fn(2, 2, |i, j| {
                T::from_f64(if (i, j) == (1, 0) { wrong } else { 2.0 + (i + j) as f64 })
            });
            let found = call("not finite", &a);
            let names_it = matches!(
                &found,
                Err(MatrixError::NotFinite { row: 1, column: 0 }
                    | MatrixError::OperatorNotFinite { row: 1, .. })
            );
            if !names_it {
                bad.push(format!("{}, {wrong}: {found:?}", entry.name));
            }
        }
        for (m, n) in [(2, 3), (3, 2)] {
            let a = Mat::from_fn(m, n, |i, j| T::from_f64((1 + i * i + 2 * j) as f64));
            if entry.name.ends_with("_batch") {
                continue;
            }
            let found = call("not square", &a);
            let fits = match &found {
                Err(MatrixError::NotSquare { rows, columns }) => (*rows, *columns) == (m, n),
                Err(MatrixError::ShapeMismatch { .. }) => {
                    !entry.square || entry.name.ends_with("_into") || entry.name.ends_with("_with")
                }
                Ok(x) => !entry.square && x.iter().all(|x| !x.is_nan()),
                Err(_) => !entry.square,
            };
            if !fits {
                bad.push(format!("{}, {m} x {n}: {found:?}", entry.name));
            }
        }
        let found = call("empty", &Mat::zeros(0, 0));
        if !found.as_ref().is_ok_and(|x| x.iter().all(|x| !x.is_nan())) {
            bad.push(format!("{}, empty: {found:?}", entry.name));
        }
        for (what, rows, spectrum) in extremes::<T>() {
            let a = Mat::from_fn(2, 2, |i, j| T::from_f64(rows[i][j]));
            let found = call(what, &a);
            if let Ok(x) = &found
                && x.iter().any(|x| x.is_nan())
            {
                bad.push(format!("{}, {what}: {x:?}", entry.name));
                continue;
            }
            let exact = Mat::from_fn(2, 2, |i, j| c64::new(rows[i][j], 0.0));
            let Some(expected) = entry.scalar.and_then(|f| primary(f, &exact, spectrum)) else { continue };
            let expected = numbers(&expected);
            let size = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            let exists = expected.iter().all(|x| x.is_finite()) && size <= T::RealPart::MAX.to_f64();
            let real = expected.iter().skip(1).step_by(2).all(|x| x.abs() <= 1e-14 * size);
            let refused = refused(entry.name, what);
            let fits = match &found {
                Ok(x) if exists && (real || !T::IS_REAL) => {
                    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
                    let floor = T::RealPart::MIN_POSITIVE.to_f64() * 2.0 * u;
                    !refused
                        && x.iter().zip(&expected).all(|(x, y)| (x - y).abs() <= 100.0 * u * size + floor)
                }
                Ok(_) => false,
                Err(_) => !exists || refused || T::IS_REAL && !real,
            };
            if !fits {
                bad.push(format!("{}, {what}: {found:?} for {expected:?}", entry.name));
            }
        }
    }
    assert!(bad.is_empty(), "{format}, {}:\n{}", bad.len(), bad.join("\n"));
    assert!(slowest.0 < Duration::from_secs(10), "{format}: {slowest:?}");
}

#[test]
fn in_double() {
    in_type::<f64>();
}

#[test]
fn in_single() {
    in_type::<f32>();
}

#[test]
fn in_double_complex() {
    in_type::<c64>();
}

#[test]
fn in_single_complex() {
    in_type::<c32>();
}

#[test]
fn every_function_is_listed() {
    let names: Vec<&str> = entries::<f64>().iter().map(|e| e.name.split(',').next().unwrap()).collect();
    let public = |source: &str| -> Vec<String> {
        let mut found = Vec::new();
        for item in source.split("pub use ").skip(1) {
            let item = item.split(';').next().unwrap();
            found.extend(
                item.rsplit("::")
                    .next()
                    .unwrap()
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .map(String::from),
            );
        }
        for item in source.split("\npub fn ").skip(1) {
            found.push(item.split(['<', '(']).next().unwrap().to_owned());
        }
        found.into_iter().filter(|x| x.starts_with(|c: char| c.is_ascii_lowercase())).collect()
    };
    let front = public(include_str!("../../src/lib.rs"));
    let trace = public(include_str!("../../src/trace.rs"));
    assert!(front.len() > 85 && trace.len() >= 5, "{} {}", front.len(), trace.len());
    for function in front.iter().chain(&trace) {
        // The norm of any matrix is a number: infinite or NaN where an entry is.
        assert!(
            function == "operator_norm_1" || names.contains(&function.as_str()),
            "{function} is not in the table"
        );
    }
}
