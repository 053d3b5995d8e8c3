//! The Jensen-Shannon divergence, and the objective of the first adversarial network, which is a shift of it.

use super::elementary::{entropy_excess, ln_mixture, sigmoid, softplus};
use super::{FDivergence, Form};
use crate::error::GeneratorError;
use std::borrow::Cow;
use std::f64::consts::LN_2;

/// The Jensen-Shannon divergence.
///
/// With the mixture $M = w P + (1 - w) Q$,
///
/// $$ s \lbrack w D(P \Vert M) + (1 - w) D(Q \Vert M) \rbrack, \quad
///    f(u) = s \lbrack w u \ln u - m \ln m \rbrack, \quad m = w u + 1 - w, $$
///
/// $D$ being Kullback and Leibler's. In nats. There are conventions enough for a constructor each:
///
/// | constructor | $w$ | $s$ | range | used by |
/// |---|---|---|---|---|
/// | [`half`](Self::half) | ½ | 1 | $\lbrack 0, \ln 2\rbrack$ | Lin; most texts |
/// | [`f_gan`](Self::f_gan) | ½ | 2 | $\lbrack 0, 2 \ln 2\rbrack$ | the f-GAN article, TFP |
/// | [`weighted`](Self::weighted) | $w$ | 1 | $\lbrack 0, -w \ln w - (1 - w) \ln(1 - w)\rbrack$ | Lin |
///
/// SciPy's `jensenshannon` is the *root* of the first, a metric
/// ([`DivergenceFunction::JensenShannonDistance`](crate::DivergenceFunction)); NannyML takes its logarithms to base 2, which
/// makes the root larger by $1 / \sqrt{\ln 2} = 1.201$.
///
/// $f^\prime(u) = s w \ln(u/m)$, and $f^\ast(t) = -s (1 - w) \ln \frac{1 - w e^\tau}{1 - w}$ with $\tau = t / (s w)$, for
/// $\tau < -\ln w$.
///
/// # Example: disjoint distributions are $\ln 2$ apart
///
/// ```
/// use tangency_divergence::{FDivergence, JensenShannon};
///
/// assert_eq!(JensenShannon::half().supremum(), std::f64::consts::LN_2);
/// assert!(JensenShannon::half().conjugate(0.35).is_infinite()); // beyond ½ ln 2
/// ```
///
/// # References
///
/// - J. Lin, *Divergence measures based on the Shannon entropy*, IEEE Trans. Inform. Theory 37 (1991) 145-151.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JensenShannon {
    weight: f64,
    scale: f64,
}

impl JensenShannon {
    /// $\frac12 D(P \Vert M) + \frac12 D(Q \Vert M)$, at most $\ln 2$.
    pub const fn half() -> Self {
        Self { weight: 0.5, scale: 1.0 }
    }

    /// $D(P \Vert M) + D(Q \Vert M)$, twice [`half`](Self::half), at most $2 \ln 2$.
    pub const fn f_gan() -> Self {
        Self { weight: 0.5, scale: 2.0 }
    }

    /// $w D(P \Vert M) + (1 - w) D(Q \Vert M)$ with $M = w P + (1 - w) Q$.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] unless $0 < w < 1$.
    pub fn weighted(weight: f64) -> Result<Self, GeneratorError> {
        if weight > 0.0 && weight < 1.0 {
            Ok(Self { weight, scale: 1.0 })
        } else {
            Err(GeneratorError::OutOfRange { what: "the weight", range: "between 0 and 1", value: weight })
        }
    }

    /// $w$, the weight of $P$ in the mixture.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// $f$ from $m$, $\ln(u/m)$ and $\ln m$: $m \lbrack w g(u/m) + (1 - w) g(1/m) \rbrack$ with $g(x) = x \ln x - x + 1 \ge 0$,
    /// whose first-order parts cancel in the sum and so need not be there.
    fn value(&self, m: f64, ln_u_over_m: f64, ln_m: f64) -> f64 {
        let w = self.weight;
        self.scale * m * (w * entropy_excess(ln_u_over_m) + (1.0 - w) * entropy_excess(-ln_m))
    }
}

impl FDivergence for JensenShannon {
    fn name(&self) -> Cow<'static, str> {
        if self.scale > 1.0 {
            "Jensen-Shannon (f-GAN)".into()
        } else if self.weight == 0.5 {
            "Jensen-Shannon".into()
        } else {
            format!("Jensen-Shannon({})", self.weight).into()
        }
    }

    fn formula(&self) -> Cow<'static, str> {
        if self.scale > 1.0 {
            "u ln u - (1 + u) ln((1 + u)/2)".into()
        } else if self.weight == 0.5 {
            "½ [u ln u - (1 + u) ln((1 + u)/2)]".into()
        } else {
            "w u ln u - m ln m, m = w u + 1 - w".into()
        }
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 || u == f64::INFINITY {
            return f64::INFINITY;
        }
        let m = self.weight * u + (1.0 - self.weight);
        let ln_m = (self.weight * (u - 1.0)).ln_1p();
        let ln_u_over_m =
            if u < 0.5 { u.ln() - ln_m } else { ((1.0 - self.weight) * ((u - 1.0) / m)).ln_1p() };
        self.value(m, ln_u_over_m, ln_m)
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        if r == f64::INFINITY {
            return r;
        }
        let ln_m = ln_mixture(self.weight, r);
        self.value(ln_m.exp(), -ln_mixture(1.0 - self.weight, -r), ln_m)
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        self.critic(u.ln())
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 {
            return f64::NAN;
        }
        let (w, u) = (self.weight, u.abs());
        self.scale * w * (1.0 - w) / u / (w * u + (1.0 - w))
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t >= self.slope_at_infinity() {
            return f64::INFINITY;
        }
        let w = self.weight;
        let rest = w / (1.0 - w) * (t / (self.scale * w)).exp_m1();
        if rest >= 1.0 { f64::INFINITY } else { -self.scale * (1.0 - w) * (-rest).ln_1p() }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t >= self.slope_at_infinity() {
            return f64::NAN;
        }
        let (w, tau) = (self.weight, t / (self.scale * self.weight));
        // u = (1 - w) e^τ / (1 - w e^τ).
        let rest = w / (1.0 - w) * tau.exp_m1();
        if rest >= 1.0 { f64::NAN } else { tau.exp() / (1.0 - rest) }
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        -self.scale * (1.0 - self.weight) * (-self.weight).ln_1p()
    }

    fn slope_at_infinity(&self) -> f64 {
        -self.scale * self.weight * self.weight.ln()
    }

    fn critic(&self, v: f64) -> f64 {
        -self.scale * self.weight * ln_mixture(1.0 - self.weight, -v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        self.scale * (1.0 - self.weight) * ln_mixture(self.weight, v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        let w = self.weight;
        self.scale * w * (1.0 - w) * (-ln_mixture(w, v)).exp()
    }

    fn classical_activation(&self, v: f64) -> f64 {
        self.scale * self.weight * (-self.weight.ln() - softplus(-v))
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        self.scale * self.weight * sigmoid(-v)
    }

    fn form(&self) -> Form {
        Form::JensenShannon { weight: self.weight, scale: self.scale, shift: 0.0 }
    }
}

/// The objective of Goodfellow's adversarial networks: a Jensen-Shannon divergence, shifted.
///
/// $$ \sup_D \mathbb E_P \ln D + \mathbb E_Q \ln(1 - D) = D(P \Vert M) + D(Q \Vert M) - 2 \ln 2, \quad
///    f(u) = u \ln u - (1 + u) \ln(1 + u) . $$
///
/// Not a divergence: $f(1) = -2 \ln 2$, so the value is $-2 \ln 2$ for $P = Q$ and 0 for disjoint distributions. Add $2 \ln
/// 2$ for [`JensenShannon::f_gan`], and halve that for [`JensenShannon::half`].
///
/// $f^\prime(u) = \ln \frac{u}{1 + u}$, and $f^\ast(t) = -\ln(1 - e^t)$ for $t < 0$. With $D = \sigma(v)$, the discriminator's
/// probability, $T(v) = \ln D$ and $f^\ast(T(v)) = -\ln(1 - D)$.
///
/// # Example: the value for equal distributions
///
/// ```
/// use tangency_divergence::{FDivergence, Gan};
///
/// assert_eq!(Gan.at_one(), -2.0 * std::f64::consts::LN_2);
/// assert_eq!(Gan.supremum(), 0.0);
/// ```
///
/// # References
///
/// - I. Goodfellow et al., *Generative adversarial nets*, NIPS 2014.
/// - S. Nowozin, B. Cseke, R. Tomioka, *f-GAN*, NIPS 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gan;

impl FDivergence for Gan {
    fn name(&self) -> Cow<'static, str> {
        "GAN".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "u ln u - (1 + u) ln(1 + u)".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::INFINITY
        } else if u == 0.0 {
            0.0
        } else if u == f64::INFINITY {
            f64::NEG_INFINITY
        } else {
            // u ln u - u ln(1 + u) is -u ln(1 + 1/u); 1/u may overflow, and then the product is next to nothing.
            let inner = if u < 1e-300 { u * u.ln() } else { -u * (1.0 / u).ln_1p() };
            inner - u.ln_1p()
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        if r == f64::NEG_INFINITY {
            0.0
        } else if r > 40.0 {
            // e^r ln(1 + e^{-r}) is 1 to the last digit.
            -1.0 - r
        } else {
            -r.exp() * softplus(-r) - softplus(r)
        }
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        JensenShannon::f_gan().generator_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        if u < 1.0 { u.ln() - u.ln_1p() } else { -(1.0 / u).ln_1p() }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 1.0 / u.abs() / (1.0 + u) }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t >= 0.0 {
            f64::INFINITY
        } else if t > -LN_2 {
            -(-t.exp_m1()).ln()
        } else {
            -(-t.exp()).ln_1p()
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t >= 0.0 { f64::NAN } else { 1.0 / (-t).exp_m1() }
    }

    fn is_domain_closed(&self) -> bool {
        false
    }

    fn at_zero(&self) -> f64 {
        0.0
    }

    fn slope_at_infinity(&self) -> f64 {
        0.0
    }

    fn at_one(&self) -> f64 {
        -2.0 * LN_2
    }

    fn critic(&self, v: f64) -> f64 {
        -softplus(-v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        softplus(v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        sigmoid(-v)
    }

    fn classical_activation(&self, v: f64) -> f64 {
        -softplus(-v)
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        sigmoid(-v)
    }

    fn form(&self) -> Form {
        Form::JensenShannon { weight: 0.5, scale: 2.0, shift: -2.0 * LN_2 }
    }
}
