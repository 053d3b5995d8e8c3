//! Identities between determinants and traces, as something that can be run.
//!
//! The derivative of the determinant at the identity is the trace. Followed along $e^{tA}$ it gives
//!
//! $$ \det e^{A} = e^{\operatorname{tr} A}, \quad \ln \det B = \operatorname{tr} \ln B, \quad
//!    \det \Phi(t) = \exp \int_0^t \operatorname{tr} A(s) ds , $$
//!
//! the last one for $\Phi^{\prime} = A(t) \Phi$ (Liouville). Each function here computes both sides by independent ways, and says
//! how far apart they are and how far they may be: a determinant of a matrix with condition κ is known to n·u·κ, and no
//! fixed tolerance fits all matrices.

use crate::MatrixError;
use crate::determinant::{log_det, log_det_gradient, log_det_of_exp};
use crate::exponential::{expm, expm_condition};
use crate::logarithm::logm;
use crate::magnus::{MagnusOrder, propagate};
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Both sides of an identity between logarithms of determinants.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct IdentityReport<T: Scalar> {
    /// Logarithm of the determinant, by LU factorisation: ln of the modulus, and the angle.
    pub left: T::Complex,
    /// The trace, by itself; its imaginary part reduced to (−π, π].
    pub right: T::Complex,
    /// Modulus of the difference, with angles compared on the circle.
    pub difference: T::RealPart,
    /// What rounding (and, for Liouville's formula, the quadrature of the trace) may make of the difference. Infinite if the
    /// matrix on the left is singular to working precision: then nothing can be said.
    pub allowed: T::RealPart,
}

impl<T: Scalar> IdentityReport<T> {
    fn new(left: T::Complex, right: T::Complex, allowed: T::RealPart) -> Self {
        let angle = left.im() - right.im();
        let angle = angle.sin().atan2(angle.cos());
        Self { left, right, difference: (left.re() - right.re()).hypot(angle), allowed }
    }

    /// Whether the two sides agree within what is allowed; `false` also where nothing can be said.
    pub fn holds(&self) -> bool {
        self.allowed.finite() && self.difference <= self.allowed
    }
}

/// κ₁ of a matrix, by its inverse; infinite if there is none.
fn condition_1<T: Scalar>(a: MatRef<'_, T>) -> T::RealPart {
    log_det_gradient(a).map_or(T::RealPart::from_f64(f64::INFINITY), |inverse| {
        // The inverse is conjugated and transposed: its norm is the largest sum of a row.
        operator_norm_1(a) * operator_norm_1(inverse.transpose())
    })
}

/// n·u·(κ + 10·size) + 4·u·(1 + \|ln\|): the determinant of a matrix that is known to n·u, for κ its condition number, times
/// that of what it was computed by; the entries of the other side; and the logarithms themselves.
fn rounding<T: Scalar>(
    n: usize,
    condition: T::RealPart,
    size: T::RealPart,
    logarithm: T::Complex,
) -> T::RealPart {
    let real = |x: f64| T::RealPart::from_f64(x);
    (real(n as f64) * (condition + real(10.0) * size) + real(4.0) * (T::RealPart::ONE + logarithm.modulus()))
        * T::RealPart::UNIT_ROUNDOFF
}

/// Checks $\det e^{A} = e^{\operatorname{tr} A}$ for a matrix.
///
/// $$ \ln \det e^{A} \overset{?}{=} \operatorname{tr} A $$
///
/// The left side is the LU factorisation of the computed exponential, the right one the sum of the diagonal. They may
/// differ by $n u (\kappa_1(e^{A}) \max(1, \kappa_{\exp}(A)) + 10 \lVert A \rVert_1)$ and a few u of the logarithm itself, with the
/// condition number of [`expm_condition`](crate::expm_condition). Cost: that, an LU factorisation and an inverse.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; [`MatrixError::Overflow`] if the exponential does.
///
/// # Example: the determinant of a rotation and a growth
///
/// ```
/// use faer::mat;
///
/// let report = tangency_matrix::exp_trace_identity::<f64>(mat![[0.3, -2.0], [2.0, 0.5]].as_ref())?;
/// assert!((report.right.re - 0.8_f64).abs() < 1e-15);
/// assert!(report.holds() && report.allowed < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - J. R. Magnus and H. Neudecker, *Matrix Differential Calculus* (3rd ed., 2019), chapter 8, section 3.
pub fn exp_trace_identity<T: Scalar>(a: MatRef<'_, T>) -> Result<IdentityReport<T>, MatrixError> {
    let exponential = expm(a)?;
    let (left, right) = (log_det(exponential.as_ref())?, log_det_of_exp(a)?);
    let condition = condition_1(exponential.as_ref()) * RealScalar::max(T::RealPart::ONE, expm_condition(a)?);
    let allowed = rounding::<T>(a.nrows(), condition, operator_norm_1(a), right.ln());
    Ok(IdentityReport::new(left.ln(), right.ln(), allowed))
}

/// Checks $\ln \det B = \operatorname{tr} \ln B$ for a regular matrix.
///
/// $$ \ln \det B \overset{?}{=} \operatorname{tr} \ln B \pmod{2 \pi i} $$
///
/// The left side is an LU factorisation, the right one the trace of the principal logarithm, in complex arithmetic: so a
/// real matrix with negative eigenvalues has one too. The trace of the principal logarithm is a logarithm of the
/// determinant, not always the principal one, and the angles are compared on the circle. The two sides may differ by
/// $n u (\kappa_1(B) + 10 \lVert \ln B \rVert_1)$ and a few u of the logarithm itself. Cost: a complex logarithm, an LU factorisation and an inverse.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::NotFinite`]; what [`logm`](crate::logm) says of a singular matrix.
///
/// # Example: a reflection, whose determinant is negative
///
/// ```
/// use faer::mat;
///
/// let report = tangency_matrix::log_trace_identity::<f64>(mat![[1.0, 0.0], [3.0, -2.0]].as_ref())?;
/// assert!((report.left.re - 2.0_f64.ln()).abs() < 1e-15);
/// assert!((report.right.im.abs() - std::f64::consts::PI).abs() < 1e-14);
/// assert!(report.holds());
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), section 11.1.
pub fn log_trace_identity<T: Scalar>(b: MatRef<'_, T>) -> Result<IdentityReport<T>, MatrixError> {
    let left = log_det(b)?;
    let complex = Mat::from_fn(b.nrows(), b.ncols(), |i, j| b[(i, j)].to_complex());
    let logarithm = logm(complex.as_ref())?;
    // Of the exponential of the logarithm, by its trace.
    let right = log_det_of_exp(logarithm.as_ref())?;
    let allowed = rounding::<T>(b.nrows(), condition_1(b), operator_norm_1(logarithm.as_ref()), right.ln());
    Ok(IdentityReport::new(left.ln(), right.ln(), allowed))
}

/// Checks Liouville's formula along a linear differential equation.
///
/// $$ \Phi^{\prime} = A(t) \Phi, \quad \Phi(t_0) = I: \quad
///    \ln \det \Phi(t_1) \overset{?}{=} \int_{t_0}^{t_1} \operatorname{tr} A(s) ds $$
///
/// The left side is the LU factorisation of the propagator from [`magnus_propagator`](crate::magnus_propagator), the right
/// one the integral of the trace by Gauss' rule with three points in every step. The determinant of Magnus' propagator is
/// a quadrature of the trace too, with one or two points, because commutators have no trace; the difference of the two
/// quadratures is part of what is allowed, beside n·u times the sum of κ₁(Φ) over all steps and (10·n + steps)·u times the
/// integral of ‖A‖₁. Cost: as the propagator, and an inverse a step.
///
/// # Errors
///
/// As [`magnus_propagator`](crate::magnus_propagator).
///
/// # Example: damping that fades
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{MagnusOrder, liouville_identity};
///
/// // x'' + x'/(1 + t) + x = 0: the area in phase space shrinks like 1/(1 + t).
/// let oscillator = |t: f64| mat![[0.0, 1.0], [-1.0, -1.0 / (1.0 + t)]];
/// let report = liouville_identity(MagnusOrder::Four, oscillator, (0.0, 3.0), 100)?;
/// assert!((report.left.re + 4.0_f64.ln()).abs() < 1e-8);
/// assert!((report.right.re + 4.0_f64.ln()).abs() < 1e-10);
/// assert!(report.holds());
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration* (2nd ed., 2006), section IV.3.1, Lemma 3.1.
pub fn liouville_identity<T: Scalar>(
    order: MagnusOrder,
    mut coefficient: impl FnMut(T::RealPart) -> Mat<T>,
    interval: (T::RealPart, T::RealPart),
    steps: usize,
) -> Result<IdentityReport<T>, MatrixError> {
    let real = |x: f64| T::RealPart::from_f64(x);
    // Where the propagator is worst conditioned on the way, rounding enters the determinant most.
    let mut conditions = T::RealPart::ZERO;
    let run = propagate(order, &mut coefficient, interval, steps, |phi| conditions += condition_1(phi))?;
    let (start, h) = (interval.0, (interval.1 - interval.0) / real(steps as f64));
    let mut integral = T::ZERO;
    let mut size = T::RealPart::ZERO;
    let node = 0.15_f64.sqrt();
    for step in 0..steps {
        for (at, weight) in [(0.5 - node, 5.0), (0.5, 8.0), (0.5 + node, 5.0)] {
            let a = coefficient(start + h * (real(step as f64) + real(at)));
            let weight = h * real(weight / 18.0);
            for i in 0..a.nrows().min(a.ncols()) {
                integral += a[(i, i)].scale(weight);
            }
            size += operator_norm_1(a.as_ref()) * weight.modulus();
        }
    }
    let quadrature = (run.trace - integral).modulus();
    let left = log_det(run.propagator.as_ref())?;
    // The angle on the circle, as on the left.
    let turn = Scalar::exp(T::RealPart::ZERO.complex(integral.im()));
    let right = integral.re().complex(turn.im().atan2(turn.re()));
    let rounding = rounding::<T>(run.propagator.nrows(), conditions, size, right);
    let sums = real(steps as f64) * T::RealPart::UNIT_ROUNDOFF * size;
    Ok(IdentityReport::new(left.ln(), right, rounding + sums + quadrature))
}
