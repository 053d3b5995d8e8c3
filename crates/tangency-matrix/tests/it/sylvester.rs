//! Sylvester's and Lyapunov's equation: residuals, the Kronecker form, and spectra that meet.

use crate::schur::{norm, number, random};
use faer::linalg::solvers::Solve;
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{MatrixError, RealScalar, Scalar, schur, solve_lyapunov, solve_sylvester};

fn rectangle<T: Scalar>(m: usize, n: usize, seed: u64) -> Mat<T> {
    random::<T>(m.max(n), seed).submatrix(0, 0, m, n).to_owned()
}

/// `C − A X − X B`, relative to what rounding has to be measured against.
fn relative_residual<T: Scalar>(a: &Mat<T>, b: &Mat<T>, c: &Mat<T>, x: &Mat<T>) -> f64 {
    let residual = c - a * x - x * b;
    norm(residual.as_ref())
        / ((norm(a.as_ref()) + norm(b.as_ref())) * norm(x.as_ref()) + norm(c.as_ref())).max(f64::MIN_POSITIVE)
}

fn residuals<T: Scalar>() {
    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
    for (m, n) in [
        (0, 0),
        (0, 3),
        (2, 0),
        (1, 1),
        (1, 2),
        (2, 1),
        (3, 4),
        (7, 2),
        (25, 25),
        (30, 61),
        (90, 47),
        (128, 128),
    ] {
        let (a, b, c) = (random::<T>(m, 1), random::<T>(n, 2), rectangle::<T>(m, n, 3));
        let x = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap();
        let residual = relative_residual(&a, &b, &c, &x);
        assert!(residual <= 4.0 * ((m + n) as f64).max(1.0) * u, "{m} {n}: {:e}", residual / u);
    }
    for n in [0, 1, 2, 5, 33, 100] {
        let (a, c) = (random::<T>(n, 4), random::<T>(n, 5));
        let x = solve_lyapunov(a.as_ref(), c.as_ref()).unwrap();
        let adjoint = a.adjoint().to_owned();
        let residual = relative_residual(&a, &adjoint, &c, &x);
        assert!(residual <= 8.0 * (n as f64).max(1.0) * u, "{n}: {:e}", residual / u);
        let hermitian = &c + c.adjoint();
        let x = solve_lyapunov(a.as_ref(), hermitian.as_ref()).unwrap();
        assert!(x == x.adjoint().to_owned());
        assert!(relative_residual(&a, &adjoint, &hermitian, &x) <= 8.0 * (n as f64).max(1.0) * u);
    }
}

#[test]
fn residuals_in_all_types() {
    residuals::<f32>();
    residuals::<f64>();
    residuals::<c32>();
    residuals::<c64>();
}

/// The matrix of $X \mapsto AX + XB$ on the columns of X one below another.
fn kronecker<T: Scalar>(a: &Mat<T>, b: &Mat<T>) -> Mat<T> {
    let (m, n) = (a.nrows(), b.nrows());
    Mat::from_fn(m * n, m * n, |row, column| {
        let ((i, j), (k, l)) = ((row % m, row / m), (column % m, column / m));
        let mut sum = T::ZERO;
        if j == l {
            sum += a[(i, k)];
        }
        if i == k {
            sum += b[(l, j)];
        }
        sum
    })
}

fn against_kronecker<T: Scalar>() {
    for (m, n) in [(1, 1), (2, 2), (3, 2), (2, 5), (6, 6)] {
        for seed in 0..5 {
            let (a, b, c) =
                (random::<T>(m, seed), random::<T>(n, seed + 50), rectangle::<T>(m, n, seed + 100));
            let x = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap();
            let map = kronecker(&a, &b);
            let rhs = Mat::from_fn(m * n, 1, |k, _| c[(k % m, k / m)]);
            let expected = map.full_piv_lu().solve(&rhs);
            let difference = Mat::from_fn(m, n, |i, j| x[(i, j)] - expected[(j * m + i, 0)]);
            let singular: Vec<f64> = map
                .singular_values()
                .unwrap()
                .iter()
                .map(|s| {
                    let s: &<T as faer::traits::ComplexField>::Real = s;
                    T::from_real_impl(s).re().to_f64()
                })
                .collect();
            let condition = singular[0] / singular[m * n - 1];
            let error = norm(difference.as_ref()) / norm(x.as_ref());
            assert!(
                error <= 20.0 * condition * T::RealPart::UNIT_ROUNDOFF.to_f64(),
                "{m} {n} {seed}: {error:e} of {condition:e}"
            );
        }
    }
}

#[test]
fn the_kronecker_form_has_the_same_solution() {
    against_kronecker::<f64>();
    against_kronecker::<c64>();
}

#[test]
fn spectra_that_meet() {
    fn check<T: Scalar>() {
        let a =
            Mat::<T>::from_fn(3, 3, |i, j| if i <= j { T::from_f64(1.0 + (i + j) as f64) } else { T::ZERO });
        let b = -a.as_ref();
        let c = random::<T>(3, 1);
        let error = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap_err();
        assert!(matches!(error, MatrixError::SpectraMeet { separation } if separation == 0.0));
        let rotation = |x: f64| Mat::<T>::from_fn(2, 2, |i, j| T::from_f64([[0.0, -x], [x, 0.0]][i][j]));
        let c = random::<T>(2, 1);
        assert!(solve_sylvester(rotation(1.0).as_ref(), rotation(1.0).as_ref(), c.as_ref()).is_err());
        assert!(solve_lyapunov(rotation(1.0).as_ref(), c.as_ref()).is_err());
        assert!(solve_sylvester(rotation(1.0).as_ref(), rotation(1.1).as_ref(), c.as_ref()).is_ok());
        let zero = Mat::<T>::zeros(2, 2);
        assert!(matches!(
            solve_sylvester(zero.as_ref(), zero.as_ref(), c.as_ref()),
            Err(MatrixError::SpectraMeet { .. })
        ));
    }
    check::<f32>();
    check::<f64>();
    check::<c32>();
    check::<c64>();
}

#[test]
fn ends_of_the_range() {
    let (a, b, c) = (random::<f64>(6, 1), random::<f64>(5, 2), rectangle::<f64>(6, 5, 3));
    let x = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap();
    let scaled = |m: &Mat<f64>, k: i32| Mat::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)].ldexp(k));
    for (k, l) in [(1000, 1000), (-1000, -1000), (900, -100), (-500, 500), (500, 900)] {
        let (a, b, c) = (scaled(&a, k), scaled(&b, k), scaled(&c, l));
        let y = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap();
        let difference = scaled(&y, k - l) - &x;
        assert!(norm(difference.as_ref()) <= 1e-12 * norm(x.as_ref()), "{k} {l}");
    }
    let (a, b, c) = (scaled(&a, -600), scaled(&b, -600), scaled(&c, 600));
    assert!(matches!(solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()), Err(MatrixError::Overflow { .. })));
    // Coefficients of very different size.
    let (a, b) = (scaled(&random::<f64>(4, 7), 300), scaled(&random::<f64>(3, 8), -300));
    let c = rectangle::<f64>(4, 3, 9);
    let x = solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()).unwrap();
    assert!(relative_residual(&a, &b, &c, &x) < 1e-14);
}

#[test]
fn bad_input() {
    let (a, b, c) = (random::<f64>(3, 1), random::<f64>(2, 2), random::<f64>(3, 3));
    assert!(matches!(
        solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()),
        Err(MatrixError::ShapeMismatch { expected_rows: 3, expected_columns: 2, rows: 3, columns: 3, .. })
    ));
    assert!(matches!(solve_lyapunov(a.as_ref(), b.as_ref()), Err(MatrixError::ShapeMismatch { .. })));
    let wide = c.as_ref().subcols(0, 2);
    assert!(matches!(solve_lyapunov(wide, c.as_ref()), Err(MatrixError::NotSquare { rows: 3, columns: 2 })));
    for place in 0..3 {
        let mut operands = [a.clone(), a.clone(), c.clone()];
        operands[place][(1, 2)] = f64::NAN;
        let [a, b, c] = &operands;
        assert_eq!(
            solve_sylvester(a.as_ref(), b.as_ref(), c.as_ref()),
            Err(MatrixError::NotFinite { row: 1, column: 2 })
        );
    }
}

#[test]
fn invariant_subspaces_and_order() {
    fn check<T: Scalar>() {
        for n in [1, 2, 3, 4, 5, 8, 20, 60] {
            for seed in 0..4 {
                let a = random::<T>(n, 30 + seed);
                let form = schur(a.as_ref()).unwrap();
                let before = form.eigenvalues();
                let stable = |z: T::Complex| z.re() < T::RealPart::ZERO;
                let count = before.iter().filter(|z| stable(**z)).count();
                let form = form.reordered(stable).unwrap();
                crate::schur::check_form(&form, &a, "reordered");
                let after = form.eigenvalues();
                let tolerance = T::RealPart::UNIT_ROUNDOFF.to_f64() * 2e3 * norm(a.as_ref());
                for (k, z) in after.iter().enumerate() {
                    // An eigenvalue next to the axis may have crossed it.
                    assert!(
                        stable(*z) == (k < count) || z.re().modulus().to_f64() < tolerance,
                        "{n} {seed}: {k} {z}"
                    );
                }
                // Any order of the clusters, and back.
                let cluster: Vec<usize> = (0..n).map(|i| (i * 7 + seed as usize) % 5).collect();
                let mut sorted = form.clone();
                sorted.reorder_by(&cluster).unwrap();
                crate::schur::check_form(&sorted, &a, "by cluster");
                let trace = |f: &tangency_matrix::Schur<T>| {
                    f.eigenvalues().iter().fold(number::<T::Complex>(0.0, 0.0), |s, &z| s + z)
                };
                assert!((trace(&sorted) - trace(&form)).modulus().to_f64() <= tolerance);
            }
        }
    }
    check::<f64>();
    check::<c64>();
    check::<f32>();
    check::<c32>();
}

#[test]
fn clusters_come_in_their_order() {
    // Known eigenvalues: pairs k ± i on the even places, reals between.
    let n = 12;
    let mut t = Mat::<f64>::from_fn(n, n, |i, j| if j > i { 0.3 + ((3 * i + j) % 5) as f64 } else { 0.0 });
    let mut k = 0;
    while k < n {
        t[(k, k)] = k as f64;
        if k + 1 < n && k % 3 == 0 {
            t[(k + 1, k + 1)] = k as f64;
            t[(k, k + 1)] = -2.0;
            t[(k + 1, k)] = 0.5;
            k += 1;
        }
        k += 1;
    }
    let mut form = schur(t.as_ref()).unwrap();
    let values = form.eigenvalues();
    let cluster: Vec<usize> = values.iter().map(|z| (z.re.round() as usize * 5) % 7).collect();
    form.reorder_by(&cluster).unwrap();
    let expected = {
        let mut pairs: Vec<(usize, c64)> = cluster.iter().copied().zip(values).collect();
        pairs.sort_by_key(|p| p.0);
        pairs
    };
    for ((_, z), w) in expected.iter().zip(form.eigenvalues()) {
        assert!((z - w).norm() < 1e-11, "{z} {w}");
    }
    assert!(matches!(form.reorder_by(&[1, 2]), Err(MatrixError::ShapeMismatch { .. })));
}

#[test]
fn triangular_matrices_of_very_different_eigenvalues() {
    let (a, b) = (mat![[1e20, 3.0], [0.0, 1.0]], mat![[1.0]]);
    let x = solve_sylvester(a.as_ref(), b.as_ref(), mat![[1e20], [4.0]].as_ref()).unwrap();
    // No rounding has touched the eigenvalue 1 beside 1e20.
    assert_eq!((x[(0, 0)], x[(1, 0)]), ((1e20 - 6.0) / (1e20 + 1.0), 2.0));
    let meeting = solve_sylvester(a.as_ref(), mat![[-1.0]].as_ref(), mat![[1.0], [1.0]].as_ref());
    assert!(matches!(meeting, Err(MatrixError::SpectraMeet { separation }) if separation == 0.0));
    let covariance = solve_lyapunov((-&a).as_ref(), mat![[-1.0, 0.0], [0.0, -1.0]].as_ref()).unwrap();
    assert!((covariance[(1, 1)] - 0.5_f64).abs() < 1e-16);
}
