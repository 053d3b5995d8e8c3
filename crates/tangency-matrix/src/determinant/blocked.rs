//! LU factorisation with partial pivoting, by halves of the columns.
//!
//! $$ P \begin{pmatrix} A_{11} & A_{12} \cr A_{21} & A_{22} \end{pmatrix}
//!    = \begin{pmatrix} L_{11} & \cr L_{21} & L_{22} \end{pmatrix}
//!      \begin{pmatrix} U_{11} & U_{12} \cr & U_{22} \end{pmatrix} : $$
//!
//! the left half is factored, $U_{12} = L_{11}^{-1} A_{12}$, and the right half goes on with $A_{22} - L_{21} U_{12}$. So
//! nearly all of the work is in large products, however tall the columns. Sixteen columns are factored at a time without
//! products, each of them brought up to date by those before it when its turn comes, so that it is written once for
//! every four of them.
//!
//! S. Toledo, *Locality of reference in LU decomposition with partial pivoting*, SIMAX 18 (1997).

use super::elimination::invertible;
use super::scaled::size;
use crate::scalar::Scalar;
use faer::{Accum, Conj, MatMut, MatRef};
use tangency_vmath::{Kernel, dispatch};

/// Columns that are factored without a product.
const PANEL: usize = 16;

/// Columns of the factor by which a column is brought up to date at a time.
const GROUP: usize = 4;

/// Rows that are treated together.
const LANES: usize = 8;

/// `P A = L U` of a matrix of order n, column-major in a slice, in place, with unit `L` below the diagonal.
///
/// `permutation[i]` is the row of the input that became row `i`; `exchanges` is scratch of the same length. Returns the
/// number of transpositions, or `None` at the first pivot that is zero, too small to invert, or not finite; the columns
/// before it are done.
pub(crate) fn factor<T: Scalar>(
    a: &mut [T],
    n: usize,
    permutation: &mut [usize],
    exchanges: &mut [usize],
) -> Option<usize> {
    for (i, p) in permutation.iter_mut().enumerate() {
        *p = i;
    }
    factor_columns(a, n, 0, exchanges)?;
    let mut transpositions = 0;
    for (k, &p) in exchanges.iter().enumerate() {
        permutation.swap(k, p);
        transpositions += usize::from(p != k);
    }
    Some(transpositions)
}

/// Factors whole columns, from the row `first` on, which is that of their first pivot. `exchanges[k]` becomes the row that
/// was exchanged with row `first + k`.
fn factor_columns<T: Scalar>(a: &mut [T], n: usize, first: usize, exchanges: &mut [usize]) -> Option<()> {
    let width = exchanges.len();
    if width <= PANEL {
        return dispatch(Panel { a, n, first, exchanges });
    }
    let half = (width / 2).next_multiple_of(PANEL);
    let (left, right) = a.split_at_mut(half * n);
    let (exchanges_left, exchanges_right) = exchanges.split_at_mut(half);
    factor_columns(left, n, first, exchanges_left)?;
    dispatch(Exchange { columns: right, n, first, exchanges: exchanges_left });
    solve(left, right, n, first, half);
    let (below, rest) = (first + half, n - first - half);
    let l = MatRef::from_column_major_slice(left, n, half).subrows(below, rest);
    let target = MatMut::from_column_major_slice_mut(right, n, width - half);
    let (u, target) = target.split_at_row_mut(below);
    let u = u.as_ref().subrows(first, half);
    T::product(target, Accum::Add, (l, Conj::No), (u, Conj::No), -T::ONE);
    factor_columns(right, n, below, exchanges_right)?;
    dispatch(Exchange { columns: left, n, first: below, exchanges: exchanges_right });
    Some(())
}

/// `X := L⁻¹ X` for the unit lower triangle of the given order that begins in row `first` of `l`, and those rows of `x`.
fn solve<T: Scalar>(l: &[T], x: &mut [T], n: usize, first: usize, order: usize) {
    if order <= PANEL {
        return dispatch(Solve { l, x, n, first, order });
    }
    let half = (order / 2).next_multiple_of(PANEL);
    let (upper, lower) = l.split_at(half * n);
    solve(upper, x, n, first, half);
    let l = MatRef::from_column_major_slice(upper, n, half).subrows(first + half, order - half);
    let columns = x.len() / n;
    let (top, bottom) = MatMut::from_column_major_slice_mut(x, n, columns).split_at_row_mut(first + half);
    let top = top.as_ref().subrows(first, half);
    T::product(bottom.subrows_mut(0, order - half), Accum::Add, (l, Conj::No), (top, Conj::No), -T::ONE);
    solve(lower, x, n, first + half, order - half);
}

/// Applies exchanges of rows, in their order, to columns.
struct Exchange<'a, T> {
    columns: &'a mut [T],
    n: usize,
    first: usize,
    exchanges: &'a [usize],
}

impl<T: Scalar> Kernel for Exchange<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for column in self.columns.chunks_exact_mut(self.n) {
            for (k, &p) in self.exchanges.iter().enumerate() {
                column.swap(self.first + k, p);
            }
        }
    }
}

/// The triangular solve with at most [`PANEL`] rows.
struct Solve<'a, T> {
    l: &'a [T],
    x: &'a mut [T],
    n: usize,
    first: usize,
    order: usize,
}

impl<T: Scalar> Kernel for Solve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { l, x, n, first, order } = self;
        // With zeros on and above the diagonal, so that whole columns can be subtracted.
        let mut lower = [[T::ZERO; PANEL]; PANEL];
        for (k, (packed, column)) in lower.iter_mut().zip(l.chunks_exact(n)).take(order).enumerate() {
            packed[k + 1..order].copy_from_slice(&column[first + k + 1..first + order]);
        }
        let mut columns = x.chunks_exact_mut(n).map(|column| &mut column[first..first + order]);
        // Two at a time, because each waits for itself.
        while let Some(one) = columns.next() {
            let mut pair = [[T::ZERO; PANEL]; 2];
            pair[0][..order].copy_from_slice(one);
            let other = columns.next();
            if let Some(other) = &other {
                pair[1][..order].copy_from_slice(other);
            }
            for k in 0..order {
                let factors = [-pair[0][k], -pair[1][k]];
                for (x, factor) in pair.iter_mut().zip(factors) {
                    for (x, &l) in x.iter_mut().zip(&lower[k]) {
                        *x = l.multiply_add::<FMA>(factor, *x);
                    }
                }
            }
            one.copy_from_slice(&pair[0][..order]);
            if let Some(other) = other {
                other.copy_from_slice(&pair[1][..order]);
            }
        }
    }
}

/// At most [`PANEL`] columns, factored without products.
struct Panel<'a, T> {
    a: &'a mut [T],
    n: usize,
    first: usize,
    exchanges: &'a mut [usize],
}

impl<T: Scalar> Kernel for Panel<'_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Option<()> {
        let Self { a, n, first, exchanges } = self;
        for j in 0..exchanges.len() {
            let (done, rest) = a.split_at_mut(j * n);
            let column = &mut rest[first..n];
            for k in (0..j).step_by(GROUP) {
                let group = GROUP.min(j - k);
                let mut factors = [T::ZERO; GROUP];
                let lower: [&[T]; GROUP] = std::array::from_fn(|g| {
                    let place = (k + g.min(group - 1)) * n + first;
                    &done[place..place + column.len()]
                });
                // The rows of the group among themselves, and then all below.
                for g in 0..group {
                    let factor = column[k + g];
                    factors[g] = -factor;
                    for i in g + 1..group {
                        column[k + i] = (-lower[g][k + i]).multiply_add::<FMA>(factor, column[k + i]);
                    }
                }
                subtract::<T, FMA>(&mut column[k + group..], lower.map(|l| &l[k + group..]), factors);
            }
            let row = j + largest(&column[j..]);
            exchanges[j] = first + row;
            if row != j {
                for column in a.chunks_exact_mut(n) {
                    column.swap(first + j, first + row);
                }
            }
            let column = &mut a[j * n + first + j..(j + 1) * n];
            let pivot = column[0];
            if !invertible(pivot) {
                return None;
            }
            // Divided, not multiplied by the reciprocal: then the multiplier of an equal row is exactly one, and its next
            // pivot exactly zero.
            for x in &mut column[1..] {
                *x /= pivot;
            }
        }
        Some(())
    }
}

/// `column += Σ factors[g] lower[g]`.
#[inline(always)]
fn subtract<T: Scalar, const FMA: bool>(column: &mut [T], lower: [&[T]; GROUP], factors: [T; GROUP]) {
    let (chunks, tail) = column.as_chunks_mut::<LANES>();
    let lower = lower.map(|l| l.as_chunks::<LANES>());
    for (k, chunk) in chunks.iter_mut().enumerate() {
        let mut sums = *chunk;
        for g in 0..GROUP {
            for (sum, &l) in sums.iter_mut().zip(&lower[g].0[k]) {
                *sum = l.multiply_add::<FMA>(factors[g], *sum);
            }
        }
        *chunk = sums;
    }
    for (k, x) in tail.iter_mut().enumerate() {
        for g in 0..GROUP {
            *x = lower[g].1[k].multiply_add::<FMA>(factors[g], *x);
        }
    }
}

/// The place of the first of the largest entries by [`size`]; NaN is never larger.
#[inline(always)]
fn largest<T: Scalar>(column: &[T]) -> usize {
    let (chunks, tail) = column.as_chunks::<LANES>();
    let mut heights = [T::RealPart::default(); LANES];
    for chunk in chunks {
        for (height, &x) in heights.iter_mut().zip(chunk) {
            let size = size(x);
            *height = if size > *height { size } else { *height };
        }
    }
    let height = tail
        .iter()
        .map(|&x| size(x))
        .chain(heights)
        .fold(T::RealPart::default(), |m, x| if x > m { x } else { m });
    let chunk = chunks.iter().position(|chunk| {
        let mut found = false;
        for &x in chunk {
            found |= size(x) == height;
        }
        found
    });
    let start = chunk.unwrap_or(chunks.len()) * LANES;
    column[start..].iter().position(|&x| size(x) == height).map_or(0, |i| start + i)
}
