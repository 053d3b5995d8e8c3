//! The laws of semirings, and the kernels that override the provided ones.

use crate::paths::{close, dyadic, g_test, score};
use proptest::prelude::*;
use rand_pcg::{Pcg64, rand_core::SeedableRng};
use tangency_recurrence::{
    Counting, Expectation, Labelled, LogSumExp, MaxPlus, Sampling, Semiring, Transitions, WeightedMean,
};

/// All laws for three elements; `same` compares, `same_sum` compares what need not commute in everything.
fn laws<S: Semiring<Element: std::fmt::Debug>>(
    mut s: S,
    [a, b, c]: [&S::Element; 3],
    same: impl Fn(&S::Element, &S::Element) -> bool,
    same_sum: impl Fn(&S::Element, &S::Element) -> bool,
) {
    let equal = |law: &str, x: S::Element, y: S::Element| assert!(same(&x, &y), "{law}: {x:?} and {y:?}");
    let (zero, one) = (s.zero(), s.one());

    let (ab, bc) = (s.add(a, b), s.add(b, c));
    equal("addition is associative", s.add(&ab, c), s.add(a, &bc));
    let ba = s.add(b, a);
    assert!(same_sum(&ab, &ba), "addition commutes: {ab:?} and {ba:?}");
    equal("zero on the right", s.add(a, &zero), a.clone());
    equal("zero on the left", s.add(&zero, a), a.clone());

    let (product_ab, product_bc) = (s.multiply(a, b), s.multiply(b, c));
    equal("multiplication is associative", s.multiply(&product_ab, c), s.multiply(a, &product_bc));
    equal("one on the right", s.multiply(a, &one), a.clone());
    equal("one on the left", s.multiply(&one, a), a.clone());
    equal("zero swallows on the right", s.multiply(a, &zero), zero.clone());
    equal("zero swallows on the left", s.multiply(&zero, a), zero.clone());

    let product_ac = s.multiply(a, c);
    equal("from the left", s.multiply(a, &bc), s.add(&product_ab, &product_ac));
    equal("from the right", s.multiply(&ab, c), s.add(&product_ac, &product_bc));
}

fn labelled() -> impl Strategy<Value = Labelled> {
    (dyadic(), prop::option::of(0_usize..3)).prop_map(|(score, label)| MaxPlus.lift(score, label))
}

fn weighted_mean() -> impl Strategy<Value = WeightedMean> {
    (dyadic(), -3.0..3.0).prop_map(|(log_weight, mean)| {
        if log_weight == f64::NEG_INFINITY { Expectation.zero() } else { WeightedMean { log_weight, mean } }
    })
}

fn count() -> impl Strategy<Value = u128> {
    prop_oneof![0_u128..5, Just(1 << 64), Just(u128::MAX / 3), Just(u128::MAX - 1), Just(u128::MAX)]
}

proptest! {
    #[test]
    fn log_sum_exp_is_a_semiring(a in dyadic(), b in dyadic(), c in dyadic()) {
        let same = |x: &f64, y: &f64| close(*x, *y, 4e-16);
        laws(LogSumExp, [&a, &b, &c], same, |x, y| x.to_bits() == y.to_bits());
    }

    #[test]
    fn max_plus_is_a_semiring_and_commutes_on_scores(a in labelled(), b in labelled(), c in labelled()) {
        laws(MaxPlus, [&a, &b, &c], |x, y| x == y, |x, y| x.score.to_bits() == y.score.to_bits());
    }

    #[test]
    fn counting_is_a_semiring_saturation_included(a in count(), b in count(), c in count()) {
        laws(Counting, [&a, &b, &c], |x, y| x == y, |x, y| x == y);
    }

    #[test]
    fn expectation_is_a_semiring(a in weighted_mean(), b in weighted_mean(), c in weighted_mean()) {
        let same = |x: &WeightedMean, y: &WeightedMean| {
            close(x.log_weight, y.log_weight, 4e-16) && close(x.mean, y.mean, 2e-15)
        };
        laws(Expectation, [&a, &b, &c], same, same);
    }

    #[test]
    fn sampling_weights_are_those_of_the_log_semiring(a in dyadic(), b in dyadic(), c in dyadic(), seed: u64) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let lift = |score| MaxPlus.lift(score, Some(0));
        let same = |x: &Labelled, y: &Labelled| close(x.score, y.score, 4e-16);
        laws(Sampling::new(&mut rng), [&lift(a), &lift(b), &lift(c)], same, same);
    }

    #[test]
    fn the_vectorised_maximum_is_the_provided_one_ties_included(
        states in 1_usize..20,
        scores in prop::collection::vec(dyadic(), 19 * 19 + 19),
        before in prop::collection::vec(labelled(), 19),
    ) {
        let (emissions, matrix) = scores.split_at(19);
        let (before, emissions) = (&before[..states], &emissions[..states]);
        let transitions = Transitions::new(states, &matrix[..states * states]).unwrap();
        let (mut fast, mut plain) = (vec![MaxPlus.one(); states], vec![MaxPlus.one(); states]);
        MaxPlus.advance(&transitions, emissions, before, &mut fast);
        Plain(MaxPlus).advance(&transitions, emissions, before, &mut plain);
        prop_assert_eq!(fast, plain);
    }

    #[test]
    fn the_overridden_kernels_agree_with_the_provided_ones(
        states in 1_usize..20,
        scores in prop::collection::vec(score(), 19 * 19 + 2 * 19),
    ) {
        let (vector, rest) = scores.split_at(19);
        let (emissions, matrix) = rest.split_at(19);
        let (vector, emissions, matrix) = (&vector[..states], &emissions[..states], &matrix[..states * states]);
        let transitions = Transitions::new(states, matrix).unwrap();
        // Rounding of sums whose terms, of opposite signs, may be larger than they are.
        let size = scores.iter().filter(|s| s.is_finite()).fold(1.0, |m: f64, s| m.max(s.abs()));
        let same = |a: f64, b: f64| close(a, b, 0.0) || (a - b).abs() < 2e-15 * size;
        let (mut fast, mut plain) = (vec![f64::NAN; states], vec![f64::NAN; states]);

        LogSumExp.vector_matrix(vector, matrix, &mut fast);
        Plain(LogSumExp).vector_matrix(vector, matrix, &mut plain);
        for (f, p) in fast.iter().zip(&plain) {
            prop_assert!(same(*f, *p), "{f} and {p}");
        }

        LogSumExp.advance(&transitions, emissions, vector, &mut fast);
        Plain(LogSumExp).advance(&transitions, emissions, vector, &mut plain);
        for (f, p) in fast.iter().zip(&plain) {
            prop_assert!(same(*f, *p), "{f} and {p}");
        }
    }
}

/// A semiring without its overridden kernels.
struct Plain<S>(S);

impl<S: Semiring> Semiring for Plain<S> {
    type Element = S::Element;
    fn zero(&self) -> S::Element {
        self.0.zero()
    }
    fn one(&self) -> S::Element {
        self.0.one()
    }
    fn add(&mut self, first: &S::Element, second: &S::Element) -> S::Element {
        self.0.add(first, second)
    }
    fn multiply(&self, earlier: &S::Element, later: &S::Element) -> S::Element {
        self.0.multiply(earlier, later)
    }
    fn lift(&self, score: f64, label: Option<usize>) -> S::Element {
        self.0.lift(score, label)
    }
    fn score(&self, element: &S::Element) -> f64 {
        self.0.score(element)
    }
}

#[test]
fn blocks_of_rows_and_columns_join_at_every_number_of_states() {
    // Blocks are of 8 columns and 64 rows.
    for states in [1, 7, 8, 9, 16, 63, 64, 65, 131] {
        let scores: Vec<f64> = (0..states * (states + 2)).map(|i| (1.9 * i as f64).sin() * 5.0).collect();
        let (before, rest) = scores.split_at(states);
        let (emissions, matrix) = rest.split_at(states);
        let transitions = Transitions::new(states, matrix).unwrap();
        let (mut fast, mut plain) = (vec![0.0; states], vec![0.0; states]);
        LogSumExp.advance(&transitions, emissions, before, &mut fast);
        Plain(LogSumExp).advance(&transitions, emissions, before, &mut plain);
        let worst = fast.iter().zip(&plain).map(|(f, p)| (f - p).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-13, "{states} states: {worst}");
    }
}

/// One way to add up the same terms.
type Bracketing<'a> = &'a dyn Fn(&mut Sampling<'_, Pcg64>) -> Labelled;

#[test]
fn labels_are_drawn_by_weight_however_the_sum_is_bracketed() {
    let weights: [f64; 4] = [1.0, 4.0, 0.5, 2.5];
    let probabilities = weights.map(|w| w / 8.0);
    let mut rng = Pcg64::seed_from_u64(1);
    let mut s = Sampling::new(&mut rng);
    let x: Vec<Labelled> = weights.iter().enumerate().map(|(i, w)| s.lift(w.ln(), Some(i))).collect();
    let factor = s.lift(0.3, Some(9));
    let bracketings: [Bracketing<'_>; 4] = [
        &|s| x[1..].iter().fold(x[0], |sum, term| s.add(&sum, term)),
        &|s| x[..3].iter().rev().fold(x[3], |sum, term| s.add(term, &sum)),
        &|s| {
            let (left, right) = (s.add(&x[2], &x[0]), s.add(&x[3], &x[1]));
            s.add(&right, &left)
        },
        // a (x0 + x1) + a (x2 + x3): multiplication from the left keeps the later labels.
        &|s| {
            let (left, right) = (s.add(&x[0], &x[1]), s.add(&x[2], &x[3]));
            let (left, right) = (s.multiply(&factor, &left), s.multiply(&factor, &right));
            s.add(&left, &right)
        },
    ];
    for (n, sum) in bracketings.iter().enumerate() {
        let mut counts = [0; 4];
        for _ in 0..100_000 {
            counts[sum(&mut s).label.unwrap()] += 1;
        }
        let (g, bound) = g_test(&counts, &probabilities);
        assert!(g < bound, "bracketing {n}: G = {g} for {counts:?}");
    }
}

#[test]
fn extreme_weights_give_neither_overflow_nor_nan() {
    let forbid = f64::NEG_INFINITY;
    assert_eq!(LogSumExp.add(&forbid, &forbid).to_bits(), forbid.to_bits());
    assert_eq!(LogSumExp.add(&1e300, &-1e300), 1e300);
    assert!(LogSumExp.add(&f64::NAN, &forbid).is_nan() && LogSumExp.add(&forbid, &f64::NAN).is_nan());
    let mut product = [0.0; 9];
    LogSumExp.vector_matrix(&[forbid, f64::NAN], &[forbid; 18], &mut product);
    assert!(product.iter().all(|x| x.is_nan()), "a NaN must come out: {product:?}");
    LogSumExp.vector_matrix(&[forbid, 0.0], &[forbid; 18], &mut product);
    assert_eq!(product.map(f64::to_bits), [forbid.to_bits(); 9]);
    assert!(MaxPlus.add(&MaxPlus.one(), &MaxPlus.lift(f64::NAN, None)).score.is_nan());
    assert!(MaxPlus.add(&MaxPlus.lift(f64::NAN, None), &MaxPlus.one()).score.is_nan());
    assert_eq!(Expectation.multiply(&Expectation.zero(), &Expectation.lift(5.0, None)), Expectation.zero());
    // Nothing is mixed in, and the difference of the means, which overflows, must not make a NaN of it.
    let (high, low) = (Expectation.lift(1e308, None), Expectation.lift(-1e308, None));
    assert_eq!((Expectation.add(&high, &low), Expectation.add(&low, &high)), (high, high));
    assert!(Expectation.score(&WeightedMean { log_weight: 0.0, mean: f64::INFINITY }).is_nan());
    // Zero swallows scores, not the mark of a failure.
    let failed = Labelled { score: f64::NAN, label: None };
    assert!(MaxPlus.multiply(&MaxPlus.zero(), &failed).score.is_nan());
    assert!(MaxPlus.multiply(&failed, &MaxPlus.zero()).score.is_nan());
    assert_eq!(Counting.lift(forbid, None), 0);
    assert_eq!(MaxPlus.lift(forbid, Some(2)), MaxPlus.zero());
}

#[test]
fn a_small_share_moves_the_mean() {
    // Weights 1 and e^-40 with means 0 and 1: the mean is e^-40 / (1 + e^-40), though 1 - share rounds to 1.
    let small = (-40.0_f64).exp();
    let (a, b) = (WeightedMean { log_weight: 0.0, mean: 0.0 }, WeightedMean { log_weight: -40.0, mean: 1.0 });
    for sum in [Expectation.add(&a, &b), Expectation.add(&b, &a)] {
        assert!((sum.mean / small - 1.0).abs() < 1e-15, "{sum:?}");
    }
}
