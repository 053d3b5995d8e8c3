//! A sparse matrix by rows.

use super::sweep::Run;
use crate::scalar::{RealScalar, Scalar};
use faer::traits::Index;

/// Compressed rows with indices of 32 bits, and what is alike among them.
#[derive(Debug, Clone)]
pub(super) struct SparseRows<T> {
    pub(super) start: Vec<usize>,
    pub(super) column: Vec<u32>,
    pub(super) value: Vec<T>,
    /// All rows, in turn; to be set to [`find_runs`](Self::find_runs).
    pub(super) runs: Vec<Run<T>>,
}

/// What one pass over the entries tells.
#[derive(Debug, Clone)]
pub(super) struct Entries<T: Scalar> {
    pub(super) diagonal: Vec<T>,
    /// Sums of moduli beside the diagonal, by columns.
    pub(super) beside: Vec<T::RealPart>,
    /// Sum of all entries.
    total: T,
    pub(super) hermitian: bool,
    pub(super) skew: bool,
    pub(super) stored: usize,
    pub(super) not_finite: Option<(usize, usize)>,
}

impl<T: Scalar> Entries<T> {
    pub(super) fn new(n: usize) -> Self {
        Self {
            diagonal: vec![T::ZERO; n],
            beside: vec![T::RealPart::ZERO; n],
            total: T::ZERO,
            hermitian: false,
            skew: false,
            stored: 0,
            not_finite: None,
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, i: usize, j: usize, x: T) {
        if !x.finite() && self.not_finite.is_none() {
            self.not_finite = Some((i, j));
        }
        self.total += x;
        if i == j {
            self.diagonal[i] += x;
        } else {
            self.beside[j] += x.modulus();
        }
    }

    fn trace(&self) -> T {
        self.diagonal.iter().fold(T::ZERO, |sum, &x| sum + x)
    }

    /// tr(A)/n.
    pub(super) fn mean(&self) -> T {
        self.trace().scale(T::RealPart::from_f64(1.0 / self.diagonal.len() as f64))
    }

    /// $\lVert A - \mu I \rVert_1$.
    pub(super) fn norm_1_shifted(&self, mu: T) -> f64 {
        let sums = self.diagonal.iter().zip(&self.beside).map(|(&d, &s)| (d - mu).modulus() + s);
        sums.fold(T::RealPart::ZERO, RealScalar::max).to_f64()
    }

    /// Gershgorin's interval of the eigenvalues, and how far they reach at least; of $-iA$ if `skew`.
    pub(super) fn intervals(&self) -> ((f64, f64), (f64, f64)) {
        let part = |x: T| if self.hermitian { x.re().to_f64() } else { x.im().to_f64() };
        // Rayleigh quotients: of the vector of ones, and of unit vectors.
        let mean = part(self.total) / self.diagonal.len() as f64;
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        self.diagonal.iter().zip(&self.beside).fold((nothing, (mean, mean)), |(outer, inner), (&d, &s)| {
            let d = part(d);
            // One rounding of slack for the sums.
            let s = s.to_f64() * (1.0 + 1e-6);
            ((outer.0.min(d - s), outer.1.max(d + s)), (inner.0.min(d), inner.1.max(d)))
        })
    }
}

impl<T: Scalar> SparseRows<T> {
    /// From the arrays of n compressed rows; of compressed columns it is the transpose.
    pub(super) fn new<I: Index>(
        n: usize,
        (pointer, count): (&[I], Option<&[I]>),
        index: &[I],
        value: &[T],
    ) -> Self {
        let mut start: Vec<usize> = pointer[..=n].iter().map(|p| p.zx()).collect();
        let Some(count) = count else {
            let all = start[0]..start[n];
            for place in &mut start {
                *place -= all.start;
            }
            let column = index[all.clone()].iter().map(|j| j.zx() as u32).collect();
            return Self { start, column, value: value[all].to_vec(), runs: Vec::new() };
        };
        let mut rows = Self { start: vec![0], column: Vec::new(), value: Vec::new(), runs: Vec::new() };
        for (&first, count) in start.iter().zip(count) {
            let range = first..first + count.zx();
            rows.column.extend(index[range.clone()].iter().map(|j| j.zx() as u32));
            rows.value.extend_from_slice(&value[range]);
            rows.start.push(rows.column.len());
        }
        rows
    }

    pub(super) fn order(&self) -> usize {
        self.start.len() - 1
    }

    /// Columns and values of row i.
    #[inline(always)]
    pub(super) fn row(&self, i: usize) -> (&[u32], &[T]) {
        let range = self.start[i]..self.start[i + 1];
        (&self.column[range.clone()], &self.value[range])
    }

    /// The transpose; its rows are sorted.
    pub(super) fn transposed(&self) -> Self {
        let n = self.order();
        let mut start = vec![0_usize; n + 1];
        for &j in &self.column {
            start[j as usize + 1] += 1;
        }
        for i in 0..n {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let (mut column, mut value) = (vec![0; self.column.len()], vec![T::ZERO; self.value.len()]);
        for i in 0..n {
            let (columns, values) = self.row(i);
            for (&j, &x) in columns.iter().zip(values) {
                let place = &mut next[j as usize];
                (column[*place], value[*place]) = (i as u32, x);
                *place += 1;
            }
        }
        Self { start, column, value, runs: Vec::new() }
    }

    /// The adjoint, with its runs.
    pub(super) fn adjoint(&self) -> Self {
        let mut rows = self.transposed();
        rows.change_values(Scalar::conj);
        rows.runs = rows.find_runs();
        rows
    }

    pub(super) fn change_values(&mut self, change: impl Fn(T) -> T) {
        let runs = self.runs.iter_mut().flat_map(|run| &mut run.values);
        self.value.iter_mut().chain(runs).for_each(|x| *x = change(*x));
    }

    /// Diagonal and sums of this matrix or, if `transposed`, of its transpose: then the rows of a constant run are alike.
    pub(super) fn entries(&self, runs: &[Run<T>], transposed: bool) -> Entries<T> {
        let mut entries = Entries::new(self.order());
        entries.stored = self.value.len();
        for run in runs {
            let alike = transposed && run.is_constant();
            let end = if alike { run.first + 1 } else { run.end };
            for i in run.first..end {
                let (columns, values) = self.row(i);
                for (&j, &x) in columns.iter().zip(values) {
                    let j = j as usize;
                    if transposed { entries.add(j, i, x) } else { entries.add(i, j, x) }
                }
            }
            if alike {
                let (diagonal, beside) = (entries.diagonal[run.first], entries.beside[run.first]);
                entries.diagonal[run.first..run.end].fill(diagonal);
                entries.beside[run.first..run.end].fill(beside);
                let others = T::RealPart::from_f64((run.end - run.first - 1) as f64);
                entries.total += run.values.iter().fold(T::ZERO, |sum, &x| sum + x).scale(others);
            }
        }
        entries
    }

    /// Whether it equals its adjoint, and whether its negative does. One pass over the upper triangle: its entries (i, j)
    /// are met in the order in which (j, i) stand in row j. Rows whose lower part is not sorted count as neither.
    pub(super) fn symmetry(&self) -> (bool, bool) {
        let (mut hermitian, mut skew) = (true, true);
        let mut next: Vec<usize> = self.start[..self.order()].to_vec();
        for i in 0..self.order() {
            // What stands before has met its partner.
            let range = next[i]..self.start[i + 1];
            for (&j, &x) in self.column[range.clone()].iter().zip(&self.value[range]) {
                let j = j as usize;
                if j < i {
                    return (false, false);
                }
                let mut y = x.conj();
                if j > i {
                    let partner = next[j];
                    if partner >= self.start[j + 1] || self.column[partner] as usize != i {
                        return (false, false);
                    }
                    y = self.value[partner].conj();
                    next[j] += 1;
                }
                hermitian &= x == y;
                skew &= x == -y;
            }
            if !(hermitian || skew) {
                return (false, false);
            }
        }
        (hermitian, skew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::{Mat, c64};

    /// Of a dense matrix, by rows, without its zeros.
    fn rows<T: Scalar>(a: &Mat<T>) -> SparseRows<T> {
        let mut rows = SparseRows { start: vec![0], column: Vec::new(), value: Vec::new(), runs: Vec::new() };
        for i in 0..a.nrows() {
            for j in (0..a.ncols()).filter(|&j| a[(i, j)] != T::ZERO) {
                rows.column.push(j as u32);
                rows.value.push(a[(i, j)]);
            }
            rows.start.push(rows.column.len());
        }
        rows
    }

    #[test]
    fn products_with_the_adjoint_conjugate() {
        let a = Mat::from_fn(5, 5, |i, j| {
            c64::new((i * 5 + j) as f64, if (i + j) % 2 == 0 { 1.0 } else { -2.0 })
        });
        let mut rows = rows(&a);
        rows.runs = rows.find_runs();
        let x = Mat::from_fn(5, 2, |i, j| c64::new(i as f64 - 1.0, j as f64 + 0.5));
        let mut y = Mat::zeros(5, 2);
        rows.apply(y.as_mut(), x.as_ref());
        assert!((&y - &a * &x).norm_max() < 1e-13);
        rows.adjoint().apply(y.as_mut(), x.as_ref());
        assert!((&y - a.adjoint() * &x).norm_max() < 1e-13);
        assert_eq!(rows.symmetry(), (false, false));
    }

    #[test]
    fn symmetry_by_the_upper_triangle() {
        let a = Mat::from_fn(9, 9, |i, j| {
            if (i * j) % 3 == 1 { c64::new((i + j) as f64, i as f64 - j as f64) } else { c64::new(0.0, 0.0) }
        });
        assert_eq!(rows(&a).symmetry(), (true, false));
        let turned = Mat::from_fn(9, 9, |i, j| a[(i, j)] * c64::new(0.0, 1.0));
        assert_eq!(rows(&turned).symmetry(), (false, true));
        // One entry more or other, below, on or above the diagonal.
        for (i, j) in [(7, 1), (1, 7), (4, 4), (8, 0), (0, 8), (3, 3)] {
            let mut other = a.clone();
            other[(i, j)] += c64::new(0.0, 1.0);
            assert_eq!(rows(&other).symmetry(), (false, false), "{i} {j}");
        }
        assert_eq!(rows(&Mat::<f64>::zeros(3, 3)).symmetry(), (true, true));
    }
}
