//! Double-double numbers against values of 400 bits.

use crate::exact::Stream;
use crate::reference::load;
use faer::c64;
use serde_json::Value;
use tangency_matrix::{DoubleDouble, DoubleDoubleComplex};

fn double(value: &Value) -> DoubleDouble {
    DoubleDouble::from_sum(value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

fn real(function: &str, x: DoubleDouble) -> DoubleDouble {
    match function {
        "exp" => x.exp(),
        "expm1" => x.exp_m1(),
        "ln" => x.ln(),
        "sqrt" => x.sqrt(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "sinh" => x.sinh(),
        _ => x.cosh(),
    }
}

fn complex(function: &str, z: DoubleDoubleComplex) -> DoubleDoubleComplex {
    match function {
        "exp" => z.exp(),
        "ln" => z.ln(),
        "sqrt" => z.sqrt(),
        "sin" => z.sin(),
        "cos" => z.cos(),
        "sinh" => z.sinh(),
        _ => z.cosh(),
    }
}

#[test]
fn functions_have_thirty_digits() {
    let mut count = 0;
    for case in load("double_double") {
        let (function, case) = (case.text("function"), &case.0);
        let (x, expected) = (double(&case["x"]), double(&case["value"]));
        let error = if case.get("y").is_some() {
            let z = DoubleDoubleComplex::new(x, double(&case["y"]));
            let expected = DoubleDoubleComplex::new(expected, double(&case["imaginary"]));
            let modulus = expected.modulus();
            ((complex(function, z) - expected).modulus() / modulus).to_f64()
        } else {
            ((real(function, x) - expected) / expected).to_f64().abs()
        };
        assert!(error < 1e-30, "{function} of {case}: {error:e}");
        count += 1;
    }
    assert!(count > 250);
}

#[test]
fn arithmetic_is_exact_to_106_bits() {
    let mut stream = Stream::new(7);
    for _ in 0..1000 {
        let mut number = || DoubleDouble::from_sum(stream.uniform() * 8.0, stream.uniform() * 1e-16);
        let (a, b) = (number(), number());
        // Each operation undone by its inverse.
        let relative = |x: DoubleDouble, y: DoubleDouble| ((x - y).to_f64() / y.to_f64()).abs();
        assert!(relative(a * b / b, a) < 1e-31);
        assert!(relative((a / b) * b, a) < 1e-31);
        assert!(((a + b) - b - a).to_f64().abs() < 1e-31 * (a.to_f64().abs() + b.to_f64().abs()));
        let square = a * a;
        assert!(relative(square.sqrt(), a.abs()) < 1e-31);
        // (a + b)(a − b) = a² − b² shows the low parts.
        let identity = (a + b) * (a - b) - (square - b * b);
        assert!(identity.to_f64().abs() < 4e-31 * (square + b * b).to_f64());
        let (z, w) = (DoubleDoubleComplex::new(a, b), DoubleDoubleComplex::new(b, -square));
        assert!(((z * w / w) - z).modulus().to_f64() < 1e-30 * z.modulus().to_f64());
        assert!((z.powi(-3) * z * z * z - DoubleDoubleComplex::ONE).modulus().to_f64() < 1e-29);
    }
}

#[test]
fn ends_of_the_range() {
    let number = DoubleDouble::from;
    assert_eq!(number(800.0).exp().to_f64(), f64::INFINITY);
    assert_eq!(number(-800.0).exp(), DoubleDouble::ZERO);
    assert_eq!(number(1e308) * number(10.0), number(f64::INFINITY));
    assert_eq!(number(1.0) / number(0.0), number(f64::INFINITY));
    assert!(number(-1.0).sqrt().to_f64().is_nan() && number(-1.0).ln().to_f64().is_nan());
    assert!(number(1e300).sin().to_f64().is_nan() && number(f64::INFINITY).cos().to_f64().is_nan());
    assert_eq!(number(0.0).ln().to_f64(), f64::NEG_INFINITY);
    assert_eq!(number(0.0).sqrt(), DoubleDouble::ZERO);
    assert_eq!(number(3.0).ldexp(700).hypot(number(4.0).ldexp(700)), number(5.0).ldexp(700));
    let root = DoubleDouble::from(1e300).sqrt();
    assert!(((root * root) / DoubleDouble::from(1e300) - DoubleDouble::ONE).to_f64().abs() < 1e-31);
    let cosh = number(710.2).cosh().to_f64();
    assert!((cosh / 710.2_f64.cosh() - 1.0).abs() < 1e-13);
    // The cut of the square root and of the logarithm, from both sides.
    let below = DoubleDoubleComplex::new(number(-4.0), number(-0.0));
    let above = DoubleDoubleComplex::new(number(-4.0), number(0.0));
    assert_eq!((above.sqrt().im.to_f64(), below.sqrt().im.to_f64()), (2.0, -2.0));
    assert!(above.ln().im > DoubleDouble::ZERO && below.ln().im < DoubleDouble::ZERO);
    let zero = DoubleDoubleComplex::ZERO;
    assert_eq!(zero.sqrt(), zero);
    assert!(!(DoubleDoubleComplex::ONE / zero).is_finite());
}

#[test]
fn zeros_and_infinities_of_complex_numbers() {
    let number = DoubleDouble::from;
    let complex = |re, im| DoubleDoubleComplex::from(c64::new(re, im));
    // The four angles of zero, as for f64.
    assert_eq!(number(0.0).atan2(number(-0.0)), DoubleDouble::PI);
    assert_eq!(number(-0.0).atan2(number(-0.0)), -DoubleDouble::PI);
    assert_eq!(number(0.0).atan2(number(0.0)), DoubleDouble::ZERO);
    assert!(number(-0.0).atan2(number(0.0)).to_f64().is_sign_negative());
    let ln = complex(-0.0, 0.0).ln();
    assert_eq!((ln.re.to_f64(), ln.im), (f64::NEG_INFINITY, DoubleDouble::PI));
    // Quotients at the ends of the range.
    let x = complex(3.0, -2.0);
    for divisor in [complex(1.0, f64::INFINITY), complex(f64::NEG_INFINITY, 2.0)] {
        assert_eq!((x / divisor).to_c64(), c64::ZERO);
    }
    for (x, y, expected) in [
        (complex(1e308, 1e308), complex(1.9, 1.9), c64::new(1e308 / 1.9, 0.0)),
        (complex(1e308, -1e308), complex(1e300, 1e300), c64::new(0.0, -1e8)),
        (complex(1e-300, 1e-300), complex(1e-308, 0.0), c64::new(1e8, 1e8)),
    ] {
        let error = ((x / y).to_c64() - expected).norm();
        assert!(error <= 1e-15 * expected.norm(), "{:?} {expected}", x / y);
    }
}
