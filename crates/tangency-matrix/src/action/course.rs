//! The way along the times, and the blocks of vectors that go it.

use super::operator::{Largest, LinearOperator, Recurrence, Scratch};
use super::sweep::larger;
use crate::scalar::{RealScalar, Scalar};

/// From position 0 along ascending times; what is at time τ is $e^{\tau d A} B$ with the direction $d$.
pub(super) struct Course<'c, T: Scalar> {
    pub(super) direction: T,
    /// Positive and ascending.
    pub(super) times: &'c [f64],
    pub(super) position: f64,
    next: usize,
    pub(super) tolerance: f64,
    /// For one column.
    pub(super) max_products: usize,
    pub(super) products: usize,
    pub(super) degree: usize,
    pub(super) stages: usize,
    pub(super) error: f64,
    /// Gets the index of a time and the block there.
    pub(super) emit: &'c mut dyn FnMut(usize, &[T]),
}

impl<'c, T: Scalar> Course<'c, T> {
    pub(super) fn new(
        (direction, times): (T, &'c [f64]),
        tolerance: f64,
        max_products: usize,
        emit: &'c mut dyn FnMut(usize, &[T]),
    ) -> Self {
        Self {
            direction,
            times,
            position: 0.0,
            next: 0,
            tolerance,
            max_products,
            products: 0,
            degree: 0,
            stages: 0,
            error: 0.0,
            emit,
        }
    }

    pub(super) fn end(&self) -> f64 {
        self.times.last().copied().unwrap_or(0.0)
    }

    /// `length·d`.
    pub(super) fn step(&self, length: f64) -> T {
        self.direction.scale(T::RealPart::from_f64(length))
    }

    /// Times after the position and before `end`.
    pub(super) fn between(&self, end: f64) -> impl Iterator<Item = f64> + '_ {
        self.times[self.next..].iter().copied().take_while(move |&t| t < end)
    }

    /// Gives out the blocks inside the stage and, if a time is there, that at its end.
    pub(super) fn finish_stage(&mut self, end: f64, state: &State<T>) {
        for value in state.inside.iter().take(state.used) {
            (self.emit)(self.next, value);
            self.next += 1;
        }
        self.position = end;
        self.stages += 1;
        while self.next < self.times.len() && self.times[self.next] <= end {
            (self.emit)(self.next, &state.sum);
            self.next += 1;
        }
    }

    /// Gives the last block to the times that were not reached.
    pub(super) fn give_up(&mut self, state: &State<T>) {
        for k in self.next..self.times.len() {
            (self.emit)(k, &state.sum);
        }
    }
}

/// A block of columns: the last two terms of a recurrence, its sum, and sums for the times inside a stage.
pub(super) struct State<T: Scalar> {
    n: usize,
    by_rows: bool,
    pub(super) x: Vec<T>,
    pub(super) y: Vec<T>,
    /// The value at the course's position when no stage is under way.
    pub(super) sum: Vec<T>,
    pub(super) inside: Vec<Vec<T>>,
    used: usize,
    pub(super) largest: Largest<T>,
}

impl<T: Scalar> State<T> {
    pub(super) fn new(n: usize, width: usize, by_rows: bool) -> Self {
        let block = || vec![T::ZERO; n * width];
        let (x, y, sum) = (block(), block(), block());
        Self { n, by_rows, x, y, sum, inside: Vec::new(), used: 0, largest: Largest::new(width) }
    }

    /// Place of an entry in the block.
    pub(super) fn place(&self, i: usize, j: usize) -> usize {
        if self.by_rows { i * self.largest.width() + j } else { j * self.n + i }
    }

    /// The first term is the value; sums begin with it.
    pub(super) fn start_stage(&mut self, inside: usize) {
        self.x.copy_from_slice(&self.sum);
        self.used = inside;
        while self.inside.len() < inside {
            self.inside.push(vec![T::ZERO; self.sum.len()]);
        }
        self.inside.truncate(inside);
        for value in &mut self.inside {
            value.copy_from_slice(&self.sum);
        }
    }

    /// The new term is in `x` afterwards.
    pub(super) fn step(&mut self, a: &LinearOperator<'_, T>, r: &Recurrence<T>, scratch: &mut Scratch<T>) {
        a.step(r, (&self.x, &mut self.y, &mut self.sum), &mut self.largest, scratch);
        std::mem::swap(&mut self.x, &mut self.y);
    }

    /// `value += factor·term`.
    pub(super) fn add(value: &mut [T], factor: T, term: &[T]) {
        for (v, &x) in value.iter_mut().zip(term) {
            *v += factor * x;
        }
    }

    pub(super) fn finish_stage(&mut self, factor: T, factors: &[T]) {
        for (value, &factor) in self.inside.iter_mut().zip(factors).chain([(&mut self.sum, &factor)]) {
            for v in value {
                *v *= factor;
            }
        }
    }

    /// Largest entries of a block by columns.
    pub(super) fn sizes(&self, block: &[T]) -> Vec<T::RealPart> {
        self.by_column(block, T::RealPart::ZERO, larger, RealScalar::max)
    }

    /// 2-norms of a block by columns, in double precision.
    pub(super) fn norms(&self, block: &[T]) -> Vec<f64> {
        let square = |sum: f64, x: T| {
            let (re, im) = (x.re().to_f64(), x.im().to_f64());
            sum + re * re + if T::IS_REAL { 0.0 } else { im * im }
        };
        let norms: Vec<f64> = self.by_column(block, 0.0, square, |a, b| a + b);
        if norms.iter().all(|square| (1e-280..1e300).contains(square)) {
            return norms.into_iter().map(f64::sqrt).collect();
        }
        // Scaled by the largest entry, so that squares stay in the range.
        let sizes: Vec<f64> = self.sizes(block).into_iter().map(RealScalar::to_f64).collect();
        let width = sizes.len();
        let mut sums = vec![0.0; width];
        for (k, &x) in block.iter().enumerate() {
            let j = if self.by_rows { k % width } else { k / self.n };
            if sizes[j] > 0.0 {
                let part = x.modulus().to_f64() / sizes[j];
                sums[j] += part * part;
            }
        }
        sums.iter().zip(&sizes).map(|(sum, size)| sum.sqrt() * size).collect()
    }

    /// A fold over each column, in lanes that are joined last.
    fn by_column<S: Copy>(
        &self,
        block: &[T],
        zero: S,
        add: impl Fn(S, T) -> S,
        join: impl Fn(S, S) -> S,
    ) -> Vec<S> {
        let lanes = |block: &[T]| {
            let mut sums = [zero; 8];
            let (chunks, rest) = block.as_chunks::<8>();
            for chunk in chunks {
                for (sum, &x) in sums.iter_mut().zip(chunk) {
                    *sum = add(*sum, x);
                }
            }
            for (sum, &x) in sums.iter_mut().zip(rest) {
                *sum = add(*sum, x);
            }
            sums
        };
        let width = self.largest.width();
        let fold = |sums: [S; 8], w: usize, step: usize| {
            sums.iter().skip(w).step_by(step).fold(zero, |sum, &x| join(sum, x))
        };
        if self.by_rows {
            // The width divides 8.
            let sums = lanes(block);
            (0..width).map(|w| fold(sums, w, width)).collect()
        } else {
            block.chunks(self.n).map(|column| fold(lanes(column), 0, 1)).collect()
        }
    }

    /// First column of the sum.
    pub(super) fn first_column(&self) -> Vec<T> {
        (0..self.n).map(|i| self.sum[self.place(i, 0)]).collect()
    }

    pub(super) fn norms_of_start(&self) -> Vec<f64> {
        self.norms(&self.x)
    }

    pub(super) fn size_of_start(&self) -> Vec<T::RealPart> {
        self.sizes(&self.x)
    }
}
