//! Jeffreys' divergence.

use super::{FDivergence, Form};
use std::borrow::Cow;

/// Jeffreys' divergence, the sum of both directions of Kullback and Leibler's.
///
/// $$ D(P \Vert Q) + D(Q \Vert P) = \int (p - q) \ln \frac{p}{q} dx, \qquad f(u) = (u - 1) \ln u . $$
///
/// No factor ½: TFP's `jeffreys` has one. In nats; range $\lbrack 0, \infty\rbrack$; symmetric. Between shares of bins it is the
/// population stability index of credit scoring ([`population_stability_index`](crate::population_stability_index)).
///
/// $f^\prime(u) = \ln u + 1 - 1/u$. The conjugate has no elementary formula. It is usually written with Lambert's function of
/// $e^{1-t}$, which overflows for $t < -708$ and loses digits near $t = 0$. Here $v$ with $T(v) = v + 1 - e^{-v} = t$ is
/// found directly, by Newton's method from the left, where $T$, being concave, makes it monotone; then $f^\ast(t) = v + e^v -
/// 1$, two terms of the same sign. ($-v$ is Wright's $\omega$ function of $1 - t$, in logarithm.) About 6 steps of one
/// exponential.
///
/// A critic that puts out a log-ratio needs none of this: $T(v)$ and $f^\ast(T(v))$ are the two formulas above.
///
/// # Example: the conjugate where the usual formula overflows
///
/// ```
/// use tangency_divergence::{FDivergence, Jeffreys};
///
/// assert!((Jeffreys.conjugate(-1000.0) - -7.90083).abs() < 1e-5);
/// ```
///
/// # References
///
/// - H. Jeffreys, *An invariant form for the prior probability in estimation problems*, Proc. R. Soc. A 186 (1946) 453-461.
/// - R. M. Corless, D. J. Jeffrey, *The Wright ω function*, AISC 2002, LNAI 2385, 76-89.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Jeffreys;

impl Jeffreys {
    /// $v$ with $v - (e^{-v} - 1) = t$, to the last digit or two, for every finite $t$.
    fn log_ratio(t: f64) -> f64 {
        // Both starts lie left of the solution: T(v) <= 2v and T(v) <= v + 1, and for negative t, T(-ln(1 - t)) <= t.
        let mut v = if t >= 0.0 { (0.5 * t).max(t - 1.0) } else { -(-t).ln_1p() };
        for _ in 0..60 {
            let e = (-v).exp();
            let step = (v - (-v).exp_m1() - t) / (1.0 + e);
            v -= step;
            // Convergence is quadratic, so this step was the last that could matter. NaN ends it too.
            if !(step.abs() > 1e-10 * v.abs()) {
                break;
            }
        }
        v
    }
}

impl FDivergence for Jeffreys {
    fn name(&self) -> Cow<'static, str> {
        "Jeffreys".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "(u - 1) ln u".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 { f64::INFINITY } else { (u - 1.0) * u.ln() }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        r * r.exp_m1()
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u == f64::INFINITY { u } else { u.ln() + (u - 1.0) / u.abs() }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 {
            return f64::NAN;
        }
        let inverse = 1.0 / u.abs();
        inverse * (1.0 + inverse)
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t.is_infinite() {
            return t;
        }
        let v = Self::log_ratio(t);
        if v < 1.0 {
            return v.exp_m1() + v;
        }
        // v = t - 1 + e^{-v}, so e^v is a product of exponentials of t / 2, which is exact, and of a small number; the
        // rounding of v would count v times.
        let root = (0.5 * t).exp();
        root * (-v).exp_m1().exp() * root + (v - 1.0)
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t.is_infinite() { t.exp() } else { Self::log_ratio(t).exp() }
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        f64::INFINITY
    }

    fn slope_at_infinity(&self) -> f64 {
        f64::INFINITY
    }

    fn critic(&self, v: f64) -> f64 {
        v - (-v).exp_m1()
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        v.exp_m1() + v
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        1.0 + (-v).exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        v
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if v.is_nan() { v } else { 1.0 }
    }

    fn form(&self) -> Form {
        Form::KullbackLeibler { forward: 1.0, reverse: 1.0 }
    }
}
