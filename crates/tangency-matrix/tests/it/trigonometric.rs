//! Sine, cosine, their hyperbolic sisters and the tangents.

use crate::exact::Stream;
use crate::golden;
use crate::reference::load;
use crate::samples::inner;
use faer::{Mat, MatRef, c32, c64, mat};
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, coshm, cosm, cosm_condition, cosm_frechet, cosm_frechet_adjoint,
    operator_norm_1, sincosm, sinhm, sinm, sinm_condition, sinm_frechet, sinm_frechet_adjoint, tanhm, tanm,
};

fn call<T: Scalar>(function: &str, a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    match function {
        "sin" => sinm(a),
        "cos" => cosm(a),
        "sinh" => sinhm(a),
        "cosh" => coshm(a),
        _ => tanhm(a),
    }
}

fn reference<T: Scalar>() -> [usize; 5] {
    let trig = golden::values::<T>(&load("trig"), &[], |case, a| call(case.text("function"), a)).count;
    let random = ["sin", "cos"].map(|function| {
        let cases = golden::of_function("trig_random", function);
        let sine = function == "sin";
        golden::conditions::<T>(&cases, |_, a| if sine { sinm_condition(a) } else { cosm_condition(a) });
        golden::values::<T>(&cases, &[], |_, a| call(function, a)).count
    });
    let sine = golden::derivatives::<T>(
        &golden::of_function("frechet", "sin"),
        |_, a, e| sinm_frechet(a, e),
        |_, a, e| sinm_frechet_adjoint(a, e),
        |_, a| sinm_condition(a),
    );
    let cosine = golden::derivatives::<T>(
        &golden::of_function("frechet", "cos"),
        |_, a, e| cosm_frechet(a, e),
        |_, a, e| cosm_frechet_adjoint(a, e),
        |_, a| cosm_condition(a),
    );
    [trig, random[0], random[1], sine.count, cosine.count]
}

#[test]
fn reference_values_derivatives_and_conditions() {
    assert_eq!(reference::<f64>(), [125, 200, 200, 10, 11]);
    assert_eq!(reference::<c64>(), [149, 240, 240, 11, 12]);
    assert_eq!(reference::<f32>(), [115, 200, 200, 10, 11]);
    assert_eq!(reference::<c32>(), [137, 240, 240, 11, 12]);
}

fn random(n: usize, seed: u64) -> Mat<f64> {
    Stream::new(seed).matrix(n, n)
}

fn random_complex(n: usize, seed: u64) -> Mat<c64> {
    let (re, im) = (random(n, seed), random(n, seed + 100));
    Mat::from_fn(n, n, |i, j| c64::new(re[(i, j)], im[(i, j)]))
}

#[test]
fn the_adjoint_is_the_adjoint() {
    for scale in [0.01, 1.0, 20.0] {
        let a = random_complex(7, 1) * faer::Scale(c64::new(scale, 0.0));
        let (e, w) = (random_complex(7, 2), random_complex(7, 3));
        let pairs = [
            (sinm_frechet(a.as_ref(), e.as_ref()), sinm_frechet_adjoint(a.as_ref(), w.as_ref())),
            (cosm_frechet(a.as_ref(), e.as_ref()), cosm_frechet_adjoint(a.as_ref(), w.as_ref())),
        ];
        for (direct, adjoint) in pairs {
            let (direct, adjoint) = (direct.unwrap().derivative, adjoint.unwrap().derivative);
            let (left, right) = (inner(&w, &direct), inner(&adjoint, &e));
            let size = operator_norm_1(w.as_ref()) * operator_norm_1(direct.as_ref());
            assert!((left - right).modulus() <= 1e-13 * size, "{scale}: {left} {right}");
        }
    }
}

#[test]
fn derivatives_scale_with_the_direction() {
    let (a, e) = (random(5, 8), random(5, 9));
    let base = sinm_frechet(a.as_ref(), e.as_ref()).unwrap().derivative;
    for exponent in [-1000, -300, 300, 1000] {
        let factor = RealScalar::ldexp(1.0_f64, exponent);
        let scaled = sinm_frechet(a.as_ref(), (&e * faer::Scale(factor)).as_ref()).unwrap().derivative;
        assert_eq!(scaled, &base * faer::Scale(factor), "2^{exponent}");
    }
    // A direction that is zero, a matrix that is zero.
    let zero = Mat::<f64>::zeros(5, 5);
    assert_eq!(sinm_frechet(a.as_ref(), zero.as_ref()).unwrap().derivative, zero);
    assert_eq!(sinm_frechet(zero.as_ref(), e.as_ref()).unwrap().derivative, e);
    assert_eq!(cosm_frechet(zero.as_ref(), e.as_ref()).unwrap().derivative, zero);
    // cos(tiny + hE): −(AE + EA)/2, not lost below the square of the matrix.
    let tiny = &a * faer::Scale(1e-200);
    let expected = (&tiny * &e + &e * &tiny) * faer::Scale(-0.5);
    let l = cosm_frechet(tiny.as_ref(), e.as_ref()).unwrap().derivative;
    assert!(operator_norm_1((&l - &expected).as_ref()) <= 1e-15 * operator_norm_1(expected.as_ref()));
}

#[test]
fn pythagoras_at_all_sizes() {
    // Every degree and many doublings; the defect against n·u and the size of the squares.
    for exponent in -30..=8 {
        for seed in 0..3 {
            let n = 6;
            let a = random(n, seed + 1) * faer::Scale((2.0_f64).powi(exponent) * 1.3);
            let (s, c) = sincosm(a.as_ref()).unwrap();
            let defect = &s * &s + &c * &c - Mat::<f64>::identity(n, n);
            let norm = |m: &Mat<f64>| operator_norm_1(m.as_ref());
            let size = norm(&s) * norm(&s) + norm(&c) * norm(&c);
            let kappa = norm(&a).max(1.0);
            let bound = 10.0 * n as f64 * f64::EPSILON * kappa * size;
            assert!(norm(&defect) <= bound, "2^{exponent}, {seed}: {:e} over {bound:e}", norm(&defect));
            // One at a time they have the bits of the pair.
            assert_eq!((sinm(a.as_ref()).unwrap(), cosm(a.as_ref()).unwrap()), (s, c));
        }
    }
}

#[test]
fn large_angles_of_a_symmetric_matrix() {
    // Q diag(θ) Qᵀ with Q a reflection, exact enough to compare with; zero among the angles, where the recurrence of
    // the cosine alone loses its digits like ‖A‖²u.
    for (scale, n) in [(1.0, 5), (100.0, 5), (1e4, 8), (1e6, 8)] {
        let v: Vec<f64> = (0..n).map(|i| 1.0 / (i + 1) as f64).collect();
        let square: f64 = v.iter().map(|x| x * x).sum();
        let q = Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square);
        let angle = |i: usize| scale * i as f64 / (n - 1) as f64;
        let of =
            |f: fn(f64) -> f64| &q * Mat::from_fn(n, n, |i, j| if i == j { f(angle(i)) } else { 0.0 }) * &q;
        let a = of(|x| x);
        let (s, c) = sincosm(a.as_ref()).unwrap();
        for (result, expected) in [(s, of(f64::sin)), (c, of(f64::cos))] {
            let error = operator_norm_1((result - expected).as_ref());
            // The rounding of A alone changes the angles by n·u·scale.
            assert!(error < 5.0 * n as f64 * f64::EPSILON * scale.max(1.0), "{scale}: {error:e}");
        }
    }
}

#[test]
fn overscaling_is_avoided() {
    // A² = I: sin A = A sin 1 whatever the size of the corner.
    for b in [1e6, 1e10, 1e150] {
        let a = mat![[1.0, b], [0.0, -1.0]];
        let (s, c) = sincosm(a.as_ref()).unwrap();
        assert!((s[(0, 1)] / (b * 1.0_f64.sin()) - 1.0).abs() < 1e-15, "{b}: {}", s[(0, 1)]);
        assert!((c[(0, 0)] - 1.0_f64.cos()).abs() < 2e-16 && c[(0, 1)].abs() < 1e-15 * b);
        let t = tanhm(a.as_ref()).unwrap();
        assert!((t[(0, 1)] / (b * 1.0_f64.tanh()) - 1.0).abs() < 2e-15);
    }
    // Here A² is large as well, and only its powers show how few halvings are needed.
    for b in [1e6, 1e12, 1e40] {
        let a = mat![[0.5, b], [0.0, 0.75]];
        let (s, c) = sincosm(a.as_ref()).unwrap();
        let (sine, cosine) = (0.75_f64.sin() - 0.5_f64.sin(), 0.75_f64.cos() - 0.5_f64.cos());
        assert!((s[(0, 1)] / (4.0 * b * sine) - 1.0).abs() < 2e-15, "{b}: {}", s[(0, 1)]);
        assert!((c[(0, 1)] / (4.0 * b * cosine) - 1.0).abs() < 2e-15, "{b}: {}", c[(0, 1)]);
    }
    // Nilpotent, as large as it can be: sin N = N and cos N = I.
    let nilpotent = mat![[0.0, 1e300], [0.0, 0.0]];
    let (s, c) = sincosm(nilpotent.as_ref()).unwrap();
    assert_eq!((s, c), (nilpotent, Mat::identity(2, 2)));
}

#[test]
fn tangents() {
    // tan and tanh from the quotient where that is harmless.
    let a = random(6, 21) * faer::Scale(0.8);
    let (s, c) = sincosm(a.as_ref()).unwrap();
    let t = tanm(a.as_ref()).unwrap();
    assert!(operator_norm_1((&c * &t - &s).as_ref()) < 1e-14);
    let t = tanhm(a.as_ref()).unwrap();
    assert!(operator_norm_1((coshm(a.as_ref()).unwrap() * &t - sinhm(a.as_ref()).unwrap()).as_ref()) < 1e-14);
    // Saturated: a thousand times the identity, not quite diagonal, and both signs.
    let a = mat![[1e3, 1e-3], [0.0, 1e3]];
    assert!(operator_norm_1((tanhm(a.as_ref()).unwrap() - Mat::<f64>::identity(2, 2)).as_ref()) < 1e-15);
    let a = mat![[1e3_f64, 1.0, 2.0], [0.5, -1e3, 1.0], [0.0, 1.0, 0.25]];
    let t = tanhm(a.as_ref()).unwrap();
    // tanh commutes with A, and the eigenvalues are 1, −1 and tanh of the small one.
    let commutator = &a * &t - &t * &a;
    assert!(operator_norm_1(commutator.as_ref()) < 1e-12, "{commutator:?}");
    let small = tangency_matrix::schur(a.as_ref()).unwrap().eigenvalues();
    let small = small.iter().map(|z| z.re).min_by(|x, y| x.abs().total_cmp(&y.abs())).unwrap();
    assert!((t[(0, 0)] + t[(1, 1)] + t[(2, 2)] - small.tanh()).abs() < 1e-13);
    // An intermediate pole, tanh(iπ/2), on the way to tanh(iπ) = 0 and to tanh of a large number.
    let turn = std::f64::consts::PI;
    let a = mat![[0.0, turn, 0.0], [-turn, 0.0, 1.0], [0.0, 0.0, 200.0]];
    let t = tanhm(a.as_ref()).unwrap();
    assert!((t[(2, 2)] - 1.0).abs() < 1e-15 && t[(0, 1)].abs() < 1e-13, "{t:?}");
    for scale in [1.0, 64.0, 1024.0] {
        let a = mat![[0.0, turn * scale], [-turn * scale, 0.0]];
        let t = tanhm(a.as_ref()).unwrap();
        assert!(operator_norm_1(t.as_ref()) < 1e-14 * scale, "{scale}: {t:?}");
    }
}

#[test]
fn poles_are_errors() {
    let half = std::f64::consts::FRAC_PI_2;
    let real = tanhm(mat![[0.0, half], [-half, 0.0]].as_ref()).unwrap_err();
    assert!(
        matches!(real, MatrixError::NoPrincipalValue { imaginary, .. } if (imaginary.abs() - half).abs() < 1e-14)
    );
    let far = tanhm(mat![[0.0, 41.0 * half], [-41.0 * half, 0.0]].as_ref()).unwrap_err();
    assert!(matches!(far, MatrixError::NoPrincipalValue { .. }), "{far}");
    let complex = mat![[c64::new(0.0, half), c64::ONE], [c64::ZERO, c64::ONE]];
    assert!(matches!(tanhm(complex.as_ref()).unwrap_err(), MatrixError::NoPrincipalValue { .. }));
    for diagonal in [half, 3.0 * half] {
        let error = tanm(mat![[diagonal, 1.0], [0.0, 1.0]].as_ref()).unwrap_err();
        assert!(
            matches!(error, MatrixError::NoPrincipalValue { real, .. } if (real - diagonal).abs() < 1e-14),
            "{error}"
        );
    }
    // Near a pole and not on it: large and right.
    let near = tanm(mat![[half + 1e-6, 0.5], [0.0, 1.0]].as_ref()).unwrap();
    assert!((near[(0, 0)] / (half + 1e-6).tan() - 1.0).abs() < 1e-9);
}

#[test]
fn ends_of_the_range() {
    for (k, f) in all_functions::<f64>().into_iter().enumerate() {
        assert_eq!(f(Mat::zeros(0, 0).as_ref()).unwrap().nrows(), 0);
        assert_eq!(f(Mat::zeros(1, 2).as_ref()).unwrap_err(), MatrixError::NotSquare { rows: 1, columns: 2 });
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let a = mat![[1.0, bad], [0.0, 1.0]];
            assert_eq!(f(a.as_ref()).unwrap_err(), MatrixError::NotFinite { row: 0, column: 1 });
        }
        // What is tiny is its own sine, to the last bit.
        let tiny = mat![[5e-324, 1e-310], [3e-300, -2e-200]];
        let y = f(tiny.as_ref()).unwrap();
        assert_eq!(y, if k < 4 { tiny } else { Mat::identity(2, 2) });
    }
    // Overflow says how large the result would be.
    let hot = mat![[800.0, 1.0], [0.0, 750.0]];
    for result in [sinhm(hot.as_ref()), coshm(hot.as_ref())] {
        assert!(
            matches!(result.unwrap_err(), MatrixError::Overflow { ln_norm, .. } if (700.0..900.0).contains(&ln_norm))
        );
    }
    assert!(matches!(sinhm(mat![[800.0]].as_ref()).unwrap_err(), MatrixError::Overflow { .. }));
    let high = mat![[0.0, 800.0], [-800.0, 0.0]]; // eigenvalues ±800i, and the cosine is cosh 800
    assert!(matches!(cosm(high.as_ref()).unwrap_err(), MatrixError::Overflow { .. }));
    let wrong = sinm_frechet(high.as_ref(), Mat::zeros(2, 1).as_ref()).unwrap_err();
    assert!(matches!(wrong, MatrixError::ShapeMismatch { .. }));
    // A diagonal matrix entry by entry, whatever its size.
    assert_eq!(sinm(mat![[1e300, 0.0], [0.0, 2.0]].as_ref()).unwrap()[(0, 0)], 1e300_f64.sin());
}

type Function<T> = fn(MatRef<'_, T>) -> Result<Mat<T>, MatrixError>;

fn all_functions<T: Scalar>() -> [Function<T>; 6] {
    [sinm, sinhm, tanhm, tanm, cosm, coshm]
}

fn column_sums_overflow<T: Scalar>() {
    let (zero, largest) = (T::ZERO, T::from_real(T::RealPart::MAX));
    // The eigenvalues are as large as the entries, and nothing is known of the result.
    let a = mat![[largest, T::ONE], [largest, T::from_f64(0.5)]];
    for f in all_functions::<T>() {
        let error = f(a.as_ref()).unwrap_err();
        assert!(matches!(error, MatrixError::OutOfRange { .. }), "{error}");
    }
    for result in [sinm_frechet(a.as_ref(), a.as_ref()), cosm_frechet_adjoint(a.as_ref(), a.as_ref())] {
        assert!(matches!(result.unwrap_err(), MatrixError::OutOfRange { .. }));
    }
    // A² = 0, and everything is known.
    let a = mat![[zero, zero, largest], [zero, zero, largest], [zero, zero, zero]];
    for (k, f) in all_functions::<T>().into_iter().enumerate() {
        let expected = if k < 4 { a.clone() } else { Mat::identity(3, 3) };
        assert_eq!(f(a.as_ref()).unwrap(), expected, "{k}");
    }
    // A direction that large: L(xI, E) = cos(x) E.
    let half = Mat::from_fn(2, 2, |i, j| if i == j { T::from_f64(0.5) } else { zero });
    let both_parts = T::from_complex(T::RealPart::MAX.complex(T::RealPart::MAX));
    let e = mat![[largest, zero], [both_parts, zero]];
    let small = T::RealPart::ONE / Scalar::sqrt(T::RealPart::MAX);
    let cosine = T::from_f64(0.5).cos();
    for l in [sinm_frechet(half.as_ref(), e.as_ref()), sinm_frechet_adjoint(half.as_ref(), e.as_ref())] {
        let l = l.unwrap().derivative;
        for i in 0..2 {
            let expected = e[(i, 0)].scale(small) * cosine;
            let error = (l[(i, 0)].scale(small) - expected).modulus();
            assert!(
                error <= expected.modulus() * T::RealPart::UNIT_ROUNDOFF * T::RealPart::from_f64(16.0),
                "{l:?}"
            );
        }
    }
}

#[test]
fn column_sums_that_overflow() {
    column_sums_overflow::<f32>();
    column_sums_overflow::<f64>();
    column_sums_overflow::<c32>();
    column_sums_overflow::<c64>();
}

#[test]
fn conditions_of_nilpotent_matrices() {
    // L(N, E) = E − NEN/6, and the norm of the value is that of the argument.
    let a = mat![[0.0, 1e150], [0.0, 0.0]];
    let kappa: f64 = sinm_condition(a.as_ref()).unwrap();
    assert!((kappa / (1e300 / 6.0) - 1.0).abs() < 1e-14, "{kappa:e}");
    // L(N, E) = −(NE + EN)/2 has the norm 1e150/2 or 1e150, which cos N = I divides by nothing.
    let kappa: f64 = cosm_condition(a.as_ref()).unwrap();
    assert!((1e300 / 2.0..=1e300 * 1.001).contains(&kappa), "{kappa:e}");
}

#[test]
fn diagonal_entries_are_exact() {
    // No number of the type is a pole: entries are exact, and far out as well.
    let half = std::f64::consts::FRAC_PI_2;
    for x in [1e17, 3.0 * half, half, -1e300, 0.75] {
        let t = tanm(mat![[x, 0.0], [0.0, 1.0]].as_ref()).unwrap();
        assert!((t[(0, 0)] / x.tan() - 1.0).abs() < 4e-16, "{x}: {} {}", t[(0, 0)], x.tan());
    }
    let t = tanhm(mat![[c64::new(5.0, 1e17)]].as_ref()).unwrap()[(0, 0)];
    let (s, c) = (2.0 * 1e17_f64.sin() * 1e17_f64.cos(), 1.0 - 2.0 * 1e17_f64.sin().powi(2));
    let expected = c64::new(10.0_f64.sinh(), s) / c64::new(10.0_f64.cosh() + c, 0.0);
    assert!((t - expected).modulus() < 1e-15, "{t} {expected}");
    let single = tanm(mat![[std::f32::consts::FRAC_PI_2]].as_ref()).unwrap()[(0, 0)];
    assert_eq!(single, f64::from(std::f32::consts::FRAC_PI_2).tan() as f32);
}

#[test]
fn overflow_tells_the_size_of_the_result() {
    let size = |result: Result<Mat<c64>, MatrixError>| match result {
        Err(MatrixError::Overflow { ln_norm, .. }) => ln_norm,
        other => panic!("{other:?}"),
    };
    let entry = |re, im| mat![[c64::new(re, im)]];
    let ln_2 = std::f64::consts::LN_2;
    for f in [sinm, cosm] {
        assert!((size(f(entry(1e300, -800.0).as_ref())) - 800.0 + ln_2).abs() < 1e-12);
    }
    for f in [sinhm, coshm] {
        assert!((size(f(entry(-800.0, 1e300).as_ref())) - 800.0 + ln_2).abs() < 1e-12);
    }
    // L(xI + N, E) has −NEN/6 cos x in the corner: 1e6/6 cos(x) times 1e308.
    let e = mat![[0.0, 0.0], [1e308, 0.0]];
    match sinm_frechet(mat![[0.5, 1000.0], [0.0, 0.5]].as_ref(), e.as_ref()) {
        Err(MatrixError::Overflow { ln_norm, .. }) => {
            let expected = (1e6 / 6.0 * 0.5_f64.cos()).ln() + 308.0 * 10.0_f64.ln();
            assert!((ln_norm - expected).abs() < 0.01, "{ln_norm} {expected}");
        }
        other => panic!("{other:?}"),
    }
}

/// What is to be expected of a function at some size.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Answer,
    TooLarge,
    NoDigit,
    /// A tangent of angles of which one digit is known, if any.
    AnswerOrPole,
}

#[test]
fn every_size_has_its_outcome() {
    use Outcome::{Answer, AnswerOrPole, NoDigit, TooLarge};
    for exponent in [-1074, -1022, -600, -30, 0, 10, 52, 54, 60, 300, 1000, 1022] {
        let x = RealScalar::ldexp(1.0_f64, exponent);
        let turning = mat![[x, x], [-x, 0.5 * x]]; // eigenvalues (0.75 ± 0.97i) x
        let root = mat![[x, x], [0.0, -x]]; // its square is x²
        let real = mat![[x, 0.25 * x], [x, x]]; // 1.5 x and 0.5 x
        for (which, a) in [&turning, &root, &real].into_iter().enumerate() {
            let outcomes = match (exponent, which) {
                (..=0, _) => [Answer; 6],
                (10 | 52, 0) => [TooLarge, TooLarge, Answer, Answer, TooLarge, TooLarge],
                (10, _) => [Answer, TooLarge, Answer, Answer, Answer, TooLarge],
                (52, _) => [Answer, TooLarge, Answer, AnswerOrPole, Answer, TooLarge],
                (_, 0) => [NoDigit, NoDigit, Answer, Answer, NoDigit, NoDigit],
                (_, _) => [NoDigit, NoDigit, Answer, NoDigit, NoDigit, NoDigit],
            };
            for (k, (f, outcome)) in all_functions::<f64>().into_iter().zip(outcomes).enumerate() {
                let result = f(a.as_ref());
                let what = format!("2^{exponent}, matrix {which}, function {k}: {result:?}");
                let ok = match &result {
                    Ok(y) => {
                        let finite = (0..2).all(|i| (0..2).all(|j| y[(i, j)].is_finite()));
                        if exponent <= -30 {
                            let expected = if k < 4 { a.clone() } else { Mat::identity(2, 2) };
                            let error = operator_norm_1((y - &expected).as_ref());
                            assert!(error <= 1e-16 * operator_norm_1(expected.as_ref()), "{what}");
                        }
                        finite && matches!(outcome, Answer | AnswerOrPole)
                    }
                    Err(MatrixError::Overflow { .. }) => outcome == TooLarge,
                    Err(MatrixError::OutOfRange { value, .. }) => outcome == NoDigit && *value >= 1.0,
                    Err(MatrixError::NoPrincipalValue { .. }) => outcome == AnswerOrPole,
                    Err(_) => false,
                };
                assert!(ok, "{what}, expected {outcome:?}");
            }
        }
    }
}

#[test]
fn hyperbolic_tangent_of_huge_spectra() {
    // Whatever the size: the sign. Triangular, and exact.
    let t = tanhm(mat![[1e20, 1.0], [0.0, -1e20]].as_ref()).unwrap();
    assert_eq!(t, mat![[1.0, 1e-20], [0.0, -1.0]]);
    let t = tanhm(mat![[-1e300, 0.0], [5.0, -1e18]].as_ref()).unwrap();
    assert_eq!(t, mat![[-1.0, 0.0], [0.0, -1.0]]);
    // Moderate eigenvalues between huge ones: f₁₂ = t₁₂ (f₂₂ − f₁₁)/(t₂₂ − t₁₁), and the others by the same rule.
    let a = mat![[0.5, 3.0, 2.0], [0.0, 1e20, 1.0], [0.0, 0.0, -0.25]];
    for (t, lower) in
        [(tanhm(a.as_ref()).unwrap(), false), (tanhm(a.transpose()).unwrap().transpose().to_owned(), true)]
    {
        let slope = |i: usize, j: usize| (t[(j, j)] - t[(i, i)]) / (a[(j, j)] - a[(i, i)]);
        assert_eq!((t[(0, 0)], t[(1, 1)], t[(2, 2)]), (0.5_f64.tanh(), 1.0, (-0.25_f64).tanh()), "{lower}");
        let second = (slope(1, 2) - slope(0, 1)) / (a[(2, 2)] - a[(0, 0)]) * 3.0;
        for (i, j, expected) in
            [(0, 1, 3.0 * slope(0, 1)), (1, 2, slope(1, 2)), (0, 2, 2.0 * slope(0, 2) + second)]
        {
            assert!((t[(i, j)] / expected - 1.0).abs() < 4e-15, "{lower} {i} {j}: {} {expected}", t[(i, j)]);
        }
    }
    let t = tanm(mat![[c64::new(0.0, 1e30), c64::ONE], [c64::ZERO, c64::new(0.75, 0.0)]].as_ref()).unwrap();
    assert!((t[(0, 0)] - c64::new(0.0, 1.0)).norm() == 0.0 && (t[(1, 1)].re - 0.75_f64.tan()).abs() < 1e-15);
    // Eigenvalues 1 ± 1e17 i: the tangent is −i and i on their vectors.
    let t = tanm(mat![[1.0, 1e17], [-1e17, 1.0]].as_ref()).unwrap();
    assert!(operator_norm_1((t - mat![[0.0, 1.0], [-1.0, 0.0]]).as_ref()) < 1e-15);
    // Symmetric with both signs: its square is I, its sign that of A.
    let (x, y) = (3e19, 4e19);
    let t = tanhm(mat![[x, y], [y, -x]].as_ref()).unwrap();
    assert!(operator_norm_1((&t - mat![[0.6, 0.8], [0.8, -0.6]]).as_ref()) < 1e-15);
    // An eigenvalue between, and rounding alone is larger: nothing is known.
    let unknown = mat![[1e20, 1e20], [1e20, 1e20 + 3e4]];
    assert!(matches!(tanhm(unknown.as_ref()).unwrap_err(), MatrixError::OutOfRange { .. }));
    let unknown = mat![[1e20, 2e20], [3e20, 6e20]];
    assert!(matches!(tanhm(unknown.as_ref()).unwrap_err(), MatrixError::OutOfRange { .. }));
}

#[test]
fn hermitian_and_triangular_results() {
    for scale in [0.03, 0.5, 3.0, 1e3] {
        let half = random_complex(9, 40) * faer::Scale(c64::new(scale, 0.0));
        let a = &half + half.adjoint().to_owned();
        let (s, c) = sincosm(a.as_ref()).unwrap();
        // e^(iA) from the same matrix, by another way.
        let turned = Mat::from_fn(9, 9, |i, j| a[(i, j)] * c64::new(0.0, 1.0));
        let e = tangency_matrix::expm(turned.as_ref()).unwrap();
        let sum = Mat::from_fn(9, 9, |i, j| c[(i, j)] + s[(i, j)] * c64::new(0.0, 1.0));
        let error = operator_norm_1((sum - e).as_ref());
        assert!(
            error <= 20.0 * 9.0 * f64::EPSILON * operator_norm_1(a.as_ref()).max(1.0),
            "{scale}: {error:e}"
        );
        let mut results = vec![s, c, tanhm(a.as_ref()).unwrap()];
        if scale < 100.0 {
            let (s, c) = (sinhm(a.as_ref()).unwrap(), coshm(a.as_ref()).unwrap());
            let defect = operator_norm_1((&c * &results[2] - &s).as_ref()) / operator_norm_1(s.as_ref());
            assert!(defect <= 20.0 * 9.0 * f64::EPSILON, "{scale}: {defect:e}");
            results.extend([s, c]);
        }
        for result in results {
            assert_eq!(result, result.adjoint().to_owned());
        }
    }
    let a = mat![[20.0, 3.0, 1.0], [0.0, -7.5, 2.0], [0.0, 0.0, 0.1]];
    let lower = a.transpose().to_owned();
    for (k, f) in all_functions::<f64>().into_iter().enumerate() {
        let (result, transposed) = (f(a.as_ref()).unwrap(), f(lower.as_ref()).unwrap());
        let scalar: [fn(f64) -> f64; 6] = [f64::sin, f64::sinh, f64::tanh, f64::tan, f64::cos, f64::cosh];
        for i in 0..3 {
            let exact = scalar[k](a[(i, i)]);
            for y in [result[(i, i)], transposed[(i, i)]] {
                assert!((y - exact).abs() <= 8e-16 * exact.abs(), "{k} {i}: {y} {exact}");
            }
        }
        assert!(result[(2, 0)] == 0.0 && transposed[(0, 2)] == 0.0);
    }
}

#[test]
fn euler() {
    // cos A + i sin A = e^(iA), by another algorithm, against the conditions of all three.
    for exponent in -20..=8 {
        for seed in 0..2 {
            let n = 6;
            let a = random(n, seed + 50) * faer::Scale((2.0_f64).powi(exponent) * 1.3);
            let turned = Mat::from_fn(n, n, |i, j| c64::new(0.0, a[(i, j)]));
            let e = tangency_matrix::expm(turned.as_ref()).unwrap();
            let (s, c) = sincosm(a.as_ref()).unwrap();
            let sum = Mat::from_fn(n, n, |i, j| c64::new(c[(i, j)], s[(i, j)]));
            let norm = |m: &Mat<f64>| operator_norm_1(m.as_ref());
            let parts = [
                (sinm_condition(a.as_ref()).unwrap(), norm(&s)),
                (cosm_condition(a.as_ref()).unwrap(), norm(&c)),
                (tangency_matrix::expm_condition(turned.as_ref()).unwrap(), operator_norm_1(e.as_ref())),
            ];
            let size: f64 = parts.iter().map(|(kappa, norm)| kappa.max(1.0) * norm).sum();
            let error = operator_norm_1((sum - e).as_ref());
            assert!(
                error <= 5.0 * n as f64 * f64::EPSILON * size,
                "2^{exponent}, {seed}: {error:e} of {size:e}"
            );
        }
    }
}
