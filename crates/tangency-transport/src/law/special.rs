//! Incomplete gamma and beta functions with both tails, and the inverses of these and of the normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// From here on Stirling's series with seven terms is exact to rounding.
const STIRLING_FROM: f64 = 12.0;
/// $B_{2k} / (2k (2k - 1))$ for k = 1, ...
const STIRLING: [f64; 7] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
/// Terms after which series and fractions stop; they need some multiple of the root of the largest parameter.
const MAX_TERMS: u32 = 200_000;
/// Coordinates below this are those of zero.
const LOWEST: f64 = -740.0;

/// Two shares of the whole that sum to one, each to its own precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Level {
    /// The level with the given logarithm of the odds.
    pub(crate) fn of_logit(s: f64) -> Self {
        let e = (-s.abs()).exp();
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        if s < 0.0 { Self { lower: small, upper: large } } else { Self { lower: large, upper: small } }
    }
}

/// Stirling's correction $\ln\Gamma(x) - (x - ½) \ln x + x - ½ \ln 2\pi$ for $x > 0$.
fn stirling(x: f64) -> f64 {
    let (mut sum, mut shifted) = (0.0, x);
    while shifted < STIRLING_FROM {
        sum += (shifted + 0.5) * (1.0 / shifted).ln_1p() - 1.0;
        shifted += 1.0;
    }
    let t = 1.0 / (shifted * shifted);
    sum + STIRLING.iter().rev().fold(0.0, |sum, c| sum * t + c) / shifted
}

/// $a \ln(a / b) - a + b$ for positive numbers, not negative, and exact for close ones.
fn deviance(a: f64, b: f64) -> f64 {
    let x = (a - b) / b;
    if x.abs() > 0.5 {
        return a * (a / b).ln() - a + b;
    }
    // With s = x / (2 + x): ln(1 + x) = 2 (s + s³/3 + ...), and a − b = b x = 2 s b + s x b.
    let s = x / (2.0 + x);
    let t = s * s;
    let mut tail = 0.0;
    for k in (1..=17_u32).rev() {
        tail = t * (tail + 1.0 / f64::from(2 * k + 1));
    }
    // a ln(a/b) − (a − b) = a (2s + 2s·tail) − b x, and 2 s a − b x = b (2s(1 + x) − x) = b s x.
    b * s * x + 2.0 * s * a * tail
}

/// $x^a e^{-x} / \Gamma(a)$, the density of ln X at ln x for a gamma variable X.
fn gamma_density(a: f64, x: f64) -> f64 {
    (a / TAU).sqrt() * (-deviance(a, x) - stirling(a)).exp()
}

/// $P(X \le x)$ and $P(X > x)$ for a gamma variable of shape a and rate 1.
pub(crate) fn gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    let density = gamma_density(a, x);
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..MAX_TERMS {
            term *= x / (a + f64::from(k));
            sum += term;
            if term < 1e-17 * sum {
                break;
            }
        }
        let lower = (density / a * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        // Lentz' evaluation of Legendre's continued fraction.
        let mut b = x + 1.0 - a;
        let mut c = f64::INFINITY;
        let mut d = 1.0 / b;
        let mut h = d;
        for k in 1..MAX_TERMS {
            let k = f64::from(k);
            let an = -k * (k - a);
            b += 2.0;
            d = 1.0 / (an * d + b);
            c = b + an / c;
            let factor = c * d;
            h *= factor;
            if (factor - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let upper = (density * h).min(1.0);
        (1.0 - upper, upper)
    }
}

/// $x^a y^b / B(a, b)$ for $y = 1 - x$, the density of the log-odds of a beta variable.
fn beta_density(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent = stirling(n) - stirling(a) - stirling(b) - deviance(a, n * x) - deviance(b, n * y);
    (a / n * b / TAU).sqrt() * exponent.exp()
}

/// $P(X \le x)$ and $P(X > x)$ for a beta variable and $y = 1 - x$.
pub(crate) fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        let (upper, lower) = beta_tails_below(b, a, y, x);
        (lower, upper)
    } else {
        beta_tails_below(a, b, x, y)
    }
}

/// As [`beta_tails`], where the continued fraction converges fast.
fn beta_tails_below(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    let (mut c, mut d) = (1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for m in 1..MAX_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        h *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        let factor = c * d;
        h *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    let lower = (beta_density(a, b, x, y) / a * h).min(1.0);
    (lower, 1.0 - lower)
}

/// $\Phi(z)$, exact in the lower tail.
pub(crate) fn normal_lower(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The standard normal density.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

/// $\Phi^{-1}$.
pub(crate) fn normal_quantile(level: Level) -> f64 {
    let (p, sign) = if level.lower < level.upper { (level.lower, -1.0) } else { (level.upper, 1.0) };
    if p <= 0.0 {
        return sign * f64::INFINITY;
    }
    // A rational approximation with an error of 4.5e-4 (Abramowitz and Stegun 26.2.23), then Newton's method for ln(1 − Φ), each step of which
    // squares the error and divides it by z.
    let t = (-2.0 * p.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let mut z = t - numerator / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..3 {
        let tail = normal_lower(-z);
        let x = (tail - p) / p;
        z += tail / normal_density(z) * if x.abs() < 0.5 { x.ln_1p() } else { (tail / p).ln() };
    }
    sign * z
}

/// The quantile of a gamma variable of shape a and rate 1.
pub(crate) fn gamma_quantile(a: f64, level: Level) -> f64 {
    // Wilson's and Hilferty's cube, or the leading term of the lower tail where that is not positive.
    let root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(level) / (3.0 * a.sqrt());
    let leading = (level.lower.ln() + libm::lgamma(a + 1.0)) / a;
    if level.lower <= 0.0 || leading < LOWEST {
        return 0.0;
    }
    if level.upper <= 0.0 {
        return f64::INFINITY;
    }
    // The coordinate is ln(x / a): for large shapes it is small, and keeps its digits.
    let start = if root > 0.3 { 3.0 * root.ln() } else { leading - a.ln() };
    let u = solve(level, start, |u| {
        let x = a * u.exp();
        let (lower, upper) = gamma_tails(a, x);
        (lower, upper, gamma_density(a, x))
    });
    a * u.exp()
}

/// The quantile of a beta variable, and one minus it.
pub(crate) fn beta_quantile(a: f64, b: f64, level: Level) -> (f64, f64) {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let low = (level.lower.ln() + a.ln() + ln_beta) / a;
    let high = (level.upper.ln() + b.ln() + ln_beta) / b;
    if level.lower <= 0.0 || low < LOWEST {
        return (0.0, 1.0);
    }
    if level.upper <= 0.0 || high < LOWEST {
        return (1.0, 0.0);
    }
    // The leading term of either tail where it is small, else the normal law of the log-odds.
    let start = if low < -3.0 {
        low
    } else if high < -3.0 {
        -high
    } else {
        (a / b).ln() + normal_quantile(level) * (1.0 / a + 1.0 / b).sqrt()
    };
    let u = solve(level, start.clamp(LOWEST, -LOWEST), |u| {
        let odds = Level::of_logit(u);
        let (lower, upper) = beta_tails(a, b, odds.lower, odds.upper);
        (lower, upper, beta_density(a, b, odds.lower, odds.upper))
    });
    let odds = Level::of_logit(u);
    (odds.lower, odds.upper)
}

/// The coordinate at which a distribution function has a level, by Newton's method for the logarithm of the smaller tail,
/// within a bracket.
fn solve(level: Level, start: f64, at: impl Fn(f64) -> (f64, f64, f64)) -> f64 {
    let below = level.lower < level.upper;
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut u = start;
    for round in 0..200 {
        let (lower, upper, density) = at(u);
        let (tail, target, sign) = if below { (lower, level.lower, 1.0) } else { (upper, level.upper, -1.0) };
        // Positive where u is too large.
        let excess = sign * (tail.ln() - target.ln());
        if excess > 0.0 {
            high = u;
        } else {
            low = u;
        }
        let newton = u - excess * tail / density;
        if (newton - u).abs() <= 4e-16 * u.abs().max(1e-2) {
            return newton;
        }
        let mut next = newton;
        if !(next > low && next < high) || round > 60 {
            next = if low == f64::NEG_INFINITY {
                u - (1.0 + 0.5 * u.abs())
            } else if high == f64::INFINITY {
                u + (1.0 + 0.5 * u.abs())
            } else {
                0.5 * (low + high)
            };
        }
        if high - low <= 4e-16 * u.abs().max(1e-2) {
            break;
        }
        u = next;
    }
    u
}

#[cfg(test)]
mod tests {
    use super::*;

    // mpmath 1.3.0, 40 digits: gammainc and betainc, regularised.
    #[test]
    fn tails_have_their_digits() {
        for (a, x, lower, upper) in [
            (2.0, 1.0, 0.264_241_117_657_115_4, 0.735_758_882_342_884_6),
            (0.5, 3.0, 0.985_694_121_564_570_4, 0.014_305_878_435_429_64),
            (30.0, 60.0, 0.999_993_123_735_031_3, 6.876_264_968_732_097e-6),
        ] {
            let found = gamma_tails(a, x);
            assert!(
                (found.0 / lower - 1.0).abs() < 2e-14 && (found.1 / upper - 1.0).abs() < 2e-14,
                "{a} {x} {found:?}"
            );
        }
    }

    #[test]
    fn quantiles_invert_their_distribution_functions() {
        for s in [-600.0, -80.0, -9.0, -1.0, 0.0, 0.3, 5.0, 40.0, 300.0] {
            let level = Level::of_logit(s);
            let close = |what: &str, (lower, upper): (f64, f64), tolerance: f64| {
                let ratio = if s < 0.0 { lower / level.lower } else { upper / level.upper };
                assert!((ratio - 1.0).abs() < tolerance, "{what} at {s}: {lower:e} {upper:e}");
            };
            let z = normal_quantile(level);
            close("normal", (normal_lower(z), normal_lower(-z)), 1e-12 * (1.0 + z * z));
            for a in [0.7, 2.0, 40.0, 1e5] {
                let x = gamma_quantile(a, level);
                if x > 0.0 {
                    close(&format!("gamma {a} {x:e}"), gamma_tails(a, x), 1e-12 * (1.0 + s.abs() + a.sqrt()));
                }
                let (x, y) = beta_quantile(a, 3.0, level);
                if x > 1e-300 && y > 1e-300 {
                    close(
                        &format!("beta {a} {x:e} {y:e}"),
                        beta_tails(a, 3.0, x, y),
                        1e-12 * (1.0 + s.abs() + a.sqrt()),
                    );
                }
            }
        }
    }
}
