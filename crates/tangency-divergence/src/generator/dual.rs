//! The same divergence with its arguments exchanged.

use super::elementary::{sigmoid, softplus};
use super::{FDivergence, Form};
use std::borrow::Cow;

/// The symmetric dual of a generator, $f^\circ(u) = u f(1/u)$: the divergence with its arguments exchanged.
///
/// $$ D_{f^\circ}(P \Vert Q) = D_f(Q \Vert P) . $$
///
/// The dual of the dual is $f$ again; KL and reverse KL, Pearson's and Neyman's χ², and the orders α and $1 - \alpha$ are
/// duals of each other; Hellinger, total variation, Jeffreys, Jensen-Shannon and Le Cam are their own.
///
/// Everything follows from $f$: $T^\circ(v) = -f^\ast(T(-v))$ and $f^{\circ\ast}(T^\circ(v)) = -T(-v)$, without cancellation; and
///
/// $$ f^{\circ\ast}(t) = \inf \lbrace c : f^\ast(-c) \le -t \rbrace , $$
///
/// found by bisection of the floating-point numbers, as $f^\ast$ never decreases: 64 evaluations of $f^\ast$. What the named
/// types have in closed form they have faster, and for arguments so extreme that here $f(1/u)$ overflows: then the limit
/// $f^\circ(0)$ is returned.
///
/// The [classical activation](FDivergence::classical_activation) is $v$ where $f(0)$ is infinite, and $f(0) - \ln(1 +
/// e^{-v})$ otherwise.
///
/// # Example: reverse Kullback-Leibler
///
/// ```
/// use tangency_divergence::{Dual, FDivergence, KullbackLeibler, ReverseKullbackLeibler};
///
/// let dual = Dual(KullbackLeibler);
/// assert!((dual.generator(3.0) - ReverseKullbackLeibler.generator(3.0)).abs() < 1e-15);
/// assert!((dual.conjugate(-0.3) - ReverseKullbackLeibler.conjugate(-0.3)).abs() < 1e-15);
/// ```
///
/// # References
///
/// - F. Liese, I. Vajda, *On divergences and informations in statistics and information theory*, IEEE Trans. Inform. Theory
///   52 (2006) 4394-4412.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dual<F>(
    /// The generator $f$.
    pub F,
);

impl<F: FDivergence> Dual<F> {
    /// The largest $y$ with $f^\ast(y) \le -t$, if there is one.
    fn preimage(&self, t: f64) -> Option<f64> {
        // Where f* only approaches its infimum -f(0), rounding must not reach it.
        if t > self.slope_at_infinity() || (t == self.slope_at_infinity() && !self.is_domain_closed()) {
            return None;
        }
        let below = |y: f64| self.0.conjugate(y) <= -t;
        let top = self.0.slope_at_infinity();
        if below(top) {
            return Some(top);
        }
        if !below(f64::MIN) {
            return None;
        }
        let (mut low, mut high) = (ordered(f64::MIN), ordered(top));
        while low + 1 < high {
            let middle = low.midpoint(high);
            if below(from_ordered(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(from_ordered(low))
    }
}

/// $e^r f(e^{-r})$ from the second factor.
fn scaled(r: f64, value: f64, at_zero: f64) -> f64 {
    if value == 0.0 {
        0.0 // also where the exponential overflows
    } else if r < 0.0 && value.is_infinite() {
        at_zero
    } else {
        r.exp() * value
    }
}

/// Numbers the floating-point numbers in their order.
fn ordered(x: f64) -> i64 {
    let magnitude = x.abs().to_bits().cast_signed();
    if x < 0.0 { -magnitude } else { magnitude }
}

/// The floating-point number of this number.
fn from_ordered(n: i64) -> f64 {
    let magnitude = f64::from_bits(n.unsigned_abs());
    if n < 0 { -magnitude } else { magnitude }
}

impl<F: FDivergence> FDivergence for Dual<F> {
    fn name(&self) -> Cow<'static, str> {
        format!("dual of {}", self.0.name()).into()
    }

    fn formula(&self) -> Cow<'static, str> {
        format!("u f(1/u), f(u) = {}", self.0.formula()).into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::INFINITY
        } else if u == 0.0 {
            self.at_zero()
        } else {
            let (inverse, r) = (1.0 / u, u.ln());
            // Near 1 the rounding of the inverse would count more than that of the logarithm.
            if r.abs() < 1.0 {
                u * self.0.generator_of_log_ratio(-r)
            } else if inverse == 0.0 || inverse == f64::INFINITY {
                self.generator_of_log_ratio(r)
            } else {
                u * self.0.generator(inverse)
            }
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        if r == f64::NEG_INFINITY {
            return self.at_zero();
        }
        if r == f64::INFINITY {
            let end = self.0.at_zero();
            return if end == 0.0 { self.0.derivative(0.0) } else { end * r };
        }
        scaled(r, self.0.generator_of_log_ratio(-r), self.at_zero())
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        let at_zero = self.at_zero() - self.at_one() + self.critic(0.0);
        if r == f64::NEG_INFINITY {
            return at_zero;
        }
        scaled(r, self.0.nonnegative_of_log_ratio(-r), at_zero)
    }

    fn derivative(&self, u: f64) -> f64 {
        self.critic(u.ln())
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 {
            return f64::NAN;
        }
        // At the ends the formula may be 0 · ∞, and its limit is judged nearby.
        if u == 0.0 || u == f64::INFINITY {
            let near = self.second_derivative(u.clamp(1e-100, 1e100));
            return if near > 1e30 {
                f64::INFINITY
            } else if near < 1e-30 {
                0.0
            } else {
                near
            };
        }
        let second = self.0.second_derivative(1.0 / u);
        if second == 0.0 { 0.0 } else { second / u / u / u }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t.is_nan() {
            t
        } else if t == f64::NEG_INFINITY {
            -self.at_zero()
        } else {
            self.preimage(t).map_or(f64::INFINITY, |y| -y)
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t.is_nan() {
            return t;
        }
        self.preimage(t).map_or(f64::NAN, |y| {
            if y == self.0.slope_at_infinity() { 0.0 } else { 1.0 / self.0.conjugate_derivative(y) }
        })
    }

    fn is_domain_closed(&self) -> bool {
        // f°* is finite at f(0) if f* takes its infimum -f(0), which it does at f'(0).
        self.0.at_zero().is_finite() && self.0.derivative(0.0).is_finite()
    }

    fn at_zero(&self) -> f64 {
        self.0.slope_at_infinity()
    }

    fn slope_at_infinity(&self) -> f64 {
        self.0.at_zero()
    }

    fn at_one(&self) -> f64 {
        self.0.at_one()
    }

    fn is_smooth(&self) -> bool {
        self.0.is_smooth()
    }

    fn critic(&self, v: f64) -> f64 {
        -self.0.conjugate_of_critic(-v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        -self.0.critic(-v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        let inner = self.0.critic_derivative(-v);
        let slope = if inner == 0.0 { 0.0 } else { (-v).exp() * inner };
        // 0 · ∞ far out, where the slope has long been what it will be.
        if slope.is_nan() && v.abs() > 300.0 { self.critic_derivative(300.0_f64.copysign(v)) } else { slope }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        let top = self.slope_at_infinity();
        if top.is_finite() { top - softplus(-v) } else { v }
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if v.is_nan() {
            v
        } else if self.slope_at_infinity().is_finite() {
            sigmoid(-v)
        } else {
            1.0
        }
    }

    fn form(&self) -> Form {
        match self.0.form() {
            Form::KullbackLeibler { forward, reverse } => {
                Form::KullbackLeibler { forward: reverse, reverse: forward }
            }
            Form::Power { order, scale } => {
                // Next to 0 the difference is rounded; with the same f''(1) the rounding of the order has no effect.
                let exchanged = 1.0 - order;
                let curvature = scale * order * (order - 1.0);
                Form::Power { order: exchanged, scale: curvature / (exchanged * (exchanged - 1.0)) }
            }
            Form::JensenShannon { weight, scale, shift } => {
                Form::JensenShannon { weight: 1.0 - weight, scale, shift }
            }
            Form::LeCam => Form::LeCam,
            Form::HockeyStick { gamma } if gamma == 1.0 => Form::HockeyStick { gamma },
            _ => Form::Other,
        }
    }
}
