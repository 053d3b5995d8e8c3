//! Point masses: against each other, against laws on the integers, and against densities.

use crate::dist_cases::{Opaque, law};
use tangency_divergence::*;

fn dirac(point: f64) -> Law {
    Law::Dirac { point }
}

/// Whether a value is right within the bound that comes with it, and the bound small.
fn close(found: &Evaluation, exact: f64, allowed: f64) -> bool {
    let error = (found.value - exact).abs();
    found.value == exact || (error <= found.error_bound + 1e-16 * exact.abs() && found.error_bound <= allowed)
}

// mpmath 1.3.0, 60 digits: ln m, and the Jensen-Shannon and Le Cam divergences from the point.
const CASES: [(&str, f64, f64, f64, f64); 13] = [
    ("poisson 2.5", 3.0, -1.542_887_273_605_589_8, 0.410_672_658_426_697_4, 1.295_536_231_663_733_8),
    ("poisson 1e-12", 0.0, -1e-12, 3.465_735_902_799_244e-13, 1e-12),
    (
        "poisson 1000000",
        1_000_900.0,
        -8.232_022_247_712_122,
        0.691_919_313_734_877_6,
        1.998_936_291_454_611_3,
    ),
    (
        "binomial 1000000000 0.3",
        300_020_000.0,
        -11.452_635_483_351_233,
        0.693_081_048_040_029_7,
        1.999_957_514_671_084_6,
    ),
    (
        "binomial 5 0.999999",
        5.0,
        -5.000_002_500_145_445e-6,
        1.732_867_610_712_568_5e-6,
        5.000_002_500_135_028e-6,
    ),
    (
        "negative_binomial 2.5 0.01",
        400.0,
        -6.825_866_150_421_105,
        0.688_900_041_118_120_7,
        1.995_663_364_822_168,
    ),
    ("geometric 1e-9", 7.0, -20.723_265_842_946_41, 0.693_147_169_698_312_5, 1.999_999_996),
    (
        "hypergeometric 90 50 60",
        35.0,
        -2.006_146_775_526_539,
        0.486_642_050_659_905_54,
        1.525_763_763_514_335,
    ),
    (
        "hypergeometric 1000000000 500000000 1000000",
        499_000.0,
        -9.135_047_966_793_123,
        0.692_600_797_534_148_7,
        1.999_568_766_745_19,
    ),
    ("discrete_uniform -2 4", -1.0, -1.945_910_149_055_313_2, 0.477_849_945_556_267_14, 1.5),
    (
        "categorical 0.1 0.2 0.7",
        1.0,
        -1.609_437_912_434_100_3,
        0.422_810_455_240_162_5,
        1.333_333_333_333_333_3,
    ),
    ("bernoulli 1e-10", 1.0, -23.025_850_929_940_457, 0.693_147_179_358_652_8, 1.999_999_999_6),
    ("bernoulli 1e-10", 0.0, -1.000_000_000_05e-10, 3.465_735_902_924_726_7e-11, 1.000_000_000_05e-10),
];

#[test]
fn the_mass_in_the_point_decides() {
    for (text, point, ln_mass, jensen_shannon, le_cam) in CASES {
        // The mean of a large law is a rounded product, and its error counts as often as the point is away from it.
        let part = if text.contains("00000") { 1e-10 } else { 1e-13 };
        let check = |f: &dyn FDivergence, exact: f64| {
            for (p, q) in [(dirac(point), law(text)), (law(text), dirac(point))] {
                let found = divergence_between(f, p, q).unwrap();
                assert!(found.is_exact() && close(&found, exact, part * exact), "{text}: {found:?} {exact}");
            }
        };
        check(&JensenShannon::half(), jensen_shannon);
        check(&LeCam, le_cam);
        check(&TotalVariation, -ln_mass.exp_m1());
        check(&SquaredHellinger::half(), -(0.5 * ln_mass).exp_m1());
        let kl = |p, q| divergence_between(&KullbackLeibler, p, q).unwrap();
        assert!(close(&kl(dirac(point), law(text)), -ln_mass, part * -ln_mass), "{text}");
        assert_eq!(kl(law(text), dirac(point)).value, f64::INFINITY);
        let rest = divergence_between(&ReverseKullbackLeibler, dirac(point), law(text)).unwrap();
        assert_eq!((rest.value, rest.error_bound), (f64::INFINITY, 0.0));
        // χ² from the point is 1/m − 1, and the hockey stick that it swings is 1 − γ m.
        let pearson = divergence_between(&PearsonChiSquared, dirac(point), law(text)).unwrap();
        let exact = (-ln_mass).exp_m1();
        assert!(close(&pearson, exact, part * (1.0 - ln_mass) * exact), "{text}: {pearson:?} {exact}");
        let hockey = HockeyStick::new(2.0).unwrap();
        let found = divergence_between(&hockey, dirac(point), law(text)).unwrap();
        let exact = (1.0 - 2.0 * ln_mass.exp()).max(0.0);
        assert!(close(&found, exact, 2.0 * part), "{text}: {found:?} {exact}");
    }
}

#[test]
fn every_generator_has_its_two_formulas() {
    let m: f64 = 0.15; // of the hypergeometric law below: 3 good ones of 20, one drawn
    let text = "hypergeometric 20 3 1";
    let product = |mass: f64, cost: f64| mass * cost;
    for f in generators() {
        let from = product(m, f.generator(1.0 / m)) + product(1.0 - m, f.at_zero());
        let to = f.generator(m) + product(1.0 - m, f.slope_at_infinity());
        let numerical = EvaluationOptions { closed_forms: false, ..Default::default() };
        for (p, q, exact) in [(dirac(1.0), law(text), from), (law(text), dirac(1.0), to)] {
            let found = divergence_between(&*f, p.clone(), q.clone()).unwrap();
            assert!(found.is_exact());
            let opaque = divergence_between(&Opaque(&*f), p.clone(), q.clone()).unwrap();
            let summed = divergence_between_with(&*f, p, q, &numerical).unwrap();
            assert!(matches!(summed.method, EvaluationMethod::Summation { terms: 0..=2 }), "{summed:?}");
            for found in [found, opaque, summed] {
                let agree = found.value == exact || (found.value - exact).abs() < 1e-14 * (1.0 + exact.abs());
                assert!(agree, "{} {found:?} {exact}", f.name());
                let bounded = found.error_bound < 1e-12 * (1.0 + exact.abs());
                assert!(bounded || exact.is_infinite(), "{} {found:?}", f.name());
            }
        }
    }
}

#[test]
fn affinities_and_functions_of_them() {
    let (text, m) = ("discrete_uniform 0 3", 0.25_f64);
    for order in [-0.5, 0.3, 0.5, 2.0, 3.5] {
        let ln = |p, q| ln_affinity_between(p, q, order).unwrap().value;
        let near = |found: f64, exact: f64| found == exact || (found - exact).abs() < 1e-15 * exact.abs();
        // 0^α is infinite for negative α.
        let from = if order < 0.0 { f64::INFINITY } else { (1.0 - order) * m.ln() };
        let to = if order > 1.0 { f64::INFINITY } else { order * m.ln() };
        assert!(near(ln(dirac(2.0), law(text)), from) && near(ln(law(text), dirac(2.0)), to), "{order}");
        let apart = if order > 0.0 && order < 1.0 { f64::NEG_INFINITY } else { f64::INFINITY };
        for other in [dirac(-1.0), dirac(2.5), law("normal 2 1"), law("discrete_uniform 3 4")] {
            assert_eq!((ln(dirac(2.0), other.clone()), ln(other, dirac(2.0))), (apart, apart));
        }
        assert_eq!(ln(dirac(2.5), dirac(2.5)), 0.0);
        // Certain under both, although written in different ways.
        assert_eq!((ln(dirac(1.0), law("bernoulli 1")), ln(law("bernoulli 1"), dirac(1.0))), (0.0, 0.0));
    }
    let of = |function: DivergenceFunction, p, q| function_between(&function, p, q).unwrap().value;
    for order in [0.5, 1.0, 2.0, 7.0] {
        // Every Rényi divergence from a point is −ln m.
        let renyi = of(DivergenceFunction::renyi(order).unwrap(), dirac(2.0), law(text));
        assert!((renyi - 4.0_f64.ln()).abs() < 1e-15, "{order}: {renyi}");
        let renyi = of(DivergenceFunction::renyi(order).unwrap(), law(text), dirac(2.0));
        let exact = if order < 1.0 { order * 4.0_f64.ln() / (1.0 - order) } else { f64::INFINITY };
        assert!(renyi == exact || (renyi - exact).abs() < 1e-15, "{order}: {renyi}");
        assert_eq!(of(DivergenceFunction::renyi(order).unwrap(), dirac(2.0), dirac(3.0)), f64::INFINITY);
    }
    assert!(
        (of(DivergenceFunction::HellingerDistance, dirac(2.0), law(text)) - 0.5_f64.sqrt()).abs() < 1e-15
    );
    let distance = of(DivergenceFunction::JensenShannonDistance, dirac(0.5), dirac(0.25));
    assert!((distance - 2.0_f64.ln().sqrt()).abs() < 1e-15);
    let tsallis = DivergenceFunction::tsallis(2.0).unwrap();
    assert!((of(tsallis, dirac(2.0), law(text)) - 3.0).abs() < 1e-14);
}

#[test]
fn points_are_the_same_or_singular() {
    let numerical = EvaluationOptions { closed_forms: false, ..Default::default() };
    for f in generators() {
        for point in [0.0, -3.0, 0.3, -1e300, 9.3e18] {
            for options in [EvaluationOptions::default(), numerical] {
                let found = divergence_between_with(&*f, dirac(point), dirac(point), &options).unwrap();
                assert_eq!(found.value, f.at_one());
                assert!(found.error_bound < 1e-14);
            }
            let singular = [
                dirac(point.next_up()),
                law("normal 0 1"),
                law("beta 0.5 0.5"),
                law("discrete_uniform 1 9"),
                law("mvn 1 0 1"),
            ];
            for other in singular {
                for (p, q) in [(dirac(point), other.clone()), (other, dirac(point))] {
                    let found = divergence_between(&*f, p, q).unwrap();
                    assert_eq!(found.value, f.supremum());
                }
            }
        }
        // A hole in the support.
        let hole = law("categorical 0.5 0 0.5");
        for (p, q) in [(dirac(1.0), hole.clone()), (hole, dirac(1.0))] {
            let found = divergence_between(&*f, p, q).unwrap();
            let exact = f.supremum();
            assert!(
                found.value == exact || (found.value - exact).abs() < 1e-15 * exact,
                "{}: {found:?}",
                f.name()
            );
        }
    }
    let plane = law("mvn 2 0 0 1 0 0 1");
    let error = divergence_between(&KullbackLeibler, dirac(0.0), plane).unwrap_err();
    assert_eq!(error, DistributionError::DimensionMismatch { p: 1, q: 2 });
    // A mass too small for a number is a mass.
    let nearly = law("categorical 1 1e-300");
    let found = divergence_between(&KullbackLeibler, nearly.clone(), dirac(0.0)).unwrap();
    assert_eq!(found.value, f64::INFINITY);
    assert_eq!(divergence_between(&KullbackLeibler, dirac(0.0), nearly).unwrap().value, 0.0);
}
