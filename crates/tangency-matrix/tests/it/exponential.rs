//! The exponential against reference values, and what it must keep.

use crate::golden;
use crate::reference::{Case, golden_bound, load, relative_error, widen};
use crate::samples::inner;
use faer::{Mat, MatRef, c32, c64, mat};
use proptest::prelude::*;
use tangency_matrix::{
    ExpmWorkspace, MatrixError, RealScalar, Scalar, expm, expm_batch, expm_condition, expm_frechet,
    expm_frechet_adjoint, expm_into, expm_report, expm1m, operator_norm_1,
};

fn cases<T: Scalar>(file: &str) -> Vec<Case> {
    golden::of_type::<T>(&load(file))
}

fn unit_roundoff<T: Scalar>() -> f64 {
    T::RealPart::UNIT_ROUNDOFF.to_f64()
}

/// A matrix of normal numbers of the given 1-norm, from a fixed stream.
pub(crate) fn normal(n: usize, norm: f64, seed: u64) -> Mat<f64> {
    use rand_pcg::rand_core::{Rng, SeedableRng};
    let mut rng = rand_pcg::Pcg64::seed_from_u64(seed);
    let mut uniform = move || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let a = Mat::from_fn(n, n, |_, _| {
        (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    });
    let scale = norm / operator_norm_1(a.as_ref());
    Mat::from_fn(n, n, |i, j| a[(i, j)] * scale)
}

/// Largest error over the unit roundoff times the condition, for the record.
fn check_values<T: Scalar>(file: &str) -> f64 {
    let mut worst = 0.0_f64;
    for case in cases::<T>(file) {
        let a: Mat<T> = case.matrix("a").unwrap();
        let expected: Mat<c64> = case.matrix("expected").unwrap();
        let condition = case.number("cond").unwrap_or(1.0).max(1.0);
        let mut bound = golden_bound::<T>(case.n(), condition);
        if let (8, Some(b)) = (size_of::<T::RealPart>(), case.number("bound")) {
            bound = bound.min(b);
        }
        let x = expm(a.as_ref()).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
        let error = relative_error(x.as_ref(), expected.as_ref());
        // Below the normal numbers only an absolute error can be asked for.
        let norm = operator_norm_1(expected.as_ref());
        let tiny = error * norm <= T::RealPart::MIN_POSITIVE.to_f64() * case.n() as f64;
        assert!(error <= bound || tiny, "{}: {error:e} > {bound:e}", case.name());
        if !tiny {
            worst = worst.max(error / (unit_roundoff::<T>() * condition));
        }
        // The report's bound holds, and has the same value.
        if condition < 0.01 / unit_roundoff::<T>() && norm > 0.0 {
            let report = expm_report(a.as_ref()).unwrap();
            assert!(report.value == x, "{}", case.name());
            assert!(error <= report.error_bound.to_f64() || tiny, "{}: {error:e}", case.name());
        }
    }
    worst
}

#[test]
fn hard_matrices_in_all_types() {
    let worst = [check_values::<f64>("exp"), check_values::<c64>("exp")];
    let single = [check_values::<f32>("exp"), check_values::<c32>("exp")];
    assert!(worst.iter().chain(&single).all(|&w| w < 2.0), "{worst:?} {single:?}");
}

#[test]
fn random_matrices_in_all_types() {
    let worst = [check_values::<f64>("exp_random"), check_values::<c64>("exp_random")];
    let single = [check_values::<f32>("exp_random"), check_values::<c32>("exp_random")];
    assert!(worst.iter().chain(&single).all(|&w| w < 2.0), "{worst:?} {single:?}");
}

#[test]
fn transposition_changes_little() {
    for case in cases::<f64>("exp").iter().chain(&cases::<f64>("exp_random")) {
        let a: Mat<f64> = case.matrix("a").unwrap();
        let expected: Mat<c64> = case.matrix("expected").unwrap();
        let x = expm(a.transpose()).unwrap();
        let error = relative_error(x.transpose(), expected.as_ref());
        // The condition is one of the 1-norm, which may be n times that of the transpose.
        let bound = golden_bound::<f64>(case.n(), case.number("cond").unwrap_or(1.0));
        assert!(error <= bound * case.n() as f64, "{}: {error:e}", case.name());
    }
}

#[test]
fn exponential_minus_identity_where_the_identity_hides_it() {
    // Series in the same matrix with the terms added from the smallest.
    for seed in 0..60 {
        let n = 2 + seed as usize % 9;
        let norm = 10.0_f64.powf(-17.0 + 0.29 * seed as f64);
        let a = normal(n, norm, seed);
        let x = expm1m(a.as_ref()).unwrap();
        let mut terms = vec![a.clone()];
        for k in 2..30 {
            let next = terms.last().unwrap() * &a;
            terms.push(Mat::from_fn(n, n, |i, j| next[(i, j)] / f64::from(k)));
        }
        let sum = terms.iter().rev().fold(Mat::zeros(n, n), |s, t| s + t);
        let error = relative_error(x.as_ref(), widen(sum.as_ref()).as_ref());
        assert!(error < 5e-16 * (1.0 + norm), "norm {norm:e}: {error:e}");
    }
    for case in cases::<f64>("exp_random") {
        let a: Mat<f64> = case.matrix("a").unwrap();
        let expected: Mat<c64> = case.matrix("expected").unwrap();
        let x = expm1m(a.as_ref()).unwrap() + Mat::<f64>::identity(case.n(), case.n());
        let error = relative_error(x.as_ref(), expected.as_ref());
        let norm = operator_norm_1(expected.as_ref());
        // After the identity is added an error of a unit roundoff of it is there.
        let bound = golden_bound::<f64>(case.n(), case.number("cond").unwrap()) * (1.0 + 1.0 / norm);
        assert!(error <= bound, "{}: {error:e}", case.name());
    }
}

#[test]
fn no_saw_tooth_at_the_thresholds() {
    // exp of t times a companion of known spectrum, at norms just below and above each threshold.
    let thetas = [3.397e-4, 0.0499122, 0.676421, 1.682715];
    for seed in 0..3 {
        let direction = normal(6, 1.0, 100 + seed);
        for theta in thetas {
            for k in 0..5 {
                let errors = [1.0 - 1e-3, 1.0 + 1e-3].map(|near| {
                    let t = theta * f64::from(1 << k) * near;
                    let a = Mat::from_fn(6, 6, |i, j| direction[(i, j)] * t);
                    // A finer scaling by hand is the reference: exp(A) = exp(A/8)^8 in double the work.
                    let eighth = Mat::from_fn(6, 6, |i, j| c64::new(a[(i, j)] / 8.0, 0.0));
                    let mut y = expm(eighth.as_ref()).unwrap();
                    for _ in 0..3 {
                        y = &y * &y;
                    }
                    relative_error(expm(a.as_ref()).unwrap().as_ref(), y.as_ref())
                });
                assert!(errors.iter().all(|&e| e < 2e-14), "theta {theta} k {k}: {errors:?}");
            }
        }
    }
}

#[test]
fn squarings_by_hand() {
    let degree_and_squarings = |a: MatRef<'_, f64>| {
        let r = expm_report(a).unwrap();
        (r.degree, r.squarings, r.products)
    };
    // Nonnegative cyclic matrices: all powers have the norm t^k exactly.
    let cyclic = |t: f64| mat![[0.0, t, 0.0], [0.0, 0.0, t], [t, 0.0, 0.0]];
    for (t, expected) in [
        (2.0_f64.powi(-53), (1, 0, 0)),
        (2.5e-8, (2, 0, 1)),
        (2.6e-8, (4, 0, 2)),
        (3.39e-4, (4, 0, 2)),
        (3.40e-4, (8, 0, 3)),
        (0.0499, (8, 0, 3)),
        (0.0500, (15, 0, 4)),
        (0.6764, (15, 0, 4)),
        (0.6765, (21, 0, 5)),
        (1.6827, (21, 0, 5)),
        (1.6828, (21, 1, 5)),
        (3.3654, (21, 1, 5)),
        (3.3655, (21, 2, 5)),
        (1.6828 * 64.0, (21, 7, 5)),
        (1.6827 * 64.0, (21, 6, 5)),
    ] {
        assert_eq!(degree_and_squarings(cyclic(t).as_ref()), expected, "{t:e}");
    }
    // One heavy column: its norm alone would ask for 28 squarings; so would that of the transpose, for 26.
    let mut heavy = Mat::<f64>::zeros(4, 4);
    for i in 1..4 {
        heavy[(i, 0)] = 1e8;
    }
    heavy[(0, 0)] = 0.5;
    assert!(degree_and_squarings(heavy.as_ref()).1 <= 4 && degree_and_squarings(heavy.transpose()).1 <= 4);
    let x = expm(heavy.as_ref()).unwrap();
    let below = 1e8 * 0.5_f64.exp_m1() / 0.5;
    assert!((x[(0, 0)] / 0.5_f64.exp() - 1.0).abs() < 1e-15);
    assert!((1..4).all(|i| (x[(i, 0)] / below - 1.0).abs() < 1e-14 && x[(i, i)] == 1.0));
}

#[test]
fn large_orders_by_two_precisions() {
    // The single-precision result of a well conditioned matrix has the error of single precision.
    for (n, seed) in [(17, 1), (40, 2), (70, 3), (130, 4)] {
        for norm in [0.3, 3.0, 30.0] {
            let a = normal(n, norm, seed);
            for kind in 0..4 {
                let a = Mat::from_fn(n, n, |i, j| match kind {
                    0 => a[(i, j)],
                    1 => a[(i, j)] + a[(j, i)],
                    2 => a[(i, j)] - a[(j, i)],
                    _ => {
                        if i <= j {
                            a[(i, j)]
                        } else {
                            0.0
                        }
                    }
                });
                let rounded = Mat::from_fn(n, n, |i, j| a[(i, j)] as f32);
                let wide = Mat::from_fn(n, n, |i, j| f64::from(rounded[(i, j)]));
                let reference = expm(wide.as_ref()).unwrap();
                let single = expm(rounded.as_ref()).unwrap();
                let error = relative_error(single.as_ref(), widen(reference.as_ref()).as_ref());
                let bound = 20.0 * (1.0 + 2.0 * norm) * f64::from(f32::UNIT_ROUNDOFF);
                assert!(error < bound, "n {n} norm {norm} kind {kind}: {error:e} of {bound:e}");
                let complex = expm(widen(wide.as_ref()).as_ref()).unwrap();
                let error = relative_error(reference.as_ref(), complex.as_ref());
                assert!(
                    error < 20.0 * (1.0 + 2.0 * norm) * f64::UNIT_ROUNDOFF,
                    "n {n} kind {kind}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn structure_is_kept() {
    for n in [2, 3, 9, 20, 70] {
        let a = normal(n, 20.0, n as u64);
        let symmetric = Mat::from_fn(n, n, |i, j| a[(i, j)] + a[(j, i)]);
        let x = expm(symmetric.as_ref()).unwrap();
        assert!(x == x.transpose(), "{n}");
        assert!(x.llt(faer::Side::Lower).is_ok() || operator_norm_1(x.as_ref()) > 1e12, "{n}");
        let hermitian = Mat::from_fn(n, n, |i, j| c64::new(symmetric[(i, j)], a[(i, j)] - a[(j, i)]));
        let x = expm(hermitian.as_ref()).unwrap();
        assert!(x == x.adjoint().to_owned(), "{n}");

        let upper = Mat::from_fn(n, n, |i, j| if i <= j { a[(i, j)] } else { 0.0 });
        let x = expm(upper.as_ref()).unwrap();
        for j in 0..n {
            assert_eq!(x[(j, j)], upper[(j, j)].exp());
            assert!((j + 1..n).all(|i| x[(i, j)] == 0.0));
        }
        let lower = expm(upper.transpose()).unwrap();
        assert!(relative_error(lower.transpose(), widen(x.as_ref()).as_ref()) < 1e-13);
        assert!((0..n).all(|j| lower[(j, j)] == upper[(j, j)].exp()));
    }
}

#[test]
fn skew_hermitian_gives_unitary_at_any_norm() {
    for n in [2, 3, 8, 30] {
        for norm in [1.0, 100.0, 1e4, 1e6] {
            let a = normal(n, norm, 7);
            let defect = |x: Mat<c64>| {
                operator_norm_1((x.adjoint() * &x - Mat::<c64>::identity(n, n)).as_ref()) / n as f64
            };
            let skew = Mat::from_fn(n, n, |i, j| a[(i, j)] - a[(j, i)]);
            let x = expm(skew.as_ref()).unwrap();
            assert!(defect(widen(x.as_ref())) < 3e-15, "{n} {norm}: {:e}", defect(widen(x.as_ref())));
            let skew = Mat::from_fn(n, n, |i, j| c64::new(a[(i, j)] - a[(j, i)], a[(i, j)] + a[(j, i)]));
            let x = expm(skew.as_ref()).unwrap();
            assert!(defect(x.clone()) < 3e-15, "{n} {norm}: {:e}", defect(x));
        }
    }
}

#[test]
fn batch_and_workspace_have_the_bits_of_the_single_call() {
    for n in [1, 2, 3, 5, 20] {
        // The first one large, the rest small, more than one chunk.
        let inputs: Vec<Mat<f64>> = (0..70)
            .map(|k| normal(n, if k == 0 { 300.0 } else { 10.0_f64.powi(-(k % 5)) }, k as u64))
            .collect();
        let flat: Vec<f64> = inputs.iter().flat_map(|a| (0..n * n).map(|k| a[(k % n, k / n)])).collect();
        let mut results = vec![f64::NAN; flat.len()];
        expm_batch(n, &flat, &mut results).unwrap();
        let mut workspace = ExpmWorkspace::new(n);
        let mut out = Mat::from_fn(n, n, |_, _| f64::NAN);
        // Poison: a failing call leaves infinities and NaN in the workspace, and nothing in `out`.
        let failed = Mat::from_fn(n, n, |i, j| if i == j { 800.0 } else { 1e3 + i as f64 });
        assert!(matches!(
            expm_into(failed.as_ref(), out.as_mut(), &mut workspace),
            Err(MatrixError::Overflow { .. })
        ));
        assert!(out[(0, 0)].is_nan());
        for (k, a) in inputs.iter().enumerate() {
            let single = expm(a.as_ref()).unwrap();
            expm_into(a.as_ref(), out.as_mut(), &mut workspace).unwrap();
            assert!(out == single, "workspace {n} {k}");
            let batched = MatRef::from_column_major_slice(&results[k * n * n..(k + 1) * n * n], n, n);
            assert!(batched == single.as_ref(), "batch {n} {k}");
            // A matrix by rows is read by another path.
            let by_rows = a.transpose().to_owned();
            assert!(expm(by_rows.transpose()).unwrap() == single);
        }
    }
    let two = [0.0, 1.0, 1.0, 0.0, 0.0, f64::NAN, 1.0, 0.0];
    let mut results = [0.0; 8];
    let error = expm_batch(2, &two, &mut results).unwrap_err();
    assert!(matches!(error, MatrixError::InBatch { index: 1, .. }), "{error}");
    assert_eq!(results[0], expm(mat![[0.0, 1.0], [1.0, 0.0]].as_ref()).unwrap()[(0, 0)]);
    assert!(expm_batch(2, &two[..7], &mut results).is_err());
    assert!(expm_batch(2, &two, &mut results[..4]).is_err());
    assert!(expm_batch::<f64>(0, &[], &mut []).is_ok());
}

#[test]
fn batch_names_matrices_beyond_the_first_chunk() {
    // The second chunk of 64 begins with an overflow that only the 2 x 2 formula sees, and the third has a NaN.
    let mut matrices: Vec<f64> = (0..150).flat_map(|k| [0.1, 0.2, f64::from(k) * 0.01, -0.3]).collect();
    let mut results = vec![0.0; matrices.len()];
    expm_batch(2, &matrices, &mut results).unwrap();
    matrices[4 * 130] = f64::NAN;
    let error = expm_batch(2, &matrices, &mut results).unwrap_err();
    assert!(matches!(error, MatrixError::InBatch { index: 130, .. }), "{error}");
    matrices[4 * 64] = 800.0;
    let error = expm_batch(2, &matrices, &mut results).unwrap_err();
    let MatrixError::InBatch { index: 64, source } = error else { panic!("{error}") };
    assert!(matches!(*source, MatrixError::Overflow { .. }), "{source}");
}

#[test]
fn two_by_two_of_entries_whose_squares_overflow() {
    // Eigenvalues 5e-201 and -2e200: half the difference of the diagonal squared is out of range.
    let x = expm(mat![[0.0_f64, 1.0], [1.0, -2e200]].as_ref()).unwrap();
    assert!((x[(0, 0)] - 1.0).abs() < 1e-14 && x[(1, 1)].abs() < 1e-14, "{x:?}");
}

#[test]
fn derivatives_against_reference_values() {
    fn check<T: Scalar>() -> usize {
        golden::derivatives::<T>(
            &golden::of_function("frechet", "exp"),
            |_, a, e| expm_frechet(a, e),
            |_, a, e| expm_frechet_adjoint(a, e),
            |_, a| expm_condition(a),
        )
        .count
    }
    assert_eq!([check::<f64>(), check::<c64>(), check::<f32>(), check::<c32>()], [12, 13, 12, 13]);
}

#[test]
fn derivative_is_the_corner_of_the_block_matrix() {
    for n in [1, 2, 5, 12, 25] {
        for norm in [1e-9, 1e-3, 0.3, 3.0, 40.0] {
            let (a, e) = (normal(n, norm, 3), normal(n, 1.0, 4));
            let block = Mat::from_fn(2 * n, 2 * n, |i, j| match (i < n, j < n) {
                (true, true) => a[(i, j)],
                (true, false) => e[(i, j - n)],
                (false, true) => 0.0,
                (false, false) => a[(i - n, j - n)],
            });
            let corner = expm(block.as_ref()).unwrap();
            let corner = corner.as_ref().submatrix(0, n, n, n);
            let direct = expm_frechet(a.as_ref(), e.as_ref()).unwrap();
            let error = relative_error(direct.derivative.as_ref(), widen(corner).as_ref());
            assert!(error < 1e-14 * (1.0 + norm), "n {n} norm {norm}: {error:e}");
            // Linear in the direction, whatever its size.
            let huge = Mat::from_fn(n, n, |i, j| e[(i, j)] * 2.0_f64.powi(900));
            let scaled = expm_frechet(a.as_ref(), huge.as_ref()).unwrap().derivative;
            let back = Mat::from_fn(n, n, |i, j| scaled[(i, j)] * 2.0_f64.powi(-900));
            assert!(back == direct.derivative, "n {n} norm {norm}");
        }
    }
}

#[test]
fn adjoint_identity_and_real_embedding() {
    for n in [1, 3, 7, 20] {
        let [p, q, r, s] = [1, 2, 3, 4].map(|k| normal(n, 2.0, 10 + k));
        let complex = |x: &Mat<f64>, y: &Mat<f64>| Mat::from_fn(n, n, |i, j| c64::new(x[(i, j)], y[(i, j)]));
        let (a, e, w) = (complex(&p, &q), complex(&r, &s), complex(&s, &p));
        let forward = expm_frechet(a.as_ref(), e.as_ref()).unwrap().derivative;
        let backward = expm_frechet_adjoint(a.as_ref(), w.as_ref()).unwrap().derivative;
        let (left, right) = (inner(&w, &forward), inner(&backward, &e));
        assert!((left - right).norm() < 1e-13 * left.norm().max(1.0), "{n}: {left} {right}");
        // [[Re, -Im], [Im, Re]] is an embedding of algebras, so it commutes with exp and its derivative.
        let embed = |z: &Mat<c64>| {
            Mat::from_fn(2 * n, 2 * n, |i, j| {
                let z = z[(i % n, j % n)];
                match (i < n, j < n) {
                    (true, false) => -z.im,
                    (false, true) => z.im,
                    _ => z.re,
                }
            })
        };
        let real = expm_frechet(embed(&a).as_ref(), embed(&e).as_ref()).unwrap();
        assert!(relative_error(real.derivative.as_ref(), widen(embed(&forward).as_ref()).as_ref()) < 1e-13);
        let real = expm_frechet_adjoint(embed(&a).as_ref(), embed(&w).as_ref()).unwrap();
        assert!(relative_error(real.derivative.as_ref(), widen(embed(&backward).as_ref()).as_ref()) < 1e-13);
    }
}

#[test]
fn conditions_of_known_matrices() {
    assert_eq!(expm_condition(Mat::<f64>::zeros(3, 3).as_ref()).unwrap(), 0.0);
    assert_eq!(expm_condition(Mat::<f64>::zeros(0, 0).as_ref()).unwrap(), 0.0);
    // A scalar: x e^x / e^x.
    assert!((expm_condition(mat![[-3.0_f64]].as_ref()).unwrap() - 3.0).abs() < 1e-14);
    for case in cases::<f64>("exp_random") {
        let a: Mat<f64> = case.matrix("a").unwrap();
        let (estimate, exact) = (expm_condition(a.as_ref()).unwrap(), case.number("cond").unwrap());
        assert!(
            estimate <= exact * 1.001 && estimate >= exact / 3.0,
            "{}: {estimate} of {exact}",
            case.name()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// exp(A) exp(-A) = I, det exp(A) = exp(tr A), exp(P A P^T) = P exp(A) P^T, to what the condition allows.
    #[test]
    fn group_laws(n in 1_usize..12, size in -3.0_f64..1.5, seed in 0_u64..10_000) {
        let norm = 10.0_f64.powf(size);
        let a = normal(n, norm, seed);
        let x = expm(a.as_ref()).unwrap();
        let y = expm(Mat::from_fn(n, n, |i, j| -a[(i, j)]).as_ref()).unwrap();
        let slack = operator_norm_1(x.as_ref()) * operator_norm_1(y.as_ref()) * (1.0 + norm);
        let difference = &x * &y - Mat::<f64>::identity(n, n);
        prop_assert!(operator_norm_1(difference.as_ref()) <= 10.0 * n as f64 * f64::EPSILON * slack);
        let turned = expm(Mat::from_fn(n, n, |i, j| a[(n - 1 - i, n - 1 - j)]).as_ref()).unwrap();
        let back = Mat::from_fn(n, n, |i, j| turned[(n - 1 - i, n - 1 - j)]);
        let bound = golden_bound::<f64>(n, expm_condition(a.as_ref()).unwrap());
        prop_assert!(relative_error(back.as_ref(), widen(x.as_ref()).as_ref()) <= bound);
    }

    /// Whatever the entries, an answer without NaN or an error.
    #[test]
    fn any_entries(entries in prop::collection::vec(prop::num::f64::ANY, 9)) {
        for a in [&entries[..4], &entries[..]] {
            let n = if a.len() == 4 { 2 } else { 3 };
            if let Ok(x) = expm(MatRef::from_column_major_slice(a, n, n)) {
                prop_assert!(x.col_iter().all(|column| column.iter().all(|v| v.is_finite())));
            }
            let _ = expm_report(MatRef::from_column_major_slice(a, n, n));
        }
    }
}
