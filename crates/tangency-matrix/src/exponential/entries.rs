//! Passes over matrices that are stored as contiguous columns: linear combinations, norms, copies.
//!
use super::scheme::MAX_PRODUCTS;
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, MatRef};
use tangency_vmath::{Kernel, dispatch};

/// Entries of one block of a fused pass: with ten arrays of f64, 20 KiB, which the first cache level holds.
const BLOCK: usize = 256;

/// Entries computed together.
const LANES: usize = 8;

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

/// For each output, the sum of the inputs times its coefficients; terms with coefficient zero are left out.
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
        if size < PARALLEL {
            return dispatch(self);
        }
        let half = (size / 2).next_multiple_of(BLOCK);
        let mut outputs = self.outputs.map(|x| x.split_at_mut(half));
        let head = Self { outputs: outputs.each_mut().map(|x| std::mem::take(&mut x.0)), ..self };
        let tail = Self { outputs: outputs.map(|x| x.1), start: self.start + half, ..self };
        rayon::join(|| head.run_in_parts(), || tail.run_in_parts());
    }
}

/// Entries from which a pass is worth a second thread.
#[cfg(feature = "rayon")]
const PARALLEL: usize = 1 << 14;

impl<T: Scalar, const OUTPUTS: usize> Kernel for Combine<'_, T, OUTPUTS> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (mut rest, mut start) = (self.outputs, self.start);
        while !rest[0].is_empty() {
            let size = BLOCK.min(rest[0].len());
            for (output, coefficients) in rest.iter_mut().zip(self.coefficients) {
                let (block, tail) = std::mem::take(output).split_at_mut(size);
                sum_terms::<T, FMA>(block, coefficients, self.inputs, start);
                *output = tail;
            }
            start += size;
        }
    }
}

/// Terms of a sum at most.
const TERMS: usize = MAX_PRODUCTS + 1;

/// `block = Σ c_j inputs_j[start..]`.
#[inline(always)]
fn sum_terms<T: Scalar, const FMA: bool>(
    block: &mut [T],
    coefficients: &[T::RealPart],
    inputs: &[&[T]],
    start: usize,
) {
    let size = block.len();
    let mut terms: [(T::RealPart, &[T]); TERMS] = [(T::RealPart::ZERO, &[]); TERMS];
    let mut count = 0;
    for (&c, x) in coefficients.iter().zip(inputs) {
        if c != T::RealPart::ZERO {
            terms[count] = (c, &x[start..start + size]);
            count += 1;
        }
    }
    match count {
        0 => block.fill(T::ZERO),
        1 => sum_known::<T, 1, FMA>(block, &terms),
        2 => sum_known::<T, 2, FMA>(block, &terms),
        3 => sum_known::<T, 3, FMA>(block, &terms),
        4 => sum_known::<T, 4, FMA>(block, &terms),
        5 => sum_known::<T, 5, FMA>(block, &terms),
        _ => sum_known::<T, 6, FMA>(block, &terms),
    }
}

#[inline(always)]
fn sum_known<T: Scalar, const COUNT: usize, const FMA: bool>(
    block: &mut [T],
    terms: &[(T::RealPart, &[T]); TERMS],
) {
    let coefficients: [T::RealPart; COUNT] = std::array::from_fn(|t| terms[t].0);
    let inputs: [_; COUNT] = std::array::from_fn(|t| terms[t].1.as_chunks::<LANES>());
    let (chunks, tail) = block.as_chunks_mut::<LANES>();
    for (k, chunk) in chunks.iter_mut().enumerate() {
        // Summed apart and then stored: so the compiler need not ask at run time whether the slices overlap.
        let mut sums = inputs[0].0[k].map(|x| x.scale(coefficients[0]));
        for t in 1..COUNT {
            for (sum, &x) in sums.iter_mut().zip(&inputs[t].0[k]) {
                *sum = add_multiple::<T, FMA>(*sum, x, coefficients[t]);
            }
        }
        *chunk = sums;
    }
    for (k, y) in tail.iter_mut().enumerate() {
        let first = inputs[0].1[k].scale(coefficients[0]);
        *y = (1..COUNT).fold(first, |sum, t| add_multiple::<T, FMA>(sum, inputs[t].1[k], coefficients[t]));
    }
}

/// `sum + c x`.
#[inline(always)]
fn add_multiple<T: Scalar, const FMA: bool>(sum: T, x: T, c: T::RealPart) -> T {
    if T::IS_REAL { x.multiply_add::<FMA>(T::from_real(c), sum) } else { sum + x.scale(c) }
}

/// Operator 1-norm in f64, vectorised; not finite if an entry is not, or if the norm overflows.
pub(super) fn norm_1<T: Scalar>(a: &[T], n: usize) -> f64 {
    let sums = Sums { columns: a, weights: None, n }.run_in_parts();
    let norm = if sums.zeros == T::RealPart::ZERO { sums.largest } else { sums.zeros }.to_f64();
    // The squares of complex entries may have left the range.
    let (lower, upper) = if size_of::<T::RealPart>() == 4 { (1e-16, 1e18) } else { (1e-140, 1e140) };
    if !T::IS_REAL && !(lower..upper).contains(&norm) { operator_norm_1(view(a, n)).to_f64() } else { norm }
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
        if self.columns.len() < 2 * PARALLEL {
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
        Summary { largest: RealScalar::max(x.largest, y.largest), zeros: x.zeros + y.zeros }
    }
}

impl<T: Scalar> Kernel for Sums<'_, T> {
    type Output = Summary<T::RealPart>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Summary<T::RealPart> {
        let mut summary = Summary { largest: T::RealPart::ZERO, zeros: T::RealPart::ZERO };
        let mut add = |sum| {
            summary.zeros += sum * T::RealPart::ZERO;
            summary.largest = RealScalar::max(summary.largest, sum);
        };
        let columns = self.columns.chunks_exact(self.n.max(1));
        if let Some((v, sums)) = self.weights {
            for (column, s) in columns.zip(sums) {
                let sum = weighted_moduli(column, v);
                add(sum);
                *s = T::from_real(sum);
            }
        } else {
            columns.for_each(|column| add(sum_of_moduli(column)));
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
