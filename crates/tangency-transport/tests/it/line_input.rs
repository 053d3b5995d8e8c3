//! Bad input on the line: typed errors with the numbers.

use tangency_transport::{
    Atoms, QuantileFunction, Side, TransportError, transport_1d, wasserstein_1d, wasserstein_1d_pow,
    wasserstein_1d_stream, wasserstein_circle, wasserstein_histogram_uniform,
};

#[test]
fn what_is_no_distribution_is_refused() {
    let good = [1.0, 2.0];
    for p in [f64::NAN, 0.5, -1.0, f64::NEG_INFINITY, 0.0] {
        assert!(matches!(wasserstein_1d(&good, &good, p), Err(TransportError::OutOfRange { .. })), "{p}");
        assert!(wasserstein_1d_pow(&good, &good, p).is_err() && transport_1d(&good, &good, p).is_err());
    }
    assert!(matches!(
        wasserstein_1d_pow(&good, &good, f64::INFINITY),
        Err(TransportError::OutOfRange { .. })
    ));
    let empty: [f64; 0] = [];
    let found = wasserstein_1d(&good, &empty, 1.0);
    assert_eq!(found, Err(TransportError::Empty { side: Side::Target }));
    let found = wasserstein_1d(&[1.0, f64::NAN], &good, 1.0).unwrap_err();
    assert!(matches!(found, TransportError::Coordinate { side: Side::Source, row: 1, .. }));
    assert!(wasserstein_1d(&[f64::INFINITY], &good, 1.0).is_err());
    for (weights, index) in [([-0.1, 1.1], 0), ([0.5, f64::NAN], 1), ([f64::INFINITY, 0.0], 0)] {
        let found = wasserstein_1d(&good, Atoms::from(&good).weighted(&weights), 1.0).unwrap_err();
        assert!(matches!(found, TransportError::Weight { side: Side::Target, index: i, .. } if i == index));
    }
    let found = wasserstein_1d(Atoms::from(&good).weighted(&[0.0, 0.0]), &good, 1.0);
    assert_eq!(found, Err(TransportError::NoMass { side: Side::Source, sum: 0.0 }));
    let found = wasserstein_1d(Atoms::from(&good).weighted(&[1.0]), &good, 1.0);
    assert!(matches!(found, Err(TransportError::Length { expected: 2, got: 1, .. })));
    let found = wasserstein_1d(Atoms::from(&good).weighted(&[0.5, 0.6]), &good, 1.0).unwrap_err();
    assert!(matches!(found, TransportError::MassMismatch { target_mass: 1.0, .. }));
    // Within the tolerance both are taken as equal.
    assert!(wasserstein_1d(Atoms::from(&good).weighted(&[0.5, 0.5 + 1e-10]), &good, 1.0).is_ok());
}

#[test]
fn order_is_checked_where_it_is_promised() {
    let unsorted = QuantileFunction::from_sorted(vec![1.0, 3.0, 2.0]);
    assert_eq!(unsorted, Err(TransportError::NotSorted { side: Side::Source, index: 2 }));
    let streams = wasserstein_1d_stream([(1.0, 1.0), (2.0, 1.0)], [(5.0, 1.0), (4.0, 1.0)], 1.0);
    assert_eq!(streams, Err(TransportError::NotSorted { side: Side::Target, index: 1 }));
    // Also behind the end of the other side.
    let streams = wasserstein_1d_stream([(1.0, 1.0)], [(5.0, 1.0), (4.0, 0.0)], 1.0);
    assert_eq!(streams, Err(TransportError::NotSorted { side: Side::Target, index: 1 }));
    let streams = wasserstein_1d_stream([(1.0, 1.0)], [(5.0, 1.0), (6.0, 1.0)], 1.0);
    assert!(matches!(streams, Err(TransportError::MassMismatch { source_mass: 1.0, target_mass: 2.0, .. })));
    assert!(matches!(wasserstein_1d_stream([], [(1.0, 1.0)], 1.0), Err(TransportError::Empty { .. })));
    assert!(wasserstein_1d_stream([(1.0, 0.0)], [(1.0, 0.0)], 1.0).is_err());
    assert!(wasserstein_1d_stream([(f64::NAN, 1.0)], [(1.0, 1.0)], 1.0).is_err());
    assert!(wasserstein_1d_stream([(0.0, -1.0)], [(1.0, 1.0)], 1.0).is_err());
}

#[test]
fn bins_are_checked() {
    let good = (&[0.0, 1.0][..], &[1.0][..]);
    for bad in [
        (&[0.0][..], &[][..]),
        (&[0.0, 1.0], &[0.5, 0.5]),
        (&[0.0, f64::NAN], &[1.0]),
        (&[1.0, 0.0], &[1.0]),
        (&[0.0, 1.0], &[-1.0]),
        (&[0.0, 1.0], &[0.0]),
        (&[0.0, 1.0], &[2.0]),
    ] {
        assert!(wasserstein_histogram_uniform(bad, good, 1.0).is_err(), "{bad:?}");
        assert!(wasserstein_histogram_uniform(good, bad, 1.0).is_err(), "{bad:?}");
    }
}

#[test]
fn periods_are_checked() {
    for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            wasserstein_circle(&[0.0], &[0.0], period, 1.0),
            Err(TransportError::OutOfRange { .. })
        ));
    }
    assert!(wasserstein_circle(&[0.0], &[0.0], 1.0, f64::NAN).is_err());
    assert!(wasserstein_circle(&[f64::NAN], &[0.0], 1.0, 1.0).is_err());
}
