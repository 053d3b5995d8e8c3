//! Functions to minimise, with all their derivatives.

use tangency_dynamics::{Oracle, TwiceDifferentiable};

/// $L = \sum_i a_i x_i^2 / 2$.
#[derive(Debug, Clone)]
pub(crate) struct Quadratic(pub(crate) Vec<f64>);

impl Oracle<f64> for Quadratic {
    fn evaluate(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let mut twice = 0.0;
        for ((g, &x), &a) in gradient.iter_mut().zip(point).zip(&self.0) {
            *g = a * x;
            twice += a * x * x;
        }
        twice / 2.0
    }
}

impl TwiceDifferentiable<f64> for Quadratic {
    fn hessian_product(&mut self, _: &[f64], direction: &[f64], product: &mut [f64]) {
        for ((p, &d), &a) in product.iter_mut().zip(direction).zip(&self.0) {
            *p = a * d;
        }
    }
}

/// A bent valley, $L = (1 - x)^2/2 + 2 (y - x^2)^2$, with its minimum 0 at (1, 1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Valley;

impl Oracle<f64> for Valley {
    fn evaluate(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (1.0 - point[0], point[1] - point[0] * point[0]);
        gradient[0] = -a - 8.0 * point[0] * b;
        gradient[1] = 4.0 * b;
        0.5 * a * a + 2.0 * b * b
    }
}

/// Gentle and not quadratic: $L = x^2/2 + y^2 + \sin(x + 2 y)/2$, its derivatives of high order being of size 1 to 10.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ripples;

impl Oracle<f64> for Ripples {
    fn evaluate(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let (x, y) = (point[0], point[1]);
        let (sin, cos) = (x + 2.0 * y).sin_cos();
        gradient[0] = x + 0.5 * cos;
        gradient[1] = 2.0 * y + cos;
        0.5 * x * x + y * y + 0.5 * sin
    }
}

impl TwiceDifferentiable<f64> for Ripples {
    fn hessian_product(&mut self, point: &[f64], direction: &[f64], product: &mut [f64]) {
        let along = (point[0] + 2.0 * point[1]).sin() * (direction[0] + 2.0 * direction[1]);
        product[0] = direction[0] - 0.5 * along;
        product[1] = 2.0 * direction[1] - along;
    }
}
