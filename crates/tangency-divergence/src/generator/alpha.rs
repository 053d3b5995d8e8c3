//! The family of α-divergences.

use super::elementary::{box_cox, box_cox_inverse, box_cox_of};
use super::{FDivergence, Form};
use crate::error::GeneratorError;
use std::borrow::Cow;

/// The α-divergence in the form of Cressie and Read.
///
/// $$ D_\alpha(P \Vert Q) = \frac{1}{\alpha(\alpha - 1)} \left( \int p^\alpha q^{1-\alpha} dx - 1 \right), \qquad
///    f(u) = \frac{u^\alpha - 1 - \alpha(u - 1)}{\alpha(\alpha - 1)} , $$
///
/// continuous in α through the limits $u \ln u - u + 1$ at 1 and $u - 1 - \ln u$ at 0, and computed so that it is continuous
/// in floating point too. All of them are normalised: $f(1) = f^\prime(1) = 0$ and $f^{\prime\prime}(1) = 1$.
///
/// | α | | α | |
/// |---|---|---|---|
/// | 2 | ½ [`PearsonChiSquared`](crate::PearsonChiSquared) | 0 | [`ReverseKullbackLeibler`](crate::ReverseKullbackLeibler) |
/// | 1 | [`KullbackLeibler`](crate::KullbackLeibler) | −1 | ½ [`NeymanChiSquared`](crate::NeymanChiSquared) |
/// | ½ | 2 [`SquaredHellinger::full`](crate::SquaredHellinger::full) | | |
///
/// Range: $\lbrack 0, \frac{1}{\alpha(1 - \alpha)}\rbrack$ for $0 < \alpha < 1$, otherwise $\lbrack 0, \infty\rbrack$. Other
/// parametrisations of the same family: Amari's $\alpha_A = 1 - 2\alpha$, whose sign changes between authors, with factor
/// $4/(1 - \alpha_A^2)$; Cressie and Read's $\lambda = \alpha - 1$, whose power-divergence statistic has a factor 2; Minka's
/// and TFP's α are this one (TFP's `amari_alpha`). Tsallis' and Rényi's divergences are functions of it
/// ([`DivergenceFunction`](crate::DivergenceFunction)).
///
/// $f^\prime(u) = (u^{\alpha-1} - 1)/(\alpha - 1)$, and $f^\ast(t) = (s^{\alpha/(\alpha-1)} - 1)/\alpha$ with $s = 1 +
/// (\alpha - 1)t$: for $\alpha > 1$, $-1/\alpha$ where $s \le 0$; for $\alpha < 1$ the domain ends at $t = 1/(1 - \alpha)$,
/// and belongs to it for $\alpha < 0$.
///
/// The [classical activation](FDivergence::classical_activation) is $T(v)$ itself for $\alpha < 1$ and $v$ for $\alpha \ge
/// 1$, both monotone maps into the domain, and continuous in α. (A shifted one, such as $\frac{1}{1 - \alpha} - \ln(1 +
/// e^{-v})$, would leave every bound for α → 1.)
///
/// # Example: continuous through Kullback-Leibler
///
/// ```
/// use tangency_divergence::{Alpha, FDivergence};
///
/// let (near, at) = (Alpha::new(1.0 + 1e-12)?, Alpha::new(1.0)?);
/// assert!((near.generator(3.0) - at.generator(3.0)).abs() < 1e-11);
/// # Ok::<(), tangency_divergence::GeneratorError>(())
/// ```
///
/// # References
///
/// - N. Cressie, T. R. C. Read, *Multinomial goodness-of-fit tests*, J. R. Stat. Soc. B 46 (1984) 440-464.
/// - A. Cichocki, S. Amari, *Families of alpha- beta- and gamma-divergences*, Entropy 12 (2010) 1532-1568.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alpha {
    order: f64,
}

impl Alpha {
    /// $D_\alpha$.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] if α is not finite.
    pub fn new(order: f64) -> Result<Self, GeneratorError> {
        if order.is_finite() {
            Ok(Self { order })
        } else {
            Err(GeneratorError::OutOfRange { what: "α", range: "finite", value: order })
        }
    }

    /// $D_\alpha$ for an α that is known to be finite.
    pub(crate) const fn of_finite_order(order: f64) -> Self {
        Self { order }
    }

    /// α.
    pub fn order(&self) -> f64 {
        self.order
    }

    /// $v$ with $T(v) = t$, for $s = 1 + (\alpha - 1)t > 0$.
    fn log_ratio(&self, t: f64) -> f64 {
        let beta = self.order - 1.0;
        if beta * t < -0.5 {
            // Near s = 0 the rounding of α - 1 would count; this sum has nothing but what t has.
            ((1.0 - t) + self.order * t).ln() / beta
        } else {
            box_cox_inverse(beta, t)
        }
    }
}

/// $\frac{e^{\alpha r} - 1 - \alpha(e^r - 1)}{\alpha(\alpha - 1)}$ with a small relative error for all α and $r$, limits
/// included.
///
/// For small $r$ it is $\sum_{n \ge 2} \frac{r^n}{n!} \sum_{j \le n-2} \alpha^j$. Otherwise the quotient of one of the two
/// factors of the denominator, the one that is not near zero, is left for last, and the other's goes into an exponential:
///
/// $$ \frac{1}{\alpha} \left( e^r \frac{e^{(\alpha-1)r} - 1}{\alpha - 1} - (e^r - 1) \right) =
///    \frac{1}{1 - \alpha} \left( (e^r - 1) - \frac{e^{\alpha r} - 1}{\alpha} \right) . $$
fn power_excess(order: f64, r: f64) -> f64 {
    let scale = order.abs().max(1.0);
    if scale * r.abs() < 0.5 {
        let (mut term, mut powers, mut sum) = (0.5 * r * r, 1.0, 0.0);
        for n in 3..=18 {
            sum += term * powers;
            powers = 1.0 + order * powers;
            term *= r / f64::from(n);
        }
        return sum;
    }
    if r > 709.78 {
        return f64::INFINITY; // as the exponential is
    }
    if order >= 0.5 {
        let power = r.exp() * box_cox(order - 1.0, r);
        // Below, the product may be 0 · ∞, and is nothing beside 1.
        (if r < -750.0 { 0.0 } else { power } - r.exp_m1()) / order
    } else {
        (r.exp_m1() - box_cox(order, r)) / (1.0 - order)
    }
}

impl FDivergence for Alpha {
    fn name(&self) -> Cow<'static, str> {
        format!("alpha({})", self.order).into()
    }

    fn formula(&self) -> Cow<'static, str> {
        let a = self.order;
        if a == 1.0 {
            "u ln u - u + 1".into()
        } else if a == 0.0 {
            "u - 1 - ln u".into()
        } else {
            format!("(u^{a} - 1 - {a} (u - 1))/({a} ({a} - 1))").into()
        }
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 || u == f64::INFINITY {
            return f64::INFINITY;
        }
        if u == 0.0 {
            return self.at_zero();
        }
        let (order, r) = (self.order, u.ln());
        if order.abs().max(1.0) * r.abs() < 0.5 {
            power_excess(order, r)
        } else if order >= 0.5 {
            (u * box_cox_of(order - 1.0, u) - (u - 1.0)) / order
        } else {
            ((u - 1.0) - box_cox_of(order, u)) / (1.0 - order)
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        power_excess(self.order, r)
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        power_excess(self.order, r)
    }

    fn derivative(&self, u: f64) -> f64 {
        box_cox_of(self.order - 1.0, u)
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { u.abs().powf(self.order - 2.0) }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t >= self.slope_at_infinity() {
            return if self.order < 0.0 && t == self.slope_at_infinity() {
                -1.0 / self.order
            } else {
                f64::INFINITY
            };
        }
        if self.order > 1.0 && t <= -1.0 / (self.order - 1.0) {
            return -1.0 / self.order;
        }
        box_cox(self.order, self.log_ratio(t))
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t >= self.slope_at_infinity() {
            return if self.order < 0.0 && t == self.slope_at_infinity() { f64::INFINITY } else { f64::NAN };
        }
        if self.order > 1.0 && t <= -1.0 / (self.order - 1.0) {
            return 0.0;
        }
        self.log_ratio(t).exp()
    }

    fn is_domain_closed(&self) -> bool {
        self.order < 0.0
    }

    fn at_zero(&self) -> f64 {
        if self.order > 0.0 { 1.0 / self.order } else { f64::INFINITY }
    }

    fn slope_at_infinity(&self) -> f64 {
        if self.order < 1.0 { 1.0 / (1.0 - self.order) } else { f64::INFINITY }
    }

    fn critic(&self, v: f64) -> f64 {
        box_cox(self.order - 1.0, v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        box_cox(self.order, v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        if self.order == 1.0 && !v.is_nan() { 1.0 } else { ((self.order - 1.0) * v).exp() }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        if self.order < 1.0 { self.critic(v) } else { v }
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if self.order < 1.0 {
            self.critic_derivative(v)
        } else if v.is_nan() {
            v
        } else {
            1.0
        }
    }

    fn form(&self) -> Form {
        let order = self.order;
        if order == 1.0 {
            Form::KullbackLeibler { forward: 1.0, reverse: 0.0 }
        } else if order == 0.0 {
            Form::KullbackLeibler { forward: 0.0, reverse: 1.0 }
        } else {
            Form::Power { order, scale: 1.0 / (order * (order - 1.0)) }
        }
    }
}
