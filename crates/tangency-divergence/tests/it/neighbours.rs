//! Estimates from nearest neighbours: formulas by brute force, laws, invariances, and input that has no answer.

use faer::{Mat, MatRef};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use statrs::function::gamma::{digamma, gamma, ln_gamma};
use tangency_divergence::{
    Basis, Estimate, KsgAlgorithm, Method, MutualInformationOptions, NeighbourOptions, Neighbours, Sample,
    SampleError, Side, SubsamplingOptions, knn_entropy, knn_kl_divergence, knn_renyi_divergence,
    ksg_mutual_information,
};

fn rng(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

fn normal(rng: &mut Pcg64Mcg) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (2.0 * std::f64::consts::PI * rng.random::<f64>()).cos()
}

fn normals(n: usize, d: usize, shift: f64, rng: &mut Pcg64Mcg) -> Mat<f64> {
    Mat::from_fn(n, d, |_, j| normal(rng) + if j == 0 { shift } else { 0.0 })
}

fn with(neighbours: Neighbours) -> NeighbourOptions {
    NeighbourOptions { neighbours, subsampling: None }
}

fn kl(p: MatRef<'_, f64>, q: MatRef<'_, f64>, neighbours: Neighbours) -> f64 {
    knn_kl_divergence(p.into(), q.into(), &with(neighbours), &mut rng(0)).expect("an answer").value
}

/// Distances from row i of `a` to all rows of `b` but `without`, in increasing order.
fn distances(a: MatRef<'_, f64>, i: usize, b: MatRef<'_, f64>, without: Option<usize>) -> Vec<f64> {
    let mut all: Vec<f64> = (0..b.nrows())
        .filter(|&j| Some(j) != without)
        .map(|j| (0..a.ncols()).map(|c| (a[(i, c)] - b[(j, c)]).powi(2)).sum::<f64>().sqrt())
        .collect();
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn formulas_by_brute_force() {
    for (d, n, m, k) in [(1, 30, 50, 1), (1, 40, 20, 4), (2, 50, 40, 3), (4, 40, 70, 2)] {
        let mut rng = rng(d as u64);
        let (p, q) = (normals(n, d, 0.0, &mut rng), normals(m, d, 0.7, &mut rng));
        let (p, q) = (p.as_ref(), q.as_ref());
        let (dimension, ln_m) = (d as f64, (m as f64 / (n - 1) as f64).ln());
        let (mut fixed, mut common, mut power, mut entropy) = (0.0, 0.0, 0.0, 0.0);
        let order = 0.6;
        for i in 0..n {
            let (own, other) = (distances(p, i, p, Some(i)), distances(p, i, q, None));
            let (rho, nu) = (own[k - 1], other[k - 1]);
            fixed += dimension * (nu / rho).ln();
            entropy += dimension * rho.ln();
            power +=
                (((n - 1) as f64 * rho.powi(d as i32)) / (m as f64 * nu.powi(d as i32))).powf(1.0 - order);
            let radius = rho.max(nu);
            let l = own.iter().filter(|&&r| r <= radius).count();
            let r = other.iter().filter(|&&r| r <= radius).count();
            common += dimension * (other[r - 1] / own[l - 1]).ln() + digamma(l as f64) - digamma(r as f64);
        }
        let size = n as f64;
        let (order_1, order_2) = (k as f64 - order + 1.0, k as f64 + order - 1.0);
        power *= gamma(k as f64).powi(2) / gamma(order_1) / gamma(order_2) / size;
        let ball = 0.5 * dimension * std::f64::consts::PI.ln() - ln_gamma(0.5 * dimension + 1.0);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{d} {k}: {a} and {b}");
        near(kl(p, q, Neighbours::Fixed(k)), fixed / size + ln_m);
        near(kl(p, q, Neighbours::CommonRadius(k)), common / size + ln_m);
        let options = with(Neighbours::Fixed(k));
        let renyi = knn_renyi_divergence(p.into(), q.into(), order, &options, &mut rng).unwrap();
        near(renyi.value, power.ln() / (order - 1.0));
        near(
            knn_entropy(p.into(), &options, &mut rng).unwrap().value,
            digamma(size) - digamma(k as f64) + ball + entropy / size,
        );
    }
}

/// Mutual information by counting over all pairs.
#[test]
fn mutual_information_by_brute_force() {
    for (dx, dy, k) in [(1, 1, 1), (1, 1, 3), (2, 1, 3), (3, 2, 2)] {
        let mut rng = rng(40);
        let n = 60;
        let x = normals(n, dx, 0.0, &mut rng);
        let y = Mat::from_fn(n, dy, |i, _| 0.5 * x[(i, 0)] + normal(&mut rng));
        let largest = |m: &Mat<f64>, i: usize, j: usize| {
            (0..m.ncols()).map(|c| (m[(i, c)] - m[(j, c)]).abs()).fold(0.0, f64::max)
        };
        let (mut first, mut second) = (0.0, 0.0);
        for i in 0..n {
            let mut pairs: Vec<(f64, f64)> =
                (0..n).filter(|&j| j != i).map(|j| (largest(&x, i, j), largest(&y, i, j))).collect();
            pairs.sort_by(|a, b| a.0.max(a.1).total_cmp(&b.0.max(b.1)));
            let radius = pairs[k - 1].0.max(pairs[k - 1].1);
            let count =
                |is_in: &dyn Fn(&(f64, f64)) -> bool| pairs.iter().filter(|pair| is_in(pair)).count() as f64;
            first -=
                digamma(count(&|pair| pair.0 < radius) + 1.0) + digamma(count(&|pair| pair.1 < radius) + 1.0);
            let side = |of: fn(&(f64, f64)) -> f64| pairs[..k].iter().map(of).fold(0.0, f64::max);
            let (rx, ry) = (side(|pair| pair.0), side(|pair| pair.1));
            second -= digamma(count(&|pair| pair.0 <= rx)) + digamma(count(&|pair| pair.1 <= ry));
        }
        let at = digamma(k as f64) + digamma(n as f64);
        for (algorithm, expected) in [
            (KsgAlgorithm::First, at + first / n as f64),
            (KsgAlgorithm::Second, at - 1.0 / k as f64 + second / n as f64),
        ] {
            let options = MutualInformationOptions { k, algorithm, subsampling: None };
            let estimate =
                ksg_mutual_information(x.as_ref().into(), y.as_ref().into(), &options, &mut rng).unwrap();
            assert!((estimate.value - expected).abs() < 1e-12, "{dx} {dy} {k} {algorithm:?}");
            assert_eq!(estimate.method, Method::Ksg { k });
        }
    }
}

/// For discrete pairs the estimate is that of shares, with ψ in place of the logarithm.
#[test]
fn mutual_information_of_pairs_that_coincide() {
    let x: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
    let y: Vec<f64> = (0..400).map(|i| f64::from(i32::from(i % 8 == 0) ^ (i % 2))).collect();
    let expected = |c: f64| digamma(c) + digamma(400.0) - digamma(200.0);
    // x = 0 in 200 pairs: y = 1 in 50 of them, 0 in 150; x = 1 in 200, and y = 1 in all.
    let mut total = 0.0;
    for (pairs, copies_y) in [(50.0, 250.0), (150.0, 150.0), (200.0, 250.0)] {
        total += pairs * (expected(pairs) - digamma(copies_y)) / 400.0;
    }
    for algorithm in [KsgAlgorithm::First, KsgAlgorithm::Second] {
        let options = MutualInformationOptions { algorithm, ..Default::default() };
        let estimate = ksg_mutual_information(x[..].into(), y[..].into(), &options, &mut rng(0)).unwrap();
        assert!((estimate.value - total).abs() < 1e-12, "{algorithm:?}: {} and {total}", estimate.value);
    }
}

/// Means over repetitions of one estimate, with the standard error of that mean.
fn repeated(repetitions: u64, mut one: impl FnMut(&mut Pcg64Mcg) -> f64) -> (f64, f64) {
    let values: Vec<f64> = (0..repetitions).map(|seed| one(&mut rng(1000 + seed))).collect();
    let count = repetitions as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

fn assert_mean(repetitions: u64, expected: f64, bias: f64, one: impl FnMut(&mut Pcg64Mcg) -> f64) {
    let (mean, error) = repeated(repetitions, one);
    assert!((mean - expected).abs() < 4.0 * error + bias, "{mean} ± {error}, and not {expected}");
}

/// N(0, I) and N(e₁, I): the truth is ½, and the bias in more dimensions what the documentation says.
#[test]
fn divergence_of_shifted_normals() {
    let of = |n: usize, d: usize, neighbours: Neighbours| {
        move |rng: &mut Pcg64Mcg| {
            let (p, q) = (normals(n, d, 0.0, rng), normals(n, d, 1.0, rng));
            kl(p.as_ref(), q.as_ref(), neighbours)
        }
    };
    assert_mean(100, 0.5, 0.005, of(1000, 1, Neighbours::Fixed(1)));
    assert_mean(100, 0.5, 0.01, of(1000, 1, Neighbours::Fixed(5)));
    assert_mean(100, 0.5, 0.01, of(1000, 1, Neighbours::CommonRadius(1)));
    assert_mean(20, 0.49, 0.005, of(4000, 2, Neighbours::Fixed(1)));
    assert_mean(4, 0.452, 0.005, of(4000, 5, Neighbours::Fixed(1)));
    assert_mean(4, 0.424, 0.005, of(4000, 5, Neighbours::Fixed(5)));
}

#[test]
fn divergence_of_equal_distributions_has_mean_zero() {
    let mut negative = 0;
    assert_mean(200, 0.0, 0.0, |rng| {
        let (p, q) = (normals(500, 2, 0.0, rng), normals(700, 2, 0.0, rng));
        let value = kl(p.as_ref(), q.as_ref(), Neighbours::Fixed(3));
        negative += i32::from(value < 0.0);
        value
    });
    assert!(negative > 50, "nothing is clamped");
}

/// For N(0, 1) and N(1, 1) the Rényi divergence is α / 2.
#[test]
fn renyi_divergence_of_shifted_normals() {
    for (order, bias) in [(0.5, 0.005), (0.9, 0.005), (1.0, 0.005), (1.4, 0.02)] {
        assert_mean(100, 0.5 * order, bias, |rng| {
            let (p, q) = (normals(2000, 1, 0.0, rng), normals(2000, 1, 1.0, rng));
            let options = NeighbourOptions::default();
            knn_renyi_divergence(p.as_ref().into(), q.as_ref().into(), order, &options, rng).unwrap().value
        });
    }
}

#[test]
fn entropy_of_normals_and_of_a_cube() {
    let options = with(Neighbours::Fixed(2));
    let gaussian = 0.5 * (1.0 + (2.0 * std::f64::consts::PI).ln());
    for (d, bias) in [(1, 0.002), (2, 0.01)] {
        assert_mean(100, d as f64 * gaussian, bias, |rng| {
            knn_entropy(normals(1000, d, 0.0, rng).as_ref().into(), &options, rng).unwrap().value
        });
    }
    // On the unit interval the one bias is that of the two edges, of order 1 / n.
    assert_mean(200, 0.0, 0.003, |rng| {
        let x: Vec<f64> = (0..1000).map(|_| rng.random()).collect();
        knn_entropy(x[..].into(), &options, rng).unwrap().value
    });
}

#[test]
fn mutual_information_of_normals() {
    for algorithm in [KsgAlgorithm::First, KsgAlgorithm::Second] {
        for (correlation, bias) in [(0.0_f64, 0.0), (0.6, 0.003), (0.9, 0.01)] {
            let truth = -0.5 * (1.0 - correlation * correlation).ln();
            assert_mean(100, truth, bias, |rng| {
                let x: Vec<f64> = (0..800).map(|_| normal(rng)).collect();
                let rest = (1.0 - correlation * correlation).sqrt();
                let y: Vec<f64> = x.iter().map(|x| correlation * x + rest * normal(rng)).collect();
                let options = MutualInformationOptions { algorithm, ..Default::default() };
                ksg_mutual_information(x[..].into(), y[..].into(), &options, rng).unwrap().value
            });
        }
    }
}

/// Intervals hold the truth at their level: a small part of the study in the documentation.
#[test]
fn intervals_cover() {
    let covered = |d: usize| {
        (0..150)
            .filter(|seed| {
                let mut rng = rng(5000 + seed);
                let (p, q) = (normals(1000, d, 0.0, &mut rng), normals(1000, d, 1.0, &mut rng));
                let options = NeighbourOptions {
                    subsampling: Some(SubsamplingOptions::default()),
                    ..Default::default()
                };
                let estimate =
                    knn_kl_divergence(p.as_ref().into(), q.as_ref().into(), &options, &mut rng).unwrap();
                let interval = estimate.interval.unwrap();
                assert_eq!(interval.basis, Basis::Subsampling);
                interval.lower <= 0.5 && 0.5 <= interval.upper
            })
            .count()
    };
    // 95 % of 150 are 142.5 ± 2.7.
    for d in [1, 2] {
        let covered = covered(d);
        assert!((133..=150).contains(&covered), "{covered} of 150 in dimension {d}");
    }
}

fn all_of(p: MatRef<'_, f64>, q: MatRef<'_, f64>) -> Vec<f64> {
    let options = NeighbourOptions::default();
    let generator = &mut rng(0);
    let mutual = MutualInformationOptions::default();
    vec![
        kl(p, q, Neighbours::Fixed(2)),
        kl(p, q, Neighbours::CommonRadius(1)),
        knn_renyi_divergence(p.into(), q.into(), 0.7, &options, generator).expect("an answer").value,
        ksg_mutual_information(p.into(), q.into(), &mutual, generator).expect("an answer").value,
        knn_entropy(p.into(), &options, generator).expect("an answer").value,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Rows in another order, coordinates in another order, and lengths in another unit change nothing but the entropy, and
    /// that by the logarithm of the unit.
    #[test]
    fn invariances(seed in 0_u64..1000, d in 1_usize..5, n in 10_usize..80, exponent in -900_i32..900) {
        let mut rng = rng(seed);
        let (p, q) = (normals(n, d, 0.0, &mut rng), normals(n, d, 1.0, &mut rng));
        let values = all_of(p.as_ref(), q.as_ref());
        let turned = |m: &Mat<f64>, scale: f64| Mat::from_fn(n, d, |i, j| scale * m[((i + 7) % n, d - 1 - j)]);
        let permuted = all_of(turned(&p, 1.0).as_ref(), turned(&q, 1.0).as_ref());
        let scale = 2.0_f64.powi(exponent);
        let scaled = all_of(turned(&p, scale).as_ref(), turned(&q, scale).as_ref());
        for (index, value) in values.iter().enumerate() {
            let shift = if index == 4 { d as f64 * scale.ln() } else { 0.0 };
            prop_assert!((permuted[index] - value).abs() < 1e-12);
            let tolerance = 1e-11 + 1e-15 * shift.abs();
            prop_assert!((scaled[index] - value - shift).abs() < tolerance, "{index} {} {value}", scaled[index]);
        }
        // On a grid of 2^-20 a translation by a whole number is exact.
        let on_grid = |m: &Mat<f64>, by: f64| Mat::from_fn(n, d, |i, j| (m[(i, j)] * 1048576.0).round() / 1048576.0 + by);
        prop_assert_eq!(
            all_of(on_grid(&p, 0.0).as_ref(), on_grid(&q, 0.0).as_ref()),
            all_of(on_grid(&p, 1000.0).as_ref(), on_grid(&q, 1000.0).as_ref())
        );
    }

    /// Points on a coarse grid coincide in many ways; the estimates stay finite, and those of a sample with itself small.
    #[test]
    fn points_that_coincide(seed in 0_u64..1000, d in 1_usize..4, n in 30_usize..200, levels in 2_u32..6) {
        let mut rng = rng(seed);
        let mut grid = |n: usize| Mat::from_fn(n, d, |_, _| f64::from(rng.random_range(0..levels)));
        let (p, q) = (grid(n), grid(n));
        for value in all_of(p.as_ref(), q.as_ref()) {
            prop_assert!(value.is_finite());
        }
        // Each point finds itself among the others.
        let own = kl(p.as_ref(), p.as_ref(), Neighbours::CommonRadius(1));
        prop_assert!(own.abs() < 1.5, "{}", own);
    }
}

/// A hundred copies of each of two points: shares 1/4 and 3/4 against 3/4 and 1/4.
#[test]
fn divergence_of_two_atoms() {
    let atoms = |zeros: usize| (0..400).map(|i| f64::from(u8::from(i >= zeros))).collect::<Vec<f64>>();
    let (p, q) = (atoms(100), atoms(300));
    let estimate =
        knn_kl_divergence(p[..].into(), q[..].into(), &NeighbourOptions::default(), &mut rng(0)).unwrap();
    // Each point's nearest that is not a copy is at distance 1, and all 399 others are inside that, as all 400 of Q.
    let expected = digamma(399.0) - digamma(400.0) + (400.0_f64 / 399.0).ln();
    assert!((estimate.value - expected).abs() < 1e-13, "{}", estimate.value);
}

#[cfg(feature = "rayon")]
#[test]
fn the_same_bits_on_any_number_of_threads() {
    let mut generator = rng(8);
    let (p, q) = (normals(3000, 3, 0.0, &mut generator), normals(2500, 3, 1.0, &mut generator));
    let go = || {
        let options =
            NeighbourOptions { subsampling: Some(SubsamplingOptions::default()), ..Default::default() };
        let first = knn_kl_divergence(p.as_ref().into(), q.as_ref().into(), &options, &mut rng(1)).unwrap();
        let options = MutualInformationOptions {
            subsampling: Some(SubsamplingOptions::default()),
            ..Default::default()
        };
        let (x, y) = (p.as_ref().subcols(0, 1), p.as_ref().subcols(1, 2));
        let second = ksg_mutual_information(x.into(), y.into(), &options, &mut rng(1)).unwrap();
        (first, second)
    };
    let alone = go();
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(go), alone, "{threads} threads");
    }
}

#[test]
fn input_without_an_answer() {
    let good = normals(20, 2, 0.0, &mut rng(1));
    let spoilt = |value: f64| {
        let mut matrix = good.clone();
        matrix[(7, 1)] = value;
        matrix
    };
    let options = NeighbourOptions::default();
    let mutual = MutualInformationOptions::default();
    let generator = &mut rng(2);
    let mut both = |p: Sample<'_>, q: Sample<'_>| -> [Result<Estimate, SampleError>; 2] {
        [knn_kl_divergence(p, q, &options, generator), ksg_mutual_information(p, q, &mutual, generator)]
    };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let bad = spoilt(value);
        for result in both(bad.as_ref().into(), good.as_ref().into()) {
            assert!(
                matches!(result, Err(SampleError::NotFinite { side: Side::P, row: 7, column: 1, value: v }) if v.to_bits() == value.to_bits())
            );
        }
        for result in both(good.as_ref().into(), bad.as_ref().into()) {
            assert!(matches!(result, Err(SampleError::NotFinite { side: Side::Q, row: 7, column: 1, .. })));
        }
    }
    let (empty, flat) = (Mat::<f64>::zeros(0, 2), Mat::<f64>::zeros(20, 0));
    for result in both(empty.as_ref().into(), good.as_ref().into()) {
        assert_eq!(result, Err(SampleError::TooFew { side: Side::P, points: 0, needed: 1 }));
    }
    for result in both(good.as_ref().into(), flat.as_ref().into()) {
        assert_eq!(result, Err(SampleError::NoCoordinates { side: Side::Q }));
    }
    let weights = [1.0; 20];
    for result in both(good.as_ref().into(), Sample::from(good.as_ref()).weighted(&weights)) {
        assert_eq!(result, Err(SampleError::WeightsNotAllowed { side: Side::Q }));
    }
    let three = normals(20, 3, 0.0, &mut rng(3));
    let [first, _] = both(good.as_ref().into(), three.as_ref().into());
    assert_eq!(first, Err(SampleError::DimensionMismatch { p: 2, q: 3 }));
    let few = good.as_ref().subrows(0, 3).to_owned();
    let one = good.as_ref().subrows(0, 1).to_owned();
    let [_, second] = both(good.as_ref().into(), few.as_ref().into());
    assert_eq!(second, Err(SampleError::NotPaired { p: 20, q: 3 }));
    let [first, second] = both(few.as_ref().into(), few.as_ref().into());
    assert!(first.is_ok());
    assert_eq!(second, Err(SampleError::TooFew { side: Side::P, points: 3, needed: 4 }));
    let [first, second] = both(one.as_ref().into(), one.as_ref().into());
    assert_eq!(first, Err(SampleError::TooFew { side: Side::P, points: 1, needed: 2 }));
    assert_eq!(second, Err(SampleError::TooFew { side: Side::P, points: 1, needed: 4 }));
    let four = good.as_ref().subrows(0, 4).to_owned();
    assert!(
        both(four.as_ref().into(), four.as_ref().into()).iter().all(Result::is_ok),
        "n = k + 1 is enough"
    );
    let same = Mat::<f64>::zeros(20, 2);
    let [first, second] = both(same.as_ref().into(), good.as_ref().into());
    assert!(matches!(first, Err(SampleError::Degenerate { .. })));
    assert!(second.is_ok(), "a constant is independent of everything");
}

#[test]
fn options_without_an_answer() {
    let p = normals(60, 1, 0.0, &mut rng(1));
    let p = p.as_ref();
    let go = |options: NeighbourOptions| knn_kl_divergence(p.into(), p.into(), &options, &mut rng(2));
    assert!(matches!(go(with(Neighbours::Fixed(0))), Err(SampleError::OutOfRange { value: 0.0, .. })));
    assert_eq!(
        go(with(Neighbours::Fixed(60))),
        Err(SampleError::TooFew { side: Side::P, points: 60, needed: 61 })
    );
    let subsampling = Some(SubsamplingOptions { exponent: 0.3, ..Default::default() });
    assert_eq!(
        go(NeighbourOptions { subsampling, neighbours: Neighbours::Fixed(5) }),
        Err(SampleError::SubsampleTooSmall { side: Side::P, points: 3, needed: 6 })
    );
    let subsampling = Some(SubsamplingOptions { level: 1.5, ..Default::default() });
    assert!(matches!(
        go(NeighbourOptions { subsampling, ..Default::default() }),
        Err(SampleError::OutOfRange { value: 1.5, .. })
    ));
    let renyi = |order, neighbours| {
        knn_renyi_divergence(p.into(), p.into(), order, &with(neighbours), &mut rng(3))
            .map(|estimate| estimate.method)
    };
    assert!(matches!(renyi(0.0, Neighbours::Automatic), Err(SampleError::OutOfRange { .. })));
    assert!(matches!(renyi(f64::NAN, Neighbours::Automatic), Err(SampleError::OutOfRange { .. })));
    assert!(matches!(renyi(3.0, Neighbours::Fixed(2)), Err(SampleError::OutOfRange { .. })));
    assert!(matches!(renyi(0.5, Neighbours::CommonRadius(2)), Err(SampleError::Unsupported { .. })));
    assert_eq!(renyi(4.5, Neighbours::Automatic), Ok(Method::NearestNeighbours { k: 8 }));
    assert_eq!(renyi(1.0, Neighbours::CommonRadius(2)), Ok(Method::CommonRadius { k: 2 }));
    assert!(matches!(
        knn_entropy(p.into(), &with(Neighbours::CommonRadius(1)), &mut rng(4)),
        Err(SampleError::Unsupported { .. })
    ));
}

/// The assumptions are told for each method.
#[test]
fn methods_say_what_they_assume() {
    for method in [Method::NearestNeighbours { k: 1 }, Method::CommonRadius { k: 1 }, Method::Ksg { k: 3 }] {
        assert!(method.assumptions().contains("densit"), "{method:?}");
    }
}

/// Where units are extreme, squares would overflow or vanish.
#[test]
fn extreme_units() {
    let (p, q) = (normals(100, 3, 0.0, &mut rng(1)), normals(100, 3, 1.0, &mut rng(2)));
    let values = all_of(p.as_ref(), q.as_ref());
    for exponent in [-1021, 1020] {
        let scale = 2.0_f64.powi(exponent);
        let scaled = |m: &Mat<f64>| Mat::from_fn(100, 3, |i, j| m[(i, j)] * scale);
        let extreme = all_of(scaled(&p).as_ref(), scaled(&q).as_ref());
        for index in 0..4 {
            assert!((extreme[index] - values[index]).abs() < 1e-9, "{exponent} {index}");
        }
        assert!((extreme[4] - values[4] - 3.0 * scale.ln()).abs() < 1e-9);
    }
    let far =
        Mat::from_fn(30, 2, |i, _| if i % 2 == 0 { f64::MAX } else { f64::MIN } * (1.0 - 1e-3 * i as f64));
    assert!(kl(far.as_ref(), far.as_ref(), Neighbours::CommonRadius(1)).is_finite());
}
