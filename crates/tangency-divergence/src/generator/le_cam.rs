//! Le Cam's divergence.

use super::elementary::sigmoid;
use super::{FDivergence, Form};
use std::borrow::Cow;

/// Le Cam's divergence, also called triangular discrimination or Vincze-Le Cam distance.
///
/// $$ \int \frac{(p - q)^2}{p + q} dx, \qquad f(u) = \frac{(u - 1)^2}{u + 1} . $$
///
/// No factor; range $\lbrack 0, 2\rbrack$; symmetric, and its root is a metric. Some texts, Polyanskiy and Wu's among them,
/// have half of it, with 1 as the largest value; TFP's `triangular` is as here.
///
/// $f^\prime(u) = 1 - 4/(1 + u)^2$. With $\rho = \sqrt{1 - t}$, $f^\ast(t) = (1 - \rho)(3 - \rho)$ for $-3 \le t \le 1$, and
/// $-1$ below. The f-GAN table has no such row; the activation here is $4 \sigma(v) - 3$, which maps onto the range of
/// $f^\prime$.
///
/// # References
///
/// - F. Topsøe, *Some inequalities for information divergence and related measures of discrimination*, IEEE Trans. Inform.
///   Theory 46 (2000) 1602-1609.
/// - Y. Polyanskiy, Y. Wu, *Information Theory: From Coding to Learning*, Cambridge University Press 2025, chapter 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeCam;

impl FDivergence for LeCam {
    fn name(&self) -> Cow<'static, str> {
        "Le Cam".into()
    }

    fn formula(&self) -> Cow<'static, str> {
        "(u - 1)²/(u + 1)".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 || u == f64::INFINITY { f64::INFINITY } else { (u - 1.0) * ((u - 1.0) / (u + 1.0)) }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        r.exp_m1() * (0.5 * r).tanh()
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
            (u - 1.0) / (u + 1.0) * ((u + 3.0) / (u + 1.0))
        }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 { f64::NAN } else { 8.0 / (1.0 + u) / (1.0 + u) / (1.0 + u) }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t > 1.0 {
            f64::INFINITY
        } else if t < -3.0 {
            -1.0
        } else {
            let root = (1.0 - t).sqrt();
            t / (1.0 + root) * (3.0 - root)
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        // NaN for t > 1, from the root.
        if t <= -3.0 { 0.0 } else { 2.0 / (1.0 - t).sqrt() - 1.0 }
    }

    fn is_domain_closed(&self) -> bool {
        true
    }

    fn at_zero(&self) -> f64 {
        1.0
    }

    fn slope_at_infinity(&self) -> f64 {
        1.0
    }

    fn critic(&self, v: f64) -> f64 {
        (0.5 * v).tanh() * (1.0 + 2.0 * sigmoid(-v))
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        (0.5 * v).tanh() * (3.0 - 2.0 * sigmoid(-v))
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        8.0 * sigmoid(v) * sigmoid(-v) * sigmoid(-v)
    }

    fn classical_activation(&self, v: f64) -> f64 {
        2.0 * (0.5 * v).tanh() - 1.0
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        4.0 * sigmoid(v) * sigmoid(-v)
    }

    fn form(&self) -> Form {
        Form::LeCam
    }
}
