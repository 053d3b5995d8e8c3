//! KLIEP: optimality conditions, its bound on the gap, narrow kernels, weights.

use crate::ratio_support::{cloud, kernels, rng};
use faer::Mat;
use tangency_divergence::{Centres, DensityRatio, FitStatus, Kliep, KliepOptions, Sample, Widths};

fn fit(p: &Mat<f64>, q: &Mat<f64>, width: f64, tolerance: f64) -> Kliep {
    let options = KliepOptions {
        centres: Centres::FromP(40),
        widths: Widths::Fixed(vec![width]),
        tolerance,
        ..Default::default()
    };
    Kliep::fit(Sample::from(p.as_ref()), Sample::from(q.as_ref()), &options, &mut rng(5)).unwrap()
}

#[test]
fn the_solution_meets_the_optimality_conditions() {
    let mut rng = rng(1);
    let (p, q) = (cloud(300, 2, 0.8, &mut rng), cloud(200, 2, 0.0, &mut rng));
    for width in [0.3, 1.0, 3.0] {
        let found = fit(&p, &q, width, 1e-9);
        let report = found.fit_report();
        assert_eq!(report.status, FitStatus::Converged);
        assert!(report.gap <= 1e-9);
        let centres = found.centres();
        let (a, b) = (kernels(&p, &centres, width), kernels(&q, &centres, width));
        let theta: Vec<f64> = found.ln_coefficients().iter().map(|c| c.exp()).collect();
        let value =
            |rows: &Mat<f64>, i: usize| (0..theta.len()).map(|k| theta[k] * rows[(i, k)]).sum::<f64>();
        let mean = (0..200).map(|j| value(&b, j)).sum::<f64>() / 200.0;
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
        let ln_mean = (0..300).map(|i| value(&a, i).ln()).sum::<f64>() / 300.0;
        assert!((ln_mean - report.objective).abs() < 1e-11, "{ln_mean} {}", report.objective);
        for k in 0..theta.len() {
            let under_q = (0..200).map(|j| b[(j, k)]).sum::<f64>() / 200.0;
            let multiplier = (0..300).map(|i| a[(i, k)] / value(&a, i)).sum::<f64>() / 300.0 / under_q;
            assert!(multiplier <= 1.0 + 2e-9, "{width} {k}: {multiplier}");
            if theta[k] * under_q > 1e-3 {
                assert!(multiplier > 1.0 - 1e-5, "{width} {k}: {multiplier} at {}", theta[k]);
            }
        }
        for (x, v) in found.ln_ratio(p.as_ref()).unwrap().iter().enumerate() {
            assert!((v - value(&a, x).ln()).abs() < 1e-12 * (1.0 + v.abs()));
        }
    }
}

#[test]
fn the_gap_bounds_the_distance_from_the_maximum() {
    let mut rng = rng(2);
    let (p, q) = (cloud(300, 1, 1.0, &mut rng), cloud(300, 1, 0.0, &mut rng));
    let best = fit(&p, &q, 0.5, 1e-10).fit_report();
    for tolerance in [1e-1, 1e-2, 1e-3, 1e-5] {
        let rough = fit(&p, &q, 0.5, tolerance).fit_report();
        let distance = best.objective - rough.objective;
        assert!(distance >= -1e-10 && distance <= rough.gap + 1e-12, "{distance} {}", rough.gap);
        assert!(rough.iterations < best.iterations);
    }
}

#[test]
fn kernels_that_underflow_are_no_trouble() {
    let mut rng = rng(3);
    let (p, q) = (cloud(60, 3, 30.0, &mut rng), cloud(50, 3, 0.0, &mut rng));
    let found = fit(&p, &q, 0.02, 1e-8);
    assert_eq!(found.fit_report().status, FitStatus::Converged);
    assert!(found.fit_report().objective > 1e5);
    let ln = found.ln_ratio(q.as_ref()).unwrap();
    let largest = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = ln.iter().map(|v| (v - largest).exp()).sum::<f64>() / 50.0;
    assert!((largest + mean.ln()).abs() < 1e-6, "the mean over Q is 1");
}

#[test]
fn weights_are_repetitions() {
    let mut rng = rng(4);
    let (p, q) = (cloud(30, 1, 1.0, &mut rng), cloud(40, 1, 0.0, &mut rng));
    let count = |i: usize| 1 + i % 3;
    let rows: Vec<usize> = (0..30).flat_map(|i| vec![i; count(i)]).collect();
    let repeated = Mat::from_fn(rows.len(), 1, |i, k| p[(rows[i], k)]);
    let weights: Vec<f64> = (0..30).map(|i| count(i) as f64).collect();
    let options = KliepOptions {
        centres: Centres::Given(p.clone()),
        widths: Widths::Fixed(vec![0.7]),
        tolerance: 1e-11,
        ..Default::default()
    };
    let q = Sample::from(q.as_ref());
    let a = Kliep::fit(Sample::from(p.as_ref()).weighted(&weights), q, &options, &mut rng).unwrap();
    let b = Kliep::fit(Sample::from(repeated.as_ref()), q, &options, &mut rng).unwrap();
    assert!((a.fit_report().objective - b.fit_report().objective).abs() < 1e-10);
    for (a, b) in a.ln_ratio(p.as_ref()).unwrap().iter().zip(b.ln_ratio(p.as_ref()).unwrap()) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn the_width_is_chosen_by_likelihood_of_points_left_out() {
    let mut rng = rng(6);
    let (p, q) = (cloud(400, 1, 1.0, &mut rng), cloud(400, 1, 0.0, &mut rng));
    let options = KliepOptions { widths: Widths::Fixed(vec![0.003, 0.7, 50.0]), ..Default::default() };
    let found = Kliep::fit(Sample::from(p.as_ref()), Sample::from(q.as_ref()), &options, &mut rng).unwrap();
    assert_eq!(found.width(), 0.7);
    // The mean log-ratio over points left out is near the divergence, 0.5; 400 points have it within 0.05.
    assert!((found.score().unwrap() - 0.5).abs() < 0.2, "{:?}", found.score());
}
