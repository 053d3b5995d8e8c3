//! Volumes, ranks, principal angles and changes of variables.

use crate::exact::{self, Integers, Stream, subsets, to_matrix};
use crate::reference::load;
use faer::{Mat, c64, mat};
use std::f64::consts::PI;
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, log_det, log_volume, log_volume_factor, log_volume_gradient,
    principal_angles, pseudo_log_det, pushforward_log_density, rank_volume, volume,
};

#[test]
fn reference_values() {
    let cases = load("volume");
    assert!(cases.len() >= 20);
    for case in cases {
        let b = case.matrix::<f64>("a").unwrap();
        let (m, n) = b.shape();
        let found = log_volume(b.as_ref()).unwrap();
        let ranked = rank_volume(b.as_ref(), None).unwrap();
        let name = case.name();
        assert_eq!(ranked.rank as f64, case.number("rank").unwrap(), "{name}");
        // By scaled columns, so that the condition of the directions counts and not that of the lengths.
        let unit = 10.0 * m.max(n) as f64 * f64::EPSILON / 2.0;
        let own = case.number("log_volume_own_rank").unwrap_or(0.0);
        let kappa = case.number("kappa").unwrap_or(100.0);
        assert!(
            (ranked.ln_volume - own).abs() <= unit * kappa.max(1.0) + 2e-16 * own.abs(),
            "{name}: {} {own}",
            ranked.ln_volume
        );
        match case.number("log_volume") {
            Some(exact) => {
                // Läuchli's matrices reach a few u whatever their condition.
                let kappa = if name.starts_with("lauchli") || case.0["family"] == "scaled_columns" {
                    1.0
                } else {
                    kappa
                };
                assert!(
                    (found - exact).abs() <= unit * kappa.max(1.0) + 2e-16 * exact.abs(),
                    "{name}: {found} {exact}"
                );
            }
            None => assert!(found < -30.0, "{name}: {found}"),
        }
        if let Some(gradient) = case.matrix::<f64>("gradient") {
            let found = log_volume_gradient(b.as_ref()).unwrap();
            let kappa = case.number("kappa").unwrap();
            let error = (&found - &gradient).norm_l2() / gradient.norm_l2();
            assert!(error <= unit * kappa.max(1.0), "{name}: {error:e}");
        }
    }
}

/// vol(B)² is the sum of the squares of all maximal minors, as integers.
#[test]
fn cauchy_and_binet() {
    let mut stream = Stream::new(41);
    for m in 1..=7_usize {
        for n in 1..=m {
            let b: Integers = (0..m).map(|_| (0..n).map(|_| stream.integer(5)).collect()).collect();
            let squares: i128 = subsets(m, n)
                .iter()
                .map(|rows| {
                    let minor: Integers = rows.iter().map(|&i| b[i].clone()).collect();
                    exact::determinant(&minor).pow(2)
                })
                .sum();
            let gram: Integers =
                (0..n).map(|i| (0..n).map(|j| (0..m).map(|k| b[k][i] * b[k][j]).sum()).collect()).collect();
            assert_eq!(squares, exact::determinant(&gram), "{m} {n}");
            let found = volume(to_matrix::<f64>(&b).as_ref()).unwrap();
            let exact = (squares as f64).sqrt();
            assert!((found - exact).abs() <= 1e-13 * exact.max(1.0), "{m} x {n}: {found} {exact}");
            let factor = log_volume_factor(to_matrix::<f64>(&b).transpose()).unwrap();
            assert!(squares == 0 || (factor - exact.ln()).abs() <= 1e-12);
        }
    }
}

#[test]
fn volumes_of_square_and_orthogonal_matrices() {
    let mut stream = Stream::new(42);
    for n in [1, 4, 30, 100] {
        let a = stream.complex(n, n);
        let (vol, det) = (log_volume(a.as_ref()).unwrap(), log_det(a.as_ref()).unwrap().ln_abs);
        assert!((vol - det).abs() < 1e-11, "{n}");
        // Rotating the space changes nothing, stretching a column by c multiplies by |c|.
        let b = stream.complex(n + 5, n);
        let phase = c64::new(0.6, 0.8);
        let moved =
            Mat::from_fn(n + 5, n, |i, j| b[((i + 3) % (n + 5), j)] * phase * if j == 0 { 3.0 } else { 1.0 });
        let difference = log_volume(moved.as_ref()).unwrap() - log_volume(b.as_ref()).unwrap();
        assert!((difference - 3.0_f64.ln()).abs() < 1e-12, "{n}");
    }
    for n in [1, 3] {
        assert_eq!(volume(Mat::<f64>::zeros(n, 0).as_ref()).unwrap(), 1.0);
        assert_eq!(volume(Mat::<f64>::zeros(0, n).as_ref()).unwrap(), 0.0);
        assert_eq!(log_volume(Mat::<f64>::zeros(2, n).as_ref()).unwrap(), f64::NEG_INFINITY);
        assert_eq!(rank_volume(Mat::<f64>::zeros(2, n).as_ref(), None).unwrap().rank, 0);
    }
    assert_eq!(rank_volume(Mat::<f64>::new().as_ref(), None).unwrap().ln_volume, 0.0);
    assert_eq!(log_volume(Mat::<f64>::new().as_ref()).unwrap(), 0.0);
}

#[test]
fn volumes_at_the_ends_of_the_range() {
    let mut stream = Stream::new(43);
    let b = stream.matrix(9, 6);
    let plain = log_volume(b.as_ref()).unwrap();
    let power = [900, -950, 0, 1000, -1000, 30];
    let scaled = Mat::from_fn(9, 6, |i, j| RealScalar::ldexp(b[(i, j)], power[j]));
    let shift = f64::from(power.iter().sum::<i32>()) * std::f64::consts::LN_2;
    assert!((log_volume(scaled.as_ref()).unwrap() - plain - shift).abs() < 1e-13);
    let gradient = log_volume_gradient(scaled.as_ref()).unwrap();
    let exact = log_volume_gradient(b.as_ref()).unwrap();
    for j in 0..6 {
        for i in 0..9 {
            let back = RealScalar::ldexp(gradient[(i, j)], power[j]);
            assert!((back - exact[(i, j)]).abs() < 1e-12 * exact.norm_max());
        }
    }
    let huge = Mat::from_fn(3, 3, |i, j| if i == j { 1e200 } else { 0.0 });
    assert!(
        matches!(volume(huge.as_ref()), Err(MatrixError::Overflow { ln_norm, .. }) if (ln_norm - 600.0 * 10.0_f64.ln()).abs() < 1e-9)
    );
    assert_eq!(volume((Mat::<f64>::identity(3, 3) * 1e-200).as_ref()).unwrap(), 0.0);
    let ranked = rank_volume::<f64>(huge.as_ref(), None).unwrap();
    assert!(ranked.rank == 3 && (ranked.ln_volume - 600.0 * 10.0_f64.ln()).abs() < 1e-12 * 1400.0);
    // Rows of very different size: the small ones hold the volume.
    let mut graded = Mat::from_fn(6, 3, |i, j| b[(i, j)] * 1e-12);
    for j in 0..3 {
        graded[(5, j)] = 1.0;
    }
    // vol² = Σ minors²; with the row of ones to first order: minors of the differences of columns.
    let differences = Mat::from_fn(5, 2, |i, j| 1e-12 * (b[(i, j + 1)] - b[(i, 0)]));
    let first_order = log_volume(differences.as_ref()).unwrap();
    assert!((log_volume(graded.as_ref()).unwrap() - first_order).abs() < 1e-13);
}

#[test]
fn gradients_against_differences_and_definition() {
    let mut stream = Stream::new(44);
    for (m, n) in [(3, 1), (5, 3), (4, 4), (30, 20)] {
        let (b, e) = (stream.complex(m, n), stream.complex(m, n));
        let at = |t: f64| log_volume(Mat::from_fn(m, n, |i, j| b[(i, j)] + e[(i, j)] * t).as_ref()).unwrap();
        let h = 2e-3;
        let difference = (45.0 * (at(h) - at(-h)) - 9.0 * (at(2.0 * h) - at(-2.0 * h)) + at(3.0 * h)
            - at(-3.0 * h))
            / (60.0 * h);
        let gradient = log_volume_gradient(b.as_ref()).unwrap();
        let mut inner = 0.0;
        for j in 0..n {
            for i in 0..m {
                inner += (gradient[(i, j)].conj() * e[(i, j)]).re;
            }
        }
        assert!((difference - inner).abs() < 1e-9 * inner.abs().max(1.0), "{m} {n}: {difference} {inner}");
        // Penrose's equations of the pseudo-inverse.
        let pinv = gradient.adjoint();
        assert!((pinv * &b - Mat::<c64>::identity(n, n)).norm_max() < 1e-12);
        let projection = &b * pinv;
        assert!((&projection - projection.adjoint()).norm_max() < 1e-12);
    }
    assert!(matches!(
        log_volume_gradient(Mat::<f64>::ones(2, 3).as_ref()),
        Err(MatrixError::Singular { .. })
    ));
    assert!(matches!(
        log_volume_gradient(Mat::<f64>::zeros(3, 2).as_ref()),
        Err(MatrixError::Singular { .. })
    ));
    assert_eq!(log_volume_gradient(Mat::<f64>::zeros(3, 0).as_ref()).unwrap().shape(), (3, 0));
}

#[test]
fn ranks_by_the_stated_tolerance() {
    let values = [1.0, 1e-3, 1e-9, 3e-17];
    let b = Mat::from_fn(6, 4, |i, j| if i == j { values[j] } else { 0.0 });
    let found = rank_volume(b.as_ref(), None).unwrap();
    assert_eq!((found.rank, found.tolerance), (3, 6.0 * f64::EPSILON / 2.0));
    assert!((found.ln_volume - 1e-12_f64.ln()).abs() < 1e-14);
    assert_eq!(found.singular_values, values);
    assert_eq!(rank_volume(b.as_ref(), Some(1e-6)).unwrap().rank, 2);
    assert_eq!(rank_volume(b.as_ref(), Some(0.0)).unwrap().rank, 4);
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(rank_volume(b.as_ref(), Some(bad)), Err(MatrixError::OutOfRange { .. })));
        assert!(matches!(
            pseudo_log_det(Mat::<f64>::identity(2, 2).as_ref(), Some(bad)),
            Err(MatrixError::OutOfRange { .. })
        ));
    }
    let single = rank_volume(Mat::from_fn(3, 2, |i, j| (i + j) as f32).as_ref(), None).unwrap();
    assert_eq!(single.rank, 2);
    assert!((single.ln_volume - 0.5 * 6.0_f32.ln()).abs() < 1e-6);
}

#[test]
fn pseudo_determinants() {
    // Spanning trees: Cayley's n^(n-2), through pdet = n · trees.
    for n in [3_usize, 8, 20] {
        let laplacian = Mat::from_fn(n, n, |i, j| if i == j { n as f64 - 1.0 } else { -1.0 });
        let found = pseudo_log_det(laplacian.as_ref(), None).unwrap();
        assert_eq!(found.rank, n - 1);
        assert!((found.log_det.ln_abs - (n as f64 - 1.0) * (n as f64).ln()).abs() < 1e-13 * n as f64);
        assert_eq!(found.log_det.sign, 1.0);
    }
    // Signs count; a regular matrix has its determinant; and the two meanings for (1, 1; 0, 0).
    let mut stream = Stream::new(45);
    let g = stream.complex(9, 9);
    let hermitian = Mat::from_fn(9, 9, |i, j| {
        if i == j { c64::new(g[(i, i)].re, 0.0) } else { (g[(i, j)] + g[(j, i)].conj()) * 0.5 }
    });
    let found = pseudo_log_det(hermitian.as_ref(), None).unwrap();
    let det = log_det(hermitian.as_ref()).unwrap();
    assert!(found.rank == 9 && (found.log_det.ln_abs - det.ln_abs).abs() < 1e-12);
    assert!((found.log_det.sign - det.sign).modulus() < 1e-12);
    let oblique = mat![[1.0, 1.0], [0.0, 0.0]];
    assert!(matches!(pseudo_log_det(oblique.as_ref(), None), Err(MatrixError::NotHermitian { .. })));
    let ranked = rank_volume::<f64>(oblique.as_ref(), None).unwrap();
    assert!((ranked.ln_volume - 0.5 * 2.0_f64.ln()).abs() < 1e-15);
    let zero = pseudo_log_det(Mat::<f64>::zeros(4, 4).as_ref(), None).unwrap();
    assert_eq!((zero.rank, zero.log_det.value()), (0, 1.0));
    let scaled = pseudo_log_det::<f64>(mat![[3e300, 0.0], [0.0, -2e300]].as_ref(), None).unwrap();
    assert!((scaled.log_det.ln_abs - (6.0_f64.ln() + 600.0 * 10.0_f64.ln())).abs() < 1e-12);
    assert_eq!(scaled.log_det.sign, -1.0);
    assert_eq!(pseudo_log_det(mat![[3e300, 0.0], [0.0, 1e299]].as_ref(), Some(2e299)).unwrap().rank, 1);
}

#[test]
fn reference_angles() {
    let cases = load("angles");
    assert!(cases.len() >= 10);
    for case in cases {
        let (a, b) = (case.matrix::<f64>("a").unwrap(), case.matrix::<f64>("b").unwrap());
        let exact: Vec<f64> =
            case.0["angles"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        let found = principal_angles(a.as_ref(), b.as_ref()).unwrap();
        assert_eq!(found.len(), exact.len(), "{}", case.name());
        for (x, y) in found.iter().zip(exact) {
            assert!((x - y).abs() < 1e-14, "{}: {x} {y}", case.name());
        }
    }
}

#[test]
fn principal_angles_of_every_size() {
    let mut stream = Stream::new(46);
    // A pair with known angles, mixed by random bases: the angles stay.
    let exact = [0.0, 1e-12, 3e-9, 1e-4, 0.7, 1.5, PI / 2.0 - 1e-10, PI / 2.0];
    let n = exact.len();
    let mut second = Mat::<f64>::zeros(2 * n + 3, n);
    let mut first = second.clone();
    for (k, angle) in exact.iter().enumerate() {
        first[(2 * k, k)] = 1.0;
        second[(2 * k, k)] = angle.cos();
        second[(2 * k + 1, k)] = angle.sin();
    }
    let mut mixed = |a: &Mat<f64>, extra: usize| {
        let basis =
            stream.matrix(n, n + extra) + Mat::from_fn(n, n + extra, |i, j| if i == j { 3.0 } else { 0.0 });
        a * basis
    };
    // Two columns too many are dependent, and add no angle.
    let (a, b) = (mixed(&first, 0), mixed(&second, 2));
    for (a, b) in [(&a, &b), (&b, &a)] {
        let found = principal_angles(a.as_ref(), b.as_ref()).unwrap();
        assert_eq!(found.len(), n);
        for (x, y) in found.iter().zip(exact) {
            assert!((x - y).abs() < 1e-14, "{x} {y}");
        }
    }
    // Of different dimensions; complex; and columns of very different length.
    let line = Mat::from_fn(2 * n + 3, 1, |i, _| if i < 2 { 1e-200 } else { 0.0 });
    let found = principal_angles(line.as_ref(), first.as_ref()).unwrap();
    assert!(found.len() == 1 && (found[0] - PI / 4.0).abs() < 1e-15);
    let turned = Mat::from_fn(3, 1, |i, _| [c64::new(0.0, 0.8), c64::new(0.6, 0.0), c64::ZERO][i]);
    let axis = Mat::from_fn(3, 1, |i, _| if i == 0 { c64::new(0.3, -0.4) } else { c64::ZERO });
    let found = principal_angles(turned.as_ref(), axis.as_ref()).unwrap();
    assert!((found[0] - 0.6_f64.asin()).abs() < 1e-15);
    // The projection of a volume: vol(P_A B) = vol(B) Π cos θ for equal dimensions.
    let (a, b) = (Stream::new(47).matrix(7, 3), Stream::new(48).matrix(7, 3));
    let cosines: f64 =
        principal_angles(a.as_ref(), b.as_ref()).unwrap().iter().map(|t: &f64| t.cos().ln()).sum();
    let pinv = log_volume_gradient(a.as_ref()).unwrap().transpose().to_owned();
    let projected = log_volume((&a * &pinv * &b).as_ref()).unwrap();
    assert!((projected - log_volume(b.as_ref()).unwrap() - cosines).abs() < 1e-13);
    assert!(principal_angles(Mat::<f64>::zeros(3, 2).as_ref(), a.get(..3, ..)).unwrap().is_empty());
    assert!(matches!(principal_angles(a.as_ref(), line.as_ref()), Err(MatrixError::ShapeMismatch { .. })));
    assert!(matches!(
        principal_angles(mat![[f64::NAN]].as_ref(), mat![[1.0]].as_ref()),
        Err(MatrixError::NotFinite { .. })
    ));
}

/// The surface of a torus, 4π² R r, and the total of a density on it, by sums that converge geometrically.
#[test]
fn area_of_a_torus_and_a_density_on_it() {
    let (big, small) = (2.0, 0.75);
    let jacobian = |u: f64, v: f64| {
        let ring = big + small * v.cos();
        mat![
            [-ring * u.sin(), -small * v.sin() * u.cos()],
            [ring * u.cos(), -small * v.sin() * u.sin()],
            [0.0, small * v.cos()]
        ]
    };
    let n = 40;
    let step = 2.0 * PI / f64::from(n);
    let (mut area, mut total) = (0.0, 0.0);
    for i in 0..n {
        for j in 0..n {
            let (u, v) = (step * f64::from(i), step * f64::from(j));
            let cell = step * step * log_volume_factor(jacobian(u, v).as_ref()).unwrap().exp();
            area += cell;
            // A density of the two angles, pushed to the torus, integrates to one over its surface.
            let density = (1.0 + 0.5 * u.cos()) * (1.0 + 0.3 * v.sin()) / (4.0 * PI * PI);
            total += cell * pushforward_log_density(density.ln(), jacobian(u, v).as_ref()).unwrap().exp();
        }
    }
    assert!((area - 4.0 * PI * PI * big * small).abs() < 1e-11, "{area}");
    assert!((total - 1.0).abs() < 1e-13, "{total}");
}

/// The coarea formula: the volume of a shell, as the integral of areas of spheres divided by the length of the gradient.
#[test]
fn coarea_of_a_quadratic_function() {
    // g(x) = |x|²/2 between ½ and 2: ∫ |∇g| dx = ∫ area of {g = s} ds = ∫ 4π·2s ds.
    let exact = 4.0 * PI * (4.0 - 0.25);
    // By radius, at points on a diagonal, with Gauss' nodes for the polynomial 4π r² · r.
    let (nodes, weights) = ([-0.6_f64.sqrt(), 0.0, 0.6_f64.sqrt()], [5.0 / 9.0, 8.0 / 9.0, 5.0 / 9.0]);
    let found: f64 = nodes
        .iter()
        .zip(weights)
        .map(|(x, w)| {
            let r = 1.5 + 0.5 * x;
            let gradient = Mat::from_fn(1, 3, |_, _| r / 3.0_f64.sqrt());
            0.5 * w * 4.0 * PI * r * r * log_volume_factor(gradient.as_ref()).unwrap().exp()
        })
        .sum();
    assert!((found - exact).abs() < 1e-12, "{found} {exact}");
}

#[test]
fn densities_where_there_is_none() {
    let jacobian = mat![[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]];
    assert!(pushforward_log_density(0.0, jacobian.get(.., ..1)).is_ok());
    let flat = mat![[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]];
    assert!(matches!(pushforward_log_density(0.0, flat.as_ref()), Err(MatrixError::Singular { .. })));
    assert!(matches!(pushforward_log_density(f64::NAN, flat.as_ref()), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(pushforward_log_density(0.0, flat.transpose()), Err(MatrixError::Singular { .. })));
    let nowhere = pushforward_log_density(f64::NEG_INFINITY, mat![[2.0]].as_ref()).unwrap();
    assert_eq!(nowhere, f64::NEG_INFINITY);
    for error in [
        log_volume(mat![[f64::NAN]].as_ref()).unwrap_err(),
        volume(mat![[f64::INFINITY]].as_ref()).unwrap_err(),
        log_volume_gradient(mat![[f64::NAN]].as_ref()).unwrap_err(),
        rank_volume(mat![[f64::NAN]].as_ref(), None).unwrap_err(),
        pseudo_log_det(mat![[f64::NAN]].as_ref(), None).unwrap_err(),
        log_volume_factor(mat![[f64::NAN]].as_ref()).unwrap_err(),
    ] {
        assert_eq!(error, MatrixError::NotFinite { row: 0, column: 0 });
    }
}

/// Rows of very different size, the columns nearly parallel but for the small ones: every order of the columns.
#[test]
fn volumes_held_by_small_rows() {
    let b: Mat<f64> = mat![[0.0, 1e20, 1e20], [1.0, 1.0, 3.0], [1.0, 2.0, 1.0], [0.0, 0.0, 1.0]];
    // By 120 digits (mpmath).
    let exact = 47.2506494962801;
    let gradient: Mat<f64> = mat![
        [-1.6363636363636364e-20, 7.272727272727273e-21, 2.727272727272727e-21],
        [0.36363636363636365, -0.2727272727272727, 0.2727272727272727],
        [0.6363636363636364, 0.2727272727272727, -0.2727272727272727],
        [-0.09090909090909091, -0.18181818181818182, 0.18181818181818182]
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let moved = Mat::from_fn(4, 3, |i, j| b[(i, order[j])]);
        let found = log_volume::<f64>(moved.as_ref()).unwrap();
        assert!((found - exact).abs() < 1e-13, "{order:?}: {found}");
        let found = log_volume_gradient(moved.as_ref()).unwrap();
        for j in 0..3 {
            for i in 0..4 {
                let (x, y) = (found[(i, j)], gradient[(i, order[j])]);
                assert!((x / y - 1.0).abs() < 1e-13, "{order:?} {i} {j}: {x} {y}");
            }
        }
    }
}

#[test]
fn errors_name_the_tolerance_that_was_given() {
    let a = mat![[3e5, 0.0], [0.0, 1e5]];
    for bad in [-1.0, f64::NEG_INFINITY] {
        let found = pseudo_log_det(a.as_ref(), Some(bad)).unwrap_err();
        assert!(matches!(found, MatrixError::OutOfRange { value, .. } if value == bad), "{found:?}");
    }
}
