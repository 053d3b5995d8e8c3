//! The operator 1-norm, exactly and estimated from products.

use crate::MatrixError;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatMut, MatRef};

/// Operator 1-norm: the largest sum of moduli of a column.
///
/// $$ \lVert A \rVert_1 = \max_j \sum_i \lvert a_{ij} \rvert $$
///
/// faer's `norm_l1` is another thing: the sum over all entries. NaN if an entry is NaN. Cost: one pass.
///
/// # Example: against the sum of all entries
///
/// ```
/// use faer::mat;
///
/// let a = mat![[1.0, -2.0], [3.0, 4.0]];
/// assert_eq!(tangency_matrix::operator_norm_1(a.as_ref()), 6.0);
/// assert_eq!(a.norm_l1(), 10.0);
/// ```
pub fn operator_norm_1<T: Scalar>(a: MatRef<'_, T>) -> T::RealPart {
    let mut largest = T::RealPart::ZERO;
    for j in 0..a.ncols() {
        let column = a.col(j);
        let mut sum = T::RealPart::ZERO;
        match column.try_as_col_major() {
            Some(column) => column.as_slice().iter().for_each(|x| sum += x.modulus()),
            None => (0..a.nrows()).for_each(|i| sum += column[i].modulus()),
        }
        if sum.to_f64().is_nan() {
            return sum;
        }
        largest = RealScalar::max(largest, sum);
    }
    largest
}

/// The order of a square matrix of finite entries, or what is wrong with it.
pub(crate) fn check_square_finite<T: Scalar>(a: MatRef<'_, T>) -> Result<usize, MatrixError> {
    if a.nrows() != a.ncols() {
        return Err(MatrixError::NotSquare { rows: a.nrows(), columns: a.ncols() });
    }
    check_finite(a)?;
    Ok(a.nrows())
}

/// `Err` with the place of the first entry, by columns, that is not finite.
pub(crate) fn check_finite<T: Scalar>(a: MatRef<'_, T>) -> Result<(), MatrixError> {
    for j in 0..a.ncols() {
        if a.col(j).try_as_col_major().is_some_and(|column| surely_finite(column.as_slice())) {
            continue;
        }
        if let Some(row) = a.col(j).iter().position(|x| !x.finite()) {
            return Err(MatrixError::NotFinite { row, column: j });
        }
    }
    Ok(())
}

/// Whether all entries are finite, without a decision at each: zero times infinity or NaN is NaN, and stays in the sum.
fn surely_finite<T: Scalar>(column: &[T]) -> bool {
    let zero = |x: T| (x.re() * T::RealPart::ZERO) + (x.im() * T::RealPart::ZERO);
    let (chunks, tail) = column.as_chunks::<8>();
    let mut sums = [T::RealPart::ZERO; 8];
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += zero(x);
        }
    }
    tail.iter().map(|&x| zero(x)).chain(sums).fold(T::RealPart::ZERO, |s, x| s + x) == T::RealPart::ZERO
}

/// `Err` unless the matrix has this shape.
pub(crate) fn check_shape<T: Scalar>(
    what: &'static str,
    a: MatRef<'_, T>,
    (expected_rows, expected_columns): (usize, usize),
) -> Result<(), MatrixError> {
    if (a.nrows(), a.ncols()) == (expected_rows, expected_columns) {
        return Ok(());
    }
    Err(MatrixError::ShapeMismatch {
        what,
        expected_rows,
        expected_columns,
        rows: a.nrows(),
        columns: a.ncols(),
    })
}

/// Columns of the block in [`estimate_norm_1`].
const BLOCK: usize = 2;
/// Rounds of [`estimate_norm_1`]; two or three suffice nearly always.
const ROUNDS: usize = 5;

/// A lower bound of $\lVert A \rVert_1$ from products with $A$ and $A^*$, nearly always within a factor 3, mostly exact.
///
/// `apply(adjoint, x)` replaces the `n x 2` block `x` by `A x`, or by `Aᴴ x` if `adjoint`. The start is deterministic,
/// so the same operator gives the same bits.
///
/// N. J. Higham and F. Tisseur, *A block algorithm for matrix 1-norm estimation*, SIMAX 21 (2000), Algorithm 2.4
/// with two columns; the random signs of the start come from a fixed stream.
pub(crate) fn estimate_norm_1<T: Scalar>(
    n: usize,
    mut apply: impl FnMut(bool, MatMut<'_, T>),
) -> T::RealPart {
    if n == 0 {
        return T::RealPart::ZERO;
    }
    if n <= BLOCK {
        let mut identity = Mat::<T>::identity(n, n);
        apply(false, identity.as_mut());
        return operator_norm_1(identity.as_ref());
    }
    let mut stream = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random_sign = || {
        stream ^= stream << 13;
        stream ^= stream >> 7;
        stream ^= stream << 17;
        if stream >> 63 == 0 { T::ONE } else { -T::ONE }
    };
    let scale = T::RealPart::ONE / T::RealPart::from_f64(n as f64);
    let mut x = Mat::from_fn(n, BLOCK, |_, j| if j == 0 { T::ONE } else { random_sign() }.scale(scale));
    let mut estimate = T::RealPart::ZERO;
    let mut best = 0;
    let mut used: Vec<usize> = Vec::with_capacity(BLOCK * ROUNDS);
    let mut indices = [0; BLOCK];
    for round in 0..ROUNDS {
        apply(false, x.as_mut());
        let sums: [T::RealPart; BLOCK] = std::array::from_fn(|j| operator_norm_1(x.as_ref().subcols(j, 1)));
        let winner = usize::from(sums[1] > sums[0]);
        let new = sums[winner];
        if !new.finite() {
            return new; // overflow or NaN: the caller sees it
        }
        if round > 0 {
            if new <= estimate {
                break;
            }
            best = indices[winner];
        }
        estimate = new;
        // x := Aᴴ sign(A x).
        for j in 0..BLOCK {
            for x in x.as_mut().col_mut(j).iter_mut() {
                let modulus = x.modulus();
                *x = if modulus == T::RealPart::ZERO { T::ONE } else { x.scale(T::RealPart::ONE / modulus) };
            }
        }
        apply(true, x.as_mut());
        let mut heights = vec![T::RealPart::ZERO; n];
        for j in 0..BLOCK {
            for (height, x) in heights.iter_mut().zip(x.as_ref().col(j).iter()) {
                *height = RealScalar::max(*height, x.modulus());
            }
        }
        if round > 0 && heights.iter().all(|&height| heights[best] >= height) {
            break;
        }
        let fresh = largest_but(&heights, &used);
        let Some(&first) = fresh.first() else { break };
        indices = [first, *fresh.get(1).unwrap_or(&first)];
        used.extend(&fresh);
        x.fill(T::ZERO);
        for (j, &i) in indices.iter().enumerate() {
            x[(i, j)] = T::ONE;
        }
    }
    estimate
}

/// Places of the [`BLOCK`] largest numbers that are not used yet, the largest and of equal ones the first ahead.
fn largest_but<R: RealScalar>(heights: &[R], used: &[usize]) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::with_capacity(BLOCK + 1);
    for (i, &height) in heights.iter().enumerate() {
        let rank = places.iter().position(|&k| height > heights[k]).unwrap_or(places.len());
        if rank < BLOCK && !used.contains(&i) {
            places.insert(rank, i);
            places.truncate(BLOCK);
        }
    }
    places
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;
    use faer::{c64, mat};

    #[test]
    fn modulus_and_not_the_sum_of_parts() {
        assert_eq!(operator_norm_1(mat![[c64::new(3.0, 4.0)]].as_ref()), 5.0);
        assert!(operator_norm_1(mat![[f64::NAN, 1.0], [0.0, 7.0]].as_ref()).is_nan());
        assert_eq!(operator_norm_1(Mat::<f64>::zeros(0, 0).as_ref()), 0.0);
    }

    #[test]
    fn the_largest_come_first() {
        let heights = [1.0, 5.0, 2.0, 5.0, 4.0, 0.0];
        assert_eq!(largest_but(&heights, &[]), [1, 3]);
        assert_eq!(largest_but(&heights, &[3, 1]), [4, 2]);
        assert_eq!(largest_but(&heights, &[1, 4, 2, 0, 5]), [3]);
        assert_eq!(largest_but(&[0.0, 0.0, 0.0], &[0]), [1, 2]);
    }

    #[test]
    fn estimates_are_lower_bounds_and_close() {
        let mut exact = 0;
        for seed in 1..=200_u64 {
            let n = 3 + (seed % 12) as usize;
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let a = Mat::from_fn(n, n, |i, j| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let x = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
                x * if seed % 3 == 0 { (10.0_f64).powi(j as i32 - i as i32) } else { 1.0 }
            });
            let estimate = estimate_norm_1(n, |adjoint, mut x| {
                let y = if adjoint { a.transpose() * x.as_ref() } else { &a * x.as_ref() };
                x.copy_from(&y);
            });
            let norm = operator_norm_1(a.as_ref());
            assert!(
                estimate <= norm * (1.0 + 1e-14) && estimate >= norm / 3.0,
                "{seed}: {estimate} of {norm}"
            );
            exact += usize::from(estimate >= norm * (1.0 - 1e-14));
        }
        assert!(exact >= 110, "{exact} of 200 exact");
    }
}
