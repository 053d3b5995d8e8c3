//! Products of matrices of one structure.

use super::entries::{mirror, view, view_mut};
use super::structure::Structure;
use crate::scalar::Scalar;
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Accum, Conj};
use tangency_vmath::{Kernel, dispatch};

/// Order from which a product of triangular or Hermitian matrices is worth fewer operations in more calls.
const STRUCTURED: usize = 64;

/// `dst = alpha·a·b`, or `dst += alpha·a·b`, for matrices of one structure whose product has it too.
///
/// Up to order 16 by loops of our own: that is where a general product spends more on finding its way than on numbers.
pub(super) fn multiply<T: Scalar>(
    structure: Structure,
    n: usize,
    (dst, accumulate): (&mut [T], Accum),
    a: &[T],
    b: &[T],
    alpha: T::RealPart,
) {
    if n > 16 {
        return large_product(structure, n, (dst, accumulate), a, b, T::from_real(alpha));
    }
    let small = SmallProduct { dst, add: accumulate == Accum::Add, a, b, alpha };
    match n {
        // Too few numbers for wide instructions.
        1 => small.multiply::<1, 1, false>(),
        2 => small.multiply::<2, 1, false>(),
        3 => small.multiply::<3, 1, false>(),
        4 => dispatch(Sized::<T, 4, 4>(small)),
        5 => dispatch(Sized::<T, 5, 4>(small)),
        6 => dispatch(Sized::<T, 6, 4>(small)),
        7 => dispatch(Sized::<T, 7, 4>(small)),
        8 => dispatch(Sized::<T, 8, 4>(small)),
        9 => dispatch(Sized::<T, 9, 2>(small)),
        10 => dispatch(Sized::<T, 10, 2>(small)),
        11 => dispatch(Sized::<T, 11, 2>(small)),
        12 => dispatch(Sized::<T, 12, 2>(small)),
        13 => dispatch(Sized::<T, 13, 2>(small)),
        14 => dispatch(Sized::<T, 14, 2>(small)),
        15 => dispatch(Sized::<T, 15, 2>(small)),
        _ => dispatch(Sized::<T, 16, 2>(small)),
    }
}

struct SmallProduct<'a, T: Scalar> {
    dst: &'a mut [T],
    add: bool,
    a: &'a [T],
    b: &'a [T],
    alpha: T::RealPart,
}

/// A product whose order the compiler knows, so many columns at a time.
struct Sized<'a, T: Scalar, const N: usize, const COLUMNS: usize>(SmallProduct<'a, T>);

impl<T: Scalar, const N: usize, const COLUMNS: usize> Kernel for Sized<'_, T, N, COLUMNS> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.0.multiply::<N, COLUMNS, FMA>();
    }
}

impl<T: Scalar> SmallProduct<'_, T> {
    /// Several columns of the result at a time: their sums wait less for each other than those of one.
    #[inline(always)]
    fn multiply<const N: usize, const COLUMNS: usize, const FMA: bool>(self) {
        let (dst, b) = (self.dst.as_chunks_mut::<N>().0, self.b.as_chunks::<N>().0);
        let Some(a) = self.a.as_chunks::<N>().0.first_chunk::<N>() else { return };
        let (wide, narrow) = dst.as_chunks_mut::<COLUMNS>();
        let (wide_b, narrow_b) = b.as_chunks::<COLUMNS>();
        for (dst, b) in wide.iter_mut().zip(wide_b) {
            columns::<T, N, COLUMNS, FMA>(dst, a, b, self.alpha, self.add);
        }
        for (dst, &b) in narrow.iter_mut().zip(narrow_b) {
            columns::<T, N, 1, FMA>(std::array::from_mut(dst), a, &[b], self.alpha, self.add);
        }
    }
}

#[inline(always)]
fn columns<T: Scalar, const N: usize, const COLUMNS: usize, const FMA: bool>(
    dst: &mut [[T; N]; COLUMNS],
    a: &[[T; N]; N],
    b: &[[T; N]; COLUMNS],
    alpha: T::RealPart,
    add: bool,
) {
    let mut sums = [[T::ZERO; N]; COLUMNS];
    for k in 0..N {
        for (sum, b) in sums.iter_mut().zip(b) {
            for i in 0..N {
                sum[i] = a[k][i].multiply_add::<FMA>(b[k], sum[i]);
            }
        }
    }
    for (dst, sum) in dst.iter_mut().zip(sums) {
        for i in 0..N {
            let term = sum[i].scale(alpha);
            dst[i] = if add { dst[i] + term } else { term };
        }
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
