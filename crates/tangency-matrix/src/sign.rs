//! The sign of a matrix.

use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::product::{multiply_add, multiply_into};
use crate::quasi_triangular::{Block, solve_blocks};
use crate::reduction::{Reduction, check_result};
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::{on_axis, pair_imaginary, scaled};
use faer::{Mat, MatMut, MatRef};
use std::ops::Range;

/// The sign of a square matrix without eigenvalues on the imaginary axis.
///
/// $$ \operatorname{sign}(A) = A (A^2)^{-1/2} $$
///
/// It commutes with $A$, its square is $I$, and its eigenvalues are 1 and −1 where those of $A$ have positive and negative real
/// parts: $(I \pm \operatorname{sign}(A)) / 2$ are the projectors onto the two invariant subspaces. By the Schur method: on the triangular
/// form the diagonal is ±1 exactly, an entry between equal signs follows from $S^2 = I$, and one between opposite signs from $S T = T S$,
/// where the divisor is a difference of eigenvalues on either side of the axis. Newton's iteration would need fewer operations, but
/// cannot tell an eigenvalue on the axis from one close to it. A Hermitian matrix goes by its eigenvectors, and the result is
/// Hermitian to the bit; if all eigenvalues lie on one side, the result is $I$ or $-I$ exactly.
///
/// Cost: the Schur form, at most $n^3$ flops in blocks, and two products.
///
/// # Errors
///
/// [`MatrixError::NotSquare`] and [`MatrixError::NotFinite`] for what is no square matrix of numbers;
/// [`MatrixError::NoPrincipalValue`] with an eigenvalue on the imaginary axis (0 too), or one that rounding cannot tell from that:
/// with a real part of at most $10 n u \lVert A \rVert_1$, unless the matrix is triangular;
/// [`MatrixError::Overflow`] where an entry of the sign does not fit.
///
/// # Example: the projector onto what decays
///
/// ```
/// use faer::{Mat, mat};
///
/// let a = mat![[-3.0_f64, 4.0], [0.0, 2.0]];
/// let sign = tangency_matrix::signm(a.as_ref())?;
/// let projector = (Mat::<f64>::identity(2, 2) - &sign) * 0.5;
/// // e^{tA} P x decays with the rate 3: A P = -3 P.
/// assert!((&a * &projector + &projector * 3.0).norm_max() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Algorithm 5.5.
pub fn signm<T: Scalar>(a: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let reduction = Reduction::of(a)?;
    let signs = signs(&reduction).map_err(|error| scaled(error, reduction.exponent))?;
    if let Some(&first) = signs.first()
        && signs.iter().all(|&s| s * first > 0.0)
    {
        return Ok(Mat::from_fn(n, n, |i, j| if i == j { T::from_f64(first) } else { T::ZERO }));
    }
    let on_form = if reduction.diagonal {
        Mat::from_fn(n, n, |i, j| if i == j { T::from_f64(signs[i]) } else { T::ZERO })
    } else {
        triangular_sign(&reduction.t, &signs)
    };
    let mut sign = Mat::zeros(n, n);
    reduction.leave_value(on_form.as_ref(), sign.as_mut());
    check_result("the sign", sign.as_ref())?;
    Ok(sign)
}

/// ±1 for each eigenvalue.
fn signs<T: Scalar>(reduction: &Reduction<T>) -> Result<Vec<f64>, MatrixError> {
    let (t, n) = (reduction.t.as_ref(), reduction.order());
    let shift = if reduction.shifted { T::RealPart::ONE } else { T::RealPart::ZERO };
    let mut signs = Vec::with_capacity(n);
    while signs.len() < n {
        let i = signs.len();
        let (size, imaginary) = if i + 1 < n && t[(i + 1, i)] != T::ZERO {
            let block = [[t[(i, i)], t[(i, i + 1)]], [t[(i + 1, i)], t[(i + 1, i + 1)]]];
            (2, pair_imaginary(&block))
        } else {
            (1, t[(i, i)].im())
        };
        let real = t[(i, i)].re() + shift;
        if on_axis::<T>(real, reduction.noise) {
            return Err(MatrixError::NoPrincipalValue {
                function: "the sign",
                wanted: "unique",
                real: real.to_f64(),
                imaginary: imaginary.to_f64(),
                index: i,
            });
        }
        let sign = if real > T::RealPart::ZERO { 1.0 } else { -1.0 };
        signs.extend(std::iter::repeat_n(sign, size));
    }
    Ok(signs)
}

/// Order of the blocks between which products are taken; one more where it would cut a pair.
const BLOCK: usize = 32;

/// The sign of a quasi-triangular matrix in blocks: columns of them from the left, each from the diagonal upwards.
///
/// What lies between two blocks enters by products, three of order n at most, each a sixth of a full one.
fn triangular_sign<T: Scalar>(t: &Mat<T>, signs: &[f64]) -> Mat<T> {
    let mut sign = Triangular::new(t, signs);
    let (n, mut blocks) = (t.nrows(), Vec::new());
    let mut start = 0;
    while start < n {
        let mut end = (start + BLOCK).min(n);
        if end < n && t[(end, end - 1)] != T::ZERO {
            end += 1;
        }
        blocks.push(start..end);
        start = end;
    }
    let zeros = || Mat::zeros(n.min(BLOCK + 1), n.min(BLOCK + 1));
    let (mut squares, mut commutators) = (zeros(), zeros());
    for (count, right) in blocks.iter().enumerate() {
        sign.fill(right, right, None);
        for left in blocks[..count].iter().rev() {
            let mut dst = (
                squares.as_mut().submatrix_mut(0, 0, left.len(), right.len()),
                commutators.as_mut().submatrix_mut(0, 0, left.len(), right.len()),
            );
            sign.products(left, right, (dst.0.as_mut(), dst.1.as_mut()));
            sign.fill(left, right, Some((dst.0.as_ref(), dst.1.as_ref())));
        }
    }
    sign.s
}

/// A quasi-triangular matrix and what is known of its sign.
struct Triangular<'a, T: Scalar> {
    t: &'a Mat<T>,
    s: Mat<T>,
    /// The transposes, in which rows are contiguous.
    t_rows: Mat<T>,
    s_rows: Mat<T>,
    signs: &'a [f64],
}

impl<'a, T: Scalar> Triangular<'a, T> {
    fn new(t: &'a Mat<T>, signs: &'a [f64]) -> Self {
        let n = t.nrows();
        let s = Mat::from_fn(n, n, |i, j| if i == j { T::from_f64(signs[i]) } else { T::ZERO });
        Self { t, s_rows: s.clone(), s, t_rows: t.transpose().to_owned(), signs }
    }

    /// The block of $S^2$ and that of $S T - T S$, each where it is needed, without the terms in which a diagonal block has part.
    fn products(
        &self,
        left: &Range<usize>,
        right: &Range<usize>,
        (squares, mut commutators): (MatMut<'_, T>, MatMut<'_, T>),
    ) {
        let (from, count) = (left.end, right.start - left.end);
        let [s_row, t_row] = [&self.s, self.t].map(|x| x.submatrix(left.start, from, left.len(), count));
        let [s_column, t_column] =
            [&self.s, self.t].map(|x| x.submatrix(from, right.start, count, right.len()));
        let has = |range: &Range<usize>, sign: f64| self.signs[range.clone()].iter().any(|&s| s * sign > 0.0);
        if [1.0, -1.0].iter().any(|&sign| has(left, sign) && has(right, sign)) {
            multiply_into(squares, s_row, s_column);
        }
        if [1.0, -1.0].iter().any(|&sign| has(left, sign) && has(right, -sign)) {
            multiply_into(commutators.as_mut(), s_row, t_column);
            multiply_add(commutators, -T::ONE, t_row, s_column);
        }
    }

    /// The rows `left` of the columns `right`, with the [`Self::products`] of what is between them.
    fn fill(
        &mut self,
        left: &Range<usize>,
        right: &Range<usize>,
        products: Option<(MatRef<'_, T>, MatRef<'_, T>)>,
    ) {
        let starts = |range: &Range<usize>| -> Vec<(usize, usize)> {
            let first = |&i: &usize| i == range.start || self.t[(i, i - 1)] == T::ZERO;
            let size = |i: usize| 1 + usize::from(i + 1 < range.end && self.t[(i + 1, i)] != T::ZERO);
            range.clone().filter(first).map(|i| (i, size(i))).collect()
        };
        let (rows, columns) = (starts(left), starts(right));
        for &(j, q) in &columns {
            for &(i, p) in rows.iter().rev().filter(|&&(i, _)| i < j) {
                let equal = self.signs[i] * self.signs[j] > 0.0;
                let mut sums: Block<T> = [[T::ZERO; 2]; 2];
                for (r, sums) in sums.iter_mut().enumerate().take(p) {
                    for (c, sum) in sums.iter_mut().enumerate().take(q) {
                        let terms = |between| self.terms((i + r, j + c), between, equal);
                        *sum = match products {
                            None => terms(i + p..j),
                            Some((squares, commutators)) => {
                                let products = if equal { squares } else { commutators };
                                let product = products[(i + r - left.start, j + c - right.start)];
                                product + terms(i + p..left.end) + terms(right.start..j)
                            }
                        };
                    }
                }
                let solution = self.solve((i, p), (j, q), &sums, equal);
                for r in 0..p {
                    for c in 0..q {
                        self.s[(i + r, j + c)] = solution[r][c];
                        self.s_rows[(j + c, i + r)] = solution[r][c];
                    }
                }
            }
        }
    }

    /// The terms with indices `between` of an entry of $S^2$ (`equal`) or of $S T - T S$.
    fn terms(&self, (row, column): (usize, usize), between: Range<usize>, equal: bool) -> T {
        let s_row = &self.s_rows.col_as_slice(row)[between.clone()];
        let s_column = &self.s.col_as_slice(column)[between.clone()];
        if equal {
            return s_row.iter().zip(s_column).fold(T::ZERO, |sum, (&x, &y)| sum + x * y);
        }
        let t_row = &self.t_rows.col_as_slice(row)[between.clone()];
        let t_column = &self.t.col_as_slice(column)[between];
        let (s, t) = (s_row.iter().zip(s_column), t_row.iter().zip(t_column));
        s.zip(t).fold(T::ZERO, |sum, ((&s_row, &s_column), (&t_row, &t_column))| {
            sum + (s_row * t_column - t_row * s_column)
        })
    }

    /// The block of S at (i, j) of p rows and q columns, from the sums over what is between i and j.
    fn solve(
        &self,
        (i, p): (usize, usize),
        (j, q): (usize, usize),
        sums: &Block<T>,
        equal: bool,
    ) -> Block<T> {
        let sign = self.signs[i];
        if equal {
            let factor = T::from_f64(-0.5 * sign);
            return sums.map(|row| row.map(|x| x * factor));
        }
        let factor = T::from_f64(2.0 * sign);
        let mut sums = *sums;
        let (mut own, mut other): (Block<T>, Block<T>) = ([[T::ZERO; 2]; 2], [[T::ZERO; 2]; 2]);
        for r in 0..p {
            for c in 0..q {
                sums[r][c] += factor * self.t[(i + r, j + c)];
            }
            for c in 0..p {
                own[r][c] = self.t[(i + r, i + c)];
            }
        }
        for r in 0..q {
            for c in 0..q {
                other[r][c] = -self.t[(j + r, j + c)];
            }
        }
        // The spectra lie on either side of the imaginary axis: there is a solution.
        solve_blocks((&own, p), (&other, q), &sums)
    }
}
