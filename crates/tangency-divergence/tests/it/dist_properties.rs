//! What the theory says of divergences between named distributions.

use crate::dist_cases::{divergence, law};
use proptest::prelude::*;
use statrs::distribution::{ContinuousCDF, Gamma, Normal};
use tangency_divergence::*;

fn value(f: &dyn FDivergence, p: &Law, q: &Law) -> Evaluation {
    divergence_between(f, p.clone(), q.clone()).unwrap()
}

/// Laws on the whole line, and on the half-line, that overlap enough for all bounds to say something.
fn line() -> impl Strategy<Value = Law> {
    (0..4, -1.0..1.0, 0.5..2.0).prop_map(|(family, location, scale)| match family {
        0 => Law::Normal { mean: location, standard_deviation: scale },
        1 => Law::Laplace { location, scale },
        2 => Law::Cauchy { location, scale },
        _ => Law::Gumbel { location, scale },
    })
}

fn half_line() -> impl Strategy<Value = Law> {
    (0..5, 0.4..3.0, 0.5..2.0).prop_map(|(family, shape, rate)| match family {
        0 => Law::Gamma { shape, rate },
        1 => Law::Exponential { rate },
        2 => Law::Weibull { shape, scale: rate },
        3 => Law::LogNormal { location: 0.5 * shape - 1.0, scale: rate },
        _ => Law::InverseGamma { shape, rate },
    })
}

fn pair() -> impl Strategy<Value = (Law, Law)> {
    prop_oneof![(line(), line()), (half_line(), half_line())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..Default::default() })]

    /// Exchanging the laws exchanges f with its dual, u f(1/u).
    #[test]
    fn duals((p, q) in pair()) {
        for (name, dual) in [
            ("kl", "reverse"), ("pearson", "neyman"), ("hellinger", "hellinger"), ("tv", "tv"), ("jsd", "jsd"),
            ("lecam", "lecam"), ("jeffreys", "jeffreys"), ("alpha0.3", "alpha0.7"), ("alpha3", "alpha-2"),
        ] {
            let (one, other) = (value(&*divergence(name), &p, &q), value(&*divergence(dual), &q, &p));
            if one.value.is_infinite() || other.value.is_infinite() {
                // Just below infinity both are beyond what quadrature resolves; the bound must say so.
                let finite = if one.value.is_finite() { one } else { other };
                prop_assert!(one.value == other.value || finite.error_bound > 1e-6 * finite.value, "{name} {one:?} {other:?}");
            } else {
                let allowed = one.error_bound + other.error_bound;
                prop_assert!((one.value - other.value).abs() <= allowed, "{name} {one:?} {other:?}");
            }
        }
    }

    /// Pinsker; Hellinger and total variation; Bretagnolle and Huber; JSD ≤ ln 2 · TV; KL ≤ ln(1 + χ²) ≤ χ².
    #[test]
    fn inequalities((p, q) in pair()) {
        let at = |name: &str| value(&*divergence(name), &p, &q);
        let tv = at("tv").value;
        let kl = at("kl").value;
        let hellinger = at("hellinger").value;
        let jsd = at("jsd").value;
        let pearson = at("pearson");
        let margin = 1e-9;
        prop_assert!(tv <= (0.5 * kl).sqrt() + margin);
        prop_assert!(tv <= (1.0 - (-kl).exp()).sqrt() + margin);
        prop_assert!(hellinger <= tv + margin && tv <= (hellinger * (2.0 - hellinger)).sqrt() + margin);
        prop_assert!(jsd <= std::f64::consts::LN_2 * tv + margin);
        prop_assert!(at("lecam").value <= 2.0 * tv + margin);
        prop_assert!(kl <= pearson.value.ln_1p() + pearson.error_bound + margin);
        prop_assert!(at("hockey2").value <= tv + margin);
    }

    /// Rényi's divergence does not decrease in its order, tends to KL at 1, and is −2 ln(1 − H²) at ½.
    #[test]
    fn renyi_is_monotone_in_the_order((p, q) in pair()) {
        let mut last = 0.0;
        for order in [0.1, 0.5, 0.9, 0.999, 1.0, 1.2, 2.0, 3.0] {
            let function = DivergenceFunction::renyi(order).unwrap();
            let found = function_between(&function, p.clone(), q.clone()).unwrap();
            prop_assert!(found.value >= last - found.error_bound - 1e-9, "order {order}: {found:?} after {last}");
            last = found.value;
        }
        let half = function_between(&DivergenceFunction::renyi(0.5).unwrap(), p.clone(), q.clone()).unwrap();
        let hellinger = value(&SquaredHellinger::half(), &p, &q);
        let expected = -2.0 * (-hellinger.value).ln_1p();
        prop_assert!((half.value - expected).abs() < 1e-8 * (1.0 + expected));
        let bhattacharyya = function_between(&DivergenceFunction::Bhattacharyya, p, q).unwrap();
        prop_assert!((2.0 * bhattacharyya.value - half.value).abs() < 1e-8 * (1.0 + half.value));
    }

    /// Moving and stretching both laws changes nothing.
    #[test]
    fn affine_maps_change_nothing(m in -2.0..2.0, s in 0.3..3.0, shift in -5.0..5.0, factor in 0.01..100.0) {
        let normal = |mean: f64, scale: f64| Law::Normal { mean, standard_deviation: scale };
        let laplace = |location: f64, scale: f64| Law::Laplace { location, scale };
        for name in ["kl", "hellinger", "tv", "jsd", "lecam"] {
            let f = divergence(name);
            let plain = value(&*f, &normal(m, s), &laplace(0.0, 1.0));
            let mapped = value(&*f, &normal(shift + factor * m, factor * s), &laplace(shift, factor));
            let allowed = plain.error_bound + mapped.error_bound + 1e-13 * (1.0 + shift.abs() / factor);
            prop_assert!((plain.value - mapped.value).abs() <= allowed, "{name} {plain:?} {mapped:?}");
        }
    }

    /// Data processing: what a threshold tells is less than what the value tells.
    #[test]
    fn a_threshold_loses_information(a in 0.5..4.0, b in 0.5..2.0, m in -1.0..1.0, s in 0.5..2.0, t in 0.1..3.0) {
        let (gammas, normals) = (
            [Gamma::new(a, b).unwrap(), Gamma::new(2.0, 1.0).unwrap()],
            [Normal::new(m, s).unwrap(), Normal::new(0.0, 1.0).unwrap()],
        );
        for name in ["kl", "reverse", "hellinger", "tv", "jsd", "lecam", "pearson", "hockey2"] {
            let f = divergence(name);
            let cut = |p: f64, q: f64| {
                divergence_between(&*f, Law::Bernoulli { probability: p }, Law::Bernoulli { probability: q }).unwrap().value
            };
            let whole = divergence_between(&*f, gammas[0], gammas[1]).unwrap().value;
            prop_assert!(cut(gammas[0].cdf(t), gammas[1].cdf(t)) <= whole + 1e-10, "{name}");
            let whole = divergence_between(&*f, normals[0], normals[1]).unwrap().value;
            prop_assert!(cut(normals[0].cdf(t), normals[1].cdf(t)) <= whole + 1e-10, "{name}");
        }
    }
}

#[test]
fn the_values_of_the_literature() {
    use std::f64::consts::{E, LN_2};
    let at = |name: &str, p: &str, q: &str| value(&*divergence(name), &law(p), &law(q)).value;
    let close = |found: f64, exact: f64, digits: f64| {
        assert!((found - exact).abs() <= digits * exact.abs(), "{found} and {exact}");
    };
    close(at("kl", "normal 0 1", "normal 1 1"), 0.5, 1e-15);
    close(at("pearson", "normal 0 1", "normal 1 1"), E - 1.0, 1e-14);
    close(at("hellinger", "normal 0 1", "normal 1 1"), -(-0.125_f64).exp_m1(), 1e-14);
    close(at("tv", "normal 0 1", "normal 1 1"), 0.382_924_922_548_026, 1e-14);
    close(at("kl", "normal 0 1", "normal 1 2"), LN_2 - 0.25, 1e-14);
    close(at("kl", "exponential 1", "exponential 2"), 1.0 - LN_2, 1e-14);
    close(at("hellinger", "exponential 1", "exponential 2"), 1.0 - 2.0 * 2.0_f64.sqrt() / 3.0, 1e-13);
    close(at("tv", "exponential 1", "exponential 2"), 0.25, 1e-14);
    close(at("kl", "laplace 0 1", "laplace 1 2"), 0.377_086_901_145_666_6, 1e-14);
    close(at("kl", "cauchy 0 1", "cauchy 1 2"), 1.25_f64.ln(), 1e-14);
    close(at("reverse", "cauchy 0 1", "cauchy 1 2"), 1.25_f64.ln(), 1e-14);
    close(at("kl", "dirichlet 1 2 3", "dirichlet 2 2 2"), 0.806_852_819_440_054_7, 1e-14);
    close(at("pearson", "poisson 3", "poisson 5"), 0.8_f64.exp_m1(), 1e-14);
    close(at("kl", "pareto 2 3", "pareto 1 2"), 1.458_426_135_893_9, 1e-12);
    assert_eq!(at("kl", "pareto 1 2", "pareto 2 3"), f64::INFINITY);
    assert_eq!(at("kl", "uniform 0 1", "uniform 1 3"), f64::INFINITY);
    assert_eq!(at("tv", "uniform 0 1", "uniform 1 3"), 1.0);
    close(at("jsd", "uniform 0 1", "uniform 1 3"), LN_2, 1e-15);
}

#[test]
fn infinite_where_the_supports_or_the_tails_say_so() {
    // The pairs that PyTorch lists as infinite, and some that it does not know.
    for (p, q) in [
        ("beta 2 3", "pareto 1 2"),
        ("exponential 1", "beta 2 3"),
        ("exponential 1", "pareto 1 2"),
        ("exponential 1", "uniform 0 5"),
        ("gamma 2 1", "beta 2 3"),
        ("gamma 2 1", "pareto 1 2"),
        ("gumbel 0 1", "beta 2 3"),
        ("gumbel 0 1", "exponential 1"),
        ("gumbel 0 1", "gamma 2 1"),
        ("laplace 0 1", "beta 2 3"),
        ("laplace 0 1", "exponential 1"),
        ("normal 0 1", "gamma 2 1"),
        ("normal 100 1", "exponential 1"),
        ("normal 0 1", "uniform -9 9"),
        ("pareto 1 2", "beta 2 3"),
        ("pareto 1 2", "uniform 0 9"),
        ("poisson 3", "bernoulli 0.5"),
        ("poisson 3", "binomial 10 0.5"),
        ("pareto 1 1", "exponential 1"),
        ("pareto 1 2", "normal 0 1"),
        ("cauchy 0 1", "normal 0 1"),
        ("cauchy 0 1", "laplace 0 1"),
        ("student 0 1 2", "normal 0 1"),
        ("lognormal 0 1", "gumbel 0 0.1"),
        ("laplace 0 2", "gumbel 0 1"),
        ("levy 0 1", "gamma 2 1"),
        ("inverse_gamma 1 1", "gamma 2 1"),
        ("geometric 0.5", "binomial 9 0.5"),
    ] {
        if (p, q) == ("lognormal 0 1", "gumbel 0 0.1") {
            continue; // finite: the mean of x is, and e^{−x/β} is at most one on the half-line
        }
        let found = value(&KullbackLeibler, &law(p), &law(q));
        assert_eq!(found.value, f64::INFINITY, "{p} | {q}: {found:?}");
        // Those that are bounded stay so.
        let bounded = value(&JensenShannon::half(), &law(p), &law(q));
        assert!(
            bounded.value <= std::f64::consts::LN_2 + 1e-12 && bounded.error_bound < 1e-8,
            "{p} | {q}: {bounded:?}"
        );
    }
}

#[test]
fn equal_laws_are_at_no_distance_and_disjoint_ones_at_the_largest() {
    for text in
        ["normal 3 2", "beta 0.5 0.5", "poisson 7", "dirichlet 1 2 3", "mvn 2 0 0 2 1 1 2", "fisher 3 4"]
    {
        for f in generators() {
            let found = value(&*f, &law(text), &law(text));
            assert_eq!(found.value, f.at_one(), "{text} {}", f.name());
        }
    }
    for (p, q) in [("uniform 0 1", "pareto 2 3"), ("normal 0 1", "poisson 2"), ("bernoulli 0", "bernoulli 1")]
    {
        for f in generators() {
            let found = value(&*f, &law(p), &law(q));
            assert!(
                (found.value - f.supremum()).abs() < 1e-13 || found.value == f.supremum(),
                "{p} {q} {}",
                f.name()
            );
        }
    }
}

#[test]
fn affinities_far_below_the_range_of_numbers() {
    let normal = |mean| Law::Normal { mean, standard_deviation: 1.0 };
    let far =
        function_between(&DivergenceFunction::renyi(0.5).unwrap(), normal(0.0), normal(1000.0)).unwrap();
    assert!((far.value - 250_000.0).abs() < 1e-9);
    assert!(far.is_exact());
    // By quadrature where there is no closed form: the affinity itself is integrated, not one minus something.
    let student = Law::StudentsT { location: 30.0, scale: 1.0, freedom: 300.0 };
    let found = ln_affinity_between(normal(0.0), student, 0.5).unwrap();
    assert!(found.value < -50.0 && found.error_bound < 1e-8, "{found:?}");
}

#[test]
fn equal_covariances_reduce_to_one_dimension() {
    let p = law("mvn 3 0 1 2 4 1 0.5 1 3 -0.2 0.5 -0.2 2");
    let q = law("mvn 3 1 0 2.5 4 1 0.5 1 3 -0.2 0.5 -0.2 2");
    let kl = value(&KullbackLeibler, &p, &q).value;
    // KL = δ²/2 and TV = 2 Φ(δ/2) − 1.
    let exact = 2.0 * Normal::standard().cdf(0.5 * (2.0 * kl).sqrt()) - 1.0;
    let tv = value(&TotalVariation, &p, &q);
    assert!((tv.value - exact).abs() < 1e-14 && tv.is_exact());
    let jsd = value(&JensenShannon::half(), &p, &q);
    assert!(jsd.error_bound < 1e-10 && jsd.value > 0.0);
}

#[test]
fn budgets_are_kept_and_told() {
    let (p, q) = (law("laplace 0 1"), law("cauchy 0.5 1e-5"));
    let few = EvaluationOptions { max_evaluations: 400, ..Default::default() };
    let rough = divergence_between_with(&JensenShannon::half(), p.clone(), q.clone(), &few);
    let fine = divergence_between(&JensenShannon::half(), p, q).unwrap();
    if let Ok(rough) = rough {
        assert!(
            (rough.value - fine.value).abs() <= rough.error_bound + fine.error_bound,
            "{rough:?} {fine:?}"
        );
    }
    // A sum with too many terms for the budget.
    let (p, q) = (law("poisson 1e9"), law("poisson 1.0001e9"));
    let few = EvaluationOptions { max_evaluations: 1000, ..Default::default() };
    let rough = divergence_between_with(&JensenShannon::half(), p, q, &few).unwrap();
    assert!(
        rough.value <= std::f64::consts::LN_2
            && rough.value + rough.error_bound > 0.9 * std::f64::consts::LN_2
    );
}
