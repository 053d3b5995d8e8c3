//! Transport with penalties.

use crate::entropic_support::{generator, tight, uniform, weights};
use faer::Mat;
use proptest::prelude::*;
use std::ops::ControlFlow;
use tangency_transport::{
    Penalty, SinkhornStatus, Unbalanced, UnbalancedOptions, unbalanced, unbalanced_with,
};

fn penalty(kind: bool, rho: f64) -> Penalty {
    if kind { Penalty::KullbackLeibler(rho) } else { Penalty::TotalVariation(rho) }
}

/// The objective of any plan, by its definition.
fn objective(
    plan: &Mat<f64>,
    a: &[f64],
    b: &[f64],
    cost: &Mat<f64>,
    epsilon: f64,
    penalties: [Penalty; 2],
) -> f64 {
    let kl = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() - p + q } else { q };
    let price = |penalty: Penalty, p: f64, w: f64| match penalty {
        Penalty::KullbackLeibler(rho) => rho * kl(p, w),
        Penalty::TotalVariation(rho) => rho * (p - w).abs(),
        _ => unreachable!("there are two"),
    };
    let mut sum = 0.0;
    let (mut rows, mut columns) = (vec![0.0; a.len()], vec![0.0; b.len()]);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let p = plan[(i, j)];
            sum += p * cost[(i, j)] + epsilon * kl(p, a[i] * b[j]);
            rows[i] += p;
            columns[j] += p;
        }
    }
    sum += rows.iter().zip(a).map(|(p, w)| price(penalties[0], *p, *w)).sum::<f64>();
    sum + columns.iter().zip(b).map(|(p, w)| price(penalties[1], *p, *w)).sum::<f64>()
}

fn plan(found: &Unbalanced, a: &[f64], b: &[f64], cost: &Mat<f64>, epsilon: f64) -> Mat<f64> {
    let (f, g) = (&found.source_potentials, &found.target_potentials);
    Mat::from_fn(a.len(), b.len(), |i, j| a[i] * b[j] * ((f[i] + g[j] - cost[(i, j)]) / epsilon).exp())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_certificate_is_true(
        seed in 0u64..1000, kinds in any::<[bool; 2]>(), ln_rho in -3.0f64..3.0, ln_other in -3.0f64..3.0,
        ln_epsilon in -4.0f64..0.0, mass in 0.2f64..5.0, iterations in 1usize..200,
    ) {
        let mut rng = generator(seed);
        let (cost, a, b) = (uniform(6, 5, &mut rng), weights(6, &mut rng), weights(5, &mut rng));
        let b: Vec<f64> = b.iter().map(|b| mass * b).collect();
        let penalties = [penalty(kinds[0], ln_rho.exp()), penalty(kinds[1], ln_other.exp())];
        let epsilon = ln_epsilon.exp();
        let solve = |max_iterations, tolerance| {
            let options = UnbalancedOptions { max_iterations, tolerance, ..UnbalancedOptions::default() };
            unbalanced_with(&a, &b, cost.as_ref(), epsilon, penalties[0], penalties[1], &options, |_| ControlFlow::Continue(())).unwrap()
        };
        let (rough, best) = (solve(iterations, 1e-8), solve(20_000, 1e-12));
        prop_assert_eq!(best.status, SinkhornStatus::Converged);
        for found in [&rough, &best] {
            let matrix = plan(found, &a, &b, &cost, epsilon);
            let value = objective(&matrix, &a, &b, &cost, epsilon, penalties);
            prop_assert!((value - found.primal).abs() < 1e-12 * (1.0 + value.abs()), "{value} {}", found.primal);
            prop_assert!(found.gap >= 0.0);
            prop_assert!((found.primal - found.dual - found.gap).abs() < 1e-12 * (1.0 + value.abs()));
            let carried: f64 = (0..6).flat_map(|i| (0..5).map(move |j| (i, j))).map(|e| matrix[e] * cost[e]).sum();
            prop_assert!((carried - found.transport_cost).abs() < 1e-12 * (1.0 + carried));
            // Weak duality, between two runs.
            prop_assert!(found.dual <= best.primal + 1e-12 && best.dual <= found.primal + 1e-12);
        }
        // No plan close by is better.
        let matrix = plan(&best, &a, &b, &cost, epsilon);
        for (i, j, factor) in [(0, 0, 1.02), (3, 2, 0.97), (5, 4, 1.1)] {
            let mut other = matrix.clone();
            other[(i, j)] *= factor;
            prop_assert!(objective(&other, &a, &b, &cost, epsilon, penalties) >= best.primal - 1e-11);
        }
    }
}

#[test]
fn a_high_price_forbids_and_a_low_one_gives_up() {
    let mut rng = generator(31);
    let (cost, a, b) = (uniform(8, 9, &mut rng), weights(8, &mut rng), weights(9, &mut rng));
    let balanced = tight(&a, &b, cost.as_ref().into(), 0.1);
    for kind in [true, false] {
        let high = penalty(kind, 1e7);
        let found = unbalanced(&a, &b, cost.as_ref(), 0.1, high, high).unwrap();
        assert!((found.dual - balanced.value).abs() < 1e-5, "{} {}", found.dual, balanced.value);
        assert!((found.mass - 1.0).abs() < 1e-6);
    }
    // With KL the mass falls to what ε alone wants: P = a b e^{-c/ε} at ρ = 0. With TV too.
    let low = Penalty::TotalVariation(1e-9);
    let found = unbalanced(&a, &b, cost.as_ref(), 0.01, low, low).unwrap();
    let free: f64 =
        (0..8).map(|i| (0..9).map(|j| a[i] * b[j] * (-cost[(i, j)] / 0.01).exp()).sum::<f64>()).sum();
    assert!((found.mass - free).abs() < 1e-6 && found.mass < 0.2);
}

#[test]
fn an_early_end_far_from_the_last_epsilon_is_no_false_certificate() {
    let mut rng = generator(33);
    let (cost, a) = (uniform(8, 8, &mut rng), weights(8, &mut rng));
    let options = UnbalancedOptions { max_iterations: 1, ..UnbalancedOptions::default() };
    for kind in [true, false] {
        let price = penalty(kind, 1.0);
        let go_on = |_| ControlFlow::Continue(());
        let found = unbalanced_with(&a, &a, cost.as_ref(), 1e-5, price, price, &options, go_on).unwrap();
        assert_eq!(found.status, SinkhornStatus::MaxIterations);
        assert!(found.gap > 0.0 && found.gap.is_finite() && found.primal.is_finite());
    }
}

#[test]
fn the_observer_stops() {
    let mut rng = generator(32);
    let (cost, a) = (uniform(8, 8, &mut rng), weights(8, &mut rng));
    let price = Penalty::KullbackLeibler(1.0);
    let options = UnbalancedOptions::default();
    let found = unbalanced_with(&a, &a, cost.as_ref(), 0.01, price, price, &options, |done| {
        if done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!((found.status, found.iterations), (SinkhornStatus::Stopped, 2));
    assert!(found.gap >= 0.0 && found.primal.is_finite());
}
