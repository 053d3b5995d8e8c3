//! Budgets, observers and starts.

use crate::exact::check;
use crate::instances::{Stream, distances, normalised, points, weights};
use faer::Mat;
use std::ops::ControlFlow;
use std::time::Duration;
use tangency_transport::{
    Arcs, Cost, CostStorage, ExactOptions, ExactProgress, Metric, Start, TransportStatus, exact, exact_with,
};

struct Case {
    a: Vec<f64>,
    b: Vec<f64>,
    x: Mat<f64>,
    y: Mat<f64>,
    cost: Mat<f64>,
}

fn case(n: usize, m: usize) -> Case {
    let mut stream = Stream(17);
    let (x, y) = (points(n, 2, 1.0, 0.0, &mut stream), points(m, 2, 1.2, 0.5, &mut stream));
    let (a, b) =
        (normalised(weights("general", n, &mut stream)), normalised(weights("general", m, &mut stream)));
    let cost = distances(&x, &y, "squared");
    Case { a, b, x, y, cost }
}

fn go(_: &tangency_transport::ExactProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn every_stop_leaves_a_feasible_plan_and_a_true_interval() {
    let Case { a, b, x, y, cost } = case(300, 280);
    let best = exact(&a, &b, &cost).unwrap();
    check(&a, &b, &cost, &best);
    let stopped = |options: &ExactOptions<'_>, status: TransportStatus| {
        for storage in [CostStorage::Automatic, CostStorage::NoCopy] {
            let options = ExactOptions { storage, ..*options };
            for given in [Cost::from(&cost), Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean)] {
                let found = exact_with(&a, &b, given, &options, go).unwrap();
                assert_eq!(found.status, status);
                let certificate = found.certificate;
                assert!(
                    certificate.lower <= best.value && best.value <= certificate.upper,
                    "{certificate:?}"
                );
                assert!(certificate.source_violation <= 1e-17 && certificate.target_violation <= 1e-17);
                assert!(certificate.dual_violation <= 1e-14);
                assert!(found.value >= best.value - 1e-14);
                assert!(found.pivots <= options.max_pivots.unwrap_or(u64::MAX));
            }
        }
    };
    for most in [0, 1, 17, 400, 1000] {
        stopped(&ExactOptions { max_pivots: Some(most), ..Default::default() }, TransportStatus::PivotsSpent);
    }
    stopped(
        &ExactOptions { max_time: Some(Duration::ZERO), ..Default::default() },
        TransportStatus::TimeSpent,
    );
}

#[test]
fn a_gap_is_reached_and_kept() {
    let Case { a, b, cost, .. } = case(300, 280);
    let best = exact(&a, &b, &cost).unwrap();
    let mut last = 0;
    for gap in [0.3, 0.05, 0.005] {
        let options = ExactOptions { gap_tolerance: Some(gap), ..Default::default() };
        let found = exact_with(&a, &b, &cost, &options, go).unwrap();
        let certificate = found.certificate;
        assert!(
            certificate.upper - certificate.lower <= gap * found.value * (1.0 + 1e-9),
            "{gap}: {certificate:?}"
        );
        assert!(certificate.lower <= best.value && best.value <= certificate.upper);
        assert!(matches!(found.status, TransportStatus::GapReached | TransportStatus::Optimal));
        assert!(found.pivots >= last);
        assert!(gap < 0.1 || found.status == TransportStatus::GapReached && found.pivots < best.pivots);
        last = found.pivots;
    }
}

#[test]
fn the_observer_sees_costs_fall_and_may_stop() {
    let Case { a, b, cost, .. } = case(300, 280);
    let mut seen = Vec::new();
    let whole = exact_with(&a, &b, &cost, &ExactOptions::default(), |progress| {
        seen.push(*progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(seen.len() >= 3);
    assert!(seen.windows(2).all(|pair| pair[0].pivots < pair[1].pivots && pair[0].value >= pair[1].value));
    assert!(seen.iter().all(|progress| progress.value >= whole.value - 1e-14));
    let found = exact_with(&a, &b, &cost, &ExactOptions::default(), |_| ControlFlow::Break(())).unwrap();
    assert_eq!((found.status, found.pivots), (TransportStatus::Interrupted, 500));
    assert!((found.value - seen[0].value).abs() <= 1e-12);
}

#[test]
fn a_basis_starts_where_it_ended() {
    let Case { a, b, cost, .. } = case(200, 230);
    let first = exact(&a, &b, &cost).unwrap();
    let transposed = cost.transpose().to_owned();
    for matrix in [cost.as_ref(), transposed.transpose()] {
        let options = ExactOptions { start: Start::Basis(&first.basis), ..Default::default() };
        let second = exact_with(&a, &b, matrix, &options, go).unwrap();
        assert_eq!(second.pivots, 0);
        assert_eq!(second.value, first.value);
        assert_eq!(second.plan, first.plan);
    }
    // Other costs and other masses nearby: optimal, in fewer pivots.
    let mut stream = Stream(3);
    let near = Mat::from_fn(200, 230, |i, j| cost[(i, j)] * (1.0 + 0.01 * stream.uniform()));
    let cold = exact(&a, &b, &near).unwrap();
    let options = ExactOptions { start: Start::Basis(&first.basis), ..Default::default() };
    let warm = exact_with(&a, &b, &near, &options, go).unwrap();
    check(&a, &b, &near, &warm);
    assert!(
        (warm.value - cold.value).abs() <= 1e-14 && 2 * warm.pivots < cold.pivots,
        "{} {}",
        warm.pivots,
        cold.pivots
    );
    let other = normalised(a.iter().map(|w| w * (1.0 + 0.01 * stream.uniform())).collect());
    let cold = exact(&other, &b, &cost).unwrap();
    let warm = exact_with(&other, &b, &cost, &options, go).unwrap();
    check(&other, &b, &cost, &warm);
    assert!(
        (warm.value - cold.value).abs() <= 1e-14 && warm.pivots < cold.pivots,
        "{} {}",
        warm.pivots,
        cold.pivots
    );
}

#[test]
fn potentials_are_a_start() {
    let Case { a, b, cost, .. } = case(200, 230);
    let first = exact(&a, &b, &cost).unwrap();
    let (source, target) = (&first.source_potentials[..], &first.target_potentials[..]);
    for matrix in [cost.as_ref(), cost.transpose().to_owned().transpose()] {
        let options = ExactOptions { start: Start::Potentials { source, target }, ..Default::default() };
        let second = exact_with(&a, &b, matrix, &options, go).unwrap();
        check(&a, &b, &cost, &second);
        assert!(second.pivots < first.pivots, "{} {}", second.pivots, first.pivots);
    }
}

/// What the observer is told at the end is the cost of the plan, in units of the whole mass: also where arcs are given, and where
/// most of the mass stays where it is.
#[test]
fn the_observer_sees_costs_of_the_whole_mass() {
    let n = 700;
    let mut stream = Stream(78);
    let a = normalised(weights("general", n, &mut stream));
    let b = normalised(weights("general", n, &mut stream));
    let points = points(n, 2, 1.0, 0.0, &mut stream);
    let costs = distances(&points, &points, "euclidean");
    let pairs = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
    let arcs = Arcs::new(n, n, pairs.map(|(i, j)| (i, j, 1.0 + costs[(i, j)]))).unwrap();
    let same = Cost::points(points.as_ref(), points.as_ref(), Metric::Euclidean);
    for cost in [same, Cost::from(&arcs)] {
        let whole = exact(&a, &b, cost).unwrap();
        let mut last = f64::NAN;
        let observer = |progress: &ExactProgress| {
            last = progress.value;
            ControlFlow::Continue(())
        };
        exact_with(&a, &b, cost, &ExactOptions::default(), observer).unwrap();
        assert!(last >= whole.value * (1.0 - 1e-6) && last < 1.2 * whole.value, "{last} and {}", whole.value);
    }
}

/// Sums of costs near the largest that are allowed do not overflow on the way to the gap.
#[test]
fn a_gap_of_huge_costs_is_kept() {
    let n = 640;
    let cost =
        Mat::from_fn(n, n, |i, j| (((i * 7919 + j * 104_729) % 10_007) as f64 / 10_007.0 + 0.01) * 9e299);
    let weights: Vec<f64> = (0..n).map(|i| 1.0 + (i % 7) as f64).collect();
    for gap in [1e-2, 1e-6] {
        let options = ExactOptions { gap_tolerance: Some(gap), ..Default::default() };
        let mut seen = Vec::new();
        let found = exact_with(&weights, &weights, &cost, &options, |progress| {
            seen.push(progress.value);
            ControlFlow::Continue(())
        });
        let found = found.unwrap();
        let certificate = found.certificate;
        assert!(certificate.upper - certificate.lower <= gap * found.value, "{gap}: {certificate:?}");
        assert!(seen.iter().all(|value| value.is_finite()));
    }
}
