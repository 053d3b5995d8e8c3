//! To a (quasi-)triangular matrix and back, by the cheapest way that the structure of a matrix allows.

use crate::MatrixError;
use crate::norm::operator_norm_1;
use crate::product::{adjoint_multiply, multiply, multiply_adjoint};
use crate::quasi_triangular::{multiply_by_quasi_triangular, noise};
use crate::scalar::{Precision, RealScalar, Scalar};
use crate::schur::{SchurMemory, schur_into};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Accum, Conj, Mat, MatMut, MatRef};

/// How $A$ and its triangular form are related.
#[derive(Debug, Clone)]
enum Basis<T: Scalar> {
    /// $A = T$: upper triangular as it is.
    Same,
    /// $A = T^\top$: lower triangular.
    Transposed,
    /// $A = Q T Q^{\ast}$: a Schur form, or eigenvectors of a Hermitian matrix.
    Unitary(Mat<T>),
}

/// A square matrix of finite entries as $2^k Q T Q^{\ast}$ with an upper quasi-triangular $T$.
///
/// The power of 2 is 1 unless the norm is so large or so small that sums and quotients on the way might leave the range.
#[derive(Debug, Clone)]
pub(crate) struct Reduction<T: Scalar> {
    /// $T$, with exact zeros below the diagonal or below its blocks of order 2.
    pub(crate) t: Mat<T>,
    /// $T$ is the form of $A - I$ and not of $A$, so that rounding is small against that difference.
    pub(crate) shifted: bool,
    /// $k$, an even number.
    pub(crate) exponent: i32,
    /// $T$ is diagonal.
    pub(crate) diagonal: bool,
    /// $A$ is Hermitian, and $T$ is real.
    pub(crate) hermitian: bool,
    /// $n u \lVert A \rVert_1$, the unit in which eigenvalues are uncertain; 0 if no rounding took place.
    pub(crate) noise: T::RealPart,
    basis: Basis<T>,
}

/// Memory of reductions of one order, made when it is first needed.
#[derive(Debug, Clone)]
pub(crate) struct ReductionMemory<T: Scalar> {
    t: Mat<T>,
    q: Mat<T>,
    half: Mat<T>,
    schur: SchurMemory<T>,
}

impl<T: Scalar> ReductionMemory<T> {
    pub(crate) fn new() -> Self {
        Self { t: Mat::new(), q: Mat::new(), half: Mat::new(), schur: SchurMemory::default() }
    }

    /// Makes the matrices for order n.
    pub(crate) fn reserve(&mut self, n: usize) {
        for matrix in [&mut self.t, &mut self.q, &mut self.half] {
            *matrix = Mat::zeros(n, n);
        }
    }

    /// Takes the matrices of a reduction back.
    pub(crate) fn take_back(&mut self, reduction: Reduction<T>) {
        self.t = reduction.t;
        if let Basis::Unitary(q) = reduction.basis {
            self.q = q;
        }
    }
}

/// The matrix, if it has this order, or a new one.
fn taken<T: Scalar>(matrix: &mut Mat<T>, n: usize) -> Mat<T> {
    if matrix.nrows() == n { std::mem::replace(matrix, Mat::new()) } else { Mat::zeros(n, n) }
}

impl<T: Scalar> Reduction<T> {
    /// Triangular input is taken as it is, Hermitian input is diagonalised, other input is brought to Schur form; the last
    /// two less the identity if that leaves at most ½ (which is then free of rounding).
    pub(crate) fn of(a: MatRef<'_, T>) -> Result<Self, MatrixError> {
        Self::with(a, &mut ReductionMemory::new())
    }

    /// [`Self::of`] with memory, which [`ReductionMemory::take_back`] gets again.
    pub(crate) fn with(a: MatRef<'_, T>, memory: &mut ReductionMemory<T>) -> Result<Self, MatrixError> {
        if is_upper_triangular(a) || is_upper_triangular(a.transpose()) {
            return Self::of_form_with(a, false, memory);
        }
        if near_identity(a) {
            let mut difference = a.to_owned();
            add_to_diagonal(difference.as_mut(), -T::ONE);
            return Self::of_form_with(difference.as_ref(), true, memory);
        }
        Self::of_form_with(a, false, memory)
    }

    /// The reduction of $I + X$, by that of $X$ unless $X$ is so large that it must be scaled.
    pub(crate) fn of_one_plus(x: MatRef<'_, T>) -> Result<Self, MatrixError> {
        if even_exponent(operator_norm_1(x)) == 0 {
            return Self::of_form(x, true);
        }
        let mut sum = x.to_owned();
        add_to_diagonal(sum.as_mut(), T::ONE);
        Self::of_form(sum.as_ref(), false)
    }

    /// The reduction of $A$ as it is, of which `shifted` says whether it stands for $A + I$.
    pub(crate) fn of_form(a: MatRef<'_, T>, shifted: bool) -> Result<Self, MatrixError> {
        Self::of_form_with(a, shifted, &mut ReductionMemory::new())
    }

    fn of_form_with(
        a: MatRef<'_, T>,
        shifted: bool,
        memory: &mut ReductionMemory<T>,
    ) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let (upper, lower) = (is_upper_triangular(a), is_upper_triangular(a.transpose()));
        let hermitian = is_hermitian(a);
        // Scaling would lose tiny entries of a triangular matrix; those of others are lost in rounding.
        let mut norm = if upper || lower { T::RealPart::ZERO } else { operator_norm_1(a) };
        let exponent = if upper || lower { 0 } else { even_exponent(norm) };
        let scaled: Mat<T>;
        let a = if exponent == 0 {
            a
        } else {
            scaled = scaled_by(a, -exponent);
            norm = operator_norm_1(scaled.as_ref());
            scaled.as_ref()
        };
        let (t, basis) = if upper {
            let mut t = taken(&mut memory.t, n);
            t.copy_from(a);
            (t, Basis::Same)
        } else if lower {
            let mut t = taken(&mut memory.t, n);
            t.copy_from(a.transpose());
            (t, Basis::Transposed)
        } else if hermitian {
            let (values, vectors) = T::hermitian_eigen(a).ok_or(MatrixError::NoConvergence {
                what: "the eigenvalues of a Hermitian matrix",
                iterations: n,
            })?;
            let t = Mat::from_fn(n, n, |i, j| if i == j { T::from_real(values[i].re()) } else { T::ZERO });
            (t, Basis::Unitary(vectors))
        } else {
            let (mut q, mut t) = (taken(&mut memory.q, n), taken(&mut memory.t, n));
            schur_into(a, norm, (q.as_mut(), t.as_mut()), &mut memory.schur)?;
            (t, Basis::Unitary(q))
        };
        // Nothing was rounded for a triangular matrix, whose norm was not asked for.
        let noise = noise::<T>(n, norm);
        Ok(Self { t, shifted, exponent, diagonal: hermitian || (upper && lower), hermitian, noise, basis })
    }

    /// $2^{-k} \lVert A \rVert_1$ for the $A$ that this is the reduction of; at most the largest number.
    pub(crate) fn scaled_norm(&self, a: MatRef<'_, T>) -> T::RealPart {
        let norm = if self.exponent == 0 {
            operator_norm_1(a)
        } else {
            operator_norm_1(scaled_by(a, -self.exponent).as_ref())
        };
        RealScalar::min(norm, T::RealPart::MAX)
    }

    pub(crate) fn order(&self) -> usize {
        self.t.nrows()
    }

    /// The eigenvalues, where $T$ is diagonal.
    pub(crate) fn eigenvalues(&self) -> Vec<T> {
        (0..self.order()).map(|i| ldexp(self.t[(i, i)], self.exponent)).collect()
    }

    /// $f(A)$ from the values of $f$ at the eigenvalues, where $T$ is diagonal.
    pub(crate) fn of_values(&self, what: &'static str, values: &[T]) -> Result<Mat<T>, MatrixError> {
        let n = self.order();
        let f = Mat::from_fn(n, n, |i, j| if i == j { values[i] } else { T::ZERO });
        let mut result = Mat::zeros(n, n);
        self.leave_value(f.as_ref(), result.as_mut());
        check_result(what, result.as_ref())?;
        Ok(result)
    }

    /// $Q^{\ast} E Q$: a direction in the basis of $T$.
    pub(crate) fn enter(&self, e: MatRef<'_, T>) -> Mat<T> {
        match &self.basis {
            Basis::Same => e.to_owned(),
            Basis::Transposed => e.transpose().to_owned(),
            Basis::Unitary(q) => multiply(adjoint_multiply(q.as_ref(), e).as_ref(), q.as_ref()),
        }
    }

    /// $Q X Q^{\ast}$: back from the basis of $T$.
    pub(crate) fn leave(&self, x: MatRef<'_, T>, mut out: MatMut<'_, T>) {
        match &self.basis {
            Basis::Same => out.copy_from(x),
            Basis::Transposed => out.copy_from(x.transpose()),
            Basis::Unitary(q) => {
                out.copy_from(multiply_adjoint(multiply(q.as_ref(), x).as_ref(), q.as_ref()));
            }
        }
    }

    /// $Q f(T) Q^{\ast}$ for the value of a function: exactly Hermitian where it must be. One and a half products.
    pub(crate) fn leave_value(&self, f: MatRef<'_, T>, out: MatMut<'_, T>) {
        self.leave_value_with(f, out, &mut ReductionMemory::new());
    }

    /// [`Self::leave_value`] with memory.
    pub(crate) fn leave_value_with(
        &self,
        f: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
        memory: &mut ReductionMemory<T>,
    ) {
        let n = self.order();
        let real = (0..n).all(|i| f[(i, i)].im() == T::RealPart::ZERO);
        match &self.basis {
            Basis::Unitary(v) if self.hermitian => {
                let scaled = Mat::from_fn(n, n, |i, j| v[(i, j)] * f[(j, j)]);
                if !real {
                    out.copy_from(multiply_adjoint(scaled.as_ref(), v.as_ref()));
                    return;
                }
                let adjoint = Mat::from_fn(n, n, |i, j| v[(j, i)].conj());
                T::triangular_product(
                    (out.as_mut(), BlockStructure::TriangularLower),
                    Accum::Replace,
                    (scaled.as_ref(), BlockStructure::Rectangular),
                    (adjoint.as_ref(), BlockStructure::Rectangular),
                    T::ONE,
                );
                for j in 0..n {
                    out[(j, j)] = T::from_real(out[(j, j)].re());
                    for i in j + 1..n {
                        out[(j, i)] = out[(i, j)].conj();
                    }
                }
            }
            Basis::Unitary(q) => {
                let mut half = taken(&mut memory.half, n);
                multiply_by_quasi_triangular(q.as_ref(), f, half.as_mut());
                T::product(
                    out,
                    Accum::Replace,
                    (half.as_ref(), Conj::No),
                    (q.transpose(), Conj::Yes),
                    T::ONE,
                );
                memory.half = half;
            }
            _ => self.leave(f, out),
        }
    }
}

/// $A + x I$ in place.
pub(crate) fn add_to_diagonal<T: Scalar>(mut a: MatMut<'_, T>, x: T) {
    for i in 0..a.nrows() {
        a[(i, i)] += x;
    }
}

/// Whether $\lVert A - I \rVert_1 \le 1/2$.
fn near_identity<T: Scalar>(a: MatRef<'_, T>) -> bool {
    let half = T::RealPart::from_f64(0.5);
    (0..a.ncols()).all(|j| {
        let mut sum = T::RealPart::ZERO;
        for i in 0..a.nrows() {
            sum += if i == j { (a[(i, j)] - T::ONE).modulus() } else { a[(i, j)].modulus() };
        }
        sum <= half
    })
}

/// An even power of 2 close to the norm where that is extreme, 0 elsewhere.
fn even_exponent<R: RealScalar>(norm: R) -> i32 {
    let limit = match R::PRECISION {
        Precision::Single => 50.0,
        Precision::Double => 300.0,
    };
    if norm == R::ZERO {
        return 0;
    }
    // The norm of entries near the largest number is infinite.
    let log = RealScalar::min(norm, R::MAX).to_f64().log2();
    if log.abs() <= limit { 0 } else { 2 * (log * 0.5).round() as i32 }
}

/// $2^k x$.
pub(crate) fn ldexp<T: Scalar>(x: T, k: i32) -> T {
    T::from_complex(x.re().ldexp(k).complex(x.im().ldexp(k)))
}

/// $2^k A$.
pub(crate) fn scaled_by<T: Scalar>(a: MatRef<'_, T>, k: i32) -> Mat<T> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| ldexp(a[(i, j)], k))
}

pub(crate) fn is_upper_triangular<T: Scalar>(a: MatRef<'_, T>) -> bool {
    (0..a.ncols()).all(|j| (j + 1..a.nrows()).all(|i| a[(i, j)] == T::ZERO))
}

pub(crate) fn is_hermitian<T: Scalar>(a: MatRef<'_, T>) -> bool {
    (0..a.ncols()).all(|j| (j..a.nrows()).all(|i| a[(i, j)] == a[(j, i)].conj()))
}

/// `Err` with an estimate of the size of the entries unless all of them are finite.
pub(crate) fn check_result<T: Scalar>(what: &'static str, x: MatRef<'_, T>) -> Result<(), MatrixError> {
    if (0..x.ncols()).all(|j| (0..x.nrows()).all(|i| x[(i, j)].finite())) {
        return Ok(());
    }
    Err(MatrixError::Overflow { what, ln_norm: T::RealPart::MAX.to_f64().ln() })
}
