//! Barycentres.

use crate::entropic_support::{generator, tight, uniform, weights};
use faer::Mat;
use proptest::prelude::*;
use std::ops::ControlFlow;
use tangency_transport::{
    BarycentreOptions, Cost, FreeBarycentreOptions, Metric, SinkhornStatus, barycentre, barycentre_with,
    free_support_barycentre, quantile_barycentre,
};

#[test]
fn a_debiased_barycentre_of_one_histogram_is_that_histogram() {
    let n = 12;
    let cost = Mat::from_fn(n, n, |i, j| ((i as f64 - j as f64) / n as f64).powi(2));
    let a = weights(n, &mut generator(41));
    let histogram = Mat::from_fn(1, n, |_, j| a[j]);
    let options = BarycentreOptions {
        tolerance: 1e-14,
        debiased: true,
        max_iterations: 100_000,
        ..BarycentreOptions::default()
    };
    let go_on = |_, _| ControlFlow::Continue(());
    let found = barycentre_with(cost.as_ref(), histogram.as_ref(), &[2.0], 0.02, &options, go_on).unwrap();
    assert!(found.weights.iter().zip(&a).all(|(b, a)| (b - a).abs() < 1e-9), "{:?} {a:?}", found.weights);
    // Plain, it is blurred.
    let found = barycentre(cost.as_ref(), histogram.as_ref(), &[1.0], 0.02).unwrap();
    assert!(found.weights.iter().zip(&a).any(|(b, a)| (b - a).abs() > 1e-2));
}

/// Moving weight from one point to another does not lower the sum that the barycentre minimises.
#[test]
fn a_barycentre_is_a_minimum() {
    let mut rng = generator(42);
    let (n, m) = (6, 9);
    let (x, y) = (uniform(n, 2, &mut rng), uniform(m, 2, &mut rng));
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let histograms: Vec<Vec<f64>> = (0..3).map(|_| weights(m, &mut rng)).collect();
    let matrix = Mat::from_fn(3, m, |k, j| histograms[k][j]);
    let lambda = [0.2, 0.5, 0.3];
    let options = BarycentreOptions { tolerance: 1e-14, ..BarycentreOptions::default() };
    let found =
        barycentre_with(cost, matrix.as_ref(), &lambda, 0.1, &options, |_, _| ControlFlow::Continue(()))
            .unwrap();
    assert!((found.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let sum = |b: &[f64]| -> f64 {
        let terms = histograms.iter().zip(lambda).map(|(a, lambda)| {
            let found = tight(b, a, cost, 0.1);
            lambda * found.value_in(tangency_transport::EntropyConvention::Entropy)
        });
        terms.sum()
    };
    let least = sum(&found.weights);
    for (i, j) in [(0, 1), (2, 5), (4, 3), (1, 0)] {
        let mut other = found.weights.clone();
        let step = 1e-4;
        other[i] += step;
        other[j] -= step;
        let more = sum(&other) - least;
        // Quadratic: at the minimum the first order is gone.
        assert!(more > 0.0 && more < 1e4 * step * step, "{more}");
    }
}

#[test]
fn free_points_find_the_mean_of_shifted_clouds() {
    let mut rng = generator(43);
    let x = uniform(10, 2, &mut rng);
    let clouds: Vec<Mat<f64>> = [(0.0, 0.0), (4.0, 0.0), (0.0, 8.0)]
        .iter()
        .map(|s| Mat::from_fn(10, 2, |i, k| x[(i, k)] + if k == 0 { s.0 } else { s.1 }))
        .collect();
    let mass = [0.1; 10];
    let pairs: Vec<_> = clouds.iter().map(|cloud| (cloud.as_ref(), mass.as_slice())).collect();
    let options = FreeBarycentreOptions::default();
    let start = Mat::from_fn(10, 2, |i, k| x[(i, k)] + 1.0 + 0.1 * k as f64);
    let found = free_support_barycentre(&pairs, &[0.5, 0.25, 0.25], start.as_ref(), 1e-3, &options).unwrap();
    assert_eq!(found.status, SinkhornStatus::Converged, "{} {}", found.movement, found.steps);
    for i in 0..10 {
        assert!((found.points[(i, 0)] - x[(i, 0)] - 1.0).abs() < 1e-3, "{:?}", found.points);
        assert!((found.points[(i, 1)] - x[(i, 1)] - 2.0).abs() < 1e-3);
    }
    // Of squared shifts: 0.5 (1 + 4) + 0.25 (9 + 4) + 0.25 (1 + 36).
    assert!((found.value - 15.0).abs() < 0.01, "{}", found.value);
}

proptest! {
    #[test]
    fn quantiles_of_the_barycentre_are_means_of_quantiles(seed in 0u64..1000, sizes in prop::array::uniform3(1usize..8)) {
        let mut rng = generator(seed);
        let data: Vec<(Vec<f64>, Vec<f64>)> = sizes.iter().map(|&n| {
            let points = uniform(n, 1, &mut rng);
            ((0..n).map(|i| points[(i, 0)]).collect(), weights(n, &mut rng))
        }).collect();
        let samples: Vec<(&[f64], &[f64])> = data.iter().map(|(x, w)| (x.as_slice(), w.as_slice())).collect();
        let lambda = [1.0, 2.0, 3.0];
        let (points, masses) = quantile_barycentre(&samples, &lambda).unwrap();
        prop_assert!(points.len() <= sizes.iter().sum::<usize>());
        prop_assert!(points.is_sorted() && masses.iter().all(|w| *w > 0.0));
        prop_assert!((masses.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        let quantile = |points: &[f64], masses: &[f64], t: f64| {
            let mut atoms: Vec<(f64, f64)> = points.iter().copied().zip(masses.iter().copied()).collect();
            atoms.sort_by(|x, y| x.0.total_cmp(&y.0));
            let mut level = 0.0;
            atoms.iter().find(|atom| { level += atom.1; level >= t }).unwrap_or(&atoms[atoms.len() - 1]).0
        };
        // In the middle of each step.
        let mut level = 0.0;
        for (point, mass) in points.iter().zip(&masses) {
            let t = level + 0.5 * mass;
            level += mass;
            if *mass > 1e-12 {
                let mean: f64 = data.iter().zip(lambda).map(|((x, w), l)| l / 6.0 * quantile(x, w, t)).sum();
                prop_assert!((mean - point).abs() < 1e-14);
            }
        }
    }
}

#[test]
fn equal_weights_meet_exactly() {
    let thirds = [1.0 / 3.0; 3];
    let sixths = [1.0 / 6.0; 6];
    let samples: [(&[f64], &[f64]); 2] =
        [(&[3.0, 1.0, 2.0], &thirds), (&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &sixths)];
    let (points, masses) = quantile_barycentre(&samples, &[1.0, 1.0]).unwrap();
    assert_eq!(points, [1.0, 1.5, 2.5, 3.0, 4.0, 4.5]);
    assert_eq!(masses.len(), 6);
}

#[test]
fn going_down_with_epsilon_finds_the_same_barycentre_in_fewer_iterations() {
    let n = 200;
    let cost = Mat::from_fn(n, n, |i, j| ((i as f64 - j as f64) / n as f64).powi(2));
    let peak = |at: f64, i: usize| (-0.5 * ((i as f64 / n as f64 - at) / 0.03).powi(2)).exp();
    let histograms = Mat::from_fn(2, n, |k, j| peak([0.2, 0.8][k], j));
    let solve = |scaling: f64| {
        let options = BarycentreOptions {
            tolerance: 1e-9,
            scaling,
            max_iterations: 50_000,
            ..BarycentreOptions::default()
        };
        let go_on = |_, _| ControlFlow::Continue(());
        barycentre_with(cost.as_ref(), histograms.as_ref(), &[0.5, 0.5], 4e-4, &options, go_on).unwrap()
    };
    let (once, down) = (solve(1.0), solve(0.25));
    assert_eq!(down.status, SinkhornStatus::Converged);
    assert!(2 * down.iterations < once.iterations, "{} {}", down.iterations, once.iterations);
    let apart: f64 = once.weights.iter().zip(&down.weights).map(|(x, y)| (x - y).abs()).sum();
    assert!(apart < 1e-7, "{apart}");
    for scaling in [0.0, 1.5, f64::NAN] {
        let options = BarycentreOptions { scaling, ..BarycentreOptions::default() };
        let found =
            barycentre_with(cost.as_ref(), histograms.as_ref(), &[0.5, 0.5], 0.1, &options, |_, _| {
                ControlFlow::Continue(())
            });
        assert!(matches!(found, Err(tangency_transport::TransportError::OutOfRange { .. })));
    }
}
