//! Features of points, for models that are linear in them.

use crate::error::{SampleError, Side};
use crate::gaussian::{CentreSet, Centres, check_all, gaussians, median};
use crate::ratio::read_points;
use crate::sample::{Points, Sample, read_pair};
use faer::{Mat, MatRef};
use rand::{Rng, RngExt};
use std::f64::consts::{SQRT_2, TAU};

/// More features than this are refused: their normal equations would take 3 GB.
const MOST: usize = 20_000;

/// The width of kernels, or of the kernel that random features approximate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Width {
    /// This multiple of the median distance between points of both samples together. Finite and positive.
    OfMedian(f64),
    /// This width, in the unit of the coordinates. Finite and positive.
    Fixed(f64),
}

/// A choice of features; an intercept always comes with them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Features {
    /// All monomials of degree 1 to `degree` in the coordinates, which are centred and scaled first. Degree 1 contains the
    /// log-ratio of two normal distributions of equal covariance, degree 2 that of any two.
    Polynomial {
        /// The highest degree, at least 1.
        degree: usize,
    },
    /// $\sqrt 2 \cos(\omega^T x + b)$ with normal $\omega$ and uniform $b$: a smooth function at the scale of the width.
    Fourier {
        /// How many, at least 1.
        count: usize,
        /// The width σ; $\omega$ has the standard deviation 1/σ.
        width: Width,
    },
    /// Gaussian kernels at points drawn from both samples together.
    Gaussian {
        /// How many, at least 1.
        count: usize,
        /// The width σ.
        width: Width,
    },
}

/// Features with everything that was drawn or measured: evaluates anywhere.
///
/// # Example: a quadratic in the plane
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{FeatureMap, Features, Sample};
///
/// let plane = faer::mat![[0.0, 1.0], [2.0, 3.0], [4.0, 8.0]];
/// let sample = Sample::from(plane.as_ref());
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let map = FeatureMap::new(Features::Polynomial { degree: 2 }, sample, sample, &mut rng)?;
/// assert_eq!(map.len(), 5); // x, y, x², xy, y²
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - A. Rahimi and B. Recht, *Random features for large-scale kernel machines*, NIPS 2007: the Fourier features.
#[derive(Debug, Clone)]
pub struct FeatureMap {
    dimension: usize,
    location: Vec<f64>,
    scale: Vec<f64>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Each monomial is an earlier one (or 1) times a coordinate.
    Polynomial(Vec<(Option<usize>, usize)>),
    /// Frequencies, one feature after another, and phases.
    Fourier {
        frequencies: Vec<f64>,
        phases: Vec<f64>,
    },
    Gaussian {
        centres: CentreSet,
        width: f64,
    },
}

impl FeatureMap {
    /// Draws what is random in the features, and measures location and scale: half the mean of each sample and the root of
    /// half the mean squares of each around it, so that the larger sample does not decide.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for samples that are empty, not finite or of different dimensions, for a number of features that is
    /// zero or above 20 000, and for a width that is not positive.
    pub fn new(
        features: Features,
        p: Sample<'_>,
        q: Sample<'_>,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let (p, q) = read_pair(p, q)?;
        Self::from_points(features, &p, &q, rng)
    }

    pub(crate) fn from_points(
        features: Features,
        p: &Points,
        q: &Points,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let dimension = p.dimension;
        let (location, scale) = location_and_scale(p, q);
        let kind = match features {
            Features::Polynomial { degree } => {
                check_count("the degree", degree)?;
                Kind::Polynomial(monomials(dimension, degree)?)
            }
            Features::Fourier { count, width } => {
                check_count("the number of features", count)?;
                let pooled = pooled(p, q);
                let width = resolve(width, &pooled, rng)?;
                let normal = |rng: &mut (dyn Rng + '_)| {
                    // Box and Muller; the logarithm's argument is never zero.
                    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
                    (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
                };
                let mut rng = rng;
                let frequencies = (0..count * dimension).map(|_| normal(&mut rng) / width).collect();
                Kind::Fourier { frequencies, phases: (0..count).map(|_| TAU * rng.random::<f64>()).collect() }
            }
            Features::Gaussian { count, width } => {
                check_count("the number of features", count)?;
                let pooled = pooled(p, q);
                let width = resolve(width, &pooled, rng)?;
                Kind::Gaussian { centres: CentreSet::new(&Centres::FromP(count), &pooled, rng)?, width }
            }
        };
        Ok(Self { dimension, location, scale, kind })
    }

    /// The number of features, without the intercept.
    pub fn len(&self) -> usize {
        match &self.kind {
            Kind::Polynomial(monomials) => monomials.len(),
            Kind::Fourier { phases, .. } => phases.len(),
            Kind::Gaussian { centres, .. } => centres.count,
        }
    }

    /// Whether there are none; never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of coordinates of a point.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The features of the rows of a matrix: a row for each point.
    ///
    /// # Errors
    ///
    /// [`SampleError::PointDimension`] and [`SampleError::PointNotFinite`].
    pub fn evaluate(&self, points: MatRef<'_, f64>) -> Result<Mat<f64>, SampleError> {
        let rows = self.rows(&read_points(points, self.dimension)?);
        let columns = self.len() + 1;
        Ok(Mat::from_fn(points.nrows(), self.len(), |i, j| rows[i * columns + j]))
    }

    /// The features of points by rows, each followed by a one for the intercept.
    pub(crate) fn rows(&self, points: &Points) -> Vec<f64> {
        let columns = self.len() + 1;
        let mut rows = vec![1.0; points.rows * columns];
        if let Kind::Gaussian { centres, width } = &self.kind {
            let kernels = gaussians(&centres.squared_distances(points), *width);
            for (row, kernels) in rows.chunks_exact_mut(columns).zip(kernels.chunks_exact(columns - 1)) {
                row[..columns - 1].copy_from_slice(kernels);
            }
            return rows;
        }
        let mut x = vec![0.0; self.dimension];
        for (i, row) in rows.chunks_exact_mut(columns).enumerate() {
            for (k, (to, from)) in x.iter_mut().zip(points.row(i)).enumerate() {
                *to = from - self.location[k];
            }
            match &self.kind {
                Kind::Polynomial(monomials) => {
                    for (k, &(parent, coordinate)) in monomials.iter().enumerate() {
                        let z = x[coordinate] / self.scale[coordinate];
                        row[k] = parent.map_or(z, |parent| row[parent] * z);
                    }
                }
                Kind::Fourier { frequencies, phases } => {
                    for ((to, phase), omega) in
                        row.iter_mut().zip(phases).zip(frequencies.chunks_exact(x.len()))
                    {
                        let angle: f64 = omega.iter().zip(&x).map(|(a, b)| a * b).sum();
                        *to = SQRT_2 * (angle + phase).cos();
                    }
                }
                Kind::Gaussian { .. } => {}
            }
        }
        rows
    }
}

fn check_count(what: &'static str, count: usize) -> Result<(), SampleError> {
    if count == 0 || count > MOST {
        return Err(SampleError::OutOfRange { what, range: "from 1 to 20000", value: count as f64 });
    }
    Ok(())
}

/// Every monomial of degree 1 to `degree`, as a product of an earlier one with a coordinate that is not before its last.
fn monomials(dimension: usize, degree: usize) -> Result<Vec<(Option<usize>, usize)>, SampleError> {
    let mut all: Vec<(Option<usize>, usize)> = (0..dimension).map(|k| (None, k)).collect();
    let mut last = 0..dimension;
    for _ in 1..degree {
        let start = all.len();
        for parent in last {
            for k in all[parent].1..dimension {
                if all.len() == MOST {
                    return Err(SampleError::OutOfRange {
                        what: "the number of features",
                        range: "from 1 to 20000",
                        value: (MOST + 1) as f64,
                    });
                }
                all.push((Some(parent), k));
            }
        }
        last = start..all.len();
    }
    Ok(all)
}

fn location_and_scale(p: &Points, q: &Points) -> (Vec<f64>, Vec<f64>) {
    let d = p.dimension;
    let average = |term: &dyn Fn(&[f64], usize) -> f64, k: usize| {
        let of = |points: &Points| -> f64 {
            (0..points.rows).map(|i| points.weight(i) * term(points.row(i), k)).sum()
        };
        0.5 * of(p) + 0.5 * of(q)
    };
    let location: Vec<f64> = (0..d).map(|k| average(&|row, k| row[k], k)).collect();
    let scale = (0..d)
        .map(|k| {
            // Relative to the largest deviation, whose square might overflow.
            let deviation = |row: &[f64]| (row[k] - location[k]).abs();
            let largest = (0..p.rows).map(|i| deviation(p.row(i))).fold(0.0, f64::max);
            let largest = (0..q.rows).map(|i| deviation(q.row(i))).fold(largest, f64::max);
            let root = largest
                * average(&|row, _| (deviation(row) / largest.max(f64::MIN_POSITIVE)).powi(2), k).sqrt();
            // A constant coordinate tells nothing, and its feature is zero.
            if root > 0.0 { root } else { 1.0 }
        })
        .collect();
    (location, scale)
}

/// All points of both samples; those without weight are left out when centres are drawn.
fn pooled(p: &Points, q: &Points) -> Points {
    let weights = (p.weights.is_some() || q.weights.is_some())
        .then(|| (0..p.rows).map(|i| p.weight(i)).chain((0..q.rows).map(|j| q.weight(j))).collect());
    Points {
        data: [&p.data[..], &q.data[..]].concat(),
        rows: p.rows + q.rows,
        dimension: p.dimension,
        weights,
    }
}

fn resolve(width: Width, pooled: &Points, rng: &mut (impl Rng + ?Sized)) -> Result<f64, SampleError> {
    match width {
        Width::Fixed(width) => check_all("the width", &[width]).map(|()| width),
        Width::OfMedian(multiple) => {
            check_all("the width", &[multiple])?;
            pooled.at_least(2, Side::P)?;
            let some = CentreSet::new(&Centres::FromP(100), pooled, rng)?;
            let median = median(&some.squared_distances(pooled), &[]).sqrt();
            if median > 0.0 {
                Ok(multiple * median)
            } else {
                Err(SampleError::Degenerate { what: "the median distance" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monomials_are_all_of_them_once() {
        assert_eq!(
            monomials(2, 2).unwrap(),
            [(None, 0), (None, 1), (Some(0), 0), (Some(0), 1), (Some(1), 1)]
        );
        // The binomial coefficient of d + k over k, less the constant.
        assert_eq!(monomials(5, 3).unwrap().len(), 55);
        assert!(monomials(100, 3).is_err());
    }
}
