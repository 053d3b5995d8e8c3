//! Products with few columns.

use crate::Scalar;
use tangency_vmath::{Kernel, dispatch};

/// The largest batch that [`Panels`] multiply, less than two vector registers: 15 for `f32`, 7 for `f64`.
///
/// A product with few columns is bound by reading the matrix, and faer packs it anew in every call; here it is packed
/// once. With more columns faer's packing is paid for.
pub(crate) const fn largest_batch<T>() -> usize {
    60 / size_of::<T>()
}

/// A matrix packed for products with a few columns.
///
/// Panels of $P$ rows, stored column by column: the kernel keeps $P$ rows times $C$ columns of the result in eight
/// vector registers and walks once through the panel, which lies in the order of that walk. $P$ halves while $C$ is 1,
/// 2 and 4, so eight independent sums hide the latency of a multiply-add at every batch size. A sum runs over
/// the inner index in order, whatever the batch: every column has the same bits at each batch size up to
/// [`largest_batch`].
#[derive(Debug, Clone)]
pub(crate) struct Panels<T> {
    cols: usize,
    /// $P$.
    height: usize,
    /// `[panel][column][row of the panel]`, the last panel padded with zeros.
    values: Vec<T>,
}

impl<T: Scalar> Panels<T> {
    /// A zero matrix, to be multiplied with `batch` columns.
    pub(crate) fn new(rows: usize, cols: usize, batch: usize) -> Self {
        let bytes = match batch {
            1 => 256,
            2 | 3 => 128,
            _ => 64,
        };
        let height = bytes / size_of::<T>();
        Self { cols, height, values: vec![T::ZERO; rows.next_multiple_of(height) * cols] }
    }

    /// Packs the matrix whose elements are `element(row, column)`.
    pub(crate) fn fill(&mut self, rows: usize, element: impl Fn(usize, usize) -> T) {
        for (p, panel) in self.values.chunks_exact_mut(self.height * self.cols).enumerate() {
            for (col, values) in panel.chunks_exact_mut(self.height).enumerate() {
                for (r, value) in values.iter_mut().enumerate() {
                    let row = p * self.height + r;
                    *value = if row < rows { element(row, col) } else { T::ZERO };
                }
            }
        }
    }

    /// $Y \leftarrow Y + A X$ with `batch` columns, both row-major.
    pub(crate) fn multiply_add(&self, batch: usize, x: &[T], y: &mut [T]) {
        let Self { cols, height, ref values } = *self;
        match (height * size_of::<T>(), size_of::<T>()) {
            (256, 4) => dispatch(Product::<T, 64, 1> { values, cols, batch, x, y }),
            (256, _) => dispatch(Product::<T, 32, 1> { values, cols, batch, x, y }),
            (128, 4) => dispatch(Product::<T, 32, 2> { values, cols, batch, x, y }),
            (128, _) => dispatch(Product::<T, 16, 2> { values, cols, batch, x, y }),
            (_, 4) => dispatch(Product::<T, 16, 4> { values, cols, batch, x, y }),
            (_, _) => dispatch(Product::<T, 8, 4> { values, cols, batch, x, y }),
        }
    }
}

/// A product with panels of `P` rows, in groups of `C` columns: 1, 2 or 4, and not more than the batch.
struct Product<'a, T, const P: usize, const C: usize> {
    values: &'a [T],
    cols: usize,
    batch: usize,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Scalar, const P: usize, const C: usize> Kernel for Product<'_, T, P, C> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { values, cols, batch, x, y } = self;
        for (panel, y) in values.chunks_exact(P * cols).zip(y.chunks_mut(P * batch)) {
            let panel = panel.as_chunks::<P>().0;
            for start in (0..batch).step_by(C) {
                // The last group reaches back into the one before, and leaves out what that has added.
                let first = start.min(batch - C);
                let sums = tile::<T, P, C, FMA>(panel, batch, x, first);
                for (p, y) in y.chunks_exact_mut(batch).enumerate() {
                    for c in start - first..C {
                        y[first + c] += sums[c][p];
                    }
                }
            }
        }
    }
}

/// Columns `first..first + C` of the product with one panel; of the four columns returned the first `C` count.
///
/// Four arrays, instead of one of arrays: the compiler keeps small arrays in registers, but not nested ones.
#[inline(always)]
fn tile<T: Scalar, const P: usize, const C: usize, const FMA: bool>(
    panel: &[[T; P]],
    batch: usize,
    x: &[T],
    first: usize,
) -> [[T; P]; 4] {
    let [mut a, mut b, mut c, mut d] = [[T::ZERO; P]; 4];
    for (weights, x) in panel.iter().zip(x.chunks_exact(batch)) {
        let Some(x) = x[first..].first_chunk::<C>() else { break };
        add_multiple::<T, P, FMA>(&mut a, weights, x[0]);
        if C > 1 {
            add_multiple::<T, P, FMA>(&mut b, weights, x[1]);
        }
        if C > 2 {
            add_multiple::<T, P, FMA>(&mut c, weights, x[2]);
            add_multiple::<T, P, FMA>(&mut d, weights, x[3]);
        }
    }
    [a, b, c, d]
}

/// `sums += x weights`.
#[inline(always)]
fn add_multiple<T: Scalar, const P: usize, const FMA: bool>(sums: &mut [T; P], weights: &[T; P], x: T) {
    for p in 0..P {
        sums[p] = weights[p].mul_add_lane::<FMA>(x, sums[p]);
    }
}
