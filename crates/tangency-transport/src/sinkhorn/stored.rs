//! The entries of the plan that matter, stored: an iteration is then two sparse products instead of two passes of exponentials.

use crate::entropic::{Potentials, Problem, index};
use crate::error::Side;
use crate::parallel::for_parts_mut;
use crate::sweep::opposite;
use tangency_vmath::exp;

/// How far potentials may move from those that a kernel was computed with, in units of ε, both sides together.
const DRIFT: f64 = 8.0;
/// Entries of a sparse product that one task adds up, about.
const LINES: usize = 256;

/// The entries $k_{ij} = e^{(f_i + g_j - c_{ij}) / \varepsilon}$ that are at least δ, by rows and by columns, and what the
/// potentials have moved by since, $u_i = e^{\Delta f_i / \varepsilon}$ and $v_j = e^{\Delta g_j / \varepsilon}$.
///
/// What is left out of row $i$ is at most $\delta a_i$, and of column $j$ at most $\delta b_j$, while $u_i v_j \le 1$; and
/// $e^8$ times as much as long as [`drifted`](Self::drifted) says no. So the fixed point of the stored entries has margins
/// that are right to $3000 \delta$ in all, which is chosen to be a tenth of the tolerance.
pub(super) struct Stored {
    epsilon: f64,
    base: Potentials,
    /// Weights times $u$ and $v$.
    multipliers: [Vec<f64>; 2],
    /// The logarithms of $u$ and $v$.
    moved: [Vec<f64>; 2],
    compressed: [Compressed; 2],
}

/// Lines of a sparse matrix.
#[derive(Default)]
struct Compressed {
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f64>,
}

impl Stored {
    /// Stores the entries, unless there are more than `limit`.
    pub(super) fn new(
        problem: &Problem<'_>,
        epsilon: f64,
        potentials: &Potentials,
        tolerance: f64,
        limit: usize,
    ) -> Option<Self> {
        let sweeps = &problem.sweeps;
        let side = sweeps.native();
        let other = opposite(side);
        if sweeps.count(other) > u32::MAX as usize || sweeps.count(side) > u32::MAX as usize {
            return None;
        }
        // An element without weight takes part in no sum, but has one, and a potential that follows from it.
        let exponents: Vec<f64> = potentials.of(other).iter().map(|g| g / epsilon).collect();
        let cut = (tolerance / 3e4).ln();
        let shifts: Vec<f64> = potentials.of(side).iter().map(|f| -f / epsilon).collect();
        let counts = sweeps.count_lines(side, &exponents, -1.0 / epsilon, &shifts, cut);
        let mut starts = Vec::with_capacity(counts.len() + 1);
        starts.push(0);
        for count in counts {
            let next = starts[starts.len() - 1] + count;
            if next > limit {
                return None;
            }
            starts.push(next);
        }
        let (indices, values) = sweeps.kept_lines(side, &exponents, -1.0 / epsilon, &shifts, cut, &starts);
        let lines = Compressed { starts, indices, values };
        let turned = lines.transpose(sweeps.count(other));
        let compressed = if side == Side::Source { [lines, turned] } else { [turned, lines] };
        let both = [Side::Source, Side::Target];
        Some(Self {
            epsilon,
            base: potentials.clone(),
            multipliers: both.map(|side| problem.weights(side).to_vec()),
            moved: both.map(|side| vec![0.0; sweeps.count(side)]),
            compressed,
        })
    }

    /// As [`ln_ratios`](crate::entropic::ln_ratios), from the stored entries.
    pub(super) fn ln_ratios(&self, side: Side, out: &mut Vec<f64>) {
        let moved = &self.moved[index(side)];
        let vector = &self.multipliers[index(opposite(side))];
        let lines = &self.compressed[index(side)];
        out.clear();
        out.resize(moved.len(), 0.0);
        for_parts_mut(out, LINES, |first, part| {
            for (k, out) in part.iter_mut().enumerate() {
                *out = lines.product(first + k, vector).ln() + moved[first + k];
            }
        });
    }

    /// Takes notice of new potentials of a side.
    pub(super) fn follow(&mut self, side: Side, potentials: &Potentials, weights: &[f64]) {
        let moved = &mut self.moved[index(side)];
        for ((moved, now), base) in moved.iter_mut().zip(potentials.of(side)).zip(self.base.of(side)) {
            *moved = (now - base) / self.epsilon;
        }
        let multipliers = &mut self.multipliers[index(side)];
        multipliers.copy_from_slice(moved);
        exp(multipliers);
        multipliers.iter_mut().zip(weights).for_each(|(u, w)| *u *= w);
    }

    /// Whether the entries that were left out may matter by now.
    pub(super) fn drifted(&self) -> bool {
        let most = |moved: &[f64]| moved.iter().fold(f64::NEG_INFINITY, |most, x| most.max(*x));
        let moved = most(&self.moved[0]) + most(&self.moved[1]);
        moved.is_nan() || moved > DRIFT
    }
}

impl Compressed {
    fn product(&self, line: usize, vector: &[f64]) -> f64 {
        let part = self.starts[line]..self.starts[line + 1];
        let (indices, values) = (&self.indices[part.clone()], &self.values[part]);
        let mut sums = [0.0; 4];
        let ((index_chunks, index_rest), (value_chunks, value_rest)) =
            (indices.as_chunks::<4>(), values.as_chunks::<4>());
        for (i, x) in index_chunks.iter().zip(value_chunks) {
            for k in 0..4 {
                sums[k] += x[k] * vector[i[k] as usize];
            }
        }
        for (k, (i, x)) in index_rest.iter().zip(value_rest).enumerate() {
            sums[k] += x * vector[*i as usize];
        }
        (sums[0] + sums[2]) + (sums[1] + sums[3])
    }

    /// The same entries by their other index.
    fn transpose(&self, lines: usize) -> Self {
        let mut starts = vec![0; lines + 1];
        for &i in &self.indices {
            starts[i as usize + 1] += 1;
        }
        for i in 0..lines {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let (mut indices, mut values) = (vec![0; self.indices.len()], vec![0.0; self.values.len()]);
        for line in 0..self.starts.len() - 1 {
            for entry in self.starts[line]..self.starts[line + 1] {
                let place = &mut next[self.indices[entry] as usize];
                indices[*place] = line as u32;
                values[*place] = self.values[entry];
                *place += 1;
            }
        }
        Self { starts, indices, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Cost, Metric};
    use crate::entropic::ln_ratios;
    use faer::Mat;

    /// Weights and points that are neither symmetric nor of one size, one of them without mass.
    fn problem<'a>(x: &'a Mat<f64>, y: &'a Mat<f64>) -> Problem<'a> {
        let weights = |count: usize, missing: usize| -> Vec<f64> {
            let raw: Vec<f64> =
                (0..count).map(|i| if i == missing { 0.0 } else { 1.0 + (i * i % 7) as f64 }).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|w| w / sum).collect()
        };
        let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
        Problem::of_weights([weights(x.nrows(), 3), weights(y.nrows(), 5)], 1.0, &cost).unwrap()
    }

    /// With everything stored, and after the potentials have moved, the ratios are those of the logarithmic domain.
    #[test]
    fn stored_entries_give_the_ratios_of_the_logarithmic_domain() {
        let cloud = |n: usize, step: usize| Mat::from_fn(n, 2, |i, k| (i * step % 97 + 13 * k) as f64 / 97.0);
        let (x, y) = (cloud(37, 31), cloud(23, 57));
        let problem = problem(&x, &y);
        let epsilon = 0.05;
        let (mut exponents, mut exact, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let mut potentials = Potentials::zero(&problem);
        let mut stored = Stored::new(&problem, epsilon, &potentials, 1e-300, usize::MAX).unwrap();
        for round in 0..6 {
            for side in [Side::Source, Side::Target] {
                ln_ratios(&problem, epsilon, &potentials, side, &mut exponents, &mut exact);
                stored.ln_ratios(side, &mut found);
                for (i, (found, exact)) in found.iter().zip(&exact).enumerate() {
                    assert!((found - exact).abs() < 1e-13, "{round} {side} {i}: {found} {exact}");
                }
                // A step of the iteration, and some more on one element.
                for (f, x) in potentials.of_mut(side).iter_mut().zip(&exact) {
                    *f -= 0.9 * epsilon * x;
                }
                potentials.of_mut(side)[round] += 0.3 * epsilon;
                stored.follow(side, &potentials, problem.weights(side));
            }
        }
        assert!(!stored.drifted());
        potentials.of_mut(Side::Source)[0] += 20.0 * epsilon;
        stored.follow(Side::Source, &potentials, problem.weights(Side::Source));
        assert!(stored.drifted());
    }

    /// What is left out of a line is what the documentation says, and too many entries are refused.
    #[test]
    fn what_is_left_out_is_small() {
        let cloud = |n: usize, step: usize| Mat::from_fn(n, 2, |i, k| (i * step % 97 + 13 * k) as f64 / 97.0);
        let (x, y) = (cloud(37, 31), cloud(23, 57));
        let problem = problem(&x, &y);
        let (epsilon, tolerance) = (0.05, 1e-3);
        let (mut exponents, mut exact, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let potentials = Potentials::zero(&problem);
        let stored = Stored::new(&problem, epsilon, &potentials, tolerance, usize::MAX).unwrap();
        let kept = stored.compressed[0].values.len();
        assert!(kept < 37 * 23 && kept == stored.compressed[1].values.len());
        for side in [Side::Source, Side::Target] {
            ln_ratios(&problem, epsilon, &potentials, side, &mut exponents, &mut exact);
            stored.ln_ratios(side, &mut found);
            for (found, exact) in found.iter().zip(&exact) {
                let lost = exact.exp() - found.exp();
                assert!((-1e-15..=tolerance / 3e4).contains(&lost), "{side}: {lost}");
            }
        }
        assert!(Stored::new(&problem, epsilon, &potentials, tolerance, kept - 1).is_none());
        assert!(Stored::new(&problem, epsilon, &potentials, tolerance, kept).is_some());
    }
}
