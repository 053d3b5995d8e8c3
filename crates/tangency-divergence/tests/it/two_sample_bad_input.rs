//! What two-sample tests refuse, and the ends of the range of numbers.

use crate::two_sample::{few, of};
use faer::Mat;
use rand::SeedableRng;
use rand_pcg::Pcg64;
use tangency_divergence::{
    KernelWidth, MmdKernel, Sample, SampleError, Side, classifier_test, energy_distance, energy_test, mmd,
    mmd_block_test, mmd_linear_test, mmd_test, nearest_neighbour_scores, nearest_neighbour_test,
    permutation_test,
};

const WIDTHS: [KernelWidth; 2] = [KernelWidth::MedianDistance, KernelWidth::Given(1.0)];

/// What every function answers.
fn answers(p: Sample<'_>, q: Sample<'_>) -> Vec<(&'static str, Result<f64, SampleError>)> {
    let mut rng = Pcg64::seed_from_u64(1);
    let kernel = MmdKernel::Gaussian;
    let mut all = vec![
        ("energy_distance", energy_distance(p, q).map(|x| x.squared + x.unbiased_squared + x.distance())),
        ("energy_test", energy_test(p, q, few(9), &mut rng).map(|x| x.statistic + x.p_value)),
        ("neighbours", nearest_neighbour_test(p, q, 1, few(9), &mut rng).map(|x| x.statistic + x.p_value)),
        (
            "custom",
            permutation_test(p, q, |s| s.distance(0, 1), few(9), &mut rng).map(|x| x.statistic + x.p_value),
        ),
        (
            "classifier",
            classifier_test(p, q, |p, q, x| nearest_neighbour_scores(p, q, x, Some(1)), &mut rng)
                .map(|x| x.p_value),
        ),
    ];
    for width in WIDTHS {
        all.push(("mmd", mmd(p, q, kernel, width).map(|x| x.unbiased + x.biased + x.width)));
        all.push((
            "mmd_test",
            mmd_test(p, q, kernel, width, few(9), &mut rng).map(|x| x.statistic + x.p_value),
        ));
        all.push(("blocks", mmd_block_test(p, q, kernel, width, 2).map(|x| x.statistic + x.p_value)));
        all.push(("linear", mmd_linear_test(p, q, kernel, width).map(|x| x.statistic + x.p_value)));
    }
    all
}

fn line(n: usize, d: usize) -> Mat<f64> {
    Mat::from_fn(n, d, |i, k| (i * i + k) as f64)
}

#[test]
fn bad_points_are_named() {
    let good = line(8, 2);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut points = line(9, 2);
        points[(5, 1)] = bad;
        for (name, answer) in answers(of(&good), of(&points)) {
            let Err(SampleError::NotFinite { side: Side::Q, row: 5, column: 1, value }) = answer else {
                panic!("{name}: {answer:?}")
            };
            assert!(value.is_nan() == bad.is_nan() && (value == bad || bad.is_nan()));
        }
    }
    for (name, answer) in answers(of(&good), of(&line(8, 3))) {
        assert_eq!(answer, Err(SampleError::DimensionMismatch { p: 2, q: 3 }), "{name}");
    }
    for (name, answer) in answers(of(&line(0, 2)), of(&good)) {
        assert!(
            matches!(answer, Err(SampleError::TooFew { side: Side::P, points: 0, .. })),
            "{name}: {answer:?}"
        );
    }
    for (name, answer) in answers(of(&good), of(&line(4, 0))) {
        assert_eq!(answer, Err(SampleError::NoCoordinates { side: Side::Q }), "{name}");
    }
    for (name, answer) in answers(of(&good), of(&line(1, 2))) {
        let enough = ["energy_test", "neighbours", "custom"].contains(&name);
        assert!(
            if enough {
                answer.is_ok()
            } else {
                matches!(answer, Err(SampleError::TooFew { side: Side::Q, points: 1, .. }))
            },
            "{name}: {answer:?}"
        );
    }
}

#[test]
fn weights_are_for_estimates_alone() {
    let good = line(8, 2);
    let weights = [1.0, 0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.5];
    for (name, answer) in answers(of(&good), of(&good).weighted(&weights)) {
        let estimate = ["mmd", "energy_distance"].contains(&name);
        assert!(
            if estimate {
                answer.is_ok()
            } else {
                answer == Err(SampleError::WeightsNotAllowed { side: Side::Q })
            },
            "{name}: {answer:?}"
        );
    }
    let one = [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let error = Err(SampleError::TooFew { side: Side::P, points: 1, needed: 2 });
    assert_eq!(mmd(of(&good).weighted(&one), of(&good), MmdKernel::Gaussian, WIDTHS[1]), error);
    assert_eq!(
        energy_distance(of(&good).weighted(&one), of(&good)).map(|x| x.squared),
        error.map(|x| x.width)
    );
    let error = energy_distance(of(&good).weighted(&one[1..]), of(&good));
    assert_eq!(error, Err(SampleError::WeightCount { side: Side::P, points: 8, weights: 7 }));
}

#[test]
fn parameters_out_of_range_are_named() {
    let mut rng = Pcg64::seed_from_u64(1);
    let points = line(8, 2);
    let (p, q) = (of(&points), of(&points));
    let out_of_range = |answer: Result<(), SampleError>, what: &str| match answer {
        Err(SampleError::OutOfRange { what: named, .. }) => assert_eq!(named, what),
        other => panic!("{what}: {other:?}"),
    };
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY].map(KernelWidth::Given) {
        let kernel = MmdKernel::Laplace;
        out_of_range(mmd(p, q, kernel, width).map(drop), "the width");
        out_of_range(mmd_test(p, q, kernel, width, few(9), &mut rng).map(drop), "the width");
        out_of_range(mmd_block_test(p, q, kernel, width, 2).map(drop), "the width");
        out_of_range(mmd_linear_test(p, q, kernel, width).map(drop), "the width");
    }
    for alpha in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let kernel = MmdKernel::RationalQuadratic { alpha };
        out_of_range(mmd(p, q, kernel, WIDTHS[0]).map(drop), "α");
        out_of_range(mmd_test(p, q, kernel, WIDTHS[1], few(9), &mut rng).map(drop), "α");
        out_of_range(mmd_block_test(p, q, kernel, WIDTHS[1], 2).map(drop), "α");
        out_of_range(mmd_linear_test(p, q, kernel, WIDTHS[1]).map(drop), "α");
    }
    for size in [0, 1, 5, usize::MAX] {
        out_of_range(
            mmd_block_test(p, q, MmdKernel::Gaussian, WIDTHS[0], size).map(drop),
            "the size of a block",
        );
    }
    for k in [0, 16, usize::MAX] {
        out_of_range(nearest_neighbour_test(p, q, k, few(9), &mut rng).map(drop), "the number of neighbours");
    }
    for k in [0, 17] {
        out_of_range(
            nearest_neighbour_scores(p, q, points.as_ref(), Some(k)).map(drop),
            "the number of neighbours",
        );
    }
    out_of_range(energy_test(p, q, few(0), &mut rng).map(drop), "the number of permutations");
    assert_eq!(nearest_neighbour_scores(p, q, line(0, 2).as_ref(), None), Ok(Vec::new()));
    let nan =
        permutation_test(p, q, |split| if split.p()[0] == 0 { 1.0 } else { f64::NAN }, few(99), &mut rng);
    assert!(matches!(nan, Err(SampleError::StatisticIsNan { permutation: 1.. })), "{nan:?}");
    let scores = |count: usize, score: f64| {
        classifier_test(p, q, |_, _, _| Ok(vec![score; count]), &mut Pcg64::seed_from_u64(1))
    };
    assert_eq!(scores(7, 1.0), Err(SampleError::ScoreCount { points: 8, scores: 7 }));
    assert_eq!(scores(8, f64::NAN), Err(SampleError::ScoreIsNan { point: 0 }));
    assert_eq!(scores(8, f64::INFINITY).unwrap().p_value, 1.0);
}

#[test]
fn points_that_coincide_have_no_width() {
    let one = Mat::from_fn(6, 2, |_, _| 0.1);
    for (name, answer) in answers(of(&one), of(&one)) {
        match answer {
            Err(SampleError::Degenerate { .. }) => {
                assert!(["mmd", "mmd_test", "blocks", "linear"].contains(&name));
            }
            Ok(value) => assert!(value.is_finite() && !["blocks", "linear"].contains(&name), "{name}"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    // More than half of all pairs coincide, but not all.
    let most = Mat::from_fn(10, 1, |i, _| f64::from(u8::from(i == 0)));
    let error = Err(SampleError::Degenerate { what: "the median distance is zero" });
    assert_eq!(mmd(of(&most), of(&most), MmdKernel::Gaussian, WIDTHS[0]), error);
    assert!(mmd(of(&most), of(&most), MmdKernel::Gaussian, WIDTHS[1]).is_ok());
}

/// Neither overflow nor underflow of squares, and no NaN, whatever the width.
#[test]
fn all_magnitudes_are_treated_alike() {
    let reference = answers(of(&line(8, 2)), of(&line(9, 2)));
    for exponent in [-1000, -600, 500, 960] {
        let scale = 2f64.powi(exponent);
        let scaled = |n| Mat::from_fn(n, 2, |i, k| line(n, 2)[(i, k)] * scale);
        for ((name, answer), (_, expected)) in
            answers(of(&scaled(8)), of(&scaled(9))).into_iter().zip(&reference)
        {
            if ["blocks", "linear"].contains(&name) && matches!(answer, Err(SampleError::Degenerate { .. })) {
                continue; // a width of 1 where all distances are larger by far, or smaller
            }
            let (answer, expected) = (answer.unwrap(), expected.as_ref().unwrap());
            assert!(answer.is_finite(), "{name} {exponent}");
            if ["neighbours", "classifier"].contains(&name) {
                assert_eq!(answer, *expected);
            }
        }
    }
    let ends = Mat::from_fn(6, 1, |i, _| [-f64::MAX, f64::MAX, 0.0, 5e-324, 1e-200, -1.0][i]);
    for (name, answer) in answers(of(&ends), of(&ends)) {
        assert!(!answer.as_ref().is_ok_and(|x| x.is_nan()), "{name} {answer:?}");
    }
    let points = line(8, 2);
    for width in [5e-324, 1e-300, 1e300, f64::MAX] {
        for kernel in
            [MmdKernel::Gaussian, MmdKernel::Laplace, MmdKernel::RationalQuadratic { alpha: 1e-300 }]
        {
            let estimate = mmd(of(&points), of(&points), kernel, KernelWidth::Given(width)).unwrap();
            assert!(
                estimate.unbiased.is_finite() && estimate.biased.abs() < 1e-14,
                "{kernel} {width} {estimate:?}"
            );
        }
    }
}
