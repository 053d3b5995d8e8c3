//! Intervals by subsampling around any estimate.

use crate::ratio_support::{mean_and_error, normals, rng};
use std::sync::atomic::{AtomicUsize, Ordering};
use tangency_divergence::{
    Basis, Bins, HistogramOptions, KullbackLeibler, LogisticOptions, LogisticRatio, PearsonChiSquared,
    RatioForm, Sample, SampleError, SubsamplingOptions, divergence, divergence_from_ratio,
    histogram_divergence, with_subsampling,
};

fn quarters() -> HistogramOptions {
    HistogramOptions { bins: Bins::Uniform { lower: 0.0, upper: 1.0, count: 4 }, ..Default::default() }
}

/// Whole quarters with these probabilities.
fn draw(n: usize, probabilities: [f64; 4], rng: &mut rand_pcg::Pcg64) -> Vec<f64> {
    use rand::RngExt;
    (0..n)
        .map(|_| {
            let mut u: f64 = rng.random();
            let cell = probabilities.iter().position(|p| {
                u -= p;
                u < 0.0
            });
            0.25 * cell.unwrap_or(3) as f64 + 0.1
        })
        .collect()
}

/// For a histogram of few cells the delta method gives the standard error, and the spread over repetitions the truth.
#[test]
fn standard_error_and_coverage_of_a_histogram() {
    let (p, q) = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]);
    let truth = divergence(&PearsonChiSquared, &p, &q).unwrap();
    // Large subsamples: terms of second order, which the delta method lacks, fall with their size.
    let options = SubsamplingOptions { exponent: 0.85, ..Default::default() };
    let (mut covered, mut errors, mut values, mut ratios) = (0, Vec::new(), Vec::new(), Vec::new());
    let repetitions = 120;
    for seed in 0..repetitions {
        let mut rng = rng(seed);
        let (x, y) = (draw(2000, p, &mut rng), draw(3000, q, &mut rng));
        let (x, y) = (Sample::from(&x[..]), Sample::from(&y[..]));
        let histogram =
            |p: Sample<'_>, q: Sample<'_>| histogram_divergence(&PearsonChiSquared, p, q, &quarters());
        let alone = histogram(x, y).unwrap();
        let found = with_subsampling(x, y, histogram, &options, &mut rng).unwrap();
        assert!(found.value == alone.value && found.method == alone.method);
        let interval = found.interval.unwrap();
        assert_eq!((interval.basis, interval.level), (Basis::Subsampling, 0.95));
        covered += usize::from(interval.lower <= truth && truth <= interval.upper);
        ratios.push(found.standard_error.unwrap() / alone.standard_error.unwrap());
        errors.push(found.standard_error.unwrap());
        values.push(found.value);
    }
    // 95 % within three standard deviations of a count of 120.
    assert!((107..=120).contains(&covered), "{covered} of {repetitions}");
    let (ratio, error) = mean_and_error(&ratios);
    assert!((ratio - 1.0).abs() < 0.05, "{ratio} ± {error}");
    // A standard deviation of 120 values is known to 6.5 %.
    let spread = mean_and_error(&values).1 * (repetitions as f64).sqrt();
    let reported = mean_and_error(&errors).0;
    assert!((reported / spread - 1.0).abs() < 0.2, "{reported} {spread}");
}

#[test]
fn a_fit_is_made_again_for_every_subsample_with_its_weights() {
    let mut rng = rng(7);
    let (x, y) = (normals(500, 0.5, 1.0, &mut rng), normals(400, 0.0, 1.0, &mut rng));
    let weights: Vec<f64> = (0..500).map(|i| 1.0 + f64::from(i % 3)).collect();
    let calls = AtomicUsize::new(0);
    let found = with_subsampling(
        Sample::from(&x[..]).weighted(&weights),
        Sample::from(&y[..]),
        |p, q| {
            calls.fetch_add(1, Ordering::Relaxed);
            // Weights are those of the points that were drawn, up to their sum.
            let given = p.weights().unwrap();
            let known = |point: f64| weights[x.iter().position(|x| *x == point).unwrap()];
            let (first, last) = (p.points()[(0, 0)], p.points()[(p.len() - 1, 0)]);
            let ratio = given[p.len() - 1] / given[0] * known(first) / known(last);
            assert!((ratio - 1.0).abs() < 1e-12 && q.weights().is_none());
            let fit =
                LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut crate::ratio_support::rng(1))?;
            divergence_from_ratio(&KullbackLeibler, &fit, p, q, RatioForm::Bound)
        },
        &SubsamplingOptions { subsamples: 50, ..Default::default() },
        &mut rng,
    )
    .unwrap();
    assert_eq!(calls.into_inner(), 51);
    let interval = found.interval.unwrap();
    assert!(interval.lower < found.value && found.value < interval.upper);
    // Of the order of √(KL / n).
    assert!((0.01..0.1).contains(&found.standard_error.unwrap()), "{found}");
}

#[test]
fn a_failure_on_subsamples_leaves_the_whole_line_and_one_on_all_points_is_an_error() {
    let x = [0.1, 0.4, 0.6, 0.9];
    let sample = Sample::from(&x[..]);
    let options = SubsamplingOptions::default();
    let refuse_below = |least: usize| {
        move |p: Sample<'_>, q: Sample<'_>| {
            if p.len() < least {
                return Err(SampleError::Degenerate { what: "too few for this test" });
            }
            histogram_divergence(&PearsonChiSquared, p, q, &quarters())
        }
    };
    let found = with_subsampling(sample, sample, refuse_below(4), &options, &mut rng(1)).unwrap();
    let interval = found.interval.unwrap();
    assert_eq!(found.standard_error, Some(f64::INFINITY));
    assert_eq!((interval.lower, interval.upper), (f64::NEG_INFINITY, f64::INFINITY));
    let error = with_subsampling(sample, sample, refuse_below(5), &options, &mut rng(1)).unwrap_err();
    assert!(matches!(error, SampleError::Degenerate { .. }));
    let bad = SubsamplingOptions { level: 0.0, ..options };
    let error = with_subsampling(sample, sample, refuse_below(1), &bad, &mut rng(1)).unwrap_err();
    assert!(matches!(error, SampleError::OutOfRange { .. }));
    let nan = [0.0, f64::NAN];
    let error =
        with_subsampling(sample, Sample::from(&nan[..]), refuse_below(1), &options, &mut rng(1)).unwrap_err();
    assert!(matches!(error, SampleError::NotFinite { row: 1, column: 0, .. }));
}
