//! The two χ² divergences.

use super::{FDivergence, Form};
use std::borrow::Cow;

/// Pearson's χ² divergence.
///
/// $$ \chi^2(P \Vert Q) = \int \frac{(p - q)^2}{q} dx, \qquad f(u) = (u - 1)^2 . $$
///
/// No factor ½; range $\lbrack 0, \infty\rbrack$. The name follows statistics, whose $\sum (O - E)^2 / E$ divides by the
/// expected shares $q$. [`Alpha`](crate::Alpha) of order 2 is half of it; TFP's `chi_square` has $f(u) = u^2 - 1$, of the same
/// value and with another conjugate. Some papers, and the f-GAN article in some versions, write Pearson's name beside
/// [Neyman's](NeymanChiSquared) integral.
///
/// $f^\prime(u) = 2(u - 1)$. The conjugate is $t + t^2/4$ for $t \ge -2$ and $-1$ below: the formula of the f-GAN table,
/// which has $t + t^2/4$ everywhere, belongs to $f$ on the whole line and gives a weaker bound for $t < -2$.
///
/// # Example: a tighter bound than the usual conjugate's
///
/// ```
/// use tangency_divergence::{FDivergence, PearsonChiSquared};
///
/// assert_eq!(PearsonChiSquared.conjugate(-4.0), -1.0); // and not -4 + 16/4 = 0
/// ```
///
/// # References
///
/// - K. Pearson, *On the criterion that a given system of deviations ...*, Philosophical Magazine 50 (1900) 157-175.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PearsonChiSquared;

impl FDivergence for PearsonChiSquared {
    fn name(&self) -> Cow<'static, str> {
        "Pearson χ²".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "(u - 1)²".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 { f64::INFINITY } else { (u - 1.0) * (u - 1.0) }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        r.exp_m1() * r.exp_m1()
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 2.0 * (u - 1.0) }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u >= 0.0 { 2.0 } else { f64::NAN }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t < -2.0 { -1.0 } else { t * (1.0 + 0.25 * t) }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t < -2.0 { 0.0 } else { 1.0 + 0.5 * t }
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        1.0
    }

    fn slope_at_infinity(&self) -> f64 {
        f64::INFINITY
    }

    fn critic(&self, v: f64) -> f64 {
        2.0 * v.exp_m1()
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        (2.0 * v).exp_m1()
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        2.0 * v.exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        v
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { 1.0 }
    }

    fn form(&self) -> Form {
        Form::Power { order: 2.0, scale: 1.0 }
    }
}

/// Neyman's χ² divergence: Pearson's with the arguments exchanged.
///
/// $$ \int \frac{(p - q)^2}{p} dx, \qquad f(u) = \frac{(1 - u)^2}{u} . $$
///
/// No factor ½; range $\lbrack 0, \infty\rbrack$. [`Alpha`](crate::Alpha) of order −1 is half of it. Some papers give the two χ²
/// each other's name, which is why the integral stands here first.
///
/// $f^\prime(u) = 1 - u^{-2}$, and $f^\ast(t) = 2 - 2 \sqrt{1 - t}$ for $t \le 1$.
///
/// # References
///
/// - J. Neyman, *Contribution to the theory of the χ² test*, Proc. Berkeley Symposium (1949) 239-273.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeymanChiSquared;

impl FDivergence for NeymanChiSquared {
    fn name(&self) -> Cow<'static, str> {
        "Neyman χ²".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "(1 - u)²/u".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u <= 0.0 || u == f64::INFINITY { f64::INFINITY } else { (1.0 - u) * ((1.0 - u) / u) }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        -r.exp_m1() * (-r).exp_m1()
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::NAN
        } else if u == f64::INFINITY {
            1.0
        } else {
            let inverse = 1.0 / u.abs();
            (u - 1.0) * inverse * (1.0 + inverse)
        }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 2.0 / u.abs() / u.abs() / u.abs() }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t > 1.0 {
            return f64::INFINITY;
        }
        let root = (1.0 - t).sqrt();
        // 2 - 2 root without the cancellation at t = 0.
        if t < -3.0 { 2.0 - 2.0 * root } else { 2.0 * t / (1.0 + root) }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        // NaN for t > 1, from the root.
        1.0 / (1.0 - t).sqrt()
    }

    fn is_domain_closed(&self) -> bool {
        true
    }

    fn at_zero(&self) -> f64 {
        f64::INFINITY
    }

    fn slope_at_infinity(&self) -> f64 {
        1.0
    }

    fn critic(&self, v: f64) -> f64 {
        -(-2.0 * v).exp_m1()
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        -2.0 * (-v).exp_m1()
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        2.0 * (-2.0 * v).exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        -(-v).exp_m1()
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        (-v).exp()
    }

    fn form(&self) -> Form {
        Form::Power { order: -1.0, scale: 1.0 }
    }
}
