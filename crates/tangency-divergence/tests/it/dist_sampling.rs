//! Divergences in several dimensions by random draws: right in the mean, with honest standard errors.

use crate::dist_cases::{divergence, law};
use rand_pcg::{Pcg64Mcg, rand_core::SeedableRng};
use tangency_divergence::*;

#[test]
fn four_standard_errors_hold_and_one_is_not_too_wide() {
    // Pairs with closed forms, of which the sampler makes no use.
    for (p, q) in [
        ("mvn 2 0.3 0.7 1.5 0.2 0.2 1", "mvn 2 0 0 1.2 -0.1 -0.1 1.3"),
        ("mvn 3 0 1 2 4 1 0.5 1 3 -0.2 0.5 -0.2 2", "mvn 3 0.5 1 1 3.5 0.7 0.4 0.7 3.2 0.1 0.4 0.1 2.5"),
        ("dirichlet 0.5 0.7 2 4", "dirichlet 0.6 0.4 3 3"),
    ] {
        for name in ["kl", "reverse", "hellinger", "alpha0.3"] {
            let f = divergence(name);
            let exact = divergence_between(&*f, law(p), law(q)).unwrap();
            assert!(exact.is_exact());
            let (mut inside, mut sum) = (0, 0.0);
            let runs = 60;
            for seed in 0..runs {
                let mut rng = Pcg64Mcg::seed_from_u64(seed);
                let found = divergence_by_sampling(&*f, law(p), law(q), 1000, &mut rng).unwrap();
                let EvaluationMethod::MonteCarlo { standard_error, draws: 1000 } = found.method else {
                    panic!()
                };
                let z = (found.value - exact.value) / standard_error;
                inside += usize::from(z.abs() <= 1.0);
                sum += z;
                assert!(z.abs() < 5.0, "{name} {p}: {found:?} {exact:?}");
            }
            // 68 % of 60 within one standard error, up to four standard deviations of the count; a mean z of 0.
            assert!((26..=55).contains(&inside), "{name} {p}: {inside}");
            assert!((sum / runs as f64).abs() < 0.6, "{name} {p}: {}", sum / runs as f64);
        }
    }
}

#[test]
fn one_dimension_by_draws_and_by_quadrature() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let (p, q) = ("dirichlet 2 3", "dirichlet 4 2");
    let exact = divergence_between(&TotalVariation, law("beta 2 3"), law("beta 4 2")).unwrap();
    let found = divergence_by_sampling(&TotalVariation, law(p), law(q), 40_000, &mut rng).unwrap();
    assert!((found.value - exact.value).abs() < found.error_bound && found.error_bound < 0.02);
    // Laws far apart are not missed.
    let (p, q) = ("mvn 2 0 0 1 0 0 1", "mvn 2 300 0 1 0 0 2");
    let far = divergence_by_sampling(&JensenShannon::half(), law(p), law(q), 1000, &mut rng).unwrap();
    assert!((far.value - std::f64::consts::LN_2).abs() < 1e-12);
}

#[test]
fn the_seed_decides_and_other_families_are_refused() {
    let run = |seed| {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let (p, q) = (law("mvn 2 0 0 1 0 0 1"), law("mvn 2 1 0 2 0 0 2"));
        divergence_by_sampling(&LeCam, p, q, 500, &mut rng).unwrap().value
    };
    assert_eq!(run(3).to_bits(), run(3).to_bits());
    assert_ne!(run(3).to_bits(), run(4).to_bits());
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let refused = divergence_by_sampling(&LeCam, law("normal 0 1"), law("normal 1 1"), 500, &mut rng);
    assert_eq!(refused, Err(DistributionError::NoSampler { family: "normal" }));
    let few = divergence_by_sampling(&LeCam, law("dirichlet 1 1 1"), law("dirichlet 1 2 1"), 3, &mut rng);
    assert!(matches!(few, Err(DistributionError::OutOfRange { .. })));
}
