//! $e^x$ for the sums of this module, where the argument's own rounding error is larger than one unit in the last place.

use tangency_vmath::Real;

/// 1.5 · 2⁵²: a number added to it is rounded to an integer, which then stands in the low bits.
const SHIFTER: f64 = 6755399441055744.0;
/// ln 2 in two parts; the product of the first with an exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Where $e^x$ leaves the normal numbers at the lower end.
const BOTTOM: f64 = -708.0;
/// Where it is infinite.
const TOP: f64 = 709.8;
/// The polynomial of degree 11 that interpolates $e^r$ at the Chebyshev nodes of $\lvert r \rvert \le 0.3468$, from the
/// highest power down: relative error 1.6e-17.
const COEFFICIENTS: [f64; 12] = [
    2.5110095611886237e-08,
    2.7632715071632255e-07,
    2.7557240761739257e-06,
    2.4801485278370062e-05,
    0.00019841269890193705,
    0.0013888888952505406,
    0.008333333333319546,
    0.04166666666648738,
    0.1666666666666668,
    0.5000000000000019,
    1.0,
    1.0,
];

/// $e^x$ to about one unit in the last place between −708 and 709; zero below, infinite from 709.44 on. The argument is not NaN.
///
/// That is half the work of [`Real::exp_lane`], which has no infinity before 709.78, keeps subnormal numbers and rounds
/// better. A sum that contains an infinity is taken again with another shift.
#[inline(always)]
pub(super) fn exp<const FMA: bool>(x: f64) -> f64 {
    let y = if x > TOP { TOP } else { x };
    let y = if y < BOTTOM { BOTTOM } else { y };
    let shifted = y.mul_add_lane::<FMA>(std::f64::consts::LOG2_E, SHIFTER);
    let n = shifted - SHIFTER;
    let r = n.mul_add_lane::<FMA>(-LN_2_LOW, n.mul_add_lane::<FMA>(-LN_2_HIGH, y));
    let mut p = COEFFICIENTS[0];
    for c in &COEFFICIENTS[1..] {
        p = p.mul_add_lane::<FMA>(r, *c);
    }
    // The biased exponent in its place; 2047, for n = 1024, is infinity.
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = p * power;
    if x < BOTTOM { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_right_to_two_units_in_the_last_place_with_and_without_fused_operations() {
        let mut worst = 0.0_f64;
        for k in 0..200_001 {
            let x = -708.0 + 1417.0 * f64::from(k) / 200_000.0;
            for value in [exp::<true>(x), exp::<false>(x)] {
                worst = worst.max((value / x.exp() - 1.0).abs());
            }
        }
        assert!(worst < 2.0 * f64::EPSILON, "{worst:e}");
    }

    #[test]
    fn beyond_its_range_it_is_zero_and_infinite() {
        for x in [f64::NEG_INFINITY, -1e300, -745.0, -708.1] {
            assert_eq!((exp::<false>(x), exp::<true>(x)), (0.0, 0.0));
        }
        for x in [709.5, 710.0, 1e300, f64::INFINITY] {
            assert_eq!((exp::<false>(x), exp::<true>(x)), (f64::INFINITY, f64::INFINITY));
        }
        assert_eq!((exp::<false>(0.0), exp::<true>(0.0)), (1.0, 1.0));
    }
}
