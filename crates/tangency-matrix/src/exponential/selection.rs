//! Which polynomial, and how many squarings.
//!
//! The scheme of degree $m$ gives $p(2^{-s} A)^{2^s} = e^{A + \Delta A}$ with $\Delta A = \sum_{k > m} c_k 2^{-s(k-1)} A^k$.
//! Its size is bounded through the powers that the scheme forms anyway, and not by $\lVert A \rVert$ alone, which would
//! scale a nonnormal matrix far too much and lose what is small in it: with $b_k \ge \lVert A^k \rVert$ and
//!
//! $$ \alpha = \max_{k > m} \left( \frac{b_k}{\lVert A \rVert} \right)^{1/(k-1)}, \quad
//!    \lVert \Delta A \rVert \le \lVert A \rVert \sum_{k > m} \lvert c_k \rvert (2^{-s} \alpha)^{k-1}
//!    \le u \lVert A \rVert \quad \text{if } 2^{-s} \alpha \le \theta_m . $$
//!
//! The idea is of A. H. Al-Mohy and N. J. Higham, *A new scaling and squaring algorithm for the matrix exponential*, SIMAX 31
//! (2009), section 4; bounds by products of the powers at hand are of J. Sastre, J. Ibáñez, P. Ruiz, E. Defez, *Accurate
//! and efficient matrix exponential computation*, Int. J. Comput. Math. 91 (2014).

use super::entries::{multiply, norm_1};
use super::scheme::{SCHEMES, Scheme};
use super::structure::Structure;
use crate::MatrixError;
use crate::scalar::{RealScalar, Scalar};
use faer::Accum;

/// A scheme and how the matrix is scaled for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) scheme: &'static Scheme,
    /// How often the polynomial's value is squared.
    pub(super) squarings: i32,
    /// The stored matrix is A divided by this power of two, so that its powers stay in range.
    pub(super) exponent: i32,
}

impl Plan {
    /// The factors that turn the stored A, A², A³ into the powers of $2^{-s} A$; 1 for the other basis matrices.
    pub(super) fn scales<T: Scalar>(&self) -> [T::RealPart; 6] {
        let shift = self.exponent - self.squarings;
        std::array::from_fn(|i| {
            let power = if i <= self.scheme.powers { i as i32 + 1 } else { 0 };
            T::RealPart::ONE.ldexp(power * shift)
        })
    }
}

/// What the polynomial is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Value,
    Derivative,
}

impl Purpose {
    fn theta<T: Scalar>(self, scheme: &Scheme) -> f64 {
        match self {
            Self::Value => scheme.theta(T::PRECISION),
            Self::Derivative => scheme.theta_derivative(T::PRECISION),
        }
    }

    /// $\alpha$ from $\lVert A^k \rVert \le d^k \beta_{k \bmod p}$.
    ///
    /// For the derivative the bound is of $\lVert A^j \rVert \lVert A^{k-1-j} \rVert$ with any j.
    fn alpha(self, d: f64, residues: &[f64], degree: usize) -> f64 {
        let degree = degree as f64;
        match self {
            // k - 1 is at least the degree; the power 1 in the denominator has the first residue.
            Self::Value => {
                let largest = residues.iter().fold(1.0_f64, |m, &b| m.max(b));
                d * (largest / residues[0].max(1.0)).max(1.0).powf(1.0 / degree)
            }
            Self::Derivative => {
                let largest = residues.iter().fold(1.0_f64, |m, &b| m.max(b));
                d * largest.powf(2.0 / degree)
            }
        }
    }
}

/// The largest norm, as a power of two, whose sixth power is in range.
fn largest_exponent<T: Scalar>() -> i32 {
    if size_of::<T::RealPart>() == 4 { 20 } else { 168 }
}

/// Divides the matrix by a power of two if its powers would overflow; returns that power and the new norm.
pub(super) fn bring_into_range<T: Scalar>(a: &mut [T], norm: f64) -> (i32, f64) {
    let excess = norm.log2().ceil() as i32 - largest_exponent::<T>();
    if excess <= 0 {
        return (0, norm);
    }
    for x in a {
        *x = T::from_complex(scale_exactly::<T>(*x, -excess));
    }
    (excess, norm * (-f64::from(excess)).exp2())
}

fn scale_exactly<T: Scalar>(x: T, k: i32) -> T::Complex {
    x.re().ldexp(k).complex(x.im().ldexp(k))
}

/// Chooses the cheapest scheme; forms A² and A³ in `square` and `cube` if it needs them.
///
/// `norm` is that of the matrix, not 0 and finite.
pub(super) fn select<T: Scalar>(
    purpose: Purpose,
    structure: Structure,
    n: usize,
    (a, square, cube): (&mut [T], &mut [T], &mut [T]),
    norm: f64,
) -> Plan {
    let (exponent, norm) = bring_into_range(a, norm);
    let scale = f64::from(exponent).exp2();
    let plan = |scheme: &'static Scheme, squarings| Plan { scheme, squarings, exponent };
    let fits = |scheme: &Scheme, alpha: f64| alpha * scale <= purpose.theta::<T>(scheme);
    let [one, two, four, eight, fifteen, last] = &SCHEMES;
    if fits(one, norm) {
        return plan(one, 0);
    }
    multiply(structure, n, (square, Accum::Replace), a, a, T::RealPart::ONE);
    let norm_2 = norm_1(square, n);
    let root = norm_2.sqrt();
    let residue = norm / root;
    for scheme in [two, four, eight, fifteen] {
        let alpha = if norm_2 == 0.0 { 0.0 } else { purpose.alpha(root, &[residue], scheme.degree) };
        if fits(scheme, alpha) {
            return plan(scheme, 0);
        }
    }
    multiply(structure, n, (cube, Accum::Replace), square, a, T::RealPart::ONE);
    let norm_3 = norm_1(cube, n);
    let cubic_root = norm_3.cbrt();
    let by_square = purpose.alpha(root, &[residue], last.degree);
    let by_cube = if norm_3 == 0.0 {
        0.0
    } else {
        let residues = [norm / cubic_root, norm_2 / (cubic_root * cubic_root)];
        purpose.alpha(cubic_root, &residues, last.degree)
    };
    let ratio = by_square.min(by_cube) / purpose.theta::<T>(last);
    let squarings = if ratio == 0.0 { 0 } else { (ratio.log2().ceil() as i32 + exponent).max(0) };
    plan(last, squarings)
}

/// That the result does not fit into the type.
pub(super) fn overflow(ln_norm: f64) -> MatrixError {
    MatrixError::Overflow { what: "the exponential", ln_norm }
}
