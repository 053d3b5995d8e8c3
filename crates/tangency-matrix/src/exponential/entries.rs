//! Passes over matrices that are stored as contiguous columns: linear combinations, norms, copies.
//!
use super::scheme::MAX_PRODUCTS;
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, MatRef};
use tangency_vmath::{Kernel, dispatch};

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

/// For each output, the sum of the inputs times its coefficients, of at most one input more than [`MAX_PRODUCTS`]. Those that no output
/// has are not read.
pub(super) fn combine<T: Scalar, const OUTPUTS: usize>(
    outputs: [&mut [T]; OUTPUTS],
    coefficients: [&[T::RealPart]; OUTPUTS],
    inputs: &[&[T]],
) {
    let mut used: [Term<'_, T, OUTPUTS>; MAX_PRODUCTS + 1] =
        [(&[], [T::RealPart::ZERO; OUTPUTS]); MAX_PRODUCTS + 1];
    let mut count = 0;
    for (j, &input) in inputs.iter().enumerate() {
        let column = coefficients.map(|c| c[j]);
        if column.iter().any(|&c| c != T::RealPart::ZERO) {
            used[count] = (input, column);
            count += 1;
        }
    }
    match count {
        0 => outputs.into_iter().for_each(|x| x.fill(T::ZERO)),
        1 => Combine::<T, OUTPUTS, 1>::new(outputs, &used).run_in_parts(),
        2 => Combine::<T, OUTPUTS, 2>::new(outputs, &used).run_in_parts(),
        3 => Combine::<T, OUTPUTS, 3>::new(outputs, &used).run_in_parts(),
        4 => Combine::<T, OUTPUTS, 4>::new(outputs, &used).run_in_parts(),
        5 => Combine::<T, OUTPUTS, 5>::new(outputs, &used).run_in_parts(),
        _ => Combine::<T, OUTPUTS, 6>::new(outputs, &used).run_in_parts(),
    }
}

/// An input and its coefficient in each output.
type Term<'a, T, const OUTPUTS: usize> = (&'a [T], [<T as Scalar>::RealPart; OUTPUTS]);

/// Sums of inputs, each of which is read once for all outputs.
struct Combine<'a, T: Scalar, const OUTPUTS: usize, const INPUTS: usize> {
    outputs: [&'a mut [T]; OUTPUTS],
    inputs: [Term<'a, T, OUTPUTS>; INPUTS],
}

impl<'a, T: Scalar, const OUTPUTS: usize, const INPUTS: usize> Combine<'a, T, OUTPUTS, INPUTS> {
    fn new(outputs: [&'a mut [T]; OUTPUTS], used: &[Term<'a, T, OUTPUTS>]) -> Self {
        Self { outputs, inputs: std::array::from_fn(|j| used[j]) }
    }

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
        let half = (size / 2).next_multiple_of(LANES);
        let mut outputs = self.outputs.map(|x| x.split_at_mut(half));
        let head = Self {
            outputs: outputs.each_mut().map(|x| std::mem::take(&mut x.0)),
            inputs: self.inputs.map(|(x, c)| (&x[..half], c)),
        };
        let tail = Self { outputs: outputs.map(|x| x.1), inputs: self.inputs.map(|(x, c)| (&x[half..], c)) };
        rayon::join(|| head.run_in_parts(), || tail.run_in_parts());
    }
}

/// Entries from which a pass is worth a second thread.
#[cfg(feature = "rayon")]
const PARALLEL: usize = 1 << 14;

impl<T: Scalar, const OUTPUTS: usize, const INPUTS: usize> Kernel for Combine<'_, T, OUTPUTS, INPUTS> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let coefficients = self.inputs.map(|(_, c)| c);
        let inputs = self.inputs.map(|(x, _)| x.as_chunks::<LANES>());
        let mut outputs = self.outputs.map(|x| x.as_chunks_mut::<LANES>());
        for i in 0..outputs[0].0.len() {
            let x = inputs.map(|(blocks, _)| blocks[i]);
            // All sums before the first is stored: the compiler cannot know that outputs and inputs are apart.
            let mut sums = [[T::ZERO; LANES]; OUTPUTS];
            for (k, sum) in sums.iter_mut().enumerate() {
                for lane in 0..LANES {
                    sum[lane] = x[0][lane].scale(coefficients[0][k]);
                    for j in 1..INPUTS {
                        sum[lane] = add_multiple::<T, FMA>(sum[lane], x[j][lane], coefficients[j][k]);
                    }
                }
            }
            for (output, sum) in outputs.iter_mut().zip(sums) {
                output.0[i] = sum;
            }
        }
        for i in 0..outputs[0].1.len() {
            for (k, output) in outputs.iter_mut().enumerate() {
                let first = inputs[0].1[i].scale(coefficients[0][k]);
                output.1[i] = (1..INPUTS)
                    .fold(first, |s, j| add_multiple::<T, FMA>(s, inputs[j].1[i], coefficients[j][k]));
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
