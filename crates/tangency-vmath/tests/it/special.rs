//! Infinities, NaN, signed zeros, subnormal numbers, and the edges of the domains: exactly what the standard library gives.

use crate::functions::{ALL, Format, Function, PATHS, same};

/// Evaluates at one point, in the middle of a vector and in the tail of a slice.
fn check<T: Format>(function: Function, x: T, want: T) {
    for path in PATHS {
        for (length, place) in [(1, 0), (19, 5), (19, 18)] {
            let mut values = vec![T::ONE; length];
            values[place] = x;
            path.apply(function, &mut values);
            assert!(
                same(values[place], want),
                "{path:?} {function:?}({x:e}) = {:e}, not {want:e}",
                values[place]
            );
        }
    }
}

#[test]
fn special_values_of_doubles() {
    use Function::{Exp, Expm1, Ln, Log1p, Sigmoid, Softplus, Tanh};
    let (inf, nan, least) = (f64::INFINITY, f64::NAN, f64::from_bits(1));
    for function in ALL {
        check(function, nan, nan);
        check(function, -nan, nan);
    }
    for (function, x, want) in [
        (Exp, inf, inf),
        (Exp, -inf, 0.0),
        (Exp, 0.0, 1.0),
        (Exp, -0.0, 1.0),
        (Exp, least, 1.0),
        (Exp, 709.7827128933841, inf),
        (Exp, -745.1332191019411, least),
        (Exp, -745.1332191019412, 0.0),
        (Expm1, inf, inf),
        (Expm1, -inf, -1.0),
        (Expm1, 0.0, 0.0),
        (Expm1, -0.0, -0.0),
        (Expm1, least, least),
        (Expm1, -1e-310, -1e-310),
        (Expm1, 709.7827128933841, inf),
        (Expm1, -1e3, -1.0),
        (Ln, 0.0, -inf),
        (Ln, -0.0, -inf),
        (Ln, -1.0, nan),
        (Ln, -least, nan),
        (Ln, -inf, nan),
        (Ln, inf, inf),
        (Ln, 1.0, 0.0),
        (Log1p, -1.0, -inf),
        (Log1p, -1.0000000000000002, nan),
        (Log1p, -inf, nan),
        (Log1p, inf, inf),
        (Log1p, 0.0, 0.0),
        (Log1p, -0.0, -0.0),
        (Log1p, least, least),
        (Log1p, -1e-310, -1e-310),
        (Tanh, inf, 1.0),
        (Tanh, -inf, -1.0),
        (Tanh, 0.0, 0.0),
        (Tanh, -0.0, -0.0),
        (Tanh, 1e-310, 1e-310),
        (Tanh, -least, -least),
        (Tanh, 1e300, 1.0),
        (Sigmoid, inf, 1.0),
        (Sigmoid, -inf, 0.0),
        (Sigmoid, 1e3, 1.0),
        (Sigmoid, -1e3, 0.0),
        (Sigmoid, 0.0, 0.5),
        (Sigmoid, -0.0, 0.5),
        (Softplus, inf, inf),
        (Softplus, -inf, 0.0),
        (Softplus, 1e3, 1e3),
        (Softplus, -1e3, 0.0),
        (Softplus, f64::MAX, f64::MAX),
        (Softplus, 0.0, std::f64::consts::LN_2),
    ] {
        check(function, x, want);
        // The standard library agrees, but for the sigmoid and softplus, which it does not have.
        assert!(same(function.standard(x), want), "{function:?}({x:e})");
    }
    // The subnormal results are those of the standard library to the bit, or its neighbour.
    for x in [-708.5_f64, -720.0, -735.25, -744.9] {
        for function in [Exp, Sigmoid, Softplus] {
            for path in PATHS {
                let mut y = [x];
                path.apply(function, &mut y);
                assert!(y[0] > 0.0 && y[0].to_bits().abs_diff(x.exp().to_bits()) <= 1, "{function:?}({x})");
            }
        }
    }
}

#[test]
fn special_values_of_singles() {
    use Function::{Exp, Expm1, Ln, Log1p, Sigmoid, Softplus, Tanh};
    let (inf, nan, least) = (f32::INFINITY, f32::NAN, f32::from_bits(1));
    for function in ALL {
        check(function, nan, nan);
    }
    for (function, x, want) in [
        (Exp, inf, inf),
        (Exp, -inf, 0.0),
        (Exp, -0.0, 1.0),
        (Exp, 88.72284, inf),
        (Exp, -103.97207, least),
        (Exp, -103.97209, 0.0),
        (Expm1, -inf, -1.0),
        (Expm1, -0.0, -0.0),
        (Expm1, 1e-40, 1e-40),
        (Ln, 0.0, -inf),
        (Ln, -1.0, nan),
        (Ln, inf, inf),
        (Log1p, -1.0, -inf),
        (Log1p, -1.5, nan),
        (Log1p, inf, inf),
        (Log1p, -0.0, -0.0),
        (Log1p, 1e-40, 1e-40),
        (Tanh, 1e-40, 1e-40),
        (Tanh, -0.0, -0.0),
        (Tanh, -inf, -1.0),
        (Sigmoid, 1e3, 1.0),
        (Sigmoid, -1e3, 0.0),
        (Softplus, 1e3, 1e3),
        (Softplus, -1e3, 0.0),
    ] {
        check(function, x, want);
    }
}
