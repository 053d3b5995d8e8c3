//! Distances on the circle, against all rotations.

use proptest::prelude::*;
use tangency_transport::{Atoms, wasserstein_1d, wasserstein_circle, wasserstein_circle_pow};

fn arc(x: f64, y: f64, period: f64) -> f64 {
    let d = (x - y).rem_euclid(period);
    d.min(period - d)
}

/// Points with whole weights, each unit by itself; n points on a circle are matched best by one of n rotations of their order.
fn brute_force(x: &[f64], y: &[f64], period: f64, p: f64) -> f64 {
    let sorted = |of: &[f64]| {
        let mut of: Vec<f64> = of.iter().map(|x| x.rem_euclid(period)).collect();
        of.sort_by(f64::total_cmp);
        of
    };
    let (x, y) = (sorted(x), sorted(y));
    let n = x.len();
    assert_eq!(n, y.len());
    (0..n)
        .map(|shift| (0..n).map(|i| arc(x[i], y[(i + shift) % n], period).powf(p)).sum::<f64>() / n as f64)
        .fold(f64::INFINITY, f64::min)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_best_rotation_is_found(
        x in prop::collection::vec(-3.0_f64..9.0, 7), y in prop::collection::vec(-3.0_f64..9.0, 7),
        p in prop::sample::select(vec![1.0, 1.5, 2.0, 4.0]), period in prop::sample::select(vec![1.0, 6.25, 24.0]),
    ) {
        let exact = brute_force(&x, &y, period, p);
        let found = wasserstein_circle_pow(&x, &y, period, p).unwrap();
        prop_assert!((found - exact).abs() <= 1e-13 * exact + 1e-15 * period, "{} {}", found, exact);
        let root = wasserstein_circle(&x, &y, period, p).unwrap();
        prop_assert!((root - exact.powf(1.0 / p)).abs() <= 1e-12 * root + 1e-15 * period);
        // Weights: whole numbers of points at one place.
        let doubled: Vec<f64> = y.iter().chain(&y).copied().collect();
        let again = wasserstein_circle_pow(&x, &doubled, period, p).unwrap();
        prop_assert!((found - again).abs() <= 1e-13 * exact + 1e-15 * period);
        prop_assert!(found <= wasserstein_1d(&x, &y, p).unwrap().powf(p) * (1.0 + 1e-12) + 1e-15);
    }

    #[test]
    fn weights_are_units(
        x in prop::collection::vec(0.0_f64..1.0, 4), a in prop::collection::vec(1_usize..4, 4),
        y in prop::collection::vec(0.0_f64..1.0, 3), p in prop::sample::select(vec![1.0, 2.0, 3.0]),
    ) {
        let total: usize = a.iter().sum();
        let b = [1, 1, total - 2];
        let repeat = |x: &[f64], a: &[usize]| -> Vec<f64> {
            x.iter().zip(a).flat_map(|(x, a)| std::iter::repeat_n(*x, *a)).collect()
        };
        let exact = brute_force(&repeat(&x, &a), &repeat(&y, &b), 1.0, p);
        let weights = |a: &[usize]| a.iter().map(|a| *a as f64 / total as f64).collect::<Vec<_>>();
        let (a, b) = (weights(&a), weights(&b));
        let found = wasserstein_circle_pow(Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b), 1.0, p).unwrap();
        prop_assert!((found - exact).abs() <= 1e-13 * exact + 1e-15, "{} {}", found, exact);
    }

    #[test]
    fn rotations_change_nothing(x in prop::collection::vec(0.0_f64..1.0, 5), y in prop::collection::vec(0.0_f64..1.0, 8), turn in -3.0_f64..3.0) {
        for p in [1.0, 2.0] {
            let plain = wasserstein_circle(&x, &y, 1.0, p).unwrap();
            let turned = |of: &[f64]| of.iter().map(|x| x + turn).collect::<Vec<_>>();
            let rotated = wasserstein_circle(&turned(&x), &turned(&y), 1.0, p).unwrap();
            prop_assert!((plain - rotated).abs() < 1e-13, "{} {}", plain, rotated);
            prop_assert!(plain <= 0.5);
        }
    }
}

#[test]
fn antipodes_and_coincidences() {
    assert_eq!(wasserstein_circle(&[0.0], &[0.5], 1.0, 2.0).unwrap(), 0.5);
    assert_eq!(wasserstein_circle(&[0.0, 0.5], &[0.5, 0.0], 1.0, 2.0).unwrap(), 0.0);
    assert_eq!(wasserstein_circle(&[-1e-30], &[0.0], 1.0, 2.0).unwrap(), 0.0);
    assert!((wasserstein_circle(&[0.95], &[0.05], 1.0, 3.0).unwrap() - 0.1).abs() < 1e-15);
}
