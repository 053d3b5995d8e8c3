//! Distribution functions.

use super::Law;
use super::special::{beta_tails, gamma_tails, normal_lower};
use std::f64::consts::FRAC_1_PI;

/// $P(X \le x)$ and $P(X > x)$ of a law on the line, each to its own precision; NaN for a law on the integers.
pub(crate) fn tails(law: &Law, x: f64) -> (f64, f64) {
    let positive = |tails: (f64, f64)| if x <= 0.0 { (0.0, 1.0) } else { tails };
    match *law {
        Law::Normal { mean, standard_deviation } => {
            let z = (x - mean) / standard_deviation;
            (normal_lower(z), normal_lower(-z))
        }
        Law::LogNormal { location, scale } => {
            let z = (x.ln() - location) / scale;
            positive((normal_lower(z), normal_lower(-z)))
        }
        Law::Exponential { rate } => positive((-(-rate * x).exp_m1(), (-rate * x).exp())),
        Law::Gamma { shape, rate } => gamma_tails(shape, rate * x),
        Law::InverseGamma { shape, rate } => {
            let (lower, upper) = gamma_tails(shape, rate / x);
            positive((upper, lower))
        }
        Law::Chi { freedom } => positive(gamma_tails(0.5 * freedom, 0.5 * x * x)),
        Law::Beta { shape_a, shape_b } => beta_tails(shape_a, shape_b, x, 1.0 - x),
        Law::Laplace { location, scale } => {
            let small = 0.5 * (-(x - location).abs() / scale).exp();
            if x < location { (small, 1.0 - small) } else { (1.0 - small, small) }
        }
        Law::Cauchy { location, scale } => {
            let z = (x - location) / scale;
            (FRAC_1_PI * 1.0_f64.atan2(-z), FRAC_1_PI * 1.0_f64.atan2(z))
        }
        Law::StudentsT { location, scale, freedom } => {
            let z = (x - location) / scale;
            let whole = freedom + z * z;
            let outer = if whole < f64::INFINITY { freedom / whole } else { 0.0 };
            let small = 0.5 * beta_tails(0.5 * freedom, 0.5, outer, z * z / whole.min(f64::MAX)).0;
            if z < 0.0 { (small, 1.0 - small) } else { (1.0 - small, small) }
        }
        Law::Weibull { shape, scale } => {
            let hazard = (x / scale).powf(shape);
            positive((-(-hazard).exp_m1(), (-hazard).exp()))
        }
        Law::Pareto { scale, shape } => {
            if x <= scale {
                return (0.0, 1.0);
            }
            let ln_upper = -shape * ((x - scale) / scale).ln_1p();
            (-ln_upper.exp_m1(), ln_upper.exp())
        }
        Law::Gumbel { location, scale } => {
            let hazard = (-(x - location) / scale).exp();
            ((-hazard).exp(), -(-hazard).exp_m1())
        }
        Law::Levy { location, scale } => {
            if x <= location {
                return (0.0, 1.0);
            }
            let z = (0.5 * scale / (x - location)).sqrt();
            (libm::erfc(z), libm::erf(z))
        }
        Law::Uniform { min, max } => {
            let lower = ((x - min) / (max - min)).clamp(0.0, 1.0);
            (lower, ((max - x) / (max - min)).clamp(0.0, 1.0))
        }
        Law::Triangular { min, max, mode } => {
            let width = max - min;
            if x < mode {
                let lower = ((x - min).max(0.0) / width) * ((x - min) / (mode - min));
                (lower, 1.0 - lower)
            } else if x >= max {
                (1.0, 0.0)
            } else {
                let upper = ((max - x) / width) * ((max - x) / (max - mode));
                (1.0 - upper, upper)
            }
        }
        Law::FisherSnedecor { freedom_1, freedom_2 } => {
            let odds = super::special::Level::of_logit((freedom_1 / freedom_2).ln() + x.ln());
            positive(beta_tails(0.5 * freedom_1, 0.5 * freedom_2, odds.lower, odds.upper))
        }
        _ => (f64::NAN, f64::NAN),
    }
}
