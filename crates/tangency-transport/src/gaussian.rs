//! Gaussian distributions: distance, map, geodesic and barycentre.

use crate::error::TransportError;
use faer::{Mat, MatRef, Side as Triangle};
use tangency_matrix::{MatrixError, bures_distance, bures_geodesic, bures_transport};

/// A normal distribution in d dimensions, which may be degenerate.
///
/// Between Gaussians everything that costs a linear programme elsewhere is a formula:
///
/// $$ W_2^2 = \lVert m_1 - m_2 \rVert^2 + \operatorname{tr} \left( A + B - 2 (A^{1/2} B A^{1/2})^{1/2} \right) . $$
///
/// For any two distributions with these means and covariances it is a lower bound on $W_2$ (Gelbrich). Covariances may be
/// singular: the distance is computed from roots of the matrices, which need no inverse, and nearly equal ones lose no digits
/// ([`tangency_matrix::bures_distance`]).
///
/// # Example: distance and map
///
/// ```
/// use faer::mat;
/// use tangency_transport::Gaussian;
///
/// let p = Gaussian::new(vec![0.0, 0.0], mat![[1.0, 0.0], [0.0, 1.0]])?;
/// let q = Gaussian::new(vec![3.0, 0.0], mat![[4.0, 0.0], [0.0, 16.0]])?;
/// assert!((p.distance_pow(&q)? - (9.0 + 1.0 + 9.0)).abs() < 1e-14);
///
/// let map = p.transport(&q)?;
/// assert_eq!(map.apply(&[1.0, 1.0]), [5.0, 4.0]);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - R. Bhatia, T. Jain, Y. Lim, *On the Bures-Wasserstein distance between positive definite matrices*, Expositiones
///   Mathematicae 37 (2019) 165-191.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    mean: Vec<f64>,
    covariance: Mat<f64>,
}

impl Gaussian {
    /// The distribution with this mean, d numbers, and covariance, d × d, symmetric and positive semidefinite.
    ///
    /// Costs the eigenvalues of the covariance, about 4 d³ operations.
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] for a covariance of the wrong shape, [`TransportError::OutOfRange`] for a mean that is not
    /// finite, and [`TransportError::Matrix`] for a matrix that is not symmetric, not finite or not semidefinite.
    pub fn new(mean: Vec<f64>, covariance: Mat<f64>) -> Result<Self, TransportError> {
        let d = mean.len();
        for got in [covariance.nrows(), covariance.ncols()] {
            if got != d {
                return Err(TransportError::Length { what: "the covariance", expected: d, got });
            }
        }
        if let Some(value) = mean.iter().find(|x| !x.is_finite()) {
            return Err(TransportError::OutOfRange { what: "each mean", range: "finite", value: *value });
        }
        // The distance to itself checks all that there is to check of a covariance.
        bures_distance(covariance.as_ref(), covariance.as_ref())?;
        Ok(Self { mean, covariance })
    }

    /// Mean and covariance of a sample, points as rows, with divisor n.
    ///
    /// $W_2$ between the Gaussians of two samples is what the Fréchet distance of features is made of.
    ///
    /// # Errors
    ///
    /// [`TransportError::TooFew`] for no points, [`TransportError::Coordinate`] for coordinates that are not finite.
    ///
    /// # Example
    ///
    /// ```
    /// let fitted = tangency_transport::Gaussian::of_sample(faer::mat![[0.0, 1.0], [2.0, 1.0]].as_ref())?;
    /// assert_eq!((fitted.mean(), fitted.covariance()[(0, 0)]), (&[1.0, 1.0][..], 1.0));
    /// # Ok::<(), tangency_transport::TransportError>(())
    /// ```
    pub fn of_sample(points: MatRef<'_, f64>) -> Result<Self, TransportError> {
        use crate::error::Side;
        let (n, d) = (points.nrows(), points.ncols());
        if n == 0 {
            return Err(TransportError::TooFew { side: Side::Source, points: 0, needed: 1 });
        }
        for column in 0..d {
            for row in 0..n {
                let value = points[(row, column)];
                if !value.is_finite() {
                    return Err(TransportError::Coordinate { side: Side::Source, row, column, value });
                }
            }
        }
        let mean: Vec<f64> = (0..d).map(|k| (0..n).map(|i| points[(i, k)] / n as f64).sum::<f64>()).collect();
        let centred = Mat::from_fn(n, d, |i, k| points[(i, k)] - mean[k]);
        let scatter = centred.transpose() * &centred;
        let covariance = Mat::from_fn(d, d, |i, j| 0.5 * (scatter[(i, j)] + scatter[(j, i)]) / n as f64);
        Self::new(mean, covariance)
    }

    /// The mean.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The covariance.
    pub fn covariance(&self) -> MatRef<'_, f64> {
        self.covariance.as_ref()
    }

    /// $W_2$ to another Gaussian. Costs about 40 d³ operations.
    ///
    /// # Errors
    ///
    /// [`TransportError::Dimension`] for different dimensions, [`TransportError::Matrix`].
    pub fn distance(&self, other: &Self) -> Result<f64, TransportError> {
        self.check(other)?;
        let bures = bures_distance(self.covariance(), other.covariance())?;
        Ok(self.mean.iter().zip(&other.mean).fold(bures, |norm, (a, b)| norm.hypot(a - b)))
    }

    /// $W_2^2$ to another Gaussian.
    ///
    /// # Errors
    ///
    /// As [`distance`](Self::distance).
    pub fn distance_pow(&self, other: &Self) -> Result<f64, TransportError> {
        self.check(other)?;
        let bures = bures_distance(self.covariance(), other.covariance())?;
        Ok(self.mean.iter().zip(&other.mean).fold(bures * bures, |sum, (a, b)| sum + (a - b) * (a - b)))
    }

    /// The optimal map to another Gaussian, $x \mapsto m_2 + T (x - m_1)$ with $T = A^{-1/2} (A^{1/2} B A^{1/2})^{1/2} A^{-1/2}$.
    ///
    /// The other covariance may be singular; this one must not be, since a map cannot spread the mass of a subspace. The
    /// [geodesic](Self::geodesic) has no such exception. Costs about 42 d³ operations.
    ///
    /// # Errors
    ///
    /// As [`distance`](Self::distance), with [`MatrixError::NotPositive`] for a singular covariance.
    pub fn transport(&self, other: &Self) -> Result<AffineMap, TransportError> {
        self.check(other)?;
        let matrix = bures_transport(self.covariance(), other.covariance())?;
        Ok(AffineMap { matrix, from: self.mean.clone(), to: other.mean.clone() })
    }

    /// The distribution at time t, from 0 to 1, on the way to another one: McCann's interpolation, the shortest path in $W_2$.
    ///
    /// Costs about 42 d³ operations.
    ///
    /// # Errors
    ///
    /// As [`distance`](Self::distance), with [`MatrixError::OutOfRange`] for other t.
    ///
    /// # Example: half-way
    ///
    /// ```
    /// use faer::mat;
    /// use tangency_transport::Gaussian;
    ///
    /// let (p, q) = (Gaussian::new(vec![0.0], mat![[1.0]])?, Gaussian::new(vec![2.0], mat![[9.0]])?);
    /// let middle = p.geodesic(&q, 0.5)?;
    /// assert!((middle.covariance()[(0, 0)] - 4.0).abs() < 1e-14); // standard deviations are interpolated
    /// assert!((p.distance(&middle)? - 0.5 * p.distance(&q)?).abs() < 1e-14);
    /// # Ok::<(), tangency_transport::TransportError>(())
    /// ```
    pub fn geodesic(&self, other: &Self, t: f64) -> Result<Self, TransportError> {
        self.check(other)?;
        let covariance = bures_geodesic(self.covariance(), other.covariance(), t)?;
        let mean = self.mean.iter().zip(&other.mean).map(|(a, b)| a + t * (b - a)).collect();
        Ok(Self { mean, covariance })
    }

    fn check(&self, other: &Self) -> Result<(), TransportError> {
        let (sources, targets) = (self.mean.len(), other.mean.len());
        if sources == targets { Ok(()) } else { Err(TransportError::Dimension { sources, targets }) }
    }
}

/// The map $x \mapsto m_2 + T (x - m_1)$.
#[derive(Debug, Clone, PartialEq)]
pub struct AffineMap {
    matrix: Mat<f64>,
    from: Vec<f64>,
    to: Vec<f64>,
}

impl AffineMap {
    /// T, symmetric and positive semidefinite.
    pub fn matrix(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// Where a point goes.
    ///
    /// # Panics
    ///
    /// If the point has another dimension than the map.
    pub fn apply(&self, point: &[f64]) -> Vec<f64> {
        assert_eq!(point.len(), self.from.len(), "the dimension of the point");
        (0..self.to.len())
            .map(|i| {
                self.to[i]
                    + (0..point.len()).map(|k| self.matrix[(i, k)] * (point[k] - self.from[k])).sum::<f64>()
            })
            .collect()
    }
}

/// When the barycentre is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianBarycentreOptions {
    /// Iterations end when the root of the covariance moves by less, relative to its norm: from 0 to 1, default 1e-13.
    pub tolerance: f64,
    /// The most iterations, at least 1; default 1000. Some tens are enough for covariances that are not nearly singular;
    /// between singular ones of different ranges the root may go on turning long after the objective stands.
    pub max_iterations: usize,
}

impl Default for GaussianBarycentreOptions {
    fn default() -> Self {
        Self { tolerance: 1e-13, max_iterations: 1000 }
    }
}

/// How the iterations ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GaussianBarycentreStatus {
    /// The root moved by less than the tolerance.
    Converged,
    /// The iterations ran out; the result is the last iterate.
    MaxIterations,
}

/// The mean of Gaussians in $W_2$.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GaussianBarycentre {
    /// The barycentre.
    pub gaussian: Gaussian,
    /// $\sum w_i W_2^2(N_i, \cdot)$ with weights that sum to one.
    pub objective: f64,
    /// How far the last iteration moved the root of the covariance, relative to its norm.
    pub residual: f64,
    /// How the iterations ended.
    pub status: GaussianBarycentreStatus,
    /// Iterations done.
    pub iterations: usize,
}

/// The Gaussian that minimises $\sum_i w_i W_2^2(N_i, \cdot)$.
///
/// Its mean is the mean of the means. The covariance $S = G G^\top$ solves $S = \sum_i w_i (S^{1/2} A_i S^{1/2})^{1/2}$; the
/// fixed-point iteration is written with roots,
///
/// $$ G \leftarrow \sum_i w_i A_i^{1/2} U_i, \quad U_i = \text{the orthogonal factor of } A_i^{1/2} G , $$
///
/// which turns every root as near to G as it goes (generalised Procrustes analysis). It is the iteration $S \leftarrow \bar T
/// S \bar T$ of the reference with $\bar T = \sum_i w_i T_i$, but needs no inverse, so that singular covariances are no
/// exception; then the barycentre need not be unique, and one is found. The objective decreases with every iteration.
///
/// Weights are relative, not negative and not all zero; none means equal ones. Costs about 25 d³ operations for each
/// Gaussian and iteration.
///
/// # Errors
///
/// [`TransportError`] for no Gaussians, different dimensions, weights of the wrong number or value, options out of range, and
/// [`MatrixError::NoConvergence`].
///
/// # Example: of commuting covariances the standard deviations are averaged
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Gaussian, gaussian_barycentre};
///
/// let p = Gaussian::new(vec![0.0, 0.0], mat![[1.0, 0.0], [0.0, 0.0]])?;
/// let q = Gaussian::new(vec![4.0, 0.0], mat![[9.0, 0.0], [0.0, 1.0]])?;
/// let found = gaussian_barycentre(&[p, q], None)?;
/// assert!((found.gaussian.covariance()[(0, 0)] - 4.0).abs() < 1e-13);
/// assert!((found.gaussian.covariance()[(1, 1)] - 0.25).abs() < 1e-13);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - P. C. Álvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos, C. Matrán, *A fixed-point approach to barycenters in
///   Wasserstein space*, Journal of Mathematical Analysis and Applications 441 (2016) 744-762.
pub fn gaussian_barycentre(
    gaussians: &[Gaussian],
    weights: Option<&[f64]>,
) -> Result<GaussianBarycentre, TransportError> {
    gaussian_barycentre_with(gaussians, weights, &GaussianBarycentreOptions::default())
}

/// As [`gaussian_barycentre`], with options.
///
/// # Errors
///
/// As [`gaussian_barycentre`].
pub fn gaussian_barycentre_with(
    gaussians: &[Gaussian],
    weights: Option<&[f64]>,
    options: &GaussianBarycentreOptions,
) -> Result<GaussianBarycentre, TransportError> {
    let weights = check(gaussians, weights, options)?;
    let d = gaussians[0].mean.len();
    let mut mean = vec![0.0; d];
    for (gaussian, w) in gaussians.iter().zip(&weights) {
        mean.iter_mut().zip(&gaussian.mean).for_each(|(sum, x)| *sum += w * x);
    }
    let roots = gaussians.iter().map(|g| semidefinite_root(g.covariance())).collect::<Result<Vec<_>, _>>()?;
    let mut root = Mat::<f64>::zeros(d, d);
    for (r, w) in roots.iter().zip(&weights) {
        root += faer::Scale(*w) * r;
    }
    let (mut residual, mut iterations) = (f64::INFINITY, 0);
    let mut status = GaussianBarycentreStatus::MaxIterations;
    while iterations < options.max_iterations {
        let mut next = Mat::<f64>::zeros(d, d);
        for (r, w) in roots.iter().zip(&weights) {
            let svd = (r * &root).thin_svd().map_err(|_| no_convergence(d))?;
            let turned = r * (svd.U() * svd.V().transpose());
            next += faer::Scale(*w) * turned;
        }
        iterations += 1;
        let norm = next.norm_l2();
        residual = if norm > 0.0 { (&next - &root).norm_l2() / norm } else { 0.0 };
        root = next;
        if residual <= options.tolerance {
            status = GaussianBarycentreStatus::Converged;
            break;
        }
    }
    let product = &root * root.transpose();
    let covariance = Mat::from_fn(d, d, |i, j| 0.5 * (product[(i, j)] + product[(j, i)]));
    let gaussian = Gaussian { mean, covariance };
    let mut objective = 0.0;
    for (g, w) in gaussians.iter().zip(&weights) {
        objective += w * gaussian.distance_pow(g)?;
    }
    Ok(GaussianBarycentre { gaussian, objective, residual, status, iterations })
}

fn no_convergence(d: usize) -> TransportError {
    MatrixError::NoConvergence { what: "the singular values", iterations: d }.into()
}

/// Checks the arguments; gives weights that sum to one.
fn check(
    gaussians: &[Gaussian],
    weights: Option<&[f64]>,
    options: &GaussianBarycentreOptions,
) -> Result<Vec<f64>, TransportError> {
    use crate::error::Side;
    let side = Side::Source;
    let n = gaussians.len();
    let Some(first) = gaussians.first() else { return Err(TransportError::Empty { side }) };
    for other in gaussians {
        first.check(other)?;
    }
    if !(0.0..1.0).contains(&options.tolerance) {
        let value = options.tolerance;
        return Err(TransportError::OutOfRange { what: "the tolerance", range: "from 0 to 1", value });
    }
    if options.max_iterations == 0 {
        return Err(TransportError::OutOfRange {
            what: "the number of iterations",
            range: "at least 1",
            value: 0.0,
        });
    }
    let Some(weights) = weights else { return Ok(vec![1.0 / n as f64; n]) };
    if weights.len() != n {
        return Err(TransportError::Length { what: "the weights", expected: n, got: weights.len() });
    }
    let total = crate::line::total(weights, side)?;
    Ok(weights.iter().map(|w| w / total).collect())
}

/// $A^{1/2}$ of a covariance that was checked; eigenvalues below zero are rounding.
fn semidefinite_root(a: MatRef<'_, f64>) -> Result<Mat<f64>, TransportError> {
    let d = a.nrows();
    let eigen = a.self_adjoint_eigen(Triangle::Lower).map_err(|_| no_convergence(d))?;
    let (vectors, values) = (eigen.U(), eigen.S());
    let scaled = Mat::from_fn(d, d, |i, j| vectors[(i, j)] * values[j].max(0.0).sqrt());
    Ok(&scaled * vectors.transpose())
}
