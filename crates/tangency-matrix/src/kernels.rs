//! The heavy operations on matrices, as methods of the number type.
//!
//! They delegate to faer. Their point is where they are compiled: a method of a concrete type is compiled once, here,
//! and not anew in every program, test and doctest that uses a generic function of this crate. All of them keep their
//! bits whatever the number of threads: products and LU are those that faer splits over independent blocks of the
//! result (checked by a test), the others run on one thread.

use crate::MatrixError;
use crate::quasi_triangular::{
    DiagonalNorms, DiagonalQuotient, DiagonalRoot, DiagonalSquare, SmallSolveLeft, SmallSolveRight,
    SmallSylvester,
};
use crate::scalar::Scalar;
use crate::schur::SchurMemory;
use crate::square_root::SmallRoot;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::{lblt, llt};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::lu::partial_pivoting::factor as lu;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::matmul::{self};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::linalg::triangular_solve;
use faer::sparse::SparseColMatRef;
use faer::traits::ComplexField;
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par, Spec, c32, c64};
pub(crate) use hessenberg::HessenbergMemory;
use hessenberg::hessenberg_factor;
use qr::{complement, pivoted_qr_factor, qr_factor};
use std::cell::RefCell;
use tangency_vmath::dispatch;

mod hessenberg;
mod qr;
mod scratch;
pub(crate) mod sparse;

/// A matrix and whether it enters conjugated.
pub(crate) type Operand<'a, T> = (MatRef<'a, T>, Conj);

/// Hermitian eigendecomposition: eigenvalues in ascending order (with imaginary part zero), eigenvectors as columns.
pub(crate) type HermitianEigen<T> = (Vec<T>, Mat<T>);

/// Thin singular value decomposition: `U`, descending singular values (with imaginary part zero), `V`.
pub(crate) type ThinSvd<T> = (Mat<T>, Vec<T>, Mat<T>);

/// Products and factorisations of matrices of one number type.
#[allow(unnameable_types, reason = "it seals `Scalar` and is no part of the surface")]
pub trait Kernels: ComplexField {
    /// `dst = alpha·a·b`, or `dst += alpha·a·b`.
    fn product(
        dst: MatMut<'_, Self>,
        accumulate: Accum,
        a: Operand<'_, Self>,
        b: Operand<'_, Self>,
        alpha: Self,
    );

    /// The same where operands and result may be triangular: only the named parts are read and written.
    fn triangular_product(
        dst: (MatMut<'_, Self>, BlockStructure),
        accumulate: Accum,
        a: (MatRef<'_, Self>, BlockStructure),
        b: (MatRef<'_, Self>, BlockStructure),
        alpha: Self,
    );

    /// Runs `work` on so many numbers, whatever they are, from memory that this thread keeps between calls.
    fn with_scratch<R>(len: usize, work: impl FnOnce(&mut [Self]) -> R) -> R;

    /// `rhs := a⁻¹ rhs` for a triangular `a` (not strictly triangular, not rectangular).
    fn solve_triangular(a: Operand<'_, Self>, structure: BlockStructure, rhs: MatMut<'_, Self>);

    /// Scratch elements are two index arrays of length n. Returns the number of transpositions; `permutation[i]` is the
    /// row of the input that became row `i`. A zero pivot is not seen by it: the factor may then hold NaN.
    fn lu_in_place(a: MatMut<'_, Self>, permutation: &mut [usize], inverse: &mut [usize]) -> usize;

    /// Lower Cholesky factor in the lower triangle; `Err` with the index of the first pivot that is not positive.
    fn llt_in_place(a: MatMut<'_, Self>) -> Result<(), usize>;

    /// Bunch-Kaufman `P A Pᵀ = L B Lᴴ`: `L` below the diagonal, `B`'s diagonal on it, its subdiagonal returned.
    fn lblt_in_place(a: MatMut<'_, Self>) -> Vec<Self>;

    /// `a := Qᴴ a Q` upper Hessenberg with zeros below; `q` is the identity on entry and becomes `Q`.
    fn hessenberg_in_place(a: MatMut<'_, Self>, q: MatMut<'_, Self>, memory: &mut HessenbergMemory<Self>);

    /// Thin QR of an m x n matrix: `(Q, R)` with `R` upper triangular (trapezoidal if m < n); `Q` only if asked for.
    fn qr(a: MatRef<'_, Self>, want_q: bool) -> (Option<Mat<Self>>, Mat<Self>);

    /// The last m − n columns of the whole `Q` of an m x n matrix, m ≥ n: orthonormal, and orthogonal to its columns.
    fn qr_complement(a: MatRef<'_, Self>) -> Mat<Self>;

    /// QR with column pivoting `A P = Q R`: `(Q, R, permutation)` where column `j` of `A P` is `permutation[j]` of `A`.
    fn column_pivoted_qr(a: MatRef<'_, Self>, want_q: bool) -> (Option<Mat<Self>>, Mat<Self>, Vec<usize>);

    /// Thin singular value decomposition, or `None` if it did not converge.
    fn thin_svd(a: MatRef<'_, Self>) -> Option<ThinSvd<Self>>;

    /// Singular values, descending, or `None` if they did not converge.
    fn singular_values(a: MatRef<'_, Self>) -> Option<Vec<Self>>;

    /// Eigendecomposition of the Hermitian matrix in the lower triangle, or `None` if it did not converge.
    fn hermitian_eigen(a: MatRef<'_, Self>) -> Option<HermitianEigen<Self>>;

    /// Its eigenvalues alone, ascending.
    fn hermitian_eigenvalues(a: MatRef<'_, Self>) -> Option<Vec<Self>>;

    /// Pivots of a sparse LU factorisation with fill-reducing columns and partial pivoting, in the order of elimination,
    /// and whether rows and columns together were permuted oddly.
    fn sparse_lu_pivots(
        a: SparseColMatRef<'_, usize, Self>,
    ) -> Result<(Vec<Self>, bool), sparse::FactorError>;

    /// Diagonal of the Cholesky factor (`L`, or `D` of `L D Lᴴ` if `indefinite`) of the Hermitian matrix whose lower
    /// triangle is given, fill-reducing order.
    fn sparse_cholesky_diagonal(
        a: SparseColMatRef<'_, usize, Self>,
        indefinite: bool,
    ) -> Result<Vec<Self>, sparse::FactorError>;

    /// `X := A⁻¹ X` for a small quasi-triangular A of order n, in contiguous columns.
    fn small_solve_left(a: &[Self], n: usize, x: &mut [Self]);

    /// `X := X A⁻¹`; with `same_structure` X has the zeros of A.
    fn small_solve_right(a: &[Self], n: usize, x: &mut [Self], same_structure: bool);

    /// `A X + X B = C` in place of C for small quasi-triangular matrices with their orders; `Err` holds the indices of
    /// eigenvalues of A and −B that meet where an entry of C is above `negligible`.
    fn small_sylvester(
        a: (&[Self], usize),
        b: (&[Self], usize),
        c: &mut [Self],
        negligible: f64,
    ) -> Result<(), (usize, usize)>;

    /// `P A = L U` of a matrix of order n in contiguous columns, `exchanges` being scratch of n indices; the number of
    /// transpositions, or `None` at the first pivot without a reciprocal.
    fn lu_factor(
        a: &mut [Self],
        n: usize,
        permutation: &mut [usize],
        exchanges: &mut [usize],
    ) -> Option<usize>;

    /// Square root of a small quasi-triangular matrix; `index` is its place in the matrix that errors speak of.
    fn small_root(t: &mut [Self], n: usize, index: usize, negligible: f64) -> Result<(), MatrixError>;

    /// Square root by diagonals; `false` for unusual eigenvalues.
    fn diagonal_root(root: DiagonalRoot<'_, Self>) -> Result<bool, MatrixError>
    where
        Self: Scalar;

    /// Square by diagonals.
    fn diagonal_square(square: DiagonalSquare<'_, Self>)
    where
        Self: Scalar;

    /// Weighted quotient of matrices by diagonals.
    fn diagonal_quotient(quotient: DiagonalQuotient<'_, Self>)
    where
        Self: Scalar;

    /// Norms of a matrix by diagonals.
    fn diagonal_norms(norms: DiagonalNorms<'_, Self>) -> [f64; 2]
    where
        Self: Scalar;

    /// Schur form `A = Q T Qᴴ` of a square finite matrix into `(Q, T)`, or `Err` with the iterations made.
    fn schur_factor(
        a: MatRef<'_, Self>,
        factors: (MatMut<'_, Self>, MatMut<'_, Self>),
        memory: &mut SchurMemory<Self>,
    ) -> Result<(), usize>
    where
        Self: Scalar;

    /// The Schur form `(q, t)` with its blocks sorted by the keys of their rows; `Err` for two too close to be exchanged.
    fn schur_sort(
        q: MatRef<'_, Self>,
        t: MatRef<'_, Self>,
        keys: &[usize],
    ) -> Result<(Mat<Self>, Mat<Self>), f64>;

    /// `c := X` with `a X + X b = c` for upper quasi-triangular `a` and `b`. Returns the smallest pivot, by itself and
    /// relative to the entries of its diagonal blocks.
    fn triangular_sylvester(a: MatRef<'_, Self>, b: MatRef<'_, Self>, c: MatMut<'_, Self>) -> [f64; 2];
}

/// Smallest order at which a product is worth two threads.
#[cfg(feature = "rayon")]
const PARALLEL_FLOPS: usize = 100 * 100 * 100;

/// How many threads for a product of so many multiply-adds.
#[cfg(feature = "rayon")]
fn parallelism(multiply_adds: usize) -> Par {
    if multiply_adds >= PARALLEL_FLOPS { Par::rayon(0) } else { Par::Seq }
}

#[cfg(not(feature = "rayon"))]
fn parallelism(_: usize) -> Par {
    Par::Seq
}

fn buffer(request: StackReq) -> MemBuffer {
    MemBuffer::new(request)
}

fn singular_value_decomposition<T: ComplexField>(a: MatRef<'_, T>, vectors: bool) -> Option<ThinSvd<T>> {
    let (m, n) = a.shape();
    let size = m.min(n);
    let columns = if vectors { size } else { 0 };
    let (mut u, mut v) = (Mat::<T>::zeros(m, columns), Mat::<T>::zeros(n, columns));
    let mut s = faer::Col::<T>::zeros(size);
    if size > 0 {
        let compute = if vectors { ComputeSvdVectors::Thin } else { ComputeSvdVectors::No };
        let mut memory = buffer(svd_scratch::<T>(m, n, compute, compute, Par::Seq, Spec::default()));
        svd(
            a,
            s.as_mut().as_diagonal_mut(),
            vectors.then(|| u.as_mut()),
            vectors.then(|| v.as_mut()),
            Par::Seq,
            MemStack::new(&mut memory),
            Spec::default(),
        )
        .ok()?;
    }
    Some((u, (0..size).map(|i| s[i].clone()).collect(), v))
}

fn hermitian_eigendecomposition<T: ComplexField>(
    a: MatRef<'_, T>,
    vectors: bool,
) -> Option<HermitianEigen<T>> {
    let n = a.nrows();
    let mut s = faer::Col::<T>::zeros(n);
    let mut u = if vectors { Mat::<T>::zeros(n, n) } else { Mat::new() };
    if n > 0 {
        let compute = if vectors { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
        let mut memory = buffer(self_adjoint_evd_scratch::<T>(n, compute, Par::Seq, Spec::default()));
        self_adjoint_evd(
            a,
            s.as_mut().as_diagonal_mut(),
            vectors.then(|| u.as_mut()),
            Par::Seq,
            MemStack::new(&mut memory),
            Spec::default(),
        )
        .ok()?;
    }
    Some(((0..n).map(|i| s[i].clone()).collect(), u))
}

/// One implementation for a number type; a macro because generic code would be compiled downstream again.
macro_rules! kernels {
    ($t:ty) => {
        impl Kernels for $t {
            fn product(
                dst: MatMut<'_, Self>,
                accumulate: Accum,
                (a, conj_a): Operand<'_, Self>,
                (b, conj_b): Operand<'_, Self>,
                alpha: Self,
            ) {
                let par = parallelism(a.nrows() * a.ncols() * b.ncols());
                matmul::matmul_with_conj(dst, accumulate, a, conj_a, b, conj_b, alpha, par);
            }

            fn triangular_product(
                (dst, structure): (MatMut<'_, Self>, BlockStructure),
                accumulate: Accum,
                (a, structure_a): (MatRef<'_, Self>, BlockStructure),
                (b, structure_b): (MatRef<'_, Self>, BlockStructure),
                alpha: Self,
            ) {
                let par = parallelism(a.nrows() * a.ncols() * b.ncols() / 3);
                triangular::matmul(dst, structure, accumulate, a, structure_a, b, structure_b, alpha, par);
            }

            fn with_scratch<R>(len: usize, work: impl FnOnce(&mut [Self]) -> R) -> R {
                thread_local! {
                    static KEPT: RefCell<Vec<$t>> = const { RefCell::new(Vec::new()) };
                }
                scratch::run(&KEPT, len, work)
            }

            fn solve_triangular(
                (a, conj): Operand<'_, Self>,
                structure: BlockStructure,
                rhs: MatMut<'_, Self>,
            ) {
                let par = Par::Seq;
                match structure {
                    BlockStructure::TriangularLower => {
                        triangular_solve::solve_lower_triangular_in_place_with_conj(a, conj, rhs, par);
                    }
                    BlockStructure::UnitTriangularLower => {
                        triangular_solve::solve_unit_lower_triangular_in_place_with_conj(a, conj, rhs, par);
                    }
                    BlockStructure::TriangularUpper => {
                        triangular_solve::solve_upper_triangular_in_place_with_conj(a, conj, rhs, par);
                    }
                    _ => triangular_solve::solve_unit_upper_triangular_in_place_with_conj(a, conj, rhs, par),
                }
            }

            fn lu_in_place(a: MatMut<'_, Self>, permutation: &mut [usize], inverse: &mut [usize]) -> usize {
                let (m, n) = a.shape();
                let par = parallelism(m * n * m.min(n) / 8);
                let request = lu::lu_in_place_scratch::<usize, Self>(m, n, par, Spec::default());
                let mut memory = buffer(request);
                lu::lu_in_place(a, permutation, inverse, par, MemStack::new(&mut memory), Spec::default())
                    .0
                    .transposition_count
            }

            fn llt_in_place(a: MatMut<'_, Self>) -> Result<(), usize> {
                let n = a.nrows();
                let mut memory =
                    buffer(llt::factor::cholesky_in_place_scratch::<Self>(n, Par::Seq, Spec::default()));
                match llt::factor::cholesky_in_place(
                    a,
                    llt::factor::LltRegularization::default(),
                    Par::Seq,
                    MemStack::new(&mut memory),
                    Spec::default(),
                ) {
                    Ok(_) => Ok(()),
                    Err(llt::factor::LltError::NonPositivePivot { index }) => Err(index),
                }
            }

            fn lblt_in_place(a: MatMut<'_, Self>) -> Vec<Self> {
                let n = a.nrows();
                let mut subdiagonal = faer::Col::<Self>::zeros(n);
                let (mut permutation, mut inverse) = (vec![0_usize; n], vec![0; n]);
                let mut memory = buffer(lblt::factor::cholesky_in_place_scratch::<usize, Self>(
                    n,
                    Par::Seq,
                    Spec::default(),
                ));
                lblt::factor::cholesky_in_place(
                    a,
                    subdiagonal.as_mut().as_diagonal_mut(),
                    &mut permutation,
                    &mut inverse,
                    Par::Seq,
                    MemStack::new(&mut memory),
                    Spec::default(),
                );
                (0..n).map(|i| subdiagonal[i]).collect()
            }

            fn hessenberg_in_place(
                a: MatMut<'_, Self>,
                q: MatMut<'_, Self>,
                memory: &mut HessenbergMemory<Self>,
            ) {
                hessenberg_factor(a, q, memory);
            }

            fn qr(a: MatRef<'_, Self>, want_q: bool) -> (Option<Mat<Self>>, Mat<Self>) {
                qr_factor(a.to_owned(), want_q)
            }

            fn qr_complement(a: MatRef<'_, Self>) -> Mat<Self> {
                complement(a.to_owned())
            }

            fn column_pivoted_qr(
                a: MatRef<'_, Self>,
                want_q: bool,
            ) -> (Option<Mat<Self>>, Mat<Self>, Vec<usize>) {
                pivoted_qr_factor(a.to_owned(), want_q)
            }

            fn thin_svd(a: MatRef<'_, Self>) -> Option<ThinSvd<Self>> {
                singular_value_decomposition(a, true)
            }

            fn singular_values(a: MatRef<'_, Self>) -> Option<Vec<Self>> {
                singular_value_decomposition(a, false).map(|(_, s, _)| s)
            }

            fn hermitian_eigen(a: MatRef<'_, Self>) -> Option<HermitianEigen<Self>> {
                hermitian_eigendecomposition(a, true)
            }

            fn hermitian_eigenvalues(a: MatRef<'_, Self>) -> Option<Vec<Self>> {
                hermitian_eigendecomposition(a, false).map(|(values, _)| values)
            }

            fn sparse_lu_pivots(
                a: SparseColMatRef<'_, usize, Self>,
            ) -> Result<(Vec<Self>, bool), sparse::FactorError> {
                sparse::lu_pivots(a)
            }

            fn sparse_cholesky_diagonal(
                a: SparseColMatRef<'_, usize, Self>,
                indefinite: bool,
            ) -> Result<Vec<Self>, sparse::FactorError> {
                sparse::cholesky_diagonal(a, indefinite, |pivot| {
                    crate::RealScalar::to_f64(crate::Scalar::re(*pivot))
                })
            }

            fn small_solve_left(a: &[Self], n: usize, x: &mut [Self]) {
                dispatch(SmallSolveLeft { a, n, x });
            }

            fn small_solve_right(a: &[Self], n: usize, x: &mut [Self], same_structure: bool) {
                dispatch(SmallSolveRight { a, n, x, same_structure });
            }

            fn small_sylvester(
                a: (&[Self], usize),
                b: (&[Self], usize),
                x: &mut [Self],
                negligible: f64,
            ) -> Result<(), (usize, usize)> {
                dispatch(SmallSylvester { a, b, x, negligible })
            }

            fn lu_factor(
                a: &mut [Self],
                n: usize,
                permutation: &mut [usize],
                exchanges: &mut [usize],
            ) -> Option<usize> {
                crate::determinant::lu_factor(a, n, permutation, exchanges)
            }

            fn small_root(
                t: &mut [Self],
                n: usize,
                index: usize,
                negligible: f64,
            ) -> Result<(), MatrixError> {
                dispatch(SmallRoot { t, n, index, negligible })
            }

            fn diagonal_root(root: DiagonalRoot<'_, Self>) -> Result<bool, MatrixError> {
                dispatch(root)
            }

            fn diagonal_square(square: DiagonalSquare<'_, Self>) {
                dispatch(square);
            }

            fn diagonal_quotient(quotient: DiagonalQuotient<'_, Self>) {
                dispatch(quotient);
            }

            fn diagonal_norms(norms: DiagonalNorms<'_, Self>) -> [f64; 2] {
                dispatch(norms)
            }

            fn schur_factor(
                a: MatRef<'_, Self>,
                factors: (MatMut<'_, Self>, MatMut<'_, Self>),
                memory: &mut SchurMemory<Self>,
            ) -> Result<(), usize> {
                crate::schur::factor(a, factors, memory)
            }

            fn schur_sort(
                q: MatRef<'_, Self>,
                t: MatRef<'_, Self>,
                keys: &[usize],
            ) -> Result<(Mat<Self>, Mat<Self>), f64> {
                crate::schur::sorted(q, t, keys)
            }

            fn triangular_sylvester(
                a: MatRef<'_, Self>,
                b: MatRef<'_, Self>,
                c: MatMut<'_, Self>,
            ) -> [f64; 2] {
                crate::sylvester::solve_triangular(a, b, c)
            }
        }
    };
}

kernels!(f32);
kernels!(f64);
kernels!(c32);
kernels!(c64);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests;
