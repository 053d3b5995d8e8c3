//! Ties, duplicates and extreme scales: exact, and they end.

use crate::exact::check;
use crate::instances::{Stream, distances, normalised, points, weights};
use faer::Mat;
use tangency_transport::{Cost, Metric, exact, wasserstein};

#[test]
fn a_problem_scales_with_its_costs_and_its_masses() {
    let mut stream = Stream(1);
    let (x, y) = (points(90, 2, 1.0, 0.0, &mut stream), points(90, 2, 1.2, 0.5, &mut stream));
    let cost = distances(&x, &y, "squared");
    let (a, b) =
        (normalised(weights("general", 90, &mut stream)), normalised(weights("general", 90, &mut stream)));
    let expected = exact(&a, &b, &cost).unwrap().value;
    // Powers of two change nothing but the exponent.
    for exponent in [-900, -300, -40, 40, 300, 900] {
        let factor = f64::powi(2.0, exponent);
        let scaled = Mat::from_fn(90, 90, |i, j| cost[(i, j)] * factor);
        let found = exact(&a, &b, &scaled).unwrap();
        assert_eq!(found.value / factor, expected, "2^{exponent}");
        let heavy: Vec<f64> = a.iter().map(|w| w * factor).collect();
        let heavy_b: Vec<f64> = b.iter().map(|w| w * factor).collect();
        assert_eq!(exact(&heavy, &heavy_b, &cost).unwrap().value / factor, expected);
    }
    for factor in [1e12, 1e-12] {
        let scaled = Mat::from_fn(90, 90, |i, j| cost[(i, j)] * factor);
        let found = exact(&a, &b, &scaled).unwrap();
        check(&a, &b, &scaled, &found);
        assert!((found.value / factor - expected).abs() <= 4e-15 * expected);
    }
    // Costs of all sizes at once.
    let wild = Mat::from_fn(40, 40, |_, _| f64::powi(10.0, (stream.uniform() * 40.0) as i32 - 20));
    let w = vec![1.0; 40];
    check(&w, &w, &wild, &exact(&w, &w, &wild).unwrap());
    let largest = Mat::from_fn(5, 5, |i, j| if (i + j) % 2 == 0 { 1e300 } else { -1e300 });
    assert_eq!(exact(&w[..5], &w[..5], &largest).unwrap().certificate.dual_violation, 0.0);
}

#[test]
fn a_common_offset_moves_the_value_alone() {
    let mut stream = Stream(2);
    let cost = Mat::from_fn(80, 80, |_, _| (stream.uniform() * 1024.0).floor() / 1024.0);
    let (a, b) =
        (normalised(weights("general", 80, &mut stream)), normalised(weights("general", 80, &mut stream)));
    let expected = exact(&a, &b, &cost).unwrap();
    let shifted = Mat::from_fn(80, 80, |i, j| cost[(i, j)] + 1_048_576.0); // exact: the costs have few digits
    let found = exact(&a, &b, &shifted).unwrap();
    check(&a, &b, &shifted, &found);
    assert!((found.value - 1_048_576.0 - expected.value).abs() <= 1e-9);
    let value: f64 = found.plan.shipments().iter().map(|s| s.mass * cost[(s.source, s.target)]).sum();
    assert!((value - expected.value).abs() <= 1e-12, "the plan is optimal, not nearly so: {value}");
}

#[test]
fn ties_of_every_kind_end() {
    let mut stream = Stream(4);
    for (n, m) in [(64, 64), (60, 90), (1, 50), (50, 1), (97, 31)] {
        let w = |count: usize| vec![1.0 / count as f64; count];
        for kind in 0..5 {
            let cost = Mat::from_fn(n, m, |i, j| match kind {
                0 => 0.0,
                1 => -3.5,
                2 => (stream.uniform() * 2.0).floor(),
                3 => ((i % 4) as f64 - (j % 4) as f64).abs(),
                _ => (i as f64 - j as f64).abs(),
            });
            check(&w(n), &w(m), &cost, &exact(&w(n), &w(m), &cost).unwrap());
        }
    }
}

#[test]
fn an_assignment_of_whole_numbers_is_whole() {
    let mut stream = Stream(6);
    let cost = Mat::from_fn(150, 150, |_, _| (stream.uniform() * 100.0).floor());
    let w = vec![1.0; 150];
    let found = exact(&w, &w, &cost).unwrap();
    assert_eq!(found.value, found.value.round());
    assert_eq!(found.certificate.dual, found.value);
    assert!(found.plan.shipments().iter().all(|s| s.mass == 1.0));
    assert_eq!(found.plan.shipments().len(), 150);
    // Three to each target.
    let found = exact(&w, &[3.0; 50], cost.as_ref().subcols(0, 50)).unwrap();
    assert_eq!(found.value, found.value.round());
    assert!(found.plan.shipments().iter().all(|s| s.mass == 1.0));
}

#[test]
fn points_on_a_line_cost_what_sorting_says() {
    let mut stream = Stream(7);
    for p in [1.0, 2.0, 3.0] {
        let mut x: Vec<f64> = (0..200).map(|_| (stream.bell() * 4.0).round() / 4.0).collect();
        let mut y: Vec<f64> = (0..200).map(|_| stream.bell()).collect();
        let (xs, ys) = (Mat::from_fn(200, 1, |i, _| x[i]), Mat::from_fn(200, 1, |i, _| y[i]));
        x.sort_by(f64::total_cmp);
        y.sort_by(f64::total_cmp);
        let expected = x.iter().zip(&y).map(|(x, y)| (x - y).abs().powf(p)).sum::<f64>() / 200.0;
        let w = [1.0 / 200.0; 200];
        let found = wasserstein(xs.as_ref(), &w, ys.as_ref(), &w, p).unwrap();
        assert!((found.power - expected).abs() <= 1e-14 * expected.max(1.0), "{p}");
        assert!((found.distance - expected.powf(1.0 / p)).abs() <= 1e-14 * expected.max(1.0));
    }
}

#[test]
fn powers_of_small_and_large_distances_stay_finite() {
    let mut stream = Stream(19);
    for (spread, p) in [(1e-10, 25.0), (1e10, 25.0), (1.0, 0.5), (1e-3, 90.0)] {
        let (x, y) = (points(30, 2, spread, 0.0, &mut stream), points(30, 2, spread, spread, &mut stream));
        let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::EuclideanPower(p));
        let w = normalised(weights("general", 30, &mut stream));
        let matrix = cost.to_matrix().unwrap();
        let (computed, stored) = (exact(&w, &w, cost).unwrap(), exact(&w, &w, &matrix).unwrap());
        let largest = matrix.col_iter().flat_map(|column| column.iter().copied()).fold(0.0, f64::max);
        assert!(computed.value > 0.0);
        assert!((computed.value - stored.value).abs() <= 1e-15 * largest, "{spread} {p}");
    }
}

#[test]
fn the_same_points_are_at_distance_zero() {
    let mut stream = Stream(9);
    let x = points(80, 3, 1.0, 0.0, &mut stream);
    let w = normalised(weights("general", 80, &mut stream));
    let reversed = Mat::from_fn(80, 3, |i, k| x[(79 - i, k)]);
    let back: Vec<f64> = w.iter().rev().copied().collect();
    for metric in [Metric::Euclidean, Metric::SquaredEuclidean, Metric::Norm(1.0)] {
        let found = exact(&w, &back, Cost::points(x.as_ref(), reversed.as_ref(), metric)).unwrap();
        assert_eq!(found.value, 0.0);
        assert!(found.certificate.lower <= 0.0 && found.certificate.lower > -1e-13); // costs up to 100
    }
}

#[test]
fn common_mass_stays_where_costs_are_a_distance() {
    let mut stream = Stream(10);
    for round in 0..20 {
        let sign = if round % 2 == 0 { -1.0 } else { 1.0 }; // makes negative zeros
        // Points of a coarse grid, many of them on both sides and some twice.
        let side = |stream: &mut Stream, count: usize| {
            let all: Vec<f64> = (0..2 * count).map(|_| (stream.uniform() * 4.0).floor() - 1.0).collect();
            Mat::from_fn(count, 2, |i, k| all[2 * i + k] * sign)
        };
        let (x, y) = (side(&mut stream, 30), side(&mut stream, 25));
        let a = normalised(weights("general", 30, &mut stream));
        let b = normalised(weights("zeros", 25, &mut stream));
        let cost = distances(&x, &y, "euclidean");
        let plain = exact(&a, &b, &cost).unwrap();
        let found = exact(&a, &b, Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean)).unwrap();
        assert!((found.value - plain.value).abs() <= 1e-15);
        assert!(found.certificate.gap.abs() <= 1e-14 && found.certificate.dual_violation <= 1e-15);
        assert!(found.certificate.source_violation <= 1e-16 && found.certificate.target_violation <= 1e-16);
    }
}
