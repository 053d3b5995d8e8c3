//! RMSprop, by component and by norm.

use crate::optimiser::{
    bound, check_arguments, check_decay, check_epsilon, check_state, check_step_size, component, dot,
    quotient,
};
use crate::{EpsilonPlacement, Optimiser, OptimiserError};
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Record, Recurrence, StepError};
use tangency_vmath::{Real, sum_of_squares};

/// Of what [`RmsProp`] keeps the sliding average of squares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum RmsScaling {
    /// Of every component of the gradient: one rate for each. The usual method; not equivariant under rotations.
    #[default]
    Component,
    /// Of the gradient's Euclidean norm: one rate for all. The step keeps the gradient's direction.
    Norm,
}

/// The hyperparameters of [`RmsProp`].
///
/// The default is [`torch`](Self::torch); new fields may be added, so end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RmsPropOptions<T> {
    /// The step size $\gamma$, finite and at least 0. Default 0.01.
    pub step_size: T,
    /// The decay $\rho$ of the sliding average, in [0, 1). Default 0.99.
    pub decay: T,
    /// $\varepsilon$, finite and at least 0, in units of the gradient (of its square inside the root). Default 1e-8.
    pub epsilon: T,
    /// Where $\varepsilon$ stands. Default [`EpsilonPlacement::OutsideRoot`].
    pub placement: EpsilonPlacement,
    /// What is averaged. Default [`RmsScaling::Component`].
    pub scaling: RmsScaling,
}

impl<T: Real> Default for RmsPropOptions<T> {
    fn default() -> Self {
        Self::torch()
    }
}

impl<T: Real> RmsPropOptions<T> {
    /// As `torch.optim.RMSprop` by default: step size 0.01, decay 0.99, 1e-8 outside the root.
    pub fn torch() -> Self {
        Self {
            step_size: T::from_f64(0.01),
            decay: T::from_f64(0.99),
            epsilon: T::from_f64(1e-8),
            placement: EpsilonPlacement::OutsideRoot,
            scaling: RmsScaling::Component,
        }
    }

    /// As `optax.rmsprop` by default: decay 0.9, 1e-8 inside the root; the step size, which optax leaves to the caller,
    /// is 0.01.
    pub fn optax() -> Self {
        Self { decay: T::from_f64(0.9), placement: EpsilonPlacement::InsideRoot, ..Self::torch() }
    }

    /// As `keras.optimizers.RMSprop` by default: step size 0.001, decay 0.9, 1e-7 inside the root.
    pub fn keras() -> Self {
        Self { step_size: T::from_f64(0.001), epsilon: T::from_f64(1e-7), ..Self::optax() }
    }
}

/// RMSprop: gradient descent with a step size held against the size of recent gradients.
///
/// $$ s_{t+1} = \rho s_t + (1 - \rho) g_t^2, \quad \theta_{t+1} = \theta_t - \gamma \frac{g_t}{d(s_{t+1})} $$
///
/// with $d(s) = \sqrt{s} + \varepsilon$ or $\sqrt{s + \varepsilon}$ ([`EpsilonPlacement`]); $s_0 = 0$, and no bias is
/// corrected. By component, everything is meant component by component; by norm, $s$ is one number and $g_t^2$ stands for
/// $\lVert g_t \rVert_2^2$.
///
/// As a method for $\dot\theta = -\nabla L$ this is control of the error: the error of Euler's step grows with
/// $\gamma \lVert \dot\theta \rVert$, and to hold that at $\tilde\gamma$ is to step by $\tilde\gamma/\lVert g \rVert$;
/// the sliding average keeps it from moving the same distance in every step. That argument gives the form by norm; the
/// usual form applies it to each component alone.
///
/// State: `position` (n numbers), `square` (n by component, 1 by norm). Hyperparameters: `step_size`, `decay`,
/// `epsilon`. The derivative of the root at $s = 0$, where the gradient is 0 too, is taken as 0.
///
/// # Example: the first step does not see the scale of the gradient
///
/// ```
/// use tangency_dynamics::{Optimiser, RmsProp, RmsPropOptions};
/// use tangency_recurrence::Recurrence;
///
/// let mut optimiser = RmsProp::new(2, RmsPropOptions { step_size: 0.1_f64, ..RmsPropOptions::torch() })?;
/// let mut state = optimiser.initial_state(&[0.0, 0.0])?;
/// optimiser.step(0, &[1e-3, -1e3], &mut state)?;
/// // 0.1 / sqrt(1 - 0.99) = 1
/// assert!((state[0] + 1.0).abs() < 1e-3 && (state[1] - 1.0).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - T. Tieleman, G. Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012.
/// - Su Jianlin, *Optimisation as dynamics (2)*, 2018 (by norm). <https://kexue.fm/archives/6234>
#[derive(Debug, Clone, PartialEq)]
pub struct RmsProp<T> {
    dimension: usize,
    options: RmsPropOptions<T>,
}

impl<T: Real> RmsProp<T> {
    /// RMSprop in `dimension` components.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::StepSize`], [`OptimiserError::Decay`], [`OptimiserError::Epsilon`] if a hyperparameter is out
    /// of range.
    pub fn new(dimension: usize, options: RmsPropOptions<T>) -> Result<Self, OptimiserError> {
        check_step_size(options.step_size)?;
        check_decay(options.decay)?;
        check_epsilon(options.epsilon)?;
        Ok(Self { dimension, options })
    }

    /// The number of averages.
    fn averages(&self) -> usize {
        match self.options.scaling {
            RmsScaling::Component => self.dimension,
            RmsScaling::Norm => 1,
        }
    }

    /// $\rho s + (1 - \rho) q$ for the old average $s$ and the new square $q$.
    fn average(&self, square: T, new: T) -> T {
        self.options.decay * square + (T::ONE - self.options.decay) * new
    }

    /// $d(s)$, its derivative, and its derivative with respect to $\varepsilon$.
    fn denominator(&self, square: T) -> [T; 3] {
        let epsilon = self.options.epsilon;
        let half_inverse = |root: T| if root > T::ZERO { T::from_f64(0.5) / root } else { T::ZERO };
        match self.options.placement {
            EpsilonPlacement::InsideRoot => {
                let root = (square + epsilon).sqrt();
                [root, half_inverse(root), half_inverse(root)]
            }
            EpsilonPlacement::OutsideRoot | EpsilonPlacement::BeforeCorrection => {
                let root = square.sqrt();
                [root + epsilon, half_inverse(root), T::ONE]
            }
        }
    }
}

/// One pass of the form by component, with `root(s)` for $d(s)$; tells whether all is finite.
#[inline]
fn by_component<T: Real>(
    options: RmsPropOptions<T>,
    gradient: &[T],
    state: &mut [T],
    root: impl Fn(T) -> T,
) -> bool {
    let (position, square) = state.split_at_mut(gradient.len());
    let new = T::ONE - options.decay;
    let mut finite = true;
    for ((x, s), &g) in position.iter_mut().zip(square).zip(gradient) {
        *s = options.decay * *s + new * (g * g);
        *x -= options.step_size * quotient(g, root(*s));
        finite &= x.is_finite() & s.is_finite();
    }
    finite
}

impl<T: Real> Recurrence for RmsProp<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.dimension + self.averages()
    }

    fn step(&mut self, t: usize, gradient: &[T], state: &mut [T]) -> Result<(), StepError> {
        check_arguments(t, (self.state_len(), state), (self.dimension, gradient))?;
        let RmsPropOptions { step_size, epsilon, placement, scaling, .. } = self.options;
        let finite = match (scaling, placement) {
            (RmsScaling::Component, EpsilonPlacement::InsideRoot) => {
                by_component(self.options, gradient, state, |s| (s + epsilon).sqrt())
            }
            (RmsScaling::Component, EpsilonPlacement::OutsideRoot | EpsilonPlacement::BeforeCorrection) => {
                by_component(self.options, gradient, state, |s| s.sqrt() + epsilon)
            }
            (RmsScaling::Norm, _) => {
                let (position, square) = state.split_at_mut(self.dimension);
                square[0] = self.average(square[0], sum_of_squares(gradient));
                let [d, ..] = self.denominator(square[0]);
                let mut finite = square[0].is_finite();
                for (x, &g) in position.iter_mut().zip(gradient) {
                    *x -= step_size * quotient(g, d);
                    finite &= x.is_finite();
                }
                finite
            }
        };
        check_state(t, finite, state)
    }
}

impl<T: Real> Optimiser for RmsProp<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }
}

impl<T: Real> Differentiable for RmsProp<T> {
    fn state_layout(&self) -> Layout {
        Layout::new([("position", vec![self.dimension]), ("square", vec![self.averages()])])
    }

    fn parameter_layout(&self) -> Layout {
        Layout::new([("step_size", vec![]), ("decay", vec![]), ("epsilon", vec![])])
    }

    fn parameter_len(&self) -> usize {
        3
    }

    fn input_len(&self) -> usize {
        self.dimension
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        [self.options.step_size, self.options.decay, self.options.epsilon] = bound(parameters)?;
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
        _: usize,
        input: &[T],
        record: Record<'_, T>,
        adjoint: &mut [T],
        input_adjoint: &mut [T],
        gradient: &mut [T],
    ) {
        let RmsPropOptions { step_size, decay, .. } = self.options;
        let n = self.dimension;
        let width = n / self.averages().max(1);
        let (position, square) = adjoint.split_at_mut(n);
        // A block is the components that share one average: one of them, or all.
        for (block, adjoint_square) in square.iter_mut().enumerate() {
            let [d, d_square, d_epsilon] = self.denominator(record.after[n + block]);
            let range = block * width..(block + 1) * width;
            let (g, a) = (&input[range.clone()], &position[range.clone()]);
            let (along, squares) = (dot(g, a), sum_of_squares(g));
            let slope = quotient(quotient(step_size * along, d), d);
            let total = *adjoint_square + slope * d_square;
            gradient[0] -= quotient(along, d);
            gradient[1] += (record.before[n + block] - squares) * total;
            gradient[2] += slope * d_epsilon;
            let new = (T::ONE - decay) * total;
            for ((u, &g), &a) in input_adjoint[range].iter_mut().zip(g).zip(a) {
                *u = (new + new) * g - step_size * quotient(a, d);
            }
            *adjoint_square = decay * total;
        }
    }

    fn tangent(
        &mut self,
        _: usize,
        input: &[T],
        record: Record<'_, T>,
        tangent: &mut [T],
        input_tangent: &[T],
        parameter_tangent: &[T],
    ) {
        let RmsPropOptions { step_size, decay, .. } = self.options;
        let [rate, d_decay, d_eps] = [0, 1, 2].map(|i| component(parameter_tangent, i));
        let n = self.dimension;
        let width = n / self.averages().max(1);
        let (position, square) = tangent.split_at_mut(n);
        for (block, tangent_square) in square.iter_mut().enumerate() {
            let [d, d_square, d_epsilon] = self.denominator(record.after[n + block]);
            let range = block * width..(block + 1) * width;
            let g = &input[range.clone()];
            let mut along = T::ZERO;
            for (&g, i) in g.iter().zip(range.clone()) {
                along += g * component(input_tangent, i);
            }
            let new = (T::ONE - decay) * along;
            *tangent_square = decay * *tangent_square
                + d_decay * (record.before[n + block] - sum_of_squares(g))
                + (new + new);
            let d_dot = d_square * *tangent_square + d_epsilon * d_eps;
            for ((x, &g), i) in position[range.clone()].iter_mut().zip(g).zip(range) {
                let q = quotient(g, d);
                *x -= rate * q
                    + step_size * (quotient(component(input_tangent, i), d) - quotient(q * d_dot, d));
            }
        }
    }
}
