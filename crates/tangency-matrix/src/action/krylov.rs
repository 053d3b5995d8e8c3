//! Arnoldi's method with steps chosen by the error, where nothing but products with A is known.

use super::course::{Course, State};
use super::operator::{LinearOperator, Scratch};
use crate::norm::operator_norm_1;
use crate::phi::phi_functions;
use crate::scalar::{RealScalar, Scalar};
use faer::{Accum, Conj, Mat, MatRef};

/// Reductions of a step before giving up.
const REDUCTIONS: usize = 60;

/// Carries a course of one column to its end, or to the limit of products.
///
/// $e^{zA} v \approx \beta V e^{zH} e_1 + \beta h z (e_m^\top \varphi_1(zH) e_1) v_{m+1}$, with the error of the next
/// term, as in Y. Saad, *Analysis of some Krylov subspace approximations*, SIAM J. Numer. Anal. 29 (1992), and R. B.
/// Sidje, *Expokit*, ACM TOMS 24 (1998), Algorithm 3.2. The step is the longest that one basis allows.
pub(super) fn run<T: Scalar>(
    a: &LinearOperator<'_, T>,
    dimension: usize,
    course: &mut Course<'_, T>,
    state: &mut State<T>,
    scratch: &mut Scratch<T>,
) {
    let n = state.sum.len();
    let largest = dimension.min(n).max(1);
    let mut arnoldi = Arnoldi::new(n, largest);
    let mut longest = f64::INFINITY;
    while course.position < course.end() {
        let beta = norm(MatRef::from_column_major_slice(&state.sum, n, 1));
        if beta == T::RealPart::ZERO || !beta.finite() {
            let inside = course.between(course.end()).count();
            state.start_stage(inside);
            course.finish_stage(course.end(), state);
            return;
        }
        let size = largest.min(course.max_products.saturating_sub(course.products));
        if size == 0 {
            return;
        }
        for (v, x) in arnoldi.basis.as_mut().col_mut(0).iter_mut().zip(&state.sum) {
            *v = x.scale(T::RealPart::ONE / beta);
        }
        let size = arnoldi.fill(a, size, course, scratch);
        course.degree = course.degree.max(size);
        let rest = course.end() - course.position;
        let Some(step) = longest_step(&arnoldi, size, longest.min(rest), course) else { return };
        longest = 2.0 * step.length;
        let end = if step.length >= rest { course.end() } else { course.position + step.length };
        if end <= course.position {
            return;
        }
        let inside: Vec<f64> = course.between(end).map(|t| t - course.position).collect();
        state.start_stage(inside.len());
        for (value, &length) in state.inside.iter_mut().zip(&inside) {
            // What fits at the end fits before it; an overflow shows as NaN in the result and is reported.
            let coordinates = arnoldi.coordinates(size, course.step(length)).map(|c| c.0);
            arnoldi.combine(coordinates.as_ref(), beta, value);
        }
        arnoldi.combine(Some(&step.coordinates), beta, &mut state.sum);
        course.error += step.error;
        course.finish_stage(end, state);
    }
}

fn norm<T: Scalar>(x: MatRef<'_, T>) -> T::RealPart {
    let column = x.col(0);
    let mut squares = [0.0; 8];
    for (k, x) in column.iter().enumerate() {
        let (re, im) = (x.re().to_f64(), x.im().to_f64());
        squares[k % 8] += if T::IS_REAL { re * re } else { re * re + im * im };
    }
    let sum: f64 = squares.iter().sum();
    if (1e-280..1e300).contains(&sum) {
        return T::RealPart::from_f64(sum.sqrt());
    }
    // Scaled, so that squares stay in the range.
    let largest = column.iter().fold(T::RealPart::ZERO, |m, x| RealScalar::max(m, x.modulus()));
    if largest == T::RealPart::ZERO || !largest.finite() {
        return largest;
    }
    let sum = column.iter().fold(T::RealPart::ZERO, |sum, x| {
        let part = x.modulus() / largest;
        sum + part * part
    });
    Scalar::sqrt(sum) * largest
}

/// Orthonormal basis V (one vector more than the order) and $H = V^{\ast} A V$, upper Hessenberg with one row more.
struct Arnoldi<T: Scalar> {
    basis: Mat<T>,
    hessenberg: Mat<T>,
    projection: Mat<T>,
}

impl<T: Scalar> Arnoldi<T> {
    fn new(n: usize, size: usize) -> Self {
        Self {
            basis: Mat::zeros(n, size + 1),
            hessenberg: Mat::zeros(size + 1, size),
            projection: Mat::zeros(size + 1, 1),
        }
    }

    /// Returns the order, smaller than `size` if the space is invariant.
    fn fill(
        &mut self,
        a: &LinearOperator<'_, T>,
        size: usize,
        course: &mut Course<'_, T>,
        scratch: &mut Scratch<T>,
    ) -> usize {
        self.hessenberg.fill(T::ZERO);
        let small = T::RealPart::from_f64(4.0) * T::RealPart::UNIT_ROUNDOFF;
        for j in 0..size {
            let (left, mut right) = self.basis.as_mut().split_at_col_mut(j + 1);
            let left = left.as_ref();
            let mut w = right.as_mut().subcols_mut(0, 1);
            a.apply(false, w.as_mut(), left.subcols(j, 1), scratch);
            course.products += 1;
            let before = norm(w.as_ref());
            let mut after = before;
            // Gram and Schmidt; once more where that has cancelled something: orthogonal to rounding.
            for _ in 0..2 {
                let mut h = self.projection.as_mut().subrows_mut(0, j + 1);
                let adjoint = (left.transpose(), Conj::Yes);
                T::product(h.as_mut(), Accum::Replace, adjoint, (w.as_ref(), Conj::No), T::ONE);
                T::product(w.as_mut(), Accum::Add, (left, Conj::No), (h.as_ref(), Conj::No), -T::ONE);
                for i in 0..=j {
                    self.hessenberg[(i, j)] += h[(i, 0)];
                }
                let last = std::mem::replace(&mut after, norm(w.as_ref()));
                if after > T::RealPart::from_f64(0.7) * last {
                    break;
                }
            }
            if after <= small * before || !after.finite() {
                for i in 0..w.nrows() {
                    w[(i, 0)] = T::ZERO;
                }
                return j + 1;
            }
            self.hessenberg[(j + 1, j)] = T::from_real(after);
            w.as_mut().col_mut(0).iter_mut().for_each(|w| *w = w.scale(T::RealPart::ONE / after));
        }
        size
    }

    /// Coordinates of the result for the step z, and the error estimate, relative to β; `None` if it overflows.
    fn coordinates(&self, size: usize, z: T) -> Option<(Mat<T>, f64)> {
        let h = Mat::from_fn(size, size, |i, j| self.hessenberg[(i, j)] * z);
        let phi = phi_functions(h.as_ref(), 2).ok()?;
        let next = self.hessenberg[(size, size - 1)] * z;
        let coordinates =
            Mat::from_fn(
                size + 1,
                1,
                |i, _| {
                    if i < size { phi[0][(i, 0)] } else { next * phi[1][(size - 1, 0)] }
                },
            );
        // The first neglected term has ‖z A v_{m+1}‖, for which the norm of H stands.
        let first = (next * phi[1][(size - 1, 0)]).modulus().to_f64();
        let second = (next * phi[2][(size - 1, 0)]).modulus().to_f64() * operator_norm_1(h.as_ref()).to_f64();
        let error = if first > 10.0 * second {
            second
        } else if first > second {
            first * second / (first - second)
        } else {
            first
        };
        error.is_finite().then_some((coordinates, error))
    }

    /// `value = β V coordinates`.
    fn combine(&self, coordinates: Option<&Mat<T>>, beta: T::RealPart, value: &mut [T]) {
        let Some(c) = coordinates else {
            value.fill(T::from_f64(f64::NAN));
            return;
        };
        let basis = self.basis.as_ref().subcols(0, c.nrows());
        let n = value.len();
        let target = faer::MatMut::from_column_major_slice_mut(value, n, 1);
        T::product(target, Accum::Replace, (basis, Conj::No), (c.as_ref(), Conj::No), T::from_real(beta));
    }
}

struct Step<T: Scalar> {
    length: f64,
    coordinates: Mat<T>,
    error: f64,
}

/// The longest step up to `most` whose error is within the tolerance, by trying.
fn longest_step<T: Scalar>(
    arnoldi: &Arnoldi<T>,
    size: usize,
    most: f64,
    course: &Course<'_, T>,
) -> Option<Step<T>> {
    let norm = operator_norm_1(arnoldi.hessenberg.as_ref()).to_f64() * course.direction.modulus().to_f64();
    let invariant = arnoldi.hessenberg[(size, size - 1)] == T::ZERO;
    // A basis of m vectors does not reach farther than about ‖zA‖ = m²/4, even for a definite matrix.
    let reach = if invariant || norm == 0.0 { most } else { (size * size) as f64 / norm };
    let mut length = most.min(reach);
    let roundoff = T::RealPart::UNIT_ROUNDOFF.to_f64();
    let tolerance = course.tolerance.max(4.0 * roundoff);
    for _ in 0..REDUCTIONS {
        let mut factor = 0.5;
        if let Some((coordinates, error)) = arnoldi.coordinates(size, course.step(length)) {
            let value = (0..=size).fold(0.0, |sum: f64, i| sum.hypot(coordinates[(i, 0)].modulus().to_f64()));
            if error <= tolerance * value {
                return Some(Step { length, coordinates, error: error / value + roundoff / value.min(1.0) });
            }
            let ratio = tolerance * value / error;
            factor = if ratio > 0.0 { (0.9 * ratio.powf(1.0 / size as f64)).clamp(0.2, 0.9) } else { 0.5 };
        }
        length *= factor;
    }
    None
}
