//! Equations that every textbook has, with their derivatives written out.

use crate::VectorField;
use tangency_recurrence::Layout;

/// Two species that compete for the same food (Lotka-Volterra competition).
///
/// $$ \dot x_1 = r_1 x_1 (1 - x_1 / N_1) - a_1 x_1 x_2 $$
///
/// $$ \dot x_2 = r_2 x_2 (1 - x_2 / N_2) - a_2 x_1 x_2 $$
///
/// State: the numbers $(x_1, x_2)$ of the two. Parameters, in order: the growth rates $r_1, r_2$ (per unit of time), the
/// competition $a_1, a_2$, and the *inverse* carrying capacities $1/N_1, 1/N_2$, which enter polynomially and stay
/// finite for a species that nothing limits.
///
/// A table of this model from which parameters are often inferred, (100, 150), (165, 283), ... at the times 0, 10, ..., was
/// made by Euler's method with steps of 0.1, for the parameters of the example below: the exact flow has 282, not 283, at
/// time 10. An inference from it has to take the same steps, and so infers the parameters of the recurrence.
///
/// # Example: where the two coexist
///
/// ```
/// use tangency_dynamics::VectorField;
/// use tangency_dynamics::models::SpeciesCompetition;
///
/// let mut slope = [1.0; 2];
/// let parameters = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003];
/// SpeciesCompetition.evaluate(0.0, &[375.0, 250.0], &parameters, &mut slope);
/// assert!(slope[0].abs() < 1e-14 && slope[1].abs() < 1e-14);
/// ```
///
/// # References
///
/// - J. D. Murray, *Mathematical Biology I*, 3rd ed., Springer 2002, section 3.5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpeciesCompetition;

impl VectorField for SpeciesCompetition {
    fn dimension(&self) -> usize {
        2
    }

    fn parameter_len(&self) -> usize {
        6
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("growth", vec![2]), ("competition", vec![2]), ("inverse_capacity", vec![2])])
    }

    fn evaluate(&mut self, _: f64, x: &[f64], p: &[f64], out: &mut [f64]) {
        out[0] = p[0] * x[0] * (1.0 - p[4] * x[0]) - p[2] * x[0] * x[1];
        out[1] = p[1] * x[1] * (1.0 - p[5] * x[1]) - p[3] * x[0] * x[1];
    }

    fn tangent(&mut self, _: f64, x: &[f64], p: &[f64], dx: &[f64], dp: &[f64], out: &mut [f64]) {
        out[0] = (p[0] * (1.0 - 2.0 * p[4] * x[0]) - p[2] * x[1]) * dx[0] - p[2] * x[0] * dx[1];
        out[1] = (p[1] * (1.0 - 2.0 * p[5] * x[1]) - p[3] * x[0]) * dx[1] - p[3] * x[1] * dx[0];
        if let [r1, r2, a1, a2, k1, k2] = dp {
            let both = x[0] * x[1];
            out[0] += r1 * x[0] * (1.0 - p[4] * x[0]) - a1 * both - k1 * p[0] * x[0] * x[0];
            out[1] += r2 * x[1] * (1.0 - p[5] * x[1]) - a2 * both - k2 * p[1] * x[1] * x[1];
        }
    }

    fn adjoint(&mut self, _: f64, x: &[f64], p: &[f64], l: &[f64], to_x: &mut [f64], to_p: &mut [f64]) {
        to_x[0] += (p[0] * (1.0 - 2.0 * p[4] * x[0]) - p[2] * x[1]) * l[0] - p[3] * x[1] * l[1];
        to_x[1] += (p[1] * (1.0 - 2.0 * p[5] * x[1]) - p[3] * x[0]) * l[1] - p[2] * x[0] * l[0];
        let both = x[0] * x[1];
        to_p[0] += l[0] * x[0] * (1.0 - p[4] * x[0]);
        to_p[1] += l[1] * x[1] * (1.0 - p[5] * x[1]);
        to_p[2] -= l[0] * both;
        to_p[3] -= l[1] * both;
        to_p[4] -= l[0] * p[0] * x[0] * x[0];
        to_p[5] -= l[1] * p[1] * x[1] * x[1];
    }
}

/// Prey and predator (Lotka-Volterra).
///
/// $$ \dot x = \alpha x - \beta x y $$
///
/// $$ \dot y = -\gamma y + \delta x y $$
///
/// State: prey $x$, predator $y$. Parameters, in order: the prey's growth rate $\alpha$, the predation rate $\beta$, the
/// predator's death rate $\gamma$, and the rate $\delta$ at which prey feeds predators. For positive numbers every orbit
/// is closed: the [invariant](Self::invariant) keeps its value, and the populations come back after one period.
///
/// # Example: the populations at rest
///
/// ```
/// use tangency_dynamics::VectorField;
/// use tangency_dynamics::models::LotkaVolterra;
///
/// let mut slope = [1.0; 2];
/// LotkaVolterra.evaluate(0.0, &[3.0, 1.5], &[1.5, 1.0, 3.0, 1.0], &mut slope); // (γ/δ, α/β)
/// assert_eq!(slope, [0.0, 0.0]);
/// ```
///
/// # References
///
/// - V. Volterra, *Fluctuations in the abundance of a species considered mathematically*, Nature 118 (1926), 558-560.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LotkaVolterra;

impl LotkaVolterra {
    /// The constant of motion $V = \delta x - \gamma \ln x + \beta y - \alpha \ln y$ of an orbit.
    ///
    /// `state` is $(x, y)$ and `parameters` $(\alpha, \beta, \gamma, \delta)$, all positive; otherwise the result is not a
    /// number.
    pub fn invariant(state: [f64; 2], parameters: [f64; 4]) -> f64 {
        let [x, y] = state;
        let [alpha, beta, gamma, delta] = parameters;
        delta * x - gamma * x.ln() + beta * y - alpha * y.ln()
    }
}

impl VectorField for LotkaVolterra {
    fn dimension(&self) -> usize {
        2
    }

    fn parameter_len(&self) -> usize {
        4
    }

    fn state_layout(&self) -> Layout {
        Layout::new([("prey", vec![]), ("predator", vec![])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([
            ("prey_growth", vec![]),
            ("predation", vec![]),
            ("predator_death", vec![]),
            ("predator_growth", vec![]),
        ])
    }

    fn evaluate(&mut self, _: f64, x: &[f64], p: &[f64], out: &mut [f64]) {
        out[0] = (p[0] - p[1] * x[1]) * x[0];
        out[1] = (p[3] * x[0] - p[2]) * x[1];
    }

    fn tangent(&mut self, _: f64, x: &[f64], p: &[f64], dx: &[f64], dp: &[f64], out: &mut [f64]) {
        out[0] = (p[0] - p[1] * x[1]) * dx[0] - p[1] * x[0] * dx[1];
        out[1] = (p[3] * x[0] - p[2]) * dx[1] + p[3] * x[1] * dx[0];
        if let [alpha, beta, gamma, delta] = dp {
            out[0] += (alpha - beta * x[1]) * x[0];
            out[1] += (delta * x[0] - gamma) * x[1];
        }
    }

    fn adjoint(&mut self, _: f64, x: &[f64], p: &[f64], l: &[f64], to_x: &mut [f64], to_p: &mut [f64]) {
        to_x[0] += (p[0] - p[1] * x[1]) * l[0] + p[3] * x[1] * l[1];
        to_x[1] += (p[3] * x[0] - p[2]) * l[1] - p[1] * x[0] * l[0];
        to_p[0] += l[0] * x[0];
        to_p[1] -= l[0] * x[0] * x[1];
        to_p[2] -= l[1] * x[1];
        to_p[3] += l[1] * x[0] * x[1];
    }
}

/// Convection in three numbers: the Lorenz equations.
///
/// $$ \dot x = \sigma (y - x), \quad \dot y = x (\rho - z) - y, \quad \dot z = x y - \beta z $$
///
/// State: $(x, y, z)$. Parameters, in order: $\sigma$ (Prandtl number), $\rho$ (relative Rayleigh number), $\beta$; the
/// classical choice $(10, 28, 8/3)$ is chaotic. The divergence of the field is the constant $-(\sigma + 1 + \beta)$, so
/// that is the sum of its Lyapunov exponents.
///
/// # References
///
/// - E. N. Lorenz, *Deterministic nonperiodic flow*, J. Atmos. Sci. 20 (1963), 130-141, eqs. (25)-(27).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lorenz;

impl VectorField for Lorenz {
    fn dimension(&self) -> usize {
        3
    }

    fn parameter_len(&self) -> usize {
        3
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("prandtl", vec![]), ("rayleigh", vec![]), ("aspect", vec![])])
    }

    fn evaluate(&mut self, _: f64, x: &[f64], p: &[f64], out: &mut [f64]) {
        out[0] = p[0] * (x[1] - x[0]);
        out[1] = x[0] * (p[1] - x[2]) - x[1];
        out[2] = x[0] * x[1] - p[2] * x[2];
    }

    fn tangent(&mut self, _: f64, x: &[f64], p: &[f64], dx: &[f64], dp: &[f64], out: &mut [f64]) {
        out[0] = p[0] * (dx[1] - dx[0]);
        out[1] = dx[0] * (p[1] - x[2]) - x[0] * dx[2] - dx[1];
        out[2] = dx[0] * x[1] + x[0] * dx[1] - p[2] * dx[2];
        if let [sigma, rho, beta] = dp {
            out[0] += sigma * (x[1] - x[0]);
            out[1] += rho * x[0];
            out[2] -= beta * x[2];
        }
    }

    fn adjoint(&mut self, _: f64, x: &[f64], p: &[f64], l: &[f64], to_x: &mut [f64], to_p: &mut [f64]) {
        to_x[0] += (p[1] - x[2]) * l[1] - p[0] * l[0] + x[1] * l[2];
        to_x[1] += p[0] * l[0] - l[1] + x[0] * l[2];
        to_x[2] -= x[0] * l[1] + p[2] * l[2];
        to_p[0] += l[0] * (x[1] - x[0]);
        to_p[1] += l[1] * x[0];
        to_p[2] -= l[2] * x[2];
    }
}
