//! Questions that have no answer.

use faer::{Mat, mat};
use std::ops::ControlFlow;
use tangency_transport::{
    Arcs, BarycentreOptions, Cost, FreeBarycentreOptions, Metric, Penalty, Side, SinkhornOptions,
    TransportError, UnbalancedOptions, approximate, barycentre, barycentre_with, entropy_difference,
    free_support_barycentre, quantile_barycentre, sinkhorn, sinkhorn_divergence, sinkhorn_with, unbalanced,
    unbalanced_with,
};

const HALF: [f64; 2] = [0.5, 0.5];

fn two() -> Mat<f64> {
    mat![[0.0, 1.0], [1.0, 0.0]]
}

#[test]
fn weights() {
    let cost = two();
    let solve = |a: &[f64], b: &[f64]| sinkhorn(a, b, cost.as_ref(), 0.1).unwrap_err();
    assert!(matches!(solve(&[], &HALF), TransportError::Empty { side: Side::Source }));
    assert!(
        matches!(solve(&[0.5, -0.5], &HALF), TransportError::Weight { side: Side::Source, index: 1, value } if value == -0.5)
    );
    assert!(matches!(
        solve(&HALF, &[f64::NAN, 0.5]),
        TransportError::Weight { side: Side::Target, index: 0, .. }
    ));
    assert!(matches!(solve(&[0.0, 0.0], &HALF), TransportError::NoMass { side: Side::Source, .. }));
    assert!(matches!(solve(&[0.5, 0.6], &HALF), TransportError::MassMismatch { .. }));
    assert!(matches!(
        solve(&[0.5, 0.25, 0.25], &HALF),
        TransportError::CostShape { sources: 3, rows: 2, .. }
    ));
    // Differences within the tolerance that is given are rounding.
    let options = SinkhornOptions { mass_tolerance: 1e-3, ..SinkhornOptions::default() };
    let go_on = |_: &_| ControlFlow::Continue(());
    assert!(sinkhorn_with(&[0.5, 0.5001], &HALF, cost.as_ref(), 0.1, &options, go_on).is_ok());
    assert!(entropy_difference(&[-1.0], &[1.0], 0.1).is_err());
}

#[test]
fn costs_and_epsilon() {
    for epsilon in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-13, 5e-324] {
        let found = sinkhorn(&HALF, &HALF, two().as_ref(), epsilon).unwrap_err();
        assert!(matches!(found, TransportError::OutOfRange { what: "epsilon", .. }), "{epsilon} {found}");
        assert!(
            unbalanced(
                &HALF,
                &HALF,
                two().as_ref(),
                epsilon,
                Penalty::TotalVariation(1.0),
                Penalty::TotalVariation(1.0)
            )
            .is_err()
        );
        assert!(barycentre(two().as_ref(), two().as_ref(), &HALF, epsilon).is_err());
        let points = two();
        assert!(
            sinkhorn_divergence(points.as_ref(), &HALF, points.as_ref(), &HALF, Metric::Euclidean, epsilon)
                .is_err()
        );
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (i, j) in [(0, 0), (1, 0), (0, 1)] {
            let mut cost = two();
            cost[(i, j)] = bad;
            let turned = cost.transpose().to_owned();
            for cost in [cost.as_ref(), turned.transpose()] {
                let found = sinkhorn(&HALF, &HALF, cost, 0.1).unwrap_err();
                assert!(
                    matches!(found, TransportError::Cost { row, column, .. } if (row, column) == (i, j)),
                    "{found}"
                );
            }
        }
    }
    let function = |x: &[f64], _: &[f64]| if x[0] > 0.5 { f64::NAN } else { 1.0 };
    let x = mat![[0.0], [1.0]];
    let cost = Cost::points(x.as_ref(), x.as_ref(), Metric::Function(&function));
    assert!(matches!(sinkhorn(&HALF, &HALF, cost, 0.1), Err(TransportError::Cost { row: 1, column: 0, .. })));
    let y = mat![[0.0, 1.0], [1.0, 2.0]];
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean);
    assert!(matches!(
        sinkhorn(&HALF, &HALF, cost, 0.1),
        Err(TransportError::Dimension { sources: 1, targets: 2 })
    ));
    let huge = Mat::from_fn(2, 2, |i, _| if i == 0 { 1e300 } else { -1e300 });
    let found = sinkhorn(&HALF, &HALF, huge.as_ref(), 1e299).unwrap();
    assert!(found.value.is_finite() && found.bounds.upper.is_finite());
}

#[test]
fn one_point() {
    let cost = mat![[3.0]];
    let found = sinkhorn(&[2.0], &[2.0], cost.as_ref(), 0.1).unwrap();
    assert!((found.value - 6.0).abs() < 1e-14 && (found.bounds.upper - 6.0).abs() < 1e-12);
    assert_eq!(found.plan.to_dense(cost.as_ref()).unwrap(), mat![[2.0]]);
    let none = Mat::<f64>::zeros(2, 0);
    let cost = Cost::points(none.as_ref(), none.as_ref(), Metric::SquaredEuclidean);
    let error = sinkhorn(&HALF, &HALF, cost, 0.1).unwrap_err();
    assert!(matches!(error, TransportError::NoCoordinates { .. }), "{error}");
    // A pair without an arc cannot be blurred over.
    let arcs = Arcs::new(2, 2, [(0, 0, 1.0), (1, 1, 1.0), (0, 1, 2.0)]).unwrap();
    let error = sinkhorn(&HALF, &HALF, &arcs, 0.1).unwrap_err();
    assert!(matches!(error, TransportError::Cost { row: 1, column: 0, .. }), "{error}");
    let single = Mat::from_fn(2, 2, |i, j| (i + 2 * j) as f32);
    let double = Mat::from_fn(2, 2, |i, j| (i + 2 * j) as f64);
    let values = [sinkhorn(&HALF, &HALF, single.as_ref(), 0.1), sinkhorn(&HALF, &HALF, double.as_ref(), 0.1)];
    assert_eq!(values[0].as_ref().unwrap().value, values[1].as_ref().unwrap().value);
}

#[test]
fn options() {
    let cost = two();
    let solve = |options: SinkhornOptions| {
        sinkhorn_with(&HALF, &HALF, cost.as_ref(), 0.1, &options, |_| ControlFlow::Continue(())).unwrap_err()
    };
    let base = SinkhornOptions::default();
    for tolerance in [0.0, 1.0, f64::NAN] {
        assert!(matches!(
            solve(SinkhornOptions { tolerance, ..base }),
            TransportError::OutOfRange { what: "the tolerance", .. }
        ));
    }
    for scaling in [0.0, 1.5, f64::NAN] {
        assert!(matches!(
            solve(SinkhornOptions { scaling, ..base }),
            TransportError::OutOfRange { what: "the scaling", .. }
        ));
    }
    for omega in [0.5, 2.0, f64::NAN] {
        let options = SinkhornOptions { relaxation: Some(omega), ..base };
        assert!(matches!(solve(options), TransportError::OutOfRange { what: "the relaxation", .. }));
    }
    assert!(matches!(
        solve(SinkhornOptions { mass_tolerance: 0.1, ..base }),
        TransportError::OutOfRange { .. }
    ));
    for gap in [0.0, 1.0, f64::NAN] {
        assert!(matches!(
            approximate(&HALF, &HALF, cost.as_ref(), gap),
            Err(TransportError::OutOfRange { what: "the gap", .. })
        ));
    }
    for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let price = Penalty::KullbackLeibler(price);
        assert!(unbalanced(&HALF, &HALF, cost.as_ref(), 0.1, price, price).is_err());
    }
    let options = UnbalancedOptions { tolerance: 0.0, ..UnbalancedOptions::default() };
    let price = Penalty::KullbackLeibler(1.0);
    assert!(
        unbalanced_with(&HALF, &HALF, cost.as_ref(), 0.1, price, price, &options, |_| ControlFlow::Continue(
            ()
        ))
        .is_err()
    );
}

#[test]
fn barycentres() {
    let (cost, histograms) = (two(), two());
    assert!(matches!(
        barycentre(cost.as_ref(), histograms.as_ref(), &[1.0], 0.1),
        Err(TransportError::Length { .. })
    ));
    assert!(barycentre(cost.as_ref(), histograms.as_ref(), &[1.0, -1.0], 0.1).is_err());
    let wide = Mat::<f64>::zeros(2, 3);
    assert!(matches!(
        barycentre(wide.as_ref(), histograms.as_ref(), &HALF, 0.1),
        Err(TransportError::CostShape { .. })
    ));
    assert!(matches!(
        barycentre(cost.as_ref(), Mat::<f64>::zeros(2, 2).as_ref(), &HALF, 0.1),
        Err(TransportError::NoMass { .. })
    ));
    let options = BarycentreOptions { debiased: true, ..BarycentreOptions::default() };
    let thirds = mat![[0.5, 0.25, 0.25]];
    let found = barycentre_with(wide.as_ref(), thirds.as_ref(), &[1.0], 0.1, &options, |_, _| {
        ControlFlow::Continue(())
    });
    assert!(matches!(found, Err(TransportError::CostShape { .. })));

    let x = mat![[0.0], [1.0]];
    let clouds = [(x.as_ref(), HALF.as_slice())];
    let options = FreeBarycentreOptions::default();
    assert!(free_support_barycentre(&clouds, &HALF, x.as_ref(), 0.1, &options).is_err());
    assert!(
        free_support_barycentre(&clouds, &[1.0], Mat::<f64>::zeros(0, 1).as_ref(), 0.1, &options).is_err()
    );
    assert!(
        free_support_barycentre(&clouds, &[1.0], Mat::<f64>::zeros(2, 2).as_ref(), 0.1, &options).is_err()
    );
    let nan = mat![[f64::NAN], [1.0]];
    assert!(free_support_barycentre(&clouds, &[1.0], nan.as_ref(), 0.1, &options).is_err());

    let sample: (&[f64], &[f64]) = (&[1.0, f64::NAN], &HALF);
    assert!(matches!(quantile_barycentre(&[sample], &[1.0]), Err(TransportError::Coordinate { row: 1, .. })));
    let sample: (&[f64], &[f64]) = (&[1.0], &HALF);
    assert!(matches!(quantile_barycentre(&[sample], &[1.0]), Err(TransportError::Length { .. })));
    assert!(quantile_barycentre(&[], &[]).is_err());
}
