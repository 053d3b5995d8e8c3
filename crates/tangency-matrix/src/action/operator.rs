//! The matrix, as far as it must be known.

use super::sparse::{Entries, SparseRows};
use super::sweep::larger;
use crate::MatrixError;
use crate::norm::estimate_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::matrix_free::{BiLinOp, LinOp};
use faer::sparse::{SparseColMat, SparseColMatRef, SparseRowMat, SparseRowMatRef};
use faer::traits::Index;
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par};

/// Columns that are worked on together where entries are seen; a sparse matrix is then read once for all of them.
const BLOCK_OF_SPARSE: usize = 8;
/// The same for dense matrices and operators.
const BLOCK_OF_OTHERS: usize = 32;

/// A square matrix given by its entries or by its products.
///
/// - `LinearOperator::from(a)` of a `MatRef`, `SparseColMatRef` or `SparseRowMatRef` (or a reference to the matrix):
///   norm, trace and symmetry are read from the entries, in one pass. A sparse matrix is copied by rows.
/// - [`from_products`](Self::from_products): any faer operator that knows $x \mapsto Ax$.
/// - [`from_products_and_adjoint`](Self::from_products_and_adjoint): one that knows $x \mapsto A^{\ast} x$ too.
///
/// # Example: three ways to the same matrix
///
/// ```
/// use faer::{mat, sparse::{SparseColMat, Triplet}};
/// use tangency_matrix::{ActionOptions, LinearOperator, expm_multiply};
///
/// let dense = mat![[0.0, 1.0], [-1.0, 0.0]];
/// let sparse = SparseColMat::<usize, f64>::try_new_from_triplets(
///     2, 2, &[Triplet::new(0, 1, 1.0), Triplet::new(1, 0, -1.0)],
/// ).unwrap();
/// let b = mat![[1.0], [0.0]];
/// for a in [
///     LinearOperator::from(&dense),
///     LinearOperator::from(&sparse),
///     LinearOperator::from_products(&dense),
/// ] {
///     let rotated = expm_multiply(&a, 0.5, b.as_ref(), &ActionOptions::default())?;
///     assert!((rotated.value[(0, 0)] - 0.5_f64.cos()).abs() < 1e-15);
///     assert!((rotated.value[(1, 0)] + 0.5_f64.sin()).abs() < 1e-15);
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LinearOperator<'a, T: Scalar> {
    kind: Kind<'a, T>,
    trace: Option<T>,
    claimed_hermitian: bool,
    entries: Option<Entries<T>>,
}

#[derive(Debug, Clone)]
enum Kind<'a, T: Scalar> {
    Dense(MatRef<'a, T>),
    Sparse(SparseRows<T>),
    /// A sparse matrix of this shape, which is refused.
    NotSquare(usize, usize),
    Products(&'a dyn LinOp<T>),
    WithAdjoint(&'a dyn BiLinOp<T>),
}

impl<'a, T: Scalar> From<MatRef<'a, T>> for LinearOperator<'a, T> {
    fn from(a: MatRef<'a, T>) -> Self {
        let n = a.nrows().min(a.ncols());
        let mut entries = Entries::new(n);
        (entries.hermitian, entries.skew) = (true, true);
        entries.stored = n * n;
        for j in 0..n {
            for i in 0..n {
                entries.add(i, j, a[(i, j)]);
                if i <= j {
                    entries.hermitian &= a[(i, j)] == a[(j, i)].conj();
                    entries.skew &= a[(i, j)] == -a[(j, i)].conj();
                }
            }
        }
        Self { kind: Kind::Dense(a), trace: None, claimed_hermitian: false, entries: Some(entries) }
    }
}

impl<'a, T: Scalar> From<&'a Mat<T>> for LinearOperator<'a, T> {
    fn from(a: &'a Mat<T>) -> Self {
        a.as_ref().into()
    }
}

impl<T: Scalar, I: Index> From<SparseRowMatRef<'_, I, T>> for LinearOperator<'_, T> {
    fn from(a: SparseRowMatRef<'_, I, T>) -> Self {
        let (n, s) = (a.nrows(), a.symbolic());
        if n != a.ncols() {
            return Self::not_square(n, a.ncols());
        }
        Self::from_sparse(SparseRows::new(n, (s.row_ptr(), s.row_nnz()), s.col_idx(), a.val()), false)
    }
}

impl<T: Scalar, I: Index> From<SparseColMatRef<'_, I, T>> for LinearOperator<'_, T> {
    fn from(a: SparseColMatRef<'_, I, T>) -> Self {
        let (n, s) = (a.nrows(), a.symbolic());
        if n != a.ncols() {
            return Self::not_square(n, a.ncols());
        }
        Self::from_sparse(SparseRows::new(n, (s.col_ptr(), s.col_nnz()), s.row_idx(), a.val()), true)
    }
}

impl<T: Scalar, I: Index> From<&SparseRowMat<I, T>> for LinearOperator<'_, T> {
    fn from(a: &SparseRowMat<I, T>) -> Self {
        a.as_ref().into()
    }
}

impl<T: Scalar, I: Index> From<&SparseColMat<I, T>> for LinearOperator<'_, T> {
    fn from(a: &SparseColMat<I, T>) -> Self {
        a.as_ref().into()
    }
}

impl<'a, T: Scalar> LinearOperator<'a, T> {
    /// From products with $A$ alone: the method will be Krylov's, or Chebyshev's if [`hermitian`](Self::hermitian).
    pub fn from_products(a: &'a dyn LinOp<T>) -> Self {
        Self { kind: Kind::Products(a), trace: None, claimed_hermitian: false, entries: None }
    }

    /// From products with $A$ and $A^{\ast}$: the norms that Taylor's method needs are estimated.
    ///
    /// The adjoint is tested on one random pair of vectors; if $\langle y, Ax \rangle$ and $\langle A^{\ast} y, x \rangle$
    /// differ, it is not used, and the operator is taken as if from products alone. A bilinear check on one pair finds
    /// a wrong adjoint unless the error happens to vanish on it; it proves nothing more.
    pub fn from_products_and_adjoint(a: &'a dyn BiLinOp<T>) -> Self {
        Self { kind: Kind::WithAdjoint(a), trace: None, claimed_hermitian: false, entries: None }
    }

    /// Gives the trace of an operator, which centres its spectrum and so saves products; entries give it unasked.
    #[must_use]
    pub fn with_trace(mut self, trace: T) -> Self {
        self.trace = Some(trace);
        self
    }

    /// Claims that an operator without entries is Hermitian. The claim is tested on two random vectors, and ignored if
    /// they refute it; of a matrix with entries, the entries decide.
    #[must_use]
    pub fn hermitian(mut self) -> Self {
        self.claimed_hermitian = true;
        self
    }

    /// From the rows, or from those of the transpose: only a matrix without symmetry has to be transposed.
    fn from_sparse(mut rows: SparseRows<T>, transposed: bool) -> Self {
        let read = || {
            let runs = rows.find_runs();
            let entries = rows.entries(&runs, transposed);
            (runs, entries)
        };
        #[cfg(feature = "rayon")]
        let (mut symmetry, (runs, mut entries)) = rayon::join(|| rows.symmetry(), read);
        #[cfg(not(feature = "rayon"))]
        let (mut symmetry, (runs, mut entries)) = (rows.symmetry(), read());
        rows.runs = runs;
        match symmetry {
            _ if !transposed => {}
            (true, _) if T::IS_REAL => {}
            (true, _) => rows.change_values(Scalar::conj),
            (_, true) => rows.change_values(|x| -x.conj()),
            _ => {
                rows = rows.transposed();
                rows.runs = rows.find_runs();
                symmetry = rows.symmetry(); // columns that were not sorted have hidden it
            }
        }
        (entries.hermitian, entries.skew) = symmetry;
        Self { kind: Kind::Sparse(rows), trace: None, claimed_hermitian: false, entries: Some(entries) }
    }

    /// What [`check`](Self::check) refuses.
    fn not_square(rows: usize, columns: usize) -> Self {
        Self { kind: Kind::NotSquare(rows, columns), trace: None, claimed_hermitian: false, entries: None }
    }

    /// Order, or what is wrong with the matrix.
    pub(super) fn check(&self) -> Result<usize, MatrixError> {
        let (rows, columns) = match &self.kind {
            Kind::Dense(a) => a.shape(),
            Kind::Sparse(a) => (a.order(), a.order()),
            Kind::NotSquare(rows, columns) => (*rows, *columns),
            Kind::Products(a) => (a.nrows(), a.ncols()),
            Kind::WithAdjoint(a) => (a.nrows(), a.ncols()),
        };
        if rows != columns {
            return Err(MatrixError::NotSquare { rows, columns });
        }
        if rows > u32::MAX as usize {
            let range = "below 2^32";
            return Err(MatrixError::OutOfRange { what: "the order", range, value: rows as f64 });
        }
        if let Some((row, column)) = self.entries.as_ref().and_then(|e| e.not_finite) {
            return Err(MatrixError::NotFinite { row, column });
        }
        if self.trace.is_some_and(|trace| !trace.finite()) {
            return Err(MatrixError::OutOfRange { what: "the trace", range: "finite", value: f64::NAN });
        }
        Ok(rows)
    }

    pub(super) fn entries(&self) -> Option<&Entries<T>> {
        self.entries.as_ref()
    }

    pub(super) fn claims_hermitian(&self) -> bool {
        self.claimed_hermitian
    }

    /// tr(A)/n, or 0 where it is not known.
    pub(super) fn mean_eigenvalue(&self, n: usize) -> T {
        let given = self.trace.map(|trace| trace.scale(T::RealPart::from_f64(1.0 / n as f64)));
        let mean = given.or_else(|| self.entries.as_ref().map(Entries::mean)).unwrap_or(T::ZERO);
        if mean.finite() { mean } else { T::ZERO }
    }

    pub(super) fn has_adjoint(&self) -> bool {
        !matches!(self.kind, Kind::Products(_))
    }

    /// Whether a block lies in memory row by row.
    pub(super) fn by_rows(&self) -> bool {
        matches!(self.kind, Kind::Sparse(_))
    }

    /// Columns to work on together, when so many are left.
    pub(super) fn block_width(&self, left: usize) -> usize {
        match self.kind {
            Kind::Sparse(_) => [BLOCK_OF_SPARSE, 4, 2, 1].into_iter().find(|&w| w <= left).unwrap_or(1),
            _ => left.min(BLOCK_OF_OTHERS),
        }
    }

    /// Memory for products with so many columns at most.
    pub(super) fn scratch(&self, columns: usize) -> Scratch<T> {
        let request = match &self.kind {
            Kind::Products(a) => a.apply_scratch(columns, Par::Seq),
            Kind::WithAdjoint(a) => {
                a.apply_scratch(columns, Par::Seq).or(a.transpose_apply_scratch(columns, Par::Seq))
            }
            _ => faer::dyn_stack::StackReq::EMPTY,
        };
        Scratch { memory: MemBuffer::new(request), image: Vec::new(), adjoint: None, own_adjoint: false }
    }

    /// `y = A x` or `y = Aᴴ x`.
    pub(super) fn apply(&self, adjoint: bool, y: MatMut<'_, T>, x: MatRef<'_, T>, scratch: &mut Scratch<T>) {
        let adjoint = adjoint && !scratch.own_adjoint;
        let stack = MemStack::new(&mut scratch.memory);
        match (&self.kind, adjoint) {
            (Kind::Dense(a), false) => T::product(y, Accum::Replace, (*a, Conj::No), (x, Conj::No), T::ONE),
            (Kind::Dense(a), true) => {
                T::product(y, Accum::Replace, (a.transpose(), Conj::Yes), (x, Conj::No), T::ONE);
            }
            (Kind::Sparse(a), false) => a.apply(y, x),
            (Kind::Sparse(a), true) => scratch.adjoint.get_or_insert_with(|| a.adjoint()).apply(y, x),
            (Kind::NotSquare(..), _) => {}
            (Kind::Products(a), _) => a.apply(y, x, Par::Seq, stack),
            (Kind::WithAdjoint(a), false) => a.apply(y, x, Par::Seq, stack),
            (Kind::WithAdjoint(a), true) => a.adjoint_apply(y, x, Par::Seq, stack),
        }
    }

    /// `y = A x` for one column.
    pub(super) fn apply_to_vector(&self, y: &mut [T], x: &[T], scratch: &mut Scratch<T>) {
        if let Kind::Sparse(a) = &self.kind {
            return a.apply_to_vector(y, x);
        }
        let n = x.len();
        let target = MatMut::from_column_major_slice_mut(y, n, 1);
        self.apply(false, target, MatRef::from_column_major_slice(x, n, 1), scratch);
    }

    /// `y := α A x + β x + γ y; sum += δ y` on a block, and the largest entries of both by columns.
    pub(super) fn step(
        &self,
        r: &Recurrence<T>,
        (x, y, sum): (&[T], &mut [T], &mut [T]),
        largest: &mut Largest<T>,
        scratch: &mut Scratch<T>,
    ) {
        if let Kind::Sparse(a) = &self.kind {
            return a.step(r, x, y, sum, largest);
        }
        let width = largest.width();
        let n = x.len() / width;
        let mut image = std::mem::take(&mut scratch.image);
        image.resize(x.len(), T::ZERO);
        let target = MatMut::from_column_major_slice_mut(&mut image, n, width);
        self.apply(false, target, MatRef::from_column_major_slice(x, n, width), scratch);
        for j in 0..width {
            let column = j * n..(j + 1) * n;
            let (mut term_max, mut sum_max) = (T::RealPart::ZERO, T::RealPart::ZERO);
            let entries = image[column.clone()].iter().zip(&x[column.clone()]);
            let targets = y[column.clone()].iter_mut().zip(&mut sum[column]);
            for ((&image, &x), (y, sum)) in entries.zip(targets) {
                (*y, *sum) = r.combine(image, x, *y, *sum);
                term_max = larger(term_max, *y);
                sum_max = larger(sum_max, *sum);
            }
            largest.term[j] = term_max;
            largest.sum[j] = sum_max;
        }
        scratch.image = image;
    }

    /// Estimate of $\lVert (A - \mu I)^k \rVert_1$; adds the products used.
    pub(super) fn norm_of_power(
        &self,
        n: usize,
        mu: T,
        k: usize,
        scratch: &mut Scratch<T>,
        products: &mut usize,
    ) -> f64 {
        let mut image = Mat::zeros(n, 2);
        let norm = estimate_norm_1(n, |adjoint, mut x: MatMut<'_, T>| {
            let shift = if adjoint { mu.conj() } else { mu };
            let width = x.ncols();
            for _ in 0..k {
                let mut y = image.as_mut().subcols_mut(0, width);
                self.apply(adjoint, y.as_mut(), x.as_ref(), scratch);
                for j in 0..width {
                    let (x, y) = (x.as_mut().col_mut(j), y.as_ref().col(j));
                    x.iter_mut().zip(y.iter()).for_each(|(x, &y)| *x = y - shift * *x);
                }
                *products += width;
            }
        });
        norm.to_f64()
    }

    /// Whether the adjoint is that of the products, and whether the operator is its own, on random vectors.
    pub(super) fn probe(&self, n: usize, scratch: &mut Scratch<T>, products: &mut usize) -> (bool, bool) {
        let x = random_vector::<T>(n, 1);
        let y = random_vector::<T>(n, 2);
        let mut image = vec![T::ZERO; n];
        let mut pair = |adjoint: bool, x: &[T], y: &[T]| {
            let target = MatMut::from_column_major_slice_mut(&mut image, n, 1);
            self.apply(adjoint, target, MatRef::from_column_major_slice(x, n, 1), scratch);
            *products += 1;
            let (mut product, mut size) = (T::ZERO, T::RealPart::ZERO);
            for (y, &image) in y.iter().zip(&image) {
                let term = y.conj() * image;
                product += term;
                size += term.modulus();
            }
            (product, size)
        };
        let slack = T::RealPart::from_f64(T::RealPart::UNIT_ROUNDOFF.to_f64().sqrt());
        let agree = |(a, size): (T, T::RealPart), (b, other): (T, T::RealPart)| {
            (a - b.conj()).modulus() <= slack * RealScalar::max(size, other)
        };
        let forward = pair(false, &x, &y); // ⟨y, A x⟩
        let adjoint = self.has_adjoint() && agree(forward, pair(true, &y, &x)); // ⟨x, Aᴴ y⟩ is its conjugate
        let own = self.claimed_hermitian && agree(forward, pair(false, &y, &x));
        (adjoint, own)
    }
}

/// Entries from (−1, 1), from a fixed stream; complex where the type is.
pub(super) fn random_vector<T: Scalar>(n: usize, seed: u64) -> Vec<T> {
    let mut stream = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        stream ^= stream << 13;
        stream ^= stream >> 7;
        stream ^= stream << 17;
        T::RealPart::from_f64((stream >> 11) as f64 * 2.0_f64.powi(-52) - 1.0)
    };
    (0..n).map(|_| T::from_complex(next().complex(next()))).collect()
}

/// Memory that products need.
pub(super) struct Scratch<T> {
    memory: MemBuffer,
    image: Vec<T>,
    /// Of a sparse matrix, made when it is first needed.
    adjoint: Option<SparseRows<T>>,
    /// Products with A stand for those with its adjoint: a Hermitian operator that does not know its adjoint, or wrongly.
    pub(super) own_adjoint: bool,
}

/// `y := α A x + β x + γ y; sum += δ y`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recurrence<T> {
    pub(super) alpha: T,
    pub(super) beta: T,
    pub(super) gamma: T,
    pub(super) delta: T,
}

impl<T: Scalar> Recurrence<T> {
    /// New term and new sum of one entry.
    #[inline(always)]
    pub(super) fn combine(&self, image: T, x: T, y: T, sum: T) -> (T, T) {
        let term = self.alpha * image + self.beta * x + self.gamma * y;
        (term, sum + self.delta * term)
    }
}

/// Largest entries (as |re| + |im|) of the term and of the sum, by columns.
#[derive(Debug, Clone)]
pub(super) struct Largest<T: Scalar> {
    pub(super) term: Vec<T::RealPart>,
    pub(super) sum: Vec<T::RealPart>,
}

impl<T: Scalar> Largest<T> {
    pub(super) fn new(width: usize) -> Self {
        Self { term: vec![T::RealPart::ZERO; width], sum: vec![T::RealPart::ZERO; width] }
    }

    pub(super) fn width(&self) -> usize {
        self.term.len()
    }
}
