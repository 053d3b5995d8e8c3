//! The φ-functions of exponential integrators.

mod wide;

use crate::MatrixError;
use crate::norm::{check_square_finite, estimate_norm_1, operator_norm_1};
use crate::product::{multiply_add, multiply_into};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatMut, MatRef};
use wide::log2_norms_of_powers;

/// Largest index: `1/(k+p)!` must stay a normal number in `f32`.
const LARGEST_INDEX: usize = 10;
/// Degrees `q·r` of the Taylor polynomial, as `(q, r)`: by Paterson and Stockmeyer q + r − 2 products.
const DEGREES: [(usize, usize); 8] = [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3), (4, 4), (5, 4)];
/// Doublings of the argument; 2^1100 is more than any norm of a finite matrix.
const MOST_DOUBLINGS: i32 = 1100;

/// $\varphi_0(A), \varphi_1(A), \ldots, \varphi_p(A)$, the functions of exponential integrators.
///
/// $$ \varphi_0(z) = e^z, \quad \varphi_k(z) = \int_0^1 e^{(1 - \theta) z} \frac{\theta^{k-1}}{(k-1)!} d\theta
///    = \sum_{j=0}^{\infty} \frac{z^j}{(j+k)!} $$
///
/// so that $y' = A y + b_1 + t b_2 + \ldots$ has the solution
/// $e^{tA} y_0 + t \varphi_1(tA) b_1 + t^2 \varphi_2(tA) b_2 + \ldots$, and $e^A - I = A \varphi_1(A)$ without cancellation.
/// The matrix is halved $s$ times, $\varphi_p$ comes from its Taylor polynomial, the others from
/// $\varphi_k(z) = z \varphi_{k+1}(z) + 1/k!$, and all are carried back by
///
/// $$ \varphi_k(2z) = \frac{1}{2^k} \Big( \varphi_0(z) \varphi_k(z) + \sum_{j=1}^{k} \frac{\varphi_j(z)}{(k-j)!} \Big) , $$
///
/// whose terms have one sign on the negative axis: large negative matrices lose nothing. The scaling is chosen by
/// $\lVert A^j \rVert_1^{1/j}$, not by the norm, so that a large nilpotent part does not add to it.
///
/// `p` is from 0 to 10. Cost: $p + 7 + s (p + 1)$ products at most.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`], [`MatrixError::OutOfRange`] for `p > 10`, and
/// [`MatrixError::Overflow`] if the result does not fit into the number type.
///
/// # Example: a forced linear equation in one step
///
/// ```
/// use faer::mat;
/// use tangency_matrix::phi_functions;
///
/// // y' = −2y + 3, y(0) = 0, at t = 1: the answer is φ₁(−2)·3.
/// let phi = phi_functions(mat![[-2.0_f64]].as_ref(), 1)?;
/// assert!((phi[1][(0, 0)] * 3.0 - 1.5 * (1.0 - (-2.0_f64).exp())).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy and X. Liu, *A scaling and recovering algorithm for the matrix φ-functions* (2025).
///   <https://arxiv.org/abs/2506.01193>
/// - B. Skaflestad and W. M. Wright, *The scaling and modified squaring method for matrix functions related to the
///   exponential*, Applied Numerical Mathematics 59 (2009).
pub fn phi_functions<T: Scalar>(a: MatRef<'_, T>, p: usize) -> Result<Vec<Mat<T>>, MatrixError> {
    let n = check_square_finite(a)?;
    if p > LARGEST_INDEX {
        return Err(MatrixError::OutOfRange {
            what: "the index of the last φ-function",
            range: "at most 10",
            value: p as f64,
        });
    }
    if n == 0 {
        return Ok(vec![Mat::zeros(0, 0); p + 1]);
    }
    let (scaled, exponent) = to_norm_one(a);
    let Plan { q, r, s } = plan(a, scaled.as_ref(), exponent, p);
    // Of the matrix itself: entries that are tiny beside the norm have not been flushed in it.
    let z = powers(a, -s, q);
    let mut phi = small_argument(&z, r, p);
    let mut scratch = Mat::zeros(n, n);
    for _ in 0..s {
        double_argument(&mut phi, &mut scratch);
    }
    for (k, value) in phi.iter().enumerate() {
        if (0..n).any(|j| (0..n).any(|i| !value[(i, j)].finite())) {
            let trace = (0..n).fold(0.0, |sum, i| sum + a[(i, i)].re().to_f64() / n as f64);
            let what = if k == 0 { "the exponential" } else { "a φ-function" };
            let norm = operator_norm_1(scaled.as_ref()).to_f64() * 2.0_f64.powi(exponent.min(1023));
            return Err(MatrixError::Overflow { what, ln_norm: trace.max(norm) });
        }
    }
    Ok(phi)
}

/// `q·r` is the degree of the Taylor polynomial, `s` the number of doublings.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    q: usize,
    r: usize,
    s: i32,
}

/// `(A·2^−e, e)` with a norm of at most 1, so that powers stay in the range; e = 0 for a norm below 1.
fn to_norm_one<T: Scalar>(a: MatRef<'_, T>) -> (Mat<T>, i32) {
    let n = a.nrows();
    let shrink = |e: i32| Mat::from_fn(n, n, |i, j| a[(i, j)].scale(RealScalar::ldexp(T::RealPart::ONE, -e)));
    // The sum of a column may overflow where its entries do not.
    let first = if operator_norm_1(a).finite() { 0 } else { 40 };
    let norm = operator_norm_1(shrink(first).as_ref()).to_f64();
    let exponent = first + if norm > 1.0 { norm.log2().ceil() as i32 } else { 0 };
    // 2^−e itself may be subnormal: two factors.
    let half = shrink(exponent / 2);
    let rest = RealScalar::ldexp(T::RealPart::ONE, exponent / 2 - exponent);
    (Mat::from_fn(n, n, |i, j| half[(i, j)].scale(rest)), exponent)
}

/// Cheapest degree and scaling whose truncation error is below the unit roundoff.
fn plan<T: Scalar>(a: MatRef<'_, T>, scaled: MatRef<'_, T>, exponent: i32, p: usize) -> Plan {
    let bounds = power_bounds(a, scaled, exponent);
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let mut best = (usize::MAX, Plan { q: 1, r: 1, s: MOST_DOUBLINGS });
    for (q, r) in DEGREES {
        let beta = bounds.iter().filter(|b| b.0 <= q * r + 1).fold(f64::INFINITY, |m, b| m.min(b.1));
        let s = (0..MOST_DOUBLINGS).find(|s| {
            let x = beta * 2.0_f64.powi(exponent - s);
            // Beyond 1, φ_k = z φ_{k+1} + 1/k! would cancel for negative z.
            x <= 1.0 && tail(x, q * r, p) <= roundoff
        });
        if let Some(s) = s {
            let products = q + r + s as usize * (p + 1);
            if products < best.0 {
                best = (products, Plan { q, r, s });
            }
        }
    }
    best.1
}

/// Pairs `(k₀, β)` with ‖Z^k‖ ≤ β^k for k ≥ k₀: β is max(d_j, d_{j+1}), d_j = ‖Z^j‖^{1/j}, and k₀ = j(j − 1).
///
/// A. H. Al-Mohy and N. J. Higham, *A new scaling and squaring algorithm* (2009), Theorem 4.2.
///
/// Where a power of $Z = A / 2^e$ is so small that what its products have lost below the range may be all of it, the powers are
/// those of A in numbers with exponents of their own: entries of Z that are that small matter, as $(0, x; 1/x, 0)$ shows.
fn power_bounds<T: Scalar>(a: MatRef<'_, T>, z: MatRef<'_, T>, exponent: i32) -> Vec<(usize, f64)> {
    let n = z.nrows();
    let mut bounds = vec![(1, operator_norm_1(z).to_f64())];
    if exponent > 0 {
        let mut other = Mat::zeros(n, 2.min(n));
        let mut norm_of_power = |j: i32| {
            estimate_norm_1(n, |adjoint, mut x: MatMut<'_, T>| {
                for _ in 0..j {
                    if adjoint {
                        let b = (x.as_ref(), faer::Conj::No);
                        let a = (z.transpose(), faer::Conj::Yes);
                        T::product(other.as_mut(), faer::Accum::Replace, a, b, T::ONE);
                    } else {
                        multiply_into(other.as_mut(), z, x.as_ref());
                    }
                    x.copy_from(&other);
                }
            })
        };
        let norms: Vec<T::RealPart> = (2..=5).map(&mut norm_of_power).collect();
        let unit = T::RealPart::UNIT_ROUNDOFF;
        let floor = T::RealPart::MIN_POSITIVE / (unit * unit);
        let fifth_root = RealScalar::powf(floor, T::RealPart::from_f64(0.2));
        let tiny = |i: usize, j: usize| a[(i, j)] != T::ZERO && z[(i, j)].modulus() < fifth_root;
        let lost = norms.iter().any(|&x| x < floor) && (0..n).any(|j| (0..n).any(|i| tiny(i, j)));
        let log2_norms: Vec<f64> = if lost {
            let norms = log2_norms_of_powers(a, 5);
            norms.iter().zip(2..).map(|(x, j)| x - f64::from(j * exponent)).collect()
        } else {
            norms.iter().map(|x| x.to_f64().log2()).collect()
        };
        let d: Vec<f64> = log2_norms.iter().zip(2..).map(|(x, j)| (x / f64::from(j)).exp2()).collect();
        bounds.extend((0..3).map(|i| ((i + 2) * (i + 1), d[i].max(d[i + 1]))));
    }
    bounds
}

/// $\sum_{k > m} x^k p!/(k+p)!$: the truncation error relative to $\varphi_p(0)$.
fn tail(x: f64, m: usize, p: usize) -> f64 {
    let mut term = 1.0;
    let mut sum = 0.0;
    for k in 1..m + 30 {
        term *= x / (k + p) as f64;
        if k > m {
            sum += term;
        }
    }
    sum
}

/// `Z, Z², ..., Z^q` for `Z = A·2^shift`.
fn powers<T: Scalar>(a: MatRef<'_, T>, shift: i32, q: usize) -> Vec<Mat<T>> {
    let n = a.nrows();
    let (half, rest) = (shift / 2, shift - shift / 2);
    let power_of_two = |k| RealScalar::ldexp(T::RealPart::ONE, k);
    let first = Mat::from_fn(n, n, |i, j| a[(i, j)].scale(power_of_two(half)).scale(power_of_two(rest)));
    let mut z = vec![first];
    for _ in 1..q {
        let mut next = Mat::zeros(n, n);
        multiply_into(next.as_mut(), z[z.len() - 1].as_ref(), z[0].as_ref());
        z.push(next);
    }
    z
}

/// `1/k!`
fn inverse_factorial<R: RealScalar>(k: usize) -> R {
    R::from_f64((2..=k).fold(1.0, |f, i| f / i as f64))
}

/// φ_0 .. φ_p of a small argument: the Taylor polynomial of the last, then downwards.
fn small_argument<T: Scalar>(z: &[Mat<T>], r: usize, p: usize) -> Vec<Mat<T>> {
    let (n, q) = (z[0].nrows(), z.len());
    let coefficient = |k: usize| inverse_factorial::<T::RealPart>(k + p);
    let add_block = |sum: &mut Mat<T>, block: usize| {
        for c in 0..n {
            sum[(c, c)] += T::from_real(coefficient(block * q));
            for j in 1..q {
                let x = coefficient(block * q + j);
                for i in 0..n {
                    sum[(i, c)] += z[j - 1][(i, c)].scale(x);
                }
            }
        }
    };
    let top = coefficient(q * r);
    let mut sum = Mat::from_fn(n, n, |i, j| z[q - 1][(i, j)].scale(top));
    add_block(&mut sum, r - 1);
    for block in (0..r - 1).rev() {
        let mut next = Mat::zeros(n, n);
        multiply_into(next.as_mut(), sum.as_ref(), z[q - 1].as_ref());
        sum = next;
        add_block(&mut sum, block);
    }
    let mut phi = vec![sum];
    for k in (0..p).rev() {
        let mut lower = Mat::zeros(n, n);
        multiply_into(lower.as_mut(), z[0].as_ref(), phi[phi.len() - 1].as_ref());
        for i in 0..n {
            lower[(i, i)] += T::from_real(inverse_factorial(k));
        }
        phi.push(lower);
    }
    phi.reverse();
    phi
}

/// φ_k(z) → φ_k(2z) for all k.
fn double_argument<T: Scalar>(phi: &mut [Mat<T>], scratch: &mut Mat<T>) {
    let n = scratch.nrows();
    // From the last, because each needs those below it at the old argument.
    for k in (0..phi.len()).rev() {
        for c in 0..n {
            for i in 0..n {
                scratch[(i, c)] = T::ZERO;
            }
            for j in 1..=k {
                let x = inverse_factorial(k - j);
                for i in 0..n {
                    scratch[(i, c)] += phi[j][(i, c)].scale(x);
                }
            }
        }
        multiply_add(scratch.as_mut(), T::ONE, phi[0].as_ref(), phi[k].as_ref());
        let half = RealScalar::ldexp(T::RealPart::ONE, -(k as i32));
        for c in 0..n {
            for i in 0..n {
                phi[k][(i, c)] = scratch[(i, c)].scale(half);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::mat;

    #[test]
    fn the_nilpotent_part_does_not_add_to_the_scaling() {
        let overscaling = mat![[1.0, 1e6], [0.0, -1.0]];
        let (scaled, exponent) = to_norm_one(overscaling.as_ref());
        assert_eq!(exponent, 20);
        assert!(plan(overscaling.as_ref(), scaled.as_ref(), exponent, 1).s <= 7);
        let plain = mat![[8.0, 0.0], [0.0, -8.0]];
        let (scaled, exponent) = to_norm_one(plain.as_ref());
        assert_eq!(plan(plain.as_ref(), scaled.as_ref(), exponent, 1), Plan { q: 5, r: 4, s: 3 });
    }

    #[test]
    fn tail_is_that_of_the_series() {
        // Σ_{k>2} 1/k! = e − 2.5; for p = 1, Σ_{k>2} 1/(k+1)! = e − 1 − 1 − 1/2 − 1/6.
        assert!((tail(1.0, 2, 0) - (1.0_f64.exp() - 2.5)).abs() < 1e-15);
        assert!((tail(1.0, 2, 1) - (1.0_f64.exp() - 2.5 - 1.0 / 6.0)).abs() < 1e-15);
    }
}
