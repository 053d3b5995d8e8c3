//! The total variation distance and its one-sided kin.

use super::elementary::sigmoid;
use super::{FDivergence, Form};
use crate::error::GeneratorError;
use std::borrow::Cow;

/// The total variation distance.
///
/// $$ \frac12 \int |p - q| dx = \sup_A |P(A) - Q(A)|, \qquad f(u) = \frac12 |u - 1| . $$
///
/// With the factor ½; range $\lbrack 0, 1\rbrack$. Some texts leave it out and have 2 as the largest value; TFP's
/// `total_variation` has it. A metric, and the only f-divergence that is one without a root, up to factors.
///
/// $f$ has a kink at 1, so the optimal critic is a step, $T = \frac12 \mathrm{sign}(v)$, and is trained as $\frac12 \tanh v$
/// ([`classical_activation`](FDivergence::classical_activation)). $f^\ast(t) = \max(t, -\frac12)$ for $t \le \frac12$; the
/// f-GAN table has $f^\ast(t) = t$, which is the same for $t \ge -\frac12$ and weaker below.
///
/// # Example: the conjugate at both ends
///
/// ```
/// use tangency_divergence::{FDivergence, TotalVariation};
///
/// assert_eq!(TotalVariation.conjugate(-3.0), -0.5);
/// assert_eq!(TotalVariation.conjugate(0.6), f64::INFINITY);
/// ```
///
/// # References
///
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
/// - M. Khosravifard, D. Fooladivanda, T. A. Gulliver, *Confliction of the convexity and metric properties in
///   f-divergences*, IEICE Trans. Fundamentals E90-A (2007) 1848-1853: no other one is a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TotalVariation;

impl FDivergence for TotalVariation {
    fn name(&self) -> Cow<'static, str> {
        "total variation".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "½ |u - 1|".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 { f64::INFINITY } else { 0.5 * (u - 1.0).abs() }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        0.5 * r.exp_m1().abs()
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { half_sign(u - 1.0) }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u >= 0.0 { kink(u == 1.0) } else { f64::NAN }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t > 0.5 {
            f64::INFINITY
        } else if t < -0.5 {
            -0.5
        } else {
            t
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t < -0.5 {
            0.0
        } else if t <= 0.5 {
            1.0
        } else {
            f64::NAN
        }
    }

    fn is_domain_closed(&self) -> bool {
        true
    }

    fn at_zero(&self) -> f64 {
        0.5
    }

    fn slope_at_infinity(&self) -> f64 {
        0.5
    }

    fn is_smooth(&self) -> bool {
        false
    }

    fn critic(&self, v: f64) -> f64 {
        half_sign(v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        half_sign(v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { kink(v == 0.0) }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        0.5 * v.tanh()
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        let inverse = 1.0 / v.cosh();
        0.5 * inverse * inverse
    }

    fn form(&self) -> Form {
        Form::HockeyStick { gamma: 1.0 }
    }
}

/// $\frac12 \mathrm{sign}(x)$, with 0 at 0.
fn half_sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { 0.5 * x.signum() }
}

/// The second derivative of a piecewise straight function.
fn kink(here: bool) -> f64 {
    if here { f64::INFINITY } else { 0.0 }
}

/// The hockey-stick divergence.
///
/// $$ E_\gamma(P \Vert Q) = \int (p - \gamma q)_+ dx = \sup_A \lbrace P(A) - \gamma Q(A) \rbrace, \qquad f(u) = (u - \gamma)_+ , $$
///
/// for $\gamma \ge 1$. No factor; range $\lbrack 0, 1\rbrack$; zero wherever $p \le \gamma q$, so it tells distributions
/// apart only if their ratio exceeds $\gamma$. $E_1$ is the total variation. A mechanism is $(\varepsilon,
/// \delta)$-differentially private if $E_{e^\varepsilon} \le \delta$ for all neighbouring data, in both directions. Not
/// symmetric for $\gamma > 1$.
///
/// The optimal critic is the step $T = 1$ where $p > \gamma q$, otherwise 0; it is trained as $\sigma(v)$. $f^\ast(t) =
/// \gamma \max(t, 0)$ for $t \le 1$.
///
/// # References
///
/// - I. Sason, S. Verdú, *f-divergence inequalities*, IEEE Trans. Inform. Theory 62 (2016) 5973-6006.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HockeyStick {
    gamma: f64,
}

impl HockeyStick {
    /// $E_\gamma$.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] unless $\gamma \ge 1$ and finite.
    pub fn new(gamma: f64) -> Result<Self, GeneratorError> {
        if gamma >= 1.0 && gamma.is_finite() {
            Ok(Self { gamma })
        } else {
            Err(GeneratorError::OutOfRange { what: "γ", range: "at least 1 and finite", value: gamma })
        }
    }

    /// $\gamma$.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// 0, ½ or 1, as `x` is below, at or above the kink.
    fn step(x: f64, kink: f64) -> f64 {
        if x > kink {
            1.0
        } else if x < kink {
            0.0
        } else if x == kink {
            0.5
        } else {
            f64::NAN
        }
    }
}

impl FDivergence for HockeyStick {
    fn name(&self) -> Cow<'static, str> {
        format!("hockey-stick({})", self.gamma).into()
    }

    fn formula(&self) -> Cow<'static, str> {
        format!("max(u - {}, 0)", self.gamma).into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::INFINITY
        } else if u < self.gamma {
            0.0
        } else {
            u - self.gamma
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        // e^r - 1 - (γ - 1), which for γ = 1 is e^r - 1 to the last digit.
        let value = r.exp_m1() - (self.gamma - 1.0);
        if value < 0.0 { 0.0 } else { value }
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        // With γ = 1 the kink is at u = 1, where the middle slope makes this the total variation's generator.
        if self.gamma == 1.0 { 0.5 * r.exp_m1().abs() } else { self.generator_of_log_ratio(r) }
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { Self::step(u, self.gamma) }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u >= 0.0 { kink(u == self.gamma) } else { f64::NAN }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t > 1.0 {
            f64::INFINITY
        } else if t < 0.0 {
            0.0
        } else {
            self.gamma * t
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t < 0.0 {
            0.0
        } else if t <= 1.0 {
            self.gamma
        } else {
            f64::NAN
        }
    }

    fn is_domain_closed(&self) -> bool {
        true
    }

    fn at_zero(&self) -> f64 {
        0.0
    }

    fn slope_at_infinity(&self) -> f64 {
        1.0
    }

    fn is_smooth(&self) -> bool {
        false
    }

    fn critic(&self, v: f64) -> f64 {
        Self::step(v, self.gamma.ln())
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        self.gamma * self.critic(v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { kink(v == self.gamma.ln()) }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        sigmoid(v)
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        sigmoid(v) * sigmoid(-v)
    }

    fn form(&self) -> Form {
        Form::HockeyStick { gamma: self.gamma }
    }
}
