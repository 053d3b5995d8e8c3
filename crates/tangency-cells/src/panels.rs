//! Products with few columns.

use crate::Scalar;
use crate::shim::{Kernel, Lane, dispatch};

/// The largest batch for which [`Panels`] beats faer's product.
///
/// Measured by `cargo bench -p tangency-benches -- cells/product`: a product with few columns is bound by reading the
/// matrix, and faer packs it anew in every call.
pub(crate) const LARGEST_BATCH: usize = 15;

/// A matrix packed for products with a few columns.
///
/// Panels of $P$ rows, stored column by column: the kernel keeps $P$ rows times $C$ columns of the result in eight
/// vector registers and walks once through the panel, which lies in the order of that walk. $P$ halves while $C$
/// doubles up to 4, so eight independent sums hide the latency of a multiply-add at every batch size. A sum runs over
/// the inner index in order, whatever the batch: every column has the same bits at each batch size up to
/// [`LARGEST_BATCH`].
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
            2 => 128,
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
        match height * size_of::<T>() {
            256 if size_of::<T>() == 4 => dispatch(Product::<T, 64, 1> { values, cols, batch, x, y }),
            256 => dispatch(Product::<T, 32, 1> { values, cols, batch, x, y }),
            128 if size_of::<T>() == 4 => dispatch(Product::<T, 32, 2> { values, cols, batch, x, y }),
            128 => dispatch(Product::<T, 16, 2> { values, cols, batch, x, y }),
            _ if size_of::<T>() == 4 => dispatch(Product::<T, 16, 4> { values, cols, batch, x, y }),
            _ => dispatch(Product::<T, 8, 4> { values, cols, batch, x, y }),
        }
    }
}

/// A product with panels of `P` rows, in groups of `C` columns.
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
            let mut first = 0;
            while first + C <= batch {
                tile::<T, P, C, FMA>(panel, batch, x, y, first);
                first += C;
            }
            match batch - first {
                3 => tile::<T, P, 3, FMA>(panel, batch, x, y, first),
                2 => tile::<T, P, 2, FMA>(panel, batch, x, y, first),
                1 => tile::<T, P, 1, FMA>(panel, batch, x, y, first),
                _ => {}
            }
        }
    }
}

/// Columns `first..first + C` of the product with one panel.
#[inline(always)]
fn tile<T: Scalar, const P: usize, const C: usize, const FMA: bool>(
    panel: &[[T; P]],
    batch: usize,
    x: &[T],
    y: &mut [T],
    first: usize,
) {
    let mut sums = [[T::ZERO; P]; C];
    for (weights, x) in panel.iter().zip(x.chunks_exact(batch)) {
        let Some(x) = x[first..].first_chunk::<C>() else { break };
        for c in 0..C {
            for p in 0..P {
                sums[c][p] = weights[p].mul_add_lane::<FMA>(x[c], sums[c][p]);
            }
        }
    }
    for (p, y) in y.chunks_exact_mut(batch).enumerate() {
        for c in 0..C {
            y[first + c] += sums[c][p];
        }
    }
}
