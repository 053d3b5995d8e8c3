//! The plain recurrent cell.

use crate::affine::{Affine, BlockSpec, Source};
use crate::lanes::{LANES, load, store};
use crate::{Scalar, Shape, ShapeError};
use rand::Rng;
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::{Kernel, dispatch};

/// The plain recurrent cell, of Elman: one layer of hyperbolic tangents fed back to itself.
///
/// $$ h_{t+1} = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_t + b_{hh}) $$
///
/// Cheapest of the cells, and the one whose gradients vanish or explode most readily: an adjoint is multiplied by
/// $W_{hh}^\top$ and by $1 - h^2$ at every step.
///
/// # Shapes
///
/// State: `hidden`, `[hidden][batch]`. Input: `[features][batch]`, or for a cell made by [`projected`](Self::projected)
/// `[hidden][batch]`. Parameters, with PyTorch's names, order and shapes: `weight_ih` ($H \times I$, row-major),
/// `weight_hh` ($H \times H$), `bias_ih`, `bias_hh` ($H$); a projected cell has `weight_hh` and `bias_hh` only. All
/// zero until [`bind`](Differentiable::bind).
///
/// # Cost
///
/// A step takes $2 H (I + H) B$ operations in two products, and one pass over the units. A traced step keeps nothing:
/// the two states tell all.
///
/// # Errors
///
/// A step fails with [`StepError`] if a length is wrong, or a NaN or an infinity is in the input or the new state.
///
/// # Example: two units that remember a pulse
///
/// ```
/// use tangency_cells::{Rnn, Shape};
/// use tangency_recurrence::{scan, Differentiable, Frames};
///
/// let mut rnn = Rnn::<f64>::new(Shape { features: 1, hidden: 2, batch: 1 })?;
/// // weight_ih = (2, 0), weight_hh: each unit feeds the other, no biases.
/// rnn.bind(&[2.0, 0.0, 0.0, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0])?;
/// let mut state = [0.0, 0.0];
/// scan(&mut rnn, 0..4, Frames::new(&[1.0, 0.0, 0.0, 0.0][..], 1), &mut state)?;
/// assert_eq!(state[0], 0.0);
/// assert!((state[1] - (1.5 * (1.5 * (1.5 * 2_f64.tanh()).tanh()).tanh()).tanh()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - J. Elman, *Finding Structure in Time*, Cognitive Science 14 (1990).
#[derive(Debug, Clone)]
pub struct Rnn<T> {
    affine: Affine<T>,
    /// Pre-activations, their adjoints or their tangents: `[hidden][batch]`.
    gates: Vec<T>,
}

impl<T: Scalar> Rnn<T> {
    /// A cell that takes features, with all parameters 0.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn new(shape: Shape) -> Result<Self, ShapeError> {
        Self::with_source(shape, Source::Features)
    }

    /// A cell that takes features already projected by a [`Projection`](crate::Projection) for 1 gate.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn projected(shape: Shape) -> Result<Self, ShapeError> {
        Self::with_source(shape, Source::Projected)
    }

    fn with_source(shape: Shape, source: Source) -> Result<Self, ShapeError> {
        let affine = Affine::new(shape, source, 1, 1, &[BlockSpec { gates: 0..1, adjoint: 0..1, seen: 0 }])?;
        Ok(Self { affine, gates: vec![T::ZERO; shape.hidden_len()] })
    }

    /// The size of the cell.
    pub fn shape(&self) -> Shape {
        self.affine.shape
    }

    /// Initial parameters as PyTorch draws them: [`Shape::initial_parameters`].
    pub fn initial_parameters(&self, rng: &mut (impl Rng + ?Sized)) -> Vec<T> {
        self.shape().initial_parameters(self.parameter_len(), rng)
    }
}

impl<T: Scalar> Recurrence for Rnn<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.shape().hidden_len()
    }

    fn step(&mut self, t: usize, input: &[T], state: &mut [T]) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::Input, self.input_len(), input.len())?;
        StepError::check_length(t, Quantity::State, self.state_len(), state.len())?;
        StepError::check_finite(t, Quantity::Input, input)?;
        self.affine.begin(input, &mut self.gates);
        self.affine.add_hidden(0, state, &mut self.gates);
        dispatch(Forward { gates: &self.gates, hidden: state });
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl<T: Scalar> Differentiable for Rnn<T> {
    fn state_layout(&self) -> Layout {
        let Shape { hidden, batch, .. } = self.shape();
        Layout::new([("hidden", vec![hidden, batch])])
    }

    fn parameter_layout(&self) -> Layout {
        self.affine.layout().clone()
    }

    fn parameter_len(&self) -> usize {
        self.affine.layout().len()
    }

    fn input_len(&self) -> usize {
        self.affine.input_len()
    }

    fn trace_len(&self) -> usize {
        0
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        self.affine.bind(parameters, 0..1)
    }

    fn step_traced(&mut self, t: usize, input: &[T], state: &mut [T], _: &mut [T]) -> Result<(), StepError> {
        self.step(t, input, state)
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
        let gates = &mut self.gates;
        for ((gate, &a), &h) in gates.iter_mut().zip(&*adjoint).zip(record.after) {
            *gate = a * (T::ONE - h * h);
        }
        adjoint.fill(T::ZERO);
        self.affine.add_hidden_transposed(0, gates, adjoint);
        self.affine.pull_input(gates, input_adjoint);
        self.affine.hold(t, gates, input, &[record.before], gradient);
    }

    fn flush(&mut self, gradient: &mut [T]) {
        self.affine.flush(gradient);
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
        let gates = &mut self.gates;
        self.affine.begin_tangent(input, input_tangent, parameter_tangent, 0..1, gates);
        self.affine.add_hidden_tangent(0, record.before, tangent, parameter_tangent, gates);
        for ((h_dot, &a_dot), &h) in tangent.iter_mut().zip(&*gates).zip(record.after) {
            *h_dot = a_dot * (T::ONE - h * h);
        }
    }
}

/// The hyperbolic tangents of the pre-activations.
struct Forward<'a, T> {
    gates: &'a [T],
    hidden: &'a mut [T],
}

impl<T: Scalar> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for at in (0..self.hidden.len()).step_by(LANES) {
            let mut h = load(self.gates, at);
            for k in 0..LANES {
                h[k] = h[k].tanh_lane::<FMA>();
            }
            store(self.hidden, at, h);
        }
    }
}
