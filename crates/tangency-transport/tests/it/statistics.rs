//! Intervals, permutations, and what zero looks like.

use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_transport::{
    Law, SubsamplingOptions, TransportError, block_interval, expected_w1_null, normalised_wasserstein,
    subsampling_interval, wasserstein, wasserstein_1d, wasserstein_between, wasserstein_interval,
    wasserstein_null, wasserstein_permutation_test, wasserstein_subsampling_interval,
};

fn normals(n: usize, mean: f64, deviation: f64, rng: &mut Pcg64) -> Vec<f64> {
    (0..n)
        .map(|_| {
            let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
            mean + deviation * radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
        })
        .collect()
}

fn exponentials(n: usize, mean: f64, rng: &mut Pcg64) -> Vec<f64> {
    (0..n).map(|_| -mean * (1.0 - rng.random::<f64>()).ln()).collect()
}

#[test]
fn intervals_cover_at_their_level() {
    let mut rng = Pcg64::seed_from_u64(1);
    let normal = |mean, standard_deviation| Law::Normal { mean, standard_deviation };
    for p in [1.0, 2.0] {
        let true_normal = wasserstein_between(normal(0.0, 1.0), normal(1.0, 1.5), p).unwrap().value;
        let exponential = |rate| Law::Exponential { rate };
        let true_exponential = wasserstein_between(exponential(1.0), exponential(0.4), p).unwrap().value;
        let (mut covered, mut covered_exponential, runs) = (0, 0, 1000);
        let mut ratio = (0.0, 0.0, 0.0);
        for _ in 0..runs {
            let found = wasserstein_interval(
                &normals(200, 0.0, 1.0, &mut rng),
                &normals(300, 1.0, 1.5, &mut rng),
                p,
                0.95,
            )
            .unwrap();
            covered += i32::from(found.lower <= true_normal && true_normal <= found.upper);
            ratio = (
                ratio.0 + found.power,
                ratio.1 + found.power * found.power,
                ratio.2 + found.power_standard_error,
            );
            let found = wasserstein_interval(
                &exponentials(200, 1.0, &mut rng),
                &exponentials(300, 2.5, &mut rng),
                p,
                0.95,
            )
            .unwrap();
            covered_exponential +=
                i32::from(found.lower <= true_exponential && true_exponential <= found.upper);
        }
        // The binomial standard deviation of 950 in 1000 is 7.
        assert!((925..=975).contains(&covered), "normal {p}: {covered}");
        assert!((915..=975).contains(&covered_exponential), "exponential {p}: {covered_exponential}");
        let n = f64::from(runs);
        let spread = (ratio.1 / n - (ratio.0 / n).powi(2)).sqrt();
        assert!((ratio.2 / n / spread - 1.0).abs() < 0.1, "{p}: {} {spread}", ratio.2 / n);
    }
}

#[test]
fn a_shift_has_a_standard_error_that_can_be_computed_by_hand() {
    // All of y above all of x: f = −x and g = y up to constants for p = 1.
    let (x, y) = ([0.0, 1.0, 5.0], [7.0, 9.0]);
    let found = wasserstein_interval(&x, &y, 1.0, 0.9).unwrap();
    assert!((found.value - 6.0).abs() < 1e-15);
    let expected = (7.0 / 3.0 + 2.0 / 2.0_f64).sqrt();
    assert!((found.power_standard_error - expected).abs() < 1e-14, "{found:?} {expected}");
    assert!((found.upper - found.value - 1.6448536269514722 * expected).abs() < 1e-12);
    assert_eq!(wasserstein_interval(&x, &x, 2.0, 0.9).unwrap().lower, 0.0);
    assert!(matches!(
        wasserstein_interval(&[1.0], &x, 1.0, 0.9),
        Err(TransportError::TooFew { points: 1, needed: 2, .. })
    ));
    for level in [0.0, 1.0, f64::NAN] {
        assert!(wasserstein_interval(&x, &y, 1.0, level).is_err());
    }
}

#[test]
fn p_values_are_uniform_without_a_difference() {
    let mut rng = Pcg64::seed_from_u64(2);
    for p in [1.0, 2.0] {
        let mut values: Vec<f64> = (0..400)
            .map(|_| {
                let (x, y) = (normals(15, 0.0, 1.0, &mut rng), normals(22, 0.0, 1.0, &mut rng));
                wasserstein_permutation_test(&x, &y, p, 99, &mut rng).unwrap().p_value
            })
            .collect();
        values.sort_by(f64::total_cmp);
        // Kolmogorov's distance to the uniform law; beyond 1.95/√400 in one of a thousand cases.
        let n = values.len() as f64;
        let distance = values
            .iter()
            .enumerate()
            .map(|(k, v)| ((k + 1) as f64 / n - v).abs().max((v - k as f64 / n - 0.01).abs()))
            .fold(0.0, f64::max);
        assert!(distance < 1.95 / n.sqrt(), "{p}: {distance}");
        assert!(values[0] >= 0.01);
    }
}

#[test]
fn statistics_of_labels_are_distances() {
    let mut rng = Pcg64::seed_from_u64(3);
    for (n, m) in [(1, 1), (3, 5), (8, 8), (10, 4)] {
        let draw = |n: usize, rng: &mut Pcg64| -> Vec<f64> {
            (0..n).map(|_| f64::from(rng.random_range(0..6_i32))).collect()
        };
        let (x, y) = (draw(n, &mut rng), draw(m, &mut rng));
        for p in [1.0, 1.5, 2.0] {
            let test = wasserstein_permutation_test(&x, &y, p, 19, &mut rng).unwrap();
            let distance = wasserstein_1d(&x, &y, p).unwrap();
            assert!((test.statistic - distance).abs() <= 1e-14 * (1.0 + distance), "{n} {m} {p}");
            assert!((test.p_value - (1 + test.at_least) as f64 / 20.0).abs() < 1e-15);
        }
    }
    // Of 20 ways to part six points, two have the largest distance: the one given and its mirror.
    let test =
        wasserstein_permutation_test(&[1.0, 2.0, 3.0], &[11.0, 12.0, 13.0], 1.0, 20_000, &mut rng).unwrap();
    assert!((test.p_value - 0.1).abs() < 0.01, "{test:?}");
}

#[test]
fn zero_looks_like_its_asymptotic_mean() {
    let mut rng = Pcg64::seed_from_u64(4);
    let pool: Vec<f64> = (0..4000).map(|_| rng.random()).collect();
    let null = wasserstein_null(&pool, 400, 300, 1.0, 400, &mut rng).unwrap();
    let expected = expected_w1_null(&pool, 400, 300).unwrap();
    assert!((null.mean() / expected - 1.0).abs() < 0.08, "{} {expected}", null.mean());
    // √π/4 · √((1/n + 1/m)/2) for a uniform law.
    let exact = std::f64::consts::PI.sqrt() / 4.0 * f64::midpoint(1.0 / 400.0, 1.0 / 300.0).sqrt();
    assert!((expected / exact - 1.0).abs() < 0.02, "{expected} {exact}");
    assert!(null.distances().is_sorted() && null.distances().len() == 400);
    assert_eq!(null.quantile(1.0), null.distances()[399]);
    assert_eq!(null.quantile(0.5), null.distances()[199]);
    assert!(null.standard_deviation() > 0.0 && null.standard_deviation() < null.mean());
    // Independent samples of the law itself have the same distances.
    let fresh: f64 = (0..400)
        .map(|_| {
            let draw = |n: usize, rng: &mut Pcg64| -> Vec<f64> { (0..n).map(|_| rng.random()).collect() };
            wasserstein_1d(&draw(400, &mut rng), &draw(300, &mut rng), 2.0).unwrap()
        })
        .sum::<f64>()
        / 400.0;
    let null = wasserstein_null(&pool, 400, 300, 2.0, 400, &mut rng).unwrap();
    assert!((null.mean() / fresh - 1.0).abs() < 0.08, "{} {fresh}", null.mean());
    assert!(matches!(
        wasserstein_null(&pool[..10], 6, 5, 1.0, 10, &mut rng),
        Err(TransportError::TooFew { needed: 11, .. })
    ));
    assert!(wasserstein_null(&pool, 0, 5, 1.0, 10, &mut rng).is_err());
    assert!(wasserstein_null(&pool, 5, 5, 1.0, 1, &mut rng).is_err());
    assert!(expected_w1_null(&[], 5, 5).is_err() && expected_w1_null(&[1.0], 5, 5).is_err());
    assert!(expected_w1_null(&pool, 0, 5).is_err());
}

#[test]
fn blocks_cover_the_expected_distance() {
    let mut rng = Pcg64::seed_from_u64(5);
    // Samples of 20 of one law: the expectation from many of them.
    let draw = |rng: &mut Pcg64| normals(20, 0.0, 1.0, rng);
    let truth =
        (0..20_000).map(|_| wasserstein_1d(&draw(&mut rng), &draw(&mut rng), 1.0).unwrap()).sum::<f64>()
            / 20_000.0;
    let pick = |of: &[f64], i: &[usize]| i.iter().map(|i| of[*i]).collect::<Vec<_>>();
    let (mut covered, runs) = (0, 500);
    for _ in 0..runs {
        let (x, y) = (normals(200, 0.0, 1.0, &mut rng), normals(205, 0.0, 1.0, &mut rng));
        let distance = |i: &[usize], j: &[usize]| wasserstein_1d(&pick(&x, i), &pick(&y, j), 1.0).unwrap();
        let found = block_interval(200, 205, 10, 0.9, distance, &mut rng).unwrap();
        assert_eq!((found.sizes, found.distances.len()), ((20, 20), 10));
        covered += i32::from(found.lower <= truth && truth <= found.upper);
    }
    // The binomial standard deviation of 450 in 500 is 6.7.
    assert!((425..=475).contains(&covered), "{covered}");
    let nan = |_: &[usize], _: &[usize]| f64::NAN;
    assert!(block_interval(10, 10, 2, 0.9, nan, &mut rng).is_err());
    assert!(block_interval(10, 10, 1, 0.9, nan, &mut rng).is_err());
    assert!(block_interval(10, 1, 2, 0.9, nan, &mut rng).is_err());
}

#[test]
fn normalised_by_the_reference() {
    let (x, y) = ([0.0, 2.0, 4.0], [10.0, 30.0]);
    let found = normalised_wasserstein(&x, &y).unwrap();
    assert!((found - 18.0 / (8.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    assert!(
        (normalised_wasserstein(&x.map(|x| 7.0 * x), &y.map(|y| 7.0 * y)).unwrap() - found).abs() < 1e-14
    );
    let flat = normalised_wasserstein(&[0.1, 0.1, 0.1], &y);
    assert!(matches!(flat, Err(TransportError::NoSpread { .. })));
}

#[cfg(feature = "rayon")]
#[test]
fn threads_change_nothing() {
    let mut rng = Pcg64::seed_from_u64(6);
    let (x, y) = (normals(200, 0.0, 1.0, &mut rng), normals(150, 0.2, 1.0, &mut rng));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| wasserstein_permutation_test(&x, &y, 1.0, 300, &mut Pcg64::seed_from_u64(7)).unwrap())
    };
    assert!((2..5).all(|threads| run(threads) == run(1)));
}

#[test]
fn subsampling_covers_with_a_difference_and_without() {
    let mut rng = Pcg64::seed_from_u64(8);
    let options = SubsamplingOptions { subsamples: 200, ..Default::default() };
    let runs = 300;
    for p in [1.0, 2.0] {
        let normal = |mean, standard_deviation| Law::Normal { mean, standard_deviation };
        let truth = wasserstein_between(normal(0.0, 1.0), normal(1.0, 1.5), p).unwrap().value;
        let (mut far, mut equal) = (0, 0);
        for _ in 0..runs {
            let (x, y) = (normals(400, 0.0, 1.0, &mut rng), normals(600, 1.0, 1.5, &mut rng));
            let found = wasserstein_subsampling_interval(&x, &y, p, &options, &mut rng).unwrap();
            far += i32::from(found.lower <= truth && truth <= found.upper);
            // Uniform: for p = 2 normal tails have another rate.
            let mut draw = |n: usize| (0..n).map(|_| rng.random::<f64>()).collect::<Vec<_>>();
            let (x, y) = (draw(400), draw(600));
            let found = wasserstein_subsampling_interval(&x, &y, p, &options, &mut rng).unwrap();
            equal += i32::from(found.lower <= 0.0);
        }
        assert!(far >= 270 && equal >= 270, "{p}: {far} {equal}");
    }
}

#[test]
fn subsampling_in_three_dimensions_covers_the_expectation() {
    let mut rng = Pcg64::seed_from_u64(9);
    let (n, m, d) = (60, 80, 3);
    let weights = |count: usize| vec![1.0 / count as f64; count];
    let pick = |of: &Mat<f64>, rows: &[usize]| Mat::from_fn(rows.len(), d, |i, k| of[(rows[i], k)]);
    let distance = |x: &Mat<f64>, y: &Mat<f64>| {
        let (a, b) = (weights(x.nrows()), weights(y.nrows()));
        wasserstein(x.as_ref(), &a, y.as_ref(), &b, 2.0).unwrap().distance
    };
    let draw = |rng: &mut Pcg64| {
        let x = Mat::from_fn(n, d, |_, _| rng.random::<f64>());
        let y = Mat::from_fn(m, d, |_, k| rng.random::<f64>() * 1.5 + if k == 0 { 0.5 } else { 0.0 });
        (x, y)
    };
    let mean: f64 = (0..1000)
        .map(|_| {
            let (x, y) = draw(&mut rng);
            distance(&x, &y) / 1000.0
        })
        .sum();
    let options = SubsamplingOptions { subsamples: 60, level: 0.9, ..Default::default() };
    let (mut covered, runs) = (0, 150);
    for _ in 0..runs {
        let (x, y) = draw(&mut rng);
        let by_rows = |i: &[usize], j: &[usize]| distance(&pick(&x, i), &pick(&y, j));
        let found = subsampling_interval(n, m, &options, by_rows, &mut rng).unwrap();
        covered += i32::from(found.lower <= mean && mean <= found.upper);
    }
    // The binomial standard deviation of 135 in 150 is 3.7.
    assert!((120..=150).contains(&covered), "{covered}");
}

#[test]
fn subsamples_are_parts_of_the_samples_and_the_interval_is_that_of_their_distances() {
    let mut rng = Pcg64::seed_from_u64(10);
    let (x, y) = (normals(50, 0.0, 1.0, &mut rng), normals(70, 2.0, 1.0, &mut rng));
    let options = SubsamplingOptions { subsamples: 40, level: 0.9, exponent: 0.6 };
    let run = |seed: u64| {
        wasserstein_subsampling_interval(&x, &y, 1.5, &options, &mut Pcg64::seed_from_u64(seed)).unwrap()
    };
    let found = run(3);
    assert_eq!(found, run(3));
    assert!((found.value - wasserstein_1d(&x, &y, 1.5).unwrap()).abs() < 1e-15);
    assert_eq!((found.sizes, found.distances.len()), ((10, 15), 40));
    // The same from the general function, whose interval has another centre.
    let (mut sorted_x, mut sorted_y) = (x.clone(), y.clone());
    sorted_x.sort_by(f64::total_cmp);
    sorted_y.sort_by(f64::total_cmp);
    let pick = |of: &[f64], i: &[usize]| i.iter().map(|i| of[*i]).collect::<Vec<_>>();
    let distance = |i: &[usize], j: &[usize]| {
        assert!(i.windows(2).all(|pair| pair[0] < pair[1]) && j.windows(2).all(|pair| pair[0] < pair[1]));
        wasserstein_1d(&pick(&sorted_x, i), &pick(&sorted_y, j), 1.5).unwrap()
    };
    let general = subsampling_interval(50, 70, &options, distance, &mut Pcg64::seed_from_u64(3)).unwrap();
    assert_eq!(general.distances, found.distances);
    assert_eq!((general.value, general.standard_error), (found.value, found.standard_error));
    let mut sorted = found.distances.clone();
    sorted.sort_by(f64::total_cmp);
    // Ends by hand: the second and the 38th of 40 for a level of 0.9.
    let thinned = (10.0 * 15.0 / 25.0) / (50.0 * 70.0 / 120.0);
    let scale = f64::sqrt(thinned / (1.0 - thinned));
    assert!((found.lower - (found.value - scale * (sorted[37] - found.value))).abs() < 1e-14);
    assert!((found.upper - (found.value - scale * (sorted[1] - found.value))).abs() < 1e-14);
    let mean = sorted.iter().sum::<f64>() / 40.0;
    assert!((general.lower - (found.value - scale * (sorted[37] - mean))).abs() < 1e-14);
    for bad in [
        SubsamplingOptions { level: 1.0, ..options },
        SubsamplingOptions { subsamples: 19, ..options },
        SubsamplingOptions { exponent: 1.0, ..options },
        SubsamplingOptions { exponent: f64::NAN, ..options },
    ] {
        assert!(matches!(
            wasserstein_subsampling_interval(&x, &y, 1.0, &bad, &mut rng),
            Err(TransportError::OutOfRange { .. })
        ));
    }
    assert!(matches!(
        wasserstein_subsampling_interval(&x[..3], &y, 1.0, &options, &mut rng),
        Err(TransportError::TooFew { points: 3, needed: 4, .. })
    ));
    assert!(wasserstein_subsampling_interval(&x, &y, f64::INFINITY, &options, &mut rng).is_err());
    assert!(subsampling_interval(9, 9, &options, |_, _| f64::NAN, &mut rng).is_err());
}
