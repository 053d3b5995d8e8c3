//! Logarithms against reference values and by what defines them.

use crate::golden::{
    self,
    Refusal::{OnTheCut, Singular},
};
use crate::reference::{golden_bound, load, relative_error, widen};
use crate::samples::{entries, inner, random, shifted};
use faer::{Mat, c32, c64, mat};
use std::f64::consts::PI;
use tangency_matrix::*;

/// Condition numbers of 1e5 and more in single precision: an eigenvalue below n u ‖A‖ or, of a real matrix, a pair that
/// rounding puts on the cut.
const REFUSED: golden::Refusals<'_> = &[
    ("hilbert_6", "f32", Singular),
    ("spread_0", "f32", Singular),
    ("spread_4", "f32", Singular),
    ("spread_6", "f32", Singular),
    ("near_negative_axis_4", "f32", OnTheCut),
    ("hilbert_6", "Complex<f32>", Singular),
    ("spread_0", "Complex<f32>", Singular),
    ("spread_4", "Complex<f32>", Singular),
    ("spread_6", "Complex<f32>", Singular),
];

/// The same in the random families.
const REFUSED_OF_RANDOM: golden::Refusals<'_> = &[
    ("normal_23", "f32", Singular),
    ("generator_24", "f32", Singular),
    ("graded_7", "f32", Singular),
    ("graded_9", "f32", Singular),
    ("graded_19", "f32", Singular),
    ("graded_21", "f32", Singular),
    ("normal_23", "Complex<f32>", Singular),
    ("generator_24", "Complex<f32>", Singular),
    ("graded_7", "Complex<f32>", Singular),
    ("graded_9", "Complex<f32>", Singular),
    ("graded_19", "Complex<f32>", Singular),
    ("graded_21", "Complex<f32>", Singular),
];

fn reference<T: Scalar>() -> [usize; 4] {
    let random = golden::of_function("principal_random", "log");
    golden::conditions::<T>(&random, |_, a| logm_condition(a));
    [
        golden::values::<T>(&load("log"), REFUSED, |_, a| logm(a)).count,
        golden::values::<T>(&random, REFUSED_OF_RANDOM, |_, a| logm(a)).count,
        golden::values::<T>(&golden::of_function("near_zero", "log1p"), &[], |_, a| log1pm(a)).count,
        golden::derivatives::<T>(
            &golden::of_function("frechet", "log"),
            |_, a, e| logm_frechet(a, e),
            |_, a, e| logm_frechet_adjoint(a, e),
            |_, a| logm_condition(a),
        )
        .count,
    ]
}

#[test]
fn reference_values_derivatives_and_conditions() {
    assert_eq!(reference::<f64>(), [92, 200, 22, 10]);
    assert_eq!(reference::<c64>(), [117, 240, 26, 12]);
    // A twin in single precision is left out where rounding moves an eigenvalue to the cut.
    let (single, complex) = (reference::<f32>(), reference::<c32>());
    assert!(single[..3] == [46, 200, 11] && single[3] >= 8, "{single:?}");
    assert!(complex[..3] == [60, 239, 13] && complex[3] >= 10, "{complex:?}");
}

#[test]
fn closed_forms() {
    let block = logm(mat![[-1.0, 1e-7], [-1e-7, -1.0]].as_ref()).unwrap();
    assert!((block[(0, 1)] - (PI - 1e-7)).abs() < 1e-15 && (block[(1, 0)] + (PI - 1e-7)).abs() < 1e-15);
    assert!((block[(0, 0)] - 5e-15).abs() < 1e-28 && block[(0, 0)] == block[(1, 1)]);
    let quarter = logm(mat![[0.0, 1.0], [-1.0, 0.0]].as_ref()).unwrap();
    assert_eq!(quarter, mat![[0.0, PI / 2.0], [-PI / 2.0, 0.0]]);
    // Eigenvalues ±i, so the logarithm is π/2 times the matrix; ten times it adds ln 10.
    let a = mat![[3.0, 2.0], [-5.0, -3.0]];
    let (one, ten) = (logm(a.as_ref()).unwrap(), logm((&a * 10.0).as_ref()).unwrap());
    assert!((&one - &a * (PI / 2.0)).norm_max() < 1e-13);
    assert!((&ten - &one - Mat::<f64>::identity(2, 2) * 10.0_f64.ln()).norm_max() < 1e-13);
    // Divided differences on both sides of the cut: log λ₂ − log λ₁ is nearly 2πi.
    let (above, below) = (c64::new(-1.0, 1e-9), c64::new(-1.0, -1e-9));
    let l = logm(mat![[above, c64::new(1.0, 0.0)], [c64::new(0.0, 0.0), below]].as_ref()).unwrap();
    let expected = c64::new(0.0, 2.0 * PI - 2e-9) / c64::new(0.0, 2e-9);
    assert!((l[(0, 1)] - expected).norm() < 1e-15 * expected.norm(), "{} {expected}", l[(0, 1)]);
    // A Jordan block: ln λ, 1/λ, −1/(2λ²).
    let jordan = mat![[4.0, 1.0, 0.0], [0.0, 4.0, 1.0], [0.0, 0.0, 4.0]];
    let l = logm(jordan.as_ref()).unwrap();
    let expected =
        mat![[4.0_f64.ln(), 0.25, -1.0 / 32.0], [0.0, 4.0_f64.ln(), 0.25], [0.0, 0.0, 4.0_f64.ln()]];
    assert!((&l - &expected).norm_max() < 2e-16);
    // Nilpotent parts of any size need no scaling in norm.
    let big: Mat<f64> = mat![[1.0, 1e200, 0.0], [0.0, 1.0, 1e100], [0.0, 0.0, 1.0]];
    let l = logm(big.as_ref()).unwrap();
    assert!((l[(0, 2)] / -5e299_f64 - 1.0).abs() < 1e-14 && l[(0, 1)] == 1e200);
}

#[test]
fn negative_axis_of_the_complex_type_is_the_limit_from_above() {
    for zero in [0.0, -0.0] {
        let l = logm(mat![[c64::new(-2.0, zero)]].as_ref()).unwrap();
        assert_eq!(l[(0, 0)], c64::new(2.0_f64.ln(), PI));
        assert_eq!(sqrtm(mat![[c64::new(-4.0, zero)]].as_ref()).unwrap()[(0, 0)], c64::new(0.0, 2.0));
    }
    // Four eigenvalues −1 of a real matrix that is not diagonal: rounding may not choose the side of the cut.
    for seed in 1..20 {
        let basis = shifted::<f64>(5, seed);
        let inverse = faer::linalg::solvers::DenseSolveCore::inverse(&basis.partial_piv_lu());
        let d = Mat::from_fn(5, 5, |i, j| if i == j { if i == 0 { 3.0 } else { -1.0 } } else { 0.0 });
        let a = widen((&basis * &d * &inverse).as_ref());
        let log = Mat::from_fn(5, 5, |i, j| match (i == j, i) {
            (true, 0) => c64::new(3.0_f64.ln(), 0.0),
            (true, _) => c64::new(0.0, PI),
            _ => c64::new(0.0, 0.0),
        });
        let expected = widen(basis.as_ref()) * log * widen(inverse.as_ref());
        let error = relative_error(logm(a.as_ref()).unwrap().as_ref(), expected.as_ref());
        assert!(error < 1e-12, "seed {seed}: {error:e}");
    }
}

fn properties<T: Scalar>(a: &Mat<T>) {
    let n = a.nrows();
    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let report = logm_report(a.as_ref()).unwrap();
    let l = &report.value;
    assert_eq!(*l, logm(a.as_ref()).unwrap());
    let norm = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
    let commutator = norm(&(l * a - a * l));
    assert!(commutator <= 10.0 * n as f64 * u * norm(a) * norm(l) * report.condition.to_f64().max(1.0));
    for z in schur(l.as_ref()).unwrap().eigenvalues() {
        assert!(z.im().to_f64().abs() <= PI * (1.0 + 10.0 * u), "{z}");
    }
    // exp(log A) = A, up to the condition of both.
    let back = expm(l.as_ref()).unwrap();
    let error = norm(&(&back - a)) / norm(a);
    let bound = 10.0 * n as f64 * u * norm(l).max(1.0) * report.condition.to_f64().max(1.0);
    assert!(error <= bound, "order {n}: {error:e} > {bound:e}");
}

#[test]
fn exponentials_over_the_block_sizes() {
    for n in [1, 2, 3, 5, 8, 16, 33, 40, 41, 65, 75] {
        properties(&shifted::<f64>(n, n as u64));
        properties(&shifted::<c64>(n, n as u64));
        properties(&shifted::<f32>(n, n as u64));
        properties(&shifted::<c32>(n, n as u64));
    }
}

#[test]
fn real_and_complex_arithmetic_agree() {
    // At 260 the equations between the halves are cut into four.
    for n in [2, 7, 41, 260] {
        let a = shifted::<f64>(n, 3);
        let (real, complex) = (logm(a.as_ref()).unwrap(), logm(widen(a.as_ref()).as_ref()).unwrap());
        let error = relative_error(real.as_ref(), complex.as_ref());
        assert!(error < 1e-15 * n as f64, "{n}: {error:e}");
    }
}

#[test]
fn derivative_along_itself_and_adjoint() {
    for n in [2, 3, 20, 40] {
        let (a, e, w) = (shifted::<c64>(n, 5), random::<c64>(n, n, 6), random::<c64>(n, n, 7));
        let along = logm_frechet(a.as_ref(), a.as_ref()).unwrap();
        assert_eq!(along.value, logm(a.as_ref()).unwrap());
        assert!((along.derivative - Mat::<c64>::identity(n, n)).norm_max() < 1e-14 * n as f64);
        let l = logm_frechet(a.as_ref(), e.as_ref()).unwrap().derivative;
        let g = logm_frechet_adjoint(a.as_ref(), w.as_ref()).unwrap().derivative;
        assert!((inner(&w, &l) - inner(&g, &e)).norm() < 1e-13 * w.norm_l2() * l.norm_l2());
        // The inverse of the derivative of exp is that of log: tr L(A, E) = tr A⁻¹E.
        let solved = faer::linalg::solvers::Solve::solve(&a.partial_piv_lu(), &e);
        let trace = |m: &Mat<c64>| (0..n).fold(c64::new(0.0, 0.0), |sum, i| sum + m[(i, i)]);
        assert!((trace(&l) - trace(&solved)).norm() < 1e-13 * n as f64);
    }
}

#[test]
fn near_the_identity_no_digit_is_lost() {
    let (n, tiny) = (6, 2.0_f64.powi(-30));
    let x = random::<f64>(n, n, 40);
    // Entries with 20 bits, so that I + X is exact.
    let x = Mat::from_fn(n, n, |i, j| (x[(i, j)] * 2.0_f64.powi(20)).round() * 2.0_f64.powi(-20) * tiny);
    let series = &x - &x * &x * 0.5 + &x * &x * &x * (1.0 / 3.0);
    for l in [logm((Mat::<f64>::identity(n, n) + &x).as_ref()).unwrap(), log1pm(x.as_ref()).unwrap()] {
        assert!(relative_error(l.as_ref(), widen(series.as_ref()).as_ref()) < golden_bound::<f64>(n, 1.0));
    }
    let symmetric = &x + x.transpose();
    let series =
        &symmetric - &symmetric * &symmetric * 0.5 + &symmetric * &symmetric * &symmetric * (1.0 / 3.0);
    let l = logm((Mat::<f64>::identity(n, n) + &symmetric).as_ref()).unwrap();
    assert_eq!(l, l.transpose().to_owned());
    assert!((&l - &series).norm_max() < 2e-15 * series.norm_max());
    // log1pm at any size: against log(I + X) where that is exact, with eigenvalues far and near.
    for scale in [0.01, 0.3, 1.0, 100.0] {
        let x = shifted::<f64>(n, 41) * scale;
        let x = Mat::from_fn(n, n, |i, j| (x[(i, j)] * 2.0_f64.powi(30)).round() * 2.0_f64.powi(-30));
        let (one_plus, plain) =
            (log1pm(x.as_ref()).unwrap(), logm((Mat::<f64>::identity(n, n) + &x).as_ref()).unwrap());
        assert!((&one_plus - &plain).norm_max() < 1e-14 * plain.norm_max(), "{scale}");
    }
    let extreme = mat![[1e300, 0.0, 1e299], [0.0, 0.5, 0.0], [1e299, 1e290, 1e300]];
    assert!(
        matches!(log1pm(extreme.as_ref()), Err(MatrixError::Singular { .. })),
        "1.5 is rounding of 1e300"
    );
    let extreme = mat![[1e300, 0.0, 1e299], [0.0, 5e299, 0.0], [1e299, 1e290, 1e300]];
    assert!((log1pm(extreme.as_ref()).unwrap()[(1, 1)] / 5e299_f64.ln() - 1.0).abs() < 1e-15);
    let graded: Mat<f64> = mat![[1e-10, 1.0], [0.0, 1e-12]];
    assert!((log1pm(graded.as_ref()).unwrap()[(1, 1)] / 1e-12_f64 - 1.0 + 5e-13).abs() < 1e-15);
}

#[test]
fn structure_is_kept_to_the_bit() {
    for n in [3, 40] {
        let g = random::<c64>(n, n, 21);
        let a = &g * g.adjoint();
        let a = Mat::from_fn(n, n, |i, j| (a[(i, j)] + a[(j, i)].conj()) * 0.5);
        let l = logm(a.as_ref()).unwrap();
        assert_eq!(l, l.adjoint().to_owned());
        let upper = Mat::from_fn(n, n, |i, j| if i <= j { shifted::<f64>(n, 4)[(i, j)] } else { 0.0 });
        let (x, y) = (logm(upper.as_ref()).unwrap(), logm(upper.transpose()).unwrap());
        assert_eq!(x, y.transpose().to_owned());
        assert!((0..n).all(|j| (j + 1..n).all(|i| x[(i, j)] == 0.0)));
    }
}

#[test]
fn the_ends_of_the_range() {
    let a = shifted::<f64>(6, 8);
    let plain = logm(a.as_ref()).unwrap();
    let e = random::<f64>(6, 6, 9);
    let derivative = logm_frechet(a.as_ref(), e.as_ref()).unwrap().derivative;
    for scale in [1e300, 1e-300] {
        let expected = &plain + Mat::<f64>::identity(6, 6) * f64::ln(scale);
        let l = logm_frechet((&a * scale).as_ref(), (&e * scale).as_ref()).unwrap();
        assert!((&l.value - &expected).norm_max() < 1e-13 * expected.norm_max(), "{scale:e}");
        assert!((&l.derivative - &derivative).norm_max() < 1e-13, "{scale:e}");
    }
    let diagonal = mat![[1e300, 0.0], [0.0, f64::from_bits(1)]];
    let l = logm(diagonal.as_ref()).unwrap();
    assert_eq!((l[(0, 0)], l[(1, 1)]), (1e300_f64.ln(), f64::from_bits(1).ln()));
    let overflowing = mat![[1.0, 1e200, 0.0], [0.0, 1.0, 1e200], [0.0, 0.0, 1.0]];
    assert!(matches!(logm(overflowing.as_ref()), Err(MatrixError::Overflow { what: "the logarithm", .. })));
    // More than a hundred roots, and a logarithm that fits: divided differences of ln at 1, 2, 3.
    let graded = mat![[1.0, 1e70, 0.0], [0.0, 2.0, 1e70], [0.0, 0.0, 3.0]];
    let l = logm(graded.as_ref()).unwrap();
    let (first, second) = (2.0_f64.ln(), 1.5_f64.ln());
    assert!(
        (l[(0, 1)] / (1e70 * first) - 1.0).abs() < 1e-15 && (l[(1, 2)] / (1e70 * second) - 1.0).abs() < 1e-15
    );
    assert!((l[(0, 2)] / (0.5e140 * (second - first)) - 1.0).abs() < 1e-13, "{}", l[(0, 2)]);
    let large = Mat::from_fn(3, 3, |i, j| if i == j { 1.7e308 } else { 1e308 - 1e307 * (i + 2 * j) as f64 });
    let (condition, scaled) = (logm_condition(large.as_ref()), logm_condition((&large * 1e-8).as_ref()));
    let (norm, scaled_norm) =
        (logm(large.as_ref()).unwrap().norm_max(), logm((&large * 1e-8).as_ref()).unwrap().norm_max());
    assert!((condition.unwrap() * norm / (scaled.unwrap() * scaled_norm) - 1.0).abs() < 0.1);
}

#[test]
fn singular_matrices_are_errors_at_once() {
    let singular: [Mat<f64>; 5] = [
        mat![[1.0, -1.0], [1.0, -1.0]],
        Mat::zeros(3, 3),
        Mat::from_fn(4, 4, |_, _| 1.0),
        Mat::from_fn(40, 40, |i, j| if j == i + 1 { 1.0 } else { 0.0 }),
        shifted::<f64>(5, 2).subcols(0, 2) * shifted::<f64>(5, 3).subrows(0, 2),
    ];
    for a in &singular {
        assert!(matches!(logm(a.as_ref()), Err(MatrixError::Singular { what: "eigenvalue", .. })), "{a:?}");
        assert!(logm(widen(a.as_ref()).as_ref()).is_err());
        assert!(log1pm((a - Mat::<f64>::identity(a.nrows(), a.nrows())).as_ref()).is_err());
    }
}

#[test]
fn workspace_and_batch_have_the_bits_of_the_single_call() {
    for n in [1, 2, 5, 40] {
        // Different paths one after the other: general, close to the identity, diagonal, general.
        let mut matrices: Vec<Mat<f64>> = (0..4).map(|k| shifted(n, 30 + k)).collect();
        matrices[1] = Mat::<f64>::identity(n, n) + random::<f64>(n, n, 8) * 1e-3;
        matrices[2] = Mat::from_fn(n, n, |i, j| if i == j { 1.0 + i as f64 } else { 0.0 });
        let singles: Vec<Mat<f64>> = matrices.iter().map(|a| logm(a.as_ref()).unwrap()).collect();
        let mut workspace = LogmWorkspace::new(n);
        for k in [0, 3, 1, 2, 0, 2, 1] {
            let mut out = Mat::from_fn(n, n, |_, _| f64::NAN);
            logm_into(matrices[k].as_ref(), out.as_mut(), &mut workspace).unwrap();
            assert_eq!(out, singles[k]);
        }
        let flat: Vec<f64> = matrices.iter().flat_map(entries).collect();
        let mut results = vec![f64::NAN; flat.len()];
        logm_batch(n, &flat, &mut results).unwrap();
        assert_eq!(results, singles.iter().flat_map(entries).collect::<Vec<_>>());
    }
}

#[test]
fn reports_tell_the_path() {
    let near = logm_report((Mat::<f64>::identity(3, 3) + random::<f64>(3, 3, 1) * 1e-9).as_ref()).unwrap();
    assert_eq!((near.roots, near.degree), (0, 1));
    let far = logm_report((shifted::<f64>(5, 1) * f64::from(1 << 20)).as_ref()).unwrap();
    let same = logm_report(shifted::<f64>(5, 1).as_ref()).unwrap();
    // A power of 2 changes nothing: eigenvalues are brought to 1 first.
    assert_eq!((far.roots, far.degree), (same.roots, same.degree));
    assert!(far.roots <= 3 && far.degree >= 4 && far.degree <= 12, "{} {}", far.roots, far.degree);
    assert_eq!(far.error_bound, golden_bound::<f64>(5, far.condition));
    let diagonal = logm_report(mat![[2.0, 0.0], [0.0, 3.0]].as_ref()).unwrap();
    assert_eq!((diagonal.roots, diagonal.degree), (0, 0));
    assert!(logm_condition(Mat::<f64>::identity(2, 2).as_ref()).unwrap().is_infinite());
}

#[test]
fn what_is_no_question_is_an_error_and_writes_nothing() {
    let mut out = mat![[7.0, 7.0], [7.0, 7.0]];
    let untouched = out.clone();
    let mut workspace = LogmWorkspace::new(2);
    assert!(matches!(
        logm_into(mat![[0.0, 1.0], [1.0, 0.0]].as_ref(), out.as_mut(), &mut workspace),
        Err(MatrixError::NoPrincipalValue { function: "the logarithm", real, .. }) if (real + 1.0).abs() < 1e-15
    ));
    assert!(matches!(
        logm_into(mat![[-3e300, 1e290], [2e290, 1e300]].as_ref(), out.as_mut(), &mut workspace),
        Err(MatrixError::NoPrincipalValue { real, .. }) if (real / 3e300 + 1.0).abs() < 1e-15
    ));
    assert!(matches!(
        logm_into(untouched.as_ref(), out.as_mut(), &mut LogmWorkspace::new(3)),
        Err(MatrixError::ShapeMismatch { rows: 3, .. })
    ));
    assert_eq!(out, untouched);
    assert!(matches!(
        logm(Mat::<f64>::zeros(2, 3).as_ref()),
        Err(MatrixError::NotSquare { rows: 2, columns: 3 })
    ));
    let nan = mat![[1.0, f64::NAN], [0.0, 1.0]];
    assert_eq!(logm(nan.as_ref()), Err(MatrixError::NotFinite { row: 0, column: 1 }));
    assert_eq!(log1pm(nan.as_ref()), Err(MatrixError::NotFinite { row: 0, column: 1 }));
    assert_eq!(logm(Mat::<c64>::zeros(0, 0).as_ref()).unwrap().shape(), (0, 0));
    assert_eq!(logm_report(Mat::<f64>::zeros(0, 0).as_ref()).unwrap().condition, 0.0);
    let mut results = [0.0; 8];
    // Nothing is allocated for what is not there.
    assert!(logm_batch::<f64>(1 << 31, &[], &mut []).is_ok());
    assert!(matches!(logm_batch(100_000, &[1.0], &mut []), Err(MatrixError::ShapeMismatch { .. })));
    assert!(matches!(
        logm_batch(2, &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], &mut results),
        Err(MatrixError::InBatch { index: 1, .. })
    ));
}
