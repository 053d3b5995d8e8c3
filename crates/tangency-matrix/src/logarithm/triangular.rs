//! Inverse scaling and squaring on a quasi-triangular matrix.

use super::pade::{pade, thetas};
use super::spectrum::Spectrum;
use crate::MatrixError;
use crate::norm::{estimate_norm_1, operator_norm_1};
use crate::quasi_triangular::Scratch;
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::root_in_place;
use faer::{Mat, MatMut, MatRef};

/// Square roots at most: each halves the logarithm, so this many suffice for any whose norm is below 2^100.
const LARGEST_ROOT_COUNT: usize = 100;

/// Order below which powers are estimated only where the norm alone would cost two roots or more.
const SMALL: usize = 512;

/// Memory of the algorithm for one order.
#[derive(Debug, Clone)]
pub(crate) struct Memory<T: Scalar> {
    /// $T^{1/2^s}$.
    root: Mat<T>,
    /// $T^{1/2^s} - I$.
    pub(crate) x: Mat<T>,
    a: Mat<T>,
    y: Mat<T>,
    pub(crate) logarithm: Mat<T>,
    pub(crate) scratch: Scratch<T>,
}

impl<T: Scalar> Memory<T> {
    pub(crate) fn new(n: usize) -> Self {
        let zeros = || Mat::zeros(n, n);
        Self {
            root: zeros(),
            x: zeros(),
            a: zeros(),
            y: zeros(),
            logarithm: zeros(),
            scratch: Scratch::new(n),
        }
    }
}

/// How many square roots were taken, and the degree of the Padé approximant (0 where the eigenvalues alone sufficed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) roots: usize,
    pub(crate) degree: usize,
}

/// $s$ square roots of the quasi-triangular $A$, with $\alpha(A^{1/2^s} - I)$ in reach of a Padé approximant; leaves
/// $A^{1/2^s} - I$ in `memory.x`.
///
/// `t` is the form of $A$, or of $A - I$ if `shifted`. The diagonal and the superdiagonal of the difference come from the
/// eigenvalues, and not by subtraction. `keep` sees every root.
///
/// A. H. Al-Mohy and N. J. Higham, SIAM J. Sci. Comput. 34 (2012), Algorithm 4.1; with N. J. Relton, 35 (2013), Algorithm
/// 5.1 (real). The choice of the degree is the same, but that one more root is taken wherever it saves more than
/// one solution.
pub(crate) fn reduce_to_identity<T: Scalar>(
    t: MatRef<'_, T>,
    shifted: bool,
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    mut keep: impl FnMut(MatRef<'_, T>),
) -> Result<Path, MatrixError> {
    let table = thetas(T::PRECISION);
    let reach = T::RealPart::from_f64(table[table.len() - 1]);
    let power = |s: usize| T::RealPart::ONE.ldexp(-(s as i32));
    let mut needed = 0;
    while spectrum.largest_power_minus_one(power(needed)) > reach && needed < LARGEST_ROOT_COUNT {
        needed += 1;
    }
    memory.root.copy_from(t);
    memory.x.copy_from(t);
    for i in 0..t.nrows() {
        if shifted {
            memory.root[(i, i)] += T::ONE;
        } else {
            memory.x[(i, i)] -= T::ONE;
        }
    }
    let (mut roots, mut extra) = (0, 0);
    loop {
        if roots >= needed {
            if roots > 0 {
                memory.x.copy_from(&memory.root);
                spectrum.write_power_minus_one(t, memory.x.as_mut(), power(roots));
            }
            if let Some((degree, alpha)) = choose_degree(memory.x.as_ref(), table) {
                let after_one_more =
                    table.iter().position(|&theta| alpha * 0.5 <= theta).unwrap_or(degree) + 1;
                // A root costs as much as one solution.
                if after_one_more + 1 >= degree || extra == 2 {
                    return Ok(Path { roots, degree });
                }
                extra += 1;
            }
        }
        if roots == LARGEST_ROOT_COUNT {
            return Err(MatrixError::NoConvergence {
                what: "the square roots for the logarithm",
                iterations: roots,
            });
        }
        root_in_place(memory.root.as_mut(), &mut memory.scratch)?;
        keep(memory.root.as_ref());
        roots += 1;
    }
}

/// The lowest degree m with $\alpha(X) \le \theta_m$, and that $\alpha$.
///
/// $\alpha_p = \max(\lVert X^p \rVert^{1/p}, \lVert X^{p+1} \rVert^{1/(p+1)})$ bounds the error of degree m if
/// $2m + 1 \ge p (p - 1)$: any m for p = 1 and 2, m ≥ 3 for p = 3, m ≥ 6 for p = 4.
fn choose_degree<T: Scalar>(x: MatRef<'_, T>, table: &[f64]) -> Option<(usize, f64)> {
    let lowest = |alpha: f64, from: usize| {
        let m = table.iter().position(|&theta| alpha <= theta)?;
        Some((m.max(from - 1) + 1, alpha))
    };
    let better = |a: Option<(usize, f64)>, b: Option<(usize, f64)>| match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    };
    let norm = operator_norm_1(x).to_f64();
    let by_norm = lowest(norm, 1);
    // Below that order the estimates cost more than the root or the two or three solutions that they may save.
    let small = x.nrows() < SMALL;
    if by_norm.is_some_and(|(m, _)| m <= 2 || small) || small && norm <= 2.0 * table[table.len() - 1] {
        return by_norm;
    }
    let root_of_norm = |p: i32| {
        let estimate = estimate_norm_1(x.nrows(), |adjoint, mut y: MatMut<'_, T>| {
            for _ in 0..p {
                multiply_in_place(x, adjoint, y.as_mut());
            }
        })
        .to_f64();
        if estimate.is_finite() { estimate.powf(1.0 / f64::from(p)) } else { f64::INFINITY }
    };
    let (d2, d3) = (root_of_norm(2), root_of_norm(3));
    let by_2 = better(by_norm, lowest(d2.max(d3).min(norm), 1));
    if by_2.is_some_and(|(m, _)| m <= 3) {
        return by_2;
    }
    let d4 = root_of_norm(4);
    let by_3 = better(by_2, lowest(d3.max(d4), 3));
    if by_3.is_some_and(|(m, _)| m <= 6) || table.len() < 6 {
        return by_3;
    }
    let d5 = root_of_norm(5);
    better(by_3, lowest(d4.max(d5), 6))
}

/// `y := X y` or `y := Xᴴ y` for an upper quasi-triangular X, by columns of X.
fn multiply_in_place<T: Scalar>(x: MatRef<'_, T>, adjoint: bool, mut y: MatMut<'_, T>) {
    let n = x.nrows();
    for mut y in y.as_mut().col_iter_mut() {
        if adjoint {
            // Entry j needs the entries up to j, and j + 1 in a block: backwards, keeping the one that is still needed.
            let mut below = T::ZERO;
            for j in (0..n).rev() {
                let mut sum = T::ZERO;
                for (x, y) in x.col(j).iter().zip(y.as_ref().iter()).take(j + 1) {
                    sum += x.conj() * *y;
                }
                if j + 1 < n {
                    sum += x[(j + 1, j)].conj() * below;
                }
                below = y[j];
                y[j] = sum;
            }
        } else {
            let mut above = T::ZERO;
            for j in 0..n {
                let factor = y[j];
                for (y, x) in y.as_mut().iter_mut().zip(x.col(j).iter()).take(j) {
                    *y += *x * factor;
                }
                y[j] = x[(j, j)] * factor;
                if j > 0 {
                    y[j] += x[(j, j - 1)] * above;
                }
                above = factor;
            }
        }
    }
}

/// $\log A$ of the quasi-triangular form `t` of $A$ (of $A - I$ if `shifted`) in `memory.logarithm`.
pub(crate) fn triangular_logarithm<T: Scalar>(
    t: MatRef<'_, T>,
    shifted: bool,
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    keep: impl FnMut(MatRef<'_, T>),
) -> Result<Path, MatrixError> {
    let path = reduce_to_identity(t, shifted, spectrum, memory, keep)?;
    let work = (&mut memory.a, &mut memory.y);
    pade(&memory.x, path.degree, &mut memory.logarithm, work, &mut memory.scratch);
    let factor = T::RealPart::ONE.ldexp(path.roots as i32);
    for j in 0..t.ncols() {
        for entry in memory.logarithm.col_as_slice_mut(j) {
            *entry = entry.scale(factor);
        }
    }
    spectrum.write_logarithm(t, memory.logarithm.as_mut());
    Ok(path)
}
