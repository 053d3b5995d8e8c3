//! Determinants of sparse matrices against dense ones and closed forms.

use crate::exact::Stream;
use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, c64, mat};
use tangency_matrix::{
    LogDet, MatrixError, Scalar, log_det, log_det_cholesky, log_det_sparse, log_det_sparse_cholesky,
    log_det_sparse_ldlt,
};

fn sparse<T: Scalar>(a: &Mat<T>) -> SparseColMat<usize, T> {
    let mut entries = Vec::new();
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            if a[(i, j)] != T::ZERO {
                entries.push(Triplet::new(i, j, a[(i, j)]));
            }
        }
    }
    SparseColMat::try_new_from_triplets(a.nrows(), a.ncols(), &entries).unwrap()
}

fn close<T: Scalar<RealPart = f64>>(found: &LogDet<T>, expected: &LogDet<T>, bound: f64, what: &str) {
    assert!((found.ln_abs - expected.ln_abs).abs() <= bound, "{what}: {} {}", found.ln_abs, expected.ln_abs);
    assert!((found.sign - expected.sign).modulus() <= bound, "{what}: {} {}", found.sign, expected.sign);
}

/// The matrix of second differences on a k x k grid, and its determinant by its eigenvalues.
fn laplacian(k: usize) -> (SparseColMat<usize, f64>, f64) {
    let mut entries = Vec::new();
    for i in 0..k {
        for j in 0..k {
            let at = i * k + j;
            entries.push(Triplet::new(at, at, 4.0));
            if j + 1 < k {
                entries.push(Triplet::new(at + 1, at, -1.0));
                entries.push(Triplet::new(at, at + 1, -1.0));
            }
            if i + 1 < k {
                entries.push(Triplet::new(at + k, at, -1.0));
                entries.push(Triplet::new(at, at + k, -1.0));
            }
        }
    }
    let value = |i: usize| 2.0 * (std::f64::consts::PI * (i + 1) as f64 / (k + 1) as f64).cos();
    let exact = (0..k * k).map(|at| (4.0 - value(at / k) - value(at % k)).ln()).sum();
    (SparseColMat::try_new_from_triplets(k * k, k * k, &entries).unwrap(), exact)
}

#[test]
fn laplacians_of_grids() {
    // Small ones take faer's simplicial factorisation, large ones the supernodal one.
    for k in [1, 3, 10, 40, 90] {
        let (a, exact) = laplacian(k);
        let bound = 1e-13 * (k * k) as f64 + 1e-14;
        let mut results = vec![
            ("Cholesky", log_det_sparse_cholesky(a.as_ref())),
            ("LDLᴴ", log_det_sparse_ldlt(a.as_ref())),
        ];
        if k <= 40 {
            // Column by column: the fill of the largest is too much for a test.
            results.push(("LU", log_det_sparse(a.as_ref())));
        }
        for (what, found) in results {
            let found = found.unwrap();
            assert_eq!(found.sign, 1.0, "{what} {k}");
            assert!((found.ln_abs - exact).abs() < bound, "{what} {k}: {} {exact}", found.ln_abs);
        }
    }
}

#[test]
fn random_sparse_matrices_against_dense_ones() {
    let mut stream = Stream::new(31);
    for trial in 0..60 {
        let n = 1 + trial % 30;
        let density = 0.15 + 0.02 * (trial % 10) as f64;
        let a = Mat::from_fn(n, n, |_, _| {
            let keep = stream.uniform() + 0.5 < density.max(2.0 / n as f64);
            let z = c64::new(stream.uniform(), stream.uniform());
            if keep { z } else { c64::ZERO }
        });
        let (found, dense) = (log_det_sparse(sparse(&a).as_ref()).unwrap(), log_det(a.as_ref()).unwrap());
        if dense.is_singular() || dense.ln_abs < -60.0 {
            assert!(found.is_singular() || found.ln_abs < -25.0, "{trial}");
        } else {
            close(&found, &dense, 1e-9, "LU");
        }
        // Quasi-definite and definite ones.
        let definite = &a * a.adjoint() + Mat::<c64>::identity(n, n);
        let hermitian = Mat::from_fn(n, n, |i, j| match i.cmp(&j) {
            std::cmp::Ordering::Equal => c64::new(definite[(i, i)].re, 0.0),
            std::cmp::Ordering::Greater => definite[(i, j)],
            std::cmp::Ordering::Less => definite[(j, i)].conj(),
        });
        let expected = log_det_cholesky(hermitian.as_ref()).unwrap();
        let lower = Mat::from_fn(n, n, |i, j| if i >= j { hermitian[(i, j)] } else { c64::ZERO });
        for stored in [&hermitian, &lower] {
            close(&log_det_sparse_cholesky(sparse(stored).as_ref()).unwrap(), &expected, 1e-11, "Cholesky");
            close(&log_det_sparse_ldlt(sparse(stored).as_ref()).unwrap(), &expected, 1e-11, "LDLᴴ");
        }
        let quasi = Mat::from_fn(n + 1, n + 1, |i, j| match (i == n, j == n) {
            (false, false) => hermitian[(i, j)],
            (true, true) => c64::new(-2.0, 0.0),
            (true, false) => a[(0, j)],
            (false, true) => a[(0, i)].conj(),
        });
        let found = log_det_sparse_ldlt(sparse(&quasi).as_ref()).unwrap();
        close(&found, &log_det(quasi.as_ref()).unwrap(), 1e-10, "quasi-definite");
        assert_eq!(found.sign, c64::new(-1.0, 0.0));
        close(&log_det_sparse(sparse(&quasi).as_ref()).unwrap(), &found, 1e-10, "LU of it");
    }
}

#[test]
fn permutations_have_their_parity() {
    let mut stream = Stream::new(32);
    for n in [1, 2, 3, 4, 9, 50] {
        for _ in 0..5 {
            let mut p: Vec<usize> = (0..n).collect();
            let mut sign = 1.0;
            for i in (1..n).rev() {
                let k = ((stream.uniform() + 0.5) * (i + 1) as f64) as usize;
                p.swap(i, k);
                sign *= if i == k { 1.0 } else { -1.0 };
            }
            let a = Mat::from_fn(n, n, |i, j| if p[i] == j { 3.0_f64 } else { 0.0 });
            let found = log_det_sparse::<f64>(sparse(&a).as_ref()).unwrap();
            assert_eq!(found.sign, sign, "{p:?}");
            assert!((found.ln_abs - n as f64 * 3.0_f64.ln()).abs() < 1e-13);
        }
    }
}

#[test]
fn ranges_and_singular_matrices() {
    let n = 30;
    let power = |i: usize| ((i * 7919) % 900) as i32 - 450;
    let chain = Mat::from_fn(n, n, |i, j| {
        if i == j {
            2.0
        } else if i.abs_diff(j) == 1 {
            -1.0
        } else {
            0.0_f64
        }
    });
    let scaled =
        Mat::from_fn(n, n, |i, j| tangency_matrix::RealScalar::ldexp(chain[(i, j)], power(i) + power(j)));
    let exact =
        31.0_f64.ln() + 2.0 * (0..n).map(|i| f64::from(power(i))).sum::<f64>() * std::f64::consts::LN_2;
    for found in
        [log_det_sparse_cholesky, log_det_sparse_ldlt, log_det_sparse].map(|f| f(sparse(&scaled).as_ref()))
    {
        assert!((found.unwrap().ln_abs - exact).abs() < 1e-11 * exact.abs().max(1.0));
    }
    // Structurally singular, numerically singular, an empty row, an empty column, nothing stored.
    let mut structural = Mat::<f64>::zeros(4, 4);
    for j in 0..4 {
        structural[(0, j)] = 1.0 + j as f64;
        structural[(j, 0)] = 2.0;
    }
    let mut empty_column = chain.clone();
    empty_column.col_mut(5).fill(0.0);
    for a in
        [structural, Mat::ones(5, 5), empty_column.transpose().to_owned(), empty_column, Mat::zeros(3, 3)]
    {
        let found = log_det_sparse(sparse(&a).as_ref()).unwrap();
        assert_eq!((found.sign, found.ln_abs), (0.0, f64::NEG_INFINITY));
    }
    let empty = sparse(&Mat::<f64>::new());
    for f in [log_det_sparse, log_det_sparse_cholesky, log_det_sparse_ldlt] {
        assert_eq!(f(empty.as_ref()).unwrap(), LogDet::default());
        let rectangular = sparse(&Mat::<f64>::ones(2, 3));
        assert_eq!(f(rectangular.as_ref()).unwrap_err(), MatrixError::NotSquare { rows: 2, columns: 3 });
        let mut bad = chain.clone();
        bad[(3, 2)] = f64::NAN;
        assert_eq!(f(sparse(&bad).as_ref()).unwrap_err(), MatrixError::NotFinite { row: 3, column: 2 });
    }
}

#[test]
fn sparse_cholesky_says_which_pivot_is_not_positive() {
    // A diagonal matrix has its pivots in its rows, whatever the order.
    let n = 12;
    let mut a = Mat::from_fn(n, n, |i, j| if i == j { 1.0 + i as f64 } else { 0.0 });
    a[(7, 7)] = -3.0;
    let error = log_det_sparse_cholesky(sparse(&a).as_ref()).unwrap_err();
    assert_eq!(error, MatrixError::NotPositive { kind: "definite", what: "pivot", index: 7, value: -3.0 });
    a[(7, 7)] = 0.0;
    let error = log_det_sparse_cholesky(sparse(&a).as_ref()).unwrap_err();
    assert_eq!(error, MatrixError::NotPositive { kind: "definite", what: "pivot", index: 7, value: 0.0 });
    assert!(matches!(log_det_sparse_ldlt(sparse(&a).as_ref()), Err(MatrixError::Singular { index: 7, .. })));
    // Only the last pivot of the pair (10, 3; 3, 0.4) · 1e100 is negative, 0.4 − 0.9: or first 0.4, then 10 − 22.5.
    a[(7, 7)] = 1.0;
    (a[(4, 4)], a[(9, 9)], a[(9, 4)], a[(4, 9)]) = (10e100, 0.4e100, 3e100, 3e100);
    let Err(MatrixError::NotPositive { index, value, .. }) = log_det_sparse_cholesky(sparse(&a).as_ref())
    else {
        panic!("accepted")
    };
    let exact = if index == 9 { -0.5e100 } else { -12.5e100 };
    assert!(index == 9 || index == 4);
    assert!((value / exact - 1.0).abs() < 1e-12, "{index}: {value}");
    // On a grid, where the factorisation is by supernodes: with the sum of all entries negative it is indefinite.
    let (grid, _) = laplacian(60);
    let mut shifted = Vec::new();
    for j in 0..3600 {
        for (i, &x) in grid.as_ref().row_idx_of_col(j).zip(grid.as_ref().val_of_col(j)) {
            shifted.push(Triplet::new(i, j, if i == j { x - 0.5 } else { x }));
        }
    }
    let shifted = SparseColMat::<usize, f64>::try_new_from_triplets(3600, 3600, &shifted).unwrap();
    let Err(MatrixError::NotPositive { index, value, .. }) = log_det_sparse_cholesky(shifted.as_ref()) else {
        panic!("accepted")
    };
    assert!(index < 3600 && value <= 0.0, "{index} {value}");
    let (ldlt, lu) =
        (log_det_sparse_ldlt(shifted.as_ref()).unwrap(), log_det_sparse(shifted.as_ref()).unwrap());
    close(&ldlt, &lu, 1e-8, "indefinite grid");
}

/// A quasi-definite matrix with a pivot that has no reciprocal: an answer or an error, never NaN.
#[test]
fn pivots_that_leave_the_range() {
    for (first, second) in [(5e-324, -1.0), (1.0, -5e-324), (5e-324, -5e-324)] {
        let a = mat![[first, 1.0], [1.0, second]];
        let found = log_det_sparse_ldlt::<f64>(sparse(&a).as_ref());
        match found {
            Ok(det) => assert!(det.sign == -1.0 && det.ln_abs.abs() < 1e-15, "{first} {second} {det:?}"),
            Err(error) => {
                assert!(
                    matches!(error, MatrixError::Overflow { .. } | MatrixError::Singular { .. }),
                    "{error:?}"
                );
            }
        }
    }
    let single = mat![[1e-45_f32, 1.0], [1.0, -1.0]];
    let found = log_det_sparse_ldlt(sparse(&single).as_ref());
    assert!(
        matches!(found, Err(MatrixError::Overflow { .. } | MatrixError::Singular { .. }))
            || found.as_ref().is_ok_and(|det| det.sign == -1.0 && det.ln_abs == 0.0),
        "{found:?}"
    );
    // Between two of them a chain that passes the pivot on.
    let chain = mat![[1e-200, 1.0, 0.0], [1.0, -1.0, 1e-5], [0.0, 1e-5, 3.0]];
    let found = log_det_sparse_ldlt(sparse(&chain).as_ref()).unwrap();
    close(&found, &log_det(chain.as_ref()).unwrap(), 1e-13, "chain");
}
