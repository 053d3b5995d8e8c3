//! The debiased divergence and its derivatives.

use crate::entropic_support::{generator, uniform, weights};
use faer::Mat;
use proptest::prelude::*;
use tangency_transport::{
    Metric, SinkhornDivergence, SinkhornOptions, SinkhornStatus, sinkhorn_divergence_with,
};

fn tight(
    x: &Mat<f64>,
    a: &[f64],
    y: &Mat<f64>,
    b: &[f64],
    metric: Metric<'_>,
    epsilon: f64,
) -> SinkhornDivergence {
    let options = SinkhornOptions { tolerance: 1e-13, ..SinkhornOptions::default() };
    sinkhorn_divergence_with(x.as_ref(), a, y.as_ref(), b, metric, epsilon, &options).unwrap()
}

/// Five-point differences, whose error is of order h⁴.
fn slope(h: f64, value: impl Fn(f64) -> f64) -> f64 {
    (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h)
}

#[test]
fn derivatives_are_those_of_the_value() {
    let mut rng = generator(11);
    let (x, y) = (uniform(5, 2, &mut rng), uniform(6, 2, &mut rng));
    let (a, b) = (weights(5, &mut rng), weights(6, &mut rng));
    let metrics =
        [Metric::SquaredEuclidean, Metric::Euclidean, Metric::Norm(1.5), Metric::Norm(3.0), Metric::Cosine];
    for metric in metrics {
        for epsilon in [0.5, 0.05] {
            let found = tight(&x, &a, &y, &b, metric, epsilon);
            assert_eq!(found.status, SinkhornStatus::Converged);
            let at =
                |x: &Mat<f64>, a: &[f64], y: &Mat<f64>, b: &[f64]| tight(x, a, y, b, metric, epsilon).value;
            let h = 2e-3 * epsilon.sqrt();
            // The differences, not the derivatives, suffer where coordinates nearly agree and |z|^1.5 has large derivatives.
            let tolerance = if matches!(metric, Metric::Norm(p) if p < 2.0) { 1e-6 } else { 2e-8 };
            for (i, k) in [(0, 0), (3, 1)] {
                let moved = |of: &Mat<f64>, t: f64| {
                    let mut moved = of.clone();
                    moved[(i, k)] += t;
                    moved
                };
                let numeric = slope(h, |t| at(&moved(&x, t), &a, &y, &b));
                let exact = found.source_point_gradient.as_ref().unwrap()[(i, k)];
                assert!((numeric - exact).abs() < tolerance, "{metric:?} {epsilon} {numeric} {exact}");
                let numeric = slope(h, |t| at(&x, &a, &moved(&y, t), &b));
                let exact = found.target_point_gradient.as_ref().unwrap()[(i, k)];
                assert!((numeric - exact).abs() < tolerance, "{metric:?} {epsilon} {numeric} {exact}");
            }
            let exchanged = |of: &[f64], t: f64| {
                let mut of = of.to_vec();
                of[1] += t;
                of[4] -= t;
                of
            };
            let numeric = slope(2e-3, |t| at(&x, &exchanged(&a, t), &y, &b));
            let exact = found.source_gradient[1] - found.source_gradient[4];
            assert!((numeric - exact).abs() < tolerance, "{metric:?} {epsilon} {numeric} {exact}");
            let numeric = slope(2e-3, |t| at(&x, &a, &y, &exchanged(&b, t)));
            let exact = found.target_gradient[1] - found.target_gradient[4];
            assert!((numeric - exact).abs() < tolerance, "{metric:?} {epsilon} {numeric} {exact}");
        }
    }
    let function = |x: &[f64], y: &[f64]| (x[0] - y[0]).abs();
    assert_eq!(tight(&x, &a, &y, &b, Metric::Function(&function), 0.5).source_point_gradient, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_is_symmetric_not_negative_and_zero_for_equal_clouds(seed in 0u64..1000, ln_epsilon in -2.0f64..4.0) {
        let mut rng = generator(seed);
        let (x, y) = (uniform(7, 2, &mut rng), uniform(5, 2, &mut rng));
        let (a, b) = (weights(7, &mut rng), weights(5, &mut rng));
        let epsilon = ln_epsilon.exp();
        for metric in [Metric::SquaredEuclidean, Metric::Euclidean] {
            let (one, other) = (tight(&x, &a, &y, &b, metric, epsilon), tight(&y, &b, &x, &a, metric, epsilon));
            prop_assert!(one.value > 0.0 && (one.value - other.value).abs() < 1e-13);
            let same = tight(&x, &a, &x, &a, metric, epsilon);
            prop_assert!(same.value.abs() < 1e-13, "{}", same.value);
            let slopes = same.source_point_gradient.unwrap();
            prop_assert!((0..7).all(|i| slopes[(i, 0)].abs() < 1e-10));
        }
    }

    /// A shift of squared distances costs its square, whatever ε.
    #[test]
    fn a_shift_costs_its_square(seed in 0u64..1000, shift in -3.0f64..3.0) {
        let mut rng = generator(seed);
        let (x, a) = (uniform(8, 2, &mut rng), weights(8, &mut rng));
        let y = Mat::from_fn(8, 2, |i, k| x[(i, k)] + if k == 0 { shift } else { 0.5 });
        let found = tight(&x, &a, &y, &a, Metric::SquaredEuclidean, 0.3);
        prop_assert!((found.value - shift * shift - 0.25).abs() < 1e-12 * (1.0 + shift * shift), "{}", found.value);
    }
}

#[test]
fn large_epsilon_gives_half_the_energy_distance() {
    let mut rng = generator(12);
    let (x, y) = (uniform(6, 2, &mut rng), uniform(4, 2, &mut rng));
    let (a, b) = (weights(6, &mut rng), weights(4, &mut rng));
    let mean = |x: &Mat<f64>, a: &[f64], y: &Mat<f64>, b: &[f64]| -> f64 {
        let entry = |i: usize, j: usize| (x[(i, 0)] - y[(j, 0)]).hypot(x[(i, 1)] - y[(j, 1)]);
        (0..a.len()).map(|i| (0..b.len()).map(|j| a[i] * b[j] * entry(i, j)).sum::<f64>()).sum()
    };
    let energy = mean(&x, &a, &y, &b) - 0.5 * mean(&x, &a, &x, &a) - 0.5 * mean(&y, &b, &y, &b);
    let found = tight(&x, &a, &y, &b, Metric::Euclidean, 1e7);
    assert!((found.value - energy).abs() < 1e-7, "{} {energy}", found.value);
}

/// H. Janati, B. Muzellec, G. Peyré, M. Cuturi, NeurIPS 2020, theorem 1, in one dimension, for squared distances and ε times the relative
/// entropy: $\Delta^2 + s^2 + t^2 - 2 c - (\varepsilon / 2) \ln(1 - c^2 / (s t)^2)$ with $c = \sqrt{\varepsilon^2/16 + s^2 t^2} - \varepsilon / 4$.
#[test]
fn normal_distributions_on_a_grid() {
    let n = 700;
    let epsilon: f64 = 0.5;
    let grid = |mean: f64, deviation: f64| {
        let points =
            Mat::from_fn(n, 1, |i, _| mean + deviation * 9.0 * (2.0 * (i as f64 + 0.5) / n as f64 - 1.0));
        let raw: Vec<f64> =
            (0..n).map(|i| (-0.5 * ((points[(i, 0)] - mean) / deviation).powi(2)).exp()).collect();
        let sum: f64 = raw.iter().sum();
        (points, raw.iter().map(|w| w / sum).collect::<Vec<f64>>())
    };
    let closed = |difference: f64, s: f64, t: f64| {
        let c = (epsilon * epsilon / 16.0 + s * s * t * t).sqrt() - epsilon / 4.0;
        difference * difference + s * s + t * t - 2.0 * c - epsilon / 2.0 * (-(c / (s * t)).powi(2)).ln_1p()
    };
    let ((x, a), (y, b)) = (grid(0.0, 1.0), grid(1.0, 2.0));
    // Equally spaced points integrate smooth functions that vanish at the ends to all digits.
    let cost = tangency_transport::Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let found = crate::entropic_support::tight(&a, &b, cost, epsilon);
    assert!((found.value - closed(1.0, 1.0, 2.0)).abs() < 1e-11, "{} {}", found.value, closed(1.0, 1.0, 2.0));
    let found = tight(&x, &a, &y, &b, Metric::SquaredEuclidean, epsilon);
    let expected = closed(1.0, 1.0, 2.0) - 0.5 * closed(0.0, 1.0, 1.0) - 0.5 * closed(0.0, 2.0, 2.0);
    assert!((found.value - expected).abs() < 1e-11, "{} {expected}", found.value);
}

/// Zero and the square of a shift, for an ε at which Sinkhorn's own iteration would take thousands of steps.
#[test]
fn nearly_equal_clouds_take_few_steps_at_a_small_epsilon() {
    let mut rng = generator(13);
    let (x, a) = (uniform(60, 2, &mut rng), weights(60, &mut rng));
    for epsilon in [1e-2, 1e-3, 1e-4, 1e-6] {
        let same = tight(&x, &a, &x, &a, Metric::SquaredEuclidean, epsilon);
        assert_eq!(same.status, SinkhornStatus::Converged, "{epsilon}");
        assert!(
            same.value.abs() < 1e-14 && same.iterations < 300,
            "{epsilon}: {} {}",
            same.value,
            same.iterations
        );
        let shift = 0.03 * epsilon.sqrt();
        let y = Mat::from_fn(60, 2, |i, k| x[(i, k)] + if k == 0 { shift } else { 0.0 });
        let options = SinkhornOptions { tolerance: 1e-3, ..SinkhornOptions::default() };
        let (from, to) = (x.as_ref(), y.as_ref());
        let metric = Metric::SquaredEuclidean;
        let near = sinkhorn_divergence_with(from, &a, to, &a, metric, epsilon, &options).unwrap();
        assert_eq!(near.status, SinkhornStatus::Converged, "{epsilon}");
        assert!(
            (near.value / (shift * shift) - 1.0).abs() < 0.05,
            "{epsilon}: {} {}",
            near.value,
            shift * shift
        );
        assert!(near.iterations < 500, "{epsilon}: {}", near.iterations);
    }
}

/// The energy distance of two normal laws, which is $2 \int (F - G)^2$, on a grid: twice the divergence at a large ε.
#[test]
fn the_energy_distance_of_normal_distributions() {
    let n = 800;
    let points =
        |mean: f64| Mat::from_fn(n, 1, |i, _| mean + 8.5 * (2.0 * (i as f64 + 0.5) / n as f64 - 1.0));
    let raw: Vec<f64> = (0..n).map(|i| (-0.5 * points(0.0)[(i, 0)].powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    let a: Vec<f64> = raw.iter().map(|w| w / sum).collect();
    let (x, y) = (points(0.0), points(1.0));
    let found = tight(&x, &a, &y, &a, Metric::Euclidean, 1e9);
    // The kink of the distance costs the rule of the grid a part of the square of its width, 4.5e-4.
    assert!((2.0 * found.value - 0.541_806_579_305_957_2).abs() < 1e-4, "{}", found.value);
}
