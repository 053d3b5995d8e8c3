//! The size of a cell.

use crate::{Dimension, Scalar, ShapeError};
use rand::{Rng, RngExt};

/// The most gates that a cell of this crate has.
const MOST_GATES: usize = 4;

/// Columns (sequences times steps) that a block of steps holds: enough for a matrix product to run at its full rate; more
/// would only take memory.
const BLOCK_COLUMNS: usize = 640;

/// The size of a cell: features, hidden units, and sequences side by side.
///
/// All arrays that enter or leave a cell have the batch as their fastest index: an input is `[features][batch]`, a
/// hidden state `[hidden][batch]`, a sequence `[step][features][batch]`. [`batch_last`](crate::batch_last) and
/// [`features_last`](crate::features_last) convert from and to the usual `[step][batch][features]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shape {
    /// Numbers in the input of one sequence at one step, $I$; at least 1.
    pub features: usize,
    /// Hidden units of one sequence, $H$; at least 1.
    pub hidden: usize,
    /// Sequences that run side by side, $B$; at least 1.
    pub batch: usize,
}

impl Shape {
    /// Numbers in an input of features: $I B$; `usize::MAX` if there are more.
    pub fn input_len(&self) -> usize {
        self.features.saturating_mul(self.batch)
    }

    /// Numbers in a hidden state: $H B$; `usize::MAX` if there are more.
    pub fn hidden_len(&self) -> usize {
        self.hidden.saturating_mul(self.batch)
    }

    /// `count` parameters drawn uniformly from $[-1/\sqrt H, 1/\sqrt H)$, as PyTorch draws those of its recurrent
    /// layers (though not from the same random stream).
    ///
    /// Every number takes one draw of 53 bits, so `f32` parameters are the rounded `f64` ones of the same generator (and
    /// may be rounded to $1/\sqrt H$). `count` is the cell's `parameter_len()`, or $n H (I + 1)$ for a
    /// [`Projection`](crate::Projection) to $n$ gates.
    ///
    /// # Example: a projection for an LSTM
    ///
    /// ```
    /// use rand_pcg::{Pcg64, rand_core::SeedableRng};
    /// use tangency_cells::{Projection, Shape};
    ///
    /// let shape = Shape { features: 2, hidden: 4, batch: 1 };
    /// let count = 4 * shape.hidden * (shape.features + 1);
    /// let parameters: Vec<f32> = shape.initial_parameters(count, &mut Pcg64::seed_from_u64(1));
    /// assert!(parameters.iter().all(|p| p.abs() <= 0.5));
    /// assert_eq!(Projection::new(shape, 4, &parameters, vec![0.0; 6])?.parameter_len(), count);
    /// # Ok::<(), tangency_cells::ShapeError>(())
    /// ```
    pub fn initial_parameters<T: Scalar>(&self, count: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<T> {
        let bound = 1.0 / (self.hidden.max(1) as f64).sqrt();
        (0..count).map(|_| T::from_f64(bound * (2.0 * rng.random::<f64>() - 1.0))).collect()
    }

    /// The number of steps in a block. It depends on the batch alone, so that what is cut into blocks at multiples of
    /// it gives the same bits whoever drives the cell.
    pub(crate) fn block_steps(&self) -> usize {
        (BLOCK_COLUMNS / self.batch).max(1)
    }

    /// `Ok` if no size is 0 and every array of a cell can be indexed.
    pub(crate) fn check(&self) -> Result<(), ShapeError> {
        let Self { features, hidden, batch } = *self;
        for (dimension, size) in
            [(Dimension::Features, features), (Dimension::Hidden, hidden), (Dimension::Batch, batch)]
        {
            if size == 0 {
                return Err(ShapeError::Zero { dimension });
            }
        }
        // The largest arrays: the parameters, padded to whole panels, and a block of columns of all gates. 64 covers
        // the padding, and twice the size of a number.
        let largest = || {
            let rows = hidden.checked_mul(MOST_GATES)?.checked_add(64)?;
            let cols = features.checked_add(hidden)?.checked_add(64)?;
            let columns = batch.checked_add(BLOCK_COLUMNS)?;
            rows.checked_mul(cols)?.checked_mul(64)?;
            rows.max(cols).checked_mul(columns)?.checked_mul(64)
        };
        match largest() {
            Some(bytes) if isize::try_from(bytes).is_ok() => Ok(()),
            _ => Err(ShapeError::TooLarge { features, hidden, batch }),
        }
    }
}
