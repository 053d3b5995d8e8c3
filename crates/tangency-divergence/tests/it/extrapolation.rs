//! Estimates extrapolated to infinitely many points.

use crate::ratio_support::{cloud, mean_and_error, rng};
use faer::Scale;
use std::sync::Mutex;
use tangency_divergence::{
    Bins, Estimate, ExtrapolationOptions, HistogramOptions, KullbackLeibler, NeighbourOptions, Sample,
    SampleError, Side, histogram_divergence, knn_renyi_divergence, with_extrapolation,
};

/// An estimate that is whatever is wanted.
fn given(value: f64) -> Estimate {
    let options =
        HistogramOptions { bins: Bins::Uniform { lower: 0.0, upper: 1.0, count: 1 }, ..Default::default() };
    let points = Sample::from(&[0.5][..]);
    let mut estimate = histogram_divergence(&KullbackLeibler, points, points, &options).unwrap();
    estimate.value = value;
    estimate
}

fn length(sample: Sample<'_>) -> f64 {
    sample.len() as f64
}

/// A bias that is a pure power is gone, and a change of 1e-10 in it would be seen.
#[test]
fn a_power_of_the_number_of_points_is_taken_out() {
    let points: Vec<f64> = (0..720).map(f64::from).collect();
    let all = Sample::from(&points[..]);
    for (parts, rate) in [(2, 0.5), (3, 1.0), (4, 0.5), (5, 0.2), (8, 2.0)] {
        let biased = |p: Sample<'_>, _: Sample<'_>| Ok(given(1.25 + 7.0 * length(p).powf(-rate)));
        let options = ExtrapolationOptions { parts, rate };
        let found = with_extrapolation(all, all, biased, &options, &mut rng(1)).unwrap().value;
        assert!((found - 1.25).abs() < 1e-13, "{parts} {rate}: {found}");
    }
}

/// Every point is in one part, and both samples are divided alike.
#[test]
fn parts_are_a_partition() {
    let (x, y): (Vec<f64>, Vec<f64>) = ((0..103).map(f64::from).collect(), (0..50).map(f64::from).collect());
    let seen = Mutex::new((Vec::new(), Vec::new()));
    let look = |p: Sample<'_>, q: Sample<'_>| {
        if p.len() < 103 {
            assert!((25..=26).contains(&p.len()) && (12..=13).contains(&q.len()));
            let mut seen = seen.lock().unwrap();
            seen.0.extend((0..p.len()).map(|i| p.points()[(i, 0)] as usize));
            seen.1.extend((0..q.len()).map(|i| q.points()[(i, 0)] as usize));
        }
        Ok(given(0.0))
    };
    let (p, q) = (Sample::from(&x[..]), Sample::from(&y[..]));
    with_extrapolation(p, q, look, &ExtrapolationOptions::default(), &mut rng(2)).unwrap();
    let (mut p, mut q) = seen.into_inner().unwrap();
    assert!(!p.is_sorted() && !q.is_sorted(), "drawn, and not cut off in order");
    p.sort_unstable();
    q.sort_unstable();
    assert!(p.into_iter().eq(0..103) && q.into_iter().eq(0..50));
}

/// N(0, I) and N(0, 4 I) in the plane, where two neighbours are off by more than a tenth.
#[test]
fn the_bias_of_neighbours_in_the_plane_goes_down() {
    let truth = 2.0 * (2.0_f64.ln() + 0.625_f64.ln());
    let (mut plain, mut extrapolated) = (Vec::new(), Vec::new());
    for seed in 0..150 {
        let mut rng = rng(100 + seed);
        let (p, q) = (cloud(1000, 2, 0.0, &mut rng), Scale(2.0) * cloud(1000, 2, 0.0, &mut rng));
        let (p, q) = (Sample::from(p.as_ref()), Sample::from(q.as_ref()));
        let renyi = |p: Sample<'_>, q: Sample<'_>| {
            knn_renyi_divergence(p, q, 0.5, &NeighbourOptions::default(), &mut crate::ratio_support::rng(0))
        };
        plain.push(renyi(p, q).unwrap().value - truth);
        let options = ExtrapolationOptions::default();
        extrapolated.push(with_extrapolation(p, q, renyi, &options, &mut rng).unwrap().value - truth);
    }
    let ((plain, error), (extrapolated, wider)) = (mean_and_error(&plain), mean_and_error(&extrapolated));
    assert!(plain - 3.0 * error > 0.03, "{plain} ± {error}");
    assert!(extrapolated.abs() < 0.02 + 3.0 * wider, "{extrapolated} ± {wider}");
    assert!(wider < 2.6 * error, "{wider} and {error}");
}

#[test]
fn what_cannot_be_extrapolated() {
    let points = [0.0, 1.0, 2.0];
    let all = Sample::from(&points[..]);
    let go = |options: ExtrapolationOptions, value: fn(f64) -> Result<Estimate, SampleError>| {
        with_extrapolation(all, all, |p, _| value(length(p)), &options, &mut rng(3))
    };
    let fine = |_: f64| Ok(given(1.0));
    let two = ExtrapolationOptions { parts: 2, rate: 0.5 };
    for options in [
        ExtrapolationOptions { parts: 1, ..two },
        ExtrapolationOptions { rate: 0.0, ..two },
        ExtrapolationOptions { rate: f64::NAN, ..two },
    ] {
        assert!(matches!(go(options, fine), Err(SampleError::OutOfRange { .. })), "{options:?}");
    }
    let error = go(ExtrapolationOptions::default(), fine).unwrap_err();
    assert_eq!(error, SampleError::TooFew { side: Side::P, points: 3, needed: 4 });
    assert!(go(two, |n| if n < 3.0 { Err(SampleError::NotSmooth) } else { Ok(given(1.0)) }).is_err());
    for (whole, part) in [(f64::INFINITY, 1.0), (1.0, f64::INFINITY), (f64::INFINITY, f64::INFINITY)] {
        let estimate = with_extrapolation(
            all,
            all,
            |p, _| Ok(given(if p.len() == 3 { whole } else { part })),
            &two,
            &mut rng(4),
        );
        assert_eq!(estimate.unwrap().value, whole);
    }
}
