//! ln det(I + A) by its series: what is cut off, and the random end.

use crate::estimates::{SEEDS, check, diagonal, over_seeds};
use faer::Mat;
use rand_pcg::Pcg64;
use tangency_matrix::MatrixError;
use tangency_matrix::trace::{
    Estimator, LogDetSeriesOptions, NormSource, TraceOptions, Truncation, log_det_series,
};

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
        let series = LogDetSeriesOptions {
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
        LogDetSeriesOptions { truncation: Truncation::Terms(3), norm_bound: Some(0.5), ..Default::default() };
    let found = log_det_series(&identity, &all, &series, &mut Pcg64::new(1, 1)).unwrap().trace;
    assert!((found.estimate + 6.0 * (0.5 + 0.125 + 0.125 / 3.0)).abs() < 1e-14);
    assert!((found.estimate - 6.0 * 0.5_f64.ln()).abs() > 0.7 * found.bias_bound.unwrap());
    // The rest is within the tolerance, and one term less would not be enough.
    let series = LogDetSeriesOptions {
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
        let series = LogDetSeriesOptions {
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
        let off = (s.mean - exact) / s.deviation();
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
    let series = LogDetSeriesOptions {
        truncation: Truncation::RussianRoulette { exact: 1, continuation: 0.6 },
        norm_bound: Some(0.6),
        ..Default::default()
    };
    let options = TraceOptions { probes: 20, ..Default::default() };
    let s = over_seeds(1000, |rng| log_det_series(&multiple, &options, &series, rng).unwrap().trace);
    assert!((s.mean - 30.0 * 0.4_f64.ln()).abs() < 4.0 * s.deviation(), "{} {}", s.mean, s.spread);
    assert!((0.9..1.1).contains(&(s.reported / s.spread)));
    // A cut at the roulette's mean length would be off by far more than this test can see.
    let cut =
        LogDetSeriesOptions { truncation: Truncation::Terms(2), norm_bound: Some(0.8), ..Default::default() };
    let options = TraceOptions { probes: 30, ..Default::default() };
    let biased = log_det_series(&a, &options, &cut, &mut Pcg64::new(1, 1)).unwrap().trace.estimate;
    assert!((biased - exact).abs() > 0.02, "{}", biased - exact);
}

#[test]
fn norms_of_the_series() {
    let (a, exact) = contraction(30);
    let options = TraceOptions { probes: 30, ..Default::default() };
    let found = log_det_series(&a, &options, &LogDetSeriesOptions::default(), &mut Pcg64::new(1, 1)).unwrap();
    assert_eq!((found.norm_source, found.trace.bias_bound), (NormSource::Estimated, None));
    let radius = a.eigenvalues().unwrap().iter().map(|z| z.norm()).fold(0.0, f64::max);
    assert!((found.norm / radius - 1.0).abs() < 0.25, "{} {radius}", found.norm);
    assert!((found.trace.estimate - exact).abs() < 0.02);
    let symmetric = diagonal(&[0.9, 0.3, -0.2, 0.1]);
    let found =
        log_det_series(&symmetric, &options, &LogDetSeriesOptions::default(), &mut Pcg64::new(1, 1)).unwrap();
    assert!((found.norm - 0.9).abs() < 1e-6, "{}", found.norm);

    let mut rng = Pcg64::new(1, 1);
    let twice = diagonal(&[2.0, 0.3, -0.2, 0.1]);
    assert!(matches!(
        log_det_series(&twice, &options, &LogDetSeriesOptions::default(), &mut rng),
        Err(MatrixError::OutOfRange { what: "the norm of A", .. })
    ));
    for norm in [1.0, f64::NAN, -0.1] {
        let series = LogDetSeriesOptions { norm_bound: Some(norm), ..Default::default() };
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
        let series = LogDetSeriesOptions { truncation, norm_bound: Some(0.8), ..Default::default() };
        assert!(log_det_series(&a, &options, &series, &mut rng).is_err(), "{truncation:?}");
    }
    let roulette = Truncation::RussianRoulette { exact: 1, continuation: 0.9 };
    let series = LogDetSeriesOptions { truncation: roulette, norm_bound: Some(0.8), ..Default::default() };
    for estimator in [Estimator::HutchPlusPlus, Estimator::XTrace, Estimator::XNysTrace] {
        let options = TraceOptions { estimator, probes: 4, ..Default::default() };
        assert!(log_det_series(&a, &options, &series, &mut rng).is_err());
    }
    let close = LogDetSeriesOptions { norm_bound: Some(1.0 - 1e-9), ..Default::default() };
    assert!(matches!(
        log_det_series(&a, &options, &close, &mut rng),
        Err(MatrixError::OutOfRange { what: "max_terms", .. })
    ));
    // Nilpotent, zero and empty.
    let shift = Mat::from_fn(5, 5, |i, j| if i == j + 1 { 0.7_f64 } else { 0.0 });
    let found = log_det_series(&shift, &options, &LogDetSeriesOptions::default(), &mut rng).unwrap();
    assert!(found.norm == 0.0 && found.trace.estimate.abs() < 1e-15);
    let empty = log_det_series(&Mat::<f64>::zeros(0, 0), &options, &LogDetSeriesOptions::default(), &mut rng)
        .unwrap();
    assert_eq!((empty.trace.estimate, empty.trace.bias_bound), (0.0, None));
}

/// A random end that is itself cut off has the bias of the cut.
#[test]
fn the_limit_of_a_random_end_is_a_bias() {
    let (n, x) = (30, -0.8_f64);
    let a = Mat::from_fn(n, n, |i, j| if i == j { x } else { 0.0 });
    let series = LogDetSeriesOptions {
        truncation: Truncation::RussianRoulette { exact: 1, continuation: 0.9 },
        norm_bound: Some(0.8),
        max_terms: 5,
    };
    let options = TraceOptions { probes: 20, ..Default::default() };
    let s = over_seeds(SEEDS, |rng| log_det_series(&a, &options, &series, rng).unwrap().trace);
    // All terms beyond the fifth are left out, in the mean too.
    let cut: f64 = (1..=5).map(|k| -(0.8_f64.powi(k)) / f64::from(k)).sum::<f64>() * n as f64;
    assert!((s.mean - cut).abs() < 4.0 * s.deviation(), "{} {cut}", s.mean);
    let (exact, bias) = (n as f64 * 0.2_f64.ln(), s.bias.unwrap());
    assert!((cut - exact).abs() <= bias && (cut - exact).abs() > 0.5 * bias, "{cut} {exact} {bias}");
}

/// The products for the norm count, and no limit is passed.
#[test]
fn products_for_the_norm_are_within_the_limit() {
    let (a, _) = contraction(40);
    let limited = |a: &Mat<f64>, terms, max_products| {
        let options = TraceOptions { max_products, ..Default::default() };
        let series = LogDetSeriesOptions { truncation: Truncation::Terms(terms), ..Default::default() };
        log_det_series(a, &options, &series, &mut Pcg64::new(1, 1)).map(|found| found.trace)
    };
    for (terms, max_products) in [(10, 20), (10, 29), (10, 40), (10, 49), (3, 35)] {
        let found = limited(&a, terms, max_products);
        assert!(matches!(found, Err(MatrixError::OutOfRange { what: "max_products", .. })), "{found:?}");
    }
    let (small, _) = contraction(5);
    for max_products in 30..50 {
        match limited(&small, 3, max_products) {
            Ok(found) => assert!(found.products <= max_products && max_products >= 36, "{found:?}"),
            Err(error) => assert!(max_products < 36, "{error:?}"),
        }
    }
    assert_eq!(limited(&small, 3, 45).unwrap().standard_error, 0.0);
}
