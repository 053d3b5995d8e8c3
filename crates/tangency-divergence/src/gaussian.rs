//! Gaussian kernels at centres: distances, widths, and sums of kernels.

use crate::error::{SampleError, Side};
use crate::parallel::map_parts;
use crate::sample::Points;
use faer::Mat;
use rand::{Rng, RngExt};
use tangency_vmath::{Kernel, Real, dispatch};

/// Points that one task looks at.
const PART: usize = 256;

/// Where the Gaussian kernels of a density ratio stand.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Centres {
    /// At so many points of P, drawn without replacement; at all of them if there are fewer. At least 1. The ratio is largest
    /// where P is, so that is where kernels are needed.
    FromP(usize),
    /// At the rows of this matrix.
    Given(Mat<f64>),
}

/// Which widths σ of $\exp(-\lVert x - c \rVert^2 / (2 \sigma^2))$ are tried.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Widths {
    /// These multiples of the median distance between a centre and a point of either sample. Each finite and positive.
    OfMedian(Vec<f64>),
    /// These widths, in the unit of the coordinates. Each finite and positive.
    Fixed(Vec<f64>),
}

impl Widths {
    /// The candidates as lengths, in the order given, where the squared distances have this median.
    pub(crate) fn resolve(&self, median: impl FnOnce() -> f64) -> Result<Vec<f64>, SampleError> {
        let (list, unit) = match self {
            Self::OfMedian(list) => {
                check_all("every width", list)?;
                let unit = median().sqrt();
                if unit <= 0.0 {
                    return Err(SampleError::Degenerate { what: "the median distance" });
                }
                (list, unit)
            }
            Self::Fixed(list) => {
                check_all("every width", list)?;
                (list, 1.0)
            }
        };
        Ok(list.iter().map(|x| x * unit).collect())
    }
}

/// Refuses an empty list, and one with a number that is not finite and positive.
pub(crate) fn check_all(what: &'static str, list: &[f64]) -> Result<(), SampleError> {
    let bad = if list.is_empty() {
        Some(f64::NAN)
    } else {
        list.iter().copied().find(|x| !(x.is_finite() && *x > 0.0))
    };
    bad.map_or(Ok(()), |value| Err(SampleError::OutOfRange { what, range: "finite and positive", value }))
}

/// Centres, one coordinate after another, so that a loop over centres is a vector loop.
#[derive(Debug, Clone)]
pub(crate) struct CentreSet {
    by_coordinate: Vec<f64>,
    pub(crate) count: usize,
    pub(crate) dimension: usize,
}

impl CentreSet {
    /// Draws or copies the centres.
    pub(crate) fn new(
        choice: &Centres,
        p: &Points,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let d = p.dimension;
        let (count, by_coordinate) = match choice {
            Centres::FromP(wanted) => {
                if *wanted == 0 {
                    return Err(SampleError::OutOfRange {
                        what: "the number of centres",
                        range: "at least 1",
                        value: 0.0,
                    });
                }
                // Points without weight are no part of the sample.
                let mut rows: Vec<usize> = (0..p.rows).filter(|&i| p.weight(i) > 0.0).collect();
                let count = (*wanted).min(rows.len());
                for i in 0..count {
                    let j = rng.random_range(i..rows.len());
                    rows.swap(i, j);
                }
                let at = |k: usize| p.row(rows[k % count])[k / count];
                (count, (0..count * d).map(at).collect())
            }
            Centres::Given(centres) => {
                if centres.nrows() == 0 {
                    return Err(SampleError::OutOfRange {
                        what: "the number of centres",
                        range: "at least 1",
                        value: 0.0,
                    });
                }
                if centres.ncols() != d {
                    return Err(SampleError::PointDimension { expected: d, got: centres.ncols() });
                }
                for column in 0..d {
                    for row in 0..centres.nrows() {
                        let value = centres[(row, column)];
                        if !value.is_finite() {
                            return Err(SampleError::PointNotFinite { row, column, value });
                        }
                    }
                }
                let count = centres.nrows();
                (count, (0..count * d).map(|k| centres[(k % count, k / count)]).collect())
            }
        };
        Ok(Self { by_coordinate, count, dimension: d })
    }

    /// Centres given by a function of row and column.
    pub(crate) fn of_rows(count: usize, dimension: usize, at: impl Fn(usize, usize) -> f64) -> Self {
        let by_coordinate = (0..count * dimension).map(|k| at(k % count, k / count)).collect();
        Self { by_coordinate, count, dimension }
    }

    /// Squared distances of points from centres: a row for each point. Differences are squared, not expanded, so that points
    /// far from the origin keep their digits.
    pub(crate) fn squared_distances(&self, points: &Points) -> Vec<f64> {
        let part = |range: std::ops::Range<usize>| {
            let mut out = vec![0.0; range.len() * self.count];
            let rows = &points.data[range.start * self.dimension..range.end * self.dimension];
            dispatch(Distances { rows, centres: self, out: &mut out });
            out
        };
        map_parts(points.rows, PART, part).concat()
    }

    /// The coordinates of one centre.
    pub(crate) fn centre(&self, index: usize) -> Vec<f64> {
        (0..self.dimension).map(|k| self.by_coordinate[k * self.count + index]).collect()
    }
}

struct Distances<'a> {
    rows: &'a [f64],
    centres: &'a CentreSet,
    out: &'a mut [f64],
}

impl Kernel for Distances<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (d, b) = (self.centres.dimension, self.centres.count);
        for (row, out) in self.rows.chunks_exact(d).zip(self.out.chunks_exact_mut(b)) {
            for (x, centres) in row.iter().zip(self.centres.by_coordinate.chunks_exact(b)) {
                for (out, c) in out.iter_mut().zip(centres) {
                    let difference = x - c;
                    *out = difference.mul_add_lane::<FMA>(difference, *out);
                }
            }
        }
    }
}

/// Squared distances of one point from the centres.
pub(crate) fn distances(row: &[f64], centres: &CentreSet, out: &mut [f64]) {
    out.fill(0.0);
    dispatch(Distances { rows: row, centres, out });
}

/// $\exp(-d^2 / (2 \sigma^2))$ for a slice of squared distances.
pub(crate) fn gaussians_into(squared: &[f64], width: f64, out: &mut [f64]) {
    dispatch(Gaussians { squared, factor: -0.5 / width / width, out });
}

struct Gaussians<'a> {
    squared: &'a [f64],
    factor: f64,
    out: &'a mut [f64],
}

impl Kernel for Gaussians<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (out, squared) in self.out.iter_mut().zip(self.squared) {
            *out = (squared * self.factor).exp_lane::<FMA>();
        }
    }
}

/// $\exp(-d^2 / (2 \sigma^2))$ for every squared distance.
pub(crate) fn gaussians(squared: &[f64], width: f64) -> Vec<f64> {
    let factor = -0.5 / width / width;
    let part = |range: std::ops::Range<usize>| {
        let mut out = vec![0.0; range.len()];
        dispatch(Gaussians { squared: &squared[range], factor, out: &mut out });
        out
    };
    map_parts(squared.len(), 1 << 15, part).concat()
}

/// The median of squared distances of two samples from the centres; the lower one of the two in the middle.
pub(crate) fn median(p: &[f64], q: &[f64]) -> f64 {
    let mut all = [p, q].concat();
    let middle = (all.len() - 1) / 2;
    *all.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// $\ln \sum_k \theta_k \exp(-d_k^2 / (2 \sigma^2))$ for rows of squared distances, without underflow; $-\infty$ where the sum is
/// not positive.
pub(crate) fn ln_sums(squared: &[f64], coefficients: &[f64], width: f64) -> Vec<f64> {
    let b = coefficients.len();
    let factor = -0.5 / width / width;
    let part = |range: std::ops::Range<usize>| {
        let mut shifted = vec![0.0; b];
        let mut kernels = vec![0.0; b];
        let rows = &squared[range.start * b..range.end * b];
        let one = |row: &[f64]| {
            // Relative to the nearest centre that counts.
            let counted = row.iter().zip(coefficients).filter(|(_, c)| **c != 0.0);
            let nearest = counted.map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
            if nearest.is_infinite() {
                return f64::NEG_INFINITY;
            }
            for (to, x) in shifted.iter_mut().zip(row) {
                *to = (x - nearest).max(0.0);
            }
            dispatch(Gaussians { squared: &shifted, factor, out: &mut kernels });
            let sum: f64 = kernels.iter().zip(coefficients).map(|(k, c)| k * c).sum();
            if sum > 0.0 { sum.ln() + factor * nearest } else { f64::NEG_INFINITY }
        };
        rows.chunks_exact(b).map(one).collect::<Vec<_>>()
    };
    map_parts(squared.len() / b, PART, part).concat()
}

/// A sum of Gaussian kernels of one width, fitted.
#[derive(Debug, Clone)]
pub(crate) struct KernelSum {
    pub(crate) centres: CentreSet,
    pub(crate) width: f64,
    pub(crate) coefficients: Vec<f64>,
}

impl KernelSum {
    pub(crate) fn ln(&self, points: &Points) -> Vec<f64> {
        ln_sums(&self.centres.squared_distances(points), &self.coefficients, self.width)
    }

    pub(crate) fn centre_matrix(&self) -> Mat<f64> {
        let rows: Vec<Vec<f64>> = (0..self.centres.count).map(|k| self.centres.centre(k)).collect();
        Mat::from_fn(self.centres.count, self.centres.dimension, |i, j| rows[i][j])
    }
}

/// The number of points with weight; refuses fewer than two, where nothing can be left out.
pub(crate) fn at_least_two(points: &Points, side: Side) -> Result<(), SampleError> {
    points.at_least(2, side)?;
    let counted = (0..points.rows).filter(|&i| points.weight(i) > 0.0).count();
    if counted < 2 {
        return Err(SampleError::TooFew { side, points: counted, needed: 2 });
    }
    Ok(())
}
