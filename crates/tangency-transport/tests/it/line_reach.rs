//! The largest difference of quantiles of laws.

use crate::line_laws::law;
use tangency_testing::Golden;
use tangency_transport::{
    Law, LawMethod, LawOptions, QuantileFunction, TransportError, wasserstein_between,
    wasserstein_between_with, wasserstein_to_law,
};

const INFINITY: f64 = f64::INFINITY;

#[test]
fn largest_differences_have_the_digits_of_mpmath() {
    let table = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/reach.csv")).unwrap();
    let (one, other) = (table.texts("one").unwrap(), table.texts("other").unwrap());
    let reach = table.numbers("reach").unwrap();
    let sample = QuantileFunction::new(&[-0.5, 0.25, 0.5, 0.75, 1.5]).unwrap();
    assert!(table.len() > 10);
    for k in 0..table.len() {
        let mut found = Vec::new();
        if one[k] == "sample" {
            found.push(wasserstein_to_law(&sample, law(other[k]), INFINITY).unwrap());
        } else {
            found.push(wasserstein_between(law(one[k]), law(other[k]), INFINITY).unwrap());
            found.push(wasserstein_between(law(other[k]), law(one[k]), INFINITY).unwrap());
        }
        for found in found {
            let error = (found.value - reach[k]).abs();
            assert!(matches!(found.method, LawMethod::Enclosure { .. }), "{found:?}");
            assert!(error <= 2e-14, "{} {}: {found:?} {}", one[k], other[k], reach[k]);
            assert!(error <= found.error_bound && found.error_bound <= 2e-7 * reach[k], "{found:?}");
            assert_eq!(found.power(), found.value);
        }
    }
}

#[test]
fn closed_forms_and_enclosures_agree() {
    let numerical = LawOptions { closed_forms: false, ..Default::default() };
    let (uniform, triangular) = (law("uniform 0 1"), law("triangular 0 4 1"));
    for (x, y, exact) in [
        (uniform.clone(), law("uniform 0.25 3"), 2.0),
        (uniform.clone(), law("uniform 2.5 3"), 2.5),
        (triangular.clone(), law("triangular 1 9 3"), 5.0),
        (law("beta 2 3"), Law::Dirac { point: 0.25 }, 0.75),
        (Law::Dirac { point: -1.0 }, triangular, 5.0),
        (Law::Dirac { point: -1.0 }, Law::Dirac { point: 3.0 }, 4.0),
        (Law::Dirac { point: 2.0 }, Law::Binomial { trials: 9, probability: 0.5 }, 7.0),
    ] {
        let found = wasserstein_between(x.clone(), y.clone(), INFINITY).unwrap();
        assert_eq!((found.value, found.method), (exact, LawMethod::ClosedForm), "{x:?} {y:?}");
        assert!(found.error_bound < 1e-14);
        let found = wasserstein_between_with(y, x, INFINITY, &numerical).unwrap();
        assert!((found.value - exact).abs() <= found.error_bound.min(1e-14), "{found:?}");
        assert!(found.error_bound <= 2e-7 * exact, "{found:?}");
    }
    // The budget is kept, and the bound says what that costs.
    let few = LawOptions { max_evaluations: 1000, ..Default::default() };
    let found = wasserstein_between_with(law("beta 2 3"), law("beta 4 2"), INFINITY, &few).unwrap();
    let best = wasserstein_between(law("beta 2 3"), law("beta 4 2"), INFINITY).unwrap();
    assert!(matches!(found.method, LawMethod::Enclosure { evaluations } if evaluations < 3000));
    assert!(found.value <= best.value && best.value <= found.value + found.error_bound);
    assert!(found.error_bound > best.error_bound);
}

#[test]
fn unbounded_supports_are_infinitely_far_apart_but_for_shifts() {
    for (x, y) in [
        ("normal 0 1", "normal 0 1.5"),
        ("normal 0 1", "laplace 0 1"),
        ("normal 0 1", "uniform 0 1"),
        ("exponential 1", "exponential 2"),
        ("exponential 1", "gamma 2 1"),
        ("gamma 2 1", "gamma 3 1"),
        ("gamma 2 1", "beta 2 1"),
        ("weibull 0.5 1", "weibull 0.5 2"),
        ("weibull 2 1", "weibull 3 1"),
        ("lognormal 0 1", "lognormal 1 1"),
        ("lognormal 0 1", "pareto 1 2"),
        ("pareto 1 2", "pareto 1 3"),
        ("student 0 1 3", "student 0 1 4"),
        ("gumbel 0 1", "gumbel 0 2"),
        ("gumbel 0 1", "laplace 0 1"),
        ("inversegamma 2 1", "fisher 3 4"),
        ("chi 2", "chi 2.5"),
    ] {
        for (x, y) in [(x, y), (y, x)] {
            let found = wasserstein_between(law(x), law(y), INFINITY).unwrap();
            if x.starts_with("chi") {
                // Finite, and nothing is proved of it.
                assert!(found.value > 0.0 && found.value < 1.0 && found.error_bound == INFINITY, "{found:?}");
            } else {
                assert_eq!((found.value, found.error_bound), (INFINITY, 0.0), "{x} {y}");
            }
        }
    }
    for (x, y, shift) in [
        (law("normal 0 1"), law("normal 3 1"), 3.0),
        (Law::Cauchy { location: 1.0, scale: 2.0 }, Law::Cauchy { location: -1.5, scale: 2.0 }, 2.5),
        (law("gumbel 0 2"), law("gumbel 0.5 2"), 0.5),
        (law("exponential 2"), law("exponential 2"), 0.0),
        (law("exponential 2"), law("gamma 1 2"), 0.0),
    ] {
        let found = wasserstein_between(x, y, INFINITY).unwrap();
        assert_eq!((found.value, found.method), (shift, LawMethod::ClosedForm));
    }
    let poisson = |rate| Law::Poisson { rate };
    assert_eq!(wasserstein_between(poisson(3.0), poisson(5.0), INFINITY).unwrap().value, INFINITY);
    assert_eq!(wasserstein_between(poisson(3.0), law("exponential 1"), INFINITY).unwrap().value, INFINITY);
    let geometric = |probability| Law::Geometric { probability };
    assert_eq!(wasserstein_between(geometric(0.5), geometric(0.25), INFINITY).unwrap().value, INFINITY);
    // The exponential law and its parts rounded up: at most 1 apart, which is not proved.
    let found =
        wasserstein_between(geometric(0.5), Law::Exponential { rate: 2.0_f64.ln() }, INFINITY).unwrap();
    assert!((found.value - 1.0).abs() < 1e-12 && found.error_bound == INFINITY, "{found:?}");
    let sample = QuantileFunction::new(&[0.0, 1.0]).unwrap();
    assert_eq!(wasserstein_to_law(&sample, law("normal 0 1"), INFINITY).unwrap().value, INFINITY);
}

#[test]
fn steps_of_discrete_laws_meet_or_the_bound_says_that_they_may_not() {
    let categorical = |probabilities: &[f64]| Law::Categorical { probabilities: probabilities.to_vec() };
    let between = |x: Law, y: Law| wasserstein_between(x, y, INFINITY).unwrap();
    // Levels ½ and ¼: the middle quarter moves by two.
    let found = between(categorical(&[0.5, 0.0, 0.5]), categorical(&[0.25, 0.0, 0.75]));
    assert!(found.value == 2.0 && found.error_bound < 1e-14, "{found:?}");
    let found = between(Law::DiscreteUniform { min: 0, max: 5 }, Law::DiscreteUniform { min: 10, max: 13 });
    assert!(found.value == 10.0 && found.error_bound < 1e-13, "{found:?}");
    // The same law in two ways: no difference is seen, and one step is what rounding may hide.
    let third = 1.0 / 3.0;
    let found = between(Law::Binomial { trials: 1, probability: third }, categorical(&[1.0 - third, third]));
    assert!(found.value == 0.0 && (found.error_bound - 1.0).abs() < 1e-12, "{found:?}");
    // A die against the uniform law: half a unit at every end of a step.
    let die = Law::DiscreteUniform { min: 1, max: 6 };
    let found = between(die.clone(), law("uniform 0.5 6.5"));
    assert!((found.value - 0.5).abs() <= found.error_bound && found.error_bound < 1e-12, "{found:?}");
    // Bounded, but with ends whose masses are too small to list.
    let found = between(
        Law::Binomial { trials: 1000, probability: 0.5 },
        Law::Binomial { trials: 1000, probability: 0.25 },
    );
    assert!(found.value > 250.0 && found.value + found.error_bound <= 1000.0, "{found:?}");
    assert!(found.error_bound > 1.0);
    // Samples and histograms.
    let sample = QuantileFunction::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 7.0]).unwrap();
    let found = wasserstein_to_law(&sample, die.clone(), INFINITY).unwrap();
    assert!(found.value == 1.0 && found.error_bound < 1e-13, "{found:?}");
    let histogram = QuantileFunction::from_histogram_uniform(&[0.0, 1.0, 3.0], &[0.5, 0.5]).unwrap();
    let coin = categorical(&[0.5, 0.5]);
    // Level ½ to 1: from 1 to 3 against 1.
    let found = wasserstein_to_law(&histogram, coin, INFINITY).unwrap();
    assert!((found.value - 2.0).abs() < 1e-12 && found.error_bound < 1e-12, "{found:?}");
    let found = wasserstein_to_law(&histogram, law("uniform 0 2"), INFINITY).unwrap();
    assert!((found.value - 1.0).abs() < 1e-15 && found.error_bound < 1e-13, "{found:?}");
    // Where the share u lies above: 3 − 4u against 2 − √(2u), whose difference is largest at u = 1/32.
    let found = wasserstein_to_law(&histogram, law("triangular 0 2 1"), INFINITY).unwrap();
    assert!((found.value - 1.125).abs() <= 1e-14 && found.error_bound < 1e-6, "{found:?}");
}

#[test]
fn it_is_the_limit_of_large_powers() {
    for (x, y) in [("beta 2 3", "beta 4 2"), ("uniform 0 1", "triangular -1 2 0.25")] {
        let limit = wasserstein_between(law(x), law(y), INFINITY).unwrap().value;
        let mut last = 0.0;
        for p in [1.0, 4.0, 16.0, 64.0] {
            let found = wasserstein_between(law(x), law(y), p).unwrap().value;
            assert!(last < found && found < limit, "{x} {y} {p}: {found} {limit}");
            last = found;
        }
        assert!(last > 0.85 * limit, "{x} {y}: {last} {limit}");
    }
    let bad = wasserstein_between(law("uniform 0 1"), Law::Uniform { min: 1.0, max: 0.0 }, INFINITY);
    assert!(matches!(bad, Err(TransportError::Law { .. })));
    assert!(wasserstein_between(law("uniform 0 1"), law("uniform 0 1"), f64::NAN).is_err());
    let heavy = QuantileFunction::from_sorted_weighted(&[0.0, 1.0], &[1.0, 1.0]).unwrap();
    assert!(wasserstein_to_law(&heavy, law("uniform 0 1"), INFINITY).is_err());
}
