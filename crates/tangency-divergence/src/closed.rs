//! Closed forms: which pairs and which integrals have one, and how exact it is in floating point.

mod atom;
mod expectation;
mod hockey_stick;
mod kullback_leibler;
mod power;
mod whiten;

use crate::error::DistributionError;
use crate::generator::{FDivergence, Form};
use crate::law::{Law, Space};

pub(crate) use hockey_stick::bisect;
pub(crate) use whiten::Whitened;

/// The relative error of one term of a closed form: a special function and a few operations.
const TERM_ERROR: f64 = 32.0 * f64::EPSILON;

/// A value with a bound on what rounding did to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exact {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Exact {
    pub(crate) const INFINITE: Self = Self { value: f64::INFINITY, error: 0.0 };
    pub(crate) const ZERO: Self = Self { value: 0.0, error: 0.0 };

    /// The sum of terms that are right to a few units in the last place each.
    pub(crate) fn sum(terms: &[f64]) -> Self {
        let value: f64 = terms.iter().sum();
        if !value.is_finite() {
            return Self { value, error: 0.0 };
        }
        Self { value, error: TERM_ERROR * terms.iter().map(|term| term.abs()).sum::<f64>() }
    }

    /// A number that is right to a few units in the last place.
    pub(crate) fn term(value: f64) -> Self {
        Self::sum(&[value])
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, error: self.error + other.error }
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        if factor == 0.0 {
            return Self::ZERO;
        }
        let value = self.value * factor;
        Self { value, error: self.error * factor.abs() + 2.0 * f64::EPSILON * finite_or_zero(value.abs()) }
    }

    /// $e^x - 1$.
    pub(crate) fn exp_m1(self) -> Self {
        let value = self.value.exp_m1();
        if value == f64::INFINITY {
            return Self::INFINITE;
        }
        // e^{x + δ} − e^x, where the first may overflow and the second underflow.
        let spread = (self.value + self.error).exp() - self.value.exp();
        let slope = self.value.exp();
        let spread =
            if spread > 0.5 * value.abs() || slope == 0.0 { spread } else { slope * self.error.exp_m1() };
        Self { value, error: spread + TERM_ERROR * value.abs() }
    }
}

fn finite_or_zero(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// The divergence in closed form, if there is one; the pair must have gone through [`reduce`](crate::law::reduce), and not
/// be mutually singular.
///
/// # Errors
///
/// [`DistributionError::NotPositiveDefinite`] for a covariance matrix.
pub(crate) fn closed_form<F: FDivergence + ?Sized>(
    f: &F,
    p: &Law,
    q: &Law,
) -> Result<Option<Exact>, DistributionError> {
    if p == q {
        return Ok(Some(Exact { value: f.at_one(), error: 0.0 }));
    }
    if let (Space::Vectors(_), Space::Vectors(_)) = (p.space(), q.space()) {
        let whitened = Whitened::new(p, q)?;
        return Ok(match f.form() {
            Form::KullbackLeibler { forward, reverse } => {
                Some(whitened.kullback_leibler().times(forward).plus(whitened.reverse().times(reverse)))
            }
            Form::Power { order, scale } => Some(whitened.ln_affinity(order).exp_m1().times(scale)),
            _ => None,
        });
    }
    let flat = || flat(f, p, q).filter(|exact| !exact.value.is_nan());
    if let Some(value) = atom::divergence(f, p, q).or_else(flat) {
        return Ok(Some(value));
    }
    let value = match f.form() {
        Form::KullbackLeibler { forward, reverse } => {
            let part = |factor: f64, p, q| {
                if factor == 0.0 {
                    Some(Exact::ZERO)
                } else {
                    kullback_leibler::kullback_leibler(p, q).map(|value| value.times(factor))
                }
            };
            part(forward, p, q).and_then(|one| part(reverse, q, p).map(|other| one.plus(other)))
        }
        Form::Power { order, scale } => ln_affinity(p, q, order)?.map(|value| value.exp_m1().times(scale)),
        Form::HockeyStick { gamma } => hockey_stick::hockey_stick(p, q, gamma),
        _ => None,
    };
    // Parameters whose quotients overflow leave no number; quadrature may.
    Ok(value.filter(|exact| !exact.value.is_nan() && !exact.error.is_nan()))
}

/// The logarithm of $\int p^\alpha q^{1 - \alpha}$ in closed form.
///
/// # Errors
///
/// As [`closed_form`].
pub(crate) fn ln_affinity(p: &Law, q: &Law, order: f64) -> Result<Option<Exact>, DistributionError> {
    if p == q {
        return Ok(Some(Exact::ZERO));
    }
    if let (Space::Vectors(_), Space::Vectors(_)) = (p.space(), q.space()) {
        return Ok(Some(Whitened::new(p, q)?.ln_affinity(order)));
    }
    if let Some(value) = atom::ln_affinity(p, q, order) {
        return Ok(Some(value));
    }
    // By Hölder's inequality it is at most 0 for 0 < α < 1 and at least 0 otherwise; overflow may break that.
    let inside = (0.0..=1.0).contains(&order);
    let holds = |exact: &Exact| {
        let value = if inside { -exact.value } else { exact.value };
        value >= -exact.error && !exact.error.is_nan()
    };
    Ok(power::ln_affinity(p, q, order).filter(holds))
}

/// Any divergence of two uniform laws: the densities are constant on three pieces.
fn flat<F: FDivergence + ?Sized>(f: &F, p: &Law, q: &Law) -> Option<Exact> {
    let (width_p, width_q, overlap) = match (p, q) {
        (Law::Uniform { min: a1, max: b1 }, Law::Uniform { min: a2, max: b2 }) => {
            (b1 - a1, b2 - a2, b1.min(*b2) - a1.max(*a2))
        }
        (Law::DiscreteUniform { min: a1, max: b1 }, Law::DiscreteUniform { min: a2, max: b2 }) => {
            let count = |a: i64, b: i64| (i128::from(b) - i128::from(a) + 1) as f64;
            (count(*a1, *b1), count(*a2, *b2), count(*a1.max(a2), *b1.min(b2)))
        }
        _ => return None,
    };
    if overlap <= 0.0 {
        return Some(Exact::term(f.supremum()));
    }
    let charge = |mass: f64, cost: f64| if mass > 0.0 { mass * cost } else { 0.0 };
    let log_ratio = crate::special::ln_ratio(width_q, width_p);
    Some(Exact::sum(&[
        overlap / width_q * f.generator_of_log_ratio(log_ratio),
        charge((width_q - overlap) / width_q, f.at_zero()),
        charge((width_p - overlap) / width_p, f.slope_at_infinity()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_grow_with_what_cancels() {
        let sum = Exact::sum(&[1e8, -1e8, 1.0]);
        assert!((sum.value - 1.0).abs() < 1e-15 && sum.error > 1e-8);
        assert_eq!(Exact::sum(&[f64::INFINITY, 1.0]), Exact::INFINITE);
        assert_eq!(Exact::INFINITE.times(0.0), Exact::ZERO);
    }
}
