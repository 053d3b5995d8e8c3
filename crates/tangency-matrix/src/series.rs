//! Power series with the caller's coefficients, and what is left out.

use crate::MatrixError;
use crate::determinant::scaled::ScaledProduct;
use crate::norm::{check_finite, check_square_finite, operator_norm_1};
use crate::product::multiply;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// What the caller knows of the coefficients $c_k$ that are not looked at.
///
/// Each is a promise for all k; it is checked for the coefficients that are used.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CoefficientBound {
    /// A polynomial: $c_k = 0$ above this degree.
    Degree(usize),
    /// $\lvert c_k \rvert \le C q^k$: a radius of convergence of at least $1/q$.
    Geometric {
        /// $C \ge 0$.
        scale: f64,
        /// $q \ge 0$.
        ratio: f64,
    },
    /// $\lvert c_k \rvert \le C q^k / k!$: an entire function of exponential type q.
    Factorial {
        /// $C \ge 0$.
        scale: f64,
        /// $q \ge 0$.
        ratio: f64,
    },
    /// $\lvert c_{k+1} \rvert \le q \lvert c_k \rvert$: the size comes from the last coefficient itself. Not for series
    /// where some coefficients vanish and later ones do not.
    Ratio(f64),
}

/// How far a power series is summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesOptions {
    /// Largest remainder, relative to the sum of the norms of the terms; > 0, default `1e-16`. Below the unit roundoff
    /// it buys nothing but a smaller bound.
    pub tolerance: f64,
    /// Largest number of terms; > 0, default 10 000. A polynomial must have a degree below it.
    pub max_terms: usize,
}

impl Default for SeriesOptions {
    fn default() -> Self {
        Self { tolerance: 1e-16, max_terms: 10_000 }
    }
}

/// Whether a series was summed as far as was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeriesStatus {
    /// The remainder is below the tolerance.
    Converged,
    /// The largest number of terms was reached first; the bound of the remainder holds all the same.
    MaxTerms,
}

/// The sum of a power series, by [`power_series`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PowerSeries<T: Scalar> {
    /// $\sum_{k < m} c_k A^k$.
    pub value: Mat<T>,
    /// The number of terms m.
    pub terms: usize,
    /// Products of matrices that it took.
    pub products: usize,
    /// Upper bound of $\lVert \sum_{k \ge m} c_k A^k \rVert_1$; it holds in floating-point arithmetic.
    pub truncation_bound: f64,
    /// Upper bound of $\sum_{k < m} \lvert c_k \rvert \lVert A^k \rVert_1$; rounding errors are about n·u times this.
    pub magnitude: f64,
    /// Whether the tolerance was met.
    pub status: SeriesStatus,
}

/// A power series of a matrix.
///
/// $$ f(A) = \sum_{k \ge 0} c_k A^k = \sum_{k < m} c_k A^k + R_m $$
///
/// `coefficient(k)` is $c_k$. It is asked for once for each k, in ascending order: up to the degree of a polynomial, and at
/// most up to `max_terms` otherwise, which may be beyond m.
/// The remainder is bounded by $\lVert R_m \rVert_1 \le \sum_{k \ge m} \lvert c_k \rvert \lVert A^s \rVert_1^{\lfloor k/s \rfloor}
/// \lVert A^{k \bmod s} \rVert_1$ with the norms of the powers that are formed, rounding errors included. So the series
/// may be used where $\lVert A \rVert_1$ lies outside the disc of convergence, if the norm of a power lies inside. The scheme
/// of Paterson and Stockmeyer takes s + m/s − 2 products for m terms, about $2 \sqrt{m}$.
///
/// A series is not a way to a function with large arguments: terms much larger than the sum cancel, and their digits are
/// lost; `magnitude` over the norm of the value says how many.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::NotFinite`]; [`MatrixError::OutOfRange`] if a coefficient is not finite or
/// breaks the promise, an option or number of the bound is out of range, a polynomial has more than `max_terms` terms, or the series cannot be shown to converge:
/// $q^s \lVert A^s \rVert_1 \ge 1$ for s up to 32; [`MatrixError::Overflow`].
///
/// # Example: ln det(I + A) from the logarithm's series
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{CoefficientBound, SeriesOptions, power_series};
///
/// let a = mat![[0.1, 0.5], [0.0, -0.2]];
/// let c = |k: usize| if k == 0 { 0.0 } else { (-1.0_f64).powi(k as i32 + 1) / k as f64 };
/// let bound = CoefficientBound::Geometric { scale: 1.0, ratio: 1.0 };
/// let log = power_series(a.as_ref(), c, bound, &SeriesOptions::default())?;
/// let trace = log.value[(0, 0)] + log.value[(1, 1)];
/// assert!((trace - (1.1_f64 * 0.8).ln()).abs() < 1e-15);
/// assert!(log.truncation_bound < 1e-16);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - M. S. Paterson and L. J. Stockmeyer, *On the number of nonscalar multiplications necessary to evaluate
///   polynomials*, SIAM J. Comput. 2 (1973).
pub fn power_series<T: Scalar>(
    a: MatRef<'_, T>,
    coefficient: impl Fn(usize) -> T,
    bound: CoefficientBound,
    options: &SeriesOptions,
) -> Result<PowerSeries<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_options(bound, options)?;
    let mut powers = Powers::new(a);
    let mut coefficients = Coefficients { function: coefficient, known: Vec::new() };
    let plan = plan(&mut powers, &mut coefficients, bound, options)?;
    let (s, blocks) = (plan.split, plan.blocks);
    let end = if let CoefficientBound::Degree(degree) = bound { degree + 1 } else { s * blocks };
    // What the last block has beyond the degree is zero.
    let c: Vec<T> = (0..s * blocks).map(|k| if k < end { coefficients.get(k) } else { T::ZERO }).collect();
    check_coefficients(&c, bound)?;
    let mut sum = Mat::<T>::zeros(n, n);
    for block in (0..blocks).rev() {
        if block + 1 < blocks {
            sum = multiply(sum.as_ref(), powers.matrix(s));
        }
        for i in 1..s {
            add_multiple(&mut sum, c[block * s + i], powers.matrix(i));
        }
        for i in 0..n {
            sum[(i, i)] += c[block * s];
        }
    }
    let magnitude = powers.weighted(s, c.iter().map(|c| c.modulus().to_f64()));
    if check_finite(sum.as_ref()).is_err() {
        return Err(MatrixError::Overflow {
            what: "the power series",
            ln_norm: magnitude.min(f64::MAX).ln(),
        });
    }
    let status = if plan.tail <= options.tolerance * magnitude {
        SeriesStatus::Converged
    } else {
        SeriesStatus::MaxTerms
    };
    let products = powers.matrices.len() - 1 + blocks.saturating_sub(1);
    Ok(PowerSeries { value: sum, terms: end, products, truncation_bound: plan.tail, magnitude, status })
}

/// The caller's coefficients, each asked for once.
struct Coefficients<T, F> {
    function: F,
    known: Vec<T>,
}

impl<T: Scalar, F: Fn(usize) -> T> Coefficients<T, F> {
    fn get(&mut self, k: usize) -> T {
        while self.known.len() <= k {
            self.known.push((self.function)(self.known.len()));
        }
        self.known[k]
    }
}

/// $A, A^2, \ldots$ and upper bounds of their norms.
struct Powers<T: Scalar> {
    matrices: Vec<Mat<T>>,
    /// $\lVert A^k \rVert_1 \le$ `bounds[k]`, from k = 0.
    bounds: Vec<f64>,
    /// Norms of the errors of the computed powers.
    errors: Vec<f64>,
}

impl<T: Scalar> Powers<T> {
    fn new(a: MatRef<'_, T>) -> Self {
        let inflation = 1.0 + 4.0 * a.nrows() as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64();
        let norm = operator_norm_1(a).to_f64() * inflation;
        Self { matrices: vec![a.to_owned()], bounds: vec![1.0, norm], errors: vec![0.0, 0.0] }
    }

    fn matrix(&self, k: usize) -> MatRef<'_, T> {
        self.matrices[k - 1].as_ref()
    }

    /// Forms one power more. fl(PA) differs from PA by at most 4nu‖P‖‖A‖ in the 1-norm, complex products included; and where
    /// it underflows by at most n of the smallest normal numbers.
    fn extend(&mut self) {
        let k = self.matrices.len();
        let next = multiply(self.matrix(k), self.matrix(1));
        let n = next.nrows() as f64;
        let (unit, smallest) =
            (4.0 * n * T::RealPart::UNIT_ROUNDOFF.to_f64(), T::RealPart::MIN_POSITIVE.to_f64());
        let error = (self.errors[k] + unit * self.bounds[k]) * self.bounds[1] + n * smallest;
        let norm = operator_norm_1(next.as_ref()).to_f64() * (1.0 + unit) + error;
        self.errors.push(error);
        // The product of the norms is a bound too; a NaN from an overflow is none.
        let mut product = self.bounds[k] * self.bounds[1];
        if self.bounds[k] > 0.0 && self.bounds[1] > 0.0 {
            product = product.max(f64::MIN_POSITIVE);
        }
        self.bounds.push(if norm.is_nan() { f64::INFINITY } else { norm.min(product) });
        self.matrices.push(next);
    }

    /// $\sum_k w_k b_s^{\lfloor k/s \rfloor} b_{k \bmod s}$.
    fn weighted(&self, s: usize, weights: impl Iterator<Item = f64>) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for (k, w) in weights.enumerate() {
            if k > 0 && k % s == 0 {
                power *= self.bounds[s];
            }
            if w > 0.0 {
                sum += w * power * self.bounds[k % s];
            }
        }
        sum
    }
}

struct Plan {
    /// s: powers below this enter the blocks.
    split: usize,
    /// m/s.
    blocks: usize,
    tail: f64,
}

/// Largest s.
const MAX_SPLIT: usize = 32;

/// Chooses s and the number of blocks: more powers as long as they save products, or until the series converges.
fn plan<T: Scalar, F: Fn(usize) -> T>(
    powers: &mut Powers<T>,
    coefficients: &mut Coefficients<T, F>,
    bound: CoefficientBound,
    options: &SeriesOptions,
) -> Result<Plan, MatrixError> {
    if let CoefficientBound::Degree(degree) = bound {
        let split = ((degree + 1) as f64).sqrt().ceil() as usize;
        let blocks = (degree + 1).div_ceil(split);
        while powers.matrices.len() < split.min(degree.max(1)) {
            powers.extend();
        }
        return Ok(Plan { split, blocks, tail: 0.0 });
    }
    let mut best: Option<Plan> = None;
    for s in 1..=MAX_SPLIT.min(options.max_terms) {
        if powers.matrices.len() < s {
            powers.extend();
        }
        if let Some(candidate) = blocks_for(powers, s, coefficients, bound, options) {
            let cost = |p: &Plan| p.split + p.blocks;
            let met = |p: &Plan| p.split * p.blocks < options.max_terms;
            let better = best.as_ref().is_none_or(|b| {
                (!met(b) && candidate.tail < b.tail) || (met(&candidate) && cost(&candidate) < cost(b))
            });
            if better {
                best = Some(candidate);
            }
        }
        // Another power saves something only while there are more blocks than powers.
        if best.as_ref().is_some_and(|b| b.blocks <= s + 1) {
            break;
        }
    }
    best.ok_or_else(|| {
        let ratio = match bound {
            CoefficientBound::Geometric { ratio, .. }
            | CoefficientBound::Factorial { ratio, .. }
            | CoefficientBound::Ratio(ratio) => ratio,
            CoefficientBound::Degree(_) => 0.0,
        };
        let root = (1..powers.bounds.len())
            .map(|s| powers.bounds[s].powf(1.0 / s as f64))
            .fold(f64::INFINITY, f64::min);
        MatrixError::OutOfRange {
            what: "the ratio of the coefficients times the root of the norm of a power of the matrix",
            range: "below 1",
            value: ratio * root,
        }
    })
}

/// The fewest blocks of s terms that meet the tolerance, or as many as allowed; `None` if no bound converges.
fn blocks_for<T: Scalar, F: Fn(usize) -> T>(
    powers: &Powers<T>,
    s: usize,
    coefficients: &mut Coefficients<T, F>,
    bound: CoefficientBound,
    options: &SeriesOptions,
) -> Option<Plan> {
    let norm = powers.bounds[s];
    let (scale, ratio) = match bound {
        CoefficientBound::Degree(_) => return None,
        CoefficientBound::Geometric { scale, ratio } | CoefficientBound::Factorial { scale, ratio } => {
            (scale, ratio)
        }
        CoefficientBound::Ratio(ratio) => (1.0, ratio),
    };
    let factorial = matches!(bound, CoefficientBound::Factorial { .. });
    let of_ratio = matches!(bound, CoefficientBound::Ratio(_));
    // Σ_{i<s} qⁱ b_i.
    let block = (0..s).map(|i| ratio.powi(i as i32) * powers.bounds[i]).sum::<f64>();
    let mut magnitude = 0.0;
    let mut power = 1.0; // b_s^r
    // The bound of the first coefficient left out times b_s^r; it may pass through the ends of the range.
    let mut first = ScaledProduct::<f64>::ONE.times(scale);
    let mut last = None;
    for r in 1..=options.max_terms / s {
        let m = s * r;
        for i in 0..s {
            let k = m - s + i;
            magnitude += coefficients.get(k).modulus().to_f64() * power * powers.bounds[i];
            if !of_ratio {
                first = first.times(if factorial { ratio / (k + 1) as f64 } else { ratio });
            }
        }
        power *= norm;
        if norm.is_infinite() {
            return last;
        }
        first = first.times(norm);
        // qˢ b_s, the factor from one block to the next; with factorials, 1/((m + 1) … (m + s)) of it.
        let factor = (1..=s).fold(norm, |x, i| x * if factorial { ratio / (m + i) as f64 } else { ratio });
        if factor.is_nan() || factor >= 1.0 {
            if factorial {
                continue;
            }
            return None;
        }
        let size = if of_ratio { coefficients.get(m).modulus().to_f64() } else { 1.0 };
        if !size.is_finite() {
            continue;
        }
        // The last factor covers the roundings of this bound itself.
        let product = first.times(size).times(block).times((1.0 + 1e-12 * m as f64) / (1.0 - factor));
        let tail = match product.value() {
            // What has underflowed is not zero.
            0.0 if product.sign() != 0.0 => f64::MIN_POSITIVE,
            tail => tail,
        };
        if tail.is_finite() {
            last = Some(Plan { split: s, blocks: r, tail });
            if tail <= options.tolerance * magnitude {
                return last;
            }
        }
    }
    last
}

fn check_options(bound: CoefficientBound, options: &SeriesOptions) -> Result<(), MatrixError> {
    let positive = |what, value: f64| {
        if value > 0.0 && value.is_finite() {
            Ok(())
        } else {
            Err(MatrixError::OutOfRange { what, range: "positive and finite", value })
        }
    };
    let not_negative = |what, value: f64| {
        if value >= 0.0 && value.is_finite() {
            Ok(())
        } else {
            Err(MatrixError::OutOfRange { what, range: "at least 0 and finite", value })
        }
    };
    positive("the tolerance", options.tolerance)?;
    positive("the largest number of terms", options.max_terms as f64)?;
    match bound {
        CoefficientBound::Degree(degree) if degree >= 1_000_000 => Err(MatrixError::OutOfRange {
            what: "the degree",
            range: "below 1 000 000",
            value: degree as f64,
        }),
        CoefficientBound::Degree(degree) if degree >= options.max_terms => Err(MatrixError::OutOfRange {
            what: "the degree",
            range: "below the largest number of terms",
            value: degree as f64,
        }),
        CoefficientBound::Degree(_) => Ok(()),
        CoefficientBound::Geometric { scale, ratio } | CoefficientBound::Factorial { scale, ratio } => {
            not_negative("the scale of the coefficients", scale)?;
            not_negative("the ratio of the coefficients", ratio)
        }
        CoefficientBound::Ratio(ratio) => not_negative("the ratio of the coefficients", ratio),
    }
}

/// Finite coefficients that keep the promise, up to their own rounding.
fn check_coefficients<T: Scalar>(c: &[T], bound: CoefficientBound) -> Result<(), MatrixError> {
    let slack = 1.0 + 64.0 * T::RealPart::UNIT_ROUNDOFF.to_f64();
    let mut limit = f64::INFINITY;
    for (k, c) in c.iter().enumerate() {
        let size = c.modulus().to_f64();
        if !size.is_finite() {
            return Err(MatrixError::OutOfRange { what: "a coefficient", range: "finite", value: size });
        }
        limit = match bound {
            CoefficientBound::Degree(degree) => {
                if k <= degree {
                    f64::INFINITY
                } else {
                    0.0
                }
            }
            CoefficientBound::Geometric { scale, ratio } => scale * ratio.powi(k as i32),
            CoefficientBound::Factorial { scale, ratio } => {
                if k == 0 {
                    scale
                } else {
                    limit * ratio / k as f64
                }
            }
            CoefficientBound::Ratio(_) => limit,
        };
        // Below the normal range a rounding is no longer relative.
        let smallest = T::RealPart::MIN_POSITIVE.to_f64();
        if size > limit * slack * (1.0 + 1e-15 * k as f64) + smallest {
            return Err(MatrixError::OutOfRange {
                what: "a coefficient over the bound that was promised for it",
                range: "at most 1",
                value: size / limit,
            });
        }
        if let CoefficientBound::Ratio(ratio) = bound {
            limit = size * ratio;
        }
    }
    Ok(())
}

fn add_multiple<T: Scalar>(sum: &mut Mat<T>, c: T, m: MatRef<'_, T>) {
    for j in 0..m.ncols() {
        for (i, x) in sum.col_as_slice_mut(j).iter_mut().enumerate() {
            *x += c * m[(i, j)];
        }
    }
}
