//! Linear differential equations with a coefficient that depends on time, by Magnus' expansion.

use crate::MatrixError;
use crate::exponential::expm;
use crate::norm::{check_shape, check_square_finite};
use crate::product::{multiply, multiply_add};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Which terms of Magnus' expansion a step keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MagnusOrder {
    /// One evaluation, in the middle of the step: an error of the second power of the step.
    Two,
    /// Two evaluations and one commutator: the fourth power. The default.
    #[default]
    Four,
}

/// The propagator of a run, and what its steps know of the trace.
pub(crate) struct Propagation<T: Scalar> {
    pub(crate) propagator: Mat<T>,
    /// Sum of the traces of all exponents: the logarithm of the determinant of the propagator, but for rounding.
    pub(crate) trace: T,
}

/// The propagator $\Phi(t_1, t_0)$ of a linear differential equation.
///
/// $$ \Phi^{\prime} = A(t) \Phi, \quad \Phi(t_0) = I $$
///
/// Each step of length $h$ multiplies by $e^{\Omega}$. Order 2 takes $\Omega = h A(t + h/2)$; order 4, with $A_1$ and $A_2$ at
/// Gauss' points $t + (\frac{1}{2} \mp \frac{\sqrt{3}}{6}) h$,
///
/// $$ \Omega = \frac{h}{2} (A_1 + A_2) - \frac{\sqrt{3}}{12} h^2 (A_1 A_2 - A_2 A_1) . $$
///
/// The exponential keeps what the equation keeps: an orthogonal propagator where $A$ is skew, and, because a commutator
/// has no trace, a determinant that is right up to the quadrature of the trace. `interval` is $(t_0, t_1)$, in either
/// direction. Cost of a step: one exponential and one product, two products more at order 4.
///
/// # Errors
///
/// [`MatrixError::OutOfRange`] for no steps, or an interval that is not finite; [`MatrixError::NotSquare`],
/// [`MatrixError::ShapeMismatch`] or [`MatrixError::NotFinite`] for what `coefficient` returns;
/// [`MatrixError::Overflow`] if the propagator does.
///
/// # Example: a rotation that speeds up
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{MagnusOrder, magnus_propagator};
///
/// // A(t) commutes with itself at all times: the angle is ∫ t² dt = 1/3.
/// let speed = |t: f64| mat![[0.0, -t * t], [t * t, 0.0]];
/// let propagator = magnus_propagator(MagnusOrder::Four, speed, (0.0, 1.0), 4)?;
/// assert!((propagator[(1, 0)] - (1.0_f64 / 3.0).sin()).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - W. Magnus, *On the exponential solution of differential equations for a linear operator*, Comm. Pure Appl. Math. 7
///   (1954).
/// - E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration* (2nd ed., 2006), section IV.7.
pub fn magnus_propagator<T: Scalar>(
    order: MagnusOrder,
    coefficient: impl FnMut(T::RealPart) -> Mat<T>,
    interval: (T::RealPart, T::RealPart),
    steps: usize,
) -> Result<Mat<T>, MatrixError> {
    Ok(propagate(order, coefficient, interval, steps, |_| ())?.propagator)
}

/// `visit` sees the propagator after every step.
pub(crate) fn propagate<T: Scalar>(
    order: MagnusOrder,
    mut coefficient: impl FnMut(T::RealPart) -> Mat<T>,
    (start, end): (T::RealPart, T::RealPart),
    steps: usize,
    mut visit: impl FnMut(MatRef<'_, T>),
) -> Result<Propagation<T>, MatrixError> {
    if steps == 0 {
        return Err(MatrixError::OutOfRange { what: "the number of steps", range: "at least 1", value: 0.0 });
    }
    let real = |x: f64| T::RealPart::from_f64(x);
    let h = (end - start) / real(steps as f64);
    if !h.finite() {
        let value = h.to_f64();
        return Err(MatrixError::OutOfRange { what: "the length of a step", range: "finite", value });
    }
    let mut run: Option<Propagation<T>> = None;
    for step in 0..steps {
        let t = start + h * real(step as f64);
        let omega = match order {
            MagnusOrder::Two => {
                let a = evaluate(&mut coefficient, t + h * real(0.5), run.as_ref())?;
                Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)].scale(h))
            }
            MagnusOrder::Four => {
                let offset = 3.0_f64.sqrt() / 6.0;
                let a = evaluate(&mut coefficient, t + h * real(0.5 - offset), run.as_ref())?;
                let b = evaluate(&mut coefficient, t + h * real(0.5 + offset), run.as_ref())?;
                check_shape("the coefficient", b.as_ref(), a.shape())?;
                let mut commutator = multiply(a.as_ref(), b.as_ref());
                multiply_add(commutator.as_mut(), -T::ONE, b.as_ref(), a.as_ref());
                let (half, weight) = (h * real(0.5), h * h * real(3.0_f64.sqrt() / 12.0));
                Mat::from_fn(a.nrows(), a.ncols(), |i, j| {
                    (a[(i, j)] + b[(i, j)]).scale(half) - commutator[(i, j)].scale(weight)
                })
            }
        };
        let trace = (0..omega.nrows()).fold(T::ZERO, |sum, i| sum + omega[(i, i)]);
        if check_square_finite(omega.as_ref()).is_err() {
            let ln_norm = T::RealPart::MAX.to_f64();
            return Err(MatrixError::Overflow { what: "the exponent of a step", ln_norm });
        }
        let factor = expm(omega.as_ref())?;
        let next = match run {
            None => Propagation { propagator: factor, trace },
            Some(run) => Propagation {
                propagator: multiply(factor.as_ref(), run.propagator.as_ref()),
                trace: run.trace + trace,
            },
        };
        visit(next.propagator.as_ref());
        run = Some(next);
    }
    let Some(run) = run else {
        // There is at least one step.
        return Ok(Propagation { propagator: Mat::new(), trace: T::ZERO });
    };
    if check_square_finite(run.propagator.as_ref()).is_err() {
        let ln_norm = T::RealPart::MAX.to_f64().ln();
        return Err(MatrixError::Overflow { what: "the propagator", ln_norm });
    }
    Ok(run)
}

/// The coefficient at a time: square, finite, and of the order of the run.
fn evaluate<T: Scalar>(
    coefficient: &mut impl FnMut(T::RealPart) -> Mat<T>,
    t: T::RealPart,
    run: Option<&Propagation<T>>,
) -> Result<Mat<T>, MatrixError> {
    let a = coefficient(t);
    check_square_finite(a.as_ref())?;
    if let Some(run) = run {
        check_shape("the coefficient", a.as_ref(), run.propagator.shape())?;
    }
    Ok(a)
}
