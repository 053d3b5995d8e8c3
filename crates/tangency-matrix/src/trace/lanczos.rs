//! Lanczos processes of several starting vectors, side by side.

use super::quadrature::Tridiagonal;
use super::vector::{dot, norm, subtract_multiple};
use crate::MatrixError;
use crate::operator::{BLOCK, Counted};
use crate::scalar::{RealScalar, Scalar};
use faer::{Accum, Conj, MatMut, MatRef};

/// One process that has come to its end.
pub(super) struct Process<T: Scalar> {
    pub(super) tridiagonal: Tridiagonal<T::RealPart>,
    /// The orthonormal vectors one after another, as far as they were kept.
    pub(super) basis: Vec<T>,
}

/// What is kept of the bases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// Nothing but two vectors.
    Forgotten,
    /// All vectors, to return them.
    Kept,
    /// All vectors, and each new one is orthogonalised against them.
    Orthogonalised,
}

/// One orthogonalisation is enough for a vector that keeps this part of its length.
const ONCE: f64 = 0.7;

/// Runs the process of each column of `x` (at most [`BLOCK`]) until `done(column, tridiagonal)` says so, the space is
/// invariant, or `steps` steps are made. The operator is applied to all columns that still run at once.
///
/// With `Orthogonalised` each new vector is orthogonalised against all before it, a second time if the first one has
/// shortened it (J. W. Daniel, W. B. Gragg, L. Kaufman, G. W. Stewart, Math. Comp. 30 (1976)), which costs 4 or 8 flops for each
/// entry of the basis and keeps orthogonality to rounding; without, the vectors lose it as Ritz values converge, and
/// eigenvalues appear in copies whose weights sum to what they should (Greenbaum 1989).
pub(super) fn lanczos<T: Scalar>(
    operator: &mut Counted<'_, T>,
    x: MatRef<'_, T>,
    steps: usize,
    keep: Basis,
    check_hermitian: bool,
    mut done: impl FnMut(usize, &Tridiagonal<T::RealPart>) -> Result<bool, MatrixError>,
) -> Result<Vec<Process<T>>, MatrixError> {
    let (n, width) = (x.nrows(), x.ncols());
    debug_assert!(width <= BLOCK && n > 0);
    let mut processes: Vec<Process<T>> = Vec::with_capacity(width);
    // Columns that still run, in the leading columns of the three blocks.
    let mut running: Vec<usize> = Vec::with_capacity(width);
    let (mut now, mut before, mut next) =
        (vec![T::ZERO; n * width], vec![T::ZERO; n * width], vec![T::ZERO; n * width]);
    for j in 0..width {
        let column = &mut now[running.len() * n..][..n];
        for (to, i) in column.iter_mut().zip(0..n) {
            *to = x[(i, j)];
        }
        let length = norm(column);
        let runs = length > T::RealPart::ZERO;
        if runs {
            for v in column.iter_mut() {
                *v = v.scale(T::RealPart::ONE / length);
            }
            running.push(j);
        }
        let tridiagonal =
            Tridiagonal { diagonal: Vec::new(), couplings: Vec::new(), length, invariant: !runs };
        let basis = if runs && keep != Basis::Forgotten { column.to_vec() } else { Vec::new() };
        processes.push(Process { tridiagonal, basis });
    }
    let mut coefficients = Vec::new();
    for step in 0..steps {
        let size = n * running.len();
        if size == 0 {
            break;
        }
        operator.apply(
            MatRef::from_column_major_slice(&now[..size], n, running.len()),
            MatMut::from_column_major_slice_mut(&mut next[..size], n, running.len()),
        )?;
        if check_hermitian && step == 0 {
            check_pairs(n, &now[..size], &next[..size])?;
        }
        let mut left = 0; // columns that go on
        for position in 0..running.len() {
            let column = running[position];
            let Process { tridiagonal: t, basis } = &mut processes[column];
            let range = position * n..(position + 1) * n;
            let (v, w) = (&now[range.clone()], &mut next[range.clone()]);
            if let Some(&beta) = t.couplings.last() {
                subtract_multiple(w, T::from_real(beta), &before[range.clone()]);
            }
            let alpha = dot(v, w).re();
            subtract_multiple(w, T::from_real(alpha), v);
            let mut beta = norm(w);
            if keep == Basis::Orthogonalised {
                let length = beta;
                orthogonalise(n, basis, w, &mut coefficients);
                beta = norm(w);
                // Where little was taken away, little of it can be left.
                if beta < length.scale(T::RealPart::from_f64(ONCE)) {
                    orthogonalise(n, basis, w, &mut coefficients);
                    beta = norm(w);
                }
            }
            t.diagonal.push(alpha);
            // Rounding in the product and in the orthogonalisation leaves about √n u of its length.
            let size = alpha.modulus() + t.couplings.last().copied().unwrap_or(T::RealPart::ZERO) + beta;
            let noise = T::RealPart::from_f64(10.0 * (n as f64).sqrt()) * T::RealPart::UNIT_ROUNDOFF;
            t.invariant = beta <= noise * size || t.order() >= n && keep == Basis::Orthogonalised;
            t.couplings.push(beta);
            if t.invariant || done(column, t)? || step + 1 == steps {
                continue;
            }
            for i in 0..n {
                let entry = next[position * n + i];
                before[left * n + i] = now[position * n + i];
                now[left * n + i] = entry.scale(T::RealPart::ONE / beta);
            }
            if keep != Basis::Forgotten {
                basis.extend_from_slice(&now[left * n..(left + 1) * n]);
            }
            running[left] = column;
            left += 1;
        }
        running.truncate(left);
    }
    Ok(processes)
}

/// `w -= V (Vᴴ w)` for the orthonormal vectors in `basis`.
fn orthogonalise<T: Scalar>(n: usize, basis: &[T], w: &mut [T], coefficients: &mut Vec<T>) {
    let k = basis.len() / n;
    coefficients.clear();
    coefficients.resize(k, T::ZERO);
    let v = MatRef::from_column_major_slice(basis, n, k);
    let h = MatMut::from_column_major_slice_mut(coefficients, k, 1);
    let rhs = (MatRef::from_column_major_slice(w, n, 1), Conj::No);
    T::product(h, Accum::Replace, (v.transpose(), Conj::Yes), rhs, T::ONE);
    let h = MatRef::from_column_major_slice(coefficients, k, 1);
    let w = MatMut::from_column_major_slice_mut(w, n, 1);
    T::product(w, Accum::Add, (v, Conj::No), (h, Conj::No), -T::ONE);
}

/// $\langle A v_i, v_j \rangle = \langle v_i, A v_j \rangle$ for neighbouring unit vectors, to half the digits.
fn check_pairs<T: Scalar>(n: usize, v: &[T], av: &[T]) -> Result<(), MatrixError> {
    let mut worst = T::RealPart::ZERO;
    let width = v.len() / n;
    for j in 1..width {
        let (x, y) = (&v[(j - 1) * n..j * n], &v[j * n..(j + 1) * n]);
        let (ax, ay) = (&av[(j - 1) * n..j * n], &av[j * n..(j + 1) * n]);
        let difference = (dot(x, ay) - dot(y, ax).conj()).modulus();
        let scale = RealScalar::max(norm(ax), norm(ay));
        if difference > T::RealPart::ZERO {
            worst = RealScalar::max(worst, difference / scale);
        }
    }
    if worst > Scalar::sqrt(T::RealPart::UNIT_ROUNDOFF) {
        return Err(MatrixError::OperatorNotHermitian { difference: worst.to_f64() });
    }
    Ok(())
}
