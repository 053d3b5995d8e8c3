//! Critics that are linear in features, fitted to the optimum.

use super::critic::Critic;
use super::output::{Activation, Output};
use crate::error::SampleError;
use crate::features::{FeatureMap, Features};
use crate::generator::{FDivergence, JensenShannon};
use crate::newton::Linear;
use crate::ratio::{Fit, logistic_start, read_points};
use crate::sample::{Sample, read_pair};
use faer::MatRef;
use rand::Rng;
use tangency_vmath::dot;

/// How a linear critic is fitted. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearCriticOptions {
    /// The features. Default [`Features::Polynomial`] of degree 2.
    pub features: Features,
    /// What the output means. Default `None`, [`Output::natural`].
    pub output: Option<Output>,
    /// The ridge λ, finite and not negative. Default 10⁻⁴. A local feature that is seen by points of P alone has a
    /// coefficient that only the ridge holds back, and a critic that is too sure there is paid for on held-out points of Q,
    /// for the Kullback-Leibler divergence exponentially: with many local features 10⁻² is safer.
    pub ridge: f64,
    /// The objective may be this far from its maximum, in nats, to second order; positive. Default 10⁻¹².
    pub tolerance: f64,
    /// Newton steps at most. Default 100.
    pub max_iterations: usize,
}

impl Default for LinearCriticOptions {
    fn default() -> Self {
        Self {
            features: Features::Polynomial { degree: 2 },
            output: None,
            ridge: 1e-4,
            tolerance: 1e-12,
            max_iterations: 100,
        }
    }
}

/// What the coefficients of a critic maximise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CriticObjective {
    /// The bound of the divergence itself, which is concave in the coefficients: the optimum is the maximum.
    Own,
    /// The bound of the divergence itself, which is not concave: the optimum is a local one.
    OwnLocally,
    /// The bound of the Jensen-Shannon divergence, because that of the divergence is not concave in the log-ratio.
    JensenShannon,
}

/// A critic $v(x) = \theta^T \varphi(x) + b$ that maximises the bound of one divergence on given points,
///
/// $$ J(\theta, b) = E_P T(v) - E_Q f^\ast(T(v)) - \frac{\lambda}{2} \lVert \theta \rVert^2, $$
///
/// by Newton's method with a line search, from the logistic fit, if J is concave ([`Output::is_concave`]).
///
/// For a smooth f whose J is not concave in the log-ratio (χ², Le Cam, α outside 0 to 1) J may have no maximum at all: a single
/// point of one sample beyond all of the other makes it unbounded for the χ² divergences. The log-ratio is then the one that
/// maximises the Jensen-Shannon bound. The right log-ratio is the same for every f, so if the features contain it the bound of f
/// still rises to the divergence; if not, it is a lower bound, but not the best. [`Output::Direct`] has the best one for those f
/// that allow it. With [`Output::Classical`] and no concavity the optimum is a local one, near the logistic fit.
/// [`objective`](Self::objective) says which case it was.
///
/// Weights are allowed. Costs $O((n + m) b^2 + b^3)$ a step with b features.
///
/// **Bias.** The value of J at the optimum is *not* a lower bound of the divergence: the critic has seen the points. Evaluate
/// it on others, as [`variational`](crate::variational) does.
#[derive(Debug, Clone)]
pub struct LinearCritic {
    map: FeatureMap,
    coefficients: Vec<f64>,
    output: Output,
    objective: CriticObjective,
    fit: Fit,
}

impl LinearCritic {
    /// Fits the critic; `rng` draws the features.
    ///
    /// # Errors
    ///
    /// [`SampleError`] for samples that are empty, not finite or of different dimensions; `OutOfRange` for an option, for
    /// [`Output::Direct`] where $f^\prime(\infty)$ is finite, and for [`Output::LogRatio`] where f is not smooth.
    pub fn fit(
        f: &dyn FDivergence,
        p: Sample<'_>,
        q: Sample<'_>,
        options: &LinearCriticOptions,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Self, SampleError> {
        let (p, q) = read_pair(p, q)?;
        let output = options.output.unwrap_or_else(|| Output::natural(f));
        check_output(f, output)?;
        if !(options.ridge.is_finite() && options.ridge >= 0.0) {
            let range = "finite and not negative";
            return Err(SampleError::OutOfRange { what: "the ridge", range, value: options.ridge });
        }
        crate::gaussian::check_all("the tolerance", &[options.tolerance])?;
        let map = FeatureMap::from_points(options.features, &p, &q, rng)?;
        let (rows_p, rows_q) = (map.rows(&p), map.rows(&q));
        let start = if output == Output::Direct {
            let mut start = vec![0.0; map.len() + 1];
            start[map.len()] = f.derivative(1.0);
            start
        } else {
            logistic_start(&rows_p, &rows_q, &p, &q, options.ridge.max(1e-6))
        };
        let objective = match output {
            _ if output.is_concave(f) => CriticObjective::Own,
            Output::LogRatio => CriticObjective::JensenShannon,
            _ => CriticObjective::OwnLocally,
        };
        let half = JensenShannon::half();
        let f = if objective == CriticObjective::JensenShannon { &half } else { f };
        let activation = Activation { f, output };
        let linear = Linear {
            rows_p: &rows_p,
            rows_q: &rows_q,
            p: &p,
            q: &q,
            gain: &|v| activation.gain_curve(v),
            cost: &|v| activation.cost_curve(v),
            ridge: options.ridge,
        };
        let (coefficients, fit) = linear.maximise(start, options.tolerance, options.max_iterations);
        Ok(Self { map, coefficients, output, objective, fit })
    }

    /// Whether the optimum was found: the objective is the J of [`objective`](Self::objective), the gap its distance from the
    /// maximum to second order.
    pub fn fit_report(&self) -> Fit {
        self.fit
    }

    /// What the coefficients maximise.
    pub fn objective(&self) -> CriticObjective {
        self.objective
    }

    /// What the output means.
    pub fn output(&self) -> Output {
        self.output
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

impl Critic for LinearCritic {
    fn dimension(&self) -> usize {
        self.map.dimension()
    }

    fn evaluate(&self, points: MatRef<'_, f64>) -> Vec<f64> {
        let Ok(points) = read_points(points, self.dimension()) else { return Vec::new() };
        let rows = self.map.rows(&points);
        let b = self.coefficients.len();
        rows.chunks_exact(b).map(|row| dot(row, &self.coefficients).expect("equal lengths")).collect()
    }
}

/// Refuses an output that the divergence cannot have.
pub(super) fn check_output(f: &dyn FDivergence, output: Output) -> Result<(), SampleError> {
    match output {
        Output::Direct if f.slope_at_infinity() < f64::INFINITY => Err(SampleError::OutOfRange {
            what: "f'(∞), for a direct output,",
            range: "infinite",
            value: f.slope_at_infinity(),
        }),
        Output::LogRatio if !f.is_smooth() => Err(SampleError::NotSmooth),
        _ => Ok(()),
    }
}
