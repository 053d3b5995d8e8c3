//! Identities that hold between the functions.

use crate::functions::{Format, Function, PATHS, Path};
use proptest::prelude::*;

fn at<T: Format>(path: Path, function: Function, x: T) -> T {
    let mut x = [x];
    path.apply(function, &mut x);
    x[0]
}

fn identities<T: Format>(x: T) -> Result<(), TestCaseError> {
    let near = |a: T, b: T, ulps: f64| {
        let (a, b) = (a.to_f64(), b.to_f64());
        (a - b).abs() <= ulps * T::EPSILON.to_f64() * a.abs().max(b.abs()).max(T::MIN_POSITIVE.to_f64())
    };
    for path in PATHS {
        let f = |function, x| at::<T>(path, function, x);
        let (tanh, sigmoid, softplus) =
            (f(Function::Tanh, x), f(Function::Sigmoid, x), f(Function::Softplus, x));
        prop_assert_eq!(f(Function::Tanh, -x).to_u64(), (-tanh).to_u64());
        prop_assert!(tanh.abs() <= T::ONE && tanh.abs() <= x.abs());
        prop_assert!((T::ZERO..=T::ONE).contains(&sigmoid));
        prop_assert!(near(sigmoid + f(Function::Sigmoid, -x), T::ONE, 2.0));
        prop_assert!(softplus >= T::ZERO && softplus >= x);
        // softplus(x) - softplus(-x) = x
        let difference = softplus - f(Function::Softplus, -x);
        prop_assert!(
            (difference - x).abs().to_f64() <= 2.0 * T::EPSILON.to_f64() * x.abs().to_f64().max(1.0)
        );
        // tanh x = 2 sigmoid(2 x) - 1 = (e^2x - 1)/(e^2x + 1)
        let other = T::TWO * f(Function::Sigmoid, T::TWO * x) - T::ONE;
        prop_assert!((tanh - other).abs() <= T::from_f64(4.0) * T::EPSILON);
        let m = f(Function::Expm1, T::TWO * x);
        if m.is_finite() {
            prop_assert!(near(tanh, m / (m + T::TWO), 5.0), "{} {}", x, tanh);
        }
        // The inverse functions, where they are well conditioned.
        if x.abs() < T::from_f64(0.5) {
            prop_assert!(near(f(Function::Log1p, f(Function::Expm1, x)), x, 4.0));
        }
        let e = f(Function::Exp, x);
        if e.is_finite() && e > T::MIN_POSITIVE {
            let back = f(Function::Ln, e);
            prop_assert!((back - x).abs().to_f64() <= 2.0 * T::EPSILON.to_f64() * x.abs().to_f64().max(1.0));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn identities_hold(x in -1000.0_f64..1000.0, small in -6.0_f64..6.0, power in -300.0_f64..3.0) {
        for x in [x, small, power.exp2(), -power.exp2()] {
            identities::<f64>(x)?;
            identities::<f32>(x as f32)?;
        }
    }
}

/// No function falls by more than its rounding between neighbours on a grid of steps far larger than that.
#[test]
fn the_functions_increase() {
    let functions =
        [Function::Exp, Function::Expm1, Function::Tanh, Function::Sigmoid, Function::Softplus, Function::Ln];
    for function in functions {
        let low = if function == Function::Ln { 1e-3 } else { -17.0 };
        let x: Vec<f64> = (0..200_000).map(|i| low + 1.7e-4 * f64::from(i)).collect();
        for path in PATHS {
            let mut y = x.clone();
            path.apply(function, &mut y);
            assert!(y.is_sorted(), "{path:?} {function:?}");
            let mut y: Vec<f32> = x.iter().map(|&x| x as f32).collect();
            path.apply(function, &mut y);
            let fall = y.windows(2).map(|w| (w[0] - w[1]) / w[0].abs()).fold(0.0_f32, f32::max);
            assert!(fall <= 2.0 * f32::EPSILON, "{path:?} {function:?} falls by {fall:e}");
        }
    }
}
