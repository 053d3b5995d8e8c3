//! Laws made from the distributions of statrs: their parameters, and that these mean what the documentation says.

use proptest::prelude::*;
use statrs::distribution as d;
use statrs::distribution::{Continuous, Discrete};
use statrs::function::{beta::ln_beta, factorial::ln_factorial, gamma::ln_gamma};
use std::f64::consts::{PI, TAU};
use tangency_law::Law;

/// The logarithm of the density or mass at x, by the formula in the documentation of the variant.
fn ln_density(law: &Law, x: f64) -> f64 {
    let ln_choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let chi_squared =
        |k: f64, x: f64| (0.5 * k - 1.0) * x.ln() - 0.5 * x - ln_gamma(0.5 * k) - 0.5 * k * 2.0_f64.ln();
    match *law {
        Law::Normal { mean, standard_deviation: s } => {
            -(x - mean).powi(2) / (2.0 * s * s) - (s * TAU.sqrt()).ln()
        }
        Law::LogNormal { location, scale } => {
            ln_density(&Law::Normal { mean: location, standard_deviation: scale }, x.ln()) - x.ln()
        }
        Law::Exponential { rate } => rate.ln() - rate * x,
        Law::Gamma { shape: a, rate: b } => a * b.ln() + (a - 1.0) * x.ln() - b * x - ln_gamma(a),
        Law::InverseGamma { shape: a, rate: b } => a * b.ln() - (a + 1.0) * x.ln() - b / x - ln_gamma(a),
        // A χ² variable is the square: its density times the derivative.
        Law::Chi { freedom } => chi_squared(freedom, x * x) + (2.0 * x).ln(),
        Law::Beta { shape_a: a, shape_b: b } => {
            (a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln() - ln_beta(a, b)
        }
        Law::Laplace { location, scale } => -(x - location).abs() / scale - (2.0 * scale).ln(),
        Law::Cauchy { location, scale } => (scale / (PI * ((x - location).powi(2) + scale * scale))).ln(),
        Law::StudentsT { location, scale, freedom: k } => {
            let z = (x - location) / scale;
            -0.5 * (k + 1.0) * (z * z / k).ln_1p() - ln_beta(0.5, 0.5 * k) - 0.5 * k.ln() - scale.ln()
        }
        Law::Weibull { shape: k, scale } => {
            k.ln() - k * scale.ln() + (k - 1.0) * x.ln() - (x / scale).powf(k)
        }
        Law::Pareto { scale, shape: a } => a.ln() + a * scale.ln() - (a + 1.0) * x.ln(),
        Law::Gumbel { location, scale } => {
            let z = (x - location) / scale;
            -z - (-z).exp() - scale.ln()
        }
        Law::Levy { location, scale: c } => {
            0.5 * (c / TAU).ln() - 1.5 * (x - location).ln() - c / (2.0 * (x - location))
        }
        Law::Uniform { min, max } => -(max - min).ln(),
        Law::Triangular { min, max, mode } => {
            let height = 2.0 / (max - min);
            (height * if x < mode { (x - min) / (mode - min) } else { (max - x) / (max - mode) }).ln()
        }
        // x k₁/k₂ are the odds of a beta variable.
        Law::FisherSnedecor { freedom_1: m, freedom_2: n } => {
            let odds = x * m / n;
            0.5 * m * odds.ln() - x.ln() - 0.5 * (m + n) * odds.ln_1p() - ln_beta(0.5 * m, 0.5 * n)
        }
        Law::Poisson { rate } => x * rate.ln() - rate - ln_factorial(x as u64),
        Law::Bernoulli { probability: p } => if x == 1.0 { p } else { 1.0 - p }.ln(),
        Law::Binomial { trials, probability: p } => {
            ln_choose(trials as f64, x) + x * p.ln() + (trials as f64 - x) * (1.0 - p).ln()
        }
        Law::Geometric { probability: p } => p.ln() + (x - 1.0) * (1.0 - p).ln(),
        Law::NegativeBinomial { successes: r, probability: p } => {
            ln_gamma(r + x) - ln_gamma(r) - ln_factorial(x as u64) + r * p.ln() + x * (1.0 - p).ln()
        }
        Law::Hypergeometric { population, successes, draws } => {
            let (all, good, taken) = (population as f64, successes as f64, draws as f64);
            ln_choose(good, x) + ln_choose(all - good, taken - x) - ln_choose(all, taken)
        }
        Law::DiscreteUniform { min, max } => -((max - min + 1) as f64).ln(),
        Law::Categorical { ref probabilities } => probabilities[x as usize].ln(),
        _ => panic!("{law:?} has no density on the line"),
    }
}

/// Compares a density of statrs with the formula of the law that it converts into.
fn check_density<D: Continuous<f64, f64> + Into<Law> + Clone>(distribution: &D, points: &[f64]) {
    let law: Law = distribution.clone().into();
    assert_eq!(law.validate(), Ok(()), "{law:?}");
    assert!(!law.is_discrete());
    for x in points {
        let (ours, theirs) = (ln_density(&law, *x), distribution.ln_pdf(*x));
        assert!((ours - theirs).abs() < 1e-9 * (1.0 + ours.abs()), "{law:?} at {x}: {ours} and {theirs}");
    }
}

/// As [`check_density`], for a mass function.
fn check_mass<T: Copy + Into<i128>, D: Discrete<T, f64> + Into<Law> + Clone>(distribution: &D, points: &[T]) {
    let law: Law = distribution.clone().into();
    assert_eq!(law.validate(), Ok(()), "{law:?}");
    assert!(law.is_discrete());
    for k in points {
        let k_as_i128: i128 = (*k).into();
        let (ours, theirs) = (ln_density(&law, k_as_i128 as f64).exp(), distribution.pmf(*k));
        assert!((ours - theirs).abs() < 1e-9, "{law:?} at {k_as_i128}: {ours} and {theirs}");
    }
}

proptest! {
    #[test]
    fn densities_are_those_of_statrs(location in -2.0..2.0_f64, a in 0.3..4.0_f64, b in 0.3..4.0_f64, whole in 1..9_u64) {
        // Within reach of statrs, whose densities underflow further out.
        let spread = [-3.1, -0.4, 0.0, 0.9, 2.7].map(|z| location + a * z);
        let positive = [0.07, 0.6, 1.3, 4.2];
        let share = [0.02, 0.3, 0.77, 0.99];
        check_density(&d::Normal::new(location, a).unwrap(), &spread);
        check_density(&d::LogNormal::new(location, a).unwrap(), &positive);
        check_density(&d::Exp::new(a).unwrap(), &positive);
        check_density(&d::Gamma::new(a, b).unwrap(), &positive);
        check_density(&d::Erlang::new(whole, b).unwrap(), &positive);
        check_density(&d::ChiSquared::new(a).unwrap(), &positive);
        check_density(&d::InverseGamma::new(a, b).unwrap(), &positive);
        check_density(&d::Chi::new(whole).unwrap(), &positive);
        check_density(&d::Beta::new(a, b).unwrap(), &share);
        check_density(&d::Laplace::new(location, a).unwrap(), &spread);
        check_density(&d::Cauchy::new(location, a).unwrap(), &spread);
        check_density(&d::StudentsT::new(location, a, b).unwrap(), &spread);
        check_density(&d::Weibull::new(a, b).unwrap(), &positive.map(|x| b * x));
        check_density(&d::Pareto::new(a, b).unwrap(), &positive.map(|x| a + x));
        check_density(&d::Gumbel::new(location, a).unwrap(), &spread);
        check_density(&d::Levy::new(location, a).unwrap(), &positive.map(|x| location + x));
        check_density(&d::Uniform::new(location, location + a).unwrap(), &share.map(|x| location + x * a));
        let triangle = d::Triangular::new(location, location + a + b, location + a).unwrap();
        check_density(&triangle, &share.map(|x| location + x * (a + b)));
        check_density(&d::FisherSnedecor::new(a, b).unwrap(), &positive);
    }

    #[test]
    fn masses_are_those_of_statrs(p in 0.05..0.95_f64, rate in 0.1..9.0_f64, n in 3..30_u64, part in 0.0..1.0_f64) {
        check_mass(&d::Poisson::new(rate).unwrap(), &[0_u64, 1, 4, 9]);
        check_mass(&d::Bernoulli::new(p).unwrap(), &[0_u64, 1]);
        check_mass(&d::Binomial::new(p, n).unwrap(), &[0_u64, 1, 3]);
        check_mass(&d::Geometric::new(p).unwrap(), &[1_u64, 2, 7]);
        check_mass(&d::NegativeBinomial::new(rate, p).unwrap(), &[0_u64, 1, 7]);
        let some = 3 + (part * (n - 3) as f64) as u64;
        check_mass(&d::Hypergeometric::new(2 * n, n, some).unwrap(), &[0_u64, 1, some]);
        check_mass(&d::DiscreteUniform::new(-2, n as i64).unwrap(), &[-2_i64, 0, 3]);
        check_mass(&d::Categorical::new(&[p, rate, 1.0]).unwrap(), &[0_u64, 1, 2]);
    }

    #[test]
    fn a_point_is_passed_on(point in proptest::num::f64::NORMAL) {
        prop_assert_eq!(Law::from(d::Dirac::new(point).unwrap()), Law::Dirac { point });
    }
}

#[test]
fn weights_are_divided_by_their_sum() {
    let law = Law::from(d::Categorical::new(&[1.0, 2.0, 5.0]).unwrap());
    assert_eq!(law, Law::Categorical { probabilities: vec![0.125, 0.25, 0.625] });
    // Last weights of zero are entries too.
    let law = Law::from(d::Categorical::new(&[3.0, 0.0]).unwrap());
    assert_eq!(law, Law::Categorical { probabilities: vec![1.0, 0.0] });
}
