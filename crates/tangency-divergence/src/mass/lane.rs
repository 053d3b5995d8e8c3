//! The terms of the common sums, for vector instructions.
//!
//! A term is $q \tilde f(p/q)$ with the generator that touches zero, $\tilde f(u) = f(u) - f(1) - f^\prime(1)(u - 1) \ge 0$,
//! for $p, q > 0$. None is formed by subtracting what is nearly equal, so each has a small relative error also for $p \approx
//! q$.

use tangency_vmath::Real;

/// Terms of one form.
pub(super) trait Term: Sync {
    /// Whether the terms hold for zeros too.
    const FOR_ZEROS: bool = false;

    /// The term for $p, q > 0$, and 0 for $p = q$; anything finite or not if one of them is zero. `WIDE` allows for numbers
    /// below [`TINY`].
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64;
}

/// Below this, numbers need more care than the fast path has: the ratio of two may exceed $2^{1000}$.
pub(super) const TINY: f64 = f64::from_bits((1023 - 960) << 52);

/// $2^{500}$ and its logarithm to base 2.
const LIFT: f64 = f64::from_bits((1023 + 500) << 52);

/// $(\operatorname{artanh} s - s) / s^3$ as a polynomial in $s^2 \le 0.0402$, to $2 \cdot 10^{-17}$; the ratios left by
/// [`Split`] have $s^2 < 0.0402$. Coefficients: `make_core_artanh.py`.
const ARTANH: [f64; 8] = [
    0.3333333333333333,
    0.20000000000004042,
    0.1428571428360593,
    0.1111111152950313,
    0.090908683956487,
    0.07694450556844562,
    0.06604527040902493,
    0.06807023520520665,
];

/// $\ln(p/q)$ in parts: $p/q = 2^k p^\prime/q^\prime$ with $|\ln(p^\prime/q^\prime)| < 0.407$, and $s = (p^\prime -
/// q^\prime)/(p^\prime + q^\prime)$.
struct Split {
    /// $k$.
    k: f64,
    /// $p^\prime = p$, or $2^{500} p$ for a tiny $p$.
    p: f64,
    /// $q^\prime$.
    q: f64,
    /// $q$ in the unit of $p^\prime$.
    q_scaled: f64,
    /// What $p^\prime$ has to be multiplied with to be $p$.
    unit: f64,
    /// $s$.
    s: f64,
    /// $\operatorname{artanh}(s) - s$.
    rest: f64,
}

/// `difference` is $p - q$, which the caller may know better than from the two rounded numbers.
///
/// The only division is that of $s$, whose numerator and denominator are exact up to one rounding: so the logarithm has a small
/// relative error for all ratios, those next to 1 included.
#[inline(always)]
fn split<const FMA: bool, const WIDE: bool>(p: f64, q: f64, difference: f64) -> Split {
    const ONE: u64 = 1023 << 52;
    const ROUND: u64 = 1 << 51;
    const EXPONENT: u64 = 0x7ff << 52;
    /// $2^{52}$, whose last digits are the integers.
    const MAGIC: u64 = 0x433 << 52;
    let (mut unit, mut lift, mut p, mut q_lifted, mut q_scaled) = (1.0, 0.0, p, q, q);
    if WIDE {
        let (p_tiny, q_tiny) = (p < TINY, q < TINY);
        unit = if p_tiny { 1.0 / LIFT } else { 1.0 };
        q_scaled = if p_tiny { q * LIFT } else { q };
        lift = if p_tiny { -500.0 } else { 0.0 };
        lift = if q_tiny { lift + 500.0 } else { lift };
        p = if p_tiny { p * LIFT } else { p };
        q_lifted = if q_tiny { q * LIFT } else { q };
    }
    // The bits of a number are its logarithm to base 2 within 0.09, up to factor and shift; the rounded difference is k.
    let scale = p.to_bits().wrapping_sub(q_lifted.to_bits()).wrapping_add(ONE + ROUND) & EXPONENT;
    let k = f64::from_bits((scale >> 52) | MAGIC) - (f64::from_bits(MAGIC) + 1023.0) + lift;
    let q = q_lifted * f64::from_bits(scale);
    let difference = if WIDE { difference / unit } else { difference };
    let s = (if k == 0.0 { difference } else { p - q }) / (p + q);
    let z = s * s;
    let square = z * z;
    let c = &ARTANH;
    let even = c[6].mul_add_lane::<FMA>(square, c[4]);
    let odd = c[7].mul_add_lane::<FMA>(square, c[5]);
    let even = even.mul_add_lane::<FMA>(square, c[2]).mul_add_lane::<FMA>(square, c[0]);
    let odd = odd.mul_add_lane::<FMA>(square, c[3]).mul_add_lane::<FMA>(square, c[1]);
    let rest = s * z * odd.mul_add_lane::<FMA>(z, even);
    Split { k, p, q, q_scaled, unit, s, rest }
}

/// $\ln(p/q)$ with a small relative error.
#[inline(always)]
pub(super) fn ln_ratio<const FMA: bool, const WIDE: bool>(p: f64, q: f64) -> f64 {
    let split = split::<FMA, WIDE>(p, q, p - q);
    split.k.mul_add_lane::<FMA>(std::f64::consts::LN_2, 2.0 * (split.s + split.rest))
}

/// $p \ln(p/q) - p + q \ge 0$.
///
/// With $p^\prime = (p^\prime + q^\prime)(1 + s)/2$, $p^\prime \cdot 2 \operatorname{artanh} s - (p^\prime - q^\prime) =
/// (p^\prime + q^\prime)(s^2 + (1 + s)(\operatorname{artanh} s - s))$.
#[inline(always)]
fn entropy_term<const FMA: bool, const WIDE: bool>(p: f64, q: f64, difference: f64) -> f64 {
    let x = split::<FMA, WIDE>(p, q, difference);
    let near = (x.p + x.q) * (1.0 + x.s).mul_add_lane::<FMA>(x.rest, x.s * x.s);
    let far = (x.p * x.k).mul_add_lane::<FMA>(std::f64::consts::LN_2, x.q_scaled - x.q);
    if WIDE { (near + far) * x.unit } else { near + far }
}

/// `forward` KL(P‖Q) + `reverse` KL(Q‖P), in the three ways that it is wanted.
pub(super) struct Forward;
/// See [`Forward`].
pub(super) struct Reverse;
/// Both directions.
pub(super) struct Both;
/// Both directions, with factors.
pub(super) struct Mixed {
    pub(super) forward: f64,
    pub(super) reverse: f64,
}

impl Term for Forward {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        entropy_term::<FMA, WIDE>(p, q, p - q)
    }
}

impl Term for Reverse {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        entropy_term::<FMA, WIDE>(q, p, q - p)
    }
}

impl Term for Both {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        (p - q) * ln_ratio::<FMA, WIDE>(p, q)
    }
}

impl Term for Mixed {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        self.forward * entropy_term::<FMA, WIDE>(p, q, p - q)
            + self.reverse * entropy_term::<FMA, WIDE>(q, p, q - p)
    }
}

/// $w$ KL(P‖M) + $(1 - w)$ KL(Q‖M): each against the mixture, from which the difference is taken exactly, not from the
/// rounded $m$.
pub(super) struct Mixture {
    pub(super) weight: f64,
    pub(super) scale: f64,
}

impl Term for Mixture {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        let (w, v) = (self.weight, 1.0 - self.weight);
        let m = w * p + v * q;
        let d = p - q;
        self.scale
            * (w * entropy_term::<FMA, WIDE>(p, m, v * d) + v * entropy_term::<FMA, WIDE>(q, m, -w * d))
    }
}

/// $s (\sqrt p - \sqrt q)^2 = s (p - q)^2 / (p + q + 2 \sqrt{pq})$.
pub(super) struct Roots {
    pub(super) scale: f64,
}

impl Term for Roots {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        let difference = p - q;
        let root = if WIDE { p.sqrt() * q.sqrt() } else { (p * q).sqrt() };
        self.scale * difference * (difference / (p + q + 2.0 * root))
    }
}

/// $s (p - q)^2 / (a p + b q)$: Pearson, Neyman, Le Cam.
pub(super) struct Quotient {
    pub(super) scale: f64,
    pub(super) of_p: f64,
    pub(super) of_q: f64,
}

impl Term for Quotient {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        let difference = p - q;
        self.scale * difference * (difference / (self.of_p * p + self.of_q * q))
    }
}

/// $\frac12 |p - q|$, also for zeros.
pub(super) struct Difference;

impl Term for Difference {
    const FOR_ZEROS: bool = true;

    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        0.5 * (p - q).abs()
    }
}

/// $(p - \gamma q)_+$, also for zeros.
pub(super) struct Excess {
    pub(super) gamma: f64,
}

impl Term for Excess {
    const FOR_ZEROS: bool = true;

    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        // One rounding where there is a fused product, so that q next to p/γ does not cancel.
        let value = (-self.gamma).mul_add_lane::<FMA>(q, p);
        if value > 0.0 { value } else { 0.0 }
    }
}

/// Coefficients of the series of [`Power`].
const SERIES: usize = 14;

/// $s \lbrack p^\alpha q^{1-\alpha} - \alpha p - (1 - \alpha) q \rbrack$ for any α but 0 and 1.
///
/// With $r = \ln(p/q)$ it is $\alpha(\alpha - 1) q$ times $\sum_{n \ge 2} \frac{r^n}{n!} \sum_{j \le n - 2} \alpha^j$ for
/// small $r$, and otherwise $(\alpha - 1) (p \frac{e^{(\alpha-1)r} - 1}{\alpha - 1} - (p - q))$. The latter needs $\alpha \ge
/// 1/2$, to which the caller brings it by exchanging $p$ and $q$.
pub(super) struct Power {
    exchanged: bool,
    /// α − 1, its inverse, and the bound of |r| for the series.
    exponent: f64,
    inverse: f64,
    near: f64,
    /// $s (\alpha - 1)$.
    scale: f64,
    series: [f64; SERIES],
}

impl Power {
    /// The terms of `scale` · (∫ p^α q^{1−α} − 1).
    pub(super) fn new(order: f64, scale: f64) -> Self {
        let exchanged = order < 0.5;
        // 1 - α is rounded for tiny α, but then its exponent, -α, is taken from α itself.
        let (order, exponent) = if exchanged { (1.0 - order, -order) } else { (order, order - 1.0) };
        let (mut powers, mut factorial) = (1.0, 2.0);
        let series = std::array::from_fn(|n| {
            let coefficient = order * powers / factorial;
            powers = 1.0 + order * powers;
            factorial *= n as f64 + 3.0;
            coefficient
        });
        Self {
            exchanged,
            exponent,
            inverse: 1.0 / exponent,
            near: 0.5 / order.max(1.0),
            scale: scale * exponent,
            series,
        }
    }
}

impl Term for Power {
    #[inline(always)]
    fn lane<const FMA: bool, const WIDE: bool>(&self, p: f64, q: f64) -> f64 {
        let (p, q) = if self.exchanged { (q, p) } else { (p, q) };
        let r = ln_ratio::<FMA, WIDE>(p, q);
        let mut near = self.series[SERIES - 1];
        for n in (0..SERIES - 1).rev() {
            near = near.mul_add_lane::<FMA>(r, self.series[n]);
        }
        let near = near * r * r * q;
        let far = p * (self.exponent * r).expm1_lane::<FMA>() * self.inverse - (p - q);
        self.scale * if r.abs() < self.near { near } else { far }
    }
}
