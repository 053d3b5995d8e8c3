//! Logistic regression: score equations, invariances, the divergences of normal pairs.

use crate::ratio_support::{cloud, mean_and_error, normals, rng};
use faer::Mat;
use tangency_divergence::{
    DensityRatio, FDivergence, Features, FitStatus, Jeffreys, JensenShannon, KullbackLeibler,
    LogisticOptions, LogisticRatio, RatioForm, ReverseKullbackLeibler, Sample, Side, SplitOptions,
    SquaredHellinger, Width, divergence_from_ratio, split,
};

fn fit(p: &Mat<f64>, q: &Mat<f64>, options: &LogisticOptions) -> LogisticRatio {
    LogisticRatio::fit(Sample::from(p.as_ref()), Sample::from(q.as_ref()), options, &mut rng(1)).unwrap()
}

#[test]
fn the_solution_meets_the_score_equations() {
    let mut rng = rng(2);
    let (p, q) = (cloud(150, 2, 0.8, &mut rng), cloud(250, 2, 0.0, &mut rng));
    let kinds = [
        Features::Polynomial { degree: 3 },
        Features::Fourier { count: 20, width: Width::OfMedian(1.0) },
        Features::Gaussian { count: 20, width: Width::Fixed(1.0) },
    ];
    for features in kinds {
        for ridge in [1e-4, 1.0] {
            let options =
                LogisticOptions { features: vec![features], ridges: vec![ridge], ..Default::default() };
            let found = fit(&p, &q, &options);
            assert_eq!(found.fit_report().status, FitStatus::Converged);
            let (share, map) = (150.0 / 400.0, found.feature_map());
            let offset: f64 = (share / (1.0_f64 - share)).ln();
            let sides = [(&p, 1.0, share), (&q, 0.0, 1.0 - share)];
            for k in 0..=map.len() {
                let mut score = if k < map.len() { -ridge * found.coefficients()[k] } else { 0.0 };
                for (points, label, share) in sides {
                    let (rows, v) =
                        (map.evaluate(points.as_ref()).unwrap(), found.ln_ratio(points.as_ref()).unwrap());
                    for i in 0..points.nrows() {
                        let feature = if k < map.len() { rows[(i, k)] } else { 1.0 };
                        let probability = 1.0 / (1.0 + (-v[i] - offset).exp());
                        score += share * feature * (label - probability) / points.nrows() as f64;
                    }
                }
                assert!(score.abs() < 1e-11, "{features:?} {ridge} {k}: {score}");
            }
        }
    }
}

#[test]
fn units_and_origin_do_not_matter() {
    let mut rng = rng(3);
    let (p, q) = (cloud(200, 2, 0.8, &mut rng), cloud(200, 2, 0.0, &mut rng));
    let moved =
        |x: &Mat<f64>| Mat::from_fn(x.nrows(), 2, |i, k| [1e4 * x[(i, 0)] + 1e7, 1e-3 * x[(i, 1)] - 5.0][k]);
    let a = fit(&p, &q, &LogisticOptions::default()).ln_ratio(p.as_ref()).unwrap();
    let b = fit(&moved(&p), &moved(&q), &LogisticOptions::default()).ln_ratio(moved(&p).as_ref()).unwrap();
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-9 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn exchange_changes_the_sign() {
    let mut rng = rng(4);
    let (p, q) = (cloud(120, 2, 0.8, &mut rng), cloud(300, 2, 0.0, &mut rng));
    let a = fit(&p, &q, &LogisticOptions::default()).ln_ratio(p.as_ref()).unwrap();
    let b = fit(&q, &p, &LogisticOptions::default()).ln_ratio(p.as_ref()).unwrap();
    for (a, b) in a.iter().zip(&b) {
        assert!((a + b).abs() < 1e-9 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn weights_are_repetitions() {
    let mut rng = rng(5);
    let (p, q) = (cloud(60, 2, 0.8, &mut rng), cloud(90, 2, 0.0, &mut rng));
    let rows: Vec<usize> = (0..60).flat_map(|i| vec![i; 1 + i % 3]).collect();
    let repeated = Mat::from_fn(rows.len(), 2, |i, k| p[(rows[i], k)]);
    let weights: Vec<f64> = (0..60).map(|i| f64::from(1 + i % 3)).collect();
    let options = LogisticOptions { share_of_p: Some(0.4), ..Default::default() };
    let q = Sample::from(q.as_ref());
    let a = LogisticRatio::fit(Sample::from(p.as_ref()).weighted(&weights), q, &options, &mut rng).unwrap();
    let b = LogisticRatio::fit(Sample::from(repeated.as_ref()), q, &options, &mut rng).unwrap();
    for (a, b) in a.coefficients().iter().zip(b.coefficients()) {
        assert!((a - b).abs() < 1e-10 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn quadratic_features_recover_the_divergences_of_normal_pairs() {
    // N(0, 1) and N(1, 2²), whose log-ratio is quadratic.
    let truth: [(&dyn FDivergence, f64); 5] = [
        (&KullbackLeibler, 0.4431471805599453),
        (&ReverseKullbackLeibler, 1.306852819),
        (&Jeffreys, 0.4431471805599453 + 1.306852819),
        (&SquaredHellinger::half(), 0.1491945378),
        (&JensenShannon::half(), 0.1281749731),
    ];
    let mut estimates = vec![Vec::new(); truth.len()];
    for seed in 0..30 {
        let mut rng = rng(100 + seed);
        // Different numbers of points: the prior ratio must not enter the result.
        let (p, q) = (normals(4000, 0.0, 1.0, &mut rng), normals(2000, 1.0, 2.0, &mut rng));
        let p = split(Sample::from(&p[..]), Side::P, SplitOptions::default(), &mut rng).unwrap();
        let q = split(Sample::from(&q[..]), Side::Q, SplitOptions::default(), &mut rng).unwrap();
        let ratio =
            LogisticRatio::fit(p.training(), q.training(), &LogisticOptions::default(), &mut rng).unwrap();
        for ((f, _), estimates) in truth.iter().zip(&mut estimates) {
            let held_out = (p.held_out(), q.held_out());
            estimates.push(
                divergence_from_ratio(*f, &ratio, held_out.0, held_out.1, RatioForm::Bound).unwrap().value,
            );
        }
    }
    for ((f, truth), estimates) in truth.iter().zip(&estimates) {
        let (mean, error) = mean_and_error(estimates);
        assert!((mean - truth).abs() < 4.0 * error, "{}: {mean} ± {error}, true {truth}", f.name());
        assert!(error < 0.03 * (1.0 + truth), "{}: {error}", f.name());
    }
}

#[test]
fn the_three_forms_agree_for_the_true_ratio() {
    let mut rng = rng(7);
    let (p, q) = (normals(20000, 0.0, 1.0, &mut rng), normals(20000, 0.5, 1.0, &mut rng));
    let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
    let ratio = LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng).unwrap();
    for (f, truth) in [(&KullbackLeibler as &dyn FDivergence, 0.125), (&ReverseKullbackLeibler, 0.125)] {
        for form in [RatioForm::Bound, RatioForm::OverP, RatioForm::OverQ] {
            let found = divergence_from_ratio(f, &ratio, p, q, form).unwrap();
            let error = found.standard_error.unwrap();
            assert!(
                (found.value - truth).abs() < 4.0 * error && error < 0.01,
                "{} {form:?}: {found}",
                f.name()
            );
        }
    }
}

#[test]
fn candidates_are_chosen_by_likelihood() {
    let mut rng = rng(8);
    // The same mean, other variances: linear features see nothing.
    let (p, q) = (normals(400, 0.0, 1.0, &mut rng), normals(400, 0.0, 3.0, &mut rng));
    let options = LogisticOptions {
        features: vec![Features::Polynomial { degree: 1 }, Features::Polynomial { degree: 2 }],
        ridges: vec![1e-3, 10.0],
        ..Default::default()
    };
    let found = LogisticRatio::fit(Sample::from(&p[..]), Sample::from(&q[..]), &options, &mut rng).unwrap();
    assert_eq!((found.features(), found.ridge()), (Features::Polynomial { degree: 2 }, 1e-3));
}

#[test]
fn separated_samples_give_a_finite_ratio_with_a_ridge() {
    let (p, q) = ([5.0, 6.0, 7.0], [-1.0, 0.0, 1.0]);
    let found = LogisticRatio::fit(
        Sample::from(&p[..]),
        Sample::from(&q[..]),
        &LogisticOptions::default(),
        &mut rng(1),
    )
    .unwrap();
    assert_eq!(found.fit_report().status, FitStatus::Converged);
    assert!(
        found
            .ln_ratio(faer::mat![[6.0], [0.0]].as_ref())
            .unwrap()
            .iter()
            .all(|v| v.is_finite() && v.abs() > 3.0)
    );
}
