//! Recurrent cells and chain models. A cell is a network whose step is
//!
//! $$ h_{t+1} = f(W_{ih} x_t + b_{ih}, h_t; \theta) $$
//!
//! with gates that decide what a state keeps; a chain model sums over all labellings of a sequence by
//!
//! $$ \alpha_t = (\alpha_{t-1} A) \odot x_t $$
//!
//! over a semiring, with weights $A$ of transitions and $x_t$ of labels. Each cell is a runner of
//! [`tangency_recurrence`]: a [`Recurrence`](tangency_recurrence::Recurrence) with derivatives, batched, in `f32` and
//! `f64`, one layer in one direction. Running, training with stored, checkpointed or truncated back-propagation, forward
//! mode, Lyapunov exponents, gradient health and the gradient check come from there, for every cell. The chain model
//! asks its questions through the semirings of the same crate, in `f64`, one sequence at a time.
//!
//! | model | state | work per step | choose it for |
//! |---|---|---|---|
//! | [`Rnn`] | $h$ | $2 H (I + H) B$ | short memories; dynamical systems; the baseline |
//! | [`Gru`] | $h$; gates: reset, update | $6 H (I + H) B$ | memory at three quarters of the work of an LSTM |
//! | [`Lstm`] | $h, c$; gates: input, forget, output | $8 H (I + H) B$ | long memories |
//! | [`LinearChainCrf`] | a weight for each label | $2 K^2$ in a semiring | labels that depend on their neighbours: probabilities, the best labelling, samples |
//!
//! with $I$ features, $H$ hidden units, $B$ sequences side by side, $K$ labels; training takes three times the work of a
//! run.
//!
//! | to | use |
//! |---|---|
//! | give the sizes | [`Shape`] |
//! | begin training | [`Lstm::initial_parameters`] and the like |
//! | take weights over from PyTorch | the same names, order and shapes, flattened one after the other |
//! | turn `[step][batch][features]` into the cells' order and back | [`batch_last`], [`features_last`] |
//! | run small batches faster | [`Projection`] with [`Lstm::projected`] and the like |
//! | label a sequence, given scores | [`LinearChainCrf::viterbi`], [`LinearChainCrf::marginals`] |
//! | train a chain model | [`LinearChainCrf::loss`] |
//!
//! # Layout
//!
//! The batch is always the fastest index: inputs are `[features][batch]`, hidden states `[hidden][batch]`, sequences
//! `[step][features][batch]`. Then vector instructions run along the batch, at every size of the cell, and one step of a
//! sequence is one contiguous piece. Weights are as in PyTorch: `weight_ih` is $nH \times I$ and `weight_hh`
//! $nH \times H$, row-major, for $n$ gates in the order $i, f, g, o$ or $r, z, n$; two biases, `bias_ih` and `bias_hh`.
//!
//! # How a step is done
//!
//! One product with the inputs, one with the hidden states, then one vectorised pass over all gates
//! ([`tangency_vmath::Kernel`]). Small batches use a product of this crate, for which the weights are packed once, when they
//! are bound; larger ones faer's. Going back, adjoints of the gates are collected for some 640 columns (steps times
//! sequences) and become gradients of the weights in one product. Blocks end at step numbers that are multiples of their
//! length, so stored and checkpointed gradients have the same bits. Nothing is allocated per step (faer keeps its scratch
//! space for the thread), and all of it runs on the calling thread.
//!
//! # Example: a state that remembers
//!
//! ```
//! use rand_pcg::rand_core::SeedableRng;
//! use tangency_cells::{Gru, Reset, Shape};
//! use tangency_recurrence::{Backpropagation, Differentiable, Frames, Recurrence, Tape};
//!
//! // Two sequences of one feature, four units.
//! let mut gru = Gru::<f64>::new(Shape { features: 1, hidden: 4, batch: 2 }, Reset::After)?;
//! let parameters = gru.initial_parameters(&mut rand_pcg::Pcg64::seed_from_u64(7));
//! gru.bind(&parameters)?;
//!
//! // How do the last states depend on the first input?
//! let inputs = Frames::new(vec![1.0, -1.0, 0.0, 0.0, 0.0, 0.0], 2);
//! let mut pass = Backpropagation::new(Tape::Stored);
//! let mut first = [0.0; 2];
//! let last_sum = |t: usize, _: &[f64], adjoint: &mut [f64]| if t == 2 { adjoint.fill(1.0) };
//! pass.run(&mut gru, 0..3, inputs, &[0.0; 8], last_sum, |t, d| if t == 0 { first.copy_from_slice(d) })?;
//! assert!(first[0] != 0.0 && first[0] != first[1]);
//! assert_eq!(pass.gradient().len(), gru.parameter_len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `serde`: [`Shape`] and [`Reset`] serialise. Parameters and states are slices, which `tangency_recurrence::Saved`
//!   stores with the names of their parts.

mod affine;
mod columns;
mod crf;
mod error;
mod gru;
mod lanes;
mod lstm;
mod panels;
mod projection;
mod rnn;
mod scalar;
mod sequence;
mod shape;
mod weight;

pub use crf::{
    BestPath, CrfError, CrfGradient, CrfLoss, CrfMarginals, CrfMoments, CrfScores, LinearChainCrf,
};
pub use error::{Dimension, ShapeError};
pub use gru::{Gru, Reset};
pub use lstm::Lstm;
pub use projection::Projection;
pub use rnn::Rnn;
pub use scalar::Scalar;
pub use sequence::{batch_last, features_last};
pub use shape::Shape;

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
