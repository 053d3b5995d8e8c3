//! The long short-term memory cell.

use crate::affine::{Affine, BlockSpec, Source};
use crate::lanes::{LANES, load, store};
use crate::{Scalar, Shape, ShapeError};
use rand::Rng;
use tangency_recurrence::{Differentiable, Layout, LengthMismatch, Quantity, Record, Recurrence, StepError};
use tangency_vmath::{Kernel, dispatch};

/// Input, forget, cell and output gate.
const GATES: usize = 4;

/// The long short-term memory cell, LSTM.
///
/// With $\sigma$ the logistic function, elementwise products $\odot$, and for each gate
/// $a = W_{ih} x_t + b_{ih} + W_{hh} h_t + b_{hh}$,
///
/// $$ i = \sigma(a_i), \quad f = \sigma(a_f), \quad g = \tanh(a_g), \quad o = \sigma(a_o) $$
///
/// $$ c_{t+1} = f \odot c_t + i \odot g, \qquad h_{t+1} = o \odot \tanh(c_{t+1}) $$
///
/// The cell state $c$ passes from step to step by a product with $f$ alone, so an adjoint can travel far along it
/// without vanishing.
///
/// # Shapes
///
/// State: `hidden` then `cell`, each `[hidden][batch]`. Input: `[features][batch]`, or for a cell made by
/// [`projected`](Self::projected) `[gate][hidden][batch]`. Parameters, with PyTorch's names, order and shapes, gates in
/// the order $i, f, g, o$: `weight_ih` ($4H \times I$, row-major), `weight_hh` ($4H \times H$), `bias_ih`, `bias_hh`
/// ($4H$); a projected cell has `weight_hh` and `bias_hh` only. All zero until [`bind`](Differentiable::bind).
///
/// # Cost
///
/// A step takes $8 H (I + H) B$ operations in two products, and one pass over the gates. A traced step keeps the four
/// activated gates, $4 H B$ numbers; the reverse pass takes twice the operations of a step.
///
/// # Errors
///
/// A step fails with [`StepError`] if a length is wrong, or a NaN or an infinity is in the input or the new state.
///
/// # Example: one step, a sequence, a gradient
///
/// ```
/// use tangency_cells::{Lstm, Shape};
/// use tangency_recurrence::{scan, Backpropagation, Differentiable, Frames, Recurrence, Tape};
///
/// let mut lstm = Lstm::<f64>::new(Shape { features: 1, hidden: 2, batch: 1 })?;
/// let parameters: Vec<f64> = (0..lstm.parameter_len()).map(|k| 0.5 * (k as f64).sin()).collect();
/// lstm.bind(&parameters)?;
///
/// let inputs = [1.0, 0.0, -1.0];
/// let mut state = vec![0.0; lstm.state_len()];
/// scan(&mut lstm, 0..3, Frames::new(&inputs[..], 1), &mut state)?;
///
/// // The gradient of the last hidden state's sum.
/// let mut pass = Backpropagation::new(Tape::Stored);
/// let loss = |t, _: &[f64], adjoint: &mut [f64]| if t == 2 { adjoint[..2].fill(1.0) };
/// pass.run(&mut lstm, 0..3, Frames::new(&inputs[..], 1), &[0.0; 4], loss, |_, _| {})?;
/// assert_eq!(pass.last_state(), state);
/// assert_eq!(pass.gradient().len(), parameters.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - S. Hochreiter, J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9 (1997).
/// - F. Gers, J. Schmidhuber, F. Cummins, *Learning to Forget*, Neural Computation 12 (2000): the gate $f$.
#[derive(Debug, Clone)]
pub struct Lstm<T> {
    affine: Affine<T>,
    /// Gates of an untraced step, adjoints or tangents of the pre-activations: `[gate][hidden][batch]`.
    gates: Vec<T>,
}

impl<T: Scalar> Lstm<T> {
    /// A cell that takes features, with all parameters 0.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn new(shape: Shape) -> Result<Self, ShapeError> {
        Self::with_source(shape, Source::Features)
    }

    /// A cell that takes features already projected by a [`Projection`](crate::Projection) for 4 gates.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large.
    pub fn projected(shape: Shape) -> Result<Self, ShapeError> {
        Self::with_source(shape, Source::Projected)
    }

    fn with_source(shape: Shape, source: Source) -> Result<Self, ShapeError> {
        let block = BlockSpec { gates: 0..GATES, adjoint: 0..GATES, seen: 0 };
        let affine = Affine::new(shape, source, GATES, GATES, &[block])?;
        Ok(Self { affine, gates: vec![T::ZERO; GATES * shape.hidden_len()] })
    }

    /// The size of the cell.
    pub fn shape(&self) -> Shape {
        self.affine.shape
    }

    /// Initial parameters as PyTorch draws them: [`Shape::initial_parameters`].
    pub fn initial_parameters(&self, rng: &mut (impl Rng + ?Sized)) -> Vec<T> {
        self.shape().initial_parameters(self.parameter_len(), rng)
    }

    /// A step that leaves its activated gates in `gates`.
    fn advance(&self, t: usize, input: &[T], state: &mut [T], gates: &mut [T]) -> Result<(), StepError> {
        StepError::check_length(t, Quantity::Input, self.input_len(), input.len())?;
        StepError::check_length(t, Quantity::State, self.state_len(), state.len())?;
        StepError::check_finite(t, Quantity::Input, input)?;
        let (hidden, cell) = state.split_at_mut(self.shape().hidden_len());
        self.affine.begin(input, gates);
        self.affine.add_hidden(0, hidden, gates);
        dispatch(Forward { gates, hidden, cell });
        StepError::check_finite(t, Quantity::State, state)
    }
}

impl<T: Scalar> Recurrence for Lstm<T> {
    type Element = T;
    type Input = [T];

    fn state_len(&self) -> usize {
        2 * self.shape().hidden_len()
    }

    fn step(&mut self, t: usize, input: &[T], state: &mut [T]) -> Result<(), StepError> {
        let mut gates = std::mem::take(&mut self.gates);
        let result = self.advance(t, input, state, &mut gates);
        self.gates = gates;
        result
    }
}

impl<T: Scalar> Differentiable for Lstm<T> {
    fn state_layout(&self) -> Layout {
        let Shape { hidden, batch, .. } = self.shape();
        Layout::new([("hidden", vec![hidden, batch]), ("cell", vec![hidden, batch])])
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
        GATES * self.shape().hidden_len()
    }

    fn bind(&mut self, parameters: &[T]) -> Result<(), LengthMismatch> {
        self.affine.bind(parameters, 0..GATES)
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
        let n = self.shape().hidden_len();
        let (before, cell) = record.before.split_at(n);
        let (hidden_adjoint, cell_adjoint) = adjoint.split_at_mut(n);
        let gates = &mut self.gates;
        dispatch(Reverse {
            trace: record.trace,
            cell,
            next_cell: &record.after[n..],
            hidden_adjoint,
            cell_adjoint,
            gates,
        });
        hidden_adjoint.fill(T::ZERO);
        self.affine.add_hidden_transposed(0, gates, hidden_adjoint);
        self.affine.pull_input(gates, input_adjoint);
        self.affine.hold(t, gates, input, &[before], gradient);
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
        let n = self.shape().hidden_len();
        let (before, cell) = record.before.split_at(n);
        let (hidden_tangent, cell_tangent) = tangent.split_at_mut(n);
        let gates = &mut self.gates;
        self.affine.begin_tangent(input, input_tangent, parameter_tangent, 0..GATES, gates);
        self.affine.add_hidden_tangent(0, before, hidden_tangent, parameter_tangent, gates);
        dispatch(Tangent {
            trace: record.trace,
            cell,
            next_cell: &record.after[n..],
            gates,
            hidden_dot: hidden_tangent,
            cell_dot: cell_tangent,
        });
    }
}

/// Activates the gates, in place, and takes the state on.
struct Forward<'a, T> {
    gates: &'a mut [T],
    hidden: &'a mut [T],
    cell: &'a mut [T],
}

impl<T: Scalar> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { gates, hidden, cell } = self;
        let n = cell.len();
        for at in (0..n).step_by(LANES) {
            let mut i = load(&gates[..n], at);
            let mut f = load(&gates[n..2 * n], at);
            let mut g = load(&gates[2 * n..3 * n], at);
            let mut o = load(&gates[3 * n..], at);
            let mut c = load(cell, at);
            let mut h = [T::ZERO; LANES];
            for k in 0..LANES {
                i[k] = i[k].sigmoid_lane::<FMA>();
            }
            for k in 0..LANES {
                f[k] = f[k].sigmoid_lane::<FMA>();
            }
            for k in 0..LANES {
                g[k] = g[k].tanh_lane::<FMA>();
            }
            for k in 0..LANES {
                o[k] = o[k].sigmoid_lane::<FMA>();
            }
            for k in 0..LANES {
                c[k] = f[k].mul_add_lane::<FMA>(c[k], i[k] * g[k]);
                h[k] = o[k] * c[k].tanh_lane::<FMA>();
            }
            store(&mut gates[..n], at, i);
            store(&mut gates[n..2 * n], at, f);
            store(&mut gates[2 * n..3 * n], at, g);
            store(&mut gates[3 * n..], at, o);
            store(cell, at, c);
            store(hidden, at, h);
        }
    }
}

/// Adjoints of the pre-activations into `gates`, and of the cell state in place.
struct Reverse<'a, T> {
    trace: &'a [T],
    cell: &'a [T],
    next_cell: &'a [T],
    hidden_adjoint: &'a [T],
    cell_adjoint: &'a mut [T],
    gates: &'a mut [T],
}

impl<T: Scalar> Kernel for Reverse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { trace, cell, next_cell, hidden_adjoint, cell_adjoint, gates } = self;
        let n = cell.len();
        for at in (0..n).step_by(LANES) {
            let i = load(&trace[..n], at);
            let f = load(&trace[n..2 * n], at);
            let g = load(&trace[2 * n..3 * n], at);
            let o = load(&trace[3 * n..], at);
            let c = load(cell, at);
            let next = load(next_cell, at);
            let dh = load(hidden_adjoint, at);
            let mut dc = load(cell_adjoint, at);
            let (mut di, mut df, mut dg, mut dout) = ([T::ZERO; LANES], [T::ZERO; LANES], dc, dh);
            for k in 0..LANES {
                let tanh = next[k].tanh_lane::<FMA>();
                let total = dc[k] + dh[k] * o[k] * (T::ONE - tanh * tanh);
                di[k] = total * g[k] * i[k] * (T::ONE - i[k]);
                df[k] = total * c[k] * f[k] * (T::ONE - f[k]);
                dg[k] = total * i[k] * (T::ONE - g[k] * g[k]);
                dout[k] = dh[k] * tanh * o[k] * (T::ONE - o[k]);
                dc[k] = total * f[k];
            }
            store(&mut gates[..n], at, di);
            store(&mut gates[n..2 * n], at, df);
            store(&mut gates[2 * n..3 * n], at, dg);
            store(&mut gates[3 * n..], at, dout);
            store(cell_adjoint, at, dc);
        }
    }
}

/// The tangent of the state from that of the pre-activations.
struct Tangent<'a, T> {
    trace: &'a [T],
    cell: &'a [T],
    next_cell: &'a [T],
    gates: &'a [T],
    hidden_dot: &'a mut [T],
    cell_dot: &'a mut [T],
}

impl<T: Scalar> Kernel for Tangent<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { trace, cell, next_cell, gates, hidden_dot, cell_dot } = self;
        let n = cell.len();
        for k in 0..n {
            let [i, f, g, o] = [trace[k], trace[n + k], trace[2 * n + k], trace[3 * n + k]];
            let [ai, af, ag, ao] = [gates[k], gates[n + k], gates[2 * n + k], gates[3 * n + k]];
            let tanh = next_cell[k].tanh_lane::<FMA>();
            let c_dot = cell_dot[k] * f
                + af * f * (T::ONE - f) * cell[k]
                + ai * i * (T::ONE - i) * g
                + ag * (T::ONE - g * g) * i;
            cell_dot[k] = c_dot;
            hidden_dot[k] = ao * o * (T::ONE - o) * tanh + c_dot * o * (T::ONE - tanh * tanh);
        }
    }
}
