//! Permutations against all permutations.

use crate::instances::Stream;
use faer::Mat;
use tangency_transport::{Arcs, TransportError, assignment};

/// The least sum over all permutations, by Heap's algorithm.
fn least(cost: &Mat<f64>) -> f64 {
    let n = cost.nrows();
    let mut order: Vec<usize> = (0..n).collect();
    let mut counts = vec![0; n];
    let sum = |order: &[usize]| order.iter().enumerate().map(|(i, &j)| cost[(i, j)]).sum::<f64>();
    let mut best = sum(&order);
    let mut k = 1;
    while k < n {
        if counts[k] < k {
            order.swap(if k % 2 == 0 { 0 } else { counts[k] }, k);
            best = best.min(sum(&order));
            counts[k] += 1;
            k = 1;
        } else {
            counts[k] = 0;
            k += 1;
        }
    }
    best
}

#[test]
fn no_permutation_is_cheaper() {
    let mut stream = Stream(12);
    for n in 1..=7 {
        for round in 0..40 {
            let cost = Mat::from_fn(n, n, |_, _| {
                if round % 2 == 0 { stream.bell() } else { (stream.uniform() * 4.0).floor() }
            });
            let found = assignment(&cost).unwrap();
            assert!((found.value - least(&cost)).abs() <= 1e-14);
            let mut seen = found.targets.clone();
            seen.sort_unstable();
            assert!(seen.iter().copied().eq(0..n));
            let sum: f64 = found.targets.iter().enumerate().map(|(i, &j)| cost[(i, j)]).sum();
            assert!((sum - found.value).abs() <= 1e-14);
            assert!(found.certificate.gap.abs() <= 1e-14 && found.certificate.dual_violation <= 1e-15);
        }
    }
}

#[test]
fn rectangles_and_graphs_without_a_perfect_matching_are_errors() {
    let cost = Mat::<f64>::zeros(2, 3);
    assert!(matches!(assignment(&cost), Err(TransportError::NotSquare { sources: 2, targets: 3 })));
    let arcs = Arcs::new(3, 3, [(0, 0, 1.0), (1, 0, 1.0), (2, 0, 1.0), (2, 1, 1.0), (2, 2, 1.0)]).unwrap();
    let Err(TransportError::Unreachable { unreachable, farkas, .. }) = assignment(&arcs) else { panic!() };
    assert_eq!(unreachable, 1.0);
    // Once for the source that is left over, and once for the target.
    assert_eq!(farkas.excess(&[1.0; 3], &[1.0; 3]), 2.0);
}
