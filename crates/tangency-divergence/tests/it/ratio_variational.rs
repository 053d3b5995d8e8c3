//! The variational bound: gradients, optima, the order of the bounds, confidence, and that nothing is claimed for equal samples.

use crate::ratio_support::{cloud, mean_and_error, normals, rng};
use faer::{Mat, MatRef};
use tangency_divergence::{
    Basis, Bound, BoundOptions, Confidence, Critic, CriticFunction, CriticObjective, FDivergence, Features,
    FitStatus, JensenShannon, KullbackLeibler, Level, LinearCritic, LinearCriticOptions, LogisticOptions,
    LogisticRatio, Output, PearsonChiSquared, RatioCritic, RatioForm, Sample, TotalVariation,
    TrainableCritic, TrainingOptions, VariationalOptions, Width, bound_gradient, divergence_from_ratio,
    donsker_varadhan_bound, generators, renyi_bound, train_critic, variational, variational_bound,
};

fn outputs_of(f: &dyn FDivergence) -> Vec<Output> {
    let mut all = vec![Output::Classical];
    if f.is_smooth() {
        all.push(Output::LogRatio);
    }
    if f.slope_at_infinity().is_infinite() {
        all.push(Output::Direct);
    }
    all
}

#[test]
fn gradients_are_those_of_the_bound() {
    let (v_p, v_q) = ([0.3, -0.8, 1.1], [0.2, -0.43]);
    for f in generators() {
        for output in outputs_of(&*f) {
            let at = |p: &[f64], q: &[f64]| bound_gradient(&*f, output, p, q).value;
            let gradient = bound_gradient(&*f, output, &v_p, &v_q);
            let h = 1e-5;
            for i in 0..5 {
                let moved = |by: f64| {
                    let (mut p, mut q) = (v_p, v_q);
                    if i < 3 {
                        p[i] += by;
                    } else {
                        q[i - 3] += by;
                    }
                    at(&p, &q)
                };
                let difference =
                    (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
                let exact = if i < 3 { gradient.by_p[i] } else { gradient.by_q[i - 3] };
                assert!(
                    (difference - exact).abs() < 1e-8 * (1.0 + exact.abs()),
                    "{} {output:?} {i}: {difference} {exact}",
                    f.name()
                );
            }
        }
    }
}

#[test]
fn linear_critics_are_stationary_and_maximal_where_concave() {
    let mut rng = rng(1);
    let (p, q) = (cloud(300, 2, 0.6, &mut rng), cloud(200, 2, 0.0, &mut rng));
    for f in generators() {
        for output in outputs_of(&*f) {
            let ridge = 1e-3;
            let options = LinearCriticOptions {
                features: Features::Gaussian { count: 12, width: Width::OfMedian(1.0) },
                output: Some(output),
                ridge,
                ..Default::default()
            };
            let critic =
                LinearCritic::fit(&*f, p.as_ref().into(), q.as_ref().into(), &options, &mut rng).unwrap();
            let objective = critic.objective();
            if objective == CriticObjective::OwnLocally && critic.fit_report().status != FitStatus::Converged
            {
                continue; // It may have no maximum, and says so.
            }
            assert_eq!(critic.fit_report().status, FitStatus::Converged, "{} {output:?}", f.name());
            let (v_p, v_q) = (critic.evaluate(p.as_ref()), critic.evaluate(q.as_ref()));
            let half = JensenShannon::half();
            let f: &dyn FDivergence = if objective == CriticObjective::JensenShannon { &half } else { &*f };
            let gradient = bound_gradient(f, output, &v_p, &v_q);
            let map = critic.feature_map();
            let (rows_p, rows_q) = (map.evaluate(p.as_ref()).unwrap(), map.evaluate(q.as_ref()).unwrap());
            for k in 0..=map.len() {
                let sum = |rows: &Mat<f64>, by: &[f64]| -> f64 {
                    by.iter()
                        .enumerate()
                        .map(|(i, g)| g * if k < map.len() { rows[(i, k)] } else { 1.0 })
                        .sum()
                };
                let penalty = if k < map.len() { ridge * critic.coefficients()[k] } else { 0.0 };
                let slope = sum(&rows_p, &gradient.by_p) + sum(&rows_q, &gradient.by_q) - penalty;
                assert!(slope.abs() < 1e-6, "{} {output:?} {k}: {slope}", f.name());
            }
            let penalty: f64 = critic.coefficients()[..map.len()].iter().map(|t| 0.5 * ridge * t * t).sum();
            assert!(
                (gradient.value - penalty - critic.fit_report().objective).abs()
                    < 1e-12 * (1.0 + gradient.value.abs())
            );
            if objective != CriticObjective::OwnLocally {
                // No other coefficients do better.
                for trial in 0..40 {
                    let scale = 10.0_f64.powi(-(trial % 4));
                    let other: Vec<f64> = critic
                        .coefficients()
                        .iter()
                        .map(|t| t + scale * crate::ratio_support::normal(&mut rng))
                        .collect();
                    let value = |rows: &Mat<f64>, i: usize| {
                        (0..map.len()).map(|k| other[k] * rows[(i, k)]).sum::<f64>() + other[map.len()]
                    };
                    let w_p: Vec<f64> = (0..300).map(|i| value(&rows_p, i)).collect();
                    let w_q: Vec<f64> = (0..200).map(|j| value(&rows_q, j)).collect();
                    let penalty: f64 = other[..map.len()].iter().map(|t| 0.5 * ridge * t * t).sum();
                    let there = bound_gradient(f, output, &w_p, &w_q).value - penalty;
                    assert!(there <= critic.fit_report().objective + 1e-12, "{} {output:?}", f.name());
                }
            }
        }
    }
}

#[test]
fn concavity_is_what_the_curvature_says() {
    // Along a line of outputs the bound of one point of each sample, by second differences.
    for f in generators() {
        for output in outputs_of(&*f) {
            let gain = |v: f64| bound_gradient(&*f, output, &[v], &[]).value;
            let cost = |v: f64| bound_gradient(&*f, output, &[], &[v]).value;
            let curved = |g: &dyn Fn(f64) -> f64| {
                (-60..60).any(|k| {
                    let v = 0.1 * f64::from(k) + 0.05;
                    let bend = g(v + 0.02) - 2.0 * g(v) + g(v - 0.02);
                    bend > 1e-9 * (1.0 + g(v).abs())
                })
            };
            let convex_somewhere = curved(&gain) || curved(&cost);
            assert_eq!(output.is_concave(&*f), !convex_somewhere, "{} {output:?}", f.name());
        }
    }
}

#[test]
fn the_bound_rises_to_the_true_value() {
    // N(1, 1) and N(0, 1): the log-ratio is x - 1/2. Total variation is reached only by a step, so it is compared from below.
    let truth = [
        ("KL", 0.5),
        ("reverse KL", 0.5),
        ("Jeffreys", 1.0),
        ("squared Hellinger (½)", 0.1175030974),
        ("Jensen-Shannon", 0.1114214822),
        ("Neyman χ²", 1.718281828459045),
        ("Pearson χ²", 1.718281828459045),
    ];
    let all: Vec<(Box<dyn FDivergence>, f64)> = vec![
        (Box::new(KullbackLeibler), truth[0].1),
        (Box::new(tangency_divergence::ReverseKullbackLeibler), truth[1].1),
        (Box::new(tangency_divergence::Jeffreys), truth[2].1),
        (Box::new(tangency_divergence::SquaredHellinger::half()), truth[3].1),
        (Box::new(JensenShannon::half()), truth[4].1),
        (Box::new(tangency_divergence::NeymanChiSquared), truth[5].1),
        (Box::new(PearsonChiSquared), truth[6].1),
    ];
    for (f, truth) in all {
        let options = VariationalOptions {
            critic: LinearCriticOptions {
                features: Features::Polynomial { degree: 1 },
                ..Default::default()
            },
            ..Default::default()
        };
        let estimates: Vec<f64> = (0..20)
            .map(|seed| {
                let mut rng = rng(1000 + seed);
                let (p, q) = (normals(4000, 1.0, 1.0, &mut rng), normals(4000, 0.0, 1.0, &mut rng));
                variational(&*f, Sample::from(&p[..]), Sample::from(&q[..]), &options, &mut rng)
                    .unwrap()
                    .bound
                    .estimate
                    .value
            })
            .collect();
        let (mean, error) = mean_and_error(&estimates);
        assert!((mean - truth).abs() < 4.0 * error, "{}: {mean} ± {error}, true {truth}", f.name());
        assert!(error < 0.1 * truth, "{}: {error}", f.name());
    }
    let mut rng = rng(5);
    let (p, q) = (normals(20000, 1.0, 1.0, &mut rng), normals(20000, 0.0, 1.0, &mut rng));
    let found = variational(
        &TotalVariation,
        Sample::from(&p[..]),
        Sample::from(&q[..]),
        &VariationalOptions::default(),
        &mut rng,
    )
    .unwrap();
    let estimate = found.bound.estimate;
    assert!(estimate.value < 0.3829249225 + 3.0 * estimate.standard_error.unwrap(), "{estimate}");
    assert!(estimate.value > 0.33, "{estimate}");
}

#[test]
fn nothing_is_claimed_for_equal_distributions() {
    for f in [&KullbackLeibler as &dyn FDivergence, &JensenShannon::half()] {
        let estimates: Vec<f64> = (0..400)
            .map(|seed| {
                let mut rng = rng(seed);
                let (p, q) = (normals(100, 0.0, 1.0, &mut rng), normals(100, 0.0, 1.0, &mut rng));
                let options = VariationalOptions::default();
                variational(f, Sample::from(&p[..]), Sample::from(&q[..]), &options, &mut rng)
                    .unwrap()
                    .bound
                    .estimate
                    .value
            })
            .collect();
        let (mean, error) = mean_and_error(&estimates);
        assert!(mean < 3.0 * error && mean < 0.0, "{}: {mean} ± {error}", f.name());
    }
}

#[test]
fn the_shift_improves_and_is_donsker_varadhan_for_kullback_leibler() {
    let mut rng = rng(3);
    let (p, q) = (normals(80, 1.0, 1.0, &mut rng), normals(60, 0.0, 1.0, &mut rng));
    let weights: Vec<f64> = (0..60).map(|j| f64::from(1 + j % 3)).collect();
    let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]).weighted(&weights));
    for slope in [0.2, 1.0, 2.0] {
        let critic = CriticFunction::new(1, move |x: &[f64]| slope * x[0] - 0.3);
        for f in generators().iter().filter(|f| f.is_smooth()) {
            let of = |bound| {
                variational_bound(&**f, &critic, p, q, &BoundOptions { bound, ..Default::default() }).unwrap()
            };
            let (plain, shifted) = (of(Bound::Nwj).estimate.value, of(Bound::ShiftImproved).estimate.value);
            assert!(
                shifted >= plain - 1e-12 * (1.0 + plain.abs()),
                "{} {slope}: {plain} {shifted}",
                f.name()
            );
            // The best of many shifts, by the plain bound of a shifted T.
            let total: f64 = weights.iter().sum();
            let t = |x: f64| f.critic(slope * x - 0.3);
            let values = |s: Sample<'_>| (0..s.len()).map(|i| s.points()[(i, 0)]).collect::<Vec<_>>();
            let mean_p = values(p).iter().map(|x| t(*x)).sum::<f64>() / 80.0;
            for k in -200..200 {
                let nu = 0.02 * f64::from(k);
                let cost: f64 =
                    values(q).iter().zip(&weights).map(|(y, w)| w / total * f.conjugate(t(*y) - nu)).sum();
                assert!(mean_p - nu - cost <= shifted + 1e-11 * (1.0 + shifted.abs()), "{} {nu}", f.name());
            }
        }
        let shifted = variational_bound(
            &KullbackLeibler,
            &critic,
            p,
            q,
            &BoundOptions { bound: Bound::ShiftImproved, ..Default::default() },
        )
        .unwrap();
        let direct = donsker_varadhan_bound(&critic, p, q, Level::default()).unwrap();
        assert!((shifted.estimate.value - direct.estimate.value).abs() < 1e-12);
        let (a, b) = (shifted.estimate.standard_error.unwrap(), direct.estimate.standard_error.unwrap());
        assert!((a - b).abs() < 1e-12);
        assert!((shifted.effective_sample_size - direct.effective_sample_size).abs() < 1e-9);
    }
}

#[test]
fn renyi_bounds_are_attained_by_the_log_ratio() {
    // N(0, 1) and N(1, 2²).
    let mut rng = rng(4);
    let (p, q) = (normals(40000, 0.0, 1.0, &mut rng), normals(40000, 1.0, 2.0, &mut rng));
    let critic =
        CriticFunction::new(1, |x: &[f64]| 2.0_f64.ln() - 0.5 * x[0] * x[0] + (x[0] - 1.0).powi(2) / 8.0);
    for (order, truth) in [(0.5, 0.3231435513142), (1.0, 0.4431471805599453), (2.0, 0.5561964294493769)] {
        let found = renyi_bound(order, &critic, Sample::from(&p[..]), Sample::from(&q[..]), Level::default())
            .unwrap();
        let error = found.estimate.standard_error.unwrap();
        assert!(
            (found.estimate.value - truth).abs() < 4.0 * error && error < 0.02,
            "{order}: {}",
            found.estimate
        );
    }
}

#[test]
fn confidence_bounds_are_the_inequalities() {
    let (p, q) = ([0.5, 2.0, -1.0, 4.0], [0.0, -0.5, 3.0]);
    let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
    let critic = CriticFunction::new(1, |x: &[f64]| x[0]);
    let options =
        |confidence, clamp| BoundOptions { confidence, clamp, level: Level(0.9), ..Default::default() };
    let of = |o: BoundOptions| variational_bound(&KullbackLeibler, &critic, p, q, &o).unwrap();
    let found = of(options(Confidence::Hoeffding, Some(1.0)));
    assert_eq!(found.clamped, 3.0 / 7.0);
    // T = 1 + v on [0, 2], f*(T) = e^v on [1/e, e].
    let e = std::f64::consts::E;
    let deviation = (0.5 * 10.0_f64.ln() * (4.0 / 4.0 + (e - 1.0 / e).powi(2) / 3.0)).sqrt();
    let interval = found.estimate.interval.unwrap();
    assert!((found.estimate.value - interval.lower - deviation).abs() < 1e-12);
    assert_eq!(
        (interval.upper, interval.basis, interval.level),
        (f64::INFINITY, Basis::HeldOutHoeffding, 0.9)
    );
    let found = of(options(Confidence::EmpiricalBernstein, Some(1.0)));
    let log = (2.0 / 0.05_f64).ln();
    let side = |numbers: &[f64], range: f64| {
        let (_, error) = mean_and_error(numbers);
        (2.0 * error * error * log).sqrt() + 7.0 * range * log / (3.0 * (numbers.len() as f64 - 1.0))
    };
    let deviation = side(&[1.5, 2.0, 0.0, 2.0], 2.0) + side(&[1.0, (-0.5_f64).exp(), e], e - 1.0 / e);
    let interval = found.estimate.interval.unwrap();
    assert!((found.estimate.value - interval.lower - deviation).abs() < 1e-12);
    assert_eq!(interval.basis, Basis::HeldOutBernstein);
    // Without a clamp T has no finite range; with the shift nothing holds.
    assert_eq!(of(options(Confidence::Hoeffding, None)).estimate.interval, None);
    let shifted = BoundOptions { bound: Bound::ShiftImproved, ..options(Confidence::Hoeffding, Some(1.0)) };
    assert_eq!(of(shifted).estimate.interval, None);
    // The normal quantile of 0.9.
    let normal = of(options(Confidence::Normal, None)).estimate;
    let width = 1.2815515655446004 * normal.standard_error.unwrap();
    assert!((normal.value - normal.interval.unwrap().lower - width).abs() < 1e-12);
    // A T that is bounded by itself needs no clamp.
    let classical = BoundOptions { output: Some(Output::Classical), ..options(Confidence::Hoeffding, None) };
    let found = variational_bound(&TotalVariation, &critic, p, q, &classical).unwrap();
    assert!(found.estimate.interval.is_some());
}

#[test]
fn confidence_bounds_hold_as_often_as_they_say() {
    let critic = CriticFunction::new(1, |x: &[f64]| x[0] - 0.5);
    for (confidence, most) in
        [(Confidence::Hoeffding, 0.1), (Confidence::EmpiricalBernstein, 0.1), (Confidence::Normal, 0.14)]
    {
        let options = BoundOptions { confidence, clamp: Some(2.0), level: Level(0.9), ..Default::default() };
        let mut above = 0;
        for seed in 0..500 {
            let mut rng = rng(seed);
            let (p, q) = (normals(200, 1.0, 1.0, &mut rng), normals(200, 0.0, 1.0, &mut rng));
            let bound = variational_bound(
                &JensenShannon::half(),
                &critic,
                Sample::from(&p[..]),
                Sample::from(&q[..]),
                &options,
            )
            .unwrap();
            // The true value of the clamped critic's bound is a little below that of the divergence.
            above += usize::from(bound.estimate.interval.unwrap().lower > 0.1114214822);
        }
        assert!(f64::from(above as u32) <= most * 500.0, "{confidence:?}: {above} of 500");
    }
}

#[test]
fn overflow_is_said_and_zero_ratios_cost_what_they_cost() {
    let sample = [0.0, 1.0];
    let sample = Sample::from(&sample[..]);
    let huge = CriticFunction::new(1, |x: &[f64]| 2000.0 * x[0]);
    for f in generators().iter().filter(|f| f.is_smooth()) {
        let found = variational_bound(&**f, &huge, sample, sample, &BoundOptions::default()).unwrap();
        assert!(!found.estimate.value.is_nan(), "{}", f.name());
        assert!(found.effective_sample_size <= 1.0 + 1e-12);
    }
    let found = variational_bound(&KullbackLeibler, &huge, sample, sample, &BoundOptions::default()).unwrap();
    assert_eq!(found.estimate.value, f64::NEG_INFINITY);
    assert_eq!((found.estimate.standard_error, found.estimate.interval), (None, None));
    let nowhere = CriticFunction::new(1, |_: &[f64]| f64::NEG_INFINITY);
    let of = |f: &dyn FDivergence| {
        variational_bound(f, &nowhere, sample, sample, &BoundOptions::default()).unwrap().estimate.value
    };
    assert_eq!(of(&KullbackLeibler), f64::NEG_INFINITY);
    assert_eq!(of(&PearsonChiSquared), -2.0 + 1.0); // T = -2, f* = -1
}

#[test]
fn a_ratio_is_a_critic() {
    let mut rng = rng(6);
    let (p, q) = (cloud(200, 3, 0.7, &mut rng), cloud(150, 3, 0.0, &mut rng));
    let (p, q) = (Sample::from(p.as_ref()), Sample::from(q.as_ref()));
    let ratio = LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng).unwrap();
    for f in generators().iter().filter(|f| f.is_smooth()) {
        let a = divergence_from_ratio(&**f, &ratio, p, q, RatioForm::Bound).unwrap();
        let b =
            variational_bound(&**f, &RatioCritic(&ratio), p, q, &BoundOptions::default()).unwrap().estimate;
        assert_eq!((a.value, a.standard_error), (b.value, b.standard_error), "{}", f.name());
    }
}

/// A line through the plane of (1, x), trained by steps of a fixed size.
struct Line {
    intercept: f64,
    slope: f64,
    step_size: f64,
}

impl Critic for Line {
    fn dimension(&self) -> usize {
        1
    }

    fn evaluate(&self, points: MatRef<'_, f64>) -> Vec<f64> {
        (0..points.nrows()).map(|i| self.intercept + self.slope * points[(i, 0)]).collect()
    }
}

impl TrainableCritic for Line {
    fn ascend(&mut self, points: MatRef<'_, f64>, gradient: &[f64]) {
        for (i, g) in gradient.iter().enumerate() {
            self.intercept += self.step_size * g;
            self.slope += self.step_size * g * points[(i, 0)];
        }
    }
}

#[test]
fn a_critic_trained_by_steps_reaches_the_optimum() {
    let mut rng = rng(7);
    let (p, q) = (normals(300, 1.0, 1.0, &mut rng), normals(200, 0.0, 1.0, &mut rng));
    let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
    for f in [&KullbackLeibler as &dyn FDivergence, &JensenShannon::half()] {
        let options = LinearCriticOptions {
            features: Features::Polynomial { degree: 1 },
            ridge: 0.0,
            ..Default::default()
        };
        let best = LinearCritic::fit(f, p, q, &options, &mut rng).unwrap().fit_report().objective;
        let mut line = Line { intercept: 0.0, slope: 0.0, step_size: 0.2 };
        // Whole samples as batches: no noise.
        let training = TrainingOptions { batch: 300, epochs: 3000, ..Default::default() };
        let mut seen = 0;
        let history = train_critic(
            f,
            &mut line,
            p,
            q,
            &training,
            |progress| {
                seen = progress.epoch;
                if progress.epoch == 2500 {
                    std::ops::ControlFlow::Break(())
                } else {
                    std::ops::ControlFlow::Continue(())
                }
            },
            &mut rng,
        )
        .unwrap();
        assert_eq!((history.len(), seen), (2500, 2500));
        assert!(history[0].value.abs() < 1e-12 && history[2499].value > history[10].value);
        assert!((history[2499].value - best).abs() < 1e-9, "{}: {} {best}", f.name(), history[2499].value);
    }
}
