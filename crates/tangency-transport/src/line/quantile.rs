//! A distribution on the line, sorted: its quantile function.

use super::Atoms;
use super::masses::{Weights, check_totals, share, total};
use super::merge::merge;
use super::power::{Exponent, mean_power, root_of};
use super::sort::{sort, sort_weighted};
use crate::error::{Side, TransportError};
use crate::sum::Sum;

/// The quantile function of a distribution on the line that was sorted once, to be compared with many others.
///
/// $F^{-1}(t) = \inf \lbrace x : F(x) \ge t \rbrace$: a step function for points, piecewise linear for histograms that are
/// uniform within their bins. $W_p$ is the distance of quantile functions in $L^p$, so that everything in one dimension
/// follows from it. Atoms of zero weight are left out.
///
/// Memory is 8 bytes for each point without weights and 24 with them. A comparison costs one pass over both, O(n + m), and
/// allocates nothing; for $p = \infty$, and where the power leaves the range of numbers, it takes a second pass over scaled copies.
///
/// # Example: a reference, sorted once
///
/// ```
/// use tangency_transport::QuantileFunction;
///
/// let reference = QuantileFunction::new(&[2.0, 0.0, 1.0, 3.0])?;
/// for shift in [1.0, 10.0] {
///     let other = QuantileFunction::new(&[shift, shift + 1.0, shift + 2.0, shift + 3.0])?;
///     assert_eq!(reference.distance(&other, 2.0)?, shift);
/// }
/// assert_eq!(reference.at(0.5), 1.0);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileFunction {
    /// Atoms, or the left ends of pieces; not decreasing.
    pub(crate) points: Vec<f64>,
    /// The right ends of pieces; empty if all are atoms.
    pub(crate) rights: Vec<f64>,
    pub(crate) weights: Weights,
    pub(crate) mass: f64,
}

impl QuantileFunction {
    /// Of points in any order, with or without weights.
    ///
    /// # Errors
    ///
    /// [`TransportError`], about the source, for no points and for points or weights that are not finite, or weights that are
    /// negative or all zero.
    pub fn new<'a>(atoms: impl Into<Atoms<'a>>) -> Result<Self, TransportError> {
        Self::of(atoms.into(), Side::Source)
    }

    /// Of points that are sorted already; nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`TransportError::NotSorted`].
    pub fn from_sorted(points: Vec<f64>) -> Result<Self, TransportError> {
        let side = Side::Source;
        Atoms::from(&points).check(side)?;
        check_sorted(&points, side)?;
        Ok(Self::of_sorted(points))
    }

    /// Of points that are sorted already, with weights.
    ///
    /// # Errors
    ///
    /// As [`from_sorted`](Self::from_sorted).
    pub fn from_sorted_weighted(points: &[f64], weights: &[f64]) -> Result<Self, TransportError> {
        check_sorted(points, Side::Source)?;
        Self::of(Atoms::from(points).weighted(weights), Side::Source)
    }

    pub(crate) fn of(atoms: Atoms<'_>, side: Side) -> Result<Self, TransportError> {
        let mass = atoms.check(side)?;
        let Some(weights) = atoms.weights() else {
            let mut points = atoms.points().to_vec();
            sort(&mut points);
            return Ok(Self::of_sorted(points));
        };
        if weights.iter().all(|w| *w == weights[0]) {
            return Ok(Self { mass, ..Self::of(Atoms::from(atoms.points()), side)? });
        }
        let pairs = atoms.points().iter().copied().zip(weights.iter().copied());
        let mut pairs: Vec<(f64, f64)> = pairs.filter(|pair| pair.1 > 0.0).collect();
        if !pairs.is_sorted_by(|a, b| a.0 <= b.0) {
            pairs = sort_weighted(pairs);
        }
        let (points, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        Ok(Self { points, rights: Vec::new(), weights: Weights::of(&weights, mass), mass })
    }

    /// Of finite points that are sorted.
    pub(crate) fn of_sorted(points: Vec<f64>) -> Self {
        let weights = Weights::Equal(points.len());
        Self { points, rights: Vec::new(), weights, mass: 1.0 }
    }

    /// Of pieces with uniform density between ends that do not decrease.
    pub(crate) fn of_pieces(edges: &[f64], masses: &[f64], side: Side) -> Result<Self, TransportError> {
        let mass = total(masses, side)?;
        let kept = || (0..masses.len()).filter(|k| masses[*k] > 0.0);
        let weights: Vec<f64> = kept().map(|k| masses[k]).collect();
        Ok(Self {
            points: kept().map(|k| edges[k]).collect(),
            rights: kept().map(|k| edges[k + 1]).collect(),
            weights: Weights::of(&weights, mass),
            mass,
        })
    }

    /// The number of atoms or bins that have mass.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The total mass; 1 without weights.
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// $F^{-1}(t)$ for $0 < t \le 1$: the least x below or at which lies the share t of the mass; the least point for smaller
    /// t, and the largest for larger ones. Costs O(n).
    pub fn at(&self, t: f64) -> f64 {
        let mut below = 0.0;
        for (k, units) in self.weights.iter().take(self.len()).enumerate() {
            let mass = share(units);
            // The comparison forgives the rounding of the sum.
            if t <= below + mass * (1.0 + 4.0 * f64::EPSILON) || k + 1 == self.len() {
                let Some(right) = self.rights.get(k) else { return self.points[k] };
                let part = ((t - below) / mass).clamp(0.0, 1.0);
                return self.points[k] + (right - self.points[k]) * part;
            }
            below += mass;
        }
        f64::NAN
    }

    /// The mean of the normalised distribution.
    pub fn mean(&self) -> f64 {
        let mut sum = Sum::default();
        self.each(|mass, from, to| sum.add_product(mass, 0.5 * from + 0.5 * to));
        sum.value()
    }

    /// The standard deviation of the normalised distribution: the root of the mean squared deviation from the mean, with
    /// divisor n and not n − 1, as NumPy's default.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let mut sum = Sum::default();
        self.each(|mass, from, to| sum.add_product(mass, mean_power(from - mean, to - mean, Exponent::Two)));
        sum.value().sqrt()
    }

    /// The masses in units.
    pub(crate) fn units(&self) -> super::UnitsIter<'_> {
        self.weights.iter()
    }

    /// Every atom or piece: its share of the mass, and its two ends.
    pub(crate) fn each(&self, mut visit: impl FnMut(f64, f64, f64)) {
        for (k, units) in self.weights.iter().take(self.len()).enumerate() {
            let from = self.points[k];
            visit(share(units), from, self.rights.get(k).copied().unwrap_or(from));
        }
    }

    /// $W_p$ to another distribution, for $1 \le p \le \infty$; as [`wasserstein_1d`](crate::wasserstein_1d).
    ///
    /// # Errors
    ///
    /// [`TransportError::OutOfRange`] for $p < 1$, [`TransportError::MassMismatch`].
    pub fn distance(&self, other: &Self, p: f64) -> Result<f64, TransportError> {
        self.distance_of(other, Exponent::new(p)?)
    }

    /// $W_p^p$ to another distribution; as [`wasserstein_1d_pow`](crate::wasserstein_1d_pow).
    ///
    /// # Errors
    ///
    /// As [`distance`](Self::distance); p must be finite.
    pub fn distance_pow(&self, other: &Self, p: f64) -> Result<f64, TransportError> {
        self.power_of(other, Exponent::finite(p)?)
    }

    pub(crate) fn power_of(&self, other: &Self, exponent: Exponent) -> Result<f64, TransportError> {
        check_totals((self.mass, self.points.len()), (other.mass, other.points.len()))?;
        let mean = self.mean_power_to(other, exponent);
        // An overflow makes a NaN of the difference of two infinities.
        Ok(if mean.is_nan() { f64::INFINITY } else { self.mass * mean })
    }

    pub(crate) fn distance_of(&self, other: &Self, exponent: Exponent) -> Result<f64, TransportError> {
        check_totals((self.mass, self.points.len()), (other.mass, other.points.len()))?;
        if exponent != Exponent::Infinite {
            let mean = self.mean_power_to(other, exponent);
            // Beyond that, terms may have been lost.
            if (1e-280..1e300).contains(&mean) {
                return Ok(root_of(self.mass * mean, exponent));
            }
        }
        // Halves, so that a difference of the largest numbers is one.
        let mut largest = 0.0_f64;
        let (a, b) = (self.scaled(0.5), other.scaled(0.5));
        merge(&a, &b, |_, from, to| largest = largest.max(from.abs()).max(to.abs()));
        if exponent == Exponent::Infinite || largest <= 0.0 {
            return Ok(2.0 * largest);
        }
        let mut sum = Sum::default();
        merge(&a, &b, |mass, from, to| {
            sum.add_product(mass, mean_power(from / largest, to / largest, exponent));
        });
        let root = root_of(sum.value(), exponent) * root_of(self.mass, exponent);
        Ok(2.0 * (largest * root))
    }

    /// $\int_0^1 \lvert F^{-1} - G^{-1} \rvert^p$, of normalised distributions.
    fn mean_power_to(&self, other: &Self, exponent: Exponent) -> f64 {
        let atoms = self.rights.is_empty() && other.rights.is_empty();
        if atoms
            && let (Weights::Equal(n), Weights::Equal(m)) = (&self.weights, &other.weights)
            && n == m
        {
            let (x, y) = (&self.points, &other.points);
            let sum = match exponent {
                Exponent::One | Exponent::Infinite => sum_of_pairs(x, y, f64::abs),
                Exponent::Two => sum_of_pairs(x, y, |d| d * d),
                Exponent::Finite(p) => sum_of_pairs(x, y, |d| d.abs().powf(p)),
            };
            return sum / *n as f64;
        }
        let mut sum = Sum::default();
        if atoms {
            merge(self, other, |mass, d, _| sum.add_product(mass, exponent.power(d.abs())));
        } else {
            merge(self, other, |mass, from, to| sum.add_product(mass, mean_power(from, to, exponent)));
        }
        sum.value()
    }

    fn scaled(&self, factor: f64) -> Self {
        let scale = |of: &[f64]| of.iter().map(|x| factor * x).collect();
        Self {
            points: scale(&self.points),
            rights: scale(&self.rights),
            weights: self.weights.clone(),
            mass: self.mass,
        }
    }
}

/// $\sum f(x_i - y_i)$: plain sums of 128 in lanes, joined by a compensated one.
fn sum_of_pairs(x: &[f64], y: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut sum = Sum::default();
    for (x, y) in x.chunks(16 * LANES).zip(y.chunks(16 * LANES)) {
        let mut lanes = [0.0; LANES];
        let (groups_x, rest_x) = x.as_chunks::<LANES>();
        let (groups_y, rest_y) = y.as_chunks::<LANES>();
        for (x, y) in groups_x.iter().zip(groups_y) {
            for lane in 0..LANES {
                lanes[lane] += f(x[lane] - y[lane]);
            }
        }
        for (lane, (x, y)) in rest_x.iter().zip(rest_y).enumerate() {
            lanes[lane] += f(x - y);
        }
        sum.add(lanes.iter().sum());
    }
    sum.value()
}

/// `Err` for a point below the one before it.
pub(crate) fn check_sorted(points: &[f64], side: Side) -> Result<(), TransportError> {
    match points.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(before) => Err(TransportError::NotSorted { side, index: before + 1 }),
    }
}
