//! The right-hand side of a differential equation, with its derivatives.

use tangency_recurrence::Layout;

/// The right-hand side of $\dot x = f(t, x; p)$, with the products of its two Jacobians.
///
/// With $J = \partial f / \partial x$ and $J_p = \partial f / \partial p$, [`tangent`](Self::tangent) gives
///
/// $$ \dot f = J \dot x + J_p \dot p $$
///
/// and [`adjoint`](Self::adjoint) gives $J^\top \lambda$ and $J_p^\top \lambda$: what forward and reverse differentiation
/// of an integrator need, and no more. For most equations they are as short as the equation itself; one that is written
/// once, generically, gets them from [`DualField`](crate::DualField).
///
/// The methods take `&mut self` so that a field may own scratch space: nothing should be allocated in them. They are
/// infallible: where a field is not defined it writes NaN or an infinity, which the integrator reports as the error of
/// that step. States and parameters are plain slices, so the same field serves many parameter sets.
///
/// # Example: an oscillator with friction
///
/// ```
/// use tangency_dynamics::VectorField;
///
/// /// $\ddot q = -p_0 q - p_1 \dot q$, with the state $(q, \dot q)$.
/// struct Oscillator;
///
/// impl VectorField for Oscillator {
///     fn dimension(&self) -> usize {
///         2
///     }
///     fn parameter_len(&self) -> usize {
///         2
///     }
///     fn evaluate(&mut self, _: f64, x: &[f64], p: &[f64], out: &mut [f64]) {
///         out[0] = x[1];
///         out[1] = -p[0] * x[0] - p[1] * x[1];
///     }
///     fn tangent(&mut self, _: f64, x: &[f64], p: &[f64], dx: &[f64], dp: &[f64], out: &mut [f64]) {
///         out[0] = dx[1];
///         out[1] = -p[0] * dx[0] - p[1] * dx[1];
///         if let [d0, d1] = dp {
///             out[1] -= d0 * x[0] + d1 * x[1];
///         }
///     }
///     fn adjoint(&mut self, _: f64, x: &[f64], p: &[f64], l: &[f64], to_x: &mut [f64], to_p: &mut [f64]) {
///         to_x[0] -= p[0] * l[1];
///         to_x[1] += l[0] - p[1] * l[1];
///         to_p[0] -= x[0] * l[1];
///         to_p[1] -= x[1] * l[1];
///     }
/// }
///
/// let mut slope = [0.0; 2];
/// Oscillator.evaluate(0.0, &[1.0, 0.0], &[4.0, 0.1], &mut slope);
/// assert_eq!(slope, [0.0, -4.0]);
/// ```
pub trait VectorField {
    /// The number of components of the state $x$.
    fn dimension(&self) -> usize;

    /// The number of parameters $p$.
    fn parameter_len(&self) -> usize;

    /// The named parts of the state, in order. Default: one part, `state`.
    fn state_layout(&self) -> Layout {
        Layout::new([("state", vec![self.dimension()])])
    }

    /// The named parts of the parameters, in order. Default: one part, `parameters`.
    fn parameter_layout(&self) -> Layout {
        Layout::new([("parameters", vec![self.parameter_len()])])
    }

    /// Overwrites `out` with $f(t, x; p)$.
    fn evaluate(&mut self, time: f64, state: &[f64], parameters: &[f64], out: &mut [f64]);

    /// Overwrites `out` with $J \dot x + J_p \dot p$; an empty `parameter_tangent` stands for $\dot p = 0$.
    fn tangent(
        &mut self,
        time: f64,
        state: &[f64],
        parameters: &[f64],
        state_tangent: &[f64],
        parameter_tangent: &[f64],
        out: &mut [f64],
    );

    /// Adds $J^\top \lambda$ to `state_adjoint` and $J_p^\top \lambda$ to `parameter_adjoint`.
    fn adjoint(
        &mut self,
        time: f64,
        state: &[f64],
        parameters: &[f64],
        lambda: &[f64],
        state_adjoint: &mut [f64],
        parameter_adjoint: &mut [f64],
    );
}
