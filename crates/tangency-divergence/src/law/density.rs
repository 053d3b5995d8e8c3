//! The densities of the laws on the line.

use super::{Law, Space};
use crate::density::{Density, Place};
use crate::error::{DistributionError, Side};
use crate::special::{HALF_LN_TAU, exp_excess, ln_gamma_half_step, stirling};
use std::f64::consts::{LN_2, PI};

/// The density of a [`Law`] on the line, for [`divergence_of_densities`](crate::divergence_of_densities).
///
/// It is computed here, not by `statrs`: from the logarithm of the distance from the end of the support, so that a density with
/// a pole there keeps its accuracy; without a panic; and without differences of log-gamma functions, to which parameters as
/// large as 1e10 would lose their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedDensity {
    law: Law,
    /// What of the logarithm does not depend on x.
    constant: f64,
}

/// Multiples of a spread at which a bulk is cut; the outermost are for exponential tails, of which nothing is left there.
const SPREADS: [f64; 13] = [-36.0, -16.0, -8.0, -4.0, -2.0, -0.8, 0.0, 0.8, 2.0, 4.0, 8.0, 16.0, 36.0];

impl NamedDensity {
    /// The density of a law.
    ///
    /// # Errors
    ///
    /// [`DistributionError::Law`] for parameters outside their range, reported as those of P;
    /// [`DistributionError::DimensionMismatch`] for a law that is not on the line.
    pub fn new(law: impl Into<Law>) -> Result<Self, DistributionError> {
        let law = law.into();
        law.validate().map_err(|error| DistributionError::Law { side: Side::P, error })?;
        match law.space() {
            Space::Line => Ok(Self::checked(&law)),
            Space::Atoms => Err(DistributionError::DimensionMismatch { p: 0, q: 1 }),
            _ => Err(DistributionError::DimensionMismatch { p: law.dimension(), q: 1 }),
        }
    }

    /// The density of a law on the line whose parameters were checked.
    pub(crate) fn checked(law: &Law) -> Self {
        let constant = match *law {
            Law::Normal { standard_deviation: scale, .. } | Law::LogNormal { scale, .. } => {
                -scale.ln() - HALF_LN_TAU
            }
            Law::Exponential { rate } => rate.ln(),
            Law::Gamma { shape, .. } | Law::InverseGamma { shape, .. } => gamma_constant(shape),
            Law::Chi { freedom } => gamma_constant(0.5 * freedom) + LN_2,
            Law::Beta { shape_a, shape_b } => beta_constant(shape_a, shape_b),
            Law::FisherSnedecor { freedom_1, freedom_2 } => beta_constant(0.5 * freedom_1, 0.5 * freedom_2),
            Law::Laplace { scale, .. } => -scale.ln() - LN_2,
            Law::Cauchy { scale, .. } => -scale.ln() - PI.ln(),
            Law::StudentsT { scale, freedom, .. } => {
                ln_gamma_half_step(0.5 * freedom) - 0.5 * (freedom.ln() + PI.ln()) - scale.ln()
            }
            Law::Weibull { shape, .. } => shape.ln(),
            Law::Pareto { scale, shape } => shape.ln() - scale.ln(),
            Law::Gumbel { scale, .. } => -scale.ln(),
            Law::Levy { scale, .. } => 0.5 * scale.ln() - HALF_LN_TAU,
            Law::Uniform { min, max } => -(max - min).ln(),
            Law::Triangular { min, max, .. } => LN_2 - (max - min).ln(),
            _ => f64::NAN,
        };
        Self { law: law.clone(), constant }
    }
}

impl Density for NamedDensity {
    fn ln_density(&self, x: f64) -> f64 {
        let (lower, upper) = self.support();
        if !(lower..=upper).contains(&x) {
            return f64::NEG_INFINITY;
        }
        self.ln_density_at(&Place { x, ln_above: (x - lower).ln(), ln_below: (upper - x).ln() })
    }

    fn ln_density_at(&self, at: &Place) -> f64 {
        let &Place { x, ln_above: l, ln_below } = at;
        let constant = self.constant;
        let value = match self.law {
            Law::Normal { mean, standard_deviation } => {
                let z = (x - mean) / standard_deviation;
                constant - 0.5 * z * z
            }
            Law::LogNormal { location, scale } => {
                let z = (l - location) / scale;
                constant - 0.5 * z * z - l
            }
            Law::Exponential { rate } => constant - rate * x,
            Law::Gamma { shape, rate } => gamma_ln_density_of_log(shape, rate.ln(), l) + constant - l,
            Law::InverseGamma { shape, rate } => gamma_ln_density_of_log(shape, rate.ln(), -l) + constant - l,
            Law::Chi { freedom } => gamma_ln_density_of_log(0.5 * freedom, -LN_2, 2.0 * l) + constant - l,
            Law::Beta { shape_a, shape_b } => {
                beta_exponent(shape_a, shape_b, l, ln_below) + constant - l - ln_below
            }
            Law::FisherSnedecor { freedom_1, freedom_2 } => {
                let log_odds = freedom_1.ln() - freedom_2.ln() + l;
                let (ln_u, ln_rest) = (-softplus(-log_odds), -softplus(log_odds));
                beta_exponent(0.5 * freedom_1, 0.5 * freedom_2, ln_u, ln_rest) + constant - l
            }
            Law::Laplace { location, scale } => constant - (x - location).abs() / scale,
            Law::Cauchy { location, scale } => constant - ln_one_plus_square((x - location) / scale, 1.0),
            Law::StudentsT { location, scale, freedom } => {
                constant - 0.5 * (freedom + 1.0) * ln_one_plus_square((x - location) / scale, freedom)
            }
            Law::Weibull { shape, scale } => {
                let u = shape * (l - scale.ln());
                constant + u - u.exp() - l
            }
            Law::Pareto { scale, shape } => constant - (shape + 1.0) * softplus(l - scale.ln()),
            Law::Gumbel { location, scale } => {
                let z = (x - location) / scale;
                constant - z - (-z).exp()
            }
            Law::Levy { scale, .. } => constant - 1.5 * l - 0.5 * scale * (-l).exp(),
            Law::Uniform { .. } => constant,
            Law::Triangular { min, max, mode } => {
                if x < mode {
                    constant + l - (mode - min).ln()
                } else {
                    constant + ln_below - (max - mode).ln()
                }
            }
            _ => f64::NAN,
        };
        // Where the argument overflows, infinite terms may meet: the density is zero there.
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }

    fn support(&self) -> (f64, f64) {
        match self.law {
            Law::Normal { .. }
            | Law::Laplace { .. }
            | Law::Cauchy { .. }
            | Law::StudentsT { .. }
            | Law::Gumbel { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Law::Beta { .. } => (0.0, 1.0),
            Law::Pareto { scale, .. } => (scale, f64::INFINITY),
            Law::Levy { location, .. } => (location, f64::INFINITY),
            Law::Uniform { min, max } | Law::Triangular { min, max, .. } => (min, max),
            _ => (0.0, f64::INFINITY),
        }
    }

    fn landmarks(&self) -> Vec<f64> {
        let around = |centre: f64, spread: f64| SPREADS.iter().map(|k| centre + k * spread).collect();
        let around_log = |centre: f64, spread: f64| -> Vec<f64> {
            SPREADS.iter().map(|k| (centre + k * spread).exp()).collect()
        };
        match self.law {
            Law::Normal { mean, standard_deviation } => around(mean, standard_deviation),
            Law::LogNormal { location, scale } => around_log(location, scale),
            Law::Exponential { rate } => around_log(-rate.ln(), 1.0),
            Law::Gamma { shape, rate } => around_log((shape / rate).ln(), shape.powf(-0.5)),
            Law::InverseGamma { shape, rate } => around_log((rate / shape).ln(), shape.powf(-0.5)),
            Law::Chi { freedom } => around_log(0.5 * freedom.ln(), (2.0 * freedom).powf(-0.5)),
            Law::Beta { shape_a, shape_b } => {
                let spread = (1.0 / shape_a + 1.0 / shape_b).sqrt();
                let centre = (shape_a / shape_b).ln();
                SPREADS.iter().map(|k| (-softplus(-centre - k * spread)).exp()).collect()
            }
            Law::FisherSnedecor { freedom_1, freedom_2 } => {
                around_log(0.0, (2.0 / freedom_1 + 2.0 / freedom_2).sqrt())
            }
            Law::Laplace { location, scale }
            | Law::Cauchy { location, scale }
            | Law::Gumbel { location, scale }
            | Law::StudentsT { location, scale, .. } => around(location, scale),
            Law::Weibull { shape, scale } => around_log(scale.ln(), 1.0 / shape),
            Law::Pareto { scale, shape } => {
                SPREADS.iter().map(|k| scale + scale * (k.exp() / shape).exp_m1()).collect()
            }
            Law::Levy { location, scale } => SPREADS.iter().map(|k| location + scale * k.exp()).collect(),
            Law::Triangular { min, max, mode } => {
                vec![min + 0.25 * (max - min), mode, min + 0.75 * (max - min)]
            }
            Law::Uniform { min, max } => vec![min + 0.25 * (max - min), min + 0.75 * (max - min)],
            _ => Vec::new(),
        }
    }
}

/// The logarithm of the density of ln X for a gamma variable X, up to [`gamma_constant`].
///
/// With t = ln(βx/a) it is $-a (e^t - 1 - t)$: nothing cancels for large shapes.
pub(crate) fn gamma_ln_density_of_log(shape: f64, ln_rate: f64, ln_x: f64) -> f64 {
    -shape * exp_excess(ln_x + ln_rate - shape.ln())
}

fn gamma_constant(shape: f64) -> f64 {
    0.5 * shape.ln() - HALF_LN_TAU - stirling(shape)
}

/// The logarithm of the density of the log-odds of a beta variable, up to [`beta_constant`].
fn beta_exponent(a: f64, b: f64, ln_x: f64, ln_rest: f64) -> f64 {
    let ln_total = (a + b).ln();
    -a * exp_excess(ln_x - (a.ln() - ln_total)) - b * exp_excess(ln_rest - (b.ln() - ln_total))
}

fn beta_constant(a: f64, b: f64) -> f64 {
    0.5 * (a.ln() + b.ln() - (a + b).ln()) - HALF_LN_TAU - stirling(a) - stirling(b) + stirling(a + b)
}

/// $\ln(1 + z^2 / \nu)$ without overflow.
fn ln_one_plus_square(z: f64, nu: f64) -> f64 {
    if z.abs() > 1e100 { 2.0 * z.abs().ln() - nu.ln() } else { (z * z / nu).ln_1p() }
}

/// $\ln(1 + e^x)$.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
