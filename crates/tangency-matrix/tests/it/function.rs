//! Functions given by the caller.

use crate::exact::Stream;
use crate::reference::{Case, golden_bound, load, relative_error};
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    DoubleDoubleComplex, MatrixError, RealScalar, Scalar, funm, funm_derivative_free, operator_norm_1, sinm,
};

/// The k-th derivative.
fn derivative<C: Scalar>(function: &str, z: C, k: usize) -> C {
    let real = C::from_f64;
    match function {
        "exp" => z.exp(),
        "sin" | "cos" => match (k + usize::from(function == "cos")) % 4 {
            0 => z.sin(),
            1 => z.cos(),
            2 => -z.sin(),
            _ => -z.cos(),
        },
        "sinh" | "cosh" => {
            if (k + usize::from(function == "cosh")).is_multiple_of(2) {
                z.sinh()
            } else {
                z.cosh()
            }
        }
        "log" if k == 0 => z.ln(),
        "log" => {
            // (−1)^(k−1) (k−1)! / z^k, factor by factor.
            (1..k).fold(C::ONE / z, |x, j| x * real(-(j as f64)) / z)
        }
        "sqrt" => (0..k).fold(z.sqrt(), |x, j| x * real(0.5 - j as f64) / z),
        _ => unreachable!("{function}"),
    }
}

fn value(function: &str, z: DoubleDoubleComplex) -> DoubleDoubleComplex {
    match function {
        "exp" => z.exp(),
        "sin" => z.sin(),
        "cos" => z.cos(),
        "sinh" => z.sinh(),
        "cosh" => z.cosh(),
        "log" => z.ln(),
        "sqrt" => z.sqrt(),
        _ => unreachable!("{function}"),
    }
}

fn both<T: Scalar>(function: &str, a: &Mat<T>) -> [Result<Mat<T>, MatrixError>; 2] {
    [
        funm(a.as_ref(), |z, k| derivative(function, z, k)),
        funm_derivative_free(a.as_ref(), |z| value(function, z)),
    ]
}

/// Relative errors over 10·n·u·max(1, κ).
fn ratios<T: Scalar>(function: &str, case: &Case) -> [f64; 2] {
    let (a, expected) = (case.matrix::<T>("a").unwrap(), case.matrix::<c64>("expected").unwrap());
    both(function, &a).map(|result| {
        let result = result.unwrap_or_else(|e| panic!("{function} of {a:?}: {e}"));
        relative_error(result.as_ref(), expected.as_ref()) / golden_bound::<T>(case.n(), case.condition())
    })
}

#[test]
fn reference_values() {
    let mut worst = Vec::new();
    let files = [("trig", ""), ("exp", "exp"), ("exp_random", "exp"), ("log", "log"), ("sqrt", "sqrt")];
    for (file, only) in files {
        for case in load(file) {
            let function = if only.is_empty() { case.text("function") } else { only };
            // A singular matrix may have a square root, which an analytic function at zero is not.
            let outside = function == "tanh" || case.name() == "ones_4";
            if outside || case.error_kind().is_some() || case.matrix::<c64>("expected").is_none() {
                continue;
            }
            let mut push = |format: &str, ratios: [f64; 2]| {
                for (ratio, which) in ratios.into_iter().zip(["derivatives", "values"]) {
                    worst.push((ratio, format!("{function} {} {format} {which}", case.name())));
                }
            };
            push("c64", ratios::<c64>(function, &case));
            if !case.complex() {
                push("f64", ratios::<f64>(function, &case));
            }
            if let Some(single) = case.single() {
                let norm = operator_norm_1(single.matrix::<c64>("expected").unwrap().as_ref());
                let normal = f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX);
                if single.condition() > 1e6 || !normal.contains(&norm) {
                    continue; // no digit is known in single precision
                }
                push("c32", ratios::<c32>(function, &single));
                if !case.complex() {
                    push("f32", ratios::<f32>(function, &single));
                }
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert!(worst.len() > 2000, "{} values", worst.len());
    // The Schur form's own backward error takes 1.46, in the direction that nearly defective matrices feel most.
    let allowed = |name: &str| if name.contains("nearly_defective") { 1.5 } else { 1.02 };
    assert!(worst.iter().all(|(ratio, name)| *ratio <= allowed(name)), "{:#?}", &worst[..8]);
}

fn random(n: usize, seed: u64) -> Mat<f64> {
    Stream::new(seed).matrix(n, n)
}

fn assert_close<T: Scalar<RealPart = f64>>(x: &Mat<T>, y: &Mat<T>, tolerance: f64) {
    let error = operator_norm_1((x - y).as_ref()) / operator_norm_1(y.as_ref());
    assert!(error <= tolerance, "{error:e}: {x:?} and {y:?}");
}

#[test]
fn powers_whose_first_derivatives_vanish() {
    // z¹⁰ about the mean 0: a series that is stopped at its first vanishing terms gives zero.
    let falling = |z: c64, k: usize| {
        if k > 10 { c64::ZERO } else { (0..k).fold(z.powi(10 - k as i32), |x, j| x * (10 - j) as f64) }
    };
    for a in [
        mat![[0.05, 1.0], [0.0, -0.05]],
        mat![[0.05, 1.0, 2.0], [0.0, -0.05, 3.0], [0.0, 0.0, 0.0]],
        mat![[1.0 + 1e-10, 1.0], [0.0, 1.0 - 1e-10]],
        random(9, 4),
    ] {
        let square = &a * &a;
        let fourth = &square * &square;
        let expected = &fourth * &fourth * &square;
        assert_close(&funm(a.as_ref(), falling).unwrap(), &expected, 1e-13);
        assert_close(&funm_derivative_free(a.as_ref(), |z| z.powi(10)).unwrap(), &expected, 1e-13);
    }
}

#[test]
fn jordan_blocks_and_their_neighbours() {
    // The published funm of SciPy fails here: equal and almost equal eigenvalues.
    let e = std::f64::consts::E;
    for split in [0.0, f64::EPSILON, 1e-12, 1e-8, 1e-4] {
        let a = mat![[1.0 + split, 1.0], [0.0, 1.0 - split]];
        for result in both("exp", &a) {
            // The divided difference sinh(s)/s is 1 to s²/6.
            let expected = mat![
                [e * split.exp(), e * split.sinh() / if split > 0.0 { split } else { 1.0 }],
                [0.0, e * (-split).exp()]
            ];
            let corner = if split > 0.0 { expected[(0, 1)] } else { e };
            let result = result.unwrap();
            assert!((result[(0, 1)] / corner - 1.0).abs() < 2e-15, "{split:e} {}", result[(0, 1)]);
            assert!((result[(0, 0)] / expected[(0, 0)] - 1.0).abs() < 2e-15);
            assert!(result[(1, 0)] == 0.0);
        }
    }
    // Order 8, off-diagonal 5: sin(x + N) by derivatives.
    let n = 8;
    let a = Mat::from_fn(n, n, |i, j| {
        if i == j {
            0.7
        } else if i + 1 == j {
            5.0
        } else {
            0.0
        }
    });
    let expected = Mat::from_fn(n, n, |i, j| {
        if j < i {
            return 0.0;
        }
        let k = j - i;
        let factor: f64 = (1..=k).map(|i| 5.0 / i as f64).product();
        derivative("sin", c64::new(0.7, 0.0), k).re * factor
    });
    for result in both("sin", &a) {
        assert_close(&result.unwrap(), &expected, 1e-14);
    }
}

#[test]
fn agrees_with_the_functions_of_their_own() {
    for (n, scale) in [(40, 1.0), (40, 4.0), (90, 2.0)] {
        let a = random(n, 11) * faer::Scale(scale);
        let expected = sinm(a.as_ref()).unwrap();
        for result in both("sin", &a) {
            assert_close(&result.unwrap(), &expected, 1e-12);
        }
        // The inverse, and the identity.
        let inverse = funm_derivative_free(a.as_ref(), |z| z.powi(-1)).unwrap();
        let defect = operator_norm_1((&a * &inverse - Mat::<f64>::identity(n, n)).as_ref());
        assert!(
            defect < 1e-14 * operator_norm_1(a.as_ref()) * operator_norm_1(inverse.as_ref()),
            "{defect:e}"
        );
        let same = funm(a.as_ref(), |z, k| {
            if k == 0 {
                z
            } else if k == 1 {
                c64::ONE
            } else {
                c64::ZERO
            }
        })
        .unwrap();
        assert_close(&same, &a, 1e-13);
    }
}

#[test]
fn a_cluster_across_a_branch_cut() {
    // The mean of the two eigenvalues lies on the cut, and the series about it converges to another branch.
    let b = 1e-7;
    let a = mat![[-1.0, b], [-b, -1.0]];
    for result in both("log", &a) {
        let result = result.unwrap();
        let angle = std::f64::consts::PI - b;
        assert!((result[(0, 1)] - angle).abs() < 1e-8 && (result[(1, 0)] + angle).abs() < 1e-8, "{result:?}");
    }
}

#[test]
fn all_scales() {
    // Roots and logarithms know no scale: the square root of 4ᵏA is 2ᵏ times that of A.
    for a in [
        mat![[1.0, 3.0], [0.0, 1.01]],
        mat![[1.0, 3.0, 1.0], [0.0, 0.01, 5.0], [0.0, 0.0, 1e-4]],
        random(6, 5),
    ] {
        let a = &a * &a; // no eigenvalue on the negative axis, but for a chance that the seed does not have
        let expected = both("sqrt", &a).map(Result::unwrap);
        for k in [-120, -50, -20, -3, 7, 30, 120] {
            let scaled = &a * faer::Scale(RealScalar::ldexp(1.0_f64, 2 * k));
            for (result, expected) in both("sqrt", &scaled).into_iter().zip(&expected) {
                let result = result.unwrap_or_else(|e| panic!("4^{k} {a:?}: {e}"));
                assert_close(&(result * faer::Scale(RealScalar::ldexp(1.0_f64, -k))), expected, 1e-11);
            }
        }
        assert_close(&(&expected[0] * &expected[0]), &a, 1e-12);
        assert_close(&(&expected[1] * &expected[1]), &a, 1e-12);
    }
}

#[test]
fn no_value_and_no_series() {
    let negative_zero = funm_derivative_free(mat![[-0.0, 0.0], [0.0, 1.0]].as_ref(), DoubleDoubleComplex::ln);
    assert!(matches!(negative_zero.unwrap_err(), MatrixError::NoPrincipalValue { wanted: "finite", .. }));
    let singular = mat![[1.0, 1.0], [1.0, 1.0]];
    let exactly = mat![[0.0, 1.0], [0.0, 2.0]];
    for result in both("log", &exactly) {
        let error = result.unwrap_err();
        assert!(
            matches!(
                error,
                MatrixError::NoPrincipalValue { wanted: "finite", real: 0.0, imaginary: 0.0, .. }
            ),
            "{error}"
        );
    }
    // To working precision: an error or something huge, not a quiet number.
    for result in both("log", &singular) {
        match result {
            Ok(x) => assert!(operator_norm_1(x.as_ref()) > 10.0),
            Err(error) => assert!(matches!(error, MatrixError::NoPrincipalValue { .. }), "{error}"),
        }
    }
    for result in both("log", &mat![[-2.0, 1.0], [0.0, 3.0]]) {
        assert!(matches!(
            result.unwrap_err(),
            MatrixError::NoPrincipalValue { wanted: "real", real: -2.0, imaginary: 0.0, .. }
        ));
    }
    let i = DoubleDoubleComplex::from(c64::new(0.0, 1.0));
    let turned = funm_derivative_free(mat![[1.0, 2.0], [-3.0, 1.0]].as_ref(), |z| i * z);
    assert!(matches!(turned.unwrap_err(), MatrixError::NoPrincipalValue { wanted: "real", .. }));
    // In complex arithmetic there is nothing wrong with it.
    let a = mat![[c64::new(1.0, 0.0), c64::new(2.0, 0.0)], [c64::new(-3.0, 0.0), c64::new(1.0, 0.0)]];
    let turned = funm_derivative_free(a.as_ref(), |z| i * z).unwrap();
    assert_close(&turned, &Mat::from_fn(2, 2, |r, c| a[(r, c)] * c64::new(0.0, 1.0)), 1e-15);
    // Not analytic: no circle shows decaying coefficients.
    let jordan = mat![[1.0, 1.0], [0.0, 1.0]];
    let conjugate = funm_derivative_free(jordan.as_ref(), DoubleDoubleComplex::conj);
    assert!(matches!(conjugate.unwrap_err(), MatrixError::NoConvergence { .. }));
    let overflow = funm(mat![[700.0_f64, 1e200], [0.0, 700.0]].as_ref(), |z, _| z.exp());
    assert!(matches!(overflow.unwrap_err(), MatrixError::Overflow { .. }), "overflow");
}

#[test]
fn bad_input() {
    for result in both("exp", &Mat::<f64>::zeros(2, 3)) {
        assert_eq!(result.unwrap_err(), MatrixError::NotSquare { rows: 2, columns: 3 });
    }
    for bad in [f64::NAN, f64::INFINITY] {
        for result in both("exp", &mat![[1.0, 0.0], [bad, 1.0]]) {
            assert_eq!(result.unwrap_err(), MatrixError::NotFinite { row: 1, column: 0 });
        }
    }
    for result in both("exp", &Mat::<f64>::zeros(0, 0)) {
        assert_eq!(result.unwrap().nrows(), 0);
    }
    for result in both("exp", &mat![[5e-324, 1e-310], [0.0, -5e-324]]) {
        assert_eq!(result.unwrap(), mat![[1.0, 1e-310], [0.0, 1.0]]);
    }
    for result in both("sqrt", &Mat::<f64>::zeros(3, 3)) {
        assert_eq!(result.unwrap(), Mat::<f64>::zeros(3, 3)); // a diagonal matrix needs no derivatives
    }
    // e^(1e300) is infinite, and so is not a value of f.
    for result in both("exp", &mat![[1e300, 1.0], [2.0, 1e300]]) {
        assert!(matches!(result.unwrap_err(), MatrixError::NoPrincipalValue { wanted: "finite", .. }));
    }
}

/// H B H with a reflection H: as exact as two such products are.
fn reflected(b: &Mat<f64>) -> Mat<f64> {
    let n = b.nrows();
    let v: Vec<f64> = (0..n).map(|i| 1.0 / (i + 1) as f64).collect();
    let square: f64 = v.iter().map(|x| x * x).sum();
    let h = Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square);
    &h * b * &h
}

#[test]
fn long_chains_of_eigenvalues() {
    // exp of a skew-symmetric matrix with the eigenvalues 0, ±0.4i, ±0.8i, … ±20i: as one cluster, terms of 4e7.
    let n = 101;
    let angle = |k: usize| if k == 0 { 0.0 } else { k.div_ceil(2) as f64 * 0.4 };
    let pairs = |diagonal: fn(f64) -> f64, above: fn(f64) -> f64| {
        reflected(&Mat::from_fn(n, n, |i, j| {
            let partner = if i == 0 { 0 } else { ((i - 1) ^ 1) + 1 };
            if i == j {
                diagonal(angle(i))
            } else if partner == j {
                if i < j { above(angle(i)) } else { -above(angle(i)) }
            } else {
                0.0
            }
        }))
    };
    let a = pairs(|_| 0.0, |x| x);
    let expected = pairs(f64::cos, f64::sin);
    for result in both("exp", &a) {
        assert_close(&result.unwrap(), &expected, 10.0 * n as f64 * f64::EPSILON * 20.0);
    }
    // The same on the real line, of a symmetric matrix, which needs no clusters; symmetric to the bit.
    let line = |f: fn(f64) -> f64| {
        reflected(&Mat::from_fn(n, n, |i, j| if i == j { f(i as f64 * 0.4) } else { 0.0 }))
    };
    let a = line(|x| x);
    let a = Mat::from_fn(n, n, |i, j| a[(i.max(j), i.min(j))]);
    for result in both("sin", &a) {
        let result = result.unwrap();
        assert_close(&result, &line(f64::sin), 10.0 * n as f64 * f64::EPSILON * 40.0);
        assert_eq!(result, result.transpose().to_owned());
    }
    // Two eigenvalues far out: a distance of 39 is small beside 1e5 and large for the sine.
    let (x, y) = (1e5, 1e5 - 39.0);
    let a = mat![[x, 1.0], [0.0, y]];
    let expected = mat![[x.sin(), (x.sin() - y.sin()) / 39.0], [0.0, y.sin()]];
    for result in both("sin", &a) {
        assert_close(&result.unwrap(), &expected, 1e-15);
    }
}

#[test]
fn real_and_complex_callers() {
    // A derivative that is not real on the real line.
    let jordan = mat![[1.0_f64, 1.0], [0.0, 1.0]];
    let turned = funm(jordan.as_ref(), |z, k| if k == 1 { c64::new(0.0, 1.0) } else { z.exp() });
    assert!(matches!(turned.unwrap_err(), MatrixError::NoConvergence { .. }));
    // For a complex matrix f is asked for nothing near the conjugates of its eigenvalues.
    let a = mat![[c64::new(0.5, 2.0), c64::ONE], [c64::new(0.0, 0.25), c64::new(-0.5, 1.5)]];
    let upper = |z: c64, _| {
        assert!(z.im > 0.0, "{z}");
        z.exp()
    };
    let expected = tangency_matrix::expm(a.as_ref()).unwrap();
    assert_close(&funm(a.as_ref(), upper).unwrap(), &expected, 1e-14);
}
