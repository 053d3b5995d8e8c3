//! p-values by permutation: exact where they can be enumerated, uniform where they are drawn, the same for any threads.

use crate::two_sample::{few, normal, of};
use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::ops::ControlFlow;
use tangency_divergence::{
    Grouping, KernelWidth, MmdKernel, PermutationProgress, Permutations, Reference, Sample, SampleError,
    TwoSampleTest, classifier_test, energy_test, mmd_block_test, mmd_linear_test, mmd_test,
    nearest_neighbour_scores, nearest_neighbour_test, permutation_test,
};

fn scores(p: Sample<'_>, q: Sample<'_>, points: faer::MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
    nearest_neighbour_scores(p, q, points, None)
}

type Test = fn(&Mat<f64>, &Mat<f64>, Permutations<'_>, &mut Pcg64) -> Result<TwoSampleTest, SampleError>;

fn mean_difference(split: &Grouping<'_>) -> f64 {
    let mean = |of: &[usize]| of.iter().map(|i| split.point(*i)[0]).sum::<f64>() / of.len() as f64;
    (mean(split.p()) - mean(split.q())).abs()
}

const TESTS: [(&str, Test); 5] = [
    ("mmd", |p, q, permutations, rng| {
        mmd_test(of(p), of(q), MmdKernel::Gaussian, KernelWidth::Given(1.0), permutations, rng)
    }),
    ("laplace", |p, q, permutations, rng| {
        mmd_test(of(p), of(q), MmdKernel::Laplace, KernelWidth::Given(0.5), permutations, rng)
    }),
    ("energy", |p, q, permutations, rng| energy_test(of(p), of(q), permutations, rng)),
    ("neighbours", |p, q, permutations, rng| nearest_neighbour_test(of(p), of(q), 2, permutations, rng)),
    ("means", |p, q, permutations, rng| permutation_test(of(p), of(q), mean_difference, permutations, rng)),
];

/// The points at these places, and the others.
fn shared_out(points: &Mat<f64>, marked: u32) -> (Mat<f64>, Mat<f64>) {
    let (p, q): (Vec<usize>, Vec<usize>) = (0..points.nrows()).partition(|i| marked >> i & 1 == 1);
    let of = |rows: &[usize]| Mat::from_fn(rows.len(), points.ncols(), |i, k| points[(rows[i], k)]);
    (of(&p), of(&q))
}

/// Gives each of the ways to share the points out to the test, which enumerates them itself: the p-values have to be exactly
/// the ranks of the statistics that the test reports.
fn every_labelling(points: &Mat<f64>, n: u32, test: Test) -> Vec<(f64, f64)> {
    let mut rng = Pcg64::seed_from_u64(7);
    let total = points.nrows();
    let outcomes: Vec<(f64, f64)> = (0..1_u32 << total)
        .filter(|marked| marked.count_ones() == n)
        .map(|marked| {
            let (p, q) = shared_out(points, marked);
            let test = test(&p, &q, few(999), &mut rng).unwrap();
            assert!(matches!(test.reference, Reference::AllPermutations { .. }), "{test:?}");
            (test.statistic, test.p_value)
        })
        .collect();
    let all = outcomes.len() as f64;
    for (statistic, p_value) in &outcomes {
        let rank = outcomes.iter().filter(|(other, _)| *other >= statistic - 1e-13).count() as f64;
        assert!((p_value - rank / all).abs() < 1e-15, "{statistic} {p_value} {rank} {all}");
    }
    // P(p <= α) <= α for every α, which follows from the ranks; with ties it is strict somewhere.
    for (_, level) in &outcomes {
        assert!(outcomes.iter().filter(|(_, p)| p <= level).count() as f64 <= level * all + 1e-9);
    }
    outcomes
}

#[test]
fn p_values_are_ranks_among_all_labellings() {
    let mut rng = Pcg64::seed_from_u64(8);
    for d in [1, 2] {
        for (name, test) in TESTS {
            // Unequal sizes: no two labellings are the same but for the names, so that without ties p is uniform.
            let outcomes = every_labelling(&normal(7, d, 0.0, &mut rng), 3, test);
            let mut p_values: Vec<f64> = outcomes.iter().map(|(_, p)| *p).collect();
            p_values.sort_by(f64::total_cmp);
            if name != "neighbours" {
                for (i, p) in p_values.iter().enumerate() {
                    assert!((p - (i + 1) as f64 / 35.0).abs() < 1e-15, "{name} {d}");
                }
            }
            // Equal sizes: every labelling has a twin.
            let outcomes = every_labelling(&normal(6, d, 0.0, &mut rng), 3, test);
            assert!(outcomes.iter().all(|(_, p)| *p > 0.0999), "{name} {d}");
            every_labelling(&normal(8, d, 0.0, &mut rng), 4, test);
            every_labelling(&normal(7, d, 0.0, &mut rng), 5, test);
        }
    }
}

/// Lattices, copies and one single point seven times: ties everywhere, and statistics that differ by rounding alone.
#[test]
fn ties_make_p_larger_and_never_smaller() {
    let lattice = Mat::from_fn(8, 2, |i, k| 0.1 * [(i % 3) as f64, (i / 3) as f64][k]);
    let copies = Mat::from_fn(7, 1, |i, _| [0.1, 0.3, 0.3, 0.3, 0.7, 0.7, 1.1][i]);
    let one = Mat::from_fn(7, 3, |_, _| 0.3);
    for (name, test) in TESTS {
        // A difference of equal means is nothing but rounding, so it is rounded to nothing, as the documentation advises.
        let rounded: Test = |p, q, permutations, rng| {
            let statistic = |split: &Grouping<'_>| (1e9 * mean_difference(split)).round();
            permutation_test(of(p), of(q), statistic, permutations, rng)
        };
        let test = if name == "means" { rounded } else { test };
        every_labelling(&lattice, 4, test);
        every_labelling(&copies, 3, test);
        assert!(every_labelling(&one, 3, test).iter().all(|(_, p)| *p == 1.0), "{name}");
    }
}

/// Copies in order: a neighbour search that prefers the first of equals would find its own sample everywhere.
#[test]
fn neighbours_that_are_tied_do_not_see_the_labels() {
    let mut rng = Pcg64::seed_from_u64(9);
    let mut small = 0;
    for _ in 0..200 {
        let mut counts = |n: usize| Mat::from_fn(n, 1, |_, _| (rng.random::<f64>() * 4.0).floor());
        let (p, q) = (counts(40), counts(20));
        let test = nearest_neighbour_test(of(&p), of(&q), 3, few(99), &mut rng).unwrap();
        small += usize::from(test.p_value <= 0.1);
    }
    // Binomial with mean 20 at most and standard deviation 4.2.
    assert!(small <= 37, "{small}");
}

/// Kolmogorov and Smirnov's distance of 200 p-values from the uniform distribution on 1/100, ..., 1; 1.63 / √200 is the
/// 0.99 quantile, and the discreteness adds at most 1/100.
#[test]
fn p_values_are_uniform_without_a_difference() {
    for (name, test) in TESTS {
        let mut rng = Pcg64::seed_from_u64(10);
        let mut p_values: Vec<f64> = (0..200)
            .map(|_| {
                let (p, q) = (normal(12, 2, 0.0, &mut rng), normal(9, 2, 0.0, &mut rng));
                test(&p, &q, few(99), &mut rng).unwrap().p_value
            })
            .collect();
        p_values.sort_by(f64::total_cmp);
        let excess = |(i, p): (usize, &f64)| (i + 1) as f64 / 200.0 - p;
        let above = p_values.iter().enumerate().map(excess).fold(0.0, f64::max);
        let below = p_values.iter().enumerate().map(|(i, p)| p - i as f64 / 200.0).fold(0.0, f64::max);
        assert!(above < 1.63 / 200f64.sqrt(), "{name}: {above}");
        // The neighbours' statistic has few values, so its p-values are larger than uniform ones.
        assert!(
            below < 1.63 / 200f64.sqrt() + if name == "neighbours" { 0.2 } else { 0.01 },
            "{name}: {below}"
        );
    }
}

/// The normal p-values are asymptotic: the share below 5 % among 1000 stays within 4 standard deviations (0.0069) and what the
/// skewness of a block adds.
#[test]
fn normal_p_values_have_their_level() {
    let mut rng = Pcg64::seed_from_u64(11);
    let (mut linear, mut blocks, mut classifier) = (0, 0, 0);
    for _ in 0..1000 {
        let (p, q) = (normal(400, 1, 0.0, &mut rng), normal(400, 1, 0.0, &mut rng));
        let width = KernelWidth::Given(1.0);
        let small = |p: f64| usize::from(p <= 0.05);
        linear += small(mmd_linear_test(of(&p), of(&q), MmdKernel::Gaussian, width).unwrap().p_value);
        blocks += small(mmd_block_test(of(&p), of(&q), MmdKernel::Gaussian, width, 4).unwrap().p_value);
        let (p, q) = (p.submatrix(0, 0, 30, 1).to_owned(), q.submatrix(0, 0, 40, 1).to_owned());
        classifier += small(classifier_test(of(&p), of(&q), scores, &mut rng).unwrap().p_value);
    }
    assert!((22..=78).contains(&linear), "{linear}");
    assert!((22..=88).contains(&blocks), "{blocks}");
    assert!((1..=78).contains(&classifier), "{classifier}"); // exact, and discrete: at most the level
}

#[test]
fn differences_are_found() {
    let mut rng = Pcg64::seed_from_u64(12);
    let (p, q) = (normal(60, 3, 0.0, &mut rng), normal(80, 3, 2.0, &mut rng));
    for (name, test) in TESTS {
        let test = test(&p, &q, few(199), &mut rng).unwrap();
        assert_eq!(test.p_value, 1.0 / 200.0, "{name}");
    }
    let test = classifier_test(of(&p), of(&q), scores, &mut rng).unwrap();
    assert!(test.p_value < 1e-6 && test.binomial_p_value.is_none(), "{test}");
    assert_eq!((test.p.points, test.q.points), (30, 40));
    let shares = [test.p, test.q].map(|held| held.right as f64 / held.points as f64);
    assert_eq!(test.accuracy, 0.5 * (shares[0] + shares[1]));
}

/// A table by hand: 3 of 4 P's and 4 of 4 Q's are called right. Hypergeometric: C(4,3) / C(8,3) = 4/56; coins: 9/256.
#[test]
fn the_classifier_test_counts_what_it_should() {
    let p = Mat::from_fn(8, 1, |i, _| i as f64);
    let q = Mat::from_fn(8, 1, |i, _| 100.0 + i as f64);
    let test = classifier_test(
        of(&p),
        of(&q),
        |train_p, train_q, points| {
            assert!(train_p.points().col(0).iter().all(|x| *x < 8.0) && train_p.len() == 4);
            assert!(train_q.points().col(0).iter().all(|x| *x >= 100.0) && train_q.len() == 4);
            let all: Vec<f64> = points.col(0).iter().chain(train_p.points().col(0).iter()).copied().collect();
            assert_eq!(all.iter().filter(|x| **x < 8.0).sum::<f64>(), 28.0); // each point once
            Ok(vec![1.0, 2.0, 0.0, 1.0, -1.0, 0.0, -2.0, -0.0])
        },
        &mut Pcg64::seed_from_u64(1),
    )
    .unwrap();
    assert_eq!((test.p.right, test.q.right, test.accuracy), (3, 4, 0.875));
    assert!((test.p_value - 4.0 / 56.0).abs() < 1e-15);
    assert!((test.binomial_p_value.unwrap() - 9.0 / 256.0).abs() < 1e-15);
    assert_eq!(test.to_string(), "accuracy = 0.8750 on 8 held-out points, p = 0.0714");
}

#[test]
fn a_custom_statistic_sees_points_and_distances() {
    let mut rng = Pcg64::seed_from_u64(13);
    for d in [1, 2] {
        let (p, q) = (normal(20, d, 0.0, &mut rng), normal(30, d, 1.0, &mut rng));
        let energy = |split: &Grouping<'_>| {
            let mean = |a: &[usize], b: &[usize]| {
                let sum: f64 = a.iter().flat_map(|i| b.iter().map(|j| split.distance(*i, *j))).sum();
                sum / (a.len() * b.len()) as f64
            };
            2.0 * mean(split.p(), split.q()) - mean(split.p(), split.p()) - mean(split.q(), split.q())
        };
        let own = energy_test(of(&p), of(&q), few(300), &mut Pcg64::seed_from_u64(1)).unwrap();
        let custom =
            permutation_test(of(&p), of(&q), energy, few(300), &mut Pcg64::seed_from_u64(1)).unwrap();
        assert!((own.statistic - custom.statistic).abs() < 1e-13);
        assert_eq!(own.reference, custom.reference);
        let test = permutation_test(
            of(&p),
            of(&q),
            |split| {
                assert_eq!((split.p().len(), split.q().len(), split.points().nrows()), (20, 30, 50));
                assert!(split.p().is_sorted() && split.points()[(7, 0)] == split.point(7)[0]);
                0.0
            },
            few(9),
            &mut rng,
        );
        assert_eq!(test.unwrap().p_value, 1.0);
    }
}

#[test]
fn an_observer_sees_and_stops() {
    let mut rng = Pcg64::seed_from_u64(14);
    let (p, q) = (normal(30, 2, 0.0, &mut rng), normal(30, 2, 0.0, &mut rng));
    for (_, test) in TESTS {
        let mut seen: Vec<PermutationProgress> = Vec::new();
        let mut observe = |progress: &PermutationProgress| {
            seen.push(*progress);
            if progress.at_least >= 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let permutations = Permutations { count: 100_000, observe: Some(&mut observe) };
        let outcome = test(&p, &q, permutations, &mut rng).unwrap();
        let last = seen.last().unwrap();
        assert!(last.permutations < 100_000 && last.total == 100_000 && last.statistic == outcome.statistic);
        let (permutations, at_least) = (last.permutations, last.at_least);
        assert_eq!(outcome.reference, Reference::Permutations { permutations, at_least });
        assert_eq!(outcome.p_value, (1 + at_least) as f64 / (1 + permutations) as f64);
    }
    // Part of an enumeration is a random part, and says so.
    let mut stop = |_: &PermutationProgress| ControlFlow::Break(());
    let permutations = Permutations { count: 2000, observe: Some(&mut stop) };
    let (p, q) = (normal(5, 1, 0.0, &mut rng), normal(7, 1, 0.0, &mut rng));
    let test = permutation_test(of(&p), of(&q), mean_difference, permutations, &mut rng).unwrap();
    assert!(matches!(test.reference, Reference::Permutations { permutations: 255, .. }), "{test:?}");
}

#[test]
fn outcomes_print_in_one_line() {
    let (p, q) = (Mat::from_fn(4, 1, |i, _| i as f64), Mat::from_fn(4, 1, |i, _| 2.5 + i as f64));
    let mut rng = Pcg64::seed_from_u64(15);
    let lines: Vec<String> =
        TESTS.iter().map(|(_, test)| test(&p, &q, few(99), &mut rng).unwrap().to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Counts are the same with and without the feature `rayon`, whose runs both compare with these numbers.
#[test]
fn counts_do_not_depend_on_threads_or_features() {
    let runs = || {
        let mut rng = Pcg64::seed_from_u64(16);
        let (p, q) = (normal(130, 3, 0.0, &mut rng), normal(90, 3, 0.2, &mut rng));
        TESTS.map(|(_, test)| test(&p, &q, few(700), &mut rng).unwrap())
    };
    let first = runs();
    let at_least = first.map(|test| match test.reference {
        Reference::Permutations { at_least, .. } => at_least,
        _ => usize::MAX,
    });
    insta::assert_snapshot!(format!("{at_least:?}"));
    if tangency_vmath::uses_fma() {
        insta::assert_snapshot!(format!("{:x?}", first.map(|test| test.statistic.to_bits())));
    }
    #[cfg(feature = "rayon")]
    for threads in 1..=3 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = pool.install(runs);
        for (a, b) in first.iter().zip(&again) {
            assert_eq!(a, b);
            assert_eq!(a.statistic.to_bits(), b.statistic.to_bits());
        }
    }
}
