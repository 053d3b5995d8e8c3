//! A number for every pair of points, its median, and its sums over many subsets at once.

use super::labelling::Labellings;
use super::pooled::{LANES, Pooled, SLABS};
use crate::parallel::{for_each_mut, map_parts};
use std::ops::Range;
use tangency_vmath::{Kernel, dispatch};

/// The strict lower triangle of a symmetric N × N matrix: row i and column j for j < i.
///
/// Slab s holds the rows from 8 s to 8 s + 7 and the columns up to 8 s + 7, column by column; what lies outside the triangle is
/// padding. That is the order in which the distances are computed and the sums over subsets read them. The memory is
/// $4 N^2$ bytes.
#[derive(Debug)]
pub(super) struct PairMatrix {
    /// Points.
    points: usize,
    /// `SLABS` slabs in each.
    chunks: Vec<Vec<f64>>,
}

impl PairMatrix {
    /// Squared distances; the padding is infinite.
    pub(super) fn squared_distances(pooled: &Pooled) -> Self {
        let chunks = map_parts(pooled.slabs(), SLABS, |slabs| Self::chunk(pooled, slabs));
        Self { points: pooled.len(), chunks }
    }

    /// The same by the calling thread alone. A thread that waits for its pool may be lent to other work, which must not happen
    /// while others wait for this matrix.
    pub(super) fn squared_distances_alone(pooled: &Pooled) -> Self {
        let starts = (0..pooled.slabs()).step_by(SLABS);
        let chunks =
            starts.map(|start| Self::chunk(pooled, start..(start + SLABS).min(pooled.slabs()))).collect();
        Self { points: pooled.len(), chunks }
    }

    fn chunk(pooled: &Pooled, slabs: Range<usize>) -> Vec<f64> {
        let start = offset(slabs.start);
        let mut chunk = vec![0.0; offset(slabs.end) - start];
        for slab in slabs {
            pooled.squared_distances_before(slab, &mut chunk[offset(slab) - start..offset(slab + 1) - start]);
        }
        chunk
    }

    /// Replaces all values, padding included.
    pub(super) fn map(&mut self, work: impl Fn(&mut [f64]) + Sync) {
        // A piece that fits into the first cache, because the work is several passes.
        for_each_mut(&mut self.chunks, |_, chunk| chunk.chunks_mut(2048).for_each(&work));
    }

    /// The value for two different points.
    pub(super) fn get(&self, i: usize, j: usize) -> f64 {
        let (i, j) = if i < j { (j, i) } else { (i, j) };
        let slab = i / LANES;
        let chunk = slab / SLABS;
        self.chunks[chunk][offset(slab) - offset(chunk * SLABS) + j * LANES + i % LANES]
    }

    /// The median of `transform` over all pairs, which has to be increasing; the mean of the two middle values if the number of
    /// pairs is even. Values must not be negative, and the padding infinite.
    ///
    /// Two passes: the leading 16 bits of every value are counted, then the few values whose bits are those of
    /// the median are sorted out.
    pub(super) fn median(&self, transform: impl Fn(f64) -> f64) -> f64 {
        const SHIFT: u32 = 48;
        const BINS: usize = 1 << 15;
        let pairs = self.points * (self.points - 1) / 2;
        let ranks = [(pairs - 1) / 2, pairs / 2];
        let counts = map_parts(self.chunks.len(), 4, |chunks| {
            let mut counts = vec![0_u64; BINS];
            for chunk in &self.chunks[chunks] {
                for x in chunk {
                    counts[(x.to_bits() >> SHIFT) as usize & (BINS - 1)] += 1;
                }
            }
            counts
        });
        let mut before = 0;
        let mut bins = [None::<(usize, usize)>; 2]; // the bin of each rank, and how many values lie below that bin
        for bin in 0..BINS {
            let here = counts.iter().map(|counts| counts[bin]).sum::<u64>() as usize;
            for (found, rank) in bins.iter_mut().zip(ranks) {
                if found.is_none() && before + here > rank {
                    *found = Some((bin, before));
                }
            }
            before += here;
        }
        let middle = bins.iter().zip(ranks).map(|(bin, rank)| {
            let (bin, below) = bin.expect("every rank is less than the number of values");
            let parts = map_parts(self.chunks.len(), 4, |chunks| {
                let values = self.chunks[chunks].iter().flatten().copied();
                values.filter(|x| (x.to_bits() >> SHIFT) as usize == bin).collect::<Vec<_>>()
            });
            let mut values = parts.concat();
            transform(*values.select_nth_unstable_by(rank - below, f64::total_cmp).1)
        });
        0.5 * middle.sum::<f64>()
    }

    /// The sum of each row without the diagonal, as of the whole symmetric matrix. The padding must be zero.
    pub(super) fn row_sums(&self) -> Vec<f64> {
        let slabs = self.points.div_ceil(LANES);
        let parts = map_parts(slabs, SLABS, |slabs| {
            let first = slabs.start;
            let chunk = &self.chunks[first / SLABS];
            let mut sums = vec![0.0; slabs.end * LANES];
            for slab in slabs {
                let values = &chunk[offset(slab) - offset(first)..offset(slab + 1) - offset(first)];
                let mut rows = [0.0; LANES];
                for (column, sum) in values.as_chunks::<LANES>().0.iter().zip(&mut sums) {
                    for lane in 0..LANES {
                        rows[lane] += column[lane];
                    }
                    let [a, b, c, d, e, f, g, h] = column;
                    *sum += ((a + b) + (c + d)) + ((e + f) + (g + h));
                }
                for (sum, row) in sums[slab * LANES..].iter_mut().zip(rows) {
                    *sum += row;
                }
            }
            sums
        });
        let mut sums = vec![0.0; self.points];
        for part in &parts {
            for (sum, x) in sums.iter_mut().zip(part) {
                *sum += x;
            }
        }
        sums
    }

    /// For every labelling the sum over the pairs whose points are both marked. The padding must be zero.
    ///
    /// The product of this matrix with a matrix of zeros and ones, of which only half is needed, and no multiplication: for
    /// four rows and eight columns the 256 possible sums are tabulated, and each labelling reads one. With L labellings that
    /// takes $N^2 (L + 256) / 64$ additions of four numbers. The order of summation does not depend on the number of threads.
    pub(super) fn subset_sums(&self, labellings: &Labellings) -> Vec<f64> {
        let slabs = self.points.div_ceil(LANES);
        let parts = map_parts(slabs, SLABS, |slabs| {
            let first = slabs.start;
            let chunk = &self.chunks[first / SLABS];
            let mut totals = vec![0.0; labellings.count()];
            let mut sums = vec![[0.0; 4]; labellings.count()];
            for slab in slabs {
                let values = &chunk[offset(slab) - offset(first)..offset(slab + 1) - offset(first)];
                for half in 0..2 {
                    dispatch(SlabSums {
                        values,
                        half,
                        labellings,
                        slab,
                        sums: &mut sums,
                        totals: &mut totals,
                    });
                }
            }
            totals
        });
        let mut totals = vec![0.0; labellings.count()];
        for part in &parts {
            for (total, x) in totals.iter_mut().zip(part) {
                *total += x;
            }
        }
        totals
    }

    /// A bound on the relative error of a sum over a subset or over rows, for values of one sign: half a unit of rounding for
    /// each addition that a value goes through, and a reserve of two.
    pub(super) fn rounding(&self) -> f64 {
        let longest = self.points / LANES + self.points / (LANES * SLABS) + 3 * SLABS * LANES;
        longest as f64 * f64::EPSILON
    }
}

/// Numbers before a slab.
fn offset(slab: usize) -> usize {
    LANES * LANES / 2 * slab * (slab + 1)
}

type Table = [[f64; 4]; 256];

/// Half a slab's share of the sums over subsets.
struct SlabSums<'a> {
    /// The slab.
    values: &'a [f64],
    /// Which four of its rows.
    half: usize,
    labellings: &'a Labellings,
    /// The number of the slab, whose rows have the labels of the group of this number.
    slab: usize,
    /// Scratch: four sums for each labelling.
    sums: &'a mut [[f64; 4]],
    /// What is added to.
    totals: &'a mut [f64],
}

impl Kernel for SlabSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { values, half, labellings, slab, sums, totals } = self;
        sums.fill([0.0; 4]);
        let mut tables: [Table; 2] = [[[0.0; 4]; 256]; 2];
        let groups = values.as_chunks::<{ LANES * LANES }>().0;
        for (pair, columns) in groups.chunks(2).enumerate() {
            for (table, columns) in tables.iter_mut().zip(columns) {
                tabulate(table, columns, half);
            }
            let first = labellings.group(2 * pair);
            if columns.len() == 2 {
                let second = labellings.group(2 * pair + 1);
                for ((sum, &a), &b) in sums.iter_mut().zip(first).zip(second) {
                    *sum = add(*sum, add(tables[0][usize::from(a)], tables[1][usize::from(b)]));
                }
            } else {
                for (sum, &a) in sums.iter_mut().zip(first) {
                    *sum = add(*sum, tables[0][usize::from(a)]);
                }
            }
        }
        // Of the four rows only the marked ones count.
        for ((total, sum), &code) in totals.iter_mut().zip(&*sums).zip(labellings.group(slab)) {
            let marked = |lane: usize| if code >> (4 * half + lane) & 1 == 1 { sum[lane] } else { 0.0 };
            *total += (marked(0) + marked(1)) + (marked(2) + marked(3));
        }
    }
}

/// By value: of slices in memory the compiler would have to suppose that they overlap, and add one number at a time.
#[inline(always)]
fn add(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

/// The sums of all subsets of eight columns, for four rows.
#[inline(always)]
fn tabulate(table: &mut Table, columns: &[f64; LANES * LANES], half: usize) {
    let mut parts = [[[0.0; 4]; 16]; 2];
    for (part, table) in parts.iter_mut().enumerate() {
        for subset in 1_usize..16 {
            let column = 4 * part + subset.trailing_zeros() as usize;
            for lane in 0..4 {
                table[subset][lane] =
                    table[subset & (subset - 1)][lane] + columns[column * LANES + 4 * half + lane];
            }
        }
    }
    let [low, high] = &parts;
    for (high, table) in high.iter().zip(table.as_chunks_mut::<16>().0) {
        for (low, sum) in low.iter().zip(table) {
            *sum = add(*high, *low);
        }
    }
}
