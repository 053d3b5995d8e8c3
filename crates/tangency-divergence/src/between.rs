//! Functions of f-divergences between named distributions.

use crate::closed::{self, Exact};
use crate::error::DistributionError;
use crate::evaluation::{
    Evaluation, EvaluationMethod, EvaluationOptions, are_singular, checked_pair, divergence_between,
    numerical,
};
use crate::generator::{Alpha, DivergenceFunction};
use crate::integrand::Integrand;
use crate::law::Law;

/// $\ln \int p^\alpha q^{1 - \alpha}$, the logarithm of the affinity of order α.
///
/// For 0 < α < 1 it is at most 0, for other α at least 0 and possibly infinite; `-INFINITY` for laws that are mutually
/// singular and 0 < α < 1. Every function below is one of it. It is computed as a logarithm, so that affinities of 1e-1000
/// and those within 1e-16 of 1 are both right.
///
/// # Errors
///
/// As [`divergence_between`]; [`DistributionError::OutOfRange`] for α = 0 and α = 1, where it is 0 for equal supports, and for
/// α that is not finite.
///
/// # Example: the overlap of two normal laws
///
/// ```
/// use tangency_divergence::{Law, ln_affinity_between};
///
/// let normal = |mean| Law::Normal { mean, standard_deviation: 1.0 };
/// assert_eq!(ln_affinity_between(normal(0.0), normal(200.0), 0.5)?.value, -5000.0);
/// # Ok::<(), tangency_divergence::DistributionError>(())
/// ```
pub fn ln_affinity_between(
    p: impl Into<Law>,
    q: impl Into<Law>,
    order: f64,
) -> Result<Evaluation, DistributionError> {
    #[allow(clippy::float_cmp, reason = "the two orders at which nothing is integrated")]
    if order == 0.0 || order == 1.0 || !order.is_finite() {
        return Err(DistributionError::OutOfRange {
            what: "the order of the affinity",
            range: "finite and neither 0 nor 1",
            value: order,
        });
    }
    let (p, q) = checked_pair(p.into(), q.into())?;
    let exact = |value: Exact| Evaluation {
        value: value.value,
        error_bound: value.error,
        method: EvaluationMethod::ClosedForm,
    };
    if are_singular(&p, &q) {
        let inside = (0.0..1.0).contains(&order);
        let value = if inside { f64::NEG_INFINITY } else { f64::INFINITY };
        return Ok(exact(Exact { value, error: 0.0 }));
    }
    if let Some(value) = closed::ln_affinity(&p, &q, order)? {
        return Ok(exact(value));
    }
    let options = EvaluationOptions::default();
    // The deviation from 1, times a positive number, is a divergence, and right where the laws are close.
    let alpha = Alpha::of_finite_order(order);
    let factor = order * (order - 1.0);
    let deviation = numerical(&Integrand::new(&alpha), &p, &q, &options)?;
    let excess = factor * deviation.value;
    if excess > -0.5 {
        return Ok(logarithm(
            excess.ln_1p(),
            factor.abs() * deviation.error_bound / (1.0 + excess),
            deviation,
        ));
    }
    // Where they are far apart, the integral is small and is computed itself.
    let affinity = numerical(&Integrand::affinity(&alpha, order), &p, &q, &options)?;
    Ok(logarithm(affinity.value.ln(), affinity.error_bound / affinity.value, affinity))
}

/// The logarithm of a value with the relative error of the value.
fn logarithm(value: f64, relative: f64, evaluation: Evaluation) -> Evaluation {
    let error_bound = if value.is_infinite() {
        0.0
    } else if relative < 1.0 {
        -(-relative).ln_1p()
    } else {
        f64::INFINITY
    };
    Evaluation { value, error_bound, ..evaluation }
}

/// Rényi's, Bhattacharyya's and Tsallis' divergences and the Hellinger and Jensen-Shannon distances of two named distributions.
///
/// They are taken from [`ln_affinity_between`] where they are functions of it, so that a Rényi divergence of a million is as
/// exact as one of 1e-12, and from the divergence otherwise. In several dimensions the closed forms alone are available.
///
/// # Errors
///
/// As [`divergence_between`].
///
/// # Example: Rényi's divergence of order 2
///
/// ```
/// use tangency_divergence::{DivergenceFunction, Law, function_between};
///
/// let normal = |mean| Law::Normal { mean, standard_deviation: 1.0 };
/// let renyi = function_between(&DivergenceFunction::renyi(2.0)?, normal(3.0), normal(0.0))?;
/// assert_eq!(renyi.value, 9.0); // α d² / 2
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn function_between(
    function: &DivergenceFunction,
    p: impl Into<Law>,
    q: impl Into<Law>,
) -> Result<Evaluation, DistributionError> {
    let (p, q) = (p.into(), q.into());
    #[allow(clippy::float_cmp, reason = "at the order 1 there is no affinity, and the limit is KL")]
    let order = function.affinity_order().filter(|order| *order != 1.0);
    let (argument, value_of): (Evaluation, Box<dyn Fn(f64) -> f64>) = match order {
        Some(order) => {
            let ln_affinity = ln_affinity_between(p, q, order)?;
            (ln_affinity, Box::new(|x| function.of_ln_affinity(x).unwrap_or(f64::NAN)))
        }
        None => {
            (divergence_between(function.base().as_ref(), p, q)?, Box::new(|x| function.of_divergence(x)))
        }
    };
    // Monotone: the ends of the interval of the argument are mapped.
    let value = value_of(argument.value);
    let ends = [argument.value - argument.error_bound, argument.value + argument.error_bound];
    let spread = ends.into_iter().map(|end| (value_of(end) - value).abs()).fold(0.0, f64::max);
    let error_bound = if argument.error_bound == f64::INFINITY {
        f64::INFINITY
    } else if value.is_infinite() {
        0.0
    } else {
        spread + 8.0 * f64::EPSILON * value.abs()
    };
    Ok(Evaluation { value, error_bound, ..argument })
}
