//! Stochastic estimates of traces and log-determinants: both errors that they report, against the truth.

use faer::{Mat, MatMut, MatRef, c32, c64};
use rand_pcg::Pcg64;
use tangency_matrix::trace::{
    CholeskyPreconditioner, Estimator, JacobiPreconditioner, LanczosOptions, NormSource, Probe,
    SeriesOptions, TraceEstimate, TraceOptions, TraceStatus, Truncation, log_det_estimate,
    log_det_preconditioned, log_det_series, trace_estimate, trace_of_function,
};
use tangency_matrix::{ClosureOperator, MatrixError};

/// A diagonal operator: enough for probes on the sphere, which do not see the basis.
fn diagonal(values: &[f64]) -> ClosureOperator<impl Fn(MatRef<'_, f64>, MatMut<'_, f64>) + Sync + use<>> {
    let values = values.to_vec();
    ClosureOperator::new(values.len(), move |x: MatRef<'_, f64>, mut y: MatMut<'_, f64>| {
        for j in 0..x.ncols() {
            for i in 0..x.nrows() {
                y[(i, j)] = values[i] * x[(i, j)];
            }
        }
    })
}

fn spectra(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let of = |f: &dyn Fn(f64) -> f64| (0..n).map(|i| f(i as f64)).collect::<Vec<f64>>();
    let last = (n - 1) as f64;
    vec![
        ("flat", of(&|i| 3.0 - 2.0 * i / last)),
        ("exponential", of(&|i| 0.8_f64.powf(i))),
        ("algebraic", of(&|i| (i + 1.0).powi(-2))),
        ("slow", of(&|i| (i + 1.0).powf(-0.5))),
        ("low rank and noise", of(&|i| 1e-3 + 4.0 / (1.0 + (i - 5.0).exp()))),
        ("condition 1e8", of(&|i| 10_f64.powf(-8.0 * i / last))),
        ("indefinite", of(&|i| (i * 0.7).sin())),
    ]
}

struct Seeds {
    mean: f64,
    spread: f64,
    reported: f64,
    bias: Option<f64>,
}

fn over_seeds(seeds: u64, mut run: impl FnMut(&mut Pcg64) -> TraceEstimate<f64>) -> Seeds {
    let found: Vec<_> = (0..seeds).map(|s| run(&mut Pcg64::new(u128::from(s), 7))).collect();
    let count = seeds as f64;
    let mean = found.iter().map(|e| e.estimate).sum::<f64>() / count;
    let spread = (found.iter().map(|e| (e.estimate - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let reported = (found.iter().map(|e| e.standard_error.powi(2)).sum::<f64>() / count).sqrt();
    let bias = found.iter().try_fold(0.0_f64, |b, e| e.bias_bound.map(|x| b.max(x)));
    Seeds { mean, spread, reported, bias }
}

/// The mean over the seeds within 4 standard errors of the truth plus the bias bound, and the reported standard error (root
/// mean square) within 20 % of the spread.
fn check(name: &str, exact: f64, s: &Seeds) {
    let allowed = 4.0 * s.spread / SEEDS_ROOT + s.bias.unwrap() + 1e-12 * exact.abs();
    assert!((s.mean - exact).abs() <= allowed, "{name}: {} of {exact}, allowed {allowed:e}", s.mean - exact);
    let ratio = s.reported / s.spread;
    assert!((0.8..1.2).contains(&ratio), "{name}: reported {:e}, spread {:e}", s.reported, s.spread);
}

const SEEDS: u64 = 200;
const SEEDS_ROOT: f64 = 14.142135623730951;

#[test]
fn traces_have_honest_errors() {
    for (name, values) in spectra(80) {
        let exact: f64 = values.iter().sum();
        for estimator in
            [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace]
        {
            if estimator == Estimator::XNysTrace && name == "indefinite" {
                continue;
            }
            for probes in [7, 18] {
                let options = TraceOptions { estimator, probes, ..Default::default() };
                let operator = diagonal(&values);
                let s = over_seeds(SEEDS, |rng| trace_estimate(&operator, &options, rng).unwrap());
                check(&format!("{name} {estimator:?} {probes}"), exact, &s);
            }
        }
    }
}

#[test]
fn log_determinants_have_honest_errors() {
    for (name, values) in spectra(60) {
        if name == "indefinite" {
            continue;
        }
        let exact: f64 = values.iter().map(|x| x.ln()).sum();
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        for (estimator, reorthogonalise, steps) in [
            (Estimator::Hutchinson, true, 12),
            (Estimator::Hutchinson, true, 60),
            (Estimator::Hutchinson, false, 90),
            (Estimator::HutchPlusPlus, true, 14),
            (Estimator::XTrace, true, 40),
        ] {
            // The quadratures of many steps are most of the time of this test: two spectra are enough for the longest.
            if (estimator == Estimator::XTrace || !reorthogonalise)
                && !matches!(name, "flat" | "condition 1e8")
            {
                continue;
            }
            let options = TraceOptions { estimator, probes: 12, ..Default::default() };
            // A bound that is not sharp, as callers have it.
            let lanczos = LanczosOptions {
                steps,
                smallest_eigenvalue: Some(0.5 * smallest),
                reorthogonalise,
                ..Default::default()
            };
            let operator = diagonal(&values);
            let s = over_seeds(100, |rng| log_det_estimate(&operator, &options, &lanczos, rng).unwrap());
            let bias = s.bias.unwrap();
            let allowed = 4.0 * s.spread / 10.0 + bias + 1e-10 * exact.abs();
            let label = format!("{name} {estimator:?} {steps} {reorthogonalise}");
            assert!((s.mean - exact).abs() <= allowed, "{label}: {} allowed {allowed:e}", s.mean - exact);
            let ratio = s.reported / s.spread;
            assert!((0.75..1.3).contains(&ratio), "{label}: ratio {ratio}");
            if steps == 60 && estimator == Estimator::Hutchinson {
                assert!(
                    bias <= 1e-6 * values.iter().map(|x| x.ln().abs()).sum::<f64>() + 1e-9,
                    "{label}: bias {bias:e}"
                );
            }
        }
    }
}

/// One probe, both ends of the bracket against the exact quadratic form, by dense eigenvectors of a matrix that is
/// not diagonal.
#[test]
fn the_bias_bound_contains_the_error_of_the_quadrature() {
    let n = 40;
    let mut used = 0;
    for (name, values) in spectra(n).into_iter().filter(|s| s.0 != "indefinite") {
        let a = reflected(&values);
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let options = TraceOptions { probes: 2, ..Default::default() };
        for steps in [1, 2, 5, 10, 20, 40] {
            let run = |steps, smallest_eigenvalue| {
                let lanczos =
                    LanczosOptions { steps, smallest_eigenvalue, tolerance: 0.0, ..Default::default() };
                // The same seed: the same probes.
                log_det_estimate(&a, &options, &lanczos, &mut Pcg64::new(3, 4)).unwrap()
            };
            let (exact, gauss) = (run(n, None), run(steps, None));
            let (middle, half) = {
                let found = run(steps, Some(0.9 * smallest));
                (found.estimate, found.bias_bound.unwrap())
            };
            let slack = 1e-6 * exact.estimate.abs(); // κ u of the smallest eigenvalue
            assert!(gauss.estimate >= exact.estimate - slack, "{name} {steps}: Gauss is above");
            assert!((middle + half - gauss.estimate).abs() <= 1e-10 * gauss.estimate.abs());
            assert!((middle - exact.estimate).abs() <= half + slack, "{name} {steps}");
            // The bound is not idle: the error is a good part of it.
            used += usize::from((middle - exact.estimate).abs() > 0.3 * half && half > slack);
            assert_eq!(gauss.bias_bound.is_some(), steps == n);
        }
    }
    assert!(used >= 5, "{used}");
}

/// H D H with a Householder reflection H: symmetric, full, with the given eigenvalues.
fn reflected(values: &[f64]) -> Mat<f64> {
    let n = values.len();
    let u: Vec<f64> = (0..n).map(|i| ((i * i + 1) as f64).sin()).collect();
    let square: f64 = u.iter().map(|x| x * x).sum();
    let h = Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 2.0 * u[i] * u[j] / square);
    let scaled = Mat::from_fn(n, n, |i, j| h[(i, j)] * values[j]);
    let a = &scaled * h.transpose();
    Mat::from_fn(n, n, |i, j| 0.5 * (a[(i, j)] + a[(j, i)]))
}

#[test]
fn brackets_of_other_functions_and_both_probes() {
    type Function = (&'static str, fn(f64) -> f64);
    let values: Vec<f64> = (0..50).map(|i| 0.5 + 0.1 * f64::from(i)).collect();
    let a = reflected(&values);
    let functions: [Function; 4] =
        [("exp", f64::exp), ("inverse", f64::recip), ("root", f64::sqrt), ("exp(-x)", |x| (-x).exp())];
    for (name, f) in functions {
        let exact: f64 = values.iter().map(|&x| f(x)).sum();
        for probe in [Probe::Sphere, Probe::Signs] {
            for steps in [3, 30] {
                let options = TraceOptions { probe, probes: 10, ..Default::default() };
                let lanczos = LanczosOptions {
                    steps,
                    smallest_eigenvalue: Some(0.4),
                    largest_eigenvalue: Some(5.5),
                    tolerance: 0.0,
                    ..Default::default()
                };
                let s = over_seeds(100, |rng| trace_of_function(&a, f, &options, &lanczos, rng).unwrap());
                let allowed = 0.4 * s.spread + s.bias.unwrap();
                assert!((s.mean - exact).abs() <= allowed, "{name} {probe:?} {steps}: {} {exact}", s.mean);
                assert!((0.8..1.25).contains(&(s.reported / s.spread)), "{name} {probe:?} {steps}");
                assert!(steps == 3 || s.bias.unwrap() < 1e-12 * exact);
                assert!(steps == 30 || s.bias.unwrap() > 1e-7 * exact);
            }
        }
    }
}

#[test]
fn exact_where_it_can_be() {
    // As many probes as the order: no random error, whatever the estimator.
    for (name, values) in spectra(20) {
        let exact: f64 = values.iter().sum();
        let a = reflected(&values);
        for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace] {
            let options = TraceOptions { estimator, probes: 20, ..Default::default() };
            let found = trace_estimate(&a, &options, &mut Pcg64::new(1, 1)).unwrap();
            assert!(
                (found.estimate - exact).abs() < 1e-11,
                "{name} {estimator:?} {}",
                found.estimate - exact
            );
            assert!(found.standard_error < 1e-10, "{name} {estimator:?}");
        }
    }
    // The logarithm on unit or orthonormal vectors: what is left is the error of the quadrature, and it has a bound.
    let values: Vec<f64> = (0..20).map(|i| 10_f64.powf(-0.2 * f64::from(i))).collect();
    let exact: f64 = values.iter().map(|x| x.ln()).sum();
    for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus] {
        let options = TraceOptions { estimator, probes: 20, ..Default::default() };
        let lanczos =
            LanczosOptions { steps: 2, smallest_eigenvalue: Some(values[19]), ..Default::default() };
        let found = log_det_estimate(&reflected(&values), &options, &lanczos, &mut Pcg64::new(1, 1)).unwrap();
        let (error, bias) = ((found.estimate - exact).abs(), found.bias_bound.unwrap());
        assert!(
            error <= bias && error > 0.05 * bias && found.standard_error == 0.0,
            "{estimator:?} {error} {bias}"
        );
    }
    // An operator of rank 6 with 40 probes.
    let values: Vec<f64> = (0..60).map(|i| if i < 6 { f64::from(i + 1) } else { 0.0 }).collect();
    for a in [reflected(&values), Mat::from_fn(60, 60, |i, j| if i == j { values[i] } else { 0.0 })] {
        for estimator in [Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace] {
            for tolerance in [0.0, 1e-3] {
                let options = TraceOptions { estimator, probes: 40, tolerance, ..Default::default() };
                let found = trace_estimate(&a, &options, &mut Pcg64::new(1, 1)).unwrap();
                assert!((found.estimate - 21.0).abs() < 1e-6, "{estimator:?} {found:?}");
                assert!(found.standard_error < 1e-5, "{estimator:?} {found:?}");
            }
        }
    }
    // A multiple of the identity, for probes on the sphere; a diagonal, for signs.
    let identity = Mat::<f64>::identity(50, 50);
    for estimator in
        [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace]
    {
        let options = TraceOptions { estimator, probes: 8, ..Default::default() };
        let found = trace_estimate(&identity, &options, &mut Pcg64::new(1, 1)).unwrap();
        assert!(
            (found.estimate - 50.0).abs() < 1e-11 && found.standard_error < 1e-11,
            "{estimator:?} {found:?}"
        );
        let zero = trace_estimate(&Mat::<f64>::zeros(9, 9), &options, &mut Pcg64::new(1, 1)).unwrap();
        assert_eq!((zero.estimate, zero.standard_error), (0.0, 0.0), "{estimator:?}");
    }
    let options = TraceOptions { probe: Probe::Signs, probes: 8, ..Default::default() };
    let found = trace_estimate(
        &diagonal(&[1.0, 5.0, -3.0, 0.5, 2.0, 2.0, 9.0, 1.0, 1.5]),
        &options,
        &mut Pcg64::new(1, 1),
    );
    assert!(found.is_ok_and(|e| (e.estimate - 19.0).abs() < 1e-13 && e.standard_error < 1e-13));
}

#[test]
fn operators_that_are_not_symmetric() {
    let n = 40;
    let a = Mat::from_fn(n, n, |i, j| {
        0.7_f64.powi(i as i32) * ((i * 7 + j * 3) as f64).sin() + if i == j { 0.1 } else { 0.0 }
    });
    let exact: f64 = (0..n).map(|i| a[(i, i)]).sum();
    for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace] {
        for probe in [Probe::Sphere, Probe::Signs] {
            let options = TraceOptions { estimator, probe, probes: 9, ..Default::default() };
            let s = over_seeds(SEEDS, |rng| trace_estimate(&a, &options, rng).unwrap());
            check(&format!("{estimator:?} {probe:?}"), exact, &s);
        }
    }
    let complex =
        Mat::from_fn(n, n, |i, j| c64::new(a[(i, j)], 0.7_f64.powi(i as i32) * ((i + 5 * j) as f64).cos()));
    let exact = (0..n).fold(c64::new(0.0, 0.0), |s, i| s + complex[(i, i)]);
    for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace] {
        for probe in [Probe::Sphere, Probe::Signs] {
            let options = TraceOptions { estimator, probe, probes: 9, ..Default::default() };
            let found: Vec<_> = (0..SEEDS)
                .map(|s| trace_estimate(&complex, &options, &mut Pcg64::new(u128::from(s), 7)).unwrap())
                .collect();
            let mean = found.iter().fold(c64::new(0.0, 0.0), |s, e| s + e.estimate / SEEDS as f64);
            let spread =
                found.iter().map(|e| (e.estimate - mean).norm_sqr()).sum::<f64>() / (SEEDS - 1) as f64;
            let reported = found.iter().map(|e| e.standard_error.powi(2)).sum::<f64>() / SEEDS as f64;
            assert!((mean - exact).norm() < 4.0 * spread.sqrt() / SEEDS_ROOT, "{estimator:?} {probe:?}");
            assert!((0.8..1.2).contains(&(reported / spread).sqrt()), "{estimator:?} {probe:?}");
        }
    }
}

#[test]
fn hermitian_and_single_precision() {
    let n = 30;
    let b = Mat::from_fn(n, n, |i, j| c64::new(((i + 2 * j) as f64).sin(), ((3 * i + j) as f64).cos()));
    let a = Mat::from_fn(n, n, |i, j| {
        (0..n).fold(c64::new(if i == j { 1.0 } else { 0.0 }, 0.0), |s, k| {
            s + b[(i, k)] * b[(j, k)].conj() / n as f64
        })
    });
    // ln det by the real form [[Re, -Im], [Im, Re]], twice over.
    let real = Mat::from_fn(2 * n, 2 * n, |i, j| {
        let z = a[(i % n, j % n)];
        match (i < n, j < n) {
            (true, false) => -z.im,
            (false, true) => z.im,
            _ => z.re,
        }
    });
    let exact: f64 =
        real.self_adjoint_eigenvalues(faer::Side::Lower).unwrap().iter().map(|x| x.ln() / 2.0).sum();
    let lanczos = LanczosOptions { smallest_eigenvalue: Some(0.99), ..Default::default() };
    for probes in [10, 30] {
        let options = TraceOptions { probes, ..Default::default() };
        let s = over_seeds(100, |rng| log_det_estimate(&a, &options, &lanczos, rng).unwrap());
        assert!((s.mean - exact).abs() < 0.4 * s.spread + s.bias.unwrap() + 1e-10, "{} {exact}", s.mean);
        assert!(probes == 10 && (0.8..1.2).contains(&(s.reported / s.spread)) || s.reported == 0.0);
    }
    let single = Mat::from_fn(n, n, |i, j| c32::new(a[(i, j)].re as f32, a[(i, j)].im as f32));
    let lanczos = LanczosOptions { smallest_eigenvalue: Some(0.99_f32), ..Default::default() };
    let options = TraceOptions { probes: 30, ..Default::default() };
    let found = log_det_estimate(&single, &options, &lanczos, &mut Pcg64::new(1, 1)).unwrap();
    assert!(
        (f64::from(found.estimate) - exact).abs() < 2e-5 * exact.abs() + f64::from(found.bias_bound.unwrap())
    );
}

/// f(A) times a block through XTrace, with its bound of the bias, at few steps.
#[test]
fn xtrace_of_a_logarithm_knows_its_bias() {
    let values: Vec<f64> = (0..60).map(|i| 1.0 + 30.0 * 0.7_f64.powi(i)).collect();
    let exact: f64 = values.iter().map(|x| x.ln()).sum();
    let a = reflected(&values);
    let mut largest = 0.0_f64;
    for steps in [3, 5, 8, 16] {
        let options = TraceOptions { estimator: Estimator::XTrace, probes: 25, ..Default::default() };
        let lanczos =
            LanczosOptions { steps, smallest_eigenvalue: Some(1.0), tolerance: 0.0, ..Default::default() };
        let s = over_seeds(40, |rng| log_det_estimate(&a, &options, &lanczos, rng).unwrap());
        let (error, bias) = ((s.mean - exact).abs(), s.bias.unwrap());
        assert!(error <= bias + 4.0 * s.spread / 40_f64.sqrt(), "{steps}: {error:e} {bias:e}");
        assert!(steps < 16 || bias < 1e-5, "{bias:e}");
        largest = largest.max(error / bias);
    }
    assert!(largest > 1e-3, "the bound is not idle: {largest}");
    // The tolerance is that of a quadratic form; vectors are made with its square.
    let wide: Vec<f64> = (0..60).map(|i| 10_f64.powf(-f64::from(i) / 20.0)).collect();
    let options = TraceOptions { estimator: Estimator::XTrace, probes: 10, ..Default::default() };
    let lanczos =
        LanczosOptions { tolerance: 1e-4, smallest_eigenvalue: Some(wide[59]), ..Default::default() };
    let found = log_det_estimate(&reflected(&wide), &options, &lanczos, &mut Pcg64::new(1, 1)).unwrap();
    assert!(found.steps < 60 && found.bias_bound.unwrap() < 1e-3 * 200.0, "{found:?}");
}

#[test]
fn tolerance_and_limits_of_products() {
    let values: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i % 10)).collect();
    let a = diagonal(&values);
    let lanczos = LanczosOptions { steps: 10, ..Default::default() };
    let mut rng = Pcg64::new(2, 2);
    let options = TraceOptions { probes: 3000, tolerance: 3.0, ..Default::default() };
    let found = log_det_estimate(&a, &options, &lanczos, &mut rng).unwrap();
    assert_eq!(found.status, TraceStatus::ToleranceReached);
    assert!(found.standard_error <= 3.0 && found.probes >= 16 && found.probes < 400, "{found:?}");
    assert!(found.products <= 10 * found.probes);
    for (estimator, products) in [
        (Estimator::Hutchinson, 500),
        (Estimator::HutchPlusPlus, 480),
        (Estimator::XTrace, 500),
        (Estimator::XNysTrace, 500),
    ] {
        let options = TraceOptions { estimator, tolerance: 1e-9, max_products: 500, ..options };
        let found =
            log_det_estimate(&a, &options, &LanczosOptions { tolerance: 0.0, ..lanczos }, &mut rng).unwrap();
        assert_eq!((found.status, found.products), (TraceStatus::ProductLimit, products), "{estimator:?}");
        let options = TraceOptions { max_products: 19, ..options };
        let refused = log_det_estimate(&a, &options, &lanczos, &mut rng);
        assert!(
            matches!(refused, Err(MatrixError::OutOfRange { what: "max_products", .. })),
            "{estimator:?}"
        );
    }
    // However wide the tolerance, 16 probes are the fewest that are believed.
    for estimator in
        [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace]
    {
        let options = TraceOptions { estimator, probes: 100, tolerance: 1e9, ..Default::default() };
        let found = trace_estimate(&a, &options, &mut rng).unwrap();
        assert_eq!(found.status, TraceStatus::ToleranceReached);
        assert_eq!(
            found.probes,
            if estimator == Estimator::HutchPlusPlus { 100 } else { 16 },
            "{estimator:?}"
        );
        let products = [16, 2 * 100 + 16, 32, 16][estimator as usize];
        assert_eq!(found.products, products, "{estimator:?}");
    }
    // XTrace in rounds takes the products of the last round only.
    let decay: Vec<f64> = (0..300).map(|i| 0.9_f64.powi(i)).collect();
    let options =
        TraceOptions { estimator: Estimator::XTrace, probes: 128, tolerance: 1e-3, ..Default::default() };
    let rounds = trace_estimate(&diagonal(&decay), &options, &mut Pcg64::new(9, 9)).unwrap();
    assert_eq!((rounds.status, rounds.probes, rounds.products), (TraceStatus::ToleranceReached, 128, 256));
    let once = TraceOptions { probes: 128, tolerance: 0.0, ..options };
    let once = trace_estimate(&diagonal(&decay), &once, &mut Pcg64::new(9, 9)).unwrap();
    assert!((rounds.estimate - once.estimate).abs() < 1e-12, "{rounds:?} {once:?}");
    assert!((rounds.standard_error / once.standard_error - 1.0).abs() < 1e-6);
}

#[test]
fn questions_without_an_answer() {
    let options = TraceOptions { probes: 4, ..Default::default() };
    let lanczos = LanczosOptions::default();
    let log_det = |a: &Mat<f64>, options: &TraceOptions<f64>, lanczos: &LanczosOptions<f64>| {
        log_det_estimate(a, options, lanczos, &mut Pcg64::new(1, 1))
    };
    let with = |f: &dyn Fn(usize, usize) -> f64| Mat::from_fn(12, 12, f);
    let spd = with(&|i, j| if i == j { 2.0 + i as f64 } else { 0.1 });

    let asymmetric = with(&|i, j| spd[(i, j)] + if i == 3 && j == 4 { 1e-3 } else { 0.0 });
    let found = log_det(&asymmetric, &options, &lanczos);
    assert!(
        matches!(found, Err(MatrixError::OperatorNotHermitian { difference }) if difference > 1e-6),
        "{found:?}"
    );
    let rounding = with(&|i, j| spd[(i, j)] + if i == 3 && j == 4 { 1e-12 } else { 0.0 });
    assert!(log_det(&rounding, &options, &lanczos).is_ok());

    let indefinite = with(&|i, j| if i == j { i as f64 - 3.5 } else { 0.0 });
    let found = log_det(&indefinite, &options, &lanczos);
    assert!(matches!(found, Err(MatrixError::NotPositive { value, .. }) if value < 0.0), "{found:?}");
    let singular = with(&|_, _| 1.0);
    assert!(matches!(log_det(&singular, &options, &lanczos), Err(MatrixError::NotPositive { .. })));
    assert!(matches!(log_det(&Mat::zeros(5, 5), &options, &lanczos), Err(MatrixError::NotPositive { .. })));
    let xnystrace = TraceOptions { estimator: Estimator::XNysTrace, ..options };
    let xnystrace = TraceOptions { probes: 12, ..xnystrace };
    let found = trace_estimate(&indefinite, &xnystrace, &mut Pcg64::new(1, 1));
    assert!(matches!(found, Err(MatrixError::NotPositive { .. })), "{found:?}");

    for bad in [f64::NAN, f64::INFINITY] {
        let a = with(&|i, j| if (i, j) == (5, 5) { bad } else { spd[(i, j)] });
        assert!(matches!(
            log_det(&a, &options, &lanczos),
            Err(MatrixError::OperatorNotFinite { row: 5, .. })
        ));
        let tolerance = TraceOptions { tolerance: bad, ..options };
        assert!(matches!(
            log_det(&spd, &tolerance, &lanczos),
            Err(MatrixError::OutOfRange { what: "tolerance", .. })
        ));
    }
    let wrong = LanczosOptions { smallest_eigenvalue: Some(5.0), ..lanczos };
    let found = log_det(&spd, &options, &wrong);
    assert!(matches!(found, Err(MatrixError::OutOfRange { what: "smallest_eigenvalue", .. })), "{found:?}");
    for smallest in [0.0, -1.0, f64::NAN] {
        let wrong = LanczosOptions { smallest_eigenvalue: Some(smallest), ..lanczos };
        assert!(matches!(log_det(&spd, &options, &wrong), Err(MatrixError::OutOfRange { .. })));
    }
    assert!(log_det(&spd, &options, &LanczosOptions { steps: 0, ..lanczos }).is_err());
    assert!(log_det(&spd, &TraceOptions { probes: 1, ..options }, &lanczos).is_err());
    assert!(matches!(log_det(&Mat::zeros(3, 4), &options, &lanczos), Err(MatrixError::NotSquare { .. })));
    let outside = trace_of_function(&indefinite, f64::ln, &options, &lanczos, &mut Pcg64::new(1, 1));
    assert!(matches!(outside, Err(MatrixError::OutOfRange { .. })));

    assert_eq!(log_det(&Mat::zeros(0, 0), &options, &lanczos).unwrap().estimate, 0.0);
    for estimator in
        [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace]
    {
        let options = TraceOptions { estimator, ..options };
        for value in [7.0_f64, 1e300, 1e-300] {
            let one =
                trace_estimate(&Mat::from_fn(1, 1, |_, _| value), &options, &mut Pcg64::new(1, 1)).unwrap();
            assert!((one.estimate / value - 1.0).abs() < 1e-14 && one.standard_error == 0.0);
        }
        // The ends of the range: an answer or an error, no NaN and no panic.
        for scale in [1e300, 1e-300, 1e-310] {
            let a = with(&|i, j| spd[(i, j)] * scale);
            let found = trace_estimate(&a, &options, &mut Pcg64::new(1, 1));
            assert!(
                found.as_ref().map_or(true, |e| !e.estimate.is_nan() && !e.standard_error.is_nan()),
                "{found:?}"
            );
        }
    }
    for scale in [1e300, 1e-290] {
        let a = with(&|i, j| spd[(i, j)] * scale);
        let all = TraceOptions { probes: 12, ..options };
        let lanczos = LanczosOptions { smallest_eigenvalue: Some(scale), ..lanczos };
        let (scaled, plain) =
            (log_det(&a, &all, &lanczos).unwrap(), log_det(&spd, &all, &LanczosOptions::default()).unwrap());
        let expected = plain.estimate + 12.0 * f64::ln(scale);
        assert!((scaled.estimate - expected).abs() < 1e-9 * expected.abs(), "{scaled:?} {expected}");
    }
}

#[test]
fn preconditioners_keep_the_determinant_and_save_steps() {
    let n = 80;
    let scale = |i: usize| 10_f64.powf(4.0 * ((i * 37 % n) as f64 / n as f64));
    let core = |i: usize, j: usize| if i == j { 1.0 } else { 0.4 / ((i.abs_diff(j)) as f64).powi(2) };
    let a = Mat::from_fn(n, n, |i, j| scale(i) * core(i, j) * scale(j));
    let core = Mat::from_fn(n, n, core);
    let exact: f64 =
        core.self_adjoint_eigenvalues(faer::Side::Lower).unwrap().iter().map(|x| x.ln()).sum::<f64>()
            + (0..n).map(|i| 2.0 * scale(i).ln()).sum::<f64>();
    let smallest = core.self_adjoint_eigenvalues(faer::Side::Lower).unwrap()[0];
    let options = TraceOptions { probes: 10, ..Default::default() };
    let lanczos = LanczosOptions { smallest_eigenvalue: Some(0.99 * smallest), ..Default::default() };
    let jacobi = JacobiPreconditioner::new(&(0..n).map(|i| a[(i, i)]).collect::<Vec<_>>()).unwrap();
    // The factor of the tridiagonal part, dense; and with it a factor that is not real.
    let band = Mat::from_fn(n, n, |i, j| if i.abs_diff(j) < 2 { a[(i, j)] } else { 0.0 });
    let factor = band.llt(faer::Side::Lower).unwrap().L().to_owned();
    let cholesky = CholeskyPreconditioner::new(factor.clone()).unwrap();

    let s = over_seeds(100, |rng| log_det_preconditioned(&a, &jacobi, &options, &lanczos, rng).unwrap());
    assert!((s.mean - exact).abs() < 0.4 * s.spread + s.bias.unwrap(), "{} {exact}", s.mean);
    let free = LanczosOptions { smallest_eigenvalue: None, ..lanczos };
    let t = over_seeds(100, |rng| log_det_preconditioned(&a, &cholesky, &options, &free, rng).unwrap());
    assert!((t.mean - exact).abs() < 0.4 * t.spread + 1e-3, "{} {exact}", t.mean);
    assert!(t.spread < s.spread, "the better preconditioner has the smaller error");
    let plain = log_det_estimate(&a, &options, &free, &mut Pcg64::new(1, 1)).unwrap();
    let steps = log_det_preconditioned(&a, &jacobi, &options, &free, &mut Pcg64::new(1, 1)).unwrap().steps;
    assert!(2 * steps <= plain.steps, "{steps} {}", plain.steps);

    // P = A, complex: nothing is left for the probes.
    let z = Mat::from_fn(9, 9, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => c64::new(0.0, 0.0),
        std::cmp::Ordering::Equal => c64::new(1.0 + i as f64, 0.0),
        std::cmp::Ordering::Greater => c64::new(0.2, 0.1 * j as f64),
    });
    let whole = &z * z.adjoint();
    let exact = 2.0 * (1..=9).map(|i| f64::from(i).ln()).sum::<f64>();
    let p = CholeskyPreconditioner::new(z).unwrap();
    let options = TraceOptions { probes: 3, ..options };
    let found =
        log_det_preconditioned(&whole, &p, &options, &LanczosOptions::default(), &mut Pcg64::new(1, 1))
            .unwrap();
    assert!(
        (found.estimate - exact).abs() < 1e-11 && found.standard_error < 1e-11 && found.steps == 1,
        "{found:?}"
    );

    assert!(matches!(JacobiPreconditioner::new(&[1.0, 0.0]), Err(MatrixError::NotPositive { index: 1, .. })));
    assert!(JacobiPreconditioner::new(&[f64::NAN]).is_err());
    assert!(matches!(
        CholeskyPreconditioner::new(Mat::<f64>::zeros(2, 2)),
        Err(MatrixError::Singular { index: 0, .. })
    ));
    let short = JacobiPreconditioner::new(&[1.0; 5]).unwrap();
    let found =
        log_det_preconditioned(&a, &short, &options, &LanczosOptions::default(), &mut Pcg64::new(1, 1));
    assert!(matches!(found, Err(MatrixError::ShapeMismatch { .. })));
}

/// Not symmetric, spectral norm below 0.8.
fn contraction(n: usize) -> (Mat<f64>, f64) {
    let a = Mat::from_fn(n, n, |i, j| ((i * i + 7 * i * j + 3 * j * j) as f64).sin());
    let norm = a.singular_values().unwrap()[0];
    let a = Mat::from_fn(n, n, |i, j| 0.8 * a[(i, j)] / norm);
    let plus = Mat::from_fn(n, n, |i, j| a[(i, j)] + if i == j { 1.0 } else { 0.0 });
    (a, plus.determinant().ln())
}

#[test]
fn the_series_and_what_it_leaves_out() {
    let (a, exact) = contraction(30);
    let all = TraceOptions { probes: 30, ..Default::default() };
    for terms in [1, 2, 3, 10, 60] {
        let series = SeriesOptions {
            truncation: Truncation::Terms(terms),
            norm_bound: Some(0.8),
            ..Default::default()
        };
        let found = log_det_series(&a, &all, &series, &mut Pcg64::new(1, 1)).unwrap();
        let t = terms as f64;
        let bound = 30.0 * 0.8_f64.powf(t + 1.0) / ((t + 1.0) * 0.2);
        let bias = found.trace.bias_bound.unwrap();
        assert!((bias / bound - 1.0).abs() < 1e-12);
        assert!((found.trace.estimate - exact).abs() <= bias + 1e-13, "{terms}");
        assert_eq!((found.trace.steps, found.trace.products), (terms, 30 * terms));
        assert_eq!(found.norm_source, NormSource::Given);
    }
    // A multiple of the identity attains the sum: -ln terms, exactly.
    let identity = Mat::from_fn(6, 6, |i, j| if i == j { -0.5_f64 } else { 0.0 });
    let series =
        SeriesOptions { truncation: Truncation::Terms(3), norm_bound: Some(0.5), ..Default::default() };
    let found = log_det_series(&identity, &all, &series, &mut Pcg64::new(1, 1)).unwrap().trace;
    assert!((found.estimate + 6.0 * (0.5 + 0.125 + 0.125 / 3.0)).abs() < 1e-14);
    assert!((found.estimate - 6.0 * 0.5_f64.ln()).abs() > 0.7 * found.bias_bound.unwrap());
    // The rest is within the tolerance, and one term less would not be enough.
    let series = SeriesOptions {
        truncation: Truncation::Tolerance(1e-4),
        norm_bound: Some(0.8),
        ..Default::default()
    };
    let found = log_det_series(&a, &all, &series, &mut Pcg64::new(1, 1)).unwrap().trace;
    let bias = found.bias_bound.unwrap();
    assert!(bias <= 1e-4 && bias > 0.8e-4 * 0.8 && (found.estimate - exact).abs() < 1e-4, "{bias:e}");
    for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace] {
        let options = TraceOptions { estimator, probes: 8, ..Default::default() };
        let s = over_seeds(SEEDS, |rng| log_det_series(&a, &options, &series, rng).unwrap().trace);
        check(&format!("{estimator:?}"), exact, &s);
    }
}

#[test]
fn russian_roulette_has_no_bias() {
    let (a, exact) = contraction(30);
    let seeds = 4000_u32;
    for (exact_terms, continuation) in [(1, 0.75), (2, 0.8)] {
        let series = SeriesOptions {
            truncation: Truncation::RussianRoulette { exact: exact_terms, continuation },
            norm_bound: Some(0.8),
            ..Default::default()
        };
        let options = TraceOptions { probes: 4, ..Default::default() };
        let mut products = 0;
        let s = over_seeds(u64::from(seeds), |rng| {
            let found = log_det_series(&a, &options, &series, rng).unwrap().trace;
            assert_eq!(found.bias_bound, Some(0.0));
            products += found.products;
            found
        });
        let off = (s.mean - exact) / (s.spread / f64::from(seeds).sqrt());
        assert!(off.abs() < 4.0, "{exact_terms}: {off} standard errors, spread {}", s.spread);
        let ratio = s.reported / s.spread;
        assert!((0.9..1.1).contains(&ratio), "{exact_terms}: ratio {ratio}");
        let mean = exact_terms as f64 + continuation / (1.0 - continuation);
        let found = products as f64 / f64::from(4 * seeds);
        assert!((found / mean - 1.0).abs() < 0.05, "{found} {mean}");
        // As many probes as the order do not make it exact.
        let all = TraceOptions { probes: 40, ..options };
        let found = log_det_series(&a, &all, &series, &mut Pcg64::new(1, 1)).unwrap().trace;
        assert!((found.estimate - exact).abs() < 4.0 * found.standard_error);
    }
    // Terms of one sign, and no noise from probes: all of it comes from the roulette.
    let multiple = Mat::from_fn(30, 30, |i, j| if i == j { -0.6 } else { 0.0 });
    let series = SeriesOptions {
        truncation: Truncation::RussianRoulette { exact: 1, continuation: 0.6 },
        norm_bound: Some(0.6),
        ..Default::default()
    };
    let options = TraceOptions { probes: 20, ..Default::default() };
    let s = over_seeds(1000, |rng| log_det_series(&multiple, &options, &series, rng).unwrap().trace);
    assert!(
        (s.mean - 30.0 * 0.4_f64.ln()).abs() < 4.0 * s.spread / 1000_f64.sqrt(),
        "{} {}",
        s.mean,
        s.spread
    );
    assert!((0.9..1.1).contains(&(s.reported / s.spread)));
    // A cut at the roulette's mean length would be off by far more than this test can see.
    let cut = SeriesOptions { truncation: Truncation::Terms(2), norm_bound: Some(0.8), ..Default::default() };
    let options = TraceOptions { probes: 30, ..Default::default() };
    let biased = log_det_series(&a, &options, &cut, &mut Pcg64::new(1, 1)).unwrap().trace.estimate;
    assert!((biased - exact).abs() > 0.02, "{}", biased - exact);
}

#[test]
fn norms_of_the_series() {
    let (a, exact) = contraction(30);
    let options = TraceOptions { probes: 30, ..Default::default() };
    let found = log_det_series(&a, &options, &SeriesOptions::default(), &mut Pcg64::new(1, 1)).unwrap();
    assert_eq!((found.norm_source, found.trace.bias_bound), (NormSource::Estimated, None));
    let radius = a.eigenvalues().unwrap().iter().map(|z| z.norm()).fold(0.0, f64::max);
    assert!((found.norm / radius - 1.0).abs() < 0.25, "{} {radius}", found.norm);
    assert!((found.trace.estimate - exact).abs() < 0.02);
    let symmetric = diagonal(&[0.9, 0.3, -0.2, 0.1]);
    let found =
        log_det_series(&symmetric, &options, &SeriesOptions::default(), &mut Pcg64::new(1, 1)).unwrap();
    assert!((found.norm - 0.9).abs() < 1e-6, "{}", found.norm);

    let mut rng = Pcg64::new(1, 1);
    let twice = diagonal(&[2.0, 0.3, -0.2, 0.1]);
    assert!(matches!(
        log_det_series(&twice, &options, &SeriesOptions::default(), &mut rng),
        Err(MatrixError::OutOfRange { what: "the norm of A", .. })
    ));
    for norm in [1.0, f64::NAN, -0.1] {
        let series = SeriesOptions { norm_bound: Some(norm), ..Default::default() };
        assert!(log_det_series(&a, &options, &series, &mut rng).is_err());
    }
    for truncation in [
        Truncation::Terms(0),
        Truncation::Terms(20_000),
        Truncation::Tolerance(0.0),
        Truncation::Tolerance(f64::NAN),
        Truncation::RussianRoulette { exact: 0, continuation: 0.9 },
        Truncation::RussianRoulette { exact: 1, continuation: 0.6 }, // below 0.8²
        Truncation::RussianRoulette { exact: 1, continuation: 1.0 },
    ] {
        let series = SeriesOptions { truncation, norm_bound: Some(0.8), ..Default::default() };
        assert!(log_det_series(&a, &options, &series, &mut rng).is_err(), "{truncation:?}");
    }
    let roulette = Truncation::RussianRoulette { exact: 1, continuation: 0.9 };
    let series = SeriesOptions { truncation: roulette, norm_bound: Some(0.8), ..Default::default() };
    for estimator in [Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace] {
        let options = TraceOptions { estimator, probes: 4, ..Default::default() };
        assert!(log_det_series(&a, &options, &series, &mut rng).is_err());
    }
    let close = SeriesOptions { norm_bound: Some(1.0 - 1e-9), ..Default::default() };
    assert!(matches!(
        log_det_series(&a, &options, &close, &mut rng),
        Err(MatrixError::OutOfRange { what: "max_terms", .. })
    ));
    // Nilpotent, zero and empty.
    let shift = Mat::from_fn(5, 5, |i, j| if i == j + 1 { 0.7_f64 } else { 0.0 });
    let found = log_det_series(&shift, &options, &SeriesOptions::default(), &mut rng).unwrap();
    assert!(found.norm == 0.0 && found.trace.estimate.abs() < 1e-15);
    let empty =
        log_det_series(&Mat::<f64>::zeros(0, 0), &options, &SeriesOptions::default(), &mut rng).unwrap();
    assert_eq!((empty.trace.estimate, empty.trace.bias_bound), (0.0, None));
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let values: Vec<f64> = (0..30).map(|i| 1.0 + f64::from(i)).collect();
    let options = TraceOptions { probes: 11, ..Default::default() };
    let run = || {
        log_det_estimate(&diagonal(&values), &options, &LanczosOptions::default(), &mut Pcg64::new(5, 6))
            .unwrap()
    };
    assert_eq!(run(), run());
}
