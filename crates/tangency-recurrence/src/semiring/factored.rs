//! The loops of the log and max-plus semirings over a chain's transitions, vectorised.
//!
//! Blocks of columns keep their sums, or their maxima and labels, in registers while all rows go by.
#![allow(
    clippy::inline_always,
    reason = "an instruction set reaches only what is inlined into the dispatched function"
)]

use super::Labelled;
use crate::Transitions;
use tangency_vmath::{Kernel, Real};

/// Rows whose sources are exponentiated together, on the stack.
const ROWS: usize = 64;
/// Exponentials that fill a vector register, also where fewer are left.
const LANES: usize = 4;
/// Columns whose sums stay in registers while the rows go by.
const COLUMNS: usize = 8;

/// `source[i]` $= u_i = e^{\mathrm{before}_i - \mathrm{shift}}$.
pub(crate) struct Sources<'a> {
    pub(crate) before: &'a [f64],
    pub(crate) shift: f64,
    pub(crate) source: &'a mut [f64],
}

impl Kernel for Sources<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (source, &weight) in self.source.iter_mut().zip(self.before) {
            *source = (weight - self.shift).exp_lane::<FMA>();
        }
    }
}

/// `sums[j]` $= \sum_i u_i E_{ij}$, where the logarithms of $u_i$ are given, less `shift`; or $u_i$ itself.
pub(crate) struct WeightedRows<'a> {
    pub(crate) transitions: &'a Transitions,
    pub(crate) source: &'a [f64],
    /// If `source` holds logarithms: what to subtract from them.
    pub(crate) shift: Option<f64>,
    pub(crate) sums: &'a mut [f64],
}

impl Kernel for WeightedRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let states = self.transitions.states();
        self.sums.fill(0.0);
        let rows = self.transitions.weights().chunks(ROWS * states);
        for (source, rows) in self.source.chunks(ROWS).zip(rows) {
            let mut u = [0.0; ROWS];
            u[..source.len()].copy_from_slice(source);
            if let Some(shift) = self.shift {
                for u in u[..source.len().next_multiple_of(LANES)].as_chunks_mut::<LANES>().0 {
                    for x in u {
                        *x = (*x - shift).exp_lane::<FMA>();
                    }
                }
            }
            for (block, sums) in self.sums.chunks_mut(COLUMNS).enumerate() {
                let start = block * COLUMNS;
                if let Some(sums) = sums.first_chunk_mut::<COLUMNS>() {
                    let mut totals = *sums;
                    for (u, row) in u.iter().zip(rows.chunks_exact(states)) {
                        if let Some(weights) = row[start..].first_chunk::<COLUMNS>() {
                            for l in 0..COLUMNS {
                                totals[l] = u.mul_add_lane::<FMA>(weights[l], totals[l]);
                            }
                        }
                    }
                    *sums = totals;
                } else {
                    for (u, row) in u.iter().zip(rows.chunks_exact(states)) {
                        for (sum, weight) in sums.iter_mut().zip(&row[start..]) {
                            *sum = u.mul_add_lane::<FMA>(*weight, *sum);
                        }
                    }
                }
            }
        }
    }
}

/// `after[j]` $\leftarrow m + (c_j + \mathrm{emission}_j + \ln \mathrm{after}_j)$.
pub(crate) struct Logarithms<'a> {
    pub(crate) peak: f64,
    pub(crate) peaks: &'a [f64],
    pub(crate) emissions: &'a [f64],
    pub(crate) after: &'a mut [f64],
}

impl Kernel for Logarithms<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((sum, &peak), &emission) in self.after.iter_mut().zip(self.peaks).zip(self.emissions) {
            *sum = self.peak + (peak + emission + sum.ln_lane::<FMA>());
        }
    }
}

/// Shares an adjoint out over the arcs: with $f_{ij} = u_i E_{ij} v_j$, adds $f_{ij}$ to `gradient` and $\sum_j f_{ij}$
/// to `adjoint[i]`.
pub(crate) struct Flows<'a> {
    pub(crate) transitions: &'a Transitions,
    pub(crate) source: &'a [f64],
    pub(crate) share: &'a [f64],
    pub(crate) adjoint: &'a mut [f64],
    pub(crate) gradient: &'a mut [f64],
}

impl Kernel for Flows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let states = self.transitions.states();
        let rows =
            self.transitions.weights().chunks_exact(states).zip(self.gradient.chunks_exact_mut(states));
        for ((&source, total), (weights, gradient)) in self.source.iter().zip(self.adjoint).zip(rows) {
            let mut lanes = [0.0; COLUMNS];
            let (gradient, gradient_rest) = gradient.as_chunks_mut::<COLUMNS>();
            let (weights, weights_rest) = weights.as_chunks::<COLUMNS>();
            let (share, share_rest) = self.share.as_chunks::<COLUMNS>();
            for ((gradient, weights), share) in gradient.iter_mut().zip(weights).zip(share) {
                for l in 0..COLUMNS {
                    let flow = source * weights[l] * share[l];
                    gradient[l] += flow;
                    lanes[l] += flow;
                }
            }
            for (lane, ((gradient, weight), share)) in
                lanes.iter_mut().zip(gradient_rest.iter_mut().zip(weights_rest).zip(share_rest))
            {
                let flow = source * weight * share;
                *gradient += flow;
                *lane += flow;
            }
            *total += lanes.iter().sum::<f64>();
        }
    }
}

/// `after[j]` = the best of `before[i]` and then the arc from $i$ to $j$, the first of equals.
pub(crate) struct Best<'a> {
    pub(crate) transitions: &'a Transitions,
    pub(crate) emissions: &'a [f64],
    pub(crate) before: &'a [Labelled],
    pub(crate) after: &'a mut [Labelled],
}

impl Kernel for Best<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let states = self.transitions.states();
        let blocks = self.after.chunks_mut(COLUMNS).zip(self.emissions.chunks(COLUMNS));
        for (block, (after, emissions)) in blocks.enumerate() {
            let start = block * COLUMNS;
            let mut scores = [f64::NEG_INFINITY; COLUMNS];
            let mut labels = [u64::MAX; COLUMNS];
            let rows = self.transitions.scores().chunks_exact(states);
            for (from, (left, row)) in (0_u64..).zip(self.before.iter().zip(rows)) {
                if let Some(row) = row[start..].first_chunk::<COLUMNS>() {
                    for l in 0..COLUMNS {
                        let score = left.score + row[l];
                        let better = score > scores[l];
                        scores[l] = if better { score } else { scores[l] };
                        labels[l] = if better { from } else { labels[l] };
                    }
                } else {
                    for (l, arc) in row[start..].iter().enumerate() {
                        let score = left.score + arc;
                        if score > scores[l] {
                            (scores[l], labels[l]) = (score, from);
                        }
                    }
                }
            }
            for (l, (after, emission)) in after.iter_mut().zip(emissions).enumerate() {
                // A label beyond any state number belongs to a score of -inf, which loses it.
                *after = Labelled::new(scores[l] + emission, Some(labels[l] as usize));
            }
        }
    }
}
