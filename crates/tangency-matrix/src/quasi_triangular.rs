//! Linear equations with upper quasi-triangular matrices: from the left, from the right, and Sylvester's.
//!
//! A quasi-triangular matrix is block triangular with blocks of order 1 and 2 on the diagonal; a pair (i, i+1) is a block
//! of order 2 where the entry (i+1, i) is not zero. All three solvers halve the problem until it has order [`BASE`], so
//! that most of the work is products, and end in kernels that run down contiguous columns.

use crate::product::multiply_add;
use crate::scalar::{RealScalar, Scalar};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{MatMut, MatRef};
use tangency_vmath::Kernel;

/// Order at which the recursions end.
pub(crate) const BASE: usize = 32;

/// Contiguous copies of the blocks that the kernels work on.
#[derive(Debug, Clone)]
pub(crate) struct Scratch<T> {
    pub(crate) a: Vec<T>,
    pub(crate) b: Vec<T>,
    pub(crate) c: Vec<T>,
}

impl<T: Scalar> Scratch<T> {
    pub(crate) fn new(n: usize) -> Self {
        let size = n.min(BASE + 1).pow(2);
        Self { a: vec![T::ZERO; size], b: vec![T::ZERO; size], c: vec![T::ZERO; size] }
    }
}

/// Where to cut a quasi-triangular matrix of order at least 3 into halves without cutting a block.
pub(crate) fn middle<T: Scalar>(t: MatRef<'_, T>) -> usize {
    let half = t.nrows() / 2;
    if t[(half, half - 1)] == T::ZERO { half } else { half + 1 }
}

/// Copies a matrix column by column.
pub(crate) fn load<T: Scalar>(dst: &mut [T], src: MatRef<'_, T>) {
    if src.nrows() > 0 {
        for (dst, src) in dst.chunks_exact_mut(src.nrows()).zip(src.col_iter()) {
            for (dst, src) in dst.iter_mut().zip(src.iter()) {
                *dst = *src;
            }
        }
    }
}

/// Copies it back.
pub(crate) fn store<T: Scalar>(dst: MatMut<'_, T>, src: &[T]) {
    if dst.nrows() > 0 {
        for (src, dst) in src.chunks_exact(dst.nrows()).zip(dst.col_iter_mut()) {
            for (dst, src) in dst.iter_mut().zip(src) {
                *dst = *src;
            }
        }
    }
}

/// Whether rows i and i + 1 of the column-major matrix of order n form a block.
#[inline(always)]
pub(crate) fn starts_pair<T: Scalar>(t: &[T], n: usize, i: usize) -> bool {
    i + 1 < n && t[i * n + i + 1] != T::ZERO
}

/// Whether rows i − 1 and i do.
#[inline(always)]
pub(crate) fn ends_pair<T: Scalar>(t: &[T], n: usize, i: usize) -> bool {
    i > 0 && t[(i - 1) * n + i] != T::ZERO
}

/// `y -= a·x`.
#[inline(always)]
fn subtract<T: Scalar, const FMA: bool>(y: &mut [T], a: &[T], x: T) {
    let x = -x;
    for (y, &a) in y.iter_mut().zip(a) {
        *y = a.multiply_add::<FMA>(x, *y);
    }
}

/// `y -= a·x + b·z`, one pass over `y` instead of two.
#[inline(always)]
fn subtract_two<T: Scalar, const FMA: bool>(y: &mut [T], (a, x): (&[T], T), (b, z): (&[T], T)) {
    let (x, z) = (-x, -z);
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        *y = b.multiply_add::<FMA>(z, a.multiply_add::<FMA>(x, *y));
    }
}

/// Entries that [`subtract_columns`] keeps in registers.
const LANES: usize = 16;

/// `y -= Σ_k head_k·x_k` over the columns of `head`, which are `stride` apart; only the leading entries that `y` has.
#[inline(always)]
fn subtract_columns<T: Scalar, const FMA: bool>(y: &mut [T], head: &[T], stride: usize, x: &[T]) {
    let mut from = 0;
    while from + LANES <= y.len() {
        let mut sums = [T::ZERO; LANES];
        sums.copy_from_slice(&y[from..from + LANES]);
        for (column, &factor) in head.chunks_exact(stride).zip(x) {
            let factor = -factor;
            for (sum, &entry) in sums.iter_mut().zip(&column[from..from + LANES]) {
                *sum = entry.multiply_add::<FMA>(factor, *sum);
            }
        }
        y[from..from + LANES].copy_from_slice(&sums);
        from += LANES;
    }
    if from < y.len() {
        for (column, &factor) in head.chunks_exact(stride).zip(x) {
            subtract::<T, FMA>(&mut y[from..], &column[from..], factor);
        }
    }
}

/// A block of order at most 2.
pub(crate) type Block<T> = [[T; 2]; 2];

/// Rows r.. and columns c.. of a column-major matrix with leading dimension `ld`, of size `p x q`.
#[inline(always)]
pub(crate) fn block<T: Scalar>(t: &[T], ld: usize, (r, p): (usize, usize), (c, q): (usize, usize)) -> Block<T> {
    let mut block = [[T::ZERO; 2]; 2];
    for i in 0..p {
        for j in 0..q {
            block[i][j] = t[(c + j) * ld + r + i];
        }
    }
    block
}

/// Gaussian elimination with partial pivoting; `None` if the matrix is exactly singular.
fn eliminate<T: Scalar, const N: usize>(mut m: [[T; N]; N], mut x: [T; N]) -> Option<[T; N]> {
    for k in 0..N {
        let mut pivot = k;
        for i in k + 1..N {
            if m[i][k].modulus() > m[pivot][k].modulus() {
                pivot = i;
            }
        }
        if m[pivot][k] == T::ZERO {
            return None;
        }
        m.swap(k, pivot);
        x.swap(k, pivot);
        for i in k + 1..N {
            let factor = m[i][k] / m[k][k];
            for j in k + 1..N {
                m[i][j] = m[i][j] - factor * m[k][j];
            }
            x[i] = x[i] - factor * x[k];
        }
    }
    for k in (0..N).rev() {
        for j in k + 1..N {
            x[k] = x[k] - m[k][j] * x[j];
        }
        x[k] /= m[k][k];
    }
    Some(x)
}

/// `A X + X B = C` for blocks of order p and q; `None` if the spectra of A and −B meet.
pub(crate) fn solve_blocks<T: Scalar>(
    (a, p): (&Block<T>, usize),
    (b, q): (&Block<T>, usize),
    c: &Block<T>,
) -> Option<Block<T>> {
    let zero = T::ZERO;
    match (p, q) {
        (1, 1) => {
            let sum = a[0][0] + b[0][0];
            (sum != zero).then(|| [[c[0][0] / sum, zero], [zero, zero]])
        }
        (2, 1) => {
            let m = [[a[0][0] + b[0][0], a[0][1]], [a[1][0], a[1][1] + b[0][0]]];
            eliminate(m, [c[0][0], c[1][0]]).map(|[x, y]| [[x, zero], [y, zero]])
        }
        (1, 2) => {
            let m = [[a[0][0] + b[0][0], b[1][0]], [b[0][1], a[0][0] + b[1][1]]];
            eliminate(m, [c[0][0], c[0][1]]).map(|[x, y]| [[x, y], [zero, zero]])
        }
        _ => {
            // Unknowns x00, x10, x01, x11.
            let m = [
                [a[0][0] + b[0][0], a[0][1], b[1][0], zero],
                [a[1][0], a[1][1] + b[0][0], zero, b[1][0]],
                [b[0][1], zero, a[0][0] + b[1][1], a[0][1]],
                [zero, b[0][1], a[1][0], a[1][1] + b[1][1]],
            ];
            eliminate(m, [c[0][0], c[1][0], c[0][1], c[1][1]]).map(|[w, x, y, z]| [[w, y], [x, z]])
        }
    }
}

/// `X := A⁻¹ X` for a nonsingular quasi-triangular A.
pub(crate) fn solve_left<T: Scalar>(a: MatRef<'_, T>, x: MatMut<'_, T>, scratch: &mut Scratch<T>) {
    let n = a.nrows();
    if n == 0 || x.ncols() == 0 {
        return;
    }
    if n <= BASE {
        load(&mut scratch.a, a);
        let mut columns = x;
        while columns.ncols() > 0 {
            let width = n.min(columns.ncols());
            let (mut block, rest) = columns.split_at_col_mut(width);
            load(&mut scratch.c, block.rb());
            T::small_solve_left(&scratch.a[..n * n], n, &mut scratch.c[..n * width]);
            store(block.rb_mut(), &scratch.c);
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

/// The kernel of [`solve_left`]: A and the columns of X in contiguous memory.
pub(crate) struct SmallSolveLeft<'a, T> {
    pub(crate) a: &'a [T],
    pub(crate) n: usize,
    pub(crate) x: &'a mut [T],
}

impl<T: Scalar> Kernel for SmallSolveLeft<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for column in self.x.chunks_exact_mut(self.n) {
            solve_left_column::<T, FMA>(self.a, self.n, column);
        }
    }
}

/// Back substitution from the end of `x` upwards.
#[inline(always)]
fn solve_left_column<T: Scalar, const FMA: bool>(a: &[T], n: usize, x: &mut [T]) {
    let mut i = x.len();
    while i > 0 {
        if ends_pair(a, n, i - 1) {
            let (p, q) = (i - 2, i - 1);
            let m = block(a, n, (p, 2), (p, 2));
            let (y, z) = eliminate(m, [x[p], x[q]]).map_or((x[p], x[q]), |[y, z]| (y, z));
            (x[p], x[q]) = (y, z);
            subtract_two::<T, FMA>(&mut x[..p], (&a[p * n..p * n + p], y), (&a[q * n..q * n + p], z));
            i = p;
        } else {
            let k = i - 1;
            x[k] /= a[k * n + k];
            let y = x[k];
            subtract::<T, FMA>(&mut x[..k], &a[k * n..k * n + k], y);
            i = k;
        }
    }
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
    if n <= BASE && rows <= BASE {
        load(&mut scratch.a, a);
        load(&mut scratch.c, x.rb());
        T::small_solve_right(&scratch.a[..n * n], n, &mut scratch.c[..rows * n], same_structure);
        store(x.rb_mut(), &scratch.c);
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

/// The kernel of [`solve_right`].
pub(crate) struct SmallSolveRight<'a, T> {
    pub(crate) a: &'a [T],
    pub(crate) n: usize,
    pub(crate) x: &'a mut [T],
    pub(crate) same_structure: bool,
}

impl<T: Scalar> Kernel for SmallSolveRight<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { a, n, x, same_structure } = self;
        let rows = x.len() / n;
        let mut j = 0;
        while j < n {
            let width = 1 + usize::from(starts_pair(a, n, j));
            let end = if same_structure { j + width } else { rows };
            let (head, tail) = x.split_at_mut(j * rows);
            for (q, y) in tail.chunks_exact_mut(rows).take(width).enumerate() {
                subtract_columns::<T, FMA>(&mut y[..end], head, rows, &a[(j + q) * n..(j + q) * n + j]);
            }
            if width == 1 {
                let inverse = T::ONE / a[j * n + j];
                for y in &mut tail[..end] {
                    *y *= inverse;
                }
            } else {
                // X A = C for a block is Aᵀ Xᵀ = Cᵀ.
                let m = block(a, n, (j, 2), (j, 2));
                let (first, second) = tail.split_at_mut(rows);
                for (y, z) in first[..end].iter_mut().zip(second) {
                    if let Some(x) = eliminate([[m[0][0], m[1][0]], [m[0][1], m[1][1]]], [*y, *z]) {
                        [*y, *z] = x;
                    }
                }
            }
            j += width;
        }
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
    if m <= BASE && n <= BASE {
        load(&mut scratch.a, a);
        load(&mut scratch.b, b);
        load(&mut scratch.c, c.rb());
        let (a, b, x) = (&scratch.a[..m * m], &scratch.b[..n * n], &mut scratch.c[..m * n]);
        T::small_sylvester((a, m), (b, n), x, negligible.to_f64())
            .map_err(|(row, column)| SpectraMeet { row, column })?;
        store(c.rb_mut(), x);
        return Ok(());
    }
    if m >= n {
        let k = middle(a);
        let (a11, a12, _, a22) = a.split_at(k, k);
        let (mut c1, mut c2) = c.split_at_row_mut(k);
        sylvester(a22, b, c2.rb_mut(), negligible, scratch)
            .map_err(|e| SpectraMeet { row: e.row + k, ..e })?;
        multiply_add(c1.rb_mut(), -T::ONE, a12, c2.rb());
        sylvester(a11, b, c1, negligible, scratch)
    } else {
        let k = middle(b);
        let (b11, b12, _, b22) = b.split_at(k, k);
        let (mut c1, mut c2) = c.split_at_col_mut(k);
        sylvester(a, b11, c1.rb_mut(), negligible, scratch)?;
        multiply_add(c2.rb_mut(), -T::ONE, c1.rb(), b12);
        sylvester(a, b22, c2, negligible, scratch)
            .map_err(|e| SpectraMeet { column: e.column + k, ..e })
    }
}

/// The kernel of [`sylvester`]; an error is the pair of indices of eigenvalues that meet.
pub(crate) struct SmallSylvester<'a, T> {
    pub(crate) a: (&'a [T], usize),
    pub(crate) b: (&'a [T], usize),
    pub(crate) x: &'a mut [T],
    pub(crate) negligible: f64,
}

impl<T: Scalar> Kernel for SmallSylvester<'_, T> {
    type Output = Result<(), (usize, usize)>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { a, b: (b, n), x, negligible } = self;
        let m = a.1;
        let mut j = 0;
        while j < n {
            let width = 1 + usize::from(starts_pair(b, n, j));
            let (head, tail) = x.split_at_mut(j * m);
            for (q, y) in tail.chunks_exact_mut(m).take(width).enumerate() {
                subtract_columns::<T, FMA>(y, head, m, &b[(j + q) * n..(j + q) * n + j]);
            }
            let diagonal = block(b, n, (j, width), (j, width));
            solve_columns::<T, FMA>(a, (&diagonal, width), &mut tail[..width * m], m, negligible)
                .map_err(|row| (row, j))?;
            j += width;
        }
        Ok(())
    }
}

/// `A X + X B = C` in place of the `width` columns `x`, for the leading `end` rows, with one diagonal block B.
///
/// `Err` holds the row of an eigenvalue of A that is one of −B.
#[inline(always)]
pub(crate) fn solve_columns<T: Scalar, const FMA: bool>(
    (a, m): (&[T], usize),
    (b, width): (&Block<T>, usize),
    x: &mut [T],
    end: usize,
    negligible: f64,
) -> Result<(), usize> {
    let mut i = end;
    while i > 0 {
        let height = 1 + usize::from(ends_pair(a, m, i - 1));
        let r = i - height;
        if height == 1 && width == 1 {
            let sum = a[r * m + r] + b[0][0];
            if sum == T::ZERO {
                if x[r].modulus().to_f64() > negligible {
                    return Err(r);
                }
                x[r] = T::ZERO;
            } else {
                x[r] /= sum;
                let y = x[r];
                subtract::<T, FMA>(&mut x[..r], &a[r * m..r * m + r], y);
            }
        } else {
            let diagonal = block(a, m, (r, height), (r, height));
            let right = block(x, m, (r, height), (0, width));
            let solution = solve_blocks((&diagonal, height), (b, width), &right).ok_or(r)?;
            for q in 0..width {
                let column = &mut x[q * m..q * m + i];
                let (y, below) = column.split_at_mut(r);
                below[0] = solution[0][q];
                let first = &a[r * m..r * m + r];
                if height == 1 {
                    subtract::<T, FMA>(y, first, solution[0][q]);
                } else {
                    below[1] = solution[1][q];
                    let second = &a[(r + 1) * m..(r + 1) * m + r];
                    subtract_two::<T, FMA>(y, (first, solution[0][q]), (second, solution[1][q]));
                }
            }
        }
        i = r;
    }
    Ok(())
}

/// The largest modulus that rounding may have given to a zero in the (quasi-)triangular form of a matrix of this norm.
pub(crate) fn noise<T: Scalar>(n: usize, norm: T::RealPart) -> T::RealPart {
    T::RealPart::from_f64(n as f64) * T::RealPart::UNIT_ROUNDOFF * norm
}
