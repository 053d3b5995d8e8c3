//! Exchange of neighbouring diagonal blocks by unitary similarity.
//!
//! # References
//!
//! Z. Bai and J. Demmel, *On swapping diagonal blocks in real Schur form*, Linear Algebra Appl. 186 (1993): the direct
//! method with its test of the result.

use super::double_shift::{Target, ulp};
use super::reflect::{Rotation, size};
use super::small;
use crate::scalar::{RealScalar, Scalar};
use std::ops::Range;

impl<T: Scalar> Target<'_, T> {
    /// Order of the diagonal block that begins at `k`.
    #[inline(always)]
    pub(super) fn block_at(&self, k: usize) -> usize {
        if k + 1 < self.n && self.at(k + 1, k) != T::ZERO { 2 } else { 1 }
    }

    /// Start of the block that ends before `k` (not zero).
    #[inline(always)]
    pub(super) fn block_before(&self, k: usize) -> usize {
        if k >= 2 && self.at(k - 1, k - 2) != T::ZERO { k - 2 } else { k - 1 }
    }

    /// Exchanges the blocks of orders `p` and `r` that begin at `k` and `k + p`.
    ///
    /// If they are too close, nothing is changed, and `Err` is the entry that would have to be dropped, relative to the
    /// block.
    pub(super) fn exchange(&mut self, k: usize, p: usize, r: usize) -> Result<(), f64> {
        match (p, r) {
            (1, 1) => {
                self.exchange_single(k);
                Ok(())
            }
            (1, _) => self.exchange_blocks::<1, 2, 2, 3>(k),
            (_, 1) => self.exchange_blocks::<2, 1, 2, 3>(k),
            _ => self.exchange_blocks::<2, 2, 4, 4>(k),
        }
    }

    fn exchange_single(&mut self, k: usize) {
        let (first, second, between) = (self.at(k, k), self.at(k + 1, k + 1), self.at(k, k + 1));
        let rotation = Rotation::with_first_column(between, second - first);
        rotation.apply_left(self.h, self.stride, k, k + 2..self.n);
        rotation.apply_right(self.h, self.stride, k, 0..k);
        rotation.apply_right(self.q, self.q_stride, k, self.q_rows.clone());
        // The rotated off-diagonal entry, with the phase that a complex rotation gives it.
        let mut block = [first, T::ZERO, between, second];
        rotation.apply_left(&mut block, 2, 0, 0..2);
        rotation.apply_right(&mut block, 2, 0, 0..2);
        self.set(k, k, second);
        self.set(k, k + 1, block[2]);
        self.set(k + 1, k + 1, first);
    }

    /// `N = P R`, `M = P + R`.
    fn exchange_blocks<const P: usize, const R: usize, const N: usize, const M: usize>(
        &mut self,
        k: usize,
    ) -> Result<(), f64> {
        let block: [[T; M]; M] = std::array::from_fn(|i| std::array::from_fn(|j| self.at(k + i, k + j)));
        let largest = block.iter().flatten().fold(T::RealPart::ZERO, |m, &x| RealScalar::max(m, size(x)));
        let tiny = T::RealPart::MIN_POSITIVE / ulp::<T>();
        // A11 X − X A22 = A12: the columns of (−X, I) span the invariant subspace of A22.
        let (x, _) = small::sylvester::<T, P, R, N>(
            std::array::from_fn(|i| std::array::from_fn(|j| block[i][j])),
            std::array::from_fn(|i| std::array::from_fn(|j| -block[P + i][P + j])),
            std::array::from_fn(|i| std::array::from_fn(|j| block[i][P + j])),
            RealScalar::max(ulp::<T>() * largest, tiny),
        );
        let mut basis: [[T; R]; M] = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                if i < P {
                    -x[i][j]
                } else if i == P + j {
                    T::ONE
                } else {
                    T::ZERO
                }
            })
        });
        let unitary = complete(&mut basis);
        let mut result = [[T::ZERO; M]; M];
        for i in 0..M {
            for j in 0..M {
                for a in 0..M {
                    for b in 0..M {
                        result[i][j] += unitary[a][i].conj() * block[a][b] * unitary[b][j];
                    }
                }
            }
        }
        let mut dropped = T::RealPart::ZERO;
        for row in &mut result[R..] {
            for x in &mut row[..R] {
                dropped = RealScalar::max(dropped, size(*x));
                *x = T::ZERO;
            }
        }
        if dropped > RealScalar::max(T::RealPart::from_f64(10.0) * ulp::<T>() * largest, tiny) {
            return Err((dropped / largest).to_f64());
        }
        apply_left(&unitary, self.h, self.stride, k, k + M..self.n);
        apply_right(&unitary, self.h, self.stride, k, 0..k);
        apply_right(&unitary, self.q, self.q_stride, k, self.q_rows.clone());
        for i in 0..M {
            for j in 0..M {
                self.set(k + i, k + j, result[i][j]);
            }
        }
        if R == 2 {
            self.split_pair(k);
        }
        if P == 2 {
            self.split_pair(k + R);
        }
        Ok(())
    }

    /// Sorts the blocks by their keys, stably, `keys[i]` belonging to row `i`; a pair counts by its first row.
    pub(super) fn sort(&mut self, keys: &mut [usize]) -> Result<(), f64> {
        let mut k = 0;
        // Goes back after every exchange, because an exchanged pair may have come apart.
        while k < self.n {
            let order = self.block_at(k);
            if order == 2 {
                keys[k + 1] = keys[k];
            }
            if k == 0 {
                k += order;
                continue;
            }
            let before = self.block_before(k);
            if keys[before] <= keys[k] {
                k += order;
                continue;
            }
            self.exchange(before, k - before, order)?;
            keys[before..k + order].rotate_left(k - before);
            k = before;
        }
        Ok(())
    }
}

/// A unitary matrix whose first columns span those of `basis`, by Householder reflectors.
fn complete<T: Scalar, const M: usize, const R: usize>(basis: &mut [[T; R]; M]) -> [[T; M]; M] {
    let mut unitary: [[T; M]; M] =
        std::array::from_fn(|i| std::array::from_fn(|j| if i == j { T::ONE } else { T::ZERO }));
    for c in 0..R {
        let largest = basis[c..].iter().fold(T::RealPart::ZERO, |m, row| RealScalar::max(m, size(row[c])));
        if largest == T::RealPart::ZERO {
            continue;
        }
        let inverse = T::RealPart::ONE / largest;
        let mut v = [T::ZERO; M];
        let mut square = T::RealPart::ZERO;
        for i in c..M {
            v[i] = basis[i][c].scale(inverse);
            square += v[i].re() * v[i].re() + v[i].im() * v[i].im();
        }
        // v + phase·‖v‖·e: H = I − 2 v v*/(v* v).
        let norm = Scalar::sqrt(square);
        let head = v[c].modulus();
        let phase = if head == T::RealPart::ZERO { T::ONE } else { v[c].scale(T::RealPart::ONE / head) };
        v[c] += phase.scale(norm);
        let factor = T::RealPart::ONE / (norm * (norm + head));
        for j in 0..R {
            let mut sum = T::ZERO;
            for i in c..M {
                sum += v[i].conj() * basis[i][j];
            }
            for i in c..M {
                basis[i][j] -= v[i] * sum.scale(factor);
            }
        }
        for row in &mut unitary {
            let mut sum = T::ZERO;
            for i in c..M {
                sum += row[i] * v[i];
            }
            for i in c..M {
                row[i] -= sum.scale(factor) * v[i].conj();
            }
        }
    }
    unitary
}

/// `U* H` on the rows from `k`.
fn apply_left<T: Scalar, const M: usize>(
    unitary: &[[T; M]; M],
    h: &mut [T],
    stride: usize,
    k: usize,
    columns: Range<usize>,
) {
    for j in columns {
        let start = j * stride + k;
        let column = &mut h[start..start + M];
        let old: [T; M] = std::array::from_fn(|i| column[i]);
        for i in 0..M {
            column[i] = (0..M).fold(T::ZERO, |sum, a| sum + unitary[a][i].conj() * old[a]);
        }
    }
}

/// `H U` on the columns from `k`.
fn apply_right<T: Scalar, const M: usize>(
    unitary: &[[T; M]; M],
    h: &mut [T],
    stride: usize,
    k: usize,
    rows: Range<usize>,
) {
    for i in rows {
        let old: [T; M] = std::array::from_fn(|a| h[(k + a) * stride + i]);
        for j in 0..M {
            h[(k + j) * stride + i] = (0..M).fold(T::ZERO, |sum, a| sum + old[a] * unitary[a][j]);
        }
    }
}
