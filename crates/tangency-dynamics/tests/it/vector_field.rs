//! The hand-written products of the models, against dual numbers.

use crate::fields::{Again, DrivenPendulum};
use proptest::prelude::*;
use tangency_dynamics::models::{Lorenz, LotkaVolterra, SpeciesCompetition};
use tangency_dynamics::{DualField, VectorField};

/// Numbers in (-2, 2) of no particular pattern.
fn numbers(seed: f64, len: usize) -> Vec<f64> {
    (0..len).map(|i| 2.0 * (seed + 1.7 * i as f64).sin()).collect()
}

fn assert_same(mut by_hand: impl VectorField, mut by_duals: impl VectorField, seed: f64) {
    let (n, m) = (by_hand.dimension(), by_hand.parameter_len());
    assert_eq!((n, m), (by_duals.dimension(), by_duals.parameter_len()));
    assert_eq!((by_hand.state_layout().len(), by_hand.parameter_layout().len()), (n, m));
    let (x, p) = (numbers(seed, n), numbers(seed + 0.3, m));
    let (dx, dp, l) = (numbers(seed + 0.5, n), numbers(seed + 0.6, m), numbers(seed + 0.9, n));
    let close = |a: &[f64], b: &[f64]| {
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() < 1e-13, "{a} {b}");
        }
    };
    let (mut a, mut b) = (vec![0.0; n], vec![9.0; n]);
    by_hand.evaluate(0.0, &x, &p, &mut a);
    by_duals.evaluate(0.0, &x, &p, &mut b);
    close(&a, &b);
    for direction in [&dp[..], &[]] {
        by_hand.tangent(0.0, &x, &p, &dx, direction, &mut a);
        by_duals.tangent(0.0, &x, &p, &dx, direction, &mut b);
        close(&a, &b);
    }
    // Adjoints add: begin from something that is not zero.
    let (mut a, mut b) = (vec![0.25; n + m], vec![0.25; n + m]);
    let (to_x, to_p) = a.split_at_mut(n);
    by_hand.adjoint(0.0, &x, &p, &l, to_x, to_p);
    let (to_x, to_p) = b.split_at_mut(n);
    by_duals.adjoint(0.0, &x, &p, &l, to_x, to_p);
    close(&a, &b);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn products_by_hand_equal_those_of_dual_numbers(seed in 0.0..100.0) {
        assert_same(SpeciesCompetition, DualField::new(Again("species")), seed);
        assert_same(LotkaVolterra, DualField::new(Again("prey")), seed);
        assert_same(Lorenz, DualField::new(Again("lorenz")), seed);
    }
}

#[test]
fn dual_numbers_give_the_derivatives_of_a_transcendental_field() {
    let mut field = DualField::new(DrivenPendulum);
    let (x, p, t) = ([0.8, -0.3], [2.0, 0.1, 0.5], 1.3f64);
    let mut out = [0.0; 2];
    field.tangent(t, &x, &p, &[0.2, 0.7], &[1.0, -2.0, 3.0], &mut out);
    let want = -2.0 * 0.8f64.cos() * 0.2 - 0.1 * 0.7 - 0.8f64.sin() - 2.0 * 0.3 + 3.0 * (0.7 * t).cos();
    assert!((out[0] - 0.7).abs() < 1e-15 && (out[1] - want).abs() < 1e-15, "{out:?} {want}");
    // A tangent must leave nothing behind in the dual numbers.
    let (mut to_x, mut to_p) = ([0.0; 2], [0.0; 3]);
    field.adjoint(t, &x, &p, &[0.0, 1.0], &mut to_x, &mut to_p);
    let want = [-2.0 * 0.8f64.cos(), -0.1, -0.8f64.sin(), 0.3, (0.7 * t).cos()];
    for (got, want) in to_x.iter().chain(&to_p).zip(want) {
        assert!((got - want).abs() < 1e-15, "{got} {want}");
    }
}
