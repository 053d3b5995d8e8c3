//! Sums over slices: inner product, squares, norm; and the update that goes with them.
//!
//! A sum is accumulated in 16 interleaved partial sums, which are then added in pairs. The order depends on the length
//! alone, never on alignment or threads. The error is at most about $(n/16 + 5) u \sum |x_i y_i|$, a sixteenth of that
//! of the plain loop, with $u = 2^{-53}$ or $2^{-24}$.

use crate::{Kernel, LengthMismatch, Real, dispatch};

/// How many partial sums a sum is made of: four AVX2 registers of `f64`, to hide the latency of an addition.
pub(crate) const LANES: usize = 16;

/// The sum of the partial sums, in pairs.
#[inline(always)]
pub(crate) fn total<T: Real>(mut lanes: [T; LANES]) -> T {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

struct Dot<'a, T>(&'a [T], &'a [T]);

impl<T: Real> Kernel for Dot<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> T {
        let (x, x_rest) = self.0.as_chunks::<LANES>();
        let (y, y_rest) = self.1.as_chunks::<LANES>();
        let mut lanes = [T::ZERO; LANES];
        for (x, y) in x.iter().zip(y) {
            for i in 0..LANES {
                lanes[i] = x[i].mul_add_lane::<FMA>(y[i], lanes[i]);
            }
        }
        for ((lane, &x), &y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
            *lane = x.mul_add_lane::<FMA>(y, *lane);
        }
        total(lanes)
    }
}

/// $\sum_i (x_i / s)^2$.
struct Quotients<'a, T>(&'a [T], T);

impl<T: Real> Kernel for Quotients<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> T {
        let (chunks, rest) = self.0.as_chunks::<LANES>();
        let mut lanes = [T::ZERO; LANES];
        for chunk in chunks {
            for i in 0..LANES {
                let quotient = chunk[i] / self.1;
                lanes[i] = quotient.mul_add_lane::<FMA>(quotient, lanes[i]);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(rest) {
            let quotient = x / self.1;
            *lane = quotient.mul_add_lane::<FMA>(quotient, *lane);
        }
        total(lanes)
    }
}

struct Axpy<'a, T>(T, &'a [T], &'a mut [T]);

impl<T: Real> Kernel for Axpy<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (y, &x) in self.2.iter_mut().zip(self.1) {
            *y = self.0.mul_add_lane::<FMA>(x, *y);
        }
    }
}

/// $\sum_i x_i y_i$; 0 for empty slices.
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
///
/// # Example: two orthogonal vectors
///
/// ```
/// assert_eq!(tangency_vmath::dot(&[3.0, 4.0], &[-4.0, 3.0]), Ok(0.0));
/// assert!(tangency_vmath::dot(&[1.0], &[1.0, 2.0]).is_err());
/// ```
pub fn dot<T: Real>(x: &[T], y: &[T]) -> Result<T, LengthMismatch> {
    LengthMismatch::check(x.len(), y.len())?;
    Ok(dispatch(Dot(x, y)))
}

/// $y \leftarrow a x + y$.
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
///
/// # Example: one step of gradient descent
///
/// ```
/// let mut position = [1.0, 2.0];
/// tangency_vmath::axpy(-0.5, &[2.0, 4.0], &mut position)?;
/// assert_eq!(position, [0.0, 0.0]);
/// # Ok::<(), tangency_vmath::LengthMismatch>(())
/// ```
pub fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) -> Result<(), LengthMismatch> {
    LengthMismatch::check(x.len(), y.len())?;
    dispatch(Axpy(a, x, y));
    Ok(())
}

/// $\sum_i x_i^2$; 0 for an empty slice.
///
/// Overflows, and loses small elements, where the squares do; [`norm`] does not.
///
/// # Example: the squared length of a vector
///
/// ```
/// assert_eq!(tangency_vmath::sum_of_squares(&[1.0, 2.0, 2.0]), 9.0);
/// ```
pub fn sum_of_squares<T: Real>(x: &[T]) -> T {
    dispatch(Dot(x, x))
}

/// $\lVert x \rVert_2 = \sqrt{\sum_i x_i^2}$, without overflow or underflow on the way; 0 for an empty slice.
///
/// One pass; two more, dividing by the largest magnitude, only where the squares leave the range of the type. NaN if an
/// element is NaN.
///
/// # Example: a length whose square is too large
///
/// ```
/// assert_eq!(tangency_vmath::norm(&[3.0, 4.0]), 5.0);
/// assert_eq!(tangency_vmath::norm(&[3e300, 4e300]), 5e300);
/// ```
pub fn norm<T: Real>(x: &[T]) -> T {
    let squares = sum_of_squares(x);
    if squares.is_nan() || (squares.is_finite() && squares > T::MIN_POSITIVE / T::EPSILON) {
        return squares.sqrt();
    }
    let largest = x.iter().fold(T::ZERO, |largest, &x| largest.max(x.abs()));
    if largest == T::ZERO || !largest.is_finite() {
        return largest;
    }
    // The quotients are at most 1, so the sum is at least 1 and at most the length.
    largest * dispatch(Quotients(x, largest)).sqrt()
}
