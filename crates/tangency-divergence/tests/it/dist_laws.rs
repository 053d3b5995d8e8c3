//! Named distributions: parametrisations as in statrs, and parameters that are wrong or extreme.

use crate::dist_cases::law;
use statrs::distribution as d;
use statrs::distribution::{Continuous, Discrete};
use tangency_divergence::*;

/// The largest relative difference of the density from that of statrs.
fn difference<D: Continuous<f64, f64> + Into<Law> + Copy>(law: D, points: &[f64]) -> f64 {
    let density = NamedDensity::new(law).unwrap();
    points.iter().map(|x| (density.ln_density(*x).exp() / law.pdf(*x) - 1.0).abs()).fold(0.0, f64::max)
}

#[test]
fn densities_are_those_of_statrs() {
    let positive = [0.03, 0.4, 1.0, 1.7, 4.2, 9.0];
    let real = [-6.3, -1.2, 0.0, 0.7, 2.9];
    let share = [0.02, 0.3, 0.77, 0.99];
    for error in [
        difference(d::Normal::new(0.3, 1.7).unwrap(), &real),
        difference(d::LogNormal::new(0.3, 0.7).unwrap(), &positive),
        difference(d::Exp::new(1.7).unwrap(), &positive),
        difference(d::Gamma::new(2.3, 1.7).unwrap(), &positive),
        difference(d::Erlang::new(3, 1.7).unwrap(), &positive),
        difference(d::ChiSquared::new(2.5).unwrap(), &positive),
        difference(d::InverseGamma::new(2.3, 1.7).unwrap(), &positive),
        difference(d::Chi::new(3).unwrap(), &positive),
        difference(d::Beta::new(0.7, 2.4).unwrap(), &share),
        difference(d::Laplace::new(0.3, 1.7).unwrap(), &real),
        difference(d::Cauchy::new(0.3, 1.7).unwrap(), &real),
        difference(d::StudentsT::new(0.3, 1.7, 3.5).unwrap(), &real),
        difference(d::Weibull::new(2.3, 1.7).unwrap(), &positive),
        difference(d::Pareto::new(0.3, 1.7).unwrap(), &positive[1..]),
        difference(d::Gumbel::new(0.3, 1.7).unwrap(), &real),
        difference(d::Levy::new(-0.3, 1.7).unwrap(), &positive),
        difference(d::Uniform::new(-0.3, 1.7).unwrap(), &share),
        difference(d::Triangular::new(-0.3, 1.7, 0.5).unwrap(), &share),
        difference(d::FisherSnedecor::new(3.0, 5.0).unwrap(), &positive),
    ] {
        assert!(error < 1e-12, "{error:e}");
    }
}

#[test]
fn masses_are_those_of_statrs() {
    // A law against a point mass on k: the hockey stick with a large γ is P(k's complement), so read the mass off TV.
    let mass = |law: Law, k: usize| {
        let mut point = vec![0.0; k + 1];
        point[k] = 1.0;
        let found =
            divergence_between(&TotalVariation, law, Law::Categorical { probabilities: point }).unwrap();
        1.0 - found.value
    };
    let pairs: [(Law, f64); 7] = [
        (d::Poisson::new(2.5).unwrap().into(), d::Poisson::new(2.5).unwrap().pmf(3)),
        (d::Bernoulli::new(0.3).unwrap().into(), 0.0),
        (d::Binomial::new(0.3, 9).unwrap().into(), d::Binomial::new(0.3, 9).unwrap().pmf(3)),
        (d::Geometric::new(0.3).unwrap().into(), d::Geometric::new(0.3).unwrap().pmf(3)),
        (
            d::NegativeBinomial::new(2.5, 0.3).unwrap().into(),
            d::NegativeBinomial::new(2.5, 0.3).unwrap().pmf(3),
        ),
        (
            d::Hypergeometric::new(30, 12, 8).unwrap().into(),
            d::Hypergeometric::new(30, 12, 8).unwrap().pmf(3),
        ),
        (d::DiscreteUniform::new(-2, 7).unwrap().into(), 0.1),
    ];
    for (law, expected) in pairs {
        let found = mass(law.clone(), 3);
        assert!((found - expected).abs() < 1e-13, "{law:?}: {found} and {expected}");
    }
}

#[test]
fn wrong_parameters_are_errors_that_say_whose_they_are() {
    let good = law("normal 0 1");
    for text in ["normal inf 1", "gamma -1 1", "poisson 0", "categorical 0.5 0.4", "dirichlet 1", "dirac inf"]
    {
        let error = law(text).validate().unwrap_err();
        let as_p = divergence_between(&KullbackLeibler, law(text), good.clone()).unwrap_err();
        assert_eq!(as_p.to_string(), format!("P: {error}"));
        let as_q = divergence_between(&KullbackLeibler, good.clone(), law(text));
        assert_eq!(as_q, Err(DistributionError::Law { side: Side::Q, error: error.clone() }));
        let density = NamedDensity::new(law(text));
        assert_eq!(density, Err(DistributionError::Law { side: Side::P, error }));
    }
}

#[test]
fn wrong_shapes_and_matrices_are_errors() {
    let plane = law("mvn 2 0 0 1 0 0 1");
    let kl = |p: Law, q: Law| divergence_between(&KullbackLeibler, p, q).unwrap_err();
    let indefinite = law("mvn 2 0 0 1 2 2 1");
    assert_eq!(
        kl(indefinite.clone(), plane.clone()),
        DistributionError::NotPositiveDefinite { side: Side::P }
    );
    assert_eq!(kl(plane.clone(), indefinite), DistributionError::NotPositiveDefinite { side: Side::Q });
    let space = law("mvn 3 0 0 0 1 0 0 0 1 0 0 0 1");
    assert_eq!(kl(plane.clone(), space), DistributionError::DimensionMismatch { p: 2, q: 3 });
    let ragged = Law::MultivariateNormal { mean: vec![0.0], covariance: faer::Mat::zeros(2, 2) };
    let error = LawError::CovarianceShape { dimension: 1, rows: 2, columns: 2 };
    assert_eq!(kl(ragged, plane.clone()), DistributionError::Law { side: Side::P, error });
    let simplex = [law("dirichlet 1 1 1"), law("dirichlet 1 1")];
    assert_eq!(
        kl(simplex[0].clone(), simplex[1].clone()),
        DistributionError::DimensionMismatch { p: 3, q: 2 }
    );
    let other = law("mvn 2 0 0 2 0 0 1");
    let no_form = divergence_between(&TotalVariation, plane, other).unwrap_err();
    assert!(matches!(no_form, DistributionError::NeedsSampling { .. }));
}

/// A density from its logarithm and its support.
struct Own(fn(f64) -> f64, (f64, f64));
impl Density for Own {
    fn ln_density(&self, x: f64) -> f64 {
        (self.0)(x)
    }
    fn support(&self) -> (f64, f64) {
        self.1
    }
}

#[test]
fn wrong_options_and_densities_are_errors() {
    let (p, q) = (law("normal 0 1"), law("laplace 0 1"));
    for options in [
        EvaluationOptions { relative_tolerance: 0.0, ..Default::default() },
        EvaluationOptions { relative_tolerance: f64::NAN, ..Default::default() },
        EvaluationOptions { max_evaluations: 7, ..Default::default() },
    ] {
        let error = divergence_between_with(&KullbackLeibler, p.clone(), q.clone(), &options).unwrap_err();
        assert!(matches!(error, DistributionError::OutOfRange { .. }));
    }
    let line = (f64::NEG_INFINITY, f64::INFINITY);
    let good = NamedDensity::new(p).unwrap();
    let against = |own: &Own| {
        divergence_of_densities(&KullbackLeibler, own, &good, &EvaluationOptions::default()).unwrap_err()
    };
    let twice = Own(|x| -0.5 * x * x, line);
    let DistributionError::NotNormalised { side: Side::P, mass, .. } = against(&twice) else { panic!() };
    assert!((mass - std::f64::consts::TAU.sqrt()).abs() < 1e-9);
    assert!(matches!(against(&Own(|_| f64::NAN, line)), DistributionError::Density { side: Side::P, .. }));
    assert!(matches!(against(&Own(|_| f64::INFINITY, line)), DistributionError::Density { .. }));
    assert!(matches!(against(&Own(|_| 0.0, (1.0, 0.0))), DistributionError::Support { .. }));
    assert!(matches!(against(&Own(|_| 0.0, (f64::NAN, 0.0))), DistributionError::Support { .. }));
}

#[test]
fn extreme_parameters_give_numbers() {
    let laws = [
        "normal 0 1e-100",
        "normal 0 1e100",
        "lognormal 700 1",
        "lognormal 0 1e-8",
        "exponential 1e-300",
        "exponential 1e300",
        "gamma 1e-3 1",
        "gamma 1e10 1",
        "gamma 1e-8 1e300",
        "inverse_gamma 1e-3 1",
        "chi 1e9",
        "beta 1e-3 1e-3",
        "beta 1e9 1e9",
        "laplace 0 1e100",
        "cauchy 1e9 1",
        "cauchy 0 1e-100",
        "student 0 1 1e10",
        "student 0 1 0.05",
        "weibull 1e-2 1",
        "weibull 1e3 1",
        "pareto 1 0.01",
        "pareto 1e-300 1",
        "pareto 1 1e9",
        "gumbel 0 1e-100",
        "gumbel -1e9 1",
        "levy 1e9 1",
        "uniform -1e100 1e100",
        "uniform 0 5e-324",
        "triangular 0 1 0",
        "triangular 0 1 1",
        "fisher 1e-2 1e-2",
        "fisher 1e8 1e8",
    ];
    let options = EvaluationOptions { max_evaluations: 20_000, ..Default::default() };
    let names = ["kl", "reverse", "pearson", "hellinger", "tv", "jsd", "alpha0.3"];
    for (i, p) in laws.iter().enumerate() {
        for (j, q) in laws.iter().enumerate() {
            // Every seventh pair with each divergence: all of them take long.
            let name = names[(i + 3 * j) % names.len()];
            let f = crate::dist_cases::divergence(name);
            match divergence_between_with(f.as_ref(), law(p), law(q), &options) {
                Ok(found) => {
                    assert!(
                        !found.value.is_nan() && !found.error_bound.is_nan(),
                        "{name} {p} {q}: {found:?}"
                    );
                    assert!(found.value >= -found.error_bound, "{name} {p} {q}: {found:?}");
                    let most = f.supremum() + found.error_bound;
                    assert!(found.value <= most, "{name} {p} {q}: {found:?}");
                }
                // A width of 1e-100 at a distance of 1 is not resolved, and squares of 1e300 are no numbers.
                Err(DistributionError::NotNormalised { .. })
                    if [p, q].iter().any(|law| {
                        ["e-100", "e-300", "e100", "e300"].iter().any(|end| law.contains(end))
                    }) => {}
                Err(error) => panic!("{name} {p} {q}: {error}"),
            }
        }
    }
}

#[test]
fn a_law_that_numbers_do_not_resolve_is_an_error_or_infinitely_uncertain() {
    // The neighbours of 1e300 are 1e284 away: a density of width 1 there cannot be integrated.
    for text in
        ["normal 1e300 1", "laplace 1e300 1e-300", "cauchy 1e300 1", "levy 1e300 1", "normal 0 1e-300"]
    {
        for other in ["normal 0 1e300", "gumbel -1e300 1", "student 0 1 3"] {
            match divergence_between(&JensenShannon::half(), law(text), law(other)) {
                Ok(found) => assert!(
                    (found.value - std::f64::consts::LN_2).abs() <= found.error_bound + 1e-9,
                    "{text} {other} {found:?}"
                ),
                Err(error) => assert!(
                    matches!(error, DistributionError::NotNormalised { .. }),
                    "{text} {other} {error}"
                ),
            }
        }
    }
}

#[test]
fn extreme_laws_on_the_integers_give_numbers() {
    let laws = [
        "poisson 1e-300",
        "poisson 1e9",
        "poisson 1e300",
        "bernoulli 0",
        "bernoulli 1",
        "binomial 0 0.3",
        "binomial 1000000000000 1e-9",
        "geometric 1",
        "geometric 1e-300",
        "negative_binomial 1e-9 0.5",
        "negative_binomial 1e9 0.999",
        "negative_binomial 3 1",
        "hypergeometric 0 0 0",
        "hypergeometric 1000000000 500000000 1000",
        "discrete_uniform -9e18 9e18",
        "categorical 1",
        "categorical 0 0 1",
    ];
    let options = EvaluationOptions { max_evaluations: 20_000, ..Default::default() };
    for name in ["kl", "reverse", "pearson", "hellinger", "tv", "jsd"] {
        let f = crate::dist_cases::divergence(name);
        for p in laws {
            for q in laws {
                let found = divergence_between_with(f.as_ref(), law(p), law(q), &options).unwrap();
                assert!(!found.value.is_nan() && !found.error_bound.is_nan(), "{name} {p} {q}: {found:?}");
                assert!(found.value >= -found.error_bound, "{name} {p} {q}: {found:?}");
                assert!(found.value <= f.supremum() + found.error_bound + 1e-9, "{name} {p} {q}: {found:?}");
            }
        }
    }
}
