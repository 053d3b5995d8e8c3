//! Distribution functions, for the divergences that are differences of them.

use super::Law;
use statrs::function::gamma;
use std::f64::consts::{FRAC_1_PI, FRAC_1_SQRT_2};

/// $\Phi(z)$, exact in the lower tail.
fn normal_cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// $P(X \le x)$ and $P(X > x)$, each to its own precision, where this crate has them.
pub(crate) fn tails(law: &Law, x: f64) -> Option<(f64, f64)> {
    Some(match *law {
        Law::Normal { mean, standard_deviation } => {
            let z = (x - mean) / standard_deviation;
            (normal_cumulative(z), normal_cumulative(-z))
        }
        Law::Gamma { shape, rate } => {
            let z = rate * x;
            if z <= 0.0 {
                (0.0, 1.0)
            } else if z == f64::INFINITY {
                (1.0, 0.0)
            } else if (shape - 1.0).abs() <= 0.0 {
                (-(-z).exp_m1(), (-z).exp())
            } else {
                (gamma::checked_gamma_lr(shape, z).ok()?, gamma::checked_gamma_ur(shape, z).ok()?)
            }
        }
        Law::Laplace { location, scale } => {
            let z = (x - location) / scale;
            let small = 0.5 * (-z.abs()).exp();
            if z < 0.0 { (small, 1.0 - small) } else { (1.0 - small, small) }
        }
        Law::Cauchy { location, scale } => {
            let z = (x - location) / scale;
            (FRAC_1_PI * 1.0_f64.atan2(-z), FRAC_1_PI * 1.0_f64.atan2(z))
        }
        _ => return None,
    })
}
