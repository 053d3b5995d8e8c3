//! Rows and columns scaled by powers of two, so that an elimination stays within the range of the type.

use super::scaled::{exponent_of, largest_step, real_power_of_two, size};
use crate::MatrixError;
use crate::norm::check_finite;
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, MatRef, prelude::ReborrowMut};

/// Columns whose largest entry lies above $2^{-16}$ stay as they are: partial pivoting does not depend on the scale of
/// a column, only the range does.
const COLUMN_THRESHOLD: i32 = -16;

/// Rows whose largest entries lie within a factor $2^4$ stay as they are, unless all are large or all are small.
const BALANCED: i32 = 3;

/// The powers of two that were taken out: `scaled = 2^{-rows[i] - columns[j]} a_ij`. In memory of the caller, which
/// for small orders is the stack.
#[derive(Debug)]
pub(super) struct Scaling<'a, T: Scalar> {
    pub(super) rows: &'a mut [i32],
    pub(super) columns: &'a mut [i32],
    /// Scratch: the largest entry of each row, then the factor.
    pub(super) factors: &'a mut [T::RealPart],
}

/// A line of zeros that [`Scaling::load`] met.
pub(super) type ZeroLine = Option<usize>;

impl<T: Scalar> Scaling<'_, T> {
    /// Sum of all exponents: $\log_2$ of what the determinant lost.
    pub(super) fn total(&self) -> i64 {
        self.rows.iter().chain(self.columns.iter()).map(|&e| i64::from(e)).sum()
    }

    /// Copies a square matrix, scaled, into `dst` (contiguous columns). Returns the index of a row or column of zeros.
    ///
    /// Rows first, to a largest entry within [1, 2) where they differ: that is the scaling of rows with the smallest condition in the
    /// ∞-norm (A. van der Sluis, *Condition numbers and equilibration of matrices*, Numer. Math. 14 (1969)), up to a power of two.
    #[inline(always)]
    pub(super) fn load(&mut self, a: MatRef<'_, T>, mut dst: MatMut<'_, T>) -> Result<ZeroLine, MatrixError> {
        let n = a.nrows();
        self.factors.fill(T::RealPart::ZERO);
        for j in 0..n {
            let column = entries(dst.rb_mut(), j);
            if let Some(source) = a.col(j).try_as_col_major() {
                column.copy_from_slice(source.as_slice());
            } else {
                (0..n).for_each(|i| column[i] = a[(i, j)]);
            }
            for (height, &x) in self.factors.iter_mut().zip(column.iter()) {
                let size = size(x);
                let larger = if size > *height { size } else { *height };
                // Zero times infinity or NaN is NaN, and stays in the sum.
                let mut poison = x.re() * T::RealPart::ZERO;
                if !T::IS_REAL {
                    poison += x.im() * T::RealPart::ZERO;
                }
                *height = larger + poison;
            }
        }
        let limit = largest_step::<T>();
        let (mut zero_line, mut low, mut high) = (None, i32::MAX, i32::MIN);
        for (i, (exponent, factor)) in self.rows.iter_mut().zip(self.factors.iter()).enumerate() {
            let height = factor.to_f64();
            if !height.is_finite() {
                check_finite(a)?;
            }
            if height == 0.0 {
                zero_line = zero_line.or(Some(i));
            }
            *exponent = if height > 0.0 { exponent_of(height).clamp(-limit, limit) } else { 0 };
            (low, high) = (low.min(*exponent), high.max(*exponent));
        }
        let balanced =
            high.saturating_sub(low) <= BALANCED && -COLUMN_THRESHOLD > high && high > COLUMN_THRESHOLD;
        if balanced {
            self.rows.fill(0);
        } else {
            for (factor, &exponent) in self.factors.iter_mut().zip(self.rows.iter()) {
                *factor = real_power_of_two::<T>(-exponent);
            }
        }
        for j in 0..n {
            let column = entries(dst.rb_mut(), j);
            if !balanced {
                for (x, &factor) in column.iter_mut().zip(self.factors.iter()) {
                    *x = x.scale(factor);
                }
            }
            let height = largest(column).to_f64();
            if height == 0.0 {
                zero_line = zero_line.or(Some(j));
            }
            self.columns[j] = 0;
            if height > 0.0 && exponent_of(height) < COLUMN_THRESHOLD {
                self.columns[j] = exponent_of(height).max(-limit);
                let factor = real_power_of_two::<T>(-self.columns[j]);
                for x in column {
                    *x = x.scale(factor);
                }
            }
        }
        Ok(zero_line)
    }
}

/// Column `j` as a slice.
#[inline(always)]
fn entries<T: Scalar>(a: MatMut<'_, T>, j: usize) -> &mut [T] {
    a.col_mut(j).try_as_col_major_mut().map_or(&mut [], |column| column.as_slice_mut())
}

/// The largest [`size`]; eight running maxima, because one would wait for itself.
#[inline]
fn largest<T: Scalar>(column: &[T]) -> T::RealPart {
    let mut running = [T::RealPart::ZERO; 8];
    let (chunks, rest) = column.as_chunks::<8>();
    for chunk in chunks {
        for (height, &x) in running.iter_mut().zip(chunk) {
            let size = size(x);
            *height = if size > *height { size } else { *height };
        }
    }
    rest.iter().map(|&x| size(x)).chain(running).fold(T::RealPart::ZERO, RealScalar::max)
}
