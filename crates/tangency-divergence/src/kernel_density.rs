//! Kernel density estimates, and divergences from two of them.

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::gaussian::{CentreSet, check_all, distances, gaussians_into};
use crate::generator::FDivergence;
use crate::parallel::map_parts;
use crate::ratio::{DensityRatio, RatioForm, from_log_ratios, read_points};
use crate::sample::{Points, Sample, read_pair};
use faer::MatRef;
use std::f64::consts::TAU;

/// Points whose density one task computes.
const PART: usize = 32;

/// How the widths of a kernel density estimate are chosen. σ is the standard deviation of a coordinate, n the (effective)
/// number of points and d the dimension.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Bandwidth {
    /// $\sigma_k n^{-1/(d+4)}$ in every coordinate, as SciPy's `scott`.
    Scott,
    /// $\sigma_k (\tfrac{4}{(d+2) n})^{1/(d+4)}$, as SciPy's `silverman`: the best for a normal density. Too wide for
    /// densities with several peaks. R's `nrd0`, with 0.9 times the smaller of σ and the interquartile range, is another rule
    /// by the same author.
    Silverman,
    /// Scott's widths times the factor, of 29 from 1/8 to 16 in steps of ¼ octave, that gives points their largest mean
    /// log-density by the others. Needs no assumption, but fails for heavy tails, whose farthest point decides. The default.
    #[default]
    LeaveOneOut,
    /// These widths, one for each coordinate, finite and positive.
    Fixed(Vec<f64>),
}

/// A density estimate by a product of Gaussian kernels at every point of a sample,
///
/// $$ \hat p(x) = \sum_i w_i \prod_k \frac{1}{h_k} \varphi \left( \frac{x_k - x_{ik}}{h_k} \right). $$
///
/// **Bias.** It is the density of $X$ plus normal noise of deviations $h_k$: peaks are lowered, and tails beyond the last
/// point fall as fast as the kernel, not as the density. The error falls as $n^{-2/(d+4)}$, slowly in more than a few
/// dimensions.
///
/// Weights are allowed. Evaluation costs $O(nd)$ exponentials' worth for each point; so does the leave-one-out choice for all of
/// its points.
///
/// # Example: normal quantiles
///
/// ```
/// use tangency_divergence::{Bandwidth, KernelDensity, Sample};
///
/// let points = [-1.2, -0.5, 0.0, 0.5, 1.2];
/// let density = KernelDensity::fit(Sample::from(&points[..]), &Bandwidth::Silverman)?;
/// let at_zero = density.ln_density(faer::mat![[0.0]].as_ref())?[0].exp();
/// assert!(at_zero > 0.25 && at_zero < 0.4);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - B. W. Silverman, *Density Estimation for Statistics and Data Analysis*, Chapman and Hall 1986.
/// - D. W. Scott, *Multivariate Density Estimation*, Wiley 1992.
#[derive(Debug, Clone)]
pub struct KernelDensity {
    /// Points over their widths.
    scaled: CentreSet,
    weights: Vec<f64>,
    widths: Vec<f64>,
}

impl KernelDensity {
    /// Estimates the density of a sample.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for a sample that is empty or not finite; `TooFew` for a rule with fewer than two points; `Degenerate`
    /// for a rule with a coordinate that does not vary; `OutOfRange` for fixed widths that are not finite and positive, or
    /// not one for each coordinate.
    pub fn fit(sample: Sample<'_>, bandwidth: &Bandwidth) -> Result<Self, SampleError> {
        Self::of_points(&sample.read(Side::P)?, Side::P, bandwidth)
    }

    fn of_points(points: &Points, side: Side, bandwidth: &Bandwidth) -> Result<Self, SampleError> {
        if let Bandwidth::Fixed(widths) = bandwidth {
            check_all("every width", widths)?;
            if widths.len() != points.dimension {
                return Err(SampleError::PointDimension { expected: points.dimension, got: widths.len() });
            }
            return Ok(Self::with_widths(points, widths.clone()));
        }
        crate::gaussian::at_least_two(points, side)?;
        let d = points.dimension as f64;
        let n = 1.0 / (0..points.rows).map(|i| points.weight(i).powi(2)).sum::<f64>();
        let mut factor = n.powf(-1.0 / (d + 4.0));
        if *bandwidth == Bandwidth::Silverman {
            factor *= (4.0 / (d + 2.0)).powf(1.0 / (d + 4.0));
        }
        let deviations = deviations(points, n);
        if deviations.iter().any(|s| !(*s > 0.0 && s.is_finite())) {
            return Err(SampleError::Degenerate { what: "the standard deviation of a coordinate" });
        }
        let at = |factor: f64| Self::with_widths(points, deviations.iter().map(|s| s * factor).collect());
        if *bandwidth != Bandwidth::LeaveOneOut {
            return Ok(at(factor));
        }
        let mut best = (f64::NEG_INFINITY, factor);
        for step in -12..=16 {
            let candidate = factor * (0.25 * f64::from(step)).exp2();
            let score: f64 = at(candidate)
                .leave_one_out(points)
                .iter()
                .enumerate()
                .filter(|(i, _)| points.weight(*i) > 0.0)
                .map(|(i, v)| points.weight(i) * v)
                .sum();
            if score > best.0 {
                best = (score, candidate);
            }
        }
        Ok(at(best.1))
    }

    fn with_widths(points: &Points, widths: Vec<f64>) -> Self {
        let scaled = CentreSet::of_rows(points.rows, points.dimension, |i, k| points.row(i)[k] / widths[k]);
        Self { scaled, weights: (0..points.rows).map(|i| points.weight(i)).collect(), widths }
    }

    /// The widths of the kernels, one for each coordinate.
    pub fn widths(&self) -> &[f64] {
        &self.widths
    }

    /// $\ln \hat p$ at the rows of a matrix, without underflow.
    ///
    /// # Errors
    ///
    /// [`SampleError::PointDimension`] and [`SampleError::PointNotFinite`].
    pub fn ln_density(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        Ok(self.ln(&read_points(points, self.widths.len())?, false))
    }

    /// $\ln \hat p$ at every point that the estimate was made of, from the others; $-\infty$ if there are no others.
    ///
    /// At the points themselves the estimate is too large, because each has a kernel of its own.
    pub fn ln_density_leave_one_out(&self) -> Vec<f64> {
        let rows = self.scaled.count;
        let centres: Vec<Vec<f64>> = (0..rows).map(|i| self.scaled.centre(i)).collect();
        let data = centres.iter().flat_map(|row| row.iter().zip(&self.widths).map(|(x, h)| x * h)).collect();
        self.leave_one_out(&Points { data, rows, dimension: self.widths.len(), weights: None })
    }

    fn leave_one_out(&self, points: &Points) -> Vec<f64> {
        self.ln(points, true)
    }

    /// The log-density; if `own`, of the points that it was made of, each without its own kernel.
    fn ln(&self, points: &Points, own: bool) -> Vec<f64> {
        let n = self.scaled.count;
        let normaliser = self.widths.iter().map(|h| h.ln() + 0.5 * TAU.ln()).sum::<f64>();
        let part = |range: std::ops::Range<usize>| {
            let (mut squared, mut kernels) = (vec![0.0; n], vec![0.0; n]);
            let mut row = vec![0.0; self.widths.len()];
            let one = |i: usize| {
                for ((to, x), h) in row.iter_mut().zip(points.row(i)).zip(&self.widths) {
                    *to = x / h;
                }
                distances(&row, &self.scaled, &mut squared);
                if own {
                    squared[i] = f64::INFINITY;
                }
                let counted = squared.iter().zip(&self.weights).filter(|(_, w)| **w > 0.0);
                let nearest = counted.map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
                if nearest.is_infinite() {
                    return f64::NEG_INFINITY;
                }
                for x in &mut squared {
                    *x = (*x - nearest).max(0.0);
                }
                gaussians_into(&squared, 1.0, &mut kernels);
                let sum: f64 = kernels.iter().zip(&self.weights).map(|(k, w)| k * w).sum();
                let rest = if own { (-self.weights[i]).ln_1p() } else { 0.0 };
                sum.ln() - 0.5 * nearest - normaliser - rest
            };
            range.map(one).collect::<Vec<_>>()
        };
        map_parts(points.rows, PART, part).concat()
    }

    /// The geometric mean of the widths.
    fn mean_width(&self) -> f64 {
        (self.widths.iter().map(|h| h.ln()).sum::<f64>() / self.widths.len() as f64).exp()
    }
}

/// Standard deviations of the coordinates, with the divisor n - 1.
fn deviations(points: &Points, n: f64) -> Vec<f64> {
    (0..points.dimension)
        .map(|k| {
            let sum = |term: &dyn Fn(f64) -> f64| -> f64 {
                (0..points.rows).map(|i| points.weight(i) * term(points.row(i)[k])).sum()
            };
            let mean = sum(&|x| x);
            (sum(&|x| (x - mean).powi(2)) * n / (n - 1.0)).sqrt()
        })
        .collect()
}

/// The quotient of two kernel density estimates as a density ratio.
///
/// **Bias.** In the tails of Q the quotient of two small wrong numbers: the log-ratio there is of the order of the squared
/// distance in widths, whatever the truth. Direct estimates of the ratio do not have this weakness.
#[derive(Debug, Clone)]
pub struct KernelDensityRatio {
    /// The density of P.
    pub p: KernelDensity,
    /// The density of Q, of the same dimension.
    pub q: KernelDensity,
}

impl DensityRatio for KernelDensityRatio {
    fn dimension(&self) -> usize {
        self.p.widths.len()
    }

    fn ln_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        let (p, q) = (self.p.ln_density(points)?, self.q.ln_density(points)?);
        Ok(p.iter().zip(&q).map(|(p, q)| p - q).collect())
    }

    fn method(&self) -> Method {
        Method::KernelDensity { width_p: self.p.mean_width(), width_q: self.q.mean_width() }
    }
}

/// How a divergence is estimated from kernel densities. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KernelDensityOptions {
    /// How both widths are chosen. Default [`Bandwidth::LeaveOneOut`].
    pub bandwidth: Bandwidth,
    /// How the divergence is written. Default [`RatioForm::Bound`].
    pub form: RatioForm,
}

/// Estimates any f-divergence from kernel density estimates of both samples, each evaluated at its own points without their own
/// kernels.
///
/// **Bias.** Of order $h^2 + 1/(n h^d)$, that is $n^{-2/(d+4)}$ at best, and of either sign; beyond three dimensions it is
/// the larger part of the error. The standard error is that of the means at given densities, so there is no interval. Assumes
/// smooth densities on the whole space: at the edge of a support the estimate is half of the density.
///
/// Weights are allowed. Costs $O((n + m)^2 d)$, and 29 times that on either side for the leave-one-out choice.
///
/// # Errors
///
/// [`SampleError`] for samples of different dimensions, and as [`KernelDensity::fit`].
///
/// # Example: two logistic distributions
///
/// ```
/// use tangency_divergence::{JensenShannon, KernelDensityOptions, Sample, kernel_density_divergence};
///
/// let q: Vec<f64> = (1..500).map(|i| f64::from(i) / 500.0).map(|u| (u / (1.0 - u)).ln()).collect();
/// let p: Vec<f64> = q.iter().map(|x| x + 1.0).collect();
/// let (p, q) = (Sample::from(&p[..]), Sample::from(&q[..]));
/// let found = kernel_density_divergence(&JensenShannon::half(), p, q, &KernelDensityOptions::default())?;
/// assert!((found.value - 0.0388).abs() < 0.01);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn kernel_density_divergence(
    f: &dyn FDivergence,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &KernelDensityOptions,
) -> Result<Estimate, SampleError> {
    let (p_points, q_points) = read_pair(p, q)?;
    let ratio = KernelDensityRatio {
        p: KernelDensity::of_points(&p_points, Side::P, &options.bandwidth)?,
        q: KernelDensity::of_points(&q_points, Side::Q, &options.bandwidth)?,
    };
    let difference =
        |p: Vec<f64>, q: Vec<f64>| -> Vec<f64> { p.iter().zip(&q).map(|(p, q)| p - q).collect() };
    let v_p = difference(ratio.p.leave_one_out(&p_points), ratio.q.ln(&p_points, false));
    let v_q = difference(ratio.p.ln(&q_points, false), ratio.q.leave_one_out(&q_points));
    let (value, standard_error) = from_log_ratios(f, options.form, (&v_p, &p_points), (&v_q, &q_points));
    Ok(Estimate { value, standard_error, interval: None, method: ratio.method() })
}
