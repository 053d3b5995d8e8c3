//! Special functions in the forms that do not cancel.
//!
//! A divergence of two nearly equal distributions is of second order in their difference. Formulas with
//! $\ln\Gamma(a) - \ln\Gamma(b) + \dots$ lose all of it to rounding; the excesses here are second-order themselves.

/// ½ ln 2π.
pub(crate) const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;
/// Euler's constant γ = −ψ(1).
pub(crate) const EULER: f64 = 0.577_215_664_901_532_9;

/// From here on Stirling's series with seven terms is exact to rounding.
const STIRLING_FROM: f64 = 12.0;
/// $B_{2k} / (2k (2k - 1))$ for k = 1, ...
const STIRLING: [f64; 7] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];

/// $x - \ln(1 + x)$, not negative.
pub(crate) fn log_excess(x: f64) -> f64 {
    if x.abs() > 0.5 {
        return x - x.ln_1p();
    }
    // With s = x / (2 + x): ln(1 + x) = 2 artanh s, and x − 2s = s x.
    let s = x / (2.0 + x);
    s * x - 2.0 * s * atanh_tail(s * s)
}

/// $\ln(1 + x) / x$-like tail: $\sum_{k \ge 1} t^k / (2k + 1)$ for $0 \le t \le 1/9$.
fn atanh_tail(t: f64) -> f64 {
    let mut sum = 0.0;
    for k in (1..=17_u32).rev() {
        sum = t * (sum + 1.0 / f64::from(2 * k + 1));
    }
    sum
}

/// $a / b$ in the form $x - \ln(1 + x)$ with $1 + x = b / a$: the excess of one ratio of positive numbers.
pub(crate) fn log_excess_of_ratio(a: f64, b: f64) -> f64 {
    let x = (b - a) / a;
    if x.abs() <= 0.5 { log_excess(x) } else { x - ln_ratio(b, a) }
}

/// $(1 + x) \ln(1 + x) - x$ for $x \ge -1$, not negative; 1 at −1.
pub(crate) fn entropy_excess(x: f64) -> f64 {
    if x <= -1.0 {
        1.0
    } else if x.abs() > 0.5 {
        (1.0 + x) * x.ln_1p() - x
    } else {
        // (1 + x)(x − h) − x with h = x − ln(1 + x).
        x * x - (1.0 + x) * log_excess(x)
    }
}

/// $b \phi(a / b) = a \ln(a / b) - a + b$ for $a, b \ge 0$, not negative; $+\infty$ for $a > b = 0$.
pub(crate) fn relative_entropy_term(a: f64, b: f64) -> f64 {
    if a <= 0.0 {
        b
    } else if b <= 0.0 {
        f64::INFINITY
    } else {
        let x = (a - b) / b;
        if x.abs() <= 0.5 { b * entropy_excess(x) } else { a * ln_ratio(a, b) - a + b }
    }
}

/// $e^x - 1 - x$, not negative.
pub(crate) fn exp_excess(x: f64) -> f64 {
    if x.abs() > 0.7 {
        return x.exp_m1() - x;
    }
    let mut sum = 0.0;
    for k in (3..=18_u32).rev() {
        sum = (sum + 1.0) * x / f64::from(k);
    }
    0.5 * x * x * (1.0 + sum)
}

/// $\ln(a / b)$ for positive numbers, without overflow and exact for close ones.
pub(crate) fn ln_ratio(a: f64, b: f64) -> f64 {
    let x = (a - b) / b;
    if x.abs() <= 0.5 {
        x.ln_1p()
    } else {
        let ratio = a / b;
        if ratio.is_normal() { ratio.ln() } else { a.ln() - b.ln() }
    }
}

/// $\ln(e^a + e^b)$.
pub(crate) fn ln_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// Stirling's correction $\ln\Gamma(x) - (x - ½) \ln x + x - ½ \ln 2\pi$ for $x > 0$.
pub(crate) fn stirling(x: f64) -> f64 {
    if x >= STIRLING_FROM {
        let t = 1.0 / (x * x);
        return STIRLING.iter().rev().fold(0.0, |sum, c| sum * t + c) / x;
    }
    // s(x) − s(x + 1) = (x + ½) ln(1 + 1/x) − 1, all terms positive.
    let mut sum = 0.0;
    let mut shifted = x;
    while shifted < STIRLING_FROM {
        sum += (shifted + 0.5) * (1.0 / shifted).ln_1p() - 1.0;
        shifted += 1.0;
    }
    sum + stirling(shifted)
}

/// $\ln\Gamma(x)$ for $x > 0$.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    if x >= STIRLING_FROM {
        return (x - 0.5) * x.ln() - x + HALF_LN_TAU + stirling(x);
    }
    let mut product = 1.0;
    let mut shifted = x;
    while shifted < STIRLING_FROM {
        product *= shifted;
        shifted += 1.0;
    }
    ln_gamma(shifted) - product.ln()
}

/// $\ln\Gamma(x + ½) - \ln\Gamma(x)$ for $x > 0$, exact for large x too.
pub(crate) fn ln_gamma_half_step(x: f64) -> f64 {
    if x < STIRLING_FROM {
        return ln_gamma(x + 0.5) - ln_gamma(x);
    }
    0.5 * x.ln() - x * log_excess(0.5 / x) + stirling(x + 0.5) - stirling(x)
}

/// $\psi(x) = (\ln\Gamma)^\prime(x)$ for $x > 0$.
pub(crate) fn digamma(x: f64) -> f64 {
    let mut sum = 0.0;
    let mut shifted = x;
    while shifted < STIRLING_FROM {
        sum -= 1.0 / shifted;
        shifted += 1.0;
    }
    let t = 1.0 / (shifted * shifted);
    let mut series = 0.0;
    for (k, c) in STIRLING.iter().enumerate().rev() {
        series = series * t + c * (2 * k + 1) as f64;
    }
    sum + shifted.ln() - 0.5 / shifted - series * t
}

/// Trigamma, $\psi^\prime(x)$ for $x > 0$.
pub(crate) fn trigamma(x: f64) -> f64 {
    let mut sum = 0.0;
    let mut shifted = x;
    while shifted < STIRLING_FROM {
        sum += 1.0 / (shifted * shifted);
        shifted += 1.0;
    }
    let t = 1.0 / (shifted * shifted);
    let mut series = 0.0;
    for (k, c) in STIRLING.iter().enumerate().rev() {
        series = series * t + c * ((2 * k + 1) * (2 * k + 2)) as f64;
    }
    sum + 1.0 / shifted + 0.5 * t + series * t / shifted
}

/// The Bregman divergence of $\ln\Gamma$: $\ln\Gamma(b) - \ln\Gamma(a) - \psi(a) (b - a)$ for $a, b > 0$, not negative.
///
/// Both arguments are raised by whole numbers, each step giving a term $x - \ln(1 + x)$, until Stirling's series serves.
pub(crate) fn ln_gamma_excess(a: f64, b: f64) -> f64 {
    ln_gamma_excess_by(a, b, b - a)
}

/// As [`ln_gamma_excess`], with b − a from where it is known better than by subtraction.
pub(crate) fn ln_gamma_excess_by(a: f64, b: f64, difference: f64) -> f64 {
    let shift = (STIRLING_FROM - a.min(b)).ceil().max(0.0);
    let mut sum = 0.0;
    for step in (0..shift as u32).rev() {
        let step = f64::from(step);
        let x = difference / (a + step);
        sum += if x.abs() <= 0.5 { log_excess(x) } else { x - ln_ratio(b + step, a + step) };
    }
    let (a, b) = (a + shift, b + shift);
    let x = difference / a;
    let main = if x.abs() <= 0.5 { a * entropy_excess(x) } else { relative_entropy_term(b, a) };
    sum + main + stirling_excess(a, b, difference)
}

/// The excess of $\ln\Gamma(x) - x \ln x + x$, that is of $-½ \ln x$ and of Stirling's series, for arguments in its range.
fn stirling_excess(a: f64, b: f64, difference: f64) -> f64 {
    let r = difference / a;
    // y = a / b; for x^{−m}: b^{−m} − a^{−m} + m a^{−m−1}(b − a) = a^{−m} (y^m − 1 + m r).
    let y = a / b;
    let mut series = 0.0;
    for (k, c) in STIRLING.iter().enumerate() {
        let m = 2 * k + 1;
        // y^m − 1 + m r = m r² y + (r y)² Σ_{j ≤ m−2} (m − 1 − j) y^j, with r² y = r (1 − y).
        let mut sum = 0.0;
        for j in 0..m.saturating_sub(1) {
            sum += (m - 1 - j) as f64 * y.powi(j as i32);
        }
        series += c * a.powi(-(m as i32)) * (m as f64 * r * r * y + (r * y).powi(2) * sum);
    }
    0.5 * if r.abs() <= 0.5 { log_excess(r) } else { r - ln_ratio(b, a) } + series
}

/// The Kullback-Leibler divergence of gamma distributions as terms that are not negative (up to one small one).
///
/// KL = excess of lnΓ from $a_1$ to $a_2$, plus $a_1 (r - \ln(1 + r))$, minus $(a_2 - a_1) \ln(1 + r)$, with
/// $1 + r = \beta_2 / \beta_1$. For large shapes the three cancel along $a / \beta$ = constant, and their leading parts are
/// joined to one: $a_1 (1 + r) \phi(t)$ with $t = (a_2 / a_1) / (\beta_2 / \beta_1)$.
pub(crate) fn gamma_divergence_terms(a1: f64, ln_rates: f64, r: f64, a2: f64) -> [f64; 3] {
    if a1.min(a2) >= STIRLING_FROM && r.abs() < 1e100 {
        let rho = (a2 - a1) / a1;
        let x = (rho - r) / (1.0 + r);
        let joined = if x.abs() <= 0.5 {
            a1 * (1.0 + r) * entropy_excess(x)
        } else {
            relative_entropy_term(a2, a1 * (1.0 + r))
        };
        return [joined, stirling_excess(a1, a2, a2 - a1), 0.0];
    }
    let excess = if r.abs() <= 0.5 { log_excess(r) } else { r - ln_rates };
    [ln_gamma_excess(a1, a2), a1 * excess, -(a2 - a1) * ln_rates]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() <= tolerance * expected.abs(), "{value:e} and {expected:e}");
    }

    #[test]
    fn excesses_of_small_arguments_are_their_series() {
        for x in [1e-9, -1e-7, 1e-5, -1e-5] {
            assert_close(log_excess(x), x * x * (0.5 - x / 3.0 + x * x / 4.0), 8e-16);
            assert_close(entropy_excess(x), x * x * (0.5 - x / 6.0 + x * x / 12.0), 8e-16);
            assert_close(exp_excess(x), x * x * (0.5 + x / 6.0 + x * x / 24.0), 8e-16);
        }
    }

    #[test]
    fn the_branches_of_the_excesses_meet() {
        for sign in [-1.0, 1.0] {
            for function in [log_excess, entropy_excess] {
                let (below, above) = (function(sign * 0.5), function(sign * 0.5_f64.next_up()));
                assert_close(below, above, 2e-15);
            }
            assert_close(exp_excess(sign * 0.7), exp_excess(sign * 0.7_f64.next_up()), 2e-15);
        }
    }

    // mpmath 1.3.0, 40 digits.
    #[test]
    fn gamma_functions() {
        for (x, ln_gamma_x, psi) in [
            (1e-10, 23.025_850_929_882_735, -10_000_000_000.577_215),
            (0.3, 1.095_797_994_818_075_5, -3.502_524_222_200_133),
            (3.7, 1.428_072_326_665_388, 1.167_153_539_361_511_4),
            (11.9, 17.258_477_450_595_52, 2.433_933_536_882_538),
            (1234.5, 7_550.550_901_077_895, 7.118_016_231_827_998),
        ] {
            assert_close(ln_gamma(x), ln_gamma_x, 1e-14);
            assert_close(digamma(x), psi, 1e-14);
        }
    }

    #[test]
    fn the_excess_of_ln_gamma_agrees_with_its_definition_and_with_its_limit() {
        for (a, b) in [(0.1, 3.0), (2.0, 0.5), (5.0, 40.0), (20.0, 13.0), (100.0, 150.0)] {
            let direct = ln_gamma(b) - ln_gamma(a) - digamma(a) * (b - a);
            assert_close(ln_gamma_excess(a, b), direct, 1e-13);
        }
        for a in [0.01, 0.7, 3.0, 12.5, 1e3, 1e8] {
            let step = a * 1e-7;
            assert_close(ln_gamma_excess(a, a + step), 0.5 * trigamma(a) * step * step, 3e-7);
        }
    }
}
