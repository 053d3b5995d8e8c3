//! The Schur form against its definition and against known eigenvalues.

use faer::{Mat, MatRef, c32, c64};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_matrix::{MatrixError, RealScalar, Scalar, Schur, schur};

pub(crate) fn random<T: Scalar>(n: usize, seed: u64) -> Mat<T> {
    let mut rng = Pcg64::seed_from_u64(seed);
    Mat::from_fn(n, n, |_, _| number(rng.random::<f64>() - 0.5, rng.random::<f64>() - 0.5))
}

/// The number nearest to `re + i im` of the type.
pub(crate) fn number<T: Scalar>(re: f64, im: f64) -> T {
    T::from_complex(T::RealPart::from_f64(re).complex(T::RealPart::from_f64(im)))
}

/// Frobenius norm, in which unitary factors cost nothing; scaled by the largest entry first.
pub(crate) fn norm<T: Scalar>(a: MatRef<'_, T>) -> f64 {
    let largest = (0..a.ncols())
        .flat_map(|j| (0..a.nrows()).map(move |i| a[(i, j)].modulus().to_f64()))
        .fold(0.0, f64::max);
    if largest == 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            let relative = a[(i, j)].modulus().to_f64() / largest;
            sum += relative * relative;
        }
    }
    largest * sum.sqrt()
}

/// Shape, residual and unitarity; returns the form.
fn check<T: Scalar>(a: &Mat<T>, name: &str) -> Schur<T> {
    let form = schur(a.as_ref()).unwrap_or_else(|e| panic!("{name}: {e}"));
    check_form(&form, a, name);
    form
}

pub(crate) fn check_form<T: Scalar>(form: &Schur<T>, a: &Mat<T>, name: &str) {
    let n = a.nrows();
    let (q, t) = (form.q(), form.t());
    for j in 0..n {
        for i in j + 1..n {
            if i > j + 1 || !T::IS_REAL {
                assert!(t[(i, j)] == T::ZERO, "{name}: entry ({i}, {j}) is not zero");
            }
        }
        if T::IS_REAL && j + 1 < n && t[(j + 1, j)] != T::ZERO {
            assert!(t[(j, j)] == t[(j + 1, j + 1)], "{name}: block {j} has unequal diagonal entries");
            let opposite =
                (t[(j, j + 1)].re() < T::RealPart::ZERO) != (t[(j + 1, j)].re() < T::RealPart::ZERO);
            assert!(opposite && t[(j, j + 1)] != T::ZERO, "{name}: block {j} has real eigenvalues");
            assert!(j + 2 >= n || t[(j + 2, j + 1)] == T::ZERO, "{name}: blocks {j} overlap");
        }
    }
    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
    // Rounding errors of products of many reflectors add up at random: the factor n is for a norm over n columns.
    let unitary_bound = 10.0 * (n as f64).max(1.0) * u;
    let bound = 20.0 * (n as f64).max(1.0).sqrt() * u;
    let unitary = q.adjoint() * q - Mat::<T>::identity(n, n);
    assert!(norm(unitary.as_ref()) <= unitary_bound, "{name}: unitarity {:e}", norm(unitary.as_ref()) / u);
    let residual = a - form.reconstruct();
    let relative = norm(residual.as_ref()) / norm(a.as_ref()).max(f64::MIN_POSITIVE);
    assert!(relative <= bound, "{name}: residual {:e} u", relative / u);
}

/// Every expected eigenvalue has one of its own within `tolerance`.
fn check_eigenvalues<T: Scalar>(form: &Schur<T>, expected: &[c64], tolerance: f64, name: &str) {
    let mut left: Vec<c64> =
        form.eigenvalues().iter().map(|z| c64::new(z.re().to_f64(), z.im().to_f64())).collect();
    assert_eq!(left.len(), expected.len());
    for &z in expected {
        let (k, d) = left
            .iter()
            .enumerate()
            .map(|(k, &w)| (k, (w - z).norm()))
            .min_by(|x, y| x.1.total_cmp(&y.1))
            .unwrap();
        assert!(d <= tolerance, "{name}: {z} is missed by {d:e}");
        left.swap_remove(k);
    }
}

fn families<T: Scalar>(n: usize) -> Vec<(&'static str, Mat<T>)> {
    let at = |f: &dyn Fn(f64, f64) -> f64| Mat::from_fn(n, n, |i, j| T::from_f64(f(i as f64, j as f64)));
    let last = n as f64 - 1.0;
    vec![
        ("random", random(n, 7)),
        ("graded", {
            let a = random::<T>(n, 8);
            Mat::from_fn(n, n, |i, j| {
                a[(i, j)] * T::from_f64(10.0_f64.powf(-0.15 * (i + j) as f64).max(1e-20))
            })
        }),
        ("graded upwards", {
            let a = random::<T>(n, 9);
            Mat::from_fn(n, n, |i, j| a[(i, j)] * T::from_f64(1.2_f64.powi((i + j) as i32).min(1e12)))
        }),
        ("Frank", at(&|i, j| if j + 1.0 < i { 0.0 } else { last + 1.0 - i.max(j) })),
        (
            "Grcar",
            at(&|i, j| {
                if i == j + 1.0 {
                    -1.0
                } else if j >= i && j <= i + 3.0 {
                    1.0
                } else {
                    0.0
                }
            }),
        ),
        ("Jordan", at(&|i, j| f64::from(u8::from(i == j || j == i + 1.0)))),
        ("nilpotent below", at(&|i, j| f64::from(u8::from(i == j + 1.0)))),
        ("companion", at(&|i, j| if i == 0.0 { -1.0 - j } else { f64::from(u8::from(i == j + 1.0)) })),
        ("zero", Mat::zeros(n, n)),
        ("identity", Mat::identity(n, n)),
        ("orthogonal", random::<T>(n, 10).qr().compute_thin_Q()),
        ("cyclic", at(&|i, j| f64::from(u8::from(i == j + 1.0 || (i == 0.0 && j == last))))),
        ("triangular", {
            let a = random::<T>(n, 11);
            Mat::from_fn(n, n, |i, j| if i <= j { a[(i, j)] } else { T::ZERO })
        }),
        ("lower triangular", {
            let a = random::<T>(n, 12);
            Mat::from_fn(n, n, |i, j| if i >= j { a[(i, j)] } else { T::ZERO })
        }),
        ("ones", at(&|_, _| 1.0)),
        ("skew", at(&|i, j| (i - j) / (1.0 + (i - j) * (i - j)))),
        (
            "second difference",
            at(&|i, j| if i == j { 2.0 } else { -f64::from(u8::from((i - j).abs() == 1.0)) }),
        ),
    ]
}

fn all_families<T: Scalar>(sizes: &[usize]) {
    for &n in sizes {
        for (name, a) in families::<T>(n) {
            let name = format!("{name} {n}");
            let form = check(&a, &name);
            let complex = form.to_complex();
            let lifted = Mat::from_fn(n, n, |i, j| a[(i, j)].to_complex());
            check_form(&complex, &lifted, &format!("{name}, complex"));
        }
    }
}

const SIZES: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 25, 40, 64, 75, 76, 77, 100];

#[test]
fn residuals_f64() {
    all_families::<f64>(SIZES);
}

#[test]
fn residuals_c64() {
    all_families::<c64>(SIZES);
}

#[test]
fn residuals_f32() {
    all_families::<f32>(SIZES);
}

#[test]
fn residuals_c32() {
    all_families::<c32>(SIZES);
}

#[test]
fn large() {
    for n in [200, 317, 500] {
        check(&random::<f64>(n, 1), "random");
        check(&families::<f64>(n)[4].1, "Grcar");
    }
    check(&random::<f32>(300, 2), "random");
    check(&random::<c64>(300, 3), "random");
    check(&random::<c32>(200, 4), "random");
}

#[test]
fn eigenvalues_of_second_difference_and_cyclic() {
    for n in [1, 2, 3, 10, 50, 120, 250] {
        let pi = std::f64::consts::PI;
        let a =
            Mat::<f64>::from_fn(
                n,
                n,
                |i, j| if i == j { 2.0 } else { -f64::from(u8::from(i.abs_diff(j) == 1)) },
            );
        let expected: Vec<c64> =
            (1..=n).map(|k| c64::new(2.0 - 2.0 * (pi * k as f64 / (n as f64 + 1.0)).cos(), 0.0)).collect();
        check_eigenvalues(&check(&a, "second difference"), &expected, 4e-15 * n as f64, "second difference");
        let cyclic = Mat::<f64>::from_fn(n, n, |i, j| f64::from(u8::from(i == (j + 1) % n)));
        let expected: Vec<c64> = (0..n).map(|k| c64::cis(2.0 * pi * k as f64 / n as f64)).collect();
        check_eigenvalues(&check(&cyclic, "cyclic"), &expected, 4e-15 * n as f64, "cyclic");
        let lifted = Mat::from_fn(n, n, |i, j| cyclic[(i, j)].to_complex());
        check_eigenvalues(&check(&lifted, "cyclic"), &expected, 4e-15 * n as f64, "cyclic, complex");
    }
}

#[test]
fn small_eigenvalues_of_a_graded_matrix() {
    // Similar by a diagonal matrix to a symmetric tridiagonal one; its small eigenvalues are determined to high relative
    // accuracy by the entries, and the tiny subdiagonal entries must not be dropped too early.
    let n = 8;
    let a = Mat::<f64>::from_fn(n, n, |i, j| {
        if i == j {
            10.0_f64.powi(-3 * i as i32)
        } else if i.abs_diff(j) == 1 {
            0.1 * 10.0_f64.powi(-3 * i.max(j) as i32)
        } else {
            0.0
        }
    });
    let form = check(&a, "graded");
    let product: f64 = form.eigenvalues().iter().map(|z| z.re.ln()).sum();
    // ln of the determinant by the continuant's recurrence, all of whose terms are of one size.
    let mut pivot = a[(0, 0)];
    let mut ln = pivot.ln();
    for i in 1..n {
        pivot = a[(i, i)] - a[(i, i - 1)] * a[(i - 1, i)] / pivot;
        ln += pivot.ln();
    }
    assert!((product - ln).abs() < 1e-10, "{product} {ln}");
}

#[test]
fn ends_of_the_range() {
    for n in [1, 2, 5, 20, 90] {
        let a = random::<f64>(n, 21);
        let reference = check(&a, "plain");
        for power in [1000, -1000, -1010, 400, -400] {
            let scaled = Mat::from_fn(n, n, |i, j| a[(i, j)].ldexp(power));
            let form = schur(scaled.as_ref()).unwrap();
            // The same matrix up to an exact power of two: so is T, as far as it is normal.
            let back = Mat::from_fn(n, n, |i, j| form.t()[(i, j)].ldexp(-power));
            let q = form.q();
            let residual = &a - q * &back * q.transpose();
            assert!(norm(residual.as_ref()) <= 1e-14 * n as f64 * norm(a.as_ref()), "{n} {power}");
        }
        drop(reference);
        let scaled = Mat::from_fn(n, n, |i, j| (random::<f32>(n, 22)[(i, j)]).ldexp(-100));
        check(&scaled, "f32");
    }
    let subnormal = Mat::from_fn(5, 5, |i, j| f64::from_bits((i * 7 + j * 3) as u64 % 11));
    let form = schur(subnormal.as_ref()).unwrap();
    assert!(form.t()[(0, 0)].is_finite());
    // The norm of the eigenvalue does not fit.
    let full = Mat::from_fn(4, 4, |_, _| f64::MAX);
    assert!(matches!(schur(full.as_ref()), Err(MatrixError::Overflow { .. })));
    // Entries over the whole range.
    let wide = Mat::from_fn(6, 6, |i, j| 10.0_f64.powi(300 - 100 * (i as i32)) * (1.0 + j as f64));
    check(&wide, "wide");
}

#[test]
fn bad_input() {
    assert_eq!(
        schur(Mat::<f64>::zeros(2, 3).as_ref()).unwrap_err(),
        MatrixError::NotSquare { rows: 2, columns: 3 }
    );
    for bad in [f64::NAN, f64::INFINITY] {
        let mut a = random::<f64>(4, 1);
        a[(2, 1)] = bad;
        assert_eq!(schur(a.as_ref()).unwrap_err(), MatrixError::NotFinite { row: 2, column: 1 });
        let mut a = random::<c64>(4, 1);
        a[(2, 1)] = c64::new(0.0, bad);
        assert_eq!(schur(a.as_ref()).unwrap_err(), MatrixError::NotFinite { row: 2, column: 1 });
    }
}

#[test]
fn a_small_eigenvalue_that_hangs_on_a_tiny_entry() {
    // The entry below the diagonal is below the rounding of the diagonal, and yet moves the small eigenvalue, det A in
    // effect, from 5e-20 to 4e-20.
    let form = check(&Mat::<f64>::from_fn(2, 2, |i, j| [[1.0, 1e-3], [1e-17, 5e-20]][i][j]), "tiny entry");
    let small = form.eigenvalues().iter().map(|z| z.re).fold(1.0, f64::min);
    assert!((small / 4e-20 - 1.0).abs() < 1e-10, "{small:e}");
}

#[test]
fn of_a_pair_the_upper_eigenvalue_comes_first() {
    let form = check(&random::<f64>(30, 5), "random");
    let values = form.eigenvalues();
    let mut k = 0;
    while k < 30 {
        if values[k].im != 0.0 {
            assert!(values[k].im > 0.0 && values[k + 1] == values[k].conj());
            k += 1;
        }
        k += 1;
    }
}

#[test]
fn blocks_too_close_are_refused_or_exchanged_well() {
    for gap in [0.0, 1e-16, 1e-15, 1e-14, 1e-12, 1e-8, 1e-3] {
        for coupling in [1e-8, 1.0, 1e3, 1e6] {
            for skew in [1.0, 1e-3] {
                let rows = [
                    [0.5, 1.0, coupling, -coupling],
                    [-skew, 0.5, 0.3 * coupling, coupling],
                    [0.0, 0.0, 0.5 + gap, 1.0],
                    [0.0, 0.0, -skew, 0.5 + gap],
                ];
                let a = Mat::from_fn(4, 4, |i, j| rows[i][j]);
                let mut form = check(&a, "close");
                let before = form.clone();
                match form.reorder_by(&[1, 1, 0, 0]) {
                    Ok(()) => check_form(&form, &a, &format!("gap {gap:e} coupling {coupling:e}")),
                    Err(MatrixError::SpectraMeet { separation }) => {
                        assert!(separation > 0.0 && gap < 1e-8);
                        assert!(form.t() == before.t() && form.q() == before.q());
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }
}
