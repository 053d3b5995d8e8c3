//! Sign and logarithm of dense determinants.

#![allow(clippy::comparison_chain, reason = "below, on and above the diagonal")]

use crate::exact::{self, Integers, Stream, to_matrix};
use crate::reference::{Case, load};
use faer::{Mat, MatRef, c32, c64};
use std::f64::consts::LN_2;
use tangency_matrix::{
    LogDet, LogDetWorkspace, MatrixError, RealScalar, Scalar, log_det, log_det_batch, log_det_cholesky,
    log_det_hermitian, log_det_of_exp, log_det_report, log_det_with,
};

pub(crate) fn det<T: Scalar>(a: &Mat<T>) -> LogDet<T> {
    log_det(a.as_ref()).unwrap()
}

/// Distance of two determinants in the logarithm, and of their signs.
fn check<T: Scalar>(name: &str, found: &LogDet<T>, sign: c64, ln_abs: f64, bound: f64) {
    let difference = (found.ln_abs.to_f64() - ln_abs).abs();
    assert!(difference <= bound, "{name}: ln {} for {ln_abs}, {difference:e} > {bound:e}", found.ln_abs);
    let angle = (c64::new(found.sign.re().to_f64(), found.sign.im().to_f64()) - sign).modulus();
    assert!(angle <= bound, "{name}: sign {} for {sign}", found.sign);
}

/// The matrix of a case, `a` or a multiple of the identity.
fn matrix<T: Scalar>(case: &Case) -> Mat<T> {
    case.number("diagonal").map_or_else(
        || case.matrix("a").unwrap(),
        |d| Mat::from_fn(case.n(), case.n(), |i, j| if i == j { T::from_f64(d) } else { T::ZERO }),
    )
}

/// The golden bound of a determinant: 10 n u κ, with the condition of the matrix with scaled rows and columns where it is
/// smaller than the one in the file.
fn golden<T: Scalar>(case: &Case) {
    let a = matrix::<T>(case);
    let report = log_det_report(a.as_ref()).unwrap();
    let found = det(&a);
    assert_eq!(report.log_det, found, "{}", case.name());
    let Some(ln_abs) = case.number("log_abs") else {
        assert!(
            found.is_singular() && found.ln_abs == T::RealPart::from_f64(f64::NEG_INFINITY)
                || report.error_bound >= T::RealPart::ONE,
            "{}: {report:?}",
            case.name()
        );
        return;
    };
    let sign = case.0["sign"].as_array().map_or_else(
        || c64::new(case.number("sign").unwrap(), 0.0),
        |pair| c64::new(pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap()),
    );
    let scaled = report.condition.to_f64().min(case.number("kappa").unwrap_or(f64::INFINITY));
    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let bound = 10.0 * case.n() as f64 * u * scaled.max(1.0) + 2.0 * u * ln_abs.abs();
    check(case.name(), &found, sign, ln_abs, bound);
    let reported = report.error_bound.to_f64() + 2.0 * u * ln_abs.abs();
    check(&format!("{}, its own bound", case.name()), &found, sign, ln_abs, reported);
    if let Some(text) = case.0["det"].as_str() {
        let exact: f64 = text.parse().unwrap();
        let value = found.value().re().to_f64();
        if exact.is_finite() {
            assert!((value - exact).abs() <= bound * exact.abs(), "{}: {value} for {exact}", case.name());
        } else {
            assert_eq!(value, exact, "{}", case.name());
        }
    }
}

#[test]
fn reference_values() {
    let cases = load("determinant");
    assert!(cases.len() > 60);
    for case in &cases {
        if case.complex() {
            golden::<c64>(case);
        } else {
            golden::<f64>(case);
        }
        if !case.complex() {
            golden::<c64>(case);
        }
    }
}

#[test]
fn reference_values_in_single_precision() {
    let exact_in_single = |case: &Case| {
        let a = matrix::<c64>(case);
        let exact = |x: f64| f64::from(x as f32) == x;
        (0..case.n()).all(|j| (0..case.n()).all(|i| exact(a[(i, j)].re) && exact(a[(i, j)].im)))
    };
    let mut seen = 0;
    for case in load("determinant") {
        // Beyond the range of single precision there is no twin.
        let Some(case) = case.single().or_else(|| exact_in_single(&case).then(|| case.clone())) else {
            continue;
        };
        if !case.complex() {
            golden::<f32>(&case);
        }
        golden::<c32>(&case);
        seen += 1;
    }
    assert!(seen >= 65, "{seen}");
}

/// Orders around the limits between the elimination by columns and the blocked one.
#[test]
fn integer_matrices_exactly() {
    let mut stream = Stream::new(1);
    for n in 1..=24_usize {
        for bound in [1, 3] {
            let a: Integers = (0..n).map(|_| (0..n).map(|_| stream.integer(bound)).collect()).collect();
            let exact = exact::determinant(&a) as f64;
            let (found, report) =
                (det(&to_matrix::<f64>(&a)), log_det_report(to_matrix::<f64>(&a).as_ref()).unwrap());
            if exact == 0.0 {
                assert!(found.is_singular() || report.error_bound > 0.1);
                continue;
            }
            assert_eq!(found.sign, exact.signum(), "order {n}");
            let error = (found.value() / exact - 1.0).abs();
            assert!(error <= 1e-15 * n as f64 * report.condition, "order {n}: {error:e}");
            assert!((found.ln_abs - exact.abs().ln()).abs() <= report.error_bound, "order {n}");
        }
    }
}

#[test]
fn permutations_have_their_parity_at_every_order() {
    let mut stream = Stream::new(2);
    for n in [2, 3, 5, 16, 17, 40, 64, 65, 100, 130] {
        let mut p: Vec<usize> = (0..n).collect();
        let mut odd = false;
        for i in (1..n).rev() {
            let k = ((stream.uniform() + 0.5) * (i + 1) as f64) as usize;
            p.swap(i, k);
            odd ^= i != k;
        }
        let a = Mat::from_fn(n, n, |i, j| f64::from(u8::from(p[i] == j)));
        let found = det(&a);
        assert_eq!((found.sign, found.ln_abs), (if odd { -1.0 } else { 1.0 }, 0.0), "order {n}");
    }
}

#[test]
fn singular_matrices_are_minus_infinity_and_never_nan() {
    let check = |name: &str, a: &Mat<f64>| {
        for found in [det(a), det(&a.transpose().to_owned())] {
            assert_eq!((found.sign, found.ln_abs), (0.0, f64::NEG_INFINITY), "{name}");
            assert!(found.is_singular() && found.value() == 0.0);
        }
        let complex = Mat::from_fn(a.nrows(), a.ncols(), |i, j| c64::new(0.0, a[(i, j)]));
        assert!(det(&complex).is_singular(), "{name}, complex");
        let report = log_det_report(a.as_ref()).unwrap();
        assert_eq!((report.condition, report.error_bound), (f64::INFINITY, f64::INFINITY), "{name}");
    };
    for n in [1, 2, 3, 16, 17, 33, 70, 200] {
        check("zeros", &Mat::zeros(n, n));
        if n == 1 {
            continue;
        }
        check("ones", &Mat::ones(n, n));
        let mut stream = Stream::new(n as u64);
        for (j, k) in [(0, 1), (0, n - 1), (n / 2 - 1, n / 2), (n - 2, n - 1)] {
            let mut zero_row = stream.matrix(n, n);
            zero_row.row_mut(j).fill(0.0);
            check("zero row", &zero_row);
            // Equal columns and rows: a pivot of rounding errors, unless the elimination is exact; then the bound says
            // that nothing is known of the determinant.
            let mut equal = stream.matrix(n, n);
            for i in 0..n {
                equal[(i, k)] = equal[(i, j)];
            }
            for a in [&equal, &equal.transpose().to_owned()] {
                let report = log_det_report(a.as_ref()).unwrap();
                assert!(report.log_det.is_singular() || report.error_bound > 1.0, "equal {j}, {k} of {n}");
            }
        }
    }
}

/// Zero pivots at every place of the panels: `L U` with dyadic numbers, whose elimination is exact, and a zero on the
/// diagonal of `U`. What faer computes after it is NaN.
#[test]
fn the_first_zero_pivot_decides() {
    let mut stream = Stream::new(11);
    for n in [3, 16, 17, 33, 70, 200] {
        for zeros in
            [vec![0], vec![1], vec![n / 2], vec![n - 2], vec![n / 3, n / 2], vec![15 % (n - 1), n - 2]]
        {
            let lower = Mat::from_fn(n, n, |i, j| {
                if i == j {
                    1.0
                } else if i > j {
                    0.5 * stream.integer(1) as f64
                } else {
                    0.0
                }
            });
            let upper = Mat::from_fn(n, n, |i, j| match i.cmp(&j) {
                std::cmp::Ordering::Equal if zeros.contains(&i) => 0.0,
                std::cmp::Ordering::Equal => 4.0,
                std::cmp::Ordering::Less => stream.integer(1) as f64,
                std::cmp::Ordering::Greater => 0.0,
            });
            let mut a = &lower * &upper;
            // All rows of one size, so that the scaling changes no pivot.
            a.col_mut(n - 1).fill(1024.0);
            let found = det(&a);
            assert_eq!((found.sign, found.ln_abs), (0.0, f64::NEG_INFINITY), "{zeros:?} of {n}");
            assert!(matches!(
                tangency_matrix::log_det_gradient(a.as_ref()),
                Err(MatrixError::Singular { index, .. }) if index == zeros[0] || a.col(zeros[0]).norm_max() == 0.0
            ));
        }
    }
}

#[test]
fn complex_determinants_against_the_real_embedding() {
    let mut stream = Stream::new(4);
    for n in [1, 2, 7, 16, 17, 50, 120] {
        let a = stream.complex(n, n);
        let embedding = Mat::from_fn(2 * n, 2 * n, |i, j| {
            let z = a[(i % n, j % n)];
            match (i < n, j < n) {
                (true, true) | (false, false) => z.re,
                (true, false) => -z.im,
                (false, true) => z.im,
            }
        });
        let (found, real) = (det(&a), det(&embedding));
        assert_eq!(real.sign, 1.0);
        assert!((2.0 * found.ln_abs - real.ln_abs).abs() < 1e-12 * n as f64, "order {n}");
        assert!((found.sign.modulus() - 1.0).abs() < 4e-16);
        // The angle: det(conj A) is the conjugate, det(iA) = iⁿ det A.
        let turned = det(&Mat::from_fn(n, n, |i, j| a[(i, j)] * c64::new(0.0, 1.0)));
        let power = [c64::new(1.0, 0.0), c64::new(0.0, 1.0), c64::new(-1.0, 0.0), c64::new(0.0, -1.0)][n % 4];
        assert!((turned.sign - found.sign * power).modulus() < 1e-12 * n as f64);
        let value = found.ln();
        assert!((value.re - found.ln_abs).abs() == 0.0 && (value.im.cos() - found.sign.re).abs() < 1e-15);
    }
    // A diagonal of 1000 unit numbers: the sign stays on the circle and at its angle.
    let angle = 0.1_f64;
    let n = 1000;
    let unit = Mat::from_fn(n, n, |i, j| if i == j { c64::new(angle.cos(), angle.sin()) } else { c64::ZERO });
    let found = det(&unit);
    assert!((found.sign.modulus() - 1.0).abs() < 3e-16 && found.ln_abs.abs() < 1e-13);
    assert!((found.sign - c64::new(100.0_f64.cos(), 100.0_f64.sin())).modulus() < 1e-13);
}

#[test]
fn known_determinants() {
    // Kac, Murdock and Szegő: (1 − ρ²)^(n−1).
    for n in [10, 100] {
        let a = Mat::from_fn(n, n, |i, j| 0.5_f64.powi(i.abs_diff(j) as i32));
        for found in [det(&a), log_det_cholesky(a.as_ref()).unwrap(), log_det_hermitian(a.as_ref()).unwrap()]
        {
            assert!((found.ln_abs - (n - 1) as f64 * 0.75_f64.ln()).abs() < 1e-13);
            assert_eq!(found.sign, 1.0);
        }
    }
    // Sylvester's Hadamard matrix: n^(n/2).
    let n = 128_usize;
    let hadamard: Mat<f64> =
        Mat::from_fn(n, n, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 });
    assert!((det::<f64>(&hadamard).ln_abs - 64.0 * 128.0_f64.ln()).abs() < 1e-12);
    // Triangular matrices: the product of the diagonal, without a rounding of the logarithms.
    let upper = Mat::from_fn(6, 6, |i, j| {
        if i == j {
            [1e200, 1e-200][i % 2]
        } else if i < j {
            7.0
        } else {
            0.0
        }
    });
    assert!(det::<f64>(&upper).ln_abs.abs() < 1e-14);
    assert!((det::<f64>(&upper.transpose().to_owned()).value() - 1.0).abs() < 1e-14);
    // Empty.
    let empty = det(&Mat::<f64>::new());
    assert_eq!((empty.sign, empty.ln_abs, empty.value()), (1.0, 0.0, 1.0));
    assert_eq!(log_det_report(Mat::<f64>::new().as_ref()).unwrap().error_bound, 0.0);
    assert_eq!(log_det_cholesky(Mat::<f64>::new().as_ref()).unwrap(), empty);
    assert_eq!(log_det_hermitian(Mat::<f64>::new().as_ref()).unwrap(), empty);
}

#[test]
fn workspace_and_batch_give_the_bits_of_the_single_call() {
    let mut stream = Stream::new(6);
    for n in [1, 2, 5, 16, 17, 40] {
        let mut workspace = LogDetWorkspace::new(n);
        let mut all = Vec::new();
        let mut expected = Vec::new();
        for k in 0..6 {
            // Sizes and structures that leave the most behind: huge, singular, tiny, triangular.
            let a = Mat::from_fn(n, n, |i, j| match k {
                1 => 1.0,
                4 if i > j => 0.0,
                _ => stream.uniform() * [1e200, 1.0, 1e-200, 1.0, 1.0, 1.0][k],
            });
            let single = det(&a);
            assert_eq!(log_det_with(a.as_ref(), &mut workspace).unwrap(), single, "{n} {k}");
            assert_eq!(log_det_report(a.as_ref()).unwrap().log_det, single, "{n} {k}");
            // A matrix stored by rows, and one with gaps, hold the same numbers.
            let by_rows = a.transpose().to_owned();
            assert_eq!(log_det(by_rows.transpose()).unwrap(), single);
            for j in 0..n {
                all.extend((0..n).map(|i| a[(i, j)]));
            }
            expected.push(single);
        }
        let mut results = vec![LogDet::default(); 6];
        log_det_batch(n, &all, &mut results).unwrap();
        assert_eq!(results, expected);
        // An error in the middle: named, and what comes before it is written.
        all[3 * n * n] = f64::NAN;
        let mut results = vec![LogDet::default(); 6];
        let error = log_det_batch(n, &all, &mut results).unwrap_err();
        let source = Box::new(MatrixError::NotFinite { row: 0, column: 0 });
        assert_eq!(error, MatrixError::InBatch { index: 3, source });
        assert_eq!(results[..3], expected[..3]);
    }
    let mut results = [LogDet::<f64>::default(); 2];
    assert!(matches!(log_det_batch(2, &[1.0; 7], &mut results), Err(MatrixError::OutOfRange { .. })));
    log_det_batch(0, &[], &mut results).unwrap();
    assert_eq!(results, [LogDet::default(); 2]);
    // No matrix, however large: no memory.
    log_det_batch::<f64>(1 << 20, &[], &mut []).unwrap();
    let wrong = log_det_with(Mat::<f64>::zeros(2, 2).as_ref(), &mut LogDetWorkspace::new(3));
    assert!(matches!(wrong, Err(MatrixError::ShapeMismatch { .. })));
}

#[test]
fn products_of_determinants() {
    let mut stream = Stream::new(9);
    let (a, b) = (stream.complex(20, 20), stream.complex(20, 20));
    let (product, chained) = (det(&(&a * &b)), det(&a).times(&det(&b)));
    assert!((product.ln_abs - chained.ln_abs).abs() < 1e-11);
    assert!((product.sign - chained.sign).modulus() < 1e-11);
    assert!(det(&a).times(&det(&Mat::zeros(2, 2))).is_singular());
}

#[test]
fn bad_input_is_an_error() {
    fn all(a: MatRef<'_, f64>) -> Vec<MatrixError> {
        vec![
            log_det(a).unwrap_err(),
            log_det_report(a).unwrap_err(),
            log_det_cholesky(a).unwrap_err(),
            log_det_hermitian(a).unwrap_err(),
            log_det_of_exp(a).unwrap_err(),
        ]
    }
    for error in all(Mat::zeros(2, 3).as_ref()) {
        assert_eq!(error, MatrixError::NotSquare { rows: 2, columns: 3 });
    }
    for n in [2, 5, 20] {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for (row, column) in [(0, 0), (n - 1, 1), (1, n - 1)] {
                let mut a = Mat::<f64>::identity(n, n);
                a[(row, column)] = bad;
                for error in all(a.as_ref()) {
                    assert_eq!(error, MatrixError::NotFinite { row, column });
                }
                let imaginary = Mat::from_fn(n, n, |i, j| c64::new(1.0 + (i * j) as f64, a[(i, j)]));
                assert_eq!(log_det(imaginary.as_ref()).unwrap_err(), MatrixError::NotFinite { row, column });
            }
        }
        // The sum of the parts overflows, the numbers do not.
        let large = Mat::from_fn(n, n, |i, j| if i == j { c64::new(1e308, 1e308) } else { c64::ONE });
        assert!((det(&large).ln_abs - n as f64 * (308.0 * 10.0_f64.ln() + 0.5 * LN_2)).abs() < 1e-11);
    }
}
