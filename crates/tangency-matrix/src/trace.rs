//! Traces and log-determinants of operators that are known by their products alone.
//!
//! For random vectors with $E[x x^*] = I$ the mean of $x^* F x$ is $\operatorname{tr} F$, and with $F = \ln A$ that is
//! $\ln \det A$. A Lanczos process started at $x$ gives $x^* f(A) x$ as a Gauss quadrature, from products with $A$.
//! Two errors remain, and every result has both:
//!
//! - a random one, which the **standard error** measures. It is that of the mean of the estimates. The estimators that
//!   reuse their probes get its square from estimates with one more probe left out; that has the variance as its mean,
//!   and is then kept within limits, which makes it too small or too large by up to the factors named at [`Estimator`].
//! - a deterministic one of the quadrature, the **bias**. For the logarithm, Gauss's rule is too large and
//!   Gauss-Radau's with a node at or below the smallest eigenvalue is too small; half their distance is a bound.

mod exchangeable;
mod function;
mod hutch_pp;
mod hutchinson;
mod lanczos;
mod nystrom;
mod preconditioned;
mod quadrature;
mod series;
mod target;
mod vector;
mod xtrace;

use crate::MatrixError;
use crate::operator::Counted;
use crate::scalar::{RealScalar, Scalar};
use faer::matrix_free::LinOp;
use function::{Function, FunctionOf};
pub use preconditioned::{
    CholeskyPreconditioner, JacobiPreconditioner, SplitPreconditioner, log_det_preconditioned,
};
use rand::Rng;
pub use series::{LogDetSeries, LogDetSeriesOptions, NormSource, POWER_PRODUCTS, Truncation, log_det_series};
use target::{Direct, Form, Target};

/// How random vectors are turned into an estimate of a trace. With p probes:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Estimator {
    /// The mean of p quadratic forms: p products, error proportional to $\lVert F \rVert_F / \sqrt p$. For spectra that
    /// do not decay.
    #[default]
    Hutchinson,
    /// The trace on the range of p products exactly, that of the rest from p further forms: 3p products. For spectra that
    /// decay.
    HutchPlusPlus,
    /// The same with every probe in both parts, which is better for the same number of products: 2p products. Its
    /// standard error was measured at 0.81 to 1.21 of the true one (root mean square over 1000 seeds, 4 to 30 probes, ten
    /// spectra). Where there are hardly more probes than large eigenvalues before a gap, errors have heavy tails: then
    /// two standard errors held 76 % of the seeds, not 95.
    XTrace,
    /// The same for a positive semidefinite operator: p products. Its accuracy ends at about $\sqrt u$ relative
    /// to the largest eigenvalue, because of Nyström's approximation. Its standard error was measured as that of `XTrace`, at
    /// 0.82 to 1.15 of the true one.
    XNysTrace,
}

/// Random vectors with $E[x x^*] = I$ and length $\sqrt n$.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Probe {
    /// Uniform on the sphere: the error does not depend on the basis, and is zero for a multiple of the identity.
    #[default]
    Sphere,
    /// Independent signs (for complex operators, phases): the error does not see the diagonal, and is zero for a
    /// diagonal operator.
    Signs,
}

/// How many random vectors, and of what kind. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceOptions<R> {
    /// How probes become an estimate. Default [`Estimator::Hutchinson`].
    pub estimator: Estimator,
    /// The distribution of the probes. Default [`Probe::Sphere`].
    pub probe: Probe,
    /// Probes at most, at least 2. [`Estimator`] says how many products each takes. As many as the order of the operator
    /// make the result exact up to rounding ([`Estimator::XNysTrace`]: up to $\sqrt u$), but for a series with a random end,
    /// and for [`Estimator::Hutchinson`] with a tolerance, which goes on drawing. Default 32.
    pub probes: usize,
    /// Standard error at which no more probes are drawn, absolute, at least 0; with 0 none are saved, unless the
    /// standard error is exactly zero. It is looked at after 16 probes at the earliest: with fewer, the standard error
    /// is itself too uncertain. [`Estimator::HutchPlusPlus`] takes the 2p products of its sketch in any case. Default 0.
    pub tolerance: R,
    /// Products with the operator at most; never exceeded, except that a series with a random end keeps it in the mean. Default: no
    /// limit.
    pub max_products: usize,
}

impl<R: RealScalar> Default for TraceOptions<R> {
    fn default() -> Self {
        Self {
            estimator: Estimator::default(),
            probe: Probe::default(),
            probes: 32,
            tolerance: R::ZERO,
            max_products: usize::MAX,
        }
    }
}

/// How closely f(A) is approximated for each probe. New fields may be added; end with `..Default::default()`.
///
/// A rule of k steps integrates polynomials of degree 2k - 1 exactly. For $\ln$ and condition number κ its error falls like
/// $((\sqrt\kappa - 1)/(\sqrt\kappa + 1))^{2k}$, so that about $(\sqrt\kappa / 4) \ln(1/\varepsilon)$ steps
/// give the relative error ε of one form, as long as orthogonality is kept, and never more than the order.
///
/// For positive definite A and f of one sign on its spectrum, a relative error of ε with probability 1 - η needs of the order
/// of $\varepsilon^{-2} \ln(2/\eta)$ probes ([`Probe::Signs`]) and $\sqrt\kappa \ln(K/\varepsilon)$ steps with a
/// constant K of f (Ubaru, Chen and Saad 2017). The standard error that is measured is usually far smaller than that bound: set a
/// tolerance instead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LanczosOptions<R> {
    /// Steps at most for each probe, each with one product; at least 1. Default 100.
    pub steps: usize,
    /// A probe's process ends early where its quadrature is known (with a bracket) or guessed (without) to be this close,
    /// relative to the mean of |f| over the spectrum; 0 makes all steps. Default 1e-6.
    pub tolerance: R,
    /// A lower bound of the spectrum; for ln positive. It gives the bound of the bias: rigorous in exact arithmetic for ln.
    /// If the bound is false, a Ritz value below it is an error. Default: unknown.
    pub smallest_eigenvalue: Option<R>,
    /// An upper bound of the spectrum. For functions other than ln both ends are needed, and the bound of the bias
    /// holds for f whose derivatives of odd order do not change sign between them, as of $e^{\pm x}$, $1/x$, $x^p$
    /// and $\ln(x + c)$. Default: unknown.
    pub largest_eigenvalue: Option<R>,
    /// Keep all Lanczos vectors and orthogonalise against them: n numbers for each step and each of 8 probes, and 4 flops
    /// for each number in each step (8 where orthogonality was about to be lost). Without it Ritz values appear in copies; the sums stay right, but more steps are needed
    /// where κ is large. Default true.
    pub reorthogonalise: bool,
}

impl<R: RealScalar> Default for LanczosOptions<R> {
    fn default() -> Self {
        Self {
            steps: 100,
            tolerance: R::from_f64(1e-6),
            smallest_eigenvalue: None,
            largest_eigenvalue: None,
            reorthogonalise: true,
        }
    }
}

/// Why no more probes were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceStatus {
    /// The standard error is within the tolerance.
    ToleranceReached,
    /// All probes were used.
    AllProbes,
    /// More probes would have taken more products than allowed.
    ProductLimit,
}

/// A trace with its two errors.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TraceEstimate<T: Scalar> {
    /// The estimate. With tolerance 0 its mean over all random numbers is the trace, up to the bias. With a
    /// tolerance the number of probes depends on what they gave, and the mean may be off by a part of the standard error.
    pub estimate: T,
    /// Standard deviation of the estimate, itself estimated. For [`Estimator::Hutchinson`] and
    /// [`Estimator::HutchPlusPlus`] with tolerance 0 its square has the variance of the estimate as its mean, for the other two
    /// nearly so ([`Estimator`] has figures). With p probes it is uncertain by about $1/\sqrt{2p}$ of itself.
    pub standard_error: T::RealPart,
    /// How far the estimate is at most from what these probes would give with exact forms, in exact arithmetic; its mean
    /// over the probes bounds the bias. `None` if not enough is known of the spectrum.
    pub bias_bound: Option<T::RealPart>,
    /// Products with the operator.
    pub products: usize,
    /// Probes used; of [`Estimator::HutchPlusPlus`] those of its sketch.
    pub probes: usize,
    /// The most products taken for one quadratic form, or one column of f(A): Lanczos steps.
    pub steps: usize,
    /// Why it ended.
    pub status: TraceStatus,
}

/// Probes before the standard error is believed.
const FEWEST_FOR_TOLERANCE: usize = 16;

/// Estimates $\operatorname{tr} A$ from products with $A$.
///
/// $A$ need not be Hermitian, except for [`Estimator::XNysTrace`], which needs a positive semidefinite one. For p probes
/// and small p/n the variances are about
///
/// $$ \frac{2}{p} \lVert A \rVert_F^2 \quad \text{(Hutchinson, real symmetric)}, \quad
///    \frac{2}{p} \lVert A - A_{p} \rVert_F^2 \quad \text{(the others)} $$
///
/// where $A_p$ is close to the best approximation of rank p.
///
/// Cost: see [`Estimator`]; besides products 8np² flops for Hutch++, 14np² for XTrace, 10np² for XNysTrace.
///
/// # Errors
///
/// [`MatrixError::NotSquare`]; [`MatrixError::OutOfRange`] for fewer than 2 probes, a tolerance that is negative or not
/// finite, or a limit of products below what 2 probes need; [`MatrixError::OperatorNotFinite`]; from `XNysTrace`
/// [`MatrixError::OperatorNotHermitian`] and [`MatrixError::NotPositive`] where the probes show that the operator is
/// not Hermitian or not positive semidefinite, which few probes may miss.
///
/// # Example: a spectrum that decays
///
/// ```
/// use faer::Mat;
/// use tangency_matrix::trace::{Estimator, TraceOptions, trace_estimate};
///
/// let a = Mat::from_fn(300, 300, |i, j| if i == j { 0.8_f64.powi(i as i32) } else { 0.0 });
/// let mut rng = rand_pcg::Pcg64::new(1, 2);
/// let options = TraceOptions { estimator: Estimator::XTrace, probes: 50, ..Default::default() };
/// let found = trace_estimate(&a, &options, &mut rng)?;
/// assert!((found.estimate - 5.0).abs() < 1e-3);
/// assert!((found.estimate - 5.0).abs() < 5.0 * found.standard_error);
/// assert_eq!(found.products, 100);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - M. F. Hutchinson, *A stochastic estimator of the trace of the influence matrix*, Comm. Statist. Simulation 18 (1989).
/// - R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff, *Hutch++: Optimal Stochastic Trace Estimation*, SOSA 2021.
/// - E. N. Epperly, J. A. Tropp, R. J. Webber, *XTrace: Making the Most of Every Sample in Stochastic Trace
///   Estimation*, SIAM J. Matrix Anal. Appl. 45 (2024). <https://arxiv.org/abs/2301.07825>
pub fn trace_estimate<T: Scalar>(
    a: &impl LinOp<T>,
    options: &TraceOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T>, MatrixError> {
    estimate(&mut Direct(Counted::new(a)?), options, rng)
}

/// Estimates $\operatorname{tr} f(A) = \sum_i f(\lambda_i)$ for a Hermitian operator from products with it.
///
/// Stochastic Lanczos quadrature with [`Estimator::Hutchinson`]; the other estimators are for f whose values decay
/// over the spectrum, and take Lanczos approximations of f(A) times their vectors. `f` is called at Ritz values, which
/// lie between the smallest and the largest eigenvalue, and at the ends given in the options.
///
/// Cost: `steps` products for each product that [`Estimator`] counts, and about 2nk² flops for orthogonality with k steps.
///
/// # Errors
///
/// As [`trace_estimate`]; [`MatrixError::OperatorNotHermitian`] where two probes show it; [`MatrixError::OutOfRange`] for no
/// steps, a bound of the spectrum that a Ritz value violates, and a Ritz value where `f` is not finite.
///
/// # Example: the Estrada index of a ring
///
/// ```
/// use faer::Mat;
/// use tangency_matrix::trace::{LanczosOptions, TraceOptions, trace_of_function};
///
/// let n = 100;
/// let ring = Mat::from_fn(n, n, |i, j| if (i + 1) % n == j || (j + 1) % n == i { 1.0_f64 } else { 0.0 });
/// let lanczos =
///     LanczosOptions { smallest_eigenvalue: Some(-2.0), largest_eigenvalue: Some(2.0), ..Default::default() };
/// let mut rng = rand_pcg::Pcg64::new(1, 2);
/// let found = trace_of_function(&ring, |x: f64| x.exp(), &TraceOptions::default(), &lanczos, &mut rng)?;
/// // n I_0(2), up to 1e-100.
/// let exact = 227.95853023360673_f64;
/// assert!((found.estimate - exact).abs() < 4.0 * found.standard_error);
/// assert!(found.bias_bound.is_some_and(|bias| bias < 1e-3) && found.steps == 8);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - G. H. Golub, G. Meurant, *Matrices, Moments and Quadrature with Applications* (2010).
/// - S. Ubaru, J. Chen, Y. Saad, *Fast Estimation of tr(f(A)) via Stochastic Lanczos Quadrature*, SIAM J. Matrix Anal. Appl. 38 (2017).
pub fn trace_of_function<T: Scalar>(
    a: &impl LinOp<T>,
    f: impl Fn(T::RealPart) -> T::RealPart,
    options: &TraceOptions<T::RealPart>,
    lanczos: &LanczosOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T::RealPart>, MatrixError> {
    function(a, &f, false, options, lanczos, rng)
}

/// Estimates $\ln \det A = \operatorname{tr} \ln A$ for a Hermitian positive definite operator from products with it.
///
/// With `smallest_eigenvalue` in the Lanczos options the result has a bound of the bias: the even derivatives of ln are
/// negative and the odd ones positive, so that Gauss's rule is never too small and Gauss-Radau's with a node at or below the
/// spectrum never too large. The estimate is their mean, the bound half their distance, for the probes that were drawn.
///
/// Cost: `steps` products for each product that [`Estimator`] counts. [`log_det_preconditioned`] needs fewer steps where κ is
/// large.
///
/// # Errors
///
/// As [`trace_of_function`]; [`MatrixError::NotPositive`] with a Ritz value that is not positive, or so small that the
/// operator is singular to working precision.
///
/// # Example: a Laplacian, with both errors
///
/// ```
/// use faer::sparse::{SparseColMat, Triplet};
/// use tangency_matrix::trace::{LanczosOptions, TraceOptions, log_det_estimate};
///
/// let side = 20;
/// let mut entries = Vec::new();
/// for i in 0..side {
///     for j in 0..side {
///         let at = i * side + j;
///         entries.push(Triplet::new(at, at, 4.0));
///         if i + 1 < side {
///             entries.push(Triplet::new(at, at + side, -1.0));
///             entries.push(Triplet::new(at + side, at, -1.0));
///         }
///         if j + 1 < side {
///             entries.push(Triplet::new(at, at + 1, -1.0));
///             entries.push(Triplet::new(at + 1, at, -1.0));
///         }
///     }
/// }
/// let laplacian = SparseColMat::<usize, f64>::try_new_from_triplets(side * side, side * side, &entries).unwrap();
/// let angle = |k: usize| (k as f64 * std::f64::consts::FRAC_PI_2 / (side + 1) as f64).sin().powi(2);
/// let exact: f64 = (1..=side).flat_map(|i| (1..=side).map(move |j| (i, j)))
///     .map(|(i, j)| (4.0 * (angle(i) + angle(j))).ln()).sum();
///
/// let lanczos = LanczosOptions { smallest_eigenvalue: Some(8.0 * angle(1)), ..Default::default() };
/// let mut rng = rand_pcg::Pcg64::new(1, 2);
/// let found = log_det_estimate(&laplacian, &TraceOptions::default(), &lanczos, &mut rng)?;
/// let bias = found.bias_bound.unwrap();
/// assert!(bias < 1e-3);
/// assert!((found.estimate - exact).abs() < 4.0 * found.standard_error + bias);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - S. Ubaru, J. Chen, Y. Saad, *Fast Estimation of tr(f(A)) via Stochastic Lanczos Quadrature*, SIAM J. Matrix Anal. Appl. 38 (2017).
/// - G. H. Golub, G. Meurant, *Matrices, Moments and Quadrature with Applications* (2010).
pub fn log_det_estimate<T: Scalar>(
    a: &impl LinOp<T>,
    options: &TraceOptions<T::RealPart>,
    lanczos: &LanczosOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T::RealPart>, MatrixError> {
    function(a, &|x: T::RealPart| Scalar::ln(x), true, options, lanczos, rng)
}

/// tr f(A) for a Hermitian operator.
fn function<T: Scalar>(
    a: &dyn LinOp<T>,
    f: &dyn Fn(T::RealPart) -> T::RealPart,
    logarithm: bool,
    options: &TraceOptions<T::RealPart>,
    lanczos: &LanczosOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T::RealPart>, MatrixError> {
    lanczos.check(logarithm)?;
    let function = Function { f, logarithm, options: *lanczos };
    let found = estimate(&mut FunctionOf::new(Counted::new(a)?, function), options, rng)?;
    Ok(found.real_part())
}

/// The estimate that the options ask for.
fn estimate<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    mut rng: &mut (impl Rng + ?Sized),
) -> Result<TraceEstimate<T>, MatrixError> {
    options.check()?;
    let rng: &mut dyn Rng = &mut rng;
    match options.estimator {
        _ if target.order() == 0 => Ok(TraceEstimate {
            estimate: T::ZERO,
            standard_error: T::RealPart::ZERO,
            bias_bound: Some(T::RealPart::ZERO),
            products: 0,
            probes: 0,
            steps: 0,
            status: TraceStatus::AllProbes,
        }),
        Estimator::HutchPlusPlus if target.order() > 1 => hutch_pp::hutch_plus_plus(target, options, rng),
        Estimator::XTrace if target.order() > 1 => xtrace::xtrace(target, options, rng),
        Estimator::XNysTrace if target.order() > 1 => nystrom::xnystrace(target, options, rng),
        _ => hutchinson::hutchinson(target, options, rng),
    }
}

impl<T: Scalar> TraceEstimate<T> {
    fn real_part(self) -> TraceEstimate<T::RealPart> {
        TraceEstimate {
            estimate: self.estimate.re(),
            standard_error: self.standard_error,
            bias_bound: self.bias_bound,
            products: self.products,
            probes: self.probes,
            steps: self.steps,
            status: self.status,
        }
    }
}

fn out_of_range<R: RealScalar>(what: &'static str, range: &'static str, value: R) -> MatrixError {
    MatrixError::OutOfRange { what, range, value: value.to_f64() }
}

impl<R: RealScalar> TraceOptions<R> {
    fn check(&self) -> Result<(), MatrixError> {
        if self.probes < 2 {
            return Err(out_of_range("probes", "at least 2", R::from_f64(self.probes as f64)));
        }
        if !(self.tolerance >= R::ZERO && self.tolerance.finite()) {
            return Err(out_of_range("tolerance", "at least 0 and finite", self.tolerance));
        }
        Ok(())
    }
}

impl<R: RealScalar> LanczosOptions<R> {
    fn check(&self, logarithm: bool) -> Result<(), MatrixError> {
        if self.steps == 0 {
            return Err(out_of_range("steps", "at least 1", R::ZERO));
        }
        if !(self.tolerance >= R::ZERO && self.tolerance.finite()) {
            return Err(out_of_range("tolerance", "at least 0 and finite", self.tolerance));
        }
        for (what, end) in [
            ("smallest_eigenvalue", self.smallest_eigenvalue),
            ("largest_eigenvalue", self.largest_eigenvalue),
        ] {
            match end {
                Some(x) if !x.finite() => return Err(out_of_range(what, "finite", x)),
                Some(x) if logarithm && x <= R::ZERO => return Err(out_of_range(what, "positive", x)),
                _ => {}
            }
        }
        if let (Some(a), Some(b)) = (self.smallest_eigenvalue, self.largest_eigenvalue)
            && a > b
        {
            return Err(out_of_range("smallest_eigenvalue", "at most largest_eigenvalue", a));
        }
        Ok(())
    }
}

/// How many columns of F the limit of products allows.
fn columns_allowed<T: Scalar>(target: &dyn Target<T>, options: &TraceOptions<T::RealPart>) -> usize {
    if options.max_products == usize::MAX {
        return usize::MAX;
    }
    options.max_products.saturating_sub(target.products()) / target.products_per_column().max(1)
}

/// How many probes the limit of products allows where each takes `columns` products with F, and whether that is less
/// than were asked for.
fn probes_allowed<T: Scalar>(
    target: &dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    columns: usize,
) -> Result<(usize, bool), MatrixError> {
    let allowed = columns_allowed(target, options) / columns;
    if allowed < 2 {
        return Err(too_few_products(options));
    }
    Ok((options.probes.min(allowed), allowed < options.probes))
}

fn too_few_products<R: RealScalar>(options: &TraceOptions<R>) -> MatrixError {
    MatrixError::OutOfRange {
        what: "max_products",
        range: "enough for the norm, if that is not given, and two probes with all their steps",
        value: options.max_products as f64,
    }
}

/// Mean of independent forms, its standard error, and the mean of what bounds their bias.
struct Sample<T: Scalar> {
    mean: T,
    standard_error: T::RealPart,
    bias: Option<T::RealPart>,
}

impl<T: Scalar> Sample<T> {
    fn of(forms: &[Form<T>]) -> Self {
        let (zero, one) = (T::RealPart::ZERO, T::RealPart::ONE);
        let count = T::RealPart::from_f64(forms.len() as f64);
        let mean = forms.iter().fold(T::ZERO, |s, f| s + f.value.scale(one / count));
        // In units of the largest deviation, which may be near the ends of the range.
        let largest = forms.iter().fold(zero, |m, f| RealScalar::max(m, (f.value - mean).modulus()));
        let standard_error = if forms.len() > 1 && largest > zero && largest.finite() {
            let sum = forms.iter().fold(zero, |s, f| {
                let d = (f.value - mean).modulus() / largest;
                s + d * d
            });
            largest * Scalar::sqrt(sum / (count * (count - one)))
        } else {
            largest
        };
        let bias = forms.iter().try_fold(zero, |s, f| f.bias.map(|b| s + b / count));
        Self { mean, standard_error, bias }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_of_forms() {
        let form = |value, bias| Form { value, bias };
        let sample = Sample::of(&[form(1.0_f64, Some(0.5)), form(2.0, Some(0.0)), form(6.0, Some(1.0))]);
        assert!((sample.mean - 3.0).abs() < 1e-15 && (sample.bias.unwrap_or(9.0) - 0.5).abs() < 1e-15);
        assert!((sample.standard_error - (14.0_f64 / 6.0).sqrt()).abs() < 1e-15);
        let large = Sample::of(&[form(1e300, None), form(-1e300, Some(0.0))]);
        assert!((large.standard_error / 1e300 - 1.0).abs() < 1e-15 && large.bias.is_none());
    }
}
