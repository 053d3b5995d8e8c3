//! Powers and roots against reference values and against what defines them.

use crate::golden::{self, Refusal::Singular};
use crate::reference::{Case, golden_bound, load, relative_error};
use crate::samples::{about, inner};
use faer::{Mat, MatRef, c32, c64, mat};
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, expm1m, log1pm, operator_norm_1, powm, powm_condition, powm_frechet,
    powm_frechet_adjoint, rootm, sqrtm,
};

fn exponent(case: &Case) -> f64 {
    case.number("p").unwrap()
}

/// An eigenvalue below n u ‖A‖ in single precision.
const REFUSED: golden::Refusals<'_> = &[
    ("spread_0_10", "f32", Singular),
    ("spread_6_12", "f32", Singular),
    ("spread_0_10", "Complex<f32>", Singular),
    ("spread_6_12", "Complex<f32>", Singular),
];

fn reference<T: Scalar>() -> [usize; 3] {
    let root = |case: &Case, a: MatRef<'_, T>| rootm(a, case.number("order").unwrap() as i32);
    [
        golden::values::<T>(&load("power"), REFUSED, |case, a| powm(a, exponent(case))).count,
        golden::values::<T>(&load("root"), &[], root).count,
        golden::derivatives::<T>(
            &golden::of_function("frechet", "power"),
            |case, a, e| powm_frechet(a, exponent(case), e),
            |case, a, e| powm_frechet_adjoint(a, exponent(case), e),
            |case, a| powm_condition(a, exponent(case)),
        )
        .count,
    ]
}

#[test]
fn reference_values_derivatives_and_conditions() {
    assert_eq!(reference::<f64>(), [28, 13, 20]);
    assert_eq!(reference::<c64>(), [36, 17, 24]);
    // A twin in single precision is left out where rounding moves an eigenvalue to the cut.
    let (single, complex) = (reference::<f32>(), reference::<c32>());
    assert!(single[..2] == [12, 7] && single[2] >= 16, "{single:?}");
    assert!(complex[..2] == [17, 9] && complex[2] >= 20, "{complex:?}");
}

#[test]
fn negative_eigenvalues_have_no_real_power() {
    let mut count = 0;
    for case in load("power").iter().filter(|c| c.0.get("error").is_some()) {
        count += 1;
        let (a, p) = (case.matrix::<f64>("a").unwrap(), case.number("p").unwrap());
        let expected = case.0["error"]["eigenvalue"].as_f64().unwrap();
        match powm(a.as_ref(), p) {
            Err(MatrixError::NoPrincipalValue {
                function: "the power",
                wanted: "real",
                real,
                imaginary,
                ..
            }) => {
                assert!((real - expected).abs() < 1e-14 && imaginary == 0.0);
            }
            other => panic!("{}: {other:?}", case.name()),
        }
        if let Some(expected) = case.matrix::<c64>("expected") {
            let complex = powm(case.matrix::<c64>("a").unwrap().as_ref(), p).unwrap();
            assert!(relative_error(complex.as_ref(), expected.as_ref()) < 1e-14, "{}", case.name());
        }
    }
    assert!(count >= 2);
    // The whole powers of the same matrices exist.
    let swap = mat![[0.0, 1.0], [1.0, 0.0]];
    assert_eq!(powm(swap.as_ref(), -3.0).unwrap(), swap);
    assert_eq!(powm(swap.as_ref(), 4.0).unwrap(), Mat::<f64>::identity(2, 2));
}

/// A well-conditioned matrix without structure and without eigenvalues near the negative axis.
fn sample<T: Scalar>(n: usize, seed: u64) -> Mat<T> {
    about(n, seed, 2.0 / (n as f64).sqrt(), |_| 1.5)
}

fn distance<T: Scalar>(a: &Mat<T>, b: &Mat<T>) -> f64 {
    (operator_norm_1((a - b).as_ref()) / operator_norm_1(b.as_ref())).to_f64()
}

fn identities<T: Scalar>() {
    for n in [3, 4, 7, 20, 45] {
        let a = sample::<T>(n, n as u64);
        let size = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
        let unit = golden_bound::<T>(n, 1.0);
        // A power and how far it may be from the exact one.
        let power = |p: f64| {
            let value = powm(a.as_ref(), p).unwrap();
            let kappa = powm_condition(a.as_ref(), p).unwrap().to_f64().max(1.0);
            let bound = unit * kappa * size(&value);
            (value, bound)
        };
        // That X Y = Z, for approximations with these bounds, and a product that is rounded.
        let multiplies = |x: &(Mat<T>, f64), y: &(Mat<T>, f64), z: &(Mat<T>, f64)| {
            let error = size(&(&x.0 * &y.0 - &z.0));
            let bound = x.1 * size(&y.0) + y.1 * size(&x.0) + z.1 + unit * size(&x.0) * size(&y.0);
            assert!(error <= bound, "{n}: {error:e} above {bound:e}");
        };
        let identity = Mat::<T>::identity(n, n);
        let exact = |x: &Mat<T>| (x.clone(), 0.0);
        assert_eq!(power(0.0).0, identity);
        assert_eq!(power(1.0).0, a);
        multiplies(&power(-1.0), &exact(&a), &exact(&identity));
        for (p, q) in
            [(-4.0, 4.0), (4.0, 1.0), (0.3, 0.7), (0.9, 1.1), (-0.25, 2.25), (-1.6, -1.4), (3.5, -2.5)]
        {
            multiplies(&power(p), &power(q), &power(p + q));
        }
        let root = (sqrtm(a.as_ref()).unwrap(), 0.0);
        assert!(size(&(&power(0.5).0 - &root.0)) <= 2.0 * power(0.5).1, "{n}");
        let (fifth, bound) = (rootm(a.as_ref(), -5).unwrap(), power(-0.2).1);
        let kappa = powm_condition(fifth.as_ref(), -5.0).unwrap().to_f64();
        let error = distance(&powm(fifth.as_ref(), -5.0).unwrap(), &a);
        assert!(error <= kappa * (bound / size(&fifth) + unit), "{n}: {error:e}");
        // L(A, A) = p A^p, and the adjoint identity.
        let (e, w) = (sample::<T>(n, 77), sample::<T>(n, 78));
        for p in [0.3, -0.7, 2.5, -1.75, 3.0, -2.0] {
            let along = powm_frechet(a.as_ref(), p, a.as_ref()).unwrap();
            let (value, bound) = power(p);
            assert!(size(&(&along.value - &value)) <= 2.0 * bound, "{n}: {p}");
            let expected = Mat::from_fn(n, n, |i, j| along.value[(i, j)].scale(T::RealPart::from_f64(p)));
            let error = size(&(&along.derivative - &expected));
            assert!(error <= p.abs().max(1.0) * 2.0 * bound, "{n}: {p}: {:e}", error / bound);
            let forward = powm_frechet(a.as_ref(), p, e.as_ref()).unwrap().derivative;
            let backward = powm_frechet_adjoint(a.as_ref(), p, w.as_ref()).unwrap().derivative;
            let (left, right) = (inner(&w, &forward), inner(&backward, &e));
            let error = (left - right).modulus().to_f64();
            assert!(error <= unit * size(&forward) * size(&w), "{n}: {p}: {error:e}");
        }
    }
}

#[test]
fn identities_hold_in_every_type() {
    identities::<f64>();
    identities::<c64>();
    identities::<f32>();
    identities::<c32>();
}

#[test]
fn whole_powers_are_exact_on_whole_numbers() {
    let fibonacci = mat![[1.0, 1.0], [1.0, 0.0]];
    let power = powm(fibonacci.as_ref(), 70.0).unwrap();
    assert_eq!(power[(0, 1)], 190392490709135.0);
    assert_eq!(powm(fibonacci.as_ref(), -3.0).unwrap(), mat![[-1.0, 2.0], [2.0, -3.0]]);
    let shift = mat![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]];
    assert_eq!(powm(shift.as_ref(), 3.0).unwrap(), Mat::<f64>::zeros(3, 3));
    assert_eq!(powm(mat![[0.0]].as_ref(), 0.0).unwrap()[(0, 0)], 1.0);
}

#[test]
fn hermitian_results_are_hermitian_to_the_bit() {
    let b = sample::<c64>(6, 5);
    let mut a = &b * b.adjoint();
    for j in 0..6 {
        a[(j, j)] = c64::new(a[(j, j)].re, 0.0);
        for i in 0..j {
            a[(i, j)] = a[(j, i)].conj();
        }
    }
    for p in [-2.0, -0.3, 0.4, 3.0, 7.5] {
        let power = powm(a.as_ref(), p).unwrap();
        assert!((0..6).all(|j| (0..6).all(|i| power[(i, j)] == power[(j, i)].conj())), "{p}");
    }
}

#[test]
fn singular_matrices() {
    let ones = mat![[1.0, 1.0], [1.0, 1.0]];
    assert!((powm(ones.as_ref(), 1.5).unwrap() - &ones * 2.0_f64.sqrt()).norm_max() < 1e-15);
    assert_eq!(powm(mat![[4.0, 0.0], [0.0, 0.0]].as_ref(), 1.5).unwrap(), mat![[8.0, 0.0], [0.0, 0.0]]);
    for (a, p) in [
        (ones.clone(), -0.5),
        (ones.clone(), -1.0),
        (mat![[0.0, 1.0], [0.0, 1.0]], 0.5),
        (mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], -1.0),
    ] {
        assert!(matches!(powm(a.as_ref(), p), Err(MatrixError::Singular { .. })), "{a:?} {p}");
    }
    // Scaled by rows or columns, but not singular.
    for a in
        [mat![[1.0, 1.0], [1e-20, 2e-20]], mat![[1.0, 1e-20], [1.0, 2e-20]], mat![[1.0, 1.0], [0.0, 1e-30]]]
    {
        let error = powm(a.as_ref(), -1.0).unwrap() * &a - Mat::<f64>::identity(2, 2);
        assert!(error.norm_max() < 1e-15, "{error:?}");
    }
    assert!(matches!(powm_frechet(ones.as_ref(), 1.5, ones.as_ref()), Err(MatrixError::Singular { .. })));
    assert_eq!(powm_condition(ones.as_ref(), 0.5).unwrap(), f64::INFINITY);
    assert_eq!(
        powm_frechet(ones.as_ref(), 2.0, ones.as_ref()).unwrap().derivative,
        mat![[4.0, 4.0], [4.0, 4.0]]
    );
}

#[test]
fn the_ends_of_the_range() {
    let turn = mat![[0.6, 0.8], [-0.8, 0.6]];
    for scale in [1e300, 1e-300] {
        let a = &turn * scale;
        let root = powm(a.as_ref(), 0.25).unwrap();
        let back = powm(root.as_ref(), 4.0).unwrap();
        // Four times the bound of the root, and that of the fourth power.
        assert!((&back * (1.0 / scale) - &turn).norm_max() < 8.0 * golden_bound::<f64>(2, 1.0));
        let inverse = powm(a.as_ref(), -1.0).unwrap();
        assert!((inverse * &a - Mat::<f64>::identity(2, 2)).norm_max() < 1e-15);
    }
    assert!(matches!(powm((&turn * 1e300).as_ref(), 1.5), Err(MatrixError::Overflow { .. })));
    assert!(matches!(powm((&turn * 1e300).as_ref(), 2.0), Err(MatrixError::Overflow { .. })));
    assert!(powm((&turn * 1e-300).as_ref(), 1.5).unwrap().norm_max() == 0.0);
    // An exponent so small that the power is I + p log A.
    let a = sample::<f64>(5, 9);
    let logarithm = tangency_matrix::logm(a.as_ref()).unwrap();
    let difference = (powm(a.as_ref(), 1e-6).unwrap() - Mat::<f64>::identity(5, 5)) * 1e6;
    assert!((difference - logarithm).norm_max() < 1e-5);
}

/// Quarter turns: pairs of eigenvalues without real part, whose inverse must not go by it.
#[test]
fn negative_powers_of_imaginary_eigenvalues() {
    fn check<T: Scalar>(n: usize) {
        // Blocks [[0, x], [-1/x, 0]], x = 1, 2, 4, 1, ..., a last eigenvalue 2, and something above.
        let a = Mat::from_fn(n, n, |i, j| {
            let x = [1.0, 2.0, 4.0][i / 2 % 3];
            T::from_f64(match (i, j) {
                (i, j) if i + 1 == n && j + 1 == n => 2.0,
                (i, j) if i % 2 == 0 && j == i + 1 && j + 1 < n => x,
                (i, j) if i % 2 == 1 && i == j + 1 && i + 1 < n => -1.0 / x,
                (i, j) if i / 2 < j / 2 => 1.0 / n as f64,
                _ => 0.0,
            })
        });
        for p in [-1.5, -2.25] {
            let inverse = powm(powm(a.as_ref(), -1.0).unwrap().as_ref(), -p).unwrap();
            let kappa = powm_condition(a.as_ref(), p).unwrap().to_f64();
            let bound = 2.0 * golden_bound::<T>(n, kappa);
            let value = powm(a.as_ref(), p).unwrap();
            assert!(distance(&value, &inverse) <= bound, "{n} {p}: {:e}", distance(&value, &inverse));
            let along = powm_frechet(a.as_ref(), p, a.as_ref()).unwrap();
            let expected = Mat::from_fn(n, n, |i, j| inverse[(i, j)].scale(T::RealPart::from_f64(p)));
            assert!(distance(&along.derivative, &expected) <= bound, "{n} {p}");
        }
    }
    for n in [3, 39] {
        check::<f64>(n);
        check::<f32>(n);
        check::<c64>(n);
    }
    let turn = mat![[0.0_f64, 1.0], [-1.0, 0.0]];
    let along = powm_frechet(turn.as_ref(), -1.5, turn.as_ref()).unwrap();
    let expected = powm(turn.as_ref(), -1.5).unwrap() * -1.5;
    assert!(distance(&along.derivative, &expected) <= golden_bound::<f64>(2, 1.5));
}

/// The power of 2^k A is that of A times 2^k', rounded once, whatever the exponents.
#[test]
fn powers_of_two_are_taken_out_without_loss() {
    fn check<T: Scalar>(a: &Mat<T>, k: i32, p: f64) {
        let norm = operator_norm_1(a.as_ref()).to_f64();
        assert!((0.5..2.0).contains(&norm), "{norm}");
        let large = Mat::from_fn(a.nrows(), a.ncols(), |i, j| ldexp(a[(i, j)], k));
        let (power, expected) = (powm(large.as_ref(), p).unwrap(), powm(a.as_ref(), p).unwrap());
        let whole = (f64::from(k) * p).round();
        let factor = T::RealPart::from_f64(f64::from(k).mul_add(p, -whole).exp2());
        let expected =
            Mat::from_fn(a.nrows(), a.ncols(), |i, j| ldexp(expected[(i, j)].scale(factor), whole as i32));
        // Of order 2 it is the same computation; others take the difference from the identity where there is no power of 2.
        let unit = T::RealPart::UNIT_ROUNDOFF.to_f64();
        let bound = if a.nrows() == 2 { 4.0 * unit } else { golden_bound::<T>(a.nrows(), 1.0) };
        assert!(distance(&power, &expected) <= bound, "{k} {p}: {:e}", distance(&power, &expected));
    }
    let turn = mat![[0.6, 0.8], [-0.8, 0.6]];
    let dense = |n| sample::<f64>(n, 3) * 0.5;
    for (k, p) in [(996, 0.3), (998, 0.7), (-996, 1.0 / 3.0), (1000, -0.9), (400, -2.3)] {
        for a in [&turn, &dense(4), &(&dense(5) * dense(5).transpose() * 0.5)] {
            check(a, k, p);
        }
    }
    let dense = sample::<c32>(4, 3) * faer::Scale(c32::new(0.375, 0.0));
    for (k, p) in [(100, 0.3), (-100, 0.7)] {
        check(&dense, k, p);
    }
}

fn ldexp<T: Scalar>(x: T, k: i32) -> T {
    T::from_complex(x.re().ldexp(k).complex(x.im().ldexp(k)))
}

/// 1/q is rounded, and $\lambda^{1/q}$ is not that power of a large or small λ.
#[test]
fn roots_of_the_largest_numbers() {
    let u = f64::EPSILON / 2.0;
    let cube = |x: f64| rootm(mat![[x]].as_ref(), 3).unwrap()[(0, 0)];
    assert!((cube(1e300) / 1e100 - 1.0).abs() <= 2.0 * u);
    assert!((cube(1e-300) / 1e-100 - 1.0).abs() <= 2.0 * u);
    assert!((rootm(mat![[1e300]].as_ref(), -3).unwrap()[(0, 0)] / 1e-100 - 1.0_f64).abs() <= 2.0 * u);
    let a = mat![[3.0, 1.0, 0.5], [0.25, 2.0, 1.0], [1.0, 0.0, 4.0]];
    for k in [-990, 990] {
        let large = Mat::from_fn(3, 3, |i, j| ldexp(a[(i, j)], k));
        let expected = rootm(a.as_ref(), 3).unwrap();
        let expected = Mat::from_fn(3, 3, |i, j| ldexp(expected[(i, j)], k / 3));
        assert!(distance(&rootm(large.as_ref(), 3).unwrap(), &expected) <= 4.0 * u, "{k}");
    }
    // No entry is lost by scaling.
    let graded = mat![[1e300_f64, 0.0], [0.0, 1e-300]];
    let root = rootm(graded.as_ref(), 3).unwrap();
    assert!((root[(0, 0)] / 1e100 - 1.0).abs() < 2e-14 && (root[(1, 1)] / 1e-100 - 1.0).abs() < 2e-14);
    match rootm(mat![[-1e300_f64, 1.0], [0.0, 1.0]].as_ref(), 3) {
        Err(MatrixError::NoPrincipalValue { real, .. }) => assert_eq!(real, -1e300),
        other => panic!("{other:?}"),
    }
}

/// The derivative of the power of 2^k A is that of A times $2^{k (p - 1)}$.
#[test]
fn derivatives_of_scaled_matrices() {
    fn check<T: Scalar>(k: i32) {
        let general = sample::<T>(5, 4);
        let near = Mat::from_fn(5, 5, |i, j| {
            general[(i, j)].scale(T::RealPart::from_f64(0.125)) + if i == j { T::ONE } else { T::ZERO }
        });
        let symmetric = &general * general.adjoint();
        let symmetric = &symmetric + symmetric.adjoint();
        let e = sample::<T>(5, 6);
        for a in [general, near, symmetric] {
            let large = Mat::from_fn(5, 5, |i, j| ldexp(a[(i, j)], k));
            for p in [0.5, 1.5, -0.75] {
                let expected = powm_frechet(a.as_ref(), p, e.as_ref()).unwrap().derivative;
                let shift = f64::from(k) * (p - 1.0);
                assert_eq!(shift.fract(), 0.0);
                let expected = Mat::from_fn(5, 5, |i, j| ldexp(expected[(i, j)], shift as i32));
                let found = powm_frechet(large.as_ref(), p, e.as_ref()).unwrap().derivative;
                let bound = 1e3 * T::RealPart::UNIT_ROUNDOFF.to_f64();
                assert!(distance(&found, &expected) <= bound, "{k} {p}: {:e}", distance(&found, &expected));
            }
        }
    }
    check::<f64>(400);
    check::<c64>(-400);
    check::<f32>(60);
}

/// $(I + X)^p - I$ has a small error relative to itself, entry by entry.
#[test]
fn powers_near_the_identity_keep_their_digits() {
    let off_diagonal_error = |power: &Mat<f64>, expected: &Mat<f64>| {
        let mut worst = 0.0_f64;
        for j in 0..power.ncols() {
            for i in (0..power.nrows()).filter(|&i| i != j) {
                worst = worst.max((power[(i, j)] / expected[(i, j)] - 1.0).abs());
            }
        }
        worst
    };
    let n = 6;
    let noise = sample::<f64>(n, 8);
    // Twenty binary digits, so that I + X is exact.
    let x = Mat::from_fn(n, n, |i, j| ((noise[(i, j)] * 1e5).round() + 5e5) * 2.0_f64.powi(-50));
    let a = &x + Mat::<f64>::identity(n, n);
    assert_eq!(&a - Mat::<f64>::identity(n, n), x);
    for p in [0.3, -0.6] {
        let x2 = &x * &x;
        let series = &x * p + &x2 * (p * (p - 1.0) / 2.0) + &x2 * &x * (p * (p - 1.0) * (p - 2.0) / 6.0);
        let error = off_diagonal_error(&powm(a.as_ref(), p).unwrap(), &series);
        assert!(error < 1e-13, "{p}: {error:e}");
    }
    // Far enough from the identity for square roots; small exponents, so that the squarings start close to it.
    let noise = sample::<f64>(n, 9);
    let a = Mat::from_fn(n, n, |i, j| 0.07 + 0.01 * noise[(i, j)] + if i == j { 1.0 } else { 0.0 });
    let x = &a - Mat::<f64>::identity(n, n);
    let norm = operator_norm_1(x.as_ref());
    assert!(norm > 0.4 && norm <= 0.5, "{norm}");
    let log = log1pm(x.as_ref()).unwrap();
    for p in [2.0_f64.powi(-6), 2.0_f64.powi(-20), 0.9] {
        let expected = expm1m((&log * p).as_ref()).unwrap();
        let error = off_diagonal_error(&powm(a.as_ref(), p).unwrap(), &expected);
        assert!(error < 1e-13, "{p}: {error:e}");
    }
}

/// A small exponent leaves the digits of the off-diagonal entries wherever the matrix is.
#[test]
fn small_exponents_keep_their_digits() {
    let symmetric = mat![[2.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 1.5]];
    for a in [sample(2, 12), sample(3, 12), sample(8, 12), symmetric] {
        let n = a.nrows();
        let log = tangency_matrix::logm(a.as_ref()).unwrap();
        for p in [1e-8, -1e-6] {
            let difference = expm1m((&log * p).as_ref()).unwrap();
            let power = powm(a.as_ref(), p).unwrap();
            let off = |x: &Mat<f64>| Mat::from_fn(n, n, |i, j| if i == j { 0.0 } else { x[(i, j)] });
            let error = distance(&off(&power), &off(&difference));
            assert!(error < 1e-13, "{n} {p}: {error:e}");
        }
    }
}

#[test]
fn triangular_powers_in_closed_form() {
    // A Jordan block: binomials. The many squarings must not multiply the error of the diagonal.
    let (lambda, c, p) = (1.7_f64, 1000.0_f64, 0.3_f64);
    let jordan = Mat::from_fn(5, 5, |i, j| {
        if i == j {
            lambda
        } else if j == i + 1 {
            c
        } else {
            0.0
        }
    });
    let power = powm(jordan.as_ref(), p).unwrap();
    let mut expected = lambda.powf(p);
    for k in 0..5 {
        for i in 0..5 - k {
            let bound = if k == 0 { f64::EPSILON } else { 2e-14 };
            assert!((power[(i, i + k)] / expected - 1.0).abs() <= bound, "{i} {k}");
        }
        expected *= (p - k as f64) / (k + 1) as f64 * c / lambda;
    }
    // Distinct eigenvalues: their powers, and divided differences of them (mpmath, p the double nearest to 1/3).
    let a = mat![[1e-8, 3.0, 5.0], [0.0, 1.0, 7.0], [0.0, 0.0, 1e8]];
    let power = powm(a.as_ref(), 1.0 / 3.0).unwrap();
    for (found, expected) in [
        (power[(0, 0)], 0.0021544346900318843),
        (power[(1, 1)], 1.0),
        (power[(2, 2)], 464.15888336127773),
        (power[(0, 1)], 3.0 * 0.9978455752884239),
        (power[(1, 2)], 7.0 * 4.6315888799286664e-6),
    ] {
        assert!((found / expected - 1.0_f64).abs() <= 2.0 * f64::EPSILON, "{found:e} {expected:e}");
    }
}

/// The condition number does not depend on the scale, even where the norm does not fit.
#[test]
fn condition_numbers_at_the_largest_numbers() {
    let a = mat![[0.9_f64, 0.5, 0.25], [-0.5, 0.75, 0.5], [0.25, 0.125, 0.875]];
    let expected = powm_condition(a.as_ref(), 0.4).unwrap();
    let condition = powm_condition((&a * 2.0 * 2.0_f64.powi(1023)).as_ref(), 0.4).unwrap();
    assert!((condition / expected - 1.0).abs() < 1e-13, "{condition} {expected}");
}

#[test]
fn bad_input() {
    let a = mat![[2.0, 1.0], [0.5, 3.0]];
    for p in [f64::NAN, f64::INFINITY, -1e17] {
        assert!(matches!(powm(a.as_ref(), p), Err(MatrixError::OutOfRange { .. })), "{p}");
    }
    assert!(matches!(rootm(a.as_ref(), 0), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(powm(Mat::<f64>::zeros(2, 3).as_ref(), 0.5), Err(MatrixError::NotSquare { .. })));
    assert!(matches!(
        powm(mat![[1.0, f64::NAN], [0.0, 1.0]].as_ref(), 2.0),
        Err(MatrixError::NotFinite { row: 0, column: 1 })
    ));
    let wrong = Mat::<f64>::zeros(3, 3);
    assert!(matches!(powm_frechet(a.as_ref(), 0.5, wrong.as_ref()), Err(MatrixError::ShapeMismatch { .. })));
    for p in [-1.0, 0.0, 0.5, 2.0] {
        assert_eq!(powm(Mat::<f64>::zeros(0, 0).as_ref(), p).unwrap().shape(), (0, 0));
        assert_eq!(powm_condition(Mat::<f64>::zeros(0, 0).as_ref(), p).unwrap(), 0.0);
    }
    assert_eq!(powm_condition(a.as_ref(), 0.0).unwrap(), 0.0);
    assert!(matches!(rootm(mat![[-8.0]].as_ref(), 3), Err(MatrixError::NoPrincipalValue { .. })));
}
