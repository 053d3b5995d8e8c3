//! Cells, and numbers without symmetry to fill them with.

use tangency_cells::{Scalar, Shape};

/// Runs the body once for each kind of cell of a shape, with `$cell` bound to it. A macro, because the cells are of
/// different types and a closure cannot be generic.
macro_rules! for_each_cell {
    ($t:ty, $shape:expr, |$name:ident, $cell:ident| $body:block) => {{
        use tangency_cells::{Gru, Lstm, Reset, Rnn};
        let shape = $shape;
        {
            let ($name, $cell) = ("rnn", Rnn::<$t>::new(shape).unwrap());
            $body
        }
        {
            let ($name, $cell) = ("gru", Gru::<$t>::new(shape, Reset::After).unwrap());
            $body
        }
        {
            let ($name, $cell) = ("gru_before", Gru::<$t>::new(shape, Reset::Before).unwrap());
            $body
        }
        {
            let ($name, $cell) = ("lstm", Lstm::<$t>::new(shape).unwrap());
            $body
        }
    }};
}
pub(crate) use for_each_cell;

/// Batch sizes on both sides of every case distinction in the kernels.
pub(crate) const BATCHES: [usize; 9] = [1, 2, 3, 5, 7, 8, 15, 16, 17];

pub(crate) fn shape(features: usize, hidden: usize, batch: usize) -> Shape {
    Shape { features, hidden, batch }
}

/// `scale * sin(start + k)` for k = 0, 1, ...
pub(crate) fn wave<T: Scalar>(len: usize, scale: f64, start: f64) -> Vec<T> {
    (0..len).map(|k| T::from_f64(scale * (start + k as f64).sin())).collect()
}

pub(crate) fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, |m, d| if d > m || d.is_nan() { d } else { m })
}
