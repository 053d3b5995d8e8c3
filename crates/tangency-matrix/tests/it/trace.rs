//! Stochastic estimates of traces: the error that they report against the truth.

use crate::estimates::{SEEDS, check, diagonal, over_seeds, reflected, spectra};
use faer::{Mat, c64};
use rand_pcg::Pcg64;
use tangency_matrix::MatrixError;
use tangency_matrix::trace::{
    Estimator, LanczosOptions, Probe, TraceOptions, TraceStatus, log_det_estimate, trace_estimate,
    trace_of_function,
};

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

/// Hardly more probes than eigenvalues before a gap: errors so heavy in their tails that their spread is that of a few seeds.
/// The mean and most of the seeds must be right all the same.
#[test]
fn a_gap_in_the_spectrum() {
    let values: Vec<f64> = (0..60).map(|i| if i < 10 { 1.0 } else { 1e-3 }).collect();
    let (operator, exact) = (diagonal(&values), values.iter().sum::<f64>());
    for estimator in [Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace] {
        for (probes, share) in [(12, 0.7), (16, 0.8), (24, 0.85)] {
            let options = TraceOptions { estimator, probes, ..Default::default() };
            let mut within = 0;
            let s = over_seeds(SEEDS, |rng| {
                let found = trace_estimate(&operator, &options, rng).unwrap();
                within += u64::from((found.estimate - exact).abs() <= 2.0 * found.standard_error);
                found
            });
            let name = format!("{estimator:?} {probes}");
            assert!((s.mean - exact).abs() <= 4.0 * s.deviation() + 1e-12, "{name}: {}", s.mean);
            assert!(within as f64 >= share * SEEDS as f64, "{name}: {within} of {SEEDS} within two errors");
            if probes == 24 {
                check(&name, exact, &s);
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
            assert!((mean - exact).norm() < 4.0 * (spread / SEEDS as f64).sqrt(), "{estimator:?} {probe:?}");
            assert!((0.8..1.2).contains(&(reported / spread).sqrt()), "{estimator:?} {probe:?}");
        }
    }
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
fn the_same_seed_gives_the_same_numbers() {
    let values: Vec<f64> = (0..30).map(|i| 1.0 + f64::from(i)).collect();
    let options = TraceOptions { probes: 11, ..Default::default() };
    let run = || {
        log_det_estimate(&diagonal(&values), &options, &LanczosOptions::default(), &mut Pcg64::new(5, 6))
            .unwrap()
    };
    assert_eq!(run(), run());
}

/// Every limit that lets two probes through gives an answer, and is kept.
#[test]
fn limits_of_products_below_an_exact_answer() {
    let values: Vec<f64> = (0..20).map(|i| 1.0 + f64::from(i)).collect();
    let a = reflected(&values);
    let options = TraceOptions { max_products: 10, ..Default::default() };
    let found = trace_estimate(&a, &options, &mut Pcg64::new(1, 1)).unwrap();
    assert_eq!((found.products, found.probes, found.status), (10, 10, TraceStatus::ProductLimit));
    assert!((found.estimate - 210.0).abs() < 5.0 * found.standard_error);
    // No limit at all, of either kind: the exact answer.
    let lanczos = LanczosOptions { steps: usize::MAX, reorthogonalise: false, ..Default::default() };
    let found = log_det_estimate(&a, &TraceOptions::default(), &lanczos, &mut Pcg64::new(1, 1)).unwrap();
    let exact: f64 = values.iter().map(|x| x.ln()).sum();
    assert!((found.estimate - exact).abs() < 1e-3 && found.standard_error == 0.0, "{found:?} {exact}");
}

#[test]
fn xnystrace_sees_an_operator_that_is_not_hermitian() {
    let n = 60;
    let skew = |size: f64| {
        let k = |i: usize, j: usize| ((3 * i * i + 5 * j) as f64).sin();
        Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) + size * (k(i, j) - k(j, i)))
    };
    let options = TraceOptions { estimator: Estimator::XNysTrace, probes: 12, ..Default::default() };
    for size in [100.0, 1.0, 1e-4] {
        let found = trace_estimate(&skew(size), &options, &mut Pcg64::new(1, 1));
        assert!(
            matches!(found, Err(MatrixError::OperatorNotHermitian { difference }) if difference > 1e-8),
            "{size}: {found:?}"
        );
    }
    assert!(trace_estimate(&skew(1e-14), &options, &mut Pcg64::new(1, 1)).is_ok());
    // The pivot that is reported is the one that is not positive.
    let indefinite = diagonal(&(0..n).map(|i| i as f64 - 1.5).collect::<Vec<_>>());
    let options = TraceOptions { probes: n, ..options };
    let found = trace_estimate(&indefinite, &options, &mut Pcg64::new(1, 1));
    assert!(matches!(found, Err(MatrixError::NotPositive { value, .. }) if value <= 0.0), "{found:?}");
}

/// Stopped where the standard error is small enough, the estimate is no longer without bias, but nearly so.
#[test]
fn stopping_at_a_tolerance_costs_little() {
    for (name, values) in spectra(80).into_iter().filter(|s| matches!(s.0, "flat" | "slow" | "indefinite")) {
        let exact: f64 = values.iter().sum();
        let operator = diagonal(&values);
        let one = TraceOptions { probes: 24, ..Default::default() };
        let typical = trace_estimate(&operator, &one, &mut Pcg64::new(8, 8)).unwrap().standard_error;
        for estimator in [Estimator::Hutchinson, Estimator::XTrace] {
            let options = TraceOptions { estimator, probes: 1000, tolerance: typical, ..Default::default() };
            let s = over_seeds(SEEDS, |rng| {
                let found = trace_estimate(&operator, &options, rng).unwrap();
                assert!(found.status == TraceStatus::ToleranceReached && found.standard_error <= typical);
                found
            });
            println!("{name} {estimator:?}: {} {}", (s.mean - exact) / s.reported, s.reported / s.spread);
            assert!((s.mean - exact).abs() <= 4.0 * s.deviation(), "{name} {estimator:?}");
            assert!((0.8..1.2).contains(&(s.reported / s.spread)), "{name} {estimator:?}");
        }
    }
}
