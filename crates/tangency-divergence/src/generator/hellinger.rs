//! The squared Hellinger distance.

use super::{FDivergence, Form};
use std::borrow::Cow;

/// The squared Hellinger distance, with or without its factor ½.
///
/// $$ s \int (\sqrt p - \sqrt q)^2 dx = 2 s \left( 1 - \int \sqrt{pq} dx \right), \qquad f(u) = s (\sqrt u - 1)^2 . $$
///
/// Two conventions are common, and there is no default:
///
/// | constructor | $s$ | range | used by |
/// |---|---|---|---|
/// | [`half`](Self::half) | ½ | $\lbrack 0, 1\rbrack$ | probability theory, whylogs, logp |
/// | [`full`](Self::full) | 1 | $\lbrack 0, 2\rbrack$ | the f-GAN article, TFP |
///
/// [`Alpha`](crate::Alpha) of order ½ is twice the full one. The root of the half one is the Hellinger distance, a metric
/// ([`DivergenceFunction::HellingerDistance`](crate::DivergenceFunction)).
///
/// $f^\prime(u) = s (1 - u^{-1/2})$, and $f^\ast(t) = t / (1 - t/s)$ for $t < s$.
///
/// # Example: the two conventions
///
/// ```
/// use tangency_divergence::{FDivergence, SquaredHellinger};
///
/// assert_eq!(SquaredHellinger::half().supremum(), 1.0);
/// assert_eq!(SquaredHellinger::full().supremum(), 2.0);
/// ```
///
/// # References
///
/// - E. Hellinger, *Neue Begründung der Theorie quadratischer Formen von unendlichvielen Veränderlichen*, J. reine angew.
///   Math. 136 (1909) 210-271.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SquaredHellinger {
    scale: f64,
}

impl SquaredHellinger {
    /// $\frac12 \int (\sqrt p - \sqrt q)^2 dx$, between 0 and 1.
    pub const fn half() -> Self {
        Self { scale: 0.5 }
    }

    /// $\int (\sqrt p - \sqrt q)^2 dx$, between 0 and 2.
    pub const fn full() -> Self {
        Self { scale: 1.0 }
    }
}

impl FDivergence for SquaredHellinger {
    fn name(&self) -> Cow<'static, str> {
        if self.scale < 1.0 { "squared Hellinger (½)".into() } else { "squared Hellinger".into() }
    }

    fn formula(&self) -> Cow<'static, str> {
        if self.scale < 1.0 { "½ (√u - 1)²".into() } else { "(√u - 1)²".into() }
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 || u == f64::INFINITY {
            return f64::INFINITY;
        }
        let difference = (u - 1.0) / (u.sqrt() + 1.0);
        self.scale * difference * difference
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        let difference = (0.5 * r).exp_m1();
        self.scale * difference * difference
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u == 0.0 {
            f64::NEG_INFINITY
        } else if u == f64::INFINITY {
            self.scale
        } else {
            // 1 - 1/√u without the cancellation at u = 1; two quotients, as u + √u may overflow.
            let root = u.sqrt();
            self.scale * ((u - 1.0) / (root + 1.0) / root)
        }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 0.5 * self.scale / u.abs() / u.abs().sqrt() }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t >= self.scale {
            f64::INFINITY
        } else if t < -1e300 {
            -self.scale
        } else {
            t / (1.0 - t / self.scale)
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t >= self.scale {
            return f64::NAN;
        }
        let root = 1.0 / (1.0 - t / self.scale);
        root * root
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        self.scale
    }

    fn slope_at_infinity(&self) -> f64 {
        self.scale
    }

    fn critic(&self, v: f64) -> f64 {
        -self.scale * (-0.5 * v).exp_m1()
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        self.scale * (0.5 * v).exp_m1()
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        0.5 * self.scale * (-0.5 * v).exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        -self.scale * (-v).exp_m1()
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        self.scale * (-v).exp()
    }

    fn form(&self) -> Form {
        Form::Power { order: 0.5, scale: -2.0 * self.scale }
    }
}
