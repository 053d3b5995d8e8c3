//! Plans and the least reach on the circle.

use faer::Mat;
use proptest::prelude::*;
use tangency_transport::{
    Arcs, Atoms, Cost, Metric, TransportError, exact, transport_circle, verify, wasserstein_1d,
    wasserstein_circle, wasserstein_circle_pow,
};

fn arc(x: f64, y: f64, period: f64) -> f64 {
    let d = (x - y).rem_euclid(period);
    d.min(period - d)
}

fn costs(x: &[f64], y: &[f64], period: f64, p: f64) -> Mat<f64> {
    Mat::from_fn(x.len(), y.len(), |i, j| arc(x[i], y[j], period).powf(p))
}

/// Of n points with n points, the smallest of the largest arcs over all rotations of their order.
fn least_reach(x: &[f64], y: &[f64], period: f64) -> f64 {
    let sorted = |of: &[f64]| {
        let mut of: Vec<f64> = of.iter().map(|x| x.rem_euclid(period)).collect();
        of.sort_by(f64::total_cmp);
        of
    };
    let (x, y) = (sorted(x), sorted(y));
    let n = x.len();
    let longest = |shift: usize| (0..n).map(|i| arc(x[i], y[(i + shift) % n], period)).fold(0.0, f64::max);
    (0..n).map(longest).fold(f64::INFINITY, f64::min)
}

/// The least arc with which all mass can be carried, by the linear programme on the arcs that are no longer.
fn least_reach_by_arcs(x: &[f64], a: &[f64], y: &[f64], b: &[f64], period: f64) -> f64 {
    let mut candidates: Vec<f64> =
        x.iter().flat_map(|x| y.iter().map(move |y| arc(*x, *y, period))).collect();
    candidates.sort_by(f64::total_cmp);
    let feasible = |reach: f64| {
        let pairs = (0..x.len()).flat_map(|i| (0..y.len()).map(move |j| (i, j)));
        let short = pairs.filter(|&(i, j)| arc(x[i], y[j], period) <= reach).map(|(i, j)| (i, j, 0.0));
        match exact(a, b, &Arcs::new(x.len(), y.len(), short).unwrap()) {
            Ok(_) => true,
            Err(TransportError::Unreachable { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    };
    *candidates.iter().find(|reach| feasible(**reach)).unwrap()
}

/// Points of two sides with whole weights of one total; some weights are zero.
fn sides() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>)> {
    let side = |n: std::ops::Range<usize>| {
        prop::collection::vec(
            (prop_oneof![-3.0_f64..9.0, (-4_i32..9).prop_map(|k| f64::from(k) * 0.5)], 0_u32..5),
            n,
        )
    };
    (side(1..8), side(1..8)).prop_map(|(x, y)| {
        let split = |of: &[(f64, u32)]| -> (Vec<f64>, Vec<f64>) {
            of.iter().map(|(x, a)| (*x, f64::from(*a))).unzip()
        };
        let ((x, mut a), (y, mut b)) = (split(&x), split(&y));
        // The first weight of the lighter side makes up for it, and both have mass.
        a[0] += 1.0;
        b[0] += 1.0;
        let (total_a, total_b) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
        a[0] += (total_b - total_a).max(0.0);
        b[0] += (total_a - total_b).max(0.0);
        (x, a, y, b)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_least_reach_is_that_of_the_best_rotation(
        x in prop::collection::vec(-3.0_f64..9.0, 7), y in prop::collection::vec(-3.0_f64..9.0, 7),
        period in prop::sample::select(vec![1.0, 6.25, 24.0]),
    ) {
        let exact = least_reach(&x, &y, period);
        let found = wasserstein_circle(&x, &y, period, f64::INFINITY).unwrap();
        prop_assert!((found - exact).abs() <= 4.0 * f64::EPSILON * period, "{} {}", found, exact);
        let back = wasserstein_circle(&y, &x, period, f64::INFINITY).unwrap();
        prop_assert!((found - back).abs() <= 4.0 * f64::EPSILON * period, "{} {}", found, back);
        prop_assert!(found <= 0.5 * period && found <= wasserstein_1d(&x, &y, f64::INFINITY).unwrap() + 1e-14);
        // W_p grows to it.
        let high = wasserstein_circle(&x, &y, period, 60.0).unwrap();
        prop_assert!(high <= found + 1e-13 && high >= found * 7.0_f64.powf(-1.0 / 60.0) - 1e-13);
    }

    #[test]
    fn the_least_reach_of_weights_is_that_of_the_arcs_that_suffice((x, a, y, b) in sides()) {
        let exact = least_reach_by_arcs(&x, &a, &y, &b, 5.0);
        let (one, other) = (Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b));
        let found = wasserstein_circle(one, other, 5.0, f64::INFINITY).unwrap();
        prop_assert!((found - exact).abs() <= 1e-14, "{} {}", found, exact);
    }

    #[test]
    fn plans_and_potentials_are_certified(
        (x, a, y, b) in sides(), p in prop::sample::select(vec![1.0, 1.3, 2.0, 3.0]),
        period in prop::sample::select(vec![1.0, 5.0, 24.0]),
    ) {
        let (one, other) = (Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b));
        let found = transport_circle(one, other, period, p).unwrap();
        let cost = costs(&x, &y, period, p);
        let scale = period.powf(p) * a.iter().sum::<f64>();
        let (f, g) = (&found.source_potentials, &found.target_potentials);
        let certificate = verify(&a, &b, &cost, &found.plan, f, g).unwrap();
        prop_assert!(certificate.dual_violation <= 4e-15 * scale, "{:?}", certificate);
        prop_assert!(certificate.gap.abs() <= 1e-14 * scale, "{:?}", certificate);
        prop_assert!(certificate.source_violation.max(certificate.target_violation) <= 1e-14 * scale);
        prop_assert!((certificate.primal - found.primal).abs() <= 1e-14 * scale);
        prop_assert!((certificate.dual - found.dual).abs() <= 1e-14 * scale);
        let best = exact(&a, &b, &cost).unwrap().value;
        prop_assert!((found.primal - best).abs() <= 2e-14 * scale, "{} {}", found.primal, best);
        let power = wasserstein_circle_pow(one, other, period, p).unwrap();
        prop_assert!((found.primal - power).abs() <= 1e-14 * scale, "{} {}", found.primal, power);
        prop_assert!(found.plan.shipments().len() < x.len() + y.len() + 1);
    }
}

#[test]
fn many_points_have_potentials_that_are_feasible_everywhere() {
    let x: Vec<f64> = (0..3000_u32).map(|i| f64::from(i * 7919 % 3001) / 3001.0).collect();
    let y: Vec<f64> = (0..2000_u32).map(|i| (f64::from(i * 104_729 % 2003) / 2003.0).powi(3)).collect();
    let (a, b) = (vec![1.0 / 3000.0; 3000], vec![1.0 / 2000.0; 2000]);
    let circular = |x: &[f64], y: &[f64]| arc(x[0], y[0], 1.0).powi(2);
    let (xs, ys) = (Mat::from_fn(3000, 1, |i, _| x[i]), Mat::from_fn(2000, 1, |i, _| y[i]));
    let cost = Cost::points(xs.as_ref(), ys.as_ref(), Metric::Function(&circular));
    let found = transport_circle(&x, &y, 1.0, 2.0).unwrap();
    let certificate =
        verify(&a, &b, cost, &found.plan, &found.source_potentials, &found.target_potentials).unwrap();
    assert!(certificate.gap.abs() < 1e-15 && certificate.dual_violation < 1e-15, "{certificate:?}");
    assert!(found.plan.shipments().len() <= 5000);
}

#[test]
fn one_point_meets_all_the_others_both_ways_round() {
    // From one point to a uniform circle: the mean of |t| over half a turn to either side.
    let y: Vec<f64> = (0..8).map(f64::from).collect();
    let found = transport_circle(&[3.0], &y, 8.0, 1.0).unwrap();
    assert!((found.primal - 2.0).abs() < 1e-15 && (found.dual - 2.0).abs() < 1e-14, "{found:?}");
    assert_eq!(found.plan.shipments().len(), 8);
    assert_eq!(wasserstein_circle(&[3.0], &y, 8.0, f64::INFINITY).unwrap(), 4.0);
    assert_eq!(wasserstein_circle(&y, &y, 8.0, f64::INFINITY).unwrap(), 0.0);
    assert_eq!(transport_circle(&y, &y, 8.0, 2.0).unwrap().primal, 0.0);
}

#[test]
fn bad_input_is_refused() {
    let good = [0.25, 0.5];
    for (period, p) in
        [(0.0, 2.0), (f64::NAN, 2.0), (f64::INFINITY, 2.0), (1.0, 0.5), (1.0, f64::NAN), (1.0, f64::INFINITY)]
    {
        assert!(matches!(transport_circle(&good, &good, period, p), Err(TransportError::OutOfRange { .. })));
    }
    assert!(wasserstein_circle(&good, &good, 0.0, f64::INFINITY).is_err());
    assert!(wasserstein_circle_pow(&good, &good, 1.0, f64::INFINITY).is_err());
    let none: [f64; 0] = [];
    assert!(matches!(transport_circle(&none, &good, 1.0, 2.0), Err(TransportError::Empty { .. })));
    assert!(matches!(transport_circle(&[f64::NAN], &good, 1.0, 2.0), Err(TransportError::Coordinate { .. })));
    let heavy = Atoms::from(&good).weighted(&[1.0, 2.0]);
    assert!(matches!(transport_circle(heavy, &good, 1.0, 2.0), Err(TransportError::MassMismatch { .. })));
    assert!(matches!(
        wasserstein_circle(heavy, &good, 1.0, f64::INFINITY),
        Err(TransportError::MassMismatch { .. })
    ));
}
