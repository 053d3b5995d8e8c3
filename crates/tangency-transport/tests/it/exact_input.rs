//! Questions that have no answer get the error that says why.

use faer::{Mat, mat};
use std::ops::ControlFlow;
use tangency_transport::{
    Arcs, Cost, ExactOptions, Metric, Plan, Shipment, Side, Start, TransportError, exact, exact_with, verify,
    wasserstein,
};

#[test]
fn weights_and_costs_are_checked() {
    let cost = Mat::<f64>::zeros(2, 2);
    let half = [0.5, 0.5];
    for bad in [f64::NAN, f64::INFINITY, -0.1, f64::NEG_INFINITY] {
        let error = exact(&[0.5, bad], &half, &cost).unwrap_err();
        assert!(matches!(error, TransportError::Weight { side: Side::Source, index: 1, .. }));
        let error = exact(&half, &[bad, 0.5], &cost).unwrap_err();
        assert!(matches!(error, TransportError::Weight { side: Side::Target, index: 0, .. }));
    }
    assert!(matches!(
        exact(&[0.0, 0.0], &half, &cost),
        Err(TransportError::NoMass { side: Side::Source, .. })
    ));
    assert!(matches!(exact(&[f64::MAX; 2], &half, &cost), Err(TransportError::NoMass { .. })));
    assert!(matches!(
        exact(&[], &[], &Mat::<f64>::zeros(0, 0)),
        Err(TransportError::Empty { side: Side::Source })
    ));
    assert!(matches!(
        exact(&half, &[1.0], &cost),
        Err(TransportError::CostShape { targets: 1, columns: 2, .. })
    ));
    for bad in [f64::NAN, f64::INFINITY, -1e301] {
        for (row, column) in [(0, 1), (1, 0)] {
            let mut cost = Mat::<f64>::zeros(2, 2);
            cost[(row, column)] = bad;
            for matrix in [cost.as_ref(), cost.transpose().to_owned().transpose()] {
                match exact(&half, &half, matrix) {
                    Err(TransportError::Cost { row: r, column: c, .. }) => assert_eq!((r, c), (row, column)),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn masses_may_differ_by_the_tolerance_and_the_certificate_says_so() {
    // A fifth in single precision, five times, is not one.
    let narrow = [f64::from(0.2_f32); 5];
    let wide = [0.25; 4];
    let cost = Mat::from_fn(5, 4, |i, j| (i as f64 - j as f64).abs());
    let error = exact(&narrow, &wide, &cost).unwrap_err();
    assert!(matches!(error, TransportError::MassMismatch { .. }), "{error}");
    let options = ExactOptions { mass_tolerance: 1e-6, ..Default::default() };
    let found = exact_with(&narrow, &wide, &cost, &options, |_| ControlFlow::Continue(())).unwrap();
    let sum: f64 = narrow.iter().sum();
    assert!((found.certificate.weight_scaling - sum).abs() < 1e-15);
    assert!(found.certificate.target_violation < 1e-16);
    for tolerance in [-1.0, 1.0, f64::NAN] {
        let options = ExactOptions { mass_tolerance: tolerance, ..Default::default() };
        let found = exact_with(&narrow, &wide, &cost, &options, |_| ControlFlow::Continue(()));
        assert!(matches!(found, Err(TransportError::OutOfRange { .. })));
    }
    let options = ExactOptions { gap_tolerance: Some(-1.0), ..Default::default() };
    assert!(
        exact_with(&wide, &wide, &Mat::<f64>::zeros(4, 4), &options, |_| ControlFlow::Continue(())).is_err()
    );
}

#[test]
fn points_are_checked() {
    let (x, y) = (mat![[0.0, 1.0], [2.0, 3.0]], mat![[0.0], [1.0]]);
    let w = [0.5, 0.5];
    let solve =
        |x: &Mat<f64>, y: &Mat<f64>, metric| exact(&w, &w, Cost::points(x.as_ref(), y.as_ref(), metric));
    assert!(matches!(
        solve(&x, &y, Metric::Euclidean),
        Err(TransportError::Dimension { sources: 2, targets: 1 })
    ));
    let nan = mat![[0.0, f64::NAN], [2.0, 3.0]];
    assert!(matches!(
        solve(&nan, &x, Metric::Euclidean),
        Err(TransportError::Coordinate { row: 0, column: 1, .. })
    ));
    assert!(matches!(solve(&x, &x, Metric::Norm(0.5)), Err(TransportError::OutOfRange { .. })));
    assert!(matches!(solve(&x, &x, Metric::EuclideanPower(0.0)), Err(TransportError::OutOfRange { .. })));
    let origin = mat![[1.0, 0.0], [0.0, 0.0]];
    assert!(matches!(
        solve(&x, &origin, Metric::Cosine),
        Err(TransportError::NoDirection { side: Side::Target, row: 1 })
    ));
    let none = Mat::<f64>::zeros(2, 0);
    assert!(matches!(solve(&none, &none, Metric::Euclidean), Err(TransportError::NoCoordinates { .. })));
    let far = mat![[1e200, 0.0], [0.0, 0.0]];
    assert!(matches!(solve(&far, &x, Metric::SquaredEuclidean), Err(TransportError::Cost { .. })));
    assert!(solve(&far, &mat![[1e200, 1.0], [0.0, 1.0]], Metric::SquaredEuclidean).is_err());
    let strange = |_: &[f64], _: &[f64]| f64::NAN;
    assert!(matches!(
        solve(&x, &x, Metric::Function(&strange)),
        Err(TransportError::Cost { row: 0, column: 0, .. })
    ));
    for p in [0.5, f64::NAN, f64::INFINITY] {
        assert!(wasserstein(x.as_ref(), &w, x.as_ref(), &w, p).is_err());
    }
    let cosine =
        solve(&mat![[1.0, 0.0], [0.0, 3.0]], &mat![[0.0, 2.0], [-5.0, 0.0]], Metric::Cosine).unwrap();
    assert!((cosine.value - 0.5 * (0.0 + 2.0)).abs() < 1e-15);
}

#[test]
fn starts_and_certificates_must_fit() {
    let cost = Mat::<f64>::zeros(2, 3);
    let (a, b) = ([0.5, 0.5], [0.25, 0.25, 0.5]);
    let found = exact(&a, &b, &cost).unwrap();
    let go = |_: &_| ControlFlow::Continue(());
    let wrong = exact(&b, &a, cost.transpose()).unwrap();
    let options = ExactOptions { start: Start::Basis(&wrong.basis), ..Default::default() };
    assert!(matches!(exact_with(&a, &b, &cost, &options, go), Err(TransportError::Length { .. })));
    let options =
        ExactOptions { start: Start::Potentials { source: &[0.0], target: &[0.0; 3] }, ..Default::default() };
    assert!(matches!(exact_with(&a, &b, &cost, &options, go), Err(TransportError::Length { .. })));
    assert!(verify(&a, &b, &cost, &wrong.plan, &[0.0; 2], &[0.0; 3]).is_err());
    assert!(verify(&a, &b, &cost, &found.plan, &[0.0; 3], &[0.0; 3]).is_err());
    let certificate = verify(&a, &b, &cost, &found.plan, &[0.0, f64::NAN], &[0.0; 3]).unwrap();
    assert_eq!(certificate.lower, f64::NEG_INFINITY);
    let arcs = Arcs::new(2, 3, [(0, 0, 1.0)]).unwrap();
    let plan: &Plan = &found.plan;
    assert!(matches!(
        verify(&a, &b, &arcs, plan, &[0.0; 2], &[0.0; 3]),
        Err(TransportError::Forbidden { .. })
    ));
    // Potentials that are not finite are no start, and no harm.
    let strange = Start::Potentials { source: &[f64::NAN; 2], target: &[f64::INFINITY, f64::NAN, 0.0] };
    let options = ExactOptions { start: strange, ..Default::default() };
    assert_eq!(exact_with(&a, &b, &cost, &options, go).unwrap().value, 0.0);
}

#[test]
fn plans_made_elsewhere_are_checked_and_judged() {
    let shipment = |source, target, mass| Shipment { source, target, mass };
    let plan =
        Plan::from_shipments(2, 3, vec![shipment(1, 2, 0.25), shipment(0, 0, 0.5), shipment(1, 2, 0.25)]);
    let plan = plan.unwrap();
    assert_eq!(plan.shipments(), [shipment(0, 0, 0.5), shipment(1, 2, 0.5)]);
    assert_eq!(Plan::from_dense(plan.to_dense().as_ref()).unwrap(), plan);
    assert_eq!(
        Plan::from_shipments(2, 3, vec![shipment(0, 3, 0.5)]),
        Err(TransportError::ArcIndex { from: 0, to: 3, sources: 2, targets: 3 })
    );
    for mass in [-1e-300, f64::NAN, f64::INFINITY] {
        let error = Plan::from_dense(Mat::from_fn(2, 1, |i, _| if i == 1 { mass } else { 1.0 }).as_ref());
        assert!(matches!(error, Err(TransportError::Shipment { from: 1, to: 0, .. })), "{error:?}");
    }
    // Against the potentials of the best plan, what is paid too much is the gap.
    let cost = Mat::from_fn(2, 2, |i, j| if i == j { 0.0 } else { 3.0 });
    let best = exact(&[0.5, 0.5], &[0.5, 0.5], &cost).unwrap();
    let mixed = Plan::from_dense(Mat::from_fn(2, 2, |_, _| 0.25).as_ref()).unwrap();
    let judged =
        verify(&[0.5, 0.5], &[0.5, 0.5], &cost, &mixed, &best.source_potentials, &best.target_potentials);
    assert_eq!(judged.unwrap().gap, 1.5);
}

/// What cannot be proved is not claimed: potentials that are not numbers on arcs, and products that are too small to be numbers.
#[test]
fn certificates_at_the_edge_of_arithmetic() {
    let arcs = Arcs::new(2, 1, [(0, 0, 1.0), (1, 0, 5.0)]).unwrap();
    let found = exact(&[0.5, 0.5], &[1.0], &arcs).unwrap();
    let judged = verify(&[0.5, 0.5], &[1.0], &arcs, &found.plan, &[f64::NAN, 0.0], &[0.0]).unwrap();
    assert!(judged.dual_violation.is_nan() && judged.lower == f64::NEG_INFINITY);
    let tiny = f64::from_bits(1);
    let found = exact(&[0.5, 0.5], &[0.5, 0.5], &Mat::from_fn(2, 2, |_, _| tiny)).unwrap();
    assert!(found.certificate.lower <= tiny && tiny <= found.certificate.upper, "{:?}", found.certificate);
    // High norms of small and of large differences.
    for (size, p) in [(1e-5, 100.0), (1e8, 60.0), (3.0, 300.0)] {
        let (x, y) = (Mat::zeros(1, 3), Mat::from_fn(1, 3, |_, j| if j == 0 { size } else { 0.25 * size }));
        let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::Norm(p));
        let value = exact(&[1.0], &[1.0], cost).unwrap().value;
        assert!((value / size - 1.0).abs() < 1e-14, "{size} {p}: {value}");
    }
}
