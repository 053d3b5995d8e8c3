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
        // An element without weight takes part in no sum.
        let exponents: Vec<f64> = potentials
            .of(other)
            .iter()
            .zip(problem.weights(other))
            .map(|(g, w)| if *w > 0.0 { g / epsilon } else { f64::NEG_INFINITY })
            .collect();
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
