//! The kernels for small quasi-triangular matrices: contiguous columns, fused arithmetic where the processor has it.

use super::LEAF;
use crate::scalar::{RealScalar, Scalar};
use tangency_vmath::Kernel;

/// Whether rows i and i + 1 of the column-major matrix with leading dimension `ld` form a block; never for a complex type.
#[inline(always)]
pub(crate) fn starts_pair<T: Scalar>(t: &[T], ld: usize, n: usize, i: usize) -> bool {
    T::IS_REAL && i + 1 < n && t[i * ld + i + 1] != T::ZERO
}

/// Whether rows i − 1 and i do.
#[inline(always)]
fn ends_pair<T: Scalar>(t: &[T], ld: usize, i: usize) -> bool {
    T::IS_REAL && i > 0 && t[(i - 1) * ld + i] != T::ZERO
}

/// `y -= Σ_k a_k·x_k` for columns a_k given as a slice and a stride.
///
/// Four columns at a time: `y` is read and written once for them.
#[inline(always)]
fn subtract_columns<T: Scalar, const FMA: bool>(y: &mut [T], columns: &[T], stride: usize, x: &[T]) {
    let len = y.len();
    let mut quadruples = x.chunks_exact(4);
    let mut from = 0;
    for x in quadruples.by_ref() {
        let column = |k: usize| &columns[from + k * stride..from + k * stride + len];
        subtract_four::<T, FMA>(y, [column(0), column(1), column(2), column(3)], [x[0], x[1], x[2], x[3]]);
        from += 4 * stride;
    }
    for &x in quadruples.remainder() {
        let x = -x;
        for (y, &a) in y.iter_mut().zip(&columns[from..from + len]) {
            *y = a.multiply_add::<FMA>(x, *y);
        }
        from += stride;
    }
}

/// `y -= a₀x₀ + a₁x₁ + a₂x₂ + a₃x₃`.
#[inline(always)]
fn subtract_four<T: Scalar, const FMA: bool>(y: &mut [T], a: [&[T]; 4], x: [T; 4]) {
    let len = y.len();
    let [a, b, c, d] = a.map(|column| &column[..len]);
    let x = x.map(|x| -x);
    for i in 0..len {
        let first = b[i].multiply_add::<FMA>(x[1], a[i].multiply_add::<FMA>(x[0], y[i]));
        y[i] = d[i].multiply_add::<FMA>(x[3], c[i].multiply_add::<FMA>(x[2], first));
    }
}

/// A block of order at most 2.
pub(crate) type Block<T> = [[T; 2]; 2];

/// Rows r.. and columns c.. of a column-major matrix with leading dimension `ld`, of size `p x q`.
#[inline(always)]
pub(crate) fn block<T: Scalar>(
    t: &[T],
    ld: usize,
    (r, p): (usize, usize),
    (c, q): (usize, usize),
) -> Block<T> {
    let mut block = [[T::ZERO; 2]; 2];
    for i in 0..p {
        for j in 0..q {
            block[i][j] = t[(c + j) * ld + r + i];
        }
    }
    block
}

/// The positive imaginary part $\mu = \sqrt{-bc}$ of the eigenvalues of a standardised real block.
#[inline(always)]
pub(crate) fn pair_imaginary<T: Scalar>(t: &Block<T>) -> T::RealPart {
    // The product of the entries may leave the range where their roots do not.
    Scalar::sqrt(t[0][1].modulus()) * Scalar::sqrt(t[1][0].modulus())
}

/// [`pair_imaginary`] for the rows of every block of order 2 of the leading n rows, 0 for others.
#[inline(always)]
fn imaginary_parts<T: Scalar>(t: &[T], n: usize) -> [T::RealPart; LEAF] {
    let mut parts = [T::RealPart::ZERO; LEAF];
    for i in 0..n {
        if starts_pair(t, n, n, i) {
            parts[i] = pair_imaginary(&block(t, n, (i, 2), (i, 2)));
            parts[i + 1] = parts[i];
        }
    }
    parts
}

/// The inverse of $X \mapsto A X + X B$ for blocks $A = a I + M$, $B = b I + N$ of order at most 2.
///
/// With $m = a + b$, $M^2 = -\mu^2 I$, $N^2 = -\nu^2 I$, and $M, N = 0$ for order 1:
///
/// $$ X = \frac{m (m^2 + \mu^2 + \nu^2) C - (m^2 + \mu^2 - \nu^2) M C - (m^2 - \mu^2 + \nu^2) C N + 2 m M C N}{(m^2 + (\mu - \nu)^2) (m^2 + (\mu + \nu)^2)} $$
///
/// No pivoting, and no loss beyond the condition of the equation. What is squared is divided by the largest of
/// $\lvert m \rvert, \mu, \nu$ first, or by the larger of $\lvert m \rvert$ and $\lvert \mu - \nu \rvert$ if it is that
/// small, so that nothing leaves the range. Not for a common eigenvalue of A and −B.
#[derive(Clone, Copy)]
struct BlockInverse<T> {
    plain: T,
    left: T,
    right: T,
    both: T,
    /// What M and N are to be divided by, inverted.
    inverse: T,
}

impl<T: Scalar> BlockInverse<T> {
    #[inline(always)]
    fn new(m: T, mu: T::RealPart, nu: T::RealPart) -> Self {
        let size = RealScalar::max(m.modulus(), RealScalar::max(mu, nu));
        let inverse = T::RealPart::ONE / size;
        let (m, mu, nu) = (m.scale(inverse), mu * inverse, nu * inverse);
        let (gap, sum) = (mu - nu, mu + nu);
        let near = T::RealPart::ONE / RealScalar::max(m.modulus(), gap.modulus());
        let (small_m, small_gap) = (m.scale(near), T::from_real(gap * near));
        let (sum, square) = (T::from_real(sum), T::from_real(mu * mu + nu * nu));
        let determinant = (small_m * small_m + small_gap * small_gap) * (m * m + sum * sum);
        let scale = T::from_real(near * inverse) / determinant;
        Self {
            plain: small_m * (m * m + square) * scale,
            left: -(small_m * m + small_gap * sum) * scale,
            right: -(small_m * m - small_gap * sum) * scale,
            both: (small_m + small_m) * scale,
            inverse: T::from_real(inverse),
        }
    }

    /// `m` and `n` are the off-diagonal entries (0, 1) and (1, 0) of M and N.
    #[inline(always)]
    fn apply<const FMA: bool>(&self, m: [T; 2], n: [T; 2], c: &Block<T>) -> Block<T> {
        let inverse = self.inverse;
        let (turned_0, turned_1) = (n[1] * inverse, n[0] * inverse);
        let (u00, v00) = self.combine::<FMA>(c[0][0], c[0][1] * turned_0);
        let (u01, v01) = self.combine::<FMA>(c[0][1], c[0][0] * turned_1);
        let (u10, v10) = self.combine::<FMA>(c[1][0], c[1][1] * turned_0);
        let (u11, v11) = self.combine::<FMA>(c[1][1], c[1][0] * turned_1);
        let (m0, m1) = (m[0] * inverse, m[1] * inverse);
        [
            [m0.multiply_add::<FMA>(v10, u00), m0.multiply_add::<FMA>(v11, u01)],
            [m1.multiply_add::<FMA>(v00, u10), m1.multiply_add::<FMA>(v01, u11)],
        ]
    }

    /// What is not, and what is to be multiplied by M, of an entry of C and of C N.
    // No closures here and below: those would be compiled without the instructions of the kernel.
    #[inline(always)]
    fn combine<const FMA: bool>(&self, c: T, cn: T) -> (T, T) {
        (self.right.multiply_add::<FMA>(cn, self.plain * c), self.both.multiply_add::<FMA>(cn, self.left * c))
    }
}

/// `X` of `A X + X B = C` for blocks of order p and q, without a common eigenvalue of A and −B.
#[inline(always)]
pub(crate) fn solve_blocks<T: Scalar>(
    (a, p): (&Block<T>, usize),
    (b, q): (&Block<T>, usize),
    c: &Block<T>,
) -> Block<T> {
    let parts = |t: &Block<T>, order: usize| {
        if order == 2 { (pair_imaginary(t), [t[0][1], t[1][0]]) } else { (T::RealPart::ZERO, [T::ZERO; 2]) }
    };
    let ((mu, m), (nu, n)) = (parts(a, p), parts(b, q));
    BlockInverse::new(a[0][0] + b[0][0], mu, nu).apply::<false>(m, n, c)
}

/// The inverse of a block of order `size`.
#[inline(always)]
fn inverse_of_block<T: Scalar>(a: &Block<T>, size: usize) -> Block<T> {
    if size == 1 {
        return [[T::ONE / a[0][0], T::ZERO], [T::ZERO; 2]];
    }
    let off = [a[0][1], a[1][0]];
    let identity = [[T::ONE, T::ZERO], [T::ZERO, T::ONE]];
    let mu = pair_imaginary(a);
    BlockInverse::new(a[0][0], mu, T::RealPart::ZERO).apply::<false>(off, [T::ZERO; 2], &identity)
}

/// Columns that are solved together: their chains of dependent operations overlap.
pub(crate) const GROUP: usize = 4;

/// The diagonal blocks of B that belong to a group of columns, and what is above them.
pub(crate) struct Group<T: Scalar> {
    /// `b[i][j]`, row i and column j.
    b: [[T; GROUP]; GROUP],
    mu: [T::RealPart; GROUP],
    pair: [bool; GROUP],
    pub(crate) width: usize,
}

impl<T: Scalar> Group<T> {
    /// Whole blocks from column j on, at most `limit` columns if that is 2 or more.
    #[inline(always)]
    pub(crate) fn new(b: &[T], n: usize, j: usize, limit: usize) -> Self {
        let zero = T::ZERO;
        let mut group = Self {
            b: [[zero; GROUP]; GROUP],
            mu: [T::RealPart::ZERO; GROUP],
            pair: [false; GROUP],
            width: 0,
        };
        while j + group.width < n {
            let k = group.width;
            let size = 1 + usize::from(starts_pair(b, n, n, j + k));
            if k + size > limit.max(size) {
                break;
            }
            if size == 2 {
                group.pair[k] = true;
                group.mu[k] = pair_imaginary(&block(b, n, (j + k, 2), (j + k, 2)));
            }
            group.width += size;
        }
        for k in 0..group.width {
            for i in 0..group.width {
                group.b[i][k] = b[(j + k) * n + j + i];
            }
        }
        group
    }
}

/// One step of substitution.
pub(crate) trait SolveRows<T> {
    /// Solves for rows r.. of the columns `x`, where the rows below have been applied. `Err` holds the column of a group
    /// whose eigenvalue is that of −A.
    fn solve_rows<const FMA: bool>(&self, x: (&mut [T], usize), rows: (usize, usize)) -> Result<(), usize>;
}

/// `A X + X B = C` for a group of columns.
pub(crate) struct Equation<'a, T: Scalar> {
    /// A with its leading dimension.
    pub(crate) a: (&'a [T], usize),
    /// [`imaginary_parts`] of A.
    pub(crate) mu: &'a [T::RealPart],
    pub(crate) group: &'a Group<T>,
    pub(crate) negligible: f64,
}

impl<T: Scalar> SolveRows<T> for Equation<'_, T> {
    #[inline(always)]
    fn solve_rows<const FMA: bool>(
        &self,
        (x, stride): (&mut [T], usize),
        (r, height): (usize, usize),
    ) -> Result<(), usize> {
        let Group { b, mu, pair, width } = self.group;
        let a = block(self.a.0, self.a.1, (r, height), (r, height));
        let mut c = 0;
        while c < *width {
            let size = 1 + usize::from(T::IS_REAL && pair[c]);
            let mut right = block(x, stride, (r, height), (c, size));
            for e in 0..c {
                for p in 0..height {
                    let known = -x[e * stride + r + p];
                    for q in 0..size {
                        right[p][q] = known.multiply_add::<FMA>(b[e][c + q], right[p][q]);
                    }
                }
            }
            let sum = a[0][0] + b[c][c];
            if height == 1 && size == 1 {
                x[c * stride + r] = if sum != T::ZERO {
                    right[0][0] * (T::ONE / sum) // the quotient is known before the right side is
                } else if right[0][0].modulus().to_f64() <= self.negligible {
                    T::ZERO
                } else {
                    return Err(c);
                };
            } else {
                let m = if height == 2 { [a[0][1], a[1][0]] } else { [T::ZERO; 2] };
                let n = if size == 2 { [b[c][c + 1], b[c + 1][c]] } else { [T::ZERO; 2] };
                let solution = BlockInverse::new(sum, self.mu[r], mu[c]).apply::<FMA>(m, n, &right);
                for q in 0..size {
                    for p in 0..height {
                        x[(c + q) * stride + r + p] = solution[p][q];
                    }
                }
            }
            c += size;
        }
        Ok(())
    }
}

/// Substitution in `width` columns of `x` for their leading `end` rows: from below, each step after all that is
/// below its block of rows was multiplied by A and subtracted.
///
/// The columns of A are applied four at a time to what is above them, and singly to the rows that come next.
#[inline(always)]
pub(crate) fn substitute<T: Scalar, const FMA: bool>(
    (a, ld): (&[T], usize),
    (x, stride, width): (&mut [T], usize, usize),
    end: usize,
    step: &impl SolveRows<T>,
) -> Result<(), (usize, usize)> {
    // Rows i.. of X are known; those from i up to `applied` have not been applied to the rows above.
    let (mut i, mut applied) = (end, end);
    while i > 0 {
        let height = 1 + usize::from(ends_pair(a, ld, i - 1));
        let r = i - height;
        if applied - r > 4 {
            for c in 0..width {
                let (above, known) = x[c * stride..c * stride + applied].split_at_mut(i);
                subtract_columns::<T, FMA>(above, &a[i * ld..], ld, known);
            }
            applied = i;
        } else {
            for c in 0..width {
                for k in r..i {
                    let mut sum = x[c * stride + k];
                    // The latest one last: all the others can be had before it is known.
                    for l in (i..applied).rev() {
                        sum = (-a[l * ld + k]).multiply_add::<FMA>(x[c * stride + l], sum);
                    }
                    x[c * stride + k] = sum;
                }
            }
        }
        step.solve_rows::<FMA>((x, stride), (r, height)).map_err(|column| (r, column))?;
        i = r;
    }
    Ok(())
}

/// `X := A⁻¹ X`.
pub(crate) struct SmallSolveLeft<'a, T> {
    pub(crate) a: &'a [T],
    pub(crate) n: usize,
    pub(crate) x: &'a mut [T],
}

impl<T: Scalar> Kernel for SmallSolveLeft<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { a, n, x } = self;
        let mut inverses = [[[T::ZERO; 2]; 2]; LEAF];
        let mut i = 0;
        while i < n {
            let size = 1 + usize::from(starts_pair(a, n, n, i));
            inverses[i] = inverse_of_block(&block(a, n, (i, size), (i, size)), size);
            i += size;
        }
        for columns in x.chunks_mut(GROUP * n) {
            let width = columns.len() / n;
            let step = Inverses { blocks: &inverses, width };
            // A is nonsingular, so nothing meets.
            let _ = substitute::<T, FMA>((a, n), (columns, n, width), n, &step);
        }
    }
}

/// The inverses of the diagonal blocks, for so many columns.
struct Inverses<'a, T> {
    blocks: &'a [Block<T>],
    width: usize,
}

impl<T: Scalar> SolveRows<T> for Inverses<'_, T> {
    #[inline(always)]
    fn solve_rows<const FMA: bool>(
        &self,
        (x, stride): (&mut [T], usize),
        (r, height): (usize, usize),
    ) -> Result<(), usize> {
        let inverse = &self.blocks[r];
        for c in 0..self.width {
            let first = x[c * stride + r];
            if height == 1 {
                x[c * stride + r] = first * inverse[0][0];
            } else {
                let second = x[c * stride + r + 1];
                x[c * stride + r] = second.multiply_add::<FMA>(inverse[0][1], first * inverse[0][0]);
                x[c * stride + r + 1] = second.multiply_add::<FMA>(inverse[1][1], first * inverse[1][0]);
            }
        }
        Ok(())
    }
}

/// `X := X A⁻¹`; with `same_structure` X has the zeros of A.
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
            let width = 1 + usize::from(starts_pair(a, n, n, j));
            let end = if same_structure { j + width } else { rows };
            let (head, tail) = x.split_at_mut(j * rows);
            for (q, y) in tail.chunks_exact_mut(rows).take(width).enumerate() {
                let factors = &a[(j + q) * n..(j + q) * n + j];
                if same_structure {
                    subtract_triangle::<T, FMA>(&mut y[..j], head, rows, factors);
                } else {
                    subtract_columns::<T, FMA>(&mut y[..end], head, rows, factors);
                }
            }
            let [[f, g], [h, k]] = inverse_of_block(&block(a, n, (j, width), (j, width)), width);
            if width == 1 {
                for y in &mut tail[..end] {
                    *y *= f;
                }
            } else {
                let (first, second) = tail.split_at_mut(rows);
                for (y, z) in first[..end].iter_mut().zip(second) {
                    (*y, *z) = (*y * f + *z * h, *y * g + *z * k);
                }
            }
            j += width;
        }
    }
}

/// [`subtract_columns`] where column k has nothing below row k + 1: four columns share their longest length.
#[inline(always)]
fn subtract_triangle<T: Scalar, const FMA: bool>(y: &mut [T], columns: &[T], stride: usize, x: &[T]) {
    let mut from = 0;
    for x in x.chunks(4) {
        let end = (from + x.len() + 1).min(y.len());
        subtract_columns::<T, FMA>(&mut y[..end], &columns[from * stride..], stride, x);
        from += 4;
    }
}

/// `A X + X B = C` in place of C; an error is the pair of indices of eigenvalues that meet.
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
        let Self { a: (a, m), b: (b, n), x, negligible } = self;
        let mu = imaginary_parts(a, m);
        let mut j = 0;
        while j < n {
            let group = Group::new(b, n, j, GROUP);
            let (head, tail) = x.split_at_mut(j * m);
            for (q, y) in tail.chunks_exact_mut(m).take(group.width).enumerate() {
                subtract_columns::<T, FMA>(y, head, m, &b[(j + q) * n..(j + q) * n + j]);
            }
            let step = Equation { a: (a, m), mu: &mu, group: &group, negligible };
            substitute::<T, FMA>((a, m), (tail, m, group.width), m, &step)
                .map_err(|(row, column)| (row, j + column))?;
            j += group.width;
        }
        Ok(())
    }
}
