//! Powers $A^p$ for any real p, and p-th roots.

mod derivative;
mod fractional;
mod integer;
mod partial_fractions;
mod product;

pub use derivative::{powm_condition, powm_frechet, powm_frechet_adjoint};

use crate::MatrixError;
use crate::logarithm::Spectrum;
use crate::norm::{check_square_finite, operator_norm_1};
use crate::product::{multiply, multiply_add};
use crate::reduction::{Reduction, add_to_diagonal, check_result, ldexp};
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::{scaled, sqrtm};
use faer::{Mat, MatRef};
use fractional::Fractional;
use integer::{Integer, invert, invert_quasi_triangular};
use product::product;

/// From here on every double is a whole number, and few of them are meant.
const LARGEST_INTEGER: f64 = 9007199254740992.0;

/// The power $A^p$ of a square matrix for a real exponent.
///
/// $$ A^p = e^{p \log A}, \quad -\pi < \operatorname{Im} \log \lambda \le \pi $$
///
/// For a whole p it is the product of matrices that the notation says ($A^0 = I$), by repeated squaring, through the inverse for
/// a negative one. Otherwise it is the principal power by the Schur-Padé algorithm: on the Schur form, in real arithmetic for a
/// real matrix, square roots bring the matrix close to the identity, a Padé approximant of $(1 + x)^p$ follows, and
/// as many squarings, with the diagonal and superdiagonal computed from the eigenvalues. Exponents beyond ±1 are split into a whole
/// and a fractional part. A Hermitian matrix goes by its eigenvectors, and the result is Hermitian to the bit. A matrix close to
/// the identity is taken as $I + X$.
///
/// A zero eigenvalue (or one that rounding cannot tell from it) has a power for a fractional $p > 0$ where the matrix is diagonal or
/// Hermitian: zero. For other singular matrices that is an error. For an eigenvalue on the negative real axis the fractional
/// power is the limit from above, and is not real: for a real matrix that is an error, and the same matrix as a complex one
/// has that power.
///
/// Cost: up to $2 \log_2 \lvert p \rvert$ products for a whole p, and an inverse for a negative one; otherwise the Schur form and
/// about $(2 s + m / 2) n^3 / 3$ flops, with s and m about 6, and two products.
///
/// # Errors
///
/// [`MatrixError::NotSquare`] and [`MatrixError::NotFinite`] for what is no square matrix of numbers;
/// [`MatrixError::OutOfRange`] unless `p` is finite, and below 2⁵³ in modulus;
/// [`MatrixError::Singular`] for a zero eigenvalue or pivot, but where it is said above;
/// [`MatrixError::NoPrincipalValue`] with a negative eigenvalue of a real matrix for a fractional p;
/// [`MatrixError::Overflow`] where an entry of the power, or of one on the way to it, does not fit.
///
/// # Example: a third of a turn, and three of them back
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::powm;
///
/// let quarter = mat![[0.0_f64, 1.0], [-1.0, 0.0]];
/// let twelfth = powm(quarter.as_ref(), 1.0 / 3.0)?;
/// assert!((twelfth[(0, 1)] - 0.5).abs() < 1e-15);
/// let back = powm(twelfth.as_ref(), -3.0)?;
/// assert!((quarter * back - Mat::<f64>::identity(2, 2)).norm_max() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, L. Lin, *A Schur-Padé algorithm for fractional powers of a matrix*, SIAM J. Matrix Anal. Appl. 32 (2011),
///   Algorithm 5.1.
/// - N. J. Higham, L. Lin, *An improved Schur-Padé algorithm for fractional powers of a matrix and their Fréchet derivatives*, SIAM
///   J. Matrix Anal. Appl. 34 (2013).
pub fn powm<T: Scalar>(a: MatRef<'_, T>, p: f64) -> Result<Mat<T>, MatrixError> {
    check_square_finite(a)?;
    Ok(Power::of(a, p, false)?.value)
}

/// The principal root $A^{1 / q}$ of the whole order `order` = q, and its inverse for a negative order.
///
/// $$ X^q = A, \quad -\frac{\pi}{q} < \arg \lambda \le \frac{\pi}{q} \text{ for every eigenvalue } \lambda \text{ of } X $$
///
/// It is [`sqrtm`] for order 2, $A$ for 1 and [`powm`] for the others, with what is said there about singular matrices and about negative
/// eigenvalues: −8 has no principal real cube root.
///
/// Cost: that of [`sqrtm`] or [`powm`].
///
/// # Errors
///
/// [`MatrixError::OutOfRange`] for order 0; those of [`sqrtm`] and [`powm`].
///
/// # Example: a Markov chain month by month, from its transitions in a quarter
///
/// ```
/// use faer::mat;
///
/// let quarter = mat![[0.9, 0.1], [0.4, 0.6]];
/// let month = tangency_matrix::rootm(quarter.as_ref(), 3)?;
/// assert!((&month * &month * &month - &quarter).norm_max() < 1e-15);
/// assert!((month[(0, 0)] + month[(0, 1)] - 1.0_f64).abs() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices*, SIAM 2008, Theorem 7.2 and section 7.4.
pub fn rootm<T: Scalar>(a: MatRef<'_, T>, order: i32) -> Result<Mat<T>, MatrixError> {
    match order {
        0 => Err(MatrixError::OutOfRange { what: "the order of a root", range: "not zero", value: 0.0 }),
        2 => sqrtm(a),
        _ => {
            check_square_finite(a)?;
            let k = root_exponent(a, order);
            let p = 1.0 / f64::from(order);
            if k == 0 {
                return powm(a, p);
            }
            let times =
                |x: MatRef<'_, T>, k: i32| Mat::from_fn(x.nrows(), x.ncols(), |i, j| ldexp(x[(i, j)], k));
            let shift = k * order;
            let root = powm(times(a, -shift).as_ref(), p).map_err(|error| scaled(error, shift))?;
            let root = times(root.as_ref(), k);
            check_result("the root", root.as_ref())?;
            Ok(root)
        }
    }
}

/// k for which $2^{-k q} A$ has a norm near 1, if no entry loses a digit by that: the root is then $2^k$ times that of the smaller
/// matrix. The exponent 1 / q is rounded, which costs up to $u \lvert \log \lVert A \rVert \rvert / q$.
fn root_exponent<T: Scalar>(a: MatRef<'_, T>, order: i32) -> i32 {
    let norm = RealScalar::min(operator_norm_1(a), T::RealPart::MAX).to_f64();
    if norm == 0.0 {
        return 0;
    }
    let k = (norm.log2() / f64::from(order)).round() as i32;
    let lossless =
        |x: T::RealPart| x == T::RealPart::ZERO || x.ldexp(-k * order).modulus() >= T::RealPart::MIN_POSITIVE;
    let all =
        (0..a.ncols()).all(|j| (0..a.nrows()).all(|i| lossless(a[(i, j)].re()) && lossless(a[(i, j)].im())));
    if all { k } else { 0 }
}

/// A power with what its derivatives need.
struct Power<T: Scalar> {
    value: Mat<T>,
    way: Way<T>,
}

/// How a power was computed.
enum Way<T: Scalar> {
    /// $A^0$.
    Constant,
    Whole(Integer<T>),
    /// A diagonal form.
    Eigenvalues {
        reduction: Reduction<T>,
        spectrum: Spectrum<T>,
        p: f64,
        singular: Option<usize>,
    },
    /// The fractional factor and, for exponents beyond ±1, the whole one; both on the triangular form.
    Triangular {
        reduction: Reduction<T>,
        p: f64,
        fractional: Box<Fractional<T>>,
        whole: Option<Integer<T>>,
    },
    /// Order 1 or 2 by the eigenvalues alone.
    Closed,
}

impl<T: Scalar> Power<T> {
    /// `a` must be square and finite; `keep` for derivatives.
    fn of(a: MatRef<'_, T>, p: f64, keep: bool) -> Result<Self, MatrixError> {
        if !p.is_finite() || p.abs() >= LARGEST_INTEGER {
            let range = "a number of modulus below 2^53";
            return Err(MatrixError::OutOfRange { what: "the exponent", range, value: p });
        }
        let n = a.nrows();
        let power = if p == 0.0 || n == 0 {
            Self { value: Mat::identity(n, n), way: Way::Constant }
        } else if p.fract() == 0.0 {
            Self::whole(a, p, keep)?
        } else {
            Self::fractional(a, p, keep)?
        };
        check_result("the power", power.value.as_ref())?;
        Ok(power)
    }

    fn whole(a: MatRef<'_, T>, p: f64, keep: bool) -> Result<Self, MatrixError> {
        let base = if p < 0.0 { invert(a)? } else { a.to_owned() };
        let integer = Integer::of(base, p < 0.0, p.abs() as u64, keep);
        let mut value = integer.value.clone();
        if (0..a.ncols()).all(|j| (j..a.nrows()).all(|i| a[(i, j)] == a[(j, i)].conj())) {
            symmetrise(&mut value);
        }
        Ok(Self { value, way: Way::Whole(integer) })
    }

    fn fractional(a: MatRef<'_, T>, p: f64, keep: bool) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let mut reduction = Reduction::of(a)?;
        if reduction.diagonal {
            return Self::by_eigenvalues(reduction, p);
        }
        let spectrum = Spectrum::of(reduction.t.as_ref(), reduction.shifted, reduction.noise)
            .map_err(|error| of_power(error, reduction.exponent))?;
        let t = reduction.t.as_ref();
        if n <= 2 && !keep {
            let mut power = Mat::zeros(n, n);
            let difference = near_identity(&reduction, &spectrum, p);
            if difference {
                spectrum.write_power_minus_one(t, power.as_mut(), T::RealPart::from_f64(p));
            } else {
                spectrum.write_power(t, power.as_mut(), p);
            }
            let value = leave(&reduction, power.as_ref(), difference, p);
            return Ok(Self { value, way: Way::Closed });
        }
        let (whole_part, fraction) = split(p, spectrum.spread());
        let fractional = Box::new(Fractional::of(t, reduction.shifted, &spectrum, fraction, keep)?);
        let mut on_form = fractional.value.clone();
        let mut whole = None;
        if reduction.shifted {
            add_to_diagonal(reduction.t.as_mut(), T::ONE); // the form of A from here on
        }
        if whole_part != 0.0 {
            let inverted = whole_part < 0.0;
            let t = reduction.t.as_ref();
            let base = if inverted { invert_quasi_triangular(t) } else { t.to_owned() };
            let integer = Integer::of(base, inverted, whole_part.abs() as u64, keep);
            on_form = product(integer.value.as_ref(), on_form.as_ref(), true);
            whole = Some(integer);
        }
        let small = fractional.difference.as_ref().filter(|_| whole.is_none());
        let difference = reduction.shifted || (reduction.exponent == 0 && small.is_some());
        if difference {
            match small {
                Some(y) => on_form.copy_from(y),
                None => add_to_diagonal(on_form.as_mut(), -T::ONE),
            }
            spectrum.write_power_minus_one(reduction.t.as_ref(), on_form.as_mut(), T::RealPart::from_f64(p));
        } else {
            spectrum.write_power(reduction.t.as_ref(), on_form.as_mut(), p);
        }
        let value = leave(&reduction, on_form.as_ref(), difference, p);
        Ok(Self { value, way: Way::Triangular { reduction, p, fractional, whole } })
    }

    fn by_eigenvalues(mut reduction: Reduction<T>, p: f64) -> Result<Self, MatrixError> {
        let n = reduction.order();
        // A zero eigenvalue has no logarithm, but a power if p > 0: it is left out of the spectrum.
        let mut zeros = Vec::new();
        for i in 0..n {
            let offset = if reduction.shifted { T::ONE } else { T::ZERO };
            let x = reduction.t[(i, i)];
            if (x + offset).modulus() <= reduction.noise {
                if p < 0.0 {
                    return Err(MatrixError::Singular { what: "eigenvalue", index: i });
                }
                zeros.push(i);
                reduction.t[(i, i)] = T::ONE - offset;
            }
        }
        let noise = if zeros.is_empty() { reduction.noise } else { T::RealPart::ZERO };
        let spectrum = Spectrum::of(reduction.t.as_ref(), reduction.shifted, noise)
            .map_err(|error| of_power(error, reduction.exponent))?;
        let mut power = Mat::zeros(n, n);
        let difference = near_identity(&reduction, &spectrum, p);
        if difference {
            let p = T::RealPart::from_f64(p);
            spectrum.write_power_minus_one(reduction.t.as_ref(), power.as_mut(), p);
        } else {
            spectrum.write_power(reduction.t.as_ref(), power.as_mut(), p);
        }
        for &i in &zeros {
            power[(i, i)] = if difference { -T::ONE } else { T::ZERO };
        }
        let value = leave(&reduction, power.as_ref(), difference, p);
        let singular = zeros.first().copied();
        Ok(Self { value, way: Way::Eigenvalues { reduction, spectrum, p, singular } })
    }

    /// $L(A, E)$.
    fn derivative(&mut self, e: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
        let n = self.value.nrows();
        match &mut self.way {
            Way::Constant | Way::Closed => Ok(Mat::zeros(n, n)),
            Way::Whole(integer) => Ok(integer.derivative(e)),
            Way::Eigenvalues { reduction, spectrum, p, singular } => {
                if let Some(index) = *singular {
                    let what = "the derivative of the power at eigenvalue 0";
                    return Err(MatrixError::Singular { what, index });
                }
                let mut l = reduction.enter(e);
                for j in 0..n {
                    for i in 0..n {
                        l[(i, j)] *= T::from_complex(spectrum.power_slope(i, j, *p));
                    }
                }
                Ok(leave_derivative(reduction, l.as_ref(), *p))
            }
            Way::Triangular { reduction, p, fractional, whole } => {
                let e = reduction.enter(e);
                let mut l = fractional.derivative(e.as_ref())?;
                if let Some(whole) = whole {
                    let mut sum = multiply(whole.value.as_ref(), l.as_ref());
                    let first = whole.derivative(e.as_ref());
                    multiply_add(sum.as_mut(), T::ONE, first.as_ref(), fractional.value.as_ref());
                    l = sum;
                }
                Ok(leave_derivative(reduction, l.as_ref(), *p))
            }
        }
    }
}

/// Whether the power is taken as $I$ and a difference from it, which then keeps its digits.
fn near_identity<T: Scalar>(reduction: &Reduction<T>, spectrum: &Spectrum<T>, p: f64) -> bool {
    let largest = || spectrum.largest_power_minus_one(T::RealPart::from_f64(p));
    reduction.shifted || (reduction.exponent == 0 && largest() <= T::RealPart::from_f64(0.25))
}

/// $A^p$ from $T^p$, or from $T^p - I$ if `difference`.
fn leave<T: Scalar>(reduction: &Reduction<T>, power: MatRef<'_, T>, difference: bool, p: f64) -> Mat<T> {
    let n = reduction.order();
    let mut value = Mat::zeros(n, n);
    reduction.leave_value(power, value.as_mut());
    if difference {
        add_to_diagonal(value.as_mut(), T::ONE);
    }
    rescale(&mut value, reduction.exponent, p, 0);
    value
}

fn leave_derivative<T: Scalar>(reduction: &Reduction<T>, l: MatRef<'_, T>, p: f64) -> Mat<T> {
    let n = reduction.order();
    let mut derivative = Mat::zeros(n, n);
    reduction.leave(l, derivative.as_mut());
    rescale(&mut derivative, reduction.exponent, p, -reduction.exponent);
    derivative
}

/// Times $2^{e p + k}$.
fn rescale<T: Scalar>(a: &mut Mat<T>, exponent: i32, p: f64, k: i32) {
    if exponent == 0 {
        return;
    }
    let (factor, shift) = power_of_two(exponent, p);
    let factor = T::RealPart::from_f64(factor);
    for column in a.as_mut().col_iter_mut() {
        for entry in column.iter_mut() {
            *entry = ldexp(entry.scale(factor), shift + k);
        }
    }
}

/// $2^{e p}$ as a number near 1 and a power of 2. The product is not rounded, which would cost $\lvert e p \rvert u$.
pub(crate) fn power_of_two(e: i32, p: f64) -> (f64, i32) {
    let e = f64::from(e);
    let whole = (e * p).round();
    // No number of the range survives more than that.
    (e.mul_add(p, -whole).exp2(), whole.clamp(-4400.0, 4400.0) as i32)
}

/// p as a whole number and a fraction in (−1, 1); `spread` is a lower bound of the condition number of the matrix.
///
/// Of the two fractions that one whose power is better conditioned for a positive definite matrix: Higham and Lin (2011),
/// section 5.
fn split(p: f64, spread: f64) -> (f64, f64) {
    if p.abs() < 1.0 {
        return (0.0, p);
    }
    let (above_floor, below_ceiling) = (p - p.floor(), p.ceil() - p);
    if above_floor * spread.powf(below_ceiling) <= below_ceiling * spread {
        (p.floor(), above_floor)
    } else {
        (p.ceil(), -below_ceiling)
    }
}

/// An error of the logarithm in the words of the power.
fn of_power(error: MatrixError, exponent: i32) -> MatrixError {
    match scaled(error, exponent) {
        MatrixError::NoPrincipalValue { wanted, real, imaginary, index, .. } => {
            MatrixError::NoPrincipalValue { function: "the power", wanted, real, imaginary, index }
        }
        other => other,
    }
}

/// The mean of a matrix and its adjoint.
pub(crate) fn symmetrise<T: Scalar>(a: &mut Mat<T>) {
    let half = T::RealPart::from_f64(0.5);
    for j in 0..a.ncols() {
        a[(j, j)] = T::from_real(a[(j, j)].re());
        for i in j + 1..a.nrows() {
            // Halves first, because the sum may overflow.
            let mean = a[(i, j)].scale(half) + a[(j, i)].conj().scale(half);
            a[(i, j)] = mean;
            a[(j, i)] = mean.conj();
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;

    #[test]
    fn the_fraction_is_the_better_conditioned_one() {
        for (p, spread, whole, fraction) in [
            (0.5, 9.0, 0.0, 0.5),
            (-0.5, 9.0, 0.0, -0.5),
            (1.5, 1.0, 1.0, 0.5), // equal: the floor
            (1.75, 4.0, 2.0, -0.25),
            (1.75, 1e3, 1.0, 0.75),
            (-1.25, 10.0, -2.0, 0.75),
            (-1.25, 1.0, -1.0, -0.25),
            (2.5, f64::INFINITY, 2.0, 0.5),
        ] {
            assert_eq!(split(p, spread), (whole, fraction), "{p} {spread}");
        }
    }

    #[test]
    fn powers_of_two_are_split_without_rounding() {
        assert_eq!(power_of_two(996, 0.25), (1.0, 249));
        assert_eq!(power_of_two(-7, 0.5), (2.0_f64.sqrt(), -4));
        let (factor, k) = power_of_two(998, 0.7);
        // 998 fl(0.7) = 698.6 - 998 * 4.44e-17 = 699 - 0.4 - 4.43e-14.
        assert_eq!(k, 699);
        let expected = 2.0_f64.powf(-0.4) * (1.0 - 4.43e-14 * std::f64::consts::LN_2);
        assert!((factor / expected - 1.0).abs() < 3e-16);
        assert_eq!(power_of_two(2, 1e15 + 0.5).1, 4400);
    }
}
