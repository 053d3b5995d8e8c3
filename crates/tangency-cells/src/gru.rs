//! The gated recurrent unit.

mod kernels;

use crate::affine::{Affine, BlockSpec, Source, add_bias};
use crate::{Scalar, Shape, ShapeError};
use kernels::{Blend, BlendReverse, BlendTangent, ResetReverse, ResetState, ResetTangent};
use rand::Rng;
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::dispatch;

/// Reset gate, update gate, candidate ("new" gate).
const GATES: usize = 3;

/// Where a [`Gru`] applies its reset gate. The two are different functions: weights trained for one are wrong for the
/// other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reset {
    /// To the product: $n = \tanh(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn}))$. PyTorch, cuDNN, Keras with
    /// `reset_after`, ONNX with `linear_before_reset = 1`. One product with $h$ serves all gates. The default.
    #[default]
    After,
    /// To the state: $n = \tanh(W_{in} x + b_{in} + W_{hn} (r \odot h) + b_{hn})$. The original paper, and ONNX with
    /// `linear_before_reset = 0`.
    Before,
}

/// The gated recurrent unit, GRU.
///
/// With $\sigma$ the logistic function and elementwise products $\odot$,
///
/// $$ r = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_t + b_{hr}), \quad
///    z = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_t + b_{hz}) $$
///
/// $$ n = \tanh(W_{in} x_t + b_{in} + r \odot (W_{hn} h_t + b_{hn})), \qquad
///    h_{t+1} = (1 - z) \odot n + z \odot h_t $$
///
/// with the reset gate $r$ after the product as here, or before it: [`Reset`]. Three quarters of the work of an
/// [`Lstm`](crate::Lstm) and half its state; $z$ near 1 carries a state, and its adjoint, over many steps.
///
/// # Shapes
///
/// State: `hidden`, `[hidden][batch]`. Input: `[features][batch]`, or for a cell made by [`projected`](Self::projected)
/// `[gate][hidden][batch]`. Parameters, with PyTorch's names, order and shapes, gates in the order $r, z, n$:
/// `weight_ih` ($3H \times I$, row-major), `weight_hh` ($3H \times H$), `bias_ih`, `bias_hh` ($3H$); a projected cell
/// has `weight_hh` and `bias_hh` only. All zero until [`bind`](Differentiable::bind).
///
/// # Cost
///
/// A step takes $6 H (I + H) B$ operations in three products, and one or two passes over the gates. A traced step keeps
/// $4 H B$ numbers ($3 H B$ with [`Reset::Before`]); the reverse pass takes twice the operations of a step.
///
/// # Errors
///
/// A step fails with [`StepError`] if a length is wrong, or a NaN or an infinity is in the input or the new state.
///
/// # Example: the reset gate's place matters
///
/// ```
/// use tangency_cells::{Gru, Reset, Shape};
/// use tangency_recurrence::{Differentiable, Recurrence};
///
/// // One unit: for each gate weights 0.5 and -0.8, biases 0.1 and 0.2.
/// let parameters = [0.5, 0.5, 0.5, -0.8, -0.8, -0.8, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2];
/// for (reset, expected) in [(Reset::After, 0.4785112442), (Reset::Before, 0.5033577041)] {
///     let mut gru = Gru::<f64>::new(Shape { features: 1, hidden: 1, batch: 1 }, reset)?;
///     gru.bind(&parameters)?;
///     let mut state = [0.5];
///     gru.step(0, &[1.0], &mut state)?;
///     assert!((state[0] - expected).abs() < 1e-10);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - K. Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation*,
///   EMNLP 2014, equations 5-8. <https://arxiv.org/abs/1406.1078>. There $z$ and $1 - z$ have the same roles as here.
#[derive(Debug, Clone)]
pub struct Gru<T> {
    affine: Affine<T>,
    reset: Reset,
    /// $b_{hn}$ for a whole batch, for a reset after the product.
    candidate_bias: Vec<T>,
    /// Gates of an untraced step, adjoints or tangents of the pre-activations: as the trace.
    gates: Vec<T>,
    /// $r \odot h$, for a reset before the product.
    reset_state: Vec<T>,
    /// Its adjoint or tangent.
    reset_change: Vec<T>,
}

impl<T: Scalar> Gru<T> {
    /// A cell that takes features, with all parameters 0.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn new(shape: Shape, reset: Reset) -> Result<Self, ShapeError> {
        Self::with_source(shape, reset, Source::Features)
    }

    /// A cell that takes features already projected by a [`Projection`](crate::Projection) for 3 gates.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn projected(shape: Shape, reset: Reset) -> Result<Self, ShapeError> {
        Self::with_source(shape, reset, Source::Projected)
    }

    fn with_source(shape: Shape, reset: Reset, source: Source) -> Result<Self, ShapeError> {
        let reset_and_update = BlockSpec { gates: 0..2, adjoint: 0..2, seen: 0 };
        // With the reset after the product, W_hn h is a fourth row of the trace; with the reset before it, W_hn
        // multiplies a column of its own.
        let (slots, candidate) = match reset {
            Reset::After => (4, BlockSpec { gates: 2..3, adjoint: 3..4, seen: 0 }),
            Reset::Before => (3, BlockSpec { gates: 2..3, adjoint: 2..3, seen: 1 }),
        };
        let affine = Affine::new(shape, source, GATES, slots, &[reset_and_update, candidate])?;
        let n = shape.hidden_len();
        let zeros = vec![T::ZERO; n];
        Ok(Self {
            affine,
            reset,
            candidate_bias: zeros.clone(),
            gates: vec![T::ZERO; slots * n],
            reset_state: zeros.clone(),
            reset_change: zeros,
        })
    }

    /// The size of the cell.
    pub fn shape(&self) -> Shape {
        self.affine.shape
    }

    /// Where the reset gate is applied.
    pub fn reset(&self) -> Reset {
        self.reset
    }

    /// Initial parameters as PyTorch draws them: [`Shape::initial_parameters`].
    pub fn initial_parameters(&self, rng: &mut (impl Rng + ?Sized)) -> Vec<T> {
        self.shape().initial_parameters(self.parameter_len(), rng)
    }

    /// The gates whose hidden bias is added with the input's.
    fn merged_biases(&self) -> std::ops::Range<usize> {
        match self.reset {
            Reset::After => 0..2,
            Reset::Before => 0..3,
        }
    }

    /// A step that leaves $r, z, n$ (and $W_{hn} h + b_{hn}$) in `gates`.
    fn advance(&mut self, t: usize, input: &[T], state: &mut [T], gates: &mut [T]) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::Input, self.input_len(), input.len())?;
        StepError::check_length(t, Quantity::State, self.state_len(), state.len())?;
        StepError::check_finite(t, Quantity::Input, input)?;
        let n = state.len();
        self.affine.begin(input, &mut gates[..GATES * n]);
        self.affine.add_hidden(0, state, &mut gates[..2 * n]);
        match self.reset {
            Reset::After => {
                gates[3 * n..].copy_from_slice(&self.candidate_bias);
                self.affine.add_hidden(1, state, &mut gates[3 * n..]);
                dispatch(Blend::<_, true> { gates, state });
            }
            Reset::Before => {
                dispatch(ResetState { reset: &mut gates[..n], state, product: &mut self.reset_state });
                self.affine.add_hidden(1, &self.reset_state, &mut gates[2 * n..]);
                dispatch(Blend::<_, false> { gates, state });
            }
        }
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl<T: Scalar> Recurrence for Gru<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        self.shape().hidden_len()
    }

    fn step(&mut self, t: usize, input: &[T], state: &mut [T]) -> Result<(), StepError> {
        let mut gates = std::mem::take(&mut self.gates);
        let result = self.advance(t, input, state, &mut gates);
        self.gates = gates;
        result
    }
}

impl<T: Scalar> Differentiable for Gru<T> {
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
        self.gates.len()
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        self.affine.bind(parameters, self.merged_biases())?;
        self.candidate_bias.fill(T::ZERO);
        add_bias(self.affine.hidden_bias(parameters, 2), self.shape().batch, &mut self.candidate_bias);
        Ok(())
    }

    fn step_traced(
        &mut self,
        t: usize,
        input: &[T],
        state: &mut [T],
        trace: &mut [T],
    ) -> Result<(), StepError> {
        self.advance(t, input, state, trace)
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
        let Record { before: state, trace, .. } = record;
        let n = state.len();
        let gates = &mut self.gates;
        match self.reset {
            Reset::After => {
                dispatch(BlendReverse::<_, true> { trace, state, adjoint, gates });
                self.affine.add_hidden_transposed(1, &gates[3 * n..], adjoint);
            }
            Reset::Before => {
                dispatch(BlendReverse::<_, false> { trace, state, adjoint, gates });
                self.reset_change.fill(T::ZERO);
                self.affine.add_hidden_transposed(1, &gates[2 * n..], &mut self.reset_change);
                dispatch(ResetReverse {
                    reset: &trace[..n],
                    state,
                    product_adjoint: &self.reset_change,
                    adjoint,
                    gate: &mut gates[..n],
                    product: &mut self.reset_state,
                });
            }
        }
        self.affine.add_hidden_transposed(0, &gates[..2 * n], adjoint);
        self.affine.pull_input(&gates[..GATES * n], input_adjoint);
        self.affine.hold(t, gates, input, &[state, &self.reset_state], gradient);
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
        let Record { before: state, trace, .. } = record;
        let n = state.len();
        let merged = self.merged_biases();
        let gates = &mut self.gates;
        let affine = &self.affine;
        affine.begin_tangent(input, input_tangent, parameter_tangent, merged, &mut gates[..GATES * n]);
        affine.add_hidden_tangent(0, state, tangent, parameter_tangent, &mut gates[..2 * n]);
        match self.reset {
            Reset::After => {
                let product = &mut gates[3 * n..];
                product.fill(T::ZERO);
                if !parameter_tangent.is_empty() {
                    add_bias(affine.hidden_bias(parameter_tangent, 2), affine.shape.batch, product);
                }
                affine.add_hidden_tangent(1, state, tangent, parameter_tangent, product);
                dispatch(BlendTangent::<_, true> { trace, state, gates, tangent });
            }
            Reset::Before => {
                dispatch(ResetTangent {
                    reset: &trace[..n],
                    state,
                    tangent,
                    gate: &gates[..n],
                    product: &mut self.reset_state,
                    product_tangent: &mut self.reset_change,
                });
                let (product, change) = (&self.reset_state, &self.reset_change);
                affine.add_hidden_tangent(1, product, change, parameter_tangent, &mut gates[2 * n..]);
                dispatch(BlendTangent::<_, false> { trace, state, gates, tangent });
            }
        }
    }
}
