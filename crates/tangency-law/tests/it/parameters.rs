//! Every parameter of every family: exactly what lies in its range is accepted, and what does not is named.

use proptest::prelude::*;
use tangency_law::{Law, LawError};

/// A law with one of its parameters free, what that is called, and which values it may have.
type Row = (&'static str, fn(f64) -> Law, fn(f64) -> bool);

fn finite(x: f64) -> bool {
    x.is_finite()
}

fn positive(x: f64) -> bool {
    x > 0.0 && x < f64::INFINITY
}

fn share(x: f64) -> bool {
    (0.0..=1.0).contains(&x)
}

fn positive_share(x: f64) -> bool {
    x > 0.0 && x <= 1.0
}

const ROWS: [Row; 49] = [
    ("the point", |x| Law::Dirac { point: x }, finite),
    ("the mean", |x| Law::Normal { mean: x, standard_deviation: 1.0 }, finite),
    ("the standard deviation", |x| Law::Normal { mean: 0.0, standard_deviation: x }, positive),
    ("the location", |x| Law::LogNormal { location: x, scale: 1.0 }, finite),
    ("the scale", |x| Law::LogNormal { location: 0.0, scale: x }, positive),
    ("the rate", |x| Law::Exponential { rate: x }, positive),
    ("the shape", |x| Law::Gamma { shape: x, rate: 1.0 }, positive),
    ("the rate", |x| Law::Gamma { shape: 1.0, rate: x }, positive),
    ("the shape", |x| Law::InverseGamma { shape: x, rate: 1.0 }, positive),
    ("the rate", |x| Law::InverseGamma { shape: 1.0, rate: x }, positive),
    ("the number of degrees of freedom", |x| Law::Chi { freedom: x }, positive),
    ("the first shape", |x| Law::Beta { shape_a: x, shape_b: 1.0 }, positive),
    ("the second shape", |x| Law::Beta { shape_a: 1.0, shape_b: x }, positive),
    ("the location", |x| Law::Laplace { location: x, scale: 1.0 }, finite),
    ("the scale", |x| Law::Laplace { location: 0.0, scale: x }, positive),
    ("the location", |x| Law::Cauchy { location: x, scale: 1.0 }, finite),
    ("the scale", |x| Law::Cauchy { location: 0.0, scale: x }, positive),
    ("the location", |x| Law::StudentsT { location: x, scale: 1.0, freedom: 1.0 }, finite),
    ("the scale", |x| Law::StudentsT { location: 0.0, scale: x, freedom: 1.0 }, positive),
    (
        "the number of degrees of freedom",
        |x| Law::StudentsT { location: 0.0, scale: 1.0, freedom: x },
        positive,
    ),
    ("the shape", |x| Law::Weibull { shape: x, scale: 1.0 }, positive),
    ("the scale", |x| Law::Weibull { shape: 1.0, scale: x }, positive),
    ("the scale", |x| Law::Pareto { scale: x, shape: 1.0 }, positive),
    ("the shape", |x| Law::Pareto { scale: 1.0, shape: x }, positive),
    ("the location", |x| Law::Gumbel { location: x, scale: 1.0 }, finite),
    ("the scale", |x| Law::Gumbel { location: 0.0, scale: x }, positive),
    ("the location", |x| Law::Levy { location: x, scale: 1.0 }, finite),
    ("the scale", |x| Law::Levy { location: 0.0, scale: x }, positive),
    ("the lower end", |x| Law::Uniform { min: x, max: 0.0 }, |x| positive(-x)),
    ("the upper end", |x| Law::Uniform { min: 0.0, max: x }, positive),
    ("the lower end", |x| Law::Triangular { min: x, max: 0.0, mode: 0.0 }, |x| positive(-x)),
    ("the upper end", |x| Law::Triangular { min: 0.0, max: x, mode: 0.0 }, positive),
    ("the mode", |x| Law::Triangular { min: 0.0, max: 1.0, mode: x }, share),
    (
        "the first number of degrees of freedom",
        |x| Law::FisherSnedecor { freedom_1: x, freedom_2: 1.0 },
        positive,
    ),
    (
        "the second number of degrees of freedom",
        |x| Law::FisherSnedecor { freedom_1: 1.0, freedom_2: x },
        positive,
    ),
    ("the rate", |x| Law::Poisson { rate: x }, positive),
    ("the probability", |x| Law::Bernoulli { probability: x }, share),
    ("the probability", |x| Law::Binomial { trials: 3, probability: x }, share),
    ("the probability", |x| Law::Geometric { probability: x }, positive_share),
    ("the number of successes", |x| Law::NegativeBinomial { successes: x, probability: 0.5 }, positive),
    ("the probability", |x| Law::NegativeBinomial { successes: 1.0, probability: x }, positive_share),
    // Casts saturate, and take a NaN to zero.
    (
        "the successes",
        |x| Law::Hypergeometric { population: 5, successes: x as u64, draws: 1 },
        |x| !(x >= 6.0),
    ),
    ("the draws", |x| Law::Hypergeometric { population: 5, successes: 1, draws: x as u64 }, |x| !(x >= 6.0)),
    ("the greatest integer", |x| Law::DiscreteUniform { min: 0, max: x as i64 }, |x| !(x <= -1.0)),
    ("each probability", |x| Law::Categorical { probabilities: vec![1.0, x] }, |x| (0.0..2e-12).contains(&x)),
    ("each mean", |x| normal_vector(x, 1.0), finite),
    ("each covariance", |x| normal_vector(0.0, x), finite),
    ("each concentration", |x| Law::Dirichlet { concentration: vec![1.0, x] }, positive),
    ("the number of concentrations", |x| Law::Dirichlet { concentration: vec![x] }, |_| false),
];

fn normal_vector(mean: f64, covariance: f64) -> Law {
    Law::MultivariateNormal {
        mean: vec![0.0, mean],
        covariance: faer::mat![[1.0, f64::NAN], [covariance, 1.0]], // the upper triangle is not read
    }
}

fn check(x: f64) {
    for (name, build, holds) in ROWS {
        let law = build(x);
        match law.validate() {
            Ok(()) => assert!(holds(x), "{law:?} was accepted"),
            Err(error) => {
                assert!(!holds(x), "{law:?}: {error}");
                let text = error.to_string();
                match error {
                    LawError::Parameter { family, what, range, value } => {
                        assert_eq!(family, law.family());
                        // Of two ends in the wrong order it is the upper one that is named.
                        let ends = (name, what) == ("the lower end", "the upper end");
                        assert!(what == name || ends, "{law:?}: {text}");
                        for part in [family, what, range, &value.to_string()] {
                            assert!(text.contains(part), "{text}: {part}");
                        }
                    }
                    LawError::NotNormalised { sum, tolerance } => {
                        assert!(name == "each probability" && sum == 1.0 + x && tolerance == 2e-12, "{text}");
                    }
                    other => panic!("{law:?}: {other}"),
                }
            }
        }
    }
}

#[test]
fn special_numbers() {
    for x in [0.0, -0.0, 1.0, -1.0, 2.0, 6.0, 1.0_f64.next_up(), 5e-324, f64::MAX, f64::MIN, f64::NAN] {
        check(x);
    }
    check(f64::INFINITY);
    check(f64::NEG_INFINITY);
}

proptest! {
    #[test]
    fn any_number(x in proptest::num::f64::ANY, share in -0.5..1.5_f64) {
        check(x);
        check(share);
    }
}

#[test]
fn shapes_and_sums() {
    let ragged = Law::MultivariateNormal { mean: vec![0.0], covariance: faer::Mat::zeros(2, 2) };
    let shape = LawError::CovarianceShape { dimension: 1, rows: 2, columns: 2 };
    assert_eq!(ragged.validate(), Err(shape));
    let empty = Law::MultivariateNormal { mean: vec![], covariance: faer::Mat::zeros(0, 0) };
    assert!(matches!(empty.validate(), Err(LawError::CovarianceShape { dimension: 0, .. })));
    let none = Law::Categorical { probabilities: vec![] };
    let Err(LawError::Parameter { what, .. }) = none.validate() else { panic!() };
    assert_eq!(what, "the number of probabilities");
    let short = Law::Categorical { probabilities: vec![0.5, 0.25] };
    assert_eq!(short.validate(), Err(LawError::NotNormalised { sum: 0.75, tolerance: 2e-12 }));
    // The tolerance grows with the number of entries, as rounding does.
    assert_eq!(Law::Categorical { probabilities: vec![1e-3; 1000] }.validate(), Ok(()));
    let wide = Law::Uniform { min: -1.5e308, max: 1.5e308 };
    let Err(LawError::Parameter { what, value, .. }) = wide.validate() else { panic!() };
    assert_eq!((what, value), ("the width", f64::INFINITY));
}
