//! The linear half of a cell: what it does to inputs and hidden states before its gates.

use crate::columns::Columns;
use crate::weight::{Weight, multiply_add};
use crate::{Scalar, Shape, ShapeError};
use std::ops::Range;
use tangency_recurrence::{Layout, LengthMismatch, Quantity};

/// Which inputs a cell takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Features; the cell owns `weight_ih` and `bias_ih`.
    Features,
    /// Features that a [`Projection`](crate::Projection) has multiplied with `weight_ih`.
    Projected,
}

/// Some gates' rows of `weight_hh`, and the columns that their gradient is made of.
#[derive(Debug, Clone)]
struct Block<T> {
    /// Rows of `weight_hh` and `bias_hh`.
    rows: Range<usize>,
    /// The rows of the pre-activations' adjoint that belong to them.
    adjoint_rows: Range<usize>,
    weight: Weight<T>,
    /// What the weight was multiplied with.
    seen: usize,
}

/// Where a [`Block`] of hidden weights lies, in gates.
#[derive(Debug, Clone)]
pub(crate) struct BlockSpec {
    /// Gates of `weight_hh`.
    pub(crate) gates: Range<usize>,
    /// Gates of the pre-activations' adjoint.
    pub(crate) adjoint: Range<usize>,
    /// Whether the weight multiplies the hidden state (0) or another column of its own (1).
    pub(crate) seen: usize,
}

/// $W_{ih} x + b_{ih} + W_{hh} h + b_{hh}$: its weights, its derivatives, and the gradients held back.
///
/// Adjoints of pre-activations, hidden states and inputs are collected for a block of steps, and become gradients of
/// the weights in one product each, at steps that are multiples of the block length.
#[derive(Debug, Clone)]
pub(crate) struct Affine<T> {
    pub(crate) shape: Shape,
    gates: usize,
    layout: Layout,
    parameters: Ranges,
    block_steps: usize,
    /// `weight_ih`, for a cell that takes features.
    input: Option<Weight<T>>,
    /// Biases of all gates for a whole batch, `[gates][hidden][batch]`.
    biases: Vec<T>,
    blocks: Vec<Block<T>>,
    adjoints: Columns<T>,
    inputs: Columns<T>,
    /// What the blocks were multiplied with.
    seen: Vec<Columns<T>>,
}

/// Where the four parameters lie; empty ranges for those that a projection owns.
#[derive(Debug, Clone)]
struct Ranges {
    weight_ih: Range<usize>,
    weight_hh: Range<usize>,
    bias_ih: Range<usize>,
    bias_hh: Range<usize>,
}

impl<T: Scalar> Affine<T> {
    /// Zero weights for `gates` gates, whose adjoints have `adjoint_gates` gates.
    pub(crate) fn new(
        shape: Shape,
        source: Source,
        gates: usize,
        adjoint_gates: usize,
        blocks: &[BlockSpec],
    ) -> Result<Self, ShapeError> {
        shape.check()?;
        let Shape { features, hidden, batch } = shape;
        let (rows, block_steps) = (gates * hidden, shape.block_steps());
        let layout = match source {
            Source::Features => Layout::new([
                ("weight_ih", vec![rows, features]),
                ("weight_hh", vec![rows, hidden]),
                ("bias_ih", vec![rows]),
                ("bias_hh", vec![rows]),
            ]),
            Source::Projected => Layout::new([("weight_hh", vec![rows, hidden]), ("bias_hh", vec![rows])]),
        };
        let range = |name| layout.range(name).unwrap_or(0..0);
        let parameters = Ranges {
            weight_ih: range("weight_ih"),
            weight_hh: range("weight_hh"),
            bias_ih: range("bias_ih"),
            bias_hh: range("bias_hh"),
        };
        let (input, input_rows) = match source {
            Source::Features => (Some(Weight::new(rows, features, batch)), features),
            Source::Projected => (None, 0),
        };
        let scale = |gates: &Range<usize>| gates.start * hidden..gates.end * hidden;
        let seen = 1 + blocks.iter().map(|block| block.seen).max().unwrap_or(0);
        Ok(Self {
            shape,
            gates,
            parameters,
            block_steps,
            input,
            biases: vec![T::ZERO; rows * batch],
            blocks: blocks
                .iter()
                .map(|block| Block {
                    rows: scale(&block.gates),
                    adjoint_rows: scale(&block.adjoint),
                    weight: Weight::new(block.gates.len() * hidden, hidden, batch),
                    seen: block.seen,
                })
                .collect(),
            adjoints: Columns::new(adjoint_gates * hidden, batch, block_steps),
            inputs: Columns::new(input_rows, batch, block_steps),
            seen: vec![Columns::new(hidden, batch, block_steps); seen],
            layout,
        })
    }

    /// The names, shapes and places of the parameters.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The number of components of an input.
    pub(crate) fn input_len(&self) -> usize {
        match self.input {
            Some(_) => self.shape.input_len(),
            None => self.gates * self.shape.hidden_len(),
        }
    }

    /// Takes over parameters, forgets what is held back.
    ///
    /// `hidden_bias` tells for which gates `bias_hh` may be added to the pre-activations before anything else.
    pub(crate) fn bind(&mut self, parameters: &[T], hidden_bias: Range<usize>) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.layout.len(), parameters.len())?;
        self.forget();
        let Shape { hidden, batch, .. } = self.shape;
        if let Some(input) = &mut self.input {
            input.load(&parameters[self.parameters.weight_ih.clone()]);
        }
        let weight_hh = &parameters[self.parameters.weight_hh.clone()];
        for block in &mut self.blocks {
            block.weight.load(&weight_hh[block.rows.start * hidden..block.rows.end * hidden]);
        }
        let bias_ih = &parameters[self.parameters.bias_ih.clone()];
        let bias_hh = &parameters[self.parameters.bias_hh.clone()];
        let with_hidden = hidden_bias.start * hidden..hidden_bias.end * hidden;
        for (row, biases) in self.biases.chunks_exact_mut(batch).enumerate() {
            let mut bias = bias_ih.get(row).copied().unwrap_or(T::ZERO);
            if with_hidden.contains(&row) {
                bias += bias_hh[row];
            }
            biases.fill(bias);
        }
        Ok(())
    }

    /// `bias_hh` of one gate, from parameters.
    pub(crate) fn hidden_bias<'a>(&self, parameters: &'a [T], gate: usize) -> &'a [T] {
        let hidden = self.shape.hidden;
        &parameters[self.parameters.bias_hh.clone()][gate * hidden..(gate + 1) * hidden]
    }

    /// `gates = W_ih x + biases`.
    pub(crate) fn begin(&self, input: &[T], gates: &mut [T]) {
        match &self.input {
            Some(weight) => {
                gates.copy_from_slice(&self.biases);
                weight.add(input, gates);
            }
            None => {
                for ((gate, &x), &bias) in gates.iter_mut().zip(input).zip(&self.biases) {
                    *gate = x + bias;
                }
            }
        }
    }

    /// `rows += W h` with one block of hidden weights.
    pub(crate) fn add_hidden(&self, block: usize, h: &[T], rows: &mut [T]) {
        self.blocks[block].weight.add(h, rows);
    }

    /// `h += W^T rows` with one block of hidden weights.
    pub(crate) fn add_hidden_transposed(&self, block: usize, rows: &[T], h: &mut [T]) {
        self.blocks[block].weight.add_transposed(rows, h);
    }

    /// The adjoint of an input from that of the pre-activations.
    pub(crate) fn pull_input(&self, gates: &[T], input_adjoint: &mut [T]) {
        match &self.input {
            Some(weight) => {
                input_adjoint.fill(T::ZERO);
                weight.add_transposed(gates, input_adjoint);
            }
            None => input_adjoint.copy_from_slice(gates),
        }
    }

    /// Holds back the gradient of step `t`, and adds that of a whole block when the block ends.
    ///
    /// `seen` are the columns that the blocks of hidden weights were multiplied with.
    pub(crate) fn hold(&mut self, t: usize, adjoint: &[T], input: &[T], seen: &[&[T]], gradient: &mut [T]) {
        // Steps come in descending order, so a block is over at a multiple of its length; a driver that jumps or
        // repeats steps may fill it before.
        if self.adjoints.is_full() {
            self.flush(gradient);
        }
        self.adjoints.push(adjoint);
        if self.input.is_some() {
            self.inputs.push(input);
        }
        for (columns, step) in self.seen.iter_mut().zip(seen) {
            columns.push(step);
        }
        if t.is_multiple_of(self.block_steps) {
            self.flush(gradient);
        }
    }

    /// Adds what is held back to the gradient.
    pub(crate) fn flush(&mut self, gradient: &mut [T]) {
        let hidden = self.shape.hidden;
        let Ranges { weight_ih, weight_hh, bias_ih, bias_hh } = &self.parameters;
        if self.input.is_some() {
            let rows = 0..self.gates * hidden;
            self.adjoints.add_outer(rows.clone(), &self.inputs, &mut gradient[weight_ih.clone()]);
            self.adjoints.add_row_sums(rows, &mut gradient[bias_ih.clone()]);
        }
        for block in &self.blocks {
            let weight = &mut gradient[weight_hh.clone()][block.rows.start * hidden..block.rows.end * hidden];
            self.adjoints.add_outer(block.adjoint_rows.clone(), &self.seen[block.seen], weight);
            let bias = &mut gradient[bias_hh.clone()][block.rows.clone()];
            self.adjoints.add_row_sums(block.adjoint_rows.clone(), bias);
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.adjoints.clear();
        self.inputs.clear();
        for columns in &mut self.seen {
            columns.clear();
        }
    }

    /// The tangent of [`begin`](Self::begin), biases included only for the gates in `hidden_bias`.
    pub(crate) fn begin_tangent(
        &self,
        input: &[T],
        input_tangent: &[T],
        parameter_tangent: &[T],
        hidden_bias: Range<usize>,
        gates: &mut [T],
    ) {
        let Shape { features, hidden, batch } = self.shape;
        gates.fill(T::ZERO);
        if !input_tangent.is_empty() {
            match &self.input {
                Some(weight) => weight.add(input_tangent, gates),
                None => gates.copy_from_slice(input_tangent),
            }
        }
        if parameter_tangent.is_empty() {
            return;
        }
        let Ranges { weight_ih, bias_ih, .. } = &self.parameters;
        if self.input.is_some() {
            multiply_add(self.gates * hidden, features, &parameter_tangent[weight_ih.clone()], input, gates);
            add_bias(&parameter_tangent[bias_ih.clone()], batch, gates);
        }
        for gate in hidden_bias {
            let rows = gate * hidden * batch..(gate + 1) * hidden * batch;
            add_bias(self.hidden_bias(parameter_tangent, gate), batch, &mut gates[rows]);
        }
    }

    /// The tangent of [`add_hidden`](Self::add_hidden).
    pub(crate) fn add_hidden_tangent(
        &self,
        block: usize,
        h: &[T],
        h_tangent: &[T],
        parameter_tangent: &[T],
        rows: &mut [T],
    ) {
        let Block { weight, rows: which, .. } = &self.blocks[block];
        weight.add(h_tangent, rows);
        if !parameter_tangent.is_empty() {
            let hidden = self.shape.hidden;
            let tangent = &parameter_tangent[self.parameters.weight_hh.clone()];
            multiply_add(which.len(), hidden, &tangent[which.start * hidden..which.end * hidden], h, rows);
        }
    }
}

/// Adds a bias to every row of `[rows][batch]`.
pub(crate) fn add_bias<T: Scalar>(bias: &[T], batch: usize, rows: &mut [T]) {
    for (row, &b) in rows.chunks_exact_mut(batch).zip(bias) {
        for value in row {
            *value += b;
        }
    }
}
