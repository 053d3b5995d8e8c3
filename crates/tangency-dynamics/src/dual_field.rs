//! Derivatives of a field from dual numbers.

use crate::VectorField;
use num_dual::{Dual64, DualNum};
use tangency_recurrence::Layout;

/// The right-hand side of $\dot x = f(t, x; p)$, written once for real and for dual numbers.
///
/// It is made a [`VectorField`], with exact derivatives, by [`DualField`]. The crate re-exports `num_dual`, whose
/// [`DualNum`] has the arithmetic and the elementary functions.
pub trait GenericField {
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
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(
        &self,
        time: f64,
        state: &[D],
        parameters: &[D],
        out: &mut [D],
    );
}

/// A [`GenericField`] as a [`VectorField`]: its Jacobian products by forward-mode dual numbers.
///
/// A dual number $a + b \varepsilon$ with $\varepsilon^2 = 0$ carries a value and a directional derivative, so
///
/// $$ f(x + \dot x \varepsilon; p + \dot p \varepsilon) = f(x; p) + (J \dot x + J_p \dot p) \varepsilon $$
///
/// holds exactly, with no step size to choose. Cost: [`tangent`](VectorField::tangent) is one evaluation with dual
/// numbers, two to three times the price of a real one; [`adjoint`](VectorField::adjoint) has to find the columns of
/// the Jacobians one by one, $n + m$ evaluations for $n$ components and $m$ parameters. Write the products by hand where
/// that is too dear. Nothing is allocated after [`new`](Self::new).
///
/// # Example: a pendulum without writing a derivative
///
/// ```
/// use tangency_dynamics::num_dual::DualNum;
/// use tangency_dynamics::{DualField, GenericField, VectorField};
///
/// struct Pendulum;
///
/// impl GenericField for Pendulum {
///     fn dimension(&self) -> usize {
///         2
///     }
///     fn parameter_len(&self) -> usize {
///         1
///     }
///     fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
///         out[0] = x[1];
///         out[1] = -p[0] * x[0].sin();
///     }
/// }
///
/// let mut field = DualField::new(Pendulum);
/// let (mut to_state, mut to_parameter) = ([0.0; 2], [0.0]);
/// field.adjoint(0.0, &[0.5, 0.0], &[9.81], &[0.0, 1.0], &mut to_state, &mut to_parameter);
/// assert!((to_state[0] + 9.81 * 0.5f64.cos()).abs() < 1e-14);
/// assert!((to_parameter[0] + 0.5f64.sin()).abs() < 1e-15);
/// ```
///
/// # References
///
/// - A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, section 3.1.
#[derive(Debug, Clone)]
pub struct DualField<G> {
    field: G,
    state: Vec<Dual64>,
    parameters: Vec<Dual64>,
    out: Vec<Dual64>,
}

impl<G: GenericField> DualField<G> {
    /// Wraps a field, and makes room for its dual state, parameters and slope.
    pub fn new(field: G) -> Self {
        let zero = Dual64::new(0.0, 0.0);
        let (n, m) = (field.dimension(), field.parameter_len());
        Self { field, state: vec![zero; n], parameters: vec![zero; m], out: vec![zero; n] }
    }

    /// The field inside.
    pub fn get_ref(&self) -> &G {
        &self.field
    }

    fn load(&mut self, state: &[f64], parameters: &[f64]) {
        for (dual, &x) in self.state.iter_mut().zip(state) {
            *dual = Dual64::new(x, 0.0);
        }
        for (dual, &p) in self.parameters.iter_mut().zip(parameters) {
            *dual = Dual64::new(p, 0.0);
        }
    }

    /// One column of a Jacobian against $\lambda$, for the direction that is set at present.
    fn pull(&mut self, time: f64, lambda: &[f64]) -> f64 {
        self.field.evaluate(time, &self.state, &self.parameters, &mut self.out);
        self.out.iter().zip(lambda).map(|(f, l)| f.eps * l).sum()
    }
}

impl<G: GenericField> VectorField for DualField<G> {
    fn dimension(&self) -> usize {
        self.field.dimension()
    }

    fn parameter_len(&self) -> usize {
        self.field.parameter_len()
    }

    fn state_layout(&self) -> Layout {
        self.field.state_layout()
    }

    fn parameter_layout(&self) -> Layout {
        self.field.parameter_layout()
    }

    fn evaluate(&mut self, time: f64, state: &[f64], parameters: &[f64], out: &mut [f64]) {
        self.field.evaluate(time, state, parameters, out);
    }

    fn tangent(
        &mut self,
        time: f64,
        state: &[f64],
        parameters: &[f64],
        state_tangent: &[f64],
        parameter_tangent: &[f64],
        out: &mut [f64],
    ) {
        self.load(state, parameters);
        for (dual, &d) in self.state.iter_mut().zip(state_tangent) {
            dual.eps = d;
        }
        for (dual, &d) in self.parameters.iter_mut().zip(parameter_tangent) {
            dual.eps = d;
        }
        self.field.evaluate(time, &self.state, &self.parameters, &mut self.out);
        for (o, f) in out.iter_mut().zip(&self.out) {
            *o = f.eps;
        }
    }

    fn adjoint(
        &mut self,
        time: f64,
        state: &[f64],
        parameters: &[f64],
        lambda: &[f64],
        state_adjoint: &mut [f64],
        parameter_adjoint: &mut [f64],
    ) {
        self.load(state, parameters);
        for (i, adjoint) in state_adjoint.iter_mut().enumerate() {
            self.state[i].eps = 1.0;
            *adjoint += self.pull(time, lambda);
            self.state[i].eps = 0.0;
        }
        for (i, adjoint) in parameter_adjoint.iter_mut().enumerate() {
            self.parameters[i].eps = 1.0;
            *adjoint += self.pull(time, lambda);
            self.parameters[i].eps = 0.0;
        }
    }
}
