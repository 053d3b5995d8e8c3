//! Divergences between vectors of probabilities: values of mpmath, inequalities of the theory, zeros, gradients, counts, and
//! what is refused.

#![allow(clippy::float_cmp, reason = "exact results are compared exactly")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::type_complexity, reason = "tables of functions")]
#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN has to fail the comparison")]

use crate::dist_cases::{self, Opaque};
use proptest::prelude::*;
use tangency_divergence::*;
use tangency_testing::Golden;

fn golden(name: &str) -> Golden {
    Golden::read(format!("{}/tests/reference/{name}.csv", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn values_are_those_of_mpmath() {
    let (vectors, table) = (golden("core_vectors"), golden("core_divergences"));
    let (pairs, names) = (table.texts("pair").unwrap(), table.texts("generator").unwrap());
    let values = table.numbers("value").unwrap();
    let mut checked = 0;
    for ((pair, name), exact) in pairs.into_iter().zip(names).zip(values) {
        let p = vectors.numbers_where("p", "pair", pair).unwrap();
        let q = vectors.numbers_where("q", "pair", pair).unwrap();
        let close = |got: f64, digits: f64| {
            // The shift of GAN cancels for singular vectors.
            let shift = if name == "GAN" { 1e-15 } else { 0.0 };
            let close = got == exact || (got - exact).abs() <= digits * exact.abs() + shift;
            assert!(close, "{pair}, {name}: {got:e} and not {exact:e}, {:e}", (got - exact) / exact);
        };
        if let Some(order) = name.strip_prefix("ln affinity(").and_then(|rest| rest.strip_suffix(')')) {
            // The exact sum of powers sees that the vectors sum to 1 only up to rounding; where its logarithm is
            // smaller than that, there is nothing to compare.
            if exact.abs() > 1e-16 {
                let got = ln_affinity(&p, &q, order.parse().unwrap()).unwrap();
                let rounding = if pair == "nearly equal" { 0.0 } else { 1e-15 };
                assert!(
                    got == exact || (got - exact).abs() <= 2e-15 * exact.abs() + rounding,
                    "{pair}, {name}: {got:e} {exact:e}"
                );
                checked += 1;
            }
            continue;
        }
        let f = dist_cases::divergence(name);
        // Powers and exponentials of large logarithms lose a digit or two.
        let digits = if name.starts_with("alpha") && pair.starts_with(['f', 't']) { 2e-13 } else { 3e-15 };
        close(divergence(&*f, &p, &q).unwrap(), digits);
        close(divergence(&Dual(&*f), &q, &p).unwrap(), digits);
        // One by one, through the generator alone.
        let plain = divergence(&Opaque(&*f), &p, &q).unwrap();
        if !name.starts_with("hockey") && pair != "tiny" {
            close(plain, 1e-13);
        }
        checked += 1;
    }
    assert_eq!(checked, 7 * 24 - 4); // four affinities of 1 up to rounding
}

/// Poisson(3) against Poisson(5), whose divergences are known, and whose masses beyond 90 do not exist in double precision.
#[test]
fn poisson_distributions_have_their_closed_forms() {
    let masses = |mean: f64| {
        let mut masses = vec![(-mean).exp()];
        for k in 1..90 {
            masses.push(masses[k - 1] * mean / k as f64);
        }
        masses
    };
    let (p, q) = (masses(3.0), masses(5.0));
    let of = |f: &dyn FDivergence| divergence(f, &p, &q).unwrap();
    let kl = 3.0 * 0.6_f64.ln() + 2.0;
    let hellinger = -(-0.5 * (3.0_f64.sqrt() - 5.0_f64.sqrt()).powi(2)).exp_m1();
    for (got, exact) in [
        (of(&KullbackLeibler), kl),
        (of(&Jeffreys), -2.0 * 0.6_f64.ln()),
        (of(&SquaredHellinger::half()), hellinger),
        (of(&PearsonChiSquared), 0.8_f64.exp_m1()),
        (DivergenceFunction::renyi(2.0).unwrap().between(&p, &q).unwrap(), 0.8),
        (DivergenceFunction::Bhattacharyya.between(&p, &q).unwrap(), -(-hellinger).ln_1p()),
        (DivergenceFunction::HellingerDistance.between(&p, &q).unwrap(), hellinger.sqrt()),
        // ln A = 3^α 5^{1-α} - 3 α - 5 (1 - α).
        (ln_affinity(&p, &q, 0.3).unwrap(), 3.0_f64.powf(0.3) * 5.0_f64.powf(0.7) - 0.9 - 3.5),
        (ln_affinity(&p, &q, -3.0).unwrap(), 625.0 / 27.0 + 9.0 - 20.0),
    ] {
        assert!((got - exact).abs() < 4e-14 * exact.abs(), "{got} {exact}");
    }
    assert!((kl - 0.467523128702).abs() < 1e-12);
    assert!((hellinger - 0.119280994837).abs() < 1e-12);
}

#[test]
fn zeros_cost_what_the_ends_of_the_generator_say() {
    for f in generators() {
        let both = divergence(&*f, &[0.5, 0.5, 0.0], &[0.0, 0.5, 0.5]).unwrap();
        // Half of P is alone, half of Q is alone, and the rest is the same: 0.5 f(1).
        let expected = 0.5 * f.at_one() + 0.5 * f.at_zero() + 0.5 * f.slope_at_infinity();
        // The hockey stick with γ = 2 has 0.5 - 0 from the lonely half of P.
        let close = both == expected || (both - expected).abs() < 1e-15;
        assert!(close, "{}: {both} {expected}", f.name());
        let singular = divergence(&*f, &[1.0, 0.0], &[0.0, 1.0]).unwrap();
        assert!(singular == f.supremum() || (singular - f.supremum()).abs() < 1e-15, "{}", f.name());
        let equal = divergence(&*f, &[0.3, 0.0, 0.7], &[0.3, -0.0, 0.7]).unwrap();
        assert_eq!(equal, f.at_one(), "{}", f.name());
        assert_eq!(divergence(&*f, &[1.0], &[1.0]).unwrap(), f.at_one());
    }
}

#[test]
fn what_is_ill_posed_is_refused_with_its_place() {
    use MassError::{Empty, LengthMismatch, Negative, NotFinite, NotNormalised, OutOfRange};
    let of = |p: &[f64], q: &[f64]| divergence(&KullbackLeibler, p, q).unwrap_err();
    assert_eq!(of(&[], &[]), Empty { side: Side::P });
    assert_eq!(of(&[1.0], &[]), Empty { side: Side::Q });
    assert_eq!(of(&[1.0], &[0.5, 0.5]), LengthMismatch { p: 1, q: 2 });
    assert_eq!(of(&[1.5, -0.5], &[0.5, 0.5]), Negative { side: Side::P, index: 1, value: -0.5 });
    assert_eq!(
        of(&[0.5, 0.5], &[0.5, f64::INFINITY]),
        NotFinite { side: Side::Q, index: 1, value: f64::INFINITY }
    );
    assert!(
        matches!(of(&[0.5, 0.5], &[f64::NAN, 0.5]), NotFinite { side: Side::Q, index: 0, value } if value.is_nan())
    );
    assert!(matches!(
        of(&[f64::NEG_INFINITY, f64::INFINITY], &[0.5, 0.5]),
        NotFinite { side: Side::P, index: 0, .. }
    ));
    assert_eq!(of(&[0.5, 0.25], &[0.5, 0.5]), NotNormalised { side: Side::P, sum: 0.75, tolerance: 1e-9 });
    assert_eq!(of(&[0.0, 0.0], &[0.5, 0.5]), NotNormalised { side: Side::P, sum: 0.0, tolerance: 1e-9 });
    assert!(matches!(of(&[f64::MAX; 4], &[0.25; 4]), NotNormalised { side: Side::P, .. }));
    // A place beyond the first block, in any position of the lanes.
    for (index, bad) in [(0, f64::NAN), (7, -1e-300), (1023, f64::NAN), (4095, -0.1), (99_998, f64::NAN)] {
        let mut q = vec![1e-5; 100_000];
        q[index] = bad;
        let error = of(&vec![1e-5; 100_000], &q);
        assert!(
            matches!(error, NotFinite { index: i, .. } | Negative { index: i, .. } if i == index),
            "{index}: {error}"
        );
        assert!(ln_affinity(&q, &q, 0.5).is_err() && divergence_gradient(&LeCam, &q, &q).is_err());
    }
    let loose = MassOptions { sum_tolerance: 0.3 };
    assert!(divergence_with(&KullbackLeibler, &[0.5, 0.25], &[0.5, 0.5], &loose).is_ok());
    for value in [-1.0, f64::NAN] {
        let error = divergence_with(&KullbackLeibler, &[1.0], &[1.0], &MassOptions { sum_tolerance: value });
        assert!(matches!(error, Err(OutOfRange { .. })));
    }
    assert!(matches!(ln_affinity(&[1.0], &[1.0], f64::NAN), Err(OutOfRange { .. })));
}

#[test]
fn single_precision_is_refused_and_double_is_not() {
    let weights: Vec<f64> = (0..200_000).map(|i| 1.0 + f64::from(i % 977)).collect();
    let p = probabilities(&weights, Smoothing::None).unwrap();
    let plain: f64 = weights.iter().sum();
    let divided: Vec<f64> = weights.iter().map(|w| w / plain).collect();
    assert_eq!(divergence(&KullbackLeibler, &divided, &p), Ok(0.0));
    let single: Vec<f64> = [0.1, 0.2, 0.7].map(|x| f64::from(x as f32)).to_vec();
    assert!(matches!(divergence(&LeCam, &single, &single), Err(MassError::NotNormalised { .. })));
}

#[test]
fn ln_affinity_at_its_ends() {
    let (p, q) = ([0.5, 0.5, 0.0], [0.0, 0.25, 0.75]);
    let of = |order| ln_affinity(&p, &q, order).unwrap();
    assert_eq!(of(1.0), 0.5_f64.ln()); // P where q > 0
    assert_eq!(of(0.0), 0.25_f64.ln()); // Q where p > 0
    for order in [0.0, 1.0, 1e-200, -1e-200] {
        assert!(ln_affinity(&[0.9, 0.1], &[0.1, 0.9], order).unwrap().abs() < 1e-199);
    }
    assert!((of(0.5) - (0.125_f64.sqrt()).ln()).abs() < 1e-15);
    assert_eq!(of(1.5), f64::INFINITY);
    assert_eq!(of(-0.5), f64::INFINITY);
    assert_eq!(ln_affinity(&[1.0, 0.0], &[0.0, 1.0], 0.4).unwrap(), f64::NEG_INFINITY);
    let renyi = |order| DivergenceFunction::renyi(order).unwrap();
    assert_eq!(renyi(0.4).between(&[1.0, 0.0], &[0.0, 1.0]).unwrap(), f64::INFINITY);
    assert_eq!(renyi(2.0).between(&p, &q).unwrap(), f64::INFINITY);
    // Disjoint but for a speck: -ln of an affinity of 1e-150, which 1 - A would lose.
    let speck = 1e-300;
    let value = DivergenceFunction::Bhattacharyya.between(&[1.0, speck], &[speck, 1.0]).unwrap();
    assert!((value - (150.0 * std::f64::consts::LN_10 - 2.0_f64.ln())).abs() < 1e-12);
}

#[test]
fn counts_become_probabilities_as_said() {
    use MassError::{Empty, Negative, NoMass, NotFinite, OutOfRange, RepeatedKey};
    let of = |counts: &[f64], smoothing| probabilities(counts, smoothing);
    assert_eq!(of(&[1.0, 3.0, 0.0], Smoothing::None).unwrap(), [0.25, 0.75, 0.0]);
    assert_eq!(of(&[1.0, 4.0, 0.0], Smoothing::Laplace).unwrap(), [0.25, 0.625, 0.125]);
    assert_eq!(of(&[0.5, 2.0], Smoothing::JeffreysPrior).unwrap(), [1.0 / 3.5, 2.5 / 3.5]);
    assert_eq!(of(&[0.0, 0.0], Smoothing::Additive(2.0)).unwrap(), [0.5, 0.5]);
    let floored = of(&[0.0, 3.0, 1.0], Smoothing::Epsilon(0.01)).unwrap();
    for (got, exact) in floored.iter().zip([0.01 / 1.01, 0.75 / 1.01, 0.25 / 1.01]) {
        assert!((got - exact).abs() < 1e-16);
    }
    assert_eq!(of(&[f64::MAX, f64::MAX], Smoothing::None).unwrap(), [0.5, 0.5]);
    assert_eq!(of(&[5e-324, 5e-324], Smoothing::None).unwrap(), [0.5, 0.5]);
    assert_eq!(of(&[], Smoothing::None), Err(Empty { side: Side::P }));
    assert_eq!(of(&[0.0, 0.0], Smoothing::None), Err(NoMass { side: Side::P }));
    assert_eq!(of(&[0.0, 0.0], Smoothing::Epsilon(0.1)), Err(NoMass { side: Side::P }));
    assert_eq!(of(&[1.0, -1.0], Smoothing::None), Err(Negative { side: Side::P, index: 1, value: -1.0 }));
    assert!(matches!(of(&[f64::NAN], Smoothing::Laplace), Err(NotFinite { index: 0, .. })));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(of(&[1.0], Smoothing::Additive(bad)), Err(OutOfRange { .. })));
        assert!(matches!(of(&[1.0], Smoothing::Epsilon(bad)), Err(OutOfRange { .. })));
    }
    let sparse = |p: &[(u64, f64)], q: &[(u64, f64)]| sparse_probabilities(p, q, Smoothing::Laplace);
    let both = sparse(&[(u64::MAX, 1.0), (3, 2.0)], &[(4, 1.0)]).unwrap();
    assert_eq!(both.keys, [3, 4, u64::MAX]);
    assert_eq!(both.p, [3.0 / 6.0, 1.0 / 6.0, 2.0 / 6.0]);
    assert_eq!(both.q, [0.25, 0.5, 0.25]);
    assert_eq!(sparse(&[(1, 1.0)], &[(5, 1.0), (5, 2.0)]), Err(RepeatedKey { side: Side::Q, key: 5 }));
    assert!(sparse(&[], &[]).is_err());
    assert!(matches!(sparse(&[(1, 1.0)], &[(1, -2.0)]), Err(Negative { side: Side::Q, .. })));
    let psi = |smoothing| population_stability_index(&[3.0, 0.0, 5.0], &[2.0, 1.0, 5.0], smoothing);
    assert_eq!(psi(Smoothing::None), Ok(f64::INFINITY));
    let (a, b) = (psi(Smoothing::Epsilon(1e-4)).unwrap(), psi(Smoothing::Epsilon(1e-8)).unwrap());
    assert!(a < b && a > 0.5); // it depends on ε, as the documentation says
}

#[test]
fn sums_do_not_depend_on_how_the_entries_fall_into_blocks() {
    // Entries repeated: the divergence is the same however many there are.
    let (p, q) = ([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.3, 0.2]);
    for f in generators() {
        let exact = divergence(&*f, &p, &q).unwrap();
        for copies in [2_usize, 3, 7, 255, 256, 257, 10_007] {
            let repeated = |x: &[f64]| -> Vec<f64> {
                (0..copies).flat_map(|_| x.iter().map(|x| x / copies as f64)).collect()
            };
            let got = divergence(&*f, &repeated(&p), &repeated(&q)).unwrap();
            // The entries are rounded anew.
            assert!((got - exact).abs() <= 1e-14 * exact.abs(), "{} {copies}: {got} {exact}", f.name());
        }
    }
}

/// The same bits on one thread and on several.
#[cfg(feature = "rayon")]
#[test]
fn sums_do_not_depend_on_the_number_of_threads() {
    let weights = |seed: u64| -> Vec<f64> { (1..300_000).map(|i| ((i * seed) % 1009) as f64).collect() };
    let p = probabilities(&weights(7919), Smoothing::Laplace).unwrap();
    let q = probabilities(&weights(104_729), Smoothing::Laplace).unwrap();
    for f in generators() {
        let values = [1, 2, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| divergence(&*f, &p, &q)).unwrap().to_bits()
        });
        assert_eq!(values, [values[0]; 3], "{}", f.name());
    }
}

/// Probabilities with zeros among them.
fn masses(entries: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![1 => Just(0.0), 6 => 1e-6..1.0_f64], entries)
        .prop_filter_map("no mass", |counts| probabilities(&counts, Smoothing::None).ok())
}

/// Probabilities without zeros.
fn positive(entries: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(1e-3..1.0_f64, entries)
        .prop_map(|counts| probabilities(&counts, Smoothing::None).unwrap())
}

/// At most, up to rounding, with infinity allowed on both sides.
fn at_most(small: f64, large: f64) -> bool {
    small <= large || small - large <= 1e-14 * (1.0 + large.abs().min(small.abs()))
}

fn mixed(p: &[f64], q: &[f64], share: f64) -> Vec<f64> {
    p.iter().zip(q).map(|(p, q)| share * p + (1.0 - share) * q).collect()
}

proptest! {
    #[test]
    fn inequalities_between_divergences(p in masses(9), q in masses(9)) {
        let of = |f: &dyn FDivergence| divergence(f, &p, &q).unwrap();
        let (kl, tv, h2) = (of(&KullbackLeibler), of(&TotalVariation), of(&SquaredHellinger::half()));
        let (chi2, jsd, le_cam) = (of(&PearsonChiSquared), of(&JensenShannon::half()), of(&LeCam));
        prop_assert!(at_most(tv, (kl / 2.0).sqrt()), "Pinsker");
        prop_assert!(at_most(tv, (-(-kl).exp_m1()).sqrt()), "Bretagnolle-Huber");
        prop_assert!(at_most(h2, tv) && at_most(tv, (h2 * (2.0 - h2)).sqrt()), "Hellinger and total variation");
        prop_assert!(at_most(jsd, std::f64::consts::LN_2 * tv));
        prop_assert!(at_most(kl, chi2.ln_1p()) && at_most(chi2.ln_1p(), chi2));
        prop_assert!(at_most(le_cam / 4.0, h2) && at_most(h2, le_cam / 2.0)); // Le Cam, in both conventions of factors
        prop_assert!(at_most(of(&HockeyStick::new(2.0).unwrap()), tv));
        let mut previous = 0.0;
        for order in [0.1, 0.5, 0.9, 0.999_999, 1.0, 1.000_001, 1.5, 2.0, 5.0, 40.0] {
            let value = DivergenceFunction::renyi(order).unwrap().between(&p, &q).unwrap();
            prop_assert!(at_most(previous, value), "Rényi decreases at {order}: {previous} {value}");
            previous = value;
        }
        let half = DivergenceFunction::renyi(0.5).unwrap().between(&p, &q).unwrap();
        prop_assert!(half == -2.0 * (-h2).ln_1p() || (half + 2.0 * (-h2).ln_1p()).abs() < 1e-13 * (1.0 + half));
        // The relations between kinds.
        let both = kl + of(&ReverseKullbackLeibler);
        prop_assert!(at_most(of(&Jeffreys), both) && at_most(both, of(&Jeffreys)));
        prop_assert!((of(&Gan) + 2.0 * std::f64::consts::LN_2 - 2.0 * jsd).abs() < 1e-14);
        prop_assert!((of(&JensenShannon::f_gan()) - 2.0 * jsd).abs() < 1e-15);
    }

    #[test]
    fn every_divergence_processes_data(p in masses(8), q in masses(8), r in masses(8), s in masses(8), share in 0.0..1.0_f64) {
        for f in generators() {
            let of = |p: &[f64], q: &[f64]| divergence(&*f, p, q).unwrap();
            let value = of(&p, &q);
            prop_assert!(value >= f.at_one() && at_most(value, f.supremum()), "{}", f.name());
            // Merging bins never adds to it, and a permutation changes nothing.
            let merged = |x: &[f64]| -> Vec<f64> { x.chunks(2).map(|pair| pair.iter().sum()).collect() };
            prop_assert!(at_most(of(&merged(&p), &merged(&q)), value), "{}: merging", f.name());
            let reversed = |x: &[f64]| -> Vec<f64> { x.iter().rev().copied().collect() };
            prop_assert!(at_most(of(&reversed(&p), &reversed(&q)), value) && at_most(value, of(&reversed(&p), &reversed(&q))));
            // Splitting every bin in the same way changes nothing either.
            let split = |x: &[f64]| -> Vec<f64> { x.iter().flat_map(|x| [x * share, x * (1.0 - share)]).collect() };
            let finer = of(&split(&p), &split(&q));
            prop_assert!(finer == value || (finer - value).abs() <= 1e-13 * (1.0 + value.abs()), "{}: splitting", f.name());
            // Joint convexity.
            let mixture = of(&mixed(&p, &r, share), &mixed(&q, &s, share));
            prop_assert!(at_most(mixture, share * value + (1.0 - share) * of(&r, &s)) || share == 0.0, "{}: convexity", f.name());
            // The dual.
            let dual = divergence(&Dual(&*f), &q, &p).unwrap();
            prop_assert!(dual == value || (dual - value).abs() <= 1e-14 * (1.0 + value.abs()), "{}: dual {dual} {value}", f.name());
        }
    }

    #[test]
    fn the_bound_holds_for_every_critic_and_is_attained(p in positive(6), q in positive(6), shift in prop::collection::vec(-1.0..1.0_f64, 6)) {
        for f in generators().iter().filter(|f| f.is_smooth()) {
            let value = divergence(&**f, &p, &q).unwrap();
            let bound = |v: &dyn Fn(usize) -> f64| -> f64 {
                (0..6).map(|i| p[i] * f.critic(v(i)) - q[i] * f.conjugate_of_critic(v(i))).sum()
            };
            let exact = bound(&|i| (p[i] / q[i]).ln());
            prop_assert!((exact - value).abs() < 1e-12 * (1.0 + value.abs()), "{}: {exact} {value}", f.name());
            prop_assert!(at_most(bound(&|i| (p[i] / q[i]).ln() + shift[i]), value), "{}", f.name());
            // The same with the activation of the article.
            let classical: f64 = (0..6).map(|i| {
                let t = f.classical_activation(shift[i]);
                p[i] * t - q[i] * f.conjugate(t)
            }).sum();
            prop_assert!(at_most(classical, value), "{}", f.name());
        }
    }

    #[test]
    fn gradients_are_derivatives(a in prop::collection::vec(-2.0..2.0_f64, 5), b in prop::collection::vec(-2.0..2.0_f64, 5)) {
        let (p, q) = (softmax(&a).unwrap(), softmax(&b).unwrap());
        for f in generators().iter().filter(|f| f.is_smooth()) {
            let gradient = divergence_gradient(&**f, &p, &q).unwrap();
            prop_assert_eq!(gradient.value, divergence(&**f, &p, &q).unwrap());
            let (by_p, by_q) = (
                softmax_gradient(&p, &gradient.with_respect_to_p).unwrap(),
                softmax_gradient(&q, &gradient.with_respect_to_q).unwrap(),
            );
            prop_assert!(by_p.iter().sum::<f64>().abs() < 1e-13 * (1.0 + gradient.value.abs()));
            let h = 1e-3;
            for i in 0..5 {
                let at = |k: f64, first: bool| {
                    let (mut a, mut b) = (a.clone(), b.clone());
                    if first { a[i] += k * h } else { b[i] += k * h }
                    divergence(&**f, &softmax(&a).unwrap(), &softmax(&b).unwrap()).unwrap()
                };
                for (first, exact) in [(true, by_p[i]), (false, by_q[i])] {
                    let by_pairs = |k: f64| at(k, first) - at(-k, first);
                    let difference = (45.0 * by_pairs(1.0) - 9.0 * by_pairs(2.0) + by_pairs(3.0)) / (60.0 * h);
                    prop_assert!((difference - exact).abs() < 1e-11 * (1.0 + gradient.value.abs()), "{}: {difference} {exact}", f.name());
                }
            }
        }
    }
}

#[test]
fn gradients_at_zeros_and_at_equality() {
    for f in generators() {
        let equal = divergence_gradient(&*f, &[0.25, 0.75, 0.0], &[0.25, 0.75, 0.0]).unwrap();
        for g in equal.with_respect_to_p.iter().chain(&equal.with_respect_to_q) {
            assert!(g.abs() < 1e-15, "{}: {g}", f.name());
        }
        let slope = f.derivative(1.0);
        let alone = divergence_gradient(&*f, &[0.5, 0.5, 0.0], &[0.0, 0.5, 0.5]).unwrap();
        let expected = [f.slope_at_infinity() - slope, 0.0, f.derivative(0.0) - slope];
        for (got, exact) in alone.with_respect_to_p.iter().zip(expected) {
            assert!(*got == exact || (got - exact).abs() < 1e-15, "{}: {got} {exact}", f.name());
        }
        // With respect to q it is the gradient of the dual with respect to p.
        let dual = divergence_gradient(&Dual(&*f), &[0.0, 0.5, 0.5], &[0.5, 0.5, 0.0]).unwrap();
        for (got, exact) in dual.with_respect_to_p.iter().zip(&alone.with_respect_to_q) {
            assert!(got == exact || (got - exact).abs() < 1e-15, "{}: {got} {exact}", f.name());
        }
    }
    // A tiny difference has a tiny gradient, with its digits.
    let (p, q) = ([0.5 + 2.0_f64.powi(-50), 0.5 - 2.0_f64.powi(-50)], [0.5, 0.5]);
    let gradient = divergence_gradient(&KullbackLeibler, &p, &q).unwrap();
    assert!((gradient.with_respect_to_p[0] / 2.0_f64.powi(-49) - 1.0).abs() < 1e-14);
    assert!((gradient.with_respect_to_q[0] / -2.0_f64.powi(-49) - 1.0).abs() < 1e-14);
    assert_eq!(softmax_gradient(&[0.0, 1.0], &[f64::NEG_INFINITY, 2.0]).unwrap(), [0.0, 0.0]);
    assert!(softmax_gradient(&[1.0], &[1.0, 2.0]).is_err());
    assert!(
        softmax(&[]).is_err() && softmax(&[f64::NAN]).is_err() && softmax(&[1.0, f64::INFINITY]).is_err()
    );
    assert_eq!(softmax(&[1e308, -1e308]).unwrap(), [1.0, 0.0]);
}
