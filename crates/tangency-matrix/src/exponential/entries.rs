//! Passes over matrices that are stored as contiguous columns: linear combinations, norms, small products.

use super::structure::Structure;
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Accum, Conj, MatMut, MatRef};

/// Entries of one block of a fused pass: with ten arrays of f64, 20 KiB, which the first cache level holds.
const BLOCK: usize = 256;

/// Largest order with unrolled products of our own.
const SMALL: usize = 8;

/// Order from which a product of triangular or Hermitian matrices is worth fewer operations in more calls.
const STRUCTURED: usize = 64;

pub(super) fn view<T: Scalar>(a: &[T], n: usize) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(a, n, n)
}

pub(super) fn view_mut<T: Scalar>(a: &mut [T], n: usize) -> MatMut<'_, T> {
    MatMut::from_column_major_slice_mut(a, n, n)
}

/// For each output, the sum of the inputs times its coefficients; terms with coefficient zero are left out.
pub(super) fn combine<T: Scalar, const OUTPUTS: usize>(
    outputs: [&mut [T]; OUTPUTS],
    coefficients: [&[T::RealPart]; OUTPUTS],
    inputs: &[&[T]],
) {
    let mut rest = outputs;
    let mut start = 0;
    while !rest[0].is_empty() {
        let size = BLOCK.min(rest[0].len());
        rest = std::array::from_fn(|k| {
            let (block, tail) = std::mem::take(&mut rest[k]).split_at_mut(size);
            sum_terms(block, coefficients[k], inputs, start);
            tail
        });
        start += size;
    }
}

/// `block = Σ c_j inputs_j[start..]`, two terms a pass.
fn sum_terms<T: Scalar>(block: &mut [T], coefficients: &[T::RealPart], inputs: &[&[T]], start: usize) {
    let size = block.len();
    let mut terms = coefficients
        .iter()
        .zip(inputs)
        .filter(|&(&c, _)| c != T::RealPart::ZERO)
        .map(|(&c, x)| (c, &x[start..start + size]));
    match (terms.next(), terms.next()) {
        (None, _) => block.fill(T::ZERO),
        (Some((c, x)), None) => block.iter_mut().zip(x).for_each(|(s, &x)| *s = x.scale(c)),
        (Some((c, x)), Some((d, y))) => {
            block.iter_mut().zip(x).zip(y).for_each(|((s, &x), &y)| *s = x.scale(c) + y.scale(d));
        }
    }
    while let Some((c, x)) = terms.next() {
        if let Some((d, y)) = terms.next() {
            block.iter_mut().zip(x).zip(y).for_each(|((s, &x), &y)| *s += x.scale(c) + y.scale(d));
        } else {
            block.iter_mut().zip(x).for_each(|(s, &x)| *s += x.scale(c));
        }
    }
}

/// Operator 1-norm in f64, vectorised; not finite if an entry is not, or if the norm overflows.
pub(super) fn norm_1<T: Scalar>(a: &[T], n: usize) -> f64 {
    let mut largest = T::RealPart::ZERO;
    let mut poisoned = false;
    for column in a.chunks_exact(n.max(1)) {
        let sum = sum_of_moduli(column);
        poisoned |= !sum.finite();
        largest = RealScalar::max(largest, sum);
    }
    let norm = if poisoned { f64::NAN } else { largest.to_f64() };
    // The squares of complex entries may have left the range.
    let (lower, upper) = if size_of::<T::RealPart>() == 4 { (1e-16, 1e18) } else { (1e-140, 1e140) };
    if !T::IS_REAL && !(lower..upper).contains(&norm) { operator_norm_1(view(a, n)).to_f64() } else { norm }
}

/// Sum with eight partial sums.
fn sum_of_moduli<T: Scalar>(column: &[T]) -> T::RealPart {
    let modulus = |z: T| {
        if T::IS_REAL {
            z.re().modulus()
        } else {
            Scalar::sqrt(z.re() * z.re() + z.im() * z.im())
        }
    };
    let (blocks, tail) = column.as_chunks::<8>();
    let mut sums = [T::RealPart::ZERO; 8];
    for block in blocks {
        for (s, &z) in sums.iter_mut().zip(block) {
            *s += modulus(z);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    tail.iter().fold(((a + e) + (c + g)) + ((b + f) + (d + h)), |s, &z| s + modulus(z))
}

/// `dst = alpha·a·b`, or `dst += alpha·a·b`, for matrices of one structure whose product has it too.
pub(super) fn multiply<T: Scalar>(
    structure: Structure,
    n: usize,
    (dst, accumulate): (&mut [T], Accum),
    a: &[T],
    b: &[T],
    alpha: T::RealPart,
) {
    match n {
        2 => small_product::<T, 2>(dst, accumulate, a, b, alpha),
        3 => small_product::<T, 3>(dst, accumulate, a, b, alpha),
        4 => small_product::<T, 4>(dst, accumulate, a, b, alpha),
        5 => small_product::<T, 5>(dst, accumulate, a, b, alpha),
        6 => small_product::<T, 6>(dst, accumulate, a, b, alpha),
        7 => small_product::<T, 7>(dst, accumulate, a, b, alpha),
        SMALL => small_product::<T, SMALL>(dst, accumulate, a, b, alpha),
        _ => large_product(structure, n, (dst, accumulate), a, b, T::from_real(alpha)),
    }
}

fn large_product<T: Scalar>(
    structure: Structure,
    n: usize,
    (dst, accumulate): (&mut [T], Accum),
    a: &[T],
    b: &[T],
    alpha: T,
) {
    let part = match structure {
        Structure::Upper => BlockStructure::TriangularUpper,
        Structure::Lower | Structure::Hermitian => BlockStructure::TriangularLower,
        Structure::General | Structure::SkewHermitian => BlockStructure::Rectangular,
    };
    if n < STRUCTURED || part == BlockStructure::Rectangular {
        T::product(view_mut(dst, n), accumulate, (view(a, n), Conj::No), (view(b, n), Conj::No), alpha);
        return;
    }
    let operand = if structure == Structure::Hermitian { BlockStructure::Rectangular } else { part };
    if structure != Structure::Hermitian && accumulate == Accum::Replace {
        dst.fill(T::ZERO);
    }
    let (a, b) = ((view(a, n), operand), (view(b, n), operand));
    T::triangular_product((view_mut(dst, n), part), accumulate, a, b, alpha);
    if structure == Structure::Hermitian {
        mirror(dst, n);
    }
}

/// The upper triangle from the lower one of a Hermitian matrix; the diagonal becomes real.
pub(super) fn mirror<T: Scalar>(a: &mut [T], n: usize) {
    for j in 0..n {
        a[j * n + j] = T::from_real(a[j * n + j].re());
        for i in j + 1..n {
            a[i * n + j] = a[j * n + i].conj();
        }
    }
}

/// Column by column of the result, over arrays of a length that the compiler knows.
fn small_product<T: Scalar, const N: usize>(
    dst: &mut [T],
    accumulate: Accum,
    a: &[T],
    b: &[T],
    alpha: T::RealPart,
) {
    let (dst, (a, _), (b, _)) = (dst.as_chunks_mut::<N>().0, a.as_chunks::<N>(), b.as_chunks::<N>());
    for (dst, b) in dst.iter_mut().zip(b) {
        let mut sum = [T::ZERO; N];
        for (a, &b) in a.iter().zip(b) {
            for i in 0..N {
                sum[i] += a[i] * b;
            }
        }
        for i in 0..N {
            let term = sum[i].scale(alpha);
            dst[i] = if accumulate == Accum::Add { dst[i] + term } else { term };
        }
    }
}
