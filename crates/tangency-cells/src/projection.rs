//! The input half of a cell, done for many steps at once.

use crate::columns::Columns;
use crate::{Dimension, Scalar, Shape, ShapeError};
use faer::MatRef;
use std::borrow::Cow;
use tangency_recurrence::{Inputs, Layout};

/// Projected features $W_{ih} x_t + b_{ih}$ as the inputs of a projected cell.
///
/// What a cell does to its features does not depend on its state, so it can be done for many steps in one product. That
/// pays when the batch is small, where a product for one step is bound by reading the weights; with larger batches a cell
/// that takes features is simpler.
///
/// Steps are projected in blocks, when the first step of a block is asked for; only one block is kept, $n H K$ numbers
/// for $n$ gates and $K = \lfloor 640 / B \rfloor$ steps. Blocks begin at multiples of $K$, so a step has the same bits
/// in whatever order a driver asks; a driver that goes back and forth over block borders (checkpoints) computes blocks
/// again.
///
/// The weights and their gradient stay outside the cell: a training loop keeps [`parameter_len`](Self::parameter_len)
/// parameters (`weight_ih`, then `bias_ih`) for the projection, and those of the cell.
///
/// # Example: the same states as with features
///
/// ```
/// use tangency_cells::{Projection, Rnn, Shape};
/// use tangency_recurrence::{scan, Differentiable, Frames};
///
/// let shape = Shape { features: 2, hidden: 1, batch: 1 };
/// let sequence = [1.0, 2.0, 3.0, 4.0];
/// let mut rnn = Rnn::<f64>::new(shape)?;
/// rnn.bind(&[0.1, 0.2, 0.3, 0.4, 0.5])?; // weight_ih (2), weight_hh, bias_ih, bias_hh
/// let mut expected = [0.0];
/// scan(&mut rnn, 0..2, Frames::new(&sequence[..], 2), &mut expected)?;
///
/// let mut rnn = Rnn::<f64>::projected(shape)?;
/// rnn.bind(&[0.3, 0.5])?; // weight_hh, bias_hh
/// let mut state = [0.0];
/// let inputs = Projection::new(shape, 1, &[0.1, 0.2, 0.4], &sequence[..])?; // weight_ih, bias_ih
/// scan(&mut rnn, 0..2, inputs, &mut state)?;
/// assert!((state[0] - expected[0]).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Projection<'a, T: Clone> {
    shape: Shape,
    gates: usize,
    parameters: Vec<T>,
    sequence: Cow<'a, [T]>,
    /// Which block is projected.
    block: Option<usize>,
    features: Columns<T>,
    projected: Columns<T>,
    /// The step that was asked for.
    step: Vec<T>,
}

impl<'a, T: Scalar> Projection<'a, T> {
    /// A sequence `[step][features][batch]` projected for a cell with `gates` gates (plain cell 1, GRU 3, LSTM 4).
    ///
    /// `parameters` are `weight_ih` (row-major) and `bias_ih`, one after the other. Cost: a copy of them; the products
    /// come when steps are asked for.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is 0 or too large, the number of parameters is wrong, or the sequence does not consist
    /// of whole steps.
    pub fn new(
        shape: Shape,
        gates: usize,
        parameters: &[T],
        sequence: impl Into<Cow<'a, [T]>>,
    ) -> Result<Self, ShapeError> {
        shape.check()?;
        let Shape { features, hidden, batch } = shape;
        if gates == 0 {
            return Err(ShapeError::Zero { dimension: Dimension::Gates });
        }
        let rows = gates.saturating_mul(hidden);
        Shape { hidden: rows, ..shape }.check()?;
        let expected = rows * (features + 1);
        if parameters.len() != expected {
            return Err(ShapeError::Parameters { expected, got: parameters.len() });
        }
        let sequence = sequence.into();
        if !sequence.len().is_multiple_of(shape.input_len()) {
            return Err(ShapeError::PartialStep { len: sequence.len(), width: shape.input_len() });
        }
        let block_steps = shape.block_steps();
        Ok(Self {
            shape,
            gates,
            parameters: parameters.to_vec(),
            sequence,
            block: None,
            features: Columns::new(features, batch, block_steps),
            projected: Columns::new(rows, batch, block_steps),
            step: vec![T::ZERO; rows * batch],
        })
    }

    /// The names, shapes and places of the parameters.
    pub fn parameter_layout(&self) -> Layout {
        let rows = self.rows();
        Layout::new([("weight_ih", vec![rows, self.shape.features]), ("bias_ih", vec![rows])])
    }

    /// The number of parameters, $n H (I + 1)$ for $n$ gates.
    pub fn parameter_len(&self) -> usize {
        self.parameters.len()
    }

    /// The transposed projection: from adjoints of the projected features to those of parameters and features.
    ///
    /// With $\delta_t$ the adjoint of the projection at step $t$, adds $\sum_t \delta_t x_t^\top$ and
    /// $\sum_t \delta_t 1$ to `gradient` and writes $W_{ih}^\top \delta_t$ to `sequence_adjoint`. `adjoints` holds
    /// $\delta_0, \delta_1, \dots$ for all steps of the sequence, as a backward pass hands them out. Cost: two products
    /// for each block of steps, $4 n H I B$ operations a step; allocates two blocks of features and one of
    /// projections.
    ///
    /// # Errors
    ///
    /// [`ShapeError::Parameters`] if `gradient`, [`ShapeError::Sequence`] if `adjoints` or `sequence_adjoint` has
    /// the wrong length.
    pub fn reverse(
        &self,
        adjoints: &[T],
        gradient: &mut [T],
        sequence_adjoint: &mut [T],
    ) -> Result<(), ShapeError> {
        let Shape { features, batch, .. } = self.shape;
        let (rows, block_steps, width) = (self.rows(), self.shape.block_steps(), self.shape.input_len());
        let steps = self.steps();
        if gradient.len() != self.parameters.len() {
            return Err(ShapeError::Parameters { expected: self.parameters.len(), got: gradient.len() });
        }
        for (got, expected) in [
            (adjoints.len(), steps.saturating_mul(rows * batch)),
            (sequence_adjoint.len(), self.sequence.len()),
        ] {
            if got != expected {
                return Err(ShapeError::Sequence { steps, expected, got });
            }
        }
        let zeros = vec![T::ZERO; features];
        let mut inputs = self.features.clone();
        let mut deltas = self.projected.clone();
        let mut pulled = self.features.clone();
        let (weights, biases) = gradient.split_at_mut(rows * features);
        for ((delta, x), dx) in adjoints
            .chunks(block_steps * rows * batch)
            .zip(self.sequence.chunks(block_steps * width))
            .zip(sequence_adjoint.chunks_mut(block_steps * width))
        {
            inputs.assign_steps(x);
            deltas.assign_steps(delta);
            deltas.add_outer(0..rows, &inputs, weights);
            deltas.add_row_sums(0..rows, biases);
            pulled.assign_product(self.weight().transpose(), &deltas, &zeros);
            for (k, dx) in dx.chunks_exact_mut(width).enumerate() {
                pulled.copy_step(k, dx);
            }
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.gates * self.shape.hidden
    }

    fn weight(&self) -> MatRef<'_, T> {
        let (rows, features) = (self.rows(), self.shape.features);
        MatRef::from_row_major_slice(&self.parameters[..rows * features], rows, features)
    }
}

impl<T: Scalar> Inputs<[T]> for Projection<'_, T> {
    fn steps(&self) -> usize {
        self.sequence.len() / self.shape.input_len()
    }

    fn at(&mut self, t: usize) -> &[T] {
        // A block may hold columns of another one behind its last step.
        assert!(t < self.steps(), "step {t} of a sequence of {}", self.steps());
        let block_steps = self.shape.block_steps();
        let block = t / block_steps;
        if self.block != Some(block) {
            let width = self.shape.input_len() * block_steps;
            let end = ((block + 1) * width).min(self.sequence.len());
            self.features.assign_steps(&self.sequence[block * width..end]);
            let (rows, features) = (self.rows(), self.shape.features);
            let (weight, bias) = self.parameters.split_at(rows * features);
            let weight = MatRef::from_row_major_slice(weight, rows, features);
            self.projected.assign_product(weight, &self.features, bias);
            self.block = Some(block);
        }
        self.projected.copy_step(t % block_steps, &mut self.step);
        &self.step
    }
}
