//! Laws of random problems.

use crate::instances::{Stream, distances, normalised, points, weights};
use faer::Mat;
use tangency_transport::{Cost, Metric, assignment, exact, wasserstein};

/// The mean of some numbers, and its standard error.
fn mean(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[test]
fn exponential_assignments_cost_the_sum_of_inverse_squares() {
    // Aldous and Linusson, Wästlund, Nair, Prabhakar and Sharma: the expectation is 1 + 1/4 + ... + 1/n².
    for (n, rounds) in [(2, 20_000), (5, 8_000), (20, 2_000), (100, 150)] {
        let mut stream = Stream(n as u64);
        let values: Vec<f64> = (0..rounds)
            .map(|_| {
                let cost = Mat::from_fn(n, n, |_, _| -(1.0 - stream.uniform()).ln());
                assignment(&cost).unwrap().value
            })
            .collect();
        let expected: f64 = (1..=n).map(|k| 1.0 / (k * k) as f64).sum();
        let (found, error) = mean(&values);
        assert!((found - expected).abs() <= 4.0 * error, "{n}: {found} and not {expected}, ± {error}");
        assert!(error < 0.02 * expected, "{n}: {error}");
    }
}

#[test]
fn two_uniform_samples_are_as_far_apart_as_the_theory_says() {
    // √n E W1 → √π/4, Brownian bridge; at n = 400 the difference is below the error of the mean.
    let mut stream = Stream(99);
    let n = 400;
    let w = vec![1.0 / n as f64; n];
    let values: Vec<f64> = (0..150)
        .map(|_| {
            let (x, y) =
                (Mat::from_fn(n, 1, |_, _| stream.uniform()), Mat::from_fn(n, 1, |_, _| stream.uniform()));
            (n as f64).sqrt() * wasserstein(x.as_ref(), &w, y.as_ref(), &w, 1.0).unwrap().distance
        })
        .collect();
    let (found, error) = mean(&values);
    let expected = std::f64::consts::PI.sqrt() / 4.0;
    assert!((found - expected).abs() <= 4.0 * error + 0.005, "{found} ± {error}");
}

#[test]
fn distances_obey_translation_scaling_order_and_the_triangle() {
    let mut stream = Stream(5);
    for d in [1, 2, 5] {
        let (x, y) = (points(40, d, 1.0, 0.0, &mut stream), points(30, d, 1.3, 0.5, &mut stream));
        let z = points(35, d, 0.7, -0.5, &mut stream);
        let (a, b) = (
            normalised(weights("general", 40, &mut stream)),
            normalised(weights("general", 30, &mut stream)),
        );
        let c = normalised(weights("general", 35, &mut stream));
        let w = |x: &Mat<f64>, a: &[f64], y: &Mat<f64>, b: &[f64], p: f64| {
            wasserstein(x.as_ref(), a, y.as_ref(), b, p).unwrap().distance
        };
        // W2²(P, Q + t) = W2²(P, Q) + |t|² + 2 t·(mean of Q − mean of P).
        let t: Vec<f64> = (0..d).map(|k| 0.5 + k as f64).collect();
        let moved = Mat::from_fn(30, d, |j, k| y[(j, k)] + t[k]);
        let dot: f64 = (0..d)
            .map(|k| {
                let of_y: f64 = (0..30).map(|j| b[j] * y[(j, k)]).sum();
                let of_x: f64 = (0..40).map(|i| a[i] * x[(i, k)]).sum();
                t[k] * (of_y - of_x)
            })
            .sum();
        let expected = w(&x, &a, &y, &b, 2.0).powi(2) + t.iter().map(|t| t * t).sum::<f64>() + 2.0 * dot;
        assert!((w(&x, &a, &moved, &b, 2.0).powi(2) - expected).abs() <= 1e-12);
        let scaled = |m: &Mat<f64>| Mat::from_fn(m.nrows(), d, |i, k| -3.0 * m[(i, k)]);
        let mut last = 0.0;
        for p in [1.0, 1.5, 2.0, 3.0] {
            let distance = w(&x, &a, &y, &b, p);
            assert!(distance >= last, "W_p grows with p");
            last = distance;
            assert!((w(&scaled(&x), &a, &scaled(&y), &b, p) - 3.0 * distance).abs() <= 1e-13 * distance);
            assert!((w(&y, &b, &x, &a, p) - distance).abs() <= 1e-14);
            assert!(distance <= w(&x, &a, &z, &c, p) + w(&z, &c, &y, &b, p) + 1e-14);
        }
        // |difference of the means| ≤ W1 ≤ diameter.
        let means: f64 = (0..d)
            .map(|k| {
                let of_y: f64 = (0..30).map(|j| b[j] * y[(j, k)]).sum();
                let of_x: f64 = (0..40).map(|i| a[i] * x[(i, k)]).sum();
                (of_y - of_x).powi(2)
            })
            .sum();
        let cost = distances(&x, &y, "euclidean");
        let diameter = cost.col_iter().flat_map(|column| column.iter().copied()).fold(0.0, f64::max);
        let w1 = w(&x, &a, &y, &b, 1.0);
        assert!(means.sqrt() <= w1 + 1e-15 && w1 <= diameter);
    }
}

#[test]
fn mass_in_common_bounds_the_distance_by_total_variation() {
    // W1 ≤ diameter · TV on a common support.
    let mut stream = Stream(6);
    let x = points(50, 2, 1.0, 0.0, &mut stream);
    for _ in 0..20 {
        let a = normalised(weights("general", 50, &mut stream));
        let b = normalised(weights("heavy", 50, &mut stream));
        let found = exact(&a, &b, Cost::points(x.as_ref(), x.as_ref(), Metric::Euclidean)).unwrap();
        let cost = distances(&x, &x, "euclidean");
        let diameter = cost.col_iter().flat_map(|column| column.iter().copied()).fold(0.0, f64::max);
        let variation = 0.5 * a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>();
        assert!(found.value <= diameter * variation);
        let moved: f64 = found.plan.shipments().iter().filter(|s| s.source != s.target).map(|s| s.mass).sum();
        assert!((moved - variation).abs() <= 1e-14, "only what is not common moves");
        let plain = exact(&a, &b, &cost).unwrap();
        assert!((plain.value - found.value).abs() <= 1e-14);
    }
}

/// Squared distances on the torus, or their powers.
fn torus(n: usize, d: usize, p: i32, stream: &mut Stream) -> Mat<f64> {
    let mut cloud = || -> Vec<f64> { (0..n * d).map(|_| stream.uniform()).collect() };
    let (x, y) = (cloud(), cloud());
    Mat::from_fn(n, n, |i, j| {
        let squares = (0..d).map(|k| {
            let turn = (x[i * d + k] - y[j * d + k]).abs();
            turn.min(1.0 - turn).powi(2)
        });
        squares.sum::<f64>().sqrt().powi(p)
    })
}

#[test]
fn matchings_in_the_plane_cost_a_logarithm() {
    // Caracciolo, Lucibello, Parisi and Sicuro; Ambrosio, Stra and Trevisan: n W2² of two samples is ln n / 2π + O(1) on the torus.
    let mut values = Vec::new();
    for (n, rounds) in [(32, 500), (512, 60)] {
        let mut stream = Stream(40 + n as u64);
        let costs: Vec<f64> =
            (0..rounds).map(|_| assignment(&torus(n, 2, 2, &mut stream)).unwrap().value).collect();
        values.push(mean(&costs));
    }
    let span = 16.0_f64.ln();
    let slope = (values[1].0 - values[0].0) / span;
    let error = values[0].1.hypot(values[1].1) / span;
    let expected = 1.0 / std::f64::consts::TAU;
    assert!((slope - expected).abs() <= 4.0 * error + 0.01 && error < 0.02, "{slope} ± {error}, {expected}");
}

#[test]
fn distances_of_samples_fall_at_the_rate_of_the_dimension() {
    // n^{-1/2} on the line, n^{-1/d} from three dimensions on (Fournier and Guillin; Weed and Bach).
    for (d, rate) in [(1, 0.5), (3, 1.0 / 3.0), (5, 0.2)] {
        let mut values = Vec::new();
        for (n, rounds) in [(40, 120), (320, 25)] {
            let mut stream = Stream((100 * d + n) as u64);
            let costs: Vec<f64> = (0..rounds)
                .map(|_| assignment(&torus(n, d, 1, &mut stream)).unwrap().value / n as f64)
                .collect();
            values.push(mean(&costs));
        }
        let found = (values[0].0 / values[1].0).log(8.0);
        let error = (values[0].1 / values[0].0).hypot(values[1].1 / values[1].0) / 8.0_f64.ln();
        assert!((found - rate).abs() <= 4.0 * error + 0.02, "{d}: {found} ± {error}");
    }
}

/// What others have stopped at, or failed on.
#[test]
fn cases_that_were_trouble_elsewhere() {
    // 4000 points on each side, which take more pivots than the limit of a hundred thousand that POT has by default.
    let mut stream = Stream(77);
    let (x, y) = (points(4000, 2, 1.0, 0.0, &mut stream), points(4000, 2, 1.0, 0.5, &mut stream));
    let w = vec![1.0 / 4000.0; 4000];
    let found = wasserstein(x.as_ref(), &w, y.as_ref(), &w, 2.0).unwrap();
    assert!(found.upper - found.lower <= 1e-12 * found.upper, "{} {}", found.lower, found.upper);
    // Five sources against each number of targets up to 960, where sums of rounded weights do not agree.
    for m in 1..=960 {
        let cost = Mat::from_fn(5, m, |i, j| ((7 * i + 3 * j) % 11) as f64);
        let (a, b) = ([0.2; 5], vec![1.0 / m as f64; m]);
        let found = exact(&a, &b, &cost).unwrap();
        assert!(found.certificate.gap.abs() <= 1e-13, "{m}: {:?}", found.certificate);
        // A plain sum of so many.
        let sum = found.plan.shipments().iter().map(|s| s.mass).sum::<f64>();
        assert!((sum - 1.0).abs() < 1e-12, "{m}: {sum}");
    }
    // Equal costs between 292 and 2.
    let found = exact(&[1.0 / 292.0; 292], &[0.5; 2], &Mat::from_fn(292, 2, |_, _| 1.0)).unwrap();
    assert!((found.value - 1.0).abs() < 1e-15 && found.certificate.gap.abs() < 1e-15);
}
