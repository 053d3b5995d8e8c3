//! The action of the exponential on vectors, from products alone.

mod chebyshev;
mod course;
mod krylov;
mod lanczos;
mod operator;
mod sparse;
mod sweep;
mod taylor;
mod theta;

pub use operator::LinearOperator;

use crate::MatrixError;
use crate::norm::check_finite;
use crate::scalar::{RealScalar, Scalar};
use chebyshev::Interval;
use course::{Course, State};
use faer::{Mat, MatRef};
use operator::Scratch;
use taylor::PowerBounds;

/// How $e^{tA} B$ is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionMethod {
    /// The one of the others that should need the least work.
    Automatic,
    /// Truncated Taylor series in stages whose length the norms of powers of A choose.
    Taylor,
    /// Chebyshev series on the interval of the spectrum. For Hermitian and skew-Hermitian matrices; another one is
    /// treated as [`Automatic`](Self::Automatic).
    Chebyshev,
    /// Arnoldi's method, one column after another, in steps that an error estimate chooses.
    Krylov,
}

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionStatus {
    /// The value is that of the time asked for.
    Converged,
    /// The limit of products was met, or steps became too small; the value is that of the time `reached`.
    Stopped,
}

/// Accuracy, cost and method. New fields may be added: end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActionOptions {
    /// Relative truncation error of one stage, from 0 to 1; below the unit roundoff of the type it means that. Default 0.
    pub tolerance: f64,
    /// Largest number of products for one column, probes and norm estimates not counted. Default 100 000.
    pub max_products: usize,
    /// Default [`ActionMethod::Automatic`].
    pub method: ActionMethod,
    /// Vectors of a Krylov basis, at least 2. Default 30.
    pub krylov_dimension: usize,
}

impl Default for ActionOptions {
    fn default() -> Self {
        Self { tolerance: 0.0, max_products: 100_000, method: ActionMethod::Automatic, krylov_dimension: 30 }
    }
}

impl ActionOptions {
    fn check(&self) -> Result<(), MatrixError> {
        let out = |what, range, value| Err(MatrixError::OutOfRange { what, range, value });
        if !(0.0..1.0).contains(&self.tolerance) {
            return out("the tolerance", "at least 0 and below 1", self.tolerance);
        }
        if self.krylov_dimension < 2 {
            return out("the dimension of the Krylov space", "at least 2", self.krylov_dimension as f64);
        }
        Ok(())
    }
}

/// What was done for $e^{tA} B$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActionReport {
    /// The method that was used; never `Automatic`.
    pub method: ActionMethod,
    /// Whether every time asked for was reached.
    pub status: ActionStatus,
    /// Products of $A$ or $A^{\ast}$ with one vector, all of them: probes and estimates too.
    pub products: usize,
    /// Largest degree of a polynomial (of a Krylov space, its dimension).
    pub degree: usize,
    /// Stages in time, the most of any block of columns.
    pub stages: usize,
    /// Sum over stages of the truncation error and of the rounding of the terms, each relative to the value of the stage:
    /// the largest of any block. How far A itself carries an error of one stage into the next is not in it.
    pub error_estimate: f64,
}

/// $e^{tA} B$ and how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Action<T: Scalar> {
    /// $e^{tA} B$, or $e^{stA} B$ with $s$ = `reached`.
    pub value: Mat<T>,
    /// The part of $t$ that was reached by all columns: 1 unless stopped. Columns may then be at different times.
    pub reached: f64,
    /// Method and cost.
    pub report: ActionReport,
}

/// $e^{t_k A} B$ for several times and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionGrid<T: Scalar> {
    /// One matrix for each time, in the order of the times.
    pub values: Vec<Mat<T>>,
    /// The time that was reached for each: that asked for unless stopped.
    pub reached: Vec<T::RealPart>,
    /// Method and cost.
    pub report: ActionReport,
}

/// $e^{tA} B$ from products with $A$, for an n x k matrix $B$.
///
/// $$ e^{tA} B = \Big( e^{t \mu / s} T_m \big( t (A - \mu I) / s \big) \Big)^s B, \quad \mu = \operatorname{tr}(A)/n $$
///
/// with the truncated Taylor series $T_m$, whose degree $m \le 55$ and number of stages $s$ follow from the backward error
/// and from norms of powers; each stage ends early when two terms are negligible. Hermitian and skew-Hermitian matrices
/// have cheaper Chebyshev series, and where only products with $A$ are known, or where a
/// first step shows that it is cheaper, it is Arnoldi's method. The report says which it was.
///
/// `t` is any number of the type: negative, or complex for a complex matrix, so that $e^{-itH}$ of a Hermitian `H` has the
/// Chebyshev series too. Columns may differ in size by any factor: each must meet the tolerance by itself.
///
/// Cost: about $5.6 \lvert t \rvert \alpha$ products with a nonnormal $A$, α near the spectral radius of $A - \mu I$;
/// about $9 \sqrt{\lvert t \rvert \lVert A \rVert}$ for a Hermitian one, and a few times that where the spectrum
/// ends short of what is known of it: digits are kept by shorter stages. A sparse matrix is read once for up to eight
/// columns; runs of rows with the same stencil, as grids and bands have them, without its indices, and where they are
/// constant without its values. Working memory: three blocks of eight columns; of Krylov's method, 31 vectors. With
/// the feature `rayon`, products with a sparse matrix take several threads; the bits do not depend on how many.
///
/// The relative error that can be expected is the unit roundoff times
/// $\lVert tA \rVert \cdot \lVert e^{tA} \rVert \lVert B \rVert / \lVert e^{tA} B \rVert$.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::ShapeMismatch`] if B has not n rows, [`MatrixError::NotFinite`] for an entry
/// of A or B, [`MatrixError::OutOfRange`] for `t` that is not finite or for an option,
/// [`MatrixError::OperatorNotFinite`] for an operator that makes NaN or infinity of B, and [`MatrixError::Overflow`] if the
/// result, or a later product with an operator, does not fit into the number type.
///
/// # Example: heat on a rod
///
/// ```
/// use faer::{Mat, sparse::{SparseColMat, Triplet}};
/// use tangency_matrix::{ActionMethod, ActionOptions, expm_multiply};
///
/// let n = 100;
/// let mut entries = Vec::new();
/// for i in 0..n {
///     entries.push(Triplet::new(i, i, -2.0));
///     if i > 0 {
///         entries.push(Triplet::new(i, i - 1, 1.0));
///         entries.push(Triplet::new(i - 1, i, 1.0));
///     }
/// }
/// let a = SparseColMat::<usize, f64>::try_new_from_triplets(n, n, &entries).unwrap();
/// // An eigenvector: sin(πi/(n+1)), with eigenvalue −4 sin²(π/(2n+2)).
/// let angle = std::f64::consts::PI / (n + 1) as f64;
/// let b = Mat::from_fn(n, 1, |i, _| (angle * (i + 1) as f64).sin());
///
/// let heat = expm_multiply(&(&a).into(), 500.0, b.as_ref(), &ActionOptions::default())?;
/// let decay = (-4.0 * (angle / 2.0).sin().powi(2) * 500.0).exp();
/// assert!((heat.value[(50, 0)] / (decay * b[(50, 0)]) - 1.0).abs() < 1e-12);
/// assert_eq!(heat.report.method, ActionMethod::Chebyshev);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy and N. J. Higham, *Computing the action of the matrix exponential, with an application to exponential
///   integrators*, SIAM J. Sci. Comput. 33 (2011), Algorithm 3.2.
/// - M. Hochbruck and C. Lubich, *On Krylov subspace approximations to the matrix exponential operator*, SIAM J. Numer.
///   Anal. 34 (1997).
pub fn expm_multiply<T: Scalar>(
    a: &LinearOperator<'_, T>,
    t: T,
    b: MatRef<'_, T>,
    options: &ActionOptions,
) -> Result<Action<T>, MatrixError> {
    if !t.finite() {
        return Err(MatrixError::OutOfRange { what: "t", range: "finite", value: t.modulus().to_f64() });
    }
    let mut answer = solve(a, t, &[1.0], b, options)?;
    let value = answer.values.pop().unwrap_or_else(|| Mat::zeros(0, 0));
    Ok(Action { value, reached: answer.reached[0], report: answer.report })
}

/// $e^{t_k A} B$ for real times in any order, negative ones too.
///
/// The times ahead of zero and those behind it are two ways that begin at $B$: no time is reached through a detour, so a
/// grid that begins late is as exact as single calls. Times inside one stage share its terms: a further time costs
/// one vector operation a term, and no product.
///
/// Cost: the products of the largest $\lvert t_k \rvert$, on either side of zero. For $e^{-i t_k H}$ give the
/// matrix $-iH$.
///
/// # Errors
///
/// As [`expm_multiply`].
///
/// # Example: a rotation followed in quarter turns
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{ActionOptions, expm_multiply_grid};
///
/// let a = mat![[0.0_f64, -1.0], [1.0, 0.0]];
/// let quarter = std::f64::consts::FRAC_PI_2;
/// let times = [10.0 * quarter, 11.0 * quarter, -quarter];
/// let b = mat![[1.0], [0.0]];
/// let grid = expm_multiply_grid(&(&a).into(), &times, b.as_ref(), &ActionOptions::default())?;
/// for (value, expected) in grid.values.iter().zip([[-1.0, 0.0], [0.0, -1.0], [0.0, -1.0]]) {
///     assert!((value[(0, 0)] - expected[0]).abs() < 1e-14);
///     assert!((value[(1, 0)] - expected[1]).abs() < 1e-14);
/// }
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy and N. J. Higham (2011), section 5, whose Algorithm 5.2 needs the first time to be zero.
pub fn expm_multiply_grid<T: Scalar>(
    a: &LinearOperator<'_, T>,
    times: &[T::RealPart],
    b: MatRef<'_, T>,
    options: &ActionOptions,
) -> Result<ActionGrid<T>, MatrixError> {
    if let Some(t) = times.iter().find(|t| !t.finite()) {
        return Err(MatrixError::OutOfRange { what: "a time", range: "finite", value: t.to_f64() });
    }
    let wide: Vec<f64> = times.iter().map(|t| t.to_f64()).collect();
    let answer = solve(a, T::ONE, &wide, b, options)?;
    let reached = answer.reached.iter().map(|&t| T::RealPart::from_f64(t)).collect();
    Ok(ActionGrid { values: answer.values, reached, report: answer.report })
}

/// Values at $e^{\tau d A} B$ for the times τ of one direction.
struct Answer<T: Scalar> {
    values: Vec<Mat<T>>,
    reached: Vec<f64>,
    report: ActionReport,
}

/// What was chosen, with what it needs to know.
enum Choice {
    Taylor(PowerBounds),
    Chebyshev(Interval),
    Krylov,
}

fn solve<T: Scalar>(
    a: &LinearOperator<'_, T>,
    direction: T,
    times: &[f64],
    b: MatRef<'_, T>,
    options: &ActionOptions,
) -> Result<Answer<T>, MatrixError> {
    options.check()?;
    let n = a.check()?;
    if b.nrows() != n {
        return Err(MatrixError::ShapeMismatch {
            what: "B",
            expected_rows: n,
            expected_columns: b.ncols(),
            rows: b.nrows(),
            columns: b.ncols(),
        });
    }
    check_finite(b)?;
    let report = ActionReport {
        method: ActionMethod::Taylor,
        status: ActionStatus::Converged,
        products: 0,
        degree: 0,
        stages: 0,
        error_estimate: 0.0,
    };
    let mut answer = Answer { values: vec![b.to_owned(); times.len()], reached: times.to_vec(), report };
    let longest = times.iter().fold(0.0, |m: f64, t| m.max(t.abs()));
    if n == 0 || b.ncols() == 0 || longest == 0.0 || direction == T::ZERO {
        return Ok(answer);
    }
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let mut work = Work {
        a,
        n,
        mu: a.mean_eigenvalue(n),
        direction,
        tolerance: options.tolerance.max(roundoff),
        options,
        scratch: a.scratch(a.block_width(b.ncols()).max(2)),
    };
    let mut choice = work.choose(longest, b, &mut answer.report.products);
    // Ahead and behind: both from B.
    for sign in [1.0, -1.0] {
        let mut order: Vec<usize> = (0..times.len()).filter(|&k| times[k] * sign > 0.0).collect();
        order.sort_by(|&i, &j| times[i].abs().total_cmp(&times[j].abs()));
        if !order.is_empty() {
            work.travel(&mut choice, sign, &order, times, b, &mut answer);
        }
    }
    answer.report.method = match choice {
        Choice::Taylor(_) => ActionMethod::Taylor,
        Choice::Chebyshev(_) => ActionMethod::Chebyshev,
        Choice::Krylov => ActionMethod::Krylov,
    };
    let failed = answer.values.iter().any(|value| check_finite(value.as_ref()).is_err());
    if failed || answer.report.status == ActionStatus::Stopped {
        work.check_product(b, answer.report.products)?;
    }
    if failed {
        let norm = a.entries().map_or(f64::NAN, |entries| entries.norm_1_shifted(T::ZERO));
        let ln_norm = longest * direction.modulus().to_f64() * norm;
        return Err(MatrixError::Overflow { what: "exp(tA)B or a product with A", ln_norm });
    }
    Ok(answer)
}

/// Below so many products of Taylor's method no other is tried.
const WORTH_KRYLOV: f64 = 150.0;

struct Work<'w, 'a, T: Scalar> {
    a: &'w LinearOperator<'a, T>,
    n: usize,
    mu: T,
    direction: T,
    tolerance: f64,
    options: &'w ActionOptions,
    scratch: Scratch<T>,
}

impl<T: Scalar> Work<'_, '_, T> {
    /// `Err` if the operator makes NaN or infinity of B, whose entries are finite. Asked where something has failed.
    fn check_product(&mut self, b: MatRef<'_, T>, products: usize) -> Result<(), MatrixError> {
        if self.a.entries().is_some() {
            return Ok(());
        }
        let mut image = vec![T::ZERO; self.n];
        for j in 0..b.ncols() {
            let column: Vec<T> = b.col(j).iter().copied().collect();
            self.a.apply_to_vector(&mut image, &column, &mut self.scratch);
            if let Some(row) = image.iter().position(|x| !x.finite()) {
                return Err(MatrixError::OperatorNotFinite { row, product: products });
            }
        }
        Ok(())
    }

    fn choose(&mut self, longest: f64, b: MatRef<'_, T>, products: &mut usize) -> Choice {
        let wanted = self.options.method;
        if wanted == ActionMethod::Krylov {
            return Choice::Krylov;
        }
        let (adjoint, normal) = match self.a.entries() {
            Some(entries) => (true, entries.hermitian || entries.skew),
            None if self.a.has_adjoint() || self.a.claims_hermitian() => {
                let (adjoint, own) = self.a.probe(self.n, &mut self.scratch, products);
                self.scratch.own_adjoint = own && !adjoint;
                (adjoint || own, own)
            }
            None => (false, false),
        };
        let time = longest * self.direction.modulus().to_f64();
        let z = self.direction.scale(T::RealPart::from_f64(longest));
        // Norms of powers of a normal matrix say nothing new.
        let mut bounds = None;
        if let (true, true, Some(entries)) = (normal, adjoint, self.a.entries()) {
            let norm_only = vec![(1, entries.norm_1_shifted(self.mu))];
            let plan = taylor::plan(&norm_only, time, self.tolerance);
            if plan.stages <= 1.0 && wanted != ActionMethod::Chebyshev {
                // The interval that costs nothing.
                let interval = Interval::certain(entries).filter(|interval| {
                    wanted != ActionMethod::Taylor && interval.products(z, self.tolerance) < plan.products()
                });
                return interval.map_or(Choice::Taylor(norm_only), Choice::Chebyshev);
            }
            bounds = Some((norm_only, plan.products()));
        }
        if normal && wanted != ActionMethod::Taylor {
            let asked = (z, self.tolerance);
            let interval = Interval::estimate(self.a, self.n, asked, &mut self.scratch, products);
            let taylor = bounds.as_ref().map_or(f64::INFINITY, |bounds| bounds.1);
            if let Some(interval) = interval
                && (wanted == ActionMethod::Chebyshev || interval.products(z, self.tolerance) <= taylor)
            {
                return Choice::Chebyshev(interval);
            }
        }
        if !adjoint {
            return Choice::Krylov;
        }
        let bounds = bounds.map_or_else(
            || {
                let size = (self.n, self.mu);
                taylor::power_bounds(self.a, size, (time, self.tolerance), &mut self.scratch, products)
            },
            |bounds| bounds.0,
        );
        let cost = taylor::plan(&bounds, time, self.tolerance).products();
        if wanted != ActionMethod::Taylor
            && cost > WORTH_KRYLOV
            && self.krylov_is_cheaper(cost, longest, b, products)
        {
            return Choice::Krylov;
        }
        Choice::Taylor(bounds)
    }

    /// Tries one basis on the first column: how far does it reach?
    fn krylov_is_cheaper(
        &mut self,
        taylor: f64,
        longest: f64,
        b: MatRef<'_, T>,
        products: &mut usize,
    ) -> bool {
        let dimension = self.options.krylov_dimension;
        let mut state = State::new(self.n, 1, false);
        load(&mut state, b, 0);
        let mut nowhere = |_: usize, _: &[T]| ();
        let times = [longest];
        let mut course = Course::new((self.direction, &times), self.tolerance, dimension, &mut nowhere);
        krylov::run(self.a, dimension, &mut course, &mut state, &mut self.scratch);
        *products += course.products;
        // Orthogonalising costs four passes over half the basis a product, Taylor's series two over the vector.
        let stored = self.a.entries().map_or(self.n * self.n, |entries| entries.stored) as f64;
        let (pass, product) = (self.n as f64, 1.5 * stored);
        let weight = (product + 2.0 * dimension as f64 * pass) / (product + 2.0 * pass);
        course.position > 0.0 && weight * course.products as f64 * (longest / course.position) < taylor
    }

    /// All columns along the times of one sign.
    fn travel(
        &mut self,
        choice: &mut Choice,
        sign: f64,
        order: &[usize],
        times: &[f64],
        b: MatRef<'_, T>,
        answer: &mut Answer<T>,
    ) {
        let ahead: Vec<f64> = order.iter().map(|&k| times[k].abs()).collect();
        let direction = if sign > 0.0 { self.direction } else { -self.direction };
        let by_rows = self.a.by_rows();
        let mut first = 0;
        while first < b.ncols() {
            let left = b.ncols() - first;
            let width = if matches!(choice, Choice::Krylov) { 1 } else { self.a.block_width(left) };
            let mut state = State::new(self.n, width, by_rows);
            load(&mut state, b, first);
            let values = &mut answer.values;
            let place = |i: usize, j: usize| if by_rows { i * width + j } else { j * self.n + i };
            let mut emit = |k: usize, block: &[T]| {
                let value = &mut values[order[k]];
                for j in 0..width {
                    let column = value.as_mut().col_mut(first + j);
                    column.iter_mut().enumerate().for_each(|(i, x)| *x = block[place(i, j)]);
                }
            };
            let limit = self.options.max_products;
            let mut course = Course::new((direction, &ahead), self.tolerance, limit, &mut emit);
            let scratch = &mut self.scratch;
            let failed = match choice {
                Choice::Taylor(bounds) => {
                    taylor::run(self.a, self.mu, bounds, &mut course, &mut state, scratch);
                    false
                }
                Choice::Chebyshev(interval) => {
                    !chebyshev::run(self.a, interval, &mut course, &mut state, scratch)
                }
                Choice::Krylov => {
                    krylov::run(self.a, self.options.krylov_dimension, &mut course, &mut state, scratch);
                    false
                }
            };
            answer.report.products += course.products * width;
            if failed {
                // No interval holds the spectrum: the operator is not Hermitian. Again from here, without that claim.
                *choice = Choice::Krylov;
                continue;
            }
            if course.position < course.end() {
                course.give_up(&state);
                answer.report.status = ActionStatus::Stopped;
            }
            let report = &mut answer.report;
            report.degree = report.degree.max(course.degree);
            report.stages = report.stages.max(course.stages);
            report.error_estimate = report.error_estimate.max(course.error);
            for (&k, &time) in order.iter().zip(&ahead) {
                let reached = course.position.min(time);
                if reached < answer.reached[k].abs() {
                    answer.reached[k] = sign * reached;
                }
            }
            first += width;
        }
    }
}

/// Columns from `first` on into the block, as its value.
fn load<T: Scalar>(state: &mut State<T>, b: MatRef<'_, T>, first: usize) {
    for j in 0..state.largest.width() {
        for (i, &x) in b.col(first + j).iter().enumerate() {
            let place = state.place(i, j);
            state.sum[place] = x;
        }
    }
}
