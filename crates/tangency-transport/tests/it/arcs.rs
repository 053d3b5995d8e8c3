//! Costs on some pairs alone, and the proof where they do not suffice.

use crate::instances::{Stream, normalised, weights};
use faer::Mat;
use std::ops::ControlFlow;
use tangency_transport::{
    Arcs, ExactOptions, FarkasVector, Start, TransportError, TransportStatus, exact, exact_with, verify,
};

/// The two inequalities of Farkas' lemma, the second by a margin.
fn refutes(vector: &FarkasVector, a: &[f64], b: &[f64], arcs: &[(usize, usize, f64)], least: f64) {
    for &(i, j, _) in arcs {
        assert!(vector.source[i] + vector.target[j] <= 0.0, "{i} {j}");
    }
    assert!(vector.source.iter().chain(&vector.target).all(|x| x.fract() == 0.0));
    let excess: f64 =
        a.iter().zip(&vector.source).chain(b.iter().zip(&vector.target)).map(|(w, f)| w * f).sum();
    assert!(excess >= least, "{excess}");
    assert!((vector.excess(a, b) - excess).abs() < 1e-12);
}

#[test]
fn masses_that_differ_are_refuted() {
    let cost = Mat::<f64>::zeros(2, 3);
    for (a, b) in [([2.0, 1.0], [1.0, 1.0, 0.5]), ([0.2, 0.1], [0.0, 1.0, 0.5])] {
        let Err(TransportError::MassMismatch { farkas, source_mass, target_mass, .. }) = exact(&a, &b, &cost)
        else {
            panic!("the masses differ");
        };
        let arcs: Vec<_> = (0..2).flat_map(|i| (0..3).map(move |j| (i, j, 0.0))).collect();
        refutes(&farkas, &a, &b, &arcs, 0.9 * (source_mass - target_mass).abs());
    }
}

#[test]
fn all_arcs_are_the_matrix() {
    let mut stream = Stream(31);
    for seed in 0..40 {
        let (n, m) = (1 + (stream.uniform() * 20.0) as usize, 1 + (stream.uniform() * 20.0) as usize);
        let kind = ["equal", "general", "zeros", "heavy", "whole"][seed % 5];
        let (mut a, mut b) = (weights(kind, n, &mut stream), weights(kind, m, &mut stream));
        a[0] += 1.0;
        b[0] += 1.0;
        let (a, b) = (normalised(a), normalised(b));
        let cost = Mat::from_fn(n, m, |_, _| stream.bell());
        let arcs = Arcs::new(n, m, (0..n * m).map(|k| (k / m, k % m, cost[(k / m, k % m)]))).unwrap();
        let (dense, sparse) = (exact(&a, &b, &cost).unwrap(), exact(&a, &b, &arcs).unwrap());
        assert_eq!(sparse.status, TransportStatus::Optimal);
        assert!((dense.value - sparse.value).abs() <= 1e-14, "{seed}");
        assert!(sparse.certificate.gap.abs() <= 1e-14 && sparse.certificate.dual_violation <= 1e-15);
        let again = verify(&a, &b, &arcs, &sparse.plan, &sparse.source_potentials, &sparse.target_potentials);
        assert_eq!(again.unwrap(), sparse.certificate);
    }
}

#[test]
fn forbidden_pairs_are_pairs_that_cost_too_much_or_a_proof() {
    let (mut solved, mut refuted) = (0, 0);
    for seed in 0..200 {
        let mut stream = Stream(1000 + seed);
        let (n, m) = (2 + (stream.uniform() * 10.0) as usize, 2 + (stream.uniform() * 10.0) as usize);
        let share = 0.15 + 0.6 * stream.uniform();
        let all: Vec<_> = (0..n * m)
            .filter_map(|k| {
                let (u, c) = (stream.uniform(), stream.bell());
                (u < share).then_some((k / m, k % m, c))
            })
            .collect();
        let (a, b) = if seed % 2 == 0 {
            (vec![1.0 / n as f64; n], vec![1.0 / m as f64; m])
        } else {
            let mut b = weights("zeros", m, &mut stream);
            b[0] += 0.1;
            (normalised(weights("whole", n, &mut stream)), normalised(b))
        };
        let arcs = Arcs::new(n, m, all.iter().copied()).unwrap();
        // The same with a price for forbidden pairs that no detour can reach.
        let mut dear = Mat::from_fn(n, m, |_, _| 1e4);
        for &(i, j, c) in &all {
            dear[(i, j)] = c;
        }
        let reference = exact(&a, &b, &dear).unwrap();
        match exact(&a, &b, &arcs) {
            Ok(found) => {
                solved += 1;
                assert!(
                    (found.value - reference.value).abs() <= 1e-11,
                    "{seed}: {} {}",
                    found.value,
                    reference.value
                );
                assert!(found.certificate.gap.abs() <= 1e-13, "{seed}: {:?}", found.certificate);
                assert!(found.certificate.dual_violation <= 1e-14);
                assert!(found.certificate.lower <= found.value && found.value <= found.certificate.upper);
                assert!(found.certificate.source_violation.max(found.certificate.target_violation) <= 1e-15);
            }
            Err(TransportError::Unreachable { unreachable, farkas, .. }) => {
                refuted += 1;
                refutes(&farkas, &a, &b, &all, 0.5 * unreachable);
                let forbidden =
                    reference.plan.shipments().iter().filter(|s| dear[(s.source, s.target)] == 1e4);
                let mass: f64 = forbidden.map(|s| s.mass).sum();
                assert!((mass - unreachable).abs() <= 1e-12, "{seed}: {mass} {unreachable}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(solved > 30 && refuted > 30, "{solved} {refuted}");
}

#[test]
fn parts_whose_masses_agree_up_to_rounding_are_no_contradiction() {
    // 0.1 + 0.2 and 0.3 differ by rounding, and no arc joins the two halves.
    let arcs = Arcs::new(4, 2, [(0, 0, 1.0), (1, 0, 2.0), (2, 1, 3.0), (3, 1, 4.0)]).unwrap();
    let found = exact(&[0.1, 0.2, 0.3, 0.4], &[0.3, 0.7], &arcs).unwrap();
    assert!((found.value - (0.1 + 0.4 + 0.9 + 1.6)).abs() <= 1e-15);
    assert!(found.certificate.source_violation <= 1e-16);
}

#[test]
fn potentials_of_arcs_that_can_carry_nothing_are_feasible() {
    // Source 1 must serve target 1 alone, so the arc (1, 0) is empty in every plan, however cheap it is.
    let arcs = Arcs::new(2, 2, [(0, 0, 1.0), (1, 0, -50.0), (1, 1, 1.0)]).unwrap();
    let found = exact(&[0.5, 0.5], &[0.5, 0.5], &arcs).unwrap();
    assert_eq!(found.value, 1.0);
    assert!(found.certificate.dual_violation <= 1e-14 && found.certificate.gap.abs() <= 1e-13);
}

#[test]
fn a_basis_starts_a_problem_on_arcs_and_bad_arcs_are_refused() {
    let mut stream = Stream(77);
    let all: Vec<_> =
        (0..400).filter(|_| stream.uniform() < 0.6).map(|k| (k / 20, k % 20, (k * k % 37) as f64)).collect();
    let arcs = Arcs::new(20, 20, all).unwrap();
    let w = normalised(weights("general", 20, &mut stream));
    let first = exact(&w, &w, &arcs).unwrap();
    let options = ExactOptions { start: Start::Basis(&first.basis), ..Default::default() };
    let second = exact_with(&w, &w, &arcs, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!((first.value - second.value).abs() <= 1e-14);
    assert!(second.pivots < first.pivots, "{} {}", second.pivots, first.pivots);
    // A basis with arcs that are not allowed: they stay empty.
    let dense = exact(&w, &w, &Mat::from_fn(20, 20, |i, j| ((i + j) % 20) as f64)).unwrap();
    let options = ExactOptions { start: Start::Basis(&dense.basis), ..Default::default() };
    let third = exact_with(&w, &w, &arcs, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!((first.value - third.value).abs() <= 1e-14);
    // A gap is asked of the costs, not of the search for a feasible plan.
    let options = ExactOptions { gap_tolerance: Some(0.9), ..Default::default() };
    let loose = exact_with(&w, &w, &arcs, &options, |_| ControlFlow::Continue(())).unwrap();
    assert!(loose.certificate.source_violation <= 1e-15 && loose.certificate.lower <= first.value);
    assert!(matches!(Arcs::new(2, 2, [(2, 0, 1.0)]), Err(TransportError::ArcIndex { from: 2, to: 0, .. })));
    assert!(matches!(
        Arcs::new(2, 2, [(1, 0, f64::NAN)]),
        Err(TransportError::Cost { row: 1, column: 0, .. })
    ));
    let duplicate = Arcs::new(1, 1, [(0, 0, 3.0), (0, 0, 2.0)]).unwrap();
    assert_eq!((duplicate.len(), exact(&[1.0], &[1.0], &duplicate).unwrap().value), (1, 2.0));
    let none = Arcs::new(1, 1, []).unwrap();
    assert!(
        none.is_empty() && matches!(exact(&[1.0], &[1.0], &none), Err(TransportError::Unreachable { .. }))
    );
}
