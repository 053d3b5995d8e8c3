//! A function of one block, whose eigenvalues lie close together: Taylor's series about their mean.

use crate::norm::operator_norm_1;
use crate::product::multiply;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Terms of [`from_derivatives`] after which it gives up.
pub(super) const MAX_TERMS: usize = 250;

/// The value of a series, and how much larger than it the largest of its terms is: that factor of rounding is lost.
pub(super) struct Sum<T> {
    pub(super) value: Mat<T>,
    pub(super) loss: f64,
}

fn sum_of<T: Scalar>(value: Mat<T>, largest: T::RealPart) -> Sum<T> {
    let norm = operator_norm_1(value.as_ref()).to_f64();
    let loss = if norm > 0.0 { largest.to_f64() / norm } else { 0.0 };
    Sum { value, loss }
}

/// $f(T)$ for an upper triangular T from the derivatives `f(z, k)`; `None` if the series does not converge, or if `real`
/// and a derivative at a real mean is not.
///
/// The series is stopped when a term and a bound of all later ones are below u. The bound, from the derivatives at
/// the eigenvalues, is there because one term may vanish and the next not.
///
/// P. I. Davies and N. J. Higham, SIMAX 25 (2003), Algorithm 2.6.
pub(super) fn from_derivatives<T: Scalar>(
    t: MatRef<'_, T>,
    real: bool,
    f: &impl Fn(T, usize) -> T,
) -> Option<Sum<T>> {
    let n = t.nrows();
    let (sigma, m) = centred(t);
    let real = real && sigma.im() == T::RealPart::ZERO;
    let mut sum = Mat::zeros(n, n);
    add_to_diagonal(&mut sum, f(sigma, 0));
    let mut largest = f(sigma, 0).modulus();
    let mu = resolvent_norm(t);
    // Mˢ/s!, so that the derivatives enter as they are.
    let mut power = m.clone();
    for s in 1..=MAX_TERMS {
        let derivative = f(sigma, s);
        let tolerance = Scalar::sqrt(T::RealPart::UNIT_ROUNDOFF) * derivative.modulus();
        if !derivative.finite() || (real && derivative.im().modulus() > tolerance) {
            return None;
        }
        let increment = derivative.modulus() * operator_norm_1(power.as_ref());
        largest = RealScalar::max(largest, increment);
        add_multiple(&mut sum, derivative, &power);
        power = multiply(power.as_ref(), m.as_ref());
        scale(&mut power, T::RealPart::ONE / T::RealPart::from_f64((s + 1) as f64));
        let small = T::RealPart::UNIT_ROUNDOFF * operator_norm_1(sum.as_ref());
        if increment <= small {
            let next = operator_norm_1(power.as_ref());
            if next == T::RealPart::ZERO || mu * next * largest_derivative(t, f, s + 1) <= small {
                return Some(sum_of(sum, largest));
            }
        }
    }
    None
}

/// $\max_{r < n} \max_i \lvert f^{(s+r)}(\lambda_i) \rvert / r!$.
fn largest_derivative<T: Scalar>(t: MatRef<'_, T>, f: &impl Fn(T, usize) -> T, s: usize) -> T::RealPart {
    let mut largest = T::RealPart::ZERO;
    let mut factorial = T::RealPart::ONE;
    for r in 0..t.nrows() {
        if r > 1 {
            factorial *= T::RealPart::from_f64(r as f64);
        }
        if !factorial.finite() {
            break;
        }
        for i in 0..t.nrows() {
            let value = f(t[(i, i)], s + r).modulus() / factorial;
            if !value.finite() {
                return value;
            }
            largest = RealScalar::max(largest, value);
        }
    }
    largest
}

/// $\lVert (I - \lvert N \rvert)^{-1} \rVert_\infty$ for the strictly upper part N.
fn resolvent_norm<T: Scalar>(t: MatRef<'_, T>) -> T::RealPart {
    let n = t.nrows();
    let mut x = vec![T::RealPart::ONE; n];
    for j in (0..n).rev() {
        for i in 0..j {
            let add = t[(i, j)].modulus() * x[j];
            x[i] += add;
        }
    }
    x.into_iter().fold(T::RealPart::ZERO, RealScalar::max)
}

/// $\sum_k c_k (T - \sigma I)^k$ with all coefficients known; `None` if the last terms are not negligible.
pub(super) fn from_coefficients<T: Scalar>(t: MatRef<'_, T>, coefficients: &[T]) -> Option<Sum<T>> {
    let (_, m) = centred(t);
    let n = t.nrows();
    let norm = operator_norm_1(m.as_ref());
    let mut sum = Mat::zeros(n, n);
    add_to_diagonal(&mut sum, coefficients[0]);
    let mut largest = coefficients[0].modulus();
    let mut power = m.clone();
    let mut last = T::RealPart::ZERO;
    for (k, &c) in coefficients.iter().enumerate().skip(1) {
        let power_norm = operator_norm_1(power.as_ref());
        if power_norm == T::RealPart::ZERO {
            return Some(sum_of(sum, largest));
        }
        largest = RealScalar::max(largest, c.modulus() * power_norm);
        add_multiple(&mut sum, c, &power);
        let small = T::RealPart::UNIT_ROUNDOFF * operator_norm_1(sum.as_ref());
        // Horner's rule in the norm for Σ_{j ≥ k} |c_j| ‖M‖^(j−k).
        let rest =
            coefficients[k + 1..].iter().rev().fold(T::RealPart::ZERO, |rest, c| rest * norm + c.modulus());
        if rest * norm * power_norm <= small * T::RealPart::from_f64(0.125) {
            return Some(sum_of(sum, largest));
        }
        if k + 8 >= coefficients.len() {
            last += c.modulus() * power_norm;
        }
        power = multiply(power.as_ref(), m.as_ref());
    }
    let small = T::RealPart::UNIT_ROUNDOFF * operator_norm_1(sum.as_ref());
    (last <= small).then(|| sum_of(sum, largest))
}

/// The mean σ of the eigenvalues, and T − σI.
pub(super) fn centred<T: Scalar>(t: MatRef<'_, T>) -> (T, Mat<T>) {
    let n = t.nrows();
    let trace = (0..n).fold(T::ZERO, |sum, i| sum + t[(i, i)]);
    let sigma = trace.scale(T::RealPart::ONE / T::RealPart::from_f64(n as f64));
    let mut m = t.to_owned();
    add_to_diagonal(&mut m, -sigma);
    (sigma, m)
}

fn add_to_diagonal<T: Scalar>(m: &mut Mat<T>, c: T) {
    for i in 0..m.nrows() {
        m[(i, i)] += c;
    }
}

fn add_multiple<T: Scalar>(sum: &mut Mat<T>, c: T, m: &Mat<T>) {
    for j in 0..m.ncols() {
        for (x, &y) in sum.col_as_slice_mut(j).iter_mut().zip(m.col_as_slice(j)) {
            *x += c * y;
        }
    }
}

fn scale<T: Scalar>(m: &mut Mat<T>, c: T::RealPart) {
    for j in 0..m.ncols() {
        for x in m.col_as_slice_mut(j) {
            *x = x.scale(c);
        }
    }
}
