//! Brute force: all paths of a small chain, and tests of frequencies.

use proptest::prelude::*;
use tangency_recurrence::{Frames, Semiring, SemiringChain, Transitions, scan, scan_all};

/// A chain with its emission scores, positions as rows; start and end scores are 0.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) states: usize,
    pub(crate) transitions: Vec<f64>,
    pub(crate) emissions: Vec<f64>,
}

impl Case {
    /// Emissions ((3t + 2k) mod 7)/3 - 1 and transitions ((2i + 5j) mod 5)/4 - 1/2, three states, four positions.
    pub(crate) fn golden() -> Self {
        let emissions = (0..12).map(|n| f64::from((3 * (n / 3) + 2 * (n % 3)) % 7) / 3.0 - 1.0).collect();
        let transitions = (0..9).map(|n| f64::from((2 * (n / 3) + 5 * (n % 3)) % 5) / 4.0 - 0.5).collect();
        Self { states: 3, transitions, emissions }
    }

    pub(crate) fn positions(&self) -> usize {
        self.emissions.len() / self.states
    }

    /// The largest score times the number of positions, at least that number.
    pub(crate) fn size(&self) -> f64 {
        let scores = self.transitions.iter().chain(&self.emissions).filter(|s| s.is_finite());
        scores.fold(1.0, |m: f64, s| m.max(s.abs())) * self.positions() as f64
    }

    /// Every path with its score.
    pub(crate) fn paths(&self) -> Vec<(Vec<usize>, f64)> {
        let (k, n) = (self.states, self.positions());
        (0..k.pow(n as u32))
            .map(|mut code| {
                let path: Vec<usize> = (0..n)
                    .map(|_| {
                        let state = code % k;
                        code /= k;
                        state
                    })
                    .collect();
                let emitted: f64 = path.iter().enumerate().map(|(t, &s)| self.emissions[t * k + s]).sum();
                let moved: f64 = path.windows(2).map(|w| self.transitions[w[0] * k + w[1]]).sum();
                (path, emitted + moved)
            })
            .collect()
    }

    pub(crate) fn chain<S: Semiring>(&self, semiring: S) -> SemiringChain<S> {
        SemiringChain::new(semiring, Transitions::new(self.states, &self.transitions).unwrap())
    }

    pub(crate) fn frames(&self) -> Frames<'_, f64> {
        Frames::new(&self.emissions[..], self.states)
    }

    /// The sum over all paths.
    pub(crate) fn total<S: Semiring>(&self, semiring: S) -> S::Element {
        let mut chain = self.chain(semiring);
        let mut state = chain.initial(&self.emissions[..self.states]).unwrap();
        scan(&mut chain, 1..self.positions(), self.frames(), &mut state).unwrap();
        chain.finish(&state, &vec![0.0; self.states]).unwrap()
    }

    /// All states and the sum over all paths.
    pub(crate) fn states<S: Semiring>(&self, semiring: S) -> (Vec<S::Element>, S::Element) {
        let mut chain = self.chain(semiring);
        let initial = chain.initial(&self.emissions[..self.states]).unwrap();
        let states = scan_all(&mut chain, 1..self.positions(), self.frames(), &initial).unwrap();
        let total = chain.finish(&states[states.len() - self.states..], &vec![0.0; self.states]).unwrap();
        (states, total)
    }
}

/// ln of a sum of exponentials.
pub(crate) fn log_sum(scores: impl Iterator<Item = f64> + Clone) -> f64 {
    let peak = scores.clone().fold(f64::NEG_INFINITY, f64::max);
    if peak == f64::NEG_INFINITY { peak } else { peak + scores.map(|s| (s - peak).exp()).sum::<f64>().ln() }
}

/// Scores in multiples of 1/4, so that sums are exact and ties frequent; one in eight forbidden.
pub(crate) fn dyadic() -> impl Strategy<Value = f64> + Clone {
    (0..8, -12..=12).prop_map(|(forbid, n)| if forbid == 0 { f64::NEG_INFINITY } else { f64::from(n) / 4.0 })
}

/// Scores of moderate size, scores so far apart that exponentials underflow, and forbidden ones.
pub(crate) fn score() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![6 => -3.0..3.0, 1 => -2000.0..2000.0, 1 => Just(f64::NEG_INFINITY)]
}

/// Small chains with such scores.
pub(crate) fn case(score: impl Strategy<Value = f64> + Clone + 'static) -> impl Strategy<Value = Case> {
    (1_usize..=4, 1_usize..=5).prop_flat_map(move |(states, positions)| {
        (
            prop::collection::vec(score.clone(), states * states),
            prop::collection::vec(score.clone(), states * positions),
        )
            .prop_map(move |(transitions, emissions)| Case { states, transitions, emissions })
    })
}

/// Whether two log-weights are equal to `tolerance`, relative to their size or 1.
pub(crate) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY {
        return a.to_bits() == b.to_bits();
    }
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// The G statistic of counts against probabilities, and a bound that it exceeds with probability below 1e-6.
///
/// G = 2 sum O ln(O/E) is chi-square with (cells - 1) degrees of freedom if the counts are right. The bound is that of
/// Laurent and Massart (2000), lemma 1: P(chi2_d >= d + 2 sqrt(d x) + 2 x) <= e^-x, at x = 14.
pub(crate) fn g_test(counts: &[usize], probabilities: &[f64]) -> (f64, f64) {
    let n = counts.iter().sum::<usize>() as f64;
    let mut g = 0.0;
    for (&count, &p) in counts.iter().zip(probabilities) {
        assert!(p > 0.0 || count == 0, "something impossible was drawn {count} times");
        if count > 0 {
            g += 2.0 * count as f64 * (count as f64 / (n * p)).ln();
        }
    }
    let d = probabilities.iter().filter(|&&p| p > 0.0).count() as f64 - 1.0;
    (g, d + 2.0 * (14.0 * d).sqrt() + 28.0)
}
