//! Two multivariate normal laws as products of laws on the line.

use super::{Exact, TERM_ERROR, kullback_leibler, power};
use crate::error::{DistributionError, Side};
use crate::law::Law;
use faer::linalg::solvers::Llt;
use faer::{Mat, MatRef, Side as Triangle};

/// Coordinates in which Q is standard and the components of P are independent, with variances 1 + e and means d.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whitened {
    /// (e, d) for each coordinate.
    pub(crate) components: Vec<(f64, f64)>,
    /// How much the change of coordinates magnifies a rounding error.
    condition: f64,
}

impl Whitened {
    /// With $\Sigma_Q = L L^\top$: the eigenvalues of $L^{-1} (\Sigma_P - \Sigma_Q) L^{-\top}$ are the e. The difference is
    /// formed first, so that nearly equal covariances lose nothing.
    ///
    /// # Errors
    ///
    /// [`DistributionError::NotPositiveDefinite`] for a covariance matrix without a Cholesky factor;
    /// [`DistributionError::DimensionMismatch`].
    pub(crate) fn new(p: &Law, q: &Law) -> Result<Self, DistributionError> {
        let (
            Law::MultivariateNormal { mean: mean_p, covariance: covariance_p },
            Law::MultivariateNormal { mean: mean_q, covariance: covariance_q },
        ) = (p, q)
        else {
            return Err(DistributionError::NeedsSampling { p: p.family(), q: q.family() });
        };
        if mean_p.len() != mean_q.len() {
            return Err(DistributionError::DimensionMismatch { p: mean_p.len(), q: mean_q.len() });
        }
        let dimension = mean_p.len();
        let not_definite = |side| DistributionError::NotPositiveDefinite { side };
        factor(covariance_p.as_ref()).map_err(|()| not_definite(Side::P))?;
        let lower = factor(covariance_q.as_ref()).map_err(|()| not_definite(Side::Q))?;
        let symmetric = |row: usize, column: usize| {
            let (row, column) = if row < column { (column, row) } else { (row, column) };
            covariance_p[(row, column)] - covariance_q[(row, column)]
        };
        let mut half = Mat::from_fn(dimension, dimension, symmetric);
        solve_lower(&lower, &mut half);
        let mut excess = half.transpose().to_owned();
        solve_lower(&lower, &mut excess);
        let mut shift = Mat::from_fn(dimension, 1, |row, _| mean_p[row] - mean_q[row]);
        solve_lower(&lower, &mut shift);
        if !(0..dimension).all(|i| excess.row(i).iter().all(|x| x.is_finite()) && shift[(i, 0)].is_finite()) {
            return Err(not_definite(Side::Q));
        }
        let eigen = excess.self_adjoint_eigen(Triangle::Lower).map_err(|_| not_definite(Side::Q))?;
        let values = eigen.S().column_vector();
        let rotated = eigen.U().transpose() * &shift;
        let components: Vec<(f64, f64)> = (0..dimension).map(|i| (values[i], rotated[(i, 0)])).collect();
        if components.iter().any(|(excess, _)| *excess <= -1.0) {
            return Err(not_definite(Side::P));
        }
        let diagonal = || (0..dimension).map(|i| lower[(i, i)]);
        let spread = diagonal().fold(0.0, f64::max) / diagonal().fold(f64::INFINITY, f64::min);
        Ok(Self { components, condition: dimension as f64 * spread * spread })
    }

    /// KL(P‖Q).
    pub(crate) fn kullback_leibler(&self) -> Exact {
        self.total(|(excess, shift)| kullback_leibler::normal(excess, excess.ln_1p(), shift))
    }

    /// KL(Q‖P): in units of P the components of Q have the excess −e/(1 + e) and the mean −d/√(1 + e).
    pub(crate) fn reverse(&self) -> Exact {
        self.total(|(excess, shift)| {
            let square = 1.0 + excess;
            kullback_leibler::normal(-excess / square, -excess.ln_1p(), shift / square.sqrt())
        })
    }

    /// $\ln \int p^\alpha q^{1 - \alpha}$.
    pub(crate) fn ln_affinity(&self, alpha: f64) -> Exact {
        self.total(|(excess, shift)| power::normal(1.0 + excess, excess, excess.ln_1p(), shift, alpha))
    }

    /// The sum over coordinates, with the rounding of the change of coordinates: it perturbs each d and each e by
    /// some units of the condition, to which the sum is as sensitive as its terms are large.
    fn total(&self, term: impl Fn((f64, f64)) -> Exact) -> Exact {
        let mut sum = Exact::ZERO;
        let mut sensitivity = 0.0;
        for &(excess, shift) in &self.components {
            let value = term((excess, shift));
            if value.value == f64::INFINITY {
                return Exact::INFINITE;
            }
            sum = sum.plus(value);
            sensitivity += value.value.abs() + excess.abs() / (1.0 + excess);
        }
        sum.error += TERM_ERROR * self.condition * sensitivity;
        sum
    }

    /// The distance of the means if the covariances are equal: then the laws differ in one direction alone.
    pub(crate) fn shift_alone(&self) -> Option<f64> {
        let equal = self.components.iter().all(|(excess, _)| *excess == 0.0);
        equal.then(|| self.components.iter().map(|(_, shift)| shift * shift).sum::<f64>().sqrt())
    }
}

/// The Cholesky factor.
fn factor(matrix: MatRef<'_, f64>) -> Result<Mat<f64>, ()> {
    let factor = Llt::new(matrix, Triangle::Lower).map_err(|_| ())?;
    let lower = factor.L().to_owned();
    let positive = (0..lower.nrows()).all(|i| lower[(i, i)] > 0.0 && lower[(i, i)].is_finite());
    if positive { Ok(lower) } else { Err(()) }
}

/// Overwrites a matrix with $L^{-1}$ times it.
fn solve_lower(lower: &Mat<f64>, right: &mut Mat<f64>) {
    faer::linalg::triangular_solve::solve_lower_triangular_in_place(
        lower.as_ref(),
        right.as_mut(),
        faer::Par::Seq,
    );
}
