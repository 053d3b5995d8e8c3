//! Passes over matrices that are stored as contiguous columns: linear combinations, norms, copies.
//!
use super::scheme::MAX_PRODUCTS;
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{ContiguousFwd, MatMut, MatRef};
use tangency_vmath::{Kernel, dispatch};

/// Entries computed together in a norm.
const LANES: usize = 8;

/// Entries computed together in a linear combination: enough that reading the coefficients costs little.
const WIDE: usize = 16;

pub(super) fn view<T: Scalar>(a: &[T], n: usize) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(a, n, n)
}

pub(super) fn view_mut<T: Scalar>(a: &mut [T], n: usize) -> MatMut<'_, T> {
    MatMut::from_column_major_slice_mut(a, n, n)
}

/// A copy. The library function for it is several times slower from some 4 KiB on, on processors whose instruction for
/// moving strings is slow.
pub(super) fn copy<T: Scalar>(dst: &mut [T], src: &[T]) {
    if dst.len() < 256 {
        dst.copy_from_slice(src);
    } else {
        combine([dst], [&[T::RealPart::ONE]], &[src]);
    }
}

/// The entries of `a` one column after another, and their [`norm_1`].
pub(super) fn load<T: Scalar>(dst: &mut [T], a: MatRef<'_, T>) -> f64 {
    let n = a.nrows();
    if let Some(a) = a.try_as_col_major() {
        let summary = Load { dst, a, first: 0 }.run_in_parts();
        return summary.norm::<T>(|| operator_norm_1(a.as_dyn_stride()).to_f64());
    }
    copy_in(dst, a);
    norm_1(dst, n)
}

/// The entries of `a` one column after another.
pub(super) fn copy_in<T: Scalar>(dst: &mut [T], a: MatRef<'_, T>) {
    for (j, dst) in dst.chunks_exact_mut(a.nrows().max(1)).enumerate() {
        let column = a.col(j);
        if let Some(contiguous) = column.try_as_col_major() {
            copy(dst, contiguous.as_slice());
        } else {
            dst.iter_mut().enumerate().for_each(|(i, x)| *x = column[i]);
        }
    }
}

/// Columns from `first` on into `dst`, with the summary of [`Sums`].
struct Load<'a, T: Scalar> {
    dst: &'a mut [T],
    a: MatRef<'a, T, usize, usize, ContiguousFwd>,
    first: usize,
}

impl<T: Scalar> Load<'_, T> {
    #[cfg(not(feature = "rayon"))]
    fn run_in_parts(self) -> Summary<T::RealPart> {
        dispatch(self)
    }

    #[cfg(feature = "rayon")]
    fn run_in_parts(self) -> Summary<T::RealPart> {
        if self.dst.len() < 2 * PARALLEL || alone() {
            return dispatch(self);
        }
        let n = self.a.nrows();
        let half = n / 2;
        let (head, tail) = self.dst.split_at_mut(half * n);
        let (x, y) = rayon::join(
            || dispatch(Load { dst: head, a: self.a, first: 0 }),
            || dispatch(Load { dst: tail, a: self.a, first: half }),
        );
        x.joined(y)
    }
}

impl<T: Scalar> Kernel for Load<'_, T> {
    type Output = Summary<T::RealPart>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Summary<T::RealPart> {
        let mut summary = Summary::ZERO;
        for (j, dst) in self.dst.chunks_exact_mut(self.a.nrows().max(1)).enumerate() {
            let column = self.a.col(self.first + j).as_slice();
            let ((blocks, tail), (dst_blocks, dst_tail)) =
                (column.as_chunks::<LANES>(), dst.as_chunks_mut::<LANES>());
            let mut sums = [T::RealPart::ZERO; LANES];
            for (block, dst) in blocks.iter().zip(dst_blocks) {
                *dst = *block;
                for i in 0..LANES {
                    sums[i] += modulus(block[i]);
                }
            }
            let mut sum = add_lanes(sums);
            for (&z, dst) in tail.iter().zip(dst_tail) {
                *dst = z;
                sum += modulus(z);
            }
            summary.add(sum);
        }
        summary
    }
}

/// The reverse of [`copy_in`].
pub(super) fn copy_out<T: Scalar>(mut a: MatMut<'_, T>, src: &[T]) {
    for (j, src) in src.chunks_exact(a.nrows().max(1)).enumerate() {
        let mut column = a.as_mut().col_mut(j);
        if let Some(contiguous) = column.as_mut().try_as_col_major_mut() {
            copy(contiguous.as_slice_mut(), src);
        } else {
            src.iter().enumerate().for_each(|(i, &x)| column[i] = x);
        }
    }
}

/// For each output, the sum of the inputs, six at most, times its coefficients; those that are not given are zero.
pub(super) fn combine<T: Scalar, const OUTPUTS: usize>(
    outputs: [&mut [T]; OUTPUTS],
    coefficients: [&[T::RealPart]; OUTPUTS],
    inputs: &[&[T]],
) {
    Combine { outputs, coefficients, inputs, start: 0 }.run_in_parts();
}

struct Combine<'a, T: Scalar, const OUTPUTS: usize> {
    /// From the entry `start` of the inputs on.
    outputs: [&'a mut [T]; OUTPUTS],
    coefficients: [&'a [T::RealPart]; OUTPUTS],
    inputs: &'a [&'a [T]],
    start: usize,
}

impl<T: Scalar, const OUTPUTS: usize> Combine<'_, T, OUTPUTS> {
    #[cfg(not(feature = "rayon"))]
    fn run_in_parts(self) {
        dispatch(self);
    }

    #[cfg(feature = "rayon")]
    fn run_in_parts(self) {
        let size = self.outputs[0].len();
        if size < PARALLEL || alone() {
            return dispatch(self);
        }
        let half = (size / 2).next_multiple_of(WIDE);
        let mut outputs = self.outputs.map(|x| x.split_at_mut(half));
        let head = Self { outputs: outputs.each_mut().map(|x| std::mem::take(&mut x.0)), ..self };
        let tail = Self { outputs: outputs.map(|x| x.1), start: self.start + half, ..self };
        rayon::join(|| head.run_in_parts(), || tail.run_in_parts());
    }
}

/// Entries from which a pass is worth a second thread.
#[cfg(feature = "rayon")]
const PARALLEL: usize = 1 << 14;

/// Whether there is but one thread, so that to enter its pool would cost time and gain nothing.
#[cfg(feature = "rayon")]
fn alone() -> bool {
    rayon::current_num_threads() == 1
}

impl<T: Scalar, const OUTPUTS: usize> Kernel for Combine<'_, T, OUTPUTS> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        match self.inputs.len() {
            1 => self.sums::<1, FMA>(),
            2 => self.sums::<2, FMA>(),
            3 => self.sums::<3, FMA>(),
            4 => self.sums::<4, FMA>(),
            5 => self.sums::<5, FMA>(),
            _ => self.sums::<TERMS, FMA>(),
        }
    }
}

/// Terms of a sum at most.
const TERMS: usize = MAX_PRODUCTS + 1;

impl<T: Scalar, const OUTPUTS: usize> Combine<'_, T, OUTPUTS> {
    /// All outputs of some entries before the next: every input comes from memory once.
    #[inline(always)]
    fn sums<const COUNT: usize, const FMA: bool>(self) {
        let size = self.outputs[0].len();
        let inputs: [_; COUNT] =
            std::array::from_fn(|t| self.inputs[t][self.start..self.start + size].as_chunks::<WIDE>());
        let coefficients: [[T::RealPart; COUNT]; OUTPUTS] = self
            .coefficients
            .map(|row| std::array::from_fn(|t| row.get(t).copied().unwrap_or(T::RealPart::ZERO)));
        let blocks = size / WIDE;
        // So that no index below is checked.
        let inputs = inputs.map(|(chunks, tail)| (&chunks[..blocks], tail));
        let outputs = self.outputs.map(|x| x.as_chunks_mut::<WIDE>());
        let mut outputs = outputs.map(|(chunks, tail)| (&mut chunks[..blocks], tail));
        for k in 0..blocks {
            for o in 0..OUTPUTS {
                // Summed apart and then stored: so the compiler need not ask at run time whether the slices overlap.
                let mut sums = inputs[0].0[k].map(|x| x.scale(coefficients[o][0]));
                for t in 1..COUNT {
                    for (sum, &x) in sums.iter_mut().zip(&inputs[t].0[k]) {
                        *sum = add_multiple::<T, FMA>(*sum, x, coefficients[o][t]);
                    }
                }
                outputs[o].0[k] = sums;
            }
        }
        for (output, c) in outputs.iter_mut().zip(&coefficients) {
            for (k, y) in output.1.iter_mut().enumerate() {
                let first = inputs[0].1[k].scale(c[0]);
                *y = (1..COUNT).fold(first, |sum, t| add_multiple::<T, FMA>(sum, inputs[t].1[k], c[t]));
            }
        }
    }
}

/// `sum + c x`.
#[inline(always)]
fn add_multiple<T: Scalar, const FMA: bool>(sum: T, x: T, c: T::RealPart) -> T {
    if T::IS_REAL { x.multiply_add::<FMA>(T::from_real(c), sum) } else { sum + x.scale(c) }
}

/// Operator 1-norm in f64, vectorised; not finite if an entry is not, or if the norm overflows.
pub(super) fn norm_1<T: Scalar>(a: &[T], n: usize) -> f64 {
    let summary = Sums { columns: a, weights: None, n }.run_in_parts();
    summary.norm::<T>(|| operator_norm_1(view(a, n)).to_f64())
}

/// Largest entry of $\lvert A \rvert^\top v$, which goes to `product` divided by it.
pub(super) fn apply_moduli<T: Scalar>(a: &[T], v: &[T], product: &mut [T]) -> f64 {
    let largest = Sums { columns: a, weights: Some((v, product)), n: v.len() }.run_in_parts().largest;
    let inverse = T::RealPart::ONE / largest;
    for p in product {
        *p = p.scale(inverse);
    }
    largest.to_f64()
}

/// The largest of the sums of columns, and the sum of all of them times 0: NaN if one is not finite, which `max` passes over.
#[derive(Clone, Copy)]
struct Summary<R> {
    largest: R,
    zeros: R,
}

impl<R: RealScalar> Summary<R> {
    const ZERO: Self = Self { largest: R::ZERO, zeros: R::ZERO };

    #[inline(always)]
    fn add(&mut self, sum: R) {
        self.zeros += sum * R::ZERO;
        self.largest = RealScalar::max(self.largest, sum);
    }

    #[cfg(feature = "rayon")]
    fn joined(self, other: Self) -> Self {
        Self { largest: RealScalar::max(self.largest, other.largest), zeros: self.zeros + other.zeros }
    }

    /// The largest sum, or what is not finite; `carefully` finds it where the squares of complex entries may have left the
    /// range.
    fn norm<T: Scalar>(self, carefully: impl FnOnce() -> f64) -> f64 {
        let norm = if self.zeros == R::ZERO { self.largest } else { self.zeros }.to_f64();
        let (lower, upper) = if size_of::<R>() == 4 { (1e-16, 1e18) } else { (1e-140, 1e140) };
        if !T::IS_REAL && !(lower..upper).contains(&norm) { carefully() } else { norm }
    }
}

/// Sums of moduli by columns; or of moduli times weights, which go to the second slice.
struct Sums<'a, T> {
    columns: &'a [T],
    weights: Option<(&'a [T], &'a mut [T])>,
    n: usize,
}

impl<T: Scalar> Sums<'_, T> {
    #[cfg(not(feature = "rayon"))]
    fn run_in_parts(self) -> Summary<T::RealPart> {
        dispatch(self)
    }

    /// In two halves; the largest sum is the same for any parts.
    #[cfg(feature = "rayon")]
    fn run_in_parts(self) -> Summary<T::RealPart> {
        if self.columns.len() < 2 * PARALLEL || alone() {
            return dispatch(self);
        }
        let n = self.n;
        let half = n / 2;
        let (head, tail) = self.columns.split_at(half * n);
        let (first, second) = match self.weights {
            Some((v, sums)) => {
                let (head, tail) = sums.split_at_mut(half);
                (Some((v, head)), Some((v, tail)))
            }
            None => (None, None),
        };
        let (x, y) = rayon::join(
            || dispatch(Sums { columns: head, weights: first, n }),
            || dispatch(Sums { columns: tail, weights: second, n }),
        );
        x.joined(y)
    }
}

impl<T: Scalar> Kernel for Sums<'_, T> {
    type Output = Summary<T::RealPart>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Summary<T::RealPart> {
        let mut summary = Summary::ZERO;
        let columns = self.columns.chunks_exact(self.n.max(1));
        if let Some((v, sums)) = self.weights {
            for (column, s) in columns.zip(sums) {
                let sum = weighted_moduli(column, v);
                summary.add(sum);
                *s = T::from_real(sum);
            }
        } else {
            columns.for_each(|column| summary.add(sum_of_moduli(column)));
        }
        summary
    }
}

/// Whether every entry is.
pub(super) fn all_finite<T: Scalar>(a: &[T]) -> bool {
    dispatch(Zeros(a)) == T::RealPart::ZERO
}

/// The sum of all entries times 0.
struct Zeros<'a, T>(&'a [T]);

impl<T: Scalar> Kernel for Zeros<'_, T> {
    type Output = T::RealPart;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> T::RealPart {
        let (blocks, tail) = self.0.as_chunks::<LANES>();
        let zero = |z: T| (z.re() * T::RealPart::ZERO) + (z.im() * T::RealPart::ZERO);
        let mut sums = [T::RealPart::ZERO; LANES];
        for block in blocks {
            for i in 0..LANES {
                sums[i] += zero(block[i]);
            }
        }
        tail.iter().fold(add_lanes(sums), |s, &z| s + zero(z))
    }
}

/// Without the care of `Scalar::modulus` for the ends of the range.
#[inline(always)]
fn modulus<T: Scalar>(z: T) -> T::RealPart {
    if T::IS_REAL { z.re().modulus() } else { Scalar::sqrt(z.re() * z.re() + z.im() * z.im()) }
}

#[inline(always)]
fn add_lanes<R: RealScalar>([a, b, c, d, e, f, g, h]: [R; LANES]) -> R {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[inline(always)]
fn sum_of_moduli<T: Scalar>(column: &[T]) -> T::RealPart {
    let (blocks, tail) = column.as_chunks::<LANES>();
    let mut sums = [T::RealPart::ZERO; LANES];
    for block in blocks {
        for i in 0..LANES {
            sums[i] += modulus(block[i]);
        }
    }
    tail.iter().fold(add_lanes(sums), |s, &z| s + modulus(z))
}

#[inline(always)]
fn weighted_moduli<T: Scalar>(column: &[T], v: &[T]) -> T::RealPart {
    let ((blocks, tail), (weights, rest)) = (column.as_chunks::<LANES>(), v.as_chunks::<LANES>());
    let mut sums = [T::RealPart::ZERO; LANES];
    for (block, weight) in blocks.iter().zip(weights) {
        for i in 0..LANES {
            sums[i] += modulus(block[i]) * weight[i].re();
        }
    }
    tail.iter().zip(rest).fold(add_lanes(sums), |s, (&z, &v)| s + modulus(z) * v.re())
}

/// The upper triangle from the lower one of a Hermitian matrix; the diagonal becomes real.
pub(super) fn mirror<T: Scalar>(a: &mut [T], n: usize) {
    /// Rows and columns of a tile, so that both sides stay in the cache.
    const TILE: usize = 32;
    for j in 0..n {
        a[j * n + j] = T::from_real(a[j * n + j].re());
    }
    for first_column in (0..n).step_by(TILE) {
        for first_row in (first_column..n).step_by(TILE) {
            for j in first_column..(first_column + TILE).min(n) {
                for i in first_row.max(j + 1)..(first_row + TILE).min(n) {
                    a[i * n + j] = a[j * n + i].conj();
                }
            }
        }
    }
}
