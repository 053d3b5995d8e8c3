//! The derivative of the exponential, by the product rule on the scheme that computes its value.

use super::entries::{all_finite, combine, copy_in, copy_out, norm_1, view};
use super::evaluation::{Target, evaluate, square};
use super::multiplication::multiply;
use super::scheme::MAX_PRODUCTS;
use super::selection::{Plan, Purpose, overflow, select};
use super::structure::Structure;
use super::workspace::{Buffers, ExpmWorkspace};
use crate::frechet::relative_condition;
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::scalar::{RealScalar, Scalar};
use crate::{Frechet, MatrixError};
use faer::{Accum, Mat, MatMut, MatRef};

/// $e^A$ and its Fréchet derivative in the direction $E$,
///
/// $$ L(A, E) = \int_0^1 e^{sA} E e^{(1-s)A} ds . $$
///
/// The scheme of the value is differentiated product by product, which is the exponential of the block triangular matrix
/// $\begin{pmatrix} A & E & 0 & A \end{pmatrix}$ (by rows) with its structure used: three products for each one of
/// [`expm`](crate::expm), and not eight. `a` and `e` are n x n; any size of `e` is right, the map is linear.
///
/// # Errors
///
/// [`MatrixError::NotSquare`], [`MatrixError::ShapeMismatch`], [`MatrixError::NotFinite`], and [`MatrixError::Overflow`] if
/// the value or the derivative is out of range.
///
/// # Example: along the matrix itself
///
/// ```
/// use faer::mat;
///
/// let a = mat![[1.0, 2.0], [0.5, -1.0]];
/// let along = tangency_matrix::expm_frechet(a.as_ref(), a.as_ref())?;
/// // A commutes with itself: L(A, A) = A exp(A).
/// let difference = along.derivative - &a * along.value;
/// assert!(difference.norm_max() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - A. H. Al-Mohy and N. J. Higham, *Computing the Fréchet derivative of the matrix exponential, with an application to
///   condition number estimation*, SIMAX 30 (2009), section 3 and Algorithm 6.4.
pub fn expm_frechet<T: Scalar>(a: MatRef<'_, T>, e: MatRef<'_, T>) -> Result<Frechet<T>, MatrixError> {
    check_direction("the direction", a, e)?;
    let tape = Tape::new(a)?;
    let derivative = finite(&tape.derivative(e), tape.n)?;
    Ok(Frechet { value: tape.value_matrix(), derivative })
}

/// $e^A$ and the adjoint $L(A^{\ast}, W)$ of its Fréchet derivative: the gradient of
/// $\operatorname{Re} \langle W, e^A \rangle$ with respect to $A$.
///
/// It is the step of back-propagation through the exponential: with the gradient $W$ of a loss with respect to $e^A$ it
/// gives that with respect to $A$. Computed as $L(A, W^{\ast})^{\ast}$, at the cost of [`expm_frechet`].
///
/// # Errors
///
/// Those of [`expm_frechet`].
///
/// # Example: the adjoint identity
///
/// ```
/// use faer::mat;
/// use tangency_matrix::{expm_frechet, expm_frechet_adjoint};
///
/// let a = mat![[0.0, 1.0], [-2.0, 0.3]];
/// let (e, w) = (mat![[1.0, 0.0], [2.0, 1.0]], mat![[0.5, 1.0], [0.0, -1.0]]);
/// let forward = expm_frechet(a.as_ref(), e.as_ref())?.derivative;
/// let backward = expm_frechet_adjoint(a.as_ref(), w.as_ref())?.derivative;
/// let inner = |x: &faer::Mat<f64>, y: &faer::Mat<f64>| (x.transpose() * y).diagonal().column_vector().sum();
/// assert!((inner(&w, &forward) - inner(&backward, &e)).abs() < 1e-14);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), section 3.2.
pub fn expm_frechet_adjoint<T: Scalar>(
    a: MatRef<'_, T>,
    w: MatRef<'_, T>,
) -> Result<Frechet<T>, MatrixError> {
    check_direction("the weight", a, w)?;
    let tape = Tape::new(a)?;
    let derivative = finite(&tape.adjoint(w), tape.n)?;
    Ok(Frechet { value: tape.value_matrix(), derivative })
}

/// Estimate of the relative condition number of the exponential in the 1-norm.
///
/// $$ \kappa(A) = \frac{\lVert L(A) \rVert_1 \lVert A \rVert_1}{\lVert e^A \rVert_1} $$
///
/// with $L(A)$ as an n² x n² matrix. A relative change $\delta$ of the matrix changes the exponential by up to about
/// $\kappa \delta$. The powers of $A$ are computed once and used in about ten derivatives, of two products for each of
/// [`expm`](crate::expm)'s: O(n³), where the matrix $L(A)$ itself takes O(n⁵). Infinite where the exponential underflows to 0.
///
/// # Errors
///
/// Those of [`expm_frechet`].
///
/// # Example: a matrix with a large part off the diagonal
///
/// ```
/// use faer::mat;
///
/// let normal = tangency_matrix::expm_condition(mat![[1.0_f64, 0.0], [0.0, 2.0]].as_ref())?;
/// let nonnormal = tangency_matrix::expm_condition(mat![[1.0_f64, 1e3], [0.0, -1.0]].as_ref())?;
/// assert!(normal < 2.1 && nonnormal > 1e4);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// - N. J. Higham, *Functions of Matrices* (2008), Algorithm 3.22.
/// - A. H. Al-Mohy and N. J. Higham, SIMAX 30 (2009), Algorithm 7.4.
pub fn expm_condition<T: Scalar>(a: MatRef<'_, T>) -> Result<T::RealPart, MatrixError> {
    check_square_finite(a)?;
    Ok(Tape::new(a)?.condition(a))
}

fn check_direction<T: Scalar>(
    what: &'static str,
    a: MatRef<'_, T>,
    e: MatRef<'_, T>,
) -> Result<(), MatrixError> {
    let n = check_square_finite(a)?;
    check_shape(what, e, (n, n))?;
    check_finite(e)
}

fn finite<T: Scalar>(x: &[T], n: usize) -> Result<Mat<T>, MatrixError> {
    if all_finite(x) {
        return Ok(view(x, n).to_owned());
    }
    Err(MatrixError::Overflow { what: "the derivative", ln_norm: T::RealPart::MAX.to_f64().ln() })
}

/// Order up to which all columns of the derivative are computed: no more of them than the estimator takes, which is at its
/// worst there.
const EXACT_CONDITION: usize = 4;

/// Infinity for the 0 / 0 of an exponential that underflows; 0 for the matrix 0.
fn or_infinite<R: RealScalar>(condition: R, norm_a: R) -> R {
    if norm_a == R::ZERO {
        R::ZERO
    } else if condition.finite() {
        condition
    } else {
        R::ONE / R::ZERO
    }
}

/// All factors of all products that led to $e^A$.
pub(super) struct Tape<T: Scalar> {
    n: usize,
    plan: Option<Plan>,
    /// Left and right factor of each product of the scheme.
    factors: Vec<(Vec<T>, Vec<T>)>,
    /// What was squared.
    squared: Vec<Vec<T>>,
    value: Vec<T>,
}

impl<T: Scalar> Tape<T> {
    /// `a` is square and finite.
    pub(super) fn new(a: MatRef<'_, T>) -> Result<Self, MatrixError> {
        let n = a.nrows();
        let mut workspace = ExpmWorkspace::new(n);
        let mut buffers = workspace.buffers();
        copy_in(buffers.basis[0], a);
        let norm = norm_1(buffers.basis[0], n).min(T::RealPart::MAX.to_f64());
        let mut tape = Self { n, plan: None, factors: Vec::new(), squared: Vec::new(), value: Vec::new() };
        if norm == 0.0 {
            tape.value = vec![T::ZERO; n * n];
            (0..n).for_each(|j| tape.value[j * n + j] = T::ONE);
            return Ok(tape);
        }
        let structure = Structure::of(buffers.basis[0], n);
        let Buffers { basis: [first, second, third, ..], left, right, .. } = &mut buffers;
        let powers = [&mut **first, &mut **second, &mut **third];
        let plan = select(Purpose::Derivative, (structure, n), powers, norm, (left, right));
        let scales = plan.scales::<T>();
        let scaled = |i: usize, b: &[T]| -> Vec<T> { b.iter().map(|x| x.scale(scales[i])).collect() };
        for i in 0..plan.scheme.powers.min(plan.scheme.steps.len()) {
            tape.factors.push((scaled(i, buffers.basis[i]), scaled(0, buffers.basis[0])));
        }
        evaluate(&plan, structure, n, &mut buffers, |l, r| tape.factors.push((l.to_vec(), r.to_vec())));
        square(&plan, (structure, Target::Exponential), n, &mut buffers, |x| tape.squared.push(x.to_vec()))?;
        tape.value = buffers.result.to_vec();
        tape.plan = Some(plan);
        if all_finite(&tape.value) { Ok(tape) } else { Err(overflow(norm)) }
    }

    fn value_matrix(&self) -> Mat<T> {
        view(&self.value, self.n).to_owned()
    }

    /// $L(A, E)$, by columns.
    fn derivative(&self, e: MatRef<'_, T>) -> Vec<T> {
        let n = self.n;
        let mut direction = vec![T::ZERO; n * n];
        copy_in(&mut direction, e);
        let Some(plan) = self.plan else { return direction };
        // The direction goes in with norm about one, scaled as A was, and its size is put back at the end.
        let norm = norm_1(&direction, n).min(T::RealPart::MAX.to_f64());
        if norm == 0.0 {
            return direction;
        }
        let size = norm.log2().round() as i32;
        let rescale = |x: &mut Vec<T>, k: i32| {
            let factors = [k / 2, k - k / 2].map(|k| T::RealPart::ONE.ldexp(k));
            for x in x.iter_mut() {
                *x = x.scale(factors[0]).scale(factors[1]);
            }
        };
        rescale(&mut direction, -size);
        let product = |dst: &mut [T], accumulate, a: &[T], b: &[T], alpha| {
            multiply(Structure::General, n, (dst, accumulate), a, b, alpha);
        };
        let (one, half) = (T::RealPart::ONE, T::RealPart::from_f64(0.5));
        let mut basis = vec![direction];
        let (mut left, mut right) = (vec![T::ZERO; n * n], vec![T::ZERO; n * n]);
        let real = |c: &[f64]| -> Vec<T::RealPart> { c.iter().map(|&c| T::RealPart::from_f64(c)).collect() };
        for (step, (l, r)) in plan.scheme.steps.iter().zip(&self.factors) {
            let known: Vec<&[T]> = basis.iter().map(Vec::as_slice).collect();
            let count = known.len().min(MAX_PRODUCTS);
            let (c, d) = (real(&step.left[..count]), real(&step.right[..count]));
            combine([&mut left, &mut right], [&c, &d], &known);
            let mut next = vec![T::ZERO; n * n];
            product(&mut next, Accum::Replace, &left, r, one);
            product(&mut next, Accum::Add, l, &right, one);
            basis.push(next);
        }
        let known: Vec<&[T]> = basis.iter().map(Vec::as_slice).collect();
        let mut result = vec![T::ZERO; n * n];
        combine([&mut result], [&real(&plan.scheme.output[..known.len()])], &known);
        for x in &self.squared {
            // The halves carry the derivative to that in the direction divided by 2^s.
            product(&mut left, Accum::Replace, x, &result, half);
            product(&mut left, Accum::Add, &result, x, half);
            std::mem::swap(&mut left, &mut result);
        }
        rescale(&mut result, size);
        result
    }

    /// $L^{\star}(A, W) = L(A, W^H)^H$, by columns.
    fn adjoint(&self, w: MatRef<'_, T>) -> Vec<T> {
        let n = self.n;
        let star = Mat::from_fn(n, n, |i, j| w[(j, i)].conj());
        let l = self.derivative(star.as_ref());
        let mut adjoint = vec![T::ZERO; n * n];
        for (j, column) in adjoint.chunks_exact_mut(n.max(1)).enumerate() {
            column.iter_mut().enumerate().for_each(|(i, x)| *x = l[i * n + j].conj());
        }
        adjoint
    }

    pub(super) fn condition(&self, a: MatRef<'_, T>) -> T::RealPart {
        let n = self.n;
        let norm_a = operator_norm_1(a);
        let norm_f = T::RealPart::from_f64(norm_1(&self.value, n));
        if n <= EXACT_CONDITION {
            let mut largest = T::RealPart::ZERO;
            for k in 0..n * n {
                let mut unit = Mat::<T>::zeros(n, n);
                unit[(k % n, k / n)] = T::ONE;
                let sum =
                    self.derivative(unit.as_ref()).iter().fold(T::RealPart::ZERO, |s, x| s + x.modulus());
                // Not by `max`, which passes over NaN.
                largest = if sum <= largest { largest } else { sum };
            }
            return or_infinite(largest * norm_a / norm_f, norm_a);
        }
        let condition = relative_condition(n, norm_a, norm_f, |adjoint, e: MatMut<'_, T>| {
            let l = if adjoint { self.adjoint(e.as_ref()) } else { self.derivative(e.as_ref()) };
            copy_out(e, &l);
        });
        or_infinite(condition, norm_a)
    }
}
