//! Stochastic estimates of log-determinants and of traces of other functions: both errors that they report.

use crate::estimates::{SEEDS, check, diagonal, over_seeds, reflected, spectra};
use faer::{Mat, c32, c64, mat};
use rand_pcg::Pcg64;
use tangency_matrix::MatrixError;
use tangency_matrix::trace::{
    CholeskyPreconditioner, Estimator, JacobiPreconditioner, LanczosOptions, Probe, SplitPreconditioner,
    TraceOptions, log_det_estimate, log_det_preconditioned, trace_of_function,
};

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
            // The quadratures of many steps are most of the time of this test: two spectra are enough for them.
            if steps > 14 && !matches!(name, "flat" | "condition 1e8") {
                continue;
            }
            let probes = if steps > 14 && estimator == Estimator::Hutchinson { 6 } else { 12 };
            let options = TraceOptions { estimator, probes, ..Default::default() };
            // A bound that is not sharp, as callers have it.
            let lanczos = LanczosOptions {
                steps,
                smallest_eigenvalue: Some(0.5 * smallest),
                reorthogonalise,
                ..Default::default()
            };
            let operator = diagonal(&values);
            let s = over_seeds(SEEDS, |rng| log_det_estimate(&operator, &options, &lanczos, rng).unwrap());
            let bias = s.bias.unwrap();
            let label = format!("{name} {estimator:?} {steps} {reorthogonalise}");
            check(&label, exact, &s);
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

type Function = (&'static str, fn(f64) -> f64);

#[test]
fn brackets_of_other_functions_and_both_probes() {
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
                let s = over_seeds(SEEDS, |rng| trace_of_function(&a, f, &options, &lanczos, rng).unwrap());
                check(&format!("{name} {probe:?} {steps}"), exact, &s);
                assert!(steps == 3 || s.bias.unwrap() < 1e-12 * exact);
                assert!(steps == 30 || s.bias.unwrap() > 1e-7 * exact);
            }
        }
    }
}

/// Functions that decay over a spectrum of condition 1e8, by the estimators that are for such.
#[test]
fn decaying_functions_have_honest_errors() {
    let n = 32;
    let values: Vec<f64> = (0..n).map(|i| 10_f64.powf(-8.0 * i as f64 / (n - 1) as f64)).collect();
    let operator = diagonal(&values);
    let functions: [Function; 2] = [("root", f64::sqrt), ("x ln(1 + 1/x)", |x| x * (1.0 / x).ln_1p())];
    for (name, f) in functions {
        let exact: f64 = values.iter().map(|&x| f(x)).sum();
        for estimator in [Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace] {
            let options = TraceOptions { estimator, probes: 8, ..Default::default() };
            let lanczos = LanczosOptions { steps: n, tolerance: 0.0, ..Default::default() };
            let s = over_seeds(SEEDS, |rng| {
                let mut found = trace_of_function(&operator, f, &options, &lanczos, rng).unwrap();
                found.bias_bound.get_or_insert(0.0); // as many steps as the order
                found
            });
            check(&format!("{name} {estimator:?}"), exact, &s);
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
        if probes == n {
            // Unit vectors: nothing random is left.
            let found = log_det_estimate(&a, &options, &lanczos, &mut Pcg64::new(1, 1)).unwrap();
            assert_eq!(found.standard_error, 0.0);
            assert!((found.estimate - exact).abs() <= found.bias_bound.unwrap() + 1e-11, "{found:?} {exact}");
        } else {
            let s = over_seeds(SEEDS, |rng| log_det_estimate(&a, &options, &lanczos, rng).unwrap());
            check("Hermitian", exact, &s);
        }
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
        assert!(error <= bias + 4.0 * s.deviation(), "{steps}: {error:e} {bias:e}");
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

    let s = over_seeds(SEEDS, |rng| log_det_preconditioned(&a, &jacobi, &options, &lanczos, rng).unwrap());
    check("Jacobi", exact, &s);
    let inverse = faer::linalg::solvers::DenseSolveCore::inverse(&factor.partial_piv_lu());
    let inner = &inverse * &a * inverse.transpose();
    let smallest = inner.self_adjoint_eigenvalues(faer::Side::Lower).unwrap()[0];
    let known = LanczosOptions { smallest_eigenvalue: Some(0.99 * smallest), ..lanczos };
    let t = over_seeds(SEEDS, |rng| log_det_preconditioned(&a, &cholesky, &options, &known, rng).unwrap());
    check("Cholesky", exact, &t);
    let free = LanczosOptions { smallest_eigenvalue: None, ..lanczos };
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

/// Bounds of the spectrum that are false for all Ritz values, for some, and in the wrong order.
#[test]
fn false_bounds_of_the_spectrum_are_refused() {
    let a = reflected(&(0..12).map(|i| 2.0 + f64::from(i)).collect::<Vec<_>>());
    let refused = |estimator, f: Option<fn(f64) -> f64>, ends: [Option<f64>; 2], steps, tolerance| {
        let options = TraceOptions { estimator, probes: 4, ..Default::default() };
        let lanczos = LanczosOptions {
            steps,
            tolerance,
            smallest_eigenvalue: ends[0],
            largest_eigenvalue: ends[1],
            ..Default::default()
        };
        let mut rng = Pcg64::new(1, 1);
        match f {
            None => log_det_estimate(&a, &options, &lanczos, &mut rng),
            Some(f) => trace_of_function(&a, f, &options, &lanczos, &mut rng),
        }
    };
    for estimator in [Estimator::Hutchinson, Estimator::HutchPlusPlus, Estimator::XTrace] {
        for smallest in [100.0, 5.0] {
            for (steps, tolerance) in [(4, 0.0), (4, 1e-6), (100, 0.0), (100, 1e-6)] {
                let found = refused(estimator, None, [Some(smallest), None], steps, tolerance);
                assert!(
                    matches!(found, Err(MatrixError::OutOfRange { what: "smallest_eigenvalue", .. })),
                    "{estimator:?} {smallest} {steps} {tolerance}: {found:?}"
                );
            }
        }
    }
    for ends in [[100.0, 200.0], [-2.0, -1.0], [13.5, 1.5], [7.0, 14.0], [1.0, 7.0]] {
        let found = refused(Estimator::Hutchinson, Some(f64::exp), ends.map(Some), 5, 0.0);
        assert!(matches!(found, Err(MatrixError::OutOfRange { .. })), "{ends:?}: {found:?}");
    }
}

/// The bound of the error of a vector integrates from the smallest eigenvalue on, wherever that lies.
#[test]
fn the_smallest_of_all_bounds() {
    let a = reflected(&(0..40).map(|i| 2.0 + f64::from(i)).collect::<Vec<_>>());
    let options = TraceOptions { estimator: Estimator::XTrace, probes: 6, ..Default::default() };
    let mut last = 0.0;
    for smallest in [1.0, 1e-3, 1e-100, 1e-300, 1e-310, 5e-324] {
        let lanczos = LanczosOptions {
            steps: 6,
            tolerance: 0.0,
            smallest_eigenvalue: Some(smallest),
            ..Default::default()
        };
        let found = log_det_estimate(&a, &options, &lanczos, &mut Pcg64::new(1, 1)).unwrap();
        let bias = found.bias_bound.unwrap();
        // It grows with the logarithm of the bound, and with nothing else.
        assert!(
            bias.is_finite() && bias > last && (last == 0.0 || bias < 100.0 * last),
            "{smallest:e}: {bias}"
        );
        last = bias;
    }
}

#[test]
fn determinants_of_preconditioners_to_the_last_digit() {
    let diagonal = vec![1e4_f32; 100_000];
    let jacobi = JacobiPreconditioner::new(&diagonal).unwrap();
    let exact = 1e5 * 1e4_f64.ln();
    let found = SplitPreconditioner::<f32>::log_det(&jacobi);
    assert!((f64::from(found) / exact - 1.0).abs() < 6e-8, "{found} {exact}");
    // Only the lower triangle of a factor is looked at.
    let factor = mat![[2.0, f64::NAN], [1.0, 3.0]];
    let cholesky = CholeskyPreconditioner::new(factor).unwrap();
    assert!((SplitPreconditioner::<f64>::log_det(&cholesky) - 36.0_f64.ln()).abs() < 1e-15);
    let bad = CholeskyPreconditioner::new(mat![[2.0, 0.0], [f64::NAN, 3.0]]);
    assert!(matches!(bad, Err(MatrixError::NotFinite { row: 1, column: 0 })));
}
