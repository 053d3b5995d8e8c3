//! [`Real`] forwards to the standard library.

use crate::functions::same;
use tangency_vmath::Real;

macro_rules! forwards {
    ($name:ident, $t:ident) => {
        #[test]
        fn $name() {
            let constants = [
                (<$t as Real>::ZERO, 0.0),
                (<$t as Real>::HALF, 0.5),
                (<$t as Real>::ONE, 1.0),
                (<$t as Real>::TWO, 2.0),
                (<$t as Real>::EPSILON, $t::EPSILON),
                (<$t as Real>::MIN_POSITIVE, $t::MIN_POSITIVE),
                (<$t as Real>::MAX, $t::MAX),
                (<$t as Real>::INFINITY, $t::INFINITY),
                (<$t as Real>::NAN, $t::NAN),
            ];
            assert!(constants.into_iter().all(|(a, b)| same(a, b)));
            let unary: [(fn($t) -> $t, fn($t) -> $t); 5] = [
                (Real::abs, $t::abs),
                (Real::sqrt, $t::sqrt),
                (Real::exp, $t::exp),
                (Real::ln, $t::ln),
                (Real::tanh, $t::tanh),
            ];
            let binary: [(fn($t, $t) -> $t, fn($t, $t) -> $t); 4] = [
                (Real::copysign, $t::copysign),
                (Real::powf, $t::powf),
                (Real::max, $t::max),
                (Real::min, $t::min),
            ];
            let points = [-2.5, -0.0, 0.3, 1.0, 7.0, $t::INFINITY, $t::NAN];
            for x in points {
                assert!(unary.iter().all(|(a, b)| same(a(x), b(x))), "{x}");
                assert!(same(Real::powi(x, 3), x.powi(3)) && same(Real::powi(x, -1), x.powi(-1)), "{x}");
                assert!(same(Real::to_f64(x), f64::from(x)) && same(<$t as Real>::from_f64(f64::from(x)), x));
                assert_eq!((Real::is_finite(x), Real::is_nan(x)), (x.is_finite(), x.is_nan()));
                for y in points {
                    assert!(binary.iter().all(|(a, b)| same(a(x, y), b(x, y))), "{x} {y}");
                }
            }
            // (1 + u)(1 - u) - 1 is -u² in one rounding and 0 in two.
            let u = $t::EPSILON;
            assert!(same((1.0 + u).mul_add_lane::<true>(1.0 - u, -1.0), -u * u));
            assert!(same((1.0 + u).mul_add_lane::<false>(1.0 - u, -1.0), 0.0));
        }
    };
}

forwards!(singles, f32);
forwards!(doubles, f64);
