//! Padé approximants of powers near the identity, by partial fractions.

use super::product::quasi_triangular_product;
use crate::MatrixError;
use crate::kernels::Kernels;
use crate::quasi_triangular::{Scratch, solve_left, solve_right};
use crate::scalar::Scalar;
use faer::{Mat, MatRef};

/// Degree from which two terms are evaluated as one fraction: below it the square of X would cost as much as that saves.
const PAIRED: usize = 4;

/// The [m/m] Padé approximant $r_m$ of $(1 + x)^p$ for $0 < \lvert p \rvert < 1$, less 1, as $\sum_j w_j x / (1 + t_j x)$.
///
/// It is the quadrature rule of Gauss for
///
/// $$ (1 + x)^p - 1 = \frac{\sin \pi p}{\pi} \int_0^1 \frac{x}{1 + t x} \Bigl( \frac{1 - t}{t} \Bigr)^p dt $$
///
/// so that the weights have one sign, the sum p, and the nodes are in (0, 1): no cancellation, and no 1 that the difference could
/// lose digits to. For p → 0 it is p times that of the logarithm, with the nodes of Gauss and Legendre.
#[derive(Debug, Clone)]
pub(super) struct PartialFractions {
    /// $(t_j, w_j)$, $t_j$ ascending.
    terms: Vec<(f64, f64)>,
}

impl PartialFractions {
    /// From the Jacobi matrix of the orthogonal polynomials on [−1, 1]: the nodes are its eigenvalues, the weights squares of the first
    /// components of its eigenvectors.
    ///
    /// G. H. Golub and J. H. Welsch, *Calculation of Gauss quadrature rules*, Math. Comp. 23 (1969).
    pub(super) fn new(p: f64, degree: usize) -> Result<Self, MatrixError> {
        let mut jacobi = Mat::zeros(degree, degree);
        jacobi[(0, 0)] = -p;
        for k in 1..degree {
            let k2 = (k * k) as f64;
            let entry = ((k2 - p * p) / (4.0 * k2 - 1.0)).sqrt();
            jacobi[(k, k - 1)] = entry;
            jacobi[(k - 1, k)] = entry;
        }
        let (values, vectors) = f64::hermitian_eigen(jacobi.as_ref()).ok_or(MatrixError::NoConvergence {
            what: "the nodes of a quadrature rule",
            iterations: degree,
        })?;
        let term = |j: usize| (0.5 * (1.0 + values[j]), p * (vectors[(0, j)] * vectors[(0, j)]));
        Ok(Self { terms: (0..degree).map(term).collect() })
    }

    /// $r_m(X) - I$ for a quasi-triangular X.
    ///
    /// Two terms are one fraction, $(a X + b X^2) (I + \sigma X + \pi X^2)^{-1}$.
    pub(super) fn evaluate<T: Scalar>(&self, x: &Mat<T>, scratch: &mut Scratch<T>) -> Mat<T> {
        let (n, m) = (x.nrows(), self.terms.len());
        let zeros = || Mat::<T>::zeros(n, n);
        let (mut sum, mut y, mut denominator) = (zeros(), zeros(), zeros());
        let pairs = if m >= PAIRED { m / 2 } else { 0 };
        let mut square = if pairs > 0 { zeros() } else { Mat::zeros(0, 0) };
        if pairs > 0 {
            quasi_triangular_product(square.as_mut(), x.as_ref(), x.as_ref());
        }
        for k in 0..m - pairs {
            let (t, w) = self.terms[k];
            if k < pairs {
                let (s, v) = self.terms[m - 1 - k];
                combine(&mut y, (w + v, x), Some((w * s + v * t, &square)));
                combine(&mut denominator, (t + s, x), Some((t * s, &square)));
            } else {
                combine(&mut y, (w, x), None);
                combine(&mut denominator, (t, x), None);
            }
            for i in 0..n {
                denominator[(i, i)] += T::ONE;
            }
            solve_right(denominator.as_ref(), y.as_mut(), true, scratch);
            for j in 0..n {
                let end = (j + 2).min(n);
                for (sum, &y) in sum.col_as_slice_mut(j)[..end].iter_mut().zip(y.col_as_slice(j)) {
                    *sum += y;
                }
            }
        }
        sum
    }

    /// The Fréchet derivative of $r_m$ at X in direction E, $\sum_j w_j (I + t_j X)^{-1} E (I + t_j X)^{-1}$.
    pub(super) fn derivative<T: Scalar>(
        &self,
        x: &Mat<T>,
        e: MatRef<'_, T>,
        scratch: &mut Scratch<T>,
    ) -> Mat<T> {
        let n = x.nrows();
        let (mut sum, mut denominator) = (Mat::<T>::zeros(n, n), Mat::<T>::zeros(n, n));
        let mut y = e.to_owned();
        for &(t, w) in &self.terms {
            combine(&mut denominator, (t, x), None);
            for i in 0..n {
                denominator[(i, i)] += T::ONE;
            }
            y.copy_from(e);
            solve_left(denominator.as_ref(), y.as_mut(), scratch);
            solve_right(denominator.as_ref(), y.as_mut(), false, scratch);
            let w = T::RealPart::from_f64(w);
            for j in 0..n {
                for (sum, y) in sum.col_as_slice_mut(j).iter_mut().zip(y.col_as_slice(j)) {
                    *sum += y.scale(w);
                }
            }
        }
        sum
    }
}

/// `out := a X + b Z`, for quasi-triangular matrices.
fn combine<T: Scalar>(out: &mut Mat<T>, (a, x): (f64, &Mat<T>), second: Option<(f64, &Mat<T>)>) {
    let a = T::RealPart::from_f64(a);
    for j in 0..x.ncols() {
        let end = (j + 2).min(x.nrows());
        let column = &mut out.col_as_slice_mut(j)[..end];
        for (out, x) in column.iter_mut().zip(x.col_as_slice(j)) {
            *out = x.scale(a);
        }
        if let Some((b, z)) = second {
            let b = T::RealPart::from_f64(b);
            for (out, z) in column.iter_mut().zip(z.col_as_slice(j)) {
                *out += z.scale(b);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the smallest and largest x that the degrees of the logarithm are used for.
    #[test]
    fn they_are_the_power_of_a_number() {
        let mut scratch = Scratch::new(1);
        for (degree, reach) in
            [(1, 3.6e-8), (2, 3.7e-4), (3, 8.2e-3), (4, 0.037), (5, 0.093), (6, 0.166), (7, 0.247)]
        {
            for p in [0.5, -0.5, 0.3, -0.9, 1e-8, -1e-8, 0.999_999, -0.999_999] {
                let fractions = PartialFractions::new(p, degree).unwrap();
                for x in [reach, -reach, 0.1 * reach] {
                    let value = fractions.evaluate(&Mat::from_fn(1, 1, |_, _| x), &mut scratch)[(0, 0)];
                    let expected = (p * f64::ln_1p(x)).exp_m1();
                    assert!(
                        (value / expected - 1.0).abs() < 1.5e-15,
                        "{degree} {p} {x}: {value:e} {expected:e}"
                    );
                    let x = Mat::from_fn(1, 1, |_, _| x);
                    let one = Mat::<f64>::identity(1, 1);
                    let slope = fractions.derivative(&x, one.as_ref(), &mut scratch)[(0, 0)];
                    let expected = p * (1.0 + x[(0, 0)]).powf(p - 1.0);
                    // The degree is chosen for the value; the derivative has a truncation error of 2 m + 1 times as much.
                    assert!((slope / expected - 1.0).abs() < 5e-15, "{degree} {p}: {slope:e} {expected:e}");
                }
            }
        }
    }
}
