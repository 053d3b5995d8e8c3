//! Ill-posed questions get typed errors, and no input panics.

use crate::ratio_support::{cloud, rng};
use faer::Mat;
use tangency_divergence::{
    Bandwidth, Bins, BoundOptions, Centres, CriticFunction, DensityRatio, FeatureMap, Features,
    HistogramOptions, JensenShannon, KernelDensity, KernelDensityOptions, Kliep, KliepOptions,
    KullbackLeibler, Level, LinearCritic, LinearCriticOptions, LogisticOptions, LogisticRatio, Output,
    RatioForm, Sample, SampleError, Side, Smoothing, SplitOptions, TotalVariation, Ulsif, UlsifOptions,
    VariationalOptions, Widths, divergence_from_ratio, histogram_counts, histogram_divergence,
    kernel_density_divergence, renyi_bound, split, variational, variational_bound,
};

type Method = (&'static str, fn(Sample<'_>, Sample<'_>) -> Result<(), SampleError>);

fn methods() -> Vec<Method> {
    vec![
        ("uLSIF", |p, q| Ulsif::fit(p, q, &UlsifOptions::default(), &mut rng(1)).map(|_| ())),
        ("KLIEP", |p, q| Kliep::fit(p, q, &KliepOptions::default(), &mut rng(1)).map(|_| ())),
        ("logistic", |p, q| LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng(1)).map(|_| ())),
        ("variational", |p, q| {
            variational(&KullbackLeibler, p, q, &VariationalOptions::default(), &mut rng(1)).map(|_| ())
        }),
        ("histogram", |p, q| {
            histogram_divergence(&KullbackLeibler, p, q, &HistogramOptions::default()).map(|_| ())
        }),
        ("even histogram", |p, q| {
            let bins = Bins::Uniform { lower: 0.0, upper: 1.0, count: 3 };
            histogram_divergence(&KullbackLeibler, p, q, &HistogramOptions { bins, ..Default::default() })
                .map(|_| ())
        }),
        ("kernel density", |p, q| {
            kernel_density_divergence(&KullbackLeibler, p, q, &KernelDensityOptions::default()).map(|_| ())
        }),
        ("bound", |p, q| {
            let critic = CriticFunction::new(p.dimension(), |x: &[f64]| x[0]);
            variational_bound(&KullbackLeibler, &critic, p, q, &BoundOptions::default()).map(|_| ())
        }),
        ("Rényi bound", |p, q| {
            let critic = CriticFunction::new(p.dimension(), |x: &[f64]| x[0]);
            renyi_bound(2.0, &critic, p, q, Level::default()).map(|_| ())
        }),
        ("divergence of a ratio", |p, q| {
            let data = cloud(10, p.dimension().max(1), 0.0, &mut rng(1));
            let ratio = LogisticRatio::fit(
                data.as_ref().into(),
                data.as_ref().into(),
                &LogisticOptions::default(),
                &mut rng(1),
            )?;
            divergence_from_ratio(&KullbackLeibler, &ratio, p, q, RatioForm::OverQ).map(|_| ())
        }),
    ]
}

#[test]
fn every_method_names_row_and_column() {
    for d in [1, 2] {
        let good = cloud(20, d, 0.0, &mut rng(2));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut bad = good.clone();
            bad[(7, d - 1)] = value;
            for (name, method) in methods() {
                let at = |found: Result<(), SampleError>, expected: Side| match found {
                    Err(SampleError::NotFinite { side, row: 7, column, value: got }) => {
                        assert_eq!(
                            (side, column, got.to_bits()),
                            (expected, d - 1, value.to_bits()),
                            "{name}"
                        );
                    }
                    other => panic!("{name} {d} {value}: {other:?}"),
                };
                at(method(bad.as_ref().into(), good.as_ref().into()), Side::P);
                at(method(good.as_ref().into(), bad.as_ref().into()), Side::Q);
            }
        }
    }
}

#[test]
fn empty_samples_other_dimensions_and_bad_weights() {
    let good = cloud(20, 2, 0.0, &mut rng(2));
    let (empty, other) = (Mat::<f64>::zeros(0, 2), cloud(20, 3, 0.0, &mut rng(3)));
    for (name, method) in methods() {
        let sample = Sample::from(good.as_ref());
        for (p, q, expected) in
            [(Sample::from(empty.as_ref()), sample, Side::P), (sample, Sample::from(empty.as_ref()), Side::Q)]
        {
            match method(p, q) {
                Err(SampleError::TooFew { side, points: 0, .. }) => assert_eq!(side, expected, "{name}"),
                found => panic!("{name}: {found:?}"),
            }
        }
        let found = method(sample, other.as_ref().into());
        assert!(matches!(found, Err(SampleError::DimensionMismatch { p: 2, q: 3 })), "{name}: {found:?}");
        let mut weights = [1.0; 20];
        weights[4] = -1.0;
        let found = method(sample, sample.weighted(&weights));
        assert!(matches!(found, Err(SampleError::Weight { side: Side::Q, row: 4, .. })), "{name}: {found:?}");
        let found = method(sample.weighted(&[0.0; 20]), sample);
        assert!(matches!(found, Err(SampleError::NoWeight { side: Side::P })), "{name}: {found:?}");
    }
}

#[test]
fn tiny_and_degenerate_samples_do_not_panic() {
    let cases = [
        Mat::<f64>::zeros(1, 1),
        Mat::<f64>::zeros(2, 1),
        Mat::<f64>::zeros(5, 3),
        Mat::from_fn(3, 1, |i, _| 1e300 * (i as f64 - 1.0)),
        Mat::from_fn(3, 2, |i, _| 1e-320 * i as f64),
        Mat::from_fn(4, 1, |i, _| i as f64),
    ];
    for a in &cases {
        for b in &cases {
            for (_, method) in methods() {
                // An answer or an error; no panic, and no endless loop.
                let _ = method(a.as_ref().into(), b.as_ref().into());
            }
        }
    }
}

fn out_of_range<T: std::fmt::Debug>(found: Result<T, SampleError>) {
    let error = found.map(|_| ()).unwrap_err();
    assert!(matches!(error, SampleError::OutOfRange { .. }), "{error:?}");
}

#[test]
fn options_out_of_range() {
    let data = cloud(20, 1, 0.0, &mut rng(2));
    let sample = Sample::from(data.as_ref());
    let (ulsif, kliep, logistic) =
        (UlsifOptions::default(), KliepOptions::default(), LogisticOptions::default());
    let mut all_ulsif: Vec<UlsifOptions> =
        [-0.1, 1.0, f64::NAN].map(|relative| UlsifOptions { relative, ..ulsif.clone() }).to_vec();
    all_ulsif.extend(
        [vec![], vec![0.0], vec![1.0, f64::NAN]].map(|ridges| UlsifOptions { ridges, ..ulsif.clone() }),
    );
    for list in [vec![], vec![-1.0], vec![f64::INFINITY]] {
        all_ulsif.push(UlsifOptions { widths: Widths::Fixed(list.clone()), ..ulsif.clone() });
        all_ulsif.push(UlsifOptions { widths: Widths::OfMedian(list), ..ulsif.clone() });
    }
    all_ulsif.push(UlsifOptions { centres: Centres::FromP(0), ..ulsif.clone() });
    all_ulsif.push(UlsifOptions { centres: Centres::Given(Mat::zeros(0, 1)), ..ulsif.clone() });
    for options in all_ulsif {
        out_of_range(Ulsif::fit(sample, sample, &options, &mut rng(1)));
    }
    for options in [KliepOptions { folds: 1, ..kliep.clone() }, KliepOptions { tolerance: 0.0, ..kliep }] {
        out_of_range(Kliep::fit(sample, sample, &options, &mut rng(1)));
    }
    for options in [
        LogisticOptions { features: vec![], ..logistic.clone() },
        LogisticOptions { ridges: vec![], ..logistic.clone() },
        LogisticOptions { ridges: vec![-1.0], ..logistic.clone() },
        LogisticOptions { folds: 0, ..logistic.clone() },
        LogisticOptions { share_of_p: Some(1.0), ..logistic.clone() },
        LogisticOptions { tolerance: f64::NAN, ..logistic.clone() },
        LogisticOptions { features: vec![Features::Polynomial { degree: 0 }], ..logistic },
    ] {
        out_of_range(LogisticRatio::fit(sample, sample, &options, &mut rng(1)));
    }
    for training_share in [0.0, 1.0, f64::NAN] {
        out_of_range(split(sample, Side::P, SplitOptions { training_share }, &mut rng(1)));
    }
    let critic = CriticFunction::new(1, |x: &[f64]| x[0]);
    for options in [
        BoundOptions { level: Level(1.0), ..Default::default() },
        BoundOptions { clamp: Some(0.0), ..Default::default() },
        BoundOptions { clamp: Some(f64::NAN), ..Default::default() },
    ] {
        out_of_range(variational_bound(&KullbackLeibler, &critic, sample, sample, &options));
    }
    out_of_range(renyi_bound(0.0, &critic, sample, sample, Level::default()));
    for bins in [
        Bins::Uniform { lower: 1.0, upper: 1.0, count: 3 },
        Bins::Uniform { lower: 0.0, upper: f64::NAN, count: 3 },
        Bins::Uniform { lower: -f64::MAX, upper: f64::MAX, count: 3 },
        Bins::Uniform { lower: 0.0, upper: 1.0, count: 0 },
        Bins::Edges(vec![1.0]),
        Bins::Edges(vec![1.0, 1.0]),
        Bins::Edges(vec![1.0, f64::INFINITY]),
        Bins::Quantile(0),
    ] {
        out_of_range(histogram_counts(sample, &bins));
    }
    for smoothing in [Smoothing::Additive(-1.0), Smoothing::Epsilon(0.0)] {
        out_of_range(histogram_divergence(
            &KullbackLeibler,
            sample,
            sample,
            &HistogramOptions { smoothing, ..Default::default() },
        ));
    }
    out_of_range(KernelDensity::fit(sample, &Bandwidth::Fixed(vec![0.0])));
}

#[test]
fn wrong_outputs_dimensions_and_activations() {
    let data = cloud(20, 2, 0.0, &mut rng(2));
    let sample = Sample::from(data.as_ref());
    let ratio = LogisticRatio::fit(sample, sample, &LogisticOptions::default(), &mut rng(1)).unwrap();
    let narrow = Mat::<f64>::zeros(3, 1);
    assert_eq!(ratio.ln_ratio(narrow.as_ref()), Err(SampleError::PointDimension { expected: 2, got: 1 }));
    let mut bad = Mat::<f64>::zeros(3, 2);
    bad[(2, 1)] = f64::INFINITY;
    let expected = SampleError::PointNotFinite { row: 2, column: 1, value: f64::INFINITY };
    assert_eq!(ratio.ln_ratio(bad.as_ref()), Err(expected));
    assert_eq!(ratio.ln_ratio(Mat::<f64>::zeros(0, 2).as_ref()), Ok(Vec::new()));
    let options = LinearCriticOptions { output: Some(Output::LogRatio), ..Default::default() };
    let found = LinearCritic::fit(&TotalVariation, sample, sample, &options, &mut rng(1));
    assert_eq!(found.err(), Some(SampleError::NotSmooth));
    let options = LinearCriticOptions { output: Some(Output::Direct), ..Default::default() };
    out_of_range(LinearCritic::fit(&JensenShannon::half(), sample, sample, &options, &mut rng(1)));
    let weights = [1.0; 20];
    let options = UlsifOptions { relative: 0.5, ..Default::default() };
    let found = Ulsif::fit(sample.weighted(&weights), sample, &options, &mut rng(1));
    assert_eq!(found.err(), Some(SampleError::WeightsNotAllowed { side: Side::P }));
    let constant = Mat::<f64>::zeros(20, 2);
    let found =
        Ulsif::fit(constant.as_ref().into(), constant.as_ref().into(), &UlsifOptions::default(), &mut rng(1));
    assert_eq!(found.err(), Some(SampleError::Degenerate { what: "the median distance" }));
    out_of_range(FeatureMap::new(Features::Polynomial { degree: 20_000 }, sample, sample, &mut rng(1)));
}
