//! The Schur form of a block of order two.

use super::reflect::Rotation;
use crate::scalar::{RealScalar, Scalar};

/// Entries $a, b, c, d$ of a matrix of order two, by rows.
pub(super) type Pair<T> = [T; 4];

/// $G$ and $G^* M G$: upper triangular, or, for a real matrix with complex eigenvalues, with equal diagonal entries and
/// $b c < 0$.
#[inline(always)]
pub(super) fn standardise<T: Scalar>(m: Pair<T>) -> (Rotation<T>, Pair<T>) {
    if T::IS_REAL {
        let (rotation, result) = standardise_real::<T::RealPart>(m.map(T::re));
        (
            Rotation { cosine: rotation.cosine, sine: T::from_real(rotation.sine) },
            result.map(|x| T::from_real(x)),
        )
    } else {
        triangularise(m)
    }
}

/// Complex: the eigenvector of the eigenvalue farther from $d$ becomes the first column.
#[inline(always)]
fn triangularise<T: Scalar>([a, b, c, d]: Pair<T>) -> (Rotation<T>, Pair<T>) {
    let identity = Rotation { cosine: T::RealPart::ONE, sine: T::ZERO };
    if c == T::ZERO {
        return (identity, [a, b, c, d]);
    }
    let half = T::RealPart::from_f64(0.5);
    let largest = [a, b, c, d].iter().fold(T::RealPart::ZERO, |m, x| RealScalar::max(m, x.modulus()));
    let inverse = T::RealPart::ONE / largest;
    if !inverse.finite() {
        // Subnormal entries: nothing is left to rotate.
        return (identity, [a, b, T::ZERO, d]);
    }
    let [a1, b1, c1, d1] = [a, b, c, d].map(|x| x.scale(inverse));
    let p = (a1 - d1).scale(half);
    let root = (p * p + b1 * c1).sqrt();
    let w = if (p + root).modulus() >= (p - root).modulus() { p + root } else { p - root };
    let rotation = Rotation::with_first_column(w, c1);
    let mut block = [a1, c1, b1, d1]; // by columns
    rotation.apply_left(&mut block, 2, 0, 0..2);
    rotation.apply_right(&mut block, 2, 0, 0..2);
    (rotation, [block[0].scale(largest), block[2].scale(largest), T::ZERO, block[3].scale(largest)])
}

/// Real: LAPACK's criterion, which leaves a nearly double eigenvalue as a complex pair or a real pair according to the
/// sign that survives after the diagonal is made equal.
///
/// # References
///
/// Z. Bai and J. Demmel, *On swapping diagonal blocks in real Schur form*, Linear Algebra Appl. 186 (1993), section 3;
/// LAPACK, `dlanv2`.
fn standardise_real<R: RealScalar>([a, b, c, d]: Pair<R>) -> (Rotation<R>, Pair<R>) {
    let half = R::from_f64(0.5);
    let identity = Rotation { cosine: R::ONE, sine: R::ZERO };
    if c == R::ZERO {
        return (identity, [a, b, c, d]);
    }
    if b == R::ZERO {
        return (Rotation { cosine: R::ZERO, sine: R::ONE }, [d, -c, R::ZERO, a]);
    }
    let opposite = (b < R::ZERO) != (c < R::ZERO);
    if a - d == R::ZERO && opposite {
        return (identity, [a, b, c, d]);
    }
    let p = (a - d) * half;
    let (larger, smaller) =
        if b.modulus() >= c.modulus() { (b.modulus(), c.modulus()) } else { (c.modulus(), b.modulus()) };
    let signed_smaller = if opposite { -smaller } else { smaller };
    let scale = RealScalar::max(p.modulus(), larger);
    let z = p / scale * p + larger / scale * signed_smaller;
    if z >= R::from_f64(8.0) * R::UNIT_ROUNDOFF {
        // Real eigenvalues, well apart.
        let z = p + (Scalar::sqrt(scale) * Scalar::sqrt(z)).copysign(p);
        let norm = c.hypot(z);
        let rotation = Rotation { cosine: z / norm, sine: c / norm };
        return (rotation, [d + z, b - c, R::ZERO, d - larger / z * signed_smaller]);
    }
    // Complex or nearly equal real: make the diagonal entries equal.
    let sigma = b + c;
    let difference = a - d;
    let norm = sigma.hypot(difference);
    let mut cosine = Scalar::sqrt(half * (R::ONE + sigma.modulus() / norm));
    let mut sine = -(p / (norm * cosine)) * R::ONE.copysign(sigma);
    let mut block = [a, c, b, d]; // by columns
    let rotation = Rotation { cosine, sine };
    rotation.apply_left(&mut block, 2, 0, 0..2);
    rotation.apply_right(&mut block, 2, 0, 0..2);
    let [a, c, b, d] = block;
    let mean = half * (a + d);
    if c == R::ZERO {
        return (rotation, [mean, b, c, mean]);
    }
    if b == R::ZERO {
        return (Rotation { cosine: -sine, sine: cosine }, [mean, -c, R::ZERO, mean]);
    }
    if (b < R::ZERO) != (c < R::ZERO) {
        return (rotation, [mean, b, c, mean]);
    }
    // Real after all: one more rotation makes it triangular.
    let (root_b, root_c) = (Scalar::sqrt(b.modulus()), Scalar::sqrt(c.modulus()));
    let p = (root_b * root_c).copysign(c);
    let inverse = R::ONE / Scalar::sqrt((b + c).modulus());
    let (cosine1, sine1) = (root_b * inverse, root_c * inverse);
    (cosine, sine) = (cosine * cosine1 - sine * sine1, cosine * sine1 + sine * cosine1);
    (Rotation { cosine, sine }, [mean + p, b - c, R::ZERO, mean - p])
}
