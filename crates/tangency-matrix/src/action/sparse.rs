//! A sparse matrix by rows, and the fused step of a recurrence on a block of columns.

use super::operator::{Largest, Recurrence};
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, MatRef};
use std::ops::Range;

/// Rows of one part of a product; fixed, so that threads do not change what is added to what.
const ROWS: usize = 4096;

/// Compressed rows with indices of 32 bits: what a product must read.
#[derive(Debug, Clone)]
pub(super) struct SparseRows<T> {
    pub(super) start: Vec<usize>,
    pub(super) column: Vec<u32>,
    pub(super) value: Vec<T>,
}

/// One column of a step: largest new term and largest entry of the sum.
type Maxima<T, const W: usize> = ([<T as Scalar>::RealPart; W], [<T as Scalar>::RealPart; W]);

/// Terms and sums of some rows.
type Blocks<'b, T, const W: usize> = (&'b mut [[T; W]], &'b mut [[T; W]]);

impl<T: Scalar> SparseRows<T> {
    /// From rows `row(i)` that give (column, value) in turn.
    pub(super) fn from_rows<R: Iterator<Item = (usize, T)>>(n: usize, row: impl Fn(usize) -> R) -> Self {
        let mut rows = Self { start: vec![0], column: Vec::new(), value: Vec::new() };
        for i in 0..n {
            for (j, x) in row(i) {
                rows.column.push(j as u32);
                rows.value.push(x);
            }
            rows.start.push(rows.column.len());
        }
        rows
    }

    /// From columns; the rows are then sorted if the columns are visited in order, as they are here.
    pub(super) fn from_columns<C: Iterator<Item = (usize, T)>>(
        rows: usize,
        columns: usize,
        column: impl Fn(usize) -> C,
    ) -> Self {
        let mut start = vec![0_usize; rows + 1];
        for j in 0..columns {
            for (i, _) in column(j) {
                start[i + 1] += 1;
            }
        }
        for i in 0..rows {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let mut transposed = Self { column: vec![0; start[rows]], value: vec![T::ZERO; start[rows]], start };
        for j in 0..columns {
            for (i, x) in column(j) {
                transposed.column[next[i]] = j as u32;
                transposed.value[next[i]] = x;
                next[i] += 1;
            }
        }
        transposed
    }

    pub(super) fn order(&self) -> usize {
        self.start.len() - 1
    }

    /// (column, value) of row i.
    pub(super) fn row(&self, i: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let range = self.start[i]..self.start[i + 1];
        self.column[range.clone()].iter().zip(&self.value[range]).map(|(&j, &x)| (j as usize, x))
    }

    /// Whether it equals its adjoint, and whether its negative does. One pass: the entry (j, i) of a row of the lower
    /// triangle is met in the order in which (i, j) are. Unsorted rows count as neither.
    pub(super) fn symmetry(&self) -> (bool, bool) {
        let (mut hermitian, mut skew) = (true, true);
        let mut next: Vec<usize> = self.start[..self.order()].to_vec();
        for i in 0..self.order() {
            for k in self.start[i]..self.start[i + 1] {
                let (j, x) = (self.column[k] as usize, self.value[k]);
                if j < i {
                    if k >= next[i] {
                        return (false, false);
                    }
                    continue;
                }
                let partner = next[j];
                if partner >= self.start[j + 1] || self.column[partner] as usize != i {
                    return (false, false);
                }
                let y = self.value[partner].conj();
                hermitian &= x == y;
                skew &= x == -y;
                next[j] += 1;
            }
        }
        (hermitian, skew)
    }

    /// `y = A x`, or `y = Aᴴ x`, for the few products of the estimates; `x` and `y` by columns.
    pub(super) fn apply(&self, adjoint: bool, mut y: MatMut<'_, T>, x: MatRef<'_, T>) {
        for c in 0..x.ncols() {
            if adjoint {
                y.as_mut().col_mut(c).fill(T::ZERO);
            }
            for i in 0..self.order() {
                if adjoint {
                    for (j, a) in self.row(i) {
                        y[(j, c)] += a.conj() * x[(i, c)];
                    }
                } else {
                    y[(i, c)] = self.row(i).fold(T::ZERO, |sum, (j, a)| sum + a * x[(j, c)]);
                }
            }
        }
    }

    /// `y = A x` for one column.
    pub(super) fn apply_to_vector(&self, y: &mut [T], x: &[T]) {
        for (i, y) in y.iter_mut().enumerate() {
            *y = self.row(i).fold(T::ZERO, |sum, (j, a)| sum + a * x[j]);
        }
    }

    /// One step of the recurrence on `W` columns stored row by row, in one pass over the matrix.
    pub(super) fn step(
        &self,
        r: &Recurrence<T>,
        x: &[T],
        y: &mut [T],
        sum: &mut [T],
        largest: &mut Largest<T>,
    ) {
        match largest.width() {
            1 => self.step_wide::<1>(r, x, y, sum, largest),
            2 => self.step_wide::<2>(r, x, y, sum, largest),
            4 => self.step_wide::<4>(r, x, y, sum, largest),
            _ => self.step_wide::<8>(r, x, y, sum, largest),
        }
    }

    fn step_wide<const W: usize>(
        &self,
        r: &Recurrence<T>,
        x: &[T],
        y: &mut [T],
        sum: &mut [T],
        largest: &mut Largest<T>,
    ) {
        let n = self.order();
        let x = x.as_chunks::<W>().0;
        let y = y.as_chunks_mut::<W>().0;
        let sum = sum.as_chunks_mut::<W>().0;
        let part = |(p, (y, sum)): (usize, Blocks<'_, T, W>)| {
            self.rows::<W>(r, p * ROWS..((p + 1) * ROWS).min(n), x, y, sum)
        };
        let zero = ([T::RealPart::ZERO; W], [T::RealPart::ZERO; W]);
        let join = |a: Maxima<T, W>, b: Maxima<T, W>| {
            let pick = |a: [T::RealPart; W], b: [T::RealPart; W]| {
                std::array::from_fn(|w| RealScalar::max(a[w], b[w]))
            };
            (pick(a.0, b.0), pick(a.1, b.1))
        };
        #[cfg(feature = "rayon")]
        let maxima = if n > ROWS {
            use rayon::prelude::*;
            y.par_chunks_mut(ROWS).zip(sum.par_chunks_mut(ROWS)).enumerate().map(part).reduce(|| zero, join)
        } else {
            part((0, (y, sum)))
        };
        #[cfg(not(feature = "rayon"))]
        let maxima = y.chunks_mut(ROWS).zip(sum.chunks_mut(ROWS)).enumerate().map(part).fold(zero, join);
        largest.term.copy_from_slice(&maxima.0);
        largest.sum.copy_from_slice(&maxima.1);
    }

    /// The rows of one part; `y` and `sum` hold only them.
    #[inline]
    fn rows<const W: usize>(
        &self,
        r: &Recurrence<T>,
        rows: Range<usize>,
        x: &[[T; W]],
        y: &mut [[T; W]],
        sum: &mut [[T; W]],
    ) -> Maxima<T, W> {
        let mut term_max = [T::RealPart::ZERO; W];
        let mut sum_max = [T::RealPart::ZERO; W];
        let centre = &x[rows.clone()];
        let mut start = self.start[rows.start];
        let ends = &self.start[rows.start + 1..=rows.end];
        for (((&end, own), y), sum) in ends.iter().zip(centre).zip(y).zip(sum) {
            let range = start..end;
            start = end;
            let mut image = [T::ZERO; W];
            for (&j, &a) in self.column[range.clone()].iter().zip(&self.value[range]) {
                let source = &x[j as usize];
                for w in 0..W {
                    image[w] += a * source[w];
                }
            }
            for w in 0..W {
                let (term, total) = r.combine(image[w], own[w], y[w], sum[w]);
                y[w] = term;
                sum[w] = total;
                term_max[w] = larger(term_max[w], term);
                sum_max[w] = larger(sum_max[w], total);
            }
        }
        (term_max, sum_max)
    }
}

/// The larger of `m` and the size |re| + |im| of an entry; NaN is passed by, and found in the result.
#[inline(always)]
pub(super) fn larger<T: Scalar>(m: T::RealPart, x: T) -> T::RealPart {
    let (re, im) = (x.re(), x.im());
    let re = if re < T::RealPart::ZERO { -re } else { re };
    let im = if im < T::RealPart::ZERO { -im } else { im };
    let size = re + im;
    if size > m { size } else { m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::{Mat, c64};

    #[test]
    fn products_with_the_adjoint_conjugate() {
        let a = Mat::from_fn(5, 5, |i, j| {
            c64::new((i * 5 + j) as f64, if (i + j) % 2 == 0 { 1.0 } else { -2.0 })
        });
        let rows = SparseRows::from_columns(5, 5, |j| {
            (0..5)
                .map(move |i| (i, j))
                .map(|(i, j)| (i, c64::new((i * 5 + j) as f64, if (i + j) % 2 == 0 { 1.0 } else { -2.0 })))
        });
        let x = Mat::from_fn(5, 2, |i, j| c64::new(i as f64 - 1.0, j as f64 + 0.5));
        let mut y = Mat::zeros(5, 2);
        rows.apply(false, y.as_mut(), x.as_ref());
        assert!((&y - &a * &x).norm_max() < 1e-13);
        rows.apply(true, y.as_mut(), x.as_ref());
        assert!((&y - a.adjoint() * &x).norm_max() < 1e-13);
        assert_eq!(rows.symmetry(), (false, false));
    }
}
