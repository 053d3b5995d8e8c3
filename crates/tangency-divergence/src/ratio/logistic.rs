//! A density ratio by logistic regression.

use super::{DensityRatio, Fit, read_points};
use crate::error::{SampleError, Side};
use crate::estimate::Method;
use crate::features::{FeatureMap, Features};
use crate::gaussian::at_least_two;
use crate::newton::Linear;
use crate::sample::{Points, Sample, read_pair};
use faer::MatRef;
use rand::Rng;
use rand::seq::SliceRandom;
use tangency_vmath::{Real, dot};

/// What to try, and how to choose. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticOptions {
    /// Candidates for the features of the log-ratio. Default [`Features::Polynomial`] of degree 2 alone.
    pub features: Vec<Features>,
    /// Candidates for the ridge λ, each finite and not negative. Default 10⁻⁴ alone. Without a ridge, samples that the features
    /// separate have no optimum: the coefficients grow until the likelihood is within the tolerance of its supremum.
    pub ridges: Vec<f64>,
    /// Parts of each sample for the cross-validation among candidates, at least 2. Default 5.
    pub folds: usize,
    /// The share of P in the likelihood, between 0 and 1. Default `None`: n/(n + m), for weighted samples with the effective
    /// numbers $(\sum w)^2 / \sum w^2$; with that share the fit is the maximum-likelihood one.
    pub share_of_p: Option<f64>,
    /// The mean log-likelihood may be this far from its maximum, in nats, to second order; positive. Default 10⁻¹².
    pub tolerance: f64,
    /// Newton steps at most. Default 100; ten are usual.
    pub max_iterations: usize,
}

impl Default for LogisticOptions {
    fn default() -> Self {
        Self {
            features: vec![Features::Polynomial { degree: 2 }],
            ridges: vec![1e-4],
            folds: 5,
            share_of_p: None,
            tolerance: 1e-12,
            max_iterations: 100,
        }
    }
}

/// A density ratio by logistic regression: its logarithm is linear in features.
///
/// A point of the pooled samples comes from P with probability $\sigma(v(x) + \ln \tfrac{\rho}{1 - \rho})$, where $v =
/// \ln(p/q)$ and $\rho$ is the share of P, so $v(x) = \theta^T \varphi(x) + b$ maximises
///
/// $$ \rho \, E_P \ln \sigma(v + c) + (1 - \rho) E_Q \ln \sigma(-v - c) - \frac{\lambda}{2} \lVert \theta \rVert^2, \quad c = \ln \frac{\rho}{1 - \rho}; $$
///
/// the prior ratio n/m is accounted for by c and needs no correction afterwards. The objective is strictly concave with a ridge,
/// and Newton's method finds its maximum to rounding. If the log-ratio is in the span of the features, as for two
/// normal distributions with degree 2, this is the estimate of least asymptotic variance; the model is a ratio above zero
/// everywhere.
///
/// **Bias.** If the log-ratio is not in the span the error does not vanish with the sample. The ridge shrinks the log-ratio
/// towards a constant; it acts on features of scale one, so the unit of the coordinates does not matter.
///
/// Weights are allowed. Costs $O((n + m) b^2 + b^3)$ for each step of each fit with b features; candidates cost their number
/// times that of folds more.
///
/// # Example: two normal distributions
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{DensityRatio, FitStatus, LogisticOptions, LogisticRatio, Sample};
///
/// let p: Vec<f64> = (1..300).map(|i| f64::from(i) / 300.0).map(|u| 1.0 + (u / (1.0 - u)).ln()).collect();
/// let q: Vec<f64> = p.iter().map(|x| x - 1.0).collect();
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let ratio = LogisticRatio::fit(Sample::from(&p[..]), Sample::from(&q[..]), &LogisticOptions::default(), &mut rng)?;
/// assert_eq!(ratio.fit_report().status, FitStatus::Converged);
/// assert!(ratio.ln_ratio(faer::mat![[0.5]].as_ref())?[0].abs() < 1e-2); // by symmetry
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - J. Qin, *Inferences for case-control and semiparametric two-sample density ratio models*, Biometrika 85 (1998) 619-630.
/// - S. Bickel, M. Brückner and T. Scheffer, *Discriminative learning under covariate shift*, JMLR 10 (2009) 2137-2155.
#[derive(Debug, Clone)]
pub struct LogisticRatio {
    map: FeatureMap,
    coefficients: Vec<f64>,
    features: Features,
    ridge: f64,
    fit: Fit,
}

impl LogisticRatio {
    /// Fits the ratio $p/q$; `rng` draws features and folds.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for samples that are empty, not finite or of different dimensions; `TooFew` for a choice among several
    /// candidates with fewer than two points of a side; `OutOfRange` for an option.
    pub fn fit(
        p: Sample<'_>,
        q: Sample<'_>,
        options: &LogisticOptions,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let (p, q) = read_pair(p, q)?;
        check(options)?;
        let share = options.share_of_p.unwrap_or_else(|| effective(&p) / (effective(&p) + effective(&q)));
        let mut maps: Vec<(Features, FeatureMap)> = options
            .features
            .iter()
            .map(|&features| Ok((features, FeatureMap::from_points(features, &p, &q, rng)?)))
            .collect::<Result<_, SampleError>>()?;
        let mut chosen = (0, options.ridges[0]);
        if maps.len() * options.ridges.len() > 1 {
            at_least_two(&p, Side::P)?;
            at_least_two(&q, Side::Q)?;
            let (folds_p, folds_q) = (folds(&p, options.folds, rng), folds(&q, options.folds, rng));
            let mut best = f64::NEG_INFINITY;
            for (index, (_, map)) in maps.iter().enumerate() {
                let (rows_p, rows_q) = (map.rows(&p), map.rows(&q));
                for &ridge in &options.ridges {
                    let score: f64 = (0..options.folds)
                        .map(|fold| {
                            // A part is left out by giving it no weight.
                            let without = |points: &Points, folds: &[usize], inside: bool| {
                                let weight = |i: usize| {
                                    if (folds[i] == fold) == inside { points.weight(i) } else { 0.0 }
                                };
                                let weights: Vec<f64> = (0..points.rows).map(weight).collect();
                                let total: f64 = weights.iter().sum();
                                let weights =
                                    (total > 0.0).then(|| weights.iter().map(|w| w / total).collect());
                                weights.map(|w| {
                                    (total, Points { data: Vec::new(), weights: Some(w), ..*points })
                                })
                            };
                            let fitted = (without(&p, &folds_p, false), without(&q, &folds_q, false));
                            let left_out = (without(&p, &folds_p, true), without(&q, &folds_q, true));
                            let (
                                (Some((_, fit_p)), Some((_, fit_q))),
                                (Some((mass_p, out_p)), Some((mass_q, out_q))),
                            ) = (fitted, left_out)
                            else {
                                return 0.0;
                            };
                            let problem = Problem { rows_p: &rows_p, rows_q: &rows_q, share };
                            let (theta, _) =
                                problem.solve(&fit_p, &fit_q, ridge, 1e-6, options.max_iterations);
                            problem.likelihood(&theta, (&out_p, mass_p), (&out_q, mass_q))
                        })
                        .sum();
                    if score > best {
                        (best, chosen) = (score, (index, ridge));
                    }
                }
            }
        }
        let (index, ridge) = chosen;
        let (features, map) = maps.swap_remove(index);
        let problem = Problem { rows_p: &map.rows(&p), rows_q: &map.rows(&q), share };
        let (coefficients, fit) = problem.solve(&p, &q, ridge, options.tolerance, options.max_iterations);
        Ok(Self { map, coefficients, features, ridge, fit })
    }

    /// The features that were chosen.
    pub fn features(&self) -> Features {
        self.features
    }

    /// The ridge that was chosen.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// Whether the maximum was found: the objective is the penalised mean log-likelihood, the gap its distance from the maximum
    /// to second order.
    pub fn fit_report(&self) -> Fit {
        self.fit
    }

    /// The coefficients of the features, and last the intercept.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The features.
    pub fn feature_map(&self) -> &FeatureMap {
        &self.map
    }
}

impl DensityRatio for LogisticRatio {
    fn dimension(&self) -> usize {
        self.map.dimension()
    }

    fn ln_ratio(&self, points: MatRef<'_, f64>) -> Result<Vec<f64>, SampleError> {
        let rows = self.map.rows(&read_points(points, self.dimension())?);
        let b = self.coefficients.len();
        Ok(rows.chunks_exact(b).map(|row| dot(row, &self.coefficients).expect("equal lengths")).collect())
    }

    fn method(&self) -> Method {
        Method::Logistic { ridge: self.ridge }
    }
}

fn check(options: &LogisticOptions) -> Result<(), SampleError> {
    let refuse = |what, range, value| Err(SampleError::OutOfRange { what, range, value });
    if options.features.is_empty() {
        return refuse("the number of candidates for the features", "at least 1", 0.0);
    }
    if options.ridges.is_empty() {
        return refuse("the number of candidates for the ridge", "at least 1", 0.0);
    }
    if let Some(&value) = options.ridges.iter().find(|r| !(r.is_finite() && **r >= 0.0)) {
        return refuse("every ridge", "finite and not negative", value);
    }
    if options.folds < 2 {
        return refuse("the number of folds", "at least 2", options.folds as f64);
    }
    if let Some(value) = options.share_of_p.filter(|s| !(*s > 0.0 && *s < 1.0)) {
        return refuse("the share of P", "between 0 and 1", value);
    }
    crate::gaussian::check_all("the tolerance", &[options.tolerance])
}

/// Kish's effective number of points.
fn effective(points: &Points) -> f64 {
    1.0 / (0..points.rows).map(|i| points.weight(i).powi(2)).sum::<f64>()
}

/// The fold of each point: as even as possible, at random.
fn folds(points: &Points, folds: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<usize> {
    let mut all: Vec<usize> = (0..points.rows).map(|i| i % folds).collect();
    all.shuffle(rng);
    all
}

/// Logistic regression on rows of features.
pub(crate) struct Problem<'a> {
    pub(crate) rows_p: &'a [f64],
    pub(crate) rows_q: &'a [f64],
    pub(crate) share: f64,
}

/// $s \ln(1 + e^x)$ with two derivatives by x.
fn softplus(scale: f64, x: f64) -> [f64; 3] {
    let sigmoid = x.sigmoid_lane::<false>();
    [scale * x.softplus_lane::<false>(), scale * sigmoid, scale * sigmoid * (-x).sigmoid_lane::<false>()]
}

impl Problem<'_> {
    pub(crate) fn solve(
        &self,
        p: &Points,
        q: &Points,
        ridge: f64,
        tolerance: f64,
        max_iterations: usize,
    ) -> (Vec<f64>, Fit) {
        let share = self.share;
        let offset = (share / (1.0 - share)).ln();
        let linear = Linear {
            rows_p: self.rows_p,
            rows_q: self.rows_q,
            p,
            q,
            gain: &|v| {
                let [value, first, second] = softplus(share, -v - offset);
                [-value, first, -second]
            },
            cost: &|v| softplus(1.0 - share, v + offset),
            ridge,
        };
        linear.maximise(vec![0.0; self.rows_p.len() / p.rows], tolerance, max_iterations)
    }

    /// The log-likelihood of points, without the ridge, times their masses.
    fn likelihood(&self, theta: &[f64], (p, mass_p): (&Points, f64), (q, mass_q): (&Points, f64)) -> f64 {
        let offset = (self.share / (1.0 - self.share)).ln();
        let sum = |rows: &[f64], points: &Points, scale: f64, sign: f64| -> f64 {
            let value =
                |row: &[f64]| softplus(scale, sign * (dot(row, theta).expect("equal lengths") + offset))[0];
            rows.chunks_exact(theta.len()).enumerate().map(|(i, row)| points.weight(i) * value(row)).sum()
        };
        -mass_p * sum(self.rows_p, p, self.share, -1.0) - mass_q * sum(self.rows_q, q, 1.0 - self.share, 1.0)
    }
}
