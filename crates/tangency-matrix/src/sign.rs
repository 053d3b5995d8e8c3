//! The sign of a matrix.

use crate::MatrixError;
use crate::norm::check_square_finite;
use crate::quasi_triangular::{Block, solve_blocks};
use crate::reduction::{Reduction, check_result};
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::{pair_imaginary, scaled};
use faer::{Mat, MatRef};

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
/// Cost: the Schur form, about $2 n^3 / 3$ flops and two products.
///
/// # Errors
///
/// [`MatrixError::NotSquare`] and [`MatrixError::NotFinite`] for what is no square matrix of numbers;
/// [`MatrixError::NoPrincipalValue`] with an eigenvalue on the imaginary axis (0 too), or one that rounding cannot tell from that;
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
        triangular_sign(reduction.t.as_ref(), &signs)
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
        if Scalar::modulus(real) <= reduction.noise {
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

/// The sign of a quasi-triangular matrix, a block at a time: columns from the left, each from the diagonal upwards.
fn triangular_sign<T: Scalar>(t: MatRef<'_, T>, signs: &[f64]) -> Mat<T> {
    let n = t.nrows();
    // Rows of T and S in contiguous memory, for the sums over a row and a column.
    let t_rows: Vec<T> = (0..n).flat_map(|i| (0..n).map(move |j| t[(i, j)])).collect();
    let mut s_rows = vec![T::ZERO; n * n];
    let mut s = Mat::from_fn(n, n, |i, j| if i == j { T::from_f64(signs[i]) } else { T::ZERO });
    for i in 0..n {
        s_rows[i * n + i] = s[(i, i)];
    }
    let mut starts: Vec<(usize, usize)> = Vec::with_capacity(n);
    let mut j = 0;
    while j < n {
        let q = if j + 1 < n && t[(j + 1, j)] != T::ZERO { 2 } else { 1 };
        for &(i, p) in starts.iter().rev() {
            let between = i + p..j;
            let mut sums: Block<T> = [[T::ZERO; 2]; 2];
            let equal = signs[i] * signs[j] > 0.0;
            for (r, sums) in sums.iter_mut().enumerate().take(p) {
                let row = (i + r) * n;
                let (s_row, t_row) =
                    (&s_rows[row + between.start..row + j], &t_rows[row + between.start..row + j]);
                for (c, sum) in sums.iter_mut().enumerate().take(q) {
                    let s_column = s.col(j + c).subrows(between.start, between.len());
                    if equal {
                        for (&x, &y) in s_row.iter().zip(s_column.iter()) {
                            *sum += x * y;
                        }
                    } else {
                        let t_column = t.col(j + c).subrows(between.start, between.len());
                        for (k, (&x, &y)) in s_row.iter().zip(t_column.iter()).enumerate() {
                            *sum += x * y - t_row[k] * s_column[k];
                        }
                    }
                }
            }
            let solution = if equal {
                let factor = T::from_f64(-0.5 * signs[i]);
                sums.map(|row| row.map(|x| x * factor))
            } else {
                let factor = T::from_f64(2.0 * signs[i]);
                let (mut own, mut other): (Block<T>, Block<T>) = ([[T::ZERO; 2]; 2], [[T::ZERO; 2]; 2]);
                for r in 0..p {
                    for c in 0..q {
                        sums[r][c] += factor * t[(i + r, j + c)];
                    }
                    for c in 0..p {
                        own[r][c] = t[(i + r, i + c)];
                    }
                }
                for r in 0..q {
                    for c in 0..q {
                        other[r][c] = -t[(j + r, j + c)];
                    }
                }
                // The spectra lie on either side of the imaginary axis: there is a solution.
                solve_blocks((&own, p), (&other, q), &sums)
            };
            for r in 0..p {
                for c in 0..q {
                    s[(i + r, j + c)] = solution[r][c];
                    s_rows[(i + r) * n + j + c] = solution[r][c];
                }
            }
        }
        starts.push((j, q));
        j += q;
    }
    s
}
