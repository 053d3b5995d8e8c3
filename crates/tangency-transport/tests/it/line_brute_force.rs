//! Distances on the line against definitions in exact arithmetic, and against all plans.

use proptest::prelude::*;
use tangency_transport::{
    Atoms, QuantileFunction, TransportError, transport_1d, verify, wasserstein_1d, wasserstein_1d_pow,
    wasserstein_1d_stream, wasserstein_histogram_atoms, wasserstein_histogram_uniform,
};

/// W_p^p for whole numbers p of whole points with whole weights of the same total, as a whole number: each unit of mass by itself.
fn units(points: &[i64], weights: &[i64]) -> Vec<i64> {
    let mut sorted: Vec<(i64, i64)> = points.iter().copied().zip(weights.iter().copied()).collect();
    sorted.sort_unstable();
    sorted.iter().flat_map(|(x, w)| std::iter::repeat_n(*x, *w as usize)).collect()
}

fn exact_power(x: (&[i64], &[i64]), y: (&[i64], &[i64]), p: u32) -> i128 {
    let (x, y) = (units(x.0, x.1), units(y.0, y.1));
    assert_eq!(x.len(), y.len());
    x.iter().zip(&y).map(|(x, y)| i128::from((x - y).abs()).pow(p)).sum()
}

/// The best assignment of n points to n points, over all n! of them.
fn best_assignment(x: &[f64], y: &[f64], p: f64) -> f64 {
    fn go(x: &[f64], left: &mut Vec<f64>, p: f64) -> f64 {
        let Some((first, rest)) = x.split_first() else { return 0.0 };
        (0..left.len()).fold(f64::INFINITY, |best, k| {
            let y = left.swap_remove(k);
            let cost = (first - y).abs().powf(p) + go(rest, left, p);
            left.push(y);
            let last = left.len() - 1;
            left.swap(k, last);
            best.min(cost)
        })
    }
    go(x, &mut y.to_vec(), p)
}

fn floats(of: &[i64]) -> Vec<f64> {
    of.iter().map(|x| *x as f64).collect()
}

/// Points and weights of two sides whose totals are equal; the last weight of the lighter side makes up for it.
fn sides() -> impl Strategy<Value = (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>)> {
    let side = |n| (prop::collection::vec(-20_i64..20, n), prop::collection::vec(0_i64..6, n));
    (1_usize..8, 1_usize..8).prop_flat_map(move |(n, m)| (side(n), side(m))).prop_map(
        |((x, mut a), (y, mut b))| {
            let (s, t) = (a.iter().sum::<i64>() + 1, b.iter().sum::<i64>() + 1);
            *a.last_mut().unwrap() += 1 + (t - s).max(0);
            *b.last_mut().unwrap() += 1 + (s - t).max(0);
            (x, a, y, b)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn weighted_powers_are_exact((x, a, y, b) in sides(), p in 1_u32..5) {
        let exact = exact_power((&x, &a), (&y, &b), p) as f64;
        let (x, a, y, b) = (floats(&x), floats(&a), floats(&y), floats(&b));
        let (one, other) = (Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b));
        let q = f64::from(p);
        let power = wasserstein_1d_pow(one, other, q).unwrap();
        prop_assert!((power - exact).abs() <= 1e-14 * exact, "{power} {exact}");
        let root = wasserstein_1d(one, other, q).unwrap();
        prop_assert!((root - exact.powf(1.0 / q)).abs() <= 1e-14 * root);
        // The same from a stream, with whole masses: exact.
        let stream = |x: &[f64], a: &[f64]| {
            let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(a.iter().copied()).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            pairs
        };
        let streamed = wasserstein_1d_stream(stream(&x, &a), stream(&y, &b), q).unwrap();
        prop_assert!((streamed - exact.powf(1.0 / q)).abs() <= 4e-16 * streamed);
    }

    #[test]
    fn infinity_is_the_largest_move((x, a, y, b) in sides()) {
        let (u, v) = (units(&x, &a), units(&y, &b));
        let exact = u.iter().zip(&v).map(|(x, y)| (x - y).abs()).max().unwrap() as f64;
        let (x, a, y, b) = (floats(&x), floats(&a), floats(&y), floats(&b));
        let (one, other) = (Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b));
        prop_assert_eq!(wasserstein_1d(one, other, f64::INFINITY).unwrap(), exact);
        // W_p increases towards it, in p.
        let total: f64 = a.iter().sum();
        let mut last = 0.0;
        for p in [1.0, 1.5, 2.0, 8.0, 400.0] {
            let normalised = wasserstein_1d(one, other, p).unwrap() / total.powf(1.0 / p);
            prop_assert!(normalised >= last * (1.0 - 1e-13) && normalised <= exact * (1.0 + 1e-13), "{} {} {}", p, normalised, last);
            last = normalised;
        }
        prop_assert!(last >= 0.9 * exact);
    }

    #[test]
    fn plans_and_potentials_are_certified((x, a, y, b) in sides(), p in prop::sample::select(vec![1.0, 1.3, 2.0, 3.0])) {
        let (x, a, y, b) = (floats(&x), floats(&a), floats(&y), floats(&b));
        let found = transport_1d(Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b), p).unwrap();
        let cost = faer::Mat::from_fn(x.len(), y.len(), |i, j| f64::abs(x[i] - y[j]).powf(p));
        let certificate =
            verify(&a, &b, cost.as_ref(), &found.plan, &found.source_potentials, &found.target_potentials).unwrap();
        let scale = cost.norm_max().max(1.0);
        let mass: f64 = a.iter().sum();
        prop_assert!(certificate.dual_violation <= 4.0 * f64::EPSILON * 2.0 * scale, "{certificate:?}");
        prop_assert!(certificate.gap.abs() <= 1e-13 * scale * mass, "{certificate:?}");
        prop_assert!(certificate.source_violation.max(certificate.target_violation) <= 1e-15 * mass);
        prop_assert!((certificate.primal - found.primal).abs() <= 1e-15 * scale * mass);
        prop_assert!((certificate.dual - found.dual).abs() <= 1e-14 * scale * mass);
        prop_assert!(found.plan.shipments().len() < x.len() + y.len());
        let power = wasserstein_1d_pow(Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b), p).unwrap();
        prop_assert!((found.primal - power).abs() <= 1e-14 * power);
    }

    #[test]
    fn no_assignment_is_cheaper(x in prop::collection::vec(-5.0_f64..5.0, 6), y in prop::collection::vec(-5.0_f64..5.0, 6), p in 1.0_f64..4.0) {
        let best = best_assignment(&x, &y, p) / 6.0;
        let power = wasserstein_1d_pow(&x, &y, p).unwrap();
        prop_assert!((power - best).abs() <= 1e-14 * best, "{} {}", power, best);
    }

    #[test]
    fn histograms_that_are_uniform_are_limits_of_points(
        masses in prop::collection::vec(0.0_f64..3.0, 1..5), widths in prop::collection::vec(0.0_f64..2.0, 9), p in 1.0_f64..3.0,
    ) {
        let mut masses = masses;
        masses[0] += 0.5;
        let total: f64 = masses.iter().sum();
        let edges = |from: f64, widths: &[f64]| -> Vec<f64> {
            std::iter::once(from).chain(widths.iter().scan(from, |x, w| { *x += w; Some(*x) })).collect()
        };
        let (e, f) = (edges(0.0, &widths[..masses.len()]), edges(-1.0, &widths[5..7]));
        let other = [0.5 * total, 0.5 * total];
        let exact = wasserstein_histogram_uniform((&e, &masses), (&f, &other), p).unwrap();
        // Each bin cut in many, each with its mass in the middle: at most half the width of the parts away.
        let fine = |edges: &[f64], masses: &[f64]| {
            let parts = 500;
            let mut points = Vec::new();
            let mut weights = Vec::new();
            for (ends, mass) in edges.windows(2).zip(masses) {
                for k in 0..parts {
                    points.push(ends[0] + (ends[1] - ends[0]) * (f64::from(k) + 0.5) / f64::from(parts));
                    weights.push(mass / f64::from(parts));
                }
            }
            (points, weights)
        };
        let ((x, a), (y, b)) = (fine(&e, &masses), fine(&f, &other));
        let near = wasserstein_1d(Atoms::from(&x).weighted(&a), Atoms::from(&y).weighted(&b), p).unwrap();
        prop_assert!((near - exact).abs() <= total.powf(1.0 / p) * 2.0 / 500.0 + 1e-12, "{} {}", near, exact);
        // Splitting a bin changes nothing.
        let split: Vec<f64> = e.windows(2).flat_map(|w| [w[0], 0.25 * w[0] + 0.75 * w[1]]).chain([*e.last().unwrap()]).collect();
        let parts: Vec<f64> = masses.iter().flat_map(|m| [0.75 * m, 0.25 * m]).collect();
        prop_assert!(wasserstein_histogram_uniform((&split, &parts), (&e, &masses), p).unwrap() <= 1e-7);
        let again = wasserstein_histogram_uniform((&split, &parts), (&f, &other), p).unwrap();
        prop_assert!((again - exact).abs() <= 1e-13 * (1.0 + exact), "{} {}", again, exact);
    }
}

#[test]
fn w1_is_the_area_between_the_distribution_functions() {
    let (x, y) = ([0.3, -1.2, 4.0, 4.0, 2.5], [1.0, 0.0, -3.5]);
    let mut all: Vec<f64> = x.iter().chain(&y).copied().collect();
    all.sort_by(f64::total_cmp);
    let share = |of: &[f64], at: f64| of.iter().filter(|x| **x <= at).count() as f64 / of.len() as f64;
    let area: f64 = all.windows(2).map(|w| (share(&x, w[0]) - share(&y, w[0])).abs() * (w[1] - w[0])).sum();
    let found = wasserstein_1d(&x, &y, 1.0).unwrap();
    assert!((found - area).abs() < 1e-15, "{found} {area}");
}

#[test]
fn a_million_thirds_leave_no_quantile_unmatched() {
    let n = 300_000;
    let x: Vec<f64> = (0..n).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| x + 0.25).collect();
    let thirds = vec![1.0 / 3.0; x.len()];
    let (one, other) = (Atoms::from(&x).weighted(&thirds), Atoms::from(&y).weighted(&thirds));
    let total: f64 = 100_000.0;
    for p in [1.0, 2.0, f64::INFINITY] {
        let found = wasserstein_1d(one, other, p).unwrap() / total.powf(1.0 / p);
        assert!((found - 0.25).abs() < 1e-15, "{p}: {found}");
    }
    // Against equal weights that are not given.
    let equal = Atoms::from(&y);
    let shares = vec![1.0 / f64::from(n); x.len()];
    let found = wasserstein_1d(Atoms::from(&x).weighted(&shares), equal, 2.0).unwrap();
    assert!((found - 0.25).abs() < 1e-11, "{found}");
    let streamed =
        wasserstein_1d_stream(x.iter().map(|x| (*x, 1.0 / 3.0)), y.iter().map(|y| (*y, 1.0 / 3.0)), 1.0);
    assert!((streamed.unwrap() / total - 0.25).abs() < 1e-15);
}

#[test]
fn tails_of_tiny_mass_count() {
    // 1e-30 of the mass at 1e30 is half of the distance.
    let (x, a) = ([0.0, 1.0, 1e30], [0.5, 0.5, 1e-30]);
    let found = wasserstein_1d(Atoms::from(&x).weighted(&a), &[0.0], 1.0).unwrap();
    assert!((found - 1.5).abs() < 1e-3, "{found}");
}

#[test]
fn units_of_length_do_not_matter() {
    let (x, y) = ([0.0, 1.0, 5.0], [2.0, 2.5, 3.0, 9.0]);
    for p in [1.0, 2.0, 3.5, 60.0] {
        let plain = wasserstein_1d(&x, &y, p).unwrap();
        for scale in [1e-300, 1e-170, 1e12, 1e200, 1e305] {
            let scaled = wasserstein_1d(&x.map(|x| x * scale), &y.map(|y| y * scale), p).unwrap();
            assert!((scaled / scale - plain).abs() <= 1e-14 * plain, "{p} {scale}: {scaled} {plain}");
        }
    }
    assert_eq!(wasserstein_1d(&[f64::MAX], &[-f64::MAX], 2.0).unwrap(), f64::INFINITY);
    assert_eq!(wasserstein_1d(&[1e308], &[-7e307], 2.0).unwrap(), 1.7e308);
    assert_eq!(wasserstein_1d_pow(&[1e308], &[-1e308], 2.0).unwrap(), f64::INFINITY);
    assert_eq!(wasserstein_1d_pow(&[1e200], &[0.0], 2.0).unwrap(), f64::INFINITY);
    assert_eq!(wasserstein_1d(&[5.0, 5.0], &[5.0], 7.0).unwrap(), 0.0);
}

#[test]
fn ways_in_agree() {
    let (x, y) = ([3.0, -1.0, 0.5, 0.5], [2.0, 1.0, 7.0]);
    let (one, other) = (QuantileFunction::new(&x).unwrap(), QuantileFunction::new(&y).unwrap());
    let sorted = QuantileFunction::from_sorted(vec![-1.0, 0.5, 0.5, 3.0]).unwrap();
    assert_eq!(one, sorted);
    let weighted = QuantileFunction::from_sorted_weighted(&[-1.0, 0.5, 3.0], &[0.25, 0.5, 0.25]).unwrap();
    for p in [1.0, 2.0, 2.5] {
        let direct = wasserstein_1d(&x, &y, p).unwrap();
        assert_eq!(one.distance(&other, p).unwrap(), direct);
        assert!((weighted.distance(&other, p).unwrap() - direct).abs() < 1e-15);
        assert!((one.distance_pow(&other, p).unwrap() - direct.powf(p)).abs() < 1e-14);
        assert!((other.distance(&one, p).unwrap() - direct).abs() < 1e-15);
    }
    assert_eq!(
        (one.at(0.0), one.at(0.25), one.at(0.26), one.at(0.75), one.at(1.0)),
        (-1.0, -1.0, 0.5, 0.5, 3.0)
    );
    assert_eq!((one.mean(), one.len(), one.mass()), (0.75, 4, 1.0));
    assert!((one.standard_deviation() - (33.0_f64 / 16.0).sqrt()).abs() < 1e-15);
    let uniform = QuantileFunction::from_histogram_uniform(&[0.0, 1.0, 3.0], &[1.0, 1.0]).unwrap();
    assert_eq!((uniform.at(0.25), uniform.at(0.75), uniform.mean(), uniform.mass()), (0.5, 2.0, 1.25, 2.0));
}

#[test]
fn a_wide_bin_and_an_atom_by_hand() {
    // U(0, 1) and an atom at ½: ∫ |t − ½|^p = 2^{-p} / (p + 1).
    for p in [1.0_f64, 2.0, 3.0, 2.5] {
        let found = wasserstein_histogram_uniform((&[0.0, 1.0], &[1.0]), (&[0.5, 0.5], &[1.0]), p).unwrap();
        let exact = (0.5_f64.powf(p) / (p + 1.0)).powf(1.0 / p);
        assert!((found - exact).abs() < 1e-15, "{p}: {found} {exact}");
    }
    let (one, other) = ((&[0.0, 1.0, 2.0][..], &[1.0, 3.0][..]), (&[0.0, 2.0][..], &[4.0][..]));
    assert_eq!(wasserstein_histogram_atoms(one, other, 1.0).unwrap(), 2.0);
    // Quantiles 4t below t = ¼, then 1 + (4t − 1)/3; less 2t: 0.25 on average, and four units of mass.
    let found = wasserstein_histogram_uniform(one, other, 1.0).unwrap();
    assert!((found - 1.0).abs() < 1e-15, "{found}");
}

#[test]
fn potentials_of_many_points_are_feasible_everywhere() {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_pcg::Pcg64::seed_from_u64(3);
    let n = 700;
    let m = 500;
    for p in [1.0, 1.7, 2.0] {
        for offset in [0.0, 1e6] {
            let x: Vec<f64> = (0..n).map(|_| offset + rng.random::<f64>() * 10.0).collect();
            let y: Vec<f64> = (0..m).map(|_| offset + rng.random::<f64>() * 8.0).collect();
            let found = transport_1d(&x, &y, p).unwrap();
            let cost = faer::Mat::from_fn(n, m, |i, j| f64::abs(x[i] - y[j]).powf(p));
            let (a, b) = (vec![1.0 / n as f64; n], vec![1.0 / m as f64; m]);
            let c = verify(
                &a,
                &b,
                cost.as_ref(),
                &found.plan,
                &found.source_potentials,
                &found.target_potentials,
            )
            .unwrap();
            let scale = cost.norm_max();
            assert!(c.dual_violation <= 4.0 * f64::EPSILON * scale, "{p} {offset} {c:?}");
            assert!(c.gap.abs() <= 1e-13 * scale, "{p} {offset} {c:?}");
        }
    }
}

#[test]
fn rates_and_laws_of_uniform_samples() {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_pcg::Pcg64::seed_from_u64(11);
    // E W₂²(Pₙ, U) = 1/(6n): the mean over 4000 samples of 10, whose standard deviation is about 0.017.
    let (mut sum, mut squares, runs) = (0.0, 0.0, 4000);
    for _ in 0..runs {
        let x: Vec<f64> = (0..10).map(|_| rng.random()).collect();
        let edges: [f64; 2] = [0.0, 1.0];
        let one = QuantileFunction::new(&x).unwrap();
        let uniform = QuantileFunction::from_histogram_uniform(&edges, &[1.0]).unwrap();
        let power = one.distance_pow(&uniform, 2.0).unwrap();
        sum += power;
        squares += power * power;
    }
    let mean = sum / f64::from(runs);
    let error = ((squares / f64::from(runs) - mean * mean) / f64::from(runs)).sqrt();
    assert!((mean - 1.0 / 60.0).abs() < 4.0 * error, "{mean} ± {error}");
    // √n E W₁ of two samples tends to √π / 4.
    let n = 400;
    let mut sum = 0.0;
    for _ in 0..1000 {
        let x: Vec<f64> = (0..n).map(|_| rng.random()).collect();
        let y: Vec<f64> = (0..n).map(|_| rng.random()).collect();
        sum += wasserstein_1d(&x, &y, 1.0).unwrap();
    }
    let scaled = sum / 1000.0 * f64::from(n).sqrt();
    assert!((scaled - std::f64::consts::PI.sqrt() / 4.0).abs() < 0.02, "{scaled}");
}

#[test]
fn invariances() {
    let (x, y) = ([0.2, 1.7, -3.0, 0.9], [1.0, 2.0, -0.5]);
    let means = (x.iter().sum::<f64>() / 4.0, y.iter().sum::<f64>() / 3.0);
    let t = 2.5;
    let moved = y.map(|y| y + t);
    let plain = wasserstein_1d_pow(&x, &y, 2.0).unwrap();
    let shifted = wasserstein_1d_pow(&x, &moved, 2.0).unwrap();
    assert!((shifted - (plain + t * t + 2.0 * t * (means.1 - means.0))).abs() < 1e-14);
    assert!(wasserstein_1d(&x, &y, 1.0).unwrap() >= (means.0 - means.1).abs());
    let z = [4.0, 4.5];
    for p in [1.0, 2.0, 5.0] {
        let d = |a: &[f64], b: &[f64]| wasserstein_1d(a, b, p).unwrap();
        assert!(d(&x, &z) <= d(&x, &y) + d(&y, &z) + 1e-15);
    }
    assert!(matches!(wasserstein_1d(&x, &y, 0.99), Err(TransportError::OutOfRange { .. })));
}
