//! Sine and cosine, or their hyperbolic sisters, together.
//!
//! With σ = −1 for the circular and σ = 1 for the hyperbolic functions, and $B = A^2$,
//!
//! $$ S(A) = A \sum_{k \ge 0} \frac{\sigma^k B^k}{(2k+1)!}, \quad U(A) = \sum_{k \ge 1} \frac{\sigma^k B^k}{(2k)!} $$
//!
//! are sin A and cos A − I (sinh A and cosh A − I). The series are used for $A/2^k$, and then
//! $S(2A) = 2S + 2SU$ and $U(2A) = 2 \sigma S^2$, k times.
//!
//! Why $U$ and not the cosine: near an eigenvalue 0 the cosine is 1 up to its last digit, the known recurrence
//! $C(2A) = 2C^2 - I$ multiplies an error of the cosine there by four in each step, and the angle is lost. In
//! $U = 2 \sigma S(A/2)^2$ the error of an angle doubles with the angle and grows no faster.

use super::jet::Jet;
use crate::MatrixError;
use crate::scalar::{Precision, RealScalar, Scalar};

/// Which pair of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// sin and cos.
    Circular,
    /// sinh and cosh.
    Hyperbolic,
}

impl Kind {
    /// σ.
    fn sign<R: RealScalar>(self) -> R {
        match self {
            Self::Circular => -R::ONE,
            Self::Hyperbolic => R::ONE,
        }
    }

    /// sin or sinh of a number.
    pub(super) fn sine<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Circular => z.sin(),
            Self::Hyperbolic => z.sinh(),
        }
    }

    /// cos or cosh of a number.
    pub(super) fn cosine<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Circular => z.cos(),
            Self::Hyperbolic => z.cosh(),
        }
    }

    /// ln of the modulus of both, where that is large.
    pub(super) fn ln_modulus<T: Scalar>(self, z: T) -> f64 {
        let growth = match self {
            Self::Circular => z.im(),
            Self::Hyperbolic => z.re(),
        };
        growth.to_f64().abs() - std::f64::consts::LN_2
    }
}

/// Which of the two are wanted; the last doubling then saves a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Sine,
    Cosine,
    Both,
}

/// A degree of the two polynomials in $B$, and how they are evaluated.
struct Degree {
    /// m in $B^m$: the degree is $2m$ for the cosine, $2m + 1$ for the sine.
    of_b: usize,
    /// Powers of $B$ that are formed (Paterson and Stockmeyer); it divides the degree.
    powers: usize,
    /// Largest $\alpha$ for which the remainders stay below the unit roundoff $u$: the largest root of
    /// $\max(1, \alpha) \sum_{k > m} \alpha^{2k-2} / (2k-1)! = u$, which bounds the remainder of the cosine's derivative
    /// relative to A or to 1, and with it those of both functions.
    theta: f64,
}

const fn degree(degree: usize, powers: usize, theta: f64) -> Degree {
    Degree { of_b: degree, powers, theta }
}

/// Products: 3, 5, 6, 7, 9. Roots: `tests/reference/trigonometric_theta.py`.
const DOUBLE: [Degree; 5] = [
    degree(2, 2, 0.0003397409279542945),
    degree(4, 2, 0.05019326126089446),
    degree(6, 3, 0.30663708130030765),
    degree(8, 4, 0.8170091332328779),
    degree(12, 4, 2.3404873244312374),
];

/// Products: 3, 5, 6, 7.
const SINGLE: [Degree; 4] = [
    degree(2, 2, 0.0517140348884149),
    degree(4, 2, 0.6190007287355538),
    degree(6, 3, 1.5749349952317833),
    degree(8, 4, 2.694113407917189),
];

/// Exponents of the norm of $A$, up to which $A^2$ does not overflow, and of that of $B$'s root, up to which $B^4$
/// does not.
fn safe_exponents(precision: Precision) -> (i32, i32) {
    match precision {
        Precision::Single => (60, 12),
        Precision::Double => (500, 120),
    }
}

/// $S$ and $U$, each `None` if it was not wanted.
pub(super) struct Pair<T: Scalar> {
    pub(super) sine: Option<Jet<T>>,
    pub(super) cosine_minus_one: Option<Jet<T>>,
}

/// Sine and cosine of the matrix.
///
/// `name` is what overflows, in an error.
pub(super) fn pair<T: Scalar>(
    kind: Kind,
    want: Want,
    name: &'static str,
    a: Jet<T>,
) -> Result<Pair<T>, MatrixError> {
    let sigma = kind.sign();
    let Series { a, mut powers, degree, doublings, ln_norm } = prepare(a)?;
    let two = T::RealPart::from_f64(2.0);
    let sine_needed = doublings > 0 || want != Want::Cosine;
    let cosine_needed = doublings > 0 || want != Want::Sine;
    let mut sine = sine_needed.then(|| sine(sigma, &a, degree, &powers));
    let mut cosine = cosine_needed.then(|| polynomial(sigma, 0, degree, &powers));
    powers.clear(); // memory that the doublings do not need
    let mut spare = a.zeros_like();
    for step in 1..=doublings {
        let last = step == doublings;
        let (Some(s), Some(u)) = (&mut sine, &mut cosine) else { break };
        let need_sine = !last || want != Want::Cosine;
        let need_cosine = !last || want != Want::Sine;
        if need_sine {
            spare.set_product(s, u);
            spare.combine(two, s, two);
        }
        if need_cosine {
            u.set_product(s, s);
            u.scale(two * sigma);
        }
        if need_sine {
            std::mem::swap(s, &mut spare);
        }
    }
    let (sine, cosine) = (sine.filter(|_| want != Want::Cosine), cosine.filter(|_| want != Want::Sine));
    if sine.iter().chain(cosine.iter()).all(Jet::finite) {
        Ok(Pair { sine, cosine_minus_one: cosine })
    } else {
        Err(MatrixError::Overflow { what: name, ln_norm })
    }
}

/// `Err` if the size of a matrix in units of 1/u leaves no digit of its functions.
pub(super) fn check_digits(size: f64) -> Result<(), MatrixError> {
    if size < 1.0 {
        return Ok(());
    }
    Err(MatrixError::OutOfRange {
        what: "the root of the norm of a power of the matrix, times the unit roundoff,",
        range: "below 1, or no digit of the result is known",
        value: size,
    })
}

/// Both functions of a matrix that has been halved so often that the series converge.
pub(super) struct Halved<T: Scalar> {
    pub(super) sine: Jet<T>,
    pub(super) cosine_minus_one: Jet<T>,
    /// How often it has been halved.
    pub(super) doublings: i32,
}

/// $(S, U)$ of $A / 2^k$, without the doublings.
pub(super) fn halved<T: Scalar>(kind: Kind, a: Jet<T>) -> Result<Halved<T>, MatrixError> {
    let sigma = kind.sign();
    let Series { a, powers, degree, doublings, .. } = prepare(a)?;
    let sine = sine(sigma, &a, degree, &powers);
    let cosine_minus_one = polynomial(sigma, 0, degree, &powers);
    Ok(Halved { sine, cosine_minus_one, doublings })
}

/// A + A(q − I): the leading term is not rounded in the product.
fn sine<T: Scalar>(sigma: T::RealPart, a: &Jet<T>, degree: usize, powers: &[Jet<T>]) -> Jet<T> {
    let mut s = Jet::product(a, &polynomial(sigma, 1, degree, powers));
    s.combine(T::RealPart::ONE, a, T::RealPart::ONE);
    s
}

/// The scaled matrix and what the series need.
struct Series<T: Scalar> {
    a: Jet<T>,
    /// $B, B^2, \ldots$
    powers: Vec<Jet<T>>,
    degree: usize,
    doublings: i32,
    /// $\alpha$, which bounds ln of the norm of the result up to a constant.
    ln_norm: f64,
}

/// Chooses degree and scaling from the norms of powers, which are products that the series need anyway.
///
/// The remainder $\sum_{k > m} c_k B^k$ is at most $\sum \lvert c_k \rvert \alpha^{2k}$ for
/// $\alpha^2 = \max(\lVert B^p \rVert^{1/p}, \lVert B^{p+1} \rVert^{1/(p+1)})$ with $p(p-1) \le m + 1$
/// (A. H. Al-Mohy and N. J. Higham, SIMAX 31 (2009), Theorem 4.2), where $\alpha$ may be far below the norm of A.
fn prepare<T: Scalar>(mut a: Jet<T>) -> Result<Series<T>, MatrixError> {
    let table: &[Degree] = match T::PRECISION {
        Precision::Single => &SINGLE,
        Precision::Double => &DOUBLE,
    };
    // Scaled only so that B and then its powers do not overflow, and no further: a far from normal matrix has a B
    // that is small beside A, whose powers would underflow.
    let (of_matrix, of_root) = safe_exponents(T::PRECISION);
    let excess =
        |norm: f64, safe: i32| if norm > 0.0 { norm.log2().ceil() as i32 - safe } else { i32::MIN / 2 };
    // The sum of a column may overflow where its entries do not.
    let first = if a.norm().finite() { 0 } else { 64 };
    a.ldexp(-first);
    let rest = excess(a.norm().to_f64(), of_matrix).max(0);
    a.ldexp(-rest);
    let mut prescaling = first + rest;
    let mut b = Jet::product(&a, &a);
    let more = excess(b.norm().to_f64().sqrt(), of_root).max(-prescaling);
    a.ldexp(-more);
    b.ldexp(-2 * more);
    prescaling += more;
    let mut roots = vec![b.norm().to_f64()]; // ‖B^p‖^{1/p} at p − 1
    let mut powers = vec![b];
    let mut alpha = f64::INFINITY;
    let mut chosen = &table[0];
    for candidate in table {
        while powers.len() < candidate.powers {
            let next = Jet::product(&powers[powers.len() - 1], &powers[0]);
            roots.push(next.norm().to_f64().powf(1.0 / (powers.len() + 1) as f64));
            powers.push(next);
        }
        // The root of one power more is at most the geometric mean of those known, ‖B^p B‖ ≤ ‖B^p‖‖B‖ …
        let known = roots.len();
        let next = |p: usize| {
            if p < known {
                roots[p]
            } else {
                (1..=p / 2 + 1)
                    .filter(|&i| i <= known && p + 1 - i <= known)
                    .map(|i| {
                        let j = p + 1 - i;
                        (roots[i - 1].powf(i as f64) * roots[j - 1].powf(j as f64)).powf(1.0 / (p + 1) as f64)
                    })
                    .fold(f64::INFINITY, f64::min)
            }
        };
        for p in 1..=known {
            if p * (p - 1) <= candidate.of_b + 1 {
                alpha = alpha.min(roots[p - 1].max(next(p)).sqrt());
            }
        }
        chosen = candidate;
        if prescaling == 0 && alpha <= chosen.theta {
            break;
        }
    }
    // α of the matrix that was given is alpha·2^prescaling.
    let size = alpha * T::RealPart::UNIT_ROUNDOFF.to_f64() * f64::from(prescaling).exp2();
    check_digits(size)?;
    let doublings =
        if alpha > 0.0 { ((alpha / chosen.theta).log2().ceil() as i32 + prescaling).max(0) } else { 0 };
    let shift = prescaling - doublings;
    a.ldexp(shift);
    for (i, power) in powers.iter_mut().enumerate() {
        power.ldexp(2 * shift * (i as i32 + 1));
    }
    powers.truncate(chosen.powers);
    let ln_norm = alpha * f64::from(prescaling).exp2();
    Ok(Series { a, powers, degree: chosen.of_b, doublings, ln_norm })
}

/// $\sum_{k=1}^{m} \sigma^k B^k / (2k + o)!$ with o = 0 or 1, by the scheme of Paterson and Stockmeyer (1973):
/// m/s − 1 products with $B^s$.
fn polynomial<T: Scalar>(sigma: T::RealPart, odd: usize, degree: usize, powers: &[Jet<T>]) -> Jet<T> {
    let s = powers.len();
    let coefficient = |k: usize| {
        let factorial: f64 = (1..=2 * k + odd).map(|i| i as f64).product();
        let c = T::RealPart::from_f64(1.0 / factorial);
        if k % 2 == 1 { c * sigma } else { c }
    };
    let one = T::RealPart::ONE;
    let mut sum = powers[0].zeros_like();
    let mut spare: Option<Jet<T>> = None;
    for block in (0..degree / s).rev() {
        if block + 1 < degree / s {
            let spare = spare.get_or_insert_with(|| sum.zeros_like());
            spare.set_product(&sum, &powers[s - 1]);
            std::mem::swap(spare, &mut sum);
        }
        // The first block has one term more, B^s.
        let terms = if block + 1 == degree / s { s } else { s - 1 };
        for i in (1..=terms).rev() {
            sum.combine(one, &powers[i - 1], coefficient(block * s + i));
        }
        if block > 0 {
            add_identity(&mut sum, coefficient(block * s));
        }
    }
    sum
}

fn add_identity<T: Scalar>(jet: &mut Jet<T>, c: T::RealPart) {
    for i in 0..jet.value.nrows() {
        jet.value[(i, i)] += T::from_real(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_norms_are_the_roots_of_their_bound() {
        let remainder = |x: f64, m: usize| {
            let mut term = 1.0;
            let mut sum = 0.0;
            for k in 1..m + 60 {
                if k > 1 {
                    term *= x * x / ((2 * k - 2) * (2 * k - 1)) as f64;
                }
                if k > m {
                    sum += term;
                }
            }
            sum * x.max(1.0)
        };
        for (table, u) in [(&DOUBLE[..], 2.0_f64.powi(-53)), (&SINGLE[..], 2.0_f64.powi(-24))] {
            for d in table {
                assert!((remainder(d.theta, d.of_b) / u - 1.0).abs() < 1e-13, "{}", d.theta);
                assert_eq!(d.of_b % d.powers, 0);
            }
        }
    }
}
