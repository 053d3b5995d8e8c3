//! Mutual information from nearest neighbours of paired points.

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::neighbour_divergence::{Digamma, check_neighbours, gather, mean, rescale};
use crate::neighbours::{Ball, Index, Maximum, unit};
use crate::sample::{Points, Sample};
use crate::subsampling::{SubsamplingOptions, subsample_interval};
use rand::Rng;

/// Which of the two estimators of Kraskov, Stögbauer and Grassberger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KsgAlgorithm {
    /// Cubes: one radius for both spaces, that of the k-th neighbour. The smaller variance.
    #[default]
    First,
    /// Rectangles: in each space the radius that its projections of the k neighbours need. The smaller bias where dependence
    /// is strong or dimensions are many.
    Second,
}

/// What [`ksg_mutual_information`] may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MutualInformationOptions {
    /// How many neighbours: at least 1, and less than the number of points. Default 3; the authors advise 2 to 4, and more for
    /// tests of independence.
    pub k: usize,
    /// Which estimator. Default [`KsgAlgorithm::First`].
    pub algorithm: KsgAlgorithm,
    /// Whether and how to estimate the standard error and an interval, from subsamples of the pairs. Default `None`: neither, and
    /// no random numbers are drawn.
    pub subsampling: Option<SubsamplingOptions>,
}

impl Default for MutualInformationOptions {
    fn default() -> Self {
        Self { k: 3, algorithm: KsgAlgorithm::First, subsampling: None }
    }
}

/// The mutual information $I(X; Y)$ = KL of the joint distribution from the product of its marginals, from n pairs $(x_i, y_i)$.
///
/// Distances are in the maximum norm. [`KsgAlgorithm::First`] takes the distance $\epsilon_i$ from the i-th pair to its k-th
/// nearest other one, counts the $n_x$ other points with $\lvert x_j - x_i \rvert < \epsilon_i$, and $n_y$ likewise, and
///
/// $$ \widehat I_1 = \psi(k) + \psi(n) - \frac 1 n \sum_{i=1}^n \lbrack \psi(n_x + 1) + \psi(n_y + 1) \rbrack . $$
///
/// [`KsgAlgorithm::Second`] takes the largest distance of the projections of the k nearest pairs, in each space its own,
/// counts the points at most so far away, and
///
/// $$ \widehat I_2 = \psi(k) - \frac 1 k + \psi(n) - \frac 1 n \sum_{i=1}^n \lbrack \psi(n_x) + \psi(n_y) \rbrack . $$
///
/// Why these: the biases of three entropies estimated one by one do not cancel; with the counts taken at the joint radius
/// they nearly do, and for independent X and Y the mean is zero to the accuracy of every experiment known. It may be
/// negative, and is not clamped.
///
/// **Bias.** Too small where the dependence is so strong that the density varies within the cube: with correlation 0.999 and few
/// points by far. The estimate depends on the units of X and Y against each other; spreads of about the same size are best.
///
/// **Pairs that coincide**: where k or more do, the radius is zero, and the term is $\psi(c) + \psi(n) - \psi(c_x) -
/// \psi(c_y)$ with the numbers of copies of the pair, of $x_i$ and of $y_i$, each counting itself: that of the plug-in
/// estimate for discrete data.
///
/// **Cost** $O(n \log n)$ for X and Y on lines; in more dimensions counting takes up to $O(n^2)$.
///
/// # Errors
///
/// NaN or infinite coordinates, samples of different sizes, weights, a k that is zero or not below n, options out of range. X is
/// called P in errors, and Y is called Q.
///
/// # Example: a correlation
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{MutualInformationOptions, ksg_mutual_information};
///
/// let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(1);
/// let x: Vec<f64> = (0..2000).map(|_| rng.random()).collect();
/// let y: Vec<f64> = x.iter().map(|x| x + 0.5 * rng.random::<f64>()).collect();
/// let estimate = ksg_mutual_information(x[..].into(), y[..].into(), &MutualInformationOptions::default(), &mut rng)?;
/// // The entropy of a sum of uniform variables of widths 1 and ½ is ¼, that of the noise -ln 2.
/// assert!((estimate.value - (0.25 + 2.0_f64.ln())).abs() < 0.1);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - A. Kraskov, H. Stögbauer, P. Grassberger, *Estimating mutual information*, Physical Review E 69 (2004) 066138: equations
///   (8) and (9).
/// - W. Gao, S. Kannan, S. Oh, P. Viswanath, *Estimating mutual information for discrete-continuous mixtures*, NIPS 2017:
///   pairs that coincide.
pub fn ksg_mutual_information(
    x: Sample<'_>,
    y: Sample<'_>,
    options: &MutualInformationOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    let (mut x, mut y) = (x.read_unweighted(Side::P)?, y.read_unweighted(Side::Q)?);
    if x.rows != y.rows {
        return Err(SampleError::NotPaired { p: x.rows, q: y.rows });
    }
    let &MutualInformationOptions { k, algorithm, subsampling } = options;
    check_neighbours(k)?;
    x.at_least(k + 1, Side::P)?;
    if let Some(subsampling) = &subsampling {
        subsampling.check()?;
        let (size, _) = subsampling.sizes(x.rows, 0);
        if size < k + 1 {
            return Err(SampleError::SubsampleTooSmall { side: Side::P, points: size, needed: k + 1 });
        }
    }
    let factor = unit(x.data.iter().chain(&y.data));
    rescale(&mut x.data, factor);
    rescale(&mut y.data, factor);
    let statistic = |x: &Points, y: &Points| match algorithm {
        KsgAlgorithm::First => Spaces::new(x, y, k).first(),
        KsgAlgorithm::Second => Spaces::new(x, y, k).second(),
    };
    let value = statistic(&x, &y);
    let mut estimate = Estimate { value, standard_error: None, interval: None, method: Method::Ksg { k } };
    if let Some(subsampling) = &subsampling {
        let thinned = |points: &Points, rows: &[usize]| Points {
            data: gather(points, rows),
            rows: rows.len(),
            dimension: points.dimension,
            weights: None,
        };
        let again = |rows: &[usize], _: &[usize]| statistic(&thinned(&x, rows), &thinned(&y, rows));
        let (error, interval) = subsample_interval(x.rows, 0, value, again, subsampling, rng)?;
        estimate.standard_error = Some(error);
        estimate.interval = Some(interval);
    }
    Ok(estimate)
}

/// The pairs and both kinds of their halves, with the neighbours of each pair.
struct Spaces<'a> {
    x: &'a Points,
    y: &'a Points,
    k: usize,
    /// Rows of the k nearest other pairs, pair after pair.
    neighbours: Vec<usize>,
    joint: Index<Maximum>,
    index_x: Index<Maximum>,
    index_y: Index<Maximum>,
}

impl<'a> Spaces<'a> {
    fn new(x: &'a Points, y: &'a Points, k: usize) -> Self {
        let pairs: Vec<f64> =
            (0..x.rows).flat_map(|row| x.row(row).iter().chain(y.row(row))).copied().collect();
        let joint = Index::new(&pairs, x.dimension + y.dimension);
        let neighbours = joint.own_neighbours(k);
        let index_x = Index::new(&x.data, x.dimension);
        let index_y = Index::new(&y.data, y.dimension);
        Self { x, y, k, neighbours, joint, index_x, index_y }
    }

    /// For each point the largest distance to its pair's neighbours in one of the spaces.
    fn radii(&self, points: &Points) -> Vec<f64> {
        let distance = |a: usize, b: usize| {
            points.row(a).iter().zip(points.row(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let of_point = |(row, rows): (usize, &[usize])| {
            rows.iter().map(|&other| distance(row, other)).fold(0.0, f64::max)
        };
        self.neighbours.chunks_exact(self.k).enumerate().map(of_point).collect()
    }

    /// The mean over all pairs of ψ(k) + ψ(n) − ψ(a) − ψ(b) − `correction`, with other terms for pairs of radius zero.
    fn mean(&self, radii: &[f64], counts: [&[Ball]; 2], own: usize, correction: f64) -> f64 {
        let mut psi = Digamma::default();
        let (at_k, at_all) = (psi.of(self.k), psi.of(self.x.rows));
        let copies = radii.contains(&0.0).then(|| {
            let zeros = vec![0.0; radii.len()];
            [
                self.joint.balls(&self.joint, &zeros, false),
                self.index_x.balls(&self.index_x, &zeros, false),
                self.index_y.balls(&self.index_y, &zeros, false),
            ]
        });
        mean((0..radii.len()).map(|row| match &copies {
            Some([c, x, y]) if radii[row] == 0.0 => {
                psi.of(c[row].count) + at_all - psi.of(x[row].count) - psi.of(y[row].count)
            }
            _ => {
                let [a, b] = counts.map(|balls| psi.of(balls[row].count - own));
                at_k - correction + at_all - a - b
            }
        }))
    }

    fn first(&self) -> f64 {
        let (x, y) = (self.radii(self.x), self.radii(self.y));
        let radii: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.max(*y)).collect();
        let n_x = self.index_x.balls(&self.index_x, &radii, true);
        let n_y = self.index_y.balls(&self.index_y, &radii, true);
        self.mean(&radii, [&n_x, &n_y], 0, 0.0) // each point counts itself: n + 1
    }

    fn second(&self) -> f64 {
        let (x, y) = (self.radii(self.x), self.radii(self.y));
        let radii: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.max(*y)).collect();
        let n_x = self.index_x.balls(&self.index_x, &x, false);
        let n_y = self.index_y.balls(&self.index_y, &y, false);
        self.mean(&radii, [&n_x, &n_y], 1, 1.0 / self.k as f64)
    }
}
