//! Statistics of two samples: definitions, known values, invariances.

use faer::Mat;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::Value;
use tangency_divergence::{
    KernelWidth, MmdKernel, Permutations, Reference, Sample, energy_distance, energy_test, mmd,
    mmd_block_test, mmd_linear_test, mmd_test, nearest_neighbour_test,
};

pub(crate) fn normal(n: usize, d: usize, shift: f64, rng: &mut Pcg64) -> Mat<f64> {
    Mat::from_fn(n, d, |_, k| {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        radius * (std::f64::consts::TAU * rng.random::<f64>()).cos() + if k == 0 { shift } else { 0.0 }
    })
}

pub(crate) fn of(points: &Mat<f64>) -> Sample<'_> {
    Sample::from(points.as_ref())
}

pub(crate) fn few<'a>(count: usize) -> Permutations<'a> {
    Permutations { count, ..Default::default() }
}

fn fixture() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/two_sample.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn points(value: &Value) -> Mat<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Mat::from_fn(rows.len(), rows[0].len(), |i, k| rows[i][k])
}

fn close(given: f64, expected: f64, scale: f64) {
    assert!((given - expected).abs() <= 1e-14 * scale, "{given} {expected}");
}

fn kernel(name: &str) -> Option<MmdKernel> {
    match name {
        "gaussian" => Some(MmdKernel::Gaussian),
        "laplace" => Some(MmdKernel::Laplace),
        "rational_quadratic" => Some(MmdKernel::RationalQuadratic { alpha: 1.5 }),
        _ => None,
    }
}

#[test]
fn discrepancies_and_energies_are_their_double_sums() {
    for case in fixture()["cases"].as_array().unwrap() {
        let (p, q) = (points(&case["p"]), points(&case["q"]));
        let (v, w) = (numbers(&case["v"]), numbers(&case["w"]));
        for entry in case["kernels"].as_array().unwrap() {
            let width = KernelWidth::Given(entry["width"].as_f64().unwrap());
            for (weighted, key) in [(false, "plain"), (true, "weighted")] {
                let expected = numbers(&entry[key]);
                let (mut p, mut q) = (of(&p), of(&q));
                if weighted {
                    (p, q) = (p.weighted(&v), q.weighted(&w));
                }
                if let Some(kernel) = kernel(entry["kernel"].as_str().unwrap()) {
                    let given = mmd(p, q, kernel, width).unwrap();
                    close(given.unbiased, expected[0], 1.0);
                    close(given.biased, expected[1], 1.0);
                } else {
                    let given = energy_distance(p, q).unwrap();
                    close(given.unbiased_squared, expected[0], 10.0);
                    close(given.squared, expected[1], 10.0);
                    close(given.distance().powi(2), expected[1], 10.0);
                }
            }
        }
        let median = mmd(of(&p), of(&q), MmdKernel::Gaussian, KernelWidth::MedianDistance).unwrap().width;
        close(median, case["median"].as_f64().unwrap(), median);
    }
}

/// The tests have loops of their own for the statistic of many labellings.
#[test]
fn tests_report_the_statistic_of_their_definition() {
    let mut rng = Pcg64::seed_from_u64(3);
    for case in fixture()["cases"].as_array().unwrap() {
        let (p, q) = (points(&case["p"]), points(&case["q"]));
        for entry in case["kernels"].as_array().unwrap() {
            let width = KernelWidth::Given(entry["width"].as_f64().unwrap());
            let expected = numbers(&entry["plain"]);
            if let Some(kernel) = kernel(entry["kernel"].as_str().unwrap()) {
                let test = mmd_test(of(&p), of(&q), kernel, width, few(9), &mut rng).unwrap();
                close(test.statistic, expected[0], 1.0);
            } else {
                let test = energy_test(of(&p), of(&q), few(9), &mut rng).unwrap();
                close(test.statistic, expected[1], 10.0);
            }
        }
        for (k, expected) in (1..).zip(numbers(&case["neighbours"])) {
            let test = nearest_neighbour_test(of(&p), of(&q), k, few(9), &mut rng).unwrap();
            close(test.statistic, expected, 1.0);
        }
        let blocks = case["blocks"].as_array().into_iter().flatten().map(|block| {
            let size = block["size"].as_u64().unwrap() as usize;
            (mmd_block_test(of(&p), of(&q), MmdKernel::Gaussian, KernelWidth::Given(2.0), size), block)
        });
        let linear = case.get("linear").map(|linear| {
            (mmd_linear_test(of(&p), of(&q), MmdKernel::Gaussian, KernelWidth::Given(2.0)), linear)
        });
        for (test, expected) in blocks.chain(linear) {
            let test = test.unwrap();
            let number = |key: &str| expected[key].as_f64().unwrap();
            close(test.statistic, number("statistic"), 1.0);
            close(test.p_value, number("p_value"), 10.0);
            let Reference::Normal { standard_error } = test.reference else { panic!("{test:?}") };
            close(standard_error, number("standard_error"), 1.0);
        }
    }
}

/// Samples of 61 and 150 points: several parts of the loops, which the small cases of the table do not reach.
#[test]
fn larger_samples_by_brute_force() {
    let mut rng = Pcg64::seed_from_u64(4);
    for d in [1, 3] {
        let (p, q) = (normal(61, d, 0.0, &mut rng), normal(150, d, 0.3, &mut rng));
        let z = Mat::from_fn(211, d, |i, k| if i < 61 { p[(i, k)] } else { q[(i - 61, k)] });
        let distance =
            |i: usize, j: usize| (0..d).map(|k| (z[(i, k)] - z[(j, k)]).powi(2)).sum::<f64>().sqrt();
        let of_kernel = |k: &dyn Fn(f64) -> f64| {
            let mut sums = [0.0; 3];
            for i in 0..211 {
                for j in 0..i {
                    sums[usize::from(i >= 61) + usize::from(j >= 61)] += k(distance(i, j));
                }
            }
            let pairs = |n: f64| n * (n - 1.0) / 2.0;
            sums[0] / pairs(61.0) + sums[2] / pairs(150.0) - 2.0 * sums[1] / (61.0 * 150.0)
        };
        let mut distances: Vec<f64> =
            (0..211).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| distance(i, j)).collect();
        distances.sort_by(f64::total_cmp);
        let count = distances.len();
        let median = 0.5 * (distances[(count - 1) / 2] + distances[count / 2]);
        let gaussian = of_kernel(&|r| (-0.5 * (r / median).powi(2)).exp());
        let (kernel, width) = (MmdKernel::Gaussian, KernelWidth::MedianDistance);
        let estimate = mmd(of(&p), of(&q), kernel, width).unwrap();
        close(estimate.width, median, median);
        close(estimate.unbiased, gaussian, 10.0);
        close(mmd_test(of(&p), of(&q), kernel, width, few(9), &mut rng).unwrap().statistic, gaussian, 10.0);
        let energy = energy_distance(of(&p), of(&q)).unwrap();
        close(energy.unbiased_squared, of_kernel(&|r| -r), 10.0);
        close(energy_test(of(&p), of(&q), few(9), &mut rng).unwrap().statistic, energy.squared, 10.0);
    }
}

/// 2/√3 (1 − e^{−1/6}) and the integrals of the other kernels: means over 400 pairs of samples, within 4 standard errors.
#[test]
fn unbiased_estimates_have_the_true_value_as_their_mean() {
    let normals = &fixture()["normal"];
    let exact = 2.0 / 3f64.sqrt() * -(-1.0 / 6f64).exp_m1();
    assert!((normals["gaussian"].as_f64().unwrap() - exact).abs() < 1e-15);
    let mut rng = Pcg64::seed_from_u64(5);
    let names = ["gaussian", "laplace", "rational_quadratic", "distance"];
    for shift in [0.0, 1.0] {
        let mut estimates = [const { Vec::new() }; 4];
        let mut biased = 0.0;
        for _ in 0..400 {
            let (p, q) = (normal(30, 1, 0.0, &mut rng), normal(20, 1, shift, &mut rng));
            for (name, estimates) in names.iter().zip(&mut estimates) {
                estimates.push(match kernel(name) {
                    Some(kernel) => mmd(of(&p), of(&q), kernel, KernelWidth::Given(1.0)).unwrap().unbiased,
                    None => energy_distance(of(&p), of(&q)).unwrap().unbiased_squared,
                });
            }
            biased += energy_distance(of(&p), of(&q)).unwrap().squared / 400.0;
        }
        for (name, estimates) in names.iter().zip(estimates) {
            let expected = shift * normals[name].as_f64().unwrap();
            let mean = estimates.iter().sum::<f64>() / 400.0;
            let error = (estimates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 399.0 / 400.0).sqrt();
            assert!((mean - expected).abs() < 4.0 * error, "{name} {shift}: {mean} ± {error}, {expected}");
            assert!(error < 0.02);
        }
        // E|x - x'| = 2/√π: what the V-statistic has too much.
        let bias = 2.0 / std::f64::consts::PI.sqrt() * (1.0 / 30.0 + 1.0 / 20.0);
        let expected = shift * normals["distance"].as_f64().unwrap() + bias;
        assert!((biased - expected).abs() < 0.06, "{biased} {expected}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Translation and rotation change nothing, scaling nothing but the unit of the energy; the median follows.
    #[test]
    fn motions_and_units_do_not_matter(
        seed in any::<u64>(), angle in 0.0..6.3, shift in -50.0..50.0, exponent in -300..300_i32, factor in 0.5..2.0,
    ) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (p, q) = (normal(13, 2, 0.0, &mut rng), normal(18, 2, 1.0, &mut rng));
        let scale: f64 = factor * 10f64.powi(exponent);
        let (sin, cos) = f64::sin_cos(angle);
        let moved = |x: &Mat<f64>| Mat::from_fn(x.nrows(), 2, |i, k| {
            let turned = if k == 0 { cos * x[(i, 0)] - sin * x[(i, 1)] } else { sin * x[(i, 0)] + cos * x[(i, 1)] };
            scale * (turned + shift)
        });
        let (p2, q2) = (moved(&p), moved(&q));
        for kernel in [MmdKernel::Gaussian, MmdKernel::Laplace, MmdKernel::RationalQuadratic { alpha: 0.5 }] {
            let a = mmd(of(&p), of(&q), kernel, KernelWidth::MedianDistance).unwrap();
            let b = mmd(of(&p2), of(&q2), kernel, KernelWidth::MedianDistance).unwrap();
            prop_assert!((a.unbiased - b.unbiased).abs() < 1e-12 && (a.biased - b.biased).abs() < 1e-12);
            prop_assert!((a.width * scale - b.width).abs() < 1e-12 * b.width);
        }
        let (a, b) = (energy_distance(of(&p), of(&q)).unwrap(), energy_distance(of(&p2), of(&q2)).unwrap());
        prop_assert!((a.squared * scale - b.squared).abs() < 1e-12 * scale);
        prop_assert!((a.unbiased_squared * scale - b.unbiased_squared).abs() < 1e-12 * scale);
        // Exchange of P and Q.
        let c = energy_distance(of(&q), of(&p)).unwrap();
        prop_assert!((a.squared - c.squared).abs() < 1e-13);
    }

    /// A whole weight is as good as so many copies, for the estimates of the empirical distributions.
    #[test]
    fn weights_are_copies(counts in prop::collection::vec(0..4_usize, 2..8), seed in any::<u64>(), d in 1..3_usize) {
        prop_assume!(counts.iter().sum::<usize>() >= 2 && counts.iter().filter(|c| **c > 0).count() >= 2);
        let mut rng = Pcg64::seed_from_u64(seed);
        let (p, q) = (normal(counts.len(), d, 0.0, &mut rng), normal(5, d, 1.0, &mut rng));
        let rows: Vec<usize> = counts.iter().enumerate().flat_map(|(i, c)| std::iter::repeat_n(i, *c)).collect();
        let copied = Mat::from_fn(rows.len(), d, |i, k| p[(rows[i], k)]);
        let weights: Vec<f64> = counts.iter().map(|c| *c as f64 * 0.3).collect();
        let width = KernelWidth::Given(1.3);
        let a = mmd(of(&p).weighted(&weights), of(&q), MmdKernel::Gaussian, width).unwrap().biased;
        let b = mmd(of(&copied), of(&q), MmdKernel::Gaussian, width).unwrap().biased;
        prop_assert!((a - b).abs() < 1e-14);
        let a = energy_distance(of(&p).weighted(&weights), of(&q)).unwrap().squared;
        let b = energy_distance(of(&copied), of(&q)).unwrap().squared;
        prop_assert!((a - b).abs() < 1e-14);
    }
}

/// Differences are taken before squares: an offset of 10⁸ costs the digits that it costs the coordinates, and no more.
#[test]
fn points_far_from_the_origin_keep_their_digits() {
    let mut rng = Pcg64::seed_from_u64(6);
    // Multiples of 2⁻¹⁰, which stay exact with the offset.
    let grid = |x: Mat<f64>| Mat::from_fn(x.nrows(), x.ncols(), |i, k| (x[(i, k)] * 1024.0).round() / 1024.0);
    let (p, q) = (grid(normal(30, 3, 0.0, &mut rng)), grid(normal(30, 3, 0.5, &mut rng)));
    let far = |x: &Mat<f64>| Mat::from_fn(x.nrows(), x.ncols(), |i, k| x[(i, k)] + 1e8);
    let (width, kernel) = (KernelWidth::MedianDistance, MmdKernel::Gaussian);
    let near = mmd(of(&p), of(&q), kernel, width).unwrap();
    assert_eq!(near, mmd(of(&far(&p)), of(&far(&q)), kernel, width).unwrap());
    assert_eq!(
        energy_distance(of(&p), of(&q)).unwrap(),
        energy_distance(of(&far(&p)), of(&far(&q))).unwrap()
    );
}
