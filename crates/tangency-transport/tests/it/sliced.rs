//! Sliced distances.

use faer::{Mat, mat};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_transport::{
    Atoms, Directions, PointCloud, SlicedOptions, TransportError, generalised_sliced_wasserstein,
    max_sliced_wasserstein, sliced_wasserstein, wasserstein_1d,
};

fn cloud(n: usize, d: usize, seed: u64) -> Mat<f64> {
    let mut rng = Pcg64::seed_from_u64(seed);
    Mat::from_fn(n, d, |_, k| (k + 1) as f64 * rng.random::<f64>())
}

const KINDS: [Directions; 3] = [Directions::Random, Directions::Orthogonal, Directions::QuasiRandom];

#[test]
fn of_a_shift_the_square_is_a_part_of_d() {
    let x = cloud(60, 4, 1);
    let shift = [1.0, -2.0, 0.5, 3.0];
    let y = Mat::from_fn(60, 4, |i, k| x[(i, k)] + shift[k]);
    let exact = shift.iter().map(|m| m * m).sum::<f64>() / 4.0;
    for kind in KINDS {
        let options = SlicedOptions { directions: 400, kind, ..Default::default() };
        let found =
            sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut Pcg64::seed_from_u64(2)).unwrap();
        let error = (found.power - exact).abs();
        match kind {
            Directions::Orthogonal => {
                assert!(error < 1e-13 && found.power_standard_error < 1e-13, "{found:?}");
            }
            _ => assert!(error < 4.0 * found.power_standard_error, "{kind:?} {found:?} {exact}"),
        }
        assert!((found.value * found.value - found.power).abs() < 1e-14);
    }
}

#[test]
fn in_the_plane_all_kinds_agree_with_the_integral_over_the_angle() {
    let (x, y) = (cloud(23, 2, 3), cloud(17, 2, 4));
    let at = |of: &Mat<f64>, angle: f64| -> Vec<f64> {
        (0..of.nrows()).map(|i| of[(i, 0)] * angle.cos() + of[(i, 1)] * angle.sin()).collect()
    };
    for p in [1.0, 2.0, 3.0] {
        let angles = 20_000;
        let exact = (0..angles)
            .map(|k| {
                let angle = std::f64::consts::PI * f64::from(k) / f64::from(angles);
                wasserstein_1d(&at(&x, angle), &at(&y, angle), p).unwrap().powf(p)
            })
            .sum::<f64>()
            / f64::from(angles);
        let mut errors = Vec::new();
        for kind in KINDS {
            let options = SlicedOptions { p, directions: 400, kind };
            let found =
                sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut Pcg64::seed_from_u64(5)).unwrap();
            let error = (found.power - exact).abs();
            assert!(error < 4.5 * found.power_standard_error + 1e-12, "{kind:?} {p}: {found:?} {exact}");
            let relative = found.power_standard_error / (p * found.power);
            assert!((found.standard_error / found.value - relative).abs() < 1e-14);
            errors.push(found.power_standard_error);
        }
        assert!(errors[1] < errors[0] && errors[2] < 0.1 * errors[0], "{errors:?}");
    }
}

#[test]
fn standard_errors_are_those_of_repetitions() {
    let (x, y) = (cloud(20, 3, 6), cloud(20, 3, 7));
    for kind in KINDS {
        let options = SlicedOptions { directions: 48, kind, ..Default::default() };
        let runs = 300;
        let (mut powers, mut squares) = (Vec::new(), 0.0);
        for seed in 0..runs {
            let found = sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut Pcg64::seed_from_u64(seed))
                .unwrap();
            powers.push(found.power);
            squares += found.power_standard_error.powi(2);
        }
        let mean = powers.iter().sum::<f64>() / runs as f64;
        let spread = (powers.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / runs as f64).sqrt();
        let claimed = (squares / runs as f64).sqrt();
        // The spread of 300 is known to 4 %, and eight copies do not tell more of theirs.
        assert!((claimed / spread - 1.0).abs() < 0.2, "{kind:?}: {claimed} {spread}");
    }
}

#[test]
fn one_dimension_is_the_distance_itself() {
    let (x, y) = (mat![[0.0], [1.0], [5.0]], mat![[2.0], [7.0]]);
    let exact = wasserstein_1d(&[0.0, 1.0, 5.0], &[2.0, 7.0], 2.0).unwrap();
    for kind in KINDS {
        let options = SlicedOptions { directions: 8, kind, ..Default::default() };
        let mut rng = Pcg64::seed_from_u64(8);
        let found = sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng).unwrap();
        assert!((found.value - exact).abs() < 1e-14 && found.standard_error < 1e-14, "{kind:?} {found:?}");
        let largest = max_sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng).unwrap();
        assert!((largest.value - exact).abs() < 1e-14);
    }
}

#[test]
fn the_largest_slice_is_found_and_is_a_slice() {
    let (x, y) = (cloud(40, 2, 9), cloud(30, 2, 10));
    for p in [1.0, 2.0] {
        let at = |of: &Mat<f64>, v: &[f64]| -> Vec<f64> {
            (0..of.nrows()).map(|i| of[(i, 0)] * v[0] + of[(i, 1)] * v[1]).collect()
        };
        let slice = |v: &[f64]| wasserstein_1d(&at(&x, v), &at(&y, v), p).unwrap();
        let exact = (0..20_000)
            .map(|k| {
                let (sin, cos) = (std::f64::consts::PI * f64::from(k) / 20_000.0).sin_cos();
                slice(&[cos, sin])
            })
            .fold(0.0, f64::max);
        let options = SlicedOptions { p, directions: 40, ..Default::default() };
        let found =
            max_sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut Pcg64::seed_from_u64(11)).unwrap();
        assert!((found.value - slice(&found.direction)).abs() < 1e-13);
        assert!((found.value - exact).abs() < 1e-6 * exact, "{p}: {} {exact}", found.value);
        let mean =
            sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut Pcg64::seed_from_u64(12)).unwrap();
        assert!(mean.value < found.value);
    }
}

#[test]
fn linear_projections_of_the_caller_are_slices() {
    let (x, y) = (cloud(15, 3, 13), cloud(25, 3, 14));
    let axes = |k: usize, point: &[f64]| point[k];
    let options = SlicedOptions { p: 1.5, directions: 3, ..Default::default() };
    let found = generalised_sliced_wasserstein(x.as_ref(), y.as_ref(), axes, &options).unwrap();
    let column = |of: &Mat<f64>, k: usize| (0..of.nrows()).map(|i| of[(i, k)]).collect::<Vec<_>>();
    let exact =
        (0..3).map(|k| wasserstein_1d(&column(&x, k), &column(&y, k), 1.5).unwrap().powf(1.5)).sum::<f64>()
            / 3.0;
    assert!((found.power - exact).abs() < 1e-14);
}

#[cfg(feature = "rayon")]
#[test]
fn threads_change_nothing() {
    let (x, y) = (cloud(50, 3, 15), cloud(40, 3, 16));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let options = SlicedOptions::default();
            let mut rng = Pcg64::seed_from_u64(17);
            let sliced = sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng).unwrap();
            let largest = max_sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng).unwrap();
            (sliced, largest)
        })
    };
    let one = run(1);
    assert!((2..5).all(|threads| run(threads) == one));
}

#[test]
fn bad_input_is_refused() {
    let (x, y) = (cloud(4, 2, 18), cloud(4, 3, 19));
    let mut rng = Pcg64::seed_from_u64(20);
    let good = SlicedOptions::default();
    let dimensions = sliced_wasserstein(x.as_ref(), y.as_ref(), &good, &mut rng);
    assert!(matches!(dimensions, Err(TransportError::Dimension { sources: 2, targets: 3 })));
    for bad in [
        SlicedOptions { directions: 1, ..good },
        SlicedOptions { p: 0.5, ..good },
        SlicedOptions { p: f64::INFINITY, ..good },
        SlicedOptions { p: f64::NAN, ..good },
    ] {
        assert!(sliced_wasserstein(x.as_ref(), x.as_ref(), &bad, &mut rng).is_err());
        assert!(max_sliced_wasserstein(x.as_ref(), x.as_ref(), &bad, &mut rng).is_err());
    }
    let mut nan = x.clone();
    nan[(2, 1)] = f64::NAN;
    let found = sliced_wasserstein(x.as_ref(), nan.as_ref(), &good, &mut rng);
    assert!(matches!(found, Err(TransportError::Coordinate { row: 2, column: 1, .. })));
    assert!(sliced_wasserstein(Mat::<f64>::zeros(0, 2).as_ref(), x.as_ref(), &good, &mut rng).is_err());
    assert!(
        sliced_wasserstein(Mat::<f64>::zeros(3, 0).as_ref(), Mat::zeros(3, 0).as_ref(), &good, &mut rng)
            .is_err()
    );
    let nan = |_: usize, _: &[f64]| f64::NAN;
    assert!(generalised_sliced_wasserstein(x.as_ref(), x.as_ref(), nan, &good).is_err());
    assert_eq!(sliced_wasserstein(x.as_ref(), x.as_ref(), &good, &mut rng).unwrap().value, 0.0);
}

/// Points repeated as often as their whole weights say.
fn repeated(x: &Mat<f64>, counts: &[usize]) -> Mat<f64> {
    let rows: Vec<usize> = counts.iter().enumerate().flat_map(|(i, c)| std::iter::repeat_n(i, *c)).collect();
    Mat::from_fn(rows.len(), x.ncols(), |i, k| x[(rows[i], k)])
}

#[test]
fn whole_weights_are_repeated_points() {
    let (x, y) = (cloud(7, 3, 21), cloud(5, 3, 22));
    let (a, b) = ([2, 1, 3, 1, 0, 4, 1], [5, 1, 1, 3, 2]);
    let (many_x, many_y) = (repeated(&x, &a), repeated(&y, &b));
    let weights = |of: &[usize]| of.iter().map(|w| *w as f64).collect::<Vec<_>>();
    let (a, b) = (weights(&a), weights(&b));
    let mass = a.iter().sum::<f64>();
    let (one, other) = (PointCloud::from(&x).weighted(&a), PointCloud::from(&y).weighted(&b));
    for p in [1.0, 2.0, 2.5] {
        let options = SlicedOptions { p, directions: 30, ..Default::default() };
        let rng = || Pcg64::seed_from_u64(23);
        let plain = sliced_wasserstein(&many_x, &many_y, &options, &mut rng()).unwrap();
        let found = sliced_wasserstein(one, other, &options, &mut rng()).unwrap();
        // A total mass M gives M times the power.
        assert!((found.power / mass - plain.power).abs() < 1e-14 * plain.power, "{p}: {found:?} {plain:?}");
        let errors = (found.power_standard_error / mass, plain.power_standard_error);
        assert!((errors.0 - errors.1).abs() < 1e-13 * plain.power, "{errors:?}");
        assert!((found.value - found.power.powf(1.0 / p)).abs() < 1e-14 * found.value);

        let largest = max_sliced_wasserstein(one, other, &options, &mut rng()).unwrap();
        let plain = max_sliced_wasserstein(&many_x, &many_y, &options, &mut rng()).unwrap();
        let scale = mass.powf(1.0 / p);
        assert!((largest.value / scale - plain.value).abs() < 1e-9 * plain.value, "{largest:?} {plain:?}");
        // It is the distance of the weighted projections on its direction.
        let at = |of: &Mat<f64>| -> Vec<f64> {
            (0..of.nrows()).map(|i| (0..3).map(|k| of[(i, k)] * largest.direction[k]).sum()).collect()
        };
        let (u, v) = (at(&x), at(&y));
        let exact = wasserstein_1d(Atoms::from(&u).weighted(&a), Atoms::from(&v).weighted(&b), p).unwrap();
        assert!((largest.value - exact).abs() < 1e-13 * exact);

        let squares = |k: usize, x: &[f64]| x[k % 3] * x[k % 3] + k as f64 * x[0];
        let found = generalised_sliced_wasserstein(one, other, squares, &options).unwrap();
        let plain = generalised_sliced_wasserstein(&many_x, &many_y, squares, &options).unwrap();
        assert!((found.power / mass - plain.power).abs() < 1e-13 * plain.power, "{p}: {found:?} {plain:?}");
    }
}

#[test]
fn equal_weights_are_no_weights() {
    let (x, y) = (cloud(600, 4, 24), cloud(550, 4, 25));
    let (a, b) = (vec![1.0 / 600.0; 600], vec![1.0 / 550.0; 550]);
    let (one, other) = (PointCloud::from(&x).weighted(&a), PointCloud::from(&y).weighted(&b));
    let options = SlicedOptions { directions: 16, ..Default::default() };
    let rng = || Pcg64::seed_from_u64(26);
    let plain = sliced_wasserstein(&x, &y, &options, &mut rng()).unwrap();
    let found = sliced_wasserstein(one, other, &options, &mut rng()).unwrap();
    assert!((found.power - plain.power).abs() <= 4.0 * f64::EPSILON * plain.power);
    let mixed = sliced_wasserstein(one, &y, &options, &mut rng()).unwrap();
    assert!((mixed.power - plain.power).abs() <= 4.0 * f64::EPSILON * plain.power);
    let (plain, found) = (
        max_sliced_wasserstein(&x, &y, &options, &mut rng()).unwrap(),
        max_sliced_wasserstein(one, other, &options, &mut rng()).unwrap(),
    );
    assert!((found.value - plain.value).abs() <= 1e-10 * plain.value);
}

#[test]
fn bad_weights_are_refused() {
    let (x, y) = (cloud(3, 2, 27), cloud(2, 2, 28));
    let options = SlicedOptions::default();
    let mut rng = Pcg64::seed_from_u64(29);
    let mut go = |a: &[f64]| sliced_wasserstein(PointCloud::from(&x).weighted(a), &y, &options, &mut rng);
    assert!(matches!(go(&[0.5, 0.5]), Err(TransportError::Length { expected: 3, got: 2, .. })));
    assert!(matches!(go(&[0.5, 0.5, -0.1]), Err(TransportError::Weight { index: 2, .. })));
    assert!(matches!(go(&[f64::NAN, 0.5, 0.5]), Err(TransportError::Weight { index: 0, .. })));
    assert!(matches!(go(&[0.0; 3]), Err(TransportError::NoMass { .. })));
    assert!(matches!(go(&[1.0, 1.0, 1.0]), Err(TransportError::MassMismatch { .. })));
    assert!(go(&[0.5, 0.25, 0.25]).is_ok());
    let heavy = PointCloud::from(&x).weighted(&[1.0; 3]);
    assert!(max_sliced_wasserstein(heavy, &y, &options, &mut rng).is_err());
    assert!(generalised_sliced_wasserstein(heavy, &y, |_, x| x[0], &options).is_err());
}
