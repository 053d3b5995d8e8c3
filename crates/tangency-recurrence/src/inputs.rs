//! Sequences of inputs.

use std::borrow::Cow;

/// The inputs $x_0, x_1, \dots$ of a run.
///
/// Access is by step number and through `&mut self`, so that a sequence may be stored, computed on demand (a block of
/// projected features, say) or read from elsewhere; a driver with checkpoints asks for the same step more than once and
/// must get the same input each time. References to arrays, slices and vectors of inputs are sequences, [`Frames`] cuts a flat array into
/// equal inputs, and [`Autonomous`] stands for no input at all.
pub trait Inputs<I: ?Sized> {
    /// One past the last step that has an input.
    fn steps(&self) -> usize;

    /// The input of step `t`, where `t < self.steps()`.
    fn at(&mut self, t: usize) -> &I;
}

impl<I> Inputs<I> for &[I] {
    fn steps(&self) -> usize {
        self.len()
    }
    fn at(&mut self, t: usize) -> &I {
        &self[t]
    }
}

impl<I> Inputs<I> for &Vec<I> {
    fn steps(&self) -> usize {
        self.len()
    }
    fn at(&mut self, t: usize) -> &I {
        &self[t]
    }
}

impl<I, const N: usize> Inputs<I> for &[I; N] {
    fn steps(&self) -> usize {
        N
    }
    fn at(&mut self, t: usize) -> &I {
        &self[t]
    }
}

impl<I: ?Sized, S: Inputs<I> + ?Sized> Inputs<I> for &mut S {
    fn steps(&self) -> usize {
        (**self).steps()
    }
    fn at(&mut self, t: usize) -> &I {
        (**self).at(t)
    }
}

/// No input: any number of steps of an autonomous recurrence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Autonomous;

impl Inputs<()> for Autonomous {
    fn steps(&self) -> usize {
        usize::MAX
    }
    fn at(&mut self, _: usize) -> &() {
        &()
    }
}

/// A flat array as a sequence of inputs of equal width: input $t$ is `values[t * width..(t + 1) * width]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames<'a, T: Clone> {
    values: Cow<'a, [T]>,
    width: usize,
}

impl<'a, T: Clone> Frames<'a, T> {
    /// Cuts `values` into inputs of `width` elements; what is left over at the end belongs to no step.
    ///
    /// A width of 0 gives any number of empty inputs.
    pub fn new(values: impl Into<Cow<'a, [T]>>, width: usize) -> Self {
        Self { values: values.into(), width }
    }

    /// The input of step `t`, to change it; copies all values first if they are borrowed. Empty if there is none.
    pub fn frame_mut(&mut self, t: usize) -> &mut [T] {
        let start = t.saturating_mul(self.width);
        self.values.to_mut().get_mut(start..start.saturating_add(self.width)).unwrap_or_default()
    }
}

impl<T: Clone> Inputs<[T]> for Frames<'_, T> {
    fn steps(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(usize::MAX)
    }
    fn at(&mut self, t: usize) -> &[T] {
        &self.values[t * self.width..(t + 1) * self.width]
    }
}
