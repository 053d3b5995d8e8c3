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
        1 => small.multiply::<1>(),
        2 => small.multiply::<2>(),
        3 => small.multiply::<3>(),
        4 => dispatch(Sized::<T, 4>(small)),
        5 => dispatch(Sized::<T, 5>(small)),
        6 => dispatch(Sized::<T, 6>(small)),
        7 => dispatch(Sized::<T, 7>(small)),
        8 => dispatch(Sized::<T, 8>(small)),
        9 => dispatch(Sized::<T, 9>(small)),
        10 => dispatch(Sized::<T, 10>(small)),
        11 => dispatch(Sized::<T, 11>(small)),
        12 => dispatch(Sized::<T, 12>(small)),
        13 => dispatch(Sized::<T, 13>(small)),
        14 => dispatch(Sized::<T, 14>(small)),
        15 => dispatch(Sized::<T, 15>(small)),
        _ => dispatch(Sized::<T, 16>(small)),
    }
}

struct SmallProduct<'a, T: Scalar> {
    dst: &'a mut [T],
    add: bool,
    a: &'a [T],
    b: &'a [T],
    alpha: T::RealPart,
}

/// A product whose order the compiler knows.
struct Sized<'a, T: Scalar, const N: usize>(SmallProduct<'a, T>);

impl<T: Scalar, const N: usize> Kernel for Sized<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.0.multiply::<N>();
    }
}

impl<T: Scalar> SmallProduct<'_, T> {
    /// Column by column of the result.
    #[inline(always)]
    fn multiply<const N: usize>(self) {
        let dst = self.dst.as_chunks_mut::<N>().0;
        let (a, b) = (self.a.as_chunks::<N>().0, self.b.as_chunks::<N>().0);
        let (Some(a), Some(b)) = (a.first_chunk::<N>(), b.first_chunk::<N>()) else { return };
        for (dst, b) in dst.iter_mut().zip(b) {
            let mut sum = [T::ZERO; N];
            for k in 0..N {
                for i in 0..N {
                    sum[i] += a[k][i] * b[k];
                }
            }
            for i in 0..N {
                let term = sum[i].scale(self.alpha);
                dst[i] = if self.add { dst[i] + term } else { term };
            }
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
