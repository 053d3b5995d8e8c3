//! Powers and roots against reference values and against what defines them.

use crate::reference::{Case, golden_bound, load, relative_error};
use faer::{Mat, MatRef, c32, c64, mat};
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, operator_norm_1, powm, powm_condition, powm_frechet,
    powm_frechet_adjoint, rootm, sqrtm,
};

/// The smallest modulus of an eigenvalue, in double precision.
fn smallest_eigenvalue(case: &Case) -> f64 {
    let eigenvalues = case.matrix::<c64>("a").unwrap().eigenvalues().unwrap();
    eigenvalues.iter().fold(f64::INFINITY, |least, z| least.min(z.norm()))
}

/// $2 n u \lVert A \rVert_1$: the documented threshold of a zero eigenvalue, and as much for the rounding of the eigenvalue.
fn noise<T: Scalar>(case: &Case) -> f64 {
    let a = case.matrix::<c64>("a").unwrap();
    2.0 * case.n() as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64() * operator_norm_1(a.as_ref())
}

fn check<T: Scalar>(
    case: &Case,
    compute: impl Fn(MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
    bad: &mut Vec<String>,
) {
    let (a, expected) = (case.matrix::<T>("a").unwrap(), case.matrix::<c64>("expected").unwrap());
    let bound = golden_bound::<T>(case.n(), case.number("cond").unwrap());
    let value = match compute(a.as_ref()) {
        // Rounding cannot tell an eigenvalue of that size from zero.
        Err(MatrixError::Singular { .. }) if smallest_eigenvalue(case) <= noise::<T>(case) => return,
        found => found.unwrap_or_else(|e| panic!("{}: {e}", case.name())),
    };
    let error = relative_error(value.as_ref(), expected.as_ref());
    if !(error <= bound) {
        bad.push(format!("{} {}: {error:e} above {bound:e}", case.name(), std::any::type_name::<T>()));
    }
}

fn golden(file: &str, power: impl Fn(&Case) -> f64, root: impl Fn(&Case) -> Option<i32>) {
    let mut bad = Vec::new();
    let mut count = 0;
    for case in load(file).iter().filter(|c| c.0.get("expected").is_some() && c.number("cond").is_some()) {
        count += 1;
        let (p, order) = (power(case), root(case));
        if !case.complex() {
            check::<f64>(case, |a| order.map_or_else(|| powm(a, p), |q| rootm(a, q)), &mut bad);
        }
        check::<c64>(case, |a| order.map_or_else(|| powm(a, p), |q| rootm(a, q)), &mut bad);
        if let Some(single) = case.single() {
            if !case.complex() {
                check::<f32>(&single, |a| order.map_or_else(|| powm(a, p), |q| rootm(a, q)), &mut bad);
            }
            check::<c32>(&single, |a| order.map_or_else(|| powm(a, p), |q| rootm(a, q)), &mut bad);
        }
    }
    assert!(count >= 15, "{count} cases");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn powers_match_the_reference() {
    golden("power", |c| c.number("p").unwrap(), |_| None);
}

#[test]
fn roots_match_the_reference() {
    golden("root", |_| 0.0, |c| Some(c.number("order").unwrap() as i32));
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

fn derivatives<T: Scalar>(case: &Case, bad: &mut Vec<String>) {
    let p = case.number("p").unwrap();
    let (a, e) = (case.matrix::<T>("a").unwrap(), case.matrix::<T>("e").unwrap());
    let forward = powm_frechet(a.as_ref(), p, e.as_ref()).unwrap();
    // The bound of the value with the condition of the value; that of the derivative is not stored, and about its square at worst.
    let kappa = case.number("cond").unwrap();
    let bound = golden_bound::<T>(case.n(), kappa);
    let mut judge = |what: &str, x: &Mat<T>, reference: Option<Mat<c64>>, factor: f64| {
        if let Some(reference) = reference {
            let error = relative_error(x.as_ref(), reference.as_ref());
            if !(error <= bound * factor) {
                bad.push(format!(
                    "{} {what} {}: {error:e} above {:e}",
                    case.name(),
                    std::any::type_name::<T>(),
                    bound * factor
                ));
            }
        }
    };
    let single = T::PRECISION == tangency_matrix::Precision::Single;
    judge("value", &forward.value, if single { None } else { case.matrix("value") }, 1.0);
    judge("derivative", &forward.derivative, case.matrix("expected"), 10.0);
    let backward = powm_frechet_adjoint(a.as_ref(), p, e.as_ref()).unwrap();
    judge("adjoint", &backward.derivative, if single { None } else { case.matrix("adjoint") }, 10.0);
    let condition = powm_condition(a.as_ref(), p).unwrap().to_f64();
    if !(condition <= kappa * 1.001 && condition >= kappa / 3.0) {
        bad.push(format!("{}: condition {condition:e} of {kappa:e}", case.name()));
    }
}

#[test]
fn derivatives_and_conditions_match_the_reference() {
    let mut bad = Vec::new();
    let mut count = 0;
    for case in load("frechet").iter().filter(|c| c.0["function"] == "power") {
        count += 1;
        if !case.complex() {
            derivatives::<f64>(case, &mut bad);
        }
        derivatives::<c64>(case, &mut bad);
        if let Some(single) = case.single() {
            if case.complex() {
                derivatives::<c32>(&single, &mut bad);
            } else {
                derivatives::<f32>(&single, &mut bad);
            }
        }
    }
    assert!(count >= 20);
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// A well-conditioned matrix without structure and without eigenvalues near the negative axis.
fn sample<T: Scalar>(n: usize, seed: u64) -> Mat<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::RealPart::from_f64((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    let size = T::RealPart::from_f64(2.0 / (n as f64).sqrt());
    Mat::from_fn(n, n, |i, j| {
        let entry = T::from_complex(next().complex(next())).scale(size);
        if i == j { entry + T::from_f64(1.5) } else { entry }
    })
}

fn distance<T: Scalar>(a: &Mat<T>, b: &Mat<T>) -> f64 {
    (operator_norm_1((a - b).as_ref()) / operator_norm_1(b.as_ref())).to_f64()
}

fn identities<T: Scalar>(tolerance: f64) {
    for n in [3, 4, 7, 20, 45] {
        let a = sample::<T>(n, n as u64);
        let power = |p: f64| powm(a.as_ref(), p).unwrap();
        let identity = Mat::<T>::identity(n, n);
        assert_eq!(power(0.0), identity);
        assert_eq!(power(1.0), a);
        assert!(distance(&(power(-1.0) * &a), &identity) < tolerance, "{n}");
        assert!(distance(&(power(-4.0) * power(4.0)), &identity) < tolerance, "{n}");
        assert!(distance(&power(5.0), &(&a * &a * &a * &a * &a)) < tolerance, "{n}");
        for (p, q) in [(0.3, 0.7), (0.9, 1.1), (-0.25, 2.25), (-1.6, -1.4), (3.5, -2.5)] {
            let error = distance(&(power(p) * power(q)), &power(p + q));
            assert!(error < tolerance, "{n}: {p} {q}: {error:e}");
        }
        assert!(distance(&power(0.5), &sqrtm(a.as_ref()).unwrap()) < tolerance, "{n}");
        let fifth = rootm(a.as_ref(), -5).unwrap();
        assert!(distance(&powm(fifth.as_ref(), -5.0).unwrap(), &a) < tolerance, "{n}");
        // L(A, A) = p A^p, and the adjoint identity.
        let (e, w) = (sample::<T>(n, 77), sample::<T>(n, 78));
        for p in [0.3, -0.7, 2.5, -1.75, 3.0, -2.0] {
            let along = powm_frechet(a.as_ref(), p, a.as_ref()).unwrap();
            assert_eq!(along.value, power(p));
            let expected = Mat::from_fn(n, n, |i, j| along.value[(i, j)].scale(T::RealPart::from_f64(p)));
            assert!(distance(&along.derivative, &expected) < 10.0 * tolerance, "{n}: {p}");
            let forward = powm_frechet(a.as_ref(), p, e.as_ref()).unwrap().derivative;
            let backward = powm_frechet_adjoint(a.as_ref(), p, w.as_ref()).unwrap().derivative;
            let inner = |x: &Mat<T>, y: &Mat<T>| {
                let mut sum = T::ZERO;
                (0..n).for_each(|j| (0..n).for_each(|i| sum += x[(i, j)].conj() * y[(i, j)]));
                sum
            };
            let size = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
            let (left, right) = (inner(&w, &forward), inner(&backward, &e));
            assert!((left - right).modulus().to_f64() < tolerance * size(&forward) * size(&w));
        }
    }
}

#[test]
fn identities_hold_in_every_type() {
    identities::<f64>(2e-13);
    identities::<c64>(2e-13);
    identities::<f32>(1e-4);
    identities::<c32>(1e-4);
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
        assert!((&back * (1.0 / scale) - &turn).norm_max() < 1e-13);
        let inverse = powm(a.as_ref(), -1.0).unwrap();
        assert!((inverse * &a - Mat::<f64>::identity(2, 2)).norm_max() < 1e-15);
    }
    assert!(matches!(powm((&turn * 1e300).as_ref(), 1.5), Err(MatrixError::Overflow { .. })));
    assert!(matches!(powm((&turn * 1e300).as_ref(), 2.0), Err(MatrixError::Overflow { .. })));
    assert!(powm((&turn * 1e-300).as_ref(), 1.5).unwrap().norm_max() == 0.0);
    assert!((powm(mat![[1e300]].as_ref(), 1.0 / 3.0).unwrap()[(0, 0)] / 1e100 - 1.0_f64).abs() < 1e-13);
    // An exponent so small that the power is I + p log A.
    let a = sample::<f64>(5, 9);
    let logarithm = tangency_matrix::logm(a.as_ref()).unwrap();
    let difference = (powm(a.as_ref(), 1e-6).unwrap() - Mat::<f64>::identity(5, 5)) * 1e6;
    assert!((difference - logarithm).norm_max() < 1e-5);
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
