//! ln det(I + A) by its power series, cut off at a fixed term or at a random one.

use super::target::{Direct, Form, Target, column_dot};
use super::vector::{geometric, norm};
use super::{Estimator, Probe, TraceEstimate, TraceOptions, estimate, out_of_range};
use crate::MatrixError;
use crate::operator::{BLOCK, Counted};
use crate::scalar::{RealScalar, Scalar};
use faer::matrix_free::LinOp;
use faer::prelude::ReborrowMut;
use faer::{Mat, MatMut, MatRef};
use rand::Rng;

/// Where the series ends.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Truncation<R> {
    /// After the first m terms for which $n \rho^{m+1} / ((m+1)(1-\rho))$, the bound of all others, is at most this;
    /// it is absolute and positive.
    Tolerance(R),
    /// After this many terms, at least 1.
    Terms(usize),
    /// After a random number of terms, for each form another one: `exact` terms, and from there one more after another with
    /// the probability `continuation`; a term that is reached with probability P counts 1/P times. No bias but that
    /// of the terms beyond `max_terms`, which no run reaches; with the default that is next to nothing. The variance is
    /// finite for `continuation` > ρ².
    RussianRoulette {
        /// Terms that are always taken, at least 1.
        exact: usize,
        /// Probability of each further term, in (ρ², 1).
        continuation: R,
    },
}

/// How the series is cut off. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogDetSeriesOptions<R> {
    /// Where the series ends. Default `Tolerance(1e-3)`.
    pub truncation: Truncation<R>,
    /// A number ρ < 1 that no eigenvalue of A exceeds in modulus, such as any operator norm of A, or the Lipschitz constant of
    /// a residual block. If it is not given it is estimated by the power method with [`POWER_PRODUCTS`] products,
    /// which is no bound. Default: unknown.
    pub norm_bound: Option<R>,
    /// Terms at most; a form needs as many products. Default 10 000.
    pub max_terms: usize,
}

impl<R: RealScalar> Default for LogDetSeriesOptions<R> {
    fn default() -> Self {
        Self { truncation: Truncation::Tolerance(R::from_f64(1e-3)), norm_bound: None, max_terms: 10_000 }
    }
}

/// Where the norm that the series relies on comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NormSource {
    /// From the caller: the bound of the bias holds if it does.
    Given,
    /// By the power method: there is no bound of the bias.
    Estimated,
}

/// ln det(I + A) by its series.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LogDetSeries<T: Scalar> {
    /// The trace of the series, with its errors. The products for the norm are among its products.
    pub trace: TraceEstimate<T>,
    /// ρ, the norm that was used.
    pub norm: T::RealPart,
    /// Where ρ comes from.
    pub norm_source: NormSource,
}

/// Products of the power method where no bound of the norm is given.
pub const POWER_PRODUCTS: usize = 30;

/// Estimates $\ln \det(I + A)$ for a contraction from products with it.
///
/// $$ \ln \det(I + A) = \sum_{k \ge 1} \frac{(-1)^{k-1}}{k} \operatorname{tr} A^k , \quad
///    \Bigl\lvert \sum_{k > m} \frac{(-1)^{k-1}}{k} \operatorname{tr} A^k \Bigr\rvert \le
///    \frac{n \rho^{m+1}}{(m+1)(1-\rho)} $$
///
/// where ρ bounds the moduli of the eigenvalues. $A$ need not be Hermitian: this is the change of volume of a
/// residual flow $x + g(x)$, where a product with $A = \partial g / \partial x$ costs one forward derivative. Flows
/// are trained on the mean, so that a bias does harm where noise does not: there the series is cut off at random. For
/// Hermitian A close to norm 1, [`log_det_estimate`](crate::trace::log_det_estimate) of $I + A$ needs about the
/// square root of the products.
///
/// Cost: as many products as terms for each product that [`Estimator`] counts; in the mean
/// `exact` + q/(1-q) with the continuation probability q.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::OperatorNotFinite`]; [`MatrixError::OutOfRange`] for a norm (given or estimated)
/// of 1 or more, options out of their range, a continuation probability that is not in (ρ², 1), more terms than `max_terms`, and
/// for any estimator but Hutchinson together with a random end: the others need forms of one and the same operator.
///
/// # Example: without bias, from few products
///
/// ```
/// use faer::mat;
/// use tangency_matrix::trace::{LogDetSeriesOptions, TraceOptions, Truncation, log_det_series};
///
/// let a = mat![[0.1, 0.4, 0.0], [-0.2, 0.3, 0.1], [0.0, 0.2, -0.4]];
/// let exact = (1.1 * (1.3 * 0.6 - 0.1 * 0.2) + 0.4 * 0.2 * 0.6_f64).ln();
/// let mut rng = rand_pcg::Pcg64::new(1, 2);
/// let cut = |truncation| LogDetSeriesOptions { truncation, norm_bound: Some(0.6), ..Default::default() };
///
/// let fixed = log_det_series(&a, &TraceOptions::default(), &cut(Truncation::Tolerance(1e-9)), &mut rng)?;
/// assert!((fixed.trace.estimate - exact).abs() < 1e-9);
///
/// let roulette = Truncation::RussianRoulette { exact: 2, continuation: 0.5 };
/// let probes = TraceOptions { probes: 4000, ..Default::default() };
/// let random = log_det_series(&a, &probes, &cut(roulette), &mut rng)?.trace;
/// assert!((random.estimate - exact).abs() < 4.0 * random.standard_error);
/// assert_eq!(random.bias_bound, Some(0.0));
/// assert!((random.products as f64) < 3.1 * 4000.0);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - R. T. Q. Chen, J. Behrmann, D. Duvenaud, J.-H. Jacobsen, *Residual Flows for Invertible Generative Modeling*,
///   NeurIPS 2019, Theorem 1. <https://arxiv.org/abs/1906.02735>
/// - H. Kahn, *Use of different Monte Carlo sampling techniques* (1955), for Russian roulette.
pub fn log_det_series<T: Scalar>(
    a: &impl LinOp<T>,
    options: &TraceOptions<T::RealPart>,
    series: &LogDetSeriesOptions<T::RealPart>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<LogDetSeries<T>, MatrixError> {
    series_of(a, options, series, rng)
}

fn series_of<T: Scalar>(
    a: &dyn LinOp<T>,
    options: &TraceOptions<T::RealPart>,
    series: &LogDetSeriesOptions<T::RealPart>,
    mut rng: &mut (impl Rng + ?Sized),
) -> Result<LogDetSeries<T>, MatrixError> {
    let mut operator = Counted::new(a)?;
    let one = T::RealPart::ONE;
    let (norm, norm_source) = match series.norm_bound {
        Some(bound) => (bound, NormSource::Given),
        None => (power_method(&mut operator, &mut rng, options)?, NormSource::Estimated),
    };
    if !(norm >= T::RealPart::ZERO && norm < one) {
        return Err(out_of_range("the norm of A", "at least 0 and below 1", norm));
    }
    let (cut, bias) = series.cut(operator.order(), norm)?;
    if matches!(cut, Cut::Random { .. }) && options.estimator != Estimator::Hutchinson {
        return Err(MatrixError::OutOfRange {
            what: "probes outside Estimator::Hutchinson, with a random end of the series,",
            range: "0",
            value: options.probes as f64,
        });
    }
    let mut target = Series { operator: Direct(operator), cut, max_terms: series.max_terms, steps: 0 };
    let mut trace = estimate(&mut target, options, rng)?;
    trace.bias_bound = (norm_source == NormSource::Given).then_some(bias);
    Ok(LogDetSeries { trace, norm, norm_source })
}

/// Validated [`Truncation`].
#[derive(Debug, Clone, Copy)]
enum Cut<R> {
    Fixed(usize),
    Random { exact: usize, continuation: R },
}

impl<R: RealScalar> LogDetSeriesOptions<R> {
    /// Where to end, and the bound of what is left out.
    fn cut(&self, n: usize, norm: R) -> Result<(Cut<R>, R), MatrixError> {
        let (rho, n) = (norm.to_f64(), n as f64);
        let rest = |terms: usize| n * rho.powf(terms as f64 + 1.0) / ((terms as f64 + 1.0) * (1.0 - rho));
        let too_many = |terms: usize| {
            out_of_range("max_terms", "as large as the number of terms needed", R::from_f64(terms as f64))
        };
        if self.max_terms == 0 {
            return Err(out_of_range("max_terms", "at least 1", R::ZERO));
        }
        match self.truncation {
            Truncation::Terms(terms) if terms == 0 || terms > self.max_terms => {
                Err(out_of_range("terms", "from 1 to max_terms", R::from_f64(terms as f64)))
            }
            Truncation::Terms(terms) => Ok((Cut::Fixed(terms), R::from_f64(rest(terms)))),
            Truncation::Tolerance(tolerance) => {
                let allowed = tolerance.to_f64();
                if !(allowed > 0.0 && tolerance.finite()) {
                    return Err(out_of_range("tolerance", "positive and finite", tolerance));
                }
                let terms = (1..=self.max_terms)
                    .find(|&m| rest(m) <= allowed)
                    .ok_or_else(|| too_many(self.max_terms))?;
                Ok((Cut::Fixed(terms), R::from_f64(rest(terms))))
            }
            Truncation::RussianRoulette { exact, continuation } => {
                if exact == 0 || exact > self.max_terms {
                    return Err(out_of_range("exact", "from 1 to max_terms", R::from_f64(exact as f64)));
                }
                if !(continuation > norm * norm && continuation < R::ONE) {
                    return Err(out_of_range("continuation", "above ρ² and below 1", continuation));
                }
                // No run goes beyond the limit, so that the mean has no further terms either.
                Ok((Cut::Random { exact, continuation }, R::from_f64(rest(self.max_terms))))
            }
        }
    }
}

/// The growth of one random vector in the last of [`POWER_PRODUCTS`] products, by its geometric mean over the last third.
fn power_method<T: Scalar>(
    operator: &mut Counted<'_, T>,
    rng: &mut dyn Rng,
    options: &TraceOptions<T::RealPart>,
) -> Result<T::RealPart, MatrixError> {
    let n = operator.order();
    if n == 0 {
        return Ok(T::RealPart::ZERO);
    }
    if options.max_products < POWER_PRODUCTS {
        return Err(super::too_few_products(options));
    }
    let mut x = vec![T::ZERO; n];
    super::vector::fill_probe(Probe::Sphere, &mut x, rng);
    let mut y = vec![T::ZERO; n];
    let (mut logarithms, mut counted) = (0.0, 0);
    for k in 0..POWER_PRODUCTS {
        let length = norm(&x);
        for v in &mut x {
            *v = v.scale(T::RealPart::ONE / length);
        }
        operator.apply(
            MatRef::from_column_major_slice(&x, n, 1),
            MatMut::from_column_major_slice_mut(&mut y, n, 1),
        )?;
        std::mem::swap(&mut x, &mut y);
        let growth = norm(&x);
        if growth == T::RealPart::ZERO {
            return Ok(growth); // nilpotent on this vector
        }
        if 3 * k >= 2 * POWER_PRODUCTS {
            logarithms += growth.to_f64().ln();
            counted += 1;
        }
    }
    Ok(T::RealPart::from_f64((logarithms / f64::from(counted)).exp()))
}

/// $\sum_k (-1)^{k-1} A^k / k$ as a target.
struct Series<'a, T: Scalar> {
    operator: Direct<'a, T>,
    cut: Cut<T::RealPart>,
    max_terms: usize,
    steps: usize,
}

impl<T: Scalar> Series<'_, T> {
    /// Calls `term(column, k, A^k x)` for each column and for k from 1 to its length.
    fn terms(
        &mut self,
        x: MatRef<'_, T>,
        lengths: &[usize],
        mut term: impl FnMut(usize, usize, MatRef<'_, T>),
    ) -> Result<(), MatrixError> {
        let n = x.nrows();
        let (mut now, mut next) = (Mat::<T>::zeros(n, x.ncols()), Mat::zeros(n, x.ncols()));
        now.copy_from(x);
        let mut running: Vec<usize> = (0..x.ncols()).collect();
        for k in 1.. {
            // Columns that have ended are closed up, so that they cost no products.
            let mut left = 0;
            for position in 0..running.len() {
                if lengths[running[position]] >= k {
                    if left < position {
                        let (mut to, from) = now.as_mut().split_at_col_mut(position);
                        to.rb_mut().col_mut(left).copy_from(from.col(0));
                    }
                    running[left] = running[position];
                    left += 1;
                }
            }
            running.truncate(left);
            if left == 0 {
                break;
            }
            self.operator.0.apply(now.as_ref().subcols(0, left), next.as_mut().subcols_mut(0, left))?;
            for (position, &column) in running.iter().enumerate() {
                term(column, k, next.as_ref().subcols(position, 1));
            }
            std::mem::swap(&mut now, &mut next);
            self.steps = self.steps.max(k);
        }
        Ok(())
    }

    fn length(&self, rng: &mut dyn Rng) -> usize {
        match self.cut {
            Cut::Fixed(terms) => terms,
            Cut::Random { exact, continuation } => {
                exact.saturating_add(geometric(continuation.to_f64(), rng)).min(self.max_terms)
            }
        }
    }

    /// $(-1)^{k-1} / k$, over the probability that term k is reached.
    fn coefficient(&self, k: usize) -> T {
        let reached = match self.cut {
            Cut::Random { exact, continuation } if k > exact => {
                RealScalar::powf(continuation, T::RealPart::from_f64((k - exact) as f64))
            }
            _ => T::RealPart::ONE,
        };
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        T::from_real(T::RealPart::from_f64(sign / k as f64) / reached)
    }
}

impl<T: Scalar> Target<T> for Series<'_, T> {
    fn order(&self) -> usize {
        self.operator.order()
    }

    fn apply(
        &mut self,
        x: MatRef<'_, T>,
        mut y: MatMut<'_, T>,
    ) -> Result<Option<Vec<T::RealPart>>, MatrixError> {
        let terms = self.products_per_column();
        y.fill(T::ZERO);
        for start in (0..x.ncols()).step_by(BLOCK) {
            let width = BLOCK.min(x.ncols() - start);
            let coefficients: Vec<T> = (0..=terms).map(|k| self.coefficient(k.max(1))).collect();
            self.terms(x.subcols(start, width), &vec![terms; width], |column, k, power| {
                let mut to = y.rb_mut().subcols_mut(start + column, 1);
                (0..power.nrows()).for_each(|i| to[(i, 0)] += coefficients[k] * power[(i, 0)]);
            })?;
        }
        Ok(None)
    }

    fn forms(
        &mut self,
        x: MatRef<'_, T>,
        forms: &mut Vec<Form<T>>,
        rng: &mut dyn Rng,
    ) -> Result<(), MatrixError> {
        for start in (0..x.ncols()).step_by(BLOCK) {
            let part = x.subcols(start, BLOCK.min(x.ncols() - start));
            let lengths: Vec<usize> = (0..part.ncols()).map(|_| self.length(rng)).collect();
            let longest = lengths.iter().copied().max().unwrap_or(0);
            let coefficients: Vec<T> = (0..=longest).map(|k| self.coefficient(k.max(1))).collect();
            let mut sums = vec![T::ZERO; part.ncols()];
            self.terms(part, &lengths, |column, k, power| {
                sums[column] += coefficients[k] * column_dot(part.subcols(column, 1), power, 0);
            })?;
            forms.extend(sums.iter().map(|&value| Form { value, bias: None }));
        }
        Ok(())
    }

    fn products(&self) -> usize {
        self.operator.products()
    }

    fn products_per_column(&self) -> usize {
        match self.cut {
            Cut::Fixed(terms) => terms,
            Cut::Random { exact, continuation } => {
                let q = continuation.to_f64();
                exact + (q / (1.0 - q)).ceil() as usize
            }
        }
    }

    fn steps(&self) -> usize {
        self.steps
    }

    fn is_random(&self) -> bool {
        matches!(self.cut, Cut::Random { .. })
    }
}
