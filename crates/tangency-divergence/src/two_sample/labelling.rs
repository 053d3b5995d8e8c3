//! Which points are called P's: the given labels, and other ways to share the same points out.

use super::pooled::LANES;
use rand::Rng;
use rand::seq::SliceRandom;

/// A batch of labellings. Each marks as many points as the smaller sample has.
#[derive(Debug)]
pub(super) struct Labellings {
    points: usize,
    count: usize,
    /// For every eight points one byte for each labelling; its lowest bit is the first point.
    codes: Vec<u8>,
}

impl Labellings {
    fn new(points: usize, count: usize) -> Self {
        Self { points, count, codes: vec![0; points.div_ceil(LANES) * count] }
    }

    fn mark(&mut self, labelling: usize, point: usize) {
        self.codes[point / LANES * self.count + labelling] |= 1 << (point % LANES);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many points each of them labels.
    pub(super) fn points(&self) -> usize {
        self.points
    }

    /// The labels of eight points in all labellings.
    pub(super) fn group(&self, group: usize) -> &[u8] {
        &self.codes[group * self.count..(group + 1) * self.count]
    }

    /// The labels of the eight points among which a point is.
    pub(super) fn group_of(&self, point: usize) -> &[u8] {
        self.group(point / LANES)
    }

    /// For every labelling the sum of the values of its marked points.
    pub(super) fn sums(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (group, values) in values.chunks(LANES).enumerate() {
            // As in the sums over pairs: 256 possible sums, of which each labelling reads one.
            let mut table = [0.0; 256];
            for subset in 1..256_usize {
                let value = values.get(subset.trailing_zeros() as usize).copied().unwrap_or(0.0);
                table[subset] = table[subset & (subset - 1)] + value;
            }
            for (sum, code) in sums.iter_mut().zip(self.group(group)) {
                *sum += table[usize::from(*code)];
            }
        }
        sums
    }

    /// Whether a point is marked.
    pub(super) fn is_marked(&self, labelling: usize, point: usize) -> bool {
        self.codes[point / LANES * self.count + labelling] >> (point % LANES) & 1 == 1
    }
}

/// Where the labellings of a test come from: the given one first, then others in random order.
#[derive(Debug)]
pub(super) struct LabellingSource {
    /// All points; those that the given labelling marks come first until they are shuffled.
    order: Vec<usize>,
    /// How many are marked.
    marked: usize,
    /// The labellings that are left, last one first, if they are few enough to take each of them once.
    all: Option<Vec<Vec<usize>>>,
    started: bool,
    left: usize,
}

impl LabellingSource {
    /// For n points of P followed by m of Q: at most `others` labellings after the given one. If there are no more than
    /// that, all of them.
    pub(super) fn new<R: Rng + ?Sized>(n: usize, m: usize, others: usize, rng: &mut R) -> Self {
        let marked = n.min(m);
        let order: Vec<usize> = if n <= m { (0..n + m).collect() } else { (n..n + m).chain(0..n).collect() };
        let mut left = others.saturating_add(1);
        let all = binomial(n + m, marked).filter(|all| all - 1 <= others).map(|all| {
            left = all;
            let mut subsets = subsets(n + m, marked);
            subsets[1..].shuffle(rng); // so that a test which is stopped has seen a random part of them
            subsets.reverse();
            subsets
        });
        Self { order, marked, all, started: false, left }
    }

    /// Whether every labelling comes once, instead of random ones.
    pub(super) fn is_exhaustive(&self) -> bool {
        self.all.is_some()
    }

    /// How many are still to come, the given one included.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next ones, at most `most`.
    pub(super) fn next<R: Rng + ?Sized>(&mut self, most: usize, rng: &mut R) -> Labellings {
        let count = self.left.min(most);
        self.left -= count;
        let mut labellings = Labellings::new(self.order.len(), count);
        for labelling in 0..count {
            if let Some(all) = &mut self.all {
                for place in all.pop().unwrap_or_default() {
                    labellings.mark(labelling, self.order[place]);
                }
            } else if self.started {
                for point in self.order.partial_shuffle(rng, self.marked).0 {
                    labellings.mark(labelling, *point);
                }
            } else {
                for point in &self.order[..self.marked] {
                    labellings.mark(labelling, *point);
                }
            }
            self.started = true;
        }
        labellings
    }
}

/// All subsets of k out of n in lexicographic order.
fn subsets(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut subset: Vec<usize> = (0..k).collect();
    let mut all = vec![subset.clone()];
    while let Some(last) = (0..k).rev().find(|i| subset[*i] < n - k + i) {
        let next = subset[last] + 1;
        for (step, place) in subset[last..].iter_mut().enumerate() {
            *place = next + step;
        }
        all.push(subset.clone());
    }
    all
}

/// The number of subsets of `k` out of `n`, unless it is beyond the range of numbers.
fn binomial(n: usize, k: usize) -> Option<usize> {
    let mut value = 1_usize;
    for i in 0..k {
        value = value.checked_mul(n - i)? / (i + 1);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeMap;

    fn labels(labellings: &Labellings) -> Vec<Vec<usize>> {
        let marked = |b| (0..labellings.points()).filter(|i| labellings.is_marked(b, *i)).collect();
        (0..labellings.count()).map(marked).collect()
    }

    #[test]
    fn all_labellings_come_once_each_if_there_are_few() {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
        for (n, m, given) in [(3, 4, vec![0, 1, 2]), (4, 3, vec![4, 5, 6])] {
            let mut source = LabellingSource::new(n, m, 34, &mut rng);
            assert!(source.is_exhaustive() && source.left() == 35);
            let mut all = labels(&source.next(20, &mut rng));
            assert_eq!(all[0], given);
            all.extend(labels(&source.next(20, &mut rng)));
            all.sort();
            all.dedup();
            assert_eq!((all.len(), source.left()), (35, 0));
            assert!(!LabellingSource::new(n, m, 33, &mut rng).is_exhaustive());
        }
    }

    /// Chi-squared over the 21 subsets: its 0.999 quantile with 20 degrees of freedom is 45.3.
    #[test]
    fn drawn_labellings_are_uniform() {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(2);
        let source = LabellingSource::new(5, 2, 20, &mut rng);
        let mut source = LabellingSource { all: None, left: 21_001, ..source };
        let all = labels(&source.next(usize::MAX, &mut rng));
        assert_eq!(all[0], [5, 6]);
        let mut counts = BTreeMap::new();
        for subset in &all[1..] {
            *counts.entry(subset).or_insert(0.0) += 1.0;
        }
        assert_eq!(counts.len(), 21);
        let chi_squared: f64 = counts.values().map(|count: &f64| (count - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi_squared < 45.3, "{chi_squared}");
    }
}
