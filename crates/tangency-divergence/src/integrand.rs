//! What one point contributes to a divergence.

use crate::generator::{FDivergence, Form};
use crate::special::{entropy_excess, exp_excess};

/// $q \tilde f(p / q)$ from ln p and ln q, where $\tilde f(u) = f(u) - f(1) - c (u - 1)$ with a slope $c$ of $f$ at 1.
///
/// The integral of $q (u - 1)$ over both laws is zero, so the tilted generator gives the same divergence; it is not
/// negative, its sum does not cancel, and near $p = q$ it is of second order.
pub(crate) struct Integrand<'f, F: ?Sized> {
    f: &'f F,
    form: Form,
    slope: f64,
    /// The order of the affinity that is integrated in place of f.
    affinity: Option<f64>,
    /// f(1), which is to be added to the integral.
    pub(crate) at_one: f64,
    /// What mass of P costs where Q has none.
    pub(crate) only_p: f64,
    /// What mass of Q costs where P has none.
    pub(crate) only_q: f64,
}

/// The contribution of one point, and how a relative error of the densities changes it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Contribution {
    pub(crate) value: f64,
    /// The derivatives by ln p and ln q, with the size of what was rounded in them.
    pub(crate) sensitivity: f64,
}

/// The charge for a mass, where 0 · ∞ = 0.
pub(crate) fn charge(mass: f64, cost: f64) -> f64 {
    if mass > 0.0 { mass * cost } else { 0.0 }
}

impl<'f, F: FDivergence + ?Sized> Integrand<'f, F> {
    pub(crate) fn new(f: &'f F) -> Self {
        let form = f.form();
        let infinite_if = |factor: f64| if factor == 0.0 { 0.0 } else { f64::INFINITY * factor };
        let (only_p, only_q, slope) = match form {
            Form::KullbackLeibler { forward, reverse } => {
                (infinite_if(forward) + reverse, forward + infinite_if(reverse), 0.0)
            }
            Form::Power { order, scale } => (
                if order > 1.0 { f64::INFINITY * scale } else { -scale * order },
                if order < 0.0 { f64::INFINITY * scale } else { scale * (order - 1.0) },
                0.0,
            ),
            Form::HockeyStick { .. } => (1.0, 0.0, 0.0),
            Form::JensenShannon { weight: w, scale, .. } => {
                (-scale * w * w.ln(), -scale * (1.0 - w) * (-w).ln_1p(), 0.0)
            }
            Form::LeCam => (1.0, 1.0, 0.0),
            Form::Other => {
                let slope = f.derivative(1.0);
                let slope = if slope.is_finite() { slope } else { 0.0 };
                (f.slope_at_infinity() - slope, f.at_zero() - f.at_one() + slope, slope)
            }
        };
        Self { f, form, slope, at_one: f.at_one(), only_p, only_q, affinity: None }
    }

    /// The integral $\int p^\alpha q^{1 - \alpha}$ itself, in place of the divergence of the generator.
    pub(crate) fn affinity(f: &'f F, order: f64) -> Self {
        let infinite_if = |holds: bool| if holds { f64::INFINITY } else { 0.0 };
        let (only_p, only_q) = (infinite_if(order > 1.0), infinite_if(order < 0.0));
        Self { f, form: Form::Other, slope: 0.0, at_one: 0.0, only_p, only_q, affinity: Some(order) }
    }

    /// Whether the integrand has no kinks but those of the densities.
    pub(crate) fn is_smooth(&self) -> bool {
        self.affinity.is_some() || self.f.is_smooth()
    }

    /// The ratio at which the integrand has a kink, as a logarithm.
    pub(crate) fn kink(&self) -> Option<f64> {
        match self.form {
            Form::HockeyStick { gamma } => Some(gamma.ln()),
            _ => None,
        }
    }

    /// The contribution of a point.
    pub(crate) fn at(&self, ln_p: f64, ln_q: f64) -> Contribution {
        let (p, q) = (ln_p.exp(), ln_q.exp());
        if ln_p == f64::NEG_INFINITY || ln_q == f64::NEG_INFINITY {
            let value = charge(q, self.only_q) + charge(p, self.only_p);
            return Contribution { value: if p > 0.0 && q > 0.0 { 0.0 } else { value }, sensitivity: 0.0 };
        }
        let r = ln_p - ln_q;
        let near = r.abs() < 1.0;
        let difference = if near { q * r.exp_m1() } else { p - q };
        // The value, and its derivatives by ln p and by ln q.
        let (value, by_p, by_q) = match self.form {
            Form::KullbackLeibler { forward, reverse } => {
                let ahead = if forward == 0.0 {
                    0.0
                } else if near {
                    p * exp_excess(-r)
                } else {
                    charge(p, r - 1.0) + q
                };
                let back = if reverse == 0.0 {
                    0.0
                } else if near {
                    q * exp_excess(r)
                } else {
                    p - charge(q, 1.0 + r)
                };
                let (forward_slope, reverse_slope) = (charge(p, r.abs()), charge(q, r.abs()));
                (
                    forward * ahead + reverse * back,
                    forward * forward_slope + reverse * difference.abs(),
                    forward * difference.abs() + reverse * reverse_slope,
                )
            }
            Form::Power { order, scale } => {
                let mixed = (order * ln_p + (1.0 - order) * ln_q).exp();
                let value = if near && (order * r).abs() < 1.0 {
                    scale * q * (exp_excess(order * r) - order * exp_excess(r))
                } else {
                    scale * (mixed - order * p - (1.0 - order) * q)
                };
                let slopes = (scale * order * (mixed - p), scale * (1.0 - order) * (mixed - q));
                (value, slopes.0.abs(), slopes.1.abs())
            }
            Form::HockeyStick { gamma } => {
                let value = difference - (gamma - 1.0) * q;
                if value > 0.0 { (value, p, gamma * q) } else { (0.0, 0.0, 0.0) }
            }
            Form::JensenShannon { weight: w, scale, .. } => {
                let m = w * p + (1.0 - w) * q;
                if m <= 0.0 {
                    return Contribution::default();
                }
                let (x, y) = ((1.0 - w) * difference / m, -w * difference / m);
                let value = w * entropy_excess(x) + (1.0 - w) * entropy_excess(y);
                let slope = |mass: f64, x: f64| charge(mass, x.ln_1p().abs().min(r.abs() + 1.0));
                (scale * m * value, scale * w * slope(p, x), scale * (1.0 - w) * slope(q, y))
            }
            Form::LeCam => {
                let sum = p + q;
                if sum <= 0.0 {
                    return Contribution::default();
                }
                let x = difference / sum;
                (difference * x, 3.0 * p * x.abs(), 3.0 * q * x.abs())
            }
            Form::Other => match self.affinity {
                Some(order) => {
                    let mixed = (order * ln_p + (1.0 - order) * ln_q).exp();
                    (mixed, order.abs() * mixed, (1.0 - order).abs() * mixed)
                }
                None => self.other(ln_p, ln_q, p, q),
            },
        };
        let sensitivity = charge(by_p, ln_p.abs() + 5.0) + charge(by_q, ln_q.abs() + 5.0) + 10.0 * value;
        Contribution { value, sensitivity: if sensitivity.is_nan() { value } else { sensitivity } }
    }

    /// A generator that is known by its methods alone.
    fn other(&self, ln_p: f64, ln_q: f64, p: f64, q: f64) -> (f64, f64, f64) {
        let r = ln_p - ln_q;
        let tilted = |r: f64| {
            let line = if self.slope == 0.0 { 0.0 } else { self.slope * r.exp_m1() };
            let value = self.f.generator_of_log_ratio(r) - self.at_one - line;
            if value.is_nan() { f64::INFINITY } else { value }
        };
        let slope = charge(p, (self.f.critic(r) - self.slope).abs());
        let slope = if slope.is_finite() { slope } else { 0.0 };
        let generator = tilted(r).max(0.0);
        if generator.is_finite() {
            let value = if r.abs() < 1.0 { q * generator } else { (ln_q + generator.ln()).exp() };
            return (value, slope, (value - slope).abs().min(value + q));
        }
        if r > 0.0 && self.only_p.is_finite() {
            return (charge(p, self.only_p), charge(p, self.only_p), q);
        }
        // f(u) overflows, while q f(u) need not: f is continued from where it is finite, as a power of u, or as u ln u
        // where it grows as slowly.
        let mut near = r;
        while !tilted(near).is_finite() && near.abs() > 1.0 {
            near *= 0.5;
        }
        let (outer, inner) = (tilted(near).ln(), tilted(0.5 * near).ln());
        let power = (outer - inner) / (0.5 * near);
        let ln_value = if r > 0.0 && (power - 1.0).abs() < 0.03 {
            ln_p + outer - near + (r / near).ln()
        } else {
            ln_q + outer + power * (r - near)
        };
        let value = if ln_value.is_nan() { charge(p.max(q), generator) } else { ln_value.exp() };
        // The continuation is a guess, taken to be right to a part in a hundred; the bound of the integral tells.
        (value, slope, value + 0.005 / f64::EPSILON * value / (ln_q.abs() + 5.0))
    }
}
