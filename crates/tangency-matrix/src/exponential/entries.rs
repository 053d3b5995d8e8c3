//! Passes over matrices that are stored as contiguous columns: linear combinations, norms, copies.
//!
//! None of them uses fused multiply-add, so their bits are the same on every machine.

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
    dispatch(Combine { outputs, coefficients, inputs });
}

struct Combine<'a, T: Scalar, const OUTPUTS: usize> {
    outputs: [&'a mut [T]; OUTPUTS],
    coefficients: [&'a [T::RealPart]; OUTPUTS],
    inputs: &'a [&'a [T]],
}

impl<T: Scalar, const OUTPUTS: usize> Kernel for Combine<'_, T, OUTPUTS> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let mut rest = self.outputs;
        let mut start = 0;
        while !rest[0].is_empty() {
            let size = BLOCK.min(rest[0].len());
            for (output, coefficients) in rest.iter_mut().zip(self.coefficients) {
                let (block, tail) = std::mem::take(output).split_at_mut(size);
                sum_terms(block, coefficients, self.inputs, start);
                *output = tail;
            }
            start += size;
        }
    }
}

/// `block = Σ c_j inputs_j[start..]`.
#[inline(always)]
fn sum_terms<T: Scalar>(block: &mut [T], coefficients: &[T::RealPart], inputs: &[&[T]], start: usize) {
    let size = block.len();
    let mut terms: [(T::RealPart, &[T]); 6] = [(T::RealPart::ZERO, &[]); 6];
    let mut count = 0;
    for (&c, x) in coefficients.iter().zip(inputs) {
        if c != T::RealPart::ZERO {
            terms[count] = (c, &x[start..start + size]);
            count += 1;
        }
    }
    match count {
        0 => block.fill(T::ZERO),
        1 => sum_known::<T, 1>(block, &terms),
        2 => sum_known::<T, 2>(block, &terms),
        3 => sum_known::<T, 3>(block, &terms),
        4 => sum_known::<T, 4>(block, &terms),
        5 => sum_known::<T, 5>(block, &terms),
        _ => sum_known::<T, 6>(block, &terms),
    }
}

#[inline(always)]
fn sum_known<T: Scalar, const TERMS: usize>(block: &mut [T], terms: &[(T::RealPart, &[T]); 6]) {
    let size = block.len();
    let mut coefficients = [T::RealPart::ZERO; TERMS];
    let mut inputs: [&[T]; TERMS] = [&[]; TERMS];
    for t in 0..TERMS {
        coefficients[t] = terms[t].0;
        inputs[t] = &terms[t].1[..size];
    }
    for i in 0..size {
        let mut sum = inputs[0][i].scale(coefficients[0]);
        for t in 1..TERMS {
            sum += inputs[t][i].scale(coefficients[t]);
        }
        block[i] = sum;
    }
}

/// Operator 1-norm in f64, vectorised; not finite if an entry is not, or if the norm overflows.
pub(super) fn norm_1<T: Scalar>(a: &[T], n: usize) -> f64 {
    let norm = dispatch(LargestSum { columns: a, weights: None, n }).to_f64();
    // The squares of complex entries may have left the range.
    let (lower, upper) = if size_of::<T::RealPart>() == 4 { (1e-16, 1e18) } else { (1e-140, 1e140) };
    if !T::IS_REAL && !(lower..upper).contains(&norm) { operator_norm_1(view(a, n)).to_f64() } else { norm }
}

/// Largest entry of $\lvert A \rvert^\top v$, which goes to `product` divided by it.
pub(super) fn apply_moduli<T: Scalar>(a: &[T], v: &[T], product: &mut [T]) -> f64 {
    let n = v.len();
    dispatch(LargestSum { columns: a, weights: Some((v, product)), n }).to_f64()
}

/// The largest sum of moduli of a column, NaN if one is not finite; or that of moduli times weights.
struct LargestSum<'a, T> {
    columns: &'a [T],
    weights: Option<(&'a [T], &'a mut [T])>,
    n: usize,
}

impl<T: Scalar> Kernel for LargestSum<'_, T> {
    type Output = T::RealPart;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> T::RealPart {
        let mut largest = T::RealPart::ZERO;
        let columns = self.columns.chunks_exact(self.n.max(1));
        if let Some((v, product)) = self.weights {
            for (column, p) in columns.zip(product.iter_mut()) {
                let sum = weighted_moduli(column, v);
                largest = RealScalar::max(largest, sum);
                *p = T::from_real(sum);
            }
            let inverse = T::RealPart::ONE / largest;
            product.iter_mut().for_each(|p| *p = p.scale(inverse));
            return largest;
        }
        let mut all = T::RealPart::ZERO;
        for column in columns {
            let sum = sum_of_moduli(column);
            all += sum;
            largest = RealScalar::max(largest, sum);
        }
        // The total is finite if every sum is; otherwise a sum may be NaN, which `max` passes over.
        if all.finite() { largest } else { largest + (all - all) }
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
