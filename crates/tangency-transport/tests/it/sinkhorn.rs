//! Sinkhorn's iteration: margins, bounds, scales, acceleration.

use crate::entropic_support::{distance, generator, least_assignment, margins, tight, uniform, weights};
use faer::Mat;
use proptest::prelude::*;
use std::ops::ControlFlow;
use tangency_transport::{
    Cost, Domain, Metric, SinkhornOptions, SinkhornStatus, approximate, approximate_with, sinkhorn,
    sinkhorn_with,
};

/// Sizes that are no multiple of a block, lines longer than a segment, and more than one block of everything.
#[test]
fn margins_by_brute_force_for_every_metric_and_layout() {
    let mut rng = generator(1);
    let (n, m) = (203, 531);
    let (x, y) = (uniform(n, 3, &mut rng), uniform(m, 3, &mut rng));
    let (a, b) = (weights(n, &mut rng), weights(m, &mut rng));
    let product = |x: &[f64], y: &[f64]| x[0] * y[1] + x[2];
    let metrics = [
        Metric::SquaredEuclidean,
        Metric::Euclidean,
        Metric::Norm(1.0),
        Metric::Norm(3.0),
        Metric::Norm(f64::INFINITY),
        Metric::Cosine,
        Metric::Function(&product),
    ];
    for metric in metrics {
        let points = Cost::points(x.as_ref(), y.as_ref(), metric);
        let matrix = points.to_matrix().unwrap();
        let by_rows = matrix.transpose().to_owned();
        let options =
            SinkhornOptions { tolerance: 1e-11, domain: Domain::Logarithmic, ..SinkhornOptions::default() };
        let mut values = Vec::new();
        for cost in [points, matrix.as_ref().into(), by_rows.transpose().into()] {
            let found = sinkhorn_with(&a, &b, cost, 0.05, &options, |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(found.status, SinkhornStatus::Converged);
            let (f, g) = (&found.source_potentials, &found.target_potentials);
            let (rows, columns) = margins(&a, &b, matrix.as_ref(), 0.05, f, g);
            assert!(distance(&rows, &a) < 2e-11 && distance(&columns, &b) < 2e-11, "{metric:?}");
            assert!((distance(&rows, &a) - found.source_error).abs() < 1e-13, "{metric:?}");
            values.push((found.value, found.bounds.lower, found.bounds.upper));
        }
        for value in &values[1..] {
            assert!((value.0 - values[0].0).abs() < 1e-13, "{metric:?} {values:?}");
            assert!(
                (value.1 - values[0].1).abs() < 1e-11 && (value.2 - values[0].2).abs() < 1e-10,
                "{metric:?} {values:?}"
            );
        }
    }
}

#[test]
fn stored_entries_give_the_answer_of_the_logarithms() {
    let mut rng = generator(2);
    let (n, m) = (150, 170);
    let (x, y) = (uniform(n, 2, &mut rng), uniform(m, 2, &mut rng));
    let (a, b) = (weights(n, &mut rng), weights(m, &mut rng));
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    for epsilon in [1.0, 0.1, 0.01, 0.003] {
        let solve = |domain| {
            let options = SinkhornOptions { tolerance: 1e-9, domain, ..SinkhornOptions::default() };
            sinkhorn_with(&a, &b, cost, epsilon, &options, |_| ControlFlow::Continue(())).unwrap()
        };
        let (logarithmic, stored, automatic) =
            (solve(Domain::Logarithmic), solve(Domain::Stored), solve(Domain::Automatic));
        for found in [&stored, &automatic] {
            assert_eq!(found.status, SinkhornStatus::Converged);
            assert!(found.source_error <= 1e-9 && found.target_error <= 1e-9);
            assert!(
                (found.value - logarithmic.value).abs() < 3e-9,
                "{epsilon}: {} {}",
                found.value,
                logarithmic.value
            );
            let potentials =
                found.source_potentials.iter().zip(&logarithmic.source_potentials).map(|(f, g)| f - g);
            let potentials: Vec<f64> = potentials.collect();
            let shift = potentials[0];
            assert!(potentials.iter().all(|p| (p - shift).abs() < 1e-4 * epsilon), "{epsilon}");
        }
    }
}

#[test]
fn the_rounded_plan_has_the_margins_and_the_cost_that_are_claimed() {
    let mut rng = generator(3);
    let (n, m) = (40, 70);
    let cost = uniform(n, m, &mut rng);
    let (mut a, mut b) = (weights(n, &mut rng), weights(m, &mut rng));
    for w in &mut a {
        *w *= 7.0;
    }
    for w in &mut b {
        *w *= 7.0;
    }
    for (iterations, epsilon) in [(1, 0.5), (3, 0.01), (10_000, 0.01), (2, 1e-6)] {
        for costs in [cost.as_ref(), cost.transpose().to_owned().transpose()] {
            let options = SinkhornOptions { max_iterations: iterations, ..SinkhornOptions::default() };
            let found =
                sinkhorn_with(&a, &b, costs, epsilon, &options, |_| ControlFlow::Continue(())).unwrap();
            let plan = found.plan.to_dense(costs).unwrap();
            let (mut rows, mut columns, mut value) = (vec![0.0; n], vec![0.0; m], 0.0);
            for i in 0..n {
                for j in 0..m {
                    assert!(plan[(i, j)] >= 0.0);
                    rows[i] += plan[(i, j)];
                    columns[j] += plan[(i, j)];
                    value += plan[(i, j)] * cost[(i, j)];
                }
            }
            let rounding = 1e-15 * 7.0 * (40.0 + 1.0 / epsilon);
            assert!(
                distance(&rows, &a) < rounding && distance(&columns, &b) < rounding,
                "{}",
                distance(&rows, &a)
            );
            assert!((value - found.bounds.upper).abs() < 20.0 * rounding, "{value} {}", found.bounds.upper);
            // The dual side: potentials that anyone can check.
            let (f, g) = (&found.bounds.source_potentials, &found.bounds.target_potentials);
            let feasible = |i: usize, j: usize| f[i] + g[j] - cost[(i, j)] <= 4.0 * f64::EPSILON;
            assert!((0..n).all(|i| (0..m).all(|j| feasible(i, j))));
            let dual: f64 = a.iter().zip(f).chain(b.iter().zip(g)).map(|(w, f)| w * f).sum();
            assert!(found.bounds.lower <= dual + 1e-14 && dual - found.bounds.lower < 1e-13);
            // Scaled rows of the plan are means.
            let y = uniform(m, 2, &mut rng);
            let means = found.plan.barycentric_projection(costs, y.as_ref()).unwrap();
            let mean: f64 = (0..m).map(|j| plan[(5, j)] * y[(j, 1)]).sum::<f64>() / rows[5];
            assert!((means[(5, 1)] - mean).abs() < 1e-14);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_bounds_hold_whatever_the_iteration_has_done(
        seed in 0u64..1000, n in 1usize..7, scale in -12i32..13, ln_epsilon in -9.0f64..1.0, iterations in 1usize..40,
        offset in -1.0f64..1.0,
    ) {
        let scale = 10f64.powi(scale);
        let cost = uniform(n, n, &mut generator(seed));
        let cost = Mat::from_fn(n, n, |i, j| scale * (cost[(i, j)] + offset));
        let best = least_assignment(cost.as_ref());
        let a = vec![1.0 / n as f64; n];
        let options = SinkhornOptions { max_iterations: iterations, ..SinkhornOptions::default() };
        let found = sinkhorn_with(&a, &a, cost.as_ref(), scale * ln_epsilon.exp(), &options, |_| ControlFlow::Continue(())).unwrap();
        let rounding = 4.0 * f64::EPSILON * scale;
        prop_assert!(found.bounds.lower <= best + rounding && best <= found.bounds.upper + rounding);
        // With the entropy the value is more than without, and the dual value never more than that of a plan.
        prop_assert!(found.value.is_finite() && found.source_error.is_finite() && found.target_error.is_finite());
        let close = approximate(&a, &a, cost.as_ref(), 0.01).unwrap();
        prop_assert!(close.bounds.lower <= best + rounding && best <= close.bounds.upper + rounding);
        prop_assert!(close.status == SinkhornStatus::Converged && close.bounds.relative_gap() <= 0.01);
    }

    #[test]
    fn a_change_of_the_unit_of_costs_changes_nothing(seed in 0u64..1000, power in -40i32..41) {
        let mut rng = generator(seed);
        let (cost, a, b) = (uniform(6, 9, &mut rng), weights(6, &mut rng), weights(9, &mut rng));
        // By a power of two, all roundings are the same.
        let unit = 2f64.powi(power);
        let scaled = Mat::from_fn(6, 9, |i, j| unit * cost[(i, j)]);
        let (one, other) = (sinkhorn(&a, &b, cost.as_ref(), 0.02).unwrap(), sinkhorn(&a, &b, scaled.as_ref(), 0.02 * unit).unwrap());
        prop_assert_eq!(one.value * unit, other.value);
        prop_assert_eq!(one.bounds.upper * unit, other.bounds.upper);
        prop_assert_eq!(one.bounds.lower * unit, other.bounds.lower);
        prop_assert_eq!(one.iterations, other.iterations);
    }
}

/// The potentials of the first, large ε mean a plan beyond all numbers at the one that was asked for.
#[test]
fn an_early_end_far_from_the_last_epsilon_is_finite() {
    let cost = faer::mat![[0.59, 0.03, 0.79], [0.55, 0.65, 0.83], [0.62, 0.32, 0.24]];
    let a = [1.0 / 3.0; 3];
    let options = SinkhornOptions { max_iterations: 1, ..SinkhornOptions::default() };
    let found = sinkhorn_with(&a, &a, cost.as_ref(), 1e-4, &options, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(found.status, SinkhornStatus::MaxIterations);
    assert!(found.value.is_finite() && found.source_error < 1e-12 && found.target_error <= 2.0);
    let (rows, _) = margins(&a, &a, cost.as_ref(), 1e-4, &found.source_potentials, &found.target_potentials);
    assert!(distance(&rows, &a) < 1e-11);
}

#[test]
fn epsilon_has_its_limits() {
    let mut rng = generator(4);
    let (x, y) = (uniform(30, 1, &mut rng), uniform(30, 1, &mut rng));
    let a = vec![1.0 / 30.0; 30];
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    // Large: the product of the weights, and its cost.
    let found = tight(&a, &a, cost, 1e6);
    let matrix = cost.to_matrix().unwrap();
    let mean = (0..30).flat_map(|i| (0..30).map(move |j| (i, j))).map(|e| matrix[e]).sum::<f64>() / 900.0;
    assert!((found.value - mean).abs() < 1e-6 && (found.bounds.upper - mean).abs() < 1e-6);
    // Small: the cost of sorting both.
    let sorted = |of: &Mat<f64>| {
        let mut values: Vec<f64> = (0..30).map(|i| of[(i, 0)]).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let exact: f64 = sorted(&x).iter().zip(sorted(&y)).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / 30.0;
    let options = SinkhornOptions { tolerance: 1e-9, ..SinkhornOptions::default() };
    let found = sinkhorn_with(&a, &a, cost, 1e-5, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!(found.bounds.lower <= exact + 1e-16 && exact <= found.bounds.upper);
    assert!(found.bounds.upper - found.bounds.lower < 1e-4 * exact, "{:?}", found.bounds.relative_gap());
    assert!((found.value - exact).abs() < 30.0 * 1e-5);
}

#[test]
fn weights_of_zero_are_as_if_they_were_not_there() {
    let mut rng = generator(5);
    let (x, y) = (uniform(9, 2, &mut rng), uniform(8, 2, &mut rng));
    let (mut a, mut b) = (weights(9, &mut rng), weights(8, &mut rng));
    let full = Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean);
    a[2] = 0.0;
    b[0] = 0.0;
    b[7] = 0.0;
    for w in &mut b {
        *w *= 2.0;
    }
    let factor = b.iter().sum::<f64>() / a.iter().sum::<f64>();
    for w in &mut a {
        *w *= factor;
    }
    let rows = [0, 1, 3, 4, 5, 6, 7, 8];
    let few_x = Mat::from_fn(8, 2, |i, k| x[(rows[i], k)]);
    let few_y = Mat::from_fn(6, 2, |j, k| y[(j + 1, k)]);
    let few_a: Vec<f64> = rows.iter().map(|&i| a[i]).collect();
    let few = Cost::points(few_x.as_ref(), few_y.as_ref(), Metric::Euclidean);
    let matrix = full.to_matrix().unwrap();
    for epsilon in [0.3, 0.003] {
        for cost in [full, matrix.as_ref().into()] {
            let (one, other) = (tight(&a, &b, cost, epsilon), tight(&few_a, &b[1..7], few, epsilon));
            assert!((one.value - other.value).abs() < 1e-13);
            assert!((one.bounds.upper - other.bounds.upper).abs() < 1e-9);
            assert!((one.bounds.lower - other.bounds.lower).abs() < 1e-9);
            let all = one
                .source_potentials
                .iter()
                .chain(&one.target_potentials)
                .chain(&one.bounds.source_potentials);
            assert!(all.chain(&one.bounds.target_potentials).all(|f| f.is_finite()));
            let plan = one.plan.to_dense(cost).unwrap();
            assert!((0..8).all(|j| plan[(2, j)] == 0.0) && (0..9).all(|i| plan[(i, 0)] == 0.0));
        }
    }
}

/// Two clusters far apart with different masses: mass has to creep from one to the other.
#[test]
fn relaxation_is_faster_and_a_bad_factor_does_no_harm() {
    let mut rng = generator(6);
    let n = 120;
    let x = uniform(n, 2, &mut rng);
    let y = Mat::from_fn(n, 2, |j, k| 0.8 * x[(j, k)] + 0.3 * (j as f64 / n as f64));
    let a = vec![1.0 / n as f64; n];
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let solve = |relaxation, scaling| {
        let options = SinkhornOptions {
            tolerance: 1e-8,
            relaxation,
            scaling,
            max_iterations: 20_000,
            domain: Domain::Logarithmic,
            ..SinkhornOptions::default()
        };
        sinkhorn_with(&a, &a, cost, 0.003, &options, |_| ControlFlow::Continue(())).unwrap()
    };
    let (plain, adaptive) = (solve(Some(1.0), 0.25), solve(None, 0.25));
    assert_eq!(adaptive.status, SinkhornStatus::Converged);
    assert!(3 * adaptive.iterations < plain.iterations, "{} {}", adaptive.iterations, plain.iterations);
    assert!((plain.value - adaptive.value).abs() < 1e-7);
    // From zero at once, where an unguarded factor of 1.9 diverges.
    let bold = solve(Some(1.9), 1.0);
    assert_eq!(bold.status, SinkhornStatus::Converged);
    assert!((bold.value - adaptive.value).abs() < 1e-7);
}

#[test]
fn a_certified_gap_is_reached_or_said_not_to_be() {
    let mut rng = generator(7);
    let (x, y) = (uniform(200, 2, &mut rng), uniform(180, 2, &mut rng));
    let (a, b) = (weights(200, &mut rng), weights(180, &mut rng));
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let mut last = (0.0, f64::INFINITY);
    for gap in [0.1, 0.03, 0.01] {
        let found = approximate(&a, &b, cost, gap).unwrap();
        assert_eq!(found.status, SinkhornStatus::Converged);
        assert!(found.bounds.relative_gap() <= gap);
        // Intervals that are all true have something in common.
        assert!(found.bounds.lower <= last.1 && last.0 <= found.bounds.upper);
        last = (found.bounds.lower.max(last.0), found.bounds.upper.min(last.1));
    }
    // Equal clouds: the least cost is zero, of which no fraction is small enough.
    let options = SinkhornOptions { max_iterations: 300, ..SinkhornOptions::default() };
    let same = Cost::points(x.as_ref(), x.as_ref(), Metric::SquaredEuclidean);
    let found = approximate_with(&a, &a, same, 0.01, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!(found.bounds.lower <= 0.0 && 0.0 <= found.bounds.upper && found.bounds.upper < 1e-3);
    // Equal costs: any plan will do.
    let flat = Mat::from_fn(3, 4, |_, _| 2.5);
    let found = approximate(&[0.5, 0.25, 0.25], &[0.25; 4], flat.as_ref(), 1e-9).unwrap();
    assert!(found.bounds.relative_gap() <= 1e-9 && (found.bounds.upper - 2.5).abs() < 1e-12);
    let zero = Mat::<f64>::zeros(3, 4);
    let found = approximate(&[0.5, 0.25, 0.25], &[0.25; 4], zero.as_ref(), 1e-9).unwrap();
    assert_eq!((found.bounds.lower, found.bounds.upper), (0.0, 0.0));
    // The smallest numbers: nothing can be proved of products with them, and nothing is.
    let tiny = Mat::from_fn(3, 4, |_, _| f64::from_bits(1));
    let bounds = approximate(&[0.5, 0.25, 0.25], &[0.25; 4], tiny.as_ref(), 1e-9).unwrap().bounds;
    assert!(bounds.lower <= tiny[(0, 0)] && tiny[(0, 0)] <= bounds.upper, "{bounds:?}");
}

#[test]
fn the_observer_stops_and_what_comes_back_is_true() {
    let mut rng = generator(8);
    let cost = uniform(20, 20, &mut rng);
    let a = vec![0.05; 20];
    let mut seen = Vec::new();
    let options = SinkhornOptions { scaling: 1.0, ..SinkhornOptions::default() };
    let found = sinkhorn_with(&a, &a, cost.as_ref(), 0.01, &options, |progress| {
        seen.push((progress.iterations, progress.epsilon));
        if seen.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!((found.status, found.iterations), (SinkhornStatus::Stopped, 3));
    assert_eq!(seen, [(1, 0.01), (2, 0.01), (3, 0.01)]);
    let (rows, columns) =
        margins(&a, &a, cost.as_ref(), 0.01, &found.source_potentials, &found.target_potentials);
    assert!((distance(&rows, &a) - found.source_error).abs() < 1e-13);
    assert!((distance(&columns, &a) - found.target_error).abs() < 1e-13);
    let few = SinkhornOptions { max_iterations: 2, ..SinkhornOptions::default() };
    let found = sinkhorn_with(&a, &a, cost.as_ref(), 0.001, &few, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(found.status, SinkhornStatus::MaxIterations);
}

/// Costs far from zero, of which only the differences matter.
#[test]
fn a_common_offset_of_the_costs_costs_no_more_digits_than_it_takes() {
    let mut rng = generator(9);
    let (cost, a, b) = (uniform(12, 15, &mut rng), weights(12, &mut rng), weights(15, &mut rng));
    let far = Mat::from_fn(12, 15, |i, j| 1e6 + cost[(i, j)]);
    let near = tight(&a, &b, cost.as_ref().into(), 0.05);
    let options = SinkhornOptions { tolerance: 1e-7, ..SinkhornOptions::default() };
    let found = sinkhorn_with(&a, &b, far.as_ref(), 0.05, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!((found.value - 1e6 - near.value).abs() < 1e-8, "{}", found.value - 1e6 - near.value);
    assert!(found.bounds.lower <= 1e6 + near.bounds.upper && 1e6 + near.bounds.lower <= found.bounds.upper);
}

/// A disc and a ring on black, where stabilised kernels of other libraries stand at a constant error.
#[test]
fn images_with_empty_pixels_converge_at_a_small_epsilon() {
    let side = 20;
    let image = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let radius = |k: usize| (k % side) as f64 - 9.5;
        let raw: Vec<f64> = (0..side * side).map(|k| of(radius(k).hypot((k / side) as f64 - 9.5))).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|w| w / sum).collect()
    };
    let (disc, ring) = (
        image(&|r| if r < 5.0 { 1.0 } else { 0.0 }),
        image(&|r| if (6.0..9.0).contains(&r) { 9.5 - r } else { 0.0 }),
    );
    let pixels =
        Mat::from_fn(side * side, 2, |k, c| if c == 0 { (k % side) as f64 } else { (k / side) as f64 });
    let cost = Cost::points(pixels.as_ref(), pixels.as_ref(), Metric::SquaredEuclidean);
    let exact = tangency_transport::exact(&disc, &ring, cost).unwrap().value;
    // 1e-4 of the largest cost.
    let found = sinkhorn(&disc, &ring, cost, 722e-4).unwrap();
    assert_eq!(found.status, SinkhornStatus::Converged);
    assert!(found.source_error <= 1e-6 && found.target_error <= 1e-6);
    assert!(found.bounds.lower <= exact + 1e-12 && exact <= found.bounds.upper + 1e-12);
    assert!(found.bounds.relative_gap() < 0.02, "{:?}", found.bounds.relative_gap());
}
