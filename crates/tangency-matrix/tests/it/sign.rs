//! The sign against reference values and against what defines it.

use crate::golden;
use crate::reference::{Case, golden_bound, load};
use crate::samples::about;
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{MatrixError, RealScalar, Scalar, operator_norm_1, signm};

#[test]
fn signs_match_the_reference() {
    fn count<T: Scalar>() -> usize {
        let cases: Vec<Case> = load("sign").into_iter().filter(|c| c.0.get("expected").is_some()).collect();
        golden::values::<T>(&cases, &[], |_, a| signm(a)).count
    }
    assert_eq!([count::<f64>(), count::<c64>(), count::<f32>(), count::<c32>()], [20, 24, 10, 12]);
}

#[test]
fn eigenvalues_on_the_imaginary_axis_are_named() {
    let mut count = 0;
    for case in load("sign").iter().filter(|c| c.0.get("error").is_some()) {
        count += 1;
        let expected: Vec<f64> =
            case.0["error"]["eigenvalue"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        match signm(case.matrix::<f64>("a").unwrap().as_ref()) {
            Err(MatrixError::NoPrincipalValue { function: "the sign", real, imaginary, .. }) => {
                assert!((real - expected[0]).abs() < 1e-12, "{}: {real:e}", case.name());
                assert!(
                    (imaginary.abs() - expected[1].abs()).abs() < 1e-12,
                    "{}: {imaginary:e}",
                    case.name()
                );
            }
            other => panic!("{}: {other:?}", case.name()),
        }
    }
    assert!(count >= 4);
}

/// With half of the spectrum near 2, half near −2, and everything coupled.
fn sample<T: Scalar>(n: usize) -> Mat<T> {
    about(n, n as u64, 2.0 / (n as f64).sqrt(), |i| if i % 2 == 0 { 2.0 } else { -2.0 })
}

fn identities<T: Scalar>() {
    for n in [2, 3, 8, 33, 60, 110] {
        let a = sample::<T>(n);
        let s = signm(a.as_ref()).unwrap();
        let size = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
        let unit = golden_bound::<T>(n, 1.0);
        assert!(size(&(&s * &s - Mat::<T>::identity(n, n))) <= unit * size(&s).powi(2), "{n}");
        assert!(size(&(&s * &a - &a * &s)) <= unit * size(&s) * size(&a), "{n}");
        // The trace counts the eigenvalues.
        let trace = (0..n).fold(T::ZERO, |sum, i| sum + s[(i, i)]);
        assert!((trace - T::from_f64((n % 2) as f64)).modulus().to_f64() <= unit * size(&s), "{n} {trace}");
        let negative = signm(Mat::from_fn(n, n, |i, j| -a[(i, j)]).as_ref()).unwrap();
        assert!(size(&(&s + &negative)) <= unit * size(&s), "{n}");
    }
}

#[test]
fn identities_hold_in_every_type() {
    identities::<f64>();
    identities::<c64>();
    identities::<f32>();
    identities::<c32>();
}

/// Ten times n u ‖A‖, where the condition number of the sign is so large that no digit of it would be right.
#[test]
fn an_eigenvalue_close_to_the_axis_is_refused() {
    let turn = mat![[0.6, 0.8], [-0.8, 0.6]];
    let with = |small: f64| &turn * mat![[1.0, 0.0], [0.0, small]] * turn.transpose();
    let unit = 2.0 * f64::EPSILON / 2.0 * operator_norm_1(with(0.0).as_ref());
    for small in [6.0 * unit, -6.0 * unit] {
        assert!(matches!(signm(with(small).as_ref()), Err(MatrixError::NoPrincipalValue { .. })), "{small}");
    }
    for small in [30.0 * unit, -30.0 * unit] {
        let trace = signm(with(small).as_ref()).unwrap().diagonal().column_vector().sum();
        assert!((trace - 1.0 - small.signum()).abs() < 1e-14, "{small}");
    }
}

#[test]
fn one_side_is_exact() {
    let a = mat![[3.0, 5.0, 1.0], [-1.0, 2.0, 0.5], [0.25, 1.0, 4.0]];
    assert_eq!(signm(a.as_ref()).unwrap(), Mat::<f64>::identity(3, 3));
    assert_eq!(signm((-&a).as_ref()).unwrap(), -Mat::<f64>::identity(3, 3));
    assert_eq!(signm((&a * 1e300).as_ref()).unwrap(), Mat::<f64>::identity(3, 3));
    assert_eq!(signm(Mat::<f64>::zeros(0, 0).as_ref()).unwrap().nrows(), 0);
    let near = Mat::from_fn(3, 3, |i, j| if i == j { 1.0 } else { 1e-9 * (i + 2 * j) as f64 });
    assert_eq!(signm(near.as_ref()).unwrap(), Mat::<f64>::identity(3, 3));
}

#[test]
fn bad_input() {
    assert!(matches!(signm(Mat::<f64>::zeros(1, 2).as_ref()), Err(MatrixError::NotSquare { .. })));
    assert!(matches!(signm(mat![[f64::INFINITY]].as_ref()), Err(MatrixError::NotFinite { .. })));
    let tiny = mat![[1e-310, 1.0], [0.0, -1e-310]];
    assert!(matches!(signm(tiny.as_ref()), Err(MatrixError::Overflow { .. })));
}
