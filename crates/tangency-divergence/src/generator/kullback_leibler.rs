//! The Kullback-Leibler divergence, in both directions.

use super::elementary::{entropy_excess, exp_of_less_one, expm1_less};
use super::{FDivergence, Form};
use std::borrow::Cow;

/// The Kullback-Leibler divergence, or relative entropy.
///
/// $$ D(P \Vert Q) = \int p \ln \frac{p}{q} dx, \qquad f(u) = u \ln u . $$
///
/// No factor; in nats; range $\lbrack 0, \infty\rbrack$, infinite as soon as $P$ has mass where $Q$ has none.
/// The direction is named by the arguments: this one weighs by its first, $P$. Variational inference calls it
/// "forward" or "inclusive" when $Q$ is the model. Libraries that take a logarithm to base 2 have the value divided by
/// $\ln 2$; PyTorch's `kl_div(input, target)` has the arguments exchanged, and logarithms in place of the first.
///
/// $f^\prime(u) = 1 + \ln u$ and $f^\ast(t) = e^{t-1}$. With $u \ln u - u + 1$ instead, which has the same
/// value (it is [`Alpha`](crate::Alpha) of order 1), the critic would be lower by one, and $f^\ast(t) = e^t - 1$.
///
/// # Example: the critic that attains the bound
///
/// ```
/// use tangency_divergence::{FDivergence, KullbackLeibler};
///
/// let (f, u) = (KullbackLeibler, 3.0_f64);
/// let t = f.derivative(u); // 1 + ln 3
/// assert!((u * t - f.conjugate(t) - f.generator(u)).abs() < 1e-14); // Fenchel's inequality is an equality
/// assert_eq!(f.critic(0.5), 1.5);
/// ```
///
/// # References
///
/// - S. Kullback, R. A. Leibler, *On information and sufficiency*, Ann. Math. Statist. 22 (1951) 79-86.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN: training generative neural samplers using variational divergence
///   minimization*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KullbackLeibler;

impl FDivergence for KullbackLeibler {
    fn name(&self) -> Cow<'static, str> {
        "KL".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "u ln u".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::INFINITY
        } else if u == 0.0 {
            0.0
        } else {
            u * u.ln()
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        if r == f64::NEG_INFINITY { 0.0 } else { r * r.exp() }
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        entropy_excess(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        1.0 + u.ln()
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 1.0 / u.abs() }
    }

    fn conjugate(&self, t: f64) -> f64 {
        exp_of_less_one(t)
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        exp_of_less_one(t)
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        0.0
    }

    fn slope_at_infinity(&self) -> f64 {
        f64::INFINITY
    }

    fn critic(&self, v: f64) -> f64 {
        1.0 + v
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        v.exp()
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { 1.0 }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        v
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { 1.0 }
    }

    fn form(&self) -> Form {
        Form::KullbackLeibler { forward: 1.0, reverse: 0.0 }
    }
}

/// The Kullback-Leibler divergence with the arguments exchanged.
///
/// $$ D(Q \Vert P) = \int q \ln \frac{q}{p} dx, \qquad f(u) = -\ln u . $$
///
/// No factor; in nats; range $\lbrack 0, \infty\rbrack$, infinite as soon as $Q$ has mass where $P$ has none. It is what
/// variational inference minimises over $Q$ ("reverse", "exclusive"), and the [dual](crate::Dual) of [`KullbackLeibler`].
/// TFP names its two generators the other way round with respect to some texts: its `kl_reverse` is $-\ln u$ with
/// $u = p/q$, as here.
///
/// $f^\prime(u) = -1/u$, and $f^\ast(t) = -1 - \ln(-t)$ for $t < 0$. The activation is $-e^{-v}$, with a minus sign
/// in the exponent: $-e^{v}$, seen in some programs, decreases.
///
/// # References
///
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReverseKullbackLeibler;

impl FDivergence for ReverseKullbackLeibler {
    fn name(&self) -> Cow<'static, str> {
        "reverse KL".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "-ln u".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 { f64::INFINITY } else { -u.ln() }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        -r
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        expm1_less(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { -1.0 / u.abs() }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 1.0 / u / u }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t >= 0.0 { f64::INFINITY } else { -1.0 - (-t).ln() }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t >= 0.0 { f64::NAN } else { -1.0 / t }
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        f64::INFINITY
    }

    fn slope_at_infinity(&self) -> f64 {
        0.0
    }

    fn critic(&self, v: f64) -> f64 {
        -(-v).exp()
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        v - 1.0
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        (-v).exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        -(-v).exp()
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        (-v).exp()
    }

    fn form(&self) -> Form {
        Form::KullbackLeibler { forward: 0.0, reverse: 1.0 }
    }
}
