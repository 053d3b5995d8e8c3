//! Quantile functions.

use super::Law;
use super::special::{Level, beta_quantile, gamma_quantile, normal_density, normal_quantile};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The quantile of a law on the line; NaN for a law on the integers.
pub(crate) fn quantile(law: &Law, level: Level) -> f64 {
    let Level { lower, upper } = level;
    // −ln of either share, without cancellation near one.
    let minus_ln = |share: f64, rest: f64| if share < 0.5 { -share.ln() } else { -(-rest).ln_1p() };
    match *law {
        Law::Normal { mean, standard_deviation } => mean + standard_deviation * normal_quantile(level),
        Law::LogNormal { location, scale } => (location + scale * normal_quantile(level)).exp(),
        Law::Exponential { rate } => minus_ln(upper, lower) / rate,
        Law::Gamma { shape, rate } => gamma_quantile(shape, level) / rate,
        Law::InverseGamma { shape, rate } => {
            rate / gamma_quantile(shape, Level { lower: upper, upper: lower })
        }
        Law::Chi { freedom } => (2.0 * gamma_quantile(0.5 * freedom, level)).sqrt(),
        Law::Beta { shape_a, shape_b } => beta_quantile(shape_a, shape_b, level).0,
        Law::Laplace { location, scale } => {
            let distance = -(2.0 * lower.min(upper)).ln();
            location + if lower < upper { -scale * distance } else { scale * distance }
        }
        Law::Cauchy { location, scale } => {
            // cot(πp) = tan(π(½ − p)).
            let p = lower.min(upper);
            let distance =
                if p < 0.25 { 1.0 / (PI * p).tan() } else { (0.5 * PI * (upper - lower).abs()).tan() };
            location + if lower < upper { -scale * distance } else { scale * distance }
        }
        Law::StudentsT { location, scale, freedom } => {
            let small = lower.min(upper);
            let centre = Level { lower: 2.0 * small, upper: (upper - lower).abs() };
            let (x, y) = beta_quantile(0.5 * freedom, 0.5, centre);
            let distance = (freedom * (y / x)).sqrt();
            location + if lower < upper { -scale * distance } else { scale * distance }
        }
        Law::Weibull { shape, scale } => scale * minus_ln(upper, lower).powf(1.0 / shape),
        Law::Pareto { scale, shape } => scale + scale * (minus_ln(upper, lower) / shape).exp_m1(),
        Law::Gumbel { location, scale } => location - scale * minus_ln(lower, upper).ln(),
        Law::Levy { location, scale } => {
            // (X − μ)/c is one over the square of a normal variable, of which the outer shares are `lower` together.
            let z = if lower < 0.5 {
                normal_quantile(Level { lower: 1.0 - 0.5 * lower, upper: 0.5 * lower })
            } else {
                half_normal_quantile(upper)
            };
            location + scale / (z * z)
        }
        Law::Uniform { min, max } => {
            if lower < upper {
                min + (max - min) * lower
            } else {
                max - (max - min) * upper
            }
        }
        Law::Triangular { min, max, mode } => {
            let width = max - min;
            if lower * width < mode - min {
                min + (lower * width * (mode - min)).sqrt()
            } else {
                max - (upper * width * (max - mode)).sqrt()
            }
        }
        Law::FisherSnedecor { freedom_1, freedom_2 } => {
            let (x, y) = beta_quantile(0.5 * freedom_1, 0.5 * freedom_2, level);
            x / y * (freedom_2 / freedom_1)
        }
        _ => f64::NAN,
    }
}

/// The number that a share `inner` of the absolute values of normal numbers does not exceed, exact for small shares.
fn half_normal_quantile(inner: f64) -> f64 {
    // erf(z/√2) = z √(2/π) (1 − z²/6 + ...), and Newton's method.
    let mut z = inner * (0.5 * PI).sqrt();
    for _ in 0..20 {
        let step = (libm::erf(z * FRAC_1_SQRT_2) - inner) / (2.0 * normal_density(z));
        z -= step;
        if step.abs() <= 1e-16 * z {
            break;
        }
    }
    z
}
