//! The functions over slices, in place and from one slice into another.

use crate::{Kernel, LengthMismatch, Real, dispatch};
use std::marker::PhantomData;

/// A function of one number.
trait Function {
    fn lane<T: Real, const FMA: bool>(x: T) -> T;
}

/// Applies `F` to every element of a slice.
struct InPlace<'a, T, F>(&'a mut [T], PhantomData<F>);

impl<T: Real, F: Function> Kernel for InPlace<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for x in self.0 {
            *x = F::lane::<T, FMA>(*x);
        }
    }
}

/// Applies `F` to every element of one slice, into another of the same length.
struct Into<'a, T, F>(&'a [T], &'a mut [T], PhantomData<F>);

impl<T: Real, F: Function> Kernel for Into<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (y, &x) in self.1.iter_mut().zip(self.0) {
            *y = F::lane::<T, FMA>(x);
        }
    }
}

fn in_place<T: Real, F: Function>(values: &mut [T]) {
    dispatch(InPlace(values, PhantomData::<F>));
}

fn into<T: Real, F: Function>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    LengthMismatch::check(from.len(), to.len())?;
    dispatch(Into(from, to, PhantomData::<F>));
    Ok(())
}

struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.exp_lane::<FMA>()
    }
}

struct Expm1;

impl Function for Expm1 {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.expm1_lane::<FMA>()
    }
}

struct Ln;

impl Function for Ln {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.ln_lane::<FMA>()
    }
}

struct Log1p;

impl Function for Log1p {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.log1p_lane::<FMA>()
    }
}

struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.tanh_lane::<FMA>()
    }
}

struct Sigmoid;

impl Function for Sigmoid {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.sigmoid_lane::<FMA>()
    }
}

struct Softplus;

impl Function for Softplus {
    #[inline(always)]
    fn lane<T: Real, const FMA: bool>(x: T) -> T {
        x.softplus_lane::<FMA>()
    }
}

/// $e^x$, for every element, in place.
///
/// Overflows to infinity and underflows through the subnormal numbers to 0 where $e^x$ does, at 709.78 and −745.13
/// (88.72 and −103.97 in `f32`).
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: growth over three steps
///
/// ```
/// let mut x = [0.0, 1.0, -800.0];
/// tangency_vmath::exp(&mut x);
/// assert_eq!(x, [1.0, std::f64::consts::E, 0.0]);
/// ```
pub fn exp<T: Real>(values: &mut [T]) {
    in_place::<T, Exp>(values);
}

/// $e^x$, for every element of `from`, into `to`; otherwise as [`exp`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn exp_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Exp>(from, to)
}

/// $e^x - 1$, for every element, in place.
///
/// Keeps its relative accuracy near $x = 0$, where $e^x$ minus 1 has none; $-1$ on the far left, and $-0$ at $-0$.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: what subtracting 1 would lose
///
/// ```
/// let mut x = [1e-20, -0.0, -50.0];
/// tangency_vmath::expm1(&mut x);
/// assert_eq!(x, [1e-20, -0.0, -1.0]);
/// ```
pub fn expm1<T: Real>(values: &mut [T]) {
    in_place::<T, Expm1>(values);
}

/// $e^x - 1$, for every element of `from`, into `to`; otherwise as [`expm1`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn expm1_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Expm1>(from, to)
}

/// $\ln x$, for every element, in place.
///
/// $-\infty$ at 0, NaN below; subnormal arguments are as accurate as others.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: the edges of the domain
///
/// ```
/// let mut x = [1.0, 0.0, f64::INFINITY];
/// tangency_vmath::ln(&mut x);
/// assert_eq!(x, [0.0, f64::NEG_INFINITY, f64::INFINITY]);
/// ```
pub fn ln<T: Real>(values: &mut [T]) {
    in_place::<T, Ln>(values);
}

/// $\ln x$, for every element of `from`, into `to`; otherwise as [`ln`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn ln_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Ln>(from, to)
}

/// $\ln(1 + x)$, for every element, in place.
///
/// Keeps its relative accuracy near $x = 0$; $-\infty$ at $-1$, NaN below, and $-0$ at $-0$.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: a number that vanishes beside 1
///
/// ```
/// let mut x = [1e-20, 0.0, -1.0];
/// tangency_vmath::log1p(&mut x);
/// assert_eq!(x, [1e-20, 0.0, f64::NEG_INFINITY]);
/// ```
pub fn log1p<T: Real>(values: &mut [T]) {
    in_place::<T, Log1p>(values);
}

/// $\ln(1 + x)$, for every element of `from`, into `to`; otherwise as [`log1p`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn log1p_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Log1p>(from, to)
}

/// $\tanh x$, for every element, in place.
///
/// Odd to the bit; $\pm 1$ at $\pm\infty$, and the argument itself where it is tiny or subnormal.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: small arguments and large ones
///
/// ```
/// let mut x = [1e-310, -0.0, 40.0, -40.0];
/// tangency_vmath::tanh(&mut x);
/// assert_eq!(x, [1e-310, -0.0, 1.0, -1.0]);
/// ```
pub fn tanh<T: Real>(values: &mut [T]) {
    in_place::<T, Tanh>(values);
}

/// $\tanh x$, for every element of `from`, into `to`; otherwise as [`tanh`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn tanh_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Tanh>(from, to)
}

/// $\sigma(x) = 1/(1 + e^{-x})$, the logistic function, for every element, in place.
///
/// The left tail keeps its relative accuracy: $\sigma(-720)$ is the subnormal number $e^{-720}$, not 0.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: both tails
///
/// ```
/// let mut x = [0.0, 1e3, -1e3];
/// tangency_vmath::sigmoid(&mut x);
/// assert_eq!(x, [0.5, 1.0, 0.0]);
/// ```
pub fn sigmoid<T: Real>(values: &mut [T]) {
    in_place::<T, Sigmoid>(values);
}

/// $\sigma(x) = 1/(1 + e^{-x})$, the logistic function, for every element of `from`, into `to`; otherwise as [`sigmoid`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn sigmoid_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Sigmoid>(from, to)
}

/// $\ln(1 + e^x)$, the integral of the logistic function, for every element, in place.
///
/// Tends to $x$ on the right without overflow, and to $e^x$ on the left with its relative accuracy.
/// NaN stays NaN. Accuracy: see the [table](crate#accuracy).
///
/// # Example: both tails
///
/// ```
/// let mut x = [0.0, 1e3, -1e3];
/// tangency_vmath::softplus(&mut x);
/// assert_eq!(x, [std::f64::consts::LN_2, 1e3, 0.0]);
/// ```
pub fn softplus<T: Real>(values: &mut [T]) {
    in_place::<T, Softplus>(values);
}

/// $\ln(1 + e^x)$, the integral of the logistic function, for every element of `from`, into `to`; otherwise as [`softplus`].
///
/// # Errors
///
/// [`LengthMismatch`] if the slices are not equally long.
pub fn softplus_into<T: Real>(from: &[T], to: &mut [T]) -> Result<(), LengthMismatch> {
    into::<T, Softplus>(from, to)
}
