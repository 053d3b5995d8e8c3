//! Data at known times.

use super::InferenceError;

/// Observations of some components of a state at increasing times.
///
/// Values are an $n \times d$ table, one row a time; a NaN is a missing value. The times need not be equally spaced.
///
/// # Example: one species seen twice, the other once
///
/// ```
/// use tangency_dynamics::Observations;
///
/// let seen = Observations::new(vec![0.0, 2.5], vec![10.0, 3.0, 12.0, f64::NAN])?;
/// assert_eq!((seen.len(), seen.width(), seen.count()), (2, 2, 3));
/// # Ok::<(), tangency_dynamics::InferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    times: Vec<f64>,
    values: Vec<f64>,
    components: Vec<usize>,
    /// Empty for weights of 1.
    weights: Vec<f64>,
}

impl Observations {
    /// Observations of the first components of a state: column $j$ of `values` (row-major, one row a time) is component
    /// $j$. The number of columns is `values.len() / times.len()`.
    ///
    /// # Errors
    ///
    /// [`InferenceError`] if there are no times, if one is not finite or not later than the one before it, if the values
    /// do not fill rows, or if a value is infinite.
    pub fn new(times: Vec<f64>, values: Vec<f64>) -> Result<Self, InferenceError> {
        if times.is_empty() || values.is_empty() || !values.len().is_multiple_of(times.len()) {
            return Err(InferenceError::ValuesShape { times: times.len(), values: values.len() });
        }
        let width = values.len() / times.len();
        for (index, &time) in times.iter().enumerate() {
            if !time.is_finite() {
                return Err(InferenceError::NonFiniteTime { index, time });
            }
            if index > 0 && time <= times[index - 1] {
                return Err(InferenceError::TimesNotIncreasing { index, previous: times[index - 1], time });
            }
        }
        if let Some(i) = values.iter().position(|v| v.is_infinite()) {
            return Err(InferenceError::InfiniteValue {
                row: i / width,
                column: i % width,
                value: values[i],
            });
        }
        Ok(Self { times, values, components: (0..width).collect(), weights: Vec::new() })
    }

    /// Says which component of the state each column is.
    ///
    /// # Errors
    ///
    /// [`InferenceError::ComponentsLength`] unless there is one for each column.
    pub fn with_components(mut self, components: Vec<usize>) -> Result<Self, InferenceError> {
        if components.len() != self.width() {
            return Err(InferenceError::ComponentsLength { expected: self.width(), got: components.len() });
        }
        self.components = components;
        Ok(self)
    }

    /// Weights $w_{ij} \ge 0$ of the squared residuals, in the shape of the values; a weight of 0 leaves a value out.
    /// Default: 1.
    ///
    /// The usual choice is $1/\sigma_{ij}^2$ for an error of standard deviation $\sigma_{ij}$ *of the residual*, that is,
    /// of the logarithm where residuals are logarithmic.
    ///
    /// # Errors
    ///
    /// [`InferenceError`] if there is not one for each value, or if one is negative, infinite or NaN.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, InferenceError> {
        if weights.len() != self.values.len() {
            return Err(InferenceError::WeightsLength { expected: self.values.len(), got: weights.len() });
        }
        if let Some(i) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
            let (row, column) = (i / self.width(), i % self.width());
            return Err(InferenceError::InvalidWeight { row, column, weight: weights[i] });
        }
        self.weights = weights;
        Ok(self)
    }

    /// The times, in order.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The values, row-major, with NaN for missing ones.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The component of the state that each column is.
    pub fn components(&self) -> &[usize] {
        &self.components
    }

    /// The number of times, at least 1.
    #[allow(clippy::len_without_is_empty, reason = "observations are never empty")]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.values.len() / self.times.len()
    }

    /// The number of values that count: neither missing nor of weight 0.
    pub fn count(&self) -> usize {
        (0..self.values.len()).filter(|&i| self.counts(i)).count()
    }

    /// Whether value `index` takes part in a fit.
    pub(super) fn counts(&self, index: usize) -> bool {
        !self.values[index].is_nan() && self.weight(index) > 0.0
    }

    pub(super) fn weight(&self, index: usize) -> f64 {
        self.weights.get(index).copied().unwrap_or(1.0)
    }
}
