//! The Kullback-Leibler importance estimation procedure.

use super::mixture::proportions;
use super::{DensityRatio, Fit, FitStatus, read_points};
use crate::error::{SampleError, Side};
use crate::estimate::Method;
use crate::gaussian::{CentreSet, Centres, Widths, at_least_two, median};
use crate::parallel::map_parts;
use crate::sample::{Points, Sample, read_pair};
use faer::{Mat, MatRef};
use rand::Rng;
use rand::seq::SliceRandom;
use tangency_vmath::log_sum_exp;

/// The tolerance of the fits that only compare widths, in nats.
const SEARCH_TOLERANCE: f64 = 1e-4;

/// What to try, and how to choose. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq)]
pub struct KliepOptions {
    /// Where the kernels stand. Default 100 points of P.
    pub centres: Centres,
    /// Candidates for the width. Default eight multiples of the median distance, from 1/8 to 1.5.
    pub widths: Widths,
    /// Parts of P for the cross-validation of the width, at least 2; as many as there are points if there are fewer. Default 5.
    pub folds: usize,
    /// Largest distance of the mean log-ratio from its maximum, in nats, positive. Default 10⁻⁸.
    pub tolerance: f64,
    /// Interior-point steps at most. Default 100; twenty are usual.
    pub max_iterations: usize,
}

impl Default for KliepOptions {
    fn default() -> Self {
        Self {
            centres: Centres::FromP(100),
            widths: Widths::OfMedian(vec![0.125, 0.1875, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5]),
            folds: 5,
            tolerance: 1e-8,
            max_iterations: 100,
        }
    }
}

/// A density ratio by maximum likelihood: the Kullback-Leibler importance estimation procedure (KLIEP).
///
/// With Gaussian kernels $\varphi_k$ at centres from P and coefficients $\theta \ge 0$, the ratio $r = \theta^T \varphi$ solves
///
/// $$ \max_\theta \enspace E_P \ln \theta^T \varphi \quad \text{subject to} \quad E_Q \theta^T \varphi = 1, $$
///
/// which minimises $\mathrm{KL}(P \Vert r Q)$. In the variables $a_k = \theta_k E_Q \varphi_k$ it asks for the proportions of
/// a mixture of known components, a concave problem over the simplex; it is solved to its maximum by an interior-point method
/// rather than the article's gradient ascent, and [`fit_report`](Self::fit_report) bounds the distance from the maximum in
/// nats ([`Fit::gap`], from the optimality conditions alone).
///
/// The width is the one with the largest mean log-ratio at points of P that were left out of the fit in turn. All is computed in
/// logarithms, so narrow kernels neither underflow nor overflow.
///
/// **Bias.** $E_P \ln \hat r$ on the fitted points is too large by what was fitted; the width flattens the ratio, and far
/// from the centres it falls to zero. KLIEP assumes P to have its mass where Q has points.
///
/// Weights are allowed. Costs $O(n b^2 + b^3)$ for each step of each fit with b centres, times the number of widths and folds.
///
/// # Example: a ratio that integrates to one
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{DensityRatio, FitStatus, Kliep, KliepOptions, Sample};
///
/// let grid: Vec<f64> = (1..200).map(|i| f64::from(i) / 100.0 - 1.0).collect(); // uniform on (-1, 1)
/// let half: Vec<f64> = grid.iter().map(|x| x / 2.0).collect();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let (p, q) = (Sample::from(&half[..]), Sample::from(&grid[..]));
/// let ratio = Kliep::fit(p, q, &KliepOptions::default(), &mut rng)?;
/// assert_eq!(ratio.fit_report().status, FitStatus::Converged);
/// let mean = ratio.ln_ratio(q.points())?.iter().map(|v| v.exp()).sum::<f64>() / 199.0;
/// assert!((mean - 1.0).abs() < 1e-12);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - M. Sugiyama, T. Suzuki, S. Nakajima, H. Kashima, P. von Bünau and M. Kawanabe, *Direct importance estimation for covariate
///   shift adaptation*, Ann. Inst. Stat. Math. 60 (2008) 699-746.
#[derive(Debug, Clone)]
pub struct Kliep {
    centres: CentreSet,
    width: f64,
    ln_coefficients: Vec<f64>,
    fit: Fit,
    score: Option<f64>,
}

impl Kliep {
    /// Fits the ratio $p/q$; `rng` draws the centres and the folds.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for samples that are empty, not finite or of different dimensions; `TooFew` for a choice among several
    /// widths with fewer than two points of P; `Degenerate` if widths are multiples of a median distance of zero; `OutOfRange`
    /// for an option.
    pub fn fit(
        p: Sample<'_>,
        q: Sample<'_>,
        options: &KliepOptions,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let (p, q) = read_pair(p, q)?;
        if options.folds < 2 {
            let value = options.folds as f64;
            return Err(SampleError::OutOfRange { what: "the number of folds", range: "at least 2", value });
        }
        crate::gaussian::check_all("the tolerance", &[options.tolerance])?;
        let centres = CentreSet::new(&options.centres, &p, rng)?;
        let (squared_p, squared_q) = (centres.squared_distances(&p), centres.squared_distances(&q));
        let widths = options.widths.resolve(|| median(&squared_p, &squared_q))?;
        let mut rows: Vec<usize> = (0..p.rows).filter(|&i| p.weight(i) > 0.0).collect();
        let problem = |width: f64| Problem::new(&squared_p, &squared_q, &p, &q, centres.count, width);
        let (mut score, mut width) = (None, widths[0]);
        if widths.len() > 1 {
            at_least_two(&p, Side::P)?;
            let mut shuffled = rows.clone();
            shuffled.shuffle(rng);
            let table = map_parts(widths.len(), 1, |range| {
                problem(widths[range.start]).held_out(
                    &shuffled,
                    options.folds.min(shuffled.len()),
                    options.max_iterations,
                )
            });
            for (candidate, held_out) in widths.iter().zip(table) {
                if held_out > score.unwrap_or(f64::NEG_INFINITY) {
                    (score, width) = (Some(held_out), *candidate);
                }
            }
        }
        rows.sort_unstable();
        let (ln_coefficients, fit) = problem(width).solve(&rows, options.tolerance, options.max_iterations);
        Ok(Self { centres, width, ln_coefficients, fit, score })
    }

    /// The width that was chosen.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Whether the maximum was found: the objective is the mean of $\ln r$ over P, the gap a bound on its distance from the
    /// maximum.
    pub fn fit_report(&self) -> Fit {
        self.fit
    }

    /// The mean log-ratio at points that were left out, for the width chosen; `None` if there was but one candidate.
    pub fn score(&self) -> Option<f64> {
        self.score
    }

    /// The logarithms of the coefficients of the kernels.
    pub fn ln_coefficients(&self) -> &[f64] {
        &self.ln_coefficients
    }

    /// The centres, one in each row.
    pub fn centres(&self) -> Mat<f64> {
        let rows: Vec<Vec<f64>> = (0..self.centres.count).map(|k| self.centres.centre(k)).collect();
        Mat::from_fn(self.centres.count, self.centres.dimension, |i, j| rows[i][j])
    }
}

impl DensityRatio for Kliep {
    fn dimension(&self) -> usize {
        self.centres.dimension
    }

    fn ln_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        let points = read_points(points, self.dimension())?;
        let squared = self.centres.squared_distances(&points);
        Ok(ln_mixture(&squared, &self.ln_coefficients, -0.5 / self.width / self.width))
    }

    fn method(&self) -> Method {
        Method::Kliep { width: self.width }
    }
}

/// $\ln \sum_k \exp(c_k + s d_k^2)$ for rows of squared distances.
fn ln_mixture(squared: &[f64], ln_coefficients: &[f64], factor: f64) -> Vec<f64> {
    let b = ln_coefficients.len();
    let part = |range: std::ops::Range<usize>| {
        let mut terms = vec![0.0; b];
        let one = |row: &[f64]| {
            for ((term, x), c) in terms.iter_mut().zip(row).zip(ln_coefficients) {
                *term = factor * x + c;
            }
            log_sum_exp(&terms)
        };
        squared[range.start * b..range.end * b].chunks_exact(b).map(one).collect::<Vec<_>>()
    };
    map_parts(squared.len() / b, 256, part).concat()
}

/// The kernels of one width in logarithms, each divided by its mean over Q.
struct Problem<'a> {
    squared_p: &'a [f64],
    p: &'a Points,
    factor: f64,
    ln_means: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(squared_p: &'a [f64], squared_q: &[f64], p: &'a Points, q: &Points, b: usize, width: f64) -> Self {
        let factor = -0.5 / width / width;
        let counted: Vec<usize> = (0..q.rows).filter(|&j| q.weight(j) > 0.0).collect();
        let mut nearest = vec![f64::INFINITY; b];
        for &j in &counted {
            for (nearest, x) in nearest.iter_mut().zip(&squared_q[j * b..(j + 1) * b]) {
                *nearest = nearest.min(*x);
            }
        }
        let mut sums = vec![0.0; b];
        let mut row = vec![0.0; b];
        for &j in &counted {
            for ((to, x), nearest) in row.iter_mut().zip(&squared_q[j * b..(j + 1) * b]).zip(&nearest) {
                *to = factor * (x - nearest);
            }
            tangency_vmath::exp(&mut row);
            for (sum, k) in sums.iter_mut().zip(&row) {
                *sum += q.weight(j) * k;
            }
        }
        let ln_means = sums.iter().zip(&nearest).map(|(sum, nearest)| sum.ln() + factor * nearest).collect();
        Self { squared_p, p, factor, ln_means }
    }

    /// Logarithms of the coefficients, from these rows of P alone.
    fn solve(&self, rows: &[usize], tolerance: f64, max_iterations: usize) -> (Vec<f64>, Fit) {
        let b = self.ln_means.len();
        let mut a = vec![0.0; rows.len() * b];
        let total: f64 = rows.iter().map(|&i| self.p.weight(i)).sum();
        let weights: Vec<f64> = rows.iter().map(|&i| self.p.weight(i) / total).collect();
        let mut shift = 0.0;
        for ((&i, to), weight) in rows.iter().zip(a.chunks_exact_mut(b)).zip(&weights) {
            let from = &self.squared_p[i * b..(i + 1) * b];
            let mut largest = f64::NEG_INFINITY;
            for ((to, x), ln_mean) in to.iter_mut().zip(from).zip(&self.ln_means) {
                *to = self.factor * x - ln_mean;
                largest = largest.max(*to);
            }
            // The factor of a row adds a constant to the objective.
            shift += weight * largest;
            for to in to.iter_mut() {
                *to -= largest;
            }
            tangency_vmath::exp(to);
        }
        let (proportions, mut fit) = proportions(&a, b, &weights, tolerance, max_iterations);
        fit.objective += shift;
        let ln = proportions.iter().zip(&self.ln_means).map(|(a, ln_mean)| a.ln() - ln_mean).collect();
        (ln, fit)
    }

    /// The mean log-ratio over points that were left out.
    fn held_out(&self, shuffled: &[usize], folds: usize, max_iterations: usize) -> f64 {
        let b = self.ln_means.len();
        let mut sum = 0.0;
        for fold in 0..folds {
            let pick = |inside: bool| -> Vec<usize> {
                let rows = shuffled.iter().enumerate().filter(|(k, _)| (k % folds == fold) == inside);
                rows.map(|(_, &i)| i).collect()
            };
            let (coefficients, fit) = self.solve(&pick(false), SEARCH_TOLERANCE, max_iterations);
            if fit.status == FitStatus::Stalled && fit.gap > 1e-2 {
                return f64::NEG_INFINITY;
            }
            for i in pick(true) {
                let row = &self.squared_p[i * b..(i + 1) * b];
                sum += self.p.weight(i) * ln_mixture(row, &coefficients, self.factor)[0];
            }
        }
        sum
    }
}
