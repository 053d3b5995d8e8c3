//! Adjugates and gradients of determinants.

use crate::exact::{self, Integers, Stream, to_matrix};
use crate::reference::load;
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    MatrixError, Scalar, adjugate, det_derivative, det_gradient, log_det, log_det_derivative,
    log_det_gradient, operator_norm_1,
};

fn relative<T: Scalar<RealPart = f64>>(found: &Mat<T>, exact: &Mat<T>) -> f64 {
    let norm = operator_norm_1(exact.as_ref());
    operator_norm_1((found - exact).as_ref()) / if norm == 0.0 { 1.0 } else { norm }
}

#[test]
fn adjugates_of_the_reference() {
    let mut seen = 0;
    for case in load("determinant") {
        let Some(exact) = case.matrix::<f64>("adjugate") else { continue };
        let a = case.matrix::<f64>("a").unwrap();
        let found = adjugate(a.as_ref()).unwrap();
        // Rounding A by u moves the adjugate by about u σ₁/σₙ₋₁ of the scaled matrix, and that is small for all here
        // except for the Hilbert matrices.
        let n = a.nrows();
        let values = a.singular_values().unwrap();
        let ratio = if n > 1 && values[n - 2] > 0.0 { values[0] / values[n - 2] } else { 1.0 };
        let bound = 10.0 * n as f64 * 1.1e-16 * ratio;
        let flat = if case.name().starts_with("hilbert_6") { 1e-11 } else { 1e-13 };
        let bound = f64::min(bound, flat);
        let error = relative(&found, &exact);
        assert!(error <= bound, "{}: {error:e}", case.name());
        seen += 1;
    }
    assert!(seen >= 30, "{seen}");
}

/// Integer matrices of every rank, against cofactors.
#[test]
fn adjugates_of_every_rank_against_cofactors() {
    let mut stream = Stream::new(21);
    for n in 2..=8_usize {
        for rank in 0..=n {
            let mut random = |m: usize, n: usize| -> Integers {
                (0..m).map(|_| (0..n).map(|_| stream.integer(3)).collect()).collect()
            };
            let (left, right) = (random(n, rank), random(rank, n));
            let a: Integers = (0..n)
                .map(|i| (0..n).map(|j| (0..rank).map(|k| left[i][k] * right[k][j]).sum()).collect())
                .collect();
            let exact = exact::adjugate(&a);
            let zero = exact.iter().flatten().all(|&x| x == 0);
            let (real, complex) = (to_matrix::<f64>(&exact), to_matrix::<c64>(&exact));
            let found = adjugate(to_matrix::<f64>(&a).as_ref()).unwrap();
            assert!(relative(&found, &real) < 2e-12, "{n} {rank}: {:e}", relative(&found, &real));
            assert!(!zero || found.norm_max() == 0.0 || n == 2, "{n} {rank}");
            // adj(iA) = i^(n-1) adj(A).
            let i = c64::new(0.0, 1.0);
            let turned = Mat::from_fn(n, n, |r, c| to_matrix::<c64>(&a)[(r, c)] * i);
            let power = (1..n).fold(c64::ONE, |power, _| power * i);
            let turned_exact = Mat::from_fn(n, n, |r, c| complex[(r, c)] * power);
            assert!(relative(&adjugate(turned.as_ref()).unwrap(), &turned_exact) < 2e-12, "{n} {rank}");
            // The gradient is its conjugate transpose.
            let gradient = det_gradient(turned.as_ref()).unwrap();
            assert!(relative(&gradient, &turned_exact.adjoint().to_owned()) < 2e-12);
        }
    }
}

/// Complex matrices of rank n − 1, whose singular vectors have determinants off the real axis: against cofactors, each the
/// determinant of a regular minor.
#[test]
fn adjugates_of_singular_complex_matrices() {
    let mut stream = Stream::new(26);
    for n in 3..=7_usize {
        let a = stream.complex(n, n - 1) * stream.complex(n - 1, n);
        let cofactors = Mat::from_fn(n, n, |i, j| {
            let skip = |at: usize, skipped: usize| at + usize::from(at >= skipped);
            let minor = Mat::from_fn(n - 1, n - 1, |r, c| a[(skip(r, j), skip(c, i))]);
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            log_det(minor.as_ref()).unwrap().value() * sign
        });
        let error = relative(&adjugate(a.as_ref()).unwrap(), &cofactors);
        assert!(error < 1e-11, "{n}: {error:e}");
    }
}

/// A singular matrix of rank n − 1 with a known null space, at orders where cofactors are out of reach.
#[test]
fn adjugate_of_a_large_singular_matrix() {
    // The Laplacian of the complete graph: adj = n^(n-2) 11ᵀ (Kirchhoff).
    for n in [5_usize, 20, 60] {
        let laplacian = Mat::from_fn(n, n, |i, j| if i == j { n as f64 - 1.0 } else { -1.0 });
        let trees = (n as f64).powi(n as i32 - 2);
        let error = relative(&adjugate(laplacian.as_ref()).unwrap(), &Mat::from_fn(n, n, |_, _| trees));
        assert!(error < 1e-13 * n as f64, "{n}: {error:e}");
    }
    // Close to singular: the adjugate does not notice (adj A · A = det A · I, of the exact matrix).
    let a = mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0 + 2.0_f64.powi(-40)]];
    let d = 2.0_f64.powi(-40);
    let exact =
        mat![[-3.0 + 5.0 * d, 6.0 - 2.0 * d, -3.0], [6.0 - 4.0 * d, -12.0 + d, 6.0], [-3.0, 6.0, -3.0]];
    assert!(relative(&adjugate(a.as_ref()).unwrap(), &exact) < 1e-14);
}

#[test]
fn adjugates_at_the_ends_of_the_range() {
    let mut stream = Stream::new(22);
    let a = stream.matrix(5, 5);
    let plain = adjugate(a.as_ref()).unwrap();
    // adj(D A) = adj(A) adj(D), exactly for powers of two.
    let e = [200, -150, 100, -250, 90];
    let scaled = Mat::from_fn(5, 5, |i, j| a[(i, j)] * 2.0_f64.powi(e[i]));
    let total: i32 = e.iter().sum();
    let exact = Mat::from_fn(5, 5, |i, j| plain[(i, j)] * 2.0_f64.powi(total - e[j]));
    for j in 0..5 {
        for i in 0..5 {
            let (x, y) = (adjugate(scaled.as_ref()).unwrap()[(i, j)], exact[(i, j)]);
            assert!((x / y - 1.0).abs() < 1e-12, "{x} {y}");
        }
    }
    let huge = Mat::from_fn(3, 3, |i, j| 1e300 * a[(i, j)]);
    let Err(MatrixError::Overflow { ln_norm, .. }) = adjugate(huge.as_ref()) else { panic!("no overflow") };
    assert!((ln_norm - 600.0 * 10.0_f64.ln()).abs() < 5.0, "{ln_norm}");
    let tiny = Mat::from_fn(3, 3, |i, j| 1e-300 * a[(i, j)]);
    assert_eq!(adjugate(tiny.as_ref()).unwrap(), Mat::<f64>::zeros(3, 3));
    assert!(adjugate(mat![[1e308, 1e308], [1e308, 1e308]].as_ref()).is_ok());
    for n in [0, 1] {
        assert_eq!(adjugate(Mat::<f64>::zeros(n, n).as_ref()).unwrap(), Mat::<f64>::identity(n, n));
    }
    assert_eq!(adjugate(mat![[0.0_f32, 2.0], [3.0, 4.0]].as_ref()).unwrap(), mat![[4.0, -2.0], [-3.0, 0.0]]);
    let single = adjugate(Mat::from_fn(4, 4, |i, j| c32::new((i * j) as f32, i as f32 - j as f32)).as_ref());
    assert!(single.unwrap().norm_max().is_finite());
}

/// Jacobi's formula: with exact integers, det(A + tE) is a polynomial in t whose linear coefficient is known.
#[test]
fn jacobis_formula_exactly() {
    let mut stream = Stream::new(23);
    for n in 1..=6_usize {
        for singular in [false, true] {
            let mut random =
                || -> Integers { (0..n).map(|_| (0..n).map(|_| stream.integer(4)).collect()).collect() };
            let (mut a, e) = (random(), random());
            if singular && n > 1 {
                a[n - 1] = a[0].clone();
            }
            let at = |t: i128| {
                let moved: Integers =
                    (0..n).map(|i| (0..n).map(|j| a[i][j] + t * e[i][j]).collect()).collect();
                exact::determinant(&moved)
            };
            // The odd part of the polynomial of degree n ≤ 6, by the central formula that is exact up to degree 6.
            let derivative = (-at(-3) + at(-2) * 9 - at(-1) * 45 + at(1) * 45 - at(2) * 9 + at(3)) / 60;
            let found = det_derivative(to_matrix::<f64>(&a).as_ref(), to_matrix::<f64>(&e).as_ref()).unwrap();
            let size = 1.0 + to_matrix::<f64>(&exact::adjugate(&a)).norm_l1() * 4.0;
            assert!((found - derivative as f64).abs() < 1e-13 * size, "{n} {singular}: {found} {derivative}");
            let determinant = exact::determinant(&a);
            if determinant != 0 {
                let found =
                    log_det_derivative(to_matrix::<f64>(&a).as_ref(), to_matrix::<f64>(&e).as_ref()).unwrap();
                let exact = derivative as f64 / determinant as f64;
                assert!((found - exact).abs() < 1e-12 * size / determinant.abs() as f64, "{n}");
            }
        }
    }
}

#[test]
fn gradients_against_differences_of_the_determinant() {
    let mut stream = Stream::new(24);
    for n in [2, 5, 20] {
        let (a, e) = (stream.complex(n, n), stream.complex(n, n));
        let at = |t: f64| {
            let moved = Mat::from_fn(n, n, |i, j| a[(i, j)] + e[(i, j)] * t);
            log_det(moved.as_ref()).unwrap().ln_abs
        };
        // Sixth-order differences: error about h⁶ and u/h.
        let h = 2e-3;
        let difference = (45.0 * (at(h) - at(-h)) - 9.0 * (at(2.0 * h) - at(-2.0 * h)) + at(3.0 * h)
            - at(-3.0 * h))
            / (60.0 * h);
        let gradient = log_det_gradient(a.as_ref()).unwrap();
        let mut inner = 0.0;
        for j in 0..n {
            for i in 0..n {
                inner += (gradient[(i, j)].conj() * e[(i, j)]).re;
            }
        }
        let derivative = log_det_derivative(a.as_ref(), e.as_ref()).unwrap();
        assert!((inner - derivative.re).abs() < 1e-12 * n as f64);
        assert!((difference - inner).abs() < 1e-8 * inner.abs().max(1.0), "{n}: {difference} {inner}");
        // The gradient is the inverse, conjugated and transposed.
        let identity = gradient.adjoint() * &a;
        assert!(relative(&identity, &Mat::identity(n, n)) < 1e-12 * n as f64);
        // det' = det · (ln det)', also in the angle.
        let whole = det_derivative(a.as_ref(), e.as_ref()).unwrap();
        let value = log_det(a.as_ref()).unwrap().value();
        assert!((whole - value * derivative).modulus() < 1e-11 * (value * derivative).modulus());
    }
}

#[test]
fn gradients_of_badly_scaled_and_singular_matrices() {
    let mut stream = Stream::new(25);
    let a = stream.matrix(20, 20);
    let gradient = log_det_gradient(a.as_ref()).unwrap();
    let e: Vec<i32> = (0..20).map(|i| (i * 37 % 41) * 10 - 200).collect();
    let scaled = Mat::from_fn(20, 20, |i, j| a[(i, j)] * 2.0_f64.powi(e[i] - e[j]));
    let found = log_det_gradient(scaled.as_ref()).unwrap();
    let back = Mat::from_fn(20, 20, |i, j| found[(i, j)] * 2.0_f64.powi(e[i] - e[j]));
    assert!(relative(&back, &gradient) < 1e-12);
    assert!(matches!(log_det_gradient(Mat::<f64>::ones(20, 20).as_ref()), Err(MatrixError::Singular { .. })));
    assert!(matches!(
        log_det_derivative(Mat::zeros(3, 3).as_ref(), Mat::<f64>::zeros(3, 3).as_ref()),
        Err(MatrixError::Singular { .. })
    ));
    // An inverse that does not fit into the type.
    let tiny = mat![[1e-310, 0.0], [0.0, 1e-310]];
    assert!(matches!(log_det_gradient(tiny.as_ref()), Err(MatrixError::Overflow { .. })));
    assert_eq!(log_det_gradient(Mat::<f64>::new().as_ref()).unwrap(), Mat::<f64>::new());
    let errors = [
        adjugate(Mat::<f64>::zeros(2, 3).as_ref()).unwrap_err(),
        det_gradient(mat![[f64::NAN]].as_ref()).unwrap_err(),
        log_det_gradient(mat![[1.0, f64::INFINITY], [0.0, 1.0]].as_ref()).unwrap_err(),
        det_derivative(mat![[1.0]].as_ref(), mat![[1.0, 2.0]].as_ref()).unwrap_err(),
        det_derivative(mat![[1.0]].as_ref(), mat![[f64::NAN]].as_ref()).unwrap_err(),
    ];
    assert!(matches!(
        errors,
        [
            MatrixError::NotSquare { .. },
            MatrixError::NotFinite { .. },
            MatrixError::NotFinite { row: 0, column: 1 },
            MatrixError::ShapeMismatch { .. },
            MatrixError::NotFinite { .. }
        ]
    ));
}

/// Wilkinson's matrix of maximal growth: pivots beyond the range, and an inverse with entries of at most one.
#[test]
fn gradients_where_the_elimination_leaves_the_range() {
    let n = 150;
    let a = Mat::from_fn(n, n, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Equal => 1.0_f32,
        std::cmp::Ordering::Greater => -1.0,
        std::cmp::Ordering::Less => f32::from(u8::from(j + 1 == n)),
    });
    let gradient = log_det_gradient(a.as_ref()).unwrap();
    let identity = gradient.transpose() * &a;
    assert!((&identity - Mat::<f32>::identity(n, n)).norm_max() < 1e-4);
    let wide = Mat::from_fn(n, n, |i, j| f64::from(a[(i, j)]));
    let exact = log_det_gradient(wide.as_ref()).unwrap();
    let difference = Mat::from_fn(n, n, |i, j| f64::from(gradient[(i, j)]) - exact[(i, j)]);
    assert!(difference.norm_max() < 1e-4, "{}", difference.norm_max());
    // The index of a zero line is its own.
    let mut zero_row = Stream::new(27).matrix(9, 9);
    zero_row.row_mut(5).fill(0.0);
    for a in [&zero_row, &zero_row.transpose().to_owned()] {
        let error = log_det_gradient(a.as_ref()).unwrap_err();
        assert_eq!(error, MatrixError::Singular { what: "a zero row or column", index: 5 });
    }
}
