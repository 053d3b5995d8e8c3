//! XNysTrace: the same with Nyström's approximation, for a positive semidefinite operator, at one product a probe.

use super::exchangeable::{Pair, mean_and_error, rounds};
use super::hutchinson::draw;
use super::target::{Target, column_dot};
use super::{Probe, TraceEstimate, TraceOptions};
use crate::MatrixError;
use crate::determinant::schur_complement;
use crate::product::{adjoint_multiply, multiply};
use crate::scalar::{RealScalar, Scalar};
use faer::linalg::matmul::triangular::BlockStructure;
use faer::{Conj, Mat};
use rand::Rng;

/// Limit in [`mean_and_error`], from its table.
const LARGEST_COVARIANCE: f64 = 13.0;
/// Shifts that are tried, in units of roundoff times the mean length of a product; the last one is for an operator
/// whose own rounding is larger.
const SHIFTS: [f64; 3] = [1.0, 100.0, 10_000.0];

/// Epperly, Tropp, Webber (2024): with $Y = F\Omega$, Nyström's approximation is $Y (\Omega^* Y)^{-1} Y^*$, and leaving
/// out a probe lowers its rank by one. The standard error is that of [`mean_and_error`].
pub(super) fn xnystrace<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    rng: &mut dyn Rng,
) -> Result<TraceEstimate<T>, MatrixError> {
    let n = target.order();
    let (mut omega, mut y) = (Mat::zeros(n, 0), Mat::zeros(n, 0));
    let mut exact = true;
    rounds(target, options, 1, |m, target| {
        let old = omega.ncols();
        omega.resize_with(n, m, |_, _| T::ZERO);
        y.resize_with(n, m, |_, _| T::ZERO);
        draw(options.probe, omega.as_mut().subcols_mut(old, m - old), rng);
        let errors =
            target.apply(omega.as_ref().subcols(old, m - old), y.as_mut().subcols_mut(old, m - old))?;
        exact &= errors.is_some_and(|e| e.iter().all(|&e| e == T::RealPart::ZERO));
        if !target.checks_symmetry() {
            check_symmetry(&omega, &y)?;
        }
        let (estimate, standard_error) = estimate(&omega, &y, options.probe)?;
        Ok((estimate, standard_error, exact.then_some(T::RealPart::ZERO)))
    })
}

/// $\langle \omega_i, F \omega_j \rangle = \langle F \omega_i, \omega_j \rangle$, to half the digits.
fn check_symmetry<T: Scalar>(omega: &Mat<T>, y: &Mat<T>) -> Result<(), MatrixError> {
    let m = omega.ncols();
    let length = |a: &Mat<T>, j: usize| Scalar::sqrt(column_dot(a.as_ref(), a.as_ref(), j).re());
    let lengths: Vec<_> = (0..m).map(|j| (length(omega, j), length(y, j))).collect();
    let forms = adjoint_multiply(omega.as_ref(), y.as_ref());
    let mut worst = T::RealPart::ZERO;
    for j in 0..m {
        for i in 0..=j {
            let difference = (forms[(i, j)] - forms[(j, i)].conj()).modulus();
            let scale = RealScalar::max(lengths[i].0 * lengths[j].1, lengths[j].0 * lengths[i].1);
            if difference > T::RealPart::ZERO {
                worst = RealScalar::max(worst, difference / scale);
            }
        }
    }
    if worst > Scalar::sqrt(T::RealPart::UNIT_ROUNDOFF) {
        return Err(MatrixError::OperatorNotHermitian { difference: worst.to_f64() });
    }
    Ok(())
}

/// Estimate and standard error.
///
/// With $M = \Omega^* Y$ and $\hat Y = Y M^{-1}$, leaving out the probes of an index set p takes
/// $\hat Y_p K \hat Y_p^*$ with $K = ((M^{-1})_{pp})^{-1}$ off the approximation, and the form of what is left
/// in a probe of p is the diagonal entry of K.
fn estimate<T: Scalar>(omega: &Mat<T>, y: &Mat<T>, probe: Probe) -> Result<(T, T::RealPart), MatrixError> {
    let (n, m) = omega.shape();
    let square = |a: &Mat<T>, j: usize| column_dot(a.as_ref(), a.as_ref(), j).re();
    let total = (0..m).fold(T::RealPart::ZERO, |h, j| RealScalar::hypot(h, Scalar::sqrt(square(y, j))));
    if total == T::RealPart::ZERO {
        return Ok((T::ZERO, T::RealPart::ZERO));
    }
    let unit = T::RealPart::UNIT_ROUNDOFF * total / Scalar::sqrt(T::RealPart::from_f64(n as f64));
    let mut failed = MatrixError::NotPositive { kind: "semidefinite", what: "pivot", index: 0, value: 0.0 };
    for shift in SHIFTS {
        let shift = unit * T::RealPart::from_f64(shift);
        let shifted = Mat::from_fn(n, m, |i, j| y[(i, j)] + omega[(i, j)].scale(shift));
        let mut factor = adjoint_multiply(omega.as_ref(), shifted.as_ref());
        let half = T::RealPart::from_f64(0.5);
        for j in 0..m {
            for i in j..m {
                factor[(i, j)] = (factor[(i, j)] + factor[(j, i)].conj()).scale(half);
            }
        }
        let forms = factor.clone();
        if let Err(index) = T::llt_in_place(factor.as_mut()) {
            let value = schur_complement(&forms, index).to_f64();
            let what = "what the probes before leave of the form of probe";
            failed = MatrixError::NotPositive { kind: "semidefinite", what, index, value };
            continue;
        }
        return Ok(from_factor(omega, &shifted, &factor, shift, probe));
    }
    Err(failed)
}

/// The same from the Cholesky factor of M, where `y` is $(F + \nu I)\Omega$.
fn from_factor<T: Scalar>(
    omega: &Mat<T>,
    y: &Mat<T>,
    factor: &Mat<T>,
    shift: T::RealPart,
    probe: Probe,
) -> (T, T::RealPart) {
    let (n, m) = omega.shape();
    let inverse = inverse_factor(factor);
    // B = Y L⁻ᴴ, the approximation B Bᴴ, Ŷ = B L⁻¹.
    let b = multiply(y.as_ref(), inverse.adjoint().to_owned().as_ref());
    let hat = multiply(b.as_ref(), inverse.as_ref());
    let gram = adjoint_multiply(hat.as_ref(), hat.as_ref());
    let inverse_m = adjoint_multiply(inverse.as_ref(), inverse.as_ref());
    let approximation = (0..m).fold(T::ZERO, |s, j| s + column_dot(b.as_ref(), b.as_ref(), j))
        - T::from_real(shift).scale(T::RealPart::from_f64(n as f64));
    // (ΩᴴΩ)⁻¹, for the lengths of the probes outside the others' span.
    let span = (probe == Probe::Sphere).then(|| {
        let (_, r) = T::qr(omega.as_ref(), false);
        let inverse = inverse_factor(&r.adjoint().to_owned());
        adjoint_multiply(inverse.as_ref(), inverse.as_ref())
    });
    let one = T::RealPart::ONE;
    let outside = |count: usize| T::RealPart::from_f64((n - count) as f64);
    let estimates: Vec<T> = (0..m)
        .map(|i| {
            let k = one / inverse_m[(i, i)].re();
            let factor = span.as_ref().map_or(one, |s| outside(m - 1) * s[(i, i)].re());
            approximation + T::from_real(k * factor) - gram[(i, i)].scale(k)
        })
        .collect();
    let pair = |a: &Mat<T>, i: usize, j: usize| Pair { a: a[(i, i)].re(), b: a[(i, j)], c: a[(j, j)].re() };
    mean_and_error(&estimates, LARGEST_COVARIANCE, |i, j| {
        let k = pair(&inverse_m, i, j).inverse();
        let removed = gram[(i, i)].scale(k.a)
            + gram[(j, j)].scale(k.c)
            + T::from_real((k.b * gram[(j, i)]).re()).scale(one + one);
        let lengths = span.as_ref().map(|s| pair(s, i, j).inverse());
        let [f_i, f_j] = lengths.map_or([one; 2], |l| [outside(m - 2) / l.a, outside(m - 2) / l.c]);
        let without = approximation - removed;
        (
            estimates[i] - (without + T::from_real(k.a * f_i)),
            estimates[j] - (without + T::from_real(k.c * f_j)),
        )
    })
}

/// Inverse of a lower triangular matrix; entries above the diagonal are not read.
fn inverse_factor<T: Scalar>(l: &Mat<T>) -> Mat<T> {
    let mut inverse = Mat::identity(l.nrows(), l.ncols());
    T::solve_triangular((l.as_ref(), Conj::No), BlockStructure::TriangularLower, inverse.as_mut());
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Kernels;
    use faer::c64;
    use rand_pcg::Pcg64;

    #[test]
    fn estimates_by_definition() {
        let (n, m) = (11, 5);
        let b = Mat::from_fn(n, n, |i, j| {
            c64::new(((i * i + 3 * i * j) as f64).sin(), ((2 * i + j * j) as f64).cos())
        });
        let a = &b * b.adjoint();
        for probe in [Probe::Sphere, Probe::Signs] {
            let mut omega = Mat::zeros(n, m);
            draw(probe, omega.as_mut(), &mut Pcg64::new(3, 3));
            let y = &a * &omega;
            // tr of the approximation without some probes, and the form of what is left in probe i.
            let without = |i: usize, left_out: &[usize]| {
                let kept: Vec<usize> = (0..m).filter(|j| !left_out.contains(j)).collect();
                let pick = |x: &Mat<c64>| Mat::from_fn(n, kept.len(), |r, j| x[(r, kept[j])]);
                let (omega_k, y_k) = (pick(&omega), pick(&y));
                let mut l = adjoint_multiply(omega_k.as_ref(), y_k.as_ref());
                c64::llt_in_place(l.as_mut()).unwrap();
                let half = multiply(y_k.as_ref(), inverse_factor(&l).adjoint().to_owned().as_ref());
                let rest = &a - &half * half.adjoint();
                let q = c64::qr(omega_k.as_ref(), true).0.unwrap();
                let x = omega.as_ref().subcols(i, 1).to_owned();
                let r = &x - &q * (q.adjoint() * &x);
                let factor = match probe {
                    Probe::Signs => 1.0,
                    Probe::Sphere => (n - kept.len()) as f64 / column_dot(r.as_ref(), r.as_ref(), 0).re,
                };
                let form = column_dot(x.as_ref(), (rest * &x).as_ref(), 0).scale(factor);
                (0..kept.len()).fold(form, |s, j| s + column_dot(half.as_ref(), half.as_ref(), j))
            };
            let estimates: Vec<c64> = (0..m).map(|i| without(i, &[i])).collect();
            let (mean, error) = mean_and_error(&estimates, LARGEST_COVARIANCE, |i, j| {
                (estimates[i] - without(i, &[i, j]), estimates[j] - without(j, &[i, j]))
            });
            let found = estimate(&omega, &y, probe).unwrap();
            assert!((found.0 - mean).modulus() < 1e-9 * mean.modulus(), "{found:?} {mean}");
            assert!((found.1 / error - 1.0).abs() < 1e-8, "{found:?} {error}");
        }
    }
}
