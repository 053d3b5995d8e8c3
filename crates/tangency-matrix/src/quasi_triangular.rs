//! Linear equations with upper quasi-triangular matrices: from the left, from the right, and Sylvester's.
//!
//! A quasi-triangular matrix is block triangular with blocks of order 1 and 2 on the diagonal; a pair (i, i+1) is a block
//! of order 2 where the entry (i+1, i) is not zero. Such a block has equal diagonal entries and off-diagonal entries of opposite
//! signs, as a Schur form has it. All three solvers halve the problem until its order is at most [`LEAF`], so
//! that most of the work is products, and end in kernels that run down contiguous columns.

mod diagonals;
mod small;

pub(crate) use diagonals::{DiagonalNorms, DiagonalQuotient, DiagonalRoot, DiagonalSquare, Layout, Places};
pub(crate) use small::{
    Block, Equation, GROUP, Group, SmallSolveLeft, SmallSolveRight, SmallSylvester, block, pair_imaginary,
    solve_blocks, starts_pair, substitute,
};

use crate::parallel::join;
use crate::product::{multiply_add, multiply_into};
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, MatRef};

/// Largest order that the kernels take: one and a quarter of [`CUT`], so that what is left beside a whole cut is no thin strip.
pub(crate) const LEAF: usize = 40;

/// Matrices are cut at multiples of this, where products are fastest.
const CUT: usize = 32;

/// Least order of both matrices of Sylvester's equation at which it is cut into four, of which two are independent.
const FOUR: usize = 128;

/// Contiguous copies of the blocks that the kernels work on, made when they are first needed.
#[derive(Debug, Clone)]
pub(crate) struct Scratch<T: Scalar> {
    size: usize,
    copies: [Vec<T>; 3],
    pub(crate) diagonals: RootMemory<T>,
}

/// Memory of the square root by diagonals.
#[derive(Debug, Clone)]
pub(crate) struct RootMemory<T: Scalar> {
    pub(crate) layout: Layout,
    pub(crate) places: Places<T::RealPart>,
    pub(crate) x: Vec<T>,
}

impl<T: Scalar> Scratch<T> {
    pub(crate) fn new(n: usize) -> Self {
        let diagonals = RootMemory { layout: Layout::default(), places: Places::default(), x: Vec::new() };
        Self { size: n.min(LEAF).pow(2), copies: [Vec::new(), Vec::new(), Vec::new()], diagonals }
    }

    /// Makes all of it, for matrices of order n.
    pub(crate) fn reserve(&mut self, n: usize) {
        let _ = self.copies();
        self.diagonals.layout.reserve(n);
        self.diagonals.places.reserve(n);
        self.diagonals.x.reserve_exact(Layout::most_entries(n));
    }

    pub(crate) fn copies(&mut self) -> [&mut [T]; 3] {
        let size = self.size;
        self.copies.each_mut().map(|copy| {
            copy.resize(size, T::ZERO);
            &mut copy[..]
        })
    }
}

/// Where to cut a quasi-triangular matrix of order above [`LEAF`]: close to the middle, and not through a block.
pub(crate) fn middle<T: Scalar>(t: MatRef<'_, T>) -> usize {
    let half = t.nrows().div_ceil(CUT) / 2 * CUT;
    let half = half.max(CUT);
    if t[(half, half - 1)] == T::ZERO { half } else { half + 1 }
}

/// Copies a matrix column by column.
pub(crate) fn load<T: Scalar>(dst: &mut [T], src: MatRef<'_, T>) {
    let rows = src.nrows();
    for j in 0..src.ncols() {
        let (dst, column) = (&mut dst[j * rows..(j + 1) * rows], src.col(j));
        match column.try_as_col_major() {
            Some(column) => dst.copy_from_slice(column.as_slice()),
            None => dst.iter_mut().enumerate().for_each(|(i, dst)| *dst = column[i]),
        }
    }
}

/// Copies it back.
pub(crate) fn store<T: Scalar>(mut dst: MatMut<'_, T>, src: &[T]) {
    let rows = dst.nrows();
    for j in 0..dst.ncols() {
        let (src, mut column) = (&src[j * rows..(j + 1) * rows], dst.rb_mut().col_mut(j));
        match column.rb_mut().try_as_col_major_mut() {
            Some(column) => column.as_slice_mut().copy_from_slice(src),
            None => src.iter().enumerate().for_each(|(i, &src)| column[i] = src),
        }
    }
}

/// `X := A⁻¹ X` for a nonsingular quasi-triangular A.
pub(crate) fn solve_left<T: Scalar>(a: MatRef<'_, T>, x: MatMut<'_, T>, scratch: &mut Scratch<T>) {
    let n = a.nrows();
    if n == 0 || x.ncols() == 0 {
        return;
    }
    if n <= LEAF {
        let [matrix, _, right] = scratch.copies();
        load(matrix, a);
        let mut columns = x;
        while columns.ncols() > 0 {
            let width = n.min(columns.ncols());
            let (mut block, rest) = columns.split_at_col_mut(width);
            load(right, block.rb());
            T::small_solve_left(&matrix[..n * n], n, &mut right[..n * width]);
            store(block.rb_mut(), right);
            columns = rest;
        }
        return;
    }
    let k = middle(a);
    let (a11, a12, _, a22) = a.split_at(k, k);
    let (mut x1, mut x2) = x.split_at_row_mut(k);
    solve_left(a22, x2.rb_mut(), scratch);
    multiply_add(x1.rb_mut(), -T::ONE, a12, x2.rb());
    solve_left(a11, x1, scratch);
}

/// `X := X A⁻¹` for a nonsingular quasi-triangular A. With `same_structure` X has the same zeros as A, and so has the result.
pub(crate) fn solve_right<T: Scalar>(
    a: MatRef<'_, T>,
    mut x: MatMut<'_, T>,
    same_structure: bool,
    scratch: &mut Scratch<T>,
) {
    let (n, rows) = (a.nrows(), x.nrows());
    if n == 0 || rows == 0 {
        return;
    }
    if n <= LEAF && rows <= LEAF {
        let [matrix, _, left] = scratch.copies();
        load(matrix, a);
        load(left, x.rb());
        T::small_solve_right(&matrix[..n * n], n, &mut left[..rows * n], same_structure);
        store(x.rb_mut(), left);
        return;
    }
    if rows > n {
        let (top, bottom) = x.split_at_row_mut(rows / 2);
        solve_right(a, top, false, scratch);
        solve_right(a, bottom, false, scratch);
        return;
    }
    let k = middle(a);
    let (a11, a12, _, a22) = a.split_at(k, k);
    if same_structure {
        let (mut x11, mut x12, _, x22) = x.split_at_mut(k, k);
        solve_right(a11, x11.rb_mut(), true, scratch);
        multiply_add(x12.rb_mut(), -T::ONE, x11.rb(), a12);
        solve_right(a22, x12, false, scratch);
        solve_right(a22, x22, true, scratch);
    } else {
        let (mut x1, mut x2) = x.split_at_col_mut(k);
        solve_right(a11, x1.rb_mut(), false, scratch);
        multiply_add(x2.rb_mut(), -T::ONE, x1.rb(), a12);
        solve_right(a22, x2, false, scratch);
    }
}

/// Two eigenvalues of Sylvester's equation that sum to zero: their indices in A and in B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpectraMeet {
    pub(crate) row: usize,
    pub(crate) column: usize,
}

/// `X` of `A X + X B = C` in place of `C`, for quasi-triangular A and B.
///
/// Where an eigenvalue of A and one of −B are equal, the equation for that entry of X is 0 = c: satisfied by X = 0 if
/// |c| ≤ `negligible`, and without solution otherwise.
pub(crate) fn sylvester<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    mut c: MatMut<'_, T>,
    negligible: T::RealPart,
    scratch: &mut Scratch<T>,
) -> Result<(), SpectraMeet> {
    let (m, n) = (a.nrows(), b.nrows());
    if m == 0 || n == 0 {
        return Ok(());
    }
    if m <= LEAF && n <= LEAF {
        let [left, right, x] = scratch.copies();
        load(left, a);
        load(right, b);
        load(x, c.rb());
        let (a, b, x) = (&left[..m * m], &right[..n * n], &mut x[..m * n]);
        T::small_sylvester((a, m), (b, n), x, negligible.to_f64())
            .map_err(|(row, column)| SpectraMeet { row, column })?;
        store(c.rb_mut(), x);
        return Ok(());
    }
    let shift = |rows: usize, columns: usize| {
        move |e: SpectraMeet| SpectraMeet { row: e.row + rows, column: e.column + columns }
    };
    if m.min(n) >= FOUR {
        let (k, l) = (middle(a), middle(b));
        let (a11, a12, _, a22) = a.split_at(k, k);
        let (b11, b12, _, b22) = b.split_at(l, l);
        let (mut c11, mut c12, mut c21, mut c22) = c.split_at_mut(k, l);
        sylvester(a22, b11, c21.rb_mut(), negligible, scratch).map_err(shift(k, 0))?;
        let c21 = c21.rb();
        let (first, second) = join(
            || {
                multiply_add(c11.rb_mut(), -T::ONE, a12, c21);
                sylvester(a11, b11, c11.rb_mut(), negligible, scratch)
            },
            || {
                multiply_add(c22.rb_mut(), -T::ONE, c21, b12);
                sylvester(a22, b22, c22.rb_mut(), negligible, &mut Scratch::new(LEAF))
            },
        );
        first?;
        second.map_err(shift(k, l))?;
        multiply_add(c12.rb_mut(), -T::ONE, a12, c22.rb());
        multiply_add(c12.rb_mut(), -T::ONE, c11.rb(), b12);
        sylvester(a11, b22, c12, negligible, scratch).map_err(shift(0, l))
    } else if m >= n {
        let k = middle(a);
        let (a11, a12, _, a22) = a.split_at(k, k);
        let (mut c1, mut c2) = c.split_at_row_mut(k);
        sylvester(a22, b, c2.rb_mut(), negligible, scratch).map_err(shift(k, 0))?;
        multiply_add(c1.rb_mut(), -T::ONE, a12, c2.rb());
        sylvester(a11, b, c1, negligible, scratch)
    } else {
        let k = middle(b);
        let (b11, b12, _, b22) = b.split_at(k, k);
        let (mut c1, mut c2) = c.split_at_col_mut(k);
        sylvester(a, b11, c1.rb_mut(), negligible, scratch)?;
        multiply_add(c2.rb_mut(), -T::ONE, c1.rb(), b12);
        sylvester(a, b22, c2, negligible, scratch).map_err(shift(0, k))
    }
}

/// `out = A B` for quasi-triangular A and B with blocks at the same places.
///
/// A triangular product, and what the entries below the diagonal add; n³/6 multiplications for quasi-triangular A.
pub(crate) fn product<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>, mut out: MatMut<'_, T>) {
    let upper = BlockStructure::TriangularUpper;
    let n = b.nrows();
    out.fill(T::ZERO);
    T::triangular_product((out.rb_mut(), upper), Accum::Replace, (a, upper), (b, upper), T::ONE);
    for i in 1..n {
        let (left, right) = (a[(i, i - 1)], b[(i, i - 1)]);
        if right != T::ZERO {
            for k in 0..=i {
                out[(k, i - 1)] += a[(k, i)] * right;
            }
        }
        if left != T::ZERO {
            for j in i - 1..n {
                out[(i, j)] += left * b[(i - 1, j)];
            }
        }
    }
}

/// Columns of a panel in [`multiply_by_quasi_triangular`], at least.
const PANEL: usize = 32;

/// `out = Q B` for a quasi-triangular B: five eighths of a product, by panels of columns of which only the rows that are not zero count.
pub(crate) fn multiply_by_quasi_triangular<T: Scalar>(
    q: MatRef<'_, T>,
    b: MatRef<'_, T>,
    mut out: MatMut<'_, T>,
) {
    let n = b.nrows();
    let width = n.div_ceil(4).next_multiple_of(8).max(PANEL);
    let mut start = 0;
    while start < n {
        let end = (start + width).min(n);
        // One more row, for a block that the panel cuts.
        let rows = (end + 1).min(n);
        let panel = out.rb_mut().subcols_mut(start, end - start);
        multiply_into(panel, q.subcols(0, rows), b.submatrix(0, start, rows, end - start));
        start = end;
    }
}

/// The largest modulus that rounding may have given to a zero in the (quasi-)triangular form of a matrix of this norm.
pub(crate) fn noise<T: Scalar>(n: usize, norm: T::RealPart) -> T::RealPart {
    T::RealPart::from_f64(n as f64) * T::RealPart::UNIT_ROUNDOFF * norm
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod diagonal_tests;
