//! The kernels for small quasi-triangular matrices: contiguous columns, fused arithmetic where the processor has it.

use crate::scalar::{RealScalar, Scalar};
use tangency_vmath::Kernel;

/// Whether rows i and i + 1 of the column-major matrix of order n form a block.
#[inline(always)]
pub(crate) fn starts_pair<T: Scalar>(t: &[T], n: usize, i: usize) -> bool {
    i + 1 < n && t[i * n + i + 1] != T::ZERO
}

/// Whether rows i − 1 and i do.
#[inline(always)]
fn ends_pair<T: Scalar>(t: &[T], n: usize, i: usize) -> bool {
    i > 0 && t[(i - 1) * n + i] != T::ZERO
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

/// The inverse of the block with diagonal entries m and the off-diagonal entries of `t`; m may be 0.
///
/// $M^{-1} = (m I - N) / (m^2 + \mu^2)$, where all is divided by the larger of $\lvert m \rvert$ and $\mu$ first: the determinant
/// is then between 1 and 2.
#[inline(always)]
fn pair_inverse<T: Scalar>(m: T, t: &Block<T>) -> Block<T> {
    let inverse = T::from_real(T::RealPart::ONE / RealScalar::max(m.modulus(), pair_imaginary(t)));
    let (m, beta, gamma) = (m * inverse, t[0][1] * inverse, t[1][0] * inverse);
    let scale = inverse / (m * m - beta * gamma);
    [[m * scale, -beta * scale], [-gamma * scale, m * scale]]
}

/// `X` of `A X + X B = C` for blocks of order p and q, of which one is 2, and without a common eigenvalue of A and −B.
///
/// With $A = a I + N$, $N^2 = -\mu^2 I$, and $m = a + b$ the columns of X satisfy $(M^2 - b_{01} b_{10}) x_0 = M c_0 - b_{10} c_1$
/// and the like for $x_1$, with $M = m I + N$ and $M^2 = (m^2 - \mu^2) I + 2 m N$: no pivoting, and no loss beyond the
/// condition of the equation. All is divided by the largest of $\lvert m \rvert$ and the two $\mu$, so that fourth powers are at
/// most of order 1.
#[inline(always)]
pub(crate) fn solve_blocks<T: Scalar>(
    (a, p): (&Block<T>, usize),
    (b, q): (&Block<T>, usize),
    c: &Block<T>,
) -> Block<T> {
    let zero = T::ZERO;
    let m = a[0][0] + b[0][0];
    match (p, q) {
        (2, 1) => {
            let inverse = pair_inverse(m, a);
            let solve = |row: [T; 2]| row[0] * c[0][0] + row[1] * c[1][0];
            [[solve(inverse[0]), zero], [solve(inverse[1]), zero]]
        }
        (1, 2) => {
            let inverse = pair_inverse(m, b);
            let solve = |j: usize| c[0][0] * inverse[0][j] + c[0][1] * inverse[1][j];
            [[solve(0), solve(1)], [zero, zero]]
        }
        _ => {
            let size = RealScalar::max(pair_imaginary(a), pair_imaginary(b));
            let inverse = T::from_real(T::RealPart::ONE / RealScalar::max(m.modulus(), size));
            let m = m * inverse;
            let (beta, gamma) = (a[0][1] * inverse, a[1][0] * inverse);
            let (epsilon, zeta) = (b[0][1] * inverse, b[1][0] * inverse);
            let two_m = m + m;
            let h = m * m + (beta * gamma - epsilon * zeta);
            let scale = inverse / (h * h - two_m * two_m * (beta * gamma));
            let solve = |x: T, y: T, other_x: T, other_y: T, factor: T| {
                let r = m * x + beta * y - factor * other_x;
                let s = gamma * x + m * y - factor * other_y;
                ((h * r - two_m * beta * s) * scale, (h * s - two_m * gamma * r) * scale)
            };
            let (w, x) = solve(c[0][0], c[1][0], c[0][1], c[1][1], zeta);
            let (y, z) = solve(c[0][1], c[1][1], c[0][0], c[1][0], epsilon);
            [[w, y], [x, z]]
        }
    }
}

/// `A X + X B = C` in place of the one or two columns `x`, for their leading `end` rows, with one diagonal block B.
///
/// Rows from below; the columns of A are applied four at a time to what is above them, and singly to the rows that come
/// next. `Err` holds the row of an eigenvalue of A that is one of −B.
#[inline(always)]
pub(crate) fn solve_columns<T: Scalar, const FMA: bool>(
    (a, m): (&[T], usize),
    (b, width): (&Block<T>, usize),
    x: &mut [T],
    end: usize,
    negligible: f64,
) -> Result<(), usize> {
    // Rows i.. of X are known; those from i up to `applied` have not been applied to the rows above.
    let (mut i, mut applied) = (end, end);
    while i > 0 {
        let height = 1 + usize::from(ends_pair(a, m, i - 1));
        let r = i - height;
        if applied - r > 4 {
            for column in x.chunks_exact_mut(m).take(width) {
                let (above, known) = column.split_at_mut(i);
                subtract_columns::<T, FMA>(above, &a[i * m..], m, &known[..applied - i]);
            }
            applied = i;
        } else {
            for column in x.chunks_exact_mut(m).take(width) {
                for k in r..i {
                    let mut sum = column[k];
                    // The latest one last: all the others can be had before it is known.
                    for l in (i..applied).rev() {
                        sum = (-a[l * m + k]).multiply_add::<FMA>(column[l], sum);
                    }
                    column[k] = sum;
                }
            }
        }
        if height == 1 && width == 1 {
            let sum = a[r * m + r] + b[0][0];
            if sum == T::ZERO {
                if x[r].modulus().to_f64() > negligible {
                    return Err(r);
                }
                x[r] = T::ZERO;
            } else {
                x[r] *= T::ONE / sum; // the quotient is known before x[r] is
            }
        } else {
            let diagonal = block(a, m, (r, height), (r, height));
            let right = block(x, m, (r, height), (0, width));
            let solution = solve_blocks((&diagonal, height), (b, width), &right);
            for q in 0..width {
                for p in 0..height {
                    x[q * m + r + p] = solution[p][q];
                }
            }
        }
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
        let zero = [[T::ZERO; 2]; 2];
        for column in self.x.chunks_exact_mut(self.n) {
            // A is nonsingular, so nothing meets.
            let _ = solve_columns::<T, FMA>((self.a, self.n), (&zero, 1), column, self.n, 0.0);
        }
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
            let width = 1 + usize::from(starts_pair(a, n, j));
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
            if width == 1 {
                let inverse = T::ONE / a[j * n + j];
                for y in &mut tail[..end] {
                    *y *= inverse;
                }
            } else {
                let diagonal = block(a, n, (j, 2), (j, 2));
                let [[f, g], [h, k]] = pair_inverse(diagonal[0][0], &diagonal);
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
