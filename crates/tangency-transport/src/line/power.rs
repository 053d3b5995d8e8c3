//! Powers of distances, and their means over pieces.

use crate::error::TransportError;

/// The exponent $p$ of a Wasserstein distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Exponent {
    One,
    Two,
    Finite(f64),
    Infinite,
}

impl Exponent {
    /// From 1 to infinity.
    pub(crate) fn new(p: f64) -> Result<Self, TransportError> {
        Ok(match p {
            1.0 => Self::One,
            2.0 => Self::Two,
            f64::INFINITY => Self::Infinite,
            p if p >= 1.0 => Self::Finite(p),
            value => {
                return Err(TransportError::OutOfRange { what: "the exponent", range: "at least 1", value });
            }
        })
    }

    /// From 1, and not infinity.
    pub(crate) fn finite(p: f64) -> Result<Self, TransportError> {
        if p == f64::INFINITY {
            return Err(TransportError::OutOfRange {
                what: "the exponent of a power",
                range: "at least 1 and finite",
                value: p,
            });
        }
        Self::new(p)
    }

    pub(crate) fn value(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 2.0,
            Self::Finite(p) => p,
            Self::Infinite => f64::INFINITY,
        }
    }

    /// $d^p$ for $d \ge 0$ and finite p.
    #[inline]
    pub(crate) fn power(self, d: f64) -> f64 {
        match self {
            Self::One | Self::Infinite => d,
            Self::Two => d * d,
            Self::Finite(p) => d.powf(p),
        }
    }
}

/// The p-th root of a sum of p-th powers.
pub(crate) fn root_of(power: f64, exponent: Exponent) -> f64 {
    match exponent {
        Exponent::One | Exponent::Infinite => power,
        Exponent::Two => power.sqrt(),
        Exponent::Finite(p) => power.powf(1.0 / p),
    }
}

/// $\int_0^1 \lvert (1 - s) u + s v \rvert^p \mathrm d s$.
///
/// The textbook's $(v^{p+1} - u^{p+1}) / ((p + 1)(v - u))$ loses all digits where $u$ and $v$ are close. Here the difference is
/// $u^{p+1} (e^{(p+1) \ln (v/u)} - 1)$.
pub(crate) fn mean_power(u: f64, v: f64, exponent: Exponent) -> f64 {
    let (small, large) = if u.abs() <= v.abs() { (u.abs(), v.abs()) } else { (v.abs(), u.abs()) };
    let opposite = (u < 0.0) != (v < 0.0) && u != 0.0 && v != 0.0;
    if large <= small && !opposite {
        return exponent.power(large);
    }
    let p = exponent.value();
    match exponent {
        Exponent::Infinite => large,
        Exponent::One if !opposite => 0.5 * (small + large),
        Exponent::Two if !opposite => (small * small + small * large + large * large) / 3.0,
        _ if opposite => {
            // Two triangles, of which each has its share of the way.
            let (a, b) = (small / (small + large), large / (small + large));
            (a * exponent.power(small) + b * exponent.power(large)) / (p + 1.0)
        }
        _ if small <= 0.0 => exponent.power(large) / (p + 1.0),
        _ => {
            // In units of the larger one, of which the other lacks the part r.
            let r = (large - small) / large;
            exponent.power(large) * -((p + 1.0) * (-r).ln_1p()).exp_m1() / ((p + 1.0) * r)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_powers_are_integrals() {
        for p in [1.0, 1.5, 2.0, 3.0, 7.25] {
            let exponent = Exponent::new(p).unwrap();
            for (u, v) in [(0.0, 1.0), (-1.0, 2.0), (0.3, 0.300_000_1), (2.0, 2.0), (-3.0, -1.0), (1.0, -1.0)]
            {
                // Gauss' rule with three points on each of many parts, cut at the kink.
                let kink = if u * v < 0.0 { u / (u - v) } else { 0.5 };
                let mut sum = 0.0;
                for (from, to) in [(0.0, kink), (kink, 1.0)] {
                    for k in 0..400 {
                        let h = (to - from) / 400.0;
                        let middle = from + (f64::from(k) + 0.5) * h;
                        for (x, w) in
                            [(-0.6_f64.sqrt(), 5.0 / 18.0), (0.0, 8.0 / 18.0), (0.6_f64.sqrt(), 5.0 / 18.0)]
                        {
                            let s = middle + 0.5 * h * x;
                            sum += w * h * ((1.0 - s) * u + s * v).abs().powf(p);
                        }
                    }
                }
                let found = mean_power(u, v, exponent);
                assert!((found - sum).abs() <= 1e-9 * sum, "{p} {u} {v}: {found} {sum}");
                assert!((found - mean_power(v, u, exponent)).abs() <= 1e-15 * found);
            }
        }
    }

    #[test]
    fn close_ends_lose_no_digits() {
        // To first order in h the mean is the middle's power.
        for p in [1.0, 2.0, 3.5] {
            let exponent = Exponent::new(p).unwrap();
            for h in [1e-9, 1e-12, 1e-15] {
                let found = mean_power(3.0 - h, 3.0 + h, exponent);
                assert!((found / 3.0_f64.powf(p) - 1.0).abs() < 1e-15, "{p} {h}: {found}");
            }
        }
    }
}
