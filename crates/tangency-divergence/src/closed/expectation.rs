//! Kullback-Leibler divergences between families: minus the entropy of P minus the mean of ln q.
//!
//! ln q is a sum of a few functions of x whose means under P are known, so one list of means and one of
//! densities give every pair.

use super::Exact;
use crate::density::Density;
use crate::law::{Law, NamedDensity};
use crate::special::{EULER, HALF_LN_TAU, digamma, ln_gamma, trigamma};
use std::f64::consts::{LN_2, PI, SQRT_2};

/// A function whose mean under P occurs in the mean of ln q.
#[derive(Debug, Clone, Copy)]
enum Function {
    /// x.
    Identity,
    /// (x − c)².
    SquareAround(f64),
    /// |x − c|.
    DistanceFrom(f64),
    /// ln x.
    Logarithm,
    /// (ln x − c)².
    LogarithmSquareAround(f64),
    /// ln(1 − x).
    LogarithmOfRest,
    /// x^k.
    Power(f64),
    /// e^{−(x − μ)/β}.
    Decay(f64, f64),
}

/// KL(P‖Q) for laws on the line of different families, if all means are known; infinite where P has mass outside the
/// support of Q.
pub(crate) fn cross_family(p: &Law, q: &Law) -> Option<Exact> {
    use crate::law::Space;
    if p.space() != Space::Line || q.space() != Space::Line {
        return None;
    }
    let ((lower_p, upper_p), (lower_q, upper_q)) =
        (NamedDensity::checked(p).support(), NamedDensity::checked(q).support());
    if lower_p < lower_q || upper_p > upper_q {
        return Some(Exact::INFINITE);
    }
    let (constants, parts) = surprise(q)?;
    let mut sum = entropy(p)?.times(-1.0).plus(Exact::sum(&constants));
    for (factor, function) in parts {
        if factor != 0.0 {
            sum = sum.plus(mean(p, function)?.times(factor));
        }
    }
    // Two infinities of different sign are not known apart.
    (!sum.value.is_nan()).then_some(sum)
}

/// A sum of multiples of functions.
type Multiples = Vec<(f64, Function)>;

/// −ln q as constants and multiples of functions.
fn surprise(q: &Law) -> Option<(Vec<f64>, Multiples)> {
    Some(match *q {
        Law::Normal { mean, standard_deviation: s } => {
            (vec![s.ln(), HALF_LN_TAU], vec![(0.5 / (s * s), Function::SquareAround(mean))])
        }
        Law::LogNormal { location, scale: s } => (
            vec![s.ln(), HALF_LN_TAU],
            vec![(1.0, Function::Logarithm), (0.5 / (s * s), Function::LogarithmSquareAround(location))],
        ),
        Law::Gamma { shape, rate } => (
            vec![ln_gamma(shape), -shape * rate.ln()],
            vec![(1.0 - shape, Function::Logarithm), (rate, Function::Identity)],
        ),
        Law::InverseGamma { shape, rate } => (
            vec![ln_gamma(shape), -shape * rate.ln()],
            vec![(shape + 1.0, Function::Logarithm), (rate, Function::Power(-1.0))],
        ),
        Law::Beta { shape_a: a, shape_b: b } => (
            vec![ln_gamma(a), ln_gamma(b), -ln_gamma(a + b)],
            vec![(1.0 - a, Function::Logarithm), (1.0 - b, Function::LogarithmOfRest)],
        ),
        Law::Laplace { location, scale } => {
            (vec![scale.ln(), LN_2], vec![(1.0 / scale, Function::DistanceFrom(location))])
        }
        Law::Gumbel { location, scale } => (
            vec![scale.ln(), -location / scale],
            vec![(1.0 / scale, Function::Identity), (1.0, Function::Decay(location, scale))],
        ),
        Law::Weibull { shape: k, scale } => (
            vec![-k.ln(), k * scale.ln()],
            vec![(1.0 - k, Function::Logarithm), (scale.powf(-k), Function::Power(k))],
        ),
        Law::Pareto { scale, shape } => {
            (vec![-shape.ln(), -shape * scale.ln()], vec![(shape + 1.0, Function::Logarithm)])
        }
        Law::Uniform { min, max } => (vec![(max - min).ln()], Vec::new()),
        _ => return None,
    })
}

/// The differential entropy.
fn entropy(p: &Law) -> Option<Exact> {
    let terms = match *p {
        Law::Normal { standard_deviation: s, .. } => vec![s.ln(), HALF_LN_TAU + 0.5],
        Law::LogNormal { location, scale } => vec![location, scale.ln(), HALF_LN_TAU + 0.5],
        Law::Gamma { shape: a, rate } => vec![a, -rate.ln(), ln_gamma(a), (1.0 - a) * digamma(a)],
        Law::InverseGamma { shape: a, rate } => vec![a, rate.ln(), ln_gamma(a), -(1.0 + a) * digamma(a)],
        Law::Beta { shape_a: a, shape_b: b } => vec![
            ln_gamma(a),
            ln_gamma(b),
            -ln_gamma(a + b),
            (1.0 - a) * digamma(a),
            (1.0 - b) * digamma(b),
            (a + b - 2.0) * digamma(a + b),
        ],
        Law::Laplace { scale, .. } => vec![1.0 + LN_2, scale.ln()],
        Law::Cauchy { scale, .. } => vec![(4.0 * PI).ln(), scale.ln()],
        Law::Gumbel { scale, .. } => vec![scale.ln(), EULER + 1.0],
        Law::Weibull { shape: k, scale } => vec![EULER * (1.0 - 1.0 / k), scale.ln(), -k.ln(), 1.0],
        Law::Pareto { scale, shape } => vec![scale.ln(), -shape.ln(), 1.0 / shape, 1.0],
        Law::Uniform { min, max } => vec![(max - min).ln()],
        _ => return None,
    };
    Some(Exact::sum(&terms))
}

/// The mean of a function under P, `INFINITY` where it diverges; `None` where no closed form is known here.
#[allow(clippy::too_many_lines, reason = "one arm for each family and function")]
fn mean(p: &Law, function: Function) -> Option<Exact> {
    use Function as F;
    let infinite_unless = |holds: bool, value: f64| Exact::term(if holds { value } else { f64::INFINITY });
    let around = |mean: f64, variance: f64, c: f64| Exact::sum(&[variance, (mean - c).powi(2)]);
    Some(match (p, function) {
        (Law::Normal { mean, .. }, F::Identity) => Exact::term(*mean),
        (Law::Normal { mean, standard_deviation: s }, F::SquareAround(c)) => around(*mean, s * s, c),
        (Law::Normal { mean, standard_deviation: s }, F::DistanceFrom(c)) => {
            let z = (mean - c) / s;
            Exact::sum(&[(mean - c) * libm::erf(z / SQRT_2), 2.0 * s * (-0.5 * z * z - HALF_LN_TAU).exp()])
        }
        (Law::Normal { mean, standard_deviation: s }, F::Decay(mu, beta)) => {
            Exact::sum(&[(mu - mean) / beta, 0.5 * (s / beta).powi(2)]).exp_m1().plus(Exact::term(1.0))
        }
        (Law::LogNormal { location, .. }, F::Logarithm) | (Law::Laplace { location, .. }, F::Identity) => {
            Exact::term(*location)
        }
        (Law::LogNormal { location, scale }, F::LogarithmSquareAround(c)) => {
            around(*location, scale * scale, c)
        }
        (Law::LogNormal { location, scale }, F::SquareAround(c)) => {
            let mean = (location + 0.5 * scale * scale).exp();
            around(mean, mean * mean * (scale * scale).exp_m1(), c)
        }
        (Law::LogNormal { .. }, F::Identity) => self::mean(p, F::Power(1.0))?,
        (Law::LogNormal { location, scale }, F::Power(k)) => {
            Exact::sum(&[k * location, 0.5 * (k * scale).powi(2)]).exp_m1().plus(Exact::term(1.0))
        }
        (Law::Gamma { shape, rate }, F::Identity) => Exact::term(shape / rate),
        (Law::Gamma { shape, rate }, F::SquareAround(c)) => around(shape / rate, shape / rate / rate, c),
        (Law::Gamma { shape, rate }, F::DistanceFrom(c)) if c <= 0.0 => Exact::sum(&[shape / rate, -c]),
        (Law::Gamma { shape, rate }, F::Logarithm) => Exact::sum(&[digamma(*shape), -rate.ln()]),
        (Law::Gamma { shape, rate }, F::LogarithmSquareAround(c)) => {
            around(digamma(*shape) - rate.ln(), trigamma(*shape), c)
        }
        (Law::Gamma { shape, rate }, F::Power(k)) => gamma_power(*shape, rate.ln(), k),
        (Law::Gamma { shape, rate }, F::Decay(mu, beta)) => {
            Exact::sum(&[mu / beta, -shape * (1.0 / (rate * beta)).ln_1p()]).exp_m1().plus(Exact::term(1.0))
        }
        (Law::InverseGamma { shape, rate }, F::Identity) => {
            infinite_unless(*shape > 1.0, rate / (shape - 1.0))
        }
        (Law::InverseGamma { shape, rate }, F::SquareAround(c)) => {
            if *shape <= 2.0 {
                return Some(Exact::INFINITE);
            }
            let mean = rate / (shape - 1.0);
            around(mean, mean * mean / (shape - 2.0), c)
        }
        (Law::InverseGamma { shape, rate }, F::Logarithm) => Exact::sum(&[rate.ln(), -digamma(*shape)]),
        (Law::InverseGamma { shape, rate }, F::LogarithmSquareAround(c)) => {
            around(rate.ln() - digamma(*shape), trigamma(*shape), c)
        }
        (Law::InverseGamma { shape, rate }, F::Power(k)) => gamma_power(*shape, rate.ln(), -k),
        (Law::Beta { shape_a: a, shape_b: b }, F::Identity) => Exact::term(a / (a + b)),
        (Law::Beta { shape_a: a, shape_b: b }, F::SquareAround(c)) => {
            let mean = a / (a + b);
            around(mean, mean * (b / (a + b)) / (a + b + 1.0), c)
        }
        (Law::Beta { shape_a: a, shape_b: b }, F::Logarithm) => Exact::sum(&[digamma(*a), -digamma(a + b)]),
        (Law::Beta { shape_a: a, shape_b: b }, F::LogarithmOfRest) => {
            Exact::sum(&[digamma(*b), -digamma(a + b)])
        }
        (Law::Beta { shape_a: a, shape_b: b }, F::LogarithmSquareAround(c)) => {
            around(digamma(*a) - digamma(a + b), trigamma(*a) - trigamma(a + b), c)
        }
        (Law::Beta { shape_a: a, shape_b: b }, F::Power(k)) => {
            if a + k <= 0.0 {
                return Some(Exact::INFINITE);
            }
            Exact::sum(&[ln_gamma(a + k), -ln_gamma(*a), ln_gamma(a + b), -ln_gamma(a + b + k)])
                .exp_m1()
                .plus(Exact::term(1.0))
        }
        (Law::Laplace { location, scale }, F::SquareAround(c)) => around(*location, 2.0 * scale * scale, c),
        (Law::Laplace { location, scale }, F::Decay(mu, beta)) => {
            let share = scale / beta;
            infinite_unless(share < 1.0, ((mu - location) / beta).exp() / ((1.0 - share) * (1.0 + share)))
        }
        (Law::Cauchy { .. }, F::SquareAround(_) | F::DistanceFrom(_)) => Exact::INFINITE,
        (Law::Gumbel { location, scale }, F::Identity) => Exact::sum(&[*location, EULER * scale]),
        (Law::Gumbel { location, scale }, F::SquareAround(c)) => {
            around(location + EULER * scale, (PI * scale).powi(2) / 6.0, c)
        }
        (Law::Weibull { shape, scale }, F::Identity) => weibull_power(*shape, *scale, 1.0),
        (Law::Weibull { shape, scale }, F::SquareAround(c)) => {
            let (first, second) = (weibull_power(*shape, *scale, 1.0), weibull_power(*shape, *scale, 2.0));
            second.plus(first.times(-2.0 * c)).plus(Exact::term(c * c))
        }
        (Law::Weibull { shape, scale }, F::Logarithm) => Exact::sum(&[scale.ln(), -EULER / shape]),
        (Law::Weibull { shape, scale }, F::LogarithmSquareAround(c)) => {
            around(scale.ln() - EULER / shape, (PI / shape).powi(2) / 6.0, c)
        }
        (Law::Weibull { shape, scale }, F::Power(k)) => weibull_power(*shape, *scale, k),
        (Law::Pareto { scale, shape }, F::Identity) => {
            infinite_unless(*shape > 1.0, shape * scale / (shape - 1.0))
        }
        (Law::Pareto { scale, shape }, F::SquareAround(c)) => {
            if *shape <= 2.0 {
                return Some(Exact::INFINITE);
            }
            let mean = shape * scale / (shape - 1.0);
            around(mean, mean * mean / (shape * (shape - 2.0)), c)
        }
        (Law::Pareto { scale, shape }, F::DistanceFrom(c)) if c <= *scale => {
            self::mean(&Law::Pareto { scale: *scale, shape: *shape }, F::Identity)?.plus(Exact::term(-c))
        }
        (Law::Pareto { scale, shape }, F::Logarithm) => Exact::sum(&[scale.ln(), 1.0 / shape]),
        (Law::Pareto { scale, shape }, F::LogarithmSquareAround(c)) => {
            around(scale.ln() + 1.0 / shape, 1.0 / (shape * shape), c)
        }
        (Law::Pareto { scale, shape }, F::Power(k)) => {
            infinite_unless(k < *shape, shape * scale.powf(k) / (shape - k))
        }
        (Law::Uniform { min, max }, _) => uniform(*min, *max, function)?,
        _ => return None,
    })
}

/// The mean of x^k for a gamma variable.
fn gamma_power(shape: f64, ln_rate: f64, k: f64) -> Exact {
    if shape + k <= 0.0 {
        return Exact::INFINITE;
    }
    Exact::sum(&[ln_gamma(shape + k), -ln_gamma(shape), -k * ln_rate]).exp_m1().plus(Exact::term(1.0))
}

/// The mean of x^j for a Weibull variable.
fn weibull_power(shape: f64, scale: f64, j: f64) -> Exact {
    if 1.0 + j / shape <= 0.0 {
        return Exact::INFINITE;
    }
    Exact::sum(&[j * scale.ln(), ln_gamma(1.0 + j / shape)]).exp_m1().plus(Exact::term(1.0))
}

/// Means under the uniform law.
fn uniform(min: f64, max: f64, function: Function) -> Option<Exact> {
    let width = max - min;
    let middle = min + 0.5 * width;
    // The primitive of ln x.
    let primitive = |x: f64| if x > 0.0 { x * x.ln() } else { 0.0 };
    let logarithm = |min: f64, max: f64| Exact::sum(&[primitive(max) / width, -primitive(min) / width, -1.0]);
    Some(match function {
        Function::Identity => Exact::term(middle),
        Function::SquareAround(c) => Exact::sum(&[width * width / 12.0, (middle - c).powi(2)]),
        Function::DistanceFrom(c) => {
            if c <= min || c >= max {
                Exact::term((middle - c).abs())
            } else {
                Exact::sum(&[0.5 * (c - min).powi(2) / width, 0.5 * (max - c).powi(2) / width])
            }
        }
        Function::Logarithm if min >= 0.0 => logarithm(min, max),
        Function::LogarithmOfRest if max <= 1.0 => logarithm(1.0 - max, 1.0 - min),
        Function::Decay(mu, beta) => {
            let start = ((mu - min) / beta).exp();
            Exact::term(start * -(-width / beta).exp_m1() * beta / width)
        }
        #[allow(clippy::float_cmp, reason = "the inverse has a primitive of its own")]
        Function::Power(k) if min >= 0.0 => {
            if k == -1.0 {
                Exact::sum(&[max.ln() / width, -min.ln() / width])
            } else if k < -1.0 && min == 0.0 {
                Exact::INFINITE
            } else {
                let power = |x: f64| x.powf(k + 1.0) / ((k + 1.0) * width);
                Exact::sum(&[power(max), -power(min)])
            }
        }
        _ => return None,
    })
}
