//! The linear-chain CRF against enumeration of all paths.

use proptest::prelude::*;
use rand_pcg::{Pcg64, rand_core::SeedableRng};
use tangency_cells::{CrfError, CrfScores, LinearChainCrf};
use tangency_recurrence::RunError;
use tangency_testing::Golden;

const FORBID: f64 = f64::NEG_INFINITY;

/// The fields of tests/reference/crf.py.
fn golden_field(forbid: bool) -> (LinearChainCrf, Vec<f64>) {
    let positions = if forbid { 5 } else { 4 };
    let emissions =
        (0..3 * positions).map(|n| f64::from((3 * (n / 3) + 2 * (n % 3)) % 7) / 3.0 - 1.0).collect();
    let mut transitions: Vec<f64> =
        (0..9).map(|n| f64::from((2 * (n / 3) + 5 * (n % 3)) % 5) / 4.0 - 0.5).collect();
    let (mut start, mut end) = ([0.0; 3], [0.0; 3]);
    if forbid {
        (start, end) = ([-0.125, FORBID, 0.375], [0.0, -0.125, -0.5]);
        (transitions[2], transitions[8]) = (FORBID, FORBID);
    }
    (LinearChainCrf::new(&start, &transitions, &end).expect("valid scores"), emissions)
}

fn assert_close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{what}[{i}]: {got} and {want}");
    }
}

#[test]
fn two_fields_agree_with_enumeration_in_fifty_digits() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/crf.csv")).unwrap();
    for (name, forbid) in [("plain", false), ("forbidden", true)] {
        let (crf, emissions) = golden_field(forbid);
        let want = |what: &str| golden.numbers_where("value", "quantity", &format!("{name} {what}")).unwrap();
        let moments = crf.moments(&emissions).unwrap();
        let marginals = crf.marginals(&emissions).unwrap();
        let pairs = crf.pairwise_marginals(&emissions).unwrap();
        assert_close("ln Z", &[crf.log_partition(&emissions).unwrap()], &want("log_partition"), 1e-15);
        assert_close(
            "ln Z",
            &[moments.log_partition, marginals.log_partition],
            &want("log_partition").repeat(2),
            1e-15,
        );
        assert_close("E[s]", &[moments.expected_score], &want("expected_score"), 1e-15);
        assert_close("entropy", &[moments.entropy], &want("entropy"), 1e-15);
        assert_close("labels", &marginals.labels, &want("label"), 1e-15);
        assert_close("pairs", &pairs, &want("pair"), 1e-15);
        assert_close("best", &[crf.viterbi(&emissions).unwrap().score], &want("best_score"), 1e-15);
        assert_close("paths", &[crf.path_count(&emissions).unwrap() as f64], &want("path_count"), 0.0);
        let sums: Vec<f64> = (0..9).map(|ij| pairs.iter().skip(ij).step_by(9).sum()).collect();
        assert_close("transitions", &marginals.transitions, &sums, 1e-15);
    }
}

#[test]
fn a_tied_optimum_is_reported_by_the_tie_rule_and_moves_when_perturbed() {
    let (crf, mut emissions) = golden_field(false);
    let best = crf.viterbi(&emissions).unwrap();
    assert!((best.score - 3.0).abs() < 1e-15);
    assert!((crf.score(&emissions, &best.path).unwrap() - best.score).abs() < 1e-15);
    let ties: Vec<Vec<usize>> =
        all_paths(3, 4).filter(|p| (crf.score(&emissions, p).unwrap() - 3.0).abs() < 1e-12).collect();
    assert_eq!(ties.len(), 2);
    // Either of the two becomes the only best path, by raising one emission on which they differ.
    for (a, b) in [(0, 1), (1, 0)] {
        let t = (0..4).find(|&t| ties[a][t] != ties[b][t]).unwrap();
        emissions[3 * t + ties[a][t]] += 1e-6;
        assert_eq!(crf.viterbi(&emissions).unwrap().path, ties[a]);
        emissions[3 * t + ties[a][t]] -= 1e-6;
    }
}

/// All paths, the first label changing fastest.
fn all_paths(labels: usize, positions: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..labels.pow(positions as u32))
        .map(move |code| (0..positions).map(|t| code / labels.pow(t as u32) % labels).collect())
}

/// Scores of moderate size, with some forbidden, for K labels and T positions: start, transitions, end, emissions.
fn field() -> impl Strategy<Value = (LinearChainCrf, Vec<f64>)> {
    let score = prop_oneof![7 => -3.0..3.0, 1 => Just(FORBID)];
    (1_usize..=4, 1_usize..=5).prop_flat_map(move |(k, t)| {
        prop::collection::vec(score.clone(), k + k * k + k + t * k).prop_map(move |scores| {
            let (start, rest) = scores.split_at(k);
            let (transitions, rest) = rest.split_at(k * k);
            let (end, emissions) = rest.split_at(k);
            (LinearChainCrf::new(start, transitions, end).expect("valid scores"), emissions.to_vec())
        })
    })
}

proptest! {
    #[test]
    fn everything_agrees_with_enumeration((crf, emissions) in field(), seed: u64) {
        let k = crf.labels();
        let t = emissions.len() / k;
        let scored: Vec<(Vec<usize>, f64)> =
            all_paths(k, t).map(|p| { let s = crf.score(&emissions, &p).unwrap(); (p, s) }).collect();
        let allowed: Vec<&(Vec<usize>, f64)> = scored.iter().filter(|(_, s)| *s > FORBID).collect();
        prop_assert_eq!(crf.path_count(&emissions), Ok(allowed.len() as u128));
        let mut rng = Pcg64::seed_from_u64(seed);
        if allowed.is_empty() {
            let impossible = CrfError::Impossible { positions: t };
            prop_assert_eq!(crf.log_partition(&emissions).map(f64::to_bits), Ok(FORBID.to_bits()));
            prop_assert_eq!(crf.viterbi(&emissions), Err(impossible.clone()));
            prop_assert_eq!(crf.marginals(&emissions), Err(impossible.clone()));
            prop_assert_eq!(crf.pairwise_marginals(&emissions), Err(impossible.clone()));
            prop_assert_eq!(crf.moments(&emissions), Err(impossible.clone()));
            prop_assert_eq!(crf.sample(&emissions, &mut rng), Err(impossible));
            return Ok(());
        }
        let z: f64 = allowed.iter().map(|(_, s)| s.exp()).sum();
        assert_close("ln Z", &[crf.log_partition(&emissions).unwrap()], &[z.ln()], 1e-14);
        let moments = crf.moments(&emissions).unwrap();
        let mean = allowed.iter().map(|(_, s)| s * s.exp() / z).sum();
        assert_close("moments", &[moments.expected_score, moments.entropy], &[mean, z.ln() - mean], 1e-13);

        let best = crf.viterbi(&emissions).unwrap();
        let top = allowed.iter().map(|(_, s)| *s).fold(FORBID, f64::max);
        assert_close("best", &[best.score, crf.score(&emissions, &best.path).unwrap()], &[top; 2], 1e-14);

        let mut labels = vec![0.0; t * k];
        let mut pairs = vec![0.0; (t - 1) * k * k];
        for (path, s) in &allowed {
            let p = s.exp() / z;
            path.iter().enumerate().for_each(|(u, &l)| labels[u * k + l] += p);
            path.windows(2).enumerate().for_each(|(u, w)| pairs[(u * k + w[0]) * k + w[1]] += p);
        }
        let marginals = crf.marginals(&emissions).unwrap();
        assert_close("labels", &marginals.labels, &labels, 1e-13);
        assert_close("pairs", &crf.pairwise_marginals(&emissions).unwrap(), &pairs, 1e-13);

        // The loss of the best path, whose gradient is expected minus observed counts.
        let loss = crf.loss(&emissions, &best.path).unwrap();
        assert_close("loss", &[loss.value], &[z.ln() - top], 1e-13);
        let mut observed = vec![0.0; t * k];
        best.path.iter().enumerate().for_each(|(u, &l)| observed[u * k + l] = 1.0);
        let difference: Vec<f64> = labels.iter().zip(&observed).map(|(e, o)| e - o).collect();
        assert_close("emissions", &loss.gradient.emissions, &difference, 1e-13);
        assert_close("start", &loss.gradient.start, &difference[..k], 1e-13);
        assert_close("end", &loss.gradient.end, &difference[(t - 1) * k..], 1e-13);
        let path = crf.sample(&emissions, &mut rng).unwrap();
        prop_assert!(crf.score(&emissions, &path).unwrap() > FORBID, "{path:?} is forbidden");
    }

    #[test]
    fn the_gradient_of_the_loss_is_that_of_differences((crf, emissions) in field(), seed: u64) {
        let mut rng = Pcg64::seed_from_u64(seed);
        prop_assume!(crf.path_count(&emissions).unwrap() > 0);
        let path = crf.sample(&emissions, &mut rng).unwrap();
        let gradient = crf.loss(&emissions, &path).unwrap().gradient;
        let (a, b, c) = (crf.start().len(), crf.transitions().len(), crf.end().len());
        let scores = [crf.start(), crf.transitions(), crf.end(), &emissions].concat();
        let all = [gradient.start, gradient.transitions, gradient.end, gradient.emissions].concat();
        let loss = |scores: &[f64]| {
            let crf = LinearChainCrf::new(&scores[..a], &scores[a..a + b], &scores[a + b..a + b + c]).unwrap();
            crf.loss(&scores[a + b + c..], &path).unwrap().value
        };
        for (i, &derivative) in all.iter().enumerate() {
            if scores[i] == FORBID {
                prop_assert_eq!(derivative.to_bits(), 0);
                continue;
            }
            let h = 1e-3;
            let at = |shift: f64| {
                let mut moved = scores.clone();
                moved[i] += shift;
                loss(&moved)
            };
            let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            prop_assert!((derivative - difference).abs() < 2e-11, "{i}: {derivative} and {difference}");
        }
    }
}

#[test]
fn samples_have_the_distribution() {
    for forbid in [false, true] {
        let (crf, emissions) = golden_field(forbid);
        let t = emissions.len() / 3;
        let log_z = crf.log_partition(&emissions).unwrap();
        let probabilities: Vec<f64> =
            all_paths(3, t).map(|p| (crf.score(&emissions, &p).unwrap() - log_z).exp()).collect();
        let mut counts = vec![0_usize; probabilities.len()];
        let draws = 2000;
        for seed in 0..50 {
            let mut rng = Pcg64::seed_from_u64(seed);
            for path in crf.sample_many(&emissions, draws, &mut rng).unwrap().chunks(t) {
                counts[path.iter().rev().fold(0, |code, label| 3 * code + label)] += 1;
            }
        }
        let n = 50.0 * draws as f64;
        let cells = probabilities.iter().filter(|&&p| p > 0.0).count() as f64;
        let mut g = 0.0;
        for (&count, p) in counts.iter().zip(&probabilities) {
            assert!(*p > 0.0 || count == 0);
            if count > 0 {
                g += 2.0 * count as f64 * (count as f64 / (n * p)).ln();
            }
        }
        // G is chi-square with cells - 1 degrees of freedom: mean d, variance 2 d. The bound is exceeded with
        // probability below e^-14 (Laurent and Massart 2000, lemma 1).
        let d = cells - 1.0;
        assert!(g < d + 2.0 * (14.0 * d).sqrt() + 28.0, "G = {g} with {d} degrees of freedom");
    }
}

#[test]
fn one_seed_gives_one_path_and_many_are_one_after_another() {
    let (crf, emissions) = golden_field(true);
    let many = crf.sample_many(&emissions, 3, &mut Pcg64::seed_from_u64(5)).unwrap();
    let mut rng = Pcg64::seed_from_u64(5);
    let single: Vec<usize> = (0..3).flat_map(|_| crf.sample(&emissions, &mut rng).unwrap()).collect();
    assert_eq!(many, single);
    assert_eq!(crf.sample_many(&emissions, 0, &mut rng), Ok(vec![]));
}

#[test]
fn ten_thousand_positions_keep_their_digits() {
    let (k, t) = (5, 10_000);
    let emissions: Vec<f64> = (0..t * k).map(|i| 30.0 * (0.7 * i as f64).sin()).collect();
    // No transitions' preference: positions are independent, and everything has a closed form.
    let crf = LinearChainCrf::new(&vec![0.0; k], &vec![0.0; k * k], &vec![0.0; k]).unwrap();
    let softmax: Vec<f64> = emissions
        .chunks(k)
        .flat_map(|row| {
            let z: f64 = row.iter().map(|x| x.exp()).sum();
            row.iter().map(|x| x.exp() / z).collect::<Vec<_>>()
        })
        .collect();
    let log_z: f64 = emissions.chunks(k).map(|row| row.iter().map(|x| x.exp()).sum::<f64>().ln()).sum();
    let marginals = crf.marginals(&emissions).unwrap();
    assert!(log_z > 2e5);
    assert_close("ln Z", &[marginals.log_partition], &[log_z], 1e-13);
    // epsilon ln Z = 5e-11.
    assert_close("labels", &marginals.labels, &softmax, 1e-10);
    for row in marginals.labels.chunks(k) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-11);
    }
    assert_close("transitions", &[marginals.transitions.iter().sum()], &[(t - 1) as f64], 1e-11);
    let best = crf.viterbi(&emissions).unwrap();
    let first_largest = |row: &[f64]| (0..k).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    assert!(best.path.iter().zip(emissions.chunks(k)).all(|(&label, row)| label == first_largest(row)));
    let moments = crf.moments(&emissions).unwrap();
    let entropy: f64 = softmax.iter().map(|p| if *p > 0.0 { -p * p.ln() } else { 0.0 }).sum();
    assert!((moments.entropy - entropy).abs() < 1e-8, "{} and {entropy}", moments.entropy);
    assert_eq!(crf.path_count(&emissions), Ok(u128::MAX));
}

#[test]
fn bad_input_is_an_error_with_its_numbers() {
    let (crf, emissions) = golden_field(false);
    let new = LinearChainCrf::new;
    assert_eq!(new(&[], &[], &[]), Err(CrfError::NoLabels));
    let shape = |what, expected, got| Err(CrfError::Shape { what, expected, got });
    assert_eq!(new(&[0.0; 2], &[0.0; 3], &[0.0; 2]), shape(CrfScores::Transitions, 4, 3));
    assert_eq!(new(&[0.0; 2], &[0.0; 4], &[0.0; 1]), shape(CrfScores::End, 2, 1));
    let bad = new(&[0.0, f64::INFINITY], &[0.0; 4], &[0.0; 2]);
    assert_eq!(bad, Err(CrfError::Score { what: CrfScores::Start, index: 1, value: f64::INFINITY }));
    let nan = crf.log_partition(&[0.0, 0.0, 0.0, 0.0, f64::NAN, 0.0]);
    assert!(matches!(nan, Err(CrfError::Score { what: CrfScores::Emissions, index: 4, .. })), "{nan:?}");
    assert_eq!(crf.log_partition(&[]), Err(CrfError::NoPositions));
    assert_eq!(crf.viterbi(&[0.0; 4]).map(drop), shape(CrfScores::Emissions, 6, 4).map(drop));
    assert_eq!(crf.score(&emissions, &[0; 3]), Err(CrfError::PathLength { positions: 4, got: 3 }));
    assert_eq!(
        crf.score(&emissions, &[0, 0, 3, 0]),
        Err(CrfError::Label { position: 2, label: 3, labels: 3 })
    );
    for positions in [1, 2, 4] {
        let high = LinearChainCrf::new(&[1e308; 3], &[1e308; 9], &[1e308; 3]).unwrap();
        let emissions = vec![1e308; 3 * positions];
        assert!(matches!(high.log_partition(&emissions), Err(CrfError::Run(_))), "{positions}");
        assert!(matches!(high.viterbi(&emissions), Err(CrfError::Run(_))), "{positions}");
        assert!(matches!(high.marginals(&emissions), Err(CrfError::Run(_))), "{positions}");
    }
    let (crf, emissions) = golden_field(true);
    assert_eq!(crf.score(&emissions, &[0, 2, 0, 0, 0]).map(f64::to_bits), Ok(FORBID.to_bits()));
    assert_eq!(crf.loss(&emissions, &[0, 2, 0, 0, 0]), Err(CrfError::ForbiddenPath { positions: 5 }));
}

#[test]
fn scores_at_the_edge_of_the_range_give_the_value_or_an_error() {
    let field = |start: &[f64], transitions: &[f64]| {
        LinearChainCrf::new(start, transitions, &vec![0.0; start.len()]).unwrap()
    };
    let overflowed = |error: CrfError| matches!(error, CrfError::Run(RunError::NonFinite { .. }));
    // The sum is in range, though the emissions' own is not.
    let one = field(&[0.0], &[-1e308]);
    assert_eq!(one.score(&[1e308, 1e308], &[0, 0]), Ok(1e308));
    assert_eq!(one.log_partition(&[1e308, 1e308]), Ok(1e308));
    assert_eq!(one.loss(&[1e308, 1e308], &[0, 0]).unwrap().value, 0.0);
    let high = field(&[1e308; 2], &[0.0; 4]);
    assert!(overflowed(high.score(&[1e308; 2], &[0]).unwrap_err()));
    let ended = LinearChainCrf::new(&[1e308], &[0.0], &[FORBID]).unwrap();
    assert!(overflowed(ended.score(&[1e308], &[0]).unwrap_err()));
    // A second label without weight takes nothing from the mean, however far below.
    let moments = field(&[0.0; 2], &[0.0; 4]).moments(&[1e308, -1e308]).unwrap();
    assert_eq!((moments.log_partition, moments.expected_score, moments.entropy), (1e308, 1e308, 0.0));

    let mut rng = Pcg64::seed_from_u64(1);
    let steep = field(&[0.0; 2], &[1e308; 4]);
    let error = steep.sample(&[1e308, 0.0, -1e308, -1e308], &mut rng).unwrap_err();
    assert!(matches!(error, CrfError::Run(_)), "{error:?}");
    for count in [usize::MAX, usize::MAX / 4 + 1] {
        let many = field(&[0.0], &[0.0]).sample_many(&[0.0; 4], count, &mut rng);
        assert_eq!(many, Err(CrfError::TooManyPaths { count, positions: 4 }));
    }
}

#[cfg(feature = "serde")]
#[test]
fn saved_fields_come_back_bit_for_bit_forbidden_scores_included() {
    let start = [0.1, FORBID];
    let crf = LinearChainCrf::new(&start, &[1.0 / 3.0, FORBID, -2e-300, 7e22], &[0.0, -0.3]).unwrap();
    let text = serde_json::to_string(&crf).unwrap();
    assert_eq!(serde_json::from_str::<LinearChainCrf>(&text).unwrap(), crf);
    assert!(
        serde_json::from_str::<LinearChainCrf>(r#"{"start":[0.0],"transitions":[],"end":[0.0]}"#).is_err()
    );
}

/// A generator whose every number is 0.
struct Zeros;

impl rand_pcg::rand_core::TryRng for Zeros {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}

#[test]
fn the_smallest_uniform_number_draws_no_forbidden_label() {
    let crf = LinearChainCrf::new(&[FORBID, 0.0], &[0.0; 4], &[0.0; 2]).unwrap();
    assert_eq!(crf.sample(&[0.0; 2], &mut Zeros), Ok(vec![1]));
}
