//! expm_multiply.

use crate::exact::Stream;
use crate::reference::{Case, golden_bound, load, relative_error};
use faer::sparse::{SparseColMat, SparseRowMat, Triplet};
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    ActionMethod, ActionOptions, ActionStatus, LinearOperator, RealScalar, Scalar, expm_multiply,
    expm_multiply_grid, operator_norm_1, phi_functions,
};

/// Largest over the columns of the relative distance in the 2-norm.
pub(crate) fn distance<T: Scalar>(x: &Mat<T>, y: &Mat<T>) -> f64 {
    assert_eq!(x.shape(), y.shape());
    (0..x.ncols()).fold(0.0, |worst: f64, j| {
        let (mut difference, mut size) = (0.0, 0.0);
        for i in 0..x.nrows() {
            difference += (x[(i, j)] - y[(i, j)]).modulus().to_f64().powi(2);
            size += y[(i, j)].modulus().to_f64().powi(2);
        }
        worst.max((difference / size).sqrt())
    })
}

/// Numbers from (−1, 1), always the same.
pub(crate) fn random(n: usize, m: usize, seed: u64) -> Mat<f64> {
    Stream::new(seed).matrix(n, m) * faer::Scale(2.0)
}

pub(crate) fn complex(n: usize, m: usize, seed: u64) -> Mat<c64> {
    let (re, im) = (random(n, m, seed), random(n, m, seed + 1000));
    Mat::from_fn(n, m, |i, j| c64::new(re[(i, j)], im[(i, j)]))
}

pub(crate) fn grcar(n: usize) -> Mat<f64> {
    Mat::from_fn(n, n, |i, j| {
        if i == j + 1 {
            -1.0
        } else if j >= i && j <= i + 3 {
            1.0
        } else {
            0.0
        }
    })
}

pub(crate) fn sparse(a: &Mat<f64>) -> SparseColMat<u32, f64> {
    let mut entries = Vec::new();
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            if a[(i, j)] != 0.0 {
                entries.push(Triplet::new(i as u32, j as u32, a[(i, j)]));
            }
        }
    }
    SparseColMat::try_new_from_triplets(a.nrows(), a.ncols(), &entries).unwrap()
}

/// The five-point Laplacian of a k x k grid, with Dirichlet's boundary.
pub(crate) fn laplacian(k: usize) -> Mat<f64> {
    Mat::from_fn(k * k, k * k, |p, q| {
        let apart = (p / k).abs_diff(q / k) + (p % k).abs_diff(q % k);
        [-4.0, 1.0, 0.0][apart.min(2)]
    })
}

/// exp(tA)B of the Laplacian: the product of two one-dimensional ones, whose eigenvectors are sines.
pub(crate) fn heat(k: usize, t: f64, b: &Mat<f64>) -> Mat<f64> {
    let h = std::f64::consts::PI / (k + 1) as f64;
    let line = Mat::from_fn(k, k, |i, j| {
        (1..=k)
            .map(|m| {
                let m = m as f64;
                let mode = |i: usize| (m * h * (i + 1) as f64).sin();
                (-4.0 * t * (m * h / 2.0).sin().powi(2)).exp() * mode(i) * mode(j) * 2.0 / (k + 1) as f64
            })
            .sum::<f64>()
    });
    Mat::from_fn(k * k, k * k, |p, q| line[(p / k, q / k)] * line[(p % k, q % k)]) * b
}

/// exp(tA)B by the dense exponential.
pub(crate) fn dense<T: Scalar>(a: &Mat<T>, t: T, b: &Mat<T>) -> Mat<T> {
    let ta = Mat::from_fn(a.nrows(), a.ncols(), |i, j| t * a[(i, j)]);
    let e = phi_functions(ta.as_ref(), 0).unwrap();
    &e[0] * b
}

pub(crate) fn with(method: ActionMethod) -> ActionOptions {
    ActionOptions { method, ..ActionOptions::default() }
}

pub(crate) const METHODS: [ActionMethod; 4] =
    [ActionMethod::Automatic, ActionMethod::Taylor, ActionMethod::Chebyshev, ActionMethod::Krylov];

#[test]
fn every_method_and_every_form_of_a_matrix() {
    let n = 40;
    let r = random(n, n, 1);
    let symmetric = Mat::from_fn(n, n, |i, j| (r[(i, j)] + r[(j, i)]) / 4.0);
    let skew = Mat::from_fn(n, n, |i, j| (r[(i, j)] - r[(j, i)]) / 2.0);
    let b = random(n, 13, 2);
    for (name, a) in [("grcar", grcar(n)), ("random", r), ("symmetric", symmetric), ("skew", skew)] {
        for t in [0.01, 1.0, -1.5, 6.0] {
            let expected = dense(&a, t, &b);
            let column = sparse(&a);
            let row: SparseRowMat<u32, f64> = column.to_row_major().unwrap();
            for method in METHODS {
                for (form, operator) in [
                    ("dense", LinearOperator::from(&a)),
                    ("columns", LinearOperator::from(&column)),
                    ("rows", LinearOperator::from(&row)),
                    ("products", LinearOperator::from_products(&a)),
                    ("adjoint", LinearOperator::from_products_and_adjoint(&a)),
                ] {
                    let result = expm_multiply(&operator, t, b.as_ref(), &with(method)).unwrap();
                    assert_eq!(result.report.status, ActionStatus::Converged);
                    assert_eq!(result.reached, 1.0);
                    let error = distance(&result.value, &expected);
                    // Terms of a stage of Taylor's method may reach e^9.87 times the value: 1e-12 for a stage at worst.
                    let bound = if result.report.method == ActionMethod::Taylor { 2e-13 } else { 3e-14 };
                    assert!(error < bound, "{name}, {t}, {form}, {method:?}: {error:e} {:?}", result.report);
                    let estimate = result.report.error_estimate;
                    assert!(
                        estimate < 1e-12 && estimate > 1e-17 && error < 20.0 * n as f64 * estimate,
                        "{name} {method:?}: estimate {estimate:e}"
                    );
                }
            }
        }
    }
}

/// Every case of the file in the type, singly and as a grid.
fn golden<T: Scalar>(file: &[Case], times_are: impl Fn(f64) -> T) -> usize {
    let mut compared = 0;
    for case in file.iter().filter(|case| !case.complex() || !T::IS_REAL) {
        let (a, b) = (case.matrix::<T>("a").unwrap(), case.matrix::<T>("b").unwrap());
        let numbers = |key: &str| -> Vec<f64> {
            case.0[key].as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect()
        };
        let (times, amplification) = (numbers("times"), numbers("amplification"));
        let norm = operator_norm_1(a.as_ref()).to_f64();
        for method in METHODS {
            let real: Vec<T::RealPart> = times.iter().map(|&t| T::RealPart::from_f64(t)).collect();
            let grid = expm_multiply_grid(&(&a).into(), &real, b.as_ref(), &with(method)).unwrap();
            for (k, &t) in times.iter().enumerate() {
                let expected =
                    Case(serde_json::json!({"x": case.0["expected"][k]})).matrix::<c64>("x").unwrap();
                let single = expm_multiply(&(&a).into(), times_are(t), b.as_ref(), &with(method)).unwrap();
                let bound = golden_bound::<T>(case.n(), norm * t.abs()) * amplification[k];
                for (what, value) in [("single", &single.value), ("grid", &grid.values[k])] {
                    let error = relative_error(value.as_ref(), expected.as_ref());
                    let name = case.name();
                    assert!(
                        error <= bound,
                        "{name} {method:?} {t} {what}: {error:e}, {bound:e} {:?}",
                        single.report
                    );
                }
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn reference_values() {
    let file = load("action");
    assert!(golden(&file, |t| t) >= 40);
    assert!(golden(&file, |t| c64::new(t, 0.0)) >= 40);
}

#[test]
fn methods_are_chosen_as_documented() {
    let a = laplacian(12);
    let b = random(144, 1, 3);
    let method = |operator: &LinearOperator<'_, f64>, t: f64| {
        expm_multiply(operator, t, b.as_ref(), &ActionOptions::default()).unwrap().report
    };
    assert_eq!(method(&LinearOperator::from(&a), 1e-9).method, ActionMethod::Taylor);
    // Taylor's series would need 31 products, and Gershgorin's interval costs none.
    let short = method(&LinearOperator::from(&a), 1.0);
    assert_eq!((short.method, short.products), (ActionMethod::Chebyshev, 23));
    let long = method(&LinearOperator::from(&a), 100.0);
    assert_eq!(long.method, ActionMethod::Chebyshev);
    assert!(long.products < 300, "{}", long.products);
    assert_eq!(method(&LinearOperator::from_products(&a), 1.0).method, ActionMethod::Krylov);
    assert_eq!(method(&LinearOperator::from_products(&a).hermitian(), 30.0).method, ActionMethod::Chebyshev);
    let nonnormal = grcar(144);
    assert_eq!(method(&LinearOperator::from(&nonnormal), 2.0).method, ActionMethod::Taylor);
    // A claim that products refute is not believed.
    let claimed = LinearOperator::from_products(&nonnormal).hermitian();
    assert_eq!(method(&claimed, 2.0).method, ActionMethod::Krylov);
    // A centred spectrum needs fewer products, and the trace centres it.
    let shifted = Mat::from_fn(144, 144, |i, j| nonnormal[(i, j)] - if i == j { 7.0 } else { 0.0 });
    let blind = LinearOperator::from_products_and_adjoint(&shifted);
    let known = LinearOperator::from_products_and_adjoint(&shifted).with_trace(-6.0 * 144.0);
    assert!(method(&known, 2.0).products < method(&blind, 2.0).products);
}

#[test]
fn long_times_of_definite_and_skew_matrices() {
    let k = 12;
    let a = laplacian(k);
    let b = random(k * k, 3, 4);
    let expected = heat(k, 100.0, &b);
    for operator in [LinearOperator::from(&a), LinearOperator::from_products(&a).hermitian()] {
        let result = expm_multiply(&operator, 100.0, b.as_ref(), &ActionOptions::default()).unwrap();
        assert_eq!(result.report.method, ActionMethod::Chebyshev);
        // The condition is ‖tA‖ = 800.
        assert!(distance(&result.value, &expected) < 2e-13, "{:e}", distance(&result.value, &expected));
    }
    // Backwards it grows: exp(+30·8) is 1e104.
    let expected = heat(k, -30.0, &b);
    let result = expm_multiply(&(&a).into(), -30.0, b.as_ref(), &ActionOptions::default()).unwrap();
    assert!(distance(&result.value, &expected) < 2e-13, "{:e}", distance(&result.value, &expected));
    // A rotation keeps the norm.
    let r = random(60, 60, 5);
    let skew = Mat::from_fn(60, 60, |i, j| r[(i, j)] - r[(j, i)]);
    let b = random(60, 1, 6);
    let result = expm_multiply(&(&skew).into(), 50.0, b.as_ref(), &ActionOptions::default()).unwrap();
    assert_eq!(result.report.method, ActionMethod::Chebyshev);
    assert!((result.value.norm_l2() / b.norm_l2() - 1.0).abs() < 1e-13);
    let back =
        expm_multiply(&(&skew).into(), -50.0, result.value.as_ref(), &ActionOptions::default()).unwrap();
    assert!(distance(&back.value, &b) < 1e-12, "{:e}", distance(&back.value, &b));
}

#[test]
fn gershgorins_interval_far_wider_than_the_spectrum() {
    // A dense random symmetric matrix: the sums of moduli are seven times its norm.
    let n = 200;
    let r = random(n, n, 7);
    let a = Mat::from_fn(n, n, |i, j| f64::midpoint(r[(i, j)], r[(j, i)]));
    let b = random(n, 2, 8);
    for t in [2.0, -4.0] {
        let expected = dense(&a, t, &b);
        for method in [ActionMethod::Chebyshev, ActionMethod::Automatic] {
            let result = expm_multiply(&(&a).into(), t, b.as_ref(), &with(method)).unwrap();
            let error = distance(&result.value, &expected);
            assert!(error < 1e-13, "{t} {method:?}: {error:e} {:?}", result.report);
        }
    }
}

#[test]
fn complex_matrices_and_complex_times() {
    let n = 30;
    let r = complex(n, n, 9);
    let b = complex(n, 5, 10);
    let adjoint = |i: usize, j: usize| r[(j, i)].conj();
    let hermitian = Mat::from_fn(n, n, |i, j| (r[(i, j)] + adjoint(i, j)) * 0.5);
    let skew = Mat::from_fn(n, n, |i, j| {
        (r[(i, j)] - adjoint(i, j)) * 0.5 + if i == j { c64::new(0.0, 3.0) } else { c64::new(0.0, 0.0) }
    });
    let mut chebyshev = 0;
    for (name, a) in [("general", r.clone()), ("hermitian", hermitian), ("skew", skew)] {
        for t in [c64::new(0.4, 0.0), c64::new(0.0, -4.0), c64::new(-1.0, 1.0), c64::new(3.0, 0.5)] {
            let expected = dense(&a, t, &b);
            for method in METHODS {
                for operator in
                    [LinearOperator::from(&a), LinearOperator::from_products_and_adjoint(&a).hermitian()]
                {
                    let result = expm_multiply(&operator, t, b.as_ref(), &with(method)).unwrap();
                    let error = distance(&result.value, &expected);
                    let bound = if result.report.method == ActionMethod::Taylor { 3e-13 } else { 6e-14 };
                    assert!(error < bound, "{name} {t} {method:?}: {error:e} {:?}", result.report);
                    chebyshev += usize::from(result.report.method == ActionMethod::Chebyshev);
                }
            }
        }
    }
    assert!(chebyshev >= 12, "{chebyshev}");
}

#[test]
fn single_precision() {
    let n = 30;
    let a64 = grcar(n);
    let a = Mat::from_fn(n, n, |i, j| a64[(i, j)] as f32);
    let b64 = random(n, 3, 11);
    let b = Mat::from_fn(n, 3, |i, j| b64[(i, j)] as f32);
    let exact = Mat::from_fn(n, 3, |i, j| f64::from(b[(i, j)]));
    let symmetric = Mat::from_fn(n, n, |i, j| a[(i, j)] + a[(j, i)]);
    let wide = Mat::from_fn(n, n, |i, j| f64::from(symmetric[(i, j)]));
    for (a, exact) in [(&a, dense(&a64, 3.0, &exact)), (&symmetric, dense(&wide, 3.0, &exact))] {
        let expected = Mat::from_fn(n, 3, |i, j| exact[(i, j)] as f32);
        for method in METHODS {
            let result = expm_multiply(&a.into(), 3.0, b.as_ref(), &with(method)).unwrap();
            let error = distance(&result.value, &expected);
            assert!(error < 4e-6 && error > 1e-9, "{method:?}: {error:e}");
        }
    }
    let turn = mat![[c32::new(0.0, 1.0)]];
    let one = mat![[c32::new(1.0, 0.0)]];
    let result =
        expm_multiply(&(&turn).into(), c32::new(1.0, 0.0), one.as_ref(), &ActionOptions::default()).unwrap();
    assert!((result.value[(0, 0)] - c32::new(1.0_f32.cos(), 1.0_f32.sin())).norm() < 2e-7);
}

#[test]
fn large_corner_does_not_cost_products() {
    // exp(t[[1, b], [0, −1]]) = [[e^t, b·sinh t], [0, e^−t]].
    let a = mat![[1.0, 1e6], [0.0, -1.0]];
    let one = mat![[0.0], [1.0]];
    let result = expm_multiply(&(&a).into(), 1.0, one.as_ref(), &with(ActionMethod::Taylor)).unwrap();
    assert!(result.report.stages <= 4, "{:?}", result.report);
    assert!((result.value[(0, 0)] / (1e6 * 1.0_f64.sinh()) - 1.0).abs() < 1e-14);
    assert!((result.value[(1, 0)] / (-1.0_f64).exp() - 1.0).abs() < 1e-14);
}

#[test]
fn columns_of_different_size_are_equally_exact() {
    let a = sparse(&grcar(50));
    let b = random(50, 8, 12);
    let mut graded = Mat::from_fn(50, 8, |i, j| b[(i, j)] * (10.0_f64).powi(-20 * j as i32));
    // A column that is finished at once does not end the others.
    graded.col_mut(0).fill(0.0);
    let expected = expm_multiply(&(&a).into(), 3.0, b.as_ref(), &ActionOptions::default()).unwrap().value;
    let result = expm_multiply(&(&a).into(), 3.0, graded.as_ref(), &ActionOptions::default()).unwrap().value;
    assert!((0..50).all(|i| result[(i, 0)] == 0.0));
    for j in 1..8 {
        let scale = (10.0_f64).powi(20 * j as i32);
        let column = Mat::from_fn(50, 1, |i, _| result[(i, j)] * scale);
        let reference = Mat::from_fn(50, 1, |i, _| expected[(i, j)]);
        assert!(distance(&column, &reference) < 1e-14, "{j}: {:e}", distance(&column, &reference));
    }
}

#[test]
fn grid_that_begins_late_is_as_exact_as_single_calls() {
    let b = random(64, 3, 13);
    let r = random(64, 64, 14);
    let skew = Mat::from_fn(64, 64, |i, j| (r[(i, j)] - r[(j, i)]) / 2.0);
    let times = [5.0, 5.25, 5.5, 5.75, 6.0, 0.0, -1.0, 0.3, -2.5, 6.0];
    for (name, a) in [("laplacian", laplacian(8)), ("grcar", grcar(64)), ("skew", skew)] {
        for method in METHODS {
            for operator in [LinearOperator::from(&a), LinearOperator::from(&sparse(&a))] {
                let grid = expm_multiply_grid(&operator, &times, b.as_ref(), &with(method)).unwrap();
                assert_eq!(grid.values.len(), times.len());
                assert_eq!(grid.reached, times);
                for (value, &t) in grid.values.iter().zip(&times) {
                    let expected = dense(&a, t, &b);
                    let error = distance(value, &expected);
                    // Behind zero the Laplacian grows as e^20, and its condition with it.
                    assert!(error < 6e-14, "{name} {method:?} {t}: {error:e}");
                }
                assert_eq!(grid.values[5], b);
            }
        }
    }
}

#[test]
fn times_inside_a_stage_cost_no_products() {
    let a = laplacian(12);
    let b = random(144, 1, 15);
    let times: Vec<f64> = (1..=100).map(f64::from).collect();
    let one = expm_multiply(&(&a).into(), 100.0, b.as_ref(), &ActionOptions::default()).unwrap();
    let grid = expm_multiply_grid(&(&a).into(), &times, b.as_ref(), &ActionOptions::default()).unwrap();
    assert_eq!(grid.report.products, one.report.products);
    for (k, value) in grid.values.iter().enumerate().step_by(9) {
        let expected = heat(12, times[k], &b);
        assert!(distance(value, &expected) < 2e-13, "{k}: {:e}", distance(value, &expected));
    }
}

#[test]
fn symmetric_pattern_is_no_symmetry() {
    let a = Mat::from_fn(30, 30, |i, j| {
        if i + 1 == j {
            1.0
        } else if j + 1 == i {
            0.25
        } else if i == j {
            -2.0
        } else {
            0.0
        }
    });
    let b = random(30, 2, 22);
    let result = expm_multiply(&(&sparse(&a)).into(), 20.0, b.as_ref(), &ActionOptions::default()).unwrap();
    assert_ne!(result.report.method, ActionMethod::Chebyshev);
    assert!(distance(&result.value, &dense(&a, 20.0, &b)) < 1e-12);
    // Neither is a skew pattern, nor one triangle alone.
    let upper = Mat::from_fn(30, 30, |i, j| if i + 1 == j { 1.0 } else { 0.0 });
    let result =
        expm_multiply(&(&sparse(&upper)).into(), 20.0, b.as_ref(), &ActionOptions::default()).unwrap();
    assert_ne!(result.report.method, ActionMethod::Chebyshev);
    assert!(distance(&result.value, &dense(&upper, 20.0, &b)) < 1e-12);
}

#[test]
fn a_shift_of_the_matrix_costs_no_products() {
    let a = grcar(40);
    let far = Mat::from_fn(40, 40, |i, j| a[(i, j)] - if i == j { 300.0 } else { 0.0 });
    let b = random(40, 1, 23);
    let run = |a: &Mat<f64>| expm_multiply(&a.into(), 2.0, b.as_ref(), &with(ActionMethod::Taylor)).unwrap();
    let (near, far) = (run(&a), run(&far));
    assert_eq!(near.report.products, far.report.products);
    let scaled = Mat::from_fn(40, 1, |i, _| near.value[(i, 0)] * (-600.0_f64).exp());
    assert!(distance(&far.value, &scaled) < 1e-12);
}

#[test]
fn the_tolerance_is_kept_and_saves_products() {
    let a = grcar(60);
    let b = random(60, 1, 24);
    let expected = dense(&a, 6.0, &b);
    for method in [ActionMethod::Taylor, ActionMethod::Krylov] {
        let exact = expm_multiply(&(&a).into(), 6.0, b.as_ref(), &with(method)).unwrap();
        let options = ActionOptions { tolerance: 1e-6, ..with(method) };
        let loose = expm_multiply(&(&a).into(), 6.0, b.as_ref(), &options).unwrap();
        assert!(loose.report.products < exact.report.products, "{method:?}");
        let error = distance(&loose.value, &expected);
        assert!(error <= 1e-6 * loose.report.stages as f64, "{method:?}: {error:e} {:?}", loose.report);
        assert!(loose.report.error_estimate <= 2e-6 * loose.report.stages as f64);
    }
}

/// The five-point Laplacian, with couplings that vary from link to link if `vary`, and by direction if `skewed`.
fn grid(k: usize, vary: bool, skewed: f64) -> SparseColMat<usize, f64> {
    let at = |i: usize, j: usize| i * k + j;
    let c = |i: usize, j: usize| if vary { 1.0 + 0.3 * ((i * 7 + j * 3) as f64).sin() } else { 1.0 };
    let mut entries = Vec::new();
    for i in 0..k {
        for j in 0..k {
            entries.push(Triplet::new(at(i, j), at(i, j), -4.0));
            for (row, column) in [(i + 1, j), (i, j + 1)] {
                if row < k && column < k {
                    entries.push(Triplet::new(at(i, j), at(row, column), c(i, j) * (1.0 + skewed)));
                    entries.push(Triplet::new(at(row, column), at(i, j), c(i, j) * (1.0 - skewed)));
                }
            }
        }
    }
    SparseColMat::try_new_from_triplets(k * k, k * k, &entries).unwrap()
}

#[cfg(feature = "rayon")]
#[test]
fn bits_do_not_depend_on_threads() {
    // Three parts of rows, and the couplings of a grid line are a run of 150 rows.
    let k = 150;
    let b = random(k * k, 3, 30);
    let turned = |a: &SparseColMat<usize, f64>| {
        let values = a.val().iter().map(|&x| c64::new(0.0, x)).collect();
        SparseColMat::<usize, c64>::new(a.symbolic().to_owned().unwrap(), values)
    };
    let (plain, vary) = (grid(k, false, 0.0), grid(k, true, 0.0));
    let skewed = grid(k, true, 0.2);
    let complex = turned(&vary);
    let wide = Mat::from_fn(k * k, 1, |i, j| c64::new(b[(i, j)], 0.5));
    let all = || {
        let run = |a: &SparseColMat<usize, f64>, t: f64, method| {
            let result = expm_multiply(&a.into(), t, b.as_ref(), &with(method)).unwrap();
            let bits =
                result.value.col_iter().flat_map(|c| c.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
            (bits.collect::<Vec<_>>(), result.report)
        };
        let skew = expm_multiply(
            &(&complex).into(),
            c64::new(9.0, 0.0),
            wide.as_ref(),
            &with(ActionMethod::Automatic),
        )
        .unwrap();
        let real = [
            run(&plain, 0.7, ActionMethod::Automatic),
            run(&plain, 40.0, ActionMethod::Automatic),
            run(&vary, 60.0, ActionMethod::Chebyshev),
            run(&skewed, 3.0, ActionMethod::Taylor),
            run(&skewed, 1.0, ActionMethod::Krylov),
        ];
        (real, skew.value.col(0).iter().map(|z| (z.re.to_bits(), z.im.to_bits())).collect::<Vec<_>>())
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let expected = pool(1).install(all);
    for threads in [2, 3, 5] {
        assert!(pool(threads).install(all) == expected, "{threads} threads");
    }
}

#[test]
fn long_times_of_a_definite_matrix_cost_the_root() {
    // 9 √(t‖A‖) = 2500, and twice that while the end of the spectrum is known to 2e-3 only. By the extreme Ritz value of
    // 40 steps alone it was 11 875.
    let k = 110;
    let b = random(k * k, 1, 31);
    let result =
        expm_multiply(&(&grid(k, false, 0.0)).into(), 1e4, b.as_ref(), &ActionOptions::default()).unwrap();
    assert!(result.report.products < 6000, "{:?}", result.report);
    // By lines and columns of the grid, of which the slowest modes are left.
    let h = std::f64::consts::PI / (k + 1) as f64;
    let line =
        Mat::from_fn(k, k, |i, m| (h * ((i + 1) * (m + 1)) as f64).sin() * (2.0 / (k + 1) as f64).sqrt());
    let square = Mat::from_fn(k, k, |i, j| b[(i * k + j, 0)]);
    let modes = line.transpose() * &square * &line;
    let decay = |m: usize| (-4e4 * (h * (m + 1) as f64 / 2.0).sin().powi(2)).exp();
    let damped = Mat::from_fn(k, k, |i, j| modes[(i, j)] * decay(i) * decay(j));
    let exact = &line * damped * line.transpose();
    let expected = Mat::from_fn(k * k, 1, |p, _| exact[(p / k, p % k)]);
    assert!(distance(&result.value, &expected) < 1e-10, "{:e}", distance(&result.value, &expected));
}

#[test]
fn an_interval_beyond_the_spectrum_loses_no_digits() {
    // The spectrum ends near −3.8, Gershgorin's interval near −1: at t = 40 a factor e^110 lies between.
    let n = 60;
    let r = random(n, n, 32);
    let a = Mat::from_fn(n, n, |i, j| (r[(i, j)] + r[(j, i)]) / 15.5 - if i == j { 5.0 } else { 0.0 });
    let b = random(n, 3, 33);
    let up = Mat::from_fn(n, n, |i, j| -a[(i, j)]);
    for (a, t) in [(&a, 40.0), (&up, -40.0)] {
        let expected = dense(a, t, &b);
        for method in [ActionMethod::Automatic, ActionMethod::Chebyshev] {
            let result = expm_multiply(&a.into(), t, b.as_ref(), &with(method)).unwrap();
            assert_eq!(result.report.method, ActionMethod::Chebyshev);
            let error = distance(&result.value, &expected);
            // u ‖tA‖ ‖e^(tA)‖ ‖b‖ / ‖e^(tA) b‖ is about 1.1e-16 · 40 · 7 · √60; the interval alone would lose e^110.
            assert!(error < 3e-13, "{method:?} {t}: {error:e} {:?}", result.report);
        }
    }
}
