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

use super::entries::{apply_moduli, norm_1, view};
use super::multiplication::multiply;
use super::scheme::{SCHEMES, Scheme};
use super::structure::Structure;
use crate::MatrixError;
use crate::norm::estimate_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{Accum, Conj, MatMut};

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
        let mut scales = [T::RealPart::ONE; 6];
        if shift != 0 {
            let factor = T::RealPart::ONE.ldexp(shift);
            scales[0] = factor;
            for i in 1..=self.scheme.powers {
                scales[i] = scales[i - 1] * factor;
            }
        }
        scales
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
    /// For the derivative the bound is of $\lVert A^j \rVert \lVert A^{k-1-j} \rVert$ with any j; the norm itself is one too.
    fn alpha(self, (norm, d): (f64, f64), residues: &[f64], degree: usize) -> f64 {
        let largest = residues.iter().fold(1.0_f64, |m, &b| m.max(b));
        match self {
            // k - 1 is at least the degree; the power 1 in the denominator has the first residue.
            Self::Value if largest <= residues[0] => d,
            Self::Value => d * (largest / residues[0].max(1.0)).powf(1.0 / degree as f64),
            Self::Derivative => (d * largest.powf(2.0 / degree as f64)).min(norm),
        }
    }
}

/// The largest norm of the square and the cube: then the powers of the scaling factor are no subnormals.
fn largest_power<T: Scalar>() -> f64 {
    if size_of::<T::RealPart>() == 4 { 1e30 } else { 1e270 }
}

/// The largest norm, as a power of two, whose sixth power is in range.
fn largest_exponent<T: Scalar>() -> i32 {
    if size_of::<T::RealPart>() == 4 { 20 } else { 168 }
}

/// $2^k x$.
fn scale_exactly<T: Scalar>(x: T, k: i32) -> T {
    T::from_complex(x.re().ldexp(k).complex(x.im().ldexp(k)))
}

/// Chooses the cheapest scheme; forms A² and A³ in the second and third of `powers` if it needs them.
///
/// `norm` is that of the matrix, not 0 and finite. The matrix is divided by a power of two if its powers would overflow;
/// `vectors` are two scratch arrays.
pub(super) fn select<T: Scalar>(
    purpose: Purpose,
    (structure, n): (Structure, usize),
    powers: [&mut [T]; 3],
    norm: f64,
    vectors: (&mut [T], &mut [T]),
) -> Plan {
    let ([a, square, cube], (v, w)) = (powers, vectors);
    if let Some(plan) = select_scaled(purpose, (structure, n), [a, square, cube], (norm, 0), (v, w)) {
        return plan;
    }
    // The powers overflowed.
    let excess = norm.log2().ceil() as i32 - largest_exponent::<T>();
    for x in &mut *a {
        *x = scale_exactly(*x, -excess);
    }
    let norm = norm * (-f64::from(excess)).exp2();
    let fallback = Plan { scheme: &SCHEMES[5], squarings: 0, exponent: excess };
    select_scaled(purpose, (structure, n), [a, square, cube], (norm, excess), (v, w)).unwrap_or(fallback)
}

fn select_scaled<T: Scalar>(
    purpose: Purpose,
    (structure, n): (Structure, usize),
    [a, square, cube]: [&mut [T]; 3],
    (norm, exponent): (f64, i32),
    vectors: (&mut [T], &mut [T]),
) -> Option<Plan> {
    let scale = if exponent == 0 { 1.0 } else { f64::from(exponent).exp2() };
    let plan = |scheme: &'static Scheme, squarings| Some(Plan { scheme, squarings, exponent });
    let fits = |scheme: &Scheme, alpha: f64| alpha * scale <= purpose.theta::<T>(scheme);
    // An exponent of the type is in range: no more than 2200, whatever the ratio.
    let halvings =
        |ratio: f64| if ratio == 0.0 { 0 } else { ratio.log2().ceil().min(2200.0) as i32 + exponent };
    let limit = largest_power::<T>();
    let [one, two, four, eight, fifteen, last] = &SCHEMES;
    if fits(one, norm) {
        return plan(one, 0);
    }
    multiply(structure, n, (square, Accum::Replace), a, a, T::RealPart::ONE);
    let norm_2 = norm_1(square, n);
    if norm_2.is_nan() || norm_2 > limit {
        return None;
    }
    if norm_2 == 0.0 {
        // I + A is all of it; in the derivative the longest product is A E A.
        return plan(if purpose == Purpose::Value { one } else { four }, 0);
    }
    let root = norm_2.sqrt();
    let residue = norm / root;
    let (v, w) = vectors;
    let mut least = || halvings(growth(a, n, norm, (v, w)) / GROWTH);
    let mut low = [two, four, eight, fifteen].into_iter();
    if let Some(scheme) = low.find(|s| fits(s, purpose.alpha((norm, root), &[residue], s.degree)))
        && (norm * scale <= GROWTH || least() <= 0)
    {
        return plan(scheme, 0);
    }
    multiply(structure, n, (cube, Accum::Replace), square, a, T::RealPart::ONE);
    if purpose == Purpose::Value && n >= LARGE && fits(last, norm) {
        // Its norm would change nothing.
        return plan(last, 0);
    }
    let norm_3 = norm_1(cube, n);
    if norm_3.is_nan() || norm_3 > limit {
        return None;
    }
    if norm_3 == 0.0 {
        // In the derivative the longest product is A² E A².
        return plan(if purpose == Purpose::Value { two } else { eight }, 0);
    }
    let cubic_root = norm_3.cbrt();
    let by_square = purpose.alpha((norm, root), &[residue], last.degree);
    let residues = [norm / cubic_root, norm_2 / (cubic_root * cubic_root)];
    let by_cube = purpose.alpha((norm, cubic_root), &residues, last.degree);
    let mut alpha = by_square.min(by_cube);
    let theta = purpose.theta::<T>(last);
    if alpha * scale > theta && norm > STRONGLY_NONNORMAL * root.min(cubic_root) {
        let norms = [norm, norm_2, norm_3];
        alpha = alpha.min(estimated_alpha(purpose, (a, square, cube), n, norms, last.degree));
    }
    let squarings = halvings(alpha / theta).max(0);
    if norm * scale * (-f64::from(squarings)).exp2() <= GROWTH {
        return plan(last, squarings);
    }
    plan(last, least().max(squarings))
}

/// Order from which a pass over a matrix is not made to find that its cube is zero.
const LARGE: usize = 20;

/// Largest $\lVert \lvert 2^{-s} A \rvert^8 \rVert^{1/8}$, or so, that the evaluation may meet.
///
/// Where signs cancel, the powers of A may be far smaller than those of |A|, with which the rounding errors grow: up to
/// $u e^{\lvert A \rvert}$. Al-Mohy and Higham (2009), (5.5) and after, bound them by the threshold of their polynomial of
/// degree 13, 5.4; here it is a number of its own.
const GROWTH: f64 = 8.0;

/// $(\lVert \lvert A \rvert^8 \rVert / \lVert A \rVert)^{1/7}$, by eight products with a vector.
fn growth<T: Scalar>(a: &[T], n: usize, norm: f64, (v, w): (&mut [T], &mut [T])) -> f64 {
    let (mut v, mut w) = (&mut v[..n], &mut w[..n]);
    v.fill(T::ONE);
    let mut log = 0.0;
    for _ in 0..8 {
        log += apply_moduli(a, v, w).log2();
        std::mem::swap(&mut v, &mut w);
    }
    ((log - norm.log2()) / 7.0).exp2()
}

/// $\lVert A \rVert / \alpha$ above which it is worth looking at the norms of higher powers.
const STRONGLY_NONNORMAL: f64 = 16.0;

/// $\alpha$ by estimates of the norms of the first three powers above the degree.
///
/// Below and beyond those by products with the three known norms. Powers above twice the degree are not looked at: their
/// coefficients $c_k$ are so small that no $\alpha$ below twice the threshold can make them count.
fn estimated_alpha<T: Scalar>(
    purpose: Purpose,
    (a, square, cube): (&[T], &[T], &[T]),
    n: usize,
    norms: [f64; 3],
    degree: usize,
) -> f64 {
    let logs = norms.map(f64::log2);
    // The factors are scaled to norm about one, so that products of many stay in range.
    let unit = (logs[2] / 3.0).round() as i32;
    let estimate = |cubes: usize, other: Option<(&[T], i32)>| {
        let apply = |matrix: &[T], power: i32, adjoint: bool, x: MatMut<'_, T>| {
            let m = view(matrix, n);
            let operand = if adjoint { (m.transpose(), Conj::Yes) } else { (m, Conj::No) };
            let alpha = T::from_real(T::RealPart::ONE.ldexp(-power * unit));
            let right = x.as_ref().to_owned();
            T::product(x, Accum::Replace, operand, (right.as_ref(), Conj::No), alpha);
        };
        let norm = estimate_norm_1(n, |adjoint, mut x: MatMut<'_, T>| {
            if let Some((matrix, power)) = other {
                apply(matrix, power, adjoint, x.as_mut());
            }
            for _ in 0..cubes {
                apply(cube, 3, adjoint, x.as_mut());
            }
        });
        norm.to_f64().log2() + f64::from(unit) * (3 * cubes + other.map_or(0, |(_, p)| p as usize)) as f64
    };
    let thirds = degree / 3;
    let high =
        [estimate(thirds, Some((a, 1))), estimate(thirds, Some((square, 2))), estimate(thirds + 1, None)];
    if high.iter().any(|h| h.is_nan() || *h == f64::INFINITY) {
        return f64::INFINITY;
    }
    let mut low = vec![0.0_f64; degree + 2];
    for j in 1..low.len() {
        low[j] = (1..=3.min(j)).map(|p| low[j - p] + logs[p - 1]).fold(f64::INFINITY, f64::min);
    }
    let bound = |k: usize| match k.checked_sub(degree + 1) {
        None => low[k],
        Some(above) => (0..3.min(above + 1)).map(|i| high[i] + low[above - i]).fold(f64::INFINITY, f64::min),
    };
    let largest = |k: usize| match purpose {
        Purpose::Value => bound(k) - logs[0],
        Purpose::Derivative => (0..k).map(|j| bound(j) + bound(k - 1 - j)).fold(f64::NEG_INFINITY, f64::max),
    };
    (degree + 1..2 * degree + 3).map(|k| (largest(k) / (k - 1) as f64).exp2()).fold(0.0, f64::max)
}

/// That the result does not fit into the type.
pub(super) fn overflow(ln_norm: f64) -> MatrixError {
    MatrixError::Overflow { what: "the exponential", ln_norm }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Degree and squarings for the derivative.
    fn plan(n: usize, entries: &[f64]) -> (usize, i32) {
        let mut first = entries.to_vec();
        let (mut second, mut third) = (vec![0.0; n * n], vec![0.0; n * n]);
        let (mut v, mut w) = (vec![0.0; n * n], vec![0.0; n * n]);
        let norm = crate::operator_norm_1(view(&first, n));
        let powers = [&mut first[..], &mut second[..], &mut third[..]];
        let plan = select(Purpose::Derivative, (Structure::General, n), powers, norm, (&mut v, &mut w));
        (plan.scheme.degree, plan.squarings)
    }

    /// A cyclic matrix, whose powers all have the norm t^k: the thresholds alone decide.
    #[test]
    fn thresholds_of_the_derivative() {
        let cyclic = |t: f64| plan(3, &[0.0, t, 0.0, 0.0, 0.0, t, t, 0.0, 0.0]);
        for (t, expected) in [
            (0.03795, (8, 0)),
            (0.03797, (15, 0)),
            (0.5647, (15, 0)),
            (0.5648, (21, 0)),
            (1.4628, (21, 0)),
            (1.4629, (21, 1)),
        ] {
            assert_eq!(cyclic(t), expected, "{t}");
        }
    }

    /// A² = t² I and ‖A‖ = 2¹⁵ t: α of degree 15 is t·2^(15·2/15), because two powers may be odd.
    #[test]
    fn odd_powers_count_twice_in_the_derivative() {
        let square = |t: f64| plan(2, &[t, 0.0, t * 32767.0, -t]);
        assert_eq!((square(0.1411), square(0.1413)), ((15, 0), (21, 0)));
        // A³ = t³ I with both residues 2²¹.
        let b = 2.0_f64.powi(21);
        let cube = |t: f64| plan(3, &[0.0, 0.0, t, t * b, 0.0, 0.0, 0.0, t / b, 0.0]);
        assert_eq!((cube(0.3656), cube(0.3658)), ((21, 0), (21, 1)));
    }
}
