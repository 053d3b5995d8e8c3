//! Histograms and kernel densities.

use crate::ratio_support::{cloud, mean_and_error, normals, rng};
use faer::Mat;
use rand::RngExt;
use std::f64::consts::TAU;
use tangency_divergence::{
    Bandwidth, Bins, DensityRatio, HistogramOptions, JensenShannon, KernelDensity, KernelDensityOptions,
    KernelDensityRatio, KullbackLeibler, PearsonChiSquared, RatioForm, Sample, Smoothing, divergence,
    histogram_counts, histogram_divergence, kernel_density_divergence,
};

/// Counts by comparison with the edges as the documentation defines them.
fn by_comparison(numbers: &[f64], edges: &[f64]) -> Vec<u64> {
    let bins = edges.len() - 1;
    let mut counts = vec![0; bins + 2];
    for &x in numbers {
        let cell = if x < edges[0] {
            0
        } else if x > edges[bins] {
            bins + 1
        } else {
            (1..=bins).rev().find(|b| x >= edges[b - 1]).unwrap()
        };
        counts[cell] += 1;
    }
    counts
}

fn edges(lower: f64, upper: f64, count: usize) -> Vec<f64> {
    let step = (upper - lower) / count as f64;
    (0..=count).map(|i| if i == count { upper } else { lower + i as f64 * step }).collect()
}

#[test]
fn evenly_spaced_bins_agree_with_comparisons() {
    let mut rng = rng(1);
    let tenths: Vec<f64> = (0..3000).map(|i| f64::from(i % 41) * 0.1 - 2.0).collect();
    let random: Vec<f64> = (0..3001).map(|_| 6.0 * rng.random::<f64>() - 3.0).collect();
    let huge = [f64::MAX, -f64::MAX, 1e300, -1e-300, 0.0, -0.0, 5e-324];
    for (lower, upper) in [(-2.0, 2.0), (-1.7, 0.3), (0.1, 0.7), (1e9, 1e9 + 1.0), (-1e-300, 1e-300)] {
        for count in [1, 2, 7, 10, 40, 5000] {
            let expected = edges(lower, upper, count);
            let mut numbers = [&tenths[..], &random, &huge].concat();
            // All edges and their neighbours.
            numbers.extend(expected.iter().flat_map(|e| [*e, e.next_down(), e.next_up()]));
            let bins = Bins::Uniform { lower, upper, count };
            let found = histogram_counts(Sample::from(&numbers[..]), &bins).unwrap();
            assert_eq!(found, by_comparison(&numbers, &expected), "{lower} {upper} {count}");
            if expected.windows(2).all(|pair| pair[0] < pair[1]) {
                let same =
                    histogram_counts(Sample::from(&numbers[..]), &Bins::Edges(expected.clone())).unwrap();
                assert_eq!(found, same);
            }
        }
    }
}

#[test]
fn long_samples_are_counted_whole() {
    let mut rng = rng(2);
    let numbers: Vec<f64> = (0..600_001).map(|_| rng.random::<f64>()).collect();
    for count in [10, 10_000] {
        let counts =
            histogram_counts(Sample::from(&numbers[..]), &Bins::Uniform { lower: 0.25, upper: 0.75, count })
                .unwrap();
        assert_eq!(counts.iter().sum::<u64>(), 600_001);
        assert_eq!(counts[0], numbers.iter().filter(|x| **x < 0.25).count() as u64);
    }
}

#[test]
fn rules_choose_the_bins_they_say() {
    let numbers: Vec<f64> = (0..=100).map(f64::from).collect();
    let sample = Sample::from(&numbers[..]);
    // Sturges: the logarithm of 101 is above 6, so 8 bins; Freedman-Diaconis: width 100 / 101^(1/3), 5 bins.
    assert_eq!(histogram_counts(sample, &Bins::Sturges).unwrap().len(), 8 + 2);
    assert_eq!(histogram_counts(sample, &Bins::FreedmanDiaconis).unwrap().len(), 5 + 2);
    assert_eq!(histogram_counts(sample, &Bins::Quantile(4)).unwrap(), [0, 25, 25, 25, 26, 0]);
    let same = [3.0; 5];
    assert_eq!(histogram_counts(Sample::from(&same[..]), &Bins::Sturges).unwrap(), [0, 5, 0]);
    assert_eq!(histogram_counts(Sample::from(&same[..]), &Bins::Quantile(3)).unwrap(), [0, 5, 0]);
}

#[test]
fn the_divergence_is_that_of_the_shares() {
    let mut rng = rng(3);
    let (p, q) = (normals(500, 0.3, 1.0, &mut rng), normals(700, 0.0, 1.2, &mut rng));
    let bins = Bins::Uniform { lower: -2.0, upper: 2.0, count: 8 };
    let counts = |x: &[f64]| histogram_counts(Sample::from(x), &bins).unwrap();
    let shares = |c: &[u64], n: f64| c.iter().map(|c| *c as f64 / n).collect::<Vec<_>>();
    let expected =
        divergence(&KullbackLeibler, &shares(&counts(&p), 500.0), &shares(&counts(&q), 700.0)).unwrap();
    let options = HistogramOptions { bins: bins.clone(), ..Default::default() };
    let found =
        histogram_divergence(&KullbackLeibler, Sample::from(&p[..]), Sample::from(&q[..]), &options).unwrap();
    assert!((found.value - expected).abs() < 1e-14, "{found} {expected}");
    // Equal weights take the other way through the code.
    let weighted = histogram_divergence(
        &KullbackLeibler,
        Sample::from(&p[..]).weighted(&[2.0; 500]),
        Sample::from(&q[..]),
        &options,
    )
    .unwrap();
    assert!((weighted.value - expected).abs() < 1e-13);
    assert!((weighted.standard_error.unwrap() - found.standard_error.unwrap()).abs() < 1e-13);
}

#[test]
fn the_standard_error_is_the_spread_of_repetitions() {
    let bins = Bins::Uniform { lower: -1.5, upper: 1.5, count: 4 };
    let options = HistogramOptions { bins, ..Default::default() };
    let (values, errors): (Vec<f64>, Vec<f64>) = (0..400)
        .map(|seed| {
            let mut rng = rng(seed);
            let (p, q) = (normals(800, 0.7, 1.0, &mut rng), normals(600, 0.0, 1.0, &mut rng));
            let found =
                histogram_divergence(&KullbackLeibler, Sample::from(&p[..]), Sample::from(&q[..]), &options)
                    .unwrap();
            (found.value, found.standard_error.unwrap())
        })
        .unzip();
    let spread = mean_and_error(&values).1 * 400.0_f64.sqrt();
    let mean_error = mean_and_error(&errors).0;
    // 400 repetitions have the spread to 3.5 %.
    assert!((spread / mean_error - 1.0).abs() < 0.14, "{spread} {mean_error}");
}

#[test]
fn empty_bins_are_infinite_unless_smoothed() {
    let (p, q) = ([0.5, 2.5], [0.5, 1.5]);
    let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
    let of = |smoothing| HistogramOptions { bins: Bins::Edges(vec![0.0, 1.0, 2.0, 3.0]), smoothing };
    let raw = histogram_divergence(&KullbackLeibler, p, q, &of(Smoothing::None)).unwrap();
    assert_eq!((raw.value, raw.standard_error), (f64::INFINITY, None));
    let half = histogram_divergence(&JensenShannon::half(), p, q, &of(Smoothing::None)).unwrap();
    assert!((half.value - 0.5 * 2.0_f64.ln()).abs() < 1e-15);
    let laplace = histogram_divergence(&KullbackLeibler, p, q, &of(Smoothing::Laplace)).unwrap();
    let expected = 0.2 * 0.5_f64.ln() + 0.4 * 2.0_f64.ln();
    assert!((laplace.value - expected).abs() < 1e-15);
}

#[test]
fn grids_are_products_of_bins() {
    let mut rng = rng(4);
    let (p, q) = (cloud(300, 2, 0.5, &mut rng), cloud(400, 2, 0.0, &mut rng));
    let axis = [-0.8, 0.1, 0.9];
    let shares = |x: &Mat<f64>| {
        let mut cells = vec![0.0; 16];
        for i in 0..x.nrows() {
            let bin = |x: f64| by_comparison(&[x], &axis).iter().position(|c| *c == 1).unwrap();
            cells[bin(x[(i, 0)]) * 4 + bin(x[(i, 1)])] += 1.0 / x.nrows() as f64;
        }
        cells
    };
    let expected = divergence(&PearsonChiSquared, &shares(&p), &shares(&q)).unwrap();
    let options = HistogramOptions { bins: Bins::Edges(axis.to_vec()), ..Default::default() };
    let found =
        histogram_divergence(&PearsonChiSquared, p.as_ref().into(), q.as_ref().into(), &options).unwrap();
    assert!((found.value - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn kernel_densities_are_sums_of_products() {
    let mut rng = rng(5);
    let points = cloud(40, 2, 0.0, &mut rng);
    let weights: Vec<f64> = (0..40).map(|i| f64::from(i % 3)).collect();
    let widths = [0.4, 0.9];
    let sample = Sample::from(points.as_ref()).weighted(&weights);
    let density = KernelDensity::fit(sample, &Bandwidth::Fixed(widths.to_vec())).unwrap();
    let brute = |x: [f64; 2], leave: Option<usize>| -> f64 {
        let kept = |i: usize| if Some(i) == leave { 0.0 } else { weights[i] };
        let total: f64 = (0..40).map(kept).sum();
        let term = |i: usize| -> f64 {
            (0..2)
                .map(|k| {
                    (-0.5 * ((x[k] - points[(i, k)]) / widths[k]).powi(2)).exp() / (widths[k] * TAU.sqrt())
                })
                .product()
        };
        (0..40).map(|i| kept(i) / total * term(i)).sum()
    };
    let at = faer::mat![[0.3, -0.2], [2.0, 1.0], [-3.0, 4.0]];
    for (i, ln) in density.ln_density(at.as_ref()).unwrap().iter().enumerate() {
        let direct = brute([at[(i, 0)], at[(i, 1)]], None).ln();
        assert!((ln - direct).abs() < 1e-12 * (1.0 + direct.abs()), "{ln} {direct}");
    }
    for (i, ln) in density.ln_density_leave_one_out().iter().enumerate() {
        let direct = brute([points[(i, 0)], points[(i, 1)]], Some(i)).ln();
        assert!((ln - direct).abs() < 1e-12 * (1.0 + direct.abs()), "{i}: {ln} {direct}");
    }
    // Far away, where the density underflows, its logarithm does not.
    let far = density.ln_density(faer::mat![[100.0, 0.0]].as_ref()).unwrap()[0];
    assert!(far < -2e4 && far.is_finite());
}

#[test]
fn rules_for_widths() {
    let points: Vec<f64> = (0..50).map(f64::from).collect();
    let sample = Sample::from(&points[..]);
    let deviation = (50.0 * 51.0 / 12.0_f64).sqrt(); // of 0..49 with the divisor n - 1
    let scott = KernelDensity::fit(sample, &Bandwidth::Scott).unwrap().widths()[0];
    assert!((scott - deviation * 50.0_f64.powf(-0.2)).abs() < 1e-12, "{scott}");
    let silverman = KernelDensity::fit(sample, &Bandwidth::Silverman).unwrap().widths()[0];
    assert!((silverman / scott - (4.0_f64 / 3.0).powf(0.2)).abs() < 1e-13);
    // The choice has a mean log-density no smaller than the rules'.
    let mut rng = rng(6);
    let two: Vec<f64> = [normals(100, -5.0, 1.0, &mut rng), normals(100, 5.0, 1.0, &mut rng)].concat();
    let score = |bandwidth: &Bandwidth| {
        KernelDensity::fit(Sample::from(&two[..]), bandwidth)
            .unwrap()
            .ln_density_leave_one_out()
            .iter()
            .sum::<f64>()
    };
    assert!(score(&Bandwidth::LeaveOneOut) > score(&Bandwidth::Silverman) + 10.0);
}

#[test]
fn kernel_density_divergence_of_normal_samples() {
    let estimates: Vec<f64> = (0..20)
        .map(|seed| {
            let mut rng = rng(seed);
            let (p, q) = (normals(400, 1.0, 1.0, &mut rng), normals(400, 0.0, 1.0, &mut rng));
            let options = KernelDensityOptions { bandwidth: Bandwidth::Silverman, form: RatioForm::OverP };
            kernel_density_divergence(&KullbackLeibler, Sample::from(&p[..]), Sample::from(&q[..]), &options)
                .unwrap()
                .value
        })
        .collect();
    let (mean, error) = mean_and_error(&estimates);
    println!("kernel densities, KL 0.5: {mean} ± {error}");
    assert!((mean - 0.5).abs() < 0.1, "{mean} ± {error}");
}

#[test]
fn the_ratio_of_two_densities() {
    let (p, q) = ([0.0, 1.0], [0.5, 2.0]);
    let fit = |x: &[f64]| KernelDensity::fit(Sample::from(x), &Bandwidth::Fixed(vec![0.7])).unwrap();
    let ratio = KernelDensityRatio { p: fit(&p), q: fit(&q) };
    let at = faer::mat![[0.2]];
    let expected = ratio.p.ln_density(at.as_ref()).unwrap()[0] - ratio.q.ln_density(at.as_ref()).unwrap()[0];
    assert_eq!(ratio.ln_ratio(at.as_ref()).unwrap(), [expected]);
}
