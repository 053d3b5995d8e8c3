//! The Schur form $A = Q T Q^*$, on which logarithms, roots, general functions and linear matrix equations are built.

mod deflation;
mod double_shift;
mod multishift;
mod reflect;
mod reorder;
pub(crate) mod small;
mod standardise;
mod window;

use crate::MatrixError;
use crate::kernels::HessenbergMemory;
use crate::norm::check_square_finite;
use crate::product::multiply;
use crate::scalar::{Precision, RealScalar, Scalar};
use double_shift::Target;
use faer::prelude::ReborrowMut;
use faer::{Mat, MatMut, MatRef};
use multishift::{Blocked, iterate_blocked};
use window::{Unblocked, stride};

/// A Schur form $A = Q T Q^*$.
///
/// $Q$ is unitary. For complex matrices $T$ is upper triangular, with the eigenvalues on its diagonal. For real ones it
/// is quasi-triangular: blocks of order one hold the real eigenvalues; a pair $\alpha \pm i \beta$ has a block of order
/// two with equal diagonal entries $\alpha$ and off-diagonal ones of opposite sign with product $-\beta^2$. Everything
/// below is exactly zero.
///
/// Made by [`schur`].
#[derive(Debug, Clone)]
pub struct Schur<T> {
    q: Mat<T>,
    t: Mat<T>,
}

/// The Schur form of a square matrix.
///
/// $$ A = Q T Q^*, \quad Q^* Q = I $$
///
/// Reduction to Hessenberg form, then the QR algorithm with the deflation criterion of Ahues and Tisseur. It is backward
/// stable: the computed factors are exact for a matrix within $O(n u) \lVert A \rVert$ of $A$. Cost: about $25 n^3$
/// flops, as much as 12 products.
///
/// # Errors
///
/// `NotSquare`, `NotFinite`; `Overflow` if an entry of $T$ does not fit into the number type, which needs
/// $\lVert A \rVert$ within a factor $n$ of the largest number; `NoConvergence` after 30 iterations for each eigenvalue
/// on average, which no known matrix needs.
///
/// # Example: a rotation has no real eigenvalues, and its block of order two stays
///
/// ```
/// use faer::{c64, mat};
/// use tangency_matrix::schur;
///
/// let a = mat![[0.0_f64, -2.0, 5.0], [2.0, 0.0, 1.0], [0.0, 0.0, 3.0]];
/// let form = schur(a.as_ref())?;
/// let back = form.q() * form.t() * form.q().transpose();
/// assert!((back - &a).norm_max() < 1e-14);
/// let eigenvalues = form.eigenvalues();
/// assert!(eigenvalues.iter().any(|&z| (z - c64::new(0.0, 2.0)).norm() < 1e-14));
/// assert!(eigenvalues.iter().any(|&z| (z - c64::new(3.0, 0.0)).norm() < 1e-14));
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// J. G. F. Francis, *The QR transformation*, Comput. J. 4 (1961, 1962).
pub fn schur<T: Scalar>(a: MatRef<'_, T>) -> Result<Schur<T>, MatrixError> {
    let n = check_square_finite(a)?;
    let (mut q, mut t) = (Mat::zeros(n, n), Mat::zeros(n, n));
    factor_scaled(a, scaling_exponent(a), (q.as_mut(), t.as_mut()), &mut SchurMemory::default())?;
    Ok(Schur { q, t })
}

/// Memory of the Schur form for matrices of one order, made when it is first needed.
#[derive(Debug, Clone)]
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct SchurMemory<T: Scalar> {
    h: Vec<T>,
    q: Vec<T>,
    hessenberg: HessenbergMemory<T>,
    blocked: Blocked<T>,
}

impl<T: Scalar> Default for SchurMemory<T> {
    fn default() -> Self {
        Self {
            h: Vec::new(),
            q: Vec::new(),
            hessenberg: HessenbergMemory::default(),
            blocked: Blocked::default(),
        }
    }
}

/// [`schur`] of a matrix that was checked, with its 1-norm, into $(Q, T)$.
pub(crate) fn schur_into<T: Scalar>(
    a: MatRef<'_, T>,
    norm: T::RealPart,
    factors: (MatMut<'_, T>, MatMut<'_, T>),
    memory: &mut SchurMemory<T>,
) -> Result<(), MatrixError> {
    // The largest part of an entry lies between norm / (2 n) and norm.
    let (log, n) = (norm.to_f64().log2(), a.nrows() as f64);
    let limit = if T::PRECISION == Precision::Double { 127.0 } else { 15.0 };
    let ordinary = log < limit && log - n.log2() - 1.0 > -limit;
    factor_scaled(a, if ordinary { 0 } else { scaling_exponent(a) }, factors, memory)
}

/// The factors by those of $2^{-k} A$.
fn factor_scaled<T: Scalar>(
    a: MatRef<'_, T>,
    exponent: i32,
    (q, mut t): (MatMut<'_, T>, MatMut<'_, T>),
    memory: &mut SchurMemory<T>,
) -> Result<(), MatrixError> {
    let n = a.nrows();
    let factored = if exponent == 0 {
        T::schur_factor(a, (q, t.rb_mut()), memory)
    } else {
        let scaled = Mat::from_fn(n, n, |i, j| ldexp(a[(i, j)], -exponent));
        T::schur_factor(scaled.as_ref(), (q, t.rb_mut()), memory)
    };
    factored.map_err(|iterations| MatrixError::NoConvergence { what: "the QR algorithm", iterations })?;
    if exponent != 0 {
        for j in 0..n {
            for i in 0..(j + 2).min(n) {
                t[(i, j)] = ldexp(t[(i, j)], exponent);
                if !t[(i, j)].finite() {
                    let ln_norm = f64::from(exponent) * std::f64::consts::LN_2;
                    return Err(MatrixError::Overflow { what: "the Schur form", ln_norm });
                }
            }
        }
    }
    Ok(())
}

/// $2^k x$.
fn ldexp<T: Scalar>(x: T, k: i32) -> T {
    if T::IS_REAL {
        return T::from_real(x.re().ldexp(k));
    }
    T::from_complex(x.re().ldexp(k).complex(x.im().ldexp(k)))
}

/// The power of two to divide by, so that products of three entries stay in the range; 0 where that is so already.
fn scaling_exponent<T: Scalar>(a: MatRef<'_, T>) -> i32 {
    let mut largest = 0.0_f64;
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            largest = largest.max(a[(i, j)].re().modulus().to_f64()).max(a[(i, j)].im().modulus().to_f64());
        }
    }
    let limit = RealScalar::powf(T::RealPart::MAX, T::RealPart::from_f64(0.125)).to_f64();
    if largest == 0.0 || (largest < limit && largest > 1.0 / limit) {
        return 0;
    }
    largest.log2().floor() as i32
}

impl<T: Scalar> Schur<T> {
    /// The unitary factor $Q$.
    pub fn q(&self) -> MatRef<'_, T> {
        self.q.as_ref()
    }

    /// The (quasi-)triangular factor $T$.
    pub fn t(&self) -> MatRef<'_, T> {
        self.t.as_ref()
    }

    /// $(Q, T)$.
    pub fn into_parts(self) -> (Mat<T>, Mat<T>) {
        (self.q, self.t)
    }

    /// The eigenvalues in the order of the diagonal of $T$; of a complex pair the one with positive imaginary part
    /// first.
    pub fn eigenvalues(&self) -> Vec<T::Complex> {
        let n = self.t.nrows();
        let mut values = Vec::with_capacity(n);
        let mut k = 0;
        while k < n {
            let value = self.t[(k, k)].to_complex();
            if k + 1 < n && self.t[(k + 1, k)] != T::ZERO {
                let (b, c) = (self.t[(k, k + 1)].modulus(), self.t[(k + 1, k)].modulus());
                // Two roots, because the product may leave the range.
                let beta = T::RealPart::ZERO.complex(Scalar::sqrt(b) * Scalar::sqrt(c));
                values.extend([value + beta, value - beta]);
                k += 2;
            } else {
                values.push(value);
                k += 1;
            }
        }
        values
    }

    /// The complex Schur form: every block of order two becomes triangular by a rotation. A complex form is copied.
    pub fn to_complex(&self) -> Schur<T::Complex> {
        let n = self.t.nrows();
        let mut h: Vec<T::Complex> = columns(self.t.as_ref(), Scalar::to_complex);
        let mut q: Vec<T::Complex> = columns(self.q.as_ref(), Scalar::to_complex);
        let mut target = target(&mut h, &mut q, n);
        for k in 1..n {
            if self.t[(k, k - 1)] != T::ZERO {
                target.split_pair(k - 1);
            }
        }
        Schur { q: from_columns(&q, n), t: from_columns(&h, n) }
    }

    /// The form with the selected eigenvalues first, otherwise in their order; of a complex pair of a real matrix the
    /// eigenvalue with positive imaginary part is asked, and both go together.
    ///
    /// The first $k$ columns of $Q$ then span the invariant subspace of the $k$ selected eigenvalues.
    ///
    /// # Errors
    ///
    /// `SpectraMeet` if two neighbouring blocks, at least one of them of order two, have eigenvalues too close to be
    /// exchanged in the precision of the type.
    ///
    /// # Example: the stable subspace
    ///
    /// ```
    /// use faer::mat;
    /// use tangency_matrix::schur;
    ///
    /// let a = mat![[1.0_f64, 2.0], [3.0, -4.0]];
    /// let form = schur(a.as_ref())?.reordered(|z| z.re < 0.0)?;
    /// assert!((form.t()[(0, 0)] + 5.0).abs() < 1e-14);
    /// let v = form.q().subcols(0, 1);
    /// assert!((&a * v + 5.0 * v).norm_max() < 1e-14);
    /// # Ok::<(), tangency_matrix::MatrixError>(())
    /// ```
    pub fn reordered(mut self, mut select: impl FnMut(T::Complex) -> bool) -> Result<Self, MatrixError> {
        let cluster: Vec<usize> = self.eigenvalues().into_iter().map(|z| usize::from(!select(z))).collect();
        self.reorder_by(&cluster)?;
        Ok(self)
    }

    /// Sorts the eigenvalues by the number of the cluster that is given for each row of $T$, stably; a block of order two
    /// goes by its first row. The form is unchanged on `Err`. Cost: about $20 n$ flops for each exchange.
    ///
    /// # Errors
    ///
    /// `ShapeMismatch` unless there is a number for each row; `SpectraMeet` as for [`reordered`](Self::reordered).
    ///
    /// # Example: descending order
    ///
    /// ```
    /// use faer::mat;
    /// use tangency_matrix::schur;
    ///
    /// let mut form = schur(mat![[1.0_f64, 9.0, 9.0], [0.0, 2.0, 9.0], [0.0, 0.0, 3.0]].as_ref())?;
    /// form.reorder_by(&[2, 1, 0])?;
    /// assert!((0..3).all(|i| (form.t()[(i, i)] - (3.0 - i as f64)).abs() < 1e-14));
    /// # Ok::<(), tangency_matrix::MatrixError>(())
    /// ```
    ///
    /// # References
    ///
    /// Z. Bai and J. Demmel, *On swapping diagonal blocks in real Schur form*, Linear Algebra Appl. 186 (1993).
    pub fn reorder_by(&mut self, cluster: &[usize]) -> Result<(), MatrixError> {
        let n = self.t.nrows();
        if cluster.len() != n {
            return Err(MatrixError::ShapeMismatch {
                what: "the list of clusters",
                expected_rows: n,
                expected_columns: 1,
                rows: cluster.len(),
                columns: 1,
            });
        }
        let (q, t) = T::schur_sort(self.q(), self.t(), cluster)
            .map_err(|separation| MatrixError::SpectraMeet { separation })?;
        *self = Self { q, t };
        Ok(())
    }

    /// $Q T Q^*$: the matrix again.
    pub fn reconstruct(&self) -> Mat<T> {
        crate::product::multiply_adjoint(multiply(self.q(), self.t()).as_ref(), self.q())
    }
}

/// The entries column after column, with zeros between the columns for a stride that is longer than they are.
fn columns<T: Scalar, U: Scalar>(a: MatRef<'_, T>, map: impl Fn(T) -> U) -> Vec<U> {
    let mut entries = vec![U::ZERO; stride::<U>(a.nrows()) * a.ncols()];
    for (j, copy) in entries.chunks_exact_mut(stride::<U>(a.nrows()).max(1)).enumerate() {
        let column = a.col(j);
        for (i, x) in copy[..a.nrows()].iter_mut().enumerate() {
            *x = map(column[i]);
        }
    }
    entries
}

/// The square matrix with these columns.
fn from_columns<T: Scalar>(entries: &[T], n: usize) -> Mat<T> {
    let stride = stride::<T>(n);
    Mat::from_fn(n, n, |i, j| entries[j * stride + i])
}

/// The two matrices of a form, as [`columns`] lays them out.
fn target<'a, T>(h: &'a mut [T], q: &'a mut [T], n: usize) -> Target<'a, T> {
    Target { h, n, stride: stride::<T>(n), q, q_stride: stride::<T>(n), q_rows: 0..n }
}

/// Writes `(Q, T)` of a square finite matrix of ordinary size; compiled once for each number type through `Kernels`.
pub(crate) fn factor<T: Scalar>(
    a: MatRef<'_, T>,
    (mut q_out, mut t_out): (MatMut<'_, T>, MatMut<'_, T>),
    memory: &mut SchurMemory<T>,
) -> Result<(), usize> {
    let n = a.nrows();
    let upper = (0..n).all(|j| (j + 1..n).all(|i| a[(i, j)] == T::ZERO));
    if upper {
        q_out.fill(T::ZERO);
        q_out.diagonal_mut().fill(T::ONE);
        t_out.copy_from(a);
        return Ok(());
    }
    let SchurMemory { h, q, hessenberg, blocked } = memory;
    let stride = stride::<T>(n);
    for entries in [&mut *h, &mut *q] {
        entries.clear();
        entries.resize(stride * n, T::ZERO);
    }
    for j in 0..n {
        let column = a.col(j);
        for (i, x) in h[j * stride..j * stride + n].iter_mut().enumerate() {
            *x = column[i];
        }
        q[j * stride + j] = T::ONE;
    }
    T::hessenberg_in_place(
        MatMut::from_column_major_slice_with_stride_mut(h, n, n, stride),
        MatMut::from_column_major_slice_with_stride_mut(q, n, n, stride),
        hessenberg,
    );
    let mut target = target(h, q, n);
    if n <= multishift::UNBLOCKED {
        tangency_vmath::dispatch(Unblocked(target))?;
    } else {
        iterate_blocked(&mut target, blocked)?;
    }
    for (out, entries) in [(&mut q_out, &*q), (&mut t_out, &*h)] {
        for j in 0..n {
            let mut column = out.rb_mut().col_mut(j);
            for (i, &x) in entries[j * stride..j * stride + n].iter().enumerate() {
                column[i] = x;
            }
        }
    }
    Ok(())
}

/// The factors with the blocks sorted by their keys; compiled once for each number type through `Kernels`.
pub(crate) fn sorted<T: Scalar>(
    q: MatRef<'_, T>,
    t: MatRef<'_, T>,
    keys: &[usize],
) -> Result<(Mat<T>, Mat<T>), f64> {
    let n = t.nrows();
    let (mut h, mut q, mut keys) = (columns(t, |x| x), columns(q, |x| x), keys.to_vec());
    target(&mut h, &mut q, n).sort(&mut keys)?;
    Ok((from_columns(&q, n), from_columns(&h, n)))
}
