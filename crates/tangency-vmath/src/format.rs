//! What the algorithms need to know about the two formats: constants, coefficients, bit patterns.

use crate::Real;

/// A binary floating-point format.
///
/// The algorithms are written once, over this trait; all that differs between single and double precision is here.
/// The coefficients are minimax approximations computed for this crate by the Remez exchange; the script
/// `tests/reference/minimax.py` derives them and prints the error that each leaves.
pub(crate) trait Format: Real {
    /// $1.5 \cdot 2^{p-1}$ plus twice the bias, for a significand of $p$ bits. Adding it to a small number rounds that
    /// to an integer $n$, and leaves $n$ plus twice the bias in the low bits of the sum.
    const SHIFTER: Self;
    /// $\log_2 e$.
    const LOG2_E: Self;
    /// The leading bits of $\ln 2$, so few that a product with an exponent is exact.
    const LN_2_HIGH: Self;
    /// The rest of $\ln 2$.
    const LN_2_LOW: Self;
    /// Above it $e^x$ is infinite, and $n$ is still in range.
    const EXP_TOP: Self;
    /// Below it $e^x$ rounds to 0, and $n$ is still in range.
    const EXP_BOTTOM: Self;
    /// Below it $e^x - 1$ rounds to $-1$.
    const EXPM1_BOTTOM: Self;
    /// Below it, in magnitude, $e^x - 1$ rounds to $x$.
    const TINY: Self;
    /// From here on $\tanh(x/2)$ rounds to 1.
    const ROUGH_TOP: Self;
    /// $\sqrt 2 - 1$.
    const ROOT_2_LESS_1: Self;
    /// $1/(2 m)$ at the middle of $\sqrt{1/2} \le m \le 3/4$, exact to 3 %.
    const LOST_SHARE: Self;
    /// From here on adding 1 does not change a number's logarithm.
    const HUGE: Self;
    /// $q$ in $e^r \approx 1 + r + r^2 q(r)$ for $|r| \le \ln(2)/2$.
    const EXP: &'static [Self];
    /// $L$ in $2 \operatorname{artanh}(s) \approx 2 s + s^3 L(s^2)$ for $|s| \le 3 - 2 \sqrt 2$.
    const LN: &'static [Self];
    /// A rough $1/(1 + f)$ for $\sqrt{1/2} \le 1 + f \le \sqrt 2$, to 1 %.
    const RECIPROCAL: &'static [Self];
    /// $p$ in $\tanh x \approx x + x^3 p(x^2)/q(x^2)$ for $|x| \le 1$.
    const TANH_P: &'static [Self];
    /// $q$ of the same.
    const TANH_Q: &'static [Self];

    /// $2^{\lfloor n/2 \rfloor}$ and $2^{\lceil n/2 \rceil}$, for the sum of $n$ and [`SHIFTER`](Self::SHIFTER).
    ///
    /// Their product may overflow or be subnormal where each of them is not.
    fn power_halves(shifted: Self) -> (Self, Self);
    /// $2^{n-1}$, for the sum of $n$ and [`SHIFTER`](Self::SHIFTER), if that is a normal number.
    fn half_power(shifted: Self) -> Self;
    /// $(k, m, 2^{-k})$ with $x = 2^k m$ and $\sqrt{1/2} \le m < \sqrt 2$, for a normal $x > 0$. The power is wrong,
    /// possibly infinite, where it is not a normal number.
    fn split(x: Self) -> (Self, Self, Self);
    /// A subnormal $x$ times a power of two that makes it normal, and the exponent of that power; $(x, 0)$ otherwise.
    fn normalise(x: Self) -> (Self, Self);
}

impl Format for f64 {
    const SHIFTER: Self = 6755399441055744.0 + 2046.0;
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.6931471804855391;
    const LN_2_LOW: Self = 7.440617110012397e-11;
    const EXP_TOP: Self = 710.0;
    const EXP_BOTTOM: Self = -746.0;
    const EXPM1_BOTTOM: Self = -40.0;
    const TINY: Self = 5.5e-17; // just below 2^-54
    const ROUGH_TOP: Self = 40.0;
    const ROOT_2_LESS_1: Self = std::f64::consts::SQRT_2 - 1.0;
    const LOST_SHARE: Self = 0.6875;
    const HUGE: Self = 1e18;
    const EXP: &'static [Self] = &[
        0.5,
        0.16666666666666677,
        0.041666666666666505,
        0.008333333333321608,
        0.0013888888888962912,
        0.00019841269886207403,
        2.4801587171818368e-05,
        2.755724410471418e-06,
        2.755740296078105e-07,
        2.5109081223634565e-08,
        2.087532242928297e-09,
    ];
    const LN: &'static [Self] = &[
        0.6666666666666735,
        0.399999999994128,
        0.28571428742887583,
        0.22222198513863584,
        0.18183567806029963,
        0.15313951811736398,
        0.14797030817909432,
    ];
    const RECIPROCAL: &'static [Self] = &[1.0049951120225056, -1.0806127678408468, 0.9142390706250312];
    const TANH_P: &'static [Self] =
        &[-0.33333333333333326, -0.0214059555501908, -0.0002431056264868669, -1.7192742451039467e-08];
    const TANH_Q: &'static [Self] = &[1.0, 0.4642178666505684, 0.02451170163496301, 0.0002541146685157882];

    #[inline(always)]
    fn power_halves(shifted: Self) -> (Self, Self) {
        // Logical shifts only: AVX2 has no arithmetic one for 64 bits.
        let k = shifted.to_bits() & 0xfff;
        let low = k >> 1;
        (Self::from_bits(low << 52), Self::from_bits((k - low) << 52))
    }

    #[inline(always)]
    fn half_power(shifted: Self) -> Self {
        Self::from_bits((shifted.to_bits() & 0xfff).wrapping_sub(1024) << 52)
    }

    #[inline(always)]
    fn split(x: Self) -> (Self, Self, Self) {
        const ONE: u64 = 1.0_f64.to_bits();
        const ROOT: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
        let shifted = x.to_bits().wrapping_add(ONE - ROOT);
        let exponent = shifted >> 52;
        // AVX2 cannot convert 64-bit integers; as the last bits of 2^52 they are a number already.
        let k = Self::from_bits(exponent | 4503599627370496.0_f64.to_bits()) - (4503599627370496.0 + 1023.0);
        let m = Self::from_bits((shifted & 0x000f_ffff_ffff_ffff) + ROOT);
        (k, m, Self::from_bits(2046_u64.wrapping_sub(exponent) << 52))
    }

    #[inline(always)]
    fn normalise(x: Self) -> (Self, Self) {
        if x < Self::MIN_POSITIVE { (x * 18014398509481984.0, 54.0) } else { (x, 0.0) }
    }
}

impl Format for f32 {
    const SHIFTER: Self = 12582912.0 + 254.0;
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.69314575;
    const LN_2_LOW: Self = 1.4286068e-6;
    const EXP_TOP: Self = 89.0;
    const EXP_BOTTOM: Self = -104.5;
    const EXPM1_BOTTOM: Self = -20.0;
    const TINY: Self = 2.9e-8; // just below 2^-25
    const ROUGH_TOP: Self = 20.0;
    const ROOT_2_LESS_1: Self = std::f32::consts::SQRT_2 - 1.0;
    const LOST_SHARE: Self = 0.6875;
    const HUGE: Self = 1e9;
    const EXP: &'static [Self] = &[0.49999997, 0.16666543, 0.0416672, 0.00836658, 0.0013882511];
    const LN: &'static [Self] = &[0.66666776, 0.39977527, 0.2987228];
    const RECIPROCAL: &'static [Self] = &[1.0049951, -1.0806128, 0.91423907];
    const TANH_P: &'static [Self] = &[-0.33333328, -0.0017230688, 5.6248413e-05];
    const TANH_Q: &'static [Self] = &[1.0, 0.4051673];

    #[inline(always)]
    fn power_halves(shifted: Self) -> (Self, Self) {
        let k = shifted.to_bits() & 0x1ff;
        let low = k >> 1;
        (Self::from_bits(low << 23), Self::from_bits((k - low) << 23))
    }

    #[inline(always)]
    fn half_power(shifted: Self) -> Self {
        Self::from_bits((shifted.to_bits() & 0x1ff).wrapping_sub(128) << 23)
    }

    #[inline(always)]
    fn split(x: Self) -> (Self, Self, Self) {
        const ONE: u32 = 1.0_f32.to_bits();
        const ROOT: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
        let shifted = x.to_bits().wrapping_add(ONE - ROOT);
        let exponent = shifted >> 23;
        let k = Self::from_bits(exponent | 8388608.0_f32.to_bits()) - (8388608.0 + 127.0);
        let m = Self::from_bits((shifted & 0x007f_ffff) + ROOT);
        (k, m, Self::from_bits(254_u32.wrapping_sub(exponent) << 23))
    }

    #[inline(always)]
    fn normalise(x: Self) -> (Self, Self) {
        if x < Self::MIN_POSITIVE { (x * 33554432.0, 25.0) } else { (x, 0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use crate::polynomial::polynomial;

    /// What the corrections of the logarithms need, to within what is documented: their effect is far below the bounds
    /// on the error, so no test of a result would see one of them go wrong.
    fn rough_factors<T: Format>() {
        for i in 0..=1000 {
            let m = 0.5_f64.sqrt() * 2_f64.powf(f64::from(i) / 1000.0);
            let reciprocal = polynomial::<T, false>(T::RECIPROCAL, T::from_f64(m - 1.0)).to_f64();
            assert!((reciprocal * m - 1.0).abs() < 0.0102, "1/{m} is not {reciprocal}");
            if m <= 0.75 {
                assert!((T::LOST_SHARE.to_f64() * 2.0 * m - 1.0).abs() < 0.032);
            }
        }
    }

    #[test]
    fn the_rough_factors_are_as_good_as_stated() {
        rough_factors::<f64>();
        rough_factors::<f32>();
    }

    /// Products with the leading part of ln 2 are exact for every exponent there is, and the parts add up.
    #[test]
    fn ln_2_is_split_as_stated() {
        for n in 0..=1100_u32 {
            let n = f64::from(n);
            assert!(n.mul_add(f64::LN_2_HIGH, -(n * f64::LN_2_HIGH)).abs() < f64::MIN_POSITIVE);
        }
        for n in 0..=160_u16 {
            let n = f32::from(n);
            assert!(n.mul_add(f32::LN_2_HIGH, -(n * f32::LN_2_HIGH)).abs() < f32::MIN_POSITIVE);
        }
        // ln 2 = LN_2 + 2.319e-17.
        let rest = (std::f64::consts::LN_2 - f64::LN_2_HIGH) + 2.319046813846299e-17;
        assert!((rest - f64::LN_2_LOW).abs() < 1e-26);
        let rest = std::f64::consts::LN_2 - f64::from(f32::LN_2_HIGH);
        assert!((rest - f64::from(f32::LN_2_LOW)).abs() < 1e-13);
    }
}
