//! Determinants beyond the range of numbers, their error bound, and the Hermitian factorisations.

#![allow(clippy::comparison_chain, reason = "below, on and above the diagonal")]

use crate::determinant::det;
use crate::exact::{Integers, Stream, to_matrix};
use crate::reference::load;
use faer::{Mat, Scale, c64, mat};
use std::f64::consts::LN_2;
use tangency_matrix::{
    LogDet, MatrixError, RealScalar, Scalar, log_det_cholesky, log_det_hermitian, log_det_of_exp,
    log_det_report,
};

#[test]
fn nothing_over_or_underflows() {
    // Signs and logarithms of diag(r) B diag(c) with r and c from 1e-300 to 1e300, against those of B.
    let mut stream = Stream::new(3);
    for n in [2, 3, 8, 16, 17, 60, 150] {
        let b = stream.matrix(n, n);
        let expected = det(&b);
        let (mut log2, mut e) = (0, vec![]);
        for _ in 0..2 * n {
            let k = (stream.uniform() * 980.0) as i32;
            e.push(k);
            log2 += k;
        }
        let scaled = Mat::from_fn(n, n, |i, j| RealScalar::ldexp(b[(i, j)], e[i] + e[n + j]));
        let found = det(&scaled);
        let exact = expected.ln_abs + f64::from(log2) * LN_2;
        assert_eq!(found.sign, expected.sign, "order {n}");
        assert!(
            (found.ln_abs - exact).abs() <= 1e-12 * exact.abs().max(1.0),
            "order {n}: {} {exact}",
            found.ln_abs
        );
    }
    let graded = det::<f64>(&mat![[1e300, 1.0], [1.0, 3e-300]]);
    assert!((graded.value() - 2.0).abs() < 1e-14, "{graded:?}");
    let subnormal = det(&mat![[5e-324, 0.0], [1e300, 5e-324]]);
    assert_eq!(subnormal.ln_abs, -2148.0 * LN_2);
    let single = det(&(Scale(0.1_f32) * Mat::<f32>::identity(400, 400)));
    assert!((single.ln_abs + 921.034).abs() < 1e-3);
}

/// Wilkinson's matrix of maximal growth: the last pivot is 2^(n-1), beyond the range for n = 1100.
#[test]
fn growth_beyond_the_range() {
    let growth = |n: usize| {
        Mat::<f64>::from_fn(n, n, |i, j| {
            if i == j || j + 1 == n {
                1.0
            } else if i > j {
                -1.0
            } else {
                0.0
            }
        })
    };
    for n in [12, 20, 60, 300] {
        let found = det::<f64>(&growth(n));
        assert!((found.ln_abs - (n - 1) as f64 * LN_2).abs() < 1e-13 * n as f64, "{n}");
        assert_eq!(found.sign, 1.0);
    }
    let found = det(&growth(1100));
    assert!((found.ln_abs - 1099.0 * LN_2).abs() < 1e-10, "{found:?}");
    let single = Mat::from_fn(150, 150, |i, j| growth(150)[(i, j)] as f32);
    assert!((det(&single).ln_abs - 149.0 * LN_2 as f32).abs() < 1e-3);
    // Beside a permutation of two, whose rows must be exchanged.
    let beside = Mat::from_fn(152, 152, |i, j| match (i, j) {
        (0, 1) | (1, 0) => 1.0,
        (2.., 2..) => single[(i - 2, j - 2)],
        _ => 0.0,
    });
    let found = det(&beside);
    assert!(found.sign == -1.0 && (found.ln_abs - det(&single).ln_abs).abs() < 1e-4, "{found:?}");
}

/// A pivot without a reciprocal in the middle: 1e-310 cannot be scaled away because its row and column hold ones.
#[test]
fn pivots_at_the_ends_of_the_range() {
    for n in [3, 30] {
        let a = Mat::from_fn(n, n, |i, j| match (i, j) {
            (0, 1) | (1, 0) => 1e-310,
            (0, 0) => 1.0,
            (i, j) if i == j => 1.0,
            _ => 0.0,
        });
        let found = det(&a);
        assert_eq!((found.sign, found.ln_abs), (1.0, 0.0));
        // The Schur complement of the 1 in the corner is 3e-310, in a row and column with nothing else.
        let mut b = a.clone();
        b[(0, 1)] = 1.0;
        b[(1, 0)] = 1.0;
        b[(1, 1)] = 1.0 + f64::EPSILON;
        let found = det(&b);
        assert!((found.ln_abs - f64::EPSILON.ln()).abs() < 1e-13, "{found:?}");
    }
    // Column 0 becomes (1, 2^-1073, 2^-1073): after one step the second pivot is subnormal.
    let tiny = f64::from_bits(2);
    let a = mat![[1.0, 1.0, 0.0, 1.0], [1.0, 1.0, tiny, 1.0], [0.0, tiny, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0]];
    let found = det(&a);
    // The second row less the first is (0, 0, t, 0): the determinant is −t (1 − t).
    assert_eq!((found.sign, found.ln_abs), (-1.0, -1073.0 * LN_2));
}

/// The error bound holds, and is not out of proportion: the determinant of random matrices against the product of their
/// singular values in factored form, A = L U with integers.
#[test]
fn the_reported_bound_covers_the_error() {
    let mut stream = Stream::new(5);
    let mut largest: f64 = 0.0;
    for trial in 0..200 {
        let n = 2 + trial % 11;
        let bound = 1 + (trial % 3) as i128;
        let mut factor = |unit_below: bool| -> Integers {
            (0..n)
                .map(|i| {
                    (0..n)
                        .map(|j| match (i.cmp(&j), unit_below) {
                            (std::cmp::Ordering::Equal, true) => 1,
                            (std::cmp::Ordering::Greater, true) | (std::cmp::Ordering::Less, false) => {
                                stream.integer(bound)
                            }
                            (std::cmp::Ordering::Equal, false) => 1 + stream.integer(bound).abs(),
                            _ => 0,
                        })
                        .collect()
                })
                .collect()
        };
        let (l, u) = (factor(true), factor(false));
        let a: Integers =
            (0..n).map(|i| (0..n).map(|j| (0..n).map(|k| l[i][k] * u[k][j]).sum()).collect()).collect();
        let exact: f64 = (0..n).map(|i| (u[i][i] as f64).ln()).sum();
        let report = log_det_report(to_matrix::<f64>(&a).as_ref()).unwrap();
        let error = (report.log_det.ln_abs - exact).abs() - 2e-16 * exact;
        assert!(error <= report.error_bound, "{trial}: {error:e} > {:e}", report.error_bound);
        largest = largest.max(error / report.error_bound);
    }
    assert!(largest > 1e-3, "the bound is {:e} times too large", 1.0 / largest);
}

#[test]
fn hermitian_factorisations_agree_with_elimination() {
    let mut stream = Stream::new(7);
    for n in [1, 2, 3, 10, 40, 150] {
        let g = stream.complex(n, n);
        let mut hermitian = &g + g.adjoint();
        for i in 0..n {
            hermitian[(i, i)] = c64::new(hermitian[(i, i)].re, 0.0);
        }
        let (general, found) = (det(&hermitian), log_det_hermitian(hermitian.as_ref()).unwrap());
        assert!((general.ln_abs - found.ln_abs).abs() < 1e-11 * n as f64, "{n}");
        assert!(
            (general.sign - found.sign).modulus() < 1e-11 * n as f64,
            "{n}: {} {}",
            general.sign,
            found.sign
        );
        assert_eq!(found.sign.im, 0.0);
        let definite = &g * g.adjoint() + Mat::<c64>::identity(n, n);
        let definite = Mat::from_fn(n, n, |i, j| {
            if i == j {
                c64::new(definite[(i, j)].re, 0.0)
            } else if i > j {
                definite[(i, j)]
            } else {
                definite[(j, i)].conj()
            }
        });
        let expected = det(&definite).ln_abs;
        for found in
            [log_det_cholesky(definite.as_ref()).unwrap(), log_det_hermitian(definite.as_ref()).unwrap()]
        {
            assert!((found.ln_abs - expected).abs() < 1e-12 * n as f64, "{n}");
            assert_eq!(found.sign, c64::new(1.0, 0.0));
        }
        // A saddle point, whose pivots are all of order two.
        let b = stream.matrix(n, n);
        let saddle = Mat::from_fn(2 * n, 2 * n, |i, j| {
            if i < n && j >= n {
                b[(i, j - n)]
            } else if i >= n && j < n {
                b[(j, i - n)]
            } else {
                0.0
            }
        });
        let found = log_det_hermitian(saddle.as_ref()).unwrap();
        assert_eq!(found.sign, if n % 2 == 0 { 1.0 } else { -1.0 });
        assert!((found.ln_abs - 2.0 * det(&b).ln_abs).abs() < 1e-12 * n as f64);
        // The same with rows and columns from 1e-150 to 1e150.
        let scale = |i: usize| (stream_power(i), if i.is_multiple_of(2) { 1 } else { -1 });
        let shift: i32 = (0..2 * n).map(|i| 2 * scale(i).0 * scale(i).1).sum();
        let badly = Mat::from_fn(2 * n, 2 * n, |i, j| {
            RealScalar::ldexp(saddle[(i, j)], scale(i).0 * scale(i).1 + scale(j).0 * scale(j).1)
        });
        let moved = log_det_hermitian(badly.as_ref()).unwrap();
        assert!((moved.ln_abs - found.ln_abs - f64::from(shift) * LN_2).abs() < 1e-11 * n as f64);
    }
    for n in [1, 2, 3, 20, 100] {
        let found = log_det_hermitian(Mat::<f64>::ones(n, n).as_ref()).unwrap();
        assert_eq!(found.is_singular(), n > 1, "{n}");
        assert!(log_det_hermitian(Mat::<f64>::zeros(n, n).as_ref()).unwrap().is_singular());
    }
}

/// Exponents up to about 500 = log2(1e150).
fn stream_power(i: usize) -> i32 {
    (i * 7919 % 490) as i32
}

#[test]
fn cholesky_says_which_pivot_is_not_positive() {
    for (scale, n, at) in [(1.0, 5, 3), (1e200, 60, 40), (1e-200, 200, 130)] {
        let mut a = Mat::from_fn(n, n, |i, j| {
            if i == j {
                2.0 * scale
            } else if i.abs_diff(j) == 1 {
                -scale
            } else {
                0.0
            }
        });
        a[(at, at)] = 0.25 * scale;
        // The pivot before it is (at + 1)/at, of the chain.
        let exact = (0.25 - at as f64 / (at + 1) as f64) * scale;
        let Err(MatrixError::NotPositive { kind, what, index, value }) = log_det_cholesky(a.as_ref()) else {
            panic!("accepted")
        };
        assert_eq!((kind, what, index), ("definite", "pivot", at));
        assert!((value / exact - 1.0).abs() < 1e-12, "{value} {exact}");
    }
    assert!(matches!(
        log_det_cholesky(mat![[1.0, 0.0], [0.0, -3.0]].as_ref()),
        Err(MatrixError::NotPositive { index: 1, value: -3.0, .. })
    ));
    for result in [log_det_cholesky, log_det_hermitian].map(|f| f(mat![[1.0, 0.5], [0.4, 1.0]].as_ref())) {
        assert!(matches!(result, Err(MatrixError::NotHermitian { row: 1, column: 0, .. })));
    }
    let not_real = mat![[c64::new(1.0, 0.1)]];
    assert!(matches!(log_det_hermitian(not_real.as_ref()), Err(MatrixError::NotHermitian { .. })));
    let huge = mat![[1.0, 1e308], [-1e308, 1.0]];
    assert!(matches!(log_det_hermitian(huge.as_ref()), Err(MatrixError::NotHermitian { .. })));
    // Nearly singular, with a determinant far below the range.
    let hilbert = Mat::from_fn(10, 10, |i, j| 1.0 / (i + j + 1) as f64);
    let case = load("determinant").into_iter().find(|case| case.name() == "hilbert_10").unwrap();
    let found = log_det_cholesky(hilbert.as_ref()).unwrap();
    assert!((found.ln_abs - case.number("log_abs").unwrap()).abs() < 10.0 * 1.1e-16 * 3.5e13);
}

#[test]
fn determinant_of_an_exponential() {
    let mut stream = Stream::new(8);
    let a = stream.complex(30, 30);
    let trace = (0..30).fold(c64::ZERO, |sum, i| sum + a[(i, i)]);
    let found = log_det_of_exp(a.as_ref()).unwrap();
    assert!((found.ln_abs - trace.re).abs() < 1e-15);
    assert!((found.sign - c64::new(trace.im.cos(), trace.im.sin())).modulus() < 1e-15);
    assert!((found.value() - Scalar::exp(trace)).modulus() < 1e-15);
    let direct = det(&tangency_matrix::expm(a.as_ref()).unwrap());
    assert!((direct.ln_abs - found.ln_abs).abs() < 1e-11 && (direct.sign - found.sign).modulus() < 1e-11);
    // The sum is compensated: 1e16 + 1 − 1e16.
    let cancelling = mat![[1e16, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1e16]];
    assert_eq!(log_det_of_exp(cancelling.as_ref()).unwrap().ln_abs, 1.0);
    let far = log_det_of_exp(mat![[1e300]].as_ref()).unwrap();
    assert_eq!((far.ln_abs, far.value()), (1e300, f64::INFINITY));
    assert_eq!(log_det_of_exp(mat![[-1e300]].as_ref()).unwrap().value(), 0.0);
    let error = log_det_of_exp(mat![[1.7e308, 0.0], [0.0, 1.7e308]].as_ref());
    assert!(matches!(error, Err(MatrixError::Overflow { .. })));
    assert_eq!(log_det_of_exp(Mat::<f64>::new().as_ref()).unwrap(), LogDet::default());
}

/// A tolerance for the whole matrix would let the small block be anything.
#[test]
fn hermitian_up_to_the_rounding_of_each_entry() {
    let skew = mat![[1e16, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, -0.5, 1.0]];
    for result in [log_det_cholesky, log_det_hermitian].map(|f| f(skew.as_ref())) {
        assert!(matches!(result, Err(MatrixError::NotHermitian { row: 2, column: 1, .. })), "{result:?}");
    }
    // What a product of matrices leaves is accepted, also where rows differ in size.
    let g = Stream::new(12).matrix(30, 30);
    let g = Mat::from_fn(30, 30, |i, j| RealScalar::ldexp(g[(i, j)], 10 * i as i32));
    let left = Mat::from_fn(30, 30, |i, j| (0..30).fold(0.0, |s, k| s + g[(i, k)] * g[(j, k)]));
    let right = Mat::from_fn(30, 30, |i, j| (0..30).rev().fold(0.0, |s, k| s + g[(i, k)] * g[(j, k)]));
    let mixed = Mat::from_fn(30, 30, |i, j| if i > j { left[(i, j)] } else { right[(i, j)] });
    assert!(log_det_cholesky(mixed.as_ref()).is_ok());
}

#[test]
fn products_far_beyond_the_range_keep_their_logarithm() {
    let far = log_det_of_exp(mat![[1e300]].as_ref()).unwrap();
    assert_eq!(far.times(&LogDet::default()), far);
    assert_eq!(LogDet::default().times(&far).ln_abs, 1e300);
    let mut total = log_det_of_exp::<f64>(mat![[-1e12]].as_ref()).unwrap();
    for doublings in 1..=80 {
        total = total.times(&total);
        let exact = -1e12 * 2.0_f64.powi(doublings);
        assert!((total.ln_abs / exact - 1.0).abs() < 1e-12, "{doublings}: {}", total.ln_abs);
        assert_eq!((total.sign, total.value()), (1.0, 0.0));
    }
    // And what comes back from there.
    let back = far.times(&log_det_of_exp(mat![[-1e300]].as_ref()).unwrap());
    assert_eq!((back.sign, back.ln_abs, back.value()), (1.0, 0.0, 1.0));
    assert!(far.times(&det(&Mat::zeros(2, 2))).is_singular());
}
