//! Divergences in several dimensions by random draws.

use crate::closed::Whitened;
use crate::error::DistributionError;
use crate::evaluation::{Evaluation, EvaluationMethod, checked_pair};
use crate::generator::FDivergence;
use crate::integrand::Integrand;
use crate::law::Law;
use crate::special::ln_gamma;
use rand::{Rng, RngExt};

/// $D_f(P \Vert Q)$ of two multivariate normal or two Dirichlet laws by sampling, for the divergences that have no closed form.
///
/// Half of the draws come from P and half from Q, so that the divergence is the sum of two means of
///
/// $$ \frac{q \tilde f(p/q)}{p + q}, \qquad \tilde f(u) = f(u) - f(1) - c (u - 1) \ge 0, $$
///
/// with a slope $c$ of $f$ at 1. For total variation, squared Hellinger, Jensen-Shannon and Le Cam the quotient is bounded,
/// so that the standard error is below $1/\sqrt{\text{draws}}$ however different the laws are; draws from Q alone would miss
/// where P lies. For Kullback-Leibler and the like it grows with the log-ratio, and for χ² its variance may be infinite:
/// those have closed forms.
///
/// Normal laws are sampled in the coordinates in which Q is standard and the components of P are independent, so a draw costs
/// d logarithms and no product with a matrix. Dirichlet laws are sampled through the logarithms of gamma variables (Marsaglia
/// and Tsang), which underflow for no concentration.
///
/// The same generator gives the same value.
///
/// # Errors
///
/// [`DistributionError`] for parameters, for other families, and for fewer than 4 draws.
///
/// # Example: total variation in the plane
///
/// ```
/// use rand_pcg::{Pcg64Mcg, rand_core::SeedableRng};
/// use tangency_divergence::{EvaluationMethod, Law, TotalVariation, divergence_by_sampling};
///
/// let p = Law::MultivariateNormal { mean: vec![0.0, 0.0], covariance: faer::mat![[1.0, 0.3], [0.3, 2.0]] };
/// let q = Law::MultivariateNormal { mean: vec![1.0, 0.0], covariance: faer::mat![[2.0, 0.0], [0.0, 1.0]] };
/// let mut rng = Pcg64Mcg::seed_from_u64(7);
/// let found = divergence_by_sampling(&TotalVariation, p, q, 20_000, &mut rng)?;
/// assert!(matches!(found.method, EvaluationMethod::MonteCarlo { standard_error, .. } if standard_error < 0.004));
/// # Ok::<(), tangency_divergence::DistributionError>(())
/// ```
///
/// # References
///
/// G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM Transactions on Mathematical Software 26,
/// 2000.
pub fn divergence_by_sampling<F: FDivergence + ?Sized>(
    f: &F,
    p: impl Into<Law>,
    q: impl Into<Law>,
    draws: usize,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Evaluation, DistributionError> {
    if draws < 4 {
        let (what, range) = ("the number of draws", "at least 4");
        return Err(DistributionError::OutOfRange { what, range, value: draws as f64 });
    }
    let (p, q) = checked_pair(p.into(), q.into())?;
    let integrand = Integrand::new(f);
    let quotient = |[ln_p, ln_q]: [f64; 2]| {
        // Both densities may be far outside the range of numbers; their quotient is not.
        let largest = ln_p.max(ln_q);
        let (ln_p, ln_q) = (ln_p - largest, ln_q - largest);
        integrand.at(ln_p, ln_q).value / (ln_p.exp() + ln_q.exp())
    };
    let half = draws / 2;
    let (from_p, from_q) = match (&p, &q) {
        (Law::MultivariateNormal { .. }, Law::MultivariateNormal { .. }) => {
            let whitened = Whitened::new(&p, &q)?;
            (
                mean(half, || quotient(draw_normal(&whitened, true, rng))),
                mean(half, || quotient(draw_normal(&whitened, false, rng))),
            )
        }
        (Law::Dirichlet { concentration: a }, Law::Dirichlet { concentration: b }) => {
            sample_dirichlet(a, b, half, quotient, rng)
        }
        (Law::Beta { shape_a: a1, shape_b: b1 }, Law::Beta { shape_a: a2, shape_b: b2 }) => {
            sample_dirichlet(&[*a1, *b1], &[*a2, *b2], half, quotient, rng)
        }
        (law, _) => return Err(DistributionError::NoSampler { family: law.family() }),
    };
    let value = integrand.at_one + from_p.0 + from_q.0;
    let standard_error = from_p.1.hypot(from_q.1);
    let error_bound = if value.is_finite() { 4.0 * standard_error } else { 0.0 };
    let method = EvaluationMethod::MonteCarlo { draws: 2 * half, standard_error };
    Ok(Evaluation { value, error_bound, method })
}

/// The mean of draws and its standard error, by Welford's recurrence.
fn mean(count: usize, mut draw: impl FnMut() -> f64) -> (f64, f64) {
    let (mut mean, mut squares) = (0.0, 0.0);
    for index in 0..count {
        let value = draw();
        let before = value - mean;
        mean += before / (index + 1) as f64;
        squares += before * (value - mean);
    }
    (mean, (squares / (count as f64 - 1.0) / count as f64).sqrt())
}

/// The logarithms of both densities at a draw from one of them, up to a common constant.
fn draw_normal(whitened: &Whitened, from_p: bool, rng: &mut (impl Rng + ?Sized)) -> [f64; 2] {
    let (mut ln_p, mut ln_q) = (0.0, 0.0);
    for &(excess, shift) in &whitened.components {
        let scale = (1.0 + excess).sqrt();
        let z = normal(rng);
        let x = if from_p { shift + scale * z } else { z };
        let standard = if from_p { z } else { (x - shift) / scale };
        ln_p -= 0.5 * standard * standard + scale.ln();
        ln_q -= 0.5 * x * x;
    }
    [ln_p, ln_q]
}

/// The means of the quotient under both Dirichlet laws.
fn sample_dirichlet(
    a: &[f64],
    b: &[f64],
    half: usize,
    quotient: impl Fn([f64; 2]) -> f64,
    rng: &mut (impl Rng + ?Sized),
) -> ((f64, f64), (f64, f64)) {
    let ln_normaliser = |a: &[f64]| ln_gamma(a.iter().sum()) - a.iter().map(|a| ln_gamma(*a)).sum::<f64>();
    let (constant_a, constant_b) = (ln_normaliser(a), ln_normaliser(b));
    let mut point = vec![0.0; a.len()];
    let mut side = |from: &[f64]| {
        mean(half, || {
            for (x, shape) in point.iter_mut().zip(from) {
                *x = ln_gamma_variable(*shape, rng);
            }
            let largest = point.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let ln_sum = largest + point.iter().map(|x| (x - largest).exp()).sum::<f64>().ln();
            let ln_density = |a: &[f64], constant: f64| {
                constant + a.iter().zip(&point).map(|(a, x)| (a - 1.0) * (x - ln_sum)).sum::<f64>()
            };
            quotient([ln_density(a, constant_a), ln_density(b, constant_b)])
        })
    };
    (side(a), side(b))
}

/// A standard normal variable by the polar method.
fn normal(rng: &mut (impl Rng + ?Sized)) -> f64 {
    loop {
        let x = 2.0 * rng.random::<f64>() - 1.0;
        let y = 2.0 * rng.random::<f64>() - 1.0;
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// The logarithm of a gamma variable with rate 1.
fn ln_gamma_variable(shape: f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
    if shape < 1.0 {
        let uniform = 1.0 - rng.random::<f64>();
        return ln_gamma_variable(shape + 1.0, rng) + uniform.ln() / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = (9.0 * d).sqrt().recip();
    loop {
        let z = normal(rng);
        let root = 1.0 + c * z;
        if root <= 0.0 {
            continue;
        }
        let ln_v = 3.0 * root.ln();
        let uniform = 1.0 - rng.random::<f64>();
        if uniform.ln() < 0.5 * z * z + d - d * ln_v.exp() + d * ln_v {
            return d.ln() + ln_v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::{Pcg64Mcg, rand_core::SeedableRng};

    #[test]
    fn samplers_have_their_moments() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let (first, error) = mean(100_000, || normal(&mut rng).powi(4));
        assert!((first - 3.0).abs() < 4.0 * error && error < 0.05);
        for shape in [0.05, 0.7, 1.0, 4.0, 300.0] {
            let (first, error) = mean(50_000, || ln_gamma_variable(shape, &mut rng));
            let exact = crate::special::digamma(shape);
            assert!((first - exact).abs() < 4.0 * error, "{shape}: {first} and {exact}");
        }
    }
}
