//! Distances and geodesics of positive definite matrices.

use crate::golden;
use crate::reference::{golden_bound, load, widen};
use crate::samples::random;
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, affine_invariant_distance, affine_invariant_geodesic, bures_distance,
    bures_geodesic, bures_squared, bures_transport, expm, log_euclidean_distance, operator_norm_1, powm,
};

#[test]
fn distances_match_the_reference() {
    fn check<T: Scalar>() -> usize {
        let cases = golden::of_type::<T>(&load("spd_distance"));
        for case in &cases {
            let (a, b) = (case.matrix::<T>("a").unwrap(), case.matrix::<T>("b").unwrap());
            let n = case.n();
            let kappa = spread(&a, n).max(spread(&b, n));
            // The logarithms see the smallest eigenvalues with the condition number, the Bures distance its root.
            for (what, distance, kappa) in [
                ("affine_invariant", affine_invariant_distance(a.as_ref(), b.as_ref()), kappa),
                ("log_euclidean", log_euclidean_distance(a.as_ref(), b.as_ref()), kappa),
                ("bures", bures_distance(a.as_ref(), b.as_ref()), kappa.sqrt()),
            ] {
                let (distance, expected) = (distance.unwrap().to_f64(), case.number(what).unwrap());
                let error = (distance - expected).abs();
                assert!(
                    error <= golden_bound::<T>(n, kappa) * expected,
                    "{} {what}: {distance:e} {expected:e} {:e}",
                    case.name(),
                    error / expected
                );
            }
        }
        cases.len()
    }
    assert_eq!([check::<f64>(), check::<c64>(), check::<f32>(), check::<c32>()], [11; 4]);
}

fn sample<T: Scalar>(n: usize, rank: usize, seed: u64) -> Mat<T> {
    let mut root = random::<T>(n, rank, seed);
    (0..rank).for_each(|i| root[(i, i)] += T::ONE);
    &root * root.adjoint()
}

type Distance<T> =
    fn(faer::MatRef<'_, T>, faer::MatRef<'_, T>) -> Result<<T as Scalar>::RealPart, MatrixError>;

/// The ratio of the largest eigenvalue to the smallest of the `rank` that are not zero.
fn spread<T: Scalar>(a: &Mat<T>, rank: usize) -> f64 {
    let values = widen(a.as_ref()).self_adjoint_eigenvalues(faer::Side::Lower).unwrap();
    values[values.len() - 1] / values[values.len() - rank]
}

fn metric<T: Scalar>() {
    let distances: [(Distance<T>, bool); 3] =
        [(affine_invariant_distance, false), (log_euclidean_distance, false), (bures_distance, true)];
    for (k, (distance, singular)) in distances.into_iter().enumerate() {
        for n in [1_usize, 2, 5, 9] {
            let rank = if singular { n.div_ceil(2) } else { n };
            let [a, b, c] = [1, 2, 3].map(|s| sample::<T>(n, rank, 10 * n as u64 + s));
            let kappa = [&a, &b, &c].iter().fold(1.0, |k: f64, x| k.max(spread(x, rank)));
            let tolerance = golden_bound::<T>(n, kappa);
            let d = |x: &Mat<T>, y: &Mat<T>| distance(x.as_ref(), y.as_ref()).unwrap().to_f64();
            assert_eq!(d(&a, &a), 0.0, "{k} {n}");
            assert!((d(&a, &b) - d(&b, &a)).abs() <= tolerance * d(&a, &b), "{k} {n}");
            assert!(d(&a, &c) <= (d(&a, &b) + d(&b, &c)) * (1.0 + tolerance), "{k} {n}");
            // A unitary change of basis keeps all three; a congruence the first, with the condition of what it makes.
            let q = tangency_matrix::polar(sample::<T>(n, n, 99).as_ref()).unwrap().unitary;
            let m = if k == 0 { sample::<T>(n, n, 7) } else { q };
            let (ma, mb) = (&m * &a * m.adjoint(), &m * &b * m.adjoint());
            let kappa = if k == 0 { spread(&(&m * m.adjoint()), n) * kappa } else { kappa };
            let tolerance = golden_bound::<T>(n, kappa);
            assert!((d(&ma, &mb) / d(&a, &b) - 1.0).abs() <= tolerance, "{k} {n}");
        }
    }
}

#[test]
fn metrics_in_every_type() {
    metric::<f64>();
    metric::<c64>();
    metric::<f32>();
    metric::<c32>();
}

/// Distances to A + tE for small t are t times a norm of E: to first order, with an error of order t.
#[test]
fn nearly_equal_matrices_keep_their_digits() {
    let a = sample::<f64>(4, 4, 5);
    let e = sample::<f64>(4, 4, 6);
    for t in [2.0_f64.powi(-20), 2.0_f64.powi(-34)] {
        let b = &a + &e * t;
        let e = (&b - &a) * (1.0 / t); // what rounding has left of it
        let inverse_root = powm(a.as_ref(), -0.5).unwrap();
        let affine = (&inverse_root * &e * &inverse_root).norm_l2();
        let log = tangency_matrix::logm_frechet(a.as_ref(), e.as_ref()).unwrap().derivative.norm_l2();
        // X A + A X = E, d² = tr(X A X).
        let x = tangency_matrix::solve_sylvester(a.as_ref(), a.as_ref(), e.as_ref()).unwrap();
        let bures = (&x * tangency_matrix::sqrtm(a.as_ref()).unwrap()).norm_l2();
        for (what, distance, first_order) in [
            ("affine", affine_invariant_distance(a.as_ref(), b.as_ref()).unwrap(), affine),
            ("log", log_euclidean_distance(a.as_ref(), b.as_ref()).unwrap(), log),
            ("bures", bures_distance(a.as_ref(), b.as_ref()).unwrap(), bures),
        ] {
            let error = (distance / (t * first_order) - 1.0).abs();
            assert!(error < 20.0 * t + 1e-12, "{what} {t:e}: {error:e}");
        }
    }
}

#[test]
fn bures_of_singular_matrices_has_closed_forms() {
    // d(xxᵀ, yyᵀ)² = |x|² + |y|² − 2 |x·y|.
    let (x, y) = ([1.0, 2.0, -1.0], [0.5, 1.0, 3.0]);
    let outer = |v: [f64; 3]| Mat::from_fn(3, 3, |i, j| v[i] * v[j]);
    let dot = |v: [f64; 3], w: [f64; 3]| v.iter().zip(w).map(|(a, b)| a * b).sum::<f64>();
    let squared = bures_squared(outer(x).as_ref(), outer(y).as_ref()).unwrap();
    let expected = dot(x, x) + dot(y, y) - 2.0 * dot(x, y).abs();
    assert!((squared / expected - 1.0).abs() < 1e-13, "{squared} {expected}");
    // To zero: the trace.
    let zero = Mat::<f64>::zeros(3, 3);
    assert!((bures_squared(outer(x).as_ref(), zero.as_ref()).unwrap() / 6.0 - 1.0).abs() < 1e-14);
    assert!((bures_squared(zero.as_ref(), outer(x).as_ref()).unwrap() / 6.0 - 1.0).abs() < 1e-14);
    assert_eq!(bures_distance(zero.as_ref(), zero.as_ref()).unwrap(), 0.0);
    // Diagonal ones: the distance of the roots, tiny entries too.
    let (a, b) = (mat![[1.0_f64, 0.0], [0.0, 1e-18]], mat![[1.0, 0.0], [0.0, 4e-18]]);
    assert!((bures_distance(a.as_ref(), b.as_ref()).unwrap() / 1e-9 - 1.0_f64).abs() < 1e-15);
    let (a, b) = (mat![[1e300_f64, 0.0], [0.0, 1e-300]], mat![[1e300, 0.0], [0.0, 4e-300]]);
    assert!((bures_distance(a.as_ref(), b.as_ref()).unwrap() / 1e-150 - 1.0_f64).abs() < 1e-15);
    // The ends of the range.
    let (a, b) = (mat![[1e308_f64, 0.0], [0.0, 1.0]], mat![[4e307, 0.0], [0.0, 1.0]]);
    let expected = 1e154 * (1.0 - 0.4_f64.sqrt());
    assert!((bures_distance(a.as_ref(), b.as_ref()).unwrap() / expected - 1.0_f64).abs() < 1e-14);
}

fn maps<T: Scalar>() {
    for n in [1, 3, 6] {
        let (a, b) = (sample::<T>(n, n, 21), sample::<T>(n, n, 22));
        // The map and its inverse have the product of the two condition numbers.
        let tolerance = golden_bound::<T>(n, spread(&a, n) * spread(&b, n));
        let size = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
        let close = |x: &Mat<T>, y: &Mat<T>| size(&(x - y)) <= tolerance * size(y);
        let map = bures_transport(a.as_ref(), b.as_ref()).unwrap();
        assert!((0..n).all(|j| (0..n).all(|i| map[(i, j)] == map[(j, i)].conj())));
        assert!(close(&(&map * &a * &map), &b), "{n}");
        let back = bures_transport(b.as_ref(), a.as_ref()).unwrap();
        assert!(close(&(&map * &back), &Mat::identity(n, n)), "{n}");
        let (distance, affine) = (
            bures_distance(a.as_ref(), b.as_ref()).unwrap(),
            affine_invariant_distance(a.as_ref(), b.as_ref()).unwrap(),
        );
        for t in [0.0, 0.25, 0.5, 1.0] {
            let scale = |d: T::RealPart, d_t: T::RealPart| {
                (d_t.to_f64() - t * d.to_f64()).abs() <= tolerance * d.to_f64()
            };
            let point = bures_geodesic(a.as_ref(), b.as_ref(), t).unwrap();
            assert!(scale(distance, bures_distance(a.as_ref(), point.as_ref()).unwrap()), "{n} {t}");
            let point = affine_invariant_geodesic(a.as_ref(), b.as_ref(), t).unwrap();
            assert!(scale(affine, affine_invariant_distance(a.as_ref(), point.as_ref()).unwrap()), "{n} {t}");
        }
        assert!(close(&affine_invariant_geodesic(a.as_ref(), b.as_ref(), 1.0).unwrap(), &b));
        assert!(close(&bures_geodesic(a.as_ref(), b.as_ref(), 1.0).unwrap(), &b));
    }
}

#[test]
fn optimal_maps_and_geodesics() {
    maps::<f64>();
    maps::<c64>();
    maps::<f32>();
    maps::<c32>();
    // Singular end points.
    let (a, b) = (sample::<f64>(4, 1, 1), sample::<f64>(4, 2, 2));
    let distance = bures_distance(a.as_ref(), b.as_ref()).unwrap();
    let middle = bures_geodesic(a.as_ref(), b.as_ref(), 0.5).unwrap();
    assert!((bures_distance(a.as_ref(), middle.as_ref()).unwrap() / distance - 0.5).abs() < 1e-7);
    assert!(matches!(
        bures_transport(a.as_ref(), b.as_ref()),
        Err(MatrixError::NotPositive { kind: "definite", .. })
    ));
}

#[test]
fn commuting_matrices_have_equal_logarithmic_distances() {
    let x = mat![[0.5_f64, 1.0, 0.0], [1.0, -2.0, 0.25], [0.0, 0.25, 1.0]];
    let (a, b) = (expm(x.as_ref()).unwrap(), expm((&x * -2.0).as_ref()).unwrap());
    let expected = 3.0 * x.norm_l2();
    for distance in
        [affine_invariant_distance(a.as_ref(), b.as_ref()), log_euclidean_distance(a.as_ref(), b.as_ref())]
    {
        assert!((distance.unwrap() / expected - 1.0).abs() < 1e-12);
    }
}

/// At the largest numbers eigenvalues and differences of entries do not fit.
#[test]
fn distances_at_the_largest_numbers() {
    let u = f64::EPSILON / 2.0;
    // The larger eigenvalue is 2.7e308.
    let a = mat![[1.7e308_f64, 1e308], [1e308, 1.7e308]];
    let distance = log_euclidean_distance(a.as_ref(), (&a * 0.25).as_ref()).unwrap();
    assert!((distance / (4.0_f64.ln() * 2.0_f64.sqrt()) - 1.0).abs() < 20.0 * u);
    match log_euclidean_distance(a.as_ref(), mat![[1.7e308, 1.75e308], [1.75e308, 1.7e308]].as_ref()) {
        Err(MatrixError::NotPositive { value, .. }) => assert!((value / -5e306 - 1.0).abs() < 1e-12),
        other => panic!("{other:?}"),
    }
    // The larger eigenvalue is the largest number up to rounding.
    for k in 0..40 {
        let d = 1e-3 * f64::from(k + 1);
        for below in 0..3 {
            let h = f64::MAX / (2.0 - d) * (1.0 - f64::from(below) * f64::EPSILON);
            let a = mat![[h, h * (1.0 - d)], [h * (1.0 - d), h]];
            let distance = log_euclidean_distance(a.as_ref(), (&a * 0.25).as_ref()).unwrap();
            let error = (distance / (4.0_f64.ln() * 2.0_f64.sqrt()) - 1.0).abs();
            assert!(error < golden_bound::<f64>(2, 2.0 / d), "{d}: {error:e}");
        }
    }
    // Diagonal matrices keep all that they have.
    let (a, b) = (mat![[1.7e308, 0.0], [0.0, 1e-320]], mat![[1.7e308, 0.0], [0.0, 4e-320]]);
    for distance in [log_euclidean_distance::<f64>, affine_invariant_distance] {
        assert!((distance(a.as_ref(), b.as_ref()).unwrap() / 4.0_f64.ln() - 1.0).abs() < 1e-3);
    }
    // The off-diagonal entry of B − A does not fit.
    let (a, b) =
        (mat![[1.7e308_f64, 1.6e308], [1.6e308, 1.7e308]], mat![[1.7e308, -1.6e308], [-1.6e308, 1.7e308]]);
    let distance = affine_invariant_distance(a.as_ref(), b.as_ref()).unwrap();
    assert!((distance / (33.0_f64.ln() * 2.0_f64.sqrt()) - 1.0).abs() < 1e-14);
}

/// A quotient of the matrices need not fit where their mean does.
#[test]
fn geodesics_between_the_ends_of_the_range() {
    let point = |a: f64, b: f64, t: f64| {
        affine_invariant_geodesic(mat![[a]].as_ref(), mat![[b]].as_ref(), t).unwrap()[(0, 0)]
    };
    assert!((point(1e-200, 1e200, 0.5) - 1.0).abs() < 1e-15);
    assert!((point(1e200, 1e-200, 0.25) / 1e100 - 1.0).abs() < 1e-14);
    assert!((point(1e300, 1e300, -1.0) / 1e300 - 1.0).abs() < 1e-14);
    let a = mat![[2.0, 1.0], [1.0, 3.0]];
    let b = mat![[1.0, -0.5], [-0.5, 2.0]];
    let expected = affine_invariant_geodesic(a.as_ref(), b.as_ref(), 0.5).unwrap();
    let scale = 2.0_f64.powi(600);
    let found = affine_invariant_geodesic((&a * scale).as_ref(), (&b * (1.0 / scale)).as_ref(), 0.5).unwrap();
    assert!((&found - &expected).norm_max() <= 1e-15 * expected.norm_max());
    // Graded: the geodesic of D A D and D B D is D (A # B) D.
    let d = [2.0_f64.powi(300), 2.0_f64.powi(-300)];
    let graded = |x: &Mat<f64>| Mat::from_fn(2, 2, |i, j| d[i] * x[(i, j)] * d[j]);
    let found = affine_invariant_geodesic(graded(&a).as_ref(), graded(&b).as_ref(), 0.5).unwrap();
    for j in 0..2 {
        for i in 0..2 {
            assert!((found[(i, j)] / d[i] / d[j] - expected[(i, j)]).abs() <= 1e-15 * expected.norm_max());
        }
    }
    // Quotients from 2^-1800 to 2^1800 are more than any scale can hold.
    let (a, b) =
        (mat![[d[0].powi(3), 0.0], [0.0, d[1].powi(3)]], mat![[d[1].powi(3), 0.0], [0.0, d[0].powi(3)]]);
    let lost = affine_invariant_geodesic(a.as_ref(), b.as_ref(), 0.5);
    assert!(matches!(lost, Err(MatrixError::Overflow { .. })), "{lost:?}");
    let overflowing = affine_invariant_geodesic(mat![[1e-200]].as_ref(), mat![[1e200]].as_ref(), 2.0);
    assert!(matches!(overflowing, Err(MatrixError::Overflow { .. })));
}

/// Quotients of widely different eigenvalues, of which one pass of singular values sees the large ones only.
#[test]
fn affine_distances_of_graded_matrices() {
    let (one, graded) = (Mat::<f64>::identity(2, 2), mat![[2e20, 1.0], [1.0, 2e-20]]);
    let expected = 65.33498175872167; // mpmath, from the eigenvalues
    for (a, b) in [(&one, &graded), (&graded, &one)] {
        let distance = affine_invariant_distance(a.as_ref(), b.as_ref()).unwrap();
        assert!((distance / expected - 1.0).abs() < 1e-14, "{distance}");
    }
    let a = Mat::from_fn(4, 4, |i, j| if i == j { 4.0 } else { 1.0 / (1 + i + j) as f64 });
    let b = &a * (-2.0_f64).exp();
    for (a, b) in [(&a, &b), (&b, &a)] {
        let distance = affine_invariant_distance(a.as_ref(), b.as_ref()).unwrap();
        assert!((distance / 4.0 - 1.0).abs() < 1e-14, "{distance}");
    }
}

/// The last pivot is rounding if it is at most $n u a_{jj}$, whatever the scale.
#[test]
fn pivots_at_the_threshold() {
    let matrix = |n: usize, excess: f64, scale: f64| {
        Mat::from_fn(n, n, |i, j| {
            let coupled = i == j || i.min(j) + 2 == n && i.max(j) + 1 == n;
            let entry = if !coupled {
                0.0
            } else if i.min(j) + 1 == n {
                1.0 + excess
            } else {
                1.0
            };
            entry * scale
        })
    };
    let unit = 2.0_f64.powi(-52);
    for scale in [1.0, 2.0_f64.powi(400), 2.0_f64.powi(-400)] {
        for (n, excess, positive) in [
            (2, unit, false),
            (2, 2.0 * unit, true),
            (3, unit, false),
            (3, 2.0 * unit, true),
            (4, 2.0 * unit, false),
        ] {
            let a = matrix(n, excess, scale);
            match affine_invariant_distance(a.as_ref(), a.as_ref()) {
                Ok(distance) => assert!(positive && distance == 0.0, "{n} {excess:e}"),
                Err(MatrixError::NotPositive { what: "pivot", index, value, .. }) => {
                    assert!(
                        !positive && index == n - 1 && value == excess * scale,
                        "{n} {excess:e}: {value:e}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn bad_input_is_named() {
    // The modulus of the entry does not fit, and must not be the measure of what is allowed.
    let far =
        mat![[c64::new(1.0, 0.0), c64::new(1.7e308, 1.7e308)], [c64::new(0.0, 0.0), c64::new(1.0, 0.0)]];
    assert!(matches!(
        log_euclidean_distance(far.as_ref(), far.as_ref()),
        Err(MatrixError::NotHermitian { row: 1, column: 0, .. })
    ));
    let good = mat![[2.0, 1.0], [1.0, 2.0]];
    let all: [Distance<f64>; 4] =
        [affine_invariant_distance, log_euclidean_distance, bures_distance, bures_squared];
    for distance in all {
        let skew = mat![[2.0, 1.0], [1.5, 2.0]];
        match distance(good.as_ref(), skew.as_ref()) {
            Err(MatrixError::NotHermitian { row: 1, column: 0, difference }) => assert_eq!(difference, 0.5),
            other => panic!("{other:?}"),
        }
        let rounded = mat![[2.0, 1.0], [1.0 + 2e-16, 2.0]];
        assert!(distance(good.as_ref(), rounded.as_ref()).unwrap() < 1e-7);
        let indefinite = mat![[1.0, 2.0], [2.0, 1.0]];
        match distance(good.as_ref(), indefinite.as_ref()) {
            Err(MatrixError::NotPositive { what: "eigenvalue", index: 0, value, .. }) => {
                assert!((value + 1.0).abs() < 1e-15);
            }
            Err(MatrixError::NotPositive { what: "pivot", index: 1, value, .. }) => assert_eq!(value, -3.0),
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            distance(good.as_ref(), mat![[1.0]].as_ref()),
            Err(MatrixError::ShapeMismatch { .. })
        ));
        assert!(matches!(
            distance(mat![[f64::NAN]].as_ref(), mat![[1.0]].as_ref()),
            Err(MatrixError::NotFinite { row: 0, column: 0 })
        ));
        let wide = Mat::<f64>::zeros(1, 2);
        assert!(matches!(distance(wide.as_ref(), wide.as_ref()), Err(MatrixError::NotSquare { .. })));
        let empty = Mat::<f64>::zeros(0, 0);
        assert_eq!(distance(empty.as_ref(), empty.as_ref()).unwrap(), 0.0);
    }
    let ones = mat![[1.0, 1.0], [1.0, 1.0]];
    for distance in [affine_invariant_distance, log_euclidean_distance] {
        assert!(matches!(
            distance(good.as_ref(), ones.as_ref()),
            Err(MatrixError::NotPositive { kind: "definite", .. })
        ));
    }
    assert!(matches!(bures_geodesic(good.as_ref(), ones.as_ref(), 1.5), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(
        affine_invariant_geodesic(good.as_ref(), good.as_ref(), f64::NAN),
        Err(MatrixError::OutOfRange { .. })
    ));
}
