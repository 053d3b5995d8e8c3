//! The divergence of two named distributions, and how it was computed.

use crate::closed::{self, Exact, Whitened};
use crate::error::{DistributionError, Side};
use crate::generator::FDivergence;
use crate::integrand::Integrand;
use crate::law::{Law, Masses, NamedDensity, Space, reduce};
use crate::line::on_the_line;
use crate::summation::summed;

/// A divergence between distributions, with a bound on its error and how it was computed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The value; `INFINITY` where it is infinite or beyond the range of `f64`.
    pub value: f64,
    /// The true value differs by no more, absolutely. Rounding is included; what the bound rests on depends on
    /// the [method](Self::method). It is `INFINITY` where the budget of evaluations ran out before a bound was known.
    pub error_bound: f64,
    /// How the value was computed.
    pub method: EvaluationMethod,
}

impl Evaluation {
    /// Whether the value is a formula evaluated in floating point, with no error but rounding.
    pub fn is_exact(&self) -> bool {
        self.method == EvaluationMethod::ClosedForm
    }

    fn exact(exact: Exact) -> Self {
        Self { value: exact.value, error_bound: exact.error, method: EvaluationMethod::ClosedForm }
    }
}

/// How a divergence was computed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum EvaluationMethod {
    /// A formula. The bound counts some units in the last place of every term, so it is large where terms cancel.
    ClosedForm,
    /// Adaptive Gauss-Kronrod quadrature. The bound is the difference from the rule of half as many points, which is
    /// the error of the weaker rule; it would fail only for a density that hides between all points.
    Quadrature {
        /// Evaluations of the pair of densities.
        evaluations: usize,
    },
    /// A sum over the integers. The bound for what was left out is a geometric series, or the masses left out with
    /// their greatest cost.
    Summation {
        /// Integers summed.
        terms: usize,
    },
    /// A mean over random draws. The bound is four standard errors: it holds with a probability of 0.9999 for many draws,
    /// if the variance is finite.
    MonteCarlo {
        /// Draws from both laws together.
        draws: usize,
        /// The estimated standard deviation of the value.
        standard_error: f64,
    },
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluationOptions {
    /// Wanted error of quadrature relative to the value, between 0 and 1; 1e-11 by default. It stops earlier where
    /// rounding is the larger error.
    pub relative_tolerance: f64,
    /// Evaluations of the pair of densities or masses after which a numerical method stops with the bound it has; one
    /// million by default, at least 100.
    pub max_evaluations: usize,
    /// Whether closed forms are used where there are any; true by default. Without them every value is numerical, which serves
    /// to check the one against the other.
    pub closed_forms: bool,
}

impl Default for EvaluationOptions {
    fn default() -> Self {
        Self { relative_tolerance: 1e-11, max_evaluations: 1_000_000, closed_forms: true }
    }
}

impl EvaluationOptions {
    pub(crate) fn validate(&self) -> Result<(), DistributionError> {
        let tolerance = self.relative_tolerance;
        if !(tolerance > 0.0 && tolerance < 1.0) {
            let (what, range) = ("the relative tolerance", "between 0 and 1");
            return Err(DistributionError::OutOfRange { what, range, value: tolerance });
        }
        if self.max_evaluations < 100 {
            let (what, range) = ("the number of evaluations", "at least 100");
            return Err(DistributionError::OutOfRange { what, range, value: self.max_evaluations as f64 });
        }
        Ok(())
    }
}

/// $D_f(P \Vert Q)$ of two named distributions: in closed form where there is one, otherwise by quadrature or summation.
///
/// Closed forms, after maps that make one family of several (log-normal and normal; exponential, Erlang, χ², χ, inverse gamma,
/// Weibull of equal shape, Pareto of equal scale, Gumbel of equal scale and Lévy of equal location are all gamma):
///
/// | divergence | pairs |
/// |---|---|
/// | KL, reverse KL, Jeffreys | normal, gamma, beta, Laplace, Cauchy, Weibull, Pareto, Gumbel, uniform, Poisson, binomial (same n), geometric, negative binomial (same r), categorical, multivariate normal, Dirichlet with their like; every pair of different families among normal, log-normal, gamma, inverse gamma, beta, Laplace, Weibull, Gumbel, Pareto and uniform for which the means are known, and Bernoulli against Poisson |
/// | the α family, Hellinger, χ² | the exponential families of the first list, Laplace, Pareto, uniform; Cauchy for α = −1, ½ and 2 |
/// | total variation, $E_\gamma$ | normal, gamma, Laplace, geometric, Poisson; Cauchy for total variation |
/// | any | uniform with uniform, a point mass with a law on the integers, equal laws, laws without common support, and multivariate normal laws of equal covariance (by quadrature in one dimension) |
///
/// Between nearly equal laws the closed forms keep their relative accuracy: they are sums of terms of second order. Infinite
/// values are told: where P has mass outside the support of Q and $f^\prime(\infty) = \infty$, and the like.
///
/// A continuous and a discrete law are mutually singular, so their divergence is [`FDivergence::supremum`]. Of a point mass
/// ([`Law::Dirac`]) and a law on the integers that has the mass $m$ in the point it is
///
/// $$ D_f(\delta \Vert Q) = m f(1/m) + (1 - m) f(0), \qquad D_f(P \Vert \delta) = f(m) + (1 - m) f^\prime(\infty) . $$
///
/// The cost is a few special functions in closed form, some hundreds to some thousands of pairs of densities by quadrature, and
/// as many masses as matter by summation.
///
/// # Errors
///
/// [`DistributionError`] for parameters outside their range, and [`DistributionError::NeedsSampling`] in several dimensions where
/// no closed form is known: then [`divergence_by_sampling`](crate::divergence_by_sampling).
///
/// # Example: exact and numerical
///
/// ```
/// use statrs::distribution::{Gamma, Normal};
/// use tangency_divergence::{JensenShannon, KullbackLeibler, Law, divergence_between};
///
/// let (p, q) = (Normal::new(0.0, 1.0)?, Normal::new(1.0, 1.0)?);
/// let exact = divergence_between(&KullbackLeibler, p, q)?;
/// assert!(exact.is_exact() && exact.value == 0.5);
///
/// let numerical = divergence_between(&JensenShannon::half(), p, Gamma::new(2.0, 1.0)?)?;
/// assert!(!numerical.is_exact() && numerical.error_bound < 1e-10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// M. Gil, F. Alajaji, T. Linder, "Rényi divergence measures for commonly used univariate continuous distributions",
/// Information Sciences 249, 2013, for closed forms of KL and Rényi; F. Nielsen, R. Nock, "On the chi square and higher-order chi
/// distances for approximating f-divergences", IEEE Signal Processing Letters 21, 2014, for the exponential families.
pub fn divergence_between<F: FDivergence + ?Sized>(
    f: &F,
    p: impl Into<Law>,
    q: impl Into<Law>,
) -> Result<Evaluation, DistributionError> {
    divergence_between_with(f, p, q, &EvaluationOptions::default())
}

/// As [`divergence_between`], with options.
///
/// # Errors
///
/// As [`divergence_between`], and [`DistributionError::OutOfRange`] for options.
pub fn divergence_between_with<F: FDivergence + ?Sized>(
    f: &F,
    p: impl Into<Law>,
    q: impl Into<Law>,
    options: &EvaluationOptions,
) -> Result<Evaluation, DistributionError> {
    options.validate()?;
    let (p, q) = checked_pair(p.into(), q.into())?;
    if are_singular(&p, &q) {
        return Ok(Evaluation::exact(Exact::term(f.supremum())));
    }
    if options.closed_forms
        && let Some(value) = closed::closed_form(f, &p, &q)?
    {
        return Ok(Evaluation::exact(value));
    }
    match p.space() {
        Space::Line | Space::Atoms => numerical(&Integrand::new(f), &p, &q, options),
        _ => {
            if let Space::Vectors(_) = p.space()
                && let Some(shift) = Whitened::new(&p, &q)?.shift_alone()
            {
                let normal = |mean| Law::Normal { mean, standard_deviation: 1.0 };
                return divergence_between_with(f, normal(shift), normal(0.0), options);
            }
            Err(DistributionError::NeedsSampling { p: p.family(), q: q.family() })
        }
    }
}

/// Quadrature or summation, by the space.
pub(crate) fn numerical<F: FDivergence + ?Sized>(
    integrand: &Integrand<'_, F>,
    p: &Law,
    q: &Law,
    options: &EvaluationOptions,
) -> Result<Evaluation, DistributionError> {
    match p.space() {
        Space::Line => on_the_line(integrand, &NamedDensity::checked(p), &NamedDensity::checked(q), options),
        Space::Atoms => Ok(summed(integrand, &Masses::checked(p), &Masses::checked(q), options)),
        _ => Err(DistributionError::NeedsSampling { p: p.family(), q: q.family() }),
    }
}

/// Checks parameters and dimensions, and maps the pair to fewer families.
pub(crate) fn checked_pair(p: Law, q: Law) -> Result<(Law, Law), DistributionError> {
    for (side, law) in [(Side::P, &p), (Side::Q, &q)] {
        law.validate().map_err(|error| DistributionError::Law { side, error })?;
    }
    let simplex = |law: &Law| matches!(law.space(), Space::Simplex(_));
    if p.dimension() != q.dimension() {
        return Err(DistributionError::DimensionMismatch { p: p.dimension(), q: q.dimension() });
    }
    if simplex(&p) != simplex(&q) {
        return Ok((p, q));
    }
    Ok(reduce(p, q))
}

/// Whether no set has mass under both, as far as the families tell.
pub(crate) fn are_singular(p: &Law, q: &Law) -> bool {
    use crate::density::Density;
    match (p.space(), q.space()) {
        (Space::Line, Space::Line) => {
            let (a, b) = (NamedDensity::checked(p).support(), NamedDensity::checked(q).support());
            a.0.max(b.0) >= a.1.min(b.1)
        }
        (Space::Atoms, Space::Atoms) => {
            let (a, b) = (Masses::checked(p).support(), Masses::checked(q).support());
            a.0.max(b.0) > a.1.unwrap_or(i64::MAX).min(b.1.unwrap_or(i64::MAX))
        }
        (Space::Vectors(_), Space::Vectors(_)) | (Space::Simplex(_), Space::Simplex(_)) => false,
        // A density against atoms, or against a density on a set of lower dimension.
        _ => true,
    }
}
