//! $e^x$, $\ln x$, $\tanh x$ and their kin over slices, several numbers at a time.
//!
//! Given $x_1, \dots, x_n$ in `f32` or `f64`, find
//!
//! $$ y_i = f(x_i), \qquad f \in \lbrace e^x, e^x - 1, \ln x, \ln(1 + x), \tanh x, \sigma(x), \ln(1 + e^x) \rbrace, $$
//!
//! to within a stated number of units in the last place (ulp) for every argument, with the vector instructions of the
//! machine that the program runs on, from a binary compiled for any machine of its architecture, and without unsafe
//! code.
//!
//! # Example: a softmax
//!
//! ```
//! use tangency_vmath::{exp, log_sum_exp};
//!
//! let mut x = [1.0, 2.0, 3.0];
//! let total = log_sum_exp(&x);
//! for x in &mut x {
//!     *x -= total;
//! }
//! exp(&mut x);
//! assert!((x.iter().sum::<f64>() - 1.0).abs() < 1e-15);
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | a function over a slice, in place | [`exp()`], [`expm1`], [`ln`], [`log1p`], [`tanh`], [`sigmoid`], [`softplus`] |
//! | from one slice into another | [`exp_into`], [`expm1_into`], [`ln_into`], ... |
//! | sums | [`log_sum_exp()`], [`dot`], [`sum_of_squares`], [`norm`]; and the update [`axpy`] |
//! | loops of your own, fused | [`Kernel`] and [`dispatch()`], with the `_lane` methods of [`Real`] |
//! | generic code over `f32` and `f64` | [`Real`] |
//!
//! # Accuracy
//!
//! The error is the distance from the exact value, in ulp of that value; ½ is the best possible. The bounds hold with
//! and without fused multiply-add, and for both formats. They are not proved but tested: at seven hundred thousand and more
//! arguments of each function in `f64` against a double-double reference, a quarter of them where the error is largest; at four million
//! and more in `f32` against `f64`; and at 4900 chosen ones against mpmath. The example `exhaustive_f32` tries every
//! `f32`. The columns are the largest errors seen, in a search for large ones.
//!
//! | | bound | `f64`, fused | `f64`, not | `f32`, fused | `f32`, not |
//! |---|---|---|---|---|---|
//! | [`exp()`] | 0.8 | 0.71 | 0.74 | 0.72 | 0.72 |
//! | [`expm1`] | 1.5 | 1.34 | 1.25 | 1.09 | 1.15 |
//! | [`ln`] | 0.9 | 0.86 | 0.86 | 0.84 | 0.84 |
//! | [`log1p`] | 0.9 | 0.85 | 0.85 | 0.84 | 0.84 |
//! | [`tanh`] | 1.4 | 1.37 | 1.39 | 1.37 | 1.37 |
//! | [`sigmoid`] | 1.8 | 1.50 | 1.59 | 1.50 | 1.59 |
//! | [`softplus`] | 1.7 | 1.57 | 1.57 | 1.57 | 1.57 |
//!
//! Infinities, NaN, signed zeros and the edges of the domains give what the standard library gives. Subnormal numbers
//! are neither flushed on entry nor on return. The sign and payload of a NaN are not specified.
//!
//! Not promised: correct rounding, and monotonicity between neighbouring numbers, where two errors of opposite sign may
//! show; [`tanh`] is odd to the bit.
//!
//! # The same bits again
//!
//! An element's result does not depend on its place in the slice, on alignment or on length, and a sum's order depends
//! on the length alone. Two machines agree to the bit if [`uses_fma`] is the same on both; the environment variable
//! `TANGENCY_SCALAR=1` makes it `false` everywhere (see [`dispatch()`]). Excepted are 32-bit x86 processors without SSE2,
//! whose registers are wider than the numbers, and the bits of a NaN.
//!
//! # References
//!
//! - J.-M. Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd ed., Birkhäuser 2018: chapter 10 (evaluation of
//!   elementary functions), section 4.3 (exact sums).
//! - P. T. P. Tang, *Table-driven implementation of the exponential function in IEEE floating-point arithmetic*, ACM
//!   TOMS 15 (1989) 144-157: the reduction in two parts.
//! - Sun Microsystems, *fdlibm 5.3*, `e_log.c`: the arrangement of the logarithm.

mod dispatch;
mod error;
mod exponential;
mod format;
mod hyperbolic;
mod log_sum_exp;
mod logarithm;
mod logistic;
mod polynomial;
mod real;
mod reductions;
mod slices;

pub use dispatch::{Kernel, dispatch, uses_fma};
pub use error::LengthMismatch;
pub use log_sum_exp::log_sum_exp;
pub use real::Real;
pub use reductions::{axpy, dot, norm, sum_of_squares};
pub use slices::{
    exp, exp_into, expm1, expm1_into, ln, ln_into, log1p, log1p_into, sigmoid, sigmoid_into, softplus,
    softplus_into, tanh, tanh_into,
};

/// The README, whose example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
