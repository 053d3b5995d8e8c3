//! $\int (p - \gamma q)_+$ through distribution functions, between the points where p = γq.
//!
//! An error in such a point is harmless: the integral does not depend on it to first order.

use super::{Exact, TERM_ERROR};
use crate::law::{Law, tails};
use crate::special::{ln_gamma, ln_ratio};
use statrs::function::gamma as incomplete;

/// Incomplete gamma functions of larger shapes lose digits.
const LARGEST_SHAPE: f64 = 1e4;

/// $\int (p - \gamma q)_+$ for a reduced pair, if it has a closed form.
pub(crate) fn hockey_stick(p: &Law, q: &Law, gamma: f64) -> Option<Exact> {
    match (p, q) {
        (
            &Law::Normal { mean: m1, standard_deviation: s1 },
            &Law::Normal { mean: m2, standard_deviation: s2 },
        ) => {
            let (d, ratio) = ((m1 - m2) / s2, s1 / s2);
            let slope = d / (ratio * ratio);
            let square = 0.5 * (ratio - 1.0) * (ratio + 1.0) / (ratio * ratio);
            let constant = 0.5 * d * slope + ln_ratio(s1, s2) + gamma.ln();
            let log_ratio = |z: f64| (square * z + slope) * z - constant;
            let roots = quadratic_roots(square, slope, -constant);
            // In units of Q the tests for the sign are on its scale.
            let (p, q) = (normal(d, ratio), normal(0.0, 1.0));
            positive_part(&p, &q, gamma, (f64::NEG_INFINITY, 1.0), &roots, log_ratio)
        }
        (&Law::Laplace { location: m1, scale: b1 }, &Law::Laplace { location: m2, scale: b2 }) => {
            let log_ratio =
                |x: f64| (x - m2).abs() / b2 - (x - m1).abs() / b1 + ln_ratio(b2, b1) - gamma.ln();
            let mut roots = Vec::new();
            let (low, high) = (m1.min(m2), m1.max(m2));
            for (from, to, inside) in [
                (f64::NEG_INFINITY, low, low - b1.max(b2)),
                (low, high, 0.5 * (low + high)),
                (high, f64::INFINITY, high + b1.max(b2)),
            ] {
                // Linear between the locations: the slope from two points, the root from the slope.
                let end = if from.is_finite() { from } else { to };
                let slope = (log_ratio(inside) - log_ratio(end)) / (inside - end);
                let root = end - log_ratio(end) / slope;
                if root.is_finite() && root >= from && root <= to {
                    roots.push(root);
                }
            }
            positive_part(p, q, gamma, (f64::NEG_INFINITY, 1.0), &roots, log_ratio)
        }
        (&Law::Gamma { shape: a1, rate: b1 }, &Law::Gamma { shape: a2, rate: b2 })
            if a1.max(a2) <= LARGEST_SHAPE =>
        {
            // In units of 1/β₂, with t = ln(β₂ x).
            let ratio = b1 / b2;
            let constant = a1 * ln_ratio(b1, b2) - ln_gamma(a1) + ln_gamma(a2) - gamma.ln();
            let log_ratio = |t: f64| constant + (a1 - a2) * t - (ratio - 1.0) * t.exp();
            let roots: Vec<f64> =
                log_roots(a1 - a2, ratio - 1.0, log_ratio).into_iter().map(f64::exp).collect();
            let scaled = |shape, rate| Law::Gamma { shape, rate };
            let (p, q) = (scaled(a1, ratio), scaled(a2, 1.0));
            positive_part(&p, &q, gamma, (0.0, incomplete_gamma_error(a1.max(a2))), &roots, |x| {
                log_ratio(x.ln())
            })
        }
        (&Law::Cauchy { location: m1, scale: g1 }, &Law::Cauchy { location: m2, scale: g2 }) => {
            let half = 0.5 * super::kullback_leibler::cauchy_chi_squared(m1, g1, m2, g2);
            #[allow(clippy::float_cmp, reason = "an elementary form for total variation alone")]
            (gamma == 1.0).then(|| Exact::term(std::f64::consts::FRAC_2_PI * half.sqrt().atan()))
        }
        (&Law::Geometric { probability: p }, &Law::Geometric { probability: q }) => {
            Some(geometric(p, q, gamma))
        }
        (&Law::Poisson { rate: l1 }, &Law::Poisson { rate: l2 }) if l1.max(l2) <= LARGEST_SHAPE => {
            poisson(l1, l2, gamma)
        }
        _ => None,
    }
}

/// The relative error of the incomplete gamma functions of statrs, in units of that of a term: it grows with the shape.
fn incomplete_gamma_error(shape: f64) -> f64 {
    4.0 + 0.25 * shape
}

fn normal(mean: f64, standard_deviation: f64) -> Law {
    Law::Normal { mean, standard_deviation }
}

/// Σ (P − γQ) over the intervals between the roots in which the log-ratio exceeds ln γ, from the start of the support; with the
/// relative error of the distribution functions.
fn positive_part(
    p: &Law,
    q: &Law,
    gamma: f64,
    (start, precision): (f64, f64),
    roots: &[f64],
    log_ratio: impl Fn(f64) -> f64,
) -> Option<Exact> {
    let mut ends = vec![start];
    ends.extend(roots.iter().copied().filter(|root| *root > start && root.is_finite()));
    ends.sort_by(f64::total_cmp);
    ends.push(f64::INFINITY);
    let (mut value, mut size) = (0.0, 0.0);
    for pair in ends.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let inside = match (from.is_finite(), to.is_finite()) {
            (true, true) => from + 0.5 * (to - from),
            (true, false) => 2.0 * from.abs() + 1.0,
            (false, true) => -2.0 * to.abs() - 1.0,
            (false, false) => 0.0,
        };
        if log_ratio(inside) > 0.0 {
            let (mass_p, mass_q) = (mass(p, from, to)?, mass(q, from, to)?);
            value += mass_p - gamma * mass_q;
            size += mass_p + gamma * mass_q;
        }
    }
    Some(Exact { value: value.max(0.0), error: TERM_ERROR * precision * size })
}

/// The mass of an interval, from the smaller tails.
fn mass(law: &Law, from: f64, to: f64) -> Option<f64> {
    let (below_from, above_from) = if from == f64::NEG_INFINITY { (0.0, 1.0) } else { tails(law, from)? };
    let (below_to, above_to) = if to == f64::INFINITY { (1.0, 0.0) } else { tails(law, to)? };
    Some(if below_from < 0.5 && above_to < 0.5 {
        // 1 − tails keeps what matters: the mass is of order 1.
        if below_from == 0.0 {
            below_to
        } else if above_to == 0.0 {
            above_from
        } else {
            1.0 - below_from - above_to
        }
    } else if below_from >= 0.5 {
        above_from - above_to
    } else {
        below_to - below_from
    })
}

/// The real roots of $a x^2 + b x + c$.
fn quadratic_roots(a: f64, b: f64, c: f64) -> Vec<f64> {
    let discriminant = b * b - 4.0 * a * c;
    if discriminant < 0.0 || discriminant.is_nan() {
        return Vec::new();
    }
    let q = -0.5 * (b + discriminant.sqrt().copysign(b));
    [q / a, c / q].into_iter().filter(|root| root.is_finite()).collect()
}

/// The roots of a function $c + a t - b e^t$, which has at most one extremum.
fn log_roots(a: f64, b: f64, function: impl Fn(f64) -> f64) -> Vec<f64> {
    let centre = (a / b).ln();
    if centre.is_finite() {
        let sides = [-1.0, 1.0].into_iter();
        return sides.filter_map(|direction| root_from(centre, direction, &function)).collect();
    }
    // Monotone: one root, on the side of 0 to which the values fall or rise to zero.
    [-1.0, 1.0].into_iter().find_map(|direction| root_from(0.0, direction, &function)).into_iter().collect()
}

/// The root between a point and infinity in one direction, if the sign changes.
fn root_from(start: f64, direction: f64, function: &impl Fn(f64) -> f64) -> Option<f64> {
    let sign = function(start).signum();
    let (mut inner, mut step) = (start, 1e-3);
    while step < 1e9 {
        let outer = start + direction * step;
        let value = function(outer);
        if value.is_nan() {
            return None;
        }
        if value.signum() * sign <= 0.0 {
            return Some(bisect(inner, outer, &mut |t| function(t)));
        }
        (inner, step) = (outer, 2.0 * step);
    }
    None
}

/// The root of a function between two points at which its signs differ.
pub(crate) fn bisect(mut from: f64, mut to: f64, function: &mut impl FnMut(f64) -> f64) -> f64 {
    let sign = function(from).signum();
    for _ in 0..200 {
        let middle = 0.5 * (from + to);
        // No number is left between the two.
        if (middle - from) * (to - middle) == 0.0 {
            break;
        }
        if function(middle).signum() * sign > 0.0 { from = middle } else { to = middle }
    }
    0.5 * (from + to)
}

/// The likelihood ratio of geometric laws is monotone: one of the tails is the set where p > γq.
fn geometric(p: f64, q: f64, gamma: f64) -> Exact {
    let (ln_p, ln_q) = ((-p).ln_1p(), (-q).ln_1p());
    // k − 1 > t or k − 1 < t.
    let threshold = (gamma.ln() + ln_ratio(q, p)) / (ln_p - ln_q);
    let (mass_p, mass_q) = if p < q {
        // After n trials without success.
        let n = threshold.floor().max(-1.0) + 1.0;
        ((n * ln_p).exp(), if n == 0.0 { 1.0 } else { (n * ln_q).exp() })
    } else {
        let n = threshold.ceil().max(0.0);
        let early = |ln_failure: f64| if n == 0.0 { 0.0 } else { -(n * ln_failure).exp_m1() };
        (early(ln_p), early(ln_q))
    };
    let value = mass_p - gamma * mass_q;
    Exact { value: value.max(0.0), error: TERM_ERROR * (mass_p + gamma * mass_q) }
}

/// The likelihood ratio of Poisson laws is monotone, and their tails are incomplete gamma functions.
fn poisson(l1: f64, l2: f64, gamma: f64) -> Option<Exact> {
    let threshold = (l1 - l2 + gamma.ln()) / ln_ratio(l1, l2);
    let (mass_p, mass_q) = if l1 > l2 {
        let n = threshold.floor() + 1.0;
        (incomplete::checked_gamma_lr(n, l1).ok()?, incomplete::checked_gamma_lr(n, l2).ok()?)
    } else {
        let n = threshold.ceil();
        if n < 1.0 {
            return Some(Exact::ZERO);
        }
        (incomplete::checked_gamma_ur(n, l1).ok()?, incomplete::checked_gamma_ur(n, l2).ok()?)
    };
    let value = mass_p - gamma * mass_q;
    let precision = incomplete_gamma_error(l1.max(l2));
    Some(Exact { value: value.max(0.0), error: TERM_ERROR * precision * (mass_p + gamma * mass_q) })
}
