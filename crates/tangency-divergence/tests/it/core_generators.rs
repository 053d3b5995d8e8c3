//! The generators against values of mpmath, against brute force, and against the identities that tie them together.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::type_complexity, reason = "tables of functions")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN has to fail the comparison")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use tangency_divergence::*;
use tangency_testing::Golden;

/// The listed generators, and orders of α next to the limits.
fn all() -> Vec<Box<dyn FDivergence>> {
    let mut list = generators();
    for order in [1.0 + 1e-9, 1.0 - 1e-9, 1e-9, -1e-9, 0.6] {
        list.push(Box::new(Alpha::new(order).unwrap()));
    }
    list
}

/// The relative error that a function with exponentials and powers of rounded exponents may have.
fn allowed(exact: f64) -> f64 {
    let exponent = if exact == 0.0 { 0.0 } else { exact.abs().ln().abs() };
    exact.abs() * (1e-15 + 3e-16 * exponent)
}

#[test]
fn values_are_those_of_mpmath() {
    let table =
        Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/core_generators.csv")).unwrap();
    let names = table.texts("generator").unwrap();
    let quantities = table.texts("quantity").unwrap();
    let arguments = table.numbers("argument").unwrap();
    let values = table.numbers("value").unwrap();
    let list = all();
    let mut worst: BTreeMap<(&str, &str), (f64, f64, f64, f64)> = BTreeMap::new();
    for i in 0..table.len() {
        let f = list.iter().find(|f| f.name() == names[i]).unwrap();
        let x = arguments[i];
        let got = match quantities[i] {
            "generator" => f.generator(x),
            "derivative" => f.derivative(x),
            "second derivative" => f.second_derivative(x),
            "of log-ratio" => f.generator_of_log_ratio(x),
            "nonnegative" => f.nonnegative_of_log_ratio(x),
            "critic" => f.critic(x),
            "conjugate of critic" => f.conjugate_of_critic(x),
            "critic derivative" => f.critic_derivative(x),
            "conjugate" => f.conjugate(x),
            other => panic!("{other}"),
        };
        let exact = values[i];
        // The rounding of t counts (f*)'(t) times; near the end of the domain that is much.
        let own =
            if quantities[i] == "conjugate" { 2e-16 * (x * f.conjugate_derivative(x)).abs() } else { 0.0 };
        let error = if got == exact { 0.0 } else { (got - exact).abs() / (allowed(exact) + own) };
        let entry = worst.entry((names[i], quantities[i])).or_insert((0.0, 0.0, 0.0, 0.0));
        if !(error <= entry.0) {
            *entry = (error, x, got, exact);
        }
    }
    let bad: Vec<_> = worst.iter().filter(|(_, w)| !(w.0 <= 1.0)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(worst.len(), 9 * list.len());
}

/// The listed generators with duals of all, and one that is given as a function.
fn with_duals() -> Vec<Box<dyn FDivergence>> {
    let mut list = all();
    for f in all() {
        list.push(Box::new(Dual(leak(f))));
    }
    list.push(Box::new(Custom::new("cubic", |u| (u - 1.0).powi(2) * (u + 2.0)).unwrap()));
    let derivative = |u: f64| 1.0 - 4.0 / ((1.0 + u) * (1.0 + u));
    list.push(Box::new(
        Custom::with_derivative("own Le Cam", |u| (u - 1.0).powi(2) / (u + 1.0), derivative).unwrap(),
    ));
    list
}

fn leak(f: Box<dyn FDivergence>) -> &'static dyn FDivergence {
    Box::leak(f)
}

/// Digits of a custom generator's differences; the others are exact.
fn digits(f: &dyn FDivergence) -> f64 {
    if f.formula().contains("caller") { 1e-9 } else { 2e-13 }
}

#[test]
fn conjugates_of_jeffreys_are_those_of_the_literature() {
    for (t, exact) in [
        (-50.0, -4.83205438819904),
        (-1.0, -0.8006536969425149),
        (0.0, 0.0),
        (1e-9, 1.00000000025e-9),
        (1.0, 1.3303661247616807),
        (5.0, 58.60719827750637),
        (50.0, 1.9073465724950998e21),
        (700.0, 3.7311512151407716e303),
    ] {
        let got = Jeffreys.conjugate(t);
        assert!((got - exact).abs() <= 4e-15 * exact.abs(), "{t}: {got:e} and not {exact:e}");
    }
}

#[test]
fn conjugates_are_suprema() {
    // A fine grid finds the supremum to second order in its spacing, and never more than the supremum.
    for f in with_duals() {
        for t in [-8.0, -2.5, -1.0, -0.4, -0.05, 0.0, 0.2, 0.34, 0.6, 0.99, 2.0] {
            let claimed = f.conjugate(t);
            let points = (-6000..6000).map(|i| (f64::from(i) * 2e-3).exp());
            let values = points.map(|u| t * u - f.generator(u));
            let found = values.chain([-f.at_zero()]).fold(f64::NEG_INFINITY, f64::max);
            let slack = 1e-12 * (1.0 + t.abs());
            assert!(found <= claimed + slack, "{}: {t}: {claimed} but {found} is attained", f.name());
            if claimed.is_finite() && f.conjugate_derivative(t) < 1e4 {
                // At a kink of f, or of its dual, to first order only.
                let spacing = if f.is_smooth() { 4e-6 } else { 2e-3 };
                let spacing = spacing * (1.0 + f.conjugate_derivative(t)) * (1.0 + claimed.abs() + t.abs());
                assert!(claimed - found < spacing, "{}: {t}: {claimed} but no more than {found}", f.name());
            } else if claimed.is_infinite() {
                assert!(t >= f.slope_at_infinity(), "{}: {t}", f.name());
            }
        }
    }
}

#[test]
fn ends_of_the_domain_are_what_they_are_said_to_be() {
    for f in with_duals() {
        let end = f.slope_at_infinity();
        assert!(
            f.conjugate(end + 1e-9 * (1.0 + end.abs())).is_infinite() || end.is_infinite(),
            "{}",
            f.name()
        );
        if end.is_finite() {
            assert_eq!(f.conjugate(end).is_finite(), f.is_domain_closed(), "{}", f.name());
            assert!(f.conjugate(end + 1.0) == f64::INFINITY, "{}", f.name());
            assert!(f.conjugate_derivative(end + 1.0).is_nan(), "{}", f.name());
        } else {
            assert!(!f.is_domain_closed(), "{}", f.name());
        }
        let (lowest, expected) = (f.conjugate(f64::NEG_INFINITY), -f.at_zero());
        assert!(lowest == expected || (lowest / expected - 1.0).abs() < 1e-15, "{}", f.name());
        assert_eq!(f.supremum(), f.at_zero() + f.slope_at_infinity());
        // The limits that are stated are those of the function.
        let (near, far) = (f.generator(1e-90), f.generator(1e90) / 1e90);
        let agree = |stated: f64, near: f64| {
            if stated.is_infinite() {
                near > 60.0
            } else {
                (stated - near).abs() < 1e-6 * (1.0 + stated.abs())
            }
        };
        // u^0.3 and the orders next to 0 and 1 approach their limits slowly, which the exact values test.
        if !f.name().contains("0000") && !f.name().contains("9999") && !f.name().contains("0.3") {
            assert!(agree(f.at_zero(), near), "{}: {} {near}", f.name(), f.at_zero());
            assert!(agree(f.slope_at_infinity(), far), "{}: {} {far}", f.name(), f.slope_at_infinity());
        }
    }
}

#[test]
fn no_argument_panics_and_nan_gives_nan() {
    let extremes =
        [0.0, -0.0, 1e-320, 1e-300, 1e300, f64::MAX, f64::INFINITY, -1.0, f64::NEG_INFINITY, 800.0, -800.0];
    for f in with_duals() {
        let functions: [(&str, &dyn Fn(f64) -> f64); 12] = [
            ("generator", &|x| f.generator(x)),
            ("of log-ratio", &|x| f.generator_of_log_ratio(x)),
            ("nonnegative", &|x| f.nonnegative_of_log_ratio(x)),
            ("derivative", &|x| f.derivative(x)),
            ("second", &|x| f.second_derivative(x)),
            ("conjugate", &|x| f.conjugate(x)),
            ("argument", &|x| f.conjugate_derivative(x)),
            ("critic", &|x| f.critic(x)),
            ("conjugate of critic", &|x| f.conjugate_of_critic(x)),
            ("critic derivative", &|x| f.critic_derivative(x)),
            ("classical", &|x| f.classical_activation(x)),
            ("classical derivative", &|x| f.classical_activation_derivative(x)),
        ];
        for (what, function) in functions {
            assert!(function(f64::NAN).is_nan(), "{} {what} of NaN: {}", f.name(), function(f64::NAN));
            for x in extremes {
                let value = function(x);
                let allowed = match what {
                    "derivative" | "second" => x < 0.0,
                    "argument" => f.conjugate(x) == f64::INFINITY,
                    _ => false,
                };
                assert!(allowed || !value.is_nan(), "{} {what}({x:e}) is NaN", f.name());
            }
        }
        assert_eq!(f.generator(-1e-3), f64::INFINITY);
        assert!(f.derivative(-1.0).is_nan() && f.second_derivative(-1.0).is_nan(), "{}", f.name());
        assert_eq!(f.generator(0.0), f.at_zero(), "{}", f.name());
        assert_eq!(f.generator(-0.0), f.at_zero(), "{}", f.name());
        assert!((f.generator(1.0) - f.at_one()).abs() < 1e-15, "{}", f.name());
        for v in [-800.0, 800.0] {
            assert!(f.nonnegative_of_log_ratio(v) >= 0.0);
            // What comes out of an activation is in the domain, or at its end.
            assert!(f.classical_activation(v) <= f.slope_at_infinity(), "{} {v}", f.name());
            assert!(f.critic(v) <= f.slope_at_infinity() * (1.0 + 1e-15), "{} {v}", f.name());
        }
    }
}

/// Pairs (generator, dual).
fn dual_pairs() -> Vec<(Box<dyn FDivergence>, Box<dyn FDivergence>)> {
    vec![
        (Box::new(KullbackLeibler), Box::new(ReverseKullbackLeibler)),
        (Box::new(PearsonChiSquared), Box::new(NeymanChiSquared)),
        (Box::new(SquaredHellinger::half()), Box::new(SquaredHellinger::half())),
        (Box::new(SquaredHellinger::full()), Box::new(SquaredHellinger::full())),
        (Box::new(TotalVariation), Box::new(TotalVariation)),
        (Box::new(Jeffreys), Box::new(Jeffreys)),
        (Box::new(JensenShannon::half()), Box::new(JensenShannon::half())),
        (Box::new(JensenShannon::weighted(0.25).unwrap()), Box::new(JensenShannon::weighted(0.75).unwrap())),
        (Box::new(Gan), Box::new(Gan)),
        (Box::new(LeCam), Box::new(LeCam)),
        (Box::new(Alpha::new(3.0).unwrap()), Box::new(Alpha::new(-2.0).unwrap())),
        (Box::new(Alpha::new(0.25).unwrap()), Box::new(Alpha::new(0.75).unwrap())),
        (Box::new(HockeyStick::new(1.0).unwrap()), Box::new(Dual(HockeyStick::new(1.0).unwrap()))),
    ]
}

#[test]
fn duals_are_the_generators_that_they_should_be() {
    for (f, expected) in dual_pairs() {
        let dual = Dual(&*f);
        let same = |what: &str, x: f64, got: f64, exact: f64| {
            let close =
                got == exact || (got - exact).abs() <= 1e-14 * (exact.abs() + f64::from(exact.abs() < 1e-3));
            assert!(close, "dual of {}: {what}({x}) is {got} and not {exact}", f.name());
        };
        for x in [-3.0, -1.0, -0.6, -0.3, -1e-3, 1e-3, 0.2, 0.34, 0.45, 0.7, 2.0, 5.0] {
            same("conjugate", x, dual.conjugate(x), expected.conjugate(x));
            same("of log-ratio", x, dual.generator_of_log_ratio(x), expected.generator_of_log_ratio(x));
            same("nonnegative", x, dual.nonnegative_of_log_ratio(x), expected.nonnegative_of_log_ratio(x));
            same("critic", x, dual.critic(x), expected.critic(x));
            same("conjugate of critic", x, dual.conjugate_of_critic(x), expected.conjugate_of_critic(x));
            same("critic derivative", x, dual.critic_derivative(x), expected.critic_derivative(x));
            let u = x.exp();
            same("generator", u, dual.generator(u), expected.generator(u));
            same("derivative", u, dual.derivative(u), expected.derivative(u));
            same("second derivative", u, dual.second_derivative(u), expected.second_derivative(u));
            if f.is_smooth() && expected.conjugate(x).is_finite() && expected.conjugate_derivative(x) > 1e-3 {
                let (got, exact) = (dual.conjugate_derivative(x), expected.conjugate_derivative(x));
                assert!((got - exact).abs() < 1e-12 * exact, "dual of {}: argument {got} {exact}", f.name());
            }
        }
        assert_eq!(dual.at_zero(), expected.at_zero());
        assert_eq!(dual.slope_at_infinity(), expected.slope_at_infinity());
        assert_eq!(dual.at_one(), expected.at_one());
        assert_eq!(dual.is_domain_closed(), expected.is_domain_closed(), "{}", f.name());
        assert_eq!(dual.form(), expected.form(), "{}", f.name());
    }
}

#[test]
fn alpha_passes_through_its_limits() {
    for (order, limit) in [(1.0, 1.0), (0.0, 0.0)] {
        let at = Alpha::new(limit).unwrap();
        for step in [1e-9, -1e-9, 1e-13, -1e-13, 1e-300, -1e-300] {
            let near = Alpha::new(order + step).unwrap();
            for v in [-3.0, -0.6, -0.01, 1e-7, 0.3, 0.9, 4.0] {
                let u = f64::exp(v);
                for (got, exact) in [
                    (near.generator(u), at.generator(u)),
                    (near.generator_of_log_ratio(v), at.generator_of_log_ratio(v)),
                    (near.derivative(u), at.derivative(u)),
                    (near.critic(v), at.critic(v)),
                    (near.conjugate_of_critic(v), at.conjugate_of_critic(v)),
                    (near.conjugate(-v), at.conjugate(-v)),
                ] {
                    let close =
                        got == exact || (got - exact).abs() <= (1e-14 + 40.0 * step.abs()) * exact.abs();
                    assert!(close, "{order} {step} {v}: {got} {exact}");
                }
            }
        }
    }
    let (kl, one) = (KullbackLeibler, Alpha::new(1.0).unwrap());
    let (reverse, zero) = (ReverseKullbackLeibler, Alpha::new(0.0).unwrap());
    for u in [0.01, 0.7, 1.0, 3.0] {
        assert!((one.generator(u) - (kl.generator(u) - (u - 1.0))).abs() < 1e-15);
        assert!((zero.generator(u) - (reverse.generator(u) + (u - 1.0))).abs() < 1e-15);
    }
}

#[test]
fn constructors_refuse_what_is_out_of_range() {
    for value in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(JensenShannon::weighted(value), Err(GeneratorError::OutOfRange { .. })), "{value}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(Alpha::new(value), Err(GeneratorError::OutOfRange { .. })));
    }
    for value in [0.999, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(HockeyStick::new(value), Err(GeneratorError::OutOfRange { .. })));
    }
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(DivergenceFunction::renyi(value).is_err() && DivergenceFunction::tsallis(value).is_err());
    }
}

#[test]
fn custom_generators_are_checked() {
    use GeneratorError::{BelowTangent, NotConvex, NotFinite, NotZeroAtOne, OutOfRange};
    let refused = |f: fn(f64) -> f64| Custom::new("f", f).unwrap_err();
    assert!(matches!(refused(|u| u * u), NotZeroAtOne { value: 1.0 }));
    assert!(matches!(refused(|u| 1.0 - u * u), NotConvex { excess, .. } if excess > 0.0));
    assert!(matches!(refused(f64::ln), NotConvex { .. }));
    assert!(matches!(refused(|u| (3.0 * (u - 1.0)).sin().abs()), NotConvex { .. }));
    assert!(matches!(refused(|_| f64::NAN), NotFinite { .. }));
    assert!(matches!(refused(|u| if u > 100.0 { f64::INFINITY } else { 0.0 }), NotFinite { .. }));
    assert!(matches!(refused(|u| if u < 1e-3 { f64::NEG_INFINITY } else { 0.0 }), NotFinite { .. }));
    let wrong = Custom::with_derivative("f", |u| (u - 1.0).powi(2), |u| 2.01 * (u - 1.0));
    assert!(matches!(wrong, Err(BelowTangent { deficit, .. }) if deficit > 0.0));
    let wrong = Custom::with_derivative("f", |u| (u - 1.0).powi(2), |_| f64::NAN);
    assert!(matches!(wrong, Err(BelowTangent { .. })));
    let custom = Custom::new("f", |u| (u - 1.0).powi(2)).unwrap();
    assert!(matches!(custom.clone().with_limits(f64::NAN, 1.0), Err(OutOfRange { .. })));
    assert!(matches!(custom.with_limits(1.0, f64::NEG_INFINITY), Err(OutOfRange { .. })));
}

/// The named generators again, as closures, with the wrapper's own calculus.
#[test]
fn custom_generators_agree_with_the_named_ones() {
    for f in generators() {
        if f.at_one() != 0.0 {
            continue;
        }
        let (f, name) = (leak(f), "again");
        let plain = Custom::new(name, |u| f.generator(u)).unwrap();
        let given = Custom::with_derivative(name, |u| f.generator(u), |u| f.derivative(u)).unwrap();
        for (custom, digits) in [(&plain, 1e-9), (&given, 1e-11)] {
            assert_eq!(
                custom.slope_at_infinity().is_infinite(),
                f.slope_at_infinity().is_infinite(),
                "{}",
                f.name()
            );
            assert_eq!(custom.at_zero(), f.at_zero());
            assert_eq!(custom.is_domain_closed(), f.is_domain_closed(), "{}", f.name());
            for v in [-4.0, -1.0, -0.3, 0.25, 0.9, 3.0] {
                let u = f64::exp(v);
                let same = |what: &str, got: f64, exact: f64| {
                    let close = got == exact || (got - exact).abs() <= digits * (1.0 + exact.abs());
                    assert!(close, "{}: {what}({v}) {got} {exact}", f.name());
                };
                same("critic", custom.critic(v), f.critic(v));
                same("conjugate of critic", custom.conjugate_of_critic(v), f.conjugate_of_critic(v));
                same("second", u * u * custom.second_derivative(u), u * u * f.second_derivative(u));
                same("nonnegative", custom.nonnegative_of_log_ratio(v), f.nonnegative_of_log_ratio(v));
            }
            for t in [-30.0, -2.0, -0.4, 0.1, 0.3, 0.45, 0.9, 4.0] {
                let (got, exact) = (custom.conjugate(t), f.conjugate(t));
                let close = got == exact || (got - exact).abs() <= 1e-13 * (1.0 + exact.abs());
                assert!(close, "{}: conjugate({t}) {got} {exact}", f.name());
            }
        }
    }
}

#[test]
fn classical_activations_are_those_of_the_article() {
    let softplus = |v: f64| v.exp().ln_1p();
    for v in [-3.0_f64, -0.5, 0.0, 0.7, 2.0] {
        let table: [(&dyn FDivergence, f64); 11] = [
            (&KullbackLeibler, v),
            (&ReverseKullbackLeibler, -(-v).exp()),
            (&PearsonChiSquared, v),
            (&NeymanChiSquared, 1.0 - (-v).exp()),
            (&SquaredHellinger::full(), 1.0 - (-v).exp()),
            (&SquaredHellinger::half(), 0.5 * (1.0 - (-v).exp())),
            (&Jeffreys, v),
            (&JensenShannon::f_gan(), 2.0_f64.ln() - softplus(-v)),
            (&JensenShannon::half(), 0.5 * (2.0_f64.ln() - softplus(-v))),
            (&Gan, -softplus(-v)),
            (&TotalVariation, 0.5 * v.tanh()),
        ];
        for (f, expected) in table {
            assert!(
                (f.classical_activation(v) - expected).abs() < 1e-15 * (1.0 + expected.abs()),
                "{}",
                f.name()
            );
        }
    }
}

#[test]
fn functions_of_divergences_have_their_limits_and_derivatives() {
    use DivergenceFunction::{Bhattacharyya, HellingerDistance, JensenShannonDistance};
    let renyi = |order| DivergenceFunction::renyi(order).unwrap();
    let tsallis = |order| DivergenceFunction::tsallis(order).unwrap();
    for divergence in [1e-12, 0.01, 0.4] {
        assert_eq!(renyi(1.0).of_divergence(divergence), divergence);
        assert!((renyi(1.0 + 1e-9).of_divergence(divergence) / divergence - 1.0).abs() < 2e-9);
        assert!((tsallis(1.0 - 1e-9).of_divergence(divergence) / divergence - 1.0).abs() < 2e-9);
        for function in
            [renyi(0.5), renyi(2.5), tsallis(0.4), Bhattacharyya, HellingerDistance, JensenShannonDistance]
        {
            let h = 1e-3 * divergence;
            let at = |k: f64| function.of_divergence(divergence + k * h);
            let difference = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
            let derivative = function.derivative(divergence);
            assert!(
                (difference / derivative - 1.0).abs() < 1e-9,
                "{} {difference} {derivative}",
                function.name()
            );
            assert_eq!(function.of_divergence(0.0), 0.0);
            assert!(function.of_divergence(f64::NAN).is_nan());
            // The largest value of the base gives the largest value.
            let (largest, supremum) =
                (function.of_divergence(function.base().supremum()), function.supremum());
            assert!(largest == supremum || (largest - supremum).abs() < 1e-15, "{}", function.name());
            if let Some(order) = function.affinity_order() {
                // From A: the half squared Hellinger distance is 1 - A, the others α-divergences.
                let ln_affinity = match function {
                    Bhattacharyya | HellingerDistance => (-divergence).ln_1p(),
                    _ => (order * (order - 1.0) * divergence).ln_1p(),
                };
                let other = function.of_ln_affinity(ln_affinity).unwrap();
                assert!(
                    (other / function.of_divergence(divergence) - 1.0).abs() < 1e-14,
                    "{}",
                    function.name()
                );
            }
        }
    }
    assert_eq!(renyi(1.0).of_ln_affinity(0.0), None);
    assert_eq!(HellingerDistance.of_divergence(-0.04), -0.2); // estimates are not clamped
}

proptest! {
    #[test]
    fn fenchel_equality_tangents_and_critics(v in -6.0..6.0_f64, w in -6.0..6.0_f64) {
        for f in with_duals() {
            let (u, x, digits) = (v.exp(), w.exp(), digits(&*f));
            let (value, slope) = (f.generator(u), f.derivative(u));
            let size = 1.0 + value.abs() + u * slope.abs() + x * slope.abs();
            // f* (f'(u)) = u f'(u) - f(u), and that is what the critic's form says.
            prop_assert!((u * slope - value - f.conjugate(slope)).abs() <= digits * size, "{}: Fenchel at {u}", f.name());
            prop_assert!((f.conjugate_of_critic(v) - (u * slope - value)).abs() <= digits * size, "{} at {v}", f.name());
            prop_assert!((f.critic(v) - slope).abs() <= digits * (1.0 + slope.abs()), "{}: T at {v}", f.name());
            prop_assert!((f.generator_of_log_ratio(v) - value).abs() <= digits * size, "{}: f(e^v) at {v}", f.name());
            // Nothing below a tangent.
            prop_assert!(f.generator(x) >= value + slope * (x - u) - digits * size, "{}: tangent", f.name());
            // Fenchel's inequality at another point.
            prop_assert!(f.conjugate(slope) >= x * slope - f.generator(x) - digits * size, "{}", f.name());
            // The normalised generator.
            let touching = f.generator(x) - f.at_one() - f.derivative(1.0) * (x - 1.0);
            prop_assert!((f.nonnegative_of_log_ratio(w) - touching).abs() <= digits * (1.0 + x + touching.abs() + f.generator(x).abs()));
            prop_assert!(f.nonnegative_of_log_ratio(w) >= 0.0);
            if f.is_smooth() && f.conjugate(slope).is_finite() && f.second_derivative(u) * u > 1e-4 {
                let back = f.conjugate_derivative(slope);
                prop_assert!((back / u - 1.0).abs() < 1e3 * digits / (f.second_derivative(u) * u) * (1.0 + slope.abs()), "{}: (f*)'(f'({u})) = {back}", f.name());
            }
        }
    }

    #[test]
    fn derivatives_agree_with_differences(v in -4.0..4.0_f64) {
        let h = 1e-3;
        let difference = |g: &dyn Fn(f64) -> f64| {
            (45.0 * (g(v + h) - g(v - h)) - 9.0 * (g(v + 2.0 * h) - g(v - 2.0 * h)) + g(v + 3.0 * h) - g(v - 3.0 * h)) / (60.0 * h)
        };
        for f in with_duals() {
            let tolerance = 1e3 * digits(&*f).max(1e-13);
            let close = |got: f64, exact: f64, size: f64| (got - exact).abs() <= tolerance * (1.0 + exact.abs() + size);
            let classical = difference(&|v| f.classical_activation(v));
            prop_assert!(close(classical, f.classical_activation_derivative(v), f.classical_activation(v).abs()), "{}", f.name());
            // The classical activation increases.
            prop_assert!(f.classical_activation_derivative(v) > 0.0, "{}", f.name());
            let near_kink = !f.is_smooth() && (v.abs() < 0.01 || (v.abs() - 2.0_f64.ln()).abs() < 0.01);
            if near_kink {
                continue;
            }
            let slope = f.critic_derivative(v);
            prop_assert!(close(difference(&|v| f.critic(v)), slope, f.critic(v).abs()), "{}: T' at {v}", f.name());
            let rest = difference(&|v| f.conjugate_of_critic(v));
            prop_assert!(close(rest, v.exp() * slope, f.conjugate_of_critic(v).abs()), "{}: f*(T)' at {v}", f.name());
            let u = v.exp();
            prop_assert!(close(u * f.second_derivative(u), slope, 0.0), "{}: f'' at {u}", f.name());
            let d = difference(&|v| f.generator_of_log_ratio(v));
            prop_assert!(close(d, u * f.derivative(u), f.generator(u).abs()), "{}: f' at {u}", f.name());
        }
    }
}
