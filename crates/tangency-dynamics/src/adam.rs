//! Adam.

use crate::optimiser::{
    bound, check_arguments, check_decay, check_epsilon, check_state, check_step_size, component, quotient,
};
use crate::{EpsilonPlacement, Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Record, Recurrence, StepError};
use tangency_vmath::{Kernel, Real, dispatch};

/// The hyperparameters of [`Adam`].
///
/// The default is [`torch`](Self::torch); new fields may be added, so end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdamOptions<T> {
    /// The step size $\alpha$, finite and at least 0: about how far a component moves in a step. Default 0.001.
    pub step_size: T,
    /// The decay $\beta_1$ of the average of gradients, in [0, 1). Default 0.9.
    pub mean_decay: T,
    /// The decay $\beta_2$ of the average of squares, in [0, 1). Default 0.999.
    pub square_decay: T,
    /// $\varepsilon$, finite and at least 0, in units of the gradient (of its square inside the root). Default 1e-8.
    pub epsilon: T,
    /// Where $\varepsilon$ stands. Default [`EpsilonPlacement::OutsideRoot`].
    pub placement: EpsilonPlacement,
}

impl<T: Real> Default for AdamOptions<T> {
    fn default() -> Self {
        Self::torch()
    }
}

impl<T: Real> AdamOptions<T> {
    /// As `torch.optim.Adam` and `optax.adam` by default: step size 0.001, decays 0.9 and 0.999, 1e-8 outside the root.
    pub fn torch() -> Self {
        Self {
            step_size: T::from_f64(0.001),
            mean_decay: T::from_f64(0.9),
            square_decay: T::from_f64(0.999),
            epsilon: T::from_f64(1e-8),
            placement: EpsilonPlacement::OutsideRoot,
        }
    }

    /// As `keras.optimizers.Adam` by default: 1e-7, added before the correction.
    pub fn keras() -> Self {
        Self { epsilon: T::from_f64(1e-7), placement: EpsilonPlacement::BeforeCorrection, ..Self::torch() }
    }
}

/// Adam: momentum of the gradient over the root of the momentum of its square, both freed of the bias of their start.
///
/// $$ m_{t+1} = \beta_1 m_t + (1 - \beta_1) g_t, \quad s_{t+1} = \beta_2 s_t + (1 - \beta_2) g_t^2 $$
///
/// $$ \theta_{t+1} = \theta_t - \alpha \frac{\hat m_{t+1}}{\sqrt{\hat s_{t+1}} + \varepsilon}, \quad
///    \hat m_{t+1} = \frac{m_{t+1}}{1 - \beta_1^{t+1}}, \quad \hat s_{t+1} = \frac{s_{t+1}}{1 - \beta_2^{t+1}} $$
///
/// component by component; [`EpsilonPlacement`] has the other places for $\varepsilon$. The first step is
/// $\alpha \operatorname{sign}(g)$ where $|g| \gg \varepsilon$, and a common factor in all gradients changes nothing
/// but the part of $\varepsilon$. With long memories Adam need not converge even for convex functions on an interval.
///
/// State: `position`, `mean`, `square`, 3n numbers. Hyperparameters: `step_size`, `mean_decay`, `square_decay`,
/// `epsilon`. The bias corrections use the absolute step number and are computed in double precision without
/// cancellation. The update is one pass in place; `f32` and `f64` give the same bits on every machine, since no fused
/// multiply-add is used. The derivative of the root at $s = 0$ is taken as 0.
///
/// # Example: the first step does not see the scale of the gradient
///
/// ```
/// use tangency_dynamics::{Adam, AdamOptions, Optimiser};
/// use tangency_recurrence::Recurrence;
///
/// let mut adam = Adam::new(2, AdamOptions { step_size: 0.1_f64, ..AdamOptions::torch() })?;
/// let mut state = adam.initial_state(&[1.0, 1.0])?;
/// adam.step(0, &[1.0, 10.0], &mut state)?;
/// assert!((state[0] - 0.900000001).abs() < 1e-15);
/// assert!((state[1] - 0.9000000001).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - D. P. Kingma, J. Ba, *Adam: A Method for Stochastic Optimization*, ICLR 2015, algorithm 1 and the end of section 2.
///   <https://arxiv.org/abs/1412.6980>
/// - S. J. Reddi, S. Kale, S. Kumar, *On the Convergence of Adam and Beyond*, ICLR 2018, theorem 1 (no convergence).
///   <https://arxiv.org/abs/1904.09237>
#[derive(Debug, Clone, PartialEq)]
pub struct Adam<T> {
    dimension: usize,
    options: AdamOptions<T>,
}

/// What one step needs besides its options: the update is $x \leftarrow x - A m / D$ with $A$ = `rate` and
/// $D = \sqrt{s} k + e$, or $\sqrt{s k^2 + e}$ inside the root.
struct Corrections<T> {
    rate: T,
    k: T,
    e: T,
}

/// $1 - \beta^n$ without cancellation, in double precision.
fn one_minus_power(beta: f64, n: f64) -> f64 {
    // A decay that a finite difference pushed below 0 has no logarithm, but still a power.
    if beta > 0.0 { -(n * beta.ln()).exp_m1() } else { 1.0 - beta.powf(n) }
}

/// $d(1 - \beta^n)/d\beta = -n \beta^{n-1}$.
fn one_minus_power_slope(beta: f64, n: f64) -> f64 {
    -n * beta.powf(n - 1.0)
}

impl<T: Real> Adam<T> {
    /// Adam in `dimension` components.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::StepSize`], [`OptimiserError::Decay`], [`OptimiserError::Epsilon`] if a hyperparameter is out
    /// of range.
    pub fn new(dimension: usize, options: AdamOptions<T>) -> Result<Self, OptimiserError> {
        check_step_size(options.step_size)?;
        check_decay(options.mean_decay)?;
        check_decay(options.square_decay)?;
        check_epsilon(options.epsilon)?;
        Ok(Self { dimension, options })
    }

    /// The scalars of step `t`.
    fn corrections(&self, t: usize) -> Corrections<T> {
        let n = t as f64 + 1.0;
        let o = &self.options;
        let mean = one_minus_power(o.mean_decay.to_f64(), n);
        let root = one_minus_power(o.square_decay.to_f64(), n).sqrt();
        let e = match o.placement {
            EpsilonPlacement::BeforeCorrection => o.epsilon.to_f64() / root,
            EpsilonPlacement::OutsideRoot | EpsilonPlacement::InsideRoot => o.epsilon.to_f64(),
        };
        Corrections {
            rate: T::from_f64(o.step_size.to_f64() / mean),
            k: T::from_f64(1.0 / root),
            e: T::from_f64(e),
        }
    }

    /// $D$ and its derivatives with respect to $s$, $k$ and $e$, at the average `s`.
    fn denominator(&self, Corrections { k, e, .. }: &Corrections<T>, s: T) -> [T; 4] {
        let half_inverse = |root: T| if root > T::ZERO { T::from_f64(0.5) / root } else { T::ZERO };
        match self.options.placement {
            EpsilonPlacement::InsideRoot => {
                let root = (s * (*k * *k) + *e).sqrt();
                let half = half_inverse(root);
                [root, half * (*k * *k), half * s * (*k + *k), half]
            }
            EpsilonPlacement::OutsideRoot | EpsilonPlacement::BeforeCorrection => {
                let root = s.sqrt();
                [root * *k + *e, half_inverse(root) * *k, root, T::ONE]
            }
        }
    }

    /// The Jacobian of (`rate`, `k`, `e`) with respect to the four hyperparameters.
    fn corrections_jacobian(&self, t: usize) -> [[T; 4]; 3] {
        let n = t as f64 + 1.0;
        let o = &self.options;
        let [alpha, b1, b2, eps] = [o.step_size, o.mean_decay, o.square_decay, o.epsilon].map(T::to_f64);
        let (mean, square) = (one_minus_power(b1, n), one_minus_power(b2, n));
        let rate_mean = -alpha / (mean * mean) * one_minus_power_slope(b1, n);
        let k = 1.0 / square.sqrt();
        let k_square = -0.5 * k / square * one_minus_power_slope(b2, n);
        let e = match o.placement {
            EpsilonPlacement::BeforeCorrection => [0.0, 0.0, eps * k_square, k],
            EpsilonPlacement::OutsideRoot | EpsilonPlacement::InsideRoot => [0.0, 0.0, 0.0, 1.0],
        };
        [[1.0 / mean, rate_mean, 0.0, 0.0], [0.0, 0.0, k_square, 0.0], e].map(|row| row.map(T::from_f64))
    }
}

/// The pass of a step, compiled for the widest instruction set of the machine; tells whether all is finite.
struct Pass<'a, T> {
    options: &'a AdamOptions<T>,
    corrections: Corrections<T>,
    gradient: &'a [T],
    state: &'a mut [T],
}

impl<T: Real> Pass<'_, T> {
    /// The pass with `root(s)` for $D$.
    #[inline(always)]
    fn update(self, root: impl Fn(T) -> T) -> bool {
        let (position, rest) = self.state.split_at_mut(self.gradient.len());
        let (mean, square) = rest.split_at_mut(self.gradient.len());
        let (b1, b2, rate) = (self.options.mean_decay, self.options.square_decay, self.corrections.rate);
        let (c1, c2) = (T::ONE - b1, T::ONE - b2);
        let mut finite = true;
        for (((x, m), s), &g) in position.iter_mut().zip(mean).zip(square).zip(self.gradient) {
            *m = b1 * *m + c1 * g;
            *s = b2 * *s + c2 * (g * g);
            *x -= rate * quotient(*m, root(*s));
            finite &= x.is_finite() & s.is_finite();
        }
        finite
    }
}

impl<T: Real> Kernel for Pass<'_, T> {
    type Output = bool;

    /// Multiplications and additions stay apart: the pass waits for memory anyway, and so its bits are the same on every
    /// machine.
    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let Corrections { k, e, .. } = self.corrections;
        match self.options.placement {
            EpsilonPlacement::InsideRoot => {
                let k2 = k * k;
                self.update(|s| (s * k2 + e).sqrt())
            }
            EpsilonPlacement::OutsideRoot | EpsilonPlacement::BeforeCorrection => {
                self.update(|s| s.sqrt() * k + e)
            }
        }
    }
}

impl<T: Real> Recurrence for Adam<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        3 * self.dimension
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let finite = dispatch(Pass {
            options: &self.options,
            corrections: self.corrections(t),
            gradient,
            state: &mut *state,
        });
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for Adam<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }
}

impl<T: Real> Differentiable for Adam<T> {
    fn state_layout(&self) -> Layout {
        Layout::new(["position", "mean", "square"].map(|name| (name, vec![self.dimension])))
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new(["step_size", "mean_decay", "square_decay", "epsilon"].map(|name| (name, vec![])))
    }

    fn parameter_len(&self) -> usize {
        4
    }

    fn input_len(&self) -> usize {
        self.dimension
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        let [step_size, mean_decay, square_decay, epsilon] = bound(parameters)?;
        self.options =
            AdamOptions { step_size, mean_decay, square_decay, epsilon, placement: self.options.placement };
        Ok(())
    }

    fn step_traced(
        &mut self,
        t: usize,
        gradient: &[T],
        state: &mut [T],
        _: &mut [T],
    ) -> Result<(), StepError> {
        self.step(t, gradient, state)
    }

    fn reverse(
        &mut self,
        t: usize,
        input: &[T],
        record: Record<'_, T>,
        adjoint: &mut [T],
        input_adjoint: &mut [T],
        gradient: &mut [T],
    ) {
        let n = self.dimension;
        let corrections = self.corrections(t);
        let AdamOptions { mean_decay: b1, square_decay: b2, .. } = self.options;
        let (position, rest) = adjoint.split_at_mut(n);
        let (mean, square) = rest.split_at_mut(n);
        // The adjoints of rate, k and e, and of the two decays where they stand in the averages.
        let [mut to_rate, mut to_k, mut to_e, mut to_b1, mut to_b2] = [T::ZERO; 5];
        for i in 0..n {
            let (g, a) = (input[i], position[i]);
            let (m, s) = (record.after[n + i], record.after[2 * n + i]);
            let [d, d_s, d_k, d_e] = self.denominator(&corrections, s);
            let q = quotient(m, d);
            let slope = corrections.rate * quotient(q, d) * a;
            to_rate -= q * a;
            to_k += slope * d_k;
            to_e += slope * d_e;
            let total_mean = mean[i] - corrections.rate * quotient(a, d);
            let total_square = square[i] + slope * d_s;
            to_b1 += (record.before[n + i] - g) * total_mean;
            to_b2 += (record.before[2 * n + i] - g * g) * total_square;
            let new = (T::ONE - b2) * total_square;
            input_adjoint[i] = (T::ONE - b1) * total_mean + (new + new) * g;
            mean[i] = b1 * total_mean;
            square[i] = b2 * total_square;
        }
        gradient[1] += to_b1;
        gradient[2] += to_b2;
        for (row, adjoint) in self.corrections_jacobian(t).iter().zip([to_rate, to_k, to_e]) {
            for (total, &derivative) in gradient.iter_mut().zip(row) {
                *total += derivative * adjoint;
            }
        }
    }

    fn tangent(
        &mut self,
        t: usize,
        input: &[T],
        record: Record<'_, T>,
        tangent: &mut [T],
        input_tangent: &[T],
        parameter_tangent: &[T],
    ) {
        let n = self.dimension;
        let corrections = self.corrections(t);
        let AdamOptions { mean_decay: b1, square_decay: b2, .. } = self.options;
        let parameters = [0, 1, 2, 3].map(|i| component(parameter_tangent, i));
        let [_, b1_dot, b2_dot, _] = parameters;
        let [rate_dot, k_dot, e_dot] = self.corrections_jacobian(t).map(|row| {
            row.iter().zip(parameters).fold(T::ZERO, |sum, (&derivative, p)| sum + derivative * p)
        });
        let (position, rest) = tangent.split_at_mut(n);
        let (mean, square) = rest.split_at_mut(n);
        for i in 0..n {
            let (g, g_dot) = (input[i], component(input_tangent, i));
            let (m, s) = (record.after[n + i], record.after[2 * n + i]);
            let new = (T::ONE - b2) * g * g_dot;
            mean[i] = b1 * mean[i] + (T::ONE - b1) * g_dot + b1_dot * (record.before[n + i] - g);
            square[i] = b2 * square[i] + (new + new) + b2_dot * (record.before[2 * n + i] - g * g);
            let [d, d_s, d_k, d_e] = self.denominator(&corrections, s);
            let q = quotient(m, d);
            let d_dot = d_s * square[i] + d_k * k_dot + d_e * e_dot;
            position[i] -= rate_dot * q + corrections.rate * (quotient(mean[i], d) - quotient(q * d_dot, d));
        }
    }
}
