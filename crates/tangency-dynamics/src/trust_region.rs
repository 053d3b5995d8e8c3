//! The linear model of the residuals inside a ball.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, MatRef, Par, Spec};

/// A Jacobian with scaled columns, $J D^{-1} = U S V^\top$, and the steps that it proposes.
///
/// The factors cost $O(m k^2)$ for $m$ residuals and $k$ unknowns, and then a step for any radius $O(k^2)$. A QR
/// factorisation would be a few times cheaper, but the singular values tell the rank, the condition and the standard
/// errors as well. Sequential on purpose: these matrices are small, and the bits must not depend on threads.
pub(crate) struct TrustRegion {
    scaled: Mat<f64>,
    left: Mat<f64>,
    right: Mat<f64>,
    singular: Diag<f64>,
    memory: MemBuffer,
    /// $D$.
    scale: Vec<f64>,
    /// $U^\top r$.
    projected: Vec<f64>,
    /// The step in the basis $V$.
    rotated: Vec<f64>,
}

/// A step that solves the linear model in the trust region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// $\lVert D p \rVert$.
    pub(crate) norm: f64,
    /// Whether the region did not bind: the full Gauss-Newton step.
    pub(crate) is_full: bool,
}

impl TrustRegion {
    pub(crate) fn new(rows: usize, columns: usize) -> Self {
        let size = rows.min(columns);
        let thin = ComputeSvdVectors::Thin;
        let request = svd_scratch::<f64>(rows, columns, thin, thin, Par::Seq, Spec::default());
        Self {
            scaled: Mat::zeros(rows, columns),
            left: Mat::zeros(rows, size),
            right: Mat::zeros(columns, size),
            singular: Diag::zeros(size),
            memory: MemBuffer::new(request),
            scale: vec![0.0; columns],
            projected: vec![0.0; size],
            rotated: vec![0.0; size],
        }
    }

    /// $D$.
    pub(crate) fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Lets $D$ grow with the norms of the columns of `jacobian`, factors, and projects `residuals` onto the columns.
    /// False if there are no singular values: the matrix is not finite.
    ///
    /// A column of zeros gets the scale 1, until it is not zero any more.
    pub(crate) fn factor(&mut self, jacobian: MatRef<'_, f64>, residuals: &[f64]) -> bool {
        for (j, d) in self.scale.iter_mut().enumerate() {
            *d = jacobian.col(j).norm_l2().max(*d);
            let divisor = if *d > 0.0 { *d } else { 1.0 };
            for i in 0..jacobian.nrows() {
                self.scaled[(i, j)] = jacobian[(i, j)] / divisor;
            }
        }
        let factored = svd(
            self.scaled.as_ref(),
            self.singular.as_mut(),
            Some(self.left.as_mut()),
            Some(self.right.as_mut()),
            Par::Seq,
            MemStack::new(&mut self.memory),
            Spec::default(),
        )
        .is_ok();
        for (i, c) in self.projected.iter_mut().enumerate() {
            *c = self.left.col(i).iter().zip(residuals).map(|(u, r)| u * r).sum();
        }
        factored
    }

    /// $\frac12 \lVert P r \rVert^2$ with the projection $P$ onto the columns of $J$: the reduction of the cost that the full
    /// Gauss-Newton step promises, and that no step can exceed in the linear model.
    pub(crate) fn largest_reduction(&self) -> f64 {
        let threshold = self.threshold();
        let kept = self.singular.column_vector().iter().zip(&self.projected);
        0.5 * kept.filter(|&(&s, _)| s > threshold).map(|(_, c)| c * c).sum::<f64>()
    }

    /// Singular values below this are zero, in these units of rounding.
    fn threshold(&self) -> f64 {
        let largest = self.singular.column_vector().iter().fold(0.0, |a: f64, &s| a.max(s));
        largest * f64::EPSILON * self.scaled.nrows().max(self.scaled.ncols()) as f64
    }

    /// Overwrites `step` with the minimiser of $\lVert r + J p \rVert$ over $\lVert D p \rVert \le \Delta$.
    ///
    /// In the basis $V$ it is $q_i = -s_i (U^\top r)_i / (s_i^2 + \mu)$ with the one $\mu \ge 0$ for which the norm is
    /// $\Delta$, found to a tenth by Newton's method on $1 / \lVert q \rVert$ (Hebden's form), which is nearly linear in
    /// $\mu$ and converges from the left without overshooting. A matrix without full rank gives the shortest step.
    pub(crate) fn step(&mut self, radius: f64, step: &mut [f64]) -> Step {
        let threshold = self.threshold();
        let singular = self.singular.column_vector();
        let mut multiplier = 0.0;
        let mut norm = 0.0;
        for _ in 0..100 {
            let (mut square, mut slope) = (0.0, 0.0);
            for (i, q) in self.rotated.iter_mut().enumerate() {
                let s = singular[i];
                *q = if s > threshold { -s * self.projected[i] / (s * s + multiplier) } else { 0.0 };
                square += *q * *q;
                slope += if s > threshold { *q * *q / (s * s + multiplier) } else { 0.0 };
            }
            norm = square.sqrt();
            if norm <= 1.1 * radius {
                break;
            }
            multiplier += (norm - radius) / radius * (square / slope);
        }
        for (j, p) in step.iter_mut().enumerate() {
            let rotated: f64 = self.right.row(j).iter().zip(&self.rotated).map(|(v, q)| v * q).sum();
            *p = if self.scale[j] > 0.0 { rotated / self.scale[j] } else { rotated };
        }
        Step { norm, is_full: multiplier == 0.0 }
    }

    /// $(J^\top J)^{-1}$, with singular values that are zero to rounding raised to their threshold, so that the
    /// correlations of unknowns that cannot be told apart come out as $\pm 1$, and whether that was necessary for each
    /// unknown: if it was, its variance is in truth infinite.
    pub(crate) fn inverse_normal(&self) -> (Mat<f64>, Vec<bool>) {
        let k = self.scale.len();
        let threshold = self.threshold().max(f64::MIN_POSITIVE);
        let singular = self.singular.column_vector();
        let divisor = |j: usize| if self.scale[j] > 0.0 { self.scale[j] } else { 1.0 };
        let inverse = Mat::from_fn(k, k, |a, b| {
            let sum: f64 = (0..singular.nrows())
                .map(|i| {
                    let s = singular[i].max(threshold);
                    self.right[(a, i)] / s * (self.right[(b, i)] / s)
                })
                .sum();
            sum / (divisor(a) * divisor(b))
        });
        let undetermined = (0..k)
            .map(|j| {
                (0..singular.nrows())
                    .any(|i| singular[i] <= threshold && self.right[(j, i)].abs() > f64::EPSILON.sqrt())
            })
            .collect();
        (inverse, undetermined)
    }
}
