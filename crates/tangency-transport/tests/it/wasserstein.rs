//! The dispatch.

use crate::instances::{Stream, distances, normalised, points, weights};
use faer::Mat;
use tangency_transport::{Cost, Metric, TransportError, WassersteinMethod, exact, verify, wasserstein};

#[test]
fn the_root_of_the_least_cost_with_its_interval() {
    let mut stream = Stream(71);
    let (x, y) = (points(40, 3, 1.0, 0.0, &mut stream), points(50, 3, 1.2, 0.5, &mut stream));
    let (a, b) =
        (normalised(weights("general", 40, &mut stream)), normalised(weights("general", 50, &mut stream)));
    let euclidean = distances(&x, &y, "euclidean");
    for p in [1.0, 1.5, 2.0, 4.0] {
        let cost = Mat::from_fn(40, 50, |i, j| euclidean[(i, j)].powf(p));
        let expected = exact(&a, &b, &cost).unwrap().value;
        let found = wasserstein(x.as_ref(), &a, y.as_ref(), &b, p).unwrap();
        assert_eq!(found.method, WassersteinMethod::Simplex);
        assert!((found.power - expected).abs() <= 4e-14 * expected);
        assert!((found.distance - expected.powf(1.0 / p)).abs() <= 4e-14 * found.distance);
        assert!(found.lower <= found.distance && found.distance <= found.upper);
        assert!(found.upper - found.lower <= 1e-13 * found.distance);
    }
    let w = [1.0 / 40.0; 40];
    let found = wasserstein(x.as_ref(), &w, y.as_ref().subrows(0, 40), &w, 2.0).unwrap();
    assert_eq!(found.method, WassersteinMethod::Assignment);
    assert!(found.plan.shipments().iter().all(|s| s.mass == found.plan.shipments()[0].mass));
}

#[test]
fn data_far_from_the_origin_lose_nothing() {
    let mut stream = Stream(72);
    let x = Mat::from_fn(60, 2, |_, _| (stream.uniform() * 1024.0).floor() / 1024.0);
    let y = Mat::from_fn(60, 2, |_, _| (stream.uniform() * 1024.0).floor() / 1024.0);
    let far = |m: &Mat<f64>| Mat::from_fn(60, 2, |i, k| m[(i, k)] + 1e8); // exact: few digits
    let w = [1.0 / 60.0; 60];
    let (near, moved) = (
        wasserstein(x.as_ref(), &w, y.as_ref(), &w, 2.0).unwrap(),
        wasserstein(far(&x).as_ref(), &w, far(&y).as_ref(), &w, 2.0).unwrap(),
    );
    assert_eq!(near.distance, moved.distance);
}

#[test]
fn points_on_a_line_are_sorted_and_agree_with_the_programme() {
    let mut stream = Stream(73);
    let (x, y) = (points(70, 1, 1.0, 0.0, &mut stream), points(50, 1, 1.2, 0.5, &mut stream));
    let (a, b) =
        (normalised(weights("general", 70, &mut stream)), normalised(weights("general", 50, &mut stream)));
    for p in [1.0, 1.5, 2.0, 4.0] {
        let found = wasserstein(x.as_ref(), &a, y.as_ref(), &b, p).unwrap();
        assert_eq!(found.method, WassersteinMethod::Line);
        let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::EuclideanPower(p));
        let expected = exact(&a, &b, cost).unwrap().value;
        assert!((found.power - expected).abs() <= 4e-14 * expected, "{p}: {} {expected}", found.power);
        assert!(found.lower <= found.distance && found.distance <= found.upper);
        assert!(found.upper - found.lower <= 1e-12 * found.distance);
        let (f, g) = (&found.source_potentials, &found.target_potentials);
        let proof = verify(&a, &b, cost, &found.plan, f, g).unwrap();
        assert!(proof.gap.abs() <= 1e-13 * expected && proof.dual_violation <= 1e-13 * expected.max(1.0));
        // The interval of the proof and that of the answer hold the same number.
        assert!(proof.lower <= found.power && found.power <= proof.upper);
    }
    let error = wasserstein(x.as_ref(), &a, y.as_ref(), &b[1..], 1.0).unwrap_err();
    assert!(matches!(error, TransportError::Length { .. } | TransportError::CostShape { .. }), "{error}");
}

/// Roots of powers far from 1, and costs that are sums of many rounded terms: the bounds hold all the same.
#[test]
fn bounds_enclose_distances_of_every_size() {
    for (size, p) in [(1e20, 3.0), (1e-20, 3.0), (1e-60, 4.5), (3e7, 7.0), (1e100, 2.0), (1e-100, 1.0)] {
        let (x, y) =
            (Mat::from_fn(1, 2, |_, _| 0.0), Mat::from_fn(1, 2, |_, j| if j == 1 { size } else { 0.0 }));
        let found = wasserstein(x.as_ref(), &[1.0], y.as_ref(), &[1.0], p).unwrap();
        assert!(found.lower <= size && size <= found.upper, "{size:e} {p}: {found:?}");
        assert!(found.upper / found.lower - 1.0 < 1e-12, "{size:e} {p}: {found:?}");
    }
    for (d, root) in [(784, 28.0), (196, 14.0), (10_000, 100.0)] {
        let (x, y) = (Mat::<f64>::zeros(1, d), Mat::from_fn(1, d, |_, _| 0.1));
        let found = wasserstein(x.as_ref(), &[1.0], y.as_ref(), &[1.0], 2.0).unwrap();
        let truth = root * 0.1;
        assert!(found.lower < truth && truth < found.upper, "{d}: {found:?}");
        assert!(found.upper / found.lower - 1.0 < 1e-15 * (20 + 2 * d) as f64, "{d}: {found:?}");
    }
}
