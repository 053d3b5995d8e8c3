//! The calculus of one f-divergence: its generator, its conjugate, and the critic that attains its bound.

#![allow(clippy::float_cmp, reason = "ends of domains and orders with a limit are exact numbers")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN has to fail the comparison")]
#![allow(clippy::trivially_copy_pass_by_ref, reason = "the trait takes references")]

mod alpha;
mod chi_squared;
mod custom;
mod dual;
pub(crate) mod elementary;
mod function;
mod hellinger;
mod jeffreys;
mod jensen_shannon;
mod kullback_leibler;
mod le_cam;
mod list;
mod reference;
mod total_variation;

pub use alpha::Alpha;
pub use chi_squared::{NeymanChiSquared, PearsonChiSquared};
pub use custom::Custom;
pub use dual::Dual;
pub use function::DivergenceFunction;
pub use hellinger::SquaredHellinger;
pub use jeffreys::Jeffreys;
pub use jensen_shannon::{Gan, JensenShannon};
pub use kullback_leibler::{KullbackLeibler, ReverseKullbackLeibler};
pub use le_cam::LeCam;
pub use list::generators;
pub use total_variation::{HockeyStick, TotalVariation};

use std::borrow::Cow;

/// A convex $f$ on $\lbrack 0, \infty)$ with everything that follows from it.
///
/// For densities $p$ and $q$ and $u = p/q$,
///
/// $$ D_f(P \Vert Q) = \int_{q > 0} q f(p/q) dx + f^\prime(\infty) P(q = 0), $$
///
/// and, with the conjugate $f^\ast(t) = \sup_{u \ge 0} \lbrace tu - f(u) \rbrace$, for every function $T$
///
/// $$ D_f(P \Vert Q) \ge \mathbb E_P T - \mathbb E_Q f^\ast(T), $$
///
/// with equality for $T = f^\prime(p/q)$. A critic whose raw output is a log-ratio $v \approx \ln(p/q)$ therefore has the
/// output $T(v) = f^\prime(e^v)$, for which $f^\ast(T(v)) = e^v f^\prime(e^v) - f(e^v)$: no inverse function and no domain
/// is needed, and one fit of $\ln(p/q)$ gives a lower bound for every $f$.
///
/// All methods are total: no argument panics, a NaN gives a NaN, and what is infinite is `f64::INFINITY`. Arguments
/// `u` below zero lie outside the domain of $f$, where it is $+\infty$ and has no derivative (`NaN`).
pub trait FDivergence: std::fmt::Debug + Send + Sync {
    /// The usual name, with its parameters: `KL`, `alpha(0.5)`.
    fn name(&self) -> Cow<'static, str>;

    /// The generator as text: `u ln u`.
    fn formula(&self) -> Cow<'static, str>;

    /// $f(u)$ for $u \ge 0$, $f(0)$ being the limit and $f(\infty)$ likewise; $+\infty$ for $u < 0$.
    fn generator(&self, u: f64) -> f64;

    /// $f(e^r)$ for a log-ratio $r$, without forming $e^r - 1$: near $r = 0$ the value is of order $r^2$ and keeps its
    /// relative accuracy where $f^\prime(1) = 0$ and, for the others, the accuracy that their first-order term allows.
    fn generator_of_log_ratio(&self, r: f64) -> f64;

    /// $f(e^r) - f(1) - f^\prime(1) (e^r - 1)$: the generator of the same divergence that touches zero at $u = 1$.
    ///
    /// For $P$ and $Q$ of the same mass its integral is that of $f$ less $f(1)$, but no term is negative, so the sum
    /// keeps its digits for $P \approx Q$, where the terms of $f$ cancel. The types of this crate have it to a small relative
    /// error for every $r$; the default subtracts.
    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        let (slope, value) = (self.derivative(1.0), self.generator_of_log_ratio(r) - self.at_one());
        if slope == 0.0 { value } else { value - slope * r.exp_m1() }
    }

    /// $f^\prime(u)$, the output of the optimal critic where $p/q = u$; at a kink the middle of the subdifferential.
    fn derivative(&self, u: f64) -> f64;

    /// $f^{\prime\prime}(u)$ where it exists; zero on straight pieces, and `f64::INFINITY` at a kink.
    fn second_derivative(&self, u: f64) -> f64;

    /// $f^\ast(t) = \sup_{u \ge 0} \lbrace tu - f(u) \rbrace$; $+\infty$ outside its domain.
    ///
    /// The supremum is over $u \ge 0$ alone, which for some $f$ makes it larger than the conjugate of the same formula on
    /// the whole line would be, and the bound tighter.
    fn conjugate(&self, t: f64) -> f64;

    /// A $u$ that attains the supremum, $u = (f^\ast)^\prime(t)$; zero where the supremum is at $u = 0$, `NaN` outside the
    /// domain.
    fn conjugate_derivative(&self, t: f64) -> f64;

    /// Whether the conjugate is finite at its upper end, which is [`slope_at_infinity`](Self::slope_at_infinity): the
    /// domain of $f^\ast$ is $t \le f^\prime(\infty)$ or $t < f^\prime(\infty)$.
    fn is_domain_closed(&self) -> bool;

    /// $f(0) = \lim_{u \to 0} f(u)$, possibly $+\infty$: what mass of $Q$ costs where $P$ has none.
    fn at_zero(&self) -> f64;

    /// $f^\prime(\infty) = \lim_{u \to \infty} f(u) / u$, possibly $+\infty$: what mass of $P$ costs where $Q$ has none.
    fn slope_at_infinity(&self) -> f64;

    /// $f(1)$: the value for $P = Q$, which is zero for a divergence. [`Gan`](crate::Gan) is shifted.
    fn at_one(&self) -> f64 {
        0.0
    }

    /// The least upper bound of the divergence, $f(0) + f^\prime(\infty)$, reached by mutually singular $P$ and $Q$.
    fn supremum(&self) -> f64 {
        self.at_zero() + self.slope_at_infinity()
    }

    /// Whether $f$ has a derivative everywhere; if not, $T(v)$ is a step, and a critic is trained through
    /// [`classical_activation`](Self::classical_activation).
    fn is_smooth(&self) -> bool {
        true
    }

    /// $T(v) = f^\prime(e^v)$: the output activation of a critic whose raw output is a log-ratio.
    fn critic(&self, v: f64) -> f64;

    /// $f^\ast(T(v)) = e^v f^\prime(e^v) - f(e^v)$ in a form that does not cancel.
    fn conjugate_of_critic(&self, v: f64) -> f64;

    /// $T^\prime(v) = e^v f^{\prime\prime}(e^v)$. The derivative of [`conjugate_of_critic`](Self::conjugate_of_critic) is
    /// $e^v T^\prime(v)$.
    fn critic_derivative(&self, v: f64) -> f64;

    /// The output activation of the f-GAN article's table: a monotone map of the real line into the domain of $f^\ast$.
    fn classical_activation(&self, v: f64) -> f64;

    /// The derivative of [`classical_activation`](Self::classical_activation).
    fn classical_activation_derivative(&self, v: f64) -> f64;

    /// Which integral this is, for closed forms and fast sums; [`Form::Other`] if none of them.
    fn form(&self) -> Form {
        Form::Other
    }
}

/// The integrals that closed forms are known for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// `forward` · KL(P‖Q) + `reverse` · KL(Q‖P).
    KullbackLeibler {
        /// Factor of KL(P‖Q).
        forward: f64,
        /// Factor of KL(Q‖P).
        reverse: f64,
    },
    /// `scale` · (∫ p^α q^{1−α} − 1) with α = `order`, not 0 or 1.
    Power {
        /// α.
        order: f64,
        /// The factor; negative for 0 < α < 1.
        scale: f64,
    },
    /// ∫ (p − γ q)₊ with γ = `gamma` ≥ 1; γ = 1 is the total variation.
    HockeyStick {
        /// γ.
        gamma: f64,
    },
    /// `scale` · (w KL(P‖M) + (1 − w) KL(Q‖M)) + `shift`, with M = w P + (1 − w) Q and w = `weight`.
    JensenShannon {
        /// w, strictly between 0 and 1.
        weight: f64,
        /// The factor: 1 for the Jensen-Shannon divergence, 2 in the f-GAN article.
        scale: f64,
        /// The value for P = Q.
        shift: f64,
    },
    /// ∫ (p − q)² / (p + q).
    LeCam,
    /// None of these.
    Other,
}
