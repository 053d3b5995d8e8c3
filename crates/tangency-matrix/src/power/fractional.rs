//! Powers with exponent between −1 and 1 of a quasi-triangular matrix.

use super::partial_fractions::PartialFractions;
use super::product::quasi_triangular_product;
use crate::MatrixError;
use crate::logarithm::{Memory, Spectrum, reduce_to_identity};
use crate::norm::operator_norm_1;
use crate::product::{multiply, multiply_add};
use crate::quasi_triangular::{Scratch, sylvester};
use crate::reduction::add_to_diagonal;
use crate::scalar::Scalar;
use faer::{Mat, MatRef};

/// Norm of $Y$ up to which $I + Y$ is squared as $2 Y + Y^2$.
const NEAR_IDENTITY: f64 = 0.25;

/// $T^p$ for $-1 < p < 1$ with what its derivative needs.
///
/// $T^p = r_m(T^{1/2^s} - I)^{2^s}$ with the Padé approximant $r_m$ of $(1 + x)^p$ by partial fractions. As long as the
/// power is close to the identity only the difference is kept, so that the squarings lose nothing; diagonal and superdiagonal
/// come from the eigenvalues at every step.
///
/// N. J. Higham and L. Lin, *A Schur-Padé algorithm for fractional powers of a matrix*, SIMAX 32 (2011), Algorithm 5.1; *An
/// improved Schur-Padé algorithm ...*, SIMAX 34 (2013), Algorithms 3.1 and 6.1, which evaluate a continued fraction. The numbers s and m
/// are those of the logarithm. Where $\lVert X \rVert \le \theta_m$ the error of $r_m$ is then at most
/// $2.1 u \lvert p \rvert \lVert X \rVert$ up to m = 10, in single precision $3.4 u \lvert p \rvert \lVert X \rVert$ up to m = 6
/// (printed by tests/reference/power_constants.py).
#[derive(Debug, Clone)]
pub(super) struct Fractional<T: Scalar> {
    /// $T^p$.
    pub(super) value: Mat<T>,
    /// $T^p - I$, where it is small.
    pub(super) difference: Option<Mat<T>>,
    roots: Vec<Mat<T>>,
    root_count: usize,
    /// $X = T^{1/2^s} - I$.
    x: Mat<T>,
    approximant: PartialFractions,
    /// What was squared.
    squared: Vec<Mat<T>>,
    scratch: Scratch<T>,
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
        let (x, mut scratch) = (memory.x, memory.scratch);
        let approximant = PartialFractions::new(p, path.degree)?;
        let mut y = approximant.evaluate(&x, &mut scratch);

        let exponent = |s: usize| p * 0.5_f64.powi(s as i32);
        let write_difference = |y: &mut Mat<T>, s: usize| {
            spectrum.write_power_minus_one(t, y.as_mut(), T::RealPart::from_f64(exponent(s)));
        };
        write_difference(&mut y, path.roots);
        let (mut remaining, mut squared, mut next) = (path.roots, Vec::new(), Mat::zeros(n, n));
        let limit = T::RealPart::from_f64(NEAR_IDENTITY);
        while remaining > 0 && operator_norm_1(y.as_ref()) <= limit {
            quasi_triangular_product(next.as_mut(), y.as_ref(), y.as_ref());
            for j in 0..n {
                let end = (j + 2).min(n);
                for (next, &y) in next.col_as_slice_mut(j)[..end].iter_mut().zip(y.col_as_slice(j)) {
                    *next += y + y;
                }
            }
            if keep {
                squared.push(plus_identity(&y));
            }
            std::mem::swap(&mut y, &mut next);
            remaining -= 1;
            write_difference(&mut y, remaining);
        }
        let mut value = plus_identity(&y);
        let difference = (remaining == 0).then_some(y);
        spectrum.write_power(t, value.as_mut(), exponent(remaining));
        while remaining > 0 {
            quasi_triangular_product(next.as_mut(), value.as_ref(), value.as_ref());
            if keep {
                squared.push(value.clone());
            }
            std::mem::swap(&mut value, &mut next);
            remaining -= 1;
            spectrum.write_power(t, value.as_mut(), exponent(remaining));
        }
        Ok(Self { value, difference, roots, root_count: path.roots, x, approximant, squared, scratch })
    }

    /// The derivative in direction `e`: of every root, of the approximant, of every square.
    pub(super) fn derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let scratch = &mut self.scratch;
        let mut l = e.to_owned();
        for root in &self.roots {
            sylvester(root.as_ref(), root.as_ref(), l.as_mut(), T::RealPart::ZERO, scratch)
                .map_err(|meeting| MatrixError::Singular { what: "eigenvalue", index: meeting.row })?;
        }
        let mut dy = self.approximant.derivative(&self.x, l.as_ref(), scratch);
        for r in &self.squared {
            let mut next = multiply(r.as_ref(), dy.as_ref());
            multiply_add(next.as_mut(), T::ONE, dy.as_ref(), r.as_ref());
            dy = next;
        }
        debug_assert_eq!(self.squared.len(), self.root_count, "kept for the derivative");
        Ok(dy)
    }
}
