//! $$ h_{t+1} = f(h_t, x_t; \theta) $$

mod affine;
mod columns;
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

pub use error::{Dimension, ShapeError};
pub use gru::{Gru, Reset};
pub use lstm::Lstm;
pub use projection::Projection;
pub use rnn::Rnn;
pub use scalar::Scalar;
pub use sequence::{batch_last, features_last};
pub use shape::Shape;
