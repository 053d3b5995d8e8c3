//! Distances of named laws against mpmath and against each other.

use statrs::distribution as d;
use tangency_testing::Golden;
use tangency_transport::{
    Law, LawMethod, LawOptions, QuantileFunction, Side, TransportError, wasserstein_between,
    wasserstein_between_with, wasserstein_to_law,
};

pub(crate) fn law(text: &str) -> Law {
    let words: Vec<&str> = text.split(' ').collect();
    let n: Vec<f64> = words[1..].iter().map(|w| w.parse().unwrap()).collect();
    match words[0] {
        "normal" => Law::Normal { mean: n[0], standard_deviation: n[1] },
        "lognormal" => Law::LogNormal { location: n[0], scale: n[1] },
        "exponential" => Law::Exponential { rate: n[0] },
        "laplace" => Law::Laplace { location: n[0], scale: n[1] },
        "cauchy" => Law::Cauchy { location: n[0], scale: n[1] },
        "levy" => Law::Levy { location: n[0], scale: n[1] },
        "weibull" => Law::Weibull { shape: n[0], scale: n[1] },
        "pareto" => Law::Pareto { scale: n[0], shape: n[1] },
        "gumbel" => Law::Gumbel { location: n[0], scale: n[1] },
        "uniform" => Law::Uniform { min: n[0], max: n[1] },
        "triangular" => Law::Triangular { min: n[0], max: n[1], mode: n[2] },
        "gamma" => Law::Gamma { shape: n[0], rate: n[1] },
        "beta" => Law::Beta { shape_a: n[0], shape_b: n[1] },
        "student" => Law::StudentsT { location: n[0], scale: n[1], freedom: n[2] },
        "fisher" => Law::FisherSnedecor { freedom_1: n[0], freedom_2: n[1] },
        "chi" => Law::Chi { freedom: n[0] },
        "inversegamma" => Law::InverseGamma { shape: n[0], rate: n[1] },
        other => panic!("{other}"),
    }
}

#[test]
fn distances_have_the_digits_of_mpmath() {
    let table = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/line.csv")).unwrap();
    let (one, other) = (table.texts("one").unwrap(), table.texts("other").unwrap());
    let (p, power) = (table.numbers("p").unwrap(), table.numbers("power").unwrap());
    let sample = QuantileFunction::new(&[-1.5, -0.25, 0.5, 0.75, 2.0]).unwrap();
    assert!(table.len() > 40);
    let numerical = LawOptions { closed_forms: false, ..Default::default() };
    for k in 0..table.len() {
        let name = format!("{} | {} | {}", one[k], other[k], p[k]);
        let exact = power[k].powf(1.0 / p[k]);
        let mut found = Vec::new();
        if one[k] == "sample" {
            found.push(wasserstein_to_law(&sample, law(other[k]), p[k]).unwrap());
        } else {
            found.push(wasserstein_between(law(one[k]), law(other[k]), p[k]).unwrap());
            found.push(wasserstein_between_with(law(one[k]), law(other[k]), p[k], &numerical).unwrap());
            found.push(wasserstein_between(law(other[k]), law(one[k]), p[k]).unwrap());
        }
        for found in found {
            let error = (found.value - exact).abs();
            assert!(error <= 1e-12 * exact, "{name}: {found:?} and {exact}, off by {:e}", error / exact);
            assert!(
                error <= found.error_bound + 1e-16 * exact,
                "{name}: {found:?} and {exact}, off by {error:e}"
            );
            assert!(found.error_bound <= 1e-10 * exact, "{name}: {found:?}");
            assert!((found.power() / power[k] - 1.0).abs() < 1e-12 * (1.0 + p[k]));
        }
    }
}

#[test]
fn closed_forms_and_quadrature_agree() {
    let numerical = LawOptions { closed_forms: false, ..Default::default() };
    let triangular = |min: f64, max: f64, mode: f64| Law::Triangular { min, max, mode };
    for (x, y, exponents) in [
        (law("normal 0 1"), law("normal -2 0.25"), &[1.0, 2.0][..]),
        (law("laplace 0 1"), law("laplace 3 0.5"), &[1.0, 2.0]),
        (law("laplace 0 1"), law("laplace 0 2.5"), &[1.5, 3.0]),
        (law("normal 0 1"), law("normal 0 1.25"), &[1.0, 3.0, 4.5]),
        (law("uniform 0 1"), law("uniform 0.25 0.5"), &[1.0, 2.0]),
        (law("gumbel 0 1"), law("gumbel 2 1.5"), &[2.0]),
        (law("student 0 1 4.5"), law("student 1 2 4.5"), &[2.0]),
        (triangular(0.0, 4.0, 1.0), triangular(1.0, 3.0, 1.5), &[2.0]),
        (law("exponential 1"), law("exponential 2"), &[1.0, 2.0, 3.0]),
        (law("gamma 2.5 1"), law("gamma 2.5 3"), &[1.0, 2.0, 2.5]),
        (law("gamma 2 1"), law("gamma 3 0.5"), &[1.0]),
        (law("gamma 2.5 1"), law("exponential 2"), &[1.0]),
        (law("inversegamma 4.5 1"), law("inversegamma 4.5 3"), &[1.0, 2.0, 3.0]),
        (law("inversegamma 4.5 1"), law("inversegamma 3.5 3"), &[1.0]),
        (law("weibull 1.5 1"), law("weibull 1.5 2"), &[1.0, 2.0, 3.5]),
        (law("pareto 1 4.5"), law("pareto 2 4.5"), &[1.0, 2.0]),
        (law("pareto 1 4.5"), law("pareto 2 3.5"), &[1.0]),
        (law("lognormal 0 0.5"), law("lognormal 1 0.5"), &[1.0]),
        (law("chi 3"), law("chi 4"), &[1.0]),
        (Law::Dirac { point: 0.75 }, law("gamma 2.5 1"), &[2.0]),
        (law("beta 2 3"), Law::Dirac { point: -1.0 }, &[2.0]),
    ] {
        for p in exponents {
            let exact = wasserstein_between(x.clone(), y.clone(), *p).unwrap();
            assert_eq!(exact.method, LawMethod::ClosedForm, "{x:?} {y:?} {p}");
            let other = wasserstein_between_with(x.clone(), y.clone(), *p, &numerical).unwrap();
            assert!(matches!(other.method, LawMethod::Quadrature { .. }));
            let difference = (exact.value - other.value).abs();
            assert!(
                difference <= exact.error_bound + other.error_bound,
                "{x:?} {y:?} {p}: {exact:?} {other:?}"
            );
            assert!(
                difference <= 1e-11 * exact.value && exact.error_bound < 1e-13 * (1.0 + exact.value),
                "{x:?} {y:?} {p}: {exact:?} {other:?}"
            );
        }
    }
}

#[test]
fn infinite_distances_are_infinite() {
    let between = |x: &str, y: &str, p: f64| wasserstein_between(law(x), law(y), p).unwrap();
    for (x, y, p) in [
        ("cauchy 0 1", "cauchy 1 2", 1.0),
        ("cauchy 0 1", "normal 0 1", 1.0),
        ("pareto 1 2", "uniform 0 1", 2.0),
        ("pareto 1 2", "pareto 1 1.9", 2.0),
        ("pareto 1 2", "pareto 1.5 2", 2.0),
        ("student 0 1 3", "normal 0 1", 3.0),
        ("levy 0 1", "levy 0 2", 1.0),
        ("levy 0 1", "exponential 2", 1.0),
        ("inversegamma 2 1", "gamma 2 1", 2.0),
        ("fisher 3 4", "exponential 1", 2.0),
    ] {
        for found in [between(x, y, p), between(y, x, p)] {
            assert_eq!((found.value, found.error_bound), (f64::INFINITY, 0.0), "{x} {y} {p}");
        }
    }
    // Moved laws are near, whatever their tails.
    assert_eq!(between("cauchy 0 2", "cauchy 5 2", 3.0).value, 5.0);
    assert_eq!(between("levy 0 2", "levy -1 2", 1.0).value, 1.0);
    assert_eq!(between("student 0 1 1.5", "student 2 1 1.5", 9.0).value, 2.0);
    assert_eq!(between("cauchy 0 2", "cauchy 0 2", 1.0).value, 0.0);
    // Just inside the range of moments.
    let found = between("pareto 1 2.2", "uniform 0 1", 2.0);
    assert!(found.value.is_finite() && found.error_bound < 1e-6 * found.value, "{found:?}");
    // One law under two names whose moments are infinite: a value, and no bound.
    let found = between("levy 0 2", "inversegamma 0.5 1", 1.0);
    assert_eq!(found.error_bound, f64::INFINITY);
    let sample = QuantileFunction::new(&[0.0, 1.0]).unwrap();
    let far = wasserstein_to_law(&sample, Law::Cauchy { location: 0.0, scale: 1.0 }, 1.0).unwrap();
    assert_eq!(far.value, f64::INFINITY);
}

#[test]
fn discrete_laws_are_summed() {
    let p3 = d::Poisson::new(3.0).unwrap();
    let p5 = d::Poisson::new(5.0).unwrap();
    assert_eq!(wasserstein_between(p3, p5, 1.0).unwrap().value, 2.0);
    let numerical = LawOptions { closed_forms: false, ..Default::default() };
    let summed = wasserstein_between_with(p3, p5, 1.0, &numerical).unwrap();
    assert!(matches!(summed.method, LawMethod::Summation { .. }));
    assert!((summed.value - 2.0).abs() <= summed.error_bound && summed.error_bound < 1e-12, "{summed:?}");
    for (x, y) in [
        (Law::from(d::Bernoulli::new(0.25).unwrap()), Law::from(d::Bernoulli::new(0.75).unwrap())),
        (d::Geometric::new(0.25).unwrap().into(), d::Geometric::new(0.5).unwrap().into()),
        (d::Binomial::new(0.25, 10).unwrap().into(), d::Binomial::new(0.5, 12).unwrap().into()),
        (
            d::NegativeBinomial::new(2.0, 0.5).unwrap().into(),
            d::NegativeBinomial::new(2.5, 0.25).unwrap().into(),
        ),
        (
            d::Hypergeometric::new(30, 10, 5).unwrap().into(),
            d::Hypergeometric::new(30, 12, 7).unwrap().into(),
        ),
    ] {
        let exact = wasserstein_between(x.clone(), y.clone(), 1.0).unwrap();
        assert_eq!(exact.method, LawMethod::ClosedForm);
        let summed = wasserstein_between_with(x.clone(), y.clone(), 1.0, &numerical).unwrap();
        assert!(
            (exact.value - summed.value).abs() < 1e-13 * (1.0 + exact.value),
            "{x:?} {y:?} {exact:?} {summed:?}"
        );
    }
    // W₂² of Bernoulli laws is the difference of their means too; of Dirac and any law the second moment about the point.
    let found =
        wasserstein_between(d::Bernoulli::new(0.25).unwrap(), d::Bernoulli::new(0.5).unwrap(), 2.0).unwrap();
    assert!((found.power() - 0.25).abs() < 1e-15);
    let found = wasserstein_between(d::Dirac::new(1.0).unwrap(), d::Poisson::new(4.0).unwrap(), 2.0).unwrap();
    assert!((found.power() - 13.0).abs() < 1e-14, "{found:?}");
    // A die against the uniform law on an interval: every face moves over an interval of length 1.
    let die = Law::DiscreteUniform { min: 1, max: 6 };
    let found = wasserstein_between(die.clone(), d::Uniform::new(0.5, 6.5).unwrap(), 2.0).unwrap();
    assert!((found.power() - 1.0 / 12.0).abs() < 1e-14, "{found:?}");
    let sample = QuantileFunction::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    assert_eq!(wasserstein_to_law(&sample, die, 2.0).unwrap().value, 0.0);
    let fair = Law::Categorical { probabilities: vec![0.25; 4] };
    let found = wasserstein_to_law(&QuantileFunction::new(&[0.0, 3.0]).unwrap(), fair, 1.0).unwrap();
    assert!((found.value - 0.5).abs() < 1e-15);
}

#[test]
fn the_checks_of_the_literature() {
    let between = |x: &str, y: &str, p: f64| wasserstein_between(law(x), law(y), p).unwrap();
    let e = std::f64::consts::E;
    for (found, exact) in [
        (between("normal 0 1", "normal 1 1", 1.0).value, 1.0),
        (between("normal 0 1", "normal 1 1", 2.0).value, 1.0),
        (between("normal 0 1", "normal 1 2", 1.0).value, 1.1666309411753726),
        (between("normal 0 1", "normal 1 2", 2.0).power(), 2.0),
        (between("exponential 1", "exponential 2", 1.0).value, 0.5),
        (between("exponential 1", "exponential 2", 2.0).power(), 0.5),
        (between("exponential 1", "exponential 2", 3.0).power(), 0.75),
        (between("beta 2 3", "beta 4 2", 1.0).value, 4.0 / 15.0),
        (between("laplace 0 1", "laplace 1 2", 1.0).value, 1.0 + 1.0 / e),
        (between("uniform 0 1", "uniform 1 3", 2.0).power(), 7.0 / 3.0),
    ] {
        assert!((found - exact).abs() < 1e-15 * 8.0, "{found} {exact}");
    }
    assert!((between("gamma 2 1", "gamma 3 2", 1.0).value - 0.5105301215).abs() < 1e-10);
}

#[test]
fn units_and_extreme_parameters() {
    let (x, y) = (law("gamma 2 1"), law("weibull 1.5 2"));
    let plain = wasserstein_between(x, y, 2.5).unwrap();
    for scale in [1e-200, 1e-12, 1e12, 1e200] {
        let (x, y) =
            (Law::Gamma { shape: 2.0, rate: 1.0 / scale }, Law::Weibull { shape: 1.5, scale: 2.0 * scale });
        let found = wasserstein_between(x, y, 2.5).unwrap();
        assert!((found.value / scale / plain.value - 1.0).abs() < 1e-13, "{scale}: {found:?} {plain:?}");
    }
    // Near the normal limit of the gamma law: W₂² → Var X + Var Y − 2 √(Var X Var Y)(1 − 1/(36a) ...), which is small.
    let shape = 1e6;
    let gamma = Law::Gamma { shape, rate: 1000.0 };
    let normal = Law::Normal { mean: 1000.0, standard_deviation: 1.0 };
    let found = wasserstein_between(gamma, normal, 2.0).unwrap();
    // To first order the quantile is z + (z² − 1)/(3√a): W₂² = 2/(9a).
    assert!((found.value * 3.0 * (shape / 2.0).sqrt() - 1.0).abs() < 1e-5, "{found:?}");
    assert!(found.error_bound < 1e-9, "{found:?}");
    // A spike beside a broad law, and tiny shapes.
    let tiny =
        wasserstein_between(Law::Gamma { shape: 1e-3, rate: 1.0 }, Law::Dirac { point: 0.0 }, 1.0).unwrap();
    assert!((tiny.value - 1e-3).abs() < 1e-14, "{tiny:?}");
}

#[test]
fn parameters_are_checked() {
    let good = law("normal 0 1");
    for bad in [
        law("normal inf 1"),
        law("gamma 0 1"),
        law("uniform 1 1"),
        Law::Dirac { point: f64::INFINITY },
        Law::Categorical { probabilities: vec![0.5, 0.4] },
    ] {
        let error = bad.validate().unwrap_err();
        let as_source = wasserstein_between(bad.clone(), good.clone(), 1.0).unwrap_err();
        assert_eq!(as_source.to_string(), format!("the source: {error}"));
        let as_target = TransportError::Law { side: Side::Target, error };
        assert_eq!(wasserstein_between(good.clone(), bad.clone(), 2.0), Err(as_target.clone()));
        let sample = QuantileFunction::new(&[0.0, 1.0]).unwrap();
        assert_eq!(wasserstein_to_law(&sample, bad, 2.0), Err(as_target));
    }
    // Laws of vectors are refused by name, if they are of one dimension too.
    let plane = Law::MultivariateNormal { mean: vec![0.0; 2], covariance: faer::Mat::identity(2, 2) };
    let line = Law::MultivariateNormal { mean: vec![0.0], covariance: faer::Mat::identity(1, 1) };
    for (law, family, dimension) in [
        (plane, "multivariate normal", 2),
        (line, "multivariate normal", 1),
        (Law::Dirichlet { concentration: vec![1.0; 3] }, "Dirichlet", 3),
    ] {
        let error = |side| Err(TransportError::NotOnLine { side, family, dimension });
        assert_eq!(wasserstein_between(law.clone(), law.clone(), 1.0), error(Side::Source));
        assert_eq!(wasserstein_between(good.clone(), law, 1.0), error(Side::Target));
    }
    assert!(wasserstein_between(good.clone(), good.clone(), f64::NAN).is_err());
    let bad = LawOptions { relative_tolerance: 0.0, ..Default::default() };
    assert!(wasserstein_between_with(good.clone(), good.clone(), 1.0, &bad).is_err());
    let heavy = QuantileFunction::from_sorted_weighted(&[0.0, 1.0], &[1.0, 1.0]).unwrap();
    assert!(matches!(wasserstein_to_law(&heavy, good, 1.0), Err(TransportError::MassMismatch { .. })));
}

#[test]
fn samples_from_a_law_come_near_it() {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_pcg::Pcg64::seed_from_u64(5);
    let draws: Vec<f64> = (0..2000).map(|_| -(1.0 - rng.random::<f64>()).ln()).collect();
    let sample = QuantileFunction::new(&draws).unwrap();
    let found = wasserstein_to_law(&sample, d::Exp::new(1.0).unwrap(), 1.0).unwrap();
    // ∫ |Fₙ − F| by its formula on each interval between points.
    let mut sorted = draws.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mut exact = 0.0;
    let ends: Vec<f64> = std::iter::once(0.0).chain(sorted.iter().copied()).chain([60.0]).collect();
    for (k, w) in ends.windows(2).enumerate() {
        let c = k as f64 / n;
        // ∫ (F − c) = (1 − c) x + e^{-x}, cut where F = c.
        let area = |a: f64, b: f64| ((1.0 - c) * (b - a) + (-b).exp() - (-a).exp()).abs();
        let crossing = if c < 1.0 { (-(-c).ln_1p()).clamp(w[0], w[1]) } else { w[1] };
        exact += area(w[0], crossing) + area(crossing, w[1]);
    }
    assert!((found.value - exact).abs() < 1e-13, "{found:?} {exact}");
    assert!((found.value - exact).abs() <= found.error_bound);
}
