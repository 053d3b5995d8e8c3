//! What the structure of a matrix gives of the functions without powers: all of it where the matrix is diagonal or
//! Hermitian, the diagonal where it is triangular.

use super::pair::Kind;
use crate::MatrixError;
use crate::norm::operator_norm_1;
use crate::reduction::{Reduction, is_hermitian, is_upper_triangular};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// The structures that matter here; a matrix of several has the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    Diagonal,
    Hermitian,
    Upper,
    Lower,
    Full,
}

impl Structure {
    pub(super) fn of<T: Scalar>(a: MatRef<'_, T>) -> Self {
        let (upper, lower) = (is_upper_triangular(a), is_upper_triangular(a.transpose()));
        if upper && lower {
            Self::Diagonal
        } else if is_hermitian(a) {
            Self::Hermitian
        } else if upper {
            Self::Upper
        } else if lower {
            Self::Lower
        } else {
            Self::Full
        }
    }

    pub(super) fn triangular(self) -> bool {
        matches!(self, Self::Upper | Self::Lower)
    }
}

/// Norm of a Hermitian matrix, from which on its eigenvectors are taken: below, a few products are all it takes, and
/// they keep the digits of entries far below the norm.
const EIGENVECTORS_FROM: f64 = 2.0;

/// Eigenvalues and eigenvectors of a Hermitian matrix, if that is the way to go.
pub(super) fn eigenvectors<T: Scalar>(
    structure: Structure,
    a: MatRef<'_, T>,
) -> Result<Option<Reduction<T>>, MatrixError> {
    let small = operator_norm_1(a).to_f64() <= EIGENVECTORS_FROM;
    if structure != Structure::Hermitian || small {
        return Ok(None);
    }
    Reduction::of_form(a, false).map(Some)
}

/// The values of a sine or cosine at these points.
pub(super) fn values<T: Scalar>(
    kind: Kind,
    name: &'static str,
    points: &[T],
    f: fn(Kind, T) -> T,
) -> Result<Vec<T>, MatrixError> {
    let value = |&z: &T| {
        let y = f(kind, z);
        let overflow = || MatrixError::Overflow { what: name, ln_norm: kind.ln_modulus(z) };
        if y.finite() { Ok(y) } else { Err(overflow()) }
    };
    points.iter().map(value).collect()
}

/// What the structure says of a result that was computed without regard to it.
pub(super) fn restore<T: Scalar>(
    structure: Structure,
    a: MatRef<'_, T>,
    mut result: Mat<T>,
    f: impl Fn(T) -> T,
) -> Mat<T> {
    let n = a.nrows();
    for j in 0..n {
        match structure {
            Structure::Diagonal | Structure::Full => {}
            Structure::Hermitian => {
                result[(j, j)] = T::from_real(result[(j, j)].re());
                for i in j + 1..n {
                    result[(j, i)] = Scalar::conj(result[(i, j)]);
                }
            }
            Structure::Upper | Structure::Lower => {
                result[(j, j)] = f(a[(j, j)]);
                let zeros = if structure == Structure::Upper { j + 1..n } else { 0..j };
                for i in zeros {
                    result[(i, j)] = T::ZERO;
                }
            }
        }
    }
    result
}
