//! States and parameters by name, to be kept and taken up again.

use crate::Layout;
use std::borrow::Cow;

/// One part of a saved array.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SavedPart<T> {
    /// The name it has in the [`Layout`].
    pub name: String,
    /// Its shape, slowest index first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<T>,
}

/// A flat array with the names and shapes of its parts, and the step at which it was saved.
///
/// With the feature `serde` it serialises; a format that keeps every bit of a float resumes a run bit for bit: any binary
/// one, or JSON by `serde_json` with its feature `float_roundtrip` as long as the numbers are finite (JSON has no
/// $-\infty$, which log-weights may be). Parts are matched by name, not by order.
///
/// # Example: keep a state at step 2 and take it up again
///
/// ```
/// use tangency_recurrence::{scan, Differentiable, Frames, LinearRecurrence, Saved};
///
/// let mut run = LinearRecurrence::new(&[0.5]);
/// let inputs = Frames::new(&[1.0, 2.0, 3.0, 4.0][..], 1);
/// let mut state = [0.0];
/// scan(&mut run, 0..2, inputs.clone(), &mut state)?;
/// let saved = Saved::new(2, &run.state_layout(), &state)?;
///
/// let mut resumed = [0.0];
/// let step = saved.restore(&run.state_layout(), &mut resumed)?;
/// scan(&mut run, step..4, inputs, &mut resumed)?;
/// assert_eq!(resumed, [6.125]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Saved<T> {
    /// The version of this format: 1.
    pub version: u32,
    /// The step that comes next.
    pub step: usize,
    /// The parts.
    pub parts: Vec<SavedPart<T>>,
}

/// A saved array does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The format is of another version.
    #[error("saved in version {got} of the format, this is version {expected}")]
    Version {
        /// The version that is read.
        expected: u32,
        /// The version that came.
        got: u32,
    },
    /// A part is missing.
    #[error("no part is called `{name}`")]
    Missing {
        /// Its name.
        name: Cow<'static, str>,
    },
    /// Two parts of a layout have the same name.
    #[error("two parts are called `{name}`")]
    Duplicate {
        /// Their name.
        name: Cow<'static, str>,
    },
    /// A part is there that nobody asked for, or twice.
    #[error("part {index} of the saved array has no place")]
    Unexpected {
        /// Its position among the saved parts.
        index: usize,
    },
    /// A part has another shape, or not as many numbers as its shape says.
    #[error("part `{name}` has shape {got:?} and {values} numbers, expected shape {expected:?}")]
    Shape {
        /// Its name.
        name: Cow<'static, str>,
        /// The shape that is needed.
        expected: Vec<usize>,
        /// The shape that came.
        got: Vec<usize>,
        /// How many numbers came.
        values: usize,
    },
    /// The array to save or to fill has another length than its layout.
    #[error("the layout has {expected} elements, the array {got}")]
    Length {
        /// The layout's length.
        expected: usize,
        /// The array's length.
        got: usize,
    },
}

impl<T: Clone> Saved<T> {
    /// Saves `values`, laid out as `layout`, before step `step`.
    ///
    /// # Errors
    ///
    /// [`RestoreError::Length`] if there are more or fewer values than the layout has, [`RestoreError::Duplicate`] if two of
    /// its parts have the same name.
    pub fn new(step: usize, layout: &Layout, values: &[T]) -> Result<Self, RestoreError> {
        if values.len() != layout.len() {
            return Err(RestoreError::Length { expected: layout.len(), got: values.len() });
        }
        for (k, segment) in layout.segments().iter().enumerate() {
            if layout.segments()[..k].iter().any(|other| other.name == segment.name) {
                return Err(RestoreError::Duplicate { name: segment.name.clone() });
            }
        }
        let parts = layout.segments().iter().map(|segment| SavedPart {
            name: segment.name.to_string(),
            shape: segment.shape.clone(),
            values: values[segment.range.clone()].to_vec(),
        });
        Ok(Self { version: 1, step, parts: parts.collect() })
    }

    /// Fills `values`, laid out as `layout`, and returns the step that comes next.
    ///
    /// # Errors
    ///
    /// [`RestoreError`] if version, names, shapes or lengths do not agree; `values` is then left as it was.
    pub fn restore(&self, layout: &Layout, values: &mut [T]) -> Result<usize, RestoreError> {
        if self.version != 1 {
            return Err(RestoreError::Version { expected: 1, got: self.version });
        }
        if values.len() != layout.len() {
            return Err(RestoreError::Length { expected: layout.len(), got: values.len() });
        }
        let mut used = vec![false; self.parts.len()];
        let mut found = Vec::with_capacity(layout.segments().len());
        for segment in layout.segments() {
            let index = self.parts.iter().position(|part| part.name == segment.name);
            let index = index.ok_or(RestoreError::Missing { name: segment.name.clone() })?;
            let part = &self.parts[index];
            if part.shape != segment.shape || part.values.len() != segment.range.len() {
                return Err(RestoreError::Shape {
                    name: segment.name.clone(),
                    expected: segment.shape.clone(),
                    got: part.shape.clone(),
                    values: part.values.len(),
                });
            }
            used[index] = true;
            found.push((segment.range.clone(), part));
        }
        if let Some(index) = used.iter().position(|used| !used) {
            return Err(RestoreError::Unexpected { index });
        }
        for (range, part) in found {
            values[range].clone_from_slice(&part.values);
        }
        Ok(self.step)
    }
}
