//! The points of both samples in one list, and their distances.

use crate::parallel::map_parts;
use crate::sample::Points;
use tangency_vmath::{Kernel, Real, dispatch};

/// Rows that are treated together: two vector registers of `f64`.
pub(super) const LANES: usize = 8;

/// Rows of `LANES` points in a part of a parallel loop.
pub(super) const SLABS: usize = 8;

/// The points of P, then those of Q, multiplied by a power of two so that the largest coordinate lies between ½ and 1.
///
/// No square of a difference can overflow then, and the multiplication is exact.
#[derive(Debug, Clone)]
pub(super) struct Pooled {
    /// Points of P.
    pub(super) n: usize,
    /// Points of Q.
    pub(super) m: usize,
    pub(super) dimension: usize,
    /// The points one after another, with points of zeros up to a multiple of `LANES`.
    rows: Vec<f64>,
    /// The same, for every `LANES` points first their first coordinates, then their second ones, and so on.
    slabs: Vec<f64>,
    /// Two factors that give the original unit; their product may lie outside the range of `f64`.
    unit: [f64; 2],
}

impl Pooled {
    pub(super) fn new(p: &Points, q: &Points) -> Self {
        let (n, m, dimension) = (p.rows, q.rows, p.dimension);
        let padded = (n + m).div_ceil(LANES) * LANES;
        let largest = p.data.iter().chain(&q.data).fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let [down, unit] = scales(largest);
        let mut rows = Vec::with_capacity(padded * dimension);
        rows.extend(p.data.iter().chain(&q.data).map(|x| x * down[0] * down[1]));
        rows.resize(padded * dimension, 0.0);
        let mut slabs = vec![0.0; padded * dimension];
        for (slab, rows) in
            slabs.chunks_exact_mut(LANES * dimension).zip(rows.chunks_exact(LANES * dimension))
        {
            for (lane, row) in rows.chunks_exact(dimension).enumerate() {
                for (k, x) in row.iter().enumerate() {
                    slab[k * LANES + lane] = *x;
                }
            }
        }
        Self { n, m, dimension, rows, slabs, unit }
    }

    /// Points of both samples.
    pub(super) fn len(&self) -> usize {
        self.n + self.m
    }

    /// Groups of `LANES` points.
    pub(super) fn slabs(&self) -> usize {
        self.len().div_ceil(LANES)
    }

    /// The first coordinates of points on the line.
    pub(super) fn line(&self) -> &[f64] {
        &self.rows[..self.len()]
    }

    /// A length in the unit of the points that were given.
    pub(super) fn in_given_unit(&self, length: f64) -> f64 {
        length * self.unit[0] * self.unit[1]
    }

    /// A positive length in the unit of the scaled points, within the range of normal numbers.
    pub(super) fn in_own_unit(&self, length: f64) -> f64 {
        (length / self.unit[0] / self.unit[1]).clamp(f64::MIN_POSITIVE, f64::MAX)
    }

    /// Squared distances of the points of a slab to the first `out.len() / LANES` points, a multiple of `LANES`; infinite
    /// where there is no such point.
    ///
    /// They are sums of squared differences in the order of the coordinates. The identity $\lVert x \rVert^2 + \lVert y
    /// \rVert^2 - 2 x y$ would save half of the operations at best, and lose all digits for points that lie close together
    /// far from the origin. A distance depends on its two points alone, to the bit and in either order, so that distances
    /// which are equal for a symmetric reason are equal here.
    pub(super) fn squared_distances(&self, slab: usize, out: &mut [f64]) {
        let d = self.dimension;
        let (columns, points) = (out.len() / LANES, self.len());
        dispatch(SquaredDistances {
            slab: &self.slabs[slab * LANES * d..(slab + 1) * LANES * d],
            rows: &self.rows[..columns * d],
            dimension: d,
            out,
        });
        for column in out.chunks_exact_mut(LANES).skip(points) {
            column.fill(f64::INFINITY);
        }
        if (slab + 1) * LANES > points {
            for column in out.chunks_exact_mut(LANES) {
                column[points - slab * LANES..].fill(f64::INFINITY);
            }
        }
    }

    /// The squared distance of two points; not to the bit that of the loops over many.
    pub(super) fn squared_distance(&self, i: usize, j: usize) -> f64 {
        let row = |i: usize| &self.rows[i * self.dimension..(i + 1) * self.dimension];
        row(i).iter().zip(row(j)).map(|(x, y)| (x - y) * (x - y)).sum()
    }

    /// The same for the points that come before each point of the slab, infinite elsewhere: every pair once.
    pub(super) fn squared_distances_before(&self, slab: usize, out: &mut [f64]) {
        self.squared_distances(slab, out);
        for (column, values) in out[LANES * LANES * slab..].chunks_exact_mut(LANES).enumerate() {
            values[..=column].fill(f64::INFINITY);
        }
    }

    /// Weighted sums of `value` over all pairs: within P, within Q, across.
    ///
    /// `value` gets a slice of squared distances, and has to turn infinity into zero.
    pub(super) fn pair_sums(
        &self,
        weight: impl Fn(usize) -> f64 + Sync,
        value: impl Fn(&mut [f64]) + Sync,
    ) -> PairSums {
        let parts = map_parts(self.slabs(), SLABS, |slabs| {
            let mut sums = PairSums::default();
            let mut values = vec![0.0; LANES * LANES * slabs.end];
            for slab in slabs {
                let values = &mut values[..LANES * LANES * (slab + 1)];
                self.squared_distances_before(slab, values);
                value(values);
                let (mut with_p, mut with_q) = ([0.0; LANES], [0.0; LANES]);
                for (j, column) in values.chunks_exact(LANES).enumerate().take(self.len()) {
                    let (w, with) = (weight(j), if j < self.n { &mut with_p } else { &mut with_q });
                    for lane in 0..LANES {
                        with[lane] += w * column[lane];
                    }
                }
                for lane in 0..LANES.min(self.len() - slab * LANES) {
                    let i = slab * LANES + lane;
                    let w = weight(i);
                    if i < self.n {
                        sums.within_p += w * with_p[lane];
                    } else {
                        sums.across += w * with_p[lane];
                        sums.within_q += w * with_q[lane];
                    }
                }
            }
            sums
        });
        parts.iter().fold(PairSums::default(), |total, part| PairSums {
            within_p: total.within_p + part.within_p,
            within_q: total.within_q + part.within_q,
            across: total.across + part.across,
        })
    }
}

/// Sums over pairs of points, every pair once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PairSums {
    pub(super) within_p: f64,
    pub(super) within_q: f64,
    pub(super) across: f64,
}

/// Two factors that bring the largest coordinate between ½ and 1, and two that undo it.
fn scales(largest: f64) -> [[f64; 2]; 2] {
    if largest == 0.0 {
        return [[1.0; 2]; 2];
    }
    // A subnormal number is brought among the normal ones first, where the exponent can be read.
    let lift = 2f64.powi(64);
    let subnormal = largest < f64::MIN_POSITIVE;
    let normal = if subnormal { largest * lift } else { largest };
    let exponent = (normal.to_bits() >> 52) as i32 - 1022 - if subnormal { 64 } else { 0 };
    let (a, b) = (exponent / 2, exponent - exponent / 2);
    [[2f64.powi(-a), 2f64.powi(-b)], [2f64.powi(a), 2f64.powi(b)]]
}

/// Squared distances of `LANES` points to others.
struct SquaredDistances<'a> {
    /// `LANES` points, coordinate by coordinate.
    slab: &'a [f64],
    /// The others, point by point.
    rows: &'a [f64],
    dimension: usize,
    /// `LANES` results for each of the others.
    out: &'a mut [f64],
}

impl Kernel for SquaredDistances<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        const COLUMNS: usize = 4;
        let d = self.dimension;
        let slab = self.slab.as_chunks::<LANES>().0;
        for (rows, out) in self.rows.chunks_exact(COLUMNS * d).zip(self.out.chunks_exact_mut(COLUMNS * LANES))
        {
            let (first, second) = rows.split_at(2 * d);
            let ((a, b), (c, e)) = (first.split_at(d), second.split_at(d));
            let mut sums = [[0.0; LANES]; COLUMNS];
            for ((((x, a), b), c), e) in slab.iter().zip(a).zip(b).zip(c).zip(e) {
                sums = [
                    add_square::<FMA>(sums[0], x, *a),
                    add_square::<FMA>(sums[1], x, *b),
                    add_square::<FMA>(sums[2], x, *c),
                    add_square::<FMA>(sums[3], x, *e),
                ];
            }
            for (out, sums) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(sums) {
                *out = sums;
            }
        }
    }
}

/// By value, so that the sums stay in registers.
#[inline(always)]
fn add_square<const FMA: bool>(sums: [f64; LANES], x: &[f64; LANES], y: f64) -> [f64; LANES] {
    std::array::from_fn(|lane| {
        let difference = x[lane] - y;
        difference.mul_add_lane::<FMA>(difference, sums[lane])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_comes_once_and_the_rest_is_infinite() {
        for (n, m, d) in [(1, 1, 1), (3, 4, 2), (5, 12, 3), (8, 8, 1), (9, 16, 5)] {
            let point = |i: usize, k: usize| ((i * 7 + k * 3) % 11) as f64 - 4.5;
            let of = |range: std::ops::Range<usize>| Points {
                rows: range.len(),
                dimension: d,
                weights: None,
                data: range.flat_map(|i| (0..d).map(move |k| point(i, k))).collect(),
            };
            let pooled = Pooled::new(&of(0..n), &of(n..n + m));
            for slab in 0..pooled.slabs() {
                let mut out = vec![0.0; LANES * LANES * (slab + 1)];
                pooled.squared_distances_before(slab, &mut out);
                for (index, value) in out.iter().enumerate() {
                    let (i, j) = (slab * LANES + index % LANES, index / LANES);
                    let expected: f64 = (0..d).map(|k| (point(i, k) - point(j, k)).powi(2)).sum();
                    if i < n + m && j < i {
                        let given = pooled.in_given_unit(pooled.in_given_unit(*value));
                        assert!((given - expected).abs() <= 1e-14 * expected, "{given} {expected}");
                    } else {
                        assert!(*value == f64::INFINITY);
                    }
                }
            }
        }
    }

    #[test]
    fn scales_are_exact_to_the_ends_of_the_range() {
        for x in [1.0, 0.75, 3e-320, f64::MIN_POSITIVE, f64::MAX, 5e-324, 1e-308, 12345.678] {
            let [down, up] = scales(x);
            let scaled: f64 = x * down[0] * down[1];
            assert!((0.5..1.0).contains(&scaled), "{x} {scaled}");
            assert!((scaled * up[0] * up[1]).to_bits() == x.to_bits());
        }
    }
}
