//! The exponential at the ends of the range, on bad input, and where a shortcut would show.

use crate::exponential::normal;
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    ExpmWorkspace, MatrixError, RealScalar, Scalar, expm, expm_batch, expm_condition, expm_frechet,
    expm_frechet_adjoint, expm_into, expm_report, expm1m, operator_norm_1,
};

#[test]
fn ends_of_the_range() {
    // -1e6 times a positive definite matrix is 0, not NaN.
    let decay = Mat::from_fn(3, 3, |i, j| if i == j { -2e6 } else { 1e5 });
    assert!(expm(decay.as_ref()).unwrap() == Mat::<f64>::zeros(3, 3));
    let x = expm(mat![[-1e300, 1e299], [1e299, -1e300]].as_ref()).unwrap();
    assert!(x == Mat::<f64>::zeros(2, 2));
    // Overflow, early and late, is an error with an estimate.
    for a in
        [mat![[710.0, 1.0], [1.0, 710.0]], mat![[1e300, 1.0], [2.0, 1e300]], mat![[1e5, 1.0], [0.0, 1.0]]]
    {
        assert!(matches!(expm(a.as_ref()), Err(MatrixError::Overflow { .. })));
        assert!(matches!(expm1m(a.as_ref()), Err(MatrixError::Overflow { .. })));
        assert!(expm_report(a.as_ref()).is_err() && expm_condition(a.as_ref()).is_err());
    }
    // Of a result that is 0 no relative condition can be told.
    assert_eq!(expm_condition(decay.as_ref()).unwrap(), f64::INFINITY);
    let n = 40;
    let huge = Mat::from_fn(n, n, |i, j| if (i + j) % 3 == 0 { 1e300 } else { -1e290 });
    assert!(matches!(expm(huge.as_ref()), Err(MatrixError::Overflow { .. })));
    // Nilpotent with entries whose square overflows.
    let mut nilpotent = Mat::<f64>::zeros(3, 3);
    nilpotent[(0, 2)] = 1e300;
    assert!(expm(nilpotent.as_ref()).unwrap() == &nilpotent + Mat::<f64>::identity(3, 3));
    let tiny = Mat::from_fn(4, 4, |i, j| f64::from_bits((1 + i + 2 * j) as u64));
    assert!(expm(tiny.as_ref()).unwrap() == &tiny + Mat::<f64>::identity(4, 4));
    assert!(expm1m(tiny.as_ref()).unwrap() == tiny);
    assert!(expm(Mat::<f64>::zeros(0, 0).as_ref()).unwrap().nrows() == 0);
    // The square of this nilpotent matrix is out of range, and is needed.
    let largest = Mat::from_fn(3, 3, |i, j| if i < j { f64::MAX } else { 0.0 });
    assert!(matches!(expm(largest.as_ref()), Err(MatrixError::Overflow { .. })));
    let f =
        expm_frechet(mat![[1.0, 2.0], [3.0, 4.0]].as_ref(), mat![[f64::MAX, 0.0], [0.0, f64::MAX]].as_ref());
    assert!(matches!(f, Err(MatrixError::Overflow { .. })));
}

#[test]
fn bad_input_is_named() {
    assert_eq!(
        expm(Mat::<f64>::zeros(2, 3).as_ref()).unwrap_err(),
        MatrixError::NotSquare { rows: 2, columns: 3 }
    );
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for n in [1, 2, 3, 10, 20] {
            let mut a = normal(n, 1.0, 1);
            let place = (n / 2, n - 1);
            a[place] = bad;
            let expected = MatrixError::NotFinite { row: place.0, column: place.1 };
            assert_eq!(expm(a.as_ref()).unwrap_err(), expected);
            assert_eq!(expm1m(a.as_ref()).unwrap_err(), expected);
            assert_eq!(expm_condition(a.as_ref()).unwrap_err(), expected);
            assert_eq!(expm_report(a.as_ref()).unwrap_err(), expected);
            let e = normal(n, 1.0, 2);
            assert_eq!(expm_frechet(a.as_ref(), e.as_ref()).unwrap_err(), expected);
            assert_eq!(expm_frechet_adjoint(e.as_ref(), a.as_ref()).unwrap_err(), expected);
        }
    }
    let (a, e) = (normal(3, 1.0, 1), normal(2, 1.0, 1));
    assert!(matches!(expm_frechet(a.as_ref(), e.as_ref()), Err(MatrixError::ShapeMismatch { .. })));
    let mut workspace = ExpmWorkspace::new(2);
    let mut out = Mat::zeros(3, 3);
    assert!(expm_into(a.as_ref(), out.as_mut(), &mut workspace).is_err());
    assert!(expm_into(e.as_ref(), out.as_mut(), &mut workspace).is_err());
}

/// Entries fit although their sum by columns, or that of all columns, does not.
#[test]
fn results_next_to_the_largest_number() {
    let x = expm(mat![[709.5, 0.0], [0.0, 709.5]].as_ref()).unwrap();
    assert!((x[(0, 0)] / 709.5_f64.exp() - 1.0).abs() < 1e-13);
    let a = Mat::from_fn(2, 2, |i, j| if i == j { 709.1 } else { 1.0 });
    let x = expm(a.as_ref()).unwrap();
    assert!((x[(0, 0)] / (709.1_f64.exp() * 1.0_f64.cosh()) - 1.0).abs() < 1e-12);
    // The derivative in the direction of the matrix itself is A exp(A), which fits where 2^s of it would not.
    let a = mat![[700.0, 1.0], [1.0, 700.0]];
    let f = expm_frechet(a.as_ref(), mat![[1.0, 0.0], [0.0, 1.0]].as_ref()).unwrap();
    assert!(operator_norm_1((&f.derivative - &f.value).as_ref()) < 1e-11 * operator_norm_1(f.value.as_ref()));
    let condition = expm_condition(a.as_ref()).unwrap();
    assert!((350.0..=1402.0).contains(&condition), "{condition}");
    let Err(MatrixError::Overflow { ln_norm, .. }) = expm(mat![[800.0, 1.0], [1.0, 800.0]].as_ref()) else {
        panic!("801 is beyond the range")
    };
    assert!((ln_norm - 801.0).abs() < 1.0, "{ln_norm}");
}

/// 1e308, 1e-320 and 1 on the superdiagonal: the norm of the square is 1e-12, and nothing is near the norm.
#[test]
fn derivative_of_a_badly_scaled_nilpotent_matrix_comes_at_once() {
    let mut a = Mat::<f64>::zeros(4, 4);
    (a[(0, 1)], a[(1, 2)], a[(2, 3)]) = (1e308, 1e-320, 1.0);
    let report = expm_report(a.as_ref()).unwrap();
    assert!(report.squarings < 200, "{}", report.squarings);
    // 1e-320 is subnormal and has few digits; its product with 1e308 is computed from what is stored.
    assert!((report.value[(0, 2)] / (0.5 * 1e308 * a[(1, 2)]) - 1.0).abs() < 1e-15);
    let f = expm_frechet(a.as_ref(), Mat::<f64>::identity(4, 4).as_ref()).unwrap();
    assert!((f.derivative[(0, 1)] / 1e308 - 1.0).abs() < 1e-14, "{}", f.derivative[(0, 1)]);
}

#[test]
fn rotations_of_any_size_are_unitary() {
    for size in [1e7, 1e10, 1e13, 1e16, 1e100, 1e300] {
        let w = [0.3 * size, -0.5 * size, 0.4 * size];
        let a = mat![[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
        let x = expm(a.as_ref()).unwrap();
        let defect = operator_norm_1((x.transpose() * &x - Mat::<f64>::identity(3, 3)).as_ref());
        assert!(defect < 4e-15, "{size:e}: {defect:e}");
        let x =
            expm(Mat::from_fn(3, 3, |i, j| c64::new(a[(i, j)], if i == j { size } else { 0.0 })).as_ref());
        let x = x.unwrap();
        let defect = operator_norm_1((x.adjoint() * &x - Mat::<c64>::identity(3, 3)).as_ref());
        assert!(defect < 4e-15, "complex, {size:e}: {defect:e}");
    }
}

/// Neighbouring eigenvalues so close that the square of their distance underflows: the divided difference is e^λ.
#[test]
fn close_complex_eigenvalues() {
    fn check<T: Scalar>(gap: f64, tolerance: f64) {
        let gap = T::from_complex(T::RealPart::from_f64(gap).complex(T::RealPart::from_f64(gap)));
        for n in [2, 3] {
            let mut a = Mat::<T>::zeros(n, n);
            a[(0, 0)] = gap;
            a[(0, 1)] = T::ONE;
            for a in [a.clone(), a.transpose().to_owned()] {
                let x = expm(a.as_ref()).unwrap();
                let (upper, lower) = (x[(0, 1)] + x[(1, 0)], x[(0, 0)]);
                for value in [upper, lower] {
                    assert!((value - T::ONE).modulus().to_f64() < tolerance, "{n} {value:?}");
                }
            }
        }
    }
    for gap in [1e-170, 1e-300, 5e-324] {
        check::<c64>(gap, 1e-15);
    }
    for gap in [1e-21, 1e-24, 1e-38] {
        check::<c32>(gap, 1e-6);
    }
    let x = expm(
        mat![[c64::new(0.0, 0.0), c64::new(1.0, 0.0)], [c64::new(0.0, 5e-324), c64::new(0.0, 0.0)]].as_ref(),
    );
    assert!((x.unwrap()[(0, 1)] - 1.0).norm() < 1e-15);
}

#[test]
fn a_batch_names_infinite_entries() {
    for place in 0..4 {
        for bad in [f64::INFINITY, f64::NEG_INFINITY] {
            let mut a = [0.5, 1.0, 0.0, 0.2, 1.0, 1.0, 1.0, 1.0];
            a[place + 4] = bad;
            let outcome = expm_batch(2, &a, &mut [0.0; 8]);
            assert!(matches!(outcome, Err(MatrixError::InBatch { index: 1, .. })), "{place} {outcome:?}");
        }
    }
    let none: &mut [f64] = &mut [];
    assert!(expm_batch(usize::MAX, &[], none).is_ok());
    assert!(matches!(expm_batch(1 << 40, &[1.0], &mut [1.0]), Err(MatrixError::ShapeMismatch { .. })));
}

/// 1·vᵀ with v nearly orthogonal to 1: its powers are small, those of the moduli are not, and rounding grows with them.
#[test]
fn cancelling_powers_do_not_hide_the_growth_of_rounding() {
    let v = [25.0, -25.0, 25.0, -25.0 + 25.0 / 8192.0];
    let a = Mat::from_fn(4, 4, |_, j| v[j]);
    let report = expm_report(a.as_ref()).unwrap();
    assert_eq!((report.degree, report.squarings, report.products), (21, 4, 5));
}

/// The entry next to the diagonal is a divided difference, here of eigenvalues whose exponentials nearly meet: squaring
/// alone would lose eight digits of it.
#[test]
fn entries_next_to_the_diagonal_are_exact() {
    let y = 32.0 * std::f64::consts::PI + 1e-6;
    let expected = c64::new(0.0, y / 2.0).exp() * ((y / 2.0).sin() / (y / 2.0));
    let (zero, half) = (c64::new(0.0, 0.0), c64::new(0.5, 0.0));
    let a = mat![
        [zero, c64::new(1.0, 0.0), half],
        [zero, c64::new(0.0, y), half],
        [zero, zero, c64::new(-1.0, 0.0)]
    ];
    for (a, at) in [(a.clone(), (0, 1)), (a.transpose().to_owned(), (1, 0))] {
        for value in [expm(a.as_ref()).unwrap()[at], expm1m(a.as_ref()).unwrap()[at]] {
            // y itself is a rounded number, but known exactly to both sides; sin(y/2) loses 1e8 of its own.
            assert!((value / expected - 1.0).norm() < 1e-13, "{value} {expected}");
        }
    }
}

/// The estimator reads the adjoint: without its conjugation it stops at half of the condition.
#[test]
fn condition_of_a_complex_matrix_is_found() {
    let re = [[1, 2, 1, -4, 3], [1, -2, 2, 1, 1], [0, 2, -2, 0, -1], [2, 0, -1, -2, -1], [0, -1, 4, 3, -8]];
    let im = [[-6, -1, -1, 1, 1], [6, -3, -1, 6, 2], [2, -2, -5, 1, 0], [-4, -2, 0, -3, 0], [0, 0, -2, 2, 3]];
    let a = Mat::from_fn(5, 5, |i, j| c64::new(f64::from(re[i][j]) / 4.0, f64::from(im[i][j]) / 4.0));
    let mut largest = 0.0_f64;
    let mut value = Mat::zeros(5, 5);
    for k in 0..25 {
        let mut unit = Mat::<c64>::zeros(5, 5);
        unit[(k / 5, k % 5)] = c64::new(1.0, 0.0);
        let f = expm_frechet(a.as_ref(), unit.as_ref()).unwrap();
        let sum = f.derivative.col_iter().map(|c| c.iter().map(|x| x.norm()).sum::<f64>()).sum();
        largest = largest.max(sum);
        value = f.value;
    }
    let exact = largest * operator_norm_1(a.as_ref()) / operator_norm_1(value.as_ref());
    let estimate = expm_condition(a.as_ref()).unwrap();
    assert!((0.99..1.000_001).contains(&(estimate / exact)), "{estimate} of {exact}");
}
