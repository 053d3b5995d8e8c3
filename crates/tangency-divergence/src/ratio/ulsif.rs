//! Least-squares fitting of a density ratio, plain and relative.

use super::leave_one_out::{Design, scores};
use super::{DensityRatio, read_points};
use crate::dense::{Cholesky, gram, weighted_sum};
use crate::error::{SampleError, Side};
use crate::estimate::Method;
use crate::gaussian::{CentreSet, Centres, KernelSum, Widths, at_least_two, check_all, gaussians, median};
use crate::parallel::map_parts;
use crate::sample::{Sample, read_pair};
use faer::{Mat, MatRef};
use rand::Rng;
use tangency_vmath::dot;

/// What becomes of negative coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Negative {
    /// They are set to zero, as in the article, in the fit and in every leave-one-out fit: the ratio is positive everywhere
    /// (unless all coefficients are negative), and its mean over Q is no longer the fitted one but larger.
    #[default]
    Clip,
    /// They are kept: the exact minimum of the objective. The ratio may be negative, and its logarithm there is $-\infty$.
    Keep,
}

/// What to try, and how to choose. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq)]
pub struct UlsifOptions {
    /// Where the kernels stand. Default 100 points of P.
    pub centres: Centres,
    /// Candidates for the width. Default eight multiples of the median distance, from 1/8 to 1.5.
    pub widths: Widths,
    /// Candidates for the ridge λ, each finite and positive. Default nine from 10⁻⁴ to 1, two a decade.
    pub ridges: Vec<f64>,
    /// α of the relative ratio $p / (\alpha p + (1 - \alpha) q)$, $0 \le \alpha < 1$. Default 0, the plain ratio.
    pub relative: f64,
    /// What becomes of negative coefficients. Default [`Negative::Clip`].
    pub negative: Negative,
}

impl Default for UlsifOptions {
    fn default() -> Self {
        Self {
            centres: Centres::FromP(100),
            widths: Widths::OfMedian(vec![0.125, 0.1875, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5]),
            ridges: (0..9).map(|i| 10_f64.powf(-4.0 + 0.5 * f64::from(i))).collect(),
            relative: 0.0,
            negative: Negative::Clip,
        }
    }
}

/// A density ratio by unconstrained least squares (uLSIF), or the relative one (RuLSIF).
///
/// With Gaussian kernels $\varphi_k(x) = \exp(-\lVert x - c_k \rVert^2 / (2 \sigma^2))$ the coefficients minimise
///
/// $$ \frac{\alpha}{2} E_P (\theta^T \varphi)^2 + \frac{1 - \alpha}{2} E_Q (\theta^T \varphi)^2 - E_P \theta^T \varphi
///    + \frac{\lambda}{2} \lVert \theta \rVert^2, $$
///
/// a linear equation; negative coefficients are then set to zero ([`Negative`]). Width and ridge are those with the least
/// mean objective over fits with one pair $(x_i, y_i)$ left out, $i < \min(n, m)$, all of which come from one
/// eigendecomposition for each width: exact, for α > 0 as well, where both points of the pair enter the matrix.
///
/// For $\alpha = 0$ the model is the ratio itself. It is the one to take when the ratio is wanted at many points and cheaply;
/// where $p / q$ is unbounded its error is too, and the relative ratio, which is at most $1/\alpha$, converges faster.
/// [`ln_ratio`](DensityRatio::ln_ratio) inverts $r_\alpha = r / (\alpha r + 1 - \alpha)$, and is $+\infty$ where the estimate
/// reaches $1/\alpha$.
///
/// **Bias.** The ridge shrinks the ratio towards zero, and the width flattens it; far from the centres it falls to zero. The
/// divergences of a ratio with peaks, or in many dimensions, come out too small.
///
/// Weights are allowed; with α > 0 only if width and ridge are fixed, since leaving out points of different weights would take
/// a factorisation for each.
///
/// Costs for b centres and each width $O((n + m) b^2 + b^3)$, and for each ridge $O(\min(n, m) b^2)$ more if negative
/// coefficients are clipped, $O(\min(n, m) b)$ if not; memory $O((n + m) b)$.
///
/// # Example: the ratio of two normal densities
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{DensityRatio, Sample, Ulsif, UlsifOptions};
///
/// let grid: Vec<f64> = (1..200).map(|i| f64::from(i) / 100.0 - 1.0).collect(); // uniform on (-1, 1)
/// let half: Vec<f64> = grid.iter().map(|x| x / 2.0).collect(); // uniform on (-1/2, 1/2): the ratio is 2
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let ratio = Ulsif::fit(Sample::from(&half[..]), Sample::from(&grid[..]), &UlsifOptions::default(), &mut rng)?;
/// let at = ratio.ln_ratio(faer::mat![[0.0], [0.9]].as_ref())?;
/// assert!((at[0].exp() - 2.0).abs() < 0.3 && at[1].exp() < 0.3);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - T. Kanamori, S. Hido and M. Sugiyama, *A least-squares approach to direct importance estimation*, JMLR 10 (2009) 1391-1445.
/// - M. Yamada, T. Suzuki, T. Kanamori, H. Hachiya and M. Sugiyama, *Relative density-ratio estimation for robust
///   distribution comparison*, Neural Computation 25 (2013) 1324-1370.
#[derive(Debug, Clone)]
pub struct Ulsif {
    sum: KernelSum,
    ridge: f64,
    relative: f64,
    score: Option<f64>,
}

impl Ulsif {
    /// Fits the ratio $p/q$; `rng` draws the centres.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for samples that are empty, not finite or of different dimensions; `TooFew` for a choice among several
    /// candidates with fewer than two points of a side; `Degenerate` if widths are multiples of a median distance of zero;
    /// `OutOfRange` for an option; `WeightsNotAllowed` for α > 0 with several candidates.
    pub fn fit(
        p: Sample<'_>,
        q: Sample<'_>,
        options: &UlsifOptions,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let (p, q) = read_pair(p, q)?;
        let relative = options.relative;
        if !(0.0..1.0).contains(&relative) {
            return Err(SampleError::OutOfRange {
                what: "α",
                range: "at least 0 and less than 1",
                value: relative,
            });
        }
        check_all("every ridge", &options.ridges)?;
        let centres = CentreSet::new(&options.centres, &p, rng)?;
        let (squared_p, squared_q) = (centres.squared_distances(&p), centres.squared_distances(&q));
        let widths = options.widths.resolve(|| median(&squared_p, &squared_q))?;
        let b = centres.count;
        let mut best = (None, widths[0], options.ridges[0]);
        if widths.len() * options.ridges.len() > 1 {
            at_least_two(&p, Side::P)?;
            at_least_two(&q, Side::Q)?;
            for (points, side) in [(&p, Side::P), (&q, Side::Q)] {
                if relative > 0.0 && points.weights.is_some() {
                    return Err(SampleError::WeightsNotAllowed { side });
                }
            }
            let table = map_parts(widths.len(), 1, |range| {
                let width = widths[range.start];
                let (kernels_p, kernels_q) = (gaussians(&squared_p, width), gaussians(&squared_q, width));
                let design = Design {
                    kernels_p: &kernels_p,
                    kernels_q: &kernels_q,
                    p: &p,
                    q: &q,
                    relative,
                    negative: options.negative,
                };
                scores(&design, b, &options.ridges)
            });
            for (width, scores) in widths.iter().zip(table) {
                for (ridge, score) in options.ridges.iter().zip(scores.unwrap_or_default()) {
                    if score < best.0.unwrap_or(f64::INFINITY) {
                        best = (Some(score), *width, *ridge);
                    }
                }
            }
            if best.0.is_none() {
                return Err(SampleError::Degenerate { what: "every candidate's leave-one-out score" });
            }
        }
        let (score, width, ridge) = best;
        let (kernels_p, kernels_q) = (gaussians(&squared_p, width), gaussians(&squared_q, width));
        let mut matrix = gram(&kernels_q, b, |j| (1.0 - relative) * q.weight(j));
        if relative > 0.0 {
            matrix += gram(&kernels_p, b, |i| relative * p.weight(i));
        }
        for k in 0..b {
            matrix[(k, k)] += ridge;
        }
        let h = weighted_sum(&kernels_p, b, |i| p.weight(i));
        let factor = Cholesky::new(matrix)
            .ok_or(SampleError::Degenerate { what: "the smallest eigenvalue of the normal equations" })?;
        let mut coefficients = factor.solve(&h);
        if options.negative == Negative::Clip {
            for c in &mut coefficients {
                *c = c.max(0.0);
            }
        }
        Ok(Self { sum: KernelSum { centres, width, coefficients }, ridge, relative, score })
    }

    /// The width that was chosen.
    pub fn width(&self) -> f64 {
        self.sum.width
    }

    /// The ridge that was chosen.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// The leave-one-out score of the choice; `None` if there was but one candidate.
    pub fn score(&self) -> Option<f64> {
        self.score
    }

    /// The coefficients of the kernels.
    pub fn coefficients(&self) -> &[f64] {
        &self.sum.coefficients
    }

    /// The centres, one in each row.
    pub fn centres(&self) -> Mat<f64> {
        self.sum.centre_matrix()
    }

    /// The fitted $p / (\alpha p + (1 - \alpha) q)$, the sum of the kernels, at the rows of a matrix; it may be negative if
    /// negative coefficients were kept.
    ///
    /// # Errors
    ///
    /// As [`DensityRatio::ln_ratio`].
    pub fn relative_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        let points = read_points(points, self.dimension())?;
        let kernels = gaussians(&self.sum.centres.squared_distances(&points), self.sum.width);
        Ok(sums(&kernels, &self.sum.coefficients))
    }
}

impl DensityRatio for Ulsif {
    fn dimension(&self) -> usize {
        self.sum.centres.dimension
    }

    fn ln_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        let points = read_points(points, self.dimension())?;
        let mut ln = self.sum.ln(&points);
        if self.relative > 0.0 {
            let (ln_relative, ln_rest) = (self.relative.ln(), (-self.relative).ln_1p());
            for v in &mut ln {
                // r = (1 - α) r_α / (1 - α r_α).
                let share = *v + ln_relative;
                *v = if share < 0.0 { *v + ln_rest - (-share.exp_m1()).ln() } else { f64::INFINITY };
            }
        }
        Ok(ln)
    }

    fn method(&self) -> Method {
        Method::Ulsif { width: self.sum.width, ridge: self.ridge, relative: self.relative }
    }
}

/// The sums of kernels, times their coefficients, by rows.
fn sums(kernels: &[f64], coefficients: &[f64]) -> Vec<f64> {
    let rows = kernels.chunks_exact(coefficients.len());
    rows.map(|row| dot(row, coefficients).expect("a kernel for each coefficient")).collect()
}
