//! Gradients of a divergence between vectors.

use super::lane::ln_ratio;
use super::{divergence, sum_of};
use crate::error::{MassError, Side};
use crate::generator::{FDivergence, Form};
use tangency_vmath::{exp, log_sum_exp};

/// A divergence between two vectors with its partial derivatives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DivergenceGradient {
    /// The divergence.
    pub value: f64,
    /// $\partial D / \partial p_i$.
    pub with_respect_to_p: Vec<f64>,
    /// $\partial D / \partial q_i$.
    pub with_respect_to_q: Vec<f64>,
}

/// The gradients of [`divergence`] with respect to both vectors.
///
/// $$ \frac{\partial D}{\partial p_i} = f^\prime(u_i) - f^\prime(1), \qquad
///    \frac{\partial D}{\partial q_i} = f^\ast(f^\prime(1)) - f^\ast(f^\prime(u_i)), \qquad u_i = p_i / q_i , $$
///
/// the derivatives of $\sum q_i \tilde f(p_i / q_i)$ with the generator that touches zero at 1. Those of other generators of
/// the same divergence differ from them by a constant, which has no effect on vectors that sum to 1. Both gradients vanish at
/// $p = q$, and keep most of their digits near it. At a zero they are the one-sided limits, which may be infinite; where both
/// vectors are zero, 0. At a kink the middle of both sides.
///
/// One logarithm and two activations for each entry, and one pass of [`divergence`].
///
/// # Errors
///
/// As [`divergence`].
///
/// # Example: Kullback-Leibler
///
/// ```
/// use tangency_divergence::{KullbackLeibler, divergence_gradient};
///
/// let gradient = divergence_gradient(&KullbackLeibler, &[0.5, 0.5], &[0.25, 0.75])?;
/// assert!((gradient.with_respect_to_p[0] - 2.0_f64.ln()).abs() < 1e-15);
/// assert_eq!(gradient.with_respect_to_q[0], 1.0 - 2.0);
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn divergence_gradient(
    f: &dyn FDivergence,
    p: &[f64],
    q: &[f64],
) -> Result<DivergenceGradient, MassError> {
    let value = divergence(f, p, q)?;
    let slope = f.derivative(1.0);
    let at_one = slope - f.at_one();
    // Of v + constant the constant is left out, not subtracted.
    let (forward, reverse) = match f.form() {
        Form::KullbackLeibler { forward, reverse } => (forward, reverse),
        _ => (0.0, 0.0),
    };
    let is_entropy = matches!(f.form(), Form::KullbackLeibler { .. });
    let pairs = p.iter().zip(q).map(|(&p, &q)| {
        if p == 0.0 && q == 0.0 {
            return (0.0, 0.0);
        }
        let v = if q == 0.0 {
            f64::INFINITY
        } else if p == 0.0 {
            f64::NEG_INFINITY
        } else {
            ln_ratio::<false, true>(p, q)
        };
        if is_entropy {
            // Their derivatives: v and 1 - e^v for KL(P‖Q), 1 - e^{-v} and -v for KL(Q‖P). A factor of 0 stands before an infinity.
            let sum = |a: f64, x: f64, b: f64, y: f64| {
                (if a == 0.0 { 0.0 } else { a * x }) + if b == 0.0 { 0.0 } else { b * y }
            };
            (sum(forward, v, reverse, -(-v).exp_m1()), sum(forward, -v.exp_m1(), reverse, -v))
        } else {
            (f.critic(v) - slope, at_one - f.conjugate_of_critic(v))
        }
    });
    let (with_respect_to_p, with_respect_to_q) = pairs.unzip();
    Ok(DivergenceGradient { value, with_respect_to_p, with_respect_to_q })
}

/// $p_i = e^{a_i} / \sum_j e^{a_j}$: probabilities from logits, without overflow.
///
/// # Errors
///
/// [`MassError`] if there are no logits, or one is NaN or infinite.
pub fn softmax(logits: &[f64]) -> Result<Vec<f64>, MassError> {
    if logits.is_empty() {
        return Err(MassError::Empty { side: Side::P });
    }
    if let Some(index) = logits.iter().position(|x| !x.is_finite()) {
        return Err(MassError::NotFinite { side: Side::P, index, value: logits[index] });
    }
    let total = log_sum_exp(logits);
    let mut p: Vec<f64> = logits.iter().map(|x| x - total).collect();
    exp(&mut p);
    Ok(p)
}

/// The gradient with respect to logits from the one with respect to probabilities.
///
/// $$ \frac{\partial D}{\partial a_i} = p_i \left( g_i - \sum_j p_j g_j \right), \qquad p = \mathrm{softmax}(a), \quad g_i = \frac{\partial D}{\partial p_i} . $$
///
/// The components sum to zero. Where $p_i = 0$, which happens by underflow alone, the component is 0, whatever $g_i$.
///
/// # Errors
///
/// [`MassError::LengthMismatch`] if the lengths differ.
///
/// # Example: a gradient step on logits
///
/// ```
/// use tangency_divergence::{JensenShannon, divergence_gradient, softmax, softmax_gradient};
///
/// let (p, q) = (softmax(&[0.0, 1.0, 2.0])?, [0.2, 0.3, 0.5]);
/// let gradient = divergence_gradient(&JensenShannon::half(), &p, &q)?;
/// let by_logits = softmax_gradient(&p, &gradient.with_respect_to_p)?;
/// assert!(by_logits.iter().sum::<f64>().abs() < 1e-16);
/// # Ok::<(), tangency_divergence::MassError>(())
/// ```
pub fn softmax_gradient(p: &[f64], gradient: &[f64]) -> Result<Vec<f64>, MassError> {
    if p.len() != gradient.len() {
        return Err(MassError::LengthMismatch { p: p.len(), q: gradient.len() });
    }
    let products: Vec<f64> =
        p.iter().zip(gradient).map(|(&p, &g)| if p == 0.0 { 0.0 } else { p * g }).collect();
    let mean = sum_of(&products);
    Ok(p.iter().zip(gradient).map(|(&p, &g)| if p == 0.0 { 0.0 } else { p * (g - mean) }).collect())
}
