//! A part of the mass, against the full problem and against its dual.

use crate::instances::{Stream, normalised, weights};
use faer::Mat;
use tangency_transport::{Arcs, ExactOptions, TransportError, exact, partial};

#[test]
fn primal_and_dual_of_the_partial_problem_agree() {
    for seed in 0..60 {
        let mut stream = Stream(500 + seed);
        let (n, m) = (1 + (stream.uniform() * 15.0) as usize, 1 + (stream.uniform() * 15.0) as usize);
        let (mut a, mut b) = (weights("general", n, &mut stream), weights("general", m, &mut stream));
        a = a.iter().map(|w| w * 2.0 / n as f64).collect();
        b = b.iter().map(|w| w * 3.0 / m as f64).collect();
        let cost = Mat::from_fn(n, m, |_, _| if seed % 2 == 0 { stream.uniform() } else { stream.bell() });
        let least = a.iter().sum::<f64>().min(b.iter().sum());
        let mut last = 0.0;
        for share in [0.2, 0.6, 1.0] {
            let mass = share * least;
            let found = partial(&a, &b, &cost, mass, &ExactOptions::default()).unwrap();
            let (mut sent, mut received) = (vec![0.0; n], vec![0.0; m]);
            let mut value = 0.0;
            for s in found.plan.shipments() {
                sent[s.source] += s.mass;
                received[s.target] += s.mass;
                value += s.mass * cost[(s.source, s.target)];
            }
            assert!((value - found.value).abs() <= 1e-14);
            assert!((sent.iter().sum::<f64>() - mass).abs() <= 1e-14);
            assert!(sent.iter().zip(&a).chain(received.iter().zip(&b)).all(|(x, w)| *x <= w + 1e-15));
            let (alpha, beta) = (&found.source_prices, &found.target_prices);
            let dual = found.marginal_cost * mass
                - a.iter().zip(alpha).chain(b.iter().zip(beta)).map(|(w, x)| w * x).sum::<f64>();
            assert!((dual - value).abs() <= 1e-13, "{seed} {share}: {dual} {value}");
            assert!(alpha.iter().chain(beta).all(|x| *x >= -1e-14));
            for i in 0..n {
                for j in 0..m {
                    assert!(found.marginal_cost - alpha[i] - beta[j] <= cost[(i, j)] + 1e-14);
                }
            }
            assert!(found.certificate.lower <= value && value <= found.certificate.upper);
            // The cost is convex in the mass: the average grows.
            assert!(share == 0.2 || value / mass >= last - 1e-13);
            last = value / mass;
        }
    }
}

#[test]
fn the_whole_mass_is_the_full_problem() {
    let mut stream = Stream(6);
    let cost = Mat::from_fn(20, 25, |_, _| stream.bell());
    let (a, b) =
        (normalised(weights("general", 20, &mut stream)), normalised(weights("general", 25, &mut stream)));
    let full = exact(&a, &b, &cost).unwrap();
    let found = partial(&a, &b, &cost, 1.0, &ExactOptions::default()).unwrap();
    assert!((found.value - full.value).abs() <= 1e-14);
    for bad in [0.0, -1.0, 1.1, f64::NAN] {
        assert!(matches!(
            partial(&a, &b, &cost, bad, &ExactOptions::default()),
            Err(TransportError::OutOfRange { .. })
        ));
    }
    // One arc carries no more than its ends have.
    let arcs = Arcs::new(20, 25, [(0, 0, 1.0)]).unwrap();
    let most = a[0].min(b[0]);
    let found = partial(&a, &b, &arcs, 0.5 * most, &ExactOptions::default()).unwrap();
    assert!((found.value - 0.5 * most).abs() <= 1e-16);
    let Err(TransportError::Unreachable { farkas, .. }) =
        partial(&a, &b, &arcs, 1.5 * most, &ExactOptions::default())
    else {
        panic!()
    };
    assert_eq!((farkas.source.len(), farkas.target.len()), (21, 26));
    let empty = Arcs::new(19, 25, []).unwrap();
    assert!(matches!(
        partial(&a, &b, &empty, 0.5, &ExactOptions::default()),
        Err(TransportError::CostShape { .. })
    ));
}

#[test]
fn arcs_are_pairs_and_the_others_are_too_dear() {
    for seed in 0..40 {
        let mut stream = Stream(700 + seed);
        let (n, m) = (2 + (stream.uniform() * 12.0) as usize, 2 + (stream.uniform() * 12.0) as usize);
        let (a, b) = (weights("general", n, &mut stream), weights("general", m, &mut stream));
        let dense = Mat::from_fn(n, m, |i, j| {
            if (i + j) % 3 == 0 || stream.uniform() < 0.3 { stream.uniform() } else { 1e3 }
        });
        let pairs = (0..n).flat_map(|i| (0..m).map(move |j| (i, j)));
        let allowed: Vec<_> = pairs.map(|(i, j)| (i, j, dense[(i, j)])).filter(|arc| arc.2 < 1e3).collect();
        let arcs = Arcs::new(n, m, allowed.iter().copied()).unwrap();
        let least = a.iter().sum::<f64>().min(b.iter().sum());
        for share in [0.1, 0.3, 0.6] {
            let mass = share * least;
            let options = ExactOptions::default();
            let full = partial(&a, &b, &dense, mass, &options).unwrap();
            let is_forbidden = full.plan.shipments().iter().any(|s| dense[(s.source, s.target)] >= 1e3);
            let found = match partial(&a, &b, &arcs, mass, &options) {
                Ok(found) => found,
                Err(TransportError::Unreachable { .. }) => {
                    assert!(is_forbidden, "{seed} {share}");
                    continue;
                }
                Err(other) => panic!("{other}"),
            };
            assert!(!is_forbidden && (found.value - full.value).abs() <= 1e-13, "{seed} {share}");
            let (alpha, beta) = (&found.source_prices, &found.target_prices);
            let saved = a.iter().zip(alpha).chain(b.iter().zip(beta)).map(|(w, x)| w * x).sum::<f64>();
            let dual = found.marginal_cost * mass - saved;
            assert!((dual - found.value).abs() <= 1e-12, "{seed} {share}: {dual} {}", found.value);
            assert!(alpha.iter().chain(beta).all(|x| *x >= -1e-13));
            assert!(allowed.iter().all(|&(i, j, c)| found.marginal_cost - alpha[i] - beta[j] <= c + 1e-13));
        }
    }
}
