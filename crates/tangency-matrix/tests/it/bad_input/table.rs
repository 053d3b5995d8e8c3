//! All public functions, each as a function of one matrix.

use super::scalar::*;
use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, MatRef, c64};
use rand_pcg::Pcg64;
use tangency_matrix::trace::{
    Estimator, JacobiPreconditioner, LanczosOptions, LogDetSeriesOptions, TraceEstimate, TraceOptions,
    log_det_estimate, log_det_preconditioned, log_det_series, trace_estimate, trace_of_function,
};
use tangency_matrix::*;

pub(super) type Numbers = Vec<f64>;
pub(super) type Call<T> = Box<dyn Fn(MatRef<'_, T>) -> Result<Numbers, MatrixError>>;

/// A public function as a function of one matrix; where it takes two, both are the same.
pub(super) struct Entry<T: Scalar> {
    pub(super) name: &'static str,
    /// Whether the matrix must be square.
    pub(super) square: bool,
    pub(super) call: Call<T>,
    /// f(z) and f′(z), where the function is the primary one of a scalar function.
    pub(super) scalar: Option<fn(c64) -> [c64; 2]>,
}

pub(super) fn numbers<T: Scalar>(m: &Mat<T>) -> Numbers {
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
pub(super) fn entries<T: Scalar>() -> Vec<Entry<T>> {
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
