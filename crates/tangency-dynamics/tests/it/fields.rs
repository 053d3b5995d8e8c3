//! Fields for the tests.

use tangency_dynamics::num_dual::DualNum;
use tangency_dynamics::{DualField, GenericField, VectorField};

/// $\dot y = -2 t y^2$, $y = 1 / (1 + t^2)$: neither linear nor autonomous.
#[derive(Debug, Clone)]
pub(crate) struct Bell;

impl GenericField for Bell {
    fn dimension(&self) -> usize {
        1
    }
    fn parameter_len(&self) -> usize {
        1
    }
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, t: f64, x: &[D], p: &[D], out: &mut [D]) {
        out[0] = -(x[0] * x[0]) * (2.0 * t) * p[0];
    }
}

/// $\dot y = 7 t^6$.
#[derive(Debug, Clone)]
pub(crate) struct Seventh;

impl GenericField for Seventh {
    fn dimension(&self) -> usize {
        1
    }
    fn parameter_len(&self) -> usize {
        0
    }
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, t: f64, _: &[D], _: &[D], out: &mut [D]) {
        out[0] = D::from(7.0 * t.powi(6));
    }
}

/// $\dot y = \lambda y$.
#[derive(Debug, Clone)]
pub(crate) struct Linear;

impl GenericField for Linear {
    fn dimension(&self) -> usize {
        1
    }
    fn parameter_len(&self) -> usize {
        1
    }
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
        out[0] = p[0] * x[0];
    }
}

/// A pendulum with friction, driven: everything depends on everything, and on time.
#[derive(Debug, Clone)]
pub(crate) struct DrivenPendulum;

impl GenericField for DrivenPendulum {
    fn dimension(&self) -> usize {
        2
    }
    fn parameter_len(&self) -> usize {
        3
    }
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, t: f64, x: &[D], p: &[D], out: &mut [D]) {
        out[0] = x[1];
        out[1] = -p[0] * x[0].sin() - p[1] * x[1] + p[2] * (0.7 * t).cos();
    }
}

/// The models of the library, written once more, for dual numbers.
#[derive(Debug, Clone)]
pub(crate) struct Again(pub(crate) &'static str);

impl GenericField for Again {
    fn dimension(&self) -> usize {
        if self.0 == "lorenz" { 3 } else { 2 }
    }
    fn parameter_len(&self) -> usize {
        match self.0 {
            "lorenz" => 3,
            "species" => 6,
            _ => 4,
        }
    }
    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
        match self.0 {
            "lorenz" => {
                out[0] = p[0] * (x[1] - x[0]);
                out[1] = x[0] * (p[1] - x[2]) - x[1];
                out[2] = x[0] * x[1] - p[2] * x[2];
            }
            "species" => {
                out[0] = p[0] * x[0] * (-x[0] * p[4] + 1.0) - p[2] * x[0] * x[1];
                out[1] = p[1] * x[1] * (-x[1] * p[5] + 1.0) - p[3] * x[0] * x[1];
            }
            _ => {
                out[0] = p[0] * x[0] - p[1] * x[0] * x[1];
                out[1] = p[3] * x[0] * x[1] - p[2] * x[1];
            }
        }
    }
}

/// Counts the evaluations of the field inside.
#[derive(Debug, Clone)]
pub(crate) struct Counting<F> {
    pub(crate) field: F,
    pub(crate) evaluations: usize,
}

impl<F: VectorField> VectorField for Counting<F> {
    fn dimension(&self) -> usize {
        self.field.dimension()
    }
    fn parameter_len(&self) -> usize {
        self.field.parameter_len()
    }
    fn evaluate(&mut self, t: f64, x: &[f64], p: &[f64], out: &mut [f64]) {
        self.evaluations += 1;
        self.field.evaluate(t, x, p, out);
    }
    fn tangent(&mut self, t: f64, x: &[f64], p: &[f64], dx: &[f64], dp: &[f64], out: &mut [f64]) {
        self.field.tangent(t, x, p, dx, dp, out);
    }
    fn adjoint(&mut self, t: f64, x: &[f64], p: &[f64], l: &[f64], to_x: &mut [f64], to_p: &mut [f64]) {
        self.field.adjoint(t, x, p, l, to_x, to_p);
    }
}

pub(crate) fn bell() -> DualField<Bell> {
    DualField::new(Bell)
}
