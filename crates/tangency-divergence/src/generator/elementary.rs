//! Functions of one variable that the generators share, in forms that do not cancel.

use std::f64::consts::E;

/// $\ln(1 + e^v)$.
pub(crate) fn softplus(v: f64) -> f64 {
    // `max` would turn a NaN into a zero, but the logarithm brings it back.
    v.max(0.0) + (-v.abs()).exp().ln_1p()
}

/// $1 / (1 + e^{-v})$.
pub(crate) fn sigmoid(v: f64) -> f64 {
    let e = (-v.abs()).exp();
    if v < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// $e^{t - 1}$; the difference is not formed, because its rounding would count $t$ times.
pub(crate) fn exp_of_less_one(t: f64) -> f64 {
    let root = (0.5 * t).exp();
    root / E * root
}

/// $e^x - 1 - x \ge 0$.
pub(crate) fn expm1_less(x: f64) -> f64 {
    if x.abs() < 1.0 {
        // x²/2! + x³/3! + ...; the first term left out is below 1/20! of x².
        let series = (3..=19).rev().fold(1.0, |sum, n| 1.0 + x / f64::from(n) * sum);
        0.5 * x * x * series
    } else if x == f64::INFINITY {
        x
    } else {
        x.exp_m1() - x
    }
}

/// $x e^x - e^x + 1 \ge 0$: what $u \ln u - u + 1$ is at $u = e^x$.
pub(crate) fn entropy_excess(x: f64) -> f64 {
    if x.abs() < 1.0 {
        x.exp() * expm1_less(-x)
    } else if x == f64::NEG_INFINITY {
        1.0
    } else {
        (x - 1.0) * x.exp() + 1.0
    }
}

/// $(e^{\beta x} - 1) / \beta$, and $x$ for $\beta = 0$.
pub(crate) fn box_cox(beta: f64, x: f64) -> f64 {
    if beta == 0.0 || is_negligible(beta * x) { x } else { (beta * x).exp_m1() / beta }
}

/// $(u^\beta - 1) / \beta$, and $\ln u$ for $\beta = 0$; for large $u^\beta$ more accurate than [`box_cox`] of the logarithm.
pub(crate) fn box_cox_of(beta: f64, u: f64) -> f64 {
    let x = u.ln();
    if (beta * x).abs() > 1.0 { (u.powf(beta) - 1.0) / beta } else { box_cox(beta, x) }
}

/// The inverse of [`box_cox`]: $\ln(1 + \beta y) / \beta$, and $y$ for $\beta = 0$. NaN for $\beta y < -1$.
pub(crate) fn box_cox_inverse(beta: f64, y: f64) -> f64 {
    if beta == 0.0 || is_negligible(beta * y) { y } else { (beta * y).ln_1p() / beta }
}

/// Whether $x$ is too small for $e^x - 1$ to differ from it, down to numbers that have lost digits.
fn is_negligible(x: f64) -> bool {
    x.abs() < 1e-280
}

/// $\ln(1 - w + w e^v)$ for $0 < w < 1$: the logarithm of a mixture.
pub(crate) fn ln_mixture(w: f64, v: f64) -> f64 {
    if v <= 1.0 { (w * v.exp_m1()).ln_1p() } else { v + ((1.0 - w) * (-v).exp_m1()).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: f64, exact: f64) {
        assert!((got - exact).abs() <= 4e-16 * exact.abs(), "{got:e} and not {exact:e}");
    }

    /// Values by mpmath with 40 digits.
    #[test]
    fn forms_that_would_cancel_keep_their_digits() {
        assert_close(expm1_less(1e-9), 5.000000001666667e-19);
        assert_close(expm1_less(-0.5), 0.10653065971263342);
        assert_close(expm1_less(0.999), 0.7165649053185666);
        assert_close(entropy_excess(1e-6), 5.000003333334583e-13);
        assert_close(entropy_excess(-3.0), 0.8008517265285442);
        assert_close(ln_mixture(0.5, 1e-12), 5.00000000000125e-13);
        assert_close(exp_of_less_one(700.3), 5.036527330155448e303);
        assert_close(box_cox(1e-300, 2.0), 2.0);
        assert_close(box_cox_inverse(-3.0, box_cox(-3.0, 0.7)), 0.7);
        assert_eq!(box_cox(0.0, f64::INFINITY), f64::INFINITY);
    }
}
