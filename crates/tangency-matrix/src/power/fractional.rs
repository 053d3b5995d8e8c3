//! Powers with exponent between −1 and 1 of a quasi-triangular matrix.

use super::integer::product;
use crate::MatrixError;
use crate::logarithm::{Memory, Spectrum, reduce_to_identity};
use crate::norm::operator_norm_1;
use crate::product::{multiply, multiply_add};
use crate::quasi_triangular::{Scratch, solve_right, sylvester};
use crate::reduction::add_to_diagonal;
use crate::scalar::Scalar;
use faer::{Mat, MatRef};

/// Norm of $Y$ up to which $I + Y$ is squared as $2 Y + Y^2$.
const NEAR_IDENTITY: f64 = 0.25;

/// $T^p$ for $-1 < p < 1$ with what its derivative needs.
///
/// $T^p = r_m(T^{1/2^s} - I)^{2^s}$ with the Padé approximant $r_m$ of $(1 + x)^p$ as a continued fraction. As long as the
/// power is close to the identity only the difference is kept, so that the squarings lose nothing; diagonal and superdiagonal
/// come from the eigenvalues at every step.
///
/// N. J. Higham and L. Lin, *A Schur-Padé algorithm for fractional powers of a matrix*, SIMAX 32 (2011), Algorithm 5.1; *An
/// improved Schur-Padé algorithm ...*, SIMAX 34 (2013), Algorithms 3.1 and 6.1. The numbers s and m are those of the
/// logarithm. Where $\lVert X \rVert \le \theta_m$ the error of $r_m$ is then at most $1.4 u \lvert p \rvert \lVert X \rVert$, in
/// single precision $2.4 u \lvert p \rvert \lVert X \rVert$ (printed by tests/reference/power_constants.py).
#[derive(Debug, Clone)]
pub(super) struct Fractional<T: Scalar> {
    /// $T^p$.
    pub(super) value: Mat<T>,
    /// $T^p - I$, where it is small.
    pub(super) difference: Option<Mat<T>>,
    p: f64,
    roots: Vec<Mat<T>>,
    root_count: usize,
    degree: usize,
    /// $Y_{2m}, \ldots, Y_1$ of the continued fraction.
    levels: Vec<Mat<T>>,
    /// What was squared.
    squared: Vec<Mat<T>>,
    scratch: Scratch<T>,
}

/// $c_j$ of $(1 - x)^p = 1 + c_1 x / (1 + c_2 x / (1 + \ldots))$.
///
/// Higham and Lin (2011), (2.4).
fn coefficient(p: f64, j: usize) -> f64 {
    let k = (j / 2) as f64;
    match j {
        1 => -p,
        _ if j.is_multiple_of(2) => (p - k) / (2.0 * (2.0 * k - 1.0)),
        _ => (-k - p) / (2.0 * (2.0 * k + 1.0)),
    }
}

fn scaled<T: Scalar>(x: MatRef<'_, T>, factor: f64) -> Mat<T> {
    let factor = T::RealPart::from_f64(factor);
    Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)].scale(factor))
}

fn plus_identity<T: Scalar>(x: &Mat<T>) -> Mat<T> {
    let mut sum = x.clone();
    add_to_diagonal(sum.as_mut(), T::ONE);
    sum
}

impl<T: Scalar> Fractional<T> {
    /// `t` is the form of $A$, or of $A - I$ if `shifted`; `keep` for the derivative.
    pub(super) fn of(
        t: MatRef<'_, T>,
        shifted: bool,
        spectrum: &Spectrum<T>,
        p: f64,
        keep: bool,
    ) -> Result<Self, MatrixError> {
        let n = t.nrows();
        let (mut memory, mut roots) = (Memory::new(n), Vec::new());
        let path = reduce_to_identity(t, shifted, spectrum, &mut memory, |root| {
            if keep {
                roots.push(root.to_owned());
            }
        })?;
        let (x, mut scratch) = (memory.x.as_ref(), memory.scratch);
        let mut levels = Vec::new();
        let mut y = scaled(x, -coefficient(p, 2 * path.degree));
        for j in (1..2 * path.degree).rev() {
            let denominator = plus_identity(&y);
            let mut next = scaled(x, -coefficient(p, j));
            solve_right(denominator.as_ref(), next.as_mut(), true, &mut scratch);
            let below = std::mem::replace(&mut y, next);
            if keep {
                levels.push(below);
            }
        }
        if keep {
            levels.push(y.clone());
        }

        let upper = (1..n).all(|i| t[(i, i - 1)] == T::ZERO);
        let exponent = |s: usize| p * 0.5_f64.powi(s as i32);
        let write_difference = |y: &mut Mat<T>, s: usize| {
            spectrum.write_power_minus_one(t, y.as_mut(), T::RealPart::from_f64(exponent(s)));
        };
        write_difference(&mut y, path.roots);
        let (mut remaining, mut squared) = (path.roots, Vec::new());
        let limit = T::RealPart::from_f64(NEAR_IDENTITY);
        while remaining > 0 && operator_norm_1(y.as_ref()) <= limit {
            let square = product(y.as_ref(), y.as_ref(), upper);
            let next = Mat::from_fn(n, n, |i, j| y[(i, j)] + y[(i, j)] + square[(i, j)]);
            if keep {
                squared.push(plus_identity(&y));
            }
            y = next;
            remaining -= 1;
            write_difference(&mut y, remaining);
        }
        let mut value = plus_identity(&y);
        let difference = (remaining == 0).then_some(y);
        spectrum.write_power(t, value.as_mut(), exponent(remaining));
        while remaining > 0 {
            let square = product(value.as_ref(), value.as_ref(), upper);
            let before = std::mem::replace(&mut value, square);
            if keep {
                squared.push(before);
            }
            remaining -= 1;
            spectrum.write_power(t, value.as_mut(), exponent(remaining));
        }
        Ok(Self {
            value,
            difference,
            p,
            roots,
            root_count: path.roots,
            degree: path.degree,
            levels,
            squared,
            scratch,
        })
    }

    /// The derivative in direction `e`: of every root, of the continued fraction, of every square.
    pub(super) fn derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let scratch = &mut self.scratch;
        let mut l = e.to_owned();
        for root in &self.roots {
            sylvester(root.as_ref(), root.as_ref(), l.as_mut(), T::RealPart::ZERO, scratch)
                .map_err(|meeting| MatrixError::Singular { what: "eigenvalue", index: meeting.row })?;
        }
        // Y_j (I + Y_{j+1}) = c_j X.
        let mut dy = scaled(l.as_ref(), -coefficient(self.p, 2 * self.degree));
        for (k, pair) in self.levels.windows(2).enumerate() {
            let (below, y) = (&pair[0], &pair[1]);
            let mut next = scaled(l.as_ref(), -coefficient(self.p, 2 * self.degree - 1 - k));
            multiply_add(next.as_mut(), -T::ONE, y.as_ref(), dy.as_ref());
            solve_right(plus_identity(below).as_ref(), next.as_mut(), false, scratch);
            dy = next;
        }
        for r in &self.squared {
            let mut next = multiply(r.as_ref(), dy.as_ref());
            multiply_add(next.as_mut(), T::ONE, dy.as_ref(), r.as_ref());
            dy = next;
        }
        debug_assert_eq!(self.squared.len(), self.root_count, "kept for the derivative");
        Ok(dy)
    }
}
