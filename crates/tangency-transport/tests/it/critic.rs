//! Functions of slope 1, and what they prove.

use crate::instances::{Stream, distances, normalised, points, weights};
use tangency_transport::{Cost, KantorovichCritic, Metric, TransportError, exact, lower_bound};

#[test]
fn both_extensions_attain_the_distance_and_have_slope_one() {
    let mut stream = Stream(41);
    for (norm, metric) in [
        (1.0, Metric::Norm(1.0)),
        (2.0, Metric::Euclidean),
        (3.5, Metric::Norm(3.5)),
        (f64::INFINITY, Metric::Norm(f64::INFINITY)),
    ] {
        for d in [1, 3] {
            let (x, y) = (points(40, d, 1.0, 0.0, &mut stream), points(33, d, 1.3, 0.7, &mut stream));
            let (a, b) = (
                normalised(weights("general", 40, &mut stream)),
                normalised(weights("general", 33, &mut stream)),
            );
            let found = exact(&a, &b, Cost::points(x.as_ref(), y.as_ref(), metric)).unwrap();
            let below = KantorovichCritic::from_sources(x.as_ref(), &found.source_potentials, norm).unwrap();
            let above = KantorovichCritic::from_targets(y.as_ref(), &found.target_potentials, norm).unwrap();
            for critic in [&below, &above] {
                let (on_x, on_y) = (critic.values(x.as_ref()).unwrap(), critic.values(y.as_ref()).unwrap());
                let bound = lower_bound(&on_x, &a, &on_y, &b, 1.0).unwrap();
                assert!(
                    bound <= found.certificate.upper && found.value - bound <= 1e-14,
                    "{norm}: {bound} {}",
                    found.value
                );
                // Twice the slope proves half as much.
                let half = lower_bound(&on_x, &a, &on_y, &b, 2.0).unwrap();
                assert!((2.0 * half - bound).abs() <= 1e-14);
            }
            let dual = if norm == 1.0 {
                f64::INFINITY
            } else if norm == f64::INFINITY {
                1.0
            } else {
                norm / (norm - 1.0)
            };
            let size = |v: &[f64], p: f64| {
                if p == f64::INFINITY {
                    v.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
                } else {
                    v.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p)
                }
            };
            for _ in 0..300 {
                let p: Vec<f64> = (0..d).map(|_| 2.0 * stream.bell()).collect();
                let q: Vec<f64> = (0..d).map(|_| 2.0 * stream.bell()).collect();
                let difference: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
                assert!(below.value(&p).unwrap() <= above.value(&p).unwrap() + 1e-13);
                for critic in [&below, &above] {
                    let slope = critic.value(&p).unwrap() - critic.value(&q).unwrap();
                    assert!(slope.abs() <= size(&difference, norm) * (1.0 + 1e-14));
                    let mut gradient = vec![9.0; d];
                    let value = critic.subgradient(&p, &mut gradient).unwrap();
                    assert_eq!(value, critic.value(&p).unwrap());
                    assert!((size(&gradient, dual) - 1.0).abs() <= 1e-13);
                    // Kinks are met with probability zero.
                    let h = 1e-6;
                    for k in 0..d {
                        let (mut right, mut left) = (p.clone(), p.clone());
                        right[k] += h;
                        left[k] -= h;
                        let slope =
                            (critic.value(&right).unwrap() - critic.value(&left).unwrap()) / (2.0 * h);
                        assert!((slope - gradient[k]).abs() <= 1e-3, "{norm} {slope} {}", gradient[k]);
                    }
                }
            }
        }
    }
}

#[test]
fn the_gradient_at_a_tip_is_zero_and_a_point_is_found_by_its_first() {
    let x = faer::mat![[0.0, 0.0], [0.0, 0.0], [2.0, 0.0]];
    let critic = KantorovichCritic::from_sources(x.as_ref(), &[1.0, 1.0, 1.0], 2.0).unwrap();
    let mut gradient = [7.0; 2];
    assert_eq!(critic.subgradient(&[0.0, 0.0], &mut gradient).unwrap(), 1.0);
    assert_eq!(gradient, [0.0, 0.0]);
    // Halfway between two tips the first decides: downhill away from it.
    assert_eq!(critic.subgradient(&[1.0, 0.0], &mut gradient).unwrap(), 0.0);
    assert_eq!(gradient, [-1.0, 0.0]);
}

#[test]
fn any_function_proves_no_more_than_the_truth() {
    let mut stream = Stream(43);
    let (x, y) = (points(50, 2, 1.0, 0.0, &mut stream), points(60, 2, 1.0, 0.3, &mut stream));
    let (a, b) = (vec![0.02; 50], vec![1.0 / 60.0; 60]);
    let found = exact(&a, &b, &distances(&x, &y, "euclidean")).unwrap();
    for _ in 0..200 {
        let potentials: Vec<f64> = (0..50).map(|_| stream.bell()).collect();
        let critic = KantorovichCritic::from_sources(x.as_ref(), &potentials, 2.0).unwrap();
        let (on_x, on_y) = (critic.values(x.as_ref()).unwrap(), critic.values(y.as_ref()).unwrap());
        let bound = lower_bound(&on_x, &a, &on_y, &b, 1.0).unwrap();
        assert!((0.0..=found.certificate.upper).contains(&bound));
        // A constant is no part of a critic.
        let lift = |v: &[f64]| v.iter().map(|v| v + 4096.0).collect::<Vec<_>>();
        let lifted = lower_bound(&lift(&on_x), &a, &lift(&on_y), &b, 1.0).unwrap();
        assert!((lifted - bound).abs() <= 1e-11);
    }
}

#[test]
fn bad_critics_are_refused() {
    let x = faer::mat![[0.0], [1.0]];
    let new = |f: &[f64], norm| KantorovichCritic::from_sources(x.as_ref(), f, norm);
    assert!(matches!(new(&[0.0], 2.0), Err(TransportError::Length { expected: 2, got: 1, .. })));
    assert!(matches!(new(&[0.0, f64::NAN], 2.0), Err(TransportError::OutOfRange { .. })));
    assert!(matches!(new(&[0.0, 1.0], 0.5), Err(TransportError::OutOfRange { .. })));
    assert!(new(&[0.0, 1.0], 2.0).unwrap().value(&[1.0, 2.0]).is_err());
    for constant in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(lower_bound(&[0.0], &[1.0], &[1.0], &[1.0], constant).is_err());
    }
    assert!(lower_bound(&[f64::NAN], &[1.0], &[1.0], &[1.0], 1.0).is_err());
    assert!(matches!(
        lower_bound(&[0.0], &[1.0], &[1.0], &[2.0], 1.0),
        Err(TransportError::MassMismatch { .. })
    ));
    assert!(lower_bound(&[], &[], &[], &[], 1.0).is_err());
}
