//! Upper tails of the distributions that a statistic is compared with.

use statrs::function::gamma::checked_gamma_ur;

/// $P(X \ge x)$ for a standard normal X.
///
/// By the incomplete gamma function, $\Gamma(1/2, x^2 / 2) / (2 \sqrt \pi)$ for positive x: statrs's `erfc` has eleven digits.
pub(super) fn normal(x: f64) -> f64 {
    let half_square = 0.5 * x * x;
    let upper = 0.5 * checked_gamma_ur(0.5, half_square).unwrap_or(if half_square > 1.0 { 0.0 } else { 1.0 });
    if x < 0.0 { 1.0 - upper } else { upper }
}

/// $P(X \ge x)$ for the number X of marked ones among `drawn` out of `all`, of which `marked` are marked.
pub(super) fn hypergeometric(all: usize, marked: usize, drawn: usize, x: usize) -> f64 {
    let lowest = (marked + drawn).saturating_sub(all);
    tail(lowest, marked.min(drawn), x, |i| {
        (marked - i) as f64 * (drawn - i) as f64 / ((i + 1) as f64 * (all + i + 1 - marked - drawn) as f64)
    })
}

/// $P(X \ge x)$ for the number X of heads among `tosses` of a fair coin.
pub(super) fn fair_coin(tosses: usize, x: usize) -> f64 {
    tail(0, tosses, x, |i| (tosses - i) as f64 / (i + 1) as f64)
}

/// The tail of a distribution on whole numbers from `lowest` to `highest` by the quotients P(i + 1) / P(i), which decrease.
///
/// All terms are relative to the largest, and none of them cancels. At least the smallest positive number, because the true
/// value is never zero.
fn tail(lowest: usize, highest: usize, x: usize, quotient: impl Fn(usize) -> f64) -> f64 {
    if x <= lowest {
        return 1.0;
    }
    let mode = (lowest..highest).find(|i| quotient(*i) <= 1.0).unwrap_or(highest);
    let (mut below, mut above) = (0.0, 0.0);
    let mut add = |i: usize, term: f64| if i < x { below += term } else { above += term };
    add(mode, 1.0);
    let mut term = 1.0;
    for i in mode..highest {
        term *= quotient(i);
        add(i + 1, term);
    }
    term = 1.0;
    for i in (lowest..mode).rev() {
        term /= quotient(i);
        add(i, term);
    }
    (above / (below + above)).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binomial(n: usize, k: usize) -> f64 {
        (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64)
    }

    #[test]
    fn tails_are_sums_of_binomial_coefficients() {
        for (all, marked, drawn) in [(10, 4, 3), (10, 8, 7), (30, 15, 15), (7, 0, 3), (5, 5, 2), (40, 3, 39)]
        {
            for x in 0..=marked.min(drawn) {
                let exact: f64 = (x..=marked.min(drawn))
                    .filter(|i| drawn - i <= all - marked)
                    .map(|i| binomial(marked, i) * binomial(all - marked, drawn - i) / binomial(all, drawn))
                    .sum();
                let given = hypergeometric(all, marked, drawn, x);
                assert!(
                    (given - exact).abs() <= 1e-14 * exact,
                    "{all} {marked} {drawn} {x}: {given} {exact}"
                );
            }
        }
        for x in 0..=21 {
            let exact: f64 = (x..=21).map(|i| binomial(21, i)).sum::<f64>() / 2f64.powi(21);
            assert!((fair_coin(21, x) - exact).abs() <= 1e-14 * exact);
        }
        assert!(fair_coin(5000, 5000).to_bits() == f64::MIN_POSITIVE.to_bits());
    }

    /// Values by mpmath 1.3, `ncdf`.
    #[test]
    fn the_normal_tail_keeps_its_digits() {
        for (x, exact) in [
            (1.96, 0.024997895148220436),
            (6.0, 9.86587645037698e-10),
            (0.1, 0.460172162722971),
            (-1.0, 0.8413447460685429),
            (0.0, 0.5),
            (1e200, 0.0),
        ] {
            assert!((normal(x) - exact).abs() <= 1e-14 * exact, "{x}: {}", normal(x));
        }
    }
}
